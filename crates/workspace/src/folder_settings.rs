//! The settings in force for each file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use shipworthy_audit::settings::Settings;
use shipworthy_audit::suppression::Date;
use shipworthy_audit::{Configuration, Rule};

use crate::disk::read_text;
use crate::settings::{SettingsOnDisk, nearest_settings, read_settings};

/// Settings by folder: each file has the nearest settings file upwards, or one that was named for all. A settings file is read once.
#[derive(Debug)]
pub struct FolderSettings {
    catalogue: &'static [&'static Rule],
    defaults: Settings,
    today: Option<Date>,
    named: Option<Arc<SettingsOnDisk>>,
    only: Option<PathBuf>,
    open: HashMap<PathBuf, String>,
    last_good: HashMap<PathBuf, Arc<Settings>>,
    stands_for: Option<(PathBuf, PathBuf)>,
    folders: Mutex<HashMap<PathBuf, Option<Arc<SettingsOnDisk>>>>,
}

impl FolderSettings {
    /// The settings files on disk. Suppressions expire by `today`.
    pub fn new(catalogue: &'static [&'static Rule], today: Option<Date>) -> Self {
        Self {
            catalogue,
            defaults: Settings::defaults(catalogue),
            today,
            named: None,
            only: None,
            open: HashMap::new(),
            last_good: HashMap::new(),
            stands_for: None,
            folders: Mutex::default(),
        }
    }

    /// One file for all folders.
    pub fn named(self, file: SettingsOnDisk) -> Self {
        Self { named: Some(Arc::new(file)), ..self }
    }

    /// The file at a path for all folders, if there is a path; it is read when it is first needed.
    pub fn only(self, path: Option<PathBuf>) -> Self {
        Self { only: path, ..self }
    }

    /// Texts of settings files as an editor has them, in place of those on disk.
    pub fn open(self, open: HashMap<PathBuf, String>) -> Self {
        Self { open, ..self }
    }

    /// What is in force where a file cannot be read as settings.
    pub fn last_good(self, last_good: HashMap<PathBuf, Arc<Settings>>) -> Self {
        Self { last_good, ..self }
    }

    /// A copy of a tree has the settings of the tree that it stands for: another revision is judged by what holds today.
    pub fn standing_for(self, copy: PathBuf, tree: PathBuf) -> Self {
        Self { stands_for: Some((copy, tree)), ..self }
    }

    /// The day by which suppressions expire.
    pub fn today(&self) -> Option<Date> {
        self.today
    }

    /// The settings file for what is in a folder.
    pub fn of_folder(&self, folder: &Path) -> Option<Arc<SettingsOnDisk>> {
        if let Some(named) = &self.named {
            return Some(named.clone());
        }
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let read = |path: &Path| self.read(path);
        let find = || match &self.only {
            Some(path) => read_settings(path, self.catalogue, read).map(Arc::new),
            None => nearest_settings(folder, self.catalogue, read).map(Arc::new),
        };
        folders.entry(folder.to_owned()).or_insert_with(find).clone()
    }

    /// What is in force for a file; none where its settings leave it out.
    pub fn configuration(&self, file: &Path) -> Option<Configuration> {
        let in_tree =
            self.stands_for.as_ref().and_then(|(copy, tree)| Some(tree.join(file.strip_prefix(copy).ok()?)));
        let file = in_tree.as_deref().unwrap_or(file);
        let on_disk = file.parent().and_then(|folder| self.of_folder(folder));
        let in_force = on_disk.as_ref().and_then(|found| {
            let settings = found.settings.as_ref().or_else(|| self.last_good.get(&found.path))?;
            Some((found.path.parent()?, settings))
        });
        let configuration = match in_force {
            Some((root, settings)) => {
                let inside = crate::discovery::relative(root, file);
                settings.includes(&inside).then(|| settings.configuration(&inside))?
            }
            None => self.defaults.configuration(""),
        };
        Some(Configuration { today: self.today, ..configuration })
    }

    /// The settings files that were read, sorted by path.
    pub fn files(&self) -> Vec<Arc<SettingsOnDisk>> {
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<_> = folders.values().flatten().chain(&self.named).cloned().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        files
    }

    fn read(&self, path: &Path) -> io::Result<String> {
        match self.open.get(path) {
            Some(text) => Ok(text.clone()),
            // A link that the user named leads where the user wants.
            None if self.only.as_deref() == Some(path) => fs::read_to_string(path),
            None => read_text(path),
        }
    }
}
