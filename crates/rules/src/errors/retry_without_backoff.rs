use std::sync::Arc;

use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Effects, Kind, Meaning, Node, Role};

use crate::names::words;
use crate::program;
use crate::retries::{Delay, retry_loop};

rule! {
    /// A retry hammers what has just failed
    ///
    /// A service that is overloaded fails, and every client that tries again at once, or at the same pace for ever, keeps it down. Let the pause
    /// grow from try to try (1 s, 2 s, 4 s), add a random part so that clients do not come back in step, and give up after some tries.
    ///
    /// One more try at once is sound, and so is waiting until something is ready. A missing random part alone is reported at low severity.
    ///
    /// ```python bad
    /// import requests
    ///
    /// def fetch(url):
    ///     for attempt in range(5):
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^
    ///         try:
    ///             return requests.get(url, timeout=10)
    ///         except requests.RequestException:
    ///             continue
    /// ```
    ///
    /// What answered in time, and in a form that cannot be read, has not failed: it may be asked again at once.
    ///
    /// ```python good
    /// from tenacity import Retrying, retry, retry_if_exception_type, stop_after_attempt
    ///
    /// from llm import MalformedMessageError
    ///
    /// class BoxError(ValueError):
    ///     """The model's box is none."""
    ///
    /// def answer(ask):
    ///     for attempt in Retrying(stop=stop_after_attempt(5), retry=retry_if_exception_type(MalformedMessageError)):
    ///         with attempt:
    ///             return ask()
    ///
    /// @retry(stop=stop_after_attempt(5), retry=retry_if_exception_type(BoxError))
    /// def boxes(ask):
    ///     return ask()
    /// ```
    ///
    /// ```python bad
    /// from tenacity import retry, retry_if_exception_type, stop_after_attempt
    ///
    /// class Gone(ConnectionError):
    ///     """The service is gone."""
    ///
    /// @retry(stop=stop_after_attempt(5), retry=retry_if_exception_type((Gone, TimeoutError)))
    ///  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// def fetch(ask):
    ///     return ask()
    /// ```
    ///
    /// ```python bad
    /// import time
    ///
    /// import requests
    /// from tenacity import retry, stop_after_attempt, wait_fixed
    ///
    /// def fetch(url):
    ///     while True:
    ///     ^^^^^^^^^^^
    ///         try:
    ///             response = requests.get(url, timeout=10)
    ///             break
    ///         except requests.RequestException:
    ///             time.sleep(5)
    ///     return response
    ///
    /// @retry
    ///  ^^^^^
    /// def push(url, event):
    ///     requests.put(url, json=event, timeout=10)
    ///
    /// @retry(stop=stop_after_attempt(5), wait=wait_fixed(2))
    ///  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// def pull(url):
    ///     return requests.get(url, timeout=10)
    /// ```
    ///
    /// ```python good
    /// import random
    /// import time
    ///
    /// import requests
    /// from tenacity import retry, stop_after_attempt, wait_random_exponential
    ///
    /// def fetch(url):
    ///     for attempt in range(5):
    ///         try:
    ///             return requests.get(url, timeout=10)
    ///         except requests.RequestException:
    ///             time.sleep(2 ** attempt + random.random())
    ///
    /// def acquire(url, tries):
    ///     while tries > 0:
    ///         try:
    ///             response = requests.put(url, timeout=10)
    ///             response.raise_for_status()
    ///             return response
    ///         except requests.HTTPError as error:
    ///             retry_after = float(error.response.headers["Retry-After"])
    ///             time.sleep(retry_after)
    ///             tries -= 1
    ///
    /// def once_more(url):
    ///     for attempt in range(2):
    ///         try:
    ///             return requests.get(url, timeout=10)
    ///         except requests.RequestException:
    ///             continue
    ///
    /// @retry(stop=stop_after_attempt(1), reraise=True)
    /// def once(url, event):
    ///     requests.put(url, json=event, timeout=10)
    ///
    /// @retry(stop=stop_after_attempt(5), wait=wait_random_exponential(max=30))
    /// def push(url, event):
    ///     requests.put(url, json=event, timeout=10)
    /// ```
    ///
    /// ```python good
    /// import time
    ///
    /// import requests
    ///
    /// def mirrors(urls):
    ///     for url in urls:
    ///         try:
    ///             return requests.get(url, timeout=10)
    ///         except requests.RequestException:
    ///             continue
    ///
    /// def pages(url):
    ///     cursor = 0
    ///     while True:
    ///         page = requests.get(url, params={"after": cursor}, timeout=10)
    ///         try:
    ///             cursor = page.json()["next"]
    ///         except KeyError:
    ///             cursor = None
    ///         if cursor is None:
    ///             break
    ///
    /// def wait_until_ready(url):
    ///     while True:
    ///         try:
    ///             return requests.get(url, timeout=1)
    ///         except requests.RequestException:
    ///             time.sleep(1)
    ///
    /// def serve(connection):
    ///     while True:
    ///         try:
    ///             connection.push(requests.get(connection.url, timeout=10))
    ///         except requests.RequestException:
    ///             connection.fail()
    /// ```
    ///
    /// A request that is changed by what failed is another one.
    ///
    /// ```python good
    /// def ask(session, url, body):
    ///     while True:
    ///         try:
    ///             return session.post(url, json=body, timeout=10)
    ///         except TooLong:
    ///             body = shortened(body)
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import "net/http"
    ///
    /// func fetch(client *http.Client, url string) (*http.Response, error) {
    /// 	var err error
    /// 	for i := 0; i < 5; i++ {
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		resp, getErr := client.Get(url)
    /// 		if getErr == nil {
    /// 			return resp, nil
    /// 		}
    /// 		err = getErr
    /// 	}
    /// 	return nil, err
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func fetch(client *http.Client, url string) *http.Response {
    /// 	for {
    /// 	^^^^^
    /// 		resp, err := client.Get(url)
    /// 		if err != nil {
    /// 			time.Sleep(time.Second)
    /// 			continue
    /// 		}
    /// 		return resp
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"math/rand"
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func fetch(client *http.Client, url string) (*http.Response, error) {
    /// 	delay := time.Second
    /// 	for i := 0; i < 5; i++ {
    /// 		resp, err := client.Get(url)
    /// 		if err == nil {
    /// 			return resp, nil
    /// 		}
    /// 		time.Sleep(delay + time.Duration(rand.Int63n(int64(delay))))
    /// 		delay *= 2
    /// 	}
    /// 	return nil, ErrGone
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func first(client *http.Client, urls []string) (*http.Response, error) {
    /// 	for _, url := range urls {
    /// 		resp, err := client.Get(url)
    /// 		if err != nil {
    /// 			continue
    /// 		}
    /// 		return resp, nil
    /// 	}
    /// 	return nil, ErrGone
    /// }
    ///
    /// func refresh(client *http.Client, url string, stop chan struct{}) {
    /// 	for {
    /// 		time.Sleep(time.Hour)
    /// 		select {
    /// 		case <-stop:
    /// 			return
    /// 		default:
    /// 			if _, err := client.Get(url); err != nil {
    /// 				log(err)
    /// 			}
    /// 		}
    /// 	}
    /// }
    ///
    /// func reach(client *http.Client, pool *Pool) *http.Response {
    /// 	for {
    /// 		url := pool.pick()
    /// 		if resp, err := client.Get(url); err == nil {
    /// 			return resp
    /// 		}
    /// 	}
    /// }
    ///
    /// func poll(client *http.Client, url string, backoff *Backoff) *http.Response {
    /// 	for {
    /// 		resp, err := client.Get(url)
    /// 		if err == nil {
    /// 			return resp
    /// 		}
    /// 		backoff.Wait()
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn fetch(client: &reqwest::Client, url: &str) -> Option<reqwest::Response> {
    ///     for _ in 0..5 {
    ///     ^^^^^^^^^^^^^^^
    ///         match client.get(url).send().await {
    ///             Ok(response) => return Some(response),
    ///             Err(error) => tracing::warn!("{error}"),
    ///         }
    ///     }
    ///     None
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use std::time::Duration;
    ///
    /// async fn fetch(client: &reqwest::Client, url: &str) -> reqwest::Response {
    ///     loop {
    ///     ^^^^^^
    ///         match client.get(url).send().await {
    ///             Ok(response) => return response,
    ///             Err(_) => tokio::time::sleep(Duration::from_secs(5)).await,
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::time::Duration;
    ///
    /// async fn fetch(client: &reqwest::Client, url: &str) -> reqwest::Result<reqwest::Response> {
    ///     let mut attempt = 0;
    ///     loop {
    ///         match client.get(url).send().await {
    ///             Ok(response) => return Ok(response),
    ///             Err(error) if attempt == 5 => return Err(error),
    ///             Err(_) => {
    ///                 let jitter = rand::random::<u64>() % 100;
    ///                 attempt += 1;
    ///                 tokio::time::sleep(Duration::from_millis(100 * 2u64.pow(attempt) + jitter)).await;
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// A failure that is sent on as a result is no try, but one of many jobs:
    ///
    /// ```rust good
    /// async fn measure(client: &reqwest::Client, url: &str, results: Sender, count: &Counter) {
    ///     loop {
    ///         match client.get(url).send().await {
    ///             Ok(response) => return hold(response).await,
    ///             Err(error) => {
    ///                 if count.next() > LIMIT {
    ///                     return;
    ///                 }
    ///                 results.send(Err(error)).unwrap();
    ///             }
    ///         }
    ///     }
    /// }
    ///
    /// async fn collect(client: &reqwest::Client, url: &str, report: &mut Report) {
    ///     while report.len() < LIMIT {
    ///         match client.get(url).send().await {
    ///             Ok(response) => return hold(response).await,
    ///             Err(error) => report.push(Err(error)),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn first(client: &reqwest::Client, urls: &[String]) -> Option<reqwest::Response> {
    ///     for url in urls {
    ///         match client.get(url).send().await {
    ///             Ok(response) => return Some(response),
    ///             Err(error) => tracing::warn!("{error}"),
    ///         }
    ///     }
    ///     None
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn open(client: &reqwest::Client, url: &str) {
    ///     while let Err(e) = client.get(url).send().await {
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         tracing::warn!(error = %e, "open");
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn open(client: &reqwest::Client, url: &str) -> bool {
    ///     let mut delay = std::time::Duration::from_millis(100);
    ///     let mut tries = 0;
    ///     while let Err(e) = client.get(url).send().await {
    ///         tries += 1;
    ///         if tries > 5 {
    ///             return false;
    ///         }
    ///         tracing::warn!(error = %e, "open");
    ///         tokio::time::sleep(delay.mul_f64(rand::random())).await;
    ///         delay *= 2;
    ///     }
    ///     true
    /// }
    /// ```
    ///
    /// A loop that answers what comes:
    ///
    /// ```rust good
    /// async fn serve(client: &reqwest::Client, url: &str, mut orders: Receiver) {
    ///     loop {
    ///         tokio::select! {
    ///             Some(order) = orders.recv() => {
    ///                 if client.post(url).body(order).send().await.is_err() {
    ///                     tracing::warn!("not sent");
    ///                     continue;
    ///                 }
    ///                 break;
    ///             }
    ///             _ = stopped() => break,
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// A loop that is left in each way through it tries once:
    ///
    /// ```rust good
    /// use std::io::Read;
    /// use std::net::TcpStream;
    ///
    /// fn first(mut stream: TcpStream) -> Result<String, std::io::Error> {
    ///     loop {
    ///         let mut read = [0; 512];
    ///         match stream.read(&mut read) {
    ///             Ok(n) => {
    ///                 if let Ok(text) = std::str::from_utf8(&read[..n]) {
    ///                     return Ok(text.to_owned());
    ///                 }
    ///                 return Err(std::io::ErrorKind::InvalidData.into());
    ///             }
    ///             Err(error) => {
    ///                 let kind = match error.kind() {
    ///                     std::io::ErrorKind::TimedOut => std::io::ErrorKind::TimedOut,
    ///                     _ => std::io::ErrorKind::Other,
    ///                 };
    ///                 return Err(kind.into());
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    name: "retry-without-backoff",
    category: Errors,
    severity: Medium,
    scope: File,
    on: [Fact(Kind::For), Fact(Kind::While), Role("retry-decorator")],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if matches!(node.kind(), Kind::For | Kind::While) {
        return judge_loop(cx, node);
    }
    let Some(meaning) = cx.meaning(node).cloned() else { return };
    cx.site();
    let place = if node.is(Kind::Decorator) { node.get(Role::Value) } else { Some(node) };
    let Some(call) = place else { return };
    let (delay, limited) = policy(cx, call, &meaning);
    if is_about_form(cx, call, &meaning) && limited {
        return;
    }
    report(cx, call, delay, limited, None);
}

/// Python: whether only answers that came in time, in a form that nobody can read, are asked for again: of `ValueError`s that are the project's own, or
/// what has such a name. No service has failed.
fn is_about_form(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> bool {
    const FORM: [&str; 5] = ["malformed", "unparsable", "parse", "parser", "parsing"];
    let Some(said) = meaning.argument("error").and_then(|a| a.of(call)) else { return false };
    // `retry_if_exception_type((A, B))`
    let types = if said.is(Kind::Call) { said.arguments().next() } else { Some(said) };
    let is_form = |class: Node<'_>| {
        words(class.name()).iter().any(|w| FORM.contains(&w.as_str()))
            || cx.name_of(class).is_some_and(|path| is_value_error(cx, &path, MAX_BASES))
    };
    types.is_some_and(|types| match types.kind() {
        Kind::Tuple => types.children().all(is_form),
        _ => is_form(types),
    })
}

/// How deep classes of errors are followed.
const MAX_BASES: u32 = 4;

/// Whether a class of the project derives from `ValueError`, and from nothing else.
fn is_value_error(cx: &Check<'_>, path: &str, steps: u32) -> bool {
    let (Some(class), Some(steps)) = (cx.workspace().class(path), steps.checked_sub(1)) else { return false };
    let is_one = |base: &Arc<str>| &**base == "ValueError" || is_value_error(cx, base, steps);
    !class.bases.is_empty() && class.bases.iter().all(is_one)
}

fn judge_loop(cx: &mut Check<'_>, around: Node<'_>) {
    let Some(found) = retry_loop(cx, around) else { return };
    cx.site();
    // The second try may come at once.
    let asks = cx.named_function(around).is_some_and(|f| program::asks_user(cx, f));
    if found.limit.is_some_and(|l| l <= 2.0)
        || waits_until_ready(cx, around)
        || asks
        || changes(around, found.tried)
        || waits_for_events(around, found.tried)
    {
        return;
    }
    report(cx, around, found.delay, found.limited, Some(found.tried));
}

/// Python: whether what is tried differs from try to try: a handler changes what the call is given.
fn changes(around: Node<'_>, tried: Node<'_>) -> bool {
    let given: Vec<&str> = tried.descendants().filter(|n| n.is(Kind::Name)).map(Node::name).collect();
    let in_handler = |n: &Node<'_>| n.ancestors().take_while(|a| *a != around).any(|a| a.is(Kind::Handler));
    around.descendants_here().filter(|n| n.is(Kind::Assign)).filter(in_handler).any(|n| {
        let targets = n.all(Role::Target).flat_map(|t| std::iter::once(t).chain(t.descendants()));
        targets.filter(|t| t.is(Kind::Name)).any(|t| given.contains(&t.name()))
    })
}

/// Go and Rust: whether each turn of a loop begins with waiting for what comes: it serves events. In Rust what is tried then stands in an arm of
/// `select!`.
fn waits_for_events(around: Node<'_>, tried: Node<'_>) -> bool {
    let mut inner = tried;
    for outer in tried.ancestors().take_while(|a| *a != around) {
        let of_select = outer
            .parent()
            .and_then(Node::callee)
            .is_some_and(|c| matches!(c.name(), "select!" | "select_biased!"));
        if outer.is(Kind::Arm) && of_select && inner.role() == Role::Body {
            return true;
        }
        inner = outer;
    }
    let body = around.get(Role::Body).into_iter().flat_map(|b| b.all(Role::Statement));
    let before = body.take_while(|s| s.index() < tried.index() && !tried.is_in(*s));
    before.into_iter().any(|s| {
        s.is(Kind::Match)
            && s.all(Role::Arm)
                .flat_map(|a| a.all(Role::Pattern))
                .any(|p| p.is(Kind::Receive) || p.descendants_here().any(|n| n.is(Kind::Receive)))
    })
}

/// Whether a function waits until something is there: at the same pace is the way to do that.
fn waits_until_ready(cx: &Check<'_>, around: Node<'_>) -> bool {
    cx.named_function(around).is_some_and(|f| {
        words(f.name()).iter().any(|w| {
            matches!(
                w.as_str(),
                "wait"
                    | "waits"
                    | "until"
                    | "ready"
                    | "poll"
                    | "ping"
                    | "health"
                    | "healthy"
                    | "probe"
                    | "check"
                    | "watch"
            )
        })
    })
}

/// What a retry decorator waits between two tries, and whether it gives up.
fn policy(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> (Delay, bool) {
    let said = |argument: &str| meaning.argument(argument).and_then(|a| a.of(call));
    let unset = |property: &str| meaning.property(property) == Some("none");
    // `stop_after_attempt(1)` switches retries off; a second try may come at once.
    let tries = said("limit").map(|l| if l.is(Kind::Call) { l.arguments().next().unwrap_or(l) } else { l });
    if tries.and_then(Node::number).is_some_and(|n| n <= 2.0) {
        return (Delay::Growing { jitter: true }, true);
    }
    let limited = said("limit").is_some() || !unset("default-limit") || call.has_spread();
    let delay = match said("delay") {
        Some(delay) => {
            let mut parts = std::iter::once(delay).chain(delay.descendants());
            let fixed = |n: Node<'_>| {
                let meaning = if n.is(Kind::Call) { cx.meaning(n) } else { cx.value_meaning(n) };
                meaning.is_some_and(|m| m.is("fixed-delay"))
            };
            let plain = if delay.is(Kind::Call) { fixed(delay) } else { parts.all(fixed) };
            if plain { Delay::Fixed } else { Delay::Growing { jitter: true } }
        }
        None if unset("default-delay") && !call.has_spread() => Delay::None,
        None => Delay::Growing { jitter: true },
    };
    (delay, limited)
}

fn report(cx: &mut Check<'_>, at: Node<'_>, delay: Delay, limited: bool, tried: Option<Node<'_>>) {
    let (what, severity, confidence) = match (delay, limited) {
        (Delay::None, true) => ("tries again at once", Severity::Medium, Confidence::High),
        (Delay::None, false) => ("tries again at once, for ever", Severity::Medium, Confidence::High),
        (Delay::Fixed, true) => ("waits equally long before each try", Severity::Medium, Confidence::Medium),
        (Delay::Fixed, false) => {
            ("tries again at the same pace, for ever", Severity::Medium, Confidence::High)
        }
        (Delay::Growing { jitter: false }, _) => {
            ("lets all clients come back in step", Severity::Low, Confidence::Medium)
        }
        (Delay::Growing { jitter: true }, false) if tried.is_none() => {
            ("never gives up", Severity::Medium, Confidence::Medium)
        }
        (Delay::Growing { jitter: true }, _) => return,
    };
    // What tries a write again at once or after a short while, mostly lost a race for its row or its file and not its server.
    let races = matches!((delay, limited), (Delay::None, _) | (Delay::Fixed, true))
        && tried.is_some_and(|t| {
            let effects = cx.effects(t);
            effects.contains(Effects::DATABASE) && !effects.contains(Effects::NETWORK)
        });
    // Who sits at the terminal says how long to wait.
    let told = delay == Delay::Fixed && limited && program::speaks_to_user(cx, at);
    let confidence = if races || told { Confidence::Low } else { confidence };
    let place = match tried {
        Some(_) => header(at),
        None => at.range(),
    };
    let mut finding = cx
        .finding(place, format!("the retry {what}"))
        .why("A service that has just failed is kept down by those who try again too soon, too often or all together.")
        .help("Let the pause grow from try to try, with a random part, and give up after some tries.")
        .severity(severity)
        .confidence(confidence);
    if let Some(tried) = tried {
        finding = finding.related(tried, "is tried again");
    }
    cx.report(finding);
}

/// The head of a loop, without what opens its body.
fn header(around: Node<'_>) -> shipworthy_syntax::Range {
    crate::ownership::first_line(around)
}
