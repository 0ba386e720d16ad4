//! Rubrics: the numbers of the score, by version. `docs/scoring.md` says why they are as they are. A rubric that was released is never
//! changed: what changes is a new one, so that no release moves a grade behind its owner's back.

use shipworthy_audit::level::Severity;

/// The numbers of the score.
#[derive(Debug, PartialEq)]
pub struct Rubric {
    /// Its version; reports name it.
    pub version: u32,
    /// What a place weighs by severity, from low to blocking.
    severity: [u32; 4],
    /// The part of a category's score that comes from its code, where it has capabilities too, in percent.
    pub code: f64,
    /// The most that a category with an open blocking finding has.
    pub category_cap: f64,
    /// The most that a grade with an open blocking finding has.
    pub grade_cap: f64,
    /// Letters with the score from which on they hold, from the best; below the last is `F`.
    letters: &'static [(f64, &'static str)],
    /// The share that must have been checked for a grade that is not provisional.
    pub firm: f64,
    /// The share that must have been checked for a letter.
    pub lettered: f64,
}

/// Every rubric, the newest last.
pub static RUBRICS: &[Rubric] = &[Rubric {
    version: 1,
    severity: [1, 2, 4, 8],
    code: 50.0,
    category_cap: 59.0,
    grade_cap: 69.0,
    letters: &[
        (97.0, "A+"),
        (93.0, "A"),
        (90.0, "A-"),
        (87.0, "B+"),
        (83.0, "B"),
        (80.0, "B-"),
        (77.0, "C+"),
        (73.0, "C"),
        (70.0, "C-"),
        (60.0, "D"),
    ],
    firm: 0.95,
    lettered: 0.80,
}];

impl Rubric {
    /// The newest.
    pub fn newest() -> &'static Self {
        &RUBRICS[RUBRICS.len() - 1]
    }

    /// The rubric of a version.
    pub fn of(version: u32) -> Option<&'static Self> {
        RUBRICS.iter().find(|rubric| rubric.version == version)
    }

    /// What a place of a severity weighs.
    pub fn weight(&self, severity: Severity) -> u32 {
        self.severity[severity as usize]
    }

    /// The letter of a score as it is shown, with one decimal.
    pub fn letter(&self, score: f64) -> &'static str {
        self.letters.iter().find(|(from, _)| score >= *from).map_or("F", |(_, letter)| letter)
    }
}
