//! After any edits a source is what a new one with the same text would be.

mod common;

use proptest::prelude::*;
use shipworthy_syntax::{Language, Source};

const SAMPLES: [(Language, &str); 3] = [
    (Language::Python, include_str!("samples/sample.py")),
    (Language::Go, include_str!("samples/sample.go")),
    (Language::Rust, include_str!("samples/sample.rs")),
];

#[test]
fn the_items_of_whole_code_are_those_of_the_whole_parse() {
    for (language, text) in SAMPLES {
        for text in [text.to_owned(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
            assert!(Source::new(language, &text).items().iter().all(|item| !item.has_error()), "{language}");
            common::difference_from_whole(language, &text).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn incremental_equals_fresh(
        sample in 0..SAMPLES.len(),
        line_break in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        numbers in prop::collection::vec(any::<u64>(), 1..30),
    ) {
        let (language, text) = SAMPLES[sample];
        let mut text = text.replace('\n', line_break);
        let mut source = Source::new(language, &text);
        for number in numbers {
            common::edit_and_compare(&mut source, &mut text, number);
        }
    }
}
