use std::collections::BTreeSet;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, CodeRole, Fix, Note, Survey, Surveyed, rule};
use shipworthy_facts::{Flags, Kind, Node, Role};
use shipworthy_syntax::{Language, Range};

use crate::graph::{Uses, loads_by_name, note_imports};
use crate::names::words;
use crate::projects::{by_project, first_line, has_word, identifiers, is_go_standard, places_of_words};

rule! {
    /// Nothing uses a module or a private function
    ///
    /// A file that nothing imports, runs, registers or tests, and a private function that nothing calls, are read, searched and kept up to date,
    /// and never run; at times they are the old way that somebody picks up again by mistake. Remove them; the history keeps them.
    ///
    /// What frameworks and people start by its place is used: commands, migrations, plugins, scripts. So is what a library offers to others.
    ///
    /// ```python bad file=app/api.py
    /// from fastapi import FastAPI
    ///
    /// from app.structured import log
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/")
    /// def index():
    ///     log("index")
    ///     return {}
    /// ```
    /// ```python bad file=app/structured.py
    /// def log(event):
    ///     print({"event": event})
    /// ```
    /// ```python bad file=app/plainlog.py
    /// def write(line):
    /// ^^^^^^^^^^^^^^^^
    ///     print(line)
    /// ```
    ///
    /// Or:
    ///
    /// ```python bad file=app/store.py
    /// def load(path):
    ///     return open(path).read()
    ///
    /// # Reads the old form.
    /// def _load_old(path):
    ///     ^^^^^^^^^
    ///     return open(path).read().split(";")
    ///
    /// def save(path, text):
    ///     open(path, "w").write(text)
    /// ```
    /// ```python fixed file=app/store.py
    /// def load(path):
    ///     return open(path).read()
    ///
    /// def save(path, text):
    ///     open(path, "w").write(text)
    /// ```
    ///
    /// ```python good file=shop/store.py
    /// def load(path):
    ///     return _parse(open(path).read())
    ///
    /// def _parse(text):
    ///     return text.split(";")
    /// ```
    /// ```python good file=shop/export.py
    /// def write(rows):
    ///     return ";".join(rows)
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```python good file=app/api.py
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    /// MODULES = ["app.reports", "app.handlers"]
    /// ```
    /// ```python good file=app/reports.py
    /// def monthly(rows):
    ///     return sum(rows)
    /// ```
    /// ```python good file=app/seed.py
    /// def seed(rows):
    ///     return rows
    ///
    /// if __name__ == "__main__":
    ///     seed([])
    /// ```
    /// ```python good file=app/handlers.py
    /// HANDLERS = {}
    ///
    /// def handle(name, event):
    ///     return globals()["_on_" + name](event)
    ///
    /// def _on_paid(event):
    ///     return event
    /// ```
    ///
    /// What another program finds by its name.
    ///
    /// ```python good file=shop/notebook.py
    /// def _load_server_extension(server):
    ///     server.add_handlers()
    /// ```
    ///
    /// ```go bad file=internal/audit/audit.go
    /// package audit
    /// ^^^^^^^^^^^^^
    ///
    /// func Log(event string) string { return event }
    /// ```
    /// ```go bad file=main.go
    /// package main
    ///
    /// func main() {}
    /// ```
    ///
    /// Or:
    ///
    /// ```go bad file=store/store.go
    /// package store
    ///
    /// func Load(path string) string {
    /// 	return path
    /// }
    ///
    /// // loadOld reads the first version.
    /// func fetchOld(path string) string {
    ///      ^^^^^^^^
    /// 	return path + ".old"
    /// }
    ///
    /// func Save(path string) {}
    /// ```
    /// ```go fixed file=store/store.go
    /// package store
    ///
    /// func Load(path string) string {
    /// 	return path
    /// }
    ///
    /// func Save(path string) {}
    /// ```
    ///
    /// ```go good file=internal/audit/audit.go
    /// package audit
    ///
    /// func Log(event string) string { return event }
    /// ```
    /// ```go good file=main.go
    /// package main
    ///
    /// import "internal/audit"
    ///
    /// func main() { audit.Log("start") }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```go good file=store/store.go
    /// package store
    ///
    /// type reader interface{ read() string }
    ///
    /// type file struct{}
    ///
    /// func (f file) read() string { return "" }
    ///
    /// func Open() reader { return file{} }
    /// ```
    /// ```go good file=export/export.go
    /// package export
    ///
    /// func Write(rows []string) int { return len(rows) }
    /// ```
    ///
    /// ```rust bad file=src/lib.rs
    /// pub mod store;
    /// ```
    /// ```rust bad file=src/store.rs
    /// pub fn load() {}
    /// ```
    /// ```rust bad file=src/mail.rs
    /// pub fn send() {}
    /// ^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// Or:
    ///
    /// ```rust bad file=src/store.rs
    /// pub fn load(path: &str) -> String {
    ///     path.to_owned()
    /// }
    ///
    /// /// Reads the first version.
    /// #[allow(dead_code)]
    /// fn load_old(path: &str) -> String {
    ///    ^^^^^^^^
    ///     path.to_lowercase()
    /// }
    ///
    /// pub fn save(path: &str) {}
    /// ```
    /// ```rust fixed file=src/store.rs
    /// pub fn load(path: &str) -> String {
    ///     path.to_owned()
    /// }
    ///
    /// pub fn save(path: &str) {}
    /// ```
    ///
    /// ```rust good file=src/lib.rs
    /// #[path = "unix_store.rs"]
    /// mod store;
    /// include!("generated.rs");
    /// ```
    /// ```rust good file=src/unix_store.rs
    /// pub fn load() {}
    /// ```
    /// ```rust good file=src/generated.rs
    /// pub fn names() {}
    /// ```
    /// ```rust good file=src/bin/seed.rs
    /// fn main() {}
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```rust good file=src/store.rs
    /// pub struct Store;
    ///
    /// impl Drop for Store {
    ///     fn drop(&mut self) {}
    /// }
    ///
    /// #[no_mangle]
    /// extern "C" fn on_event() {}
    ///
    /// #[cfg(test)]
    /// mod tests {
    ///     fn helper() {}
    /// }
    /// ```
    ///
    /// A template may call what stands beside its type:
    ///
    /// ```rust good file=src/pages.rs
    /// #[derive(Template)]
    /// pub struct Page {
    ///     title: String,
    /// }
    ///
    /// impl Page {
    ///     fn heading(&self) -> String {
    ///         self.title.to_uppercase()
    ///     }
    /// }
    /// ```
    name: "unused-module",
    category: Quality,
    severity: Medium,
    scope: Workspace,
    audience: All,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [
        Fact(Kind::Import),
        Fact(Kind::Function),
        Fact(Kind::Call),
        Fact(Kind::For),
        Fact(Kind::With),
        Fact(Kind::Decorator),
    ],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match node.kind() {
        Kind::Import => {
            note_imports(cx, node);
            if cx.imports("service") {
                cx.note(node.range(), SERVICE, "");
            }
        }
        Kind::Function if cx.code_role() == CodeRole::Production && is_private(node) => {
            let (name, whole) = (node.name_range(), node.range());
            cx.note(name, FUNCTION, format!("{} {}", name.start - whole.start, whole.end - name.start));
        }
        // What a module does when it is loaded, beside definitions: it may register something.
        Kind::Call | Kind::For | Kind::With
            if cx.language() == Language::Python
                && cx.code_role() == CodeRole::Production
                && node.function().is_none()
                && node.role() == Role::Statement =>
        {
            cx.note(node.range(), ACTS, "");
        }
        Kind::Decorator if cx.language() == Language::Python => {
            const PLAIN: [&str; 14] = [
                "property",
                "staticmethod",
                "classmethod",
                "abstractmethod",
                "lru_cache",
                "cache",
                "cached_property",
                "contextmanager",
                "asynccontextmanager",
                "dataclass",
                "wraps",
                "overload",
                "setter",
                "total_ordering",
            ];
            let name = node.get(Role::Value).map(|v| v.callee().unwrap_or(v).name());
            if name.is_none_or(|name| !PLAIN.contains(&name)) {
                cx.note(node.range(), ACTS, "");
            }
        }
        _ => {}
    }
}

