//! Whether something is ready, and why not.

use shipworthy_audit::inventory::{Capability, Status};

use crate::model::{Counts, Verdict};

/// Under this score nothing is ready: the letter is F.
const NOT_READY: f64 = 60.0;
/// Under this score something is ready with conditions only.
const CONDITIONS: f64 = 80.0;

/// The verdict with its reasons, those that weigh most first.
pub(crate) fn verdict(
    score: Option<f64>,
    counts: Counts,
    capabilities: &[Capability],
    provisional: bool,
) -> (Verdict, Vec<String>) {
    let mut reasons: Vec<(Verdict, String)> = Vec::new();
    if counts.blocking > 0 {
        reasons.push((Verdict::NotReady, counted(counts.blocking, "blocking finding")));
    }
    for capability in capabilities {
        let (title, status) = (&capability.title, capability.status);
        let absent = matches!(status, Status::Missing | Status::DeclaredOnly);
        let weighs = match (capability.weight, absent, status) {
            (3.., true, _) => Verdict::NotReady,
            (3.., _, Status::Partial) | (2, true, _) => Verdict::Conditions,
            _ => continue,
        };
        reasons.push((weighs, format!("{title}: {status}")));
    }
    match score {
        Some(score) if score < NOT_READY => {
            reasons.push((Verdict::NotReady, format!("the score is under {NOT_READY}")));
        }
        Some(score) if score < CONDITIONS => {
            reasons.push((Verdict::Conditions, format!("the score is under {CONDITIONS}")));
        }
        Some(_) => {}
        None => reasons.push((Verdict::Conditions, "nothing in it could be judged".to_owned())),
    }
    if counts.high > 0 {
        reasons.push((Verdict::Conditions, counted(counts.high, "high finding")));
    }
    if provisional && score.is_some() {
        reasons.push((Verdict::Conditions, "not enough of it could be checked".to_owned()));
    }
    reasons.sort_by_key(|(weighs, _)| std::cmp::Reverse(*weighs));
    let verdict = reasons.first().map_or(Verdict::Ready, |(weighs, _)| *weighs);
    (verdict, reasons.into_iter().map(|(_, reason)| reason).collect())
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
