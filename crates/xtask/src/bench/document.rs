//! The file that is typed in, and what is typed.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

/// A language, where a file of it is cut from, and what is typed in it.
pub(super) struct Writing {
    /// As the protocol calls it.
    pub(super) language: &'static str,
    pub(super) ending: &'static str,
    /// The project of the corpus.
    pub(super) project: &'static str,
    /// How lines begin that a file of several modules has once, or not at all.
    left_out: &'static [&'static str],
    /// What it begins with.
    head: &'static str,
    /// How definitions at the top level begin.
    definitions: &'static [&'static str],
    /// How what stands above one and belongs to it begins.
    decoration: &'static str,
    /// What stands around a name that is typed: at the top level, and in a body.
    around: [[&'static str; 2]; 2],
    /// What leaves the code broken until it is gone.
    broken: [&'static str; 5],
    /// Lines with a finding.
    finding: &'static [&'static str],
}

const WRITINGS: [Writing; 3] = [
    Writing {
        language: "python",
        ending: "py",
        project: "home-assistant",
        // A future import is an error below other code.
        left_out: &["from __future__"],
        head: "",
        definitions: &["def ", "async def ", "class "],
        decoration: "@",
        around: [["", ""], ["", ""]],
        broken: ["\"", "\"\"\"", "(", "de", "clas"],
        finding: &["try:", "    pass", "except:", "    pass"],
    },
    Writing {
        language: "go",
        ending: "go",
        project: "rclone",
        left_out: &["package "],
        head: "package typed\n",
        definitions: &["func ", "type "],
        decoration: "//go:",
        around: [["var a", " int"], ["_ = a", ""]],
        broken: ["\"", "`", "(", "fun", "typ"],
        finding: &["// TODO: measure it"],
    },
    Writing {
        language: "rust",
        ending: "rs",
        project: "sccache",
        left_out: &["#!", "//!"],
        head: "",
        definitions: &[
            "fn ",
            "async fn ",
            "struct ",
            "enum ",
            "trait ",
            "impl",
            "pub fn ",
            "pub async fn ",
            "pub struct ",
            "pub enum ",
            "pub trait ",
            "pub(crate) fn ",
        ],
        decoration: "#[",
        around: [["const A", ": u8 = 1;"], ["let _ = a", ";"]],
        broken: ["\"", "/*", "(", "fn", "stru"],
        finding: &["// TODO: measure it"],
    },
];

/// Their names.
pub(super) const LANGUAGES: [&str; 3] = [WRITINGS[0].language, WRITINGS[1].language, WRITINGS[2].language];

/// By the name of the language.
pub(super) fn writing(language: &str) -> Option<&'static Writing> {
    WRITINGS.iter().find(|writing| writing.language == language)
}

/// A line and a column, from 0.
pub(super) type Position = (usize, usize);

/// One change of a document. Columns count bytes, and are only used in lines of ASCII.
#[derive(Clone)]
pub(super) struct Edit {
    start: Position,
    end: Position,
    text: String,
}

impl Edit {
    pub(super) fn insert(at: Position, text: &str) -> Self {
        Self { start: at, end: at, text: text.to_owned() }
    }

    pub(super) fn delete(start: Position, end: Position) -> Self {
        Self { start, end, text: String::new() }
    }

    pub(super) fn apply(&self, text: &mut String) {
        let [start, end] = [self.start, self.end].map(|position| offset(text, position));
        text.replace_range(start..end, &self.text);
    }

    /// As in `textDocument/didChange`.
    pub(super) fn json(&self) -> Value {
        let position = |(line, character): Position| json!({ "line": line, "character": character });
        json!({ "range": { "start": position(self.start), "end": position(self.end) }, "text": self.text })
    }
}

fn offset(text: &str, (line, column): Position) -> usize {
    text.split_inclusive('\n').take(line).map(str::len).sum::<usize>() + column
}

/// What a series of edits does to the document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum State {
    Healthy,
    Broken,
    Finding,
    Burst,
}

