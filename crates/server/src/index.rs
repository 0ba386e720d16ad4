//! The index of a root at work: on a thread of its own, so that neither the desk nor an analysis ever waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;

use shipworthy_audit::{Index, panic_message};
use shipworthy_workspace::{Cache, Event as Happened, FolderSettings, Indexer, Layout};
use tokio::time::Instant;
use tracing::{error, info};

use crate::surveys::Surveys;
use crate::threads::half_of_the_machine;

/// Names of files whose change the client is asked to tell, beside settings: code, what tells of packages, and other
/// files around the code.
pub(crate) const WATCHED: &[&str] = &[
    "*.{py,pyi,go,rs}",
    "*.{yml,yaml,sql,env}",
    "*Dockerfile*",
    "go.mod",
    "Cargo.toml",
    "setup.{py,cfg}",
    "*requirements*.txt",
    "manage.py",
    "Pipfile",
];

/// What is known of a root.
#[derive(Clone)]
pub(crate) struct Indexed {
    pub(crate) index: Arc<Index>,
    pub(crate) layout: Arc<Layout>,
}

/// What the thread is to do.
pub(crate) enum Order {
    /// Take in what happened.
    Note(Happened),
    /// Read all again.
    Renew(Arc<FolderSettings>),
}

/// The indexer of one root. Its thread ends with it.
pub(crate) struct Indexing {
    orders: mpsc::Sender<Order>,
    pub(crate) known: Option<Indexed>,
    pub(crate) surveys: Surveys,
}

impl Indexing {
    /// Starts to read a root. `tell` is told, from the thread, whenever the index is another.
    pub(crate) fn start(
        root: PathBuf,
        settings: Arc<FolderSettings>,
        cache: Option<Arc<Cache>>,
        tell: impl Fn(Indexed) + Send + 'static,
    ) -> Self {
        let (orders, inbox) = mpsc::channel();
        let log = tracing::dispatcher::get_default(Clone::clone);
        let name = root.display().to_string();
        let surveys = Surveys::of(root.clone());
        let work = move || {
            let work = AssertUnwindSafe(|| run(root, settings, cache, &inbox, &tell));
            tracing::dispatcher::with_default(&log, || {
                if let Err(panic) = catch_unwind(work) {
                    error!("the index of {name} failed: {}", panic_message(&*panic));
                }
            });
        };
        if let Err(problem) = std::thread::Builder::new().name("index".to_owned()).spawn(work) {
            error!("no thread for an index: {problem}");
        }
        Self { orders, known: None, surveys }
    }

    /// When the next survey is to run: not before the root was read.
    pub(crate) fn survey_due(&self) -> Option<Instant> {
        self.known.as_ref().and(self.surveys.due())
    }

    /// Leaves an order; without an answer where the thread is gone.
    pub(crate) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }
}

fn run(
    root: PathBuf,
    settings: Arc<FolderSettings>,
    cache: Option<Arc<Cache>>,
    inbox: &mpsc::Receiver<Order>,
    tell: &dyn Fn(Indexed),
) {
    let Ok(threads) = half_of_the_machine() else { return };
    let told = |indexer: &Indexer| {
        tell(Indexed { index: Arc::new(indexer.index().clone()), layout: indexer.layout().clone() });
    };
    let started = std::time::Instant::now();
    let name = root.display().to_string();
    let mut indexer = threads.install(|| Indexer::new(root, settings, cache));
    info!("{} files of {name} are indexed, after {:?}", indexer.index().files().count(), started.elapsed());
    told(&indexer);
    while let Ok(first) = inbox.recv() {
        // All that waits is taken in at once: a branch switch changes thousands of files.
        let (mut happened, mut renewed) = (Vec::new(), None);
        for order in std::iter::once(first).chain(inbox.try_iter()) {
            match order {
                Order::Note(event) => happened.push(event),
                Order::Renew(settings) => renewed = Some(settings),
            }
        }
        threads.install(|| {
            indexer.update(happened);
            if let Some(settings) = renewed {
                indexer.renew(settings);
            }
        });
        told(&indexer);
    }
}
