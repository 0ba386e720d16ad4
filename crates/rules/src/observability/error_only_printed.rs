use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::handlers::{self, Handler};
use crate::names::words;
use crate::program;
use crate::remarks;

rule! {
    /// An error's only trace is a print
    ///
    /// What is printed has no time, no level, no logger and no traceback; in a service nobody reads standard output, and no alert can be
    /// set on it. The system fails silently. Log the error, with its traceback where the language has one.
    ///
    /// A command-line program talks to its user by printing; its `main` and what it calls to speak are left alone.
    ///
    /// ```python bad
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def investigate(query):
    ///     try:
    ///         return agent.run(query)
    ///     except Exception as e:
    ///         print(f"Error: {e}")
    ///         ^^^^^^^^^^^^^^^^^^^^
    ///         return None
    /// ```
    /// ```python fixed
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def investigate(query):
    ///     try:
    ///         return agent.run(query)
    ///     except Exception as e:
    ///         logger.exception("Error")
    ///         return None
    /// ```
    ///
    /// ```python bad
    /// async def consume(queue):
    ///     while True:
    ///         message = await queue.get()
    ///         try:
    ///             await handle(message)
    ///         except ValueError as error:
    ///             print("bad message", message, error)
    ///             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///             continue
    /// ```
    ///
    /// ```python good
    /// import logging
    ///
    /// def investigate(query):
    ///     try:
    ///         return agent.run(query)
    ///     except ValueError as e:
    ///         print(f"Error: {e}")
    ///         raise
    ///     except OSError as e:
    ///         print(f"Error: {e}")
    ///         logging.exception("cannot read")
    ///     except KeyError as e:
    ///         print(f"Error: {e}")
    ///         failures.append(e)
    /// ```
    ///
    /// ```python good
    /// import sys
    ///
    /// def main():
    ///     try:
    ///         run()
    ///     except OSError as error:
    ///         print(f"cannot run: {error}", file=sys.stderr)
    ///         sys.exit(1)
    ///
    /// def command(path):
    ///     try:
    ///         return open(path)
    ///     except OSError as error:
    ///         print(error)
    ///         sys.exit(2)
    ///
    /// if __name__ == "__main__":
    ///     try:
    ///         main()
    ///     except KeyboardInterrupt as stop:
    ///         print("stopped", stop)
    /// ```
    ///
    /// ```python good
    /// def password(user):
    ///     try:
    ///         return store[user]
    ///     except KeyError as error:
    ///         print(f"nothing stored: {error}")
    ///         return getpass.getpass()
    ///
    /// def remove_stale(path):
    ///     try:
    ///         os.kill(pid, 0)
    ///     except SystemError:
    ///         print("Stale file exists - removing it.")
    ///         path.unlink()
    ///
    /// class LogHandler:
    ///     def close(self):
    ///         try:
    ///             self.stream.close()
    ///         except Exception as error:
    ///             print("stream not closed:", error)
    /// ```
    ///
    /// Who tells a linter, or the reader, means to print.
    ///
    /// ```python good
    /// def health(stub, request):
    ///     try:
    ///         return stub.check(request)
    ///     except ConnectionError as error:
    ///         print(f"cannot reach the server: {error}")  # noqa: T201
    ///         return None
    ///     except OSError as error:
    ///         print(  # noqa: T201
    ///             f"cannot ask: {error}",
    ///         )
    ///         return None
    /// ```
    ///
    /// What logs has nothing else to say its own errors with.
    ///
    /// ```python good
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def capture_or_log(error):
    ///     try:
    ///         logger.error("%s", describe(error))
    ///     except Exception as failure:
    ///         print("Error while logging", failure)
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "fmt"
    ///
    /// func (s *Store) refresh() {
    /// 	if err := s.load(); err != nil {
    /// 		fmt.Println("refresh failed:", err)
    /// 		^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import "fmt"
    /// import "log/slog"
    ///
    /// func (s *Store) refresh() {
    /// 	if err := s.load(); err != nil {
    /// 		slog.Error("refresh failed", "error", err)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "fmt"
    ///
    /// func (s *Store) close() error {
    /// 	err := s.flush()
    /// 	if err != nil {
    /// 		fmt.Printf("flush: %v\n", err)
    /// 		^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"fmt"
    /// 	"log"
    /// )
    ///
    /// func (s *Store) refresh() error {
    /// 	if err := s.load(); err != nil {
    /// 		fmt.Println("refresh failed:", err)
    /// 		return err
    /// 	}
    /// 	if err := s.index(); err != nil {
    /// 		log.Printf("index: %v", err)
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import "fmt"
    ///
    /// // changePassword will query the user twice for a password.
    /// func changePassword() {
    /// 	if err := set(twice("NEW")); err != nil {
    /// 		fmt.Printf("Failed to set the password: %v\n", err)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"fmt"
    /// 	"os"
    /// )
    ///
    /// func main() {
    /// 	if err := run(); err != nil {
    /// 		fmt.Fprintln(os.Stderr, err)
    /// 		os.Exit(1)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import "fmt"
    ///
    /// func check(store Store) {
    /// 	if err := store.check(); err != nil {
    /// 		// Nothing is set up yet: print it, so that the user knows.
    /// 		fmt.Printf("the check failed: %v\n", err)
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn refresh(store: &Store) {
    ///     if let Err(error) = store.load().await {
    ///         eprintln!("refresh failed: {error}");
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    /// ```rust fixed
    /// async fn refresh(store: &Store) {
    ///     if let Err(error) = store.load().await {
    ///         tracing::error!("refresh failed: {error}");
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn drain(receiver: Receiver<Job>) {
    ///     for job in receiver {
    ///         match job.run() {
    ///             Ok(()) => {}
    ///             Err(e) => println!("job failed: {}", e),
    ///                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn load(store: &Store) -> Result<(), Error> {
    ///     if let Err(error) = store.load() {
    ///         eprintln!("load failed: {error}");
    ///         return Err(error);
    ///     }
    ///     match store.index() {
    ///         Ok(()) => {}
    ///         Err(e) => tracing::error!("index: {e}"),
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn main() {
    ///     if let Err(error) = run() {
    ///         eprintln!("error: {error}");
    ///         std::process::exit(1);
    ///     }
    /// }
    /// ```
    ///
    /// Cargo shows what a build script prints:
    ///
    /// ```rust good file=build/assets.rs
    /// pub fn generate(folder: &Path) {
    ///     if let Err(error) = std::fs::create_dir_all(folder) {
    ///         println!("cargo:warning=no folder for the assets: {error}");
    ///     }
    /// }
    /// ```
    ///
    /// A project that is a command and nothing else speaks to its user wherever it does:
    ///
    /// ```rust good file=src/main.rs
    /// mod cache;
    ///
    /// use clap::Parser;
    ///
    /// #[derive(Parser)]
    /// struct Args {
    ///     name: String,
    /// }
    ///
    /// fn main() {
    ///     cache::keep(&Args::parse().name);
    /// }
    /// ```
    /// ```rust good file=src/cache.rs
    /// pub fn keep(text: &str) {
    ///     if let Err(e) = std::fs::write("cache.txt", text) {
    ///         eprintln!("warning: failed to write the cache: {e}");
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad file=src/main.rs
    /// mod cache;
    ///
    /// use axum::Router;
    /// use clap::Parser;
    ///
    /// #[derive(Parser)]
    /// struct Args {
    ///     name: String,
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> std::io::Result<()> {
    ///     cache::keep(&Args::parse().name);
    ///     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    ///     axum::serve(listener, Router::new()).await
    /// }
    /// ```
    /// ```rust bad file=src/cache.rs
    /// pub fn keep(text: &str) {
    ///     if let Err(e) = std::fs::write("cache.txt", text) {
    ///         eprintln!("warning: failed to write the cache: {e}");
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    name: "error-only-printed",
    category: Observability,
    severity: High,
    scope: File,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Fact(Kind::Handler), Fact(Kind::If), Fact(Kind::Arm)],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    let Some(handler) = handlers::handler(cx, node) else { return };
    cx.site();
    let Some(print) = handler.calls().find(|c| is_print(cx, *c)) else { return };
    let traced = handler.has_effect(cx, Effects::LOGS | Effects::ALERTS | Effects::EXITS | Effects::RESPONDS);
    let function = cx.named_function(print);
    const DIALOGUE: [&str; 6] = [
        "query the user",
        "queries the user",
        "ask the user",
        "asks the user",
        "prompt the user",
        "prompts the user",
    ];
    let asks = |f: Node<'_>| program::asks_user(cx, f) || remarks::documentation_says(cx, f, &DIALOGUE);
    let talks = program::speaks_to_user(cx, print) || function.is_some_and(asks);
    if traced || talks || program::is_migration(cx) || handler.passes_on(cx, is_print) {
        return;
    }
    if !says_error(cx, &handler) || is_of_logging(cx, print) || function.is_some_and(|f| shows(f.name())) {
        return;
    }
    // Who names the stream of diagnostics has chosen where the error goes; Rust has a macro for it. So has who tells a linter, or the reader.
    const MARKS: [&str; 3] = ["noqa: t201", "nolint:forbidigo", "print"];
    let streams = cx.language() != Language::Rust && print.text().to_ascii_lowercase().contains("stderr");
    let opened = print.callee().map_or(print.range().end, |c| c.range().end);
    let within = node.range();
    let marked =
        remarks::line_says(cx.facts(), opened, &MARKS)
            || remarks::line_says(cx.facts(), print.range().end, &MARKS)
            || remarks::statement_says(cx.facts(), node, &MARKS)
            || cx.facts().comments.iter().map(|c| c.range).any(|c| {
                within.start <= c.start && c.end <= within.end && cx.facts().slice(c).contains("print")
            });
    let chosen = streams || marked;
    let finding = cx
        .finding(print, "the error is only printed")
        .why("Nobody reads a service's standard output, and no alert can be set on it: it fails silently.")
        .help(match cx.language() {
            Language::Python => "Log it, with its traceback.",
            Language::Go | Language::Rust => "Log it, with what it was about.",
        })
        .confidence(if chosen { Confidence::Low } else { Confidence::High })
        .maybe_fix(fix(cx, &handler, print));
    cx.report(finding);
}

/// Whether what a handler prints is the error, or says that something failed; else it may tell what is done instead.
fn says_error(cx: &Check<'_>, handler: &Handler<'_>) -> bool {
    const FAILED: [&str; 8] =
        ["error", "failed", "failure", "exception", "cannot", "could not", "couldn't", "unable"];
    handler.calls().filter(|c| is_print(cx, *c)).any(|print| {
        let text = print.text().to_ascii_lowercase();
        let named = |n: Node<'_>| n.is(Kind::Name) && !handler.error.is_empty() && n.name() == handler.error;
        print.descendants().any(named) || FAILED.iter().any(|w| text.contains(w))
    })
}

/// Whether code is of logging itself, which has nothing else to say its own errors with, or of a debugger's console.
fn is_of_logging(cx: &Check<'_>, print: Node<'_>) -> bool {
    let file = cx.path().rsplit('/').next().unwrap_or_default();
    let class = print.ancestors().find(|n| n.is(Kind::Class)).map_or("", Node::name);
    let of = |name: &str| {
        words(name).iter().any(|w| matches!(w.as_str(), "log" | "logger" | "logging" | "gdb" | "lldb"))
    };
    of(file)
        || of(class)
        || cx.named_function(print).is_some_and(|f| of(f.name()))
        || print
            .callee()
            .is_some_and(|c| matches!(c.text(), "println" | "print") && cx.language() == Language::Go)
}

/// Whether a function's name says that it prints: `dump_routes`.
fn shows(name: &str) -> bool {
    const SHOWS: [&str; 7] = ["dump", "print", "show", "display", "debug", "report", "usage"];
    words(name).first().is_some_and(|w| SHOWS.contains(&w.as_str()))
}

fn is_print(cx: &Check<'_>, call: Node<'_>) -> bool {
    cx.meaning(call).is_some_and(|m| m.effects.contains(Effects::PRINTS))
}

fn fix(cx: &Check<'_>, handler: &Handler<'_>, print: Node<'_>) -> Option<Fix> {
    let fix = Fix::suggested("Log the error");
    match cx.language() {
        Language::Python => {
            let logger = cx.logger()?;
            let message = print.arguments().next().and_then(constant_text)?;
            Some(fix.replace(print, format!("{logger}.exception(\"{message}\")")))
        }
        Language::Go => {
            let message = print.arguments().next().and_then(constant_text)?;
            let (slog, import) = cx.import("log/slog", "");
            let error = handler.error;
            Some(
                fix.replace(print, format!("{slog}.Error(\"{message}\", \"error\", {error})")).import(import),
            )
        }
        Language::Rust => {
            let callee = print.callee()?;
            Some(fix.replace(callee, "tracing::error!"))
        }
    }
}

/// The constant text that a message begins with, without what leads over to the error: `Error` of `f"Error: {e}"`.
fn constant_text(message: Node<'_>) -> Option<String> {
    let first = if message.is(Kind::Template) { message.get(Role::Part)? } else { message };
    let text = first.string()?;
    // What stands behind other values would be lost with them: `f"Cannot load '{path}': {e}"`.
    let values = message.all(Role::Part).filter(|part| part.string().is_none()).count();
    if values > 1 || text.matches(['%', '{']).count() > 1 {
        return None;
    }
    let text =
        text.split(['%', '{']).next().unwrap_or("").trim().trim_end_matches([':', '-', ',', '=']).trim();
    let plain = !text.is_empty() && !text.contains(['"', '\\', '\n']) && !text.ends_with(['\'', '(', '[']);
    plain.then(|| text.to_owned())
}
