//! What comments and documentation say about the code beside them.

use shipworthy_audit::Check;
use shipworthy_facts::{Facts, Kind, Node, Role};
use shipworthy_syntax::Range;

/// Whether a comment stands inside a range.
pub(crate) fn has_comment(facts: &Facts, within: Range) -> bool {
    facts.comments.iter().any(|c| within.start <= c.range.start && c.range.end <= within.end)
}

/// Whether the documentation of a function, or a comment in it, has one of some phrases, which are in lower case.
pub(crate) fn function_says(cx: &Check<'_>, function: Node<'_>, phrases: &[&str]) -> bool {
    let within = function.range();
    let mut comments = cx.facts().comments.iter().map(|c| c.range);
    documentation_says(cx, function, phrases)
        || comments.any(|c| {
            within.start <= c.start && c.end <= within.end && has_phrase(cx.facts().slice(c), phrases)
        })
}

/// Whether the documentation of a function has one of some phrases, which are in lower case.
pub(crate) fn documentation_says(cx: &Check<'_>, function: Node<'_>, phrases: &[&str]) -> bool {
    let (start, name) = (function.range().start, function.name_range().start);
    // Attributes and decorators may stand above the documentation.
    let between = cx.facts().comments.iter().map(|c| c.range).filter(|c| start <= c.start && c.end <= name);
    let mut above = above(cx.facts(), start).into_iter().chain(between).map(|c| cx.facts().slice(c));
    let body = function.get(Role::Body);
    let first = body.and_then(|b| b.get(Role::Statement)).filter(|s| s.is(Kind::String));
    above.any(|text| has_phrase(text, phrases)) || first.is_some_and(|s| has_phrase(s.text(), phrases))
}

/// Whether the comments right above a statement, or the one beside it, have one of some phrases, which are in lower case.
pub(crate) fn statement_says(facts: &Facts, statement: Node<'_>, phrases: &[&str]) -> bool {
    let range = statement.range();
    above(facts, range.start).into_iter().any(|c| has_phrase(facts.slice(c), phrases))
        || line_says(facts, range.end, phrases)
}

/// Whether a comment stands right above the line that a fact begins on, or on its last line.
pub(crate) fn has_remark(facts: &Facts, node: Node<'_>) -> bool {
    let range = node.range();
    let before = facts.slice(Range { start: 0, end: range.start });
    let line = before.rfind('\n').map_or(0, |at| at as u32 + 1);
    !above(facts, line).is_empty() || line_says(facts, range.end, &[""])
}

/// Whether the comment on the line of a place has one of some phrases, which are in lower case: a linter's mark, mostly.
pub(crate) fn line_says(facts: &Facts, place: u32, phrases: &[&str]) -> bool {
    facts.comments.iter().filter(|c| place <= c.range.start).any(|c| {
        let between = facts.slice(Range { start: place, end: c.range.start });
        !between.contains('\n') && has_phrase(facts.slice(c.range), phrases)
    })
}

/// The comments that end right above a place.
fn above(facts: &Facts, place: u32) -> Vec<Range> {
    let mut start = place;
    let mut found = Vec::new();
    for comment in facts.comments.iter().rev().map(|c| c.range).filter(|c| c.end <= place) {
        let between = facts.slice(Range { start: comment.end, end: start });
        if !between.trim().is_empty() || between.matches('\n').count() > 1 {
            break;
        }
        start = comment.start;
        found.push(comment);
    }
    found
}

fn has_phrase(text: &str, phrases: &[&str]) -> bool {
    let text = text.to_lowercase();
    phrases.iter().any(|p| text.contains(p))
}
