//! Workspaces that somebody made to harm whoever audits them. `SECURITY.md` names the test that holds each of its lines.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{command, err, out, project, run};

/// Longer than any of this takes on the slowest machine; what waits for a pipe waits for good.
const HANG: Duration = Duration::from_secs(120);

const SERVICE: &str = "def verify(token: str, settings: Settings) -> bool:\n    if token == settings.admin_token:\n        return True\n    return False\n";

/// What must not be seen: it stands in files that no audit is to read.
const CANARY: &str = "canary_that_nobody_reads";

/// Runs the command; fails where it hangs.
fn audit(folder: &Path, arguments: &[&str]) -> Output {
    let mut child =
        command(folder).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let reader = |mut from: Box<dyn std::io::Read + Send>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).unwrap();
            bytes
        })
    };
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (stdout, stderr) = (reader(Box::new(stdout)), reader(Box::new(stderr)));
    let start = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if start.elapsed() > HANG => {
                child.kill().unwrap();
                panic!("{arguments:?} hangs");
            }
            None => thread::sleep(Duration::from_millis(10)),
        }
    };
    Output { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@b.c"]).args(arguments);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").stdout(Stdio::null()).stderr(Stdio::null());
    assert!(git.status().unwrap().success(), "{arguments:?}");
}

/// A repository whose every setting that names a program names one that leaves a mark.
#[test]
fn no_program_that_a_repository_names_is_run() {
    let folder = project(&[("repo/app.py", SERVICE), ("repo/module/lib.py", "x = 1\n")]);
    let mark = folder.path().join("it-ran");
    let evil = folder.path().join("evil");
    fs::write(&evil, format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n", mark.display())).unwrap();
    fs::set_permissions(&evil, fs::Permissions::from_mode(0o755)).unwrap();
    let evil = evil.to_str().unwrap();
    let repo = folder.path().join("repo");
    let module = repo.join("module");
    // The filters of a repository within have names of their own.
    for (at, filter) in [(&module, "inner"), (&repo, "a=b")] {
        git(at, &["init", "--quiet"]);
        fs::write(at.join(".gitattributes"), format!("* filter={filter} diff=evil\n")).unwrap();
        git(at, &["add", "."]);
        // With a signature that asks for a program to be verified.
        git(at, &["commit", "--quiet", "-m", "first"]);
    }
    let raw = Command::new("git").current_dir(&repo).args(["cat-file", "commit", "HEAD"]).output().unwrap();
    let raw = String::from_utf8(raw.stdout).unwrap();
    let signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n";
    let signed = folder.path().join("signed");
    fs::write(&signed, raw.replacen("\n\n", &format!("\n{signature}"), 1)).unwrap();
    let hash = Command::new("git")
        .current_dir(&repo)
        .args(["hash-object", "-t", "commit", "-w", signed.to_str().unwrap()])
        .output()
        .unwrap();
    let id = String::from_utf8(hash.stdout).unwrap();
    git(&repo, &["update-ref", "HEAD", id.trim()]);
    for (at, filter) in [(&module, "inner"), (&repo, "a=b")] {
        let filters = ["clean", "smudge", "process"].map(|key| (format!("filter.{filter}.{key}"), evil));
        for (key, value) in filters {
            git(at, &["config", &key, value]);
        }
        for (key, value) in [
            ("core.fsmonitor", evil),
            ("core.pager", evil),
            ("core.sshCommand", evil),
            ("core.askPass", evil),
            ("core.editor", evil),
            (&format!("filter.{filter}.required"), "true"),
            ("diff.external", evil),
            ("diff.evil.textconv", evil),
            ("diff.evil.command", evil),
            ("gpg.program", evil),
            ("log.showSignature", "true"),
            ("credential.helper", evil),
            ("status.submoduleSummary", "true"),
            ("extensions.partialClone", "origin"),
            ("remote.origin.promisor", "true"),
            ("remote.origin.url", &format!("ext::{evil} %S")),
            ("protocol.ext.allow", "always"),
            ("alias.log", &format!("!{evil}")),
            ("alias.status", &format!("!{evil}")),
        ] {
            git(at, &["config", key, value]);
        }
        for hook in [
            "post-index-change",
            "pre-commit",
            "post-checkout",
            "reference-transaction",
            "fsmonitor-watchman",
        ] {
            fs::copy(evil, at.join(".git/hooks").join(hook)).unwrap();
        }
        // What has changed is what filters are asked about.
        fs::write(at.join(".gitattributes"), format!("* filter={filter} diff=evil \n")).unwrap();
    }
    // A file whose content is missing is what a partial clone fetches.
    let listed = Command::new("git").current_dir(&repo).args(["rev-parse", "HEAD:app.py"]).output().unwrap();
    let blob = String::from_utf8(listed.stdout).unwrap();
    let (first, rest) = blob.trim().split_at(2);
    fs::remove_file(repo.join(".git/objects").join(first).join(rest)).unwrap();
    let _ = fs::remove_file(&mark);
    for arguments in [&["audit"][..], &["audit", "--since", "HEAD"], &["baseline"], &["audit", "--fix"]] {
        audit(&repo, arguments);
        let ran = fs::read_to_string(&mark).unwrap_or_default();
        assert_eq!(ran, "", "{arguments:?}");
    }
}

/// Links that lead out, pipes, devices and files without end where an audit reads of its own accord.
#[test]
fn nothing_outside_is_read_and_nothing_is_waited_for() {
    let outside = project(&[
        ("secret.py", &format!("{CANARY} = 1\ntry:\n    pass\nexcept:\n    pass\n")),
        (".env", &format!("PASSWORD=t7Zq4Wn9Ls2Xv8Kb3\n# {CANARY}\n")),
        ("settings.toml", &format!("{CANARY} = 1\n")),
        ("requirements.txt", &format!("{CANARY}==1\n")),
    ]);
    let at = |name: &str| outside.path().join(name);
    let folder = project(&[
        ("app/app.py", SERVICE),
        ("sub/x.py", SERVICE),
        ("deploy/.env", "PASSWORD=t7Zq4Wn9Ls2Xv8Kb3\n"),
    ]);
    let root = folder.path();
    symlink(at("secret.py"), root.join("app/linked.py")).unwrap();
    symlink(outside.path(), root.join("app/folder")).unwrap();
    symlink(at(".env"), root.join(".env")).unwrap();
    symlink(at("settings.toml"), root.join("app/shipworthy.toml")).unwrap();
    symlink(root, root.join("app/loop")).unwrap();
    let include = format!("-r {}\n-r ../../../../../../..{0}\nflask==1\n", at("requirements.txt").display());
    fs::write(root.join("requirements.txt"), include).unwrap();
    // A made-up index: one file that is there, though ignored, and others behind the tree and what is walked of it.
    let paths = [
        "deploy/.env".to_owned(),
        format!("../../../../../../..{}", at(".env").display()),
        at(".env").display().to_string(),
        "app/folder/.env".to_owned(),
        "sub/../deploy/.env".to_owned(),
    ];
    let mut index = [b"DIRC\0\0\0\x02".as_slice(), &(paths.len() as u32).to_be_bytes()].concat();
    for path in paths {
        let start = index.len();
        index.extend([0; 60]);
        index.extend((path.len() as u16).to_be_bytes());
        index.extend(path.as_bytes());
        index.push(0);
        while !(index.len() - start).is_multiple_of(8) {
            index.push(0);
        }
    }
    fs::create_dir(root.join(".git")).unwrap();
    fs::write(root.join(".git/index"), index).unwrap();
    fs::write(root.join(".gitignore"), ".env\n").unwrap();
    for form in ["json", "text", "markdown", "html", "sarif"] {
        let output = audit(root, &["audit", "--output-format", form]);
        assert!(output.status.code().is_some_and(|code| code < 2), "{}", err(&output));
        assert!(!out(&output).contains(CANARY), "{form}: {}", out(&output));
        assert!(!err(&output).contains(CANARY), "{}", err(&output));
        if form == "text" {
            assert!(err(&output).contains("a link is not followed"), "{}", err(&output));
        }
    }
    for (below, committed) in [(".", &["deploy/.env"][..]), ("sub", &[])] {
        let output = audit(root, &["audit", "--output-format", "json", below]);
        let audit: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
        let findings = audit["findings"].as_array().unwrap().iter();
        let findings = findings.filter(|f| f["rule"] == "committed-env-file");
        assert_eq!(findings.map(|f| f["path"].as_str().unwrap()).collect::<Vec<_>>(), committed, "{below}");
    }
    // A link that somebody names in a list of files.
    let named = audit(root, &["audit", "app/linked.py", "app/app.py"]);
    assert!(
        !out(&named).contains(CANARY) && out(&named).contains("a link is not followed"),
        "{}",
        out(&named)
    );

    // Pipes and devices, each alone, so that each has to be minded.
    for name in [
        "app/pipe.py",
        "app/shipworthy.toml",
        "pyproject.toml",
        "requirements.txt",
        ".gitignore",
        ".ignore",
        "sub/.gitignore",
        ".env",
        ".git",
        ".git/index",
        "Dockerfile",
        "README.md",
        "shipworthy-baseline.json",
    ] {
        for device in [false, true] {
            let folder =
                project(&[("app/app.py", SERVICE), ("sub/x.py", SERVICE), (".git/HEAD", "ref: x\n")]);
            let path = folder.path().join(name);
            if name == ".git" {
                fs::remove_dir_all(&path).unwrap();
            }
            if device {
                symlink("/dev/zero", &path).unwrap();
            } else {
                pipe(&path);
            }
            let output = audit(folder.path(), &["audit", "--output-format", "json"]);
            assert!(output.status.code().is_some_and(|code| code < 2), "{name}: {}", err(&output));
            let below = audit(&folder.path().join("sub"), &["audit"]);
            assert!(below.status.code().is_some_and(|code| code < 2), "{name}: {}", err(&below));
            if name == "shipworthy-baseline.json" {
                audit(folder.path(), &["baseline"]);
            }
        }
    }
}

/// Names that are there already as links: what is written does not go through them to the outside.
#[test]
fn nothing_outside_is_written() {
    let outside = project(&[("victim", "mine\n")]);
    let victim = outside.path().join("victim");
    let folder = project(&[("app.py", SERVICE)]);
    let root = folder.path();
    for name in ["audit.html", "audit.json", "shipworthy-baseline.json"] {
        symlink(&victim, root.join(name)).unwrap();
    }
    symlink(outside.path(), root.join("out")).unwrap();
    for arguments in [
        &["audit", "--output", "audit.html"][..],
        &["audit", "--output", "audit.json"],
        &["audit", "--output", "out/new.json"],
        &["baseline"],
    ] {
        let output = audit(root, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains("leads out of the folder"), "{}", err(&output));
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine\n");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    // A link within the folder stays one.
    fs::write(root.join("kept.json"), "").unwrap();
    symlink("kept.json", root.join("report.json")).unwrap();
    audit(root, &["audit", "--output", "report.json"]);
    assert!(root.join("report.json").is_symlink());
    assert!(fs::read_to_string(root.join("kept.json")).unwrap().contains("\"grade\""));
    // A file whose name is not UTF-8 is known by another name, under which nothing may be made.
    let name = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"b\xff.py");
    fs::write(root.join(name), SERVICE).unwrap();
    let before = fs::read_dir(root).unwrap().count();
    let output = audit(root, &["audit", "--fix"]);
    assert!(err(&output).contains("it is left as it is"), "{}", err(&output));
    assert_eq!(fs::read_dir(root).unwrap().count(), before);
}

/// Files are audited while they become others: links to the outside, or longer texts.
#[test]
fn fixes_go_into_what_was_read_only() {
    let outside = project(&[("victim.py", "mine\n")]);
    let victim = outside.path().join("victim.py");
    let files: Vec<(String, String)> = (0..60).map(|n| (format!("m{n:02}.py"), SERVICE.to_owned())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = project(&files);
    let root = folder.path().to_owned();
    let swapped = root.join("m59.py");
    let mut child =
        command(&root).args(["audit", "--fix", "--threads", "1"]).stderr(Stdio::piped()).spawn().unwrap();
    // While the first files are written, the last is swapped for a link.
    while fs::read_to_string(root.join("m00.py")).unwrap() == SERVICE && child.try_wait().unwrap().is_none() {
        thread::yield_now();
    }
    let _ = fs::remove_file(&swapped);
    symlink(&victim, &swapped).unwrap();
    child.wait().unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine\n");
}

/// Names and code that mean something to whoever shows them.
#[test]
fn reports_escape_what_they_quote() {
    let evil = "<script>alert(1)</script>";
    let names = [
        "<script>alert(1)<.py",
        "\u{1b}[31mred.py",
        "a\n::error::b.py",
        "=cmd|' calc'!A0.py",
        "x](javascript:alert(1)).py",
        "]]>.py",
        "`rm`.py",
        "\u{202e}yp.evil.py",
    ];
    let code = format!("# {evil} \u{1b}[31m ::error::x ]]> \u{1}\u{b}\n{}", SERVICE);
    let code = format!(
        "{code}\n\ndef check(token, admin_token):\n    return token == admin_token  # {evil}\n\n\nquery = \"{evil}\u{1b}]0;title\u{7} ]]> \u{ffff}\"\npassword = \"{evil}\u{1b}[2J\"\n"
    );
    let files: Vec<(&str, &str)> = names.iter().map(|name| (*name, code.as_str())).collect();
    let folder = project(&files);
    let compose = format!("services:\n  \"{evil}\":\n    image: postgres\n");
    fs::write(folder.path().join("compose.yaml"), compose).unwrap();
    fs::write(folder.path().join("README.md"), format!("# {evil}\n\nSee [{evil}](<{evil}>).\n")).unwrap();
    fs::write(
        folder.path().join("shipworthy.toml"),
        "\"\\u001b[31m\\u202e\" = 1\n[rules]\n\"\\u001b[31m\\u202e\" = \"off\"\n",
    )
    .unwrap();
    for form in ["text", "json", "sarif", "markdown", "html", "github", "gitlab", "junit"] {
        let output = audit(folder.path(), &["audit", "--output-format", form]);
        let text = out(&output);
        assert_eq!(output.status.code(), Some(1), "{form}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{form}");
        // Where standard error is no terminal its colours are taken out; what turns a line around is not one.
        assert!(!err(&output).contains(['\u{1b}', '\u{202e}']), "{form}: {}", err(&output));
        assert!(err(&output).contains("<U+202E>"), "{form}: {}", err(&output));
        match form {
            "html" => {
                assert_eq!(text.matches("<script").count(), 1);
                assert!(text.contains("<code>&lt;script&gt;alert(1)&lt;/script&gt;</code>"), "{text}");
            }
            "junit" => {
                assert!(!text.contains("<script") && !text.contains("]]>"), "{text}");
                assert!(!text.contains(['\u{1}', '\u{b}', '\u{ffff}']), "{text}");
            }
            "github" => {
                let kinds = ["::error file=", "::warning file=", "::notice file="];
                let commands = text.lines().filter(|line| line.trim_start().starts_with("::"));
                assert!(commands.clone().count() > 3);
                commands.for_each(|line| assert!(kinds.iter().any(|kind| line.starts_with(kind)), "{line}"));
            }
            "json" | "sarif" | "gitlab" => _ = serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            _ => {}
        }
    }
    let patch = out(&audit(folder.path(), &["audit", "--diff"]));
    let heads = patch.lines().filter(|line| line.starts_with("--- ") || line.starts_with("+++ ")).count();
    assert_eq!(heads, 2 * names.len(), "{patch}");
}

/// Each kind of secret in each kind of file.
#[test]
fn secrets_are_in_no_form() {
    let secret = "Zq8vR2mWx5Tn7Kp3Ld9Y";
    let aws = "AKIAQ7ZV3M5NBX2KD4PW";
    let python = format!(
        "import requests\n\nPASSWORD = \"{secret}\"\napi_key = '{secret}'\nAWS = \"{aws}\"\nurl = \"postgres://app:{secret}@db/x\"\n\ndef f():\n    token = \"{secret}\"\n    try:\n        requests.get(url, headers={{\"Authorization\": \"Bearer {secret}\"}})\n    except:\n        pass\n"
    );
    let go = format!(
        "package a\n\nimport \"net/http\"\n\nconst password = \"{secret}\"\n\nfunc f() {{\n\tapiKey := `{secret}`\n\thttp.Get(apiKey)\n}}\n"
    );
    let rust = format!(
        "const PASSWORD: &str = \"{secret}\";\n\npub fn f() {{\n    let token = r#\"{secret}\"#;\n    connect(token).unwrap();\n}}\n"
    );
    let folder = project(&[
        ("app.py", &python),
        ("a.go", &go),
        ("src/lib.rs", &rust),
        (".env", &format!("DB_PASSWORD={secret}\nAWS_ACCESS_KEY_ID={aws}\n")),
        (
            "compose.yaml",
            &format!(
                "services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: {secret}\n"
            ),
        ),
        ("Dockerfile", &format!("FROM python\nENV API_KEY={secret}\nCMD [\"python\"]\n")),
        (
            "k8s.yaml",
            &format!(
                "apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData:\n  password: {secret}\n"
            ),
        ),
    ]);
    for settings in ["", "[rules]\nhardcoded-secret = \"off\"\n"] {
        fs::write(folder.path().join("shipworthy.toml"), settings).unwrap();
        for form in ["text", "json", "sarif", "markdown", "html", "github", "gitlab", "junit"] {
            let output = audit(folder.path(), &["audit", "--output-format", form]);
            for secret in [secret, aws] {
                let said = out(&output) + &err(&output);
                let line = said.lines().find(|line| line.contains(secret));
                assert_eq!(line, None, "{form}, with {settings:?}");
            }
        }
        run(folder.path(), &["baseline"]);
        let baseline = fs::read_to_string(folder.path().join("shipworthy-baseline.json")).unwrap();
        assert!(!baseline.contains(secret) && !baseline.contains(aws), "{baseline}");
    }
}

/// Patterns that other matchers need years for.
#[test]
fn no_pattern_in_settings_explodes() {
    let long = format!("{}/x.py", "a".repeat(200));
    for pattern in [
        "{a,b}".repeat(190),
        "*a".repeat(490),
        "**/".repeat(300) + "x",
        "{".repeat(400) + &"}".repeat(400),
        "[a-z]*".repeat(160),
        format!("{}x{}", "{a,".repeat(200), "}".repeat(200)),
    ] {
        let settings = format!("exclude = [{}]\n", vec![format!("\"{pattern}\""); 50].join(", "));
        let folder = project(&[("shipworthy.toml", &settings), (&long, SERVICE), ("b.py", SERVICE)]);
        let output = audit(folder.path(), &["audit"]);
        assert!(output.status.code().is_some(), "{pattern}: {}", err(&output));
    }
    // Longer than anybody writes one.
    let settings = format!("exclude = [\"{}\"]\n", "a*".repeat(2_000));
    let output = audit(project(&[("shipworthy.toml", &settings), ("b.py", SERVICE)]).path(), &["audit"]);
    assert!(err(&output).contains("longer than 1000 bytes"), "{}", err(&output));
}
