use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Origin, Role};
use shipworthy_syntax::Language;

use crate::handlers::is_error;
use crate::names::words;
use crate::remarks;
use crate::values::{Given, given};

rule! {
    /// A lock is held over an await or slow work
    ///
    /// A thread lock guards a moment of work in memory. Held over an await, it stays taken while other tasks run on the same thread: the next one that wants
    /// it blocks the thread, the holder never gets it back, and the process hangs. Held over a request or a query, it makes everybody who wants
    /// the lock wait for somebody else's server, and a slow answer there stops all of them here.
    ///
    /// Take what the work needs out of the lock, give the lock back, then wait; or use the lock of the event loop.
    ///
    /// ```python bad
    /// import threading
    ///
    /// class Quota:
    ///     def __init__(self, store):
    ///         self.lock = threading.Lock()
    ///         self.store = store
    ///
    ///     async def take(self, user):
    ///         with self.lock:
    ///             used = await self.store.used(user)
    ///                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///             self.store.cache[user] = used + 1
    /// ```
    ///
    /// ```python bad
    /// import threading
    ///
    /// import aiohttp
    ///
    /// LOCK = threading.RLock()
    ///
    /// async def refresh(session: aiohttp.ClientSession, cache):
    ///     with LOCK:
    ///         async with session.get("https://example.com") as response:
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///             cache["page"] = response.status
    ///
    /// async def reload(cache, load):
    ///     LOCK.acquire()
    ///     try:
    ///         cache["page"] = await load()
    ///                         ^^^^^^^^^^^^
    ///     finally:
    ///         LOCK.release()
    /// ```
    ///
    /// ```python good
    /// import asyncio
    /// import threading
    ///
    /// class Quota:
    ///     def __init__(self, store):
    ///         self.lock = threading.Lock()
    ///         self.turn = asyncio.Lock()
    ///         self.store = store
    ///
    ///     async def take(self, user):
    ///         used = await self.store.used(user)
    ///         with self.lock:
    ///             self.store.cache[user] = used + 1
    ///         await self.store.flush()
    ///         async with self.turn:
    ///             await self.store.flush()
    /// ```
    ///
    /// ```python good
    /// import threading
    ///
    /// LOCK = threading.Lock()
    ///
    /// async def reload(cache, load):
    ///     LOCK.acquire()
    ///     cache.clear()
    ///     LOCK.release()
    ///     cache["page"] = await load()
    ///     with LOCK:
    ///
    ///         async def later():
    ///             return await load()
    ///
    ///         cache["later"] = later
    ///
    /// def wait(cache, load):
    ///     with LOCK:
    ///         cache["page"] = load()
    /// ```
    ///
    /// ```rust bad
    /// use std::sync::Mutex;
    ///
    /// struct Quota {
    ///     used: Mutex<u32>,
    /// }
    ///
    /// impl Quota {
    ///     async fn take(&self, store: &Store) {
    ///         let mut used = self.used.lock().unwrap();
    ///         *used = store.used().await;
    ///                 ^^^^^^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use parking_lot::RwLock;
    ///
    /// async fn serve(peers: &RwLock<Vec<Peer>>, client: &RwLock<Client>) {
    ///     for peer in peers.read().iter() {
    ///         peer.ping().await;
    ///         ^^^^^^^^^^^^^^^^^
    ///     }
    ///     client.write().send("ready").await;
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     if let Some(first) = peers.read().first() {
    ///         first.ping().await;
    ///         ^^^^^^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::sync::Mutex;
    ///
    /// struct Quota {
    ///     used: Mutex<u32>,
    ///     turn: tokio::sync::Mutex<u32>,
    /// }
    ///
    /// impl Quota {
    ///     async fn take(&self, store: &Store) {
    ///         let fresh = store.used().await;
    ///         {
    ///             let mut used = self.used.lock().unwrap();
    ///             *used = fresh;
    ///         }
    ///         store.flush().await;
    ///         let used = *self.used.lock().unwrap();
    ///         store.write(used).await;
    ///         let guard = self.used.lock().unwrap();
    ///         if *guard == 0 {
    ///             drop(guard);
    ///             store.flush().await;
    ///             return;
    ///         }
    ///         drop(guard);
    ///         store.flush().await;
    ///         let mut turn = self.turn.lock().await;
    ///         *turn = store.used().await;
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::sync::Mutex;
    ///
    /// async fn take(used: &Mutex<Vec<u32>>, store: &Store) {
    ///     if used.lock().unwrap().is_empty() {
    ///         store.flush().await;
    ///     }
    ///     match store.kind() {
    ///         Kind::Full => used.lock().unwrap().push(1),
    ///         Kind::Empty => store.flush().await,
    ///     }
    ///     let add = |n: u32| used.lock().unwrap().push(n);
    ///     add(store.used().await);
    ///     let _ = used.lock();
    ///     store.flush().await;
    /// }
    /// ```
    ///
    /// ```go bad
    /// package quota
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type Quota struct {
    /// 	mu     sync.Mutex
    /// 	client *http.Client
    /// 	used   map[string]int
    /// }
    ///
    /// func (q *Quota) Take(user string) error {
    /// 	q.mu.Lock()
    /// 	defer q.mu.Unlock()
    /// 	response, err := q.client.Get("https://example.com/" + user)
    /// 	                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer response.Body.Close()
    /// 	q.used[user]++
    /// 	return nil
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
    /// var (
    /// 	mu     sync.Mutex
    /// 	totals = map[string]int{}
    /// )
    ///
    /// func total(db *sql.DB, user string) (int, error) {
    /// 	var n int
    /// 	err := db.QueryRow("SELECT count(*) FROM orders WHERE user = $1", user).Scan(&n)
    /// 	return n, err
    /// }
    ///
    /// func Refresh(db *sql.DB, users []string) error {
    /// 	mu.Lock()
    /// 	for _, user := range users {
    /// 		n, err := total(db, user)
    /// 		          ^^^^^^^^^^^^^^^
    /// 		if err != nil {
    /// 			mu.Unlock()
    /// 			return err
    /// 		}
    /// 		totals[user] = n
    /// 	}
    /// 	mu.Unlock()
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package quota
    ///
    /// import (
    /// 	"net"
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type Quota struct {
    /// 	mu     sync.Mutex
    /// 	client *http.Client
    /// 	conn   net.Conn
    /// 	used   map[string]int
    /// 	token  string
    /// }
    ///
    /// func (q *Quota) Take(user string) error {
    /// 	response, err := q.client.Get("https://example.com/" + user)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer response.Body.Close()
    /// 	q.mu.Lock()
    /// 	q.used[user]++
    /// 	q.mu.Unlock()
    /// 	_, err = q.client.Get("https://example.com/done")
    /// 	return err
    /// }
    ///
    /// // It keeps the look and the change together.
    /// func (q *Quota) Raise(user string) error {
    /// 	q.mu.Lock()
    /// 	defer q.mu.Unlock()
    /// 	response, err := q.client.Get("https://example.com/" + user)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer response.Body.Close()
    /// 	answer, err := q.client.Post("https://example.com/"+user, "text/plain", raised(response.Body))
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	return answer.Body.Close()
    /// }
    ///
    /// // The lock is there for the connection, which takes one writer at a time.
    /// func (q *Quota) Send(message []byte) error {
    /// 	q.mu.Lock()
    /// 	defer q.mu.Unlock()
    /// 	_, err := q.conn.Write(message)
    /// 	return err
    /// }
    ///
    /// func (q *Quota) Report(user string) {
    /// 	q.mu.Lock()
    /// 	defer q.mu.Unlock()
    /// 	go q.client.Get("https://example.com/report")
    /// 	q.used[user] = 0
    /// }
    /// ```
    ///
    /// Nobody waits for the lock of a value that is just being made, and who wants the lock of one thing wants its work.
    ///
    /// ```go good
    /// package syslog
    ///
    /// import (
    /// 	"net"
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type Writer struct {
    /// 	mu   sync.Mutex
    /// 	conn net.Conn
    /// }
    ///
    /// func (w *Writer) connect() (err error) {
    /// 	w.conn, err = net.Dial("tcp", "log.example.com:514")
    /// 	return err
    /// }
    ///
    /// func Dial() (*Writer, error) {
    /// 	w := &Writer{}
    /// 	w.mu.Lock()
    /// 	defer w.mu.Unlock()
    /// 	err := w.connect()
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return w, nil
    /// }
    ///
    /// func (w *Writer) Reset() error {
    /// 	w.mu.Lock() // the request is inside to avoid races
    /// 	defer w.mu.Unlock()
    /// 	response, err := http.Get("https://example.com/reset")
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	return response.Body.Close()
    /// }
    ///
    /// var each = map[string]*sync.Mutex{}
    ///
    /// func Refill(name string) error {
    /// 	mu := each[name]
    /// 	mu.Lock()
    /// 	defer mu.Unlock()
    /// 	response, err := http.Get("https://example.com/" + name)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	return response.Body.Close()
    /// }
    /// ```
    ///
    /// A transaction takes one user at a time; here it is a field of what another file of the package embeds.
    ///
    /// ```go good file=store/tree.go
    /// package store
    ///
    /// import (
    /// 	"database/sql"
    /// 	"sync"
    /// )
    ///
    /// type treeTX struct {
    /// 	mu *sync.Mutex
    /// 	tx *sql.Tx
    /// }
    /// ```
    /// ```go good file=store/log.go
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// type logTX struct {
    /// 	treeTX
    /// 	size int64
    /// }
    ///
    /// func (t *logTX) byHash(ctx context.Context, db *sql.DB) (*sql.Stmt, error) {
    /// 	t.mu.Lock()
    /// 	defer t.mu.Unlock()
    /// 	t.size++
    /// 	return db.PrepareContext(ctx, "SELECT leaf FROM leaves WHERE hash = ?")
    /// }
    ///
    /// func (t *logTX) mark(ctx context.Context) error {
    /// 	t.mu.Lock()
    /// 	defer t.mu.Unlock()
    /// 	size := t.size
    /// 	if _, err := t.tx.ExecContext(ctx, "SAVEPOINT mark"); err != nil {
    /// 		return err
    /// 	}
    /// 	t.size = size + 1
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package token
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type Source struct {
    /// 	mu        sync.Mutex
    /// 	refreshMu sync.Mutex
    /// 	token     string
    /// 	events    chan string
    /// }
    ///
    /// // One asks, the others wait for its answer.
    /// func (s *Source) Token() (string, error) {
    /// 	s.mu.Lock()
    /// 	defer s.mu.Unlock()
    /// 	if s.token != "" {
    /// 		return s.token, nil
    /// 	}
    /// 	response, err := http.Get("https://example.com/token")
    /// 	if err != nil {
    /// 		return "", err
    /// 	}
    /// 	defer response.Body.Close()
    /// 	s.token = response.Header.Get("Token")
    /// 	return s.token, nil
    /// }
    ///
    /// func (s *Source) Refresh() error {
    /// 	s.refreshMu.Lock()
    /// 	defer s.refreshMu.Unlock()
    /// 	_, err := http.Get("https://example.com/refresh")
    /// 	return err
    /// }
    ///
    /// // One request at a time: that is what the lock is for.
    /// func (s *Source) RoundTrip(request *http.Request) (*http.Response, error) {
    /// 	s.mu.Lock()
    /// 	defer s.mu.Unlock()
    /// 	return http.DefaultTransport.RoundTrip(request)
    /// }
    ///
    /// func (s *Source) Publish() {
    /// 	s.mu.Lock()
    /// 	defer s.mu.Unlock()
    /// 	select {
    /// 	case s.events <- s.token:
    /// 	default:
    /// 	}
    /// }
    /// ```
    ///
    /// A hub that writes to all its browsers under its lock waits for the slowest of them.
    ///
    /// ```go bad
    /// package ws
    ///
    /// import (
    /// 	"sync"
    ///
    /// 	"github.com/gorilla/websocket"
    /// )
    ///
    /// type Hub struct {
    /// 	mu    sync.Mutex
    /// 	conns map[*websocket.Conn]bool
    /// }
    ///
    /// func (h *Hub) broadcast(message []byte) {
    /// 	h.mu.Lock()
    /// 	defer h.mu.Unlock()
    /// 	for conn := range h.conns {
    /// 		conn.WriteMessage(websocket.TextMessage, message)
    /// 		^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package ws
    ///
    /// import (
    /// 	"sync"
    ///
    /// 	"github.com/gorilla/websocket"
    /// )
    ///
    /// type Browser struct {
    /// 	mu   sync.Mutex
    /// 	conn *websocket.Conn
    /// }
    ///
    /// func (b *Browser) send(message []byte) error {
    /// 	b.mu.Lock()
    /// 	defer b.mu.Unlock()
    /// 	return b.conn.WriteMessage(websocket.TextMessage, message)
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"database/sql"
    /// 	"sync"
    /// )
    ///
    /// type Server struct {
    /// 	mutex sync.Mutex
    /// 	db    *sql.DB
    /// }
    ///
    /// func (s *Server) rehash(workers, limit int) error {
    /// 	// only let one rehash go on at a time
    /// 	s.mutex.Lock()
    /// 	defer s.mutex.Unlock()
    /// 	if limit < workers {
    /// 		return nil
    /// 	}
    /// 	_, err := s.db.Exec("UPDATE settings SET workers = ?", workers)
    /// 	return err
    /// }
    /// ```
    name: "lock-held-across-await",
    category: Concurrency,
    severity: High,
    scope: Both,
    on: [Role("acquire"), Fact(Kind::With)],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match (cx.language(), node.kind()) {
        (Language::Python, Kind::With) => held_in_with(cx, node),
        (Language::Python, _) => held_until_release(cx, node),
        (Language::Rust, _) => held_by_guard(cx, node),
        (Language::Go, _) => held_over_work(cx, node),
    }
}

/// A place where other tasks run.
fn is_wait(node: Node<'_>) -> bool {
    node.is(Kind::Await)
        || matches!(node.kind(), Kind::With | Kind::For | Kind::Clause) && node.has(Flags::ASYNC)
}

fn report_await(cx: &mut Check<'_>, lock: Node<'_>, name: &str, wait: Node<'_>) {
    let range = match wait.get(Role::Body) {
        // The head of an `async with` or `async for`, with its colon.
        Some(body) => {
            let head = cx
                .facts()
                .slice(shipworthy_syntax::Range { start: wait.range().start, end: body.range().start });
            let end = wait.range().start + head.trim_end().len() as u32;
            shipworthy_syntax::Range { start: wait.range().start, end }
        }
        None => wait.range(),
    };
    let finding = cx
        .finding(range, format!("`{name}` is held over this await"))
        .why("Other tasks run here. The next one on this thread that wants the lock blocks the thread, and the holder never comes back to release it.")
        .help("Release the lock before the await, or use the lock of the event loop.")
        .related(lock, "the lock is taken here");
    cx.report(finding);
}

fn held_in_with(cx: &mut Check<'_>, with: Node<'_>) {
    if with.has(Flags::ASYNC) || !cx.in_async(with) {
        return;
    }
    for item in with.all(Role::Item) {
        let Some(lock) = item.get(Role::Value) else { continue };
        let of_threads =
            cx.type_meaning(lock).is_some_and(|t| t.is("lock") && t.property("of") != Some("tasks"));
        if !of_threads {
            continue;
        }
        cx.site();
        let wait = with.get(Role::Body).and_then(|body| body.descendants_here().find(|n| is_wait(*n)));
        if let Some(wait) = wait {
            report_await(cx, item, lock.text(), wait);
        }
    }
}

/// `lock.acquire()` and `lock.release()`.
fn held_until_release(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call).cloned() else { return };
    if !cx.in_async(call) || meaning.awaits || meaning.guessed || call.role() != Role::Statement {
        return;
    }
    cx.site();
    let Some(section) = section(cx, call, meaning.property("pair").unwrap_or_default()) else { return };
    let lock = call.callee().and_then(Node::object).map_or("", Node::text);
    if let Some(wait) = section.nodes().find(|n| is_wait(*n)) {
        report_await(cx, call, lock, wait);
    }
}

/// What runs between the taking of a lock and its release.
struct Section<'a> {
    scope: Node<'a>,
    from: u32,
    until: u32,
}

impl<'a> Section<'a> {
    fn nodes(&self) -> impl Iterator<Item = Node<'a>> {
        let (from, until) = (self.from, self.until);
        self.scope
            .descendants_here()
            .skip_while(move |n| n.index() < from)
            .take_while(move |n| n.index() < until)
    }
}

/// The section from a call that takes a lock to the first call that releases it, or to the end of the function where that is deferred;
/// none where the function does not release it.
fn section<'a>(cx: &Check<'_>, call: Node<'a>, pair: &str) -> Option<Section<'a>> {
    let lock = call.callee()?.object()?.dotted()?;
    let scope = call.function()?;
    let releases = |n: &Node<'a>| {
        n.is(Kind::Call)
            && n.callee().is_some_and(|c| {
                c.name() == pair && c.object().and_then(Node::dotted).as_deref() == Some(&*lock)
            })
    };
    let from = call.fact().end;
    let release = scope.descendants_here().filter(|n| n.index() >= from).find(releases)?;
    let deferred = cx.language() == Language::Go && release.ancestors().any(|a| a.is(Kind::Defer));
    Some(Section { scope, from, until: if deferred { scope.fact().end } else { release.index() } })
}

/// Rust: a guard holds its lock until it is dropped.
fn held_by_guard(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call) else { return };
    if !cx.in_async(call) || meaning.awaits || meaning.guessed {
        return;
    }
    cx.site();
    let lock = call.callee().and_then(Node::object).map_or("", Node::text);
    if let Some(wait) = wait_under_guard(call) {
        report_await(cx, call, lock, wait);
    }
}

