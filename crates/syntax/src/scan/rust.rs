use super::bytes::{self, Set, Tail};
use super::{Line, Literal, Place, Start};

/// Reads Rust.
#[derive(Default)]
pub(super) struct Lexer {
    mode: Mode,
    /// Brackets of all kinds that are open.
    depth: usize,
    tail: Tail,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Code,
    /// A string.
    Text,
    /// A raw string with so many `#`.
    Raw(usize),
    /// A comment between `/*` and `*/`, so many within another.
    Comment(usize),
}

static CODE: Set = Set::new(b"\"'/()[]{}\n\r");
static TEXT: Set = Set::new(b"\"\\\n\r");
static RAW: Set = Set::new(b"\"\n\r");
static COMMENT: Set = Set::new(b"*/\n\r");
static CHARACTER: Set = Set::new(b"'\\\n\r");

impl super::Lexer for Lexer {
    fn line(&mut self, text: &[u8], mut at: usize) -> Line {
        let mut literal = Literal::Open;
        let mut resumed = self.mode != Mode::Code;
        self.tail.resume(at);
        if at == 0 && text.starts_with(b"#!/") {
            at = bytes::line_break(text, at);
        }
        loop {
            at = match self.mode {
                Mode::Code => CODE.find(text, at),
                Mode::Text => TEXT.find(text, at),
                Mode::Raw(_) => RAW.find(text, at),
                Mode::Comment(_) => COMMENT.find(text, at),
            };
            let Some(&byte) = text.get(at) else { return Line { next: at, literal } };
            at += 1;
            match (byte, self.mode) {
                (b'\n' | b'\r', mode) => {
                    if mode == Mode::Code {
                        self.tail.pause(text, at - 1);
                    }
                    return Line { next: bytes::after_break(text, at - 1), literal };
                }
                (b'"', Mode::Code) => self.mode = string(&text[..at - 1]),
                (b'\'', Mode::Code) => at = end_of_quote(text, at),
                (b'/', Mode::Code) if text.get(at) == Some(&b'/') => {
                    self.tail.pause(text, at - 1);
                    at = bytes::line_break(text, at);
                    self.tail.resume(at);
                }
                (b'/', Mode::Code) if text.get(at) == Some(&b'*') => {
                    self.tail.pause(text, at - 1);
                    self.mode = Mode::Comment(0);
                    at += 1;
                }
                (b'(' | b'[' | b'{', Mode::Code) => self.depth += 1,
                (b')' | b']' | b'}', Mode::Code) => self.depth = self.depth.saturating_sub(1),
                (b'\\', Mode::Text) if !matches!(text.get(at), Some(b'\n' | b'\r')) => at += 1,
                // A raw string that seems to hold the opening of another one was never closed.
                (b'"', Mode::Raw(1..)) if resumed && string(&text[..at - 1]) == self.mode => {
                    resumed = false;
                    literal = Literal::Misread;
                }
                (b'"', Mode::Text | Mode::Raw(_)) => {
                    let hashes = if let Mode::Raw(hashes) = self.mode { hashes } else { 0 };
                    if text[at..].iter().take(hashes).take_while(|&&byte| byte == b'#').count() < hashes {
                        continue;
                    }
                    at += hashes;
                    self.mode = Mode::Code;
                    if std::mem::take(&mut resumed) {
                        let misread = bytes::reads_on(text, at);
                        literal = if misread { Literal::Misread } else { Literal::Closed };
                    }
                }
                (b'/', Mode::Comment(depth)) if text.get(at) == Some(&b'*') => {
                    self.mode = Mode::Comment(depth + 1);
                    at += 1;
                }
                (b'*', Mode::Comment(depth)) if text.get(at) == Some(&b'/') => {
                    at += 1;
                    if depth > 0 {
                        self.mode = Mode::Comment(depth - 1);
                        continue;
                    }
                    self.mode = Mode::Code;
                    self.tail.resume(at);
                    if std::mem::take(&mut resumed) {
                        literal = Literal::Closed;
                    }
                }
                _ => {}
            }
        }
    }

    fn place(&self) -> Place {
        if self.mode != Mode::Code {
            Place::Literal
        } else if self.depth > 0 {
            Place::Nested
        } else {
            Place::Top
        }
    }

    fn start(&self, text: &[u8], at: usize) -> Start {
        let line = &text[at..];
        if let [b' ' | b'\t', ..] = line {
            return match bytes::skip_blanks(line) {
                [] | [b'\n' | b'\r', ..] | [b'/', b'/' | b'*', ..] | [b'#', ..] => Start::Blank,
                _ => Start::Continuation,
            };
        }
        let start = start(line);
        if self.place() != Place::Top {
            return if start == Start::Definition { Start::Likely } else { start };
        }
        match start {
            Start::Definition | Start::Statement if self.goes_on(line, text) => Start::Continuation,
            _ => start,
        }
    }
}

