//! The language server.
//!
//! Messages come in through [`transport`], are turned into events by the [`backend`], which has no state, and are worked off one by one at
//! the [`desk`], which has all of it. Analysis runs beside the desk on blocking threads, one job a document. What the client is told goes
//! through the [`outbox`], so that nothing waits for a client that does not read.

mod actions;
mod audit;
mod backend;
mod buffer;
mod convert;
mod desk;
mod hover;
mod index;
mod lens;
mod log;
mod manifests;
mod outbox;
mod pages;
mod parent;
mod session;
mod surveys;
mod threads;
mod transport;
mod view;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use shipworthy_audit::{Auditor, Rule, panic_line};
use shipworthy_workspace::Cache;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, mpsc};
use tower_lsp_server::LspService;
use tracing::instrument::WithSubscriber as _;

use crate::backend::Backend;
use crate::desk::Desk;
use crate::pages::Pages;

/// What a server is made of, beside the client that it serves.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The rules.
    pub catalogue: &'static [&'static Rule],
    /// The folder to write the rules' pages to, for links to them; without it there are no links.
    pub pages: Option<PathBuf>,
    /// A file to write the log to; the client can ask for another.
    pub log: Option<PathBuf>,
    /// Where what was learned of workspaces is remembered between runs.
    pub cache: Option<Arc<Cache>>,
}

/// Serves the client on standard input and output until it leaves. The code says failure where it left without `shutdown`, as the
/// protocol wants.
pub fn run(catalogue: &'static [&'static Rule], cache: Option<Cache>) -> ExitCode {
    let setup = Setup {
        catalogue,
        pages: pages::folder(),
        log: std::env::var_os("SHIPWORTHY_LOG").map(PathBuf::from),
        cache: cache.map(Arc::new),
    };
    std::panic::set_hook(Box::new(|panic| tracing::error!("{}", panic_line(panic))));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let Ok(runtime) = runtime else { return ExitCode::FAILURE };
    let orderly = runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout(), setup));
    // The thread that reads standard input may never come back.
    runtime.shutdown_background();
    if orderly { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Serves one client over any pair of streams. Gives whether it left in order: with `shutdown`.
pub async fn serve(
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite + Unpin + Send + 'static,
    setup: Setup,
) -> bool {
    let (events, inbox) = mpsc::unbounded_channel();
    let stop = Arc::new(Notify::new());
    let mut parts = None;
    let (service, socket) = LspService::build(|client| {
        let (subscriber, log) = log::start(client.clone(), setup.log.as_deref());
        let backend = Backend::new(events.clone(), log.clone(), stop.clone());
        parts = Some((client, subscriber));
        backend
    })
    .custom_method("window/workDoneProgress/cancel", Backend::cancel_progress)
    .finish();
    let Some((client, subscriber)) = parts else { return false };
    let in_order = service.inner().shut_down();
    let session = async {
        let auditor = Arc::new(Auditor::new(setup.catalogue));
        let pages = setup.pages.map(Pages::new);
        if let Some(pages) = &pages {
            pages.write(&auditor);
        }
        let desk = Desk::new(setup.catalogue, auditor, client, events, pages, setup.cache);
        let desk = tokio::spawn(desk.run(inbox).with_current_subscriber());
        transport::serve(service, socket, input, output, &stop).await;
        desk.abort();
    };
    session.with_subscriber(subscriber).await;
    in_order.load(std::sync::atomic::Ordering::Relaxed)
}
