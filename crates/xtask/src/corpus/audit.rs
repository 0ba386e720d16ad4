//! Audits of the corpus by the program as users get it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

use super::precision::Counts;
use super::project::Project;
use crate::program;

/// What is read of `audit --output-format json`.
#[derive(Deserialize)]
pub(super) struct Audit {
    pub(super) workspace: Workspace,
    rules: Vec<RuleCount>,
    pub(super) findings: Vec<Finding>,
}

#[derive(Deserialize)]
pub(super) struct Workspace {
    files: usize,
    lines: usize,
}

#[derive(Deserialize)]
struct RuleCount {
    id: String,
    sites: usize,
    findings: usize,
}

#[derive(Deserialize)]
pub(super) struct Finding {
    pub(super) rule: String,
    pub(super) path: String,
    pub(super) range: Range,
    pub(super) confidence: String,
    suppressed: Option<serde_json::Value>,
    pub(super) message: String,
    pub(super) fingerprint: String,
    pub(super) fix: Option<Fix>,
}

#[derive(Deserialize)]
pub(super) struct Range {
    pub(super) start: Position,
    pub(super) end: Position,
}

/// Counted from 1.
#[derive(Deserialize)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

#[derive(Deserialize)]
pub(super) struct Fix {
    safety: String,
}

impl Finding {
    /// Whether it is shown at the default confidence.
    fn is_in_view(&self) -> bool {
        self.confidence != "low" && self.suppressed.is_none()
    }

    pub(super) fn has_safe_fix(&self) -> bool {
        self.fix.as_ref().is_some_and(|fix| fix.safety == "safe")
    }
}

impl Audit {
    /// The last audit of a project.
    pub(super) fn last(project: &Project) -> anyhow::Result<Self> {
        let file = project.audit_file()?;
        let json =
            fs::read(file).with_context(|| format!("audit it first: cargo xtask corpus {}", project.name))?;
        Ok(serde_json::from_slice(&json)?)
    }
}

/// The options for an audit that [`Audit`] can be read from.
pub(super) const JSON: [&str; 2] = ["--output-format", "json"];

/// Runs an audit of a folder and returns what it prints.
///
/// # Errors
/// When the program crashes or says that the audit broke: findings are no error.
pub(super) fn audit(folder: &Path, options: &[&str]) -> anyhow::Result<Vec<u8>> {
    let mut command = Command::new(program::release()?);
    command.args(["audit", "--quiet", "."]).args(options).current_dir(folder);
    let output = command.stdin(Stdio::null()).output()?;
    match output.status.code() {
        Some(0 | 1) => Ok(output.stdout),
        _ => bail!(
            "the audit of {} ended with {}:\n{}",
            folder.display(),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        ),
    }
}

/// Audits the projects, keeps what was found beside them, and prints a table of the projects and one of the rules. Returns what is in view.
pub(super) fn audit_all(projects: &[Project]) -> anyhow::Result<Counts> {
    println!(
        "{:<24}{:<8}{:<10}{:>7}{:>9}{:>10}{:>9}",
        "project", "", "", "files", "lines", "findings", "seconds"
    );
    let mut rules = BTreeMap::<String, (usize, usize)>::new();
    let mut in_view = Counts::default();
    let mut broken = Vec::new();
    for project in projects {
        let started = Instant::now();
        let json = match audit(&project.folder()?, &JSON) {
            Ok(json) => json,
            Err(problem) => {
                broken.push(format!("{}: {problem}", project.name));
                continue;
            }
        };
        let seconds = started.elapsed().as_secs_f64();
        let audit: Audit = serde_json::from_slice(&json)?;
        let file = project.audit_file()?;
        fs::create_dir_all(file.parent().context("audits are kept in a folder")?)?;
        fs::write(file, &json)?;

        let Workspace { files, lines } = audit.workspace;
        for finding in audit.findings.iter().filter(|finding| finding.is_in_view()) {
            *in_view.findings.entry(finding.rule.clone()).or_default() += 1;
        }
        let (name, language, kind, findings) =
            (&project.name, project.language, project.kind, audit.findings.len());
        println!("{name:<24}{language:<8}{kind:<10}{files:>7}{lines:>9}{findings:>10}{seconds:>9.2}");
        for rule in audit.rules {
            let total = rules.entry(rule.id).or_default();
            total.0 += rule.sites;
            total.1 += rule.findings;
        }
    }
    println!("\n{:<40}{:>9}{:>10}", "rule", "sites", "findings");
    for (rule, (sites, findings)) in rules {
        println!("{rule:<40}{sites:>9}{findings:>10}");
    }
    ensure!(broken.is_empty(), "{} of the audits broke:\n{}", broken.len(), broken.join("\n"));
    Ok(in_view)
}
