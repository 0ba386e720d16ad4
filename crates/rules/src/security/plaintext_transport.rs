use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Node, Role};
use shipworthy_syntax::Range;

use crate::endpoint::{Endpoint, Place};
use crate::names::{called, words};
use crate::program;

rule! {
    /// Data travels unencrypted
    ///
    /// Whoever is on the way between two machines reads and changes what is sent over `http:`, `ws:`, `ftp:`, `redis:`, `amqp:` or an insecure
    /// gRPC channel: credentials, data, and the code or model that is downloaded. Inside a private network the way is shorter, not closed;
    /// such an endpoint is of low severity.
    ///
    /// Use the scheme's secure form, and let the certificate be checked. The own machine, examples and names that only identify (namespaces of
    /// XML, schemas) are left alone.
    ///
    /// ```python bad
    /// import requests
    ///
    /// def rates():
    ///     return requests.get("http://rates.shop-data.com/v1/latest", timeout=5).json()
    ///                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import requests
    ///
    /// def rates():
    ///     return requests.get("https://rates.shop-data.com/v1/latest", timeout=5).json()
    /// ```
    ///
    /// ```python bad
    /// import os
    /// import redis
    /// import requests
    ///
    /// PAYMENT_API_URL = "http://pay.shop-data.com/api"
    ///                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// STOCK_API_URL = os.getenv("STOCK_API_URL", "http://stock.shop-data.com")
    ///                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// cache = redis.from_url("redis://cache:6379/0")
    ///                        ^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def user(user_id):
    ///     url = f"http://users.shop-data.com/users/{user_id}"
    ///           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return requests.get(url, timeout=5)
    /// ```
    /// ```python fixed
    /// import os
    /// import redis
    /// import requests
    ///
    /// PAYMENT_API_URL = "https://pay.shop-data.com/api"
    /// STOCK_API_URL = os.getenv("STOCK_API_URL", "https://stock.shop-data.com")
    /// cache = redis.from_url("rediss://cache:6379/0")
    ///
    /// def user(user_id):
    ///     url = f"https://users.shop-data.com/users/{user_id}"
    ///     return requests.get(url, timeout=5)
    /// ```
    ///
    /// ```python bad
    /// import grpc
    ///
    /// channel = grpc.insecure_channel("stock.shop-data.com:50051")
    ///           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import os
    ///
    /// import grpc
    /// import httpx
    /// import requests
    ///
    /// BASE_URL = "http://localhost:8000"
    /// INDEX_SERVER_URL = os.getenv("INDEX_SERVER_URL", "http://index:9998")
    /// SVG_NAMESPACE = "http://www.w3.org/2000/svg"
    /// DOCS_URL = "http://docs.shop-data.com/"
    /// ALLOWED_ORIGINS = ["http://app.shop-data.com"]
    /// channel = grpc.insecure_channel("localhost:50051")
    ///
    /// client = httpx.Client(transport=httpx.WSGITransport(app), base_url="http://in-memory/api")
    ///
    /// def load(host, port):
    ///     requests.get("http://127.0.0.1:9090/metrics", timeout=5)
    ///     requests.get("http://169.254.169.254/latest/meta-data", timeout=5)
    ///     return requests.get(f"http://{host}:{port}/", timeout=5)
    /// ```
    ///
    /// ```python good
    /// import logging
    ///
    /// def secure(url):
    ///     if url.startswith("http://"):
    ///         logging.warning("see http://help.shop-data.com/tls")
    ///     base_url = "http://api.example.com"
    ///     homepage_url = "http://www.shop-data.com"
    ///     video = {"url": "http://videos.shop-data.com/1", "uploader_url": "http://users.shop-data.com/7"}
    ///     return url.replace("http://", "https://"), base_url, homepage_url, video
    /// ```
    ///
    /// What developers set on their own machines.
    ///
    /// ```python good file=shop/settings/development.py
    /// import requests
    ///
    /// BASE_URL = "http://shop.internal:8000"
    ///
    /// def ping():
    ///     return requests.get(BASE_URL + "/ping", timeout=1)
    /// ```
    ///
    /// ```go bad
    /// package rates
    ///
    /// import "net/http"
    ///
    /// const apiURL = "http://rates.shop-data.com/v1"
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// func Latest() (*http.Response, error) {
    /// 	return http.Get("http://rates.shop-data.com/v1/latest")
    /// 	                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package rates
    ///
    /// import "net/http"
    ///
    /// const apiURL = "https://rates.shop-data.com/v1"
    ///
    /// func Latest() (*http.Response, error) {
    /// 	return http.Get("https://rates.shop-data.com/v1/latest")
    /// }
    /// ```
    ///
    /// ```go bad
    /// package stock
    ///
    /// import (
    /// 	"fmt"
    /// 	"net/http"
    ///
    /// 	"google.golang.org/grpc"
    /// 	"google.golang.org/grpc/credentials/insecure"
    /// )
    ///
    /// func dial(id int) (*grpc.ClientConn, error) {
    /// 	http.Get(fmt.Sprintf("http://10.2.0.7/stock/%d", id))
    /// 	                     ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	return grpc.NewClient("stock.shop-data.com:443", grpc.WithTransportCredentials(insecure.NewCredentials()))
    /// 	                                                                               ^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package rates
    ///
    /// import (
    /// 	"fmt"
    /// 	"net/http"
    ///
    /// 	"google.golang.org/grpc"
    /// 	"google.golang.org/grpc/credentials/insecure"
    /// )
    ///
    /// const xmlns = "http://schemas.xmlsoap.org/soap/envelope/"
    ///
    /// func load(host string) (*grpc.ClientConn, error) {
    /// 	http.Get(fmt.Sprintf("http://%s/metrics", host))
    /// 	return grpc.NewClient("localhost:50051", grpc.WithTransportCredentials(insecure.NewCredentials()))
    /// }
    /// ```
    ///
    /// ```go good
    /// package rates
    ///
    /// import "net/http"
    ///
    /// func redirect(w http.ResponseWriter, r *http.Request) {
    /// 	http.Redirect(w, r, "http://www.shop-data.com/", http.StatusFound)
    /// 	http.Get("http://[::1]:8080/health")
    /// 	http.Get("http://api.example.org/")
    /// }
    /// ```
    ///
    /// ```rust bad
    /// const API_URL: &str = "http://rates.shop-data.com/v1";
    ///                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// async fn latest() -> reqwest::Result<String> {
    ///     reqwest::get("http://rates.shop-data.com/v1/latest").await?.text().await
    ///                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// const API_URL: &str = "https://rates.shop-data.com/v1";
    ///
    /// async fn latest() -> reqwest::Result<String> {
    ///     reqwest::get("https://rates.shop-data.com/v1/latest").await?.text().await
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn user(client: &reqwest::Client, id: u64) -> reqwest::Result<reqwest::Response> {
    ///     client.get(format!("http://users.internal/users/{id}")).send().await
    ///                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
    ///
    /// async fn user(client: &reqwest::Client, host: &str) -> reqwest::Result<reqwest::Response> {
    ///     client.get(format!("http://{host}/users")).send().await
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn health() -> reqwest::Result<reqwest::Response> {
    ///     tracing::info!("see http://help.shop-data.com/health");
    ///     reqwest::get("http://127.0.0.1:8080/health").await
    /// }
    /// ```
    name: "plaintext-transport",
    category: Security,
    severity: Medium,
    scope: Both,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Fact(Kind::String), Fact(Kind::Template), Role("plaintext")],
    check: check,
}

const WHY: &str = "Whoever is on the way reads and changes what is sent.";

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if node.is(Kind::Call) { channel(cx, node) } else { endpoint(cx, node) }
}

