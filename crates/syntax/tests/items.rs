//! Where files are cut into items: in whole code, and in code that is broken.

use shipworthy_syntax::{Edit, Item, Language, Range, Source};

/// Asserts that the text of all `parts` is cut into just these.
#[track_caller]
fn cut(language: Language, parts: &[&str]) {
    let source = Source::new(language, &parts.concat());
    let items: Vec<&str> = source.items().iter().map(|item| &**item.text()).collect();
    assert_eq!(items, parts);
}

/// Like [`cut`], and all of it is whole.
#[track_caller]
fn cut_whole(language: Language, parts: &[&str]) {
    cut(language, parts);
    let source = Source::new(language, &parts.concat());
    let broken = source.items().iter().find(|item| item.has_error());
    assert!(broken.is_none(), "{:?}", broken.map(Item::text));
}

use Language::{Go, Python, Rust};

#[test]
fn an_empty_file_has_no_items() {
    for language in Language::ALL {
        cut_whole(language, &[]);
        cut_whole(language, &["\n\n"]);
    }
}

#[test]
fn definitions_and_the_statements_between_them() {
    cut_whole(
        Python,
        &[
            "import a\nimport b\n\n",
            "def f():\n    pass\n\n",
            "class C:\n    def m(self): pass\n",
            "x = 1\nif x:\n    def g(): pass\nelse:\n    pass\n",
            "async def h(): pass\n",
        ],
    );
    cut_whole(
        Go,
        &[
            "package p\n\nimport \"a\"\nimport (\n\t\"b\"\n)\n\n",
            "func f() {\n\tvar x int\n}\n\n",
            "type (\n\tT int\n)\n",
            "var x = 1\n",
            "const y = 2\n",
        ],
    );
    cut_whole(
        Rust,
        &[
            "#![allow(x)]\nuse a::b;\nmod c;\npub use d;\n",
            "fn f() {}\n",
            "pub(crate) async fn g() {\n}\n",
            "mod m {\n    fn h() {}\n}\n",
            "make!(x);\nother! { y }\n",
            "const X: u8 = 1;\n",
            "unsafe impl A for B {}\n",
            "extern \"C\" {}\n",
            "macro_rules! n { () => {} }\n",
        ],
    );
}

#[test]
fn what_stands_directly_above_belongs_to_a_definition() {
    cut_whole(
        Python,
        &[
            "x = 1\n\n# far\n\n",
            "# near\n@a\n# between\n@b(\n    c,\n)\n\ndef f(): pass\n",
            "# near\ny = 1\n",
            "@d\nclass C: pass\n",
        ],
    );
    cut_whole(
        Go,
        &["package p\n\n// far\n\n", "// near\n//go:noinline\nfunc f() {}\n", "/* near\n*/\nvar x int\n"],
    );
    cut_whole(
        Rust,
        &[
            "//! Inner.\n\n// far\n\n",
            "/// Text.\n\n#[a]\n// between\n#[b(\n    c\n)]\n\nfn f() {}\n",
            "// near\n#[d] #[e([1])] struct S;\n",
            "/** Text. */\nstruct T;\n",
        ],
    );
}

#[test]
fn a_form_feed_starts_a_line_anew() {
    cut_whole(Python, &["x = 1\n\x0c\n", "# near\n\x0cdef f(): pass\n", "  \x0cy = 1\n"]);
}

#[test]
fn strings_and_comments_hide_definitions() {
    cut_whole(
        Python,
        &[
            "x = '''\ndef f(): pass\n'''\ny = f'''\n{x}\ndef g(): pass\n'''\nz = 'a\\\ndef h'\n",
            "def f(): pass\n",
        ],
    );
    cut_whole(Go, &["var x = `\nfunc f() {\n`\n", "var y /*\nfunc g() {\n*/ int\n", "func f() {}\n"]);
    cut_whole(
        Rust,
        &[
            "const A: &str = \"\nfn f() {\n\";\n",
            "const B: &str = r##\"\n\"#fn f() {\nfn g() {\n\"##;\n",
            "/*\n/* */\nfn h() {\n*/\nconst C: char = '\"';\n",
            "fn f<'a>(x: &'a str) -> char { '{' }\n",
        ],
    );
}

