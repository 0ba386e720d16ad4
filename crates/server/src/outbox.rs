//! What the client is told unasked. Nobody waits for it: for a client that does not read, the newest diagnostics of a document replace
//! those before, and questions end by themselves.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tower_lsp_server::Client;
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{Diagnostic, Uri};
use tracing::instrument::WithSubscriber as _;
use tracing::warn;

use crate::session::Session;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where diagnostics and questions to the client are left.
#[derive(Clone)]
pub(crate) struct Outbox {
    client: Client,
    waiting: Arc<Waiting>,
}

#[derive(Default)]
struct Waiting {
    publications: Mutex<VecDeque<Publication>>,
    more: Notify,
    lenses: Notify,
    diagnostics: Notify,
}

struct Publication {
    uri: Uri,
    version: Option<i32>,
    diagnostics: Vec<Diagnostic>,
}

impl Outbox {
    pub(crate) fn new(client: Client) -> Self {
        let outbox = Self { client, waiting: Arc::default() };
        tokio::spawn(outbox.clone().send().with_current_subscriber());
        tokio::spawn(outbox.clone().refresh_lenses_again().with_current_subscriber());
        tokio::spawn(outbox.clone().refresh_diagnostics_again().with_current_subscriber());
        outbox
    }

    /// Shows the diagnostics of a document in place of those before.
    pub(crate) fn publish(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        let mut waiting = self.waiting.publications.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|publication| publication.uri != uri);
        waiting.push_back(Publication { uri, version, diagnostics });
        self.waiting.more.notify_one();
    }

    /// For what is told or asked in a task of its own.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Asks the client something, in a task of its own.
    pub(crate) fn ask<T: 'static, F>(&self, what: &'static str, question: impl FnOnce(Client) -> F)
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        tokio::spawn(answered(what, question(self.client.clone())).with_current_subscriber());
    }

    /// Has a client that can ask for code lenses again; once, however often they change before it answers.
    pub(crate) fn refresh_lenses(&self, session: &Session) {
        if session.refreshes_lenses {
            self.waiting.lenses.notify_one();
        }
    }

    /// Has a client that can ask for diagnostics again, likewise.
    pub(crate) fn refresh_diagnostics(&self, session: &Session) {
        if session.refreshes_diagnostics {
            self.waiting.diagnostics.notify_one();
        }
    }

    async fn refresh_lenses_again(self) {
        loop {
            self.waiting.lenses.notified().await;
            answered("to refresh code lenses", self.client.code_lens_refresh()).await;
        }
    }

    async fn refresh_diagnostics_again(self) {
        loop {
            self.waiting.diagnostics.notified().await;
            answered("to refresh diagnostics", self.client.workspace_diagnostic_refresh()).await;
        }
    }

    async fn send(self) {
        loop {
            let next = self.waiting.publications.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            match next {
                Some(Publication { uri, version, diagnostics }) => {
                    self.client.publish_diagnostics(uri, diagnostics, version).await;
                }
                None => self.waiting.more.notified().await,
            }
        }
    }
}

/// Waits for an answer, with patience.
async fn answered<T>(what: &'static str, question: impl Future<Output = Result<T>>) {
    match tokio::time::timeout(PATIENCE, question).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => warn!("the client refused {what}: {error}"),
        Err(_) => warn!("the client did not answer {what}"),
    }
}
