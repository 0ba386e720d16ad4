//! The index of a workspace: what every file tells others, and the effects that calls reach across files.
//!
//! An index is a value: cheap to clone, so that an analysis keeps the one it began with while the next is made.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use shipworthy_facts::{Class, Effects, Function, Interner, Made, Origin, Summary, Vocabulary, Workspace};
use shipworthy_syntax::{Language, Spot};

use crate::graph;
use crate::home::Home;
use crate::reading::Reading;
use crate::world::{declaration, hash};

/// What the index knows of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexedFile {
    /// Its path in the workspace, with `/`.
    pub path: Arc<str>,
    /// Its language.
    pub language: Language,
    /// The project that it belongs to: where two projects have modules of one name, each sees its own.
    pub project: Arc<str>,
    /// What it tells others.
    pub summary: Arc<Summary>,
    /// Where its functions and methods are defined, by their name in the module, sorted.
    pub definitions: Arc<[(Arc<str>, Spot)]>,
    /// Hashes of the names of the workspace that its summary depends on, sorted.
    pub asked: Arc<[u64]>,
}

impl IndexedFile {
    /// Whether it has the name and the project of this home.
    pub fn is_at(&self, home: &Home) -> bool {
        self.summary.module == home.module && self.project == home.project
    }

    /// Shares its names with what was interned before.
    pub fn intern(&mut self, interner: &mut Interner) {
        Arc::make_mut(&mut self.summary).intern(interner);
        let definitions = Arc::make_mut(&mut self.definitions);
        interner.intern_all(definitions.iter_mut().map(|(name, _)| name));
    }
}

/// Something by language and absolute name.
type ByName<T> = FxHashMap<(Language, Arc<str>), T>;

/// What the functions of a file reach, by their name in the module.
type Reaches = FxHashMap<Arc<str>, Effects>;

/// The index of a workspace.
#[derive(Clone, Debug, Default)]
pub struct Index {
    files: Vec<Option<Arc<IndexedFile>>>,
    by_path: Arc<FxHashMap<Arc<str>, usize>>,
    /// Modules by language and name.
    modules: Arc<ByName<Arc<Module>>>,
    /// What names of the workspace begin with.
    roots: Arc<FxHashSet<(Language, Arc<str>)>>,
    /// What the functions of each file reach, where that is anything.
    reaches: Vec<Arc<Reaches>>,
    /// Abstract functions with the only one that implements them.
    implementations: Arc<ByName<Arc<str>>>,
    /// Projects of Rust's that are commands: see [`Workspace::is_command`].
    commands: Arc<FxHashSet<Arc<str>>>,
    own_names: u64,
    /// For each file a number that changes when what it tells others does, its effects among it.
    states: Vec<u64>,
    state: u64,
}

impl Index {
    /// An index of files.
    pub fn of(files: impl IntoIterator<Item = IndexedFile>) -> Self {
        let mut index = Self::default();
        index.update(files.into_iter().map(Change::Set));
        index
    }

    /// Takes in what changed, and closes the effects again.
    pub fn update(&mut self, changes: impl IntoIterator<Item = Change>) {
        self.declare(changes);
        self.close();
    }

    /// Takes in what files declare. The effects stay what they were: [`Index::update`] has to follow.
    pub fn declare(&mut self, changes: impl IntoIterator<Item = Change>) {
        let mut moved = false;
        let mut changed: FxHashSet<(Language, Arc<str>)> = FxHashSet::default();
        for change in changes {
            moved |= match change {
                Change::Set(file) => {
                    changed.insert((file.language, file.summary.module.clone()));
                    self.set(file)
                }
                Change::Remove(path) => self.remove(&path),
            };
        }
        if moved {
            self.list_modules();
        }
        if moved || changed.iter().any(|(language, _)| *language == Language::Rust) {
            self.find_commands();
        }
        if moved {
            return;
        }
        for key in changed {
            let Some(module) = self.modules.get(&key).filter(|module| module.files.len() > 1) else {
                continue;
            };
            let module = Module::of(module.files.clone(), &self.files);
            Arc::make_mut(&mut self.modules).insert(key, Arc::new(module));
        }
    }

