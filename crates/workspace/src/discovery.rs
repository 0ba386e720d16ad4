//! Which files an audit reads, and why it leaves others out.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use shipworthy_audit::{MAX_FILE_BYTES, Skipped, reason_to_skip};
use shipworthy_evidence::{Format, Guess};
use shipworthy_syntax::Language;

/// What a walk found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Source files: path on disk and path in the workspace (with `/`), sorted by the latter.
    pub sources: Vec<(PathBuf, String, Language)>,
    /// Files around the code, some of which their text may tell to be none: path on disk and path in the workspace, sorted by the latter.
    pub files: Vec<(PathBuf, String)>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
}

/// Walks the given files and folders below `root`. Ignore files are respected, hidden files left out but those around the code (`.env`,
/// `.github/`), links not followed.
pub fn discover(root: &Path, paths: &[PathBuf]) -> Discovery {
    let mut found = Discovery::default();
    let Some((first, rest)) = paths.split_first() else { return found };
    let mut walk = WalkBuilder::new(first);
    for path in rest {
        walk.add(path);
    }
    walk.require_git(false).follow_links(false).hidden(false);
    walk.filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        let is_folder = entry.file_type().is_some_and(|t| t.is_dir());
        entry.depth() == 0 || !name.starts_with('.') || !is_folder || CONFIGURATION.contains(&&*name)
    });
    for entry in walk.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found.skipped.push(Skipped { path: String::new(), reason: error.to_string() });
                continue;
            }
        };
        // A pipe or a socket would block the reader.
        if !entry.file_type().is_some_and(|t| t.is_file()) {
            continue;
        }
        let path = entry.into_path();
        let inside = relative(root, &path);
        if let Some(language) = Language::from_path(&inside) {
            if !is_hidden(&inside) {
                found.sources.push((path, inside, language));
            }
        } else if Format::guess(&inside) != Guess::None {
            found.files.push((path, inside));
        }
    }
    found.sources.sort_by(|a, b| a.1.cmp(&b.1));
    found.sources.dedup_by(|a, b| a.1 == b.1);
    found.files.sort_by(|a, b| a.1.cmp(&b.1));
    found.files.dedup_by(|a, b| a.1 == b.1);
    found
}

/// Hidden folders with files around the code.
const CONFIGURATION: [&str; 6] = [".github", ".gitlab", ".gitea", ".forgejo", ".circleci", ".devcontainer"];

fn is_hidden(inside: &str) -> bool {
    inside.split('/').any(|part| part.starts_with('.') && !matches!(part, "." | ".."))
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
    let file = fs::File::open(path).map_err(|e| e.to_string())?;
    let mut bytes = Vec::new();
    // One byte more than is audited tells that a file is too large, even one that grows while it is read.
    file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    match reason_to_skip(&bytes) {
        Some(reason) => Err(reason),
        None => String::from_utf8(bytes).map_err(|e| e.to_string()),
    }
}
