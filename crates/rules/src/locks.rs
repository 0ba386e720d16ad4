//! Whether a lock is held at a place, and what names say of it.

use shipworthy_audit::Check;
use shipworthy_facts::{Kind, Node, Role};

use crate::names::words;

/// Whether a lock is held at a place: a `with` around it, or one that was taken before in its function.
pub(crate) fn is_guarded(cx: &Check<'_>, at: Node<'_>, function: Node<'_>) -> bool {
    let is_lock = |item: Node<'_>| {
        let entered = item.get(Role::Value).and_then(|value| cx.type_meaning(value));
        entered.is_some_and(|t| t.is("lock"))
    };
    let around = at
        .ancestors()
        .take_while(|n| *n != function)
        .any(|n| is_with_lock(n) || n.is(Kind::With) && n.all(Role::Item).any(is_lock));
    // `LOADED.call_once(|| ...)`
    let once = at.ancestors().any(|n| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("once")));
    let mut before = function.descendants().take_while(|n| n.index() < at.index());
    around || once || before.any(|n| takes_lock(cx, n) && !is_released(n, at))
}

/// Go: whether the block that takes a lock has given it back before a place.
fn is_released(taken: Node<'_>, at: Node<'_>) -> bool {
    let object = |call: Node<'_>| call.callee().and_then(Node::object).map(|o| o.text().to_owned());
    let gives_back = |s: Node<'_>| {
        s.is(Kind::Call)
            && matches!(s.callee().map_or("", Node::name), "Unlock" | "RUnlock")
            && object(s) == object(taken)
    };
    let statement = taken.statement();
    let block = statement.parent().filter(|_| statement == taken);
    let between = block.into_iter().flat_map(|b| b.all(Role::Statement));
    between.filter(|s| taken.index() < s.index() && s.index() < at.index()).any(gives_back)
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

/// Whether a word of a function's name says that it takes a lock.
pub(crate) fn lock_word(word: &str) -> bool {
    matches!(word, "lock" | "rlock" | "trylock" | "acquire")
}

/// Whether a word of a function's name says that it gives a lock back.
pub(crate) fn unlock_word(word: &str) -> bool {
    matches!(word, "unlock" | "runlock")
}

/// Whether a function's name says that it runs before there is anybody to share with.
pub(crate) fn runs_once(name: &str) -> bool {
    const ONCE: [&str; 15] = [
        "start",
        "open",
        "init",
        "main",
        "register",
        "setup",
        "configure",
        "initialize",
        "startup",
        "lifespan",
        "load",
        "reset",
        "clear",
        "shutdown",
        "teardown",
    ];
    words(name).first().is_some_and(|w| ONCE.contains(&w.as_str()))
}
