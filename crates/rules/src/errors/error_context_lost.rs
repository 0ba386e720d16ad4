use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::error_formats::{Formatted, is_error};
use crate::logs::leaves_traceback;
use crate::names::words;
use crate::ownership::leaves;
use crate::remarks;

rule! {
    /// An error is replaced and its cause is cut off
    ///
    /// Whoever handles or reads the new error can no longer see what really failed: the trace ends where the error was translated, and
    /// `errors.Is`, `__cause__` and `source()` find nothing. Keep the cause when an error is made from another.
    ///
    /// An answer to a client (`HTTPException`) need not carry the cause, if something logs it. `raise ... from None` says that the cause
    /// does not matter.
    ///
    /// ```python bad
    /// def load(path):
    ///     try:
    ///         return parse(path)
    ///     except OSError as error:
    ///         raise ConfigError(f"cannot read {path}")
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// def load(path):
    ///     try:
    ///         return parse(path)
    ///     except OSError as error:
    ///         raise ConfigError(f"cannot read {path}") from error
    /// ```
    ///
    /// ```python bad
    /// def load(path):
    ///     try:
    ///         return parse(path)
    ///     except (OSError, ValueError):
    ///         raise ConfigError
    ///         ^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// def load(path):
    ///     try:
    ///         return parse(path)
    ///     except (OSError, ValueError) as error:
    ///         raise ConfigError from error
    /// ```
    ///
    /// What a command's user gets to read ends the command.
    ///
    /// ```python good
    /// import argparse
    ///
    /// def positive(text):
    ///     try:
    ///         return int(text)
    ///     except ValueError:
    ///         raise argparse.ArgumentTypeError(f"{text} is no number")
    /// ```
    ///
    /// ```python good
    /// from fastapi import HTTPException
    ///
    /// def load(path):
    ///     try:
    ///         return parse(path)
    ///     except OSError as error:
    ///         raise ConfigError(path) from error
    ///     except ValueError:
    ///         raise ConfigError(path) from None
    ///     except KeyError as error:
    ///         logger.warning("no key", exc_info=error)
    ///         raise HTTPException(status_code=404, detail="no such file")
    ///     except TypeError as error:
    ///         error.add_note(path)
    ///         raise error
    /// ```
    ///
    /// ```python good
    /// import sys
    ///
    /// def main():
    ///     try:
    ///         run()
    ///     except KeyboardInterrupt:
    ///         raise SystemExit(130)
    ///     except Timeout:
    ///         def retry():
    ///             raise RuntimeError("not now")
    ///         schedule(retry)
    ///
    /// class Lazy:
    ///     def __getattr__(self, name):
    ///         try:
    ///             return self.values[name]
    ///         except KeyError:
    ///             raise AttributeError(name)
    /// ```
    ///
    /// An exception that is told its cause, and one whose author has told a linter.
    ///
    /// ```python good
    /// def fetch(api, slug):
    ///     try:
    ///         return api.call(slug)
    ///     except ApiError as error:
    ///         raise NotFound("expired?", cause=error.cause)
    ///     except LookupError:
    ///         raise RuntimeError(  # noqa: B904
    ///             "blocking call inside the event loop"
    ///         )
    /// ```
    ///
    /// One that goes no further than what is tried in the handler.
    ///
    /// ```python good
    /// def review(api, answer):
    ///     try:
    ///         api.review(answer)
    ///     except Exception:
    ///         try:
    ///             if api.comment(answer) is None:
    ///                 raise RuntimeError("the comment was not confirmed")
    ///         except Exception as error:
    ///             log.warning("no comment", exc_info=error)
    /// ```
    ///
    /// What only ends the answer.
    ///
    /// ```python good
    /// from tornado import web
    /// from tornado.iostream import StreamClosedError
    ///
    /// class Progress(web.RequestHandler):
    ///     async def send(self, event):
    ///         try:
    ///             await self.flush()
    ///         except StreamClosedError:
    ///             raise web.Finish()
    /// ```
    ///
    /// A command that has told its user what failed.
    ///
    /// ```python good
    /// import click
    ///
    /// @click.command()
    /// def export(path):
    ///     try:
    ///         write(path)
    ///     except Exception as error:
    ///         click.echo(f"the export failed: {error}", err=True)
    ///         raise click.Abort()
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "fmt"
    ///
    /// func open(path string) error {
    /// 	if err := load(path); err != nil {
    /// 		return fmt.Errorf("open %s: %v", path, err)
    /// 		       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// 	return nil
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import "fmt"
    ///
    /// func open(path string) error {
    /// 	if err := load(path); err != nil {
    /// 		return fmt.Errorf("open %s: %w", path, err)
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "errors"
    ///
    /// func open(path string) error {
    /// 	if err := load(path); err != nil {
    /// 		return errors.New(err.Error())
    /// 		       ^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"errors"
    /// 	"fmt"
    /// )
    ///
    /// var ErrMissing = errors.New("missing")
    ///
    /// func open(path string) error {
    /// 	if err := load(path); err != nil {
    /// 		return fmt.Errorf("open %s: %w", path, err)
    /// 	}
    /// 	return fmt.Errorf("open %q: no more than %d tries", path, 3)
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import "fmt"
    ///
    /// func check(path string) error {
    /// 	first, second := load(path), verify(path)
    /// 	if first != nil {
    /// 		return fmt.Errorf("%w (and then %v)", first, second)
    /// 	}
    /// 	if err := close(path); err != nil {
    /// 		//nolint:errorlint // what is wrapped comes later
    /// 		return fmt.Errorf("%v or %v", err, second)
    /// 	}
    /// 	return fmt.Errorf("%s: error %v", path, errorCount())
    /// }
    /// ```
    ///
    /// The text of an error and its number are no errors.
    ///
    /// ```go good
    /// package store
    ///
    /// import "C"
    ///
    /// import "fmt"
    ///
    /// func fatal(format string, args ...any) error {
    /// 	errstr := "error: " + fmt.Sprintf(format, args...)
    /// 	if errno := C.disable(); errno != 0 {
    /// 		return fmt.Errorf("disable: %v", errno)
    /// 	}
    /// 	return fmt.Errorf("%s", errstr)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn user(pool: &sqlx::PgPool, id: i64) -> Result<User, StatusCode> {
    ///     sqlx::query_as("SELECT * FROM users WHERE id = $1")
    ///         .bind(id)
    ///         .fetch_one(pool)
    ///         .await
    ///         .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
    ///                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn settings(path: &Path) -> Result<String, Error> {
    ///     std::fs::read_to_string(path).map_err(|_e| Error::Settings)
    ///                                           ^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn settings(path: &Path) -> Result<String, Error> {
    ///     std::fs::read_to_string(path).map_err(|source| Error::Settings { source })
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn port(text: &str, sender: &Sender<u16>) -> Result<u16, Error> {
    ///     let port: u16 = text.parse().map_err(|_| Error::Port)?;
    ///     sender.send(port).map_err(|_| Error::Closed)?;
    ///     Ok(port)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "errors"
    ///
    /// func put(key string) error {
    /// 	if err := send(key); err != nil {
    /// 		return errors.New("put " + key + ": " + err.Error())
    /// 		       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import "errors"
    ///
    /// func put(key string) error {
    /// 	if key == "" {
    /// 		return errors.New("put " + key + ": no key")
    /// 	}
    /// 	return send(key)
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"context"
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// func publish(ctx context.Context, client *http.Client, req *http.Request) error {
    /// 	resp, err := client.Do(req.WithContext(ctx))
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	if resp.StatusCode != http.StatusAccepted {
    /// 		return fmt.Errorf("error response: %v", err)
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import "fmt"
    ///
    /// func found(exists func(string) (bool, error), bucket string) error {
    /// 	ok, err := exists(bucket)
    /// 	if !ok || err != nil {
    /// 		return fmt.Errorf("no bucket %s: %v", bucket, err)
    /// 		       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// Not every library's `Errorf` knows `%w`. In the `else` of a check there is no error:
    ///
    /// ```go bad
    /// package shop
    ///
    /// import (
    /// 	"fmt"
    /// 	"io"
    ///
    /// 	"github.com/pkg/errors"
    /// )
    ///
    /// func export(w io.Writer, lines []string) error {
    /// 	for _, line := range lines {
    /// 		if _, err := fmt.Fprint(w, line); err != nil {
    /// 			return errors.Errorf("write error: %s", err)
    /// 			       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		}
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import "fmt"
    ///
    /// type device interface {
    /// 	setLength(n int) (int, error)
    /// 	setMode(mode int) int
    /// }
    ///
    /// func setup(d device) error {
    /// 	if _, err := d.setLength(4096); err != nil {
    /// 		return fmt.Errorf("unable to set the length: %w", err)
    /// 	} else if d.setMode(2) < 0 {
    /// 		return fmt.Errorf("unable to set the mode: %v", err)
    /// 	}
    /// 	return nil
    /// }
    /// ```
    name: "error-context-lost",
    category: Errors,
    severity: Medium,
    scope: File,
    fix: { Python: Safe, Go: Safe },
    on: [Fact(Kind::Raise), Fact(Kind::Call)],
    check: check,
}

const WHY: &str = "Whoever handles or reads the new error cannot see what really failed.";

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match (cx.language(), node.kind()) {
        (Language::Python, Kind::Raise) => raise(cx, node),
        (Language::Go, Kind::Call) if cx.meaning(node).is_some_and(|m| m.is("makes-error")) => {
            formatted(cx, node)
        }
        (Language::Rust, Kind::Call) => mapped(cx, node),
        _ => {}
    }
}

/// Python: a new exception raised while another is handled.
fn raise(cx: &mut Check<'_>, raise: Node<'_>) {
    let Some(value) = raise.get(Role::Value) else { return };
    let within =
        raise.ancestors().take_while(|n| !matches!(n.kind(), Kind::Function | Kind::Lambda | Kind::Class));
    let Some(handler) = within.into_iter().find(|n| n.is(Kind::Handler)) else { return };
    let class = if value.is(Kind::Call) { value.callee() } else { Some(value) };
    // The caught exception itself, or something computed: not plainly a new one.
    let new = class.is_some_and(|c| {
        c.name().starts_with(char::is_uppercase) && matches!(c.kind(), Kind::Name | Kind::Attribute)
    });
    if !new || value.name() == handler.name() && !handler.name().is_empty() {
        return;
    }
    cx.site();
    let meaning = cx.meaning(value);
    let ends_program = class.is_some_and(|c| {
        matches!(
            c.name(),
            "SystemExit"
                | "Exit"
                | "Abort"
                | "ClickException"
                // `argparse` prints it, and ends the program.
                | "ArgumentTypeError"
                | "Finish"
                | "StopIteration"
                | "StopAsyncIteration"
        )
    });
    let answers = meaning.is_some_and(|m| m.is("error-response"))
        || class.is_some_and(|c| c.name().starts_with("Http") || c.name().starts_with("HTTP"));
    if raise.get(Role::Cause).is_some()
        || ends_program
        || answers && leaves_trace(cx, handler)
        || names_cause(value)
        || is_settled(cx, raise, class)
        || is_attribute_protocol(cx, raise)
        || is_handled_on_the_way(cx, raise, handler, class)
    {
        return;
    }
    let bound = handler.name();
    let mut fix = Fix::safe("Keep the cause");
    let mut cause = bound.to_owned();
    if bound.is_empty() {
        // Behind the types, before the colon.
        let Some(types) = handler.all(Role::Type).last() else { return };
        let end = parenthesis_end(handler, types);
        "error".clone_into(&mut cause);
        fix = fix.insert(end, " as error");
    }
    // An answer of a server to a mistake of its caller, or to what is not there, needs no traceback.
    let types: Vec<Node<'_>> = handler
        .all(Role::Type)
        .flat_map(|t| if t.is(Kind::Tuple) { t.all(Role::Element).collect::<Vec<_>>() } else { vec![t] })
        .collect();
    let any = |role: &str| types.iter().any(|t| cx.value_meaning(*t).is_some_and(|m| m.is(role)));
    let all_absent = types.iter().all(|t| cx.value_meaning(*t).is_some_and(|m| m.is("expected-absence")));
    let ordinary = !types.is_empty() && (all_absent || answers && !any("broad"));
    // What explains the failure stands in the log already.
    let logged = handler
        .descendants_here()
        .any(|n| n.is(Kind::Call) && n.index() < raise.index() && leaves_traceback(cx, n));
    let finding = cx
        .finding(raise, format!("`{}` is raised without its cause", class.map_or("", Node::text)))
        .why(WHY)
        .help(format!("Raise it `from {cause}`, or `from None` if the cause does not matter."))
        .severity(if ordinary || logged { Severity::Low } else { Severity::Medium })
        .fix(fix.insert(raise.range().end, format!(" from {cause}")));
    cx.report(finding);
}

/// Whether a linter is told that the cause is left out on purpose.
fn is_settled(cx: &Check<'_>, raise: Node<'_>, class: Option<Node<'_>>) -> bool {
    let ends = [class.map(Node::range), Some(raise.range())];
    ends.into_iter().flatten().any(|r| remarks::line_says(cx.facts(), r.end, &["noqa: b904"]))
}

/// Whether a `try` inside the handler handles the new exception: it is of what is done there, and goes no further.
fn is_handled_on_the_way(
    cx: &Check<'_>,
    raise: Node<'_>,
    handler: Node<'_>,
    class: Option<Node<'_>>,
) -> bool {
    let inside = |t: &Node<'_>| t.is(Kind::Try) && t.get(Role::Body).is_some_and(|b| raise.is_in(b));
    let takes = |t: Node<'_>| {
        cx.value_meaning(t).is_some_and(|m| m.is("broad")) || class.is_some_and(|c| c.text() == t.text())
    };
    let mut tries = raise.ancestors().take_while(|a| *a != handler).filter(inside);
    tries.any(|t| {
        let mut handlers = t.children().filter(|c| c.is(Kind::Handler));
        handlers.any(|h| h.get(Role::Type).is_none() || h.all(Role::Type).any(takes))
    })
}

