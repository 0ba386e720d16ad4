//! Findings and their fixes.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shipworthy_facts::Node;
use shipworthy_syntax::{Range, Spot};

use crate::level::{Confidence, Severity};
use crate::rule::Rule;

/// A claim about somebody's code. Ranges are bytes: in the item while rules run, in the file once the document hands it out.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule that made it.
    pub rule: &'static Rule,
    /// Where it stands.
    pub range: Range,
    /// What is wrong here, with this code's names.
    pub message: String,
    /// Why it matters.
    pub why: Cow<'static, str>,
    /// What to do.
    pub help: Cow<'static, str>,
    /// Its severity here.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// The quick fix.
    pub fix: Option<Fix>,
    /// The function or class around it: `Class.method`; empty at the top level.
    pub symbol: String,
    /// What identifies it while the code around it moves; see [`crate::fingerprint`]. Empty until the document hands it out.
    pub fingerprint: String,
    /// Why somebody accepted it, if somebody did.
    pub suppressed: Option<Accepted>,
}

/// A suppression's words on a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The reason that was given.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub until: Option<String>,
}

/// Another place that explains a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What stands there.
    pub message: String,
}

/// A place that a finding refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In the same file.
    Here(Range),
    /// A function or method of the workspace, by its absolute name, whose definition is not in view.
    Function(String),
    /// A function or method of the workspace, by its absolute name, with the file and the place of its definition.
    Definition(String, Arc<str>, Spot),
    /// In a file of the workspace, by its path.
    File(Arc<str>, Spot),
}

/// A quick fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, as a button says it: "Use a constant-time compare".
    pub title: String,
    /// Whether it can be applied unseen.
    pub safety: Safety,
    /// Its changes. They do not overlap.
    pub edits: Vec<FixEdit>,
}

/// Whether a fix can be applied unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Safety {
    /// It keeps behaviour, or does what the author plainly meant.
    Safe,
    /// It needs a look.
    Suggested,
}

impl Safety {
    /// `safe` or `suggested`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Suggested => "suggested",
        }
    }
}

/// One change of a fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FixEdit {
    /// Replace a range by a text.
    Replace(Range, String),
    /// Make a name available; where and how is the file's style: see [`crate::imports`].
    Import(ImportRequest),
    /// Declare a library in the project's manifest; which one, and where in it, is told when the fix is asked for: see [`crate::declare`].
    Dependency(Declaration),
    /// Replace a range of another file of the workspace, by its path. Rules ask for [`FixEdit::Dependency`].
    Elsewhere(Arc<str>, Range, String),
}

/// A library that a fix needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// Its name, as the registry knows it.
    pub name: Cow<'static, str>,
    /// The version to ask for, as the manifest's form writes it; empty: any.
    pub version: Cow<'static, str>,
    /// The manifest, where the rule knows it: its path.
    pub manifest: Option<Arc<str>>,
}

/// A name that a fix needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ImportRequest {
    /// What to import: `hmac`, `crypto/subtle`, `subtle::ConstantTimeEq`.
    pub path: String,
    /// The name to import from `path` (Python's `from path import name`); empty: `path` itself.
    pub name: String,
}

impl Finding {
    /// A finding of a rule at a place, with the rule's own severity and high confidence.
    pub fn new(rule: &'static Rule, at: impl At, message: impl Into<String>) -> Self {
        Self {
            rule,
            range: at.range(),
            message: message.into(),
            why: Cow::Borrowed(""),
            help: Cow::Borrowed(""),
            severity: rule.severity,
            confidence: Confidence::High,
            related: Vec::new(),
            fix: None,
            symbol: String::new(),
            fingerprint: String::new(),
            suppressed: None,
        }
    }
    /// Says why it matters.
    pub fn why(mut self, why: impl Into<Cow<'static, str>>) -> Self {
        self.why = why.into();
        self
    }
    /// Says what to do.
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = help.into();
        self
    }
    /// Another severity than the rule's own.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
    /// Another confidence than high.
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }
    /// Adds a place in the same file that explains it.
    pub fn related(mut self, at: impl At, message: impl Into<String>) -> Self {
        self.related.push(Related { place: Place::Here(at.range()), message: message.into() });
        self
    }
    /// Adds a function of the workspace that explains it.
    pub fn related_function(mut self, path: impl Into<String>, message: impl Into<String>) -> Self {
        self.related.push(Related { place: Place::Function(path.into()), message: message.into() });
        self
    }
    /// Adds the quick fix.
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
    /// Adds the quick fix, if there is one.
    pub fn maybe_fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }
}

impl Fix {
    /// A fix without changes yet.
    pub fn new(title: impl Into<String>, safety: Safety) -> Self {
        Self { title: title.into(), safety, edits: Vec::new() }
    }
    /// A safe fix.
    pub fn safe(title: impl Into<String>) -> Self {
        Self::new(title, Safety::Safe)
    }
    /// A fix that needs a look.
    pub fn suggested(title: impl Into<String>) -> Self {
        Self::new(title, Safety::Suggested)
    }
    /// Replaces a place.
    pub fn replace(mut self, at: impl At, text: impl Into<String>) -> Self {
        self.edits.push(FixEdit::Replace(at.range(), text.into()));
        self
    }
    /// Inserts at an offset in bytes.
    pub fn insert(mut self, offset: u32, text: impl Into<String>) -> Self {
        self.edits.push(FixEdit::Replace(Range { start: offset, end: offset }, text.into()));
        self
    }
    /// Adds a change that [`crate::Check::import`] gave, if there is one.
    pub fn import(mut self, edit: Option<FixEdit>) -> Self {
        self.edits.extend(edit);
        self
    }
    /// Declares a library in the manifest.
    pub fn dependency(mut self, name: &'static str, version: &'static str) -> Self {
        self.edits.push(FixEdit::Dependency(Declaration {
            name: name.into(),
            version: version.into(),
            manifest: None,
        }));
        self
    }
    /// Declares a library in a manifest.
    pub fn declare(mut self, name: impl Into<Cow<'static, str>>, manifest: impl Into<Arc<str>>) -> Self {
        let manifest = Some(manifest.into());
        self.edits.push(FixEdit::Dependency(Declaration { name: name.into(), version: "".into(), manifest }));
        self
    }
}

/// A place: a fact or a range.
pub trait At {
    /// Its range in bytes.
    fn range(&self) -> Range;
}

impl At for Range {
    fn range(&self) -> Range {
        *self
    }
}

impl At for Node<'_> {
    fn range(&self) -> Range {
        Node::range(*self)
    }
}
