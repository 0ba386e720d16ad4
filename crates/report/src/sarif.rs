//! SARIF 2.1.0, as GitHub code scanning and editors read it.
//!
//! GitHub shows a rule's `help`, tells findings apart by the partial fingerprint `primaryLocationLineHash`, and takes `precision`,
//! `problem.severity` and `security-severity` from a rule's properties.

use serde_json::{Map, Value, json};
use shipworthy_audit::inventory::Span;
use shipworthy_audit::level::{Category, Severity};
use shipworthy_audit::page;

use crate::model::{EditEntry, FindingEntry, RelatedEntry, Report, RuleEntry};
use crate::paths::{encoded, from_here};
use crate::prose::{line, visible};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A report as SARIF.
pub(crate) fn sarif(report: &Report) -> String {
    let rules: Vec<Value> = report.rules.iter().map(rule).collect();
    let results: Vec<Value> = report.findings.iter().map(|finding| result(report, finding)).collect();
    let skipped = report.coverage.skipped.iter().map(|s| {
        let text = format!("{} was not audited: {}", line(&s.path), line(&s.reason));
        json!({"level": "warning", "message": {"text": plain(&text)}})
    });
    let failures = report.coverage.failures.iter().map(|f| {
        let text = format!("{} broke on {}: {}", f.rule, line(&f.path), line(&f.message));
        json!({"level": "error", "message": {"text": plain(&text)}})
    });
    let notifications: Vec<Value> = skipped.chain(failures).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Shipworthy",
                "semanticVersion": report.tool.version,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notifications}],
            "results": results,
            "properties": {"grade": report.grade.letter, "score": report.grade.score, "rubric": report.tool.rubric},
        }],
    });
    format!("{log:#}\n")
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocking => "error",
        Severity::High | Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The middle of what GitHub calls critical, high, medium and low.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocking => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn rule(rule: &RuleEntry) -> Value {
    let help = page::readable(rule.page, None);
    let mut properties = Map::new();
    properties.insert("tags".to_owned(), json!([rule.category.id()]));
    properties.insert("precision".to_owned(), json!("high"));
    match rule.category {
        Category::Security => {
            properties.insert("security-severity".to_owned(), json!(security_severity(rule.severity)));
        }
        _ => {
            let severity =
                if rule.severity == Severity::Low { "recommendation" } else { level(rule.severity) };
            properties.insert("problem.severity".to_owned(), json!(severity));
        }
    }
    json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": plain(&rule.summary)},
        "fullDescription": {"text": plain(&second_paragraph(&help).unwrap_or(rule.summary.clone()))},
        "help": {"text": plain(&help), "markdown": help},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": properties,
    })
}

/// What a page says below its title, on one line.
fn second_paragraph(page: &str) -> Option<String> {
    let paragraph = page.split("\n\n").nth(1)?;
    (!paragraph.starts_with("```")).then(|| line(paragraph))
}

fn result(report: &Report, finding: &FindingEntry) -> Value {
    let root = &report.workspace.root;
    let place = |path: &str, range: Span| {
        let path = from_here(root, path);
        let uri = if path.starts_with('/') { format!("file://{}", encoded(&path)) } else { encoded(&path) };
        json!({"artifactLocation": {"uri": uri}, "region": region(range)})
    };
    let mut own = place(&finding.path, finding.range);
    let code: Vec<String> = finding.code.lines.iter().map(|l| visible(&l.text()).into_owned()).collect();
    if let (Some(first), Some(last)) = (finding.code.lines.first(), finding.code.lines.last()) {
        own["contextRegion"] =
            json!({"startLine": first.number, "endLine": last.number, "snippet": {"text": code.join("\n")}});
    }
    let mut location = json!({"physicalLocation": own});
    if !finding.symbol.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": visible(&finding.symbol)}]);
    }
    let text = [&finding.message, &finding.why, &finding.help].map(|text| sentence(text)).join(" ");
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": {"text": plain(text.trim())},
        "locations": [location],
        "partialFingerprints": {
            "primaryLocationLineHash": finding.fingerprint,
            "shipworthy/v1": finding.fingerprint,
        },
        "properties": {"id": finding.id, "severity": finding.severity.id(), "confidence": finding.confidence.id()},
    });
    if let Some(index) = report.rules.iter().position(|rule| rule.id == finding.rule) {
        result["ruleIndex"] = json!(index);
    }
    let at = |r: &RelatedEntry| Some(place(r.path.as_ref()?, r.range?));
    let related: Vec<Value> = finding
        .related
        .iter()
        .filter_map(|r| Some((at(r)?, plain(&line(&r.message)))))
        .enumerate()
        .map(
            |(id, (place, text))| json!({"id": id + 1, "physicalLocation": place, "message": {"text": text}}),
        )
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    let steps = finding.related.iter().filter(|r| r.function.is_some()).filter_map(|r| {
        let text = plain(&line(&r.message));
        Some(json!({"location": {"physicalLocation": at(r)?, "message": {"text": text}}}))
    });
    let steps: Vec<Value> = steps.collect();
    if !steps.is_empty() {
        let first = place(&finding.path, finding.range);
        let text = plain(&line(&finding.message));
        let first = json!({"location": {"physicalLocation": first, "message": {"text": text}}});
        let locations: Vec<Value> = std::iter::once(first).chain(steps).collect();
        result["codeFlows"] = json!([{"threadFlows": [{"locations": locations}]}]);
    }
    if let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) {
        let mut paths: Vec<&str> = fix.edits.iter().map(|edit| edit.path.as_str()).collect();
        paths.dedup();
        let changes = paths.into_iter().map(|path| {
            let edits = fix.edits.iter().filter(|edit| edit.path == path);
            let replace = |edit: &EditEntry| {
                json!({"deletedRegion": region(edit.range), "insertedContent": {"text": edit.text}})
            };
            let replacements: Vec<Value> = edits.map(replace).collect();
            let artifact = place(path, finding.range)["artifactLocation"].clone();
            json!({"artifactLocation": artifact, "replacements": replacements})
        });
        let changes: Vec<Value> = changes.collect();
        result["fixes"] =
            json!([{"description": {"text": plain(&line(&fix.title))}, "artifactChanges": changes}]);
    }
    if let Some(accepted) = &finding.suppressed {
        let justification = line(&accepted.reason);
        result["suppressions"] =
            json!([{"kind": "inSource", "status": "accepted", "justification": justification}]);
    }
    if report.compared.is_some() {
        result["baselineState"] = json!(if finding.known { "unchanged" } else { "new" });
    }
    result
}

fn region(range: Span) -> Value {
    json!({
        "startLine": range.start.line,
        "startColumn": range.start.column,
        "endLine": range.end.line,
        "endColumn": range.end.column,
    })
}

/// With a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':']) { text.to_owned() } else { format!("{text}.") }
}

/// A message that says what it says: what SARIF reads as a link or a placeholder is escaped.
fn plain(text: &str) -> String {
    let mut text = visible(text).into_owned();
    if text.contains("](") {
        text = text.replace('[', "\\[").replace(']', "\\]");
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let digits = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_placeholder = digits.len() < after.len() && digits.starts_with('}');
        out.push_str(if is_placeholder { "{{" } else { "{" });
        rest = after;
        if is_placeholder {
            out.push_str(&after[..after.len() - digits.len()]);
            out.push_str("}}");
            rest = &digits[1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn links_and_placeholders_are_text() {
        assert_eq!(plain("rows[0] of f\"{x}\""), "rows[0] of f\"{x}\"");
        assert_eq!(plain("[click](https://x.test) {0}"), "\\[click\\](https://x.test) {{0}}");
    }
}