/// Whether an exception is told its cause: `ExtractorError(text, cause=error.cause)`.
fn names_cause(exception: Node<'_>) -> bool {
    exception.is(Kind::Call)
        && exception
            .arguments()
            .any(|a| words(a.label()).iter().any(|w| matches!(w.as_str(), "cause" | "original" | "inner")))
}

/// Offset behind the types of a handler, parentheses included.
fn parenthesis_end(handler: Node<'_>, types: Node<'_>) -> u32 {
    let after = types.range().end - handler.range().start;
    let rest = handler.text().get(after as usize..).unwrap_or("");
    let closing = rest.find(':').map_or(0, |colon| rest[..colon].rfind(')').map_or(0, |p| p + 1));
    types.range().end + closing as u32
}

/// Whether a handler logs, or hands the exception to somebody.
fn leaves_trace(cx: &Check<'_>, handler: Node<'_>) -> bool {
    let calls = handler.descendants_here().filter(|n| n.is(Kind::Call));
    calls.into_iter().any(|c| cx.effects(c).intersects(Effects::LOGS | Effects::ALERTS | Effects::PRINTS))
}

/// `__getattr__`, `__getitem__` and their kin translate by contract.
fn is_attribute_protocol(cx: &Check<'_>, node: Node<'_>) -> bool {
    cx.named_function(node)
        .is_some_and(|f| f.name().starts_with("__") && f.name().ends_with("__") && f.name() != "__init__")
}

