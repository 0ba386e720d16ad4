use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Flags, Kind, Meaning, Node, Origin, Role};
use shipworthy_syntax::Language;

use crate::limits;
use crate::names::{called, words};
use crate::request;

rule! {
    /// A request's body is read without a limit on its size
    ///
    /// The sender of a request decides how long its body is. A service that reads it whole, or decodes it, without a limit can be filled up with one
    /// slow request and any number of gigabytes.
    ///
    /// Bound the body where it is read (`http.MaxBytesReader`), or for the whole application: `MAX_CONTENT_LENGTH` of Flask, a middleware that
    /// refuses long bodies, a body limit layer. Where the limit is the application's, the application is reported, once.
    ///
    /// ```python bad
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    ///       ^^^^^^^^^^^^^^^
    ///
    /// @app.post("/orders")
    /// def create():
    ///     return save(request.get_json())
    /// ```
    /// ```python fixed
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    /// app.config["MAX_CONTENT_LENGTH"] = 16 * 1024 * 1024
    ///
    /// @app.post("/orders")
    /// def create():
    ///     return save(request.get_json())
    /// ```
    ///
    /// ```python bad
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    ///       ^^^^^^^^^^^^^^^
    ///
    /// @app.route("/orders", methods=["POST"])
    /// def create():
    ///     return save(request.json)
    /// ```
    ///
    /// ```python bad
    /// from flask import Flask
    ///
    /// from shop import db, orders
    ///
    /// def create_app():
    ///     app = Flask(__name__)
    ///           ^^^^^^^^^^^^^^^
    ///     db.init_app(app)
    ///     app.register_blueprint(orders.blueprint)
    ///     return app
    /// ```
    ///
    /// ```python good
    /// from flask import Flask
    ///
    /// from shop import orders, setup
    ///
    /// def create_app():
    ///     app = Flask(__name__)
    ///     app.config.from_object("shop.settings")
    ///     app.register_blueprint(orders.blueprint)
    ///     return app
    ///
    /// def create_admin():
    ///     app = Flask("admin")
    ///     setup(app)
    ///     app.register_blueprint(orders.admin)
    ///     return app
    /// ```
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    /// from pydantic import BaseModel
    ///
    /// app = FastAPI(title="Shop")
    ///       ^^^^^^^^^^^^^^^^^^^^^
    ///
    /// class Order(BaseModel):
    ///     customer: str
    ///
    /// @app.post("/orders")
    /// async def create(order: Order):
    ///     await save(order)
    /// ```
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    ///
    /// from shop import orders
    ///
    /// def create_app():
    ///     app = FastAPI()
    ///           ^^^^^^^^^
    ///     app.include_router(orders.router)
    ///     return app
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    ///
    /// from shop import orders, middleware
    ///
    /// def create_app():
    ///     app = FastAPI()
    ///     app.include_router(orders.router)
    ///     middleware.install(app)
    ///     return app
    /// ```
    ///
    /// ```python good
    /// from fastapi import APIRouter, FastAPI
    ///
    /// def health_server(is_healthy):
    ///     app = FastAPI()
    ///     router = APIRouter()
    ///     router.add_api_route("/health", is_healthy, methods=["GET"])
    ///     app.include_router(router)
    ///     return app
    /// ```
    ///
    /// ```python good
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    /// app.config.from_object("shop.settings")
    ///
    /// @app.post("/orders")
    /// def create():
    ///     return save(request.get_json())
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    ///
    /// from shop.middleware import LimitBodySize
    ///
    /// app = FastAPI()
    /// app.add_middleware(LimitBodySize, max_bytes=1_000_000)
    ///
    /// @app.post("/orders")
    /// async def create(order: Order):
    ///     await save(order)
    /// ```
    ///
    /// ```python good
    /// from aiohttp import web
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    /// server = web.Application()
    ///
    /// @app.get("/orders")
    /// async def orders(page: int):
    ///     return await load(page)
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"io"
    /// 	"net/http"
    /// )
    ///
    /// const requestIDLimit = 64
    ///
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	var order Order
    /// 	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
    /// 	          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		http.Error(w, "bad request", http.StatusBadRequest)
    /// 	}
    /// }
    ///
    /// func hook(w http.ResponseWriter, r *http.Request) {
    /// 	body, err := io.ReadAll(r.Body)
    /// 	             ^^^^^^^^^^^^^^^^^^
    /// 	handle(body, err)
    /// }
    /// ```
    /// ```go fixed
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"io"
    /// 	"net/http"
    /// )
    ///
    /// const requestIDLimit = 64
    ///
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	var order Order
    /// 	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
    /// 	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
    /// 		http.Error(w, "bad request", http.StatusBadRequest)
    /// 	}
    /// }
    ///
    /// func hook(w http.ResponseWriter, r *http.Request) {
    /// 	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
    /// 	body, err := io.ReadAll(r.Body)
    /// 	handle(body, err)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"io"
    ///
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// func routes() *gin.Engine {
    /// 	router := gin.Default()
    /// 	          ^^^^^^^^^^^^^
    /// 	router.POST("/orders", create)
    /// 	router.POST("/hook", func(c *gin.Context) {
    /// 		body, err := io.ReadAll(c.Request.Body)
    /// 		             ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		handle(body, err)
    /// 	})
    /// 	return router
    /// }
    ///
    /// func create(c *gin.Context) {
    /// 	var order Order
    /// 	if err := c.ShouldBindJSON(&order); err != nil {
    /// 		c.Status(400)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"io"
    /// 	"net/http"
    /// )
    ///
    /// func limit(next http.Handler) http.Handler {
    /// 	return http.MaxBytesHandler(next, 1<<20)
    /// }
    ///
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	var order Order
    /// 	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
    /// 		http.Error(w, "bad request", http.StatusBadRequest)
    /// 	}
    /// 	io.ReadAll(r.Body)
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"io"
    /// 	"net/http"
    /// )
    ///
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
    /// 	handle(body, err)
    /// }
    ///
    /// func (t *signing) RoundTrip(req *http.Request) (*http.Response, error) {
    /// 	body, err := io.ReadAll(req.Body)
    /// 	sign(body, err)
    /// 	response, err := t.next.RoundTrip(req)
    /// 	json.NewDecoder(response.Body).Decode(&t.last)
    /// 	return response, err
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::Router;
    /// use axum::extract::DefaultBodyLimit;
    /// use axum::routing::post;
    ///
    /// fn routes() -> Router {
    ///     Router::new().route("/files", post(upload)).layer(DefaultBodyLimit::disable())
    ///                                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// use axum::Router;
    /// use axum::extract::DefaultBodyLimit;
    /// use axum::routing::post;
    ///
    /// fn routes() -> Router {
    ///     Router::new().route("/files", post(upload)).layer(DefaultBodyLimit::max(16 * 1024 * 1024))
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::body::to_bytes;
    /// use axum::extract::Request;
    ///
    /// async fn hook(request: Request) -> Result<(), Error> {
    ///     let body = to_bytes(request.into_body(), usize::MAX).await?;
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     handle(body).await
    /// }
    /// ```
    /// ```rust fixed
    /// use axum::body::to_bytes;
    /// use axum::extract::Request;
    ///
    /// async fn hook(request: Request) -> Result<(), Error> {
    ///     let body = to_bytes(request.into_body(), 16 * 1024 * 1024).await?;
    ///     handle(body).await
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::{Json, Router};
    /// use axum::extract::DefaultBodyLimit;
    /// use axum::routing::post;
    /// use tower_http::limit::RequestBodyLimitLayer;
    ///
    /// async fn create(Json(order): Json<Order>) {
    ///     save(order).await
    /// }
    ///
    /// fn routes() -> Router {
    ///     Router::new()
    ///         .route("/orders", post(create))
    ///         .layer(DefaultBodyLimit::disable())
    ///         .layer(RequestBodyLimitLayer::new(1 << 30))
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::body::to_bytes;
    /// use axum::extract::Request;
    /// use axum::response::Response;
    ///
    /// async fn hook(request: Request) -> Result<(), Error> {
    ///     let body = to_bytes(request.into_body(), 1 << 20).await?;
    ///     handle(body).await
    /// }
    ///
    /// async fn text(response: Response) -> Result<String, Error> {
    ///     let body = to_bytes(response.into_body(), usize::MAX).await?;
    ///     Ok(String::from_utf8(body.to_vec())?)
    /// }
    /// ```
    ///
    /// A handler that bounds what it reads itself says nothing of the others.
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"net/http"
    /// )
    ///
    /// func login(w http.ResponseWriter, r *http.Request) {
    /// 	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
    /// 	var in Credentials
    /// 	json.NewDecoder(r.Body).Decode(&in)
    /// }
    ///
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	var in Order
    /// 	json.NewDecoder(r.Body).Decode(&in)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"net/http"
    /// )
    ///
    /// func bounded(next http.Handler) http.Handler {
    /// 	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
    /// 		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
    /// 		next.ServeHTTP(w, r)
    /// 	})
    /// }
    ///
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	var in Order
    /// 	json.NewDecoder(r.Body).Decode(&in)
    /// }
    /// ```
    ///
    /// Wherever its handlers are, an application that is posted to reads bodies.
    ///
    /// ```go bad file=main.go
    /// package main
    ///
    /// import "github.com/gin-gonic/gin"
    ///
    /// func main() {
    /// 	r := gin.New()
    /// 	     ^^^^^^^^^
    /// 	r.POST("/orders", orders.Create)
    /// 	r.Run()
    /// }
    /// ```
    ///
    /// ```go good file=main.go
    /// package main
    ///
    /// import (
    /// 	"github.com/gin-contrib/size"
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// func main() {
    /// 	r := gin.New()
    /// 	r.Use(limits.RequestSizeLimiter(1 << 20))
    /// 	r.POST("/orders", orders.Create)
    /// 	r.Run()
    /// }
    ///
    /// func reader() *gin.Engine {
    /// 	r := gin.New()
    /// 	r.GET("/orders", orders.List)
    /// 	return r
    /// }
    /// ```
    ///
    /// ```go bad
    /// package cipher
    ///
    /// import (
    /// 	"io"
    /// 	"net/http"
    /// )
    ///
    /// func decrypt(w http.ResponseWriter, r *http.Request) {
    /// 	nonce := make([]byte, 12)
    /// 	if _, err := io.ReadFull(r.Body, nonce); err != nil {
    /// 		http.Error(w, "no nonce", http.StatusBadRequest)
    /// 		return
    /// 	}
    /// 	text, err := io.ReadAll(r.Body)
    /// 	             ^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		http.Error(w, "no text", http.StatusBadRequest)
    /// 		return
    /// 	}
    /// 	answer(w, nonce, text)
    /// }
    /// ```
    name: "unbounded-request-body",
    category: Security,
    severity: High,
    scope: Both,
    fix: { Python: Suggested, Go: Safe, Rust: Suggested },
    on: [Role("reads-all"), Role("decode"), Role("application"), Role("limits-body"), Role("request-body")],
    check: check,
}

