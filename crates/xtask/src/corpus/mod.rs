//! `cargo xtask corpus`: real projects to judge the rules by.

mod accepted;
mod audit;
mod check_fixes;
mod compiled;
mod precision;
mod project;
mod sample;

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::cache;

/// Brings pinned releases of real projects and audits them; what it finds stays beside them in the cache, and how much of it is in view is written
/// into docs/precision.md where all were audited
#[derive(clap::Args)]
pub(crate) struct Corpus {
    /// The projects, by name; all when none is named
    names: Vec<String>,
    /// Bring the projects and stop there
    #[arg(long, group = "instead")]
    fetch_only: bool,
    /// Apply every safe fix to copies instead, and check what is left; then those that are only suggested
    #[arg(long, group = "instead")]
    check_fixes: bool,
    /// Show a sample of a rule's findings in the last audit instead
    #[arg(long, value_name = "RULE", group = "instead")]
    sample: Option<String>,
    /// The size of the sample
    #[arg(long, value_name = "N", default_value_t = 20, requires = "sample")]
    count: usize,
}

impl Corpus {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let mut projects = project::pinned()?;
        for name in &self.names {
            ensure!(projects.iter().any(|project| project.name == *name), "no project is named {name}");
        }
        projects.retain(|project| self.names.is_empty() || self.names.contains(&project.name));

        if let Some(rule) = &self.sample {
            return sample::show(&projects, rule, self.count);
        }
        for project in &projects {
            project.install()?;
            if self.fetch_only {
                println!("{} {}", project.name, project.folder()?.display());
            }
        }
        if self.fetch_only {
            Ok(())
        } else if self.check_fixes {
            check_fixes::check(&projects)
        } else {
            let in_view = audit::audit_all(&projects)?;
            if self.names.is_empty() { in_view.write() } else { Ok(()) }
        }
    }
}

/// A folder with a small project in each language, for tests that need real code.
pub(crate) fn small() -> anyhow::Result<PathBuf> {
    let folder = cache::root()?.join("corpus-small");
    for project in
        project::pinned()?.iter().filter(|project| ["httpie", "gin", "dufs"].contains(&&*project.name))
    {
        project.install_below(&folder)?;
    }
    Ok(folder)
}

/// The folder of a pinned project, brought if it is not there.
pub(crate) fn folder(name: &str) -> anyhow::Result<PathBuf> {
    let projects = project::pinned()?;
    let project = projects.iter().find(|project| project.name == name).context("no such project")?;
    project.install()?;
    project.folder()
}

/// The files below a folder whose names end so, in order.
pub(crate) fn files(folder: &Path, ending: &str) -> anyhow::Result<Vec<PathBuf>> {
    let files = check_fixes::files(folder)?.into_iter();
    Ok(files
        .filter(|file| file.extension().is_some_and(|found| found == ending))
        .map(|file| folder.join(file))
        .collect())
}
