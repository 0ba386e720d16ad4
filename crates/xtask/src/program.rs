//! The program that this repository builds.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::Context;

use crate::process;

/// `shipworthy` as users get it: `SHIPWORTHY_BIN`, else built for release, once a run.
pub(crate) fn release() -> anyhow::Result<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(program) = env::var_os("SHIPWORTHY_BIN") {
        return Ok(program.into());
    }
    if let Some(program) = BUILT.get() {
        return Ok(program.clone());
    }
    eprintln!("building shipworthy");
    process::output(Command::new("cargo").args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "shipworthy",
    ]))?;
    // This program is in `target/<profile>/`.
    let this = env::current_exe()?;
    let target = this.ancestors().nth(2).context("cargo runs this from its target folder")?;
    let program = target.join("release/shipworthy").with_extension(env::consts::EXE_EXTENSION);
    Ok(BUILT.get_or_init(|| program).clone())
}

/// `shipworthy` as the last build of the whole workspace left it, beside this program.
pub(crate) fn beside() -> anyhow::Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name("shipworthy").with_extension(env::consts::EXE_EXTENSION))
}
