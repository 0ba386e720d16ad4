//! The programs that it is compared with.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::{cache, process};

/// The version of ruff that is measured.
pub(super) const RUFF: &str = "0.17.6";

/// What ruff looks for. Its defaults are far fewer.
pub(super) const RUFF_RULES: [&str; 4] = ["E", "F", "B", "S"];

/// Installs ruff into the cache, unless it is there, and returns the program.
pub(super) fn ruff() -> anyhow::Result<PathBuf> {
    let folder = cache::root()?.join("tools").join(format!("ruff-{RUFF}"));
    if !folder.exists() {
        let parent = folder.parent().context("a tool needs a folder above it")?;
        fs::create_dir_all(parent)?;
        let work = tempfile::Builder::new().prefix(".partial-").tempdir_in(parent)?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]).arg(work.path());
        process::output(pip.arg(format!("ruff=={RUFF}"))).context("cannot install ruff")?;
        match fs::rename(work.path(), &folder) {
            // Another process was first.
            Err(_) if folder.exists() => {}
            renamed => renamed?,
        }
    }
    Ok(folder.join("bin/ruff"))
}
