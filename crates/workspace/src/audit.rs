//! The audit of a workspace.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use shipworthy_audit::{
    Alone, AuditedFile, Auditor, Configuration, Document, FileDocument, Outcome, Skipped, default_module,
};
use shipworthy_evidence::{Format, Guess, Tracking};

use crate::discovery::{discover, read_source};
use crate::folder_settings::FolderSettings;

/// Audits files and folders below `root`. `done` is told after each file, from any thread, how many there are, and may stop the audit;
/// then there is no outcome.
pub fn audit(
    auditor: &Auditor,
    settings: &FolderSettings,
    root: &Path,
    paths: &[PathBuf],
    done: &(dyn Fn(usize) -> ControlFlow<()> + Sync),
) -> Option<Outcome> {
    let found = discover(root, paths);
    let all = found.sources.len() + found.files.len();
    let one = |path: &Path, inside: &str, language| {
        let configuration = settings.configuration(path)?;
        let text = match read_source(path) {
            Ok(text) => text,
            Err(reason) => return Some(Err(Skipped { path: inside.to_owned(), reason })),
        };
        let mut document = Document::new(inside, &default_module(language, inside), language, &text);
        document.analyze(auditor, &configuration, &Alone);
        Some(Ok(document.outcome()))
    };
    let results = found.sources.par_iter().map(|(path, inside, language)| {
        let result = one(path, inside, *language);
        done(all).is_continue().then_some(result)
    });
    let results: Vec<Option<Result<AuditedFile, Skipped>>> = results.collect::<Option<_>>()?;
    let files = found.files.par_iter().map(|(path, inside)| {
        let tracking = found.tracking(path);
        let result =
            settings.configuration(path).and_then(|c| audit_file(auditor, &c, (path, inside), tracking));
        done(all).is_continue().then_some(result)
    });
    let files: Vec<Option<Result<AuditedFile, Skipped>>> = files.collect::<Option<_>>()?;
    let mut outcome = Outcome { files: Vec::new(), skipped: found.skipped.clone() };
    for result in results.into_iter().chain(files).flatten() {
        match result {
            Ok(file) => outcome.files.push(file),
            Err(skipped) => outcome.skipped.push(skipped),
        }
    }
    outcome.files.sort_by(|a, b| a.path.cmp(&b.path));
    outcome.skipped.sort();
    Some(outcome)
}

/// The audit of a file around the code; none where its text tells that it is none.
fn audit_file(
    auditor: &Auditor,
    configuration: &Configuration,
    (path, inside): (&Path, &str),
    tracking: Tracking,
) -> Option<Result<AuditedFile, Skipped>> {
    let text = match read_source(path) {
        Ok(text) => text,
        Err(_) if Format::guess(inside) == Guess::Text => return None,
        Err(reason) => return Some(Err(Skipped { path: inside.to_owned(), reason })),
    };
    let mut document = FileDocument::new(inside, Format::of(inside, &text)?, &text);
    document.set_tracking(tracking);
    document.analyze(auditor, configuration);
    Some(Ok(document.outcome()))
}
