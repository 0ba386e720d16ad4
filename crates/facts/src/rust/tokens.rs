//! The tokens of macros and attributes, and the cursor that reads them.

use std::sync::Arc;

use shipworthy_syntax::Range;

use super::{Extractor, Tag, range_of};
use crate::fact::{Kind, Role};

/// A token. A bracketed group is one too, and the tokens in it follow.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) tag: Tag,
    pub(super) range: Range,
    /// Index of the token that follows: of a group, the one after its last.
    pub(super) next: usize,
}

impl Extractor<'_> {
    /// A reader of the token tree under the cursor.
    pub(super) fn reader(&mut self) -> Reader {
        let mut tokens = Vec::new();
        let mut open = Vec::new();
        let root = self.cursor.node();
        tokens.push(Token { tag: Tag::TokenTree, range: range_of(&root), next: 0 });
        if self.cursor.goto_first_child() {
            open.push(0);
            'tokens: loop {
                let node = self.cursor.node();
                let tag = self.tag();
                let range = range_of(&node);
                let next = tokens.len() + 1;
                match tag {
                    Tag::LineComment | Tag::BlockComment => self.comment(),
                    _ if node.is_missing() => {}
                    Tag::TokenTree | Tag::Error => {
                        let group = match tag {
                            Tag::TokenTree => next - 1,
                            // No group of its own: its tokens belong to the one around it.
                            _ => usize::MAX,
                        };
                        if tag == Tag::TokenTree {
                            tokens.push(Token { tag, range, next });
                        }
                        if self.cursor.goto_first_child() {
                            open.push(group);
                            continue;
                        }
                    }
                    Tag::Other if self.is_bracket() => {}
                    _ => tokens.push(Token { tag, range, next }),
                }
                while !self.cursor.goto_next_sibling() {
                    self.cursor.goto_parent();
                    let end = tokens.len();
                    if let Some(group) = open.pop().and_then(|group| tokens.get_mut(group)) {
                        group.next = end;
                    }
                    if open.is_empty() {
                        break 'tokens;
                    }
                }
            }
        }
        let end = tokens.len();
        tokens[0].next = end;
        Reader { text: self.builder.source(), tokens, at: 0, end, last: 0, formats: false, failures: 0 }
    }

    /// Whether the token under the cursor opens or closes the group that it is in.
    pub(super) fn is_bracket(&self) -> bool {
        let range = self.range();
        range.end - range.start == 1
            && matches!(self.builder.text(range).as_bytes(), [b'(' | b')' | b'[' | b']' | b'{' | b'}'])
    }
}

/// Reads tokens as expressions.
pub(super) struct Reader {
    pub(super) text: Arc<str>,
    pub(super) tokens: Vec<Token>,
    /// Index of the next token.
    pub(super) at: usize,
    /// Index one past the last token of the group that is read.
    pub(super) end: usize,
    /// Where the last token that was read ends in the text.
    pub(super) last: u32,
    /// Whether a string literal may be a format string.
    pub(super) formats: bool,
    /// How often the grammar could not read what it was given back.
    pub(super) failures: u32,
}

impl Reader {
    // Tokens.

    pub(super) fn token(&self, index: usize) -> Option<Token> {
        (index < self.end).then(|| self.tokens[index])
    }

    /// The text of the token at an index; empty for a group and past the end of the group that is read.
    pub(super) fn text_at(&self, index: usize) -> &str {
        if index < self.end { self.word(index) } else { "" }
    }

    /// The text of any token; empty for a group.
    pub(super) fn word(&self, index: usize) -> &str {
        match self.tokens.get(index) {
            Some(token) if token.tag != Tag::TokenTree => self.slice(token.range),
            _ => "",
        }
    }

    pub(super) fn slice(&self, range: Range) -> &str {
        self.text.get(range.start as usize..range.end as usize).unwrap_or("")
    }

    /// The indices of the tokens of a group, without those of groups in it.
    pub(super) fn tokens_of(&self, group: usize) -> impl Iterator<Item = usize> {
        let next = self.tokens[group].next;
        let inside = move |at: &usize| *at < next;
        std::iter::successors(Some(group + 1).filter(inside), move |at| {
            Some(self.tokens[*at].next).filter(inside)
        })
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.text_at(self.at) == text
    }

    /// Whether the token at an index is a group with that opening bracket.
    pub(super) fn is_group(&self, index: usize, bracket: u8) -> bool {
        self.token(index).is_some_and(|t| {
            t.tag == Tag::TokenTree && self.text.as_bytes().get(t.range.start as usize) == Some(&bracket)
        })
    }

    pub(super) fn is_identifier(&self, index: usize) -> bool {
        index < self.end && self.is_name(index)
    }

    pub(super) fn is_name(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|t| {
            matches!(
                t.tag,
                Tag::Identifier
                    | Tag::SelfName
                    | Tag::Super
                    | Tag::Crate
                    | Tag::PrimitiveType
                    | Tag::Metavariable
            )
        }) || matches!(self.word(index), "default" | "union" | "gen")
    }

    /// Goes past the next token, or past the whole of a group.
    pub(super) fn bump(&mut self) -> Range {
        let Some(token) = self.token(self.at) else { return Range { start: self.last, end: self.last } };
        self.at = token.next;
        self.last = token.range.end;
        token.range
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        if found {
            self.bump();
        }
        found
    }

    /// Whether an argument ends here.
    pub(super) fn at_end(&self) -> bool {
        self.at >= self.end || matches!(self.text_at(self.at), "," | ";" | "=>")
    }

    /// Reads the tokens of a group with `f` and goes past it.
    pub(super) fn group(&mut self, index: usize, f: impl FnOnce(&mut Self)) {
        let Token { range, next, .. } = self.tokens[index];
        let end = std::mem::replace(&mut self.end, next);
        let formats = std::mem::take(&mut self.formats);
        self.at = index + 1;
        f(self);
        self.at = next;
        self.end = end;
        self.formats = formats;
        self.last = range.end;
    }

    // Facts.

    pub(super) fn leaf(&mut self, out: &mut Extractor<'_>, kind: Kind, role: Role) {
        let range = self.bump();
        out.builder.leaf(kind, role, range);
    }

    /// Opens a fact that starts at the next token.
    pub(super) fn open(&mut self, out: &mut Extractor<'_>, kind: Kind, role: Role) -> u32 {
        let start = self.token(self.at).map_or(self.last, |t| t.range.start);
        out.builder.open(kind, role, Range { start, end: start });
        out.builder.current()
    }

    /// Closes the fact that is open where the last token ends.
    pub(super) fn close(&mut self, out: &mut Extractor<'_>) {
        let index = out.builder.current();
        let fact = out.builder.fact_mut(index);
        fact.range.end = fact.range.end.max(self.last);
        out.builder.close();
    }
}
