use std::collections::BTreeMap;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Note, Survey, rule};
use shipworthy_facts::{Effects, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::answers::{self, Status};
use crate::apis::{Noted, Ways, add, apis, usual};
use crate::names::words;
use crate::values::behind;

rule! {
    /// Routes of one API report errors in different ways
    ///
    /// One route raises the framework's exception, the next answers with an object of its own, a third with plain text, or with status 200: no client
    /// can tell what went wrong in one way, and no middleware sees all errors. Choose one way, the one of most routes, and let one function make it.
    ///
    /// Compared are the routes of one application and one version, by what clients get: the framework's own errors, an object and where in it the message
    /// stands, plain text, an error with status 200, a helper of the project. Left alone are statuses without a body, and what others prescribe: probes,
    /// webhooks, tokens.
    ///
    /// ```python bad
    /// from fastapi import FastAPI, HTTPException
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/clients/{name}")
    /// def client(name: str):
    ///     if not known(name):
    ///         raise HTTPException(status_code=404, detail="no such client")
    ///     return find(name)
    ///
    /// @app.get("/quotes/{quote}")
    /// def quote(quote: str):
    ///     if not known(quote):
    ///         raise HTTPException(status_code=404, detail="no such quote")
    ///     return find(quote)
    ///
    /// @app.get("/orders/{order}")
    /// def order(order: str):
    ///     if not known(order):
    ///         raise HTTPException(status_code=404, detail="no such order")
    ///     return find(order)
    ///
    /// @app.get("/stages/{stage}")
    /// def stage(stage: str):
    ///     if not known(stage):
    ///         return {"error": "no such stage"}
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return find(stage)
    /// ```
    ///
    /// ```python bad
    /// from flask import Flask, abort, jsonify
    ///
    /// app = Flask(__name__)
    ///
    /// @app.get("/clients/<name>")
    /// def client(name):
    ///     if not known(name):
    ///         return jsonify({"error": "no such client"}), 404
    ///     return jsonify(find(name))
    ///
    /// @app.get("/quotes/<quote>")
    /// def quote(quote):
    ///     if not known(quote):
    ///         return {"error": "no such quote"}, 404
    ///     return jsonify(find(quote))
    ///
    /// @app.get("/orders/<order>")
    /// def order(order):
    ///     if not known(order):
    ///         return jsonify(error="no such order"), 404
    ///     return jsonify(find(order))
    ///
    /// @app.get("/stages/<stage>")
    /// def stage(stage):
    ///     if not known(stage):
    ///         abort(404)
    ///         ^^^^^^^^^^
    ///     return jsonify(find(stage))
    /// ```
    ///
    /// A helper that raises the framework's own error is no other way.
    ///
    /// ```python good
    /// from fastapi import FastAPI, HTTPException
    ///
    /// app = FastAPI()
    ///
    /// def read_only_error():
    ///     raise HTTPException(status_code=400, detail="This shelf is read-only.")
    ///
    /// @app.get("/shelves/{key}")
    /// def shelf(key: str):
    ///     if key not in SHELVES:
    ///         raise HTTPException(status_code=404, detail="no such shelf")
    ///     return SHELVES[key]
    ///
    /// @app.get("/books/{key}")
    /// def book(key: str):
    ///     if key not in BOOKS:
    ///         raise HTTPException(status_code=404, detail="no such book")
    ///     return BOOKS[key]
    ///
    /// @app.post("/shelves/{key}")
    /// def put(key: str):
    ///     if key in FIXED:
    ///         read_only_error()
    ///     return {}
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI, HTTPException, Response
    /// from fastapi.responses import HTMLResponse, JSONResponse
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/clients/{name}")
    /// def client(name: str):
    ///     if not known(name):
    ///         raise HTTPException(status_code=404, detail="no such client")
    ///     return find(name)
    ///
    /// @app.get("/quotes/{quote}")
    /// def quote(quote: str):
    ///     if not known(quote):
    ///         raise HTTPException(status_code=404, detail={"message": "no such quote"})
    ///     return {"errors": 0, "quote": find(quote), "error": None}
    ///
    /// def _google_error(code: int) -> JSONResponse:
    ///     return JSONResponse(status_code=code, content={"error": {"code": code}})
    ///
    /// @app.post("/models/{model}:countTokens")
    /// def count(model: str):
    ///     if not known(model):
    ///         return _google_error(404)
    ///     return count_tokens(model)
    ///
    /// @app.post("/login")
    /// def login(form: Form):
    ///     if too_many(form):
    ///         return HTMLResponse(content="<h1>Too many attempts</h1>", status_code=429)
    ///     return enter(form)
    ///
    /// def missing(what: str) -> HTTPException:
    ///     return HTTPException(404, what)
    ///
    /// @app.get("/orders/{order}")
    /// def order(order: str):
    ///     if not known(order):
    ///         raise missing("no such order")
    ///     if late(order):
    ///         return JSONResponse(status_code=410, content={"detail": "gone"})
    ///     return Response(status_code=404)
    ///
    /// @app.get("/health")
    /// def health():
    ///     return {"error": "starting"}
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI, HTTPException
    /// from fastapi.responses import JSONResponse
    ///
    /// app = FastAPI()
    ///
    /// @app.exception_handler(HTTPException)
    /// def failed(request, error):
    ///     return JSONResponse(status_code=error.status_code, content={"error": error.detail})
    ///
    /// @app.get("/clients/{name}")
    /// def client(name: str):
    ///     if not known(name):
    ///         raise HTTPException(status_code=404, detail="no such client")
    ///     return find(name)
    ///
    /// @app.get("/quotes/{quote}")
    /// def quote(quote: str):
    ///     if not known(quote):
    ///         return JSONResponse(status_code=404, content={"error": "no such quote"})
    ///     return find(quote)
    /// ```
    ///
    /// What answers in the form that the client speaks:
    ///
    /// ```python good
    /// from fastapi import FastAPI, HTTPException, Request, Response
    ///
    /// app = FastAPI()
    ///
    /// def trace_error(content_type, status, message):
    ///     return Response(status_code=status, content=encode(content_type, message), media_type=content_type)
    ///
    /// @app.get("/clients/{name}")
    /// def client(name: str):
    ///     if not known(name):
    ///         raise HTTPException(status_code=404, detail="no such client")
    ///     return find(name)
    ///
    /// @app.get("/orders/{order}")
    /// def order(order: str):
    ///     if not known(order):
    ///         raise HTTPException(status_code=404, detail="no such order")
    ///     return find(order)
    ///
    /// @app.get("/quotes/{quote}")
    /// def quote(quote: str):
    ///     if not known(quote):
    ///         raise HTTPException(status_code=404, detail="no such quote")
    ///     return find(quote)
    ///
    /// @app.post("/v1/traces")
    /// def traces(request: Request):
    ///     return trace_error(request.headers.get("content-type"), 410, "send traces to the endpoint in the settings")
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import "github.com/gin-gonic/gin"
    ///
    /// func clients(c *gin.Context) {
    /// 	c.JSON(404, gin.H{"error": "no such client"})
    /// }
    ///
    /// func quotes(c *gin.Context) {
    /// 	c.AbortWithStatusJSON(404, gin.H{"error": "no such quote"})
    /// }
    ///
    /// func orders(c *gin.Context) {
    /// 	c.JSON(404, gin.H{"error": "no such order"})
    /// }
    ///
    /// func stages(c *gin.Context) {
    /// 	c.String(404, "no such stage")
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	r.GET("/clients", clients)
    /// 	r.GET("/quotes", quotes)
    /// 	r.GET("/orders", orders)
    /// 	r.GET("/stages", stages)
    /// 	r.Run()
    /// }
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"net/http"
    /// )
    ///
    /// func fail(w http.ResponseWriter, status int, message string) {
    /// 	w.WriteHeader(status)
    /// 	json.NewEncoder(w).Encode(map[string]string{"error": message})
    /// }
    ///
    /// func clients(w http.ResponseWriter, r *http.Request) {
    /// 	fail(w, http.StatusNotFound, "no such client")
    /// }
    ///
    /// func quotes(w http.ResponseWriter, r *http.Request) {
    /// 	fail(w, http.StatusNotFound, "no such quote")
    /// }
    ///
    /// func orders(w http.ResponseWriter, r *http.Request) {
    /// 	fail(w, http.StatusNotFound, "no such order")
    /// }
    ///
    /// func stages(w http.ResponseWriter, r *http.Request) {
    /// 	http.Error(w, "no such stage", http.StatusNotFound)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// func main() {
    /// 	http.HandleFunc("/clients", clients)
    /// 	http.HandleFunc("/quotes", quotes)
    /// 	http.HandleFunc("/orders", orders)
    /// 	http.HandleFunc("/stages", stages)
    /// 	http.ListenAndServe(":8080", nil)
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import "net/http"
    ///
    /// func clients(w http.ResponseWriter, r *http.Request) {
    /// 	http.Error(w, "no such client", http.StatusNotFound)
    /// }
    ///
    /// func quotes(w http.ResponseWriter, r *http.Request) {
    /// 	http.Error(w, "no such quote", http.StatusNotFound)
    /// }
    ///
    /// func orders(w http.ResponseWriter, r *http.Request) {
    /// 	http.Error(w, find().Error(), http.StatusNotFound)
    /// }
    ///
    /// func stages(w http.ResponseWriter, r *http.Request) {
    /// 	w.WriteHeader(http.StatusNotFound)
    /// }
    ///
    /// func main() {
    /// 	http.HandleFunc("/clients", clients)
    /// 	http.HandleFunc("/quotes", quotes)
    /// 	http.HandleFunc("/orders", orders)
    /// 	http.HandleFunc("/stages", stages)
    /// 	http.ListenAndServe(":8080", nil)
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import "github.com/gin-gonic/gin"
    ///
    /// func clients(c *gin.Context) {
    /// 	c.JSON(404, gin.H{"error": "no such client"})
    /// }
    ///
    /// func quotes(c *gin.Context) {
    /// 	c.JSON(404, gin.H{"error": "no such quote", "id": 7})
    /// }
    ///
    /// func orders(c *gin.Context) {
    /// 	c.JSON(404, gin.H{"error": "no such order"})
    /// }
    ///
    /// func ready(c *gin.Context) {
    /// 	c.String(503, "starting")
    /// }
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	r.GET("/clients", clients)
    /// 	r.GET("/quotes", quotes)
    /// 	r.GET("/orders", orders)
    /// 	r.GET("/ready", ready)
    /// 	r.Run()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_web::{App, HttpResponse, HttpServer, get};
    /// use serde_json::json;
    ///
    /// #[get("/clients")]
    /// async fn clients() -> HttpResponse {
    ///     HttpResponse::NotFound().json(json!({ "error": "no such client" }))
    /// }
    ///
    /// #[get("/quotes")]
    /// async fn quotes() -> HttpResponse {
    ///     HttpResponse::NotFound().json(json!({ "error": "no such quote" }))
    /// }
    ///
    /// #[get("/orders")]
    /// async fn orders() -> HttpResponse {
    ///     HttpResponse::BadRequest().json(json!({ "error": "no such order" }))
    /// }
    ///
    /// #[get("/stages")]
    /// async fn stages() -> HttpResponse {
    ///     HttpResponse::NotFound().body("no such stage")
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// #[actix_web::main]
    /// async fn main() -> std::io::Result<()> {
    ///     HttpServer::new(|| App::new().service(clients).service(quotes).service(orders).service(stages))
    ///         .bind("0.0.0.0:3000")?
    ///         .run()
    ///         .await
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::{Json, Router, http::StatusCode, routing::get};
    /// use serde_json::{Value, json};
    ///
    /// async fn clients() -> (StatusCode, Json<Value>) {
    ///     (StatusCode::NOT_FOUND, Json(json!({ "error": "no such client" })))
    /// }
    ///
    /// async fn quotes() -> (StatusCode, Json<Value>) {
    ///     (StatusCode::NOT_FOUND, Json(json!({ "error": "no such quote" })))
    /// }
    ///
    /// async fn orders() -> (StatusCode, Json<Value>) {
    ///     (StatusCode::NOT_FOUND, Json(json!({ "error": "no such order" })))
    /// }
    ///
    /// async fn stages() -> (StatusCode, &'static str) {
    ///     (StatusCode::NOT_FOUND, "no such stage")
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new()
    ///         .route("/clients", get(clients))
    ///         .route("/quotes", get(quotes))
    ///         .route("/orders", get(orders))
    ///         .route("/stages", get(stages))
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() {
    ///     let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await.unwrap();
    ///     axum::serve(listener, app()).await.unwrap();
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::{Json, Router, http::StatusCode, routing::get};
    /// use serde_json::{Value, json};
    ///
    /// async fn clients() -> Result<Json<Value>, StatusCode> {
    ///     Err(StatusCode::NOT_FOUND)
    /// }
    ///
    /// async fn quotes() -> (StatusCode, Json<Value>) {
    ///     (StatusCode::NOT_FOUND, Json(json!({ "error": "no such quote" })))
    /// }
    ///
    /// async fn orders() -> (StatusCode, Json<Value>) {
    ///     (StatusCode::NOT_FOUND, Json(json!({ "error": "no such order", "id": 1 })))
    /// }
    ///
    /// async fn stages() -> (StatusCode, Json<Value>) {
    ///     (StatusCode::CREATED, Json(json!({ "stage": 1 })))
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new()
    ///         .route("/clients", get(clients))
    ///         .route("/quotes", get(quotes))
    ///         .route("/orders", get(orders))
    ///         .route("/stages", get(stages))
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() {
    ///     let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await.unwrap();
    ///     axum::serve(listener, app()).await.unwrap();
    /// }
    /// ```
    ///
    /// ```rust good
    /// use actix_web::{App, HttpResponse, HttpServer, get};
    /// use serde_json::json;
    ///
    /// #[get("/clients")]
    /// async fn clients() -> HttpResponse {
    ///     HttpResponse::NotFound().json(json!({ "error": "no such client" }))
    /// }
    ///
    /// #[get("/stages")]
    /// async fn stages() -> HttpResponse {
    ///     HttpResponse::NotFound().body("no such stage")
    /// }
    ///
    /// #[actix_web::main]
    /// async fn main() -> std::io::Result<()> {
    ///     HttpServer::new(|| App::new().service(clients).service(stages)).bind("0.0.0.0:3000")?.run().await
    /// }
    /// ```
    name: "inconsistent-error-handling",
    category: Quality,
    severity: Medium,
    scope: Workspace,
    on: [
        Role("error-response"),
        Reach(Effects::RESPONDS),
        Fact(Kind::Return),
        Fact(Kind::Tuple),
    ],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    let Some((key, shown)) = way(cx, node) else { return };
    let at = match node.kind() {
        Kind::Return => answers::answer(cx, node).map_or(node, |answer| answer.content),
        _ => node,
    };
    cx.note(at, key, shown);
}

/// How a fact reports an error, if it does.
fn way(cx: &Check<'_>, node: Node<'_>) -> Option<(String, String)> {
    if node.is(Kind::Call) && cx.meaning(node).is_none() {
        return helped(cx, node);
    }
    if let Some(meaning) = cx.meaning(node).filter(|_| node.is(Kind::Call)) {
        let raised = node.parent().is_some_and(|p| p.is(Kind::Raise));
        let name = node.callee()?.name();
        if raised || name == "abort" {
            let key = match meaning.property("answers") {
                Some(key) => format!("object with {key}"),
                None => format!("raises {}", meaning.library),
            };
            return Some((key, format!("`{name}`")));
        }
    }
    let answer = answers::answer(cx, node)?;
    let fails = match answer.status {
        Status::Class(class) => class >= 4,
        // Plain text is what `http.Error` is for, whatever the status.
        _ => false,
    };
    // `(StatusCode::NOT_FOUND, Json(..))`
    let inner = cx.meaning(answer.content).filter(|m| m.is("response") && answer.content.is(Kind::Call));
    let content = inner.and_then(|m| m.argument("content")?.of(answer.content)).unwrap_or(answer.content);
    let keys = answers::keys(content).or_else(|| answers::keys(behind(cx, content)));
    if let Some(keys) = keys {
        const MESSAGES: [&str; 9] =
            ["error", "errors", "message", "msg", "detail", "title", "reason", "code", "status"];
        let message = MESSAGES.into_iter().find(|m| keys.iter().any(|key| key == m))?;
        if fails {
            return Some((format!("object with {message}"), format!("{{{message}}}")));
        }
        return as_if_well(cx, node, content, &keys, answer.status);
    }
    let is_text = matches!(content.kind(), Kind::String | Kind::Template)
        || cx.type_of(content).is_some_and(|t| matches!(&*t, "str" | "string" | "String"));
    // A page for people is no error for programs.
    let of_page = node.callee().is_some_and(|c| words(c.name()).iter().any(|w| w == "html"));
    let of_json = node.callee().is_some_and(|c| words(c.name()).iter().any(|w| w == "json"));
    (fails && is_text && !of_json && !of_page && inner.is_none())
        .then(|| ("text".to_owned(), "plain text".to_owned()))
}

/// Python: an object with nothing but an error, returned as if all were well.
fn as_if_well(
    cx: &Check<'_>,
    node: Node<'_>,
    content: Node<'_>,
    keys: &[String],
    status: Status,
) -> Option<(String, String)> {
    const SMALL: [&str; 8] = ["error", "errors", "message", "msg", "detail", "status", "success", "code"];
    let says = |key: &String| matches!(key.as_str(), "error" | "errors");
    let only = keys.iter().any(says) && keys.iter().all(|key| SMALL.contains(&key.as_str()));
    let none = content.descendants().any(|n| {
        n.is(Kind::Entry)
            && n.children().next().and_then(Node::string).is_some_and(|k| k == "error" || k == "errors")
            && n.children().nth(1).is_some_and(|v| v.is(Kind::Nothing) || v.is(Kind::List))
    });
    let direct = cx.language() == Language::Python && node.is(Kind::Return) && status == Status::Unsaid;
    (direct && only && !none)
        .then(|| ("an error with status 200".to_owned(), "an error with status 200".to_owned()))
}

/// The error that a function of the project answers with for its caller: those of one module are one way.
fn helped(cx: &Check<'_>, call: Node<'_>) -> Option<(String, String)> {
    // Python: what answers is returned; a helper that stands alone raises, and it may be the framework's error.
    if cx.language() == Language::Python && call.role() == Role::Statement {
        return None;
    }
    // Who is told what the client sent, or wants, answers in the client's form.
    let of_form = |n: Node<'_>| {
        n.string().is_some_and(|s| matches!(&*s.to_ascii_lowercase(), "content-type" | "accept"))
    };
    if call.arguments().any(|a| a.descendants().any(of_form)) {
        return None;
    }
    // What makes the error that is raised: it may be the framework's.
    let helped = answers::helped(cx, call).filter(|_| call.parent().is_none_or(|p| !p.is(Kind::Raise)))?;
    let separator = cx.language().separator();
    let (module, name) = helped.helper.rsplit_once(separator)?;
    // A module's private way is that of the protocol which it alone speaks.
    if cx.language() == Language::Python && name.starts_with('_') {
        return None;
    }
    let said =
        || words(name).iter().any(|w| matches!(w.as_str(), "error" | "err" | "fail" | "failure" | "problem"));
    let fails = match helped.status {
        Status::Class(class) => class >= 4,
        _ => said(),
    };
    if !fails {
        return None;
    }
    if let Some(keys) = helped.content.and_then(|content| answers::keys(content)) {
        let message = ["error", "errors", "message", "msg", "detail"];
        let message = message.into_iter().find(|m| keys.iter().any(|key| key == m))?;
        return Some((format!("object with {message}"), format!("{{{message}}}")));
    }
    Some((format!("helper of {module}"), format!("`{name}`")))
}

fn judge(survey: &mut Survey<'_>) {
    let files: Vec<usize> = survey.files().map(|(number, _)| number).collect();
    for file in files {
        for _ in survey.notes(file) {
            survey.site(file);
        }
    }
    let noted = Noted::of(survey);
    for api in apis(survey) {
        let mut ways = Ways::new();
        let mut routes = 0;
        for route in api {
            let Some((file, notes)) = noted.of_handler(survey, route) else { continue };
            routes += 1;
            for note in notes {
                add(&mut ways, route, file, note);
            }
        }
        let Some(usual) = usual(&ways, routes) else { continue };
        report(survey, &ways, usual);
    }
}

fn report(survey: &mut Survey<'_>, ways: &Ways<'_>, usual: &str) {
    let most = &ways[usual];
    let examples: BTreeMap<&str, (usize, &Note)> = ways
        .iter()
        .filter_map(|(key, way)| way.routes.first().map(|(_, file, note)| (*key, (*file, *note))))
        .collect();
    // Helpers of one name in two packages say the same: `WriteError` and `writeError`.
    let is_usual = |key: &str, shown: &str| key == usual || words(shown) == words(most.shown);
    for (key, way) in ways.iter().filter(|(key, way)| !is_usual(key, way.shown)) {
        for (route, file, note) in &way.routes {
            let mut finding = survey
                .finding(
                    note.range,
                    format!(
                        "`{}` reports an error as {}, {} routes as {}",
                        route.shown(),
                        quoted(way.shown),
                        most.routes.len(),
                        quoted(most.shown)
                    ),
                )
                .why("Clients have to know for each route how it says that something went wrong.")
                .help("Report errors in the way of most routes, through one function.")
                .confidence(Confidence::Medium);
            for (other, (number, place)) in examples.iter().filter(|(other, _)| *other != key) {
                let shown = quoted(ways[other].shown);
                finding.related.extend(survey.related(*number, place.range, format!("{shown} here")));
            }
            survey.report(*file, finding);
        }
    }
}

/// An object in code's signs.
fn quoted(shown: &str) -> String {
    if shown.starts_with('{') { format!("`{shown}`") } else { shown.to_owned() }
}
