//! Calls that give something to await, and what becomes of it.

use shipworthy_audit::Check;
use shipworthy_facts::{Flags, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

/// Who says that a call gives a coroutine or a future that does nothing until it is awaited.
pub(crate) enum Coroutine {
    /// A function inside the function around the call.
    Nested,
    /// A function of the workspace, by its absolute name.
    Workspace(String),
    /// The vocabulary.
    Library,
}

/// Whether a call gives a coroutine or a future that does nothing until it is awaited. Nothing is guessed: a decorator that nobody knows
/// may have made anything of the function.
pub(crate) fn coroutine(cx: &Check<'_>, call: Node<'_>) -> Option<Coroutine> {
    let callee = call.callee()?;
    if let Some(nested) = nested_function(cx, callee) {
        let plain = nested.has(Flags::ASYNC)
            && !nested.has(Flags::GENERATOR)
            && nested.all(Role::Decorator).all(|d| cx.meaning(d).is_some_and(keeps_function));
        return plain.then_some(Coroutine::Nested);
    }
    if let Some(meaning) = cx.meaning(call) {
        let waits = meaning.awaits && !meaning.guessed && meaning.property("runs") != Some("itself");
        return waits.then_some(Coroutine::Library);
    }
    let path = cx.workspace_callee(call)?;
    let function = cx.workspace().function(&path)?;
    let vocabulary = cx.resolver().vocabulary();
    let plain = function.is_async
        && !function.is_generator
        && function.decorators.iter().all(|d| vocabulary.call(d).is_some_and(keeps_function))
        // `load = synchronous(load)`
        && cx.workspace().global(&path).is_none();
    plain.then_some(Coroutine::Workspace(path))
}

/// Whether a decorator gives its function back, or one that is called the same way.
fn keeps_function(decorator: &std::sync::Arc<shipworthy_facts::Meaning>) -> bool {
    ["keeps-function", "route", "retry-decorator"].into_iter().any(|role| decorator.is(role))
}

/// The function that a name calls, where it stands inside the function around.
pub(crate) fn nested_function<'a>(cx: &'a Check<'_>, callee: Node<'_>) -> Option<Node<'a>> {
    if !callee.is(Kind::Name) {
        return None;
    }
    cx.resolver().bindings(callee).pop().filter(|n| n.is(Kind::Function))
}

/// How the value of a call is lost: nobody can await it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost<'a> {
    /// The call is a statement.
    Dropped,
    /// It is given to a name that nobody uses.
    Unused(Node<'a>),
    /// It is taken for a truth value.
    Tested,
    /// It becomes a part of a text.
    Shown,
    /// One of its attributes or elements is used.
    Opened,
}

/// How the value of a call is lost, if it is.
pub(crate) fn lost<'a>(cx: &Check<'_>, call: Node<'a>) -> Option<Lost<'a>> {
    let parent = call.parent()?;
    let python = cx.language() == Language::Python;
    match (call.role(), parent.kind()) {
        // The tail of a Rust block is its value.
        (Role::Statement, Kind::Block | Kind::Module) => {
            (!call.has(Flags::IMPLICIT)).then_some(Lost::Dropped)
        }
        (Role::Value, Kind::Assign) => unused(call, parent).map(Lost::Unused),
        (Role::Part, Kind::Template) => Some(Lost::Shown),
        (Role::Object, Kind::Attribute) if python => {
            let own = ["send", "throw", "close", "add_done_callback"];
            (!own.contains(&parent.name()) && !parent.name().starts_with('_')).then_some(Lost::Opened)
        }
        (Role::Object, Kind::Index) if python => Some(Lost::Opened),
        _ if python && is_tested(call) => Some(Lost::Tested),
        _ => None,
    }
}

/// Whether the truth of an expression decides something.
fn is_tested(node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    match (node.role(), parent.kind()) {
        (Role::Condition, Kind::If | Kind::While | Kind::Conditional | Kind::Assert | Kind::Clause) => true,
        (Role::Operand, Kind::Unary) => parent.operator() == Operator::Not,
        (Role::Operand, Kind::Binary) => {
            matches!(parent.operator(), Operator::And | Operator::Or) && is_tested(parent)
        }
        _ => false,
    }
}

/// The name that an assignment gives the value of a call to, if nobody uses it in its function.
fn unused<'a>(call: Node<'a>, assign: Node<'a>) -> Option<Node<'a>> {
    let scope = call.function()?;
    let mut targets = assign.all(Role::Target);
    let (Some(target), None) = (targets.next(), targets.next()) else { return None };
    let only = assign.all(Role::Value).count() == 1 && assign.operator() == Operator::None;
    if !target.is(Kind::Name) || !only {
        return None;
    }
    let is_used = |n: Node<'_>| n.is(Kind::Name) && n.name() == target.name() && n != target;
    (!scope.descendants().any(is_used)).then_some(target)
}
