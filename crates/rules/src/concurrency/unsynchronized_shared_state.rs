use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, Survey, rule};
use shipworthy_facts::{Flags, Kind, Node, Operator, Origin, Role, enclosing_loop, method_of};
use shipworthy_syntax::{Language, Range};

use crate::guards::{self, declaration, is_receiver, made_map};
use crate::locks::{is_guarded, runs_once};
use crate::names::words;
use crate::ownership::{indentation, lines};
use crate::requests::request_handler;

rule! {
    /// Shared state is written without a lock
    ///
    /// Two requests, threads or goroutines write the same variable, and nothing orders them. Both find the key missing and both put it there; both
    /// read 7 and both write 8; in Go, two writes to a map at once end the process. It goes well until there is traffic.
    ///
    /// Guard the state with the lock that guards it elsewhere, use an atomic or a map that is made for it, or give each worker its own and put
    /// the results together.
    ///
    /// ```python bad
    /// from flask import Flask
    ///
    /// app = Flask(__name__)
    /// tenants = {}
    /// running = {}
    /// hits = 0
    ///
    /// @app.route("/tenants/<name>")
    /// def tenant(name):
    ///     global hits
    ///     hits += 1
    ///     ^^^^^^^^^
    ///     if name not in tenants:
    ///         tenants[name] = load(name)
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return tenants[name]
    ///
    /// @app.post("/tenants/<name>/export")
    /// def export(name):
    ///     if name in running:
    ///         return "busy", 409
    ///     running[name] = submit(name)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return "started", 202
    /// ```
    ///
    /// ```python bad
    /// import threading
    ///
    /// class Budget:
    ///     def __init__(self):
    ///         self._lock = threading.Lock()
    ///         self._spent = {}
    ///         self._total = 0
    ///
    ///     def spend(self, user, amount):
    ///         with self._lock:
    ///             self._spent[user] = amount
    ///             self._total += amount
    ///
    ///     def refund(self, user, amount):
    ///         self._total -= amount
    ///         ^^^^^^^^^^^^^^^^^^^^^
    ///         if user in self._spent:
    ///             del self._spent[user]
    ///             ^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import threading
    ///
    /// class Budget:
    ///     def __init__(self):
    ///         self._lock = threading.Lock()
    ///         self._spent = {}
    ///         self._total = 0
    ///
    ///     def spend(self, user, amount):
    ///         with self._lock:
    ///             self._spent[user] = amount
    ///             self._total += amount
    ///
    ///     def refund(self, user, amount):
    ///         with self._lock:
    ///             self._total -= amount
    ///         with self._lock:
    ///             if user in self._spent:
    ///                 del self._spent[user]
    /// ```
    ///
    /// ```python bad
    /// from fastapi import APIRouter
    ///
    /// router = APIRouter()
    /// profiles = {}
    ///
    /// @router.get("/profile/{user}")
    /// async def profile(user: str):
    ///     if user not in profiles:
    ///         profiles[user] = await load(user)
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return profiles[user]
    /// ```
    ///
    /// ```python bad
    /// from fastapi import APIRouter, Depends
    ///
    /// router = APIRouter()
    /// services = {}
    ///
    /// def get_service(tenant: str):
    ///     if tenant not in services:
    ///         services[tenant] = connect(tenant)
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return services[tenant]
    ///
    /// @router.get("/orders")
    /// def orders(service=Depends(get_service)):
    ///     return service.orders()
    /// ```
    ///
    /// ```python bad
    /// from fastapi import APIRouter
    ///
    /// router = APIRouter(prefix="/api")
    /// services = {}
    ///
    /// def get_service(tenant: str):
    ///     if tenant not in services:
    ///         services[tenant] = connect(tenant)
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return services[tenant]
    ///
    /// @router.get("/{tenant}/orders")
    /// def orders(tenant: str):
    ///     return get_service(tenant).orders()
    /// ```
    ///
    /// ```python good
    /// import threading
    ///
    /// from flask import Flask
    ///
    /// app = Flask(__name__)
    /// tenants = {}
    /// lock = threading.Lock()
    ///
    /// @app.route("/tenants/<name>")
    /// def tenant(name):
    ///     with lock:
    ///         if name not in tenants:
    ///             tenants[name] = load(name)
    ///     return tenants[name]
    ///
    /// @app.route("/sizes/<name>")
    /// def size(name):
    ///     sizes = {}
    ///     if name not in sizes:
    ///         sizes[name] = load(name)
    ///     return sizes
    ///
    /// appended = 0
    ///
    /// def append(count):
    ///     global appended
    ///     appended += count
    ///
    /// HANDLERS = {}
    ///
    /// def register(name, handler):
    ///     if name not in HANDLERS:
    ///         HANDLERS[name] = handler
    /// ```
    ///
    /// ```python good
    /// import threading
    ///
    /// from fastapi import APIRouter
    ///
    /// router = APIRouter()
    /// profiles = {}
    ///
    /// @router.get("/profile/{user}")
    /// async def profile(user: str):
    ///     if user not in profiles:
    ///         profiles[user] = user.upper()
    ///     return profiles[user]
    ///
    /// class Meter:
    ///     def __init__(self):
    ///         self._admission = threading.Lock()
    ///         self.pending = 0
    ///
    ///     def submit(self, size):
    ///         with self._admission:
    ///             self.pending += size
    ///
    ///     def give_back(self, size):
    ///         with self._admission:
    ///             self.pending -= size
    ///
    /// class Budget:
    ///     def __init__(self):
    ///         self._lock = threading.Lock()
    ///         self._total = 0
    ///         self._label = ""
    ///
    ///     def spend(self, amount):
    ///         with self._lock:
    ///             self._add(amount)
    ///             self._total += 1
    ///
    ///     def _add(self, amount):
    ///         self._total += amount
    ///
    ///     def reset_locked(self):
    ///         self._total = 0
    ///
    ///     def rename(self, label):
    ///         self._label = label
    ///
    ///     def start_over(self):
    ///         self._total = 0
    ///
    /// names = {}
    ///
    /// @router.get("/name/{user}")
    /// async def name(user: str):
    ///     if user not in names:
    ///         answer = await load(user)
    ///         names[user] = answer.name
    ///     return names[user]
    ///
    ///     def drain(self):
    ///         self._lock.acquire()
    ///         try:
    ///             self._total = 0
    ///         finally:
    ///             self._lock.release()
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import "net/http"
    ///
    /// var hits = map[string]int{}
    ///
    /// type Shop struct {
    /// 	orders int
    /// }
    ///
    /// func (s *Shop) order(w http.ResponseWriter, r *http.Request) {
    /// 	hits[r.URL.Path]++
    /// 	^^^^^^^^^^^^^^^^^^
    /// 	s.orders++
    /// 	^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type Shop struct {
    /// 	mu     sync.Mutex
    /// 	orders int
    /// }
    ///
    /// func (s *Shop) order(w http.ResponseWriter, r *http.Request) {
    /// 	s.orders++
    /// 	^^^^^^^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package shop
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type Shop struct {
    /// 	mu     sync.Mutex
    /// 	orders int
    /// }
    ///
    /// func (s *Shop) order(w http.ResponseWriter, r *http.Request) {
    /// 	s.mu.Lock()
    /// 	s.orders++
    /// 	s.mu.Unlock()
    /// }
    /// ```
    ///
    /// ```go bad
    /// package crawl
    ///
    /// import "sync"
    ///
    /// func Sizes(urls []string) (map[string]int, int) {
    /// 	var wg sync.WaitGroup
    /// 	sizes := map[string]int{}
    /// 	total := 0
    /// 	for _, url := range urls {
    /// 		wg.Add(1)
    /// 		go func() {
    /// 			defer wg.Done()
    /// 			n := size(url)
    /// 			sizes[url] = n
    /// 			^^^^^^^^^^^^^^
    /// 			total += n
    /// 			^^^^^^^^^^
    /// 		}()
    /// 	}
    /// 	wg.Wait()
    /// 	return sizes, total
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type Shop struct {
    /// 	mu   sync.Mutex
    /// 	seen map[string]bool
    /// }
    ///
    /// func (s *Shop) order(w http.ResponseWriter, r *http.Request) {
    /// 	s.remember(r.URL.Path)
    /// 	if s.known(r.URL.Path) {
    /// 		w.WriteHeader(http.StatusConflict)
    /// 	}
    /// }
    ///
    /// func (s *Shop) remember(path string) {
    /// 	s.seen[path] = true
    /// 	^^^^^^^^^^^^
    /// }
    ///
    /// func (s *Shop) known(path string) bool {
    /// 	s.mu.Lock()
    /// 	defer s.mu.Unlock()
    /// 	return s.seen[path]
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type store struct {
    /// 	mu     sync.RWMutex
    /// 	orders map[string]int
    /// }
    ///
    /// func (s *store) put(id string, count int) {
    /// 	s.mu.Lock()
    /// 	s.orders[id] = count
    /// 	s.mu.Unlock()
    /// }
    ///
    /// func (s *store) count(id string) int {
    /// 	return s.orders[id]
    /// 	       ^^^^^^^^^^^^
    /// }
    ///
    /// type handler struct {
    /// 	store *store
    /// }
    ///
    /// func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
    /// 	h.store.put(r.URL.Path, h.store.count(r.URL.Path)+1)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import "github.com/gin-gonic/gin"
    ///
    /// var hits = map[string]int{}
    ///
    /// func count(path string) {
    /// 	hits[path]++
    /// 	^^^^^^^^^^
    /// }
    ///
    /// func order(c *gin.Context) {
    /// 	count(c.FullPath())
    /// }
    ///
    /// func limit() gin.HandlerFunc {
    /// 	visitors := make(map[string]int)
    /// 	return func(c *gin.Context) {
    /// 		visitors[c.ClientIP()]++
    /// 		^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// }
    /// ```
    ///
    /// ```go bad
    /// package jobs
    ///
    /// import "sync"
    ///
    /// type queue struct {
    /// 	mu   sync.Mutex
    /// 	jobs map[string]int
    /// }
    ///
    /// func (q *queue) run() {
    /// 	go q.loop()
    /// }
    ///
    /// func (q *queue) loop() {
    /// 	for name := range names() {
    /// 		q.mu.Lock()
    /// 		tries := q.jobs[name]
    /// 		q.mu.Unlock()
    /// 		if tries > 3 {
    /// 			delete(q.jobs, name)
    /// 			^^^^^^^^^^^^^^^^^^^^
    /// 		}
    /// 	}
    /// }
    ///
    /// func (q *queue) add(name string) {
    /// 	q.mu.Lock()
    /// 	defer q.mu.Unlock()
    /// 	q.jobs[name]++
    /// }
    /// ```
    ///
    /// Whoever is called under the lock has it, and what is there before anybody else, or belongs to one request, needs none.
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type Shop struct {
    /// 	mu    sync.Mutex
    /// 	seen  map[string]bool
    /// 	kinds map[string]string
    /// 	once  sync.Map
    /// }
    ///
    /// func NewShop() *Shop {
    /// 	s := &Shop{seen: map[string]bool{}, kinds: map[string]string{}}
    /// 	s.setKinds()
    /// 	return s
    /// }
    ///
    /// func (s *Shop) setKinds() {
    /// 	s.kinds["a"] = "order"
    /// }
    ///
    /// func (s *Shop) order(w http.ResponseWriter, r *http.Request) {
    /// 	s.mu.Lock()
    /// 	s.remember(r.URL.Path)
    /// 	if s.seen["all"] {
    /// 		s.mu.Unlock()
    /// 		return
    /// 	}
    /// 	s.forget(r.URL.Path)
    /// 	s.mu.Unlock()
    /// 	w.Write([]byte(s.kind(r.URL.Path)))
    /// 	s.once.Store(r.URL.Path, true)
    /// 	s.clean()
    /// 	s.purgeLocked()
    /// }
    ///
    /// func (s *Shop) remember(path string) {
    /// 	s.seen[path] = true
    /// }
    ///
    /// func (s *Shop) forget(path string) {
    /// 	delete(s.seen, path)
    /// 	s.mu.Unlock()
    /// 	tell(path)
    /// 	s.mu.Lock()
    /// }
    ///
    /// func (s *Shop) kind(path string) string {
    /// 	return s.kinds[path]
    /// }
    ///
    /// // clean has to be called with the lock.
    /// func (s *Shop) clean() {
    /// 	delete(s.seen, "")
    /// }
    ///
    /// func (s *Shop) purgeLocked() {
    /// 	delete(s.seen, "all")
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type page struct {
    /// 	parts map[string]string
    /// }
    ///
    /// func (p *page) add(name, text string) {
    /// 	p.parts[name] = text
    /// }
    ///
    /// func index(w http.ResponseWriter, r *http.Request) {
    /// 	p := &page{parts: map[string]string{}}
    /// 	p.add("title", "Shop")
    /// 	counts := map[string]int{}
    /// 	counts[r.URL.Path]++
    /// }
    ///
    /// // What only one goroutine writes it may read as it likes.
    /// type feed struct {
    /// 	mu   sync.RWMutex
    /// 	subs map[string]int
    /// }
    ///
    /// func (f *feed) open() {
    /// 	go f.run()
    /// }
    ///
    /// func (f *feed) run() {
    /// 	for name := range f.subs {
    /// 		f.update(name)
    /// 	}
    /// }
    ///
    /// func (f *feed) update(name string) {
    /// 	f.mu.Lock()
    /// 	f.subs[name]++
    /// 	f.mu.Unlock()
    /// }
    ///
    /// // Under the lock of another only.
    /// type client struct {
    /// 	mu      sync.Mutex
    /// 	pending map[*client]bool
    /// }
    ///
    /// func (c *client) queue(other *client) {
    /// 	other.mu.Lock()
    /// 	c.pending[other] = true
    /// 	other.mu.Unlock()
    /// }
    ///
    /// func (c *client) read() {
    /// 	go c.turn()
    /// }
    ///
    /// func (c *client) turn() {
    /// 	for other := range c.pending {
    /// 		delete(c.pending, other)
    /// 	}
    /// }
    ///
    /// type loop struct {
    /// 	tasks map[string]int
    /// }
    ///
    /// func (l *loop) run() {
    /// 	go l.turn()
    /// }
    ///
    /// func (l *loop) turn() {
    /// 	l.tasks["a"]++
    /// }
    ///
    /// var kinds = map[string]string{}
    ///
    /// func Register(name, kind string) {
    /// 	kinds[name] = kind
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// 	"sync/atomic"
    /// )
    ///
    /// var (
    /// 	mu   sync.Mutex
    /// 	hits = map[string]int{}
    /// 	seen sync.Map
    /// 	sum  atomic.Int64
    /// )
    ///
    /// type Shop struct {
    /// 	mu     sync.Mutex
    /// 	orders int
    /// }
    ///
    /// func (s *Shop) order(w http.ResponseWriter, r *http.Request) {
    /// 	mu.Lock()
    /// 	hits[r.URL.Path]++
    /// 	mu.Unlock()
    /// 	s.mu.Lock()
    /// 	defer s.mu.Unlock()
    /// 	s.orders++
    /// 	seen.Store(r.URL.Path, true)
    /// 	sum.Add(1)
    /// 	local := map[string]int{}
    /// 	local["a"]++
    /// 	_ = r.Body.Close()
    /// }
    ///
    /// type request struct {
    /// 	status int
    /// 	errors []error
    /// }
    ///
    /// // Made anew for each request.
    /// func (q *request) fail(w http.ResponseWriter, r *http.Request) {
    /// 	q.errors = append(q.errors, ErrFailed)
    /// 	q.status = 500
    /// }
    ///
    /// func (q request) serve(w http.ResponseWriter, r *http.Request) {
    /// 	q.status = 200
    /// 	fresh := &request{}
    /// 	fresh.status++
    /// }
    /// ```
    ///
    /// ```go good
    /// package crawl
    ///
    /// import "sync"
    ///
    /// func Sizes(urls []string) []int {
    /// 	var wg sync.WaitGroup
    /// 	var mu sync.Mutex
    /// 	sizes := make([]int, len(urls))
    /// 	total := 0
    /// 	for i, url := range urls {
    /// 		wg.Add(1)
    /// 		go func() {
    /// 			defer wg.Done()
    /// 			n := size(url)
    /// 			sizes[i] = n
    /// 			mu.Lock()
    /// 			defer mu.Unlock()
    /// 			total += n
    /// 		}()
    /// 	}
    /// 	wg.Wait()
    /// 	done := 0
    /// 	go func() {
    /// 		done = 1
    /// 	}()
    /// 	return sizes
    /// }
    /// ```
    ///
    /// ```rust bad
    /// static mut HITS: u64 = 0;
    ///
    /// fn hit() {
    ///     unsafe {
    ///         HITS += 1;
    ///         ^^^^^^^^^
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// static NEXT: AtomicU64 = AtomicU64::new(0);
    ///
    /// fn next() -> u64 {
    ///     let id = NEXT.load(Ordering::SeqCst);
    ///     NEXT.store(id + 1, Ordering::SeqCst);
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     id
    /// }
    /// ```
    /// ```rust fixed
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// static NEXT: AtomicU64 = AtomicU64::new(0);
    ///
    /// fn next() -> u64 {
    ///     let id = NEXT.fetch_add(1, Ordering::SeqCst);
    ///     id
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// static NEXT: AtomicU64 = AtomicU64::new(0);
    /// static LAST: AtomicU64 = AtomicU64::new(0);
    ///
    /// fn next() -> u64 {
    ///     NEXT.fetch_add(1, Ordering::SeqCst)
    /// }
    ///
    /// fn reset() -> u64 {
    ///     let last = LAST.load(Ordering::SeqCst);
    ///     NEXT.store(0, Ordering::SeqCst);
    ///     LAST.store(0, Ordering::SeqCst);
    ///     last
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::sync::{Mutex, Once};
    ///
    /// static HITS: Mutex<u64> = Mutex::new(0);
    /// static LOADED: Once = Once::new();
    /// static mut LOGO: Vec<u8> = Vec::new();
    ///
    /// fn prepare() {
    ///     LOADED.call_once(|| unsafe {
    ///         LOGO = draw("shop");
    ///     });
    /// }
    ///
    /// fn hit() {
    ///     *HITS.lock().unwrap() += 1;
    /// }
    ///
    /// fn count(words: &[&str]) -> u64 {
    ///     let mut count = 0;
    ///     for _ in words {
    ///         count += 1;
    ///     }
    ///     count
    /// }
    /// ```
    ///
    /// A lock that was given back guards nothing any more.
    ///
    /// ```go bad
    /// package feed
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type Service struct {
    /// 	mu   sync.Mutex
    /// 	hits int
    /// 	last *http.Request
    /// }
    ///
    /// func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
    /// 	s.mu.Lock()
    /// 	s.hits++
    /// 	s.mu.Unlock()
    /// 	s.last = r
    /// 	^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package feed
    ///
    /// import (
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// type Service struct {
    /// 	mu   sync.Mutex
    /// 	hits int
    /// 	last *http.Request
    /// }
    ///
    /// func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
    /// 	s.mu.Lock()
    /// 	if s.hits > 10 {
    /// 		s.mu.Unlock()
    /// 		return
    /// 	}
    /// 	s.hits++
    /// 	s.last = r
    /// 	s.mu.Unlock()
    /// }
    /// ```
    name: "unsynchronized-shared-state",
    category: Concurrency,
    severity: High,
    scope: Both,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Fact(Kind::Assign), Fact(Kind::Delete), Fact(Kind::Call), Fact(Kind::Function)],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match cx.language() {
        Language::Python => python(cx, node),
        Language::Go => go(cx, node),
        Language::Rust => rust(cx, node),
    }
}

/// What a write changes: the expression that names the state, without index.
struct Write<'a> {
    at: Node<'a>,
    state: Node<'a>,
    /// An element of it is written.
    element: bool,
    /// The new value is made from the old one.
    updates: bool,
}

/// The writes of a statement: `x = `, `x += `, `x[key] = `, `del x[key]`, `delete(x, key)`.
fn writes(node: Node<'_>) -> Vec<Write<'_>> {
    let targets: Vec<Node<'_>> = match node.kind() {
        Kind::Assign if !node.has(Flags::DECLARES) => node.all(Role::Target).collect(),
        Kind::Delete => node.all(Role::Value).filter(|v| v.is(Kind::Index)).collect(),
        _ => Vec::new(),
    };
    let updates =
        node.operator() != Operator::None || node.is(Kind::Assign) && node.get(Role::Value).is_none();
    targets
        .into_iter()
        .filter_map(|target| {
            let element = target.is(Kind::Index);
            let state = if element { target.object()? } else { target };
            let named = matches!(state.kind(), Kind::Name | Kind::Attribute) && state.name() != "_";
            named.then_some(Write { at: node, state, element, updates })
        })
        .collect()
}

const WHY: &str =
    "What two of them do at once is not what either meant: updates are lost, and work is done twice.";
const HELP: &str = "Hold one lock over the look and the write, or use what is made for several writers.";

// Python.

fn python(cx: &mut Check<'_>, node: Node<'_>) {
    for write in writes(node) {
        let Some(function) = write.at.function().filter(|f| f.is(Kind::Function)) else { continue };
        match write.state.kind() {
            Kind::Name if is_module_state(cx, &write, function) => module_write(cx, &write, function),
            Kind::Attribute => field_write(cx, &write, function),
            _ => {}
        }
    }
}

/// Whether a write changes a variable of the module: one that is declared `global`, or an element of one that the function has no local of.
fn is_module_state(cx: &Check<'_>, write: &Write<'_>, function: Node<'_>) -> bool {
    let name = write.state.name();
    let declared = || {
        function.descendants_here().any(|n| {
            n.is(Kind::Global) && n.text().starts_with("global") && n.children().any(|c| c.name() == name)
        })
    };
    cx.workspace().global(&cx.environment().absolute(name)).is_some()
        && (write.element && cx.resolver().bindings(write.state).is_empty() || declared())
}

fn module_write(cx: &mut Check<'_>, write: &Write<'_>, function: Node<'_>) {
    cx.site();
    if is_guarded(cx, write.at, function) || runs_once(function.name()) || runs_alone(cx, write.state.name())
    {
        return;
    }
    let checked = write.element.then(|| check_before(write)).flatten();
    let waits = |from: u32| {
        function
            .descendants_here()
            .any(|n| n.is(Kind::Await) && from <= n.index() && n.index() < write.at.fact().end)
    };
    let handler = request_handler(cx, write.at) == Some(function);
    let message =
        format!("`{}` is shared by all requests and threads, and written without a lock", write.state.text());
    let confidence = if function.has(Flags::ASYNC) {
        // One event loop: only what has an await between the look and the write is not done in one piece, and only what is waited for is
        // done twice at a cost.
        let awaited = write.at.descendants().any(|n| n.is(Kind::Await));
        match checked {
            Some(check) if handler && awaited && waits(check.index()) => Confidence::Medium,
            _ => return,
        }
    } else if checked.is_none() && !write.updates {
        // One store of one value: the interpreter does it in one piece.
        return;
    } else if handler {
        Confidence::High
    } else if !called_async_only(cx, function) && runs_in_threads(cx, function, checked.is_some()) {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    let mut finding = cx.finding(write.at, message).why(WHY).help(HELP).confidence(confidence);
    if let Some(check) = checked.and_then(|c| c.get(Role::Condition)) {
        finding = finding.related(check, "what is found here may be gone when it is written");
    }
    cx.report(finding);
}

/// The check on the same state that a write stands under, `if key not in state`, or behind: `if key in state: return`.
fn check_before<'a>(write: &Write<'a>) -> Option<Node<'a>> {
    let looks = |branch: Node<'a>| {
        branch.is(Kind::If)
            && branch.get(Role::Condition).is_some_and(|condition| {
                std::iter::once(condition).chain(condition.descendants()).any(|n| {
                    n.is(Kind::Compare)
                        && matches!(n.operator(), Operator::In | Operator::NotIn)
                        && n.all(Role::Operand).nth(1).is_some_and(|o| o.text() == write.state.text())
                })
            })
    };
    let leaves = |branch: Node<'a>| {
        let last = branch.get(Role::Body).and_then(|body| body.all(Role::Statement).last());
        last.is_some_and(|s| matches!(s.kind(), Kind::Return | Kind::Raise | Kind::Continue))
    };
    let mut inner = write.at;
    for outer in write.at.ancestors().take_while(|n| !matches!(n.kind(), Kind::Function | Kind::Lambda)) {
        if looks(outer) {
            return Some(outer);
        }
        let mut before = outer.all(Role::Statement).take_while(|s| *s != inner);
        if let Some(check) = before.find(|s| looks(*s) && leaves(*s)) {
            return Some(check);
        }
        inner = outer;
    }
    None
}

/// Whether all that the file shows of a function's callers is asynchronous: then one event loop runs it.
fn called_async_only(cx: &Check<'_>, function: Node<'_>) -> bool {
    let path = cx.environment().absolute(function.name());
    let callers = cx.environment().names().filter_map(|(name, _)| {
        let caller = cx.workspace().function(&cx.environment().absolute(name))?;
        caller.behaviour.calls.iter().any(|c| *c.path == *path).then_some(caller.is_async)
    });
    let callers: Vec<bool> = callers.collect();
    !callers.is_empty() && callers.into_iter().all(|is_async| is_async)
}

/// Whether a synchronous function runs in several threads, as far as its file tells: a synchronous route calls it, which frameworks run in
/// threads; or the file hands it on, as a dependency or a thread's target, and it fills what it finds missing.
fn runs_in_threads(cx: &Check<'_>, function: Node<'_>, checks: bool) -> bool {
    let path = cx.environment().absolute(function.name());
    let vocabulary = cx.resolver().vocabulary();
    let is_route = |path: &str| vocabulary.call(path).is_some_and(|m| m.is("route"));
    // `router.get`, where `router = APIRouter()` is the module's.
    let is_route_of = |path: &str| {
        let Some((object, method)) = path.rsplit_once('.') else { return false };
        matches!(cx.workspace().global(object), Some(Origin::ResultOf(made, 0) | Origin::Instance(made))
            if is_route(&format!("{made}.{method}")))
    };
    let from_route = cx.environment().names().any(|(name, _)| {
        cx.workspace().function(&cx.environment().absolute(name)).is_some_and(|caller| {
            !caller.is_async
                && caller.behaviour.calls.iter().any(|c| *c.path == *path)
                && caller.decorators.iter().any(|d| is_route(d) || is_route_of(d))
        })
    });
    let threaded = cx.imports("service") || cx.imports("threads");
    from_route
        || checks && threaded && function.class().is_none() && cx.environment().hands_on(function.name())
}

/// Whether a module-level variable is made for several writers, or belongs to one thread or context.
fn runs_alone(cx: &Check<'_>, name: &str) -> bool {
    match cx.workspace().global(&cx.environment().absolute(name)) {
        Some(Origin::ResultOf(path, _)) => {
            words(path).iter().any(|w| matches!(w.as_str(), "local" | "context" | "var" | "cache"))
        }
        _ => false,
    }
}

/// A class with a lock: what it guards in one method it has to guard in all.
fn field_write(cx: &mut Check<'_>, write: &Write<'_>, function: Node<'_>) {
    let Some(this) = function.all(Role::Parameter).next().map(Node::name).filter(|n| *n == "self") else {
        return;
    };
    let is_own = |n: Node<'_>| {
        n.is(Kind::Attribute) && n.object().is_some_and(|o| o.is(Kind::Name) && o.name() == this)
    };
    let Some(class) = function.class().filter(|_| is_own(write.state)) else { return };
    let field = write.state.name();
    let methods: Vec<Node<'_>> = class
        .children()
        .filter(|c| c.role() == Role::Body)
        .flat_map(|b| b.all(Role::Statement))
        .filter(|n| n.is(Kind::Function))
        .collect();
    let fields_of = |method: Node<'_>, wanted: &dyn Fn(Node<'_>) -> bool| {
        method
            .descendants_here()
            .any(|n| writes(n).iter().any(|w| is_own(w.state) && w.state.name() == field && wanted(n)))
    };
    let locked = |n: Node<'_>| with_lock(cx, n).is_some();
    let guarded = methods.iter().find(|m| fields_of(**m, &locked)).copied();
    let Some(guarded) = guarded else { return };
    cx.site();
    let name = function.name();
    let says_locked =
        words(name).iter().any(|w| matches!(w.as_str(), "locked" | "unlocked" | "nolock" | "unsafe"));
    // One store of one value: the interpreter does it in one piece.
    let stores = !write.element && !write.updates && write.at.is(Kind::Assign);
    if stores
        || is_guarded(cx, write.at, function)
        || name.starts_with("__")
        || says_locked
        || function.has(Flags::ASYNC)
        || runs_once(function.name())
    {
        return;
    }
    // A method of the class's own runs under its caller's lock.
    let called_here = methods.iter().any(|m| m.descendants().any(|n| is_own(n) && n.name() == name));
    if called_here || name.starts_with('_') || function.all(Role::Decorator).next().is_some() {
        return;
    }
    let at_lock = guarded.descendants_here().find_map(|n| {
        writes(n)
            .iter()
            .any(|w| is_own(w.state) && w.state.name() == field)
            .then(|| with_lock(cx, n))
            .flatten()
    });
    let mut finding = cx
        .finding(
            write.at,
            format!(
                "`{}` is written without the lock that guards it in `{}`",
                write.state.text(),
                guarded.name()
            ),
        )
        .why(WHY)
        .help("Hold the same lock here.");
    if let Some(lock) = at_lock {
        finding = finding.related(lock, "the lock that guards it");
        finding = finding.maybe_fix(lock.get(Role::Value).and_then(|lock| hold(write, lock)));
    }
    cx.report(finding);
}

