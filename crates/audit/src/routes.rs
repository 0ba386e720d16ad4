//! The routes of a workspace: what each file tells of its own put together, across files.
//!
//! Routers are followed from a route upwards: to what mounts them, to the application. What is said of a route holds for everything that
//! stands on the way; what cannot be told is none, and silent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use shipworthy_facts::{
    Behaviour, Effects, Function, Guard, Link, LinkKind, Replaced, Route, Topics, Vocabulary, Workspace,
    words,
};
use shipworthy_syntax::{Language, Range, Spot};

use crate::code_role::CodeRole;
use crate::finding::{Place, Related};
use crate::index::{Index, View};
use crate::inventory::{self, Evidence, Operation};
use crate::survey::Surveyed;
use crate::views::{Answers, Views};

/// The routes of a workspace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Routes {
    /// Each route once for every way that leads to it, in the order of files and places.
    pub served: Vec<Served>,
    /// The applications that requests come to, in the order of files and places.
    pub applications: Vec<Application>,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its file.
    pub file: usize,
    /// Where it is made.
    pub range: Range,
    /// What routes call it: see [`Served::application`].
    pub key: String,
}

/// A route as requests come to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Served {
    /// The file that registers it.
    pub file: usize,
    /// Where.
    pub range: Range,
    /// The library, as users name it.
    pub library: String,
    /// Its methods, in upper case; empty: any.
    pub methods: Vec<String>,
    /// The full path; what is computed stands in braces.
    pub path: String,
    /// The absolute name of the handler; empty where it stands in place or is not known.
    pub handler: String,
    /// Where the handler is defined.
    pub handler_place: Option<(Arc<str>, Spot)>,
    /// The application that it belongs to; none where none is in view.
    pub application: Option<String>,
    /// Whether callers are authenticated; none where it cannot be told.
    pub authentication: Option<bool>,
    /// Whether calls are limited.
    pub rate_limit: Option<bool>,
    /// What checks its input: schemas and validators.
    pub validated_by: Vec<String>,
    /// Whether its handler reads the request by itself.
    pub reads_request: bool,
    /// What its handler does, through all that it calls.
    pub effects: Effects,
    /// The first library call that reads all rows, on the way that reaches it: the functions, then the call.
    pub reads_all: Option<String>,
    /// What the handler and what it calls speak of.
    pub topics: Topics,
}

impl Served {
    /// Whether it changes state, as its methods tell.
    pub fn changes_state(&self) -> bool {
        self.methods.iter().any(|m| matches!(m.as_str(), "POST" | "PUT" | "PATCH" | "DELETE"))
    }

    /// Whether its input is checked; none where it is not known to have any.
    fn validation(&self) -> Option<bool> {
        if self.validated_by.is_empty() { self.reads_request.then_some(false) } else { Some(true) }
    }

    /// What it does with data, as far as its methods and its reads tell.
    fn operation(&self) -> Option<Operation> {
        if self.changes_state() {
            Some(Operation::Write)
        } else if self.methods.is_empty() {
            None
        } else if self.reads_all.is_some() {
            Some(Operation::List)
        } else {
            Some(Operation::Read)
        }
    }

    /// The words of its path, without parameters.
    pub fn path_words(&self) -> Vec<String> {
        let parts = self.path.split('/').filter(|part| !part.starts_with(['{', '<', ':', '*']));
        parts.flat_map(words).collect()
    }

    /// The place of its handler, for a finding.
    pub fn answers(&self) -> Option<Related> {
        let (file, spot) = self.handler_place.clone()?;
        let name = self.handler.rsplit(['.', ':']).next().unwrap_or_default();
        Some(Related { place: Place::File(file, spot), message: format!("`{name}` answers it") })
    }

    /// As it is shown: `POST /orders`.
    pub fn shown(&self) -> String {
        let methods = if self.methods.is_empty() { "*".to_owned() } else { self.methods.join(", ") };
        format!("{methods} {}", self.path)
    }
}

/// How far routers, and calls, are followed.
const MAX_DEPTH: usize = 12;

/// How far a guard's or handler's calls are followed for what they speak of.
const MAX_CALLS: usize = 5;

/// More ways to one route are not listed.
const MAX_WAYS: usize = 8;

