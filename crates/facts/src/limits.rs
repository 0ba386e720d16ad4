//! Time limits that stand around code.

use crate::effect::Effects;
use crate::fact::{Kind, Node, Role};
use crate::vocabulary::Meaning;

/// Whether something around a call limits how long it runs: `wait_for(...)`, `async with timeout(...)`, a decorator, a timer that it is raced
/// with. `meaning` says what a call or decorator means.
pub fn is_inside_limit<'m>(node: Node<'_>, meaning: &dyn Fn(Node<'_>) -> Option<&'m Meaning>) -> bool {
    let limits = |n: Node<'_>| meaning(n).is_some_and(|m| m.is("limits-time") || m.is("sets-timeout"));
    let around = node.ancestors().take_while(|n| !matches!(n.kind(), Kind::Class | Kind::Module));
    let mut inner = node;
    for outer in around {
        let limited = match outer.kind() {
            Kind::Call => limits(outer) || is_raced(outer, inner, node, meaning),
            Kind::With => outer.all(Role::Item).filter_map(|i| i.get(Role::Value)).any(limits),
            Kind::Function => {
                outer.all(Role::Decorator).any(|d| meaning(d).is_some_and(|m| m.is("timeout-decorator")))
            }
            _ => false,
        };
        if limited {
            return true;
        }
        inner = outer;
    }
    false
}

/// Rust: whether a call is what an arm of `select!` waits for, beside one that waits for a timer: `_ = sleep(LIMIT) => break`.
fn is_raced<'m>(
    select: Node<'_>,
    arm: Node<'_>,
    call: Node<'_>,
    meaning: &dyn Fn(Node<'_>) -> Option<&'m Meaning>,
) -> bool {
    let is_timer = |n: Node<'_>| meaning(n).is_some_and(|m| m.effects.contains(Effects::SLEEPS));
    arm.is(Kind::Arm)
        && select.callee().is_some_and(|c| c.name() == "select!")
        && arm.get(Role::Value).is_some_and(|awaited| call.is_in(awaited))
        && select.arguments().any(|other| other != arm && other.get(Role::Value).is_some_and(is_timer))
}
