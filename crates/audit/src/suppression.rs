//! Suppressions: comments that accept a finding, with the reason.
//!
//! `# shipworthy: ignore[missing-timeout] the gateway in front limits it` stands beside or above a statement or definition and
//! hides that rule's findings in it; `ignore-file[..]` above the first code hides them in the whole file. The reason is
//! required, `until=2027-01-31` makes it expire, and what does nothing is told: one that is not in force never hides anything.

mod apply;
mod coverage;
mod date;
mod directive;
pub mod rules;

use rustc_hash::FxHashSet;
use shipworthy_syntax::{Edit, Range};

use crate::finding::{Accepted, Fix, Safety};
use crate::name::UnknownName;
use crate::rule::Rule;
use coverage::Layout;
use directive::{Body, Directive};

pub(crate) use apply::{File, settle};
pub use coverage::spans;
pub use date::Date;
pub(crate) use directive::MARK;

/// The suppressions of one file. Ranges are bytes of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suppressions {
    list: Vec<Suppression>,
    problems: Vec<SuppressionProblem>,
}

/// A suppression in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Where it stands: its part of the comment.
    pub range: Range,
    /// The rules whose findings it hides.
    pub rules: Vec<&'static str>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// A finding is hidden if it starts here.
    pub covers: Range,
    /// What stands between its brackets.
    list: Range,
    /// What goes with it.
    removal: Range,
}

/// Something wrong with a suppression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionProblem {
    /// What kind of thing.
    pub kind: SuppressionProblemKind,
    /// Where.
    pub range: Range,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Removes or rights it. What is removed was not in force or hid nothing.
    pub fix: Fix,
}

/// What can be wrong with a suppression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuppressionProblemKind {
    /// It cannot be understood, or stands where it means nothing.
    Malformed,
    /// It names a rule that does not exist.
    UnknownRule,
    /// It gives no reason.
    MissingReason,
    /// Its day has passed.
    Expired,
    /// It hides nothing.
    Unused,
}

impl SuppressionProblemKind {
    /// The name under which it is reported, as a rule's is.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Malformed | Self::UnknownRule | Self::MissingReason => "invalid-suppression",
            Self::Expired => "expired-suppression",
            Self::Unused => "unused-suppression",
        }
    }
}

impl Suppressions {
    /// Reads the suppressions of a file.
    ///
    /// `comments` are the file's comments in order; `spans` is what suppressions can stand for, in any order (see [`spans`]).
    /// One whose `until` is before `today` is expired.
    #[must_use]
    pub fn read(
        text: &str,
        comments: &[Range],
        spans: &[Range],
        catalogue: &[&'static Rule],
        today: Date,
    ) -> Self {
        let mut reader = Reader {
            layout: Layout { text, comments, spans },
            catalogue,
            today,
            suppressions: Self::default(),
        };
        for comment in comments {
            for directive in Directive::all(reader.layout.slice(*comment)) {
                reader.directive(*comment, directive);
            }
        }
        reader.suppressions.problems.sort_by_key(|problem| problem.range);
        reader.suppressions
    }

    /// The suppression that hides a finding: of several, the one that covers least.
    #[must_use]
    pub fn find(&self, rule: &str, finding: Range) -> Option<&Suppression> {
        self.position(rule, finding).map(|position| &self.list[position])
    }

    fn position(&self, rule: &str, finding: Range) -> Option<usize> {
        let hides = |suppression: &Suppression| {
            suppression.covers.contains(finding.start) && suppression.rules.contains(&rule)
        };
        let hiding = self.list.iter().enumerate().filter(|(_, suppression)| hides(suppression));
        hiding.min_by_key(|(_, suppression)| suppression.covers.len()).map(|(position, _)| position)
    }

    /// Those in force, in the file's order.
    #[must_use]
    pub fn list(&self) -> &[Suppression] {
        &self.list
    }

    /// What is wrong before anything is audited, in the file's order. See also [`Suppressions::unused`].
    #[must_use]
    pub fn problems(&self) -> &[SuppressionProblem] {
        &self.problems
    }

    /// The suppressions that hide none of the file's findings, in the file's order.
    ///
    /// Give it all findings, those below the minimum confidence too; `judged` says whether a rule had its say on the file: one
    /// that is switched off may find something tomorrow. Do not ask while the file is broken.
    #[must_use]
    pub fn unused<'a>(
        &self,
        findings: impl IntoIterator<Item = (&'a str, Range)>,
        judged: impl Fn(&str) -> bool,
    ) -> Vec<SuppressionProblem> {
        let used: FxHashSet<(usize, &str)> = findings
            .into_iter()
            .filter_map(|(rule, range)| Some((self.position(rule, range)?, rule)))
            .collect();
        let unused = self.list.iter().enumerate().filter_map(|(position, suppression)| {
            let is_idle = |rule: &&str| judged(rule) && !used.contains(&(position, *rule));
            let (idle, kept): (Vec<&str>, Vec<&str>) = suppression.rules.iter().copied().partition(is_idle);
            (!idle.is_empty()).then(|| suppression.unused(&idle, &kept))
        });
        unused.collect()
    }
}

impl Suppression {
    /// Its words, as findings carry them.
    #[must_use]
    pub fn accepted(&self) -> Accepted {
        Accepted { reason: self.reason.clone(), until: self.until.map(|day| day.to_string()) }
    }

