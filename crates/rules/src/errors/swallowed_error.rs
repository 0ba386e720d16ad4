use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Origin, Role};
use shipworthy_syntax::{Language, Range};

use crate::handlers::{self, Handler};
use crate::names::{called, words};
use crate::{program, remarks};

rule! {
    /// An error leaves no trace
    ///
    /// The failure happened, nobody will ever know: no log, no error, only a default that looks like an answer. Log it with its traceback,
    /// return it, or let it pass.
    ///
    /// Some errors are answers: a queue that is empty, a key that is not there, a module that is optional, a file that is already gone. Predicates
    /// (`is_json`) answer with their errors, and clean-up does its best.
    ///
    /// ```python bad
    /// def status(tenant):
    ///     try:
    ///         return client.fetch(tenant)["status"]
    ///     except Exception:
    ///     ^^^^^^^^^^^^^^^^^
    ///         return "active"
    /// ```
    ///
    /// ```python bad
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def sync(accounts):
    ///     for account in accounts:
    ///         try:
    ///             push(account)
    ///         except Exception as e:
    ///         ^^^^^^^^^^^^^^^^^^^^^^
    ///             pass
    /// ```
    /// ```python fixed
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def sync(accounts):
    ///     for account in accounts:
    ///         try:
    ///             push(account)
    ///         except Exception as e:
    ///             logger.exception("sync failed")
    /// ```
    ///
    /// A database that fails is no answer of it:
    ///
    /// ```python bad
    /// async def customer(store, key):
    ///     """The customer if found, None otherwise."""
    ///     try:
    ///         return await store.fetch(key)
    ///     except Exception:
    ///     ^^^^^^^^^^^^^^^^^
    ///         return None
    /// ```
    ///
    /// What a library's calls fail with says nothing but that the call failed:
    ///
    /// ```python bad
    /// import httpx
    /// import redis
    ///
    /// async def cancelled(client: httpx.AsyncClient, order):
    ///     try:
    ///         await client.put(f"/orders/{order}/cancelled")
    ///     except httpx.HTTPError:
    ///     ^^^^^^^^^^^^^^^^^^^^^^^
    ///         pass
    ///
    /// def counted(cache: redis.Redis, key):
    ///     try:
    ///         cache.incr(key)
    ///     except redis.RedisError:
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^
    ///         return None
    /// ```
    ///
    /// ```python good
    /// import asyncio
    /// import logging
    ///
    /// import httpx
    /// import websockets
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// async def follow(url, handle):
    ///     async with websockets.connect(url) as feed:
    ///         try:
    ///             async for message in feed:
    ///                 handle(message)
    ///         except websockets.ConnectionClosed:
    ///             pass
    ///
    /// async def stream(client: httpx.AsyncClient, handle):
    ///     while True:
    ///         try:
    ///             async for line in (await client.get("/stream")).aiter_lines():
    ///                 handle(line)
    ///         except httpx.HTTPError:
    ///             pass
    ///         logger.error("the stream ended")
    ///         await asyncio.sleep(5)
    ///
    /// async def is_up(client: httpx.AsyncClient):
    ///     try:
    ///         await client.get("/health")
    ///     except httpx.HTTPError:
    ///         return False
    ///     return True
    /// ```
    ///
    /// ```python good
    /// def first(queue, cache, key):
    ///     try:
    ///         import ujson as json
    ///     except Exception:
    ///         json = None
    ///     try:
    ///         return cache[key]
    ///     except KeyError:
    ///         pass
    ///     try:
    ///         return int(key)
    ///     except ValueError:
    ///         return None
    /// ```
    ///
    /// ```python good
    /// def is_json(text):
    ///     try:
    ///         json.loads(text)
    ///     except Exception:
    ///         return False
    ///     return True
    ///
    /// class Session:
    ///     def stop(self):
    ///         try:
    ///             self.socket.close()
    ///         except Exception:
    ///             pass
    ///
    ///     def run(self, task):
    ///         try:
    ///             task()
    ///         except Exception as error:
    ///             self.failures.append(error)
    ///         try:
    ///             task()
    ///         except Exception:
    ///             self.report_failure(task)
    ///         try:
    ///             task()
    ///         except Exception:
    ///             raise
    /// ```
    ///
    /// ```python good
    /// def to_bytes(text):
    ///     try:
    ///         return bytes.fromhex(text)
    ///     except Exception:
    ///         return b""
    ///
    /// async def rebuild(storages):
    ///     try:
    ///         await work(storages)
    ///     finally:
    ///         for storage in storages:
    ///             try:
    ///                 await storage.save()
    ///             except Exception:
    ///                 pass
    /// ```
    ///
    /// A faster way that is tried first; a failure that is counted; a text for people.
    ///
    /// ```python good
    /// def extract(text, fast=True):
    ///     if fast:
    ///         try:
    ///             return extract_fast(text)
    ///         except Exception:
    ///             pass
    ///
    ///     return extract_safely(text)
    ///
    /// def convert(rows):
    ///     failed = 0
    ///     for row in rows:
    ///         try:
    ///             store(row)
    ///         except Exception:
    ///             failed += 1
    ///     return failed
    ///
    /// class Address:
    ///     def __str__(self):
    ///         try:
    ///             return render(self)
    ///         except Exception:
    ///             return ""
    /// ```
    ///
    /// What works on values in memory, what gathers numbers or tells of another failure, and what says that it does without.
    ///
    /// ```python good
    /// def provider(model):
    ///     try:
    ///         return split(model).provider
    ///     except Exception:
    ///         return ""
    ///
    /// def installation(session):
    ///     """The version of the server; an empty text rather than raising."""
    ///     try:
    ///         return session.execute("SELECT version()").scalar()
    ///     except Exception:
    ///         return ""
    ///
    /// async def download(client, url):
    ///     for timeout in (1, 5, 20):
    ///         try:
    ///             return await client.fetch(url, timeout)
    ///         except Exception:
    ///             continue
    ///     raise RuntimeError(f"cannot download {url}")
    ///
    /// async def upload(client, session, data):
    ///     try:
    ///         await client.upload(session, data)
    ///     except OSError:
    ///         try:
    ///             await client.request("DELETE", session)
    ///         except Exception:
    ///             pass
    ///         raise
    ///
    /// async def detail(response):
    ///     if response.status != 200:
    ///         text = f"HTTP {response.status}"
    ///         try:
    ///             text = (await response.json())["error"]
    ///         except Exception:
    ///             pass
    ///         raise RuntimeError(text)
    ///
    /// async def name(request):
    ///     # A request without a name is answered by its handler.
    ///     try:
    ///         return (await request.json())["name"]
    ///     except Exception:
    ///         return "*"
    ///
    /// async def log_failure(hook, error):
    ///     try:
    ///         await hook.send(error)
    ///     except Exception:
    ///         pass
    ///
    /// async def play(client, name):
    ///     try:
    ///         return {"status": (await client.send(name))["status"]}
    ///     except Exception:
    ///         pass
    ///     return {"status": "unavailable"}
    ///
    /// async def kind(client):
    ///     if client.is_old:
    ///         try:
    ///             return await client.fetch("policies")
    ///         except Exception:
    ///             pass
    ///     raise RuntimeError("no such server")
    ///
    /// async def template(client, names):
    ///     for name in names:
    ///         try:
    ///             return await client.fetch(name)
    ///         except Exception:
    ///             continue
    ///     return {"status": "failure"}
    ///
    /// async def forget(client, id):
    ///     try:
    ///         await client.send(id)
    ///         return True and await client.forget(id)
    ///     except Exception:
    ///         return False
    ///
    /// async def client_to_upstream(client, upstream):
    ///     try:
    ///         while True:
    ///             await upstream.send(await client.receive())
    ///     except Exception:
    ///         pass
    ///
    /// def notebook(server):
    ///     """The path of the notebook if found, None otherwise."""
    ///     try:
    ///         return server.fetch("path")
    ///     except Exception:
    ///         return None
    ///
    /// def commit(repository):
    ///     """The commit of the repository, returning None if there is none."""
    ///     try:
    ///         return repository.fetch("HEAD")
    ///     except Exception:
    ///         return None
    ///
    /// def result(future, session):
    ///     # Already finished: consume the result, so that nobody warns of an error that was never read.
    ///     try:
    ///         session.store(future.exception())
    ///     except Exception:
    ///         pass
    /// ```
    ///
    /// What follows tells that it is missing.
    ///
    /// ```python good
    /// import logging
    ///
    /// import requests
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def code(session: requests.Session):
    ///     code = None
    ///     try:
    ///         code = session.get("https://example.com/code.js", timeout=10).text
    ///     except requests.ConnectionError:
    ///         pass
    ///     if not code:
    ///         logger.debug("there is no code")
    ///         return None
    ///     return code
    /// ```
    ///
    /// ```python bad
    /// import requests
    ///
    /// def cover(session: requests.Session):
    ///     data = b""
    ///     try:
    ///         data = session.get("https://example.com/a.png", timeout=10).content
    ///     except requests.ConnectionError:
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         pass
    ///     if not data:
    ///         data = b"none"
    ///     return data
    /// ```
    ///
    /// The failure is what is waited for.
    ///
    /// ```python good
    /// import time
    ///
    /// import psycopg
    ///
    /// def wait_until_closed(connection, process):
    ///     try:
    ///         while process.is_running():
    ///             connection.execute("SELECT 1")
    ///             time.sleep(1)
    ///     except psycopg.Error:
    ///         pass
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// func (s *Store) save(item Item) error {
    /// 	return nil
    /// }
    ///
    /// func (s *Store) flush(items []Item) {
    /// 	for _, item := range items {
    /// 		_ = s.save(item)
    /// 		^^^^^^^^^^^^^^^^
    /// 	}
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// func (s *Store) open(path string) error {
    /// 	if err := s.load(path); err != nil {
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		return nil
    /// 	}
    /// 	if err := s.index(); err != nil {
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"database/sql"
    /// 	"errors"
    /// )
    ///
    /// func (s *Store) find(id int) (*Item, error) {
    /// 	item, err := s.query(id)
    /// 	if errors.Is(err, sql.ErrNoRows) {
    /// 		return nil, nil
    /// 	}
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer func() { _ = item.Close() }()
    /// 	return item, nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"os"
    /// 	"path/filepath"
    /// )
    ///
    /// func (s *Store) clean(path string) (size int, err error) {
    /// 	_ = os.Remove(path)
    /// 	if _, err := os.Stat(path); err != nil {
    /// 		return 0, nil
    /// 	}
    /// 	if err := s.load(path); err != nil {
    /// 		s.failures = append(s.failures, err)
    /// 		return 0, nil
    /// 	}
    /// 	return 1, nil
    /// }
    ///
    /// func (s *Store) save(batch *Batch, item *Item) error {
    /// 	_ = batch.Put(item.Key(), item.Bytes())
    /// 	return batch.Write()
    /// }
    ///
    /// type Batch struct{ pairs [][]byte }
    ///
    /// func (b *Batch) Put(key, value []byte) error {
    /// 	b.pairs = append(b.pairs, key, value)
    /// 	return nil
    /// }
    ///
    /// func (c *connection) writeMessage(m message) error {
    /// 	_, err := c.socket.Write(m.bytes)
    /// 	return err
    /// }
    ///
    /// func (s *Store) names() (names []string) {
    /// 	filepath.Walk(s.folder, func(path string, info os.FileInfo, err error) error {
    /// 		// Ignore what cannot be read
    /// 		if err != nil {
    /// 			return nil
    /// 		}
    /// 		names = append(names, path)
    /// 		return nil
    /// 	})
    /// 	return names
    /// }
    ///
    /// func (c *connection) write() {
    /// 	select {
    /// 	case m := <-c.closing:
    /// 		_ = c.writeMessage(m)
    /// 		close(m.done)
    /// 	case <-c.done:
    /// 	}
    /// }
    ///
    /// func (s *Store) hide(path string) error {
    /// 	return s.mark(path)
    /// }
    ///
    /// func (s *Store) prepare() {
    /// 	_ = s.hide(".marker")
    /// }
    ///
    /// func (s *Store) width() (string, error) {
    /// 	if err := s.compile("const i int = 1 << 32"); err != nil {
    /// 		return "32", nil
    /// 	}
    /// 	return "64", nil
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn record(pool: &sqlx::PgPool, event: &Event) {
    ///     let _ = sqlx::query("INSERT INTO events VALUES ($1)").bind(&event.name).execute(pool).await;
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn notify(client: &reqwest::Client, url: &str) {
    ///     client.post(url).send().await.ok();
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     if let Err(_) = client.get(url).send().await {}
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn port(text: &str, sender: &Sender<u16>) -> Option<u16> {
    ///     let port = text.parse().ok()?;
    ///     let _ = sender.send(port);
    ///     let _ = std::fs::remove_file("port.lock");
    ///     Some(port)
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn notify(client: &reqwest::Client, url: &str) {
    ///     if let Err(error) = client.post(url).send().await {
    ///         tracing::warn!(%error, "not notified");
    ///     }
    ///     let _guard = lock();
    ///     let _ = write!(buffer, "{url}");
    /// }
    /// ```
    ///
    /// None and not known are one to the caller of this function, and nobody looks at the error of this statement.
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func (s *Store) Count(ctx context.Context, db *sql.DB, owner string) int {
    /// 	var count int
    /// 	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM feeds WHERE owner = ?", owner).Scan(&count); err != nil {
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		return 0
    /// 	}
    /// 	return count
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func touch(ctx context.Context, db *sql.DB, id string) {
    /// 	db.ExecContext(ctx, "UPDATE feeds SET seen = now() WHERE id = ?", id)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// 	"os"
    /// )
    ///
    /// func (s *Store) Count(ctx context.Context, db *sql.DB, owner string) (int, error) {
    /// 	var count int
    /// 	err := db.QueryRowContext(ctx, "SELECT count(*) FROM feeds WHERE owner = ?", owner).Scan(&count)
    /// 	return count, err
    /// }
    ///
    /// func alive(ctx context.Context, db *sql.DB) bool {
    /// 	if err := db.PingContext(ctx); err != nil {
    /// 		return false
    /// 	}
    /// 	return true
    /// }
    ///
    /// func names(folder string) []os.DirEntry {
    /// 	entries, err := os.ReadDir(folder)
    /// 	if err != nil {
    /// 		return nil
    /// 	}
    /// 	return entries
    /// }
    /// ```
    /// What a handler gives back or writes down may be all that the caller wants to know.
    ///
    /// ```python good
    /// import aiohttp
    ///
    /// async def log_in(client, errors):
    ///     try:
    ///         return await client.get("https://api.example.com/login"), {}
    ///     except aiohttp.ClientError:
    ///         return None, {"base": "cannot_connect"}
    ///
    /// async def validate(client, errors):
    ///     try:
    ///         await client.get("https://api.example.com/site")
    ///     except aiohttp.ClientError:
    ///         errors["base"] = "cannot_connect"
    ///         return None
    ///     return True
    ///
    /// async def can_connect(client):
    ///     try:
    ///         await client.get("https://api.example.com/ping")
    ///     except aiohttp.ClientError:
    ///         return False
    ///     return True
    /// ```
    ///
    /// The last word on a connection that the other side closes:
    ///
    /// ```rust good
    /// use axum::extract::ws::{Message, WebSocket};
    ///
    /// async fn serve(mut socket: WebSocket) {
    ///     while let Some(message) = socket.recv().await {
    ///         match message {
    ///             Ok(Message::Close(_)) => {
    ///                 let _ = socket.send(Message::Close(None)).await;
    ///                 break;
    ///             }
    ///             other => answer(other),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// A field says what became of it.
    ///
    /// ```python good
    /// import asyncio
    ///
    /// class Monitor:
    ///     async def watch(self):
    ///         while True:
    ///             try:
    ///                 await asyncio.wait_for(self.websocket.receive(), timeout=1)
    ///             except Exception:
    ///                 self.is_alive = False
    ///                 break
    /// ```
    ///
    /// What `break` gives is the loop's value:
    ///
    /// ```rust good
    /// use std::io::Read;
    /// use std::net::TcpStream;
    ///
    /// fn handle(mut stream: TcpStream) -> Result<(), std::io::Error> {
    ///     let mut buffer = [0; 512];
    ///     'handler: loop {
    ///         match stream.read(&mut buffer) {
    ///             Ok(0) => break 'handler Ok(()),
    ///             Ok(_) => continue,
    ///             Err(error) => break 'handler Err(error),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// A function may give two errors:
    ///
    /// ```go good
    /// package shop
    ///
    /// type firewall interface {
    /// 	insert(rule string) error
    /// 	insert6(rule string) error
    /// }
    ///
    /// func add(f firewall, rule string) (err4, err6 error) {
    /// 	if err := f.insert(rule); err != nil {
    /// 		return err, nil
    /// 	}
    /// 	return nil, f.insert6(rule)
    /// }
    /// ```
    name: "swallowed-error",
    category: Errors,
    severity: High,
    scope: File,
    fix: { Python: Suggested },
    on: [Fact(Kind::Handler), Fact(Kind::If), Fact(Kind::Arm), Fact(Kind::Assign), Fact(Kind::Call)],
    check: check,
}

const WHY: &str = "The failure happened and nobody will know: what follows looks like success.";

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if let Some(handler) = handlers::handler(cx, node) {
        cx.site();
        if is_silent(cx, &handler) {
            report_handler(cx, node, &handler);
        }
        return;
    }
    let ignored = match (cx.language(), node.kind()) {
        (Language::Go | Language::Rust, Kind::Assign) => ignored_result(node),
        (Language::Rust, Kind::Call) if node.role() == Role::Statement => discarded_ok(node),
        (Language::Go, Kind::Call) if node.role() == Role::Statement => unlooked_at(cx, node),
        _ => None,
    };
    let Some(call) = ignored else { return };
    if !can_fail(cx, call) {
        return;
    }
    cx.site();
    if is_cleanup(cx, call) || is_last_word(node) {
        return;
    }
    // Who writes `_ =` knows of the error; with a reason beside it, it is settled. What the project's own function does matters where its name
    // says that it keeps or sends something.
    let own = cx.meaning(call).is_none();
    let settled = remarks::statement_says(cx.facts(), node.statement(), &REASONS)
        || own && (!is_outward(call) || is_collected(call));
    let finding = cx
        .finding(node, format!("the error of `{}` is thrown away", called(call)))
        .why(WHY)
        .help("Return it, or log it.")
        .severity(if own { Severity::Low } else { Severity::Medium })
        .confidence(if settled { Confidence::Low } else { Confidence::High });
    cx.report(finding);
}

/// Whether a handler only passes, continues or gives a default.
fn is_silent(cx: &Check<'_>, handler: &Handler<'_>) -> bool {
    handler.statements().into_iter().all(|statement| match statement.kind() {
        Kind::Pass => true,
        // Go reads and tries until an error says that there is no more.
        // Rust: `break Err(error)` gives the loop's value.
        Kind::Continue | Kind::Break => cx.language() != Language::Go && statement.get(Role::Value).is_none(),
        Kind::String => true,
        Kind::Nothing | Kind::Tuple => cx.language() == Language::Rust && statement.is_literal(),
        Kind::Return => returns_default(cx, statement),
        // `failed += 1` counts it.
        Kind::Assign => {
            statement.operator() == Operator::None
                && statement.all(Role::Value).all(Node::is_literal)
                && cx.language() == Language::Python
        }
        _ => false,
    })
}

/// Whether a return gives a literal or nothing; in Go also that it says "no error".
fn returns_default(cx: &Check<'_>, statement: Node<'_>) -> bool {
    let values: Vec<Node<'_>> = statement.all(Role::Value).collect();
    match cx.language() {
        Language::Python => values.into_iter().all(Node::is_literal),
        // What stands before it may say that it failed: `Params{"error": true}, nil`.
        Language::Go if !returns_error(cx, statement) => answers_for_outside(cx, statement, &values),
        Language::Go => {
            let tells = |v: &Node<'_>| match v.kind() {
                Kind::Construct => v.arguments().next().is_some(),
                // An answer of its own: `return "32", nil`.
                Kind::String => v.text().len() > 2,
                // `(err4, err6 error)`: `return err, nil`
                _ => cx.type_of(*v).is_some_and(|t| t == "error"),
            };
            values.last().is_some_and(|v| v.is(Kind::Nothing)) && !values.iter().any(tells)
        }
        Language::Rust => false,
    }
}

/// Go: whether a function without an error among its results answers with a zero for what another machine or a database did not answer: to its
/// caller none and not known are one. A yes or no says that it failed.
fn answers_for_outside(cx: &Check<'_>, statement: Node<'_>, values: &[Node<'_>]) -> bool {
    let zero = |v: &Node<'_>| match v.kind() {
        Kind::Construct => v.arguments().next().is_none(),
        Kind::Reference => {
            v.get(Role::Value).is_some_and(|v| v.is(Kind::Construct) && v.arguments().next().is_none())
        }
        Kind::Boolean => false,
        Kind::String => v.text().len() == 2,
        Kind::Number => v.number() == Some(0.0),
        _ => v.is(Kind::Nothing),
    };
    let branch = statement.ancestors().find(|a| a.is(Kind::If));
    // `db.QueryRow(sql).Scan(&count)`
    let asks = |call: Node<'_>| {
        cx.meaning(call).is_some_and(|m| m.effects.intersects(Effects::NETWORK | Effects::DATABASE))
    };
    let asked = branch.and_then(source).is_some_and(|call| cx.method_chain(call).any(asks));
    asked && !values.is_empty() && values.iter().all(zero)
}

/// Go: whether the function around a statement has an error as its last result.
fn returns_error(cx: &Check<'_>, statement: Node<'_>) -> bool {
    let function = statement.function();
    let results = function.and_then(|f| f.all(Role::Result).last());
    results.is_some_and(|r| r.text().trim_end_matches(')').trim_end().ends_with("error"))
        && cx.language() == Language::Go
}

fn report_handler(cx: &mut Check<'_>, node: Node<'_>, handler: &Handler<'_>) {
    let (excused, confidence) = match cx.language() {
        Language::Python => {
            let attempt = node.parent().and_then(|t| t.get(Role::Body));
            let named = cx.named_function(node).is_some_and(|f| answers_with_errors(f.name()));
            let tried = attempt.map_or(0, |a| a.descendants_here().filter(|n| n.is(Kind::Call)).count());
            let named = named || reports_itself(cx, node);
            let best_effort = attempt.is_some_and(|a| {
                a.descendants_here().any(|n| n.is(Kind::Import))
                    || tried > 0
                        && a.descendants_here()
                            .filter(|n| n.is(Kind::Call))
                            .all(|c| is_cleanup(cx, c) || is_conversion(c))
            }) || node.ancestors().any(|a| a.role() == Role::Finally);
            // Without a type it is bare-except's finding.
            let bare = node.get(Role::Type).is_none();
            // A library's own failures say nothing but that its call failed.
            let broad = catches(cx, node, "broad");
            // A migration tries what may have been done before.
            let fails = catches(cx, node, "any-failure")
                && !program::is_migration(cx)
                && handler.statements().into_iter().all(tells_nothing);
            let confidence = if broad { Confidence::High } else { Confidence::Medium };
            (bare || named || best_effort || tried == 0 || !(broad || fails), confidence)
        }
        Language::Go => (is_probe(cx, node), Confidence::High),
        Language::Rust => {
            let call = source(node).filter(|c| can_fail(cx, *c));
            (call.is_none_or(|c| is_cleanup(cx, c)), Confidence::Medium)
        }
    };
    if excused {
        return;
    }
    // What only works on values in memory fails for reasons that its author knows, or that a test finds.
    let lost = match cx.language() {
        Language::Python => node.parent().and_then(|t| t.get(Role::Body)).and_then(|b| lost(cx, b)),
        Language::Go if handler.statements().iter().any(|s| s.is(Kind::Return) && !returns_error(cx, *s)) => {
            Some(Severity::Medium)
        }
        Language::Go | Language::Rust => Some(Severity::High),
    };
    // A default that the code goes on with may be looked at later.
    // So may a field that says what state its object is in: `self.is_alive = False`.
    let says_state = |s: &Node<'_>| {
        s.is(Kind::Assign)
            && s.all(Role::Target).all(|t| t.is(Kind::Attribute))
            && s.get(Role::Value).is_some_and(|v| v.is(Kind::Boolean))
    };
    let goes_on = handler.statements().iter().all(|s| s.is(Kind::Assign)) && !handler.statements().is_empty()
        || handler.statements().iter().any(says_state);
    let reported = tells_failure(node, handler)
        || is_logged_after(cx, node, handler)
        || is_missed_after(cx, node, handler)
        || is_after_another(node)
        || tries_another(node, handler)
        || relays(cx, node)
        || waits_for_it(cx, node)
        || falls_to_raise(cx, node, handler)
        || finds_or_not(cx, node)
        || cx.named_function(node).is_some_and(|f| is_documented(cx, f))
        || node.parent().filter(|t| t.is(Kind::Try)).is_some_and(|attempt| {
            let keyword = attempt.range().start + "try:".len() as u32;
            // What stands above all that a function does is about the function.
            let first = attempt.parent().and_then(|b| b.get(Role::Statement)) == Some(attempt);
            first && remarks::statement_says(cx.facts(), attempt, &[""])
                || remarks::statement_says(cx.facts(), attempt, &REASONS)
                || remarks::line_says(cx.facts(), keyword, &["never", "best effort", "ignor", "optional"])
        });
    // A comment in the handler is the author's word that nothing is to be done.
    let explained = remarks::has_comment(cx.facts(), handler.body.range())
        || remarks::has_comment(cx.facts(), gap(node, handler))
        // `// Ignore this file`, above the check
        || cx.language() != Language::Python && remarks::statement_says(cx.facts(), node, &SETTLED)
        || cx.language() != Language::Python
            && source(node).is_some_and(|c| remarks::statement_says(cx.facts(), c.statement(), &REASONS));
    let at = header(node, handler);
    let finding = cx
        .finding(at, "an error leaves no trace")
        .why(WHY)
        .help(match cx.language() {
            Language::Python => "Log it with its traceback, return it, or let it pass.",
            Language::Go | Language::Rust => "Log it, or return it.",
        })
        .severity(lost.unwrap_or(Severity::Medium))
        .confidence(if explained || goes_on || reported || lost.is_none() {
            Confidence::Low
        } else {
            confidence
        })
        .maybe_fix(fix(cx, node, handler));
    cx.report(finding);
}

/// The handler's first line, up to its body.
fn header(node: Node<'_>, handler: &Handler<'_>) -> Range {
    if node.language() != Language::Python {
        return node.range();
    }
    let head = gap(node, handler);
    let text = node.text().get(..(head.end - head.start) as usize).unwrap_or("");
    let end = text.rfind(':').unwrap_or(text.len());
    Range { start: head.start, end: head.start + end as u32 + 1 }
}

/// What stands between the start of a handler and its body.
fn gap(node: Node<'_>, handler: &Handler<'_>) -> Range {
    Range { start: node.range().start, end: handler.body.range().start }
}

/// Python: whether a handler passes and what follows its `try` logs that something failed: the `try` only ends by that.
fn is_logged_after(cx: &Check<'_>, node: Node<'_>, handler: &Handler<'_>) -> bool {
    let passes = handler.statements().iter().all(|s| s.is(Kind::Pass));
    let next = node.parent().filter(|t| passes && t.is(Kind::Try)).and_then(after);
    next.filter(|n| n.is(Kind::Call))
        .and_then(|n| cx.meaning(n))
        .is_some_and(|m| m.is("log") && matches!(m.property("level"), Some("warning" | "error")))
}

/// Python: whether a handler passes and what follows its `try` tells that what the `try` was to give is not there: `if not code:
/// logger.debug("no code")`.
fn is_missed_after(cx: &Check<'_>, node: Node<'_>, handler: &Handler<'_>) -> bool {
    let passes = handler.statements().iter().all(|s| s.is(Kind::Pass));
    let Some(attempt) = node.parent().filter(|t| passes && t.is(Kind::Try)) else { return false };
    let Some(next) = after(attempt).filter(|n| n.is(Kind::If)) else { return false };
    let missed = next.get(Role::Condition).and_then(|c| {
        let mut operands = c.all(Role::Operand);
        let first = operands.next().filter(|o| o.is(Kind::Name))?;
        let is_absent = match c.kind() {
            Kind::Unary => c.operator() == Operator::Not,
            Kind::Compare => c.operator() == Operator::Is && operands.next()?.is(Kind::Nothing),
            _ => false,
        };
        is_absent.then_some(first.name())
    });
    let gives = |n: Node<'_>| {
        n.is(Kind::Assign) && n.all(Role::Target).any(|t| t.is(Kind::Name) && Some(t.name()) == missed)
    };
    let tells =
        |n: Node<'_>| n.is(Kind::Raise) || n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("log"));
    attempt.get(Role::Body).is_some_and(|b| b.descendants_here().any(gives))
        && next.get(Role::Body).is_some_and(|b| b.descendants_here().any(tells))
}

/// Python: whether something has failed before, which is told of, or will be where this fails too: inside another handler, after a response
/// that is none, and in a loop of tries behind which the function raises.
fn is_after_another(node: Node<'_>) -> bool {
    let inside = || node.ancestors().take_while(|a| !matches!(a.kind(), Kind::Function | Kind::Lambda));
    let handled = inside().any(|a| a.is(Kind::Handler));
    // `if response.status != 200:` looks for what to say of it.
    let failed = inside().filter(|a| a.is(Kind::If)).filter_map(|a| a.get(Role::Condition)).any(|c| {
        std::iter::once(c).chain(c.descendants()).any(|n| {
            n.is(Kind::Attribute) && matches!(n.name(), "status" | "status_code" | "ok" | "is_success")
        })
    });
    let tries = inside().find(|a| matches!(a.kind(), Kind::For | Kind::While));
    handled || failed || tries.and_then(after).is_some_and(|next| next.is(Kind::Raise) || gives_failure(next))
}

/// Python: whether a function returns what it tries for, and raises at its end where none of it came.
fn falls_to_raise(cx: &Check<'_>, node: Node<'_>, handler: &Handler<'_>) -> bool {
    let goes_on = handler.statements().iter().all(|s| matches!(s.kind(), Kind::Pass | Kind::Continue));
    let gives = |b: Node<'_>| b.descendants_here().any(|n| n.is(Kind::Return));
    let returns = node.parent().and_then(|attempt| attempt.get(Role::Body)).is_some_and(gives);
    let body = cx.named_function(node).and_then(|f| f.get(Role::Body));
    goes_on && returns && body.and_then(|b| b.all(Role::Statement).last()).is_some_and(|s| s.is(Kind::Raise))
}

/// Python: whether a function is documented to give nothing where it does not find what it looks for, and looks around where that is all there
/// is to know: not in a database, which has an answer for what is not there.
fn finds_or_not(cx: &Check<'_>, node: Node<'_>) -> bool {
    let said =
        cx.named_function(node).is_some_and(|f| remarks::documentation_says(cx, f, &["none otherwise"]));
    let asks = |n: Node<'_>| {
        n.is(Kind::Await) || n.is(Kind::Call) && cx.effects(n).intersects(Effects::DATABASE | Effects::READS)
    };
    let attempt = node.parent().and_then(|t| t.get(Role::Body));
    said && attempt.is_some_and(|a| !a.descendants_here().any(asks))
}

