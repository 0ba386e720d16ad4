//! Trees and moments in which things go wrong: what cannot be read, what changes meanwhile, and ends that nobody asked for.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use common::{command, err, json, out, project, run};

const SERVICE: &str = "def verify(token: str, settings: Settings) -> bool:\n    if token == settings.admin_token:\n        return True\n    return False\n";

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Audited to the end, with what was skipped listed. `SHIPWORTHY_TREE` says how many files there are, where the usual number is not enough.
#[test]
fn a_tree_with_everything_wrong_in_it_is_audited_to_the_end() {
    let count: usize = std::env::var("SHIPWORTHY_TREE").map_or(2_000, |count| count.parse().unwrap());
    let folder = project(&[]);
    let root = folder.path();
    for number in 0..count {
        let (name, text) = match number % 10 {
            0 => ("go", format!("package p{number}\n\nfunc F{number}() int {{\n\treturn {number}\n}}\n")),
            1 => ("rs", format!("pub fn f{number}() -> u32 {{\n    {number}\n}}\n")),
            2 if number % 100 == 2 => ("py", "def broken(:\n    x = = 1\n".to_owned()),
            _ => ("py", format!("def f{number}(a: int) -> int:\n    return a + {number}\n")),
        };
        write(&root.join(format!("d{}/e{}/m{number}.{name}", number % 50, number % 7)), text);
    }
    write(&root.join("auth.py"), SERVICE);
    // Two gigabytes that take no room.
    fs::File::create(root.join("huge.py")).unwrap().set_len(2 << 30).unwrap();
    assert!(Command::new("mkfifo").arg(root.join("pipe.py")).status().unwrap().success());
    let _socket = UnixListener::bind(root.join("socket.py")).unwrap();
    symlink(root, root.join("d1/loop")).unwrap();
    symlink("loop.py", root.join("loop.py")).unwrap();
    symlink("nowhere.py", root.join("dangling.py")).unwrap();
    write(&root.join("latin.py"), b"name = '\xe9'\n");
    write(&root.join("binary.go"), b"package a\0\0");
    write(&root.join("locked/inside.py"), SERVICE);
    write(&root.join("secret.py"), SERVICE);
    let rights =
        |path: &str, mode| fs::set_permissions(root.join(path), fs::Permissions::from_mode(mode)).unwrap();
    rights("locked", 0);
    rights("secret.py", 0);
    let audit = json(root, &[]);
    rights("locked", 0o755);
    let skipped = audit["coverage"]["skipped"].as_array().unwrap();
    let skipped: Vec<(&str, &str)> =
        skipped.iter().map(|s| (s["path"].as_str().unwrap(), s["reason"].as_str().unwrap())).collect();
    // The superuser reads what it may not.
    let is_superuser = fs::read_dir("/root").is_ok();
    for (path, reason) in [
        ("huge.py", "larger than 2 MiB"),
        ("pipe.py", "not a regular file"),
        ("socket.py", "not a regular file"),
        ("latin.py", "not UTF-8 (byte 8)"),
        ("binary.go", "binary"),
    ] {
        assert!(skipped.contains(&(path, reason)), "{path}: {skipped:?}");
    }
    if !is_superuser {
        for path in ["locked", "secret.py"] {
            assert!(
                skipped.iter().any(|(skipped, reason)| *skipped == path && reason.contains("denied")),
                "{skipped:?}"
            );
        }
    }
    assert_eq!(skipped.len(), if is_superuser { 5 } else { 7 }, "{skipped:?}");
    let seen = audit["workspace"]["files"].as_u64().unwrap();
    assert!(seen > count as u64, "{seen}");
    let findings = audit["findings"].as_array().unwrap();
    assert!(findings.iter().any(|f| f["path"] == "auth.py" && f["rule"] == "timing-unsafe-comparison"));
}