/// What is known of one router under all its names.
#[derive(Default)]
struct Router {
    path: String,
    /// The application that it is.
    application: Option<usize>,
    guards: Vec<Guard>,
    /// What leads to it.
    parents: Vec<Parent>,
    /// The parameters that take it.
    parameters: Vec<usize>,
}

/// What leads to a router.
#[derive(Clone, PartialEq)]
struct Parent {
    router: usize,
    path: String,
    replaces: Replaced,
    methods: Vec<Arc<str>>,
    guards: Vec<Guard>,
}

/// A way from a route up to where requests come in.
#[derive(Clone)]
struct Way {
    path: String,
    /// The methods that come through; empty: all.
    methods: Vec<Arc<str>>,
    guards: Vec<Guard>,
    /// What stands before all of an application: it sees every request, and may let any through.
    before_all: Vec<Guard>,
    application: Option<usize>,
}

impl Way {
    /// The way to what hangs under its end.
    fn with(&self, path: &str) -> Self {
        Self { path: joined(&self.path, path), ..self.clone() }
    }
}

/// Routers by key and project.
#[derive(Default)]
struct Routers {
    numbers: FxHashMap<(Arc<str>, Language, String), usize>,
    names: Vec<String>,
    same: Vec<usize>,
    routers: Vec<Router>,
}

impl Routers {
    /// The number of what a file calls by a key: of two projects with modules of one name each has its own.
    fn number(&mut self, view: &View<'_>, language: Language, key: &str) -> usize {
        let key = view.resolved_key(key);
        let project = view.project_of(&key);
        let name = if project.is_empty() { key.clone() } else { format!("{project}:{key}") };
        let key = (project, language, key);
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = self.names.len();
        self.names.push(name);
        self.numbers.insert(key, number);
        self.same.push(number);
        self.routers.push(Router::default());
        number
    }

    fn root(&self, mut number: usize) -> usize {
        while self.same[number] != number {
            number = self.same[number];
        }
        number
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.same[b] = a;
            let other = std::mem::take(&mut self.routers[b]);
            let router = &mut self.routers[a];
            router.application = router.application.or(other.application);
            if router.path.is_empty() {
                router.path = other.path;
            }
            router.guards.extend(other.guards);
            router.parents.extend(other.parents);
            router.parameters.extend(other.parameters);
        }
    }

    /// What is added to a router, under its own name and by the functions that take it.
    fn guards(&self, number: usize, seen: &mut FxHashSet<usize>, into: &mut Vec<Guard>) {
        let number = self.root(number);
        if !seen.insert(number) {
            return;
        }
        into.extend(self.routers[number].guards.iter().cloned());
        for parameter in &self.routers[number].parameters {
            self.guards(*parameter, seen, into);
        }
    }

    /// The ways from a router up. A `whole` path is not under what is further out.
    fn ways(
        &self,
        number: usize,
        (inner, whole): (&str, bool),
        guards: &[Guard],
        seen: &mut Vec<usize>,
        ways: &mut Vec<Way>,
    ) {
        let number = self.root(number);
        if seen.contains(&number) || seen.len() > MAX_DEPTH || ways.len() >= MAX_WAYS {
            return;
        }
        let router = &self.routers[number];
        let path = if whole { inner.to_owned() } else { joined(&router.path, inner) };
        let mut guards = guards.to_vec();
        let mut before_all = Vec::new();
        let own = if router.application.is_some() { &mut before_all } else { &mut guards };
        self.guards(number, &mut FxHashSet::default(), own);
        let parents: Vec<_> =
            router.parents.iter().filter(|p| !seen.contains(&self.root(p.router))).collect();
        if parents.is_empty() {
            let (methods, application) = (Vec::new(), router.application);
            ways.push(Way { path, methods, guards, before_all, application });
            return;
        }
        seen.push(number);
        for parent in parents {
            let mut guards = guards.clone();
            guards.extend(parent.guards.iter().cloned());
            // A mounted application's own middleware.
            guards.extend(before_all.iter().cloned());
            let below = if parent.replaces == Replaced::Inner { inner } else { &path };
            let below = if whole { path.clone() } else { joined(&parent.path, below) };
            let whole = whole || parent.replaces == Replaced::Outer;
            let first = ways.len();
            self.ways(parent.router, (&below, whole), &guards, seen, ways);
            for way in &mut ways[first..] {
                if way.methods.is_empty() {
                    way.methods.clone_from(&parent.methods);
                }
            }
        }
        seen.pop();
    }

    /// The routers that lead to one of some routers.
    fn leading_to(&self, some: impl Iterator<Item = usize>) -> FxHashSet<usize> {
        let mut leading = FxHashSet::default();
        let mut open: Vec<usize> = some.map(|number| self.root(number)).collect();
        while let Some(number) = open.pop() {
            if leading.insert(number) {
                open.extend(self.routers[number].parents.iter().map(|parent| self.root(parent.router)));
            }
        }
        leading
    }
}

