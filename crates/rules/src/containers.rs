//! What rules about containers share: where entries go in YAML, and what services are.

use shipworthy_audit::FileCheck;
use shipworthy_evidence::Block;
use shipworthy_syntax::Range;

/// The place and the text that add a line of its own behind the last entry of a block; none where it is written in braces.
pub(crate) fn line_below(cx: &FileCheck<'_>, block: Block, line: &str) -> Option<(u32, String)> {
    let indentation = indentation(cx, block)?;
    Some(lines_below(cx, block.end, &[format!("{indentation}{line}")]))
}

/// The same for an entry with lines of its own below it.
pub(crate) fn entry_below(
    cx: &FileCheck<'_>,
    block: Block,
    key: &str,
    lines: &[&str],
) -> Option<(u32, String)> {
    let indentation = indentation(cx, block)?;
    let own = lines.iter().map(|line| format!("{indentation}  {line}"));
    let all: Vec<String> = std::iter::once(format!("{indentation}{key}:")).chain(own).collect();
    Some(lines_below(cx, block.end, &all))
}

/// Whole lines below the line of an offset, so that several such changes fit together.
fn lines_below(cx: &FileCheck<'_>, at: u32, lines: &[String]) -> (u32, String) {
    let line_break = cx.line_break();
    let end = cx.line(at).end;
    let next = end + line_break.len() as u32;
    let text = lines.join(line_break);
    if cx.slice(Range { start: end, end: next }) == line_break {
        (next, text + line_break)
    } else {
        (end, format!("{line_break}{text}"))
    }
}

/// The white space before a block's entries. A first entry behind `- ` stands as far in as the others.
fn indentation(cx: &FileCheck<'_>, block: Block) -> Option<String> {
    let line = cx.line(block.first);
    let before = cx.slice(Range { start: line.start, end: block.first });
    let is_plain = block.in_lines && before.chars().all(|c| matches!(c, ' ' | '-'));
    is_plain.then(|| " ".repeat(before.len()))
}