/// Go: an error formatted into a new one.
fn formatted(cx: &mut Check<'_>, call: Node<'_>) {
    // `errors.New("read: " + err.Error())`
    let joined = call.arguments().next().filter(|a| a.is(Kind::Binary));
    let joined = joined.is_some_and(|a| a.descendants_here().any(|n| n.is(Kind::Call) && is_error(cx, n)));
    if !joined && !call.arguments().any(|a| is_error(cx, a)) {
        return;
    }
    cx.site();
    if call.arguments().next().is_none_or(|format| !format.is(Kind::String)) {
        // `errors.New(err.Error())`
        let finding = cx
            .finding(call, "an error is made from another's text")
            .why(WHY)
            .help("Return the error itself, or wrap it with `fmt.Errorf(\"...: %w\", err)`.");
        cx.report(finding);
        return;
    }
    if remarks::statement_says(cx.facts(), call.statement(), &["nolint:errorlint"]) {
        return;
    }
    let Some(formatted) = Formatted::of(cx, call) else { return };
    let known = known(cx, formatted.error);
    if known == Known::None {
        return;
    }
    let finding = cx
        .finding(call, format!("`{}` is formatted as text into a new error", formatted.error.text()))
        .why("Its text stays, but whoever handles the new error cannot ask it what really failed: `errors.Is` and `errors.As` find nothing.");
    if let Some(form) = cx.meaning(call).and_then(|m| m.form("wrapping")) {
        let finding = finding.help(format!("Wrap it with `{form}`."));
        return cx.report(finding);
    }
    let title = "Wrap the cause with `%w`";
    // Of no error, `%v` writes `<nil>` and `%w` a mistake.
    let mut fix = if known == Known::Error { Fix::safe(title) } else { Fix::suggested(title) };
    for (range, text) in formatted.wrapped() {
        fix = fix.replace(range, text);
    }
    cx.report(finding.help("Wrap it with `%w`.").fix(fix));
}

