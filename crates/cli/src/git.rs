//! What git knows of a workspace. Where there is no git, or no repository, nothing is known.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use shipworthy_audit::MAX_FILE_BYTES;
use tempfile::TempDir;

/// The repository around a folder.
pub(crate) struct Repository {
    folder: PathBuf,
    /// The folder's path in the repository, with `/` at its end; empty at the top.
    prefix: String,
}

/// A commit.
pub(crate) struct Commit {
    pub(crate) id: String,
    /// `YYYY-MM-DD`.
    pub(crate) date: String,
}

/// The tree of another revision, for as long as this lives.
pub(crate) struct Tree {
    /// What stands for the workspace in it.
    pub(crate) root: PathBuf,
    _folder: TempDir,
}

impl Repository {
    /// The repository around a folder, if there is one.
    pub(crate) fn around(folder: &Path) -> Option<Self> {
        let prefix = text(run(folder, &["rev-parse", "--show-prefix"]).ok()?);
        Some(Self { folder: folder.to_owned(), prefix })
    }

    /// What is checked out.
    pub(crate) fn head(&self) -> Option<Commit> {
        // The author's own time zone decides what day it is, wherever this runs.
        let said = text(run(&self.folder, &["log", "-1", "--format=%H %cs"]).ok()?);
        let (id, date) = said.split_once(' ')?;
        Some(Commit { id: id.to_owned(), date: date.to_owned() })
    }

    /// Whether what was audited is what was committed. A new file counts only where it was audited: the report may be one.
    pub(crate) fn is_clean(&self, audited: &BTreeSet<&str>) -> Option<bool> {
        // In a repository within this one git would run by its settings: of those only the commit is compared.
        let arguments = [
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
            "--no-renames",
            "--ignore-submodules=dirty",
            "--",
            ".",
        ];
        let mut git = command(&self.folder);
        git.args(arguments);
        without_filters(&mut git, &self.folder).ok()?;
        let said = output(&mut git).ok()?;
        let said = String::from_utf8_lossy(&said);
        let counts = |entry: &str| match entry.strip_prefix("?? ") {
            Some(path) => audited.contains(path.strip_prefix(&self.prefix).unwrap_or(path)),
            None => true,
        };
        Some(!said.split('\0').filter(|entry| !entry.is_empty()).any(counts))
    }

    /// The workspace as it was in a revision.
    pub(crate) fn tree(&self, revision: &str) -> Result<Tree, String> {
        let commit = format!("{revision}^{{commit}}");
        let id = run(&self.folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]);
        let id = text(id.map_err(|_| format!("--since {revision}: git knows no such revision"))?);
        let folder = tempfile::tempdir().map_err(|e| format!("a temporary folder: {e}"))?;
        // The temporary folder may be known by a link; what is found below it must be found below this.
        let top = fs::canonicalize(folder.path()).map_err(|e| format!("a temporary folder: {e}"))?;
        let blobs = self.blobs(&id)?;
        self.write(&blobs, &top).map_err(|e| format!("--since {revision}: {e}"))?;
        let root = top.join(&self.prefix);
        fs::create_dir_all(&root).map_err(|e| format!("a temporary folder: {e}"))?;
        Ok(Tree { root, _folder: folder })
    }

    /// The files of a commit that an audit reads, each with the name of its content. Links and modules of other repositories are none.
    fn blobs(&self, commit: &str) -> Result<Vec<(String, PathBuf)>, String> {
        let mut arguments = vec!["ls-tree", "-r", "-z", "-l", "--full-tree", commit];
        if !self.prefix.is_empty() {
            arguments.extend(["--", &self.prefix]);
        }
        let listed = run(&self.folder, &arguments)?;
        let listed = String::from_utf8_lossy(&listed);
        let blob = |line: &str| {
            let (about, path) = line.split_once('\t')?;
            let [mode, "blob", id, size] = about.split_whitespace().collect::<Vec<_>>()[..] else {
                return None;
            };
            let path = PathBuf::from(path);
            let is_below = path.components().all(|c| matches!(c, Component::Normal(_)));
            let is_file = mode.starts_with("100");
            let fits = size.parse::<usize>().is_ok_and(|size| size <= MAX_FILE_BYTES);
            (is_below && is_file && fits).then(|| (id.to_owned(), path))
        };
        Ok(listed.split('\0').filter_map(blob).collect())
    }

    /// Writes files below a folder.
    fn write(&self, blobs: &[(String, PathBuf)], below: &Path) -> std::io::Result<()> {
        let mut git = command(&self.folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(mut wanted), Some(given)) = (git.stdin.take(), git.stdout.take()) else {
            return Err(std::io::Error::other("git takes no questions"));
        };
        let ids: String = blobs.iter().map(|(id, _)| format!("{id}\n")).collect();
        // Asked from a thread of its own: git answers before it has read all questions.
        let asking = std::thread::spawn(move || wanted.write_all(ids.as_bytes()));
        let mut given = BufReader::new(given);
        for (_, path) in blobs {
            let mut head = String::new();
            given.read_line(&mut head)?;
            let size = head.trim_end().rsplit_once(' ').and_then(|(_, size)| size.parse::<usize>().ok());
            let mut content = vec![0; size.ok_or_else(|| std::io::Error::other("git gives no such file"))?];
            given.read_exact(&mut content)?;
            given.read_exact(&mut [0])?;
            let path = below.join(path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(path, content)?;
        }
        let asked = asking.join().unwrap_or(Ok(()));
        git.wait()?;
        asked
    }
}

/// Git, which changes nothing, asks nobody, fetches nothing and runs no program that the repository's settings name.
fn command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder);
    for setting in [
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.quotePath=false",
        "log.showSignature=false",
    ] {
        git.args(["-c", setting]);
    }
    // What a partial clone lacks would be fetched, by any program that its settings name.
    git.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
    git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    git.stdin(Stdio::null()).stderr(Stdio::piped());
    git
}

/// Where git reads files of the work tree, a repository's filters would run on them: each that is set is set to none.
fn without_filters(git: &mut Command, folder: &Path) -> Result<(), String> {
    let mut listing = command(folder);
    listing.args(["config", "--null", "--name-only", "--get-regexp", r"^filter\."]);
    // It fails where there is none.
    let listed = listing.output().map_err(|e| format!("git: {e}"))?.stdout;
    let listed = String::from_utf8_lossy(&listed);
    let filter = |key: &str| key.rsplit_once('.').map(|(filter, _)| filter.to_owned());
    let filters: BTreeSet<String> = listed.split('\0').filter_map(filter).collect();
    let off = [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")];
    let off = filters.iter().flat_map(|filter| off.map(|(key, value)| (format!("{filter}.{key}"), value)));
    // Not as `-c`: a name may hold a `=`.
    let mut count = 0;
    for (key, value) in off {
        git.env(format!("GIT_CONFIG_KEY_{count}"), key).env(format!("GIT_CONFIG_VALUE_{count}"), value);
        count += 1;
    }
    git.env("GIT_CONFIG_COUNT", count.to_string());
    Ok(())
}

fn run(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    output(command(folder).args(arguments))
}

fn output(git: &mut Command) -> Result<Vec<u8>, String> {
    let output = git.output().map_err(|e| format!("git: {e}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("git: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned()
}