impl Lexer {
    /// Whether `line`, which starts with a word, goes on with the item before it.
    fn goes_on(&self, line: &[u8], text: &[u8]) -> bool {
        let tail = self.tail.of(text);
        let Some(&last) = tail.last() else { return false };
        if matches!(last, b';' | b'}' | b']') {
            return false;
        }
        match item(line) {
            None => true,
            Some(_) => match bytes::last_word(tail) {
                b"pub" | b"unsafe" | b"async" | b"const" | b"extern" | b"default" | b"auto" | b"safe" => true,
                b"" => match last {
                    b')' => tail
                        .iter()
                        .rposition(|&byte| byte == b'(')
                        .is_some_and(|open| ends_with_word(&tail[..open], b"pub")),
                    b'"' => tail[..tail.len() - 1]
                        .iter()
                        .rposition(|&byte| byte == b'"')
                        .is_some_and(|open| ends_with_word(&tail[..open], b"extern")),
                    b':' => !tail.ends_with(b"::") && is_type(line),
                    _ => is_type(line),
                },
                _ => false,
            },
        }
    }
}

/// How to read the string whose first quote follows `before`.
fn string(before: &[u8]) -> Mode {
    let hashes = before.iter().rev().take_while(|&&byte| byte == b'#').count();
    let before = &before[..before.len() - hashes];
    match bytes::last_word(&before[before.len().saturating_sub(3)..]) {
        b"r" | b"br" | b"cr" => Mode::Raw(hashes),
        _ => Mode::Text,
    }
}

/// The offset behind the character whose quote ends at `at`, or `at` where the quote starts a lifetime.
fn end_of_quote(text: &[u8], at: usize) -> usize {
    let length = match text.get(at) {
        Some(b'\\') => return bytes::end_of_string(text, at, &CHARACTER),
        Some(b'\'' | b'\n' | b'\r') | None => return at,
        Some(0..0xc0) => 1,
        Some(0xc0..0xe0) => 2,
        Some(0xe0..0xf0) => 3,
        Some(0xf0..) => 4,
    };
    if text.get(at + length) == Some(&b'\'') { at + length + 1 } else { at }
}

fn ends_with_word(text: &[u8], word: &[u8]) -> bool {
    bytes::last_word(text.trim_ascii_end()) == word
}

/// Whether an item that starts like `line` could also be part of a type or of generic parameters.
fn is_type(line: &[u8]) -> bool {
    matches!(bytes::word(line), b"impl" | b"const")
}

/// What `line` starts, apart from what precedes it.
fn start(line: &[u8]) -> Start {
    match line {
        [] | [b'\n' | b'\r', ..] => Start::Blank,
        [b'/', b'/', b'!', ..] | [b'/', b'*', b'!', ..] | [b'#', b'!', ..] => Start::Statement,
        [b'/', b'/', b'/', ..] | [b'/', b'*', b'*', ..] => Start::Attribute,
        [b'/', b'/' | b'*', ..] => Start::Comment,
        [b'#', ..] => match behind_attributes(line) {
            [] | [b'#', ..] | [b'/', b'/' | b'*', ..] => Start::Attribute,
            rest => item(rest).unwrap_or(Start::Statement),
        },
        _ => match bytes::word(line) {
            b"" | b"as" | b"else" | b"for" | b"where" => Start::Continuation,
            _ => item(line).unwrap_or(Start::Statement),
        },
    }
}

/// What is left of the line behind the attributes that start it and end on it.
fn behind_attributes(line: &[u8]) -> &[u8] {
    let mut rest = &line[..bytes::line_break(line, 0)];
    while rest.starts_with(b"#")
        && let Some(end) = end_of_attribute(rest)
    {
        rest = bytes::skip_blanks(&rest[end..]);
    }
    rest
}

fn end_of_attribute(line: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth <= 1 => return Some(at + 1),
            b']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// What item starts `line`, if one does. Imports and modules of other files are statements.
fn item(mut line: &[u8]) -> Option<Start> {
    line = &line[..bytes::line_break(line, 0)];
    loop {
        let word = bytes::word(line);
        let rest = bytes::skip_blanks(&line[word.len()..]);
        let next = bytes::word(rest);
        let named = !next.is_empty();
        line = match word {
            b"pub" => match rest.strip_prefix(b"(") {
                Some(scope) => bytes::skip_blanks(&scope[scope.iter().position(|&byte| byte == b')')? + 1..]),
                None => rest,
            },
            b"unsafe" | b"async" | b"default" | b"safe" | b"auto" if named => rest,
            b"const" if matches!(next, b"fn" | b"unsafe" | b"async" | b"extern") => rest,
            b"extern" if next == b"crate" => return Some(Start::Statement),
            b"extern" if next == b"fn" => rest,
            b"extern" => {
                let abi = rest
                    .strip_prefix(b"\"")
                    .and_then(|abi| Some(&abi[abi.iter().position(|&byte| byte == b'"')? + 1..]));
                let rest = bytes::skip_blanks(abi.unwrap_or(rest));
                if !rest.starts_with(b"fn") {
                    return Some(Start::Definition);
                }
                rest
            }
            b"use" if !rest.starts_with(b"<") => return Some(Start::Statement),
            b"mod" if named => {
                let ends = rest.iter().find(|byte| matches!(byte, b';' | b'{'));
                return Some(if ends == Some(&b';') { Start::Statement } else { Start::Definition });
            }
            b"fn" | b"struct" | b"enum" | b"union" | b"trait" | b"type" | b"static" | b"const" if named => {
                return Some(Start::Definition);
            }
            b"impl" => return Some(Start::Definition),
            b"macro_rules" if rest.starts_with(b"!") => return Some(Start::Definition),
            b"" if line.is_empty() => return Some(Start::Definition),
            _ => return None,
        };
    }
}
