use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Effects, Flags, Kind, Meaning, Node, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::relations;
use crate::request::{self, Part};
use crate::values::{Given, given};

rule! {
    /// Request data is used without being checked
    ///
    /// What a client sends may lack fields, have others, or hold a list where a number is expected. Taken apart raw, it fails far from where it
    /// came in, with a 500 in place of a 4xx, or does not fail and is stored as it is.
    ///
    /// Declare what is expected, a Pydantic model, a serializer, a struct, and let the framework parse into it. Checks by hand count as well.
    ///
    /// ```python bad
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    ///
    /// @app.post("/orders")
    /// def create():
    ///     data = request.get_json()
    ///            ^^^^^^^^^^^^^^^^^^
    ///     save(data["customer"], data.get("amount"))
    ///     return "", 201
    /// ```
    ///
    /// ```python bad
    /// from fastapi import FastAPI, Request
    ///
    /// app = FastAPI()
    ///
    /// @app.post("/orders")
    /// async def create(request: Request):
    ///     body = await request.json()
    ///            ^^^^^^^^^^^^^^^^^^^^
    ///     print(f"new order: {body}")
    ///     await save(body["customer"], body["amount"])
    ///
    /// @app.put("/orders/{order_id}")
    /// async def update(order_id: int, order: dict):
    ///                                 ^^^^^^^^^^^
    ///     await store(order_id, order["amount"])
    /// ```
    ///
    /// ```python bad
    /// import json
    ///
    /// from django.http import JsonResponse
    /// from sqlalchemy import select
    /// from sqlalchemy.orm import DeclarativeBase
    ///
    /// from shop.models import Entry, session
    ///
    /// totals = {}
    ///
    /// class Room(DeclarativeBase):
    ///     __tablename__ = "rooms"
    ///
    /// def furnish(request):
    ///     body = json.loads(request.body)
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^
    ///     session.add(Room(name=body["name"]))
    ///     return JsonResponse({"ok": True})
    ///
    /// def book(request):
    ///     body = json.loads(request.body)
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^
    ///     Entry.objects.create(amount=body["amount"], reference=body["reference"])
    ///     return JsonResponse({"ok": True})
    ///
    /// def count(request):
    ///     body = json.loads(request.body)
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^
    ///     session.scalars(select(Entry).where(Entry.reference == body["reference"]))
    ///     totals[body["name"]] = 0
    ///     return JsonResponse(body)
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI, Request
    /// from pydantic import BaseModel
    ///
    /// app = FastAPI()
    ///
    /// class Order(BaseModel):
    ///     customer: str
    ///     amount: int
    ///
    /// @app.post("/orders")
    /// async def create(order: Order):
    ///     await save(order.customer, order.amount)
    ///
    /// @app.post("/raw")
    /// async def raw(request: Request):
    ///     body = await request.json()
    ///     order = Order(**body)
    ///     await save(order.customer, body["amount"])
    ///
    /// @app.post("/forward")
    /// async def forward(request: Request):
    ///     body = await request.json()
    ///     return await handle(body)
    /// ```
    ///
    /// ```python good
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    ///
    /// @app.post("/orders")
    /// def create():
    ///     data = request.get_json()
    ///     customer = data.get("customer")
    ///     if not customer:
    ///         return "customer is missing", 400
    ///     return save(customer)
    ///
    /// @app.post("/items")
    /// def items():
    ///     data = request.get_json()
    ///     try:
    ///         return save(data["item"])
    ///     except (KeyError, TypeError):
    ///         return "item is missing", 400
    ///
    /// @app.post("/counts")
    /// def counts():
    ///     data = request.get_json()
    ///     return save(Count(data["count"]))
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"net/http"
    /// )
    ///
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	var order map[string]interface{}
    /// 	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
    /// 	          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		http.Error(w, "bad request", http.StatusBadRequest)
    /// 		return
    /// 	}
    /// 	save(order["customer"].(string), order["amount"])
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import "github.com/gin-gonic/gin"
    ///
    /// func create(c *gin.Context) {
    /// 	order := map[string]any{}
    /// 	if err := c.ShouldBindJSON(&order); err != nil {
    /// 	          ^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		c.Status(400)
    /// 		return
    /// 	}
    /// 	save(order["customer"].(string))
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
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	var order map[string]any
    /// 	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
    /// 		http.Error(w, "bad request", http.StatusBadRequest)
    /// 		return
    /// 	}
    /// 	customer, ok := order["customer"].(string)
    /// 	if !ok {
    /// 		http.Error(w, "customer is missing", http.StatusBadRequest)
    /// 		return
    /// 	}
    /// 	save(customer)
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
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	var order Order
    /// 	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
    /// 		http.Error(w, "bad request", http.StatusBadRequest)
    /// 		return
    /// 	}
    /// 	save(order.Customer)
    /// }
    ///
    /// func forward(w http.ResponseWriter, r *http.Request) {
    /// 	var event map[string]any
    /// 	if err := json.NewDecoder(r.Body).Decode(&event); err == nil {
    /// 		publish(event)
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::Json;
    /// use serde_json::Value;
    ///
    /// async fn create(Json(order): Json<Value>) -> String {
    ///                              ^^^^^^^^^^^
    ///     save(order["customer"].as_str().unwrap()).await
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_web::web;
    /// use std::collections::HashMap;
    ///
    /// async fn create(order: web::Json<serde_json::Value>, query: web::Query<HashMap<String, String>>) -> String {
    ///                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     save(order["customer"].to_string(), &query["page"]).await
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::Json;
    /// use serde_json::Value;
    ///
    /// async fn create(Json(order): Json<Order>) -> String {
    ///     save(order.customer).await
    /// }
    ///
    /// async fn check(Json(order): Json<Value>) -> Result<String, Error> {
    ///     let customer = order["customer"].as_str().ok_or(Error::Missing)?;
    ///     Ok(save(customer).await)
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::Json;
    /// use axum::extract::Query;
    /// use serde_json::Value;
    /// use std::collections::HashMap;
    ///
    /// async fn forward(Json(event): Json<Value>) -> String {
    ///     publish(event).await
    /// }
    ///
    /// async fn list(Query(query): Query<HashMap<String, String>>) -> String {
    ///     match query.get("page") {
    ///         Some(page) => show(page).await,
    ///         None => show("1").await,
    ///     }
    /// }
    /// ```
    name: "unvalidated-input",
    category: Data,
    severity: Medium,
    scope: File,
    on: [Fact(Kind::Function)],
    check: check,
}

