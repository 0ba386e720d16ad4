//! JSON, for programs: the report as it is, and the catalogue of rules. Fields may be added, never renamed.

use serde_json::{Map, Value, json};
use shipworthy_audit::Rule;
use shipworthy_audit::capability::{Catalogue, Definition};
use shipworthy_audit::page::Page;

use crate::model::Report;

/// A report as JSON.
pub fn json(report: &Report) -> String {
    let json = serde_json::to_string_pretty(report);
    json.map(|json| json + "\n").unwrap_or_default()
}

/// The schema of [`json`].
pub fn schema() -> Value {
    schemars::schema_for!(Report).to_value()
}

/// The catalogue of rules as JSON.
pub fn catalogue(rules: &[&'static Rule]) -> Value {
    let rules: Vec<Value> = rules.iter().map(|r| rule(r)).collect();
    json!({"version": 1, "rules": rules})
}

/// Capabilities of a catalogue as JSON.
pub fn capabilities(catalogue: &Catalogue, chosen: &[&Definition]) -> Value {
    let one = |capability: &&Definition| {
        json!({
            "id": capability.id,
            "title": capability.title,
            "category": capability.category.map(|category| category.id()),
            "weight": capability.weight,
            "summary": capability.summary,
            "counts": capability.counts,
            "applies": catalogue.applies(capability),
        })
    };
    json!({"version": 1, "capabilities": chosen.iter().map(one).collect::<Vec<_>>()})
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
