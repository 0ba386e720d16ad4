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

/// Measures the release build beside its peers; prints Markdown tables
#[derive(clap::Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
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
        match self.what {
            What::Keystrokes(command) => command.run(),
            What::Across(command) => command.run(),
            What::Audit(command) => command.run(),
            What::Hostile(command) => command.run(),
        }
    }
}
