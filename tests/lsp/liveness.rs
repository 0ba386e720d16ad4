//! Clients that do not answer, do not read, do not wait, or go; and rules that panic.

use serde_json::{Value, json};

use crate::client::{Client, at, usual};
use crate::toy;

const A: &str = "file:///a.py";

/// What the client is asked at the start, it never answers; nothing waits for it.
#[tokio::test]
async fn a_client_that_never_answers_is_served() {
    let mut capabilities = usual();
    capabilities["workspace"]["configuration"] = json!(true);
    capabilities["workspace"]["codeLens"] = json!({"refreshSupport": true});
    let mut client = Client::start_with(json!({"capabilities": capabilities})).await;
    client.next("workspace/configuration").await;
    client.open(A, "bad()\n").await;
    client.next("workspace/codeLens/refresh").await;
    for version in 2..300 {
        client.change(A, version, [0, 0, 0, 0], "bad()\n").await;
    }
    let fix_all = json!({"command": "shipworthy.fixAll", "arguments": [A]});
    assert_eq!(client.request("workspace/executeCommand", fix_all).await.unwrap(), json!({"fixes": 299}));
    client.next("workspace/applyEdit").await;
    assert_eq!(client.hover(A, 298, 1).await["range"]["start"]["line"], 298);
    assert!(client.leave().await);
}

/// The client writes all it has before it reads anything, over pipes that hold next to nothing. All is taken in, all is answered; of what
/// it was told meanwhile it gets the last.
#[tokio::test]
async fn a_client_that_writes_before_it_reads_is_served() {
    let mut client = Client::connect(256);
    client.ask("initialize", json!({"processId": null, "rootUri": null, "capabilities": usual()})).await;
    client.notify("initialized", json!({})).await;
    client.open(A, "\n").await;
    let mut hovers = Vec::new();
    for version in 2..500 {
        client.change(A, version, [0, 0, 0, 0], "bad()\n").await;
        hovers.push(client.ask("textDocument/hover", at(A, 0, 1)).await);
    }
    for id in hovers {
        assert_eq!(client.answer(id).await.unwrap()["range"]["end"]["character"], 5);
    }
    let last = client.next_where(|m| m["params"]["version"] == 499).await;
    assert_eq!(last["params"]["diagnostics"].as_array().unwrap().len(), 498);
}

/// What a client does not fetch is not kept: the newest diagnostics of a document replace those before.
#[tokio::test]
async fn a_client_that_never_reads_costs_no_memory() {
    let mut client = Client::connect(256);
    client.ask("initialize", json!({"processId": null, "rootUri": null, "capabilities": usual()})).await;
    client.notify("initialized", json!({})).await;
    client.open(A, "\n").await;
    for version in 2..200 {
        client.change(A, version, [0, 0, 0, 0], "bad()\n").await;
        // Each version is analysed before the next comes: this document stands behind it in the queue.
        let gate: &'static str = Box::leak(format!("read-{version}").into_boxed_str());
        let other = format!("file:///{version}.py");
        client.open(&other, &format!("hold('{gate}')\n")).await;
        toy::reached(gate).await;
        client.close(&other).await;
        toy::open(gate);
    }
    client.answer(1).await.unwrap();
    client.diagnostics(A).await;
    client.next_where(|m| m["params"]["version"] == 199).await;
    let passed = client.passed().filter(|m| m["params"]["uri"] == A).count();
    assert!(passed < 5, "{passed} were kept");
}

#[tokio::test]
async fn a_request_can_be_cancelled() {
    let mut client = Client::start().await;
    client.open(A, "hold('cancelled')\n").await;
    toy::reached("cancelled").await;
    let id = client.ask("textDocument/hover", at(A, 0, 1)).await;
    client.notify("$/cancelRequest", json!({"id": id})).await;
    assert_eq!(client.answer(id).await.unwrap_err()["code"], -32800);
    toy::open("cancelled");
    assert_eq!(client.hover(A, 0, 1).await["range"]["start"]["line"], 0);
}

/// While one document is busy, others are served, and so is what needs no document.
#[tokio::test]
async fn a_long_analysis_holds_up_nobody_else() {
    let mut client = Client::start().await;
    client.open(A, "hold('busy')\n").await;
    toy::reached("busy").await;
    let waits = client.ask("textDocument/hover", at(A, 0, 1)).await;
    client.open("file:///b.py", "bad()\n").await;
    assert_eq!(client.hover("file:///b.py", 0, 1).await["range"]["start"]["line"], 0);
    toy::open("busy");
    client.answer(waits).await.unwrap();
}

/// A panic costs that rule in that file and a line in the log.
#[tokio::test]
async fn a_rule_that_panics_costs_its_findings_only() {
    let mut client = Client::start().await;
    client.open(A, "explode()\nbad()\n").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 1:0-1:5"]);
    let log = client.next_where(|m| m["params"]["type"] == 1).await;
    assert_eq!(log["method"], "window/logMessage");
    assert_eq!(log["params"]["message"], "explosive-call failed in a.py: boom at explode()");
}

/// A panic of the engine costs that document until it changes; what is shown of it stays.
#[tokio::test]
async fn an_analysis_that_panics_costs_one_version_of_one_document() {
    let mut client = Client::start().await;
    client.open(A, "bad()\n").await;
    client.diagnostics(A).await;
    client.change(A, 2, [1, 0, 1, 0], "die()\n").await;
    let log = client.next_where(|m| m["params"]["type"] == 1).await;
    assert!(
        log["params"]["message"].as_str().unwrap().starts_with("the analysis of file:///a.py failed: dead")
    );
    assert_eq!(client.hover(A, 0, 1).await, Value::Null);
    client.change(A, 3, [1, 0, 2, 0], "bad()\n").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 0:0-0:5", "bad-call 1:0-1:5"]);
}

#[tokio::test]
async fn the_server_goes_with_the_client() {
    let mut client = Client::start().await;
    client.open(A, "hold('gone')\n").await;
    toy::reached("gone").await;
    let orderly = client.hang_up().await;
    toy::open("gone");
    assert!(!orderly);
}

#[tokio::test]
async fn the_server_goes_with_the_client_s_process() {
    let mut process = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
    let client = Client::start_with(json!({"capabilities": {}, "processId": process.id()})).await;
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(!client.end().await);
}

#[tokio::test]
async fn the_log_goes_to_a_file_on_request_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let params = json!({"capabilities": usual(), "initializationOptions": {"logFile": file}});
    let mut client = Client::start_with(params).await;
    client.open(A, "explode(token=\"Zq8vR2mWx5Tn7Kp3\")\n").await;
    let told = client.next("window/logMessage").await;
    let _: Value = client.hover(A, 0, 0).await;
    // What broke may quote what it broke on; a secret stays in its file.
    let said = "explosive-call failed in a.py: boom at explode(token=\"****************\")";
    assert_eq!(told["params"]["message"], said);
    let log = std::fs::read_to_string(&file).unwrap();
    assert!(log.contains(said) && !log.contains("Zq8vR2mWx5Tn7Kp3"), "{log}");
}
