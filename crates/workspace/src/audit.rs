//! The audit of a workspace.

mod code;
mod stock;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use shipworthy_audit::index::{Change, IndexedFile};
use shipworthy_audit::inventory::Inventory;
use shipworthy_audit::{
    AuditedFile, Auditor, Configuration, FileDocument, Found, Index, Outcome, Reading, Skipped, complete,
};
use shipworthy_evidence::manifest::Lock;
use shipworthy_evidence::{Format, Guess, Tracking};
use shipworthy_syntax::Language;

use self::code::OnDisk;
use crate::cache::{Cache, Remembered};
use crate::discovery::{Discovery, discover, read_source, relative};
use crate::folder_settings::FolderSettings;
use crate::layout::Layout;

/// Is told after each step of an audit how many there are, from any thread, and may stop the audit.
pub type Watch<'a> = &'a (dyn Fn(usize) -> ControlFlow<()> + Sync);

/// A file of the workspace that was read.
pub struct Source {
    /// Its facts.
    pub reading: Reading,
    /// What the settings say for it.
    pub configuration: Configuration,
}

/// Reads files and folders below `root`, each of which sees all the others, and tells of those that lie in `paths`. None where `watch`
/// stopped it. What a cache remembers of the same audit is taken from there.
pub fn audit(
    auditor: &Auditor,
    settings: &FolderSettings,
    root: &Path,
    (read, paths): (&[PathBuf], &[PathBuf]),
    cache: Option<&Cache>,
    watch: Watch<'_>,
) -> Option<Outcome> {
    let found = discover(root, read);
    let remembered = cache.and_then(|cache| Remembered::new(cache, settings, root, (read, paths), &found));
    if let Some(outcome) = remembered.as_ref().and_then(|remembered| remembered.outcome(auditor)) {
        return Some(outcome);
    }
    let steps = found.sources.len() * 2 + found.files.len();
    let step = || watch(steps).is_continue().then_some(());
    let (on_disk, mut skipped) = code::read_texts(settings, root, &found, &step)?;
    let (mut around, unread) = read_around(settings, &found, &step)?;
    skipped.extend(unread);
    skipped.sort();
    // What single files lack, others may have.
    let is_whole = read.iter().any(|path| path.is_dir());
    let memory = cache.filter(|_| is_whole && remembered.is_some());
    let known = memory.map(|cache| cache.code(root, read)).unwrap_or_default();
    let (mut sources, index) = code::judge(auditor, on_disk, known, &step)?;

    let seen = around.iter().map(|(document, configuration)| document.around(configuration));
    let (mut of_code, failures, routes) = if is_whole {
        let seen_of_code = sources.iter().map(|s| s.noted.surveyed(&s.text, &s.configuration));
        auditor.survey(&seen_of_code.collect::<Vec<_>>(), &seen.collect::<Vec<_>>(), &index)
    } else {
        (vec![Found::default(); sources.len() + around.len()], Vec::new(), Vec::new())
    };
    let mut inventory = Inventory { routes, ..Inventory::default() };
    of_code.iter_mut().for_each(|found| inventory.extend(std::mem::take(&mut found.inventory)));
    inventory.sort();
    let of_files = of_code.split_off(sources.len());

    let code = sources.par_iter_mut().zip(of_code).map(|(source, found)| {
        let (file, encoded) = source.finish(&found.findings, auditor, &index, memory.is_some());
        (AuditedFile { sites: add(&file.sites, found.sites), ..file }, encoded)
    });
    let (mut files, encoded): (Vec<AuditedFile>, Vec<_>) = code.unzip();
    if let (Some(cache), Some(encoded)) = (memory, encoded.into_iter().collect::<Option<Vec<Box<[u8]>>>>()) {
        cache.keep_code(root, read, &encoded);
    }
    for ((document, configuration), found) in around.iter_mut().zip(of_files) {
        document.adopt(found.findings, None);
        document.analyze(auditor, configuration);
        let sites = add(&document.analysis().sites, found.sites);
        files.push(AuditedFile { sites, ..document.outcome() });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    complete(&mut files);
    let mut outcome = Outcome { files, skipped, failures, inventory, ..Outcome::default() };
    if is_whole {
        outcome.inventory.projects = stock::projects(&found, &sources, &around);
        stock::take(root, &found, &mut sources, &around, &mut outcome);
        outcome.inventory.sort();
    }
    if read != paths {
        let paths: Vec<String> = paths.iter().map(|path| relative(root, path)).collect();
        outcome.keep(|file| paths.iter().any(|path| Path::new(file).starts_with(path)));
    }
    if let Some(remembered) = remembered {
        remembered.keep(&outcome);
    }
    Some(outcome)
}

/// A file around the code, with what the settings say for it.
type Around = (FileDocument, Configuration);

/// Reads the files around the code.
fn read_around(
    settings: &FolderSettings,
    found: &Discovery,
    step: &(dyn Fn() -> Option<()> + Sync),
) -> Option<(Vec<Around>, Vec<Skipped>)> {
    let results = found.files.par_iter().map(|(path, inside)| {
        let configuration = settings.configuration(path);
        let file = configuration.and_then(|c| Some((read_file(path, inside, found.tracking(path))?, c)));
        step()?;
        Some(file)
    });
    let results: Vec<Option<(Result<FileDocument, Skipped>, Configuration)>> =
        results.collect::<Option<_>>()?;
    let (mut files, mut unread) = (Vec::new(), Vec::new());
    for (result, configuration) in results.into_iter().flatten() {
        match result {
            Ok(file) => files.push((file, configuration)),
            Err(skipped) => unread.push(skipped),
        }
    }
    Some((files, unread))
}

/// A file around the code; none where its text tells that it is none.
pub(crate) fn read_file(
    path: &Path,
    inside: &str,
    tracking: Tracking,
) -> Option<Result<FileDocument, Skipped>> {
    let text = match read_source(path) {
        Ok(text) => text,
        Err(_) if Format::guess(inside) == Guess::Text => return None,
        Err(reason) => return Some(Err(Skipped { path: inside.to_owned(), reason })),
    };
    Some(Ok(file_of(path, inside, Format::of(inside, &text)?, &text, tracking)))
}

/// A file around the code with this text.
pub(crate) fn file_of(
    path: &Path,
    inside: &str,
    format: Format,
    text: &str,
    tracking: Tracking,
) -> FileDocument {
    let mut document = FileDocument::new(inside, format, text);
    document.set_tracking(tracking);
    document.set_locked(format == Format::Manifest && is_locked(path, inside));
    document
}

/// Whether a lock file stands in the folder of a file, or in one above it in the workspace.
pub(crate) fn is_locked(path: &Path, inside: &str) -> bool {
    let folders = path.ancestors().skip(1).take(inside.split('/').count());
    folders.into_iter().any(|folder| Lock::NAMES.iter().any(|name| folder.join(name).is_file()))
}

/// Reads a file; none where the settings leave it out.
pub(crate) fn read(
    settings: &FolderSettings,
    layout: &Layout,
    path: &Path,
    inside: &str,
    language: Language,
) -> Option<Result<Source, Skipped>> {
    Some(OnDisk::read(settings, layout, path, inside, language)?.map(|file| file.source()))
}

pub(crate) fn layout(root: &Path, found: &Discovery) -> Layout {
    let sources = found.sources.iter().map(|(_, inside, _)| inside.as_str());
    let paths = sources.chain(found.manifests.iter().map(String::as_str));
    Layout::of(paths, |inside| read_source(&root.join(inside)).ok())
}

/// The index of files: first of what they declare, then of what their functions do.
pub(crate) fn index(sources: &mut [Source]) -> Index {
    let mut index = Index::default();
    index.declare(sources.iter().map(|s| Change::Set(s.reading.indexed(s.reading.declared()))));
    index.update(summarize(sources, &index).into_iter().map(Change::Set));
    index
}

/// What files tell others, each of which sees the index.
pub(crate) fn summarize(sources: &mut [Source], index: &Index) -> Vec<IndexedFile> {
    let files = sources.par_iter_mut().map(|Source { reading, .. }| {
        let summary = reading.summarize(&index.view(reading));
        reading.indexed(summary)
    });
    files.collect()
}

/// Sites by rule, with more of them.
fn add(known: &[(&'static str, u32)], more: Vec<(&'static str, u32)>) -> Vec<(&'static str, u32)> {
    let mut sites = known.to_vec();
    for (rule, count) in more {
        match sites.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, known)) => *known += count,
            None => sites.push((rule, count)),
        }
    }
    sites
}
