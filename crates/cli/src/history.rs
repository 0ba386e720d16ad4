//! Audits on record: `shipworthy audit --history FILE`.

use std::io;
use std::path::Path;

use shipworthy_report::{Past, Report, read_history, write_history};

use crate::output;
use crate::output::warn;

/// The audits on record in a file; none where there is no such file yet.
pub(crate) fn read(path: &Path) -> Result<Vec<Past>, String> {
    let name = format!("--history {}", path.display());
    match std::fs::read_to_string(path) {
        Ok(text) => read_history(&name, &text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// Puts an audit on record, if it can be told from others: by its commit, where that is what was audited, or by the day that was given.
pub(crate) fn record(path: &Path, past: &[Past], report: &Report) -> Result<(), String> {
    let name = path.display();
    let workspace = &report.workspace;
    if workspace.clean == Some(false) {
        warn(&format!("{name}: not put on record, for the tree is not what was committed"));
        return Ok(());
    }
    if workspace.commit.is_none() && workspace.date.is_none() {
        warn(&format!("{name}: not put on record without a commit; say `--date today`"));
        return Ok(());
    }
    output::to_file(path, &write_history(past, report))
}
