//! Whether compilers accept packages as they did before: `go vet` where no other module is needed, `cargo check` with what its lock file pins.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use tempfile::TempDir;

use crate::{cache, editors};

/// The packages of a project that compile.
pub(super) struct Compiled {
    root: PathBuf,
    go: Option<Go>,
    packages: Vec<PathBuf>,
}

/// How packages of a module are vetted.
struct Go {
    program: PathBuf,
    /// A module file that requires nothing, or a tree of Go's own that has the module for its library.
    scratch: TempDir,
    is_library: bool,
}

impl Compiled {
    /// Compiles the packages of some files, relative to the project's root.
    pub(super) fn of(root: &Path, files: &BTreeSet<PathBuf>) -> anyhow::Result<Self> {
        let mut compiled = Self { root: root.to_owned(), go: Go::of(root)?, packages: Vec::new() };
        let packages: BTreeSet<PathBuf> = files.iter().filter_map(|file| compiled.package(file)).collect();
        for package in packages {
            if compiled.complaint(&package)?.is_none() {
                compiled.packages.push(package);
            }
        }
        Ok(compiled)
    }

    pub(super) fn count(&self) -> usize {
        self.packages.len()
    }

    /// The packages that no longer compile, each with the first complaint.
    pub(super) fn broken(&self) -> anyhow::Result<Vec<String>> {
        let mut broken = Vec::new();
        for package in &self.packages {
            let complaint = self.complaint(package)?;
            broken.extend(complaint.map(|complaint| format!("{}: {complaint}", package.display())));
        }
        Ok(broken)
    }

    /// The package of a file: a folder of Go, or a manifest of Cargo.
    fn package(&self, file: &Path) -> Option<PathBuf> {
        match file.extension()?.to_str()? {
            "go" if self.go.is_some() => file.parent().map(Path::to_owned),
            "rs" => {
                let manifests = file.ancestors().map(|folder| folder.join("Cargo.toml"));
                manifests.skip(1).find(|manifest| self.root.join(manifest).is_file())
            }
            _ => None,
        }
    }

    /// What the compiler says of a package that it does not accept.
    fn complaint(&self, package: &Path) -> anyhow::Result<Option<String>> {
        let mut command = match &self.go {
            Some(go) if !package.ends_with("Cargo.toml") => go.vet(&self.root, package),
            _ => {
                let mut cargo = Command::new("cargo");
                cargo.args(["check", "--quiet", "--manifest-path"]).arg(self.root.join(package));
                cargo.env("CARGO_TARGET_DIR", cache::root()?.join("check"));
                cargo
            }
        };
        let output = command.stdin(Stdio::null()).output().context("cannot start a compiler")?;
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| !line.starts_with('#')).unwrap_or_default().to_owned();
        Ok((!output.status.success()).then_some(first))
    }
}

impl Go {
    /// How a project is vetted; none where it is no module.
    fn of(root: &Path) -> anyhow::Result<Option<Self>> {
        let Ok(module) = fs::read_to_string(root.join("go.mod")) else { return Ok(None) };
        let installed = editors::folder("go")?;
        let scratch = TempDir::new()?;
        let is_library = module.lines().any(|line| line == "module std");
        if is_library {
            for entry in fs::read_dir(&installed)? {
                let name = entry?.file_name();
                if name != "src" {
                    symlink(installed.join(&name), scratch.path().join(&name))?;
                }
            }
            symlink(root, scratch.path().join("src"))?;
        } else {
            let kept = module.lines().filter(|line| line.starts_with("module ") || line.starts_with("go "));
            fs::write(scratch.path().join("go.mod"), kept.collect::<Vec<_>>().join("\n"))?;
        }
        Ok(Some(Self { program: installed.join("bin/go"), scratch, is_library }))
    }

    fn vet(&self, root: &Path, package: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("vet");
        if self.is_library {
            command.current_dir(self.scratch.path().join("src").join(package));
            command.env("GOROOT", self.scratch.path());
        } else {
            command.current_dir(root.join(package));
            command.arg(format!("-modfile={}", self.scratch.path().join("go.mod").display()));
        }
        // Nothing is fetched.
        command.arg(".").envs([("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("GOFLAGS", "")]);
        command
    }
}