    /// The files, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = &Arc<IndexedFile>> {
        let mut files: Vec<&Arc<IndexedFile>> = self.files.iter().flatten().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.into_iter()
    }

    /// A number that changes when the index would answer anything otherwise.
    pub fn state(&self) -> u64 {
        self.state
    }

    /// A number that changes when the index would answer a file anything otherwise.
    pub fn state_without(&self, path: &str) -> u64 {
        let own = self.by_path.get(path).and_then(|at| self.states.get(*at));
        self.state.wrapping_sub(own.copied().unwrap_or_default())
    }

    /// The file of a path.
    pub fn file(&self, path: &str) -> Option<&Arc<IndexedFile>> {
        self.files.get(*self.by_path.get(path)?)?.as_ref()
    }

    /// What a file of the workspace sees of the others.
    pub fn view(&self, reading: &Reading) -> View<'_> {
        let except = Some(reading.path().clone());
        View { index: self, language: reading.language(), project: reading.home().project.clone(), except }
    }

    /// What all files of a project see.
    pub fn view_of(&self, file: &IndexedFile) -> View<'_> {
        View { index: self, language: file.language, project: file.project.clone(), except: None }
    }

    /// The files whose summaries depend on any of the names whose hashes are given, in the order of their paths.
    pub fn dependents(&self, changed: &FxHashSet<u64>) -> Vec<Arc<str>> {
        if changed.is_empty() {
            return Vec::new();
        }
        let sees = |file: &&Arc<IndexedFile>| file.asked.iter().any(|name| changed.contains(name));
        self.files().filter(sees).map(|file| file.path.clone()).collect()
    }

    /// Hashes that stand for all names of the modules that hand on, by `import *`, those of modules in which names changed.
    pub fn handed_on(&self, mut changed: FxHashSet<(Language, Arc<str>)>) -> FxHashSet<u64> {
        let mut found = FxHashSet::default();
        let open: Vec<_> = self.files.iter().flatten().filter(|f| !f.summary.wildcards.is_empty()).collect();
        loop {
            let hands_on = |file: &&&Arc<IndexedFile>| {
                let has = |name: &str| changed.contains(&(file.language, name) as &dyn Key);
                let separator = file.language.separator();
                let mut names = file.summary.wildcards.iter();
                // What is in a type belongs to the type's module.
                names.any(|name| has(name) || name.match_indices(separator).any(|(at, _)| has(&name[..at])))
            };
            let modules =
                open.iter().filter(hands_on).map(|file| (file.language, file.summary.module.clone()));
            let modules: Vec<_> = modules.collect();
            let before = changed.len();
            for (language, module) in modules {
                found.insert(whole_module(&module, language));
                changed.insert((language, module));
            }
            if changed.len() == before {
                return found;
            }
        }
    }

    /// Hashes of the names that it answers for otherwise than another index: what they are, what they do, what they reach. None where
    /// that may be any name.
    pub fn changed_since(&self, before: &Self) -> Option<FxHashSet<u64>> {
        if self.own_names != before.own_names || self.implementations != before.implementations {
            return None;
        }
        let mut changed = FxHashSet::default();
        let mut modules = FxHashSet::default();
        let gone = before.by_path.keys().filter(|path| !self.by_path.contains_key(*path));
        for path in self.by_path.keys().chain(gone) {
            let (now, then) = (self.known(path), before.known(path));
            let Some((file, _)) = now.or(then) else { continue };
            let [new, old] = [now, then].map(|known| known.map(|(file, _)| &file.summary));
            let is_the_same = new.zip(old).is_some_and(|(new, old)| Arc::ptr_eq(new, old) || new == old);
            if !is_the_same {
                changed.extend(changed_names(file.language, old.map(|s| &**s), new.map(|s| &**s)));
                modules.insert((file.language, file.summary.module.clone()));
            }
            let (Some((now, reaches)), Some((then, before))) = (now, then) else { continue };
            if now.project != then.project {
                return None;
            }
            let (new, old) = (&now.summary.functions, &then.summary.functions);
            let functions = new.iter().filter(|(name, f)| !is_the_same && old.get(name) != Some(f));
            let more = reaches.iter().filter(|(name, reach)| before.get(*name) != Some(*reach));
            let less = before.keys().filter(|name| !reaches.contains_key(*name));
            let names = functions.map(|(name, _)| name).chain(more.map(|(name, _)| name)).chain(less);
            changed.extend(names.map(|name| name_hash(&now.summary.absolute(file.language, name))));
        }
        changed.extend(self.handed_on(modules));
        Some(changed)
    }

    /// The file of a path, with what its functions reach.
    fn known(&self, path: &str) -> Option<(&Arc<IndexedFile>, &Reaches)> {
        let at = *self.by_path.get(path)?;
        Some((self.files.get(at)?.as_ref()?, self.reaches.get(at)?))
    }

    /// Sets a file; true where modules are others for it.
    fn set(&mut self, file: IndexedFile) -> bool {
        let moved = match self.file(&file.path) {
            Some(known) => known.summary.module != file.summary.module || known.project != file.project,
            None => true,
        };
        match self.by_path.get(&*file.path) {
            Some(&at) => self.files[at] = Some(Arc::new(file)),
            None => {
                Arc::make_mut(&mut self.by_path).insert(file.path.clone(), self.files.len());
                self.files.push(Some(Arc::new(file)));
                self.reaches.push(Arc::default());
            }
        }
        moved
    }

    fn remove(&mut self, path: &str) -> bool {
        let Some(at) = Arc::make_mut(&mut self.by_path).remove(path) else { return false };
        self.files[at] = None;
        self.reaches[at] = Arc::default();
        true
    }

    fn list_modules(&mut self) {
        let mut modules: ByName<Vec<usize>> = FxHashMap::default();
        let mut roots = FxHashSet::default();
        for file in self.files() {
            let Some(&at) = self.by_path.get(&file.path) else { continue };
            let module = &file.summary.module;
            modules.entry((file.language, module.clone())).or_default().push(at);
            roots.insert((file.language, root(module, file.language).into()));
        }
        let listed = modules.into_iter().map(|(key, files)| (key, Arc::new(Module::of(files, &self.files))));
        self.modules = Arc::new(listed.collect());
        self.roots = Arc::new(roots);
    }

    /// Rust: finds the projects that are a command's alone. Its root imports a library for command lines; there is no library for others to
    /// use, no other file imports one for serving, unless it is itself that of a subcommand, and none imports one for logging.
    fn find_commands(&mut self) {
        let vocabulary = Vocabulary::built_in(Language::Rust);
        let imports = |file: &IndexedFile, role: &str| {
            let Summary { imports, wildcards, .. } = &*file.summary;
            let crates = imports.values().chain(wildcards).filter_map(|path| path.split("::").next());
            crates.into_iter().any(|name| vocabulary.value(name).is_some_and(|library| library.is(role)))
        };
        let mut commands: FxHashSet<Arc<str>> = FxHashSet::default();
        let mut others: FxHashSet<Arc<str>> = FxHashSet::default();
        for file in self.files.iter().flatten().filter(|file| file.language == Language::Rust) {
            let of_command = || file.path.split('/').any(|f| matches!(f, "commands" | "cmd" | "subcommands"));
            if file.path.ends_with("src/main.rs") && imports(file, "command-line") {
                commands.insert(file.project.clone());
            }
            if file.path.ends_with("src/lib.rs")
                || imports(file, "logging")
                || !of_command() && imports(file, "service")
            {
                others.insert(file.project.clone());
            }
        }
        commands.retain(|project| !others.contains(project));
        let (mut roots, mut listed): (Vec<_>, Vec<_>) =
            (self.roots.iter().collect(), commands.iter().collect());
        roots.sort();
        listed.sort();
        self.own_names = hash(&(roots, listed));
        self.commands = Arc::new(commands);
    }

    /// Closes the effects over the calls of all files.
    fn close(&mut self) {
        self.implementations = Arc::new(self.find_implementations());
        let functions: Vec<(usize, &Arc<str>, &Function)> = self
            .files
            .iter()
            .enumerate()
            .filter_map(|(at, file)| Some((at, file.as_ref()?)))
            .flat_map(|(at, file)| file.summary.functions.iter().map(move |(name, f)| (at, name, f)))
            .collect();
        let numbers: FxHashMap<(usize, &str), usize> =
            functions.iter().enumerate().map(|(n, (at, name, _))| ((*at, &***name), n)).collect();
        let number =
            |view: &View<'_>, path: &str| view.find_at(path, |at, _, name| numbers.get(&(at, name)).copied());
        let mut closure = graph::Closure::new(functions.iter().map(|(_, _, f)| *f));
        for (caller, (at, name, function)) in functions.iter().enumerate() {
            let Some(file) = &self.files[*at] else { continue };
            let view = self.view_of(file);
            for call in &function.behaviour.calls {
                if let Some(callee) = number(&view, &call.path) {
                    closure.call(caller, callee, call);
                }
            }
            if function.is_abstract {
                let path = file.summary.absolute(file.language, name);
                let implementation = view.implementation(&path).and_then(|path| number(&view, &path));
                if let Some(implementation) = implementation {
                    closure.implement(caller, implementation);
                }
            }
        }
        let reach = closure.close();
        let mut reaches: Vec<Reaches> = vec![FxHashMap::default(); self.files.len()];
        for ((at, name, _), effects) in functions.iter().zip(reach) {
            if !effects.is_empty() {
                reaches[*at].insert(Arc::clone(name), effects);
            }
        }
        // A sum stands for a set: maps have no order.
        let sum = |hashes: &mut dyn Iterator<Item = u64>| hashes.fold(0_u64, u64::wrapping_add);
        let states = self.files.iter().zip(&reaches).map(|(file, reaches)| {
            let Some(file) = file else { return 0 };
            let reaches = sum(&mut reaches.iter().map(|reach| hash(&reach)));
            hash(&(&file.path, &file.project, &file.summary, reaches))
        });
        self.states = states.collect();
        let implementations = sum(&mut self.implementations.iter().map(|pair| hash(&pair)));
        let all = sum(&mut self.states.iter().copied());
        self.state = all.wrapping_add(hash(&(self.own_names, implementations)));
        self.reaches = reaches.into_iter().map(Arc::new).collect();
    }

    /// Abstract functions (of interfaces, traits, abstract classes) with the function that implements each, where there is one only.
    fn find_implementations(&self) -> ByName<Arc<str>> {
        // By the absolute name of an abstract class, the absolute names of the classes that implement it.
        let mut implementors: FxHashMap<(Language, String), Vec<String>> = FxHashMap::default();
        let own = |file: &IndexedFile, name: &str| file.summary.absolute(file.language, name);
        for file in self.files() {
            let view = self.view_of(file);
            for (name, class) in &file.summary.classes {
                for base in class.bases.iter().filter(|base| view.is_own(base)) {
                    let base = view.resolved(base);
                    if view.class(&base).is_some_and(|base| base.is_abstract) {
                        implementors.entry((file.language, base)).or_default().push(own(file, name));
                    }
                }
            }
        }
        self.add_go_implementors(&mut implementors);
        let mut found = FxHashMap::default();
        for file in self.files() {
            let view = self.view_of(file);
            for (name, _) in file.summary.functions.iter().filter(|(_, function)| function.is_abstract) {
                let separator = file.language.separator();
                let Some((class, method)) = name.rsplit_once(separator) else { continue };
                let classes = implementors.get(&(file.language, own(file, class)));
                let mut methods: Vec<String> = classes
                    .into_iter()
                    .flatten()
                    .map(|class| [class, separator, method].concat())
                    .filter(|path| view.function(path).is_some_and(|f| !f.is_abstract))
                    .collect();
                methods.dedup();
                if let [only] = &methods[..] {
                    found.insert((file.language, own(file, name).into()), only.as_str().into());
                }
            }
        }
        found
    }

    /// Go's types implement an interface by having its methods.
    fn add_go_implementors(&self, implementors: &mut FxHashMap<(Language, String), Vec<String>>) {
        let go = || self.files().filter(|file| file.language == Language::Go);
        let mut methods: FxHashMap<String, (bool, Vec<&str>)> = FxHashMap::default();
        for file in go() {
            let abstracts = |class: &str| file.summary.classes.get(class).is_some_and(|c| c.is_abstract);
            for (name, function) in &file.summary.functions {
                let Some((class, method)) = name.split_once('.') else { continue };
                let class_path = format!("{}.{class}", file.summary.module);
                let is_interface = function.is_abstract && abstracts(class);
                let entry = methods.entry(class_path).or_insert((is_interface, Vec::new()));
                entry.1.push(method);
            }
        }
        let mut having: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        for (class, (_, names)) in methods.iter().filter(|(_, (is_interface, _))| !is_interface) {
            names.iter().for_each(|name| having.entry(name).or_default().push(class));
        }
        for (interface, (_, names)) in methods.iter().filter(|(_, (is_interface, _))| *is_interface) {
            let Some((first, rest)) = names.split_first() else { continue };
            let candidates = having.get(first).into_iter().flatten().copied();
            let mut types: Vec<String> = candidates
                .filter(|class| rest.iter().all(|m| having.get(m).is_some_and(|all| all.contains(class))))
                .map(str::to_owned)
                .collect();
            types.sort();
            implementors.entry((Language::Go, interface.clone())).or_default().extend(types);
        }
    }
}

