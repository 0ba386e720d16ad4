use std::fmt;

use ropey::Rope;

use crate::range::{Range, offset};

/// The unit in which a protocol counts columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: the default of LSP.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// A place in a text as editors count it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// Column in units of the [`Encoding`] used, from 0.
    pub column: u32,
}

impl Position {
    /// The place at `line` and `column`, both from 0.
    pub const fn new(line: u32, column: u32) -> Self {
        Self { line, column }
    }
}

/// The text of a document. Cheap to clone and to edit anywhere.
///
/// Offsets are in bytes. A line ends with `\n`, `\r\n` or a lone `\r`, as LSP defines it, and with nothing else. The
/// text after the last line break is a line too, even when empty. No method panics: an offset or a line past the end
/// counts as the end, an offset inside a character as the start of that character.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text {
    rope: Rope,
}

impl Text {
    /// A text that holds `text`.
    pub fn new(text: &str) -> Self {
        Self { rope: Rope::from_str(text) }
    }

    /// Length in bytes.
    pub fn len(&self) -> u32 {
        offset(self.rope.len_bytes())
    }

    /// Whether the text holds no byte.
    pub fn is_empty(&self) -> bool {
        self.rope.len_bytes() == 0
    }

    /// Number of lines; an empty text has one.
    pub fn line_count(&self) -> u32 {
        offset(self.rope.len_lines())
    }

    /// The text in `range`.
    pub fn slice(&self, range: Range) -> String {
        self.rope.byte_slice(std::ops::Range::from(self.clamp(range))).into()
    }

    /// `range` as far as it lies in the text, from the start of a character to the start of another.
    pub fn clamp(&self, range: Range) -> Range {
        let start = self.floor(range.start as usize);
        Range::from(start..self.floor(range.end as usize).max(start))
    }

    /// Puts `text` in the place of `range`.
    pub fn replace(&mut self, range: Range, text: &str) {
        let start = self.char_at(range.start as usize);
        let end = self.char_at(range.end as usize).max(start);
        self.rope.remove(start..end);
        self.rope.insert(start, text);
    }

    /// The line and column of the byte at `offset`. Between `\r` and `\n` this is the end of the line.
    pub fn position(&self, at: u32, encoding: Encoding) -> Position {
        let at = self.floor(at as usize);
        let line = self.rope.byte_to_line(at);
        let start = self.rope.line_to_byte(line);
        let at = at.min(self.content_end(line));
        let column = match encoding {
            Encoding::Utf8 => at - start,
            Encoding::Utf16 => self.utf16_at(at) - self.utf16_at(start),
            Encoding::Utf32 => self.char_at(at) - self.char_at(start),
        };
        Position { line: offset(line), column: offset(column) }
    }

    /// The offset of `position`. A column past the end of its line is the end of that line before its line break, a
    /// line past the end of the text is the end of the text, and a column inside a character is its start.
    pub fn offset(&self, position: Position, encoding: Encoding) -> u32 {
        let line = position.line as usize;
        if line >= self.rope.len_lines() {
            return self.len();
        }
        let start = self.rope.line_to_byte(line);
        let end = self.content_end(line);
        let column = position.column as usize;
        let at = match encoding {
            Encoding::Utf8 => self.floor(end.min(start + column)),
            Encoding::Utf16 => {
                let unit = self.utf16_at(end).min(self.utf16_at(start) + column);
                self.rope.char_to_byte(self.rope.utf16_cu_to_char(unit))
            }
            Encoding::Utf32 => self.rope.char_to_byte(self.char_at(end).min(self.char_at(start) + column)),
        };
        offset(at)
    }

    /// The line, from 0, that holds the byte at `offset`.
    pub fn line_of(&self, at: u32) -> u32 {
        offset(self.rope.byte_to_line((at as usize).min(self.rope.len_bytes())))
    }

    /// The offset at which `line` starts.
    pub fn line_start(&self, line: u32) -> u32 {
        offset(self.rope.line_to_byte((line as usize).min(self.rope.len_lines())))
    }

    /// The range of `line` without its line break.
    pub fn line_range(&self, line: u32) -> Range {
        let line = line as usize;
        if line >= self.rope.len_lines() {
            return Range::empty(self.len());
        }
        Range::from(self.rope.line_to_byte(line)..self.content_end(line))
    }

    /// The text in pieces, in order, without copying.
    pub fn chunks(&self) -> impl Iterator<Item = &str> {
        self.rope.chunks()
    }

    /// Where the content of `line` ends and its line break, if any, starts.
    fn content_end(&self, line: usize) -> usize {
        let start = self.rope.line_to_byte(line);
        let end = self.rope.line_to_byte(line + 1);
        let ends_with = |end: usize, byte: u8| end > start && self.rope.byte(end - 1) == byte;
        if ends_with(end, b'\n') {
            if ends_with(end - 1, b'\r') { end - 2 } else { end - 1 }
        } else if ends_with(end, b'\r') {
            end - 1
        } else {
            end
        }
    }

    /// The start of the character that holds the byte at `at`.
    fn floor(&self, at: usize) -> usize {
        self.rope.char_to_byte(self.char_at(at))
    }

    fn char_at(&self, at: usize) -> usize {
        self.rope.byte_to_char(at.min(self.rope.len_bytes()))
    }

    fn utf16_at(&self, at: usize) -> usize {
        self.rope.char_to_utf16_cu(self.char_at(at))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.rope == other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chunks().try_for_each(|chunk| f.write_str(chunk))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.rope, f)
    }
}
