use shipworthy_audit::level::Severity;
use shipworthy_audit::{Check, Finding, Fix, Survey, rule};
use shipworthy_facts::{Kind, Meaning, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::cors;
use crate::names::words;
use crate::program;
use crate::projects::notes_without;
use crate::values::{Given, always_true, behind, holds_text, latest};

rule! {
    /// Every web site may read the answers
    ///
    /// With `*` as allowed origin, a script on any page that a user visits can call the API and read what it answers. With credentials allowed
    /// too, it does so in the user's name. Name the origins that are meant, and take them from the configuration. Where callers may send a key of
    /// their own in a header, which a browser sends for nobody, the finding is of medium severity.
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    /// from fastapi.middleware.cors import CORSMiddleware
    ///
    /// app = FastAPI()
    /// app.add_middleware(
    ///     CORSMiddleware,
    ///     allow_origins=["*"],
    ///                   ^^^^^
    ///     allow_credentials=True,
    /// )
    /// ```
    /// ```python fixed
    /// import os
    /// from fastapi import FastAPI
    /// from fastapi.middleware.cors import CORSMiddleware
    ///
    /// app = FastAPI()
    /// app.add_middleware(
    ///     CORSMiddleware,
    ///     allow_origins=os.environ["CORS_ORIGINS"].split(","),
    ///     allow_credentials=True,
    /// )
    /// ```
    ///
    /// ```python bad
    /// from flask import Flask
    /// from flask_cors import CORS
    ///
    /// app = Flask(__name__)
    /// CORS(app)
    /// ^^^^^^^^^
    /// CORS(app, resources={r"/api/*": {"origins": "*"}})
    ///                                             ^^^
    ///
    /// def answer(response):
    ///     response.headers["Access-Control-Allow-Origin"] = "*"
    ///                                                       ^^^
    ///     return response
    /// ```
    ///
    /// ```python good
    /// import os
    ///
    /// from fastapi import FastAPI
    /// from fastapi.middleware.cors import CORSMiddleware
    ///
    /// app = FastAPI()
    /// app.add_middleware(CORSMiddleware, allow_origins=os.environ["CORS_ORIGINS"].split(","), allow_methods=["*"])
    /// ```
    ///
    /// ```python good
    /// from flask import Flask
    /// from flask_cors import CORS
    ///
    /// ORIGINS = ["https://app.example.com"]
    ///
    /// def configure(app, origin, response):
    ///     CORS(app, origins=ORIGINS)
    ///     response.headers["Access-Control-Allow-Origin"] = origin
    ///     response.headers["Access-Control-Allow-Methods"] = "*"
    ///     return response.headers.get("Access-Control-Allow-Origin") == "*"
    ///
    /// class CORSStaticFiles(StaticFiles):
    ///     async def get_response(self, path, scope):
    ///         response = await super().get_response(path, scope)
    ///         response.headers["Access-Control-Allow-Origin"] = "*"
    ///         return response
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"os"
    /// 	"strings"
    ///
    /// 	"github.com/rs/cors"
    /// )
    ///
    /// func middleware() *cors.Cors {
    /// 	return cors.New(cors.Options{
    /// 		AllowedOrigins:   []string{"*"},
    /// 		                  ^^^^^^^^^^^^^
    /// 		AllowCredentials: true,
    /// 	})
    /// }
    /// ```
    /// ```go fixed
    /// package api
    ///
    /// import (
    /// 	"os"
    /// 	"strings"
    ///
    /// 	"github.com/rs/cors"
    /// )
    ///
    /// func middleware() *cors.Cors {
    /// 	return cors.New(cors.Options{
    /// 		AllowedOrigins:   strings.Split(os.Getenv("CORS_ORIGINS"), ","),
    /// 		AllowCredentials: true,
    /// 	})
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"github.com/gin-contrib/cors"
    /// )
    ///
    /// func answer(w http.ResponseWriter) {
    /// 	w.Header().Set("Access-Control-Allow-Origin", "*")
    /// 	                                              ^^^
    /// 	use(cors.Default())
    /// 	    ^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"github.com/rs/cors"
    /// )
    ///
    /// func middleware(settings Settings) *cors.Cors {
    /// 	return cors.New(cors.Options{AllowedOrigins: settings.Origins, AllowedHeaders: []string{"*"}})
    /// }
    ///
    /// func answer(w http.ResponseWriter, r *http.Request) {
    /// 	w.Header().Set("Access-Control-Allow-Headers", "*")
    /// 	if w.Header().Get("Access-Control-Allow-Origin") == "" {
    /// 		w.Header().Set("Vary", "Origin")
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import "github.com/gin-contrib/cors"
    ///
    /// func configuration(origins []string) cors.Config {
    /// 	configuration := cors.DefaultConfig()
    /// 	configuration.AllowOrigins = origins
    /// 	configuration.AllowAllOrigins = false
    /// 	return configuration
    /// }
    /// ```
    ///
    /// Preflights, what comes with a key of its own (a browser sends none by itself) and what a service tells everybody about itself.
    ///
    /// ```go good
    /// package api
    ///
    /// import "net/http"
    ///
    /// func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
    /// 	if r.Method == "OPTIONS" {
    /// 		w.Header().Set("Access-Control-Allow-Origin", "*")
    /// 		return
    /// 	}
    /// 	if s.keys.IsValidAPIKey(r.Header.Get("X-API-Key")) {
    /// 		w.Header().Set("Access-Control-Allow-Origin", "*")
    /// 	}
    /// 	s.next.ServeHTTP(w, r)
    /// }
    ///
    /// func getStatus(w http.ResponseWriter, r *http.Request) {
    /// 	w.Header().Set("Access-Control-Allow-Origin", "*")
    /// 	w.Write([]byte("ok"))
    /// }
    /// ```
    ///
    /// A helper that is given the headers: whoever calls it decides. An answer that tells nothing but a mistake.
    ///
    /// ```python good
    /// from fastapi import status
    /// from fastapi.responses import JSONResponse
    ///
    /// def add_cors_headers(headers):
    ///     headers["Access-Control-Allow-Origin"] = "*"
    ///
    /// def refuse():
    ///     return JSONResponse(
    ///         {"detail": "Invalid token"},
    ///         status_code=status.HTTP_403_FORBIDDEN,
    ///         headers={"Access-Control-Allow-Origin": "*"},
    ///     )
    /// ```
    ///
    /// Flask-CORS takes the origins that a call does not name from the application's settings.
    ///
    /// ```python good file=alerts/settings.py
    /// CORS_ORIGINS = ["https://app.example.com"]
    /// CORS_SUPPORTS_CREDENTIALS = True
    /// ```
    /// ```python good file=alerts/views.py
    /// from flask import Blueprint, jsonify
    /// from flask_cors import cross_origin
    ///
    /// api = Blueprint("api", __name__)
    ///
    /// @api.route("/alerts")
    /// @cross_origin(supports_credentials=True)
    /// def alerts():
    ///     return jsonify(alerts=[])
    /// ```
    ///
    /// What other sites are to show, an answer that leads elsewhere, a switch for developers.
    ///
    /// ```python good
    /// from django.http import JsonResponse
    /// from django.shortcuts import redirect
    ///
    /// if DEBUG:
    ///     CORS_ALLOW_ALL_ORIGINS = True
    ///
    /// def widget_data(request):
    ///     response = JsonResponse(schedule(request))
    ///     response["Access-Control-Allow-Origin"] = "*"
    ///     return response
    ///
    /// def moved(request):
    ///     response = redirect(request.event.domain)
    ///     response["Access-Control-Allow-Origin"] = "*"
    ///     return response
    /// ```
    ///
    /// Whose origins are told where it is made.
    ///
    /// ```python good
    /// class Cors:
    ///     def __init__(self, app, allow_origins, allow_credentials):
    ///         self.app = app
    ///         self.allow_all_origins = "*" in allow_origins
    ///         headers = {}
    ///         if self.allow_all_origins:
    ///             headers["Access-Control-Allow-Origin"] = "*"
    ///         if allow_credentials:
    ///             headers["Access-Control-Allow-Credentials"] = "true"
    ///         self.headers = headers
    /// ```
    ///
    /// ```rust bad
    /// use tower_http::cors::{Any, CorsLayer};
    ///
    /// fn layer() -> CorsLayer {
    ///     CorsLayer::new().allow_origin(Any).allow_methods(Any)
    ///                                   ^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_cors::Cors;
    ///
    /// fn cors() -> Cors {
    ///     Cors::default().allow_any_origin().supports_credentials()
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use tower_http::cors::{Any, CorsLayer};
    ///
    /// fn layer(origin: HeaderValue) -> CorsLayer {
    ///     CorsLayer::new().allow_origin(origin).allow_methods(Any).allow_headers(Any)
    /// }
    /// ```
    ///
    /// ```rust good
    /// use actix_cors::Cors;
    ///
    /// fn cors(settings: &Settings) -> Cors {
    ///     if settings.origins.contains("*") {
    ///         return Cors::default().allow_any_origin();
    ///     }
    ///     Cors::default().allowed_origin(&settings.origin).allow_any_method().allow_any_header()
    /// }
    /// ```
    ///
    /// An answer that refuses gives nothing away, and what is not for production is for developers:
    ///
    /// ```python good
    /// from fastapi import FastAPI, Request
    /// from fastapi.responses import JSONResponse
    ///
    /// from shop.settings import SETTINGS
    ///
    /// api = FastAPI()
    ///
    /// @api.middleware("http")
    /// async def catch_exceptions(request: Request, call_next):
    ///     cors_headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"}
    ///     try:
    ///         return await call_next(request)
    ///     except ValueError:
    ///         return JSONResponse(status_code=400, content={"detail": "no"}, headers=cors_headers)
    ///
    /// def headers(response):
    ///     if SETTINGS == "shop.config.ProductionConfig":
    ///         response.headers["X-Frame-Options"] = "DENY"
    ///     else:
    ///         response.headers["Access-Control-Allow-Origin"] = "*"
    ///         response.headers["Access-Control-Allow-Credentials"] = "true"
    ///     return response
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import "net/http"
    ///
    /// func stats(w http.ResponseWriter, r *http.Request) {
    /// 	user, password, ok := r.BasicAuth()
    /// 	if !ok || !isKnown(user, password) {
    /// 		http.Error(w, "Not authorized", http.StatusUnauthorized)
    /// 		return
    /// 	}
    /// 	w.Header().Set("Access-Control-Allow-Origin", "*")
    /// 	w.Write(current())
    /// }
    /// ```
    ///
    /// A closure that is called where the settings ask for any origin:
    ///
    /// ```rust good
    /// use tower_http::cors::{AllowOrigin, CorsLayer};
    ///
    /// fn cors(settings: &Settings) -> CorsLayer {
    ///     let layer = CorsLayer::new();
    ///     let layer = settings.allow_origins().apply_any(|layer| layer.allow_origin(AllowOrigin::any()), layer);
    ///     settings.allow_origins().apply_mirror(|layer| layer.allow_origin(AllowOrigin::mirror_request()), layer)
    /// }
    /// ```
    name: "cors-wildcard",
    category: Security,
    severity: High,
    scope: Both,
    fix: { Python: Suggested, Go: Suggested },
    on: [Role("cors"), Role("adds-middleware"), Fact(Kind::Assign), Fact(Kind::String)],
    check: check,
    workspace: judge,
}

/// Notes of calls that allow every origin where no setting names some; with credentials or without.
const OPEN: &str = "open";
/// Notes of settings that name origins.
const NAMED: &str = "named";

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match node.kind() {
        Kind::Assign => check_setting(cx, node),
        Kind::String => {
            note_setting(cx, node);
            check_header(cx, node);
        }
        _ => check_call(cx, node),
    }
}

