use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, FileCheck, Finding, Fix, rule};
use shipworthy_evidence::{File, Format, env};
use shipworthy_facts::{Flags, Kind, Node, Role};
use shipworthy_syntax::{Language, Range};

use crate::credentials;
use crate::names::{is_password, is_public, is_secret_name, words};
use crate::{remarks, secrets};

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
    /// NOT_SO_PRIVATE_KEY = "PHES7U2RADREWAFEBUSTUBAWRASWUTUS"
    /// OBSCURED_CLIENT_SECRET = "cMwrjWVmrHZp3gf1ZpCrlyGAmPpB-YY5BbVnO1fj"
    ///
    /// def sign(request, password=None, token_type="Bearer"):
    ///     cache_key = "orders:by-customer:v2:0001"
    ///     return request.get("secret"), password or "", cache_key
    /// ```
    ///
    /// The key that the page of somebody else's service sends from every browser is no secret of whoever reads that page.
    ///
    /// ```python good file=video/extractors/arte.py
    /// class Arte:
    ///     _API_TOKEN = "Nzc1Yjc1ZjJkYjk1NWFhN2I2MWEwMmRlMzAzNjI5NmU3NWU3"
    ///
    ///     def play(self, get):
    ///         return get("https://api.example.com", headers={"x-api-key": "cf289e299efdfa39fb6316f259d1de93"})
    /// ```
    ///
    /// What a linter was told is no secret.
    ///
    /// ```python good
    /// def self_test(module):
    ///     password = "topSekr3t"  # nosec B105
    ///     assert module.decrypt(module.encrypt(password)) == password
    /// ```
    ///
    /// What services call public keys: whoever visits a page has them.
    ///
    /// ```python good
    /// POSTHOG_API_KEY = "phc_OcwKb2vVT5QCgASAkv6Sk1vnv7CovXCDKJPukN9ioW"
    /// ```
    ///
    /// ```python good file=shop/analytics/migrations/0002_token.py
    /// def add_token(apps, schema_editor):
    ///     token = apps.get_model("analytics", "Token")()
    ///     token.secret = "XYmwkwM-ETBgR5g8v_js2q"
    ///     token.save()
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
    /// What a program gives to a process that it starts itself is valid there alone.
    ///
    /// ```go good
    /// package harness
    ///
    /// import (
    /// 	"os"
    /// 	"os/exec"
    /// )
    ///
    /// const APIKey = "q7Zt4Wn9Ls2Xv8Kb3Rm6Yp1D"
    ///
    /// func start() (*exec.Cmd, error) {
    /// 	cmd := exec.Command("shop-server")
    /// 	cmd.Env = append(os.Environ(), "SHOP_API_KEY="+APIKey)
    /// 	return cmd, cmd.Start()
    /// }
    /// ```
    ///
    /// A server that is there to be tried lets everybody in.
    ///
    /// ```go good
    /// package config
    ///
    /// func (c *Config) loadDefaults() {
    /// 	// The public server for demo.
    /// 	c.set("play", Host{
    /// 		URL:       "https://play.shop.net",
    /// 		SecretKey: "q7Zt4Wn9Ls2Xv8Kb3Rm6Yp1D",
    /// 	})
    /// }
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
    ///
    /// ```env bad file=.env.example
    /// # copy to .env
    /// AWS_ACCESS_KEY_ID=AKIAQ3EGRZT5WXN2PKLM
    ///                   ^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// The name of a file says that it is a template; in other environment files secrets are at home.
    ///
    /// ```env bad file=deploy/example.env
    /// DATABASE_URL="postgresql://app:h7Gk29sLqP@db.shop.internal:5432/shop"
    ///              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```env good file=.env.example
    /// AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
    /// DATABASE_URL=postgresql://postgres:postgres@localhost:5432/shop
    /// API_KEY=your-api-key-here-1234
    /// ```
    ///
    /// ```env good
    /// AWS_ACCESS_KEY_ID=AKIAQ3EGRZT5WXN2PKLM
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   web:
    ///     image: registry.example.com/shop/web:1.4
    ///     environment:
    ///       JWT_SECRET: c8Yq2LxW9vKr5TnB7mZp4Hs
    ///                   ^^^^^^^^^^^^^^^^^^^^^^^
    ///       SMTP_HOST: smtp.shop.net
    /// ```
    /// ```compose fixed
    /// services:
    ///   web:
    ///     image: registry.example.com/shop/web:1.4
    ///     environment:
    ///       JWT_SECRET: ${JWT_SECRET:?}
    ///       SMTP_HOST: smtp.shop.net
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   web:
    ///     build: .
    ///     environment:
    ///       - API_TOKEN=${API_TOKEN:-q7Zt4Wn9Ls2Xv8Kb3Rm6Yp1D}
    ///                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   web:
    ///     build: .
    ///     environment:
    ///       JWT_SECRET: ${JWT_SECRET:?}
    ///       API_TOKEN_FILE: /run/secrets/api-token
    ///       PUBLIC_KEY: MCowBQYDK2VwAyEA7x9Q2v5t8Kd3Lp0Zs6Wq1Yb4Rn
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   db:
    ///     image: postgres:16
    ///     environment:
    ///       - POSTGRES_PASSWORD=Fr8!ghtTr@in77
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM python:3.12-slim
    /// ENV APP_PORT=8000 \
    ///     SECRET_KEY="c8Yq2LxW9vKr5TnB7mZp4Hs"
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^
    /// CMD ["python", "-m", "shop"]
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM python:3.12-slim
    /// ARG GITHUB_TOKEN=ghp_Z7wQ2mX9vK4rT8nB3pL6yH1sD5fJ0gC2aE7u
    ///                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// RUN pip install --extra-index-url https://ci:h7Gk29sLqP@pypi.shop.net/simple shop
    ///                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM python:3.12-slim
    /// ARG SECRET_KEY
    /// ENV SECRET_KEY=$SECRET_KEY TOKEN_PATH=/run/secrets/token GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D
    /// RUN --mount=type=secret,id=pip pip install shop
    /// ```
    ///
    /// ```dockerfile good
    /// FROM debian:12-slim
    /// ENV API_KEY=changeme
    /// RUN curl -fsSL https://example.com/install.sh | sh
    /// ```
    ///
    /// ```kubernetes bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: shop
    /// stringData:
    ///   jwt-secret: c8Yq2LxW9vKr5TnB7mZp4Hs
    ///               ^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```kubernetes bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: shop
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.com/shop/web:1.4
    ///       env:
    ///         - name: DATABASE_URL
    ///           value: "postgresql://app:h7Gk29sLqP@db.shop.internal:5432/shop"
    ///                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: shop
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.com/shop/web:1.4
    ///       env:
    ///         - name: JWT_SECRET
    ///           valueFrom: {secretKeyRef: {name: shop, key: jwt-secret}}
    ///         - name: TOKEN_FILE
    ///           value: /var/run/secrets/kubernetes.io/serviceaccount/token
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: shop
    /// stringData:
    ///   jwt-secret: "<set by the pipeline>"
    ///   api-key: changeme
    /// ```
    ///
    /// ```manifest bad file=requirements.txt
    /// --extra-index-url https://ci:h7Gk29sLqP@pypi.shop.net/simple
    ///                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// requests==2.32.3
    /// ```
    ///
    /// A token alone is enough in an address.
    ///
    /// ```manifest bad file=pyproject.toml
    /// [project]
    /// name = "shop"
    /// dependencies = ["ledger @ git+https://ghp_Z7wQ2mX9vK4rT8nB3pL6yH1sD5fJ0gC2aE7u@github.com/shop/ledger"]
    ///                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```manifest good file=requirements.txt
    /// --extra-index-url https://${PYPI_USER}:${PYPI_PASSWORD}@pypi.shop.net/simple
    /// requests==2.32.3 --hash=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    /// ```
    ///
    /// Hashes and commits are no secrets.
    ///
    /// ```manifest good file=pyproject.toml
    /// [project]
    /// name = "shop"
    /// dependencies = ["ledger @ git+https://github.com/shop/ledger@3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a"]
    /// ```
    ///
    /// What a form is filled in with, by the kinds of its fields, opens nothing:
    ///
    /// ```python good
    /// AUTOFILL_VALUES = {
    ///     "color": "#bada55",
    ///     "date": "2023-03-03",
    ///     "email": "shop2021@mailinator.com",
    ///     "number": "1337",
    ///     "password": "Letm3in_",
    ///     "text": "default",
    /// }
    /// ```
    name: "hardcoded-secret",
    category: Security,
    severity: Blocking,
    scope: File,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested, Compose: Suggested },
    on: [Fact(Kind::String)],
    check: check,
    files: [Env, Compose, Dockerfile, Kubernetes, Manifest],
    check_file: check_file,
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
        _ if is_compared || !under_secret || is_of_kinds(literal) => return,
        _ if secrets::is_random(&text) => "a secret",
        _ if is_password(&name) && secrets::is_chosen_password(&text) => "a password",
        _ => return,
    };
    let whose = if name.is_empty() { "This literal".to_owned() } else { format!("`{name}`") };
    let finding = cx.finding(literal, format!("{whose} is {what} in the code"));
    // What a program gives to the processes that it starts is valid there alone, as far as its code tells.
    let is_unsure = reads_others_pages(cx.path())
        || sends_statistics(cx.path(), &name)
        || cx.environment().sets_variable_to(&name)
        || is_settled(cx, literal, what);
    let confidence = if is_unsure { Confidence::Low } else { Confidence::High };
    cx.report(explain(finding).confidence(confidence).maybe_fix(fix(cx, literal, &name)));
}

