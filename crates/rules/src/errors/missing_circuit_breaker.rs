use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::index::View;
use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Note, Survey, Surveyed, rule};
use shipworthy_facts::{Effects, Kind, Node, Role, Workspace};
use shipworthy_syntax::Language;

use crate::endpoint::{Endpoint, Place};
use crate::handlers::handler;
use crate::names::words;
use crate::request::is_handler_input;
use crate::resilience;
use crate::texts::{self, Part};
use crate::values::{Given, given, latest};

rule! {
    /// Requests depend on another service, and nothing gives up on it
    ///
    /// While the other service is down or slow, each request waits for it as long as its timeout allows: threads and connections pile up until this
    /// service is down too, and the other one is asked by everybody at once when it comes back. A circuit breaker stops asking after some failures, fails
    /// at once for a while, and lets one request try. A fallback (the last good answer, an answer without that part) does for a service that is not
    /// essential.
    ///
    /// One finding stands for a service. Left alone are services that something in the way to them guards: a breaker, by its library or its name, in
    /// a file on the way; a handler that goes on without the answer. Databases, caches and this machine are no other services, and neither is an address
    /// that comes whole with the request, another one each time.
    ///
    /// ```python bad file=app/main.py
    /// from fastapi import FastAPI
    ///
    /// from app.weather import forecast
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/trips/{place}")
    /// def trip(place: str):
    ///     return {"place": place, "weather": forecast(place)}
    /// ```
    /// ```python bad file=app/weather.py
    /// import requests
    ///
    /// def forecast(place):
    ///     response = requests.get(f"https://weather.holidayplans.io/{place}", timeout=10)
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     response.raise_for_status()
    ///     return response.json()
    ///
    /// def stations():
    ///     return requests.get("https://weather.holidayplans.io/stations", timeout=10).json()
    /// ```
    ///
    /// Also through a vendor's client:
    ///
    /// ```python bad
    /// from flask import Flask
    /// from openai import OpenAI
    ///
    /// app = Flask(__name__)
    /// client = OpenAI()
    ///
    /// @app.post("/answers")
    /// def answer():
    ///     completion = client.chat.completions.create(model="gpt", messages=[])
    ///                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return completion.choices[0].message.content
    /// ```
    ///
    /// ```python good
    /// import httpx
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/views/{name}")
    /// async def view(name: str):
    ///     try:
    ///         async with httpx.AsyncClient(timeout=5) as client:
    ///             return (await client.get(f"https://views.example.com/{name}")).json()
    ///     except Exception:
    ///         if name in STORED:
    ///             return STORED[name]
    ///         raise
    /// ```
    ///
    /// ```python good
    /// import pybreaker
    /// import requests
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    /// breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30)
    ///
    /// @breaker
    /// def forecast(place):
    ///     return requests.get(f"https://weather.holidayplans.io/{place}", timeout=10).json()
    ///
    /// @app.get("/trips/{place}")
    /// def trip(place: str):
    ///     return {"place": place, "weather": forecast(place)}
    /// ```
    ///
    /// ```python good
    /// import requests
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    ///
    /// def forecast(place):
    ///     return requests.get(f"https://weather.holidayplans.io/{place}", timeout=10).json()
    ///
    /// @app.get("/trips/{place}")
    /// def trip(place: str):
    ///     try:
    ///         weather = forecast(place)
    ///     except requests.RequestException:
    ///         weather = None
    ///     return {"place": place, "weather": weather}
    ///
    /// @app.get("/local")
    /// def local():
    ///     return requests.get("http://localhost:8080/state", timeout=1).json()
    ///
    /// @app.post("/tools/import")
    /// def import_tool(form: ToolForm):
    ///     url = str(form.url)
    ///     url = raw_form_of(url)
    ///     return requests.get(url, timeout=10).text
    ///
    /// def nightly():
    ///     requests.get("https://reports.holidayplans.io/night", timeout=10)
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import "net/http"
    ///
    /// func forecast(place string) (*http.Response, error) {
    /// 	return http.Get("https://weather.holidayplans.io/" + place)
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// func trip(w http.ResponseWriter, r *http.Request) {
    /// 	response, err := forecast(r.URL.Path)
    /// 	if err != nil {
    /// 		http.Error(w, "no weather", http.StatusBadGateway)
    /// 		return
    /// 	}
    /// 	defer response.Body.Close()
    /// }
    ///
    /// func main() {
    /// 	http.HandleFunc("/trip", trip)
    /// 	http.ListenAndServe(":8080", nil)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import (
    /// 	"net/http"
    /// 	"time"
    ///
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// type Weather struct {
    /// 	client *http.Client
    /// 	base   string
    /// }
    ///
    /// func (w *Weather) today() (*http.Response, error) {
    /// 	client := &http.Client{Timeout: time.Second}
    /// 	return client.Get(w.base + "/today")
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// var weather = &Weather{}
    ///
    /// func trip(c *gin.Context) {
    /// 	response, err := weather.today()
    /// 	if err != nil {
    /// 		c.JSON(502, gin.H{"error": "no weather"})
    /// 		return
    /// 	}
    /// 	c.JSON(200, response.Status)
    /// }
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	r.GET("/trip", trip)
    /// 	r.Run()
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// func forecast(place string) (*http.Response, error) {
    /// 	return http.Get("https://weather.holidayplans.io/" + place)
    /// }
    ///
    /// func trip(w http.ResponseWriter, r *http.Request) {
    /// 	weather := "unknown"
    /// 	response, err := forecast(r.URL.Path)
    /// 	if err != nil {
    /// 		log.Printf("no weather: %v", err)
    /// 	} else {
    /// 		weather = response.Status
    /// 	}
    /// 	w.Write([]byte(weather))
    /// }
    ///
    /// func main() {
    /// 	http.HandleFunc("/trip", trip)
    /// 	http.ListenAndServe(":8080", nil)
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"github.com/sony/gobreaker"
    /// )
    ///
    /// var breaker = gobreaker.NewCircuitBreaker(gobreaker.Settings{Name: "weather"})
    ///
    /// func forecast(place string) (any, error) {
    /// 	return breaker.Execute(func() (any, error) {
    /// 		return http.Get("https://weather.holidayplans.io/" + place)
    /// 	})
    /// }
    ///
    /// func trip(w http.ResponseWriter, r *http.Request) {
    /// 	if _, err := forecast(r.URL.Path); err != nil {
    /// 		http.Error(w, "no weather", http.StatusBadGateway)
    /// 	}
    /// }
    ///
    /// func main() {
    /// 	http.HandleFunc("/trip", trip)
    /// 	http.ListenAndServe(":8080", nil)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::{Router, routing::get};
    ///
    /// async fn forecast() -> reqwest::Result<String> {
    ///     reqwest::get("https://weather.holidayplans.io/today").await?.text().await
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// async fn trip() -> Result<String, String> {
    ///     forecast().await.map_err(|e| e.to_string())
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/trip", get(trip))
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_web::{App, HttpResponse, HttpServer, get};
    ///
    /// #[get("/trip")]
    /// async fn trip() -> HttpResponse {
    ///     match reqwest::get("https://weather.holidayplans.io/today").await {
    ///           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         Ok(_) => HttpResponse::Ok().body("fine"),
    ///         Err(_) => HttpResponse::BadGateway().body("no weather"),
    ///     }
    /// }
    ///
    /// #[actix_web::main]
    /// async fn main() -> std::io::Result<()> {
    ///     HttpServer::new(|| App::new().service(trip)).bind("0.0.0.0:3000")?.run().await
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::{Router, routing::get};
    ///
    /// async fn forecast() -> reqwest::Result<String> {
    ///     reqwest::get("https://weather.holidayplans.io/today").await?.text().await
    /// }
    ///
    /// async fn trip() -> String {
    ///     tell().await;
    ///     forecast().await.unwrap_or_default()
    /// }
    ///
    /// async fn tell() {
    ///     let told = reqwest::get("https://hooks.holidayplans.io/trip").await;
    ///     match told {
    ///         Ok(_) => tracing::info!("told"),
    ///         Err(e) => tracing::error!("not told: {e}"),
    ///     }
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/trip", get(trip))
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::{Router, routing::get};
    ///
    /// async fn night() -> reqwest::Result<String> {
    ///     reqwest::get("https://weather.holidayplans.io/night").await?.text().await
    /// }
    ///
    /// async fn trip() -> String {
    ///     "trip".to_owned()
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/trip", get(trip))
    /// }
    /// ```
    name: "missing-circuit-breaker",
    category: Errors,
    severity: Low,
    scope: Workspace,
    on: [Effect(Effects::NETWORK), Reach(Effects::NETWORK)],
    check: check,
    workspace: judge,
}

