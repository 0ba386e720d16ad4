//! A session with a language server: diagnostics are waited for as it gives them.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use shipworthy_syntax::Language;

use super::document::Edit;
use super::process;

/// A server that says nothing for so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a server is seen to have looked at a change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It publishes diagnostics for every version.
    Push,
    /// It answers when it is asked; what it publishes is only what changed.
    Pull,
}

pub(super) struct Session {
    way: Way,
    server: Child,
    input: ChildStdin,
    messages: Receiver<(Instant, Value)>,
    uri: String,
    version: i64,
    /// The document as it is, for a server that wants all of it at each change.
    whole: Option<String>,
    /// How many questions were asked.
    asked: i64,
    /// The newest diagnostics of the document.
    pub(super) diagnostics: Value,
}

/// Another document of a session.
pub(super) struct Beside {
    uri: String,
    version: i64,
}

impl Session {
    /// Starts a server in a workspace and opens a document of it.
    pub(super) fn open(
        command: &[String],
        way: Way,
        options: &Value,
        workspace: &Path,
        name: &str,
        text: &str,
    ) -> anyhow::Result<Self> {
        let (program, arguments) = command.split_first().context("a server needs a program")?;
        let mut server = Command::new(program)
            .args(arguments)
            .current_dir(workspace)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let input = server.stdin.take().context("standard input is piped")?;
        let mut output = BufReader::new(server.stdout.take().context("standard output is piped")?);
        let (sender, messages) = channel();
        thread::spawn(move || {
            while let Ok(Some(body)) = read(&mut output) {
                let arrived = Instant::now();
                let Ok(message) = serde_json::from_slice(&body) else { break };
                if sender.send((arrived, message)).is_err() {
                    break;
                }
            }
        });
        let root = format!("file://{}", workspace.display());
        let uri = format!("{root}/{name}");
        let mut session = Self {
            way,
            server,
            input,
            messages,
            uri,
            version: 1,
            whole: None,
            asked: 1,
            diagnostics: Value::Null,
        };
        let documents = match way {
            Way::Push => json!({ "publishDiagnostics": { "versionSupport": true } }),
            Way::Pull => json!({ "diagnostic": {} }),
        };
        session.send(&json!({ "id": 1, "method": "initialize", "params": {
            "processId": std::process::id(),
            "rootUri": root,
            "workspaceFolders": [{ "uri": root, "name": "bench" }],
            "capabilities": { "textDocument": documents },
            "initializationOptions": options,
        }}))?;
        let answer = loop {
            let message = session.next(PATIENCE)?.context("no answer to initialize")?.1;
            if message["id"] == 1 {
                break message;
            }
        };
        let sync = &answer["result"]["capabilities"]["textDocumentSync"];
        // 1 stands for the whole text.
        let is_whole = *sync == 1 || sync["change"] == 1;
        session.whole = is_whole.then(|| text.to_owned());
        session.send(&json!({ "method": "initialized", "params": {} }))?;
        session.did_open(&session.uri.clone(), text)?;
        session.wait()?;
        session.settle()?;
        Ok(session)
    }

    /// Opens another document beside the session's own.
    pub(super) fn open_beside(&mut self, name: &str, text: &str) -> anyhow::Result<Beside> {
        let folder = self.uri.rsplit_once('/').map_or("", |(folder, _)| folder);
        let beside = Beside { uri: format!("{folder}/{name}"), version: 1 };
        self.did_open(&beside.uri, text)?;
        Ok(beside)
    }

    /// Changes a document beside the session's own.
    pub(super) fn change_beside(&mut self, beside: &mut Beside, edit: &Edit) -> anyhow::Result<()> {
        beside.version += 1;
        let change = did_change(&beside.uri, beside.version, edit.json());
        self.write(&[change])
    }

    /// Asks for the diagnostics of the session's own document as they are now.
    pub(super) fn ask(&mut self) -> anyhow::Result<()> {
        self.wait().map(|_| ())
    }

    fn did_open(&mut self, uri: &str, text: &str) -> anyhow::Result<()> {
        let language = Language::from_path(uri).context("a document of no language")?.id();
        self.send(&json!({ "method": "textDocument/didOpen", "params": { "textDocument": {
            "uri": uri, "languageId": language, "version": 1, "text": text,
        }}}))
    }