const SERVICE: &str = "service";
const FUNCTION: &str = "function";
const ACTS: &str = "acts";

/// Whether only the code around a function can call it, and nothing but a call can.
fn is_private(function: Node<'_>) -> bool {
    let name = function.name();
    let nested = function.ancestors().any(|n| matches!(n.kind(), Kind::Function | Kind::Lambda | Kind::Call));
    if nested || function.has(Flags::PUBLIC) || name.len() < 3 || function.has(Flags::ABSTRACT) {
        return false;
    }
    match function.language() {
        Language::Python => {
            name.starts_with('_')
                && !name.ends_with("__")
                && function.class().is_none()
                && function.get(Role::Decorator).is_none()
        }
        Language::Go => !matches!(name, "main" | "init"),
        Language::Rust => {
            let class = function.class();
            let of_trait = class.is_some_and(|c| c.has(Flags::ABSTRACT) || c.get(Role::Base).is_some());
            let plain = function.all(Role::Decorator).filter_map(|d| d.get(Role::Value)).all(|a| {
                matches!(a.callee().unwrap_or(a).name(), "inline" | "must_use" | "doc" | "allow" | "cold")
            });
            name != "main"
                && !of_trait
                && plain
                && !function.text().starts_with("extern")
                && !function.text().contains("extern \"C\"")
        }
    }
}