/// Python: holds a lock over a write, and over the look at the same state that it stands under. What calls the object's own methods may
/// take the lock itself.
fn hold(write: &Write<'_>, lock: Node<'_>) -> Option<Fix> {
    let looks = |n: &Node<'_>| {
        let condition = n.get(Role::Condition).filter(|_| n.is(Kind::If) && n.role() == Role::Statement);
        condition.is_some_and(|c| c.descendants().any(|d| d.text() == write.state.text()))
    };
    let inside = write.at.ancestors().take_while(|n| !matches!(n.kind(), Kind::Function | Kind::Lambda));
    let statement = inside.filter(looks).last().unwrap_or_else(|| write.at.statement());
    let is_literal = |n: Node<'_>| n.is_literal() && n.text().contains('\n') || n.is(Kind::Template);
    let calls_own = |n: Node<'_>| {
        n.is(Kind::Call) && n.callee().and_then(Node::object).is_some_and(|o| o.text() == "self")
    };
    let rash = |n: Node<'_>| is_literal(n) || calls_own(n) || matches!(n.kind(), Kind::Await | Kind::Yield);
    if statement.descendants().any(rash) {
        return None;
    }
    let indentation = indentation(statement)?;
    let text = statement.text().replace('\n', "\n    ");
    let held = format!("with {}:\n{indentation}    {text}", lock.text());
    Some(Fix::suggested(format!("Hold `{}` here", lock.text())).replace(statement, held))
}

