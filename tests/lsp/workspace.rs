//! The audit of a workspace from the editor.

use serde_json::{Value, json};

use crate::client::usual;
use crate::project::Project;
use crate::toy;

const AUDIT: &str = "workspace/executeCommand";

fn audit(token: Option<&str>) -> Value {
    json!({"command": "shipworthy.auditWorkspace", "workDoneToken": token})
}

/// What `$/progress` said so far, up to the end.
async fn progress(project: &mut Project, token: &str) -> Vec<String> {
    let mut said = Vec::new();
    loop {
        let message = project.client.next("$/progress").await;
        assert_eq!(message["params"]["token"], token);
        let value = &message["params"]["value"];
        said.push(value["kind"].as_str().unwrap().to_owned());
        if value["kind"] == "end" {
            return said;
        }
    }
}

#[tokio::test]
async fn an_audit_counts_and_reports_with_progress() {
    let files = [
        ("shipworthy.toml", "[rules]\nodd-call = 'medium'\n"),
        ("src/a.py", "bad()\nodd()\n"),
        ("src/b.py", "bad()  # shipworthy: ignore[bad-call] seen\n"),
        ("src/c.txt", "bad()\n"),
    ];
    let mut project = Project::start(&files).await;
    let answer = project.client.request(AUDIT, audit(Some("here"))).await.unwrap();
    assert_eq!(answer["counts"], json!({"blocking": 0, "high": 1, "medium": 1, "low": 0}));
    assert!(answer["report"].as_str().unwrap().contains("`bad` is called"));
    let said = progress(&mut project, "here").await;
    assert_eq!((&*said[0], &*said[said.len() - 1]), ("begin", "end"));
}

/// For a client that lists findings in its own way.
#[tokio::test]
async fn an_audit_gives_its_findings_as_json_on_demand() {
    let mut project = Project::start(&[("a.py", "bad()\n")]).await;
    let answer = project.client.request(AUDIT, audit(None)).await.unwrap();
    assert_eq!(answer["audits"], Value::Null);
    let with_json = json!({"command": "shipworthy.auditWorkspace", "arguments": [{"json": true}]});
    let answer = project.client.request(AUDIT, with_json).await.unwrap();
    let findings = answer["audits"][0]["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!((&findings[0]["path"], &findings[0]["rule"]), (&json!("a.py"), &json!("bad-call")));
}

/// Without a token of the client's the server proposes one, and goes on without where there is no answer.
#[tokio::test]
async fn a_progress_is_proposed_and_not_waited_for() {
    let mut capabilities = usual();
    capabilities["window"] = json!({"workDoneProgress": true});
    let mut project = Project::start_as(&[("a.py", "bad()\n")], capabilities).await;
    let answer = project.client.request(AUDIT, audit(None)).await.unwrap();
    assert_eq!(answer["counts"]["high"], 1);
    let proposal = project.client.next("window/workDoneProgress/create").await;
    let token = proposal["params"]["token"].as_str().unwrap().to_owned();
    project.client.send(&json!({"jsonrpc": "2.0", "id": proposal["id"], "result": null})).await;
    assert_eq!(progress(&mut project, &token).await.last().unwrap(), "end");
}

#[tokio::test]
async fn an_audit_can_be_cancelled_from_its_progress() {
    let mut project = Project::start(&[("a.py", "hold('progress')\n"), ("b.py", "bad()\n")]).await;
    let audit = project.client.ask(AUDIT, audit(Some("here"))).await;
    toy::reached("progress").await;
    project.client.notify("window/workDoneProgress/cancel", json!({"token": "here"})).await;
    project.client.notify("window/workDoneProgress/cancel", json!({"token": "elsewhere"})).await;
    // The server has taken it in.
    project.client.request(AUDIT, json!({"command": "none"})).await.unwrap_err();
    toy::open("progress");
    assert_eq!(project.client.answer(audit).await.unwrap_err()["code"], -32800);
    assert_eq!(progress(&mut project, "here").await.last().unwrap(), "end");
}

/// A cancelled request stops its work: its progress ends although files are left.
#[tokio::test]
async fn an_audit_can_be_cancelled_as_a_request() {
    let mut project = Project::start(&[("a.py", "hold('request')\n"), ("b.py", "hold('never')\n")]).await;
    let audit = project.client.ask(AUDIT, audit(Some("here"))).await;
    toy::reached("request").await;
    project.client.notify("$/cancelRequest", json!({"id": audit})).await;
    assert_eq!(project.client.answer(audit).await.unwrap_err()["code"], -32800);
    toy::open("request");
    toy::open("never");
    assert_eq!(progress(&mut project, "here").await.last().unwrap(), "end");
}

/// While a workspace is audited, what is typed is.
#[tokio::test]
async fn an_audit_holds_up_nobody() {
    let mut project = Project::start(&[("a.py", "hold('audit')\n")]).await;
    let audit = project.client.ask(AUDIT, audit(None)).await;
    toy::reached("audit").await;
    project.open("b.py", "bad()\n").await;
    assert_eq!(project.diagnostics("b.py").await.shown(), ["bad-call 0:0-0:5"]);
    toy::open("audit");
    assert_eq!(project.client.answer(audit).await.unwrap()["counts"]["blocking"], 1);
}

#[tokio::test]
async fn the_score_is_explained_and_a_baseline_is_written() {
    let mut project = Project::start(&[("a.py", "bad()\nbad()\n")]).await;
    let command = |name: &str| json!({ "command": name });
    let audit = project.client.request(AUDIT, audit(None)).await.unwrap();
    assert!(audit["score"].as_f64().unwrap() < 100.0 && audit["grade"].is_string(), "{audit}");
    let explained = project.client.request(AUDIT, command("shipworthy.explainScore")).await.unwrap();
    assert!(explained.as_str().unwrap().contains("bad-call"), "{explained}");
    let written = project.client.request(AUDIT, command("shipworthy.createBaseline")).await.unwrap();
    assert_eq!(written["baselines"][0]["findings"], 2);
    let path = written["baselines"][0]["path"].as_str().unwrap();
    let baseline: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(baseline["findings"].as_array().unwrap().len(), 2);
}
