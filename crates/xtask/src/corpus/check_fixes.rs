//! Every fix over real projects: the files must still be good code, and the findings of the safe ones gone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::accepted;
use super::audit::{Audit, Finding, JSON, audit};
use super::compiled::Compiled;
use super::project::Project;
use crate::cache;

/// Fixes a copy of each project and reports what its language refuses and what a second audit still finds.
pub(super) fn check(projects: &[Project]) -> anyhow::Result<()> {
    println!(
        "{:<24}{:>8}{:>8}{:>10}{:>10}{:>10}{:>10}",
        "project", "fixes", "files", "compiled", "refused", "left", "new"
    );
    let mut problems = Vec::new();
    for project in projects {
        let result = check_one(project).with_context(|| format!("while fixing {}", project.name))?;
        let Outcome { fixes, changed, compiled, refused, left, new } = &result;
        let (refusals, lefts, news) = (refused.len(), left.len(), new.len());
        println!(
            "{:<24}{fixes:>8}{changed:>8}{compiled:>10}{refusals:>10}{lefts:>10}{news:>10}",
            project.name
        );
        problems.extend(refused.iter().map(|problem| format!("{}: refused: {problem}", project.name)));
        problems.extend(left.iter().map(|finding| format!("{}: left: {finding}", project.name)));
        problems.extend(new.iter().map(|finding| format!("{}: new: {finding}", project.name)));
    }
    ensure!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    Ok(())
}

struct Outcome {
    /// Findings with a safe fix.
    fixes: usize,
    /// Files that the fixes changed.
    changed: usize,
    /// Packages with fixes that compiled before.
    compiled: usize,
    /// Changed files that their language accepted before and refuses now, and packages that no longer compile.
    refused: Vec<String>,
    /// Findings with a safe fix that are still there.
    left: Vec<String>,
    /// Rules that find more in a file than before.
    new: Vec<String>,
}

fn check_one(project: &Project) -> anyhow::Result<Outcome> {
    let original = project.folder()?;
    let scratch = tempfile::Builder::new().prefix("fixes-").tempdir_in(cache::root()?)?;
    let copy = scratch.path().join("copy");
    copy_folder(&original, &copy)?;

    let before: Audit = serde_json::from_slice(&audit(&copy, &JSON)?)?;
    let fixable_files = before.findings.iter().filter(|finding| finding.has_safe_fix());
    let compiled = Compiled::of(&copy, &fixable_files.map(|finding| finding.path.clone().into()).collect())?;
    audit(&copy, &["--fix"])?;
    let after: Audit = serde_json::from_slice(&audit(&copy, &JSON)?)?;

    let fixable = |audit: &Audit| -> BTreeSet<String> {
        audit
            .findings
            .iter()
            .filter(|finding| finding.has_safe_fix())
            .map(|f| f.fingerprint.clone())
            .collect()
    };
    let fixed = fixable(&before);
    let left = after.findings.iter().filter(|finding| fixed.contains(&finding.fingerprint));
    let changed = changed_files(&original, &copy)?;
    let mut refused = accepted::refused(&original, &copy, &changed)?;
    refused.extend(compiled.broken()?);
    // Those that want a look leave good code too.
    audit(&copy, &["--fix=suggested"])?;
    let suggested = accepted::refused(&original, &copy, &changed_files(&original, &copy)?)?;
    let suggested: Vec<String> = suggested.into_iter().filter(|file| !refused.contains(file)).collect();
    refused.extend(suggested.into_iter().map(|file| format!("with suggested ones, {file}")));
    Ok(Outcome {
        fixes: before.findings.iter().filter(|finding| finding.has_safe_fix()).count(),
        changed: changed.len(),
        compiled: compiled.count(),
        refused,
        left: left
            .map(|finding| format!("{}:{} {}", finding.path, finding.range.start.line, finding.rule))
            .collect(),
        new: risen(&before.findings, &after.findings),
    })
}

/// The rules that find more in a file than they did.
fn risen(before: &[Finding], after: &[Finding]) -> Vec<String> {
    let count = |findings: &[Finding]| {
        let mut counts = BTreeMap::<(String, String), usize>::new();
        for finding in findings {
            *counts.entry((finding.path.clone(), finding.rule.clone())).or_default() += 1;
        }
        counts
    };
    let before = count(before);
    count(after)
        .into_iter()
        .filter(|(place, count)| before.get(place).is_none_or(|earlier| count > earlier))
        .map(|((path, rule), count)| format!("{path} {rule} ({count} findings)"))
        .collect()
}

/// The files, relative to both folders, that differ.
fn changed_files(original: &Path, copy: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut changed = Vec::new();
    for file in files(copy)? {
        if fs::read(original.join(&file))? != fs::read(copy.join(&file))? {
            changed.push(file);
        }
    }
    Ok(changed)
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    for file in files(from)? {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().context("a file is in a folder")?)?;
        fs::copy(from.join(&file), target)?;
    }
    Ok(())
}

/// Every file below a folder, relative to it, in order. Links are not followed.
pub(super) fn files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, folder.join(entry.file_name()));
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