/// The files that make up a module: one, but for Go's packages.
#[derive(Debug, Default)]
struct Module {
    /// In the order of their paths.
    files: Vec<usize>,
    /// Where there are several: by hashes of the names that they declare or import, which of them do.
    names: FxHashMap<u64, Vec<usize>>,
    /// Where there are several: those that may hand on any name of another module.
    open: Vec<usize>,
}

impl Module {
    fn of(files: Vec<usize>, all: &[Option<Arc<IndexedFile>>]) -> Self {
        let mut module = Self::default();
        for &at in files.iter().filter(|_| files.len() > 1) {
            if let Some(Some(file)) = all.get(at) {
                module.list(at, &file.summary);
            }
        }
        Self { files, ..module }
    }

    /// Takes in the names of one more file.
    fn list(&mut self, at: usize, summary: &Summary) {
        if !summary.wildcards.is_empty() {
            self.open.push(at);
        }
        let Summary { functions, classes, globals, made, imports, .. } = summary;
        let names = functions.keys().chain(classes.keys()).chain(globals.keys());
        for name in names.chain(made.keys()).chain(imports.keys()) {
            let files = self.names.entry(name_hash(name)).or_default();
            if files.last() != Some(&at) {
                files.push(at);
            }
        }
    }

    /// The files that may know a name, in the order of their paths: it may be declared, or be that of something in what is declared or
    /// imported.
    fn files_of(&self, name: &str, separator: &str) -> Cow<'_, [usize]> {
        if self.files.len() < 2 {
            return Cow::Borrowed(&self.files);
        }
        let known = |name: &str| self.names.get(&name_hash(name)).map_or(&[][..], Vec::as_slice);
        let around = name.split_once(separator).map_or(&[][..], |(first, _)| known(first));
        let lists = [known(name), around, &self.open];
        let mut filled = lists.iter().filter(|list| !list.is_empty());
        match (filled.next(), filled.next()) {
            (None, _) => Cow::Borrowed(&[]),
            (Some(only), None) => Cow::Borrowed(only),
            _ => {
                let may_know = |at: &usize| lists.iter().any(|list| list.contains(at));
                Cow::Owned(self.files.iter().copied().filter(may_know).collect())
            }
        }
    }
}

