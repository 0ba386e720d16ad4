use std::collections::BTreeSet;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Fix, Survey, inventory, rule};
use shipworthy_evidence::manifest::{Dependency, Kind, Purpose, normalize};
use shipworthy_evidence::package;
use shipworthy_syntax::{Language, Range};

use crate::manifests::{self, Declared};

rule! {
    /// A dependency that nothing uses
    ///
    /// It is installed, shipped, scanned and updated for nothing, and it tells readers that the project can do what it cannot. Remove it, or use it.
    ///
    /// A use is an import anywhere in the code below the manifest, tests and scripts among it; a module's name in a string (plugins, drivers in
    /// addresses, settings); a mention in a Dockerfile, a compose file, a workflow or the manifest's own settings. Tools, servers, stubs, drivers and
    /// plugins that are used without being named are left alone, as are dependencies for development, what comes from a path, optional features,
    /// requirements that a program resolved, and entries that a comment explains.
    ///
    /// ```manifest bad file=requirements.txt
    /// requests==2.32.3
    /// redis==5.2.1
    /// ^^^^^^^^^^^^
    /// PyYAML==6.0.2
    /// ```
    /// ```python bad file=app.py
    /// import requests
    /// import yaml
    /// ```
    /// ```manifest fixed file=requirements.txt
    /// requests==2.32.3
    /// PyYAML==6.0.2
    /// ```
    /// ```python fixed file=app.py
    /// import requests
    /// import yaml
    /// ```
    ///
    /// ```manifest bad file=Cargo.toml
    /// [package]
    /// name = "shop"
    ///
    /// [dependencies]
    /// serde_json = "1"
    /// left-pad = "1"
    /// ^^^^^^^^^^^^^^
    /// ```
    /// ```rust bad file=src/main.rs
    /// fn main() {
    ///     println!("{}", serde_json::json!({}));
    /// }
    /// ```
    /// ```manifest fixed file=Cargo.toml
    /// [package]
    /// name = "shop"
    ///
    /// [dependencies]
    /// serde_json = "1"
    /// ```
    /// ```rust fixed file=src/main.rs
    /// fn main() {
    ///     println!("{}", serde_json::json!({}));
    /// }
    /// ```
    ///
    /// ```manifest bad file=go.mod
    /// module example.com/shop
    ///
    /// require (
    /// 	github.com/jackc/pgx/v5 v5.7.1
    /// 	github.com/redis/go-redis/v9 v9.7.0
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	golang.org/x/text v0.21.0 // indirect
    /// )
    /// ```
    /// ```go bad file=main.go
    /// package main
    ///
    /// import "github.com/jackc/pgx/v5/pgxpool"
    ///
    /// var pool *pgxpool.Pool
    /// ```
    ///
    /// ```manifest good file=pyproject.toml
    /// [project]
    /// name = "shop"
    /// dependencies = [
    ///     "fastapi>=0.115",
    ///     "uvicorn[standard]",
    ///     "asyncpg",
    ///     "beautifulsoup4",
    ///     "google-cloud-storage",
    ///     "shop-plugins",
    ///     "numexpr",
    ///     "tenacity",  # the client needs a version without the bug
    /// ]
    /// [project.optional-dependencies]
    /// s3 = ["boto3"]
    /// [dependency-groups]
    /// dev = ["pytest", "responses"]
    /// ```
    /// ```python good file=shop/api.py
    /// from fastapi import FastAPI
    ///
    /// PLUGINS = ["shop_plugins.tax"]
    ///
    /// def parse(page):
    ///     import bs4
    ///     from google.cloud import storage
    ///     return bs4.BeautifulSoup(page), storage.Client()
    /// ```
    ///
    /// What a command starts is used:
    ///
    /// ```manifest good file=requirements.txt
    /// flask==3.1.0
    /// celery==5.4.0
    /// ```
    /// ```python good file=app.py
    /// import flask
    /// ```
    /// ```compose good file=compose.yaml
    /// services:
    ///   worker:
    ///     build: .
    ///     command: celery -A app worker
    /// ```
    ///
    /// What stands under a heading that says so is there for what others need:
    ///
    /// ```manifest good file=pyproject.toml
    /// [project]
    /// name = "shop"
    /// dependencies = [
    ///     "requests==2.32.3",
    ///     # Transitive dependencies
    ///     "idna==3.10",
    ///     "pluggy==1.6.0",
    /// ]
    /// ```
    /// ```python good file=app.py
    /// import requests
    /// ```
    ///
    /// As are crates under other names, and optional ones:
    ///
    /// What another package uses where it is installed.
    ///
    /// ```manifest good file=requirements.txt
    /// fastapi
    /// jinja2
    /// ```
    /// ```python good file=shop/pages.py
    /// from fastapi.templating import Jinja2Templates
    ///
    /// templates = Jinja2Templates("templates")
    /// ```
    ///
    /// ```manifest good file=Cargo.toml
    /// [package]
    /// name = "shop"
    ///
    /// [dependencies]
    /// md-5 = "0.10"
    /// tokio = { version = "1", optional = true }
    /// json = { package = "serde_json", version = "1" }
    ///
    /// [features]
    /// async = ["dep:tokio"]
    /// ```
    /// ```rust good file=src/lib.rs
    /// use md5::Md5;
    ///
    /// pub fn parse(text: &str) -> json::Value {
    ///     json::from_str(text).unwrap_or_default()
    /// }
    /// ```
    name: "unused-dependency",
    category: Configuration,
    severity: Medium,
    scope: Workspace,
    fix: { Manifest: Suggested },
    workspace: judge,
}

