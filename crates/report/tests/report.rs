//! What a report says of an outcome.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use common::{capability, evidence, file, finding, report, rule};
use shipworthy_audit::inventory::{Project, Status};
use shipworthy_audit::level::{Category, Severity};
use shipworthy_audit::settings::Settings;
use shipworthy_audit::{Accepted, Outcome, Skipped};
use shipworthy_report::{Record, Report, Subject, Verdict};
use shipworthy_rules::RULES;
use shipworthy_syntax::Range;

fn with(findings: Vec<shipworthy_audit::Finding>) -> Outcome {
    let mut file = file("app/a.py");
    file.sites = vec![("bare-except", 50), ("timing-unsafe-comparison", 10), ("sql-injection", 20)];
    file.findings = findings;
    Outcome { files: vec![file], ..Outcome::default() }
}

#[test]
fn ids_stay_while_code_moves_and_others_come_and_go() {
    let (timing, bare) = (rule("timing-unsafe-comparison"), rule("bare-except"));
    let mut findings: Vec<_> = [(timing, 0, "a"), (bare, 1, "b"), (timing, 2, "c"), (timing, 3, "d")]
        .into_iter()
        .map(|(rule, line, name)| {
            let mut finding = finding(rule, line, name);
            finding.fingerprint = format!("1:{name}");
            finding
        })
        .collect();
    let ids = |report: &Report| -> Vec<(String, String)> {
        report.findings.iter().map(|f| (f.message.clone(), f.id.clone())).collect()
    };
    let first = report(&with(findings.clone()));
    // The order on the page turns around: what was last is first.
    for (finding, line) in findings.iter_mut().zip([3, 2, 1, 0]) {
        finding.range = Range { start: line * 7, end: line * 7 + 4 };
    }
    findings.reverse();
    let mut moved = ids(&report(&with(findings.clone())));
    moved.reverse();
    assert_eq!(moved, ids(&first));
    // With the first one fixed, those on record keep their ids, and a new one takes a free number.
    findings.retain(|f| f.message != "a");
    let mut new = finding(timing, 5, "new");
    new.fingerprint = "1:0".to_owned();
    findings.push(new);
    let record = Record {
        from: "baseline.json".to_owned(),
        findings: first.findings.iter().map(|f| (f.fingerprint.clone(), Some(f.id.clone()))).collect(),
    };
    let settings = Settings::defaults(RULES);
    let subject = Subject { record: Some(record), ..Subject::new(".", "0", RULES, &settings) };
    let second = Report::new(&with(findings), &subject);
    for (message, id) in ids(&second).iter().filter(|(message, _)| message != "new") {
        assert!(ids(&first).contains(&(message.clone(), id.clone())), "{message} {id}");
    }
    assert!(ids(&second).contains(&("new".to_owned(), "BLOCK-01".to_owned())));
    let compared = second.compared.unwrap();
    assert_eq!((compared.new, compared.known, compared.gone), (1, 3, 1));
}

#[test]
fn what_blocks_caps_and_is_named_first() {
    let blocked = report(&with(vec![
        finding(rule("timing-unsafe-comparison"), 0, "x"),
        finding(rule("sql-injection"), 1, "y"),
        finding(rule("bare-except"), 2, "z"),
    ]));
    let grade = &blocked.grade;
    assert_eq!(grade.verdict, Verdict::NotReady);
    assert!(grade.capped && grade.score.unwrap() <= 69.0 && grade.raw.unwrap() > 90.0, "{grade:?}");
    assert_eq!(grade.holding[0].what, "the 2 blocking findings");
    assert!(grade.holding[0].score > 90.0 && grade.holding[1].score <= 69.0, "{grade:?}");
    let phases: Vec<(&str, Option<f64>)> = blocked.plan.iter().map(|p| (p.title.as_str(), p.score)).collect();
    assert_eq!(phases.last().unwrap().1, Some(100.0));
    assert!(phases.is_sorted_by(|a, b| a.1 <= b.1), "{phases:?}");
}

#[test]
fn an_accepted_finding_is_listed_and_not_sound() {
    let mut accepted = finding(rule("bare-except"), 0, "x");
    accepted.suppressed = Some(Accepted { reason: "legacy".to_owned(), until: None });
    let report = report(&with(vec![accepted]));
    let bare = report.rules.iter().find(|r| r.id == "bare-except").unwrap();
    assert_eq!((bare.sites, bare.sound, bare.findings, bare.accepted), (50, 49, 0, 1));
    assert_eq!((report.counts.accepted, report.counts.high), (1, 0));
    assert_eq!(report.grade.verdict, Verdict::Ready);
    assert!(!report.checklist.iter().any(|check| !check.done));
}

