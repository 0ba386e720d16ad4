//! Texts and edits from bytes.

use shipworthy_syntax::{Edit, Range};

/// Longer inputs are cut: what they add is time.
const MAX_BYTES: usize = 8 * 1024;

/// The text that an input stands for.
pub(crate) fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(&data[..data.len().min(MAX_BYTES)]).into_owned()
}

/// Numbers that follow from an input: the same for the same.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn of(data: &[u8]) -> Self {
        let hash = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self(data.iter().fold(0xcbf2_9ce4_8422_2325, hash) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        (self.next() >> 11) as usize % most.max(1)
    }
}

/// What people type, and what changes how all that follows is read.
const PIECES: [&str; 32] = [
    "", "", "", "\n", "\r", "\r\n", "\t", " ", "\"", "'", "`", "\"\"\"", "f\"", "{", "}", "(", ")", "[", "]", "#", "//", "/*", "*/", "r#\"",
    ":", ",", "é", "🦀", "\u{feff}", "\ndef f():\n", "\nfunc f() {\n", "\nfn f() {\n",
];

/// An edit of a text: a piece put in, or in the place of some bytes, or a part of the text doubled.
pub(crate) fn edit(text: &str, numbers: &mut Numbers) -> Edit {
    let at = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = at(numbers.below(text.len() + 1));
    let length = match numbers.below(8) {
        0..4 => 0,
        4 => 1,
        5 => numbers.below(16),
        6 => numbers.below(128),
        _ => numbers.below(4096),
    };
    let end = at(start + length).max(start);
    let new = if numbers.below(8) == 0 {
        let from = at(numbers.below(text.len() + 1));
        text[from..at(from + numbers.below(200)).max(from)].to_owned()
    } else {
        PIECES[numbers.below(PIECES.len())].to_owned()
    };
    Edit::new(Range::from(start..end), new)
}
