//! From a change to its diagnostics.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::document::{LANGUAGES, State, Writing, writing};
use super::peers;
use super::session::{Session, Way};
use super::statistics::{percentile, ratio};
use crate::{corpus, program};

/// Types in files of several sizes, in each server in turn, and measures from the change to its diagnostics
#[derive(clap::Args)]
pub(crate) struct Keystrokes {
    /// What the files are written in
    #[arg(long, default_value = LANGUAGES[0], value_parser = LANGUAGES)]
    language: String,
    /// The lines of the files
    #[arg(long, value_delimiter = ',', default_values_t = [500, 5_000, 20_000])]
    lines: Vec<usize>,
    /// How often each server is measured
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

struct Server {
    name: &'static str,
    command: Vec<String>,
    way: Way,
    options: Value,
}

/// What one server did with one file, a value for each round.
#[derive(Default)]
struct Measured {
    /// Milliseconds of each edit.
    edits: BTreeMap<State, Vec<Vec<f64>>>,
    memory: Vec<f64>,
    /// Rounds whose last diagnostics were not those of a fresh session.
    differences: usize,
}

impl Keystrokes {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let writing = writing(&self.language).context("no such language")?;
        let work = tempfile::Builder::new().prefix("bench-").tempdir()?;
        let own = Server {
            name: "shipworthy",
            command: vec![program::release()?.display().to_string(), "server".to_owned()],
            way: Way::Pull,
            options: json!({}),
        };
        let servers = [own, peer(writing, work.path())?];
        let peer = servers[1].name;
        println!(
            "| lines | state | server | p50 ms | p95 ms | worst ms | p50 to {peer}'s | p95 to {peer}'s |"
        );
        println!("|---:|---|---|---:|---:|---:|---:|---:|");
        let modules = corpus::files(&corpus::folder(writing.project)?, writing.ending)?;
        for &lines in &self.lines {
            let text = writing.concatenate(&modules, lines);
            ensure!(text.lines().count() * 2 >= lines, "the corpus has too few lines");
            let mut measured = [Measured::default(), Measured::default()];
            for _ in 0..self.rounds {
                for (server, measured) in servers.iter().zip(&mut measured) {
                    measure(server, writing, &text, measured)?;
                }
            }
            print(text.lines().count(), &servers, &measured);
        }
        Ok(())
    }
}

/// The server to compare with: ruff, and for other languages than Python ast-grep.
fn peer(writing: &Writing, work: &Path) -> anyhow::Result<Server> {
    if writing.language == "python" {
        println!("ruff {} with {}\n", peers::RUFF.version, peers::RUFF_RULES.join(","));
        return Ok(Server {
            name: "ruff",
            command: [peers::RUFF.command()?, vec!["server".to_owned()]].concat(),
            way: Way::Push,
            options: json!({ "settings": { "lint": { "select": peers::RUFF_RULES } } }),
        });
    }
    println!("ast-grep {} with 30 rules\n", peers::AST_GREP.version);
    let settings = peers::ast_grep_rules(work, writing.language)?.display().to_string();
    let words = ["lsp", "--config", &settings].map(str::to_owned);
    let command = [peers::AST_GREP.command()?, words.to_vec()].concat();
    Ok(Server { name: "ast-grep", command, way: Way::Push, options: json!({}) })
}

fn measure(server: &Server, writing: &Writing, text: &str, measured: &mut Measured) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir()?;
    let name = format!("typed.{}", writing.ending);
    fs::write(folder.path().join(&name), text)?;
    let open =
        |text: &str| Session::open(&server.command, server.way, &server.options, folder.path(), &name, text);
    let mut session = open(text)?;
    let mut changed = text.to_owned();
    let mut edits = BTreeMap::<State, Vec<f64>>::new();
    for (state, edit) in writing.script(text) {
        edit.apply(&mut changed);
        edits.entry(state).or_default().push(session.change(&[edit])?);
    }
    for _ in 0..5 {
        let burst = writing.burst(text);
        burst.iter().for_each(|edit| edit.apply(&mut changed));
        edits.entry(State::Burst).or_default().push(session.change(&burst)?);
    }
    session.settle()?;
    measured.memory.extend(session.peak_memory());
    let mut fresh = open(&changed)?;
    let differs = |a: &Session, b: &Session| in_order(&a.diagnostics) != in_order(&b.diagnostics);
    // What is found in the whole workspace comes later than what is found in the file: half a minute on a machine that has much to do.
    for _ in 0..80 {
        if server.way == Way::Pull && differs(&session, &fresh) {
            fresh.settle()?;
            session.ask()?;
            fresh.ask()?;
        }
    }
    if differs(&session, &fresh) {
        measured.differences += 1;
        let (mut edited, mut fresh) = (in_order(&session.diagnostics), in_order(&fresh.diagnostics));
        let of_both: Vec<String> = edited.iter().filter(|one| fresh.contains(one)).cloned().collect();
        edited.retain(|one| !of_both.contains(one));
        fresh.retain(|one| !of_both.contains(one));
        eprintln!(
            "{} shows after the edits only: {edited:#?}\nin a fresh session only: {fresh:#?}",
            server.name
        );
    }
    for (state, times) in edits {
        measured.edits.entry(state).or_default().push(times);
    }
    Ok(())
}

/// Diagnostics in an order that does not depend on the server.
fn in_order(diagnostics: &Value) -> Vec<String> {
    let mut all: Vec<String> = diagnostics.as_array().into_iter().flatten().map(Value::to_string).collect();
    all.sort();
    all
}

fn print(lines: usize, servers: &[Server; 2], measured: &[Measured; 2]) {
    let [_, theirs] = measured;
    for state in [State::Healthy, State::Broken, State::Finding, State::Burst] {
        let of = |measured: &Measured, percent| -> Vec<f64> {
            let rounds = measured.edits.get(&state).into_iter().flatten();
            rounds.map(|times| percentile(times, percent)).collect()
        };
        for (server, one) in servers.iter().zip(measured) {
            let all: Vec<f64> = one.edits.get(&state).into_iter().flatten().flatten().copied().collect();
            let [middle, high, worst] = [50, 95, 100].map(|percent| percentile(&all, percent));
            let [middles, highs] = [50, 95].map(|percent| ratio(&of(one, percent), &of(theirs, percent)));
            println!(
                "| {lines} | {state:?} | {} | {middle:.1} | {high:.1} | {worst:.1} | {middles} | {highs} |",
                server.name
            );
        }
    }
    for (server, one) in servers.iter().zip(measured) {
        let (memory, differences) = (percentile(&one.memory, 50), one.differences);
        println!(
            "| {lines} | peak memory {memory:.0} MB, {differences} rounds unlike a fresh session | {} | | | | | |",
            server.name
        );
    }
}