/// A change of an index.
#[derive(Clone, Debug)]
pub enum Change {
    /// A file is there, or another than before.
    Set(IndexedFile),
    /// The file of a path is gone.
    Remove(Arc<str>),
}

/// Hashes of the names that a file declares otherwise than before: all that the summaries of others can depend on.
pub fn changed_names(
    language: Language,
    before: Option<&Summary>,
    after: Option<&Summary>,
) -> FxHashSet<u64> {
    let mut changed = FxHashSet::default();
    let named = |summary: Option<&Summary>| {
        let mut names: FxHashMap<String, u64> = FxHashMap::default();
        let Some(summary) = summary else { return names };
        let mut add = |name: &str, value: u64| {
            let path = summary.absolute(language, name);
            *names.entry(path).or_default() ^= value;
        };
        summary.functions.iter().for_each(|(name, f)| add(name, hash(&(1, declaration(f)))));
        summary.classes.iter().for_each(|(name, class)| add(name, hash(&(2, class))));
        summary.globals.iter().for_each(|(name, origin)| add(name, hash(&(3, origin))));
        summary.imports.iter().for_each(|(name, path)| add(name, hash(&(4, path))));
        summary.made.iter().for_each(|(name, made)| add(name, hash(&(5, made))));
        summary.modules.iter().for_each(|(name, for_tests)| add(name, hash(&(6, for_tests))));
        names
    };
    if before.map(|s| &s.wildcards) != after.map(|s| &s.wildcards) {
        let modules = before.into_iter().chain(after).map(|summary| &summary.module);
        changed.extend(modules.map(|module| whole_module(module, language)));
    }
    let (before, after) = (named(before), named(after));
    for (name, value) in before.iter().chain(&after) {
        if before.get(name) != after.get(name) || before.get(name) != Some(value) {
            changed.insert(name_hash(name));
        }
    }
    changed
}

