//! A file around the code with its findings, kept up through edits. Such files are small: each analysis reads all of it.

use std::sync::Arc;

use shipworthy_evidence::{File, Format, Tracking};
use shipworthy_syntax::{Edit, Range, Text};

use crate::auditor::{Auditor, Configuration};
use crate::code_role::CodeRole;
use crate::document::carry;
use crate::finding::{Finding, FixEdit};
use crate::fingerprint::{fingerprint, number};
use crate::outcome::AuditedFile;
use crate::reading::{Analysis, order};
use crate::suppression;
use crate::survey::Around;

/// One file around the code.
pub struct FileDocument {
    text: Text,
    /// The file as it was read last.
    file: Arc<File>,
    tracking: Tracking,
    is_locked: bool,
    /// What was found of this file in the whole workspace, in the file's bytes.
    surveyed: Vec<Finding>,
    /// An edit touched some of these.
    lost: bool,
    analysis: Analysis,
    /// What is shown: the analysis, with the last good findings of what cannot be read for the moment.
    shown: Vec<Finding>,
}

impl FileDocument {
    /// A file that is not yet analysed. `path` is relative to the workspace, with `/`.
    pub fn new(path: &str, format: Format, text: &str) -> Self {
        Self {
            text: Text::new(text),
            file: Arc::new(File::read(path, format, text)),
            tracking: Tracking::Unknown,
            is_locked: false,
            surveyed: Vec::new(),
            lost: false,
            analysis: Analysis::default(),
            shown: Vec::new(),
        }
    }

    /// Tells it what version control knows of it.
    pub fn set_tracking(&mut self, tracking: Tracking) {
        self.tracking = tracking;
    }

    /// Tells it whether a lock file stands beside it, or above it.
    pub fn set_locked(&mut self, is_locked: bool) {
        self.is_locked = is_locked;
    }

    /// The path in the workspace.
    pub fn path(&self) -> &str {
        &self.file.path
    }
    /// The format.
    pub fn format(&self) -> Format {
        self.file.format
    }
    /// The text, with the edits since the last analysis.
    pub fn text(&self) -> &Text {
        &self.text
    }
    /// The file as the last analysis read it.
    pub fn file(&self) -> &Arc<File> {
        &self.file
    }
    /// The result of the last [`FileDocument::analyze`].
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }
    /// The findings to show: those of the analysis, and the last good ones of what cannot be read for the moment.
    pub fn shown(&self) -> &[Finding] {
        &self.shown
    }
    /// Whether what cannot be read holds a range: what is shown there is from before, and no fix is sure to fit.
    pub fn is_broken(&self, range: Range) -> bool {
        self.file.unread.iter().any(|unread| unread.contains_range(range))
    }

    /// Applies an edit. Findings that are shown move with their text; those that the edit touches go.
    pub fn edit(&mut self, edit: &Edit) {
        self.text.replace(edit.range, &edit.text);
        carry(&mut self.shown, edit);
        self.lost |= carry(&mut self.surveyed, edit);
    }

    /// Takes over what was found of this file in the whole workspace, in the bytes of its text as it is, or was before an edit.
    pub fn adopt(&mut self, surveyed: Vec<Finding>, since: Option<&Edit>) {
        self.surveyed = surveyed;
        if let Some(edit) = since {
            self.lost |= carry(&mut self.surveyed, edit);
        }
    }

    /// What was found of this file in the whole workspace, where edits moved it.
    pub fn surveyed(&self) -> &[Finding] {
        &self.surveyed
    }

    /// Whether edits since the last such question touched a place that was found in the whole workspace.
    pub fn has_lost(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }

    /// The file as a survey sees it.
    pub fn around<'a>(&'a self, configuration: &'a Configuration) -> Around<'a> {
        Around {
            file: &self.file,
            text: &self.text,
            role: self.role(),
            tracking: self.tracking,
            is_locked: self.is_locked,
            configuration,
        }
    }

    fn role(&self) -> CodeRole {
        let file = &*self.file;
        CodeRole::of_file(file.format, &file.path, file.text.get(..2_000).unwrap_or(&file.text))
    }

    /// Brings the findings up to date with the text.
    pub fn analyze(&mut self, auditor: &Auditor, configuration: &Configuration) -> &Analysis {
        if self.text != *self.file.text {
            let (path, format) = (&self.file.path, self.file.format);
            self.file = Arc::new(File::read(path, format, &self.text.to_string()));
        }
        self.analysis = self.compute(auditor, configuration);
        let held = self.shown.iter().filter(|finding| self.is_broken(finding.range));
        let healthy = self.analysis.findings.iter().filter(|finding| !self.is_broken(finding.range));
        let mut shown: Vec<Finding> = held.chain(healthy).cloned().collect();
        shown.sort_by(order);
        self.shown = shown;
        &self.analysis
    }

    fn compute(&self, auditor: &Auditor, configuration: &Configuration) -> Analysis {
        let file = &*self.file;
        let role = self.role();
        let judged = auditor.judge_file(file, role, self.tracking, configuration);
        let mut analysis = Analysis {
            findings: judged.findings.into_iter().chain(self.surveyed.iter().cloned()).collect(),
            failures: judged.failures,
            unread: file.unread.clone(),
            ..Analysis::default()
        };
        let rules = auditor.rules();
        analysis.sites = judged.sites.iter().map(|(rule, count)| (rules[*rule].name, *count)).collect();
        for finding in &mut analysis.findings {
            auditor.set_severity(finding, configuration);
            finding.fingerprint = fingerprint(finding, &file.path, file.slice(finding.range));
        }
        analysis.findings.sort_by(order);
        analysis.findings.dedup_by(|a, b| a.range == b.range && a.rule.name == b.rule.name);
        number(&mut analysis.findings);
        if file.text.contains(suppression::MARK) {
            let file = suppression::File {
                path: &file.path,
                text: &file.text,
                comments: &file.comments,
                spans: &file.spans,
                is_broken: !file.unread.is_empty(),
            };
            suppression::settle(&mut analysis, &file, auditor, configuration, role);
        }
        analysis.findings.retain(|finding| finding.confidence >= configuration.minimum_confidence);
        analysis
    }

    /// The text changes of a finding's fix, sorted and without overlaps; none where it has no fix.
    pub fn fix_edits(&self, finding: &Finding) -> Option<Vec<Edit>> {
        let replacements = finding.fix.as_ref()?.edits.iter().filter_map(|edit| match edit {
            FixEdit::Replace(range, text) => Some(Edit::new(*range, text.clone())),
            FixEdit::Import(_) | FixEdit::Dependency(_) | FixEdit::Elsewhere(..) => None,
        });
        let mut edits: Vec<Edit> = replacements.collect();
        edits.sort_by_key(|e| (e.range.start, e.range.end));
        Some(edits)
    }

    /// The change that accepts a finding where it stands; none where there is no place for a comment.
    pub fn ignore(&self, finding: &Finding, reason: &str) -> Option<Edit> {
        let file = &*self.file;
        let (sign, at) = (file.comment_sign()?, finding.range.start);
        suppression::ignore_here(&file.text, sign, &file.spans, at, finding.rule.name, reason)
    }

    /// The file as a part of an audit's outcome.
    pub fn outcome(&self) -> AuditedFile {
        AuditedFile {
            path: self.file.path.clone(),
            language: self.file.format.into(),
            text: self.file.text.clone(),
            findings: self.analysis.findings.clone(),
            sites: self.analysis.sites.clone(),
            unread: self.analysis.unread.clone(),
            failures: self.analysis.failures.clone(),
        }
    }
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "a rule's constant is public")]
mod tests {
    use super::*;

