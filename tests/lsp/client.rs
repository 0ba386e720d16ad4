//! A client for the session tests. It waits for messages, never for a time; the one limit turns a hang into a failure.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use shipworthy_server::{Setup, serve};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::io::{BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio::task::JoinHandle;

use crate::toy;

/// Longer than anything takes on the slowest machine.
const HANG: Duration = Duration::from_secs(30);

/// One session of a server.
pub(crate) struct Client {
    input: BufReader<ReadHalf<DuplexStream>>,
    output: WriteHalf<DuplexStream>,
    /// Messages that came while another was waited for.
    passed: VecDeque<Value>,
    last_id: i64,
    server: JoinHandle<bool>,
    /// What the server said of itself.
    pub(crate) capabilities: Value,
}

/// What most clients can do.
pub(crate) fn usual() -> Value {
    json!({
        "textDocument": {
            "publishDiagnostics": {"versionSupport": true, "relatedInformation": true},
            "codeAction": {
                "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source"]}},
                "resolveSupport": {"properties": ["edit"]},
                "dataSupport": true
            },
            "hover": {"contentFormat": ["markdown", "plaintext"]}
        },
        "workspace": {"workspaceEdit": {"documentChanges": true}, "workspaceFolders": true}
    })
}

impl Client {
    /// A session with a usual client, without folders.
    pub(crate) async fn start() -> Self {
        Self::start_with(json!({"capabilities": usual()})).await
    }

    /// A session with other parameters of `initialize`.
    pub(crate) async fn start_with(mut params: Value) -> Self {
        let fields = params.as_object_mut().unwrap();
        fields.entry("processId").or_insert(Value::Null);
        fields.entry("rootUri").or_insert(Value::Null);
        let mut client = Self::connect(1 << 20);
        let result = client.request("initialize", params).await.unwrap();
        client.capabilities = result["capabilities"].clone();
        client.notify("initialized", json!({})).await;
        client
    }

    /// A server that nothing was said to, over pipes that hold `room` bytes each way.
    pub(crate) fn connect(room: usize) -> Self {
        let setup = Setup { catalogue: toy::RULES, pages: None, log: None, cache: None };
        Self::connect_to(setup, room)
    }

    /// A server made of something else.
    pub(crate) fn connect_to(setup: Setup, room: usize) -> Self {
        let (ours, theirs) = tokio::io::duplex(room);
        let (input, output) = tokio::io::split(theirs);
        let server = tokio::spawn(serve(input, output, setup));
        let (input, output) = tokio::io::split(ours);
        Self {
            input: BufReader::new(input),
            output,
            passed: VecDeque::new(),
            last_id: 0,
            server,
            capabilities: Value::Null,
        }
    }

