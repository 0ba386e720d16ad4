use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Finding, Fix, rule};
use shipworthy_facts::{Flags, Kind, Node, Role, is_awaited};
use shipworthy_syntax::{Language, Range};

use crate::coroutines::{Coroutine, Lost, coroutine, lost};
use crate::names::one_line;

rule! {
    /// A coroutine is never awaited
    ///
    /// Calling an async function runs nothing: it gives a coroutine or a future, and the body runs when that is awaited. A call whose result is thrown
    /// away does nothing at all, without an error: the mail is not sent, the row is not written. Used as a condition it is always true: every
    /// check of a permission passes. Await it, or start a task and keep that.
    ///
    /// A task that nobody keeps is the second half: the event loop holds tasks weakly, and one that nothing else holds can be collected in
    /// the middle of its work.
    ///
    /// ```python bad
    /// async def notify(user):
    ///     await user.send("welcome")
    ///
    /// async def register(user):
    ///     await user.save()
    ///     notify(user)
    ///     ^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// async def notify(user):
    ///     await user.send("welcome")
    ///
    /// async def register(user):
    ///     await user.save()
    ///     await notify(user)
    /// ```
    ///
    /// ```python bad
    /// class Documents:
    ///     async def may_read(self, user, document):
    ///         return await self.store.owner(document) == user
    ///
    ///     async def read(self, user, document):
    ///         if not self.may_read(user, document):
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///             raise PermissionError(document)
    ///         return await self.store.load(document)
    /// ```
    /// ```python fixed
    /// class Documents:
    ///     async def may_read(self, user, document):
    ///         return await self.store.owner(document) == user
    ///
    ///     async def read(self, user, document):
    ///         if not await self.may_read(user, document):
    ///             raise PermissionError(document)
    ///         return await self.store.load(document)
    /// ```
    ///
    /// ```python bad
    /// import asyncio
    ///
    /// async def pause(seconds):
    ///     asyncio.sleep(seconds)
    ///     ^^^^^^^^^^^^^^^^^^^^^^
    ///     done = asyncio.sleep(seconds)
    ///            ^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import asyncio
    ///
    /// async def pause(seconds):
    ///     await asyncio.sleep(seconds)
    ///     done = await asyncio.sleep(seconds)
    /// ```
    ///
    /// ```python bad
    /// import asyncio
    ///
    /// async def report(order):
    ///     await order.publish()
    ///
    /// async def create(order):
    ///     await order.save()
    ///     asyncio.create_task(report(order))
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import asyncio
    ///
    /// async def report(order):
    ///     await order.publish()
    ///
    /// background_tasks = set()
    ///
    ///
    /// async def create(order):
    ///     await order.save()
    ///     task = asyncio.create_task(report(order))
    ///     background_tasks.add(task)
    ///     task.add_done_callback(background_tasks.discard)
    /// ```
    ///
    /// A loop is known by its name, too.
    ///
    /// ```python bad
    /// class Callbacks:
    ///     def on_event(self, step):
    ///         self.context.loop.create_task(step.send())
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         return step.id
    /// ```
    /// ```python fixed
    /// background_tasks = set()
    ///
    ///
    /// class Callbacks:
    ///     def on_event(self, step):
    ///         task = self.context.loop.create_task(step.send())
    ///         background_tasks.add(task)
    ///         task.add_done_callback(background_tasks.discard)
    ///         return step.id
    /// ```
    ///
    /// ```python bad
    /// import asyncio
    ///
    /// async def main():
    ///     await asyncio.sleep(1)
    ///
    /// if __name__ == "__main__":
    ///     main()
    ///     ^^^^^^
    /// ```
    /// ```python fixed
    /// import asyncio
    ///
    /// async def main():
    ///     await asyncio.sleep(1)
    ///
    /// if __name__ == "__main__":
    ///     asyncio.run(main())
    /// ```
    ///
    /// ```python good
    /// import asyncio
    ///
    /// async def notify(user):
    ///     await user.send("welcome")
    ///
    /// async def ready(user):
    ///     return await user.ready()
    ///
    /// def later(user):
    ///     return notify(user)
    ///
    /// async def register(users, pool):
    ///     await asyncio.gather(*[notify(user) for user in users])
    ///     pending = notify(users[0])
    ///     await pending
    ///     pool.submit(notify(users[1]))
    ///     first = users and notify(users[0])
    ///     if await ready(users[0]) and first:
    ///         await first
    ///     async with asyncio.TaskGroup() as group:
    ///         group.create_task(notify(users[2]))
    ///     asyncio.run(notify(users[3]))
    ///     unused = notify(users[4])
    ///     unused.close()
    ///     asyncio.get_running_loop().run_in_executor(None, print, "started by itself")
    /// ```
    ///
    /// ```python good
    /// import asyncio
    /// import contextlib
    ///
    /// from project.tasks import background, synchronous
    ///
    /// @background
    /// async def index(document):
    ///     await document.index()
    ///
    /// @contextlib.asynccontextmanager
    /// async def session():
    ///     yield 1
    ///
    /// async def migrate():
    ///     await asyncio.sleep(0)
    ///
    /// migrate = synchronous(migrate)
    ///
    /// async def refresh():
    ///     await asyncio.sleep(0)
    ///
    /// def start(document, refresh):
    ///     index(document)
    ///     migrate()
    ///     refresh()
    ///
    ///     def migrate():
    ///         return None
    ///
    /// def other():
    ///     def refresh():
    ///         return 1
    ///
    ///     refresh()
    /// ```
    ///
    /// ```python good
    /// import asyncio
    ///
    /// class Worker:
    ///     def __init__(self):
    ///         self.tasks = set()
    ///
    ///     async def beat(self):
    ///         while True:
    ///             await asyncio.sleep(1)
    ///
    ///     def start(self):
    ///         self.task = asyncio.create_task(self.beat())
    ///         self.tasks.add(asyncio.create_task(self.beat()))
    ///         return asyncio.ensure_future(self.beat())
    ///
    ///     def adopt(self, task):
    ///         self.tasks.add(task)
    ///         asyncio.ensure_future(task).add_done_callback(self.tasks.discard)
    ///
    ///     def begin(self, context, loop):
    ///         task = context.run(loop.create_task, self.beat())
    ///         self.tasks.add(task)
    ///         asyncio.ensure_future(task).add_done_callback(self.tasks.discard)
    ///
    ///     async def serve(self, server):
    ///         beat = asyncio.create_task(self.beat())
    ///         await server.serve()
    ///
    ///     def stop(self):
    ///         pass
    ///
    /// class Sub(Worker):
    ///     def beat(self):
    ///         return None
    ///
    ///     def poke(self):
    ///         self.beat()
    /// ```
    ///
    /// ```rust bad
    /// async fn notify(user: &User) {
    ///     user.send("welcome").await;
    /// }
    ///
    /// async fn register(user: &User) {
    ///     user.save().await;
    ///     let _ = notify(user);
    ///             ^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// async fn notify(user: &User) {
    ///     user.send("welcome").await;
    /// }
    ///
    /// async fn register(user: &User) {
    ///     user.save().await;
    ///     let _ = notify(user).await;
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use std::time::Duration;
    ///
    /// use tokio::sync::mpsc;
    ///
    /// struct Queue {
    ///     jobs: mpsc::Sender<u32>,
    /// }
    ///
    /// impl Queue {
    ///     async fn close(&self) {
    ///         tokio::time::sleep(Duration::from_secs(1)).await;
    ///     }
    ///
    ///     async fn push(&self, job: u32) {
    ///         let _ = self.jobs.send(job);
    ///                 ^^^^^^^^^^^^^^^^^^^
    ///         self.close();
    ///         ^^^^^^^^^^^^
    ///         async { log::info!("pushed") };
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    /// ```rust fixed
    /// use std::time::Duration;
    ///
    /// use tokio::sync::mpsc;
    ///
    /// struct Queue {
    ///     jobs: mpsc::Sender<u32>,
    /// }
    ///
    /// impl Queue {
    ///     async fn close(&self) {
    ///         tokio::time::sleep(Duration::from_secs(1)).await;
    ///     }
    ///
    ///     async fn push(&self, job: u32) {
    ///         let _ = self.jobs.send(job).await;
    ///         self.close().await;
    ///         async { log::info!("pushed") }.await;
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn notify(user: &User) {
    ///     user.send("welcome").await;
    /// }
    ///
    /// async fn register(user: &'static User) {
    ///     let pending = notify(user);
    ///     pending.await;
    ///     tokio::spawn(notify(user));
    ///     let result = tokio::join!(notify(user), notify(user));
    ///     tokio::select! {
    ///         _ = notify(user) => {}
    ///         _ = user.left() => {}
    ///     }
    ///     let _ = result;
    ///     let later = async move { notify(user).await };
    ///     later.await;
    ///     notify(user).await
    /// }
    ///
    /// fn later(user: &User) -> impl Future<Output = ()> {
    ///     notify(user)
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::sync::mpsc;
    ///
    /// #[tokio::main]
    /// async fn run() {
    ///     serve().await;
    /// }
    ///
    /// #[maybe_async::maybe_async]
    /// async fn serve() {}
    ///
    /// fn main() {
    ///     let (sender, receiver) = mpsc::channel();
    ///     let _ = sender.send(1);
    ///     run();
    ///     serve();
    ///     drop(receiver);
    /// }
    ///
    /// fn notify() {
    ///     fn run() {}
    ///     run();
    /// }
    /// ```
    name: "unawaited-coroutine",
    category: Concurrency,
    severity: Blocking,
    scope: Both,
    fix: { Python: Safe, Rust: Safe },
    on: [Fact(Kind::Call), Fact(Kind::Lambda)],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if node.is(Kind::Lambda) {
        if is_async_block(node) {
            cx.site();
            judge(cx, node, None);
        }
        return;
    }
    if starts_task(cx, node) {
        cx.site();
        task(cx, node);
    } else if let Some(source) = coroutine(cx, node) {
        cx.site();
        if !is_awaited(node) {
            judge(cx, node, Some(source));
        }
    }
}

/// Whether a call starts a task that somebody has to keep.
fn starts_task(cx: &Check<'_>, call: Node<'_>) -> bool {
    cx.meaning(call).is_some_and(|m| m.is("spawns-task") && m.property("keeps") == Some("false"))
}

/// Rust's `async { }`: a closure has parameters.
fn is_async_block(lambda: Node<'_>) -> bool {
    let Some(rest) = lambda.text().strip_prefix("async") else { return false };
    rest.trim_start().trim_start_matches("move").trim_start().starts_with('{')
}

/// What a call or an `async` block gives.
fn judge(cx: &mut Check<'_>, node: Node<'_>, source: Option<Coroutine>) {
    let Some(lost) = lost(cx, node) else { return };
    let called = match node.callee() {
        Some(callee) => format!("`{}`", one_line(callee)),
        None => "This `async` block".to_owned(),
    };
    let (what, why) = match lost {
        Lost::Dropped => (format!("{called} is never awaited"), NOTHING_RUNS),
        Lost::Unused(name) => {
            (format!("{called} is never awaited: nobody uses `{}`", name.name()), NOTHING_RUNS)
        }
        Lost::Tested => (
            format!("{called} is not awaited, so this is always true"),
            "A coroutine is not the answer: it is true whatever the function would have said, and the function never runs.",
        ),
        Lost::Shown => (
            format!("{called} is not awaited: the text shows a coroutine"),
            "The function never runs, and its result is not in the text.",
        ),
        Lost::Opened => (
            format!("{called} is not awaited: this asks the coroutine, not its result"),
            "The function never runs, and a coroutine has nothing of what its result has.",
        ),
    };
    let is_async = cx.in_async(node);
    let help = match (cx.language(), is_async) {
        (Language::Rust, true) => "Write `.await` behind it, or spawn it.",
        (_, true) => "Write `await` in front of it, or start a task and keep it.",
        (Language::Rust, false) => "Make this function async and await it, or block on it.",
        (_, false) => "Make this function async and await it, or run it with `asyncio.run`.",
    };
    let mut finding =
        cx.finding(node, what).why(why).help(help).maybe_fix(await_fix(cx, node, lost, is_async));
    if let Some(Coroutine::Workspace(path)) = source {
        finding = finding.related_function(path, "is async");
    }
    cx.report(finding);
}

const NOTHING_RUNS: &str =
    "An async function runs when its result is awaited. This call runs nothing, and nobody is told.";

fn await_fix(cx: &Check<'_>, node: Node<'_>, lost: Lost<'_>, is_async: bool) -> Option<Fix> {
    if cx.language() == Language::Rust {
        // Whoever names a block may have meant it to run beside what follows.
        let is_named = !node.is(Kind::Call)
            && node.parent().and_then(|p| p.get(Role::Target)).is_some_and(|t| t.name() != "_");
        let fix = if is_named { Fix::suggested("Await it") } else { Fix::safe("Await it") };
        return is_async.then(|| fix.insert(node.range().end, ".await"));
    }
    if !is_async {
        // The start of a script.
        let start = node.function().is_none() && node.class().is_none() && lost == Lost::Dropped;
        let (asyncio, import) = cx.import("asyncio", "");
        return start.then(|| {
            let fix = Fix::suggested("Run it with `asyncio.run`").import(import);
            fix.insert(node.range().start, format!("{asyncio}.run(")).insert(node.range().end, ")")
        });
    }
    // A generator that awaits is another kind of generator.
    let generator = node.ancestors().any(|a| a.is(Kind::Comprehension) && a.text().starts_with('('));
    if generator {
        return None;
    }
    let fix = Fix::safe("Await it");
    Some(match lost {
        Lost::Opened => fix.insert(node.range().start, "(await ").insert(node.range().end, ")"),
        _ => fix.insert(node.range().start, "await "),
    })
}

/// A task that the event loop does not keep.
fn task(cx: &mut Check<'_>, call: Node<'_>) {
    // `ensure_future(task)` gives the task itself, which somebody may keep: only of a coroutine a new one is made.
    let made = |given| cx.made_by(given).is_some_and(|made| coroutine(cx, made).is_some());
    if !cx.argument(call, "coroutine").is_some_and(|given| given.is(Kind::Call) || made(given)) {
        return;
    }
    let guessed = cx.meaning(call).is_some_and(|m| m.guessed);
    // `create_task(...).add_done_callback(...)` keeps it no better.
    let chained = call
        .parent()
        .filter(|p| p.is(Kind::Attribute) && matches!(p.name(), "add_done_callback" | "set_name"))
        .and_then(Node::parent)
        .filter(|p| p.is(Kind::Call));
    let finding = match lost(cx, chained.unwrap_or(call)) {
        Some(Lost::Dropped) => cx.finding(call, "Nobody keeps this task").maybe_fix(keep(cx, call, chained)),
        // A name keeps its task while its function waits for something else.
        Some(Lost::Unused(name)) if !waits_after(call) => {
            cx.finding(call, format!("Nobody keeps this task: nobody uses `{}`", name.name()))
        }
        _ => return,
    };
    let finding: Finding = finding
        .why("The event loop holds its tasks weakly: one that nothing else holds can be collected while it runs, and its errors go unseen.")
        .help("Keep it until it is done: in a set, in a field, or in an `asyncio.TaskGroup`.")
        .severity(Severity::High)
        .confidence(if guessed { Confidence::Medium } else { Confidence::High });
    cx.report(finding);
}

fn waits_after(call: Node<'_>) -> bool {
    call.function().is_some_and(|scope| {
        scope.descendants_here().any(|n| {
            let waits = n.is(Kind::Await)
                || n.is(Kind::Yield)
                || matches!(n.kind(), Kind::With | Kind::For) && n.has(Flags::ASYNC)
                // `loop.run_forever()` of a synchronous function.
                || n.is(Kind::Call) && !scope.has(Flags::ASYNC);
            waits && n.index() > call.index() && !n.is_in(call)
        })
    })
}

/// A set that keeps tasks until they are done.
fn keep(cx: &Check<'_>, call: Node<'_>, chained: Option<Node<'_>>) -> Option<Fix> {
    const SET: &str = "background_tasks";
    let scope = call.function().filter(|f| f.is(Kind::Function) && chained.is_none())?;
    let is_taken = |name: &str| scope.descendants().any(|n| n.is(Kind::Name) && n.name() == name);
    if call.role() != Role::Statement || is_taken("task") || is_taken(SET) {
        return None;
    }
    let before = cx.facts().slice(Range { start: 0, end: call.range().start });
    let indentation = before.rsplit('\n').next().filter(|line| line.trim().is_empty())?;
    let mut fix = Fix::suggested("Keep it in a set").insert(call.range().start, "task = ").insert(
        call.range().end,
        format!("\n{indentation}{SET}.add(task)\n{indentation}task.add_done_callback({SET}.discard)"),
    );
    if cx.environment().lookup(SET).is_none() {
        let definition =
            call.ancestors().filter(|n| n.parent().is_some_and(|p| p.is(Kind::Module))).last()?;
        fix = fix.insert(definition.range().start, format!("{SET} = set()\n\n\n"));
    }
    Some(fix)
}