/// The `with` around a fact that holds a lock of threads.
fn with_lock<'a>(cx: &Check<'_>, node: Node<'a>) -> Option<Node<'a>> {
    node.ancestors()
        .take_while(|n| !n.is(Kind::Function))
        .filter(|n| n.is(Kind::With))
        .flat_map(|n| n.all(Role::Item))
        .find(|item| {
            item.get(Role::Value).is_some_and(|lock| {
                cx.type_meaning(lock).is_some_and(|t| t.is("lock") && t.property("of") != Some("tasks"))
            })
        })
}

// Go.

fn go(cx: &mut Check<'_>, node: Node<'_>) {
    if node.is(Kind::Function) {
        guards::note_function(cx, node);
        return;
    }
    guards::note_map(cx, node);
    let mut all = writes(node);
    if node.is(Kind::Call)
        && node.callee().is_some_and(|c| c.is(Kind::Name) && c.name() == "delete")
        && let Some(state) = node.positional(0).filter(|s| matches!(s.kind(), Kind::Name | Kind::Attribute))
    {
        all.push(Write { at: node, state, element: true, updates: false });
    }
    for write in all {
        let Some(function) = write.at.function() else { continue };
        if let Some(worker) = worker(cx, write.at) {
            captured(cx, &write, worker);
        } else if let Some(handler) = request_handler(cx, write.at)
            && (function == handler || write.at.is_in(handler))
        {
            handled(cx, &write, handler);
        }
    }
}

