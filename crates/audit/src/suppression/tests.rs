use proptest::prelude::*;
use shipworthy_facts::extract;
use shipworthy_syntax::{Language, Source};

use super::*;
use crate::finding::FixEdit;
use crate::level::{Category, Severity};
use crate::rule::{Audience, Run, Scope};

const fn rule(name: &'static str) -> Rule {
    Rule {
        name,
        category: Category::Errors,
        severity: Severity::High,
        scope: Scope::File,
        fixes: &[],
        options: &[],
        gathered: None,
        audience: Audience::Production,
        page: "",
        runs: &[Run::Nodes(&[], |_, _| {})],
    }
}

static TIMEOUT: Rule = rule("missing-timeout");
static RETRY: Rule = rule("missing-retry");
static CATALOGUE: [&Rule; 2] = [&TIMEOUT, &RETRY];

fn today() -> Date {
    Date::new(2026, 11, 21).expect("a day")
}

/// A file as the engine sees it: its comments and what they can stand for.
fn parts(language: Language, text: &str) -> (Vec<Range>, Vec<Range>) {
    let source = Source::new(language, text);
    let (mut comments, mut all) = (Vec::new(), Vec::new());
    for item in source.items() {
        let facts = extract(language, item.tree(), item.text());
        comments.extend(facts.comments.iter().map(|comment| comment.range.shift(i64::from(item.start()))));
        all.extend(spans(&facts, item.start()));
    }
    (comments, all)
}

fn read(language: Language, text: &str) -> Suppressions {
    let (comments, spans) = parts(language, text);
    Suppressions::read(text, &comments, &spans, &CATALOGUE, today())
}

fn python(text: &str) -> Suppressions {
    read(Language::Python, text)
}

fn place(text: &str, what: &str) -> Range {
    let start = text.find(what).unwrap_or_else(|| panic!("no {what} in {text}"));
    Range::from(start..start + what.len())
}

/// Holds that of these names, findings at `yes_1`, `yes_2` ... are hidden and those at `no_1` ... are not.
#[track_caller]
fn assert_hidden(language: Language, text: &str) {
    let suppressions = read(language, text);
    assert_eq!(suppressions.problems(), [], "{text}");
    let mut checked = 0;
    for (start, _) in text.match_indices("yes").chain(text.match_indices("no_")) {
        let hidden = suppressions.find("missing-timeout", Range::from(start..start + 3)).is_some();
        assert_eq!(hidden, text[start..].starts_with("yes"), "at {} in\n{text}", &text[start..]);
        checked += 1;
    }
    assert!(checked > 0);
}

/// The kind, the text it stands on, and the file after its fix, of each problem.
fn problems(text: &str) -> Vec<(SuppressionProblemKind, &str, String)> {
    fixed(text, python(text).problems())
}

fn fixed<'t>(
    text: &'t str,
    problems: &[SuppressionProblem],
) -> Vec<(SuppressionProblemKind, &'t str, String)> {
    let fixed = |problem: &SuppressionProblem| {
        let [FixEdit::Replace(range, new)] = &problem.fix.edits[..] else { panic!("{problem:?}") };
        let mut fixed = text.to_owned();
        fixed.replace_range(std::ops::Range::from(*range), new);
        (problem.kind, &text[std::ops::Range::from(problem.range)], fixed)
    };
    problems.iter().map(fixed).collect()
}

/// What is unused where these rules were judged and this was found.
fn unused<'t>(text: &'t str, found: &[(&str, &str)], judged: &[&str]) -> Vec<(&'t str, String)> {
    let findings = found.iter().map(|(rule, at)| (*rule, place(text, at)));
    let problems = python(text).unused(findings, |rule| judged.contains(&rule));
    fixed(text, &problems).into_iter().map(|(_, range, fixed)| (range, fixed)).collect()
}

const BOTH: [&str; 2] = ["missing-timeout", "missing-retry"];

#[test]
fn beside_a_statement() {
    assert_hidden(
        Language::Python,
        "a = no_1()\nb = yes_1(yes_2)  # shipworthy: ignore[missing-timeout] proxy\nc = no_2()\n",
    );
    assert_hidden(
        Language::Go,
        "package p\n\nfunc f() {\n\tno_1()\n\tyes_1() // shipworthy: ignore[missing-timeout] proxy\n\tno_2()\n}\n",
    );
}

