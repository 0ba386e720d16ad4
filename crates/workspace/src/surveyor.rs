//! The surveys of one root, again and again while it is worked on: what closed files noted is kept, what is open is told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use shipworthy_audit::{Auditor, Configuration, Failure, FileDocument, Finding, Index, Noted, Reading};
use shipworthy_evidence::Format;
use shipworthy_syntax::{Language, Text};
use xxhash_rust::xxh3::xxh3_64;

use crate::audit;
use crate::discovery::{Discovery, discover, read_source};
use crate::folder_settings::FolderSettings;
use crate::layout::Layout;

/// The surveys of one root.
pub struct Surveyor {
    root: PathBuf,
    /// What closed files noted.
    known: BTreeMap<String, Known>,
    /// The index and the layout that they saw.
    index: Index,
    layout: Arc<Layout>,
}

/// What is known of a closed file.
struct Known {
    noted: Noted,
    /// The [`text_state`] of its text.
    text: u64,
    configuration: Arc<Configuration>,
    /// Hashes of the names that it asked about, sorted.
    asked: Arc<[u64]>,
}

/// A file as it stands in an editor.
pub enum OpenFile {
    /// Code.
    Code(Box<Noted>, Text),
    /// A file around the code, by its path in the root.
    Around(String, Format, Text),
}

/// What was found in one file.
#[derive(Clone, Debug, Default)]
pub struct Surveyed {
    /// The [`text_state`] of the text in which it was found.
    pub text: u64,
    /// The findings, in bytes of that text.
    pub findings: Arc<[Finding]>,
}