/// `err != nil`, or `err == nil`, by the operator; `is_it` tells the side that is not `nil`.
fn compares_to_nil(condition: Node<'_>, operator: Operator, is_it: impl Fn(Node<'_>) -> bool) -> bool {
    condition.operator() == operator
        && condition.all(Role::Operand).any(|o| o.is(Kind::Nothing))
        && condition.all(Role::Operand).any(is_it)
}

/// Whether a branch is taken only where a condition found no error: the `else` of `err != nil || n < 0`, the body of `err == nil`.
fn is_refuted(condition: Node<'_>, branch: Role, error: Node<'_>) -> bool {
    let (operator, joined) = match branch {
        Role::Body => (Operator::Eq, Operator::And),
        _ => (Operator::Ne, Operator::Or),
    };
    let is_it = |o: Node<'_>| o.is(Kind::Name) && o.name() == error.name();
    let finds_none = |c: Node<'_>| compares_to_nil(c, operator, is_it);
    finds_none(condition) || condition.operator() == joined && condition.all(Role::Operand).any(finds_none)
}

/// What the code around a use of an error's name says of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Error,
    /// `if !exists || err != nil { ... }`
    Maybe,
    /// An earlier check has dealt with it: `if err != nil { return err }`.
    None,
}

/// What the last statement that speaks of an error says of it to one behind it.
fn known_after(cx: &Check<'_>, last: Node<'_>, behind: Node<'_>, speaks: &dyn Fn(Node<'_>) -> bool) -> Known {
    let checks = last.is(Kind::If)
        && last.get(Role::Initializer).is_none()
        && last.get(Role::Else).is_none()
        && last.get(Role::Condition).is_some_and(|c| compares_to_nil(c, Operator::Ne, speaks));
    match last.get(Role::Body).filter(|_| checks) {
        // Where it went on with an error, the branch is about something else.
        Some(body) if leaves(cx, body) || behind.is(Kind::If) => Known::None,
        Some(_) => Known::Maybe,
        None => Known::Error,
    }
}

