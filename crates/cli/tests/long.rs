//! A session that goes on for long: its memory stays flat, and what it shows in the end is what a fresh one shows.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot run fails")]
#![allow(clippy::print_stdout, reason = "figures of the run")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use common::{command, project};
use serde_json::{Value, json};

/// Longer than any answer takes on the slowest machine.
const HANG: Duration = Duration::from_secs(120);

/// What people write in Python, whole statements each, and at the end what is not whole.
const PYTHON: [&str; 8] = [
    "import requests\n",
    "def load(url):\n    return requests.get(url)\n",
    "def check(token, settings):\n    return token == settings.admin_token\n",
    "try:\n    load(1)\nexcept Exception:\n    pass\n",
    "CACHE = {}\n\ndef keep(key, value):\n    CACHE[key] = value\n",
    "def many(ids):\n    for i in ids:\n        load(i)\n",
    "def broken(:\n",
    "text = \"\"\"\n",
];
const GO: [&str; 6] = [
    "func load(url string) (*http.Response, error) {\n\treturn http.Get(url)\n}\n",
    "func check(token string) bool {\n\treturn token == adminToken\n}\n",
    "var cache = map[string]int{}\n",
    "func start() {\n\tgo func() {\n\t\tload(\"a\")\n\t}()\n}\n",
    "func broken( {\n",
    "var text = `\n",
];
const RUST: [&str; 6] = [
    "pub fn load(text: &str) -> u32 {\n    text.parse().unwrap()\n}\n",
    "pub fn check(token: &str, admin_token: &str) -> bool {\n    token == admin_token\n}\n",
    "pub async fn wait() {\n    std::thread::sleep(SECOND);\n}\n",
    "pub const NAMES: &[&str] = &[\"a\"];\n",
    "pub fn broken( {\n",
    "const TEXT: &str = \"\n",
];
/// How many of each are not whole.
const BROKEN: usize = 2;

/// A document as pieces, each of whole lines.
struct Document {
    uri: String,
    pieces: &'static [&'static str],
    head: &'static str,
    now: Vec<&'static str>,
    version: i32,
}

impl Document {
    fn text(&self) -> String {
        self.head.to_owned() + &self.now.concat()
    }

    /// Puts pieces in the place of some; gives the message that tells.
    fn replace(&mut self, from: usize, gone: usize, new: &[&'static str]) -> Value {
        let line = |pieces: &[&str]| {
            self.head.matches('\n').count() + pieces.iter().map(|p| p.matches('\n').count()).sum::<usize>()
        };
        let (start, end) = (line(&self.now[..from]), line(&self.now[..from + gone]));
        let range = json!({"start": {"line": start, "character": 0}, "end": {"line": end, "character": 0}});
        self.now.splice(from..from + gone, new.iter().copied());
        self.version += 1;
        json!({
            "textDocument": {"uri": self.uri, "version": self.version},
            "contentChanges": [{"range": range, "text": new.concat()}],
        })
    }
}

/// A session with the program.
struct Session {
    server: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    last: u64,
    /// What is shown of each document.
    shown: BTreeMap<String, Value>,
}

impl Session {
    fn start(root: &Path) -> Self {
        let mut server = command(root)
            .arg("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (server.stdin.take().unwrap(), server.stdout.take().unwrap());
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut line = String::new();
            while output.read_line(&mut line).is_ok_and(|length| length > 0) {
                if let Some(length) = line.strip_prefix("Content-Length: ") {
                    let mut body = vec![0; length.trim().parse::<usize>().unwrap() + 2];
                    output.read_exact(&mut body).unwrap();
                    if sender.send(serde_json::from_slice(&body).unwrap()).is_err() {
                        return;
                    }
                }
                line.clear();
            }
        });
        let mut session = Self { server, input, messages, last: 0, shown: BTreeMap::new() };
        let root = format!("file://{}", root.display());
        let folders = json!([{"uri": root, "name": "root"}]);
        session.ask(
            "initialize",
            json!({"processId": null, "rootUri": root, "workspaceFolders": folders, "capabilities": {}}),
        );
        session.tell("initialized", json!({}));
        session
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Asks, and waits for the answer.
    fn ask(&mut self, method: &str, params: Value) {
        self.last += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}));
        loop {
            let message = self.messages.recv_timeout(HANG).expect("the server hangs");
            if message["method"] == "textDocument/publishDiagnostics" {
                let uri = message["params"]["uri"].as_str().unwrap().to_owned();
                self.shown.insert(uri, message["params"]["diagnostics"].clone());
            } else if message["id"] == self.last && message.get("method").is_none() {
                assert!(message.get("error").is_none(), "{message}");
                return;
            } else {
                assert_ne!(message["params"]["type"], 1, "{message}");
            }
        }
    }

    fn open(&mut self, document: &Document) {
        let item = json!({"uri": document.uri, "languageId": "", "version": document.version, "text": document.text()});
        self.tell("textDocument/didOpen", json!({"textDocument": item}));
    }

    /// Waits until a document is looked at.
    fn settle(&mut self, document: &Document) {
        let at = json!({"textDocument": {"uri": document.uri}, "position": {"line": 0, "character": 0}});
        self.ask("textDocument/hover", at);
    }

    /// In megabytes.
    fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.id())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        resident.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// `SHIPWORTHY_EDITS=200000 cargo test --release --package shipworthy --test long -- --nocapture` shows the long figures.
