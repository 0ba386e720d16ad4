//! Under which name each file of a workspace is imported, and which project it belongs to.

use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::Home;
use shipworthy_syntax::Language;

/// The packages of a workspace, by their folders (paths in the workspace, with `/`; the root is empty).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Folders that are regular packages of Python.
    python_packages: BTreeSet<String>,
    /// Folders with a manifest of a Python project.
    python_projects: BTreeSet<String>,
    /// Folders with a program that puts its own folder where imports begin, Django's `manage.py`: the package of the settings that it names.
    python_roots: BTreeMap<String, String>,
    /// The paths of Go's modules.
    go_modules: BTreeMap<String, String>,
    rust_crates: BTreeMap<String, Crate>,
}

/// A package of Cargo's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Crate {
    /// The name of its library, as code writes it.
    name: String,
    /// Whether it has a library.
    has_library: bool,
}

/// Whether a file tells of the layout: it is to be given to [`Layout::of`], and changes the layout when it comes, goes or changes.
pub fn tells_of_layout(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    is_python_manifest(name) || matches!(name, "__init__.py" | "go.mod" | "Cargo.toml")
}

/// Whether a file of this name makes its folder a project.
pub(crate) fn is_manifest(name: &str) -> bool {
    is_python_manifest(name) || matches!(name, "go.mod" | "go.work" | "Cargo.toml")
}

fn is_python_manifest(name: &str) -> bool {
    matches!(name, "pyproject.toml" | "setup.py" | "setup.cfg" | "requirements.txt" | "manage.py" | "Pipfile")
}

impl Layout {
    /// The layout of a workspace with files of these paths, of which `read` gives the text.
    pub fn of<'p>(paths: impl Iterator<Item = &'p str>, read: impl Fn(&str) -> Option<String>) -> Self {
        let mut layout = Self::default();
        let mut libraries = BTreeSet::new();
        let mut set_up = BTreeSet::new();
        for path in paths {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            match name {
                "__init__.py" => _ = layout.python_packages.insert(folder.to_owned()),
                "go.mod" => {
                    if let Some(module) = read(path).as_deref().and_then(go_module) {
                        layout.go_modules.insert(folder.to_owned(), module);
                    }
                }
                "Cargo.toml" => {
                    if let Some(name) = read(path).as_deref().and_then(crate_name) {
                        let package = Crate { name, has_library: false };
                        layout.rust_crates.insert(folder.to_owned(), package);
                    }
                }
                "lib.rs" if folder == "src" || folder.ends_with("/src") => {
                    libraries.insert(
                        folder.strip_suffix("src").unwrap_or(folder).trim_end_matches('/').to_owned(),
                    );
                }
                "setup.py" => _ = set_up.insert(folder.to_owned()),
                _ if is_python_manifest(name) => {
                    layout.python_projects.insert(folder.to_owned());
                    if let Some(package) =
                        read(path).filter(|_| name == "manage.py").as_deref().and_then(settings_package)
                    {
                        layout.python_roots.insert(folder.to_owned(), package);
                    }
                }
                _ => {}
            }
        }
        // Inside a package `setup.py` is a module of it.
        let is_module = |folder: &String| !folder.is_empty() && layout.python_packages.contains(folder);
        layout.python_projects.extend(set_up.into_iter().filter(|folder| !is_module(folder)));
        for (folder, package) in &mut layout.rust_crates {
            package.has_library = libraries.contains(folder);
        }
        layout
    }

    /// Where a file belongs.
    pub fn home(&self, path: &str, language: Language) -> Home {
        let found = match language {
            Language::Python => self.python(path),
            Language::Go => self.go(path),
            Language::Rust => self.rust(path),
        };
        found.unwrap_or_else(|| Home::by_path(language, path))
    }

    fn python(&self, path: &str) -> Option<Home> {
        let project = ancestors(path).find(|folder| self.python_projects.contains(*folder)).unwrap_or("");
        // The folder that holds the outermost package around the file; without one the project's own, or its `src`. A folder of the project
        // between two packages belongs to the outer one, with or without an `__init__.py`.
        let is_package = |folder: &str| !folder.is_empty() && self.python_packages.contains(folder);
        let of_project = |folder: &str| inside(folder, project).is_some();
        let mut package = None;
        for folder in ancestors(path) {
            let next_to = package.is_some_and(|inner| parent(inner) == folder);
            let first = folder == parent(path);
            if is_package(folder) && (first || next_to || of_project(folder)) {
                package = Some(folder);
            }
        }
        let begins = |folder: &&str| {
            let package = self.python_roots.get(*folder);
            package.is_some_and(|package| self.python_packages.contains(&format!("{folder}/{package}")))
        };
        let root = if let Some(root) = ancestors(path).find(begins) {
            root
        } else if let Some(package) = package {
            parent(package)
        } else {
            let source = if project.is_empty() { "src".to_owned() } else { format!("{project}/src") };
            if inside(path, &source).is_some() { &path[..source.len()] } else { project }
        };
        Some(Home { project: project.into(), ..Home::by_path(Language::Python, inside(path, root)?) })
    }

    fn go(&self, path: &str) -> Option<Home> {
        let folder = ancestors(path).find(|folder| self.go_modules.contains_key(*folder))?;
        let module = self.go_modules.get(folder)?;
        let package = inside(path, folder)?.rsplit_once('/').map_or("", |(package, _)| package);
        let module = if package.is_empty() { module.clone() } else { format!("{module}/{package}") };
        Some(Home { module: module.into(), project: folder.into() })
    }

    fn rust(&self, path: &str) -> Option<Home> {
        let folder = ancestors(path).find(|folder| self.rust_crates.contains_key(*folder))?;
        let Crate { name, has_library } = self.rust_crates.get(folder)?;
        let path = inside(path, folder)?;
        // A hyphen is in no crate's name: other roots than the library's have names of their own.
        let module = match path.strip_prefix("src/") {
            Some("lib.rs") => name.clone(),
            Some("main.rs") if *has_library => format!("{name}-main"),
            Some("main.rs") => name.clone(),
            Some(rest) => match rest.strip_prefix("bin/") {
                Some(program) => root_and_modules(&format!("{name}-bin-"), program),
                None => Home::by_path(Language::Rust, rest).module.replacen("crate", name, 1),
            },
            None => match path.split_once('/') {
                Some((kind @ ("tests" | "examples" | "benches"), rest)) => {
                    root_and_modules(&format!("{name}-{kind}-"), rest)
                }
                _ => root_and_modules(&format!("{name}-"), path),
            },
        };
        Some(Home { module: module.into(), project: folder.into() })
    }
}