/// Maps that requests and goroutines use in functions of which one file does not tell that several run at once.
fn judge(survey: &mut Survey<'_>) {
    for found in guards::unguarded(survey) {
        let map = &found.map;
        let does = if found.writes { "written" } else { "read" };
        let message = match &found.guard {
            Some((guard, ..)) => format!("`{map}` is {does} without the lock that guards it in `{guard}`"),
            None => format!("`{map}` is a map that all requests share, and {does} without a lock"),
        };
        let mut finding = survey
            .finding(found.range, message)
            .why(if found.writes { MAP } else { READ })
            .help(match found.guard {
                Some(_) => "Hold the same lock here.",
                None => "Guard it with a mutex, here and where it is read.",
            })
            .confidence(if found.guard.is_some() { Confidence::High } else { Confidence::Medium });
        if let Some((root, file, at)) = &found.root {
            let runs = if found.by_requests { "for each request" } else { "in a goroutine" };
            let message = format!("`{root}` runs {runs}, and reaches `{}`", found.function);
            finding.related.extend(survey.related(*file, *at, message));
        }
        if let Some((_, file, at)) = &found.guard {
            finding.related.extend(survey.related(*file, *at, "here a lock is held"));
        }
        survey.report(found.file, finding);
    }
}

/// The function literal around a fact that runs as a goroutine, if several of it run at once: it is started in a loop.
fn worker<'a>(cx: &Check<'_>, node: Node<'a>) -> Option<Node<'a>> {
    let worker = node.ancestors().filter(|n| n.is(Kind::Lambda)).last()?;
    let call = worker.parent()?;
    let spawned = if worker.role() == Role::Callee {
        call.parent().filter(|p| p.is(Kind::Spawn))?
    } else {
        Some(call).filter(|c| c.is(Kind::Call) && cx.meaning(*c).is_some_and(|m| m.is("spawns-task")))?
    };
    enclosing_loop(spawned, spawned.function()?).map(|_| worker)
}

