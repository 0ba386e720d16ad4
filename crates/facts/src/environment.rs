//! The environment of a file: what its names mean to every function in it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use shipworthy_syntax::Language;

use crate::declare::Declarer;
use crate::fact::{Facts, Flags, Kind, Node, Operator, Role};
use crate::limits::is_inside_limit;
use crate::maps::MapUses;
use crate::summary::Origin;
use crate::test_code::is_test_definition;
use crate::vocabulary::Vocabulary;

/// The names that a file binds at its top level.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Environment {
    /// The language.
    pub language: Language,
    /// The name under which others import the file.
    pub module: Arc<str>,
    /// The file's path in the workspace, with `/`.
    pub path: Arc<str>,
    /// The name in the package clause (Go); empty elsewhere.
    pub package: Arc<str>,
    /// Whether only some builds take the file (Go): by its name or a build tag.
    pub is_constrained: bool,
    /// Imports and definitions, by local name, in absolute names.
    names: BTreeMap<Arc<str>, Origin>,
    /// What is imported without a name of its own: all that a module holds, or a trait for its methods.
    nameless: Vec<Arc<str>>,
    /// The absolute names of all that is imported.
    imported_paths: BTreeSet<Arc<str>>,
    /// The roles of the libraries that are imported.
    imported_roles: BTreeSet<Arc<str>>,
    /// Roles of what the file mentions and what covers all of it.
    covered: BTreeSet<Arc<str>>,
    /// What the file's functions do with the maps in its module-level variables.
    maps: BTreeMap<Arc<str>, MapUses>,
    /// Functions of the file that its code hands on as values, by their own names.
    handed_on: BTreeSet<Arc<str>>,
    /// Functions of the file whose calls its code awaits, outside of tests, by their own names.
    awaited: BTreeSet<Arc<str>>,
    /// Functions of the file that it begins with where it is run as a program (Python), by their own names.
    begun: BTreeSet<Arc<str>>,
    /// What the file's code sets variables of processes to, by its own names.
    variables: BTreeSet<Arc<str>>,
    /// Functions of the file that its code calls, outside of tests, each with those whose calls of it stand within no time limit: a function
    /// that others cannot call by its own name, all else by an empty one.
    unlimited: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
}

/// What is another in an environment than it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What every question depends on: the file's own name, imports without a name.
    pub everything: bool,
    /// Something that is imported under a name.
    pub imports: bool,
    /// The names, and the roles that cover the file, about which there is another answer.
    pub names: Vec<Arc<str>>,
}

/// What a fact mentions: names, and texts.
fn said(node: Node<'_>) -> [&str; 3] {
    let [name, whole] = match node.kind() {
        Kind::Name => [node.name(), ""],
        Kind::Attribute => [node.name(), node.text()],
        Kind::String => [node.text().trim_matches(['"', '\'', '`']), ""],
        _ => [""; 2],
    };
    [name, whole, node.label()]
}

impl Environment {
    /// An environment without names.
    pub fn new(language: Language, module: &str, path: &str) -> Self {
        let mut names = BTreeMap::new();
        if language == Language::Rust {
            let root = module.split("::").next().unwrap_or(module);
            names.insert("crate".into(), Origin::Item(root.into()));
            let parent = module.rsplit_once("::").map_or(module, |(parent, _)| parent);
            names.insert("super".into(), Origin::Item(parent.into()));
        }
        Self {
            language,
            module: module.into(),
            path: path.into(),
            package: Arc::default(),
            is_constrained: false,
            names,
            nameless: Vec::new(),
            imported_paths: BTreeSet::new(),
            imported_roles: BTreeSet::new(),
            covered: BTreeSet::new(),
            maps: BTreeMap::new(),
            handed_on: BTreeSet::new(),
            awaited: BTreeSet::new(),
            begun: BTreeSet::new(),
            variables: BTreeSet::new(),
            unlimited: BTreeMap::new(),
        }
    }

    /// Adds a module that the file declares. What stands in one with a body counts as the file's own.
    pub fn define_module(&mut self, name: &str, has_body: bool) {
        let absolute = if has_body { self.module.to_string() } else { self.absolute(name) };
        self.names.insert(name.into(), Origin::Item(absolute.into()));
    }

