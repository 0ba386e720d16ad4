//! The page for those who write vocabulary files names all that the built-in files use: rules and files agree on nothing else.

use std::collections::BTreeSet;

use shipworthy_facts::{Effects, Meaning, Vocabulary};
use shipworthy_syntax::Language;

const PAGE: &str = include_str!("../../../docs/vocabulary.md");

/// What stands between single backticks.
fn told() -> BTreeSet<&'static str> {
    let text = PAGE.split("```").step_by(2);
    text.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

fn names(meaning: &Meaning) -> impl Iterator<Item = &str> {
    let keys = [&meaning.forms, &meaning.properties].into_iter().flatten().map(|(key, _)| &**key);
    let arguments = meaning.arguments.iter().map(|(key, _)| &**key);
    meaning.roles.iter().map(|role| &**role).chain(keys).chain(arguments)
}

#[test]
fn every_name_is_told() {
    let told = told();
    let mut untold = BTreeSet::new();
    for language in [Language::Python, Language::Go, Language::Rust] {
        for meaning in Vocabulary::built_in(language).meanings() {
            untold.extend(
                names(meaning).filter(|n| !told.contains(n)).map(|n| (n.to_owned(), meaning.name.clone())),
            );
        }
    }
    assert!(untold.is_empty(), "docs/vocabulary.md does not explain: {untold:?}");
}

#[test]
fn every_effect_is_told() {
    let told = told();
    let untold: Vec<String> =
        Effects::all().names().into_iter().filter(|e| !told.contains(e.as_str())).collect();
    assert!(untold.is_empty(), "docs/vocabulary.md does not explain: {untold:?}");
}
