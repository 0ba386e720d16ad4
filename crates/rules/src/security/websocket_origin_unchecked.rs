use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Flags, Kind, Node, Origin, Role};
use shipworthy_syntax::Language;

use crate::values::{always_true, holds_text};

rule! {
    /// A WebSocket accepts connections from every web site
    ///
    /// Browsers let any page open a WebSocket to any server and send the user's cookies along; only the server can refuse, by the `Origin`
    /// header. Without that check a page that the user visits speaks and listens in the user's name. Compare the origin with the host that
    /// was asked, or with a list from the configuration.
    ///
    /// ```python bad
    /// from tornado.websocket import WebSocketHandler
    ///
    /// class Updates(WebSocketHandler):
    ///     def check_origin(self, origin):
    ///         ^^^^^^^^^^^^
    ///         return True
    /// ```
    /// ```python fixed
    /// from tornado.websocket import WebSocketHandler
    /// from urllib.parse import urlparse
    ///
    /// class Updates(WebSocketHandler):
    ///     def check_origin(self, origin):
    ///         return urlparse(origin).netloc == self.request.host
    /// ```
    ///
    /// ```python bad
    /// import socketio
    ///
    /// sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
    ///                                                                    ^^^
    /// ```
    ///
    /// ```python good
    /// import socketio
    /// from tornado.websocket import WebSocketHandler
    ///
    /// ORIGINS = ["https://app.example.com"]
    ///
    /// class Updates(WebSocketHandler):
    ///     def check_origin(self, origin):
    ///         return origin in ORIGINS
    ///
    /// sio = socketio.AsyncServer(cors_allowed_origins=ORIGINS)
    /// local = socketio.AsyncServer(async_mode="asgi")
    /// ```
    ///
    /// ```python good
    /// from tornado.websocket import WebSocketHandler
    ///
    /// class Policy:
    ///     def check_origin(self, origin):
    ///         return True
    ///
    /// class Updates(WebSocketHandler):
    ///     def check_origin(self, origin):
    ///         if self.settings["development"]:
    ///             return True
    ///         return super().check_origin(origin)
    /// ```
    ///
    /// ```go bad
    /// package live
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"github.com/gorilla/websocket"
    /// )
    ///
    /// var upgrader = websocket.Upgrader{
    /// 	CheckOrigin: func(r *http.Request) bool {
    /// 	             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		return true
    /// 	},
    /// }
    /// ```
    /// ```go fixed
    /// package live
    ///
    /// import (
    /// 	"net/http"
    /// 	"net/url"
    ///
    /// 	"github.com/gorilla/websocket"
    /// )
    ///
    /// var upgrader = websocket.Upgrader{
    /// 	CheckOrigin: func(r *http.Request) bool {
    /// 		origin, err := url.Parse(r.Header.Get("Origin"))
    /// 		return err == nil && origin.Host == r.Host
    /// 	},
    /// }
    /// ```
    ///
    /// ```go bad
    /// package live
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"github.com/coder/websocket"
    /// 	gorilla "github.com/gorilla/websocket"
    /// )
    ///
    /// func serve(w http.ResponseWriter, r *http.Request) {
    /// 	websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
    /// 	                                                                    ^^^^
    /// 	websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: []string{"*"}})
    /// 	                                                                ^^^^^^^^^^^^^
    /// 	upgrader := gorilla.Upgrader{}
    /// 	upgrader.CheckOrigin = func(*http.Request) bool { return true }
    /// 	                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package live
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"github.com/gorilla/websocket"
    /// )
    ///
    /// var upgrader = websocket.Upgrader{ReadBufferSize: 1024}
    ///
    /// func checked(hosts map[string]bool) websocket.Upgrader {
    /// 	return websocket.Upgrader{CheckOrigin: func(r *http.Request) bool {
    /// 		return hosts[r.Header.Get("Origin")]
    /// 	}}
    /// }
    /// ```
    ///
    /// ```go good
    /// package live
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"github.com/coder/websocket"
    /// )
    ///
    /// func serve(w http.ResponseWriter, r *http.Request, development bool) {
    /// 	websocket.Accept(w, r, nil)
    /// 	websocket.Accept(w, r, &websocket.AcceptOptions{
    /// 		InsecureSkipVerify: development,
    /// 		OriginPatterns:     []string{"*.example.com"},
    /// 	})
    /// }
    /// ```
    ///
    /// ```go bad
    /// package live
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"github.com/gorilla/websocket"
    /// )
    ///
    /// var upgrader = websocket.Upgrader{CheckOrigin: anyOrigin}
    ///
    /// func anyOrigin(r *http.Request) bool {
    ///      ^^^^^^^^^
    /// 	return true
    /// }
    /// ```
    ///
    /// ```go good
    /// package live
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"github.com/gorilla/websocket"
    /// )
    ///
    /// var upgrader = websocket.Upgrader{CheckOrigin: ownOrigin}
    ///
    /// func ownOrigin(r *http.Request) bool {
    /// 	return r.Header.Get("Origin") == "https://"+r.Host
    /// }
    ///
    /// func ready(r *http.Request) bool {
    /// 	return true
    /// }
    /// ```
    name: "websocket-origin-unchecked",
    category: Security,
    severity: Blocking,
    scope: File,
    fix: { Python: Suggested, Go: Suggested },
    on: [Role("websocket-upgrader"), Fact(Kind::Assign), Fact(Kind::Class), Fact(Kind::Function)],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match node.kind() {
        Kind::Assign => check_assignment(cx, node),
        Kind::Class => check_class(cx, node),
        Kind::Function => check_function(cx, node),
        _ => check_construction(cx, node),
    }
}

