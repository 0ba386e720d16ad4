//! Sessions of the language server.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use shipworthy_rules::RULES;
use shipworthy_server::{Setup, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::text::{Numbers, edit, text};

/// Longer than any session takes.
const HANG: Duration = Duration::from_secs(20);

/// Sends bytes to a server, all of them, then nothing more: it ends, and each of its messages is one. Gives them.
fn session(sent: Vec<u8>) -> Vec<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let received = runtime.block_on(async {
        let setup = Setup { catalogue: RULES, pages: None, log: None, cache: None };
        let (ours, theirs) = tokio::io::duplex(4096);
        let (input, output) = tokio::io::split(theirs);
        let (mut answers, mut questions) = tokio::io::split(ours);
        let send = async move {
            // The server may be gone before it has read all.
            let _ = questions.write_all(&sent).await;
            let _ = questions.shutdown().await;
        };
        let mut received = Vec::new();
        let all = async { tokio::join!(serve(input, output, setup), send, answers.read_to_end(&mut received)) };
        let ended = tokio::time::timeout(HANG, all).await;
        assert!(ended.is_ok(), "the server hangs");
        received
    });
    runtime.shutdown_background();
    let mut messages = Vec::new();
    let mut rest = &received[..];
    while let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = std::str::from_utf8(&rest[..end]).expect("a head is text");
        let length: usize = head.strip_prefix("Content-Length: ").expect(head).parse().expect(head);
        let body = &rest[end + 4..];
        // The last message may be cut by the end.
        let Some(message) = body.get(..length) else { break };
        messages.push(serde_json::from_slice(message).expect("a message is JSON"));
        rest = &body[length..];
    }
    messages
}

fn framed(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Bytes as a client's messages.
pub fn codec(data: &[u8]) {
    session(data[..data.len().min(16 * 1024)].to_vec());
}

/// Messages that make sense and some that do not, about documents that are open and some that are not; the text that the server has in
/// the end is the client's.
pub fn sessions(data: &[u8]) {
    let mut numbers = Numbers::of(data);
    let encoding = ["utf-8", "utf-16", "utf-32"][numbers.below(3)];
    let mut sent = Vec::new();
    let mut id = 0;
    let mut request = |sent: &mut Vec<u8>, method: &str, params: Value| {
        id += 1;
        sent.extend(framed(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})));
        id
    };
    let notify = |sent: &mut Vec<u8>, method: &str, params: Value| {
        sent.extend(framed(&json!({"jsonrpc": "2.0", "method": method, "params": params})));
    };
    let capabilities = json!({
        "general": {"positionEncodings": [encoding]},
        "textDocument": {"publishDiagnostics": {"versionSupport": true}},
    });
    request(&mut sent, "initialize", json!({"processId": null, "rootUri": null, "capabilities": capabilities}));
    notify(&mut sent, "initialized", json!({}));
    let uris = ["file:///a.py", "file:///b.go", "file:///src/c.rs", "file:///Dockerfile", "untitled:x", "file:///shipworthy.toml", "nonsense"];
    let whole = text(data);
    let mut open: BTreeMap<&str, String> = BTreeMap::new();
    for step in 0..24 {
        let uri = uris[numbers.below(uris.len())];
        let version = numbers.below(9) as i32 - 2;
        let document = json!({"uri": uri, "version": version});
        let mut place = || json!({"line": numbers.below(12), "character": numbers.below(40)});
        let range = json!({"start": place(), "end": place()});
        let position = place();
        match numbers.below(12) {
            0 | 1 => {
                let text = whole.get(..whole.len() / 2).unwrap_or(&whole).to_owned();
                notify(
                    &mut sent,
                    "textDocument/didOpen",
                    json!({"textDocument": {"uri": uri, "languageId": "", "version": version, "text": text}}),
                );
                open.insert(uri, text);
            }
            2..6 => {
                let Some(text) = open.get_mut(uri) else {
                    let change = json!({"textDocument": document, "contentChanges": [{"range": range, "text": "x"}]});
                    notify(&mut sent, "textDocument/didChange", change);
                    continue;
                };
                let mut changes = Vec::new();
                for _ in 0..=numbers.below(3) {
                    let edit = edit(text, &mut numbers);
                    let (start, end) = (edit.range.start as usize, edit.range.end as usize);
                    let place = |at: usize| placed(text, at, encoding);
                    changes.push(json!({"range": {"start": place(start), "end": place(end)}, "text": edit.text}));
                    // A place between \r and \n is none in the protocol.
                    let splits = |at: usize| text[..at].ends_with('\r') && text[at..].starts_with('\n');
                    if splits(start) || splits(end) {
                        changes.pop();
                        continue;
                    }
                    text.replace_range(start..end, &edit.text);
                }
                notify(&mut sent, "textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
            }
            6 => {
                let hover = json!({"textDocument": document, "position": position});
                let asked = request(&mut sent, "textDocument/hover", hover);
                if step % 2 == 0 {
                    notify(&mut sent, "$/cancelRequest", json!({"id": asked}));
                }
            }
            7 => {
                let params = json!({"textDocument": document, "range": range, "context": {"diagnostics": []}});
                request(&mut sent, "textDocument/codeAction", params);
            }
            8 => _ = request(&mut sent, "textDocument/codeLens", json!({"textDocument": document})),
            9 => {
                notify(&mut sent, "textDocument/didClose", json!({"textDocument": document}));
                open.remove(uri);
            }
            10 => {
                let command = ["shipworthy.fixAll", "shipworthy.showRule", "x"][numbers.below(3)];
                request(&mut sent, "workspace/executeCommand", json!({"command": command, "arguments": [uri]}));
            }
            _ => {
                // A message that is none.
                let garbage = [&b"Content-Length: 2\r\n\r\n[]"[..], b"x\r\n\r\n", b"Content-Length: 5\r\n\r\n\"\xff\xff\xff\""];
                sent.extend(garbage[numbers.below(3)]);
            }
        }
    }
    // One hover a document at the end of all: its answer comes after the analysis of the last version.
    let last: Vec<u64> = open
        .keys()
        .map(|uri| request(&mut sent, "textDocument/hover", json!({"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}})))
        .collect();
    let goodbye = request(&mut sent, "shutdown", Value::Null);
    let messages = session(sent);
    for id in last.into_iter().chain([goodbye]) {
        let answered = messages.iter().filter(|message| message["id"] == id && message.get("method").is_none()).count();
        assert_eq!(answered, 1, "request {id} has {answered} answers");
    }
    let panics = messages.iter().filter(|message| message["params"]["type"] == 1).collect::<Vec<_>>();
    assert!(panics.is_empty(), "{panics:?}");
}

/// A place in a text as the protocol says it.
fn placed(text: &str, at: usize, encoding: &str) -> Value {
    let before = &text[..at];
    let mut line = 0;
    let mut start = 0;
    let bytes = text.as_bytes();
    for (index, byte) in before.bytes().enumerate() {
        let ends = byte == b'\n' || byte == b'\r' && bytes.get(index + 1) != Some(&b'\n');
        if ends {
            line += 1;
            start = index + 1;
        }
    }
    let column = &before[start..];
    let character = match encoding {
        "utf-8" => column.len(),
        "utf-16" => column.encode_utf16().count(),
        _ => column.chars().count(),
    };
    json!({"line": line, "character": character})
}
