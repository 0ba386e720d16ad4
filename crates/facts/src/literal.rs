//! Values of literals, in the notation of all three languages.

use std::borrow::Cow;

/// The value of a string literal: prefix and quotes off, escapes decoded (`\n`, `\\`, quotes, numbers of characters; others stay as written).
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
            Some('\n') => {}
            Some(q @ ('\\' | '"' | '\'')) => value.push(q),
            Some(other) => match numbered(other, chars.as_str()) {
                Some((decoded, length)) => {
                    value.push(decoded);
                    chars = chars.as_str()[length..].chars();
                }
                None => value.extend(['\\', other]),
            },
            None => value.push('\\'),
        }
    }
    Cow::Owned(value)
}

/// The character that an escape numbers, with the length of its digits behind the first sign: `\x05`, `\u00e9`, `\u{e9}`, `\033`.
fn numbered(sign: char, rest: &str) -> Option<(char, usize)> {
    let braced = rest.strip_prefix('{').filter(|_| sign == 'u').and_then(|r| r.split_once('}'));
    let (digits, length) = match (sign, braced) {
        ('u', Some((digits, _))) => (digits, digits.len() + 2),
        ('x', _) => (rest.get(..2)?, 2),
        ('u', _) => (rest.get(..4)?, 4),
        ('U', _) => (rest.get(..8)?, 8),
        ('0'..='7', _) => {
            let length = rest.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let high = sign.to_digit(8)?;
            let code = rest[..length].chars().filter_map(|c| c.to_digit(8)).fold(high, |n, d| n * 8 + d);
            return Some((char::from_u32(code)?, length));
        }
        _ => return None,
    };
    let code = u32::from_str_radix(digits, 16).ok()?;
    Some((char::from_u32(code)?, length))
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
        assert_eq!(unquote(r#""\x05Name""#, false), "\u{5}Name");
        assert_eq!(unquote(r#""\033[1m\0""#, false), "\u{1b}[1m\0");
        assert_eq!(unquote(r#""\u00e9\u{e9}\U000000e9""#, false), "ééé");
        assert_eq!(unquote(r#""\xzé\u12\d""#, false), r"\xzé\u12\d");
    }

    #[test]
    fn numbers_of_every_notation() {
        assert_eq!(number("1_000u64"), Some(1000.0));
        assert_eq!(number("0xFF"), Some(255.0));
        assert_eq!(number("1e3"), Some(1000.0));
        assert_eq!(number("x"), None);
    }
}
