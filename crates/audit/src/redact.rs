//! Secrets in code and in the files around it, by how they are written: no rule has to find them for a report to hide them.

use std::ops::Range;

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

/// The places of secrets in a text, in order and apart from one another. In code only what stands in quotes can be one.
fn secrets(text: &str, is_code: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        in_line(line, is_code, |range| found.push(start + range.start..start + range.end));
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

fn in_line(line: &str, is_code: bool, mut add: impl FnMut(Range<usize>)) {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | ')' | ']' | '}');
    let until = |from: usize| line[from..].find(is_end).map_or(line.len(), |end| from + end);
    for key in KEYS {
        for (at, _) in line.match_indices(key) {
            let end = until(at);
            if end - at >= 16 {
                add(at..end);
            }
        }
    }
    // `scheme://user:password@host`
    for (at, sign) in line.match_indices("://") {
        let from = at + sign.len();
        let authority = &line[from..until(from)];
        let Some((user, _)) = authority.split_once('@') else { continue };
        if let Some((name, password)) = user.split_once(':') {
            let at = from + name.len() + 1;
            if !password.starts_with(['$', '{', '<', '%']) {
                add(at..at + password.len());
            }
        }
    }
    // What follows `Bearer`.
    for (at, word) in line.match_indices("Bearer ") {
        let from = at + word.len();
        let end = until(from);
        if end - from >= MIN_BYTES && !line[from..].starts_with(['$', '{', '<', '%']) {
            add(from..end);
        }
    }
    let said: String =
        line.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect();
    if !NAMES.iter().any(|name| said.contains(name)) {
        return;
    }
    // All that stands in quotes on such a line, and in other files than code what stands behind the sign.
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
        for range in secrets(&text.clone(), is_code) {
            text.replace_range(range.clone(), &"*".repeat(range.len()));
        }
        text
    }

    #[test]
    fn secrets_are_hidden_and_code_is_not() {
        assert_eq!(hidden("API_KEY = 'abcd1234'\n", true), "API_KEY = '********'\n");
        assert_eq!(hidden("DB_PASSWORD=abcd1234\nx=abcd1234\n", false), "DB_PASSWORD=********\nx=abcd1234\n");
        assert_eq!(hidden("url = \"a://b:cd@e\"\n", true), "url = \"a://b:**@e\"\n");
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