/// Files come, go and change while they are read: each is as it was at some moment, or gone.
#[test]
fn files_that_change_meanwhile_cost_themselves_only() {
    let files: Vec<(String, String)> = (0..300).map(|n| (format!("m{n}.py"), SERVICE.to_owned())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = project(&files);
    let root = folder.path().to_owned();
    let mut child = command(&root)
        .args(["audit", "--output-format", "json", "--threads", "2"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    for round in 0..6 {
        for number in (round..300).step_by(6) {
            let path = root.join(format!("m{number}.py"));
            match number % 3 {
                0 => fs::remove_file(path).unwrap(),
                1 => fs::write(path, "x = 1\n".repeat(number)).unwrap(),
                _ => fs::write(path, b"\xff\0").unwrap(),
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
    let _ = child.try_wait();
    let output = child.wait_with_output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", err(&output));
    let _: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
}

/// Killed at any moment, each file that a command writes is the old one or the new one, and nothing else is left but a temporary file.
#[test]
fn what_is_killed_leaves_the_old_or_the_new() {
    let code = SERVICE.repeat(40);
    let files: Vec<(String, String)> = (0..40).map(|n| (format!("m{n:02}.py"), code.clone())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let whole = project(&files);
    run(whole.path(), &["audit", "--fix"]);
    let fixed = fs::read_to_string(whole.path().join("m00.py")).unwrap();
    assert_ne!(fixed, code);
    let folder = project(&files);
    let root = folder.path();
    fs::write(root.join("audit.json"), "old\n").unwrap();
    fs::write(root.join("shipworthy-baseline.json"), "old\n").unwrap();
    let mut pause = 0;
    for arguments in [
        &["audit", "--fix"][..],
        &["audit", "--output", "audit.json"],
        &["baseline"],
        &["audit", "--fix"],
        &["audit", "--fix"],
    ] {
        let mut child =
            command(root).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Until the first sign of writing, and a little longer each time.
        for _ in 0..2_000 {
            let writes = fs::read_dir(root)
                .unwrap()
                .flatten()
                .any(|e| e.file_name().to_string_lossy().starts_with(".tmp"));
            if writes || child.try_wait().unwrap().is_some() {
                break;
            }
            thread::sleep(Duration::from_micros(200));
        }
        thread::sleep(Duration::from_micros(pause));
        pause += 700;
        let _ = child.kill();
        child.wait().unwrap();
        for (path, old) in &files {
            let now = fs::read_to_string(root.join(path)).unwrap();
            assert!(now == *old || now == fixed, "{path} is neither the old nor the new");
        }
        for name in ["audit.json", "shipworthy-baseline.json"] {
            let now = fs::read_to_string(root.join(name)).unwrap();
            assert!(
                now == "old\n" || serde_json::from_str::<serde_json::Value>(&now).is_ok(),
                "{name} is torn"
            );
        }
    }
    run(root, &["audit", "--fix"]);
    assert!(files.iter().all(|(path, _)| fs::read_to_string(root.join(path)).unwrap() == fixed));
}

/// A full disk, by a limit to what a file may hold: what was there stays whole, and the command says what it could not write.
#[test]
fn a_full_disk_costs_nothing_that_was_there() {
    let code = SERVICE.repeat(200);
    let folder =
        project(&[("auth.py", &code), ("audit.json", "old\n"), ("shipworthy-baseline.json", "old\n")]);
    let root = folder.path();
    for arguments in [&["audit", "--fix"][..], &["audit", "--output", "audit.json"], &["baseline"]] {
        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_shipworthy")])
            .args(arguments)
            .current_dir(root)
            .output()
            .unwrap();
        assert!(err(&output).contains("too large"), "{arguments:?}: {}", err(&output));
        assert_ne!(output.status.code(), Some(0), "{arguments:?}");
        let text = |name: &str| fs::read_to_string(root.join(name)).unwrap();
        assert_eq!(text("auth.py"), code, "{arguments:?}");
        assert_eq!(text("audit.json"), "old\n", "{arguments:?}");
        assert_eq!(text("shipworthy-baseline.json"), "old\n", "{arguments:?}");
        assert_eq!(fs::read_dir(root).unwrap().count(), 3, "{arguments:?}");
    }
}

/// A file that is larger than the memory is not read whole, by a limit to what the program may take.
#[test]
fn a_file_larger_than_memory_is_skipped() {
    let folder = project(&[("auth.py", SERVICE)]);
    fs::File::create(folder.path().join("huge.py")).unwrap().set_len(2 << 30).unwrap();
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 1500000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_shipworthy")])
        .args(["audit", "--threads", "1", "--output-format", "json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let audit: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(audit["coverage"]["skipped"][0]["reason"], "larger than 2 MiB");
}

/// Guards that are injected into each other are asked once each.
#[test]
fn guards_that_need_each_other_have_an_end() {
    let folder = project(&[(
        "app.py",
        r#"
from fastapi import FastAPI, Depends
app = FastAPI()
def a(x=Depends(b)):
    return x
def b(x=Depends(a)):
    return x
@app.post("/x", dependencies=[Depends(a)])
def x(u=Depends(a)):
    return 1
"#,
    )]);
    let output = run(folder.path(), &["audit"]);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", err(&output));
}

#[test]
fn two_commands_at_once_end_as_one() {
    let files: Vec<(String, String)> = (0..30).map(|n| (format!("m{n}.py"), SERVICE.to_owned())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (one, both) = (project(&files), project(&files));
    run(one.path(), &["audit", "--fix"]);
    let start = || {
        command(both.path())
            .args(["audit", "--fix", "--output", "audit.json"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let (mut first, mut second) = (start(), start());
    assert!(first.wait().unwrap().code().is_some() && second.wait().unwrap().code().is_some());
    for (path, _) in files {
        let text = |folder: &Path| fs::read_to_string(folder.join(path)).unwrap();
        assert_eq!(text(one.path()), text(both.path()));
    }
    let report = fs::read(both.path().join("audit.json")).unwrap();
    let _: serde_json::Value = serde_json::from_slice(&report).unwrap();
}

/// Standard output is closed before all is written: `shipworthy audit | head -1`.
#[test]
fn a_reader_that_goes_is_no_error() {
    let folder = project(&[("auth.py", SERVICE)]);
    let mut child =
        command(folder.path()).args(["audit"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{} {}", out(&output), err(&output));
}
