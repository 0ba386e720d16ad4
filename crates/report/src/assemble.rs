//! From an outcome to a report.

use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::inventory::{Capability, Project, Span, Spot, Status, project_around};
use shipworthy_audit::level::{Category, Severity};
use shipworthy_audit::settings::Settings;
use shipworthy_audit::{AuditedFile, Finding, FixEdit, Outcome, Place, Rule};
use shipworthy_syntax::{Encoding, Range, Text};

use crate::excerpt::{diff, excerpt, safe_text};
use crate::ids::ids;
use crate::model::{
    AcceptedEntry, BrokenEntry, CategoryEntry, Check, Compared, Counts, Coverage, EditEntry, FailureEntry,
    FindingEntry, FixEntry, Grade, OffEntry, Past, ProjectEntry, RelatedEntry, Report, RuleEntry,
    SkippedEntry, Tool, Workspace,
};
use crate::plan::{holding, phases};
use crate::positions;
use crate::rubric::Rubric;
use crate::score::{CapabilityTally, RuleTally, Scores, Tally, shown};
use crate::verdict::verdict;

/// The version of the JSON form.
const VERSION: u32 = 1;

/// What a report is told beside the outcome.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The workspace, as it was named.
    pub root: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The version of Shipworthy.
    pub version: &'a str,
    /// The day, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// Whether the tree is what was committed.
    pub clean: Option<bool>,
    /// The catalogue.
    pub rules: &'a [&'static Rule],
    /// The settings of the workspace's root.
    pub settings: &'a Settings,
    /// Rules that did not run in some files, with the paths of those.
    pub off: BTreeMap<&'static str, BTreeSet<String>>,
    /// The numbers of the score.
    pub rubric: &'static Rubric,
    /// What the findings are compared with.
    pub record: Option<Record>,
    /// Earlier audits, the oldest first.
    pub history: Vec<Past>,
}

/// Findings that were there before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Where they are from: a baseline's file, a revision.
    pub from: String,
    /// Their fingerprints, with their ids where those are on record.
    pub findings: BTreeMap<String, Option<String>>,
}

impl<'a> Subject<'a> {
    /// A workspace of which nothing more is known.
    pub fn new(root: &'a str, version: &'a str, rules: &'a [&'static Rule], settings: &'a Settings) -> Self {
        Self {
            root,
            name: root,
            version,
            date: None,
            commit: None,
            clean: None,
            rules,
            settings,
            off: BTreeMap::new(),
            rubric: Rubric::newest(),
            record: None,
            history: Vec::new(),
        }
    }
}

