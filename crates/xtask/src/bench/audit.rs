//! Whole projects, beside ruff and beside the bare parse of the same files.

use std::fs;
use std::path::Path;
use std::time::Instant;

use shipworthy_syntax::{Language, Source};

use super::peers;
use super::process::{self, Cost};
use super::statistics::{percentile, ratio};
use crate::{corpus, program};

/// Audits pinned projects, with ruff's run over the same files in between
#[derive(clap::Args)]
pub(crate) struct Audit {
    /// The projects
    #[arg(long, value_delimiter = ',', default_values = ["datasette", "prefect", "home-assistant", "gin", "etcd", "go", "microbin", "sccache"])]
    projects: Vec<String>,
    /// How often each is measured
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// One line of the table: a name, and its cost in each round.
struct Row {
    name: String,
    costs: Vec<Cost>,
}

impl Audit {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let own = program::release()?.display().to_string();
        let ruff = peers::ruff()?.display().to_string();
        let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        println!("| project | MB | program | CPU s | wall s | peak MB | CPU to the bare parse |");
        println!("|---|---:|---|---:|---:|---:|---:|");
        for name in &self.projects {
            let folder = corpus::folder(name)?;
            let (language, ending) = language_of(&folder)?;
            let files = corpus::files(&folder, ending)?;
            let sources: Vec<String> =
                files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
            let bytes: usize = sources.iter().map(String::len).sum();
            let audit = text(&[&own, "audit", "--quiet", "--output-format", "json"]);
            let rules = peers::RUFF_RULES.join(",");
            let lint =
                text(&[&ruff, "check", "--isolated", "--no-cache", "--quiet", "--select", &rules, "."]);
            let mut rows = vec![
                Row { name: "bare parse, one thread".to_owned(), costs: Vec::new() },
                Row { name: "shipworthy, all rules".to_owned(), costs: Vec::new() },
            ];
            if language == Language::Python {
                let name = format!("ruff {} with {rules}", peers::RUFF);
                rows.push(Row { name, costs: Vec::new() });
            }
            for _ in 0..self.rounds {
                for (at, row) in rows.iter_mut().enumerate() {
                    row.costs.push(match at {
                        0 => parse(language, &sources),
                        1 => process::run(&audit, &folder)?,
                        _ => process::run(&lint, &folder)?,
                    });
                }
            }
            let bare: Vec<f64> = rows[0].costs.iter().map(|cost| cost.cpu).collect();
            for row in &rows {
                let of =
                    |part: fn(&Cost) -> f64| percentile(&row.costs.iter().map(part).collect::<Vec<_>>(), 50);
                let cpu: Vec<f64> = row.costs.iter().map(|cost| cost.cpu).collect();
                println!(
                    "| {name} | {:.1} | {} | {:.2} | {:.2} | {:.0} | {} |",
                    bytes as f64 / 1e6,
                    row.name,
                    of(|cost| cost.cpu),
                    of(|cost| cost.wall),
                    of(|cost| cost.memory),
                    ratio(&cpu, &bare),
                );
            }
        }
        Ok(())
    }
}

/// The language that most of a folder's files are written in, and how their names end.
fn language_of(folder: &Path) -> anyhow::Result<(Language, &'static str)> {
    let all = [(Language::Python, "py"), (Language::Go, "go"), (Language::Rust, "rs")];
    let mut counted = Vec::new();
    for (language, ending) in all {
        counted.push((corpus::files(folder, ending)?.len(), language, ending));
    }
    let most = counted.into_iter().max_by_key(|(count, ..)| *count);
    Ok(most.map_or((Language::Python, "py"), |(_, language, ending)| (language, ending)))
}

/// The parse that nothing which reads trees can do without; it has no memory of its own.
fn parse(language: Language, sources: &[String]) -> Cost {
    let (started, before) = (Instant::now(), process::own_cpu());
    for source in sources {
        std::hint::black_box(Source::new(language, source));
    }
    let cpu = process::own_cpu() - before;
    Cost { cpu, wall: started.elapsed().as_secs_f64(), memory: f64::NAN }
}
