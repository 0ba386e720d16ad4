//! The file that is typed in, and what is typed.

use serde_json::{Value, json};

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

/// Edits that leave the document as it was; each with its state: between definitions and inside of bodies, at the top, in the middle and
/// at the end.
pub(super) fn script(text: &str) -> Vec<(State, Edit)> {
    let definitions: Vec<(usize, usize)> = definitions(text).map(|line| (line, 0)).collect();
    let returns: Vec<(usize, usize)> = returns(text).collect();
    let spread = |all: &[(usize, usize)]| -> Vec<(usize, usize)> {
        [0, all.len() / 2, all.len().saturating_sub(1)]
            .iter()
            .filter_map(|at| all.get(*at).copied())
            .collect()
    };
    let mut places = [spread(&definitions), spread(&returns)].concat();
    // From the end, so that nothing depends on the edits before.
    places.sort_unstable();
    places.iter().rev().flat_map(|&(line, indent)| at(line, indent)).collect()
}

fn at(line: usize, indent: usize) -> Vec<(State, Edit)> {
    let mut edits = vec![(State::Healthy, Edit::insert((line, 0), &format!("{}\n", " ".repeat(indent))))];
    let mut typed = |state, text: &str| {
        for (column, letter) in text.chars().enumerate() {
            edits.push((state, Edit::insert((line, indent + column), &letter.to_string())));
        }
        for column in (indent..indent + text.len()).rev() {
            edits.push((state, Edit::delete((line, column), (line, column + 1))));
        }
    };
    typed(State::Healthy, "measured_value");
    for text in ["\"", "\"\"\"", "(", "de", "clas"] {
        typed(State::Broken, text);
    }
    let finding = ["try:", "    pass", "except:", "    pass"];
    let finding: String = finding.iter().map(|line| format!("{}{line}\n", " ".repeat(indent))).collect();
    for _ in 0..3 {
        edits.push((State::Finding, Edit::insert((line, 0), &finding)));
        edits.push((State::Finding, Edit::delete((line, 0), (line + 4, 0))));
    }
    edits.push((State::Healthy, Edit::delete((line, 0), (line + 1, 0))));
    edits
}

/// The lines inside of bodies that return something, with their indentation: a statement may stand before each.
fn returns(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.lines().enumerate().filter_map(|(number, line)| {
        let bare = line.trim_start();
        let indent = line.len() - bare.len();
        (indent > 0 && bare.starts_with("return ")).then_some((number, indent))
    })
}

/// A burst of 50 edits at the middle of the document, which leaves it as it was.
pub(super) fn burst(text: &str) -> Vec<Edit> {
    let definitions: Vec<usize> = definitions(text).collect();
    let line = definitions.get(definitions.len() / 2).copied().unwrap_or_default();
    let mut edits = vec![Edit::insert((line, 0), "\n")];
    edits.extend((0..24).map(|column| Edit::insert((line, column), "x")));
    edits.extend((0..24).rev().map(|column| Edit::delete((line, column), (line, column + 1))));
    edits.push(Edit::delete((line, 0), (line + 1, 0)));
    edits
}

/// About the first `lines` lines of the modules together, cut before the nearest definition.
pub(super) fn concatenate(modules: impl IntoIterator<Item = String>, lines: usize) -> String {
    let mut text = String::new();
    for module in modules {
        // A future import is an error below other code.
        for line in module.lines().filter(|line| !line.starts_with("from __future__")) {
            text.push_str(line);
            text.push('\n');
        }
        if text.lines().count() > lines {
            break;
        }
    }
    let cut = definitions(&text).min_by_key(|line| line.abs_diff(lines)).unwrap_or(lines);
    text.split_inclusive('\n').take(cut).collect()
}

/// The lines where a definition at the top level starts.
fn definitions(text: &str) -> impl Iterator<Item = usize> {
    let mut decorated = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let starts = ["def ", "async def ", "class ", "@"].iter().any(|start| line.starts_with(start));
        let first = starts && !decorated;
        decorated = starts && line.starts_with('@') || decorated && line.starts_with([' ', ')']);
        first.then_some(number)
    })
}

#[cfg(test)]
mod tests {
    use super::{burst, concatenate, definitions, script};

    const MODULE: &str = "from __future__ import annotations\nimport os\n\n@decorated\ndef one():\n    return 1\n\nclass Two:\n    pass\n";

    #[test]
    fn modules_are_cut_before_a_definition() {
        let text = concatenate([MODULE.to_owned(), MODULE.to_owned()], 7);
        assert_eq!(text, "import os\n\n@decorated\ndef one():\n    return 1\n\n");
        assert_eq!(concatenate([MODULE.to_owned(), MODULE.to_owned()], 9).lines().count(), 10);
        assert_eq!(definitions(MODULE).collect::<Vec<_>>(), [3, 7]);
    }

    #[test]
    fn edits_leave_the_text_as_it_was() {
        let mut text = MODULE.to_owned();
        let mut seen = std::collections::BTreeSet::new();
        for (_, edit) in script(MODULE) {
            edit.apply(&mut text);
            seen.insert(text.clone());
        }
        assert_eq!(text, MODULE);
        assert!(seen.len() > 40, "{}", seen.len());
        assert_eq!(burst(MODULE).len(), 50);
        burst(MODULE).iter().for_each(|edit| edit.apply(&mut text));
        assert_eq!(text, MODULE);
    }
}
