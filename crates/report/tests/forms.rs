//! The forms of a report: that other programs can read them, and that nothing which is quoted from code means anything in them.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use std::path::Path;

use common::{capability, evidence, file, finding, report, rule};
use proptest::prelude::*;
use serde_json::Value;
use shipworthy_audit::inventory::{
    BlindSpot, Covered, DeclaredService, Dependency, DocumentFile, Filtered, Index, Operation, Route,
    Service, Status, Table, TestKind,
};
use shipworthy_audit::level::Category;
use shipworthy_audit::settings::Settings;
use shipworthy_audit::{Accepted, Fix, FixEdit, Outcome, Place, Related, Safety, Skipped};
use shipworthy_report::{Form, Past, Record, Report, Subject};
use shipworthy_rules::RULES;
use shipworthy_syntax::{Range, Spot, Text};

/// What somebody may have written to harm a reader.
const EVIL: &str =
    "</script><img src=x onerror=alert(1)>\u{1b}[31m\u{202e}`]]>::error::x|[a](javascript:b)\r\n::warning::y";

/// An outcome with something of everything, all of it evil.
fn everything() -> Outcome {
    let mut file = file("app/<b>&%.py");
    file.text =
        // Nothing but the finding tells that this is one.
        format!("x = 1\nvalue = \"hunter2hunter2\"\n{}\nlast\n", EVIL.replace(['\r', '\n'], " ")).into();
    let line = file.text.find("</script>").unwrap() as u32;
    let secret = file.text.find("\"hunter2").unwrap() as u32;
    let mut open = finding(rule("timing-unsafe-comparison"), 0, EVIL).why(EVIL).help(EVIL);
    open.range = Range { start: line, end: line + 20 };
    open.symbol = EVIL.to_owned();
    let helper = Spot::of(Range { start: 0, end: 1 }, &Text::new("x = 1\n"));
    let helper = Place::Definition("app.helper".to_owned(), "app/<helper>.py".into(), helper);
    open.related = vec![
        Related { place: Place::Here(Range { start: 0, end: 1 }), message: EVIL.to_owned() },
        Related { place: helper, message: EVIL.to_owned() },
        Related { place: Place::Function("elsewhere.gone".to_owned()), message: "{0} [x](1)".to_owned() },
    ];
    open.fix = Some(Fix {
        title: EVIL.to_owned(),
        safety: Safety::Safe,
        edits: vec![
            FixEdit::Replace(Range::empty(0), "import hmac\n".to_owned()),
            FixEdit::Replace(Range { start: line, end: line + 9 }, EVIL.to_owned()),
        ],
    });
    let mut hidden = finding(rule("hardcoded-secret"), 0, "a secret stands in the code");
    hidden.range = Range { start: secret, end: secret + 16 };
    let mut accepted = finding(rule("bare-except"), 0, EVIL);
    accepted.range = Range { start: 0, end: 1 };
    accepted.suppressed = Some(Accepted { reason: EVIL.to_owned(), until: Some("2030-01-01".to_owned()) });
    file.findings = vec![accepted, hidden, open];
    file.sites = vec![("bare-except", 3), ("timing-unsafe-comparison", 4), ("sql-injection", 9)];
    file.unread = vec![Range { start: 0, end: 1 }];
    let mut outcome = Outcome { files: vec![file], ..Outcome::default() };
    outcome.skipped = vec![Skipped { path: EVIL.to_owned(), reason: EVIL.to_owned() }];
    let place = evidence("deploy/<b>.yml", 3, EVIL);
    let half = Covered { covered: 1, total: 2 };
    let inventory = &mut outcome.inventory;
    inventory.capabilities = vec![
        capability("authentication", Category::Security, 3, Status::Missing, 0.0),
        capability("metrics", Category::Observability, 3, Status::Partial, 0.5),
        capability("redis", Category::Data, 1, Status::DeclaredOnly, 0.0),
        capability("logs", Category::Observability, 1, Status::Present, 1.0),
        capability("load-tests", Category::Testing, 1, Status::NotApplicable, 0.0),
    ];
    for own in &mut inventory.capabilities {
        own.evidence = vec![place.clone()];
    }
    inventory.services = vec![Service {
        name: EVIL.to_owned(),
        calls: vec![place.clone(); 7],
        time_limit: half,
        retries: half,
        breaker: half,
        fallback: half,
        when_down: EVIL.to_owned(),
    }];
    inventory.routes = vec![Route {
        method: "GET".to_owned(),
        path: format!("/{EVIL}"),
        handler: EVIL.to_owned(),
        place: place.clone(),
        authentication: Some(true),
        rate_limit: Some(false),
        validation: Some(true),
        validated_by: vec!["OrderIn".to_owned(), EVIL.to_owned()],
        operation: Some(Operation::List),
    }];
    inventory.tables = vec![Table {
        name: EVIL.to_owned(),
        place: Some(place.clone()),
        filtered: vec![Filtered {
            columns: vec![EVIL.to_owned()],
            queries: vec![place.clone()],
            served_by: None,
        }],
        indexes: vec![Index { name: EVIL.to_owned(), columns: vec!["id".to_owned()], unique: true }],
    }];
    inventory.dependencies = vec![Dependency {
        name: EVIL.to_owned(),
        requirement: EVIL.to_owned(),
        place: place.clone(),
        development: false,
        used: Some(false),
    }];
    inventory.declared_services =
        vec![DeclaredService { name: EVIL.to_owned(), image: EVIL.to_owned(), place, used: Some(false) }];
    inventory.tests = vec![TestKind { kind: EVIL.to_owned(), files: 1, cases: 2 }];
    inventory.documents = vec![DocumentFile { path: EVIL.to_owned(), title: EVIL.to_owned() }];
    inventory.blind_spots = vec![BlindSpot { what: EVIL.to_owned(), reason: EVIL.to_owned(), share: 0.1 }];
    outcome
}

