//! Cuts a file into items without parsing it.
//!
//! A scan starts where an item starts and reads, line by line, up to the first line at column 0 that starts another one.
//! It depends on nothing before its start, so the cuts of a file are found one after the other, and after an edit only
//! those whose text was touched are looked for again.
//!
//! In code that is whole the cuts are those of the grammar. Where something is left open, a bracket or a string, the
//! text behind it would be swallowed. So a scan remembers the first line behind that looks like a definition, and cuts
//! there as soon as it knows that the text is broken: because a definition cannot stand where one does, because words
//! follow directly behind a closing quote, which then opened a string, or because the file ends before all is closed.

mod bytes;
mod go;
mod python;
mod rust;

use crate::language::Language;
use crate::range::{Range, offset};

/// Where an item lies and what the scan knew of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) range: Range,
    /// The offset up to which the text decides where the item ends; `u32::MAX` if the end of the file does.
    pub(crate) seen: u32,
    /// The repairs before the item.
    pub(crate) repairs: u8,
}

impl Span {
    /// The item that starts at `start` and ends with `cut`.
    pub(crate) fn new(start: u32, repairs: u8, cut: Cut) -> Self {
        let range = Range::new(start, start + offset(cut.end));
        Self { range, seen: start.saturating_add(offset(cut.seen)), repairs }
    }

    pub(crate) fn shift(self, by: i64) -> Self {
        let seen = if self.seen == u32::MAX { self.seen } else { Range::empty(self.seen).shift(by).start };
        Self { range: self.range.shift(by), seen, ..self }
    }
}

/// The items of a whole file.
pub(crate) fn spans(language: Language, text: &str) -> impl Iterator<Item = Span> {
    let mut at = 0;
    let mut repairs = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let cut = cut(language, rest, true, repairs)?;
        let span = Span::new(offset(at), repairs, cut);
        at += cut.end;
        repairs = cut.repairs;
        Some(span)
    })
}

/// Where an item ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Length of the item in bytes.
    pub(crate) end: usize,
    /// How many bytes from the start of the item the scan has looked at; `usize::MAX` if it saw where the file ends.
    pub(crate) seen: usize,
    /// The repairs made so far, this cut included.
    pub(crate) repairs: u8,
}

/// How often a scan may read far ahead to find out that something is never closed. Behind so many repairs every line
/// that looks like a definition is one, which keeps the work linear in the worst of files.
const REPAIRS: u8 = 32;

/// Finds the end of the item that starts `text`. `complete` tells that `text` reaches to the end of the file; `None` means
/// that more text is needed. `repairs` is what the cut before this one had.
pub(crate) fn cut(language: Language, text: &str, complete: bool, repairs: u8) -> Option<Cut> {
    let text = text.as_bytes();
    match language {
        Language::Python => scan::<python::Lexer>(text, complete, repairs),
        Language::Go => scan::<go::Lexer>(text, complete, repairs),
        Language::Rust => scan::<rust::Lexer>(text, complete, repairs),
    }
}

/// Knows the strings, comments and brackets of a language. Starts at the top level.
trait Lexer: Default {
    /// Reads the line that starts at `at`.
    fn line(&mut self, text: &[u8], at: usize) -> Line;

    /// Where the next line starts.
    fn place(&self) -> Place;

    /// What the next line, which starts at `at`, starts at its first column.
    fn start(&self, text: &[u8], at: usize) -> Start;
}

/// A line that was read.
struct Line {
    /// Where the next one starts.
    next: usize,
    /// What became of the literal or comment in which it started.
    literal: Literal,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Literal {
    Open,
    Closed,
    /// It was closed by what must have been the opening of another one.
    Misread,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    /// In brackets.
    Nested,
    /// In a string or a comment of several lines.
    Literal,
}

/// What a line starts at its first column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// Nothing, or nothing but a comment or an attribute that is indented.
    Blank,
    Comment,
    /// A decorator, an attribute or a doc comment.
    Attribute,
    /// A definition; if the place does not allow one, the text is broken before it.
    Definition,
    /// What looks like a definition, and is one if the text before it turns out to be broken.
    Likely,
    /// Another statement.
    Statement,
    /// Nothing new: the line goes on with what came before.
    Continuation,
}

