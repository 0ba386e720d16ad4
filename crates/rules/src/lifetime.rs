//! How long what a call makes lives: as long as the program, or only for one call of the function around it.

use shipworthy_audit::Check;
use shipworthy_facts::{Flags, Kind, Node, Operator, Role, enclosing_loop};

use crate::names::words;

/// How often a call makes something anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// Once, or as often as somebody decided: at the top level, in a constructor, behind a check, in a cached function.
    Once,
    /// On each call of the function around it, for use in that call only.
    PerCall,
    /// For each item of a loop.
    PerItem,
    /// On each call of a function that hands it to its caller.
    Handed,
}

/// How often a call makes something anew, as far as its own function tells.
pub(crate) fn made(cx: &Check<'_>, call: Node<'_>) -> Made {
    let Some(function) = cx.named_function(call) else { return Made::Once };
    let kept_by_decorator =
        ["cache-decorator", "once-decorator", "fixture-decorator", "context-manager-decorator"];
    if kept_by_decorator.into_iter().any(|role| cx.is_decorated(function, role))
        || runs_once(function)
        || cx.is_program_entry(call)
    {
        return Made::Once;
    }
    let repeated =
        enclosing_loop(call, function).is_some_and(|l| l.is(Kind::For) || l.is(Kind::Comprehension));
    match holder(call) {
        Holder::Stored => Made::Once,
        Holder::Returned => {
            if is_guarded(call, function) {
                Made::Once
            } else {
                Made::Handed
            }
        }
        Holder::Local(name) => {
            // Local, but kept elsewhere later: `self.client = client`, `cache[key] = client`, `return client`.
            let escapes = function
                .descendants_here()
                .filter(|n| n.is(Kind::Name) && n.name() == name && !n.has(Flags::BINDS))
                .find_map(|n| match n.role() {
                    Role::Value if n.parent().is_some_and(|p| p.is(Kind::Assign)) => {
                        let target = n.parent().and_then(|p| p.get(Role::Target));
                        target.is_some_and(|t| !t.is(Kind::Name)).then_some(Made::Once)
                    }
                    Role::Value
                        if n.parent().is_some_and(|p| matches!(p.kind(), Kind::Return | Kind::Yield)) =>
                    {
                        Some(Made::Handed)
                    }
                    Role::Element | Role::Argument => Some(Made::Once),
                    // `Ok(pool.into())`
                    Role::Object if converts_into_result(n) => Some(Made::Handed),
                    _ => None,
                });
            let declared_global = function
                .descendants_here()
                .any(|n| n.is(Kind::Global) && n.children().any(|c| c.name() == name));
            match escapes {
                _ if declared_global || is_guarded(call, function) => Made::Once,
                Some(made) => made,
                None if repeated => Made::PerItem,
                None => Made::PerCall,
            }
        }
        Holder::Used if repeated => Made::PerItem,
        Holder::Used => Made::PerCall,
        Holder::Unknown => Made::Once,
    }
}

/// Rust: whether a function gives its caller what it makes of a value by `into`.
fn converts_into_result(value: Node<'_>) -> bool {
    let Some(call) = value.parent().filter(|p| p.name() == "into").and_then(Node::parent) else {
        return false;
    };
    let whole = call.ancestors().take_while(|a| a.is(Kind::Call)).last().unwrap_or(call);
    whole.has(Flags::IMPLICIT) || whole.parent().is_some_and(|p| p.is(Kind::Return))
}

enum Holder<'a> {
    /// In a local name.
    Local(&'a str),
    /// In a field, an element, a global.
    Stored,
    Returned,
    /// Used on the spot: `connect().cursor()`.
    Used,
    Unknown,
}

