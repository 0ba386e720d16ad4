//! Functions that run once for each request.

use shipworthy_audit::Check;
use shipworthy_facts::{Kind, Node, Origin, Role};

/// The function around a fact that runs for each request: a route's, or one that is given a request or what answers it.
pub(crate) fn request_handler<'a>(cx: &Check<'_>, node: Node<'a>) -> Option<Node<'a>> {
    node.ancestors().filter(|f| matches!(f.kind(), Kind::Function | Kind::Lambda)).find(|f| {
        cx.is_decorated(*f, "route")
            || f.all(Role::Parameter).filter_map(|p| p.get(Role::Type)).any(|t| is_request(cx, t.text()))
    })
}

/// Whether a type is a request's, an answer's, or that of a part of a request.
fn is_request(cx: &Check<'_>, annotation: &str) -> bool {
    const ROLES: [&str; 3] = ["http-request", "response-writer", "request-data"];
    let vocabulary = cx.resolver().vocabulary();
    let has_role = |path: &str| vocabulary.type_of(path).is_some_and(|t| ROLES.into_iter().any(|r| t.is(r)));
    // What stands for the value that it holds: `Json<Order>`.
    if let Some((outer, _)) = annotation.split_once('<') {
        if let Some(Origin::Item(path)) = cx.environment().lookup(outer) {
            return has_role(path);
        }
        // `use super::*`
        let behind = |name: String| cx.workspace().alias(&name).is_some_and(|path| has_role(&path));
        if cx.environment().candidates(outer).any(behind) {
            return true;
        }
    }
    match cx.resolver().annotation(annotation) {
        shipworthy_facts::Value::Instance(path) => has_role(&path),
        _ => false,
    }
}
