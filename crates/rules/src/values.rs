//! Where values come from, as far as the code at hand tells.

use std::collections::HashSet;

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Kind, Meaning, Node, Operator, Origin, Role};

use crate::names::words;

/// How far a value is followed through names.
const MAX_STEPS: u32 = 6;

/// What a variable is given.
pub(crate) enum Given<'a> {
    /// An expression that is assigned to it, whole.
    Value(Node<'a>),
    /// An expression that is added to it: `x += value`.
    Added(Node<'a>),
    /// A parameter, a loop's element, a part of what is unpacked: the fact that binds it.
    Other(Node<'a>),
}

/// All that the variable behind a name is given in these facts; nothing where it is bound outside them.
pub(crate) fn given<'a>(cx: &Check<'a>, name: Node<'_>) -> Vec<Given<'a>> {
    let bindings = cx.resolver().bindings(name).into_iter();
    let give = |bound: Node<'a>| {
        let Some(assign) = bound.parent().filter(|p| p.is(Kind::Assign)) else {
            return Given::Other(bound);
        };
        let position = assign.all(Role::Target).position(|t| t == bound).unwrap_or(0);
        let mut values = assign.all(Role::Value);
        let several = assign.all(Role::Value).count() > 1;
        let value = if several { values.nth(position) } else { values.next() };
        match value {
            Some(value) if assign.operator() == Operator::Add => Given::Added(value),
            Some(value) if assign.operator() == Operator::None && (several || position == 0) => {
                Given::Value(value)
            }
            _ => Given::Other(bound),
        }
    };
    bindings.map(give).collect()
}

/// What the variable behind a name was given last before a use of it, in the order of the text.
pub(crate) fn latest<'a>(cx: &Check<'a>, name: Node<'_>) -> Option<Given<'a>> {
    given(cx, name).into_iter().rfind(|g| {
        let (Given::Value(n) | Given::Added(n) | Given::Other(n)) = g;
        n.index() < name.index()
    })
}

/// The expression that a name stands for where it is given exactly one; else the expression itself.
pub(crate) fn behind<'a>(cx: &Check<'a>, node: Node<'a>) -> Node<'a> {
    let mut node = node;
    for _ in 0..MAX_STEPS {
        node = match node.kind() {
            Kind::Name => match given(cx, node)[..] {
                [Given::Value(value)] => value,
                _ => return node,
            },
            Kind::Reference | Kind::Await | Kind::Propagate => match node.get(Role::Value) {
                Some(value) => value,
                None => return node,
            },
            _ => return node,
        };
    }
    node
}

/// Looks at all parts of an expression, and of those that `look` adds: what local names in it were given, over so many names. Whether it says
/// yes to any. Each expression is looked at once, the nearest first: in a loop a value can be made of itself, many times over.
pub(crate) fn any_behind<'a>(
    node: Node<'a>,
    steps: u32,
    look: impl Fn(Node<'a>, &mut Vec<Node<'a>>) -> bool,
) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![node];
    for _ in 0..steps {
        let mut next = Vec::new();
        for node in open.into_iter().filter(|node| seen.insert(node.index())) {
            if std::iter::once(node).chain(node.descendants()).any(|part| look(part, &mut next)) {
                return true;
            }
        }
        open = next;
    }
    false
}

/// Whether an expression reads data of the request that is being answered, itself or through local names.
pub(crate) fn is_from_request(cx: &Check<'_>, node: Node<'_>) -> bool {
    is_from_request_within(cx, node, MAX_STEPS)
}

fn is_from_request_within(cx: &Check<'_>, node: Node<'_>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    match node.kind() {
        Kind::Name => given(cx, node).iter().any(|g| match g {
            Given::Value(value) | Given::Added(value) => is_from_request_within(cx, *value, steps),
            Given::Other(bound) => {
                // `scheme, token = request.headers["Authorization"].split(" ", 1)`
                let unpacks = bound.parent().filter(|p| p.is(Kind::Tuple)).and_then(Node::parent);
                let of = unpacks.filter(|a| a.is(Kind::Assign)).and_then(|a| a.get(Role::Value));
                is_request_parameter(cx, *bound)
                    || of.is_some_and(|value| is_from_request_within(cx, value, steps))
            }
        }),
        Kind::Call => {
            cx.meaning(node).is_some_and(|m| m.effects.contains(Effects::READS_REQUEST))
                || node.callee().and_then(Node::object).is_some_and(|o| is_part_of_request(cx, o, steps))
        }
        Kind::Attribute | Kind::Index => is_part_of_request(cx, node, steps),
        Kind::Await | Kind::Propagate | Kind::Reference | Kind::Dereference => {
            node.get(Role::Value).is_some_and(|v| is_from_request_within(cx, v, steps))
        }
        Kind::Binary => node.all(Role::Operand).any(|o| is_from_request_within(cx, o, steps)),
        _ => false,
    }
}