#[test]
fn above_a_statement() {
    assert_hidden(
        Language::Python,
        "def f():\n    no_1()\n    # shipworthy: ignore[missing-timeout] proxy\n    yes_1(\n        yes_2,\n    )\n    no_2()\n",
    );
    assert_hidden(
        Language::Go,
        "package p\n\nfunc f() {\n\tno_1()\n\t// shipworthy: ignore[missing-timeout] proxy\n\tyes_1(\n\t\tyes_2,\n\t)\n\tno_2()\n}\n",
    );
}

#[test]
fn above_with_other_comments_and_blank_lines_between() {
    assert_hidden(
        Language::Python,
        "# shipworthy: ignore[missing-timeout] proxy\n# more\n\n# shipworthy: ignore[missing-retry] no\nyes_1()\nno_1()\n",
    );
}

#[test]
fn inside_a_statement_of_several_lines() {
    for text in [
        "no_1()\nyes_1(\n    yes_2,  # shipworthy: ignore[missing-timeout] proxy\n    yes_3,\n)\nno_2()\n",
        "no_1()\nyes_1(\n    # shipworthy: ignore[missing-timeout] proxy\n    yes_2,\n)\nno_2()\n",
        "no_1()\nyes_1(\n    yes_2,\n)  # shipworthy: ignore[missing-timeout] proxy\nno_2()\n",
    ] {
        assert_hidden(Language::Python, text);
    }
}

#[test]
fn a_function_from_above_and_from_its_header() {
    for text in [
        "# shipworthy: ignore[missing-timeout] proxy\ndef yes_1():\n    yes_2()\n\ndef f():\n    no_1()\n",
        "def yes_1():  # shipworthy: ignore[missing-timeout] proxy\n    yes_2()\n\ndef f():\n    no_1()\n",
        "def yes_1(\n    yes_2,\n):  # shipworthy: ignore[missing-timeout] proxy\n    yes_3()\n\nno_1()\n",
    ] {
        assert_hidden(Language::Python, text);
    }
    assert_hidden(
        Language::Go,
        "package p\n\n// shipworthy: ignore[missing-timeout] proxy\nfunc yes_1() {\n\tyes_2()\n}\n\nfunc no_1() {}\n",
    );
}

#[test]
fn decorators_are_part_of_what_they_decorate() {
    for text in [
        "# shipworthy: ignore[missing-timeout] proxy\n@yes_1\n@yes_2\ndef yes_3():\n    yes_4()\n\nno_1()\n",
        "@yes_1  # shipworthy: ignore[missing-timeout] proxy\n@yes_2\ndef yes_3():\n    yes_4()\n\nno_1()\n",
        "@yes_1\n@yes_2  # shipworthy: ignore[missing-timeout] proxy\ndef yes_3():\n    yes_4()\n\nno_1()\n",
        "@yes_1\n# shipworthy: ignore[missing-timeout] proxy\ndef yes_3():\n    yes_4()\n\nno_1()\n",
        "@yes_1\ndef yes_3():  # shipworthy: ignore[missing-timeout] proxy\n    yes_4()\n\nno_1()\n",
    ] {
        assert_hidden(Language::Python, text);
    }
}

#[test]
fn a_class_and_one_of_its_methods() {
    assert_hidden(
        Language::Python,
        "class A:  # shipworthy: ignore[missing-timeout] proxy\n    yes_1 = 1\n\n    def yes_2(self):\n        yes_3()\n\nno_1()\n",
    );
    assert_hidden(
        Language::Python,
        "class A:\n    no_1 = 1\n\n    # shipworthy: ignore[missing-timeout] proxy\n    def yes_1(self):\n        yes_2()\n\n    def no_2(self):\n        pass\n",
    );
}

