//! Routes: what a file tells of the requests it answers, and of the routers that lead them there.
//!
//! A router is known by a key: the absolute name of the variable or field that holds it, or the function that makes, takes or returns it
//! (`app.main.create_app#api`, `app.register#@0`, `app.create_app()`). Keys meet across files; who reads all files follows them.

mod filters;
mod methods;
mod said;
mod texts;

use std::sync::Arc;

use methods::{
    actions_of_view, method_named, method_of_argument, methods_before, methods_behind, methods_of_argument,
};

use crate::declare::{behaviour, qualified_name};
use crate::fact::{Flags, Kind, Node, Role};
use crate::resolve::{Resolver, Value};
use crate::summary::{Behaviour, Origin};
use crate::test_code::is_test_definition;
use crate::vocabulary::Meaning;
use crate::words::Topics;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use shipworthy_syntax::{Language, Range};

/// What a file tells of its routes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Routing {
    /// Routes, in order.
    pub routes: Vec<Route>,
    /// Routers, and what is added to them, in order.
    pub groups: Vec<Group>,
    /// How routers hang together.
    pub links: Vec<Link>,
    /// What functions and classes say of how they answer, wherever they are registered.
    pub answers: Vec<Answer>,
    /// Texts in variables of modules and classes that may be parts of paths, by absolute names.
    pub texts: Vec<(Arc<str>, Arc<str>)>,
}

impl Routing {
    /// Adds what another part of the file tells.
    pub fn extend(&mut self, other: &Self) {
        self.routes.extend(other.routes.iter().cloned());
        self.groups.extend(other.groups.iter().cloned());
        self.links.extend(other.links.iter().cloned());
        self.answers.extend(other.answers.iter().cloned());
        self.texts.extend(other.texts.iter().cloned());
    }
}

/// Where what a [`Routing`] tells of stands, in the same order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteSpots {
    /// The routes' registrations.
    pub routes: Vec<Range>,
    /// What makes the routers, or adds to them.
    pub groups: Vec<Range>,
}

/// A route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Route {
    /// The key of the router that it is added to; empty where that is not known.
    pub router: Arc<str>,
    /// The library, as users name it.
    pub library: Arc<str>,
    /// Its methods, in upper case; empty: any, or those that its handler says.
    pub methods: Vec<Arc<str>>,
    /// Nobody says its methods: the library takes these for a function.
    pub assumed: bool,
    /// Its own path; what is computed stands in braces.
    pub path: Arc<str>,
    /// Under a prefix it is the prefix alone, where its own path is `/`.
    pub bare: bool,
    /// Of a class of actions, each of which is a route: those that every such class may have, as the vocabulary says them; else empty.
    pub resource: Arc<str>,
    /// The key of the router that its handler may be; empty: it is none.
    pub leads_to: Arc<str>,
    /// The absolute name of the function or class that answers; empty where it is not known.
    pub handler: Arc<str>,
    /// What the handler does, where it stands in place.
    pub inline: Option<Box<Behaviour>>,
    /// What runs before it.
    pub guards: Vec<Guard>,
}

/// What a function or class says of how it answers, wherever it is registered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Answer {
    /// The absolute name of a function, a class, or a class's method.
    pub name: Arc<str>,
    /// The methods that it answers, in upper case; empty: not told.
    pub methods: Vec<Arc<str>>,
    /// Of an action, its path under that of its class; of a class, what it calls the part of a path that names one of its things.
    pub path: Option<Arc<str>>,
}

/// What runs before a handler: a decorator, a dependency, a middleware.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Guard {
    /// Its absolute name, or what its code calls, as written where it does not resolve; empty where it cannot be told.
    pub name: Arc<str>,
}

/// A router, or something that is added to one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Group {
    /// The router's key.
    pub router: Arc<str>,
    /// The library, as users name it.
    pub library: Arc<str>,
    /// Its own prefix.
    pub path: Arc<str>,
    /// It is made here, and is what requests come to.
    pub application: bool,
    /// What runs before all its routes.
    pub guards: Vec<Guard>,
}

/// How one router is to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LinkKind {
    /// The parent leads to the child.
    Mount,
    /// The child is the parameter that takes the parent: what is added to either is added to both, but there may be other parents.
    Parameter,
    /// The parent is the child with something before it.
    Layer,
    /// Two names of one router.
    Same,
}

/// What the path of a [`Link`] stands in place of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Replaced {
    /// Nothing: it stands between the outer path and the inner one's own.
    #[default]
    Nothing,
    /// The inner one's own.
    Inner,
    /// All that is outside: the inner one sees whole paths, but for what is stripped from them.
    Outer,
}

/// A router in a router.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Link {
    /// How.
    pub kind: LinkKind,
    /// The key of the outer one.
    pub parent: Arc<str>,
    /// The key of the inner one.
    pub child: Arc<str>,
    /// The path under which it hangs.
    pub path: Arc<str>,
    /// What the path stands in place of.
    pub replaces: Replaced,
    /// The methods that it lets through, in upper case; empty: all.
    pub methods: Vec<Arc<str>>,
    /// What runs before what it leads to.
    pub guards: Vec<Guard>,
}

/// Everything that plays a part in routes, for a quick look.
const ROLES: [&str; 7] =
    ["route", "route-end", "router", "application", "mounts-router", "middleware", "adds-middleware"];

/// How deep the origin of a router is followed.
const MAX_STEPS: u32 = 200;

/// What an item tells of its routes, and where it stands in the item.
///
/// Tests are left out with all that is in them.
pub fn routing(root: Node<'_>, resolver: &Resolver<'_>) -> (Routing, RouteSpots) {
    let mut walk = Walk { resolver, routing: Routing::default(), spots: RouteSpots::default() };
    // From the inside out, so that the end of a long chain of calls finds its beginning known.
    if root.language() == Language::Rust {
        let calls: Vec<Node<'_>> = root.descendants().filter(|n| n.is(Kind::Call)).collect();
        for call in calls.into_iter().rev() {
            resolver.value(call);
        }
    }
    let mut skipped = 0;
    for node in root.descendants() {
        if node.index() < skipped {
            continue;
        }
        if is_test_definition(node) {
            skipped = node.fact().end;
            continue;
        }
        match node.kind() {
            Kind::Call => walk.call(node),
            Kind::Construct => {
                walk.construction(node);
                walk.row(node);
            }
            Kind::Assign => walk.assignment(node),
            Kind::Return => walk.returned(node),
            Kind::Function | Kind::Class => {
                walk.decorated(node);
                walk.said(node);
            }
            Kind::Tuple => walk.pair(node),
            _ => {}
        }
    }
    (walk.routing, walk.spots)
}

/// What a framework gives a function before it calls it.
pub(crate) fn injected<'r>(
    function: Node<'r>,
    resolver: &'r Resolver<'_>,
) -> impl Iterator<Item = Arc<str>> + use<'r> {
    function.all(Role::Parameter).flat_map(move |parameter| {
        let mut names = Vec::new();
        if let Some(given) = parameter.get(Role::Default).filter(|d| d.is(Kind::Call)) {
            names.extend(dependency(given, resolver));
        }
        if let Some(annotation) = parameter.get(Role::Type) {
            names.extend(types_of_access(annotation, resolver));
        }
        names
    })
}

