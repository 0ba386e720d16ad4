use std::borrow::Cow;

use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Kind, Node, Operator, Role};
use shipworthy_syntax::{Language, Range};

use crate::names::{is_confidential, may_be_confidential, words};
use crate::program;
use crate::request::{self, Part};
use crate::values::{Given, given, is_constant_name, is_member, is_setting};

rule! {
    /// A secret or personal datum is written to the log
    ///
    /// Logs are kept for long, copied to other systems and read by people who may not have what stands in them: a password or token in a
    /// log is a password or token that has leaked, and a card or social security number there is a breach to report. Headers carry
    /// credentials, and bodies carry whatever users send: a whole body is of medium severity where its code reads a secret from it or lets users in, and
    /// otherwise, and at the level of debugging, of low severity. A body that its secret was taken out of is left alone.
    ///
    /// Leave the value out, or log a form that nobody can use: whether it is set, its length, its last characters, a keyed digest.
    /// Names of your own (`email`, `phone_number`) are added with the option `names`.
    ///
    /// ```python bad
    /// import logging
    /// import os
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def login(username, password):
    ///     logger.info("login of %s with %s", username, password)
    ///                                                  ^^^^^^^^
    ///     logger.debug(f"checking {username}:{password}")
    ///                                         ^^^^^^^^
    ///     logger.debug("calling with %s", os.getenv("OPENAI_API_KEY"))
    ///                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import logging
    /// import os
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def login(username, password):
    ///     logger.info("login of %s with %s", username, "[redacted]")
    ///     logger.debug(f"checking {username}:[redacted]")
    ///     logger.debug("calling with %s", "[redacted]")
    /// ```
    ///
    /// ```python bad
    /// import logging
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    ///
    /// @app.post("/orders")
    /// def create():
    ///     app.logger.info("new order")
    ///     logging.info("headers: %s", dict(request.headers))
    ///                                      ^^^^^^^^^^^^^^^
    ///     data = request.get_json()
    ///     logging.info("received %s", data)
    ///                                 ^^^^
    ///     logging.info("paying", extra={"card_number": data["number"]})
    ///                                                  ^^^^^^^^^^^^^^
    ///     logging.warning("from %s", request.headers.get("Authorization"))
    ///                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// import logging
    ///
    /// from django.http import HttpResponse
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def cancel(request):
    ///     logger.info("cancelled by %s", request.META)
    ///                                    ^^^^^^^^^^^^
    ///     return HttpResponse(status=204)
    /// ```
    ///
    /// ```python good
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    /// CONF_PASSWORD = "password"
    ///
    /// def login(username, password, token_type, has_token):
    ///     logger.info("login of %s, password %s", username, "set" if password else "missing")
    ///     logger.info("password of %d characters, %s", len(password), token_type)
    ///     logger.info("key ends with %s", mask(password))
    ///     logger.info("has token: %s, expected %s", has_token, CONF_PASSWORD)
    ///     logger.info("no password for %s: %s", username, password is None)
    ///     password = "***"
    ///     logger.info("password %s", password)
    /// ```
    ///
    /// ```python good
    /// import logging
    /// from pydantic import SecretStr
    ///
    /// def parse(tokens, password: SecretStr):
    ///     for token in tokens:
    ///         logging.error("unexpected token %s", token)
    ///     logging.info("the password is %s", password)
    /// ```
    ///
    /// ```python bad file=app/auth.py
    /// import logging
    ///
    /// def verify(token):
    ///     logging.debug("verifying %s", token)
    ///                                   ^^^^^
    ///     return decode(token)
    /// ```
    ///
    /// ```python good file=app/mail/console_mock.py
    /// import logging
    ///
    /// def send_reset(email, reset_token):
    ///     logging.info("to %s: your reset token is %s", email, reset_token)
    /// ```
    ///
    /// ```python good
    /// import click
    ///
    /// @click.command()
    /// def create(name):
    ///     api_key = make_key(name)
    ///     print(f"Your key, shown only once: {api_key}")
    /// ```
    ///
    /// ```python good
    /// import logging
    ///
    /// from aiohttp import web
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// async def push(request: web.Request):
    ///     data = await request.json()
    ///     secret = data.pop("secret", None)
    ///     logger.debug("received %s", data)
    ///     return check(secret, data)
    /// ```
    ///
    /// What is cut before, and what the record of a token calls its token: the hash that it is found by.
    ///
    /// ```python good file=app/auth.py
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def connect(api_key, valid_token):
    ///     shown_api_key = api_key[:4] + "*" * 12
    ///     logger.debug("connecting with %s", shown_api_key)
    ///     logger.debug("budget of %s is spent", valid_token.token)
    /// ```
    ///
    /// An object that is called like a secret shows what its class lets it show.
    ///
    /// ```python good
    /// import logging
    ///
    /// log = logging.getLogger(__name__)
    ///
    /// def token_values(serial, count):
    ///     token = find_token(serial)
    ///     log.debug(f"Getting values of token {token}")
    ///     return token.get_values(count=count)
    /// ```
    ///
    /// ```go bad
    /// package auth
    ///
    /// import "log/slog"
    ///
    /// func Login(user, password string) bool {
    /// 	slog.Info("login", "user", user, "password", password)
    /// 	                                             ^^^^^^^^
    /// 	return check(user, password)
    /// }
    /// ```
    /// ```go fixed
    /// package auth
    ///
    /// import "log/slog"
    ///
    /// func Login(user, password string) bool {
    /// 	slog.Info("login", "user", user, "password", "[redacted]")
    /// 	return check(user, password)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"io"
    /// 	"log"
    /// 	"net/http"
    ///
    /// 	"go.uber.org/zap"
    /// )
    ///
    /// func (s *Server) pay(w http.ResponseWriter, r *http.Request) {
    /// 	log.Printf("headers: %v", r.Header)
    /// 	                          ^^^^^^^^
    /// 	body, err := io.ReadAll(r.Body)
    /// 	log.Printf("body: %s %v", body, err)
    /// 	                          ^^^^
    /// 	zap.L().Info("paying", zap.String("api_key", s.config.key))
    /// 	                                             ^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package auth
    ///
    /// import "log"
    ///
    /// func Login(user, password string, hasToken bool) bool {
    /// 	log.Printf("login of %s, password set: %t, %t", user, password != "", hasToken)
    /// 	log.Printf("password of %d characters, %s", len(password), redact(password))
    /// 	return check(user, password)
    /// }
    /// ```
    ///
    /// ```go good
    /// package ui
    ///
    /// import "fmt"
    ///
    /// func Choose() string {
    /// 	password := generate()
    /// 	fmt.Printf("Your password is: %s\n", password)
    /// 	return password
    /// }
    /// ```
    ///
    /// ```go good
    /// package parse
    ///
    /// import (
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// func (p *Parser) next(token Token, r *http.Request) {
    /// 	log.Printf("unexpected token %v at %s", token, r.URL.Path)
    /// 	log.Printf("agent %s", r.Header.Get("User-Agent"))
    /// }
    ///
    /// func (c *Config) complete(shop string) {
    /// 	log.Printf("shop %s has no secret of its own, and uses the common secret", shop)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use tracing::{debug, info};
    ///
    /// pub fn login(user: &str, password: &str) -> bool {
    ///     info!("login of {user} with {password}");
    ///                                  ^^^^^^^^
    ///     debug!(user, api_key = %settings().api_key, "calling");
    ///                             ^^^^^^^^^^^^^^^^^^
    ///     check(user, password)
    /// }
    /// ```
    /// ```rust fixed
    /// use tracing::{debug, info};
    ///
    /// pub fn login(user: &str, password: &str) -> bool {
    ///     info!("login of {user} with [redacted]");
    ///     debug!(user, api_key = %"[redacted]", "calling");
    ///     check(user, password)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_web::HttpRequest;
    ///
    /// pub async fn show(request: HttpRequest, access_token: String) -> String {
    ///     log::info!("headers: {:?}", request.headers());
    ///                                 ^^^^^^^^^^^^^^^^^
    ///     log::info!("token {}", access_token.clone());
    ///                            ^^^^^^^^^^^^
    ///     access_token
    /// }
    /// ```
    ///
    /// ```rust good
    /// use tracing::info;
    ///
    /// pub fn login(user: &str, password: &str, require_password: bool) -> bool {
    ///     info!("login of {user}, password set: {}", !password.is_empty());
    ///     info!("password of {} characters, {require_password}", password.len());
    ///     check(user, password)
    /// }
    /// ```
    ///
    /// ```rust good
    /// use secrecy::SecretString;
    ///
    /// pub fn next(token: Token, password: SecretString) {
    ///     log::warn!("unexpected token {token:?}");
    ///     log::info!("the password is {:?}", password);
    /// }
    /// ```
    ///
    /// ```go bad
    /// package report
    ///
    /// import (
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// func handle(w http.ResponseWriter, r *http.Request) {
    /// 	log.Printf("report from %s with %v", r.RemoteAddr, r.Header["Cookie"])
    /// 	                                                   ^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package report
    ///
    /// import (
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// func handle(w http.ResponseWriter, r *http.Request) {
    /// 	log.Printf("report from %s for %v", r.RemoteAddr, r.Header["Content-Type"])
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"log"
    /// 	"log/slog"
    /// 	"os"
    /// )
    ///
    /// func export(path string, data []byte) {
    /// 	err := os.WriteFile(path, data, 0o600)
    /// 	if err != nil {
    /// 		log.Println("access token:", err)
    /// 	}
    /// }
    ///
    /// func upgrade(logger *slog.Logger, account string) {
    /// 	if err := os.Remove(account); err != nil {
    /// 		logger.Error("could not upgrade user password", account, err.Error())
    /// 	}
    /// }
    /// ```
    name: "sensitive-data-in-log",
    category: Security,
    severity: High,
    scope: File,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    options: ["names" = Strings(&[]), "More names whose values must not be logged: `email`, `phone_number`"],
    on: [Role("log"), Role("print")],
    check: check,
}

