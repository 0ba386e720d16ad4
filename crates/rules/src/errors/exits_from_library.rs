use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Meaning, Node, Role};
use shipworthy_syntax::{Language, Range};

use crate::edits::error_return;
use crate::handlers::is_error;
use crate::names::words;
use crate::program;
use crate::remarks;
use crate::values::{Given, latest};

rule! {
    /// A function ends the whole program
    ///
    /// The failure of one item, request or file ends everything else that the process does: other requests die with it, deferred clean-up is
    /// skipped, and no caller can retry, fall back or even say what happened. Whether a program ends is for its entry point to decide; everything
    /// below returns or raises the error.
    ///
    /// Programs' entry points, commands, signal handlers, forked children, `Must` constructors, documented panics and functions that are named for it
    /// (`fatal`, `die`) are sound. A panic that only a mistake in the code can cause is reported at low confidence.
    ///
    /// ```python bad
    /// import json
    /// import sys
    ///
    /// def load(path):
    ///     try:
    ///         with open(path) as file:
    ///             return json.load(file)
    ///     except OSError as error:
    ///         print(f"cannot read {path}: {error}")
    ///         sys.exit(1)
    ///         ^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import json
    /// import sys
    ///
    /// def load(path):
    ///     try:
    ///         with open(path) as file:
    ///             return json.load(file)
    ///     except OSError as error:
    ///         print(f"cannot read {path}: {error}")
    ///         raise
    /// ```
    ///
    /// ```python bad
    /// import sys
    ///
    /// class Batch:
    ///     def run(self, items):
    ///         if not items:
    ///             sys.exit("nothing to do")
    ///             ^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         for item in items:
    ///             if item.broken:
    ///                 raise SystemExit(2)
    ///                 ^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import os
    /// import signal
    /// import sys
    ///
    /// def main():
    ///     if not run():
    ///         sys.exit(1)
    ///
    /// def stop(signum, frame):
    ///     sys.exit(0)
    ///
    /// def die(message):
    ///     print(message, file=sys.stderr)
    ///     sys.exit(2)
    ///
    /// def detach(work):
    ///     if os.fork() == 0:
    ///         work()
    ///         os._exit(0)
    ///
    /// class Archiver:
    ///     def archive(self, path):
    ///         try:
    ///             self.move(path)
    ///         except OSError:
    ///             sys.exit(1)
    ///
    ///     def start(self, path):
    ///         return Process(target=self.archive, args=(path,))
    ///
    /// if __name__ == "__main__":
    ///     main()
    /// ```
    ///
    /// ```python good
    /// import asyncio
    ///
    /// async def _run():
    ///     if not await work():
    ///         raise SystemExit(1)
    ///
    /// def main():
    ///     asyncio.run(_run())
    /// ```
    ///
    /// ```python good
    /// import asyncio
    /// import os
    ///
    /// async def check_connection():
    ///     if not os.environ.get("SHOP_TOKEN"):
    ///         raise SystemExit("Set SHOP_TOKEN to your token.")
    ///     await connect()
    ///
    /// if __name__ == "__main__":
    ///     asyncio.run(check_connection())
    /// ```
    ///
    /// ```python good
    /// import sys
    ///
    /// import click
    ///
    /// @click.command()
    /// def sync(path):
    ///     if not check(path):
    ///         sys.exit(1)
    /// ```
    ///
    /// ```python good
    /// import os
    /// import sys
    ///
    /// def renew(keytab, exit_on_fail=True):
    ///     code = kinit(keytab)
    ///     if code != 0 and exit_on_fail:
    ///         sys.exit(code)
    ///     return code
    ///
    /// class Timer:
    ///     def run(self):
    ///         try:
    ///             self.tick()
    ///         except Exception:
    ///             report()
    ///             os._exit(1)
    /// ```
    ///
    /// The end of a program that has nothing to do, and one that has told its user why.
    ///
    /// ```python good
    /// import sys
    ///
    /// def renew(keytab):
    ///     if not keytab:
    ///         sys.exit(0)
    ///     return load(keytab)
    ///
    /// def take_lock(path):
    ///     if path.exists():
    ///         print(f"{path} is taken", file=sys.stderr)
    ///         raise SystemExit(73)
    ///     path.touch()
    /// ```
    ///
    /// A worker that has done what it was told to.
    ///
    /// ```python good
    /// import logging
    /// import sys
    ///
    /// class Foreman:
    ///     def check_for_end(self):
    ///         if self.ending:
    ///             logging.info("done")
    ///             sys.exit()
    /// ```
    ///
    /// What a program comes by only before it serves.
    ///
    /// ```python good
    /// import sys
    ///
    /// from aiohttp import web
    ///
    /// class Shop:
    ///     def run(self):
    ///         self.read_settings()
    ///         web.run_app(self.app)
    ///
    ///     def read_settings(self):
    ///         if not self.settings.secret:
    ///             sys.exit("there is no secret")
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"log"
    /// 	"os"
    /// )
    ///
    /// func Load(path string) (*Settings, error) {
    /// 	data, err := os.ReadFile(path)
    /// 	if err != nil {
    /// 		log.Fatal(err)
    /// 		^^^^^^^^^^^^^^
    /// 	}
    /// 	var settings Settings
    /// 	if err := json.Unmarshal(data, &settings); err != nil {
    /// 		panic(err)
    /// 		^^^^^^^^^^
    /// 	}
    /// 	return &settings, nil
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"log"
    /// 	"os"
    /// )
    ///
    /// func Load(path string) (*Settings, error) {
    /// 	data, err := os.ReadFile(path)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	var settings Settings
    /// 	if err := json.Unmarshal(data, &settings); err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return &settings, nil
    /// }
    /// ```
    ///
    /// ```go bad
    /// package queue
    ///
    /// import "os"
    ///
    /// func (q *Queue) Drain() {
    /// 	for job := range q.jobs {
    /// 		if err := job.Run(); err != nil {
    /// 			os.Exit(1)
    /// 			^^^^^^^^^^
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"crypto/rand"
    /// 	"os"
    /// 	"os/signal"
    /// )
    ///
    /// func MustOpen(path string) *Store {
    /// 	store, err := Open(path)
    /// 	if err != nil {
    /// 		panic(err)
    /// 	}
    /// 	return store
    /// }
    ///
    /// func (l *Logger) Fatal(message string) {
    /// 	l.write(message)
    /// 	os.Exit(1)
    /// }
    ///
    /// func watch() {
    /// 	signals := make(chan os.Signal, 2)
    /// 	signal.Notify(signals, os.Interrupt)
    /// 	<-signals
    /// 	os.Exit(1)
    /// }
    ///
    /// func protect(run func()) {
    /// 	defer func() {
    /// 		if cause := recover(); cause != nil {
    /// 			cleanUp()
    /// 			panic(cause)
    /// 		}
    /// 	}()
    /// 	run()
    /// }
    ///
    /// func id() []byte {
    /// 	value := make([]byte, 16)
    /// 	if _, err := rand.Read(value); err != nil {
    /// 		panic(err)
    /// 	}
    /// 	return value
    /// }
    ///
    /// func rules(lines []string) ([]*Rule, error) {
    /// 	parsed, err := parse(lines)
    /// 	if err != nil {
    /// 		// This must not happen: the settings were checked when they were read.
    /// 		panic(err)
    /// 	}
    /// 	return parsed, nil
    /// }
    ///
    /// // At returns the item at an index. It panics if there is none.
    /// func (s *Store) At(index int) *Item {
    /// 	item, err := s.find(index)
    /// 	if err != nil {
    /// 		panic(err)
    /// 	}
    /// 	return item
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import "log"
    ///
    /// func main() {
    /// 	serve()
    /// }
    ///
    /// func serve() {
    /// 	if err := listen(); err != nil {
    /// 		log.Fatal(err)
    /// 	}
    /// }
    /// ```
    ///
    /// Where nothing failed, code holds itself to something; a program that has done its work ends; and a comment says why it does.
    ///
    /// ```go good
    /// package gen
    ///
    /// import (
    /// 	"fmt"
    /// 	"log"
    /// 	"os"
    /// )
    ///
    /// func schedule(operations, scheduled []Operation) {
    /// 	if len(scheduled) != len(operations) {
    /// 		log.Fatal("not everything is scheduled")
    /// 	}
    /// }
    ///
    /// func finish(report Report) {
    /// 	fmt.Println(report)
    /// 	os.Exit(0)
    /// }
    ///
    /// func expect(decoder *Decoder) {
    /// 	if err := decoder.check(); err != nil {
    /// 		decoder.printTrace(err)
    /// 		// The trace is printed: all that is left is to exit.
    /// 		os.Exit(1)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go bad
    /// package transport
    ///
    /// import (
    /// 	"log"
    /// 	"os"
    /// )
    ///
    /// func certificates(path string) []byte {
    /// 	text, err := os.ReadFile(path)
    /// 	if err != nil {
    /// 		log.Fatalf("cannot read %s: %v", path, err)
    /// 		^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// 	return text
    /// }
    ///
    /// func secret(store *Store) []byte {
    /// 	text, err := store.read()
    /// 	if err != nil {
    /// 		os.Exit(1)
    /// 		^^^^^^^^^^
    /// 	}
    /// 	return text
    /// }
    /// ```
    ///
    /// ```rust bad
    /// pub fn load(path: &Path) -> anyhow::Result<Settings> {
    ///     match std::fs::read_to_string(path) {
    ///         Ok(text) => Settings::parse(&text),
    ///         Err(error) => panic!("cannot read {path:?}: {error}"),
    ///                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    /// ```rust fixed
    /// pub fn load(path: &Path) -> anyhow::Result<Settings> {
    ///     match std::fs::read_to_string(path) {
    ///         Ok(text) => Settings::parse(&text),
    ///         Err(error) => anyhow::bail!("cannot read {path:?}: {error}"),
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// impl Worker {
    ///     fn run(&self, job: Job) {
    ///         if let Err(error) = self.process(job) {
    ///             eprintln!("{error}");
    ///             std::process::exit(1);
    ///             ^^^^^^^^^^^^^^^^^^^^^
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn main() {
    ///     if let Err(error) = run() {
    ///         eprintln!("{error}");
    ///         std::process::exit(1);
    ///     }
    /// }
    ///
    /// fn fatal(message: &str) -> ! {
    ///     eprintln!("{message}");
    ///     std::process::exit(2)
    /// }
    ///
    /// fn kind(code: u8) -> Kind {
    ///     match code {
    ///         0 => Kind::File,
    ///         1 => Kind::Folder,
    ///         _ => unreachable!(),
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// /// The item at an index.
    /// ///
    /// /// # Panics
    /// ///
    /// /// Where there is none.
    /// pub fn item(index: usize) -> Item {
    ///     match find(index) {
    ///         Ok(item) => item,
    ///         Err(error) => panic!("no item {index}: {error}"),
    ///     }
    /// }
    ///
    /// fn later() -> Item {
    ///     todo!()
    /// }
    ///
    /// fn size(text: &str) -> usize {
    ///     assert!(!text.is_empty());
    ///     text.len()
    /// }
    /// ```
    ///
    /// ```go good file=cmdline/shared/util.go
    /// package shared
    ///
    /// import (
    /// 	"fmt"
    /// 	"os"
    /// )
    ///
    /// func Fail(err error) error {
    /// 	if err != nil {
    /// 		fmt.Fprintln(os.Stderr, "ERROR:", err)
    /// 		os.Exit(70)
    /// 	}
    /// 	return err
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import (
    /// 	"log"
    /// 	"net"
    /// )
    ///
    /// type worker struct{ conn net.Conn }
    ///
    /// func (w *worker) dial(address string) error {
    /// 	conn, err := net.Dial("tcp", address)
    /// 	if err != nil {
    /// 		log.Fatal(err)
    /// 		^^^^^^^^^^^^^^
    /// 		return err
    /// 	}
    /// 	w.conn = conn
    /// 	return nil
    /// }
    /// ```
    /// ```go fixed
    /// package shop
    ///
    /// import (
    /// 	"log"
    /// 	"net"
    /// )
    ///
    /// type worker struct{ conn net.Conn }
    ///
    /// func (w *worker) dial(address string) error {
    /// 	conn, err := net.Dial("tcp", address)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	w.conn = conn
    /// 	return nil
    /// }
    /// ```
    ///
    /// What a command of a class's own does, and what ends the program when all went well too:
    ///
    /// ```python good file=shop/expert.py
    /// import sys
    ///
    /// import requests
    ///
    /// from shop.bot import Bot
    ///
    /// class DomainExpert(Bot):
    ///     @classmethod
    ///     def run(cls):
    ///         arguments = cls.create_parser().parse_args()
    ///         if arguments.update_database:
    ///             cls.update_database()
    ///         else:
    ///             super().run()
    ///
    ///     @classmethod
    ///     def update_database(cls):
    ///         response = requests.get("https://data.example.com/tlds.txt", timeout=10)
    ///         if response.status_code == 401:
    ///             sys.exit("Your license key is invalid.")
    ///         with open("/var/lib/shop/tlds.txt", "wb") as database:
    ///             database.write(response.content)
    /// ```
    ///
    /// ```python good file=shop/users.py
    /// import sys
    ///
    /// def password_change(users, credentials):
    ///     name, password = credentials.split(":", 1)
    ///     user = users.find(name)
    ///     if not user:
    ///         print(f"There is no user {name}")
    ///         sys.exit(3)
    ///     user.set(password)
    ///     sys.exit(0)
    /// ```
    name: "exits-from-library",
    category: Errors,
    severity: High,
    scope: File,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Effect(Effects::EXITS), Fact(Kind::Raise)],
    check: check,
}

fn check(cx: &mut Check<'_>, exit: Node<'_>) {
    let panics = match exit.kind() {
        Kind::Raise if raises_exit(exit) => false,
        Kind::Raise => return,
        _ => match cx.meaning(exit) {
            Some(meaning) if is_exit(meaning) => meaning.is("panics"),
            _ => return,
        },
    };
    let Some(function) = cx.named_function(exit) else { return };
    if is_entry(cx, exit, function) {
        return;
    }
    cx.site();
    let meant = is_named_for_it(function)
        || handles_signals(function)
        || is_child(cx, function)
        || recovers(cx, function)
        || is_asked_for(exit)
        || program::is_migration(cx)
        || program::asks_user(cx, function)
        || is_rethrown(cx, exit);
    if meant {
        return;
    }
    let says_so = || remarks::statement_says(cx.facts(), exit.statement(), &["exit", "abort", "terminate"]);
    if !panics && (is_documented(cx, function, "exits") || says_so()) {
        return;
    }
    if panics && (is_documented(cx, function, "panic") || says_unwritten(exit) || is_explained(cx, exit)) {
        return;
    }
    let what = exit.callee().map_or("SystemExit", Node::text);
    let name = function.name();
    let (message, why, confidence) = if panics {
        let failure = panics_with_failure(cx, exit) && returns_error(exit);
        let confidence = if failure { Confidence::Medium } else { Confidence::Low };
        (
            format!("`{name}` panics where it could return the error"),
            "An ordinary failure ends the whole process, or at least what its goroutine or thread was doing, and no caller can handle it.",
            confidence,
        )
    } else {
        let guessed = cx.meaning(exit).is_some_and(|m| m.guessed);
        // Where nothing failed, the code holds itself to something: `if len(sorted) != len(all) { log.Fatal("not sorted") }`.
        let asserts = cx.language() == Language::Go && !follows_failure(cx, exit);
        let confidence = match (
            sets_up(function) || is_an_end(exit) || asserts || program::is_on_the_way_to_serving(cx, exit),
            guessed,
        ) {
            (true, _) => Confidence::Low,
            (_, true) => Confidence::Medium,
            _ => Confidence::High,
        };
        (
            format!("`{what}` ends the whole process from inside `{name}`"),
            "One failure ends everything else that the process does; clean-up is skipped, and no caller can handle it.",
            confidence,
        )
    };
    let verb = if cx.language() == Language::Python { "Raise" } else { "Return" };
    let finding = cx
        .finding(exit, message)
        .why(why)
        .help(format!("{verb} the error, and let the program's entry point decide."))
        .confidence(confidence)
        .maybe_fix(fix(cx, exit, function));
    cx.report(finding);
}

/// What ends the process or panics; what stands for missing code or a missing value has rules of its own.
fn is_exit(meaning: &Meaning) -> bool {
    // What becomes another program ends nothing.
    let replaces = meaning.effects.contains(Effects::PROCESS);
    meaning.effects.contains(Effects::EXITS) && !replaces && !meaning.is("stub") && !meaning.is("unwraps")
}

/// Python: `raise SystemExit(1)`.
fn raises_exit(raise: Node<'_>) -> bool {
    let value = raise.get(Role::Value);
    let class = value.and_then(|v| if v.is(Kind::Call) { v.callee() } else { Some(v) });
    class.is_some_and(|c| c.is(Kind::Name) && c.name() == "SystemExit")
}

/// Whether code belongs to a program's entry: `main`, commands, set-up, scripts, helpers of tests.
fn is_entry(cx: &Check<'_>, exit: Node<'_>, function: Node<'_>) -> bool {
    let tests = cx.language() == Language::Go && cx.environment().imports("testing");
    let set_up = cx.language() == Language::Go && function.name() == "init" || function.has(Flags::CONSTANT);
    let macros = ["proc_macro", "proc_macro_derive", "proc_macro_attribute"];
    let at_compile_time = function.all(Role::Decorator).any(|d| macros.iter().any(|m| d.text().contains(m)));
    tests
        || set_up
        || at_compile_time
        || cx.is_decorated(function, "entry-point")
        || is_part_of_main(cx, function)
        || is_part_of_command(cx, function)
        || ends_the_program(cx, function)
        || program::speaks_to_user(cx, exit)
        || words(function.name()).contains(&"main".to_owned())
        // `etcdmain`, `gunicorn_app`
        || cx.environment().package().ends_with("main")
        || words(cx.path().rsplit('/').next().unwrap_or_default())
            .iter()
            .any(|w| matches!(w.as_str(), "gunicorn" | "uvicorn" | "wsgi" | "asgi"))
}

/// Python: whether a function is what its file begins with where it is run as a program, or a private one that the `main` of its module calls,
/// itself or for a loop to run.
fn is_part_of_main(cx: &Check<'_>, function: Node<'_>) -> bool {
    let absolute = |name: &str| cx.environment().absolute(name);
    let own = function.name();
    let main_calls = || {
        let main = cx.workspace().function(&absolute("main"));
        main.is_some_and(|main| main.behaviour.calls.iter().any(|call| *call.path == *absolute(own)))
    };
    cx.language() == Language::Python
        && function.class().is_none()
        && (cx.environment().begins_with(own) || own.starts_with('_') && main_calls())
}

/// Python: whether a method is called only where its class reads the command line itself: `cls.update_database()` behind `parse_args()`.
fn is_part_of_command(cx: &Check<'_>, function: Node<'_>) -> bool {
    let reads = |n: Node<'_>| {
        n.callee().is_some_and(|c| n.is(Kind::Call) && matches!(c.name(), "parse_args" | "parse_known_args"))
    };
    let from_command =
        |call: Node<'_>| cx.named_function(call).is_some_and(|caller| caller.descendants_here().any(reads));
    let mut calls = cx.calls_of(function.name()).peekable();
    cx.language() == Language::Python
        && function.class().is_some()
        && calls.peek().is_some()
        && calls.all(from_command)
}