fn judge(survey: &mut Survey<'_>) {
    let judged: BTreeSet<usize> = survey.around().map(|(number, _)| number).collect();
    let around = words_around(survey);
    for language in [Language::Python, Language::Rust, Language::Go] {
        let all = manifests::of(survey, language);
        if all.is_empty() {
            continue;
        }
        let code = Code::read(survey, language, &all);
        for declared in all.iter().filter(|declared| judged.contains(&declared.number)) {
            judge_manifest(survey, declared, &all, &code, &around);
        }
    }
}

/// The words of the files around the code, but for manifests.
fn words_around(survey: &Survey<'_>) -> BTreeSet<String> {
    let files = survey.all_around().iter().filter(|around| around.file.manifest().is_none());
    files.flat_map(|around| package_words(&around.file.text)).collect()
}

fn package_words(text: &str) -> impl Iterator<Item = String> {
    manifests::mentioned(text, |c| c.is_alphanumeric() || matches!(c, '-' | '_')).map(normalize)
}

/// What the code of a language names, by file.
struct Code {
    files: Vec<(String, BTreeSet<String>)>,
}

impl Code {
    fn read(survey: &Survey<'_>, language: Language, all: &[Declared<'_>]) -> Self {
        let names = |d: &Dependency| match &d.alias {
            Some(alias) => vec![alias.replace('-', "_")],
            None => package::rust::names(&d.name),
        };
        let wanted: BTreeSet<String> = match language {
            Language::Rust => all.iter().flat_map(|d| &d.manifest.dependencies).flat_map(names).collect(),
            Language::Python | Language::Go => BTreeSet::new(),
        };
        let files = survey.all_files().iter().filter(|file| file.language == language).map(|file| {
            let text = file.contents();
            let mut named = BTreeSet::new();
            match language {
                Language::Python => manifests::python_imports(text, &mut named),
                Language::Go => manifests::go_imports(text, &mut named),
                Language::Rust => {
                    let words = manifests::mentioned(text, |c| c.is_alphanumeric() || c == '_');
                    named.extend(words.filter(|word| wanted.contains(*word)).map(str::to_owned));
                }
            }
            (file.path.to_string(), named)
        });
        Self { files: files.collect() }
    }

    /// The names in the files that a manifest is for.
    fn below<'c>(&'c self, declared: &Declared<'_>, all: &[Declared<'_>]) -> Option<BTreeSet<&'c str>> {
        // A package within has a manifest of its own, and, but in Python, nothing from this one.
        let is_own = |path: &str| {
            declared.covers(path)
                && (declared.manifest.kind != Kind::Cargo && declared.manifest.kind != Kind::GoMod
                    || all
                        .iter()
                        .all(|other| other.folder.len() <= declared.folder.len() || !other.covers(path)))
        };
        let mut own =
            self.files.iter().filter(|(path, _)| is_own(path) && !path.ends_with("setup.py")).peekable();
        own.peek()?;
        Some(own.flat_map(|(_, names)| names.iter().map(String::as_str)).collect())
    }
}

