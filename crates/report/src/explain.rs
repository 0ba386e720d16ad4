//! The arithmetic of the score, line by line: what `--explain-score` prints. Every number in it is in the JSON too.

use std::fmt::Write as _;

use shipworthy_audit::inventory::Status;
use shipworthy_audit::level::Severity;

use crate::model::{CategoryEntry, Report};
use crate::rubric::Rubric;

/// The arithmetic of a report's score.
pub fn explain(report: &Report) -> String {
    let rubric = Rubric::of(report.tool.rubric).unwrap_or(Rubric::newest());
    let mut out = String::new();
    let weights: Vec<String> =
        Severity::ALL.iter().rev().map(|s| format!("{s} {}", rubric.weight(*s))).collect();
    let _ = writeln!(out, "Rubric {}. Weights by severity: {}.\n", rubric.version, weights.join(", "));
    for category in &report.categories {
        explain_category(&mut out, report, category, rubric);
    }
    total(&mut out, report, rubric);
    out
}

fn explain_category(out: &mut String, report: &Report, category: &CategoryEntry, rubric: &Rubric) {
    let _ = writeln!(out, "{}", category.title);
    let rules: Vec<_> =
        report.rules.iter().filter(|r| r.category == category.id && r.share.is_some()).collect();
    for rule in &rules {
        let weight = rubric.weight(rule.severity);
        let unsound: Vec<String> = Severity::ALL
            .iter()
            .rev()
            .map(|s| (s, report.of_rule(&rule.id).filter(|f| f.severity == *s).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(s, count)| format!(" + {count} × {}", rubric.weight(*s)))
            .collect();
        let sum = format!("{} × {weight}", rule.sound);
        let accepted =
            if rule.accepted > 0 { format!("; {} accepted", rule.accepted) } else { String::new() };
        let _ = writeln!(
            out,
            "  {:<32} {weight} × {} = {sum} / ({sum}{}){accepted}",
            rule.id,
            fraction(rule.share),
            unsound.concat(),
        );
    }
    if let Some(code) = category.code {
        let weights: u32 = rules.iter().map(|r| rubric.weight(r.severity)).sum();
        let _ = writeln!(out, "  code: the sum / {weights} = {code:.1}");
    }
    let having = report.capabilities.iter().filter(|c| c.category == category.id);
    let having: Vec<_> = having.filter(|c| c.status != Status::NotApplicable).collect();
    for own in &having {
        let _ = writeln!(out, "  {:<32} {} × {:.2} ({})", own.id, own.weight, own.credit(), own.status);
    }
    if let Some(score) = category.having {
        let weights: u32 = having.iter().map(|c| c.weight).sum();
        let _ = writeln!(out, "  capabilities: the sum / {weights} = {score:.1}");
    }
    match (category.code, category.having, category.raw) {
        (Some(code), Some(having), Some(raw)) => {
            let (part, rest) = (rubric.code, 100.0 - rubric.code);
            let _ = writeln!(out, "  {part} % of {code:.1} + {rest} % of {having:.1} = {raw:.1}");
        }
        (None, None, _) => {
            let _ = writeln!(out, "  not applicable: its weight of {} is shared out", category.weight);
        }
        _ => {}
    }
    if let (true, Some(score)) = (category.capped, category.score) {
        let _ = writeln!(out, "  a blocking finding is open: {score:.1} at most");
    }
    out.push('\n');
}

fn total(out: &mut String, report: &Report, rubric: &Rubric) {
    let _ = writeln!(out, "Grade");
    let applies = || report.categories.iter().filter(|c| c.score.is_some());
    for category in applies() {
        let (score, raw) = (category.score.unwrap_or_default(), category.raw.unwrap_or_default());
        let _ = writeln!(
            out,
            "  {:<32} {:>3} × {score:>5.1} (raw {raw:.1}); {:.1} % of the grade",
            category.id.id(),
            category.weight,
            category.part
        );
    }
    let weights: u32 = applies().map(|c| c.weight).sum();
    let grade = &report.grade;
    let (Some(score), Some(raw)) = (grade.score, grade.raw) else {
        let _ = writeln!(out, "  nothing in it could be judged: there is no score");
        return;
    };
    let _ = writeln!(out, "  the sum / {weights}: {score:.1}, raw {raw:.1}");
    if report.counts.blocking > 0 {
        let cap = rubric.grade_cap;
        let _ = writeln!(out, "  a blocking finding is open: {cap:.1} at most");
    }
    let coverage = report.coverage.share * 100.0;
    let _ = writeln!(out, "  checked: {coverage:.1} %{}", provisional(report, rubric));
    let letter = grade.letter.as_deref().unwrap_or("no letter");
    let _ = writeln!(out, "  {letter}, {score:.1} of 100");
}

fn provisional(report: &Report, rubric: &Rubric) -> String {
    if report.coverage.share < rubric.lettered {
        format!(", under {:.0} %: no letter", rubric.lettered * 100.0)
    } else if report.coverage.share < rubric.firm {
        format!(", under {:.0} %: the grade is provisional", rubric.firm * 100.0)
    } else {
        String::new()
    }
}

fn fraction(share: Option<f64>) -> String {
    share.map_or("none".to_owned(), |share| format!("{share:.4}"))
}