/// A variable from around a loop that the goroutines which the loop starts all write.
fn captured(cx: &mut Check<'_>, write: &Write<'_>, worker: Node<'_>) {
    let Some(repeat) = worker.function().and_then(|f| enclosing_loop(worker, f)) else { return };
    // Declared outside the loop, in a function around it.
    let declared = declaration(write.state).filter(|d| write.state.is(Kind::Name) && !d.is_in(repeat));
    let Some(declared) = declared else { return };
    cx.site();
    // Each element of a slice is its own variable.
    let is_map = made_map(declared);
    if write.element && !is_map || is_guarded(cx, write.at, worker) || hands_over(worker) {
        return;
    }
    let finding = cx
        .finding(
            write.at,
            format!("All goroutines of this loop write `{}`, without a lock", write.state.text()),
        )
        .why(if write.element { MAP } else { WHY })
        .help("Guard it with a mutex, use an atomic, or send the results over a channel.")
        .related(declared, "declared here, once for all of them");
    cx.report(finding);
}

const MAP: &str = "Two writes to a map at once end the process, and no recover catches that.";
const READ: &str = "To read a map while it is written ends the process, and no recover catches that.";

/// Whether goroutines take turns by a channel.
fn hands_over(worker: Node<'_>) -> bool {
    worker.descendants().any(|n| matches!(n.kind(), Kind::Receive))
}

