use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::{cors, program};

rule! {
    /// A tunable is written into the code that uses it
    ///
    /// A threshold, a batch size, a bucket or a project id that differs between development, staging and production cannot be changed without a
    /// release, and the same literal soon stands in several places with several values. Read it from the settings, with the literal as the default.
    ///
    /// Named constants for true constants, defaults of parameters, of command-line options and of settings classes, protocol numbers and
    /// units are sound.
    ///
    /// ```python bad
    /// def cluster(items):
    ///     similarity_threshold = 0.85
    ///                            ^^^^
    ///     batch_size = 5
    ///                  ^
    ///     return run(items, similarity_threshold, batch_size)
    /// ```
    /// ```python fixed
    /// import os
    ///
    /// def cluster(items):
    ///     similarity_threshold = float(os.environ.get("SIMILARITY_THRESHOLD", "0.85"))
    ///     batch_size = int(os.environ.get("BATCH_SIZE", "5"))
    ///     return run(items, similarity_threshold, batch_size)
    /// ```
    ///
    /// ```python bad
    /// BIGQUERY_PROJECT = "eleven-team-safety"
    ///                    ^^^^^^^^^^^^^^^^^^^^
    /// MODEL_BUCKET = "acme-models-prod"
    ///                ^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    /// from fastapi.middleware.cors import CORSMiddleware
    ///
    /// app = FastAPI()
    /// app.add_middleware(CORSMiddleware, allow_origins=["https://app.acme.io", "http://localhost:3000"])
    ///                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// import boto3
    /// import redis
    /// from google.cloud import bigquery
    ///
    /// s3 = boto3.client("s3")
    ///
    /// def store(key, body):
    ///     s3.put_object(Bucket="acme-sheets-prod", Key=key, Body=body)
    ///                          ^^^^^^^^^^^^^^^^^^
    ///
    /// cache = redis.Redis(host="rates-cache.internal")
    ///                          ^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// BUCKET_NAME = "acme-helpdesk-prod"
    ///               ^^^^^^^^^^^^^^^^^^^^
    ///
    /// def warehouse():
    ///     return bigquery.Client(project="acme-safety")
    ///                                    ^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import boto3
    ///
    /// from app.settings import settings
    ///
    /// s3 = boto3.client("s3")
    ///
    /// def store(key, body):
    ///     s3.put_object(Bucket=settings.bucket, Key=key, Body=body)
    ///     s3.put_object(Bucket="sheets", Key=key, Body=body)
    /// ```
    ///
    /// ```python good
    /// def resource_name(row):
    ///     region = "cross-region"
    ///     return f"{region}:{row}"
    ///
    /// def migrate_rows(rows):
    ///     batch_size = 500
    ///     return [rows[at : at + batch_size] for at in range(0, len(rows), batch_size)]
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    /// from fastapi.middleware.cors import CORSMiddleware
    ///
    /// from app.settings import settings
    ///
    /// app = FastAPI()
    /// app.add_middleware(CORSMiddleware, allow_origins=settings.origins)
    /// app.add_middleware(CORSMiddleware, allow_origins=["*"])
    /// app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"])
    /// ```
    ///
    /// ```python good
    /// import os
    /// from dataclasses import dataclass
    ///
    /// BUCKET = os.environ.get("BUCKET", "acme-models")
    /// DEFAULT_BATCH_SIZE = 100
    /// API_URL = "https://api.github.com"
    ///
    /// @dataclass
    /// class Settings:
    ///     batch_size: int = 100
    ///     bucket: str = "acme-models"
    ///
    /// def cluster(items, batch_size=5, threshold=0.85):
    ///     return run(items, batch_size=batch_size, threshold=threshold)
    /// ```
    ///
    /// ```python good
    /// def retry(task):
    ///     timeout = 1
    ///     while not task():
    ///         timeout *= 2
    ///     retries = 0
    ///     host = "localhost"
    ///     port = 0
    ///     model = "user"
    ///     return host, port, model, retries, timeout
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// func flush(items []Item) {
    /// 	batchSize := 500
    /// 	             ^^^
    /// 	write(items, batchSize)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// const bucket = "acme-backups-prod"
    ///                ^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "os"
    ///
    /// var dbHost = "db1.acme.internal"
    ///              ^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import "cmp"
    /// import "os"
    ///
    /// var dbHost = cmp.Or(os.Getenv("DB_HOST"), "db1.acme.internal")
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// const defaultBatchSize = 500
    ///
    /// func flush(items []Item) {
    /// 	const batchSize = 500
    /// 	write(items, batchSize)
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// func flush(items []Item) {
    /// 	batchSize := 1
    /// 	for batchSize < len(items) {
    /// 		batchSize *= 2
    /// 	}
    /// 	host := "localhost"
    /// 	write(items, batchSize, host)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn flush(items: &[Item]) {
    ///     let batch_size = 500;
    ///                      ^^^
    ///     write(items, batch_size);
    /// }
    /// ```
    ///
    /// ```rust bad
    /// const BUCKET: &str = "acme-backups-prod";
    ///                      ^^^^^^^^^^^^^^^^^^^
    ///
    /// fn connect() {
    ///     let db_host = "db1.acme.internal";
    ///                   ^^^^^^^^^^^^^^^^^^^
    ///     open(db_host);
    /// }
    /// ```
    ///
    /// ```rust good
    /// const BATCH_SIZE: usize = 500;
    ///
    /// fn flush(items: &[Item]) {
    ///     write(items, BATCH_SIZE);
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn flush(items: &[Item]) {
    ///     let mut batch_size = 500;
    ///     while batch_size > items.len() {
    ///         batch_size /= 2;
    ///     }
    ///     let bucket = std::env::var("BUCKET").unwrap_or_else(|_| "acme".to_owned());
    ///     write(items, batch_size, &bucket);
    /// }
    /// ```
    name: "hardcoded-config",
    category: Configuration,
    severity: Medium,
    scope: Both,
    fix: { Python: Suggested, Go: Suggested },
    on: [Fact(Kind::Assign), Role("cors"), Role("adds-middleware"), Effect(Effects::NETWORK), Effect(Effects::CONNECTS)],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if node.is(Kind::Assign) {
        return assigned(cx, node);
    }
    named(cx, node);
    origins(cx, node);
}

/// What exists once an environment, named where a call asks for it: `s3.put_object(Bucket="acme-models-prod", ...)`.
fn named(cx: &mut Check<'_>, call: Node<'_>) {
    for what in ["bucket", "project", "host"] {
        let Some(value) = cx.argument(call, what) else { continue };
        cx.site();
        if !value.is(Kind::String) || !differs(value, &[what.to_owned()], true) || program::is_migration(cx) {
            continue;
        }
        let now_and_then = program::runs_now_and_then(cx, call);
        let finding = cx
            .finding(value, format!("the {what} is written into the code"))
            .why("What differs between environments cannot be changed without a release.")
            .help("Read it from the settings, with this value as the default.")
            .confidence(if now_and_then { Confidence::Low } else { Confidence::Medium });
        cx.report(finding);
    }
}

/// The sites that a service lets browsers call it from, written into the code.
fn origins(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(configured) = cors::configured(cx, call) else { return };
    let Some(origins) = configured.argument("origins").and_then(|a| a.of(call)) else { return };
    cx.site();
    let literals: Vec<_> =
        origins.descendants().filter(|n| n.is(Kind::String)).filter_map(Node::string).collect();
    let fixed = |origin: &str| {
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        let local = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"].iter().any(|l| host.starts_with(l));
        !host.is_empty() && !local && !host.contains("example")
    };
    let list = matches!(origins.kind(), Kind::List | Kind::Construct);
    if !list || !literals.iter().any(|origin| fixed(origin)) {
        return;
    }
    let finding = cx
        .finding(origins, "the allowed origins are written into the code")
        .why("Staging and production have other sites: each change of them is a release.")
        .help("Read them from the settings.")
        .confidence(Confidence::Medium);
    cx.report(finding);
}

fn assigned(cx: &mut Check<'_>, assign: Node<'_>) {
    let (Some(target), Some(value)) = (assign.get(Role::Target), assign.get(Role::Value)) else { return };
    let single = assign.all(Role::Target).count() == 1 && assign.all(Role::Value).count() == 1;
    if !single || !target.is(Kind::Name) || assign.operator() != Operator::None || assign.class().is_some() {
        return;
    }
    let mut words = words(target.name());
    // `BUCKET_NAME`
    if words.len() > 1
        && words.last().is_some_and(|w| w == "name")
        && names_environment(&words[..words.len() - 1])
    {
        words.pop();
    }
    let inside = cx.named_function(assign);
    let environment = names_environment(&words);
    let tunable = environment || inside.is_some() && is_tunable(&words);
    if !tunable {
        return;
    }
    cx.site();
    let literal = matches!(value.kind(), Kind::String | Kind::Number);
    let local_constant = inside.is_some() && assign.has(Flags::CONSTANT);
    let defaulted = words.iter().any(|w| matches!(w.as_str(), "default" | "header" | "name" | "key"))
        || program::is_migration(cx);
    let settings = cx.path().rsplit('/').next().is_some_and(|f| {
        f.contains("config") || f.contains("settings") || f.contains("const") || f.contains("default")
    });
    if !literal
        || local_constant
        || settings
        || defaulted
        || !differs(value, &words, environment)
        || inside.is_some_and(|f| is_changed(f, target))
    {
        return;
    }
    let finding = cx
        .finding(value, format!("`{}` is written into the code", target.name()))
        .why("What differs between environments, or has to be tuned, cannot be changed without a release.")
        .help("Read it from the settings, with this value as the default.")
        .severity(if environment { Severity::Medium } else { Severity::Low })
        .confidence(if is_settled(cx, assign, &words) { Confidence::Low } else { Confidence::Medium })
        .maybe_fix(fix(cx, assign, target, value));
    cx.report(finding);
}

/// Whether a number is likely to be right everywhere: the size of pieces that are read, a limit that a comment explains, what a command
/// that is run by hand goes by.
fn is_settled(cx: &Check<'_>, assign: Node<'_>, words: &[String]) -> bool {
    let pieces = words.iter().any(|w| w == "chunk");
    let whole = cx.facts();
    let line = |at: u32| whole.text.get(..at as usize).map_or(0, |t| t.matches('\n').count());
    let own = line(assign.range().start);
    let explained = whole.comments.iter().any(|c| {
        let at = line(c.range.start);
        at == own || at + 1 == own
    });
    pieces || explained || program::runs_now_and_then(cx, assign)
}

/// Names of things that exist once an environment.
fn names_environment(words: &[String]) -> bool {
    let last = words.last().map_or("", String::as_str);
    let before = words.len().checked_sub(2).map_or("", |i| words[i].as_str());
    match last {
        "bucket" | "host" | "hostname" | "region" | "dsn" => true,
        "project" => words.len() > 1,
        "id" => before == "project",
        _ => false,
    }
}

/// Names of numbers that people tune.
fn is_tunable(words: &[String]) -> bool {
    let last = words.last().map_or("", String::as_str);
    let before = words.len().checked_sub(2).map_or("", |i| words[i].as_str());
    match last {
        "threshold" | "timeout" => true,
        "size" => matches!(before, "batch" | "pool" | "chunk"),
        "workers" | "retries" | "connections" => before == "max",
        _ => false,
    }
}

/// Whether a literal is a value that somebody chose: no neutral number, no local host, no placeholder.
fn differs(value: Node<'_>, words: &[String], environment: bool) -> bool {
    if let Some(number) = value.number() {
        return !environment && number.abs() > 0.0 && (number - 1.0).abs() > f64::EPSILON;
    }
    let text = value.string().unwrap_or_default();
    let local = matches!(
        &*text,
        "localhost"
            | "127.0.0.1"
            | "0.0.0.0"
            | "::1"
            | "::"
            | "auto"
            | "default"
            | "none"
            | "global"
            | "host"
            | "hostname"
    );
    let value_like = text.len() > 3
        && text.contains(['-', '.'])
        && !text.contains([' ', '{', '%', '/', '<', '$', '*'])
        && !text.ends_with(['.', '-']);
    // A public host is the same everywhere.
    let host = words.last().is_some_and(|w| matches!(w.as_str(), "host" | "hostname"));
    let private = [".internal", ".local", ".svc", ".lan", ".corp"].iter().any(|end| text.ends_with(end))
        || text.contains(".svc.");
    // `us-east-1`, not `cross-region`.
    let region = words.last().is_some_and(|w| w == "region");
    let numbered = text.contains(|c: char| c.is_ascii_digit());
    let address = text.starts_with("10.") || text.starts_with("192.168.");
    environment
        && !local
        && (!host || private || address)
        && (!region || numbered)
        && value_like
        && !text.contains("example")
}

/// Whether a function changes a name after it set it: a counter, a growing delay.
fn is_changed(function: Node<'_>, target: Node<'_>) -> bool {
    let sets = function.descendants().filter(|n| n.is(Kind::Assign));
    sets.filter(|a| a.all(Role::Target).any(|t| t.name() == target.name())).count() > 1
}

fn fix(cx: &Check<'_>, assign: Node<'_>, target: Node<'_>, value: Node<'_>) -> Option<Fix> {
    let variable = words(target.name()).join("_").to_ascii_uppercase();
    let fix = Fix::suggested(format!("Read it from `{variable}`"));
    match cx.language() {
        Language::Python => {
            let (os, import) = cx.import("os", "");
            let text = match value.kind() {
                Kind::Number => {
                    let kind = if value.text().contains('.') { "float" } else { "int" };
                    format!("{kind}({os}.environ.get(\"{variable}\", \"{}\"))", value.text())
                }
                _ => format!("{os}.environ.get(\"{variable}\", {})", value.text()),
            };
            Some(fix.replace(value, text).import(import))
        }
        Language::Go if value.is(Kind::String) && !assign.has(Flags::CONSTANT) => {
            let (cmp, import_cmp) = cx.import("cmp", "");
            let (os, import_os) = cx.import("os", "");
            let text = format!("{cmp}.Or({os}.Getenv(\"{variable}\"), {})", value.text());
            Some(fix.replace(value, text).import(import_cmp).import(import_os))
        }
        _ => None,
    }
}
