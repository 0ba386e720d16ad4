//! The extractor of Python.

use std::sync::Arc;

use shipworthy_syntax::Language;

use crate::fact::{Builder, Facts};

/// The facts of one item of Python.
pub(crate) fn extract(_tree: &tree_sitter::Tree, text: &Arc<str>) -> Facts {
    Builder::new(Language::Python, text.clone()).finish()
}
