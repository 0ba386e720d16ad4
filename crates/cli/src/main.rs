//! The command-line program `shipworthy`.

mod arguments;
mod audit;
mod baseline;
mod clean;
mod config;
mod fix;
mod git;
mod history;
mod interrupt;
mod output;
mod rule;

use std::process::ExitCode;

use clap::Parser as _;

use self::arguments::{Arguments, Command};

/// How a run ended: see `report.md`'s exit codes in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing at or over the severity to fail on.
    Sound,
    /// Something at or over it.
    Findings,
    /// There was nothing to audit.
    Nothing,
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let line = shipworthy_audit::panic_line(panic);
        anstream::eprintln!("error: {}", shipworthy_report::visible(&line));
    }));
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Command::Audit(command) => audit::run(command, &arguments.output),
        Command::Baseline(command) => baseline::run(command, &arguments.output),
        Command::Config(command) => config::run(command, &arguments.output),
        Command::Rule(command) => rule::run(command),
        Command::Capability(command) => rule::capabilities(command),
        Command::Clean => clean::run(&arguments.output),
        Command::Server(_) => {
            return shipworthy_server::run(shipworthy_rules::RULES, arguments.output.cache());
        }
    };
    match result {
        Ok(Outcome::Sound) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Nothing) => ExitCode::from(3),
        // What breaks after Ctrl-C broke by it.
        Err(_) if interrupt::is_stopped() => {
            anstream::eprintln!("stopped; nothing was written");
            ExitCode::from(130)
        }
        Err(message) => {
            anstream::eprintln!("error: {}", shipworthy_report::visible(&message));
            ExitCode::from(2)
        }
    }
}