    fn unused(&self, idle: &[&str], kept: &[&str]) -> SuppressionProblem {
        let names = idle.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(" and ");
        let finds = if idle.len() == 1 { "finds" } else { "find" };
        SuppressionProblem {
            kind: SuppressionProblemKind::Unused,
            range: self.range,
            message: format!("{names} {finds} nothing here to ignore"),
            help: "remove it, so that it hides nothing tomorrow".to_owned(),
            fix: if kept.is_empty() {
                removal(Safety::Safe, self.removal)
            } else {
                Fix::safe(format!("Remove {names} from the suppression")).replace(self.list, kept.join(", "))
            },
        }
    }
}

/// The comment, behind its `sign`, that accepts a finding of `rule` at `offset`, above its statement and in its style. None where there is no place
/// for a line of its own.
#[must_use]
pub fn ignore_here(
    text: &str,
    sign: &str,
    spans: &[Range],
    offset: u32,
    rule: &str,
    reason: &str,
) -> Option<Edit> {
    let layout = Layout { text, comments: &[], spans };
    let statement = layout.innermost(offset)?.start;
    let line = layout.line_start(statement);
    let indentation = layout.slice(Range { start: line, end: statement });
    if !indentation.trim().is_empty() {
        return None;
    }
    let line_break = Some(layout.line_break(statement)).filter(|end| !end.is_empty()).unwrap_or("\n");
    Some(Edit::new(
        Range::empty(line),
        format!("{indentation}{sign} shipworthy: ignore[{rule}] {reason}{line_break}"),
    ))
}

/// Removes what hides nothing. That is safe only where nobody is told to right it instead.
fn removal(safety: Safety, range: Range) -> Fix {
    Fix::new("Remove the suppression", safety).replace(range, "")
}

struct Reader<'a> {
    layout: Layout<'a>,
    catalogue: &'a [&'static Rule],
    today: Date,
    suppressions: Suppressions,
}

