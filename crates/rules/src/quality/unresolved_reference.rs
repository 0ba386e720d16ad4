use std::collections::BTreeMap;

use shipworthy_audit::{Check, Fix, Survey, Surveyed, rule};
use shipworthy_facts::{Kind, Node, Origin, Role, Summary};
use shipworthy_syntax::{Language, Range};

use crate::graph::imports_of;
use crate::names::words;
use crate::projects::{Modules, by_project, has_word, identifiers, is_go_standard, nearest};

rule! {
    /// A name of the project's own that nothing defines
    ///
    /// A module is imported that is not there, a name that its module does not have, a type that no file of its package defines: what a rename
    /// or a half-finished change leaves behind. Compiled code does not build; Python fails when the module is loaded, often only in production, when
    /// the route that needs it is first asked for. Define the name, or write the right one.
    ///
    /// Names of libraries are left alone, and so is all that something else may define: a star import, `__getattr__`, an import in a `try`, a
    /// macro, a generator, a build tag.
    ///
    /// ```python bad file=app/__init__.py
    /// ```
    /// ```python bad file=app/store.py
    /// class OrderStore:
    ///     def load(self):
    ///         return []
    /// ```
    /// ```python bad file=app/api.py
    /// from app.store import OrdreStore
    ///                       ^^^^^^^^^^
    ///
    /// store = OrdreStore()
    /// ```
    /// ```python fixed file=app/__init__.py
    /// ```
    /// ```python fixed file=app/store.py
    /// class OrderStore:
    ///     def load(self):
    ///         return []
    /// ```
    /// ```python fixed file=app/api.py
    /// from app.store import OrderStore as OrdreStore
    ///
    /// store = OrdreStore()
    /// ```
    ///
    /// ```python bad file=app/__init__.py
    /// ```
    /// ```python bad file=app/store.py
    /// def load():
    ///     return []
    /// ```
    /// ```python bad file=app/api.py
    /// from app.services.mail import send
    ///                               ^^^^
    /// from app.store import load
    ///
    /// send(load())
    /// ```
    ///
    /// A package that holds data only is known to what reads it:
    ///
    /// ```python good file=shop/__init__.py
    /// ```
    /// ```python good file=shop/settings.py
    /// import importlib.resources
    ///
    /// import shop.configs
    ///
    /// def load(name):
    ///     return importlib.resources.files(shop.configs).joinpath(name).read_text()
    /// ```
    ///
    /// ```python good file=app/__init__.py
    /// ```
    /// ```python good file=app/store.py
    /// try:
    ///     from app.fast import load
    /// except ImportError:
    ///     def load():
    ///         return []
    /// ```
    /// ```python good file=app/api.py
    /// from typing import TYPE_CHECKING
    ///
    /// from app._version import version
    /// from app.store import load
    ///
    /// if TYPE_CHECKING:
    ///     from app.types import Order
    ///
    /// print(version, load())
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```python good file=app/__init__.py
    /// ```
    /// ```python good file=app/lazy.py
    /// def __getattr__(name):
    ///     return load(name)
    /// ```
    /// ```python good file=app/names.py
    /// for name in ("red", "green"):
    ///     globals()[name.upper()] = name
    /// ```
    /// ```python good file=app/api.py
    /// from app.lazy import Report
    /// from app.names import RED
    ///
    /// Report(RED)
    /// ```
    ///
    /// ```go bad file=thought/engine.go
    /// package thought
    ///
    /// type Engine struct {
    /// 	dreams *DreamManager
    /// 	        ^^^^^^^^^^^^
    /// }
    /// ```
    /// ```go bad file=thought/memory.go
    /// package thought
    ///
    /// type Memory struct {
    /// 	engine *Engine
    /// }
    /// ```
    ///
    /// Or:
    ///
    /// ```go bad file=store/store.go
    /// package store
    ///
    /// func Open(path string) error {
    /// 	return nil
    /// }
    /// ```
    /// ```go bad file=api/api.go
    /// package api
    ///
    /// import "store"
    ///
    /// func Start() error {
    /// 	return store.Opem("orders.db")
    /// 	             ^^^^
    /// }
    /// ```
    /// ```go fixed file=store/store.go
    /// package store
    ///
    /// func Open(path string) error {
    /// 	return nil
    /// }
    /// ```
    /// ```go fixed file=api/api.go
    /// package api
    ///
    /// import "store"
    ///
    /// func Start() error {
    /// 	return store.Open("orders.db")
    /// }
    /// ```
    ///
    /// ```go good
    /// //go:build !go1.17
    ///
    /// package shop
    ///
    /// func init() { Go_version_1_17_required_for_compilation() }
    /// ```
    ///
    /// ```go good file=thought/engine.go
    /// package thought
    ///
    /// type Engine[Item any] struct {
    /// 	dreams *DreamManager
    /// 	first  Item
    /// }
    ///
    /// func (e *Engine[Item]) First() Item {
    /// 	return e.first
    /// }
    /// ```
    /// ```go good file=thought/dreams.go
    /// //go:build linux
    ///
    /// package thought
    ///
    /// type (
    /// 	DreamManager struct{}
    /// )
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```go good file=store/store.go
    /// package store
    ///
    /// //go:generate stringer -type=Kind
    /// type Kind int
    /// ```
    /// ```go good file=api/api.go
    /// package api
    ///
    /// import "store"
    ///
    /// func Kinds() []store.Kind {
    /// 	type Local struct{ kind store.Kind }
    /// 	local := Local{kind: store.KindOpen}
    /// 	return []store.Kind{local.kind}
    /// }
    /// ```
    ///
    /// ```rust bad file=src/lib.rs
    /// pub mod store;
    /// pub mod mail;
    ///         ^^^^
    /// ```
    /// ```rust bad file=src/store.rs
    /// pub struct Store;
    /// ```
    ///
    /// Or:
    ///
    /// ```rust bad file=src/lib.rs
    /// pub mod api;
    /// pub mod store;
    /// ```
    /// ```rust bad file=src/store.rs
    /// pub struct OrderStore;
    /// ```
    /// ```rust bad file=src/api.rs
    /// use crate::store::OrdreStore;
    ///                   ^^^^^^^^^^
    ///
    /// pub fn store() -> OrdreStore {
    ///     OrdreStore
    /// }
    /// ```
    /// ```rust fixed file=src/lib.rs
    /// pub mod api;
    /// pub mod store;
    /// ```
    /// ```rust fixed file=src/store.rs
    /// pub struct OrderStore;
    /// ```
    /// ```rust fixed file=src/api.rs
    /// use crate::store::OrderStore as OrdreStore;
    ///
    /// pub fn store() -> OrdreStore {
    ///     OrdreStore
    /// }
    /// ```
    ///
    /// ```rust good file=src/lib.rs
    /// #[cfg(windows)]
    /// mod windows;
    /// #[path = "unix_store.rs"]
    /// mod unix;
    /// pub mod api;
    /// pub mod ids;
    /// pub mod store;
    /// ```
    /// ```rust good file=src/ids.rs
    /// macro_rules! identifier {
    ///     ($name:ident) => {
    ///         pub struct $name(u64);
    ///     };
    /// }
    ///
    /// identifier!(OrderId);
    /// ```
    /// ```rust good file=src/store/mod.rs
    /// #[derive(Builder)]
    /// pub struct Order;
    /// ```
    /// ```rust good file=src/api.rs
    /// use crate::ids::OrderId;
    /// use crate::store::OrderBuilder;
    ///
    /// pub fn api(_: OrderId, _: OrderBuilder) {}
    /// ```
    ///
    /// Nor is this one, whose second file is laid over a tree that has the module:
    ///
    /// ```rust good file=src/lib.rs
    /// pub mod api;
    /// ```
    /// ```rust good file=src/api.rs
    /// pub fn api() {}
    /// ```
    /// ```rust good file=patches/login/src/controllers/mod.rs
    /// pub mod login;
    /// ```
    /// ```rust good file=patches/login/src/app.rs
    /// pub fn routes() -> Routes {
    ///     controllers::login::routes()
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```rust good file=src/lib.rs
    /// pub mod api;
    /// pub mod bindings;
    /// pub use inner::*;
    ///
    /// mod inner {
    ///     pub struct Inner;
    /// }
    /// ```
    /// ```rust good file=src/api.rs
    /// use crate::Inner;
    ///
    /// pub fn api(_: Inner) {}
    /// ```
    ///
    /// Nor is this one, where a derive makes a module, and a declaration says where a module's file stands:
    ///
    /// ```rust good file=src/lib.rs
    /// pub mod gql;
    /// pub mod signals;
    /// pub mod ui;
    /// ```
    /// ```rust good file=src/gql.rs
    /// #[derive(GraphQLQuery)]
    /// #[graphql(schema_path = "schema.json", query_path = "signals.graphql")]
    /// pub struct SignalCreate;
    /// ```
    /// ```rust good file=src/signals.rs
    /// use crate::gql::{SignalCreate, signal_create};
    ///
    /// pub fn create(_: SignalCreate) -> signal_create::Variables {
    ///     signal_create::Variables::default()
    /// }
    /// ```
    /// ```rust good file=src/ui/mod.rs
    /// pub mod checks;
    /// ```
    /// ```rust good file=src/ui/checks.rs
    /// #[path = "router_checks.rs"]
    /// mod router_checks;
    ///
    /// fn configured_binding() -> u64 {
    ///     7
    /// }
    /// ```
    /// ```rust good file=src/ui/router_checks.rs
    /// use super::configured_binding;
    ///
    /// fn binds() -> bool {
    ///     configured_binding() == 7
    /// }
    /// ```
    ///
    /// A name that is a type's in another form, where nothing makes one of the other:
    ///
    /// ```rust bad file=src/lib.rs
    /// pub mod gql;
    /// pub mod signals;
    /// ```
    /// ```rust bad file=src/gql.rs
    /// pub struct SignalCreate;
    /// ```
    /// ```rust bad file=src/signals.rs
    /// use crate::gql::signal_create;
    ///                 ^^^^^^^^^^^^^
    ///
    /// pub fn create() -> signal_create::Variables {
    ///     signal_create::Variables::default()
    /// }
    /// ```
    name: "unresolved-reference",
    category: Quality,
    severity: High,
    scope: Workspace,
    audience: All,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [
        Fact(Kind::Import),
        Fact(Kind::Namespace),
        Fact(Kind::Attribute),
        Fact(Kind::Call),
        Fact(Kind::Construct),
        Fact(Kind::Type),
    ],
    check: check,
    workspace: judge,
}