#[test]
fn a_compound_statement_from_its_header_and_not_from_its_end() {
    assert_hidden(
        Language::Python,
        "for x in yes_1:  # shipworthy: ignore[missing-timeout] proxy\n    yes_2()\nno_1()\n",
    );
    assert_hidden(
        Language::Go,
        "package p\n\nfunc f() {\n\tif no_1() {\n\t\tno_2()\n\t\t// shipworthy: ignore[missing-timeout] proxy\n\t}\n\tno_3()\n}\n",
    );
    assert_hidden(
        Language::Go,
        "package p\n\nfunc f() {\n\tno_1()\n} // shipworthy: ignore[missing-timeout] proxy\n",
    );
    assert_hidden(
        Language::Python,
        "try:\n    no_1()\nexcept yes_1:  # shipworthy: ignore[missing-timeout] proxy\n    yes_2()\n",
    );
}

#[test]
fn several_statements_on_one_line() {
    assert_hidden(
        Language::Python,
        "no_1()\nyes_1(); yes_2()  # shipworthy: ignore[missing-timeout] proxy\nno_2()\n",
    );
}

#[test]
fn a_block_comment_before_code() {
    assert_hidden(
        Language::Go,
        "package p\n\nfunc f() {\n\t/* shipworthy: ignore[missing-timeout] proxy */ yes_1()\n\tno_1()\n}\n",
    );
}

#[test]
fn every_line_break() {
    for end in ["\n", "\r\n"] {
        let text =
            format!("no_1(){end}# shipworthy: ignore[missing-timeout] proxy{end}yes_1(){end}no_2(){end}");
        assert_hidden(Language::Python, &text);
        let text = format!("no_1(){end}yes_1()  # shipworthy: ignore[missing-timeout] proxy{end}no_2(){end}");
        assert_hidden(Language::Python, &text);
        let suppressions = python(&text);
        assert_eq!(suppressions.list()[0].reason, "proxy");
    }
}

#[test]
fn nothing_below_covers_nothing() {
    let text = "no_1()\n# shipworthy: ignore[missing-timeout] proxy\n";
    assert_hidden(Language::Python, text);
    assert_eq!(unused(text, &[], &BOTH).len(), 1);
}

#[test]
fn strings_are_not_comments() {
    let text =
        "a = \"# shipworthy: ignore[missing-timeout] proxy\"\nb = '''\n# shipworthy: ignore[nothing]\n'''\n";
    assert_eq!(python(text), Suppressions::default());
}

#[test]
fn the_whole_file_from_above_the_first_code() {
    assert_hidden(
        Language::Python,
        "#!/usr/bin/env python3\n# Copyright\n# shipworthy: ignore-file[missing-timeout] a script\n\nyes_1()\ndef yes_2(): pass\n",
    );
    let text = "a = 1\n# shipworthy: ignore-file[missing-timeout] a script\nb = 2\n";
    assert_eq!(
        problems(text),
        [(
            SuppressionProblemKind::Malformed,
            "# shipworthy: ignore-file[missing-timeout] a script",
            "a = 1\nb = 2\n".to_owned()
        )]
    );
    assert!(python(text).list().is_empty());
}

#[test]
fn the_nearest_suppression_answers() {
    let text = "# shipworthy: ignore-file[missing-timeout] far\nx = 1\ny = 2  # shipworthy: ignore[missing-timeout] near until=2027-01-31\n";
    let suppressions = python(text);
    let at = |what| suppressions.find("missing-timeout", place(text, what)).map(Suppression::accepted);
    assert_eq!(at("x ="), Some(Accepted { reason: "far".to_owned(), until: None }));
    assert_eq!(at("y ="), Some(Accepted { reason: "near".to_owned(), until: Some("2027-01-31".to_owned()) }));
    assert_eq!(suppressions.find("missing-retry", place(text, "y =")), None);
}

#[test]
fn an_unknown_rule_is_replaced_by_the_nearest_and_the_others_hold() {
    let text = "a()  # shipworthy: ignore[missing-timeot, missing-retry] proxy\n";
    assert_eq!(
        problems(text),
        [(
            SuppressionProblemKind::UnknownRule,
            "missing-timeot",
            "a()  # shipworthy: ignore[missing-timeout, missing-retry] proxy\n".to_owned()
        )]
    );
    let suppressions = python(text);
    assert_eq!(suppressions.problems()[0].help, "did you mean `missing-timeout`?");
    assert_eq!(suppressions.problems()[0].fix.safety, Safety::Suggested);
    assert!(suppressions.find("missing-retry", Range::new(0, 1)).is_some());
}

