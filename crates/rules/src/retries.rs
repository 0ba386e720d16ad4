//! Retries: what tries a call again, and how long it waits in between.

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Role, enclosing_loop};
use shipworthy_syntax::Language;

use crate::handlers;
use crate::names::words;

/// Whether a name says that something is tried again: `with_retry`, `attempts`, `backoff`.
pub(crate) fn says_retry(name: &str) -> bool {
    const WORDS: [&str; 20] = [
        "retry",
        "retries",
        "retrying",
        "retried",
        "retryer",
        "retrier",
        "retryable",
        "backoff",
        "tenacity",
        "stamina",
        "attempt",
        "attempts",
        "try",
        "tries",
        "reconnect",
        "resilient",
        "resilience",
        "again",
        "resend",
        "reattempt",
    ];
    words(name).iter().any(|w| WORDS.contains(&w.as_str()))
}

/// The pause before the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delay {
    None,
    Fixed,
    /// It grows or differs from try to try; with a random part or not.
    Growing {
        jitter: bool,
    },
}

/// A loop that tries something again until it works.
pub(crate) struct RetryLoop<'a> {
    /// What is tried: the call that fails.
    pub(crate) tried: Node<'a>,
    pub(crate) delay: Delay,
    /// The tries end by themselves.
    pub(crate) limited: bool,
    /// The most tries, where that is written down.
    pub(crate) limit: Option<f64>,
}

/// The loop as one that retries a call to the outside: a failure goes on to the next turn, success leaves.
pub(crate) fn retry_loop<'a>(cx: &Check<'_>, around: Node<'a>) -> Option<RetryLoop<'a>> {
    if goes_over_items(around) {
        return None;
    }
    let body = around.get(Role::Body)?;
    let outside = Effects::NETWORK | Effects::DATABASE | Effects::LANGUAGE_MODEL | Effects::SENDS;
    // `while let Err(e) = connect().await`: each turn is what follows a failure.
    let fails =
        |c: &Node<'a>| c.is(Kind::Let) && c.get(Role::Pattern).is_some_and(|p| p.text().starts_with("Err("));
    if let Some(condition) = around.get(Role::Condition).filter(fails) {
        let tries = |n: &Node<'a>| n.is(Kind::Call) && cx.effects(*n).intersects(outside);
        let tried = condition.descendants_here().find(tries)?;
        let (limited, limit) = limit(around, body);
        return Some(RetryLoop { tried, delay: delay(cx, around, body), limited, limit });
    }
    let here = || body.descendants_here().filter(|n| belongs(*n, around));
    // A loop that is left in each way through it tries once.
    if always_leaves(body) && !here().any(|n| n.is(Kind::Continue)) {
        return None;
    }
    let failures: Vec<Node<'a>> = here().filter_map(|n| failure(cx, n)).collect();
    let going_on: Vec<Node<'a>> = failures.iter().copied().filter(|f| !always_leaves(*f)).collect();
    if going_on.iter().any(|f| is_delivered(*f)) {
        return None;
    }
    if going_on.is_empty() && !here().any(|n| leaves_on_success(cx, n)) {
        return None;
    }
    let in_failure = |n: Node<'_>| failures.iter().any(|f| n.is_in(*f));
    // Python: a handler that goes on catches what the body of its own `try` does.
    let attempted = |n: Node<'_>| {
        let handlers = going_on.iter().filter_map(|f| f.parent()?.parent());
        handlers.filter(|t| t.is(Kind::Try)).any(|t| t.get(Role::Body).is_some_and(|b| n.is_in(b)))
    };
    let python = cx.language() == Language::Python;
    let tried = here().find(|n| {
        n.is(Kind::Call)
            && !in_failure(*n)
            && (!python || attempted(*n))
            && cx.effects(*n).intersects(outside)
            && !is_chosen_anew(*n, around)
    })?;
    let succeeds = here().any(|n| {
        let leaves = matches!(n.kind(), Kind::Return | Kind::Break) && !n.has(Flags::IMPLICIT);
        leaves && !in_failure(n) && is_success(cx, n, tried, body)
    });
    if !succeeds {
        return None;
    }
    let (limited, limit) = limit(around, body);
    Some(RetryLoop { tried, delay: delay(cx, around, body), limited, limit })
}