/// The module of a file of a program with a crate of its own: `main.rs`, `server.rs`, `server/main.rs`, `server/routes.rs`.
fn root_and_modules(prefix: &str, path: &str) -> String {
    match path.split_once('/') {
        Some((program, rest)) => {
            Home::by_path(Language::Rust, rest).module.replacen("crate", &format!("{prefix}{program}"), 1)
        }
        None => format!("{prefix}{}", path.trim_end_matches(".rs")),
    }
}

/// The folder around a file or folder; the root's is the root.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folders around a file, from the inside out; the last is the root.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(parent(path)), |folder| (!folder.is_empty()).then(|| parent(folder)))
}

/// A path below a folder.
fn inside<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// The package of the settings that Django's `manage.py` names: `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")`.
fn settings_package(program: &str) -> Option<String> {
    let (_, rest) = program.split_once("DJANGO_SETTINGS_MODULE")?;
    let module = rest.split(['"', '\'']).nth(2)?;
    let package = module.split('.').next()?;
    package.chars().all(|c| c.is_alphanumeric() || c == '_').then(|| package.to_owned())
}

/// The path in a `go.mod`'s module line.
fn go_module(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("module "))?;
    let path = line.split("//").next().unwrap_or(line).trim().trim_matches('"');
    (!path.is_empty()).then(|| path.to_owned())
}

