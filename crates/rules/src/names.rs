//! What names say: identifiers as words, and the words that mean secrets.

/// The words of an identifier in lower case: `adminToken`, `ADMIN_TOKEN` and `admin-token` are `admin`, `token`; `HTTPClient` is `http`,
/// `client`.
pub(crate) fn words(identifier: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = identifier.chars().collect();
    let mut fresh = true;
    for (index, c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            fresh = true;
            continue;
        }
        let before = index.checked_sub(1).map(|i| chars[i]);
        let after_is_lower = chars.get(index + 1).is_some_and(|n| n.is_lowercase());
        let starts = c.is_uppercase()
            && before.is_some_and(|b| {
                b.is_lowercase() || b.is_ascii_digit() || b.is_uppercase() && after_is_lower
            });
        match words.last_mut() {
            Some(word) if !fresh && !starts => word.extend(c.to_lowercase()),
            _ => words.push(c.to_lowercase().collect()),
        }
        fresh = false;
    }
    words
}

/// Whether an identifier names a secret's value: a token, key, password, signature or hash of one. `token_type`, `password_field` and
/// `tokens` of a parser name something else; what is left in doubt is for the rule to settle by where the value came from.
pub(crate) fn is_secret(identifier: &str) -> bool {
    let words = words(identifier);
    let Some(last) = words.last().map(String::as_str) else { return false };
    let before = words.len().checked_sub(2).map_or("", |i| words[i].as_str());
    match last {
        "password" | "passwd" | "passphrase" | "secret" | "hmac" | "apikey" | "otp" => true,
        "token" => !matches!(
            before,
            "next" | "page" | "continuation" | "start" | "stop" | "end" | "sync" | "cancel" | "cancellation"
        ),
        "key" => matches!(before, "api" | "secret" | "private" | "signing" | "encryption" | "access"),
        "signature" => !matches!(before, "function" | "method" | "type" | "call"),
        "hash" | "digest" => matches!(before, "password" | "token" | "secret" | "key"),
        "id" => before == "session",
        _ => false,
    }
}

/// Whether an identifier names what a person or service proves itself with.
pub(crate) fn is_password(identifier: &str) -> bool {
    let words = words(identifier);
    words.last().is_some_and(|last| {
        matches!(last.as_str(), "password" | "passwd" | "passphrase" | "secret" | "token" | "pin" | "otp")
    })
}

/// Whether a name says that its value is a secret, and not a public part of one, a name of one or where one is.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let is_key = words.last().is_some_and(|w| matches!(w.as_str(), "key" | "credential" | "credentials"))
        && words.iter().any(|w| {
            matches!(
                w.as_str(),
                "api"
                    | "secret"
                    | "private"
                    | "signing"
                    | "encryption"
                    | "access"
                    | "jwt"
                    | "auth"
                    | "account"
            )
        });
    (is_secret(name) && words.last().is_none_or(|w| w != "id")
        || is_key
        || words.last().is_some_and(|w| w == "salt"))
        && !is_public(name)
}

/// Whether a name says that everybody may have its value.
pub(crate) fn is_public(name: &str) -> bool {
    words(name).iter().any(|w| {
        matches!(
            w.as_str(),
            "public"
                | "publishable"
                | "pub"
                | "hash"
                | "digest"
                | "checksum"
                | "fingerprint"
                | "example"
                | "placeholder"
                | "env"
                | "header"
                | "param"
                | "field"
                | "column"
                | "url"
                | "uri"
                | "path"
                | "regex"
                | "pattern"
                | "format"
                | "test"
                | "dummy"
                | "fake"
                | "site"
                | "mock"
                | "emulator"
                | "encrypted"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_words() {
        assert_eq!(words("adminToken"), ["admin", "token"]);
        assert_eq!(words("X-ADMIN_TOKEN"), ["x", "admin", "token"]);
        assert_eq!(words("HTTPClient2"), ["http", "client2"]);
        assert!(words("__").is_empty());
    }

    #[test]
    fn secrets_are_told_from_what_is_about_them() {
        assert!(is_secret("csrf_token") && is_secret("apiKey") && is_secret("PASSWORD_HASH"));
        assert!(!is_secret("token_type") && !is_secret("next_page_token") && !is_secret("primary_key"));
    }
}
