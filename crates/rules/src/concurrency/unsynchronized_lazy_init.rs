use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Origin, Role};
use shipworthy_syntax::{Language, Range};

use crate::locks::{is_guarded, is_with_lock, takes_lock};
use crate::names::words;
use crate::program;

rule! {
    /// A singleton is made on first use without a lock
    ///
    /// Two threads that come at once both find it missing and both make it: two models in memory, two pools, a half-made index that one of
    /// them already uses. Take a lock and look again, use a cached function, `sync.OnceValue` or `LazyLock`, or make it at start-up.
    ///
    /// ```python bad
    /// from sentence_transformers import SentenceTransformer
    ///
    /// _embedder = None
    ///
    /// def embedder():
    ///     global _embedder
    ///     if _embedder is None:
    ///     ^^^^^^^^^^^^^^^^^^^^^
    ///         _embedder = SentenceTransformer("all-MiniLM-L6-v2")
    ///     return _embedder
    /// ```
    ///
    /// ```python bad
    /// import threading
    ///
    /// _index = None
    ///
    /// def index():
    ///     global _index
    ///     if _index is None:
    ///     ^^^^^^^^^^^^^^^^^^
    ///         _index = build()
    ///     return _index
    /// ```
    /// ```python fixed
    /// import threading
    ///
    /// _index = None
    ///
    /// _index_lock = threading.Lock()
    ///
    ///
    /// def index():
    ///     global _index
    ///     if _index is None:
    ///         with _index_lock:
    ///             if _index is None:
    ///                 _index = build()
    ///     return _index
    /// ```
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    ///
    /// class Helpdesk:
    ///     _instance = None
    ///
    ///     def __new__(cls):
    ///         if cls._instance is None:
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^
    ///             cls._instance = super().__new__(cls)
    ///         return cls._instance
    /// ```
    ///
    /// ```python good
    /// import functools
    /// import threading
    ///
    /// _index = None
    /// _lock = threading.Lock()
    ///
    /// def index():
    ///     global _index
    ///     if _index is None:
    ///         with _lock:
    ///             if _index is None:
    ///                 _index = build()
    ///     return _index
    ///
    /// @functools.cache
    /// def other():
    ///     return build()
    /// ```
    ///
    /// ```python good
    /// import threading
    ///
    /// _client = None
    ///
    /// async def client():
    ///     global _client
    ///     if _client is None:
    ///         _client = make()
    ///     return _client
    ///
    /// def local(value=None):
    ///     if value is None:
    ///         value = build()
    ///     return value
    ///
    /// class Reader:
    ///     def text(self):
    ///         if self._text is None:
    ///             self._text = self.read()
    ///         return self._text
    /// ```
    ///
    /// What makes nothing (an alias, a default, a class that is imported late), what is there already and what a program takes while it starts
    /// may be looked up twice without harm.
    ///
    /// ```python good
    /// import threading
    ///
    /// _handler = None
    /// _timeout = None
    /// _store = None
    /// _warned = False
    /// database = None
    ///
    /// def handler():
    ///     global _handler
    ///     if _handler is None:
    ///         from shop.handlers import Handler
    ///
    ///         _handler = Handler
    ///     return _handler
    ///
    /// class Task:
    ///     timeout = None
    ///
    ///     @classmethod
    ///     def bind(cls, app):
    ///         if cls.timeout is None:
    ///             cls.timeout = app.timeout if app.timeout is not None else 30
    ///
    /// def warn():
    ///     global _warned
    ///     if not _warned:
    ///         logger.warning("no proxy is configured")
    ///         _warned = True
    ///
    /// async def proxy_startup_event(app):
    ///     global database
    ///     if database is None:
    ///         database = await connect()
    /// ```
    ///
    /// Nor does a truth value differ with who computes it.
    ///
    /// ```python good
    /// import os
    /// import threading
    ///
    /// _is_testing = None
    ///
    /// def is_testing():
    ///     global _is_testing
    ///     if _is_testing is None:
    ///         _is_testing = bool(os.environ.get("PYTEST_CURRENT_TEST"))
    ///     return _is_testing
    /// ```
    ///
    /// What functions compute from nothing outside is the same each time.
    ///
    /// ```python good
    /// import threading
    ///
    /// _formats = None
    /// _uri = None
    ///
    /// def _build_formats():
    ///     return {name: name.upper() for name in ("csv", "json")}
    ///
    /// def _is_secure(uri):
    ///     return uri.startswith("https:")
    ///
    /// def formats():
    ///     global _formats
    ///     if _formats is None:
    ///         _formats = _build_formats()
    ///     return _formats
    ///
    /// def uri(settings):
    ///     global _uri
    ///     if _uri is None:
    ///         _uri = next((u for u in settings.uris if _is_secure(u)), None)
    ///     return _uri
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "net/http"
    ///
    /// var client *Client
    ///
    /// func Get() *Client {
    /// 	if client == nil {
    /// 	^^^^^^^^^^^^^^^^^^
    /// 		client = connect()
    /// 	}
    /// 	return client
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "context"
    ///
    /// var cache map[string]string
    ///
    /// func put(key, value string) {
    /// 	if cache == nil {
    /// 	^^^^^^^^^^^^^^^^^
    /// 		cache = make(map[string]string)
    /// 	}
    /// 	cache[key] = value
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import "sync"
    ///
    /// var (
    /// 	mu     sync.Mutex
    /// 	client *Client
    /// )
    ///
    /// func Get() *Client {
    /// 	mu.Lock()
    /// 	defer mu.Unlock()
    /// 	if client == nil {
    /// 		client = connect()
    /// 	}
    /// 	return client
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// var client *Client
    ///
    /// func init() {
    /// 	if client == nil {
    /// 		client = connect()
    /// 	}
    /// }
    ///
    /// func (s *Store) get(other *Client) *Client {
    /// 	if other == nil {
    /// 		other = connect()
    /// 	}
    /// 	return other
    /// }
    /// ```
    ///
    /// A flag that nothing but a message depends on.
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// var warned bool
    ///
    /// func handle(w http.ResponseWriter, r *http.Request) {
    /// 	if !warned {
    /// 		log.Print("deprecated")
    /// 		warned = true
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// static mut CLIENT: Option<Client> = None;
    ///
    /// fn client() -> &'static Client {
    ///     unsafe {
    ///         if CLIENT.is_none() {
    ///         ^^^^^^^^^^^^^^^^^^^
    ///             CLIENT = Some(Client::new());
    ///         }
    ///         CLIENT.as_ref().unwrap()
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// static mut READY: bool = false;
    ///
    /// fn prepare() {
    ///     unsafe {
    ///         if !READY {
    ///         ^^^^^^^^^
    ///             READY = load();
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::sync::OnceLock;
    ///
    /// static CLIENT: OnceLock<Client> = OnceLock::new();
    ///
    /// fn client() -> &'static Client {
    ///     CLIENT.get_or_init(Client::new)
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn client(slot: &mut Option<Client>) -> &Client {
    ///     if slot.is_none() {
    ///         *slot = Some(Client::new());
    ///     }
    ///     slot.as_ref().unwrap()
    /// }
    /// ```
    ///
    /// A session of aiohttp is made where its event loop runs, and nobody comes between two lines that await nothing:
    ///
    /// ```python good
    /// import aiohttp
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    /// _session = None
    ///
    /// def session() -> aiohttp.ClientSession:
    ///     global _session
    ///     if _session is None:
    ///         _session = aiohttp.ClientSession()
    ///     return _session
    /// ```
    name: "unsynchronized-lazy-init",
    category: Concurrency,
    severity: High,
    scope: File,
    fix: { Python: Suggested },
    on: [Fact(Kind::If)],
    check: check,
}

fn check(cx: &mut Check<'_>, branch: Node<'_>) {
    let Some(slot) = missing(branch) else { return };
    let Some(function) = cx.named_function(branch) else { return };
    let sets = branch.get(Role::Body).is_some_and(|body| {
        body.descendants_here()
            .any(|n| n.is(Kind::Assign) && n.all(Role::Target).any(|t| t.text() == slot.text()))
    });
    if !sets || !is_shared(cx, slot, function) {
        return;
    }
    cx.site();
    // Registries are filled while the program starts.
    let said = words(function.name());
    let entered_once = said.first().is_some_and(|first| {
        matches!(first.as_str(), "init" | "main" | "register" | "setup" | "set" | "add" | "initialize")
    }) || said.iter().any(|w| matches!(w.as_str(), "startup" | "lifespan"))
        || function.has(Flags::ASYNC) && !awaits(branch);
    if entered_once || is_locked(cx, branch, function) {
        return;
    }
    let made = made(cx, branch, slot);
    if made == Made::Nothing {
        return;
    }
    let sure = made == Made::Anew && has_threads(cx, function) && !is_of_loop(cx, branch);
    let start = branch.range().start;
    let head = branch.get(Role::Condition).map_or(branch.range(), |c| Range { start, end: c.range().end });
    let colon = Range { start, end: head.end + u32::from(cx.language() == Language::Python) };
    let at = if cx.language() == Language::Go {
        Range { start, end: branch.get(Role::Body).map_or(head.end, |b| b.range().start + 1) }
    } else {
        colon
    };
    let finding = cx
        .finding(at, format!("`{}` is made on first use without a lock", slot.text()))
        .why("Two threads that come at once both find it missing and both make it.")
        .help(
            "Take a lock and look again inside it, use a cached function or a once, or make it at start-up.",
        )
        .confidence(match () {
            () if sure => Confidence::High,
            // A model is for a service as a rule, whichever file has the threads.
            () if made == Made::Anew
                && loads_model(cx, branch)
                && !program::runs_now_and_then(cx, branch) =>
            {
                Confidence::Medium
            }
            () => Confidence::Low,
        })
        .maybe_fix(fix(cx, branch, slot));
    cx.report(finding);
}

/// Whether a branch makes what only an event loop's own thread can make; where it awaits nothing, nobody comes between.
fn is_of_loop(cx: &Check<'_>, branch: Node<'_>) -> bool {
    let of_loop = |n: Node<'_>| cx.meaning(n).is_some_and(|m| m.property("thread") == Some("loop"));
    !awaits(branch) && branch.descendants_here().any(|n| n.is(Kind::Call) && of_loop(n))
}

/// Whether a branch loads a model, itself.
fn loads_model(cx: &Check<'_>, branch: Node<'_>) -> bool {
    let loads = |n: Node<'_>| cx.meaning(n).is_some_and(|m| m.effects.contains(Effects::LOADS_MODEL));
    branch.descendants_here().any(|n| n.is(Kind::Call) && loads(n))
}

/// Whether more than one thread is in view. Rust's are never far from a `static mut`; compilers and commands have none.
fn has_threads(cx: &Check<'_>, function: Node<'_>) -> bool {
    match cx.language() {
        Language::Rust => true,
        Language::Go if program::is_command_line(cx) => false,
        Language::Go => {
            ["sync", "net/http", "context"].iter().any(|package| cx.environment().imports(package))
                || cx.facts().root().descendants().any(|n| n.is(Kind::Spawn))
        }
        Language::Python => cx.imports("service") || cx.imports("threads") || function.has(Flags::ASYNC),
    }
}

/// What a second thread would make.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Made {
    /// A name for something that is there, a constant, a flag beside a message.
    Nothing,
    /// What is the same whoever asks: what a getter gives, what a text says, what the environment holds.
    Same,
    /// Something of its own.
    Anew,
}