const WHY: &str = "One request of any length fills the memory of the service.";

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let call = cx.facts().node(call.index());
    let Some(meaning) = cx.meaning(call).filter(|_| call.is(Kind::Call)).cloned() else { return };
    if meaning.is("application") {
        let bounds =
            meaning.property("default-body-limit").is_some() || meaning.argument("body-limit").is_some();
        if !bounds {
            return;
        }
        return application(cx, call, &meaning);
    }
    match cx.language() {
        Language::Go => go_read(cx, call),
        Language::Rust => rust(cx, call, &meaning),
        Language::Python if meaning.is("request-body") => cx.site(),
        Language::Python => {}
    }
}

/// Whether anything in the file bounds bodies for all of it.
fn is_bounded(cx: &Check<'_>) -> bool {
    let limits = |name: &str| {
        let words = words(name);
        let has = |any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
        // `requestIdLimit`, `maxRequestHeaders`, `requestRateLimit`: of something else of a request.
        let other = has(&["id", "ids", "header", "headers", "rate", "concurrent"]) && !has(&["body", "size"]);
        has(&["limit", "max"]) && has(&["body", "size", "upload", "content", "request", "payload"]) && !other
    };
    cx.environment().is_covered("limits-body") || cx.environment().names().any(|(name, _)| limits(name))
}