/// What is written that should not be.
struct Leak<'a> {
    /// The expression in the call.
    at: Node<'a>,
    /// What it is.
    what: String,
    /// The part of a request that it is all of.
    part: Option<Part>,
    confidence: Confidence,
}

fn check<'a>(cx: &mut Check<'a>, call: Node<'_>) {
    let call = cx.facts().node(call.index());
    let Some(meaning) = cx.meaning(call).filter(|_| call.is(Kind::Call)) else { return };
    let is_print = !meaning.is("log");
    // Go's loggers take fields one by one: `logger.WithField("user", user).Info("login")`.
    let chain = cx.method_chain(call).take(if cx.language() == Language::Go { usize::MAX } else { 1 });
    let calls: Vec<Node<'a>> = chain.map(|c| cx.facts().node(c.index())).collect();
    if calls.iter().flat_map(|c| c.arguments()).all(Node::is_literal) {
        return;
    }
    cx.site();
    // What stands in for a service shows what that would send.
    let stand_in = words(cx.path()).iter().any(|w| matches!(w.as_str(), "mock" | "mocks" | "fake" | "fakes"));
    // "Your password is": a program that shows somebody what is theirs.
    let to_owner = || call.text().to_lowercase().contains("your ");
    if stand_in || is_print && (to_owner() || program::speaks_to_user(cx, call)) {
        return;
    }
    let mut leaks = Vec::new();
    for call in calls {
        of_arguments(cx, call, &mut leaks);
    }
    for leak in leaks {
        let mut finding = cx
            .finding(leak.at, format!("the {} shows {}", if is_print { "output" } else { "log" }, leak.what))
            .why("Logs are kept, copied and read by many: what stands in them has leaked.")
            .help("Leave it out, or log a redacted form.")
            .confidence(if is_print { leak.confidence.min(Confidence::Medium) } else { leak.confidence })
            .maybe_fix(fix(cx, leak.at));
        // What a request holds is not known, and a body is less likely to let somebody in than its headers.
        let debug = meaning.property("level") == Some("debug");
        let severity = match leak.part {
            Some(Part::Body) if debug || !holds_secrets(cx, leak.at) => Some(Severity::Low),
            Some(Part::Body) => Some(Severity::Medium),
            Some(Part::Headers) => debug.then_some(Severity::Medium),
            None => None,
        };
        if let Some(severity) = severity {
            finding = finding.severity(severity);
        }
        cx.report(finding);
    }
}