/// `app.config["CORS_ORIGINS"] = origins`, `{"CORS_ORIGINS": origins}`
fn note_setting(cx: &mut Check<'_>, key: Node<'_>) {
    let Some(parent) = key.parent() else { return };
    let value = match (parent.kind(), key.role()) {
        (Kind::Entry, Role::Key) => parent.get(Role::Value),
        (Kind::Index, Role::Index) => {
            let assign = parent.parent().filter(|a| a.is(Kind::Assign) && parent.role() == Role::Target);
            assign.and_then(|a| a.get(Role::Value))
        }
        _ => None,
    };
    if let Some((value, name)) = value.zip(key.string()) {
        note_origins(cx, &name, value);
    }
}

/// Notes that a setting names origins, if it is one of those that do.
fn note_origins(cx: &mut Check<'_>, name: &str, value: Node<'_>) {
    let is_one = cx.resolver().vocabulary().value(name).is_some_and(|m| m.is("cors-origins"));
    if is_one && !holds_text(cx, value, "*") {
        cx.note(value, NAMED, name);
    }
}

/// Calls that name no origins, in projects whose settings name none.
fn judge(survey: &mut Survey<'_>) {
    for (number, note) in notes_without(survey, OPEN, NAMED) {
        let credentials = !note.detail.is_empty();
        let finding = worded(survey.finding(note.range, message(credentials)), credentials);
        survey.report(number, finding);
    }
}