/// What is noted of a call of a function of the workspace whose failure is made up for.
const FALLBACK: &str = "fallback";

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    if let Some(callee) = cx.workspace_callee(call) {
        if is_made_up_for(cx, call) {
            cx.note(call, FALLBACK, callee);
        }
    } else if let Some(service) = service(cx, call) {
        resilience::note(cx, call, &service, is_made_up_for(cx, call));
    }
}

/// The other service that a call asks.
fn service(cx: &Check<'_>, call: Node<'_>) -> Option<String> {
    let meaning = cx.meaning(call)?;
    let effects = meaning.effects;
    if effects.intersects(Effects::CONNECTS) || meaning.guessed && !effects.contains(Effects::LANGUAGE_MODEL)
    {
        return None;
    }
    let vendor = cx.resolver().callee(call).filter(|path| is_of_vendor(cx, path));
    if effects.contains(Effects::LANGUAGE_MODEL) || vendor.is_some() {
        return Some(meaning.library.to_string());
    }
    let gives = cx.type_of(call).and_then(|t| cx.resolver().vocabulary().type_of(&t));
    gives.filter(|t| t.is("http-response"))?;
    let url = cx.method_chain(call).find_map(|c| cx.argument(c, "url"));
    let url = url.map(|url| cx.facts().node(url.index()));
    let address = url.map(|url| begins(cx, url)).unwrap_or_default();
    match Endpoint::read(&address, true) {
        Some(endpoint) if endpoint.place == Place::Own => None,
        Some(endpoint) if endpoint.place != Place::Unknown => Some(endpoint.host.to_owned()),
        _ if url.is_some_and(|url| is_given(cx, url, MAX_STEPS)) => {
            let file = cx.path().rsplit('/').next().unwrap_or_default();
            Some(format!("{ANY}`{file}` is given"))
        }
        // A module is written for one service, mostly.
        _ => {
            let file = cx.path().rsplit('/').next().unwrap_or_default();
            Some(format!("the service that `{file}` calls"))
        }
    }
}