/// A text that is an address with a scheme.
fn endpoint(cx: &mut Check<'_>, node: Node<'_>) {
    // The whole text is judged, not the parts it is joined of.
    if node.parent().is_some_and(|p| p.is(Kind::Template)) {
        return;
    }
    let first = if node.is(Kind::Template) { node.get(Role::Part) } else { Some(node) };
    let Some(text) = first.and_then(Node::string) else { return };
    let Some(endpoint) = Endpoint::read(&text, node.is(Kind::Template)) else { return };
    if !is_called(cx, node) || program::is_for_developers(cx) {
        return;
    }
    // Who deploys it says where the service is; a network of containers needs no more than its name.
    let confidence = match endpoint.place {
        Place::Private if is_default(cx, node) => Confidence::Low,
        _ => Confidence::Medium,
    };
    cx.site();
    let Some(secure) = secure_form(endpoint.scheme) else { return };
    let Some(severity) = severity(endpoint.place) else { return };
    let finding = cx
        .finding(node, format!("`{}` is reached over `{}:`, unencrypted", endpoint.host, endpoint.scheme))
        .why(WHY)
        .help(format!("Use `{secure}:`."))
        .severity(severity)
        .confidence(confidence)
        .maybe_fix(fix(node, endpoint.scheme, secure));
    cx.report(finding);
}

