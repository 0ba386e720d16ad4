//! Whole projects, beside other programs and beside the bare parse of the same files.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use shipworthy_syntax::{Language, Source};

use super::peers;
use super::process::{self, Cost};
use super::statistics::{percentile, ratio};
use crate::{corpus, program};

/// Audits pinned projects, with the runs of other programs over the same files in between
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
        println!("| project | MB | program | CPU s | wall s | peak MB | CPU to the bare parse |");
        println!("|---|---:|---|---:|---:|---:|---:|");
        for name in &self.projects {
            let folder = corpus::folder(name)?;
            let (language, ending) = language_of(&folder)?;
            let files = corpus::files(&folder, ending)?;
            let sources: Vec<String> =
                files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
            let bytes: usize = sources.iter().map(String::len).sum();
            let work = tempfile::Builder::new().prefix("bench-").tempdir()?;
            let copy = work.path().join("copy");
            for file in &files {
                let to = copy.join(file.strip_prefix(&folder)?);
                fs::create_dir_all(to.parent().context("a file in a folder")?)?;
                fs::copy(file, to)?;
            }
            let mut programs = programs(language, work.path())?;
            programs
                .push(Program::new(format!("unfault {}", peers::UNFAULT_VERSION), peers::unfault(&copy)?));
            let middle = copy.join(files[files.len() / 2].strip_prefix(&folder)?);
            let mut rows = vec![Row { name: "bare parse, one thread".to_owned(), costs: Vec::new() }];
            rows.extend(programs.iter().map(|p| Row { name: p.name.clone(), costs: Vec::new() }));
            for round in 0..self.rounds {
                let (bare, others) = rows.split_at_mut(1);
                bare[0].costs.push(parse(language, &sources));
                for (row, program) in others.iter_mut().zip(&programs) {
                    if program.after_a_change {
                        add_function(language, &middle, round)?;
                    }
                    let place = if program.after_a_change { &copy } else { &folder };
                    row.costs.push(process::run(&program.command, place)?);
                }
            }
            let bare: Vec<f64> = rows[0].costs.iter().map(|cost| cost.cpu).collect();
            for row in &rows {
                let of =
                    |part: fn(&Cost) -> f64| percentile(&row.costs.iter().map(part).collect::<Vec<_>>(), 50);
                let cpu: Vec<f64> = row.costs.iter().map(|cost| cost.cpu).collect();
                let memory = of(|cost| cost.memory);
                let memory = if memory.is_nan() { "–".to_owned() } else { format!("{memory:.0}") };
                println!(
                    "| {name} | {:.1} | {} | {:.2} | {:.2} | {memory} | {} |",
                    bytes as f64 / 1e6,
                    row.name,
                    of(|cost| cost.cpu),
                    of(|cost| cost.wall),
                    ratio(&cpu, &bare),
                );
            }
        }
        Ok(())
    }
}

/// What is measured beside the bare parse.
struct Program {
    name: String,
    /// Its words.
    command: Vec<String>,
    /// Whether it runs on the copy, each time after a function was added to one of its files.
    after_a_change: bool,
}

impl Program {
    fn new(name: impl Into<String>, command: Vec<String>) -> Self {
        Self { name: name.into(), command, after_a_change: false }
    }
}

fn add_function(language: Language, file: &Path, number: usize) -> anyhow::Result<()> {
    let function = match language {
        Language::Python => format!("\n\ndef added_{number}(a):\n    return a\n"),
        Language::Go => format!("\nfunc added{number}(a int) int {{ return a }}\n"),
        Language::Rust => format!("\nfn added_{number}(a: u32) -> u32 {{ a }}\n"),
    };
    Ok(fs::write(file, fs::read_to_string(file)? + &function)?)
}

/// What is measured on a project, in the order in which it runs.
fn programs(language: Language, work: &Path) -> anyhow::Result<Vec<Program>> {
    let own = program::release()?.display().to_string();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let after = |command: Vec<String>, more: &[&str]| [command, words(more)].concat();
    let remembering = words(&["env", &format!("SHIPWORTHY_CACHE={}", work.join("cache").display()), &own]);
    let audit = ["audit", "--quiet", "--output-format", "json"];
    let mut programs = vec![
        Program::new("shipworthy, all rules", after(words(&[&own, "--no-cache"]), &audit)),
        // The first round fills the cache: the middle of several does not show it.
        Program::new("shipworthy, nothing changed since", after(remembering.clone(), &audit)),
        Program {
            after_a_change: true,
            ..Program::new("shipworthy, one file changed since", after(remembering, &audit))
        },
    ];
    if language == Language::Python {
        let rules = peers::RUFF_RULES.join(",");
        let lint = ["check", "--isolated", "--quiet", "--select", &rules];
        let cold = after(peers::RUFF.command()?, &[&lint[..], &["--no-cache", "."]].concat());
        let cache = format!("--cache-dir={}", work.join("ruff").display());
        let warm = after(peers::RUFF.command()?, &[&lint[..], &[&cache, "."]].concat());
        programs.push(Program::new(format!("ruff {} with {rules}", peers::RUFF.version), cold));
        programs.push(Program::new("ruff, nothing changed since", warm));
        let settings = peers::ast_grep_rules(work, "python")?.display().to_string();
        let scan = after(peers::AST_GREP.command()?, &["scan", "--json=compact", "--config", &settings, "."]);
        programs.push(Program::new(format!("ast-grep {} with 30 rules", peers::AST_GREP.version), scan));
        let rules = peers::semgrep_rules(work)?.display().to_string();
        let offline = ["scan", "--metrics=off", "--disable-version-check", "--quiet", "--json", "--config"];
        let scan = after(peers::SEMGREP.command()?, &[&offline[..], &[&rules, "."]].concat());
        programs.push(Program::new(format!("semgrep {} with 30 rules", peers::SEMGREP.version), scan));
        let scan = after(peers::BANDIT.command()?, &["--quiet", "--format", "json", "--recursive", "."]);
        programs.push(Program::new(format!("bandit {}", peers::BANDIT.version), scan));
    }
    Ok(programs)
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
    let (started, before) = (Instant::now(), process::cpu()[0]);
    for source in sources {
        std::hint::black_box(Source::new(language, source));
    }
    let cpu = process::cpu()[0] - before;
    Cost { cpu, wall: started.elapsed().as_secs_f64(), memory: f64::NAN }
}
