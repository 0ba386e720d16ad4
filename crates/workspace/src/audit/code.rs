//! The code of an audited workspace: each file as it is read and judged now, or as the last audit found it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use shipworthy_audit::capability::{Catalogue, Sightings};
use shipworthy_audit::{
    Analysis, AuditedFile, Auditor, Configuration, Finding, Home, Index, IndexedFile, Noted, Reading, Skipped,
};
use shipworthy_syntax::{Language, Text};

use super::{Source, layout};
use crate::cache::{Judged, KnownFile, configuration_state, encoded};
use crate::discovery::{Discovery, read_source};
use crate::folder_settings::FolderSettings;
use crate::indexer;
use crate::layout::Layout;
use crate::surveyor::text_state;

/// A file whose text was read.
pub(super) struct OnDisk {
    path: Arc<str>,
    language: Language,
    home: Home,
    configuration: Configuration,
    text: String,
    text_state: u64,
}

/// A file that was judged, now or in the last audit.
pub(super) struct CodeFile {
    pub(super) noted: Noted,
    pub(super) text: Text,
    pub(super) sightings: Sightings,
    pub(super) configuration: Configuration,
    /// Until it is finished.
    judgement: Option<Judgement>,
}

enum Judgement {
    Now(Box<Reading>, Analysis),
    /// With the bytes that say so.
    Before(Box<Judged>, Box<[u8]>),
}

/// A file that is known, with the bytes that say so.
type Encoded = (KnownFile, Box<[u8]>);

/// Files by their paths.
type Known = BTreeMap<Arc<str>, Encoded>;
type Sources = BTreeMap<Arc<str>, Source>;

/// Reads the texts of all files that settings do not leave out, and says which could not be read.
#[allow(clippy::type_complexity, reason = "two lists")]
pub(super) fn read_texts(
    settings: &FolderSettings,
    root: &Path,
    found: &Discovery,
    step: &(dyn Fn() -> Option<()> + Sync),
) -> Option<(Vec<OnDisk>, Vec<Skipped>)> {
    let layout = layout(root, found);
    let results = found.sources.par_iter().map(|(path, inside, language)| {
        let text = OnDisk::read(settings, &layout, path, inside, *language);
        step()?;
        Some(text)
    });
    let results: Vec<Option<Result<OnDisk, Skipped>>> = results.collect::<Option<_>>()?;
    let (mut files, mut skipped) = (Vec::new(), found.skipped.clone());
    for result in results.into_iter().flatten() {
        match result {
            Ok(file) => files.push(file),
            Err(unread) => skipped.push(unread),
        }
    }
    Some((files, skipped))
}

impl OnDisk {
    /// None where the settings leave it out.
    pub(super) fn read(
        settings: &FolderSettings,
        layout: &Layout,
        path: &Path,
        inside: &str,
        language: Language,
    ) -> Option<Result<Self, Skipped>> {
        let configuration = settings.configuration(path)?;
        let text = match read_source(path) {
            Ok(text) => text,
            Err(reason) => return Some(Err(Skipped { path: inside.to_owned(), reason })),
        };
        Some(Ok(Self {
            path: inside.into(),
            language,
            home: layout.home(inside, language),
            configuration,
            text_state: text_state(&text),
            text,
        }))
    }

    pub(super) fn source(&self) -> Source {
        let reading = Reading::new(&self.path, &self.home, self.language, &self.text);
        Source { reading, configuration: self.configuration.clone() }
    }

    /// Whether it has the text, the name and the settings that it had.
    fn is(&self, known: &KnownFile) -> bool {
        let KnownFile { indexed, text, configuration, .. } = known;
        *text == self.text_state
            && indexed.is_at(&self.home)
            && *configuration == configuration_state(&self.configuration)
    }
}

/// Judges files, but those that are known and see nothing new in the workspace. Gives them in their order, with the index of the workspace.
pub(super) fn judge(
    auditor: &Auditor,
    on_disk: Vec<OnDisk>,
    known: Vec<Encoded>,
    step: &(dyn Fn() -> Option<()> + Sync),
) -> Option<(Vec<CodeFile>, Index)> {
    let known = known.into_iter().map(|known| (known.0.indexed.path.clone(), known)).collect();
    let (index, looks): (Index, Vec<Look>) = match take_over(&on_disk, known) {
        Some((index, mut sources, mut known)) => {
            let look = |file: OnDisk| match known.remove(&file.path) {
                Some((KnownFile { indexed, judged: Some(judged), .. }, bytes)) => {
                    Look::Before(file, indexed, judged, bytes)
                }
                _ => Look::Now(sources.remove(&file.path).unwrap_or_else(|| file.source())),
            };
            (index, on_disk.into_iter().map(look).collect())
        }
        None => {
            let mut sources: Vec<Source> = on_disk.into_par_iter().map(|file| file.source()).collect();
            (super::index(&mut sources), sources.into_iter().map(Look::Now).collect())
        }
    };
    let judged = looks.into_par_iter().map(|look| {
        let file = match look {
            Look::Now(source) => CodeFile::judged(auditor, source, &index),
            Look::Before(file, indexed, judged, bytes) => CodeFile::known(file, &indexed, judged, bytes),
        };
        step()?;
        Some(file)
    });
    Some((judged.collect::<Option<_>>()?, index))
}