#[test]
fn an_item_may_go_on_at_the_first_column() {
    cut_whole(Python, &["x = (\n1,\n)\n", "def f(\na,\n):\n    pass\n"]);
    cut_whole(
        Go,
        &["var x =\nfunc() int { return 1 }()\n", "func f() {\ntype T int\nvar y =\nfunc() {}\n}\n"],
    );
    cut_whole(
        Rust,
        &[
            "pub\nfn f() ->\nimpl A\nwhere\nB: C,\n{\nconst X: u8 = 1;\n}\n",
            "struct S(\nfn(),\n);\n",
            "extern \"C\"\nfn g() {}\n",
            "pub(crate)\nstruct T;\n",
        ],
    );
}

#[test]
fn carriage_returns_end_lines() {
    for line_break in ["\r\n", "\r"] {
        let lines = |text: &str| text.replace('\n', line_break);
        cut_whole(
            Python,
            &[&lines("# a\nimport a\n"), &lines("def f():\n    # b\n    pass\n"), &lines("x = 1\n")],
        );
        cut_whole(
            Go,
            &[&lines("package p // a\n"), &lines("func f() {\n\tg() // b\n}\n"), &lines("var x int\n")],
        );
        cut_whole(
            Rust,
            &[&lines("use a; // a\n"), &lines("fn f() {\n    g(); // b\n}\n"), &lines("struct S;\n")],
        );
    }
}

#[test]
fn a_byte_order_mark_belongs_to_the_first_item() {
    cut_whole(Python, &["\u{feff}def f(): pass\n", "x = 1\n"]);
    cut_whole(Go, &["\u{feff}package p\n", "func f() {}\n"]);
    cut_whole(Rust, &["\u{feff}fn f() {}\n", "struct S;\n"]);
    let source = Source::new(Python, "\u{feff}x = 1\n");
    assert_eq!(source.items()[0].tree().root_node().child(0).map(|node| node.byte_range()), Some(3..8));
}

#[test]
fn what_is_left_open_costs_its_own_item() {
    for open in ["(", "[", "{", "\"", "'", "f\"{", "f'{x:", "\\"] {
        let broken = format!("def f():\n    x = {open}\n    y = 1\n\n");
        cut(Python, &["import a\n", &broken, "@d\ndef g():\n    pass\n", "class C: pass\n"]);
    }
    for open in ["(", "[", "{", "{{(", "\"", "'"] {
        let broken = format!("func f() {{\n\tx := {open}\n}}\n");
        cut(Go, &["package p\n", &broken, "// g\nfunc g() {}\n", "func (t *T) m() {}\n", "var x int\n"]);
    }
    for open in ["(", "[", "{", "{{(", "'"] {
        let broken = format!("fn f() {{\n    let x = {open};\n}}\n");
        cut(Rust, &["use a;\n", &broken, "#[d]\nfn g() {}\n", "impl T {}\n", "const X: u8 = 1;\n"]);
    }
}

#[test]
fn what_is_being_typed_leaves_the_next_definition_alone() {
    for typed in
        ["def f", "def f(", "def f(a", "class C", "class C(", "x =", "x = [", "import (", "x = \"", "x = f'{"]
    {
        cut(Python, &[&format!("{typed}\n\n"), "def g(): pass\n"]);
    }
    for typed in
        ["func", "func f", "func f(", "func f() {", "func f() { g(", "type T", "var x =", "var x = f("]
    {
        cut(Go, &["package p\n", &format!("{typed}\n\n"), "func g() {}\n"]);
        cut(Go, &["package p\n", &format!("{typed}\n\n"), "type U struct {}\n"]);
    }
    for typed in
        ["fn", "fn f", "fn f(", "fn f() {", "struct S", "const X: u8 =", "impl A", "use a::", "use a"]
    {
        let parts = [&format!("struct T;\n{typed}\n\n")[..], "fn g() {}\n"];
        let source = Source::new(Rust, &parts.concat());
        assert_eq!(source.items().last().map(|item| &**item.text()), Some(parts[1]), "{typed}");
    }
}

