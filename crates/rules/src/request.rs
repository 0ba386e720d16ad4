//! Data of the request that is being answered: where it is read whole, and which values hold parts of it.

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Kind, Meaning, Node, Role, Value};
use shipworthy_syntax::Language;

use crate::names::is_confidential;
use crate::values::{Given, given, is_from_request};

/// How far a value is followed through names.
const MAX_STEPS: u32 = 6;

/// A part of a request, whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Its body, as it came or decoded.
    Body,
    /// All its headers.
    Headers,
}

/// The part of a request that an expression reads whole, where it stands.
pub(crate) fn read<'a>(cx: &Check<'a>, node: Node<'a>) -> Option<Part> {
    read_within(cx, node, MAX_STEPS)
}

/// In `data = json.loads(data)` a name holds what is read from itself: the steps end that.
fn read_within<'a>(cx: &Check<'a>, node: Node<'a>, steps: u32) -> Option<Part> {
    let steps = steps.checked_sub(1)?;
    match node.kind() {
        Kind::Await | Kind::Propagate | Kind::Reference => read_within(cx, node.get(Role::Value)?, steps),
        Kind::Attribute => cx.value_meaning(node).and_then(|m| part(m)).or_else(|| header_field(cx, node)),
        Kind::Call => {
            let meaning = cx.meaning(node)?;
            let reads = |argument: &str| meaning.argument(argument).map(|a| a.of(node));
            if meaning.is("decode") {
                return reads("data").flatten().and_then(|data| whole_within(cx, data, steps));
            }
            if meaning.is("reads-all") {
                // Without an argument for it, it reads the body of its receiver.
                return match reads("reader").or_else(|| reads("body")) {
                    Some(reader) => reader.filter(|r| is_body(cx, *r)).map(|_| Part::Body),
                    None => Some(Part::Body),
                };
            }
            part(meaning)
        }
        _ => None,
    }
}

/// The part of a request that an expression holds whole: it reads it, or is a name that holds nothing else.
pub(crate) fn whole<'a>(cx: &Check<'a>, node: Node<'a>) -> Option<Part> {
    whole_within(cx, node, MAX_STEPS)
}

fn whole_within<'a>(cx: &Check<'a>, node: Node<'a>, steps: u32) -> Option<Part> {
    let steps = steps.checked_sub(1)?;
    match node.kind() {
        Kind::Name => match given(cx, node)[..] {
            [Given::Value(value)] => whole_within(cx, value, steps),
            _ => None,
        },
        Kind::Await | Kind::Propagate | Kind::Reference => whole_within(cx, node.get(Role::Value)?, steps),
        _ => read_within(cx, node, steps),
    }
}

/// What the vocabulary says that a call or field gives of a request.
fn part(meaning: &Meaning) -> Option<Part> {
    if meaning.is("request-body") {
        return Some(Part::Body);
    }
    (meaning.property("part") == Some("headers")).then_some(Part::Headers)
}

/// Whether the type of an expression is a request.
fn is_request(cx: &Check<'_>, node: Node<'_>) -> bool {
    cx.type_meaning(node).is_some_and(|m| m.is("http-request"))
}

/// Go: the headers of a request, which are a field of it.
fn header_field(cx: &Check<'_>, node: Node<'_>) -> Option<Part> {
    let request = node.object().filter(|_| cx.language() == Language::Go && node.name() == "Header")?;
    is_request(cx, request).then_some(Part::Headers)
}

/// The header that a call or an index reads, where it carries a credential: `r.Header.Get("Authorization")`, `r.Header["Cookie"]`.
pub(crate) fn credential_header(cx: &Check<'_>, node: Node<'_>) -> Option<String> {
    let name = match node.kind() {
        Kind::Index => {
            node.object().and_then(|o| header_field(cx, o))?;
            node.get(Role::Index)?.string()?.to_lowercase()
        }
        _ => {
            let meaning = cx.meaning(node);
            let reads = meaning.is_some_and(|m| m.is("reads-header") || m.is("request-data"));
            node.arguments().next().filter(|_| reads)?.string()?.to_lowercase()
        }
    };
    (matches!(&*name, "authorization" | "cookie" | "proxy-authorization") || is_confidential(&name))
        .then_some(name)
}

/// Whether an expression is the stream of a request's body: `r.Body`, through names and calls around it.
pub(crate) fn is_body<'a>(cx: &Check<'a>, node: Node<'a>) -> bool {
    body_within(cx, node, MAX_STEPS)
}

fn body_within<'a>(cx: &Check<'a>, node: Node<'a>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    match node.kind() {
        Kind::Attribute => node.name() == "Body" && node.object().is_some_and(|o| is_request(cx, o)),
        Kind::Name => match given(cx, node)[..] {
            [Given::Value(value)] => body_within(cx, value, steps),
            // A handler's own parameter.
            [Given::Other(bound)] if cx.language() == Language::Rust && bound.is(Kind::Parameter) => {
                cx.type_meaning(node).is_some_and(|t| t.is("body-stream"))
            }
            // `let (head, body) = request.into_parts()`
            [Given::Other(bound)] if cx.language() == Language::Rust => {
                let assign = bound.ancestors().find(|a| !matches!(a.kind(), Kind::Tuple | Kind::Pattern));
                let value = assign.filter(|a| a.is(Kind::Assign)).and_then(|a| a.get(Role::Value));
                value.is_some_and(|v| body_within(cx, v, steps))
            }
            _ => false,
        },
        Kind::Call => {
            let meaning = cx.meaning(node);
            let reader = meaning.and_then(|m| m.argument("reader")).and_then(|a| a.of(node));
            reader.is_some_and(|r| body_within(cx, r, steps))
                || node.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object).is_some_and(|o| {
                    cx.language() == Language::Rust
                        && is_request(cx, o)
                        && meaning.is_some_and(|m| m.is("request-body"))
                })
        }
        Kind::Await | Kind::Propagate | Kind::Reference => {
            node.get(Role::Value).is_some_and(|v| body_within(cx, v, steps))
        }
        _ => false,
    }
}

