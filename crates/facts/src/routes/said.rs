//! Routes that are no calls of a router: what classes, decorators and tables say.

use std::sync::Arc;

use super::methods::{method_named, method_of_argument, methods_of_argument};
use super::texts::is_path_text;
use super::{Answer, Guard, MAX_STEPS, Route, Walk};
use crate::declare::qualified_name;
use crate::fact::{Kind, Node, Role};
use crate::resolve::Value;
use crate::vocabulary::Meaning;
use shipworthy_syntax::Language;

impl Walk<'_, '_> {
    /// What the decorators of a function or the body of a class say of how they answer.
    pub(super) fn said(&mut self, definition: Node<'_>) {
        if definition.is(Kind::Class) {
            self.procedures(definition);
        }
        if definition.language() != Language::Python || definition.function().is_some() {
            return;
        }
        if definition.is(Kind::Class) {
            return self.class_said(definition);
        }
        let name = qualified_name(definition);
        for decorator in definition.all(Role::Decorator) {
            let Some(meaning) = self.resolver.meaning(decorator).cloned() else { continue };
            let action = meaning.is("route-action");
            if !action && !meaning.is("route-methods") {
                continue;
            }
            let call = decorator.get(Role::Value).filter(|value| value.is(Kind::Call));
            let argument = |name: &str| call.and_then(|c| meaning.argument(name)?.of(c));
            let said = argument("methods").map(methods_of_argument);
            let methods = said.unwrap_or_else(|| {
                let taken = meaning.property("method").unwrap_or_default();
                taken.split(' ').filter(|m| !m.is_empty()).map(Arc::from).collect()
            });
            let path = action.then(|| {
                let own =
                    argument("path").map_or_else(|| definition.name().to_owned(), |p| self.path(p, &meaning));
                let one = argument("detail").is_some_and(|detail| detail.is_boolean(true));
                if one { format!("{{}}/{own}").into() } else { own.into() }
            });
            let name = self.resolver.environment().absolute(&name).into();
            self.routing.answers.push(Answer { name, methods, path });
        }
    }

    /// `lookup_field = "slug"`, `http_method_names = ["get", "post"]`
    pub(super) fn class_said(&mut self, class: Node<'_>) {
        let body = class.get(Role::Body).into_iter().flat_map(Node::children);
        let assigned = body.filter(|n| n.is(Kind::Assign)).filter_map(|assign| {
            let target = assign.get(Role::Target).filter(|t| t.is(Kind::Name))?;
            Some((target.name(), assign.get(Role::Value)?))
        });
        let mut answer = Answer::default();
        for (name, value) in assigned {
            let Some(meaning) = self.resolver.vocabulary().value(name) else { continue };
            if meaning.is("view-methods") {
                answer.methods = methods_of_argument(value);
            } else if meaning.is("view-lookup")
                && (answer.path.is_none() || meaning.property("wins").is_some())
            {
                answer.path = value.string().map(Into::into);
            }
        }
        if answer != Answer::default() {
            answer.name = self.resolver.environment().absolute(class.name()).into();
            self.routing.answers.push(answer);
        }
    }

    /// `(r"/orders", OrderHandler)` in a list: a route where the class is a library's handler.
    pub(super) fn pair(&mut self, tuple: Node<'_>) {
        if tuple.language() != Language::Python || !tuple.parent().is_some_and(|p| p.is(Kind::List)) {
            return;
        }
        let mut elements = tuple.all(Role::Element);
        let (Some(path), Some(handler)) = (elements.next(), elements.next()) else { return };
        if !matches!(path.kind(), Kind::String | Kind::Template | Kind::Binary) {
            return;
        }
        let Value::Item(class) = self.resolver.value(handler) else { return };
        let Some(meaning) = self.handler_class(&class) else { return };
        let Some(router) = self.holder(tuple) else { return };
        let mut route = Route {
            router: router.into(),
            library: (&*meaning.library).into(),
            path: self.path(path, &meaning).into(),
            ..Route::default()
        };
        let (name, inline, guards) = self.answering(handler);
        (route.handler, route.inline, route.guards) = (name, inline, guards);
        self.routing.routes.push(route);
        self.spots.routes.push(tuple.range());
    }

    /// What the vocabulary says of the class of handlers that a class is derived from.
    fn handler_class(&self, class: &str) -> Option<std::sync::Arc<Meaning>> {
        let lineage = self.resolver.lineage(class);
        let mut known = lineage.iter().filter_map(|class| self.resolver.vocabulary().type_of(class));
        known.find(|known| known.is("request-handler")).cloned()
    }

    /// A row of a table of routes that the workspace goes through by itself: `Route{"list", "GET", "/orders", s.list}`.
    pub(super) fn row(&mut self, node: Node<'_>) {
        if node.language() != Language::Go
            || !node.parent().is_some_and(|p| p.is(Kind::Construct) || p.is(Kind::List))
        {
            return;
        }
        let (mut method, mut path, mut handler) = (None, None, None);
        for field in node.children().filter(|c| c.role() != Role::Callee) {
            match field.kind() {
                Kind::String => match field.string() {
                    Some(text) if path.is_none() && is_path_text(&text) => path = Some(text.into_owned()),
                    Some(text) if method.is_none() && text.chars().all(|c| c.is_ascii_uppercase()) => {
                        method = method_named(&text);
                    }
                    _ => {}
                },
                Kind::Attribute if field.name().starts_with("Method") => {
                    method = method.or_else(|| method_of_argument(field));
                }
                _ if handler.is_none() && self.answers_requests(field) => handler = Some(field),
                _ => {}
            }
        }
        if let (Some(method), Some(path), Some(handler)) = (method, path, handler) {
            let route = Route { methods: vec![method], path: path.into(), ..Route::default() };
            self.handled(route, handler, node);
        }
    }