/// Python: whether a function ends the program where all went well too: that is what it is called for.
fn ends_the_program(cx: &Check<'_>, function: Node<'_>) -> bool {
    let succeeds = |n: Node<'_>| {
        n.is(Kind::Call)
            && cx.meaning(n).is_some_and(|m| is_exit(m))
            && n.arguments().next().is_some_and(|code| code.number() == Some(0.0))
    };
    cx.language() == Language::Python && function.descendants_here().any(succeeds)
}

/// Whether a function's name says that it may not come back: `MustCompile`, `fatal`, `die`, `abort`.
fn is_named_for_it(function: Node<'_>) -> bool {
    const NAMES: [&str; 25] = [
        "must",
        "fatal",
        "fatalf",
        "fatalln",
        "panic",
        "panicf",
        "panicln",
        "exit",
        "quit",
        "die",
        "abort",
        "bail",
        "crash",
        "terminate",
        "kill",
        "halt",
        "shutdown",
        "stop",
        "restart",
        "reexec",
        "assert",
        "usage",
        "throw",
        "unwrap",
        "reload",
    ];
    words(function.name()).iter().any(|w| NAMES.contains(&w.as_str()))
}

/// Whether a function recovers from a panic: it decides what becomes of the process.
fn recovers(cx: &Check<'_>, function: Node<'_>) -> bool {
    let recovers = |n: Node<'_>| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("recovers"));
    function.descendants().any(recovers)
}

