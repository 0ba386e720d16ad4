//! Text, for a terminal: source excerpts with carets, and a summary.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use shipworthy_audit::inventory::Covered;
use shipworthy_audit::level::Severity;
use shipworthy_audit::{AuditedFile, Finding, Outcome, Place};
use shipworthy_syntax::Encoding;

use crate::excerpt::safe_text;
use crate::model::Report;
use crate::prose::{counted, inert, line, visible};

/// How wide a bar is.
const BAR: usize = 20;

/// The whole audit. Accepted findings are not in it, nor are those that were there before; `root` is the
/// workspace as it was named, so that paths open from where the user is; `color` adds ANSI colours.
pub fn text(outcome: &Outcome, report: &Report, root: &str, color: bool) -> String {
    let mut out = String::new();
    let known: std::collections::BTreeSet<&str> =
        report.findings.iter().filter(|f| f.known).map(|f| f.fingerprint.as_str()).collect();
    for file in &outcome.files {
        let mut findings = file.gathered();
        findings.retain(|f| f.suppressed.is_none() && !known.contains(f.fingerprint.as_str()));
        if findings.is_empty() {
            continue;
        }
        let safe = inert(&safe_text(file));
        for finding in &findings {
            out.push_str(&excerpt(file, &safe, finding, root, color));
            out.push_str("\n\n");
        }
    }
    for skipped in &report.coverage.skipped {
        let _ = writeln!(out, "skipped {}: {}", line(&skipped.path), line(&skipped.reason));
    }
    for broken in &report.coverage.broken {
        let _ = writeln!(out, "{}: not all of it could be read", line(&broken.path));
    }
    out.push_str(&inventory(report));
    out.push_str(&summary(report, color));
    out
}

