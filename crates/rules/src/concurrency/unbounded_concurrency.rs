use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Finding, Fix, Survey, rule};
use shipworthy_facts::{Effects, Kind, Node, Role, enclosing_loop};
use shipworthy_syntax::{Language, Range};

use crate::coroutines::nested_function;
use crate::names::{one_line, words};
use crate::projects::notes_without;

rule! {
    /// One task for each item, however many there are
    ///
    /// A task, goroutine or thread is started for each item of a collection whose size somebody else decides. Ten items are ten requests at once;
    /// ten thousand are ten thousand: the pool runs dry, the service on the other side refuses, memory and file descriptors run out, and one big
    /// request takes the process down for all. Say how many may run at once: a semaphore, a pool, a group with a limit.
    ///
    /// ```python bad
    /// import asyncio
    ///
    /// import httpx
    ///
    /// client = httpx.AsyncClient(timeout=5)
    ///
    /// async def fetch(url):
    ///     return await client.get(url)
    ///
    /// async def fetch_all(urls):
    ///     return await asyncio.gather(*[fetch(url) for url in urls])
    ///                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import asyncio
    ///
    /// import httpx
    ///
    /// client = httpx.AsyncClient(timeout=5)
    ///
    /// async def fetch(url):
    ///     return await client.get(url)
    ///
    /// async def fetch_all(urls):
    ///     limit = asyncio.Semaphore(16)
    ///
    ///     async def limited(work):
    ///         async with limit:
    ///             return await work
    ///
    ///     return await asyncio.gather(*[limited(fetch(url)) for url in urls])
    /// ```
    ///
    /// ```python bad
    /// import asyncio
    ///
    /// import aiohttp
    ///
    /// class Crawler:
    ///     def __init__(self, session: aiohttp.ClientSession):
    ///         self.session = session
    ///
    ///     async def visit(self, page):
    ///         async with self.session.get(page) as response:
    ///             return await response.text()
    ///
    ///     async def crawl(self, pages):
    ///         async with asyncio.TaskGroup() as group:
    ///             for page in pages:
    ///                 group.create_task(self.visit(page))
    ///                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import asyncio
    ///
    /// import httpx
    ///
    /// client = httpx.AsyncClient(timeout=5)
    /// limit = asyncio.Semaphore(8)
    ///
    /// async def fetch(url):
    ///     async with limit:
    ///         return await client.get(url)
    ///
    /// async def get(url):
    ///     return await client.get(url)
    ///
    /// async def fetch_all(urls, sources):
    ///     await asyncio.gather(*[fetch(url) for url in urls])
    ///     await asyncio.gather(get(urls[0]), get(urls[1]))
    ///     await asyncio.gather(*[get(url) for url in ("https://a.example", "https://b.example")])
    ///     await asyncio.gather(*[get(url) for url in urls[:5]])
    ///     for batch in batches(urls, 10):
    ///         await asyncio.gather(*[get(url) for url in batch])
    /// ```
    ///
    /// ```python good
    /// import asyncio
    /// from contextlib import asynccontextmanager
    ///
    /// import httpx
    ///
    /// client = httpx.AsyncClient(timeout=5)
    ///
    /// async def get(url):
    ///     return await client.get(url)
    ///
    /// class Pool:
    ///     def __init__(self, size):
    ///         self.semaphore = asyncio.Semaphore(size)
    ///
    ///     @asynccontextmanager
    ///     async def slot(self):
    ///         async with self.semaphore:
    ///             yield
    ///
    /// class Crawler:
    ///     def __init__(self, pool: Pool, urls):
    ///         self.pool = pool
    ///         self.urls = urls
    ///
    ///     async def visit(self, url):
    ///         async with self.pool.slot():
    ///             return await client.get(url)
    ///
    ///     async def crawl(self):
    ///         return await asyncio.gather(*(self.visit(url) for url in self.urls))
    ///
    /// async def judge(answer):
    ///     return await asyncio.gather(*(get(choice.url) for choice in answer.choices))
    ///
    /// async def work(queue):
    ///     while True:
    ///         await get(await queue.get())
    ///
    /// async def fetch_all(urls, queue, count):
    ///     workers = [asyncio.create_task(work(queue)) for _ in range(count)]
    ///     semaphore = asyncio.Semaphore(8)
    ///
    ///     async def one(url):
    ///         async with semaphore:
    ///             return await get(url)
    ///
    ///     await asyncio.gather(*[one(url) for url in urls])
    ///     return workers
    ///
    /// async def tidy(items):
    ///     await asyncio.gather(*[item.close() for item in items])
    /// ```
    ///
    /// ```go bad
    /// package crawl
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"golang.org/x/sync/errgroup"
    /// )
    ///
    /// func Fetch(urls []string) error {
    /// 	var group errgroup.Group
    /// 	for _, url := range urls {
    /// 		group.Go(func() error {
    /// 		^^^^^^^^^^^^^^^^^^^^^^^
    /// 			_, err := http.Get(url)
    /// 			return err
    /// 		})
    /// 	}
    /// 	return group.Wait()
    /// }
    /// ```
    /// ```go fixed
    /// package crawl
    ///
    /// import (
    /// 	"net/http"
    ///
    /// 	"golang.org/x/sync/errgroup"
    /// )
    ///
    /// func Fetch(urls []string) error {
    /// 	var group errgroup.Group
    /// 	group.SetLimit(16)
    /// 	for _, url := range urls {
    /// 		group.Go(func() error {
    /// 			_, err := http.Get(url)
    /// 			return err
    /// 		})
    /// 	}
    /// 	return group.Wait()
    /// }
    /// ```
    ///
    /// ```go bad
    /// package orders
    ///
    /// import (
    /// 	"database/sql"
    /// 	"sync"
    /// )
    ///
    /// func Close(db *sql.DB, orders []int) {
    /// 	var wg sync.WaitGroup
    /// 	for _, order := range orders {
    /// 		wg.Add(1)
    /// 		go func(order int) {
    /// 		^^^^^^^^^^^^^^^^^^^^
    /// 			defer wg.Done()
    /// 			db.Exec("UPDATE orders SET closed = true WHERE id = $1", order)
    /// 		}(order)
    /// 	}
    /// 	wg.Wait()
    /// }
    /// ```
    ///
    /// ```go good
    /// package crawl
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    ///
    /// 	"golang.org/x/sync/errgroup"
    /// )
    ///
    /// func Fetch(urls []string) error {
    /// 	var group errgroup.Group
    /// 	group.SetLimit(8)
    /// 	for _, url := range urls {
    /// 		group.Go(func() error {
    /// 			_, err := http.Get(url)
    /// 			return err
    /// 		})
    /// 	}
    /// 	return group.Wait()
    /// }
    ///
    /// func Slots(urls []string) {
    /// 	var wg sync.WaitGroup
    /// 	slots := make(chan struct{}, 8)
    /// 	for _, url := range urls {
    /// 		wg.Add(1)
    /// 		slots <- struct{}{}
    /// 		go func() {
    /// 			defer wg.Done()
    /// 			defer func() { <-slots }()
    /// 			http.Get(url)
    /// 		}()
    /// 	}
    /// 	wg.Wait()
    /// }
    /// ```
    ///
    /// ```go good
    /// package crawl
    ///
    /// import (
    /// 	"net/http"
    /// 	"os/exec"
    /// 	"sync"
    /// )
    ///
    /// func Pool(jobs chan string) {
    /// 	var wg sync.WaitGroup
    /// 	for i := 0; i < 8; i++ {
    /// 		wg.Add(1)
    /// 		go func() {
    /// 			defer wg.Done()
    /// 			for url := range jobs {
    /// 				http.Get(url)
    /// 			}
    /// 		}()
    /// 	}
    /// 	wg.Wait()
    /// }
    ///
    /// func (c *Cluster) Ping() {
    /// 	var wg sync.WaitGroup
    /// 	for _, peer := range c.peers {
    /// 		wg.Add(1)
    /// 		go func() {
    /// 			defer wg.Done()
    /// 			http.Get(peer)
    /// 		}()
    /// 	}
    /// 	for _, command := range c.commands {
    /// 		wg.Add(1)
    /// 		go func(command *exec.Cmd) {
    /// 			defer wg.Done()
    /// 			command.Wait()
    /// 		}(command)
    /// 	}
    /// 	for _, url := range []string{"https://a.example", "https://b.example"} {
    /// 		wg.Add(1)
    /// 		go func() {
    /// 			defer wg.Done()
    /// 			http.Get(url)
    /// 		}()
    /// 	}
    /// 	wg.Wait()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use futures::future::join_all;
    ///
    /// async fn fetch(url: &str) -> Option<String> {
    ///     reqwest::get(url).await.ok()?.text().await.ok()
    /// }
    ///
    /// async fn fetch_all(urls: &[String]) -> Vec<Option<String>> {
    ///     join_all(urls.iter().map(|url| fetch(url))).await
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// use futures::StreamExt;
    /// use futures::future::join_all;
    ///
    /// async fn fetch(url: &str) -> Option<String> {
    ///     reqwest::get(url).await.ok()?.text().await.ok()
    /// }
    ///
    /// async fn fetch_all(urls: &[String]) -> Vec<Option<String>> {
    ///     futures::stream::iter(urls.iter().map(|url| fetch(url))).buffered(16).collect::<Vec<_>>().await
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use tokio::task::JoinSet;
    ///
    /// async fn fetch(url: String) -> Option<String> {
    ///     reqwest::get(url).await.ok()?.text().await.ok()
    /// }
    ///
    /// async fn fetch_all(urls: Vec<String>) {
    ///     let mut tasks = JoinSet::new();
    ///     for url in urls {
    ///         tasks.spawn(fetch(url));
    ///         ^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    ///     while tasks.join_next().await.is_some() {}
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::sync::Arc;
    ///
    /// use tokio::sync::Semaphore;
    /// use tokio::task::JoinSet;
    ///
    /// async fn fetch(url: String) -> Option<String> {
    ///     reqwest::get(url).await.ok()?.text().await.ok()
    /// }
    ///
    /// async fn fetch_all(urls: Vec<String>) {
    ///     let semaphore = Arc::new(Semaphore::new(8));
    ///     let mut tasks = JoinSet::new();
    ///     for url in urls {
    ///         let permit = semaphore.clone().acquire_owned().await;
    ///         tasks.spawn(async move {
    ///             let _permit = permit;
    ///             fetch(url).await
    ///         });
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// use futures::future::join_all;
    /// use tokio::task::JoinSet;
    ///
    /// async fn fetch(url: String) -> Option<String> {
    ///     reqwest::get(url).await.ok()?.text().await.ok()
    /// }
    ///
    /// async fn fetch_all(urls: Vec<String>, services: Vec<String>) {
    ///     let mut tasks = JoinSet::new();
    ///     for url in urls {
    ///         if tasks.len() >= 8 {
    ///             tasks.join_next().await;
    ///         }
    ///         tasks.spawn(fetch(url));
    ///     }
    ///     for _ in 0..4 {
    ///         tasks.spawn(fetch(String::new()));
    ///     }
    ///     join_all(services.into_iter().map(fetch)).await;
    /// }
    /// ```
    ///
    /// ```go bad
    /// package feed
    ///
    /// import "net/http"
    ///
    /// func all(urls []string) []*http.Response {
    /// 	out := make(chan *http.Response, len(urls))
    /// 	for _, url := range urls {
    /// 		go func() { out <- get(url) }()
    /// 		^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// 	var got []*http.Response
    /// 	for range urls {
    /// 		got = append(got, <-out)
    /// 	}
    /// 	return got
    /// }
    ///
    /// func get(url string) *http.Response {
    /// 	response, _ := http.Get(url)
    /// 	return response
    /// }
    /// ```
    ///
    /// ```go good file=store/open.go
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func Open(dsn string) (*sql.DB, error) {
    /// 	db, err := sql.Open("mysql", dsn)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	db.SetMaxOpenConns(20)
    /// 	return db, nil
    /// }
    /// ```
    /// ```go good file=store/tables.go
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    ///
    /// 	"golang.org/x/sync/errgroup"
    /// )
    ///
    /// type Table struct{ Name, Create string }
    ///
    /// func Read(ctx context.Context, db *sql.DB, tables []*Table) error {
    /// 	g, subCtx := errgroup.WithContext(ctx)
    /// 	for _, t := range tables {
    /// 		g.Go(func() error {
    /// 			return db.QueryRowContext(subCtx, "SHOW CREATE TABLE "+t.Name).Scan(&t.Create)
    /// 		})
    /// 	}
    /// 	return g.Wait()
    /// }
    /// ```
    name: "unbounded-concurrency",
    category: Concurrency,
    severity: Medium,
    scope: File,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Fact(Kind::Spawn), Role("gathers"), Role("spawns-task"), Effect(Effects::SPAWNS), Role("limits-pool")],
    check: check,
    workspace: judge,
}

