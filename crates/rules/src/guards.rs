//! Go: which maps are used under a lock, which without one, and what runs several at once.
//!
//! While files are read, each function is walked once, with the locks that it holds on the way, and what it does with maps that others see
//! (a field of its receiver, a variable of its package) is noted, as is which functions it calls under a lock. Once all files are read, the
//! functions that requests and goroutines reach without a lock are known, and so are the maps that these use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shipworthy_audit::{Check, Note, Survey};
use shipworthy_facts::{Flags, Function, Kind, Node, Origin, Role, Workspace, method_of, qualified_name};
use shipworthy_syntax::{Language, Range};

use crate::locks::{lock_word, runs_once, unlock_word};
use crate::names::words;
use crate::ownership::leaves;
use crate::requests::request_handler;

/// When code runs, seen from the function that it stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Runs {
    /// With the function.
    Inline,
    /// In a goroutine.
    Apart,
    /// For each request.
    PerRequest,
    /// When whoever has the closure calls it.
    Unknown,
}

/// The keys of the notes: functions that are called under a lock, that a goroutine or a request begins in, types that are made, and
/// variables that are maps. What else a note has for a key is the name of a map that is used.
const HELD: &str = "held";
const APART: &str = "apart";
const PER_REQUEST: &str = "per request";
const MAKES: &str = "makes";
const MAP: &str = "map";

/// How a map is used; when it is, is one of the keys above, or under a lock of its owner.
const WRITES: &str = "writes ";
const READS: &str = "reads ";
const GUARDED: &str = "guarded";

/// Notes what a function does with maps that others see, and what it calls under a lock or starts.
pub(crate) fn note_function(cx: &mut Check<'_>, function: Node<'_>) {
    let text = function.text();
    let own = cx.environment().absolute(&qualified_name(function));
    if request_handler_itself(cx, function) {
        cx.note(function.name_range(), PER_REQUEST, own);
    }
    let locks = text.contains("ock(") || text.contains("cquire(");
    let starts = text.contains("go ") || text.contains("func(");
    let steps = Walk::over(cx, function);
    for step in steps {
        let node = step.node;
        if node.is(Kind::Construct) {
            let made = node.callee().and_then(|c| cx.name_of(c)).filter(|made| {
                cx.workspace().class(made).is_some_and(|class| class.fields.values().any(is_map))
            });
            if let Some(made) = made {
                cx.note(node, MAKES, made);
            }
        } else if node.is(Kind::Call) && (locks && step.held.all > 0 || starts) {
            let spawned = node.parent().is_some_and(|p| p.is(Kind::Spawn));
            let key = match step.runs {
                _ if spawned => APART,
                Runs::Inline if step.held.all > 0 => HELD,
                Runs::Apart if step.held.all == 0 => APART,
                Runs::PerRequest if step.held.all == 0 => PER_REQUEST,
                _ => continue,
            };
            if let Some(callee) = cx.workspace_callee(node) {
                cx.note(node, key, callee);
            }
        }
        let Some((state, writes)) = use_of_map(node).filter(|_| step.runs != Runs::Unknown) else { continue };
        if let Some(name) = shared_map(cx, state, function) {
            let how = if writes { WRITES } else { READS };
            let when = match (step.held, step.runs) {
                (held, _) if held.own > 0 => GUARDED,
                (held, _) if held.all > 0 => HELD,
                (_, Runs::Apart) => APART,
                (_, Runs::PerRequest) => PER_REQUEST,
                _ => "",
            };
            cx.note(node, name, [how, when].concat());
        }
    }
}

/// Notes a package's variable that is made a map.
pub(crate) fn note_map(cx: &mut Check<'_>, declaration: Node<'_>) {
    if declaration.function().is_none() && declaration.has(Flags::DECLARES) {
        for target in declaration.all(Role::Target).filter(|t| made_map(*t)) {
            cx.note(target, MAP, cx.environment().absolute(target.name()));
        }
    }
}

/// Whether a function, not one inside it, is given a request or what answers it.
fn request_handler_itself(cx: &Check<'_>, function: Node<'_>) -> bool {
    function
        .get(Role::Body)
        .is_some_and(|body| request_handler(cx, body).is_some_and(|handler| handler == function))
}

