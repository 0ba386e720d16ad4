//! Go: errors that are formatted as text into new ones, and how they are wrapped instead.

use shipworthy_audit::Check;
use shipworthy_facts::{Kind, Node};
use shipworthy_syntax::Range;

use crate::names::words;

/// An error that a call formats as text: `fmt.Errorf("read: %v", err)`.
pub(crate) struct Formatted<'a> {
    /// The error, or the call that gives its text.
    pub(crate) error: Node<'a>,
    verb: Range,
}

impl<'a> Formatted<'a> {
    /// The first one of a call; none where another is wrapped, or the format is not plain.
    pub(crate) fn of(cx: &Check<'_>, call: Node<'a>) -> Option<Self> {
        let arguments: Vec<Node<'a>> = call.arguments().collect();
        let (format, values) = arguments.split_first().filter(|(format, _)| format.is(Kind::String))?;
        let verbs = verbs(*format);
        if verbs.iter().any(|(_, verb)| *verb == 'w') || verbs.len() != values.len() {
            return None;
        }
        let mut shown = verbs.into_iter().zip(values);
        shown.find_map(|((range, verb), value)| {
            let is_lost = matches!(verb, 'v' | 's') && is_error(cx, *value);
            is_lost.then_some(Self { error: *value, verb: range })
        })
    }

    /// The changes that wrap it, in the order of the text.
    pub(crate) fn wrapped(&self) -> Vec<(Range, String)> {
        let object = self.error.callee().and_then(Node::object).filter(|_| self.error.is(Kind::Call));
        let itself = object.map(|object| (self.error.range(), object.text().to_owned()));
        std::iter::once((self.verb, "%w".to_owned())).chain(itself).collect()
    }
}

/// Whether an expression is an error or its text: by type, or by the name that Go gives errors.
pub(crate) fn is_error(cx: &Check<'_>, node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Name => {
            // `err`, `readErr`, `err2`; neither `errno` nor `errstr`.
            let of_error = |word: &str| word.trim_end_matches(|c: char| c.is_ascii_digit()) == "err";
            let named = words(node.name()).last().is_some_and(|word| of_error(word));
            cx.type_of(node).map_or(named, |t| t == "error")
        }
        Kind::Call if node.arguments().next().is_none() => {
            let callee = node.callee().filter(|c| c.name() == "Error");
            callee.and_then(Node::object).is_some_and(|o| is_error(cx, o))
        }
        _ => false,
    }
}

/// The verbs of a Go format with where they stand; flags, widths and `%%` are known, explicit indices are not and end the list.
fn verbs(format: Node<'_>) -> Vec<(Range, char)> {
    let mut verbs = Vec::new();
    let mut chars = format.text().char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c != '%' {
            continue;
        }
        while chars.next_if(|(_, c)| matches!(c, '+' | '-' | '#' | ' ' | '0'..='9' | '.')).is_some() {}
        match chars.next() {
            Some((_, '%')) => {}
            Some((_, '[' | '*')) | None => return Vec::new(),
            Some((end, verb)) => {
                let at = format.range().start;
                verbs.push((
                    Range { start: at + start as u32, end: at + (end + verb.len_utf8()) as u32 },
                    verb,
                ));
            }
        }
    }
    verbs
}
