//! What a file sees of the workspace: its own summary first, as it is now, then the other files'.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
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
    aliases: RefCell<FxHashMap<Arc<str>, Option<String>>>,
    /// The names that were asked about, for all that remember some.
    names: RefCell<FxHashSet<Arc<str>>>,
}

impl<'a> World<'a> {
    /// A file of which it is known what it declares, and not yet what its functions do.
    pub(crate) fn declared(own: &'a Hashed, language: Language, base: &'a dyn Workspace) -> Self {
        let prefix = prefix(&own.summary, language);
        let state = hash(&(own.hash, base.state()));
        let (aliases, names) = (RefCell::default(), RefCell::default());
        Self { own: &own.summary, whole: false, prefix, reach: None, base, state, aliases, names }
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

    /// A name, in the same place for all that ask.
    fn name(&self, path: &str) -> Arc<str> {
        let mut names = self.names.borrow_mut();
        match names.get(path) {
            Some(name) => name.clone(),
            None => {
                let name: Arc<str> = path.into();
                names.insert(name.clone());
                name
            }
        }
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
        self.aliases.borrow_mut().insert(self.name(path), alias.clone());
        alias
    }
    fn reach(&self, path: &str) -> Effects {
        let own = self.reach.and_then(|reach| reach.get(path).copied());
        own.unwrap_or_else(|| self.base.reach(path))
    }
    fn implementation(&self, path: &str) -> Option<String> {
        self.base.implementation(path)
    }
    fn is_command(&self) -> bool {
        self.base.is_command()
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

/// What can be asked about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Function,
    Class,
    Global,
    Made,
    Alias,
    Implementation,
    Reach,
}

impl Question {
    /// A hash of a workspace's answer. `whole`: what functions do is part of it.
    fn of(self, workspace: &dyn Workspace, path: &str, whole: bool) -> u64 {
        match self {
            Self::Function => function_hash(workspace.function(path), whole),
            Self::Class => hash(&workspace.class(path)),
            Self::Global => hash(&workspace.global(path)),
            Self::Made => hash(&workspace.made(path)),
            Self::Alias => hash(&workspace.alias(path)),
            Self::Implementation => hash(&workspace.implementation(path)),
            Self::Reach => hash(&workspace.reach(path)),
        }
    }
}

/// What was asked of a workspace, each question once, with a hash of its answer: whoever asked sees the same as long as the answers stay the
/// same. There is one for each function: it is as large as what is in it, and the functions of a file share the names.
#[derive(Debug)]
pub(crate) struct Answers {
    /// Whether what functions do is part of the answers.
    whole: bool,
    given: Box<[(Arc<str>, Question, u64)]>,
}

impl Answers {
    /// Whether a workspace would answer the same.
    pub(crate) fn hold(&self, workspace: &dyn Workspace) -> bool {
        self.given.iter().all(|(path, question, known)| question.of(workspace, path, self.whole) == *known)
    }

    /// The names that were asked about, and those of which it was asked what they reach or who implements them.
    pub(crate) fn all_names(&self) -> impl Iterator<Item = &str> {
        self.given.iter().map(|(path, ..)| &**path)
    }

    /// The names that were asked about.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let is_of_name = |question: Question| !matches!(question, Question::Implementation | Question::Reach);
        self.given.iter().filter(move |(_, question, _)| is_of_name(*question)).map(|(path, ..)| &**path)
    }
}

/// A workspace that remembers what it was asked.
pub(crate) struct Witness<'a> {
    base: &'a World<'a>,
    /// The questions that were asked about a name, a bit each.
    asked: RefCell<FxHashMap<Arc<str>, u8>>,
    given: RefCell<Vec<(Arc<str>, Question, u64)>>,
}

impl<'a> Witness<'a> {
    pub(crate) fn new(base: &'a World<'a>) -> Self {
        Self { base, asked: RefCell::default(), given: RefCell::default() }
    }

    pub(crate) fn answers(self) -> Answers {
        Answers { whole: self.base.whole, given: self.given.into_inner().into() }
    }

    /// Asks about a name, and remembers the answer. What is not of the workspace has no answer.
    fn ask<T>(
        &self,
        question: Question,
        path: &str,
        answer: impl FnOnce(&'a World<'a>) -> Option<T>,
        hash: impl FnOnce(&Option<T>) -> u64,
    ) -> Option<T> {
        if !self.base.is_own(path) {
            return None;
        }
        let answer = answer(self.base);
        let mut asked = self.asked.borrow_mut();
        let (known, bit) = (asked.get(path).copied().unwrap_or_default(), 1 << question as u8);
        if known & bit == 0 {
            let name = self.base.name(path);
            asked.insert(name.clone(), known | bit);
            self.given.borrow_mut().push((name, question, hash(&answer)));
        }
        answer
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
        let hash = |function: &Option<&Function>| function_hash(*function, self.base.whole);
        self.ask(Question::Function, path, |base| base.function(path), hash)
    }
    fn class(&self, path: &str) -> Option<&Class> {
        self.ask(Question::Class, path, |base| base.class(path), hash)
    }
    fn global(&self, path: &str) -> Option<&Origin> {
        self.ask(Question::Global, path, |base| base.global(path), hash)
    }
    fn made(&self, path: &str) -> Option<&Made> {
        self.ask(Question::Made, path, |base| base.made(path), hash)
    }
    fn alias(&self, path: &str) -> Option<String> {
        self.ask(Question::Alias, path, |base| base.alias(path), hash)
    }
    fn is_command(&self) -> bool {
        self.base.is_command()
    }
    fn implementation(&self, path: &str) -> Option<String> {
        self.ask(Question::Implementation, path, |base| base.implementation(path), hash)
    }
    fn reach(&self, path: &str) -> Effects {
        let hash = |reach: &Option<Effects>| hash(&reach.unwrap_or_default());
        self.ask(Question::Reach, path, |base| Some(base.reach(path)), hash).unwrap_or_default()
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