/// Rust: whether a failure is a result like others, which is sent to who counts them: the next turn is another job. `results.send(Err(error))`
fn is_delivered(failure: Node<'_>) -> bool {
    let sends =
        |n: Node<'_>| n.is(Kind::Call) && n.callee().is_some_and(|c| matches!(c.name(), "send" | "push"));
    let fails = |a: Node<'_>| a.is(Kind::Call) && a.callee().is_some_and(|c| c.name() == "Err");
    let mut parts = std::iter::once(failure).chain(failure.descendants_here());
    failure.language() == Language::Rust && parts.any(|n| sends(n) && n.arguments().any(fails))
}

/// Whether a loop is left because a call worked: with it, in the arm or branch of its success, or whatever comes behind it.
fn is_success(cx: &Check<'_>, leave: Node<'_>, tried: Node<'_>, body: Node<'_>) -> bool {
    if tried.is_in(leave) {
        return true;
    }
    // What only a condition of its own leads to (the last page, a signal to stop) is no success.
    if leave.index() > tried.index() && leave.parent() == Some(body) {
        return true;
    }
    let mut inner = leave;
    for outer in leave.ancestors().take_while(|a| *a != body) {
        let succeeded = match outer.kind() {
            Kind::Try => {
                let attempt = outer.get(Role::Body).is_some_and(|b| tried.is_in(b));
                attempt
                    && (inner.role() == Role::Else
                        || inner.role() == Role::Body && leave.index() > tried.index())
            }
            Kind::Arm => outer.get(Role::Pattern).is_some_and(|p| p.text().starts_with("Ok(")),
            Kind::If => {
                leaves_on_success(cx, outer)
                    || inner.role() == Role::Else && handlers::handler(cx, outer).is_some()
            }
            _ => false,
        };
        if succeeded {
            return true;
        }
        inner = outer;
    }
    false
}

/// Whether each turn of a loop picks another target for a call: that is no retry.
fn is_chosen_anew(call: Node<'_>, around: Node<'_>) -> bool {
    const PICKS: [&str; 7] = ["pick", "next", "choose", "select", "shift", "pop", "rotate"];
    let picked = |name: &str| {
        around.descendants_here().any(|n| {
            n.is(Kind::Assign)
                && n.all(Role::Target).any(|t| t.name() == name)
                && n.all(Role::Value).any(|v| {
                    let callee = v.callee().map_or("", Node::name);
                    words(callee).iter().any(|w| PICKS.contains(&w.as_str()))
                })
        })
    };
    call.descendants().any(|n| n.is(Kind::Name) && picked(n.name()))
}

/// Whether a fact belongs to a loop itself, not to one inside it.
fn belongs(node: Node<'_>, around: Node<'_>) -> bool {
    let function =
        around.ancestors().find(|a| matches!(a.kind(), Kind::Function | Kind::Lambda | Kind::Module));
    function.is_none_or(|f| enclosing_loop(node, f).is_none_or(|l| l == around))
}

/// Whether a loop goes over items of data, each another job: not over numbers or tries.
fn goes_over_items(around: Node<'_>) -> bool {
    if !around.is(Kind::For) {
        return false;
    }
    let Some(over) = around.get(Role::Iterable) else { return false };
    let counted = matches!(over.kind(), Kind::RangeLiteral | Kind::Number)
        || over.callee().is_some_and(|c| matches!(c.name(), "range" | "count" | "repeat" | "rev"));
    let named = around.all(Role::Target).chain([over]).any(|n| says_retry(n.text()));
    !counted && !named
}

/// The part of a loop that runs when something failed.
fn failure<'a>(cx: &Check<'_>, node: Node<'a>) -> Option<Node<'a>> {
    // A wait that ended, an answer that was no good, a write that came second: nobody is hurt by the next try.
    const OTHERS: [&str; 10] = [
        "timeout",
        "empty",
        "blocking",
        "interrupted",
        "decode",
        "validation",
        "watch",
        "conflict",
        "stale",
        "integrity",
    ];
    let waits = node.all(Role::Type).any(|t| words(t.text()).iter().any(|w| OTHERS.contains(&w.as_str())));
    handlers::handler(cx, node).filter(|_| !waits).map(|h| h.body)
}