/// What a branch makes for its slot: the most of what it sets it to.
fn made(cx: &Check<'_>, branch: Node<'_>, slot: Node<'_>) -> Made {
    let Some(body) = branch.get(Role::Body) else { return Made::Nothing };
    let is_slot = |n: Node<'_>| n.text() == slot.text();
    let assigns =
        || body.descendants_here().filter(|n| n.is(Kind::Assign) && n.all(Role::Target).any(is_slot));
    // What is filled after it can be seen is half-made for a while.
    let first = assigns().next().map_or(0, |a| a.range().end);
    let filled = body.descendants_here().any(|n| {
        is_slot(n)
            && n.range().start > first
            && matches!(n.role(), Role::Object | Role::Value | Role::Iterable)
            && !n.parent().is_some_and(|p| p.is(Kind::Return))
    });
    if filled {
        return Made::Anew;
    }
    let flag = |value: Node<'_>| {
        let acts = body.descendants_here().any(|n| {
            n.is(Kind::Call)
                && cx.meaning(n).is_none_or(|m| !m.is("log") && !m.effects.contains(Effects::PRINTS))
                && !n.callee().is_some_and(|c| is_message(c.name()))
        });
        if value.is(Kind::Boolean) && acts { Made::Anew } else { Made::Nothing }
    };
    let of = |value: Node<'_>| match value.kind() {
        Kind::List | Kind::Dictionary | Kind::Set | Kind::Comprehension | Kind::Construct => Made::Anew,
        Kind::Boolean => flag(value),
        // What is whole before it gets its name is at worst made twice.
        Kind::Name => {
            if is_made_in(body, value) {
                Made::Same
            } else {
                Made::Nothing
            }
        }
        _ => std::iter::once(value)
            .chain(value.descendants())
            .filter(|n| matches!(n.kind(), Kind::Call | Kind::Construct))
            .map(|call| if looks_up(cx, call) { Made::Same } else { Made::Anew })
            .max()
            .unwrap_or(Made::Nothing),
    };
    assigns().flat_map(|a| a.all(Role::Value).collect::<Vec<_>>()).map(of).max().unwrap_or(Made::Nothing)
}

