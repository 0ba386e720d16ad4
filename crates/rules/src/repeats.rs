//! Whether calls of other services are tried again.

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Kind, Meaning, Node, Role, enclosing_loop};

use crate::names::words;
use crate::retries::says_retry;
use crate::sessions::adapters;

/// Whether a call that can be repeated is repeated when it fails; none where it is no such call, or it cannot be told.
pub(crate) fn retried(cx: &Check<'_>, call: Node<'_>) -> Option<bool> {
    let function = cx.named_function(call).filter(|function| !is_probe(*function))?;
    if !can_be_repeated(cx, call) {
        return None;
    }
    let by_code = says_retry(function.name())
        || is_retried_around(cx, call)
        || is_called_again(cx, function)
        || is_repeated(cx, call, function);
    if by_code { Some(true) } else { is_retried_by_client(cx, call, cx.meaning(call)?) }
}

/// Whether a call asks another service for something that can be asked for again without harm.
pub(crate) fn can_be_repeated(cx: &Check<'_>, call: Node<'_>) -> bool {
    let Some(meaning) = cx.meaning(call) else { return false };
    let effects = meaning.effects;
    if !effects.contains(Effects::NETWORK)
        || effects.intersects(Effects::CONNECTS | Effects::DATABASE | Effects::SENDS)
    {
        return false;
    }
    let asks_model = effects.contains(Effects::LANGUAGE_MODEL);
    // A read that is retried unless it is told not to be.
    let reads = effects.contains(Effects::READS) && meaning.argument("retries").is_some();
    (asks_model || reads || is_idempotent_request(cx, call, meaning)) && !is_local(cx, call)
}

/// Whether a call sends an HTTP request that may be sent twice, by its method.
fn is_idempotent_request(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> bool {
    let gives_response = cx
        .type_of(call)
        .and_then(|t| cx.resolver().vocabulary().type_of(&t))
        .is_some_and(|t| t.is("http-response"));
    if !gives_response {
        return false;
    }
    let repeatable = |method: &str| {
        let method = method.to_ascii_lowercase();
        matches!(method.trim_start_matches("method"), "get" | "head" | "put" | "delete" | "options")
    };
    let said = |call: Node<'_>| {
        let argument = cx.argument(call, "method")?;
        Some(argument.string().map_or_else(|| argument.name().to_owned(), std::borrow::Cow::into_owned))
    };
    if let Some(request) = meaning.argument("request").and_then(|a| a.of(call)) {
        return cx.made_by(request).and_then(said).is_some_and(|m| repeatable(&m));
    }
    cx.method_chain(call).any(|c| match said(c) {
        Some(method) => repeatable(&method),
        None => c.callee().is_some_and(|c| repeatable(c.name())),
    })
}

/// Whether the address is this machine's own.
fn is_local(cx: &Check<'_>, call: Node<'_>) -> bool {
    cx.method_chain(call).filter_map(|c| cx.argument(c, "url")).any(|url| {
        let text = url.text().to_ascii_lowercase();
        ["localhost", "127.0.0.1", "0.0.0.0", "unix:", "host.docker.internal"]
            .iter()
            .any(|l| text.contains(l))
    })
}

/// Whether something in view retries a call, or it is one that nobody should retry.
pub(crate) fn is_retried(cx: &Check<'_>, call: Node<'_>, function: Node<'_>) -> bool {
    let Some(meaning) = cx.meaning(call) else { return true };
    if is_probe(function)
        || says_retry(function.name())
        || is_retried_by_client(cx, call, meaning).unwrap_or(true)
        || is_retried_around(cx, call)
    {
        return true;
    }
    is_called_again(cx, function) || is_repeated(cx, call, function)
}

/// Whether the function itself makes a call a second time, after a pause.
fn is_repeated(cx: &Check<'_>, call: Node<'_>, function: Node<'_>) -> bool {
    let calls = || function.descendants_here().filter(|n| n.is(Kind::Call));
    calls().any(|n| cx.effects(n).intersects(Effects::SLEEPS))
        && calls().filter(|n| n.text() == call.text()).count() > 1
}

/// Whether a function asks whether something is there: its answer is the failure.
fn is_probe(function: Node<'_>) -> bool {
    const PROBES: [&str; 35] = [
        // Asked again soon, or for nobody who waits: polls, news of releases, figures.
        "update",
        "updates",
        "refresh",
        "release",
        "releases",
        "latest",
        "stats",
        "ranks",
        "rank",
        "metrics",
        "telemetry",
        "setup",
        "models",
        "failpoint",
        "health",
        "healthy",
        "healthcheck",
        "ping",
        "probe",
        "check",
        "alive",
        "available",
        "ready",
        "status",
        "test",
        "is",
        "has",
        "can",
        "exists",
        "poll",
        "wait",
        "validate",
        "verify",
        "detect",
        "version",
    ];
    words(function.name()).iter().any(|w| PROBES.contains(&w.as_str()))
}