/// Whether a text is one of the values for kinds of input fields, by their names: `{"color": "#bada55", "number": "1337", "password": "Letm3in_"}`.
fn is_of_kinds(literal: Node<'_>) -> bool {
    const KINDS: [&str; 14] = [
        "checkbox", "color", "date", "datetime", "email", "file", "hidden", "number", "radio", "search",
        "tel", "text", "time", "url",
    ];
    let entry = literal.parent().filter(|e| e.is(Kind::Entry) && literal.role() == Role::Value);
    let table = entry.and_then(Node::parent).filter(|t| t.is(Kind::Dictionary));
    let is_kind =
        |e: &Node<'_>| e.get(Role::Key).and_then(Node::string).is_some_and(|key| KINDS.contains(&&*key));
    table.is_some_and(|t| t.children().filter(is_kind).count() > 2)
}

/// Whether a linter was told that a text is no secret, or a remark says that everybody may have it. The format of a provider's key says more than a remark.
fn is_settled(cx: &Check<'_>, literal: Node<'_>, what: &str) -> bool {
    const MARKS: [&str; 6] =
        ["nosec", "noqa: s105", "noqa: s106", "noqa: s107", "pragma: allowlist secret", "nolint:gosec"];
    // What a demonstration's server lets everybody in with.
    const PUBLIC: [&str; 4] = [" demo ", " demo.", " demo server", "public secret"];
    matches!(what, "a secret" | "a password")
        && (remarks::line_says(cx.facts(), literal.range().end, &MARKS)
            || remarks::statement_says(cx.facts(), literal.statement(), &PUBLIC))
}

