//! The score: what was counted goes in, scores come out. Pure arithmetic, written down with its reasons in `docs/scoring.md`.

use std::collections::BTreeMap;

use shipworthy_audit::level::{Category, Severity};

use crate::rubric::Rubric;

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// What categories weigh, in the report's order.
    pub weights: BTreeMap<Category, u32>,
    /// Rules, in any order.
    pub rules: Vec<RuleTally>,
    /// Capabilities that apply, in any order.
    pub capabilities: Vec<CapabilityTally>,
}

/// What was counted of one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleTally {
    /// The category it counts in.
    pub category: Category,
    /// Its name.
    pub id: String,
    /// Its severity in force: what a sound place of it weighs.
    pub severity: Severity,
    /// Places that were checked.
    pub sites: u64,
    /// Open findings, by severity from low to blocking.
    pub open: [u64; 4],
    /// Findings that somebody accepted with a reason.
    pub accepted: u64,
}

/// What was counted of one capability that applies.
#[derive(Clone, Debug, PartialEq)]
pub struct CapabilityTally {
    /// The category it counts in.
    pub category: Category,
    /// Its name.
    pub id: String,
    /// Its weight.
    pub weight: u32,
    /// How much of it is there, from 0 to 1.
    pub credit: f64,
}

/// A category's score, from 0 to 100. None: nothing of it was checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CategoryScore {
    /// The category.
    pub category: Category,
    /// The part that comes from code.
    pub code: Option<f64>,
    /// The part that comes from capabilities.
    pub capabilities: Option<f64>,
    /// Both, before the cap.
    pub raw: Option<f64>,
    /// The score.
    pub score: Option<f64>,
    /// Whether a blocking finding is open.
    pub blocked: bool,
    /// Its part of the grade, from 0 to 1: its weight among the categories that apply.
    pub part: f64,
}

/// All scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// By category, in the report's order.
    pub categories: Vec<CategoryScore>,
    /// The mean of the categories before all caps.
    pub raw: Option<f64>,
    /// The mean of the categories' scores before the grade's own cap.
    pub mean: Option<f64>,
    /// The score.
    pub score: Option<f64>,
    /// Whether a blocking finding is open.
    pub blocked: bool,
}

impl RuleTally {
    /// Places that count: findings that no site was counted for are places too.
    pub fn places(&self) -> u64 {
        self.sites.max(self.findings() + self.accepted)
    }

    /// Open findings.
    pub fn findings(&self) -> u64 {
        self.open.iter().sum()
    }

    /// Places without a finding, open or accepted.
    pub fn sound(&self) -> u64 {
        self.places() - self.findings() - self.accepted
    }

    /// The share that is sound, by severity; none where nothing is left to judge.
    pub fn share(&self, rubric: &Rubric) -> Option<f64> {
        let sound = self.sound() * u64::from(rubric.weight(self.severity));
        let weighted = Severity::ALL.iter().zip(self.open).map(|(s, n)| u64::from(rubric.weight(*s)) * n);
        let unsound: u64 = weighted.sum();
        (sound + unsound > 0).then(|| sound as f64 / (sound + unsound) as f64)
    }

    /// Whether a blocking finding is open.
    pub fn blocks(&self) -> bool {
        self.open[Severity::Blocking as usize] > 0
    }

    /// Mends the findings from a severity on: their places are sound.
    pub fn mend(&mut self, from: Severity) {
        self.sites = self.places();
        for severity in Severity::ALL.iter().filter(|s| **s >= from) {
            self.open[*severity as usize] = 0;
        }
    }
}

impl Tally {
    /// The scores.
    pub fn scores(&self, rubric: &Rubric) -> Scores {
        // In one order, so that the last bit of a sum does not hang on who counted first.
        let mut rules: Vec<&RuleTally> = self.rules.iter().collect();
        rules.sort();
        let mut capabilities: Vec<&CapabilityTally> = self.capabilities.iter().collect();
        capabilities
            .sort_by(|a, b| (&a.id, a.weight).cmp(&(&b.id, b.weight)).then(a.credit.total_cmp(&b.credit)));

        let mut categories: Vec<CategoryScore> = Vec::new();
        for category in Category::ALL {
            let own = || rules.iter().filter(|r| r.category == *category);
            let shares = own().filter_map(|r| Some((f64::from(rubric.weight(r.severity)), r.share(rubric)?)));
            let code = mean(shares).map(|share| share * 100.0);
            let having = capabilities.iter().filter(|c| c.category == *category);
            let having = mean(having.map(|c| (f64::from(c.weight), c.credit))).map(|share| share * 100.0);
            let raw = match (code, having) {
                (Some(code), Some(having)) => {
                    Some((code * rubric.code + having * (100.0 - rubric.code)) / 100.0)
                }
                (one, other) => one.or(other),
            };
            let blocked = own().any(|r| r.blocks());
            let score = if blocked { raw.map(|raw| raw.min(rubric.category_cap)) } else { raw };
            categories.push(CategoryScore {
                category: *category,
                code,
                capabilities: having,
                raw,
                score,
                blocked,
                part: 0.0,
            });
        }
        let weight = |c: &CategoryScore| f64::from(self.weights.get(&c.category).copied().unwrap_or(0));
        let total: f64 = categories.iter().filter(|c| c.raw.is_some()).map(weight).sum();
        for category in categories.iter_mut().filter(|c| c.raw.is_some() && total > 0.0) {
            category.part = weight(category) / total;
        }
        let over = |of: fn(&CategoryScore) -> Option<f64>| {
            mean(categories.iter().filter_map(|c| Some((weight(c), of(c)?))))
        };
        let (raw, mean) = (over(|c| c.raw), over(|c| c.score));
        let blocked = categories.iter().any(|c| c.blocked);
        let score = if blocked { mean.map(|mean| mean.min(rubric.grade_cap)) } else { mean };
        Scores { categories, raw, mean, score, blocked }
    }
}

/// The weighted mean; none of nothing.
fn mean(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (weights, sum) = values.fold((0.0, 0.0), |(weights, sum), (w, v)| (weights + w, sum + w * v));
    (weights > 0.0).then(|| sum / weights)
}

/// A score as it is shown: with one decimal.
pub fn shown(score: f64) -> f64 {
    (score * 10.0).round() / 10.0
}
