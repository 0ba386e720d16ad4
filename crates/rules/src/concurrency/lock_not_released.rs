use std::collections::BTreeSet;

use shipworthy_audit::level::Severity;
use shipworthy_audit::{Check, Finding, Fix, Survey, rule};
use shipworthy_facts::flow::{Question, ways_out};
use shipworthy_facts::{Effects, Kind, Node, Role, method_of};
use shipworthy_syntax::Language;

use crate::guards::{declaration, is_receiver, root};
use crate::names::words;
use crate::ownership::{
    can_fail, ends, first_line, in_nested_function, indentation, indented, is_taken_under, lines,
};

rule! {
    /// A lock is not released on every way out
    ///
    /// A function takes a lock and leaves without giving it back: by a `return` in between, or by an exception. Everybody who wants the lock next
    /// waits for ever; the process hangs without a message, and only a restart helps. Release it right where it is taken: `defer mu.Unlock()`, `with lock:`.
    ///
    /// A function that takes a lock and never releases it may hand it on: where its name says so, or where another function of the package
    /// releases what it did not take.
    ///
    /// A turn that a thread gives back which is started with it.
    ///
    /// ```python good
    /// import threading
    ///
    /// class Foreman:
    ///     def __init__(self):
    ///         self.turns = threading.Semaphore(4)
    ///
    ///     def hand_out(self, tasks):
    ///         for task in tasks:
    ///             self.turns.acquire()
    ///             try:
    ///                 work = find(task)
    ///             except Exception:
    ///                 self.turns.release()
    ///                 continue
    ///             self.start(work)
    ///
    ///     def start(self, work):
    ///         def run():
    ///             try:
    ///                 work()
    ///             finally:
    ///                 self.turns.release()
    ///         threading.Thread(target=run).start()
    /// ```
    ///
    /// ```go bad
    /// package bank
    ///
    /// import "sync"
    ///
    /// type Account struct {
    /// 	mu      sync.Mutex
    /// 	balance int
    /// }
    ///
    /// func (a *Account) Withdraw(amount int) error {
    /// 	a.mu.Lock()
    /// 	^^^^^^^^^^^
    /// 	if a.balance < amount {
    /// 		return ErrInsufficient
    /// 	}
    /// 	a.balance -= amount
    /// 	a.mu.Unlock()
    /// 	return nil
    /// }
    /// ```
    /// ```go fixed
    /// package bank
    ///
    /// import "sync"
    ///
    /// type Account struct {
    /// 	mu      sync.Mutex
    /// 	balance int
    /// }
    ///
    /// func (a *Account) Withdraw(amount int) error {
    /// 	a.mu.Lock()
    /// 	defer a.mu.Unlock()
    /// 	if a.balance < amount {
    /// 		return ErrInsufficient
    /// 	}
    /// 	a.balance -= amount
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go bad
    /// package cache
    ///
    /// import "sync"
    ///
    /// type Cache struct {
    /// 	sync.RWMutex
    /// 	items map[string]string
    /// }
    ///
    /// func (c *Cache) Get(key string) (string, error) {
    /// 	c.RLock()
    /// 	^^^^^^^^^
    /// 	value, ok := c.items[key]
    /// 	if !ok {
    /// 		return "", ErrMissing
    /// 	}
    /// 	c.RUnlock()
    /// 	return value, nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package bank
    ///
    /// import "sync"
    ///
    /// type Account struct {
    /// 	mu      sync.Mutex
    /// 	balance int
    /// }
    ///
    /// func (a *Account) Withdraw(amount int) error {
    /// 	a.mu.Lock()
    /// 	defer a.mu.Unlock()
    /// 	if a.balance < amount {
    /// 		return ErrInsufficient
    /// 	}
    /// 	a.balance -= amount
    /// 	return nil
    /// }
    ///
    /// func (a *Account) Balance() int {
    /// 	a.mu.Lock()
    /// 	balance := a.balance
    /// 	a.mu.Unlock()
    /// 	return balance
    /// }
    ///
    /// func (a *Account) Deposit(amount int) error {
    /// 	a.mu.Lock()
    /// 	if amount < 0 {
    /// 		a.mu.Unlock()
    /// 		return ErrNegative
    /// 	}
    /// 	a.balance += amount
    /// 	a.mu.Unlock()
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package queue
    ///
    /// import "sync"
    ///
    /// type Queue struct {
    /// 	mu sync.Mutex
    /// }
    ///
    /// func (q *Queue) lock() {
    /// 	q.mu.Lock()
    /// }
    ///
    /// // The caller holds the lock.
    /// func (q *Queue) flush(send func()) int {
    /// 	q.mu.Unlock()
    /// 	send()
    /// 	q.mu.Lock()
    /// 	return 1
    /// }
    ///
    /// func (q *Queue) drain(send func()) int {
    /// 	q.mu.Lock()
    /// 	defer q.mu.Unlock()
    /// 	q.mu.Unlock()
    /// 	send()
    /// 	q.mu.Lock()
    /// 	return 1
    /// }
    ///
    /// func (q *Queue) size(locked bool) int {
    /// 	if !locked {
    /// 		q.mu.Lock()
    /// 	}
    /// 	size := q.count
    /// 	if !locked {
    /// 		q.mu.Unlock()
    /// 	}
    /// 	return size
    /// }
    ///
    /// func (q *Queue) background(send func()) error {
    /// 	q.mu.Lock()
    /// 	go func() {
    /// 		defer q.mu.Unlock()
    /// 		send()
    /// 	}()
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```python bad
    /// import threading
    ///
    /// class Registry:
    ///     def __init__(self):
    ///         self._lock = threading.Lock()
    ///         self._items = {}
    ///
    ///     def register(self, name, item):
    ///         self._lock.acquire()
    ///         ^^^^^^^^^^^^^^^^^^^^
    ///         if name in self._items:
    ///             raise ValueError(name)
    ///         self._items[name] = item
    ///         self._lock.release()
    ///         return item
    /// ```
    /// ```python fixed
    /// import threading
    ///
    /// class Registry:
    ///     def __init__(self):
    ///         self._lock = threading.Lock()
    ///         self._items = {}
    ///
    ///     def register(self, name, item):
    ///         with self._lock:
    ///             if name in self._items:
    ///                 raise ValueError(name)
    ///             self._items[name] = item
    ///         return item
    /// ```
    ///
    /// ```go bad
    /// package bank
    ///
    /// import "sync"
    ///
    /// type Account struct {
    /// 	mu      sync.Mutex
    /// 	balance int
    /// }
    ///
    /// func (a *Account) Deposit(amount int) {
    /// 	a.mu.Lock()
    /// 	^^^^^^^^^^^
    /// 	a.balance += amount
    /// }
    ///
    /// func (a *Account) Balance() int {
    /// 	a.mu.Lock()
    /// 	defer a.mu.Unlock()
    /// 	return a.balance
    /// }
    /// ```
    /// ```go fixed
    /// package bank
    ///
    /// import "sync"
    ///
    /// type Account struct {
    /// 	mu      sync.Mutex
    /// 	balance int
    /// }
    ///
    /// func (a *Account) Deposit(amount int) {
    /// 	a.mu.Lock()
    /// 	defer a.mu.Unlock()
    /// 	a.balance += amount
    /// }
    ///
    /// func (a *Account) Balance() int {
    /// 	a.mu.Lock()
    /// 	defer a.mu.Unlock()
    /// 	return a.balance
    /// }
    /// ```
    ///
    /// ```python bad
    /// import threading
    ///
    /// class Counter:
    ///     def __init__(self):
    ///         self._lock = threading.Lock()
    ///         self._count = 0
    ///
    ///     def add(self):
    ///         self._lock.acquire()
    ///         ^^^^^^^^^^^^^^^^^^^^
    ///         self._count += 1
    ///
    ///     def count(self):
    ///         with self._lock:
    ///             return self._count
    /// ```
    ///
    /// ```go good
    /// package bank
    ///
    /// import (
    /// 	"sync"
    /// 	"syscall"
    /// )
    ///
    /// var ending sync.Mutex
    ///
    /// type Account struct {
    /// 	mu      sync.Mutex
    /// 	quiet   sync.Mutex
    /// 	balance int
    /// }
    ///
    /// func (a *Account) Begin() {
    /// 	a.mu.Lock()
    /// 	a.balance = 0
    /// }
    ///
    /// func (a *Account) End() {
    /// 	a.balance++
    /// 	a.mu.Unlock()
    /// }
    ///
    /// func (a *Account) silence() func() {
    /// 	a.quiet.Lock()
    /// 	return a.quiet.Unlock
    /// }
    ///
    /// func (a *Account) find(name string) *Account {
    /// 	other := all[name]
    /// 	other.quiet.Lock()
    /// 	return other
    /// }
    ///
    /// func stop(sig syscall.Signal) {
    /// 	ending.Lock()
    /// 	syscall.Kill(syscall.Getpid(), sig)
    /// }
    ///
    /// func (a *Account) later() {
    /// 	a.quiet.Lock()
    /// 	after(func() { a.quiet.Unlock() })
    /// }
    /// ```
    ///
    /// ```python good
    /// import threading
    ///
    /// class Turn:
    ///     def __init__(self):
    ///         self._lock = threading.Lock()
    ///
    ///     def begin(self):
    ///         self._lock.acquire()
    ///         self.turns = 0
    ///
    ///     def finish(self):
    ///         self._lock.release()
    ///
    /// class Slots:
    ///     def __init__(self):
    ///         self._slots = threading.Semaphore(4)
    ///
    ///     def use_up(self):
    ///         self._slots.acquire()
    ///         self.used = True
    /// ```
    ///
    /// A lock that goes to somebody else is theirs to release.
    ///
    /// ```go good
    /// package store
    ///
    /// import "sync"
    ///
    /// type Item struct {
    /// 	mu   sync.Mutex
    /// 	dead bool
    /// }
    ///
    /// // find gives an item that is locked.
    /// func (s *Store) find(name string) (item *Item) {
    /// 	for {
    /// 		item = s.items[name]
    /// 		item.mu.Lock()
    /// 		if !item.dead {
    /// 			return
    /// 		}
    /// 		item.mu.Unlock()
    /// 	}
    /// }
    /// ```
    ///
    /// ```python good
    /// import asyncio
    ///
    /// class Worker:
    ///     def __init__(self):
    ///         self.slots = asyncio.Semaphore(8)
    ///
    ///     async def loop(self, queue):
    ///         while True:
    ///             await self.slots.acquire()
    ///             try:
    ///                 task = await queue.get()
    ///                 self.tasks.add(asyncio.create_task(self.run(task, self.slots)))
    ///             except Exception:
    ///                 self.slots.release()
    ///                 raise
    /// ```
    ///
    /// ```python bad
    /// import threading
    ///
    /// LOCK = threading.Lock()
    ///
    /// def refresh(cache, load):
    ///     LOCK.acquire()
    ///     ^^^^^^^^^^^^^^
    ///     cache.update(load())
    ///     LOCK.release()
    /// ```
    ///
    /// ```python good
    /// import threading
    ///
    /// LOCK = threading.Lock()
    ///
    /// def refresh(cache, load):
    ///     with LOCK:
    ///         cache.update(load())
    ///
    /// def reload(cache, load):
    ///     LOCK.acquire()
    ///     try:
    ///         cache.update(load())
    ///     finally:
    ///         LOCK.release()
    ///
    /// def count(state):
    ///     LOCK.acquire()
    ///     state.count += 1
    ///     LOCK.release()
    /// ```
    ///
    /// ```python good
    /// import threading
    ///
    /// class Guard:
    ///     def __init__(self):
    ///         self.lock = threading.Lock()
    ///
    ///     def __enter__(self):
    ///         self.lock.acquire()
    ///         return self
    ///
    ///     def __exit__(self, *error):
    ///         self.lock.release()
    ///
    ///     def submit(self, executor, work):
    ///         self.lock.acquire()
    ///         future = executor.submit(work)
    ///
    ///         def done(_):
    ///             self.lock.release()
    ///
    ///         future.add_done_callback(done)
    ///         return future
    ///
    ///     def attempt(self, work):
    ///         if self.lock.acquire(blocking=False):
    ///             try:
    ///                 work()
    ///             finally:
    ///                 self.lock.release()
    /// ```
    ///
    /// A lock that only one call has keeps nobody waiting:
    ///
    /// ```python good
    /// import threading
    ///
    /// class Transfer:
    ///     def __init__(self):
    ///         self.size = 0
    ///         self.progress = 0
    ///
    ///     def status(self):
    ///         lock = threading.Lock()
    ///         lock.acquire()
    ///         value = int((float(self.progress) / float(self.size)) * 100)
    ///         lock.release()
    ///         return value / 100
    /// ```
    ///
    /// What a function of the project's gives, others may have as well:
    ///
    /// ```python bad
    /// import asyncio
    ///
    /// class Limits:
    ///     def __init__(self):
    ///         self.semaphores = {}
    ///
    ///     def semaphore(self, size) -> asyncio.Semaphore:
    ///         return self.semaphores.setdefault(size, asyncio.Semaphore(size))
    ///
    ///     async def run(self, work):
    ///         turn = self.semaphore(4)
    ///         await turn.acquire()
    ///               ^^^^^^^^^^^^^^
    ///         await work()
    ///         turn.release()
    /// ```
    name: "lock-not-released",
    category: Concurrency,
    severity: Blocking,
    scope: Both,
    fix: { Python: Suggested, Go: Safe },
    on: [Role("acquire"), Role("release")],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    if cx.meaning(call).is_some_and(|m| m.is("release")) {
        note_release(cx, call);
    } else {
        taken(cx, call);
    }
}

