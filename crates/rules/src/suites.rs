//! Which files hold tests.

use shipworthy_audit::{CodeRole, Surveyed};
use shipworthy_syntax::Language;

use crate::names::words;

/// Whether a file holds tests; `noted` says whether a rule saw one in it, which Rust's files need.
pub(crate) fn holds_tests(file: &Surveyed<'_>, noted: bool) -> bool {
    let summary = file.summary;
    match file.language {
        // Documentation is tested too.
        Language::Rust => noted || file.contents().contains("/// ```"),
        Language::Go => {
            let starts =
                |name: &str| ["Test", "Benchmark", "Example", "Fuzz"].iter().any(|s| name.starts_with(s));
            let mut functions = summary.functions.keys();
            file.path.ends_with("_test.go") && functions.any(|name| starts(name) && &**name != "TestMain")
        }
        Language::Python => {
            let named = |name: &str| name.rsplit('.').next().is_some_and(|n| n.starts_with("test"));
            let says_test = |name: &str| words(name).iter().any(|w| w.starts_with("test"));
            let test = file.role == CodeRole::Test
                && (summary.functions.keys().chain(summary.globals.keys()).any(|name| named(name))
                    || summary.imports.keys().any(|name| {
                        named(name)
                            || name.starts_with("Test") && !matches!(&**name, "TestCase" | "TestClient")
                    })
                    || !summary.wildcards.is_empty()
                    || summary
                        .classes
                        .iter()
                        .any(|(name, class)| says_test(name) && !class.bases.is_empty()));
            test || {
                let text = file.contents();
                text.contains(">>> ") && text.contains("doctest")
            }
        }
    }
}
