//! `cargo xtask fuzz`: the fuzz targets, built with the compiler's own coverage on the stable toolchain. `cargo fuzz` is not needed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, bail, ensure};

use crate::cache;

/// Builds the fuzz targets, gives each the inputs that once broke it, and runs each for a time
#[derive(clap::Args)]
pub(crate) struct Fuzz {
    /// The targets to run; by default all.
    targets: Vec<String>,
    /// Seconds for each target.
    #[arg(long, default_value_t = SHORT)]
    seconds: u64,
}

/// Seconds for each target in `cargo xtask ready`.
const SHORT: u64 = 60;

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
        let all = names()?;
        for target in &self.targets {
            ensure!(all.contains(target), "there is no fuzz target {target}; there are {}", all.join(", "));
        }
        prepare()?;
        fuzz(if self.targets.is_empty() { all } else { self.targets }, self.seconds)
    }
}

/// Runs each target for a short time, where this machine can build a fuzzer. What cannot be checked is said.
pub(crate) fn check() -> anyhow::Result<()> {
    if let Err(error) = prepare() {
        println!("not checked: the fuzz targets, whose fuzzer cannot be built here: {error:#}");
        return Ok(());
    }
    fuzz(names()?, SHORT)
}

fn folder() -> PathBuf {
    crate::repository().join("fuzz")
}

/// The names of the targets.
fn names() -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder().join("fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Builds the fuzzer itself, which wants a network the first time, a C++ compiler, and a Rust compiler with the passes for coverage.
fn prepare() -> anyhow::Result<()> {
    // What is fuzzed is built from the versions that the product is built from; cargo adds the fuzzer's own.
    fs::copy(crate::repository().join("Cargo.lock"), folder().join("Cargo.lock"))?;
    let (mut cargo, _) = cargo()?;
    crate::process::output(cargo.args(["--package", "libfuzzer-sys"])).map(|_| ())
}

/// Builds the targets and runs them, as many at once as there are processors.
fn fuzz(targets: Vec<String>, seconds: u64) -> anyhow::Result<()> {
    let (mut cargo, programs) = cargo()?;
    targets.iter().for_each(|target| _ = cargo.args(["--bin", target]));
    ensure!(cargo.status().context("cannot start cargo")?.success(), "the fuzz targets cannot be built");
    println!("fuzzing {} for {seconds} s each", targets.join(", "));
    let (queue, broken) = (Mutex::new(targets.into_iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| -> anyhow::Result<()> {
                    while let Some(target) = next(&queue) {
                        if !run(&programs, &target, seconds)? {
                            broken.lock().unwrap_or_else(PoisonError::into_inner).push(target);
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(ended) => ended,
            Err(_) => bail!("a fuzzer cannot be run"),
        })
    })?;
    let broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner);
    ensure!(
        broken.is_empty(),
        "broken: {}; what broke them is in fuzz/regressions: mend the cause and commit the input",
        broken.join(", ")
    );
    Ok(())
}

fn next(queue: &Mutex<std::vec::IntoIter<String>>) -> Option<String> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// A `cargo build` for the fuzzer, and the folder that its programs come to.
fn cargo() -> anyhow::Result<(Command, PathBuf)> {
    let version = crate::process::output(Command::new("rustc").arg("-vV"))?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    let target = crate::repository().join("target/fuzz");
    let mut cargo = Command::new("cargo");
    // With a target of its own, so that what runs while it is built (build scripts, macros) is not slowed down.
    cargo.args(["build", "--quiet", "--release", "--target", host]).current_dir(folder());
    cargo.env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", COVERAGE.join(" "));
    Ok((cargo, target.join(host).join("release")))
}

/// Runs a target on what once broke it and on new inputs, beginning with the repository's own samples. Gives whether it held.
fn run(programs: &Path, target: &str, seconds: u64) -> anyhow::Result<bool> {
    let regressions = folder().join("regressions").join(target);
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
    let output = fuzzer.output().with_context(|| format!("cannot start {target}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let held = output.status.success();
    let inputs = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    match inputs {
        Some(inputs) if held => println!("{target}: {} inputs", inputs.trim()),
        _ => println!("{target} broke:\n{said}"),
    }
    Ok(held)
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
