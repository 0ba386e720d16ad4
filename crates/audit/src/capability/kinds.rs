//! The tests of a workspace by kind: what their files are called and use says which they are.

use std::collections::BTreeMap;

use super::catalogue::{Catalogue, Proof, Strength};
use super::judge::Scene;
use crate::code_role::CodeRole;
use crate::inventory::TestKind;

/// The capabilities whose evidence is tests of a kind, the most telling first: a file counts once.
const KINDS: [(&str, &str); 4] = [
    ("end-to-end-tests", "end to end"),
    ("load-tests", "load"),
    ("security-tests", "security"),
    ("integration-tests", "integration"),
];

/// What else a file with tests is.
const UNIT: &str = "unit";

/// Counts the tests of a workspace's code by kind.
pub fn tests_by_kind(catalogue: &Catalogue, scene: &Scene<'_>) -> Vec<TestKind> {
    let mut kinds: BTreeMap<&str, TestKind> = BTreeMap::new();
    let tests = scene.code.iter().filter(|file| matches!(file.role, CodeRole::Test | CodeRole::Production));
    for file in tests.filter(|file| file.sightings.tests > 0) {
        let by_path = catalogue.probes.of_path(&file.path);
        // What a test is named after, it only speaks of, as a rule; what it uses, it is about.
        let used = file.sightings.seen.iter().filter(|seen| seen.in_test || file.role == CodeRole::Test);
        let used: Vec<usize> = used.map(|seen| seen.proof).collect();
        let kind = KINDS.iter().find(|(id, _)| {
            catalogue.proofs_of(id).any(|(number, proof)| {
                // What a proof asks of the text is that it has tests.
                let placed = by_path.iter().any(|(known, _)| *known == number);
                placed || is_use(proof) && used.contains(&number)
            })
        });
        let kind = kind.map_or(UNIT, |(_, kind)| kind);
        let counted =
            kinds.entry(kind).or_insert_with(|| TestKind { kind: kind.to_owned(), files: 0, cases: 0 });
        counted.files += 1;
        counted.cases += file.sightings.tests;
    }
    kinds.into_values().collect()
}

/// Whether a proof is something that tests of its kind use, and others do not. A benchmark stands in one file with tests of units.
fn is_use(proof: &Proof) -> bool {
    proof.strength == Strength::Full
        && proof.defines.is_empty()
        && proof.place == super::catalogue::Place::Tests
}
