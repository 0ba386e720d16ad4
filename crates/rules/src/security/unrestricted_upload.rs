use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Flags, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::limits;
use crate::names::words;
use crate::values::{Given, given};

rule! {
    /// An uploaded file is taken whatever its size and type
    ///
    /// A file that is read whole takes as much memory as its sender likes, one that is stored as much disk; a few requests stop the service. A file of
    /// any type is served again later as a page with scripts, or opened by a program that was made for images.
    ///
    /// Refuse what is over a limit before reading it whole, and what is not of an expected type.
    ///
    /// ```python bad
    /// from fastapi import FastAPI, UploadFile
    ///
    /// app = FastAPI()
    ///
    /// @app.post("/documents")
    /// async def upload(file: UploadFile):
    ///     contents = await file.read()
    ///                      ^^^^^^^^^^^
    ///     await store(file.filename, contents)
    ///     return {"size": len(contents)}
    /// ```
    /// ```python fixed
    /// from fastapi import FastAPI, UploadFile
    /// from fastapi import HTTPException
    ///
    /// app = FastAPI()
    ///
    /// @app.post("/documents")
    /// async def upload(file: UploadFile):
    ///     contents = await file.read(10 * 1024 * 1024 + 1)
    ///     if len(contents) > 10 * 1024 * 1024:
    ///         raise HTTPException(status_code=413, detail="the file is too large")
    ///     await store(file.filename, contents)
    ///     return {"size": len(contents)}
    /// ```
    ///
    /// ```python bad
    /// import shutil
    /// from fastapi import APIRouter, File, UploadFile
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    /// router = APIRouter()
    ///
    /// @app.post("/avatars")
    /// def avatar():
    ///     image = request.files["image"]
    ///     image.save("/data/avatars/" + image.filename)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return "", 204
    ///
    /// @router.post("/videos")
    /// def video(video: UploadFile = File(...)):
    ///     with open("/data/video", "wb") as out:
    ///         shutil.copyfileobj(video.file, out)
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// from django.http import JsonResponse
    ///
    /// def take_in(request):
    ///     statement = request.FILES["statement"]
    ///     lines = statement.read().decode().splitlines()
    ///             ^^^^^^^^^^^^^^^^
    ///     return JsonResponse({"lines": len(lines)})
    /// ```
    ///
    /// ```python good
    /// from django.http import HttpResponse
    ///
    /// def take_in(request):
    ///     statement = request.FILES["statement"]
    ///     if statement.size > 5_000_000 or statement.content_type != "text/csv":
    ///         return HttpResponse(status=413)
    ///     lines = statement.read().decode().splitlines()
    ///     return HttpResponse(len(lines))
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI, HTTPException, UploadFile
    ///
    /// app = FastAPI()
    ///
    /// @app.post("/documents")
    /// async def upload(file: UploadFile):
    ///     if file.size > MAX_SIZE:
    ///         raise HTTPException(413)
    ///     await store(await file.read())
    ///
    /// @app.post("/images")
    /// async def image(file: UploadFile):
    ///     if file.content_type not in ("image/png", "image/jpeg"):
    ///         raise HTTPException(415)
    ///     await store(await file.read())
    ///
    /// @app.post("/chunks")
    /// async def chunks(file: UploadFile):
    ///     while chunk := await file.read(65536):
    ///         await store(chunk)
    /// ```
    ///
    /// ```python good
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    /// app.config["MAX_CONTENT_LENGTH"] = 16 * 1024 * 1024
    ///
    /// @app.post("/avatars")
    /// def avatar():
    ///     image = request.files["image"]
    ///     image.save("/data/avatar")
    ///     return "", 204
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI, UploadFile
    ///
    /// app = FastAPI()
    ///
    /// @app.post("/documents")
    /// async def upload(file: UploadFile):
    ///     validate_upload(file)
    ///     return await store(await file.read())
    ///
    /// async def to_buffer(file: UploadFile):
    ///     return Buffer(await file.read())
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"io"
    /// 	"net/http"
    /// )
    ///
    /// func upload(w http.ResponseWriter, r *http.Request) {
    /// 	file, header, err := r.FormFile("document")
    /// 	if err != nil {
    /// 		http.Error(w, "no file", http.StatusBadRequest)
    /// 		return
    /// 	}
    /// 	defer file.Close()
    /// 	content, err := io.ReadAll(file)
    /// 	                ^^^^^^^^^^^^^^^^
    /// 	store(header.Filename, content, err)
    /// }
    /// ```
    /// ```go fixed
    /// package api
    ///
    /// import (
    /// 	"io"
    /// 	"net/http"
    /// )
    ///
    /// func upload(w http.ResponseWriter, r *http.Request) {
    /// 	r.Body = http.MaxBytesReader(w, r.Body, 10<<20)
    /// 	file, header, err := r.FormFile("document")
    /// 	if err != nil {
    /// 		http.Error(w, "no file", http.StatusBadRequest)
    /// 		return
    /// 	}
    /// 	defer file.Close()
    /// 	content, err := io.ReadAll(file)
    /// 	store(header.Filename, content, err)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import "github.com/gin-gonic/gin"
    ///
    /// func upload(c *gin.Context) {
    /// 	file, err := c.FormFile("document")
    /// 	if err != nil {
    /// 		c.Status(400)
    /// 		return
    /// 	}
    /// 	c.SaveUploadedFile(file, "/data/"+file.Filename)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"io"
    /// 	"net/http"
    /// )
    ///
    /// func upload(w http.ResponseWriter, r *http.Request) {
    /// 	r.Body = http.MaxBytesReader(w, r.Body, 10<<20)
    /// 	file, _, err := r.FormFile("document")
    /// 	if err != nil {
    /// 		http.Error(w, "no file", http.StatusBadRequest)
    /// 		return
    /// 	}
    /// 	content, err := io.ReadAll(file)
    /// 	store(content, err)
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// func upload(c *gin.Context) {
    /// 	file, err := c.FormFile("document")
    /// 	if err != nil || file.Size > 10<<20 {
    /// 		c.Status(http.StatusRequestEntityTooLarge)
    /// 		return
    /// 	}
    /// 	c.SaveUploadedFile(file, "/data/document")
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_multipart::Multipart;
    /// use futures::StreamExt;
    ///
    /// async fn upload(mut form: Multipart) -> std::io::Result<()> {
    ///                           ^^^^^^^^^
    ///     while let Some(item) = form.next().await {
    ///         let mut field = item?;
    ///         let mut file = std::fs::File::create("/data/document")?;
    ///         while let Some(chunk) = field.next().await {
    ///             file.write_all(&chunk?)?;
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_multipart::Multipart;
    /// use futures::TryStreamExt;
    ///
    /// async fn upload(mut payload: Multipart) -> Result<Vec<u8>, Error> {
    ///                              ^^^^^^^^^
    ///     let mut content = Vec::new();
    ///     while let Some(mut field) = payload.try_next().await? {
    ///         while let Some(chunk) = field.try_next().await? {
    ///             content.extend_from_slice(&chunk);
    ///         }
    ///     }
    ///     Ok(content)
    /// }
    /// ```
    ///
    /// ```rust good
    /// use actix_multipart::Multipart;
    /// use futures::TryStreamExt;
    ///
    /// async fn upload(mut payload: Multipart) -> Result<Vec<u8>, Error> {
    ///     let mut content = Vec::new();
    ///     while let Some(mut field) = payload.try_next().await? {
    ///         while let Some(chunk) = field.try_next().await? {
    ///             content.extend_from_slice(&chunk);
    ///             if content.len() > 10 * 1024 * 1024 {
    ///                 return Err(Error::TooLarge);
    ///             }
    ///         }
    ///     }
    ///     Ok(content)
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::extract::Multipart;
    ///
    /// async fn upload(mut form: Multipart) -> Result<(), Error> {
    ///     while let Some(field) = form.next_field().await? {
    ///         store(field.bytes().await?).await;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    name: "unrestricted-upload",
    category: Security,
    severity: High,
    scope: File,
    fix: { Python: Suggested, Go: Suggested },
    on: [Role("stores-upload"), Role("writes-to"), Role("reads-all"), Fact(Kind::Parameter)],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    let node = cx.facts().node(node.index());
    let Some(function) = node.ancestors().find(|n| matches!(n.kind(), Kind::Function | Kind::Lambda)) else {
        return;
    };
    if node.is(Kind::Parameter) {
        return stream(cx, node, function);
    }
    let Some(upload) = stored(cx, node) else { return };
    cx.site();
    let limited = cx.argument(node, "limit").is_some();
    if limited
        || cx.environment().is_covered("limits-body")
        || is_checked(cx, function)
        || is_handed_on(cx, function, upload)
    {
        return;
    }
    let finding = cx
        .finding(node, format!("the upload `{}` is taken whatever its size and type", upload.text()))
        .why("Its sender decides how much memory or disk it takes, and what is served or opened later.")
        .help("Refuse what is over a limit, and what is not of an expected type.")
        .confidence(if cx.meaning(node).is_some_and(|m| m.guessed) {
            Confidence::Medium
        } else {
            Confidence::High
        })
        .maybe_fix(fix(cx, node, upload));
    cx.report(finding);
}

