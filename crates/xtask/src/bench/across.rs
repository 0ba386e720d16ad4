//! From a change in one file to the findings of another that is open.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;

use super::document::Edit;
use super::session::{Session, Way};
use super::statistics::percentile;
use crate::{corpus, program};

/// Makes a helper block, and stop blocking, and measures until its caller's finding in another open file comes and goes
#[derive(clap::Args)]
pub(crate) struct Across {
    /// The files of the workspace
    #[arg(long, value_delimiter = ',', default_values_t = [100, 2_000, 10_000])]
    files: Vec<usize>,
    /// How often the helper is changed
    #[arg(long, default_value_t = 40)]
    edits: usize,
}

const HELPER: &str = "import time\n\n\ndef fetch():\n    return 1\n";
const CALLER: &str = "from helper import fetch\n\n\nasync def handler():\n    return fetch()\n";
/// Longer than the index of any workspace here takes.
const PATIENCE: Duration = Duration::from_secs(600);

impl Across {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let modules = corpus::files(&corpus::folder("home-assistant")?, "py")?;
        println!("| files | p50 ms | p95 ms | worst ms | peak memory |");
        println!("|---:|---:|---:|---:|---:|");
        for &files in &self.files {
            ensure!(modules.len() >= files, "the corpus has {} files only", modules.len());
            let folder = tempfile::Builder::new().prefix("bench-").tempdir()?;
            for (number, module) in modules.iter().take(files).enumerate() {
                let package = folder.path().join(format!("p{}", number / 50));
                fs::create_dir_all(&package)?;
                fs::copy(module, package.join(format!("m{number}.py")))?;
            }
            let (times, memory) = measure(folder.path(), self.edits)?;
            let [middle, high, worst] = [50, 95, 100].map(|percent| percentile(&times, percent));
            println!("| {files} | {middle:.1} | {high:.1} | {worst:.1} | {memory:.0} MB |");
        }
        Ok(())
    }
}

fn measure(folder: &Path, edits: usize) -> anyhow::Result<(Vec<f64>, f64)> {
    fs::write(folder.join("helper.py"), HELPER)?;
    fs::write(folder.join("caller.py"), CALLER)?;
    let command = [program::release()?.display().to_string(), "server".to_owned()];
    let mut session = Session::open(&command, Way::Pull, &json!({}), folder, "caller.py", CALLER)?;
    let mut helper = session.open_beside("helper.py", HELPER)?;
    let wait = "    time.sleep(1)\n";
    let (block, unblock) = (Edit::insert((4, 0), wait), Edit::delete((4, 0), (5, 0)));
    let mut times = Vec::new();
    // The first one waits for the index.
    for number in 0..=edits {
        let blocks = number % 2 == 0;
        let started = Instant::now();
        session.change_beside(&mut helper, if blocks { &block } else { &unblock })?;
        loop {
            session.ask()?;
            let found = session.diagnostics.to_string().contains("blocking-call-in-async");
            if found == blocks {
                break;
            }
            ensure!(started.elapsed() < PATIENCE, "the finding of the other file does not follow");
        }
        if number > 0 {
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
    }
    let memory = session.peak_memory().context("the system tells no memory")?;
    Ok((times, memory))
}
