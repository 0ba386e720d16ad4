use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Meaning, Node, Operator, Role, is_awaited};
use shipworthy_syntax::Language;

use crate::names::{called, words};
use crate::program;
use crate::remarks;

rule! {
    /// A blocking call in an async function
    ///
    /// While it waits, the event loop stands still: every other request, timer and heartbeat of the process waits with it. One slow answer from
    /// a service makes the whole server unresponsive. Use the async form, or hand the call to a thread.
    ///
    /// The call may stand in a helper: a synchronous function that blocks, blocks the async function that calls it. The finding shows the
    /// way there.
    ///
    /// ```python bad
    /// import time
    ///
    /// async def poll(job):
    ///     while not job.done:
    ///         time.sleep(1)
    ///         ^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import asyncio
    /// import time
    ///
    /// async def poll(job):
    ///     while not job.done:
    ///         await asyncio.sleep(1)
    /// ```
    ///
    /// ```python bad
    /// import requests
    ///
    /// def load(url):
    ///     return requests.get(url, timeout=5).json()
    ///
    /// def profile(user):
    ///     return load(f"https://api.example.com/users/{user}")
    ///
    /// async def show(user):
    ///     return profile(user)
    ///            ^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import asyncio
    /// import requests
    ///
    /// def load(url):
    ///     return requests.get(url, timeout=5).json()
    ///
    /// def profile(user):
    ///     return load(f"https://api.example.com/users/{user}")
    ///
    /// async def show(user):
    ///     return await asyncio.to_thread(profile, user)
    /// ```
    ///
    /// ```python good
    /// import asyncio
    /// import time
    ///
    /// import requests
    ///
    /// def load(url):
    ///     return requests.get(url, timeout=5).json()
    ///
    /// def wait():
    ///     time.sleep(1)
    ///
    /// async def show(user, loop):
    ///     await asyncio.sleep(1)
    ///     await asyncio.to_thread(load, user)
    ///     await loop.run_in_executor(None, lambda: load(user))
    ///     return await asyncio.to_thread(wait)
    /// ```
    ///
    /// ```python good
    /// import httpx
    /// import requests
    ///
    /// def load(url):
    ///     return requests.get(url, timeout=5).json()
    ///
    /// def show(user):
    ///     return load(user)
    ///
    /// async def fetch(url):
    ///     async with httpx.AsyncClient() as client:
    ///         response = await client.get(url)
    ///
    ///     def later():
    ///         return load(url)
    ///
    ///     return response, later
    /// ```
    ///
    /// What runs only where no loop does, what does not wait, what is done before anything is served.
    ///
    /// ```python good
    /// import asyncio
    /// import threading
    /// import time
    ///
    /// import requests
    ///
    /// def load(url):
    ///     return requests.get(url, timeout=5).json()
    ///
    /// def client(sync=False):
    ///     return load("https://api.example.com") if sync else None
    ///
    /// def synchronously():
    ///     return asyncio.run(fetch())
    ///
    /// class Database:
    ///     async def execute(self, statement):
    ///         if self.executor is None:
    ///             return load(statement)
    ///
    /// async def show(worker: threading.Thread):
    ///     worker.join(timeout=0)
    ///     return synchronously()
    ///
    /// async def lifespan(app):
    ///     app.state.settings = load("https://api.example.com/settings")
    ///     yield
    /// ```
    ///
    /// A call that is skipped as a rule is of medium severity: an answer that is kept, a branch for rare cases. What a command waits for, what is
    /// done while nobody is served any more, a lock that is new, and a task that is awaited later block nobody.
    ///
    /// ```python good file=shop/cli/deploy.py
    /// import requests
    ///
    /// async def deploy(name):
    ///     requests.post("https://example.com/deploy", json={"name": name}, timeout=5)
    /// ```
    ///
    /// ```python good
    /// import asyncio
    /// import concurrent.futures
    /// import threading
    ///
    /// def drain(futures):
    ///     if asyncio.get_running_loop():
    ///         return asyncio.gather(*futures)
    ///     concurrent.futures.wait(futures)
    ///
    /// async def shutdown(worker: threading.Thread):
    ///     worker.join()
    ///
    /// async def leave(futures, locks):
    ///     lock = threading.Lock()
    ///     lock.acquire()
    ///     locks["new"] = lock
    ///     left = drain(futures)
    ///     await left
    /// ```
    ///
    /// ```python good
    /// import requests
    ///
    /// class Rates:
    ///     def load(self):
    ///         return requests.get("https://example.com/rates", timeout=5).json()
    ///
    ///     def kept(self):
    ///         if self.rates is None:
    ///             self.rates = self.load()
    ///         return self.rates
    ///
    ///     def of(self, currency):
    ///         return self.kept()[currency]
    ///
    /// async def show(rates: Rates):
    ///     return rates.of("EUR")
    /// ```
    ///
    /// A file that is read once, or before anything else goes on.
    ///
    /// ```python good
    /// import hashlib
    ///
    /// class Page:
    ///     def style(self):
    ///         if not hasattr(self, "_style"):
    ///             with open("style.css", "rb") as source:
    ///                 self._style = hashlib.sha256(source.read()).hexdigest()
    ///         return self._style
    ///
    /// async def show(page: Page):
    ///     return page.style()
    /// ```
    ///
    /// ```python good
    /// import functools
    /// import hashlib
    ///
    /// @functools.lru_cache(maxsize=8)
    /// def key_of(secret):
    ///     return hashlib.scrypt(secret, salt=b"session", n=2**14, r=8, p=1)
    ///
    /// def signing_key(settings):
    ///     return key_of(settings.secret)
    ///
    /// async def sign(settings, text):
    ///     return text + signing_key(settings)
    /// ```
    ///
    /// An archive that lies in memory.
    ///
    /// ```python good
    /// import zipfile
    /// from io import BytesIO
    ///
    /// async def rows(response):
    ///     content = await response.read()
    ///     with zipfile.ZipFile(BytesIO(content)) as archive:
    ///         with archive.open(archive.namelist()[0]) as lines:
    ///             return list(lines)
    /// ```
    ///
    /// What a program does on its way to serving, in a function of its own, and what a linter is told.
    ///
    /// ```python good
    /// import requests
    /// from tornado.httpserver import HTTPServer
    ///
    /// class Shop:
    ///     async def run(self):
    ///         await self.initialize()
    ///         await self.start()
    ///
    ///     async def initialize(self):
    ///         await self.load_rates()
    ///
    ///     async def load_rates(self):
    ///         self.rates = requests.get("https://example.com/rates", timeout=5).json()
    ///
    ///     async def start(self):
    ///         self.server = HTTPServer(self.app)
    ///         self.server.listen(8080)
    ///
    /// async def memory():
    ///     with open("/sys/fs/cgroup/memory.current") as source:  # noqa: ASYNC230
    ///         return int(source.read())  # noqa: ASYNC230
    /// ```
    ///
    /// What is called while others are served is not on that way.
    ///
    /// ```python bad
    /// import requests
    /// from tornado.httpserver import HTTPServer
    ///
    /// class Shop:
    ///     async def run(self):
    ///         await self.load_rates()
    ///         self.server = HTTPServer(self.app)
    ///         self.server.listen(8080)
    ///
    ///     async def show(self):
    ///         await self.load_rates()
    ///         return self.rates
    ///
    ///     async def load_rates(self):
    ///         self.rates = requests.get("https://example.com/rates", timeout=5).json()
    ///                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// What puts right what a mistake has left.
    ///
    /// ```python good
    /// from sqlalchemy.orm import Session
    ///
    /// class Page:
    ///     def finish(self, db: Session):
    ///         if db.dirty:
    ///             db.rollback()
    ///
    /// async def show(page: Page, db: Session):
    ///     page.finish(db)
    /// ```
    ///
    /// ```rust bad
    /// use std::time::Duration;
    ///
    /// async fn poll(job: &Job) {
    ///     while !job.done() {
    ///         std::thread::sleep(Duration::from_secs(1));
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    /// ```rust fixed
    /// use std::time::Duration;
    ///
    /// async fn poll(job: &Job) {
    ///     while !job.done() {
    ///         tokio::time::sleep(Duration::from_secs(1)).await;
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn load(url: &str) -> Result<String, reqwest::Error> {
    ///     reqwest::blocking::get(url)?.text()
    /// }
    ///
    /// async fn show(url: &str) -> Result<String, reqwest::Error> {
    ///     load(url)
    ///     ^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::time::Duration;
    ///
    /// fn wait() {
    ///     std::thread::sleep(Duration::from_secs(1));
    /// }
    ///
    /// async fn poll() {
    ///     tokio::time::sleep(Duration::from_secs(1)).await;
    ///     tokio::task::spawn_blocking(wait).await.ok();
    ///     tokio::task::spawn_blocking(|| wait()).await.ok();
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn load(url: &str) -> Result<String, reqwest::Error> {
    ///     reqwest::blocking::get(url)?.text()
    /// }
    ///
    /// fn main() {
    ///     load("https://example.com").ok();
    /// }
    /// ```
    ///
    /// A pool is made once, at start.
    ///
    /// ```rust good
    /// use r2d2::Pool;
    ///
    /// fn pool(manager: Manager) -> Pool<Manager> {
    ///     Pool::builder().max_size(8).build(manager).unwrap()
    /// }
    ///
    /// async fn store(manager: Manager) -> Store {
    ///     let store = Store::new(pool(manager));
    ///     store.migrate().await;
    ///     store
    /// }
    /// ```
    ///
    /// ```rust good file=src/main.rs
    /// use axum::Router;
    ///
    /// fn settings(path: &str) -> std::io::Result<String> {
    ///     std::fs::read_to_string(path)
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> std::io::Result<()> {
    ///     let settings = settings("shop.toml")?;
    ///     run(Router::new(), settings).await
    /// }
    /// ```
    ///
    /// What happens at start:
    ///
    /// ```rust good
    /// use diesel::{Connection, PgConnection};
    /// use tonic::transport::{Certificate, Server};
    ///
    /// pub fn run_migrations(url: &str) {
    ///     let mut connection = PgConnection::establish(url).unwrap();
    ///     connection.run_pending_migrations(MIGRATIONS).unwrap();
    /// }
    ///
    /// pub async fn pool(url: &str) -> Pool {
    ///     run_migrations(url);
    ///     Pool::open(url).await
    /// }
    ///
    /// pub async fn start(path: &str) -> Result<(), Error> {
    ///     let certificate = Certificate::from_pem(std::fs::read_to_string(path)?);
    ///     let server = Server::builder().add_service(orders(certificate));
    ///     tokio::spawn(server.serve(ADDRESS));
    ///     Ok(())
    /// }
    /// ```
    ///
    /// A datagram socket's `connect` sends nothing:
    ///
    /// ```python good
    /// import socket
    ///
    /// def own_address():
    ///     with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    ///         probe.connect(("192.0.2.1", 80))
    ///         return probe.getsockname()[0]
    ///
    /// async def address():
    ///     return {"address": own_address()}
    /// ```
    name: "blocking-call-in-async",
    category: Concurrency,
    severity: High,
    scope: Both,
    fix: { Python: Suggested, Rust: Safe },
    on: [
        Effect(Effects::BLOCKS), Effect(Effects::NETWORK), Effect(Effects::DATABASE), Effect(Effects::SLEEPS),
        Reach(Effects::BLOCKS), Reach(Effects::NETWORK), Reach(Effects::DATABASE)
    ],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    if !cx.in_async(call) {
        return;
    }
    cx.site();
    if is_awaited(call) || is_awaited_later(call) || is_off_loop(call) || serves_nobody(cx, call) {
        return;
    }
    // A command waits for itself only, and so does a program that reads its files first.
    let starts = cx.named_function(call).is_some_and(|f| f.name() == "main");
    match cx.meaning(call).cloned() {
        Some(meaning) if meaning.effects.contains(Effects::BLOCKS) && !meaning.awaits => {
            if cx.argument(call, "timeout").is_some_and(|t| t.text() == "0")
                || is_free(cx, call, &meaning)
                || is_in_memory(cx, call)
            {
                return;
            }
            let finding = cx
                .finding(call, format!("`{}` blocks the event loop", called(call)))
                .why("While it waits, every other task of the process waits with it.")
                .help(match meaning.form("async") {
                    Some(form) => format!("Use `{form}`, or hand the call to a thread."),
                    None => "Use an async library, or hand the call to a thread.".to_owned(),
                })
                .severity(if meaning.is("dialogue") { Severity::Low } else { severity(meaning.effects) })
                .confidence(match () {
                    () if is_alone(cx, call)
                        || meaning.is("pool")
                        || starts && severity(meaning.effects) == Severity::Low =>
                    {
                        Confidence::Low
                    }
                    () if meaning.guessed => Confidence::Medium,
                    () => Confidence::High,
                })
                .maybe_fix(fix(cx, call, meaning.form("async"), meaning.effects));
            cx.report(finding);
        }
        Some(_) => {}
        None => through_helper(cx, call, starts),
    }
}

/// Whether nobody waits behind a call: in a command, at a start, or where a linter is told that it is meant.
fn is_alone(cx: &Check<'_>, call: Node<'_>) -> bool {
    program::is_alone(cx) || is_settled(cx, call) || program::is_on_the_way_to_serving(cx, call)
}

/// Whether a linter is told that the call is meant to block.
fn is_settled(cx: &Check<'_>, call: Node<'_>) -> bool {
    remarks::line_says(cx.facts(), call.range().end, &["noqa: async"])
}

/// How many functions may lie between a call and what blocks.
const MAX_CHAIN: usize = 5;
/// How many where one of them goes on only sometimes.
const MAX_RARE_CHAIN: usize = 1;

fn through_helper(cx: &mut Check<'_>, call: Node<'_>, starts: bool) {
    let Some(path) = cx.workspace_callee(call) else { return };
    let reach = cx.workspace().reach(&path);
    let is_async = cx.workspace().function(&path).is_some_and(|f| f.is_async || f.is_generator);
    if is_async || !reach.contains(Effects::BLOCKS) {
        return;
    }
    let certain = cx.certain_chain(&path, Effects::BLOCKS);
    let rare = certain.is_empty();
    let chain = if rare { cx.chain(&path, Effects::BLOCKS) } else { certain };
    let Some(last) = chain.last() else { return };
    let Some(blocking) = cx.library_call(last, Effects::BLOCKS) else { return };
    // A loop cannot be run inside a loop: the helper goes there only where none runs.
    let vocabulary = cx.resolver().vocabulary();
    let reached = vocabulary.call(blocking);
    if reached.is_some_and(|m| m.is("runs-loop")) {
        return;
    }
    let asks = reached.is_some_and(|m| m.is("dialogue"));
    let effects = cx
        .workspace()
        .function(last)
        .and_then(|f| f.behaviour.library.get(blocking))
        .map(|call| call.effects);
    let far = chain.len() > if rare { MAX_RARE_CHAIN } else { MAX_CHAIN };
    // What is short and rare is not worth a thread, nor is what follows a failure.
    let short = severity(effects.unwrap_or_default()) == Severity::Low;
    let mends = effects.is_some_and(|e| e.contains(Effects::ROLLS_BACK));
    let negligible = (rare || starts) && short || rare && mends;
    // A pool is made once, at start; there a database gets its newest tables too.
    let migrates = words(called(call).rsplit(':').next().unwrap_or_default())
        .iter()
        .any(|w| matches!(w.as_str(), "migrate" | "migration" | "migrations"));
    let unsure = is_alone(cx, call)
        || migrates
        || far
        || reached.is_some_and(|m| m.is("pool"))
        || negligible
        || chain.iter().any(|step| serves_both(cx, step) || cx.keeps_results(step));
    let usual = if asks { Severity::Low } else { severity(effects.unwrap_or_default()) };
    let mut finding = cx
        .finding(call, format!("`{}` blocks the event loop: it reaches `{blocking}`", called(call)))
        .why("While it waits, every other task of the process waits with it.")
        .help("Make the way there async, or hand the call to a thread.")
        .severity(if rare { usual.min(Severity::Medium) } else { usual })
        .confidence(if unsure { Confidence::Low } else { Confidence::High })
        .maybe_fix(fix(cx, call, None, Effects::empty()));
    for (step, next) in chain.iter().zip(chain.iter().skip(1).map(String::as_str).chain([blocking])) {
        finding = finding.related_function(step, format!("calls `{next}`"));
    }
    cx.report(finding);
}

/// Whether a function works with and without a loop, or waits only for whoever debugs it: a parameter of its own (`sync_client`) or its
/// name (`check_for_debug_crash`, `async_get_source_ip`) says so.
fn serves_both(cx: &Check<'_>, path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default();
    let named = words(name);
    named.first().is_some_and(|w| w == "async")
        || named.iter().any(|w| w == "debug")
        || cx.workspace().function(path).is_some_and(|f| {
            f.parameters.iter().any(|p| words(p).iter().any(|w| matches!(w.as_str(), "sync" | "synchronous")))
        })
}

/// Whether a branch around a call is taken only where no loop or thread is there to hand it to: `if self.executor is None`.
fn is_off_loop(call: Node<'_>) -> bool {
    let mut inner = call;
    call.ancestors().take_while(|a| !a.is(Kind::Function)).any(|outer| {
        let off = outer.is(Kind::If)
            && inner.role() == Role::Body
            && outer.get(Role::Condition).is_some_and(|c| {
                c.is(Kind::Compare)
                    && matches!(c.operator(), Operator::Is | Operator::Eq)
                    && c.all(Role::Operand).any(|o| o.is(Kind::Nothing))
                    && c.all(Role::Operand)
                        .any(|o| words(o.name()).iter().any(|w| matches!(w.as_str(), "executor" | "loop")))
            });
        inner = outer;
        off
    })
}

/// Whether a call is made while nobody is served: in the functions that a framework runs at start-up and shut-down, or before a function
/// begins to serve.
fn serves_nobody(cx: &Check<'_>, call: Node<'_>) -> bool {
    let named = |f: Node<'_>| {
        words(f.name()).iter().any(|w| matches!(w.as_str(), "lifespan" | "startup" | "shutdown"))
    };
    cx.named_function(call).is_some_and(named) || program::is_before_serving(cx, call)
}

/// Whether the call gives something that its function awaits later: `draining = service.drain_all(); await draining`.
fn is_awaited_later(call: Node<'_>) -> bool {
    let assign = call.parent().filter(|p| p.is(Kind::Assign));
    let target = assign.and_then(|a| a.get(Role::Target)).filter(|t| t.is(Kind::Name));
    target.zip(call.function()).is_some_and(|(target, function)| {
        function.descendants_here().any(|n| {
            n.is(Kind::Await)
                && n.index() > call.index()
                && n.get(Role::Value).is_some_and(|v| v.is(Kind::Name) && v.name() == target.name())
        })
    })
}

/// Whether an archive is read that lies in memory: `zipfile.ZipFile(BytesIO(content))`.
fn is_in_memory(cx: &Check<'_>, call: Node<'_>) -> bool {
    let archive = call.callee().and_then(Node::object);
    let is_archive = archive.and_then(|a| cx.type_meaning(a)).is_some_and(|t| t.is("archive"));
    let made =
        archive.filter(|_| is_archive).and_then(|a| cx.made_by(a)).unwrap_or(cx.facts().node(call.index()));
    let file = cx.argument(made, "path").map(|f| crate::values::behind(cx, cx.facts().node(f.index())));
    file.and_then(|f| cx.type_of(f)).is_some_and(|of| of == "io.BytesIO")
}

/// Whether a call takes a lock that nobody else can have yet: its function has just made it.
fn is_free(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> bool {
    meaning.is("acquire")
        && call.callee().and_then(Node::object).is_some_and(|lock| {
            lock.is(Kind::Name) && cx.made_by(lock).is_some_and(|made| made.function() == call.function())
        })
}

/// Reading a file blocks too, but mostly for less than a task switch; a lock of threads is held for a moment as a rule.
fn severity(effects: Effects) -> Severity {
    let long = Effects::NETWORK
        | Effects::DATABASE
        | Effects::SLEEPS
        | Effects::PROCESS
        | Effects::COMPUTES
        | Effects::INFERS;
    let short = effects.intersects(Effects::FILES | Effects::LOCKS) && !effects.intersects(long);
    if short { Severity::Low } else { Severity::High }
}

fn fix(cx: &Check<'_>, call: Node<'_>, form: Option<&str>, effects: Effects) -> Option<Fix> {
    let function = call.callee()?;
    match cx.language() {
        Language::Python => {
            if let (Some(form), true) = (form, effects.contains(Effects::SLEEPS)) {
                let (module, name) = form.rsplit_once('.')?;
                let (local, import) = cx.import(module, "");
                let fix = Fix::safe(format!("Use `await {form}`")).import(import);
                return Some(fix.replace(function, format!("await {local}.{name}")));
            }
            // The result is used as it is: an attribute of it would need parentheses.
            let plain =
                matches!(call.role(), Role::Statement | Role::Value | Role::Argument) && !call.has_spread();
            let is_bound = cx.meaning(call).is_some_and(|m| m.property("thread") == Some("own"));
            if !plain
                || is_bound
                || call.parent().is_some_and(|p| matches!(p.kind(), Kind::WithItem))
                || call.has(Flags::ERROR)
            {
                return None;
            }
            let (asyncio, import) = cx.import("asyncio", "");
            let inside = call.text().get(function.text().len()..)?.strip_prefix('(')?.strip_suffix(')')?;
            let separator = if inside.trim().is_empty() { "" } else { ", " };
            let text = format!("await {asyncio}.to_thread({}{separator}{inside})", function.text());
            Some(Fix::suggested("Run it in a thread").replace(call, text).import(import))
        }
        Language::Rust => {
            let form = form.filter(|_| effects.contains(Effects::SLEEPS))?;
            // Behind `use std::thread;` the import may be left without a use.
            let title = format!("Use `{form}`");
            let is_whole = function.text().starts_with("std::");
            let fix = if is_whole { Fix::safe(title) } else { Fix::suggested(title) };
            Some(fix.replace(function, form).insert(call.range().end, ".await"))
        }
        Language::Go => None,
    }
}
