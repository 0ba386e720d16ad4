//! Small projects under `tests/specimens`, each audited with the whole catalogue and held to the findings that it says it has.
//!
//! `expected.txt` of a project lists them, `path:line rule  # why it is there`. What is listed has to be found on its line; what is not
//! listed must not block and must not be of high severity. A project without the file has nothing of the kind. In functions that are
//! named `near_..` there is nothing at all: each looks like what the function beside it has.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::json;

const SPECIMENS: [&str; 10] = [
    "across-go",
    "across-python",
    "across-rust",
    "brand-drift",
    "climate-api",
    "crm-assistant",
    "gateway",
    "investigations",
    "well-built",
    "well-built-rust",
];

fn specimen(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/specimens").join(name)
}

/// The lines of `expected.txt` without what is said of them.
fn expected(folder: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(folder.join("expected.txt")).unwrap_or_default();
    let rows = text.lines().map(|line| line.split('#').next().unwrap().trim().to_owned());
    rows.filter(|row| !row.is_empty()).collect()
}

#[test]
fn specimens_have_the_findings_that_they_say_they_have() {
    let mut wrong = Vec::new();
    for name in SPECIMENS {
        let folder = specimen(name);
        let expected = expected(&folder);
        assert!(name.starts_with("well-built") == expected.is_empty(), "{name} expects {expected:?}");
        let audit = json(&folder, &[]);
        let mut found = BTreeSet::new();
        for finding in audit["findings"].as_array().unwrap() {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            let row = format!("{}:{} {}", text("path"), finding["range"]["start"]["line"], text("rule"));
            let near =
                finding["symbol"].as_str().is_some_and(|symbol| symbol.to_lowercase().contains("near"));
            if near || !expected.contains(&row) && ["blocking", "high"].contains(&&*text("severity")) {
                wrong.push(format!("{name}: not expected: {row}: {}", text("message")));
            }
            found.insert(row);
        }
        wrong.extend(expected.difference(&found).map(|row| format!("{name}: missing: {row}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
