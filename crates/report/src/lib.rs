//! The forms of an audit: text and JSON.

mod json;
mod text;

use shipworthy_syntax::{Encoding, Position, Range, Text};

pub use json::{catalogue, json};
pub use text::{excerpt, text};

/// Lines and columns from 1; columns count Unicode scalar values.
fn positions(text: &Text, range: Range) -> (Position, Position) {
    let one = |offset| {
        let at = text.position(offset, Encoding::Utf32);
        Position { line: at.line + 1, column: at.column + 1 }
    };
    (one(range.start), one(range.end))
}