fn everything_reported(outcome: &Outcome) -> Report {
    let settings = Settings::defaults(RULES);
    let past = Past {
        date: Some("2026-01-02".to_owned()),
        commit: Some("abc".to_owned()),
        rubric: 1,
        score: Some(80.0),
        letter: Some("B-".to_owned()),
        findings: vec!["1:gone".to_owned()],
    };
    let subject = Subject {
        name: EVIL,
        commit: Some("abcdef".to_owned()),
        date: Some("2026-02-03".to_owned()),
        clean: Some(false),
        record: Some(Record { from: EVIL.to_owned(), ..Record::default() }),
        history: vec![past],
        ..Subject::new(".", "0.0.0", RULES, &settings)
    };
    Report::new(outcome, &subject)
}

fn render(form: Form) -> String {
    let outcome = everything();
    form.render(&outcome, &everything_reported(&outcome), ".", false)
}

/// The schema of the standard, as it is published. Its pattern for languages has a bracket too many, which not every dialect takes.
fn sarif_schema() -> Value {
    let published = include_str!("schemas/sarif-2.1.0.json");
    let mended = published.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    assert_ne!(mended, published);
    serde_json::from_str(&mended).unwrap()
}

fn valid(schema: &Value, instance: &str) {
    let instance: Value = serde_json::from_str(instance).unwrap();
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&instance).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

const ALL: [Form; 8] = [
    Form::Text,
    Form::Json,
    Form::Sarif,
    Form::Markdown,
    Form::Html,
    Form::Github,
    Form::Gitlab,
    Form::Junit,
];

#[test]
fn the_schema_of_the_json_is_published() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/audit.json");
    let schema = format!("{:#}\n", shipworthy_report::schema());
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == schema, "out of date: run this test with UPDATE_SCHEMAS=1");
    valid(&shipworthy_report::schema(), &render(Form::Json));
}

