//! Text, positions and incremental parsing of Python, Go and Rust files.
//!
//! Everything inside is counted in bytes; [`Text`] alone converts to the lines and columns that editors speak.
//! A [`Source`] is a file cut into [`Item`]s, each with a tree of its own, so that a keystroke costs the item
//! it falls into and broken code disturbs that item only.
//!
//! The crate is pure: text in, trees out.

mod item;
mod language;
mod parse;
mod range;
mod scan;
mod source;
mod spot;
mod text;

pub use item::Item;
pub use language::Language;
pub use range::{Edit, Range};
pub use source::Source;
pub use spot::Spot;
pub use text::{Encoding, Position, Text};
pub use tree_sitter::{Node, Tree, TreeCursor};