    /// Adds what the code of an item does with functions of the file (their names, and whether each is a method's), and with variables of
    /// processes.
    pub(crate) fn add_uses(
        &mut self,
        facts: &Facts,
        own: &BTreeSet<(Arc<str>, bool)>,
        declarer: &Declarer<'_>,
    ) {
        // A method has its object in front of it; a function may have its module.
        let is_own = |name: &str, is_part: bool| {
            own.contains(&(name.into(), false)) || is_part && own.contains(&(name.into(), true))
        };
        for node in facts.nodes() {
            let named = matches!(node.kind(), Kind::Name | Kind::Attribute) && !node.has(Flags::BINDS);
            if named && is_variable(node) {
                self.variables.insert(node.name().into());
            }
            if !named || !is_own(node.name(), node.is(Kind::Attribute)) {
                continue;
            }
            let call = node.parent().filter(|p| p.is(Kind::Call) && node.role() == Role::Callee);
            match call {
                None if matches!(node.role(), Role::Target | Role::Object | Role::Part) => {}
                None => {
                    self.handed_on.insert(node.name().into());
                }
                // How others call a function, its tests do not tell.
                Some(call) if call.ancestors().any(is_test_definition) => {}
                Some(call) => {
                    if begins_program(call) {
                        self.begun.insert(node.name().into());
                    }
                    if call.parent().is_some_and(|p| p.is(Kind::Await)) {
                        self.awaited.insert(node.name().into());
                    }
                    let meaning = |node: Node<'_>| declarer.meaning(node);
                    let callers = self.unlimited.entry(node.name().into()).or_default();
                    if !is_inside_limit(call, &meaning) {
                        let around = call.ancestors().find(|n| n.is(Kind::Function));
                        let private = around.filter(|f| !f.has(Flags::PUBLIC)).map_or("", Node::name);
                        // A call of itself is within whatever its first call is in.
                        if private != node.name() {
                            callers.insert(private.into());
                        }
                    }
                }
            }
        }
    }

    /// Whether the file's code hands a function of that name on as a value: as a handler or a callback.
    pub fn hands_on(&self, function: &str) -> bool {
        self.handed_on.contains(function)
    }

    /// Whether the file's code awaits a call of its function of that name.
    pub fn awaits(&self, function: &str) -> bool {
        self.awaited.contains(function)
    }

    /// Python: whether the file begins with a function of that name where it is run as a program.
    pub fn begins_with(&self, function: &str) -> bool {
        self.begun.contains(function)
    }

    /// The functions of the file whose calls of its function of that name stand within no time limit; an empty name stands for what others
    /// may call. None where nothing calls it.
    pub fn unlimited_callers(&self, function: &str) -> Option<&BTreeSet<Arc<str>>> {
        self.unlimited.get(function)
    }

    /// Whether the file's code sets a process's variable to what has that name.
    pub fn sets_variable_to(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// Adds the roles of the libraries that are imported: `command-line`, `web-framework`.
    pub(crate) fn add_imported_roles(&mut self, vocabulary: &Vocabulary) {
        let mut roles = BTreeSet::new();
        for (_, origin) in self.imported() {
            let Origin::Item(path) = origin else { continue };
            // `a.b.c` is of the library `a.b.c`, `a.b` or `a`.
            let ends = path.match_indices(self.separator()).map(|(at, _)| at).chain([path.len()]);
            let libraries = ends.filter_map(|end| vocabulary.value(&path[..end]));
            roles.extend(libraries.flat_map(|library| library.roles.iter().map(|role| Arc::from(&**role))));
        }
        self.imported_roles = roles;
    }

    /// Whether a library is imported that the vocabulary gives a role.
    pub fn imports_role(&self, role: &str) -> bool {
        self.imported_roles.contains(role)
    }

    /// Adds what the imports of an item bind.
    pub fn add_imports(&mut self, facts: &Facts) {
        for import in &facts.imports {
            let absolute = self.absolute_import(&import.path);
            if matches!(&*import.local, "*" | "_") {
                self.nameless.push(absolute.into());
                continue;
            }
            // An unconditional import wins over the fallback of a `try`.
            if import.conditional && self.names.contains_key(&*import.local) {
                continue;
            }
            self.insert(&import.local, absolute, true);
        }
    }

    /// Adds a name. In Rust a macro and a function may have the same one: the macro, which is an import then, keeps it with a `!`.
    fn insert(&mut self, name: &str, absolute: String, imported: bool) {
        let origin = Origin::Item(absolute.into());
        let other = self.names.get(name).filter(|other| self.language == Language::Rust && **other != origin);
        if let Some(other) = other {
            let of_macro = if imported { origin.clone() } else { other.clone() };
            self.names.insert(format!("{name}!").into(), of_macro);
        }
        self.names.insert(name.into(), origin);
    }

    /// Adds what an item mentions and what covers the whole file: a middleware's limit, an application's setting.
    pub fn add_covering(&mut self, facts: &Facts, vocabulary: &Vocabulary) {
        let said = || facts.nodes().flat_map(said).filter(|name| !name.is_empty());
        let mentions = |other: &str| said().any(|name| name == other);
        let roles = said().filter_map(|name| vocabulary.covers(name, mentions));
        self.covered.extend(roles.map(Into::into));
    }

    /// Whether the file mentions what plays a role for all of it.
    pub fn is_covered(&self, role: &str) -> bool {
        self.covered.contains(role)
    }

    /// Adds a definition or a module-level variable of the file.
    pub fn define(&mut self, name: &str) {
        let absolute = self.absolute(name);
        self.insert(name, absolute, false);
    }

    /// Adds what the file's functions do with its maps.
    pub(crate) fn add_maps(&mut self, maps: BTreeMap<Arc<str>, MapUses>) {
        self.maps = maps;
    }

    /// What the file's functions do with the map in a module-level variable.
    pub fn map_uses(&self, name: &str) -> Option<&MapUses> {
        self.maps.get(name)
    }

    /// The module-level variables that hold maps.
    pub(crate) fn maps(&self) -> impl Iterator<Item = &str> {
        self.maps.keys().map(|name| &**name)
    }

    /// Whether another environment has the same names for the same things.
    pub(crate) fn has_names_of(&self, other: &Self) -> bool {
        self.names == other.names
    }

    /// What a name of the file's top level stands for.
    pub fn lookup(&self, name: &str) -> Option<&Origin> {
        self.names.get(name)
    }

    /// Its names with what they stand for, in order.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.names.iter().map(|(name, origin)| (&**name, origin))
    }

