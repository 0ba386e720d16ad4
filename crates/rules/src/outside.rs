//! Data that others decide: what came with a request, in a response, from a model, a query or the command line.

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::request::{self, Part, is_handler_input};
use crate::values::{Given, given, is_from_request, latest};

/// Where data came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A request's address, headers or form.
    Request,
    /// The decoded body of a request.
    RequestBody,
    /// The body of another service's response.
    Response,
    /// A language model's answer.
    Model,
    /// One row of a query, or none.
    Row,
    /// The rows of a query.
    Rows,
    /// The command line.
    Arguments,
}

/// How far a value is followed.
const MAX_STEPS: u32 = 10;

/// Where the value of an expression came from, if others decide it.
pub(crate) fn source(cx: &Check<'_>, node: Node<'_>) -> Option<Source> {
    source_within(cx, node, MAX_STEPS)
}

fn source_within(cx: &Check<'_>, node: Node<'_>, steps: u32) -> Option<Source> {
    let steps = steps.checked_sub(1)?;
    let inner = |n: Option<Node<'_>>| source_within(cx, n?, steps);
    match node.kind() {
        Kind::Name => match latest_of_outside(cx, node) {
            Some(Given::Value(value)) => inner(Some(value)),
            Some(Given::Other(bound)) => {
                let given = is_text_input(cx, bound).then_some(Source::Request);
                given
                    .or_else(|| is_map_input(cx, bound).then_some(Source::RequestBody))
                    .or_else(|| inner(split_text(cx, bound)))
            }
            Some(_) => None,
            None => is_arguments(cx, node).then_some(Source::Arguments),
        },
        Kind::Await | Kind::Propagate | Kind::Reference | Kind::Dereference => inner(node.get(Role::Value)),
        Kind::Binary if node.operator() == Operator::Or => {
            node.all(Role::Operand).find_map(|o| source_within(cx, o, steps))
        }
        Kind::Attribute | Kind::Index => {
            if node.is(Kind::Attribute) && is_arguments(cx, node) {
                return Some(Source::Arguments);
            }
            if is_from_request(cx, node) {
                let body = node.is(Kind::Attribute) && node.name() == "json";
                return Some(if body { Source::RequestBody } else { Source::Request });
            }
            if cx.value_meaning(node).is_some_and(|m| m.is("request-body") || m.is("request-data")) {
                let decoded = matches!(node.name(), "json" | "data");
                return Some(if decoded { Source::RequestBody } else { Source::Request });
            }
            if is_body(cx, node) {
                return Some(Source::Response);
            }
            // A row of several is there.
            inner(node.object())
                .filter(|s| !matches!(s, Source::Row | Source::Rows) || node.is(Kind::Attribute))
        }
        // Go's conversions: `string(body)`.
        Kind::Call
            if cx.language() == Language::Go
                && node.callee().is_some_and(|c| c.is(Kind::Name) && c.name() == "string") =>
        {
            inner(node.arguments().next())
        }
        Kind::Call => call_source(cx, node, steps)
            .or_else(|| is_from_request(cx, node).then_some(Source::Request))
            .or_else(|| {
                (request::read(cx, cx.facts().node(node.index())) == Some(Part::Body))
                    .then_some(Source::RequestBody)
            }),
        _ => None,
    }
}

/// What a loop goes over whose target a name is, where that is a text cut into pieces: each is a text of the same origin.
fn split_text<'a>(cx: &Check<'a>, bound: Node<'a>) -> Option<Node<'a>> {
    let around = bound.ancestors().find(|a| a.is(Kind::For))?;
    let pieces = around
        .get(Role::Iterable)
        .filter(|_| around.all(Role::Target).any(|t| bound == t || bound.is_in(t)))?;
    let cut = |made: Node<'_>| {
        cx.meaning(made).is_some_and(|m| m.is("splits"))
            || made.callee().is_some_and(|c| matches!(c.name(), "splitlines" | "lines"))
    };
    let made = if pieces.is(Kind::Call) { Some(pieces) } else { cx.made_by(pieces) };
    made.filter(|m| cut(*m)).map(|_| pieces)
}

/// What a name was given last, without the nothing that a handler of errors leaves in it: `except: quote = {}`.
fn latest_of_outside<'a>(cx: &Check<'a>, name: Node<'_>) -> Option<Given<'a>> {
    let is_nothing = |value: &Node<'_>| {
        matches!(value.kind(), Kind::Dictionary | Kind::List)
            && value.children().next().is_none()
            && value.ancestors().any(|a| a.is(Kind::Handler))
    };
    match latest(cx, name) {
        Some(Given::Value(value)) if is_nothing(&value) => given(cx, name).into_iter().rfind(|g| match g {
            Given::Value(n) => n.index() < value.index() && !is_nothing(n),
            Given::Added(n) | Given::Other(n) => n.index() < value.index(),
        }),
        latest => latest,
    }
}

