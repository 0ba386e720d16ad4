//! Text, for a terminal: source excerpts with carets, and a summary.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use shipworthy_audit::level::Severity;
use shipworthy_audit::{AuditedFile, Finding, Outcome, Place};
use shipworthy_syntax::Encoding;

/// One finding with the code it stands on. `root` is the workspace as it was named, so that paths open from where the user is; `color`
/// adds ANSI colours.
pub fn excerpt(file: &AuditedFile, finding: &Finding, root: &str, color: bool) -> String {
    let level = match finding.severity {
        Severity::Blocking => Level::ERROR.with_name("blocking"),
        Severity::High => Level::WARNING.with_name("high"),
        Severity::Medium => Level::INFO.with_name("medium"),
        Severity::Low => Level::NOTE.with_name("low"),
    };
    let span = finding.range.start as usize..finding.range.end as usize;
    let named = |path: &str| if root == "." { path.to_owned() } else { format!("{root}/{path}") };
    let mut snippet =
        Snippet::source(&*file.text).path(named(&file.path)).annotation(AnnotationKind::Primary.span(span));
    let mut trail = Vec::new();
    for related in &finding.related {
        match &related.place {
            Place::Here(range) => {
                let span = range.start as usize..range.end as usize;
                snippet = snippet.annotation(AnnotationKind::Context.span(span).label(&related.message));
            }
            Place::Function(function) => trail.push(format!("{function}: {}", related.message)),
            Place::File(path, spot) => {
                let line = spot.positions(Encoding::Utf32).0.line + 1;
                trail.push(format!("{}:{line}: {}", named(path), related.message));
            }
        }
    }
    let mut group =
        Group::with_title(level.primary_title(&finding.message).id(finding.rule.name)).element(snippet);
    for (depth, step) in trail.iter().enumerate() {
        group = group.element(Level::NOTE.message(format!("{:indent$}{step}", "", indent = depth * 2)));
    }
    let group =
        group.element(Level::NOTE.message(&*finding.why)).element(Level::HELP.message(&*finding.help));
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The whole audit. `root` is the workspace as it was named.
pub fn text(outcome: &Outcome, root: &str, color: bool) -> String {
    let mut out = String::new();
    let open = outcome.findings().filter(|(_, f)| f.suppressed.is_none());
    for (file, finding) in open {
        out.push_str(&excerpt(file, finding, root, color));
        out.push_str("\n\n");
    }
    for skipped in &outcome.skipped {
        let _ = writeln!(out, "skipped {}: {}", skipped.path, skipped.reason);
    }
    let broken = outcome.files.iter().filter(|f| !f.unread.is_empty());
    for file in broken {
        let _ = writeln!(out, "{}: not all of it could be read", file.path);
    }
    out.push_str(&summary(outcome));
    out
}

fn summary(outcome: &Outcome) -> String {
    let count = |severity| {
        outcome.findings().filter(|(_, f)| f.severity == severity && f.suppressed.is_none()).count()
    };
    let counts: Vec<String> = Severity::ALL.iter().rev().map(|s| format!("{} {s}", count(*s))).collect();
    let sites: u64 = outcome.files.iter().flat_map(|f| &f.sites).map(|(_, n)| u64::from(*n)).sum();
    let fixable = outcome.findings().filter(|(_, f)| f.fix.is_some() && f.suppressed.is_none()).count();
    let mut line = format!("{} in {} files; {sites} places checked", counts.join(", "), outcome.files.len());
    if fixable > 0 {
        let _ = write!(line, "; {fixable} with a quick fix (`--fix` applies the safe ones)");
    }
    line.push('\n');
    line
}
