//! The report as data: what `--output-format json` writes, field by field, and what every other form is made from. Its schema is
//! published in `docs/schemas/audit.json`. Fields may be added, never renamed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shipworthy_audit::inventory::{
    BlindSpot, Capability, DeclaredService, Dependency, DocumentFile, Route, Service, Span, Status, Table,
    TestKind,
};
use shipworthy_audit::level::{Category, Confidence, Severity};

use crate::excerpt::{Excerpt, Hunk};

/// An audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this form.
    pub version: u32,
    /// What made it.
    pub tool: Tool,
    /// What was audited.
    pub workspace: Workspace,
    /// The verdict.
    pub grade: Grade,
    /// Open findings by severity, and those that were accepted.
    pub counts: Counts,
    /// Scores by category, in the report's order.
    pub categories: Vec<CategoryEntry>,
    /// The projects of the workspace, where it has several, each with the grade of its own code.
    pub projects: Vec<ProjectEntry>,
    /// Rules in force, by category, then by name.
    pub rules: Vec<RuleEntry>,
    /// Findings, sorted by path, position and rule; accepted ones are among them.
    pub findings: Vec<FindingEntry>,
    /// Capabilities, by category, then by name.
    pub capabilities: Vec<Capability>,
    /// External services.
    pub services: Vec<Service>,
    /// Routes.
    pub routes: Vec<Route>,
    /// Database tables.
    pub tables: Vec<Table>,
    /// Declared dependencies.
    pub dependencies: Vec<Dependency>,
    /// Services that deployment files declare.
    pub declared_services: Vec<DeclaredService>,
    /// Tests by kind.
    pub tests: Vec<TestKind>,
    /// Documents for readers.
    pub documents: Vec<DocumentFile>,
    /// What to do first, and what it gives.
    pub plan: Vec<Phase>,
    /// What must hold before production.
    pub checklist: Vec<Check>,
    /// Earlier audits, the oldest first, this one last; empty where none is on record.
    pub trend: Vec<Past>,
    /// What the findings were compared with, where they were.
    pub compared: Option<Compared>,
    /// What was checked and what could not be.
    pub coverage: Coverage,
}

/// What made a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `shipworthy`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of the score's numbers.
    pub rubric: u32,
}

/// What was audited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workspace {
    /// The folder, as it was named.
    pub root: String,
    /// Its name.
    pub name: String,
    /// The day of the commit, `YYYY-MM-DD`, unless another one was asked for.
    pub date: Option<String>,
    /// The commit that is checked out.
    pub commit: Option<String>,
    /// Whether what was audited is what was committed.
    pub clean: Option<bool>,
    /// Audited files.
    pub files: u64,
    /// Their lines.
    pub lines: u64,
    /// Audited files by language.
    pub languages: BTreeMap<String, u64>,
}

/// The verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grade {
    /// The letter; none where too little was checked.
    pub letter: Option<String>,
    /// The score out of 100, with one decimal; none where nothing was to be judged.
    pub score: Option<f64>,
    /// The score before all caps.
    pub raw: Option<f64>,
    /// Whether an open blocking finding caps it.
    pub capped: bool,
    /// Whether too little was checked for a grade to rely on.
    pub provisional: bool,
    /// Whether it is ready.
    pub verdict: Verdict,
    /// Why it is not plainly ready.
    pub reasons: Vec<String>,
    /// The category with the lowest score.
    pub worst_category: Option<Category>,
    /// The project with the lowest score, by its path.
    pub worst_project: Option<String>,
    /// What holds the grade down most, the most first, three at most.
    pub holding: Vec<Holding>,
}

/// Whether something is ready to ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Verdict {
    /// Nothing speaks against it.
    #[serde(rename = "ready")]
    Ready,
    /// With the conditions that are listed.
    #[serde(rename = "ready with conditions")]
    Conditions,
    /// Something blocks it.
    #[serde(rename = "not ready")]
    NotReady,
}

impl Verdict {
    /// As a user reads it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Conditions => "ready with conditions",
            Self::NotReady => "not ready",
        }
    }
}

/// Something that holds the grade down, and what the grade is without it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Holding {
    /// What, in a few words.
    pub what: String,
    /// The rules whose findings it is about.
    pub rules: Vec<String>,
    /// The capability that it is about.
    pub capability: Option<String>,
    /// How many findings it is about.
    pub findings: u64,
    /// The score after fixing it alone.
    pub score: f64,
    /// The raw score after fixing it alone.
    pub raw: f64,
    /// The letter after fixing it alone.
    pub letter: String,
}

