//! The report, as a user of the command gets it.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{command, err, json, out, project, run};
use serde_json::Value;

const SERVICE: &str = "def verify(token: str, settings: Settings) -> bool:\n    if token == settings.admin_token:\n        return True\n    return False\n";
const OTHER: &str =
    "def check(api_key: str, settings: Settings) -> bool:\n    return api_key == settings.api_key\n";

/// The specimen in a folder of its own, without git.
fn specimen() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/specimens/first"), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let git = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_AUTHOR_DATE", "2026-03-04T23:30:00+0900")
        .env("GIT_COMMITTER_DATE", "2026-03-04T23:30:00+0900")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(git.status.success(), "{git:?}");
}

fn committed(folder: &Path) {
    git(folder, &["init", "-q"]);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "x"]);
}

#[test]
fn the_specimen_in_every_form_that_people_read() {
    let folder = specimen();
    for form in ["text", "markdown", "github", "junit"] {
        insta::assert_snapshot!(form, out(&run(folder.path(), &["audit", "--output-format", form])));
    }
    insta::assert_snapshot!("explained", out(&run(folder.path(), &["audit", "--explain-score"])));
}

#[test]
fn files_are_written_each_in_its_form() {
    let folder = specimen();
    let names = ["a.html", "a.md", "a.json", "a.sarif", "a.xml", "a.txt", "gl-code-quality-report.json"];
    let mut arguments = vec!["audit"];
    names.iter().for_each(|name| arguments.extend(["--output", name]));
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    let summary = out(&output);
    assert!(summary.contains("Grade ") && !summary.contains("-->"), "{summary}");
    for (name, form) in names.iter().zip(["html", "markdown", "json", "sarif", "junit", "text", "gitlab"]) {
        let file = fs::read_to_string(folder.path().join(name)).unwrap();
        let same = out(&run(folder.path(), &["audit", "--output-format", form]));
        assert!(file == same && file.len() > 100, "{name}");
    }
    for wrong in ["a.pdf", "none/a.md", "app"] {
        let output = run(folder.path(), &["audit", "--output", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(err(&output).contains("--output"), "{}", err(&output));
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".tmp")), "{left:?}");
}