#[test]
fn an_unknown_rule_without_a_near_one_goes() {
    let fixed = |text| problems(text).remove(0).2;
    assert_eq!(
        fixed("a()  # shipworthy: ignore[E501, missing-retry] proxy\n"),
        "a()  # shipworthy: ignore[missing-retry] proxy\n"
    );
    assert_eq!(fixed("a()  # shipworthy: ignore[E501] proxy\n"), "a()\n");
}

#[test]
fn without_a_reason_nothing_is_hidden() {
    let text = "a()  # shipworthy: ignore[missing-timeout]\nb()\n";
    assert_eq!(
        problems(text),
        [(
            SuppressionProblemKind::MissingReason,
            "# shipworthy: ignore[missing-timeout]",
            "a()\nb()\n".to_owned()
        )]
    );
    assert!(python(text).list().is_empty());
    assert_eq!(python(text).problems()[0].fix.safety, Safety::Suggested, "its author may have a reason");
}

#[test]
fn it_holds_through_its_last_day() {
    let on = |day: &str| {
        let text = format!("a()  # shipworthy: ignore[missing-timeout] until={day} proxy\n");
        let suppressions = python(&text);
        let kinds: Vec<_> = suppressions.problems().iter().map(|problem| problem.kind).collect();
        (suppressions.list().len(), kinds)
    };
    assert_eq!(on("2026-11-22"), (1, vec![]));
    assert_eq!(on("2026-11-21"), (1, vec![]));
    assert_eq!(on("2026-11-20"), (0, vec![SuppressionProblemKind::Expired]));
    assert_eq!(on("2026-11-31"), (0, vec![SuppressionProblemKind::Malformed]));
    assert_eq!(on("tomorrow"), (0, vec![SuppressionProblemKind::Malformed]));
}

#[test]
fn one_that_hides_nothing_is_unused() {
    let text = "a()\n# shipworthy: ignore[missing-timeout] proxy\nb()\nc()\n";
    assert_eq!(unused(text, &[("missing-timeout", "b")], &BOTH), []);
    let whole = "# shipworthy: ignore[missing-timeout] proxy";
    assert_eq!(unused(text, &[], &BOTH), [(whole, "a()\nb()\nc()\n".to_owned())]);
    assert_eq!(
        unused(text, &[("missing-timeout", "c()")], &BOTH).len(),
        1,
        "a finding elsewhere does not count"
    );
    assert_eq!(unused(text, &[("missing-retry", "b")], &BOTH).len(), 1, "nor does another rule's");
    assert_eq!(
        unused(text, &[], &["missing-retry"]),
        [],
        "a rule that did not run may find something tomorrow"
    );
}

#[test]
fn of_several_rules_the_idle_ones_go() {
    let text = "a()  # shipworthy: ignore[missing-timeout, missing-retry] proxy\n";
    let fixed = unused(text, &[("missing-retry", "a")], &BOTH);
    assert_eq!(fixed[0].1, "a()  # shipworthy: ignore[missing-retry] proxy\n");
    assert_eq!(unused(text, &[], &BOTH)[0].1, "a()\n");
    assert_eq!(python(text).unused([], |_| true)[0].fix.safety, Safety::Safe);
    assert_eq!(
        unused(text, &[], &["missing-retry"])[0].1,
        "a()  # shipworthy: ignore[missing-timeout] proxy\n"
    );
}

#[test]
fn removing_leaves_the_rest_of_the_text() {
    let remove = |text| unused(text, &[], &BOTH).remove(0).1;
    assert_eq!(
        remove("    \r\na()\r\n  # shipworthy: ignore[missing-timeout] x\r\nb()\r\n"),
        "    \r\na()\r\nb()\r\n"
    );
    assert_eq!(
        remove("a() # noqa # shipworthy: ignore[missing-timeout] x # type: ignore\n"),
        "a() # noqa # type: ignore\n"
    );
    assert_eq!(remove("a()  # shipworthy: ignore[missing-timeout] x # noqa\n"), "a()  # noqa\n");
    assert_eq!(remove("a()\n# shipworthy: ignore[missing-timeout] x"), "a()\n");

    let remove = |text: &str| {
        let problems = read(Language::Go, text).unused([], |_| true);
        fixed(text, &problems).remove(0).2
    };
    assert_eq!(
        remove("package p\n\n/* shipworthy: ignore[missing-timeout] x */ var a = 1\n"),
        "package p\n\nvar a = 1\n"
    );
    assert_eq!(
        remove("package p\n\n/*\n\tshipworthy: ignore[missing-timeout] x\n*/\nvar a = 1\n"),
        "package p\n\nvar a = 1\n"
    );
    assert_eq!(
        remove("package p\n\n/* shipworthy: ignore[missing-timeout] x\n   and more */\nvar a = 1\n"),
        "package p\n\n/*\n   and more */\nvar a = 1\n"
    );
}