/// The first await in an expression or statement.
fn first_wait(node: Node<'_>) -> Option<Node<'_>> {
    std::iter::once(node).chain(node.descendants_here()).find(|n| n.is(Kind::Await))
}

/// The first await at which the guard that a call gives is alive.
fn wait_under_guard(call: Node<'_>) -> Option<Node<'_>> {
    let guard = unwrapped(call);
    if let Some(assign) = guard.parent().filter(|p| p.is(Kind::Assign) && guard.role() == Role::Value) {
        let name = assign.get(Role::Target).and_then(bound)?;
        let block = assign.parent()?;
        let after = block.all(Role::Statement).filter(|s| s.index() > assign.index());
        let waits = after.flat_map(|s| std::iter::once(s).chain(s.descendants_here()));
        return waits.filter(|n| n.is(Kind::Await)).find(|wait| !is_given_away(name, block, assign, *wait));
    }
    // Without a name it lives to the end of its statement, or of the branch or loop that looks at it.
    let mut inner = guard;
    for outer in guard.ancestors() {
        match (outer.kind(), inner.role()) {
            (Kind::Await, _) => return Some(outer),
            (Kind::Let, Role::Value) => {
                let branch = outer.ancestors().find(|a| matches!(a.kind(), Kind::If | Kind::While))?;
                return branch
                    .children()
                    .filter(|c| matches!(c.role(), Role::Body | Role::Else))
                    .find_map(first_wait);
            }
            (Kind::Match, Role::Subject) => return outer.all(Role::Arm).find_map(first_wait),
            (Kind::For, Role::Iterable) => return outer.get(Role::Body).and_then(first_wait),
            (Kind::If | Kind::While, _) | (_, Role::Body | Role::Statement) => return None,
            _ => {
                let later = outer.children().filter(|c| c.index() > inner.index()).find_map(first_wait);
                if later.is_some() {
                    return later;
                }
            }
        }
        inner = outer;
    }
    None
}

/// The expression that is the guard: `lock()` with what unwraps its result.
fn unwrapped(call: Node<'_>) -> Node<'_> {
    let mut node = call;
    while let Some(parent) = node.parent() {
        let unwraps = parent.is(Kind::Attribute)
            && matches!(parent.name(), "unwrap" | "expect" | "unwrap_or_else")
            && node.role() == Role::Object;
        if unwraps || parent.is(Kind::Propagate) || parent.is(Kind::Call) && node.role() == Role::Callee {
            node = parent;
        } else {
            break;
        }
    }
    node
}

/// The name that a target or pattern binds.
fn bound(target: Node<'_>) -> Option<&str> {
    let mut names = std::iter::once(target).chain(target.descendants());
    names.find(|n| n.is(Kind::Name) && n.has(Flags::BINDS)).map(Node::name).filter(|n| *n != "_")
}

/// Whether a guard is dropped or given to somebody on the way to an await.
fn is_given_away(name: &str, block: Node<'_>, assign: Node<'_>, wait: Node<'_>) -> bool {
    block.descendants_here().any(|n| {
        n.is(Kind::Name)
            && n.name() == name
            && n.role() == Role::Argument
            && assign.index() < n.index()
            && n.index() < wait.index()
            && n.statement().parent().is_some_and(|around| wait.is_in(around))
    })
}

/// Go: what waits for others while the lock is held.
fn held_over_work(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call).cloned() else { return };
    let Some(lock) = call.callee().and_then(Node::object) else { return };
    cx.site();
    let Some(section) = section(cx, call, meaning.property("pair").unwrap_or_default()) else { return };
    // Some locks are there to let one at a time do the slow work.
    let for_work = words(lock.text()).iter().any(|w| WORK.contains(&w.as_str()))
        || is_wrapper(section.scope)
        || is_of_transaction(cx, lock)
        || remarks::statement_says(cx.facts(), call.statement(), &MEANT);
    if call.role() != Role::Statement || for_work || is_own(cx, lock, section.scope) {
        return;
    }
    let elsewhere = |n: Node<'_>| {
        n.ancestors()
            .take_while(|a| *a != section.scope)
            .any(|a| matches!(a.kind(), Kind::Spawn | Kind::Defer))
    };
    let waits = section.nodes().filter(|n| !elsewhere(*n)).find_map(|n| Some((n, wait(cx, n)?)));
    let Some((node, wait)) = waits else { return };
    let confidence = if is_conditional(cx, &section, node) || keeps_together(cx, &section, node, &elsewhere) {
        Confidence::Low
    } else {
        wait.confidence.min(if meaning.guessed { Confidence::Medium } else { Confidence::High })
    };
    let mut finding = cx
        .finding(node, format!("`{}` is held while this {}", lock.text(), wait.what))
        .why("Everybody who wants the lock waits as long as this takes, and it takes as long as somebody else decides.")
        .help("Take what the work needs out of the lock, release it, then do the work.")
        .confidence(confidence)
        .related(call, "the lock is taken here");
    for (step, next) in
        wait.chain.iter().zip(wait.chain.iter().skip(1).map(String::as_str).chain([&*wait.library]))
    {
        finding = finding.related_function(step, format!("calls `{next}`"));
    }
    cx.report(finding);
}

/// Whether a section asks the outside again after the first time: the lock is there to keep both together, a look and the change that rests on it.
fn keeps_together<'a>(
    cx: &Check<'_>,
    section: &Section<'a>,
    first: Node<'a>,
    elsewhere: &dyn Fn(Node<'a>) -> bool,
) -> bool {
    let callee = |n: Node<'a>| n.callee().map(Node::text);
    let mut later = section.nodes().filter(|n| n.index() >= first.fact().end && !elsewhere(*n));
    first.is(Kind::Call)
        && later.any(|n| n.is(Kind::Call) && callee(n) != callee(first) && call_waits(cx, n).is_some())
}

/// Whether a function does one thing, under a lock: so that one at a time does it. A loop over others does as many as there are.
fn is_wrapper(function: Node<'_>) -> bool {
    let body = function.get(Role::Body).into_iter().flat_map(|b| b.all(Role::Statement));
    let statements: Vec<Node<'_>> = body.filter(|s| !s.is(Kind::Defer)).collect();
    // The taking of the lock, and the thing.
    statements.len() <= 2 && !statements.iter().any(|s| s.is(Kind::For))
}

/// Whether nobody else wants the lock, or only who does the same work: it belongs to a value that the function has just made, or it was taken
/// from a table of locks, one for each thing that is worked on.
fn is_own(cx: &Check<'_>, lock: Node<'_>, function: Node<'_>) -> bool {
    let owner = std::iter::successors(Some(lock), |n| n.object()).last().filter(|n| n.is(Kind::Name));
    let Some(owner) = owner else { return false };
    given(cx, owner).iter().any(|g| match g {
        Given::Value(value) => {
            let made =
                if value.is(Kind::Reference) { value.get(Role::Value).unwrap_or(*value) } else { *value };
            made.function() == Some(function)
                && (made.is(Kind::Construct) || lock.is(Kind::Name) && made.is(Kind::Index))
        }
        _ => false,
    })
}

/// Whether a lock stands beside a transaction, in the same value: it is there to let one at a time use that.
fn is_of_transaction(cx: &Check<'_>, lock: Node<'_>) -> bool {
    let Some(owner) = lock.object().and_then(|o| cx.type_of(o)) else { return false };
    let is_one = |origin: &Origin| match origin {
        Origin::Instance(class) => {
            cx.resolver().vocabulary().type_of(class).is_some_and(|t| t.is("transaction"))
        }
        _ => false,
    };
    let mut lineage = cx.resolver().lineage(&owner).into_iter();
    lineage.any(|class| cx.workspace().class(&class).is_some_and(|c| c.fields.values().any(is_one)))
}

/// What a remark beside the taking of a lock says where the slow work is meant to be inside.
const MEANT: [&str; 6] = [" race", "on purpose", "intentional", "deliberate", "only one ", "at a time"];

/// Words in the names of locks that serialise slow work.
const WORK: [&str; 24] = [
    "write",
    "writer",
    "send",
    "conn",
    "connection",
    "io",
    "request",
    "req",
    "refresh",
    "update",
    "sync",
    "flush",
    "dial",
    "connect",
    "stream",
    "reload",
    "migration",
    "exec",
    "db",
    "tx",
    "auth",
    "token",
    "login",
    "session",
];

/// What a fact waits for.
struct Wait {
    what: String,
    confidence: Confidence,
    /// The functions on the way, and the library's function at its end.
    chain: Vec<String>,
    library: String,
}

const WAITS: Effects = Effects::NETWORK.union(Effects::DATABASE);

fn wait(cx: &Check<'_>, node: Node<'_>) -> Option<Wait> {
    match node.kind() {
        Kind::Call => call_waits(cx, node),
        // Whether a channel has room is seldom told where it is used.
        Kind::Send | Kind::Receive if !may_pass(node) => {
            let what = if node.is(Kind::Send) { "sends to a channel" } else { "waits for a channel" };
            Some(Wait {
                what: what.to_owned(),
                confidence: Confidence::Low,
                chain: Vec::new(),
                library: String::new(),
            })
        }
        _ => None,
    }
}

/// Whether a `select` with a default is around a channel operation.
fn may_pass(node: Node<'_>) -> bool {
    let arm = node.ancestors().find(|a| a.role() == Role::Arm);
    let select = arm.and_then(Node::parent);
    select.is_some_and(|s| s.all(Role::Arm).any(|a| a.has(Flags::DEFAULT)))
}

fn call_waits(cx: &Check<'_>, call: Node<'_>) -> Option<Wait> {
    if let Some(meaning) = cx.meaning(call) {
        let guarded = guards_itself(cx, &meaning.name) && !is_one_of_many(call);
        let waits = meaning.effects.intersects(WAITS) && !guarded;
        return waits.then(|| Wait {
            what: what(meaning.effects).to_owned(),
            confidence: if meaning.guessed { Confidence::Medium } else { Confidence::High },
            chain: Vec::new(),
            library: String::new(),
        });
    }
    let path = cx.workspace_callee(call)?;
    let effects = cx.workspace().reach(&path) & WAITS;
    if effects.is_empty() {
        return None;
    }
    let chain = cx.chain(&path, effects);
    let library = cx.library_call(chain.last()?, effects)?.to_owned();
    if guards_itself(cx, &library) {
        return None;
    }
    let what = format!("{}: it reaches `{library}`", what(effects));
    Some(Wait { what, confidence: Confidence::High, chain, library })
}

fn what(effects: Effects) -> &'static str {
    if effects.intersects(Effects::DATABASE) { "asks the database" } else { "waits for the network" }
}