#[test]
fn sarif_is_sarif() {
    let sarif = render(Form::Sarif);
    valid(&sarif_schema(), &sarif);
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    let timing = results.iter().find(|r| r["ruleId"] == "timing-unsafe-comparison").unwrap();
    let rule = &run["tool"]["driver"]["rules"][timing["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], "timing-unsafe-comparison");
    assert!(rule["help"]["markdown"].as_str().unwrap().len() > 100);
    assert_eq!(timing["partialFingerprints"]["primaryLocationLineHash"], "1:timing-unsafe-comparison-0");
    let steps = timing["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    assert_eq!(steps.len(), 2, "itself and the function that is known");
    assert_eq!(timing["relatedLocations"].as_array().unwrap().len(), 2);
    assert_eq!(timing["fixes"][0]["artifactChanges"][0]["replacements"].as_array().unwrap().len(), 2);
    assert_eq!(timing["baselineState"], "new");
    let accepted = results.iter().find(|r| r["ruleId"] == "bare-except").unwrap();
    assert_eq!(accepted["suppressions"][0]["status"], "accepted");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_outcome_is_valid_in_both(outcome in common::outcome()) {
        let report = report(&outcome);
        valid(&sarif_schema(), &Form::Sarif.render(&outcome, &report, ".", false));
        valid(&shipworthy_report::schema(), &Form::Json.render(&outcome, &report, ".", false));
    }
}

#[test]
fn html_shows_what_is_quoted_and_asks_for_nothing() {
    let html = render(Form::Html);
    assert!(html.contains("</html>"), "{html}");
    assert!(!html.contains("<img") && !html.contains("javascript:b)\"") && !html.contains('\u{202e}'));
    assert_eq!(html.matches("<script").count(), 1);
    assert_eq!(html.matches("</script>").count(), 1);
    assert!(html.contains("&lt;&#x2f;script&gt;") || html.contains("&lt;/script&gt;"));
    for request in ["=\"http", "=\"//", "src=\"", "@import", "url(", "fetch("] {
        assert!(!html.contains(request), "{request}");
    }
    for section in [
        "Verdict",
        "Scores",
        "Findings by severity",
        "Findings by category",
        "What is right",
        "External services",
        "Capabilities",
        "Inventory",
        "Plan",
        "Checklist before production",
        "Trend",
    ] {
        assert!(html.contains(&format!("<h2>{section}</h2>")), "{section}");
    }
}

/// What checks a route's input stands in each form; the text says where nothing does.
#[test]
fn routes_say_what_checks_their_input() {
    let outcome = everything();
    let mut report = everything_reported(&outcome);
    let mut unchecked = report.routes[0].clone();
    (unchecked.validation, unchecked.validated_by) = (Some(false), Vec::new());
    report.routes.push(unchecked);
    let render = |form: Form| form.render(&outcome, &report, ".", false);
    assert!(render(Form::Html).contains("<td><code>OrderIn</code>, <code>"));
    assert!(render(Form::Html).contains("<td>no</td><td>list</td>"));
    assert!(render(Form::Markdown).contains("| `OrderIn`, `"));
    assert_eq!(render(Form::Text).matches("no input validation").count(), 1);
}

#[test]
fn markdown_has_every_section_in_order_and_quotes_nothing_that_acts() {
    let markdown = render(Form::Markdown);
    let headings: Vec<&str> = markdown.lines().filter_map(|l| l.strip_prefix("## ")).collect();
    assert_eq!(
        headings,
        [
            "Verdict",
            "Scores",
            "Findings by severity",
            "Findings by category",
            "What is right",
            "External services",
            "Capabilities",
            "Inventory",
            "Plan",
            "Checklist before production",
            "Trend"
        ]
    );
    let outside_code: String = {
        let mut fenced = false;
        let lines = markdown.lines().filter(|line| {
            let is_fence = line.starts_with("```");
            fenced ^= is_fence;
            !fenced && !is_fence
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let acting = without_quotes(&outside_code);
    assert!(!markdown.contains('\u{1b}') && !markdown.contains('\u{202e}'));
    for harm in ["<img", "[a](", "</script"] {
        assert!(!acting.contains(harm), "{harm}: {acting}");
    }
    assert!(markdown.contains("- [ ] **BLOCK-01**"), "{markdown}");
    assert!(markdown.contains("(app/%3Cb%3E%26%25.py#L"), "{markdown}");
}

/// Markdown without what stands in code spans and what is escaped: the rest means something.
fn without_quotes(markdown: &str) -> String {
    let mut rest = markdown;
    let mut acting = String::new();
    while let Some(at) = rest.find(['\\', '`']) {
        acting.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('\\') {
            rest = rest.get(2..).unwrap_or_default();
            continue;
        }
        let run = rest.len() - rest.trim_start_matches('`').len();
        let fence = &rest[..run];
        let after = &rest[run..];
        let ends = after
            .match_indices(fence)
            .find(|(at, _)| !after[at + run..].starts_with('`') && !after[..*at].ends_with('`'));
        rest = ends.map_or("", |(at, _)| &after[at + run..]);
    }
    acting + rest
}

#[test]
fn a_secret_is_in_no_form() {
    for form in ALL {
        assert!(!render(form).contains("hunter2"), "{form:?}");
    }
}

#[test]
fn what_commands_a_terminal_is_in_no_form_and_every_form_is_the_same_twice() {
    for form in ALL {
        let text = render(form);
        let said = match form {
            // JSON has its own escapes: the value itself is passed on.
            Form::Json | Form::Gitlab | Form::Sarif => text.contains("\u{1b}"),
            _ => text.contains('\u{1b}') || text.contains('\u{202e}'),
        };
        assert!(!said, "{form:?}");
        assert_eq!(text, render(form), "{form:?}");
    }
}

#[test]
fn github_gets_one_command_a_finding() {
    let text = render(Form::Github);
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(commands.len(), 2, "{text}");
    assert!(commands[0].starts_with("::error file=app/<b>&%25.py,line="), "{text}");
    assert_eq!(text.lines().count(), 3);
}

#[test]
fn gitlab_and_junit_hold_every_finding() {
    let issues: Value = serde_json::from_str(&render(Form::Gitlab)).unwrap();
    let issues = issues.as_array().unwrap();
    assert_eq!(issues.len(), 2);
    for issue in issues {
        for key in ["description", "check_name", "fingerprint", "severity"] {
            assert!(issue[key].is_string(), "{issue}");
        }
        assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0));
    }
    let junit = render(Form::Junit);
    assert_eq!(junit.matches("<failure ").count(), 2);
    assert_eq!(junit.matches("<skipped ").count(), 1);
    assert!(junit.contains("tests=\"4\" failures=\"2\""), "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), 4);
    assert!(!junit.contains("<img") && !junit.contains("]]>"));
}

#[test]
fn files_say_their_form() {
    let form = |name: &str| Form::of_file(Path::new(name));
    assert_eq!(form("out/Audit.HTML"), Some(Form::Html));
    assert_eq!(form("a.sarif.json"), Some(Form::Sarif));
    assert_eq!(form("gl-code-quality-report.json"), Some(Form::Gitlab));
    assert_eq!(form("audit.xml"), Some(Form::Junit));
    assert_eq!(form("audit"), None);
    assert_eq!(form("audit.pdf"), None);
}
