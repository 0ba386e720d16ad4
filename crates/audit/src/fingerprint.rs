//! Fingerprints: what identifies a finding while the code around it moves. Ids, baselines, SARIF's partial fingerprints and the trend all
//! use this one. It is made of the rule, the path, the enclosing symbol, the code's own tokens, and an ordinal among equals; line
//! numbers are no part of it, nor is how a formatter sets the code: white space and commas before a closing bracket do not count.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_128;

use crate::finding::Finding;

/// Bumped when what goes in changes, so that an old baseline is told from a finding that went. Every fingerprint begins with it.
pub const VERSION: u32 = 1;

/// The fingerprint of a finding without its ordinal. `code` is the text that the finding stands on.
pub(crate) fn fingerprint(finding: &Finding, path: &str, code: &str) -> String {
    let whole = [finding.rule.name, path, &finding.symbol, &tokens(code)].join("\0");
    format!("{VERSION}:{:032x}", xxh3_128(whole.as_bytes()))
}

/// Code as it is whoever formats it.
fn tokens(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    for c in code.chars().filter(|c| !c.is_whitespace()) {
        if matches!(c, ')' | ']' | '}') && kept.ends_with(',') {
            kept.pop();
        }
        kept.push(c);
    }
    kept
}

/// A fingerprint without its ordinal, and the ordinal: for an order in which `…-10` comes after `…-2`.
#[must_use]
pub fn parts(fingerprint: &str) -> (&str, u32) {
    let split = fingerprint.rsplit_once('-');
    split.and_then(|(base, ordinal)| Some((base, ordinal.parse().ok()?))).unwrap_or((fingerprint, 1))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_is_no_part_of_the_code() {
        assert_eq!(tokens("f(a, b)"), tokens("f(\n    a,\n    b,\n)"));
        assert_ne!(tokens("f(a, b)"), tokens("f(a, c)"));
    }

    #[test]
    fn ordinals_are_numbers() {
        assert_eq!(parts("1:ab-10"), ("1:ab", 10));
        assert_eq!(parts("1:ab"), ("1:ab", 1));
    }
}
