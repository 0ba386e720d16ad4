//! What a file sees of the workspace: its own summary first, as it is now, then the other files'.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHasher};
use shipworthy_facts::{Class, Effects, Function, Made, Origin, Summary, Workspace};
use shipworthy_syntax::Language;

use crate::graph;

/// A file among the others.
pub(crate) struct World<'a> {
    own: &'a Summary,
    /// Whether it is known what functions do, and not only what they are.
    whole: bool,
    prefix: String,
    /// What the file's own functions reach.
    reach: Option<&'a FxHashMap<String, Effects>>,
    base: &'a dyn Workspace,
    state: u64,
    /// What names are other names of, as far as it was asked: all functions of a file ask for the same ones.
    aliases: RefCell<FxHashMap<Box<str>, Option<String>>>,
}

impl<'a> World<'a> {
    /// A file of which it is known what it declares, and not yet what its functions do.
    pub(crate) fn declared(own: &'a Hashed, language: Language, base: &'a dyn Workspace) -> Self {
        let prefix = prefix(&own.summary, language);
        let state = hash(&(own.hash, base.state()));
        let aliases = RefCell::default();
        Self { own: &own.summary, whole: false, prefix, reach: None, base, state, aliases }
    }

    /// A file of which all is known, with what its own functions [`reach`].
    pub(crate) fn new(
        own: &'a Hashed,
        language: Language,
        base: &'a dyn Workspace,
        reach: &'a FxHashMap<String, Effects>,
    ) -> Self {
        Self { whole: true, reach: Some(reach), ..Self::declared(own, language, base) }
    }

    fn own_name<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(self.prefix.as_str())
    }
}

/// A summary with its hash, made once.
pub(crate) struct Hashed {
    pub(crate) summary: Arc<Summary>,
    hash: u64,
}

impl Hashed {
    pub(crate) fn new(summary: Arc<Summary>) -> Self {
        Self { hash: hash(&summary), summary }
    }
}

/// What the functions of a file reach, among the others.
pub(crate) fn reach(own: &Summary, language: Language, base: &dyn Workspace) -> FxHashMap<String, Effects> {
    let prefix = prefix(own, language);
    let functions = own.functions.iter().map(|(name, f)| (format!("{prefix}{name}"), f)).collect();
    graph::close(&functions, base)
}

/// What the absolute names of a file's definitions begin with.
fn prefix(own: &Summary, language: Language) -> String {
    format!("{}{}", own.module, language.separator())
}

impl Workspace for World<'_> {
    fn is_own(&self, path: &str) -> bool {
        self.own_name(path).is_some() || self.base.is_own(path)
    }
    fn own_names(&self) -> u64 {
        self.base.own_names()
    }
    fn state(&self) -> u64 {
        self.state
    }
    fn function(&self, path: &str) -> Option<&Function> {
        self.own_name(path).and_then(|name| self.own.functions.get(name)).or_else(|| self.base.function(path))
    }
    fn class(&self, path: &str) -> Option<&Class> {
        self.own_name(path).and_then(|name| self.own.classes.get(name)).or_else(|| self.base.class(path))
    }
    fn global(&self, path: &str) -> Option<&Origin> {
        self.own_name(path).and_then(|name| self.own.globals.get(name)).or_else(|| self.base.global(path))
    }
    fn made(&self, path: &str) -> Option<&Made> {
        self.own_name(path).and_then(|name| self.own.made.get(name)).or_else(|| self.base.made(path))
    }
    fn alias(&self, path: &str) -> Option<String> {
        if !self.base.is_own(path) {
            return None;
        }
        if let Some(known) = self.aliases.borrow().get(path) {
            return known.clone();
        }
        let alias = self.base.alias(path);
        self.aliases.borrow_mut().insert(path.into(), alias.clone());
        alias
    }
    fn reach(&self, path: &str) -> Effects {
        let own = self.reach.and_then(|reach| reach.get(path).copied());
        own.unwrap_or_else(|| self.base.reach(path))
    }
    fn implementation(&self, path: &str) -> Option<String> {
        self.base.implementation(path)
    }
}

/// A workspace without other files.
pub struct Alone;

impl Workspace for Alone {
    fn is_own(&self, _: &str) -> bool {
        false
    }
    fn own_names(&self) -> u64 {
        0
    }
    fn state(&self) -> u64 {
        0
    }
    fn function(&self, _: &str) -> Option<&Function> {
        None
    }
    fn class(&self, _: &str) -> Option<&Class> {
        None
    }
    fn global(&self, _: &str) -> Option<&Origin> {
        None
    }
    fn alias(&self, _: &str) -> Option<String> {
        None
    }
    fn reach(&self, _: &str) -> Effects {
        Effects::empty()
    }
}

/// What was asked of a workspace, with a hash of each answer: whoever asked sees the same as long as the answers stay the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    /// Whether what functions do is part of the answers.
    whole: bool,
    functions: FxHashMap<Box<str>, u64>,
    classes: FxHashMap<Box<str>, u64>,
    globals: FxHashMap<Box<str>, u64>,
    made: FxHashMap<Box<str>, u64>,
    aliases: FxHashMap<Box<str>, u64>,
    implementations: FxHashMap<Box<str>, u64>,
    reaches: FxHashMap<Box<str>, Effects>,
}