/// Whether an object is a part of a request: `request.headers`, `r.Header`, or a value that came from one.
fn is_part_of_request(cx: &Check<'_>, node: Node<'_>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    match node.kind() {
        Kind::Attribute
            if cx.value_meaning(node).is_some_and(|m| m.is("request-data") || m.is("request-body")) =>
        {
            true
        }
        Kind::Attribute | Kind::Index => {
            let Some(object) = node.object() else { return false };
            let names_part = matches!(
                node.name().to_ascii_lowercase().as_str(),
                "headers" | "header" | "cookies" | "args" | "form" | "query_params" | "values" | "json" | "query"
            );
            let is_request = matches!(object.name(), "request" | "req" | "r" | "websocket");
            names_part && is_request || is_part_of_request(cx, object, steps)
        }
        // Down the tree: no step through a name.
        Kind::Call => is_from_request_within(cx, node, steps + 1),
        Kind::Name => given(cx, node).iter().any(
            |g| matches!(g, Given::Value(value) if is_from_request_within(cx, *value, steps) || is_part_of_request(cx, *value, steps)),
        ),
        _ => false,
    }
}

/// Python: whether a parameter's default says that a framework fills it from the request: `Header(None)`, `Query()`.
fn is_request_parameter(cx: &Check<'_>, bound: Node<'_>) -> bool {
    let default = bound.get(Role::Default).filter(|d| d.is(Kind::Call));
    default.and_then(|d| cx.meaning(d)).is_some_and(|m| m.effects.contains(Effects::READS_REQUEST))
}

/// Whether an expression is a setting: read from the environment, or a part of what is called settings or configuration.
pub(crate) fn is_setting(cx: &Check<'_>, node: Node<'_>) -> bool {
    is_setting_within(cx, node, MAX_STEPS)
}

fn is_setting_within(cx: &Check<'_>, node: Node<'_>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    match node.kind() {
        Kind::Name => {
            let given = given(cx, node);
            given.is_empty() && is_global_setting(cx, node.name())
                || given.iter().any(|g| matches!(g, Given::Value(v) if is_setting_within(cx, *v, steps)))
        }
        Kind::Call => {
            cx.meaning(node).is_some_and(|m| m.effects.contains(Effects::READS_ENVIRONMENT))
                || node.callee().and_then(Node::object).is_some_and(|o| is_setting_within(cx, o, steps))
        }
        Kind::Attribute | Kind::Index => {
            let Some(object) = node.object() else { return false };
            let holds_settings = |name: &str| {
                words(name).iter().any(|w| {
                    matches!(
                        w.as_str(),
                        "settings" | "config" | "cfg" | "conf" | "environ" | "env" | "options" | "opts"
                    )
                })
            };
            holds_settings(object.name())
                || object.callee().is_some_and(|c| holds_settings(c.name()))
                || is_setting_within(cx, object, steps)
        }
        Kind::Await | Kind::Propagate | Kind::Reference | Kind::Dereference => {
            node.get(Role::Value).is_some_and(|v| is_setting_within(cx, v, steps))
        }
        _ => false,
    }
}

/// Whether a module's variable was read from the environment: `API_KEY = os.environ["API_KEY"]`.
fn is_global_setting(cx: &Check<'_>, name: &str) -> bool {
    let Some(Origin::Item(path)) = cx.environment().lookup(name) else { return false };
    let Some(Origin::ResultOf(function, 0)) = cx.workspace().global(path) else { return false };
    let meaning = cx.resolver().vocabulary().call(function);
    meaning.is_some_and(|m| m.effects.contains(Effects::READS_ENVIRONMENT))
}

/// Whether an argument is the one that means without end: no expiry, no limit.
pub(crate) fn is_endless(cx: &Check<'_>, meaning: &Meaning, argument: Node<'_>) -> bool {
    let named = cx.name_of(argument);
    let endless = meaning.property("endless").map(|values| values.split('|'));
    endless.is_some_and(|mut values| values.any(|v| v == argument.text() || named.as_deref() == Some(v)))
}

