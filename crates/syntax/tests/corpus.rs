//! Tests over real files, too large for every run: `SHIPWORTHY_CORPUS=folder cargo test --release -- --ignored`.

mod common;

use std::path::PathBuf;

fn corpus() -> PathBuf {
    std::env::var_os("SHIPWORTHY_CORPUS").expect("SHIPWORTHY_CORPUS names a folder").into()
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