#[test]
fn a_long_session_stays_right_and_small() {
    let edits: usize = std::env::var("SHIPWORTHY_EDITS").map_or(1_500, |edits| edits.parse().unwrap());
    let folder = project(&[]);
    let mut documents: Vec<Document> = (0..50)
        .map(|number| {
            let (end, head, pieces): (_, _, &[&str]) = match number % 3 {
                0 => ("py", "import httpx\n", &PYTHON),
                1 => ("go", "package a\n\nimport \"net/http\"\n\n", &GO),
                _ => ("rs", "use std::time::Duration;\n", &RUST),
            };
            let path = folder.path().join(format!("m{number}.{end}"));
            let now = pieces[..pieces.len() - BROKEN].to_vec();
            fs::write(&path, head.to_owned() + &now.concat()).unwrap();
            Document { uri: format!("file://{}", path.display()), pieces, head, now, version: 1 }
        })
        .collect();
    let mut session = Session::start(folder.path());
    documents.iter().for_each(|document| session.open(document));
    documents.iter().for_each(|document| session.settle(document));
    let mut state = 88_172_645_463_325_252_u64;
    let mut below = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % most
    };
    let mut early = 0.0;
    for edit in 0..edits {
        let document = &mut documents[below(50)];
        let at = below(document.now.len() + 1);
        let gone = if document.now.len() > 40 { 1 } else { below(2) }.min(document.now.len() - at);
        let new = document.pieces[below(document.pieces.len())];
        let new = if gone > 0 && below(2) == 0 { vec![] } else { vec![new] };
        let change = document.replace(at, gone, &new);
        session.tell("textDocument/didChange", change);
        if edit % 20 == 0 {
            session.settle(document);
        }
        if edit == edits / 4 {
            early = session.memory();
        }
    }
    let late = session.memory();
    println!("{early:.0} MB after a quarter of {edits} edits, {late:.0} MB after all");
    assert!(late < early * 1.25 + 16.0, "{early:.0} MB after a quarter, {late:.0} MB after all");
    // What is not whole goes: until then what was found there before is held.
    for document in &mut documents {
        let broken = &document.pieces[document.pieces.len() - BROKEN..];
        while let Some(at) = document.now.iter().position(|piece| broken.contains(piece)) {
            let change = document.replace(at, 1, &[]);
            session.tell("textDocument/didChange", change);
        }
    }
    documents.iter().for_each(|document| session.settle(document));
    let mut fresh = Session::start(folder.path());
    documents.iter().for_each(|document| fresh.open(document));
    documents.iter().for_each(|document| fresh.settle(document));
    assert!(fresh.shown.values().any(|shown| shown.as_array().is_some_and(|shown| !shown.is_empty())));
    for document in &documents {
        let of = |session: &Session| session.shown.get(&document.uri).cloned().unwrap_or_else(|| json!([]));
        // What files tell each other comes a little later.
        for _ in 0..100 {
            if of(&session) == of(&fresh) {
                break;
            }
            thread::sleep(Duration::from_millis(200));
            session.settle(document);
            fresh.settle(document);
        }
        assert_eq!(of(&session), of(&fresh), "{}:\n{}", document.uri, document.text());
    }
}
