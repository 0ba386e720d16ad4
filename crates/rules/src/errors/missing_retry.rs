use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Meaning, Node, Role, enclosing_loop};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::ownership::indentation;
use crate::program;
use crate::retries::says_retry;

rule! {
    /// One lost packet fails the whole operation
    ///
    /// Calls to other services fail for a moment all the time: a connection is reset, a load balancer restarts, a limit is reached. A call that can
    /// be repeated without harm should be: a few tries with a growing pause turn most of these failures into a short delay. Use a retry decorator, the
    /// client's own retries or an adapter.
    ///
    /// Only calls that read, replace or delete, or ask a language model are judged, and only where no retry is in view: in a decorator,
    /// a loop, a policy around the call, the client, or the library's own default. One finding stands for its whole function.
    ///
    /// ```python bad
    /// import requests
    ///
    /// def rates(currency):
    ///     response = requests.get(f"https://api.example.com/rates/{currency}", timeout=10)
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     response.raise_for_status()
    ///     other = requests.get("https://api.example.com/limits", timeout=10)
    ///     return response.json(), other.json()
    /// ```
    /// ```python fixed
    /// import requests
    /// import tenacity
    ///
    /// @tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_random_exponential(max=10), reraise=True)
    /// def rates(currency):
    ///     response = requests.get(f"https://api.example.com/rates/{currency}", timeout=10)
    ///     response.raise_for_status()
    ///     other = requests.get("https://api.example.com/limits", timeout=10)
    ///     return response.json(), other.json()
    /// ```
    ///
    /// ```python bad
    /// import openai
    ///
    /// def answer(question):
    ///     client = openai.OpenAI(max_retries=0)
    ///     return client.chat.completions.create(model="gpt-4o", messages=question)
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// from google.cloud import storage
    /// from openai import OpenAI
    ///
    /// bucket = storage.Client().bucket("models")
    /// client = OpenAI(max_retries=0)
    ///
    /// def fetch(path):
    ///     bucket.blob("model").download_to_filename(path, retry=None)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def answer(question):
    ///     return client.chat.completions.create(model="gpt-4o", messages=question)
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import openai
    /// import requests
    /// from requests.adapters import HTTPAdapter
    ///
    /// def answer(question):
    ///     client = openai.OpenAI()
    ///     return client.chat.completions.create(model="gpt-4o", messages=question)
    ///
    /// def rates(currency):
    ///     session = requests.Session()
    ///     session.mount("https://", HTTPAdapter(max_retries=3))
    ///     return session.get(f"https://api.example.com/rates/{currency}", timeout=10)
    ///
    /// def order(item):
    ///     return requests.post("https://api.example.com/orders", json=item, timeout=10)
    ///
    /// def is_alive():
    ///     return requests.get("https://api.example.com/health", timeout=1).ok
    /// ```
    ///
    /// ```python good
    /// import requests
    ///
    /// class Api:
    ///     def _get(self, path):
    ///         return requests.get(f"https://api.example.com/{path}", timeout=10)
    ///
    ///     def rates(self):
    ///         for attempt in range(3):
    ///             try:
    ///                 return self._get("rates")
    ///             except requests.ConnectionError:
    ///                 self.pause(attempt)
    ///
    ///     @with_retries(3)
    ///     def limits(self):
    ///         return requests.get("https://api.example.com/limits", timeout=10)
    ///
    ///     def mirrors(self, urls):
    ///         for url in urls:
    ///             response = requests.get(url, timeout=10)
    ///             if response.ok:
    ///                 return response
    ///
    ///     def local(self):
    ///         return requests.get("http://localhost:8080/rates", timeout=10)
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import "net/http"
    ///
    /// func rates(client *http.Client, url string) (*http.Response, error) {
    /// 	return http.Get(url)
    /// 	       ^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"context"
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func rates(ctx context.Context, url string) (*http.Response, error) {
    /// 	client := &http.Client{Timeout: 10 * time.Second}
    /// 	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return client.Do(req)
    /// 	       ^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"context"
    /// 	"net/http"
    ///
    /// 	"github.com/hashicorp/go-retryablehttp"
    /// )
    ///
    /// func rates(url string) (*http.Response, error) {
    /// 	return retryablehttp.Get(url)
    /// }
    ///
    /// func shared(ctx context.Context, req *http.Request) (*http.Response, error) {
    /// 	httpClient := transport.NewClient(ctx)
    /// 	return httpClient.Do(req)
    /// }
    ///
    /// func given(client *http.Client, url string) (*http.Response, error) {
    /// 	return client.Get(url)
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import "net/http"
    ///
    /// func rates(url string) (resp *http.Response, err error) {
    /// 	err = retry(3, func() error {
    /// 		resp, err = http.Get(url)
    /// 		return err
    /// 	})
    /// 	return resp, err
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn rates(url: &str) -> reqwest::Result<Rates> {
    ///     reqwest::get(url).await?.error_for_status()?.json().await
    ///     ^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn rates(url: &str) -> reqwest::Result<reqwest::Response> {
    ///     let client = reqwest::Client::builder().build()?;
    ///     client.get(url).send().await
    ///     ^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn rates(url: &str) -> reqwest::Result<reqwest::Response> {
    ///     (|| async { reqwest::get(url).await }).retry(ExponentialBuilder::default()).await
    /// }
    ///
    /// async fn order(client: &reqwest::Client, url: &str) -> reqwest::Result<reqwest::Response> {
    ///     client.post(url).send().await
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn given(client: &reqwest::Client, url: &str) -> reqwest::Result<reqwest::Response> {
    ///     client.get(url).send().await
    /// }
    ///
    /// async fn rates(url: &str) -> reqwest::Response {
    ///     loop {
    ///         if let Ok(response) = reqwest::get(url).await {
    ///             return response;
    ///         }
    ///     }
    /// }
    /// ```
    name: "missing-retry",
    category: Errors,
    severity: Medium,
    scope: Both,
    fix: { Python: Suggested },
    on: [Effect(Effects::NETWORK), Effect(Effects::LANGUAGE_MODEL)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    if !is_judged(cx, call) {
        return;
    }
    cx.site();
    let Some(function) = cx.named_function(call) else { return };
    if is_retried(cx, call, function) {
        return;
    }
    // One finding stands for its function.
    let earlier = function.descendants().take_while(|n| n.index() < call.index());
    if earlier.filter(|n| n.is(Kind::Call)).any(|n| is_judged(cx, n) && !is_retried(cx, n, function)) {
        return;
    }
    let callee = call.callee().map_or("", Node::text);
    let short = callee.lines().next().unwrap_or_default().trim_end_matches('.');
    // A person in front of a terminal tries again; who else retries in this file cannot be told.
    let unsure = program::speaks_to_user(cx, call) || retries_in_file(cx);
    let finding = cx
        .finding(call, format!("nothing retries `{short}`"))
        .why("A connection that is reset, or a service that restarts, fails the whole operation.")
        .help("Try it a few times with a growing pause: a retry decorator, the client's own retries, an adapter.")
        .confidence(if unsure { Confidence::Low } else { Confidence::Medium })
        .maybe_fix(fix(cx, call, function));
    cx.report(finding);
}

/// Whether a call asks another service for something that can be asked for again without harm.
fn is_judged(cx: &Check<'_>, call: Node<'_>) -> bool {
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
fn is_retried(cx: &Check<'_>, call: Node<'_>, function: Node<'_>) -> bool {
    let Some(meaning) = cx.meaning(call) else { return true };
    if is_probe(function)
        || says_retry(function.name())
        || is_retried_by_client(cx, call, meaning)
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

/// Whether the library, the call or the client retries; or the client is not in view, and may.
fn is_retried_by_client(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> bool {
    let off =
        |value: Node<'_>| value.number() == Some(0.0) || value.is(Kind::Nothing) || value.is_boolean(false);
    let said = |call: Node<'_>, meaning: &Meaning| {
        let argument = meaning.argument("retries").and_then(|a| a.of(call));
        argument.map(|a| !off(a)).or_else(|| call.has_spread().then_some(true))
    };
    if let Some(retries) = said(call, meaning) {
        return retries;
    }
    let start = cx.method_chain(call).last().unwrap_or(call);
    let Some(receiver) = start.callee().and_then(Node::object) else { return meaning.retries };
    // Else it is a function of the library itself: `requests.get`.
    let has_client = meaning.guessed
        || meaning.timeout == Some(shipworthy_facts::Timeout::Client)
        || cx.type_of(receiver).is_some();
    if !has_client {
        return meaning.retries;
    }
    let Some(made) = cx.made_by(root(receiver)) else { return !is_told_not_to(cx, receiver) };
    let Some(maker) = cx.meaning(made).cloned() else { return true };
    if let Some(retries) = said(made, &maker) {
        return retries;
    }
    let told = ["transport", "adapter", "config"]
        .into_iter()
        .any(|argument| maker.argument(argument).and_then(|a| a.of(made)).is_some());
    let policy = cx.method_chain(made).any(|c| cx.meaning(c).is_some_and(|m| m.is("retries")));
    told || policy || maker.retries || meaning.retries || is_mounted(cx, root(receiver)) || made.has_spread()
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

/// Whether a session is given an adapter.
fn is_mounted(cx: &Check<'_>, client: Node<'_>) -> bool {
    cx.facts().nodes().any(|n| {
        n.is(Kind::Call)
            && cx.argument(n, "adapter").is_some()
            && n.callee().and_then(Node::object).is_some_and(|o| o.text() == client.text())
    })
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
                decorated || cx.is_decorated(around, "retry-decorator") || is_passed_to_retry(around)
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
fn is_passed_to_retry(function: Node<'_>) -> bool {
    function.facts().nodes().any(|n| {
        n.is(Kind::Call)
            && n.callee().is_some_and(|c| says_retry(c.text()))
            && n.arguments().any(|a| a.name() == function.name())
    })
}

/// Whether a caller in view tries a function again.
fn is_called_again(cx: &Check<'_>, function: Node<'_>) -> bool {
    function.facts().nodes().any(|n| {
        n.is(Kind::Call)
            && n.callee().is_some_and(|c| c.name() == function.name())
            && !n.is_in(function)
            && is_retried_around(cx, n)
    })
}

/// Whether the file has to do with retries somewhere else: what that retries cannot be told from here.
fn retries_in_file(cx: &Check<'_>) -> bool {
    cx.environment().names().any(|(name, origin)| {
        let path = match origin {
            shipworthy_facts::Origin::Item(path) => path,
            _ => "",
        };
        says_retry(name) || says_retry(path)
    })
}

/// Python: a decorator of the retry library.
fn fix(cx: &Check<'_>, call: Node<'_>, function: Node<'_>) -> Option<Fix> {
    if cx.language() != Language::Python || call.function() != Some(function) {
        return None;
    }
    let indent = indentation(function)?;
    let yields = function.has(shipworthy_facts::Flags::GENERATOR);
    let statement = function.get(Role::Decorator).is_none() && !yields;
    let (tenacity, import) = cx.import("tenacity", "");
    let decorator = format!(
        "@{tenacity}.retry(stop={tenacity}.stop_after_attempt(3), wait={tenacity}.wait_random_exponential(max=10), reraise=True)\n{indent}"
    );
    let fix = Fix::suggested("Retry it with a growing pause").insert(function.range().start, decorator);
    statement.then(|| fix.import(import).dependency("tenacity", ">=8"))
}
