use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::names::{called, words};
use crate::ownership::indentation;
use crate::program;
use crate::repeats::{can_be_repeated, is_retried};
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
    /// Where there is a default, nothing fails with the call.
    ///
    /// ```python good
    /// import requests
    ///
    /// def kind(url):
    ///     try:
    ///         found = requests.head(url, timeout=5).headers.get("Content-Type", "")
    ///     except requests.RequestException:
    ///         found = ""
    ///     return found
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
    /// What nobody wants twice, what is called again anyway, and devices nearby.
    ///
    /// ```python good
    /// import requests
    ///
    /// class Switch:
    ///     def turn_on(self):
    ///         requests.get(f"{self.base_url}/on", timeout=10)
    ///
    ///     def update(self):
    ///         self.state = requests.get(self.base_url, timeout=10).json()
    ///
    ///     def mode(self, pin):
    ///         return requests.get(f"{self.resource}/mode/{pin}", timeout=10).json()
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

/// Python: whether what a call gives has a default where it fails, with which the function goes on: `except Exception: kind = ""`.
fn has_default(call: Node<'_>) -> bool {
    let tries = call.ancestors().take_while(|a| !a.is(Kind::Function));
    let attempt =
        tries.into_iter().find(|t| t.is(Kind::Try) && t.get(Role::Body).is_some_and(|b| call.is_in(b)));
    let gives_default = |handler: Node<'_>| {
        let mut statements =
            handler.get(Role::Body).into_iter().flat_map(|b| b.all(Role::Statement)).peekable();
        let is_default = |s: Node<'_>| s.is(Kind::Assign) && s.all(Role::Value).all(Node::is_literal);
        statements.peek().is_some() && statements.all(is_default)
    };
    attempt.is_some_and(|t| t.children().filter(|c| c.is(Kind::Handler)).all(gives_default))
        && call.language() == Language::Python
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    if !can_be_repeated(cx, call) {
        return;
    }
    cx.site();
    let Some(function) = cx.named_function(call) else { return };
    if is_retried(cx, call, function) || acts(function) || is_called_again(function) || is_near(cx, call) {
        return;
    }
    // One finding stands for its function.
    let earlier = function.descendants().take_while(|n| n.index() < call.index());
    if earlier.filter(|n| n.is(Kind::Call)).any(|n| can_be_repeated(cx, n) && !is_retried(cx, n, function)) {
        return;
    }
    // A person in front of a terminal tries again; who else retries in this file cannot be told.
    let unsure = program::speaks_to_user(cx, call) || retries_in_file(cx) || has_default(call);
    let finding = cx
        .finding(call, format!("nothing retries `{}`", called(call)))
        .why("A connection that is reset, or a service that restarts, fails the whole operation.")
        .help(match cx.language() {
            Language::Python => {
                "Try it a few times with a growing pause: a retry decorator, the client's own retries, an adapter."
            }
            Language::Go | Language::Rust => {
                "Try it a few times with a growing pause: the client's own retries, or a helper around the call."
            }
        })
        .confidence(if unsure { Confidence::Low } else { Confidence::Medium })
        .maybe_fix(fix(cx, call, function));
    cx.report(finding);
}

/// Whether a function's name says that it does something which nobody wants twice, whatever the method of its request: `turn_on`,
/// `send_message`.
fn acts(function: Node<'_>) -> bool {
    const ACTS: [&str; 12] = [
        "send", "turn", "switch", "toggle", "trigger", "notify", "publish", "set", "press", "play", "open",
        "close",
    ];
    ACTS.contains(&&*verb(function))
}

/// Whether a function's name says that it is called again and again: the next time tries again.
fn is_called_again(function: Node<'_>) -> bool {
    matches!(&*verb(function), "update" | "poll" | "refresh" | "tick" | "heartbeat" | "scan")
}

/// What a function's name says that it does: its first word, but for `async_update`'s.
fn verb(function: Node<'_>) -> String {
    words(function.name()).into_iter().find(|w| w != "async").unwrap_or_default()
}

/// Whether a request goes to a device nearby, by what its address and its file are called: one that is off stays off.
fn is_near(cx: &Check<'_>, call: Node<'_>) -> bool {
    const NEAR: [&str; 6] = ["device", "resource", "host", "ip", "gateway", "router"];
    let place = words(cx.path());
    let of_network = place.iter().any(|w| matches!(w.as_str(), "upnp" | "ssdp" | "igd" | "mdns" | "natpmp"));
    let mut addresses = cx.method_chain(call).filter_map(|c| cx.argument(c, "url"));
    of_network
        || addresses.any(|url| {
            let url = crate::values::behind(cx, cx.facts().node(url.index()));
            let parts = std::iter::once(url).chain(url.descendants());
            let mut named = parts.filter(|n| matches!(n.kind(), Kind::Name | Kind::Attribute));
            // What stands first in the text is where it goes to.
            named.next().is_some_and(|n| words(n.name()).last().is_some_and(|w| NEAR.contains(&w.as_str())))
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