fn judge(survey: &mut Survey<'_>) {
    let all = survey.all_files();
    let uses = Uses::of(all, |number| survey.notes(number).collect());
    let mut used = vec![false; all.len()];
    for (_, others) in uses.each() {
        others.iter().for_each(|other| used[*other] = true);
    }
    for (project, files) in by_project(survey.files()) {
        let production: Vec<(usize, &Surveyed<'_>)> =
            files.into_iter().filter(|(_, f)| f.role == CodeRole::Production).collect();
        functions(survey, &production, project.1);
        let unused: Vec<(usize, String)> = match project.1 {
            Language::Python => python_modules(survey, &production, &used),
            Language::Go => go_packages(all, &production, &used),
            Language::Rust => rust_files(all, &production),
        };
        for &(number, _) in &production {
            survey.site(number);
        }
        for (number, what) in unused {
            let finding = survey
                .finding(first_line(&all[number]), what)
                .why("It is read, searched and kept up to date, and never runs.")
                .help("Remove it, or use it.")
                .confidence(Confidence::Medium);
            survey.report(number, finding);
        }
    }
}

/// Private functions whose names stand nowhere but in their definition.
fn functions(survey: &mut Survey<'_>, files: &[(usize, &Surveyed<'_>)], language: Language) {
    let noted: Vec<(usize, &Note)> = files
        .iter()
        .flat_map(|(number, _)| survey.notes(*number).map(move |note| (*number, note)))
        .filter(|(_, note)| note.key == FUNCTION)
        .collect();
    let name = |number: usize, note: &Note| survey.all_files()[number].text.slice(note.range);
    let names: Vec<String> = noted.iter().map(|(number, note)| name(*number, note)).collect();
    let all = survey.all_files().iter().enumerate().filter(|(_, f)| f.language == language);
    let places = places_of_words(all, names.iter().map(String::as_str));
    for ((number, note), name) in noted.into_iter().zip(&names) {
        survey.site(number);
        let file = &survey.all_files()[number];
        if places.get(name.as_str()).is_none_or(|places| places.len() != 1)
            || calls_by_name(file)
            || is_linked(file, name)
        {
            continue;
        }
        let mut finding = survey
            .finding(note.range, format!("Nothing calls `{name}`"))
            .why("It is read, searched and kept up to date, and never runs.")
            .help("Remove it, or use it.");
        if let Some(whole) = whole(file, note) {
            finding = finding.fix(Fix::suggested(format!("Remove `{name}`")).replace(whole, ""));
        }
        survey.report(number, finding);
    }
}

/// Rust: whether a type of a file is shown by a template, which may call its methods: `#[derive(Template)]`.
fn is_shown(file: &Surveyed<'_>) -> bool {
    const TEMPLATES: [&str; 5] = ["Template", "TemplateOnce", "TemplateMut", "TemplateSimple", "Boilerplate"];
    let derives = |line: &str| line.trim_start().starts_with("#[derive(");
    file.language == Language::Rust
        && file
            .contents()
            .lines()
            .filter(|line| derives(line))
            .any(|line| TEMPLATES.iter().any(|template| has_word(line, template)))
}

