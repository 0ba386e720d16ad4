//! Outcomes to make reports of.

#![allow(dead_code, reason = "each test program uses a part")]

use proptest::prelude::*;
use shipworthy_audit::inventory::{Capability, Evidence, Span, Spot, Status};
use shipworthy_audit::level::{Category, Severity};
use shipworthy_audit::settings::Settings;
use shipworthy_audit::{Accepted, AuditedFile, Finding, Outcome, Rule};
use shipworthy_report::{Report, Subject};
use shipworthy_rules::RULES;
use shipworthy_syntax::{Language, Range};

/// A file of ten lines.
pub(crate) fn file(path: &str) -> AuditedFile {
    AuditedFile {
        path: path.to_owned(),
        language: Language::Python.into(),
        text: (0..10).map(|n| format!("line {n}\n")).collect::<String>().into(),
        findings: Vec::new(),
        sites: Vec::new(),
        unread: Vec::new(),
        failures: Vec::new(),
    }
}

/// The rule of a name.
pub(crate) fn rule(name: &str) -> &'static Rule {
    RULES.iter().find(|r| r.name == name).unwrap()
}

/// A finding on a line, from 0, of a file of [`file`].
pub(crate) fn finding(rule: &'static Rule, line: u32, message: &str) -> Finding {
    let mut finding = Finding::new(rule, Range { start: line * 7, end: line * 7 + 4 }, message)
        .why("It hurts.")
        .help("Do not do it.");
    finding.fingerprint = format!("1:{}-{line}", rule.name);
    finding
}

/// Evidence on a line.
pub(crate) fn evidence(path: &str, line: u32, text: &str) -> Evidence {
    let range = Span { start: Spot { line, column: 1 }, end: Spot { line, column: 5 } };
    Evidence { path: path.to_owned(), range, text: text.to_owned() }
}

/// A capability.
pub(crate) fn capability(
    id: &str,
    category: Category,
    weight: u32,
    status: Status,
    share: f64,
) -> Capability {
    let title = id.replace('-', " ");
    Capability { id: id.to_owned(), title, category, weight, status, share, evidence: Vec::new() }
}

/// The report with the defaults.
pub(crate) fn report(outcome: &Outcome) -> Report {
    let settings = Settings::defaults(RULES);
    Report::new(outcome, &Subject::new(".", "0.0.0", RULES, &settings))
}

/// Any outcome.
pub(crate) fn outcome() -> impl Strategy<Value = Outcome> {
    let finding = (0..RULES.len(), 0_u32..10, proptest::sample::select(Severity::ALL), any::<bool>());
    let file =
        (prop::collection::vec(finding, 0..8), prop::collection::vec((0..RULES.len(), 0_u32..9), 0..8));
    let status = proptest::sample::select(&[
        Status::Present,
        Status::Partial,
        Status::DeclaredOnly,
        Status::Missing,
        Status::NotApplicable,
    ]);
    let own = (proptest::sample::select(Category::ALL), 1_u32..4, status, 0.0..=1.0);
    let capabilities = prop::collection::vec(own, 0..10);
    (prop::collection::vec(file, 1..4), capabilities).prop_map(|(files, capabilities)| {
        let mut outcome = Outcome::default();
        for (number, (findings, sites)) in files.into_iter().enumerate() {
            let mut file = self::file(&format!("app/m{number}.py"));
            for (rule, line, severity, accepted) in findings {
                let mut finding = self::finding(RULES[rule], line, "It is wrong").severity(severity);
                finding.fingerprint = format!("1:{number}/{}-{}", rule, file.findings.len());
                finding.suppressed = accepted.then(|| Accepted { reason: "known".to_owned(), until: None });
                file.findings.push(finding);
            }
            file.sites = sites.into_iter().map(|(rule, sites)| (RULES[rule].name, sites)).collect();
            outcome.files.push(file);
        }
        outcome.inventory.capabilities = capabilities
            .into_iter()
            .enumerate()
            .map(|(n, (category, weight, status, share))| {
                capability(&format!("capability-{n}"), category, weight, status, share)
            })
            .collect();
        outcome
    })
}
