//! What a call in a loop over items of data does for each item.

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::handlers::handler;
use crate::loops::{clause, uses};
use crate::values::{Given, behind, given};

/// Whether what a call asks for changes with the item: its arguments use a name that the loop binds, or it asks a relation of the
/// item itself (`client.quotes.all()`). Reading on from a result (`rows.fetchall()`) asks for nothing new.
pub(crate) fn depends(cx: &Check<'_>, call: Node<'_>, around: Node<'_>) -> bool {
    // A table's name in the text makes another query of it, which no batch can serve.
    let asks = |argument: &Node<'_>| !(argument.is(Kind::Template) || argument.is(Kind::Binary));
    if cx.method_chain(call).flat_map(Node::arguments).filter(asks).any(|a| uses(a, around, call)) {
        return true;
    }
    let start = cx.method_chain(call).last().and_then(Node::callee).and_then(Node::object);
    // `store = Store(tenant)`, then `store.quotes()`.
    let made = start.filter(|s| s.is(Kind::Name)).and_then(|s| match given(cx, s)[..] {
        [Given::Value(made)]
            if made.is(Kind::Call)
                && cx.meaning(made).is_none()
                && made.is_in(cx.facts().node(around.index())) =>
        {
            Some(made)
        }
        _ => None,
    });
    if made.is_some_and(|made| made.arguments().any(|a| uses(a, around, made))) {
        return true;
    }
    let targets = clause(around).get(Role::Target);
    start
        .filter(|s| s.is(Kind::Attribute))
        .zip(targets)
        .is_some_and(|(start, targets)| uses(start, targets, call))
}

/// Whether the loop says that each item stands or falls alone: what fails is handled in it, and it goes on; or each item has a
/// transaction of its own.
pub(crate) fn stands_alone(cx: &Check<'_>, call: Node<'_>, around: Node<'_>) -> bool {
    let inside = || call.ancestors().take_while(|a| *a != around);
    if inside().any(|a| a.is(Kind::Try) && a.get(Role::Handler).is_some()) {
        return true;
    }
    let transaction = |n: Node<'_>| {
        n.is(Kind::Call)
            && cx.meaning(n).is_some_and(|m| m.effects.intersects(Effects::BEGINS | Effects::COMMITS))
    };
    around.descendants_here().any(|n| transaction(n) || goes_on(cx, n))
}

/// Whether a fact handles an error and stays in the loop.
fn goes_on(cx: &Check<'_>, node: Node<'_>) -> bool {
    if cx.language() == Language::Python {
        return false;
    }
    handler(cx, node).is_some_and(|h| {
        !h.facts().any(|n| {
            matches!(n.kind(), Kind::Return | Kind::Propagate | Kind::Break)
                || n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.effects.contains(Effects::EXITS))
        })
    })
}

/// The first word of the SQL text that a call executes, in lower case. In a chain the text stands further up
/// (`query(..).bind(..).execute(..)`).
pub(crate) fn sql_verb(cx: &Check<'_>, call: Node<'_>) -> Option<String> {
    let sql = cx.method_chain(call).find_map(|c| cx.argument(c, "sql"))?;
    // The nodes of a check live as long as its item.
    let sql = behind(cx, cx.facts().node(sql.index()));
    let text = if matches!(sql.kind(), Kind::Template | Kind::Binary) { sql.children().next()? } else { sql };
    let text = text.string()?;
    let first: String = text.trim_start().chars().take_while(|c| c.is_ascii_alphabetic()).collect();
    (!first.is_empty()).then(|| first.to_ascii_lowercase())
}

/// Whether a call writes rows, by its effects or by its SQL text.
pub(crate) fn writes_rows(cx: &Check<'_>, call: Node<'_>) -> bool {
    let Some(meaning) = cx.meaning(call) else { return false };
    const VERBS: [&str; 6] = ["insert", "update", "delete", "replace", "merge", "upsert"];
    match sql_verb(cx, call) {
        Some(verb) => {
            meaning.effects.contains(Effects::DATABASE)
                && !meaning.is("batch")
                && VERBS.contains(&verb.as_str())
        }
        None if meaning.effects.contains(Effects::EXECUTES_SQL) => {
            // `session.execute(update(Order).where(...))`
            let sql = cx.argument(call, "sql").map(|sql| behind(cx, cx.facts().node(sql.index())));
            let writes = |c: Node<'_>| cx.meaning(c).is_some_and(|m| m.is("writes-rows"));
            sql.is_some_and(|sql| sql.is(Kind::Call) && cx.method_chain(sql).any(writes))
        }
        None => meaning.effects.contains(Effects::WRITES),
    }
}