/// `if err == nil { return .. }`, `if let Ok(..) = .. { break }`: what comes behind it is a failure.
fn leaves_on_success(cx: &Check<'_>, node: Node<'_>) -> bool {
    let Some(condition) = node.get(Role::Condition).filter(|_| node.is(Kind::If)) else { return false };
    let succeeds = match condition.kind() {
        Kind::Compare if condition.operator() == Operator::Eq => {
            let mut operands = condition.all(Role::Operand);
            operands.next().is_some_and(|o| o.is(Kind::Name) && handlers::is_error(cx, o))
                && operands.next().is_some_and(|o| o.is(Kind::Nothing))
        }
        Kind::Let => condition.get(Role::Pattern).is_some_and(|p| p.text().starts_with("Ok(")),
        _ => false,
    };
    succeeds && node.get(Role::Else).is_none() && node.get(Role::Body).is_some_and(always_leaves)
}

/// Whether the end of a block is never reached.
fn always_leaves(block: Node<'_>) -> bool {
    match block.kind() {
        Kind::Return | Kind::Raise | Kind::Break => true,
        Kind::Block => block.all(Role::Statement).any(always_leaves),
        Kind::If => {
            let branches = [block.get(Role::Body), block.get(Role::Else)];
            branches.into_iter().all(|b| b.is_some_and(always_leaves))
        }
        // In Rust one of the arms is taken, and `break` is the loop's.
        Kind::Match if block.language() == Language::Rust => {
            block.all(Role::Arm).all(|arm| arm.get(Role::Body).is_some_and(always_leaves))
        }
        _ => false,
    }
}

/// Whether a loop ends by itself, and after how many turns.
fn limit(around: Node<'_>, body: Node<'_>) -> (bool, Option<f64>) {
    if around.is(Kind::For) {
        let count = around.get(Role::Iterable).and_then(|over| match over.kind() {
            Kind::Call => {
                let numbers: Option<Vec<f64>> = over.arguments().map(literal).collect();
                match numbers?[..] {
                    [stop] => Some(stop),
                    [start, stop] => Some(stop - start),
                    [start, stop, step] => Some((stop - start) / step),
                    _ => None,
                }
            }
            _ => over.number().or_else(|| over.all(Role::Operand).last().and_then(Node::number)),
        });
        let endless = around.get(Role::Iterable).and_then(Node::callee).is_some_and(|c| c.name() == "count");
        return (!endless, count);
    }
    let condition = around.get(Role::Condition).filter(|c| !c.is_boolean(true) && !c.is(Kind::Number));
    if condition.is_some_and(compares) {
        return (true, None);
    }
    // A check of tries or time that leaves, a context that is done.
    let checked = body.descendants_here().any(|n| {
        let head = match n.kind() {
            Kind::If => n.get(Role::Condition),
            Kind::Arm => n.get(Role::Guard),
            _ => None,
        };
        head.is_some_and(|c| compares(c) || says_retry(c.text()))
            && n.descendants_here().any(|l| matches!(l.kind(), Kind::Return | Kind::Raise | Kind::Break))
    });
    let context = body.descendants_here().any(|n| {
        n.is(Kind::Call)
            && n.callee()
                .is_some_and(|c| matches!(c.name(), "Done" | "cancelled" | "is_cancelled" | "is_set"))
    });
    (checked || context, None)
}

/// The number that is written down, with its sign.
fn literal(node: Node<'_>) -> Option<f64> {
    match node.kind() {
        Kind::Unary => node.get(Role::Operand).and_then(Node::number).map(|n| -n),
        _ => node.number(),
    }
}

/// Whether a condition compares something, with more than nothing.
fn compares(condition: Node<'_>) -> bool {
    let ordered = |n: Node<'_>| {
        n.is(Kind::Compare)
            && matches!(
                n.operator(),
                Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge | Operator::Eq | Operator::Ne
            )
            && !n.all(Role::Operand).any(|o| o.is(Kind::Nothing))
    };
    ordered(condition) || condition.descendants_here().any(ordered)
}

