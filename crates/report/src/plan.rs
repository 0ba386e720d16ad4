//! What to do first, and what it gives: what holds the grade down most, and the plan by phases.

use std::collections::BTreeMap;

use shipworthy_audit::inventory::{Capability, Status};
use shipworthy_audit::level::Severity;

use crate::model::{FindingEntry, Holding, Phase, PhaseFile};
use crate::rubric::Rubric;
use crate::score::{Tally, shown};

/// How many things that hold the grade down are named.
const HOLDING: usize = 3;

/// A phase: the findings of a severity, and the capabilities that weigh as much.
const PHASES: [(&str, Severity, u32); 4] = [
    ("What blocks production", Severity::Blocking, 3),
    ("What will hurt in production", Severity::High, 2),
    ("What costs time or money", Severity::Medium, 1),
    ("What is worth doing along the way", Severity::Low, 0),
];

/// What holds the grade down most: for each rule with findings, each capability that is not whole, and the blocking findings together (one of
/// them alone does not lift the cap), the score without it. The best first.
pub(crate) fn holding(tally: &Tally, capabilities: &[Capability], rubric: &Rubric) -> Vec<Holding> {
    let now = tally.scores(rubric);
    let (Some(score), Some(raw)) = (now.score, now.raw) else { return Vec::new() };
    let mut found: Vec<(f64, f64, Holding)> = Vec::new();
    let mut consider = |mended: &Tally, what: String, rules: Vec<String>, capability, findings| {
        let after = mended.scores(rubric);
        let (Some(new_score), Some(new_raw)) = (after.score, after.raw) else { return };
        let holding = Holding {
            what,
            rules,
            capability,
            findings,
            score: shown(new_score),
            raw: shown(new_raw),
            letter: rubric.letter(shown(new_score)).to_owned(),
        };
        if new_score > score || new_raw > raw {
            found.push((new_score - score, new_raw - raw, holding));
        }
    };
    let blocking: Vec<_> = tally.rules.iter().filter(|r| r.blocks()).collect();
    if blocking.len() > 1 {
        let mut mended = tally.clone();
        mended.rules.iter_mut().for_each(|rule| rule.mend(Severity::Blocking));
        let count = blocking.iter().map(|r| r.open[Severity::Blocking as usize]).sum();
        let names = blocking.iter().map(|r| r.id.clone()).collect();
        consider(&mended, format!("the {count} blocking findings"), names, None, count);
    }
    for (place, rule) in tally.rules.iter().enumerate().filter(|(_, rule)| rule.findings() > 0) {
        let mut mended = tally.clone();
        mended.rules[place].mend(Severity::Low);
        let count = rule.findings();
        let what = match count {
            1 => format!("the finding of `{}`", rule.id),
            _ => format!("the {count} findings of `{}`", rule.id),
        };
        consider(&mended, what, vec![rule.id.clone()], None, count);
    }
    for (place, own) in tally.capabilities.iter().enumerate().filter(|(_, own)| own.credit < 1.0) {
        let mut mended = tally.clone();
        mended.capabilities[place].credit = 1.0;
        let Some(capability) = capabilities.iter().find(|c| c.id == own.id) else { continue };
        let what = format!("{}: {}", capability.title, capability.status);
        consider(&mended, what, Vec::new(), Some(own.id.clone()), 0);
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then_with(|| a.2.what.cmp(&b.2.what)));
    found.into_iter().take(HOLDING).map(|(_, _, holding)| holding).collect()
}

/// The plan. Within a phase files with the most findings come first.
pub(crate) fn phases(
    tally: &Tally,
    findings: &[FindingEntry],
    capabilities: &[Capability],
    rubric: &Rubric,
    letter: impl Fn(Option<f64>) -> Option<String>,
) -> Vec<Phase> {
    let mut mended = tally.clone();
    let mut phases = Vec::new();
    for (title, severity, weight) in PHASES {
        let mut own: Vec<&FindingEntry> =
            findings.iter().filter(|f| f.suppressed.is_none() && f.severity == severity).collect();
        own.sort_by_key(|f| number(&f.id));
        let lacking = capabilities.iter().filter(|c| {
            c.weight == weight && c.status != Status::NotApplicable && c.status != Status::Present
        });
        let lacking: Vec<String> = lacking.map(|c| c.id.clone()).collect();
        if own.is_empty() && lacking.is_empty() {
            continue;
        }
        mended.rules.iter_mut().for_each(|rule| rule.mend(severity));
        for capability in mended.capabilities.iter_mut().filter(|c| lacking.contains(&c.id)) {
            capability.credit = 1.0;
        }
        let mut files: BTreeMap<&str, u64> = BTreeMap::new();
        for finding in &own {
            *files.entry(&finding.path).or_default() += 1;
        }
        let mut files: Vec<PhaseFile> =
            files.into_iter().map(|(path, findings)| PhaseFile { path: path.to_owned(), findings }).collect();
        files.sort_by(|a, b| b.findings.cmp(&a.findings).then_with(|| a.path.cmp(&b.path)));
        let score = mended.scores(rubric).score;
        phases.push(Phase {
            title: title.to_owned(),
            findings: own.iter().map(|f| f.id.clone()).collect(),
            capabilities: lacking,
            files,
            score: score.map(shown),
            letter: letter(score),
        });
    }
    phases
}

/// The number of an id, for an order in which `HIGH-100` comes after `HIGH-99`.
pub(crate) fn number(id: &str) -> u32 {
    id.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or_default()
}
