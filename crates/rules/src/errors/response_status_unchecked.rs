use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Meaning, Node, Role};
use shipworthy_syntax::Language;

use crate::edits::error_return;
use crate::names::words;
use crate::ownership::indentation;

rule! {
    /// The body of a response is used whatever its status is
    ///
    /// An error page is a response like any other: without a look at its status, the body of a 500, a 404 or a 401 is decoded, stored and
    /// shown as if it were the answer. At best the decoding fails with a message that nobody understands; at worst it does not. Look at the status
    /// first: `raise_for_status()`, `error_for_status()?`, `resp.StatusCode`.
    ///
    /// Libraries whose calls fail on an error status themselves, responses that are handed on, and answers that are asked for an error of their own
    /// are sound.
    ///
    /// ```python bad
    /// import requests
    ///
    /// def prices(url):
    ///     response = requests.get(url, timeout=10)
    ///     return response.json()
    ///            ^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import requests
    ///
    /// def prices(url):
    ///     response = requests.get(url, timeout=10)
    ///     response.raise_for_status()
    ///     return response.json()
    /// ```
    ///
    /// ```python bad
    /// import aiohttp
    /// import httpx
    ///
    /// async def page(url):
    ///     async with aiohttp.ClientSession() as session:
    ///         async with session.get(url) as response:
    ///             text = await response.text()
    ///                          ^^^^^^^^^^^^^^^
    ///     return text, httpx.get(url).json()
    ///                  ^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import aiohttp
    /// import httpx
    ///
    /// async def page(url):
    ///     async with aiohttp.ClientSession() as session:
    ///         async with session.get(url) as response:
    ///             response.raise_for_status()
    ///             text = await response.text()
    ///     return text, httpx.get(url).raise_for_status().json()
    /// ```
    ///
    /// What is read and dropped is nobody's answer.
    ///
    /// ```python good
    /// import aiohttp
    ///
    /// async def report(session: aiohttp.ClientSession, entry):
    ///     async with session.delete("https://example.com/queries", params={"id": entry}) as response:
    ///         await response.read()
    /// ```
    ///
    /// ```python good
    /// import requests
    ///
    /// def prices(url, parse):
    ///     response = requests.get(url, timeout=10)
    ///     if response.status_code != 200:
    ///         return None
    ///     first = response.json()
    ///     response = requests.get(url, timeout=10)
    ///     return first, parse(response)
    ///
    /// def send(url, logger):
    ///     response = requests.post(url, timeout=10)
    ///     logger.info("answered after %s", response.elapsed)
    ///
    /// def ask(url):
    ///     answer = requests.post(url, timeout=10).json()
    ///     if "error" in answer:
    ///         raise RuntimeError(answer["error"])
    ///     return answer
    /// ```
    ///
    /// ```python good
    /// import aiohttp
    /// import urllib.request
    ///
    /// class Api:
    ///     def __init__(self):
    ///         self.session = aiohttp.ClientSession(raise_for_status=True)
    ///
    ///     async def get(self, url):
    ///         async with self.session.get(url) as response:
    ///             return await response.json()
    ///
    /// def page(url):
    ///     with urllib.request.urlopen(url, timeout=10) as response:
    ///         return response.read()
    /// ```
    ///
    /// A client of the project's own may look at it.
    ///
    /// ```python good
    /// import httpx
    ///
    /// class Client(httpx.Client):
    ///     def send(self, request, **options):
    ///         response = super().send(request, **options)
    ///         response.raise_for_status()
    ///         return response
    ///
    /// class Api:
    ///     def __init__(self):
    ///         self._client = Client()
    ///
    ///     def storage(self):
    ///         response = self._client.get("/admin/storage")
    ///         return response.json()
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// func models(client *http.Client, url string) ([]string, error) {
    /// 	resp, err := client.Get(url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	var names []string
    /// 	err = json.NewDecoder(resp.Body).Decode(&names)
    /// 	                      ^^^^^^^^^
    /// 	return names, err
    /// }
    /// ```
    /// ```go fixed
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// func models(client *http.Client, url string) ([]string, error) {
    /// 	resp, err := client.Get(url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	if resp.StatusCode >= http.StatusBadRequest {
    /// 		return nil, fmt.Errorf("unexpected status %s", resp.Status)
    /// 	}
    /// 	var names []string
    /// 	err = json.NewDecoder(resp.Body).Decode(&names)
    /// 	return names, err
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"io"
    /// 	"net/http"
    /// )
    ///
    /// func page(req *http.Request) ([]byte, error) {
    /// 	resp, err := http.DefaultClient.Do(req)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer func() { _ = resp.Body.Close() }()
    /// 	return io.ReadAll(resp.Body)
    /// 	                  ^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"fmt"
    /// 	"io"
    /// 	"net/http"
    /// )
    ///
    /// func models(client *http.Client, url string) ([]string, error) {
    /// 	resp, err := client.Get(url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	if resp.StatusCode != http.StatusOK {
    /// 		return nil, fmt.Errorf("status %s", resp.Status)
    /// 	}
    /// 	var names []string
    /// 	return names, json.NewDecoder(resp.Body).Decode(&names)
    /// }
    ///
    /// func ping(client *http.Client, url string) error {
    /// 	resp, err := client.Get(url)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	io.Copy(io.Discard, resp.Body)
    /// 	return resp.Body.Close()
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"net/http"
    /// )
    ///
    /// func answer(client *http.Client, req *http.Request) (*Answer, error) {
    /// 	resp, err := client.Do(req)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	if err := check(resp); err != nil {
    /// 		return nil, err
    /// 	}
    /// 	var answer Answer
    /// 	return &answer, json.NewDecoder(resp.Body).Decode(&answer)
    /// }
    ///
    /// func ask(client *http.Client, req *http.Request) (*Answer, error) {
    /// 	resp, err := client.Do(req)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	var answer Answer
    /// 	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return &answer, answer.Error
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn price(client: &reqwest::Client, url: &str) -> reqwest::Result<Price> {
    ///     client.get(url).send().await?.json().await
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// async fn price(client: &reqwest::Client, url: &str) -> reqwest::Result<Price> {
    ///     client.get(url).send().await?.error_for_status()?.json().await
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn page(client: &reqwest::Client, url: &str) -> anyhow::Result<String> {
    ///     let response = client.get(url).send().await?;
    ///     let text = response.text().await?;
    ///                ^^^^^^^^^^^^^^^
    ///     Ok(text)
    /// }
    /// ```
    /// ```rust fixed
    /// async fn page(client: &reqwest::Client, url: &str) -> anyhow::Result<String> {
    ///     let response = client.get(url).send().await?.error_for_status()?;
    ///     let text = response.text().await?;
    ///     Ok(text)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn release(client: &reqwest::Client, url: &str) -> anyhow::Result<Release> {
    ///     let release = client
    ///                   ^^^^^^
    ///         .get(url)
    ///         .header("X-GitHub-Api-Version", "2022-11-28")
    ///         .send()
    ///         .await?
    ///         .json()
    ///         .await?;
    ///     Ok(release)
    /// }
    /// ```
    /// ```rust fixed
    /// async fn release(client: &reqwest::Client, url: &str) -> anyhow::Result<Release> {
    ///     let release = client
    ///         .get(url)
    ///         .header("X-GitHub-Api-Version", "2022-11-28")
    ///         .send()
    ///         .await?
    ///         .error_for_status()?
    ///         .json()
    ///         .await?;
    ///     Ok(release)
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn price(client: &reqwest::Client, url: &str) -> reqwest::Result<Price> {
    ///     client.get(url).send().await?.error_for_status()?.json().await
    /// }
    ///
    /// async fn page(client: &reqwest::Client, url: &str) -> anyhow::Result<Option<String>> {
    ///     let response = client.get(url).send().await?;
    ///     if response.status() == 404 {
    ///         return Ok(None);
    ///     }
    ///     Ok(Some(response.text().await?))
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn fetch(client: &reqwest::Client, url: &str) -> anyhow::Result<Page> {
    ///     let response = client.get(url).send().await?;
    ///     Page::read(response).await
    /// }
    ///
    /// fn get(url: &str) -> anyhow::Result<String> {
    ///     Ok(ureq::get(url).call()?.into_string()?)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import (
    /// 	"io"
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// var client = &http.Client{Timeout: time.Minute}
    ///
    /// func list(url string) ([]byte, error) {
    /// 	response, err := client.Get(url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	text, err := io.ReadAll(response.Body)
    /// 	                        ^^^^^^^^^^^^^
    /// 	response.Body.Close()
    /// 	return text, err
    /// }
    /// ```
    name: "response-status-unchecked",
    category: Errors,
    severity: Medium,
    scope: File,
    fix: { Python: Safe, Go: Suggested, Rust: Safe },
    on: [Effect(Effects::NETWORK)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(response) = cx.type_of(call) else { return };
    let is_response = cx.resolver().vocabulary().type_of(&response).is_some_and(|t| t.is("http-response"));
    let Some(meaning) = cx.meaning(call).filter(|_| is_response).cloned() else { return };
    if meaning.property("checked").is_some() || meaning.property("body") == Some("none") {
        return;
    }
    let Some((value, place)) = place(cx, call, &response) else { return };
    cx.site();
    let client = client_checks(cx, call, &meaning);
    if client == Some(true) {
        return;
    }
    let body = match place {
        Place::Chained(attribute) => match use_of(cx, attribute, &response) {
            Use::Body if !is_discarded(cx, attribute) && !asks_for_error(cx, call) => attribute,
            _ => return,
        },
        Place::Named(name) => match body_of(cx, name, call, &response) {
            Some(body) => body,
            None => return,
        },
    };
    let confidence = match (meaning.guessed, client) {
        (true, _) | (_, None) => Confidence::Medium,
        _ => Confidence::High,
    };
    // What reads the body, with its call: `response.json()`.
    let at = body.parent().filter(|p| p.is(Kind::Call) && body.role() == Role::Callee).unwrap_or(body);
    let what = match place {
        Place::Named(name) => format!("the body of `{}` is used whatever its status is", name.name()),
        Place::Chained(_) => "the body is used whatever the status of the response is".to_owned(),
    };
    let finding = cx
        .finding(at, what)
        .why("An error page is decoded, stored or shown as if it were the answer.")
        .help(match cx.language() {
            Language::Python => "Call `raise_for_status()` first, or look at the status.",
            Language::Go => {
                "Look at `StatusCode` first, and return an error where it is none that you expect."
            }
            Language::Rust => "Call `error_for_status()?` first, or look at the status.",
        })
        .confidence(confidence)
        .maybe_fix(fix(cx, call, value, &place, &response, is_asked(at)));
    cx.report(finding);
}

/// Where a response goes.
enum Place<'a> {
    /// Something of it is used on the spot: the attribute.
    Chained(Node<'a>),
    /// Into a local name: the target.
    Named(Node<'a>),
}

/// Where the response of a call goes, and the expression that gives it there: behind `await`, `?` and what gives the response again.
/// None where its status was looked at on the way, or somebody else has it.
fn place<'a>(cx: &Check<'_>, call: Node<'a>, response: &str) -> Option<(Node<'a>, Place<'a>)> {
    let mut node = call;
    loop {
        let parent = node.parent()?;
        match (parent.kind(), node.role()) {
            (Kind::Await | Kind::Propagate, _) => node = parent,
            (Kind::Attribute, Role::Object) => {
                let outer = parent.parent().filter(|p| p.is(Kind::Call) && parent.role() == Role::Callee);
                match outer {
                    Some(_) if use_of(cx, parent, response) == Use::Status => return None,
                    // `.context("...")`, `.unwrap()`, `.map_err(...)`: what they give is the response.
                    Some(outer) if use_of(cx, parent, response) == Use::Nothing => {
                        if cx.type_of(outer).as_deref() != Some(response) {
                            return None;
                        }
                        node = outer;
                    }
                    _ => return Some((node, Place::Chained(parent))),
                }
            }
            (Kind::Assign, Role::Value) => {
                let single = parent.all(Role::Value).count() == 1;
                let python = parent.language() == Language::Python;
                let mut targets = parent.all(Role::Target);
                let target = targets.next()?;
                let plain = target.is(Kind::Name) && single && !(python && targets.next().is_some());
                return plain.then_some((node, Place::Named(target)));
            }
            (Kind::WithItem, Role::Value) => {
                let target = parent.get(Role::Target).filter(|t| t.is(Kind::Name))?;
                return Some((node, Place::Named(target)));
            }
            _ => return None,
        }
    }
}

/// What an attribute of a response is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Body,
    Status,
    Nothing,
}

fn use_of(cx: &Check<'_>, attribute: Node<'_>, response: &str) -> Use {
    let separator = if cx.language() == Language::Rust { "::" } else { "." };
    let path = format!("{response}{separator}{}", attribute.name());
    let vocabulary = cx.resolver().vocabulary();
    let is = |role: &str| {
        vocabulary.call(&path).is_some_and(|m| m.is(role))
            || vocabulary.value(&path).is_some_and(|m| m.is(role))
    };
    // Closing a body reads nothing of it.
    let closed = attribute.parent().is_some_and(|p| p.is(Kind::Attribute) && p.name() == "Close")
        || attribute.ancestors().any(|a| a.is(Kind::Defer));
    match () {
        () if is("checks-status") => Use::Status,
        () if is("reads-body") && !closed => Use::Body,
        () => Use::Nothing,
    }
}

/// The first use of the body of a response in a local name; none where its status is looked at, or somebody else may do it.
fn body_of<'a>(cx: &Check<'_>, target: Node<'a>, call: Node<'a>, response: &str) -> Option<Node<'a>> {
    let scope = call
        .ancestors()
        .find(|a| matches!(a.kind(), Kind::Function | Kind::Lambda | Kind::Module | Kind::Class))?;
    let uses =
        scope.descendants().filter(|n| n.is(Kind::Name) && n.name() == target.name() && !n.has(Flags::BINDS));
    let mut body = None;
    for node in uses {
        let parent = node.parent()?;
        match (parent.kind(), node.role()) {
            (Kind::Attribute, Role::Object) => match use_of(cx, parent, response) {
                Use::Status => return None,
                Use::Body if node.index() > call.index() && !is_discarded(cx, parent) => {
                    body = body.or(Some(parent));
                }
                _ => {}
            },
            // `resp != nil`, `response is None`.
            (Kind::Compare, _) => {}
            // Handed on, returned, stored, or true where the status is no error.
            _ => return None,
        }
    }
    body.filter(|_| !asks_for_error(cx, call))
}

/// Whether what is read of a body goes to a log, or nowhere.
fn is_discarded(cx: &Check<'_>, body: Node<'_>) -> bool {
    // `await response.read()`, whose value nobody takes
    let read = body.parent().filter(|p| p.is(Kind::Call) && body.role() == Role::Callee);
    let awaited = |r: Node<'_>| r.parent().is_some_and(|p| p.is(Kind::Await) && p.role() == Role::Statement);
    if read.is_some_and(|r| r.role() == Role::Statement || awaited(r)) {
        return true;
    }
    let around = body.ancestors().take_while(|a| a.role() != Role::Statement || a.is(Kind::Call));
    around.into_iter().filter(|a| a.is(Kind::Call)).any(|a| {
        let logged = cx.meaning(a).is_some_and(|m| m.effects.intersects(Effects::LOGS | Effects::PRINTS));
        logged
            || a.arguments()
                .any(|x| x.dotted().is_some_and(|d| matches!(&*d, "io.Discard" | "ioutil.Discard")))
    })
}

/// Python: whether the function decides by what a body holds, so that an error's may be one that it expects: `if not isinstance(data, list)` behind
/// `data = response.json()`.
fn is_asked(body: Node<'_>) -> bool {
    let holder = body.ancestors().find(|a| !a.is(Kind::Await)).filter(|a| a.is(Kind::Assign));
    let name = holder.and_then(|a| a.get(Role::Target)).filter(|t| t.is(Kind::Name)).map(Node::name);
    let is_it = |n: Node<'_>| n.text() == body.text() || n.is(Kind::Name) && Some(n.name()) == name;
    let Some(function) = body.function() else { return false };
    let conditions = function.descendants().filter(|n| n.is(Kind::If)).filter_map(|n| n.get(Role::Condition));
    conditions.into_iter().any(|c| is_it(c) || c.descendants().any(is_it))
}

/// Whether the function looks into an answer for an error of its own: `answer.get("error")`, `answer.Error`.
fn asks_for_error(cx: &Check<'_>, call: Node<'_>) -> bool {
    const KEYS: [&str; 11] = [
        "error",
        "errors",
        "err",
        "errcode",
        "errmsg",
        "success",
        "code",
        "status",
        "statuscode",
        "ok",
        "detail",
    ];
    let Some(scope) = cx.named_function(call) else { return false };
    // `error_code`, `RespCode`; a text of many words is no key.
    let said = |text: &str| {
        let words = words(text);
        words.len() <= 3 && words.iter().any(|w| KEYS.contains(&w.as_str()))
    };
    scope.descendants().skip_while(|n| n.index() < call.index()).any(|n| match n.kind() {
        Kind::String => n.string().is_some_and(|s| said(&s)),
        Kind::Attribute => said(n.name()) && n.role() != Role::Callee,
        _ => false,
    })
}

/// Whether the call or its client looks at the status by itself; none where the client could but is not in view.
fn client_checks(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> Option<bool> {
    let says = |argument: Option<Node<'_>>| argument.is_some_and(|a| !a.is_boolean(false));
    if call.has_spread() || says(meaning.argument("check-status").and_then(|a| a.of(call))) {
        return Some(true);
    }
    let Some(client) = call.callee().and_then(Node::object) else { return Some(false) };
    let class = cx.type_of(client);
    // A client of the project's own that sends in its own way may look at the status there.
    let own = class.as_deref().filter(|c| cx.workspace().class(c).is_some());
    let sends = |c: &str| {
        ["send", "request", "_send", "_request"]
            .into_iter()
            .any(|method| cx.workspace().function(&format!("{c}.{method}")).is_some())
    };
    if own.is_some_and(sends) {
        return Some(true);
    }
    let can = class
        .and_then(|c| cx.resolver().vocabulary().call(&c))
        .is_some_and(|m| m.argument("check-status").is_some());
    if !can {
        return Some(false);
    }
    let stored = || {
        let assigns = cx.facts().nodes().filter(|n| n.is(Kind::Assign));
        let mut assigns = assigns.filter(|n| n.get(Role::Target).is_some_and(|t| t.text() == client.text()));
        assigns.find_map(|n| n.get(Role::Value)).filter(|v| v.is(Kind::Call))
    };
    let made = cx.made_by(client).or_else(stored)?;
    let argument = cx.argument(made, "check-status");
    // What another function of the project makes may be told there.
    cx.meaning(made).map(|_| says(argument) || made.has_spread())
}

fn fix(
    cx: &Check<'_>,
    call: Node<'_>,
    value: Node<'_>,
    place: &Place<'_>,
    response: &str,
    asked: bool,
) -> Option<Fix> {
    const RAISE: &str = "Raise on an error status";
    let vocabulary = cx.resolver().vocabulary();
    // Who looks into the body may tell more of an error than its status.
    let raise = || if asked { Fix::suggested(RAISE) } else { Fix::safe(RAISE) };
    match (cx.language(), place) {
        (Language::Python, Place::Chained(_)) => {
            let returns_itself = vocabulary
                .call(&format!("{response}.raise_for_status"))
                .is_some_and(|m| m.returns.first().is_some_and(|r| &**r == "self"));
            let plain = returns_itself && value == call;
            plain.then(|| raise().insert(call.range().end, ".raise_for_status()"))
        }
        (Language::Python, Place::Named(name)) => {
            vocabulary.call(&format!("{response}.raise_for_status"))?;
            let check = format!("{}.raise_for_status()", name.name());
            let fix = raise();
            let holder = name.parent()?;
            if holder.is(Kind::WithItem) {
                let with = holder.parent()?;
                let last = with.all(Role::Item).last() == Some(holder);
                let first = with.get(Role::Body)?.all(Role::Statement).next().filter(|_| last)?;
                let indent = indentation(first)?;
                return Some(fix.insert(first.range().start, format!("{check}\n{indent}")));
            }
            let indent = indentation(holder)?;
            Some(fix.insert(holder.range().end, format!("\n{indent}{check}")))
        }
        (Language::Rust, _) => {
            let propagated = value.is(Kind::Propagate)
                && value
                    .get(Role::Value)
                    .is_some_and(|v| v == call || v.is(Kind::Await) && v.get(Role::Value) == Some(call));
            // A chain that is laid out in lines gets one more.
            let line = value.text().rsplit_once('\n').map_or("", |(_, line)| line);
            let indent = line.strip_suffix(line.trim_start()).filter(|_| line.trim_start().starts_with('.'));
            let start = indent.map(|indent| format!("\n{indent}")).unwrap_or_default();
            let insert = || {
                Fix::safe("Return an error status as an error")
                    .insert(value.range().end, format!("{start}.error_for_status()?"))
            };
            propagated.then(insert)
        }
        (Language::Go, Place::Named(name)) => {
            let held = crate::ownership::fate(cx, call, 0);
            let crate::ownership::Fate::Held(held) = held else { return None };
            let certain = held.certain_from(cx)?;
            let after = certain.parent()?.all(Role::Statement).skip_while(|s| *s != certain).nth(1)?;
            // Behind the `defer` that closes the body; where that is closed later, the new way out would leave it open.
            let body = format!("{}.Body", name.name());
            let after = if after.is(Kind::Defer) && after.text().contains(&body) {
                after
            } else if held.scope.text().contains(&format!("{body}.Close")) {
                return None;
            } else {
                certain
            };
            let indent = indentation(after)?;
            let (fmt, import) = cx.import("fmt", "");
            let (http, _) = cx.import("net/http", "");
            let error = format!("{fmt}.Errorf(\"unexpected status %s\", {}.Status)", name.name());
            let leave = error_return(call.function()?, &error)?;
            let check = format!(
                "\n{indent}if {}.StatusCode >= {http}.StatusBadRequest {{\n{indent}\t{leave}\n{indent}}}",
                name.name()
            );
            Some(
                Fix::suggested("Return an error status as an error")
                    .insert(after.range().end, check)
                    .import(import),
            )
        }
        (Language::Go, Place::Chained(_)) => None,
    }
}