/// The function that a call makes a dependency of: `Depends(current_user)`.
fn dependency(call: Node<'_>, resolver: &Resolver<'_>) -> Option<Arc<str>> {
    let meaning = resolver.meaning(call).filter(|m| m.is("dependency"))?;
    let function = meaning.argument("function")?.of(call)?;
    Some(guard_of(function, resolver).into_iter().next().map_or_else(Arc::default, |g| g.name))
}

/// The types in an annotation that are the workspace's own extractors or aliases, and functions that it names.
fn types_of_access(annotation: Node<'_>, resolver: &Resolver<'_>) -> Vec<Arc<str>> {
    let text = annotation.text();
    let separator = annotation.language().separator();
    let rust = annotation.language() == Language::Rust;
    let extracts = rust && !text.starts_with('&');
    // What is read from the request is data, whatever its name: `Json<LoginRequest>`.
    let outer = text.split('<').next().unwrap_or_default();
    let data = matches!(resolver.annotation(outer), Value::Instance(class)
        if resolver.vocabulary().type_of(&class).is_some_and(|t| t.is("request-data") || t.is("http-request")));
    let spoils = |c: &str| {
        matches!(c.rsplit([':', '.']).next().unwrap_or(c), "Json" | "Query" | "Form" | "Path" | "Bytes")
    };
    if rust && text.contains('<') && (data && !outer.ends_with("Extension") || spoils(outer)) {
        return Vec::new();
    }
    let names = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.' || c == ':'));
    let names = names.map(|n| n.trim_matches([':', '.'])).filter(|n| !n.is_empty());
    let mut found = Vec::new();
    for (at, name) in names.enumerate() {
        let (first, rest) = match name.split_once(separator) {
            Some((first, rest)) => (first, Some(rest)),
            None => (name, None),
        };
        let absolute = match resolver.environment().lookup(first) {
            Some(Origin::Item(path)) => {
                rest.map_or_else(|| path.to_string(), |r| [path, separator, r].concat())
            }
            _ => name.to_owned(),
        };
        let own = extracts && at == 0 && resolver.workspace().class(&absolute).is_some();
        let depends = text.contains("Depends") || text.contains("Security");
        let speaks = Topics::of(name).contains(Topics::ACCESS);
        // `user: CurrentUser`, where `CurrentUser = Annotated[User, Depends(current_user)]`.
        let alias = resolver.workspace().global(&absolute).is_some();
        if own
            || depends && resolver.workspace().function(&absolute).is_some()
            || speaks && (rust || depends || alias)
        {
            found.push(absolute.into());
        }
    }
    found
}

/// The guards that an expression names: `requireAuth`, `auth.New(config)`, `Depends(current_user)`, `[Depends(a), Depends(b)]`, a function
/// in place (what it calls).
fn guard_of(node: Node<'_>, resolver: &Resolver<'_>) -> Vec<Guard> {
    guard_within(node, resolver, &mut FxHashSet::default())
}

/// The list that a name stands for: `protected = [Depends(check_key)]`.
fn listed<'a>(name: Node<'_>, resolver: &Resolver<'a>) -> Option<Node<'a>> {
    let bindings = if name.is(Kind::Name) { resolver.bindings(name) } else { Vec::new() };
    let [only] = bindings[..] else { return None };
    only.parent().filter(|p| p.is(Kind::Assign))?.get(Role::Value).filter(|v| v.is(Kind::List))
}

/// Whether something is added to the list behind a name: `if key: dependencies.append(Depends(check_key))`.
fn is_filled(list: Node<'_>, resolver: &Resolver<'_>) -> bool {
    let is_it = |object: Node<'_>| object.is(Kind::Name) && object.name() == list.name();
    let fills = |method: &str| {
        resolver.calls_of(method).any(|call| call.callee().and_then(Node::object).is_some_and(is_it))
    };
    ["append", "extend", "insert"].into_iter().any(fills)
}

/// In `auth = auth(app)` a name stands for what is made of itself: each expression behind a name is looked into once. `seen` holds them.
fn guard_within(node: Node<'_>, resolver: &Resolver<'_>, seen: &mut FxHashSet<u32>) -> Vec<Guard> {
    let named = |name: Option<String>| vec![Guard { name: name.unwrap_or_default().into() }];
    match node.kind() {
        Kind::List | Kind::Tuple => {
            node.all(Role::Element).flat_map(|e| guard_within(e, resolver, seen)).collect()
        }
        Kind::Nothing => Vec::new(),
        Kind::Lambda => {
            let calls = node.descendants().filter(|n| n.is(Kind::Call));
            let mut guards: Vec<Guard> = calls
                .filter_map(|call| call.callee())
                .flat_map(|c| guard_within(c, resolver, seen))
                .collect();
            if Topics::of(node.text()).contains(Topics::ACCESS) && node.text().len() < 4_000 {
                guards.push(Guard::default());
            }
            guards
        }
        Kind::Call => {
            if let Some(meaning) = resolver.meaning(node) {
                if meaning.is("dependency") {
                    return dependency(node, resolver).map(|name| Guard { name }).into_iter().collect();
                }
                for argument in ["class", "handler", "function"] {
                    let inner = meaning.argument(argument).and_then(|a| a.of(node));
                    if let Some(inner) = inner.filter(|_| !meaning.is("authenticates")) {
                        let mut guards = guard_within(inner, resolver, seen);
                        let earlier = node.callee().and_then(Node::object).filter(|o| o.is(Kind::Call));
                        guards.extend(earlier.into_iter().flat_map(|e| guard_within(e, resolver, seen)));
                        return guards;
                    }
                }
            }
            let Some(callee) = node.callee() else { return named(None) };
            let mut guards = guard_within(callee, resolver, seen);
            // `ServiceBuilder::new().layer(a).layer(b)`
            if let Some(earlier) = callee.object().filter(|o| callee.is(Kind::Attribute) && o.is(Kind::Call))
            {
                guards.extend(guard_within(earlier, resolver, seen));
            }
            guards
        }
        // A path that a middleware is limited to.
        Kind::String => Vec::new(),
        Kind::Await | Kind::Propagate | Kind::Reference | Kind::Dereference | Kind::Spread => {
            node.get(Role::Value).map_or_else(|| named(None), |value| guard_within(value, resolver, seen))
        }
        Kind::Name | Kind::Attribute => {
            if let Some(list) = listed(node, resolver).filter(|list| seen.insert(list.index())) {
                let mut guards = guard_within(list, resolver, seen);
                // What fills it later may be a guard, and may not be there.
                if is_filled(node, resolver) {
                    guards.push(Guard::default());
                }
                return guards;
            }
            if let Some(made) =
                resolver.made_by(node).filter(|made| !made.is(Kind::Construct) && node.is(Kind::Name))
                && seen.insert(made.index())
            {
                let written = Guard { name: node.name().into() };
                let mut guards = guard_within(made, resolver, seen);
                // `auth := newMiddleware(config)`: both names speak.
                if Topics::of(node.name()).contains(Topics::ACCESS) {
                    guards.push(written);
                }
                return guards;
            }
            named(match resolver.value(node) {
                Value::Item(path) | Value::Instance(path) if path != "_" => {
                    // A field's own name says more than its type.
                    let says_more = node.is(Kind::Attribute) && !path.ends_with(node.name());
                    Some(if says_more { node.dotted().unwrap_or(path) } else { path })
                }
                _ => node.dotted().or_else(|| Some(node.name().to_owned()).filter(|n| !n.is_empty())),
            })
        }
        Kind::Construct => {
            node.callee().map_or_else(|| named(None), |callee| guard_within(callee, resolver, seen))
        }
        _ => named(None),
    }
}

