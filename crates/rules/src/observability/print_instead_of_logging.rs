use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::names::{called, words};
use crate::{handlers, program, remarks};

rule! {
    /// A service prints instead of logging
    ///
    /// What is printed has no time, no level and no source, cannot be filtered, and is lost where standard output is not kept. A library that
    /// prints writes into its caller's output. Use the logger.
    ///
    /// A command-line program's own output is what printing is for: `main`, command functions, scripts and files that read arguments are left
    /// alone.
    ///
    /// ```python bad
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def refresh(index):
    ///     print("refreshing the index")
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     index.refresh()
    /// ```
    /// ```python fixed
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def refresh(index):
    ///     logger.info("refreshing the index")
    ///     index.refresh()
    /// ```
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/items")
    /// def items(limit: int):
    ///     print("items", limit)
    ///     ^^^^^^^^^^^^^^^^^^^^^
    ///     return find(limit)
    /// ```
    ///
    /// ```python good
    /// import argparse
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def show(items):
    ///     for item in items:
    ///         print(item)
    ///
    /// def main():
    ///     arguments = argparse.ArgumentParser().parse_args()
    ///     show(arguments.items)
    /// ```
    ///
    /// ```python good
    /// import logging
    ///
    /// def dump(table, stream):
    ///     print(table.title, file=stream)
    ///
    /// if __name__ == "__main__":
    ///     print(dump)
    /// ```
    ///
    /// What puts a log's records out.
    ///
    /// ```python good
    /// import sys
    /// from logging import Handler, getLogger
    ///
    /// logger = getLogger(__name__)
    ///
    /// class ProgressHandler(Handler):
    ///     def emit(self, record):
    ///         sys.stderr.write(self.format(record) + "\\n")
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"fmt"
    /// 	"log/slog"
    /// )
    ///
    /// func (s *Store) Refresh() {
    /// 	fmt.Println("refreshing")
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	s.refresh(slog.Default())
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import (
    /// 	"fmt"
    /// 	"log/slog"
    /// )
    ///
    /// func (s *Store) Refresh() {
    /// 	slog.Info("refreshing")
    /// 	s.refresh(slog.Default())
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// func list(w http.ResponseWriter, r *http.Request) {
    /// 	fmt.Printf("list %s\n", r.URL.Path)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	write(w)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// func show(w http.ResponseWriter, r *http.Request) {
    /// 	log.Printf("shown %s", r.URL.Path)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	w.WriteHeader(http.StatusNoContent)
    /// }
    /// ```
    ///
    /// What a function is for by its name, what asks or speaks a protocol, and what a remark allows is meant.
    ///
    /// ```python good
    /// import json
    /// import logging
    /// import sys
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def print_verbose(text):
    ///     print(text)
    ///
    /// def emit(message):
    ///     print(json.dumps(message))
    ///
    /// def create(path):
    ///     print("creating", path)  # noqa: T201
    ///
    /// def upgrade(question):
    ///     if sys.stdout.isatty():
    ///         print(question)
    /// ```
    ///
    /// ```python good
    /// import logging
    ///
    /// from django.db import models
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def fix_statuses(apps, *args):
    ///     fixed = apps.get_model("shop", "Order").objects.update(status="new")
    ///     print(f"{fixed} orders fixed")
    ///
    /// def check_version(print_message=True):
    ///     if print_message and outdated():
    ///         print("There is a newer version.")
    ///
    /// def app_or_default_trace(app):
    ///     print("-- RETURNING TO DEFAULT APP --")
    ///     return app
    ///
    /// class Redacted:
    ///     def write(self, text):
    ///         return self.target.write(text)
    /// ```
    ///
    /// ```python good
    /// import logging
    /// import sys
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// class ConsoleOutputWriter:
    ///     def result(self, name):
    ///         print(f"{name}: OK")
    ///
    /// def start(version):
    ///     if "--version" in sys.argv:
    ///         print(version)
    ///     logger.info("started")
    ///
    /// def _main():
    ///     print("Settings:")
    ///
    /// if __name__ == "__main__":
    ///     _main()
    /// ```
    ///
    /// A stream that the caller may choose, and what is said in a dialogue.
    ///
    /// ```python good
    /// import logging
    /// from sys import stdout
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// class PlanMarkdown:
    ///     def run(self, plans, fh=stdout):
    ///         logger.debug("run: plans=%d", len(plans))
    ///         for plan in plans:
    ///             fh.write(plan)
    ///
    /// def _answer(question):
    ///     return input(question)
    ///
    /// def sign_in():
    ///     print("This will guide you through signing in.")
    ///     client = _answer("Client: ")
    ///     if not client:
    ///         logger.error("there is no client")
    /// ```
    ///
    /// ```python bad
    /// import logging
    /// import sys
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def tell(plans):
    ///     for plan in plans:
    ///         sys.stdout.write(plan)
    ///         ^^^^^^^^^^^^^^^^^^^^^^
    ///     logger.debug("told %d", len(plans))
    /// ```
    ///
    /// ```python good file=shop/migrations/0002_fill.py
    /// import logging
    ///
    /// def fill(apps, schema_editor):
    ///     print("filled")
    /// ```
    ///
    /// The lines of another program, what is printed when a switch says so, and a printer that others can replace:
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"fmt"
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// const debugLog = false
    ///
    /// var SyncPrintf = func(format string, a ...any) {
    /// 	fmt.Printf(format, a...)
    /// }
    ///
    /// func follow(w http.ResponseWriter, lines []string) {
    /// 	for _, line := range lines {
    /// 		fmt.Printf("%s\n", line)
    /// 	}
    /// 	if debugLog {
    /// 		log.Println("followed", len(lines))
    /// 	}
    /// }
    ///
    /// func (s *Server) logf(format string, args ...any) {
    /// 	if s.ErrorLog != nil {
    /// 		s.ErrorLog.Printf(format, args...)
    /// 	} else {
    /// 		log.Printf(format, args...)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// type API struct {
    /// 	logger *log.Logger
    /// }
    ///
    /// func (a *API) show(w http.ResponseWriter, r *http.Request) {
    /// 	a.logger.Printf("shown %s", r.URL.Path)
    /// 	w.WriteHeader(http.StatusNoContent)
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// func serve() {
    /// 	fmt.Println("listening on :8080")
    /// 	http.Handle("/", nil)
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"fmt"
    /// 	"io"
    /// 	"log/slog"
    /// )
    ///
    /// func (s *Store) Dump(w io.Writer) {
    /// 	fmt.Fprintln(w, s.title)
    /// 	slog.Info("dumped")
    /// }
    ///
    /// func (s *Store) unlock() {
    /// 	fmt.Println("Please touch the key to open the store.")
    /// 	s.key.wait()
    /// }
    /// ```
    ///
    /// The logger itself:
    ///
    /// ```go good file=internal/middleware/logger.go
    /// package middleware
    ///
    /// import (
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// func (e *Entry) Write(r *http.Request, status int) {
    /// 	log.Print(e.prefix, r.Method, status)
    /// }
    /// ```
    ///
    /// ```rust good file=src/telemetry.rs
    /// use tracing::info;
    ///
    /// pub fn shutdown(provider: &Provider) {
    ///     info!("stopping");
    ///     if !provider.shutdown() {
    ///         eprintln!("the traces of the last seconds are lost");
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use tracing::info;
    ///
    /// pub fn refresh(index: &mut Index) {
    ///     println!("refreshing {}", index.name);
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     info!("refreshed");
    /// }
    /// ```
    /// ```rust fixed
    /// use tracing::info;
    ///
    /// pub fn refresh(index: &mut Index) {
    ///     tracing::info!("refreshing {}", index.name);
    ///     info!("refreshed");
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::Json;
    ///
    /// pub async fn list() -> Json<Vec<Item>> {
    ///     eprintln!("list");
    ///     ^^^^^^^^^^^^^^^^^
    ///     Json(Vec::new())
    /// }
    /// ```
    ///
    /// ```rust good
    /// use clap::Parser;
    /// use tracing::info;
    ///
    /// pub fn show(items: &[Item]) {
    ///     println!("{}", items.len());
    ///     info!("shown");
    /// }
    /// ```
    ///
    /// What is logged, and said to who sits before the program as well:
    ///
    /// ```rust good
    /// fn listen(port: u16) {
    ///     tracing::info!("listening on {}", port);
    ///     println!("please visit http://localhost:{} in your browser", port);
    /// }
    /// ```
    ///
    /// ```rust good file=src/main.rs
    /// use tracing::info;
    ///
    /// fn show() {
    ///     println!("listening");
    ///     info!("shown");
    /// }
    /// ```
    ///
    /// What an option asks for:
    ///
    /// ```rust good
    /// use tracing::info;
    ///
    /// pub fn start(args: &[String], list: bool) {
    ///     if args.len() == 2 && args[1] == "--print-config" {
    ///         println!("{}", Settings::default());
    ///         return;
    ///     }
    ///     if list {
    ///         println!("{}", jobs());
    ///     }
    ///     info!("started");
    /// }
    /// ```
    ///
    /// Where to find what was just started:
    ///
    /// ```rust good
    /// use tracing::info;
    ///
    /// pub async fn run(address: &str) {
    ///     info!("started");
    ///     println!("API: http://{address}/v1");
    /// }
    /// ```
    ///
    /// ```go good
    /// package journal
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// type line struct{ Path string }
    ///
    /// func audit(w http.ResponseWriter, r *http.Request) {
    /// 	body, err := json.Marshal(line{Path: r.URL.Path})
    /// 	if err != nil {
    /// 		return
    /// 	}
    /// 	fmt.Println(string(body))
    /// }
    /// ```
    ///
    /// ```go good file=cmdline/remotecmd/client.go
    /// package remotecmd
    ///
    /// import (
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// func show(response *http.Response) {
    /// 	fmt.Println("Status:", response.StatusCode)
    /// }
    /// ```
    name: "print-instead-of-logging",
    category: Observability,
    severity: Low,
    scope: File,
    fix: { Python: Safe, Go: Suggested, Rust: Suggested },
    on: [Effect(Effects::PRINTS), Effect(Effects::LOGS)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    cx.site();
    // Go's `log` has no levels and no fields; in a service it is no better than a print.
    let bare = cx.imports("service")
        && cx.meaning(call).is_some_and(|m| {
            m.is("log")
                && m.property("bare").is_some()
                && m.name.starts_with("log.Print")
                && !m.effects.contains(Effects::EXITS)
        });
    let prints = cx
        .meaning(call)
        .is_some_and(|m| m.effects.contains(Effects::PRINTS) && !m.effects.contains(Effects::EXITS));
    if !(prints || bare) {
        return;
    }
    // Written to a stream that somebody chose.
    let to_stream = cx.argument(call, "file").is_some()
        || cx.argument(call, "writer").is_some()
        || is_method_of_parameter(cx, call);
    // In an error handler it is error-only-printed's finding, or beside what leaves a better trace.
    let handles = call.ancestors().any(|n| handlers::handler(cx, n).is_some_and(|h| call.is_in(h.body)));
    let meant = program::runs_now_and_then(cx, call)
        || is_in_logger(cx)
        || !bare && (is_output(cx, call) || is_beside_log(cx, call))
        || is_asked_for(call)
        || is_fallback(cx, call)
        || is_allowed(cx, call);
    if to_stream || handles || meant || program::speaks_to_user(cx, call) {
        return;
    }
    // In a file that logs, or serves, printing is a slip; elsewhere it may be what the library is for.
    let slip = cx.imports("logging") || cx.imports("service");
    let callee = called(call);
    let (what, why, help) = if bare && !prints {
        let why = "What it writes is text without a level, and cannot be filtered or searched by its values.";
        (format!("`{callee}` logs without a level and without fields"), why, "Log with `log/slog`.")
    } else {
        let why = "What is printed has no time, no level and no source, and cannot be filtered.";
        (format!("`{callee}` instead of the logger"), why, "Use the logger.")
    };
    let finding = cx
        .finding(call, what)
        .why(why)
        .help(help)
        .confidence(if slip { Confidence::Medium } else { Confidence::Low })
        .maybe_fix(fix(cx, call));
    cx.report(finding);
}

/// Whether what writes is a method of what the function is given: `fh.write(plan)` in `def run(self, plan, fh=sys.stdout)`.
fn is_method_of_parameter(cx: &Check<'_>, call: Node<'_>) -> bool {
    let stream = call.callee().and_then(Node::object).filter(|o| o.is(Kind::Name));
    stream.is_some_and(|o| cx.resolver().bindings(o).iter().any(|bound| bound.is(Kind::Parameter)))
}

/// Whether a file, by its name or its folder's, is the logger itself, which has nothing else to write to.
fn is_in_logger(cx: &Check<'_>) -> bool {
    let path = cx.path().rsplit('/').take(2);
    path.flat_map(words).any(|w| matches!(w.as_str(), "log" | "logger" | "logging" | "telemetry" | "tracing"))
}

/// Whether what is printed is what a function is for: it asks or shows something by its name or at a terminal, or it writes a protocol's
/// message.
fn is_output(cx: &Check<'_>, call: Node<'_>) -> bool {
    const SHOWS: [&str; 19] = [
        "banner",
        "print",
        "printf",
        "println",
        "trace",
        "bench",
        "benchmark",
        "display",
        "dump",
        "debug",
        "choose",
        "confirm",
        "ask",
        "prompt",
        "interactive",
        "log",
        "logger",
        "logging",
        "usage",
    ];
    let shows = |name: &str| words(name).iter().any(|w| SHOWS.contains(&w.as_str()));
    let function = cx.named_function(call);
    // `var SyncPrintf = func(...) { fmt.Printf(...) }`, and `write` of a stream around another.
    let lambda = call.ancestors().find(|n| n.is(Kind::Lambda)).and_then(Node::parent);
    let named = lambda.and_then(|p| p.get(Role::Target)).is_some_and(|t| shows(t.name()));
    let same = function.is_some_and(|f| call.callee().is_some_and(|c| c.name() == f.name()));
    let talks = function.is_some_and(|f| {
        shows(f.name())
            || program::is_output(f)
            || f.descendants().any(|n| n.is(Kind::Call) && n.callee().is_some_and(|c| c.name() == "isatty"))
            || program::asks_user(cx, f)
    });
    // What puts the log's records out: `def emit(self, record)` of a handler.
    let emits = function.is_some_and(|f| {
        let of_handler =
            |c: Node<'_>| c.all(Role::Base).any(|b| words(b.text()).last().is_some_and(|w| w == "handler"));
        f.name() == "emit" && f.class().is_some_and(of_handler)
    });
    // A script with a `main` of its own, a bar that moves, a page of CGI.
    let has_main = ["main", "_main"].into_iter().any(|name| cx.environment().lookup(name).is_some());
    let script = cx.language() == Language::Python && has_main;
    let moves = ["end", "flush"].into_iter().any(|k| call.keyword(k).is_some());
    let page =
        function.is_some_and(|f| ["Content-Type: ", "Content-Length: "].iter().any(|h| f.text().contains(h)));
    let message = call.positional(0).is_some_and(|first| {
        let encodes = |name: &str| {
            words(name).iter().any(|w| matches!(w.as_str(), "dumps" | "json" | "serialize" | "serialized"))
        };
        let encoded = std::iter::once(first).chain(first.descendants()).any(|n| match n.kind() {
            Kind::Call => n.callee().is_some_and(|c| encodes(c.name())),
            // `body, err := json.Marshal(entry)`
            Kind::Name => cx.made_by(n).and_then(|m| cx.meaning(m)).is_some_and(|m| m.is("encode")),
            _ => false,
        });
        // `fmt.Printf("%s\n", line)` passes on what is already written.
        let passes_on = cx.language() == Language::Go
            && first
                .string()
                .is_some_and(|s| s.contains("%s") && !s.replace("%s", "").contains(char::is_alphanumeric));
        // `Please touch the key`
        let asks = first.string().is_some_and(|s| s.starts_with("Please "));
        // Where to find what has just started: `API: http://{address}/v1`
        let asks = asks || first.text().contains("://{");
        encoded || passes_on || asks || first.text().contains("\\r\\n")
    });
    emits || named || same || talks || message || script || moves || page
}

/// Whether a print is asked for: it stands under a condition whose names speak of it, `if debug`, `if print_message`, `if list`, or that reads
/// the command line, `if "--version" in sys.argv`.
fn is_asked_for(call: Node<'_>) -> bool {
    const ASKS: [&str; 10] =
        ["bench", "benchmark", "trace", "tracing", "verbose", "print", "quiet", "silent", "log", "argv"];
    let asks = |n: Node<'_>| match n.kind() {
        Kind::Name | Kind::Attribute => {
            n.name() == "list"
                || words(n.name()).iter().any(|w| ASKS.contains(&w.as_str()) || w.ends_with("debug"))
        }
        Kind::String => n.string().is_some_and(|text| text.starts_with("--")),
        _ => false,
    };
    call.ancestors().filter(|n| n.is(Kind::If)).any(|branch| {
        branch.get(Role::Body).is_some_and(|b| call.is_in(b))
            && branch
                .get(Role::Condition)
                .is_some_and(|c| std::iter::once(c).chain(c.descendants()).any(asks))
    })
}

/// Go: whether code is the way to a logger, by the name of its function or file: `logf` writes to the one that it was given, or to this one.
fn is_fallback(cx: &Check<'_>, call: Node<'_>) -> bool {
    let named = |name: &str| matches!(&*name.to_ascii_lowercase(), "log" | "logf" | "printf" | "log.go");
    cx.language() == Language::Go
        && (cx.named_function(call).is_some_and(|f| named(f.name()))
            || cx.path().rsplit('/').next().is_some_and(named))
}

/// Go and Rust: whether the log tells of the same value right before or behind: what is printed is for who sits before the program.
fn is_beside_log(cx: &Check<'_>, call: Node<'_>) -> bool {
    let statement = call.statement();
    let block: Vec<Node<'_>> = statement.parent().into_iter().flat_map(|b| b.all(Role::Statement)).collect();
    let told = |c: Node<'_>| {
        call.arguments().any(|a| !a.is_literal() && c.arguments().any(|b| a.text() == b.text()))
    };
    let logs = |s: &Node<'_>| s.is(Kind::Call) && cx.meaning(*s).is_some_and(|m| m.is("log")) && told(*s);
    let mut pairs = block.windows(2).filter(|pair| pair.contains(&statement));
    cx.language() != Language::Python && pairs.any(|pair| pair.iter().any(|s| *s != statement && logs(s)))
}

