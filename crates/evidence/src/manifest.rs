//! Manifests: the dependencies that a project declares, from every form that Python, Go and Rust projects write them in.

mod cargo;
mod declare;
mod go;
mod lock;
mod pyproject;
mod requirement;
mod requirements;
mod setup;
mod table;

use shipworthy_syntax::Range;

pub use declare::{declaration, declares, purpose_of_file};
pub use lock::Lock;
pub use requirement::Requirement;

use crate::command::Word;
use crate::file::Read;

/// What a project declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    /// Its form.
    pub kind: Kind,
    /// The project's name.
    pub name: Option<Word>,
    /// Its dependencies, in the file's order.
    pub dependencies: Vec<Dependency>,
    /// Other files that it reads: `-r base.txt`, `-c constraints.txt`; members of a workspace.
    pub includes: Vec<Include>,
    /// Optional features with what they switch on.
    pub features: Vec<(String, Vec<String>)>,
    /// Programs that it installs, with what they run: `shop = "shop.cli:main"`.
    pub scripts: Vec<(String, String)>,
    /// Whether dependencies are made up while it runs, so that some are not seen.
    pub is_dynamic: bool,
}

/// The forms of manifests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `requirements.txt` and its kin.
    #[default]
    Requirements,
    /// `pyproject.toml`.
    Pyproject,
    /// `setup.cfg`.
    SetupCfg,
    /// `setup.py`.
    SetupPy,
    /// `Pipfile`.
    Pipfile,
    /// `go.mod`.
    GoMod,
    /// `Cargo.toml`.
    Cargo,
}

/// Another file that a manifest reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// Its path, as written.
    pub path: Word,
    /// How it is read.
    pub kind: IncludeKind,
}

/// How another file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncludeKind {
    /// What it declares is declared here too.
    Requirements,
    /// It only bounds versions.
    Constraints,
    /// It is a member of the workspace.
    Member,
}

/// A dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Its name, as the registry knows it.
    pub name: String,
    /// The name that the code uses, where the manifest gives it another one.
    pub alias: Option<String>,
    /// What versions it may have, as written; empty: any.
    pub version: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The extra, group, feature or target that it belongs to.
    pub group: Option<String>,
    /// Whether it comes from a path, a repository or an address, and not from the registry.
    pub is_direct: bool,
    /// Whether the manifest says that it is here only because others need it (`// indirect`).
    pub is_indirect: bool,
    /// Its entry.
    pub range: Range,
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The program needs it.
    Runtime,
    /// Who develops or tests the program needs it.
    Development,
    /// An option of the program needs it.
    Optional,
    /// Building the program needs it.
    Build,
}

impl Dependency {
    /// A dependency of a purpose, of which only the name is known.
    pub(crate) fn new(name: &str, purpose: Purpose, range: Range) -> Self {
        Self {
            name: name.to_owned(),
            alias: None,
            version: String::new(),
            purpose,
            group: None,
            is_direct: false,
            is_indirect: false,
            range,
        }
    }

    /// Whether it can have one version only.
    pub fn is_pinned(&self) -> bool {
        self.is_direct
            || self.version.starts_with("==") && !self.version.contains('*') && !self.version.contains(',')
    }

    /// Its name as Python's registry compares names: lower case, `-` for all signs between words.
    pub fn normalized(&self) -> String {
        normalize(&self.name)
    }
}

/// A name as Python's registry compares names.
pub fn normalize(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

impl Kind {
    /// The form of a file, by its path.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let folder = path.rsplit('/').nth(1).unwrap_or_default();
        // A build's notes of what a manifest said.
        if [".egg-info", ".dist-info"].iter().any(|end| folder.ends_with(end)) {
            return None;
        }
        match name {
            "pyproject.toml" => return Some(Self::Pyproject),
            "setup.cfg" => return Some(Self::SetupCfg),
            "setup.py" => return Some(Self::SetupPy),
            "Pipfile" => return Some(Self::Pipfile),
            "go.mod" => return Some(Self::GoMod),
            "Cargo.toml" => return Some(Self::Cargo),
            _ => {}
        }
        let stem = name.strip_suffix(".txt").or(name.strip_suffix(".in"))?;
        const WORDS: [&str; 4] = ["requirements", "constraints", "requires", "reqs"];
        let names = stem.split(['-', '_', '.']).any(|word| WORDS.contains(&word));
        (names || matches!(folder, "requirements" | "reqs")).then_some(Self::Requirements)
    }
}

pub(crate) fn read(path: &str, text: &str) -> Read<Manifest> {
    let kind = Kind::of(path).unwrap_or_default();
    let mut read = match kind {
        Kind::Requirements => requirements::read(path, text),
        Kind::Pyproject => pyproject::read(text),
        Kind::Pipfile => pyproject::read_pipfile(text),
        Kind::SetupCfg => setup::read_cfg(text),
        Kind::SetupPy => setup::read_py(text),
        Kind::GoMod => go::read(text),
        Kind::Cargo => cargo::read(text),
    };
    read.content.kind = kind;
    read.content.dependencies.sort_by_key(|dependency| dependency.range);
    let entries = read.content.dependencies.iter().map(|dependency| dependency.range);
    read.spans.extend(entries.collect::<Vec<_>>());
    read.spans.sort_unstable();
    read.spans.dedup();
    read
}

/// What is for those who develop, by the name of a file or group.
pub(crate) fn purpose_of(name: &str) -> Purpose {
    const WORDS: [&str; 18] = [
        "dev",
        "develop",
        "development",
        "test",
        "tests",
        "testing",
        "lint",
        "linting",
        "doc",
        "docs",
        "ci",
        "typing",
        "types",
        "format",
        "bench",
        "benchmark",
        "benchmarks",
        "local",
    ];
    let lower = name.to_ascii_lowercase();
    let says = |words: &[&str]| lower.split(['-', '_', '.', '/']).any(|word| words.contains(&word));
    match () {
        () if says(&WORDS) => Purpose::Development,
        // `optional-requirements.txt`
        () if says(&["optional", "extras"]) => Purpose::Optional,
        () => Purpose::Runtime,
    }
}

#[cfg(test)]
mod tests;
