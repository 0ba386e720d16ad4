//! Fingerprints: what identifies a finding while the code around it moves. Ids, baselines, SARIF's partial fingerprints and the trend all
//! use this one. It is made of the rule, the path, the enclosing symbol, the code's own tokens, and an ordinal among equals; line
//! numbers are no part of it.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_128;

use crate::finding::Finding;

/// Bumped when what goes in changes, so that an old baseline is told from a finding that went.
const VERSION: &str = "1";

/// The fingerprint of a finding without its ordinal. `code` is the text that the finding stands on.
pub(crate) fn fingerprint(finding: &Finding, path: &str, code: &str) -> String {
    let tokens: Vec<&str> = code.split_whitespace().collect();
    let whole = [finding.rule.name, path, &finding.symbol, &tokens.join(" ")].join("\0");
    format!("{VERSION}:{:032x}", xxh3_128(whole.as_bytes()))
}

/// Tells equal fingerprints of one file apart, in the order of their findings.
pub(crate) fn number(findings: &mut [Finding]) {
    let mut seen: FxHashMap<String, u32> = FxHashMap::default();
    for finding in findings {
        let count = seen.entry(finding.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.fingerprint = format!("{}-{count}", finding.fingerprint);
        }
    }
}
