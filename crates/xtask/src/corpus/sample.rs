//! A sample of a rule's findings, to be read one by one.

use std::fs;

use anyhow::ensure;

use super::audit::{Audit, Finding};
use super::project::Project;

/// Prints up to `count` findings of a rule in the last audits of the projects.
///
/// The choice is the same for the same findings, and spread over the projects: each gives one in turn, in the order of
/// their fingerprints, which says nothing about the code.
pub(super) fn show(projects: &[Project], rule: &str, count: usize) -> anyhow::Result<()> {
    let mut queues = Vec::new();
    for project in projects {
        let mut findings = Audit::last(project)?.findings;
        findings.retain(|finding| finding.rule == rule);
        findings.sort_by(|a, b| b.fingerprint.cmp(&a.fingerprint));
        queues.push((project, findings));
    }
    let total: usize = queues.iter().map(|(_, findings)| findings.len()).sum();
    ensure!(total > 0, "the last audits have no finding of {rule}");

    let mut shown = 0;
    while shown < count.min(total) {
        for (project, findings) in &mut queues {
            if shown < count
                && let Some(finding) = findings.pop()
            {
                shown += 1;
                println!("--- {shown} of {total}: {}", project.name);
                print(project, &finding)?;
            }
        }
    }
    Ok(())
}

/// Prints a finding in its code.
fn print(project: &Project, finding: &Finding) -> anyhow::Result<()> {
    let Finding { path, range, message, confidence, .. } = finding;
    let file = project.folder()?.join(path);
    println!(
        "{}:{}:{} ({confidence} confidence)\n{message}",
        file.display(),
        range.start.line,
        range.start.column
    );
    let text = fs::read_to_string(file)?;
    let (first, last) = (range.start.line.saturating_sub(6), range.end.line + 5);
    for (index, line) in text.lines().enumerate().take(last).skip(first) {
        let number = index + 1;
        let mark = if (range.start.line..=range.end.line).contains(&number) { '>' } else { ' ' };
        println!("{mark}{number:>6}  {line}");
    }
    Ok(())
}
