//! TOML as tables whose parts know their place.

use shipworthy_syntax::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::command::Word;

/// A TOML text: its table, and what surrounds it.
pub(super) struct Toml<'i> {
    table: Spanned<DeTable<'i>>,
    pub(super) comments: Vec<Range>,
    pub(super) unread: Vec<Range>,
}

/// A value with its place.
#[derive(Clone, Copy)]
pub(super) struct Node<'a, 'i>(&'a Spanned<DeValue<'i>>);

/// An entry of a table.
pub(super) struct Entry<'a, 'i> {
    pub(super) key: Word,
    pub(super) value: Node<'a, 'i>,
}

impl<'i> Toml<'i> {
    pub(super) fn parse(text: &'i str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let tokens = toml_parser::Source::new(text).lex();
        let comments = tokens.filter(|token| token.kind() == toml_parser::lexer::TokenKind::Comment);
        let comments = comments.map(|token| Range::from(token.span().start()..token.span().end())).collect();
        let unread = errors.iter().map(|error| {
            // The line of a mistake: what it broke is on it.
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |end| end + 1);
            let end = text.get(at..).and_then(|t| t.find('\n')).map_or(text.len(), |end| at + end);
            Range::from(start..end)
        });
        Self { unread: unread.collect(), table, comments }
    }

    /// The value at the end of a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<Node<'_, 'i>> {
        let (first, rest) = path.split_first()?;
        let node = Node(self.table.get_ref().get(*first)?);
        rest.iter().try_fold(node, |node, key| node.get(key))
    }

    /// The entries of the table at the end of a path, in the file's order.
    pub(super) fn entries(&self, path: &[&str]) -> Vec<Entry<'_, 'i>> {
        if path.is_empty() {
            entries(self.table.get_ref())
        } else {
            self.at(path).map(Node::entries).unwrap_or_default()
        }
    }
}

fn entries<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    let entries = table.iter().map(|(key, value)| Entry {
        key: Word { text: key.get_ref().to_string(), range: key.span().into() },
        value: Node(value),
    });
    let mut entries: Vec<Entry<'a, 'i>> = entries.collect();
    entries.sort_by_key(|entry| entry.key.range);
    entries
}

impl<'a, 'i> Node<'a, 'i> {
    pub(super) fn range(self) -> Range {
        self.0.span().into()
    }
    pub(super) fn get(self, key: &str) -> Option<Self> {
        self.0.get_ref().as_table()?.get(key).map(Node)
    }
    pub(super) fn text(self) -> Option<&'a str> {
        self.0.get_ref().as_str()
    }
    pub(super) fn is_true(self) -> bool {
        self.0.get_ref().as_bool() == Some(true)
    }
    pub(super) fn word(self) -> Option<Word> {
        Some(Word { text: self.text()?.to_owned(), range: self.range() })
    }
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        self.0.get_ref().as_array().into_iter().flatten().map(Node)
    }
    pub(super) fn entries(self) -> Vec<Entry<'a, 'i>> {
        self.0.get_ref().as_table().map(entries).unwrap_or_default()
    }
}

impl Entry<'_, '_> {
    /// From the key to the value's end.
    pub(super) fn range(&self) -> Range {
        let value = self.value.range();
        Range { start: self.key.range.start, end: value.end.max(self.key.range.end) }
    }
}
