//! What each fuzz target does with its bytes. Seeds are plain files: what is to happen to a text besides (edits, say) is drawn from a hash of
//! it, so that a real file is a good input.

mod server;
mod text;

use std::hint::black_box;
use std::sync::LazyLock;

use shipworthy_audit::settings::{Settings, SettingsFile};
use shipworthy_audit::suppression::Date;
use shipworthy_audit::{
    Alone, Analysis, AuditedFile, Auditor, Configuration, Document, FileDocument, FixEdit, Home, Safety, combine,
};
use shipworthy_evidence::Format;
use shipworthy_rules::RULES;
use shipworthy_syntax::{Edit, Language, Source};

pub use server::{codec, sessions};
use text::{Numbers, edit, text};

const LANGUAGES: [Language; 3] = [Language::Python, Language::Go, Language::Rust];

static AUDITOR: LazyLock<Auditor> = LazyLock::new(|| Auditor::new(RULES));

/// The cut into items and their trees: after each edit that of a fresh source.
pub fn splitter(data: &[u8]) {
    let mut numbers = Numbers::of(data);
    let mut text = text(data);
    let language = LANGUAGES[numbers.below(3)];
    let mut source = Source::new(language, &text);
    for _ in 0..8 {
        let edit = edit(&text, &mut numbers);
        source.edit(&edit);
        text.replace_range(std::ops::Range::<usize>::from(edit.range), &edit.text);
        let fresh = Source::new(language, &text);
        assert_eq!(source.text().to_string(), text);
        assert_eq!(source.items().len(), fresh.items().len(), "{language}: {text:?} after {edit:?}");
        for (item, other) in source.items().iter().zip(fresh.items()) {
            assert_eq!(item.range(), other.range(), "{language}: {text:?} after {edit:?}");
            assert_eq!(
                item.tree().root_node().to_sexp(),
                other.tree().root_node().to_sexp(),
                "{language}: {text:?} after {edit:?}"
            );
        }
    }
}

/// The whole audit of a Python file, through edits.
pub fn python(data: &[u8]) {
    code(Language::Python, data);
}

/// The whole audit of a Go file, through edits.
pub fn go(data: &[u8]) {
    code(Language::Go, data);
}

/// The whole audit of a Rust file, through edits.
pub fn rust(data: &[u8]) {
    code(Language::Rust, data);
}

/// `analyze` itself asserts that it gives what a fresh one gives.
fn code(language: Language, data: &[u8]) {
    let mut numbers = Numbers::of(data);
    let mut text = text(data);
    let configuration = AUDITOR.default_configuration();
    let mut document = document(language, &text);
    judged(&text, document.analyze(&AUDITOR, &configuration, &Alone));
    for _ in 0..3 {
        let edit = edit(&text, &mut numbers);
        document.edit(&edit);
        text.replace_range(std::ops::Range::<usize>::from(edit.range), &edit.text);
        judged(&text, document.analyze(&AUDITOR, &configuration, &Alone));
    }
    for finding in document.analysis().findings.clone() {
        if let Some(ignored) = document.ignore(&finding, "fuzzed") {
            inside(&text, &ignored);
        }
    }
}

fn document(language: Language, text: &str) -> Document {
    let path = match language {
        Language::Python => "app/main.py",
        Language::Go => "app/main.go",
        Language::Rust => "src/main.rs",
    };
    Document::new(path, &Home::by_path(language, path), language, text)
}

/// No rule broke, and each finding stands in the text.
fn judged(text: &str, analysis: &Analysis) {
    assert!(analysis.failures.is_empty(), "{:?} in {text:?}", analysis.failures);
    for finding in &analysis.findings {
        let range = std::ops::Range::<usize>::from(finding.range);
        assert!(text.get(range).is_some(), "{} at {:?} in {text:?}", finding.rule.name, finding.range);
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            if let FixEdit::Replace(range, new) = edit {
                inside(text, &Edit::new(*range, new.as_str()));
            }
        }
    }
}

fn inside(text: &str, edit: &Edit) {
    assert!(text.get(std::ops::Range::<usize>::from(edit.range)).is_some(), "{edit:?} in {text:?}");
}