fn check_call(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cors::configured(cx, call) else { return };
    cx.site();
    let argument = |name: &str| meaning.argument(name).and_then(|a| a.of(call));
    let at = if meaning.property("always").is_some() { Some(call) } else { any_origin(cx, call, &meaning) };
    let Some(at) = at.filter(|at| !is_asked_for(*at)) else { return };
    let credentials = meaning.property("credentials").is_some()
        || argument("credentials").is_some_and(|c| behind(cx, c).is_boolean(true))
        || is_chained_with_credentials(call);
    // The settings may name origins where the call does not.
    if at == call && meaning.property("default-origins").is_some() {
        return cx.note(call, OPEN, if credentials { "credentials" } else { "" });
    }
    let is_list = argument("origins") == Some(at) && at != call;
    let fix = if is_list { fix(cx, at) } else { None };
    report(cx, at, credentials, fix);
}

/// Whether a branch is the one that is not for production: the `else` of `if settings == "shop.Production"`.
fn is_beside_production(branch: Node<'_>, role: Role) -> bool {
    let asks = |n: Node<'_>| {
        let said = n.string();
        let words = words(said.as_deref().unwrap_or(n.name()));
        words.iter().any(|w| matches!(&**w, "prod" | "production"))
    };
    let Some(condition) = branch.get(Role::Condition) else { return false };
    let differs = condition.operator() == Operator::Ne || condition.operator() == Operator::Not;
    role == (if differs { Role::Body } else { Role::Else })
        && condition.descendants().chain([condition]).any(asks)
}

