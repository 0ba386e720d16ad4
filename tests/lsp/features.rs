//! Actions, fixes, hover, lenses, commands and pulled diagnostics.

use serde_json::{Value, json};

use crate::client::{Client, shown, usual};

const A: &str = "file:///a.py";

fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|action| action["title"].as_str().unwrap()).collect()
}

/// The text after an edit of one document, made of `[line, column, line, column] -> text` in one line of ASCII.
fn changes(edit: &Value) -> Vec<String> {
    let document = &edit["documentChanges"][0];
    let edits = document["edits"].as_array().unwrap();
    edits
        .iter()
        .map(|edit| format!("{} -> {}", shown_range(edit), edit["newText"].as_str().unwrap()))
        .collect()
}

fn shown_range(edit: &Value) -> String {
    shown(&json!({"code": "", "range": edit["range"]})).trim().to_owned()
}

#[tokio::test]
async fn actions_come_in_order_and_their_edits_when_asked_for() {
    let mut client = Client::start().await;
    client.open(A, "bad()\nbad(1)\nodd()\n").await;
    let actions = client.actions(A, [0, 2, 0, 2]).await;
    assert_eq!(
        titles(&actions),
        [
            "Call `good` instead",
            "Fix all of bad-call in this file",
            "Apply every safe fix in this file",
            "Show what bad-call is about",
            "Ignore bad-call here, with a reason"
        ]
    );
    let kinds: Vec<&Value> = actions.iter().map(|action| &action["kind"]).collect();
    assert_eq!(kinds, ["quickfix", "quickfix", "source.fixAll.shipworthy", "quickfix", "quickfix"]);
    assert_eq!(actions[0]["isPreferred"], true);
    assert_eq!(shown(&actions[0]["diagnostics"][0]), "bad-call 0:0-0:5");
    assert!(actions.iter().all(|action| action.get("edit").is_none()));

    let fix = client.request("codeAction/resolve", actions[0].clone()).await.unwrap();
    assert_eq!(changes(&fix["edit"]), ["0:0-0:5 -> good()"]);
    assert_eq!(fix["edit"]["documentChanges"][0]["textDocument"], json!({"uri": A, "version": 1}));
    let all = client.request("codeAction/resolve", actions[1].clone()).await.unwrap();
    assert_eq!(changes(&all["edit"]), ["0:0-0:5 -> good()", "1:0-1:6 -> good(1)"]);
    assert_eq!(actions[3]["command"]["command"], "shipworthy.showRule");
}

#[tokio::test]
async fn a_user_may_want_no_offer_to_ignore() {
    let mut client = Client::start().await;
    client.open(A, "odd()\n").await;
    let settings = json!({"settings": {"shipworthy": {"suppress": false}}});
    client.notify("workspace/didChangeConfiguration", settings).await;
    let actions = client.actions(A, [0, 0, 0, 0]).await;
    assert_eq!(titles(&actions), ["Call `even` instead", "Show what odd-call is about"]);
}

/// A fix that needs a look is offered, but is not preferred and no part of what is applied unseen.
#[tokio::test]
async fn a_suggested_fix_is_applied_by_itself_only() {
    let mut client = Client::start().await;
    client.open(A, "odd()\nodd()\n").await;
    let actions = client.actions(A, [0, 0, 0, 0]).await;
    assert_eq!(
        titles(&actions),
        ["Call `even` instead", "Show what odd-call is about", "Ignore odd-call here, with a reason"]
    );
    assert!(actions[0].get("isPreferred").is_none());
    let fixes = json!({"command": "shipworthy.fixAll", "arguments": [A]});
    assert_eq!(client.request("workspace/executeCommand", fixes).await.unwrap(), json!({"fixes": 0}));
}

#[tokio::test]
async fn an_action_of_an_older_version_is_refused() {
    let mut client = Client::start().await;
    client.open(A, "bad()\n").await;
    let actions = client.actions(A, [0, 2, 0, 2]).await;
    client.change(A, 2, [0, 0, 0, 0], "x = 1\n").await;
    let error = client.request("codeAction/resolve", actions[0].clone()).await.unwrap_err();
    assert_eq!(error["code"], -32801);
    client.close(A).await;
    let error = client.request("codeAction/resolve", actions[0].clone()).await.unwrap_err();
    assert_eq!(error["code"], -32801);
}

/// Of fixes that overlap the first is taken.
#[tokio::test]
async fn overlapping_fixes_do_not_corrupt() {
    let mut client = Client::start().await;
    client.open(A, "bad(bad(1))\nbad()\n").await;
    let context = json!({"diagnostics": [], "only": ["source.fixAll"]});
    let params =
        json!({"textDocument": {"uri": A}, "range": crate::client::range([0, 0, 0, 0]), "context": context});
    let actions = client.request("textDocument/codeAction", params).await.unwrap();
    let actions = actions.as_array().unwrap();
    assert_eq!(titles(actions), ["Apply every safe fix in this file"]);
    let all = client.request("codeAction/resolve", actions[0].clone()).await.unwrap();
    assert_eq!(changes(&all["edit"]), ["0:0-0:11 -> good(bad(1))", "1:0-1:5 -> good()"]);
}

