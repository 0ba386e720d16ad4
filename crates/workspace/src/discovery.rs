//! Which files an audit reads, and why it leaves others out.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::WalkBuilder;
use shipworthy_audit::{MAX_FILE_BYTES, Skipped, reason_to_skip};
use shipworthy_evidence::{Format, Guess, Tracking};
use shipworthy_syntax::Language;

use crate::disk;
use crate::layout::tells_of_layout;
use crate::repository::Repository;

/// What a walk found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Source files: path on disk and path in the workspace (with `/`), sorted by the latter.
    pub sources: Vec<(PathBuf, String, Language)>,
    /// Paths in the workspace of the files that tell of its packages, sorted.
    pub manifests: Vec<String>,
    /// Files around the code, some of which their text may tell to be none: path on disk and path in the workspace, sorted by the latter.
    pub files: Vec<(PathBuf, String)>,
    /// Paths in the workspace of everything that was walked, of whatever kind, sorted; of very many the first ones.
    pub paths: Vec<String>,
    /// The repositories that the walked folders stand in.
    pub repositories: Vec<Repository>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
}

/// More paths than these are data.
const MAX_PATHS: usize = 200_000;

/// Walks the given files and folders below `root`. Ignore files are respected, hidden files left out but those around the code (`.env`,
/// `.github/`), links not followed.
pub fn discover(root: &Path, paths: &[PathBuf]) -> Discovery {
    let mut found = Discovery::default();
    let (walked, refused): (Vec<&PathBuf>, Vec<&PathBuf>) =
        paths.iter().partition(|path| unusable_ignore_file(path).is_none());
    let skipped = |folder: &Path| {
        let reason = unusable_ignore_file(folder)?;
        Some(Skipped { path: relative(root, folder), reason })
    };
    found.skipped.extend(refused.iter().filter_map(|path| skipped(path)));
    let Some((first, rest)) = walked.split_first() else { return found };
    let mut walk = WalkBuilder::new(first);
    for path in rest {
        walk.add(path);
    }
    // What only this clone leaves out (`.git/info/exclude`) is not asked: every clone gives the same answer.
    walk.require_git(false).git_exclude(false).follow_links(false).hidden(false);
    // The ignore files above count too, and cannot be left out one by one.
    let walked = walked.iter().filter_map(|path| fs::canonicalize(path).ok());
    let above: Vec<PathBuf> =
        walked.flat_map(|p| p.ancestors().skip(1).map(Path::to_owned).collect::<Vec<_>>()).collect();
    if let Some(unusable) = above.iter().find_map(|folder| skipped(folder)) {
        found.skipped.push(unusable);
        return found;
    }
    let refused = Arc::new(Mutex::new(Vec::new()));
    let refuse = refused.clone();
    walk.filter_entry(move |entry| {
        let name = entry.file_name().to_string_lossy();
        let is_folder = entry.file_type().is_some_and(|t| t.is_dir());
        let is_wanted =
            entry.depth() == 0 || !name.starts_with('.') || !is_folder || CONFIGURATION.contains(&&*name);
        let unusable = if is_wanted && is_folder { unusable_ignore_file(entry.path()) } else { None };
        let Some(reason) = unusable else { return is_wanted };
        refuse.lock().unwrap_or_else(PoisonError::into_inner).push((entry.path().to_owned(), reason));
        false
    });
    for entry in walk.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found.skipped.push(unwalked(root, error));
                continue;
            }
        };
        let (kind, depth) = (entry.file_type(), entry.depth());
        let path = entry.into_path();
        let inside = relative(root, &path);
        // A pipe or a socket would block the reader.
        if !kind.is_some_and(|kind| kind.is_file()) {
            let is_special = kind.is_some_and(|kind| !kind.is_dir() && !kind.is_symlink());
            if is_special && (Language::from_path(&inside).is_some() || Format::guess(&inside) != Guess::None)
            {
                found.skipped.push(Skipped { path: inside, reason: "not a regular file".to_owned() });
            }
            continue;
        }
        if found.paths.len() < MAX_PATHS {
            found.paths.push(inside.clone());
        }
        if let Some(language) = Language::from_path(&inside) {
            if !is_hidden(&path, depth) {
                found.sources.push((path, inside, language));
            }
        } else {
            if tells_of_layout(&inside) {
                found.manifests.push(inside.clone());
            }
            if Format::guess(&inside) != Guess::None {
                found.files.push((path, inside));
            }
        }
    }
    let refused = std::mem::take(&mut *refused.lock().unwrap_or_else(PoisonError::into_inner));
    let refused = refused.into_iter().map(|(path, reason)| Skipped { path: relative(root, &path), reason });
    found.skipped.extend(refused);
    found.add_ignored_but_tracked(root, paths);
    found.sources.sort_by(|a, b| a.1.cmp(&b.1));
    found.sources.dedup_by(|a, b| a.1 == b.1);
    found.manifests.sort();
    found.paths.sort();
    found.paths.dedup();
    found.files.sort_by(|a, b| a.1.cmp(&b.1));
    found.files.dedup_by(|a, b| a.1 == b.1);
    found
}

/// Larger ignore files are none.
const MAX_IGNORE_BYTES: u64 = 1 << 20;

