//! The maps in a file's module-level variables, and what its functions do with them: does anything ever take out what is put in?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shipworthy_syntax::Language;

use crate::declare::{definitions, global_targets, qualified_name};
use crate::fact::{Facts, Flags, Kind, Node, Role};

/// What the functions of a file do with one of its maps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MapUses {
    /// What stands in the place of a key where elements are set by index, with the function that does it; constants are left out.
    pub set: BTreeSet<(Arc<str>, Arc<str>)>,
    /// The methods that are called on it, with their first argument unless that is a constant, and the function that does it.
    pub called: BTreeSet<(Arc<str>, Arc<str>, Arc<str>)>,
    /// The functions that it is given to: `delete`, `len`.
    pub given_to: BTreeSet<Arc<str>>,
    /// The functions in which it is looked up.
    pub looked_up: BTreeSet<Arc<str>>,
    /// Elements are deleted with a statement, or the variable is given another value.
    pub emptied: bool,
    /// It is returned, stored or handed on: others may do with it what does not show here.
    pub escapes: bool,
}

/// The names of an item's module-level variables that may hold maps.
pub(crate) fn holders(facts: &Facts) -> impl Iterator<Item = &str> {
    definitions(facts.root()).flat_map(|node| {
        let variables = may_hold_map(node).then(|| global_targets(node).map(|target| target.name()));
        // What a decorator keeps is a map behind the function's name.
        let is_cached =
            node.is(Kind::Function) && node.all(Role::Decorator).any(|d| d.text().contains("cache"));
        variables.into_iter().flatten().chain(is_cached.then(|| node.name()))
    })
}

/// Adds what an item does with maps in module-level variables of its file.
pub(crate) fn add_uses(facts: &Facts, maps: &mut BTreeMap<Arc<str>, MapUses>) {
    if maps.is_empty() {
        return;
    }
    // `self.load.cache_clear()` is of the method.
    for name in facts.nodes().filter(|n| matches!(n.kind(), Kind::Name | Kind::Attribute)) {
        let Some(uses) = maps.get_mut(name.name()) else { continue };
        let Some(function) = name.ancestors().filter(|a| a.is(Kind::Function)).last() else { continue };
        if !is_shadowed(name, function) {
            uses.add(name, function, MAX_ALIASES);
        }
    }
}

/// How often a map is followed from one local name to the next: a guard has one.
const MAX_ALIASES: u32 = 2;

/// Whether a declaration may make a map, by its look; what it is its rule asks.
fn may_hold_map(assign: Node<'_>) -> bool {
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("map") || text.contains("dict")
    };
    let value = assign.get(Role::Value);
    assign.is(Kind::Assign)
        && (value.is_some_and(|v| v.is(Kind::Dictionary) && v.children().next().is_none())
            || assign.get(Role::Type).is_some_and(|t| says(t.text()))
            || value.filter(|v| v.children().count() < 3).is_some_and(|v| says(v.text())))
}

/// Whether a function has a variable of its own under the name.
fn is_shadowed(name: Node<'_>, function: Node<'_>) -> bool {
    let python = name.language() == Language::Python;
    let declared_global = python
        && function
            .descendants()
            .any(|n| n.is(Kind::Global) && n.all(Role::Target).any(|t| t.name() == name.name()));
    let binds = |n: Node<'_>| match n.kind() {
        Kind::Parameter => true,
        Kind::Name if n.has(Flags::BINDS) => {
            python || n.parent().is_none_or(|p| !p.is(Kind::Assign) || p.has(Flags::DECLARES))
        }
        _ => false,
    };
    !declared_global && function.descendants().any(|n| n.name() == name.name() && binds(n))
}

