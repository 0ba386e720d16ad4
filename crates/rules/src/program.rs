//! What kind of program a file belongs to, and which of its code runs once.

use shipworthy_audit::Check;
use shipworthy_facts::{Kind, Meaning, Node, Role};
use shipworthy_syntax::Language;

use crate::names::words;

/// Whether a call belongs to a command-line program's own output, by where it stands and what its file is for.
pub(crate) fn speaks_to_user(cx: &Check<'_>, call: Node<'_>) -> bool {
    // A script's top level, outside every function.
    let script = cx.language() == Language::Python && call.function().is_none();
    is_command_line(cx) || script || cx.is_program_entry(call)
}

/// Whether a file is of a command-line program, by its place and what it, or all of its project, imports.
pub(crate) fn is_command_line(cx: &Check<'_>) -> bool {
    const FILES: [&str; 14] = [
        "_build",
        "hatch_build",
        "pdm_build",
        "cli",
        "main",
        "__main__",
        "console",
        "manage",
        "setup",
        "command",
        "commands",
        "conftest",
        "build",
        "ui",
    ];
    const FOLDERS: [&str; 9] =
        ["cli", "cmd", "cmdline", "bin", "scripts", "script", "commands", "management", "hack"];
    let mut parts: Vec<&str> = cx.path().split('/').collect();
    let file = parts.pop().and_then(|f| f.split('.').next()).unwrap_or_default();
    let named = ["_cli", "_wizard", "-wizard", "_installer"].iter().any(|end| file.ends_with(end));
    // `src/tools/` is what a program works with, unless a file of it is one itself.
    let is_main = || cx.environment().names().any(|(name, _)| words(name).iter().any(|w| w == "main"));
    let tool = parts.first() == Some(&"tools")
        || parts.contains(&"tools") && (cx.language() != Language::Python || is_main());
    let placed = FILES.contains(&file) || named || tool || parts.iter().any(|p| FOLDERS.contains(p));
    placed || is_build_script(cx) || cx.imports("command-line") || cx.workspace().is_command()
}

/// Rust: whether a file is of the script that builds a crate: Cargo shows what it prints.
pub(crate) fn is_build_script(cx: &Check<'_>) -> bool {
    let mut folders: Vec<&str> = cx.path().split('/').collect();
    let file = folders.pop().unwrap_or_default();
    let beside = folders.last() == Some(&"build") && !folders.contains(&"src");
    cx.language() == Language::Rust && (file == "build.rs" || beside)
}

/// Whether a file is for developers' own machines, by its name: `settings/development.py`.
pub(crate) fn is_for_developers(cx: &Check<'_>) -> bool {
    let file = cx.path().rsplit('/').next().unwrap_or_default();
    words(file).iter().any(|w| matches!(w.as_str(), "dev" | "development" | "debug" | "local"))
}

/// Whether a file is of a command that serves nobody while it runs.
pub(crate) fn is_alone(cx: &Check<'_>) -> bool {
    is_command_line(cx) && (!cx.imports("service") || cx.imports("command-line"))
}

/// Whether a library's thing makes or starts a server.
pub(crate) fn serves(meaning: &Meaning) -> bool {
    ["serves", "http-server", "grpc-server"].into_iter().any(|role| meaning.is(role))
}

/// Whether the function around a place begins to serve behind it: what it does before, it does at start.
pub(crate) fn is_before_serving(cx: &Check<'_>, node: Node<'_>) -> bool {
    cx.named_function(node).is_some_and(|f| {
        f.descendants_here()
            .any(|n| n.index() > node.index() && n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| serves(m)))
    })
}

/// Whether a program comes by a place only on its way to serving: its function begins to serve behind it, or is called, as far as its class
/// shows, only where another one does, at once or through others that the same holds for.
pub(crate) fn is_on_the_way_to_serving(cx: &Check<'_>, node: Node<'_>) -> bool {
    is_before_serving(cx, node)
        || cx.named_function(node).is_some_and(|f| is_called_on_the_way(cx, f, MAX_FUNCTIONS))
}

/// How many functions may lie between a program's start and what it does there.
const MAX_FUNCTIONS: u32 = 4;
/// How many calls of one function are followed.
const MAX_CALLS: usize = 3;

fn is_called_on_the_way(cx: &Check<'_>, function: Node<'_>, functions: u32) -> bool {
    let Some(functions) = functions.checked_sub(1) else { return false };
    let from_outside = |n: &Node<'_>| !n.is_in(function) && !is_given_to(cx, *n, "runs-loop");
    let calls: Vec<Node<'_>> =
        cx.calls_of(function.name()).filter(from_outside).take(MAX_CALLS + 1).collect();
    (1..=MAX_CALLS).contains(&calls.len())
        && calls.into_iter().all(|call| {
            // A task goes on while others are served.
            !is_given_to(cx, call, "spawns-task")
                && cx.named_function(call).is_some_and(|around| {
                    begins_to_serve(cx, around, call) || is_called_on_the_way(cx, around, functions)
                })
        })
}