struct Walk<'r, 'a> {
    resolver: &'r Resolver<'a>,
    routing: Routing,
    spots: RouteSpots,
}

impl Walk<'_, '_> {
    fn meaning(&self, call: Node<'_>) -> Option<&std::sync::Arc<Meaning>> {
        self.resolver.meaning(call).filter(|m| ROLES.iter().any(|role| m.is(role)))
    }

    /// The key of what a method is called on; none where that is a library itself.
    fn receiver(&self, object: Option<Node<'_>>) -> Option<String> {
        object.filter(|o| !self.is_library(*o)).and_then(|o| self.key(o, MAX_STEPS))
    }

    /// Whether an expression names a library, and not a value.
    fn is_library(&self, node: Node<'_>) -> bool {
        match self.resolver.value(node) {
            Value::Item(path) => !self.resolver.workspace().is_own(&path),
            _ => false,
        }
    }

    fn add_group(&mut self, at: Node<'_>, group: Group) {
        self.routing.groups.push(group);
        self.spots.groups.push(at.range());
    }

    fn add_guards(&mut self, at: Node<'_>, router: Option<String>, guards: Vec<Guard>) {
        if let Some(router) = router.filter(|_| !guards.is_empty()) {
            self.add_group(at, Group { router: router.into(), guards, ..Group::default() });
        }
    }

    fn link(&mut self, kind: LinkKind, parent: &str, child: &str, path: String, guards: Vec<Guard>) {
        let (parent, child, path) = (parent.into(), child.into(), path.into());
        let (replaces, methods) = (Replaced::Nothing, Vec::new());
        self.add_link(Link { kind, parent, child, path, replaces, methods, guards });
    }

    fn add_link(&mut self, link: Link) {
        if link.parent != link.child {
            self.routing.links.push(link);
        }
    }

    /// A function or class with decorators that make it a route, or a middleware.
    fn decorated(&mut self, definition: Node<'_>) {
        let decorators: Vec<Node<'_>> = definition.all(Role::Decorator).collect();
        if decorators.is_empty() {
            return;
        }
        let name = if definition.is(Kind::Function) {
            qualified_name(definition)
        } else {
            definition.name().to_owned()
        };
        let handler = if definition.function().is_some() {
            format!("{}#{name}", self.unit(definition))
        } else {
            self.resolver.environment().absolute(&name)
        };
        let (mut routes, mut guards) = (Vec::new(), Vec::new());
        for decorator in decorators {
            let Some(value) = decorator.get(Role::Value) else { continue };
            match self.resolver.meaning(decorator).cloned() {
                Some(meaning) if meaning.is("route") => routes.push((decorator, value, meaning)),
                Some(meaning) if meaning.is("middleware") => {
                    let callee = if value.is(Kind::Call) { value.callee() } else { Some(value) };
                    let router = callee.and_then(Node::object).and_then(|o| self.key(o, MAX_STEPS));
                    let added = self.middleware_here(definition, &handler);
                    self.add_guards(decorator, router, added);
                }
                _ => guards.extend(guard_of(value, self.resolver)),
            }
        }
        for (decorator, value, meaning) in routes {
            let call = if value.is(Kind::Call) { Some(value) } else { None };
            let callee = call.map_or(Some(value), Node::callee);
            let object = callee.filter(|c| c.is(Kind::Attribute)).and_then(Node::object);
            let router = match object.and_then(|o| self.key(o, MAX_STEPS)) {
                Some(router) => router,
                // An attribute makes the function itself what is registered.
                None if definition.language() == Language::Rust => handler.clone(),
                None => String::new(),
            };
            let mut route = self.route(&meaning, call, router);
            if route.methods.is_empty()
                && call.is_none_or(|c| meaning.argument("methods").is_none_or(|a| a.of(c).is_none()))
            {
                route.methods = method_named(callee.map_or("", Node::name)).into_iter().collect();
            }
            route.handler = handler.as_str().into();
            if definition.function().is_some() && definition.is(Kind::Function) {
                route.inline = Some(Box::new(behaviour(definition, self.resolver)));
            }
            route.guards.extend(guards.iter().cloned());
            self.routing.routes.push(route);
            self.spots.routes.push(decorator.range());
        }
    }

    /// A function as a middleware. A nested one is not in the summary: where it speaks of who may, it may ask, and else it is none.
    fn middleware_here(&self, definition: Node<'_>, name: &str) -> Vec<Guard> {
        if definition.function().is_none() {
            return vec![Guard { name: name.into() }];
        }
        let speaks = definition.is(Kind::Function)
            && !(behaviour(definition, self.resolver).topics & (Topics::ACCESS | Topics::RATE)).is_empty();
        speaks.then(Guard::default).into_iter().collect()
    }

    /// A route as its call tells it, without handler.
    fn route(&self, meaning: &Meaning, call: Option<Node<'_>>, router: String) -> Route {
        let argument = |name: &str| call.and_then(|c| meaning.argument(name)?.of(c));
        let mut path = argument("path").map(|p| self.path(p, meaning)).unwrap_or_default();
        let mut methods: Vec<Arc<str>> = Vec::new();
        let mut assumed = false;
        if let Some(list) = argument("methods") {
            methods = methods_of_argument(list);
        } else if let Some(method) = argument("method") {
            // `#[route("/x", method = "GET", method = "HEAD")]`
            let given = call.into_iter().flat_map(Node::arguments);
            let given =
                given.filter(|a| *a == method || !a.label().is_empty() && a.label() == method.label());
            methods.extend(given.filter_map(method_of_argument));
        } else if let Some(method) = meaning.property("method") {
            methods.push(method.into());
            assumed = meaning.argument("methods").is_some();
        }
        // net/http: `POST /orders`.
        if let Some((method, rest)) = path.clone().split_once(' ')
            && method.chars().all(|c| c.is_ascii_uppercase())
            && !method.is_empty()
        {
            methods = vec![method.into()];
            path = rest.trim().to_owned();
        }
        let guards = argument("dependencies").map_or_else(Vec::new, |d| guard_of(d, self.resolver));
        Route {
            router: router.into(),
            library: (&*meaning.library).into(),
            methods,
            assumed,
            bare: meaning.property("root") == Some("bare"),
            resource: meaning.property("resource").unwrap_or_default().into(),
            path: path.into(),
            guards,
            ..Route::default()
        }
    }