/// A variable that holds request data as it came.
struct Raw<'a> {
    name: &'a str,
    /// Where it is read, or declared.
    at: Node<'a>,
}

/// What code does with an element of request data.
#[derive(PartialEq, Eq)]
enum Use {
    /// Nothing that matters here.
    None,
    /// Uses it as it came.
    Raw,
    /// Looks at it first, or leaves that to somebody else.
    Checked,
}

fn check(cx: &mut Check<'_>, function: Node<'_>) {
    let function = cx.facts().node(function.index());
    let raws = match cx.language() {
        Language::Python => python(cx, function),
        Language::Go => go(cx, function),
        Language::Rust => rust(cx, function),
    };
    let typed = || {
        function.descendants_here().any(|n| n.is(Kind::Parameter) && request::is_handler_input(cx, n))
            || cx.language() == Language::Go
                && function.descendants().any(|n| n.is(Kind::Call) && request::decodes_body(cx, n))
    };
    if raws.is_empty() {
        if typed() {
            cx.site();
        }
        return;
    }
    cx.site();
    for raw in raws {
        report(cx, function, &raw);
    }
}

fn report<'a>(cx: &mut Check<'a>, function: Node<'a>, raw: &Raw<'a>) {
    let mut used: Option<Node<'a>> = None;
    for name in
        function.descendants().filter(|n| n.is(Kind::Name) && n.name() == raw.name && !n.has(Flags::BINDS))
    {
        match usage(cx, function, name) {
            Use::Checked => return,
            Use::Raw => used = used.or_else(|| name.parent()),
            Use::None => {}
        }
    }
    let Some(used) = used else { return };
    let what = used.text().lines().next().unwrap_or(raw.name);
    let finding = cx
        .finding(raw.at, format!("`{}` is request data, and nothing checks `{what}`", raw.name))
        .why("A field that is missing or of another type fails far from here, or is stored as it is.")
        .help("Parse it into a model that says what is expected.")
        .confidence(Confidence::Medium)
        .related(used, "used as it came");
    cx.report(finding);
}

/// Python: names that are given a request's body, and parameters of routes that take any object.
fn python<'a>(cx: &Check<'a>, function: Node<'a>) -> Vec<Raw<'a>> {
    let assigned = function.descendants_here().filter(|n| n.is(Kind::Assign)).filter_map(|assign| {
        let target = assign.get(Role::Target).filter(|t| t.is(Kind::Name))?;
        let value = assign.get(Role::Value)?;
        // `request.get_json() or {}`
        let read = if value.is(Kind::Binary) { value.get(Role::Operand)? } else { value };
        let only = matches!(given(cx, target)[..], [Given::Value(_)]);
        (only && request::read(cx, read) == Some(Part::Body)).then(|| Raw { name: target.name(), at: read })
    });
    let taken = function.all(Role::Parameter).filter_map(|parameter| {
        let annotation = parameter.get(Role::Type)?.text();
        let any = ["dict", "Dict", "typing.Dict"].iter().any(|d| annotation.split('[').next() == Some(d));
        (any && request::is_handler_input(cx, parameter))
            .then(|| Raw { name: parameter.name(), at: parameter })
    });
    assigned.chain(taken).collect()
}