/// A path as it is shown: from the root on, and of a nested router's root the router's prefix alone where that is what it answers.
fn shown_path(route: &Route, path: String) -> String {
    let path = if path.starts_with(['/', '{']) { path } else { format!("/{path}") };
    match path.strip_suffix('/') {
        Some(bare) if route.bare && &*route.path == "/" && !bare.is_empty() => bare.to_owned(),
        _ => path,
    }
}

/// Whether a path says nothing of itself: `{route.pattern}`.
fn is_computed(path: &str) -> bool {
    let inner = path.trim_start_matches('/').strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inner.is_some_and(|inner| inner.contains('.') && !inner.contains(['{', '}', '/']))
}

fn joined(prefix: &str, path: &str) -> String {
    match (prefix.is_empty(), path.is_empty()) {
        (true, _) => path.to_owned(),
        (_, true) => prefix.to_owned(),
        _ => format!("{}/{}", prefix.trim_end_matches('/'), path.trim_start_matches('/')),
    }
}

impl Routes {
    /// Puts the routes of files together.
    pub(crate) fn of(files: &[Surveyed<'_>], index: &Index) -> Self {
        let answers = Answers::of(files);
        let mut routers = Routers::default();
        let mut layers = Vec::new();
        let mut places: BTreeMap<usize, (usize, Range)> = BTreeMap::new();
        for (number, file) in files.iter().enumerate() {
            let Some(view) = view_of(index, file).filter(|_| file.role == CodeRole::Production) else {
                continue;
            };
            let routing = &file.summary.routing;
            for (at, group) in routing.groups.iter().enumerate() {
                let router = routers.number(&view, file.language, &group.router);
                let root = routers.root(router);
                let known = &mut routers.routers[root];
                known.application = known.application.or(group.application.then_some(router));
                if !group.path.is_empty() {
                    known.path = answers.told(&view, file.language, &group.path);
                }
                known.guards.extend(group.guards.iter().cloned());
                if let Some(range) = file.route_spots.groups.get(at).filter(|_| group.application) {
                    places.entry(router).or_insert((number, *range));
                }
            }
            for link in &routing.links {
                let parent = routers.number(&view, file.language, &link.parent);
                let child = routers.number(&view, file.language, &link.child);
                match link.kind {
                    LinkKind::Same => routers.unite(parent, child),
                    LinkKind::Mount | LinkKind::Layer | LinkKind::Parameter => {
                        let root = routers.root(child);
                        let Link { replaces, methods, guards, .. } = link.clone();
                        let path = answers.told(&view, file.language, &link.path);
                        let way = Parent { router: parent, path, replaces, methods, guards };
                        let parents = &mut routers.routers[root].parents;
                        if !parents.contains(&way) {
                            parents.push(way);
                        }
                        if link.kind == LinkKind::Layer {
                            layers.push((parent, child));
                        }
                        if link.kind == LinkKind::Parameter {
                            let root = routers.root(parent);
                            routers.routers[root].parameters.push(child);
                        }
                    }
                }
            }
        }
        // An application with something before it is one. Layers are written inside out, and files in any order.
        for _ in 0..MAX_DEPTH {
            for (outer, inner) in &layers {
                let application = routers.routers[routers.root(*inner)].application;
                let outer = routers.root(*outer);
                let known = &mut routers.routers[outer].application;
                *known = known.or(application);
            }
        }
        let applications = places.iter().map(|(router, (file, range))| {
            let key = routers.names[*router].clone();
            Application { file: *file, range: *range, key }
        });
        let mut applications: Vec<Application> = applications.collect();
        applications.sort_by_key(|a| (a.file, a.range));
        let mut serving = Vec::new();
        for file in files {
            let Some(view) = view_of(index, file).filter(|_| file.role == CodeRole::Production) else {
                continue;
            };
            let known = file.summary.routing.routes.iter().filter(|route| !route.router.is_empty());
            serving.extend(known.map(|route| routers.number(&view, file.language, &route.router)));
        }
        let serving = routers.leading_to(serving.into_iter());
        let mut served = Vec::new();
        for (number, file) in files.iter().enumerate() {
            let Some(view) = view_of(index, file).filter(|_| file.role == CodeRole::Production) else {
                continue;
            };
            let mut judge = Judge { view: &view, language: file.language, known: FxHashMap::default() };
            let views = Views { view: &view, language: file.language, answers: &answers };
            for (at, route) in file.summary.routing.routes.iter().enumerate() {
                let Some(range) = file.route_spots.routes.get(at) else { continue };
                if !route.leads_to.is_empty() {
                    let inner = routers.number(&view, file.language, &route.leads_to);
                    if serving.contains(&routers.root(inner)) {
                        continue;
                    }
                }
                for path in answers.all_told(&view, file.language, &route.path) {
                    let ways = if route.router.is_empty() {
                        vec![Way {
                            path,
                            methods: Vec::new(),
                            guards: route.guards.clone(),
                            before_all: Vec::new(),
                            application: None,
                        }]
                    } else {
                        let router = routers.number(&view, file.language, &route.router);
                        let mut ways = Vec::new();
                        routers.ways(router, (&path, false), &route.guards, &mut Vec::new(), &mut ways);
                        ways
                    };
                    let answered = views.answered(route);
                    for way in ways {
                        let application = way.application.map(|a| routers.names[a].clone());
                        for route in &answered {
                            let way = way.with(&route.path);
                            served.push(judge.served(
                                &route.route,
                                (number, *range),
                                way,
                                application.clone(),
                            ));
                        }
                    }
                }
            }
        }
        served.dedup_by(|later, first| later == first);
        // The code that goes through a table of routes registers each of its rows.
        if served.iter().any(|route: &Served| route.library.is_empty()) {
            served.retain(|route| !is_computed(&route.path));
        }
        Self { served, applications }
    }
}

impl Routes {
    /// The routes as a report lists them, one a method.
    pub(crate) fn listed(&self, files: &[Surveyed<'_>]) -> Vec<inventory::Route> {
        let mut listed = Vec::new();
        for route in &self.served {
            let Some(file) = files.get(route.file) else { continue };
            let any = ["*".to_owned()];
            let methods = if route.methods.is_empty() { &any[..] } else { &route.methods };
            listed.extend(methods.iter().map(|method| inventory::Route {
                method: method.clone(),
                path: route.path.clone(),
                handler: route.handler.clone(),
                place: Evidence::of(&file.path, file.text, route.range, route.shown()),
                authentication: route.authentication,
                rate_limit: route.rate_limit,
                validation: route.validation(),
                validated_by: route.validated_by.clone(),
                operation: route.operation(),
            }));
        }
        listed.sort_by(|a, b| (&a.path, &a.method, &a.place).cmp(&(&b.path, &b.method, &b.place)));
        // Where several ways lead to one route, that holds which all say.
        listed.dedup_by(|later, first| {
            let same = later.path == first.path && later.method == first.method && later.place == first.place;
            if same {
                first.authentication =
                    first.authentication.filter(|_| first.authentication == later.authentication);
                first.rate_limit = first.rate_limit.filter(|_| first.rate_limit == later.rate_limit);
            }
            same
        });
        listed
    }
}

fn view_of<'a>(index: &'a Index, file: &Surveyed<'_>) -> Option<View<'a>> {
    Some(index.view_of(index.file(&file.path)?))
}

/// What guards and handlers are found out to do.
struct Judge<'v, 'i> {
    view: &'v View<'i>,
    language: Language,
    known: FxHashMap<(String, Topics), Option<bool>>,
}

impl Judge<'_, '_> {
    fn served(
        &mut self,
        route: &Route,
        (file, range): (usize, Range),
        way: Way,
        application: Option<String>,
    ) -> Served {
        let handler = self.view.resolved_key(&route.handler);
        let reached = self.reached(route, &handler);
        let injected: Vec<Guard> = reached.injected.iter().map(|name| Guard { name: name.clone() }).collect();
        let guards: Vec<&Guard> = way.guards.iter().chain(&injected).collect();
        // A handler that is not in view may do anything itself.
        let in_place =
            if !reached.known || reached.topics.contains(Topics::ACCESS) { None } else { Some(false) };
        let methods = if route.methods.is_empty() { way.methods } else { route.methods.clone() };
        let stands = application.is_some();
        let authentication = self.guarded(&guards, Topics::ACCESS, "authenticates");
        let authentication = self.with_all(authentication, &way.before_all).unwrap_or(in_place);
        let in_place =
            if !reached.known || reached.topics.contains(Topics::RATE) { None } else { Some(false) };
        let guards: Vec<&Guard> = guards.into_iter().chain(&way.before_all).collect();
        let rate_limit = self.guarded(&guards, Topics::RATE, "rate-limits").unwrap_or(in_place);
        let told = |said: Option<bool>| said.filter(|said| *said || stands);
        Served {
            file,
            range,
            library: route.library.to_string(),
            methods: methods.iter().map(ToString::to_string).collect(),
            path: shown_path(route, way.path),
            handler_place: self.view.definition(&handler),
            handler,
            application,
            authentication: told(authentication),
            rate_limit: told(rate_limit),
            validated_by: self.validators(&reached),
            reads_request: reached.reads_request,
            effects: reached.effects,
            reads_all: reached.reads_all,
            topics: reached.topics,
        }
    }

