//! A map by name that is made once and then read: as large as what is in it, where a tree's nodes are half empty. Indexes hold tens of
//! thousands of them, most with an entry or two.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::interner::Interner;

/// Things by name, in the order of their names.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ByName<T>(Box<[(Arc<str>, T)]>);

impl<T> ByName<T> {
    /// What has a name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.find(name).map(|at| &self.0[at].1)
    }

    /// What has a name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.find(name).map(|at| &mut self.0[at].1)
    }

    /// Whether something has a name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Names with what has them, in order.
    pub fn iter(&self) -> Iter<'_, T> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Arc<str>> {
        self.iter().map(|(name, _)| name)
    }

    /// What has names, in their order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.iter().map(|(_, value)| value)
    }

    /// Names that begin alike, in order, with what has them.
    pub fn with_prefix<'a, 'p>(
        &'a self,
        prefix: &'p str,
    ) -> impl Iterator<Item = (&'a str, &'a T)> + use<'a, 'p, T> {
        let from = self.0.partition_point(|(name, _)| **name < *prefix);
        let rest = self.0[from..].iter().take_while(move |(name, _)| name.starts_with(prefix));
        rest.map(|(name, value)| (&**name, value))
    }

    /// Interns the names, and hands out what has them for the same.
    pub(crate) fn intern(&mut self, interner: &mut Interner, mut within: impl FnMut(&mut Interner, &mut T)) {
        for (name, value) in &mut self.0 {
            interner.intern(name);
            within(interner, value);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()
    }
}

/// Names with what has them, in order.
type Iter<'a, T> =
    std::iter::Map<std::slice::Iter<'a, (Arc<str>, T)>, fn(&'a (Arc<str>, T)) -> (&'a Arc<str>, &'a T)>;

impl<'a, T> IntoIterator for &'a ByName<T> {
    type Item = (&'a Arc<str>, &'a T);
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> Default for ByName<T> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<T> From<BTreeMap<Arc<str>, T>> for ByName<T> {
    fn from(map: BTreeMap<Arc<str>, T>) -> Self {
        Self(map.into_iter().collect())
    }
}

/// Of several with one name the last one stays.
impl<T> FromIterator<(Arc<str>, T)> for ByName<T> {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, T)>>(entries: I) -> Self {
        entries.into_iter().collect::<BTreeMap<_, _>>().into()
    }
}

impl<T: fmt::Debug> fmt::Debug for ByName<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::ByName;

    #[test]
    fn names_are_found_and_sorted_and_the_last_of_one_name_stays() {
        let named: ByName<u8> = [("b", 1), ("a.c", 2), ("a", 3), ("a.b", 4), ("b", 5)]
            .map(|(n, v)| (n.into(), v))
            .into_iter()
            .collect();
        assert_eq!(format!("{named:?}"), r#"{"a": 3, "a.b": 4, "a.c": 2, "b": 5}"#);
        assert_eq!((named.get("b"), named.get("c"), named.contains_key("a.c")), (Some(&5), None, true));
        assert_eq!(named.with_prefix("a.").map(|(_, v)| *v).collect::<Vec<_>>(), [4, 2]);
    }
}