/// What [`IndexedFile::asked`] is for the names that were asked about: they, and the modules that may hand them on.
pub(crate) fn asked<'n>(language: Language, names: impl Iterator<Item = &'n str>) -> Arc<[u64]> {
    let separator = language.separator();
    let mut hashes = FxHashSet::default();
    for name in names {
        hashes.insert(name_hash(name));
        hashes.extend(name.match_indices(separator).map(|(at, _)| name_hash(&name[..at + separator.len()])));
    }
    let mut hashes: Vec<u64> = hashes.into_iter().collect();
    hashes.sort_unstable();
    hashes.into()
}

/// Rust: a module and those around it, from the inside out.
pub(crate) fn modules_around(module: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(module), |inner| Some(inner.rsplit_once("::")?.0))
}

/// Stands for all names of a module.
fn whole_module(module: &str, language: Language) -> u64 {
    name_hash(&[module, language.separator()].concat())
}

fn name_hash(name: &str) -> u64 {
    hash(&name)
}

/// What the names of a module's language begin with: the first part of the module's own.
fn root(name: &str, language: Language) -> &str {
    match language {
        Language::Go => go_root(name),
        Language::Python | Language::Rust => name.split(language.separator()).next().unwrap_or(name),
    }
}

/// Of an address, `github.com/owner/repository`, the part that belongs to one owner: half the world's modules are on the same hosts.
fn go_root(name: &str) -> &str {
    let host = name.split_once('/').map_or("", |(host, _)| host);
    let parts = match host {
        "github.com" | "gitlab.com" | "bitbucket.org" | "codeberg.org" => 3,
        _ if host.contains('.') => 2,
        _ => 1,
    };
    let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
    let root = &name[..ends.take(parts).last().unwrap_or(name.len())];
    // What is behind the last part's point is a name of the package, or as good as one: `gopkg.in/yaml.v3`.
    let last = root.rfind('/').map_or(0, |at| at + 1);
    root[last..].find('.').map_or(root, |dot| &root[..last + dot])
}