    use crate::file_check::FileCheck;

    crate::rule! {
        /// A root user
        name: "root-user",
        category: Configuration,
        severity: High,
        scope: File,
        files: [Dockerfile],
        check_file: check,
    }

    fn check(cx: &mut FileCheck<'_>, file: &File) {
        for instruction in file.dockerfile().into_iter().flat_map(|d| &d.stages).flat_map(|s| &s.instructions)
        {
            cx.site();
            if instruction.keyword == "USER" && instruction.text == "root" {
                let fix = crate::Fix::safe("Use app").replace(instruction.text_range, "app");
                cx.report(cx.finding(instruction.range, "root").why("why").help("help").fix(fix));
            }
        }
    }

    fn analyzed(text: &str) -> (FileDocument, Auditor) {
        let auditor = Auditor::new(&[&RULE]);
        let mut document = FileDocument::new("api/Dockerfile", Format::Dockerfile, text);
        document.analyze(&auditor, &auditor.default_configuration());
        (document, auditor)
    }

    #[test]
    fn findings_have_sites_fingerprints_fixes_and_suppressions() {
        let (document, _) = analyzed("FROM a:1\nUSER root\nRUN x\nUSER root\n");
        let outcome = document.outcome();
        assert_eq!(outcome.sites, [("root-user", 3)]);
        let [first, second] = &outcome.findings[..] else { panic!("two findings") };
        assert!(!first.fingerprint.is_empty() && first.fingerprint != second.fingerprint);
        assert_eq!(document.fix_edits(first).unwrap(), [Edit::new(Range::new(14, 18), "app")]);
        let ignore = document.ignore(second, "because").unwrap();
        assert_eq!(ignore.text, "# shipworthy: ignore[root-user] because\n");
        let mut document = document;
        document.edit(&ignore);
        let auditor = Auditor::new(&[&RULE]);
        let analysis = document.analyze(&auditor, &auditor.default_configuration());
        let accepted: Vec<bool> = analysis.findings.iter().map(|f| f.suppressed.is_some()).collect();
        assert_eq!(accepted, [false, true]);
    }

    #[test]
    fn findings_stay_while_their_place_cannot_be_read() {
        let (mut document, auditor) = analyzed("FROM a:1\nUSER root\n");
        document.edit(&Edit::new(Range::new(9, 9), "X"));
        document.analyze(&auditor, &auditor.default_configuration());
        assert_eq!(document.analysis().findings.len(), 0);
        assert_eq!(document.shown().len(), 1);
        document.edit(&Edit::new(Range::new(9, 10), ""));
        document.analyze(&auditor, &auditor.default_configuration());
        assert_eq!(document.shown(), document.analysis().findings);
    }
}
