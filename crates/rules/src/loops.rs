//! What loops go over.

use shipworthy_facts::{Flags, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::values::is_constant_name;

/// The part of a loop that has its target and what it goes over: of a comprehension, its first clause.
pub(crate) fn clause(around: Node<'_>) -> Node<'_> {
    around.all(Role::Item).next().unwrap_or(around)
}

/// What a loop goes over, which stands for its header.
pub(crate) fn header(around: Node<'_>) -> Node<'_> {
    clause(around).get(Role::Iterable).unwrap_or(around)
}

/// Whether a loop goes over items of data: not over tries, pages, batches, numbers or the first few.
pub(crate) fn goes_over_items(around: Node<'_>) -> bool {
    let over = header(around);
    let literal = |n: Node<'_>| matches!(n.kind(), Kind::RangeLiteral | Kind::Tuple | Kind::List | Kind::Set);
    // `dict.fromkeys((first, second))`
    let of_literal = over.is(Kind::Call) && over.positional(0).is_some_and(literal);
    // Python: `Preferences.defaults`, and `async for db in get_session()`, which gives one.
    let of_class = over.is(Kind::Attribute)
        && over.language() == Language::Python
        && over.object().is_some_and(|o| o.is(Kind::Name) && o.name().starts_with(char::is_uppercase));
    let lent = over.is(Kind::Call)
        && clause(around)
            .get(Role::Target)
            .is_some_and(|t| matches!(t.text(), "db" | "session" | "conn" | "connection"));
    let written_out = literal(over) || of_literal || of_class || lent || is_constant_name(over.name());
    if over == around || written_out || over.is_literal() {
        return false;
    }
    // `names[:10]`
    let from_the_start =
        |o: Node<'_>| over.text().get(o.text().len()..).is_some_and(|rest| rest.starts_with("[:"));
    let few = over.is(Kind::Slice)
        && over.object().is_some_and(from_the_start)
        && over.children().any(|c| c.is(Kind::Number));
    let ranged = over.is(Kind::Call)
        && over.callee().is_some_and(|c| matches!(c.name(), "range" | "count" | "repeat"));
    const NO_ITEMS: [&str; 17] = [
        "batch", "batches", "chunk", "chunks", "chunked", "batched", "page", "pages", "attempt", "attempts",
        "retry", "retries", "try", "tries", "offset", "shard", "shards",
    ];
    let no_item = |n: Node<'_>| words(n.text()).iter().any(|w| NO_ITEMS.contains(&w.as_str()));
    // `for row in batch` goes over what is in one.
    let one = over.is(Kind::Name) && matches!(over.name(), "batch" | "chunk" | "page");
    let named = clause(around).all(Role::Target).any(no_item) || !one && no_item(over);
    !ranged && !named && !few
}

/// Whether an expression uses a name that something binds outside a call.
pub(crate) fn uses(expression: Node<'_>, binds: Node<'_>, call: Node<'_>) -> bool {
    let bound = |name: &str| {
        let mut names = std::iter::once(binds).chain(binds.descendants_here());
        names.any(|n| n.is(Kind::Name) && n.has(Flags::BINDS) && n.name() == name && !n.is_in(call))
    };
    let mut names = std::iter::once(expression).chain(expression.descendants_here());
    names.any(|n| n.is(Kind::Name) && !n.has(Flags::BINDS) && bound(n.name()))
}
