use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Node, Role};
use shipworthy_syntax::Range;

use crate::names::words;
use crate::program;
use crate::remarks::documentation_says;
use crate::values::{behind, is_constant_name};

rule! {
    /// A failure from outside panics
    ///
    /// `unwrap` and `expect` on what input, a file, the network or another thread decides turn an ordinary failure into a panic: the request dies
    /// without an answer, a worker is gone, a lock stays poisoned. Return the error, or decide what to do instead.
    ///
    /// What cannot fail is sound: a constant pattern, a lock that only a panic could poison, set-up in `main`, tests. Of low confidence are panics that
    /// the function's documentation promises, and what happens at start: pools of connections, and what a function does before it serves.
    ///
    /// ```rust bad
    /// fn settings(path: &Path) -> anyhow::Result<Settings> {
    ///     let text = std::fs::read_to_string(path).unwrap();
    ///                                             ^^^^^^^^^
    ///     Ok(Settings::parse(&text))
    /// }
    /// ```
    /// ```rust fixed
    /// fn settings(path: &Path) -> anyhow::Result<Settings> {
    ///     let text = std::fs::read_to_string(path)?;
    ///     Ok(Settings::parse(&text))
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn price(client: &reqwest::Client, url: &str) -> f64 {
    ///     let body: Price = client.get(url).send().await.unwrap().json().await.expect("a price");
    ///                                                   ^^^^^^^^^             ^^^^^^^^^^^^^^^^^^
    ///     body.value
    /// }
    /// ```
    ///
    /// ```rust good
    /// use regex::Regex;
    ///
    /// fn pattern() -> Regex {
    ///     Regex::new(r"^\d+$").unwrap()
    /// }
    ///
    /// fn count(state: &std::sync::Mutex<u32>) -> u32 {
    ///     let address: std::net::IpAddr = "127.0.0.1".parse().unwrap();
    ///     *state.lock().unwrap()
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn main() {
    ///     let text = std::fs::read_to_string("settings.toml").expect("settings.toml is readable");
    ///     run(&text);
    /// }
    ///
    /// fn first(values: &[u32]) -> u32 {
    ///     std::fs::read_to_string("x").unwrap_or_default();
    ///     values.iter().copied().max().unwrap_or(0)
    /// }
    ///
    /// #[cfg(test)]
    /// mod tests {
    ///     #[test]
    ///     fn reads() {
    ///         std::fs::read_to_string("x").unwrap();
    ///     }
    /// }
    /// ```
    ///
    /// Start, and panics that are documented:
    ///
    /// ```rust good
    /// use std::path::Path;
    ///
    /// use axum::Router;
    /// use sqlx::sqlite::SqlitePoolOptions;
    ///
    /// pub async fn pool(url: &str) -> sqlx::SqlitePool {
    ///     SqlitePoolOptions::new().connect(url).await.expect("the database can be reached")
    /// }
    ///
    /// /// A picture from a file.
    /// ///
    /// /// # Panics
    /// ///
    /// /// Panics where the file cannot be read.
    /// pub fn picture(path: &Path) -> Vec<u8> {
    ///     std::fs::read(path).unwrap()
    /// }
    ///
    /// pub async fn run(settings: Settings, routes: Router) {
    ///     tokio::fs::create_dir_all(&settings.data).await.expect("the data folder can be made");
    ///     let listener = tokio::net::TcpListener::bind(settings.address).await.unwrap();
    ///     axum::serve(listener, routes).await.unwrap();
    /// }
    /// ```
    ///
    /// What a caller sends may lack it, or have it in another form.
    ///
    /// ```rust bad
    /// use axum::http::HeaderMap;
    /// use serde_json::Value;
    ///
    /// async fn hook(headers: HeaderMap, body: String) -> Result<(), Error> {
    ///     let signature = headers.get("x-signature").unwrap();
    ///                                               ^^^^^^^^^
    ///     let event: Value = serde_json::from_str(&body)?;
    ///     let account = event["account"].as_str().unwrap();
    ///                                            ^^^^^^^^^
    ///     book(signature, account)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::extract::Multipart;
    ///
    /// async fn upload(mut form: Multipart) -> Result<Upload, Error> {
    ///     let mut upload = Upload::default();
    ///     while let Some(field) = form.next_field().await? {
    ///         let name = field.name().unwrap().to_owned();
    ///                                ^^^^^^^^^
    ///         upload.add(name, field.bytes().await.unwrap());
    ///                                             ^^^^^^^^^
    ///     }
    ///     Ok(upload)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn callback(request: hyper::Request<hyper::Body>) -> Result<Callback, Error> {
    ///     let body = hyper::body::to_bytes(request.into_body()).await.unwrap();
    ///                                                                ^^^^^^^^^
    ///     Ok(serde_json::from_slice(&body)?)
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::http::HeaderMap;
    /// use serde_json::Value;
    ///
    /// async fn hook(headers: HeaderMap, body: String) -> Result<(), Error> {
    ///     let signature = headers.get("x-signature").ok_or(Error::Signature)?;
    ///     let event: Value = serde_json::from_str(&body)?;
    ///     let account = event["account"].as_str().unwrap_or_default();
    ///     book(signature, account)
    /// }
    /// ```
    ///
    /// What is read stands in the code; a helper says that it panics, below its attribute; a start cannot go on without its settings.
    ///
    /// ```rust good
    /// impl Default for Limits {
    ///     fn default() -> Self {
    ///         serde_json::from_value(serde_json::json!({})).unwrap()
    ///     }
    /// }
    ///
    /// fn presets() -> Presets {
    ///     let text = include_str!("presets.json");
    ///     serde_json::from_str(text).unwrap()
    /// }
    ///
    /// /// Fills the table of jobs.
    /// #[cfg(feature = "helpers")]
    /// /// # Panics
    /// ///
    /// /// Where the file cannot be read.
    /// pub fn fill(path: &str) -> String {
    ///     std::fs::read_to_string(path).expect("the file can be read")
    /// }
    ///
    /// pub struct ConfigReader;
    ///
    /// impl ConfigReader {
    ///     pub fn read(path: &str) -> String {
    ///         std::fs::read_to_string(path).expect("cannot read the configuration")
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn limits(body: &str) -> Limits {
    ///     serde_json::from_str(body).unwrap()
    ///                               ^^^^^^^^^
    /// }
    /// ```
    ///
    /// A file that only tests have, as its declaration says, or that of a module around it:
    ///
    /// ```rust good file=src/lib.rs
    /// pub mod sharing;
    /// ```
    /// ```rust good file=src/sharing/mod.rs
    /// #[cfg(test)]
    /// mod peer;
    /// ```
    /// ```rust good file=src/sharing/peer.rs
    /// mod wire;
    ///
    /// pub fn open(text: &str) -> u64 {
    ///     text.parse().unwrap()
    /// }
    /// ```
    /// ```rust good file=src/sharing/peer/wire.rs
    /// pub fn limits(body: &str) -> Limits {
    ///     serde_json::from_str(body).unwrap()
    /// }
    /// ```
    ///
    /// Nor is there a test where another declaration takes the file for all:
    ///
    /// ```rust bad file=src/lib.rs
    /// #[cfg(test)]
    /// mod peer;
    /// ```
    /// ```rust bad file=src/main.rs
    /// mod peer;
    /// ```
    /// ```rust bad file=src/peer.rs
    /// pub fn limits(body: &str) -> Limits {
    ///     serde_json::from_str(body).unwrap()
    ///                               ^^^^^^^^^
    /// }
    /// ```
    name: "unwrap-in-production",
    category: Errors,
    severity: High,
    scope: File,
    fix: { Rust: Safe },
    on: [Fact(Kind::Call)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(callee) =
        call.callee().filter(|c| c.is(Kind::Attribute) && matches!(c.name(), "unwrap" | "expect"))
    else {
        return;
    };
    let Some(object) = callee.object() else { return };
    cx.site();
    // `main` may give up; so may a build script, and the set-up of a static.
    let set_up = cx.named_function(call).is_none_or(|f| f.name() == "main")
        || program::is_build_script(cx)
        || cx.path().split('/').any(|folder| folder == "scripts");
    if set_up {
        return;
    }
    let Some(source) = source(object) else { return };
    let outside = Effects::NETWORK
        | Effects::DATABASE
        | Effects::FILES
        | Effects::PROCESS
        | Effects::READS_REQUEST
        | Effects::READS_ENVIRONMENT
        | Effects::DECODES;
    let meaning = cx.meaning(source);
    let effects = meaning.map_or(Effects::empty(), |m| m.effects);
    // A header is there, and a body ends, if who calls sends it.
    let sent = meaning.is_some_and(|m| m.is("reads-header") || m.is("reads-all"));
    // `q.get("page").unwrap().parse()`
    let parses = || source.callee().filter(|c| c.name() == "parse").and_then(Node::object);
    let parsed = parses().is_some_and(|o| crate::outside::source(cx, o).is_some());
    let constant = source.arguments().next().is_some_and(|a| is_written_down(cx, a))
        || source.callee().and_then(Node::object).is_some_and(Node::is_literal);
    if !sent && !parsed && !effects.intersects(outside)
        || !sent && constant && !effects.intersects(Effects::NETWORK | Effects::DATABASE | Effects::FILES)
    {
        return;
    }
    // A documented panic is a promise; a pool is made once, at start, and a command that expects says to its user what was wrong.
    let promised = cx.named_function(call).is_some_and(|f| documentation_says(cx, f, &["# panics"]));
    let expects = callee.name() == "expect";
    let unsure = promised
        || meaning.is_some_and(|m| m.is("pool"))
        || program::is_before_serving(cx, call)
        || expects && (program::is_alone(cx) || reads_settings(cx, call));
    let dot = Range { start: object.range().end, end: call.range().end };
    let what = source.callee().map_or("", Node::name);
    let finding = cx
        .finding(dot, format!("`{}` panics when `{what}` fails", callee.name()))
        .why("An ordinary failure from outside becomes a panic: the request dies without an answer, the worker is gone.")
        .help("Return the error with `?`, or decide what to do instead.")
        .confidence(match () {
            () if unsure => Confidence::Low,
            () if expects => Confidence::Medium,
            () => Confidence::High,
        })
        .maybe_fix(fix(call, dot));
    cx.report(finding);
}

/// Whether code reads a program's settings, by the name of its function, its type or its file: it does so at start, and cannot go on without.
fn reads_settings(cx: &Check<'_>, call: Node<'_>) -> bool {
    let function = cx.named_function(call);
    let class = function.and_then(Node::class);
    let file = cx.path().trim_end_matches(".rs").rsplit('/').next().unwrap_or_default();
    let mut names = function.into_iter().chain(class).map(Node::name).chain([file]);
    names
        .any(|name| words(name).iter().any(|w| matches!(w.as_str(), "config" | "configuration" | "settings")))
}

/// Whether an argument stands in the code, or in a file that becomes part of it: a literal, `json!({})`, `include_str!("presets.json")`. What
/// is read from it is the same each time, and fails in the first test or never.
fn is_written_down(cx: &Check<'_>, argument: Node<'_>) -> bool {
    let argument = behind(cx, cx.facts().node(argument.index()));
    let is_data =
        |n: Node<'_>| !matches!(n.kind(), Kind::Name | Kind::Attribute | Kind::Call | Kind::OtherExpression);
    let stands = |call: Node<'_>| match call.callee().map_or("", Node::name) {
        "include_str!" | "include_bytes!" => true,
        "json!" => call.arguments().all(|a| is_data(a) && a.descendants().all(is_data)),
        _ => false,
    };
    argument.is_literal()
        || argument.is(Kind::Name) && is_constant_name(argument.name())
        || argument.is(Kind::Call) && stands(argument)
}

/// The call whose result is unwrapped: through `.await`.
fn source(object: Node<'_>) -> Option<Node<'_>> {
    let mut node = object;
    while node.is(Kind::Await) {
        node = node.get(Role::Value)?;
    }
    Some(node).filter(|n| n.is(Kind::Call))
}

/// `?`, where the function returns an error type that every error becomes by itself.
fn fix(call: Node<'_>, dot: Range) -> Option<Fix> {
    let function = call.function().filter(|f| f.is(Kind::Function))?;
    let result = function.get(Role::Result)?.text();
    let takes_any = ["anyhow::Result", "eyre::Result", "anyhow::Error", "eyre::Report", "Box<dyn"]
        .iter()
        .any(|t| result.contains(t));
    takes_any.then(|| Fix::safe("Return the error with `?`").replace(dot, "?"))
}
