//! `cargo xtask editors`: installs the programs that the tests drive.

use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;

use crate::npm::Project;
use crate::package::Package;
use crate::{cache, package};

/// Installs the pinned editors and language tools that the tests drive, unless they are there
#[derive(clap::Args)]
pub(crate) struct Editors {}

impl Editors {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        install()
    }
}

/// Installs every pinned program and says where each is.
pub(crate) fn install() -> anyhow::Result<()> {
    for tool in pinned()? {
        println!("{} {} {}", tool.name, tool.version()?, tool.install()?.display());
    }
    Ok(())
}

/// The folder of a pinned program, installed now if it is missing.
pub(crate) fn folder(name: &str) -> anyhow::Result<PathBuf> {
    pinned()?
        .iter()
        .find(|tool| tool.name == name)
        .with_context(|| format!("{name} is not pinned"))?
        .install()
}

/// One pinned program.
#[derive(Deserialize)]
struct Tool {
    name: String,
    #[serde(flatten)]
    source: Source,
}

/// What a program is installed from.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Package(Package),
    /// Several packages, unpacked into one folder.
    Packages {
        version: String,
        packages: Vec<Package>,
    },
    /// A folder of this repository that pins npm packages.
    Npm {
        npm: PathBuf,
    },
}

impl Tool {
    fn version(&self) -> anyhow::Result<String> {
        match &self.source {
            Source::Package(Package { version, .. }) | Source::Packages { version, .. } => {
                Ok(version.clone())
            }
            Source::Npm { npm } => Project::new(crate::repository().join(npm)).version(),
        }
    }

    /// Installs it and returns its folder.
    fn install(&self) -> anyhow::Result<PathBuf> {
        let folder = cache::root()?.join("tools").join(format!("{}-{}", self.name, self.version()?));
        match &self.source {
            Source::Package(package) => package.install(&folder)?,
            Source::Packages { packages, .. } => package::install(packages, &folder)?,
            Source::Npm { npm } => Project::new(crate::repository().join(npm)).install(&folder)?,
        }
        Ok(folder)
    }
}

fn pinned() -> anyhow::Result<Vec<Tool>> {
    #[derive(Deserialize)]
    struct Tools {
        tool: Vec<Tool>,
    }
    let tools: Tools = toml::from_str(include_str!("../tools.toml"))?;
    Ok(tools.tool)
}
