//! `cargo xtask bench`: how fast it is beside its peers, in one run.

mod across;
mod audit;
mod document;
mod hostile;
mod keystrokes;
mod peers;
mod process;
mod session;
mod statistics;

use clap::Parser as _;

/// Measures the release build beside its peers; prints Markdown tables
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// All of it, where nothing is named
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(clap::Subcommand)]
enum What {
    Keystrokes(keystrokes::Keystrokes),
    Across(across::Across),
    Audit(audit::Audit),
    Hostile(hostile::Hostile),
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if let Some(what) = self.what {
            return what.run();
        }
        for name in ["keystrokes", "across", "audit", "hostile"] {
            println!("\n## {name}\n");
            One::try_parse_from(["bench", name])?.what.run()?;
        }
        Ok(())
    }
}

/// One measurement, by its name.
#[derive(clap::Parser)]
struct One {
    #[command(subcommand)]
    what: What,
}

impl What {
    fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Keystrokes(command) => command.run(),
            Self::Across(command) => command.run(),
            Self::Audit(command) => command.run(),
            Self::Hostile(command) => command.run(),
        }
    }
}