fn known(cx: &Check<'_>, error: Node<'_>) -> Known {
    let names = |n: Node<'_>| n.is(Kind::Name) && n.name() == error.name();
    let speaks = |n: Node<'_>| names(n) || n.descendants().any(names);
    let mut inner = error;
    for outer in error.ancestors().take_while(|a| !matches!(a.kind(), Kind::Function | Kind::Lambda)) {
        match outer.kind() {
            Kind::If if inner.role() != Role::Condition => {
                let condition = outer.get(Role::Condition).filter(|c| speaks(*c));
                let or_else = |c: Node<'_>| {
                    c.operator() == Operator::Or
                        && inner.role() == Role::Body
                        && !c.all(Role::Operand).all(speaks)
                };
                if let Some(condition) = condition {
                    return match () {
                        () if is_refuted(condition, inner.role(), error) => Known::None,
                        () if or_else(condition) => Known::Maybe,
                        () => Known::Error,
                    };
                }
            }
            Kind::Match | Kind::Arm => {
                let mut heads =
                    outer.children().filter(|c| matches!(c.role(), Role::Subject | Role::Pattern));
                if heads.any(speaks) {
                    return Known::Error;
                }
            }
            Kind::Block => {
                let before = outer.all(Role::Statement).take_while(|s| *s != inner).filter(|s| speaks(*s));
                if let Some(last) = before.last() {
                    return known_after(cx, last, inner, &speaks);
                }
            }
            _ => {}
        }
        inner = outer;
    }
    Known::Error
}

/// Rust: `map_err` with a closure that drops the error.
fn mapped(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(callee) = call.callee().filter(|c| c.name() == "map_err") else { return };
    let Some(closure) = call.arguments().next() else { return };
    cx.site();
    let ignored =
        closure.is(Kind::Lambda) && closure.get(Role::Parameter).is_some_and(|p| p.text().starts_with('_'));
    // Only where what failed is known to say more than that it failed.
    let source = callee.object().map(failing_call).filter(|c| c.is(Kind::Call));
    let effects = source.map(|s| cx.effects(s)).unwrap_or_default();
    let tells = effects.intersects(Effects::NETWORK | Effects::DATABASE | Effects::FILES | Effects::PROCESS);
    if ignored && tells {
        let finding = cx
            .finding(closure, "the error is dropped for another one")
            .why(WHY)
            .help("Keep it as the new error's source, or log it here.")
            .confidence(Confidence::Medium);
        cx.report(finding);
    }
}

/// The call whose result an expression handles: through `.await` and `?`.
fn failing_call(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while matches!(node.kind(), Kind::Await | Kind::Propagate) {
        match node.get(Role::Value) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}
