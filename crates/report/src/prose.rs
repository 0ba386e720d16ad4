//! What findings say, and what they quote. Messages put code between backticks; names and code come from files that anybody may have
//! written, so every form takes its text from here and escapes it.

use std::borrow::Cow;

/// A piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Words.
    Words(&'a str),
    /// What stands between backticks.
    Code(&'a str),
}

/// The pieces of a message. A backtick without a partner is a backtick.
pub(crate) fn pieces(message: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = message;
    while let Some((words, after)) = rest.split_once('`') {
        let Some((code, after)) = after.split_once('`') else { break };
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        if !code.is_empty() {
            pieces.push(Piece::Code(code));
        }
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

/// Text without characters that a reader does not see or that command a terminal: control characters become their pictures, and what turns
/// the direction of text around becomes its code. Line breaks and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{7f}' => shown.push('\u{2421}'),
            '\0'..='\u{1f}' if is_hidden(c) => {
                shown.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'));
            }
            _ if is_hidden(c) => shown.push_str(&format!("<U+{:04X}>", u32::from(c))),
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The same, byte for byte as long: for code in which places are known by their bytes.
pub(crate) fn inert(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match (is_hidden(c), c.len_utf8()) {
            (false, _) | (true, 4) => shown.push(c),
            (true, 1) if c == '\r' => shown.push(c),
            (true, 1) => shown.push('?'),
            (true, 2) => shown.push('¿'),
            (true, _) => shown.push('\u{fffd}'),
        }
    }
    shown
}

/// The same on one line.
pub(crate) fn line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// `1 place`, `2 places`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_come_in_pairs() {
        use Piece::{Code, Words};
        assert_eq!(pieces("`a` is `b`"), [Code("a"), Words(" is "), Code("b")]);
        assert_eq!(pieces("a ` b"), [Words("a ` b")]);
    }

    #[test]
    fn what_commands_a_terminal_is_seen() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}b\n"), "a␛[31m<U+202E>b\n");
        assert_eq!(line("a\r\n  b"), "a b");
    }
}
