//! Baselines: findings that were there when somebody drew a line. They stay in the report and in the score, and fail nothing.

use serde::{Deserialize, Serialize};
use shipworthy_audit::fingerprint;

use crate::assemble::Record;
use crate::model::Report;

/// The version of the form.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Baseline {
    version: u32,
    /// The version of the fingerprints.
    fingerprints: u32,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    id: String,
    rule: String,
    path: String,
    message: String,
    fingerprint: String,
}

/// The open findings of a report as a baseline.
pub fn baseline(report: &Report) -> String {
    let mut findings: Vec<Entry> = report
        .open()
        .map(|f| Entry {
            id: f.id.clone(),
            rule: f.rule.clone(),
            path: f.path.clone(),
            message: f.message.clone(),
            fingerprint: f.fingerprint.clone(),
        })
        .collect();
    // Not by line: the file changes only where findings come and go.
    findings.sort_by(|a, b| (&a.path, &a.rule, &a.fingerprint).cmp(&(&b.path, &b.rule, &b.fingerprint)));
    let baseline = Baseline { version: VERSION, fingerprints: fingerprint::VERSION, findings };
    serde_json::to_string_pretty(&baseline).map(|json| json + "\n").unwrap_or_default()
}

impl Record {
    /// Reads a baseline.
    ///
    /// # Errors
    /// What is wrong with it, as a user reads it.
    pub fn from_baseline(name: &str, text: &str) -> Result<Self, String> {
        let baseline: Baseline =
            serde_json::from_str(text).map_err(|error| format!("{name}: not a baseline: {error}"))?;
        if baseline.version != VERSION {
            return Err(format!(
                "{name}: a baseline of version {}, this one reads {VERSION}",
                baseline.version
            ));
        }
        if baseline.fingerprints != fingerprint::VERSION {
            let (theirs, ours) = (baseline.fingerprints, fingerprint::VERSION);
            return Err(format!(
                "{name}: its fingerprints are of version {theirs}, those of today of version {ours}; write it again with `shipworthy baseline`"
            ));
        }
        let findings = baseline.findings.into_iter().map(|f| (f.fingerprint, Some(f.id)));
        Ok(Self { from: name.to_owned(), findings: findings.collect() })
    }
}
