use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Effects, Kind, Node, Role};

use crate::names::words;
use crate::remarks;

rule! {
    /// A random number is passed off as a measurement
    ///
    /// A score, a rate or a prediction that comes from a random generator looks like data and means nothing: dashboards, alerts and
    /// decisions rest on noise. It is usually a placeholder that was never replaced. Compute the value, or raise until somebody does.
    ///
    /// Random numbers that say what they are (a sample, jitter, noise, a simulation, a seed) are sound.
    ///
    /// ```python bad
    /// import numpy as np
    ///
    /// def calculate_drift_delta(brand):
    ///     return np.random.uniform(-5.0, 5.0)
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// import random
    ///
    /// def summary(model):
    ///     return {
    ///         "model": model.name,
    ///         "accuracy": round(random.random() * 100, 2),
    ///                           ^^^^^^^^^^^^^^^
    ///     }
    /// ```
    ///
    /// ```python good
    /// import random
    ///
    /// def retry_delay(attempt):
    ///     jitter = random.uniform(0, 1)
    ///     return 2 ** attempt + jitter
    ///
    /// def sample_scores(scores):
    ///     score = random.choice(scores)
    ///     return score
    /// ```
    ///
    /// ```python good
    /// import random
    ///
    /// class SimulatedSensor:
    ///     def temperature(self):
    ///         temperature = random.gauss(20, 2)
    ///         return temperature
    ///
    /// def pick(servers):
    ///     return servers[random.randrange(len(servers))]
    /// ```
    ///
    /// What a linter was told is random on purpose.
    ///
    /// ```python good
    /// import random
    ///
    /// def reminder_probability(subscription):
    ///     if subscription is None:
    ///         return random.randrange(0, 2)  # nosec B311
    ///     return subscription.days_over / 100
    /// ```
    ///
    /// A coin is no measurement, but what it decides is none either.
    ///
    /// ```python bad
    /// from random import randint
    ///
    /// def quote(customer):
    ///     price = 10 if randint(0, 1) else 20
    ///                   ^^^^^^^^^^^^^
    ///     return {"customer": customer, "price": price}
    /// ```
    ///
    /// A module of made-up data says so in the names of its functions.
    ///
    /// ```python good file=shop/factories/candle_factory.py
    /// from random import randint
    ///
    /// open_price = randint(40, 100)
    /// close_price = open_price + 3 if randint(0, 1) else 7
    ///
    /// def fake_candle():
    ///     global open_price
    ///     open_price = randint(40, 100)
    ///     return open_price
    /// ```
    ///
    /// ```go bad
    /// package health
    ///
    /// import "math/rand"
    ///
    /// func SuccessRate(provider string) float64 {
    /// 	return 0.9 + rand.Float64()*0.1
    /// 	             ^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go bad
    /// package health
    ///
    /// import "math/rand"
    ///
    /// func status() Status {
    /// 	return Status{Name: "llm", Score: rand.Intn(100)}
    /// 	                                  ^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package health
    ///
    /// import (
    /// 	"math/rand"
    /// 	"time"
    /// )
    ///
    /// func backoff(try int) time.Duration {
    /// 	return time.Duration(rand.Intn(1000)) * time.Millisecond
    /// }
    /// ```
    ///
    /// ```go good
    /// package load
    ///
    /// import "math/rand"
    ///
    /// func simulate(users int) Report {
    /// 	return Report{Latency: rand.Float64()}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn drift_score(brand: &Brand) -> f64 {
    ///     rand::random::<f64>() * 10.0
    ///     ^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn report() -> Report {
    ///     Report { name: "brand".into(), confidence: rand::random() }
    ///                                                ^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn retry_delay(attempt: u32) -> f64 {
    ///     let jitter: f64 = rand::random();
    ///     f64::from(attempt) + jitter
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn random_score() -> f64 {
    ///     rand::random()
    /// }
    /// ```
    name: "random-as-data",
    category: Data,
    severity: Blocking,
    scope: Both,
    on: [Effect(Effects::RANDOM)],
    check: check,
}

/// Words of what is measured or predicted.
const MEASURES: &[&str] = &[
    "score",
    "scores",
    "rate",
    "ratio",
    "drift",
    "metric",
    "metrics",
    "accuracy",
    "precision",
    "recall",
    "confidence",
    "prediction",
    "forecast",
    "probability",
    "sentiment",
    "similarity",
    "latency",
    "throughput",
    "uptime",
    "temperature",
    "humidity",
    "price",
    "revenue",
    "cost",
    "usage",
    "risk",
    "growth",
    "engagement",
    "performance",
    "trend",
    "quality",
];

/// Words that say that a value is random and meant to be.
const AVOWED: [&str; 47] = [
    "random",
    "rand",
    "rng",
    "jitter",
    "noise",
    "noisy",
    "sample",
    "samples",
    "sampling",
    "sampled",
    "shuffle",
    "mock",
    "mocked",
    "fake",
    "dummy",
    "simulate",
    "simulated",
    "simulation",
    "simulator",
    "synthetic",
    "seed",
    "seeded",
    "backoff",
    "retry",
    "delay",
    "sleep",
    "interval",
    "demo",
    "test",
    "benchmark",
    "bench",
    "perturb",
    "augment",
    "dropout",
    "mutate",
    "mutation",
    "explore",
    "exploration",
    "epsilon",
    "bootstrap",
    "monte",
    "init",
    "initialize",
    "weights",
    "fuzz",
    "stochastic",
    "load",
];

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    cx.site();
    let Some(sink) = sink(cx, call) else { return };
    let around =
        call.ancestors().filter(|n| matches!(n.kind(), Kind::Function | Kind::Class)).map(|n| n.name());
    let file = cx.path().rsplit('/').next();
    let mut spoken = around.chain(file).chain([sink]).flat_map(words);
    if spoken.any(|w| AVOWED.contains(&w.as_str())) || is_made_up(cx, call) {
        return;
    }
    // A linter was told that it is random on purpose.
    if remarks::line_says(cx.facts(), call.range().end, &["nosec b311", "noqa: s311"]) {
        return;
    }
    let certain = cx.meaning(call).is_some_and(|m| !m.guessed);
    let what = if only_decides(call) { "is decided by a random number" } else { "is a random number" };
    let finding = cx
        .finding(call, format!("`{sink}` {what}"))
        .why("It looks like data and means nothing: whatever rests on it rests on noise.")
        .help("Compute the value, or raise an error until somebody does.")
        .confidence(if certain { Confidence::High } else { Confidence::Medium });
    cx.report(finding);
}