/// Whether a statement returns what says that something failed: `"not decodable"`, `{"status": "unavailable"}`.
fn gives_failure(statement: Node<'_>) -> bool {
    const SAID: [&str; 11] = [
        "not available",
        "unknown",
        "fail",
        "error",
        "unable",
        "could not",
        "couldn't",
        "cannot",
        "invalid",
        "unavailable",
        "disconnected",
    ];
    let says = |value: Node<'_>| {
        value.string().is_some_and(|text| {
            let text = text.to_ascii_lowercase();
            SAID.iter().any(|s| text.contains(s))
        })
    };
    let given = statement.get(Role::Value).filter(|_| statement.is(Kind::Return));
    given.is_some_and(|value| match value.kind() {
        Kind::Dictionary => value.descendants().filter(|n| n.role() == Role::Value).any(says),
        _ => says(value),
    })
}

/// Python: whether a `try` passes on what one side of a connection sends to the other, by what its function is called: that the other side has
/// gone is how it ends.
fn relays(cx: &Check<'_>, node: Node<'_>) -> bool {
    const RELAYS: [&str; 5] = ["relay", "pump", "upstream", "downstream", "bidirectional"];
    let named =
        cx.named_function(node).is_some_and(|f| words(f.name()).iter().any(|w| RELAYS.contains(&w.as_str())));
    let body = node.parent().and_then(|attempt| attempt.get(Role::Body));
    let mut statements = body.into_iter().flat_map(|b| b.all(Role::Statement));
    let only = statements.next().filter(|_| statements.next().is_none());
    named && only.is_some_and(|s| matches!(s.kind(), Kind::For | Kind::While | Kind::Await))
}