/// What a call reads: the argument that is its reader, or that of the decoder that it is called on.
pub(crate) fn reader<'a>(cx: &Check<'a>, call: Node<'a>) -> Option<Node<'a>> {
    let of = |call: Node<'a>| {
        let meaning = cx.meaning(call)?;
        meaning.argument("reader").or_else(|| meaning.argument("body"))?.of(call)
    };
    of(call).or_else(|| of(cx.made_by(call.callee().filter(|c| c.is(Kind::Attribute))?.object()?)?))
}

/// Whether a call decodes the body of a request into a variable of its function.
pub(crate) fn decodes_body<'a>(cx: &Check<'a>, call: Node<'a>) -> bool {
    let Some(meaning) = cx.meaning(call).filter(|m| m.is("decode")) else { return false };
    if meaning.effects.contains(Effects::READS_REQUEST) {
        return true;
    }
    match meaning.argument("data").and_then(|a| a.of(call)) {
        Some(data) => whole(cx, data) == Some(Part::Body),
        None => reader(cx, call).is_some_and(|r| is_body(cx, r)),
    }
}

/// Whether an expression is data of the request that is being answered, or a part of it: what a framework hands to a handler, what the
/// handler reads, what it decodes; through names, fields and the methods of texts.
pub(crate) fn is_data<'a>(cx: &Check<'a>, node: Node<'a>) -> bool {
    data_within(cx, node, MAX_STEPS)
}

fn data_within<'a>(cx: &Check<'a>, node: Node<'a>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    if is_from_request(cx, node) || read(cx, node).is_some() {
        return true;
    }
    match node.kind() {
        Kind::Name => {
            given(cx, node).iter().any(|g| match g {
                Given::Value(value) | Given::Added(value) => data_within(cx, *value, steps),
                Given::Other(bound) => is_handler_input(cx, *bound),
            }) || is_decoded(cx, node)
        }
        Kind::Attribute | Kind::Index => node.object().is_some_and(|o| data_within(cx, o, steps)),
        Kind::Call => {
            let object = node.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object);
            object.is_some_and(|o| !o.is(Kind::String) && data_within(cx, o, steps))
        }
        Kind::Await | Kind::Propagate | Kind::Reference | Kind::Dereference => {
            node.get(Role::Value).is_some_and(|v| data_within(cx, v, steps))
        }
        Kind::Binary => node.all(Role::Operand).any(|o| data_within(cx, o, steps)),
        _ => false,
    }
}

/// Whether a call of the function around a name decodes the request's body into it: `c.BindJSON(&name)`.
fn is_decoded<'a>(cx: &Check<'a>, name: Node<'a>) -> bool {
    let Some(function) = name.function().filter(|_| cx.language() == Language::Go) else { return false };
    let mut calls = cx.facts().node(function.index()).descendants().filter(|n| n.is(Kind::Call));
    calls.any(|call| {
        let into =
            cx.argument(call, "into").filter(|i| i.is(Kind::Reference)).and_then(|i| i.get(Role::Value));
        into.is_some_and(|i| i.is(Kind::Name) && i.name() == name.name()) && decodes_body(cx, call)
    })
}

/// Whether what binds a name is an input that a framework hands to a handler: a parameter of a Python route, an extractor in Rust.
pub(crate) fn is_handler_input(cx: &Check<'_>, bound: Node<'_>) -> bool {
    let Some(parameter) = std::iter::once(bound).chain(bound.ancestors()).find(|n| n.is(Kind::Parameter))
    else {
        return false;
    };
    let Some(function) = parameter.parent().filter(|f| f.is(Kind::Function)) else { return false };
    match cx.language() {
        Language::Python => {
            let injected = parameter
                .get(Role::Default)
                .is_some_and(|d| d.is(Kind::Call) && cx.meaning(d).is_some_and(|m| m.is("dependency")));
            // The request, the answer, a session of the database: what a framework makes itself.
            let annotation = parameter.get(Role::Type);
            let made = annotation.is_some_and(|t| {
                t.text().contains("Depends") || matches!(cx.resolver().annotation(t.text()), Value::Instance(class)
                    // `dict` and its like are read from the body.
                    if class.contains('.') && cx.resolver().vocabulary().type_of(&class).is_some_and(|m| !m.is("upload") && !m.is("schema")))
            });
            cx.is_decorated(function, "route")
                && !injected
                && !made
                && !matches!(
                    parameter.name(),
                    "self" | "cls" | "request" | "req" | "response" | "db" | "session"
                )
        }
        Language::Rust => parameter.get(Role::Type).is_some_and(|t| extractor(cx, t).is_some()),
        Language::Go => false,
    }
}

/// Rust: the extractor that a parameter's type is, and what it gives: `Json<Order>`.
pub(crate) fn extractor<'t>(cx: &Check<'_>, annotation: Node<'t>) -> Option<&'t str> {
    let text = annotation.text().trim();
    let (outer, inside) = text.split_once('<')?;
    let Value::Instance(class) = cx.resolver().annotation(outer) else { return None };
    let known = cx.resolver().vocabulary().type_of(&class)?;
    known.is("request-data").then(|| inside.trim_end_matches('>').trim())
}