/// Whether a method belongs to a value that takes one user at a time: the lock is there for it.
fn guards_itself(cx: &Check<'_>, method: &str) -> bool {
    let Some((of, _)) = method.rsplit_once('.') else { return false };
    cx.resolver().vocabulary().type_of(of).is_some_and(|t| {
        [
            "socket",
            "websocket",
            "transaction",
            "statement",
            "rows",
            "row",
            "cursor",
            "response-writer",
            "file",
        ]
        .into_iter()
        .any(|role| t.is(role))
    })
}

/// Whether a call is of each of the things that a loop goes over: the lock is not there for one of them.
fn is_one_of_many(call: Node<'_>) -> bool {
    let Some(receiver) = call.callee().and_then(Node::object).filter(|o| o.is(Kind::Name)) else {
        return false;
    };
    let loops = call.ancestors().take_while(|a| !matches!(a.kind(), Kind::Function | Kind::Lambda));
    loops.filter(|a| a.is(Kind::For)).flat_map(|l| l.all(Role::Target)).any(|t| t.name() == receiver.name())
}

/// Whether the work is done only when it is needed: behind a check, or below one that leaves. Then one does it, and the others wait for what
/// it gives.
fn is_conditional(cx: &Check<'_>, section: &Section<'_>, work: Node<'_>) -> bool {
    let decides = |branch: Node<'_>| {
        branch.is(Kind::If)
            && branch.index() >= section.from
            && !branch.get(Role::Condition).is_some_and(|c| {
                c.operator() == Operator::Ne
                    && c.all(Role::Operand).next().is_some_and(|o| o.is(Kind::Name) && is_error(cx, o))
            })
    };
    let inside =
        work.ancestors().any(|a| decides(a) && !a.get(Role::Condition).is_some_and(|c| work.is_in(c)));
    let below = section
        .nodes()
        .take_while(|n| n.index() < work.index())
        .any(|n| decides(n) && !work.is_in(n) && n.descendants_here().any(|d| d.is(Kind::Return)));
    inside || below
}