/// Python: whether a `try` asks again and again until that fails: the failure is what it waits for.
fn waits_for_it(cx: &Check<'_>, node: Node<'_>) -> bool {
    let body = node.parent().and_then(|attempt| attempt.get(Role::Body));
    let mut statements = body.into_iter().flat_map(|b| b.all(Role::Statement));
    let only = statements.next().filter(|s| s.is(Kind::While) && statements.next().is_none());
    let sleeps = |n: Node<'_>| n.is(Kind::Call) && cx.effects(n).contains(Effects::SLEEPS);
    let leaves = |n: Node<'_>| matches!(n.kind(), Kind::Return | Kind::Break);
    only.is_some_and(|around| {
        let mut inside = around.descendants_here();
        inside.any(sleeps) && !around.descendants_here().any(leaves)
    })
}

/// What comments say beside a call whose error its author goes on without.
const REASONS: [&str; 14] = [
    "ignor",
    "best effort",
    "best-effort",
    "fatal",
    "optional",
    "do not",
    "don't",
    "fail",
    "error",
    "exist",
    "skip",
    "try",
    "safe",
    "no need",
];

/// What comments say above a check of an error that its author goes on without.
const SETTLED: [&str; 7] =
    ["ignor", "best effort", "best-effort", "non-fatal", "not fatal", "optional", "skip"];

