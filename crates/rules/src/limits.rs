//! The limit on a request's body, as Go's handlers set it.

use shipworthy_audit::{Check, Fix};
use shipworthy_facts::{Kind, Node, Role, Value};

/// The whitespace before a statement, where nothing else stands before it on its line.
pub(crate) fn indentation(statement: Node<'_>) -> Option<&str> {
    let text = &*statement.facts().text;
    let line = text.get(..statement.range().start as usize)?.rsplit('\n').next()?;
    line.trim().is_empty().then_some(line)
}

/// The request of the standard library that an expression is or holds: `r`, `c.Request`.
pub(crate) fn body_of(cx: &Check<'_>, request: Node<'_>) -> Option<String> {
    let class = cx.type_of(request)?;
    if class == "net/http.Request" {
        return Some(request.text().to_owned());
    }
    let known = cx.resolver().vocabulary().type_of(&class)?;
    let field = known.fields.iter().find(|(_, field)| **field == *"net/http.Request")?;
    Some(format!("{}.{}", request.text(), field.0))
}

/// The writer of the answer that goes with a request: the parameter that is one, or the field beside the request.
pub(crate) fn writer(cx: &Check<'_>, at: Node<'_>, request: &str) -> Option<String> {
    let functions = at.ancestors().filter(|n| matches!(n.kind(), Kind::Function | Kind::Lambda));
    let parameters = functions.flat_map(|f| f.all(Role::Parameter));
    let of_type = |annotation: Node<'_>| match cx.resolver().annotation(annotation.text()) {
        Value::Instance(class) => cx.resolver().vocabulary().type_of(&class),
        _ => None,
    };
    for parameter in parameters {
        let Some(known) = parameter.get(Role::Type).and_then(of_type) else { continue };
        if known.is("response-writer") {
            return Some(parameter.name().to_owned());
        }
        let writes =
            |class: &str| cx.resolver().vocabulary().type_of(class).is_some_and(|m| m.is("response-writer"));
        let field = known.fields.iter().find(|(_, class)| writes(class));
        if let Some((field, _)) = field.filter(|_| request.starts_with(&format!("{}.", parameter.name()))) {
            return Some(format!("{}.{field}", parameter.name()));
        }
    }
    None
}

/// Adds to a fix the statement that limits the body of a request, before the statement that reads it.
pub(crate) fn limit_body(
    cx: &Check<'_>,
    fix: Fix,
    read: Node<'_>,
    request: &str,
    limit: &str,
) -> Option<Fix> {
    let statement = read.statement();
    let indent = indentation(statement).filter(|_| statement.parent().is_some_and(|p| p.is(Kind::Block)))?;
    let writer = writer(cx, read, request)?;
    let (http, import) = cx.import("net/http", "");
    let text = format!("{request}.Body = {http}.MaxBytesReader({writer}, {request}.Body, {limit})\n{indent}");
    Some(fix.insert(statement.range().start, text).import(import))
}