// Applications.

fn application(cx: &mut Check<'_>, call: Node<'_>, meaning: &Meaning) {
    cx.site();
    let given = meaning.argument("body-limit").and_then(|a| a.of(call));
    let unlimited = match given {
        Some(limit) => limit.number() == Some(0.0),
        None => meaning.property("default-body-limit") == Some("none"),
    };
    if !unlimited || is_bounded(cx) {
        return;
    }
    let readers = readers(cx, call);
    let elsewhere = cx.language() == Language::Python
        && cx.environment().is_covered("mounts-router")
        && !mounts_readers(cx, call);
    let decodes =
        cx.language() == Language::Go && (cx.environment().is_covered("decode") || takes_bodies(cx, call));
    if readers.is_empty() && !decodes && (!elsewhere || is_handed_on(cx, call)) {
        return;
    }
    let callee = called(call);
    // What a command starts serves who started it.
    let own = cx.path().split('/').any(|folder| folder == "cli");
    let mut finding = cx
        .finding(call, format!("`{callee}` has no limit on the size of request bodies"))
        .why(WHY)
        .help("Bound the body: a setting of the application, or a middleware that refuses what is longer.")
        .confidence(if own { Confidence::Low } else { Confidence::Medium })
        .maybe_fix(flask_setting(cx, call));
    for reader in readers {
        finding = finding.related_function(reader, "reads a body");
    }
    cx.report(finding);
}

