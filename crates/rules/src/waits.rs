//! How long calls wait when the other side hangs.

use std::sync::Arc;

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Flags, Kind, Made, Meaning, Node, Role, Timeout, is_inside_limit};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::sessions::adapters;
use crate::values::{Given, any_behind, behind, given};

/// How long a call waits when the other side hangs.
pub(crate) enum Wait<'a> {
    /// As long as somebody says.
    Limited,
    /// As its library says: so many seconds, which are minutes.
    Minutes(f64),
    /// For ever; its client, where that is in view, is made there.
    ForEver(Option<Node<'a>>),
    /// It cannot be told.
    Unknown,
}

/// Whether a call ends in time when the other side hangs; none where it cannot be told.
pub(crate) fn is_limited(cx: &Check<'_>, call: Node<'_>) -> Option<bool> {
    match wait(cx, call)? {
        Wait::Limited => Some(true),
        Wait::Minutes(_) | Wait::ForEver(_) => Some(false),
        Wait::Unknown => None,
    }
}

/// How long a call waits; none where it is no call to judge.
pub(crate) fn wait<'a>(cx: &Check<'a>, call: Node<'_>) -> Option<Wait<'a>> {
    let meaning = cx.meaning(call)?;
    // A query's limit is its connection's.
    let query = meaning.effects.contains(Effects::DATABASE)
        && !meaning.effects.contains(Effects::CONNECTS)
        && !(meaning.timeout == Some(Timeout::Client) && is_sent_over_http(cx, call));
    let default = meaning.timeout.filter(|_| !query)?;
    let waits = match said(cx, call, meaning) {
        Said::Limited => return Some(Wait::Limited),
        Said::ForEver => true,
        Said::Nothing => match default {
            Timeout::None => true,
            Timeout::Seconds(_) => false,
            Timeout::Client => return Some(client(cx, call)),
        },
    };
    // A connection that is there already is not waited for.
    let connected = meaning.argument("connection").and_then(|a| a.of(call)).is_some();
    let endless = waits && !connected && !is_local(cx, call) && !is_limited_around(cx, call);
    let session = cx.facts().node(call.index()).callee().and_then(Node::object);
    Some(match () {
        () if !endless => Wait::Limited,
        () if session.is_some_and(|session| has_own_adapter(cx, session)) => Wait::Unknown,
        () => Wait::ForEver(None),
    })
}

/// Whether a call is of a socket of this machine, which answers at once, or not at all: a server that hangs still accepts.
fn is_local(cx: &Check<'_>, call: Node<'_>) -> bool {
    let of_socket = |node: Node<'_>| cx.type_meaning(node).is_some_and(|t| t.is("socket"));
    let connects = cx.meaning(call).is_some_and(|m| {
        m.returns.iter().any(|r| cx.resolver().vocabulary().type_of(r).is_some_and(|t| t.is("socket")))
    });
    // `asyncio.open_connection("127.0.0.1", port)`
    let is_database = || cx.effects(call).contains(Effects::DATABASE);
    let host = cx.argument(call, "host").filter(|_| !is_database());
    let host = host.map(|host| behind(cx, cx.facts().node(host.index())));
    if host.and_then(Node::string).is_some_and(|host| LOCAL.iter().any(|local| host.starts_with(local))) {
        return true;
    }
    let receiver = call.callee().and_then(Node::object).filter(|o| o.is(Kind::Name) && of_socket(*o));
    let Some(receiver) = receiver else {
        return connects && call.arguments().any(|a| names_this_machine(cx, a));
    };
    // `socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)`
    let family = cx.made_by(receiver).and_then(|made| cx.argument(made, "network"));
    if family.is_some_and(|f| f.name() == "AF_UNIX") {
        return true;
    }
    // What was connected is connected for all calls.
    let function = call.function();
    function.into_iter().flat_map(Node::descendants).filter(|n| n.is(Kind::Call)).any(|c| {
        c.callee().is_some_and(|callee| {
            callee.name() == "connect" && callee.object().is_some_and(|o| o.text() == receiver.text())
        }) && c.arguments().any(|a| names_this_machine(cx, a))
    })
}