/// Whether the library, the call or the client retries; none where the client is not in view, and may.
fn is_retried_by_client(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> Option<bool> {
    let off =
        |value: Node<'_>| value.number() == Some(0.0) || value.is(Kind::Nothing) || value.is_boolean(false);
    let said = |call: Node<'_>, meaning: &Meaning| {
        let argument = meaning.argument("retries").and_then(|a| a.of(call));
        argument.map(|a| !off(a)).or_else(|| call.has_spread().then_some(true))
    };
    if let Some(retries) = said(call, meaning) {
        return Some(retries);
    }
    let start = cx.method_chain(call).last().unwrap_or(call);
    let Some(receiver) = start.callee().and_then(Node::object) else { return Some(meaning.retries) };
    // Else it is a function of the library itself: `requests.get`.
    let has_client = meaning.guessed
        || meaning.timeout == Some(shipworthy_facts::Timeout::Client)
        || cx.type_of(receiver).is_some();
    if !has_client {
        return Some(meaning.retries);
    }
    let Some(made) = cx.made_by(root(receiver)) else {
        return is_told_not_to(cx, receiver).then_some(false);
    };
    let maker = cx.meaning(made).cloned()?;
    if let Some(retries) = said(made, &maker) {
        return Some(retries);
    }
    let told = ["transport", "adapter", "config"]
        .into_iter()
        .any(|argument| maker.argument(argument).and_then(|a| a.of(made)).is_some());
    let policy = cx.method_chain(made).any(|c| cx.meaning(c).is_some_and(|m| m.is("retries")));
    let by_library = maker.retries
        || meaning.retries
        || adapters(cx, cx.facts().node(root(receiver).index())).next().is_some();
    Some(told || policy || by_library || made.has_spread())
}

/// Whether a client that is made elsewhere is told not to retry.
fn is_told_not_to(cx: &Check<'_>, receiver: Node<'_>) -> bool {
    let parts = std::iter::successors(Some(receiver), |n| n.object().filter(|_| n.is(Kind::Attribute)));
    let made = parts.into_iter().find_map(|part| cx.made_elsewhere(part));
    made.and_then(|made| made.given.get("retries")).is_some_and(|off| *off)
}

/// The name at the start of `client.chat.completions`.
fn root(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while let Some(object) = node.object().filter(|_| node.is(Kind::Attribute)) {
        node = object;
    }
    node
}

/// Whether a decorator, a loop or a call that takes the code around a call tries it again.
fn is_retried_around(cx: &Check<'_>, node: Node<'_>) -> bool {
    let function =
        node.ancestors().find(|n| matches!(n.kind(), Kind::Function | Kind::Lambda | Kind::Module));
    let looped = function.and_then(|f| enclosing_loop(node, f)).is_some_and(|l| {
        // Not one that goes over items.
        l.is(Kind::While)
            || l.get(Role::Iterable).is_none_or(|i| {
                matches!(i.kind(), Kind::RangeLiteral | Kind::Number)
                    || i.callee().is_some_and(|c| matches!(c.name(), "range" | "count"))
            })
            || l.all(Role::Target).chain(l.get(Role::Iterable)).any(|n| says_retry(n.text()))
            || tries_alternatives(l)
    });
    if looped {
        return true;
    }
    node.ancestors().take_while(|a| !matches!(a.kind(), Kind::Class | Kind::Module)).any(
        |around| match around.kind() {
            Kind::Function => {
                let decorated = around.all(Role::Decorator).any(|d| says_retry(d.text()));
                decorated || cx.is_decorated(around, "retry-decorator") || is_passed_to_retry(cx, around)
            }
            // What takes a closure decides how often it runs, unless it is known.
            Kind::Lambda => true,
            Kind::Call => around.callee().is_some_and(|c| says_retry(c.text())),
            Kind::With => around.all(Role::Item).any(|i| says_retry(i.text())),
            _ => false,
        },
    )
}

/// Whether a loop asks one address after the other until one answers.
fn tries_alternatives(around: Node<'_>) -> bool {
    const PLACES: [&str; 8] = ["url", "uri", "endpoint", "host", "server", "mirror", "candidate", "address"];
    let places = around
        .all(Role::Target)
        .any(|t| words(t.text()).last().is_some_and(|w| PLACES.contains(&w.as_str())));
    places && around.descendants_here().any(|n| matches!(n.kind(), Kind::Break | Kind::Return))
}

/// Whether a function's name is an argument of what retries: `retry_call(fetch)`.
fn is_passed_to_retry(cx: &Check<'_>, function: Node<'_>) -> bool {
    let calls = cx.arguments_of(function.name()).filter_map(Node::parent);
    calls.filter(|n| n.is(Kind::Call)).filter_map(Node::callee).any(|callee| says_retry(callee.text()))
}

/// Whether a caller in view tries a function again.
fn is_called_again(cx: &Check<'_>, function: Node<'_>) -> bool {
    cx.calls_of(function.name()).any(|call| !call.is_in(function) && is_retried_around(cx, call))
}