/// Whether a file reads pages of other people's services, by where it stands: the keys that it sends are those that the service's own page
/// sends from every browser, and no secret of this project.
fn reads_others_pages(path: &str) -> bool {
    path.split('/').any(|part| {
        let part = part.strip_suffix(".py").unwrap_or(part);
        matches!(
            part,
            "extractor"
                | "extractors"
                | "scraper"
                | "scrapers"
                | "crawler"
                | "crawlers"
                | "spider"
                | "spiders"
        )
    })
}

/// Whether a key is for sending statistics of how a program is used, by its name or its file's place: every installation sends with it.
fn sends_statistics(path: &str, name: &str) -> bool {
    let says = |part: &str| words(part).iter().any(|w| matches!(w.as_str(), "analytics" | "telemetry"));
    path.split('/').any(says) || says(name)
}

fn explain(finding: Finding) -> Finding {
    finding
        .why("Everybody who can read the code, a copy of it or an image has it, and it cannot be changed without a release.")
        .help("Read it from the environment or a secret store, and replace it wherever it is valid.")
}

/// A name and its value in a file around the code.
struct Named<'a> {
    name: &'a str,
    value: &'a str,
    range: Range,
}

fn check_file(cx: &mut FileCheck<'_>, file: &File) {
    match file.format {
        // In an environment file that is kept out of the repository secrets are at home; one that is not is `committed-env-file`'s.
        Format::Env if !env::is_template(&file.path) => {}
        Format::Manifest => check_words(cx, Range { start: 0, end: file.text.len() as u32 }),
        _ => {
            named_in(file).into_iter().for_each(|named| check_named(cx, &named, file.format));
            let stages = file.dockerfile().into_iter().flat_map(|d| &d.stages);
            let runs = stages.flat_map(|stage| &stage.instructions).filter(|i| i.keyword == "RUN");
            runs.for_each(|run| check_words(cx, run.range));
        }
    }
}

