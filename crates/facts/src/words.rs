//! The words of identifiers, and what plain ones say.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

/// The words of an identifier, in lower case: `getHTTPUser_name` gives `get`, `http`, `user`, `name`.
pub fn words(identifier: &str) -> Vec<String> {
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

bitflags! {
    /// What code speaks of, by the plain words in its names and texts. It proves nothing; it says where a claim would be rash.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    pub struct Topics: u8 {
        /// Who may: authentication, permissions, tokens, signatures.
        const ACCESS = 1;
        /// How many at once: limits, pages, cursors.
        const PAGING = 1 << 1;
        /// How often.
        const RATE = 1 << 2;
    }
}

impl Topics {
    /// What an identifier, or the text of a short literal, speaks of.
    pub fn of(name: &str) -> Self {
        let words = words(name);
        let mut topics = Self::empty();
        for (at, word) in words.iter().enumerate() {
            let next = words.get(at + 1).map_or("", String::as_str);
            topics |= topics_of(word, next);
        }
        topics
    }
}

fn topics_of(word: &str, next: &str) -> Topics {
    const STEMS: [&str; 6] = ["authen", "authoriz", "authz", "oauth", "permission", "credential"];
    let access = STEMS.iter().any(|stem| word.starts_with(stem))
        || matches!(
            word,
            "auth"
                | "authn"
                | "login"
                | "logged"
                | "signin"
                | "jwt"
                | "jwks"
                | "bearer"
                | "token"
                | "apikey"
                | "oidc"
                | "saml"
                | "sso"
                | "rbac"
                | "acl"
                | "principal"
                | "identity"
                | "claims"
                | "hmac"
                | "signature"
                | "whoami"
                | "permitted"
                | "forbidden"
                | "unauthorized"
                | "csrf"
                | "passphrase"
                | "superuser"
                | "mtls"
                | "spiffe"
                | "currentuser"
                | "webhook"
                | "passkey"
                | "loggedin"
                | "verifier"
                | "authed"
                | "guard"
                | "keycloak"
                | "access"
        )
        || matches!(
            (word, next),
            (
                "current" | "session" | "active" | "authorised" | "require" | "requires" | "required",
                "user" | "account" | "admin" | "role" | "roles" | "scope" | "session" | "member"
            ) | ("api" | "access" | "admin" | "secret" | "master" | "public" | "private", "key")
                | (
                    "is" | "verify" | "check" | "ensure" | "must" | "require",
                    "admin"
                        | "user"
                        | "owner"
                        | "session"
                        | "password"
                        | "key"
                        | "secret"
                        | "staff"
                        | "member"
                )
                | ("user" | "session", "session" | "id" | "from" | "cookie")
        );
    let paging = matches!(
        word,
        "limit"
            | "offset"
            | "page"
            | "pages"
            | "paginate"
            | "paginated"
            | "paginator"
            | "pagination"
            | "skip"
            | "top"
            | "take"
            | "pagesize"
            | "perpage"
            | "paging"
            | "limits"
            | "pageable"
            | "fetchmany"
            | "islice"
            | "first"
            | "batch"
            | "stream"
            | "chunk"
            | "chunks"
            | "latest"
            | "recent"
            | "max"
    ) || matches!(
        (word, next),
        ("page", _)
            | ("next" | "after" | "before" | "start" | "end", "cursor")
            | ("per", "page")
            | ("start", "after" | "index")
            | ("count", "per")
    );
    let rate = matches!(
        word,
        "ratelimit"
            | "ratelimiter"
            | "ratelimited"
            | "limiter"
            | "throttle"
            | "throttled"
            | "throttling"
            | "slowapi"
            | "tollbooth"
            | "governor"
    ) || matches!((word, next), ("rate", "limit" | "limiter" | "limited" | "limits" | "limiting"));
    let mut topics = Topics::empty();
    topics.set(Topics::ACCESS, access);
    topics.set(Topics::PAGING, paging);
    topics.set(Topics::RATE, rate);
    topics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_words() {
        assert_eq!(words("getHTTPUser_name"), ["get", "http", "user", "name"]);
        assert_eq!(words("X-Api-Key"), ["x", "api", "key"]);
    }

    #[test]
    fn plain_names_have_topics() {
        for name in
            ["get_current_user", "requireAuth", "JWTMiddleware", "x-api-key", "verify_token", "isAdmin"]
        {
            assert!(Topics::of(name).contains(Topics::ACCESS), "{name}");
        }
        for name in ["create_order", "author", "users", "session", "logging_middleware"] {
            assert!(!Topics::of(name).contains(Topics::ACCESS), "{name}");
        }
        assert_eq!(Topics::of("rate_limit"), Topics::RATE | Topics::PAGING);
        assert_eq!(Topics::of("per_page"), Topics::PAGING);
    }
}
