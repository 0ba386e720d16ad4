//! Python: relations between the models of an ORM, which are read from the database where code looks at them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Kind, Node, Role};

use crate::values::{Given, any_behind, given};

/// How many names a query is followed through.
const MAX_STEPS: u32 = 4;

/// A relation of the rows that a loop goes over, read for each of them.
pub(crate) struct LazyLoad<'a> {
    /// Where it is read.
    pub(crate) read: Node<'a>,
    /// The model that has it, as the code names it.
    pub(crate) model: String,
}

/// The first relation that a loop reads of each row, where its query does not load relations with the rows.
pub(crate) fn lazy_load<'a>(cx: &Check<'a>, around: Node<'a>) -> Option<LazyLoad<'a>> {
    let (target, rows) = clause(around)?;
    let of_row = |n: &Node<'_>| {
        n.is(Kind::Attribute)
            && n.object().is_some_and(|o| o.is(Kind::Name) && o.name() == target.name())
            && !matches!(n.role(), Role::Target | Role::Callee)
    };
    let mut reads = around.descendants_here().filter(of_row).peekable();
    reads.peek()?;
    let model = model_of(cx, rows)?;
    let read = reads.find(|n| is_lazy(cx, &model, n.name()))?;
    Some(LazyLoad { read, model: model.rsplit('.').next().unwrap_or_default().to_owned() })
}

/// What a loop or comprehension of one clause calls each row, and the rows.
fn clause<'a>(around: Node<'a>) -> Option<(Node<'a>, Node<'a>)> {
    let each = match around.kind() {
        Kind::Comprehension => {
            let mut clauses = around.children().filter(|c| c.is(Kind::Clause));
            clauses.next().filter(|_| clauses.next().is_none())?
        }
        _ => around,
    };
    Some((each.get(Role::Target).filter(|t| t.is(Kind::Name))?, each.get(Role::Iterable)?))
}

/// What the expressions behind rows say of them.
#[derive(Default)]
struct Query {
    /// The classes of the workspace that they name.
    models: BTreeSet<String>,
    /// They ask a database.
    asks: bool,
    /// They load relations too, or may, or give something else than objects.
    loads: bool,
}

/// The model whose rows an expression holds: the one class of the workspace that its query names.
fn model_of<'a>(cx: &Check<'a>, rows: Node<'a>) -> Option<String> {
    let seen = RefCell::new(Query::default());
    any_behind(rows, MAX_STEPS, |part, behind| {
        let mut query = seen.borrow_mut();
        match part.kind() {
            Kind::Call => {
                let meaning = cx.meaning(part);
                let own = cx.workspace_callee(part).is_some_and(|p| cx.workspace().function(&p).is_some());
                let plain = matches!(
                    part.callee().map_or("", Node::name),
                    "values" | "values_list" | "mappings" | "prefetch"
                );
                query.asks |=
                    meaning.is_some_and(|m| m.is("filters-rows") || m.effects.contains(Effects::DATABASE));
                query.loads |= own || plain || meaning.is_some_and(|m| m.is("loads-eagerly"));
            }
            Kind::Name => {
                let given = given(cx, part);
                if given.is_empty() {
                    query.models.extend(cx.name_of(part).filter(|p| cx.workspace().class(p).is_some()));
                }
                behind.extend(given.into_iter().filter_map(|g| match g {
                    Given::Value(value) | Given::Added(value) => Some(value),
                    Given::Other(_) => None,
                }));
            }
            _ => {}
        }
        false
    });
    let query = seen.into_inner();
    let asks = query.asks || cx.type_meaning(rows).is_some_and(|m| m.is("lazy-rows"));
    let mut models = query.models.into_iter();
    let only = models.next().filter(|_| models.next().is_none())?;
    (asks && !query.loads).then_some(only)
}

/// Whether reading a field of a model's object queries the database.
fn is_lazy(cx: &Check<'_>, model: &str, field: &str) -> bool {
    let vocabulary = cx.resolver().vocabulary();
    let lineage = cx.resolver().lineage(model);
    // A manager of the project's own may load relations with each query.
    let own = |class: &String| cx.workspace().class(class).is_some_and(|c| c.fields.contains_key("objects"));
    if lineage.iter().any(own) {
        return false;
    }
    lineage.iter().filter_map(|class| cx.workspace().made(&format!("{class}.{field}"))).any(|made| {
        let meanings = [vocabulary.call(&made.by), vocabulary.type_of(&made.by)];
        let lazy = meanings.into_iter().flatten().any(|m| m.is("lazy-relation"));
        lazy && !made.given.contains_key("eager") && !made.open
    })
}

/// Whether a class of the workspace stands for a table.
pub(crate) fn is_table(cx: &Check<'_>, class: &str) -> bool {
    let named =
        |class: &String| cx.workspace().class(class).is_some_and(|c| c.fields.contains_key("__tablename__"));
    let is_own = cx.workspace().class(class).is_some();
    let lineage = if is_own { cx.resolver().lineage(class) } else { Vec::new() };
    lineage.iter().any(|class| named(class) || is_known_table(cx, class))
}

/// Whether a library says that what is derived from its class stands for a table.
pub(crate) fn is_known_table(cx: &Check<'_>, class: &str) -> bool {
    cx.resolver().vocabulary().type_of(class).is_some_and(|known| known.is("table"))
}