#[test]
fn ignoring_here_writes_a_suppression_that_hides_the_finding() {
    for (language, text) in [
        (Language::Python, "def f():\n    if a:\n        found(\n            1,\n        )\n"),
        (Language::Python, "@found\ndef f():\r\n    pass\r\n"),
        (Language::Python, "x = 1; found()\n"),
        (Language::Python, "found()"),
        (Language::Go, "package p\n\nfunc f() {\n\tif a {\n\t\tfound()\n\t}\n}\n"),
        (Language::Go, "package p\n\nfunc f() {\n\tx := func() { found() }\n}\n"),
    ] {
        let (_, spans) = parts(language, text);
        let at = place(text, "found").start;
        let Some(edit) =
            ignore_here(text, language.comment_sign(), &spans, at, "missing-timeout", "the proxy does it")
        else {
            assert!(text.contains(';') || text.contains("func() {"), "no place in {text}");
            continue;
        };
        let mut after = text.to_owned();
        after.replace_range(std::ops::Range::from(edit.range), &edit.text);
        let suppressions = read(language, &after);
        assert_eq!(suppressions.problems(), []);
        let found = suppressions.find("missing-timeout", place(&after, "found"));
        assert_eq!(
            found.map(|suppression| suppression.reason.as_str()),
            Some("the proxy does it"),
            "{after}"
        );
        assert_eq!(
            after.matches("\r\n").count(),
            text.matches("\r\n").count() + usize::from(edit.text.ends_with("\r\n"))
        );
    }
    let text = "def f():\n    found()\n";
    let (_, spans) = parts(Language::Python, text);
    let edit = ignore_here(text, "#", &spans, 13, "missing-timeout", "why").expect("a place");
    assert_eq!((edit.range.start, &*edit.text), (9, "    # shipworthy: ignore[missing-timeout] why\n"));
}

proptest! {
    #[test]
    fn any_comments_are_read_without_a_panic(
        text in r#"(#|//|/\*|\*/| |\n|\r\n|\r|shipworthy:|ignore|ignore-file|\[|\]|,|missing-timeout|until=|2027-01-31|é|x\(\)|;|"|reason|-){0,30}"#,
        cuts in proptest::collection::vec(0_usize..200, 0..8),
    ) {
        // Comments and spans at any places: nothing relies on their being right, only on their being in order.
        let cuts: std::collections::BTreeSet<usize> =
            cuts.into_iter().filter(|cut| text.is_char_boundary(*cut)).collect();
        let cuts: Vec<usize> = cuts.into_iter().collect();
        let comments: Vec<Range> = cuts.chunks_exact(2).map(|ends| Range::from(ends[0]..ends[1])).collect();
        let spans: Vec<Range> = cuts.windows(2).map(|ends| Range::from(ends[0]..ends[1])).collect();
        for comments in [comments, vec![Range::from(0..text.len())]] {
            let suppressions = Suppressions::read(&text, &comments, &spans, &CATALOGUE, today());
            let unused = suppressions.unused([], |_| true);
            for problem in suppressions.problems().iter().chain(&unused) {
                prop_assert!(text.get(std::ops::Range::from(problem.range)).is_some(), "{problem:?}");
                for edit in &problem.fix.edits {
                    let FixEdit::Replace(range, _) = edit else { panic!("{edit:?}") };
                    prop_assert!(text.get(std::ops::Range::from(*range)).is_some(), "{problem:?}");
                }
            }
            for at in &cuts {
                let _ = ignore_here(&text, "//", &spans, Range::from(*at..*at).start, "r", "w");
            }
        }
    }
}