    /// What checks the input of a handler: itself, what it calls, what is injected into it.
    fn validators(&self, reached: &Reached) -> Vec<String> {
        let injected = reached.injected.iter().flat_map(|name| self.functions(&self.view.resolved_key(name)));
        let injected = injected.map(|function| &function.behaviour);
        let injected = injected.flat_map(|behaviour| {
            behaviour.contract().schemas.iter().chain(&behaviour.contract().validators)
        });
        let all: BTreeSet<String> =
            reached.validated.iter().chain(injected).map(ToString::to_string).collect();
        all.into_iter().collect()
    }

    /// Whether any of the guards does something: none where none of them does for certain; then what the inner one says where one may.
    fn guarded(&mut self, guards: &[&Guard], topic: Topics, role: &str) -> Option<Option<bool>> {
        let mut unknown = false;
        for guard in guards {
            match self.does(guard, topic, role) {
                Some(true) => return Some(Some(true)),
                Some(false) => {}
                None => unknown = true,
            }
        }
        unknown.then_some(None)
    }

    /// Whether callers are authenticated, with what stands before all of an application. That sees every request, and lets some through as
    /// a rule: only a plain name says that it asks.
    fn with_all(&mut self, known: Option<Option<bool>>, before: &[Guard]) -> Option<Option<bool>> {
        if known == Some(Some(true)) {
            return known;
        }
        let mut known = known;
        for guard in before {
            if self.does(guard, Topics::ACCESS, "authenticates") == Some(false) {
                continue;
            }
            let plain = guard.name.rsplit(['.', ':', '/', '#']).next().unwrap_or_default();
            if Topics::of(plain).contains(Topics::ACCESS) && self.demands(plain) {
                return Some(Some(true));
            }
            known = Some(None);
        }
        known
    }

