//! Whole runs of the command, as a user sees them.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use std::fs;
use std::process::Stdio;

use common::{command, err, json, out, project, run};
use serde_json::Value;

const SERVICE: &str = "def verify(token: str, settings: Settings) -> bool:\n    if token == settings.admin_token:\n        return True\n    return False\n";

#[test]
fn text_shows_the_code_the_reason_and_the_counts() {
    let folder = project(&[("app/auth.py", SERVICE)]);
    let output = run(folder.path(), &["audit"]);
    assert_eq!(output.status.code(), Some(1));
    let text = out(&output);
    assert!(text.contains("blocking[timing-unsafe-comparison]: `token` is compared with `==`"), "{text}");
    assert!(text.contains("--> app/auth.py:2:8"), "{text}");
    assert!(text.contains("^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"), "{text}");
    assert!(text.contains("1 blocking, 0 high, 0 medium, 0 low in 1 files"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour without a terminal: {text}");
}

#[test]
fn json_has_lines_and_columns_from_one_in_characters() {
    let folder = project(&[(
        "auth.py",
        &SERVICE.replace("def ", "\"🦀\"\r\ndef ").replace('\n', "\r\n").replace("\r\r", "\r"),
    )]);
    let audit = json(folder.path(), &[]);
    let finding = &audit["findings"][0];
    assert_eq!(finding["id"], "BLOCK-01");
    assert_eq!(finding["range"]["start"], serde_json::json!({"line": 3, "column": 8}));
    assert_eq!(finding["range"]["end"], serde_json::json!({"line": 3, "column": 37}));
    assert_eq!(finding["fix"]["safety"], "safe");
    assert_eq!(audit["coverage"]["share"], 1.0);
}

#[test]
fn exit_codes_tell_how_it_ended() {
    let folder = project(&[("auth.py", SERVICE), ("sound/ok.py", "x = 1\n"), ("none/readme.txt", "x")]);
    let code = |arguments: &[&str]| run(folder.path(), arguments).status.code();
    assert_eq!(code(&["audit"]), Some(1));
    assert_eq!(code(&["audit", "sound"]), Some(0));
    assert_eq!(code(&["audit", "missing"]), Some(2));
    assert_eq!(code(&["audit", "none"]), Some(3));
    assert_eq!(code(&["rule", "timing-unsafe-comparision"]), Some(2));
    let hint = err(&run(folder.path(), &["rule", "timing-unsafe-comparision"]));
    assert!(hint.contains("did you mean timing-unsafe-comparison?"), "{hint}");
}

#[test]
fn a_part_is_audited_with_the_whole_workspace_in_view() {
    let folder = project(&[
        ("pyproject.toml", "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"requests\"]\n"),
        ("shop/__init__.py", ""),
        ("shop/auth.py", SERVICE),
        (
            "shop/http.py",
            "import requests\n\n\ndef load(url: str) -> str:\n    return requests.get(url).text\n",
        ),
        (
            "web/views.py",
            "from shop.http import load\n\n\nasync def view(url: str) -> str:\n    return load(url)\n",
        ),
        ("tests/test_shop.py", "def test_nothing():\n    assert 1 == 1\n"),
    ]);
    let root = folder.path();
    let shown = |audit: &Value, below: &[&str]| -> Vec<Value> {
        let findings = audit["findings"].as_array().unwrap().iter().cloned();
        let kept =
            findings.filter(|f| below.iter().any(|path| f["path"].as_str().unwrap().starts_with(path)));
        // Ids count what is reported.
        kept.map(|mut finding| {
            finding["id"] = Value::Null;
            finding
        })
        .collect()
    };
    let whole = json(root, &[]);
    for part in [&["web"][..], &["shop"], &["web/views.py"], &["tests", "shop/http.py"], &["pyproject.toml"]]
    {
        let audit = json(root, part);
        assert_eq!(shown(&audit, &[""]), shown(&whole, part), "{part:?}");
        assert_eq!(audit["capabilities"], whole["capabilities"], "{part:?}");
    }
    let view = json(root, &["web/views.py"]);
    assert!(!view["findings"].as_array().unwrap().is_empty(), "its effect stands in another folder");
    let here = json(&root.join("web"), &[]);
    assert_eq!(here["findings"], view["findings"], "from inside too");
    let text = out(&run(&root.join("web"), &["audit"]));
    assert!(text.contains("../web/views.py:"), "{text}");
    assert_eq!(run(root, &["audit", "web/views.py", "--fail-on", "blocking"]).status.code(), Some(0));
}

#[test]
fn fix_changes_the_file_and_leaves_nothing_to_do() {
    let folder = project(&[("auth.py", SERVICE)]);
    let patch = out(&run(folder.path(), &["audit", "--diff"]));
    assert!(
        patch.contains("-    if token == settings.admin_token:\n+    if hmac.compare_digest("),
        "{patch}"
    );
    assert_eq!(fs::read_to_string(folder.path().join("auth.py")).unwrap(), SERVICE, "--diff changes nothing");
    run(folder.path(), &["audit", "--fix"]);
    let fixed = fs::read_to_string(folder.path().join("auth.py")).unwrap();
    assert!(
        fixed.starts_with("import hmac\n\ndef verify")
            && fixed.contains("hmac.compare_digest(token.encode(), "),
        "{fixed}"
    );
    let again = run(folder.path(), &["audit", "--fix"]);
    assert!(err(&again).contains("0 fixes in 0 files"), "{}", err(&again));
}

/// A fix that puts a line before another, and moves that one in.
#[test]
fn changes_at_one_place_are_all_made() {
    let handler = "from fastapi import FastAPI, HTTPException, Request\n\napp = FastAPI()\n\n\n@app.post(\"/orders\")\nasync def order(request: Request) -> dict:\n    data = await request.json()\n    return data\n";
    let folder = project(&[("app.py", handler)]);
    run(folder.path(), &["audit", "--fix=suggested"]);
    let fixed = fs::read_to_string(folder.path().join("app.py")).unwrap();
    let expected = "    try:\n        data = await request.json()\n    except ValueError as error:\n        raise HTTPException(";
    assert!(fixed.contains(expected), "{fixed}");
}

#[test]
fn standard_input_is_audited_under_a_name() {
    let folder = project(&[]);
    let mut child = command(folder.path())
        .args(["audit", "-", "--stdin-filename", "auth.py", "--output-format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), SERVICE.as_bytes()).unwrap();
    let audit: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(audit["findings"][0]["path"], "auth.py");
}

#[test]
fn a_suppression_accepts_a_finding_with_its_reason() {
    let accepted = SERVICE.replace(
        "    if token",
        "    # shipworthy: ignore[timing-unsafe-comparison] local tool\n    if token",
    );
    let unused = "# shipworthy: ignore[bare-except] nothing\nx = 1\n";
    let folder = project(&[("auth.py", &accepted), ("unused.py", unused)]);
    let audit = json(folder.path(), &[]);
    let findings = audit["findings"].as_array().unwrap();
    assert_eq!(findings[0]["suppressed"]["reason"], "local tool");
    assert_eq!(findings[1]["rule"], "unused-suppression");
    assert_eq!(findings.len(), 2);
    assert_eq!(run(folder.path(), &["audit"]).status.code(), Some(0));
}

#[test]
fn settings_switch_rules_and_tell_mistakes_with_the_nearest_name() {
    let settings = "fail-on = \"low\"\n[rules]\ntiming-unsafe-comparison = \"low\"\nbare-exept = \"off\"\n";
    let folder = project(&[("auth.py", SERVICE), ("shipworthy.toml", settings), ("skip/auth.py", SERVICE)]);
    fs::write(folder.path().join("skip/shipworthy.toml"), "exclude = [\"*.py\"]\n").unwrap();
    let output = run(folder.path(), &["audit", "--output-format", "json"]);
    assert_eq!(output.status.code(), Some(1), "fail-on comes from the settings");
    let audit: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(audit["findings"][0]["severity"], "low");
    assert_eq!(audit["findings"].as_array().unwrap().len(), 1, "skip/ is excluded by its own settings");
    let warning = err(&output);
    assert!(warning.contains("shipworthy.toml:4:1") && warning.contains("bare-except"), "{warning}");
    let config = out(&run(folder.path(), &["config"]));
    assert!(config.contains("fail-on = \"low\"") && config.contains("shipworthy.toml:1"), "{config}");
}

#[test]
fn what_cannot_be_read_is_skipped_and_said_so() {
    let folder = project(&[("ok.py", "x = 1\n")]);
    fs::write(folder.path().join("latin.py"), b"name = '\xe9'\n").unwrap();
    fs::write(folder.path().join("binary.go"), b"\0\0\0").unwrap();
    fs::write(folder.path().join("min.rs"), "x".repeat(30_000)).unwrap();
    fs::write(folder.path().join("large.py"), "x = 1\n".repeat(500_000)).unwrap();
    let audit = json(folder.path(), &[]);
    let skipped: Vec<&str> = audit["coverage"]["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        skipped,
        ["binary", "larger than 2 MiB", "not UTF-8 (byte 8)", "minified (a line of more than 20000 bytes)"]
    );
    assert_eq!(audit["coverage"]["share"], 0.2);
}

#[test]
fn a_file_outside_the_folder_keeps_its_own_path() {
    let (here, elsewhere) = (project(&[]), project(&[("auth.py", SERVICE)]));
    let file = elsewhere.path().join("auth.py");
    let audit = json(here.path(), &[file.to_str().unwrap()]);
    assert_eq!(audit["findings"][0]["path"], file.to_str().unwrap());
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let files: Vec<(String, String)> =
        (0..40).map(|n| (format!("m{n}.py"), format!("# TODO {n}\n{SERVICE}"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let folder = project(&files);
    let one = run(folder.path(), &["audit", "--threads", "1", "--output-format", "json"]).stdout;
    let many = run(folder.path(), &["audit", "--threads", "8", "--output-format", "json"]).stdout;
    assert!(one.len() > 1000 && one == many);
}

/// What judges a whole project says nothing of single files, and no suppression of it is unused there.
#[test]
fn single_files_are_not_taken_for_a_project() {
    let service = "# shipworthy: ignore[empty-test-suite] tested elsewhere\ndef add(a: int, b: int) -> int:\n    return a + b\n";
    let other = "def run(a: int) -> int:\n    return a\n\ndef walk(a: int) -> int:\n    return a\n";
    let folder = project(&[("a.py", service), ("b.py", other)]);
    let rules = |arguments: &[&str]| {
        let audit = json(folder.path(), arguments);
        let findings = audit["findings"].as_array().unwrap();
        findings.iter().map(|f| f["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rules(&["a.py", "b.py"]), [""; 0]);
}

/// A project whose manifest lacks what its code imports.
const UNDECLARED: [(&str, &str); 2] = [
    ("requirements.txt", "fastapi==0.115.6\nuvicorn==0.34.0\n"),
    ("app.py", "import requests\nfrom fastapi import FastAPI\n\napp = FastAPI()\nprint(requests)\n"),
];

#[test]
fn a_fix_changes_another_file() {
    let folder = project(&UNDECLARED);
    let audit = json(folder.path(), &[]);
    let findings = audit["findings"].as_array().unwrap();
    let finding = findings.iter().find(|f| f["rule"] == "undeclared-dependency").unwrap();
    let edits = finding["fix"]["edits"].as_array().unwrap();
    assert_eq!((finding["path"].as_str(), edits.len()), (Some("app.py"), 1));
    assert_eq!((&edits[0]["path"], &edits[0]["text"]), (&"requirements.txt".into(), &"requests\n".into()));
    assert_eq!(edits[0]["range"]["start"]["line"], 2);

    let patch = out(&run(folder.path(), &["audit", "--diff", "--fix=suggested"]));
    assert!(patch.contains("+++ b/requirements.txt") && patch.contains("\n+requests\n"), "{patch}");
    let sarif = out(&run(folder.path(), &["audit", "--output-format", "sarif"]));
    assert!(sarif.contains("\"requests\\n\""), "{sarif}");

    run(folder.path(), &["audit", "--fix=suggested"]);
    let fixed = fs::read_to_string(folder.path().join("requirements.txt")).unwrap();
    assert_eq!(fixed, "fastapi==0.115.6\nrequests\nuvicorn==0.34.0\n");
    let again = json(folder.path(), &[]);
    let left = again["findings"].as_array().unwrap().iter().any(|f| f["rule"] == "undeclared-dependency");
    assert!(!left);
}

#[test]
fn a_file_is_measured_as_a_whole() {
    let settings = "[rules.oversized-unit]\nmax-file-lines = 8\n";
    let code = "def a():\n    return b()\n\n\ndef b():\n    return 1\n\n\ndef c():\n    return d()\n\n\ndef d():\n    return 2\n\n\nX = 1\n";
    let folder =
        project(&[("shipworthy.toml", settings), ("app.py", code), ("small.py", "def a():\n    return 1\n")]);
    let audit = json(folder.path(), &[]);
    let large = audit["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "oversized-unit");
    let large: Vec<&str> = large.map(|f| f["message"].as_str().unwrap()).collect();
    let said = "`app.py` is too large: 9 lines of code (at most 8); its concerns do not use each other: `a`, `b`; `c`, `d`";
    assert_eq!(large, [said]);
}

/// What a rule notes of an item is told in the file's lines.
#[test]
fn related_places_stand_where_their_code_does() {
    let models = "from django.db import models\n\n\nclass Order(models.Model):\n    name = models.TextField()\n\n\nclass Payment(models.Model):\n    order = models.ForeignKey(Order, on_delete=models.CASCADE)\n\n\n";
    let checkout = "def checkout(name):\n    order = Order.objects.create(name=name)\n    Payment.objects.create(order=order)\n";
    let folder = project(&[("shop/orders.py", &format!("{models}{checkout}"))]);
    let audit = json(folder.path(), &[]);
    let findings = audit["findings"].as_array().unwrap();
    let apart = findings.iter().find(|f| f["rule"] == "writes-without-transaction").unwrap();
    let line = |place: &Value| place["range"]["start"]["line"].as_u64();
    assert_eq!((line(apart), line(&apart["related"][0])), (Some(13), Some(14)));
}