fn delay(cx: &Check<'_>, around: Node<'_>, body: Node<'_>) -> Delay {
    let calls = || body.descendants().filter(|n| n.is(Kind::Call));
    let sleeps = |n: &Node<'_>| {
        let known = cx.effects(*n).intersects(Effects::SLEEPS);
        let named = n.callee().is_some_and(|c| {
            words(c.name()).iter().any(|w| {
                matches!(
                    w.as_str(),
                    "sleep"
                        | "wait"
                        | "backoff"
                        | "delay"
                        | "pause"
                        | "after"
                        | "timer"
                        | "ticker"
                        | "tick"
                        | "poll"
                )
            })
        });
        known || named
    };
    let all: Vec<Node<'_>> = calls().filter(sleeps).collect();
    // A ticker's channel, or what is not known to sleep, may wait as long as it likes.
    let waits = body.descendants().any(|n| n.is(Kind::Receive));
    if all.is_empty() {
        return if waits { Delay::Growing { jitter: true } } else { Delay::None };
    }
    let each: Vec<Delay> = all.iter().map(|call| duration(cx, *call, around)).collect();
    let jitter = each.iter().any(|d| matches!(d, Delay::Growing { jitter: true }));
    if each.iter().any(|d| matches!(d, Delay::Growing { .. })) {
        Delay::Growing { jitter }
    } else {
        Delay::Fixed
    }
}

/// What a pause depends on.
fn duration(cx: &Check<'_>, call: Node<'_>, around: Node<'_>) -> Delay {
    let Some(meaning) = cx.meaning(call) else { return Delay::Growing { jitter: true } };
    let duration = meaning.argument("duration").and_then(|a| a.of(call)).or_else(|| call.positional(0));
    let Some(duration) = duration else { return Delay::Growing { jitter: true } };
    let mut grows = false;
    let mut jitter = false;
    for node in std::iter::once(duration).chain(duration.descendants()) {
        match node.kind() {
            // How long the other side says: it spreads its callers as it likes.
            Kind::String if says_when(node) => (grows, jitter) = (true, true),
            Kind::Name | Kind::Attribute => {
                let changed = node.is(Kind::Name) && is_changed(cx, node, around);
                grows |= changed || node.is(Kind::Attribute) && is_assigned(node, around);
                jitter |= words(node.name())
                    .iter()
                    .any(|w| matches!(w.as_str(), "jitter" | "random" | "rand" | "uniform"))
                    || changed && is_given_jitter(cx, node, around);
            }
            Kind::Call => {
                let converts = node.arguments().count() == 1
                    || node.callee().is_some_and(|c| matches!(c.name(), "min" | "max" | "pow"));
                let random = cx
                    .meaning(node)
                    .is_some_and(|m| m.effects.intersects(Effects::RANDOM | Effects::SECURE_RANDOM));
                // `backoff.next()` decides for itself.
                let decides = !converts || node.callee().is_some_and(|c| says_retry(c.text()));
                grows |= random || decides;
                jitter |= random || decides;
            }
            _ => {}
        }
    }
    if grows { Delay::Growing { jitter } } else { Delay::Fixed }
}

/// Whether a name changes from turn to turn: the loop binds it, or what it is given in the loop does.
fn is_changed(cx: &Check<'_>, name: Node<'_>, around: Node<'_>) -> bool {
    cx.resolver().bindings(name).into_iter().any(|b| {
        if b.index() <= around.index() || b.index() >= around.fact().end {
            return false;
        }
        let Some(assign) = b.parent().filter(|p| p.is(Kind::Assign)) else { return true };
        // A number written in the loop is the same every time.
        assign.operator() != Operator::None || !assign.all(Role::Value).all(Node::is_literal)
    })
}

/// Whether what a changing name is given has a random part.
fn is_given_jitter(cx: &Check<'_>, name: Node<'_>, around: Node<'_>) -> bool {
    cx.resolver().bindings(name).into_iter().any(|b| {
        b.is_in(around)
            && b.parent().filter(|p| p.is(Kind::Assign)).is_some_and(|assign| {
                assign.descendants().any(|n| {
                    n.is(Kind::Call)
                        && (cx.meaning(n).is_none()
                            || cx.meaning(n).is_some_and(|m| {
                                m.effects.intersects(Effects::RANDOM | Effects::SECURE_RANDOM)
                            }))
                        || n.name().to_ascii_lowercase().contains("jitter")
                        || says_when(n)
                })
            })
    })
}

/// Whether a text names the header in which a service says when to come back.
fn says_when(text: Node<'_>) -> bool {
    text.is(Kind::String) && text.text().to_ascii_lowercase().contains("retry-after")
}

fn is_assigned(attribute: Node<'_>, around: Node<'_>) -> bool {
    around.descendants().any(|n| {
        n.is(Kind::Assign)
            && n.all(Role::Target).any(|t| t.is(Kind::Attribute) && t.text() == attribute.text())
    })
}