/// Notes of calls that limit a pool.
const LIMITED: &str = "limited";
/// Notes of goroutines that only ask a database, with what there is one for each of.
const ASKING: &str = "asking";

/// Go: goroutines that wait for their turn at the pool of the database, in projects that limit none.
fn judge(survey: &mut Survey<'_>) {
    for (number, note) in notes_without(survey, ASKING, LIMITED) {
        let finding = worded(survey.finding(note.range, message("goroutine", &note.detail)));
        survey.report(number, finding.confidence(Confidence::Medium));
    }
}

fn message(unit: &str, items: &str) -> String {
    format!("One {unit} for each of `{items}`, however many there are")
}

fn worded(finding: Finding) -> Finding {
    finding
        .why("All of them run at once: the pool, the memory or the service on the other side gives way when there are many.")
        .help("Say how many may run at once: a semaphore, a pool, or a group with a limit.")
}

/// Many at once: where they are started, what each does, and of what there is one each.
struct FanOut<'a> {
    at: Node<'a>,
    work: Node<'a>,
    items: Node<'a>,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if cx.meaning(node).is_some_and(|m| m.is("limits-pool")) {
        if cx.argument(node, "limit").is_some() {
            cx.note(node, LIMITED, "");
        }
        return;
    }
    let Some(fan_out) = fan_out(cx, node) else { return };
    cx.site();
    let effects = effects(cx, fan_out.work);
    // Of what is known to be small, or to wait for its turn, there may be any number.
    let known = effects.intersects(WORTH_LIMITING);
    if !known && !effects.is_empty() || effects.contains(Effects::LOCKS) {
        return;
    }
    if is_bounded(cx, fan_out.items) || is_limited(cx, &fan_out) {
        return;
    }
    if cx.language() == Language::Go && effects & WORTH_LIMITING == Effects::DATABASE {
        return cx.note(fan_out.at, ASKING, one_line(fan_out.items));
    }
    // A parameter may be as long as its caller likes; a local or a field is often as long as a configuration.
    let given = cx.resolver().bindings(fan_out.items).first().is_some_and(|b| b.is(Kind::Parameter));
    let finding = worded(cx.finding(fan_out.at, message(unit(cx, node), &one_line(fan_out.items))))
        .confidence(match (known, given) {
            (true, true) => Confidence::High,
            (true, false) => Confidence::Medium,
            (false, _) => Confidence::Low,
        })
        .maybe_fix(fix(cx, &fan_out));
    cx.report(finding);
}

