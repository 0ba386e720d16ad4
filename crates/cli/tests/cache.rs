//! What is remembered between runs changes nothing but how long they take.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use common::{err, out, project};
use tempfile::TempDir;

/// A project with findings of each kind: with a fix, suppressed, across files, in a file around the code, in a file that cannot be read whole.
fn workspace() -> TempDir {
    project(&[
        (
            "pyproject.toml",
            "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"requests\", \"httpx\"]\n",
        ),
        ("shop/__init__.py", ""),
        ("shop/client.py", "import requests\n\n\ndef fetch(url):\n    return requests.get(url).json()\n"),
        (
            "shop/app.py",
            "from shop.client import fetch\n\n\nasync def load(url):\n    return fetch(url)\n\n\ndef check(request, settings):\n    # shipworthy: ignore[timing-unsafe-comparison] -- only in tests\n    return request.headers[\"X-Token\"] == settings.secret_token\n",
        ),
        ("shop/broken.py", "def f(:\n"),
        ("Dockerfile", "FROM python\nCOPY . .\nCMD [\"python\", \"-m\", \"shop\"]\n"),
        ("data.bin.py", "\0\0"),
    ])
}

struct Cached {
    folder: TempDir,
    cache: TempDir,
}

impl Cached {
    fn new() -> Self {
        Self { folder: workspace(), cache: tempfile::tempdir().unwrap() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = common::command(self.folder.path());
        command.env("SHIPWORTHY_CACHE", self.cache.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn json(&self) -> String {
        out(&self.run(&["audit", "--output-format", "json"]))
    }

    /// The same without anything remembered.
    fn fresh(&self) -> String {
        out(&self.run(&["audit", "--no-cache", "--output-format", "json"]))
    }

    fn entries(&self) -> Vec<PathBuf> {
        let listed = fs::read_dir(self.cache.path().join("workspaces"));
        let mut entries: Vec<PathBuf> =
            listed.into_iter().flatten().map(|file| file.unwrap().path()).collect();
        entries.sort();
        entries
    }

    /// The one entry that ends like this.
    fn entry_of(&self, ending: &str) -> PathBuf {
        let entries = self.entries();
        let mut found = entries.iter().filter(|path| path.extension().is_some_and(|known| known == ending));
        let (Some(entry), None) = (found.next(), found.next()) else { panic!("one entry: {entries:?}") };
        entry.clone()
    }

    /// The outcome of the audit.
    fn entry(&self) -> PathBuf {
        self.entry_of("audit")
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.folder.path().join(path), text).unwrap();
    }
}

/// Puts a mark into what is remembered, so that it can be told from what was found anew.
fn mark(entry: &Path) {
    let bytes = fs::read(entry).unwrap();
    let (head, content) = bytes.split_at(32);
    let mut content = content.to_vec();
    let word = b"`requests.get";
    let at = content.windows(word.len()).position(|window| window == word).unwrap();
    content[at..at + word.len()].copy_from_slice(b"`REQUESTS.GET");
    let hash = xxhash_rust::xxh3::xxh3_64(&content).to_le_bytes();
    fs::write(entry, [&head[..24], &hash[..], &content[..]].concat()).unwrap();
}

#[test]
fn every_form_of_a_remembered_audit_has_the_bytes_of_a_fresh_one() {
    let cached = Cached::new();
    for form in ["text", "json", "sarif", "markdown", "html", "github", "gitlab", "junit"] {
        let run = |more: &[&str]| {
            let output = cached.run(&[&["audit", "--output-format", form], more].concat());
            (output.status.code(), out(&output))
        };
        let fresh = run(&["--no-cache"]);
        assert_eq!(run(&[]), fresh, "{form}, remembered or not yet");
        assert_eq!(run(&["--threads", "1"]), fresh, "{form}, remembered");
    }
    assert_eq!(cached.entries().len(), 2);
    mark(&cached.entry());
    assert!(cached.json().contains("REQUESTS.GET"), "what is remembered is used");
    assert!(!cached.fresh().contains("REQUESTS.GET"));
}

#[test]
fn what_was_found_out_about_files_that_did_not_change_is_used() {
    let cached = Cached::new();
    cached.json();
    mark(&cached.entry_of("code"));
    assert!(!cached.json().contains("REQUESTS.GET"), "nothing changed: nothing but the outcome is needed");
    cached.write("shop/new.py", "number = 1\n");
    assert!(cached.json().contains("REQUESTS.GET"), "another file changed");
    cached.write("shop/new.py", "number = 2\n");
    assert!(cached.json().contains("REQUESTS.GET"), "and again");
    cached.write(
        "shop/client.py",
        "import requests\n\n\n\ndef fetch(url):\n    return requests.get(url).json()\n",
    );
    assert_eq!(cached.json(), cached.fresh(), "the file itself changed");
}

#[test]
fn whatever_changes_is_seen() {
    let cached = Cached::new();
    let fetch = |body: &str| {
        cached.write("shop/client.py", &format!("import requests\n\n\ndef fetch(url):\n    {body}\n"))
    };
    let changes: [(&str, &dyn Fn()); 10] = [
        ("a call of a library", &|| fetch("requests.get(url)")),
        ("nothing but an effect", &|| fetch("url.strip()")),
        ("another body", &|| cached.write("shop/client.py", "def fetch(url):\n    return url\n")),
        ("as many bytes", &|| cached.write("shop/client.py", "def Fetch(url):\n    return url\n")),
        ("a new file", &|| cached.write("shop/new.py", "try:\n    pass\nexcept:\n    pass\n")),
        ("a file that is gone", &|| fs::remove_file(cached.folder.path().join("shop/new.py")).unwrap()),
        ("settings", &|| cached.write("shipworthy.toml", "[rules]\nunpinned-image = \"off\"\n")),
        ("a file around the code", &|| cached.write("Dockerfile", "FROM python:3.12\n")),
        ("a document", &|| cached.write("README.md", "# Shop\n\nHow to run it.\n")),
        ("what is left out", &|| cached.write(".gitignore", "broken.py\n")),
    ];
    let mut last = cached.json();
    for (what, change) in changes {
        change();
        let now = cached.json();
        assert!(now == cached.fresh(), "{what}");
        assert!(now != last, "{what}: a change that changes nothing proves nothing");
        assert!(cached.json() == now, "{what}, remembered");
        last = now;
    }
}

/// What kind of code a file of Rust's is, others say: the one that declares its module, and all of its project.
#[test]
fn what_other_files_say_of_one_is_seen() {
    let main = |peer: &str, library: &str| {
        format!(
            "mod one;\n{peer}\nmod peer;\n\n{library}\nuse clap::Parser;\n\n#[derive(Parser)]\nstruct Args {{\n    name: String,\n}}\n\nfn main() {{\n    one::keep(&Args::parse().name);\n}}\n"
        )
    };
    let (tests, service) = ("#[cfg(test)]", "use axum::Router;");
    let one = "pub fn keep(text: &str) {\n    if let Err(e) = std::fs::write(\"a\", text) {\n        eprintln!(\"failed: {e}\");\n    }\n}\n";
    let folder = project(&[
        ("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"1.0.0\"\n"),
        ("src/main.rs", &main(tests, service)),
        ("src/one.rs", one),
        ("src/peer/mod.rs", "mod wire;\n"),
        (
            "src/peer/wire.rs",
            "pub fn read(body: &str) -> Limits {\n    serde_json::from_str(body).unwrap()\n}\n",
        ),
    ]);
    let cached = Cached { folder, cache: tempfile::tempdir().unwrap() };
    let changes = [
        ("a module for all", main("", service)),
        ("a command", main("", "")),
        ("a service", main("", service)),
        ("a module for tests", main(tests, service)),
    ];
    let mut last = cached.json();
    for (what, text) in changes {
        cached.write("src/main.rs", &text);
        let now = cached.json();
        assert!(now == cached.fresh(), "{what}");
        let found = |json: &str| ["src/one.rs", "src/peer/wire.rs"].map(|path| json.matches(path).count());
        assert!(found(&now) != found(&last), "{what}: a change that changes nothing proves nothing");
        last = now;
    }
}

/// Contents that no program has written whole.
fn broken(good: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = vec![Vec::new(), b"\0".repeat(good.len()), good[..good.len() / 2].to_vec()];
    entries.extend([20, 28, 40, good.len() / 2, good.len() - 1].map(|at| {
        let mut broken = good.to_vec();
        broken[at] ^= 1;
        broken
    }));
    entries
}

#[test]
fn broken_and_foreign_entries_are_made_anew() {
    let cached = Cached::new();
    let fresh = cached.json();
    mark(&cached.entry());
    for broken in broken(&fs::read(cached.entry()).unwrap()) {
        fs::write(cached.entry(), &broken).unwrap();
        assert_eq!(cached.json(), fresh, "{} bytes", broken.len());
        assert_ne!(fs::read(cached.entry()).unwrap(), broken, "it is written anew");
    }
    let code = cached.entry_of("code");
    mark(&code);
    for (number, broken) in broken(&fs::read(&code).unwrap()).into_iter().enumerate() {
        fs::write(&code, &broken).unwrap();
        // Only an audit of something else looks at it.
        cached.write("shop/number.py", &format!("number = {number}\n"));
        assert_eq!(cached.json(), cached.fresh(), "{} bytes", broken.len());
        assert_ne!(fs::read(&code).unwrap(), broken, "it is written anew");
    }
    fs::remove_file(cached.folder.path().join("shop/number.py")).unwrap();
    fs::remove_file(cached.entry()).unwrap();
    fs::create_dir(cached.cache.path().join("workspaces").join("x.audit")).unwrap();
    assert_eq!(cached.json(), fresh);
}

#[test]
fn where_nothing_can_be_remembered_the_audit_is_the_same() {
    let cached = Cached::new();
    let fresh = cached.fresh();
    // A file where the folder would be: no rights of the user help against it.
    fs::write(cached.cache.path().join("workspaces"), "").unwrap();
    let output = cached.run(&["audit", "--output-format", "json"]);
    assert_eq!((out(&output), err(&output).contains("not remembered")), (fresh.clone(), false));
    let output = cached.run(&["audit", "--verbose", "--output-format", "json"]);
    assert_eq!(out(&output), fresh);
    assert!(err(&output).contains("not remembered for the next time"), "{}", err(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_what_would_be_remembered_and_nothing_else() {
    let cached = Cached::new();
    let fresh = cached.fresh();
    // The largest file that the program may write: the audit's result goes into a pipe.
    let limited = format!(
        "ulimit -f 1; trap '' XFSZ; exec {} audit --verbose --output-format json",
        env!("CARGO_BIN_EXE_shipworthy")
    );
    let mut shell = Command::new("/bin/bash");
    shell.current_dir(cached.folder.path()).env_clear().env("SHIPWORTHY_CACHE", cached.cache.path());
    let output = shell.args(["-c", &limited]).output().unwrap();
    assert_eq!(out(&output), fresh);
    assert!(err(&output).contains("not remembered"), "{}", err(&output));
    assert_eq!(cached.entries(), Vec::<PathBuf>::new(), "nothing half written is left");
}

#[test]
fn programs_that_are_killed_or_run_at_once_leave_a_cache_that_is_right() {
    let cached = Cached::new();
    let fresh = cached.fresh();
    for wait in 0..12 {
        let mut running = cached.command(&["audit", "--output-format", "json"]);
        let mut running = running.stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait * 7));
        running.kill().unwrap();
        running.wait().unwrap();
        cached.write("shop/extra.py", &format!("a = {wait}\n"));
        fs::remove_file(cached.folder.path().join("shop/extra.py")).unwrap();
    }
    let all: Vec<_> = (0..4)
        .map(|_| {
            let mut command = cached.command(&["audit", "--output-format", "json"]);
            command.stdout(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for running in all {
        assert_eq!(out(&running.wait_with_output().unwrap()), fresh);
    }
    assert_eq!(cached.json(), fresh);
}

#[test]
fn clean_removes_what_is_remembered_and_nothing_else() {
    let cached = Cached::new();
    cached.json();
    let other = cached.cache.path().join("workspaces").join("notes.txt");
    fs::write(&other, "mine").unwrap();
    fs::write(cached.cache.path().join("corpus"), "downloads").unwrap();
    let output = cached.run(&["clean"]);
    assert!(output.status.success());
    assert!(err(&output).starts_with("2 entries"), "{}", err(&output));
    assert_eq!(cached.entries(), [other]);
    assert!(cached.cache.path().join("corpus").exists());
    assert!(cached.run(&["clean"]).status.success(), "there is nothing left to remove");
}

#[cfg(unix)]
#[test]
fn only_the_user_can_read_what_is_remembered_and_secrets_are_not_in_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let cached = Cached::new();
    let secret = "hunter2-9f8e7d6c5b4a";
    cached.write(
        "shop/settings.py",
        &format!("import requests\n\nAPI_TOKEN = \"{secret}\"\n\n\ndef f():\n    return requests.get(\"https://user:{secret}@example.com/x\", timeout=3)\n\n\ndef g(cursor):\n    cursor.execute(\"SELECT name FROM users WHERE code = '{secret}'\")\n"),
    );
    let fresh = cached.json();
    assert_eq!(cached.json(), fresh);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&cached.cache.path().join("workspaces")), 0o700);
    for entry in cached.entries() {
        assert_eq!(mode(&entry), 0o600);
        let bytes = fs::read(entry).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}