/// The name of the library of a `Cargo.toml`'s package, as code writes it.
fn crate_name(text: &str) -> Option<String> {
    let manifest: toml::Table = text.parse().ok()?;
    let name = |table: &str| manifest.get(table)?.get("name")?.as_str().map(str::to_owned);
    let package = name("package")?;
    Some(name("lib").unwrap_or(package).replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(files: &[(&str, &str)]) -> Vec<String> {
        let read =
            |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned());
        let layout = Layout::of(files.iter().map(|(path, _)| *path), read);
        let sources = files.iter().filter_map(|(path, _)| Some((*path, Language::from_path(path)?)));
        sources.map(|(path, language)| layout.home(path, language).module.to_string()).collect()
    }

    #[test]
    fn python_modules_begin_at_the_outermost_package() {
        let files = [
            ("backend/requirements.txt", ""),
            ("backend/app/__init__.py", ""),
            ("backend/app/services/crm.py", ""),
            ("backend/app/hooks/openai/__init__.py", ""),
            ("backend/scripts/seed.py", ""),
            ("lib/pyproject.toml", ""),
            ("lib/src/shop/core/store.py", ""),
            ("tools/pkg/__init__.py", ""),
            ("tools/pkg/run.py", ""),
        ];
        assert_eq!(
            modules(&files),
            [
                "app",
                "app.services.crm",
                "app.hooks.openai",
                "scripts.seed",
                "shop.core.store",
                "pkg",
                "pkg.run"
            ]
        );
    }

    #[test]
    fn imports_begin_beside_a_program_that_says_so() {
        let files = [
            ("setup.py", ""),
            ("shop/__init__.py", ""),
            ("shop/manage.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'core.settings')"),
            ("shop/core/__init__.py", ""),
            ("shop/orders/urls.py", ""),
            ("other/__init__.py", ""),
            ("other/manage.py", "os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"other.settings\")"),
            ("other/urls.py", ""),
        ];
        let expected =
            ["setup", "__init__", "manage", "core", "orders.urls", "other", "other.manage", "other.urls"];
        assert_eq!(modules(&files), expected);
    }

    #[test]
    fn go_packages_stand_below_their_module() {
        let files = [
            ("go.mod", "// a shop\nmodule example.com/shop // v2\n\ngo 1.24\n"),
            ("main.go", ""),
            ("internal/store/store.go", ""),
            ("tools/go.mod", "module example.com/tools"),
            ("tools/gen/gen.go", ""),
        ];
        assert_eq!(
            modules(&files),
            ["example.com/shop", "example.com/shop/internal/store", "example.com/tools/gen"]
        );
    }

    #[test]
    fn inside_a_package_setup_is_a_module() {
        let paths = [
            "pyproject.toml",
            "shop/__init__.py",
            "shop/telemetry/__init__.py",
            "shop/telemetry/setup.py",
            "shop/telemetry/logs.py",
            "tools/setup.py",
            "tools/run.py",
        ];
        let layout = Layout::of(paths.into_iter(), |_| None);
        let project = |path: &str| layout.home(path, Language::Python).project.to_string();
        assert_eq!(project("shop/telemetry/logs.py"), "");
        assert_eq!(project("tools/run.py"), "tools");
    }

    #[test]
    fn crates_have_roots_of_their_own() {
        let files = [
            ("Cargo.toml", "[workspace]"),
            ("store/Cargo.toml", "[package]\nname = \"shop-store\""),
            ("store/src/lib.rs", ""),
            ("store/src/main.rs", ""),
            ("store/src/db/mod.rs", ""),
            ("store/src/bin/migrate.rs", ""),
            ("store/tests/api.rs", ""),
            ("web/Cargo.toml", "[package]\nname = \"web\"\n[lib]\nname = \"web_api\""),
            ("web/src/main.rs", ""),
            ("web/src/routes/users.rs", ""),
        ];
        assert_eq!(
            modules(&files),
            [
                "shop_store",
                "shop_store-main",
                "shop_store::db",
                "shop_store-bin-migrate",
                "shop_store-tests-api",
                "web_api",
                "web_api::routes::users"
            ]
        );
    }

    #[test]
    fn without_manifests_paths_tell() {
        assert_eq!(
            modules(&[("pkg/store.py", ""), ("x/y.go", ""), ("src/a/b.rs", "")]),
            ["pkg.store", "x", "crate::a::b"]
        );
    }
}
