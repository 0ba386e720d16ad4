//! The outcome of an audit, as long as nothing that it comes from is another.

use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use shipworthy_audit::inventory::Inventory;
use shipworthy_audit::{AuditedFile, Auditor, Outcome, Skipped};
use shipworthy_evidence::{Format, Guess};
use xxhash_rust::xxh3::Xxh3;

use super::kept::KeptFile;
use super::snapshot::Stamp;
use super::{Cache, hash};
use crate::audit::is_locked;
use crate::discovery::{Discovery, read_source};
use crate::folder_settings::FolderSettings;

/// What the names of such entries end with.
pub(super) const ENDING: &str = ".audit";

/// The place of one audit in a cache, with all that it comes from.
pub(crate) struct Remembered<'a> {
    cache: &'a Cache,
    name: String,
    root: &'a Path,
    circumstances: u128,
    stamps: BTreeMap<String, Option<Stamp>>,
}

impl<'a> Remembered<'a> {
    /// The place of the audit of what a walk found. Files are stamped here, before they are read: one that changes meanwhile makes another
    /// audit. None where settings cannot be read: what is in force then is no matter of files.
    pub(crate) fn new(
        cache: &'a Cache,
        settings: &FolderSettings,
        root: &'a Path,
        asked: (&[PathBuf], &[PathBuf]),
        found: &Discovery,
    ) -> Option<Self> {
        let circumstances = circumstances(settings, root, asked, found)?;
        let around = found.sources.iter().map(|(_, inside, _)| inside);
        let around = around.chain(found.files.iter().map(|(_, inside)| inside));
        let mut paths: Vec<&String> = around.chain(&found.manifests).chain(&found.paths).collect();
        paths.sort_unstable();
        paths.dedup();
        let stamps = paths.into_par_iter().map(|path| (path.clone(), Stamp::of(&root.join(path)))).collect();
        let name = format!("{:016x}{ENDING}", hash(&(root, asked)));
        Some(Self { cache, name, root, circumstances, stamps })
    }

    /// What the audit came to last time, if all was as it is.
    pub(crate) fn outcome(&self, auditor: &Auditor) -> Option<Outcome> {
        let entry = self.cache.read(&self.name)?;
        let (circumstances, rest) = postcard::take_from_bytes::<u128>(&entry).ok()?;
        if circumstances != self.circumstances {
            return None;
        }
        let (stamps, rest) = postcard::take_from_bytes::<BTreeMap<String, Option<Stamp>>>(rest).ok()?;
        let holds = |(path, known): (&String, &Option<Stamp>)| match (known, self.stamps.get(path)) {
            (Some(known), Some(Some(now))) => known.holds(now, &self.root.join(path)),
            (known, now) => now == Some(known),
        };
        if stamps.len() != self.stamps.len() || !stamps.par_iter().all(holds) {
            return None;
        }
        let kept: Kept = postcard::from_bytes(rest).ok()?;
        let opened = |files: Vec<KeptFile>| -> Option<Vec<AuditedFile>> {
            let opened = files.into_par_iter().map(|file| {
                let text = read_source(&self.root.join(&file.path)).ok()?;
                file.opened(text.into(), auditor)
            });
            opened.collect()
        };
        let skipped = kept.skipped.into_iter().map(|(path, reason)| Skipped { path, reason });
        Some(Outcome {
            files: opened(kept.files)?,
            needed: opened(kept.needed)?,
            skipped: skipped.collect(),
            failures: Vec::new(),
            inventory: kept.inventory,
        })
    }

    /// Remembers what the audit came to. Not where a rule broke: it may be better next time.
    pub(crate) fn keep(&self, outcome: &Outcome) {
        let broke = outcome.files.iter().any(|file| !file.failures.is_empty());
        if broke || !outcome.failures.is_empty() {
            return;
        }
        let [files, needed] =
            [&outcome.files, &outcome.needed].map(|files| files.par_iter().map(KeptFile::of).collect());
        let skipped = outcome.skipped.iter().map(|skipped| (skipped.path.clone(), skipped.reason.clone()));
        let mut inventory = outcome.inventory.clone();
        inventory.hide_secrets();
        let kept = Kept { files, needed, skipped: skipped.collect(), inventory };
        if let Ok(entry) = postcard::to_allocvec(&(self.circumstances, &self.stamps, kept)) {
            self.cache.write(&self.name, &entry);
        }
    }
}

/// All that an audit comes from beside the bytes of the files that were walked.
fn circumstances(
    settings: &FolderSettings,
    root: &Path,
    (read, paths): (&[PathBuf], &[PathBuf]),
    found: &Discovery,
) -> Option<u128> {
    let mut hasher = Xxh3::new();
    (root, read, paths, settings.today()).hash(&mut hasher);
    for skipped in &found.skipped {
        (&skipped.path, &skipped.reason).hash(&mut hasher);
    }
    let mut last = None;
    for path in found.sources.iter().map(|source| &source.0).chain(found.files.iter().map(|file| &file.0)) {
        let folder = path.parent();
        if folder == last.replace(folder).flatten() {
            continue;
        }
        let Some(in_force) = settings.of_folder(folder?) else { continue };
        in_force.settings.as_ref()?;
        (folder, &in_force.path, &in_force.text).hash(&mut hasher);
    }
    for (path, inside) in &found.files {
        (format!("{:?}", found.tracking(path))).hash(&mut hasher);
        if Format::guess(inside) == Guess::Certain(Format::Manifest) {
            is_locked(path, inside).hash(&mut hasher);
        }
    }
    hasher.write_u8(0);
    Some(hasher.digest128())
}

/// An outcome as it is written.
#[derive(Serialize, Deserialize)]
struct Kept {
    files: Vec<KeptFile>,
    needed: Vec<KeptFile>,
    skipped: Vec<(String, String)>,
    inventory: Inventory,
}
