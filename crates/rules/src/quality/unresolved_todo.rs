use shipworthy_audit::level::Confidence::{High, Low};
use shipworthy_audit::level::Severity;
use shipworthy_audit::{Check, FileCheck, Finding, rule};
use shipworthy_evidence::File;
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
    ///
    /// ```sql bad
    /// -- TODO: a key for e-mail addresses
    ///    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// CREATE TABLE customers (id bigint PRIMARY KEY, email text);
    /// ```
    ///
    /// ```sql bad file=migrations/0007_payments.sql
    /// /* FIXME the currency is missing */
    ///    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// CREATE TABLE payments (id bigint PRIMARY KEY, amount numeric);
    /// ```
    ///
    /// ```sql good
    /// -- the list of things to do
    /// CREATE TABLE todo (id bigint PRIMARY KEY, state text DEFAULT 'TODO');
    /// ```
    ///
    /// ```sql good
    /// INSERT INTO notes (text) VALUES ('-- TODO: later');
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM python:3.12-slim
    /// # TODO: use the lock file
    ///   ^^^^^^^^^^^^^^^^^^^^^^^
    /// RUN pip install shop
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM python:3.12-slim
    /// RUN apt-get update && \
    ///     # HACK: the driver is not on the index
    ///       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     apt-get install -y driver
    /// ```
    ///
    /// ```dockerfile good
    /// FROM python:3.12-slim
    /// # writes the to-dos of each day
    /// RUN echo "# TODO" > /etc/motd
    /// ```
    ///
    /// ```dockerfile good
    /// # syntax=docker/dockerfile:1
    /// FROM python:3.12-slim
    /// RUN <<EOF
    /// # TODO in a script of its own
    /// EOF
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   web:
    ///     build: . # FIXME: an image of a release
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```compose bad
    /// # XXX: needs limits
    ///   ^^^^^^^^^^^^^^^^^
    /// services:
    ///   web:
    ///     build: .
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   todo:
    ///     image: shop/todo:1.4 # the TODO list
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   web:
    ///     image: shop/web:1.4
    ///     command: "echo '# TODO: x'"
    /// ```
    ///
    /// ```kubernetes bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: shop
    /// data:
    ///   # TODO: one for each region
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^
    ///   region: eu
    /// ```
    ///
    /// ```kubernetes bad
    /// # FIXME(ops): the old name
    ///   ^^^^^^^^^^^^^^^^^^^^^^^^
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: shop
    /// data:
    ///   notes: |
    ///     # TODO: a part of the text
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: todo # todo lists live here
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// const (
    /// 	// XXX: these are serialized as numbers in the database, so beware of collisions
    /// 	KindOrder  = 1
    /// 	KindRefund = 2
    /// )
    ///
    /// func authenticate(given, registered string, late bool) bool {
    /// 	// XXX check this now, to keep out a redundant login for a client that is there
    /// 	// even for a brief period.
    /// 	if late {
    /// 		return false
    /// 	}
    /// 	return given == registered
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// func lock(orders []string) []string {
    /// 	// XXX this should really be locked, because the list
    /// 	   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	// is shared with the importer.
    /// 	return orders[:0]
    /// }
    /// ```
    name: "unresolved-todo",
    category: Quality,
    severity: Low,
    scope: File,
    comments: check,
    files: [Sql, Dockerfile, Compose, Kubernetes],
    check_file: check_file,
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
    let grave = is_grave(cx, comment) && !is_about_words(cx.facts().slice(comment.range));
    for (place, mark) in marks(cx.facts().slice(comment.range), comment.range.start) {
        let nota_bene = mark == "XXX" && explains(&cx.facts().text, place, comment.range.end);
        let finding = cx.finding(place, format!("{mark} left in the code"));
        cx.report(explain(finding, grave).confidence(if nota_bene { Low } else { High }));
    }
}