/// Work that takes something of which there is not enough for any number.
const WORTH_LIMITING: Effects = Effects::NETWORK
    .union(Effects::DATABASE)
    .union(Effects::PROCESS)
    .union(Effects::LANGUAGE_MODEL)
    .union(Effects::INFERS);

fn unit(cx: &Check<'_>, node: Node<'_>) -> &'static str {
    match cx.language() {
        Language::Go => "goroutine",
        _ if cx.meaning(node).is_some_and(|m| m.is("runs-elsewhere")) => "thread",
        _ => "task",
    }
}

fn fan_out<'a>(cx: &Check<'a>, node: Node<'a>) -> Option<FanOut<'a>> {
    let function = node.function()?;
    let repeated = || items(enclosing_loop(node, function)?);
    if node.is(Kind::Spawn) {
        return Some(FanOut { at: node, work: node.get(Role::Value)?, items: repeated()? });
    }
    let meaning = cx.meaning(node)?;
    if meaning.is("spawns-task") {
        let work = ["coroutine", "work", "function"].into_iter().find_map(|a| cx.argument(node, a))?;
        return Some(FanOut { at: node, work, items: repeated()? });
    }
    if !meaning.is("gathers") {
        return None;
    }
    let given = node.arguments().next()?;
    let given = if given.is(Kind::Spread) { given.get(Role::Value)? } else { given };
    match given.kind() {
        Kind::Comprehension => {
            let clause = given.children().find(|c| c.is(Kind::Clause))?;
            let work = given.get(Role::Element)?;
            // A task that is started inside says so itself.
            let starts = cx.meaning(work).is_some_and(|m| m.is("spawns-task"));
            (!starts).then_some(FanOut { at: node, work, items: clause.get(Role::Iterable)? })
        }
        // `items.iter().map(|item| fetch(item))`
        Kind::Call if given.callee()?.name() == "map" && cx.language() == Language::Rust => {
            let work = given.positional(0)?;
            Some(FanOut { at: node, work, items: source(given.callee()?.object()?) })
        }
        _ => None,
    }
}