/// The map that a fact uses, and whether it writes it: `m[key] = v`, `delete(m, key)`, `m[key]`, `range m`.
fn use_of_map(node: Node<'_>) -> Option<(Node<'_>, bool)> {
    match node.kind() {
        Kind::Index => {
            let mut outer = node;
            while let Some(around) =
                outer.parent().filter(|p| p.is(Kind::Index) && outer.role() == Role::Object)
            {
                outer = around;
            }
            Some((node.object()?, outer.role() == Role::Target))
        }
        Kind::Call => {
            let deletes = node.callee().is_some_and(|c| c.is(Kind::Name) && c.name() == "delete");
            Some((node.positional(0).filter(|_| deletes)?, true))
        }
        Kind::For => Some((node.get(Role::Iterable)?, false)),
        _ => None,
    }
}

/// The absolute name of a map that others see too: a field of the receiver, a variable of the package.
fn shared_map(cx: &Check<'_>, state: Node<'_>, function: Node<'_>) -> Option<String> {
    if state.is(Kind::Name) {
        let name = cx.environment().absolute(state.name());
        let global = cx.workspace().global(&name).is_some() && declaration(state).is_none();
        return global.then_some(name);
    }
    let object = state.object().filter(|o| state.is(Kind::Attribute) && o.is(Kind::Name))?;
    let owner = cx.environment().absolute(method_of(function)?);
    let class = cx.workspace().class(&owner)?;
    let is_field = class.fields.get(state.name()).is_some_and(is_map) && is_receiver(declaration(object)?);
    is_field.then(|| format!("{owner}.{}", state.name()))
}

fn is_map(origin: &Origin) -> bool {
    matches!(origin, Origin::Instance(path) if path.starts_with("map<"))
}

/// Whether a declaration is that of a method's receiver.
pub(crate) fn is_receiver(declared: Node<'_>) -> bool {
    declared.role() == Role::Receiver || declared.parent().is_some_and(|p| p.role() == Role::Receiver)
}

/// What declares the variable that a name stands for, in the functions around it: a parameter, a receiver or a declaration. An assignment
/// alone declares nothing.
pub(crate) fn declaration(name: Node<'_>) -> Option<Node<'_>> {
    let declares = |n: &Node<'_>| {
        n.name() == name.name()
            && match n.kind() {
                Kind::Parameter => true,
                Kind::Name => {
                    let holder = n.ancestors().find(|a| !a.is(Kind::Tuple));
                    n.has(Flags::BINDS) && holder.is_some_and(|h| h.has(Flags::DECLARES))
                }
                _ => false,
            }
    };
    let mut around = name.ancestors().filter(|a| matches!(a.kind(), Kind::Function | Kind::Lambda));
    around.find_map(|f| f.descendants_here().take_while(|n| n.index() < name.index()).find(declares))
}

/// Whether the value that a binding is declared with is a map.
pub(crate) fn made_map(binding: Node<'_>) -> bool {
    let declared = binding.ancestors().take(2).find(|a| a.is(Kind::Assign));
    declared.is_some_and(|a| {
        a.children().any(|c| {
            matches!(c.role(), Role::Value | Role::Type)
                && c.text().trim_start_matches("make(").starts_with("map[")
        })
    })
}

/// A fact on the way through a function.
struct Step<'a> {
    node: Node<'a>,
    held: Held,
    runs: Runs,
}

/// How many locks are held at a place.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    /// All, or how many may be.
    all: u32,
    /// Those of the receiver, or of the package.
    own: u32,
}

impl Held {
    /// The most of two ways.
    fn meet(self, other: Self) -> Self {
        Self { all: self.all.max(other.all), own: self.own.max(other.own) }
    }

    /// What is held behind a call.
    fn behind(self, call: Node<'_>) -> Self {
        let change = change(call);
        let own = if is_own(call) { change } else { 0 };
        Self { all: self.all.saturating_add_signed(change), own: self.own.saturating_add_signed(own) }
    }
}

/// Whether a call is of a lock that is the receiver, something of it, or a variable of the package.
fn is_own(call: Node<'_>) -> bool {
    let Some(callee) = call.callee().filter(|c| matches!(c.name(), "Lock" | "RLock" | "Unlock" | "RUnlock"))
    else {
        return false;
    };
    callee.object().map(root).is_some_and(|r| r.is(Kind::Name) && declaration(r).is_none_or(is_receiver))
}

