use std::collections::BTreeMap;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Note, Survey, rule};
use shipworthy_facts::{Effects, Kind, Node, Origin};

use crate::names::words;
use crate::program;
use crate::projects::by_project;

rule! {
    /// One project logs in several ways
    ///
    /// Records of two loggers differ in form, level and destination: half of them have fields and a request's id, the other half are plain
    /// lines that no query finds, and settings change only one half. Keep one way, here the one that most modules use.
    ///
    /// What a program says before it ends, and the module that sets logging up, are left alone.
    ///
    /// ```python bad file=app/orders.py
    /// import structlog
    ///
    /// logger = structlog.get_logger()
    ///
    /// def order(item):
    ///     logger.info("ordered", item=item)
    /// ```
    /// ```python bad file=app/payments.py
    /// import structlog
    ///
    /// logger = structlog.get_logger()
    ///
    /// def pay(order):
    ///     logger.info("paid", order=order)
    /// ```
    /// ```python bad file=app/mail.py
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def send(letter):
    ///     logger.info("sent %s", letter)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// Or:
    ///
    /// ```python bad file=app/plain.py
    /// import logging
    ///
    /// logger = logging.getLogger("app")
    /// ```
    /// ```python bad file=app/structured.py
    /// import logging
    ///
    /// logger = logging.getLogger("app.structured")
    /// ```
    /// ```python bad file=app/orders.py
    /// from app.structured import logger
    ///
    /// def order(item):
    ///     logger.info("ordered %s", item)
    /// ```
    /// ```python bad file=app/payments.py
    /// from app.structured import logger
    ///
    /// def pay(order):
    ///     logger.info("paid %s", order)
    /// ```
    /// ```python bad file=app/mail.py
    /// from app.plain import logger
    ///
    /// def send(letter):
    ///     logger.info("sent %s", letter)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good file=app/logging_setup.py
    /// import logging
    ///
    /// from loguru import logger
    ///
    /// class Intercept(logging.Handler):
    ///     def emit(self, record):
    ///         logger.log(record.levelname, record.getMessage())
    /// ```
    /// ```python good file=app/mail.py
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def send(letter):
    ///     logger.info("sent %s", letter)
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```python good file=app/log.py
    /// import logging
    ///
    /// logger = logging.getLogger("app")
    /// ```
    /// ```python good file=app/orders.py
    /// from app.log import logger
    ///
    /// def order(item):
    ///     logger.info("ordered %s", item)
    /// ```
    /// ```python good file=app/mail.py
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def send(letter):
    ///     logger.info("sent %s", letter)
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```python good file=app/core/base.py
    /// import logging
    ///
    /// logger = logging.getLogger("app.core")
    /// ```
    /// ```python good file=app/core/orders.py
    /// from app.core.base import logger
    ///
    /// def order(item):
    ///     logger.info("ordered %s", item)
    /// ```
    /// ```python good file=app/tools/base.py
    /// import logging
    ///
    /// logger = logging.getLogger("app.tools")
    /// ```
    /// ```python good file=app/tools/clean.py
    /// from app.tools.base import logger
    ///
    /// def clean(item):
    ///     logger.info("cleaned %s", item)
    /// ```
    /// ```python good file=app/mail.py
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def send(letter):
    ///     logger.info("sent %s", letter)
    /// ```
    /// ```python good file=app/pay.py
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def pay(order):
    ///     logger.info("paid %s", order)
    /// ```
    ///
    /// ```go bad file=orders/orders.go
    /// package orders
    ///
    /// import "log/slog"
    ///
    /// func Order(item string) {
    /// 	slog.Info("ordered", "item", item)
    /// }
    /// ```
    /// ```go bad file=payments/payments.go
    /// package payments
    ///
    /// import "log/slog"
    ///
    /// func Pay(order string) {
    /// 	slog.Info("paid", "order", order)
    /// }
    /// ```
    /// ```go bad file=mail/mail.go
    /// package mail
    ///
    /// import "log"
    ///
    /// func Send(letter string) {
    /// 	log.Printf("sent %s", letter)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// Or:
    ///
    /// ```go bad file=orders/orders.go
    /// package orders
    ///
    /// import log "github.com/sirupsen/logrus"
    ///
    /// func Order(item string) {
    /// 	log.Infof("ordered %s", item)
    /// }
    /// ```
    /// ```go bad file=payments/payments.go
    /// package payments
    ///
    /// import log "github.com/sirupsen/logrus"
    ///
    /// func Pay(order string) {
    /// 	log.Infof("paid %s", order)
    /// }
    /// ```
    /// ```go bad file=mail/mail.go
    /// package mail
    ///
    /// import "log/slog"
    ///
    /// func Send(letter string) {
    /// 	slog.Info("sent", "letter", letter)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good file=orders/orders.go
    /// package orders
    ///
    /// import "log/slog"
    ///
    /// func Order(item string) {
    /// 	slog.Info("ordered", "item", item)
    /// }
    /// ```
    /// ```go good file=main.go
    /// package main
    ///
    /// import "log"
    ///
    /// func main() {
    /// 	if err := serve(); err != nil {
    /// 		log.Fatal(err)
    /// 	}
    /// 	log.Println("stopped")
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```go good file=orders/orders.go
    /// package orders
    ///
    /// import "log/slog"
    ///
    /// func Order(item string) {
    /// 	slog.Info("ordered", "item", item)
    /// }
    /// ```
    /// ```go good file=access/access.go
    /// package access
    ///
    /// import "log"
    ///
    /// type Access struct {
    /// 	lines *log.Logger
    /// }
    ///
    /// func (a *Access) Write(line string) {
    /// 	a.lines.Println(line)
    /// }
    /// ```
    /// ```go good file=mail/mail_test.go
    /// package mail
    ///
    /// import (
    /// 	"log"
    /// 	"testing"
    /// )
    ///
    /// func TestSend(t *testing.T) {
    /// 	log.Println("sending")
    /// }
    /// ```
    ///
    /// ```rust bad file=src/orders.rs
    /// use tracing::info;
    ///
    /// pub fn order(item: &str) {
    ///     info!("ordered {item}");
    /// }
    /// ```
    /// ```rust bad file=src/payments.rs
    /// use tracing::info;
    ///
    /// pub fn pay(order: &str) {
    ///     info!("paid {order}");
    /// }
    /// ```
    /// ```rust bad file=src/mail.rs
    /// use log::info;
    ///
    /// pub fn send(letter: &str) {
    ///     info!("sent {letter}");
    ///     ^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// Or:
    ///
    /// ```rust bad file=src/orders.rs
    /// pub fn order(item: &str) {
    ///     log::info!("ordered {item}");
    /// }
    /// ```
    /// ```rust bad file=src/payments.rs
    /// pub fn pay(order: &str) {
    ///     log::info!("paid {order}");
    /// }
    /// ```
    /// ```rust bad file=src/mail.rs
    /// pub fn send(letter: &str) {
    ///     tracing::warn!("sent {letter}");
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good file=src/orders.rs
    /// use tracing::info;
    ///
    /// pub fn order(item: &str) {
    ///     info!("ordered {item}");
    /// }
    /// ```
    /// ```rust good file=src/logging.rs
    /// pub fn start() {
    ///     log::info!("logging");
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```rust good file=src/orders.rs
    /// use tracing::info;
    ///
    /// pub fn order(item: &str) {
    ///     info!("ordered {item}");
    /// }
    /// ```
    /// ```rust good file=tests/orders.rs
    /// #[test]
    /// fn orders() {
    ///     log::info!("ordering");
    ///     assert!(true);
    /// }
    /// ```
    name: "mixed-loggers",
    category: Observability,
    severity: Medium,
    scope: Workspace,
    on: [Role("log"), Role("log-event")],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call) else { return };
    // What a program says before it ends, and a module that sets logging up.
    let place = cx.path().rsplit('/').take(2).flat_map(words);
    let sets_up = place.into_iter().any(|word| word.starts_with("log") || word.ends_with("logging"));
    // Without a logger's name or level it may be for the developer: `warnings.warn`.
    let warns = meaning.property("audience") == Some("developers");
    if meaning.effects.contains(Effects::EXITS)
        || warns
        || sets_up
        || program::is_command_line(cx)
        || cx.is_program_entry(call)
    {
        return;
    }
    match own_logger(cx, call) {
        Some(module) => cx.note(call, module, &*meaning.library),
        // A plain logger that somebody made has a purpose of its own: an access log, a program's progress.
        None if meaning.guessed || meaning.property("bare").is_some() && !is_of_package(cx, call) => {}
        None => cx.note(call, &*meaning.library, &*meaning.library),
    }
}