/// Whether a block sets a name to something that it calls.
fn is_made_in(block: Node<'_>, name: Node<'_>) -> bool {
    block.descendants_here().filter(|n| n.is(Kind::Assign)).any(|assign| {
        assign.all(Role::Target).any(|t| t.text() == name.text())
            && assign.all(Role::Value).any(|v| v.is(Kind::Call) || v.descendants().any(|n| n.is(Kind::Call)))
    })
}

/// Whether a name is one of a logger's methods.
fn is_message(name: &str) -> bool {
    matches!(name, "debug" | "info" | "warning" | "warn" | "error" | "exception" | "print")
}

/// What no second call should do as well: work with the outside.
const OUTSIDE: Effects = Effects::CONNECTS
    .union(Effects::NETWORK)
    .union(Effects::DATABASE)
    .union(Effects::FILES)
    .union(Effects::PROCESS)
    .union(Effects::SPAWNS)
    .union(Effects::LOADS_MODEL)
    .union(Effects::RANDOM)
    .union(Effects::SECURE_RANDOM);

/// Whether a call gives what is there already, or computes the same for everybody: by what it is called, or because it is a function of the
/// workspace that touches nothing outside.
fn looks_up(cx: &Check<'_>, call: Node<'_>) -> bool {
    let Some(callee) = call.callee() else { return false };
    let decodes = cx.meaning(call).is_some_and(|m| m.effects.contains(Effects::DECODES));
    let computes = cx.workspace_callee(call).is_some_and(|path| {
        let results = cx.workspace().function(&path).map_or(&[][..], |f| &f.results);
        // Two objects of the workspace's own have two states.
        let object = results.iter().any(|r| match r {
            Origin::Instance(class) => cx.workspace().class(class).is_some(),
            _ => false,
        });
        !object && !cx.workspace().reach(&path).intersects(OUTSIDE)
    });
    let first = words(callee.name()).first().cloned().unwrap_or_default();
    // A value without a state of its own.
    let plain = callee.is(Kind::Name)
        && matches!(callee.name(), "bool" | "int" | "float" | "str" | "len" | "any" | "all");
    decodes
        || plain
        || computes
        || matches!(
            first.as_str(),
            "get"
                | "find"
                | "lookup"
                | "resolve"
                | "read"
                | "parse"
                | "next"
                | "monotonic"
                | "time"
                | "now"
                | "super"
                | "is"
                | "has"
                | "can"
        ) && callee.name() != "__new__"
}

