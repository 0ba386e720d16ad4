//! Where an import goes: beside the file's own, in its style.

use shipworthy_facts::{Facts, Import, Kind, Role};
use shipworthy_syntax::{Edit, Language, Range};

use crate::finding::ImportRequest;

/// The change that makes a name available in a file; none where it is there already. Items come with the offset of their first byte.
pub(crate) fn insertion(
    request: &ImportRequest,
    items: &[(u32, &Facts)],
    language: Language,
) -> Option<Edit> {
    let whole = match (language, request.name.is_empty()) {
        (Language::Python, false) => format!("{}.{}", request.path, request.name),
        _ => request.path.clone(),
    };
    let imports =
        || items.iter().flat_map(|(start, facts)| facts.imports.iter().map(move |i| (*start, *facts, i)));
    if imports().any(|(_, _, import)| !import.conditional && *import.path == *whole && &*import.local != "_")
    {
        return None;
    }
    // Beside the imports at the top: of those that run unconditionally, the last one that sorts before it.
    let top: Vec<(u32, &Facts, &Import)> = imports()
        .filter(|(_, facts, i)| {
            !i.conditional && facts.node(i.fact).parent().is_some_and(|p| p.is(Kind::Module))
        })
        .collect();
    match language {
        Language::Python => Some(python(request, &top, items)),
        Language::Go => Some(go(request, &top, items)),
        Language::Rust => Some(rust(request, &top, items)),
    }
}

fn at(offset: u32, text: String) -> Edit {
    Edit::new(Range { start: offset, end: offset }, text)
}

/// The line ending of a file: that of its first line.
fn newline(items: &[(u32, &Facts)]) -> &'static str {
    let first = items.iter().find_map(|(_, facts)| facts.text.split_once('\n'));
    if first.is_some_and(|(line, _)| line.ends_with('\r')) { "\r\n" } else { "\n" }
}

/// The offset just behind the line that an offset stands on.
fn after_line(start: u32, facts: &Facts, offset: u32) -> u32 {
    let rest = facts.text.get(offset as usize..).unwrap_or("");
    start + offset + rest.find('\n').map_or(rest.len(), |n| n + 1) as u32
}

/// The offset at the start of the line that an offset stands on.
fn line_start(start: u32, facts: &Facts, offset: u32) -> u32 {
    let before = facts.text.get(..offset as usize).unwrap_or("");
    start + before.rfind('\n').map_or(0, |n| n + 1) as u32
}

fn python(request: &ImportRequest, top: &[(u32, &Facts, &Import)], items: &[(u32, &Facts)]) -> Edit {
    let newline = newline(items);
    let line = if request.name.is_empty() {
        format!("import {}{newline}", request.path)
    } else {
        format!("from {} import {}{newline}", request.path, request.name)
    };
    // Sorted among the imports of its own form in the first block; future imports stay first.
    let same_form = |text: &str| text.starts_with("from ") != request.name.is_empty();
    let mut place = None;
    for (start, facts, import) in top {
        let statement = facts.node(import.fact);
        let text = statement.text();
        let before = text.starts_with("from __future__")
            || (same_form(text) && text < line.trim_end())
            || (place.is_none() && text.starts_with("import ") && !request.name.is_empty());
        if before {
            place = Some(after_line(*start, facts, statement.range().end));
        }
    }
    if let Some(offset) = place {
        return at(offset, line);
    }
    if let Some((start, facts, import)) = top.first() {
        return at(line_start(*start, facts, facts.node(import.fact).range().start), line);
    }
    // No import yet: after the module's docstring, else before its first statement.
    let first =
        items.iter().find_map(|(start, facts)| facts.root().children().next().map(|n| (*start, *facts, n)));
    match first {
        Some((start, facts, node)) if node.is(Kind::String) => {
            at(after_line(start, facts, node.range().end), format!("{newline}{line}"))
        }
        Some((start, facts, node)) => {
            at(line_start(start, facts, node.range().start), format!("{line}{newline}"))
        }
        None => at(0, line),
    }
}

fn go(request: &ImportRequest, top: &[(u32, &Facts, &Import)], items: &[(u32, &Facts)]) -> Edit {
    let newline = newline(items);
    let quoted = format!("\"{}\"", request.path);
    // In a block: sorted within the group that holds the standard library, or other modules, as the path is.
    let is_standard = |path: &str| !path.split('/').next().unwrap_or("").contains('.');
    let grouped: Vec<_> = top.iter().filter(|(_, f, i)| f.node(i.fact).text().contains('(')).collect();
    let alike = grouped.iter().filter(|(_, _, i)| is_standard(&i.path) == is_standard(&request.path));
    let mut before = None;
    let mut after = None;
    for (start, facts, import) in alike {
        if *import.path < *request.path {
            before = Some(after_line(*start, facts, import.range.end));
        } else if after.is_none() {
            after = Some(line_start(*start, facts, import.range.start));
        }
    }
    if let Some(offset) = before.or(after) {
        return at(offset, format!("\t{quoted}{newline}"));
    }
    if let Some((start, facts, import)) = grouped.first() {
        let standard_first = is_standard(&request.path);
        let offset = line_start(*start, facts, import.range.start);
        if standard_first {
            return at(offset, format!("\t{quoted}{newline}{newline}"));
        }
    }
    if let Some((start, facts, import)) = grouped.last() {
        return at(after_line(*start, facts, import.range.end), format!("{newline}\t{quoted}{newline}"));
    }
    // Single imports, one a line: sorted among them.
    if let Some((start, facts, import)) = top.iter().rfind(|(_, _, i)| *i.path < *request.path) {
        let end = facts.node(import.fact).range().end;
        return at(after_line(*start, facts, end), format!("import {quoted}{newline}"));
    }
    if let Some((start, facts, import)) = top.first() {
        let statement = facts.node(import.fact).range();
        return at(line_start(*start, facts, statement.start), format!("import {quoted}{newline}"));
    }
    // After the package clause.
    let clause = items.iter().find_map(|(start, facts)| {
        let at = facts.text.lines().scan(0, |offset, line| {
            let here = *offset;
            *offset += line.len() as u32 + 1;
            Some((here, line))
        });
        at.filter(|(_, line)| line.starts_with("package "))
            .map(|(offset, _)| after_line(*start, facts, offset))
            .next()
    });
    at(clause.unwrap_or(0), format!("{newline}import {quoted}{newline}"))
}

fn rust(request: &ImportRequest, top: &[(u32, &Facts, &Import)], items: &[(u32, &Facts)]) -> Edit {
    let newline = newline(items);
    let line = format!("use {};{newline}", request.path);
    let root = |path: &str| path.split("::").next().unwrap_or("").to_owned();
    let mut place = None;
    for (start, facts, import) in top {
        let statement = facts.node(import.fact);
        let in_order =
            *import.path < *request.path && (place.is_none() || root(&import.path) <= root(&request.path));
        if in_order {
            place = Some(after_line(*start, facts, statement.range().end));
        }
    }
    if let Some(offset) = place {
        return at(offset, line);
    }
    if let Some((start, facts, import)) = top.first() {
        return at(line_start(*start, facts, facts.node(import.fact).range().start), line);
    }
    // Behind the inner attributes and inner documentation.
    let first = items.iter().find_map(|(start, facts)| {
        let mut children = facts.root().children().filter(|c| c.role() != Role::Decorator);
        children.next().map(|n| (*start, *facts, n))
    });
    match first {
        Some((start, facts, node)) => {
            at(line_start(start, facts, node.range().start), format!("{line}{newline}"))
        }
        None => at(0, line),
    }
}