/// What addresses of this machine begin with.
const LOCAL: [&str; 4] = ["localhost", "127.0.0.1", "[::1]", "unix"];

/// Whether an address is of this machine, itself or behind a name: `"unix"`, `("127.0.0.1", port)`.
fn names_this_machine<'a>(cx: &Check<'a>, address: Node<'a>) -> bool {
    const MAX_STEPS: u32 = 4;
    any_behind(address, MAX_STEPS, |part, behind| match part.kind() {
        Kind::String | Kind::Text => {
            let text = part.text().trim_start_matches(['"', '\'']);
            text.split("://").any(|t| LOCAL.iter().any(|local| t.starts_with(local)))
        }
        Kind::Name if part.role() != Role::Callee => {
            behind.extend(given(cx, part).into_iter().filter_map(|g| match g {
                Given::Value(value) => Some(value),
                _ => None,
            }));
            false
        }
        _ => false,
    })
}

/// Whether a call goes to a database through a client of HTTP.
fn is_sent_over_http(cx: &Check<'_>, call: Node<'_>) -> bool {
    let start = cx.method_chain(call).last().unwrap_or(call);
    let receiver = start.callee().and_then(Node::object);
    receiver.and_then(|r| cx.type_meaning(r)).is_some_and(|t| t.is("http-client"))
}

/// What a call says about its time limit.
#[derive(PartialEq)]
enum Said {
    Limited,
    ForEver,
    Nothing,
}