/// What a loop or comprehension goes over; none for one that counts.
fn items(repeat: Node<'_>) -> Option<Node<'_>> {
    match repeat.kind() {
        Kind::Comprehension => repeat.children().find(|c| c.is(Kind::Clause))?.get(Role::Iterable),
        _ => repeat.get(Role::Iterable),
    }
}

/// What an iterator goes over: `items` of `items.into_iter().enumerate()`.
fn source(iterator: Node<'_>) -> Node<'_> {
    let inner = iterator.callee().filter(|c| c.is(Kind::Attribute)).and_then(Node::object);
    inner.map_or(iterator, source)
}

/// All that a piece of work does: a call, a closure, a nested function.
fn effects(cx: &Check<'_>, work: Node<'_>) -> Effects {
    let of_calls = |inside: Node<'_>| {
        let calls = std::iter::once(inside).chain(inside.descendants()).filter(|n| n.is(Kind::Call));
        // What is only waited for runs already.
        let calls = calls.filter(|call| cx.meaning(*call).is_none_or(|m| !m.is("waits")));
        calls.fold(Effects::empty(), |all, call| all | cx.effects(call))
    };
    let callee = if work.is(Kind::Call) { work.callee() } else { Some(work) };
    match callee.and_then(|c| nested_function(cx, c)) {
        Some(nested) => of_calls(nested),
        // `map(fetch)`
        None if matches!(work.kind(), Kind::Name | Kind::Attribute) => {
            cx.name_of(work).map_or(Effects::empty(), |path| cx.workspace().reach(&path))
        }
        None => of_calls(work),
    }
}

/// Whether a collection is as long as the code says, or as a configuration.
fn is_bounded(cx: &Check<'_>, items: Node<'_>) -> bool {
    const FEW: [&str; 40] = [
        "producer",
        "consumer",
        "upstream",
        "batch",
        "chunk",
        "group",
        "worker",
        "shard",
        "server",
        "replica",
        "node",
        "peer",
        "host",
        "member",
        "provider",
        "backend",
        "service",
        "endpoint",
        "listener",
        "plugin",
        "handler",
        "hook",
        "callback",
        "middleware",
        "subscriber",
        "broker",
        "client",
        "conn",
        "connection",
        "device",
        "partition",
        "zone",
        "region",
        "cluster",
        "kind",
        "engine",
        "receiver",
        "category",
        "categorie",
        "choice",
    ];
    let few = |n: Node<'_>| {
        let name = n.name();
        let constant =
            name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
        constant || words(name).iter().any(|w| FEW.contains(&w.trim_end_matches('s')) || w == "batches")
    };
    let counts = |n: Node<'_>| {
        matches!(n.kind(), Kind::Slice | Kind::RangeLiteral | Kind::Number)
            || n.is(Kind::Call)
                && n.callee().is_some_and(|c| matches!(c.name(), "range" | "islice" | "take" | "chunks"))
    };
    let mut parts = std::iter::once(items).chain(items.descendants());
    let literal =
        |n: Node<'_>| n.is_literal() || n.is(Kind::Construct) || n.is(Kind::List) || n.is(Kind::Tuple);
    let made_of =
        cx.resolver().bindings(items).into_iter().filter_map(|b| {
            b.ancestors().take(2).find(|a| a.is(Kind::Assign)).and_then(|a| a.get(Role::Value))
        });
    literal(items)
        || parts.any(|n| counts(n) || matches!(n.kind(), Kind::Name | Kind::Attribute) && few(n))
        || made_of
            .into_iter()
            .any(|value| literal(value) && value.children().next().is_some() || counts(value))
}

