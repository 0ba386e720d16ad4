//! What CI systems read: GitHub's annotations, GitLab's code quality, JUnit's test results.

use std::fmt::Write as _;

use serde_json::json;
use shipworthy_audit::level::{Category, Severity};

use crate::model::{FindingEntry, Report};
use crate::paths::from_here;
use crate::prose::{counted, line, visible};

/// GitHub's workflow commands, one a finding, the worst first: GitHub shows the first ten of each kind.
pub(crate) fn github(report: &Report) -> String {
    let mut out = String::new();
    for severity in Severity::ALL.iter().rev() {
        for finding in report.open().filter(|f| f.severity == *severity && !f.known) {
            let kind = match severity {
                Severity::Blocking => "error",
                Severity::High => "warning",
                Severity::Medium | Severity::Low => "notice",
            };
            let (start, end) = (finding.range.start, finding.range.end);
            let path = property(&from_here(&report.workspace.root, &finding.path));
            let title = property(&format!("{} {}", finding.id, finding.rule));
            let _ = write!(out, "::{kind} file={path},line={},endLine={}", start.line, end.line);
            if start.line == end.line {
                let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
            }
            let _ = writeln!(out, ",title={title}::{}", command_data(&message(finding)));
        }
    }
    let letter = report.grade.letter.as_deref().unwrap_or("none");
    let score = report.grade.score.map_or("no score".to_owned(), |score| format!("{score:.1} of 100"));
    let _ = writeln!(out, "Shipworthy: grade {letter}, {score}, {}", report.grade.verdict.id());
    out
}

fn message(finding: &FindingEntry) -> String {
    let parts = [&finding.message, &finding.why, &finding.help].map(|text| visible(text.trim()));
    let parts: Vec<&str> = parts.iter().map(|part| &**part).filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn command_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    command_data(&line(text)).replace(':', "%3A").replace(',', "%2C")
}

/// GitLab's code quality report.
pub(crate) fn gitlab(report: &Report) -> String {
    let one = |finding: &FindingEntry| {
        let severity = match finding.severity {
            Severity::Blocking => "blocker",
            Severity::High => "critical",
            Severity::Medium => "major",
            Severity::Low => "minor",
        };
        json!({
            "description": line(&finding.message),
            "content": {"body": message(finding)},
            "check_name": finding.rule,
            "categories": [gitlab_category(finding.category)],
            "fingerprint": finding.fingerprint,
            "severity": severity,
            "location": {
                "path": from_here(&report.workspace.root, &finding.path),
                "lines": {"begin": finding.range.start.line, "end": finding.range.end.line},
            },
        })
    };
    let all: Vec<_> = report.open().map(one).collect();
    format!("{:#}\n", json!(all))
}

/// The nearest of the categories that the format knows.
const fn gitlab_category(category: Category) -> &'static str {
    match category {
        Category::Security => "Security",
        Category::Performance => "Performance",
        Category::Quality => "Complexity",
        Category::Documentation | Category::Testing => "Clarity",
        Category::Configuration => "Compatibility",
        Category::Concurrency
        | Category::Resources
        | Category::Errors
        | Category::Data
        | Category::Observability => "Bug Risk",
    }
}

/// JUnit: a suite a category, a case a finding, and a case that passes for each rule that found nothing where it looked.
pub(crate) fn junit(report: &Report) -> String {
    let mut suites = String::new();
    let (mut tests, mut failed) = (0, 0);
    for category in &report.categories {
        let suite = suite(report, category.id);
        if suite.tests == 0 {
            continue;
        }
        (tests, failed) = (tests + suite.tests, failed + suite.failed);
        let _ = writeln!(
            suites,
            "  <testsuite name=\"shipworthy.{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n{}  </testsuite>",
            category.id, suite.tests, suite.failed, suite.skipped, suite.cases
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"shipworthy\" tests=\"{tests}\" failures=\"{failed}\" errors=\"0\">\n{suites}</testsuites>\n"
    )
}

#[derive(Default)]
struct Suite {
    cases: String,
    tests: u64,
    failed: u64,
    skipped: u64,
}

fn suite(report: &Report, category: Category) -> Suite {
    let mut suite = Suite::default();
    for rule in report.rules.iter().filter(|r| r.category == category && r.sites > 0) {
        let class = format!("shipworthy.{category}.{}", rule.id);
        if rule.findings + rule.accepted == 0 {
            let name = xml(&format!("{}, {} checked", rule.summary, counted(rule.sites, "place")));
            suite.tests += 1;
            let _ = writeln!(suite.cases, "    <testcase classname=\"{class}\" name=\"{name}\"/>");
        }
        for finding in report.findings.iter().filter(|f| f.rule == rule.id) {
            let path = from_here(&report.workspace.root, &finding.path);
            let name = xml(&format!("{} {}", finding.id, line(&finding.message)));
            let file = xml(&path);
            let start = finding.line();
            let inside = match &finding.suppressed {
                Some(accepted) => format!("<skipped message=\"{}\"/>", xml(&line(&accepted.reason))),
                None if finding.known => "<skipped message=\"known\"/>".to_owned(),
                None => {
                    let text = xml(&format!("{path}:{start}\n{}", message(finding)));
                    let (severity, said) = (finding.severity, xml(&line(&finding.message)));
                    format!("<failure type=\"{severity}\" message=\"{said}\">{text}</failure>")
                }
            };
            let is_open = finding.suppressed.is_none() && !finding.known;
            suite.tests += 1;
            suite.failed += u64::from(is_open);
            suite.skipped += u64::from(!is_open);
            let _ = writeln!(
                suite.cases,
                "    <testcase classname=\"{class}\" name=\"{name}\" file=\"{file}\" line=\"{start}\">{inside}</testcase>"
            );
        }
    }
    suite
}

/// Text in XML. Characters that XML does not have are made visible before.
fn xml(text: &str) -> String {
    let text = visible(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}
