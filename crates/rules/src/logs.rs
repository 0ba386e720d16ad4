//! Log calls in all three languages.

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Flags, Kind, Meaning, Node, Role};
use shipworthy_syntax::Language;

use crate::handlers::{self, Handler};
use crate::program;

/// An exception that is logged without its traceback.
pub(crate) struct AsText<'a> {
    /// The handler's exception, as the handler names it; empty where it has no name.
    pub(crate) error: &'a str,
    /// The handler takes every exception: nobody knows which one it was.
    pub(crate) broad: bool,
}

/// Python: what an error-level log call in an exception handler logs as text only; none where the traceback is logged there, reported, or
/// travels on with the exception.
pub(crate) fn exception_as_text<'a>(cx: &Check<'_>, call: Node<'a>) -> Option<AsText<'a>> {
    let within = call.ancestors().take_while(|n| !matches!(n.kind(), Kind::Function | Kind::Lambda));
    let node = within.into_iter().find(|n| n.is(Kind::Handler))?;
    let handler = handlers::handler(cx, node).filter(|_| cx.language() == Language::Python)?;
    let meaning = cx.meaning(call).filter(|m| m.is("log") && is_error_level(cx, call, m))?;
    let traced = handler.calls().any(|c| leaves_traceback(cx, c)) || call.has_spread() && meaning.guessed;
    if traced || handler.has_effect(cx, Effects::ALERTS | Effects::EXITS) || travels_on(cx, &handler) {
        return None;
    }
    if program::speaks_to_user(cx, call) || follows_report(cx, &handler, call) {
        return None;
    }
    let mut types = node.all(Role::Type).flat_map(|t| std::iter::once(t).chain(t.all(Role::Element)));
    let broad =
        node.get(Role::Type).is_none() || types.any(|t| cx.value_meaning(t).is_some_and(|m| m.is("broad")));
    Some(AsText { error: handler.error, broad })
}

/// Whether a log call says something else, below one that shows the exception.
fn follows_report(cx: &Check<'_>, handler: &Handler<'_>, call: Node<'_>) -> bool {
    let shows = |c: Node<'_>| {
        c.arguments()
            .flat_map(|a| std::iter::once(a).chain(a.descendants()))
            .any(|n| n.is(Kind::Name) && n.name() == handler.error)
    };
    let mut before = handler.calls().filter(|c| c.index() < call.index());
    !handler.error.is_empty()
        && !shows(call)
        && before.any(|c| cx.meaning(c).is_some_and(|m| m.is("log")) && shows(c))
}

/// Whether a log call writes an error, by its name or by the level that it is given.
fn is_error_level(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> bool {
    let given = || cx.argument(call, "level").is_some_and(|l| matches!(l.name(), "ERROR" | "CRITICAL"));
    meaning.property("level").map_or_else(given, |level| level == "error")
}

/// Whether a call writes the traceback of the exception at hand: by itself, because it is told to, or as a part of its message.
pub(crate) fn leaves_traceback(cx: &Check<'_>, call: Node<'_>) -> bool {
    // What is made of `sys.exc_info()` has it.
    if call.callee().is_some_and(|c| c.name() == "exc_info") {
        return true;
    }
    let told = |c: Node<'_>| cx.argument(c, "traceback").is_some_and(|t| !t.is_boolean(false));
    cx.method_chain(call).any(told)
        || cx.meaning(call).is_some_and(|m| m.property("traceback") == Some("true") || m.is("traceback"))
        || call.has_spread() && cx.meaning(call).is_some_and(|m| m.is("log"))
}

/// Whether a handler raises, or hands its exception itself to somebody, with the traceback in it.
fn travels_on(cx: &Check<'_>, handler: &Handler<'_>) -> bool {
    handler.facts().any(|n| match n.kind() {
        Kind::Raise => true,
        Kind::Name if !handler.error.is_empty() && n.name() == handler.error => {
            let Some(around) = n.parent() else { return false };
            match (around.kind(), n.role()) {
                (Kind::Return | Kind::Yield | Kind::Assign, Role::Value) => true,
                (Kind::Call, Role::Argument) => {
                    let logs = cx.meaning(around).is_some_and(|m| m.effects.contains(Effects::LOGS));
                    !logs && !is_builtin(cx, around)
                }
                _ => false,
            }
        }
        _ => false,
    })
}

/// `str(e)`, `isinstance(e, ..)`: what Python has by itself only looks at what it is given.
fn is_builtin(cx: &Check<'_>, call: Node<'_>) -> bool {
    call.callee().is_some_and(|c| {
        c.is(Kind::Name)
            && cx.environment().lookup(c.name()).is_none()
            && cx.resolver().bindings(c).is_empty()
            && c.name().starts_with(|c: char| c.is_ascii_lowercase())
    })
}

/// The message that a log call is given. Rust's macros may have fields before it.
pub(crate) fn message<'a>(cx: &Check<'_>, call: Node<'a>) -> Option<Node<'a>> {
    if cx.language() != Language::Rust {
        return cx.argument(call, "message");
    }
    let is_text = |a: &Node<'_>| {
        matches!(a.kind(), Kind::String | Kind::Template) || a.is(Kind::Call) && a.has(Flags::MACRO)
    };
    call.arguments().filter(|a| a.label().is_empty()).find(is_text)
}