/// What a note refers to.
const IMPORTED: &str = "import";
const FROM: &str = "from";
const DECLARED: &str = "mod";
const USED: &str = "use";
const NAMED: &str = "name";

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match (cx.language(), node.kind()) {
        (Language::Rust, Kind::Namespace) => declared_module(cx, node),
        (_, Kind::Import) => imports(cx, node),
        (Language::Go, Kind::Attribute) => qualified(cx, node),
        (Language::Go, Kind::Call | Kind::Construct) => {
            if let Some(callee) = node.callee().filter(|c| c.is(Kind::Name)) {
                unqualified(cx, callee);
            }
        }
        (Language::Go, Kind::Type) => {
            let names = std::iter::once(node).chain(node.descendants().filter(|n| n.is(Kind::Name)));
            names.for_each(|name| unqualified(cx, name));
        }
        _ => {}
    }
}

/// Imports that happen whenever the file is loaded: not those behind a condition, nor in a `try`.
fn imports(cx: &mut Check<'_>, statement: Node<'_>) {
    let mut around = statement.ancestors();
    let certain = match cx.language() {
        Language::Rust => {
            cx.path().contains("src/")
                && !cx.path().contains("/bin/")
                && statement.parent().is_some_and(|p| p.is(Kind::Module))
                && statement.get(Role::Decorator).is_none()
        }
        _ => !around.any(|n| matches!(n.kind(), Kind::If | Kind::Try | Kind::With | Kind::Match)),
    };
    let facts = cx.facts();
    let is_from = statement.text().starts_with("from");
    for import in imports_of(statement) {
        let written = facts.slice(import.range);
        // `import a.b` binds `a`, and loads `a.b`.
        let whole = cx.language() == Language::Python && !is_from && !written.contains(char::is_whitespace);
        let path = if whole { written } else { &*import.path };
        let relative = ["crate::", "super::", "self::"].iter().any(|start| path.starts_with(start));
        if import.conditional
            || !certain
            || &*import.local == "*"
            || cx.language() == Language::Rust && !relative
        {
            continue;
        }
        let path = cx.environment().absolute_import(path);
        if !is_near(cx, &path) {
            continue;
        }
        cx.site();
        if !is_defined(cx, &path) {
            let kind = match cx.language() {
                Language::Rust => USED,
                _ if is_from => FROM,
                _ => IMPORTED,
            };
            cx.note(name_in(import.range, written, &path, cx.language()), path, kind);
        }
    }
}