/// The arguments of a call that writes, or of one that makes a field: values, and in Go keys with the values after them.
fn of_arguments<'a>(cx: &Check<'a>, call: Node<'a>, leaks: &mut Vec<Leak<'a>>) {
    let mut key: Option<String> = None;
    for argument in call.arguments() {
        let label = Some(argument.label().to_owned()).filter(|l| !l.is_empty());
        match label.or_else(|| key.take()).filter(|key| is_sensitive(cx, key)) {
            Some(key) => under_key(cx, &key, argument, leaks),
            None => search(cx, argument, leaks),
        }
        // A text with places for values is no key, nor is a sentence: `"could not upgrade user password"`.
        let is_key = |text: &Cow<'_, str>| {
            cx.language() == Language::Go && !text.contains('%') && text.split_whitespace().count() <= 2
        };
        key = argument.string().filter(is_key).map(Cow::into_owned);
    }
}

/// A value under a key that says what it is.
fn under_key<'a>(cx: &Check<'a>, key: &str, value: Node<'a>, leaks: &mut Vec<Leak<'a>>) {
    let before = leaks.len();
    search(cx, value, leaks);
    let shown = unwrapped(value);
    let plain = matches!(shown.kind(), Kind::Name | Kind::Attribute | Kind::Index);
    if leaks.len() == before && plain && !is_harmless(cx, shown) {
        leaks.push(Leak { at: shown, what: format!("`{key}`"), part: None, confidence: Confidence::High });
    }
}