impl Report {
    /// The report of an outcome.
    pub fn new(outcome: &Outcome, subject: &Subject<'_>) -> Self {
        let mut inventory = outcome.inventory.clone();
        inventory.sort();
        inventory.hide_secrets();
        let rubric = subject.rubric;
        let catalogue = in_force(outcome, subject);
        let tally = tally(outcome, |_| true, &catalogue, &inventory.capabilities, subject.settings);
        let scores = tally.scores(rubric);
        let coverage = coverage(outcome, subject, &catalogue);
        let findings = findings(outcome, subject.record.as_ref());
        let counts = counts(&findings);
        let grade_letter = |score: Option<f64>| {
            let lettered = coverage.share >= rubric.lettered;
            score.filter(|_| lettered).map(|score| rubric.letter(shown(score)).to_owned())
        };
        let projects = projects(outcome, &inventory.projects, &catalogue, subject, grade_letter);
        let worst = |score: Option<f64>| score.map_or(f64::INFINITY, |score| score);
        let worst_category = scores.categories.iter().filter(|c| c.score.is_some());
        let worst_category = worst_category.min_by(|a, b| worst(a.score).total_cmp(&worst(b.score)));
        let worst_project = projects.iter().filter(|p| p.score.is_some());
        let worst_project = worst_project.min_by(|a, b| worst(a.score).total_cmp(&worst(b.score)));
        let provisional = coverage.share < rubric.firm || scores.score.is_none();
        let (verdict, reasons) = verdict(scores.score, counts, &inventory.capabilities, provisional);
        let grade = Grade {
            letter: grade_letter(scores.score),
            score: scores.score.map(shown),
            raw: scores.raw.map(shown),
            capped: scores.score.map(shown) < scores.raw.map(shown),
            provisional,
            verdict,
            reasons,
            worst_category: worst_category.map(|c| c.category),
            worst_project: worst_project.map(|p| p.path.clone()),
            holding: holding(&tally, &inventory.capabilities, rubric),
        };
        let mut languages: BTreeMap<String, u64> = BTreeMap::new();
        for file in &outcome.files {
            *languages.entry(file.language.id().to_owned()).or_default() += 1;
        }
        let compared = subject.record.as_ref().map(|record| compared(record, &findings));
        let mut report = Self {
            version: VERSION,
            tool: Tool {
                name: "shipworthy".to_owned(),
                version: subject.version.to_owned(),
                rubric: rubric.version,
            },
            workspace: Workspace {
                root: subject.root.to_owned(),
                name: subject.name.to_owned(),
                date: subject.date.clone(),
                commit: subject.commit.clone(),
                clean: subject.clean,
                files: outcome.files.len() as u64,
                lines: outcome.files.iter().map(|f| f.lines() as u64).sum(),
                languages,
            },
            counts,
            categories: categories(&scores, &tally, subject.settings),
            plan: phases(&tally, &findings, &inventory.capabilities, rubric, grade_letter),
            checklist: checklist(&tally, &catalogue, &inventory.capabilities),
            rules: rules(&tally, &catalogue, rubric),
            grade,
            projects,
            findings,
            capabilities: inventory.capabilities,
            services: inventory.services,
            routes: inventory.routes,
            tables: inventory.tables,
            dependencies: inventory.dependencies,
            declared_services: inventory.declared_services,
            tests: inventory.tests,
            documents: inventory.documents,
            trend: Vec::new(),
            compared,
            coverage,
        };
        let (commit, date) = (subject.commit.as_deref(), subject.date.as_deref());
        let others = subject.history.iter().filter(|past| !past.is_of(commit, date, rubric.version));
        report.trend = others.cloned().collect();
        if !report.trend.is_empty() {
            report.trend.push(report.past());
        }
        report
    }
}

/// The rules that count, by category, then by name: those of the catalogue that are on, and others that have findings (those about
/// suppressions are in no catalogue).
fn in_force(outcome: &Outcome, subject: &Subject<'_>) -> Vec<&'static Rule> {
    let on = subject.rules.iter().copied().filter(|rule| subject.settings.severity(rule).is_some());
    let mut rules: Vec<&'static Rule> = on.chain(outcome.findings().map(|(_, f)| f.rule)).collect();
    rules.sort_by_key(|rule| (rule.category, rule.name));
    rules.dedup();
    rules
}

fn tally(
    outcome: &Outcome,
    counts: impl Fn(&str) -> bool,
    catalogue: &[&'static Rule],
    capabilities: &[Capability],
    settings: &Settings,
) -> Tally {
    let empty = |rule: &&'static Rule| {
        let tally = RuleTally {
            category: rule.category,
            id: rule.name.to_owned(),
            severity: settings.severity(rule).unwrap_or(rule.severity),
            sites: 0,
            open: [0; 4],
            accepted: 0,
        };
        (rule.name, tally)
    };
    let mut rules: BTreeMap<&str, RuleTally> = catalogue.iter().map(empty).collect();
    for file in outcome.files.iter().filter(|file| counts(&file.path)) {
        for (rule, sites) in &file.sites {
            if let Some(tally) = rules.get_mut(rule) {
                tally.sites += u64::from(*sites);
            }
        }
        for finding in file.gathered() {
            let Some(tally) = rules.get_mut(finding.rule.name) else { continue };
            match &finding.suppressed {
                Some(_) => tally.accepted += 1,
                None => tally.open[finding.severity as usize] += 1,
            }
        }
    }
    let applies = capabilities.iter().filter(|c| c.status != Status::NotApplicable);
    Tally {
        weights: Category::ALL.iter().map(|c| (*c, settings.weight(*c))).collect(),
        rules: rules.into_values().collect(),
        capabilities: applies
            .map(|c| CapabilityTally {
                category: c.category,
                id: c.id.clone(),
                weight: c.weight,
                credit: c.credit(),
            })
            .collect(),
    }
}

fn of<'a>(tally: &'a Tally, rule: &Rule) -> Option<&'a RuleTally> {
    tally.rules.iter().find(|r| r.id == rule.name)
}