/// The name itself in an import: without its alias.
fn name_in(range: Range, written: &str, path: &str, language: Language) -> Range {
    let last = path.rsplit(language.separator()).next().unwrap_or(path);
    match written.find(last).filter(|_| language != Language::Go) {
        Some(at) => {
            let start = range.start + at as u32;
            Range { start, end: start + last.len() as u32 }
        }
        None => range,
    }
}

/// Rust: `mod store;`, whose code stands in a file of its own.
fn declared_module(cx: &mut Check<'_>, namespace: Node<'_>) {
    let here = namespace.parent().is_some_and(|p| p.is(Kind::Module));
    if !here || namespace.get(Role::Body).is_some() {
        return;
    }
    cx.site();
    if namespace.get(Role::Decorator).is_none() && !namespace.name().is_empty() {
        cx.note(namespace.name_range(), namespace.name(), DECLARED);
    }
}

/// Go: `store.Open`, where `store` is a package of the workspace.
fn qualified(cx: &mut Check<'_>, attribute: Node<'_>) {
    let Some(object) = attribute.object().filter(|o| o.is(Kind::Name)) else { return };
    let Some(Origin::Item(package)) = cx.environment().lookup(object.name()) else { return };
    if !attribute.name().starts_with(char::is_uppercase)
        || !is_near(cx, package)
        || !cx.resolver().bindings(object).is_empty()
    {
        return;
    }
    cx.site();
    let path = format!("{package}.{}", attribute.name());
    if !is_defined(cx, &path) {
        cx.note(attribute.name_range(), path, NAMED);
    }
}