    /// Whether a name says that nobody passes who may not. In Python a middleware of an application finds out who calls, as a rule, and
    /// leaves it to the routes to ask.
    fn demands(&self, name: &str) -> bool {
        const DEMANDS: [&str; 14] = [
            "require", "required", "requires", "must", "verify", "check", "protect", "enforce", "guard",
            "ensure", "validate", "basic", "jwt", "key",
        ];
        self.language != Language::Python || words(name).iter().any(|word| DEMANDS.contains(&word.as_str()))
    }

    /// Whether a guard does something; none where it cannot be told.
    fn does(&mut self, guard: &Guard, topic: Topics, role: &str) -> Option<bool> {
        let name = self.view.resolved_key(&guard.name);
        if name.is_empty() {
            return None;
        }
        if let Some(known) = self.known.get(&(name.clone(), topic)) {
            return *known;
        }
        let said = self.find_out(&name, topic, role);
        self.known.insert((name, topic), said);
        said
    }

    /// Whether a name, or what is injected into it, does something. Each is asked once, those that are injected into each other too.
    fn find_out(&self, name: &str, topic: Topics, role: &str) -> Option<bool> {
        let mut seen = FxHashSet::from_iter([name.to_owned()]);
        let mut open = vec![name.to_owned()];
        let mut all = Some(false);
        while let Some(name) = open.pop() {
            match self.find_out_alone(&name, topic, role, &mut open, &mut seen) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => all = None,
            }
        }
        all
    }