/// A package's variable, or a field of the receiver, that a request's handler writes.
fn handled(cx: &mut Check<'_>, write: &Write<'_>, handler: Node<'_>) {
    let root = root(write.state);
    if !root.is(Kind::Name) {
        return;
    }
    let what = match declaration(root) {
        Some(bound) => {
            // Of the receiver, behind a pointer: all requests have the same.
            let shared = is_receiver(bound) && bound.text().contains('*') && write.state.is(Kind::Attribute);
            // One per connection or request has its own writer or request.
            let own = shared && write.state.object().is_some_and(|o| !o.is(Kind::Name));
            // Handlers that are made for one request keep its state: only what counts or collects, or has a lock, is there for many.
            let kept = !write.updates && !write.element && locks(cx, handler).is_empty();
            if shared && !own && !kept {
                "a field that all requests share"
            } else if is_around(cx, write, handler, bound) {
                "a map that all requests share"
            } else {
                return;
            }
        }
        None => {
            let global = cx.workspace().global(&cx.environment().absolute(root.name())).is_some();
            if !global || !write.state.is(Kind::Name) {
                return;
            }
            "a variable that all requests share"
        }
    };
    cx.site();
    let synchronized = cx.type_meaning(write.state).is_some_and(|t| t.is("synchronized"));
    if synchronized || is_guarded(cx, write.at, handler) {
        return;
    }
    let finding = cx
        .finding(write.at, format!("`{}` is {what}, and written without a lock", write.state.text()))
        .why(if write.element { MAP } else { WHY })
        .help("Guard it with a mutex, or use an atomic.")
        .related(
            Range { start: handler.range().start, end: handler.name_range().end },
            "runs for each request, several at once",
        )
        .maybe_fix(lock_around(cx, write, handler));
    cx.report(finding);
}