/// Go: a type or function without a package in front of it is of this package.
fn unqualified(cx: &mut Check<'_>, name: Node<'_>) {
    let text = name.text();
    let known = !text.starts_with(char::is_uppercase)
        || !text.chars().all(|c| c.is_alphanumeric() || c == '_')
        || name.role() == Role::Object
        || cx.environment().lookup(text).is_some()
        || name.is(Kind::Name) && !cx.resolver().bindings(name).is_empty();
    let is_local = |around: Node<'_>| {
        // What a body holds declares none of them.
        let mut head = around.children().take_while(|c| c.role() != Role::Statement && !c.is(Kind::Field));
        head.any(|part| match part.role() {
            Role::TypeParameter => has_word(part.text(), text),
            Role::Receiver => {
                part.get(Role::Type).is_some_and(|t| t.text().contains(['[']) && has_word(t.text(), text))
            }
            _ => false,
        }) || matches!(around.kind(), Kind::Function | Kind::Lambda)
            && around.descendants().any(|n| n.is(Kind::Class) && n.name() == text)
    };
    let unread = !cx.facts().errors.is_empty() || cx.path().split('/').any(|f| f == "testdata");
    if known || unread || name.ancestors().any(is_local) {
        return;
    }
    cx.site();
    let path = cx.environment().absolute(text);
    if !is_defined(cx, &path) {
        cx.note(name.range(), path, NAMED);
    }
}

