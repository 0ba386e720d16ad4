//! The methods of requests that code names.

use std::sync::Arc;

use crate::fact::{Kind, Node, Role};
use crate::resolve::Resolver;

/// The method that a function is named after.
pub(super) fn method_named(name: &str) -> Option<Arc<str>> {
    let method = name.to_ascii_uppercase();
    let method = method.strip_prefix("ADD_").unwrap_or(&method);
    let method = if method == "DEL" { "DELETE" } else { method };
    matches!(method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" | "CONNECT" | "TRACE")
        .then(|| method.into())
}

/// The methods that a list names, or the keys of a dictionary: `["GET", "POST"]`, `{"get": "list"}`.
pub(super) fn methods_of_argument(list: Node<'_>) -> Vec<Arc<str>> {
    match list.kind() {
        Kind::Dictionary => {
            let keys = list.all(Role::Element).filter_map(|entry| entry.get(Role::Key));
            keys.filter_map(method_of_argument).collect()
        }
        Kind::String | Kind::Name | Kind::Attribute => method_of_argument(list).into_iter().collect(),
        _ => {
            let elements = list.children().filter(|e| e.role() != Role::Callee);
            elements.flat_map(methods_of_argument).collect()
        }
    }
}

/// The method that an argument names: `"POST"`, `http.MethodPost`.
pub(super) fn method_of_argument(node: Node<'_>) -> Option<Arc<str>> {
    match node.string() {
        Some(text) if text == "*" => None,
        Some(text) => Some(text.to_ascii_uppercase().into()),
        None if node.is(Kind::Call) => method_named(node.callee().map_or("", Node::name)),
        None => method_named(node.name().trim_start_matches("Method")),
    }
}

/// The actions that a view is made of: `Orders.as_view({"get": "list"})`.
pub(super) fn actions_of_view(handler: Node<'_>) -> Option<Node<'_>> {
    let view = handler.is(Kind::Call) && handler.callee().is_some_and(|c| c.name() == "as_view");
    handler.positional(0).filter(|actions| view && actions.is(Kind::Dictionary))
}

/// Methods that follow a route: `r.HandleFunc(...).Methods("GET")`.
pub(super) fn methods_behind(call: Node<'_>, resolver: &Resolver<'_>) -> Vec<Arc<str>> {
    let mut at = call;
    while let Some(outer) =
        at.parent().filter(|p| p.is(Kind::Attribute)).and_then(Node::parent).filter(|c| c.is(Kind::Call))
    {
        if resolver.meaning(outer).is_some_and(|m| m.is("route-methods")) {
            return outer.arguments().filter_map(method_of_argument).collect();
        }
        at = outer;
    }
    Vec::new()
}

/// Methods that stand before a route's path: `r.Methods("GET").Path("/x").HandlerFunc(...)`.
pub(super) fn methods_before(call: Node<'_>, resolver: &Resolver<'_>) -> Vec<Arc<str>> {
    let mut at = call;
    while let Some(inner) = at.callee().and_then(Node::object).filter(|o| o.is(Kind::Call)) {
        if resolver.meaning(inner).is_some_and(|m| m.is("route-methods")) {
            return inner.arguments().filter_map(method_of_argument).collect();
        }
        at = inner;
    }
    Vec::new()
}
