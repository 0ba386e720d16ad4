//! Sessions of HTTP clients.

use shipworthy_audit::Check;
use shipworthy_facts::{Kind, Node};

/// The adapters that are mounted on a session in the item.
pub(crate) fn adapters<'a>(cx: &Check<'a>, session: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    let on_it = move |call: Node<'a>| {
        call.callee().and_then(Node::object).is_some_and(|o| o.text() == session.text())
    };
    let calls = cx.facts().nodes().filter(move |n| n.is(Kind::Call) && on_it(*n));
    calls.filter_map(|call| cx.argument(call, "adapter"))
}