/// Go: maps of anything that a request's body is decoded into.
fn go<'a>(cx: &Check<'a>, function: Node<'a>) -> Vec<Raw<'a>> {
    let calls = function.descendants().filter(|n| n.is(Kind::Call));
    let decoded = calls.filter_map(|call| {
        let into = cx.argument(call, "into")?;
        let name = if into.is(Kind::Reference) { into.get(Role::Value)? } else { into };
        let declared = cx.resolver().bindings(name).first()?.statement().text();
        let any = declared.contains("map[string]interface{}") || declared.contains("map[string]any");
        (any && name.is(Kind::Name) && request::decodes_body(cx, call))
            .then(|| Raw { name: name.name(), at: call })
    });
    decoded.collect()
}

/// Rust: extractors of values of any shape.
fn rust<'a>(cx: &Check<'a>, function: Node<'a>) -> Vec<Raw<'a>> {
    let parameters = function.all(Role::Parameter).filter_map(|parameter| {
        let annotation = parameter.get(Role::Type)?;
        let inside = request::extractor(cx, annotation)?;
        let any = matches!(inside, "Value" | "serde_json::Value" | "JsonValue")
            || inside.starts_with("HashMap<String");
        let bound = parameter.descendants().find(|n| n.is(Kind::Name) && n.has(Flags::BINDS));
        let name = bound.map_or(parameter.name(), Node::name);
        (any && !name.is_empty()).then_some(Raw { name, at: annotation })
    });
    parameters.collect()
}

fn usage<'a>(cx: &Check<'a>, function: Node<'a>, name: Node<'a>) -> Use {
    let Some(element) = element(name) else {
        // Whole, in a condition it says whether there is any.
        let present =
            name.ancestors().take_while(|a| a.role() != Role::Statement).any(|a| a.is(Kind::Compare));
        // Who logs it, or answers with it, does nothing else with it.
        let shows = |m: &Meaning| m.is("log") || m.is("print") || m.effects.contains(Effects::RESPONDS);
        let shown = name
            .ancestors()
            .take_while(|a| !a.is(Kind::Block))
            .any(|a| a.is(Kind::Call) && cx.meaning(a).is_some_and(|m| shows(m)));
        return match name.parent() {
            _ if shown => Use::None,
            Some(p) if matches!(p.kind(), Kind::If | Kind::Unary) && !present => Use::None,
            Some(p) if p.is(Kind::Reference) && cx.language() == Language::Go => Use::None,
            _ => Use::Checked,
        };
    };
    if is_guarded(cx, element, function) {
        return Use::Checked;
    }
    let mut inner = element;
    for outer in element.ancestors() {
        match outer.kind() {
            Kind::If | Kind::While | Kind::Conditional if inner.role() == Role::Condition => {
                return Use::Checked;
            }
            // `where(Order.id == data["order"])` is a part of a query.
            Kind::Compare if is_filter(cx, outer) => return Use::Raw,
            Kind::Compare
            | Kind::Match
            | Kind::Let
            | Kind::Propagate
            | Kind::Assert
            | Kind::For
            | Kind::Comprehension => {
                return Use::Checked;
            }
            Kind::TypeAssertion if outer.has(Flags::CHECKED) => return Use::Checked,
            Kind::Index if outer.has(Flags::CHECKED) => return Use::Checked,
            Kind::Attribute if checks(outer.name()) => return Use::Checked,
            Kind::Call if inner.role() == Role::Argument => {
                return if validates(cx, outer) { Use::Checked } else { Use::Raw };
            }
            Kind::Assign => {
                // `totals[data["name"]] = 0`
                if inner.role() == Role::Target {
                    return Use::Raw;
                }
                let names = outer.all(Role::Target).filter(|t| t.is(Kind::Name)).map(Node::name);
                let decided = names.into_iter().any(|n| is_decided(cx, function, n));
                // What is stored or handed on elsewhere may be checked there.
                let local = outer.all(Role::Target).all(|t| t.is(Kind::Name));
                return if decided || !local { Use::Checked } else { Use::Raw };
            }
            Kind::Return | Kind::Dictionary | Kind::Construct | Kind::Lambda => return Use::Checked,
            _ if outer.role() == Role::Statement => return Use::Raw,
            _ => inner = outer,
        }
    }
    Use::Raw
}