/// The upload that a call stores, or reads whole.
fn stored<'a>(cx: &Check<'a>, call: Node<'a>) -> Option<Node<'a>> {
    let meaning = cx.meaning(call).filter(|_| call.is(Kind::Call))?;
    if meaning.is("stores-upload") {
        return match meaning.argument("file") {
            Some(file) => file.of(call),
            None => call.callee()?.object(),
        };
    }
    let reader = meaning.argument("reader")?.of(call)?;
    is_upload(cx, reader).then_some(reader)
}

/// Whether an expression is an uploaded file: by its type, or by the call that gave it.
fn is_upload<'a>(cx: &Check<'a>, node: Node<'a>) -> bool {
    if cx.type_meaning(node).is_some_and(|m| m.is("upload")) {
        return true;
    }
    let made = cx.made_by(node);
    let gives = |call: Node<'a>| cx.meaning(call).is_some_and(|m| m.is("upload"));
    made.is_some_and(|call| {
        gives(call) || call.callee().and_then(Node::object).is_some_and(|o| cx.made_by(o).is_some_and(gives))
    })
}

/// Whether a function looks at the size or the type of what it takes, or calls what says that it does.
fn is_checked(cx: &Check<'_>, function: Node<'_>) -> bool {
    const LOOKS: [&str; 23] = [
        "mimetype",
        "mime",
        "suffix",
        "suffixes",
        "extension",
        "extensions",
        "ext",
        "magic",
        "limit",
        "limits",
        "max",
        "validate",
        "validated",
        "validator",
        "allowed",
        "verify",
        "splitext",
        "endswith",
        "check",
        "sniff",
        "detect",
        "guess",
        "scan",
    ];
    let says = |name: &str, any: &[&str]| words(name).iter().any(|w| any.contains(&w.as_str()));
    // A size is looked at where something is decided by it; elsewhere it is only shown.
    let decides = |n: Node<'_>| {
        let mut around =
            n.ancestors().take_while(|a| a.role() != Role::Statement || a.is(Kind::If) || a.is(Kind::While));
        around.any(|a| matches!(a.kind(), Kind::Compare | Kind::If | Kind::While | Kind::Match))
    };
    function.descendants().any(|n| match n.kind() {
        Kind::Name | Kind::Attribute => {
            says(n.name(), &LOOKS)
                || matches!(n.name(), "content_type" | "ContentType" | "DetectContentType" | "HasSuffix")
                || says(n.name(), &["size", "length", "len"]) && decides(n)
        }
        Kind::Parameter => says(n.name(), &LOOKS),
        Kind::String => n.string().is_some_and(|s| {
            s.eq_ignore_ascii_case("content-type") || s.eq_ignore_ascii_case("content-length")
        }),
        Kind::Call => cx.meaning(n).is_some_and(|m| m.is("limits-body")),
        _ => false,
    })
}

