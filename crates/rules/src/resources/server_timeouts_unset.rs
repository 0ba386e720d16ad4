use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, FileCheck, Fix, rule};
use shipworthy_evidence::File;
use shipworthy_facts::{Kind, Meaning, Node, Role};
use shipworthy_syntax::Language;

use crate::commands::{commands, switched_off};
use crate::values::behind;

rule! {
    /// A server waits for ever for slow clients
    ///
    /// A client that opens a connection and sends its request a byte a minute holds a connection, a goroutine or a thread for as long as it
    /// likes. A few hundred of them, from one laptop, make the server unreachable (Slowloris); broken networks do the same without any intent. A
    /// server that faces a network needs a limit on how long it reads a request's head, and on how long an idle connection stays.
    ///
    /// ```go bad
    /// package main
    ///
    /// import "net/http"
    ///
    /// func serve(handler http.Handler) error {
    /// 	server := &http.Server{
    /// 	           ^^^^^^^^^^^^
    /// 		Addr:    ":8080",
    /// 		Handler: handler, // for all hosts
    /// 	}
    /// 	return server.ListenAndServe()
    /// }
    /// ```
    /// ```go fixed
    /// package main
    ///
    /// import "net/http"
    /// import "time"
    ///
    /// func serve(handler http.Handler) error {
    /// 	server := &http.Server{
    /// 		Addr:    ":8080",
    /// 		Handler: handler, // for all hosts
    ///
    /// 		ReadHeaderTimeout: 10 * time.Second,
    /// 		IdleTimeout:       2 * time.Minute,
    /// 	}
    /// 	return server.ListenAndServe()
    /// }
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import (
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func serve(handler http.Handler) error {
    /// 	return http.ListenAndServe(":8080", handler)
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// func minutes() time.Duration { return time.Minute }
    /// ```
    /// ```go fixed
    /// package main
    ///
    /// import (
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func serve(handler http.Handler) error {
    /// 	return (&http.Server{Addr: ":8080", Handler: handler, ReadHeaderTimeout: 10 * time.Second}).ListenAndServe()
    /// }
    ///
    /// func minutes() time.Duration { return time.Minute }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func serve(handler http.Handler) error {
    /// 	server := &http.Server{Addr: ":8080", Handler: handler, ReadHeaderTimeout: 10 * time.Second}
    /// 	return server.ListenAndServe()
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func serve(handler http.Handler, limit time.Duration) error {
    /// 	server := &http.Server{Addr: ":8080"}
    /// 	server.Handler = handler
    /// 	server.ReadTimeout = limit
    /// 	return server.ListenAndServe()
    /// }
    /// ```
    ///
    /// ```python bad
    /// from http.server import BaseHTTPRequestHandler, HTTPServer
    ///
    /// class Hooks(BaseHTTPRequestHandler):
    ///     def do_POST(self):
    ///         self.send_response(204)
    ///
    /// def serve():
    ///     HTTPServer(("0.0.0.0", 8080), Hooks).serve_forever()
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad file=gunicorn.conf.py
    /// bind = "0.0.0.0:8000"
    /// workers = 4
    /// timeout = 0
    /// ^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// from http.server import BaseHTTPRequestHandler, HTTPServer
    ///
    /// class Hooks(BaseHTTPRequestHandler):
    ///     timeout = 10
    ///
    ///     def do_POST(self):
    ///         self.send_response(204)
    ///
    /// def serve():
    ///     HTTPServer(("0.0.0.0", 8080), Hooks).serve_forever()
    ///
    /// def callback(handler):
    ///     HTTPServer(("localhost", 8123), handler).handle_request()
    /// ```
    ///
    /// ```python good file=gunicorn.conf.py
    /// bind = "0.0.0.0:8000"
    /// timeout = 60
    /// keepalive = 0
    /// ```
    ///
    /// ```rust bad
    /// use axum::{Router, routing::get};
    ///
    /// async fn serve(listener: tokio::net::TcpListener) -> std::io::Result<()> {
    ///     let app = Router::new().route("/", get(index));
    ///     axum::serve(listener, app).await
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::{Router, routing::get};
    /// use tower_http::cors::CorsLayer;
    ///
    /// async fn serve(listener: tokio::net::TcpListener) {
    ///     let app = Router::new().route("/", get(index)).layer(CorsLayer::new());
    ///     axum::serve(listener, app.into_make_service()).await.ok();
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::time::Duration;
    ///
    /// use axum::{Router, routing::get};
    /// use tower_http::timeout::TimeoutLayer;
    ///
    /// async fn serve(listener: tokio::net::TcpListener) -> std::io::Result<()> {
    ///     let app = Router::new()
    ///         .route("/", get(index))
    ///         .layer(TimeoutLayer::new(Duration::from_secs(30)));
    ///     axum::serve(listener, app).await
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn serve(listener: tokio::net::TcpListener, state: State) -> std::io::Result<()> {
    ///     let app = crate::routes::all(state);
    ///     axum::serve(listener, app).await
    /// }
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM python:3.12-slim
    /// CMD ["gunicorn", "--timeout", "0", "shop.wsgi"]
    ///                  ^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM python:3.12-slim
    /// ENV GUNICORN_CMD_ARGS="--bind=0.0.0.0:8000 --timeout=0"
    ///                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// CMD exec gunicorn shop.wsgi -k gthread
    /// ```
    ///
    /// ```dockerfile good
    /// FROM python:3.12-slim
    /// CMD gunicorn --timeout 30 --workers 4 shop.wsgi
    /// ```
    ///
    /// ```dockerfile good
    /// FROM debian:12-slim
    /// RUN wait-for-it --timeout 0 db:5432
    /// CMD ["uvicorn", "shop:app", "--port", "0"]
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   web:
    ///     build: .
    ///     command: gunicorn shop.wsgi --timeout 0
    ///              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   web:
    ///     build: .
    ///     command: ["gunicorn", "-t", "0", "shop.wsgi"]
    ///                           ^^^^^^^^^
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   web:
    ///     build: .
    ///     command: gunicorn shop.wsgi --timeout 60
    ///   worker:
    ///     build: .
    ///     command: celery -A shop worker -t 0
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   web:
    ///     build: .
    ///     command: uvicorn shop:app --timeout-keep-alive 5
    /// ```
    ///
    /// ```go good
    /// package docker
    ///
    /// import "net/http"
    ///
    /// type Server http.Server
    ///
    /// func (s *Server) Stop() error {
    /// 	return (*http.Server)(s).Close()
    /// }
    /// ```
    name: "server-timeouts-unset",
    category: Resources,
    severity: High,
    scope: Both,
    fix: { Go: Safe },
    on: [Role("http-server"), Fact(Kind::Assign)],
    check: check,
    files: [Dockerfile, Compose],
    check_file: check_file,
}

fn check_file(cx: &mut FileCheck<'_>, file: &File) {
    for served in commands(file) {
        cx.site();
        for (option, place) in switched_off(served.program, &served.words) {
            let message =
                format!("{} waits for ever: `{option}` switches its timeout off", served.program.name);
            let help = "Give it the longest time that a request may take: 30 seconds are usual.";
            let place = served.whole.unwrap_or(place);
            cx.report(cx.finding(place, message).why(WHY).help(help));
        }
    }
}

const WHY: &str =
    "Each slow client holds a connection for as long as it likes; a few hundred make the server unreachable.";

/// The settings that bound how long a request's head may take.
const HEAD: [&str; 2] = ["read-header", "read"];

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if node.is(Kind::Assign) {
        return worker_timeout(cx, node);
    }
    let Some(meaning) = cx.meaning(node).cloned() else { return };
    match cx.language() {
        Language::Go if node.is(Kind::Construct) => go_server(cx, node, &meaning),
        Language::Go if node.is(Kind::Call) => go_call(cx, node, &meaning),
        Language::Python if node.is(Kind::Call) => python_server(cx, node, &meaning),
        Language::Rust if node.is(Kind::Call) => rust_server(cx, node, &meaning),
        _ => {}
    }
}

fn go_server(cx: &mut Check<'_>, server: Node<'_>, meaning: &Meaning) {
    cx.site();
    let settings: Vec<&str> = HEAD
        .iter()
        .filter_map(|s| meaning.argument(s))
        .flat_map(|a| a.keywords.iter().map(|k| &**k))
        .collect();
    let set = settings.iter().any(|s| server.keyword(s).is_some());
    let positional = server.arguments().any(|a| a.label().is_empty());
    // Set on the value later, whatever its name.
    let assigned = cx
        .facts()
        .nodes()
        .filter(|n| n.is(Kind::Assign))
        .any(|a| a.all(Role::Target).any(|t| t.is(Kind::Attribute) && settings.contains(&t.name())));
    // A value that has no handler and no address is a template for others to fill in, or stands for none.
    let bare = server.arguments().next().is_none();
    if set || positional || assigned || bare || settings.is_empty() {
        return;
    }
    let type_name = server.callee().map_or("", Node::text);
    let finding = cx
        .finding(server, format!("`{type_name}` has no time limit on reading a request"))
        .why(WHY)
        .help("Set `ReadHeaderTimeout` and `IdleTimeout`; `ReadTimeout` and `WriteTimeout` too where no handler streams.")
        .severity(if listens_here(cx, server) { Severity::Low } else { Severity::High })
        .maybe_fix(missing_fields(cx, server));
    cx.report(finding);
}

/// Whether a server is for the machine itself: `Addr: "localhost:8080"`, `addr := fmt.Sprintf("127.0.0.1:%d", port)`.
fn listens_here(cx: &Check<'_>, server: Node<'_>) -> bool {
    let address = cx.argument(server, "address").map(|a| behind(cx, cx.facts().node(a.index())));
    let local = |n: Node<'_>| n.string().is_some_and(|s| is_local(&s));
    is_for_its_user(cx, server)
        || address.is_some_and(|a| local(a) || a.is(Kind::Call) && a.arguments().next().is_some_and(local))
}

fn missing_fields(cx: &Check<'_>, server: Node<'_>) -> Option<Fix> {
    let (time, import) = cx.import("time", "");
    let last = server.arguments().last()?;
    let mut fields = vec![("ReadHeaderTimeout:", format!("10 * {time}.Second"))];
    if server.keyword("IdleTimeout").is_none() {
        fields.push(("IdleTimeout:", format!("2 * {time}.Minute")));
    }
    let after = server.facts().text.get(last.range().end as usize..server.range().end as usize)?;
    let (text, end): (String, usize) = match (after.starts_with(','), after.find('\n')) {
        (true, Some(line_end)) => {
            let indent = indentation_of_line(last)?;
            // A group of their own, which leaves the columns of the others as they are.
            let apart = if last.text().contains('\n') { "" } else { "\n" };
            let width = fields.iter().map(|(name, _)| name.len()).max()?;
            let lines = fields.iter().map(|(name, value)| format!("\n{indent}{name:width$} {value},"));
            (apart.chars().map(String::from).chain(lines).collect(), line_end)
        }
        (false, None) => (fields.iter().map(|(name, value)| format!(", {name} {value}")).collect(), 0),
        _ => return None,
    };
    let fix = Fix::safe("Set the time limits").insert(last.range().end + end as u32, text);
    Some(fix.import(import))
}

/// The whitespace at the start of the line that a fact begins on.
fn indentation_of_line(node: Node<'_>) -> Option<&str> {
    let text: &str = &node.facts().text;
    let line = text.get(..node.range().start as usize)?.rsplit('\n').next()?;
    line.get(..line.len() - line.trim_start().len())
}

fn go_call(cx: &mut Check<'_>, call: Node<'_>, meaning: &Meaning) {
    cx.site();
    // What the workspace has itself is judged where it serves; a conversion to the type of a server serves nobody.
    let has_own = cx.resolver().callee(call).is_some_and(|path| cx.workspace().function(&path).is_some());
    if has_own || cx.resolver().vocabulary().type_of(&meaning.name).is_some() {
        return;
    }
    let local =
        call.arguments().any(|a| a.string().is_some_and(|s| is_local(&s))) || is_for_its_user(cx, call);
    let plain = call.callee().filter(|c| c.name() == "ListenAndServe");
    let fix = plain.and_then(|callee| {
        let (address, handler) = (call.positional(0)?, call.positional(1)?);
        let (time, import) = cx.import("time", "");
        let package = callee.object()?.text();
        let handler = if handler.is(Kind::Nothing) { String::new() } else { format!("Handler: {}, ", handler.text()) };
        let text = format!(
            "(&{package}.Server{{Addr: {}, {handler}ReadHeaderTimeout: 10 * {time}.Second}}).ListenAndServe()",
            address.text()
        );
        Some(Fix::suggested("Use a server with a time limit").replace(call, text).import(import))
    });
    let name = call.callee().map_or("", Node::text);
    let finding = cx
        .finding(call, format!("`{name}` serves without any time limit"))
        .why(WHY)
        .help("Serve with an `http.Server` that has `ReadHeaderTimeout` and `IdleTimeout`.")
        .severity(if local { Severity::Low } else { Severity::High })
        .confidence(if meaning.guessed { Confidence::Medium } else { Confidence::High })
        .maybe_fix(fix);
    cx.report(finding);
}

/// Whether a server is there for who started the program: it opens a browser on it, or waits for the answer of a sign-in.
fn is_for_its_user(cx: &Check<'_>, node: Node<'_>) -> bool {
    let opens = |n: Node<'_>| n.callee().is_some_and(|c| c.text().to_ascii_lowercase().contains("browser"));
    let browses =
        cx.named_function(node).is_some_and(|f| f.descendants().any(|n| n.is(Kind::Call) && opens(n)));
    browses || cx.path().split('/').any(|part| part.starts_with("oauth"))
}

/// Whether an address is reached from its own machine only.
fn is_local(address: &str) -> bool {
    address.starts_with("localhost") || address.starts_with("127.0.0.1") || address.starts_with("[::1]")
}

/// What the vocabulary says has no limit of its own, and takes it from its handler's class.
fn python_server(cx: &mut Check<'_>, call: Node<'_>, meaning: &Meaning) {
    cx.site();
    let Some(handler) = meaning.argument("handler").and_then(|a| a.of(call)) else { return };
    let address = meaning.argument("address").and_then(|a| a.of(call));
    let host = address.and_then(|a| a.get(Role::Element)).and_then(Node::string);
    let limited = cx
        .name_of(handler)
        .is_none_or(|class| cx.workspace().class(&class).is_none_or(|c| c.fields.contains_key("timeout")));
    if limited || host.is_none_or(|h| is_local(&h)) {
        return;
    }
    let name = call.callee().map_or("", Node::text);
    let finding = cx
        .finding(call, format!("`{name}` has no time limit on reading a request"))
        .why(WHY)
        .help(format!("Set `timeout` in `{}`, or serve with a production server.", handler.text()))
        .severity(Severity::Medium);
    cx.report(finding);
}

/// `timeout = 0` in the settings of Gunicorn: a worker that hangs is never restarted.
fn worker_timeout(cx: &mut Check<'_>, assign: Node<'_>) {
    let file = cx.path().rsplit('/').next().unwrap_or("");
    if cx.language() != Language::Python || !file.contains("gunicorn") || assign.function().is_some() {
        return;
    }
    let Some(value) = assign.get(Role::Value) else { return };
    if assign.get(Role::Target).is_none_or(|t| !t.is(Kind::Name) || t.name() != "timeout") {
        return;
    }
    cx.site();
    if value.number() == Some(0.0) {
        let finding = cx
            .finding(assign, "the workers' timeout is switched off")
            .why("A worker that hangs is never restarted; when all hang, nobody answers.")
            .help("Give it a number of seconds that the slowest request needs.");
        cx.report(finding);
    }
}

/// A router that is made here, and has no layer that limits time.
fn rust_server(cx: &mut Check<'_>, call: Node<'_>, meaning: &Meaning) {
    cx.site();
    if meaning.property("limited").is_some() {
        return;
    }
    let limits = |n: Node<'_>| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("limits-time"));
    let Some(function) = call.function() else { return };
    let Some(handler) = meaning.argument("handler").and_then(|a| a.of(call)) else { return };
    if cx.imports("limits-time") || function.descendants().any(limits) {
        return;
    }
    let Some(made) = origin(handler, function) else { return };
    // What comes from elsewhere may bring its own limit.
    let opaque = made.descendants().any(|n| {
        n.is(Kind::Call)
            && n.callee().is_some_and(|c| matches!(c.name(), "merge" | "nest" | "layer"))
            && n.arguments().filter(|a| !a.is(Kind::String)).any(|a| {
                let made = if a.is(Kind::Name) { origin(a, function).unwrap_or(a) } else { a };
                root_call(made).is_none_or(|r| cx.meaning(r).is_none())
            })
    });
    if opaque || root_call(made).is_none_or(|root| cx.meaning(root).is_none()) {
        return;
    }
    let finding = cx
        .finding(call, "the server has no time limit on requests")
        .why(WHY)
        .help("Add a timeout layer to the router, or serve behind a proxy that limits time.")
        .confidence(Confidence::Medium);
    cx.report(finding);
}

/// The expression that made the value of another: through a local name and conversions.
fn origin<'a>(value: Node<'a>, function: Node<'a>) -> Option<Node<'a>> {
    let mut node = value;
    while node.is(Kind::Call) && node.callee().and_then(Node::object).is_some_and(|o| o.is(Kind::Name)) {
        node = node.callee()?.object()?;
    }
    if !node.is(Kind::Name) {
        return Some(value);
    }
    let mut assigns = function.descendants_here().filter(|n| {
        n.is(Kind::Assign) && n.all(Role::Target).any(|t| t.is(Kind::Name) && t.name() == node.name())
    });
    let (only, None) = (assigns.next()?, assigns.next()) else { return None };
    only.get(Role::Value)
}

/// The innermost call of a chain: `Router::new()` of `Router::new().route(..).layer(..)`.
fn root_call(node: Node<'_>) -> Option<Node<'_>> {
    let mut root = node.is(Kind::Call).then_some(node)?;
    while let Some(inner) = root.callee().and_then(Node::object).filter(|o| o.is(Kind::Call)) {
        root = inner;
    }
    Some(root)
}
