//! The settings in force for each file of an audit.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use shipworthy_audit::suppression::Date;
use shipworthy_audit::{Auditor, Configuration};

use crate::settings::{SettingsOnDisk, nearest_settings};

/// Settings by folder: each file has the nearest settings file upwards, or one that was named for all.
pub struct FolderSettings<'a> {
    auditor: &'a Auditor,
    named: Option<Arc<SettingsOnDisk>>,
    today: Option<Date>,
    folders: Mutex<HashMap<PathBuf, Option<Arc<SettingsOnDisk>>>>,
}

impl<'a> FolderSettings<'a> {
    /// Settings found on disk, or `named` for every file. Suppressions expire by `today`.
    pub fn new(auditor: &'a Auditor, named: Option<SettingsOnDisk>, today: Option<Date>) -> Self {
        Self { auditor, named: named.map(Arc::new), today, folders: Mutex::default() }
    }

    /// The settings file for what is in a folder.
    pub fn of_folder(&self, folder: &Path) -> Option<Arc<SettingsOnDisk>> {
        if let Some(named) = &self.named {
            return Some(named.clone());
        }
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let find = || {
            nearest_settings(folder, self.auditor.rules(), |path| std::fs::read_to_string(path)).map(Arc::new)
        };
        folders.entry(folder.to_owned()).or_insert_with(find).clone()
    }

    /// What is in force for a file; none where its settings leave it out.
    pub fn configuration(&self, file: &Path) -> Option<Configuration> {
        let on_disk = file.parent().and_then(|folder| self.of_folder(folder));
        let settings =
            on_disk.as_ref().and_then(|found| Some((found.path.parent()?, found.settings.as_ref()?)));
        let mut configuration = match settings {
            Some((root, settings)) => {
                let inside = crate::discovery::relative(root, file);
                if !settings.includes(&inside) || settings.excludes(&inside) {
                    return None;
                }
                settings.configuration(&inside)
            }
            None => self.auditor.default_configuration(),
        };
        configuration.today = self.today;
        Some(configuration)
    }

    /// The settings files that were read, sorted by path.
    pub fn files(&self) -> Vec<Arc<SettingsOnDisk>> {
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<_> = folders.values().flatten().chain(&self.named).cloned().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        files
    }
}