/// Python: whether all that an application mounts are routers of its own function, whose routes take no body: a page that tells how it is.
fn mounts_readers(cx: &Check<'_>, call: Node<'_>) -> bool {
    let Some(function) = call.function() else { return false };
    let calls = || function.descendants().filter(|n| n.is(Kind::Call));
    let says = |n: &Node<'_>, role: &str| cx.meaning(*n).is_some_and(|m| m.is(role));
    let reads = |router: Node<'_>| {
        let own = |n: &Node<'_>| n.callee().and_then(Node::object).is_some_and(|o| o.text() == router.text());
        let mut routes = calls().filter(|n| says(n, "route")).filter(own).peekable();
        let made = cx.made_by(router).is_some_and(|made| made.function() == Some(function));
        made && routes.peek().is_some() && routes.all(|route| takes_no_body(cx, route))
    };
    let mut mounts = calls().filter(|n| says(n, "mounts-router")).peekable();
    mounts.peek().is_some() && mounts.all(|m| cx.argument(m, "router").is_some_and(reads))
}

/// Whether the methods of a route send no body.
fn takes_no_body(cx: &Check<'_>, route: Node<'_>) -> bool {
    let bodiless = |method: &str| matches!(method, "GET" | "HEAD" | "OPTIONS");
    match cx.argument(route, "methods") {
        Some(methods) => {
            methods.all(Role::Element).all(|m| m.string().is_some_and(|method| bodiless(&method)))
        }
        None => cx.meaning(route).and_then(|m| m.property("method")).is_some_and(bodiless),
    }
}

/// Go: whether the function that makes an application gives it routes whose requests have bodies, wherever their handlers are.
fn takes_bodies(cx: &Check<'_>, call: Node<'_>) -> bool {
    let routes = call.function().into_iter().flat_map(Node::descendants_here).filter(|n| n.is(Kind::Call));
    routes.into_iter().any(|route| {
        let method = route.callee().map_or("", Node::name).to_ascii_uppercase();
        matches!(&*method, "POST" | "PUT" | "PATCH") && cx.meaning(route).is_some_and(|m| m.is("route"))
    })
}