/// Whether something that is not read here may use a function: assembly and the linker (Go's standard library), a type checker (`.pyi`),
/// the tests, which a package may be shipped without, templates, a program that finds its extensions by their name.
fn is_linked(file: &Surveyed<'_>, name: &str) -> bool {
    let module = &*file.summary.module;
    let for_tests = words(name).iter().any(|w| matches!(w.as_str(), "test" | "tests" | "testing" | "reset"));
    let extends =
        words(name).iter().any(|w| matches!(w.as_str(), "extension" | "extensions" | "plugin" | "hook"));
    file.path.ends_with(".pyi")
        || for_tests
        || extends
        || is_shown(file)
        || file.language == Language::Go && is_go_standard(module)
}

/// Whether a file may call functions by names that it computes.
fn calls_by_name(file: &Surveyed<'_>) -> bool {
    let text = file.contents();
    file.language == Language::Python
        && ["globals", "getattr", "__getattr__", "vars", "locals", "eval"].iter().any(|w| has_word(text, w))
}

/// The lines of a function that a note is about, with the comments above it and the blank lines after it.
fn whole(file: &Surveyed<'_>, note: &Note) -> Option<Range> {
    let (before, after) = note.detail.split_once(' ')?;
    let (start, end) =
        (note.range.start.checked_sub(before.parse().ok()?)?, note.range.start + after.parse::<u32>().ok()?);
    let text = &file.text;
    let line = |number: u32| text.slice(text.line_range(number));
    let mut first = text.line_of(start);
    while first > 0 && line(first - 1).trim_start().starts_with(['#', '/']) {
        first -= 1;
    }
    let is_blank = |number: u32| line(number).trim().is_empty();
    let mut last = text.line_of(end) + 1;
    // With the blank lines before it; where it is the first of a block, those behind.
    if first > 0 && is_blank(first - 1) {
        while first > 0 && is_blank(first - 1) {
            first -= 1;
        }
    } else {
        while last < text.line_count() && is_blank(last) {
            last += 1;
        }
    }
    let end = if last < text.line_count() { text.line_start(last) } else { text.len() };
    Some(Range { start: text.line_start(first), end })
}

/// Whether a text may name a module: in an import, in a string, or behind a dot. A variable of its name does not.
fn names_module(text: &str, name: &str) -> bool {
    identifiers(text).filter(|(_, word)| *word == name).any(|(at, _)| {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = text[line..at].trim_start();
        before.starts_with("import ")
            || before.starts_with("from ")
            || before.ends_with(['.', '"', '\'', '/', '(', ','])
            || before.is_empty() && !text[at + name.len()..].starts_with([' ', '.', ':', '=', '('])
    })
}