/// A call that switches encryption off for an address: of its own, or of the call that it is an argument of.
fn channel(cx: &mut Check<'_>, call: Node<'_>) {
    let address = |c: Node<'_>| {
        let meaning = cx.meaning(c).filter(|m| m.effects.contains(Effects::CONNECTS))?;
        let argument = meaning.argument("address").or_else(|| meaning.argument("host"))?;
        Some(crate::values::behind(cx, cx.facts().node(argument.of(c)?.index())))
    };
    let around = std::iter::once(call)
        .chain(call.ancestors().take_while(|a| a.role() != Role::Statement || a.is(Kind::Call)));
    let Some(address) = around.filter(|n| n.is(Kind::Call)).find_map(address) else { return };
    cx.site();
    let Some(text) = address.string() else { return };
    let Some(endpoint) = Endpoint::of_address(&text) else { return };
    let Some(severity) = severity(endpoint.place) else { return };
    let callee = called(call);
    let finding = cx
        .finding(call, format!("`{callee}` talks to `{}` unencrypted", endpoint.host))
        .why(WHY)
        .help("Connect with TLS.")
        .severity(severity)
        .confidence(Confidence::Medium);
    cx.report(finding);
}

fn severity(place: Place) -> Option<Severity> {
    match place {
        Place::Public => Some(Severity::Medium),
        Place::Private => Some(Severity::Low),
        Place::Own | Place::Unknown => None,
    }
}

/// The secure form of a scheme; none where it is one.
fn secure_form(scheme: &str) -> Option<&'static str> {
    match scheme {
        "http" => Some("https"),
        "ws" => Some("wss"),
        "ftp" => Some("ftps"),
        "redis" => Some("rediss"),
        "amqp" => Some("amqps"),
        _ => None,
    }
}

/// Whether somebody calls what stands at an address: it is the `url` of a call that the vocabulary knows, or is given to a name that says so.
fn is_called(cx: &Check<'_>, node: Node<'_>) -> bool {
    let mut inner = node;
    for outer in node.ancestors() {
        match outer.kind() {
            Kind::Call | Kind::Construct => {
                let meaning = cx.meaning(outer);
                // The default of a setting is what is called where nobody sets it.
                let passes = meaning.is_some_and(|m| m.is("formats") || m.is("environment"));
                if is_built(outer, inner) || passes {
                    inner = outer;
                    continue;
                }
                // With a transport of its own, a client may talk to no network at all; a redirect is for the client to follow.
                let elsewhere = outer.keyword("transport").is_some()
                    || meaning.is_some_and(|m| m.effects.contains(Effects::RESPONDS));
                let url = meaning.and_then(|m| m.argument("url")).and_then(|a| a.of(outer));
                return !elsewhere && (url == Some(inner) || names_endpoint(inner.label()));
            }
            Kind::Binary | Kind::Reference | Kind::Attribute | Kind::Await | Kind::Propagate => inner = outer,
            Kind::Assign if inner.role() == Role::Value => {
                return outer.all(Role::Target).any(|t| names_endpoint(t.name()) || is_fetched(cx, t));
            }
            Kind::Parameter | Kind::Field => return names_endpoint(outer.name()),
            Kind::Entry if inner.role() == Role::Value => {
                return outer.get(Role::Key).and_then(Node::string).is_some_and(|k| names_endpoint(&k));
            }
            _ => return false,
        }
    }
    false
}