/// Whether a write is of a map that the function around a handler makes, once for all requests: `func Limit() gin.HandlerFunc { seen := ...`.
fn is_around(cx: &Check<'_>, write: &Write<'_>, handler: Node<'_>, bound: Node<'_>) -> bool {
    let of_map = write.element && write.state.is(Kind::Name) && made_map(bound);
    of_map && !bound.is_in(handler) && request_handler(cx, handler).is_none()
}

/// Go: takes the only lock of the receiver around a write that calls nothing and hangs on nothing that was looked at before.
fn lock_around(cx: &Check<'_>, write: &Write<'_>, handler: Node<'_>) -> Option<Fix> {
    let this = write.state.object().filter(|o| o.is(Kind::Name))?;
    let locks = locks(cx, handler);
    let [lock] = &locks[..] else { return None };
    let statement = write.at.statement();
    let calls = statement.descendants().any(|n| matches!(n.kind(), Kind::Call | Kind::Receive));
    let under = statement.ancestors().take_while(|a| *a != handler).any(|a| {
        matches!(a.kind(), Kind::If | Kind::Match | Kind::Lambda)
            && (a.is(Kind::Lambda) || a.children().take(2).any(|c| c.text().contains(write.state.name())))
    });
    let own_line = lines(statement)?;
    if calls || under || statement.text().contains('\n') || own_line.is_empty() {
        return None;
    }
    let (indentation, text) = (indentation(statement)?, statement.text());
    let lock = format!("{}.{lock}", this.text());
    let held = format!("{lock}.Lock()\n{indentation}{text}\n{indentation}{lock}.Unlock()");
    Some(Fix::suggested(format!("Hold `{lock}` here")).replace(statement, held))
}

