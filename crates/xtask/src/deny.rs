//! The dependencies: their licences, their sources, and what is known against them, as far as this machine can tell.

use std::process::Command;

use anyhow::{Context, ensure};

/// What needs nothing but the lock file and the packages.
const OWN: [&str; 3] = ["bans", "licenses", "sources"];

/// Checks the dependencies by `deny.toml`. What cannot be checked is said.
pub(crate) fn check() -> anyhow::Result<()> {
    let is_there = Command::new("cargo").args(["deny", "--version"]).output();
    if !is_there.is_ok_and(|output| output.status.success()) {
        println!(
            "not checked: licences, sources and advisories of dependencies (`cargo install --locked cargo-deny`)"
        );
        return Ok(());
    }
    // Those of other platforms too, which no build here has brought.
    let fetched = Command::new("cargo").args(["fetch", "--locked"]).current_dir(crate::repository()).status();
    ensure!(fetched.context("cannot start cargo fetch")?.success(), "the dependencies cannot be fetched");
    let mut deny = Command::new("cargo");
    deny.args(["deny", "--offline", "--all-features", "check", "--hide-inclusion-graph"]).args(OWN);
    let status = deny.current_dir(crate::repository()).status().context("cannot start cargo deny")?;
    ensure!(status.success(), "cargo deny refuses a dependency");
    let mut advisories = Command::new("cargo");
    advisories.args(["deny", "--offline", "check", "advisories"]).current_dir(crate::repository());
    let known = advisories.output().context("cannot start cargo deny")?;
    if !known.status.success() {
        let said = String::from_utf8_lossy(&known.stderr);
        // Without a network and a copy of it there is no database, which is no finding.
        let is_missing = ["advisory database", "advisory-db", "failed to fetch"];
        ensure!(is_missing.iter().any(|sign| said.contains(sign)), "{said}");
        println!("not checked: advisories against dependencies (no copy of the advisory database here)");
    }
    Ok(())
}