/// Whether a branch around a fact is taken because a setting asks for every origin: `if origins.contains("*")`; or a closure is called for that,
/// `origins.apply_any(|layer| layer.allow_origin(Any))`.
fn is_asked_for(node: Node<'_>) -> bool {
    const ASKED: [&str; 7] = ["cors", "wildcard", "dev", "development", "debug", "public", "exempt"];
    let mut inner = node;
    node.ancestors().any(|outer| {
        let asks = outer.is(Kind::If)
            && inner.role() != Role::Condition
            && outer.get(Role::Condition).is_some_and(|c| {
                c.descendants().any(|n| n.string().is_some_and(|s| s == "*"))
                    || c.descendants().chain([c]).any(|n| {
                        let words = words(n.name());
                        words.iter().any(|w| ASKED.contains(&&**w)) || says_any_origin(&words)
                    })
            });
        let beside = outer.is(Kind::If) && is_beside_production(outer, inner.role());
        let names = std::iter::successors(outer.callee(), |c| c.object().map(|o| o.callee().unwrap_or(o)));
        let is_called = outer.is(Kind::Call)
            && inner.is(Kind::Lambda)
            && says_any_origin(&names.flat_map(|c| words(c.name())).collect::<Vec<_>>());
        inner = outer;
        asks || beside || is_called
    })
}

