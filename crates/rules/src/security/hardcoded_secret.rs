use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Flags, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::names::{is_password, is_secret, words};
use crate::secrets;

rule! {
    /// A secret stands in the code
    ///
    /// Everybody who can read the repository, a copy of it, an image or a stack trace has it, for as long as it is valid; and it cannot be
    /// changed without a release. Read it from the environment or a secret store, and replace it where it is valid: it is out.
    ///
    /// Known formats (provider keys, private keys, signed tokens, connection strings with a password) are found anywhere, other literals where the
    /// name says secret and the text is random. The value itself is never shown.
    ///
    /// ```python bad
    /// import boto3
    ///
    /// def storage():
    ///     return boto3.client("s3", aws_access_key_id="AKIAQ3EGRZT5WXN2PKLM")
    ///                                                 ^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import boto3
    /// import os
    ///
    /// def storage():
    ///     return boto3.client("s3", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"])
    /// ```
    ///
    /// ```python bad
    /// import os
    ///
    /// JWT_SECRET = "c8Yq2LxW9vKr5TnB7mZp4Hs"
    ///              ^^^^^^^^^^^^^^^^^^^^^^^^^
    /// DATABASE = {"NAME": "shop", "PASSWORD": "Fr8!ghtTr@in77"}
    ///                                         ^^^^^^^^^^^^^^^^
    /// DSN = "postgresql://app:h7Gk29sLqP@db.shop.internal:5432/shop"
    ///       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import os
    ///
    /// JWT_SECRET = os.environ["JWT_SECRET"]
    /// DATABASE = {"NAME": "shop", "PASSWORD": os.environ["PASSWORD"]}
    /// DSN = os.environ["DSN"]
    /// ```
    ///
    /// ```python good
    /// import os
    ///
    /// API_KEY = os.environ["API_KEY"]
    /// ADMIN_PASSWORD = "changeme"
    /// SECRET_KEY = "your-secret-key-here-1234"
    /// TOKEN_URL = "https://login.example.com/oauth2/v2.0/token"
    /// ACCESS_TOKEN = "oauth2_access_token_v2"
    /// DSN = "postgresql://postgres:postgres@localhost:5432/shop"
    /// PEM = "-----BEGIN PRIVATE KEY-----"
    /// ```
    ///
    /// ```python good
    /// PUBLIC_KEY = "MCowBQYDK2VwAyEA7x9Q2v5t8Kd3Lp0Zs6Wq1Yb4Rn"
    /// CONTENT_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    /// EXAMPLE_KEY = "AKIAIOSFODNN7EXAMPLE"
    /// EMULATOR_ACCOUNT_KEY = "Qby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50u"
    ///
    /// def sign(request, password=None, token_type="Bearer"):
    ///     cache_key = "orders:by-customer:v2:0001"
    ///     return request.get("secret"), password or "", cache_key
    /// ```
    ///
    /// ```go bad
    /// package mail
    ///
    /// var client = Client{
    /// 	Host:   "smtp.sendgrid.net",
    /// 	APIKey: "q7Zt4Wn9Ls2Xv8Kb3Rm6Yp1D",
    /// 	        ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package mail
    ///
    /// import "os"
    ///
    /// var client = Client{
    /// 	Host:   "smtp.sendgrid.net",
    /// 	APIKey: os.Getenv("API_KEY"),
    /// }
    /// ```
    ///
    /// ```go bad
    /// package mail
    ///
    /// const dsn = "postgres://app:h7Gk29sLqP@db.shop.internal:5432/shop"
    ///             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// func connect() {
    /// 	password := "Fr8!ghtTr@in77"
    /// 	            ^^^^^^^^^^^^^^^^
    /// 	dial(dsn, password)
    /// }
    /// ```
    ///
    /// ```go good
    /// package mail
    ///
    /// import "os"
    ///
    /// const secretHeader = "X-Webhook-Secret-V2"
    ///
    /// var client = Client{APIKey: os.Getenv("SENDGRID_API_KEY"), Token: ""}
    /// ```
    ///
    /// ```go good
    /// package mail
    ///
    /// const (
    /// 	passwordField = "user.password.v2"
    /// 	tokenPath     = "/var/run/secrets/kubernetes.io/serviceaccount/token"
    /// 	publicKey     = "MCowBQYDK2VwAyEA7x9Q2v5t8Kd3Lp0Zs6Wq1Yb4Rn"
    /// )
    /// ```
    ///
    /// ```rust bad
    /// const SIGNING_KEY: &str = "c8Yq2LxW9vKr5TnB7mZp4Hs";
    ///                           ^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```rust bad
    /// fn client() -> Client {
    ///     let api_key = "q7Zt4Wn9Ls2Xv8Kb3Rm6Yp1D";
    ///                   ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     Client { host: "api.shop.net", api_key, token: "ghp_Z7wQ2mX9vK4rT8nB3pL6yH1sD5fJ0gC2aE7u" }
    ///                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// fn client() -> Client {
    ///     let api_key = std::env::var("API_KEY").expect("API_KEY is set");
    ///     Client { host: "api.shop.net", api_key, token: std::env::var("TOKEN").expect("TOKEN is set") }
    /// }
    /// ```
    ///
    /// ```rust good
    /// const TOKEN_HEADER: &str = "x-access-token-v2";
    ///
    /// fn client() -> Client {
    ///     Client { api_key: std::env::var("API_KEY").unwrap(), token: String::new() }
    /// }
    /// ```
    ///
    /// ```rust good
    /// const PASSWORD_ENV: &str = "SHOP_DATABASE_PASSWORD_2";
    ///
    /// #[cfg(test)]
    /// mod tests {
    ///     const SIGNING_KEY: &str = "c8Yq2LxW9vKr5TnB7mZp4Hs";
    /// }
    /// ```
    name: "hardcoded-secret",
    category: Security,
    severity: Blocking,
    scope: File,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Fact(Kind::String)],
    check: check,
}

