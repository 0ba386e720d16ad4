//! The index of a root as it was last, with how its files stood: what changed since then is taken in like any change.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shipworthy_audit::IndexedFile;

use super::snapshot::Stamp;
use super::{Cache, hash};

/// What the names of such entries end with.
pub(super) const ENDING: &str = ".index";

/// A file of a remembered index.
#[derive(Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) path: String,
    pub(crate) stamp: Stamp,
    /// None where it could not be read.
    pub(crate) file: Option<Arc<IndexedFile>>,
}

impl Cache {
    /// The files of the index of a root, as it was last; nothing where none is remembered.
    pub(crate) fn index(&self, root: &Path) -> Vec<Known> {
        let entry = self.read(&name(root));
        entry.and_then(|entry| postcard::from_bytes(&entry).ok()).unwrap_or_default()
    }

    /// Remembers the index of a root.
    pub(crate) fn keep_index(&self, root: &Path, files: &[Known]) {
        if let Ok(entry) = postcard::to_allocvec(files) {
            self.write(&name(root), &entry);
        }
    }
}

fn name(root: &Path) -> String {
    format!("{:016x}{ENDING}", hash(&root))
}
