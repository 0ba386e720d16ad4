//! Secrets in code and in the files around it, by how they are written: no rule has to find them for a report to hide them.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What a name says that holds a secret, in lower case and without what joins its words.
const NAMES: [&str; 10] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "authorization",
    "passphrase",
];
/// How keys of well-known services begin.
const KEYS: [&str; 10] =
    ["AKIA", "ASIA", "ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_", "AIza"];
/// Shorter values are words.
const MIN_BYTES: usize = 8;

/// Puts stars in the place of the secrets in a text.
pub fn hide(text: &mut String, is_code: bool) {
    for range in secrets(text, is_code) {
        let stars = "*".repeat(range.len());
        text.replace_range(range, &stars);
    }
}

/// Whether anything in a text is hidden by [`hide`].
pub fn has_secrets(text: &str, is_code: bool) -> bool {
    !secrets(text, is_code).is_empty()
}

/// How what is a secret by itself begins, or what stands before it: keys, and the two that follow them.
static SIGNS: LazyLock<AhoCorasick> = LazyLock::new(|| finder(KEYS.into_iter().chain(["://", "Bearer "])));
static SECRET_NAMES: LazyLock<AhoCorasick> = LazyLock::new(|| finder(NAMES));

#[expect(clippy::expect_used, reason = "short words are no large automaton")]
fn finder(words: impl IntoIterator<Item = &'static str>) -> AhoCorasick {
    AhoCorasick::new(words).expect("short words can be looked for")
}

/// The places of secrets in a text, in order and apart from one another. In code only what stands in quotes can be one.
fn secrets(text: &str, is_code: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for sign in SIGNS.find_iter(text) {
        found.extend(behind(text, sign.range()));
    }
    let (mut start, mut said) = (0, Vec::new());
    for line in text.split_inclusive('\n') {
        said.clear();
        let letters = line.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b' '));
        said.extend(letters.map(|byte| byte.to_ascii_lowercase()));
        if SECRET_NAMES.is_match(&said) {
            named(line, is_code, |range| found.push(start + range.start..start + range.end));
        }
        start += line.len();
    }
    found.sort_by_key(|range| (range.start, range.end));
    found.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
        }
        overlaps
    });
    found
}

/// The secret that a sign tells of.
fn behind(text: &str, sign: Range<usize>) -> Option<Range<usize>> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | ')' | ']' | '}');
    let end = text[sign.end..].find(is_end).map_or(text.len(), |end| sign.end + end);
    let is_named = |value: &str| value.starts_with(['$', '{', '<', '%']);
    match &text[sign.clone()] {
        // `scheme://user:password@host`
        "://" => {
            let (user, _) = text[sign.end..end].split_once('@')?;
            let (name, password) = user.split_once(':')?;
            let at = sign.end + name.len() + 1;
            (!is_named(password)).then(|| at..at + password.len())
        }
        "Bearer " => {
            let token = sign.end..end;
            (token.len() >= MIN_BYTES && !is_named(&text[token.clone()])).then_some(token)
        }
        _ => (end - sign.start >= 16).then_some(sign.start..end),
    }
}

/// The secrets on a line with a name that says so: all that stands in quotes, and in other files than code what stands behind the sign.
fn named(line: &str, is_code: bool, mut add: impl FnMut(Range<usize>)) {
    let mut rest = 0;
    while let Some((at, quote)) = line[rest..].char_indices().find(|(_, c)| matches!(c, '"' | '\'' | '`')) {
        let from = rest + at + 1;
        let Some(length) = line[from..].find(quote) else { break };
        let value = &line[from..from + length];
        if is_secret(value) {
            add(from..from + length);
        }
        rest = from + length + 1;
    }
    if !is_code && let Some(sign) = line.find(['=', ':']) {
        let value = line[sign + 1..].trim();
        if let Some(at) = line[sign + 1..].find(value).filter(|_| is_secret(value)) {
            add(sign + 1 + at..sign + 1 + at + value.len());
        }
    }
}

/// Whether a value may be a secret: one word that is no name of something else.
fn is_secret(value: &str) -> bool {
    value.len() >= MIN_BYTES
        && !value.contains(char::is_whitespace)
        && !value.starts_with(['$', '{', '<', '%', '/', '.'])
        && value.contains(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str, is_code: bool) -> String {
        let mut text = text.to_owned();
        hide(&mut text, is_code);
        text
    }

    #[test]
    fn secrets_are_hidden_and_code_is_not() {
        assert_eq!(hidden("API_KEY = 'abcd1234'\n", true), "API_KEY = '********'\n");
        assert_eq!(hidden("DB_PASSWORD=abcd1234\nx=abcd1234\n", false), "DB_PASSWORD=********\nx=abcd1234\n");
        assert_eq!(hidden("url = \"a://b:cd@e\"\n", true), "url = \"a://b:**@e\"\n");
        let two = "a = \"AKIAASIAQ7ZV3M5NBX2K\"; b = \"Bearer ghp_abcd1234\"\nAPI-KEY: abcd1234\n";
        let stars = "a = \"********************\"; b = \"Bearer ************\"\nAPI-KEY: ********\n";
        assert_eq!(hidden(two, false), stars);
        for plain in [
            "token = settings.token1234\n",
            "token = \"${TOKEN_1234}\"\n",
            "password = \"the password\"\n",
            "x = \"abcd12345\"\n",
        ] {
            assert_eq!(hidden(plain, true), plain);
        }
    }
}
