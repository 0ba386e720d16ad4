//! YAML as a tree whose nodes know their place. Aliases lead to the node that they name, they are never expanded.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};
use rustc_hash::FxHashSet;
use shipworthy_syntax::Range;

use crate::command::Word;

/// More nodes than these are no file that people write.
const MAX_NODES: usize = 200_000;

/// Merges of merges are followed so far.
const MAX_HOPS: usize = 5;

/// The documents of a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Data>,
    roots: Vec<usize>,
    anchors: HashMap<usize, usize>,
    pub(crate) comments: Vec<Range>,
    pub(crate) unread: Vec<Range>,
}

#[derive(Clone, Debug)]
struct Data {
    range: Range,
    value: Value,
}

#[derive(Clone, Debug)]
enum Value {
    /// A scalar, and whether it stands without quotes.
    Scalar(String, bool),
    Sequence(Vec<usize>),
    Mapping(Vec<(usize, usize)>),
    Alias(usize),
}

/// A node of a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a> {
    tree: &'a Tree,
    id: usize,
}

/// A collection that is still open, with a key that waits for its value.
struct Open {
    id: usize,
    key: Option<usize>,
}

impl Tree {
    pub(crate) fn parse(text: &str) -> Self {
        let mut tree = Self::default();
        let options = granit_parser::options! {
            emit_comments: true,
            emit_unresolved_aliases: true,
            max_buffered_comment_events: 10_000,
        };
        let mut parser = Parser::new_from_str_with_options(text, options);
        let mut open: Vec<Open> = Vec::new();
        while let Some(event) = parser.next_event() {
            match event {
                Ok((event, span)) => {
                    let range = span.byte_range().map(Range::from).unwrap_or_default();
                    tree.event(event, range, text, &mut open);
                    if tree.nodes.len() > MAX_NODES {
                        tree.unread.push(Range::from(range.end as usize..text.len()));
                        break;
                    }
                }
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                    let start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |end| end + 1);
                    let end =
                        text.get(at..).and_then(|t| t.find("\n---")).map_or(text.len(), |next| at + next);
                    tree.unread.push(Range::from(start..end));
                    open.clear();
                    if !parser.proceed_next_document().unwrap_or(false) {
                        break;
                    }
                }
            }
        }
        tree.comments.sort_unstable();
        tree.comments.dedup();
        tree
    }

    fn event(&mut self, event: Event<'_>, range: Range, source: &str, open: &mut Vec<Open>) {
        match event {
            Event::Comment(..) => self.comments.push(range),
            Event::Scalar(text, style, anchor, _) => {
                let is_plain = matches!(style, ScalarStyle::Plain);
                let range = if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                    // The line breaks behind a block belong to nobody.
                    let block = source.get(std::ops::Range::from(range)).unwrap_or_default();
                    Range { start: range.start, end: range.start + block.trim_end().len() as u32 }
                } else {
                    range
                };
                self.add(range, Value::Scalar(text.into_owned(), is_plain), anchor, open);
            }
            Event::Alias(anchor) => {
                if let Some(id) = self.anchors.get(&anchor) {
                    self.add(range, Value::Alias(*id), 0, open);
                } else {
                    self.add(range, Value::Scalar(String::new(), false), 0, open);
                }
            }
            Event::UnresolvedAlias(_) => {
                self.add(range, Value::Scalar(String::new(), false), 0, open);
            }
            Event::SequenceStart(_, anchor, _) => {
                let id = self.add(range, Value::Sequence(Vec::new()), anchor, open);
                open.push(Open { id, key: None });
            }
            Event::MappingStart(_, anchor, _) => {
                let id = self.add(range, Value::Mapping(Vec::new()), anchor, open);
                open.push(Open { id, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(closed) = open.pop() else { return };
                // A flow collection ends with its sign, a block with its last part.
                let last = match &self.nodes[closed.id].value {
                    Value::Sequence(items) => items.last().copied(),
                    Value::Mapping(entries) => entries.last().map(|(_, value)| *value),
                    Value::Scalar(..) | Value::Alias(_) => None,
                };
                let end = if range.is_empty() {
                    last.map_or(range.end, |last| self.nodes[last].range.end)
                } else {
                    range.end
                };
                let node = &mut self.nodes[closed.id].range;
                node.end = end.max(node.start);
            }
            _ => {}
        }
    }

    /// Adds a node where it belongs.
    fn add(&mut self, range: Range, value: Value, anchor: usize, open: &mut [Open]) -> usize {
        let id = self.nodes.len();
        self.nodes.push(Data { range, value });
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        let Some(parent) = open.last_mut() else {
            self.roots.push(id);
            return id;
        };
        match (&mut self.nodes[parent.id].value, parent.key.take()) {
            (Value::Sequence(items), _) => items.push(id),
            (Value::Mapping(entries), Some(key)) => entries.push((key, id)),
            _ => parent.key = Some(id),
        }
        id
    }

    /// The documents.
    pub(crate) fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().map(|id| Node { tree: self, id: *id })
    }

    /// The entries and items: what a comment can be about.
    pub(crate) fn spans(&self) -> Vec<Range> {
        let mut spans = Vec::new();
        for data in &self.nodes {
            match &data.value {
                Value::Mapping(entries) => {
                    spans.extend(entries.iter().map(|(key, value)| self.entry(*key, *value)))
                }
                Value::Sequence(items) => spans.extend(items.iter().map(|item| self.nodes[*item].range)),
                Value::Scalar(..) | Value::Alias(_) => {}
            }
        }
        spans.retain(|span| !span.is_empty());
        spans
    }

    fn entry(&self, key: usize, value: usize) -> Range {
        let (key, value) = (self.nodes[key].range, self.nodes[value].range);
        Range { start: key.start, end: key.end.max(value.end) }
    }
}