/// Whether a lock is made in the function that takes it, and nobody else gets it: nobody waits for it.
fn is_own(cx: &Check<'_>, call: Node<'_>, scope: Node<'_>) -> bool {
    let Some(lock) = call.callee().and_then(Node::object).filter(|o| o.is(Kind::Name)) else { return false };
    // `threading.Lock()`, not what a function of the project gives: that may have given it to others.
    let is_lock = |name: String| cx.resolver().vocabulary().type_of(&name).is_some();
    let is_made_here = cx.made_by(lock).is_some_and(|made| {
        made.function() == Some(scope) && made.callee().and_then(|c| cx.name_of(c)).is_some_and(is_lock)
    });
    let mut uses = scope.descendants().filter(|n| n.is(Kind::Name) && n.name() == lock.name());
    let is_alone = |n: Node<'_>| {
        n.function() == Some(scope)
            && (n.role() == Role::Target || n.parent().is_some_and(|p| p.role() == Role::Callee))
    };
    cx.language() == Language::Python && is_made_here && uses.all(is_alone)
}

fn taken(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(lock) = call.callee().and_then(Node::object).and_then(Node::dotted) else { return };
    let Some(pair) = cx.meaning(call).and_then(|m| m.property("pair")) else { return };
    let Some(scope) = call.function() else { return };
    if is_own(cx, call, scope) {
        return;
    }
    cx.site();
    // Whose success is asked for is not certainly taken.
    let mut taken = call;
    while let Some(outer) = taken.parent().filter(|p| p.is(Kind::Await)) {
        taken = outer;
    }
    if taken.role() != Role::Statement {
        return;
    }
    let on_lock = |n: Node<'_>, method: &str| {
        n.is(Kind::Call)
            && n.callee().is_some_and(|c| {
                c.name() == method && c.object().and_then(Node::dotted).as_deref() == Some(&*lock)
            })
    };
    // Also as a value that somebody calls later.
    let is_release = |n: Node<'_>| {
        n.is(Kind::Attribute)
            && n.name() == pair
            && n.object().and_then(Node::dotted).as_deref() == Some(&*lock)
    };
    let own = call.callee().map_or("", Node::name);
    // Who releases first, or has deferred the release already, was given the lock or gives it back anyway.
    let before = scope.descendants().take_while(|n| n.index() < call.index());
    let earlier: Vec<Node<'_>> = before.filter(|n| on_lock(*n, pair) || on_lock(*n, own)).collect();
    let deferred = |n: Node<'_>| n.ancestors().take_while(|a| *a != scope).any(|a| a.is(Kind::Defer));
    if earlier.first().is_some_and(|n| on_lock(*n, pair))
        || earlier.iter().any(|n| on_lock(*n, pair) && deferred(*n))
    {
        return;
    }
    // To be left with the lock is what some functions are for, and a function inside may give it back later.
    let named = cx.named_function(call).map_or("", Node::name);
    let hands_on = words(named).iter().any(|w| matches!(w.as_str(), "lock" | "acquire" | "enter" | "aenter"))
        || scope.descendants().any(|n| is_release(n) && in_nested_function(n, scope))
        || is_given_away(call, scope, &lock);
    if hands_on {
        return;
    }
    let question = Question {
        releases: &|n| on_lock(n, pair),
        absent: &|_| false,
        present: &|n| is_taken_under(call, n),
        ends: &|n| ends(cx, n),
        can_fail: &|n| can_fail(cx, n),
    };
    let ways = ways_out(call, &question);
    if ways.leaks.is_empty() {
        return;
    }
    // A turn that is not given back where nothing fails goes to who does the work: a thread that is started with it.
    let counts = call.callee().and_then(Node::object).and_then(|lock| cx.type_meaning(lock));
    let takes_turns = counts.is_some_and(|t| t.property("counts").is_some());
    if takes_turns && ways.leaks.iter().any(|leak| !leak.is(Kind::Call)) {
        return;
    }
    if !ways.released {
        note_taken(cx, taken, call, &lock, pair);
        return;
    }
    let with = if cx.language() == Language::Python { "with" } else { "defer" };
    // Only the few calls in front of `try: ... finally: release()` can leave it taken, if they fail.
    let in_finally =
        |n: Node<'_>| n.ancestors().take_while(|a| *a != scope).any(|a| a.role() == Role::Finally);
    let slight = ways.leaks.iter().all(|leak| leak.is(Kind::Call))
        && scope.descendants().any(|n| on_lock(n, pair) && in_finally(n));
    let mut finding = cx
        .finding(call, format!("`{lock}` is not released on every way out"))
        .why("Everybody who wants the lock next waits for ever.")
        .help(match with {
            "with" => format!("Hold it in `with {lock}:`."),
            _ => format!("Write `defer {lock}.{pair}()` on the next line."),
        })
        .severity(if slight { Severity::Low } else { Severity::Blocking })
        .maybe_fix(fix(cx, taken, &lock, pair, &|n| on_lock(n, pair)));
    for leak in ways.leaks.iter().take(3) {
        let message = match leak.kind() {
            Kind::Call => "if this fails, the lock stays taken",
            Kind::Function | Kind::Lambda => "the end is reached with the lock taken",
            _ => "leaves with the lock taken",
        };
        finding = finding.related(first_line(*leak), message);
    }
    cx.report(finding);
}