/// Whether whoever calls or configures the code asks for the exit (`if exit_on_fail`, `case ExitOnError`), or the exit is one that nobody
/// writes by mistake: `os._exit`.
fn is_asked_for(exit: Node<'_>) -> bool {
    const ASKED: [&str; 6] = ["exit", "strict", "fatal", "abort", "die", "interactive"];
    let asks = |n: Node<'_>| words(n.text()).iter().any(|w| ASKED.contains(&w.as_str()));
    let around = exit.ancestors().take_while(|a| !a.is(Kind::Function));
    exit.callee().is_some_and(|c| c.name() == "_exit")
        || around.into_iter().any(|a| match a.kind() {
            Kind::If => a.get(Role::Condition).is_some_and(asks),
            Kind::Arm => a.all(Role::Pattern).any(asks),
            // Nobody is there to return it to.
            Kind::Spawn => true,
            _ => false,
        })
}

/// Whether a function sets its program up, by its name: a program may give up then.
fn sets_up(function: Node<'_>) -> bool {
    const NAMES: [&str; 11] = [
        "init",
        "initialize",
        "initialise",
        "setup",
        "configure",
        "bootstrap",
        "startup",
        "boot",
        "start",
        "serve",
        "launch",
    ];
    let words = words(function.name());
    let migrates = words.iter().any(|w| matches!(w.as_str(), "migration" | "migrations"));
    migrates || words.first().is_some_and(|w| NAMES.contains(&w.as_str()))
}

