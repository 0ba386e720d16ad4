use super::bytes::{self, Set, Tail};
use super::{Line, Literal, Place, Start};

/// Reads Go.
#[derive(Default)]
pub(super) struct Lexer {
    mode: Mode,
    braces: usize,
    /// Parentheses open outside of braces: within them they do not matter.
    parentheses: usize,
    tail: Tail,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Code,
    /// A raw string.
    Raw,
    /// A comment between `/*` and `*/`.
    Comment,
}

static CODE: Set = Set::new(b"\"'`/(){}\n\r");
static STRING: Set = Set::new(b"\"\\\n\r");
static RUNE: Set = Set::new(b"'\\\n\r");
static RAW: Set = Set::new(b"`\n\r");
static COMMENT: Set = Set::new(b"*\n\r");

impl super::Lexer for Lexer {
    fn line(&mut self, text: &[u8], mut at: usize) -> Line {
        let mut literal = Literal::Open;
        let mut resumed = self.mode != Mode::Code;
        self.tail.resume(at);
        loop {
            at = match self.mode {
                Mode::Code => CODE.find(text, at),
                Mode::Raw => RAW.find(text, at),
                Mode::Comment => COMMENT.find(text, at),
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
                (b'"', Mode::Code) => at = bytes::end_of_string(text, at, &STRING),
                (b'\'', Mode::Code) => at = bytes::end_of_string(text, at, &RUNE),
                (b'`', Mode::Code) => self.mode = Mode::Raw,
                (b'/', Mode::Code) => match text.get(at) {
                    Some(b'/') => {
                        self.tail.pause(text, at - 1);
                        at = bytes::line_break(text, at);
                        self.tail.resume(at);
                    }
                    Some(b'*') => {
                        self.tail.pause(text, at - 1);
                        self.mode = Mode::Comment;
                        at += 1;
                    }
                    _ => {}
                },
                (b'{', _) => self.braces += 1,
                (b'}', _) => self.braces = self.braces.saturating_sub(1),
                (b'(', _) if self.braces == 0 => self.parentheses += 1,
                (b')', _) if self.braces == 0 => self.parentheses = self.parentheses.saturating_sub(1),
                (b'`', Mode::Raw) => {
                    self.mode = Mode::Code;
                    if std::mem::take(&mut resumed) {
                        let misread = bytes::reads_on(text, at);
                        literal = if misread { Literal::Misread } else { Literal::Closed };
                    }
                }
                (b'*', Mode::Comment) if text.get(at) == Some(&b'/') => {
                    at += 1;
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
        } else if self.braces > 0 || self.parentheses > 0 {
            Place::Nested
        } else {
            Place::Top
        }
    }

    fn start(&self, text: &[u8], at: usize) -> Start {
        let line = &text[at..];
        match line {
            [] | [b'\n' | b'\r', ..] => return Start::Blank,
            [b' ' | b'\t', ..] => {
                return match bytes::skip_blanks(line) {
                    [] | [b'\n' | b'\r', ..] | [b'/', b'/' | b'*', ..] => Start::Blank,
                    _ => Start::Continuation,
                };
            }
            [b'/', b'/' | b'*', ..] => return Start::Comment,
            _ => {}
        }
        let place = self.place();
        match bytes::word(line) {
            b"" => Start::Continuation,
            b"func" if place == Place::Literal => Start::Likely,
            // A function literal has no name: with one it is a definition wherever it stands.
            b"func" if is_named(line) || (place == Place::Top && self.ended(text)) => Start::Definition,
            // Within braces these can be local.
            b"type" | b"var" | b"const" if place == Place::Literal || self.braces > 0 => Start::Likely,
            b"type" | b"var" | b"const" => Start::Definition,
            _ if place == Place::Top && !self.ended(text) => Start::Continuation,
            _ => Start::Statement,
        }
    }
}

impl Lexer {
    /// Whether a line break at this point of the code ends a statement: where a semicolon is inserted.
    fn ended(&self, text: &[u8]) -> bool {
        let tail = self.tail.of(text);
        match bytes::last_word(tail) {
            b"" => tail.last().is_none_or(|byte| b"\"'`)]};".contains(byte)),
            b"chan" | b"const" | b"func" | b"import" | b"interface" | b"map" | b"package" | b"struct"
            | b"type" | b"var" => false,
            _ => true,
        }
    }
}

/// Whether the line, which starts with `func`, gives the function a name.
fn is_named(line: &[u8]) -> bool {
    let Some(line) = bytes::strip_word(&line[..bytes::line_break(line, 0)], b"func") else { return false };
    match line.strip_prefix(b"(") {
        None => !bytes::word(line).is_empty(),
        Some(receiver) => {
            let Some(close) = receiver.iter().position(|&byte| byte == b')') else { return false };
            let line = bytes::skip_blanks(&receiver[close + 1..]);
            let name = bytes::word(line);
            !name.is_empty() && name != b"func" && bytes::skip_blanks(&line[name.len()..]).starts_with(b"(")
        }
    }
}
