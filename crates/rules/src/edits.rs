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
        (None, None) => alone(&call.facts().text, start_of(argument), argument.range().end),
    }
}

/// An only argument with the comma behind it, and where it stands between its brackets without anything else, with the space around.
fn alone(text: &str, start: u32, end: u32) -> Range {
    let before = text[..start as usize].trim_end();
    let behind = text[end as usize..].trim_start();
    let without_comma = behind.strip_prefix(',');
    let rest = without_comma.map_or(behind, str::trim_start);
    if before.ends_with(['(', '{', '[']) && rest.starts_with([')', '}', ']']) {
        return Range { start: before.len() as u32, end: (text.len() - rest.len()) as u32 };
    }
    let comma = without_comma.map_or(end as usize, |behind| text.len() - behind.len());
    Range { start, end: comma as u32 }
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

/// Go: the return with which a function hands an error to its caller (`return nil, "", err`); none where it returns no error, or a result's
/// zero value is not plain from its type.
pub(crate) fn error_return(function: Node<'_>, error: &str) -> Option<String> {
    let kind = |result: Node<'_>| match result.kind() {
        Kind::Parameter => result.get(Role::Type).map_or("", Node::text).to_owned(),
        _ => result.text().to_owned(),
    };
    let mut results: Vec<String> = function.all(Role::Result).map(kind).collect();
    if results.pop()? != "error" {
        return None;
    }
    let zeros: Option<Vec<&str>> = results.iter().map(|r| zero_value(r)).collect();
    let values: Vec<&str> = zeros?.into_iter().chain([error]).collect();
    Some(format!("return {}", values.join(", ")))
}

/// Go: the zero value of a type, where its text tells.
fn zero_value(kind: &str) -> Option<&'static str> {
    const NIL: [&str; 6] = ["*", "[]", "map[", "chan ", "<-chan ", "func("];
    match kind {
        "any" | "interface{}" | "error" => Some("nil"),
        "string" => Some("\"\""),
        "bool" => Some("false"),
        "int" | "int8" | "int16" | "int32" | "int64" | "uint" | "uint8" | "uint16" | "uint32" | "uint64"
        | "float32" | "float64" | "byte" | "rune" | "uintptr" | "time.Duration" => Some("0"),
        _ => NIL.iter().any(|start| kind.starts_with(start)).then_some("nil"),
    }
}
