//! The audit of a workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use shipworthy_audit::capability::{Catalogue, Code, Scene, judge, tests_by_kind};
use shipworthy_audit::index::{Change, IndexedFile};
use shipworthy_audit::inventory::{Capability, DocumentFile, Inventory, Project};
use shipworthy_audit::{
    Analysis, AuditedFile, Auditor, CodeRole, Configuration, FileDocument, Found, Index, Noted, Outcome,
    Reading, Skipped, complete,
};
use shipworthy_evidence::manifest::Lock;
use shipworthy_evidence::{Format, Guess, Tracking};
use shipworthy_syntax::Language;

use crate::cache::{Cache, Remembered};
use crate::discovery::{Discovery, discover, read_source, relative};
use crate::folder_settings::FolderSettings;
use crate::layout::{Layout, is_manifest};

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
    let (mut sources, mut skipped) = read_all(settings, root, &found, &step)?;
    let (mut around, unread) = read_around(settings, &found, &step)?;
    skipped.extend(unread);
    skipped.sort();
    let index = index(&mut sources);

    let analyses = sources.par_iter_mut().map(|source| {
        let Source { reading, configuration } = source;
        let view = index.view(reading);
        let analysis = reading.judge(auditor, configuration, &view);
        step()?;
        Some(analysis)
    });
    let mut analyses: Vec<Analysis> = analyses.collect::<Option<_>>()?;
    let seen = around.iter().map(|(document, configuration)| document.around(configuration));
    // What single files lack, others may have.
    let is_whole = read.iter().any(|path| path.is_dir());
    let (mut of_code, failures, routes) = if is_whole {
        let noted = sources.par_iter().zip(&analyses);
        let noted: Vec<Noted> =
            noted.map(|(s, analysis)| s.reading.noted(analysis.summary.clone())).collect();
        let seen_of_code = noted.iter().zip(&sources);
        let seen_of_code = seen_of_code.map(|(noted, s)| noted.surveyed(s.reading.text(), &s.configuration));
        auditor.survey(&seen_of_code.collect::<Vec<_>>(), &seen.collect::<Vec<_>>(), &index)
    } else {
        (vec![Found::default(); sources.len() + around.len()], Vec::new(), Vec::new())
    };
    let mut inventory = Inventory { routes, ..Inventory::default() };
    of_code.iter_mut().for_each(|found| inventory.extend(std::mem::take(&mut found.inventory)));
    inventory.sort();
    let of_files = of_code.split_off(sources.len());

    let code = sources.par_iter().zip(&mut analyses).zip(of_code).map(|((source, analysis), found)| {
        source.reading.finish(analysis, &found.findings, auditor, &source.configuration);
        AuditedFile { sites: add(&analysis.sites, found.sites), ..source.reading.outcome(analysis) }
    });
    let mut files: Vec<AuditedFile> = code.collect();
    for ((document, configuration), found) in around.iter_mut().zip(of_files) {
        document.adopt(found.findings);
        document.analyze(auditor, configuration);
        let sites = add(&document.analysis().sites, found.sites);
        files.push(AuditedFile { sites, ..document.outcome() });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    complete(&mut files);
    let mut outcome = Outcome { files, skipped, failures, inventory, ..Outcome::default() };
    if is_whole {
        outcome.inventory.projects = projects(&found, &sources, &around);
        take_stock(root, &found, &sources, &around, &index, &mut outcome);
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

/// The projects with code that is shipped: the folders with a manifest that files of it belong to.
fn projects(found: &Discovery, sources: &[Source], around: &[Around]) -> Vec<Project> {
    let shipped = sources.iter().filter(|source| source.reading.role() == CodeRole::Production);
    let folders: BTreeSet<&str> = shipped.map(|source| &*source.reading.home().project).collect();
    let project = |folder: &str| {
        let manifests = found.manifests.iter().filter(|path| {
            let (around, name) = path.rsplit_once('/').unwrap_or(("", path));
            around == folder && is_manifest(name)
        });
        // One that says a name tells more than one that lists packages.
        let named = |path: &str| {
            let read = around.iter().find(|(document, _)| document.path() == path);
            Some(read?.0.file().manifest()?.name.as_ref()?.text.clone())
        };
        let (manifest, name) =
            manifests.map(|path| (path, named(path))).max_by_key(|(_, name)| name.is_some())?;
        let name = name.unwrap_or_else(|| folder.rsplit('/').next().unwrap_or(folder).to_owned());
        let (path, manifest) = (folder.to_owned(), manifest.clone());
        Some(Project { name, path, manifest, capabilities: Vec::new() })
    };
    folders.into_iter().filter_map(project).collect()
}

/// Fills in the capabilities of the workspace and of its projects, its tests by kind and its documents.
fn take_stock(
    root: &Path,
    found: &Discovery,
    sources: &[Source],
    around: &[Around],
    index: &Index,
    outcome: &mut Outcome,
) {
    let catalogue = Catalogue::built_in();
    let code = sources.par_iter().map(|Source { reading, .. }| Code {
        path: reading.path().clone(),
        role: reading.role(),
        text: reading.text(),
        sightings: reading.sightings(catalogue, &index.view(reading)),
    });
    let code: Vec<Code<'_>> = code.collect();
    let around: Vec<_> =
        around.iter().map(|(document, configuration)| document.around(configuration)).collect();
    let texts = texts(root, found, catalogue);
    let scene = Scene {
        code: code.iter().collect(),
        around: around.iter().collect(),
        paths: found.paths.iter().collect(),
        texts: &texts,
        audited: outcome.files.iter().collect(),
        routes: outcome.inventory.routes.iter().collect(),
    };
    let all = &outcome.inventory.projects;
    let of_projects: Vec<Vec<Capability>> = if all.len() < 2 {
        Vec::new()
    } else {
        let judged = all.par_iter().map(|own| judge(catalogue, &scene.of(|path| own.counts(all, path))));
        judged.collect()
    };
    let (capabilities, tests) = (judge(catalogue, &scene), tests_by_kind(catalogue, &scene));
    let inventory = &mut outcome.inventory;
    for (project, capabilities) in inventory.projects.iter_mut().zip(of_projects) {
        project.capabilities = capabilities;
    }
    inventory.capabilities = capabilities;
    inventory.tests = tests;
    inventory.documents = documents(root, found);
}

/// The documents of the workspace; of very many the first ones.
fn documents(root: &Path, found: &Discovery) -> Vec<DocumentFile> {
    let documents: Vec<&String> =
        found.paths.iter().filter(|path| DocumentFile::is_one(path)).take(MAX_TEXTS).collect();
    let documents = documents.into_par_iter().filter_map(|path| {
        let text = read_source(&root.join(path)).ok()?;
        DocumentFile::of(path, &text)
    });
    documents.collect()
}

/// The texts that capabilities ask for; of very many files the first ones.
fn texts(root: &Path, found: &Discovery, catalogue: &Catalogue) -> BTreeMap<String, String> {
    let wanted: Vec<&String> =
        found.paths.iter().filter(|path| catalogue.wants_text(path)).take(MAX_TEXTS).collect();
    let texts = wanted.into_par_iter().map(|path| Some((path.clone(), read_source(&root.join(path)).ok()?)));
    texts.flatten().collect()
}

/// More files than these that look like evidence are data.
const MAX_TEXTS: usize = 5_000;

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

/// Reads all files that settings do not leave out, and says which could not be read.
#[allow(clippy::type_complexity, reason = "two lists")]
fn read_all(
    settings: &FolderSettings,
    root: &Path,
    found: &Discovery,
    step: &(dyn Fn() -> Option<()> + Sync),
) -> Option<(Vec<Source>, Vec<Skipped>)> {
    let layout = layout(root, found);
    let results = found.sources.par_iter().map(|(path, inside, language)| {
        let source = read(settings, &layout, path, inside, *language);
        step()?;
        Some(source)
    });
    let results: Vec<Option<Result<Source, Skipped>>> = results.collect::<Option<_>>()?;
    let (mut sources, mut skipped) = (Vec::new(), found.skipped.clone());
    for result in results.into_iter().flatten() {
        match result {
            Ok(source) => sources.push(source),
            Err(unread) => skipped.push(unread),
        }
    }
    Some((sources, skipped))
}

/// Reads a file; none where the settings leave it out.
pub(crate) fn read(
    settings: &FolderSettings,
    layout: &Layout,
    path: &Path,
    inside: &str,
    language: Language,
) -> Option<Result<Source, Skipped>> {
    let configuration = settings.configuration(path)?;
    let text = match read_source(path) {
        Ok(text) => text,
        Err(reason) => return Some(Err(Skipped { path: inside.to_owned(), reason })),
    };
    let reading = Reading::new(inside, &layout.home(inside, language), language, &text);
    Some(Ok(Source { reading, configuration }))
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
