//! Changes that fixes share.

use shipworthy_facts::{Kind, Node, Role};
use shipworthy_syntax::{Language, Range};

/// The text to delete so that a call or construction loses an argument, with the comma that goes with it.
pub(crate) fn without_argument(call: Node<'_>, argument: Node<'_>) -> Range {
    let start_of = |a: Node<'_>| if a.label().is_empty() { a.range().start } else { a.fact().label.start };
    let arguments: Vec<Node<'_>> = call.arguments().collect();
    let at = arguments.iter().position(|a| *a == argument).unwrap_or(0);
    match (at.checked_sub(1).and_then(|i| arguments.get(i)), arguments.get(at + 1)) {
        (_, Some(next)) => Range { start: start_of(argument), end: start_of(*next) },
        (Some(before), None) => Range { start: before.range().end, end: argument.range().end },
        (None, None) => Range { start: start_of(argument), end: argument.range().end },
    }
}

/// The change that takes a statement away: the text to replace, and what stands there then. Its whole line goes; in Python a block that
/// would be empty keeps a `pass`.
pub(crate) fn without_statement(statement: Node<'_>) -> (Range, &'static str) {
    let range = statement.range();
    let alone = statement
        .parent()
        .is_some_and(|block| block.is(Kind::Block) && block.all(Role::Statement).count() == 1);
    if alone && statement.language() == Language::Python {
        return (range, "pass");
    }
    let text = &*statement.facts().text;
    let start = text[..range.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[range.end as usize..].find('\n').map_or(text.len(), |at| range.end as usize + at + 1);
    let around = [&text[start..range.start as usize], &text[range.end as usize..line_end]];
    if around.into_iter().all(|t| t.trim().is_empty()) {
        return (Range { start: start as u32, end: line_end as u32 }, "");
    }
    (range, "")
}
