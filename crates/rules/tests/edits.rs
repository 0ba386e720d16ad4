//! Findings after any edits are those of a fresh look, with all rules.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by them")]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use shipworthy_audit::{Alone, Auditor, Document, Home};
use shipworthy_syntax::{Edit, Language, Range};

/// What people type, and what makes the names of a file others.
const TYPED: &[&str] = &[
    "x",
    " ",
    "\n",
    "\"",
    "'''",
    "(",
    ")",
    "{",
    "}",
    "# shipworthy: ignore\n",
    "\ndef load(client=None):\n    return client\n",
    "\nasync def fetch():\n    await load()\n",
    "\nclass Store(Base):\n    cache = {}\n",
    "\nfunc load(db *sql.DB) error { return nil }\n",
    "\ntype Store struct { db *sql.DB }\n",
    "\nfn load(db: &Pool) -> Result<()> { db.get()?; Ok(()) }\n",
    "\nstruct Store { db: Pool }\n",
    "\nimport requests\n",
    "\nfrom .models import *\n",
    "\nuse std::fs;\n",
    "\nimport \"net/http\"\n",
    "    global client\n    client = requests.Session()\n",
    "client = httpx.Client(timeout=None)\n",
];

/// One change: where, as a share of the text; how many bytes go; and what comes: something typed, or a piece of the text itself.
type Change = (f64, u32, Result<usize, f64>);

fn change() -> impl Strategy<Value = Change> {
    let gone = prop_oneof![3 => Just(0_u32), 2 => 1..4_u32, 1 => 4..200_u32];
    let come = prop_oneof![2 => (0..TYPED.len()).prop_map(Ok), 1 => (0.0..1.0).prop_map(Err)];
    (0.0..1.0, gone, come)
}

/// The sources below a folder.
fn sources(folder: &Path, into: &mut Vec<(Language, String)>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let language = path.extension().and_then(|end| match end.to_str()? {
            "py" => Some(Language::Python),
            "go" => Some(Language::Go),
            "rs" => Some(Language::Rust),
            _ => None,
        });
        match language {
            _ if path.is_symlink() => {}
            _ if path.is_dir() => sources(&path, into),
            Some(language) => into.extend(std::fs::read_to_string(&path).ok().map(|text| (language, text))),
            None => {}
        }
    }
}

fn boundary(text: &str, share: f64) -> usize {
    let at = (text.len() as f64 * share) as usize;
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Changes a document step by step, and holds it to a new one after each.
fn hold(auditor: &Auditor, language: Language, text: &str, changes: &[Change]) -> Result<(), TestCaseError> {
    let configuration = auditor.default_configuration();
    let (path, home) = ("app/file", Home::by_path(language, "app/file"));
    let mut text = text.to_owned();
    let mut document = Document::new(path, &home, language, &text);
    document.analyze(auditor, &configuration, &Alone);
    for (share, gone, come) in changes {
        let start = boundary(&text, *share);
        let end = (start + *gone as usize..).find(|at| *at >= text.len() || text.is_char_boundary(*at));
        let range = start..end.unwrap_or(text.len()).min(text.len());
        let new = match come {
            Ok(typed) => TYPED[*typed].to_owned(),
            Err(share) => {
                let from = boundary(&text, *share);
                text[from..].lines().take(3).collect::<Vec<_>>().join("\n")
            }
        };
        document.edit(&Edit::new(Range::new(range.start as u32, range.end as u32), new.clone()));
        text.replace_range(range, &new);
        document.analyze(auditor, &configuration, &Alone);
        let mut fresh = Document::new(path, &home, language, &text);
        fresh.analyze(auditor, &configuration, &Alone);
        prop_assert_eq!(document.analysis(), fresh.analysis(), "after {:?} in\n{}", come, text);
    }
    Ok(())
}

fn specimens() -> Vec<(Language, String)> {
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/specimens"), &mut all);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn edited_documents_equal_fresh_ones(
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..8),
    ) {
        let specimens = specimens();
        let (language, text) = file.get(&specimens);
        hold(&Auditor::new(shipworthy_rules::RULES), *language, text, &changes)?;
    }
}

/// `SHIPWORTHY_CORPUS=folder SHIPWORTHY_EDITS=number cargo test -p shipworthy-rules --release --test edits -- --ignored`
#[test]
#[ignore = "needs a corpus"]
fn edited_documents_of_a_corpus_equal_fresh_ones() {
    let folder = std::env::var_os("SHIPWORTHY_CORPUS").expect("SHIPWORTHY_CORPUS names a folder");
    let edits: u32 = std::env::var("SHIPWORTHY_EDITS").map_or(200, |edits| edits.parse().unwrap());
    let mut files = Vec::new();
    sources(Path::new(&folder), &mut files);
    files.retain(|(_, text)| text.len() < 60_000);
    let auditor = Auditor::new(shipworthy_rules::RULES);
    let config = ProptestConfig { cases: edits / 8, failure_persistence: None, ..ProptestConfig::default() };
    let strategy = (any::<prop::sample::Index>(), prop::collection::vec(change(), 8));
    // The same edits at each run: what it finds stays found.
    let random = proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm);
    proptest::test_runner::TestRunner::new_with_rng(config, random)
        .run(&strategy, |(file, changes)| {
            let (language, text) = file.get(&files);
            hold(&auditor, *language, text, &changes)
        })
        .unwrap();
}
