//! What the lexers share: classes of bytes, words and line ends.

/// The byte order mark.
pub(super) const BOM: &[u8] = "\u{feff}".as_bytes();

/// A set of bytes.
pub(super) struct Set([bool; 256]);

impl Set {
    pub(super) const fn new(bytes: &[u8]) -> Self {
        let mut set = [false; 256];
        let mut i = 0;
        while i < bytes.len() {
            set[bytes[i] as usize] = true;
            i += 1;
        }
        Self(set)
    }

    /// The offset of the first byte of the set from `at` on, or the end of the text.
    pub(super) fn find(&self, text: &[u8], at: usize) -> usize {
        let rest = text.get(at..).unwrap_or_default();
        rest.iter().position(|&byte| self.0[usize::from(byte)]).map_or(text.len(), |found| at + found)
    }
}

static LINE_BREAKS: Set = Set::new(b"\n\r");

/// The offset behind the line break at `at`.
pub(super) fn after_break(text: &[u8], at: usize) -> usize {
    match text.get(at..) {
        Some([b'\r', b'\n', ..]) => at + 2,
        _ => at + 1,
    }
}

/// The offset of the line break that ends the line of `at`, or the end of the text.
pub(super) fn line_break(text: &[u8], at: usize) -> usize {
    LINE_BREAKS.find(text, at)
}

/// How far one looks to know the line of `at`: to the first byte of its line break, that included, or past every end.
pub(super) fn line_seen(text: &[u8], at: usize) -> usize {
    let end = line_break(text, at);
    if end < text.len() { end + 1 } else { usize::MAX }
}

/// Whether `byte` may be part of a name; every byte beyond ASCII may.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The name or keyword that starts `text`; empty if none does.
pub(super) fn word(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|&byte| !is_word(byte)).unwrap_or(text.len());
    &text[..end]
}

/// The name or keyword that ends `text`; empty if none does.
pub(super) fn last_word(text: &[u8]) -> &[u8] {
    let start = text.iter().rposition(|&byte| !is_word(byte)).map_or(0, |found| found + 1);
    &text[start..]
}

/// `text` behind spaces, tabs and form feeds.
pub(super) fn skip_blanks(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c')).unwrap_or(text.len());
    &text[start..]
}

/// `text` behind `word` and the blanks that follow it, of which there must be some.
pub(super) fn strip_word<'t>(text: &'t [u8], word: &[u8]) -> Option<&'t [u8]> {
    let rest = text.strip_prefix(word)?;
    let behind = skip_blanks(rest);
    (behind.len() < rest.len()).then_some(behind)
}

/// Whether what follows a closing quote cannot follow a string, so that the quote rather opened one: a word, or a sign that
/// no one writes there.
pub(super) fn reads_on(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(|&byte| is_word(byte) || b"{(/<@~$`^-".contains(&byte))
}

/// The offset behind the quote that ends a string of one line, whose content starts at `at`; the line break if none
/// does. `set` holds that quote, the backslash and the line breaks.
pub(super) fn end_of_string(text: &[u8], mut at: usize, set: &Set) -> usize {
    loop {
        at = set.find(text, at);
        match text.get(at) {
            Some(b'\\') if !matches!(text.get(at + 1), Some(b'\n' | b'\r')) => at += 2,
            Some(b'\\') => at += 1,
            Some(b'\n' | b'\r') | None => return at.min(text.len()),
            Some(_) => return at + 1,
        }
    }
}

/// Where the code read so far ends, comments and blanks left out.
#[derive(Default)]
pub(super) struct Tail {
    end: usize,
    /// Where code started that `end` does not take into account yet.
    start: usize,
}

impl Tail {
    /// Code goes on at `at`.
    pub(super) fn resume(&mut self, at: usize) {
        self.start = at;
    }

    /// Code stops at `at`, for a comment or a line break.
    pub(super) fn pause(&mut self, text: &[u8], at: usize) {
        let code = text[self.start..at].trim_ascii_end();
        if !code.is_empty() {
            self.end = self.start + code.len();
        }
    }

    /// The text up to the end of the code.
    pub(super) fn of<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        &text[..self.end]
    }
}
