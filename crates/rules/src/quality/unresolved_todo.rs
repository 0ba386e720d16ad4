use shipworthy_audit::level::Severity;
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Comment, Kind};
use shipworthy_syntax::Range;

use crate::names::words;

rule! {
    /// A comment says that work is left
    ///
    /// TODO, FIXME, HACK and XXX mark code that its author held to be unfinished. Before it ships somebody has to decide: do it, put it into
    /// the tracker, or delete the comment. In code for deletion, payment, authentication or privacy the missing part is often the part that
    /// the law or the money hangs on; there the finding weighs more.
    ///
    /// ```python bad
    /// def tenant_status(tenant):
    ///     # TODO: get the status from the database
    ///       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return "active"
    /// ```
    ///
    /// ```python bad
    /// class Provisioning:
    ///     def delete_tenant(self, tenant):
    ///         self.mark_deleted(tenant)
    ///         return True  # FIXME(ops) implement the deletion of files
    ///                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// # Social security numbers are masked as XXX-XX-1234.
    /// MASK = "XXX-XX-"
    ///
    /// # todos are the user's own lists
    /// def todo_count(todos):
    ///     """TODO items of a user."""
    ///     return len(todos)
    /// ```
    ///
    /// ```python good
    /// # The parser skips TODO lines of the imported file, see read_tasks().
    /// def read_tasks(lines):
    ///     return [line for line in lines if not line.startswith("# TODO: ")]
    /// ```
    ///
    /// ```go bad
    /// package billing
    ///
    /// // Charge takes the money.
    /// func Charge(cents int) error {
    /// 	// TODO idempotency key
    /// 	   ^^^^^^^^^^^^^^^^^^^^
    /// 	return send(cents)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// /* HACK: the index is rebuilt on each start */
    ///    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// var rebuilt = true
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import "context"
    ///
    /// // context.TODO is what callers without a context pass.
    /// var background = context.TODO()
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// // Lines that begin with "TODO" are kept.
    /// const marker = "TODO: "
    /// ```
    ///
    /// ```rust bad
    /// fn erase(user: &User) {
    ///     // XXX: backups keep the data
    ///        ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     user.clear();
    /// }
    /// ```
    ///
    /// ```rust bad
    /// /// Loads a plan.
    /// // TODO(#214): plans with more than one currency
    ///    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// fn load() {}
    /// ```
    ///
    /// ```rust good
    /// /// The state of a task: `Todo`, `Doing` or `Done`.
    /// enum State { Todo, Doing, Done }
    /// ```
    ///
    /// ```rust good
    /// // Masks all but the last digits: XXXX XXXX XXXX 1234
    /// const MASK: &str = "XXXX";
    /// ```
    name: "unresolved-todo",
    category: Quality,
    severity: Low,
    scope: File,
    comments: check,
}

/// The words that mark unfinished work.
const MARKS: [&str; 4] = ["TODO", "FIXME", "HACK", "XXX"];

/// The words of names whose unfinished parts weigh more.
const GRAVE: [&str; 24] = [
    "delete",
    "deletion",
    "erase",
    "erasure",
    "purge",
    "pay",
    "payment",
    "charge",
    "refund",
    "invoice",
    "billing",
    "auth",
    "authenticate",
    "authentication",
    "authorize",
    "authorization",
    "login",
    "permission",
    "permissions",
    "privacy",
    "gdpr",
    "consent",
    "password",
    "encrypt",
];

fn check(cx: &mut Check<'_>, comment: Comment) {
    cx.site();
    let text = cx.facts().slice(comment.range);
    let mut start = comment.range.start;
    for line in text.split_inclusive('\n') {
        if let Some((at, mark)) = marked(line) {
            let end = line.trim_end().trim_end_matches("*/").trim_end().len();
            let place = Range { start: start + at as u32, end: start + end as u32 };
            let grave = is_grave(cx, comment);
            let finding = cx
                .finding(place, format!("{mark} left in the code"))
                .why(if grave {
                    "Its author held this code to be unfinished, and what it works on does not forgive that."
                } else {
                    "Its author held this code to be unfinished."
                })
                .help("Do it, move it to the tracker with its number, or delete the comment.")
                .severity(if grave { Severity::Medium } else { Severity::Low });
            cx.report(finding);
        }
        start += line.len() as u32;
    }
}

/// The mark that a line of a comment begins with, and its offset.
fn marked(line: &str) -> Option<(usize, &'static str)> {
    let body = line.trim_start_matches(['#', '/', '*', '!', ' ', '\t']);
    let mark = MARKS.into_iter().find(|mark| body.starts_with(mark))?;
    let after = body[mark.len()..].chars().next();
    let plain = after.is_none_or(|c| matches!(c, ':' | '(' | '[' | ' ' | '\t' | '\r' | '\n' | '!' | ','));
    plain.then(|| (line.len() - body.len(), mark))
}

/// Whether the code around a comment, by the names of its function, class and file, deletes, takes money, authenticates or keeps privacy.
fn is_grave(cx: &Check<'_>, comment: Comment) -> bool {
    let inside = cx.facts().covering(comment.range);
    let around = std::iter::once(inside).chain(inside.ancestors());
    let named = around.filter(|n| matches!(n.kind(), Kind::Function | Kind::Class)).map(|n| n.name());
    let file = cx.path().rsplit('/').next();
    named.chain(file).flat_map(words).any(|word| GRAVE.contains(&word.as_str()))
}