/// A file that is judged now, or has been.
enum Look {
    Now(Source),
    Before(OnDisk, IndexedFile, Judged, Box<[u8]>),
}

/// The index of files of which some are known, what had to be read for it, and those that are known and hold. None where it is as well to read
/// all: most of them changed, or what changed may concern any.
fn take_over(on_disk: &[OnDisk], mut known: Known) -> Option<(Index, Sources, Known)> {
    let is_known = |file: &&OnDisk| known.get(&file.path).is_some_and(|(known, _)| file.is(known));
    let (same, others): (Vec<&OnDisk>, Vec<&OnDisk>) = on_disk.iter().partition(is_known);
    if same.len() <= others.len() {
        return None;
    }
    let before = Index::of(known.values().map(|(known, _)| known.indexed.clone()));
    let files: BTreeMap<&Arc<str>, &OnDisk> = on_disk.iter().map(|file| (&file.path, file)).collect();
    let gone = known.keys().filter(|path| !files.contains_key(path)).cloned().collect();
    let mut index = before.clone();
    let mut sources: Vec<Source> = others.par_iter().map(|file| file.source()).collect();
    indexer::take_in(&mut index, Vec::new(), &mut sources, gone, |again| {
        again.par_iter().filter_map(|path| Some(files.get(path)?.source())).collect()
    });
    let changed = index.changed_since(&before)?;
    let sources: Sources =
        sources.into_iter().map(|source| (source.reading.path().clone(), source)).collect();
    known.retain(|path, (KnownFile { indexed, judged, .. }, _)| {
        let holds = |judged: &Judged| judged.holds(&changed, &index.view_of(indexed));
        let is_read_again = sources.contains_key(path) || !files.contains_key(path);
        !is_read_again && judged.as_ref().is_some_and(holds)
    });
    Some((index, sources, known))
}

impl CodeFile {
    fn known(file: OnDisk, indexed: &IndexedFile, mut judged: Judged, bytes: Box<[u8]>) -> Self {
        Self {
            noted: judged.noted(indexed),
            text: Text::new(&file.text),
            sightings: std::mem::take(&mut judged.sightings),
            configuration: file.configuration,
            judgement: Some(Judgement::Before(Box::new(judged), bytes)),
        }
    }

    fn judged(auditor: &Auditor, source: Source, index: &Index) -> Self {
        let Source { mut reading, configuration } = source;
        let view = index.view(&reading);
        let analysis = reading.judge(auditor, &configuration, &view);
        Self {
            noted: reading.noted(analysis.summary.clone()),
            text: reading.text().clone(),
            sightings: reading.sightings(Catalogue::built_in(), &view),
            configuration,
            judgement: Some(Judgement::Now(Box::new(reading), analysis)),
        }
    }

    /// The file as a part of the audit's outcome, with what surveys found in it; and as it is written where it is to be `remembered`.
    pub(super) fn finish(
        &mut self,
        found: &[Finding],
        auditor: &Auditor,
        index: &Index,
        remembered: bool,
    ) -> (AuditedFile, Option<Box<[u8]>>) {
        let (reading, mut analysis) = match self.judgement.take() {
            Some(Judgement::Now(reading, analysis)) => (reading, analysis),
            Some(Judgement::Before(judged, bytes)) => {
                let text: Arc<str> = self.text.to_string().into();
                match judged.opened(found, text.clone(), auditor) {
                    Some(file) => return (file, Some(bytes)),
                    None => self.read(&text, auditor, index),
                }
            }
            None => self.read(&self.text.to_string(), auditor, index),
        };
        reading.finish(&mut analysis, found, auditor, &self.configuration);
        let file = reading.outcome(&analysis);
        let indexed = index.file(&self.noted.path).filter(|_| remembered);
        let bytes = indexed.and_then(|indexed| {
            encoded(&KnownFile {
                indexed: IndexedFile::clone(indexed),
                text: text_state(&file.text),
                configuration: configuration_state(&self.configuration),
                judged: Judged::new(&self.noted, &self.sightings, reading.asked(), found, &file),
            })
        });
        (file, bytes)
    }

    fn read(&self, text: &str, auditor: &Auditor, index: &Index) -> (Box<Reading>, Analysis) {
        let Noted { path, language, project, summary, .. } = &self.noted;
        let home = Home { module: summary.module.clone(), project: project.clone() };
        let mut reading = Reading::new(path, &home, *language, text);
        let analysis = reading.judge(auditor, &self.configuration, &index.view(&reading));
        (Box::new(reading), analysis)
    }
}