impl Reader<'_> {
    fn directive(&mut self, comment: Range, directive: Directive) {
        use SuppressionProblemKind::{Expired, Malformed, MissingReason};
        let in_file = |range: Range| range.shift(i64::from(comment.start));
        let range = in_file(directive.range);
        let removal = self.removal(comment, range, directive.next.map(|next| comment.start + next));
        let body = match directive.body {
            Ok(body) => body,
            Err(mistake) => {
                return self.problem(
                    Malformed,
                    range,
                    mistake.message,
                    mistake.help,
                    self::removal(Safety::Suggested, removal),
                );
            }
        };
        let body = Body {
            list: in_file(body.list),
            rules: body.rules.iter().map(|rule| in_file(*rule)).collect(),
            until: body.until.map(in_file),
            ..body
        };
        let rules = self.rules(&body, removal);
        let until = body.until.map(|day| self.layout.slice(day).parse::<Date>());
        let first_code = self.layout.next_code(0);
        let mistake = if body.whole_file && first_code.is_some_and(|code| code < comment.start) {
            let help = "write it above the first line of code";
            Some((Malformed, "this stands too low to be about the whole file".to_owned(), help))
        } else if body.reason.is_empty() {
            let help = "say behind the brackets why this is acceptable; without a reason nothing is ignored";
            Some((MissingReason, "this gives no reason".to_owned(), help))
        } else {
            match until {
                Some(Err(())) => {
                    let day = self.layout.slice(body.until.unwrap_or_default());
                    let help = "write it as `until=2027-01-31`; until then nothing is ignored";
                    Some((Malformed, format!("there is no day `{day}`"), help))
                }
                Some(Ok(day)) if day < self.today => {
                    let help = "fix what it hid, or set a later day";
                    Some((Expired, format!("this was acceptable until {day}"), help))
                }
                _ => None,
            }
        };
        match mistake {
            Some((kind, message, help)) => {
                self.problem(
                    kind,
                    range,
                    message,
                    help.to_owned(),
                    self::removal(Safety::Suggested, removal),
                );
            }
            None if rules.is_empty() => {}
            None => {
                let covers = if body.whole_file {
                    Range { start: 0, end: u32::MAX }
                } else {
                    self.layout.covered_by(comment)
                };
                let until = until.and_then(Result::ok);
                let Body { reason, list, .. } = body;
                self.suppressions.list.push(Suppression {
                    range,
                    rules,
                    reason,
                    until,
                    covers,
                    list,
                    removal,
                });
            }
        }
    }

    /// The rules that a suppression names; those that do not exist are problems.
    fn rules(&mut self, body: &Body, removal: Range) -> Vec<&'static str> {
        let mut rules = Vec::new();
        for range in &body.rules {
            let name = self.layout.slice(*range);
            if let Some(rule) = self.catalogue.iter().find(|rule| rule.name == name) {
                rules.push(rule.name);
                continue;
            }
            let unknown = UnknownName::new("rule", name, self.catalogue.iter().map(|rule| rule.name));
            let fix = match &unknown.nearest {
                Some(nearest) => {
                    Fix::suggested(format!("Ignore `{nearest}`")).replace(*range, nearest.as_str())
                }
                None if body.rules.len() == 1 => self::removal(Safety::Suggested, removal),
                None => {
                    let others = body.rules.iter().filter(|other| *other != range);
                    let others: Vec<&str> = others.map(|other| self.layout.slice(*other)).collect();
                    Fix::suggested("Remove the rule").replace(body.list, others.join(", "))
                }
            };
            let message = format!("there is no rule `{name}`");
            let help = unknown.help().unwrap_or_else(|| "`shipworthy rule --all` lists the rules".to_owned());
            self.problem(SuppressionProblemKind::UnknownRule, *range, message, help, fix);
        }
        rules
    }

    fn problem(
        &mut self,
        kind: SuppressionProblemKind,
        range: Range,
        message: String,
        help: String,
        fix: Fix,
    ) {
        self.suppressions.problems.push(SuppressionProblem { kind, range, message, help, fix });
    }

    /// What goes when a directive goes: with its line if it has one of its own, without what else the comment says.
    fn removal(&self, comment: Range, directive: Range, next: Option<u32>) -> Range {
        let layout = &self.layout;
        let line = Range { start: layout.line_start(directive.start), end: layout.line_end(directive.end) };
        let before = layout.slice(Range { start: line.start, end: directive.start });
        let behind = layout.slice(Range { start: directive.end, end: line.end });
        if let Some(next) = next.filter(|_| directive.start == comment.start) {
            Range { start: directive.start, end: next }
        } else if !before.trim().is_empty() {
            Range { start: line.start + length(before.trim_end()), end: directive.end }
        } else if !behind.trim().is_empty() {
            Range { start: directive.start, end: line.end - length(behind.trim_start()) }
        } else {
            Range { start: line.start, end: line.end + length(layout.line_break(directive.end)) }
        }
    }
}

/// In bytes.
fn length(text: &str) -> u32 {
    Range::from(0..text.len()).end
}

#[cfg(test)]
mod tests;
