//! Suppressions at work on a file's findings.

use shipworthy_syntax::Range;

use super::rules::{expired, invalid, unused};
use super::{Date, SuppressionProblem, SuppressionProblemKind, Suppressions};
use crate::finding::Finding;
use crate::rule::Rule;

/// A file as suppressions see it.
pub(crate) struct File<'a> {
    pub(crate) text: &'a str,
    pub(crate) comments: &'a [Range],
    pub(crate) spans: &'a [Range],
    /// Not all of it could be read: what seems unused may not be.
    pub(crate) is_broken: bool,
}

/// Marks the findings that are accepted, and adds what is wrong with the suppressions themselves.
pub(crate) fn apply(
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
