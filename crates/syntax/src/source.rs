use std::sync::Arc;

use crate::item::Item;
use crate::language::Language;
use crate::parse::Parser;
use crate::range::{Edit, Range};
use crate::text::Text;

/// A document: its text and the items it consists of. Cheap to clone, so that an analysis can keep what it looks at.
///
/// The items tile the file: their texts in order, one behind the other, are its text (an empty file has none). After any
/// edits they are those of a new `Source` with the same text.
#[derive(Clone, Debug)]
pub struct Source {
    language: Language,
    text: Text,
    items: Vec<Item>,
}

impl Source {
    /// A document that holds `text`. A byte order mark at its start is part of the first item and of every offset.
    pub fn new(language: Language, text: &str) -> Self {
        let items = if text.is_empty() {
            Vec::new()
        } else {
            vec![Item::new(&mut Parser::new(language), 0, Arc::from(text))]
        };
        Self { language, text: Text::new(text), items }
    }

    /// The language it is written in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Its text.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The items that tile the file, in order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item that holds the byte at `offset`.
    pub fn item_at(&self, offset: u32) -> Option<&Item> {
        let next = self.items.partition_point(|item| item.start() <= offset);
        self.items[..next].last().filter(|item| item.range().contains(offset))
    }

    /// Applies one edit.
    pub fn edit(&mut self, edit: &Edit) {
        self.text.replace(edit.range, &edit.text);
        *self = Self::new(self.language, &self.text.to_string());
    }

    /// Puts `text` in the place of the whole text; items that are the same at its start and end stay as they are.
    pub fn replace_all(&mut self, text: &str) {
        self.edit(&Edit::new(Range::new(0, self.text.len()), text));
    }
}