/// Why the walk must not enter a folder: it would read an ignore file which is a pipe, a link to anywhere or without end.
fn unusable_ignore_file(folder: &Path) -> Option<String> {
    let unusable = |name: &str| {
        let found = fs::symlink_metadata(folder.join(name)).ok()?;
        let is_usable = found.is_dir() || found.is_file() && found.len() <= MAX_IGNORE_BYTES;
        (!is_usable).then(|| format!("its {name} is no regular file of at most 1 MiB"))
    };
    [".gitignore", ".ignore"].into_iter().find_map(unusable)
}

/// What the walk could not look at.
fn unwalked(root: &Path, error: ignore::Error) -> Skipped {
    match error {
        ignore::Error::WithPath { path, err } => {
            Skipped { path: relative(root, &path), reason: unwalked(root, *err).reason }
        }
        ignore::Error::WithDepth { err, .. } => unwalked(root, *err),
        error => Skipped { path: String::new(), reason: error.to_string() },
    }
}

impl Discovery {
    /// An environment file that an ignore file covers may have been committed before, or by force.
    fn add_ignored_but_tracked(&mut self, root: &Path, walked: &[PathBuf]) {
        let mut repositories: Vec<Repository> =
            walked.iter().filter_map(|path| Repository::around(path)).collect();
        repositories.sort_by(|a, b| a.root.cmp(&b.root));
        repositories.dedup_by(|a, b| a.root == b.root);
        let tops: Vec<(&Path, PathBuf)> =
            walked.iter().filter_map(|top| Some((top.as_path(), fs::canonicalize(top).ok()?))).collect();
        for repository in &repositories {
            let tracked = repository.paths.iter().filter(|p| Format::guess(p) == Guess::Certain(Format::Env));
            let files = tracked.map(|path| repository.root.join(path));
            let files = files.filter(|file| {
                file.is_file() && tops.iter().any(|(top, real)| stands_below(top, real, file))
            });
            self.files.extend(files.map(|file| {
                let inside = relative(root, &file);
                (file, inside)
            }));
        }
        self.repositories = repositories;
    }

    /// What version control knows of a file.
    pub fn tracking(&self, file: &Path) -> Tracking {
        let mut known = self.repositories.iter().map(|repository| repository.tracking(file));
        known.rfind(|tracking| *tracking != Tracking::Unknown).unwrap_or_default()
    }
}

/// Whether a file is where its path says, below a folder, which is really at `real`, or that folder itself: no step of it leads up again or
/// through a link, which might end anywhere.
fn stands_below(top: &Path, real: &Path, file: &Path) -> bool {
    let inside = file.strip_prefix(top);
    inside.is_ok_and(|inside| fs::canonicalize(file).is_ok_and(|file| file == real.join(inside)))
}

/// Hidden folders with files around the code.
const CONFIGURATION: [&str; 6] = [".github", ".gitlab", ".gitea", ".forgejo", ".circleci", ".devcontainer"];

/// Whether a part of a path below what was named is hidden.
fn is_hidden(path: &Path, depth: usize) -> bool {
    path.iter().rev().take(depth).any(|part| part.to_string_lossy().starts_with('.'))
}

/// A path below a root, with `/`; the path itself where it is not below.
pub fn relative(root: &Path, path: &Path) -> String {
    let Ok(inside) = path.strip_prefix(root) else { return path.to_string_lossy().replace('\\', "/") };
    let parts = inside.components().filter(|c| !matches!(c, std::path::Component::CurDir));
    let parts: Vec<_> = parts.map(|c| c.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// The text of a source file.
///
/// # Errors
/// The reason why it is skipped, as a user reads it: unreadable, too large, binary, not UTF-8, minified.
pub fn read_source(path: &Path) -> Result<String, String> {
    let bytes = disk::open(path).and_then(|file| disk::read_up_to(file, MAX_FILE_BYTES));
    let bytes = bytes.map_err(|e| e.to_string())?;
    match reason_to_skip(&bytes) {
        Some(reason) => Err(reason),
        None => String::from_utf8(bytes).map_err(|e| e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_around_the_code_are_seen_where_they_hide() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |path: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        for path in [
            "app.py",
            "Dockerfile",
            ".env",
            "ignored/.env",
            "tracked/.env",
            ".github/workflows/ci.yml",
            ".venv/lib.py",
            ".venv/Dockerfile",
            ".hidden.py",
            "notes.txt",
            "values.yaml",
        ] {
            write(path);
        }
        fs::write(root.join(".gitignore"), "ignored/\ntracked/\n").unwrap();
        let mut index = b"DIRC\0\0\0\x02\0\0\0\x01".to_vec();
        index.extend([0; 60]);
        index.extend([0, 12]);
        index.extend(b"tracked/.env\0\0\0\0\0\0");
        fs::create_dir(root.join(".git")).unwrap();
        fs::write(root.join(".git/index"), index).unwrap();
        let found = discover(root, &[root.to_owned()]);
        let sources: Vec<&str> = found.sources.iter().map(|s| s.1.as_str()).collect();
        let files: Vec<&str> = found.files.iter().map(|f| f.1.as_str()).collect();
        assert_eq!(sources, ["app.py"]);
        assert_eq!(files, [".env", ".github/workflows/ci.yml", "Dockerfile", "tracked/.env", "values.yaml"]);
        assert_eq!(found.tracking(&root.join(".env")), Tracking::Untracked);
        assert_eq!(found.tracking(&root.join("tracked/.env")), Tracking::Tracked);
    }
}
