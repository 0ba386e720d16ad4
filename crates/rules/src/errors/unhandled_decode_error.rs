use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Meaning, Node, Origin, Role};
use shipworthy_syntax::Language;

use crate::names::{called, words};
use crate::outside::{Source, is_caught, source};
use crate::ownership::{indentation, indented, lines};

rule! {
    /// Malformed data from outside raises where nobody expects it
    ///
    /// What comes with a request or from a language model is text that others wrote, and sooner or later it is no JSON, no number, no date. Decoding it
    /// raises; without a handler the client's mistake becomes a 500 with a traceback, or the job dies at the one answer that was cut off.
    /// Catch the error where the data comes in, and say what is wrong with it.
    ///
    /// Decoding in a `try` that catches the error, after a check (`text.isdigit()`), and by frameworks that answer 400 themselves is sound.
    ///
    /// ```python bad
    /// import json
    /// from fastapi import HTTPException, Request
    ///
    /// async def order(request: Request):
    ///     body = json.loads(await request.body())
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return place(body)
    /// ```
    /// ```python fixed
    /// import json
    /// from fastapi import HTTPException, Request
    ///
    /// async def order(request: Request):
    ///     try:
    ///         body = json.loads(await request.body())
    ///     except ValueError as error:
    ///         raise HTTPException(status_code=400, detail="the request is malformed") from error
    ///     return place(body)
    /// ```
    ///
    /// ```python bad
    /// import json
    /// import openai
    /// from flask import request
    ///
    /// client = openai.OpenAI()
    ///
    /// def tags(client: openai.OpenAI, text):
    ///     answer = client.chat.completions.create(model="gpt-4o", messages=text)
    ///     return json.loads(answer.choices[0].message.content)
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def page():
    ///     number = int(request.args.get("page", 1))
    ///              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return show(number)
    /// ```
    ///
    /// ```python good
    /// from fastapi import HTTPException, Request
    /// from pydantic import TypeAdapter, ValidationError
    ///
    /// ids = TypeAdapter(int)
    ///
    /// async def show(request: Request):
    ///     if int(request.headers.get("content-length", "0")) > 1000:
    ///         raise HTTPException(413)
    ///     try:
    ///         return ids.validate_python(request.path_params.get("id"))
    ///     except ValidationError as error:
    ///         raise HTTPException(422, "no id") from error
    /// ```
    ///
    /// ```python good
    /// import jwt
    /// from aiohttp import web
    ///
    /// async def authenticate(request, handler):
    ///     token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    ///     try:
    ///         request["claims"] = jwt.decode(token, KEY, algorithms=["HS256"])
    ///     except jwt.PyJWTError as error:
    ///         raise web.HTTPUnauthorized() from error
    ///     return await handler(request)
    /// ```
    ///
    /// ```python good
    /// import json
    /// from fastapi import HTTPException, Request
    ///
    /// async def order(request: Request):
    ///     try:
    ///         body = json.loads(await request.body())
    ///     except json.JSONDecodeError:
    ///         raise HTTPException(status_code=400)
    ///     return place(body)
    ///
    /// async def webhook(request: Request):
    ///     check_signature(await request.body(), request.headers["signature"])
    ///     return handle(await request.json())
    ///
    /// def settings(path):
    ///     with open(path) as file:
    ///         return json.load(file)
    ///
    /// def port(environment):
    ///     return int(environment["PORT"])
    /// ```
    ///
    /// ```python good
    /// from contextlib import suppress
    /// from flask import request
    ///
    /// def page():
    ///     number = request.args.get("page", "1")
    ///     if not number.isdigit():
    ///         return show(1)
    ///     return show(int(number))
    ///
    /// def size():
    ///     with suppress(ValueError):
    ///         return int(request.args.get("size"))
    ///     return request.args.get("limit", 10, type=int)
    ///
    /// def body():
    ///     return request.get_json()
    /// ```
    name: "unhandled-decode-error",
    category: Errors,
    severity: Medium,
    scope: File,
    fix: { Python: Suggested },
    on: [Effect(Effects::DECODES)],
    check: check,
}

/// The errors of decoding, and those above them.
const ERRORS: [&str; 8] = [
    "ValueError",
    "JSONDecodeError",
    "UnicodeDecodeError",
    "UnicodeError",
    "binascii.Error",
    "Error",
    "ParserError",
    "ClientDisconnect",
];

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    if cx.language() != Language::Python {
        return;
    }
    let Some(meaning) = cx.meaning(call).cloned() else { return };
    let data = meaning.argument("data").and_then(|a| a.of(call));
    let source = match data {
        Some(data) => source(cx, data),
        // `await request.json()` reads and decodes at once.
        None if meaning.effects.contains(Effects::READS_REQUEST) => Some(Source::RequestBody),
        None => None,
    };
    let Some(source) = source else { return };
    cx.site();
    let sound = is_caught(cx, call, &ERRORS)
        || is_caught_as_its_own(cx, call, &meaning)
        || is_validation(call) && is_caught(cx, call, &["ValidationError"])
        || data.is_some_and(|d| is_checked_by_server(d) || is_decoded_before(cx, d, call))
        || data.is_some_and(|d| is_tested(cx, d, call))
        || is_signed(cx, call)
        || says_it_raises(cx, call);
    if sound {
        return;
    }
    let (what, confidence) = match source {
        Source::Request | Source::RequestBody => ("a request", Confidence::Medium),
        Source::Model => ("a language model", Confidence::Medium),
        Source::Response => ("another service", Confidence::Low),
        Source::Row | Source::Rows | Source::Arguments => return,
    };
    let callee = called(call);
    let finding = cx
        .finding(call, format!("`{callee}` raises on malformed data from {what}, and nothing catches it"))
        .why("Others wrote the data: the first that is malformed becomes an internal error with a traceback, or ends the job.")
        .help("Catch the error here, and answer what is wrong with the data.")
        .confidence(confidence)
        .maybe_fix(fix(cx, call, source));
    cx.report(finding);
}