    /// The modules all of whose names are imported, and traits that are imported for their methods.
    pub fn wildcards(&self) -> impl Iterator<Item = &str> {
        self.nameless.iter().map(|module| &**module)
    }

    /// The absolute names that a name which nothing binds may have: one for each module whose names are all imported.
    pub fn candidates(&self, name: &str) -> impl Iterator<Item = String> + use<'_> {
        let end = [self.separator(), name].concat();
        self.nameless.iter().map(move |module| format!("{module}{end}"))
    }

    /// Whether anything of a package is imported.
    pub fn imports(&self, package: &str) -> bool {
        // Rust's code writes `tokio_postgres` for the package `tokio-postgres`.
        let package = match self.language {
            Language::Rust => Cow::Owned(package.replace('-', "_")),
            Language::Python | Language::Go => Cow::Borrowed(package),
        };
        let is_part = |separator: &&str| {
            let start = [&package, *separator].concat();
            let first =
                self.imported_paths.range::<str, _>((Bound::Included(&*start), Bound::Unbounded)).next();
            first.is_some_and(|path| path.starts_with(&start))
        };
        self.imported_paths.contains(&*package) || [".", ":", "/"].iter().any(is_part)
    }

    /// Lists what is imported, once all names are known.
    pub(crate) fn list_imports(&mut self) {
        let named = self.imported().filter_map(|(_, origin)| match origin {
            Origin::Item(path) => Some(path.clone()),
            _ => None,
        });
        self.imported_paths = named.chain(self.nameless.iter().cloned()).collect();
    }

    /// The names that stand for something else than the file's own definitions, with what they stand for, in order.
    pub fn imported(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.names().filter(|(name, origin)| !self.is_own(name, origin))
    }

    fn is_own(&self, name: &str, origin: &Origin) -> bool {
        let Origin::Item(path) = origin else { return false };
        let own = path.strip_prefix(&*self.module).and_then(|rest| rest.strip_prefix(self.separator()));
        own == Some(name)
    }

    /// How another environment of the file differs.
    pub fn changes(&self, other: &Self) -> Changes {
        let mut changes = Changes {
            everything: (&self.module, &self.path, &self.package, self.is_constrained, &self.nameless)
                != (&other.module, &other.path, &other.package, other.is_constrained, &other.nameless),
            ..Changes::default()
        };
        for (one, another) in [(self, other), (other, self)] {
            for (name, origin) in
                one.names.iter().filter(|(name, origin)| another.names.get(*name) != Some(*origin))
            {
                changes.imports |= !one.is_own(name, origin);
                changes.names.push(name.clone());
            }
            let maps = one.maps.iter().filter(|(name, uses)| another.maps.get(*name) != Some(*uses));
            changes.names.extend(maps.map(|(name, _)| name.clone()));
            let callers = one.unlimited.iter().filter(|(name, of)| another.unlimited.get(*name) != Some(*of));
            changes.names.extend(callers.map(|(name, _)| name.clone()));
            let sets = [
                (&one.covered, &another.covered),
                (&one.handed_on, &another.handed_on),
                (&one.awaited, &another.awaited),
                (&one.begun, &another.begun),
                (&one.variables, &another.variables),
            ];
            changes
                .names
                .extend(sets.into_iter().flat_map(|(one, another)| one.difference(another).cloned()));
        }
        changes.names.sort_unstable();
        changes.names.dedup();
        changes
    }

    /// The absolute name of one of the file's own definitions.
    pub fn absolute(&self, name: &str) -> String {
        format!("{}{}{name}", self.module, self.separator())
    }

    fn separator(&self) -> &'static str {
        self.language.separator()
    }

    /// An import's path without relativity: Python's leading dots, Rust's `crate`, `self`, `super` and modules that the file declares.
    pub fn absolute_import(&self, path: &str) -> String {
        match self.language {
            Language::Go => path.to_owned(),
            Language::Python => {
                let dots = path.len() - path.trim_start_matches('.').len();
                if dots == 0 {
                    return path.to_owned();
                }
                let package_file = self.path.ends_with("__init__.py");
                let up = if package_file { dots - 1 } else { dots };
                let mut package: Vec<&str> = self.module.split('.').collect();
                package.truncate(package.len().saturating_sub(up));
                let rest = path.trim_start_matches('.');
                if !rest.is_empty() {
                    package.push(rest);
                }
                package.join(".")
            }
            Language::Rust => {
                let mut module: Vec<&str> = self.module.split("::").collect();
                let mut rest = path;
                let mut relative = false;
                while let Some(inner) = rest.strip_prefix("super::") {
                    module.pop();
                    rest = inner;
                    relative = true;
                }
                if let Some(inner) = rest.strip_prefix("self::") {
                    rest = inner;
                    relative = true;
                }
                if relative {
                    return format!("{}::{rest}", module.join("::"));
                }
                let (first, inner) = rest.split_once("::").unwrap_or((rest, ""));
                match self.names.get(first) {
                    Some(Origin::Item(module)) if inner.is_empty() => module.to_string(),
                    Some(Origin::Item(module)) => format!("{module}::{inner}"),
                    _ => rest.to_owned(),
                }
            }
        }
    }

    /// The absolute name of the type that an annotation means, without references, optionality and transparent wrappers; none where
    /// it names none. What a container holds stands in angle brackets in every language: `list<app.User>`, `map<string, net.Conn>`.
    pub fn annotation(&self, text: &str, vocabulary: &Vocabulary) -> Option<String> {
        self.annotated(text, vocabulary, MAX_TYPE_DEPTH)
    }

    fn annotated(&self, text: &str, vocabulary: &Vocabulary, depth: u32) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        let inner = |text: &str| self.annotated(text, vocabulary, depth);
        let text = text.trim();
        if let Some(bare) = self.unmodified(text) {
            return inner(bare);
        }
        if self.language == Language::Python
            && let Some((left, right)) = top_level(text, '|')
        {
            return inner(if left.trim() == "None" { right } else { left });
        }
        let arguments = |inside: &str| {
            let arguments = Arguments(Some(inside)).filter(|a| !a.trim_start().starts_with('\''));
            arguments.map(|a| inner(a).unwrap_or_else(|| "_".to_owned())).collect::<Vec<_>>().join(", ")
        };
        if let Some((container, inside)) = self.container(text) {
            return Some(format!("{container}<{}>", arguments(&inside)));
        }
        let Some((outer, inside)) = generic(text, self.language) else {
            // Python's `Final` alone says nothing of the type.
            let says = |name: &String| self.language != Language::Python || !vocabulary.wraps(name);
            return self.type_name(text, vocabulary).filter(says);
        };
        let outer = self.type_name(outer, vocabulary)?;
        if vocabulary.wraps(&outer) {
            return Arguments(Some(inside)).find(|a| !a.trim_start().starts_with('\'')).and_then(inner);
        }
        Some(format!("{outer}<{}>", arguments(inside)))
    }

    /// A type without one of the signs around it that do not change what its values can do.
    fn unmodified<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self.language {
            Language::Python => {
                let bare = text.trim_matches(['"', '\'']);
                (bare.len() < text.len()).then_some(bare)
            }
            Language::Go => text.strip_prefix('*'),
            Language::Rust => {
                if text.starts_with('\'') {
                    return Some(text.split_once(' ')?.1);
                }
                let prefixes = ["&", "*const ", "*mut ", "mut ", "dyn ", "impl "];
                let bare = prefixes.iter().find_map(|p| text.strip_prefix(p));
                bare.or_else(|| top_level(text, '+').map(|(first, _)| first))
            }
        }
    }

    /// A container that the language has a sign for, and what stands in it.
    fn container<'t>(&self, text: &'t str) -> Option<(&'static str, Cow<'t, str>)> {
        match self.language {
            Language::Python => None,
            Language::Rust => {
                let inside = text.strip_prefix('[')?.strip_suffix(']')?;
                Some(("[]", top_level(inside, ';').map_or(inside, |(element, _)| element).into()))
            }
            Language::Go => {
                if let Some(map) = text.strip_prefix("map") {
                    let (key, value) = bracketed(map)?;
                    return Some(("map", format!("{key}, {value}").into()));
                }
                if let Some(element) =
                    ["<-chan ", "chan<- ", "chan "].iter().find_map(|p| text.strip_prefix(p))
                {
                    return Some(("chan", element.into()));
                }
                if let Some(element) = text.strip_prefix("...") {
                    return Some(("[]", element.into()));
                }
                bracketed(text).filter(|(_, element)| !element.is_empty()).map(|(_, e)| ("[]", e.into()))
            }
        }
    }

    /// The absolute name of a type written without arguments.
    fn type_name(&self, text: &str, vocabulary: &Vocabulary) -> Option<String> {
        let text = text.trim();
        let separator = self.separator();
        let (first, rest) = match text.split_once(separator) {
            Some((first, rest)) => (first, Some(rest)),
            None => (text, None),
        };
        if first.is_empty() || !first.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let path = match self.names.get(first) {
            Some(Origin::Item(path)) => path.to_string(),
            Some(_) => return None,
            // Another file of the package may define a Go type.
            None if self.language == Language::Go
                && rest.is_none()
                && first.starts_with(char::is_uppercase) =>
            {
                self.absolute(first)
            }
            None if self.language == Language::Go && rest.is_none() && !GO_BUILTIN.contains(&first) => {
                self.absolute(first)
            }
            None => {
                let mut candidates = self.candidates(first);
                let known = candidates.find(|path| vocabulary.type_of(path).is_some());
                known.unwrap_or_else(|| first.to_owned())
            }
        };
        Some(match rest {
            Some(rest) => format!("{path}{separator}{rest}"),
            None => path,
        })
    }
}