/// Whether a text stands for a setting that nobody makes: `os.getenv("INDEX_URL", "http://index:9998")`.
fn is_default(cx: &Check<'_>, node: Node<'_>) -> bool {
    let mut calls = node.ancestors().take_while(|a| a.role() != Role::Statement).filter(|a| a.is(Kind::Call));
    calls.any(|call| cx.meaning(call).is_some_and(|m| m.is("environment")))
}

/// Whether a call gives the text on in another form: `.to_string()`, `String::from(..)`.
fn is_built(call: Node<'_>, inner: Node<'_>) -> bool {
    call.is(Kind::Call)
        && call.callee().is_some_and(|c| match c.name() {
            "to_string" | "to_owned" | "into" | "format" | "rstrip" => c == inner,
            "from" => inner.role() == Role::Argument,
            _ => false,
        })
}

/// Whether a name is one of an address that code calls; not of one that is data, is shown or compared, or only identifies.
fn names_endpoint(name: &str) -> bool {
    const CALLED: [&str; 27] = [
        "api",
        "base",
        "service",
        "server",
        "backend",
        "webhook",
        "hook",
        "hooks",
        "broker",
        "rpc",
        "grpc",
        "gateway",
        "auth",
        "token",
        "upload",
        "download",
        "feed",
        "queue",
        "redis",
        "amqp",
        "rabbitmq",
        "ws",
        "websocket",
        "remote",
        "registry",
        "endpoint",
        "health",
    ];
    const OTHER: [&str; 27] = [
        "doc",
        "docs",
        "documentation",
        "help",
        "home",
        "homepage",
        "website",
        "site",
        "web",
        "license",
        "namespace",
        "ns",
        "schema",
        "issue",
        "issues",
        "link",
        "href",
        "referer",
        "referrer",
        "redirect",
        "callback",
        "origin",
        "allowed",
        "cors",
        "proxy",
        "sample",
        "test",
    ];
    let words = words(name);
    let Some((last, before)) = words.split_last() else { return false };
    let called = match last.as_str() {
        "endpoint" | "broker" => true,
        "url" | "uri" | "server" => before.iter().any(|w| CALLED.contains(&w.as_str())),
        _ => false,
    };
    called && !words.iter().any(|w| OTHER.contains(&w.as_str()))
}

/// Whether a local variable goes to a call as the address that it calls.
fn is_fetched(cx: &Check<'_>, target: Node<'_>) -> bool {
    let Some(function) = target.function().filter(|_| target.is(Kind::Name)) else { return false };
    function.descendants().filter(|n| n.is(Kind::Call)).any(|call| {
        cx.meaning(call).is_some_and(|m| !m.effects.contains(Effects::RESPONDS))
            && cx.argument(call, "url").is_some_and(|url| url.is(Kind::Name) && url.name() == target.name())
    })
}

fn fix(node: Node<'_>, scheme: &str, secure: &str) -> Option<Fix> {
    let at = node.text().find(&format!("{scheme}://"))?;
    let start = node.range().start + at as u32;
    let range = Range { start, end: start + scheme.len() as u32 };
    Some(Fix::suggested(format!("Use `{secure}:`")).replace(range, secure))
}
