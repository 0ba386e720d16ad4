use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Kind, Node, Role};
use shipworthy_syntax::Range;

rule! {
    /// `except:` catches what nobody may catch
    ///
    /// A handler without a type also catches `KeyboardInterrupt`, `SystemExit`, `GeneratorExit` and `asyncio.CancelledError`: the
    /// process ignores Ctrl-C, a worker cannot be shut down, a cancelled request goes on. Name the exceptions that can be handled
    /// here, or at least `Exception`.
    ///
    /// A handler that always raises again may catch everything: it only cleans up. Around imports alone, which are over at once, the finding is of low
    /// severity.
    ///
    /// ```python bad
    /// def parse(body):
    ///     try:
    ///         return json.loads(body)
    ///     except:
    ///     ^^^^^^
    ///         return None
    /// ```
    /// ```python fixed
    /// def parse(body):
    ///     try:
    ///         return json.loads(body)
    ///     except Exception:
    ///         return None
    /// ```
    ///
    /// ```python bad
    /// async def consume(queue, handle):
    ///     while True:
    ///         try:
    ///             await handle(await queue.get())
    ///         except :  # keep going
    ///         ^^^^^^
    ///             logger.exception("message failed")
    ///             if queue.closed:
    ///                 raise
    /// ```
    /// ```python fixed
    /// async def consume(queue, handle):
    ///     while True:
    ///         try:
    ///             await handle(await queue.get())
    ///         except Exception :  # keep going
    ///             logger.exception("message failed")
    ///             if queue.closed:
    ///                 raise
    /// ```
    ///
    /// ```python good
    /// def transfer(connection, amount):
    ///     try:
    ///         connection.execute(DEBIT, amount)
    ///     except:
    ///         connection.rollback()
    ///         raise
    /// ```
    ///
    /// Only the exception that is raised there can come; and the last handler before another process, which is told of whatever came.
    ///
    /// ```python good
    /// import sys
    ///
    /// def unreachable(name, error, capture):
    ///     try:
    ///         raise Unreachable(name) from error
    ///     except:
    ///         return capture(sys.exc_info())
    ///
    /// def serve(request, answer):
    ///     try:
    ///         return answer(run(request))
    ///     except:
    ///         return answer(failure=described(sys.exc_info()))
    /// ```
    ///
    /// What takes Ctrl-C on its own first, and what notes a failure that the process ends with:
    ///
    /// ```python good
    /// def develop(process, logger):
    ///     try:
    ///         process.wait()
    ///     except KeyboardInterrupt:
    ///         logger.info("stopping")
    ///     except:
    ///         logger.exception("the process failed")
    ///
    /// def run(job):
    ///     failed = False
    ///     try:
    ///         job.run()
    ///     except:
    ///         failed = True
    ///     return 1 if failed else 0
    /// ```
    ///
    /// ```python good
    /// def load(path):
    ///     try:
    ///         return open(path).read()
    ///     except (OSError, UnicodeDecodeError):
    ///         return ""
    ///
    /// def run(task, wrap):
    ///     try:
    ///         task()
    ///     except:
    ///         if wrap:
    ///             raise RuntimeError("task failed")
    ///         else:
    ///             raise
    /// ```
    name: "bare-except",
    category: Errors,
    severity: High,
    scope: File,
    fix: { Python: Safe },
    on: [Fact(Kind::Handler)],
    check: check,
}

fn check(cx: &mut Check<'_>, handler: Node<'_>) {
    cx.site();
    if handler.get(Role::Type).is_some()
        || handler.get(Role::Body).is_some_and(always_raises)
        || only_raises(handler)
    {
        return;
    }
    let start = handler.range().start;
    let keyword = Range { start, end: start + "except".len() as u32 };
    let finding = cx
        .finding(keyword, "`except:` catches every exception")
        .why("It also catches KeyboardInterrupt, SystemExit and CancelledError, so the program cannot be stopped or cancelled here.")
        .help("Name the exceptions that can be handled here, or catch `Exception`.")
        .severity(if only_imports(handler) { Severity::Low } else { Severity::High })
        .confidence(if passes_on_whatever(handler) || is_told_apart(handler) || is_noted(handler) {
            Confidence::Low
        } else {
            Confidence::High
        })
        .fix(Fix::safe("Catch `Exception`").insert(keyword.end, " Exception"));
    cx.report(finding);
}

/// Whether what is tried is a raise and nothing else: only that can be caught.
fn only_raises(handler: Node<'_>) -> bool {
    let body = handler.parent().and_then(|attempt| attempt.get(Role::Body));
    body.is_some_and(|b| b.all(Role::Statement).all(|s| s.is(Kind::Raise)))
}

/// Whether a handler before it takes what ends a program or a generator: who wrote it knows what else comes here.
fn is_told_apart(handler: Node<'_>) -> bool {
    let attempt = handler.parent();
    let before = attempt.into_iter().flat_map(|a| a.all(Role::Handler)).take_while(|h| *h != handler);
    before.flat_map(|h| h.all(Role::Type)).any(|t| {
        let names = std::iter::once(t).chain(t.descendants()).filter(|n| n.is(Kind::Name));
        names.into_iter().any(|n| matches!(n.name(), "KeyboardInterrupt" | "SystemExit" | "GeneratorExit"))
    })
}

/// Whether a handler only notes that it failed, outside of any loop: the function ends with what it noted.
fn is_noted(handler: Node<'_>) -> bool {
    let mut statements = handler.get(Role::Body).into_iter().flat_map(|b| b.all(Role::Statement));
    let notes = |s: Node<'_>| s.is(Kind::Assign) && s.get(Role::Value).is_some_and(|v| v.is(Kind::Boolean));
    let inside = || handler.ancestors().take_while(|a| !a.is(Kind::Function));
    statements.all(notes) && !inside().any(|a| matches!(a.kind(), Kind::For | Kind::While))
}

/// Whether what is tried are imports and nothing else: they are over at once.
fn only_imports(handler: Node<'_>) -> bool {
    let body = handler.parent().and_then(|attempt| attempt.get(Role::Body));
    body.is_some_and(|b| b.all(Role::Statement).all(|s| s.is(Kind::Import)))
}

/// Whether a handler hands on whatever came, of what type it may be: the last one before another process, which reads `sys.exc_info()`.
fn passes_on_whatever(handler: Node<'_>) -> bool {
    let asks = |n: Node<'_>| n.is(Kind::Call) && n.callee().is_some_and(|c| c.name() == "exc_info");
    handler.descendants().any(|n| n.is(Kind::Call) && n.arguments().any(asks))
}

/// Whether every path through a block ends in a raise.
fn always_raises(block: Node<'_>) -> bool {
    match block.kind() {
        Kind::Block => block.all(Role::Statement).any(always_raises),
        Kind::Raise => true,
        Kind::If => {
            let branches = [block.get(Role::Body), block.get(Role::Else)];
            branches.into_iter().all(|branch| branch.is_some_and(always_raises))
        }
        Kind::With => block.get(Role::Body).is_some_and(always_raises),
        Kind::Try => block.get(Role::Finally).is_some_and(always_raises),
        _ => false,
    }
}