    /// Sends bytes as they are.
    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        within(self.output.write_all(bytes)).await.unwrap();
    }

    /// Sends a message as it is.
    pub(crate) async fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
    }

    /// Sends a request and does not wait for its answer.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        id
    }

    /// The answer to a request: its result, or its error.
    pub(crate) async fn answer(&mut self, id: i64) -> Result<Value, Value> {
        let answer = self.next_where(|m| m["id"] == id && m.get("method").is_none()).await;
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].clone()),
        }
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params).await;
        self.answer(id).await
    }

    /// The next message of a method: what the server tells or asks.
    pub(crate) async fn next(&mut self, method: &str) -> Value {
        self.next_where(|m| m["method"] == method).await
    }

    /// The next message that fits; the others stay for later.
    pub(crate) async fn next_where(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.passed.iter().position(&fits) {
            return self.passed.remove(at).unwrap();
        }
        loop {
            let message = self.read().await.expect("the server went");
            if fits(&message) {
                return message;
            }
            self.passed.push_back(message);
        }
    }

    /// Messages that came and that nobody waited for.
    pub(crate) fn passed(&self) -> impl Iterator<Item = &Value> {
        self.passed.iter()
    }

    async fn read(&mut self) -> Option<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if within(self.input.read_line(&mut line)).await.unwrap() == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        within(self.input.read_exact(&mut body)).await.unwrap();
        Some(serde_json::from_slice(&body).unwrap())
    }

    /// Opens a Python file.
    pub(crate) async fn open(&mut self, uri: &str, text: &str) {
        self.open_as(uri, "python", text).await;
    }

    pub(crate) async fn open_as(&mut self, uri: &str, language: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document})).await;
    }

    /// Replaces `[start line, start column, end line, end column]` by a text.
    pub(crate) async fn change(&mut self, uri: &str, version: i32, range: [u32; 4], text: &str) {
        let change = json!({"range": self::range(range), "text": text});
        self.change_all(uri, version, json!([change])).await;
    }

    /// Sends changes as they are.
    pub(crate) async fn change_all(&mut self, uri: &str, version: i32, changes: Value) {
        let document = json!({"uri": uri, "version": version});
        let params = json!({"textDocument": document, "contentChanges": changes});
        self.notify("textDocument/didChange", params).await;
    }

    pub(crate) async fn close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}})).await;
    }

    /// The next diagnostics of a document.
    pub(crate) async fn diagnostics(&mut self, uri: &str) -> Published {
        let publish = "textDocument/publishDiagnostics";
        let message = self.next_where(|m| m["method"] == publish && m["params"]["uri"] == uri).await;
        Published { params: message["params"].clone() }
    }

    pub(crate) async fn hover(&mut self, uri: &str, line: u32, column: u32) -> Value {
        self.request("textDocument/hover", at(uri, line, column)).await.unwrap()
    }

    /// The code actions of a range.
    pub(crate) async fn actions(&mut self, uri: &str, range: [u32; 4]) -> Vec<Value> {
        let params = json!({
            "textDocument": {"uri": uri}, "range": self::range(range), "context": {"diagnostics": []}
        });
        let actions = self.request("textDocument/codeAction", params).await.unwrap();
        actions.as_array().unwrap().clone()
    }

    /// Leaves in order. Gives whether the server says so.
    pub(crate) async fn leave(mut self) -> bool {
        self.request("shutdown", Value::Null).await.unwrap();
        self.notify("exit", Value::Null).await;
        self.end().await
    }

    /// Waits for the server's end.
    pub(crate) async fn end(self) -> bool {
        within(self.server).await.unwrap()
    }

    /// Goes without a word.
    pub(crate) async fn hang_up(self) -> bool {
        let Self { input, output, server, .. } = self;
        drop((input, output));
        within(server).await.unwrap()
    }
}

/// Diagnostics of a document.
pub(crate) struct Published {
    params: Value,
}

impl Published {
    pub(crate) fn version(&self) -> Option<i64> {
        self.params["version"].as_i64()
    }
    pub(crate) fn items(&self) -> &[Value] {
        self.params["diagnostics"].as_array().unwrap()
    }
    /// `rule line:column-line:column` of each.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.items().iter().map(shown).collect()
    }
}

/// `rule line:column-line:column` of a diagnostic.
pub(crate) fn shown(diagnostic: &Value) -> String {
    let place = |p: &Value| format!("{}:{}", p["line"], p["character"]);
    let range = &diagnostic["range"];
    let rule = diagnostic["code"].as_str().unwrap();
    format!("{rule} {}-{}", place(&range["start"]), place(&range["end"]))
}

/// A range of `[start line, start column, end line, end column]`.
pub(crate) fn range([a, b, c, d]: [u32; 4]) -> Value {
    json!({"start": {"line": a, "character": b}, "end": {"line": c, "character": d}})
}

/// A position in a document.
pub(crate) fn at(uri: &str, line: u32, column: u32) -> Value {
    json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": column}})
}

async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(HANG, future).await.expect("nothing happens any more")
}