/// The name at the start of `a.b.c`.
pub(crate) fn root(node: Node<'_>) -> Node<'_> {
    node.object().map_or(node, root)
}

/// A walk through a function that counts the locks it holds.
struct Walk<'c, 'a, 'f> {
    cx: &'c Check<'a>,
    runs: Runs,
    steps: Vec<Step<'f>>,
}

impl<'f> Walk<'_, '_, 'f> {
    fn over(cx: &Check<'_>, function: Node<'f>) -> Vec<Step<'f>> {
        let Some(body) = function.get(Role::Body) else { return Vec::new() };
        // Who gives a lock back first, or says so, was called with it.
        let first = body.descendants_here().filter(|n| n.is(Kind::Call)).map(change).find(|c| *c != 0);
        let held = Held { all: u32::from(first == Some(-1) || says_locked(function)), own: 0 };
        let mut walk = Walk { cx, runs: Runs::Inline, steps: Vec::new() };
        walk.visit(body, held);
        walk.steps
    }

    /// Goes through a fact with a number of locks held, and gives how many are held behind it. Where ways meet it is the most of them.
    fn visit(&mut self, node: Node<'f>, held: Held) -> Held {
        if matches!(node.kind(), Kind::Call | Kind::Index | Kind::For | Kind::Construct) {
            self.steps.push(Step { node, held, runs: self.runs });
        }
        match node.kind() {
            Kind::Lambda => {
                let runs = self.closure(node);
                let outer = std::mem::replace(&mut self.runs, runs);
                let inside = if runs == outer { held } else { Held::default() };
                node.children().fold(inside, |held, child| self.visit(child, held));
                self.runs = outer;
                held
            }
            // What is deferred is done at the end.
            Kind::Defer => {
                let taken = node.children().fold(held, |held, child| self.visit(child, held));
                taken.meet(held)
            }
            Kind::If => self.branches(node, held, node.get(Role::Else).is_none()),
            Kind::Match => {
                let complete = node.all(Role::Arm).any(|arm| arm.has(Flags::DEFAULT));
                self.branches(node, held, !complete)
            }
            Kind::For | Kind::While => {
                let behind = node.children().fold(held, |held, child| self.visit(child, held));
                behind.meet(held)
            }
            Kind::Call => {
                let behind = node.children().fold(held, |held, child| self.visit(child, held));
                behind.behind(node)
            }
            _ => node.children().fold(held, |held, child| self.visit(child, held)),
        }
    }

    /// The ways through a branch; `past` says that it may be passed by.
    fn branches(&mut self, node: Node<'f>, held: Held, past: bool) -> Held {
        let is_way = |n: &Node<'_>| matches!(n.role(), Role::Body | Role::Else | Role::Arm);
        let head = node.children().filter(|n| !is_way(n)).fold(held, |held, child| self.visit(child, held));
        let mut behind = past.then_some(head);
        for way in node.children().filter(is_way) {
            let after = self.visit(way, head);
            if !leaves(self.cx, way) {
                behind = Some(behind.map_or(after, |b| b.meet(after)));
            }
        }
        behind.unwrap_or(head)
    }

    /// When a closure runs.
    fn closure(&self, closure: Node<'_>) -> Runs {
        let Some(call) = closure.parent() else { return Runs::Unknown };
        let around = call.parent().map(Node::kind);
        if closure.role() == Role::Callee {
            return match around {
                Some(Kind::Spawn) => Runs::Apart,
                Some(Kind::Defer) => Runs::Unknown,
                _ => self.runs,
            };
        }
        if request_handler_itself(self.cx, closure) {
            return Runs::PerRequest;
        }
        let spawns = call.is(Kind::Call) && self.cx.meaning(call).is_some_and(|m| m.is("spawns-task"));
        if spawns { Runs::Apart } else { Runs::Unknown }
    }
}

/// What a call does to the number of locks that are held.
fn change(call: Node<'_>) -> i32 {
    let words = words(call.callee().map_or("", Node::name));
    if words.iter().any(|w| unlock_word(w)) { -1 } else { i32::from(words.iter().any(|w| lock_word(w))) }
}

/// Whether a function says by its name or its comment that its caller has the lock.
fn says_locked(function: Node<'_>) -> bool {
    let name = words(function.name());
    let named = ["locked", "unlocked", "nolock", "unsafe", "held"];
    let comments = function.facts().comments.iter().filter(|c| c.range.end <= function.range().start);
    name.iter().any(|w| named.contains(&w.as_str()))
        || comments.into_iter().any(|c| {
            let text = function.facts().slice(c.range).to_lowercase();
            text.contains("lock")
                || text.contains("mutex")
                || text.contains("concurren")
                || text.contains("goroutine")
        })
}

