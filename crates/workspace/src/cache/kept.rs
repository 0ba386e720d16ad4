//! Audited files and findings as they are written: what the program has itself is told by its name, and a text by its hash, for it stands in the
//! file.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Accepted, AuditedFile, Auditor, Finding, Fix, Place, Related, Subject};
use shipworthy_syntax::Range;
use xxhash_rust::xxh3::xxh3_64;

use crate::surveyor::text_state;

/// An audited file on which no rule broke.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptFile {
    pub(super) path: String,
    subject: String,
    text: u64,
    findings: Vec<KeptFinding>,
    sites: Vec<(String, u32)>,
    unread: Vec<Range>,
}

#[derive(Serialize, Deserialize)]
struct KeptFinding {
    rule: String,
    range: Range,
    message: String,
    why: String,
    help: String,
    severity: Severity,
    confidence: Confidence,
    related: Vec<Related>,
    fix: Option<Fix>,
    symbol: String,
    fingerprint: String,
    suppressed: Option<Accepted>,
}

impl KeptFile {
    pub(super) fn of(file: &AuditedFile) -> Self {
        Self {
            path: file.path.clone(),
            subject: file.language.id().to_owned(),
            text: text_state(&file.text),
            findings: file.findings.iter().map(KeptFinding::of).collect(),
            sites: file.sites.iter().map(|(rule, count)| ((*rule).to_owned(), *count)).collect(),
            unread: file.unread.clone(),
        }
    }

    /// The other places that its findings refer to.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.findings.iter().flat_map(|finding| &finding.related).map(|related| &related.place)
    }

    /// The file, with its text. None where that is another, or the program does not know what was written.
    pub(super) fn opened(self, text: Arc<str>, auditor: &Auditor) -> Option<AuditedFile> {
        if text_state(&text) != self.text {
            return None;
        }
        let sites = self.sites.into_iter().map(|(rule, count)| Some((auditor.rule(&rule)?.name, count)));
        Some(AuditedFile {
            path: self.path,
            language: Subject::from_id(&self.subject)?,
            text,
            findings: self.findings.into_iter().map(|f| f.opened(auditor)).collect::<Option<_>>()?,
            sites: sites.collect::<Option<_>>()?,
            unread: self.unread,
            failures: Vec::new(),
        })
    }
}

impl KeptFinding {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.name.to_owned(),
            range: finding.range,
            message: finding.message.clone(),
            why: finding.why.clone().into_owned(),
            help: finding.help.clone().into_owned(),
            severity: finding.severity,
            confidence: finding.confidence,
            related: finding.related.clone(),
            fix: finding.fix.clone(),
            symbol: finding.symbol.clone(),
            fingerprint: finding.fingerprint.clone(),
            suppressed: finding.suppressed.clone(),
        }
    }

    fn opened(self, auditor: &Auditor) -> Option<Finding> {
        Some(Finding {
            rule: auditor.rule(&self.rule)?,
            range: self.range,
            message: self.message,
            why: self.why.into(),
            help: self.help.into(),
            severity: self.severity,
            confidence: self.confidence,
            related: self.related,
            fix: self.fix,
            symbol: self.symbol,
            fingerprint: self.fingerprint,
            suppressed: self.suppressed,
        })
    }
}

/// A number that tells findings from others.
pub(super) fn findings_state(findings: &[Finding]) -> u64 {
    let kept: Vec<KeptFinding> = findings.iter().map(KeptFinding::of).collect();
    postcard::to_allocvec(&kept).map_or(0, |bytes| xxh3_64(&bytes))
}
