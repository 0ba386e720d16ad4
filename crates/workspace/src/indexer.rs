//! The index of one root, kept up with what changes on disk and in editors.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use shipworthy_audit::Index;
use shipworthy_audit::IndexedFile;
use shipworthy_audit::index::{Change, changed_names};
use shipworthy_syntax::Language;

use crate::audit::{self, Source};
use crate::discovery::discover;
use crate::folder_settings::FolderSettings;
use crate::layout::Layout;

/// The files of one root by what they tell others.
pub struct Indexer {
    root: PathBuf,
    settings: Arc<FolderSettings>,
    layout: Arc<Layout>,
    index: Index,
    /// Files that an editor has open: what they tell is what it says, not the disk.
    open: BTreeMap<Arc<str>, IndexedFile>,
}

/// What happened to a file.
#[derive(Clone, Debug)]
pub enum Event {
    /// It may be another on disk, or gone: its path in the root.
    OnDisk(String),
    /// What it tells others as it stands in an editor.
    Open(Box<IndexedFile>),
    /// The editor closed it.
    Closed(String),
}

impl Indexer {
    /// Reads all of a root.
    pub fn new(root: PathBuf, settings: Arc<FolderSettings>) -> Self {
        let mut indexer =
            Self { root, settings, layout: Arc::default(), index: Index::default(), open: BTreeMap::new() };
        indexer.read_all();
        indexer
    }

    /// Reads all of the root again: its packages or settings are others.
    pub fn renew(&mut self, settings: Arc<FolderSettings>) {
        self.settings = settings;
        self.read_all();
    }

    fn read_all(&mut self) {
        let found = discover(&self.root, std::slice::from_ref(&self.root));
        self.layout = Arc::new(audit::layout(&self.root, &found));
        let sources = found.sources.par_iter().filter_map(|(path, inside, language)| {
            audit::read(&self.settings, &self.layout, path, inside, *language)?.ok()
        });
        self.index = audit::index(&mut sources.collect::<Vec<_>>());
        let open = std::mem::take(&mut self.open);
        self.update(open.into_values().map(|file| Event::Open(Box::new(file))).collect());
    }

    /// The index as it is.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The names of files in it.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Takes in what happened. Files whose summaries depend on what changed are read again.
    pub fn update(&mut self, events: Vec<Event>) {
        // Of several events about a file the last counts.
        let mut opened: BTreeMap<Arc<str>, IndexedFile> = BTreeMap::new();
        let mut on_disk: BTreeSet<String> = BTreeSet::new();
        for event in events {
            match event {
                Event::Open(file) => {
                    on_disk.remove(&*file.path);
                    self.open.insert(file.path.clone(), (*file).clone());
                    opened.insert(file.path.clone(), *file);
                }
                Event::Closed(path) => {
                    self.open.remove(&*path);
                    opened.remove(&*path);
                    on_disk.insert(path);
                }
                Event::OnDisk(path) if !self.open.contains_key(&*path) => _ = on_disk.insert(path),
                Event::OnDisk(_) => {}
            }
        }
        let mut sources = self.read(on_disk.iter().map(String::as_str));
        let found: BTreeSet<&str> = sources.iter().map(|s| &**s.reading.path()).collect();
        let gone: Vec<Arc<str>> = on_disk
            .iter()
            .filter(|path| !found.contains(path.as_str()))
            .map(|path| path.as_str().into())
            .collect();

        let mut changed: FxHashSet<u64> = FxHashSet::default();
        let mut changes: Vec<Change> = Vec::new();
        for file in opened.into_values() {
            let before = self.index.file(&file.path).map(|known| &*known.summary);
            changed.extend(changed_names(file.language, before, Some(&file.summary)));
            changes.push(Change::Set(file));
        }
        for source in &sources {
            let before = self.index.file(source.reading.path()).map(|known| &*known.summary);
            let declared = source.reading.declared();
            changed.extend(changed_names(source.reading.language(), before, Some(&declared)));
            changes.push(Change::Set(source.reading.indexed(declared)));
        }
        for path in gone {
            let Some(known) = self.index.file(&path) else { continue };
            changed.extend(changed_names(known.language, Some(&known.summary), None));
            changes.push(Change::Remove(path));
        }
        let differs = |change: &Change| match change {
            Change::Set(file) => {
                self.index.file(&file.path).is_none_or(|known| known.summary != file.summary)
            }
            Change::Remove(_) => true,
        };
        let means_the_same = sources.is_empty() && !changes.iter().any(differs);
        self.index.declare(changes);
        if means_the_same {
            return;
        }

        let again = self.index.dependents(&changed);
        let again = again.iter().filter(|path| !self.open.contains_key(*path) && !on_disk.contains(&***path));
        sources.extend(self.read(again.map(|path| &**path)));
        let summarized = audit::summarize(&mut sources, &self.index);
        self.index.update(summarized);
    }

    /// The files of these paths that are there.
    fn read<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Vec<Source> {
        let paths: Vec<&str> = paths.collect();
        let sources = paths.par_iter().filter_map(|inside| {
            let language = Language::from_path(inside)?;
            audit::read(&self.settings, &self.layout, &self.root.join(inside), inside, language)?.ok()
        });
        sources.collect()
    }
}
