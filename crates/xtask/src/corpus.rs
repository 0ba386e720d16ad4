//! `cargo xtask corpus`: real projects to judge the rules by.

use std::path::PathBuf;

use serde::Deserialize;

use crate::cache;
use crate::package::Package;

/// Brings the pinned releases of real projects that the rules are judged by
#[derive(clap::Args)]
pub(crate) struct Corpus {
    /// The projects to bring; all when none is named
    names: Vec<String>,
}

impl Corpus {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let projects = pinned()?;
        for name in &self.names {
            anyhow::ensure!(
                projects.iter().any(|project| project.name == *name),
                "no project is named {name}"
            );
        }
        for project in
            projects.iter().filter(|project| self.names.is_empty() || self.names.contains(&project.name))
        {
            println!("{} {}", project.name, project.install()?.display());
        }
        Ok(())
    }
}

/// One pinned project.
#[derive(Deserialize)]
struct Project {
    name: String,
    language: Language,
    #[serde(flatten)]
    package: Package,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Language {
    Python,
    Go,
    Rust,
}

impl Language {
    fn id(self) -> &'static str {
        match self {
            Language::Python => "python",
            Language::Go => "go",
            Language::Rust => "rust",
        }
    }
}

impl Project {
    /// Brings it and returns its folder.
    fn install(&self) -> anyhow::Result<PathBuf> {
        let name = format!("{}-{}", self.name, self.package.version);
        let folder = cache::root()?.join("corpus").join(self.language.id()).join(name);
        self.package.install(&folder)?;
        Ok(folder)
    }
}

fn pinned() -> anyhow::Result<Vec<Project>> {
    #[derive(Deserialize)]
    struct Projects {
        project: Vec<Project>,
    }
    let projects: Projects = toml::from_str(include_str!("../corpus.toml"))?;
    Ok(projects.project)
}