/// Python: whether what binds a name is a text that a framework hands to a handler as it came.
fn is_text_input(cx: &Check<'_>, bound: Node<'_>) -> bool {
    let text = bound.get(Role::Type).is_some_and(|t| matches!(t.text(), "str" | "bytes"));
    text && bound.is(Kind::Parameter) && is_handler_input(cx, bound)
}

/// Rust: whether what binds a name is a map of whatever a request brings: `Query(q): Query<HashMap<String, String>>`.
fn is_map_input(cx: &Check<'_>, bound: Node<'_>) -> bool {
    let parameter = std::iter::once(bound).chain(bound.ancestors()).find(|n| n.is(Kind::Parameter));
    let annotation = parameter.filter(|_| cx.language() == Language::Rust).and_then(|p| p.get(Role::Type));
    annotation
        .and_then(|t| request::extractor(cx, t))
        .is_some_and(|inside| inside.trim_start_matches("std::collections::").starts_with("HashMap<"))
}

fn call_source(cx: &Check<'_>, call: Node<'_>, steps: u32) -> Option<Source> {
    let inner = |n: Option<Node<'_>>| source_within(cx, n?, steps);
    let object = call.callee().and_then(Node::object);
    let Some(meaning) = cx.meaning(call) else {
        // A method of a text or a mapping: `text.strip()`, `body.get("x")`.
        let passes = call.callee().is_some_and(|c| {
            matches!(
                c.name(),
                "strip"
                    | "trim"
                    | "lower"
                    | "upper"
                    | "split"
                    | "rsplit"
                    | "get"
                    | "decode"
                    | "collect"
                    | "replace"
            )
        });
        return inner(object.filter(|_| passes));
    };
    let effects = meaning.effects;
    if meaning.is("arguments") {
        return Some(Source::Arguments);
    }
    if effects.contains(Effects::LANGUAGE_MODEL) {
        return Some(Source::Model);
    }
    if effects.contains(Effects::READS_REQUEST) {
        let body = meaning.is("request-body")
            && call.callee().is_some_and(|c| words(c.name()).iter().any(|w| w == "json"));
        return Some(if body { Source::RequestBody } else { Source::Request });
    }
    if meaning.is("reads-body") {
        return Some(Source::Response);
    }
    match meaning.property("rows") {
        Some("one") if effects.contains(Effects::DATABASE) => return Some(Source::Row),
        Some("all") if effects.contains(Effects::DATABASE) => return Some(Source::Rows),
        _ => {}
    }
    if meaning.is("splits") {
        return inner(meaning.argument("text").and_then(|a| a.of(call)));
    }
    if meaning.is("decode") {
        let decoded = inner(meaning.argument("data").and_then(|a| a.of(call)));
        return decoded.map(|s| if s == Source::Request { Source::RequestBody } else { s });
    }
    if meaning.is("gathers-items") {
        return inner(object);
    }
    // What the language's own texts give is as their text.
    let text = meaning.returns.first().is_some_and(|r| matches!(&**r, "str" | "string" | "String" | "self"));
    if text { inner(object) } else { None }
}

/// Whether an expression is the command line's arguments.
fn is_arguments(cx: &Check<'_>, node: Node<'_>) -> bool {
    cx.value_meaning(node).is_some_and(|m| m.is("arguments"))
}

/// Whether an attribute is the body of a response: `response.text`.
fn is_body(cx: &Check<'_>, node: Node<'_>) -> bool {
    let Some(class) = node.object().filter(|_| node.is(Kind::Attribute)).and_then(|o| cx.type_of(o)) else {
        return false;
    };
    let path = format!("{class}.{}", node.name());
    cx.resolver().vocabulary().value(&path).is_some_and(|m| m.is("reads-body"))
}

/// Python: whether a handler around a fact catches one of some errors; of what a handler of an unknown type catches, the benefit of the doubt.
pub(crate) fn is_caught(cx: &Check<'_>, node: Node<'_>, errors: &[&str]) -> bool {
    let mut inner = node;
    for outer in node.ancestors() {
        match outer.kind() {
            Kind::Function | Kind::Lambda => return false,
            Kind::Try
                if inner.role() == Role::Body && outer.all(Role::Handler).any(|h| catches(cx, h, errors)) =>
            {
                return true;
            }
            Kind::With => {
                let values = outer.all(Role::Item).filter_map(|i| i.get(Role::Value));
                if values
                    .filter(|v| v.is(Kind::Call))
                    .any(|v| cx.meaning(v).is_some_and(|m| m.is("suppresses")))
                {
                    return true;
                }
            }
            _ => {}
        }
        inner = outer;
    }
    false
}

