//! Whether a language's own tools accept its files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::{editors, process};

/// Compiles each file that standard input names, as `py_compile` would but without writing, and prints what fails.
const COMPILE: &str = "
import sys, warnings
warnings.simplefilter('ignore')
for path in sys.stdin.read().splitlines():
    try:
        with open(path, 'rb') as file:
            compile(file.read(), path, 'exec', dont_inherit=True)
    except (SyntaxError, ValueError) as problem:
        print(path, str(problem).replace('\\n', ' '), sep='\\t')
";

/// What is wrong with files, each with the reason.
#[derive(Default)]
struct Problems {
    /// Their language does not accept them.
    unaccepted: BTreeMap<PathBuf, String>,
    /// Their language's formatter writes them otherwise.
    unformatted: BTreeMap<PathBuf, String>,
}

/// The files, of those that changed, that were good before and are not now; each with the reason.
///
/// Files that were refused before say nothing: they are test data, or written for a later version of the language.
pub(super) fn refused(original: &Path, copy: &Path, changed: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let before = Problems::of(original, changed)?;
    let after = Problems::of(copy, changed)?;
    let worse = [(before.unaccepted, after.unaccepted), (before.unformatted, after.unformatted)];
    let worse = worse
        .into_iter()
        .flat_map(|(before, after)| after.into_iter().filter(move |(file, _)| !before.contains_key(file)));
    Ok(worse.map(|(file, reason)| format!("{}: {reason}", file.display())).collect())
}

impl Problems {
    fn of(root: &Path, files: &[PathBuf]) -> anyhow::Result<Self> {
        let mut problems = Self::default();
        let with = |extension: &'static str| {
            files.iter().filter(move |file| file.extension().is_some_and(|found| found == extension))
        };

        let list: String = with("py").map(|file| format!("{}\n", file.display())).collect();
        let mut compile = Command::new("python3");
        compile.args(["-c", COMPILE]).current_dir(root);
        for line in process::output_of(&mut compile, &list)?.lines() {
            let (path, reason) = line.split_once('\t').context("a path and a reason")?;
            problems.unaccepted.insert(path.into(), reason.to_owned());
        }
        let gofmt = editors::folder("go")?.join("bin/gofmt");
        for file in with("go") {
            problems.format(Command::new(&gofmt).arg("-e"), root, file)?;
        }
        for file in with("rs") {
            // From standard input, so that it looks for no other module.
            problems.format(Command::new("rustfmt").args(["--edition", "2024"]), root, file)?;
        }
        Ok(problems)
    }

    /// Asks a formatter, which reads standard input and writes standard output, about a file.
    fn format(&mut self, formatter: &mut Command, root: &Path, file: &Path) -> anyhow::Result<()> {
        let path = root.join(file);
        let output = formatter.stdin(File::open(&path)?).output().context("cannot start a formatter")?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            let complaint = complaint.lines().next().unwrap_or_default().to_owned();
            self.unaccepted.insert(file.to_owned(), complaint);
        } else if output.stdout != fs::read(&path)? {
            self.unformatted.insert(file.to_owned(), "the formatter writes it otherwise".to_owned());
        }
        Ok(())
    }
}