/// Python: how bad it is that what a `try` did is lost, by what it reaches outside of the process; none where it reaches nothing.
fn lost(cx: &Check<'_>, attempt: Node<'_>) -> Option<Severity> {
    let outside = Effects::NETWORK
        | Effects::DATABASE
        | Effects::READS
        | Effects::WRITES
        | Effects::COMMITS
        | Effects::SENDS
        | Effects::PROCESS
        | Effects::LANGUAGE_MODEL;
    let calls = || attempt.descendants_here().filter(|n| n.is(Kind::Call));
    let effects = |call: Node<'_>| match cx.workspace_callee(call) {
        // What it does itself: all that it can reach is nearly everything.
        Some(path) => {
            cx.workspace().function(&path).map_or(Effects::empty(), |function| function.behaviour.effects)
        }
        None => cx.effects(call),
    };
    let waits = |n: Node<'_>| n.is(Kind::Await) || n.is(Kind::With) && n.has(Flags::ASYNC);
    if attempt.descendants_here().any(waits)
        || calls().any(|c| effects(c).intersects(outside) || cx.meaning(c).is_none() && is_outward(c))
    {
        return Some(Severity::High);
    }
    calls().any(|c| effects(c).intersects(Effects::FILES)).then_some(Severity::Medium)
}