/// Python: modules of an application that no file imports or names.
fn python_modules(
    survey: &Survey<'_>,
    files: &[(usize, &Surveyed<'_>)],
    used: &[bool],
) -> Vec<(usize, String)> {
    // What a library's modules are for, its users know.
    let has = |number: usize, key: &str| survey.notes(number).any(|note| note.key == key);
    if !files.iter().any(|(number, _)| has(*number, SERVICE)) {
        return Vec::new();
    }
    let loaders: Vec<&str> = files
        .iter()
        .filter(|(_, file)| loads_by_name(file.contents()))
        .map(|(_, file)| file.path.rsplit_once('/').map_or("", |(folder, _)| folder))
        .collect();
    let may_run = |number: usize, file: &Surveyed<'_>| {
        let text = file.contents();
        let is_loaded = loaders.iter().any(|folder| folder.is_empty() || file.path.starts_with(folder));
        let plain_base = |base: &str| {
            let name = base.rsplit('.').next().unwrap_or(base);
            matches!(
                name,
                "object"
                    | "Exception"
                    | "ABC"
                    | "Enum"
                    | "BaseModel"
                    | "NamedTuple"
                    | "TypedDict"
                    | "Protocol"
            )
        };
        let extends =
            file.summary.classes.values().flat_map(|class| &class.bases).any(|base| !plain_base(base));
        used[number]
            || is_loaded
            || has(number, ACTS)
            || extends
            || is_started(&file.path)
            || text.contains("__main__")
            || file.summary.functions.is_empty() && file.summary.classes.is_empty()
            || file.summary.functions.contains_key("main")
    };
    let candidates: Vec<_> = files.iter().filter(|(number, file)| !may_run(*number, file)).collect();
    let all = survey.all_files();
    let places = places_of_words(all.iter().enumerate(), candidates.iter().map(|(_, file)| stem(&file.path)));
    let mut found = Vec::new();
    for (number, file) in candidates {
        let name = stem(&file.path);
        let mut others = places.get(name).map_or(&[][..], Vec::as_slice).chunk_by(|a, b| a == b);
        if !others.any(|other| other[0] != *number && names_module(all[other[0]].contents(), name)) {
            found.push((*number, format!("Nothing imports `{}`", file.summary.module)));
        }
    }
    found
}

/// The name of a file without its ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

/// Python: whether frameworks, tools and people start or load a file by its place.
fn is_started(path: &str) -> bool {
    const FILES: [&str; 25] = [
        "__init__",
        "__main__",
        "main",
        "conftest",
        "settings",
        "urls",
        "wsgi",
        "asgi",
        "manage",
        "setup",
        "tasks",
        "admin",
        "apps",
        "models",
        "env",
        "conf",
        "fabfile",
        "noxfile",
        "app",
        "signals",
        "routing",
        "celery",
        "hooks",
        "hatch_build",
        "pdm_build",
    ];
    const FOLDERS: [&str; 18] = [
        "migrations",
        "versions",
        "management",
        "commands",
        "templatetags",
        "scripts",
        "script",
        "bin",
        "tools",
        "plugins",
        "alembic",
        "hooks",
        "settings",
        "ci",
        "docker",
        "dags",
        "extensions",
        "notebooks",
    ];
    // Ways through `-` are no modules: such a file is run.
    FILES.contains(&stem(path))
        || stem(path).contains('-')
        // `gunicorn_config.py`: a server reads it.
        || stem(path).starts_with("gunicorn")
        || path.split('/').any(|folder| FOLDERS.contains(&folder))
}

/// Go: internal packages that nothing imports, tests or runs. Others may serve who imports the module.
fn go_packages(
    all: &[Surveyed<'_>],
    files: &[(usize, &Surveyed<'_>)],
    used: &[bool],
) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut judged: BTreeSet<&str> = BTreeSet::new();
    for &(number, file) in files {
        let module = &*file.summary.module;
        if !module.split('/').any(|part| part == "internal")
            || is_go_standard(module)
            || !judged.insert(module)
        {
            continue;
        }
        let package = || {
            all.iter().enumerate().filter(|(_, f)| f.language == Language::Go && *f.summary.module == *module)
        };
        let runs = |f: &Surveyed<'_>| {
            f.summary.functions.contains_key("main")
                || f.role != CodeRole::Production
                || !f.summary.functions.contains_key("init")
                    && f.summary.functions.is_empty()
                    && f.summary.classes.is_empty()
                    && f.summary.globals.is_empty()
        };
        if !package().any(|(n, f)| used[n] || runs(f)) {
            let name = module.rsplit('/').next().unwrap_or(module);
            found.push((number, format!("Nothing imports package `{name}`")));
        }
    }
    found
}

/// Rust: files that no `mod` makes part of a crate.
fn rust_files(all: &[Surveyed<'_>], files: &[(usize, &Surveyed<'_>)]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for &(number, file) in files {
        let Some((folder, name)) = file.path.rsplit_once('/') else { continue };
        let at = |path: String| all.iter().find(|f| *f.path == *path);
        let (folder, name) = match name.strip_suffix(".rs") {
            Some("lib" | "main" | "build") | None => continue,
            Some("mod") => match folder.rsplit_once('/') {
                Some((above, own)) => (above, own),
                None => continue,
            },
            Some(stem) => (folder, stem),
        };
        if !format!("{folder}/").contains("src/")
            || folder.ends_with("/bin")
            || folder.contains("/bin/")
            || file.summary.functions.contains_key("main")
        {
            continue;
        }
        let parents = ["lib", "main", "mod"]
            .map(|root| at(format!("{folder}/{root}.rs")))
            .into_iter()
            .chain([at(format!("{folder}.rs"))]);
        let mut parents = parents.flatten().peekable();
        // Without a file around it, the manifest says what it is.
        if parents.peek().is_none() || parents.any(|parent| has_word(parent.contents(), name)) {
            continue;
        }
        let file_name = format!("{name}.rs");
        let declared = |text: &str| text.contains(&format!("mod {name}")) || text.contains(&file_name);
        let mut crate_files =
            all.iter().filter(|f| f.language == Language::Rust && f.project == file.project);
        if !crate_files.any(|f| f.path != file.path && declared(f.contents())) {
            found.push((number, format!("No `mod` makes `{name}` a part of the crate")));
        }
    }
    found
}