impl Writing {
    /// Edits that leave the document as it was; each with its state: between definitions and inside of bodies, at the top, in the middle
    /// and at the end.
    pub(super) fn script(&self, text: &str) -> Vec<(State, Edit)> {
        let definitions: Vec<(usize, &str)> = self.definitions(text).map(|line| (line, "")).collect();
        let returns: Vec<(usize, &str)> = returns(text).collect();
        let spread = |all: &[(usize, &'_ str)]| -> Vec<(usize, String)> {
            [0, all.len() / 2, all.len().saturating_sub(1)]
                .iter()
                .filter_map(|at| all.get(*at).map(|(line, indent)| (*line, (*indent).to_owned())))
                .collect()
        };
        let mut places = [spread(&definitions), spread(&returns)].concat();
        // From the end, so that nothing depends on the edits before.
        places.sort_unstable();
        places.iter().rev().flat_map(|(line, indent)| self.at(*line, indent)).collect()
    }

    fn at(&self, line: usize, indent: &str) -> Vec<(State, Edit)> {
        let mut edits = vec![(State::Healthy, Edit::insert((line, 0), &format!("{indent}\n")))];
        let column = indent.len();
        let typed = |edits: &mut Vec<(State, Edit)>, state, column: usize, text: &str| {
            for (offset, letter) in text.chars().enumerate() {
                edits.push((state, Edit::insert((line, column + offset), &letter.to_string())));
            }
            for column in (column..column + text.len()).rev() {
                edits.push((state, Edit::delete((line, column), (line, column + 1))));
            }
        };
        let [before, behind] = self.around[usize::from(!indent.is_empty())];
        let around = [before, behind].concat();
        if !around.is_empty() {
            edits.push((State::Healthy, Edit::insert((line, column), &around)));
        }
        typed(&mut edits, State::Healthy, column + before.len(), "measured_value");
        if !around.is_empty() {
            edits.push((State::Healthy, Edit::delete((line, column), (line, column + around.len()))));
        }
        for text in self.broken {
            typed(&mut edits, State::Broken, column, text);
        }
        let finding: String = self.finding.iter().map(|line| format!("{indent}{line}\n")).collect();
        for _ in 0..3 {
            edits.push((State::Finding, Edit::insert((line, 0), &finding)));
            edits.push((State::Finding, Edit::delete((line, 0), (line + self.finding.len(), 0))));
        }
        edits.push((State::Healthy, Edit::delete((line, 0), (line + 1, 0))));
        edits
    }

    /// A burst of 50 edits at the middle of the document, which leaves it as it was.
    pub(super) fn burst(&self, text: &str) -> Vec<Edit> {
        let definitions: Vec<usize> = self.definitions(text).collect();
        let line = definitions.get(definitions.len() / 2).copied().unwrap_or_default();
        let mut edits = vec![Edit::insert((line, 0), "\n")];
        edits.extend((0..24).map(|column| Edit::insert((line, column), "x")));
        edits.extend((0..24).rev().map(|column| Edit::delete((line, column), (line, column + 1))));
        edits.push(Edit::delete((line, 0), (line + 1, 0)));
        edits
    }

    /// About the first `lines` lines of the modules together, cut before the nearest definition.
    pub(super) fn concatenate(&self, modules: &[PathBuf], lines: usize) -> String {
        self.joined(modules.iter().filter_map(|module| fs::read_to_string(module).ok()), lines)
    }

    fn joined(&self, modules: impl IntoIterator<Item = String>, lines: usize) -> String {
        let mut text = self.head.to_owned();
        for module in modules {
            for line in module.lines().filter(|line| !self.left_out.iter().any(|out| line.starts_with(out))) {
                text.push_str(line);
                text.push('\n');
            }
            if text.lines().count() > lines {
                break;
            }
        }
        let cut = self.definitions(&text).min_by_key(|line| line.abs_diff(lines)).unwrap_or(lines);
        text.split_inclusive('\n').take(cut).collect()
    }

    /// The lines where a definition at the top level starts.
    fn definitions(&self, text: &str) -> impl Iterator<Item = usize> {
        let mut decorated = false;
        text.lines().enumerate().filter_map(move |(number, line)| {
            let decoration = line.starts_with(self.decoration);
            let starts = decoration || self.definitions.iter().any(|start| line.starts_with(start));
            let first = starts && !decorated;
            decorated = decoration || decorated && line.starts_with([' ', ')']);
            first.then_some(number)
        })
    }
}

/// The lines inside of bodies that return something, with their indentation: a statement may stand before each.
fn returns(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(number, line)| {
        let bare = line.trim_start();
        let indent = &line[..line.len() - bare.len()];
        (!indent.is_empty() && bare.starts_with("return ")).then_some((number, indent))
    })
}

#[cfg(test)]
mod tests {
    use super::{LANGUAGES, writing};

    const MODULES: [(&str, &str); 3] = [
        (
            "python",
            "from __future__ import annotations\nimport os\n\n@decorated\ndef one():\n    return 1\n\nclass Two:\n    pass\n",
        ),
        ("go", "package a\n\nimport \"os\"\n\nfunc one() int {\n\treturn 1\n}\n\ntype Two struct{}\n"),
        ("rust", "#![allow(x)]\nuse a::b;\n\n#[c]\nfn one() -> u8 {\n    return 1;\n}\n\nstruct Two;\n"),
    ];

    #[test]
    fn modules_are_cut_before_a_definition() {
        let python = writing("python").unwrap();
        let module = MODULES[0].1;
        let joined = |lines| python.joined([module.to_owned(), module.to_owned()], lines);
        assert_eq!(joined(7), "import os\n\n@decorated\ndef one():\n    return 1\n\n");
        assert_eq!(joined(9).lines().count(), 10);
        assert_eq!(python.definitions(module).collect::<Vec<_>>(), [3, 7]);
        let go = writing("go").unwrap().joined([MODULES[1].1.to_owned(), MODULES[1].1.to_owned()], 12);
        assert_eq!(go.matches("package").count(), 1);
    }

    #[test]
    fn edits_leave_the_text_as_it_was() {
        assert_eq!(MODULES.map(|(language, _)| language), LANGUAGES);
        for (language, module) in MODULES {
            let writing = writing(language).unwrap();
            let mut text = module.to_owned();
            let mut seen = std::collections::BTreeSet::new();
            for (_, edit) in writing.script(module) {
                edit.apply(&mut text);
                seen.insert(text.clone());
            }
            assert_eq!(text, module);
            assert!(seen.len() > 40, "{language}: {}", seen.len());
            assert_eq!(writing.burst(module).len(), 50);
            writing.burst(module).iter().for_each(|edit| edit.apply(&mut text));
            assert_eq!(text, module);
        }
    }
}
