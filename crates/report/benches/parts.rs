//! The parts of an audit, each alone, over the code of `tests/specimens`; in the order of an audit:
//! `cargo bench --package shipworthy-report --bench parts -- --sort location`.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run fails")]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use divan::Bencher;
use divan::counter::BytesCount;
use shipworthy_audit::settings::Settings;
use shipworthy_audit::{Alone, Analysis, Auditor, Home, Index, IndexedFile, Outcome, Reading};
use shipworthy_facts::{Facts, Kind, Names, Resolver};
use shipworthy_report::{Form, Report, Subject};
use shipworthy_rules::RULES;
use shipworthy_syntax::{Language, Source};
use tree_sitter::Parser;

fn main() {
    divan::main();
}

/// The specimens in a language: paths and texts, in order.
struct Code {
    language: Language,
    files: Vec<(String, String)>,
}

impl Code {
    fn of(language: Language) -> Self {
        let specimens = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/specimens");
        let (mut files, mut folders) = (Vec::new(), vec![specimens.clone()]);
        while let Some(folder) = folders.pop() {
            let mut entries: Vec<PathBuf> =
                fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            entries.sort();
            for path in entries {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let inside = path.strip_prefix(&specimens).unwrap().to_str().unwrap();
                if Language::from_path(inside) == Some(language) {
                    files.push((inside.to_owned(), fs::read_to_string(&path).unwrap()));
                }
            }
        }
        Self { language, files }
    }

    fn bytes(&self) -> BytesCount {
        BytesCount::new(self.files.iter().map(|(_, text)| text.len()).sum::<usize>())
    }

    /// The facts of all items, file by file.
    fn facts(&self) -> Vec<(String, Vec<Facts>)> {
        let facts = |(path, text): &'_ (String, String)| {
            let source = Source::new(self.language, text);
            let items = source.items().iter();
            let facts = items.map(|item| shipworthy_facts::extract(self.language, item.tree(), item.text()));
            (path.clone(), facts.collect())
        };
        self.files.iter().map(facts).collect()
    }

    fn readings(&self) -> Vec<Reading> {
        let reading = |(path, text): &(String, String)| {
            Reading::new(path, &Home::by_path(self.language, path), self.language, text)
        };
        self.files.iter().map(reading).collect()
    }

    /// What the files tell others, effects included.
    fn indexed(&self, readings: &mut [Reading]) -> Vec<IndexedFile> {
        let declared = Index::of(readings.iter().map(|reading| reading.indexed(reading.declared())));
        let files = readings.iter_mut().map(|reading| {
            let summary = reading.summarize(&declared.view(reading));
            reading.indexed(summary)
        });
        files.collect()
    }
}

fn judge(auditor: &Auditor, index: &Index, readings: &mut [Reading]) -> Vec<Analysis> {
    let configuration = auditor.default_configuration();
    let judged = readings.iter_mut().map(|reading| {
        let view = index.view(reading);
        reading.judge(auditor, &configuration, &view)
    });
    judged.collect()
}

/// The parser alone, each file as a whole: what nothing that reads trees can do without.
#[divan::bench(args = Language::ALL)]
fn parse(bencher: Bencher<'_, '_>, language: Language) {
    let code = Code::of(language);
    let mut parser = Parser::new();
    parser.set_language(&language.grammar()).unwrap();
    bencher.counter(code.bytes()).bench_local(|| {
        code.files.iter().for_each(|(_, text)| _ = black_box(parser.parse(text, None)));
    });
}

/// Files cut into items, and each item parsed.
#[divan::bench(args = Language::ALL)]
fn split_and_parse(bencher: Bencher<'_, '_>, language: Language) {
    let code = Code::of(language);
    bencher.counter(code.bytes()).bench_local(|| {
        code.files.iter().for_each(|(_, text)| _ = black_box(Source::new(language, text)));
    });
}

/// Trees made into the flat facts.
#[divan::bench(args = Language::ALL)]
fn extract(bencher: Bencher<'_, '_>, language: Language) {
    let code = Code::of(language);
    let sources: Vec<Source> = code.files.iter().map(|(_, text)| Source::new(language, text)).collect();
    bencher.counter(code.bytes()).bench_local(|| {
        for item in sources.iter().flat_map(Source::items) {
            black_box(shipworthy_facts::extract(language, item.tree(), item.text()));
        }
    });
}

/// What names mean in each file, and what it declares for others.
#[divan::bench(args = Language::ALL)]
fn declare(bencher: Bencher<'_, '_>, language: Language) {
    let code = Code::of(language);
    let files = code.facts();
    bencher.counter(code.bytes()).bench_local(|| {
        for (path, items) in &files {
            black_box(Names::declare(&items.iter().collect::<Vec<_>>(), language, "module", path));
        }
    });
}

/// The callee of every call, as a rule asks for it.
#[divan::bench(args = Language::ALL)]
fn resolve(bencher: Bencher<'_, '_>, language: Language) {
    let code = Code::of(language);
    let files = code.facts();
    let names: Vec<Names> = files
        .iter()
        .map(|(path, items)| Names::declare(&items.iter().collect::<Vec<_>>(), language, "module", path))
        .collect();
    bencher.counter(code.bytes()).bench_local(|| {
        for ((_, items), names) in files.iter().zip(&names) {
            for facts in items {
                let resolver = Resolver::new(facts, &names.environment, &Alone);
                for call in facts.nodes().filter(|node| node.is(Kind::Call)) {
                    black_box(resolver.meaning(call));
                }
            }
        }
    });
}

/// What each function does, closed over the calls between all files.
#[divan::bench(args = Language::ALL)]
fn effects(bencher: Bencher<'_, '_>, language: Language) {
    let code = Code::of(language);
    let made = || {
        let mut readings = code.readings();
        code.indexed(&mut readings)
    };
    bencher.counter(code.bytes()).with_inputs(made).bench_local_values(Index::of);
}

/// All rules over all items, none of them judged before.
#[divan::bench(args = Language::ALL)]
fn dispatch(bencher: Bencher<'_, '_>, language: Language) {
    let code = Code::of(language);
    let auditor = Auditor::new(RULES);
    let made = || {
        let mut readings = code.readings();
        let index = Index::of(code.indexed(&mut readings));
        (readings, index)
    };
    bencher
        .counter(code.bytes())
        .with_inputs(made)
        .bench_local_refs(|(readings, index)| judge(&auditor, index, readings));
}

/// The report of what was found, as JSON.
#[divan::bench(args = Language::ALL)]
fn serialise(bencher: Bencher<'_, '_>, language: Language) {
    let code = Code::of(language);
    let auditor = Auditor::new(RULES);
    let mut readings = code.readings();
    let index = Index::of(code.indexed(&mut readings));
    let mut analyses = judge(&auditor, &index, &mut readings);
    let configuration = auditor.default_configuration();
    let files = readings.iter().zip(&mut analyses).map(|(reading, analysis)| {
        reading.finish(analysis, &[], &auditor, &configuration);
        reading.outcome(analysis)
    });
    let outcome = Outcome { files: files.collect(), ..Outcome::default() };
    let settings = Settings::defaults(RULES);
    let subject = Subject::new(".", "0.0.0", RULES, &settings);
    bencher.counter(code.bytes()).bench_local(|| {
        let report = Report::new(&outcome, &subject);
        Form::Json.render(&outcome, &report, ".", false)
    });
}