/// A fix was made for code that is broken by now: it may not fit.
#[tokio::test]
async fn broken_code_is_not_fixed() {
    let mut client = Client::start().await;
    client.open(A, "def f():\n    bad()\n    x = 1\n\ndef g():\n    bad()\n").await;
    client.diagnostics(A).await;
    client.change(A, 2, [2, 8, 2, 9], "(((").await;
    assert_eq!(
        titles(&client.actions(A, [1, 5, 1, 5]).await),
        ["Apply every safe fix in this file", "Show what bad-call is about"]
    );
    let fixes = json!({"command": "shipworthy.fixAll", "arguments": [A]});
    assert_eq!(client.request("workspace/executeCommand", fixes).await.unwrap(), json!({"fixes": 1}));
    let apply = client.next("workspace/applyEdit").await;
    assert_eq!(changes(&apply["params"]["edit"]), ["5:4-5:9 -> good()"]);
}

/// A client that takes neither references nor versions gets plain edits at once.
#[tokio::test]
async fn a_plain_client_gets_plain_edits() {
    let mut client = Client::start_with(json!({"capabilities": {}})).await;
    client.open(A, "bad()\n").await;
    let actions = client.actions(A, [0, 0, 0, 0]).await;
    let edit = json!({"range": crate::client::range([0, 0, 0, 5]), "newText": "good()"});
    assert_eq!(actions[0]["edit"], json!({"changes": {A: [edit]}}));
}

#[tokio::test]
async fn hover_shows_the_page() {
    let mut client = Client::start().await;
    client.open(A, "bad()\n").await;
    let hover = client.hover(A, 0, 1).await;
    assert_eq!(
        hover["contents"],
        json!({
            "kind": "markdown",
            "value": "### bad-call · errors · high\n\nA call of `bad`\n\nIt is bad.\n\n*Bad*:\n\n```python\nbad()\n```\n\n*Fixed*:\n\n```python\ngood()\n```\n"
        })
    );
    assert_eq!(client.hover(A, 1, 0).await, Value::Null);
}

#[tokio::test]
async fn a_lens_counts_findings_by_severity() {
    let mut client = Client::start().await;
    client.open(A, "odd()\nbad()\nbad()\n").await;
    let document = json!({"textDocument": {"uri": A}});
    let lenses = client.request("textDocument/codeLens", document.clone()).await.unwrap();
    let commands: Vec<&Value> = lenses.as_array().unwrap().iter().map(|lens| &lens["command"]).collect();
    assert_eq!(commands[0]["title"], "2 high · 1 low");
    assert_eq!(commands[1]["title"], "Apply 2 safe fixes");
    let settings = json!({"settings": {"shipworthy": {"codeLens": false}}});
    client.notify("workspace/didChangeConfiguration", settings).await;
    assert_eq!(client.request("textDocument/codeLens", document).await.unwrap(), json!([]));
}

#[tokio::test]
async fn the_page_of_a_rule_can_be_asked_for() {
    let mut client = Client::start().await;
    let show = |rule: &str| json!({"command": "shipworthy.showRule", "arguments": [rule]});
    let page = client.request("workspace/executeCommand", show("bad-call")).await.unwrap();
    assert!(page.as_str().unwrap().starts_with("# bad-call\n\nA call of `bad`\n"));
    client.request("workspace/executeCommand", show("no-such-rule")).await.unwrap_err();
}

/// A client that only pulls is never told unasked.
#[tokio::test]
async fn a_client_that_only_pulls_is_answered() {
    let mut capabilities = usual();
    capabilities["textDocument"].as_object_mut().unwrap().remove("publishDiagnostics");
    capabilities["textDocument"]["diagnostic"] = json!({});
    let mut client = Client::start_with(json!({"capabilities": capabilities})).await;
    assert_eq!(client.capabilities["diagnosticProvider"]["workspaceDiagnostics"], true);
    client.open(A, "bad()\n").await;
    let pull = |known: Value| json!({"textDocument": {"uri": A}, "previousResultId": known});
    let full = client.request("textDocument/diagnostic", pull(Value::Null)).await.unwrap();
    assert_eq!(full["kind"], "full");
    assert_eq!(shown(&full["items"][0]), "bad-call 0:0-0:5");
    let same = client.request("textDocument/diagnostic", pull(full["resultId"].clone())).await.unwrap();
    assert_eq!(same["kind"], "unchanged");
    client.change(A, 2, [0, 0, 0, 0], "x = 1\n").await;
    let moved = client.request("textDocument/diagnostic", pull(full["resultId"].clone())).await.unwrap();
    assert_eq!(shown(&moved["items"][0]), "bad-call 1:0-1:5");
    let all = client.request("workspace/diagnostic", json!({"previousResultIds": []})).await.unwrap();
    let item = &all["items"][0];
    assert_eq!((&item["uri"], &item["version"], &item["kind"]), (&json!(A), &json!(2), &json!("full")));
    client.hover(A, 0, 0).await;
    assert_eq!(client.passed().filter(|m| m["method"] == "textDocument/publishDiagnostics").count(), 0);
}

/// A client that can do both is told, and is not invited to ask.
#[tokio::test]
async fn a_client_that_does_both_is_told() {
    let mut capabilities = usual();
    capabilities["textDocument"]["diagnostic"] = json!({});
    let mut client = Client::start_with(json!({"capabilities": capabilities})).await;
    assert!(client.capabilities.get("diagnosticProvider").is_none());
    client.open(A, "bad()\n").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 0:0-0:5"]);
}