/// What one file sees of the others.
pub struct View<'a> {
    index: &'a Index,
    language: Language,
    project: Arc<str>,
    /// The path of the file itself.
    except: Option<Arc<str>>,
}

impl<'a> View<'a> {
    /// What `get` finds of a name in the files of the module that the name begins with; of several modules in the longest.
    fn find<T>(&self, path: &str, get: impl Fn(&'a IndexedFile, &str) -> Option<T>) -> Option<T> {
        self.find_at(path, |_, file, name| get(file, name))
    }

    fn find_at<T>(&self, path: &str, get: impl Fn(usize, &'a IndexedFile, &str) -> Option<T>) -> Option<T> {
        if !self.is_own(path) {
            return None;
        }
        let separator = self.language.separator();
        // A path of Go's packages ends behind its last slash.
        let from = if self.language == Language::Go { path.rfind('/').unwrap_or(0) } else { 0 };
        // Names are short: a plain walk is faster than making a searcher.
        for at in
            (from..path.len()).rev().filter(|at| path.as_bytes()[*at..].starts_with(separator.as_bytes()))
        {
            let (module, name) = (&path[..at], &path[at + separator.len()..]);
            let Some(module) = self.module(module) else { continue };
            let files = module.files_of(name, separator);
            let files = || files.iter().filter_map(|&at| Some((at, self.other(at)?)));
            let own = files().filter(|(_, file)| file.project == self.project);
            let others = files().filter(|(_, file)| file.project != self.project);
            if let Some(found) = own.chain(others).find_map(|(at, file)| get(at, file, name)) {
                return Some(found);
            }
        }
        None
    }

    /// A name with its re-exports followed.
    fn resolved(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for _ in 0..8 {
            match self.alias(&path) {
                Some(next) => path = next,
                None => break,
            }
        }
        path
    }

    /// The key of a router, or the name of a handler, with re-exports followed: what stands behind a `#` or `()` stays.
    pub(crate) fn resolved_key(&self, key: &str) -> String {
        let end = key.find(['#', '(']).unwrap_or(key.len());
        let (path, rest) = key.split_at(end);
        if self.is_own(path) { self.resolved(path) + rest } else { key.to_owned() }
    }

    /// The project whose file defines what a key names, else the file's own.
    pub(crate) fn project_of(&self, key: &str) -> Arc<str> {
        let path = &key[..key.find(['#', '(']).unwrap_or(key.len())];
        self.find(path, |file, _| Some(file.project.clone())).unwrap_or_else(|| self.project.clone())
    }

    /// The methods of a class, in the order of their names.
    pub(crate) fn methods(&self, class: &str) -> Vec<&'a Function> {
        self.named_methods(class).into_iter().map(|(_, method)| method).collect()
    }

    /// The methods of a class with their names, in order.
    pub(crate) fn named_methods(&self, class: &str) -> Vec<(&'a str, &'a Function)> {
        if self.language == Language::Go {
            return self.methods_of_package(class);
        }
        let separator = self.language.separator();
        let methods = self.find(class, |file, name| {
            file.summary.classes.get(name)?;
            let prefix = [name, separator].concat();
            let own = file.summary.functions.with_prefix(&prefix);
            Some(own.map(|(name, method)| (&name[prefix.len()..], method)).collect::<Vec<_>>())
        });
        methods.unwrap_or_default()
    }

    /// The methods of a type of Go's: any file of its package may have some.
    fn methods_of_package(&self, class: &str) -> Vec<(&'a str, &'a Function)> {
        let Some((module, name)) = class.rsplit_once('.') else { return Vec::new() };
        let files = self.module(module).into_iter().flat_map(|module| &module.files);
        let files = files.filter_map(|&at| Some(&**self.index.files.get(at)?.as_ref()?));
        let prefix = format!("{name}.");
        let own = files.flat_map(|file| file.summary.functions.iter());
        let methods = own.filter_map(|(name, function)| Some((name.strip_prefix(&*prefix)?, function)));
        let methods: BTreeMap<&str, &Function> = methods.collect();
        methods.into_iter().collect()
    }

    /// A file by its number; none for the file that sees the others.
    fn other(&self, at: usize) -> Option<&'a IndexedFile> {
        let file = &**self.index.files.get(at)?.as_ref()?;
        (self.except.as_ref() != Some(&file.path)).then_some(file)
    }

