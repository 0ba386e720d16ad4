//! Texts that no one writes must neither crash nor stall anything.

use shipworthy_syntax::{Edit, Language, Range, Source};

const DEEP: usize = 100_000;
const LONG: usize = 10_000_000;

/// Parses `text` and types a letter in the middle of it.
fn survive(language: Language, text: &str) -> Source {
    let mut source = Source::new(language, text);
    let letter = Edit::new(Range::empty(source.text().len() / 2), "x");
    source.edit(&letter);
    let items: u32 = source.items().iter().map(|item| item.range().len()).sum();
    assert_eq!(items, source.text().len());
    source
}

#[test]
fn nesting() {
    for (language, open, close) in [
        (Language::Python, "[", "]"),
        (Language::Python, "f(", ")"),
        (Language::Python, "f'{", "}'"),
        (Language::Python, "-", ""),
        (Language::Go, "(", ")"),
        (Language::Go, "func() {\n", "}"),
        (Language::Go, "*", ""),
        (Language::Rust, "(", ")"),
        (Language::Rust, "{", "}"),
        (Language::Rust, "Box<", ">"),
        (Language::Rust, "/*", "*/"),
    ] {
        let start = match language {
            Language::Python => "x = ",
            Language::Go => "var x = ",
            Language::Rust => "const X: u8 = ",
        };
        survive(language, &format!("{start}{}1{}\n", open.repeat(DEEP), close.repeat(DEEP)));
        survive(language, &format!("{start}{}", open.repeat(DEEP)));
    }
}

#[test]
fn definitions_that_are_never_closed() {
    let nested = survive(Language::Rust, &format!("{}{}", "mod m {\n".repeat(DEEP), "}\n".repeat(DEEP)));
    assert_eq!(nested.items().len(), 1);
    for (language, line) in [
        (Language::Python, "def f(\n"),
        (Language::Python, "\\\"\"\"\ndef f():\n"),
        (Language::Go, "func f() {\n"),
        (Language::Go, "type T struct {\n"),
        (Language::Go, "var x = `\nfunc f() {\n"),
        (Language::Rust, "fn f() {\n"),
        (Language::Rust, "/*\nfn f() {}\n"),
        (Language::Rust, "r#\"\nfn f() {}\n"),
        (Language::Rust, "\"\nfn f() {}\n"),
    ] {
        survive(language, &line.repeat(DEEP / 10));
    }
}

#[test]
fn long_lines() {
    survive(Language::Python, &format!("x = \"{}\"\n", "a".repeat(LONG)));
    survive(Language::Python, &format!("x = [{}]\n", "1, ".repeat(LONG / 50)));
    survive(Language::Go, &format!("// {}", "a ".repeat(LONG / 20)));
    survive(Language::Rust, &"a b ".repeat(LONG / 100));
    survive(Language::Rust, &"#[a]".repeat(DEEP));
    survive(Language::Rust, &format!("const X: &str = r{}{}", "#".repeat(DEEP), "\"".repeat(DEEP)));
    survive(Language::Python, &format!("{}x = 1\n", "\x0c".repeat(LONG / 10)));
}

#[test]
fn strings_that_are_never_closed() {
    survive(Language::Python, &format!("x = \"\"\"{}", "def f():\n    pass\n".repeat(DEEP / 5)));
    survive(Language::Go, &format!("var x = `{}", "func f() {\n}\n".repeat(DEEP / 5)));
    survive(Language::Rust, &format!("const X: &str = \"{}", "fn f() {\n}\n".repeat(DEEP / 5)));
}

#[test]
fn an_item_too_costly_to_parse_has_an_empty_tree() {
    let deep = format!("def f(): pass\nx = {}1{}\n", "[".repeat(DEEP), "]".repeat(DEEP));
    let source = Source::new(Language::Python, &deep);
    let [whole, costly] = source.items() else { panic!("{source:?}") };
    assert!(!whole.has_error());
    assert!(costly.has_error());
    assert_eq!(costly.tree().root_node().child_count(), 0);
}
