//! `cargo xtask fuzz`: the fuzz targets, built with the compiler's own coverage on the stable toolchain. `cargo fuzz` is not needed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::cache;

/// Builds the fuzz targets, gives each the inputs that once broke it, and runs each for a time
#[derive(clap::Args)]
pub(crate) struct Fuzz {
    /// The targets to run; by default all.
    targets: Vec<String>,
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// What the compiler adds for the fuzzer to see where an input leads. These passes are in stable compilers; the sanitizers are not.
const COVERAGE: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Longer than any input may take, in seconds: what takes longer hangs.
const HANG: u32 = 25;

impl Fuzz {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let folder = crate::repository().join("fuzz");
        let all = names(&folder)?;
        for target in &self.targets {
            ensure!(all.contains(target), "there is no fuzz target {target}; there are {}", all.join(", "));
        }
        let chosen = if self.targets.is_empty() { all } else { self.targets };
        let programs = build(&folder)?;
        let mut broken = Vec::new();
        for target in chosen {
            println!("fuzzing {target} for {} s", self.seconds);
            if !run(&programs, &folder, &target, self.seconds)? {
                broken.push(target);
            }
        }
        ensure!(
            broken.is_empty(),
            "broken: {}; what broke them is in fuzz/regressions: mend the cause and commit the input",
            broken.join(", ")
        );
        Ok(())
    }
}

/// The names of the targets.
fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Builds all targets. Gives the folder of the programs.
fn build(folder: &Path) -> anyhow::Result<PathBuf> {
    let version = crate::process::output(Command::new("rustc").arg("-vV"))?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    let target = crate::repository().join("target/fuzz");
    let mut cargo = Command::new("cargo");
    // With a target of its own, so that what runs while it is built (build scripts, macros) is not slowed down.
    cargo.args(["build", "--locked", "--quiet", "--release", "--target", host]).current_dir(folder);
    cargo.env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", COVERAGE.join(" "));
    ensure!(cargo.status().context("cannot start cargo")?.success(), "the fuzz targets cannot be built");
    Ok(target.join(host).join("release"))
}

/// Runs a target on what once broke it and on new inputs, beginning with the repository's own samples. Gives whether it held.
fn run(programs: &Path, folder: &Path, target: &str, seconds: u64) -> anyhow::Result<bool> {
    let regressions = folder.join("regressions").join(target);
    fs::create_dir_all(&regressions)?;
    // Inputs that lead somewhere new are kept between runs.
    let corpus = cache::root()?.join("fuzz").join(target);
    fs::create_dir_all(&corpus)?;
    let mut option = OsString::from("-artifact_prefix=");
    option.push(regressions.join("found-"));
    let mut fuzzer = Command::new(programs.join(target));
    fuzzer.arg(format!("-max_total_time={seconds}")).arg(format!("-timeout={HANG}"));
    fuzzer.args(["-rss_limit_mb=4096", "-max_len=8192", "-verbosity=0", "-print_final_stats=1"]).arg(option);
    fuzzer.args([&corpus, &regressions]).args(samples(target));
    Ok(fuzzer.status().with_context(|| format!("cannot start {target}"))?.success())
}

/// Folders of real files to begin with.
fn samples(target: &str) -> Vec<PathBuf> {
    let at = |path: &str| crate::repository().join(path);
    match target {
        "codec" | "sessions" | "settings" | "suppressions" => vec![at("fuzz/seeds")],
        "files" => vec![at("tests/specimens"), at("fuzz/seeds")],
        _ => vec![at("tests/specimens"), at("crates/syntax/tests/samples"), at("fuzz/seeds")],
    }
}
