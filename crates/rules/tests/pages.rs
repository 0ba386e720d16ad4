//! Every rule's page is its test: findings stand exactly where carets point, good examples are silent, and fixes give the fixed text,
//! which is healthy, sound and final.
//!
//! `RULE=missing-timeout cargo test -p shipworthy-rules` runs one rule.

use std::fmt::Write as _;
use std::path::Path;

use shipworthy_audit::page::{Example, ExampleFile, Page};
use shipworthy_audit::{
    Alone, Analysis, Auditor, Document, FileDocument, Finding, Rule, Subject, default_module,
};
use shipworthy_rules::RULES;
use shipworthy_syntax::{Edit, Range};

/// Applies changes that do not overlap, in order; of overlapping ones the first.
fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|e| (e.range.start, e.range.end));
    edits.dedup();
    let mut fixed = String::new();
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.range.start as usize, edit.range.end as usize);
        if start < at {
            continue;
        }
        fixed.push_str(&text[at..start]);
        fixed.push_str(&edit.text);
        at = end;
    }
    fixed + &text[at..]
}

/// An example's file with what a rule finds in it.
enum Judged {
    Code(Document),
    File(FileDocument),
}

impl Judged {
    fn analysis(&self) -> &Analysis {
        match self {
            Self::Code(document) => document.analysis(),
            Self::File(document) => document.analysis(),
        }
    }

    fn fix_edits(&self, finding: &Finding) -> Option<Vec<Edit>> {
        match self {
            Self::Code(document) => document.fix_edits(finding),
            Self::File(document) => document.fix_edits(finding),
        }
    }
}

fn document(rule: &'static Rule, file: &ExampleFile, subject: Subject) -> Judged {
    let auditor = Auditor::new(&[rule]);
    let configuration = auditor.default_configuration();
    match subject {
        Subject::Code(language) => {
            let module = default_module(language, &file.path);
            let mut document = Document::new(&file.path, &module, language, &file.text);
            document.analyze(&auditor, &configuration, &Alone);
            Judged::Code(document)
        }
        Subject::File(format) => {
            let mut document = FileDocument::new(&file.path, format, &file.text);
            document.analyze(&auditor, &configuration);
            Judged::File(document)
        }
    }
}

/// The part of a range on its first line: what carets can mark.
fn first_line(text: &str, range: Range) -> Range {
    let line = text[range.start as usize..range.end as usize].lines().next().unwrap_or("");
    Range { start: range.start, end: range.start + line.trim_end().len() as u32 }
}

fn shown(text: &str, ranges: &[Range]) -> String {
    let mut out = String::new();
    for range in ranges {
        let line = text[..range.start as usize].lines().count().max(1);
        let _ = writeln!(out, "      line {line}: {:?}", &text[range.start as usize..range.end as usize]);
    }
    if out.is_empty() { "      nothing\n".to_owned() } else { out }
}

fn check_example(rule: &'static Rule, example: &Example, problems: &mut Vec<String>) {
    let mut say = |what: String| {
        problems.push(format!("{}: example at line {} of its page: {what}", rule.name, example.line))
    };
    for (index, file) in example.files.iter().enumerate() {
        let document = document(rule, file, example.language);
        let analysis = document.analysis();
        for failure in &analysis.failures {
            say(format!("the rule panicked: {}", failure.message));
        }
        if !analysis.unread.is_empty() {
            say(format!("{} does not parse", file.path));
        }
        let found: Vec<Range> = analysis.findings.iter().map(|f| first_line(&file.text, f.range)).collect();
        if found != file.marked {
            say(format!(
                "findings differ in {}\n    carets point at\n{}    found\n{}",
                file.path,
                shown(&file.text, &file.marked),
                shown(&file.text, &found)
            ));
        }
        for finding in &analysis.findings {
            if finding.message.is_empty() || finding.why.is_empty() || finding.help.is_empty() {
                say("a message has three parts: what, why, what to do".to_owned());
            }
        }
        let Some(fixed) = example.fixed.as_ref().and_then(|f| f.get(index)) else { continue };
        let fixes = |finding: &Finding| document.fix_edits(finding).unwrap_or_default();
        let text = apply(&file.text, analysis.findings.iter().flat_map(fixes).collect());
        if text != fixed.text {
            say(format!("the fix gives\n{text}\n    and not\n{}", fixed.text));
        }
        let after = self::document(rule, &ExampleFile { text, ..file.clone() }, example.language);
        if !after.analysis().unread.is_empty() {
            say("the fixed text does not parse".to_owned());
        }
        if let Some(left) = after.analysis().findings.first() {
            say(format!("the fixed text still has a finding: {}", left.message));
        }
    }
    if example.bad && example.files.iter().all(|f| f.marked.is_empty()) {
        say("a bad example needs carets".to_owned());
    }
}

#[test]
fn pages_hold() {
    let only = std::env::var("RULE").ok();
    let mut problems = Vec::new();
    let mut checked = 0;
    for rule in RULES.iter().filter(|r| only.as_ref().is_none_or(|name| r.name == *name)) {
        for example in Page::parse(rule.page).examples {
            check_example(rule, &example, &mut problems);
            checked += 1;
        }
    }
    assert!(checked > 0, "no example was checked");
    assert!(problems.is_empty(), "\n{}", problems.join("\n\n"));
}

#[test]
fn every_rule_is_complete() {
    for rule in RULES {
        let name = rule.name;
        let page = Page::parse(rule.page);
        assert!(!rule.summary().is_empty(), "{name}: the page's first line says what is wrong");
        assert!(!rule.languages().is_empty(), "{name}: no example");
        for language in rule.languages() {
            let examples = || page.examples.iter().filter(move |e| e.language == language);
            assert!(examples().filter(|e| e.bad).count() >= 2, "{name}: two bad examples in {language:?}");
            assert!(examples().filter(|e| !e.bad).count() >= 2, "{name}: two good examples in {language:?}");
            if rule.fixes.iter().any(|(l, _)| *l == language) {
                assert!(examples().any(|e| e.fixed.is_some()), "{name}: a fixed example in {language:?}");
            }
        }
        for example in page.examples.iter().filter(|e| e.fixed.is_some()) {
            let declared = rule.fixes.iter().any(|(l, _)| *l == example.language);
            assert!(declared, "{name}: a fixed example in {:?}, but no fix declared", example.language);
        }
    }
}

#[test]
fn names_are_unique_and_say_their_file() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (index, rule) in RULES.iter().enumerate() {
        let file = source.join(rule.category.id()).join(format!("{}.rs", rule.name.replace('-', "_")));
        assert!(file.is_file(), "{} stands in {}", rule.name, file.display());
        assert!(RULES[..index].iter().all(|r| r.name != rule.name), "{} twice", rule.name);
    }
}
