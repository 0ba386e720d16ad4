//! JSON, for programs. Fields may be added, never renamed.

use serde_json::{Map, Value, json};
use shipworthy_audit::level::{Category, Severity};
use shipworthy_audit::page::Page;
use shipworthy_audit::{Finding, FixEdit, Outcome, Place, Rule};
use shipworthy_syntax::{Encoding, Position, Range, Text};

use crate::positions;

/// The version of the form.
const VERSION: u32 = 1;

/// An audit as JSON. `root` is the workspace as it was named.
pub fn json(outcome: &Outcome, rules: &[&'static Rule], root: &str, version: &str) -> Value {
    let mut ids = Ids::default();
    let findings: Vec<Value> = outcome
        .files
        .iter()
        .flat_map(|file| {
            let text = Text::new(&file.text);
            let findings = file.findings.iter().map(|f| finding(f, &file.path, &text, &mut ids));
            findings.collect::<Vec<_>>()
        })
        .collect();
    let mut languages = Map::new();
    for file in &outcome.files {
        let count = languages.entry(file.language.id()).or_insert(json!(0));
        *count = json!(count.as_u64().unwrap_or(0) + 1);
    }
    let sites = |rule: &Rule| -> u64 {
        let counts = outcome.files.iter().flat_map(|f| &f.sites).filter(|(name, _)| *name == rule.name);
        counts.map(|(_, count)| u64::from(*count)).sum()
    };
    let count = |rule: &Rule| outcome.findings().filter(|(_, f)| f.rule == rule).count();
    let lines: usize = outcome.files.iter().map(|f| f.lines()).sum();
    let per_rule: Vec<Value> =
        rules.iter().map(|r| json!({"id": r.name, "sites": sites(r), "findings": count(r)})).collect();
    let categories: Vec<Value> = Category::ALL
        .iter()
        .map(|c| {
            let own = || rules.iter().filter(|r| r.category == *c);
            json!({
                "id": c.id(),
                "weight": c.default_weight(),
                "sites": own().map(|r| sites(r)).sum::<u64>(),
                "findings": own().map(|r| count(r)).sum::<usize>(),
            })
        })
        .collect();
    let total = outcome.files.len() + outcome.skipped.len();
    let share = if total == 0 { 1.0 } else { outcome.files.len() as f64 / total as f64 };
    let skipped: Vec<Value> =
        outcome.skipped.iter().map(|s| json!({"path": s.path, "reason": s.reason})).collect();
    json!({
        "version": VERSION,
        "tool": {"name": "shipworthy", "version": version},
        "workspace": {"root": root, "files": outcome.files.len(), "lines": lines, "languages": languages},
        "categories": categories,
        "rules": per_rule,
        "findings": findings,
        "coverage": {"share": share, "skipped": skipped},
    })
}

/// Ids by severity, in the order of the findings: `BLOCK-01`, `HIGH-01`, ...
#[derive(Default)]
struct Ids {
    counts: [u32; 4],
}

impl Ids {
    fn next(&mut self, severity: Severity) -> String {
        let (index, prefix) = match severity {
            Severity::Blocking => (0, "BLOCK"),
            Severity::High => (1, "HIGH"),
            Severity::Medium => (2, "MED"),
            Severity::Low => (3, "LOW"),
        };
        self.counts[index] += 1;
        format!("{prefix}-{:02}", self.counts[index])
    }
}

fn finding(finding: &Finding, path: &str, text: &Text, ids: &mut Ids) -> Value {
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|r| match &r.place {
            Place::Here(place) => json!({"path": path, "range": range(text, *place), "message": r.message}),
            Place::Function(function) => json!({"function": function, "message": r.message}),
            Place::File(path, spot) => {
                let (start, end) = spot.positions(Encoding::Utf32);
                let position = |p: Position| json!({"line": p.line + 1, "column": p.column + 1});
                let range = json!({"start": position(start), "end": position(end)});
                json!({"path": path, "range": range, "message": r.message})
            }
        })
        .collect();
    let fix = finding.fix.as_ref().map(|fix| {
        let edits = fix.edits.iter().filter_map(|edit| match edit {
            FixEdit::Replace(place, new) => {
                Some(json!({"path": path, "range": range(text, *place), "text": new}))
            }
            FixEdit::Import(_) | FixEdit::Dependency(..) => None,
        });
        json!({"title": fix.title, "safety": fix.safety.id(), "edits": edits.collect::<Vec<_>>()})
    });
    let suppressed = finding.suppressed.as_ref().map(|s| json!({"reason": s.reason, "until": s.until}));
    json!({
        "id": ids.next(finding.severity),
        "rule": finding.rule.name,
        "category": finding.rule.category.id(),
        "severity": finding.severity.id(),
        "confidence": finding.confidence.id(),
        "path": path,
        "range": range(text, finding.range),
        "message": finding.message,
        "why": finding.why,
        "help": finding.help,
        "fingerprint": finding.fingerprint,
        "symbol": finding.symbol,
        "related": related,
        "fix": fix,
        "suppressed": suppressed,
    })
}

fn range(text: &Text, range: Range) -> Value {
    let (start, end) = positions(text, range);
    json!({
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
    })
}

/// The catalogue of rules as JSON.
pub fn catalogue(rules: &[&'static Rule]) -> Value {
    let rules: Vec<Value> = rules.iter().map(|r| rule(r)).collect();
    json!({"version": VERSION, "rules": rules})
}

fn rule(rule: &'static Rule) -> Value {
    let page = Page::parse(rule.page);
    let mut languages: Vec<&str> = rule.languages().into_iter().map(|l| l.id()).collect();
    languages.sort_unstable();
    let mut fixes: Vec<(&str, &str)> = rule.fixes.iter().map(|(l, safety)| (l.id(), safety.id())).collect();
    fixes.sort_unstable();
    let examples: Map<String, Value> = languages
        .iter()
        .map(|id| {
            let own = || page.examples.iter().filter(|e| e.language.id() == *id);
            let counts = json!({
                "bad": own().filter(|e| e.bad).count(),
                "good": own().filter(|e| !e.bad).count(),
                "fixed": own().filter(|e| e.fixed.is_some()).count(),
            });
            ((*id).to_owned(), counts)
        })
        .collect();
    let fixes: Map<String, Value> = fixes.into_iter().map(|(l, s)| (l.to_owned(), json!(s))).collect();
    json!({
        "id": rule.name,
        "category": rule.category.id(),
        "severity": rule.severity.id(),
        "scope": rule.scope.id(),
        "summary": rule.summary(),
        "languages": languages,
        "fixes": fixes,
        "examples": examples,
    })
}