fn rules(tally: &Tally, catalogue: &[&'static Rule], rubric: &Rubric) -> Vec<RuleEntry> {
    let entry = |rule: &&'static Rule| {
        let own = of(tally, rule)?;
        Some(RuleEntry {
            id: own.id.clone(),
            category: own.category,
            severity: own.severity,
            summary: rule.summary().to_owned(),
            sites: own.places(),
            sound: own.sound(),
            findings: own.findings(),
            accepted: own.accepted,
            share: own.share(rubric),
            page: rule.page,
        })
    };
    catalogue.iter().filter_map(entry).collect()
}

fn categories(scores: &Scores, tally: &Tally, settings: &Settings) -> Vec<CategoryEntry> {
    let entry = |score: &crate::score::CategoryScore| {
        let own = || tally.rules.iter().filter(|r| r.category == score.category);
        CategoryEntry {
            id: score.category,
            title: score.category.title().to_owned(),
            weight: settings.weight(score.category),
            part: shown(score.part * 100.0),
            score: score.score.map(shown),
            raw: score.raw.map(shown),
            capped: score.score.map(shown) < score.raw.map(shown),
            code: score.code.map(shown),
            having: score.capabilities.map(shown),
            sites: own().map(RuleTally::places).sum(),
            sound: own().map(RuleTally::sound).sum(),
            findings: own().map(RuleTally::findings).sum(),
            accepted: own().map(|r| r.accepted).sum(),
            rules: own().filter(|r| r.places() > 0).count() as u64,
            capabilities: tally.capabilities.iter().filter(|c| c.category == score.category).count() as u64,
        }
    };
    scores.categories.iter().map(entry).collect()
}