/// The comments and attributes directly above a line: they belong to what it starts.
#[derive(Default)]
struct Lead {
    start: Option<usize>,
    attributed: bool,
}

impl Lead {
    /// Takes the line at `at` into account and gives the start of what belongs to it.
    fn observe(&mut self, start: Start, at: usize) -> usize {
        match start {
            Start::Comment => return *self.start.get_or_insert(at),
            Start::Attribute => {
                self.attributed = true;
                return *self.start.get_or_insert(at);
            }
            Start::Blank if self.attributed => return at,
            _ => {}
        }
        std::mem::take(self).start.unwrap_or(at)
    }
}

/// The first lines of an item that look like a definition and stand where none can begin, were the text whole.
#[derive(Default)]
struct Candidates {
    /// In the brackets that are open.
    nested: Option<usize>,
    /// In the string or comment that is open.
    literal: Option<usize>,
    /// In any string or comment of the item.
    hidden: Option<usize>,
}

impl Candidates {
    fn add(&mut self, place: Place, at: usize) {
        if place == Place::Literal {
            self.literal.get_or_insert(at);
            self.hidden.get_or_insert(at);
        } else {
            self.nested.get_or_insert(at);
        }
    }

    /// The one at which to cut when the file ends in `place`.
    fn unclosed(&self, place: Place) -> Option<usize> {
        match place {
            Place::Top => None,
            Place::Nested => self.nested,
            Place::Literal => self.nested.into_iter().chain(self.hidden).min(),
        }
    }
}

fn scan<L: Lexer>(text: &[u8], complete: bool, repairs: u8) -> Option<Cut> {
    let mut lexer = L::default();
    let mut item = None;
    let mut candidates = Candidates::default();
    let mut top = Lead::default();
    let mut inner = Lead::default();
    let first = if text.starts_with(bytes::BOM) { bytes::BOM.len() } else { 0 };
    let mut at = first;

    let cut = |end, seen| Cut { end, seen, repairs };
    let repaired = |end, seen| Cut { end, seen, repairs: repairs.saturating_add(1) };
    while at < text.len() {
        let place = lexer.place();
        if place == Place::Top {
            candidates.nested = None;
            inner = Lead::default();
        }
        let start = lexer.start(text, at);
        // Brackets that an attribute left open do not part it from its definition.
        let attributed = top.attributed && matches!(start, Start::Definition | Start::Likely);
        let lead = if place == Place::Top || attributed { &mut top } else { &mut inner };
        let from = lead.observe(start, at);
        let ends = match start {
            Start::Definition => item.is_some(),
            Start::Likely => from > first && repairs >= REPAIRS,
            Start::Statement => place == Place::Top && item == Some(Start::Definition),
            _ => false,
        };
        if ends {
            let seen = bytes::line_seen(text, at);
            let cut = candidates.nested.map_or(cut(from, seen), |end| repaired(end, seen));
            return (complete || seen <= text.len()).then_some(cut);
        }
        match start {
            Start::Definition => item = Some(start),
            Start::Statement if place == Place::Top => item = Some(start),
            Start::Likely if from > first => candidates.add(place, from),
            _ => {}
        }
        let line = lexer.line(text, at);
        if !complete && line.next >= text.len() {
            return None;
        }
        if line.literal == Literal::Misread
            && let Some(end) = candidates.literal
        {
            return Some(repaired(end, bytes::line_seen(text, at)));
        }
        if line.literal != Literal::Open {
            candidates.literal = None;
        }
        at = line.next;
    }
    let end = || match candidates.unclosed(lexer.place()) {
        Some(end) => repaired(end, usize::MAX),
        None => cut(text.len(), usize::MAX),
    };
    complete.then(end)
}
