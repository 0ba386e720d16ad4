//! How much work a keystroke is, counted and not timed: how many functions are judged anew in a file of a thousand.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

use std::sync::atomic::{AtomicUsize, Ordering};

use shipworthy_audit::{Auditor, Document, Home, Index, Rule};
use shipworthy_syntax::{Edit, Language, Range};

const FUNCTIONS: usize = 1_000;

static JUDGED: AtomicUsize = AtomicUsize::new(0);

const RULES: &[&Rule] = &[&counting::RULE];

mod counting {
    use shipworthy_audit::{Check, rule};
    use shipworthy_facts::{Kind, Node};

    rule! {
        /// Counts the functions that are judged, and asks of each call what it reaches
        name: "counting",
        category: Quality,
        severity: Low,
        scope: File,
        on: [Fact(Kind::Function), Fact(Kind::Call)],
        check: check,
    }

    fn check(cx: &mut Check<'_>, node: Node<'_>) {
        if node.is(Kind::Function) {
            super::JUDGED.fetch_add(1, super::Ordering::Relaxed);
        } else {
            cx.effects(node);
        }
    }
}

/// A file of a thousand functions, each of which calls the one before.
struct Typed {
    document: Document,
    text: String,
    auditor: Auditor,
    index: Index,
}

impl Typed {
    fn new(language: Language, path: &str, function: impl Fn(usize) -> String, head: &str) -> Self {
        let text = (0..FUNCTIONS).fold(head.to_owned(), |text, number| text + &function(number));
        let document = Document::new(path, &Home::by_path(language, path), language, &text);
        Self { document, text, auditor: Auditor::new(RULES), index: Index::default() }
    }

    /// Looks at the file, and gives how many functions were judged.
    fn look(&mut self) -> usize {
        let before = JUDGED.load(Ordering::Relaxed);
        let configuration = self.auditor.default_configuration();
        let view = self.index.view(self.document.reading());
        self.document.analyze(&self.auditor, &configuration, &view);
        // Debug builds judge a fresh document as well, and compare.
        let fresh = if cfg!(debug_assertions) { FUNCTIONS } else { 0 };
        JUDGED.load(Ordering::Relaxed) - before - fresh
    }

    /// Types a text in the place of another, and gives how many functions were judged for it.
    fn typed(&mut self, old: &str, new: &str) -> usize {
        let start = self.text.find(old).unwrap();
        let range = Range { start: start as u32, end: (start + old.len()) as u32 };
        self.document.edit(&Edit::new(range, new));
        self.text.replace_range(start..start + old.len(), new);
        self.look()
    }
}

/// One test, so that nothing else counts meanwhile.
#[test]
fn a_keystroke_judges_what_it_concerns() {
    let python = |n: usize| format!("def f{n}(x):\n    y = f{}(x)\n    return y + {n}\n\n\n", n.max(1) - 1);
    let go =
        |n: usize| format!("func F{n}(x int) int {{\n\ty := F{}(x)\n\treturn y + {n}\n}}\n\n", n.max(1) - 1);
    let rust = |n: usize| {
        format!("fn f{n}(x: u32) -> u32 {{\n    let y = f{}(x);\n    y + {n}\n}}\n\n", n.max(1) - 1)
    };
    let mut files = [
        Typed::new(Language::Python, "app/main.py", python, "import time\n\n\n"),
        Typed::new(Language::Go, "app/main.go", go, "package app\n\n"),
        Typed::new(Language::Rust, "src/main.rs", rust, ""),
    ];
    for file in &mut files {
        assert_eq!(file.look(), FUNCTIONS);
        assert_eq!(file.look(), 0, "nothing changed");
        assert_eq!(file.typed("y + 500\n", "y + 5001\n"), 1, "in a body");
        assert_eq!(file.typed("y + 5001\n", "y + \"5001\n"), 1, "a text that does not end");
        assert_eq!(file.typed("y + \"5001\n", "y + 500\n"), 1, "and ends");
    }
    let [python, ..] = &mut files;
    assert_eq!(python.typed("def f500(x):\n", "# A comment.\n\ndef f500(x):\n"), 1, "a comment above one");
    // `f500` has another name: it, the one that called it, and the one that calls that, which does something else now.
    assert_eq!(python.typed("def f500(x)", "def f500a(x)"), 3, "in a name");
    assert_eq!(python.typed("def f500a(x)", "def f500(x)"), 3, "and back");
    // What `f990` reaches, those that call it do: ten.
    assert_eq!(python.typed("y + 990\n", "y + time.sleep(1)\n"), 10, "an effect");
}