fn projects(
    outcome: &Outcome,
    projects: &[Project],
    catalogue: &[&'static Rule],
    subject: &Subject<'_>,
    letter: impl Fn(Option<f64>) -> Option<String>,
) -> Vec<ProjectEntry> {
    if projects.len() < 2 {
        return Vec::new();
    }
    let entry = |project: &Project| {
        let own = |path: &str| project_around(projects, path).is_some_and(|home| home.path == project.path);
        let tally = tally(outcome, own, catalogue, &project.capabilities, subject.settings);
        let scores = tally.scores(subject.rubric);
        ProjectEntry {
            name: project.name.clone(),
            path: project.path.clone(),
            files: outcome.files.iter().filter(|f| own(&f.path)).count() as u64,
            findings: tally.rules.iter().map(RuleTally::findings).sum(),
            letter: letter(scores.score),
            score: scores.score.map(shown),
            raw: scores.raw.map(shown),
            capabilities: project.capabilities.clone(),
        }
    };
    projects.iter().map(entry).collect()
}

fn findings(outcome: &Outcome, record: Option<&Record>) -> Vec<FindingEntry> {
    let known = record.map(|record| &record.findings);
    let with_ids = known.into_iter().flatten().filter_map(|(f, id)| Some((f.clone(), id.clone()?)));
    let gathered: Vec<_> = outcome.files.iter().map(|file| (file, file.gathered())).collect();
    let all = gathered.iter().flat_map(|(file, findings)| findings.iter().map(|f| (*file, &**f)));
    let ids = ids(all, &with_ids.collect());
    let entry = |file: &AuditedFile, safe: &Text, f: &Finding| {
        let edits = |edit: &FixEdit| match edit {
            FixEdit::Replace(range, text) => {
                Some(EditEntry { path: file.path.clone(), range: span(safe, *range), text: text.clone() })
            }
            FixEdit::Elsewhere(path, range, text) => {
                let other = outcome.all_files().find(|other| other.path == **path)?;
                let range = span(&Text::new(&other.text), *range);
                Some(EditEntry { path: path.to_string(), range, text: text.clone() })
            }
            FixEdit::Import(_) | FixEdit::Dependency(_) => None,
        };
        let relate = |r: &shipworthy_audit::Related| {
            let (function, place) = match &r.place {
                Place::Here(range) => (None, Some((&*file.path, span(safe, *range)))),
                Place::Function(name) => (Some(name.clone()), None),
                Place::Definition(name, path, spot) => (Some(name.clone()), Some((&**path, spot_span(spot)))),
                Place::File(path, spot) => (None, Some((&**path, spot_span(spot)))),
            };
            RelatedEntry {
                path: place.map(|(path, _)| path.to_owned()),
                range: place.map(|(_, range)| range),
                function,
                message: r.message.clone(),
            }
        };
        FindingEntry {
            id: ids.get(&*f.fingerprint).cloned().unwrap_or_default(),
            rule: f.rule.name.to_owned(),
            category: f.rule.category,
            severity: f.severity,
            confidence: f.confidence,
            path: file.path.clone(),
            range: span(safe, f.range),
            message: f.message.clone(),
            why: f.why.to_string(),
            help: f.help.to_string(),
            fingerprint: f.fingerprint.clone(),
            symbol: f.symbol.clone(),
            related: f.related.iter().map(relate).collect(),
            fix: f.fix.as_ref().map(|fix| FixEntry {
                title: fix.title.clone(),
                safety: fix.safety.id().to_owned(),
                edits: fix.edits.iter().filter_map(edits).collect(),
            }),
            suppressed: f.suppressed.as_ref().map(|s| AcceptedEntry {
                reason: s.reason.clone(),
                who: None,
                until: s.until.clone(),
            }),
            known: known.is_some_and(|known| known.contains_key(&f.fingerprint)),
            code: excerpt(safe, f.range),
            diff: f.fix.as_ref().map(|fix| diff(safe, fix)).unwrap_or_default(),
        }
    };
    let mut entries = Vec::new();
    for (file, findings) in gathered.iter().filter(|(_, findings)| !findings.is_empty()) {
        let safe = Text::new(&safe_text(file));
        entries.extend(findings.iter().map(|f| entry(file, &safe, f)));
    }
    entries
}

fn spot_span(spot: &shipworthy_syntax::Spot) -> Span {
    let (start, end) = spot.positions(Encoding::Utf32);
    let spot = |at: shipworthy_syntax::Position| Spot { line: at.line + 1, column: at.column + 1 };
    Span { start: spot(start), end: spot(end) }
}

fn span(text: &Text, range: Range) -> Span {
    let (start, end) = positions(text, range);
    let spot = |at: shipworthy_syntax::Position| Spot { line: at.line, column: at.column };
    Span { start: spot(start), end: spot(end) }
}

fn counts(findings: &[FindingEntry]) -> Counts {
    let mut counts = Counts::default();
    for finding in findings {
        *match (&finding.suppressed, finding.severity) {
            (Some(_), _) => &mut counts.accepted,
            (None, Severity::Blocking) => &mut counts.blocking,
            (None, Severity::High) => &mut counts.high,
            (None, Severity::Medium) => &mut counts.medium,
            (None, Severity::Low) => &mut counts.low,
        } += 1;
    }
    counts
}

fn compared(record: &Record, findings: &[FindingEntry]) -> Compared {
    let open = || findings.iter().filter(|f| f.suppressed.is_none());
    let present: BTreeSet<&str> = findings.iter().map(|f| f.fingerprint.as_str()).collect();
    Compared {
        with: record.from.clone(),
        new: open().filter(|f| !f.known).count() as u64,
        known: open().filter(|f| f.known).count() as u64,
        gone: record.findings.keys().filter(|f| !present.contains(f.as_str())).count() as u64,
    }
}

/// What was checked: of each file the share that could be read, of the rules that should have run on it those that did, by severity.
fn coverage(outcome: &Outcome, subject: &Subject<'_>, catalogue: &[&'static Rule]) -> Coverage {
    let weight = |rule: &Rule| {
        let severity = subject.settings.severity(rule).unwrap_or(rule.severity);
        f64::from(subject.rubric.weight(severity))
    };
    let everywhere = |rule: &&&'static Rule| subject.settings.severity(rule).is_none();
    let off: Vec<&'static Rule> = subject.rules.iter().filter(everywhere).copied().collect();
    let all: f64 = catalogue.iter().chain(&off).map(|r| weight(r)).sum();
    let read = |file: &AuditedFile| {
        let unread: u32 = file.unread.iter().map(|r| r.end - r.start).sum();
        1.0 - (f64::from(unread) / file.text.len().max(1) as f64).min(1.0)
    };
    let ran = |file: &AuditedFile| {
        let lost = catalogue.iter().filter(|rule| {
            subject.off.get(rule.name).is_some_and(|files| files.contains(&file.path))
                || file.failures.iter().any(|f| f.rule == rule.name)
        });
        let lost: f64 = lost.chain(&off).map(|r| weight(r)).sum();
        if all > 0.0 { 1.0 - lost / all } else { 1.0 }
    };
    let total = outcome.files.len() + outcome.skipped.len();
    let checked: f64 = outcome.files.iter().map(|f| read(f) * ran(f)).sum();
    let seen: f64 = outcome.inventory.blind_spots.iter().map(|b| 1.0 - b.share.clamp(0.0, 1.0)).product();
    let share = if total == 0 { 1.0 } else { checked / total as f64 * seen };
    let broken = outcome.files.iter().filter_map(|file| {
        let range = span(&Text::new(&file.text), *file.unread.first()?);
        Some(BrokenEntry { path: file.path.clone(), range, share: rounded(read(file)) })
    });
    let off = off.iter().map(|r| (r.name, outcome.files.len()));
    let in_part = subject.off.iter().filter(|(_, files)| !files.is_empty());
    let mut off: Vec<OffEntry> = off
        .chain(in_part.map(|(rule, files)| (*rule, files.len())))
        .map(|(rule, files)| OffEntry { rule: rule.to_owned(), files: files as u64 })
        .collect();
    off.sort_by(|a, b| (&a.rule, b.files).cmp(&(&b.rule, a.files)));
    off.dedup_by(|a, b| a.rule == b.rule);
    let of_files = outcome.files.iter().flat_map(|file| file.failures.iter().map(|f| (&*file.path, f)));
    let failures = outcome.failures.iter().map(|failure| (".", failure)).chain(of_files);
    let failures = failures.map(|(path, failure)| FailureEntry {
        rule: failure.rule.to_owned(),
        path: path.to_owned(),
        message: failure.message.clone(),
    });
    let skipped =
        |s: &shipworthy_audit::Skipped| SkippedEntry { path: s.path.clone(), reason: s.reason.clone() };
    Coverage {
        share: rounded(share),
        skipped: outcome.skipped.iter().map(skipped).collect(),
        broken: broken.collect(),
        off,
        failures: failures.collect(),
        blind_spots: outcome.inventory.blind_spots.clone(),
    }
}