/// The key of a note of a lock that its function takes and does not release, and of one that its function releases and did not take.
const TAKEN: &str = "taken";
const RELEASED: &str = "released";

/// Notes a lock that its function does not release at all.
fn note_taken(cx: &mut Check<'_>, taken: Node<'_>, call: Node<'_>, lock: &str, pair: &str) {
    let Some(name) = lock_name(cx, call).filter(|_| call.arguments().next().is_none()) else { return };
    let Some(function) = cx.named_function(call) else { return };
    // What it returns may have the lock in it.
    let owner = lock.split('.').next().unwrap_or(lock);
    let returned = function.descendants().any(|n| {
        n.is(Kind::Name)
            && n.name() == owner
            && n.ancestors().take_while(|a| *a != function).any(|a| a.is(Kind::Return))
    });
    let of_this = cx.language() == Language::Python && owner == "self"
        || call.callee().map(root).and_then(declaration).is_none_or(is_receiver);
    let hands_on = words(function.name()).iter().any(|w| {
        matches!(
            w.as_str(),
            "begin" | "take" | "hold" | "freeze" | "pause" | "suspend" | "block" | "exclusive"
        )
    });
    // Whoever ends the process keeps the lock on purpose.
    let ends = |n: Node<'_>| {
        n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("kills") || m.effects.contains(Effects::EXITS))
    };
    if function.descendants().any(|n| n.index() > call.index() && ends(n)) {
        return;
    }
    if hands_on || returned && !of_this || mentions(function, &name, pair) {
        return;
    }
    let first = taken.parent().is_some_and(|block| block.parent() == Some(function));
    let indentation =
        indentation(taken).filter(|_| first && cx.language() == Language::Go).unwrap_or_default();
    cx.note(taken, TAKEN, [&name, lock, pair, indentation].join("\n"));
}

