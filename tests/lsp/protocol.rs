//! Messages that are not as they should be: an answer as the protocol wants it, and the server goes on.

use serde_json::{Value, json};

use crate::client::{Client, at, usual};
use crate::toy;

const A: &str = "file:///a.py";

async fn still_works(client: &mut Client) {
    client.open(A, "bad()\n").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 0:0-0:5"]);
}

#[tokio::test]
async fn what_is_no_message_is_answered_with_an_error() {
    let mut client = Client::start().await;
    let bodies = [
        ("{\"jsonrpc\": \"2.0\", \"meth", -32700),
        ("\u{feff}", -32700),
        ("[1, 2]", -32600),
        ("17", -32600),
        ("{\"jsonrpc\": \"1.0\", \"method\": \"x\"}", -32600),
        ("{\"jsonrpc\": \"2.0\", \"method\": 5}", -32600),
    ];
    for (body, code) in bodies {
        client.send_raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
        let error = client.next_where(|m| m["id"].is_null() && m.get("error").is_some()).await;
        assert_eq!(error["error"]["code"], code, "{body}");
    }
    still_works(&mut client).await;
}

#[tokio::test]
async fn what_has_no_length_is_skipped() {
    let mut client = Client::start().await;
    for head in ["hello\r\nworld\r\n\r\n", "Content-Length: many\r\n\r\n", "\r\n\r\n"] {
        client.send_raw(head.as_bytes()).await;
    }
    client.send_raw(&[b'x'; 10_000]).await;
    client.send_raw(b"\r\n\r\n").await;
    still_works(&mut client).await;
    let errors = client.passed().filter(|m| m["error"]["code"] == -32700).count();
    assert_eq!(errors, 3);
}

#[tokio::test]
async fn headers_are_read_whatever_their_case_and_company() {
    let mut client = Client::start().await;
    let body = json!({"jsonrpc": "2.0", "id": "text", "method": "textDocument/hover", "params": at(A, 0, 0)});
    let body = body.to_string();
    let head = "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:";
    client.send_raw(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes()).await;
    assert_eq!(client.next_where(|m| m["id"] == "text").await["result"], Value::Null);
}

#[tokio::test]
async fn unknown_methods_are_refused_and_unknown_notifications_ignored() {
    let mut client = Client::start().await;
    let error = client.request("textDocument/telepathy", json!({})).await.unwrap_err();
    assert_eq!(error["code"], -32601);
    client.notify("textDocument/didThink", json!({})).await;
    client.notify("$/setTrace", json!({"value": "verbose"})).await;
    client.send(&json!({"jsonrpc": "2.0", "id": 999, "result": null})).await;
    still_works(&mut client).await;
}

#[tokio::test]
async fn malformed_parameters_are_refused() {
    let mut client = Client::start().await;
    let error = client.request("textDocument/hover", json!({"position": 5})).await.unwrap_err();
    assert_eq!(error["code"], -32602);
    client.notify("textDocument/didOpen", json!({"textDocument": {"uri": 5}})).await;
    client.notify("textDocument/didChange", json!([])).await;
    let command = json!({"command": "shipworthy.fixAll", "arguments": [{"not": "a uri"}]});
    assert_eq!(client.request("workspace/executeCommand", command).await.unwrap_err()["code"], -32602);
    still_works(&mut client).await;
}

#[tokio::test]
async fn documents_that_are_not_open_are_no_trouble() {
    let mut client = Client::start().await;
    client.change(A, 3, [0, 0, 0, 0], "bad()").await;
    client.close(A).await;
    assert_eq!(client.hover(A, 0, 0).await, Value::Null);
    assert_eq!(
        client.request("textDocument/codeLens", json!({"textDocument": {"uri": A}})).await,
        Ok(Value::Null)
    );
    still_works(&mut client).await;
}

/// The order of arrival is the order of the changes, whatever their numbers say.
#[tokio::test]
async fn versions_that_go_back_change_the_text_all_the_same() {
    let mut client = Client::start().await;
    client.open(A, "x = 1\n").await;
    client.change(A, 7, [0, 0, 0, 0], "bad()\n").await;
    assert_eq!(client.diagnostics(A).await.version(), Some(7));
    client.change(A, 3, [0, 0, 0, 0], "\n").await;
    let published = client.diagnostics(A).await;
    assert_eq!((published.version(), published.shown()), (Some(3), vec!["bad-call 1:0-1:5".to_owned()]));
}

#[tokio::test]
async fn opening_twice_is_opening_anew() {
    let mut client = Client::start().await;
    client.open(A, "bad()\n").await;
    client.diagnostics(A).await;
    client.open(A, "odd()\n").await;
    client.hover(A, 0, 0).await;
    let published = client.next_where(|m| m["params"]["diagnostics"][0]["code"] == "odd-call").await;
    assert_eq!(published["params"]["version"], 1);
}

#[tokio::test]
async fn nothing_is_answered_before_initialize_or_after_shutdown() {
    let mut client = Client::connect(1 << 16);
    assert_eq!(client.request("textDocument/hover", at(A, 0, 0)).await.unwrap_err()["code"], -32002);
    client.open(A, "bad()\n").await;
    let initialize = json!({"processId": null, "rootUri": null, "capabilities": usual()});
    client.request("initialize", initialize.clone()).await.unwrap();
    assert_eq!(client.request("initialize", initialize).await.unwrap_err()["code"], -32600);
    still_works(&mut client).await;
    client.request("shutdown", Value::Null).await.unwrap();
    assert_eq!(client.request("textDocument/hover", at(A, 0, 0)).await.unwrap_err()["code"], -32600);
    client.notify("exit", Value::Null).await;
    assert!(client.end().await);
}

#[tokio::test]
async fn leaving_without_shutdown_is_not_in_order() {
    let mut client = Client::start().await;
    client.notify("exit", Value::Null).await;
    assert!(!client.end().await);
}

/// What is asked in one breath with the goodbye is answered, if only with a refusal.
#[tokio::test]
async fn the_last_questions_are_answered() {
    let mut client = Client::start().await;
    client.open(A, "hold('last')\n").await;
    let hover = client.ask("textDocument/hover", at(A, 0, 1)).await;
    let shutdown = client.ask("shutdown", Value::Null).await;
    client.notify("exit", Value::Null).await;
    assert_eq!(client.answer(shutdown).await, Ok(Value::Null));
    assert_eq!(client.answer(hover).await.unwrap_err()["code"], -32800);
    assert!(client.end().await);
    toy::open("last");
}