/// Whether a call's name says that it reaches outside of the process.
fn is_outward(call: Node<'_>) -> bool {
    const VERBS: [&str; 16] = [
        "put", "fetch", "send", "publish", "save", "insert", "upsert", "write", "execute", "download",
        "upload", "connect", "commit", "submit", "notify", "persist",
    ];
    // With another word behind them these are nouns: `query_params`, `request_body`.
    const ALONE: [&str; 7] = ["post", "push", "pull", "store", "query", "request", "sync"];
    let name = call.callee().map(Node::name).unwrap_or_default();
    match &words(name)[..] {
        [only] if ALONE.contains(&only.as_str()) => true,
        [first, ..] => VERBS.contains(&first.as_str()),
        [] => false,
    }
}

/// Whether code is itself what tells of failures, or gathers what is nice to know, by the names of its file, class and function: nobody is
/// to be disturbed by its own.
fn reports_itself(cx: &Check<'_>, node: Node<'_>) -> bool {
    const GATHERS: [&str; 10] = [
        "version",
        "telemetry",
        "analytics",
        "metrics",
        "tracing",
        "diagnostics",
        "statistics",
        "stats",
        "versions",
        "nux",
    ];
    const TELLS: [&str; 10] = [
        "failure",
        "failures",
        "error",
        "errors",
        "exception",
        "exceptions",
        "log",
        "logger",
        "logging",
        "counts",
    ];
    let function = cx.named_function(node).map_or_else(Vec::new, |f| words(f.name()));
    let file = words(cx.path().rsplit('/').next().unwrap_or_default());
    let class = node.ancestors().find(|a| a.is(Kind::Class)).map_or_else(Vec::new, |c| words(c.name()));
    let gathers = |w: &String| GATHERS.contains(&w.as_str());
    words(cx.path()).iter().any(gathers)
        || file.iter().any(|w| matches!(w.as_str(), "log" | "logs" | "logger" | "logging"))
        || class.iter().any(gathers)
        || function.iter().any(|w| gathers(w) || TELLS.contains(&w.as_str()))
}

