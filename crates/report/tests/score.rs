//! What must hold of every score, whatever was counted.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

use proptest::prelude::*;
use shipworthy_audit::level::{Category, Severity};
use shipworthy_report::{CapabilityTally, Rubric, RuleTally, Scores, Tally};

fn category() -> impl Strategy<Value = Category> {
    proptest::sample::select(Category::ALL)
}

fn severity() -> impl Strategy<Value = Severity> {
    proptest::sample::select(Severity::ALL)
}

fn rule() -> impl Strategy<Value = RuleTally> {
    (category(), severity(), 0_u64..30, prop::array::uniform4(0_u64..4), 0_u64..4).prop_map(
        |(category, severity, sites, open, accepted)| RuleTally {
            category,
            id: String::new(),
            severity,
            sites,
            open,
            accepted,
        },
    )
}

fn capability() -> impl Strategy<Value = CapabilityTally> {
    (category(), 1_u32..4, 0.0..=1.0).prop_map(|(category, weight, credit)| CapabilityTally {
        category,
        id: String::new(),
        weight,
        credit,
    })
}

fn tally() -> impl Strategy<Value = Tally> {
    let weights = prop::collection::vec(0_u32..40, Category::ALL.len());
    let rules = prop::collection::vec(rule(), 1..25);
    let capabilities = prop::collection::vec(capability(), 0..15);
    (weights, rules, capabilities).prop_map(|(weights, mut rules, mut capabilities)| {
        for (number, rule) in rules.iter_mut().enumerate() {
            rule.id = format!("rule-{number}");
        }
        for (number, capability) in capabilities.iter_mut().enumerate() {
            capability.id = format!("capability-{number}");
        }
        Tally { weights: Category::ALL.iter().copied().zip(weights).collect(), rules, capabilities }
    })
}

fn scores(tally: &Tally) -> Scores {
    tally.scores(Rubric::newest())
}

/// Whether a score is at least another. Where nothing is left to judge there is no score to be lower.
fn reaches(after: Option<f64>, before: Option<f64>) -> bool {
    match (after, before) {
        (Some(after), Some(before)) => after >= before - 1e-9,
        _ => true,
    }
}

fn nowhere_lower(after: &Scores, before: &Scores) -> bool {
    let categories = after.categories.iter().zip(&before.categories);
    let mut all = vec![(after.score, before.score), (after.raw, before.raw), (after.mean, before.mean)];
    for (after, before) in categories {
        all.extend([(after.score, before.score), (after.raw, before.raw), (after.code, before.code)]);
    }
    all.into_iter().all(|(after, before)| reaches(after, before))
}

/// Takes an open finding away, if the rule has one of the severity.
fn take(rule: &mut RuleTally, severity: Severity) -> bool {
    let open = &mut rule.open[severity as usize];
    let had = *open > 0;
    *open = open.saturating_sub(1);
    had
}

proptest! {
    #[test]
    fn fixing_never_lowers(tally in tally(), place in any::<prop::sample::Index>(), severity in severity(), keep in any::<bool>()) {
        let before = scores(&tally);
        let mut fixed = tally;
        let rule = place.get(&fixed.rules).id.clone();
        let rule = fixed.rules.iter_mut().find(|r| r.id == rule).unwrap();
        let places = rule.places();
        if take(rule, severity) {
            // Mended, the place is sound; removed, it is gone.
            rule.sites = if keep { places } else { rule.sites.saturating_sub(1) };
            let after = scores(&fixed);
            prop_assert!(nowhere_lower(&after, &before), "{before:#?}\n{after:#?}");
        }
    }

    #[test]
    fn adding_never_raises(tally in tally(), place in any::<prop::sample::Index>(), severity in severity(), new_place in any::<bool>()) {
        let before = scores(&tally);
        let mut worse = tally;
        let rule = place.get(&worse.rules).id.clone();
        let rule = worse.rules.iter_mut().find(|r| r.id == rule).unwrap();
        if new_place {
            rule.sites = rule.places() + 1;
        }
        rule.open[severity as usize] += 1;
        prop_assert!(nowhere_lower(&before, &scores(&worse)));
    }

    #[test]
    fn accepting_is_never_worse_than_leaving_and_never_better_than_fixing(
        tally in tally(), place in any::<prop::sample::Index>(), severity in severity(),
    ) {
        let rule = place.get(&tally.rules).id.clone();
        let mut accepted = tally.clone();
        let own = accepted.rules.iter_mut().find(|r| r.id == rule).unwrap();
        let (places, sound) = (own.places(), own.sound());
        if take(own, severity) {
            own.accepted += 1;
            prop_assert_eq!(own.sound(), sound, "an accepted place is not sound");
            let mut fixed = tally.clone();
            let own = fixed.rules.iter_mut().find(|r| r.id == rule).unwrap();
            own.sites = places;
            take(own, severity);
            prop_assert!(nowhere_lower(&scores(&accepted), &scores(&tally)));
            prop_assert!(nowhere_lower(&scores(&fixed), &scores(&accepted)));
        }
    }

    #[test]
    fn a_better_capability_never_lowers(tally in tally(), place in any::<prop::sample::Index>(), more in 0.0..=1.0) {
        prop_assume!(!tally.capabilities.is_empty());
        let before = scores(&tally);
        let mut better = tally;
        let place = place.index(better.capabilities.len());
        better.capabilities[place].credit = better.capabilities[place].credit.max(more);
        prop_assert!(nowhere_lower(&scores(&better), &before));
    }

    #[test]
    fn size_does_not_count(tally in tally(), times in 2_u64..50) {
        let mut larger = tally.clone();
        for rule in &mut larger.rules {
            rule.sites = rule.places() * times;
            rule.open = rule.open.map(|open| open * times);
            rule.accepted *= times;
        }
        let (one, many) = (scores(&tally), scores(&larger));
        prop_assert!(nowhere_lower(&one, &many) && nowhere_lower(&many, &one));
    }

    #[test]
    fn order_does_not_count(tally in tally(), seed in any::<u64>()) {
        let mut shuffled = tally.clone();
        shuffled.rules.rotate_left((seed % tally.rules.len() as u64) as usize);
        shuffled.rules.reverse();
        shuffled.capabilities.reverse();
        prop_assert_eq!(scores(&tally), scores(&shuffled));
    }

    #[test]
    fn a_blocking_finding_caps(tally in tally()) {
        let rubric = Rubric::newest();
        let scores = scores(&tally);
        for category in &scores.categories {
            prop_assert!(!category.blocked || category.score.unwrap() <= rubric.category_cap);
        }
        prop_assert!(!scores.blocked || scores.score.is_none_or(|score| score <= rubric.grade_cap));
        let parts: f64 = scores.categories.iter().map(|c| c.part).sum();
        prop_assert!(scores.raw.is_none() || (parts - 1.0).abs() < 1e-9, "all of the weight is shared out: {parts}");
    }
}

#[test]
fn letters_begin_where_the_rubric_says() {
    let rubric = Rubric::of(1).unwrap();
    let letters: Vec<&str> =
        [100.0, 97.0, 96.9, 93.0, 90.0, 87.0, 83.0, 80.0, 77.0, 73.0, 70.0, 69.9, 60.0, 59.9, 0.0]
            .map(|score| rubric.letter(score))
            .to_vec();
    assert_eq!(letters, ["A+", "A+", "A", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D", "D", "F", "F"]);
}