/// Whether something around says how many may run: a semaphore, a pool, a limit, a place that is taken before each start, a wait for
/// one of them in the loop.
fn is_limited(cx: &Check<'_>, fan_out: &FanOut<'_>) -> bool {
    let Some(outermost) = fan_out.at.ancestors().filter(|n| n.is(Kind::Function)).last() else { return true };
    let says = |n: Node<'_>| {
        words(n.name()).iter().any(|w| {
            matches!(
                w.as_str(),
                "semaphore"
                    | "sem"
                    | "limit"
                    | "limiter"
                    | "limited"
                    | "throttle"
                    | "throttler"
                    | "throttled"
                    | "pool"
                    | "slots"
                    | "tokens"
                    | "permit"
                    | "permits"
                    | "concurrency"
                    | "parallelism"
                    | "bucket"
                    | "batch"
                    | "batches"
                    | "chunk"
                    | "chunks"
                    | "ratelimit"
            )
        })
    };
    let named = outermost.descendants().any(|n| matches!(n.kind(), Kind::Name | Kind::Attribute) && says(n));
    let limits = outermost.descendants().any(|n| {
        n.is(Kind::Call)
            && (cx.meaning(n).is_some_and(|m| m.is("limits-concurrency"))
                || n.callee().is_some_and(|c| {
                    matches!(c.name(), "SetLimit" | "Acquire" | "buffer_unordered" | "buffered")
                }))
    });
    let around = fan_out.at.function().and_then(|f| enclosing_loop(fan_out.at, f));
    // In front of the start: a place is taken, or somebody is waited for.
    let waits = around.and_then(|l| l.get(Role::Body)).is_some_and(|body| {
        body.descendants_here().any(|n| {
            n.is(Kind::Send)
                || n.is(Kind::Receive)
                || n.is(Kind::Await) && !n.is_in(fan_out.at)
                || n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("waits") || m.is("acquire"))
        })
    });
    named || limits || waits || is_place(fan_out.work) || forgotten(fan_out)
}