    fn module(&self, path: &str) -> Option<&'a Module> {
        self.index.modules.get(&(self.language, path) as &dyn Key).map(|module| &**module)
    }

    /// Whether a module, or a type whose variants are imported, has a name.
    fn hands_on(&self, module: &str, name: &str) -> bool {
        let separator = self.language.separator();
        match self.module(module) {
            Some(module) => {
                let files = module.files_of(name, separator);
                files.iter().filter_map(|&at| self.other(at)).any(|file| defines(&file.summary, name))
            }
            None => {
                let defined = |file: &IndexedFile, name: &str| defines(&file.summary, name).then_some(());
                self.find(&[module, separator, name].concat(), defined).is_some()
            }
        }
    }
}

fn defines(summary: &Summary, name: &str) -> bool {
    summary.functions.contains_key(name)
        || summary.classes.contains_key(name)
        || summary.globals.contains_key(name)
}

impl Workspace for View<'_> {
    fn is_own(&self, path: &str) -> bool {
        self.index.roots.contains(&(self.language, root(path, self.language)) as &dyn Key)
    }
    fn own_names(&self) -> u64 {
        self.index.own_names
    }
    fn state(&self) -> u64 {
        self.except.as_ref().map_or(self.index.state, |path| self.index.state_without(path))
    }
    fn function(&self, path: &str) -> Option<&Function> {
        self.find(path, |file, name| file.summary.functions.get(name))
    }
    fn class(&self, path: &str) -> Option<&Class> {
        self.find(path, |file, name| file.summary.classes.get(name))
    }
    fn global(&self, path: &str) -> Option<&Origin> {
        self.find(path, |file, name| file.summary.globals.get(name))
    }
    fn made(&self, path: &str) -> Option<&Made> {
        self.find(path, |file, name| file.summary.made.get(name))
    }
    fn alias(&self, path: &str) -> Option<String> {
        let separator = self.language.separator();
        self.find(path, |file, name| {
            let (first, rest) = match name.split_once(separator) {
                Some((first, rest)) => (first, Cow::Owned([separator, rest].concat())),
                None => (name, Cow::Borrowed("")),
            };
            if defines(&file.summary, first) {
                return Some(None);
            }
            if let Some(target) = file.summary.imports.get(first) {
                return Some(Some([target, &*rest].concat()));
            }
            let Summary { module, wildcards, .. } = &*file.summary;
            if wildcards.is_empty() || self.module(&[module, separator, first].concat()).is_some() {
                return None;
            }
            let from = wildcards.iter().find(|module| self.hands_on(module, name))?;
            Some(Some([from, separator, name].concat()))
        })?
    }
    fn reach(&self, path: &str) -> Effects {
        let reach = self.find_at(path, |at, _, name| self.index.reaches.get(at)?.get(name).copied());
        reach.unwrap_or_default()
    }
    fn definition(&self, path: &str) -> Option<(Arc<str>, Spot)> {
        self.find(path, |file, name| {
            let at = file.definitions.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
            Some((file.path.clone(), file.definitions.get(at)?.1))
        })
    }
    fn is_for_tests(&self, module: &str) -> bool {
        // One declaration for all is enough, and the program beside a library may make it.
        let is_for_tests = |around: &str, name: &str| {
            let of_program = format!("{around}-main");
            let around = [around, &*of_program].into_iter().filter_map(|path| self.module(path));
            let files = around.flat_map(|module| &module.files).filter_map(|&at| self.other(at));
            let own = files.filter(|file| file.project == self.project);
            let mut declared = own.filter_map(|file| file.summary.modules.get(name)).peekable();
            declared.peek().is_some() && declared.all(|for_tests| *for_tests)
        };
        modules_around(module)
            .filter_map(|path| path.rsplit_once("::"))
            .any(|(around, name)| is_for_tests(around, name))
    }
    fn is_command(&self) -> bool {
        self.language == Language::Rust && self.index.commands.contains(&self.project)
    }
    fn implementation(&self, path: &str) -> Option<String> {
        self.index.implementations.get(&(self.language, path) as &dyn Key).map(|path| path.to_string())
    }
}

/// A language and a name, looked up without a copy of the name.
trait Key {
    fn parts(&self) -> (Language, &str);
}

impl Key for (Language, Arc<str>) {
    fn parts(&self) -> (Language, &str) {
        (self.0, &self.1)
    }
}
impl Key for (Language, &str) {
    fn parts(&self) -> (Language, &str) {
        (self.0, self.1)
    }
}
impl<'a> std::borrow::Borrow<dyn Key + 'a> for (Language, Arc<str>) {
    fn borrow(&self) -> &(dyn Key + 'a) {
        self
    }
}
impl PartialEq for dyn Key + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}
impl Eq for dyn Key + '_ {}
impl Hash for dyn Key + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}
