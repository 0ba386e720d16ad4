//! Values of literals, in the notation of all three languages.

use std::borrow::Cow;

/// The value of a string literal: prefix and quotes off, simple escapes decoded (`\n`, `\t`, `\\`, quotes; others stay as written).
pub(crate) fn unquote(literal: &str, raw: bool) -> Cow<'_, str> {
    let body = literal.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let hashes = body.len() - body.trim_start_matches('#').len();
    let body = body.get(hashes..body.len().saturating_sub(hashes)).unwrap_or("");
    let quote = ["\"\"\"", "'''", "\"", "'", "`"]
        .into_iter()
        .find(|q| body.len() >= 2 * q.len() && body.starts_with(q) && body.ends_with(q));
    let inner = quote.map_or(body, |q| &body[q.len()..body.len() - q.len()]);
    if raw || literal.starts_with('`') || !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('r') => value.push('\r'),
            Some('0') => value.push('\0'),
            Some('\n') => {}
            Some(q @ ('\\' | '"' | '\'')) => value.push(q),
            Some(other) => value.extend(['\\', other]),
            None => value.push('\\'),
        }
    }
    Cow::Owned(value)
}

/// The value of a number literal with `_` separators, `0x`, `0o`, `0b` prefixes and Rust's type suffixes.
pub(crate) fn number(literal: &str) -> Option<f64> {
    let plain = literal.replace('_', "").to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = plain.strip_prefix(prefix) {
            let digits = digits.split(['u', 'i']).next().unwrap_or(digits);
            return u64::from_str_radix(digits, radix).ok().map(|n| n as f64);
        }
    }
    let end = plain.find(['u', 'i', 'f', 'j', 'l']).unwrap_or(plain.len());
    plain[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_lose_prefix_quotes_and_escapes() {
        assert_eq!(unquote(r#""a\"b""#, false), "a\"b");
        assert_eq!(unquote(r##"r#"a"b"#"##, true), "a\"b");
        assert_eq!(unquote("f'''x'''", false), "x");
        assert_eq!(unquote("`raw\\n`", false), "raw\\n");
        assert_eq!(unquote("\"", false), "\"");
    }

    #[test]
    fn numbers_of_every_notation() {
        assert_eq!(number("1_000u64"), Some(1000.0));
        assert_eq!(number("0xFF"), Some(255.0));
        assert_eq!(number("1e3"), Some(1000.0));
        assert_eq!(number("x"), None);
    }
}
