use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tree_sitter::Tree;

use crate::parse::{Parse, Parser};
use crate::range::{Range, offset};

/// A run of a file that is parsed by itself: a top-level definition with its comments and decorators or attributes, or
/// the statements between two definitions. Cheap to clone.
#[derive(Clone)]
pub struct Item {
    start: u32,
    text: Arc<str>,
    parse: Parse,
    revision: u64,
}

impl Item {
    pub(crate) fn new(parser: &mut Parser, start: u32, text: Arc<str>) -> Self {
        let parse = parser.parse(&text);
        Self { start, text, parse, revision: next_revision() }
    }

    /// Offset of the item in the file, in bytes.
    pub fn start(&self) -> u32 {
        self.start
    }

    /// Offset behind the item in the file, in bytes.
    pub fn end(&self) -> u32 {
        self.start + offset(self.text.len())
    }

    /// The bytes of the file that the item covers.
    pub fn range(&self) -> Range {
        Range { start: self.start(), end: self.end() }
    }

    /// The text of the item.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The tree of [`text`](Self::text); its offsets count from the start of the item. Use bytes, not tree-sitter's points:
    /// a point knows no lone `\r`. An item too costly to parse has an empty tree and [`has_error`](Self::has_error).
    pub fn tree(&self) -> &Tree {
        &self.parse.tree
    }

    /// A number that is another one exactly when the text of the item is another one; an item that only moved keeps it.
    /// Unique within the process, to be compared for equality only.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether the text is broken somewhere, or was too costly to parse.
    pub fn has_error(&self) -> bool {
        self.parse.has_error
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("range", &self.range())
            .field("revision", &self.revision)
            .field("has_error", &self.has_error())
            .finish()
    }
}

fn next_revision() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}