    /// Of a name by itself; what is injected into it and was not yet seen is to be asked next.
    fn find_out_alone(
        &self,
        name: &str,
        topic: Topics,
        role: &str,
        open: &mut Vec<String>,
        seen: &mut FxHashSet<String>,
    ) -> Option<bool> {
        let vocabulary = Vocabulary::built_in(self.language);
        let meaning =
            vocabulary.call(name).or_else(|| vocabulary.type_of(name)).or_else(|| vocabulary.value(name));
        if meaning.is_some_and(|m| m.is(role)) {
            return Some(true);
        }
        let last: Vec<&str> = name.rsplit(['.', ':', '/']).filter(|p| !p.is_empty()).take(2).collect();
        if topic == Topics::ACCESS && last.first().is_some_and(|part| wants_nobody(part)) {
            return Some(false);
        }
        if last.iter().any(|part| Topics::of(part).contains(topic)) {
            return Some(true);
        }
        let functions = self.functions(name);
        if !functions.is_empty() {
            let reached = self.walk(functions.iter().map(|f| &f.behaviour), None);
            // It calls what plainly does, or depends on it. What only speaks of it may, and may not.
            let speaks = |name: &str| {
                let last = name.rsplit(['.', ':', '/']).next().unwrap_or_default();
                Topics::of(last).contains(topic) || vocabulary.behaviour(name).is_some_and(|m| m.is(role))
            };
            let calls = functions.iter().flat_map(|f| f.behaviour.calls.iter().map(|c| &*c.path));
            let library = functions.iter().flat_map(|f| f.behaviour.library.keys().map(|name| &**name));
            if calls.chain(library).any(speaks) {
                return Some(true);
            }
            let spoken_of = if reached.topics.contains(topic) { None } else { Some(false) };
            let injected = reached.injected.iter().map(|inner| inner.to_string());
            open.extend(injected.filter(|inner| seen.insert(inner.clone())));
            return spoken_of;
        }
        let own = self.view.is_own(name);
        if meaning.is_some() || !own && (topic == Topics::RATE || is_plainly_other(name)) {
            return Some(false);
        }
        None
    }

    /// The functions of a name: itself, or the methods of the class.
    fn functions(&self, name: &str) -> Vec<&Function> {
        match self.view.function(name) {
            Some(function) => vec![function],
            None => self.view.methods(name),
        }
    }

    fn reached(&self, route: &Route, handler: &str) -> Reached {
        let functions = self.functions(handler);
        let known = route.inline.is_some() || !functions.is_empty();
        let inline = route.inline.as_deref();
        Reached { known, ..self.walk(functions.iter().map(|f| &f.behaviour).chain(inline), Some(handler)) }
    }