/// Notes a lock that a function releases and did not take.
fn note_release(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(pair) = cx.meaning(call).and_then(|m| m.property("pair")) else { return };
    let (Some(name), Some(function)) = (lock_name(cx, call), cx.named_function(call)) else { return };
    if !mentions(function, &name, pair) {
        cx.note(call, RELEASED, name);
    }
}

/// What a lock is called whoever has it: the field or variable that it is in, the type that it is embedded in. None for one of the function's own.
fn lock_name(cx: &Check<'_>, call: Node<'_>) -> Option<String> {
    let lock = call.callee()?.object()?;
    let is_lock = cx.type_meaning(lock).is_none_or(|t| t.property("counts").is_none());
    if !is_lock {
        return None;
    }
    if !lock.is(Kind::Name) {
        return Some(lock.name().to_owned()).filter(|name| !name.is_empty());
    }
    if declaration(lock).is_some_and(is_receiver) {
        return method_of(cx.named_function(call)?).map(str::to_owned);
    }
    cx.workspace().global(&cx.environment().absolute(lock.name())).map(|_| lock.name().to_owned())
}

/// Whether a function speaks of a method of a lock of that name.
fn mentions(function: Node<'_>, lock: &str, method: &str) -> bool {
    function.descendants().any(|n| {
        n.is(Kind::Attribute)
            && n.name() == method
            && n.object().is_some_and(|o| o.name() == lock || method_of(function) == Some(lock))
    })
}

