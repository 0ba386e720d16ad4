//! What checks the data that a function is given.

use std::collections::BTreeSet;
use std::sync::Arc;

use shipworthy_syntax::Language;

use crate::fact::{Kind, Node, Role};
use crate::resolve::{Resolver, Value};
use crate::summary::Origin;

/// The schemas and constraints of a function's parameters, as they are shown.
pub(crate) fn schemas(function: Node<'_>, resolver: &Resolver<'_>) -> BTreeSet<Arc<str>> {
    let mut found = BTreeSet::new();
    for parameter in function.all(Role::Parameter) {
        let given = parameter.get(Role::Default).filter(|d| d.is(Kind::Call));
        found.extend(given.and_then(|call| constraint(call, resolver)));
        let annotation = parameter.get(Role::Type).map_or("", |t| t.text());
        // What another function makes comes from there, and not from the request: `user: User = Depends(current_user)`.
        if !given.is_some_and(|call| is_made(call, resolver)) && !says_maker(annotation, resolver) {
            found.extend(in_annotation(annotation, resolver));
        }
    }
    found
}

/// The validators that a function's body calls, as they are shown.
pub(crate) fn validators(function: Node<'_>, resolver: &Resolver<'_>) -> BTreeSet<Arc<str>> {
    let calls = function.descendants_here().filter(|n| n.is(Kind::Call));
    calls.filter_map(|call| checker(call, resolver)).collect()
}

/// Whether a default says which function makes the value. Without one the type itself is filled from the request.
fn is_made(call: Node<'_>, resolver: &Resolver<'_>) -> bool {
    let meaning = resolver.meaning(call).filter(|m| m.is("dependency"));
    meaning.and_then(|m| m.argument("function")).is_some_and(|function| function.of(call).is_some())
}

/// Whether an annotation says it: `Annotated[User, Depends(current_user)]`.
fn says_maker(annotation: &str, resolver: &Resolver<'_>) -> bool {
    annotation.split_once('(').is_some_and(|(before, after)| {
        let name = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        let Some(Origin::Item(path)) = resolver.environment().lookup(name) else { return false };
        !after.starts_with(')') && resolver.vocabulary().call(path).is_some_and(|m| m.is("dependency"))
    })
}

/// The schemas, and the constraints, in an annotation: `Annotated[OrderIn, Body()]`, `Valid<Json<OrderIn>>`.
fn in_annotation(annotation: &str, resolver: &Resolver<'_>) -> Vec<Arc<str>> {
    let names = annotation.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | ':')));
    let names = names.map(|name| name.trim_matches(['.', ':'])).filter(|name| !name.is_empty());
    let is_schema = |name: &&str| match resolver.annotation(name) {
        Value::Instance(class) | Value::Item(class) => is_schema(&class, resolver),
        Value::Unknown => false,
    };
    let mut found: Vec<Arc<str>> = names.filter(is_schema).map(last).collect();
    // A wrapper validates what it holds: that says more.
    if found.len() == 1
        && annotation.contains('<')
        && let Some(inner) = annotation.split(['<', '>']).rfind(|part| !part.is_empty())
    {
        found = vec![last(inner)];
    }
    found
}

fn is_schema(class: &str, resolver: &Resolver<'_>) -> bool {
    let lineage = resolver.lineage(class);
    let mut known = lineage.iter().filter_map(|class| resolver.vocabulary().type_of(class));
    known.any(|known| known.is("schema") || known.is("validates"))
}

/// `Query(ge=1)`: what a default says of the values that are taken.
fn constraint(call: Node<'_>, resolver: &Resolver<'_>) -> Option<Arc<str>> {
    let meaning = resolver.meaning(call)?;
    meaning.argument("constraint")?.of(call)?;
    Some(last(&meaning.name))
}

/// What a call checks data by: `OrderIn.model_validate(data)`, `c.ShouldBindJSON(&order)`, `order.validate()`.
fn checker(call: Node<'_>, resolver: &Resolver<'_>) -> Option<Arc<str>> {
    let object = call.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object);
    let of = |node: Node<'_>| match resolver.value(node) {
        Value::Instance(class) | Value::Item(class) => Some(class),
        Value::Unknown => None,
    };
    let checked = |node: Node<'_>| {
        let class = of(node)?;
        resolver.workspace().class(&class).filter(|class| class.is_validated).map(|_| last(&class))
    };
    if let Some(meaning) = resolver.meaning(call) {
        if meaning.is("validates") {
            let schema = object.and_then(of).filter(|class| resolver.workspace().class(class).is_some());
            let data = meaning.argument("data").and_then(|data| data.of(call)).and_then(checked);
            return data.or_else(|| Some(last(&schema.unwrap_or_else(|| meaning.name.to_string()))));
        }
        let validates = meaning.property("validates").is_some();
        return meaning.argument("into").filter(|_| validates)?.of(call).and_then(checked);
    }
    let validates = call.language() == Language::Rust && call.callee()?.name() == "validate";
    object.filter(|_| validates).and_then(checked)
}

/// The last part of a name.
fn last(name: &str) -> Arc<str> {
    name.rsplit(['.', ':', '/']).next().unwrap_or(name).into()
}