/// The statement after one in its block.
fn after(statement: Node<'_>) -> Option<Node<'_>> {
    statement.parent()?.all(Role::Statement).skip_while(|s| *s != statement).nth(1)
}

/// Python: whether what follows does the same in another way: `try: return fast(text)`, `except Exception: pass`, `return slow(text)`.
fn tries_another(node: Node<'_>, handler: &Handler<'_>) -> bool {
    let passes = handler.statements().iter().all(|s| s.is(Kind::Pass));
    let Some(attempt) = node.parent().filter(|t| passes && t.is(Kind::Try)) else { return false };
    let returns = |n: Node<'_>| n.is(Kind::Return) && n.descendants().any(|c| c.is(Kind::Call));
    // `if fast: try: ...` goes on after the `if`.
    let around = || attempt.parent().and_then(Node::parent).filter(|n| n.is(Kind::If));
    let next = after(attempt).or_else(|| around().and_then(after));
    let gives = |n: Node<'_>| n.is(Kind::Return) && n.get(Role::Value).is_some();
    let first = attempt.get(Role::Body).is_some_and(|b| b.descendants_here().any(gives));
    first && next.is_some_and(|n| returns(n) || matches!(n.kind(), Kind::Try | Kind::If | Kind::Assign))
}

/// Whether a comment or the docstring of a function says what becomes of its errors: the caller, or who reads the code, knows.
fn is_documented(cx: &Check<'_>, function: Node<'_>) -> bool {
    const SAYS: [&str; 12] = [
        "best effort",
        "best-effort",
        "never raise",
        "never fail",
        "not fatal",
        "non-fatal",
        "something fails",
        "ignore error",
        "errors are ignored",
        "on error",
        "on failure",
        "fails,",
    ];
    const DOCUMENTED: [&str; 16] = [
        "returning none",
        "returning ``none``",
        "if parsing fails",
        "if it fails",
        "fails to",
        "cannot be",
        "could not be",
        "rather than rais",
        "instead of rais",
        "degrade",
        "fall back",
        "falls back",
        "fallback",
        "gracefully",
        "silently",
        "tolerat",
    ];
    remarks::function_says(cx, function, &SAYS) || remarks::documentation_says(cx, function, &DOCUMENTED)
}

/// Python: whether a handler answers `False` where success answers `True`, or the other way round: the caller learns of the failure.
fn tells_failure(node: Node<'_>, handler: &Handler<'_>) -> bool {
    let [only] = handler.statements()[..] else { return false };
    // `return "not decodable"` says it as well, here or behind the `try`.
    let behind = || node.parent().and_then(after).filter(|_| only.is(Kind::Pass));
    if gives_failure(only) || behind().is_some_and(gives_failure) {
        return true;
    }
    // Nothing stands for `False` too.
    let given = only.get(Role::Value).filter(|_| only.is(Kind::Return));
    let answer = match given {
        Some(v) if v.is(Kind::Boolean) => v.text(),
        Some(v) if v.is(Kind::Nothing) => "False",
        _ => return false,
    };
    let Some(function) = node.function() else { return false };
    let mut returns =
        function.descendants_here().filter(|n| n.is(Kind::Return)).filter_map(|r| r.get(Role::Value));
    // `return True and self.delete(id)`
    let opposite = |v: Node<'_>| v.is(Kind::Boolean) && v.text() != answer;
    returns.any(|v| opposite(v) || v.is(Kind::Binary) && v.all(Role::Operand).any(opposite))
}

/// Whether a call only looks at a value or turns it into another, by what it is called: its failure is about the value.
fn is_conversion(call: Node<'_>) -> bool {
    const CONVERTS: [&str; 41] = [
        "is_file",
        "is_dir",
        "is_symlink",
        "iterdir",
        "listdir",
        "parse",
        "parsed",
        "loads",
        "decode",
        "encode",
        "fromhex",
        "hex",
        "int",
        "float",
        "str",
        "convert",
        "strftime",
        "strptime",
        "fromisoformat",
        "fromtimestamp",
        "dumps",
        "repr",
        "normalize",
        "getattr",
        "quote",
        "unquote",
        "version",
        "uuid",
        "eval",
        "split",
        "strip",
        "isinstance",
        "len",
        "dict",
        "list",
        "lower",
        "replace",
        "exists",
        "isfile",
        "b64decode",
        "b64encode",
    ];
    let name = call.callee().map(Node::name).unwrap_or_default();
    CONVERTS.contains(&name) || words(name).iter().any(|w| CONVERTS.contains(&w.as_str()))
}

/// Whether a statement of a handler leaves who called without a hint: `return False, {"base": "cannot_connect"}` and `errors["base"] = ..` are
/// one.
fn tells_nothing(statement: Node<'_>) -> bool {
    let is_empty = |value: Node<'_>| match value.kind() {
        Kind::Nothing => true,
        Kind::Number => value.number() == Some(0.0),
        Kind::String => value.text().len() == 2,
        Kind::List | Kind::Dictionary => value.children().next().is_none(),
        _ => false,
    };
    match statement.kind() {
        Kind::Return => statement.all(Role::Value).all(is_empty),
        Kind::Assign => false,
        _ => true,
    }
}