/// Whether the upload goes whole to a function that may look at it, or comes from one.
fn is_handed_on<'a>(cx: &Check<'a>, function: Node<'a>, upload: Node<'a>) -> bool {
    let root = std::iter::successors(Some(upload), |n| n.object()).last().unwrap_or(upload);
    if !root.is(Kind::Name) {
        return false;
    }
    // What a helper is given, or a dependency gives, may have been looked at before.
    let handler = function.is(Kind::Function) && cx.is_decorated(function, "route");
    let injected = given(cx, root).iter().any(|g| {
        matches!(g, Given::Other(bound) if bound.is(Kind::Parameter) && (!handler || bound.text().contains("Depends")))
    });
    let mut uses = function
        .descendants()
        .filter(|n| n.is(Kind::Name) && n.name() == root.name() && !n.has(Flags::BINDS));
    injected
        || uses.any(|n| {
            let call = n.parent().filter(|p| p.is(Kind::Call) && n.role() == Role::Argument);
            call.is_some_and(|c| {
                cx.meaning(c).is_none() && !c.callee().is_some_and(|f| matches!(f.name(), "print" | "bool"))
            })
        })
}

/// Rust: a parameter that is the stream of a form, of a library that has no limit of its own.
fn stream<'a>(cx: &mut Check<'a>, parameter: Node<'a>, function: Node<'a>) {
    if cx.language() != Language::Rust {
        return;
    }
    let Some(annotation) = parameter.get(Role::Type) else { return };
    let shipworthy_facts::Value::Instance(class) = cx.resolver().annotation(annotation.text()) else {
        return;
    };
    let unlimited = cx
        .resolver()
        .vocabulary()
        .type_of(&class)
        .is_some_and(|m| m.is("upload") && m.property("default-body-limit") == Some("none"));
    let name = parameter.descendants().find(|n| n.has(Flags::BINDS)).map_or(parameter.name(), Node::name);
    let reads = function.get(Role::Body).is_some_and(|b| {
        b.descendants().any(|n| {
            n.is(Kind::Call)
                && n.callee().is_some_and(|c| {
                    matches!(c.name(), "write_all" | "extend_from_slice" | "extend" | "put" | "write")
                })
        })
    });
    if !unlimited || !reads || function.get(Role::Body).is_none() {
        return;
    }
    cx.site();
    if cx.environment().is_covered("limits-body") || is_checked(cx, function) {
        return;
    }
    let finding = cx
        .finding(annotation, format!("the uploads of `{name}` are taken whatever their size and type"))
        .why("Their sender decides how much memory or disk they take, and what is served or opened later.")
        .help("Count what is read and refuse what is over a limit, and what is not of an expected type.")
        .confidence(Confidence::Medium);
    cx.report(finding);
}

