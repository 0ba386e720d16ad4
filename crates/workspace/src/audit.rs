//! The audit of a workspace.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use shipworthy_audit::{Alone, AuditedFile, Auditor, Document, Outcome, Skipped, default_module};

use crate::discovery::{discover, read_source};
use crate::folder_settings::FolderSettings;

/// Audits files and folders below `root`. `done` is called after each file, from any thread.
pub fn audit(
    auditor: &Auditor,
    settings: &FolderSettings,
    root: &Path,
    paths: &[PathBuf],
    done: &(dyn Fn() + Sync),
) -> Outcome {
    let found = discover(root, paths);
    let results: Vec<Option<Result<AuditedFile, Skipped>>> = found
        .sources
        .par_iter()
        .map(|(path, inside, language)| {
            let configuration = settings.configuration(path)?;
            let text = match read_source(path) {
                Ok(text) => text,
                Err(reason) => return Some(Err(Skipped { path: inside.clone(), reason })),
            };
            let mut document = Document::new(inside, &default_module(*language, inside), *language, &text);
            document.analyze(auditor, &configuration, &Alone);
            done();
            Some(Ok(document.outcome()))
        })
        .collect();
    let mut outcome = Outcome { files: Vec::new(), skipped: found.skipped };
    for result in results.into_iter().flatten() {
        match result {
            Ok(file) => outcome.files.push(file),
            Err(skipped) => outcome.skipped.push(skipped),
        }
    }
    outcome.skipped.sort();
    outcome
}
