//! What a workspace has beside findings: its projects, capabilities, tests by kind and documents.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;
use shipworthy_audit::capability::{Catalogue, Code, Scene, judge, tests_by_kind};
use shipworthy_audit::inventory::{Capability, DocumentFile, Project};
use shipworthy_audit::{CodeRole, Outcome};

use super::Around;
use super::code::CodeFile;
use crate::discovery::{Discovery, read_source};
use crate::layout::is_manifest;

/// The projects with code that is shipped: the folders with a manifest that files of it belong to.
pub(super) fn projects(found: &Discovery, sources: &[CodeFile], around: &[Around]) -> Vec<Project> {
    let shipped = sources.iter().filter(|source| source.noted.role == CodeRole::Production);
    let folders: BTreeSet<&str> = shipped.map(|source| &*source.noted.project).collect();
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
pub(super) fn take(
    root: &Path,
    found: &Discovery,
    sources: &mut [CodeFile],
    around: &[Around],
    outcome: &mut Outcome,
) {
    let catalogue = Catalogue::built_in();
    let code = sources.iter_mut().map(|CodeFile { noted, text, sightings, .. }| Code {
        path: noted.path.clone(),
        role: noted.role,
        text,
        sightings: std::mem::take(sightings),
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
