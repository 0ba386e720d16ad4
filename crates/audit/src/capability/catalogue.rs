//! The catalogue of capabilities, as its files say it.

use std::fmt;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::Deserialize;
use shipworthy_facts::Effects;

use super::probes::Probes;
use crate::level::Category;

/// Every file of the catalogue.
const FILES: [(&str, &str); 11] = [
    ("conditions", include_str!("../../capabilities/conditions.toml")),
    ("security", include_str!("../../capabilities/security.toml")),
    ("resources", include_str!("../../capabilities/resources.toml")),
    ("errors", include_str!("../../capabilities/errors.toml")),
    ("performance", include_str!("../../capabilities/performance.toml")),
    ("data", include_str!("../../capabilities/data.toml")),
    ("configuration", include_str!("../../capabilities/configuration.toml")),
    ("observability", include_str!("../../capabilities/observability.toml")),
    ("testing", include_str!("../../capabilities/testing.toml")),
    ("documentation", include_str!("../../capabilities/documentation.toml")),
    ("quality", include_str!("../../capabilities/quality.toml")),
];

/// One file of the catalogue.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CatalogueFile {
    /// The category that the file's capabilities count in.
    category: Option<Category>,
    /// Its capabilities.
    #[serde(default)]
    capability: Vec<Definition>,
    /// Conditions that capabilities apply under.
    #[serde(default)]
    condition: Vec<Condition>,
}

/// A capability: what it is, when it applies, and what proves it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Definition {
    /// Its name.
    pub id: String,
    /// What it is, as a heading.
    pub title: String,
    /// The category that it counts in: its file's.
    #[serde(skip)]
    pub category: Option<Category>,
    /// Its weight among the category's capabilities: 1 is nice to have, 2 expected, 3 blocks production.
    pub weight: u32,
    /// What it is, and why a production service has it.
    pub summary: String,
    /// What counts as evidence of it, as a reader is told.
    pub counts: String,
    /// The conditions under which a reader expects it, by name: `routes and external-calls or jobs`. `capability:metrics` is that
    /// another one is there. Left out: always.
    #[serde(default)]
    pub applies: String,
    /// The share from which on it counts as present, and not as partial.
    #[serde(default = "whole")]
    pub enough: f64,
    /// What proves it.
    #[serde(default)]
    pub evidence: Vec<Proof>,
    /// What only declares it.
    #[serde(default)]
    pub declared: Declared,
}

fn whole() -> f64 {
    1.0
}

/// A condition that capabilities apply under: it holds where any of its evidence is seen.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Condition {
    /// Its name.
    pub id: String,
    /// What it says, as the end of "where ...": "the workspace serves routes".
    pub summary: String,
    /// It holds where the workspace has more lines of code than these.
    pub lines: Option<usize>,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<Proof>,
}

/// Something to look for. Where it has several kinds of things, any of them is evidence.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Proof {
    /// The part of the capability that it proves; a capability with several parts is present where all of them are.
    pub part: String,
    /// How much it proves.
    pub strength: Strength,
    /// Where it counts.
    #[serde(rename = "in")]
    pub place: Place,
    /// Absolute names that Python code calls, mentions or derives from; a name stands for all that is below it too: `slowapi`.
    pub python: Vec<String>,
    /// The same of Go: `golang.org/x/time/rate`.
    pub go: Vec<String>,
    /// The same of Rust: `tower_governor`.
    pub rust: Vec<String>,
    /// Parts that calls and decorators play in the vocabulary: `rate-limits`.
    pub roles: Vec<String>,
    /// Effects of calls in the vocabulary: `database`.
    pub effects: Vec<String>,
    /// Names of functions and methods that are called, whatever they belong to; `*` for anything. Beside `roles` or
    /// `effects` only calls of these names count.
    pub called: Vec<String>,
    /// Names of variables and fields that are set, of keyword arguments; `*` for anything.
    pub names: Vec<String>,
    /// Names of functions and classes that are defined; `*` for anything.
    pub defines: Vec<String>,
    /// Beside `defines`: names that are about something else; `*` for anything.
    pub except: Vec<String>,
    /// Beside `defines`: where the routes are known, only what answers one counts.
    pub served: bool,
    /// Names of base classes; `*` for anything.
    pub bases: Vec<String>,
    /// Texts of string literals, whatever their case; `*` for anything.
    pub strings: Vec<String>,
    /// Paths of routes, as they are registered or in full; `*` for anything.
    pub routes: Vec<String>,
    /// Methods of the routes that are known. Beside `routes`: of those whose method is known only these.
    pub methods: Vec<String>,
    /// Test functions.
    pub tests: bool,
    /// Paths of files: globs, at any depth where they have no `/`, in the root where they begin with one; whatever their case.
    pub files: Vec<String>,
    /// Beside `files`: texts of which the file must hold one, whatever their case.
    pub text: Vec<String>,
    /// What steps of continuous integration and hooks run or use.
    pub steps: Vec<String>,
    /// Kinds of Kubernetes objects.
    pub kinds: Vec<String>,
    /// Instructions of Dockerfiles.
    pub instructions: Vec<String>,
    /// Names of images that compose files and manifests start.
    pub images: Vec<String>,
    /// Rules: the share of their sites that is sound is the share of the part.
    pub sound: Vec<String>,
    /// That share is a proof by itself, and not only of how much of what is seen there is.
    pub alone: bool,
    /// The share of the routes that have this: `authentication`, `rate-limit`, `validation`.
    pub covered: String,
    /// Beside `covered`: routes that need it not, by a part of their path: what probes ask is open to all.
    pub open: Vec<String>,
}

