//! Sets of npm packages that a lock file pins, each with its hash.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use sha2::{Digest, Sha256};

use crate::process;

/// A folder of this repository with a `package.json`, its lock file and, where that is not all, a `setup.mjs` to run afterwards.
pub(crate) struct Project {
    folder: PathBuf,
}

impl Project {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Stands for all that decides what is installed.
    pub(crate) fn version(&self) -> anyhow::Result<String> {
        let mut hasher = Sha256::new();
        for name in ["package-lock.json", "setup.mjs"] {
            match fs::read(self.folder.join(name)) {
                Ok(text) => hasher.update(text),
                Err(_) if name == "setup.mjs" => {}
                Err(problem) => return Err(problem).context("a set of npm packages needs a lock file"),
            }
        }
        Ok(format!("{:x}", hasher.finalize())[..12].to_owned())
    }

    /// Puts `node_modules` and what the set-up makes of it at `target`, unless it is there. `target` appears complete or not at all.
    pub(crate) fn install(&self, target: &Path) -> anyhow::Result<()> {
        if target.exists() {
            return Ok(());
        }
        let parent = target.parent().context("packages need a folder above them")?;
        fs::create_dir_all(parent)?;
        let work = tempfile::Builder::new().prefix(".partial-").tempdir_in(parent)?;
        for name in ["package.json", "package-lock.json", ".npmrc", "setup.mjs"] {
            let file = self.folder.join(name);
            if file.exists() {
                fs::copy(file, work.path().join(name))?;
            }
        }
        let install = || -> anyhow::Result<()> {
            // Packages' own scripts would build and download what nobody pinned.
            let options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
            process::output(Command::new("npm").arg("ci").args(options).current_dir(work.path()))?;
            if work.path().join("setup.mjs").exists() {
                process::output(Command::new("node").arg("setup.mjs").current_dir(work.path()))?;
            }
            Ok(())
        };
        install().with_context(|| format!("cannot install the packages of {}", self.folder.display()))?;
        match fs::rename(work.path(), target) {
            // Another process was first.
            Err(_) if target.exists() => Ok(()),
            renamed => Ok(renamed?),
        }
    }
}
