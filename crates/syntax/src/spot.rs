use serde::{Deserialize, Serialize};

use crate::range::Range;
use crate::text::{Encoding, Position, Text};

/// A place on one line, in each unit that protocols count columns in: it can be told without the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Spot {
    line: u32,
    columns: [(u32, u32); 3],
}

impl Spot {
    /// The spot of a range of a text; of a longer one the part on its first line.
    pub fn of(range: Range, text: &Text) -> Self {
        let line = text.line_of(range.start);
        let end = range.end.min(text.line_range(line).end).max(range.start);
        let column = |at, encoding| text.position(at, encoding).column;
        Self { line, columns: ENCODINGS.map(|e| (column(range.start, e), column(end, e))) }
    }

    /// Where it starts and ends.
    pub fn positions(&self, encoding: Encoding) -> (Position, Position) {
        let known = ENCODINGS.into_iter().zip(self.columns).find(|(known, _)| *known == encoding);
        let (start, end) = known.map_or((0, 0), |(_, columns)| columns);
        (Position { line: self.line, column: start }, Position { line: self.line, column: end })
    }
}

const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_counts_in_every_unit() {
        let text = Text::new("a\n🦀é = f\nb");
        let spot = Spot::of(Range::new(6, 14), &text);
        let columns = |encoding| {
            let (start, end) = spot.positions(encoding);
            (start.line, start.column, end.column)
        };
        assert_eq!(columns(Encoding::Utf8), (1, 4, 10));
        assert_eq!(columns(Encoding::Utf16), (1, 2, 7));
        assert_eq!(columns(Encoding::Utf32), (1, 1, 6));
    }
}
