//! What code a suppression stands for.

use shipworthy_facts::{Facts, Kind, Role};
use shipworthy_syntax::Range;

/// What a suppression can stand for: statements, definitions with their decorators, fields, arms and handlers. Ranges are bytes of
/// the file; `offset` is where the facts' item starts in it.
pub fn spans(facts: &Facts, offset: u32) -> impl Iterator<Item = Range> {
    let stands_alone =
        |kind| matches!(kind, Kind::Function | Kind::Class | Kind::Field | Kind::Arm | Kind::Handler);
    let nodes = facts.nodes().filter(move |node| node.role() == Role::Statement || stands_alone(node.kind()));
    nodes.map(move |node| node.range().shift(i64::from(offset)))
}

/// A file's lines and what stands on them.
pub(super) struct Layout<'a> {
    pub(super) text: &'a str,
    /// In order, without overlaps.
    pub(super) comments: &'a [Range],
    pub(super) spans: &'a [Range],
}

impl Layout<'_> {
    /// The code that a comment stands beside or above: the statement or definition that begins on its line or, where it has a
    /// line of its own, on the next line with code. Where none begins there, the one that the line belongs to, unless that has
    /// statements before the line: a remark at the end of a function is not about the function.
    pub(super) fn covered_by(&self, comment: Range) -> Range {
        let Some(code) = self.next_code(self.line_start(comment.start)) else {
            return Range::empty(comment.start);
        };
        let line = Range { start: self.line_start(code), end: self.line_end(code) };
        let begins = self.spans.iter().filter(|span| line.contains(span.start));
        let spans = begins.copied().reduce(Range::cover).or_else(|| self.header_or_simple(code));
        let code = Range { start: code, end: line.end };
        spans.map_or(code, |span| span.cover(code))
    }

    /// The innermost span that holds an offset, if the offset stands in its header or it holds no other span.
    fn header_or_simple(&self, offset: u32) -> Option<Range> {
        let span = self.innermost(offset)?;
        let holds_one_before =
            |inner: &&Range| span != **inner && span.contains_range(**inner) && inner.start < offset;
        self.spans.iter().find(holds_one_before).is_none().then_some(span)
    }

    pub(super) fn innermost(&self, offset: u32) -> Option<Range> {
        let around = self.spans.iter().filter(|span| span.contains(offset));
        around.copied().min_by_key(|span| span.len())
    }

    /// The first offset from here on with neither space nor comment.
    pub(super) fn next_code(&self, from: u32) -> Option<u32> {
        let mut at = from;
        loop {
            let rest = self.text.get(at as usize..)?;
            let space = rest.find(|c: char| !c.is_whitespace() && c != '\u{feff}')?;
            at += Range::from(0..space).end;
            let next = self.comments.partition_point(|comment| comment.end <= at);
            match self.comments.get(next) {
                Some(comment) if comment.start <= at => at = comment.end,
                _ => return Some(at),
            }
        }
    }

    pub(super) fn line_start(&self, at: u32) -> u32 {
        let before = self.text.get(..at as usize).unwrap_or_default();
        Range::from(0..before.rfind(['\n', '\r']).map_or(0, |end| end + 1)).end
    }

    /// The end of a line, without its line break.
    pub(super) fn line_end(&self, at: u32) -> u32 {
        let behind = self.text.get(at as usize..).unwrap_or_default();
        at + Range::from(0..behind.find(['\n', '\r']).unwrap_or(behind.len())).end
    }

    /// The line break at the end of the line; empty on a last line without one.
    pub(super) fn line_break(&self, at: u32) -> &str {
        let behind = self.text.get(self.line_end(at) as usize..).unwrap_or_default();
        ["\r\n", "\n", "\r"].into_iter().find(|end| behind.starts_with(end)).unwrap_or_default()
    }

    /// The text of a range; empty where it does not fit.
    pub(super) fn slice(&self, range: Range) -> &str {
        self.text.get(std::ops::Range::from(range)).unwrap_or_default()
    }
}
