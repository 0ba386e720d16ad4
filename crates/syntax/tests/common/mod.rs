//! What the tests share.
#![allow(dead_code, reason = "not every test uses everything")]
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::path::{Path, PathBuf};

use shipworthy_syntax::{Edit, Language, Range, Source, Tree};

/// A node of a tree, without the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) depth: u32,
    pub(crate) kind: &'static str,
    pub(crate) field: Option<&'static str>,
    pub(crate) missing: bool,
    pub(crate) range: Range,
}

/// The nodes of `tree` in preorder, its root first, moved by `offset`.
pub(crate) fn nodes(tree: &Tree, offset: u32) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        nodes.push(Node {
            depth: cursor.depth(),
            kind: node.kind(),
            field: cursor.field_name(),
            missing: node.is_missing(),
            range: Range::from(node.byte_range()).shift(i64::from(offset)),
        });
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return nodes;
            }
        }
    }
}

/// Panics unless the items tile the text and are those of a fresh source.
pub(crate) fn assert_fresh(source: &Source, text: &str) {
    assert_eq!(source.text().to_string(), text);
    let tiled: String = source.items().iter().map(|item| &**item.text()).collect();
    assert_eq!(tiled, text, "the items tile the file");
    let fresh = Source::new(source.language(), text);
    let ranges = |source: &Source| source.items().iter().map(|item| item.range()).collect::<Vec<_>>();
    assert_eq!(ranges(source), ranges(&fresh), "in {text:?}");
    for (item, fresh) in source.items().iter().zip(fresh.items()) {
        assert_eq!(item.text(), fresh.text());
        assert_eq!(item.has_error(), fresh.has_error(), "in {:?}", item.text());
        assert_eq!(nodes(item.tree(), 0), nodes(fresh.tree(), 0), "in {:?}", item.text());
    }
}

/// The first difference between the items of `text` and the parse of it as a whole, if that has no error and no item is so
/// large that it may be too costly to parse.
pub(crate) fn difference_from_whole(language: Language, text: &str) -> Result<(), String> {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&language.grammar()).unwrap();
    let whole = parser.parse(text, None).unwrap();
    if whole.root_node().has_error() {
        return Ok(());
    }
    let source = Source::new(language, text);
    if source.items().iter().any(|item| item.range().len() > 1_000_000) {
        return Ok(());
    }
    let parts: Vec<Node> =
        source.items().iter().flat_map(|item| nodes(item.tree(), item.start()).split_off(1)).collect();
    let whole = nodes(&whole, 0).split_off(1);
    match whole.iter().zip(&parts).find(|(whole, part)| whole != part) {
        None if whole.len() == parts.len() => Ok(()),
        None => Err(format!("{} nodes, but {} in the items", whole.len(), parts.len())),
        Some((whole, part)) => {
            let item = source.item_at(part.range.start).map(|item| item.range());
            Err(format!("{whole:?}, but in the item at {item:?} {part:?}"))
        }
    }
}

/// The files below `folder` that are written in a language we know, sorted.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Language, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if let Some(language) = Language::from_path(&path.to_string_lossy())
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                files.push((path, language, text));
            }
        }
    }
    files.sort();
    files
}

/// What edits insert: whatever opens, closes, starts or hides something in one of the languages.
const SNIPPETS: [&str; 48] = [
    "",
    "",
    "",
    "",
    "x",
    "_",
    " ",
    "    ",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "\t",
    "\\",
    "\"",
    "'",
    "`",
    "\"\"\"",
    "'''",
    "f\"",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "#",
    "//",
    "/*",
    "*/",
    "r#\"",
    "\"#",
    ",",
    ";",
    ":",
    "=",
    "é",
    "🦀",
    "\u{feff}",
    "def f():\n",
    "\nclass C:\n    pass\n",
    "@d\n",
    "\nfunc f() {\n",
    "\ntype T struct {\n",
    "\nfn f() {\n",
    "#[a]\n",
    "\npub struct S;\n",
    "\nimport x\n",
];

/// The edit of `text` that `number` stands for.
pub(crate) fn edit(text: &str, number: u64) -> Edit {
    let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap();
    let length = match (number >> 48) & 7 {
        0..=3 => 0,
        4 => 1,
        5 => (number >> 52) % 16,
        6 => (number >> 52) % 128,
        _ => number >> 52,
    };
    let start = boundary(number as u32 as usize % (text.len() + 1));
    let end = boundary(start + length as usize);
    Edit::new(Range::from(start..end.max(start)), SNIPPETS[(number >> 32) as u16 as usize % SNIPPETS.len()])
}

/// Applies the edit that `number` stands for to a source and to a string, which is what the source must hold, and compares
/// the source with a fresh one. Every other edit is undone again, since what was broken must heal.
pub(crate) fn edit_and_compare(source: &mut Source, text: &mut String, number: u64) {
    let edit = edit(text, number);
    let start = edit.range.start;
    let undo = Edit::new(Range::new(start, start + edit.text.len() as u32), source.text().slice(edit.range));
    apply(source, text, &edit);
    if number.is_multiple_of(2) {
        apply(source, text, &undo);
    }
}

fn apply(source: &mut Source, text: &mut String, edit: &Edit) {
    source.edit(edit);
    text.replace_range(std::ops::Range::<usize>::from(edit.range), &edit.text);
    assert_fresh(source, text);
}