fn judge_manifest(
    survey: &mut Survey<'_>,
    declared: &Declared<'_>,
    all: &[Declared<'_>],
    code: &Code,
    around: &BTreeSet<String>,
) {
    let manifest = declared.manifest;
    let shared = |d: &Dependency| manifest.kind == Kind::Cargo && d.group.as_deref() == Some("workspace");
    let (named, language) = match manifest.kind {
        Kind::Cargo => (code.below(declared, all), Language::Rust),
        Kind::GoMod => (code.below(declared, all), Language::Go),
        _ if manifests::is_resolved(declared) => return,
        _ => (code.below(declared, all), Language::Python),
    };
    let own_words = words_of_settings(declared);
    let has_tests = code.files.iter().any(|(path, _)| {
        let inside = path.strip_prefix(&declared.folder).unwrap_or_default();
        ["tests/", "benches/", "examples/"].iter().any(|folder| inside.starts_with(folder))
    });
    let mut findings = Vec::new();
    let mut judged = 0;
    for dependency in &manifest.dependencies {
        let is_shared = shared(dependency);
        let is_concerned = match dependency.purpose {
            Purpose::Runtime => true,
            Purpose::Development => language == Language::Rust && has_tests,
            Purpose::Build => language == Language::Rust,
            Purpose::Optional => false,
        };
        let is_itself =
            manifest.name.as_ref().is_some_and(|own| normalize(&own.text) == dependency.normalized());
        if is_itself || dependency.is_indirect {
            continue;
        }
        let used = if is_shared {
            taken_by_members(dependency, declared, all)
        } else {
            named.as_ref().and_then(|named| match language {
                Language::Rust => used_by_rust(dependency, declared, named),
                Language::Go => used_by_go(dependency, declared, named),
                Language::Python => {
                    let word = dependency.normalized();
                    let is_named = around.contains(&word) || own_words.contains(&word);
                    is_named
                        .then_some(true)
                        .or_else(|| used_by_python(survey, dependency, declared, all, named))
                }
            })
        };
        let is_judged = is_concerned && !dependency.is_direct && !is_explained(declared, dependency);
        let used = used.filter(|used| *used || is_judged);
        declare(survey, declared, dependency, used);
        if !is_concerned || dependency.is_direct {
            continue;
        }
        let Some(used) = used else { continue };
        survey.site(declared.number);
        judged += 1;
        if used {
            continue;
        }
        // Of a crate that is named nowhere the features may be what is wanted.
        let text = declared.around.file.slice(dependency.range);
        let wants_features = language == Language::Rust && text.contains("features") && !is_shared;
        let is_guess = dependency.purpose == Purpose::Development
            || language == Language::Python && !package::python::is_known(&dependency.name);
        let name = dependency.alias.as_ref().unwrap_or(&dependency.name);
        let what = if is_shared { "No member of the workspace takes" } else { "Nothing uses" };
        let finding = survey
            .finding(dependency.range, format!("{what} `{name}`"))
            .why("It is installed, shipped and kept up to date for nothing, and promises what the code does not do.")
            .help("Remove the line; if something does use it unseen, say so in a comment beside it.")
            .confidence(match (wants_features, is_guess) {
                (true, _) => Confidence::Low,
                (false, true) => Confidence::Medium,
                (false, false) => Confidence::High,
            })
            .maybe_fix(removal(declared, dependency));
        findings.push(finding);
    }
    // A manifest most of which nothing names lists what was installed, with what others need among it.
    if findings.len() <= 10 || findings.len() * 3 <= judged {
        findings.into_iter().for_each(|finding| survey.report(declared.number, finding));
    }
}

/// Tells the inventory of a dependency.
fn declare(survey: &mut Survey<'_>, declared: &Declared<'_>, dependency: &Dependency, used: Option<bool>) {
    let number = declared.number;
    let text = declared.around.file.slice(dependency.range);
    let Some(place) = survey.evidence(number, dependency.range, text) else { return };
    let entry = inventory::Dependency {
        name: dependency.name.clone(),
        requirement: dependency.version.clone(),
        place,
        development: dependency.purpose == Purpose::Development,
        used,
    };
    survey.inventory(number).dependencies.push(entry);
}

/// The words of a manifest outside its dependencies: settings of tools, plugins, programs.
fn words_of_settings(declared: &Declared<'_>) -> BTreeSet<String> {
    let (text, mut at) = (&declared.around.file.text, 0);
    let mut words = BTreeSet::new();
    if declared.manifest.kind == Kind::Requirements {
        return words;
    }
    for dependency in &declared.manifest.dependencies {
        words.extend(package_words(text.get(at..dependency.range.start as usize).unwrap_or_default()));
        at = dependency.range.end as usize;
    }
    words.extend(package_words(text.get(at..).unwrap_or_default()));
    words.extend(
        declared.manifest.scripts.iter().flat_map(|(_, target)| package_words(target).collect::<Vec<_>>()),
    );
    words
}

/// Whether a member of a Rust workspace takes a dependency that the workspace declares; none where no member is in view.
fn taken_by_members(dependency: &Dependency, declared: &Declared<'_>, all: &[Declared<'_>]) -> Option<bool> {
    let own = |d: &Dependency| d.group.as_deref() != Some("workspace");
    let members =
        || all.iter().filter(|other| other.covers(&declared.folder) || declared.covers(other.path()));
    let mut taken = members().flat_map(|other| &other.manifest.dependencies).filter(|d| own(d)).peekable();
    taken.peek()?;
    let key = |d: &Dependency| d.alias.clone().unwrap_or_else(|| d.name.clone());
    Some(taken.any(|d| key(d) == key(dependency) || d.name == dependency.name))
}