/// Whether an exit is the end of a program that has done its work, or has told its user why it stops: `sys.exit(0)`, `sys.exit()`, and one after a message
/// on the standard error. No caller waits for it.
fn is_an_end(exit: Node<'_>) -> bool {
    let handles = exit.ancestors().take_while(|a| !a.is(Kind::Function)).any(|a| a.is(Kind::Handler));
    let with_success = exit.is(Kind::Call)
        && match exit.arguments().next() {
            Some(code) => code.text() == "0",
            // Python's `sys.exit()`
            None => exit.language() == Language::Python && !handles,
        };
    let statement = exit.statement();
    let told = statement.parent().is_some_and(|block| {
        let before = block.all(Role::Statement).take_while(|s| *s != statement).last();
        before.is_some_and(|s| s.text().contains("sys.stderr"))
    });
    with_success || told
}

/// Go: whether an exit follows an error: it says one, or stands where one was found.
fn follows_failure(cx: &Check<'_>, exit: Node<'_>) -> bool {
    let error = |n: Node<'_>| n.is(Kind::Name) && is_error(cx, n);
    let said = exit.arguments().flat_map(|a| std::iter::once(a).chain(a.descendants())).any(error);
    let found = |a: Node<'_>| {
        a.is(Kind::If) && a.get(Role::Condition).is_some_and(|c| error(c) || c.descendants().any(error))
    };
    said || exit.ancestors().take_while(|a| !a.is(Kind::Function)).any(found)
}

