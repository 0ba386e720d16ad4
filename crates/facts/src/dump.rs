//! Facts as indented text, for tests.

use std::fmt::Write as _;

use crate::fact::{Facts, Flags, Kind, Operator};

/// A line a fact: indentation, role, kind, then operator, flags, label and name where there are any, and the text of types and leaves.
#[allow(dead_code, reason = "the tests that call it are being written")]
pub(crate) fn dump(facts: &Facts) -> String {
    let mut out = String::new();
    for node in facts.nodes().skip(1) {
        let depth = node.ancestors().count() - 1;
        let _ = write!(out, "{:indent$}{:?}: {:?}", "", node.role(), node.kind(), indent = depth * 2);
        if node.operator() != Operator::None {
            let _ = write!(out, " {:?}", node.operator());
        }
        if node.fact().flags != Flags::empty() {
            let names: Vec<&str> = node.fact().flags.iter_names().map(|(name, _)| name).collect();
            let _ = write!(out, " {}", names.join("|"));
        }
        if !node.label().is_empty() {
            let _ = write!(out, " {}=", node.label());
        }
        if !node.name().is_empty() {
            let _ = write!(out, " `{}`", node.name());
        } else if node.is(Kind::Type) || node.children().next().is_none() {
            let _ = write!(out, " {}", node.text().replace('\n', "\\n"));
        }
        out.push('\n');
    }
    out
}