/// A number that tells a text from others.
pub fn text_state(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

/// A file of code while a survey runs.
struct Seen {
    text: Text,
    state: u64,
    configuration: Arc<Configuration>,
    /// What it noted where it is open.
    open: Option<Box<Noted>>,
}

/// A file around the code while a survey runs.
struct Around {
    document: FileDocument,
    configuration: Configuration,
    state: u64,
}

impl Surveyor {
    /// Of a root of which nothing is known.
    pub fn new(root: PathBuf) -> Self {
        Self { root, known: BTreeMap::new(), index: Index::default(), layout: Arc::default() }
    }

    /// Runs the surveys over the files on disk, with those that are open in their place. Gives what was found by the file's path, with all
    /// files that were looked at, and the rules that failed.
    pub fn survey(
        &mut self,
        auditor: &Auditor,
        settings: &FolderSettings,
        index: &Index,
        layout: &Arc<Layout>,
        open: Vec<OpenFile>,
    ) -> (BTreeMap<Arc<str>, Surveyed>, Vec<Failure>) {
        self.forget(index, layout);
        let (mut code, mut files) = (BTreeMap::new(), BTreeMap::new());
        for file in open {
            match file {
                OpenFile::Code(noted, text) => _ = code.insert(noted.path.to_string(), (noted, text)),
                OpenFile::Around(path, format, text) => _ = files.insert(path, (format, text)),
            }
        }
        let found = discover(&self.root, std::slice::from_ref(&self.root));
        let seen = see(settings, &found, code);
        self.note(auditor, index, &seen);
        let around = self.around(settings, &found, &files);

        let all = seen.iter().filter_map(|(path, seen)| {
            let closed = || self.known.get(path).map(|known| &known.noted);
            Some((seen.open.as_deref().or_else(closed)?, seen))
        });
        let all: Vec<(&Noted, &Seen)> = all.collect();
        let surveyed: Vec<_> =
            all.iter().map(|(noted, seen)| noted.surveyed(&seen.text, &seen.configuration)).collect();
        let beside: Vec<_> = around.iter().map(|file| file.document.around(&file.configuration)).collect();
        let (told, failures, _) = auditor.survey(&surveyed, &beside, index);
        let of_code = all.iter().map(|(noted, seen)| (noted.path.clone(), seen.state));
        let of_files = around.iter().map(|file| (file.document.path().into(), file.state));
        let told = of_code
            .chain(of_files)
            .zip(told)
            .map(|((path, text), told)| (path, Surveyed { text, findings: told.findings.into() }));
        (told.collect(), failures)
    }

    /// Forgets what closed files noted where another answer may change it.
    fn forget(&mut self, index: &Index, layout: &Arc<Layout>) {
        let changed = if self.layout == *layout { index.changed_since(&self.index) } else { None };
        match changed {
            Some(changed) => {
                self.known.retain(|_, known| !known.asked.iter().any(|name| changed.contains(name)));
            }
            None => self.known.clear(),
        }
        (self.index, self.layout) = (index.clone(), layout.clone());
    }

    /// Reads anew what noted nothing yet, or has another text or other settings than then.
    fn note(&mut self, auditor: &Auditor, index: &Index, seen: &BTreeMap<String, Seen>) {
        let closed = |path: &String| seen.get(path).is_some_and(|seen| seen.open.is_none());
        self.known.retain(|path, _| closed(path));
        let holds = |known: &Known, seen: &Seen| {
            known.text == seen.state && known.configuration == seen.configuration
        };
        let again = seen.iter().filter(|(path, seen)| {
            seen.open.is_none() && !self.known.get(*path).is_some_and(|known| holds(known, seen))
        });
        let again: Vec<(&String, &Seen)> = again.collect();
        let layout = &self.layout;
        let read = again.par_iter().filter_map(|(path, seen)| {
            let language = Language::from_path(path)?;
            let mut reading =
                Reading::new(path, &layout.home(path, language), language, &seen.text.to_string());
            let view = index.view(&reading);
            let configuration = auditor.noting(Configuration::clone(&seen.configuration));
            let analysis = reading.judge(auditor, &configuration, &view);
            // The index has most summaries already.
            let indexed = index.file(path).map(|file| &file.summary);
            let summary = indexed.filter(|known| **known == analysis.summary).unwrap_or(&analysis.summary);
            let known = Known {
                noted: reading.noted(summary.clone()),
                text: seen.state,
                configuration: seen.configuration.clone(),
                asked: reading.asked(),
            };
            Some(((*path).clone(), known))
        });
        let read: Vec<(String, Known)> = read.collect();
        self.known.extend(read);
    }

    /// The files around the code.
    fn around(
        &self,
        settings: &FolderSettings,
        found: &Discovery,
        open: &BTreeMap<String, (Format, Text)>,
    ) -> Vec<Around> {
        let read = |(path, inside): &(PathBuf, String)| {
            let configuration = settings.configuration(path)?;
            let tracking = found.tracking(path);
            let document = match open.get(inside) {
                Some((format, text)) => audit::file_of(path, inside, *format, &text.to_string(), tracking),
                None => audit::read_file(path, inside, tracking)?.ok()?,
            };
            let state = text_state(&document.file().text);
            Some(Around { document, configuration, state })
        };
        found.files.par_iter().filter_map(read).collect()
    }
}

/// The files of code that settings do not leave out, by their path in the root.
fn see(
    settings: &FolderSettings,
    found: &Discovery,
    mut open: BTreeMap<String, (Box<Noted>, Text)>,
) -> BTreeMap<String, Seen> {
    let is_open: BTreeSet<String> = open.keys().cloned().collect();
    // Settings are the same for most files.
    let configurations: Mutex<Vec<Arc<Configuration>>> = Mutex::default();
    let shared = |configuration: Configuration| {
        let mut all = configurations.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.iter().find(|known| ***known == configuration).cloned();
        known.unwrap_or_else(|| {
            all.push(Arc::new(configuration));
            all[all.len() - 1].clone()
        })
    };
    let read = |(path, inside, _): &(PathBuf, String, Language)| {
        let configuration = shared(settings.configuration(path)?);
        let text = match is_open.contains(inside) {
            true => None,
            false => Some(text_of(path)?),
        };
        Some((inside.clone(), text, configuration))
    };
    let read: Vec<_> = found.sources.par_iter().filter_map(read).collect();
    let seen = read.into_iter().filter_map(|(path, text, configuration)| {
        let (open, text, state) = match text {
            Some((text, state)) => (None, text, state),
            None => {
                let (noted, text) = open.remove(&path)?;
                let state = text_state(&text.to_string());
                (Some(noted), text, state)
            }
        };
        Some((path, Seen { text, state, configuration, open }))
    });
    seen.collect()
}

fn text_of(path: &Path) -> Option<(Text, u64)> {
    let text = read_source(path).ok()?;
    Some((Text::new(&text), text_state(&text)))
}
