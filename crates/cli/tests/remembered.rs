//! An audit that takes over what an earlier one found out about each file says what one from nothing says, whatever changed between them.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use shipworthy_audit::{AuditedFile, Auditor, Outcome};
use shipworthy_rules::RULES;
use shipworthy_workspace::{Cache, FolderSettings, audit};

/// A change of one file: of which, at which line, and by a line of which other file.
#[derive(Clone, Debug)]
struct Change {
    kind: Kind,
    file: prop::sample::Index,
    line: prop::sample::Index,
    other: prop::sample::Index,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Nothing of it is said otherwise, all of it stands elsewhere.
    MoveDown,
    DeleteLine,
    RepeatLine,
    TakeLine,
    Rename,
    Delete,
    Restore,
    Swap,
}

fn change() -> impl Strategy<Value = Change> {
    use Kind::*;
    let kind =
        prop::sample::select(vec![MoveDown, DeleteLine, RepeatLine, TakeLine, Rename, Delete, Restore, Swap]);
    (kind, any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>())
        .prop_map(|(kind, file, line, other)| Change { kind, file, line, other })
}

/// The files of a workspace, as they were at first.
struct Workspace {
    root: tempfile::TempDir,
    files: BTreeMap<PathBuf, String>,
}

impl Workspace {
    fn copy_of(folders: &[PathBuf]) -> Self {
        let (root, mut files) = (tempfile::tempdir().unwrap(), BTreeMap::new());
        for folder in folders {
            copy(folder, &root.path().join(folder.file_name().unwrap()), &mut files);
        }
        Self { root, files }
    }

    fn restore(&self) {
        for (path, text) in &self.files {
            fs::write(path, text).unwrap();
        }
    }

    fn apply(&self, change: &Change) {
        let paths: Vec<&PathBuf> = self.files.keys().collect();
        let path = *change.file.get(&paths);
        let alike: Vec<&&PathBuf> = paths.iter().filter(|p| p.extension() == path.extension()).collect();
        let other = **change.other.get(&alike);
        let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let mut lines: Vec<String> = text(path).split_inclusive('\n').map(str::to_owned).collect();
        let at = if lines.is_empty() { 0 } else { change.line.index(lines.len()) };
        match change.kind {
            Kind::MoveDown => lines.insert(0, "\n".to_owned()),
            Kind::DeleteLine if !lines.is_empty() => _ = lines.remove(at),
            Kind::RepeatLine if !lines.is_empty() => {
                let line = lines[at].clone();
                lines.insert(at, line);
            }
            Kind::TakeLine => {
                let others: Vec<String> = text(other).split_inclusive('\n').map(str::to_owned).collect();
                if !others.is_empty() {
                    lines.insert(at, change.other.get(&others).clone());
                }
            }
            Kind::Rename => {
                let marks = ["def ", "func ", "fn ", "class ", "type ", "struct "];
                let mark = |line: &String| marks.into_iter().find(|mark| line.contains(mark));
                if let Some((mark, line)) = lines.iter_mut().skip(at).find_map(|l| Some((mark(l)?, l))) {
                    *line = line.replacen(mark, &format!("{mark}another_"), 1);
                }
            }
            Kind::Delete => {
                // It may be gone already.
                let _ = fs::remove_file(path);
                return;
            }
            Kind::Restore => return fs::write(path, &self.files[path]).unwrap(),
            Kind::Swap => {
                let (one, two) = (text(path), text(other));
                fs::write(path, two).unwrap();
                return fs::write(other, one).unwrap();
            }
            _ => {}
        }
        fs::write(path, lines.concat()).unwrap();
    }

    fn audit(&self, cache: Option<&Cache>) -> Outcome {
        let root = [self.root.path().to_owned()];
        let settings = FolderSettings::new(RULES, None);
        let watch = |_| ControlFlow::Continue(());
        audit(&Auditor::new(RULES), &settings, self.root.path(), (&root, &root), cache, &watch).unwrap()
    }

    /// Holds an audit with a cache to one without after each change.
    fn check(&self, changes: &[Change]) -> Result<(), TestCaseError> {
        self.restore();
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("workspaces")).unwrap();
        self.audit(Some(&cache));
        for change in changes {
            self.apply(change);
            let (remembered, fresh) = (self.audit(Some(&cache)), self.audit(None));
            for (remembered, fresh) in remembered.files.iter().zip(&fresh.files) {
                prop_assert!(remembered == fresh, "{}", difference(remembered, fresh));
            }
            prop_assert!(remembered == fresh, "inventories, or what was skipped");
        }
        Ok(())
    }
}

/// What a reader has to know of two files that are to be the same.
fn difference(remembered: &AuditedFile, fresh: &AuditedFile) -> String {
    let told = |file: &AuditedFile| {
        let findings = file.findings.iter().map(|f| format!("{:?} {} {:?}", f.range, f.message, f.related));
        (findings.collect::<Vec<_>>(), file.sites.clone())
    };
    format!("{}: remembered {:#?} fresh {:#?}", fresh.path, told(remembered), told(fresh))
}

fn copy(from: &Path, to: &Path, files: &mut BTreeMap<PathBuf, String>) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to, files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            fs::write(&to, &text).unwrap();
            files.insert(to, text);
        }
    }
}

fn run(workspace: &Workspace, cases: u32, changes: usize) {
    let config = Config { cases, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let changes = prop::collection::vec(change(), 1..=changes);
    TestRunner::new(config).run(&changes, |changes| workspace.check(&changes)).unwrap();
}

#[test]
fn what_is_remembered_of_files_holds_through_any_changes() {
    let specimens = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/specimens");
    let folders = ["across-python", "across-go", "across-rust"].map(|name| specimens.join(name));
    run(&Workspace::copy_of(&folders), 30, 4);
}

/// `SHIPWORTHY_CORPUS=PROJECT SHIPWORTHY_EDITS=200 cargo test --release --package shipworthy --test remembered -- --ignored`
#[test]
#[ignore = "needs a project"]
fn what_is_remembered_of_a_real_project_holds_through_any_changes() {
    let project = PathBuf::from(std::env::var_os("SHIPWORTHY_CORPUS").unwrap());
    let edits: u32 = std::env::var("SHIPWORTHY_EDITS").map_or(4, |edits| edits.parse().unwrap());
    run(&Workspace::copy_of(&[project]), edits.div_ceil(10), edits.min(20) as usize);
}
