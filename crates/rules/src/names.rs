//! What names say: identifiers as words, and the words that mean secrets.

use shipworthy_facts::Node;
pub(crate) use shipworthy_facts::words;

/// Code as it reads on one line, for messages.
pub(crate) fn one_line(node: Node<'_>) -> String {
    node.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a call calls, for messages: the method's name alone where the chain before it goes over several lines.
pub(crate) fn called(call: Node<'_>) -> &str {
    call.callee()
        .map_or("", |callee| if callee.text().contains('\n') { callee.name() } else { callee.text() })
}

/// Services whose keys are called like them: `openai_key`.
const SERVICES: [&str; 4] = ["openai", "anthropic", "stripe", "sendgrid"];

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
        "key" => {
            matches!(
                before,
                "api" | "secret" | "private" | "signing" | "encryption" | "access" | "mailgun" | "supabase"
            ) || SERVICES.contains(&before)
        }
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

/// Whether an identifier names a value that only its owner may read: a credential, a card's or a citizen's number. What is said of such a value
/// (`password_field`, `has_token`, `masked_key`) is not one; neither are `token` and `secret` alone, which [`may_be_confidential`] tells.
pub(crate) fn is_confidential(identifier: &str) -> bool {
    let words = words(identifier);
    let Some((last, before)) = words.split_last().filter(|_| !is_about(&words)) else { return false };
    let before = before.last().map_or("", String::as_str);
    match last.as_str() {
        "password" | "passwd" | "passphrase" | "apikey" | "cvv" | "cvc" | "ssn" | "authorization" => true,
        "secret" => matches!(
            before,
            "client"
                | "jwt"
                | "shared"
                | "api"
                | "webhook"
                | "session"
                | "totp"
                | "auth"
                | "oauth"
                | "consumer"
        ),
        "token" => matches!(
            before,
            "access"
                | "refresh"
                | "auth"
                | "api"
                | "bearer"
                | "jwt"
                | "csrf"
                | "xsrf"
                | "reset"
                | "verification"
                | "confirmation"
                | "activation"
                | "admin"
                | "bot"
                | "oauth"
                | "id"
                | "personal"
                | "security"
                | "login"
                | "invite"
                | "session"
        ),
        "key" => {
            matches!(before, "api" | "secret" | "private" | "signing" | "encryption")
                || SERVICES.contains(&before)
                || before == "access" && words.iter().any(|w| w == "secret")
        }
        "number" => matches!(before, "card" | "security" | "passport"),
        _ => false,
    }
}

/// Whether an identifier may name a credential, or something else: a parser's token, the name of a secret in a store.
pub(crate) fn may_be_confidential(identifier: &str) -> bool {
    let words = words(identifier);
    matches!(words.last().map(String::as_str), Some("token" | "secret")) && !is_about(&words)
}

/// Whether the words of an identifier say something about a secret, or that it is one no more.
fn is_about(words: &[String]) -> bool {
    const FIRST: [&str; 32] = [
        "has", "is", "use", "uses", "need", "needs", "require", "requires", "allow", "enable", "disable",
        "show", "no", "check", "validate", "change", "forgot", "update", "generate", "create", "missing",
        "invalid", "with", "without", "should", "can", "max", "min", "num", "next", "get", "manual",
    ];
    const ANYWHERE: [&str; 12] = [
        "masked",
        "redacted",
        "hidden",
        "hashed",
        "hash",
        "encrypted",
        "obfuscated",
        "sanitized",
        "safe",
        "dummy",
        "public",
        "placeholder",
    ];
    words.first().is_some_and(|w| FIRST.contains(&w.as_str()))
        || words.iter().any(|w| ANYWHERE.contains(&w.as_str()))
        || words == ["reset", "password"]
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
                | "obscured"
                | "obfuscated"
                | "not"
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

    #[test]
    fn confidential_values_are_told_from_what_is_said_of_them() {
        for name in
            ["password", "db_password", "ACCESS_TOKEN", "apiKey", "cardNumber", "social_security_number"]
        {
            assert!(is_confidential(name), "{name}");
        }
        for name in
            ["token", "has_password", "masked_api_key", "password_field", "eos_token", "ssh_public_key"]
        {
            assert!(!is_confidential(name), "{name}");
        }
    }
}
