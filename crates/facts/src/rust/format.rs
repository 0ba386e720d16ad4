//! Format strings: the names that they print.

use std::ops::Range as Span;

use shipworthy_syntax::Range;

use super::tokens::Reader;
use super::{Extractor, string_flags};
use crate::fact::{Flags, Kind, Role};

impl Reader {
    /// A string literal; a template where it is a format string that names what it prints.
    pub(super) fn string(&mut self, out: &mut Extractor<'_>, role: Role) {
        let formats = self.formats && role == Role::Argument;
        let range = self.bump();
        let literal = self.slice(range);
        let flags = string_flags(literal);
        let mut captures = Vec::new();
        if formats && !flags.contains(Flags::BYTES) {
            captures = find_captures(literal, flags.contains(Flags::RAW));
            captures.retain(|c| {
                let name = &literal[c.names[0].clone()];
                !self.names_argument(name) && out.is_bound(name)
            });
        }
        if captures.is_empty() {
            out.builder.leaf(Kind::String, role, range).flags |= flags;
            return;
        }
        out.builder.open(Kind::Template, role, range).flags |= flags;
        let part = |out: &mut Extractor<'_>, kind, span: Span<usize>| {
            let range = Range { start: range.start + span.start as u32, end: range.start + span.end as u32 };
            if range.start < range.end {
                let fact = out.builder.leaf(kind, Role::Part, range);
                if kind == Kind::Name {
                    fact.name = range;
                }
            }
        };
        let content = content(literal);
        let mut at = content.start;
        for capture in captures {
            part(out, Kind::Text, at..capture.placeholder.start);
            for name in capture.names {
                part(out, Kind::Name, name);
            }
            at = capture.placeholder.end;
        }
        part(out, Kind::Text, at..content.end);
        out.builder.close();
    }

    /// Whether an argument that follows has that name: `format!("{x}", x = 1)`.
    fn names_argument(&self, name: &str) -> bool {
        (self.at..self.end).any(|i| self.word(i) == name && self.word(i + 1) == "=")
    }
}

impl Extractor<'_> {
    /// Whether a name that a string seems to print can be a variable: braces mean something else in paths and in SQL.
    fn is_bound(&mut self, name: &str) -> bool {
        for index in self.state.bound_until..self.builder.next() {
            let fact = *self.builder.fact_mut(index);
            if fact.kind == Kind::Parameter || (fact.kind == Kind::Name && fact.flags.contains(Flags::BINDS))
            {
                let name = self.builder.text(fact.name).into();
                self.state.bound.insert(name);
            }
        }
        self.state.bound_until = self.builder.next();
        // Constants are seldom in the same item.
        self.state.bound.contains(name) || name.starts_with(char::is_uppercase)
    }
}

/// A placeholder that names what it prints.
struct Capture {
    /// With its braces.
    placeholder: Span<usize>,
    /// What it prints, and its width and precision where they are names too (`{x:width$}`).
    names: Vec<Span<usize>>,
}

/// What stands between the quotes of a literal.
fn content(literal: &str) -> Span<usize> {
    let start = literal.find('"').map_or(literal.len(), |at| at + 1);
    let hashes = literal[..start].bytes().filter(|b| *b == b'#').count();
    start..literal.len().saturating_sub(hashes + 1).max(start)
}

fn find_captures(literal: &str, raw: bool) -> Vec<Capture> {
    let mut captures = Vec::new();
    let content = content(literal);
    let Some(text) = literal.get(..content.end) else { return captures };
    let mut at = content.start;
    while let Some(found) = text[at..].find(['{', '\\']) {
        at += found;
        let rest = &text[at..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            // `\u{1F600}` is a character.
            at += match escaped.strip_prefix("u{").and_then(|r| r.find('}')) {
                _ if raw => 1,
                Some(end) => end + 4,
                None => 1 + escaped.chars().next().map_or(0, char::len_utf8),
            };
        } else if rest.starts_with("{{") {
            at += 2;
        } else if let Some(end) = rest.find('}') {
            captures.extend(capture(&rest[1..end], at + 1));
            at += end + 1;
        } else {
            break;
        }
    }
    captures
}

/// Reads what stands between braces at a place of the literal: `name` or `name:specification`.
fn capture(text: &str, at: usize) -> Option<Capture> {
    let (name, specification) = text.split_once(':').unwrap_or((text, ""));
    if !is_name(name) || !is_specification(specification) {
        return None;
    }
    let mut names = vec![Span { start: at, end: at + name.len() }];
    for (sign, _) in text.match_indices('$') {
        let start = text[..sign].trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        let zeros = text[start..sign].len() - text[start..sign].trim_start_matches('0').len();
        if is_name(&text[start + zeros..sign]) {
            names.push(at + start + zeros..at + sign);
        }
    }
    Some(Capture { placeholder: at - 1..at + text.len() + 1, names })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether it can be what follows the colon: fill, alignment, sign, width, precision, type.
fn is_specification(text: &str) -> bool {
    text.chars().count() <= 40 && !text.contains(['"', '\n', '/'])
}
