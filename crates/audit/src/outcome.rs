//! What an audit of files gives: the input of every report.

use std::sync::Arc;

use shipworthy_syntax::Range;

use crate::auditor::Failure;
use crate::finding::Finding;
use crate::inventory::Inventory;
use crate::subject::Subject;

/// Files of more bytes are not audited: code that people write is not that large, data and generated tables are.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;

/// A line of more bytes was written by a minifier.
const MAX_LINE_BYTES: usize = 20_000;

/// Why a file of these bytes is not audited, as a user reads it: too large, binary, not UTF-8, minified.
pub fn reason_to_skip(bytes: &[u8]) -> Option<String> {
    if bytes.len() > MAX_FILE_BYTES {
        Some(format!("larger than {} MiB", MAX_FILE_BYTES >> 20))
    } else if bytes.contains(&0) {
        Some("binary".to_owned())
    } else if let Err(error) = str::from_utf8(bytes) {
        Some(format!("not UTF-8 (byte {})", error.valid_up_to()))
    } else if bytes.split(|b| matches!(b, b'\n' | b'\r')).any(|line| line.len() > MAX_LINE_BYTES) {
        Some(format!("minified (a line of more than {MAX_LINE_BYTES} bytes)"))
    } else {
        None
    }
}

/// The outcome of an audit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The audited files, sorted by path.
    pub files: Vec<AuditedFile>,
    /// Files that were not audited, with the reason, sorted by path.
    pub skipped: Vec<Skipped>,
    /// Rules that panicked while they judged the whole workspace.
    pub failures: Vec<Failure>,
    /// What the workspace has, beside findings.
    pub inventory: Inventory,
}

/// One audited file.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditedFile {
    /// Its path in the workspace, with `/`.
    pub path: String,
    /// Its language or format.
    pub language: Subject,
    /// Its text.
    pub text: Arc<str>,
    /// Its findings, sorted by position and rule. Their fixes hold text changes only: imports have found their place.
    pub findings: Vec<Finding>,
    /// Checked sites by rule.
    pub sites: Vec<(&'static str, u32)>,
    /// Ranges that the parser could not read.
    pub unread: Vec<Range>,
    /// Rules that panicked on it.
    pub failures: Vec<Failure>,
}

/// A file that was not audited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Its path in the workspace, with `/`.
    pub path: String,
    /// Why, as a user reads it.
    pub reason: String,
}

impl Outcome {
    /// All findings with their files, in order.
    pub fn findings(&self) -> impl Iterator<Item = (&AuditedFile, &Finding)> {
        self.files.iter().flat_map(|file| file.findings.iter().map(move |finding| (file, finding)))
    }

    /// Keeps what is of these files, and the capabilities, which are the whole workspace's.
    pub fn keep(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.files.retain(|file| is_kept(&file.path));
        // What has no path stands where nobody knows.
        self.skipped.retain(|skipped| skipped.path.is_empty() || is_kept(&skipped.path));
        self.inventory.keep(is_kept);
    }
}

impl AuditedFile {
    /// How many lines it has.
    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }
}