/// How a service is called that is none: each request may name another host.
const ANY: &str = "the addresses that ";

/// How far an address is followed.
const MAX_STEPS: u32 = 8;

/// Whether an address is whole as a request gave it, or a caller: `session.get(url)` in `fetch(url)`, `form.url`, `str(form.url)`.
fn is_given<'a>(cx: &Check<'a>, url: Node<'a>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let is_url = |name: &str| words(name).last().is_some_and(|w| matches!(w.as_str(), "url" | "uri"));
    match url.kind() {
        // In `url = raw(url)` what it was before.
        Kind::Name => {
            let before = given(cx, url).into_iter().rfind(|g| {
                let (Given::Value(n) | Given::Added(n) | Given::Other(n)) = g;
                n.fact().end <= url.index()
            });
            match before {
                Some(Given::Value(value)) => is_given(cx, value, steps),
                Some(Given::Other(bound)) => bound.is(Kind::Parameter) && is_url(url.name()),
                _ => false,
            }
        }
        // A part of what a handler is given.
        Kind::Attribute => {
            let from = url.object().filter(|o| o.is(Kind::Name));
            is_url(url.name())
                && from.is_some_and(
                    |o| matches!(latest(cx, o), Some(Given::Other(b)) if is_handler_input(cx, b)),
                )
        }
        // `str(url)`, `raw_form_of(url)`
        Kind::Call => {
            let mut arguments = url.arguments();
            arguments.next().is_some_and(|a| arguments.next().is_none() && is_given(cx, a, steps))
        }
        _ => false,
    }
}

/// Whether a library's name is of a vendor's client.
fn is_of_vendor(cx: &Check<'_>, path: &str) -> bool {
    let separator = cx.language().separator();
    let mut ends = path.match_indices(separator).map(|(at, _)| at);
    ends.any(|end| cx.resolver().vocabulary().value(&path[..end]).is_some_and(|m| m.is("remote-service")))
}

/// The text that an address begins with, up to what the program fills in; constants of the file are followed.
fn begins<'a>(cx: &Check<'a>, url: Node<'a>) -> String {
    let mut text = String::new();
    for part in texts::parts(cx, url) {
        match part {
            Part::Text(part) => text.push_str(&part),
            Part::Hole(_) => break,
        }
    }
    text.trim().to_owned()
}

/// Whether the function goes on without the answer of a call that fails.
fn is_made_up_for(cx: &Check<'_>, call: Node<'_>) -> bool {
    match cx.language() {
        Language::Python => is_caught(cx, call),
        Language::Go => is_passed_over(cx, call),
        Language::Rust => is_replaced(cx, call),
    }
}