/// Whether a name may be of the file's own project.
fn is_near(cx: &Check<'_>, path: &str) -> bool {
    // What the parser could not read may define it; what a compiler is tested with is wrong on purpose.
    if !cx.facts().errors.is_empty() || cx.path().split('/').any(|f| f == "testdata") {
        return false;
    }
    let owner = |path: &str| path.split('/').take(2).map(str::to_owned).collect::<Vec<_>>();
    cx.workspace().is_own(path)
        && !(cx.language() == Language::Go && is_go_standard(path))
        && (cx.language() != Language::Go
            || !path.contains('/')
            || owner(path) == owner(cx.environment().module()))
}

fn is_defined(cx: &Check<'_>, path: &str) -> bool {
    let workspace = cx.workspace();
    workspace.function(path).is_some()
        || workspace.class(path).is_some()
        || workspace.global(path).is_some()
        || workspace.alias(path).is_some_and(|behind| behind != path)
}

/// A reference that nothing defines.
struct Missing {
    file: usize,
    range: Range,
    what: String,
    instead: Option<String>,
}

fn judge(survey: &mut Survey<'_>) {
    let all = survey.all_files();
    for (project, files) in by_project(survey.files()) {
        let modules = Modules::of(all, &project);
        let mut missing: BTreeMap<String, Vec<Missing>> = BTreeMap::new();
        let mut searched = 0;
        for &(number, file) in &files {
            for note in survey.notes(number) {
                let holders = modules.holding(&note.key).map_or(&[][..], |(holders, _)| holders);
                searched += holders.iter().map(|&holder| u64::from(all[holder].text.len())).sum::<u64>();
                if searched > MAX_SEARCHED {
                    break;
                }
                let found = match (file.language, &*note.detail) {
                    (Language::Python, kind) => python(all, &modules, file, &note.key, kind == FROM),
                    (Language::Go, NAMED) => go_name(all, &modules, file, &note.key),
                    (Language::Go, _) => go_package(all, &modules, file, &note.key),
                    (Language::Rust, DECLARED) => rust_module(all, file, &note.key),
                    (Language::Rust, _) => {
                        rust_name(all, &modules, &note.key).filter(|_| !is_placed_elsewhere(all, file))
                    }
                };
                if let Some((what, instead)) = found {
                    // One finding for all names that a missing module should have.
                    let key =
                        if note.detail == DECLARED { format!("{} {what}", file.path) } else { what.clone() };
                    missing.entry(key).or_default().push(Missing {
                        file: number,
                        range: note.range,
                        what,
                        instead,
                    });
                }
            }
        }
        for references in missing.values() {
            report(survey, references);
        }
    }
}

fn report(survey: &mut Survey<'_>, references: &[Missing]) {
    let Some((first, others)) = references.split_first() else { return };
    let fix = first
        .instead
        .as_ref()
        .map(|name| Fix::suggested(format!("Write `{name}`")).replace(first.range, name.clone()));
    let help = match &first.instead {
        Some(name) => format!("Define it, or write `{name}`."),
        None => "Define it, or remove the reference.".to_owned(),
    };
    let mut finding = survey
        .finding(first.range, first.what.clone())
        .why("The code does not build, or fails as soon as it is loaded.")
        .help(help)
        .maybe_fix(fix);
    let related = others.iter().take(RELATED);
    finding
        .related
        .extend(related.filter_map(|other| survey.related(other.file, other.range, "used here too")));
    survey.report(first.file, finding);
}

/// How many bytes are searched for the names that a project's files refer to: thousands of references into one large file are made for it.
const MAX_SEARCHED: u64 = 4 << 30;

/// How many places a finding names.
const RELATED: usize = 10;

type Found = Option<(String, Option<String>)>;