fn check(cx: &mut Check<'_>, literal: Node<'_>) {
    // A documentation string and a part of a longer text are neither.
    if matches!(literal.role(), Role::Statement | Role::Pattern | Role::Part) {
        return;
    }
    let Some(text) = literal.string() else { return };
    let name = named_by(literal).unwrap_or_default();
    let under_secret = is_secret_name(&name);
    if text.len() < 8 {
        if under_secret {
            cx.site();
        }
        return;
    }
    cx.site();
    let is_compared = literal.role() == Role::Operand;
    let what = match secrets::known_format(&text) {
        Some(what) if !is_public(&name) => what,
        _ if is_compared || !under_secret => return,
        _ if secrets::is_random(&text) => "a secret",
        _ if is_password(&name) && secrets::is_chosen_password(&text) => "a password",
        _ => return,
    };
    let whose = if name.is_empty() { "This literal".to_owned() } else { format!("`{name}`") };
    let finding = cx
        .finding(literal, format!("{whose} is {what} in the code"))
        .why("Everybody who can read the code, a copy of it or an image has it, and it cannot be changed without a release.")
        .help("Read it from the environment or a secret store, and replace it wherever it is valid.")
        .maybe_fix(fix(cx, literal, &name));
    cx.report(finding);
}

/// The name that a literal is given: a variable's, a field's, a keyword's, a key's; empty or none where it has none.
fn named_by(literal: Node<'_>) -> Option<String> {
    if !literal.label().is_empty() {
        return Some(literal.label().to_owned());
    }
    let parent = literal.parent()?;
    match (parent.kind(), literal.role()) {
        (Kind::Assign, Role::Value) => {
            let position = parent.all(Role::Value).position(|v| v == literal)?;
            let target = parent.all(Role::Target).nth(position).or(parent.get(Role::Target))?;
            let key = target.get(Role::Index).and_then(|i| i.string().map(|s| s.into_owned()));
            Some(key.unwrap_or_else(|| target.name().to_owned()))
        }
        (Kind::Entry, Role::Value) => {
            let key = parent.get(Role::Key)?;
            Some(key.string().map_or_else(|| key.name().to_owned(), |s| s.into_owned()))
        }
        (Kind::Parameter | Kind::Field, _) => Some(parent.name().to_owned()),
        // `"...".to_string()`, `[]byte("...")`
        (Kind::Attribute, Role::Object) => named_by(parent.parent().filter(|p| p.is(Kind::Call))?),
        (Kind::Call, Role::Argument) if parent.arguments().count() == 1 => {
            let converts = parent.callee().is_some_and(|c| {
                matches!(c.name(), "SecretStr" | "from" | "String" | "new" | "bytes" | "str")
                    || c.is(Kind::Type)
            });
            converts.then(|| named_by(parent)).flatten()
        }
        (Kind::Reference | Kind::Pattern, _) => named_by(parent),
        _ => None,
    }
}

/// Whether a name says that its value is a secret, and not a public part of one, a name of one or where one is.
fn is_secret_name(name: &str) -> bool {
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
fn is_public(name: &str) -> bool {
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

fn fix(cx: &Check<'_>, literal: Node<'_>, name: &str) -> Option<Fix> {
    let variable = words(name).join("_").to_ascii_uppercase();
    if variable.is_empty()
        || literal.has(Flags::BYTES)
        || literal.parent().is_none_or(|p| p.is(Kind::Attribute))
    {
        return None;
    }
    let fix = Fix::suggested("Read it from the environment");
    let constant = literal.ancestors().any(|a| a.is(Kind::Assign) && a.has(Flags::CONSTANT));
    match cx.language() {
        Language::Python => {
            let (os, import) = cx.import("os", "");
            Some(fix.replace(literal, format!("{os}.environ[\"{variable}\"]")).import(import))
        }
        Language::Go if !constant => {
            let (os, import) = cx.import("os", "");
            Some(fix.replace(literal, format!("{os}.Getenv(\"{variable}\")")).import(import))
        }
        Language::Rust if !constant => {
            Some(fix.replace(literal, format!("std::env::var(\"{variable}\").expect(\"{variable} is set\")")))
        }
        Language::Go | Language::Rust => None,
    }
}