/// A use of a map that others see.
struct Use<'a> {
    file: usize,
    note: &'a Note,
    /// The absolute name of the function.
    function: String,
    writes: bool,
    /// Under some lock.
    held: bool,
    /// Under a lock of its owner.
    guarded: bool,
    apart: bool,
}

/// What a use of a map without a lock has against it.
pub(crate) struct Unguarded {
    pub(crate) file: usize,
    pub(crate) range: Range,
    /// The map as it is called: `Shop.orders`, `hits`.
    pub(crate) map: String,
    pub(crate) writes: bool,
    /// The function that it stands in.
    pub(crate) function: String,
    /// The function that requests or goroutines begin in, by its own name, with its place.
    pub(crate) root: Option<(String, usize, Range)>,
    /// It is reached by requests, not by goroutines alone.
    pub(crate) by_requests: bool,
    /// Where the map is used under a lock: the function's name, and the place.
    pub(crate) guard: Option<(String, usize, Range)>,
}

/// All uses of maps without a lock in code that runs several at once.
pub(crate) fn unguarded(survey: &mut Survey<'_>) -> Vec<Unguarded> {
    let world = World::of(survey);
    let requests = world.reached(survey, PER_REQUEST);
    let goroutines = world.reached(survey, APART);
    // What a request makes is its own.
    let own: BTreeSet<&str> =
        world.makes.iter().filter(|(by, _)| requests.contains_key(by)).map(|(_, made)| *made).collect();
    let mut found = Vec::new();
    for (map, uses) in &world.uses {
        for each in uses {
            survey.site(each.file);
        }
        let owner = map.rsplit_once('.').map_or("", |(owner, _)| owner);
        let mut bare: BTreeMap<&str, Vec<&Use<'_>>> = BTreeMap::new();
        for each in uses.iter().filter(|each| !each.held) {
            bare.entry(&each.function).or_default().push(each);
        }
        for (function, bare) in bare {
            let name = last(function);
            let guards: Vec<&Use<'_>> = uses.iter().filter(|u| u.guarded && u.function != function).collect();
            let first = bare.iter().find(|u| u.writes).or(bare.first());
            let Some(first) = first.filter(|_| !runs_once(name) && !name.starts_with("New")) else {
                continue;
            };
            let by_request = requests.get(function);
            let owned =
                |by: &str| world.is_package(owner) || by.rsplit_once('.').is_some_and(|(of, _)| of == owner);
            let concurrent = |f: &str| requests.contains_key(f) || goroutines.contains_key(f);
            let proven = if first.writes {
                // What only one goroutine does needs no lock, unless somebody else takes one for it.
                by_request.is_some_and(|root| *root != function && owned(root) && !own.contains(owner))
                    || !guards.is_empty() && (concurrent(function) || first.apart)
            } else {
                // What only one goroutine writes it may read as it likes.
                by_request.is_some() && guards.iter().any(|g| g.writes && concurrent(&g.function))
            };
            if !proven {
                continue;
            }
            let root = by_request.or(goroutines.get(function)).filter(|root| *root != function);
            found.push(Unguarded {
                file: first.file,
                range: first.note.range,
                map: map
                    .strip_prefix(world.module(first.file))
                    .map_or(&**map, |m| m.trim_start_matches('.'))
                    .to_owned(),
                writes: first.writes,
                function: name.to_owned(),
                root: root.and_then(|root| world.place(root)),
                by_requests: by_request.is_some(),
                guard: guards
                    .iter()
                    .find(|g| g.writes)
                    .or(guards.first())
                    .map(|g| (last(&g.function).to_owned(), g.file, g.note.range)),
            });
        }
    }
    found
}

/// The last part of an absolute name.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// What was noted, by what it is about.
struct World<'a> {
    functions: BTreeMap<String, (usize, &'a str, &'a Function)>,
    modules: Vec<&'a str>,
    packages: BTreeSet<&'a str>,
    definitions: Vec<&'a [(Arc<str>, Range)]>,
    uses: BTreeMap<String, Vec<Use<'a>>>,
    /// Callers with what they call under a lock.
    held: BTreeSet<(String, &'a str)>,
    /// By what starts them, functions that run several at once, each with the one in which that is seen: itself, if it is a handler.
    roots: BTreeMap<&'static str, Vec<(&'a str, String)>>,
    /// Functions with the types that they make.
    makes: Vec<(String, &'a str)>,
}