/// Locks that are taken and that nobody releases, as far as the package tells; in Python the project.
fn judge(survey: &mut Survey<'_>) {
    let all = survey.all_files();
    let home = |file: usize| match all[file].language {
        Language::Go => &*all[file].summary.module,
        _ => &*all[file].project,
    };
    let files: Vec<usize> = survey.files().map(|(number, _)| number).collect();
    let notes = |file: &usize, key: &'static str| survey.notes(*file).filter(move |note| note.key == key);
    let released: BTreeSet<(&str, &str)> = files
        .iter()
        .flat_map(|file| notes(file, RELEASED).map(|note| (home(*file), &*note.detail)))
        .collect();
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for file in &files {
        for note in notes(file, TAKEN) {
            let mut parts = note.detail.split('\n');
            let mut part = || parts.next().unwrap_or_default();
            let (name, lock, pair, indentation) = (part(), part(), part(), part());
            if released.contains(&(home(*file), name)) {
                continue;
            }
            let help = match all[*file].language {
                Language::Python => format!("Hold it in `with {lock}:`."),
                _ => format!("Write `defer {lock}.{pair}()` on the next line."),
            };
            let fix = (!indentation.is_empty()).then(|| {
                let text = format!("\n{indentation}defer {lock}.{pair}()");
                Fix::suggested("Release it with defer").insert(note.range.end, text)
            });
            let finding = survey
                .finding(note.range, format!("`{lock}` is taken here and never released"))
                .why("Everybody who wants the lock next waits for ever.")
                .help(help)
                .maybe_fix(fix);
            found.push((*file, finding));
        }
    }
    for (file, finding) in found {
        survey.report(file, finding);
    }
}