#[test]
fn a_baseline_lets_old_findings_pass_and_keeps_their_ids() {
    let folder = project(&[("b.py", SERVICE)]);
    let written = run(folder.path(), &["baseline"]);
    assert_eq!(written.status.code(), Some(0), "{}", err(&written));
    let audit = |arguments: &[&str]| {
        let mut all = vec!["audit", "--baseline", "shipworthy-baseline.json"];
        all.extend(arguments);
        run(folder.path(), &all)
    };
    assert_eq!(audit(&[]).status.code(), Some(0));
    assert_eq!(run(folder.path(), &["audit"]).status.code(), Some(1));
    // Before the old one in every order, and the old one moves.
    fs::write(folder.path().join("a.py"), OTHER).unwrap();
    fs::write(folder.path().join("b.py"), format!("# a new line\n\n{SERVICE}")).unwrap();
    let output = audit(&["--output-format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings: Vec<_> = report["findings"].as_array().unwrap().iter().collect();
    let told: Vec<_> = findings.iter().map(|f| (f["path"].as_str(), f["id"].as_str(), &f["known"])).collect();
    assert_eq!(
        told,
        [
            (Some("a.py"), Some("BLOCK-02"), &Value::Bool(false)),
            (Some("b.py"), Some("BLOCK-01"), &Value::Bool(true)),
        ]
    );
    let text = out(&audit(&[]));
    assert!(text.contains("a.py:2") && !text.contains("b.py:4"), "{text}");
    assert!(text.contains("1 new, 1 known, 0 gone"), "{text}");
    fs::remove_file(folder.path().join("b.py")).unwrap();
    assert!(out(&audit(&[])).contains("1 new, 0 known, 1 gone"));
    // What cannot be read is no empty baseline.
    fs::write(
        folder.path().join("shipworthy-baseline.json"),
        "{\"version\": 1, \"fingerprints\": 0, \"findings\": []}",
    )
    .unwrap();
    let output = audit(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("write it again with `shipworthy baseline`"), "{}", err(&output));
}

#[test]
fn since_a_revision_only_new_findings_fail() {
    let folder = project(&[("svc/a.py", SERVICE), ("svc/shipworthy.toml", "[rules]\n"), ("c.py", OTHER)]);
    committed(folder.path());
    let since = |folder: &Path| run(folder, &["audit", "--since", "HEAD"]);
    // Moved within its file, and reformatted.
    let moved = SERVICE.replace("token == settings", "token  ==  settings");
    fs::write(folder.path().join("svc/a.py"), format!("import os\n\n{moved}")).unwrap();
    let output = since(folder.path());
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    assert!(out(&output).contains("0 new, 2 known, 0 gone"), "{}", out(&output));
    assert!(out(&since(&folder.path().join("svc"))).contains("0 new, 1 known, 0 gone"));
    fs::write(folder.path().join("svc/new.py"), OTHER).unwrap();
    let output = since(folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("svc/new.py:2") && !out(&output).contains("svc/a.py:"), "{}", out(&output));
    // The settings of today judge both.
    fs::write(folder.path().join("svc/shipworthy.toml"), "exclude = [\"a.py\"]\n").unwrap();
    assert!(out(&since(folder.path())).contains("1 new, 1 known, 0 gone"), "{}", out(&since(folder.path())));
    let output = run(folder.path(), &["audit", "--since", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("no such revision"), "{}", err(&output));
}

#[test]
fn a_history_shows_how_the_score_went_and_has_each_commit_once() {
    let folder = project(&[("a.py", SERVICE)]);
    committed(folder.path());
    let outside = tempfile::tempdir().unwrap();
    let history = outside.path().join("audits.jsonl");
    let audit = || {
        let named = history.to_str().unwrap();
        run(folder.path(), &["audit", "--output-format", "markdown", "--history", named])
    };
    let lines = || fs::read_to_string(&history).unwrap().lines().count();
    let first = out(&audit());
    assert!(!first.contains("## Trend"), "nothing is on record yet");
    assert_eq!((out(&audit()), lines()), (first, 1), "the same commit again");
    fs::write(folder.path().join("a.py"), "\"\"\"Sound.\"\"\"\n").unwrap();
    let output = audit();
    assert!(
        err(&output).contains("not put on record, for the tree is not what was committed"),
        "{}",
        err(&output)
    );
    assert_eq!(lines(), 1);
    git(folder.path(), &["commit", "-q", "-a", "-m", "y"]);
    let second = out(&audit());
    assert_eq!(lines(), 2);
    assert!(second.contains("## Trend") && second.contains(" went."), "{second}");
    fs::write(&history, "{}\n").unwrap();
    let output = audit();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("line 1: no audit on record"), "{}", err(&output));
    assert_eq!(fs::read_to_string(&history).unwrap(), "{}\n", "what cannot be read is not written over");
}

#[test]
fn the_date_and_the_commit_come_from_git_and_nothing_from_the_machine() {
    let (one, two) = (specimen(), specimen());
    for folder in [&one, &two] {
        committed(folder.path());
    }
    let audit = |folder: &Path, form: &str| {
        let named = folder.to_str().unwrap();
        [
            run(folder, &["audit", "--output-format", form]).stdout,
            run(Path::new("/"), &["audit", named, "--output-format", form]).stdout,
        ]
    };
    for form in ["json", "markdown", "html", "sarif"] {
        let all: Vec<Vec<u8>> = [audit(one.path(), form), audit(two.path(), form)].concat();
        assert!(all.iter().all(|other| *other == all[0]), "{form}");
    }
    let report = json(one.path(), &[]);
    assert_eq!(report["workspace"]["date"], "2026-03-04", "as the author's clock said");
    assert_eq!(report["workspace"]["clean"], true);
    // A report in the tree does not change the next one.
    run(one.path(), &["audit", "--output", "audit.md"]);
    assert_eq!(json(one.path(), &[]), report);
    fs::write(one.path().join("app/new.py"), "x = 1\n").unwrap();
    assert_eq!(json(one.path(), &[])["workspace"]["clean"], false);
    assert_eq!(json(one.path(), &["--date", "2020-02-29"])["workspace"]["date"], "2020-02-29");
    assert_eq!(run(one.path(), &["audit", "--date", "yesterday"]).status.code(), Some(2));
    assert_eq!(run(one.path(), &["audit", "--rubric", "99"]).status.code(), Some(2));
}

#[test]
fn weights_and_switched_off_rules_count_in_the_score() {
    let folder = project(&[
        ("a.py", SERVICE),
        ("shipworthy.toml", "[weights]\nsecurity = 7\n[rules.bare-except]\nexclude = [\"*.py\"]\n"),
    ]);
    let report = json(folder.path(), &[]);
    assert_eq!(report["categories"][0]["weight"], 7);
    let off = &report["coverage"]["off"][0];
    assert_eq!((&off["rule"], &off["files"]), (&"bare-except".into(), &1.into()));
    assert!(report["coverage"]["share"].as_f64().unwrap() < 1.0);
}

#[cfg(unix)]
#[test]
fn stopping_leaves_nothing_half_written() {
    let text = SERVICE.repeat(20);
    let files: Vec<(String, &str)> = (0..2_000).map(|n| (format!("src/m{n}.py"), text.as_str())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let folder = project(&files);
    fs::write(folder.path().join("audit.md"), "the old one").unwrap();
    let mut child = command(folder.path())
        .args(["audit", "--threads", "1", "--output", "audit.md", "--output", "audit.html"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(700));
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    let code = child.wait().unwrap().code();
    assert!(matches!(code, Some(130) | None), "{code:?}");
    let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["audit.md", "src"]);
    assert_eq!(fs::read_to_string(folder.path().join("audit.md")).unwrap(), "the old one");
}