/// Python: an import of a module, or from one, of the file's project.
fn python(all: &[Surveyed<'_>], modules: &Modules<'_>, file: &Surveyed<'_>, path: &str, from: bool) -> Found {
    let (holders, rest) = modules.holding(path)?;
    // Beside a script stands what it imports first.
    let first = path.split('.').next()?;
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = [folder, if folder.is_empty() { "" } else { "/" }, first].concat();
    let shadowed = |p: &str| p.strip_prefix(&*beside).is_some_and(|r| r.starts_with('/') || r == ".py");
    let holds = |p: &str| holders.iter().any(|&h| &*all[h].path == p);
    if rest.is_empty()
        || modules.has_below(path)
        || !path.starts_with(&*file.summary.module.split('.').next().map(str::to_owned).unwrap_or_default())
            && all.iter().any(|f| shadowed(&f.path) && !holds(&f.path))
    {
        return None;
    }
    let module = &path[..path.len() - rest.len() - 1];
    let is_package = holders.iter().any(|&h| all[h].path.contains("__init__."));
    let mut parts = rest.split('.');
    let (name, deeper) = (parts.next()?, parts.next().is_some());
    if is_made(name) || holders.iter().any(|&h| may_make_names(all[h].summary, all[h].contents())) {
        return None;
    }
    let is_module = deeper || !from;
    // A folder without `__init__.py` is a package too.
    let stands_below = |holder: &usize| {
        let folder = all[*holder].path.rsplit_once("__init__.").map_or("", |(folder, _)| folder);
        let inside = |path: &str| {
            path.strip_prefix(folder)
                .and_then(|p| p.strip_prefix(name))
                .is_some_and(|p| p.starts_with(['/', '.']))
        };
        is_package && all.iter().any(|f| inside(&f.path))
    };
    // One that holds data only is asked for by what reads it: `importlib.resources.files(shop.settings)`.
    let is_data = || {
        let text = file.contents();
        text.contains("importlib") && text.contains("resources") && text.contains(&format!("({path}"))
    };
    if is_package && !from && is_data() {
        return None;
    }
    if modules.has_below(&format!("{module}.{name}")) || holders.iter().any(stands_below) {
        return None;
    }
    if is_module {
        let below = format!("{module}.");
        let siblings =
            modules.names().filter_map(|known| known.strip_prefix(&*below)).filter(|n| !n.contains('.'));
        // A name of a package may be a module, imported there.
        let named = holders.iter().any(|&h| has_word(all[h].contents(), name));
        if !is_package && from && !deeper || named {
            return None;
        }
        let instead = nearest(name, siblings).filter(|_| !deeper).map(str::to_owned);
        return Some((format!("There is no module `{module}.{name}`"), instead));
    }
    if holders.iter().any(|&h| has_word(all[h].contents(), name)) {
        return None;
    }
    let names = holders.iter().flat_map(|&h| own_names(all[h].summary, "."));
    Some((
        format!("`{module}` has no `{name}`"),
        nearest(name, names).map(|right| format!("{right} as {name}")),
    ))
}

/// Names that build tools, code generators and compilers make.
fn is_made(name: &str) -> bool {
    const MADE: [&str; 22] = [
        "version",
        "pb2",
        "grpc",
        "generated",
        "gen",
        "build",
        "native",
        "bindings",
        "speedups",
        "ext",
        "proto",
        "pb",
        "rc",
        "resources",
        "ui",
        "local",
        "secrets",
        "mocks",
        "mock",
        "docs",
        "ent",
        "models_generated",
    ];
    name.starts_with('_') || words(name).iter().any(|word| MADE.contains(&word.as_str()))
}

/// Python: whether a module may have names that its code does not spell.
fn may_make_names(summary: &Summary, text: &str) -> bool {
    const MAKES: [&str; 12] = [
        "__getattr__",
        "sys.modules",
        "globals()",
        "__path__",
        "exec(",
        "setattr(",
        "import_module",
        "vars()",
        "locals()",
        "lazy",
        "Lazy",
        "__import__",
    ];
    !summary.wildcards.is_empty() || MAKES.iter().any(|mark| text.contains(mark))
}

/// What a file defines at its top level.
fn own_names<'s>(summary: &'s Summary, separator: &'static str) -> impl Iterator<Item = &'s str> {
    let functions = summary.functions.keys().filter(move |name| !name.contains(separator));
    functions.chain(summary.classes.keys()).chain(summary.globals.keys()).map(|name| &**name)
}

/// Go: a function, type or variable of a package of the workspace.
fn go_name(all: &[Surveyed<'_>], modules: &Modules<'_>, file: &Surveyed<'_>, path: &str) -> Found {
    let (holders, name) = modules.holding(path)?;
    if name.is_empty() || name.contains('.') {
        return None;
    }
    let package = &path[..path.len() - name.len() - 1];
    let own = *package == *file.summary.module;
    // A file for compilers that are too old says by an undefined name which one it takes.
    let text = file.contents();
    if text.lines().take(10).any(|line| line.starts_with("//go:build !go1.")) {
        return None;
    }
    // A dot import, or one for its effects only, may bind the name.
    if own && !file.summary.wildcards.is_empty() {
        return None;
    }
    let defined = holders.iter().any(|&h| {
        let text = all[h].contents();
        ["go:generate", "import \"C\"", "\"C\"\n"].iter().any(|mark| text.contains(mark))
            || may_define(text, name)
    });
    if defined {
        return None;
    }
    let names = holders.iter().flat_map(|&h| own_names(all[h].summary, "."));
    let last = package.rsplit('/').next().unwrap_or(package);
    let what =
        if own { format!("Nothing defines `{name}`") } else { format!("Package `{last}` has no `{name}`") };
    Some((what, nearest(name, names).map(str::to_owned)))
}

/// Go: whether a text may define a name at its top level.
fn may_define(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        if before.ends_with(is_part) || after.starts_with(is_part) {
            return false;
        }
        let line = before.rsplit('\n').next().unwrap_or(before).trim_start();
        let keyword = ["func", "type", "var", "const"].iter().any(|k| line.trim_end() == *k);
        let begins_line = line.is_empty() || line.ends_with(", ") && !line.contains(['(', '{', '.']);
        keyword || begins_line && !after.starts_with(['(', '{', '.', '['])
    })
}

