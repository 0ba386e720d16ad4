use super::bytes::{self, Set};
use super::{Line, Literal, Place, Start};

/// Reads Python. What is open forms a stack, since the fields of f-strings hold code, which holds strings.
pub(super) struct Lexer {
    modes: Vec<Mode>,
    /// Whether a backslash joins the next line to the one before.
    joined: bool,
}

#[derive(Clone, Copy)]
enum Mode {
    /// The file itself, or a field of an f-string, within so many brackets.
    Code(usize),
    /// A string.
    Text { quote: u8, triple: bool, format: bool },
    /// What follows the colon in a field of an f-string.
    Specification,
}

static CODE: Set = Set::new(b"'\"#()[]{}\\:\n\r");
static TEXT: Set = Set::new(b"'\"\\{}\n\r");

impl Default for Lexer {
    fn default() -> Self {
        Self { modes: vec![Mode::Code(0)], joined: false }
    }
}

impl Lexer {
    fn mode(&self) -> Mode {
        self.modes.last().copied().unwrap_or(Mode::Code(0))
    }

    /// Enters the string whose first quote is at `at` and gives the offset behind its opening.
    fn open(&mut self, text: &[u8], at: usize) -> usize {
        let quote = text[at];
        let triple = text[at..].starts_with(&[quote; 3]);
        let prefix = bytes::last_word(&text[at.saturating_sub(3)..at]);
        let format = prefix.len() < 3
            && prefix.iter().all(|letter| b"rRbBuUfFtT".contains(letter))
            && prefix.iter().any(|letter| b"fFtT".contains(letter));
        self.modes.push(Mode::Text { quote, triple, format });
        if triple { at + 3 } else { at + 1 }
    }

    /// A closing bracket in code that is `depth` brackets deep.
    fn close_bracket(&mut self, bracket: u8, depth: usize) {
        if depth > 0 {
            self.set_depth(depth - 1);
        } else if bracket == b'}' && self.modes.len() > 1 {
            self.modes.pop();
        }
    }

    fn set_depth(&mut self, depth: usize) {
        if let Some(mode) = self.modes.last_mut() {
            *mode = Mode::Code(depth);
        }
    }

    /// The quotes that close the string of the specification on top of the stack.
    fn closes_specified(&self, text: &[u8], at: usize) -> bool {
        let [.., Mode::Text { quote, triple, .. }, _, _] = self.modes[..] else { return false };
        text[at] == quote && (!triple || text[at..].starts_with(&[quote; 3]))
    }

    /// A line break that no backslash hides: it ends a string that has one quote on each side.
    fn break_line(&mut self) {
        let open = match self.modes[..] {
            [.., Mode::Text { triple: false, .. }] => 1,
            [.., Mode::Text { triple: false, .. }, _, Mode::Specification] => 3,
            _ => 0,
        };
        self.modes.truncate(self.modes.len() - open);
    }
}