/// Whether a call is of an imported package itself, not of a value.
fn is_of_package(cx: &Check<'_>, call: Node<'_>) -> bool {
    let object = call.callee().and_then(Node::object).filter(|o| o.is(Kind::Name));
    object
        .is_some_and(|o| cx.environment().lookup(o.name()).is_some() && cx.resolver().bindings(o).is_empty())
}

/// The module of the workspace that the logger of a call is imported from.
fn own_logger(cx: &Check<'_>, call: Node<'_>) -> Option<String> {
    let logger = call.callee()?.object().filter(|o| o.is(Kind::Name))?;
    let Some(Origin::Item(path)) = cx.environment().lookup(logger.name()) else { return None };
    let module = path.strip_suffix(logger.name())?.strip_suffix(cx.language().separator())?;
    let imported = module != cx.environment().module() && cx.workspace().is_own(module);
    (imported && cx.workspace().global(path).is_some()).then(|| module.to_owned())
}

/// A way of logging: the files that log so, each with its first place, by path.
type Ways<'a> = BTreeMap<&'a str, Vec<(usize, &'a Note)>>;

fn judge(survey: &mut Survey<'_>) {
    for files in by_project(survey.files()).values() {
        let mut ways: Ways<'_> = BTreeMap::new();
        for &(number, _) in files {
            let mut seen: Vec<&str> = Vec::new();
            for note in survey.notes(number) {
                if !seen.contains(&&*note.key) {
                    seen.push(&note.key);
                    ways.entry(&note.key).or_default().push((number, note));
                }
            }
            if !seen.is_empty() {
                survey.site(number);
            }
        }
        join_single_wrapper(&mut ways);
        report(survey, &ways);
    }
}

/// One module that hands out the logger of a library is that library's way; two are two ways.
fn join_single_wrapper(ways: &mut Ways<'_>) {
    let mut wrappers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (way, files) in &*ways {
        let library = files.first().map_or("", |(_, note)| &*note.detail);
        if library != *way {
            wrappers.entry(library).or_default().push(way);
        }
    }
    for (library, modules) in wrappers {
        if let [only] = modules[..] {
            let joined = ways.remove(only).unwrap_or_default();
            let known = ways.entry(library).or_default();
            for (number, note) in joined {
                if known.iter().all(|(n, _)| *n != number) {
                    known.push((number, note));
                }
            }
            known.sort_by_key(|(number, _)| *number);
        }
    }
}

fn report(survey: &mut Survey<'_>, ways: &Ways<'_>) {
    let Some((main, most)) = ways.iter().max_by_key(|(way, files)| (files.len(), std::cmp::Reverse(**way)))
    else {
        return;
    };
    for (way, files) in ways.iter().filter(|(way, _)| way != &main) {
        let Some((first, note)) = files.first() else { continue };
        // A package's own logger beside those that modules make for themselves is of one library, and set up with it.
        let wraps =
            |way: &str, files: &[(usize, &Note)]| files.first().is_some_and(|(_, note)| *note.detail != *way);
        let library = |files: &[(usize, &Note)]| files.first().map(|(_, note)| note.detail.clone());
        if library(files) == library(most) && !(wraps(way, files) && wraps(main, most)) {
            continue;
        }
        let count = |n: usize| if n == 1 { "1 module".to_owned() } else { format!("{n} modules") };
        let mut finding = survey
            .finding(
                note.range,
                format!("`{way}` logs in {}, `{main}` in {}", count(files.len()), count(most.len())),
            )
            .why("Records of two ways differ in form, level and destination, so that no search or filter finds them all.")
            .help(format!("Log with `{main}` everywhere."))
            .confidence(Confidence::Medium);
        let others = files.iter().skip(1).map(|place| (way, place));
        for (way, (number, note)) in
            others.take(RELATED).chain(most.iter().map(|place| (main, place)).take(RELATED))
        {
            finding.related.extend(survey.related(*number, note.range, format!("`{way}` here")));
        }
        survey.report(*first, finding);
    }
}

/// How many places of each way a finding names.
const RELATED: usize = 5;
