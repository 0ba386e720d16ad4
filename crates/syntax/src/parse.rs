use std::borrow::Cow;
use std::cell::Cell;
use std::ops::ControlFlow;

use tree_sitter::{InputEdit, ParseOptions, ParseState, Point, Tree};

use crate::language::Language;

/// What parsing a text gave.
#[derive(Clone)]
pub(crate) struct Parse {
    pub(crate) tree: Tree,
    pub(crate) has_error: bool,
}

/// What a parse may cost at a point of the text, so that no text can stall it. The unit is a call of tree-sitter's progress
/// callback, which comes once in a hundred steps, or a read of [`CHUNK`] bytes: 15 microseconds while the text is whole,
/// up to 250 while nothing fits. Over 500 MB of real code, whole items of up to a megabyte stay below 100 plus one for 32
/// bytes, and broken ones take some hundreds.
const BASE_COST: usize = 3_000;
const BYTES_PER_COST: usize = 32;
const MAXIMAL_COST: usize = 20_000;

/// How many bytes the lexer gets at once. Reads must count, since it may look for the end of a string over and over.
const CHUNK: usize = 16 * 1024;

/// A tree-sitter parser for one language.
pub(crate) struct Parser {
    parser: tree_sitter::Parser,
}

impl Parser {
    #[expect(clippy::expect_used, reason = "the grammars are compiled in; a test parses with each")]
    pub(crate) fn new(language: Language) -> Self {
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&language.grammar()).expect("the grammar fits the library");
        Self { parser }
    }

    /// Parses `text`.
    pub(crate) fn parse(&mut self, text: &str) -> Parse {
        match self.run(text, None) {
            Some(tree) => Parse { has_error: tree.root_node().has_error(), tree },
            None => Parse { tree: self.empty_tree(), has_error: true },
        }
    }

    /// Parses `new`, given what `old` was parsed to. The result is that of [`parse`](Self::parse): where the old or the
    /// new text has an error, tree-sitter's choice would depend on the old tree, so that the new one starts afresh.
    pub(crate) fn reparse(&mut self, old: &str, parse: &Parse, new: &str) -> Parse {
        let (start, end) = common(old, new);
        if !parse.has_error && start + end > new.len() / 2 {
            let mut tree = parse.tree.clone();
            tree.edit(&difference(&with_line_feeds(old), &with_line_feeds(new)));
            if let Some(tree) = self.run(new, Some(&tree)).filter(|tree| !tree.root_node().has_error()) {
                return Parse { tree, has_error: false };
            }
        }
        self.parse(new)
    }

    /// `None` if the work exceeds its bound.
    fn run(&mut self, text: &str, old: Option<&Tree>) -> Option<Tree> {
        let text = with_line_feeds(text);
        let text = text.as_bytes();
        let cost = Cell::new(0);
        let exceeded = Cell::new(false);
        let spend = |at: usize| {
            cost.set(cost.get() + 1);
            exceeded.set(exceeded.get() || cost.get() > MAXIMAL_COST.min(BASE_COST + at / BYTES_PER_COST));
        };
        let mut read = |at: usize, _| {
            spend(at);
            let end = if exceeded.get() { at } else { text.len().min(at + CHUNK) };
            text.get(at..end).unwrap_or_default()
        };
        let mut progress = |state: &ParseState| {
            spend(state.current_byte_offset());
            if exceeded.get() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        let tree = self.parser.parse_with_options(&mut read, old, Some(options));
        self.parser.reset();
        tree.filter(|_| !exceeded.get())
    }

    #[expect(clippy::expect_used, reason = "a parser that has a language and no bound gives a tree")]
    fn empty_tree(&mut self) -> Tree {
        self.parser.parse("", None).expect("the parser has a language")
    }
}

/// The text with a line feed for every carriage return that ends a line by itself: the grammars do not know those.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    let mut changed = String::new();
    let mut done = 0;
    for (at, _) in text.match_indices('\r') {
        if !text[at + 1..].starts_with('\n') {
            changed.push_str(&text[done..at]);
            changed.push('\n');
            done = at + 1;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    changed.push_str(&text[done..]);
    Cow::Owned(changed)
}

/// The smallest edit that makes `new` of `old`.
fn difference(old: &str, new: &str) -> InputEdit {
    let (start, end) = common(old, new);
    InputEdit {
        start_byte: start,
        old_end_byte: old.len() - end,
        new_end_byte: new.len() - end,
        start_position: point(&old[..start]),
        old_end_position: point(&old[..old.len() - end]),
        new_end_position: point(&new[..new.len() - end]),
    }
}

/// The lengths of the longest start and, behind that, the longest end that the texts share, in whole characters.
pub(crate) fn common(old: &str, new: &str) -> (usize, usize) {
    let start = old.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
    let start = (0..=start).rev().find(|&at| old.is_char_boundary(at)).unwrap_or(0);
    let (old, new) = (&old[start..], &new[start..]);
    let end = old.bytes().rev().zip(new.bytes().rev()).take_while(|(old, new)| old == new).count();
    let end = (0..=end).rev().find(|&end| old.is_char_boundary(old.len() - end)).unwrap_or(0);
    (start, end)
}

/// Where `text` ends, as tree-sitter counts: in lines and bytes.
fn point(text: &str) -> Point {
    let row = text.bytes().filter(|&byte| byte == b'\n').count();
    Point { row, column: text.len() - text.rfind('\n').map_or(0, |at| at + 1) }
}