/// Whether a handler goes on: it does not pass the error on, nor answer with one.
fn goes_on(cx: &Check<'_>, node: Node<'_>) -> bool {
    let Some(handler) = handler(cx, node) else { return false };
    let logs = |cx: &Check<'_>, call: Node<'_>| cx.effects(call).intersects(Effects::LOGS | Effects::PRINTS);
    let raises = match cx.language() {
        // One that raises only where it has nothing else to give makes up for it.
        Language::Python => {
            let gives = |n: Node<'_>| {
                n.is(Kind::Return)
                    && n.get(Role::Value).is_some_and(|v| !v.is_literal() && !v.is(Kind::Nothing))
            };
            handler.facts().any(|n| n.is(Kind::Raise)) && !handler.facts().any(gives)
        }
        Language::Go | Language::Rust => handler.passes_on(cx, logs),
    };
    !raises && !handler.has_effect(cx, Effects::RESPONDS | Effects::EXITS)
}

fn is_caught(cx: &Check<'_>, call: Node<'_>) -> bool {
    let mut inner = call;
    for outer in call.ancestors() {
        match outer.kind() {
            Kind::Function | Kind::Lambda => return false,
            Kind::Try if inner.role() == Role::Body && outer.all(Role::Handler).any(|h| goes_on(cx, h)) => {
                return true;
            }
            _ => {}
        }
        inner = outer;
    }
    false
}

fn is_passed_over(cx: &Check<'_>, call: Node<'_>) -> bool {
    let statement = call.statement();
    // `if resp, err := ask(); err != nil {`
    let around = call.ancestors().find(|a| a.is(Kind::If) || a.is(Kind::Block)).filter(|a| a.is(Kind::If));
    let next = statement
        .parent()
        .and_then(|block| block.all(Role::Statement).find(|s| s.index() > statement.index()));
    around.or(next).is_some_and(|check| goes_on(cx, check))
}

fn is_replaced(cx: &Check<'_>, call: Node<'_>) -> bool {
    const REPLACES: [&str; 6] =
        ["unwrap_or", "unwrap_or_default", "unwrap_or_else", "ok", "or_else", "map_or"];
    let around =
        call.ancestors().take_while(|a| !matches!(a.kind(), Kind::Function | Kind::Lambda | Kind::Block));
    let replaces = |a: Node<'_>| match a.kind() {
        Kind::Call => a.callee().is_some_and(|c| REPLACES.contains(&c.name())),
        Kind::Let => a.get(Role::Pattern).is_some_and(|p| p.text().trim_start().starts_with("Ok(")),
        Kind::Match => a.all(Role::Arm).any(|arm| goes_on(cx, arm)),
        _ => false,
    };
    around.into_iter().any(replaces) || is_looked_at_later(cx, call)
}

/// Rust: whether the result is kept, and what looks at it later goes on: `let found = ask().await; match found { Err(e) => error!("{e}"), .. }`.
fn is_looked_at_later(cx: &Check<'_>, call: Node<'_>) -> bool {
    let assign = call.ancestors().take_while(|a| !a.is(Kind::Block)).find(|a| a.is(Kind::Assign));
    let kept = assign.and_then(|a| a.get(Role::Target)).filter(|target| target.is(Kind::Name));
    let (Some(kept), Some(function)) = (kept, call.function()) else { return false };
    let is_kept = |n: Option<Node<'_>>| n.is_some_and(|n| n.is(Kind::Name) && n.name() == kept.name());
    let mut later = function.descendants_here().filter(|n| n.index() > call.index());
    later.any(|n| match n.kind() {
        Kind::Match => is_kept(n.get(Role::Subject)) && n.all(Role::Arm).any(|arm| goes_on(cx, arm)),
        Kind::If => is_kept(n.get(Role::Condition).and_then(|c| c.get(Role::Value))) && goes_on(cx, n),
        _ => false,
    })
}

/// A call of a service on the way of a request.
type Site<'a> = (usize, &'a Note);