fn is_given_to(cx: &Check<'_>, call: Node<'_>, role: &str) -> bool {
    call.parent().is_some_and(|p| p.is(Kind::Call) && cx.meaning(p).is_some_and(|m| m.is(role)))
}

/// Whether a function begins to serve behind a place, itself or in another one of its class.
fn begins_to_serve(cx: &Check<'_>, function: Node<'_>, place: Node<'_>) -> bool {
    let starts = |n: Node<'_>| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| serves(m));
    let behind: Vec<Node<'_>> =
        function.descendants_here().filter(|n| n.index() > place.index() && n.is(Kind::Call)).collect();
    let called: Vec<&str> = behind.iter().filter_map(|n| n.callee()).map(Node::name).collect();
    let others =
        function.class().and_then(|class| class.get(Role::Body)).into_iter().flat_map(Node::children);
    let mut others = others.filter(|n| n.is(Kind::Function) && called.contains(&n.name()));
    behind.into_iter().any(starts) || others.any(|f| f.descendants_here().any(starts))
}

/// Whether a place runs by hand or once, and may take its time: a command's, a migration's, a start's, what fills a database for tests or
/// demonstrations.
pub(crate) fn runs_now_and_then(cx: &Check<'_>, node: Node<'_>) -> bool {
    const ONCE: [&str; 16] = [
        "fill",
        "migrate",
        "migration",
        "migrations",
        "backfill",
        "upgrade",
        "downgrade",
        "seed",
        "demo",
        "populate",
        "defaults",
        "initialization",
        "testing",
        "factory",
        "startup",
        "lifespan",
    ];
    let says = |name: &str| words(name).iter().any(|w| ONCE.contains(&w.as_str()));
    let file = cx.path().rsplit('/').next().and_then(|f| f.split('.').next()).unwrap_or_default();
    // A service's own start is a `main` as well.
    let serves = cx.imports("service") && matches!(file, "main" | "__main__" | "ui" | "build");
    is_command_line(cx) && !serves
        || is_migration(cx)
        || says(file)
        // A file of it is a command; a function may do it after each request.
        || words(file).iter().any(|w| w == "cleanup")
        || cx.named_function(node).is_some_and(|f| says(f.name()) || is_for_migrations(f))
        || is_on_the_way_to_serving(cx, node)
}

/// Python: whether a function is for Django's migrations, which hand it the models of their time: `def fix_statuses(apps, schema_editor)`.
fn is_for_migrations(function: Node<'_>) -> bool {
    let first = function.get(Role::Parameter).filter(|p| p.name() == "apps");
    first.is_some_and(|_| {
        function
            .descendants()
            .any(|n| n.is(Kind::Call) && n.callee().is_some_and(|c| c.name() == "get_model"))
    })
}

/// Whether a function asks somebody at a terminal, itself or by a function that it calls: `_answer("Client: ")`, which calls `input`.
pub(crate) fn asks_user(cx: &Check<'_>, function: Node<'_>) -> bool {
    const ASKS: [&str; 7] = ["input", "getpass", "prompt", "confirm", "Confirm", "Prompt", "ReadPassword"];
    let vocabulary = cx.resolver().vocabulary();
    let asks = |name: &str| vocabulary.call(name).is_some_and(|m| m.is("dialogue"));
    let calls = || function.descendants().filter(|n| n.is(Kind::Call));
    calls().any(|n| n.callee().is_some_and(|c| ASKS.contains(&c.name())))
        || calls().filter(|n| n.callee().is_some_and(|c| c.is(Kind::Name))).any(|call| {
            let called = cx.workspace_callee(call).and_then(|path| cx.workspace().function(&path));
            called.is_some_and(|f| f.behaviour.library.keys().any(|name| asks(name)))
        })
}

/// Whether a function is of a class that is there to write to a terminal, by its name: `StdoutSink`, `ConsoleOutputWriter`.
pub(crate) fn is_output(function: Node<'_>) -> bool {
    const OUTPUTS: [&str; 7] = ["stdout", "stderr", "console", "terminal", "output", "printer", "tty"];
    let owner = shipworthy_facts::method_of(function).unwrap_or_default();
    words(owner).iter().any(|w| OUTPUTS.contains(&w.as_str()))
}

/// Whether a file migrates data: it runs once, by hand, and is never changed again.
pub(crate) fn is_migration(cx: &Check<'_>) -> bool {
    let mut parts = cx.path().split('/').rev();
    let file = parts.next().and_then(|f| f.split('.').next()).unwrap_or_default();
    let migrates = |name: &str| {
        matches!(
            name.trim_start_matches('_'),
            "migrations" | "migration" | "alembic" | "db_migrations" | "upgrades"
        )
    };
    // `db/upgrade/v02_rooms.py`
    let of_database = |folders: [&str; 2]| folders == ["upgrade", "db"] || folders == ["upgrade", "database"];
    let folders: Vec<&str> = parts.collect();
    migrates(file)
        || folders.iter().any(|f| migrates(f))
        || folders.windows(2).any(|pair| of_database([pair[0], pair[1]]))
}
