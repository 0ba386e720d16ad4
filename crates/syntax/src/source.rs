use crate::item::Item;
use crate::language::Language;
use crate::parse::{self, Parser};
use crate::range::{Edit, Range, offset};
use crate::scan::{self, Span};
use crate::text::Text;

/// A document: its text and the items it consists of. Cheap to clone, so that an analysis can keep what it looks at.
///
/// The items tile the file: their texts in order, one behind the other, are its text (an empty file has none). After any
/// edits items and trees are those of a new `Source` with the same text.
#[derive(Clone, Debug)]
pub struct Source {
    language: Language,
    text: Text,
    items: Vec<Item>,
}

impl Source {
    /// A document that holds `text`. A byte order mark at its start is part of the first item and of every offset.
    pub fn new(language: Language, text: &str) -> Self {
        let mut parser = Parser::new(language);
        let items = scan::spans(language, text)
            .map(|span| Item::new(&mut parser, span, &text[std::ops::Range::from(span.range)], None))
            .collect();
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

    /// Applies one edit. It costs what the items cost that it touches.
    pub fn edit(&mut self, edit: &Edit) {
        let range = self.text.clamp(edit.range);
        let old = self.text.slice(range);
        let (head, tail) = parse::common(&old, &edit.text);
        let range = Range::new(range.start + offset(head), range.end - offset(tail));
        let new = &edit.text[head..edit.text.len() - tail];
        if range.is_empty() && new.is_empty() {
            return;
        }
        self.text.replace(range, new);
        self.update(Change { old: range, new: Range::new(range.start, range.start + offset(new.len())) });
        debug_assert!(
            self.items.iter().map(Item::span).eq(scan::spans(self.language, &self.text.to_string())),
            "the items are those of a fresh scan"
        );
    }

    /// Puts `text` in the place of the whole text; what is the same at its start and end stays as it is.
    pub fn replace_all(&mut self, text: &str) {
        self.edit(&Edit::new(Range::new(0, self.text.len()), text));
    }

    /// Brings the items up to date with the text after `change`.
    fn update(&mut self, change: Change) {
        let first = self.items.iter().position(|item| item.span().seen > change.old.start).unwrap_or(0);
        let (spans, last, window) = self.rescan(first, change);
        let mut parser = Parser::new(self.language);
        let items: Vec<Item> = spans
            .into_iter()
            .map(|span| {
                let old = self.moved(change, span.range.start).or_else(|| self.starting(span.range.start));
                Item::new(&mut parser, span, window.slice(span.range), old.map(|index| &self.items[index]))
            })
            .collect();
        for item in &mut self.items[last..] {
            item.shift(change.by());
        }
        self.items.splice(first..last, items);
    }

    /// Scans from the start of the item `first` on, until an item starts that the change has not touched: that is the
    /// second result. The third is the text that was scanned.
    fn rescan(&self, first: usize, change: Change) -> (Vec<Span>, usize, Window) {
        let (mut at, mut repairs) =
            self.items.get(first).map_or((0, 0), |item| (item.start(), item.span().repairs));
        let mut window = Window::new(&self.text, Range::new(at, change.new.end));
        let mut spans = Vec::new();
        while at < self.text.len() {
            if let Some(same) = self.moved(change, at)
                && self.items[same].span().repairs == repairs
            {
                return (spans, same, window);
            }
            match scan::cut(self.language, window.from(at), window.complete, repairs) {
                Some(cut) => {
                    let span = Span::new(at, repairs, cut);
                    at = span.range.end;
                    repairs = cut.repairs;
                    spans.push(span);
                }
                None => window.grow(&self.text),
            }
        }
        (spans, self.items.len(), window)
    }

    /// The item that `change` moved to `at`.
    fn moved(&self, change: Change, at: u32) -> Option<usize> {
        let behind = at.checked_sub(change.new.end)?;
        self.starting(change.old.end + behind)
    }

    fn starting(&self, at: u32) -> Option<usize> {
        self.items.binary_search_by_key(&at, Item::start).ok()
    }
}

/// What an edit did: `old` of the text before became `new` of the text after. Both start at the same offset.
#[derive(Clone, Copy)]
struct Change {
    old: Range,
    new: Range,
}

impl Change {
    /// How far the text behind moved.
    fn by(self) -> i64 {
        i64::from(self.new.end) - i64::from(self.old.end)
    }
}

/// The part of a text that is being scanned: to copy all of a large file for every keystroke would cost more than the scan.
struct Window {
    start: u32,
    text: String,
    /// Whether it reaches to the end of the text.
    complete: bool,
}

impl Window {
    /// How many bytes to take behind what changed.
    const MARGIN: u32 = 4096;

    fn new(text: &Text, range: Range) -> Self {
        let range = Range::new(range.start, range.end.saturating_add(Self::MARGIN));
        Self { start: range.start, text: text.slice(range), complete: range.end >= text.len() }
    }

    fn grow(&mut self, text: &Text) {
        let length = offset(self.text.len()).saturating_mul(2);
        *self = Self::new(text, Range::new(self.start, self.start.saturating_add(length)));
    }

    fn slice(&self, range: Range) -> &str {
        &self.text[(range.start - self.start) as usize..(range.end - self.start) as usize]
    }

    fn from(&self, at: u32) -> &str {
        &self.text[(at - self.start) as usize..]
    }
}
