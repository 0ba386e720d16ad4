//! The environment of a file as somebody asks it: what was asked is remembered, so that answers which stay the same need not be asked
//! for again.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::environment::{Changes, Environment};
use crate::maps::MapUses;
use crate::summary::Origin;
use crate::vocabulary::Vocabulary;

/// An environment that remembers what it was asked.
pub struct Scope<'a> {
    environment: &'a Environment,
    asked: RefCell<Asked>,
}

/// What an environment was asked.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// All names of the file.
    everything: bool,
    /// All that it imports.
    imports: bool,
    /// Names, and roles that may cover the file.
    names: FxHashSet<Arc<str>>,
}

impl Asked {
    /// Whether answers may be others after some changes.
    pub fn minds(&self, changes: &Changes) -> bool {
        changes.everything
            || self.imports && changes.imports
            || self.everything && !changes.names.is_empty()
            || changes.names.iter().any(|name| self.names.contains(name))
    }
}

impl<'a> Scope<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        Self { environment, asked: RefCell::default() }
    }

    /// What it was asked.
    pub(crate) fn asked(self) -> Asked {
        self.asked.into_inner()
    }

    fn note(&self, name: &str) {
        let mut asked = self.asked.borrow_mut();
        if !asked.names.contains(name) {
            asked.names.insert(name.into());
        }
    }

    /// What a name of the file's top level stands for.
    pub fn lookup(&self, name: &str) -> Option<&'a Origin> {
        self.note(name);
        self.environment.lookup(name)
    }

    /// All names of the file with what they stand for, in order. Whoever asks is asked again when any name changes: ask for
    /// [`Scope::imported`] or a name where that is enough.
    pub fn names(&self) -> impl Iterator<Item = (&'a str, &'a Origin)> + use<'a> {
        self.asked.borrow_mut().everything = true;
        self.environment.names()
    }

    /// The names that stand for something else than the file's own definitions, with what they stand for, in order.
    pub fn imported(&self) -> impl Iterator<Item = (&'a str, &'a Origin)> + use<'a> {
        self.asked.borrow_mut().imports = true;
        self.environment.imported()
    }

    /// Whether anything of a package is imported.
    pub fn imports(&self, package: &str) -> bool {
        self.asked.borrow_mut().imports = true;
        self.environment.imports(package)
    }

    /// Whether a library is imported that the vocabulary gives a role.
    pub fn imports_role(&self, role: &str) -> bool {
        self.asked.borrow_mut().imports = true;
        self.environment.imports_role(role)
    }

    /// Whether the file mentions what plays a role for all of it.
    pub fn is_covered(&self, role: &str) -> bool {
        self.note(role);
        self.environment.is_covered(role)
    }

    /// What the file's functions do with the map in a module-level variable.
    pub fn map_uses(&self, name: &str) -> Option<&'a MapUses> {
        self.note(name);
        self.environment.map_uses(name)
    }

    /// Whether the file's code hands a function of that name on as a value: as a handler or a callback.
    pub fn hands_on(&self, function: &str) -> bool {
        self.note(function);
        self.environment.hands_on(function)
    }

    /// Whether the file's code awaits a call of its function of that name.
    pub fn awaits(&self, function: &str) -> bool {
        self.note(function);
        self.environment.awaits(function)
    }

    /// Python: whether the file begins with a function of that name where it is run as a program.
    pub fn begins_with(&self, function: &str) -> bool {
        self.note(function);
        self.environment.begins_with(function)
    }

    /// The functions of the file whose calls of its function of that name stand within no time limit: see
    /// [`Environment::unlimited_callers`].
    pub fn unlimited_callers(&self, function: &str) -> Option<&'a BTreeSet<Arc<str>>> {
        self.note(function);
        self.environment.unlimited_callers(function)
    }

    /// Whether the file's code sets a process's variable to what has that name.
    pub fn sets_variable_to(&self, name: &str) -> bool {
        self.note(name);
        self.environment.sets_variable_to(name)
    }

    /// The absolute names that a name which nothing binds may have: one for each module whose names are all imported.
    pub fn candidates(&self, name: &str) -> impl Iterator<Item = String> + use<'a> {
        self.environment.candidates(name)
    }

    /// The modules all of whose names are imported, and traits that are imported for their methods.
    pub fn wildcards(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.environment.wildcards()
    }

    /// The absolute name of one of the file's own definitions.
    pub fn absolute(&self, name: &str) -> String {
        self.environment.absolute(name)
    }

    /// An import's path without relativity.
    pub fn absolute_import(&self, path: &str) -> String {
        self.note_words(path);
        self.environment.absolute_import(path)
    }

    /// The absolute name of the type that an annotation means: see [`Environment::annotation`].
    pub fn annotation(&self, text: &str, vocabulary: &Vocabulary) -> Option<String> {
        self.note_words(text);
        self.environment.annotation(text, vocabulary)
    }

    fn note_words(&self, text: &str) {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.filter(|word| !word.is_empty()).for_each(|word| self.note(word));
    }

    /// The name under which others import the file.
    pub fn module(&self) -> &'a str {
        &self.environment.module
    }

    /// The file's path in the workspace, with `/`.
    pub fn path(&self) -> &'a str {
        &self.environment.path
    }

    /// The name in the package clause (Go); empty elsewhere.
    pub fn package(&self) -> &'a str {
        &self.environment.package
    }

    /// Whether the file is for some builds only (Go).
    pub fn is_constrained(&self) -> bool {
        self.environment.is_constrained
    }
}
