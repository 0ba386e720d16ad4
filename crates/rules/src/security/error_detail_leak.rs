use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::answers::{Answer, Status, answer, class_of};
use crate::values::{Given, given, latest};

rule! {
    /// The client is shown an internal error's text
    ///
    /// The text of an error names tables, paths, hosts, queries and versions: a map for an attacker, and of no use to anybody else who reads it.
    /// Log the error where it happened, and answer with a message of your own.
    ///
    /// An answer with a client-error status tells the client what it did wrong, and may say so.
    ///
    /// ```python bad
    /// import logging
    ///
    /// from fastapi import HTTPException
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def show(order_id):
    ///     try:
    ///         return load(order_id)
    ///     except Exception as e:
    ///         raise HTTPException(status_code=500, detail=f"cannot load: {e}")
    ///                                                     ^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import logging
    ///
    /// from fastapi import HTTPException
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def show(order_id):
    ///     try:
    ///         return load(order_id)
    ///     except Exception as e:
    ///         logger.exception("request failed")
    ///         raise HTTPException(status_code=500, detail="internal error")
    /// ```
    ///
    /// ```python bad
    /// import traceback
    /// from flask import Flask, jsonify
    ///
    /// app = Flask(__name__)
    ///
    /// @app.route("/orders")
    /// def orders():
    ///     try:
    ///         return jsonify(load())
    ///     except ValueError as error:
    ///         message = str(error)
    ///         return jsonify({"error": message}), 500
    ///                        ^^^^^^^^^^^^^^^^^^
    ///     except Exception:
    ///         return jsonify({"error": traceback.format_exc()})
    ///                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// @app.get("/health")
    /// def health():
    ///     try:
    ///         return ping()
    ///     except Exception as error:
    ///         return {"status": "error", "detail": str(error)}
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// import traceback
    /// from flask import Flask, jsonify
    ///
    /// app = Flask(__name__)
    ///
    /// @app.errorhandler(Exception)
    /// def failed(error):
    ///     return jsonify(error=repr(error)), 500
    ///                          ^^^^^^^^^^^
    ///
    /// @app.post("/import")
    /// def load():
    ///     try:
    ///         return jsonify(rows=read())
    ///     except OSError:
    ///         return jsonify(error="import failed", detail=traceback.format_exc()), 500
    ///                                                      ^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// from flask import Flask, jsonify
    ///
    /// app = Flask(__name__)
    ///
    /// @app.errorhandler(404)
    /// def missing(error):
    ///     return jsonify(error=str(error)), 404
    ///
    /// @app.errorhandler(OutOfStock)
    /// def sold_out(error):
    ///     return jsonify(error=str(error), retry=True), 503
    /// ```
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    /// from fastapi.responses import JSONResponse
    ///
    /// app = FastAPI()
    ///
    /// @app.exception_handler(Exception)
    /// async def failed(request, error: Exception):
    ///     return JSONResponse({"error": str(error)}, status_code=500)
    ///                         ^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    /// from fastapi.responses import JSONResponse
    ///
    /// app = FastAPI()
    ///
    /// @app.exception_handler(OutOfStock)
    /// async def sold_out(request, error: OutOfStock):
    ///     return JSONResponse({"error": str(error)}, status_code=500)
    ///
    /// def describe(error: Exception):
    ///     return JSONResponse({"error": str(error)}, status_code=409)
    /// ```
    ///
    /// ```python good
    /// import logging
    /// from fastapi import HTTPException
    /// from fastapi.responses import JSONResponse
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def show(order_id):
    ///     try:
    ///         return load(order_id)
    ///     except ValueError as e:
    ///         raise HTTPException(status_code=400, detail=str(e))
    ///     except KeyError as e:
    ///         return JSONResponse({"error": str(e)}, status_code=404)
    ///     except DomainError as e:
    ///         raise HTTPException(status_code=e.status, detail=e.message)
    ///     except Exception as e:
    ///         logger.exception("cannot load %s: %s", order_id, e)
    ///         raise HTTPException(status_code=500, detail="internal error")
    /// ```
    ///
    /// ```python good
    /// from flask import jsonify
    ///
    /// def summary(job):
    ///     try:
    ///         return job.run()
    ///     except Exception as e:
    ///         return {"error": str(e)}
    ///
    /// def invalid(errors):
    ///     try:
    ///         check(errors)
    ///     except ValueError as e:
    ///         return jsonify({"error": str(e)}), 422
    ///     except TypeError as e:
    ///         return jsonify({"type": type(e).__name__}), 500
    ///     message = "not configured"
    ///     if not errors:
    ///         return jsonify({"error": message}), 500
    ///     try:
    ///         check(errors)
    ///     except ValueError as e:
    ///         message = str(e)
    ///         log(message)
    /// ```
    ///
    /// An error that is only looked up by, and errors whose texts the project writes itself.
    ///
    /// ```python good
    /// from fastapi import HTTPException
    ///
    /// class NotInstalled(Exception):
    ///     pass
    ///
    /// MESSAGES = {"too large": "The answer is too large."}
    ///
    /// def check(provider):
    ///     try:
    ///         provider.check()
    ///     except ValueError as e:
    ///         raise HTTPException(502, MESSAGES.get(str(e), "The answer is invalid.")) from None
    ///     except NotImplementedError as e:
    ///         raise HTTPException(status_code=501, detail=str(e))
    ///     except NotInstalled as e:
    ///         raise HTTPException(status_code=503, detail=str(e))
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import "net/http"
    ///
    /// func (s *Server) show(w http.ResponseWriter, r *http.Request) {
    /// 	if err := s.load(r); err != nil {
    /// 		http.Error(w, err.Error(), http.StatusInternalServerError)
    /// 		              ^^^^^^^^^^^
    /// 	}
    /// }
    /// ```
    /// ```go fixed
    /// package api
    ///
    /// import "net/http"
    ///
    /// func (s *Server) show(w http.ResponseWriter, r *http.Request) {
    /// 	if err := s.load(r); err != nil {
    /// 		http.Error(w, "internal error", http.StatusInternalServerError)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"fmt"
    ///
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// func show(c *gin.Context) {
    /// 	if err := load(c); err != nil {
    /// 		c.JSON(500, gin.H{"error": err.Error()})
    /// 		            ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		c.String(500, fmt.Sprintf("cannot load: %v", err))
    /// 		              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// func (s *Server) show(w http.ResponseWriter, r *http.Request) {
    /// 	if err := s.parse(r); err != nil {
    /// 		http.Error(w, err.Error(), http.StatusBadRequest)
    /// 	}
    /// 	if err := s.load(r); err != nil {
    /// 		log.Printf("load: %v", err)
    /// 		http.Error(w, "internal error", http.StatusInternalServerError)
    /// 	}
    /// 	_, err := w.Write([]byte("done"))
    /// 	if err != nil {
    /// 		http.Error(w, err.Error(), http.StatusInternalServerError)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"errors"
    ///
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// func show(c *gin.Context, status int) {
    /// 	if err := load(c); err != nil {
    /// 		c.JSON(status, gin.H{"error": err.Error()})
    /// 		c.JSON(500, gin.H{"retry": errors.Is(err, errBusy)})
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_web::HttpResponse;
    ///
    /// async fn show(id: u64) -> HttpResponse {
    ///     match load(id).await {
    ///         Ok(order) => HttpResponse::Ok().json(order),
    ///         Err(e) => HttpResponse::InternalServerError().body(e.to_string()),
    ///                                                            ^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    /// ```rust fixed
    /// use actix_web::HttpResponse;
    ///
    /// async fn show(id: u64) -> HttpResponse {
    ///     match load(id).await {
    ///         Ok(order) => HttpResponse::Ok().json(order),
    ///         Err(e) => HttpResponse::InternalServerError().body("internal error"),
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::http::StatusCode;
    ///
    /// async fn show(id: u64) -> Result<String, (StatusCode, String)> {
    ///     load(id).await.map_err(|e| (StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))
    ///                                                                    ^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::http::StatusCode;
    ///
    /// async fn show(id: u64) -> Result<String, (StatusCode, String)> {
    ///     let id = parse(id).map_err(|e| (StatusCode::BAD_REQUEST, e.to_string()))?;
    ///     load(id).await.map_err(|e| {
    ///         tracing::error!("load: {e}");
    ///         (StatusCode::INTERNAL_SERVER_ERROR, "internal error".to_string())
    ///     })
    /// }
    /// ```
    ///
    /// ```rust good
    /// use actix_web::HttpResponse;
    ///
    /// async fn show(id: u64) -> HttpResponse {
    ///     match load(id).await {
    ///         Ok(order) => HttpResponse::InternalServerError().body(order.to_string()),
    ///         Err(e) => HttpResponse::BadRequest().body(e.to_string()),
    ///     }
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// func show(w http.ResponseWriter, r *http.Request) {
    /// 	if err := read(r); err != nil {
    /// 		w.WriteHeader(http.StatusInternalServerError)
    /// 		fmt.Fprintf(w, "could not read: %s", err)
    /// 		                                     ^^^
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"fmt"
    /// 	"net/http"
    /// 	"os"
    /// )
    ///
    /// func show(w http.ResponseWriter, r *http.Request) {
    /// 	if err := read(r); err != nil {
    /// 		fmt.Fprintf(os.Stderr, "could not read: %s", err)
    /// 		w.WriteHeader(http.StatusBadRequest)
    /// 		fmt.Fprintf(w, "could not read: %s", err)
    /// 	}
    /// }
    /// ```
    /// What a decoder says is of the text that the client has sent.
    ///
    /// ```python good
    /// import yaml
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    ///
    /// @app.post("/words/check")
    /// def check(text: str):
    ///     try:
    ///         return {"valid": True, "words": len(yaml.safe_load(text))}
    ///     except yaml.YAMLError as error:
    ///         return {"valid": False, "error": f"Invalid YAML: {error}"}
    /// ```
    ///
    /// What a template cannot write into the answer, nobody reads:
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"html/template"
    /// 	"net/http"
    /// )
    ///
    /// type server struct{ address string }
    ///
    /// func (s *server) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
    /// 	t := template.Must(template.New("status").Parse("<h1>{{.Address}}</h1>"))
    /// 	w.WriteHeader(http.StatusOK)
    /// 	if err := t.Execute(w, struct{ Address string }{s.address}); err != nil {
    /// 		http.Error(w, err.Error(), http.StatusInternalServerError)
    /// 	}
    /// }
    /// ```
    name: "error-detail-leak",
    category: Security,
    severity: High,
    scope: File,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Role("error-response"), Role("writes-to"), Fact(Kind::Return), Fact(Kind::Tuple)],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    let writes = node.is(Kind::Call) && cx.meaning(node).is_some_and(|m| m.is("writes-to"));
    let answer = if writes { written(cx, node) } else { answer(cx, node) };
    let Some(Answer { content, status }) = answer else { return };
    cx.site();
    // A response without any status answers with an error's text as if all were well.
    if !matches!(status, Status::Class(5) | Status::Unsaid) {
        return;
    }
    // `jsonify(error=..., detail=...)`: each keyword is content.
    let fields = node.arguments().filter(|_| takes_fields(cx, node) && !content.label().is_empty());
    let Some((content, detail)) =
        std::iter::once(content).chain(fields).find_map(|c| Some((c, leak(cx, c)?)))
    else {
        return;
    };
    if is_of_answer(cx, detail) {
        return;
    }
    let finding = cx
        .finding(content, format!("The client gets `{}`", detail.text().lines().next().unwrap_or("")))
        .why("An error's text names tables, paths, hosts and queries: a map for an attacker.")
        .help("Log the error, and answer with a fixed message.")
        .confidence(if is_meant_for_clients(cx, detail) { Confidence::Low } else { Confidence::High })
        .maybe_fix(fix(cx, content, detail));
    cx.report(finding);
}