    /// What bodies and what they call do and speak of.
    fn walk<'b>(&self, bodies: impl Iterator<Item = &'b Behaviour>, name: Option<&str>) -> Reached {
        let vocabulary = Vocabulary::built_in(self.language);
        let mut reached = Reached::default();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut level: Vec<(&Behaviour, String)> =
            bodies.map(|b| (b, name.unwrap_or_default().to_owned())).collect();
        for depth in 0..MAX_CALLS {
            let mut next: Vec<(&Behaviour, String)> = Vec::new();
            for (behaviour, _) in &level {
                reached.topics |= behaviour.topics;
                reached.effects |= behaviour.effects;
                if depth == 0 {
                    reached.injected.extend(behaviour.contract().injected.iter().cloned());
                    let reads =
                        behaviour.library.iter().filter(|(_, c)| c.effects.contains(Effects::READS_REQUEST));
                    reached.reads_request |=
                        reads.map(|(name, _)| name).any(|name| !is_of_headers(vocabulary, name));
                }
                if depth == 0 {
                    reached.validated.extend(behaviour.contract().schemas.iter().cloned());
                }
                // A helper may be given what the handler read.
                if depth < 2 {
                    reached.validated.extend(behaviour.contract().validators.iter().cloned());
                }
                // What is read further away is not what the route answers with.
                for library in behaviour.library.keys().filter(|_| depth < 3) {
                    let all = vocabulary.behaviour(library).filter(|m| m.property("rows") == Some("all"));
                    if all.is_some_and(|m| m.effects.contains(Effects::READS)) && reached.reads_all.is_none()
                    {
                        reached.reads_all = Some(library.to_string());
                    }
                }
                for callee in &behaviour.calls {
                    reached.topics |= Topics::of(callee.path.rsplit(['.', ':', '/']).next().unwrap_or(""));
                    if seen.insert(callee.path.to_string()) {
                        reached.effects |= self.view.reach(&callee.path);
                        let implementation = self.view.implementation(&callee.path);
                        let path = implementation.as_deref().unwrap_or(&callee.path);
                        if let Some(function) = self.view.function(path) {
                            next.push((&function.behaviour, path.to_owned()));
                        }
                    }
                }
            }
            level = next;
        }
        reached
    }
}

/// Whether a call reads a request's headers: they are no input that a schema describes.
fn is_of_headers(vocabulary: &Vocabulary, name: &str) -> bool {
    let object = name.rsplit_once(['.', ':']).map_or(name, |(object, _)| object.trim_end_matches(':'));
    let known = [vocabulary.behaviour(name), vocabulary.value(object)];
    known.into_iter().flatten().any(|known| known.property("part") == Some("headers"))
}

/// What is reached from a handler.
#[derive(Default)]
struct Reached {
    known: bool,
    topics: Topics,
    effects: Effects,
    injected: BTreeSet<Arc<str>>,
    validated: BTreeSet<Arc<str>>,
    reads_request: bool,
    reads_all: Option<String>,
}

/// Whether a guard's name says that it lets pass who is not signed in: `AnonymousGuard`.
fn wants_nobody(name: &str) -> bool {
    words(name).iter().any(|w| matches!(w.as_str(), "anonymous" | "anon" | "guest" | "unauthenticated"))
}

/// Whether a library's name plainly says that it does something else than to ask who calls.
fn is_plainly_other(name: &str) -> bool {
    const OTHER: [&str; 63] = [
        "cors",
        "log",
        "logs",
        "logger",
        "logging",
        "recover",
        "recovery",
        "recoverer",
        "gzip",
        "zip",
        "compress",
        "compression",
        "metrics",
        "prometheus",
        "instrumentator",
        "instrument",
        "trace",
        "tracing",
        "telemetry",
        "opentelemetry",
        "otel",
        "otelhttp",
        "otelgin",
        "requestid",
        "id",
        "timeout",
        "timeouts",
        "cache",
        "etag",
        "static",
        "files",
        "migrate",
        "sqlalchemy",
        "babel",
        "mail",
        "sentry",
        "profiler",
        "pprof",
        "heartbeat",
        "ip",
        "realip",
        "slashes",
        "brotli",
        "host",
        "https",
        "redirect",
        "normalize",
        "sse",
        "errors",
        "exception",
        "exceptions",
        "state",
        "response",
        "content",
        "model",
        "docs",
        "limit",
        "limiter",
        "db",
        "socketio",
        "csrf",
        "noise",
        "toolbar",
    ];
    let last = name.rsplit(['.', ':', '/']).find(|p| {
        !p.is_empty()
            && !matches!(*p, "new" | "New" | "default" | "Default" | "layer" | "init_app" | "Handler")
    });
    last.is_some_and(|last| words(last).iter().any(|word| OTHER.contains(&word.as_str())))
}