/// Whether a process's variable is set to a name: `"NAME=" + name`, or what is put into a text behind `NAME=`.
fn is_variable(node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    let pieces = match parent.kind() {
        Kind::Binary if parent.operator() == Operator::Add => Role::Operand,
        Kind::Template => Role::Part,
        _ => return false,
    };
    let before = parent.all(pieces).take_while(|piece| *piece != node).last();
    let Some(text) = before.and_then(|before| before.string()) else { return false };
    text.strip_suffix('=').is_some_and(|variable| {
        !variable.is_empty()
            && variable.bytes().all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit())
    })
}

/// Python: whether a call is what a file does where it is run as a program, itself or for a loop to run: `main()`, `asyncio.run(main())` or
/// `sys.exit(main())` below `if __name__ == "__main__":`.
fn begins_program(call: Node<'_>) -> bool {
    const RUN: [&str; 4] = ["run", "run_until_complete", "exit", "SystemExit"];
    let is_run = || {
        let around = call.parent().filter(|p| p.is(Kind::Call) && call.role() == Role::Argument);
        around.and_then(Node::callee).is_some_and(|c| RUN.contains(&c.name()))
    };
    let is_guard = |a: Node<'_>| {
        a.is(Kind::If) && a.get(Role::Condition).is_some_and(|c| c.text().starts_with("__name__"))
    };
    call.language() == Language::Python
        && call.function().is_none()
        && (call.role() == Role::Statement || is_run())
        && call.ancestors().any(is_guard)
}

