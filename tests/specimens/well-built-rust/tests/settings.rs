//! Settings that are not well-formed are refused.

use notes::settings::validate_settings;
use proptest::proptest;

proptest! {
    #[test]
    fn short_tokens_are_refused(token in "[a-z]{0,15}") {
        assert!(validate_settings(&token, "another-long-reader-token").is_err());
    }
}

#[test]
fn tokens_differ() {
    assert!(validate_settings("the-same-long-token-1", "the-same-long-token-1").is_err());
}