/// A file around the code, of every format that a name can give it.
pub fn files(data: &[u8]) {
    const PATHS: [&str; 18] = [
        "Dockerfile",
        "compose.yaml",
        "deploy/app.yaml",
        ".env",
        "requirements.txt",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "Pipfile",
        "go.mod",
        "Cargo.toml",
        "poetry.lock",
        "uv.lock",
        "Pipfile.lock",
        "go.sum",
        "Cargo.lock",
        ".github/workflows/ci.yml",
        "schema.sql",
    ];
    let mut numbers = Numbers::of(data);
    let whole = text(data);
    let configuration = AUDITOR.default_configuration();
    for path in PATHS {
        let Some(format) = Format::of(path, &whole) else { continue };
        let mut text = whole.clone();
        let mut document = FileDocument::new(path, format, &text);
        judged(&text, document.analyze(&AUDITOR, &configuration));
        let edit = edit(&text, &mut numbers);
        document.edit(&edit);
        text.replace_range(std::ops::Range::<usize>::from(edit.range), &edit.text);
        judged(&text, document.analyze(&AUDITOR, &configuration));
        let mut fresh = FileDocument::new(path, format, &text);
        assert_eq!(document.analysis(), fresh.analyze(&AUDITOR, &configuration), "{path}: {text:?}");
    }
}

/// A settings file; its problems stand in it, and what it says can be applied.
pub fn settings(data: &[u8]) {
    let text = text(data);
    for file in SettingsFile::ALL {
        let (settings, problems) = Settings::parse(&text, file, RULES);
        for problem in problems {
            assert!(text.get(std::ops::Range::<usize>::from(problem.range)).is_some(), "{problem:?} in {text:?}");
        }
        if let Some(settings) = settings {
            black_box(settings.entries());
            for path in ["a.py", "src/a/b/c.go", "deep/er/and/deeper/x.rs", "", "é/\n"] {
                black_box((settings.configuration(path), settings.includes(path)));
            }
        }
    }
}

/// Comments that accept findings, around code that has some.
pub fn suppressions(data: &[u8]) {
    let said = text(data);
    let configuration = Configuration { today: "2026-02-03".parse::<Date>().ok(), ..AUDITOR.default_configuration() };
    for (language, sign, code) in [
        (Language::Python, "#", "try:\n    f()\nexcept:\n    pass\n"),
        (Language::Go, "//", "package a\n\nfunc f() {\n\tpanic(1)\n}\n"),
        (Language::Rust, "//", "pub fn f() {\n    g().unwrap();\n}\n"),
    ] {
        let mut text = String::new();
        for line in code.lines().zip(said.lines().chain(std::iter::repeat(""))) {
            text.push_str(&format!("{sign} shipworthy: {}\n{} {sign} shipworthy: ignore{}\n", line.1, line.0, line.1));
        }
        judged(&text, document(language, &text).analyze(&AUDITOR, &configuration, &Alone));
    }
}

/// Safe fixes: code that its parser takes whole it takes whole afterwards, and after some rounds there is nothing left to fix.
pub fn fixes(data: &[u8]) {
    const ROUNDS: usize = 12;
    let mut numbers = Numbers::of(data);
    let language = LANGUAGES[numbers.below(3)];
    let mut text = text(data);
    let is_whole = |text: &str| Source::new(language, text).items().iter().all(|item| !item.has_error());
    if !is_whole(&text) {
        return;
    }
    let configuration = AUDITOR.default_configuration();
    for round in 0.. {
        let mut document = document(language, &text);
        judged(&text, document.analyze(&AUDITOR, &configuration, &Alone));
        let Some(fixed) = fixed(&document.outcome()) else { return };
        assert!(is_whole(&fixed), "{language}: {text:?} became {fixed:?}");
        assert!(round < ROUNDS, "{language}: {fixed:?} has no end");
        text = fixed;
    }
}

/// The text after all safe fixes; none where there are none.
fn fixed(file: &AuditedFile) -> Option<String> {
    let open = file.findings.iter().filter(|finding| finding.suppressed.is_none());
    let safe = open.filter_map(|finding| finding.fix.as_ref()).filter(|fix| fix.safety == Safety::Safe);
    let (edits, count) = combine(safe.map(|fix| {
        let replaced = fix.edits.iter().filter_map(|edit| match edit {
            FixEdit::Replace(range, text) => Some(Edit::new(*range, text.as_str())),
            FixEdit::Import(_) | FixEdit::Dependency(_) | FixEdit::Elsewhere(..) => None,
        });
        replaced.collect()
    }));
    let mut text = file.text.to_string();
    for edit in edits.iter().rev() {
        text.replace_range(std::ops::Range::<usize>::from(edit.range), &edit.text);
    }
    (count > 0).then_some(text)
}
