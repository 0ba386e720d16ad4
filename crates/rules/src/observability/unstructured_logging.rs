use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Kind, Node, Operator, Role};
use shipworthy_syntax::{Language, Range};

use crate::names::words;
use crate::values::is_constant_name;
use crate::{handlers, logs, program};

rule! {
    /// Values are pasted into a log message
    ///
    /// A message that is put together before it is logged is a new text each time: nobody can search for it, count it, or draw it by customer or
    /// order. A logger that takes fields keeps the values beside a message that stays the same. Python's own logger takes arguments: it formats the
    /// message only when it is written, and error trackers group by it. What is passed as `%s` with arguments is sound.
    ///
    /// The same goes for a service that sets its logs up as plain text: who collects them has to take them apart again.
    ///
    /// ```python bad
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def login(user):
    ///     logger.info(f"user {user.id} logged in")
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def login(user):
    ///     logger.info("user %s logged in", user.id)
    /// ```
    ///
    /// ```python bad
    /// import structlog
    ///
    /// log = structlog.get_logger()
    ///
    /// def charge(order, amount):
    ///     log.info("charged {} for {}".format(amount, order.id))
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     log.warning("late: " + order.id)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// import logging
    ///
    /// from fastapi import FastAPI
    ///
    /// logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// app = FastAPI()
    /// ```
    ///
    /// ```python good
    /// import logging
    ///
    /// import structlog
    ///
    /// logger = logging.getLogger(__name__)
    /// log = structlog.get_logger()
    /// PREFIX = "[billing]"
    ///
    /// def charge(order, amount):
    ///     logger.info("charged %s for %s", amount, order.id)
    ///     logger.info(f"{PREFIX} charged")
    ///     logger.info("a" "b")
    ///     log.info("charged", amount=amount, order=order.id)
    ///
    /// def refund(order):
    ///     try:
    ///         order.refund()
    ///     except ValueError as error:
    ///         logger.exception(f"cannot refund: {error}")
    /// ```
    ///
    /// ```python good
    /// import logging
    /// import warnings
    ///
    /// from flask import Flask
    ///
    /// logging.basicConfig(format='{"time": "%(asctime)s", "message": "%(message)s"}')
    /// app = Flask(__name__)
    ///
    /// def old(name):
    ///     warnings.warn(f"{name} is deprecated")
    /// ```
    ///
    /// ```python good file=tools/convert.py
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def convert(path):
    ///     logger.info(f"converting {path}")
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
    /// func open(path string, err error) {
    /// 	slog.Error("cannot open: " + err.Error())
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	slog.Info(fmt.Sprintf("opened %s as %d", path, 3))
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
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
    /// func open(path string, err error) {
    /// 	slog.Error("cannot open", "error", err)
    /// 	slog.Info("opened as", "path", path, "value", 3)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"fmt"
    ///
    /// 	"go.uber.org/zap"
    /// )
    ///
    /// func charge(log *zap.Logger, order string) {
    /// 	log.Info(fmt.Sprintf("charged %s", order))
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"log/slog"
    ///
    /// 	"go.uber.org/zap"
    /// )
    ///
    /// func charge(log *zap.Logger, order string, err error) {
    /// 	log.Info("charged", zap.String("order", order))
    /// 	slog.Error("cannot open", "error", err)
    /// 	slog.Info("a " + "b")
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
    /// func open(path string) {
    /// 	log.Printf("opened %s", path)
    /// 	log.Println(fmt.Sprintf("opened %q", path))
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use tracing::{error, info};
    ///
    /// fn listen(address: &str, error: Error) {
    ///     info!("listening on {address}");
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     error!("cannot accept: {:?}", error);
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// use tracing::{error, info};
    ///
    /// fn listen(address: &str, error: Error) {
    ///     info!(%address, "listening on");
    ///     error!(?error, "cannot accept");
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn charge(order: &Order, amount: u64) {
    ///     tracing::warn!("charged {} for {}", amount, order.id);
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use tracing::info;
    ///
    /// fn listen(address: &str) {
    ///     info!(%address, "listening");
    ///     info!(address, port = 80, "listening");
    ///     info!("listening");
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn listen(address: &str) {
    ///     log::info!("listening on {address}");
    ///     log::warn!("listening on {}", address);
    /// }
    /// ```
    ///
    /// No fix where what is left would not be read, or a field would be given twice:
    ///
    /// ```rust bad
    /// use tracing::{debug, info};
    ///
    /// fn check(piece: u32, key: &str, url: &str) {
    ///     info!("piece={piece} done");
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     info!("record `{key}` rejected");
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     info!("{url} is asked again");
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     debug!(key, "formatting with {}", key);
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    name: "unstructured-logging",
    category: Observability,
    severity: Low,
    scope: Both,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Role("log"), Role("text-logs")],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call).cloned() else { return };
    cx.site();
    if meaning.is("text-logs") {
        return check_configuration(cx, call);
    }
    let has_fields = meaning.argument("fields").is_some() || meaning.property("structured").is_some();
    // Rust's `log` takes arguments, as does Python's own logger; Go's methods for formats have other names.
    let takes_values =
        if cx.language() == Language::Rust { has_fields } else { meaning.property("bare").is_none() };
    let Some(message) = logs::message(cx, call).filter(|m| takes_values && is_pasted(cx, call, *m)) else {
        return;
    };
    if program::speaks_to_user(cx, call) || program::is_migration(cx) {
        return;
    }
    let callee = call.callee().map_or("", Node::text);
    let what = if has_fields || cx.language() != Language::Python { "fields" } else { "arguments" };
    let finding = cx
        .finding(call, format!("values are pasted into the message of `{callee}`"))
        .why("The message is another text each time: it cannot be searched for, counted or grouped.")
        .help(format!("Keep the message constant, and pass the values as {what}."))
        .confidence(if meaning.guessed { Confidence::Medium } else { Confidence::High })
        .maybe_fix(fix(cx, call, message));
    cx.report(finding);
}

