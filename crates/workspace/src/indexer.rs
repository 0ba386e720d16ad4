//! The index of one root, kept up with what changes on disk and in editors.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use shipworthy_audit::Index;
use shipworthy_audit::IndexedFile;
use shipworthy_audit::index::{Change, changed_names};
use shipworthy_facts::{Interner, Summary};
use shipworthy_syntax::Language;

use crate::audit::{self, Source};
use crate::cache::{Cache, Known, Stamp};
use crate::discovery::{Discovery, discover};
use crate::folder_settings::FolderSettings;
use crate::layout::Layout;

/// The files of one root by what they tell others.
pub struct Indexer {
    root: PathBuf,
    settings: Arc<FolderSettings>,
    cache: Option<Arc<Cache>>,
    layout: Arc<Layout>,
    index: Index,
    /// Files that an editor has open: what they tell is what it says, not the disk.
    open: BTreeMap<Arc<str>, IndexedFile>,
}

/// How many files are held with all that is known of them while a root is read.
const FILES_AT_ONCE: usize = 256;

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
    /// Reads all of a root, but what a cache remembers of it.
    pub fn new(root: PathBuf, settings: Arc<FolderSettings>, cache: Option<Arc<Cache>>) -> Self {
        let (layout, index) = (Arc::default(), Index::default());
        let mut indexer = Self { root, settings, cache, layout, index, open: BTreeMap::new() };
        indexer.read_all();
        indexer
    }

    /// Reads all of the root again: its packages or settings are others.
    pub fn renew(&mut self, settings: Arc<FolderSettings>) {
        self.settings = settings;
        self.read_all();
    }

    fn read_all(&mut self) {
        // What editors hold is no part of what is remembered of the disk.
        let open = std::mem::take(&mut self.open);
        let found = discover(&self.root, std::slice::from_ref(&self.root));
        self.layout = Arc::new(audit::layout(&self.root, &found));
        match self.cache.clone() {
            Some(cache) => self.read_changed(&cache, &found),
            None => self.read_sources(&found),
        }
        self.update(open.into_values().map(|file| Event::Open(Box::new(file))).collect());
    }

    /// Takes over what is remembered, and reads what is another since.
    fn read_changed(&mut self, cache: &Cache, found: &Discovery) {
        let wanted =
            found.sources.par_iter().filter(|source| self.settings.configuration(&source.0).is_some());
        // Stamped before they are read: what changes meanwhile is another the next time.
        let stamps = wanted.filter_map(|(path, inside, _)| Some((inside.as_str(), Stamp::of(path)?)));
        let stamps: BTreeMap<&str, Stamp> = stamps.collect();
        let changed = self.changed(cache.index(&self.root), found, &stamps);
        if changed.as_ref().is_some_and(Vec::is_empty) {
            return;
        }
        match changed {
            Some(changed) => self.update(changed.into_iter().map(Event::OnDisk).collect()),
            None => self.read_sources(found),
        }
        let known = stamps.into_iter().map(|(path, stamp)| {
            let file = self.index.file(path).cloned();
            Known { path: path.to_owned(), stamp, file }
        });
        cache.keep_index(&self.root, &known.collect::<Vec<_>>());
    }

    /// Takes over a remembered index, and says which files are others since. None where it is of no use: nothing is remembered, files have
    /// other names, or most of them changed.
    fn changed(
        &mut self,
        remembered: Vec<Known>,
        found: &Discovery,
        stamps: &BTreeMap<&str, Stamp>,
    ) -> Option<Vec<String>> {
        let known: BTreeMap<&str, &Known> = remembered.iter().map(|known| (&*known.path, known)).collect();
        let has_moved = |(_, inside, language): &(PathBuf, String, Language)| {
            let home = self.layout.home(inside, *language);
            let file = known.get(inside.as_str()).and_then(|known| known.file.as_ref());
            file.is_some_and(|file| !file.is_at(&home))
        };
        if known.is_empty() || found.sources.par_iter().any(has_moved) {
            return None;
        }
        let holds = |path: &str, now: &Stamp| {
            known.get(path).is_some_and(|known| known.stamp.holds(now, &self.root.join(path)))
        };
        let others = stamps.par_iter().filter(|(path, now)| !holds(path, now));
        let others = others.map(|(path, _)| (*path).to_owned());
        let mut changed: Vec<String> = others.collect();
        // Those that settings leave out now are gone too, and there.
        let gone = known.keys().filter(|path| !stamps.contains_key(*path));
        changed.extend(gone.map(|path| (*path).to_owned()));
        if changed.len() > stamps.len() / 2 {
            return None;
        }
        let files = remembered.into_iter().filter_map(|known| known.file);
        self.index = Index::of(files.map(Arc::unwrap_or_clone));
        Some(changed)
    }

    /// Reads all that was found.
    fn read_sources(&mut self, found: &Discovery) {
        let read = |(path, inside, language): &(PathBuf, String, Language)| {
            audit::read(&self.settings, &self.layout, path, inside, *language)?.ok()
        };
        let declared = found.sources.par_iter().filter_map(read);
        let declared =
            declared.map(|Source { reading, .. }| Change::Set(reading.indexed(reading.declared())));
        let mut index = Index::default();
        index.declare(declared.collect::<Vec<_>>());
        // The facts of all files at once are many times as large as their texts: files are read again, some at a time.
        let (mut summaries, mut interner) = (Vec::new(), Interner::default());
        for some in found.sources.chunks(FILES_AT_ONCE) {
            let mut sources: Vec<Source> = some.par_iter().filter_map(read).collect();
            let mut some = audit::summarize(&mut sources, &index);
            drop(sources);
            some.iter_mut().for_each(|file| file.intern(&mut interner));
            summaries.extend(some);
        }
        index.update(summaries.into_iter().map(Change::Set));
        self.index = index;
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
        let mut index = std::mem::take(&mut self.index);
        take_in(&mut index, opened.into_values().collect(), &mut sources, gone, |again| {
            self.read(again.iter().map(|path| &**path).filter(|path| !self.open.contains_key(*path)))
        });
        self.index = index;
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

/// Takes into an index what files tell others now: those that are `opened`, those of `sources`, and those that are `gone`. Files whose
/// summaries depend on what changed are read by `more`, join the sources, and are summarized again.
pub(crate) fn take_in(
    index: &mut Index,
    opened: Vec<IndexedFile>,
    sources: &mut Vec<Source>,
    gone: Vec<Arc<str>>,
    more: impl FnOnce(&[Arc<str>]) -> Vec<Source>,
) {
    let mut changed: FxHashSet<u64> = FxHashSet::default();
    let mut modules = FxHashSet::default();
    let mut compare = |language: Language, before: Option<&Summary>, after: Option<&Summary>| {
        let names = changed_names(language, before, after);
        if !names.is_empty() {
            let summaries = before.into_iter().chain(after);
            modules.extend(summaries.map(|summary| (language, summary.module.clone())));
        }
        changed.extend(names);
    };
    let mut changes: Vec<Change> = Vec::new();
    for file in opened {
        let before = index.file(&file.path).map(|known| &*known.summary);
        compare(file.language, before, Some(&file.summary));
        changes.push(Change::Set(file));
    }
    for source in &*sources {
        let before = index.file(source.reading.path()).map(|known| &*known.summary);
        let declared = source.reading.declared();
        compare(source.reading.language(), before, Some(&declared));
        changes.push(Change::Set(source.reading.indexed(declared)));
    }
    for path in gone {
        let Some(known) = index.file(&path) else { continue };
        compare(known.language, Some(&known.summary), None);
        changes.push(Change::Remove(path));
    }
    let differs = |change: &Change| match change {
        Change::Set(file) => index.file(&file.path).is_none_or(|known| known.summary != file.summary),
        Change::Remove(_) => true,
    };
    let means_the_same = sources.is_empty() && !changes.iter().any(differs);
    index.declare(changes);
    if means_the_same {
        return;
    }

    changed.extend(index.handed_on(modules));
    let mut again = index.dependents(&changed);
    let read: BTreeSet<&Arc<str>> = sources.iter().map(|source| source.reading.path()).collect();
    again.retain(|path| !read.contains(path));
    sources.extend(more(&again));
    let summarized = audit::summarize(sources, index);
    index.update(summarized.into_iter().map(Change::Set));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by it")]

    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;
    use shipworthy_audit::{Document, Home};
    use shipworthy_facts::Workspace;

    use super::*;

    /// Bodies of a function that calls, or is, one in another file.
    fn module() -> impl Strategy<Value = String> {
        let other = prop::sample::select(vec!["a", "b", "c", "d"]);
        let line = prop::sample::select(vec![
            "def f():\n    pass\n",
            "import time\n\ndef f():\n    time.sleep(1)\n",
            "def f():\n    return g()\n\ndef g():\n    f()\n",
            "import pkg.@\n\ndef f():\n    pkg.@.f()\n",
            "from pkg.@ import f\n",
            "from .@ import f as h\n\nasync def f():\n    h()\n",
            "from pkg.@ import *\n",
            "from pkg import @\n\nclass C:\n    def m(self):\n        @.f()\n\ndef f():\n    C().m()\n",
            "from pkg.@ import C\n\nclass D(C):\n    pass\n\ndef f():\n    D().m()\n",
            "def f(:\n",
        ]);
        (line, other).prop_map(|(line, other)| line.replace('@', other))
    }

    #[derive(Clone, Debug)]
    enum Step {
        Write(&'static str, String),
        Delete(&'static str),
        Rename(&'static str, &'static str),
        Edit(&'static str, String),
        Close(&'static str),
    }

    fn step() -> impl Strategy<Value = Step> {
        let file =
            || prop::sample::select(vec!["pkg/a.py", "pkg/b.py", "pkg/c.py", "pkg/d.py", "pkg/__init__.py"]);
        prop_oneof![
            (file(), module()).prop_map(|(file, text)| Step::Write(file, text)),
            file().prop_map(Step::Delete),
            (file(), file()).prop_map(|(from, to)| Step::Rename(from, to)),
            (file(), module()).prop_map(|(file, text)| Step::Edit(file, text)),
            file().prop_map(Step::Close),
        ]
    }

    /// What every function of every file reaches, with what the file tells of it.
    fn known(index: &Index) -> Vec<String> {
        let mut known = Vec::new();
        for file in index.files() {
            known.push(format!("{} {:?}", file.path, file.summary));
            for name in file.summary.functions.keys() {
                let path = format!("{}.{name}", file.summary.module);
                let view = index.view_of(file);
                known.push(format!(
                    "{path}: {:?} {:?}",
                    view.reach(&path),
                    view.definition(&path).map(|(p, _)| p)
                ));
            }
        }
        known
    }

    fn settings() -> Arc<FolderSettings> {
        Arc::new(FolderSettings::new(&[], None))
    }

    fn open(indexer: &Indexer, path: &str, text: &str) -> Event {
        let home: Home = indexer.layout().home(path, Language::Python);
        let mut document = Document::new(path, &home, Language::Python, text);
        let auditor = shipworthy_audit::Auditor::new(&[]);
        let view = indexer.index().view(document.reading());
        document.analyze(&auditor, &auditor.default_configuration(), &view);
        Event::Open(Box::new(document.indexed()))
    }

    #[test]
    fn a_name_that_comes_behind_a_wildcard_reaches_those_that_miss_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("pkg")).unwrap();
        let write = |name: &str, text: &str| fs::write(root.join("pkg").join(name), text).unwrap();
        write("__init__.py", "");
        write("a.py", "from pkg.d import *\n");
        write("c.py", "import pkg.a\n\ndef f():\n    pkg.a.f()\n");
        write("d.py", "");
        let mut indexer = Indexer::new(root.to_owned(), settings(), None);
        write("d.py", "def f():\n    pass\n");
        indexer.update(vec![Event::OnDisk("pkg/d.py".to_owned())]);
        let fresh = Indexer::new(root.to_owned(), settings(), None);
        assert_eq!(known(indexer.index()), known(fresh.index()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Any order of edits, creations, deletions and renames ends in what a fresh look finds.
        #[test]
        fn any_order_of_events_ends_in_a_fresh_index(
            steps in prop::collection::vec(step(), 1..14),
            loses_its_package: bool,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let cache = Arc::new(Cache::at(tempfile::tempdir().unwrap().keep()).unwrap());
            let root = folder.path();
            let at = |path: &str| root.join(path);
            fs::create_dir(at("pkg")).unwrap();
            fs::write(at("pkg/__init__.py"), "").unwrap();
            let mut indexer = Indexer::new(root.to_owned(), settings(), Some(cache.clone()));
            let mut buffers: BTreeMap<&str, String> = BTreeMap::new();
            for step in steps {
                let init = |path: &str| Path::new(path).ends_with("__init__.py");
                let events = match step {
                    Step::Write(path, text) => {
                        fs::write(at(path), text).unwrap();
                        vec![Event::OnDisk(path.to_owned())]
                    }
                    // Without its `__init__.py` the layout is another: that is a renewal, not an event.
                    Step::Delete(path) if !init(path) => {
                        let _ = fs::remove_file(at(path));
                        vec![Event::OnDisk(path.to_owned())]
                    }
                    Step::Rename(from, to) if !init(from) && at(from).exists() => {
                        fs::rename(at(from), at(to)).unwrap();
                        vec![Event::OnDisk(from.to_owned()), Event::OnDisk(to.to_owned())]
                    }
                    Step::Edit(path, text) => {
                        let event = open(&indexer, path, &text);
                        buffers.insert(path, text);
                        vec![event]
                    }
                    Step::Close(path) if buffers.remove(path).is_some() => vec![Event::Closed(path.to_owned())],
                    _ => continue,
                };
                indexer.update(events);
                // Documents that are open follow the index, as in the server.
                for _ in 0..2 {
                    let again: Vec<Event> =
                        buffers.iter().map(|(path, text)| open(&indexer, path, text)).collect();
                    indexer.update(again);
                }
            }
            for (path, text) in &buffers {
                fs::write(at(path), text).unwrap();
            }
            let fresh = Indexer::new(root.to_owned(), settings(), None);
            prop_assert_eq!(known(indexer.index()), known(fresh.index()));
            // The next session begins with what the first one remembered.
            if loses_its_package {
                let _ = fs::remove_file(at("pkg/__init__.py"));
            }
            let fresh = Indexer::new(root.to_owned(), settings(), None);
            for _ in 0..2 {
                let next = Indexer::new(root.to_owned(), settings(), Some(cache.clone()));
                prop_assert_eq!(known(next.index()), known(fresh.index()));
            }
            fs::remove_dir_all(cache.folder()).unwrap();
        }
    }
}