/// What a condition says is not there yet: `x is None`, `x == nil`, `not x`, `X.is_none()`.
fn missing(branch: Node<'_>) -> Option<Node<'_>> {
    let condition = branch.get(Role::Condition)?;
    let slot = match condition.kind() {
        Kind::Compare if matches!(condition.operator(), Operator::Is | Operator::Eq) => {
            let mut operands = condition.all(Role::Operand);
            let (left, right) = (operands.next()?, operands.next()?);
            right.is(Kind::Nothing).then_some(left)?
        }
        Kind::Unary if condition.operator() == Operator::Not => condition.get(Role::Operand)?,
        Kind::Call => condition.callee().filter(|c| c.name() == "is_none")?.object()?,
        _ => return None,
    };
    matches!(slot.kind(), Kind::Name | Kind::Attribute).then_some(slot)
}

/// Whether more than one call of a function sees the same slot: a global, or an attribute of a class.
fn is_shared(cx: &Check<'_>, slot: Node<'_>, function: Node<'_>) -> bool {
    match cx.language() {
        Language::Python if slot.is(Kind::Name) => function.descendants_here().any(|n| {
            n.is(Kind::Global)
                && n.text().starts_with("global")
                && n.children().any(|c| c.name() == slot.name())
        }),
        Language::Python => {
            let owner = slot.object().filter(|o| o.is(Kind::Name)).map_or("", Node::name);
            let class = function.class().map_or("", Node::name);
            owner == "cls" || owner == class && !class.is_empty()
        }
        Language::Go | Language::Rust => {
            let global = cx.workspace().global(&cx.environment().absolute(slot.name())).is_some();
            let local = function
                .descendants_here()
                .any(|n| n.has(Flags::BINDS) && n.name() == slot.name() && n.role() != Role::Target)
                || function.children().any(|c| c.is(Kind::Parameter) && c.name() == slot.name())
                || function.descendants_here().any(|n| {
                    n.is(Kind::Assign)
                        && n.has(Flags::DECLARES)
                        && n.all(Role::Target).any(|t| t.name() == slot.name())
                });
            let upper = slot.name().chars().all(|c| c.is_uppercase() || c == '_' || c.is_ascii_digit());
            slot.is(Kind::Name) && global && !local && (cx.language() == Language::Go || upper)
        }
    }
}

fn awaits(branch: Node<'_>) -> bool {
    branch.descendants_here().any(|n| n.is(Kind::Await))
}

/// Whether a lock is held where a branch begins, or the branch takes one and looks again.
fn is_locked(cx: &Check<'_>, branch: Node<'_>, function: Node<'_>) -> bool {
    is_guarded(cx, branch, function)
        || branch.descendants_here().any(is_with_lock)
        || branch.descendants().any(|n| takes_lock(cx, n))
}

/// A double-checked lock in front of the definition.
fn fix(cx: &Check<'_>, branch: Node<'_>, slot: Node<'_>) -> Option<Fix> {
    if cx.language() != Language::Python || !slot.is(Kind::Name) || branch.get(Role::Else).is_some() {
        return None;
    }
    let body = branch.get(Role::Body)?;
    let definition = branch.ancestors().filter(|n| n.parent().is_some_and(|p| p.is(Kind::Module))).last()?;
    let before = cx.facts().slice(Range { start: 0, end: branch.range().start });
    let indentation = before.rsplit('\n').next().filter(|line| line.trim().is_empty())?;
    let lock = format!("{}_lock", slot.name());
    let (threading, import) = cx.import("threading", "");
    let step = "    ";
    let condition = branch.get(Role::Condition)?.text();
    let inner = body.text().replace('\n', &format!("\n{step}{step}"));
    let text = format!(
        "if {condition}:\n{indentation}{step}with {lock}:\n{indentation}{step}{step}if {condition}:\n{indentation}{step}{step}{step}{inner}"
    );
    let made = format!("{lock} = {threading}.Lock()\n\n\n");
    let fix = Fix::suggested("Take a lock and look again").import(import);
    Some(fix.insert(definition.range().start, made).replace(branch, text))
}