impl MapUses {
    /// Adds one use of the map in a function: of its variable, or of another name for it.
    fn add(&mut self, name: Node<'_>, function: Node<'_>, aliases: u32) {
        let within = || Arc::from(qualified_name(function));
        let mut node = name;
        while let Some(parent) = node.parent() {
            match (parent.kind(), node.role()) {
                (Kind::Reference | Kind::Dereference | Kind::Await | Kind::Propagate, _) => node = parent,
                (Kind::Attribute, Role::Object) => {
                    let Some(call) = parent.parent().filter(|_| parent.role() == Role::Callee) else {
                        self.escapes = true;
                        return;
                    };
                    let key = call.positional(0).filter(|k| !is_constant(*k)).map_or("", Node::text);
                    self.called.insert((parent.name().into(), key.into(), within()));
                    self.looked_up.insert(within());
                    // Only in Rust a map stands behind calls: `CACHE.lock().unwrap()`.
                    if call.language() != Language::Rust {
                        return;
                    }
                    node = call;
                }
                (Kind::Index, Role::Object) => {
                    let target =
                        parent.role() == Role::Target && parent.parent().is_some_and(|p| p.is(Kind::Assign));
                    let deleted = parent.parent().is_some_and(|p| p.is(Kind::Delete));
                    let key = parent.get(Role::Index).filter(|k| !is_constant(*k));
                    self.emptied |= deleted;
                    match key {
                        Some(key) if target => {
                            self.set.insert((key.text().into(), within()));
                        }
                        _ if target || deleted => {}
                        _ => {
                            self.looked_up.insert(within());
                        }
                    }
                    return;
                }
                (Kind::Call, Role::Argument) => {
                    self.given_to.insert(parent.callee().map_or("", Node::text).into());
                    return;
                }
                (Kind::Compare, _) => {
                    self.looked_up.insert(within());
                    return;
                }
                (Kind::Assign, Role::Target) => {
                    self.emptied = true;
                    return;
                }
                (Kind::Assign | Kind::Let | Kind::WithItem, Role::Value) => {
                    self.follow(node, parent, function, aliases);
                    return;
                }
                (Kind::Global, _) | (_, Role::Iterable | Role::Condition | Role::Statement) => return,
                (Kind::Unary | Kind::Binary, _) if parent.role() == Role::Condition => return,
                // What a chain of calls gives at its end is a copy or an element.
                _ => {
                    self.escapes |= !node.is(Kind::Call);
                    return;
                }
            }
        }
    }

    /// Adds what is done with the other name that an assignment gives the map.
    fn follow(&mut self, value: Node<'_>, assign: Node<'_>, function: Node<'_>, aliases: u32) {
        let alias = assign.children().filter(|c| matches!(c.role(), Role::Target | Role::Pattern));
        let alias: Vec<Node<'_>> =
            alias.flat_map(|c| std::iter::once(c).chain(c.descendants_here())).collect();
        let (Some(alias), true) =
            (alias.iter().find(|n| n.is(Kind::Name) && n.has(Flags::BINDS)), aliases > 0)
        else {
            self.escapes |= !value.is(Kind::Call);
            return;
        };
        let uses = function.descendants().skip_while(|n| n.index() < assign.fact().end);
        for name in uses.filter(|n| n.is(Kind::Name) && n.name() == alias.name()) {
            self.add(name, function, aliases - 1);
        }
    }
}

/// Whether a key is written down: a literal, or a name in capitals.
fn is_constant(key: Node<'_>) -> bool {
    let capitals = |name: &str| !name.is_empty() && !name.contains(char::is_lowercase);
    match key.kind() {
        Kind::Template => false,
        Kind::Name | Kind::Attribute => capitals(key.name()),
        Kind::Reference => key.get(Role::Value).is_some_and(is_constant),
        _ => key.is_literal(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::facts_of;

    fn of(language: Language, source: &str, name: &str) -> MapUses {
        let facts = facts_of(language, source);
        let mut maps = holders(&facts).map(|name| (name.into(), MapUses::default())).collect();
        add_uses(&facts, &mut maps);
        maps.remove(name).unwrap_or_default()
    }

    #[test]
    fn uses_of_maps_are_told() {
        let python = of(
            Language::Python,
            "_users = {}\ndef load(key):\n    if key not in _users:\n        _users[key] = read(key)\n    _users['n'] = 1\n    return _users[key]\n",
            "_users",
        );
        assert_eq!(python.set.iter().map(|(key, by)| (&**key, &**by)).collect::<Vec<_>>(), [("key", "load")]);
        assert!(python.looked_up.contains("load") && !python.emptied && !python.escapes);

        let go = of(
            Language::Go,
            "package p\nvar users = map[string]int{}\nfunc drop(key string) { delete(users, key) }\nfunc all() map[string]int { return users }\n",
            "users",
        );
        assert!(go.given_to.contains("delete") && go.escapes && go.set.is_empty());

        let rust = of(
            Language::Rust,
            "static USERS: LazyLock<Mutex<HashMap<u64, User>>> = LazyLock::new(Default::default);\nfn load(id: u64) {\n    let mut users = USERS.lock().unwrap();\n    users.insert(id, read(id));\n}\n",
            "USERS",
        );
        assert!(rust.called.contains(&("insert".into(), "id".into(), "load".into())) && !rust.escapes);
    }

    #[test]
    fn other_variables_of_the_name_are_left_out() {
        let python =
            of(Language::Python, "_users = {}\ndef load(_users, key):\n    _users[key] = 1\n", "_users");
        assert_eq!(python, MapUses::default());
    }
}