fn fix(cx: &Check<'_>, call: Node<'_>, upload: Node<'_>) -> Option<Fix> {
    match cx.language() {
        Language::Python => {
            // `contents = await file.read()` at the start of its line.
            let assign = call.statement();
            let name = assign.get(Role::Target).filter(|t| assign.is(Kind::Assign) && t.is(Kind::Name))?;
            let value = assign.get(Role::Value)?;
            let read = if value.is(Kind::Await) { value.get(Role::Value)? } else { return None };
            if read != call || call.arguments().next().is_some() {
                return None;
            }
            let indent = limits::indentation(assign)?;
            let (exception, import) = cx.import("fastapi", "HTTPException");
            let limit = "10 * 1024 * 1024";
            let refuse = format!(
                "\n{indent}if len({}) > {limit}:\n{indent}    raise {exception}(status_code=413, detail=\"the file is too large\")",
                name.text()
            );
            Some(
                Fix::suggested("Refuse what is over a limit")
                    .replace(call, format!("{}.read({limit} + 1)", upload.text()))
                    .insert(assign.range().end, refuse)
                    .import(import),
            )
        }
        Language::Go => {
            let made = cx.made_by(upload)?;
            let request = made.callee()?.object()?;
            let form = Fix::suggested("Limit the body");
            limits::limit_body(cx, form, made, &limits::body_of(cx, request)?, "10<<20")
        }
        Language::Rust => None,
    }
}
