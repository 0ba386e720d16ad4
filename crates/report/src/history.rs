//! Histories: audits that were put on record, one a line as JSON, in the order in which they were made. Every report of a workspace that is
//! given one shows the score over time.

use crate::model::{Past, Report};

/// The audits of a history.
///
/// # Errors
/// Which line of it is none, as a user reads it.
pub fn read_history(name: &str, text: &str) -> Result<Vec<Past>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let past = lines.map(|(number, line)| {
        serde_json::from_str(line)
            .map_err(|error| format!("{name}, line {}: no audit on record: {error}", number + 1))
    });
    past.collect()
}

/// A history with the audit of a report as its last; an audit of the same commit on the same day by the same rubric makes room for it.
pub fn write_history(past: &[Past], report: &Report) -> String {
    let now = report.past();
    let others =
        past.iter().filter(|past| !past.is_of(now.commit.as_deref(), now.date.as_deref(), now.rubric));
    let lines = others.chain([&now]).filter_map(|past| serde_json::to_string(past).ok());
    lines.map(|line| line + "\n").collect()
}

impl Past {
    /// Whether it is an audit of a commit on a day by a rubric.
    pub fn is_of(&self, commit: Option<&str>, date: Option<&str>, rubric: u32) -> bool {
        (self.commit.as_deref(), self.date.as_deref(), self.rubric) == (commit, date, rubric)
    }
}

impl Report {
    /// What is put on record of it.
    pub fn past(&self) -> Past {
        Past {
            date: self.workspace.date.clone(),
            commit: self.workspace.commit.clone(),
            rubric: self.tool.rubric,
            score: self.grade.score,
            letter: self.grade.letter.clone(),
            findings: self.open().map(|finding| finding.fingerprint.clone()).collect(),
        }
    }
}
