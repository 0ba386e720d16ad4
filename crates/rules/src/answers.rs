//! Answers to requests, in all three languages: what a handler answers with, and what the status says.

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Flags, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::values::behind;

/// What the status of an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Its class: 2, 4, 5.
    Class(u8),
    /// Nobody sets one: all is well.
    Unsaid,
    /// It cannot be told.
    Unknown,
}

/// An answer.
pub(crate) struct Answer<'a> {
    /// What it answers with.
    pub(crate) content: Node<'a>,
    /// What its status says.
    pub(crate) status: Status,
}

/// The answer that a fact gives, if it is one. Listen to `error-response`, `Return` and `Tuple` facts.
pub(crate) fn answer<'a>(cx: &Check<'_>, node: Node<'a>) -> Option<Answer<'a>> {
    let (content, status) = match node.kind() {
        Kind::Return => returned(cx, node)?,
        Kind::Tuple => status_and_body(cx, node)?,
        _ => responded(cx, node)?,
    };
    Some(Answer { content, status })
}

/// The content of a response.
fn responded<'a>(cx: &Check<'_>, call: Node<'a>) -> Option<(Node<'a>, Status)> {
    let meaning = cx.meaning(call)?;
    // `jsonify(error=...)`: its keywords are the content.
    let content = meaning.argument("content")?.of(call).or_else(|| {
        let only = meaning.argument("status").is_none();
        call.arguments().next().filter(|a| only && !a.label().is_empty())
    })?;
    let status = meaning.argument("status").and_then(|a| a.of(call));
    let class = meaning.property("class").or(meaning.property("status"));
    let status = match (class.and_then(leading_digit), status) {
        (Some(class), _) => Status::Class(class),
        (None, Some(status)) => class_of(cx, status),
        (None, None) => beside(cx, call).unwrap_or_else(|| built(cx, call)),
    };
    Some((content, status))
}

fn leading_digit(text: &str) -> Option<u8> {
    Some(text.chars().next()?.to_digit(10)? as u8)
}

/// `return jsonify(...), 500`: what the status beside a response says; none where there is no tuple.
fn beside(cx: &Check<'_>, call: Node<'_>) -> Option<Status> {
    let tuple = call.parent().filter(|p| p.is(Kind::Tuple))?;
    let status = tuple.all(Role::Element).find(|e| *e != call)?;
    Some(class_of(cx, status))
}

/// What the calls that a response is built by say of its status.
fn built(cx: &Check<'_>, call: Node<'_>) -> Status {
    let is_builder = call.language() == Language::Rust;
    let mut object = call.callee().and_then(Node::object);
    while let Some(builder) = object.filter(|b| b.is(Kind::Call)) {
        let meaning = cx.meaning(builder);
        if let Some(class) = meaning.and_then(|m| m.property("class")).and_then(leading_digit) {
            return Status::Class(class);
        }
        if let Some(status) = meaning.and_then(|m| m.argument("status")).and_then(|a| a.of(builder)) {
            return class_of(cx, status);
        }
        object = builder.callee().and_then(Node::object);
    }
    let may_be_set = is_builder || call.function().is_some_and(sets_status) || cx.language() == Language::Go;
    if may_be_set { Status::Unknown } else { Status::Unsaid }
}

/// Whether a function sets the status of what it answers beside it: `response.status_code = 404`.
fn sets_status(function: Node<'_>) -> bool {
    let is_set = |n: Node<'_>| n.is(Kind::Attribute) && n.name() == "status_code" && n.role() == Role::Target;
    function.descendants().any(is_set)
}

/// Rust: `(StatusCode::INTERNAL_SERVER_ERROR, text)`.
fn status_and_body<'a>(cx: &Check<'_>, tuple: Node<'a>) -> Option<(Node<'a>, Status)> {
    if cx.language() != Language::Rust {
        return None;
    }
    let mut elements = tuple.all(Role::Element);
    let status = elements.next()?;
    cx.value_meaning(status).filter(|m| m.is("status"))?;
    Some((elements.last()?, class_of(cx, status)))
}

/// Python: what a route returns is its answer. What it calls answers for itself.
fn returned<'a>(cx: &Check<'_>, node: Node<'a>) -> Option<(Node<'a>, Status)> {
    let function = node.function().filter(|f| f.is(Kind::Function) && cx.is_decorated(*f, "route"))?;
    let value = node.get(Role::Value)?;
    if value.is(Kind::Tuple) {
        let mut elements = value.all(Role::Element);
        let content = elements.next().filter(|e| matches!(e.kind(), Kind::Dictionary | Kind::Template))?;
        return Some((content, class_of(cx, elements.next()?)));
    }
    let is_content = matches!(value.kind(), Kind::Dictionary | Kind::List | Kind::Comprehension);
    let status = if sets_status(function) { Status::Unknown } else { Status::Unsaid };
    is_content.then_some((value, status))
}