fn search<'a>(cx: &Check<'a>, node: Node<'a>, leaks: &mut Vec<Leak<'a>>) {
    match node.kind() {
        Kind::Name | Kind::Attribute | Kind::Index => leaks.extend(leak(cx, node)),
        Kind::Template
        | Kind::Tuple
        | Kind::List
        | Kind::Set
        | Kind::Dictionary
        | Kind::Spread
        | Kind::Reference
        | Kind::Dereference
        | Kind::Await
        | Kind::Propagate
        | Kind::OtherExpression => node.children().for_each(|c| search(cx, c, leaks)),
        Kind::Construct => node.arguments().for_each(|c| search(cx, c, leaks)),
        Kind::Unary if node.operator() != Operator::Not => node.children().for_each(|c| search(cx, c, leaks)),
        Kind::Binary if matches!(node.operator(), Operator::Add | Operator::Mod | Operator::Or) => {
            node.all(Role::Operand).for_each(|c| search(cx, c, leaks));
        }
        Kind::Conditional => {
            [Role::Body, Role::Else]
                .into_iter()
                .filter_map(|r| node.get(r))
                .for_each(|c| search(cx, c, leaks));
        }
        Kind::Entry => {
            let key = node.get(Role::Key).and_then(Node::string);
            match (key.filter(|k| is_sensitive(cx, k)), node.get(Role::Value)) {
                (Some(key), Some(value)) => under_key(cx, &key, value, leaks),
                (None, Some(value)) => search(cx, value, leaks),
                _ => {}
            }
        }
        Kind::Call => of_call(cx, node, leaks),
        _ => {}
    }
}

/// A call shows what it is given where it only changes its form.
fn of_call<'a>(cx: &Check<'a>, call: Node<'a>, leaks: &mut Vec<Leak<'a>>) {
    let meaning = cx.meaning(call);
    if meaning.is_some_and(|m| m.is("secret")) {
        leaks.push(Leak {
            at: call,
            what: format!("`{}`", call.text()),
            part: None,
            confidence: Confidence::High,
        });
        return;
    }
    if let Some(part) = request::read(cx, call) {
        leaks.extend(of_request(call, part));
        return;
    }
    if let Some(header) = request::credential_header(cx, call) {
        leaks.push(Leak {
            at: call,
            what: format!("the header `{header}`"),
            part: None,
            confidence: Confidence::High,
        });
        return;
    }
    let setting =
        meaning.filter(|m| m.is("environment")).and_then(|m| m.argument("name")?.of(call)?.string());
    if let Some(setting) = setting.filter(|s| is_sensitive(cx, s)) {
        leaks.push(Leak { at: call, what: format!("`{setting}`"), part: None, confidence: Confidence::High });
        return;
    }
    if meaning.is_some_and(|m| m.is("log-field")) {
        return of_arguments(cx, call, leaks);
    }
    if meaning.is_some_and(|m| m.is("formats") || m.is("encode")) {
        return call.arguments().for_each(|a| search(cx, a, leaks));
    }
    let Some(callee) = call.callee() else { return };
    let object = callee.object().filter(|_| callee.is(Kind::Attribute));
    match (callee.name(), object) {
        ("str" | "repr" | "dict" | "list" | "string", None) => {
            call.arguments().for_each(|a| search(cx, a, leaks));
        }
        ("format", Some(format)) if matches!(format.kind(), Kind::String | Kind::Template) => {
            call.arguments().for_each(|a| search(cx, a, leaks));
        }
        (
            "strip" | "decode" | "encode" | "to_string" | "to_owned" | "clone" | "as_str" | "as_ref"
            | "unwrap" | "unwrap_or_default" | "as_deref" | "items" | "copy",
            Some(object),
        ) => search(cx, object, leaks),
        _ => {}
    }
}