/// The internal error's text in what a response says.
fn leak<'a>(cx: &Check<'_>, content: Node<'a>) -> Option<Node<'a>> {
    let mut inside = std::iter::once(content).chain(content.descendants());
    inside.find(|n| is_error_text(cx, *n) && !is_key(*n, content))
}

/// Go: whether an error is of writing the answer: whoever asked has gone, and reads no more of it.
fn is_of_answer(cx: &Check<'_>, error: Node<'_>) -> bool {
    let wrote = match latest(cx, error) {
        Some(Given::Value(value)) => Some(value),
        // `_, err := w.Write(body)`
        Some(Given::Other(bound)) => {
            bound.parent().filter(|p| p.is(Kind::Assign)).and_then(|p| p.get(Role::Value))
        }
        _ => None,
    };
    let writes = |writer: Node<'_>| cx.type_meaning(writer).is_some_and(|t| t.is("response-writer"));
    wrote.filter(|call| call.is(Kind::Call)).is_some_and(|call| {
        call.callee().is_some_and(|c| c.name() == "Write" && c.object().is_some_and(writes))
            || cx.argument(call, "writer").is_some_and(writes)
    })
}

/// Whether the keywords of a call are the fields of what it answers with.
fn takes_fields(cx: &Check<'_>, call: Node<'_>) -> bool {
    call.is(Kind::Call)
        && cx.meaning(call).is_some_and(|m| {
            m.argument("status").is_none() && m.argument("content").is_some_and(|a| a.of(call).is_none())
        })
}

