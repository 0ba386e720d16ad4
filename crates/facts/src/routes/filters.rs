//! Routes that are chains of filters: `warp::path!("orders" / u32).and(warp::get()).and_then(one)`.

use std::sync::Arc;

use super::methods::method_named;
use super::{Route, Walk};
use crate::fact::{Kind, Node, Role};
use rustc_hash::FxHashSet;

/// What a chain of filters lets through.
#[derive(Default)]
struct Chain {
    path: Vec<String>,
    methods: Vec<Arc<str>>,
}

impl Walk<'_, '_> {
    /// The end of a chain that says a path: what answers. An earlier end in the same chain only makes an argument of it.
    pub(super) fn chain_ends(&mut self, call: Node<'_>, meaning: &crate::vocabulary::Meaning) {
        let mut outer = call;
        while let Some(next) = outer
            .parent()
            .filter(|p| p.is(Kind::Attribute))
            .and_then(Node::parent)
            .filter(|c| c.is(Kind::Call))
        {
            if self.resolver.meaning(next).is_some_and(|m| m.is("route-end")) {
                return;
            }
            outer = next;
        }
        let mut chain = Chain::default();
        self.filters(call, &mut chain, &mut FxHashSet::default());
        let Some(handler) = meaning.argument("handler").and_then(|a| a.of(call)) else { return };
        if !chain.path.is_empty() {
            let path = format!("/{}", chain.path.join("/")).into();
            let library = (&*meaning.library).into();
            self.handled(Route { library, path, methods: chain.methods, ..Route::default() }, handler, call);
        }
    }

    fn filters(&self, node: Node<'_>, chain: &mut Chain, seen: &mut FxHashSet<u32>) {
        if !seen.insert(node.index()) {
            return;
        }
        match node.kind() {
            Kind::Name => {
                if let Some(made) = self.resolver.made_by(node) {
                    self.filters(made, chain, seen);
                }
            }
            Kind::Call => {
                let Some(meaning) = self.resolver.meaning(node) else { return };
                if let Some(object) = node.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object) {
                    self.filters(object, chain, seen);
                }
                let argument = |name: &str| meaning.argument(name).and_then(|a| a.of(node));
                if meaning.is("route-part") {
                    match (argument("path"), meaning.property("path")) {
                        (Some(path), _) => self.segments(path, &mut chain.path),
                        (None, Some(path)) => chain.path.push(path.to_owned()),
                        (None, None) => {}
                    }
                } else if meaning.is("route-methods") {
                    chain.methods.extend(method_named(node.callee().map_or("", Node::name)));
                }
                if let Some(filter) = argument("filter") {
                    self.filters(filter, chain, seen);
                }
            }
            _ => {}
        }
    }

    /// `"orders" / u32 / "items"`
    fn segments(&self, path: Node<'_>, into: &mut Vec<String>) {
        match path.kind() {
            Kind::Binary => path.all(Role::Operand).for_each(|part| self.segments(part, into)),
            Kind::String => into.extend(path.string().map(|text| text.trim_matches('/').to_owned())),
            Kind::RangeLiteral | Kind::OtherExpression => {}
            _ => into.push(format!("{{{}}}", path.text())),
        }
    }
}
