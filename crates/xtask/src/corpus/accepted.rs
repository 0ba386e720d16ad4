//! Whether a language's own tools accept its files.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

/// The files, of those that changed, that were good before and are not now; each with the reason.
///
/// Files that were refused before say nothing: they are test data, or written for a later version of the language.
pub(super) fn refused(original: &Path, copy: &Path, changed: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let before = problems(original, changed)?;
    let after = problems(copy, changed)?;
    let worse = changed.iter().filter_map(|file| {
        let was_good = !before.iter().any(|(path, _)| path == file);
        after.iter().find(|(path, _)| path == file).filter(|_| was_good)
    });
    Ok(worse.map(|(file, reason)| format!("{}: {reason}", file.display())).collect())
}

/// The files that their language does not accept, each with the reason.
fn problems(root: &Path, files: &[PathBuf]) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let mut problems = Vec::new();
    let with = |extension: &'static str| {
        files.iter().filter(move |file| file.extension().is_some_and(|found| found == extension))
    };

    let list: String = with("py").map(|file| format!("{}\n", file.display())).collect();
    let mut compile = Command::new("python3");
    compile.args(["-c", COMPILE]).current_dir(root);
    for line in process::output_of(&mut compile, &list)?.lines() {
        let (path, reason) = line.split_once('\t').context("a path and a reason")?;
        problems.push((path.into(), reason.to_owned()));
    }
    let gofmt = editors::folder("go")?.join("bin/gofmt");
    for file in with("go") {
        if let Err(reason) = accepts(Command::new(&gofmt).arg("-e"), &root.join(file))? {
            problems.push((file.clone(), reason));
        }
    }
    for file in with("rs") {
        // From standard input, so that it looks for no other module.
        if let Err(reason) = accepts(Command::new("rustfmt").args(["--edition", "2024"]), &root.join(file))? {
            problems.push((file.clone(), reason));
        }
    }
    Ok(problems)
}

/// Whether a formatter that reads standard input accepts a file; its complaint if not.
fn accepts(formatter: &mut Command, file: &Path) -> anyhow::Result<Result<(), String>> {
    let formatter = formatter.stdin(File::open(file)?).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = formatter.spawn().context("cannot start a formatter")?.wait_with_output()?;
    let complaint = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
    Ok(if output.status.success() { Ok(()) } else { Err(complaint) })
}
