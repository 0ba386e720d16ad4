//! Surveys that are kept up while a project is worked on: they find what a first look finds, and what an audit finds.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Auditor, Finding};
use shipworthy_rules::RULES;
use shipworthy_workspace::{Event, FolderSettings, Indexer, Surveyor, audit};

/// A project that is worked on.
struct Project {
    folder: tempfile::TempDir,
    auditor: Auditor,
    settings: Arc<FolderSettings>,
    indexer: Indexer,
    surveyor: Surveyor,
}

impl Project {
    fn of(specimen: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let specimen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/specimens").join(specimen);
        copy(&specimen, folder.path());
        let root = folder.path().to_owned();
        let settings = Arc::new(FolderSettings::new(RULES, None));
        let (auditor, surveyor) = (Auditor::new(RULES), Surveyor::new(root.clone()));
        Self { indexer: Indexer::new(root, settings.clone(), None), folder, auditor, settings, surveyor }
    }

    /// What a surveyor finds: rule, place, message.
    fn found(&self, surveyor: &mut Surveyor) -> BTreeSet<String> {
        let (index, layout) = (self.indexer.index(), self.indexer.layout());
        let (files, failures) = surveyor.survey(&self.auditor, &self.settings, index, layout, Vec::new());
        assert!(failures.is_empty(), "{failures:?}");
        let findings = files.iter().flat_map(|(path, file)| file.findings.iter().map(move |f| (path, f)));
        // Others are not shown, as the settings stand.
        let shown = findings.filter(|(_, finding)| finding.confidence >= Confidence::Medium);
        shown.map(|(path, finding)| told(path, finding)).collect()
    }

    /// Holds what is kept up to a first look.
    fn check(&mut self, after: &str) -> BTreeSet<String> {
        let mut fresh = Surveyor::new(self.root());
        let kept = Surveyor::new(self.root());
        let mut surveyor = std::mem::replace(&mut self.surveyor, kept);
        let found = self.found(&mut surveyor);
        self.surveyor = surveyor;
        assert_eq!(found, self.found(&mut fresh), "after {after}");
        found
    }

    fn root(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Writes a file, or removes it, and tells the index.
    fn write(&mut self, path: &str, text: Option<&str>) {
        let file = self.folder.path().join(path);
        match text {
            Some(text) => fs::write(file, text).unwrap(),
            None => fs::remove_file(file).unwrap(),
        }
        self.indexer.update(vec![Event::OnDisk(path.to_owned())]);
    }
}

fn told(path: &str, finding: &Finding) -> String {
    format!("{path} {} {:?} {}", finding.rule.name, finding.range, finding.message)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let source = entry.unwrap().path();
        let target = to.join(source.file_name().unwrap());
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).unwrap();
        }
    }
}

/// Files are cut in half, emptied, removed and come back.
#[test]
fn a_survey_that_is_kept_up_finds_what_a_first_look_finds() {
    let mut project = Project::of("brand-drift");
    let paths = [
        "services/database.py",
        "services/search.py",
        "services/__init__.py",
        "tests/test_drift.py",
        "requirements.txt",
    ];
    let first = project.check("nothing");
    let mut moved = 0;
    for path in paths {
        let text = fs::read_to_string(project.root().join(path)).unwrap();
        let half: String = text.split_inclusive('\n').take(text.lines().count() / 2).collect();
        for (what, now) in
            [("half", Some(half.as_str())), ("nothing", Some("")), ("away", None), ("back", Some(&text))]
        {
            project.write(path, now);
            moved += usize::from(project.check(&format!("{path}: {what}")) != first);
        }
        assert_eq!(project.check(path), first);
    }
    assert!(moved > 5, "the edits change what is found: {moved} times");
}

/// What a survey finds is what an audit finds.
#[test]
fn a_survey_finds_what_an_audit_finds() {
    for specimen in ["brand-drift", "climate-api", "gateway", "well-built-rust"] {
        let mut project = Project::of(specimen);
        let found = project.check("nothing");
        let paths = [project.root()];
        let watch = |_| ControlFlow::Continue(());
        let outcome =
            audit(&project.auditor, &project.settings, &paths[0], (&paths, &paths), None, &watch).unwrap();
        let audited: BTreeSet<String> =
            outcome.findings().map(|(file, finding)| told(&file.path, finding)).collect();
        let missing: Vec<&String> = found.difference(&audited).collect();
        assert!(missing.is_empty(), "{specimen}: {missing:#?}");
    }
}