/// Whether a function has to do with signals: ending the process is their meaning.
fn handles_signals(function: Node<'_>) -> bool {
    let signal = |name: &str| {
        words(name).iter().any(|w| {
            matches!(w.as_str(), "signal" | "signals" | "signum" | "sig" | "sigint" | "sigterm" | "interrupt")
        })
    };
    signal(function.name())
        || function.descendants().any(|n| {
            matches!(n.kind(), Kind::Name | Kind::Parameter | Kind::Attribute | Kind::Type) && {
                let name = if n.is(Kind::Type) { n.text() } else { n.name() };
                signal(name)
            }
        })
}

/// Whether a function runs in a process or thread of its own, of which the exit is the answer: after `fork`, as the `run` of a process, as
/// its target.
fn is_child(cx: &Check<'_>, function: Node<'_>) -> bool {
    let forks = function
        .descendants()
        .any(|n| n.is(Kind::Call) && n.callee().is_some_and(|c| matches!(c.name(), "fork" | "forkpty")));
    let process = function.class().is_some_and(|c| {
        let mut bases = c.all(Role::Base);
        bases.any(|b| words(b.text()).last().is_some_and(|w| w == "process"))
    });
    // `Process(target=self.archive)`
    let is_target = || cx.arguments_of(function.name()).any(|argument| argument.label() == "target");
    forks || process || function.language() == Language::Python && is_target()
}