/// Open findings by severity, and accepted ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Open blocking findings.
    pub blocking: u64,
    /// Open high findings.
    pub high: u64,
    /// Open medium findings.
    pub medium: u64,
    /// Open low findings.
    pub low: u64,
    /// Findings that somebody accepted.
    pub accepted: u64,
}

/// A category's score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryEntry {
    /// The category.
    pub id: Category,
    /// Its heading.
    pub title: String,
    /// Its weight, as it is set.
    pub weight: u32,
    /// Its part of the grade in percent, with the weight of categories that do not apply shared out.
    pub part: f64,
    /// Its score; none where nothing of it applies.
    pub score: Option<f64>,
    /// Its score before the cap.
    pub raw: Option<f64>,
    /// Whether an open blocking finding caps it.
    pub capped: bool,
    /// The part of the score that comes from code.
    pub code: Option<f64>,
    /// The part of the score that comes from capabilities.
    pub having: Option<f64>,
    /// Places that were checked.
    pub sites: u64,
    /// Places without a finding.
    pub sound: u64,
    /// Open findings.
    pub findings: u64,
    /// Accepted findings.
    pub accepted: u64,
    /// Rules that had something to check.
    pub rules: u64,
    /// Capabilities that apply.
    pub capabilities: u64,
}

/// A project's grade, from its own code alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectEntry {
    /// Its name.
    pub name: String,
    /// Its folder in the workspace.
    pub path: String,
    /// Its audited files.
    pub files: u64,
    /// Its open findings.
    pub findings: u64,
    /// Its letter.
    pub letter: Option<String>,
    /// Its score.
    pub score: Option<f64>,
    /// Its score before all caps.
    pub raw: Option<f64>,
    /// The capabilities as they are judged on it alone.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
}

impl ProjectEntry {
    /// How many of the capabilities that apply to it it has: `7 of 20`; empty where none were judged.
    pub fn present(&self) -> String {
        let applies = self.capabilities.iter().filter(|c| c.status != Status::NotApplicable).count();
        let present = self.capabilities.iter().filter(|c| c.status == Status::Present).count();
        if applies == 0 { String::new() } else { format!("{present} of {applies}") }
    }
}

/// A rule, and what it checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleEntry {
    /// Its name.
    pub id: String,
    /// Its category.
    pub category: Category,
    /// Its severity in force.
    pub severity: Severity,
    /// What it finds, in a line.
    pub summary: String,
    /// Places that it checked.
    pub sites: u64,
    /// Places without a finding.
    pub sound: u64,
    /// Open findings.
    pub findings: u64,
    /// Accepted findings.
    pub accepted: u64,
    /// The share that is sound, by severity; none where it had nothing to judge.
    pub share: Option<f64>,
    /// Its page, for forms that explain.
    #[serde(skip)]
    pub page: &'static str,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingEntry {
    /// `BLOCK-01`, `HIGH-01`, `MED-01`, `LOW-01`.
    pub id: String,
    /// Its rule.
    pub rule: String,
    /// Its category.
    pub category: Category,
    /// Its severity.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The file's path in the workspace, with `/`.
    pub path: String,
    /// Where in it.
    pub range: Span,
    /// What is wrong.
    pub message: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub help: String,
    /// What identifies it while its code moves.
    pub fingerprint: String,
    /// The function or class around it.
    pub symbol: String,
    /// Other places that explain it; of a chain of calls, in its order.
    pub related: Vec<RelatedEntry>,
    /// The quick fix.
    pub fix: Option<FixEntry>,
    /// Why somebody accepted it.
    pub suppressed: Option<AcceptedEntry>,
    /// Whether it is on the baseline, or was there in the revision that the audit is compared with.
    pub known: bool,
    /// The code as it stands.
    #[serde(skip)]
    pub code: Excerpt,
    /// The fix as a diff.
    #[serde(skip)]
    pub diff: Vec<Hunk>,
}

/// Another place that explains a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RelatedEntry {
    /// The file's path in the workspace; none where the place is not in it.
    pub path: Option<String>,
    /// Where in it.
    pub range: Option<Span>,
    /// The function that it is, by its absolute name, where it is a step of a chain of calls.
    pub function: Option<String>,
    /// What stands there.
    pub message: String,
}