/// An entry of a mapping.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) key: Node<'a>,
    pub(crate) value: Node<'a>,
    /// From the key to the value's end.
    pub(crate) range: Range,
}

impl<'a> Node<'a> {
    /// Where it stands; an alias, where the alias stands.
    pub(crate) fn range(self) -> Range {
        self.tree.nodes[self.id].range
    }

    /// An alias has the value of what it leads to, which is none itself.
    fn value(self) -> &'a Value {
        match &self.tree.nodes[self.id].value {
            Value::Alias(id) => &self.tree.nodes[*id].value,
            value => value,
        }
    }

    /// The text of a scalar; none of one that is empty or null.
    pub(crate) fn text(self) -> Option<&'a str> {
        match self.value() {
            Value::Scalar(text, true) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL") => None,
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// A scalar with its place.
    pub(crate) fn word(self) -> Option<Word> {
        Some(Word { text: self.text()?.to_owned(), range: self.range() })
    }

    pub(crate) fn is_true(self) -> bool {
        self.text().is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "on"))
    }

    /// The items of a sequence.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        let items = if let Value::Sequence(items) = self.value() { items.as_slice() } else { &[] };
        items.iter().map(move |id| Node { tree: self.tree, id: *id })
    }

    /// Whether it is a mapping.
    pub(crate) fn is_mapping(self) -> bool {
        matches!(self.value(), Value::Mapping(_))
    }

    /// The entries of a mapping: its own, then those that it merges in (`<<: *defaults`) and does not have.
    pub(crate) fn entries(self) -> Vec<Entry<'a>> {
        let (mut entries, mut known) = (Vec::new(), FxHashSet::default());
        self.collect(&mut entries, &mut known, MAX_HOPS);
        entries
    }

    fn collect(self, entries: &mut Vec<Entry<'a>>, known: &mut FxHashSet<&'a str>, hops: usize) {
        let Value::Mapping(own) = self.value() else { return };
        let mut merged = Vec::new();
        for (key, value) in own {
            let (key, value) = (Node { tree: self.tree, id: *key }, Node { tree: self.tree, id: *value });
            let name = key.text().unwrap_or_default();
            if name == "<<" {
                merged.push(value);
            } else if known.insert(name) {
                entries.push(Entry { key, value, range: self.tree.entry(key.id, value.id) });
            }
        }
        if hops > 0 {
            for value in merged {
                value.collect(entries, known, hops - 1);
                value.items().take(8).for_each(|item| item.collect(entries, known, hops - 1));
            }
        }
    }

    /// The entry of a key.
    pub(crate) fn entry(self, key: &str) -> Option<Entry<'a>> {
        self.entries().into_iter().find(|entry| entry.key.text() == Some(key))
    }

    /// The value of a key.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The value at the end of a path of keys.
    pub(crate) fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }
}

/// A collection of entries as a place to add one to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where its first own entry starts.
    pub first: u32,
    /// Where its last own entry ends.
    pub end: u32,
    /// Whether it is written in lines: nothing can be added to one in braces by adding a line.
    pub in_lines: bool,
}

