//! Neovim, headless, with `editors/neovim` among its packages, as a user has it there; each test is a Lua script beside this file.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

use shipworthy_tests::{binary, repository, tool};

use crate::{copy, path_with};

#[test]
fn finding_comes_is_fixed_and_comes_back() {
    run("finding.lua");
}

#[test]
fn findings_stay_while_the_code_is_broken() {
    run("broken_code.lua");
}

#[test]
fn commands_and_health_check() {
    run("commands.lua");
}

#[test]
fn audit_with_progress() {
    run("audit.lua");
}

#[test]
fn settings_and_suppressions() {
    run("settings.lua");
}

#[test]
fn findings_of_the_whole_workspace() {
    run("surveys.lua");
}

#[test]
fn documents_elsewhere() {
    run("documents.lua");
}

#[test]
fn server_that_ends() {
    run("server.lua");
}

#[test]
fn chains_and_all_fixes() {
    run("fixes.lua");
}

/// Pictures for people, which are committed on demand.
#[test]
fn pictures() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    run_in(&scratch, "pictures.lua");
    for name in ["finding", "fix", "audit"] {
        let name = format!("{name}.svg");
        let made = fs::read_to_string(scratch.path().join(&name)).expect("a picture");
        assert!(
            made.starts_with("<svg") && made.contains("timing-unsafe-comparison"),
            "{name} shows no finding"
        );
        if env::var_os("SHIPWORTHY_PICTURES").is_some() {
            fs::write(repository().join("editors/neovim/images").join(&name), made).expect("a picture");
        }
    }
}

/// Runs a script in a Neovim of its own, on a copy of the workspace of examples.
fn run(script: &str) {
    run_in(&tempfile::tempdir().expect("a temporary folder"), script);
}

fn run_in(scratch: &tempfile::TempDir, script: &str) {
    let workspace = scratch.path().join("workspace");
    copy(&repository().join("tests/editors/workspace"), &workspace);

    let scripts = repository().join("tests/editors/neovim");
    let log = scratch.path().join("output");
    let output = fs::File::create(&log).expect("a file for the output");
    let mut neovim = Command::new(tool("neovim").join("bin/nvim"));
    neovim.arg("--headless").arg("-u").arg(scripts.join("init.lua"));
    neovim.env("TEST", scripts.join(script)).env("PATH", path_with(binary())).env("OUT", scratch.path());
    for folder in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR"] {
        let path = scratch.path().join(folder);
        fs::create_dir(&path).expect("a folder");
        neovim.env(folder, path);
    }
    let packages = scratch.path().join("XDG_DATA_HOME/nvim/site/pack/shipworthy/start");
    copy(&repository().join("editors/neovim"), &packages.join("shipworthy"));
    neovim.current_dir(&workspace).stdin(Stdio::null());
    neovim.stdout(output.try_clone().expect("a second handle")).stderr(output);
    let status = neovim.status().expect("Neovim starts");
    assert!(status.success(), "{script}: {status}\n{}", fs::read_to_string(&log).unwrap_or_default());
}
