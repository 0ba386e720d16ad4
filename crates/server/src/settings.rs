//! The settings files of one moment, as the analysis needs them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use shipworthy_audit::settings::Settings;
use shipworthy_audit::{Auditor, Configuration};
use shipworthy_workspace::{SettingsOnDisk, nearest_settings, today};
use tokio::sync::mpsc::UnboundedSender;

use crate::desk::Event;

/// What the settings files said when a document first needed them. When one may have changed the desk makes a new cache, so that
/// only blocking threads ever wait for the disk.
pub(crate) struct SettingsCache {
    /// The number of this moment.
    epoch: u64,
    /// Settings files that the client has open, with their texts.
    open: HashMap<PathBuf, String>,
    /// What files said before they had mistakes that leave nothing of them.
    last_good: HashMap<PathBuf, Arc<Settings>>,
    /// The folder of what documents that are no file belong to.
    root: Option<PathBuf>,
    /// By folder of documents.
    found: Mutex<HashMap<PathBuf, Option<Arc<SettingsOnDisk>>>>,
    /// Where files that are read are told.
    desk: UnboundedSender<Event>,
}

impl SettingsCache {
    pub(crate) fn new(
        epoch: u64,
        open: HashMap<PathBuf, String>,
        last_good: HashMap<PathBuf, Arc<Settings>>,
        root: Option<PathBuf>,
        desk: UnboundedSender<Event>,
    ) -> Self {
        Self { epoch, open, last_good, root, found: Mutex::default(), desk }
    }

    /// How rules run on a document; none where the settings leave it out.
    pub(crate) fn configuration(
        &self,
        file: Option<&Path>,
        path: &str,
        auditor: &Auditor,
    ) -> Option<Configuration> {
        let configuration = self.of_settings(file, path, auditor)?;
        Some(Configuration { today: today(), ..configuration })
    }

    fn of_settings(&self, file: Option<&Path>, path: &str, auditor: &Auditor) -> Option<Configuration> {
        let folder = file.and_then(Path::parent).or(self.root.as_deref());
        let Some(found) = folder.and_then(|folder| self.nearest(folder, auditor)) else {
            return Some(auditor.default_configuration());
        };
        let Some(settings) = found.settings.as_ref().or_else(|| self.last_good.get(&found.path)) else {
            return Some(auditor.default_configuration());
        };
        let inside = file.zip(found.path.parent()).and_then(|(file, folder)| file.strip_prefix(folder).ok());
        let path = inside.map_or_else(|| path.to_owned(), with_slashes);
        settings.includes(&path).then(|| settings.configuration(&path))
    }

    fn nearest(&self, folder: &Path, auditor: &Auditor) -> Option<Arc<SettingsOnDisk>> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = found.get(folder) {
            return known.clone();
        }
        let nearest = nearest_settings(folder, auditor.rules(), |path| self.read(path)).map(Arc::new);
        if let Some(file) = &nearest
            && !found.values().flatten().any(|known| known.path == file.path)
        {
            let _ = self.desk.send(Event::SettingsRead { epoch: self.epoch, file: file.clone() });
        }
        found.insert(folder.to_owned(), nearest.clone());
        nearest
    }

    fn read(&self, path: &Path) -> io::Result<String> {
        self.open.get(path).map_or_else(|| fs::read_to_string(path), |text| Ok(text.clone()))
    }
}

/// A relative path as settings have it.
pub(crate) fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