/// The element that is taken of a name: `data["x"]`, `data.get("x")`.
fn element(name: Node<'_>) -> Option<Node<'_>> {
    let parent = name.parent().filter(|_| name.role() == Role::Object)?;
    match parent.kind() {
        Kind::Index => Some(parent),
        Kind::Attribute if parent.name() == "get" => {
            parent.parent().filter(|c| c.is(Kind::Call) && parent.role() == Role::Callee)
        }
        _ => None,
    }
}

/// Whether an error of what stands there is handled: the handler is the check.
fn is_guarded(cx: &Check<'_>, node: Node<'_>, function: Node<'_>) -> bool {
    let mut inner = node;
    for outer in node.ancestors().take_while(|a| *a != function) {
        let expected = |h: Node<'_>| {
            let types = h.get(Role::Type).map(Node::text).unwrap_or_default();
            ["KeyError", "TypeError", "ValueError", "AttributeError"].iter().any(|t| types.contains(t))
        };
        if outer.is(Kind::Try) && inner.role() == Role::Body && outer.all(Role::Handler).any(expected) {
            return true;
        }
        inner = outer;
    }
    cx.language() == Language::Python
        && function.all(Role::Decorator).any(|d| words(d.text()).iter().any(|w| is_validation(w)))
}

/// Whether a comparison is written for a database to make.
fn is_filter(cx: &Check<'_>, comparison: Node<'_>) -> bool {
    let call = comparison.parent().filter(|p| p.is(Kind::Call) && comparison.role() == Role::Argument);
    call.is_some_and(|c| cx.meaning(c).is_some_and(|m| m.is("filters-rows")))
}

/// Whether a method is a look at what is there.
fn checks(method: &str) -> bool {
    matches!(
        method,
        "ok_or"
            | "ok_or_else"
            | "and_then"
            | "map"
            | "filter"
            | "parse"
            | "is_some_and"
            | "is_string"
            | "is_null"
            | "map_or"
    )
}

/// Whether a call checks what it is given: it makes an object, converts, or its name says so.
fn validates(cx: &Check<'_>, call: Node<'_>) -> bool {
    if let Some(meaning) = cx.meaning(call) {
        return meaning.effects.contains(Effects::DECODES)
            || meaning.is("validates")
            || meaning.is("decode")
            || meaning.is("log");
    }
    // A row is made of whatever it is given.
    if call.callee().and_then(|c| cx.name_of(c)).is_some_and(|class| relations::is_table(cx, &class)) {
        return false;
    }
    let name = call.callee().map_or("", Node::name);
    name.starts_with(|c: char| c.is_ascii_uppercase()) && cx.language() == Language::Python
        || matches!(name, "isinstance" | "len" | "bool" | "list" | "set")
        || words(name).iter().any(|w| is_validation(w))
}

fn is_validation(word: &str) -> bool {
    const WORDS: [&str; 17] = [
        "validate",
        "validates",
        "validated",
        "validator",
        "valid",
        "check",
        "ensure",
        "require",
        "required",
        "schema",
        "parse",
        "clean",
        "sanitize",
        "normalize",
        "coerce",
        "verify",
        "expects",
    ];
    WORDS.contains(&word)
}

/// Whether a function decides by a name: it stands in a condition, a comparison, or goes to a call that checks.
fn is_decided(cx: &Check<'_>, function: Node<'_>, name: &str) -> bool {
    let uses =
        function.descendants().filter(|n| n.is(Kind::Name) && n.name() == name && !n.has(Flags::BINDS));
    uses.into_iter().any(|used| {
        let mut inner = used;
        used.ancestors().take_while(|a| !a.is(Kind::Block)).any(|outer| {
            let decides = match outer.kind() {
                Kind::If | Kind::While | Kind::Conditional | Kind::Clause => inner.role() == Role::Condition,
                Kind::Compare => !is_filter(cx, outer),
                Kind::Match | Kind::Let | Kind::Assert => true,
                Kind::Binary => matches!(
                    outer.operator(),
                    shipworthy_facts::Operator::Or | shipworthy_facts::Operator::And
                ),
                Kind::Call => words(outer.callee().map_or("", Node::name))
                    .iter()
                    .any(|w| is_validation(w) || w == "isinstance" || w == "int"),
                _ => false,
            };
            inner = outer;
            decides
        })
    })
}
