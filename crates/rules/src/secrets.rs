//! What secrets look like: the formats of providers, and text too random to be a word. Nothing here returns a secret.

/// What a text is a credential for, by its format; none where it is none, or plainly an example.
pub(crate) fn known_format(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if is_private_key(text) {
        return Some("a private key");
    }
    if let Some(what) = connection_string(text) {
        return Some(what);
    }
    if text.len() > 400 || text.contains(char::is_whitespace) || is_placeholder(text) {
        return None;
    }
    FORMATS.iter().find(|f| f.fits(text)).map(|f| f.what).or_else(|| is_jwt(text).then_some("a signed token"))
}

/// A provider's format: a prefix and so many characters after it.
struct Format {
    what: &'static str,
    prefix: &'static str,
    /// The length of what follows, at least and at most.
    length: (usize, usize),
}

impl Format {
    fn fits(&self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(self.prefix) else { return false };
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+' | '=');
        (self.length.0..=self.length.1).contains(&rest.len())
            && rest.chars().all(allowed)
            && rest.contains(|c: char| c.is_ascii_digit())
            && entropy(rest) > 2.5
    }
}

const fn format(what: &'static str, prefix: &'static str, least: usize, most: usize) -> Format {
    Format { what, prefix, length: (least, most) }
}

/// Prefixes and lengths as the providers document them, and as secret scanners look for them.
const FORMATS: [Format; 27] = [
    format("an AWS access key", "AKIA", 16, 16),
    format("a GitHub token", "ghp_", 36, 36),
    format("a GitHub token", "gho_", 36, 36),
    format("a GitHub token", "ghu_", 36, 36),
    format("a GitHub token", "ghs_", 36, 36),
    format("a GitHub token", "ghr_", 36, 76),
    format("a GitHub token", "github_pat_", 70, 100),
    format("a GitLab token", "glpat-", 20, 64),
    format("an Anthropic key", "sk-ant-", 80, 120),
    format("an OpenAI key", "sk-proj-", 40, 200),
    format("an OpenAI key", "sk-svcacct-", 40, 200),
    format("an OpenAI key", "sk-", 48, 48),
    format("a Stripe key", "sk_live_", 24, 110),
    format("a Stripe key", "rk_live_", 24, 110),
    format("a Stripe webhook secret", "whsec_", 32, 64),
    format("a Slack token", "xoxb-", 40, 80),
    format("a Slack token", "xoxp-", 40, 90),
    format("a Google key", "AIza", 35, 35),
    format("a Google OAuth secret", "GOCSPX-", 28, 28),
    format("an npm token", "npm_", 36, 36),
    format("a PyPI token", "pypi-AgEIcHlwaS5vcmc", 50, 300),
    format("a SendGrid key", "SG.", 66, 66),
    format("a Hugging Face token", "hf_", 34, 37),
    format("a DigitalOcean token", "dop_v1_", 64, 64),
    format("a Shopify token", "shpat_", 32, 32),
    format("a Square token", "sq0atp-", 22, 22),
    format("a Telegram bot's token", "bot", 44, 48),
];

/// A key in PEM, not only its first line, which parsers look for.
fn is_private_key(text: &str) -> bool {
    let Some((_, body)) = text.split_once("PRIVATE KEY-----") else { return false };
    let base64 = body.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/')).count();
    text.starts_with("-----BEGIN ") && base64 > 100
}

/// `header.payload.signature`, the first two of which are JSON objects in base64.
fn is_jwt(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts[..] else { return false };
    let is_base64 = |p: &str| p.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    header.starts_with("eyJ")
        && payload.starts_with("eyJ")
        && signature.len() >= 20
        && parts.iter().all(|p| is_base64(p))
}

/// `scheme://user:password@host`, with a password that is one.
fn connection_string(text: &str) -> Option<&'static str> {
    let (scheme, rest) = text.split_once("://")?;
    if text.contains(char::is_whitespace) || !scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+') {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, host) = authority.rsplit_once('@')?;
    let (user, password) = user.split_once(':')?;
    let host = host.split(':').next().unwrap_or(host);
    let is_local = matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "db" | "host" | "hostname" | "")
        || !host.contains('.')
        || host.ends_with("example.com")
        || host.ends_with("example.org")
        || host.ends_with(".local");
    let is_open = password.len() < 4
        || user.eq_ignore_ascii_case(password)
        || is_placeholder(password)
        || is_placeholder(host)
        || password.contains(['{', '$', '%', '*', '<', '.'])
        || entropy(password) < 2.0
        || matches!(
            password.to_ascii_lowercase().as_str(),
            "password"
                | "pass"
                | "passwd"
                | "pwd"
                | "secret"
                | "guest"
                | "admin"
                | "postgres"
                | "root"
                | "token"
        );
    (!is_local && !is_open).then_some("a connection string with its password")
}