/// The class of a status.
pub(crate) fn class_of(cx: &Check<'_>, status: Node<'_>) -> Status {
    let status = behind(cx, status);
    if let Some(number) = status.number() {
        return Status::Class((number / 100.0) as u8);
    }
    if let Some(class) = cx.value_meaning(status).and_then(|m| m.property("class")).and_then(leading_digit) {
        return Status::Class(class);
    }
    if !matches!(status.kind(), Kind::Attribute | Kind::Name) {
        return Status::Unknown;
    }
    let name: String = status.name().chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_uppercase();
    const FAULTS: [&str; 5] =
        ["INTERNALSERVERERROR", "BADGATEWAY", "SERVICEUNAVAILABLE", "GATEWAYTIMEOUT", "NOTIMPLEMENTED"];
    const REFUSALS: [&str; 9] = [
        "BADREQUEST",
        "UNAUTHORIZED",
        "FORBIDDEN",
        "NOTFOUND",
        "NOTALLOWED",
        "CONFLICT",
        "UNPROCESSABLE",
        "TOOMANYREQUESTS",
        "PAYMENTREQUIRED",
    ];
    const SUCCESSES: [&str; 4] = ["STATUSOK", "CREATED", "ACCEPTED", "NOCONTENT"];
    let has = |any: &[&str]| any.iter().any(|part| name.contains(part));
    match () {
        () if has(&FAULTS) || status.name().contains("_5") => Status::Class(5),
        () if has(&REFUSALS) => Status::Class(4),
        () if has(&SUCCESSES) || name == "OK" => Status::Class(2),
        () => Status::Unknown,
    }
}

/// An answer that a function of the workspace gives for its caller: `respondJSON(w, http.StatusOK, gin.H{"orders": orders})`.
pub(crate) struct Helped<'a> {
    /// The function's absolute name.
    pub(crate) helper: String,
    /// The object that it is given, written out in place.
    pub(crate) content: Option<Node<'a>>,
    /// The status that it is given.
    pub(crate) status: Status,
}

/// The answer of a call of a function that answers for its caller. Listen to `Reach(RESPONDS)`.
pub(crate) fn helped<'a>(cx: &Check<'_>, call: Node<'a>) -> Option<Helped<'a>> {
    let helper = cx.workspace_callee(call).filter(|_| cx.effects(call).contains(Effects::RESPONDS))?;
    let status = call.arguments().find_map(|a| match class_of(cx, a) {
        Status::Class(class @ 2..=5) => Some(Status::Class(class)),
        _ => None,
    });
    let object = |a: Node<'a>| {
        let a = if a.is(Kind::Reference) { a.get(Role::Value)? } else { a };
        keys(a).map(|_| a)
    };
    let content = call.arguments().find_map(object);
    Some(Helped { helper, content, status: status.unwrap_or(Status::Unknown) })
}

/// The keys of an object that is written out where it stands, in lower case; none where it is none, or not all are in view.
pub(crate) fn keys(node: Node<'_>) -> Option<Vec<String>> {
    match node.kind() {
        Kind::Reference => keys(node.get(Role::Value)?),
        Kind::Dictionary | Kind::Construct => {
            let mut keys = Vec::new();
            for child in node.children() {
                match child.role() {
                    Role::Callee | Role::Type => {}
                    _ if child.is(Kind::Entry) => {
                        keys.push(child.get(Role::Key)?.string()?.to_ascii_lowercase());
                    }
                    Role::Argument if !child.label().is_empty() && !child.has(Flags::SPREAD) => {
                        keys.push(child.label().to_ascii_lowercase());
                    }
                    _ => return None,
                }
            }
            (!keys.is_empty()).then_some(keys)
        }
        Kind::Call if node.callee().is_some_and(|c| c.name() == "json!") => json_keys(node.text()),
        Kind::Call if node.callee().is_some_and(|c| c.name() == "dict") => {
            let labels: Vec<String> = node.arguments().map(|a| a.label().to_ascii_lowercase()).collect();
            (!labels.is_empty() && !labels.iter().any(String::is_empty)).then_some(labels)
        }
        _ if !node.label().is_empty() && node.role() == Role::Argument && is_keywords(node) => {
            Some(node.parent()?.arguments().map(|a| a.label().to_ascii_lowercase()).collect())
        }
        _ => None,
    }
}

/// Python: whether an argument is one of the keywords that are an answer's content together.
fn is_keywords(argument: Node<'_>) -> bool {
    argument.parent().is_some_and(|call| {
        call.callee().is_some_and(|c| c.name() == "jsonify")
            && call.arguments().all(|a| !a.label().is_empty())
    })
}

/// Rust: the keys of `json!({ "key": ... })`.
fn json_keys(text: &str) -> Option<Vec<String>> {
    let inside = &text[text.find('{')? + 1..];
    let (mut keys, mut depth, mut at) = (Vec::new(), 0_u32, 0);
    let bytes = inside.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                let end = at.min(bytes.len());
                if depth == 0 && inside.get(end + 1..)?.trim_start().starts_with(':') {
                    keys.push(inside.get(start..end)?.to_ascii_lowercase());
                }
            }
            b'{' | b'[' | b'(' => depth += 1,
            b'}' if depth == 0 => break,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    (!keys.is_empty()).then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_json_are_those_of_the_outer_object() {
        let keys =
            json_keys(r#"json!({ "success": true, "data": { "id": [1, "x"] }, "say": "a \"b\": c" })"#);
        assert_eq!(keys.unwrap(), ["success", "data", "say"]);
        assert_eq!(json_keys("json!([1, 2])"), None);
    }
}