fn holder(call: Node<'_>) -> Holder<'_> {
    let mut inner = call;
    for outer in call.ancestors() {
        match outer.kind() {
            Kind::Await | Kind::Propagate | Kind::Reference => inner = outer,
            // Rust and Go: `connect().unwrap()`, `connect().await?` hand the value on.
            Kind::Attribute if matches!(outer.name(), "unwrap" | "expect" | "context" | "map_err") => {
                inner = outer
            }
            Kind::Call if inner.role() == Role::Callee => inner = outer,
            Kind::Attribute if inner.role() == Role::Object => return Holder::Used,
            Kind::Assign => {
                return match outer.get(Role::Target) {
                    Some(target) if target.is(Kind::Name) => Holder::Local(target.name()),
                    Some(target) if target.is(Kind::Pattern) || target.is(Kind::Tuple) => Holder::Unknown,
                    _ => Holder::Stored,
                };
            }
            Kind::WithItem => {
                return match outer.get(Role::Target) {
                    Some(target) if target.is(Kind::Name) => Holder::Local(target.name()),
                    _ => Holder::Used,
                };
            }
            Kind::Return | Kind::Yield => return Holder::Returned,
            Kind::Construct | Kind::Entry => return Holder::Stored,
            _ => return Holder::Unknown,
        }
    }
    Holder::Unknown
}

/// Whether a call runs only when what it makes is not there yet: under `if x is None`, `if key not in cache`, `if not x`, or behind `x or`.
fn is_guarded(call: Node<'_>, function: Node<'_>) -> bool {
    let mut inner = call;
    for outer in call.ancestors() {
        if outer == function {
            break;
        }
        let guarded = match outer.kind() {
            Kind::If | Kind::Conditional if inner.role() != Role::Condition => {
                outer.get(Role::Condition).is_some_and(asks_for_absence)
            }
            Kind::Binary => outer.operator() == Operator::Or,
            _ => false,
        };
        if guarded {
            return true;
        }
        inner = outer;
    }
    false
}

fn asks_for_absence(condition: Node<'_>) -> bool {
    std::iter::once(condition).chain(condition.descendants()).any(|n| match n.kind() {
        Kind::Compare => {
            let nothing = n.all(Role::Operand).any(|o| o.is(Kind::Nothing));
            n.operator() == Operator::NotIn
                || nothing
                    && matches!(n.operator(), Operator::Is | Operator::Eq | Operator::Ne | Operator::IsNot)
        }
        Kind::Unary => n.operator() == Operator::Not,
        _ => false,
    })
}

/// Whether a function's name says that it runs once: a constructor, set-up, `main`, training.
fn runs_once(function: Node<'_>) -> bool {
    const ONCE: &[&str] = &[
        "main",
        "init",
        "initialize",
        "setup",
        "configure",
        "lifespan",
        "startup",
        "start",
        "load",
        "preload",
        "warmup",
        "train",
        "training",
        "finetune",
        "evaluate",
        "benchmark",
        "export",
        "convert",
        "download",
        "quantize",
        "bootstrap",
        "new",
        "make",
        "build",
        "create",
        "register",
        "upgrade",
        "downgrade",
        "validate",
        "check",
        "test",
        "probe",
        "ping",
        "health",
        "reload",
    ];
    let name = function.name();
    matches!(name, "__init__" | "__new__" | "__enter__" | "__aenter__" | "__post_init__")
        || words(name).iter().take(2).any(|w| ONCE.contains(&w.as_str()))
        || words(name).iter().any(|w| matches!(w.as_str(), "migrate" | "migrations"))
        || constructs(function)
}

/// Python: whether a function is another constructor of its class: it gives `cls(...)`.
fn constructs(function: Node<'_>) -> bool {
    let class = function.get(Role::Parameter).filter(|p| p.name() == "cls");
    let makes =
        |n: Node<'_>| n.is(Kind::Call) && n.callee().is_some_and(|c| c.is(Kind::Name) && c.name() == "cls");
    class.is_some()
        && function.descendants_here().any(|n| n.is(Kind::Return) && n.all(Role::Value).any(makes))
}
