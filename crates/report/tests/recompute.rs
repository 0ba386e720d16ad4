//! Every number of a report can be computed again from its own JSON, by the words of `docs/scoring.md`.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

fn weight(severity: &Value) -> f64 {
    match severity.as_str().unwrap() {
        "low" => 1.0,
        "medium" => 2.0,
        "high" => 4.0,
        "blocking" => 8.0,
        other => panic!("{other}"),
    }
}

fn list<'a>(json: &'a Value, key: &str) -> &'a [Value] {
    json[key].as_array().unwrap()
}

fn is_shown_as(computed: Option<f64>, shown: &Value) -> bool {
    match (computed, shown.as_f64()) {
        (Some(computed), Some(shown)) => (computed - shown).abs() <= 0.05 + 1e-9,
        (None, None) => true,
        _ => false,
    }
}

fn mean(values: &[(f64, f64)]) -> Option<f64> {
    let weights: f64 = values.iter().map(|(w, _)| w).sum();
    (weights > 0.0).then(|| values.iter().map(|(w, v)| w * v).sum::<f64>() / weights)
}

fn recompute(json: &Value) {
    let open = |rule: &Value| {
        let all = list(json, "findings").iter();
        all.filter(|f| f["rule"] == rule["id"] && f["suppressed"].is_null()).collect::<Vec<_>>()
    };
    let mut code: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    let mut blocked: BTreeMap<&str, bool> = BTreeMap::new();
    for rule in list(json, "rules") {
        let findings = open(rule);
        assert_eq!(findings.len() as u64, rule["findings"].as_u64().unwrap());
        let number = |key: &str| rule[key].as_u64().unwrap();
        assert_eq!(number("sound"), number("sites") - number("findings") - number("accepted"));
        let sound = number("sound") as f64 * weight(&rule["severity"]);
        let unsound: f64 = findings.iter().map(|f| weight(&f["severity"])).sum();
        let category = rule["category"].as_str().unwrap();
        *blocked.entry(category).or_default() |= findings.iter().any(|f| f["severity"] == "blocking");
        if sound + unsound > 0.0 {
            code.entry(category).or_default().push((weight(&rule["severity"]), sound / (sound + unsound)));
        }
    }
    let (mut scores, mut raws) = (Vec::new(), Vec::new());
    for category in list(json, "categories") {
        let id = category["id"].as_str().unwrap();
        let code = code.get(id).and_then(|shares| mean(shares)).map(|share| share * 100.0);
        let own = list(json, "capabilities").iter().filter(|c| c["category"] == id);
        let applies = own.filter(|c| c["status"] != "not-applicable");
        let having: Vec<(f64, f64)> = applies
            .map(|c| {
                let counts = c["status"] == "present" || c["status"] == "partial";
                (c["weight"].as_f64().unwrap(), if counts { c["share"].as_f64().unwrap() } else { 0.0 })
            })
            .collect();
        let having = mean(&having).map(|share| share * 100.0);
        let raw = match (code, having) {
            (Some(code), Some(having)) => Some(code * 0.5 + having * 0.5),
            (one, other) => one.or(other),
        };
        let is_blocked = blocked.get(id).copied().unwrap_or_default();
        let score = raw.map(|raw| if is_blocked { raw.min(59.0) } else { raw });
        for (computed, key) in [(code, "code"), (having, "having"), (raw, "raw"), (score, "score")] {
            assert!(is_shown_as(computed, &category[key]), "{id} {key}: {computed:?}, {category:#}");
        }
        if let (Some(raw), Some(score)) = (raw, score) {
            let weight = category["weight"].as_f64().unwrap();
            raws.push((weight, raw));
            scores.push((weight, score));
        }
    }
    let any = blocked.values().any(|blocked| *blocked);
    let score = mean(&scores).map(|mean| if any { mean.min(69.0) } else { mean });
    assert!(is_shown_as(score, &json["grade"]["score"]), "{score:?}");
    assert!(is_shown_as(mean(&raws), &json["grade"]["raw"]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_json_alone_gives_every_score(outcome in common::outcome()) {
        let json = shipworthy_report::json(&common::report(&outcome));
        recompute(&serde_json::from_str(&json).unwrap());
    }

    #[test]
    fn files_in_another_order_give_the_same_scores(outcome in common::outcome()) {
        let mut turned = outcome.clone();
        turned.files.reverse();
        turned.inventory.capabilities.reverse();
        let (one, other) = (common::report(&outcome), common::report(&turned));
        prop_assert_eq!(one.grade, other.grade);
        prop_assert_eq!(one.categories, other.categories);
        prop_assert_eq!(one.plan, other.plan);
    }
}