/// The locks among the fields of the type that a method belongs to.
fn locks(cx: &Check<'_>, method: Node<'_>) -> Vec<String> {
    let is_lock = |origin: &Origin| match origin {
        Origin::Instance(path) => cx.resolver().vocabulary().type_of(path).is_some_and(|t| t.is("lock")),
        _ => false,
    };
    let class = method_of(method).and_then(|c| cx.workspace().class(&cx.environment().absolute(c)));
    let fields = class.into_iter().flat_map(|c| &c.fields).filter(|(_, origin)| is_lock(origin));
    fields.map(|(name, _)| name.to_string()).collect()
}

/// The name at the start of `a.b.c[d]`.
fn root(node: Node<'_>) -> Node<'_> {
    match node.kind() {
        Kind::Attribute | Kind::Index => node.object().map_or(node, root),
        Kind::Dereference => node.get(Role::Value).map_or(node, root),
        _ => node,
    }
}

// Rust.

fn rust(cx: &mut Check<'_>, node: Node<'_>) {
    if node.is(Kind::Call) {
        atomic_store(cx, node);
        return;
    }
    for write in writes(node) {
        let name = root(write.state);
        let constant = name.name().chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
        let global = cx.workspace().global(&cx.environment().absolute(name.name())).is_some();
        let Some(function) = write.at.function() else { continue };
        // Only what is `static mut` can be written so.
        if !name.is(Kind::Name) || !constant || !global || !cx.resolver().bindings(name).is_empty() {
            continue;
        }
        cx.site();
        if is_guarded(cx, write.at, function) || runs_once(function.name()) || under_check(&write) {
            continue;
        }
        let finding = cx
            .finding(
                write.at,
                format!("`{}` is shared by all threads, and written without a lock", write.state.text()),
            )
            .why("Two threads that write it at once are undefined behaviour, not only a lost update.")
            .help("Use an atomic, a `Mutex` or a `OnceLock`.")
            .confidence(if write.updates || write.element { Confidence::High } else { Confidence::Medium });
        cx.report(finding);
    }
}

/// Whether a write is the making of a value that was found missing: `unsynchronized-lazy-init` has that.
fn under_check(write: &Write<'_>) -> bool {
    write.at.ancestors().any(|n| {
        n.is(Kind::If)
            && n.get(Role::Condition).is_some_and(|c| {
                c.descendants().any(|d| d.is(Kind::Name) && d.name() == root(write.state).name())
            })
    })
}

/// `x.store(f(x.load()))`: what other threads did between the two is lost.
fn atomic_store(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(callee) = call.callee().filter(|c| c.is(Kind::Attribute) && c.name() == "store") else { return };
    let (Some(state), Some(function)) = (callee.object(), call.function()) else { return };
    if !cx.type_meaning(state).is_some_and(|t| t.is("synchronized")) {
        return;
    }
    cx.site();
    let loads = |n: Node<'_>| {
        n.is(Kind::Call)
            && n.callee()
                .is_some_and(|c| c.name() == "load" && c.object().is_some_and(|o| o.text() == state.text()))
    };
    let Some(value) = call.positional(0) else { return };
    let from_old = std::iter::once(value)
        .chain(value.descendants())
        .any(|n| loads(n) || n.is(Kind::Name) && cx.made_by(n).is_some_and(&loads));
    if !from_old || is_guarded(cx, call, function) {
        return;
    }
    let finding = cx
        .finding(call, format!("`{}` is read and written in two steps", state.text()))
        .why("What another thread writes between the load and the store is lost.")
        .help("Use one step: `fetch_add`, `fetch_max`, `fetch_update` or `compare_exchange`.")
        .maybe_fix(one_step(cx, call, state, value));
    cx.report(finding);
}

/// Rust: `let old = x.load(..); x.store(old + 1, order);`, one right behind the other, as `let old = x.fetch_add(1, order);`.
fn one_step(cx: &Check<'_>, store: Node<'_>, state: Node<'_>, value: Node<'_>) -> Option<Fix> {
    let integer = cx.type_of(state).is_some_and(|t| {
        let name = t.rsplit("::").next().unwrap_or_default();
        name.starts_with("AtomicU") || name.starts_with("AtomicI")
    });
    let add = match value.operator() {
        Operator::Add if integer && value.is(Kind::Binary) => "fetch_add",
        Operator::Sub if integer && value.is(Kind::Binary) => "fetch_sub",
        _ => return None,
    };
    let mut operands = value.all(Role::Operand);
    let (old, by) = (operands.next()?, operands.next()?);
    if !matches!(by.kind(), Kind::Number | Kind::Name) || by.name() == old.name() {
        return None;
    }
    let load = cx.made_by(old).filter(|_| old.is(Kind::Name))?;
    let (first, second) = (load.statement(), store.statement());
    let together = first.parent() == second.parent() && first.fact().end == second.index();
    let order = store.positional(1)?;
    let step = format!("{}.{add}({}, {})", state.text(), by.text(), order.text());
    let fix = Fix::suggested(format!("Use `{add}`")).replace(load, step);
    // The line with its semicolon.
    let Range { start, end } = second.range();
    let is_line = store.facts().text[end as usize..].starts_with(";\n");
    let gone = Range { start: start - indentation(second)?.len() as u32, end: end + 2 };
    (together && second == store && is_line).then(|| fix.replace(gone, ""))
}
