//! What a user sees: whole command runs, server sessions and real editors. This library holds what those tests share.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The repository's root.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository")
}

/// The program under test: `SHIPWORTHY_BIN`, else the one beside these tests, brought up to date once a test process.
///
/// # Panics
/// When it does not build.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = env::var_os("SHIPWORTHY_BIN") {
            return path.into();
        }
        let mut cargo = cargo(&["build", "--quiet", "--package", "shipworthy"]);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo starts").success(), "shipworthy does not build");
        // A test runs from `target/<profile>/deps/`.
        let test = env::current_exe().expect("a test knows where it is");
        let profile = test.ancestors().nth(2).expect("target/<profile>");
        profile.join("shipworthy").with_extension(env::consts::EXE_EXTENSION)
    })
}

/// The folder of a program that `cargo xtask editors` installs, installed now if it is missing.
///
/// # Panics
/// When it cannot be installed.
pub fn tool(name: &str) -> PathBuf {
    let output = cargo(&["xtask", "editors"]).output().expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listing = String::from_utf8(output.stdout).expect("paths in UTF-8");
    let folder = listing.lines().find_map(|line| {
        let mut fields = line.splitn(3, ' ');
        if fields.next() == Some(name) { fields.nth(1) } else { None }
    });
    folder.unwrap_or_else(|| panic!("cargo xtask editors knows no {name}:\n{listing}")).into()
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).current_dir(repository());
    cargo
}
