use shipworthy_audit::level::Severity;
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Origin, Role};
use shipworthy_syntax::{Language, Range};

use crate::names::words;
use crate::{program, remarks};

rule! {
    /// A function promises work and does none
    ///
    /// Callers rely on it: they go on as if the data were deleted, the payment taken, the user checked. Until it is written it has to
    /// fail loudly, or not be there. Where the name promises deletion, payment, authentication or privacy, the finding blocks.
    ///
    /// Abstract methods, protocols, overloads, hooks with nothing to do and null objects are no stubs.
    ///
    /// ```python bad
    /// def delete_user_data(user_id):
    ///     ^^^^^^^^^^^^^^^^
    ///     pass
    /// ```
    ///
    /// ```python bad
    /// def export_report(report):
    ///     ^^^^^^^^^^^^^
    ///     raise NotImplementedError
    ///
    /// def verify_token(token):
    ///     ^^^^^^^^^^^^
    ///     return True
    ///
    /// def train_model(frame):
    ///     ^^^^^^^^^^^
    ///     """Train the model."""
    ///     print("training model ...")
    ///
    /// class Gateway:
    ///     def __init__(self, client):
    ///         self.client = client
    ///
    ///     def charge(self, card, amount):
    ///         return self.client.post(card, amount)
    ///
    ///     def refund(self, payment):
    ///         ^^^^^^
    ///         """Give the money back."""
    ///         pass
    ///
    /// gateway = Gateway(connect())
    ///
    /// def issue_token(user, password):
    ///     ^^^^^^^^^^^
    ///     # TODO: check the password
    ///     return "token"
    ///
    /// class Sync:
    ///     def push(self, item):
    ///         ^^^^
    ///         # TODO: call the API
    ///         return {"status": "success"}
    /// ```
    ///
    /// ```python good
    /// from abc import ABC, abstractmethod
    /// from typing import Protocol, overload
    ///
    /// class Store(ABC):
    ///     @abstractmethod
    ///     def delete_user(self, user): ...
    ///
    ///     def save(self, item):
    ///         raise NotImplementedError
    ///
    /// class Payer(Protocol):
    ///     def charge(self, cents: int) -> None: ...
    ///
    /// @overload
    /// def delete(user: int) -> None: ...
    ///
    /// class NullPayer(Payer):
    ///     def charge(self, cents):
    ///         pass
    /// ```
    ///
    /// ```python good
    /// def on_delete(event):
    ///     pass
    ///
    /// def noop(*args):
    ///     pass
    ///
    /// def health():
    ///     return {"status": "ok"}
    ///
    /// def print_usage():
    ///     print("usage: tool [options]")
    ///
    /// class StdoutSink:
    ///     def send(self, record):
    ///         print(record)
    ///
    /// class Repository:
    ///     """What others derive their own from."""
    ///
    ///     def __init__(self, uri):
    ///         self.uri = uri
    ///
    ///     def parent(self):
    ///         return self.uri.rsplit("/")[0]
    ///
    ///     def delete_artifacts(self, path=None):
    ///         """Delete the artifacts at a path."""
    ///
    /// class Gateway:
    ///     def refund(self, payment):
    ///         pass
    ///
    ///     def pay(self, card, amount):
    ///         raise RuntimeError("out of order")
    ///
    ///     def receipt(self, payment):
    ///         return payment.receipt
    ///
    /// class CardGateway(Gateway):
    ///     def refund(self, payment):
    ///         payment.undo()
    ///
    /// class Plugin:
    ///     def setup(self):
    ///         """Called once; nothing to do by default."""
    ///
    ///     def supports_delete(self):
    ///         return True
    /// ```
    ///
    /// Documentation that says why there is nothing to do here, or where it is done.
    ///
    /// ```python good
    /// def restore_snapshot(configuration, dataset, dry_run):
    ///     """Restores aren't implemented, because stored files can be extracted directly."""
    ///     raise NotImplementedError()
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// func (s *Store) Export(path string) error {
    ///                 ^^^^^^
    /// 	panic("not implemented")
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// func DeleteUserData(id string) error {
    ///      ^^^^^^^^^^^^^^
    /// 	return nil
    /// }
    ///
    /// func (s *Store) Compact() error {
    ///                 ^^^^^^^
    /// 	// TODO: implement compaction
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// func (s *Store) Promote(id string) (*Member, error) {
    /// 	// TODO: implement
    /// 	return nil, errors.New("not implemented")
    /// }
    ///
    /// type nopCloser struct{}
    ///
    /// func (nopCloser) Close() error { return nil }
    ///
    /// type noopStore struct{}
    ///
    /// func (noopStore) Delete(id string) error { return nil }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// func kind(value any) string {
    /// 	switch value.(type) {
    /// 	case int:
    /// 		return "int"
    /// 	default:
    /// 		panic("not implemented")
    /// 	}
    /// }
    ///
    /// func (s *Store) marker() {}
    /// ```
    ///
    /// The other build has the work:
    ///
    /// ```go good file=store/map_windows.go
    /// package store
    ///
    /// func (m *Map) Advise(hint int) error {
    /// 	// Not implemented
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// //go:build !linux
    ///
    /// package store
    ///
    /// func (m *Map) Flush() error {
    /// 	panic("not implemented")
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn export(path: &Path) -> Result<(), Error> {
    ///    ^^^^^^
    ///     todo!()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// impl Store {
    ///     fn delete_user(&self, id: u64) -> Result<(), Error> {
    ///        ^^^^^^^^^^^
    ///         unimplemented!("deletion of users")
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn kind(value: &Value) -> Kind {
    ///     match value {
    ///         Value::Number(_) => Kind::Number,
    ///         other => unimplemented!("{other:?}"),
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// trait Store {
    ///     fn delete_user(&self, id: u64) -> Result<(), Error>;
    ///
    ///     fn flush(&self) -> Result<(), Error> {
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// ```go bad
    /// package billing
    ///
    /// import "context"
    ///
    /// func (c *Client) Refund(ctx context.Context, id string) error {
    ///                  ^^^^^^
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package billing
    ///
    /// import "context"
    ///
    /// func (c *Client) Verify(ctx context.Context, id string) error {
    /// 	return nil
    /// }
    ///
    /// func (c *Client) Refund(ctx context.Context, id string) error {
    /// 	return c.post(ctx, "/refunds/"+id)
    /// }
    ///
    /// // On this disk nothing is left half written.
    /// func (d *Disk) DeleteIncomplete(_ context.Context, _ string) error {
    /// 	return nil
    /// }
    /// ```
    /// Placeholders are what a text has, and "no" is the careful answer.
    ///
    /// ```python good
    /// async def get_description_placeholders(hass) -> dict[str, str]:
    ///     """Return description placeholders for the credentials dialog."""
    ///     return {"more_info_url": "https://www.example.com/docs"}
    ///
    /// def stays_within_buffer(frame) -> bool:
    ///     # TODO: it would be nice to know this for short frames.
    ///     return False
    /// ```
    ///
    /// ```rust good
    /// impl Crud for Comment {
    ///     /// This is unimplemented, use [`Comment::create_below`]
    ///     fn create(_form: &Form) -> Result<Self, Error> {
    ///         unimplemented!()
    ///     }
    /// }
    /// ```
    ///
    /// A method of a trait that a type leaves out is of medium severity, for `unimplemented!()` promises nothing:
    ///
    /// ```rust bad
    /// impl Crud for Follower {
    ///     fn accept(_form: &Form) -> Result<Self, Error> {
    ///        ^^^^^^
    ///         unimplemented!()
    ///     }
    /// }
    /// ```
    ///
    /// What stands in for a module that is not installed says so to whoever calls it, as does a migration that nothing can undo:
    ///
    /// ```python good
    /// try:
    ///     import systemd.daemon
    /// except ImportError:
    ///     SYSTEMD = False
    ///
    ///     def listen_sockets():
    ///         raise NotImplementedError
    /// else:
    ///     SYSTEMD = True
    ///
    ///     def listen_sockets():
    ///         return list(systemd.daemon.listen_fds())
    /// ```
    /// ```python good file=shop/migrations/versions/27342bce1d0f_scheme.py
    /// from alembic import op
    ///
    /// def upgrade():
    ///     op.execute("UPDATE projects SET scheme = 'semantic'")
    ///
    /// def downgrade():
    ///     raise NotImplementedError
    /// ```
    name: "stub-implementation",
    category: Data,
    severity: High,
    scope: Both,
    on: [Fact(Kind::Function)],
    check: check,
}

/// Why a function counts as a stub.
enum Stub {
    /// It fails, saying that it is not written.
    Fails,
    /// It does nothing.
    Empty,
    /// It only prints.
    Prints,
    /// It answers with a constant.
    Constant,
}

fn check(cx: &mut Check<'_>, function: Node<'_>) {
    let Some(body) = function.get(Role::Body) else { return };
    cx.site();
    let unfinished = says_unfinished(cx, function);
    let Some(stub) = stub(cx, body, unfinished && takes_arguments(function)) else { return };
    let words = words(function.name());
    let grave = is_grave(&words);
    let relied_on = match stub {
        // A private Go function that panics fills a gap that build tags leave.
        Stub::Fails => match cx.language() {
            // A migration that cannot be undone, and what is there where an import fails, say so to whoever calls them.
            Language::Python => {
                let is_fallback = function.ancestors().any(|a| a.is(Kind::Handler));
                function.class().is_none() && !is_fallback && !program::is_migration(cx)
            }
            Language::Go => function.has(Flags::PUBLIC) || function.get(Role::Receiver).is_some(),
            Language::Rust => !function.class().is_some_and(|c| c.has(Flags::ABSTRACT)),
        },
        Stub::Empty | Stub::Constant => {
            unfinished || grave && stands_for_itself(cx, function) && takes_arguments(function)
        }
        Stub::Prints => {
            let print = body.descendants_here().find(|n| n.is(Kind::Call));
            let speaks = print.is_some_and(|p| program::speaks_to_user(cx, p));
            promises_work(&words) && !is_program_output(&words) && !speaks && !program::is_output(function)
        }
    };
    // Builds for other platforms have the work.
    let elsewhere = cx.environment().is_constrained();
    if !relied_on || elsewhere || is_meant(cx, function) || says_meant(cx, function) {
        return;
    }
    // Documentation that says why, or what to use in its place: nobody is to call it.
    const REASONS: [&str; 6] = ["because", "rather than", "instead", "on purpose", ", use [", ", use `"];
    if matches!(stub, Stub::Fails) && remarks::documentation_says(cx, function, &REASONS) {
        return;
    }
    let name = function.name();
    let what = match stub {
        Stub::Fails => format!("`{name}` is not implemented"),
        Stub::Empty => format!("`{name}` does nothing"),
        Stub::Prints => format!("`{name}` only prints"),
        Stub::Constant => format!("`{name}` does nothing and answers that it did"),
    };
    let finding = cx
        .finding(function.name_range(), what)
        .why("Its callers go on as if the work were done.")
        .help("Implement it, or let it fail loudly and keep it out of reach until it is written.")
        .severity(match () {
            () if grave => Severity::Blocking,
            () if is_left_out(function, body) => Severity::Medium,
            () => Severity::High,
        });
    cx.report(finding);
}

fn stub(cx: &Check<'_>, body: Node<'_>, unfinished: bool) -> Option<Stub> {
    let mut statements: Vec<Node<'_>> = body.all(Role::Statement).filter(|s| !s.is(Kind::String)).collect();
    statements.retain(|s| !s.is(Kind::Pass));
    let said = body.all(Role::Statement).count() > 0;
    match statements[..] {
        // An empty body in Go and Rust is a marker method; in Python there is `pass` or a docstring.
        [] => (said && cx.language() == Language::Python).then_some(Stub::Empty),
        [only] if fails(only) => Some(Stub::Fails),
        [only] if is_constant_answer(only) => Some(Stub::Constant),
        // `return "token"`, of which a comment says that it is not written yet.
        [only]
            if unfinished
                && only.is(Kind::Return)
                && only.get(Role::Value).is_some()
                // "No" is the careful answer.
                && only.all(Role::Value).all(|v| v.is_literal() && !v.is_boolean(false)) =>
        {
            Some(Stub::Constant)
        }
        [ref prints @ .., last] => {
            let print = |n: &Node<'_>| {
                n.is(Kind::Call) && cx.meaning(*n).is_some_and(|m| m.effects == Effects::PRINTS)
            };
            let all = prints.iter().all(print) && (print(&last) || is_constant_answer(last));
            let any = prints.iter().any(print) || print(&last);
            (all && any).then_some(Stub::Prints)
        }
    }
}

/// `raise NotImplementedError`, `todo!()`, `unimplemented!()`, `panic("not implemented")`.
fn fails(statement: Node<'_>) -> bool {
    let inner = if statement.is(Kind::Return) { statement.get(Role::Value) } else { Some(statement) };
    let Some(inner) = inner else { return false };
    match inner.kind() {
        Kind::Raise => inner.get(Role::Value).is_some_and(|v| {
            let class = if v.is(Kind::Call) { v.callee() } else { Some(v) };
            // With other words it says that the work is not for it.
            let words = v.arguments().next().map(|a| a.text().to_ascii_lowercase());
            let unwritten = words.is_none_or(|w| w.contains("implement") || w.contains("todo"));
            class.is_some_and(|c| c.name() == "NotImplementedError") && unwritten
        }),
        Kind::Call => match inner.callee().map_or("", Node::name) {
            "todo!" | "unimplemented!" => true,
            "panic" | "panic!" => inner.arguments().next().and_then(Node::string).is_some_and(|text| {
                let text = text.to_ascii_lowercase();
                ["not implemented", "unimplemented", "implement me", "todo"]
                    .iter()
                    .any(|t| text.starts_with(t))
            }),
            _ => false,
        },
        _ => false,
    }
}

/// Rust: whether a method of a trait is left out on purpose: `unimplemented!()` does not promise to be written, as `todo!()` does.
fn is_left_out(function: Node<'_>, body: Node<'_>) -> bool {
    let of_trait = function.class().is_some_and(|c| c.get(Role::Base).is_some());
    let left_out = |n: Node<'_>| n.is(Kind::Call) && n.callee().is_some_and(|c| c.name() == "unimplemented!");
    function.language() == Language::Rust && of_trait && body.descendants_here().any(left_out)
}

/// A return of success: `True`, nothing, `nil`, `{"status": "success"}`. Other constants are answers of their own.
fn is_constant_answer(statement: Node<'_>) -> bool {
    if !statement.is(Kind::Return) {
        return false;
    }
    let mut values = statement.all(Role::Value);
    values.all(|v| match v.kind() {
        Kind::Nothing => true,
        Kind::Boolean => v.is_boolean(true),
        Kind::Dictionary => v.is_literal() && v.text().contains("success"),
        _ => false,
    })
}

/// Whether a comment or the docstring in a function says that it is not written yet.
fn says_unfinished(cx: &Check<'_>, function: Node<'_>) -> bool {
    let within = function.range();
    let comments = cx
        .facts()
        .comments
        .iter()
        .map(|c| c.range)
        .filter(|c| within.start <= c.start && c.end <= within.end);
    let docstrings =
        function.descendants_here().filter(|n| n.is(Kind::String) && n.role() == Role::Statement);
    comments.map(|c| cx.facts().slice(c)).chain(docstrings.map(Node::text)).any(|text| {
        let lower = text.to_ascii_lowercase();
        text.contains("TODO")
            || text.contains("FIXME")
            || lower.contains("not implemented")
            // Placeholders are what a text has.
            || lower.contains("placeholder") && !lower.contains("placeholders")
    })
}

/// Whether its documentation or its failure says that others do the work, or that there is none to do.
fn says_meant(cx: &Check<'_>, function: Node<'_>) -> bool {
    const MEANT: [&str; 8] = [
        "documentation purpose",
        "enterprise",
        "no-op",
        "noop",
        "not supported",
        "unsupported",
        "plugin",
        "does nothing",
    ];
    let before = function.previous().map_or(0, |n| n.range().end);
    let within = |c: &Range| before <= c.start && c.end <= function.range().end;
    let comments = cx.facts().comments.iter().map(|c| c.range).filter(within);
    let texts = function.descendants_here().filter(|n| matches!(n.kind(), Kind::String | Kind::Template));
    comments.map(|c| cx.facts().slice(c)).chain(texts.map(Node::text)).any(|text| {
        let lower = text.to_ascii_lowercase();
        MEANT.iter().any(|m| lower.contains(m))
    })
}

fn is_grave(words: &[String]) -> bool {
    const FIRST: [&str; 16] = [
        "delete",
        "erase",
        "purge",
        "wipe",
        "anonymize",
        "charge",
        "pay",
        "refund",
        "authenticate",
        "authorize",
        "verify",
        "encrypt",
        "decrypt",
        "forget",
        "revoke",
        "sanitize",
    ];
    // Alone, most of them are said of bytes and of checks too.
    const ALONE: [&str; 4] = ["refund", "charge", "anonymize", "erase"];
    words.first().is_some_and(|w| match words.len() {
        1 => ALONE.contains(&w.as_str()),
        _ => FIRST.contains(&w.as_str()),
    })
}

/// Whether a function is no method, or one of a class that is used as it stands: without bases and classes under it in its file, made there, and
/// with other methods that do something. Else others may have the work.
fn stands_for_itself(cx: &Check<'_>, function: Node<'_>) -> bool {
    let Some(class) = function.class() else { return true };
    if cx.language() != Language::Python || class.has(Flags::ABSTRACT) || class.get(Role::Base).is_some() {
        return false;
    }
    let body = class.get(Role::Body);
    let methods = || body.into_iter().flat_map(|b| b.all(Role::Statement)).filter(|s| s.is(Kind::Function));
    let idle = methods().filter(|m| m.get(Role::Body).is_some_and(|b| stub(cx, b, false).is_some())).count();
    let own = cx.environment().absolute(class.name());
    let names = || cx.environment().names().map(|(name, _)| cx.environment().absolute(name));
    let is_under =
        |path: String| cx.workspace().class(&path).is_some_and(|c| c.bases.iter().any(|base| **base == *own));
    let is_made = |path: String| match cx.workspace().global(&path) {
        Some(Origin::Instance(made) | Origin::ResultOf(made, _)) => **made == *own,
        _ => false,
    };
    let makes_itself =
        || class.descendants().any(|n| n.is(Kind::Call) && n.callee().is_some_and(|c| c.name() == "cls"));
    idle * 2 < methods().count() && (makes_itself() || names().any(is_made)) && !names().any(is_under)
}

fn promises_work(words: &[String]) -> bool {
    const WORK: [&str; 36] = [
        "train",
        "training",
        "ingestion",
        "validation",
        "preprocessing",
        "evaluation",
        "deployment",
        "evaluate",
        "deploy",
        "ingest",
        "validate",
        "preprocess",
        "process",
        "load",
        "save",
        "send",
        "sync",
        "delete",
        "upload",
        "download",
        "export",
        "import",
        "publish",
        "notify",
        "migrate",
        "backup",
        "restore",
        "create",
        "update",
        "store",
        "fetch",
        "extract",
        "transform",
        "execute",
        "register",
        "engineer",
    ];
    words.iter().any(|w| WORK.contains(&w.as_str())) || is_grave(words)
}

fn is_program_output(words: &[String]) -> bool {
    const OUTPUT: [&str; 14] = [
        "print", "show", "display", "usage", "help", "banner", "report", "dump", "debug", "log", "list",
        "describe", "progress", "callback",
    ];
    words.iter().any(|w| OUTPUT.contains(&w.as_str()))
}

fn takes_arguments(function: Node<'_>) -> bool {
    // Go asks nobody to use a parameter: who calls one `_` says that there is nothing to do with it.
    let ignored = |p: Node<'_>| p.language() == Language::Go && matches!(p.name(), "" | "_");
    function.all(Role::Parameter).any(|p| !matches!(p.name(), "self" | "cls") && !ignored(p))
}

/// Whether a function does nothing on purpose: abstract, overloaded, overriding, a hook, a null object, a type stub.
fn is_meant(cx: &Check<'_>, function: Node<'_>) -> bool {
    if function.has(Flags::ABSTRACT) || cx.path().ends_with(".pyi") {
        return true;
    }
    let decorators = || function.all(Role::Decorator).filter_map(|d| d.get(Role::Value));
    let decorated = |d: Node<'_>| {
        let name = if d.is(Kind::Call) { d.callee().map_or("", Node::name) } else { d.name() };
        matches!(
            name,
            "abstractmethod" | "overload" | "override" | "abstractproperty" | "singledispatch" | "fixture"
        )
    };
    let owner = shipworthy_facts::method_of(function).unwrap_or_default();
    let null = words(owner).iter().chain(&words(function.name())).any(|w| {
        matches!(
            w.as_str(),
            "null"
                | "open"
                | "printer"
                | "nop"
                | "noop"
                | "dummy"
                | "fake"
                | "mock"
                | "stub"
                | "empty"
                | "disabled"
                | "ignore"
                | "default"
                | "base"
                | "abstract"
                | "mixin"
                | "protocol"
                | "interface"
                | "test"
                | "discard"
                | "unused"
        )
    });
    let hook = matches!(
        words(function.name()).first().map(String::as_str),
        Some("on" | "pre" | "post" | "before" | "after" | "handle" | "hook")
    );
    // A class with bases may only have to have the method.
    let overrides =
        function.class().is_some_and(|c| c.get(Role::Base).is_some() && cx.language() == Language::Python);
    let dunder = function.name().starts_with("__");
    decorators().any(decorated) || null || hook || overrides || dunder
}