/// Whether a text under a secret's name is too random to be a word, a name or a path.
pub(crate) fn is_random(text: &str) -> bool {
    // Parentheses are of code, unless other signs stand around them as well: a generated key of Django.
    let signs =
        text.chars().filter(|c| matches!(c, '!' | '@' | '#' | '$' | '%' | '^' | '&' | '*' | '+' | '='));
    let code = text.contains(['(', ')']) && signs.count() < 4;
    let allowed = |c: char| {
        c.is_ascii_graphic() && !code && !matches!(c, '{' | '}' | '<' | '>' | '`' | ' ' | '"' | '\'')
    };
    if !(16..=200).contains(&text.len()) || !text.chars().all(allowed) || is_placeholder(text) {
        return false;
    }
    if text.contains("://") || text.starts_with(['/', '.', '$', '%', '@']) || is_made_of_words(text) {
        return false;
    }
    // Keys that every visitor of a page is given.
    if ["pk_live_", "pk_test_", "phc_"].iter().any(|public| text.starts_with(public)) {
        return false;
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let hexadecimal = text.chars().all(|c| c.is_ascii_hexdigit());
    let least = if hexadecimal { 2.8 } else { 3.4 };
    digits >= 2 && letters >= 2 && entropy(text) >= least
}

/// Whether a text under a password's name is one that a person chose: of several kinds of characters, without spaces.
pub(crate) fn is_chosen_password(text: &str) -> bool {
    let has = |test: fn(char) -> bool| text.chars().any(test);
    let kinds = [
        has(|c| c.is_ascii_lowercase()),
        has(|c| c.is_ascii_uppercase()),
        has(|c| c.is_ascii_digit()),
        has(|c| matches!(c, '!' | '@' | '#' | '$' | '%' | '^' | '&' | '*' | '?' | '+' | '=')),
    ];
    (8..=64).contains(&text.len())
        && kinds.into_iter().filter(|k| *k).count() >= 3
        && has(|c| c.is_ascii_digit())
        && text.chars().all(|c| {
            c.is_ascii_graphic()
                && !matches!(c, '{' | '}' | '<' | '>' | '(' | ')' | '[' | ']' | '/' | '\\' | ':' | ';' | ',')
        })
        && !is_placeholder(text)
        && !text.starts_with(['$', '%', '@'])
}

/// `access_token_url`, `my-api-key-2`, `sha256.New`: letters in runs with signs between.
fn is_made_of_words(text: &str) -> bool {
    let mut parts =
        text.split(['_', '-', '.', '/', ':', '+', ',', '=', '&', '|', ';']).filter(|p| !p.is_empty());
    parts.all(|part| {
        let letters = part
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .trim_start_matches(|c: char| c.is_ascii_digit());
        let humps = letters.chars().skip(1).filter(|c| c.is_ascii_uppercase()).count();
        letters.chars().all(|c| c.is_ascii_alphabetic())
            && (part.len() < 9 || humps * 4 <= letters.len() && letters.len() * 3 >= part.len() * 2)
    })
}

/// Whether a text stands for a secret that is to be filled in, or is an example in a manual.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    const WORDS: [&str; 34] = [
        "example",
        "changeme",
        "change-me",
        "change_me",
        "your",
        "placeholder",
        "dummy",
        "fake",
        "sample",
        "test",
        "xxxx",
        "insert",
        "replace",
        "redacted",
        "1234567",
        "abcdef",
        "0000000",
        "1111111",
        "secret-key",
        "secret_key",
        "todo",
        "demo",
        "foobar",
        "insecure",
        "not-a-",
        "notreal",
        "default",
        "mock",
        "deadbeef",
        "****",
        "....",
        "----",
        "django-insecure",
        "anonymous",
    ];
    WORDS.iter().any(|w| lower.contains(w)) && !lower.starts_with("-----")
}

/// Bits a character, by how often each character stands in the text.
pub(crate) fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[byte as usize] += 1;
    }
    let length = text.len() as f64;
    let parts = counts.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / length);
    -parts.map(|p| p * p.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_formats_are_known() {
        assert_eq!(known_format("AKIAQ3EGRZT5WXN2PKLM"), Some("an AWS access key"));
        assert_eq!(known_format("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(known_format("sk-ant-api03"), None);
        assert_eq!(known_format("-----BEGIN RSA PRIVATE KEY-----"), None);
        assert!(known_format("postgresql://app:h7Gk29sLqP@db.shop.internal:5432/shop").is_some());
        assert_eq!(known_format("postgresql://postgres:postgres@localhost/shop"), None);
        assert_eq!(known_format("https://user:password@proxy.corp.net"), None);
        assert_eq!(known_format("redis://:{password}@cache.shop.internal"), None);
    }

    #[test]
    fn random_text_is_told_from_names() {
        assert!(is_random("9f86d081884c7d659a2feaa0c55ad015"));
        assert!(is_random("kX9vB2mQ7rT4wZ8nL3pY"));
        for name in [
            "https_token_endpoint_v2",
            "X-Api-Key-Header-2",
            "AWS_SECRET_ACCESS_KEY_2",
            "your-api-key-here-123",
            "${API_KEY_FROM_ENV_1}",
        ] {
            assert!(!is_random(name), "{name}");
        }
        assert!(is_chosen_password("S3rver!Room42"));
        assert!(!is_chosen_password("password") && !is_chosen_password("user_password"));
    }
}
