use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Survey, rule};
use shipworthy_facts::{Effects, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::answers::{self, Status};
use crate::apis::{Noted, Ways, add, apis, usual};
use crate::values::behind;

rule! {
    /// Routes of one API answer in different shapes
    ///
    /// One route wraps what it gives (`{"success": true, "data": ...}`), the next gives it bare: each client has to know which is which, and a client
    /// that reads the wrong one finds nothing, without an error. Answer in the shape of most routes, and let one model or helper make it.
    ///
    /// Compared are the routes of one application and one version, where the code shows what they answer with: whether there is an envelope, and which.
    /// Names of fields are each route's own business. Left alone are files, pages, redirects, errors, a bare confirmation (`{"success": true}`),
    /// and what others prescribe: probes, webhooks, tokens.
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/clients")
    /// def clients():
    ///     return {"success": True, "data": find_clients(), "count": 2}
    ///
    /// @app.get("/quotes")
    /// def quotes():
    ///     return {"success": True, "data": find_quotes()}
    ///
    /// @app.get("/orders/{order}")
    /// def order(order: str):
    ///     return {"success": True, "data": find_order(order)}
    ///
    /// @app.get("/pipeline")
    /// def pipeline():
    ///     return {"stages": find_stages()}
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// from flask import Flask, jsonify
    ///
    /// app = Flask(__name__)
    ///
    /// @app.get("/clients")
    /// def clients():
    ///     return jsonify({"clients": find_clients()})
    ///
    /// @app.get("/quotes")
    /// def quotes():
    ///     return jsonify({"quotes": find_quotes()})
    ///
    /// @app.get("/orders")
    /// def orders():
    ///     return jsonify([order.id for order in find_orders()])
    ///
    /// @app.get("/stages")
    /// def stages():
    ///     return jsonify({"status": "ok", "data": find_stages()})
    ///                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    /// from fastapi.responses import FileResponse
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/clients")
    /// def clients():
    ///     return {"success": True, "data": find_clients()}
    ///
    /// @app.get("/quotes")
    /// def quotes():
    ///     if closed():
    ///         return {"success": False, "error": "closed"}
    ///     return {"success": True, "data": find_quotes(), "count": 3}
    ///
    /// @app.get("/orders")
    /// def orders():
    ///     return {"success": True, "data": find_orders()}
    ///
    /// @app.delete("/orders/{order}")
    /// def remove(order: str):
    ///     return {"success": True, "message": "gone"}
    ///
    /// @app.get("/invoice")
    /// def invoice():
    ///     return FileResponse("invoice.pdf")
    ///
    /// @app.get("/health")
    /// def health():
    ///     return {"version": 1}
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/clients")
    /// def clients():
    ///     return [client.name for client in find_clients()]
    ///
    /// @app.get("/clients/{name}")
    /// def client(name: str):
    ///     return {"name": name, "mail": mail_of(name)}
    ///
    /// @app.get("/quotes")
    /// def quotes():
    ///     return {"items": find_quotes(), "total": 4, "page": 1}
    ///
    /// @app.delete("/quotes/{quote}")
    /// def remove(quote: str):
    ///     return {"ok": True}
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import "github.com/gin-gonic/gin"
    ///
    /// func clients(c *gin.Context) {
    /// 	c.JSON(200, gin.H{"success": true, "data": findClients()})
    /// }
    ///
    /// func quotes(c *gin.Context) {
    /// 	c.JSON(200, gin.H{"success": true, "data": findQuotes()})
    /// }
    ///
    /// func orders(c *gin.Context) {
    /// 	if closed() {
    /// 		c.JSON(409, gin.H{"error": "closed"})
    /// 		return
    /// 	}
    /// 	c.JSON(200, gin.H{"success": true, "data": findOrders()})
    /// }
    ///
    /// func stages(c *gin.Context) {
    /// 	c.JSON(200, gin.H{"stages": findStages()})
    /// 	            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
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
    /// type Order struct {
    /// 	ID    string
    /// 	Total int
    /// }
    ///
    /// func order(w http.ResponseWriter, r *http.Request) {
    /// 	json.NewEncoder(w).Encode(Order{ID: "1", Total: 2})
    /// }
    ///
    /// func quote(w http.ResponseWriter, r *http.Request) {
    /// 	json.NewEncoder(w).Encode(map[string]any{"quote": find()})
    /// }
    ///
    /// func client(w http.ResponseWriter, r *http.Request) {
    /// 	json.NewEncoder(w).Encode(map[string]any{"client": find()})
    /// }
    ///
    /// func stages(w http.ResponseWriter, r *http.Request) {
    /// 	json.NewEncoder(w).Encode(map[string]any{"code": 0, "data": find()})
    /// 	                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// func main() {
    /// 	http.HandleFunc("/order", order)
    /// 	http.HandleFunc("/quote", quote)
    /// 	http.HandleFunc("/client", client)
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
    /// 	c.JSON(200, gin.H{"clients": findClients()})
    /// }
    ///
    /// func quotes(c *gin.Context) {
    /// 	c.JSON(200, gin.H{"quotes": findQuotes(), "total": 3})
    /// }
    ///
    /// func orders(c *gin.Context) {
    /// 	c.JSON(200, findOrders())
    /// }
    ///
    /// func remove(c *gin.Context) {
    /// 	c.JSON(200, gin.H{"success": true})
    /// }
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	r.GET("/clients", clients)
    /// 	r.GET("/quotes", quotes)
    /// 	r.GET("/orders", orders)
    /// 	r.DELETE("/orders", remove)
    /// 	r.Run()
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import "github.com/gin-gonic/gin"
    ///
    /// func old(c *gin.Context) {
    /// 	c.JSON(200, gin.H{"stages": findStages()})
    /// }
    ///
    /// func clients(c *gin.Context) {
    /// 	c.JSON(200, gin.H{"success": true, "data": findClients()})
    /// }
    ///
    /// func quotes(c *gin.Context) {
    /// 	c.JSON(200, gin.H{"success": true, "data": findQuotes()})
    /// }
    ///
    /// func orders(c *gin.Context) {
    /// 	c.JSON(200, gin.H{"success": true, "data": findOrders()})
    /// }
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	r.GET("/api/v1/stages", old)
    /// 	r.GET("/api/v2/clients", clients)
    /// 	r.GET("/api/v2/quotes", quotes)
    /// 	r.GET("/api/v2/orders", orders)
    /// 	r.Run()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::{Json, Router, routing::get};
    /// use serde_json::{Value, json};
    ///
    /// async fn clients() -> Json<Value> {
    ///     Json(json!({ "success": true, "data": find_clients() }))
    /// }
    ///
    /// async fn quotes() -> Json<Value> {
    ///     Json(json!({ "success": true, "data": find_quotes() }))
    /// }
    ///
    /// async fn orders() -> Json<Value> {
    ///     Json(json!({ "success": true, "data": find_orders() }))
    /// }
    ///
    /// async fn stages() -> Json<Value> {
    ///     Json(json!({ "stages": find_stages() }))
    ///          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
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
    /// ```rust bad
    /// use actix_web::{App, HttpResponse, HttpServer, get};
    /// use serde_json::json;
    ///
    /// #[get("/clients")]
    /// async fn clients() -> HttpResponse {
    ///     HttpResponse::Ok().json(json!({ "clients": find_clients() }))
    /// }
    ///
    /// #[get("/quotes")]
    /// async fn quotes() -> HttpResponse {
    ///     HttpResponse::Ok().json(json!({ "quotes": find_quotes() }))
    /// }
    ///
    /// #[get("/orders")]
    /// async fn orders() -> HttpResponse {
    ///     HttpResponse::Ok().json(json!({ "orders": find_orders() }))
    /// }
    ///
    /// #[get("/stages")]
    /// async fn stages() -> HttpResponse {
    ///     HttpResponse::Ok().json(json!({ "status": "ok", "result": find_stages() }))
    ///                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
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
    /// ```rust good
    /// use axum::{Json, Router, http::StatusCode, routing::get};
    /// use serde_json::{Value, json};
    ///
    /// async fn clients() -> Json<Value> {
    ///     Json(json!({ "success": true, "data": find_clients() }))
    /// }
    ///
    /// async fn quotes() -> (StatusCode, Json<Value>) {
    ///     if closed() {
    ///         return (StatusCode::CONFLICT, Json(json!({ "error": "closed" })));
    ///     }
    ///     (StatusCode::OK, Json(json!({ "success": true, "data": find_quotes() })))
    /// }
    ///
    /// async fn orders() -> Json<Value> {
    ///     Json(json!({ "success": true, "data": find_orders(), "count": 3 }))
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/clients", get(clients)).route("/quotes", get(quotes)).route("/orders", get(orders))
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
    /// use axum::{Json, Router, routing::get};
    /// use serde_json::{Value, json};
    ///
    /// async fn clients() -> Json<Value> {
    ///     Json(json!({ "clients": find_clients() }))
    /// }
    ///
    /// async fn stages() -> Json<Value> {
    ///     Json(json!({ "success": true, "data": find_stages() }))
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/clients", get(clients)).route("/stages", get(stages))
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() {
    ///     let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await.unwrap();
    ///     axum::serve(listener, app()).await.unwrap();
    /// }
    /// ```
    name: "inconsistent-response-shape",
    category: Quality,
    severity: Medium,
    scope: Workspace,
    on: [
        Role("error-response"),
        Role("response"),
        Role("encode"),
        Reach(Effects::RESPONDS),
        Fact(Kind::Return),
        Fact(Kind::Tuple),
    ],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    let Some(content) = succeeds(cx, node) else { return };
    let Some((key, shown)) = shape(cx, content) else { return };
    cx.note(content, key, shown);
}

/// What a fact answers with, where all is well.
fn succeeds<'a>(cx: &Check<'a>, node: Node<'a>) -> Option<Node<'a>> {
    let is_well = |status: Status| matches!(status, Status::Class(2) | Status::Unsaid);
    let meaning = cx.meaning(node).filter(|_| node.is(Kind::Call));
    let fails = |n: &Node<'_>| n.is(Kind::Raise) || n.callee().is_some_and(|c| c.name() == "Err");
    if node.ancestors().take_while(|a| !matches!(a.kind(), Kind::Function | Kind::Block)).any(|a| fails(&a)) {
        return None;
    }
    let content = match meaning {
        Some(meaning) if meaning.is("encode") => {
            let writes = node.callee()?.object().and_then(|encoder| cx.made_by(encoder).or(Some(encoder)))?;
            let writer = cx.argument(writes, "writer").and_then(|writer| cx.type_meaning(writer));
            writer.filter(|t| t.is("response-writer"))?;
            if !matches!(status_before(cx, node), Status::Class(2) | Status::Unsaid) {
                return None;
            }
            cx.argument(node, "content")?
        }
        // Beside a status it stands in a tuple, which is read whole.
        Some(meaning) if meaning.is("response") => {
            let alone = node.parent().is_none_or(|p| !p.is(Kind::Tuple));
            let spoken = meaning.effects.contains(Effects::NETWORK) || cx.language() != Language::Rust;
            cx.argument(node, "content").filter(|_| alone && !spoken)?
        }
        Some(_) => {
            let answer = answers::answer(cx, node)?;
            let told = cx.language() == Language::Go && cx.meaning(node)?.argument("status").is_none();
            let status = if told { status_before(cx, node) } else { answer.status };
            Some(answer.content).filter(|_| is_well(status))?
        }
        None if node.is(Kind::Call) => {
            let helped = answers::helped(cx, node)?;
            helped.content.filter(|_| helped.status == Status::Class(2))?
        }
        None => {
            let answer = answers::answer(cx, node)?;
            let content = answer.content;
            // `(StatusCode::CREATED, Json(order))`
            let inner = cx.meaning(content).filter(|_| content.is(Kind::Call) && node.is(Kind::Tuple));
            let inner = inner.filter(|m| m.is("response")).and_then(|m| m.argument("content")?.of(content));
            Some(inner.unwrap_or(content)).filter(|_| is_well(answer.status))?
        }
    };
    Some(content)
}

/// Go: the status that is set before an answer in its block.
fn status_before(cx: &Check<'_>, call: Node<'_>) -> Status {
    let statement = call.statement();
    let Some(block) = statement.parent() else { return Status::Unsaid };
    let before = block.all(Role::Statement).take_while(|s| s.index() < statement.index());
    let calls = before.flat_map(|s| std::iter::once(s).chain(s.descendants())).filter(|n| n.is(Kind::Call));
    let set = calls.filter(|n| cx.meaning(*n).is_some_and(|m| m.is("sets-status"))).last();
    let status = set.and_then(|call| cx.argument(call, "status"));
    status.map_or(Status::Unsaid, |status| answers::class_of(cx, status))
}

/// The shape of an answer, and how it is shown; none where it cannot be told, or only confirms.
fn shape(cx: &Check<'_>, content: Node<'_>) -> Option<(String, String)> {
    let value = behind(cx, content);
    if matches!(value.kind(), Kind::List | Kind::Comprehension) {
        return Some((BARE.to_owned(), "[...]".to_owned()));
    }
    let keys = answers::keys(content).or_else(|| answers::keys(value)).or_else(|| {
        let class = cx.type_of(value)?;
        let fields = &cx.workspace().class(&class)?.fields;
        let names = fields.keys().map(|name| name.to_ascii_lowercase());
        (!fields.is_empty()).then(|| names.collect::<Vec<_>>())
    })?;
    let find = |any: &[&'static str]| any.iter().find(|name| keys.iter().any(|key| key == *name)).copied();
    let flag = find(&["success", "ok"]).or_else(|| find(&["status", "code"]));
    let payload = find(&["data", "result", "payload", "response"]);
    let beside = find(&["error", "errors", "message", "msg", "meta"]);
    // An error that comes with a good status is no shape of an answer.
    if payload.is_none() && find(&["error", "errors", "detail"]).is_some() {
        return None;
    }
    match (flag, payload) {
        (Some(flag), Some(payload)) => Some((format!("{flag}+{payload}"), format!("{{{flag}, {payload}}}"))),
        (None, Some(payload)) if beside.is_some() || keys.len() == 1 => {
            Some((payload.to_owned(), format!("{{{payload}}}")))
        }
        (Some(flag @ ("success" | "ok")), None) => {
            const SMALL: [&str; 12] = [
                "success",
                "ok",
                "message",
                "msg",
                "id",
                "code",
                "status",
                "timestamp",
                "count",
                "total",
                "meta",
                "reason",
            ];
            let own = keys.iter().find(|key| !SMALL.contains(&key.as_str()))?;
            Some((format!("{flag}+*"), format!("{{{flag}, {own}}}")))
        }
        _ => {
            let confirms =
                keys.iter().all(|key| matches!(key.as_str(), "status" | "message" | "msg" | "code"));
            let first: Vec<&str> = keys.iter().take(3).map(String::as_str).collect();
            let more = if keys.len() > 3 { ", ..." } else { "" };
            (!confirms).then(|| (BARE.to_owned(), format!("{{{}{more}}}", first.join(", "))))
        }
    }
}

/// The shape without an envelope.
const BARE: &str = "bare";

fn judge(survey: &mut Survey<'_>) {
    let noted = Noted::of(survey);
    for api in apis(survey) {
        let mut ways = Ways::new();
        let mut routes = 0;
        for route in api {
            let Some((file, notes)) = noted.of_handler(survey, route) else { continue };
            // What answers now so, now so, is of no shape.
            let Some(first) = notes.first().filter(|f| notes.iter().all(|n| n.key == f.key)) else {
                continue;
            };
            routes += 1;
            survey.site(route.file);
            add(&mut ways, route, file, first);
        }
        let Some(usual) = usual(&ways, routes) else { continue };
        report(survey, &ways, usual);
    }
}

/// How many routes of the usual shape are shown.
const EXAMPLES: usize = 2;

fn report(survey: &mut Survey<'_>, ways: &Ways<'_>, usual: &str) {
    let named = |key: &str, shown: &str| {
        if key == BARE { "what they give, bare".to_owned() } else { format!("`{shown}`") }
    };
    let most = &ways[usual];
    for (key, way) in ways.iter().filter(|(key, _)| **key != usual) {
        for (route, file, note) in &way.routes {
            let mut finding = survey
                .finding(
                    note.range,
                    format!(
                        "`{}` answers `{}`, {} other routes {}",
                        route.shown(),
                        note.detail,
                        most.routes.len(),
                        named(usual, most.shown)
                    ),
                )
                .why("A client has to know for each route where in the answer the data is.")
                .help("Answer in the shape of most routes, and let one model or helper make it.")
                // What other programs prescribe may have `data` alone: lists of models.
                .confidence(if key == &"data" { Confidence::Low } else { Confidence::Medium });
            for (other, file, place) in most.routes.iter().take(EXAMPLES) {
                let message = format!("`{}` answers `{}`", other.shown(), place.detail);
                finding.related.extend(survey.related(*file, place.range, message));
            }
            survey.report(*file, finding);
        }
    }
}
