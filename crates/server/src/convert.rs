//! Between the protocol's types and ours.

use std::path::{Path, PathBuf};

use serde_json::json;
use shipworthy_audit::level::Severity;
use shipworthy_audit::settings::Problem;
use shipworthy_audit::{Finding, Place, Rule};
use shipworthy_syntax::{Edit, Encoding, Position, Range, Text};
use shipworthy_workspace::relative;
use tower_lsp_server::ls_types as lsp;
use xxhash_rust::xxh3::xxh3_64;

use crate::view::View;

/// Bytes of a range that the client says; one that is turned around is read the right way.
pub(crate) fn to_bytes(range: lsp::Range, text: &Text, encoding: Encoding) -> Range {
    let offset = |p: lsp::Position| text.offset(Position::new(p.line, p.character), encoding);
    let (a, b) = (offset(range.start), offset(range.end));
    Range { start: a.min(b), end: a.max(b) }
}

/// A range as the client counts.
pub(crate) fn range(range: Range, text: &Text, encoding: Encoding) -> lsp::Range {
    let position = |at| {
        let Position { line, column } = text.position(at, encoding);
        lsp::Position::new(line, column)
    };
    lsp::Range::new(position(range.start), position(range.end))
}

pub(crate) fn encoding(encoding: Encoding) -> lsp::PositionEncodingKind {
    match encoding {
        Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
        Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
        Encoding::Utf32 => lsp::PositionEncodingKind::UTF32,
    }
}

pub(crate) fn severity(severity: Severity) -> lsp::DiagnosticSeverity {
    match severity {
        Severity::Blocking => lsp::DiagnosticSeverity::ERROR,
        Severity::High => lsp::DiagnosticSeverity::WARNING,
        Severity::Medium => lsp::DiagnosticSeverity::INFORMATION,
        Severity::Low => lsp::DiagnosticSeverity::HINT,
    }
}

/// What is shown of a document.
pub(crate) fn diagnostics(view: &View<'_>) -> Vec<lsp::Diagnostic> {
    let problems = view.problems().iter().map(|p| problem(p, view.text, view.session.encoding));
    view.findings().map(|finding| diagnostic(finding, view)).chain(problems).collect()
}

/// A mistake in a settings file as the client shows it.
pub(crate) fn problem(problem: &Problem, text: &Text, encoding: Encoding) -> lsp::Diagnostic {
    lsp::Diagnostic {
        range: range(problem.range, text, encoding),
        severity: Some(lsp::DiagnosticSeverity::WARNING),
        code: Some(lsp::NumberOrString::String("invalid-setting".to_owned())),
        source: Some("shipworthy".to_owned()),
        message: format!("{}\n{}", problem.message, problem.help),
        ..lsp::Diagnostic::default()
    }
}

/// A finding as the client shows it: what is wrong, why it matters and what to do, a line each.
pub(crate) fn diagnostic(finding: &Finding, view: &View<'_>) -> lsp::Diagnostic {
    let parts = [finding.message.as_str(), &finding.why, &finding.help];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let related = finding.related.iter().filter_map(|related| {
        let location = match &related.place {
            Place::Here(range) => lsp::Location::new(view.uri.clone(), view.range(*range)),
            Place::Function(path) => {
                lsp::Location::new(view.uri.clone(), view.range(view.code()?.definition(path)?))
            }
            Place::Definition(_, path, spot) | Place::File(path, spot) => view.elsewhere(path, spot)?,
        };
        Some(lsp::DiagnosticRelatedInformation { location, message: related.message.clone() })
    });
    let related: Vec<_> = related.collect();
    lsp::Diagnostic {
        range: view.range(finding.range),
        severity: Some(severity(finding.severity)),
        code: Some(lsp::NumberOrString::String(finding.rule.name.to_owned())),
        code_description: page(finding.rule, view).map(|href| lsp::CodeDescription { href }),
        source: Some("shipworthy".to_owned()),
        message: parts.join("\n"),
        related_information: (!related.is_empty()).then_some(related),
        tags: None,
        data: Some(json!({ "fingerprint": finding.fingerprint, "category": finding.rule.category.id() })),
    }
}

/// Diagnostics for a client that asked for them; it has them already where it names the same set.
pub(crate) fn report(items: Vec<lsp::Diagnostic>, known: Option<&str>) -> lsp::DocumentDiagnosticReport {
    let result_id = format!("{:016x}", xxh3_64(json!(items).to_string().as_bytes()));
    if known == Some(result_id.as_str()) {
        let report = lsp::UnchangedDocumentDiagnosticReport { result_id };
        return lsp::RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: report,
        }
        .into();
    }
    let report = lsp::FullDocumentDiagnosticReport { result_id: Some(result_id), items };
    lsp::RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: report,
    }
    .into()
}