/// A service that writes its logs as plain text.
fn check_configuration(cx: &mut Check<'_>, call: Node<'_>) {
    let structured = call
        .statement()
        .descendants()
        .any(|n| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("structured-logs")));
    // A format of its own may be JSON; handlers have formats of their own.
    let own = cx.argument(call, "format").is_some_and(|f| f.text().contains("{\"") || f.is(Kind::Name))
        || cx.argument(call, "handler").is_some()
        || call.has_spread();
    // One of several forms, by a setting.
    let chosen = call.ancestors().any(|n| matches!(n.kind(), Kind::If | Kind::Match | Kind::Conditional));
    if structured || own || chosen || !cx.imports("service") {
        return;
    }
    let callee = call.callee().map_or("", Node::text);
    let finding = cx
        .finding(call, format!("`{callee}` makes this service log plain text"))
        .why("Who collects the logs of many instances has to take each line apart to search or count.")
        .help("Log JSON or another form with fields, at least in production.")
        .confidence(Confidence::Medium);
    cx.report(finding);
}

/// Whether a message is put together from values where it is logged.
fn is_pasted(cx: &Check<'_>, call: Node<'_>, message: Node<'_>) -> bool {
    // An exception in the text is exception-without-traceback's business.
    let handler = call.ancestors().take_while(|n| !n.is(Kind::Function)).find(|n| n.is(Kind::Handler));
    let error = handler.map(Node::name).filter(|name| !name.is_empty());
    let is_error = |v: Node<'_>| {
        let mut names = std::iter::once(v).chain(v.descendants()).filter(|n| n.is(Kind::Name));
        error.is_some_and(|error| names.any(|n| n.name() == error))
    };
    pasted(cx, call, message).into_iter().any(|v| !v.is_literal() && !is_fixed(v) && !is_error(v))
}

/// What is pasted into a message.
fn pasted<'a>(cx: &Check<'_>, call: Node<'a>, message: Node<'a>) -> Vec<Node<'a>> {
    match message.kind() {
        Kind::Template if cx.language() == Language::Rust => message
            .all(Role::Part)
            .filter(|p| !p.is(Kind::Text))
            .chain(arguments_after(call, message))
            .collect(),
        Kind::Template => message.all(Role::Part).flat_map(|p| pasted_part(cx, call, p)).collect(),
        Kind::Binary if message.operator() == Operator::Mod && has_text(message) => {
            message.all(Role::Operand).skip(1).collect()
        }
        Kind::Binary if message.operator() == Operator::Add && has_text(message) => {
            message.all(Role::Operand).flat_map(|p| pasted_part(cx, call, p)).collect()
        }
        Kind::Call if cx.meaning(message).is_some_and(|m| m.is("formats")) => {
            message.arguments().skip(1).collect()
        }
        Kind::Call => {
            let callee = message.callee().filter(|c| c.name() == "format").and_then(Node::object);
            let formats = callee.is_some_and(|o| matches!(o.kind(), Kind::String | Kind::Template));
            message.arguments().filter(|_| formats).collect()
        }
        Kind::String if cx.language() == Language::Rust => arguments_after(call, message).collect(),
        _ => Vec::new(),
    }
}