fn check_file(cx: &mut FileCheck<'_>, file: &File) {
    let grave = cx.path().rsplit('/').next().into_iter().flat_map(words).any(|word| is_grave_word(&word));
    for comment in &file.comments {
        cx.site();
        for (place, mark) in marks(file.slice(*comment), comment.start) {
            let nota_bene = mark == "XXX" && explains(&file.text, place, comment.end);
            let finding = cx.finding(place, format!("{mark} left in the file"));
            cx.report(explain(finding, grave).confidence(if nota_bene { Low } else { High }));
        }
    }
}

fn explain(finding: Finding, grave: bool) -> Finding {
    finding
        .why(if grave {
            "Its author held this code to be unfinished, and what it works on does not forgive that."
        } else {
            "Its author held this code to be unfinished."
        })
        .help("Do it, move it to the tracker with its number, or delete the comment.")
        .severity(if grave { Severity::Medium } else { Severity::Low })
}

/// Whether an `XXX` says what to beware of, and nothing that is wanting: `XXX this must come last, so that ...`. It goes on over several lines,
/// or gives a reason or a condition.
fn explains(text: &str, place: Range, comment_end: u32) -> bool {
    const REASONS: [&str; 21] = [
        "already",
        "always",
        "avoid",
        "because",
        "beware",
        "cannot",
        "compatibility",
        "don't",
        "elsewhere",
        "if",
        "means",
        "must",
        "never",
        "only",
        "otherwise",
        "preserve",
        "see",
        "since",
        "treats",
        "typically",
        "unless",
    ];
    const WANTING: [&str; 17] = [
        "broken",
        "bug",
        "dodgy",
        "eventually",
        "fails",
        "hack",
        "hacky",
        "incorrect",
        "later",
        "missing",
        "naughty",
        "ought",
        "should",
        "shouldn't",
        "ugly",
        "untested",
        "wrong",
    ];
    let (before, behind) = text.split_at(place.start as usize);
    // The sign of the comment: others of the same sign below it go on.
    let sign = before.rsplit('\n').next().and_then(|line| line.split_whitespace().last()).unwrap_or("\n");
    let mut at = place.start;
    let mut lines = behind.split_inclusive('\n').take_while(|line| {
        let inside = at < comment_end || line.trim_start().starts_with(sign);
        at += line.len() as u32;
        inside
    });
    let first = lines.next().unwrap_or_default().to_ascii_lowercase();
    let rest = lines.collect::<String>().to_ascii_lowercase();
    let says = |text: &str, wanted: &[&str]| {
        text.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|word| wanted.contains(&word))
    };
    let whole = format!("{first}{rest}");
    // What follows the first sentence speaks of something else.
    let sentence = [". ", ".\n"].into_iter().filter_map(|end| whole.find(end)).min().unwrap_or(whole.len());
    let said = &whole[..sentence];
    let wanting = says(said, &WANTING) || said.contains("for now") || said.contains('?');
    !wanting && (!rest.is_empty() || says(&first, &REASONS))
}

/// The marks in a comment that starts at an offset, each with the place from it to the end of its line.
fn marks(text: &str, start: u32) -> Vec<(Range, &'static str)> {
    let mut found = Vec::new();
    let mut start = start;
    for line in text.split_inclusive('\n') {
        if let Some((at, mark)) = marked(line) {
            let end = line.trim_end().trim_end_matches("*/").trim_end().len();
            found.push((Range { start: start + at as u32, end: start + end as u32 }, mark));
        }
        start += line.len() as u32;
    }
    found
}

/// The mark that a line of a comment begins with, and its offset.
fn marked(line: &str) -> Option<(usize, &'static str)> {
    let body = line.trim_start_matches(['#', '/', '*', '!', '-', ' ', '\t']);
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
    named.chain(file).flat_map(words).any(|word| is_grave_word(&word))
}

/// Whether a remark is about what code says of itself, and not about what it does: `TODO: remove the ignore with the type hints`.
fn is_about_words(text: &str) -> bool {
    const WORDS: [&str; 3] = ["type hint", "type annotation", "docstring"];
    let text = text.to_ascii_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

fn is_grave_word(word: &str) -> bool {
    GRAVE.contains(&word)
}