fn catches(cx: &Check<'_>, handler: Node<'_>, errors: &[&str]) -> bool {
    let types: Vec<Node<'_>> = handler
        .all(Role::Type)
        .flat_map(|t| if t.is(Kind::Tuple) { t.all(Role::Element).collect() } else { vec![t] })
        .collect();
    types.is_empty()
        || types.iter().any(|t| {
            let broad = cx.value_meaning(*t).is_some_and(|m| m.is("broad"));
            // A tuple of errors in a constant.
            let named = !t.name().ends_with("Error") && !t.name().ends_with("Exception");
            broad || named || errors.contains(&t.name())
        })
}

/// Whether something before an access looks at what it takes an element from: a condition, a length, a check by name.
pub(crate) fn is_looked_at(cx: &Check<'_>, object: Node<'_>, access: Node<'_>) -> bool {
    let scope = cx.named_function(access).unwrap_or_else(|| access.facts().root());
    let mut names = Vec::new();
    collect_names(cx, object, &mut names, 3);
    // `sys.argv`: of a module's value the whole path names it.
    let path = object.dotted().filter(|_| names.is_empty());
    let mentions = |n: Node<'_>| {
        std::iter::once(n).chain(n.descendants()).any(|d| match d.kind() {
            Kind::Name => names.contains(&d.name()),
            Kind::Attribute => path.is_some() && d.dotted() == path,
            _ => false,
        })
    };
    // A function inside another sees what that has asked before.
    let outer = scope.ancestors().find(|a| a.is(Kind::Function));
    if outer.is_some_and(|o| {
        o.descendants()
            .take_while(|n| n.index() < scope.index())
            .any(|n| n.is(Kind::If) && !scope.is_in(n) && n.all(Role::Condition).any(mentions))
    }) {
        return true;
    }
    // `if text.startswith("Bearer "):` around it.
    let guarded = access.ancestors().take_while(|a| *a != scope).any(|a| {
        matches!(a.kind(), Kind::If | Kind::While)
            && a.all(Role::Condition).any(|c| !access.is_in(c) && mentions(c))
    });
    if guarded {
        return true;
    }
    // In a loop, what comes later in the text may run earlier.
    scope.descendants().filter(|n| !access.is_in(*n) || n.is(Kind::Binary) || n.is(Kind::Conditional)).any(
        |n| match n.kind() {
            Kind::Compare | Kind::Assert | Kind::Let | Kind::Match => mentions(n),
            Kind::Unary => n.operator() == Operator::Not && mentions(n),
            // `if found := pattern.match(text):`
            Kind::Assign if matches!(n.role(), Role::Condition | Role::Guard | Role::Operand) => mentions(n),
            Kind::Name if !n.has(Flags::BINDS) => {
                let condition = matches!(n.role(), Role::Condition | Role::Guard | Role::Subject)
                    || n.parent().is_some_and(|p| {
                        p.is(Kind::Binary) && matches!(p.operator(), Operator::And | Operator::Or)
                    });
                condition && names.contains(&n.name())
            }
            Kind::If | Kind::While | Kind::Conditional | Kind::Clause => n.all(Role::Condition).any(mentions),
            Kind::Binary if matches!(n.operator(), Operator::And | Operator::Or) => {
                n.all(Role::Operand).next().is_some_and(|first| !access.is_in(first) && mentions(first))
            }
            Kind::Call => {
                const CHECKS: [&str; 14] = [
                    "len",
                    "validate",
                    "validated",
                    "check",
                    "ensure",
                    "verify",
                    "require",
                    "required",
                    "assert",
                    "isinstance",
                    "any",
                    "all",
                    "is",
                    "has",
                ];
                let callee = n.callee().map_or("", Node::name);
                words(callee).iter().any(|w| CHECKS.contains(&w.as_str()))
                    && (n.arguments().any(mentions)
                        || n.callee().and_then(Node::object).is_some_and(mentions))
            }
            _ => false,
        },
    )
}

/// The names that an expression's value hangs on, through what they were given.
fn collect_names<'a>(cx: &Check<'a>, node: Node<'a>, names: &mut Vec<&'a str>, steps: u32) {
    let Some(steps) = steps.checked_sub(1) else { return };
    for inside in std::iter::once(node).chain(node.descendants()) {
        if !inside.is(Kind::Name) || inside.role() == Role::Callee || names.contains(&inside.name()) {
            continue;
        }
        // Modules are no values.
        if cx.environment().lookup(inside.name()).is_some() && cx.resolver().bindings(inside).is_empty() {
            continue;
        }
        names.push(inside.name());
        let (Some(Given::Value(bound)) | Some(Given::Other(bound))) = latest(cx, inside) else { continue };
        // What stands beside it says whether it is there: `values, ok := header[key]`.
        let assign = bound.parent().filter(|p| p.is(Kind::Assign));
        let beside = assign.into_iter().flat_map(|a| a.all(Role::Target)).filter(|t| t.is(Kind::Name));
        // That there was no error says nothing of how many there are.
        names.extend(beside.map(Node::name).filter(|n| !matches!(*n, "_" | "err") && *n != inside.name()));
        if bound.role() == Role::Value {
            collect_names(cx, bound, names, steps);
        }
    }
}