fn used_by_rust(dependency: &Dependency, declared: &Declared<'_>, named: &BTreeSet<&str>) -> Option<bool> {
    let key = dependency.alias.as_ref().unwrap_or(&dependency.name);
    if package::rust::is_unseen(&dependency.name) {
        return None;
    }
    let names = match &dependency.alias {
        Some(alias) => vec![alias.replace('-', "_")],
        None => package::rust::names(&dependency.name),
    };
    // `dep:tokio`, `tokio/rt`, `tokio?/rt`: features of it may be all that is wanted.
    let in_feature = declared.manifest.features.iter().flat_map(|(_, parts)| parts).any(|part| {
        let part = part.strip_prefix("dep:").unwrap_or(part);
        part.split(['/', '?']).next() == Some(key)
    });
    Some(in_feature || names.iter().any(|name| named.contains(name.as_str())))
}

fn used_by_go(dependency: &Dependency, declared: &Declared<'_>, named: &BTreeSet<&str>) -> Option<bool> {
    if package::go::is_unseen(&dependency.name) {
        return None;
    }
    let holds = |module: &str, path: &str| {
        path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_of_longer = |path: &str| {
        let others = declared.manifest.dependencies.iter().filter(|d| d.name.len() > dependency.name.len());
        others.into_iter().any(|other| holds(&other.name, path))
    };
    let tools = declared.manifest.scripts.iter().map(|(path, _)| path.as_str());
    let mut paths = named.iter().copied().chain(tools);
    Some(paths.any(|path| holds(&dependency.name, path) && !is_of_longer(path)))
}

fn used_by_python(
    survey: &Survey<'_>,
    dependency: &Dependency,
    declared: &Declared<'_>,
    all: &[Declared<'_>],
    named: &BTreeSet<&str>,
) -> Option<bool> {
    use package::python;
    let name = &dependency.name;
    if python::is_unseen(name) {
        return None;
    }
    if named.iter().any(|module| python::provides(name, module)) {
        return Some(true);
    }
    // What another one needs is declared for its version; what it uses where it is there, for that.
    let near = all.iter().filter(|other| other.covers(&declared.folder) || declared.covers(&other.folder));
    let mut others = near.flat_map(|d| &d.manifest.dependencies).filter(|other| other.name != *name);
    let word = dependency.normalized();
    if others.any(|o| python::brings(&o.name).contains(&word) || python::takes(&o.name).contains(&word)) {
        return None;
    }
    if !python::is_known(name) {
        // An import that no other package explains may be of this one.
        let visible = || all.iter().flat_map(|d| &d.manifest.dependencies);
        let mut tops: BTreeSet<&str> = named.iter().map(|module| python::top(module)).collect();
        tops.retain(|top| {
            !python::needs_no_package(top) && !visible().any(|d| python::provides(&d.name, top))
        });
        if tops.iter().any(|top| begin_alike(name, top) || manifests::are_akin(name, top)) {
            return None;
        }
    }
    let mut wanted = vec![name.clone(), dependency.normalized(), dependency.normalized().replace('-', "_")];
    wanted.extend(python::modules(name).iter().cloned());
    let files =
        survey.all_files().iter().filter(|f| f.language == Language::Python && declared.covers(&f.path));
    Some(files.into_iter().any(|file| {
        let text = file.contents();
        wanted.iter().any(|word| manifests::is_quoted(text, word))
    }))
}

/// Whether the names of a package and a module have a beginning in common.
fn begin_alike(package: &str, module: &str) -> bool {
    let letters = |name: &str| normalize(name).replace('-', "");
    letters(package).chars().zip(letters(module).chars()).take_while(|(a, b)| a == b).count() >= 4
}

/// Whether a comment beside or above an entry tells why it is there.
fn is_explained(declared: &Declared<'_>, dependency: &Dependency) -> bool {
    let file = &declared.around.file;
    let line = line_of(&file.text, dependency.range);
    let above = file.text[..line.start as usize].trim_end_matches(['\n', '\r']);
    let above = above.rsplit('\n').next().unwrap_or_default().trim_start();
    let in_line = file.comments.iter().any(|comment| line.contains_range(*comment));
    let before = file.slice(Range { start: line.start, end: dependency.range.start });
    const WORDS: [&str; 12] = [
        "need",
        "require",
        "transitive",
        "pin",
        "cve",
        "version",
        "feature",
        "because",
        "used by",
        "via",
        "compat",
        "unused",
    ];
    let says = |text: &str| WORDS.iter().any(|word| text.to_ascii_lowercase().contains(word));
    in_line && before.trim().is_empty()
        || above.starts_with(['#', '/']) && says(above)
        || is_below_others(&file.text[..line.start as usize])
}

/// Whether the heading of the group that a text ends in says that its entries are there for others: `# Transitive dependencies`.
fn is_below_others(before: &str) -> bool {
    let mut lines = before.lines().rev().map(str::trim).take_while(|line| !line.is_empty());
    let heading = lines.find(|line| line.starts_with(['#', '/'])).unwrap_or_default().to_ascii_lowercase();
    ["transitive", "indirect"].iter().any(|word| heading.contains(word))
}

fn line_of(text: &str, range: Range) -> Range {
    let start = text[..range.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end as usize..].find('\n').map_or(text.len(), |at| range.end as usize + at);
    Range::from(start..end)
}

/// Removes the line of an entry that has one for itself.
fn removal(declared: &Declared<'_>, dependency: &Dependency) -> Option<Fix> {
    let file = &declared.around.file;
    let line = line_of(&file.text, dependency.range);
    let alone = file.slice(line).trim().trim_end_matches(',') == file.slice(dependency.range);
    let end = (line.end + 1).min(file.text.len() as u32);
    alone.then(|| {
        let title = format!("Remove `{}`", dependency.name);
        Fix::suggested(title).replace(Range { start: line.start, end }, "")
    })
}
