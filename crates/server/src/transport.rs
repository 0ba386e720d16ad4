//! Messages in, messages out.
//!
//! The library's own loop over a stream is not used, for three reasons. It ends the session at the first message that is not JSON. It runs
//! four handlers at a time, in no certain order. And it stops reading once its queue is full of answers that the client does not fetch, so
//! that a client which writes before it reads waits for good. Here every message is read; its handler runs up to its first await before
//! the next message is looked at, so all that handlers send to the desk arrives in the client's order; and only a client that leaves
//! [`MAX_UNANSWERED`] requests unanswered is made to wait.

use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::BufReader;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tower_lsp_server::jsonrpc::{Error, Id, Request, Response};
use tower_lsp_server::{ClientSocket, LspService};
use tower_service::Service as _;
use tracing::instrument::WithSubscriber as _;
use tracing::{error, warn};

use crate::backend::Backend;

/// Requests whose answers the client has not fetched yet. Past it nothing more is read: what a client leaves lying must not grow for ever.
const MAX_UNANSWERED: u32 = 1024;
/// A longer message is read past and refused.
const MAX_MESSAGE_BYTES: u64 = 256 * 1024 * 1024;
/// No header line is longer; what is, is no header.
const MAX_HEADER_BYTES: u64 = 4096;
/// How long answers that are still being made are waited for when the session ends.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// An answer, with the permit that its request took.
type Answer = (Response, OwnedSemaphorePermit);

/// Serves one client until it says `exit`, its input ends, its output fails or `stop` is notified.
pub(crate) async fn serve(
    mut service: LspService<Backend>,
    socket: ClientSocket,
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite + Unpin + Send + 'static,
    stop: &Notify,
) {
    let (mut questions, mut client_answers) = socket.split();
    let (answers, mut answered) = mpsc::unbounded_channel::<Answer>();
    let permits = Arc::new(Semaphore::new(MAX_UNANSWERED as usize));

    let writer = async move {
        let mut output = output;
        loop {
            tokio::select! {
                answer = answered.recv() => {
                    let Some((response, _permit)) = answer else { return Ok(()) };
                    write(&mut output, &response).await?;
                }
                Some(question) = questions.next() => write(&mut output, &question).await?,
            }
        }
    };
    let writer = tokio::spawn(writer.with_current_subscriber());

    let reader = async {
        let mut input = BufReader::new(input);
        loop {
            let body = match read(&mut input).await {
                Ok(Some(body)) => body,
                Ok(None) => return,
                Err(Unreadable::Input(error)) => {
                    return error!("the client's messages cannot be read: {error}");
                }
                Err(Unreadable::Message(problem)) => {
                    warn!("a message that cannot be read: {problem}");
                    Vec::new()
                }
            };
            let Ok(permit) = permits.clone().acquire_owned().await else { return };
            let request = match parse(&body) {
                Ok(Message::Request(request)) => request,
                Ok(Message::Response(response)) => {
                    let _ = client_answers.send(response).await;
                    continue;
                }
                Err(refusal) => {
                    let _ = answers.send((*refusal, permit));
                    continue;
                }
            };
            let last = request.method() == "exit";
            let id = request.id().cloned();
            let answer = AssertUnwindSafe(service.call(request)).catch_unwind();
            let mut answer = Box::pin(answer.map(move |answer| match answer {
                Ok(answer) => answer.ok().flatten(),
                Err(_) => id.map(|id| Response::from_error(id, Error::internal_error())),
            }));
            match (&mut answer).now_or_never() {
                Some(Some(response)) => drop(answers.send((response, permit))),
                Some(None) => {}
                None => {
                    let answers = answers.clone();
                    let rest = async move {
                        if let Some(response) = answer.await {
                            let _ = answers.send((response, permit));
                        }
                    };
                    tokio::spawn(rest.with_current_subscriber());
                }
            }
            if last {
                return;
            }
        }
    };

    let abort = writer.abort_handle();
    tokio::select! {
        () = reader => {
            // The answers that are still being made.
            let _ = tokio::time::timeout(LAST_ANSWERS, permits.acquire_many(MAX_UNANSWERED)).await;
        }
        end = writer => {
            if let Ok(Err(error)) = end {
                let error: io::Error = error;
                warn!("the client cannot be written to: {error}");
            }
        }
        () = stop.notified() => {}
    }
    abort.abort();
}

enum Message {
    Request(Request),
    Response(Response),
}

/// A message's body as a request or an answer; else the refusal that the protocol wants.
fn parse(body: &[u8]) -> Result<Message, Box<Response>> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Err(Box::new(Response::from_error(Id::Null, Error::parse_error())));
    };
    let id = value.get("id").and_then(|id| serde_json::from_value::<Id>(id.clone()).ok());
    let refusal = |_| Box::new(Response::from_error(id.unwrap_or(Id::Null), Error::invalid_request()));
    if value.get("method").is_some() {
        serde_json::from_value(value).map(Message::Request).map_err(refusal)
    } else {
        serde_json::from_value(value).map(Message::Response).map_err(refusal)
    }
}

enum Unreadable {
    /// The stream failed.
    Input(io::Error),
    /// This message is not one; the next may be.
    Message(&'static str),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Input(error)
    }
}

/// The next message's body; none at the end of the input.
async fn read(input: &mut (impl AsyncBufRead + Unpin)) -> Result<Option<Vec<u8>>, Unreadable> {
    let (mut length, mut garbage) = (None, false);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut *input).take(MAX_HEADER_BYTES).read_until(b'\n', &mut line).await?;
        if read == 0 {
            return Ok(None);
        }
        let header = line.trim_ascii();
        match header.iter().position(|b| *b == b':') {
            Some(colon) if header[..colon].eq_ignore_ascii_case(b"content-length") => {
                let value = str::from_utf8(header[colon + 1..].trim_ascii()).ok();
                length = value.and_then(|v| v.parse::<u64>().ok());
                garbage = length.is_none();
            }
            None if header.is_empty() && length.is_some() => break,
            None if header.is_empty() && !garbage => {}
            None if header.is_empty() => return Err(Unreadable::Message("no content length")),
            _ => garbage = true,
        }
    }
    let length = length.unwrap_or(0);
    let mut body = Vec::new();
    if length > MAX_MESSAGE_BYTES {
        tokio::io::copy(&mut input.take(length), &mut tokio::io::sink()).await?;
        return Err(Unreadable::Message("too long"));
    }
    let read = input.take(length).read_to_end(&mut body).await?;
    Ok((read as u64 == length).then_some(body))
}

async fn write(output: &mut (impl AsyncWrite + Unpin), message: &impl serde::Serialize) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    output.write_all(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes()).await?;
    output.write_all(&body).await?;
    output.flush().await
}