impl<'a> World<'a> {
    fn of(survey: &Survey<'a>) -> Self {
        let all = survey.all_files();
        let mut world = World {
            functions: BTreeMap::new(),
            modules: all.iter().map(|f| &*f.summary.module).collect(),
            packages: all.iter().map(|f| &*f.summary.module).collect(),
            definitions: all.iter().map(|f| f.definitions).collect(),
            uses: BTreeMap::new(),
            held: BTreeSet::new(),
            roots: BTreeMap::new(),
            makes: Vec::new(),
        };
        let mut maps: BTreeSet<&str> = BTreeSet::new();
        for (number, file) in survey.files().filter(|(_, f)| f.language == Language::Go) {
            let module = &*file.summary.module;
            for (name, function) in &file.summary.functions {
                world.functions.insert([module, ".", name].concat(), (number, name, function));
            }
            for note in survey.notes(number) {
                let function = [module, ".", &note.symbol].concat();
                match &*note.key {
                    HELD => _ = world.held.insert((function, &note.detail)),
                    APART => world.roots.entry(APART).or_default().push((&note.detail, function)),
                    PER_REQUEST => {
                        world.roots.entry(PER_REQUEST).or_default().push((&note.detail, function));
                    }
                    MAKES => world.makes.push((function, &note.detail)),
                    MAP => _ = maps.insert(&note.detail),
                    map => {
                        let (writes, when) = note.detail.split_once(' ').unwrap_or_default();
                        let each = Use {
                            file: number,
                            note,
                            function,
                            writes: writes == WRITES.trim_end(),
                            guarded: when == GUARDED,
                            held: when == HELD || when == GUARDED,
                            apart: when == APART || when == PER_REQUEST,
                        };
                        world.uses.entry(map.to_owned()).or_default().push(each);
                    }
                }
            }
        }
        // A variable of the package may be a slice.
        let is_map = |name: &str| {
            let (owner, field) = name.rsplit_once('.').unwrap_or_default();
            maps.contains(name) || !world.is_package(owner) && !field.is_empty()
        };
        let names: Vec<String> = world.uses.keys().filter(|name| !is_map(name)).cloned().collect();
        for name in names {
            world.uses.remove(&name);
        }
        world
    }

    fn is_package(&self, name: &str) -> bool {
        self.packages.contains(name)
    }

    fn module(&self, file: usize) -> &'a str {
        self.modules.get(file).copied().unwrap_or_default()
    }

    /// The functions that are reached without a lock from those that something starts, each with the one where that was seen.
    fn reached(&self, survey: &Survey<'_>, start: &str) -> BTreeMap<String, String> {
        let view = self
            .functions
            .values()
            .next()
            .and_then(|(file, _, _)| survey.workspace().file(&survey.all_files().get(*file)?.path))
            .map(|file| survey.workspace().view_of(file));
        let mut reached: BTreeMap<String, String> = BTreeMap::new();
        let mut waiting: Vec<(String, String)> = self
            .roots
            .get(start)
            .into_iter()
            .flatten()
            .map(|(root, seen)| ((*root).to_owned(), seen.clone()))
            .collect();
        while let Some((path, root)) = waiting.pop() {
            let Some((_, _, function)) = self.functions.get(&path) else { continue };
            if reached.contains_key(&path) {
                continue;
            }
            let implementation =
                view.as_ref().filter(|_| function.is_abstract).and_then(|v| v.implementation(&path));
            let calls =
                function.behaviour.calls.iter().filter(|c| !self.held.contains(&(path.clone(), &*c.path)));
            let next = calls.map(|c| c.path.to_string()).chain(implementation);
            waiting.extend(next.map(|callee| (callee, root.clone())));
            reached.insert(path, root);
        }
        reached
    }

    /// A function's own name, and where it is defined.
    fn place(&self, path: &str) -> Option<(String, usize, Range)> {
        let (file, name, _) = self.functions.get(path)?;
        let definitions = self.definitions.get(*file)?;
        let at = definitions.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        Some((last(name).to_owned(), *file, definitions.get(at)?.1))
    }
}