/// Whether a module's top level makes data up on purpose, as the names of its functions say: `fake_candle` beside `open_price = randint(40, 100)`.
fn is_made_up(cx: &Check<'_>, call: Node<'_>) -> bool {
    const NAMED: [&str; 5] = ["random", "fake", "mock", "dummy", "synthetic"];
    let says = |name: &str| words(name).iter().any(|w| NAMED.contains(&w.as_str()));
    let is_function = |name: &str| cx.workspace().function(&cx.environment().absolute(name)).is_some();
    call.function().is_none() && cx.environment().names().any(|(name, _)| says(name) && is_function(name))
}

/// Whether a random number only decides which of two values there is: `10 if randint(0, 1) else 20`.
fn only_decides(call: Node<'_>) -> bool {
    let is_condition = |a: Node<'_>| {
        a.is(Kind::Conditional) && a.get(Role::Condition).is_some_and(|c| c == call || call.is_in(c))
    };
    call.ancestors().take_while(|a| !a.is(Kind::Function)).any(is_condition)
}

/// The name of a measure under which a value leaves the expression it stands in.
fn sink<'a>(cx: &Check<'_>, call: Node<'a>) -> Option<&'a str> {
    let measure = |name: &'a str| words(name).iter().any(|w| MEASURES.contains(&w.as_str())).then_some(name);
    let mut inner = call;
    for outer in call.ancestors() {
        // A field or keyword names what it takes.
        if matches!(outer.kind(), Kind::Construct | Kind::Call)
            && inner.role() == Role::Argument
            && !inner.label().is_empty()
        {
            return measure(inner.label());
        }
        match outer.kind() {
            Kind::Binary | Kind::Unary | Kind::Cast | Kind::Conditional | Kind::Tuple => {}
            // `round(random())`, `float(random())`
            Kind::Call if inner.role() == Role::Argument => {
                let arithmetic = outer.callee().is_some_and(|c| {
                    c.is(Kind::Name)
                        && matches!(
                            c.name(),
                            "round" | "int" | "float" | "abs" | "max" | "min" | "float64" | "float32"
                        )
                });
                if !arithmetic {
                    return None;
                }
            }
            Kind::Call | Kind::Attribute if matches!(inner.role(), Role::Callee | Role::Object) => {}
            Kind::Entry if inner.role() == Role::Value => return measure(key(outer)?),
            Kind::Assign => {
                let target = outer.get(Role::Target)?;
                return match target.kind() {
                    Kind::Index => measure(text_of(target.get(Role::Index)?)?),
                    _ => measure(target.name()),
                };
            }
            Kind::Return => return cx.named_function(outer).and_then(|f| measure(f.name())),
            _ => return None,
        }
        inner = outer;
    }
    None
}

fn key(entry: Node<'_>) -> Option<&str> {
    text_of(entry.get(Role::Key)?)
}

/// The content of a plain string literal.
fn text_of(node: Node<'_>) -> Option<&str> {
    node.is(Kind::String).then(|| node.text().trim_matches(|c: char| !c.is_alphanumeric()))
}
