//! What a survey found in a text that was edited since.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

use shipworthy_audit::{Alone, Auditor, Document, Home, Rule};
use shipworthy_syntax::{Edit, Language, Range};

const RULES: &[&Rule] = &[&every_call::RULE];

mod every_call {
    use shipworthy_audit::{Check, rule};
    use shipworthy_facts::{Kind, Node};

    rule! {
        /// A call
        name: "every-call",
        category: Quality,
        severity: Low,
        scope: File,
        on: [Fact(Kind::Call)],
        check: check,
    }

    fn check(cx: &mut Check<'_>, call: Node<'_>) {
        cx.report(cx.finding(call, "a call"));
    }
}

/// What an edit since has touched is lost: only another survey tells whether it is still there. The rest moves.
#[test]
fn what_was_typed_over_meanwhile_is_lost_and_said_so() {
    let mut document =
        Document::new("a.py", &Home::by_path(Language::Python, "a.py"), Language::Python, "f()\n\ng()\n");
    let auditor = Auditor::new(RULES);
    document.analyze(&auditor, &auditor.default_configuration(), &Alone);
    let found = document.shown().to_vec();
    assert_eq!(found.len(), 2);
    let between = Edit::new(Range { start: 4, end: 4 }, "\n");
    document.adopt(found.clone(), Some(&between));
    let starts: Vec<u32> = document.surveyed().iter().map(|finding| finding.range.start).collect();
    assert_eq!((starts, document.has_lost()), (vec![0, 6], false));
    let inside = Edit::new(Range { start: 1, end: 1 }, "f");
    document.adopt(found, Some(&inside));
    let starts: Vec<u32> = document.surveyed().iter().map(|finding| finding.range.start).collect();
    assert_eq!((starts, document.has_lost()), (vec![6], true));
}