/// A quick fix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FixEntry {
    /// What it does.
    pub title: String,
    /// `safe` or `suggested`.
    pub safety: String,
    /// Its changes, none over another.
    pub edits: Vec<EditEntry>,
}

/// One change of a fix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EditEntry {
    /// The file.
    pub path: String,
    /// What goes.
    pub range: Span,
    /// What comes.
    pub text: String,
}

/// Why a finding was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AcceptedEntry {
    /// The reason.
    pub reason: String,
    /// Who gave it, where that is known.
    pub who: Option<String>,
    /// The last day on which it holds.
    pub until: Option<String>,
}

/// A phase of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Phase {
    /// What it is about.
    pub title: String,
    /// The ids of its findings.
    pub findings: Vec<String>,
    /// The capabilities that it adds.
    pub capabilities: Vec<String>,
    /// The files that it changes, with how many of its findings each has.
    pub files: Vec<PhaseFile>,
    /// The score after it and those before it.
    pub score: Option<f64>,
    /// The letter after it.
    pub letter: Option<String>,
}

/// A file of a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseFile {
    /// Its path.
    pub path: String,
    /// The phase's findings in it.
    pub findings: u64,
}

/// An item of the checklist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// What must hold.
    pub what: String,
    /// Its category.
    pub category: Category,
    /// Whether it does.
    pub done: bool,
    /// What says so.
    pub evidence: String,
}

/// An audit on record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Past {
    /// The day of its commit.
    pub date: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// The rubric that it was scored by.
    pub rubric: u32,
    /// Its score.
    pub score: Option<f64>,
    /// Its letter.
    pub letter: Option<String>,
    /// The fingerprints of its open findings.
    pub findings: Vec<String>,
}

/// What the findings were compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// The baseline's file, or the revision.
    pub with: String,
    /// Open findings that are new.
    pub new: u64,
    /// Open findings that were there.
    pub known: u64,
    /// Findings that were there and are no longer.
    pub gone: u64,
}

/// What was checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// The share that was checked, from 0 to 1.
    pub share: f64,
    /// Files that were not audited.
    pub skipped: Vec<SkippedEntry>,
    /// Files of which not all could be read.
    pub broken: Vec<BrokenEntry>,
    /// Rules that are switched off, everywhere or in some files.
    pub off: Vec<OffEntry>,
    /// Rules that broke.
    pub failures: Vec<FailureEntry>,
    /// What is not known well enough to be judged.
    pub blind_spots: Vec<BlindSpot>,
}

/// A file that was not audited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkippedEntry {
    /// Its path.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A file of which not all could be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BrokenEntry {
    /// Its path.
    pub path: String,
    /// The first place that could not be read.
    pub range: Span,
    /// The share of it that could be read.
    pub share: f64,
}

/// A rule that is switched off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OffEntry {
    /// Its name.
    pub rule: String,
    /// The audited files in which it did not run.
    pub files: u64,
}

/// A rule that broke on a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FailureEntry {
    /// Its name.
    pub rule: String,
    /// The file; `.` where it judged the whole workspace.
    pub path: String,
    /// What it said.
    pub message: String,
}

impl Report {
    /// Findings that nobody accepted.
    pub fn open(&self) -> impl Iterator<Item = &FindingEntry> {
        self.findings.iter().filter(|f| f.suppressed.is_none())
    }

    /// The open findings of a rule.
    pub fn of_rule<'a>(&'a self, rule: &'a str) -> impl Iterator<Item = &'a FindingEntry> {
        self.open().filter(move |f| f.rule == rule)
    }

    /// How many findings came since the last audit on record, and how many went.
    pub fn came_and_went(&self) -> (usize, usize) {
        let [.., last, now] = &self.trend[..] else { return (0, 0) };
        let missing = |of: &Past, other: &Past| {
            let other: std::collections::BTreeSet<&String> = other.findings.iter().collect();
            of.findings.iter().filter(|f| !other.contains(f)).count()
        };
        (missing(now, last), missing(last, now))
    }

    /// How many open findings have a severity.
    pub fn count(&self, severity: Severity) -> u64 {
        self.counts.of(severity)
    }
}

impl Counts {
    /// Open findings of a severity.
    pub fn of(&self, severity: Severity) -> u64 {
        match severity {
            Severity::Blocking => self.blocking,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        }
    }
}

impl FindingEntry {
    /// Its first line.
    pub fn line(&self) -> u32 {
        self.range.start.line
    }
}