/// Whether a panic goes on with what was recovered, or with what a framework asks for: `panic(http.ErrAbortHandler)`.
fn is_rethrown(cx: &Check<'_>, exit: Node<'_>) -> bool {
    let Some(argument) = exit.arguments().next() else { return false };
    if argument.is(Kind::Attribute) && cx.value_meaning(argument).is_some_and(|m| m.is("expected-absence")) {
        return true;
    }
    let recovered = cx.made_by(argument).and_then(|made| cx.meaning(made));
    recovered.is_some_and(|m| m.is("recovers"))
}

/// Whether the documentation of a function says that it panics, or exits.
fn is_documented(cx: &Check<'_>, function: Node<'_>, word: &str) -> bool {
    let start = function.range().start;
    let parent = function.parent().map_or(0, |p| p.range().start);
    let before = function
        .parent()
        .into_iter()
        .flat_map(Node::children)
        .take_while(|c| *c != function)
        .last()
        .map_or(parent, |c| c.range().end);
    let mut comments = cx.facts().comments.iter().map(|c| c.range);
    comments.any(|c| {
        // What documents an item may stand before or inside its own range.
        let documents = before <= c.start && c.end <= start
            || start <= c.start && function.get(Role::Body).is_some_and(|b| c.end <= b.range().start);
        documents && cx.facts().slice(c).to_ascii_lowercase().contains(word)
    })
}