/// Python: whether a handler catches everything (`broad`), or all that a library's calls fail with (`any-failure`).
fn catches(cx: &Check<'_>, handler: Node<'_>, what: &str) -> bool {
    let mut types = handler.all(Role::Type).flat_map(|t| match t.kind() {
        Kind::Tuple => t.all(Role::Element).collect::<Vec<_>>(),
        _ => vec![t],
    });
    types.any(|t| cx.value_meaning(t).is_some_and(|m| m.is(what)))
}

/// Whether a function's name says that it answers with its errors: `is_json`, `has_access`, `try_parse`, `__repr__`.
fn answers_with_errors(name: &str) -> bool {
    if name == "__str__" {
        return true;
    }
    const ANSWERS: [&str; 19] = [
        "warn", "is", "has", "can", "try", "safe", "safely", "maybe", "check", "supports", "exists",
        "detect", "probe", "close", "cleanup", "stop", "shutdown", "looks", "ping",
    ];
    let words = words(name);
    let first = words.first().is_some_and(|w| ANSWERS.contains(&w.as_str()));
    first
        || words.last().is_some_and(|w| {
            matches!(
                w.as_str(),
                "available"
                    | "exists"
                    | "aexists"
                    | "cleanup"
                    | "alive"
                    | "healthy"
                    | "repr"
                    | "del"
                    | "exit"
                    | "aexit"
            )
        })
}

/// Whether a call is clean-up that does its best, by what it is called.
fn is_cleanup(cx: &Check<'_>, call: Node<'_>) -> bool {
    const CLEANUP: [&str; 26] = [
        "finalize",
        "dispose",
        "close",
        "aclose",
        "cleanup",
        "clean",
        "clear",
        "remove",
        "unlink",
        "rmtree",
        "delete",
        "kill",
        "terminate",
        "cancel",
        "stop",
        "shutdown",
        "disconnect",
        "disconnected",
        "release",
        "rollback",
        "unregister",
        "unsubscribe",
        "detach",
        "wait",
        "quit",
        "flush",
    ];
    let name = call.callee().map(Node::name).unwrap_or_default();
    let role = cx.meaning(call).is_some_and(|m| m.effects.intersects(Effects::ROLLS_BACK));
    role || words(name).first().is_some_and(|w| CLEANUP.contains(&w.as_str()))
}