/// `Upgrader{CheckOrigin: ...}`, `AsyncServer(cors_allowed_origins=...)`
fn check_construction(cx: &mut Check<'_>, construction: Node<'_>) {
    let Some(meaning) = cx.meaning(construction).cloned() else { return };
    cx.site();
    let argument = |name: &str| meaning.argument(name).and_then(|a| a.of(construction));
    let wildcard = meaning.property("any-origin").unwrap_or("*");
    let checker = argument("check-origin").filter(|c| always_true(*c));
    let switch = argument("insecure").filter(|i| i.is_boolean(true));
    let origins = argument("origins").filter(|o| holds_text(cx, *o, wildcard));
    let always = meaning.property("always").map(|_| construction);
    if let Some(at) = checker.or(switch).or(origins).or(always) {
        report(cx, at);
    }
}

/// Go: a function of a request that says yes to all, and that the file hands on as the check of a WebSocket library.
fn check_function(cx: &mut Check<'_>, function: Node<'_>) {
    let mut parameters = function.all(Role::Parameter);
    let (Some(only), None) = (parameters.next(), parameters.next()) else { return };
    let is_request = only.get(Role::Type).is_some_and(|t| t.text().ends_with(".Request"));
    let of_websockets = cx.environment().imported().any(|(_, origin)| {
        matches!(origin, Origin::Item(path) if path.trim_end_matches(|c: char| c.is_ascii_digit()).contains("websocket"))
    });
    if cx.language() != Language::Go
        || !is_request
        || !of_websockets
        || !cx.environment().hands_on(function.name())
    {
        return;
    }
    cx.site();
    if always_true(function) {
        report(cx, function);
    }
}

/// `upgrader.CheckOrigin = ...`
fn check_assignment(cx: &mut Check<'_>, assign: Node<'_>) {
    let (Some(target), Some(value)) = (assign.get(Role::Target), assign.get(Role::Value)) else { return };
    let Some(owner) = target.object().and_then(|o| cx.type_of(o)) else { return };
    let path = format!("{owner}.{}", target.name());
    let setting = cx.resolver().vocabulary().value(&path).filter(|m| m.is("websocket-upgrader"));
    let Some(setting) = setting else { return };
    let sets_switch = setting.property("sets") == Some("insecure");
    cx.site();
    if if sets_switch { value.is_boolean(true) } else { always_true(value) } {
        report(cx, value);
    }
}

/// A handler class whose own check accepts everything.
fn check_class(cx: &mut Check<'_>, class: Node<'_>) {
    let vocabulary = cx.resolver().vocabulary();
    let checker = class.all(Role::Base).filter_map(|b| cx.name_of(b)).find_map(|base| {
        let meaning = vocabulary.type_of(&base).filter(|m| m.is("websocket-upgrader"))?;
        meaning.property("check-origin").map(str::to_owned)
    });
    let Some(checker) = checker else { return };
    cx.site();
    let body = class.get(Role::Body);
    let mut methods = body.into_iter().flat_map(|b| b.all(Role::Statement)).filter(|s| s.is(Kind::Function));
    if let Some(method) = methods.find(|m| m.name() == checker && always_true(*m)) {
        report(cx, method);
    }
}

fn report(cx: &mut Check<'_>, at: Node<'_>) {
    let fix = if always_true(at) { fix(cx, at) } else { None };
    let place = if at.is(Kind::Function) { at.name_range() } else { at.range() };
    let finding = cx
        .finding(place, "This WebSocket accepts every origin")
        .why("Any page that a user visits can open the connection with the user's cookies, and speak and listen in the user's name.")
        .help("Compare the origin with the host that was asked, or with a list from the configuration.")
        .maybe_fix(fix);
    cx.report(finding);
}

/// A function that accepts everything, made to accept the own host.
fn fix(cx: &Check<'_>, function: Node<'_>) -> Option<Fix> {
    let fix = Fix::suggested("Accept the own host only");
    let body = function.get(Role::Body)?;
    let accepts = body.descendants().chain([body]).find(|n| n.is_boolean(true))?;
    let parameter =
        |index| function.all(Role::Parameter).nth(index).map(Node::name).filter(|n| !n.is_empty());
    match cx.language() {
        Language::Python if function.is(Kind::Function) && !function.has(Flags::ASYNC) => {
            let (urlparse, import) = cx.import("urllib.parse", "urlparse");
            let (this, origin) = (parameter(0)?, parameter(1)?);
            let text = format!("{urlparse}({origin}).netloc == {this}.request.host");
            Some(fix.replace(accepts, text).import(import))
        }
        Language::Go => {
            let request = parameter(0).filter(|n| *n != "_")?;
            let statement = accepts.statement();
            let text = &function.facts().text[..statement.range().start as usize];
            let line = text.rfind('\n').map_or("", |at| &text[at + 1..]);
            if !line.chars().all(char::is_whitespace) {
                return None;
            }
            let (url, import) = cx.import("net/url", "");
            let text = format!(
                "origin, err := {url}.Parse({request}.Header.Get(\"Origin\"))\n{line}return err == nil && origin.Host == {request}.Host"
            );
            Some(fix.replace(statement, text).import(import))
        }
        Language::Python | Language::Rust => None,
    }
}