/// Whether an error of the call's own library is caught around it: `jwt.PyJWTError` of `jwt.decode`.
fn is_caught_as_its_own(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> bool {
    let library = |name: &str| name.split('.').next().map(str::to_owned);
    let own = |t: Node<'_>| cx.name_of(t).is_some_and(|name| library(&name) == library(&meaning.name));
    let mut inner = call;
    call.ancestors().take_while(|a| !matches!(a.kind(), Kind::Function | Kind::Lambda)).any(|outer| {
        let tried = outer.is(Kind::Try) && inner.role() == Role::Body;
        inner = outer;
        let types = outer.all(Role::Handler).flat_map(|h| h.all(Role::Type));
        tried
            && types.into_iter().any(|t| match t.kind() {
                Kind::Tuple => t.all(Role::Element).any(own),
                _ => own(t),
            })
    })
}

/// Whether a call decodes by a schema, whose error has a name of its own.
fn is_validation(call: Node<'_>) -> bool {
    words(call.callee().map_or("", Node::name)).iter().any(|w| w == "validate")
}

/// Whether a text is a header that a server does not let through where it is malformed.
fn is_checked_by_server(data: Node<'_>) -> bool {
    let mut texts = data.descendants().filter_map(Node::string);
    texts.any(|text| text.eq_ignore_ascii_case("content-length"))
}

/// Whether the function has decoded the same name in the same way before: it has failed there then.
fn is_decoded_before(cx: &Check<'_>, data: Node<'_>, call: Node<'_>) -> bool {
    let before = cx.named_function(call).into_iter().flat_map(Node::descendants);
    data.is(Kind::Name)
        && before
            .take_while(|n| n.index() < call.index())
            .any(|n| n.is(Kind::Call) && n.text() == call.text())
}

/// Whether the function asks first whether the text is well formed: `text.isdigit()`, `re.fullmatch(...)`.
fn is_tested(cx: &Check<'_>, data: Node<'_>, call: Node<'_>) -> bool {
    let Some(function) = cx.named_function(call) else { return false };
    let names =
        || std::iter::once(data).chain(data.descendants()).filter(|n| n.is(Kind::Name)).map(Node::name);
    function.descendants().any(|n| {
        n.is(Kind::Call)
            && n.callee().is_some_and(|c| {
                let tests = matches!(
                    c.name(),
                    "isdigit" | "isnumeric" | "isdecimal" | "match" | "fullmatch" | "isinstance"
                );
                let inside = std::iter::once(n).chain(n.descendants());
                tests && inside.into_iter().any(|d| d.is(Kind::Name) && names().any(|name| name == d.name()))
            })
    })
}

/// Whether the function verified before who wrote the data: a signed webhook is what its sender made it.
fn is_signed(cx: &Check<'_>, call: Node<'_>) -> bool {
    let before = cx.named_function(call).into_iter().flat_map(Node::descendants);
    before.take_while(|n| n.index() < call.index()).filter(|n| n.is(Kind::Call)).any(|n| {
        let callee = n.callee().map_or("", Node::name);
        words(callee).iter().any(|w| matches!(w.as_str(), "signature" | "verify" | "verified"))
    })
}

/// Whether the function's documentation names the error: it is its caller's then.
fn says_it_raises(cx: &Check<'_>, call: Node<'_>) -> bool {
    let body = cx.named_function(call).and_then(|f| f.get(Role::Body));
    let first = body.and_then(|b| b.all(Role::Statement).next()).filter(|s| s.is(Kind::String));
    first.is_some_and(|s| s.text().contains("ValueError") || s.text().contains("JSONDecodeError"))
}

/// A `try` around the statement, where the file's framework tells what to raise.
fn fix(cx: &Check<'_>, call: Node<'_>, source: Source) -> Option<Fix> {
    let statement = call.statement();
    if !matches!(statement.kind(), Kind::Assign | Kind::Return) {
        return None;
    }
    let imported = |name: &str| {
        let origin = cx.environment().lookup(name);
        matches!(origin, Some(Origin::Item(path)) if path.contains('.'))
    };
    let raise = match source {
        Source::Model => "raise RuntimeError(\"the model's answer is malformed\") from error",
        _ if imported("HTTPException") => {
            "raise HTTPException(status_code=400, detail=\"the request is malformed\") from error"
        }
        _ => return None,
    };
    let indent = indentation(statement)?;
    let whole = lines(statement)?;
    let fix = Fix::suggested("Catch the error").insert(whole.start, format!("{indent}try:\n"));
    let handler = format!("{indent}except ValueError as error:\n{indent}    {raise}\n");
    Some(indented(fix, statement)?.insert(whole.end, handler))
}
