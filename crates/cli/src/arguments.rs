//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use shipworthy_audit::level::Severity;
use shipworthy_report::Form;
use shipworthy_workspace::Cache;

/// Audits Python, Go and Rust code: what would hurt in production, with the fix.
#[derive(Parser)]
#[command(name = "shipworthy", version, about)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args)]
pub(crate) struct Output {
    /// When to colour: by default where standard output is a terminal and NO_COLOR is not set.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) color: Color,
    /// No progress and no summary.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Say on standard error also why nothing could be remembered.
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Remember nothing between runs, and use nothing that is remembered.
    #[arg(long, global = true)]
    pub(crate) no_cache: bool,
    /// Use this settings file for everything, in place of the nearest ones.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How many threads to use; by default one a processor.
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

impl Output {
    /// Where to remember what was learned, if anywhere.
    pub(crate) fn cache(&self) -> Option<Cache> {
        if self.no_cache { None } else { Cache::of_user() }
    }
}

/// When to colour.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Audit a workspace, folders or files.
    Audit(Audit),
    /// Write the findings of today as accepted: `audit --baseline` fails on new ones only.
    Baseline(Baseline),
    /// Show a rule's page, or the catalogue.
    Rule(Rule),
    /// Show the settings in force, with where each comes from.
    Config(Config),
    /// Show the capabilities that an audit judges.
    Capability(Rule),
    /// Remove all that is remembered between runs.
    Clean,
    /// Run the language server on standard input and output.
    Server(Server),
}

#[derive(Args)]
pub(crate) struct Audit {
    /// Files and folders; `-` audits standard input.
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Apply fixes: the safe ones, or also those that need a look.
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "safe")]
    pub(crate) fix: Option<FixLevel>,
    /// Print the fixes as one patch and change nothing.
    #[arg(long)]
    pub(crate) diff: bool,
    /// The name of what comes on standard input.
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<String>,
    /// The form of the result; by default text.
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) output_format: Option<ReportFormat>,
    /// Write the result to a file, in the form of its ending; repeatable. Standard output then has a summary.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Vec<PathBuf>,
    /// The severity from which on findings make the command fail with exit code 1; by default the settings', else blocking.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Severity>,
    /// Fail on findings only that are not on this baseline.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Fail on findings only that were not there in this revision: a branch, a tag, a commit.
    #[arg(long, value_name = "GIT-REF")]
    pub(crate) since: Option<String>,
    /// Show how the score went since the audits on record in this file, and put this one on record there.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "diff"])]
    pub(crate) history: Option<PathBuf>,
    /// Print how the score comes about, in place of the report.
    #[arg(long)]
    pub(crate) explain_score: bool,
    /// The day in the report: `today`, or YYYY-MM-DD; by default the commit's.
    #[arg(long, value_name = "DAY")]
    pub(crate) date: Option<String>,
    /// Score by the numbers of an older rubric.
    #[arg(long, value_name = "N")]
    pub(crate) rubric: Option<u32>,
}

#[derive(Args)]
pub(crate) struct Baseline {
    /// Files and folders.
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// The file to write.
    #[arg(long, short, value_name = "FILE", default_value = "shipworthy-baseline.json")]
    pub(crate) output: PathBuf,
}

/// The form of a report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// For readers, with links.
    Markdown,
    /// For readers, one file with charts and filters.
    Html,
    /// GitHub's annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit's test results.
    Junit,
}

impl From<ReportFormat> for Form {
    fn from(format: ReportFormat) -> Self {
        match format {
            ReportFormat::Text => Self::Text,
            ReportFormat::Json => Self::Json,
            ReportFormat::Sarif => Self::Sarif,
            ReportFormat::Markdown => Self::Markdown,
            ReportFormat::Html => Self::Html,
            ReportFormat::Github => Self::Github,
            ReportFormat::Gitlab => Self::Gitlab,
            ReportFormat::Junit => Self::Junit,
        }
    }
}

/// Which fixes to apply.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FixLevel {
    /// Those that keep behaviour or do what the author plainly meant.
    Safe,
    /// Also those that need a look.
    Suggested,
}

/// The form of a result.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
}

#[derive(Args)]
pub(crate) struct Rule {
    /// The name.
    #[arg(required_unless_present = "all")]
    pub(crate) name: Option<String>,
    /// All of them.
    #[arg(long)]
    pub(crate) all: bool,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output_format: Format,
}

#[derive(Args)]
pub(crate) struct Config {
    /// Explain one key, for instance `rules.missing-timeout`.
    #[arg(long, value_name = "KEY")]
    pub(crate) explain: Option<String>,
    /// Print the JSON schema of the settings file.
    #[arg(long)]
    pub(crate) schema: bool,
}

#[derive(Args)]
pub(crate) struct Server {
    /// Standard input and output; the only way there is, accepted because editors say it.
    #[arg(long)]
    stdio: bool,
}
