use shipworthy_syntax::Range;

use super::*;

/// Each dependency as `name version purpose [group]`.
fn shown(path: &str, text: &str) -> Vec<String> {
    let read = read(path, text);
    assert!(read.unread.is_empty(), "{:?}", read.unread);
    let shown = read.content.dependencies.iter().map(|d| {
        let group = d.group.as_ref().map(|g| format!(" [{g}]")).unwrap_or_default();
        let direct = if d.is_direct { " direct" } else { "" };
        let alias = d.alias.as_ref().map(|a| format!(" as {a}")).unwrap_or_default();
        format!("{}{alias} {} {:?}{group}{direct}", d.name, d.version, d.purpose)
    });
    shown.collect()
}

#[test]
fn requirements_are_for_what_their_file_says() {
    assert_eq!(shown("requirements.txt", "flask\n"), ["flask  Runtime"]);
    assert_eq!(shown("optional-requirements.txt", "cryptg>=0.1\n"), ["cryptg >=0.1 Optional"]);
}

#[test]
fn requirements_have_options_includes_and_comments() {
    let text = "\u{feff}# top\n-r base.txt\n--index-url https://x\nrequests[socks] >= 2.8, < 3 ; python_version < '3.13'  # why\nflask==3.0.0 \\\n    --hash=sha256:abc \\\n    --hash=sha256:def\n-e git+https://h/r.git@v1#egg=tool\nlocal @ file:///x\n./lib\n";
    let read = read("requirements-dev.txt", text);
    assert!(read.unread.is_empty(), "{:?}", read.unread);
    let names: Vec<(&str, &str, bool)> = read
        .content
        .dependencies
        .iter()
        .map(|d| (d.name.as_str(), d.version.as_str(), d.is_pinned()))
        .collect();
    assert_eq!(
        names,
        [
            ("requests", ">=2.8,<3", false),
            ("flask", "==3.0.0", true),
            ("tool", "", true),
            ("local", "", true)
        ]
    );
    assert!(read.content.dependencies.iter().all(|d| d.purpose == Purpose::Development));
    assert_eq!(read.content.includes[0].path.text, "base.txt");
    let slice = |range: Range| &text[std::ops::Range::from(range)];
    assert_eq!(
        slice(read.content.dependencies[1].range),
        "flask==3.0.0 \\\n    --hash=sha256:abc \\\n    --hash=sha256:def"
    );
    assert_eq!(read.comments.iter().map(|c| slice(*c)).collect::<Vec<_>>(), ["# top", "# why"]);
    assert_eq!(super::read("requirements.txt", "what is this\n").unread.len(), 1);
}

#[test]
fn pyproject_in_all_its_forms() {
    let text = r#"
[build-system]
requires = ["hatchling"]
[project]
name = "shop"
dependencies = ["httpx>=0.27", "lib @ git+https://h/r"]  # two
[project.optional-dependencies]
redis = ["redis"]
test = ["pytest"]
[project.scripts]
shop = "shop.cli:main"
[dependency-groups]
lint = ["ruff", {include-group = "x"}]
[tool.poetry.dependencies]
python = "^3.12"
fastapi = "^0.110"
uvicorn = {version = "0.29", optional = true}
[tool.poetry.group.dev.dependencies]
black = "*"
"#;
    assert_eq!(
        shown("pyproject.toml", text),
        [
            "hatchling  Build",
            "httpx >=0.27 Runtime",
            "lib  Runtime direct",
            "redis  Optional [redis]",
            "pytest  Development [test]",
            "ruff  Development [lint]",
            "fastapi ^0.110 Runtime",
            "uvicorn 0.29 Optional",
            "black  Development [dev]",
        ]
    );
    let read = read("pyproject.toml", text);
    assert_eq!(read.content.scripts, [("shop".to_owned(), "shop.cli:main".to_owned())]);
    assert_eq!(read.comments.len(), 1);
    let broken = super::read("pyproject.toml", "[project]\nname = \n\ndependencies = [\"a\"]\n");
    assert_eq!((broken.unread.len(), broken.content.dependencies.len()), (1, 1));
}

#[test]
fn cargo_go_pipfile_and_setup() {
    let cargo = "[package]\nname = \"shop\"\n[dependencies]\nserde = { version = \"1\", optional = true }\nlog.workspace = true\nold = { package = \"new\", path = \"../new\" }\n[dev-dependencies]\ninsta = \"1\"\n[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n[workspace]\nmembers = [\"crates/*\"]\n[features]\nfull = [\"serde\"]\n";
    assert_eq!(
        shown("Cargo.toml", cargo),
        [
            "serde 1 Optional",
            "log  Runtime",
            "new as old  Runtime direct",
            "insta 1 Development",
            "libc 0.2 Runtime [cfg(unix)]",
        ]
    );
    let manifest = read("Cargo.toml", cargo).content;
    assert_eq!(
        (manifest.includes[0].path.text.as_str(), manifest.features[0].0.as_str()),
        ("crates/*", "full")
    );
    let go = "module example.com/shop // the shop\n\ngo 1.24\n\nrequire github.com/a/b v1.2.3\nrequire (\n\tgithub.com/c/d v0.1.0 // indirect\n)\nreplace github.com/a/b => ../b\n";
    assert_eq!(
        shown("go.mod", go),
        ["github.com/a/b v1.2.3 Runtime direct", "github.com/c/d v0.1.0 Runtime"]
    );
    assert!(read("go.mod", go).content.dependencies[1].is_indirect);
    assert_eq!(
        shown("Pipfile", "[packages]\nrequests = \"*\"\n[dev-packages]\npytest = {version = \"==8\"}\n"),
        ["requests  Runtime", "pytest ==8 Development"]
    );
    let cfg = "[metadata]\nname = shop\n[options]\ninstall_requires =\n    requests>=2\n    # why\n    flask\n[options.extras_require]\ntest = pytest\n";
    assert_eq!(
        shown("setup.cfg", cfg),
        ["requests >=2 Runtime", "flask  Runtime", "pytest  Development [test]"]
    );
    let py = "from setuptools import setup\nrequired = ['requests>=2']\nsetup(\n    name='shop',\n    install_requires=required,\n    extras_require={'redis': ['redis']},\n)\n";
    assert_eq!(shown("setup.py", py), ["requests >=2 Runtime", "redis  Optional [redis]"]);
    assert!(read("setup.py", "setup(install_requires=open('r').read().split())\n").content.is_dynamic);
}

#[test]
fn lock_files_say_what_was_chosen() {
    let version = |path: &str, text: &str, name: &str| Lock::read(path, text).packages.get(name).cloned();
    let cargo = "version = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.2\"\ndependencies = []\n[metadata]\nversion = 1\n";
    assert_eq!(version("Cargo.lock", cargo, "serde").as_deref(), Some("1.0.2"));
    assert_eq!(version("go.sum", "a/b v1 h1:x\na/b v1/go.mod h1:y\n", "a/b").as_deref(), Some("v1"));
    let pipfile = "{\"default\": {\"requests\": {\"version\": \"==2.1\"}}}";
    assert_eq!(version("Pipfile.lock", pipfile, "requests").as_deref(), Some("2.1"));
}

#[test]
fn names_tell_kinds() {
    for path in ["requirements.txt", "requirements/base.txt", "dev-requirements.in", "api/constraints.txt"] {
        assert_eq!(Kind::of(path), Some(Kind::Requirements), "{path}");
    }
    assert_eq!(Kind::of("notes.txt"), None);
    assert_eq!(normalize("Foo_Bar.baz"), "foo-bar-baz");
}
