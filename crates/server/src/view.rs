//! A document as questions see it: with findings that are up to date.

use shipworthy_audit::settings::Problem;
use shipworthy_audit::{Document, Finding, Fix, suppression};
use shipworthy_syntax::{Edit, Position, Range, Spot, Text};
use tower_lsp_server::ls_types as lsp;

use crate::convert;
use crate::pages::Pages;
use crate::session::Session;
use crate::work::Content;

/// A document whose findings are up to date.
pub(crate) struct View<'a> {
    pub(crate) uri: &'a lsp::Uri,
    pub(crate) version: i32,
    pub(crate) text: &'a Text,
    pub(crate) content: &'a Content,
    pub(crate) session: &'a Session,
    pub(crate) pages: Option<&'a Pages>,
}

impl<'a> View<'a> {
    /// The code, if it is code.
    pub(crate) fn code(&self) -> Option<&'a Document> {
        match self.content {
            Content::Code(document) => Some(document),
            Content::Settings(_) => None,
        }
    }

    /// The findings that are shown: accepted ones are not.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        let shown = self.code().map(Document::shown).unwrap_or_default();
        shown.iter().filter(|finding| finding.suppressed.is_none())
    }

    /// The mistakes, if it is a settings file.
    pub(crate) fn problems(&self) -> &'a [Problem] {
        match self.content {
            Content::Code(_) => &[],
            Content::Settings(problems) => problems,
        }
    }

    /// A finding's fix, if it is sure to fit the code as it stands.
    pub(crate) fn fix(&self, finding: &'a Finding) -> Option<&'a Fix> {
        finding.fix.as_ref().filter(|_| self.code().is_some_and(|code| !code.is_broken(finding.range)))
    }

    /// The comment that accepts a finding, if there is a place for it. What is wrong with a suppression cannot be suppressed.
    pub(crate) fn ignore(&self, finding: &Finding, reason: &str) -> Option<Edit> {
        let code = self.code().filter(|code| !code.is_broken(finding.range))?;
        if suppression::rules::RULES.contains(&finding.rule) { None } else { code.ignore(finding, reason) }
    }

    /// A place in another file of the document's root.
    pub(crate) fn elsewhere(&self, path: &str, spot: &Spot) -> Option<lsp::Location> {
        let root = convert::root_of(&self.session.roots, &convert::file_path(self.uri)?)?;
        let (start, end) = spot.positions(self.session.encoding);
        let position = |p: Position| lsp::Position::new(p.line, p.column);
        let range = lsp::Range::new(position(start), position(end));
        Some(lsp::Location::new(lsp::Uri::from_file_path(root.join(path))?, range))
    }

    /// The range as the client counts.
    pub(crate) fn range(&self, range: Range) -> lsp::Range {
        convert::range(range, self.text, self.session.encoding)
    }

    /// The bytes of a range that the client says.
    pub(crate) fn bytes(&self, range: lsp::Range) -> Range {
        convert::to_bytes(range, self.text, self.session.encoding)
    }
}