/// A part of a message: itself, or what is pasted into it.
fn pasted_part<'a>(cx: &Check<'_>, call: Node<'a>, part: Node<'a>) -> Vec<Node<'a>> {
    if matches!(part.kind(), Kind::Template | Kind::Binary) { pasted(cx, call, part) } else { vec![part] }
}

/// Whether a sum has a text in it, and is no sum of numbers.
fn has_text(sum: Node<'_>) -> bool {
    sum.descendants().any(|n| matches!(n.kind(), Kind::String | Kind::Template))
}

/// A constant by its name: `PREFIX`, `__name__`.
fn is_fixed(value: Node<'_>) -> bool {
    is_constant_name(value.name()) || value.name().starts_with("__")
}

/// The arguments of a macro that fill the holes of its format.
fn arguments_after<'a>(call: Node<'a>, format: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    call.arguments().filter(move |a| a.index() > format.index())
}

fn fix(cx: &Check<'_>, call: Node<'_>, message: Node<'_>) -> Option<Fix> {
    match cx.language() {
        Language::Python => fix_python(cx, call, message),
        Language::Go => fix_go(cx, call, message),
        Language::Rust => fix_rust(call, message),
    }
}

/// `f"user {user.id}"` becomes `"user %s", user.id`.
fn fix_python(cx: &Check<'_>, call: Node<'_>, message: Node<'_>) -> Option<Fix> {
    let placeholder = cx.meaning(call)?.property("placeholder")?;
    let after = call.arguments().skip_while(|a| *a != message).nth(1);
    // Behind `msg=f"..."` no plain argument may follow.
    if !message.is(Kind::Template)
        || !message.label().is_empty()
        || after.is_some_and(|a| a.label().is_empty())
    {
        return None;
    }
    let text = message.text();
    let quote = text.find(['"', '\''])?;
    let mut new = text[..quote].replace(['f', 'F'], "");
    let holes: Vec<Node<'_>> = message.all(Role::Part).filter(|p| !p.is(Kind::Text)).collect();
    let start = message.range().start;
    let mut at = quote;
    for hole in &holes {
        // Nothing but the value may stand between the braces: a conversion or a format is more.
        let (from, to) = ((hole.range().start - start) as usize, (hole.range().end - start) as usize);
        let before = text.get(at..from)?.strip_suffix('{')?;
        text.get(to..)?.strip_prefix('}')?;
        new.push_str(&literal(before, placeholder));
        new.push_str(placeholder);
        at = to + 1;
    }
    new.push_str(&literal(text.get(at..)?, placeholder));
    let plain = text.matches(['"', '\'']).count() == 2 && !text.contains('\n');
    let values = holes.iter().map(|h| h.text()).collect::<Vec<_>>().join(", ");
    plain.then(|| Fix::suggested("Pass the values as arguments").replace(message, format!("{new}, {values}")))
}

/// The text of an f-string as a text with placeholders has it.
fn literal(text: &str, placeholder: &str) -> String {
    if placeholder == "%s" {
        text.replace("{{", "{").replace("}}", "}").replace('%', "%%")
    } else {
        text.to_owned()
    }
}