/// Whether a switch says that origins are told elsewhere, all of them or each: `self.allow_all_origins`, `explicit_origin`.
fn says_any_origin(words: &[String]) -> bool {
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&&**w));
    has(&["origin", "origins"]) && has(&["all", "any", "every", "explicit", "mirror"])
}

/// Whether the code around a fact serves what anybody may have: files, and what a service tells about itself.
fn serves_everybody(node: Node<'_>) -> bool {
    node.ancestors().filter(|a| matches!(a.kind(), Kind::Function | Kind::Class)).any(|a| {
        words(a.name()).iter().any(|w| {
            matches!(
                &**w,
                "static"
                    | "asset"
                    | "assets"
                    | "font"
                    | "fonts"
                    | "status"
                    | "health"
                    | "version"
                    | "ping"
                    | "widget"
                    | "embed"
                    | "oembed"
            )
        })
    })
}

/// Whether a header is sent only where a page of another origin gains nothing: in the answer to a preflight, with a key of the caller's own,
/// beside a status that refuses.
fn gives_nothing_away(cx: &Check<'_>, literal: Node<'_>) -> bool {
    let mut inner = literal;
    literal.ancestors().any(|outer| {
        let kept = match outer.kind() {
            Kind::If if inner.role() == Role::Body => outer.get(Role::Condition).is_some_and(|c| {
                c.descendants().chain([c]).any(|n| {
                    n.string().is_some_and(|s| s == "OPTIONS")
                        || n.name() == "MethodOptions"
                        || n.is(Kind::Call)
                            && n.callee().is_some_and(|c| {
                                words(c.name())
                                    .iter()
                                    .any(|w| matches!(&**w, "key" | "token" | "authenticated"))
                            })
                })
            }),
            Kind::Call => refuses(outer),
            Kind::Assign => is_for_refusals(outer),
            _ => false,
        };
        inner = outer;
        kept
    }) || is_callers_choice(cx, literal)
        || is_redirect(cx, literal)
}

/// Whether a call makes an answer that refuses, by its status.
fn refuses(answer: Node<'_>) -> bool {
    answer.keyword("status_code").or_else(|| answer.keyword("status")).is_some_and(|s| {
        let code = s.text().rsplit(['.', '_']).find(|part| part.parse::<u16>().is_ok());
        let code = code.or_else(|| s.name().split('_').find(|part| part.parse::<u16>().is_ok()));
        code.and_then(|c| c.parse::<u16>().ok()).is_some_and(|c| c >= 400)
    })
}

/// Whether headers under a name of their own are those of answers that refuse, and of no others.
fn is_for_refusals(assign: Node<'_>) -> bool {
    let name = assign.get(Role::Target).filter(|t| t.is(Kind::Name)).map(Node::name);
    let Some((name, function)) = name.zip(assign.function()) else { return false };
    let mut uses =
        function.descendants().filter(|n| n.is(Kind::Name) && n.name() == name && !n.is_in(assign));
    let of_refusal = |n: Node<'_>| n.label() == "headers" && n.parent().is_some_and(refuses);
    uses.next().is_some_and(of_refusal) && uses.all(of_refusal)
}

/// Whether the answer that a header is set on only sends the browser elsewhere: `response = redirect(url)`.
fn is_redirect(cx: &Check<'_>, literal: Node<'_>) -> bool {
    let answer = literal.parent().filter(|p| p.is(Kind::Index)).and_then(Node::object);
    let latest = answer.filter(|a| a.is(Kind::Name)).and_then(|a| latest(cx, a));
    let Some(Given::Value(made)) = latest else { return false };
    made.callee().is_some_and(|c| words(c.name()).iter().any(|w| w == "redirect"))
}