/// Whether an application goes to a function that may add the limit to it.
fn is_handed_on(cx: &Check<'_>, call: Node<'_>) -> bool {
    let assign = call.parent().filter(|a| a.is(Kind::Assign));
    let Some(target) = assign.and_then(|a| a.get(Role::Target)) else { return true };
    let arguments = cx.arguments_of(target.name()).filter(|argument| argument.is(Kind::Name));
    let mut calls = arguments.filter_map(Node::parent).filter(|n| n.is(Kind::Call));
    // An extension that is set up (`db.init_app(app)`) adds what it is for.
    let extends = |c: Node<'_>| c.callee().is_some_and(|callee| callee.name() == "init_app");
    calls.any(|c| cx.meaning(c).is_none() && !extends(c))
}

/// Python: the functions of the file that are routes of an application and take a body.
fn readers(cx: &Check<'_>, call: Node<'_>) -> Vec<String> {
    let assign = call.parent().filter(|a| a.is(Kind::Assign) && cx.language() == Language::Python);
    let Some(name) = assign.and_then(|a| a.get(Role::Target)).map(Node::name).filter(|n| !n.is_empty())
    else {
        return Vec::new();
    };
    let application = cx.environment().absolute(name);
    let takes_body = |decorator: &str, parameters: bool| {
        let Some((object, method)) = decorator.rsplit_once('.') else { return false };
        object == application
            && match method {
                "post" | "put" | "patch" => parameters || cx.environment().is_covered("request-body"),
                "route" => cx.environment().is_covered("request-body"),
                _ => false,
            }
    };
    let functions = cx.environment().names().filter_map(|(_, origin)| match origin {
        Origin::Item(path) => Some((path, cx.workspace().function(path)?)),
        _ => None,
    });
    let readers = functions.filter(|(_, function)| {
        function.decorators.iter().any(|d| takes_body(d, !function.parameters.is_empty()))
    });
    readers.map(|(path, _)| path.to_string()).collect()
}

fn flask_setting(cx: &Check<'_>, call: Node<'_>) -> Option<Fix> {
    let assign = call.parent().filter(|a| a.is(Kind::Assign))?;
    let target = assign.get(Role::Target).filter(|t| t.is(Kind::Name))?;
    let setting = cx.meaning(call)?.form("body-limit")?;
    let indent = limits::indentation(assign)?;
    let text = format!("\n{indent}{}.config[\"{setting}\"] = 16 * 1024 * 1024", target.name());
    Some(Fix::suggested("Set a limit").insert(assign.range().end, text))
}

// Go.

fn go_read<'a>(cx: &mut Check<'a>, call: Node<'a>) {
    let Some(request) = body_read(cx, call) else {
        // What a framework's context binds is bounded where its application is.
        if request::decodes_body(cx, call) {
            cx.site();
        }
        return;
    };
    let Some(request) = request.object().map(Node::text) else { return };
    let Some(function) = call.function() else { return };
    // Only a handler answers; elsewhere a request is one's own.
    if limits::writer(cx, call, request).is_none() {
        return;
    }
    cx.site();
    let limits = |n: Node<'_>| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("limits-body"));
    let earlier =
        || function.descendants_here().take_while(|n| n.index() < call.index()).filter(|n| n.is(Kind::Call));
    if is_bounded(cx) || function.descendants().any(limits) || earlier().any(|n| body_read(cx, n).is_some()) {
        return;
    }
    // Only who has the secret that was compared before can send a body.
    let proven = earlier().any(|n| cx.meaning(n).is_some_and(|m| m.is("constant-time-compare")));
    let title = "Limit the body to a megabyte";
    let fix = if streams(cx, function, call, request) { Fix::suggested(title) } else { Fix::safe(title) };
    let finding = cx
        .finding(call, format!("the body of `{request}` is read without a limit"))
        .why(WHY)
        .help("Bound it with `http.MaxBytesReader` before it is read.")
        .severity(if proven { Severity::Medium } else { Severity::High })
        .confidence(Confidence::Medium)
        .maybe_fix(limits::limit_body(cx, fix, call, request, "1<<20"));
    cx.report(finding);
}