/// Go: what is written to the answer after its status was set in the same block: `w.WriteHeader(500)`, `fmt.Fprintf(w, "failed: %v", err)`.
fn written<'a>(cx: &Check<'_>, call: Node<'a>) -> Option<Answer<'a>> {
    let meaning = cx.meaning(call).filter(|m| m.is("writes-to"))?;
    let writer = meaning.argument("writer").and_then(|a| a.of(call)).filter(|w| w.is(Kind::Name))?;
    cx.type_meaning(writer).filter(|m| m.is("response-writer"))?;
    let statement = call.statement();
    let before = statement.parent()?.all(Role::Statement).take_while(|s| *s != statement);
    let status = before
        .filter_map(|s| {
            cx.argument(s, "status").filter(|_| cx.meaning(s).is_some_and(|m| m.is("sets-status")))
        })
        .last()?;
    let parameters = call.arguments().skip(1).find(|a| a.is(Kind::Name) && is_error(cx, *a));
    let content = parameters.or_else(|| meaning.argument("content")?.of(call))?;
    Some(Answer { content, status: class_of(cx, status) })
}

/// Python: whether an error is of a kind whose text the project's own code writes, mostly for who reads the answer: its own exceptions, and
/// `NotImplementedError`; or one that speaks of the text that the client has sent: a decoder's.
fn is_meant_for_clients(cx: &Check<'_>, error: Node<'_>) -> bool {
    let handler = error.ancestors().find(|a| a.is(Kind::Handler) && a.name() == error.name());
    let types = handler.into_iter().flat_map(|h| h.all(Role::Type));
    let mut types = types
        .flat_map(|t| if t.is(Kind::Tuple) { t.all(Role::Element).collect() } else { vec![t] })
        .peekable();
    types.peek().is_some()
        && types.all(|t| {
            let of_decoder =
                ["DecodeError", "ParseError", "YAMLError"].iter().any(|end| t.name().ends_with(end));
            t.name() == "NotImplementedError"
                || of_decoder
                || cx.name_of(t).is_some_and(|path| cx.workspace().class(&path).is_some())
        })
}