/// What a name, field or element leaks.
fn leak<'a>(cx: &Check<'a>, node: Node<'a>) -> Option<Leak<'a>> {
    // Django's headers look like a constant: `request.META`.
    let read = request::read(cx, node).filter(|_| node.is(Kind::Attribute));
    if read.is_none() && is_harmless(cx, node) {
        return None;
    }
    if let Some(part) = request::whole(cx, node) {
        return of_request(node, part).filter(|_| !is_stripped(node));
    }
    if let Some(header) = request::credential_header(cx, node).filter(|_| node.is(Kind::Index)) {
        let what = format!("the header `{header}`");
        return Some(Leak { at: node, what, part: None, confidence: Confidence::High });
    }
    let name = match node.kind() {
        Kind::Index => {
            let index = node.get(Role::Index)?;
            match index.kind() {
                Kind::String => index.string()?.into_owned(),
                Kind::Name if is_constant_name(index.name()) => index.name().to_owned(),
                _ => return None,
            }
        }
        _ => node.name().to_owned(),
    };
    let confidence = if is_sensitive(cx, &name) {
        Confidence::High
    } else if may_be_confidential(&name) && !is_object(node) {
        // What a token's record calls its token is the hash that it is found by.
        let of_record = node.object().is_some_and(|o| words(o.name()).last().is_some_and(|w| w == "token"));
        if lets_in(cx, node) && !of_record { Confidence::Medium } else { Confidence::Low }
    } else {
        return None;
    };
    Some(Leak {
        at: node,
        what: format!("`{}`", node.text().lines().next().unwrap_or(&name)),
        part: None,
        confidence,
    })
}

/// Whether code lets users in, by the names of its file and function: a token there is no parser's.
fn lets_in(cx: &Check<'_>, node: Node<'_>) -> bool {
    const SAID: [&str; 9] =
        ["auth", "login", "session", "oauth", "jwt", "password", "credentials", "token", "signup"];
    let function = cx.named_function(node).map_or("", Node::name);
    words(cx.path()).into_iter().chain(words(function)).any(|w| SAID.contains(&w.as_str()))
}

/// Whether a secret is read from the body of a request that a name holds, or its code lets users in.
fn holds_secrets(cx: &Check<'_>, body: Node<'_>) -> bool {
    lets_in(cx, body) || secrets_of(body).next().is_some()
}

/// The places where a secret is read from what a name holds: `body["password"]`, `body.pop("secret")`.
fn secrets_of<'a>(body: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    let says = |n: Option<Node<'_>>| {
        n.and_then(Node::string).is_some_and(|key| is_confidential(&key) || may_be_confidential(&key))
    };
    let all = body.function().into_iter().flat_map(Node::descendants);
    all.filter(move |n| {
        let (of, key) = match n.kind() {
            Kind::Index => (n.object(), n.get(Role::Index)),
            Kind::Call => (n.callee().and_then(Node::object), n.positional(0)),
            _ => return false,
        };
        body.is(Kind::Name) && of.is_some_and(|o| o.text() == body.text()) && says(key)
    })
}

/// Whether the secret was taken out of a body before: `secret = body.pop("secret")`.
fn is_stripped(body: Node<'_>) -> bool {
    secrets_of(body).any(|n| {
        n.index() < body.index() && n.callee().is_some_and(|c| c.name() == "pop") && n.is(Kind::Call)
    })
}

