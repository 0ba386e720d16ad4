//! The extractor of Go.

use std::sync::Arc;

use shipworthy_syntax::Language;

use crate::fact::{Builder, Facts};

/// The facts of one item of Go.
pub(crate) fn extract(_tree: &tree_sitter::Tree, text: &Arc<str>) -> Facts {
    Builder::new(Language::Go, text.clone()).finish()
}