/// `MAX_SIZE`: a name that says that its value never changes.
pub(crate) fn is_constant_name(name: &str) -> bool {
    name.len() > 1
        && name.chars().any(|c| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Whether a name is a text that stands in a file of the workspace, for everybody to read: `NO_KEY = "no-key"`.
pub(crate) fn is_written_down(cx: &Check<'_>, node: Node<'_>) -> bool {
    if !node.is(Kind::Name) || !given(cx, node).is_empty() {
        return false;
    }
    let Some(Origin::Item(path)) = cx.environment().lookup(node.name()) else { return false };
    matches!(cx.workspace().global(path), Some(Origin::Instance(text)) if matches!(&**text, "str" | "bytes" | "string"))
}

/// Whether an attribute is a member of a class or enumeration, or a constant of a module: `Kind.TOKEN`, `token.COMMA`.
pub(crate) fn is_member(node: Node<'_>) -> bool {
    let Some(object) = node.object().filter(|_| node.is(Kind::Attribute)) else { return false };
    let starts_upper = object.name().starts_with(|c: char| c.is_ascii_uppercase());
    starts_upper && matches!(object.kind(), Kind::Name | Kind::Attribute) && !is_constant_name(object.name())
}

/// Whether all that an expression can be, is written down in the code: literals, and names that are given nothing else.
pub(crate) fn is_constant(cx: &Check<'_>, node: Node<'_>) -> bool {
    is_constant_within(cx, node, MAX_STEPS)
}

fn is_constant_within(cx: &Check<'_>, node: Node<'_>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    if node.is_literal() {
        return true;
    }
    match node.kind() {
        Kind::Name => {
            let given = given(cx, node);
            if given.is_empty() {
                return is_constant_name(node.name()) || cx.environment().lookup(node.name()).is_some();
            }
            given.iter().all(|g| match g {
                Given::Value(v) | Given::Added(v) => is_constant_within(cx, *v, steps),
                Given::Other(bound) => is_element_of_constant(cx, *bound, steps),
            })
        }
        Kind::Attribute => is_member(node) || is_constant_name(node.name()),
        Kind::Binary => node.all(Role::Operand).all(|o| is_constant_within(cx, o, steps)),
        Kind::Conditional => {
            let branches = [node.get(Role::Body), node.get(Role::Else)];
            branches.into_iter().flatten().all(|b| is_constant_within(cx, b, steps))
        }
        Kind::Template | Kind::List | Kind::Tuple | Kind::Reference => {
            node.children().all(|c| is_constant_within(cx, c, steps))
        }
        _ => false,
    }
}

/// Whether a loop's target takes the elements of a list that is written down.
fn is_element_of_constant(cx: &Check<'_>, bound: Node<'_>, steps: u32) -> bool {
    let around = bound.ancestors().find(|a| !matches!(a.kind(), Kind::Tuple | Kind::List | Kind::Pattern));
    around
        .filter(|a| matches!(a.kind(), Kind::For | Kind::Clause))
        .and_then(|each| each.get(Role::Iterable))
        .is_some_and(|iterable| is_constant_within(cx, iterable, steps))
}

/// Whether an expression is a text, or a list of texts that has it among its elements; through names.
pub(crate) fn holds_text(cx: &Check<'_>, node: Node<'_>, text: &str) -> bool {
    holds_text_within(cx, node, text, MAX_STEPS)
}

/// In a loop a list can be among its own elements: the steps end that.
fn holds_text_within(cx: &Check<'_>, node: Node<'_>, text: &str, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let value = behind(cx, node);
    let holds = |node: Node<'_>| holds_text_within(cx, node, text, steps);
    match value.kind() {
        Kind::String => value.string().is_some_and(|s| s == text),
        Kind::List | Kind::Tuple | Kind::Set => value.all(Role::Element).any(holds),
        // Go's `[]string{"*"}`, Rust's `vec!["*"]` and `["*"].into()`; Python's `dict(...)` and Go's maps have keys.
        Kind::Construct | Kind::Call => value.arguments().any(|a| a.is(Kind::String) && holds(a)),
        Kind::Dictionary => value.all(Role::Element).filter_map(|e| e.get(Role::Key)).any(holds),
        _ => false,
    }
}

/// Whether a function says yes whatever it is given: `lambda origin: True`.
pub(crate) fn always_true(function: Node<'_>) -> bool {
    let Some(body) = function.get(Role::Body) else { return false };
    let mut statements = body.all(Role::Statement).filter(|s| !s.is(Kind::String));
    match body.kind() {
        Kind::Boolean => body.is_boolean(true),
        Kind::Block => match (statements.next(), statements.next()) {
            (Some(only), None) => {
                only.is_boolean(true)
                    || only.is(Kind::Return) && only.get(Role::Value).is_some_and(|v| v.is_boolean(true))
            }
            _ => false,
        },
        _ => false,
    }
}