fn of_request(at: Node<'_>, part: Part) -> Option<Leak<'_>> {
    let what = match part {
        Part::Body => "the request's body",
        Part::Headers => "the request's headers",
    };
    Some(Leak { at, what: what.to_owned(), part: Some(part), confidence: Confidence::Medium })
}

/// Whether a name says that its value is a secret or personal, or the settings do.
fn is_sensitive(cx: &Check<'_>, name: &str) -> bool {
    is_confidential(name) || cx.options().strings("names").iter().any(|own| words(own) == words(name))
}

/// Python: whether a name holds more than text, by what its function asks of it: `token.owner`, `token.revoke()`. What that shows of itself is
/// its own.
fn is_object(name: Node<'_>) -> bool {
    const OF_TEXT: [&str; 20] = [
        "strip",
        "lstrip",
        "rstrip",
        "split",
        "rsplit",
        "splitlines",
        "partition",
        "rpartition",
        "startswith",
        "endswith",
        "encode",
        "decode",
        "lower",
        "upper",
        "replace",
        "join",
        "format",
        "find",
        "isalnum",
        "get_secret_value",
    ];
    let asks = |n: Node<'_>| {
        n.is(Kind::Attribute)
            && !OF_TEXT.contains(&n.name())
            && n.object().is_some_and(|o| o.is(Kind::Name) && o.name() == name.name())
    };
    name.is(Kind::Name)
        && name.language() == Language::Python
        && name.function().is_some_and(|f| f.descendants().any(asks))
}

/// Whether a value tells nothing whatever its name says: a constant, a number, what hides itself, what was masked before.
fn is_harmless(cx: &Check<'_>, node: Node<'_>) -> bool {
    let constant = match node.kind() {
        Kind::Name => is_constant_name(node.name()) && !is_setting(cx, node),
        Kind::Attribute => is_member(node) || is_constant_name(node.name()) && !is_setting(cx, node),
        _ => false,
    };
    if constant || cx.type_meaning(node).is_some_and(|m| m.is("secret")) {
        return true;
    }
    let plain = cx.type_of(node);
    if matches!(
        plain.as_deref(),
        Some("bool" | "int" | "float" | "int64" | "usize" | "u32" | "u64" | "i32" | "i64" | "error")
    ) {
        return true;
    }
    // `key[:4] + "*" * 16`
    let is_cut = |value: Node<'_>| {
        value.is(Kind::Slice) || value.is(Kind::Binary) && value.all(Role::Operand).any(|o| o.is(Kind::Slice))
    };
    let masked = |value: Node<'_>| {
        value.is_literal()
            || is_cut(value)
            || value.callee().filter(|_| value.is(Kind::Call)).is_some_and(|c| {
                let said = words(c.name());
                let hides = [
                    "mask",
                    "masked",
                    "redact",
                    "redacted",
                    "hash",
                    "obfuscate",
                    "hide",
                    "sanitize",
                    "encrypt",
                    "len",
                    "bool",
                ];
                said.iter().any(|w| hides.contains(&w.as_str()))
            })
    };
    node.is(Kind::Name)
        && given(cx, node)
            .iter()
            .rev()
            .find(|g| {
                let (Given::Value(n) | Given::Added(n) | Given::Other(n)) = g;
                n.index() < node.index()
            })
            .is_some_and(|g| matches!(g, Given::Value(v) if masked(*v)))
}

/// An expression without the signs before it that say how it is written: `%x` and `?x` of Rust's macros, `&x`.
fn unwrapped(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while matches!(node.kind(), Kind::OtherExpression | Kind::Reference | Kind::Unary) {
        let mut children = node.children();
        match (children.next(), children.next()) {
            (Some(only), None) => node = only,
            _ => break,
        }
    }
    node
}

fn fix(cx: &Check<'_>, at: Node<'_>) -> Option<Fix> {
    let fix = Fix::suggested("Redact it");
    let range = at.range();
    if at.parent().is_some_and(|p| p.is(Kind::Template)) {
        // In a text with holes, the hole with its braces becomes text.
        let text = &*at.facts().text;
        let open = text.get(..range.start as usize)?.ends_with('{');
        let close = text.get(range.end as usize..)?.starts_with('}');
        let hole = Range { start: range.start.checked_sub(1)?, end: range.end + 1 };
        return (open && close).then(|| fix.replace(hole, "[redacted]"));
    }
    // Go does not accept a variable that nothing uses.
    let used_elsewhere = || {
        let function = at.function()?;
        let mut names =
            function.descendants().filter(|n| n.is(Kind::Name) && n.name() == at.name() && *n != at);
        names.any(|n| !n.has(shipworthy_facts::Flags::BINDS)).then_some(())
    };
    if cx.language() == Language::Go && at.is(Kind::Name) && used_elsewhere().is_none() {
        return None;
    }
    Some(fix.replace(at, "\"[redacted]\""))
}
