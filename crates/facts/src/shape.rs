//! The shape that facts must have whatever they were extracted from, for tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use shipworthy_syntax::{Language, Range};
use tree_sitter::Tree;

use crate::extract;
use crate::fact::{Facts, Flags, Kind, Node, Role};

fn parse(language: Language, source: &str) -> Tree {
    let grammar = match language {
        Language::Python => tree_sitter_python::LANGUAGE,
        Language::Go => tree_sitter_go::LANGUAGE,
        Language::Rust => tree_sitter_rust::LANGUAGE,
    };
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&grammar.into()).unwrap();
    parser.parse(source, None).unwrap()
}

/// Facts stand in preorder, descendants inside their ancestors, ranges on character boundaries.
fn assert_well_formed(facts: &Facts) {
    let inside = |inner: Range, outer: Range| outer.start <= inner.start && inner.end <= outer.end;
    let readable = |range: Range| facts.text.get(range.start as usize..range.end as usize).is_some();
    let ordered =
        |ranges: &[Range]| ranges.windows(2).all(|w| w[0].start <= w[1].start && w[0].end <= w[1].end);
    for (index, fact) in facts.facts.iter().enumerate() {
        let what = || format!("{index} {fact:?} {:?}", facts.slice(fact.range));
        assert!(readable(fact.range) && readable(fact.name) && readable(fact.label), "{}", what());
        assert!(fact.name.start == fact.name.end || inside(fact.name, fact.range), "{}", what());
        assert!(fact.end as usize > index, "{}", what());
        if index > 0 {
            let parent = &facts.facts[fact.parent as usize];
            assert!((fact.parent as usize) < index && fact.end <= parent.end, "{}", what());
            assert!(inside(fact.range, parent.range), "{} in {parent:?}", what());
        }
    }
    let root = facts.facts[0];
    assert_eq!((root.kind, root.role, root.end as usize), (Kind::Module, Role::Root, facts.facts.len()));
    for import in &facts.imports {
        assert_eq!(facts.node(import.fact).kind(), Kind::Import);
        assert!(readable(import.range));
    }
    let comments: Vec<Range> = facts.comments.iter().map(|c| c.range).collect();
    assert!(ordered(&comments) && comments.iter().all(|r| readable(*r)), "{comments:?}");
    assert!(ordered(&facts.errors) && facts.errors.iter().all(|r| readable(*r)), "{:?}", facts.errors);
}

/// The facts of a source, which are well formed, as are those of every piece of it from its start or to its end.
pub(crate) fn well_formed_facts(language: Language, source: &str) -> Facts {
    for (cut, _) in source.char_indices() {
        facts_of(language, &source[..cut]);
        facts_of(language, &source[cut..]);
    }
    facts_of(language, source)
}

/// The facts of a source, which are well formed.
pub(crate) fn facts_of(language: Language, source: &str) -> Facts {
    let facts = extract(language, &parse(language, source), &Arc::from(source));
    assert_well_formed(&facts);
    facts
}

/// How many calls the syntax tree has.
fn calls_in(language: Language, tree: &Tree) -> usize {
    let mut cursor = tree.walk();
    let mut calls = 0;
    loop {
        let node = cursor.node();
        calls += usize::from(match (language, node.kind()) {
            (Language::Python, "call") | (Language::Go | Language::Rust, "call_expression") => true,
            // The Go grammar takes `f[T](x)` for a conversion.
            (Language::Go, "type_conversion_expression") => {
                node.child(0).is_some_and(|t| t.kind() == "generic_type")
            }
            _ => false,
        });
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return calls;
            }
        }
    }
}

/// Whether the grammar of Rust has only tokens there: in and at macros and attributes.
fn is_in_tokens(node: Node<'_>) -> bool {
    node.language() == Language::Rust
        && std::iter::once(node)
            .chain(node.ancestors())
            .any(|n| n.is(Kind::Decorator) || (n.is(Kind::Call) && n.has(Flags::MACRO)))
}

fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        } else if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// `SHIPWORTHY_CORPUS` names a directory; all its code is extracted.
#[test]
#[ignore = "needs a directory of code"]
#[allow(clippy::print_stdout, reason = "it is a measurement")]
fn facts_of_a_corpus_are_well_formed() {
    let root = std::env::var("SHIPWORTHY_CORPUS").expect("SHIPWORTHY_CORPUS names a directory");
    let mut files = Vec::new();
    files_below(Path::new(&root), &mut files);
    files.sort();
    for (language, extension) in [(Language::Python, "py"), (Language::Go, "go"), (Language::Rust, "rs")] {
        let (mut count, mut bytes, mut facts, mut broken, mut deep) = (0, 0, 0, 0, 0);
        let (mut parsing, mut extracting) = (Duration::ZERO, Duration::ZERO);
        for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == extension)) {
            let Ok(source) = std::fs::read_to_string(path) else { continue };
            let start = Instant::now();
            let tree = parse(language, &source);
            parsing += start.elapsed();
            let source: Arc<str> = source.into();
            let start = Instant::now();
            let extracted = extract(language, &tree, &source);
            extracting += start.elapsed();
            assert_well_formed(&extracted);
            assert!(!tree.root_node().has_error() || !extracted.errors.is_empty(), "{}", path.display());
            if extracted.errors.is_empty() {
                let calls = extracted.nodes().filter(|n| n.is(Kind::Call) && !is_in_tokens(*n)).count();
                assert_eq!(calls, calls_in(language, &tree), "calls of {}", path.display());
            } else if !tree.root_node().has_error() {
                deep += 1;
                println!("too deep: {}", path.display());
            }
            count += 1;
            bytes += source.len();
            facts += extracted.facts.len();
            broken += usize::from(tree.root_node().has_error());
        }
        println!(
            "{language:?}: {count} files, {bytes} bytes, {facts} facts, {broken} broken, {deep} too deep; \
             parse {} ms, extract {} ms",
            parsing.as_millis(),
            extracting.as_millis()
        );
    }
}
