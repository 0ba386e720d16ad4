//! An open document's text, which is always the newest, with the changes that its analysis has not seen.

use std::path::PathBuf;

use shipworthy_audit::settings::SettingsFile;
use shipworthy_evidence::{Format, Guess};
use shipworthy_syntax::{Edit, Encoding, Language, Range, Text};
use tower_lsp_server::ls_types::{TextDocumentContentChangeEvent, TextDocumentItem};

use crate::convert;
use crate::surveys::Found;
use crate::work::Work;

/// What the server does with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Audits it.
    Code(Language),
    /// Audits it if its path and text tell its format; else it has the one that the client calls it.
    File(Option<Format>),
    /// Tells what is wrong with it, and follows it. It may be a file around the code too.
    Settings(SettingsFile),
}

impl Kind {
    /// Settings are known by their name; code is what the client calls it, else what its name says; other files are known by their name
    /// first, because clients call many of them the same.
    pub(crate) fn of(document: &TextDocumentItem) -> Option<Self> {
        let path = document.uri.path().decode().to_string_lossy();
        let name = path.rsplit('/').next()?;
        let settings = SettingsFile::ALL.into_iter().find(|file| file.name() == name);
        let language = || Language::from_id(&document.language_id).or_else(|| Language::from_path(&path));
        let file = || {
            let called = format(&document.language_id);
            (called.is_some() || Format::guess(&path) != Guess::None).then_some(Self::File(called))
        };
        settings.map(Self::Settings).or_else(|| language().map(Self::Code)).or_else(file)
    }
}

/// The format of what clients call so.
fn format(id: &str) -> Option<Format> {
    match id {
        "dockerfile" => Some(Format::Dockerfile),
        "dockercompose" | "yaml.docker-compose" => Some(Format::Compose),
        "dotenv" | "env" => Some(Format::Env),
        "pip-requirements" | "requirements" => Some(Format::Manifest),
        "sql" | "mysql" | "pgsql" | "plsql" => Some(Format::Sql),
        "yaml.gitlab" => Some(Format::Ci),
        _ => None,
    }
}

/// The text of a document.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    pub(crate) kind: Kind,
    /// Its path in the workspace, with `/`.
    pub(crate) path: String,
    /// The file, if it is one.
    pub(crate) file: Option<PathBuf>,
    pub(crate) text: Text,
    edits: Vec<Edit>,
}

impl Buffer {
    pub(crate) fn new(kind: Kind, path: String, document: &TextDocumentItem) -> Self {
        let (file, text) = (convert::file_path(&document.uri), Text::new(&document.text));
        Self { kind, path, file, text, edits: Vec::new() }
    }

    /// Applies a change as the client says it. Positions past the end count as the end.
    pub(crate) fn change(&mut self, change: &TextDocumentContentChangeEvent, encoding: Encoding) {
        let edit = match change.range {
            Some(range) => Edit::new(convert::to_bytes(range, &self.text, encoding), change.text.as_str()),
            None => difference(&self.text, &change.text),
        };
        self.text.replace(edit.range, &edit.text);
        match self.edits.last_mut() {
            Some(last) if touch(last, &edit) => join(last, edit),
            _ => self.edits.push(edit),
        }
    }

    /// What the analysis has to do; nothing waits any more. What is no file belongs to the root.
    pub(crate) fn take_work(&mut self, root: Option<&PathBuf>, found: Option<Found>, is_news: bool) -> Work {
        let file = self.file.clone().or_else(|| Some(root?.join(&self.path))).unwrap_or_default();
        let edits = std::mem::take(&mut self.edits);
        Work {
            kind: self.kind,
            path: self.path.clone(),
            file,
            text: self.text.clone(),
            edits,
            found,
            is_news,
        }
    }
}

/// The one change that makes a text another: all between what both start with and what both end with.
pub(crate) fn difference(old: &Text, new: &str) -> Edit {
    let old = old.to_string();
    let same = |(a, b): &(char, char)| a == b;
    let length = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(same).map(|(c, _)| c.len_utf8()).sum()
    };
    let start = length(&mut old.chars().zip(new.chars()));
    let end = length(&mut old[start..].chars().rev().zip(new[start..].chars().rev()));
    Edit::new(Range::from(start..old.len() - end), &new[start..new.len() - end])
}

/// Whether a change touches what the one before it put in.
fn touch(last: &Edit, next: &Edit) -> bool {
    let end = last.range.start + last.text.len() as u32;
    next.range.start <= end && last.range.start <= next.range.end
}

/// Makes two changes that touch one.
fn join(last: &mut Edit, next: Edit) {
    let (start, end) = (last.range.start, last.range.start + last.text.len() as u32);
    let from = next.range.start.saturating_sub(start);
    let to = next.range.end.min(end) - start;
    last.text.replace_range(from as usize..to as usize, &next.text);
    last.range = Range {
        start: start.min(next.range.start),
        end: last.range.end + next.range.end.saturating_sub(end),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str, edits: &[Edit]) -> String {
        let mut text = Text::new(text);
        edits.iter().for_each(|edit| text.replace(edit.range, &edit.text));
        text.to_string()
    }

    #[test]
    fn changes_that_touch_become_one_and_say_the_same() {
        let base = "0123456789";
        for (a, b) in (0..=10).flat_map(|a| (a..=10).map(move |b| (a, b))) {
            let first = Edit::new(Range::new(4, 6), "abc");
            let second = Edit::new(Range::new(a, b), "XY");
            let both = applied(base, &[first.clone(), second.clone()]);
            if touch(&first, &second) {
                let mut joined = first;
                join(&mut joined, second);
                assert_eq!(applied(base, &[joined]), both, "{a}..{b}");
            }
        }
    }

    #[test]
    fn a_difference_is_what_changed_and_keeps_characters_whole() {
        let difference = |old: &str, new: &str| {
            let edit = super::difference(&Text::new(old), new);
            assert_eq!(applied(old, std::slice::from_ref(&edit)), new);
            (edit.range.start, edit.range.end, edit.text)
        };
        assert_eq!(difference("one two three", "one 2 three"), (4, 7, "2".to_owned()));
        assert_eq!(difference("aaa", "aaaa"), (3, 3, "a".to_owned()));
        assert_eq!(difference("é", "è"), (0, 2, "è".to_owned()));
        assert_eq!(difference("", ""), (0, 0, String::new()));
    }
}