impl super::Lexer for Lexer {
    fn line(&mut self, text: &[u8], mut at: usize) -> Line {
        let resumed = (self.place() == Place::Literal).then_some(self.modes.len());
        let mut literal = Literal::Open;
        self.joined = false;
        loop {
            let mode = self.mode();
            at = if let Mode::Code(_) = mode { CODE.find(text, at) } else { TEXT.find(text, at) };
            let Some(&byte) = text.get(at) else { return Line { next: at, literal } };
            match (byte, mode) {
                (b'\n' | b'\r', _) => {
                    self.break_line();
                    if resumed.is_some_and(|depth| self.modes.len() < depth) && literal == Literal::Open {
                        literal = Literal::Closed;
                    }
                    return Line { next: bytes::after_break(text, at), literal };
                }
                (b'\\', _) => match (text.get(at + 1), mode) {
                    (Some(b'\n' | b'\r'), _) => {
                        self.joined = matches!(mode, Mode::Code(_));
                        return Line { next: bytes::after_break(text, at + 1), literal };
                    }
                    (Some(b'{' | b'}'), Mode::Text { format: true, .. }) => at += 1,
                    _ => at += 2,
                },
                (b'#', Mode::Code(_)) => at = bytes::line_break(text, at),
                (b'\'' | b'"', Mode::Code(_)) => at = self.open(text, at),
                (b'(' | b'[' | b'{', Mode::Code(depth)) => {
                    self.set_depth(depth + 1);
                    at += 1;
                }
                (b')' | b']' | b'}', Mode::Code(depth)) => {
                    self.close_bracket(byte, depth);
                    at += 1;
                }
                (b':', Mode::Code(0)) if self.modes.len() > 1 => {
                    self.modes.push(Mode::Specification);
                    at += 1;
                }
                (b'\'' | b'"', Mode::Text { quote, triple, .. })
                    if byte == quote && (!triple || text[at..].starts_with(&[quote; 3])) =>
                {
                    at += if triple { 3 } else { 1 };
                    if resumed == Some(self.modes.len()) && literal == Literal::Open {
                        let misread = reads_on(text, at);
                        literal = if misread { Literal::Misread } else { Literal::Closed };
                    }
                    self.modes.pop();
                }
                (b'{', Mode::Text { format: true, .. }) if text.get(at + 1) == Some(&b'{') => at += 2,
                (b'{', Mode::Text { format: true, .. } | Mode::Specification) => {
                    self.modes.push(Mode::Code(0));
                    at += 1;
                }
                (b'}', Mode::Specification) => {
                    self.modes.truncate(self.modes.len() - 2);
                    at += 1;
                }
                (b'\'' | b'"', Mode::Specification) if self.closes_specified(text, at) => {
                    self.modes.truncate(self.modes.len() - 2);
                }
                _ => at += 1,
            }
        }
    }

    fn place(&self) -> Place {
        match self.modes[..] {
            [Mode::Code(0)] => Place::Top,
            [.., Mode::Code(_)] => Place::Nested,
            _ => Place::Literal,
        }
    }

    fn start(&self, text: &[u8], at: usize) -> Start {
        if self.joined {
            return Start::Continuation;
        }
        let line = behind_form_feeds(&text[at..]);
        match line.first() {
            Some(b' ' | b'\t') => match bytes::skip_blanks(line).first() {
                None | Some(b'\n' | b'\r' | b'#') => Start::Blank,
                _ => Start::Continuation,
            },
            None | Some(b'\n' | b'\r') => Start::Blank,
            Some(b'#') => Start::Comment,
            Some(b'@') => Start::Attribute,
            Some(b')' | b']' | b'}') => Start::Continuation,
            _ if !defines(line) => Start::Statement,
            _ if self.place() == Place::Literal => Start::Likely,
            // No bracket can hold one.
            _ => Start::Definition,
        }
    }
}

/// Like [`bytes::reads_on`], except for the operators that are words and for the prefix of a string that follows.
fn reads_on(text: &[u8], at: usize) -> bool {
    let word = bytes::word(&text[at..]);
    let prefixes = word.len() <= 2 && matches!(text.get(at + word.len()), Some(b'"' | b'\''));
    let operates = matches!(word, b"and" | b"as" | b"else" | b"for" | b"if" | b"in" | b"is" | b"not" | b"or");
    bytes::reads_on(text, at) && !prefixes && !operates
}

/// The line from the last form feed in its indentation on: each of them starts it anew.
fn behind_form_feeds(line: &[u8]) -> &[u8] {
    let indentation = &line[..line.len() - bytes::skip_blanks(line).len()];
    &line[indentation.iter().rposition(|&byte| byte == b'\x0c').map_or(0, |at| at + 1)..]
}

fn defines(line: &[u8]) -> bool {
    let line = bytes::strip_word(line, b"async").unwrap_or(line);
    bytes::strip_word(line, b"def").or_else(|| bytes::strip_word(line, b"class")).is_some()
}
