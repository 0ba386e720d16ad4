//! The names of a file: what they mean in it, and what it tells others by them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shipworthy_syntax::Language;

use crate::by_name::ByName;
use crate::declare::{Declarer, Told, definitions, global_targets, method_of};
use crate::environment::Environment;
use crate::fact::{Facts, Kind, Node, Role};
use crate::made::Makings;
use crate::maps::{self, MapUses};
use crate::summary::{Origin, Summary};
use crate::test_code::is_test_definition;
use crate::vocabulary::Vocabulary;

/// The names of a file.
#[derive(Clone, Debug)]
pub struct Names {
    /// What they mean.
    pub environment: Environment,
    /// What the file tells others, without what its functions do: [`behaviour`](crate::behaviour) adds that.
    pub summary: Arc<Summary>,
    /// The environment in which definitions were read, where it is another than the whole one.
    early: Option<Box<Environment>>,
    /// The names of its functions, and whether each is a method.
    own: BTreeSet<(Arc<str>, bool)>,
}

impl Names {
    /// The names of a file without items.
    pub fn new(language: Language, module: &str, path: &str) -> Self {
        Self::declare(&[], language, module, path)
    }

    /// Reads the names of a file from the facts of all its items.
    pub fn declare(items: &[&Facts], language: Language, module: &str, path: &str) -> Self {
        let vocabulary = Vocabulary::built_in(language);
        let mut environment = Environment::new(language, module, path);
        // A module that is declared for tests, and again for all, is no test's.
        let mut modules: BTreeMap<Arc<str>, bool> = BTreeMap::new();
        for module in items.iter().flat_map(|facts| declared_modules(facts)) {
            environment.define_module(module.name, module.is_here);
            if !module.is_here {
                let for_tests = modules.entry(module.name.into()).or_insert(true);
                *for_tests &= module.is_for_tests;
            }
        }
        for facts in items {
            environment.add_imports(facts);
            environment.add_covering(facts, vocabulary);
            let package = facts.slice(facts.package);
            if !package.is_empty() {
                environment.package = package.into();
                environment.is_constrained = is_for_a_platform(path) || has_constraint(facts);
            }
        }
        environment.add_imported_roles(vocabulary);
        let imported = environment.names().filter_map(|(local, origin)| match origin {
            Origin::Item(path) if !matches!(local, "crate" | "super") => Some((local.into(), path.clone())),
            _ => None,
        });
        let imports: ByName<Arc<str>> = imported.collect();
        let wildcards = environment.wildcards().map(Into::into).collect();
        // Names first: an annotation may mean a class that stands further down.
        for (name, yields) in items.iter().flat_map(|facts| defined(facts)) {
            if !yields || environment.lookup(name).is_none() {
                environment.define(name);
            }
        }
        let (mut told, mut globals) = (Told::default(), Vec::new());
        let declarer = Declarer { environment: &environment, vocabulary };
        items.iter().for_each(|facts| declarer.tell(facts, &mut told, &mut globals));
        let mut makings = Makings::default();
        items.iter().for_each(|facts| makings.add(facts, vocabulary, &|callee| declarer.name_of(callee)));
        let own: BTreeSet<(Arc<str>, bool)> = told
            .functions
            .keys()
            .map(|name| match name.rsplit_once(['.', ':']) {
                Some((_, method)) => (method.into(), true),
                None => (name.clone(), false),
            })
            .collect();
        let early = environment.clone();
        let declarer = Declarer { environment: &early, vocabulary };
        items.iter().for_each(|facts| environment.add_uses(facts, &own, &declarer));
        for (name, origin) in globals {
            // A later assignment says more than a first `None`.
            if origin != Origin::Unknown {
                environment.define(&name);
            }
            if origin != Origin::Unknown || !told.globals.contains_key(&name) {
                told.globals.insert(name, origin);
            }
        }
        let mut maps: BTreeMap<Arc<str>, MapUses> = items
            .iter()
            .flat_map(|facts| maps::holders(facts))
            .map(|n| (n.into(), MapUses::default()))
            .collect();
        items.iter().for_each(|facts| maps::add_uses(facts, &mut maps));
        environment.add_maps(maps);
        environment.list_imports();
        let summary = Summary {
            module: module.into(),
            classes: told.classes.into_iter().map(|(name, class)| (name, class.into())).collect(),
            functions: told.functions.into(),
            globals: told.globals.into(),
            made: makings.known(),
            imports,
            wildcards,
            modules: modules.into(),
            ..Summary::default()
        };
        let early = (!early.has_names_of(&environment)).then(|| Box::new(early));
        Self { environment, summary: Arc::new(summary), early, own }
    }

