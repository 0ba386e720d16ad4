//! What the last audit of a workspace found out about each file of its code: the next one reads again only files that changed, and those that
//! depend on what changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use shipworthy_audit::capability::Sightings;
use shipworthy_audit::{
    AuditedFile, Auditor, CodeRole, Configuration, Finding, IndexedFile, Note, Noted, Place, View,
};
use shipworthy_facts::{RouteSpots, Workspace as _};
use shipworthy_syntax::Range;

use super::kept::{KeptFile, findings_state};
use super::{Cache, hash};

/// What the names of such entries end with.
pub(super) const ENDING: &str = ".code";

/// A file as it was when it was audited.
#[derive(Serialize, Deserialize)]
pub(crate) struct KnownFile {
    /// What it told others.
    pub(crate) indexed: IndexedFile,
    /// The [`text_state`](crate::text_state) of its text.
    pub(crate) text: u64,
    /// The [`configuration_state`] of what the settings said for it.
    pub(crate) configuration: u64,
    /// None where that is not for the disk, or not to be used again: there are secrets in the file, or a rule broke on it.
    pub(crate) judged: Option<Judged>,
}

/// What was found out about a file.
#[derive(Serialize, Deserialize)]
pub(crate) struct Judged {
    role: CodeRole,
    notes: Box<[(usize, Note)]>,
    definitions: Box<[(Arc<str>, Range)]>,
    route_spots: RouteSpots,
    /// What it shows of capabilities.
    pub(crate) sightings: Sightings,
    /// Hashes of the names of the workspace that the rest depends on.
    asked: Arc<[u64]>,
    /// The [`findings_state`] of what surveys found in it, which is part of what follows.
    surveyed: u64,
    file: KeptFile,
}

/// A number that tells settings from others.
pub(crate) fn configuration_state(configuration: &Configuration) -> u64 {
    hash(configuration)
}

impl Judged {
    /// What was found out about a file, with what surveys found in it. None where that is not to be remembered.
    pub(crate) fn new(
        noted: &Noted,
        sightings: &Sightings,
        asked: Arc<[u64]>,
        surveyed: &[Finding],
        file: &AuditedFile,
    ) -> Option<Self> {
        let is_kept = file.failures.is_empty() && !file.holds_secrets();
        is_kept.then(|| Self {
            role: noted.role,
            notes: noted.notes.clone(),
            definitions: noted.definitions.clone(),
            route_spots: noted.route_spots.clone(),
            sightings: sightings.clone(),
            asked,
            surveyed: findings_state(surveyed),
            file: KeptFile::of(file),
        })
    }

    /// Whether it holds where names whose hashes are `changed` mean something else, in a workspace as the file sees it now.
    pub(crate) fn holds(&self, changed: &FxHashSet<u64>, view: &View<'_>) -> bool {
        let stands = |place: &Place| match place {
            Place::Definition(name, file, spot) => view.definition(name) == Some((file.clone(), *spot)),
            Place::Function(name) => view.definition(name).is_none(),
            Place::Here(_) | Place::File(..) => true,
        };
        let mut asked = self.asked.iter().chain(&*self.sightings.asked);
        !asked.any(|name| changed.contains(name)) && self.file.places().all(stands)
    }

    /// What a survey needs of the file, with what the index has of it.
    pub(crate) fn noted(&mut self, indexed: &IndexedFile) -> Noted {
        Noted {
            path: indexed.path.clone(),
            language: indexed.language,
            project: indexed.project.clone(),
            role: self.role,
            summary: indexed.summary.clone(),
            notes: std::mem::take(&mut self.notes),
            definitions: std::mem::take(&mut self.definitions),
            route_spots: std::mem::take(&mut self.route_spots),
        }
    }

    /// The file as it was audited, where surveys found the same in it.
    pub(crate) fn opened(
        self,
        surveyed: &[Finding],
        text: Arc<str>,
        auditor: &Auditor,
    ) -> Option<AuditedFile> {
        (self.surveyed == findings_state(surveyed)).then(|| self.file.opened(text, auditor))?
    }
}

impl Cache {
    /// The code of a workspace as it was audited last, of what was read for it, with the bytes that say so; nothing where none is remembered.
    pub(crate) fn code(&self, root: &Path, read: &[PathBuf]) -> Vec<(KnownFile, Box<[u8]>)> {
        let Some(entry) = self.read(&name(root, read)) else { return Vec::new() };
        let Ok(files) = postcard::from_bytes::<Vec<&[u8]>>(&entry) else { return Vec::new() };
        let files = files.into_par_iter().map(|file| Some((postcard::from_bytes(file).ok()?, file.into())));
        files.collect::<Option<_>>().unwrap_or_default()
    }

    /// Remembers the code of a workspace, each file as [`encoded`].
    pub(crate) fn keep_code(&self, root: &Path, read: &[PathBuf], files: &[Box<[u8]>]) {
        if let Ok(entry) = postcard::to_allocvec(files) {
            self.write(&name(root, read), &entry);
        }
    }
}

/// A file as it is written.
pub(crate) fn encoded(file: &KnownFile) -> Option<Box<[u8]>> {
    Some(postcard::to_allocvec(file).ok()?.into())
}

fn name(root: &Path, read: &[PathBuf]) -> String {
    format!("{:016x}{ENDING}", hash(&(root, read)))
}