/// What a file sets. A known service's password is `default-credentials`'.
fn named_in(file: &File) -> Vec<Named<'_>> {
    let mut found = Vec::new();
    let mut add = |name, value, range| found.push(Named { name, value, range });
    for entry in file.env().into_iter().flat_map(|e| &e.entries) {
        add(&entry.name.text, &entry.value.text, entry.value.range);
    }
    for service in file.compose().into_iter().flat_map(|c| &c.services) {
        let is_credential = |name: &str| {
            service.image.as_ref().is_some_and(|image| credentials::of_service(image, name).is_some())
        };
        for variable in service.environment.iter().filter(|v| !is_credential(&v.name.text)) {
            variable.value.iter().for_each(|value| add(&variable.name.text, &value.text, value.range));
        }
    }
    for object in file.kubernetes().into_iter().flat_map(|k| &k.objects) {
        for container in object.workload.iter().flat_map(|workload| workload.all()) {
            let is_credential = |name: &str| {
                container.image.as_ref().is_some_and(|image| credentials::of_service(image, name).is_some())
            };
            for variable in container.environment.iter().filter(|v| !is_credential(&v.name.text)) {
                variable.value.iter().for_each(|value| add(&variable.name.text, &value.text, value.range));
            }
        }
        for datum in &object.data {
            datum.value.iter().for_each(|value| add(&datum.name.text, &value.text, value.range));
        }
    }
    let dockerfile = file.dockerfile();
    let preamble = dockerfile.into_iter().flat_map(|d| &d.preamble);
    let stages = dockerfile.into_iter().flat_map(|d| &d.stages).flat_map(|stage| &stage.instructions);
    for setting in preamble.chain(stages).flat_map(|instruction| &instruction.settings) {
        setting.value.iter().for_each(|value| add(&setting.name, value, setting.value_range));
    }
    found
}

fn check_named(cx: &mut FileCheck<'_>, named: &Named<'_>, format: Format) {
    let Named { name, value, range } = *named;
    let under_secret =
        is_secret_name(name) && !words(name).iter().any(|w| matches!(w.as_str(), "file" | "gpg"));
    // `${NAME:-default}` is its default where nothing is set.
    let inner = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let literal = inner.and_then(|inner| inner.split_once('-')).map_or(value, |(_, default)| default);
    if literal.is_empty() {
        return;
    }
    cx.site();
    let what = match secrets::known_format(literal) {
        Some(what) if !is_public(name) || what.contains("connection") => what,
        _ if !under_secret || format == Format::Env => return,
        _ if secrets::is_random(literal) => "a secret",
        _ if is_password(name) && secrets::is_chosen_password(literal) => "a password",
        _ => return,
    };
    let finding = explain(cx.finding(range, format!("`{name}` is {what} that stands in this file")));
    let fix = (format == Format::Compose)
        .then(|| Fix::suggested("Take it from the environment").replace(range, format!("${{{name}:?}}")));
    cx.report(finding.maybe_fix(fix));
}

/// The words of a text that are credentials by themselves: in addresses, options and commands.
fn check_words(cx: &mut FileCheck<'_>, range: Range) {
    let is_part =
        |c: char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '<' | '>');
    let text = cx.slice(range);
    for word in text.split(|c| !is_part(c)).filter(|word| word.len() >= 16) {
        // `git+https://token@host`, `--token=...`
        let parts = word.split(['@', '=']).flat_map(|part| part.rsplit("://").next());
        let Some((part, what)) = std::iter::once(word)
            .chain(word.split_once('=').map(|(_, value)| value))
            .chain(parts)
            .find_map(|part| secrets::known_format(part).map(|what| (part, what)))
        else {
            continue;
        };
        let start = range.start + (part.as_ptr() as usize - text.as_ptr() as usize) as u32;
        cx.site();
        let place = Range { start, end: start + part.len() as u32 };
        cx.report(explain(cx.finding(place, format!("{what} stands in this file"))));
    }
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
