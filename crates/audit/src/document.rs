//! A document: one file's text with its findings, kept up through edits. Incremental equals fresh; debug builds assert it.

use shipworthy_facts::Workspace;
use shipworthy_syntax::{Edit, Language, Range, Source};

use crate::auditor::{Auditor, Configuration};
use crate::finding::{Finding, FixEdit, Place};
use crate::home::Home;
use crate::index::IndexedFile;
use crate::outcome::AuditedFile;
use crate::reading::{Analysis, Reading};
use crate::survey::Noted;

/// One file with its findings.
pub struct Document {
    source: Source,
    reading: Reading,
    /// What was found of this file in the whole workspace, in the file's bytes.
    surveyed: Vec<Finding>,
    /// An edit touched some of these.
    lost: bool,
    analysis: Analysis,
    /// What is shown: the analysis, with the last good findings of code that is broken for the moment.
    shown: Vec<Finding>,
}

impl Document {
    /// A document that is not yet analysed. `path` is relative to the workspace, with `/`.
    pub fn new(path: &str, home: &Home, language: Language, text: &str) -> Self {
        let source = Source::new(language, text);
        Self {
            reading: Reading::of(path, home, &source),
            source,
            surveyed: Vec::new(),
            lost: false,
            analysis: Analysis::default(),
            shown: Vec::new(),
        }
    }

    /// The path in the workspace.
    pub fn path(&self) -> &str {
        self.reading.path()
    }
    /// The text with its parse.
    pub fn source(&self) -> &Source {
        &self.source
    }
    /// The file as it was read last.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }
    /// The result of the last [`Document::analyze`].
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }
    /// The findings to show: those of the analysis, and the last good ones of code that is broken for the moment.
    pub fn shown(&self) -> &[Finding] {
        &self.shown
    }

    /// Whether code that is broken for the moment holds a range: what is shown there is from before, and no fix is sure to fit.
    pub fn is_broken(&self, range: Range) -> bool {
        self.reading.broken_units().iter().any(|unit| unit.contains_range(range))
    }
    /// Where a function or method of this file is defined, by its absolute name.
    pub fn definition(&self, path: &str) -> Option<Range> {
        let name = path.strip_prefix(&*self.reading.home().module)?;
        let name = name.strip_prefix(self.source.language().separator())?;
        self.reading.definitions().find(|(n, _)| n == name).map(|(_, range)| range)
    }

    /// Applies an edit. Findings that are shown move with their text; those that the edit touches go.
    pub fn edit(&mut self, edit: &Edit) {
        self.source.edit(edit);
        carry(&mut self.shown, edit);
        self.lost |= carry(&mut self.surveyed, edit);
    }

    /// Replaces the whole text.
    pub fn replace_all(&mut self, text: &str) {
        self.source.replace_all(text);
        self.shown.clear();
        self.lost |= !self.surveyed.is_empty();
        self.surveyed.clear();
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

    /// Whether edits since the last such question touched a place that was found in the whole workspace: nobody knows of it until that is
    /// surveyed again.
    pub fn has_lost(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }

    /// Brings the findings up to date with the text.
    pub fn analyze(
        &mut self,
        auditor: &Auditor,
        configuration: &Configuration,
        base: &dyn Workspace,
    ) -> &Analysis {
        self.reading.refresh(&self.source);
        self.analysis = compute(&mut self.reading, &self.surveyed, auditor, configuration, base);
        #[cfg(debug_assertions)]
        {
            let (path, text) = (self.reading.path(), self.source.text().to_string());
            let mut fresh = Reading::new(path, self.reading.home(), self.source.language(), &text);
            let fresh = compute(&mut fresh, &self.surveyed, auditor, configuration, base);
            debug_assert_eq!(self.analysis, fresh, "incremental analysis differs from a fresh one");
        }
        self.hold();
        &self.analysis
    }

    /// Keeps the last good findings of units that are broken now.
    fn hold(&mut self) {
        let broken: Vec<Range> = self.reading.broken_units();
        let is_broken = |range: Range| broken.iter().any(|b| b.start <= range.start && range.end <= b.end);
        let held = self.shown.drain(..).filter(|f| is_broken(f.range));
        let healthy = self.analysis.findings.iter().filter(|f| !is_broken(f.range)).cloned();
        let mut shown: Vec<Finding> = held.chain(healthy).collect();
        // A unit that was broken from the start has no last good findings: what can be read of it is better than nothing.
        let first_look = self.analysis.findings.iter().filter(|f| is_broken(f.range) && shown.is_empty());
        let first_look: Vec<Finding> = first_look.cloned().collect();
        shown.extend(first_look);
        shown.sort_by(|a, b| (a.range, a.rule.name).cmp(&(b.range, b.rule.name)));
        self.shown = shown;
    }

    /// The text changes of a finding's fix in this file, sorted and without overlaps, in the file's bytes; none where it has no fix.
    pub fn fix_edits(&self, finding: &Finding) -> Option<Vec<Edit>> {
        self.reading.fix_edits(finding)
    }

    /// The change that accepts a finding where it stands; none where there is no place for a comment.
    pub fn ignore(&self, finding: &Finding, reason: &str) -> Option<Edit> {
        self.reading.ignore(finding, reason)
    }

    /// What a survey needs of the document, as it was analysed last.
    pub fn noted(&self) -> Noted {
        self.reading.noted(self.analysis.summary.clone())
    }

    /// The document for the index of its workspace.
    pub fn indexed(&self) -> IndexedFile {
        self.reading.indexed(self.analysis.summary.clone())
    }

    /// The document as a part of an audit's outcome.
    pub fn outcome(&self) -> AuditedFile {
        self.reading.outcome(&self.analysis)
    }
}

fn compute(
    reading: &mut Reading,
    surveyed: &[Finding],
    auditor: &Auditor,
    configuration: &Configuration,
    base: &dyn Workspace,
) -> Analysis {
    let mut analysis = reading.judge(auditor, configuration, base);
    reading.finish(&mut analysis, surveyed, auditor, configuration);
    analysis
}

/// Moves findings with their text; true where the edit touches any: these go.
pub(crate) fn carry(findings: &mut Vec<Finding>, edit: &Edit) -> bool {
    let grown = i64::from(edit.text.len() as u32) - i64::from(edit.range.len());
    let before = findings.len();
    findings.retain_mut(|finding| shift(finding, edit.range, grown));
    findings.len() < before
}

/// Moves a finding with its text through an edit; false where the edit touches it. A fix does not outlive an edit that touches what it
/// changes.
fn shift(finding: &mut Finding, edited: Range, grown: i64) -> bool {
    let place = |range: Range| -> Option<Range> {
        if range.end <= edited.start {
            return Some(range);
        }
        if range.start >= edited.end {
            let by = |offset: u32| (i64::from(offset) + grown).max(0) as u32;
            return Some(Range { start: by(range.start), end: by(range.end) });
        }
        None
    };
    let Some(range) = place(finding.range) else { return false };
    finding.range = range;
    finding.related.retain_mut(|related| match &mut related.place {
        Place::Here(range) => place(*range).map(|r| *range = r).is_some(),
        Place::Function(_) | Place::Definition(..) | Place::File(..) => true,
    });
    let intact = finding.fix.iter_mut().flat_map(|f| &mut f.edits).all(|edit| match edit {
        FixEdit::Replace(range, _) => place(*range).map(|r| *range = r).is_some(),
        _ => true,
    });
    if !intact {
        finding.fix = None;
    }
    true
}
