use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Role};
use shipworthy_syntax::{Language, Range};

use crate::coroutines::coroutine;
use crate::names::words;
use crate::requests::request_handler;

rule! {
    /// An async function that awaits nothing
    ///
    /// It promises its callers that others run while it waits, and it never waits: what it does holds the event loop as long as a synchronous
    /// function would, and each call costs a coroutine, an `await` and a chance to forget that. Make it synchronous, or await what it was to
    /// wait for.
    ///
    /// A function that a framework or a base class wants async is left alone, and so is one that the file hands on as a value.
    ///
    /// ```python bad
    /// async def total(order):
    ///           ^^^^^
    ///     return sum(line.price for line in order.lines)
    ///
    /// async def checkout(order, bank):
    ///     await bank.charge(await total(order))
    /// ```
    ///
    /// ```python bad
    /// class Tenants:
    ///     async def _key(self, name):
    ///               ^^^^
    ///         return f"tenant:{name.lower()}"
    ///
    ///     async def load(self, name):
    ///         return await self.store.get(await self._key(name))
    /// ```
    /// ```python fixed
    /// class Tenants:
    ///     def _key(self, name):
    ///         return f"tenant:{name.lower()}"
    ///
    ///     async def load(self, name):
    ///         return await self.store.get(self._key(name))
    /// ```
    ///
    /// ```python good
    /// import asyncio
    ///
    /// import anyio
    /// from fastapi import APIRouter
    ///
    /// router = APIRouter()
    ///
    /// @router.get("/health")
    /// async def health():
    ///     return {"status": "up"}
    ///
    /// async def on_start(app):
    ///     app.state.ready = True
    ///
    /// async def handle(event):
    ///     print(event)
    ///
    /// async def start(bus):
    ///     bus.subscribe(handle)
    ///     await on_start(bus)
    ///     await handle(None)
    ///     await spawn(bus)
    ///     await pages()
    ///     async with anyio.create_task_group() as group:
    ///         await submit(bus, group)
    ///
    /// async def submit(bus, group: anyio.abc.TaskGroup):
    ///     for order in bus.orders:
    ///         group.start_soon(bus.run, order)
    ///
    /// async def spawn(bus):
    ///     bus.task = asyncio.create_task(bus.run())
    ///
    /// async def pages():
    ///     return [page async for page in fetch()]
    ///
    /// async def public():
    ///     return 1
    /// ```
    ///
    /// ```python good
    /// class Store(Base):
    ///     async def load(self, name):
    ///         return self.items[name]
    ///
    ///     async def get(self, name):
    ///         return await self.load(name)
    ///
    /// class Empty:
    ///     async def close(self):
    ///         pass
    ///
    ///     async def __aenter__(self):
    ///         return self
    ///
    ///     async def open(self):
    ///         raise NotImplementedError
    ///
    ///     async def size(self):
    ///         return len(self.items)
    ///
    ///     async def run(self):
    ///         await self.open()
    ///         await self.close()
    ///         await self.size()
    ///
    /// class Full(Empty):
    ///     async def size(self):
    ///         return await self.count()
    /// ```
    ///
    /// ```rust bad
    /// async fn total(order: &Order) -> u64 {
    ///          ^^^^^
    ///     order.lines.iter().map(|line| line.price).sum()
    /// }
    ///
    /// async fn checkout(order: &Order, bank: &Bank) {
    ///     bank.charge(total(order).await).await;
    /// }
    /// ```
    ///
    /// ```rust bad
    /// struct Tenants {
    ///     store: Store,
    /// }
    ///
    /// impl Tenants {
    ///     async fn key(&self, name: &str) -> String {
    ///              ^^^
    ///         format!("tenant:{name}")
    ///     }
    ///
    ///     pub async fn load(&self, name: &str) -> Option<Tenant> {
    ///         let key = self.key(name).await;
    ///         self.store.get(&key).await
    ///     }
    /// }
    /// ```
    /// ```rust fixed
    /// struct Tenants {
    ///     store: Store,
    /// }
    ///
    /// impl Tenants {
    ///     fn key(&self, name: &str) -> String {
    ///         format!("tenant:{name}")
    ///     }
    ///
    ///     pub async fn load(&self, name: &str) -> Option<Tenant> {
    ///         let key = self.key(name);
    ///         self.store.get(&key).await
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::Router;
    /// use axum::routing::get;
    ///
    /// async fn health() -> &'static str {
    ///     "up"
    /// }
    ///
    /// fn router() -> Router {
    ///     Router::new().route("/health", get(health))
    /// }
    ///
    /// impl Store for Memory {
    ///     async fn load(&self, name: &str) -> Option<String> {
    ///         self.items.get(name).cloned()
    ///     }
    /// }
    ///
    /// trait Store {
    ///     async fn load(&self, name: &str) -> Option<String>;
    /// }
    ///
    /// pub async fn public() -> u32 {
    ///     1
    /// }
    ///
    /// pub(super) async fn digest(text: &str) -> u32 {
    ///     checksum(text)
    /// }
    ///
    /// #[tokio::test]
    /// async fn digests() {
    ///     assert_eq!(digest("a").await, 97);
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn first(a: Receiver, b: Receiver) -> u32 {
    ///     tokio::select! {
    ///         x = a => x,
    ///         y = b => y,
    ///     }
    /// }
    ///
    /// async fn start() {
    ///     tokio::spawn(async { serve().await });
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() {
    ///     first(a(), b()).await;
    ///     start().await;
    ///     nothing().await;
    /// }
    ///
    /// async fn nothing() {}
    /// ```
    ///
    /// ```rust good
    /// async fn next(interval: &mut Interval, stop: &mut Stop) -> Signal {
    ///     futures::select_biased! {
    ///         _ = stop => Signal::Stop,
    ///         _ = interval.tick() => Signal::Tick,
    ///     }
    /// }
    ///
    /// async fn run(interval: &mut Interval, stop: &mut Stop) {
    ///     next(interval, stop).await;
    /// }
    /// ```
    ///
    /// A handler that its router's file adds:
    ///
    /// ```rust good file=src/server.rs
    /// use axum::extract::Path;
    /// use axum::routing::get;
    /// use axum::Router;
    ///
    /// mod pages;
    ///
    /// fn router() -> Router {
    ///     Router::new().route("/{page}", get(pages::page))
    /// }
    /// ```
    /// ```rust good file=src/server/pages.rs
    /// use super::*;
    ///
    /// pub(super) async fn page(Path(page): Path<usize>) -> String {
    ///     page.to_string()
    /// }
    ///
    /// pub(super) async fn first() -> String {
    ///     page(Path(0)).await
    /// }
    /// ```
    name: "async-without-await",
    category: Concurrency,
    severity: Low,
    scope: File,
    fix: { Python: Suggested, Rust: Suggested },
    on: [Fact(Kind::Function)],
    check: check,
}

fn check(cx: &mut Check<'_>, function: Node<'_>) {
    if !function.has(Flags::ASYNC) || function.has(Flags::GENERATOR | Flags::ABSTRACT) {
        return;
    }
    cx.site();
    if waits(cx, function)
        || is_empty(function)
        || is_wanted(cx, function)
        || !is_plainly_called(cx, function)
    {
        return;
    }
    let finding = cx
        .finding(function.name_range(), format!("`{}` is async and awaits nothing", function.name()))
        .why("It holds the event loop as long as it runs, and makes its callers async for nothing.")
        .help("Make it synchronous, with its callers; or await what it was to wait for.")
        .maybe_fix(fix(cx, function));
    cx.report(finding);
}

/// Whether a function waits, starts what runs beside it, or hands something on that is to be awaited.
fn waits(cx: &Check<'_>, function: Node<'_>) -> bool {
    let Some(body) = function.get(Role::Body) else { return true };
    body.descendants().any(|n| match n.kind() {
        Kind::Await | Kind::Yield => true,
        Kind::With | Kind::For | Kind::Clause | Kind::Lambda => n.has(Flags::ASYNC),
        Kind::Function => n.has(Flags::ASYNC),
        Kind::Comprehension => n.text().contains("async for"),
        Kind::Call => {
            // A macro may await inside.
            let awaiting = n.has(Flags::MACRO)
                && (n.text().contains("await")
                    || n.callee().is_some_and(|c| {
                        matches!(c.name(), "select!" | "select_biased!" | "join!" | "try_join!")
                    }));
            awaiting || cx.effects(n).intersects(Effects::SPAWNS) || coroutine(cx, n).is_some()
        }
        _ => false,
    })
}

/// Whether a function does nothing that is its own: a stub, a hook, a default.
fn is_empty(function: Node<'_>) -> bool {
    let Some(body) = function.get(Role::Body) else { return true };
    body.all(Role::Statement).all(|s| match s.kind() {
        Kind::Pass | Kind::String | Kind::Raise | Kind::OtherExpression => true,
        Kind::Return => s.get(Role::Value).is_none_or(Node::is_literal),
        Kind::Call => s.has(Flags::MACRO),
        _ => s.is_literal(),
    })
}

/// Whether somebody else may want the function async: a decorator or attribute, a base class, a trait, a subclass, a framework.
fn is_wanted(cx: &Check<'_>, function: Node<'_>) -> bool {
    let name = function.name();
    let words = words(name);
    let hook = words.iter().any(|w| {
        matches!(
            w.as_str(),
            "on" | "handle"
                | "handler"
                | "hook"
                | "callback"
                | "lifespan"
                | "startup"
                | "shutdown"
                | "middleware"
                | "dispatch"
                | "main"
                | "test"
        )
    });
    if hook || name.starts_with("__") || function.all(Role::Decorator).next().is_some() {
        return true;
    }
    // A method's own request, or that of a route which another file adds.
    if function.descendants().next().is_some_and(|inner| request_handler(cx, inner) == Some(function)) {
        return true;
    }
    let Some(class) = function.class() else { return false };
    let inherits = class.all(Role::Base).next().is_some()
        || class.all(Role::Decorator).next().is_some()
        || class.has(Flags::ABSTRACT);
    // Another class of the file has it too: as a subclass, or with the same manners.
    let separator = if cx.language() == Language::Rust { "::" } else { "." };
    let elsewhere = |other: &str| {
        let method = format!("{}{separator}{name}", cx.environment().absolute(other));
        other != class.name() && cx.workspace().function(&method).is_some()
    };
    inherits || cx.environment().names().any(|(other, _)| elsewhere(other))
}

/// Whether all that the file shows of a function's uses are calls that are awaited, and there is one.
fn is_plainly_called<'a>(cx: &Check<'a>, function: Node<'a>) -> bool {
    let name = function.name();
    if cx.environment().hands_on(name) || function.function().is_some() {
        return false;
    }
    match function.class() {
        // By its own class: others may have a method of that name.
        Some(class) => awaited_calls(cx, class, name).next().is_some(),
        None => cx.environment().awaits(name),
    }
}

/// The awaits of calls of a method on `self` in a class.
fn awaited_calls<'a>(cx: &Check<'a>, class: Node<'a>, name: &str) -> impl Iterator<Item = Node<'a>> {
    let on_self = |callee: Node<'_>| {
        let object = callee.object().filter(|o| callee.is(Kind::Attribute) && o.is(Kind::Name));
        object.is_some_and(|o| matches!(o.name(), "self" | "Self"))
    };
    let calls = cx.calls_of(name).filter(move |call| call.is_in(class) && call.callee().is_some_and(on_self));
    calls.filter(|call| call.role() == Role::Value).filter_map(Node::parent).filter(|p| p.is(Kind::Await))
}

/// A method that only its own class calls becomes synchronous with those calls.
fn fix<'a>(cx: &Check<'a>, function: Node<'a>) -> Option<Fix> {
    let class = function.class()?;
    let name = function.name();
    let private = match cx.language() {
        Language::Python => name.starts_with('_'),
        _ => !function.has(Flags::PUBLIC),
    };
    let mentions = class.descendants().filter(|n| n.is(Kind::Attribute) && n.name() == name).count();
    let awaits: Vec<Node<'a>> = awaited_calls(cx, class, name).collect();
    if !private || mentions != awaits.len() {
        return None;
    }
    let start = function.range().start;
    let keyword = function.text().find("async ")? as u32 + start;
    let mut fix =
        Fix::suggested("Make it synchronous").replace(Range { start: keyword, end: keyword + 6 }, "");
    for wait in awaits {
        let call = wait.get(Role::Value)?.range();
        let range = match cx.language() {
            Language::Python => Range { start: wait.range().start, end: call.start },
            _ => Range { start: call.end, end: wait.range().end },
        };
        fix = fix.replace(range, "");
    }
    Some(fix)
}