/// Whether a function is called for this header and is given the headers: `add_cors_headers(headers)`.
fn is_callers_choice(cx: &Check<'_>, literal: Node<'_>) -> bool {
    let Some(function) = cx.named_function(literal) else { return false };
    let object = literal.parent().filter(|p| p.is(Kind::Index)).and_then(Node::object);
    words(function.name()).iter().any(|w| w == "cors")
        && object
            .is_some_and(|o| o.is(Kind::Name) && function.all(Role::Parameter).any(|p| p.name() == o.name()))
}

/// The part of a configuration that allows every origin.
fn any_origin<'a>(cx: &Check<'_>, call: Node<'a>, meaning: &Meaning) -> Option<Node<'a>> {
    let argument = |name: &str| meaning.argument(name).and_then(|a| a.of(call));
    if let Some(any) = argument("any").filter(|a| a.is_boolean(true)) {
        return Some(any);
    }
    if let Some(function) = argument("origin-function").filter(|f| always_true(*f)) {
        return Some(function);
    }
    let wildcard = meaning.property("any-origin").unwrap_or("*");
    if let Some(origins) = argument("origins") {
        let names_it = cx.name_of(origins).is_some_and(|path| path == wildcard);
        return (names_it || holds_text(cx, origins, wildcard)).then_some(origins);
    }
    if let Some(pattern) = argument("origin-pattern").filter(|p| holds_text(cx, *p, ".*")) {
        return Some(pattern);
    }
    if let Some(resources) = argument("resources") {
        let mut entries = resources.descendants().filter(|n| n.is(Kind::Entry));
        return entries.find_map(|e| {
            let key = e.get(Role::Key)?.string()?;
            e.get(Role::Value).filter(|v| key == "origins" && holds_text(cx, *v, wildcard))
        });
    }
    (meaning.property("default-origins").is_some() && !call.has_spread()).then_some(call)
}

/// `CORS_ALLOW_ALL_ORIGINS = True`, `config.AllowAllOrigins = true`
fn check_setting(cx: &mut Check<'_>, assign: Node<'_>) {
    let (Some(target), Some(value)) = (assign.get(Role::Target), assign.get(Role::Value)) else { return };
    let vocabulary = cx.resolver().vocabulary();
    let name = match target.object() {
        Some(object) => cx.type_of(object).map(|owner| format!("{owner}.{}", target.name())),
        None if cx.named_function(assign).is_none() => Some(target.name().to_owned()),
        None => None,
    };
    if let Some(name) = &name {
        note_origins(cx, name, value);
    }
    let Some(setting) = name.and_then(|n| vocabulary.value(&n)).filter(|m| m.is("cors")) else { return };
    let Some(wildcard) = setting.property("any-origin").map(str::to_owned) else { return };
    cx.site();
    if program::is_for_developers(cx) || is_asked_for(value) {
        return;
    }
    let is_any =
        if value.is(Kind::Boolean) { value.text() == wildcard } else { holds_text(cx, value, &wildcard) };
    if is_any {
        let fix = if value.is(Kind::Boolean) { None } else { fix(cx, value) };
        report(cx, value, false, fix);
    }
}

/// `headers["Access-Control-Allow-Origin"] = "*"` in its many forms.
fn check_header(cx: &mut Check<'_>, literal: Node<'_>) {
    let Some(value) = header_value(literal, "access-control-allow-origin") else { return };
    cx.site();
    if behind(cx, value).string().is_none_or(|v| v != "*") || is_asked_for(value) {
        return;
    }
    if serves_everybody(value) || gives_nothing_away(cx, literal) {
        return;
    }
    let around = literal.function().unwrap_or_else(|| literal.facts().root());
    let beside = |name: &str, texts: &[&str]| {
        around.descendants().filter_map(|n| header_value(n, name)).any(|v| {
            let value = v.text().to_ascii_lowercase();
            texts.iter().any(|text| value.contains(text))
        })
    };
    let credentials = beside("access-control-allow-credentials", &["true"]);
    if !credentials && refuses_before(literal) {
        return;
    }
    // Callers may bring a key of their own, which no other page has.
    const KEYS: [&str; 4] = ["authorization", "-token", "api-key", "apikey"];
    let keyed = !credentials && beside("access-control-allow-headers", &KEYS);
    let finding = worded(cx.finding(value, message(credentials)), credentials);
    cx.report(if keyed { finding.severity(Severity::Medium) } else { finding });
}