/// With four decimals, down: what is not all is never said to be all.
fn rounded(share: f64) -> f64 {
    // A sum of parts can be a hair under the whole.
    ((share + 1e-9) * 10_000.0).floor() / 10_000.0
}

fn checklist(tally: &Tally, catalogue: &[&'static Rule], capabilities: &[Capability]) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    let asked = tally.rules.iter().filter(|r| r.places() > 0 && r.severity >= Severity::High);
    for own in asked {
        let summary = catalogue.iter().find(|r| r.name == own.id).map_or("", |rule| rule.summary());
        let accepted = if own.accepted > 0 { format!(", {} accepted", own.accepted) } else { String::new() };
        checks.push(Check {
            what: format!("Nowhere: {}", lowered(summary)),
            category: own.category,
            done: own.findings() == 0,
            evidence: format!("`{}`: {} of {} places sound{accepted}", own.id, own.sound(), own.places()),
        });
    }
    for capability in capabilities.iter().filter(|c| c.status != Status::NotApplicable && c.weight >= 2) {
        let evidence = match capability.evidence.first() {
            Some(first) => format!("{}, {}:{}", capability.status, first.path, first.range.start.line),
            None => capability.status.to_string(),
        };
        checks.push(Check {
            what: capability.title.clone(),
            category: capability.category,
            done: capability.status == Status::Present,
            evidence,
        });
    }
    checks.sort_by(|a, b| (a.category, &a.what).cmp(&(b.category, &b.what)));
    checks
}

/// A sentence's beginning in the middle of one: abbreviations stay as they are.
fn lowered(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}
