//! The index of a root as it was last, with how its files stood: what changed since then is taken in like any change.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shipworthy_audit::IndexedFile;
use shipworthy_facts::Interner;

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
        self.read(&name(root)).and_then(|entry| decode(&entry)).unwrap_or_default()
    }

    /// Remembers the index of a root.
    pub(crate) fn keep_index(&self, root: &Path, files: &[Known]) {
        let encoded = files.iter().try_fold(Vec::new(), |entry, file| postcard::to_extend(file, entry));
        if let Ok(entry) = encoded {
            self.write(&name(root), &entry);
        }
    }
}

/// The files of an entry. Each is interned before the next is read: names that are said again and again are never all in memory.
fn decode(mut entry: &[u8]) -> Option<Vec<Known>> {
    let (mut files, mut interner) = (Vec::new(), Interner::default());
    while !entry.is_empty() {
        let (mut known, rest) = postcard::take_from_bytes::<Known>(entry).ok()?;
        if let Some(file) = &mut known.file {
            Arc::make_mut(file).intern(&mut interner);
        }
        files.push(known);
        entry = rest;
    }
    Some(files)
}

fn name(root: &Path) -> String {
    format!("{:016x}{ENDING}", hash(&root))
}
