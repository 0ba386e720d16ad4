//! Tests that stand among other code.

use shipworthy_syntax::Language;

use crate::fact::{Flags, Kind, Node, Role};

/// Whether a definition is test code inside a file of another role: Rust's `#[test]` functions and `#[cfg(test)]` items.
pub fn is_test_definition(node: Node<'_>) -> bool {
    if !matches!(node.kind(), Kind::Function | Kind::Namespace | Kind::Class)
        || node.language() != Language::Rust
    {
        return false;
    }
    node.all(Role::Decorator).filter_map(|d| d.get(Role::Value)).any(|attribute| match attribute.kind() {
        Kind::Name | Kind::Attribute => matches!(attribute.name(), "test" | "bench" | "rstest" | "test_case"),
        Kind::Call => {
            let named = |name: &str| attribute.callee().is_some_and(|c| c.name() == name);
            let test = |n: Node<'_>| n.is(Kind::Name) && n.name() == "test";
            named("test")
                || named("cfg") && !attribute.has(Flags::ERROR) && {
                    let mut arguments = attribute.arguments();
                    arguments.any(|a| {
                        test(a)
                            || a.callee().is_some_and(|c| matches!(c.name(), "all" | "any"))
                                && a.arguments().any(test)
                    })
                }
        }
        _ => false,
    })
}