/// How deep types are read: nobody nests them so.
const MAX_TYPE_DEPTH: u32 = 12;

/// Go's predeclared types (the language specification, "Predeclared identifiers").
const GO_BUILTIN: &[&str] = &[
    "any",
    "bool",
    "byte",
    "comparable",
    "complex64",
    "complex128",
    "error",
    "float32",
    "float64",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "rune",
    "string",
    "uint",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uintptr",
];

/// `Outer[inside]` or `Outer<inside>`.
fn generic(text: &str, language: Language) -> Option<(&str, &str)> {
    let (open, close) = if language == Language::Rust { ('<', '>') } else { ('[', ']') };
    let start = text.find(open)?;
    let inside = text.strip_suffix(close)?.get(start + 1..)?;
    (start > 0).then(|| (&text[..start], inside))
}

/// What stands in the brackets that a Go type begins with, and what follows them.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_at_checked(1).filter(|(open, _)| *open == "[")?;
    let mut depth = 1;
    let close = rest.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        (depth == 0).then_some(at)
    })?;
    Some((&rest[..close], &rest[close + 1..]))
}

/// The arguments of a type, as written.
struct Arguments<'t>(Option<&'t str>);

impl<'t> Iterator for Arguments<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let rest = self.0.take().filter(|r| !r.trim().is_empty())?;
        match top_level(rest, ',') {
            Some((first, others)) => {
                self.0 = Some(others);
                Some(first)
            }
            None => Some(rest),
        }
    }
}

