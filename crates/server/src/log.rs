//! The log: to the client's output channel, and to a file on request.

use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use tokio::sync::mpsc;
use tower_lsp_server::Client;
use tower_lsp_server::ls_types::MessageType;
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::{Layer, fmt as format};

/// Lines that wait for a client that does not read; what comes on top is in the file only.
const MAX_WAITING: usize = 256;

/// Starts the log of one session.
pub(crate) fn start(client: Client, file: Option<&Path>) -> (Dispatch, LogFile) {
    let (lines, mut waiting) = mpsc::channel(MAX_WAITING);
    tokio::spawn(async move {
        while let Some((level, line)) = waiting.recv().await {
            client.log_message::<String>(level, line).await;
        }
    });
    let log = LogFile::default();
    if let Some(path) = file {
        log.open(path);
    }
    // What the library logs of its own doings is for the file.
    let for_client =
        Targets::new().with_default(Level::INFO).with_target("tower_lsp_server", LevelFilter::OFF);
    let to_file = format::layer().with_ansi(false).with_writer(log.clone()).with_filter(LevelFilter::DEBUG);
    let subscriber =
        tracing_subscriber::registry().with(ToClient { lines }.with_filter(for_client)).with(to_file);
    (Dispatch::new(subscriber), log)
}

/// A file for the log, once there is one.
#[derive(Clone, Default)]
pub(crate) struct LogFile {
    file: Arc<OnceLock<Arc<File>>>,
}

impl LogFile {
    /// Appends to a file from now on; the first one stays.
    pub(crate) fn open(&self, path: &Path) {
        match OpenOptions::new().create(true).append(true).open(path) {
            Ok(file) => drop(self.file.set(Arc::new(file))),
            Err(error) => tracing::warn!("no log in {}: {error}", path.display()),
        }
    }
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Box<dyn io::Write>;

    fn make_writer(&'a self) -> Self::Writer {
        match self.file.get() {
            Some(file) => Box::new(file.clone()),
            None => Box::new(io::sink()),
        }
    }
}

struct ToClient {
    lines: mpsc::Sender<(MessageType, String)>,
}

impl<S: Subscriber> Layer<S> for ToClient {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = match *event.metadata().level() {
            Level::ERROR => MessageType::ERROR,
            Level::WARN => MessageType::WARNING,
            Level::INFO => MessageType::INFO,
            _ => MessageType::LOG,
        };
        let mut line = Line(String::new());
        event.record(&mut line);
        let _ = self.lines.try_send((level, line.0));
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