impl Answers {
    /// Whether a workspace would answer the same.
    pub(crate) fn hold(&self, workspace: &dyn Workspace) -> bool {
        let same = |known: &FxHashMap<Box<str>, u64>, answer: &dyn Fn(&str) -> u64| {
            known.iter().all(|(path, known)| answer(path) == *known)
        };
        self.reaches.iter().all(|(path, known)| workspace.reach(path) == *known)
            && same(&self.functions, &|path| function_hash(workspace.function(path), self.whole))
            && same(&self.classes, &|path| hash(&workspace.class(path)))
            && same(&self.globals, &|path| hash(&workspace.global(path)))
            && same(&self.made, &|path| hash(&workspace.made(path)))
            && same(&self.aliases, &|path| hash(&workspace.alias(path)))
            && same(&self.implementations, &|path| hash(&workspace.implementation(path)))
    }

    /// The names that were asked about, and those of which it was asked what they reach or who implements them.
    pub(crate) fn all_names(&self) -> impl Iterator<Item = &str> {
        let others = self.implementations.keys().chain(self.reaches.keys());
        self.names().chain(others.map(|path| &**path))
    }

    /// The names that were asked about.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let hashed = [&self.functions, &self.classes, &self.globals, &self.made, &self.aliases];
        hashed.into_iter().flat_map(|known| known.keys()).map(|path| &**path)
    }
}

/// A workspace that remembers what it was asked.
pub(crate) struct Witness<'a> {
    base: &'a World<'a>,
    answers: RefCell<Answers>,
}

impl<'a> Witness<'a> {
    pub(crate) fn new(base: &'a World<'a>) -> Self {
        Self { base, answers: RefCell::new(Answers { whole: base.whole, ..Answers::default() }) }
    }

    pub(crate) fn answers(self) -> Answers {
        self.answers.into_inner()
    }

    /// Remembers the answer to a question about a name.
    fn note(
        &self,
        path: &str,
        known: impl FnOnce(&mut Answers) -> &mut FxHashMap<Box<str>, u64>,
        answer: impl FnOnce() -> u64,
    ) {
        let mut answers = self.answers.borrow_mut();
        let known = known(&mut answers);
        if !known.contains_key(path) {
            known.insert(path.into(), answer());
        }
    }
}

impl Workspace for Witness<'_> {
    fn is_own(&self, path: &str) -> bool {
        self.base.is_own(path)
    }
    fn own_names(&self) -> u64 {
        self.base.own_names()
    }
    fn state(&self) -> u64 {
        self.base.state()
    }
    fn function(&self, path: &str) -> Option<&Function> {
        if !self.base.is_own(path) {
            return None;
        }
        let function = self.base.function(path);
        self.note(path, |answers| &mut answers.functions, || function_hash(function, self.base.whole));
        function
    }
    fn class(&self, path: &str) -> Option<&Class> {
        if !self.base.is_own(path) {
            return None;
        }
        let class = self.base.class(path);
        self.note(path, |answers| &mut answers.classes, || hash(&class));
        class
    }
    fn global(&self, path: &str) -> Option<&Origin> {
        if !self.base.is_own(path) {
            return None;
        }
        let global = self.base.global(path);
        self.note(path, |answers| &mut answers.globals, || hash(&global));
        global
    }
    fn made(&self, path: &str) -> Option<&Made> {
        if !self.base.is_own(path) {
            return None;
        }
        let made = self.base.made(path);
        self.note(path, |answers| &mut answers.made, || hash(&made));
        made
    }
    fn alias(&self, path: &str) -> Option<String> {
        if !self.base.is_own(path) {
            return None;
        }
        let alias = self.base.alias(path);
        self.note(path, |answers| &mut answers.aliases, || hash(&alias));
        alias
    }
    fn implementation(&self, path: &str) -> Option<String> {
        if !self.base.is_own(path) {
            return None;
        }
        let implementation = self.base.implementation(path);
        self.note(path, |answers| &mut answers.implementations, || hash(&implementation));
        implementation
    }
    fn reach(&self, path: &str) -> Effects {
        if !self.base.is_own(path) {
            return Effects::empty();
        }
        let reach = self.base.reach(path);
        let reaches = &mut self.answers.borrow_mut().reaches;
        if !reaches.contains_key(path) {
            reaches.insert(path.into(), reach);
        }
        reach
    }
}

/// What callers can see of a function without a look into it.
pub(crate) fn declaration(function: &Function) -> impl Hash {
    let Function { is_async, is_generator, is_abstract, results, decorators, parameters, behaviour: _ } =
        function;
    (is_async, is_generator, is_abstract, results, decorators, parameters)
}

fn function_hash(function: Option<&Function>, whole: bool) -> u64 {
    if whole { hash(&function) } else { hash(&function.map(declaration)) }
}

pub(crate) fn hash(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