/// Whether a text is only looked up by: `messages.get(str(error), "not available")`.
fn is_key(text: Node<'_>, content: Node<'_>) -> bool {
    let outward = std::iter::once(text).chain(text.ancestors());
    outward.take_while(|n| *n != content).any(|n| {
        let call = n.parent().filter(|p| p.is(Kind::Call) && n.role() == Role::Argument);
        n.role() == Role::Index
            || call.is_some_and(|c| {
                c.positional(0) == Some(n)
                    && c.callee().is_some_and(|callee| callee.is(Kind::Attribute) && callee.name() == "get")
            })
    })
}

/// Whether an expression is an internal error's text, or an error that becomes text where it stands.
fn is_error_text(cx: &Check<'_>, node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Call if cx.meaning(node).is_some_and(|m| m.is("traceback")) => true,
        Kind::Name => is_error(cx, node) && becomes_text(node) || holds_error_text(cx, node),
        _ => false,
    }
}

/// Whether a local name was given an error's text.
/// Whether a parameter takes any error that the application's requests raise: that of `@app.exception_handler(Exception)`.
fn is_handled_by_application(cx: &Check<'_>, bound: Node<'_>) -> bool {
    let Some(parameter) = std::iter::once(bound).chain(bound.ancestors()).find(|n| n.is(Kind::Parameter))
    else {
        return false;
    };
    let is_any = |n: Node<'_>| matches!(n.text(), "Exception" | "BaseException" | "500");
    let Some(function) = parameter.parent().filter(|f| f.is(Kind::Function)) else { return false };
    // `@app.errorhandler(Exception)` says of which errors, and hands over the error first.
    let handles = |decorator: Node<'_>| {
        let call = decorator.get(Role::Value).filter(|v| v.is(Kind::Call));
        let meaning = call.and_then(|c| cx.meaning(c)).filter(|m| m.is("error-handler"));
        call.zip(meaning)
            .is_some_and(|(call, m)| m.argument("error").and_then(|a| a.of(call)).is_some_and(is_any))
    };
    let untyped = parameter.get(Role::Type).is_none();
    let last = function.all(Role::Parameter).last() == Some(parameter);
    let told = untyped && last && function.all(Role::Decorator).any(handles);
    let any = parameter.get(Role::Type).is_some_and(is_any);
    told || any && cx.is_decorated(function, "error-handler")
}