/// Whether the function has sent everybody away before who does not prove who they are: a browser proves nothing to the wildcard.
fn refuses_before(literal: Node<'_>) -> bool {
    let refuses = |n: Node<'_>| n.name() == "StatusUnauthorized" || n.is(Kind::Number) && n.text() == "401";
    let guards = |n: Node<'_>| {
        n.is(Kind::If)
            && !literal.is_in(n)
            && n.parent().is_some_and(|block| literal.is_in(block))
            && n.get(Role::Body).is_some_and(|body| {
                body.descendants_here().any(refuses) && body.all(Role::Statement).any(|s| s.is(Kind::Return))
            })
    };
    let function = literal.function().into_iter();
    function.flat_map(Node::descendants_here).take_while(|n| n.index() < literal.index()).any(guards)
}

/// What a header is set to, where a string is its name.
fn header_value<'a>(literal: Node<'a>, name: &str) -> Option<Node<'a>> {
    if !literal.string().is_some_and(|text| text.eq_ignore_ascii_case(name)) {
        return None;
    }
    let parent = literal.parent()?;
    match (parent.kind(), literal.role()) {
        (Kind::Entry, Role::Key) => parent.get(Role::Value),
        (Kind::Index, Role::Index) => {
            parent.parent().filter(|a| a.is(Kind::Assign) && parent.role() == Role::Target)?.get(Role::Value)
        }
        (Kind::Call, Role::Argument) | (Kind::Tuple, Role::Element) => {
            parent.children().skip_while(|c| *c != literal).nth(1)
        }
        _ => None,
    }
}

/// Rust: whether the calls around one in a builder's chain, or before it, allow credentials.
fn is_chained_with_credentials(call: Node<'_>) -> bool {
    let allows = |n: Node<'_>| {
        n.callee().is_some_and(|c| matches!(c.name(), "allow_credentials" | "supports_credentials"))
            && n.arguments().next().is_none_or(|a| a.is_boolean(true))
    };
    let outside = call.ancestors().take_while(|a| matches!(a.kind(), Kind::Attribute | Kind::Call));
    outside.chain(call.descendants()).any(|n| n.is(Kind::Call) && allows(n))
}

fn fix(cx: &Check<'_>, origins: Node<'_>) -> Option<Fix> {
    let fix = Fix::suggested("Take the origins from the environment");
    match cx.language() {
        Language::Python if origins.is(Kind::List) => {
            let (os, import) = cx.import("os", "");
            Some(fix.replace(origins, format!("{os}.environ[\"CORS_ORIGINS\"].split(\",\")")).import(import))
        }
        Language::Go => {
            let (os, os_import) = cx.import("os", "");
            let (strings, strings_import) = cx.import("strings", "");
            let text = format!("{strings}.Split({os}.Getenv(\"CORS_ORIGINS\"), \",\")");
            Some(fix.replace(origins, text).import(os_import).import(strings_import))
        }
        Language::Python | Language::Rust => None,
    }
}

fn report(cx: &mut Check<'_>, at: Node<'_>, credentials: bool, fix: Option<Fix>) {
    let finding = worded(cx.finding(at, message(credentials)), credentials);
    cx.report(finding.maybe_fix(fix));
}

fn message(credentials: bool) -> &'static str {
    if credentials { "CORS allows every origin, with credentials" } else { "CORS allows every origin" }
}

fn worded(finding: Finding, credentials: bool) -> Finding {
    finding
        .why(match credentials {
            true => "A script on any page that a user visits can call this API in the user's name and read the answers.",
            false => "A script on any page that a user visits can call this API and read the answers.",
        })
        .help("Name the origins that are meant, from the configuration.")
        .severity(if credentials { Severity::Blocking } else { Severity::High })
}