impl Block {
    /// The block of a mapping.
    pub(crate) fn of(node: Node<'_>) -> Option<Self> {
        let data = &node.tree.nodes[node.id];
        let Value::Mapping(own) = &data.value else { return None };
        let (first, last) = (own.first()?, own.last()?);
        let first = node.tree.nodes[first.0].range.start;
        let end = node.tree.entry(last.0, last.1).end;
        Some(Self { first, end, in_lines: data.range.start == first })
    }
}

/// `NAME: value` entries, or `- NAME=value` items.
pub(crate) fn variables(node: Node<'_>) -> Vec<Variable> {
    let entries = node
        .entries()
        .into_iter()
        .filter_map(|entry| Some(Variable { name: entry.key.word()?, value: entry.value.word() }));
    let items = node.items().filter_map(|item| {
        let word = item.word()?;
        let (name, value) = match word.text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word.text.clone(), None),
        };
        // Behind the sign, where nothing in the text is escaped; else the whole item.
        let quotes =
            word.range.len().checked_sub(word.text.len() as u32).filter(|extra| matches!(extra, 0 | 2));
        let value = value.map(|text| {
            let range = quotes.map_or(word.range, |extra| {
                let start = word.range.start + extra / 2 + name.len() as u32 + 1;
                Range { start, end: start + text.len() as u32 }
            });
            Word { text, range }
        });
        Some(Variable { name: Word { text: name, range: word.range }, value })
    });
    entries.chain(items).collect()
}

/// A variable that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: Word,
    /// Its value; none where it comes from elsewhere.
    pub value: Option<Word>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_know_places_merges_and_documents() {
        let text = "# top\nbase: &b\n  a: 1 # one\n  t: |\n    x\n    y\n\nsvc:\n  <<: *b\n  a: \"2\"\n---\n- k: v\n";
        let tree = Tree::parse(text);
        assert!(tree.unread.is_empty(), "{:?}", tree.unread);
        let slice = |range: Range| &text[std::ops::Range::from(range)];
        let documents: Vec<Node<'_>> = tree.documents().collect();
        assert_eq!(documents.len(), 2);
        let svc = documents[0].entry("svc").unwrap();
        assert_eq!(slice(svc.range), "svc:\n  <<: *b\n  a: \"2\"");
        assert_eq!(svc.value.get("a").unwrap().text(), Some("2"));
        assert_eq!(svc.value.get("t").unwrap().text(), Some("x\ny\n"));
        assert_eq!(slice(documents[0].get("base").unwrap().entry("t").unwrap().range), "t: |\n    x\n    y");
        let comments: Vec<&str> = tree.comments.iter().map(|c| slice(*c)).collect();
        assert_eq!(comments, ["# top", "# one"]);
        assert_eq!(slice(documents[1].items().next().unwrap().range()), "k: v");
    }

    #[test]
    fn a_broken_document_leaves_the_others() {
        let text = "a: 1\n---\nb: [1,\n  c: }\n---\nd: 4\n";
        let tree = Tree::parse(text);
        assert!(tree.documents().any(|d| d.get("a").is_some()));
        assert!(tree.documents().any(|d| d.get("d").is_some()));
        assert_eq!(tree.unread.len(), 1);
        assert!(tree.unread[0].start >= 9 && tree.unread[0].end <= text.len() as u32);
    }

    #[test]
    fn hostile_texts_do_not_explode() {
        let bomb: String = std::iter::once("a0: &a0 [x, x]\n".to_owned())
            .chain((1..40).map(|i| format!("a{i}: &a{i} [*a{}, *a{}]\n", i - 1, i - 1)))
            .collect();
        assert_eq!(Tree::parse(&bomb).documents().count(), 1);
        let merges: String = std::iter::once("a0: &a0 {x: 1}\n".to_owned())
            .chain((1..40).map(|i| format!("a{i}: &a{i}\n  <<: [*a{}, *a{}]\n  k{i}: 1\n", i - 1, i - 1)))
            .collect();
        assert!(Tree::parse(&merges).documents().next().unwrap().get("a39").unwrap().entries().len() < 100);
        for text in [
            "[".repeat(100_000),
            "- ".repeat(100_000),
            "a: ".repeat(1_000),
            "x".repeat(10_000_000),
            "&a [*a]".to_owned(),
            "*a".to_owned(),
            "\u{feff}a: 1".to_owned(),
            "a:\n\t- b".to_owned(),
        ] {
            let tree = Tree::parse(&text);
            tree.documents().for_each(|d| drop(d.entries()));
        }
        let endless = "- a\n".repeat(MAX_NODES + 10);
        let tree = Tree::parse(&endless);
        assert!(tree.nodes.len() <= MAX_NODES + 1 && tree.unread[0].end as usize == endless.len());
    }
}