/// Go: a package of the file's own module.
fn go_package(all: &[Surveyed<'_>], modules: &Modules<'_>, file: &Surveyed<'_>, path: &str) -> Found {
    let below = format!("{path}/");
    if all.iter().any(|f| {
        f.language == Language::Go && (*f.summary.module == *path || f.summary.module.starts_with(&*below))
    }) {
        return None;
    }
    let (parent, last) = path.rsplit_once('/')?;
    let inside = file.path.strip_prefix(&*file.project)?.trim_start_matches('/');
    let folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
    let root = file.summary.module.strip_suffix(folder)?.trim_end_matches('/');
    // A module of another host or name is not this one's.
    let rest = path.strip_prefix(root).filter(|rest| rest.starts_with('/') && !root.is_empty())?;
    let made = rest.split('/').any(is_made) || last.ends_with("pb") || is_version(last);
    let siblings = || modules.names().filter_map(|name| name.rsplit_once('/')).filter(|(p, _)| *p == parent);
    if made || siblings().next().is_none() {
        return None;
    }
    let instead = nearest(last, siblings().map(|(_, name)| name)).map(|name| format!("\"{parent}/{name}\""));
    Some((format!("There is no package `{path}`"), instead))
}

/// Go: `v2` at the end of a path is a module's version.
fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()))
}