/// Whether a remark beside the call, or an attribute of its function, lets it print: `# noqa: T201`, `#[expect(clippy::print_stderr)]`.
fn is_allowed(cx: &Check<'_>, call: Node<'_>) -> bool {
    const LINTS: [&str; 2] = ["print_stdout", "print_stderr"];
    let remarked = |text: &str| LINTS.iter().any(|lint| text.contains(lint));
    // An attribute stands at the function, or at a block in it.
    let attribute = cx.language() == Language::Rust
        && cx
            .named_function(call)
            .is_some_and(|f| remarked(f.text()) || f.all(Role::Decorator).any(|d| remarked(d.text())));
    attribute || remarks::line_says(cx.facts(), call.range().start, &["t201"])
}

fn fix(cx: &Check<'_>, call: Node<'_>) -> Option<Fix> {
    let mut arguments = call.arguments();
    let first = arguments.next()?;
    match cx.language() {
        Language::Python => {
            let logger = cx.logger()?;
            // What is laid out in lines, or written to a stream, is no record of a log.
            let text = matches!(first.kind(), Kind::String | Kind::Template) && !first.text().contains("\\n");
            let prints = call.callee().is_some_and(|c| c.is(Kind::Name) && c.name() == "print");
            let alone = prints && text && arguments.next().is_none();
            alone.then(|| {
                Fix::safe("Log it").replace(call.get(Role::Callee).unwrap_or(call), format!("{logger}.info"))
            })
        }
        Language::Go => {
            let alone =
                first.is(Kind::String) && arguments.next().is_none() && !first.text().contains(['%', '\\']);
            let (slog, import) = cx.import("log/slog", "");
            let named = call.callee().is_some_and(|c| c.name() == "Println");
            (alone && named).then(|| {
                Fix::suggested("Log it")
                    .replace(call.get(Role::Callee).unwrap_or(call), format!("{slog}.Info"))
                    .import(import)
            })
        }
        Language::Rust => {
            let tracing = cx.environment().imported().any(|(_, o)| {
                matches!(o, shipworthy_facts::Origin::Item(path) if path.split("::").next() == Some("tracing"))
            });
            tracing.then(|| {
                Fix::suggested("Log it").replace(call.get(Role::Callee).unwrap_or(call), "tracing::info!")
            })
        }
    }
}