    /// Whether a value of Go's is a function that is given a request.
    pub(super) fn answers_requests(&self, node: Node<'_>) -> bool {
        match node.kind() {
            Kind::Lambda => {
                node.text().split('{').next().is_some_and(|head| head.contains("http.ResponseWriter"))
            }
            Kind::Name | Kind::Attribute => match self.resolver.value(node) {
                Value::Item(path) => {
                    self.resolver.workspace().function(&path).is_some_and(|f| f.parameters.len() >= 2)
                }
                _ => node.name() == "ServeHTTP",
            },
            Kind::Call => self.is_function(node, 4),
            _ => false,
        }
    }

    /// `OrderViewSet.as_view({"get": "list", "post": "create"})`
    pub(super) fn actions(&mut self, route: &Route, handler: Node<'_>, actions: Node<'_>, at: Node<'_>) {
        let (class, _, guards) = self.answering(handler);
        for entry in actions.all(Role::Element) {
            let (Some(method), Some(action)) = (entry.get(Role::Key), entry.get(Role::Value)) else {
                continue;
            };
            let (Some(method), Some(action)) = (method_of_argument(method), action.string()) else {
                continue;
            };
            let mut route = Route { methods: vec![method], assumed: false, ..route.clone() };
            route.handler = [&*class, at.language().separator(), &action].concat().into();
            route.guards.extend(guards.iter().cloned());
            self.routing.routes.push(route);
            self.spots.routes.push(at.range());
        }
    }

    /// A class that answers the remote procedures of a service: each of its methods is a route.
    fn procedures(&mut self, class: Node<'_>) {
        let base = match class.language() {
            Language::Python => class.all(Role::Base).find(|base| {
                let generated = |path: &str| path.split('.').any(|part| part.ends_with("_pb2_grpc"));
                self.resolver.path(*base).is_some_and(|path| generated(&path))
            }),
            Language::Rust => {
                let says = |d: &Node<'_>| self.resolver.meaning(*d).is_some_and(|m| m.is("rpc-service"));
                let mut decorators = class.all(Role::Decorator);
                class.get(Role::Base).filter(|_| decorators.any(|d| says(&d)))
            }
            Language::Go => None,
        };
        let Some(base) = base else { return };
        // Behind `use orders_server::Orders as GrpcService`
        let path = self.resolver.path(base).unwrap_or_else(|| base.text().to_owned());
        // The attribute stands on any trait; those of services are in modules of their own.
        let of_service = || {
            let names =
                std::iter::once(path.clone()).chain(self.resolver.environment().candidates(base.name()));
            names.into_iter().any(|name| name.split("::").any(|part| part.ends_with("_server")))
        };
        if class.language() == Language::Rust && !of_service() {
            return;
        }
        let service = path.rsplit(['.', ':']).next().unwrap_or_default();
        let service = service.strip_suffix("Servicer").unwrap_or(service);
        for method in class.all(Role::Body).flat_map(Node::children).filter(|m| m.is(Kind::Function)) {
            if method.name().starts_with('_') {
                continue;
            }
            let procedure = camel(method.name());
            let handler = self.resolver.environment().absolute(&qualified_name(method));
            self.routing.routes.push(Route {
                library: "gRPC".into(),
                methods: vec![PROCEDURE.into()],
                path: format!("/{service}/{procedure}").into(),
                handler: handler.into(),
                ..Route::default()
            });
            self.spots.routes.push(method.name_range());
        }
    }

    /// Go: the `ServeHTTP` of a type that hands requests on to the router in its field stands before all routes of that.
    pub(super) fn stands_before(&mut self, call: Node<'_>) {
        const NAME: &str = "ServeHTTP";
        let router = call.callee().filter(|c| c.name() == NAME).and_then(Node::object);
        let Some(router) = router.filter(|r| r.is(Kind::Attribute)) else { return };
        let method = call.ancestors().find(|a| a.is(Kind::Function));
        let Some(method) = method.filter(|m| m.name() == NAME && m.get(Role::Receiver).is_some()) else {
            return;
        };
        let name = self.resolver.environment().absolute(&qualified_name(method));
        let router = self.key(router, MAX_STEPS);
        self.add_guards(call, router, vec![Guard { name: name.into() }]);
    }

    /// `pb.RegisterGreeterServer(server, &greeter{})`: each method of what is registered is a route.
    pub(super) fn service(&mut self, call: Node<'_>) {
        let name = call.callee().map_or("", Node::name);
        let Some(service) = name.strip_prefix("Register").and_then(|rest| rest.strip_suffix("Server")) else {
            return;
        };
        let (Some(server), Some(handler)) = (call.positional(0), call.positional(1)) else { return };
        let kind = self.resolver.type_of(server).and_then(|path| self.resolver.vocabulary().type_of(&path));
        let Some(meaning) = kind.filter(|kind| kind.is("rpc-server")).cloned() else { return };
        let Some(class) = self.resolver.type_of(handler) else { return };
        self.routing.routes.push(Route {
            library: (&*meaning.library).into(),
            methods: vec![PROCEDURE.into()],
            path: format!("/{service}/").into(),
            handler: class.into(),
            resource: format!("*={PROCEDURE}").into(),
            ..Route::default()
        });
        self.spots.routes.push(call.range());
    }
}

/// What stands for the method of a remote procedure.
const PROCEDURE: &str = "RPC";

/// `say_hello` as services name it.
fn camel(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    });
    words.collect()
}