    /// Sends changes one after the other; gives the milliseconds from the first write to the diagnostics of the last.
    pub(super) fn change(&mut self, edits: &[Edit]) -> anyhow::Result<f64> {
        let mut changes = Vec::new();
        for edit in edits {
            self.version += 1;
            let content = match &mut self.whole {
                Some(text) => {
                    edit.apply(text);
                    json!({ "text": text })
                }
                None => edit.json(),
            };
            changes.push(did_change(&self.uri, self.version, content));
        }
        let started = Instant::now();
        self.write(&changes)?;
        Ok(self.wait()?.duration_since(started).as_secs_f64() * 1e3)
    }

    /// Takes what is still sent until the server is quiet.
    pub(super) fn settle(&mut self) -> anyhow::Result<()> {
        while self.next(Duration::from_millis(500))?.is_some() {}
        Ok(())
    }

    /// The server's peak memory in MB; nothing where the system does not tell.
    pub(super) fn peak_memory(&self) -> Option<f64> {
        process::peak_memory(self.server.id())
    }

    /// Waits for the diagnostics of the newest version.
    fn wait(&mut self) -> anyhow::Result<Instant> {
        if self.way == Way::Pull {
            self.asked += 1;
            self.send(&json!({ "id": self.asked, "method": "textDocument/diagnostic", "params": {
                "textDocument": { "uri": self.uri },
            }}))?;
        }
        loop {
            let (arrived, message) = self.next(PATIENCE)?.context("no diagnostics of the newest version")?;
            if self.way == Way::Pull && message["id"] == self.asked && message["method"].is_null() {
                self.diagnostics = message["result"]["items"].clone();
                return Ok(arrived);
            }
            let params = &message["params"];
            let ours = message["method"] == "textDocument/publishDiagnostics" && params["uri"] == self.uri;
            if ours && params["version"] == self.version {
                return Ok(arrived);
            }
        }
    }

    /// The next message, with what every client does about it.
    fn next(&mut self, patience: Duration) -> anyhow::Result<Option<(Instant, Value)>> {
        let (arrived, message) = match self.messages.recv_timeout(patience) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return Ok(None),
            Err(RecvTimeoutError::Disconnected) => bail!("the server ended"),
        };
        if message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == self.uri {
            self.diagnostics = message["params"]["diagnostics"].clone();
        } else if !message["method"].is_null() && !message["id"].is_null() {
            self.send(&json!({ "id": message["id"], "result": null }))?;
        }
        Ok(Some((arrived, message)))
    }

    fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        self.write(&[message_of(message)])
    }

    fn write(&mut self, messages: &[Vec<u8>]) -> anyhow::Result<()> {
        messages.iter().try_for_each(|message| self.input.write_all(message))?;
        Ok(self.input.flush()?)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn did_change(uri: &str, version: i64, content: Value) -> Vec<u8> {
    message_of(&json!({ "method": "textDocument/didChange", "params": {
        "textDocument": { "uri": uri, "version": version },
        "contentChanges": [content],
    }}))
}

fn message_of(message: &Value) -> Vec<u8> {
    let mut message = message.clone();
    message["jsonrpc"] = json!("2.0");
    frame(&message.to_string())
}

fn frame(body: &str) -> Vec<u8> {
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Reads one framed message; nothing at the end.
fn read(input: &mut impl BufRead) -> anyhow::Result<Option<Vec<u8>>> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = Some(value.trim().parse()?);
        }
    }
    let mut body = vec![0; length.context("a message without a length")?];
    input.read_exact(&mut body)?;
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::{frame, read};

    #[test]
    fn framed_messages_are_read_back() {
        let mut bytes = frame("{\"é\":1}");
        bytes.extend(b"Content-Type: x\r\ncontent-length: 2\r\n\r\n{}");
        let mut input = bytes.as_slice();
        assert_eq!(read(&mut input).unwrap().unwrap(), "{\"é\":1}".as_bytes());
        assert_eq!(read(&mut input).unwrap().unwrap(), b"{}");
        assert!(read(&mut input).unwrap().is_none());
        assert!(read(&mut &b"\r\n{}"[..]).is_err());
    }
}
