//! Tests over real files, too large for every run: `SHIPWORTHY_CORPUS=folder cargo test --release -- --ignored`.

mod common;

use std::path::PathBuf;

use shipworthy_syntax::{Language, Source};

fn corpus() -> PathBuf {
    std::env::var_os("SHIPWORTHY_CORPUS").unwrap_or_else(|| panic!("SHIPWORTHY_CORPUS names a folder")).into()
}

#[test]
#[ignore = "needs a corpus"]
fn items_are_those_of_the_whole_parse() {
    let files = common::files(&corpus());
    let failures: Vec<String> = files
        .iter()
        .filter_map(|(path, language, text)| {
            let difference = common::difference_from_whole(*language, text).err()?;
            Some(format!("{}: {difference}", path.display()))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {} files:\n{}", failures.len(), files.len(), failures.join("\n"));
}

/// `SHIPWORTHY_EDITS` says how many edits in all; each language gets its share.
#[test]
#[ignore = "needs a corpus"]
fn incremental_equals_fresh_on_real_files() {
    const EDITS_A_FILE: usize = 50;
    let edits: usize = std::env::var("SHIPWORTHY_EDITS").map_or(3_000, |edits| edits.parse().unwrap());
    let mut random = Random(7);
    for language in Language::ALL {
        let files: Vec<_> =
            common::files(&corpus()).into_iter().filter(|(_, known, _)| *known == language).collect();
        let mut left = edits.div_ceil(Language::ALL.len());
        while left > 0 && !files.is_empty() {
            let (_, _, text) = &files[random.next() as usize % files.len()];
            if text.len() > 200_000 {
                continue;
            }
            let mut text = text.clone();
            let mut source = Source::new(language, &text);
            for _ in 0..EDITS_A_FILE.min(left) {
                common::edit_and_compare(&mut source, &mut text, random.next());
            }
            left = left.saturating_sub(EDITS_A_FILE);
        }
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}