/// The same among those of a workspace.
pub(crate) fn workspace_report(
    report: lsp::DocumentDiagnosticReport,
    uri: lsp::Uri,
    version: Option<i32>,
) -> lsp::WorkspaceDocumentDiagnosticReport {
    let version = version.map(i64::from);
    match report {
        lsp::DocumentDiagnosticReport::Full(report) => lsp::WorkspaceFullDocumentDiagnosticReport {
            uri,
            version,
            full_document_diagnostic_report: report.full_document_diagnostic_report,
        }
        .into(),
        lsp::DocumentDiagnosticReport::Unchanged(report) => lsp::WorkspaceUnchangedDocumentDiagnosticReport {
            uri,
            version,
            unchanged_document_diagnostic_report: report.unchanged_document_diagnostic_report,
        }
        .into(),
    }
}

fn page(rule: &Rule, view: &View<'_>) -> Option<lsp::Uri> {
    view.pages.and_then(|pages| pages.uri(rule))
}

/// Changes of one document, as the client takes them.
pub(crate) fn workspace_edit(edits: Vec<Edit>, view: &View<'_>) -> lsp::WorkspaceEdit {
    let changed = edits.into_iter().map(|edit| lsp::TextEdit::new(view.range(edit.range), edit.text));
    if !view.session.document_changes {
        return lsp::WorkspaceEdit::new([(view.uri.clone(), changed.collect())].into());
    }
    let document =
        lsp::OptionalVersionedTextDocumentIdentifier { uri: view.uri.clone(), version: Some(view.version) };
    let edit =
        lsp::TextDocumentEdit { text_document: document, edits: changed.map(lsp::OneOf::Left).collect() };
    lsp::WorkspaceEdit {
        document_changes: Some(lsp::DocumentChanges::Edits(vec![edit])),
        ..lsp::WorkspaceEdit::default()
    }
}

/// Adds the changes of another document: of one that is closed, without a version.
pub(crate) fn add_edits(
    edit: &mut lsp::WorkspaceEdit,
    uri: &lsp::Uri,
    version: Option<i32>,
    changes: Vec<lsp::TextEdit>,
    document_changes: bool,
) {
    if !document_changes {
        edit.changes.get_or_insert_default().insert(uri.clone(), changes);
        return;
    }
    let document = lsp::OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version };
    let edits = changes.into_iter().map(lsp::OneOf::Left).collect();
    if let Some(lsp::DocumentChanges::Edits(all)) = &mut edit.document_changes {
        all.push(lsp::TextDocumentEdit { text_document: document, edits });
    }
}

/// The file of a document that is one.
pub(crate) fn file_path(uri: &lsp::Uri) -> Option<PathBuf> {
    (uri.scheme().as_str() == "file").then(|| uri.to_file_path())?.map(|path| path.into_owned())
}

/// A document's path in the innermost of the roots that holds it, with `/`; of one that none holds, its name.
pub(crate) fn path_in(roots: &[PathBuf], uri: &lsp::Uri) -> String {
    let Some(path) = file_path(uri) else {
        return uri.path().decode().to_string_lossy().trim_start_matches('/').to_owned();
    };
    let inside = root_of(roots, &path).and_then(|root| path.strip_prefix(root).ok());
    let inside = inside.unwrap_or_else(|| path.file_name().map(Path::new).unwrap_or(&path));
    relative(Path::new(""), inside)
}

/// The innermost of the roots that holds a path.
pub(crate) fn root_of<'r>(roots: &'r [PathBuf], path: &Path) -> Option<&'r PathBuf> {
    let around = roots.iter().filter(|root| path.starts_with(root));
    around.max_by_key(|root| root.components().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> lsp::Uri {
        text.parse().unwrap()
    }

    #[test]
    fn a_path_is_relative_to_the_innermost_root() {
        let roots = ["/work", "/work/api"].map(PathBuf::from);
        assert_eq!(path_in(&roots, &uri("file:///work/api/src/a%20b.py")), "src/a b.py");
        assert_eq!(path_in(&roots, &uri("file:///work/web/x.py")), "web/x.py");
        assert_eq!(path_in(&roots, &uri("file:///tests/x.py")), "x.py");
        assert_eq!(path_in(&roots, &uri("untitled:Untitled-1")), "Untitled-1");
    }

    #[test]
    fn a_range_that_is_turned_around_or_outside_is_read_all_the_same() {
        let text = Text::new("ab\ncd");
        let range = |a, b, c, d| lsp::Range::new(lsp::Position::new(a, b), lsp::Position::new(c, d));
        assert_eq!(to_bytes(range(1, 1, 0, 1), &text, Encoding::Utf16), Range::new(1, 4));
        assert_eq!(to_bytes(range(0, 9, 7, 0), &text, Encoding::Utf16), Range::new(2, 5));
    }
}
