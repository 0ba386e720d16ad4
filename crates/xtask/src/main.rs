//! Maintenance commands of this repository: `cargo xtask --help`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command's output is for its user")]

mod bench;
mod cache;
mod corpus;
mod deny;
mod editors;
mod fuzz;
mod generate;
mod new_rule;
mod npm;
mod package;
mod process;
mod program;
mod ready;

use std::process::ExitCode;

use clap::Parser;

/// Maintenance commands of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    Bench(bench::Bench),
    Corpus(corpus::Corpus),
    Editors(editors::Editors),
    Fuzz(fuzz::Fuzz),
    Generate(generate::Generate),
    NewRule(new_rule::NewRule),
    Ready(ready::Ready),
}

fn main() -> ExitCode {
    let result = match Command::parse() {
        Command::Bench(command) => command.run(),
        Command::Corpus(command) => command.run(),
        Command::Editors(command) => command.run(),
        Command::Fuzz(command) => command.run(),
        Command::Generate(command) => command.run(),
        Command::NewRule(command) => command.run(),
        Command::Ready(command) => command.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository that this program was built from.
fn repository() -> std::path::PathBuf {
    let manifest = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_path_buf()
}