fn holds_error_text(cx: &Check<'_>, name: Node<'_>) -> bool {
    let text_of_error = |value: Node<'_>| {
        matches!(value.kind(), Kind::Call | Kind::Template)
            && std::iter::once(value)
                .chain(value.descendants())
                .any(|n| n.is(Kind::Name) && is_error(cx, n) && becomes_text(n) || is_traceback(cx, n))
    };
    !name.has(Flags::BINDS)
        && !matches!(name.role(), Role::Callee | Role::Object)
        && matches!(latest(cx, name), Some(Given::Value(v)) if text_of_error(v))
}

fn is_traceback(cx: &Check<'_>, node: Node<'_>) -> bool {
    node.is(Kind::Call) && cx.meaning(node).is_some_and(|m| m.is("traceback"))
}

/// Whether a name is a caught error.
fn is_error(cx: &Check<'_>, name: Node<'_>) -> bool {
    match cx.language() {
        Language::Python => {
            let holds = |bound: Node<'_>| bound.is(Kind::Handler) || is_handled_by_application(cx, bound);
            given(cx, name).iter().any(|g| matches!(g, Given::Other(bound) if holds(*bound)))
        }
        Language::Go => cx.type_of(name).map_or_else(|| name.name() == "err", |t| t == "error"),
        Language::Rust => given(cx, name).iter().any(|g| match g {
            Given::Other(bound) => is_bound_to_error(*bound),
            _ => false,
        }),
    }
}

/// Rust: whether a name is bound by `Err(e)`, or by the closure of `map_err`.
fn is_bound_to_error(bound: Node<'_>) -> bool {
    bound.ancestors().take(5).any(|a| match a.kind() {
        Kind::Pattern => a.callee().is_some_and(|c| c.name() == "Err"),
        Kind::Call => {
            let is_parameter = bound.ancestors().chain([bound]).any(|n| n.is(Kind::Parameter));
            is_parameter
                && a.callee().is_some_and(|c| matches!(c.name(), "map_err" | "or_else" | "unwrap_or_else"))
        }
        _ => false,
    })
}

/// Whether an error becomes text where it stands: in a template, in `str(e)`, `err.Error()`, `e.to_string()`, a format call, or as content.
fn becomes_text(name: Node<'_>) -> bool {
    let Some(parent) = name.parent() else { return false };
    match (parent.kind(), name.role()) {
        (Kind::Template, _) => true,
        (Kind::OtherExpression, _) => parent.parent().is_some_and(|p| p.is(Kind::Template)),
        (Kind::Call, Role::Argument) => parent.callee().is_some_and(|c| {
            matches!(
                c.name(),
                "str"
                    | "repr"
                    | "format"
                    | "format!"
                    | "Sprintf"
                    | "Sprint"
                    | "Fprintf"
                    | "Fprint"
                    | "Fprintln"
            )
        }),
        (Kind::Attribute, Role::Object) => {
            matches!(parent.name(), "Error" | "to_string") && parent.role() == Role::Callee
        }
        _ => false,
    }
}

/// A fixed message instead of the text; where that is one value of a larger content, only there.
fn fix(cx: &Check<'_>, content: Node<'_>, detail: Node<'_>) -> Option<Fix> {
    let fix = Fix::suggested("Answer with a fixed message");
    let mut text = detail;
    for outer in detail.ancestors().take_while(|a| a.is_in(content)) {
        match outer.kind() {
            Kind::Entry | Kind::Dictionary | Kind::Construct | Kind::List | Kind::Block => break,
            _ => text = outer,
        }
    }
    let message = match cx.language() {
        Language::Rust if text.is(Kind::Call) && text.text().starts_with("format!") => {
            "\"internal error\".to_owned()"
        }
        _ => "\"internal error\"",
    };
    let fix = fix.replace(text, message);
    Some(match (cx.language(), cx.logger(), handler_without_log(cx, content)) {
        (Language::Python, Some(logger), Some(first)) => {
            let text = &first.facts().text[..first.range().start as usize];
            let indentation = text.rfind('\n').map_or("", |at| &text[at + 1..]);
            fix.insert(first.range().start, format!("{logger}.exception(\"request failed\")\n{indentation}"))
        }
        _ => fix,
    })
}

/// The first statement of the handler around a response, where nothing in the handler logs the error.
fn handler_without_log<'a>(cx: &Check<'_>, content: Node<'a>) -> Option<Node<'a>> {
    let body = content.ancestors().find(|a| a.is(Kind::Handler))?.get(Role::Body)?;
    let logs = |n: Node<'_>| n.is(Kind::Call) && cx.effects(n).contains(Effects::LOGS);
    if body.descendants().any(logs) {
        return None;
    }
    body.all(Role::Statement).next()
}