    fn call(&mut self, call: Node<'_>) {
        let decorates = call.role() == Role::Value && call.parent().is_some_and(|p| p.is(Kind::Decorator));
        let meaning = self.meaning(call).cloned();
        self.stands_before(call);
        let Some(meaning) = meaning else {
            self.service(call);
            self.passed(call);
            self.texts_passed(call);
            return;
        };
        let object = call.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object);
        if meaning.is("route-end") {
            self.chain_ends(call, &meaning);
        } else if meaning.is("route") && !decorates {
            self.registration(call, &meaning, object);
        } else if meaning.is("application") || meaning.is("router") && !decorates {
            self.made(call, &meaning, object);
        } else if meaning.is("mounts-router") {
            self.mounted(call, &meaning, object);
        } else if (meaning.is("middleware") || meaning.is("adds-middleware")) && !decorates {
            self.middleware(call, &meaning, object);
        }
    }

    /// `router.get(path, handler)`
    fn registration(&mut self, call: Node<'_>, meaning: &Meaning, object: Option<Node<'_>>) {
        let argument = |name: &str| meaning.argument(name).and_then(|a| a.of(call));
        let router = match self.receiver(object) {
            Some(router) => router,
            // `Route(...)` in a list, `path(...)` in `urlpatterns`, `http.HandleFunc`
            None => match (self.holder(call), meaning.property("router")) {
                (Some(router), _) if object.is_none_or(|o| self.is_library(o)) => router,
                (_, Some(router)) if object.is_some_and(|o| self.is_library(o)) => {
                    let known = self.routing.groups.iter().any(|g| &*g.router == router);
                    if !known {
                        let library = (&*meaning.library).into();
                        let router = router.into();
                        self.add_group(
                            call,
                            Group { router, library, application: true, ..Group::default() },
                        );
                    }
                    router.to_owned()
                }
                _ => String::new(),
            },
        };
        let mut handlers: Vec<Node<'_>> = Vec::new();
        let position = meaning.argument("handler").and_then(|a| a.position);
        if meaning.property("handler") == Some("last") {
            handlers = call.arguments().skip(position.unwrap_or(1)).collect();
        } else {
            handlers.extend(argument("handler"));
            if call.language() == Language::Go
                && let Some(position) = position
            {
                // What follows the handler runs before it.
                let rest: Vec<Node<'_>> = call.arguments().skip(position + 1).collect();
                handlers.splice(0..0, rest);
            }
        }
        let Some(handler) = handlers.pop() else {
            // `e.File("/", "index.html")`
            if meaning.property("handler") == Some("none") {
                self.routing.routes.push(self.route(meaning, Some(call), router));
                self.spots.routes.push(call.range());
                return;
            }
            // `router.route("/x")` alone says nothing.
            if object.is_some()
                && call.language() == Language::Python
                && call.parent().is_some_and(|p| p.is(Kind::Call) && p.callee() == Some(call))
            {
                self.decorating_call(call, meaning, router);
            }
            return;
        };
        // Django: `path("x/", include("app.urls"))`.
        if handler.is(Kind::Call) && self.resolver.meaning(handler).is_some_and(|m| m.is("mounts-router")) {
            let included = self.included(handler);
            let path = argument("path").map(|p| self.path(p, meaning)).unwrap_or_default();
            if let Some(child) = included {
                self.link(LinkKind::Mount, &router, &child, path, Vec::new());
            }
            return;
        }
        let mut route = self.route(meaning, Some(call), router);
        if let Some(actions) = actions_of_view(handler) {
            return self.actions(&route, handler, actions, call);
        }
        if route.methods.is_empty() && argument("methods").is_none() && argument("method").is_none() {
            route.methods = method_named(call.callee().map_or("", Node::name)).into_iter().collect();
            route.methods.extend(methods_behind(call, self.resolver));
            route.methods.extend(methods_before(call, self.resolver));
        }
        route.guards.extend(handlers.into_iter().flat_map(|h| guard_of(h, self.resolver)));
        if !route.resource.is_empty() && self.ends_in_slash(object) {
            route.path = format!("{}/", route.path.trim_end_matches('/')).into();
        }
        if call.language() == Language::Go
            && let Some((inner, stripped)) = self.router_behind(handler, &mut FxHashSet::default())
            && let Some(child) = self.key(inner, MAX_STEPS)
        {
            self.add_link(Link {
                kind: LinkKind::Mount,
                parent: route.router.clone(),
                child: child.as_str().into(),
                path: stripped.into(),
                replaces: Replaced::Outer,
                methods: route.methods.clone(),
                guards: route.guards.clone(),
            });
            route.leads_to = child.into();
        }
        // `api.add_resource(Orders, "/orders", "/orders/<number>")`
        let first = meaning.argument("path").and_then(|a| a.position);
        let more = first.filter(|_| meaning.property("paths") == Some("all"));
        for path in more.into_iter().flat_map(|first| call.arguments().skip(first + 1)) {
            if path.label().is_empty() {
                let route = Route { path: self.path(path, meaning).into(), ..route.clone() };
                self.handled(route, handler, call);
            }
        }
        self.handled(route, handler, call);
    }

    /// Whether the paths of what is registered on a router end in a slash: unless it was made to leave it out.
    fn ends_in_slash(&self, router: Option<Node<'_>>) -> bool {
        let made = router.and_then(|router| self.resolver.made_by(router));
        let said = made.and_then(|made| self.resolver.meaning(made)?.argument("trailing-slash")?.of(made));
        !said.is_some_and(|said| said.is_boolean(false))
    }

    /// The router that a handler of Go's is in the end, and what is stripped from paths before it: `http.StripPrefix("/api", api)`.
    fn router_behind<'n>(&self, handler: Node<'n>, seen: &mut FxHashSet<u32>) -> Option<(Node<'n>, String)> {
        if !seen.insert(handler.index()) {
            return None;
        }
        match handler.kind() {
            Kind::Reference => self.router_behind(handler.get(Role::Value)?, seen),
            Kind::Name | Kind::Attribute => match self.resolver.made_by(handler) {
                Some(made) if made.is(Kind::Call) && !self.makes_router(made) => {
                    self.router_behind(handler.facts().node(made.index()), seen)
                }
                _ => self.is_router(handler).then(|| (handler, String::new())),
            },
            Kind::Call => {
                let meaning = self.resolver.meaning(handler);
                if let Some(meaning) = meaning.filter(|m| m.is("strips-prefix")) {
                    let argument = |name: &str| meaning.argument(name)?.of(handler);
                    let (inner, stripped) = self.router_behind(argument("handler")?, seen)?;
                    return Some((inner, argument("path").map(|p| self.path(p, meaning))? + &stripped));
                }
                let inner = handler.arguments().find_map(|a| self.router_behind(a, seen));
                inner.or_else(|| self.is_router(handler).then(|| (handler, String::new())))
            }
            _ => None,
        }
    }

    fn makes_router(&self, call: Node<'_>) -> bool {
        self.resolver.meaning(call).is_some_and(|m| m.is("application") || m.is("router"))
    }

    /// `app.get("/x")(handler)`
    fn decorating_call(&mut self, call: Node<'_>, meaning: &Meaning, router: String) {
        let Some(handler) = call.parent().and_then(|outer| outer.positional(0)) else { return };
        let route = self.route(meaning, Some(call), router);
        self.handled(route, handler, call);
    }

    /// Adds a route, or one for each of the methods that its handler is made of: `get(list).post(create)`.
    fn handled(&mut self, mut route: Route, handler: Node<'_>, at: Node<'_>) {
        let mut parts = Vec::new();
        let mut step = Some(handler);
        while let Some(call) = step.filter(|s| s.is(Kind::Call)) {
            let object = call.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object);
            let meaning = self.resolver.meaning(call);
            if let Some(meaning) = meaning.filter(|m| m.is("route-handler")) {
                let method = meaning.property("method").map(Arc::from);
                let given =
                    || meaning.argument("method").and_then(|a| a.of(call)).and_then(method_of_argument);
                let method =
                    method.or_else(given).or_else(|| method_named(call.callee().map_or("", Node::name)));
                let inner = meaning.argument("handler").and_then(|a| a.of(call));
                parts.push((call, method, inner));
            } else if meaning.is_some_and(|m| m.is("middleware")) {
                route.guards.extend(call.arguments().flat_map(|a| guard_of(a, self.resolver)));
            } else if meaning.is_none_or(|m| m.argument("handler").is_none()) {
                // `get(show).with_state(state)` is what `get(show)` is.
                if meaning.and_then(|m| m.returns.first()).is_none_or(|class| **class != *"self") {
                    break;
                }
            } else if let Some(to) = meaning.and_then(|m| m.argument("handler")).and_then(|a| a.of(call)) {
                // actix: `web::get().to(handler)`.
                if let Some(inner) = object.filter(|o| o.is(Kind::Call)) {
                    parts.push((call, self.method_of_chain(inner), Some(to)));
                }
                break;
            }
            step = object;
        }
        parts.reverse();
        if parts.is_empty() {
            let (name, inline, guards) = self.answering(handler);
            route.guards.extend(guards);
            (route.handler, route.inline) = (name, inline);
            self.routing.routes.push(route);
            self.spots.routes.push(at.range());
            return;
        }
        for (part, method, inner) in parts {
            let mut route = Route { methods: method.into_iter().collect(), ..route.clone() };
            if let Some(inner) = inner {
                let (name, inline, guards) = self.answering(inner);
                route.guards.extend(guards);
                (route.handler, route.inline) = (name, inline);
            }
            let start = part.callee().map_or(part.range(), Node::name_range).start;
            self.routing.routes.push(route);
            self.spots.routes.push(Range { start, end: part.range().end });
        }
    }

    /// The method that a chain of calls says: `web::get()`, `web::route().guard(guard::Post())`.
    fn method_of_chain(&self, last: Node<'_>) -> Option<Arc<str>> {
        let mut step = Some(last);
        while let Some(call) = step.filter(|s| s.is(Kind::Call)) {
            let meaning = self.resolver.meaning(call);
            let given = || meaning?.argument("method")?.of(call).and_then(method_of_argument);
            let named = || method_named(call.callee().map_or("", Node::name));
            if let Some(method) = given().or_else(named) {
                return Some(method);
            }
            step = call.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object);
        }
        None
    }

    /// What answers in the end, and the calls around it, which are guards: `requireAuth(http.HandlerFunc(s.list))`.
    fn answering(&self, handler: Node<'_>) -> (Arc<str>, Option<Box<Behaviour>>, Vec<Guard>) {
        let mut guards = Vec::new();
        let mut node = handler;
        for _ in 0..MAX_STEPS {
            match node.kind() {
                Kind::Reference | Kind::Await | Kind::Dereference => match node.get(Role::Value) {
                    Some(value) => node = value,
                    None => break,
                },
                Kind::Lambda => {
                    return ("".into(), Some(Box::new(behaviour(node, self.resolver))), guards);
                }
                Kind::Name => match self.resolver.made_by(node) {
                    Some(made) if made.is(Kind::Call) => node = made,
                    _ => break,
                },
                Kind::Call => {
                    let inner = node.arguments().find(|a| self.is_function(*a, 6));
                    let callee = node.callee();
                    match inner {
                        Some(inner) => {
                            guards.extend(callee.into_iter().flat_map(|c| guard_of(c, self.resolver)));
                            node = inner;
                        }
                        // `View.as_view()`, `s.handleUsers()`
                        None => match callee {
                            Some(callee) if callee.name() == "as_view" && callee.is(Kind::Attribute) => {
                                match callee.object() {
                                    Some(object) => node = object,
                                    None => break,
                                }
                            }
                            Some(callee) => {
                                node = callee;
                                break;
                            }
                            None => break,
                        },
                    }
                }
                _ => break,
            }
        }
        let name = match self.resolver.value(node) {
            Value::Item(path) | Value::Instance(path) => path,
            Value::Unknown => String::new(),
        };
        guards.extend(self.guards_of_definition(&name));
        (name.into(), None, guards)
    }

    /// Python: what a handler that is registered elsewhere says of who may where it is defined: its decorators, its classes, and the fields of
    /// a class that hold what is asked.
    fn guards_of_definition(&self, handler: &str) -> Vec<Guard> {
        let (workspace, vocabulary) = (self.resolver.workspace(), self.resolver.vocabulary());
        let named = |name: &str| Guard { name: name.into() };
        let function = workspace.function(handler);
        let mut guards: Vec<Guard> =
            function.into_iter().flat_map(|f| &f.decorators).map(|d| named(d)).collect();
        if workspace.class(handler).is_some() {
            for class in self.resolver.lineage(handler) {
                let fields = workspace.class(&class).map(|c| &c.fields);
                let asks = |field: &str| vocabulary.value(field).is_some_and(|v| v.is("asks-who"));
                let open = fields.is_some_and(|fields| fields.iter().any(|(field, _)| asks(field)));
                guards.extend(open.then(Guard::default));
                guards.extend((class != handler).then(|| named(&class)));
            }
        }
        guards
    }

    /// Settings of a framework that name the module which its routes are in, and what runs before them: `ROOT_URLCONF`, `MIDDLEWARE`.
    fn settings(&mut self, assign: Node<'_>) {
        let vocabulary = self.resolver.vocabulary();
        let setting = |assign: Node<'_>, role: &str| {
            let target = assign.get(Role::Target).filter(|t| t.is(Kind::Name) && assign.function().is_none());
            vocabulary.value(target?.name()).filter(|setting| setting.is(role))
        };
        let routes = assign.get(Role::Value).and_then(Node::string);
        let Some(routes) = routes.filter(|_| setting(assign, "root-routes").is_some()) else { return };
        let assigns = assign.facts().nodes().filter(|n| n.is(Kind::Assign));
        let (mut guards, mut unseen, mut asks) = (Vec::new(), true, false);
        for other in assigns {
            if let Some(setting) = setting(other, "middleware-list") {
                unseen = false;
                let is_own = |name: &str| setting.property("own").is_some_and(|own| name.starts_with(own));
                let asks = |name: &str| setting.property("asks").is_some_and(|word| name.contains(word));
                let names = other.descendants().filter_map(Node::string);
                let guarding = names.filter(|name| !is_own(name) || asks(name));
                guards.extend(guarding.map(|name| Guard { name: (&*name).into() }));
            }
            let word = setting(other, "permissions").and_then(|setting| setting.property("asks"));
            asks |= word.is_some_and(|word| other.text().contains(word));
        }
        // What is not in view may ask, and so may what the settings say for all views.
        guards.extend((unseen || asks).then(Guard::default));
        let router = format!("{routes}.urlpatterns").into();
        self.add_group(assign, Group { router, application: true, guards, ..Group::default() });
    }

    /// Whether an argument is a handler: a function in place, one of the workspace, or a call around one.
    fn is_function(&self, node: Node<'_>, steps: u32) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return false };
        match node.kind() {
            Kind::Lambda => true,
            Kind::Name | Kind::Attribute => match self.resolver.value(node) {
                Value::Item(path) => self.resolver.workspace().function(&path).is_some(),
                Value::Instance(path) => node.is(Kind::Name) && path.ends_with("http.HandlerFunc"),
                Value::Unknown => false,
            },
            Kind::Call => {
                node.arguments().any(|a| self.is_function(a, steps))
                    || self
                        .resolver
                        .type_of(node)
                        .is_some_and(|t| t.ends_with("http.HandlerFunc") || t.ends_with("http.Handler"))
            }
            _ => false,
        }
    }

    /// `APIRouter(prefix=...)`, `router.Group("/x", guard)`, `r.Route("/x", func(r chi.Router) { ... })`
    fn made(&mut self, call: Node<'_>, meaning: &Meaning, object: Option<Node<'_>>) {
        let argument = |name: &str| meaning.argument(name).and_then(|a| a.of(call));
        // Who mounts it says the one of several paths.
        let path = argument("path").filter(|p| !p.is(Kind::List));
        let path = path.map(|p| self.path(p, meaning)).unwrap_or_default();
        let mut guards = argument("dependencies").map_or_else(Vec::new, |d| guard_of(d, self.resolver));
        guards.extend(argument("middleware").map_or_else(Vec::new, |d| guard_of(d, self.resolver)));
        let given = || argument("parent").and_then(|parent| self.key(parent, MAX_STEPS));
        let parent = self.receiver(object).or_else(given);
        let inner = argument("handler").or_else(|| argument("router"));
        if let (Some(parent), Some(inner)) = (&parent, inner) {
            if let Some(child) = self.child_key(inner) {
                self.link(LinkKind::Mount, parent, &child, path, guards);
            }
            return;
        }
        let key = self.made_key(call);
        if call.language() == Language::Go && parent.is_some() {
            let from = meaning.argument("path").and_then(|a| a.position).map_or(0, |p| p + 1);
            guards.extend(call.arguments().skip(from).flat_map(|a| guard_of(a, self.resolver)));
        }
        if let Some(parent) = parent {
            self.link(LinkKind::Mount, &parent, &key, path, guards);
            return;
        }
        // `Mount("/x", routes=[...])` in a list.
        let nested = call.role() == Role::Element;
        if let Some(outer) = self.holder(call).filter(|_| nested && !meaning.is("application")) {
            self.link(LinkKind::Mount, &outer, &key, path, guards);
            let routes = argument("routes").filter(|routes| !routes.is(Kind::List));
            if let Some(child) = routes.or(inner).and_then(|inner| self.child_key(inner)) {
                self.link(LinkKind::Mount, &key, &child, String::new(), Vec::new());
            }
            return;
        }
        // It is called with the application.
        if let Some(Value::Item(path)) = argument("function").map(|f| self.resolver.value(f)) {
            self.link(LinkKind::Parameter, &key, &format!("{path}#@0"), String::new(), Vec::new());
        }
        if let Some(routes) = argument("routes").and_then(|r| self.key(r, MAX_STEPS)) {
            self.link(LinkKind::Mount, &key, &routes, String::new(), Vec::new());
        }
        // It lists what it serves at its own path.
        if let Some(method) = meaning.property("root-method") {
            let methods = vec![method.into()];
            let library = (&*meaning.library).into();
            self.routing.routes.push(Route {
                router: key.as_str().into(),
                library,
                methods,
                ..Route::default()
            });
            self.spots.routes.push(call.range());
        }
        let application = meaning.is("application");
        let library = (&*meaning.library).into();
        self.add_group(call, Group { router: key.into(), library, path: path.into(), application, guards });
    }

    /// `app.include_router(users.router, prefix="/users")`
    fn mounted(&mut self, call: Node<'_>, meaning: &Meaning, object: Option<Node<'_>>) {
        let argument = |name: &str| meaning.argument(name).and_then(|a| a.of(call));
        let guards = argument("dependencies").map_or_else(Vec::new, |d| guard_of(d, self.resolver));
        let path = argument("path").map(|p| self.path(p, meaning)).unwrap_or_default();
        let replaces = if meaning.property("path") == Some("replaces") && argument("path").is_some() {
            Replaced::Inner
        } else {
            Replaced::Nothing
        };
        let parent = self.receiver(object).or_else(|| self.holder(call));
        let Some(parent) = parent else { return };
        let Some(router) = argument("router") else { return };
        // `routes![list, create]`
        let routers: Vec<Node<'_>> = match router.kind() {
            Kind::List | Kind::Tuple if router.language() == Language::Rust => {
                router.all(Role::Element).collect()
            }
            Kind::List => router.all(Role::Element).collect(),
            Kind::Call if router.has(Flags::MACRO) => router.arguments().collect(),
            _ => vec![router],
        };
        for router in routers {
            let Some(child) = self.child_key(router) else { continue };
            for path in self.several_paths(router).unwrap_or_else(|| vec![path.clone()]) {
                let (parent, child) = (parent.as_str().into(), child.as_str().into());
                let (path, guards, methods) = (path.into(), guards.clone(), Vec::new());
                let kind = LinkKind::Mount;
                self.add_link(Link { kind, parent, child, path, replaces, methods, guards });
            }
        }
    }

    /// The paths of a router that is made with several: `web::resource(["", "/"]).route(...)`.
    fn several_paths(&self, router: Node<'_>) -> Option<Vec<String>> {
        let mut made = Some(router);
        while let Some(call) = made.filter(|m| m.is(Kind::Call)) {
            let path =
                self.resolver.meaning(call).filter(|m| m.is("router")).and_then(|m| m.argument("path"));
            if let Some(list) = path.and_then(|path| path.of(call)).filter(|path| path.is(Kind::List)) {
                return Some(
                    list.all(Role::Element).map(|path| self.text(path, &mut FxHashSet::default())).collect(),
                );
            }
            made = call.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object);
        }
        None
    }

    /// `router.Use(guard)`, `app.add_middleware(Class)`, `router.layer(layer)`
    fn middleware(&mut self, call: Node<'_>, meaning: &Meaning, object: Option<Node<'_>>) {
        let first = meaning.argument("class").or_else(|| meaning.argument("handler"));
        let mut guards: Vec<Guard> = match first.and_then(|a| a.of(call)) {
            Some(guard) if meaning.is("adds-middleware") || call.language() == Language::Python => {
                guard_of(guard, self.resolver)
            }
            _ => call.arguments().flat_map(|a| guard_of(a, self.resolver)).collect(),
        };
        if guards.is_empty() {
            guards.push(Guard::default());
        }
        let Some(router) = self.receiver(object) else { return };
        if meaning.property("order") == Some("any") {
            return self.add_guards(call, Some(router), guards);
        }
        match meaning.returns.first().map(|r| &**r) {
            // The result leads to the receiver through the guard.
            Some("self") => {
                let outer = self.made_key(call);
                self.link(LinkKind::Layer, &outer, &router, String::new(), guards);
            }
            // The receiver leads to the result.
            Some(_) => {
                let inner = self.made_key(call);
                self.link(LinkKind::Mount, &router, &inner, String::new(), guards);
            }
            None => self.add_guards(call, Some(router), guards),
        }
    }

    /// A router is handed to a function: what that adds to its parameter is added to the router, and where it gives something back, it may
    /// stand before the router.
    fn passed(&mut self, call: Node<'_>) {
        for (at, argument) in call.arguments().enumerate() {
            if !matches!(argument.kind(), Kind::Name | Kind::Attribute | Kind::Reference | Kind::Call) {
                continue;
            }
            // What a closure takes has no type of its own: `.configure(|config| routes(config))`.
            let untyped = argument.is(Kind::Name) && !self.routing.links.is_empty();
            if !self.is_router(argument) && !untyped {
                continue;
            }
            let Some(router) = self.key(argument, MAX_STEPS) else { continue };
            let is_child = || self.routing.links.iter().any(|link| *link.child == *router);
            if !(self.is_router(argument) || router.contains("#λ") && is_child()) {
                continue;
            }
            let Some(callee) = call.callee() else { continue };
            let known = self.resolver.meaning(call);
            if known.is_some_and(|m| m.is("http-server") || m.is("serves") || m.is("limits-time")) {
                continue;
            }
            let path =
                self.resolver.callee(call).filter(|path| self.resolver.workspace().function(path).is_some());
            if let Some(path) = &path {
                self.link(LinkKind::Parameter, &router, &format!("{path}#@{at}"), String::new(), Vec::new());
            }
            // A function of the workspace stands before the router only where it gives one back; its own code says what it adds.
            let held = call.parent().filter(|p| p.is(Kind::Assign)).and_then(|p| p.get(Role::Target));
            let gives_back =
                self.is_router(call) || held.is_some_and(|target| target.text() == argument.text());
            if path.is_none() || gives_back {
                let guards = guard_of(callee, self.resolver);
                self.add_guards(call, Some(router), guards);
            }
        }
    }

    /// `&Server{router: r}`
    fn construction(&mut self, node: Node<'_>) {
        for argument in node.arguments().filter(|a| !a.label().is_empty()) {
            if self.is_router(argument)
                && let Some(router) = self.key(argument, MAX_STEPS)
                && let Some(class) = self.resolver.type_of(node)
            {
                let field = [&class, node.language().separator(), argument.label()].concat();
                self.link(LinkKind::Same, &router, &field, String::new(), Vec::new());
            }
        }
    }

    /// `s.router = r`, `app = create_app()`
    fn assignment(&mut self, assign: Node<'_>) {
        let Some(value) = assign.get(Role::Value) else { return };
        if assign.function().is_none() && value.is(Kind::String) {
            self.constant_text(assign, value);
            self.settings(assign);
        }
        for target in assign.all(Role::Target) {
            let global = target.is(Kind::Name) && assign.function().is_none() && assign.class().is_none();
            if !(global || target.is(Kind::Attribute))
                || !matches!(value.kind(), Kind::Name | Kind::Call | Kind::Attribute | Kind::Await)
            {
                continue;
            }
            if self.is_router(value)
                && let Some(held) = if global {
                    Some(self.resolver.environment().absolute(target.name()))
                } else {
                    self.key(target, MAX_STEPS)
                }
                && let Some(router) = self.key(value, MAX_STEPS)
            {
                self.link(LinkKind::Same, &router, &held, String::new(), Vec::new());
            }
        }
    }

    /// `return app`
    fn returned(&mut self, node: Node<'_>) {
        let Some(function) = node.function().filter(|f| f.is(Kind::Function)) else { return };
        for value in node.all(Role::Value) {
            if self.is_router(value)
                && let Some(router) = self.key(value, MAX_STEPS)
            {
                let name = format!("{}()", self.resolver.environment().absolute(&qualified_name(function)));
                self.link(LinkKind::Same, &name, &router, String::new(), Vec::new());
            }
        }
    }

    /// Whether an expression's value is a router, as far as its type tells.
    fn is_router(&self, node: Node<'_>) -> bool {
        let class = match node.kind() {
            Kind::Call if node.has(Flags::MACRO) => return false,
            Kind::Call => match self.resolver.meaning(node) {
                Some(meaning) if meaning.is("application") || meaning.is("router") => return true,
                _ => self.resolver.type_of(node),
            },
            _ => self.resolver.type_of(node),
        };
        class.is_some_and(|class| self.resolver.vocabulary().type_of(&class).is_some_and(|t| t.is("router")))
    }

    /// The function around a node, by its absolute name; the module outside all of them.
    fn unit(&self, node: Node<'_>) -> String {
        let environment = self.resolver.environment();
        match node.ancestors().filter(|n| n.is(Kind::Function)).last() {
            Some(function) => environment.absolute(&qualified_name(function)),
            None => environment.module().to_owned(),
        }
    }

    /// How many facts like this stand before it in its unit: tells facts of one name apart, wherever they move.
    fn ordinal(node: Node<'_>, like: impl Fn(Node<'_>) -> bool) -> usize {
        let unit =
            node.ancestors().filter(|n| n.is(Kind::Function)).last().or_else(|| node.ancestors().last());
        unit.map_or(0, |unit| {
            unit.descendants().take_while(|n| n.index() < node.index()).filter(|n| like(*n)).count()
        })
    }

    /// The key of a router that a call makes.
    fn made_key(&self, call: Node<'_>) -> String {
        let mut value = call;
        while let Some(outer) =
            value.parent().filter(|p| matches!(p.kind(), Kind::Reference | Kind::Await | Kind::Propagate))
        {
            value = outer;
        }
        if let Some(assign) = value.parent().filter(|p| p.is(Kind::Assign) && value.role() == Role::Value) {
            let target = assign.get(Role::Target);
            if let Some(target) = target.filter(|t| t.is(Kind::Name) && self.is_global(*t, assign)) {
                return self.resolver.environment().absolute(target.name());
            }
            if let Some(key) = target.filter(|t| t.is(Kind::Attribute)).and_then(|t| self.key(t, MAX_STEPS)) {
                return key;
            }
        }
        let name = call.callee().map_or("", Node::name);
        let at = Self::ordinal(call, |n| n.is(Kind::Call) && n.callee().is_some_and(|c| c.name() == name));
        format!("{}#={name}.{at}", self.unit(call))
    }

    fn is_global(&self, target: Node<'_>, assign: Node<'_>) -> bool {
        let declared = || {
            assign.function().is_some_and(|f| {
                f.descendants_here()
                    .any(|n| n.is(Kind::Global) && n.children().any(|c| c.name() == target.name()))
            })
        };
        assign.class().is_none() && assign.function().is_none() || declared()
    }

    /// The key of what a router is made to hold: a router, a function that takes one.
    fn child_key(&self, node: Node<'_>) -> Option<String> {
        match node.kind() {
            Kind::Lambda => Some(self.lambda_key(node)),
            Kind::Name | Kind::Attribute if !self.is_router(node) => match self.resolver.value(node) {
                Value::Item(path) if self.resolver.workspace().function(&path).is_some() => {
                    let takes =
                        self.resolver.workspace().function(&path).is_some_and(|f| f.parameters.len() == 1);
                    let registered = node.language() == Language::Rust && !self.resolver_takes_config(&path);
                    Some(if takes && !registered { format!("{path}#@0") } else { path })
                }
                Value::Instance(class) => match self.router_field(&class) {
                    Some(field) => Some([&*class, node.language().separator(), &field].concat()),
                    None => self.key(node, MAX_STEPS),
                },
                _ => self.key(node, MAX_STEPS),
            },
            _ => self.key(node, MAX_STEPS),
        }
    }

    /// The field in which the objects of a class of the workspace hold their router, where it is one.
    fn router_field(&self, class: &str) -> Option<Arc<str>> {
        let vocabulary = self.resolver.vocabulary();
        let holds = |origin: &Origin| match origin {
            Origin::Instance(path) => vocabulary.type_of(path).is_some_and(|t| t.is("router")),
            Origin::ResultOf(path, _) | Origin::Item(path) => {
                vocabulary.call(path).is_some_and(|m| m.is("router") || m.is("application"))
            }
            Origin::Unknown => false,
        };
        self.resolver.workspace().class(class)?;
        for class in self.resolver.lineage(class) {
            let Some(found) = self.resolver.workspace().class(&class) else { continue };
            let mut fields = found.fields.iter().filter(|(_, origin)| holds(origin)).map(|(name, _)| name);
            match (fields.next(), fields.next()) {
                (None, _) => {}
                (Some(field), None) => return Some(field.clone()),
                (Some(_), Some(_)) => return None,
            }
        }
        None
    }

    /// Rust: whether a function configures a part of an application, and does not answer requests.
    fn resolver_takes_config(&self, path: &str) -> bool {
        self.resolver.workspace().function(path).is_some_and(|f| !f.is_async && f.results.is_empty())
    }

    fn lambda_key(&self, lambda: Node<'_>) -> String {
        let at = Self::ordinal(lambda, |n| n.is(Kind::Lambda));
        format!("{}#λ{at}", self.unit(lambda))
    }

    /// What holds a route that is written as a value: the variable of its list, the application that takes it.
    fn holder(&self, node: Node<'_>) -> Option<String> {
        let mut inner = node;
        for outer in node.ancestors() {
            match outer.kind() {
                Kind::List | Kind::Tuple | Kind::Binary | Kind::Spread => {}
                Kind::Call => {
                    let meaning = self.resolver.meaning(outer)?;
                    if inner.role() == Role::Callee {
                        return None;
                    }
                    if meaning.is("application") || meaning.is("router") {
                        return Some(self.made_key(outer));
                    }
                    let object = outer.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object);
                    return self.receiver(object);
                }
                Kind::Assign => {
                    let target = outer.get(Role::Target).filter(|t| t.is(Kind::Name))?;
                    return Some(match outer.function() {
                        None => self.resolver.environment().absolute(target.name()),
                        Some(_) => format!("{}#{}", self.unit(outer), target.name()),
                    });
                }
                _ => return None,
            }
            inner = outer;
        }
        None
    }

    /// Django: what `include(...)` names.
    fn included(&self, call: Node<'_>) -> Option<String> {
        let meaning = self.resolver.meaning(call)?;
        let router = meaning.argument("router")?.of(call)?;
        match router.kind() {
            Kind::String => Some(format!("{}.urlpatterns", router.string()?)),
            Kind::Tuple | Kind::List => {
                let first = router.get(Role::Element)?;
                first.string().map(|s| format!("{s}.urlpatterns")).or_else(|| self.key(first, MAX_STEPS))
            }
            _ => self.key(router, MAX_STEPS),
        }
    }

    /// The key of the router that an expression stands for; none where it is not to be told. It is not checked to be one.
    fn key(&self, node: Node<'_>, steps: u32) -> Option<String> {
        let steps = steps.checked_sub(1)?;
        let separator = node.language().separator();
        match node.kind() {
            Kind::Name => {
                let Some(binding) = self
                    .resolver
                    .bindings(node)
                    .iter()
                    .copied()
                    .rfind(|b| b.index() < node.index())
                    .or_else(|| self.resolver.bindings(node).first().copied())
                else {
                    return match self.resolver.environment().lookup(node.name()) {
                        Some(Origin::Item(path)) => Some(path.to_string()),
                        Some(_) => Some(self.resolver.environment().absolute(node.name())),
                        None => None,
                    };
                };
                self.bound(binding, node.name(), steps)
            }
            Kind::Attribute => {
                let object = node.object()?;
                match self.resolver.value(object) {
                    Value::Item(path) => Some([&path, separator, node.name()].concat()),
                    // A part of a library's object stands for the object: `app.router`, `e.Server`.
                    Value::Instance(class) if self.resolver.vocabulary().type_of(&class).is_some() => {
                        self.key(object, steps)
                    }
                    Value::Instance(class) => Some([&class, separator, node.name()].concat()),
                    Value::Unknown => None,
                }
            }
            Kind::Call => self.called(node, steps),
            Kind::Await | Kind::Propagate | Kind::Reference | Kind::Dereference | Kind::Spread => {
                self.key(node.get(Role::Value)?, steps)
            }
            Kind::Block => self.key(node.children().last()?, steps),
            Kind::Conditional | Kind::If => self.key(node.get(Role::Body)?, steps),
            Kind::List if node.language() == Language::Python => self.holder(node),
            _ => None,
        }
    }

    fn bound(&self, binding: Node<'_>, name: &str, steps: u32) -> Option<String> {
        let holder = std::iter::once(binding)
            .chain(binding.ancestors())
            .find(|n| !matches!(n.kind(), Kind::Name | Kind::Tuple | Kind::Pattern | Kind::Reference))?;
        match holder.kind() {
            Kind::Parameter => {
                let function = holder.parent()?;
                if function.is(Kind::Lambda) {
                    return Some(self.lambda_key(function));
                }
                let at = function.all(Role::Parameter).position(|p| p == holder)?;
                let at = if function.class().is_some() && function.language() == Language::Python {
                    at.checked_sub(1)?
                } else {
                    at
                };
                Some(format!("{}#@{at}", self.resolver.environment().absolute(&qualified_name(function))))
            }
            Kind::Assign | Kind::Let | Kind::WithItem => {
                let values: Vec<Node<'_>> = holder.all(Role::Value).collect();
                let value = if let [value] = values[..] { Some(value) } else { None };
                let made =
                    value.filter(|v| !v.is(Kind::Name) || v.name() != name).and_then(|v| self.key(v, steps));
                let local = || {
                    let at = Self::ordinal(binding, |n| {
                        n.is(Kind::Name) && n.has(Flags::BINDS) && n.name() == name
                    });
                    format!("{}#{name}.{at}", self.unit(binding))
                };
                Some(made.unwrap_or_else(local))
            }
            _ => None,
        }
    }

    fn called(&self, call: Node<'_>, steps: u32) -> Option<String> {
        let object = call.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object);
        if let Some(meaning) = self.resolver.meaning(call) {
            let receiver = || object.and_then(|o| self.key(o, steps));
            let returns_self = meaning.returns.first().is_some_and(|r| &**r == "self");
            let makes = meaning.is("application") || meaning.is("router");
            let guards = meaning.is("middleware")
                && !meaning.returns.is_empty()
                && meaning.property("order") != Some("any");
            return match () {
                () if makes && !(returns_self && object.is_some()) || guards => Some(self.made_key(call)),
                () => receiver().or_else(|| {
                    call.arguments().find(|a| self.is_router(*a)).and_then(|a| self.key(a, steps))
                }),
            };
        }
        if let Some(path) = self.resolver.callee(call)
            && self.resolver.workspace().function(&path).is_some()
        {
            // A function around a router stands before it.
            let wrapped = call.arguments().find(|a| self.is_router(*a)).and_then(|a| self.key(a, steps));
            return Some(wrapped.unwrap_or_else(|| format!("{path}()")));
        }
        let wrapped = call.arguments().find(|a| self.is_router(*a)).and_then(|a| self.key(a, steps));
        // What nobody knows gives back what it is called on, or takes: `Router::new().with_tracing()`.
        wrapped.or_else(|| object.filter(|o| self.is_router(*o)).and_then(|o| self.key(o, steps)))
    }
}
