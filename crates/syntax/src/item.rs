use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tree_sitter::Tree;

use crate::parse::{Parse, Parser};
use crate::range::Range;
use crate::scan::Span;

/// A run of a file that is parsed by itself: a top-level definition with its comments and decorators or attributes, or
/// the statements between two definitions. Cheap to clone.
#[derive(Clone)]
pub struct Item {
    span: Span,
    text: Arc<str>,
    parse: Parse,
    revision: u64,
}

impl Item {
    /// The item that covers `span` and holds `text`. It stays what `old` was if that has the same text, and else is
    /// parsed with the help of its tree.
    pub(crate) fn new(parser: &mut Parser, span: Span, text: &str, old: Option<&Self>) -> Self {
        let parse = match old {
            Some(old) if *old.text == *text => return Self { span, ..old.clone() },
            Some(old) => parser.reparse(&old.text, &old.parse, text),
            None => parser.parse(text),
        };
        static LAST_REVISION: AtomicU64 = AtomicU64::new(0);
        let revision = LAST_REVISION.fetch_add(1, Ordering::Relaxed) + 1;
        Self { span, text: text.into(), parse, revision }
    }

    /// Offset of the item in the file, in bytes.
    pub fn start(&self) -> u32 {
        self.span.range.start
    }

    /// The bytes of the file that the item covers.
    pub fn range(&self) -> Range {
        self.span.range
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

    pub(crate) fn span(&self) -> Span {
        self.span
    }

    pub(crate) fn shift(&mut self, by: i64) {
        self.span = self.span.shift(by);
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("range", &self.range())
            .field("revision", &self.revision)
            .field("has_error", &self.has_error())
            .finish_non_exhaustive()
    }
}
