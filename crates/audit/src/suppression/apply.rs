//! Suppressions at work on a file's findings.

use shipworthy_syntax::Range;

use super::rules::{expired, invalid, unused};
use super::{Date, SuppressionProblem, SuppressionProblemKind, Suppressions};
use crate::auditor::{Auditor, Configuration, RuleConfiguration};
use crate::code_role::CodeRole;
use crate::finding::Finding;
use crate::fingerprint::{fingerprint, number};
use crate::reading::{Analysis, order};
use crate::rule::Rule;

/// A file as suppressions see it.
pub(crate) struct File<'a> {
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
    pub(crate) comments: &'a [Range],
    pub(crate) spans: &'a [Range],
    /// Not all of it could be read: what seems unused may not be.
    pub(crate) is_broken: bool,
}

/// Lets a file's suppressions accept what they cover in its analysis.
pub(crate) fn settle(
    analysis: &mut Analysis,
    file: &File<'_>,
    auditor: &Auditor,
    configuration: &Configuration,
    role: CodeRole,
) {
    let judged = |name: &str| {
        let rules = auditor.rules().iter().zip(&configuration.rules);
        // What judges the whole workspace has not run wherever a single file is looked at.
        let ran = |(rule, set): (&&Rule, &RuleConfiguration)| {
            rule.name == name && set.enabled && role.concerns(rule.audience) && !rule.is_survey()
        };
        rules.into_iter().any(ran) && !analysis.failures.iter().any(|failure| failure.rule == name)
    };
    let today = configuration.today.unwrap_or(Date::FIRST);
    let known = analysis.findings.len();
    apply(&mut analysis.findings, file, auditor.rules(), judged, today);
    for problem in &mut analysis.findings[known..] {
        let code = file.text.get(std::ops::Range::from(problem.range)).unwrap_or_default();
        problem.fingerprint = fingerprint(problem, file.path, code);
    }
    number(&mut analysis.findings[known..]);
    analysis.findings.sort_by(order);
}

/// Marks the findings that are accepted, and adds what is wrong with the suppressions themselves.
fn apply(
    findings: &mut Vec<Finding>,
    file: &File<'_>,
    catalogue: &[&'static Rule],
    judged: impl Fn(&str) -> bool,
    today: Date,
) {
    let suppressions = Suppressions::read(file.text, file.comments, file.spans, catalogue, today);
    let mut problems = suppressions.problems().to_vec();
    if !file.is_broken {
        problems.extend(suppressions.unused(findings.iter().map(|f| (f.rule.name, f.range)), judged));
    }
    for finding in findings.iter_mut() {
        let accepted = suppressions.find(finding.rule.name, finding.range);
        finding.suppressed = accepted.map(|suppression| suppression.accepted());
    }
    findings.extend(problems.into_iter().map(finding));
}

fn finding(problem: SuppressionProblem) -> Finding {
    let (rule, why) = match problem.kind {
        SuppressionProblemKind::Expired => (&expired::RULE, "What it accepted is a finding again."),
        SuppressionProblemKind::Unused => (&unused::RULE, "It would hide the next mistake in its place."),
        SuppressionProblemKind::Malformed
        | SuppressionProblemKind::UnknownRule
        | SuppressionProblemKind::MissingReason => (&invalid::RULE, "As it stands it hides nothing."),
    };
    Finding::new(rule, problem.range, problem.message).why(why).help(problem.help).fix(problem.fix)
}