/// Go: whether a call only adds to what is written in one step later, and that step's error is looked at: `_ = batch.Put(key, value)` before
/// `return batch.Write()`.
fn is_collected(call: Node<'_>) -> bool {
    const STEPS: [&str; 5] = ["Write", "Commit", "Flush", "Save", "Send"];
    fn on(call: Node<'_>) -> Option<Node<'_>> {
        call.callee().and_then(Node::object).filter(|o| o.is(Kind::Name))
    }
    let (Some(function), Some(batch)) = (call.function(), on(call)) else { return false };
    let looked_at = |step: Node<'_>| {
        step.role() == Role::Value && step.parent().is_none_or(|p| ignored_result(p) != Some(step))
    };
    function.descendants().filter(|n| n.is(Kind::Call) && n.index() > call.index()).any(|step| {
        step.callee().is_some_and(|c| STEPS.contains(&c.name()))
            && on(step).is_some_and(|o| o.name() == batch.name())
            && looked_at(step)
    })
}

/// Go and Rust: whether something is said while a connection or a loop comes to its end: `case message := <-c.closing:`,
/// `Message::Close(frame) => ..`.
fn is_last_word(node: Node<'_>) -> bool {
    const ENDS: [&str; 7] = ["close", "closing", "closed", "stop", "stopped", "shutdown", "quit"];
    let arm = node.ancestors().take_while(|a| !a.is(Kind::Function)).find(|a| a.is(Kind::Arm));
    let receives = |p: Node<'_>| p.is(Kind::Receive) || p.descendants_here().any(|n| n.is(Kind::Receive));
    let closes = |p: Node<'_>| words(p.text()).iter().any(|w| ENDS.contains(&w.as_str()));
    if node.language() == Language::Rust {
        return arm.and_then(|a| a.get(Role::Pattern)).is_some_and(closes);
    }
    arm.into_iter().flat_map(|a| a.all(Role::Pattern)).filter(|p| receives(*p)).any(|p| {
        let channel = p.text().rsplit("<-").next().unwrap_or_default();
        words(channel).iter().any(|w| ENDS.contains(&w.as_str()))
    })
}

/// Go: whether what failed is a question whose error is an answer: the call asks whether something is there.
fn is_probe(cx: &Check<'_>, branch: Node<'_>) -> bool {
    let Some(call) = source(branch) else { return false };
    let name = call.callee().map(Node::name).unwrap_or_default();
    let asks = matches!(
        words(name).first().map(String::as_str),
        Some("stat" | "lstat" | "look" | "lookup" | "parse" | "atoi")
    );
    asks || is_cleanup(cx, call)
}

/// The call whose error a handler handles: in its own initialiser or `let`, else in the statement before it.
fn source(handler: Node<'_>) -> Option<Node<'_>> {
    let own = handler
        .get(Role::Initializer)
        .or_else(|| handler.get(Role::Condition).filter(|c| c.is(Kind::Let)))
        .or_else(|| handler.parent().filter(|p| p.is(Kind::Match)));
    let before = || {
        let block = handler.parent()?;
        block.all(Role::Statement).take_while(|s| *s != handler).last()
    };
    let holder = own.or_else(before)?;
    let value = holder.get(Role::Value).or_else(|| holder.get(Role::Subject))?;
    Some(unwrapped(value)).filter(|v| v.is(Kind::Call))
}

/// The call inside `.await`.
fn unwrapped(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while node.is(Kind::Await) {
        match node.get(Role::Value) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// The call whose result `_ = f()` or `let _ = f()` throws away.
fn ignored_result(assign: Node<'_>) -> Option<Node<'_>> {
    let mut values = assign.all(Role::Value);
    let value = unwrapped(values.next()?);
    if values.next().is_some() || !value.is(Kind::Call) || assign.operator() != Operator::None {
        return None;
    }
    // Beside another result that is looked at (`entry, _ := find()`), that one tells.
    let mut targets = assign.all(Role::Target);
    let only = targets.next().filter(|_| targets.next().is_none())?;
    (only.text() == "_").then_some(value)
}

/// Go: a call that stands alone though it gives an error, and writes rows, ends a transaction or sends something.
fn unlooked_at<'a>(cx: &Check<'_>, call: Node<'a>) -> Option<Node<'a>> {
    const MATTERS: Effects = Effects::DATABASE.union(Effects::COMMITS).union(Effects::SENDS);
    cx.meaning(call).filter(|m| m.effects.intersects(MATTERS) && !m.guessed).map(|_| call)
}

/// Rust: the call before a `.ok()` whose value nobody takes.
fn discarded_ok(statement: Node<'_>) -> Option<Node<'_>> {
    let callee = statement.callee().filter(|c| c.name() == "ok")?;
    Some(unwrapped(callee.object()?)).filter(|c| c.is(Kind::Call))
}

/// Whether a call is known to give an error that matters: its last result is an error, or it reaches the outside world.
fn can_fail(cx: &Check<'_>, call: Node<'_>) -> bool {
    let outside = Effects::NETWORK | Effects::DATABASE | Effects::WRITES | Effects::COMMITS | Effects::SENDS;
    if let Some(meaning) = cx.meaning(call) {
        let fails =
            cx.language() == Language::Rust || meaning.returns.last().is_some_and(|r| **r == *"error");
        return fails && meaning.effects.intersects(outside);
    }
    let Some(function) = cx.workspace_callee(call).and_then(|path| cx.workspace().function(&path)) else {
        return false;
    };
    match cx.language() {
        Language::Go => function.results.last().is_some_and(|r| *r == Origin::Instance("error".into())),
        _ => false,
    }
}

fn fix(cx: &Check<'_>, node: Node<'_>, handler: &Handler<'_>) -> Option<Fix> {
    let statements = handler.statements();
    let [only] = statements[..] else { return None };
    let what = cx.named_function(node).map_or("failed".to_owned(), |f| format!("{} failed", f.name()));
    let logger = cx.logger().filter(|_| cx.language() == Language::Python)?;
    let call = format!("{logger}.exception(\"{what}\")");
    let fix = Fix::suggested("Log the error with its traceback");
    if only.is(Kind::Pass) {
        return Some(fix.replace(only, call));
    }
    let source = cx.facts().slice(Range { start: 0, end: only.range().start });
    let indentation = source.rsplit('\n').next().filter(|line| line.trim().is_empty())?;
    Some(fix.insert(only.range().start, format!("{call}\n{indentation}")))
}