/// Rust: the file of a declared module.
fn rust_module(all: &[Surveyed<'_>], file: &Surveyed<'_>, name: &str) -> Found {
    let folder = file.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let stem = file.path.strip_suffix(".rs").unwrap_or(&file.path);
    let name = name.trim_start_matches("r#");
    // A file that is no module's root has its modules in a folder of its own name; which files are roots the manifest says.
    let places = [
        format!("{folder}{name}.rs"),
        format!("{folder}{name}/mod.rs"),
        format!("{stem}/{name}.rs"),
        format!("{stem}/{name}/mod.rs"),
    ];
    let found = all.iter().any(|f| places.iter().any(|place| **place == *f.path));
    if is_made(name) || found || is_laid_over(all, file) {
        return None;
    }
    Some((format!("There is no file for `mod {name}`"), None))
}

/// Rust: whether a file is no part of a crate here, but is laid over another tree: a `mod.rs` that nothing beside its folder declares.
fn is_laid_over(all: &[Surveyed<'_>], file: &Surveyed<'_>) -> bool {
    let Some(folder) = file.path.strip_suffix("/mod.rs") else { return false };
    let (around, name) = folder.rsplit_once('/').unwrap_or(("", folder));
    let declared = format!("mod {name}");
    let declares = |other: &Surveyed<'_>| {
        let beside = other.path.rsplit_once('/').map_or("", |(folder, _)| folder) == around;
        let above = other.path.strip_suffix(".rs").is_some_and(|stem| stem == around);
        other.language == Language::Rust && (beside || above) && other.contents().contains(&declared)
    };
    !all.iter().any(declares)
}

/// Rust: whether a declaration says where a file stands, `#[path = "router_tests.rs"] mod router;`, so that its place does not tell its name.
fn is_placed_elsewhere(all: &[Surveyed<'_>], file: &Surveyed<'_>) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let says = |line: &str| {
        let path = line.trim_start().strip_prefix("#[path").and_then(|rest| rest.split('"').nth(1));
        path.is_some_and(|path| path.rsplit('/').next() == Some(name))
    };
    all.iter().any(|other| other.language == Language::Rust && other.contents().lines().any(says))
}

/// Rust: a name of the crate's own.
fn rust_name(all: &[Surveyed<'_>], modules: &Modules<'_>, path: &str) -> Found {
    let (holders, rest) = modules.holding(path)?;
    let name = rest.split("::").next().filter(|name| !name.is_empty())?;
    let module = &path[..path.len() - rest.len() - 2];
    let root = module.split("::").next()?;
    let may_define = |file: &Surveyed<'_>| {
        let text = file.contents();
        let derives = text.contains("derive(");
        let derived = || {
            identifiers(text).any(|(_, word)| is_derived(name, word) || derives && is_module_of(name, word))
        };
        // Modules of a program see its root, and macros of the crate stand at it.
        !file.summary.wildcards.is_empty()
            || has_word(text, name)
            || text.lines().any(|line| {
                line.split_once('!').is_some_and(|(word, rest)| {
                    word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
                        && !word.is_empty()
                        && rest.trim_start().starts_with(['{', '(', '['])
                        && !word.starts_with("macro_rules")
                })
            })
            || derived()
    };
    let roots = modules.names().filter(|known| *known == root || known.starts_with(&format!("{root}-")));
    let roots = roots.filter_map(|known| modules.get(known)).flatten();
    let at_root = module == root;
    let macros = || {
        all.iter()
            .any(|f| f.language == Language::Rust && f.contents().contains(&format!("macro_rules! {name}")))
    };
    let below = format!("{module}::{name}");
    if holders.iter().any(|&h| may_define(&all[h]))
        || modules.has_below(&below)
        || at_root && (roots.into_iter().any(|&h| may_define(&all[h])) || macros())
    {
        return None;
    }
    // A module and a type of one name are different things.
    let names = holders.iter().flat_map(|&h| own_names(all[h].summary, "::"));
    let names = names.filter(|known| !is_module_of(name, known));
    let alias = if rest == name { format!(" as {name}") } else { String::new() };
    Some((format!("`{module}` has no `{name}`"), nearest(name, names).map(|right| format!("{right}{alias}"))))
}

/// Whether a name is a type's in the form of a module's: `signal_create` of `SignalCreate`, which a derive may make.
fn is_module_of(name: &str, word: &str) -> bool {
    word.starts_with(char::is_uppercase)
        && !name.contains(char::is_uppercase)
        && name.replace('_', "").eq_ignore_ascii_case(word)
}

/// Whether a derive may make a name of another: `OrderBuilder` of `Order`.
fn is_derived(name: &str, word: &str) -> bool {
    word.len() > 2 && word.starts_with(char::is_uppercase) && name.contains(word)
}