    /// What an item adds to the names, as they are.
    pub fn share<'f>(&self, facts: &'f Facts) -> Share<'f> {
        let vocabulary = Vocabulary::built_in(facts.language);
        let whole = &self.environment;
        let environment = self.early.as_deref().unwrap_or(whole);
        let declarer = Declarer { environment, vocabulary };
        let (mut told, mut globals, mut makings) = (Told::default(), Vec::new(), Makings::default());
        declarer.tell(facts, &mut told, &mut globals);
        makings.add(facts, vocabulary, &|callee| declarer.name_of(callee));
        let mut mentions = Environment::new(facts.language, "", "");
        mentions.add_covering(facts, vocabulary);
        mentions.add_uses(facts, &self.own, &declarer);
        let mut maps = whole.maps().map(|name| (name.into(), MapUses::default())).collect();
        maps::add_uses(facts, &mut maps);
        Share {
            modules: declared_modules(facts).collect(),
            imports: facts.imports.iter().map(|i| (&*i.path, &*i.local, i.conditional)).collect(),
            package: facts.slice(facts.package),
            has_constraint: has_constraint(facts),
            defined: defined(facts).collect(),
            told,
            globals,
            makings,
            mentions,
            map_holders: maps::holders(facts).collect(),
            maps,
        }
    }
}

/// What one item adds to the names of its file. Where items that add the same stand in the place of others, in the same order, the
/// names stay the same.
#[derive(PartialEq)]
pub struct Share<'f> {
    modules: Vec<DeclaredModule<'f>>,
    imports: Vec<(&'f str, &'f str, bool)>,
    package: &'f str,
    has_constraint: bool,
    defined: Vec<(&'f str, bool)>,
    told: Told,
    globals: Vec<(Arc<str>, Origin)>,
    makings: Makings,
    mentions: Environment,
    map_holders: Vec<&'f str>,
    maps: BTreeMap<Arc<str>, MapUses>,
}

impl Share<'_> {
    /// Whether the item adds nothing.
    pub fn is_empty(&self) -> bool {
        let Self {
            modules,
            imports,
            package,
            has_constraint,
            defined,
            told,
            globals,
            makings,
            mentions,
            map_holders,
            maps,
        } = self;
        modules.is_empty()
            && imports.is_empty()
            && package.is_empty()
            && !has_constraint
            && defined.is_empty()
            && *told == Told::default()
            && globals.is_empty()
            && *makings == Makings::default()
            && *mentions == Environment::new(mentions.language, "", "")
            && map_holders.is_empty()
            && maps.values().all(|uses| *uses == MapUses::default())
    }
}

/// Rust: a module that an item declares.
#[derive(PartialEq)]
struct DeclaredModule<'f> {
    name: &'f str,
    /// Whether what stands in it counts as the file's own.
    is_here: bool,
    is_for_tests: bool,
}

fn declared_modules(facts: &Facts) -> impl Iterator<Item = DeclaredModule<'_>> {
    facts.root().children().filter(|n| n.is(Kind::Namespace)).map(|namespace| {
        // What an inline module declares stands in files of its own.
        let body = namespace.get(Role::Body);
        let mut inner = body.into_iter().flat_map(Node::children).filter(|n| n.is(Kind::Namespace));
        let declares_files = inner.any(|n| n.get(Role::Body).is_none());
        DeclaredModule {
            name: namespace.name(),
            is_here: body.is_some() && !declares_files,
            is_for_tests: is_test_definition(namespace),
        }
    })
}

/// The names that an item defines, each with whether it yields to an import of the name: a variable's does, which may be the `None` of an
/// `except ImportError`, and that of what stands in a module inside the file.
fn defined(facts: &Facts) -> impl Iterator<Item = (&str, bool)> {
    definitions(facts.root()).flat_map(|node| {
        let is_definition = matches!(node.kind(), Kind::Function | Kind::Class)
            && !node.name().is_empty()
            && method_of(node).is_none();
        let definition =
            is_definition.then(|| (node.name(), node.ancestors().any(|a| a.is(Kind::Namespace))));
        definition.into_iter().chain(global_targets(node).map(|target| (target.name(), true)))
    })
}

/// Whether a comment says for which builds the file is (Go).
fn has_constraint(facts: &Facts) -> bool {
    let mut comments = facts.comments.iter().map(|c| facts.slice(c.range));
    comments.any(|c| c.starts_with("//go:build ") || c.starts_with("// +build "))
}

/// Whether a file's name says that it is for one platform, or for those that have no file of their own.
fn is_for_a_platform(path: &str) -> bool {
    const PLATFORMS: [&str; 32] = [
        "windows",
        "linux",
        "darwin",
        "freebsd",
        "openbsd",
        "netbsd",
        "dragonfly",
        "solaris",
        "aix",
        "plan9",
        "android",
        "ios",
        "js",
        "wasm",
        "wasip1",
        "unix",
        "posix",
        "amd64",
        "arm64",
        "386",
        "arm",
        "ppc64le",
        "s390x",
        "riscv64",
        "loong64",
        "mips64x",
        "other",
        "others",
        "generic",
        "unimplemented",
        "unsupported",
        "noasm",
    ];
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.strip_suffix(".go").unwrap_or_default();
    stem.rsplit_once('_').is_some_and(|(_, last)| PLATFORMS.contains(&last))
}