/// A type's name without what it holds.
pub(crate) fn outer_type(path: &str) -> &str {
    path.split('<').next().unwrap_or(path)
}

/// The last argument of a type: what a container gives for an index or a key.
pub(crate) fn last_argument(path: &str) -> Option<&str> {
    type_arguments(path).last()
}

/// The first argument of a type: a map's key.
pub(crate) fn first_argument(path: &str) -> Option<&str> {
    type_arguments(path).next()
}

/// The argument of a type that has one: what a container of single things gives one after another.
pub(crate) fn only_argument(path: &str) -> Option<&str> {
    let mut arguments = type_arguments(path);
    arguments.next().filter(|_| arguments.next().is_none())
}

fn type_arguments(path: &str) -> impl Iterator<Item = &str> {
    let inside = path.split_once('<').and_then(|(_, inside)| inside.strip_suffix('>'));
    Arguments(inside).map(str::trim)
}

/// The two sides of the first separator outside brackets.
fn top_level(text: &str, separator: char) -> Option<(&str, &str)> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' | '<' | '{' => depth += 1,
            ']' | ')' | '>' | '}' => depth -= 1,
            _ if c == separator && depth == 0 => return Some((&text[..at], &text[at + c.len_utf8()..])),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {

    use super::*;

    fn declared(source: &str) -> Environment {
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&Language::Python.grammar()).unwrap();
        let facts =
            crate::extract(Language::Python, &parser.parse(source, None).unwrap(), &Arc::from(source));
        crate::Names::declare(&[&facts], Language::Python, "app", "app.py").environment
    }

    #[test]
    fn uses_of_functions_are_told_apart() {
        let source = "def a(): pass\nasync def b(): pass\ndef c(): pass\n\
                      class K:\n    def m(self): pass\n    def n(self): return K.n\n\
                      async def d(m):\n    run(a, m)\n    await b()\n    c()\n";
        let environment = declared(source);
        let all = ["a", "b", "c", "d", "m", "n"];
        let of = |told: &dyn Fn(&str) -> bool| all.into_iter().filter(|f| told(f)).collect::<Vec<_>>();
        assert_eq!(of(&|f| environment.hands_on(f)), ["a", "n"]);
        assert_eq!(of(&|f| environment.awaits(f)), ["b"]);
    }

    #[test]
    fn what_a_program_begins_with_is_known() {
        let source = "def a(): e()\nasync def b(): pass\ndef c(): return 1\ndef d(): return 1\ndef e(): pass\na()\n\
                      if __name__ == '__main__':\n    asyncio.run(b())\n    try:\n        c()\n    except OSError:\n        print(d())\n";
        let environment = declared(source);
        let begun = ["a", "b", "c", "d", "e"].into_iter().filter(|name| environment.begins_with(name));
        assert_eq!(begun.collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn what_variables_of_processes_are_set_to_is_known() {
        let source = "env = ['A_KEY=' + a, f'B_KEY={b}', 'c=' + c, d + '=', 'E_KEY=' + e()]\n";
        let environment = declared(source);
        let set = ["a", "b", "c", "d", "e"].into_iter().filter(|name| environment.sets_variable_to(name));
        assert_eq!(set.collect::<Vec<_>>(), ["a", "b"]);
    }
}