#[test]
fn what_was_not_checked_makes_a_grade_provisional_and_takes_the_letter() {
    let skipped = |count: usize| {
        let mut outcome = with(Vec::new());
        outcome.files = (0..100 - count)
            .map(|n| {
                let mut file = file(&format!("m{n:02}.py"));
                file.sites = vec![("bare-except", 1)];
                file
            })
            .collect();
        outcome.skipped =
            (0..count).map(|n| Skipped { path: format!("s{n}.py"), reason: "binary".to_owned() }).collect();
        let report = report(&outcome);
        (report.coverage.share, report.grade.provisional, report.grade.letter, report.grade.score)
    };
    let letter = Some("A+".to_owned());
    assert_eq!(skipped(5), (0.95, false, letter.clone(), Some(100.0)));
    assert_eq!(skipped(6), (0.94, true, letter.clone(), Some(100.0)));
    assert_eq!(skipped(20), (0.8, true, letter, Some(100.0)));
    assert_eq!(skipped(21), (0.79, true, None, Some(100.0)));
}

#[test]
fn a_rule_that_is_off_is_missing_from_the_coverage() {
    let (settings, problems) = Settings::parse(
        "[rules]\nsql-injection = \"off\"\n",
        shipworthy_audit::settings::SettingsFile::Shipworthy,
        RULES,
    );
    assert!(problems.is_empty());
    let settings = settings.unwrap();
    let report = Report::new(&with(Vec::new()), &Subject::new(".", "0", RULES, &settings));
    assert_eq!(report.coverage.off[0].rule, "sql-injection");
    assert!(report.coverage.share < 1.0 && !report.rules.iter().any(|r| r.id == "sql-injection"));
}

#[test]
fn capabilities_weigh_and_decide_the_verdict() {
    let mut outcome = with(Vec::new());
    outcome.inventory.capabilities = vec![
        capability("authentication", Category::Security, 3, Status::Missing, 0.0),
        capability("redis", Category::Data, 1, Status::DeclaredOnly, 1.0),
        capability("load-tests", Category::Testing, 1, Status::NotApplicable, 0.0),
    ];
    outcome.inventory.capabilities[1].evidence = vec![evidence("compose.yml", 7, "redis:7")];
    let report = report(&outcome);
    let category = |id| report.categories.iter().find(|c| c.id == id).unwrap();
    assert_eq!(category(Category::Security).score, Some(50.0), "half of it is code, half what is there");
    assert_eq!(category(Category::Data).score, Some(0.0), "what is only declared counts for nothing");
    assert_eq!(category(Category::Testing).score, None);
    assert_eq!(report.grade.verdict, Verdict::NotReady);
    assert!(report.grade.reasons.contains(&"authentication: missing".to_owned()), "{:?}", report.grade);
    let phase = &report.plan[0];
    assert_eq!((phase.capabilities.len(), phase.findings.len()), (1, 0));
}

#[test]
fn projects_have_grades_of_their_own() {
    let mut outcome = with(vec![finding(rule("bare-except"), 0, "x")]);
    let mut other = file("web/b.py");
    other.sites = vec![("bare-except", 5)];
    outcome.files.push(other);
    let project = |name: &str| Project {
        name: name.to_owned(),
        path: name.to_owned(),
        manifest: format!("{name}/pyproject.toml"),
        capabilities: Vec::new(),
    };
    outcome.inventory.projects = vec![project("web"), project("app")];
    let report = report(&outcome);
    let scores: Vec<_> = report.projects.iter().map(|p| (p.name.as_str(), p.findings, p.score)).collect();
    assert_eq!(scores[1], ("web", 0, Some(100.0)));
    assert!(scores[0].0 == "app" && scores[0].2 < Some(100.0), "{scores:?}");
    assert_eq!(report.grade.worst_project.as_deref(), Some("app"));
}

#[test]
fn the_severity_of_a_finding_weighs_in_its_rule() {
    let share = |severity| {
        let report = report(&with(vec![finding(rule("bare-except"), 0, "x").severity(severity)]));
        report.rules.iter().find(|r| r.id == "bare-except").unwrap().share.unwrap()
    };
    assert!(
        share(Severity::Low) > share(Severity::High) && share(Severity::High) > share(Severity::Blocking)
    );
}

#[test]
fn findings_that_are_many_and_alike_are_one_a_file() {
    let (untyped, bare) = (rule("missing-type-annotations"), rule("bare-except"));
    let mut findings = vec![
        finding(untyped, 0, "a"),
        finding(bare, 1, "b"),
        finding(untyped, 2, "c"),
        finding(untyped, 3, "d"),
    ];
    findings[3].suppressed = Some(Accepted { reason: "old".to_owned(), until: None });
    let mut outcome = with(findings);
    outcome.files[0].sites.push(("missing-type-annotations", 9));
    let shown = report(&outcome);
    let messages: Vec<&str> = shown.findings.iter().map(|f| &*f.message).collect();
    assert_eq!(messages, ["2 of 9 public functions have no types: `line`, `line`", "b", "d"]);
    assert_eq!(shown.findings[0].related.len(), 1);
    assert_eq!((shown.counts.low, shown.counts.accepted), (1, 1));
    // Another function without types is no new finding.
    outcome.files[0].findings.insert(0, finding(untyped, 4, "e"));
    assert_eq!(report(&outcome).findings[0].fingerprint, shown.findings[0].fingerprint);
}