/// Whether a lock goes to somebody else after it was taken: a call gets it, or the function returns its owner (Go's named results).
fn is_given_away(call: Node<'_>, scope: Node<'_>, lock: &str) -> bool {
    let owner = lock.split('.').next().unwrap_or(lock);
    let passed = scope.descendants().any(|n| {
        n.index() > call.index() && n.role() == Role::Argument && n.dotted().as_deref() == Some(lock)
    });
    passed || scope.all(Role::Result).any(|result| result.is(Kind::Parameter) && result.name() == owner)
}

/// Where one release stands in the same block as the taking, it can move up to it.
fn fix(
    cx: &Check<'_>,
    taken: Node<'_>,
    lock: &str,
    pair: &str,
    is_release: &dyn Fn(Node<'_>) -> bool,
) -> Option<Fix> {
    let block = taken.parent()?;
    let scope = taken.function()?;
    let mut releases = scope.descendants().filter(|n| n.index() > taken.index() && is_release(*n));
    let (release, None) = (releases.next()?, releases.next()) else { return None };
    if release.parent() != Some(block) {
        return None;
    }
    let indent = indentation(taken)?;
    let gone = lines(release)?;
    match cx.language() {
        Language::Go => {
            // Behind the release nothing may need the lock, or wait for it.
            let after = block.all(Role::Statement).filter(|s| s.index() > release.index());
            let harmless = |s: Node<'_>| {
                s.is(Kind::Return) && !s.descendants().any(|n| matches!(n.kind(), Kind::Call | Kind::Receive))
            };
            if block.parent() != Some(scope) || !after.into_iter().all(harmless) {
                return None;
            }
            let text = format!("\n{indent}defer {lock}.{pair}()");
            Some(Fix::safe("Release it with defer").insert(taken.range().end, text).replace(gone, ""))
        }
        Language::Python => {
            let inside = block
                .all(Role::Statement)
                .filter(|s| taken.index() < s.index() && s.index() < release.index());
            let with = if taken.is(Kind::Await) { "async with" } else { "with" };
            let mut fix = Fix::suggested("Hold it in a with").replace(taken, format!("{with} {lock}:"));
            let mut any = false;
            for statement in inside {
                any = true;
                fix = indented(fix, statement)?;
            }
            any.then(|| fix.replace(gone, ""))
        }
        Language::Rust => None,
    }
}