/// `"cannot open: " + err.Error()` becomes `"cannot open", "error", err`.
fn fix_go(cx: &Check<'_>, call: Node<'_>, message: Node<'_>) -> Option<Fix> {
    if cx.meaning(call)?.property("structured") != Some("pairs") {
        return None;
    }
    let (text, values): (Node<'_>, Vec<Node<'_>>) = match message.kind() {
        Kind::Binary => {
            let mut operands = message.all(Role::Operand);
            (operands.next()?, operands.collect())
        }
        _ => {
            let mut arguments = message.arguments();
            (arguments.next()?, arguments.collect())
        }
    };
    let text = text.text().strip_prefix('"')?.strip_suffix('"')?;
    let mut pieces = text.split('%');
    let mut constant = pieces.next()?.to_owned();
    let mut holes = usize::from(message.is(Kind::Binary));
    for piece in pieces {
        constant.push_str(piece.strip_prefix(['s', 'v', 'd', 'q', 't'])?);
        holes += 1;
    }
    let mut fields = String::new();
    let mut keys: Vec<String> = Vec::new();
    for value in &values {
        let (key, value) = field(cx, *value);
        fields.push_str(&format!(", \"{key}\", {value}"));
        keys.push(key);
    }
    let unique = keys.iter().enumerate().all(|(at, key)| !keys[..at].contains(key));
    let whole = holes == values.len()
        && unique
        && !message.text().contains('\n')
        && !text.starts_with('%')
        && reads_on(&tidy(&constant));
    whole.then(|| {
        Fix::suggested("Pass the values as fields")
            .replace(message, format!("\"{}\"{fields}", tidy(&constant)))
    })
}

/// The key and the value of a field for what was pasted.
fn field<'a>(cx: &Check<'_>, value: Node<'a>) -> (String, &'a str) {
    // `err.Error()`: the error itself.
    let object = value.callee().filter(|c| c.name() == "Error").and_then(Node::object);
    let value = object.unwrap_or(value);
    if handlers::is_error(cx, value) {
        return ("error".to_owned(), value.text());
    }
    let name = if value.is(Kind::Call) { value.callee().map_or("", Node::name) } else { value.name() };
    let key = words(name).join("_");
    (if key.is_empty() { "value".to_owned() } else { key }, value.text())
}

/// `"listening on {address}"` becomes `%address, "listening on"`.
fn fix_rust(call: Node<'_>, message: Node<'_>) -> Option<Fix> {
    let mut rest = message.text().strip_prefix('"')?.strip_suffix('"')?;
    let mut positional = arguments_after(call, message);
    // A field that the call has already is not given again.
    let mut given: Vec<&str> = call
        .arguments()
        .take_while(|a| *a != message)
        .map(|a| if a.label().is_empty() { a.name() } else { a.label() })
        .collect();
    if rest.starts_with('{') {
        return None;
    }
    let (mut constant, mut fields, mut end) = (String::new(), String::new(), message.range().end);
    while let Some((before, after)) = rest.split_once('{') {
        let (hole, after) = after.split_once('}')?;
        let (name, format) = hole.split_once(':').unwrap_or((hole, ""));
        let sign = match format {
            "" => '%',
            "?" | "#?" => '?',
            _ => return None,
        };
        let value = if name.is_empty() {
            let value = positional.next().filter(|v| v.label().is_empty() && v.dotted().is_some())?;
            end = value.range().end;
            value.text()
        } else {
            name
        };
        if given.contains(&value) {
            return None;
        }
        given.push(value);
        fields.push_str(&format!("{sign}{value}, "));
        constant.push_str(before);
        rest = after;
    }
    constant.push_str(rest);
    let whole = positional.next().is_none()
        && !constant.contains(['\\', '}'])
        && !fields.is_empty()
        && reads_on(&tidy(&constant));
    let range = Range { start: message.range().start, end };
    whole.then(|| {
        Fix::suggested("Pass the values as fields").replace(range, format!("{fields}\"{}\"", tidy(&constant)))
    })
}

/// A message without what led over to a value.
/// Whether a message still reads on where values were taken out of it: no quotes or brackets around nothing, no sign by itself, no two words in a
/// row that each lead over to a value.
fn reads_on(message: &str) -> bool {
    const LEFT: [&str; 14] =
        ["``", "''", "()", "[]", "<>", " ;", " ,", " .", " :", " )", "( ", "= ", "=,", ": ,"];
    const LEADS: [&str; 11] = ["in", "with", "from", "to", "for", "of", "by", "on", "at", "is", "as"];
    let ends = message.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '!' | '?' | ')' | '…'));
    let said: Vec<&str> = message.split(' ').collect();
    message.starts_with(char::is_alphanumeric)
        && ends
        && !LEFT.iter().any(|left| message.contains(left))
        && !said.windows(2).any(|pair| pair.iter().all(|word| LEADS.contains(word)))
}

fn tidy(message: &str) -> String {
    let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
    words.trim_end_matches([':', '=', ',', '-', '(', ' ']).to_owned()
}
