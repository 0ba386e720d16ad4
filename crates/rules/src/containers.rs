//! What rules about containers share: where entries go in YAML, and what services are.

use shipworthy_audit::FileCheck;
use shipworthy_evidence::Block;

/// The place and the text that add a line of its own behind the last entry of a block; none where it is written in braces.
pub(crate) fn line_below(cx: &FileCheck<'_>, block: Block, line: &str) -> Option<(u32, String)> {
    let indentation = indentation(cx, block)?;
    Some((cx.line(block.end).end, format!("{}{indentation}{line}", cx.line_break())))
}

/// The same for an entry with lines of its own below it.
pub(crate) fn entry_below(
    cx: &FileCheck<'_>,
    block: Block,
    key: &str,
    lines: &[&str],
) -> Option<(u32, String)> {
    let indentation = indentation(cx, block)?;
    let end = cx.line_break();
    let mut text = format!("{end}{indentation}{key}:");
    for line in lines {
        text.push_str(&format!("{end}{indentation}  {line}"));
    }
    Some((cx.line(block.end).end, text))
}

/// The white space before a block's entries. A first entry behind `- ` stands as far in as the others.
fn indentation(cx: &FileCheck<'_>, block: Block) -> Option<String> {
    let line = cx.line(block.first);
    let before = cx.slice(shipworthy_syntax::Range { start: line.start, end: block.first });
    let is_plain = block.in_lines && before.chars().all(|c| matches!(c, ' ' | '-'));
    is_plain.then(|| " ".repeat(before.len()))
}