/// Go: whether a function takes the body piece by piece, by its name or because other calls read of it too: it may be as long as it likes.
fn streams(cx: &Check<'_>, function: Node<'_>, call: Node<'_>, request: &str) -> bool {
    let body = format!("{request}.Body");
    let named =
        words(function.name()).iter().any(|w| matches!(w.as_str(), "stream" | "streaming" | "upload"));
    // The decoder that the call is of: `json.NewDecoder(r.Body)`.
    let decoder = call.callee().and_then(Node::object).and_then(|object| cx.made_by(object));
    let reads = |n: Node<'_>| {
        let another = n != call && !n.is_in(call) && decoder != Some(n);
        another && n.is(Kind::Call) && n.arguments().any(|a| a.text() == body)
    };
    named || function.descendants().any(reads)
}

/// The body, `r.Body`, that a call reads whole or decodes.
fn body_read<'a>(cx: &Check<'a>, call: Node<'a>) -> Option<Node<'a>> {
    cx.meaning(call).filter(|m| m.is("reads-all") || m.is("decode"))?;
    let reader = crate::values::behind(cx, request::reader(cx, call)?);
    (reader.is(Kind::Attribute) && request::is_body(cx, reader)).then_some(reader)
}

// Rust.

fn rust<'a>(cx: &mut Check<'a>, call: Node<'a>, meaning: &Meaning) {
    let limits_here =
        |n: Node<'a>| n != call && n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("limits-body"));
    let bounded = cx.environment().is_covered("limits-body")
        || call.function().is_some_and(|f| f.descendants().any(limits_here));
    let limit = meaning.argument("limit").and_then(|a| a.of(call));
    let endless = limit.filter(|l| l.is(Kind::Attribute) && l.name() == "MAX");
    if meaning.is("limits-body") {
        cx.site();
        if meaning.property("always") == Some("off") && !bounded {
            let fix = call.callee().and_then(|c| {
                let object = c.object()?;
                Some(
                    Fix::suggested("Set a limit")
                        .replace(call, format!("{}::max(16 * 1024 * 1024)", object.text())),
                )
            });
            report_rust(cx, call, "the limit on the size of bodies is switched off", fix);
        } else if let Some(endless) = endless {
            let fix = Fix::suggested("Set a limit").replace(endless, "16 * 1024 * 1024");
            report_rust(cx, call, "the limit on the size of bodies is none", Some(fix));
        }
        return;
    }
    if meaning.is("request-body") {
        if meaning.property("default-body-limit") == Some("none") {
            cx.site();
            if !bounded {
                report_rust(cx, call, "the body is read without a limit", None);
            }
        }
        return;
    }
    let body = meaning.argument("body").and_then(|a| a.of(call));
    if !meaning.is("reads-all") || !body.is_some_and(|b| request::is_body(cx, b)) || call.has(Flags::ERROR) {
        return;
    }
    cx.site();
    let unlimited = endless.is_some() || meaning.argument("limit").is_none();
    if unlimited && !bounded {
        let fix = endless.map(|e| Fix::suggested("Set a limit").replace(e, "16 * 1024 * 1024"));
        report_rust(cx, call, "the request's body is read without a limit", fix);
    }
}

fn report_rust(cx: &mut Check<'_>, call: Node<'_>, message: &str, fix: Option<Fix>) {
    let finding = cx
        .finding(call, message)
        .why(WHY)
        .help("Give it a limit that the largest body in order fits in.")
        .confidence(Confidence::Medium)
        .maybe_fix(fix);
    cx.report(finding);
}
