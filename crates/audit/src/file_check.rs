//! What a rule sees while it judges a file around the code.

use shipworthy_evidence::{File, Format, Tracking};
use shipworthy_syntax::Range;

use crate::code_role::CodeRole;
use crate::finding::{At, Finding};
use crate::options::Options;
use crate::rule::Rule;

/// One rule at work on one file around the code.
pub struct FileCheck<'a> {
    pub(crate) rule: &'static Rule,
    pub(crate) file: &'a File,
    pub(crate) role: CodeRole,
    pub(crate) tracking: Tracking,
    pub(crate) options: &'a Options,
    pub(crate) findings: &'a mut Vec<Finding>,
    pub(crate) sites: &'a mut u32,
}

impl<'a> FileCheck<'a> {
    /// Counts one checked site. Every place that the rule judged is a site, sound or not.
    pub fn site(&mut self) {
        *self.sites += 1;
    }

    /// Reports a finding of this rule at a place: [`Finding`]'s methods add the rest.
    pub fn finding(&self, at: impl At, message: impl Into<String>) -> Finding {
        Finding::new(self.rule, at, message)
    }

    /// Reports a finding.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.file.format
    }
    /// The file's path in the workspace, with `/`.
    pub fn path(&self) -> &'a str {
        &self.file.path
    }
    /// The text of a range.
    pub fn slice(&self, range: Range) -> &'a str {
        self.file.slice(range)
    }
    /// What kind of file it is.
    pub fn code_role(&self) -> CodeRole {
        self.role
    }
    /// What version control knows of it.
    pub fn tracking(&self) -> Tracking {
        self.tracking
    }
    /// The rule's options, as set.
    pub fn options(&self) -> &'a Options {
        self.options
    }

    /// The line of an offset, without its line break.
    pub fn line(&self, at: u32) -> Range {
        let (before, behind) = self.file.text.split_at_checked(at as usize).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let end = behind.find('\n').unwrap_or(behind.len());
        let end = before.len() + behind[..end].trim_end_matches('\r').len();
        Range::from(start..end)
    }
    /// The line break of the file, as its first line has it.
    pub fn line_break(&self) -> &'static str {
        let first = self.file.text.split_inclusive('\n').next().unwrap_or_default();
        if first.ends_with("\r\n") { "\r\n" } else { "\n" }
    }
}
