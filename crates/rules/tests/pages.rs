//! Every rule's page is its test: findings stand exactly where carets point, good examples are silent, and fixes give the fixed text,
//! which is healthy, sound and final.
//!
//! `RULE=missing-timeout cargo test -p shipworthy-rules` runs one rule.

use std::fmt::Write as _;
use std::path::Path;

use shipworthy_audit::index::Change;
use shipworthy_audit::page::{Example, ExampleFile, Page};
use shipworthy_audit::{
    Analysis, Auditor, Document, FileDocument, Finding, FixEdit, Home, Index, Rule, Subject, declare,
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
    Code(Box<Document>),
    File(Box<FileDocument>),
}

impl Judged {
    fn read(file: &ExampleFile) -> Self {
        match file.language {
            Subject::Code(language) => {
                let home = Home::by_path(language, &file.path);
                Self::Code(Box::new(Document::new(&file.path, &home, language, &file.text)))
            }
            Subject::File(format) => Self::File(Box::new(FileDocument::new(&file.path, format, &file.text))),
        }
    }

    fn analyze(&mut self, auditor: &Auditor, index: &Index) {
        let configuration = auditor.default_configuration();
        match self {
            Self::Code(document) => {
                let view = index.view(document.reading());
                document.analyze(auditor, &configuration, &view);
            }
            Self::File(document) => _ = document.analyze(auditor, &configuration),
        }
    }

    fn adopt(&mut self, findings: Vec<Finding>) {
        match self {
            Self::Code(document) => document.adopt(findings, None),
            Self::File(document) => document.adopt(findings, None),
        }
    }

    fn code(&self) -> Option<&Document> {
        match self {
            Self::Code(document) => Some(document),
            Self::File(_) => None,
        }
    }

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

/// The files of an example as they see each other, judged by one rule.
fn judged(rule: &'static Rule, files: &[ExampleFile]) -> Vec<Judged> {
    let auditor = Auditor::new(&[rule]);
    let configuration = auditor.default_configuration();
    let mut documents: Vec<Judged> = files.iter().map(Judged::read).collect();
    let mut index = Index::default();
    // What files declare first; then, told of each other, what their functions do.
    for round in 0..3 {
        if round > 0 {
            documents.iter_mut().for_each(|document| document.analyze(&auditor, &index));
        }
        index.update(documents.iter().filter_map(Judged::code).map(|d| {
            Change::Set(if round > 0 { d.indexed() } else { d.reading().indexed(d.reading().declared()) })
        }));
    }
    let code: Vec<_> = documents.iter().filter_map(Judged::code).collect();
    let noted: Vec<_> = code.iter().map(|document| document.noted()).collect();
    let code = noted.iter().zip(&code);
    let code = code.map(|(noted, document)| noted.surveyed(document.reading().text(), &configuration));
    let around = documents.iter().filter_map(|document| match document {
        Judged::Code(_) => None,
        Judged::File(file) => Some(file.around(&configuration)),
    });
    let (found, failures, _) = auditor.survey(&code.collect::<Vec<_>>(), &around.collect::<Vec<_>>(), &index);
    assert!(failures.is_empty(), "{failures:?}");
    // The code's files come first.
    let mut order: Vec<usize> = (0..documents.len()).collect();
    order.sort_by_key(|at| documents[*at].code().is_none());
    for (at, found) in order.into_iter().zip(found) {
        documents[at].adopt(found.findings);
        documents[at].analyze(&auditor, &index);
    }
    documents
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

/// The changes of manifests that the fixes of a file need.
fn declared<'e>(file: &ExampleFile, document: &Judged, files: &'e [ExampleFile]) -> Vec<(&'e str, Edit)> {
    let Subject::Code(language) = file.language else { return Vec::new() };
    let fixes = document.analysis().findings.iter().filter_map(|finding| finding.fix.as_ref());
    let wanted = fixes.flat_map(|fix| &fix.edits).filter_map(|edit| match edit {
        FixEdit::Dependency(wanted) => Some(wanted),
        _ => None,
    });
    let manifests = || files.iter().map(|file| (file.path.as_str(), file.text.as_str()));
    wanted.filter_map(|wanted| declare(wanted, &file.path, language, manifests())).collect()
}

fn check_example(rule: &'static Rule, example: &Example, problems: &mut Vec<String>) {
    let mut say = |what: String| {
        problems.push(format!("{}: example at line {} of its page: {what}", rule.name, example.line))
    };
    let documents = judged(rule, &example.files);
    for (file, document) in example.files.iter().zip(&documents) {
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
    }
    if let Some(fixed) = &example.fixed {
        let elsewhere: Vec<(&str, Edit)> = example
            .files
            .iter()
            .zip(&documents)
            .flat_map(|(file, document)| declared(file, document, &example.files))
            .collect();
        let after = example.files.iter().zip(&documents).map(|(file, document)| {
            let fixes = |finding: &Finding| document.fix_edits(finding).unwrap_or_default();
            let mut edits: Vec<Edit> = document.analysis().findings.iter().flat_map(fixes).collect();
            edits.extend(
                elsewhere.iter().filter(|(path, _)| *path == file.path).map(|(_, edit)| edit.clone()),
            );
            ExampleFile { text: apply(&file.text, edits), ..file.clone() }
        });
        let after: Vec<ExampleFile> = after.collect();
        for (after, fixed) in after.iter().zip(fixed).filter(|(after, fixed)| after.text != fixed.text) {
            say(format!("the fix gives\n{}\n    and not\n{}", after.text, fixed.text));
        }
        for document in judged(rule, &after) {
            if !document.analysis().unread.is_empty() {
                say("the fixed text does not parse".to_owned());
            }
            if let Some(left) = document.analysis().findings.first() {
                say(format!("the fixed text still has a finding: {}", left.message));
            }
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