fn judge(survey: &mut Survey<'_>) {
    let files = survey.all_files();
    let function =
        |file: usize, note: &Note| files[file].summary.absolute(files[file].language, &note.symbol);
    let mut sites: BTreeMap<(usize, String), Vec<Site<'_>>> = BTreeMap::new();
    let mut made_up: BTreeSet<(String, &str)> = BTreeSet::new();
    for (number, _) in survey.files() {
        for note in survey.notes(number) {
            let around = function(number, note);
            if note.key == FALLBACK {
                made_up.insert((around, &note.detail));
            } else if note.key == resilience::OPEN && !note.symbol.is_empty() && !note.detail.starts_with(ANY)
            {
                sites.entry((number, note.symbol.clone())).or_default().push((number, note));
            }
        }
    }
    let guarded_outside = is_guarded_outside(survey);
    resilience::tell(survey, |file| guarded_outside || mentions_breaker(&files[file]));
    if sites.is_empty() || guarded_outside {
        return;
    }
    // What each request reaches, by the place of the functions.
    let mut reached: BTreeMap<(usize, String), bool> = BTreeMap::new();
    let numbers: BTreeMap<&str, usize> = files.iter().enumerate().map(|(at, f)| (&*f.path, at)).collect();
    let mut breakers: BTreeMap<usize, bool> = BTreeMap::new();
    let mut has_breaker =
        |file: usize| *breakers.entry(file).or_insert_with(|| mentions_breaker(&files[file]));
    for route in survey.served() {
        let Some(view) = survey.workspace().file(&files[route.file].path) else { continue };
        let view = survey.workspace().view_of(view);
        for (path, guarded) in walk(&view, &route.handler, &made_up, |path| {
            let (file, _) = view.definition(path)?;
            Some(has_breaker(*numbers.get(&*file)?))
        }) {
            let Some((file, _)) = view.definition(&path) else { continue };
            let Some(number) = numbers.get(&*file) else { continue };
            let module = &files[*number].summary.module;
            let separator = files[*number].language.separator();
            let Some(name) = path.strip_prefix(&**module).and_then(|p| p.strip_prefix(separator)) else {
                continue;
            };
            let known = reached.entry((*number, name.to_owned())).or_insert(guarded);
            *known &= guarded;
        }
    }
    let mut services: BTreeMap<(&str, &str), Vec<(Site<'_>, bool)>> = BTreeMap::new();
    for (place, calls) in &sites {
        let Some(guarded) = reached.get(place) else { continue };
        for (file, note) in calls {
            let project = &*files[*file].project;
            services.entry((project, &note.detail)).or_default().push(((*file, note), *guarded));
        }
    }
    for ((project, service), calls) in services {
        let Some(((file, first), _)) = calls.first() else { continue };
        survey.site(*file);
        if calls.iter().any(|(_, guarded)| *guarded) {
            continue;
        }
        let elsewhere = files.iter().enumerate().any(|(at, f)| &*f.project == project && has_breaker(at));
        let mut finding = survey
            .finding(
                first.range,
                format!("requests depend on {}, with no circuit breaker and no fallback", named(service)),
            )
            .why("While it is down or slow, each request waits for it, until this service is down too.")
            .help("Stop asking after some failures (a circuit breaker), or answer without it.")
            .confidence(if elsewhere { Confidence::Low } else { Confidence::Medium });
        for ((other, note), _) in calls.iter().skip(1).take(RELATED) {
            finding.related.extend(survey.related(*other, note.range, "asked here too"));
        }
        survey.report(*file, finding);
    }
}

/// How many places of a service a finding names.
const RELATED: usize = 8;

fn named(service: &str) -> String {
    let is_host = service.contains('.') && !service.contains(' ');
    if is_host { format!("`{service}`") } else { service.to_owned() }
}

/// Whether a file has to do with circuit breakers.
fn mentions_breaker(file: &Surveyed<'_>) -> bool {
    file.contents().to_lowercase().contains("breaker")
}

/// Whether a proxy in front of the other services breaks circuits.
fn is_guarded_outside(survey: &Survey<'_>) -> bool {
    const WORDS: [&str; 3] = ["outlierDetection", "circuitBreaker", "circuit_breakers"];
    survey.all_around().iter().any(|around| WORDS.iter().any(|word| around.file.text.contains(word)))
}

/// How many calls a request is followed through.
const MAX_CALLS: usize = 12;

/// The functions that a handler reaches, without those whose failure is made up for, each with whether a breaker is on its way.
fn walk(
    view: &View<'_>,
    handler: &str,
    made_up: &BTreeSet<(String, &str)>,
    mut has_breaker: impl FnMut(&str) -> Option<bool>,
) -> BTreeMap<String, bool> {
    let mut seen: BTreeMap<String, bool> = BTreeMap::new();
    let mut level = vec![(handler.to_owned(), false)];
    for _ in 0..MAX_CALLS {
        let mut next = Vec::new();
        for (path, before) in level {
            let Some(function) = view.function(&path) else { continue };
            let guarded = before || has_breaker(&path).unwrap_or(false);
            match seen.get(&path) {
                Some(known) if !known | guarded => continue,
                _ => _ = seen.insert(path.clone(), guarded),
            }
            for callee in &function.behaviour.calls {
                if !made_up.contains(&(path.clone(), &*callee.path)) {
                    let callee = view.implementation(&callee.path).unwrap_or_else(|| callee.path.to_string());
                    next.push((callee, guarded));
                }
            }
        }
        level = next;
    }
    seen
}
