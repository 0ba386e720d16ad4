//! What happens to calls of external services when these are slow or down, call by call: what the table of services is made of.

use std::collections::BTreeMap;

use shipworthy_audit::inventory::{Covered, Service};
use shipworthy_audit::{Check, Survey};
use shipworthy_facts::Node;

use crate::repeats::retried;
use crate::waits::is_limited;

/// The keys of notes: each tells of one call of the service in its detail.
pub(crate) const OPEN: &str = "service";
const ANSWERED: &str = "service with a fallback";
const LIMITED: &str = "limited";
const UNLIMITED: &str = "unlimited";
const RETRIED: &str = "retried";
const TRIED_ONCE: &str = "tried once";

/// Writes down what there is to say of a call of a service. What cannot be told of it is not counted.
pub(crate) fn note(cx: &mut Check<'_>, call: Node<'_>, service: &str, has_fallback: bool) {
    cx.note(call, if has_fallback { ANSWERED } else { OPEN }, service);
    if let Some(limited) = is_limited(cx, call) {
        cx.note(call, if limited { LIMITED } else { UNLIMITED }, service);
    }
    if let Some(retried) = retried(cx, call) {
        cx.note(call, if retried { RETRIED } else { TRIED_ONCE }, service);
    }
}

/// Tells the inventory of the services that notes speak of.
pub(crate) fn tell(survey: &mut Survey<'_>, has_breaker: impl Fn(usize) -> bool) {
    let mut services: BTreeMap<&str, (usize, Service)> = BTreeMap::new();
    let files: Vec<usize> = survey.files().map(|(file, _)| file).collect();
    for file in files {
        let mut breaks = None;
        for note in survey.notes(file) {
            let counts: fn(&mut Service) -> &mut Covered = match note.key.as_str() {
                OPEN | ANSWERED => |service| &mut service.fallback,
                LIMITED | UNLIMITED => |service| &mut service.time_limit,
                RETRIED | TRIED_ONCE => |service| &mut service.retries,
                _ => continue,
            };
            let (_, service) = services.entry(&note.detail).or_insert_with(|| (file, named(&note.detail)));
            count(counts(service), matches!(note.key.as_str(), ANSWERED | LIMITED | RETRIED));
            if matches!(note.key.as_str(), OPEN | ANSWERED) {
                count(&mut service.breaker, *breaks.get_or_insert_with(|| has_breaker(file)));
                service.calls.extend(survey.evidence(file, note.range, first_line(survey, file, note.range)));
            }
        }
    }
    for (file, mut service) in services.into_values() {
        service.when_down = when_down(&service);
        survey.inventory(file).services.push(service);
    }
}

fn first_line(survey: &Survey<'_>, file: usize, range: shipworthy_syntax::Range) -> String {
    let text = survey.all_files().get(file).map(|file| file.text.slice(range)).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}

fn named(service: &str) -> Service {
    let none = Covered::default();
    let (name, calls, when_down) = (service.replace('`', ""), Vec::new(), String::new());
    Service { name, calls, time_limit: none, retries: none, breaker: none, fallback: none, when_down }
}

fn count(covered: &mut Covered, is_covered: bool) {
    covered.total += 1;
    covered.covered += u32::from(is_covered);
}

/// What happens today when a service is down, in a sentence.
fn when_down(service: &Service) -> String {
    let all = |covered: Covered| covered.total > 0 && covered.covered == covered.total;
    let Covered { covered, total } = service.time_limit;
    let open = total - covered;
    let waits = match (open, total) {
        (0, 0) => "Calls fail with an error",
        (0, _) => "Calls fail after their time limit",
        (open, total) if open == total => "Calls hang without a limit of their own when it does not answer",
        _ => "Some calls fail after their time limit, others hang without one",
    };
    let then = match () {
        () if all(service.fallback) => ", and the code goes on without it",
        () if all(service.breaker) => ", and at once while the breaker is open",
        () if service.fallback.covered > 0 => "; some of the code goes on without it",
        () if all(service.retries) => ", after more than one try",
        () => "; nothing stands in for it",
    };
    format!("{waits}{then}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_what_happens() {
        let mut service = named("the service that `crm.py` calls");
        assert_eq!(service.name, "the service that crm.py calls");
        assert_eq!(when_down(&service), "Calls fail with an error; nothing stands in for it.");
        count(&mut service.time_limit, true);
        count(&mut service.fallback, true);
        assert_eq!(
            when_down(&service),
            "Calls fail after their time limit, and the code goes on without it."
        );
        count(&mut service.time_limit, false);
        count(&mut service.fallback, false);
        count(&mut service.retries, true);
        assert_eq!(
            when_down(&service),
            "Some calls fail after their time limit, others hang without one; some of the code goes on without it."
        );
    }
}
