//! The code that a finding stands on, and its fix as a diff. Values of secrets are hidden in both: a report is passed on.

use shipworthy_audit::{AuditedFile, Fix, FixEdit, redact};
use shipworthy_syntax::{Language, Range, Text};

/// Lines of a finding that are shown; of longer findings the first ones.
const MAX_LINES: u32 = 8;
/// Characters of a line that are shown.
const MAX_COLUMNS: usize = 240;

/// A few lines of code.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Excerpt {
    /// The lines.
    pub lines: Vec<Line>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// Its number, from 1.
    pub number: u32,
    /// Before the marked part; all of it where nothing is marked.
    pub before: String,
    /// The part that the finding is about.
    pub marked: String,
    /// Behind it.
    pub after: String,
}

impl Line {
    /// The whole line.
    pub fn text(&self) -> String {
        [&*self.before, &self.marked, &self.after].concat()
    }
}

/// A part of a fix as a diff.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Hunk {
    /// The number of its first line, from 1.
    pub line: u32,
    /// Lines that go.
    pub removed: Vec<String>,
    /// Lines that come.
    pub added: Vec<String>,
}

/// A file's text with the values of secrets hidden, byte for byte as long.
pub(crate) fn safe_text(file: &AuditedFile) -> String {
    let mut bytes = file.text.as_bytes().to_vec();
    for finding in file.secrets() {
        let range = finding.range.start as usize..finding.range.end as usize;
        let Some(literal) = bytes.get_mut(range) else { continue };
        let quote = |b: &u8| matches!(b, b'"' | b'\'' | b'`');
        let (first, last) = (literal.iter().position(quote), literal.iter().rposition(quote));
        let inside = match (first, last) {
            (Some(first), Some(last)) if first < last => first + 1..last,
            _ => 0..literal.len(),
        };
        for byte in &mut literal[inside] {
            if !byte.is_ascii_whitespace() && !quote(byte) {
                *byte = b'*';
            }
        }
    }
    // Whole characters were replaced: a range never cuts one.
    let mut text = String::from_utf8(bytes).unwrap_or_default();
    // Whatever rules are on: what stands beside a name that says secret is not for others' eyes.
    let is_code = Language::from_path(&file.path).is_some();
    redact::hide(&mut text, is_code);
    text
}

/// The lines of a range with one line before and behind it.
pub(crate) fn excerpt(text: &Text, range: Range) -> Excerpt {
    let (first, last) =
        (text.line_of(range.start), text.line_of(range.end.saturating_sub(1).max(range.start)));
    let from = first.saturating_sub(1);
    let until = (last + 1).min(first + MAX_LINES - 1).min(text.line_of(text.len()));
    let lines = (from..=until).filter_map(|number| {
        let line = text.line_range(number);
        let marked = Range {
            start: range.start.max(line.start).min(line.end),
            end: range.end.min(line.end).max(line.start),
        };
        let is_marked = first <= number && number <= last && marked.start < marked.end;
        let cut = if is_marked { marked } else { Range::empty(line.end) };
        let part = |start, end| text.slice(Range { start, end }).trim_end_matches(['\r', '\n']).to_owned();
        let mut line = Line {
            number: number + 1,
            before: part(line.start, cut.start),
            marked: part(cut.start, cut.end),
            after: part(cut.end, line.end),
        };
        let blank = number != first && line.text().trim().is_empty() && (number == from || number == until);
        let mut room = MAX_COLUMNS;
        for part in [&mut line.before, &mut line.marked, &mut line.after] {
            shorten(part, room);
            room = room.saturating_sub(part.chars().count());
        }
        (!blank).then_some(line)
    });
    Excerpt { lines: lines.collect() }
}

fn shorten(text: &mut String, room: usize) {
    if let Some((at, _)) = text.char_indices().nth(room) {
        text.truncate(at);
        text.push('…');
    }
}

/// A fix as a diff, part by part.
pub(crate) fn diff(text: &Text, fix: &Fix) -> Vec<Hunk> {
    let mut edits: Vec<(Range, &str)> = fix
        .edits
        .iter()
        .filter_map(|edit| match edit {
            FixEdit::Replace(range, new) => Some((*range, new.as_str())),
            FixEdit::Import(_) | FixEdit::Dependency(_) | FixEdit::Elsewhere(..) => None,
        })
        .collect();
    edits.sort();
    let mut hunks = Vec::new();
    let mut edits = edits.into_iter().peekable();
    while let Some((range, new)) = edits.next() {
        let first = text.line_of(range.start);
        let mut last = text.line_of(range.end);
        let start = text.line_start(first);
        let mut changed = text.slice(Range { start, end: range.start }) + new;
        let mut at = range.end;
        while let Some((next, new)) = edits.next_if(|(next, _)| text.line_of(next.start) <= last) {
            changed.push_str(&text.slice(Range { start: at, end: next.start.max(at) }));
            changed.push_str(new);
            at = next.end.max(at);
            last = last.max(text.line_of(at));
        }
        let end = text.line_range(last).end.max(at);
        changed.push_str(&text.slice(Range { start: at, end }));
        let old = text.slice(Range { start, end });
        let (mut removed, mut added): (Vec<&str>, Vec<&str>) =
            (old.lines().collect(), changed.lines().collect());
        while removed.last().is_some() && removed.last() == added.last() {
            removed.pop();
            added.pop();
        }
        let same = removed.iter().zip(&added).take_while(|(old, new)| old == new).count();
        let owned = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect();
        hunks.push(Hunk {
            line: first + 1 + same as u32,
            removed: owned(&removed[same..]),
            added: owned(&added[same..]),
        });
    }
    hunks
}
