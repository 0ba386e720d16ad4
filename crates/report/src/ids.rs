//! Ids: `BLOCK-01`, `HIGH-01`, `MED-01`, `LOW-01`.
//!
//! A finding's number comes from what its fingerprint is made of (category, rule, path, symbol, code), never from its line, so that it keeps
//! its id while its code moves. Findings of a record (a baseline) keep the ids that they have there; new ones get the numbers that are
//! free. Accepted findings have numbers too: accepting one renames no other.

use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::level::Severity;
use shipworthy_audit::{AuditedFile, Finding, fingerprint};

const fn prefix(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocking => "BLOCK",
        Severity::High => "HIGH",
        Severity::Medium => "MED",
        Severity::Low => "LOW",
    }
}

/// The ids of findings, by fingerprint.
pub(crate) fn ids<'a>(
    findings: impl Iterator<Item = (&'a AuditedFile, &'a Finding)>,
    on_record: &BTreeMap<String, String>,
) -> BTreeMap<&'a str, String> {
    let mut ordered: Vec<_> = findings.collect();
    ordered.sort_by_key(|(file, f)| {
        (f.rule.category, f.rule.name, &file.path, &f.symbol, fingerprint::parts(&f.fingerprint))
    });
    let mut ids = BTreeMap::new();
    for severity in Severity::ALL {
        let own = || ordered.iter().filter(|(_, f)| f.severity == *severity);
        let kept = |f: &Finding| {
            let id = on_record.get(&f.fingerprint)?;
            id.strip_prefix(prefix(*severity))?.strip_prefix('-')?.parse::<u32>().ok()
        };
        let taken: BTreeSet<u32> = own().filter_map(|(_, f)| kept(f)).collect();
        let mut free = (1..).filter(|number| !taken.contains(number));
        for (_, finding) in own() {
            let number = kept(finding).or_else(|| free.next()).unwrap_or_default();
            ids.insert(&*finding.fingerprint, format!("{}-{number:02}", prefix(*severity)));
        }
    }
    ids
}
