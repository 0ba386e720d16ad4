//! What code says: language-neutral facts, resolved names and the vocabulary of libraries.

#[cfg(test)]
mod dump;
mod fact;
mod go;
mod literal;
mod python;
mod rust;

use std::sync::Arc;

pub use fact::{Comment, Fact, Facts, Flags, Import, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

/// The facts of one item. `tree` is the item's own tree: its offsets are relative to the start of `text`.
pub fn extract(language: Language, tree: &tree_sitter::Tree, text: &Arc<str>) -> Facts {
    match language {
        Language::Python => python::extract(tree, text),
        Language::Go => go::extract(tree, text),
        Language::Rust => rust::extract(tree, text),
    }
}