fn said(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> Said {
    if let Some(limit) = meaning.argument("timeout").and_then(|a| a.of(call)) {
        let is_meant = meaning.property("streams").is_some();
        return if limit.is(Kind::Nothing) && !is_meant { Said::ForEver } else { Said::Limited };
    }
    // A spread may carry it; so may a context, whose limit is its maker's.
    let context = meaning.argument("context").is_some() || carries_context(cx, call, meaning);
    let chained = cx.method_chain(call).skip(1).any(|c| sets_limit(cx, c));
    if call.has_spread() || context || chained { Said::Limited } else { Said::Nothing }
}

/// Go: whether the request that a call sends was made with a context.
fn carries_context(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> bool {
    let Some(request) = meaning.argument("request").and_then(|a| a.of(call)) else { return false };
    // `req.Cancel = ctx.Done()`
    let ends_with = |target: Node<'_>| {
        target.name() == "Cancel" && target.object().is_some_and(|of| of.text() == request.text())
    };
    let mut assigned = call.function().into_iter().flat_map(Node::descendants).filter(|n| n.is(Kind::Assign));
    if assigned.any(|assign| assign.all(Role::Target).any(ends_with)) {
        return true;
    }
    match cx.made_by(request) {
        Some(made) => match cx.meaning(made) {
            Some(meaning) => meaning.argument("context").is_some(),
            None => !has_no_context(cx, made),
        },
        // It came from somewhere else, with whatever context it has.
        None => true,
    }
}

/// Whether a request is made by a function of the workspace that is given no context, where nobody speaks of one.
fn has_no_context(cx: &Check<'_>, made: Node<'_>) -> bool {
    let is_one = |name: &str| matches!(words(name).last().map(String::as_str), Some("ctx" | "context"));
    let holds_one = |name: &str| is_one(name) || matches!(name, "r" | "req" | "request" | "c");
    let maker = cx.workspace_callee(made).and_then(|path| cx.workspace().function(&path));
    let around = cx.named_function(made).into_iter().flat_map(Node::descendants);
    maker.is_some_and(|m| !m.is_abstract && !m.parameters.iter().any(|p| holds_one(p)))
        && !around.into_iter().any(|n| is_one(n.name()))
}

fn sets_limit(cx: &Check<'_>, call: Node<'_>) -> bool {
    cx.meaning(call).is_some_and(|m| m.is("limits-time") || m.is("sets-timeout"))
}

/// How long a call waits that waits as long as its client says: the client has to be in view.
fn client<'a>(cx: &Check<'a>, call: Node<'_>) -> Wait<'a> {
    let start = cx.method_chain(call).last().unwrap_or(call);
    let Some(receiver) = start.callee().and_then(Node::object) else { return Wait::Unknown };
    let receiver = cloned(cx, receiver);
    if is_limited_around(cx, call) || is_local(cx, call) {
        return Wait::Limited;
    }
    if is_replaceable(cx, receiver) {
        return Wait::Unknown;
    }
    // `ureq::get(url).call()`: what the chain starts with is its client.
    if start != call
        && let Some(maker) = cx.meaning(start)
        && let Some(limit) = maker.timeout.filter(|limit| *limit != Timeout::Client)
    {
        return match said(cx, start, maker) {
            Said::Limited => Wait::Limited,
            Said::ForEver => Wait::ForEver(None),
            Said::Nothing => waits(limit, None),
        };
    }
    match as_made(cx, receiver) {
        Wait::Minutes(_) | Wait::ForEver(_) if is_told_later(cx, receiver) => Wait::Limited,
        waits => waits,
    }
}

/// How long calls of a client wait, by what makes it.
fn as_made<'a>(cx: &Check<'a>, receiver: Node<'a>) -> Wait<'a> {
    let Some(made) = cx.made_by(receiver) else {
        return match cx.made_elsewhere(receiver) {
            Some(made) => match limit_of(cx, made) {
                Some(limit) => waits(limit, None),
                None if made.given.contains_key("timeout") => Wait::Limited,
                None => Wait::Unknown,
            },
            // A client that the library itself holds: `http.DefaultClient`.
            None => of_library(cx, receiver).map_or(Wait::Unknown, |limit| waits(limit, None)),
        };
    };
    let Some(maker) = cx.meaning(made) else { return Wait::Unknown };
    match said(cx, made, maker) {
        Said::Limited => Wait::Limited,
        Said::ForEver => Wait::ForEver(Some(made)),
        Said::Nothing => maker.timeout.map_or(Wait::Unknown, |limit| waits(limit, Some(made))),
    }
}

/// Whether a client is told its limit where it is not made: `client.timeout = 5`, `self.socket.setblocking(False)`.
fn is_told_later(cx: &Check<'_>, client: Node<'_>) -> bool {
    let is_client = |n: Node<'_>| n.kind() == client.kind() && n.text() == client.text();
    let is_field =
        |n: Node<'_>| n.name().eq_ignore_ascii_case("timeout") && n.object().is_some_and(is_client);
    matches!(client.kind(), Kind::Name | Kind::Attribute)
        && cx.facts().nodes().any(|n| match n.kind() {
            Kind::Assign => n.get(Role::Target).is_some_and(is_field),
            Kind::Call => n.callee().and_then(Node::object).is_some_and(is_client) && sets_limit(cx, n),
            _ => false,
        })
}

/// Python: whether an adapter of the project's own is mounted on a session, whose `send` may limit what goes through it.
fn has_own_adapter<'a>(cx: &Check<'a>, session: Node<'a>) -> bool {
    let vocabulary = cx.resolver().vocabulary();
    let is_adapter = |class: &String| vocabulary.type_of(class).is_some_and(|t| t.is("http-adapter"));
    let sends = |class: &str| {
        cx.workspace().function(&format!("{class}.send")).is_some()
            && cx.resolver().lineage(class).iter().any(is_adapter)
    };
    cx.language() == Language::Python
        && adapters(cx, session)
            .any(|adapter| cx.resolver().callee(behind(cx, adapter)).is_some_and(|class| sends(&class)))
}

/// Go: whether a client is in a field that other packages can set: `client.HTTPClient = config.HTTPClient`.
fn is_replaceable(cx: &Check<'_>, client: Node<'_>) -> bool {
    client.language() == Language::Go
        && client.name().starts_with(char::is_uppercase)
        && client.object().is_some_and(|owner| client.is(Kind::Attribute) && cx.type_of(owner).is_some())
}

