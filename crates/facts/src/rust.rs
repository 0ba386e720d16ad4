//! The extractor of Rust.

use std::sync::Arc;

use shipworthy_syntax::Language;

use crate::fact::{Builder, Facts};

/// The facts of one item of Rust.
pub(crate) fn extract(_tree: &tree_sitter::Tree, text: &Arc<str>) -> Facts {
    Builder::new(Language::Rust, text.clone()).finish()
}