/// Whether work begins with taking a place in a channel; `results <- fetch(url)` is the work itself.
fn is_place(work: Node<'_>) -> bool {
    let Some(body) = work.callee().and_then(|c| c.get(Role::Body)) else { return false };
    let works = |s: Node<'_>| s.is(Kind::Send) && s.descendants_here().any(|n| n.is(Kind::Call));
    body.all(Role::Statement).take(2).any(|s| s.is(Kind::Send) && !works(s) || s.is(Kind::Receive))
}

/// Whether nobody waits for the goroutine: `goroutine-without-lifecycle` says so.
fn forgotten(fan_out: &FanOut<'_>) -> bool {
    fan_out.at.is(Kind::Spawn)
        && !fan_out.work.descendants().any(|n| {
            matches!(n.kind(), Kind::Send | Kind::Receive)
                || n.is(Kind::Call) && n.callee().is_some_and(|c| matches!(c.name(), "Done" | "close"))
                || n.is(Kind::Name) && matches!(n.name(), "ctx" | "wg")
        })
}

fn fix(cx: &Check<'_>, fan_out: &FanOut<'_>) -> Option<Fix> {
    let statement = fan_out.at.statement();
    let before = cx.facts().slice(Range { start: 0, end: statement.range().start });
    let indent = before.rsplit('\n').next().filter(|line| line.trim().is_empty())?;
    let call = fan_out.at;
    match cx.language() {
        Language::Python => {
            if !cx.meaning(call)?.is("gathers") || !cx.in_async(call) || fan_out.work.is(Kind::Await) {
                return None;
            }
            let (asyncio, import) = cx.import("asyncio", "");
            let text = format!(
                "limit = {asyncio}.Semaphore(16)\n\n{indent}async def limited(work):\n{indent}    async with limit:\n{indent}        return await work\n\n{indent}"
            );
            let fix = Fix::suggested("Let sixteen run at once")
                .import(import)
                .insert(statement.range().start, text);
            Some(fix.insert(fan_out.work.range().start, "limited(").insert(fan_out.work.range().end, ")"))
        }
        Language::Go => {
            let group =
                call.callee().filter(|_| call.is(Kind::Call))?.object().filter(|o| o.is(Kind::Name))?;
            let form = cx.meaning(call)?.form("with-limits")?;
            let repeat = enclosing_loop(call, call.function()?)?;
            let before = cx.facts().slice(Range { start: 0, end: repeat.range().start });
            let indent = before.rsplit('\n').next().filter(|line| line.trim().is_empty())?;
            let text = format!("{}.{form}(16)\n{indent}", group.name());
            Some(Fix::suggested("Let sixteen run at once").insert(repeat.range().start, text))
        }
        Language::Rust => {
            let form = cx.meaning(call)?.form("with-limits")?;
            let given = call.positional(0)?;
            let (_, import) = cx.import("futures::StreamExt", "");
            let text = format!("futures::stream::iter({}).{form}(16).collect::<Vec<_>>()", given.text());
            Some(Fix::suggested("Let sixteen run at once").replace(call, text).import(import))
        }
    }
}
