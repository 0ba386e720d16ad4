//! Whether a lock is held at a place.

use shipworthy_audit::Check;
use shipworthy_facts::{Kind, Node, Role};

use crate::names::words;

/// Whether a lock is held at a place: a `with` around it, or one that was taken before in its function.
pub(crate) fn is_guarded(cx: &Check<'_>, at: Node<'_>, function: Node<'_>) -> bool {
    let around = at.ancestors().take_while(|n| *n != function).any(is_with_lock);
    let mut before = function.descendants().take_while(|n| n.index() < at.index());
    around || before.any(|n| takes_lock(cx, n))
}

/// Whether a fact is a `with` that holds a lock, by the name of what it enters.
pub(crate) fn is_with_lock(node: Node<'_>) -> bool {
    const LOCKS: [&str; 12] = [
        "lock",
        "rlock",
        "locked",
        "mutex",
        "mu",
        "mtx",
        "semaphore",
        "once",
        "guard",
        "cond",
        "condition",
        "transaction",
    ];
    let says_lock = |item: Node<'_>| words(item.text()).iter().any(|w| LOCKS.contains(&w.as_str()));
    node.is(Kind::With) && node.all(Role::Item).any(says_lock)
}

/// Whether a fact is a call that takes a lock, or that runs something once.
pub(crate) fn takes_lock(cx: &Check<'_>, node: Node<'_>) -> bool {
    const NAMES: [&str; 6] = ["Lock", "RLock", "TryLock", "Do", "acquire", "lock"];
    node.is(Kind::Call)
        && (cx.meaning(node).is_some_and(|m| m.is("acquire") || m.is("once"))
            || node.callee().is_some_and(|c| NAMES.contains(&c.name())))
}