/// What the workspace has, in short: its routes, external services, tests and documents. Reports have all of it.
fn inventory(report: &Report) -> String {
    /// More routes than these are for a report.
    const ROUTES: usize = 40;
    let mut out = String::new();
    if !report.routes.is_empty() {
        let _ = writeln!(out, "{}:", counted(report.routes.len() as u64, "route"));
    }
    for route in report.routes.iter().take(ROUTES) {
        let guards = [
            (route.authentication, "authentication"),
            (route.rate_limit, "rate limit"),
            (route.validation, "input validation"),
        ];
        let open: Vec<&str> = guards.iter().filter(|(has, _)| *has == Some(false)).map(|g| g.1).collect();
        let open = if open.is_empty() { String::new() } else { format!("  (no {})", open.join(", no ")) };
        let path = line(&route.path);
        let _ = writeln!(out, "  {:<7} {path}  {}{open}", line(&route.method), line(&route.handler));
    }
    if let Some(more) = report.routes.len().checked_sub(ROUTES).filter(|more| *more > 0) {
        let _ = writeln!(out, "  and {more} more");
    }
    if !report.services.is_empty() {
        let _ = writeln!(out, "External services:");
    }
    for service in &report.services {
        let of = |covered: Covered| format!("{}/{}", covered.covered, covered.total);
        let (limit, retries) = (of(service.time_limit), of(service.retries));
        let (breaker, fallback) = (of(service.breaker), of(service.fallback));
        let calls = counted(service.calls.len() as u64, "call");
        let _ = writeln!(
            out,
            "  {}: {calls}; time limit {limit}, retries {retries}, breaker {breaker}, fallback {fallback}",
            line(&service.name)
        );
    }
    if !report.tests.is_empty() {
        let kinds = report.tests.iter().map(|kind| format!("{} {}", kind.cases, line(&kind.kind)));
        let _ = writeln!(out, "Tests: {}", kinds.collect::<Vec<_>>().join(", "));
    }
    if !report.documents.is_empty() {
        let _ = writeln!(out, "Documents: {}", report.documents.len());
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// One finding with the code it stands on.
fn excerpt(file: &AuditedFile, safe: &str, finding: &Finding, root: &str, color: bool) -> String {
    let level = match finding.severity {
        Severity::Blocking => Level::ERROR.with_name("blocking"),
        Severity::High => Level::WARNING.with_name("high"),
        Severity::Medium => Level::INFO.with_name("medium"),
        Severity::Low => Level::NOTE.with_name("low"),
    };
    let span = finding.range.start as usize..finding.range.end as usize;
    let named = |path: &str| line(&if root == "." { path.to_owned() } else { format!("{root}/{path}") });
    let mut snippet =
        Snippet::source(safe).path(named(&file.path)).annotation(AnnotationKind::Primary.span(span));
    let mut trail = Vec::new();
    for related in &finding.related {
        match &related.place {
            Place::Here(range) => {
                let span = range.start as usize..range.end as usize;
                let label = line(&related.message);
                snippet = snippet.annotation(AnnotationKind::Context.span(span).label(label));
            }
            Place::Function(function) => trail.push(line(&format!("{function}: {}", related.message))),
            Place::Definition(_, path, spot) | Place::File(path, spot) => {
                let number = spot.positions(Encoding::Utf32).0.line + 1;
                trail.push(format!("{}:{number}: {}", named(path), line(&related.message)));
            }
        }
    }
    let message = line(&finding.message);
    let mut group = Group::with_title(level.primary_title(message).id(finding.rule.name)).element(snippet);
    for (depth, step) in trail.iter().enumerate() {
        group = group.element(Level::NOTE.message(format!("{:indent$}{step}", "", indent = depth * 2)));
    }
    let group = group
        .element(Level::NOTE.message(visible(&finding.why)))
        .element(Level::HELP.message(visible(&finding.help)));
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The grade, the scores by category, what holds them down, and the counts.
pub fn summary(report: &Report, color: bool) -> String {
    let paint = Paint(color);
    let mut out = String::new();
    let grade = &report.grade;
    let scored = report.categories.iter().filter(|c| c.score.is_some());
    for category in scored {
        let score = category.score.unwrap_or_default();
        let full = (score / 100.0 * BAR as f64).floor() as usize;
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR - full.min(BAR)));
        let checked = match (category.sites, category.capabilities) {
            (0, capabilities) => format!("{capabilities} capabilities"),
            (sites, 0) => format!("{} of {} sound", category.sound, counted(sites, "place")),
            (sites, n) => {
                format!("{} of {} sound, {n} capabilities", category.sound, counted(sites, "place"))
            }
        };
        let capped = if category.capped { " (capped)" } else { "" };
        let _ = writeln!(
            out,
            "{:<20} {} {score:>5.1}{capped}  {checked}",
            category.title,
            paint.by_score(score, &bar)
        );
    }
    let score = match (grade.score, grade.raw) {
        (Some(score), Some(raw)) if grade.capped => format!("{score:.1} of 100 (raw {raw:.1})"),
        (Some(score), _) => format!("{score:.1} of 100"),
        _ => "no score".to_owned(),
    };
    let letter = grade.letter.as_deref().unwrap_or("no letter");
    let provisional = if grade.provisional { ", provisional" } else { "" };
    let _ = writeln!(out, "\nGrade {}: {score}{provisional}: {}", paint.bold(letter), grade.verdict.id());
    for reason in &grade.reasons {
        let _ = writeln!(out, "  - {}", line(reason));
    }
    if !grade.holding.is_empty() {
        let _ = writeln!(out, "What holds it down most:");
    }
    for holding in &grade.holding {
        let what = line(&holding.what).replace('`', "");
        let (score, letter, raw) = (holding.score, &holding.letter, holding.raw);
        let _ = writeln!(out, "  - {what}: without, {letter} {score:.1} (raw {raw:.1})");
    }
    if let Some(compared) = &report.compared {
        let (new, known, gone) = (compared.new, compared.known, compared.gone);
        let _ =
            writeln!(out, "Compared with {}: {new} new, {known} known, {gone} gone", line(&compared.with));
    }
    out.push('\n');
    for project in &report.projects {
        let letter = project.letter.as_deref().unwrap_or("no letter");
        let score = project.score.map_or_else(|| "no score".to_owned(), |score| format!("{score:.1}"));
        let folder = if project.path.is_empty() { "." } else { &project.path };
        let (name, folder) = (line(&project.name), line(folder));
        let findings = counted(project.findings, "finding");
        let _ = writeln!(out, "Project {name} ({folder}): {letter} {score}, {findings}");
    }
    let counts: Vec<String> =
        Severity::ALL.iter().rev().map(|s| format!("{} {s}", report.count(*s))).collect();
    let accepted = match report.counts.accepted {
        0 => String::new(),
        accepted => format!(", {accepted} accepted"),
    };
    let sites: u64 = report.categories.iter().map(|c| c.sites).sum();
    let fixable = report.open().filter(|f| f.fix.is_some()).count();
    let (counts, files) = (counts.join(", "), report.workspace.files);
    let _ = write!(out, "{counts}{accepted} in {files} files; {sites} places checked");
    if fixable > 0 {
        let _ = write!(out, "; {fixable} with a quick fix (`--fix` applies the safe ones)");
    }
    out.push('\n');
    out
}

/// Colours, or none.
struct Paint(bool);

impl Paint {
    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn by_score(&self, score: f64, text: &str) -> String {
        let color = match score {
            90.0.. => "32",
            70.0.. => "33",
            _ => "31",
        };
        self.with(color, text)
    }

    fn with(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
