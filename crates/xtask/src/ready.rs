//! `cargo xtask ready`: everything that must hold before a change lands.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::program;

/// Checks the formatting and the lints, installs what the tests need and runs every test
#[derive(clap::Args)]
pub(crate) struct Ready {}

impl Ready {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        crate::generate::Generate::checking().run()?;
        cargo(&["fmt", "--all", "--check"])?;
        cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
        // With everything at once, so that the tests of the program build it no second time with fewer features.
        cargo(&["build", "--locked", "--workspace", "--all-targets"])?;
        // Before the tests that need them, so that a missing network is not reported as a failed test.
        crate::editors::install()?;
        let corpus = crate::corpus::small()?;

        let mut total = Counts::default();
        let code = ["--lib", "--bins", "--tests", "--", "--include-ignored"];
        let code = test(&code, &corpus, &mut total)?;
        let documents = test(&["--doc"], &corpus, &mut total)?;
        // `cargo test` counts each test program alone.
        println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.ignored);
        ensure!(code && documents, "cargo test failed");
        crate::fuzz::check()?;
        // Last, where it is seen: what this machine could not check.
        crate::deny::check()
    }
}

fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    println!("cargo {}", arguments.join(" "));
    let status = Command::new("cargo").args(arguments).status().context("cannot start cargo")?;
    ensure!(status.success(), "cargo {} failed", arguments.join(" "));
    Ok(())
}

/// Runs tests, those included that need a corpus, and adds them up. Gives whether all passed.
fn test(options: &[&str], corpus: &Path, total: &mut Counts) -> anyhow::Result<bool> {
    let mut command = Command::new("cargo");
    command.args(["test", "--locked", "--workspace", "--no-fail-fast"]).args(options);
    command.env("SHIPWORTHY_CORPUS", corpus).env("SHIPWORTHY_BIN", program::beside()?);
    command.stdout(Stdio::piped());
    let mut tests = command.spawn().context("cannot start cargo")?;
    for line in BufReader::new(tests.stdout.take().context("standard output is piped")?).lines() {
        let line = line?;
        println!("{line}");
        if let Some(counts) = Counts::of(&line) {
            total.passed += counts.passed;
            total.failed += counts.failed;
            total.ignored += counts.ignored;
        }
    }
    Ok(tests.wait()?.success())
}

/// How many tests ended how.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: u32,
    failed: u32,
    ignored: u32,
}

impl Counts {
    /// Reads the closing line of a test program.
    fn of(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut total = Self::default();
        for count in counts.split("; ") {
            match count.split_once(' ') {
                Some((number, "passed")) => total.passed = number.parse().ok()?,
                Some((number, "failed")) => total.failed = number.parse().ok()?,
                Some((number, "ignored")) => total.ignored = number.parse().ok()?,
                _ => {}
            }
        }
        Some(total)
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn closing_lines_are_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.42s";
        assert_eq!(Counts::of(line), Some(Counts { passed: 12, failed: 3, ignored: 1 }));
        assert_eq!(Counts::of("test syntax::positions ... ok"), None);
    }
}