/// Rust: what a name holds a clone of: `let client = state.client.clone()`.
fn cloned<'a>(cx: &Check<'a>, receiver: Node<'_>) -> Node<'a> {
    let receiver = cx.facts().node(receiver.index());
    let held = behind(cx, receiver);
    let clone = held.callee().filter(|c| held.is(Kind::Call) && c.is(Kind::Attribute) && c.name() == "clone");
    clone.and_then(Node::object).unwrap_or(receiver)
}

/// The limit of a client that a library holds, by its own name or behind a local one.
fn of_library(cx: &Check<'_>, client: Node<'_>) -> Option<Timeout> {
    let held = behind(cx, cx.facts().node(client.index()));
    let by_type = cx.value_meaning(client).and_then(|m| m.timeout);
    let by_name = || {
        let package = held.object().filter(|_| held.is(Kind::Attribute)).and_then(|o| cx.name_of(o))?;
        let name = [&*package, cx.language().separator(), held.name()].concat();
        cx.resolver().vocabulary().value(&name)?.timeout
    };
    by_type.or_else(by_name)
}

/// How long calls of a client wait that has a limit, or none.
fn waits<'a>(limit: Timeout, made: Option<Node<'a>>) -> Wait<'a> {
    match limit {
        Timeout::None => Wait::ForEver(made),
        Timeout::Seconds(seconds) if seconds >= MINUTES => Wait::Minutes(seconds),
        Timeout::Seconds(_) => Wait::Limited,
        Timeout::Client => Wait::Unknown,
    }
}

/// The limit of a client that is made elsewhere: none where it is given one.
fn limit_of(cx: &Check<'_>, made: &Made) -> Option<Timeout> {
    match made.given.get("timeout") {
        Some(true) => Some(Timeout::None),
        Some(false) => None,
        None if made.open => None,
        None => cx.resolver().vocabulary().call(&made.by)?.timeout,
    }
}

/// From how many seconds on a library's own limit is none for who waits for an answer.
const MINUTES: f64 = 120.0;

/// Whether something around a call limits it: `wait_for(...)`, `async with timeout(...)`, a decorator.
fn is_limited_around(cx: &Check<'_>, call: Node<'_>) -> bool {
    let meaning = |n: Node<'_>| cx.meaning(n).map(|meaning| &**meaning);
    let private = || cx.named_function(call).filter(|f| !f.has(Flags::PUBLIC));
    is_inside_limit(call, &meaning)
        || is_started_for_limit(cx, call)
        || private().is_some_and(|f| is_called_in_limit(cx, f.name(), MAX_CALLERS))
}

/// Whether what a call gives is waited for within a limit later: `let answer = client.request(request); timeout(LIMIT, answer).await`.
fn is_started_for_limit(cx: &Check<'_>, call: Node<'_>) -> bool {
    let assign = call.parent().filter(|p| p.is(Kind::Assign));
    let target = assign.and_then(|a| a.get(Role::Target)).filter(|t| t.is(Kind::Name));
    target.zip(call.function()).is_some_and(|(target, function)| {
        function.descendants().filter(|n| n.index() > call.index()).any(|n| {
            n.is(Kind::Name)
                && n.name() == target.name()
                && n.role() == Role::Argument
                && n.parent().is_some_and(|p| p.is(Kind::Call) && sets_limit(cx, p))
        })
    })
}

/// How many functions may lie between a limit and the call that it limits.
const MAX_CALLERS: u32 = 4;

/// Whether a private function is called within a limit only, as far as its file says: at once, or by functions that the same holds for.
fn is_called_in_limit(cx: &Check<'_>, function: &str, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let is_limited = |caller: &Arc<str>| !caller.is_empty() && is_called_in_limit(cx, caller, steps);
    !cx.environment().hands_on(function)
        && cx.environment().unlimited_callers(function).is_some_and(|callers| callers.iter().all(is_limited))
}
