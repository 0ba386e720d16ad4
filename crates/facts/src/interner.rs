//! Names that many files say are kept once: of the names in an index five in six are said again elsewhere.

use std::sync::Arc;

use rustc_hash::FxHashSet;

/// The names that were seen. What is interned by it stays shared when it is gone.
#[derive(Default)]
pub struct Interner(FxHashSet<Arc<str>>);

impl Interner {
    /// Puts the name that was seen first in the place of one that reads the same.
    pub fn intern(&mut self, name: &mut Arc<str>) {
        match self.0.get(name) {
            Some(known) => *name = known.clone(),
            None => _ = self.0.insert(name.clone()),
        }
    }

    /// All of several names.
    pub fn intern_all<'n>(&mut self, names: impl IntoIterator<Item = &'n mut Arc<str>>) {
        names.into_iter().for_each(|name| self.intern(name));
    }
}