#[test]
fn a_decorator_that_is_being_typed_stays_with_its_function() {
    cut(Python, &["import a\n", "@d(\n\ndef f(): pass\n", "def g(): pass\n"]);
    cut(Rust, &["use a;\n", "#[d(\n\nfn f() {}\n", "fn g() {}\n"]);
}

#[test]
fn an_unclosed_string_ends_at_the_next_definition() {
    cut(
        Python,
        &[
            "def f():\n    \"\"\"\n    Text.\n\n",
            "def g():\n    \"\"\"Text.\"\"\"\n",
            "@d\ndef h():\n    \"\"\"\n    Text.\n    \"\"\"\n",
        ],
    );
    cut(
        Go,
        &[
            "func f() {\n\tx := `\n}\n\n",
            "// T is a type.\ntype T struct {\n\tx int `json:\"x\"`\n}\n",
            "func g() {\n\treturn `a`\n}\n",
        ],
    );
    cut(
        Rust,
        &[
            "fn f() {\n    g(\"a);\n}\n\n",
            "/// Text.\nfn g() {\n    h(\"b\", \" c\");\n}\n",
            "#[test]\nfn h() {\n    i(\"http://d\");\n}\n",
        ],
    );
    cut(Rust, &["fn f() {\n    r#\"a;\n}\n", "fn g() {\n    r#\"b\"#;\n}\n", "fn h() {}\n"]);
    cut(Rust, &["fn f() {\n    /* a\n}\n", "fn g() { /* b */ }\n", "fn h() {}\n"]);
}

#[test]
fn a_string_may_hold_definitions_while_another_is_open() {
    let held = "x = \"\"\"\ndef f(): pass\n\"\"\"\n";
    cut(Python, &[held, "def g():\n    '''\n", "def h(): pass\n"]);
}

fn revisions(source: &Source) -> Vec<u64> {
    source.items().iter().map(Item::revision).collect()
}

#[test]
fn a_revision_changes_with_the_text_of_its_item() {
    let text = "def f():\n    pass\n\ndef g():\n    pass\n\ndef h():\n    pass\n";
    let mut source = Source::new(Python, text);
    let before = revisions(&source);
    assert_eq!(before.len(), 3);

    source.edit(&Edit::new(Range::empty(36), "  # a comment"));
    let after = revisions(&source);
    assert_eq!((before[0], before[2]), (after[0], after[2]));
    assert_ne!(before[1], after[1]);

    source.edit(&Edit::new(Range::empty(0), "import a\n"));
    assert_eq!(revisions(&source)[1..], after, "they only moved");

    source.edit(&Edit::new(Range::new(0, 9), "import a\n"));
    assert_eq!(revisions(&source)[1..], after, "nothing changed");

    source.edit(&Edit::new(Range::new(0, 9), ""));
    source.replace_all(text);
    let healed = revisions(&source);
    assert_eq!((before[0], before[2]), (healed[0], healed[2]), "what is the same at both ends stays");
    assert_ne!(healed[1], after[1]);
}

#[test]
fn an_edit_may_lie_past_the_end_or_within_a_character() {
    let mut source = Source::new(Python, "x = 'é'\n");
    source.edit(&Edit::new(Range::new(6, 7), "e"));
    assert_eq!(source.text().to_string(), "x = 'e'\n");
    source.edit(&Edit::new(Range::new(100, 200), "y = 1\n"));
    assert_eq!(source.text().to_string(), "x = 'e'\ny = 1\n");
}

#[test]
fn an_item_is_found_by_offset() {
    let source = Source::new(Python, "import a\ndef f(): pass\n");
    let found = |offset| source.item_at(offset).map(Item::start);
    assert_eq!(
        [found(0), found(8), found(9), found(22), found(23)],
        [Some(0), Some(0), Some(9), Some(9), None]
    );
}
