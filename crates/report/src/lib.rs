//! The report of an audit: its score, and its forms. Pure: an outcome goes in, text comes out.

mod assemble;
mod baseline;
mod ci;
mod excerpt;
mod explain;
mod form;
mod history;
mod html;
mod ids;
mod json;
mod markdown;
mod model;
mod paths;
mod plan;
mod prose;
mod rubric;
mod sarif;
mod score;
mod text;
mod verdict;

use shipworthy_syntax::{Encoding, Position, Range, Text};

pub use assemble::{Record, Subject};
pub use baseline::baseline;
pub use explain::explain;
pub use form::Form;
pub use history::{read_history, write_history};
pub use json::{capabilities, catalogue, json, schema};
pub use model::*;
pub use prose::visible;
pub use rubric::{RUBRICS, Rubric};
pub use score::{CapabilityTally, CategoryScore, RuleTally, Scores, Tally, shown};
pub use text::{summary, text};

/// Lines and columns from 1; columns count Unicode scalar values.
fn positions(text: &Text, range: Range) -> (Position, Position) {
    let one = |offset| {
        let at = text.position(offset, Encoding::Utf32);
        Position { line: at.line + 1, column: at.column + 1 }
    };
    (one(range.start), one(range.end))
}
