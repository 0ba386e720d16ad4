//! What Go code owes the values that it takes: to close or call them on every way out.

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Finding};
use shipworthy_facts::{Kind, Node};

use crate::ownership::{Fate, fate, first_line};

/// What is owed to a kind of value, and the words of a finding about it.
pub(crate) struct Duty<'w> {
    /// The methods that pay it, the usual one first; an empty one: calling the value itself.
    pub(crate) methods: &'w [&'w str],
    /// What that call takes.
    pub(crate) arguments: &'w str,
    /// What stands before the value's name: `the body of `.
    pub(crate) subject: &'w str,
    /// `closed`, `called`.
    pub(crate) done: &'w str,
    /// The message where nobody holds the value, and what to do then.
    pub(crate) dropped: &'w str,
    pub(crate) keep: &'static str,
    /// What a way out does that neglects it.
    pub(crate) leaving: &'w str,
    /// Whether a way out owes nothing.
    pub(crate) excused: &'w dyn Fn(Node<'_>) -> bool,
    pub(crate) why: &'static str,
}

impl Duty<'_> {
    /// The finding about the value at a position of what a call gives, where it is neglected on some way out.
    pub(crate) fn neglected(&self, cx: &Check<'_>, call: Node<'_>, position: usize) -> Option<Finding> {
        let guessed = cx.meaning(call).is_some_and(|m| m.guessed);
        let confidence = if guessed { Confidence::Medium } else { Confidence::High };
        let held = match fate(cx, call, position) {
            Fate::Dropped => {
                let finding = cx.finding(call, self.dropped).why(self.why).help(self.keep);
                return Some(finding.confidence(confidence));
            }
            Fate::Held(held) => held,
            Fate::Released | Fate::HandedOn => return None,
        };
        let mut story = held.story(cx, self.methods, false);
        story.leaks.retain(|leak| !(self.excused)(*leak));
        if story.leaks.is_empty() {
            return None;
        }
        let name = held.name;
        let how = if story.releases.is_empty() && !story.handed_on {
            format!("never {}", self.done)
        } else {
            format!("not {} on every way out", self.done)
        };
        let payment = match self.methods.first() {
            Some(method) if !method.is_empty() => format!("{name}.{method}({})", self.arguments),
            _ => format!("{name}({})", self.arguments),
        };
        let mut finding = cx
            .finding(call, format!("{}`{name}` is {how}", self.subject))
            .why(self.why)
            .help(held.advice(&payment))
            .confidence(confidence)
            .maybe_fix(held.defer(cx, &story, &payment));
        for leak in story.leaks.iter().take(3).filter(|l| l.is(Kind::Return)) {
            finding = finding.related(first_line(*leak), self.leaving);
        }
        Some(finding)
    }
}

/// Whether a call gives its caller something new: what gives no error beside it gives something that somebody else has.
pub(crate) fn is_fresh(cx: &Check<'_>, call: Node<'_>) -> bool {
    match cx.workspace_callee(call) {
        Some(path) => cx.workspace().function(&path).is_some_and(|f| f.results.len() == 2),
        None => cx.meaning(call).is_some_and(|m| m.returns.len() == 2),
    }
}
