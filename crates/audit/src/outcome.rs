//! What an audit of files gives: the input of every report.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use shipworthy_syntax::{Range, Text};

use crate::auditor::Failure;
use crate::finding::{Finding, Fix, FixEdit, Place, Related};
use crate::fingerprint;
use crate::inventory::Inventory;
use crate::redact;
use crate::subject::Subject;

/// Files of more bytes are not audited: code that people write is not that large, data and generated tables are.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;

/// A line of more bytes was written by a minifier.
const MAX_LINE_BYTES: usize = 20_000;

/// The rules whose findings stand on the value of a secret.
const SECRET: [&str; 3] = ["hardcoded-secret", "secret-with-default", "default-credentials"];

/// How many names and how many places one finding tells that stands for many.
const NAMED: usize = 5;
const RELATED: usize = 10;

/// Why a file of these bytes is not audited, as a user reads it: too large, binary, not UTF-8, minified.
pub fn reason_to_skip(bytes: &[u8]) -> Option<String> {
    let text =
        || str::from_utf8(bytes).err().map(|error| format!("not UTF-8 (byte {})", error.valid_up_to()));
    too_large(bytes.len()).or_else(|| binary([bytes])).or_else(text).or_else(|| minified([bytes]))
}

/// Why a text is not audited, as [`reason_to_skip`].
pub fn reason_to_skip_text(text: &Text) -> Option<String> {
    let chunks = || text.chunks().map(str::as_bytes);
    too_large(text.len() as usize).or_else(|| binary(chunks())).or_else(|| minified(chunks()))
}

fn too_large(bytes: usize) -> Option<String> {
    (bytes > MAX_FILE_BYTES).then(|| format!("larger than {} MiB", MAX_FILE_BYTES >> 20))
}

fn binary<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Option<String> {
    chunks.into_iter().any(|chunk| memchr::memchr(0, chunk).is_some()).then(|| "binary".to_owned())
}

fn minified<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Option<String> {
    let mut line = 0;
    let is_long = chunks.into_iter().any(|chunk| {
        let mut from = 0;
        let is_long = memchr::memchr2_iter(b'\n', b'\r', chunk).any(|end| {
            let length = line + end - from;
            (line, from) = (0, end + 1);
            length > MAX_LINE_BYTES
        });
        line += chunk.len() - from;
        is_long
    });
    let reason = || format!("minified (a line of more than {MAX_LINE_BYTES} bytes)");
    (is_long || line > MAX_LINE_BYTES).then(reason)
}

/// The outcome of an audit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The audited files, sorted by path.
    pub files: Vec<AuditedFile>,
    /// Files that were not asked for, without their findings: fixes of those that were change them. Sorted by path.
    pub needed: Vec<AuditedFile>,
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

    /// The files that fixes may change, and those that they come from, in no order.
    pub fn all_files(&self) -> impl Iterator<Item = &AuditedFile> {
        self.files.iter().chain(&self.needed)
    }

    /// Keeps what is of these files, and the capabilities, which are the whole workspace's.
    pub fn keep(&mut self, is_kept: impl Fn(&str) -> bool) {
        let (kept, others) =
            std::mem::take(&mut self.files).into_iter().partition(|file| is_kept(&file.path));
        self.files = kept;
        let fixes = self.files.iter().flat_map(|file| &file.findings).filter_map(|f| f.fix.as_ref());
        let changed: BTreeSet<&str> = fixes
            .flat_map(|fix| &fix.edits)
            .filter_map(|edit| match edit {
                FixEdit::Elsewhere(path, ..) => Some(&**path),
                _ => None,
            })
            .collect();
        let needed = others.into_iter().filter(|file: &AuditedFile| changed.contains(file.path.as_str()));
        let bare = |file| AuditedFile { findings: Vec::new(), sites: Vec::new(), ..file };
        self.needed = needed.map(bare).collect();
        // What has no path stands where nobody knows.
        self.skipped.retain(|skipped| skipped.path.is_empty() || is_kept(&skipped.path));
        self.inventory.keep(is_kept);
    }
}

impl AuditedFile {
    /// Its findings as a report shows them: those of a rule whose findings are many and alike are one, at the first of them.
    pub fn gathered(&self) -> Vec<Cow<'_, Finding>> {
        let alike = |f: &Finding| f.rule.gathered.is_some() && f.suppressed.is_none();
        let mut shown: Vec<Cow<'_, Finding>> = Vec::with_capacity(self.findings.len());
        let mut done: Vec<&str> = Vec::new();
        for finding in &self.findings {
            let Some(what) = finding.rule.gathered.filter(|_| alike(finding)) else {
                shown.push(Cow::Borrowed(finding));
                continue;
            };
            if done.contains(&finding.rule.name) {
                continue;
            }
            done.push(finding.rule.name);
            let all: Vec<&Finding> =
                self.findings.iter().filter(|f| alike(f) && f.rule == finding.rule).collect();
            shown.push(Cow::Owned(self.gather(what, &all)));
        }
        shown
    }

    /// One finding that stands for several of a rule.
    fn gather(&self, what: &str, all: &[&Finding]) -> Finding {
        let mut one = all[0].clone();
        if all.len() > 1 {
            let name =
                |f: &Finding| self.text.get(f.range.start as usize..f.range.end as usize).unwrap_or("");
            let sites =
                self.sites.iter().find(|(rule, _)| *rule == one.rule.name).map_or(0, |(_, n)| *n as usize);
            let named: Vec<String> = all.iter().take(NAMED).map(|f| format!("`{}`", name(f))).collect();
            let more = if all.len() > NAMED { ", ..." } else { "" };
            one.message =
                format!("{} of {} {what}: {}{more}", all.len(), sites.max(all.len()), named.join(", "));
            let others = all[1..].iter().take(RELATED);
            one.related
                .extend(others.map(|f| Related { place: Place::Here(f.range), message: f.message.clone() }));
            let edits = all.iter().filter_map(|f| f.fix.as_ref()).flat_map(|fix| fix.edits.iter().cloned());
            one.fix = all.iter().find_map(|f| f.fix.clone()).map(|fix| Fix { edits: edits.collect(), ..fix });
        }
        one.symbol.clear();
        one.fingerprint = fingerprint::fingerprint(&one, &self.path, "");
        one
    }

    /// The findings that stand on the value of a secret.
    pub fn secrets(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| SECRET.contains(&finding.rule.name))
    }

    /// Whether there are secrets in it, by what rules found and by how they are written.
    pub fn holds_secrets(&self) -> bool {
        let is_code = matches!(self.language, Subject::Code(_));
        self.secrets().next().is_some() || redact::has_secrets(&self.text, is_code)
    }

    /// How many lines it has.
    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }
}