/// How much a proof proves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// All of its part.
    #[default]
    Full,
    /// Some of it.
    Partial,
}

/// Where a proof counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In what is shipped.
    #[default]
    Production,
    /// In tests.
    Tests,
    /// In both, and in examples and documentation.
    Anywhere,
}

/// What declares a capability and proves nothing: nobody has to use what is declared.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Declared {
    /// Packages, as manifests call them.
    pub dependencies: Vec<String>,
    /// Images that compose files and manifests start.
    pub images: Vec<String>,
    /// Variables in environment files, compose files and manifests.
    pub variables: Vec<String>,
}

/// A mistake in a file of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.message)
    }
}

/// All capabilities, with the conditions that they apply under.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The capabilities, in the order of their categories and files.
    pub capabilities: Vec<Definition>,
    /// The conditions.
    pub conditions: Vec<Condition>,
    /// What to look for in code; built when everything is read.
    pub(super) probes: Probes,
}

impl Catalogue {
    /// The built-in catalogue; parsed once a process. A test holds that it has no mistake.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: OnceLock<Catalogue> = OnceLock::new();
        BUILT_IN.get_or_init(|| Self::of(&FILES).unwrap_or_default())
    }

    /// A catalogue of files, each with its name.
    ///
    /// # Errors
    /// A file is not TOML of this form, or names something that does not exist.
    pub fn of(files: &[(&str, &str)]) -> Result<Self, CatalogueError> {
        let mut catalogue = Self::default();
        for (name, text) in files {
            let mistake = |message: String| CatalogueError { file: (*name).to_owned(), message };
            let file: CatalogueFile = toml::from_str(text).map_err(|e| mistake(e.to_string()))?;
            for mut capability in file.capability {
                capability.category = file.category;
                if capability.category.is_none() {
                    return Err(mistake("it says no category".to_owned()));
                }
                catalogue.capabilities.push(capability);
            }
            catalogue.conditions.extend(file.condition);
        }
        catalogue.check().map_err(|message| CatalogueError { file: "capabilities".to_owned(), message })?;
        catalogue.probes = Probes::new(&catalogue);
        Ok(catalogue)
    }

    /// The capability of a name.
    pub fn get(&self, id: &str) -> Option<&Definition> {
        self.capabilities.iter().find(|capability| capability.id == id)
    }

    /// The condition of a name.
    pub fn condition(&self, id: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.id == id)
    }

    /// Everything to look for, conditions' first, in the order of its numbers.
    pub(super) fn proofs(&self) -> impl Iterator<Item = &Proof> {
        let conditions = self.conditions.iter().flat_map(|condition| &condition.evidence);
        conditions.chain(self.capabilities.iter().flat_map(|capability| &capability.evidence))
    }

    /// What proves a capability, with its numbers.
    pub(super) fn proofs_of(&self, id: &str) -> impl Iterator<Item = (usize, &Proof)> {
        let before = self.conditions.iter().map(|condition| condition.evidence.len()).sum::<usize>();
        let at = self.capabilities.iter().position(|capability| capability.id == id);
        let (earlier, own) = match at {
            Some(at) => (&self.capabilities[..at], &self.capabilities[at].evidence[..]),
            None => (&[][..], &[][..]),
        };
        let first = before + earlier.iter().map(|capability| capability.evidence.len()).sum::<usize>();
        own.iter().enumerate().map(move |(at, proof)| (first + at, proof))
    }

    fn check(&self) -> Result<(), String> {
        for (at, capability) in self.capabilities.iter().enumerate() {
            let id = &capability.id;
            if self.capabilities[..at].iter().any(|known| known.id == *id) {
                return Err(format!("{id} is there twice"));
            }
            for term in capability.terms().flatten() {
                let known = match term.strip_prefix("capability:") {
                    Some(other) => self.get(other).is_some(),
                    None => self.condition(term).is_some(),
                };
                if !known {
                    return Err(format!("{id}: no condition is called {term}"));
                }
            }
        }
        let unknown = self.proofs().flat_map(|p| &p.effects).find(|name| Effects::by_name(name).is_none());
        unknown.map_or(Ok(()), |name| Err(format!("no effect is called {name}")))
    }
}

impl Definition {
    /// The conditions that it applies under: all of any list.
    pub(super) fn terms(&self) -> impl Iterator<Item = Vec<&str>> {
        let any = self.applies.split(" or ").filter(|all| !all.trim().is_empty());
        any.map(|all| all.split(" and ").map(str::trim).collect())
    }

    /// Its parts, in order.
    pub(super) fn parts(&self) -> Vec<&str> {
        let mut parts: Vec<&str> = Vec::new();
        for proof in &self.evidence {
            if !parts.contains(&proof.part.as_str()) {
                parts.push(&proof.part);
            }
        }
        parts
    }
}