/// Whether a comment right before a panic, or its text, says that only a mistake in the code leads there.
fn is_explained(cx: &Check<'_>, exit: Node<'_>) -> bool {
    const NEVER: [&str; 9] = [
        "never",
        "must not",
        "cannot happen",
        "can't happen",
        "cannot fail",
        "can't fail",
        "impossible",
        "should not happen",
        "shouldn't happen",
    ];
    let said = |text: &str| {
        let text = text.to_ascii_lowercase();
        NEVER.iter().any(|n| text.contains(n))
    };
    let statement = exit.statement();
    let block = statement.parent().map_or(statement, |b| b).range();
    let mut comments = cx.facts().comments.iter().map(|c| c.range);
    said(exit.text())
        || comments
            .any(|c| block.start <= c.start && c.end <= statement.range().start && said(cx.facts().slice(c)))
}

/// Whether the function around a panic has an error to return.
fn returns_error(exit: Node<'_>) -> bool {
    let result = exit.function().and_then(|f| f.all(Role::Result).last());
    result.is_some_and(|r| match exit.language() {
        Language::Go => r.text().trim_end_matches(')').ends_with("error"),
        _ => r.text().contains("Result<"),
    })
}

/// `panic("not implemented")` is stub-implementation's.
fn says_unwritten(exit: Node<'_>) -> bool {
    let text = exit.arguments().next().map_or("", Node::text).to_ascii_lowercase();
    text.contains("implement") || text.contains("todo") || text.contains("unreachable")
}

/// Whether what a panic says is an error that a call gave; all else only a mistake in the code can cause.
fn panics_with_failure(cx: &Check<'_>, exit: Node<'_>) -> bool {
    let mut inside = exit.arguments().flat_map(|a| std::iter::once(a).chain(a.descendants()));
    inside.any(|n| {
        n.is(Kind::Name)
            && match cx.language() {
                Language::Go => is_error(cx, n) && can_happen(cx, n),
                Language::Rust => is_caught(n),
                Language::Python => false,
            }
    })
}

