//! The pinned projects.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cache;
use crate::package::Package;

/// One pinned project.
#[derive(Deserialize)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) language: Language,
    pub(super) kind: Kind,
    #[serde(flatten)]
    package: Package,
}

/// The language that most of a project is written in.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Language {
    Python,
    Go,
    Rust,
}

/// What a project is for, which decides what matters in it.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Service,
    Pipeline,
    Command,
    Library,
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Language::Python => "python",
            Language::Go => "go",
            Language::Rust => "rust",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Kind::Service => "service",
            Kind::Pipeline => "pipeline",
            Kind::Command => "command",
            Kind::Library => "library",
        })
    }
}

impl Project {
    /// Brings it, unless it is there.
    pub(super) fn install(&self) -> anyhow::Result<()> {
        self.package.install(&self.folder()?)
    }

    /// Brings it into a folder for its language below another corpus, unless it is there.
    pub(super) fn install_below(&self, corpus: &Path) -> anyhow::Result<()> {
        self.package.install(&self.folder_below(corpus))
    }

    /// Where its files are once it is installed.
    pub(super) fn folder(&self) -> anyhow::Result<PathBuf> {
        Ok(self.folder_below(&cache::root()?.join("corpus")))
    }

    fn folder_below(&self, corpus: &Path) -> PathBuf {
        corpus.join(self.language.to_string()).join(self.release())
    }

    /// Where the JSON of its last audit is.
    pub(super) fn audit_file(&self) -> anyhow::Result<PathBuf> {
        Ok(cache::root()?.join("audits").join(self.release() + ".json"))
    }

    fn release(&self) -> String {
        format!("{}-{}", self.name, self.package.version)
    }
}

/// Every project of `corpus.toml`, in its order.
pub(super) fn pinned() -> anyhow::Result<Vec<Project>> {
    #[derive(Deserialize)]
    struct Projects {
        project: Vec<Project>,
    }
    let projects: Projects = toml::from_str(include_str!("../../corpus.toml"))?;
    Ok(projects.project)
}
