//! Pinned packages, fetched by each registry's own client, checked against their hash and unpacked.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::process;

/// One release of one package, exactly.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) registry: Registry,
    pub(crate) package: String,
    pub(crate) version: String,
    /// The part of the package to keep, where that is not the whole.
    #[serde(default)]
    folder: PathBuf,
    sha256: String,
}

/// Where a package comes from.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Registry {
    /// The Python package index. Wheels only: a source distribution would run its own code here.
    Pypi,
    /// Cargo's registry.
    Crates,
    /// The packages of this machine's Debian release.
    Debian,
}

/// Puts the files of packages at `target`, unless they are there. `target` appears complete or not at all.
pub(crate) fn install(packages: &[Package], target: &Path) -> anyhow::Result<()> {
    if target.exists() {
        return Ok(());
    }
    let parent = target.parent().context("a package needs a folder above it")?;
    fs::create_dir_all(parent)?;
    let work = tempfile::Builder::new().prefix(".partial-").tempdir_in(parent)?;
    let files = work.path().join("files");
    fs::create_dir(&files)?;
    for package in packages {
        let install = package.add_to(&files, work.path());
        install.with_context(|| format!("cannot install {} {}", package.package, package.version))?;
    }
    let folder = packages.first().map(|package| files.join(&package.folder)).context("no package")?;
    match fs::rename(&folder, target) {
        // Another process was first.
        Err(_) if target.exists() => Ok(()),
        renamed => renamed.with_context(|| format!("the packages have no {}", folder.display())),
    }
}

impl Package {
    /// Puts the package's files at `target`, unless they are there. `target` appears complete or not at all.
    pub(crate) fn install(&self, target: &Path) -> anyhow::Result<()> {
        install(std::slice::from_ref(self), target)
    }

    /// Puts its files into a folder, beside what is there.
    fn add_to(&self, files: &Path, work: &Path) -> anyhow::Result<()> {
        let download = tempfile::Builder::new().prefix("download-").tempdir_in(work)?;
        let archive = self.fetch(download.path())?;
        self.verify(&archive)?;
        self.unpack(&archive, files)
    }

    /// Downloads the package; returns its archive, which `folder` may hold.
    fn fetch(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        match self.registry {
            Registry::Pypi => {
                let requirement = format!("{}=={}", self.package, self.version);
                // The files are read, never imported: the version of Python that they ask for does not matter.
                let options = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--dest", "."];
                let mut pip = Command::new("python3");
                pip.args(["-m", "pip", "download", "--quiet"]).args(options).arg(requirement);
                process::output(pip.current_dir(folder))?;
                only_file(folder, "whl")
            }
            Registry::Crates => {
                // The one command of Cargo that downloads a package without its dependencies.
                let spec = format!("{}@{}", self.package, self.version);
                process::output(Command::new("cargo").args(["info", "--quiet", &spec]).current_dir(folder))?;
                self.crate_archive()
            }
            Registry::Debian => {
                let spec = format!("{}={}", self.package, self.version);
                let download = || {
                    let mut apt = Command::new("apt-get");
                    apt.args(["download", "--quiet", "--option=APT::Sandbox::User=root", &spec]);
                    process::output(apt.current_dir(folder))
                };
                // A new machine has no package lists yet.
                if download().is_err() {
                    process::output(Command::new("apt-get").args(["update", "--quiet"]))?;
                    download()?;
                }
                only_file(folder, "deb")
            }
        }
    }

    /// Where Cargo keeps what it downloaded.
    fn crate_archive(&self) -> anyhow::Result<PathBuf> {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).context("no home folder")?;
        let name = format!("{}-{}.crate", self.package, self.version);
        for index in fs::read_dir(home.join("registry/cache"))? {
            let archive = index?.path().join(&name);
            if archive.exists() {
                return Ok(archive);
            }
        }
        bail!("cargo info downloaded no {name}")
    }

    fn verify(&self, archive: &Path) -> anyhow::Result<()> {
        let mut hasher = Sha256::new();
        io::copy(&mut File::open(archive)?, &mut hasher)?;
        let found = format!("{:x}", hasher.finalize());
        ensure!(found == self.sha256, "its SHA-256 is {found}, the pin says {}", self.sha256);
        Ok(())
    }

    fn unpack(&self, archive: &Path, target: &Path) -> anyhow::Result<()> {
        match self.registry {
            Registry::Pypi => zip::ZipArchive::new(File::open(archive)?)?.extract(target)?,
            Registry::Crates => {
                let mut tar = Command::new("tar");
                tar.args(["--extract", "--gzip", "--strip-components=1", "--file"]).arg(archive);
                process::output(tar.arg("--directory").arg(target))?;
            }
            Registry::Debian => {
                process::output(Command::new("dpkg-deb").arg("--extract").arg(archive).arg(target))?;
            }
        }
        Ok(())
    }
}

/// The one file with this extension in a folder.
fn only_file(folder: &Path, extension: &str) -> anyhow::Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            return Ok(path);
        }
    }
    bail!("the download left no .{extension} file")
}