/// Go: whether an error comes from a call that is known to fail in ordinary life: it reaches the outside, or decodes what came from there.
fn can_happen(cx: &Check<'_>, error: Node<'_>) -> bool {
    let call = match latest(cx, error) {
        Some(Given::Value(value)) => Some(value),
        Some(Given::Other(bound)) => {
            bound.parent().filter(|p| p.is(Kind::Assign)).and_then(|p| p.get(Role::Value))
        }
        _ => None,
    };
    let ordinary = Effects::FILES
        | Effects::NETWORK
        | Effects::DATABASE
        | Effects::PROCESS
        | Effects::DECODES
        | Effects::READS_REQUEST;
    call.is_some_and(|c| c.is(Kind::Call) && cx.effects(c).intersects(ordinary))
}

/// Rust: whether a name is an error that an `Err` pattern or the closure of an `unwrap_or_else` binds.
fn is_caught(name: Node<'_>) -> bool {
    let binds = |n: Node<'_>| n.is(Kind::Name) && n.has(Flags::BINDS) && n.name() == name.name();
    let by_pattern = |around: Node<'_>| {
        let patterns = match around.kind() {
            Kind::Arm => Some(around),
            Kind::If => around.get(Role::Condition).filter(|c| c.is(Kind::Let)),
            _ => None,
        };
        patterns.is_some_and(|p| {
            p.all(Role::Pattern).any(|p| p.text().starts_with("Err(") && p.descendants().any(binds))
        })
    };
    let by_closure = |around: Node<'_>| {
        around.is(Kind::Lambda)
            && around.all(Role::Parameter).any(|p| p.name() == name.name())
            && around.parent().is_some_and(|call| {
                call.callee().is_some_and(|c| matches!(c.name(), "unwrap_or_else" | "map_err" | "or_else"))
            })
    };
    name.ancestors().take_while(|a| !a.is(Kind::Function)).any(|a| by_pattern(a) || by_closure(a))
}

fn fix(cx: &Check<'_>, exit: Node<'_>, function: Node<'_>) -> Option<Fix> {
    match cx.language() {
        Language::Python => {
            let handler = exit
                .ancestors()
                .take_while(|a| !matches!(a.kind(), Kind::Function | Kind::Lambda))
                .find(|a| a.is(Kind::Handler));
            let statement = exit.role() == Role::Statement && exit.is(Kind::Call);
            if statement && handler.is_some() {
                return Some(Fix::suggested("Raise the error again").replace(exit, "raise"));
            }
            let said = exit.arguments().next().filter(|a| matches!(a.kind(), Kind::String | Kind::Template));
            let text = format!("raise RuntimeError({})", said.filter(|_| statement)?.text());
            Some(Fix::suggested("Raise an error").replace(exit, text))
        }
        Language::Go => {
            let innermost = exit.function().filter(|f| *f == function && exit.role() == Role::Statement)?;
            let mut arguments = exit.arguments();
            let error = arguments.next().filter(|a| a.is(Kind::Name) && is_error(cx, *a))?;
            let text = error_return(innermost, error.text()).filter(|_| arguments.next().is_none())?;
            // The `return` that stands behind it for the compiler goes with it.
            let block = exit.parent().into_iter();
            let next = block.flat_map(|b| b.all(Role::Statement)).skip_while(|s| *s != exit).nth(1);
            let end = next.filter(|s| s.is(Kind::Return)).unwrap_or(exit).range().end;
            let range = Range { start: exit.range().start, end };
            Some(Fix::suggested("Return the error").replace(range, text))
        }
        Language::Rust => {
            let callee =
                exit.callee().filter(|c| c.name() == "panic!" && exit.function() == Some(function))?;
            let result = function.get(Role::Result)?.text();
            let bail =
                ["anyhow", "eyre"].into_iter().find(|l| result.starts_with(&format!("{l}::Result")))?;
            let name = Range { start: callee.range().start, end: callee.range().end };
            Some(Fix::suggested("Return the error").replace(name, format!("{bail}::bail!")))
        }
    }
}
