use std::{fmt, ops};

use serde::{Deserialize, Serialize};

/// A range of bytes in a text, its end exclusive.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Range {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte; never less than `start`.
    pub end: u32,
}

impl Range {
    /// The range from `start` up to `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        debug_assert!(start <= end);
        Self { start, end }
    }

    /// The empty range at `offset`.
    pub const fn empty(offset: u32) -> Self {
        Self { start: offset, end: offset }
    }

    /// Length in bytes.
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether the range holds no byte.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the byte at `offset` is in the range.
    pub const fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset < self.end
    }

    /// Whether `other` lies inside this range; both ends may touch.
    pub const fn contains_range(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two ranges share a byte.
    pub const fn intersects(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest range that holds both.
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The range moved by `by` bytes; saturates at 0 and at `u32::MAX`.
    pub const fn shift(self, by: i64) -> Self {
        Self { start: shift(self.start, by), end: shift(self.end, by) }
    }
}

const fn shift(offset: u32, by: i64) -> u32 {
    let moved = offset as i64 + by;
    if moved < 0 {
        0
    } else if moved > u32::MAX as i64 {
        u32::MAX
    } else {
        moved as u32
    }
}

/// Offsets of a text are 32 bits wide; whoever reads files bounds their size far below.
pub(crate) fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl From<ops::Range<usize>> for Range {
    fn from(range: ops::Range<usize>) -> Self {
        Self { start: offset(range.start), end: offset(range.end) }
    }
}

impl From<Range> for ops::Range<usize> {
    fn from(range: Range) -> Self {
        range.start as usize..range.end as usize
    }
}

/// One replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced, in the text before the edit. Offsets past its end count as its end, an offset inside a
    /// character as the start of that character.
    pub range: Range,
    /// What takes its place.
    pub text: String,
}

impl Edit {
    /// Replaces `range` by `text`.
    pub fn new(range: Range, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_exclusive() {
        let range = Range::new(2, 5);
        assert_eq!(range.len(), 3);
        assert!(!range.contains(1) && range.contains(2) && range.contains(4) && !range.contains(5));
        assert!(range.contains_range(Range::new(2, 5)) && range.contains_range(Range::empty(5)));
        assert!(!range.contains_range(Range::new(2, 6)));
        assert!(range.intersects(Range::new(4, 9)) && !range.intersects(Range::new(5, 9)));
        assert!(Range::empty(3).is_empty());
        assert_eq!(range.cover(Range::new(7, 9)), Range::new(2, 9));
    }

    #[test]
    fn shifting_saturates() {
        assert_eq!(Range::new(2, 5).shift(3), Range::new(5, 8));
        assert_eq!(Range::new(2, 5).shift(-3), Range::new(0, 2));
        assert_eq!(Range::new(2, 5).shift(i64::from(u32::MAX)), Range::new(u32::MAX, u32::MAX));
    }
}
