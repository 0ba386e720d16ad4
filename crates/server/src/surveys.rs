//! The surveys of a root: what rules that judge the whole workspace find, for the files that are open. They run on a blocking thread once
//! nothing that matters to them has changed for a while; what they found is kept until they run again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rayon::ThreadPool;
use shipworthy_audit::{Auditor, Failure, Finding};
use shipworthy_syntax::Text;
use shipworthy_workspace::{FolderSettings, OpenFile, Surveyed, Surveyor};
use tokio::time::Instant;
use tower_lsp_server::ls_types::Uri;
use tracing::info;

use crate::index::Indexed;
use crate::threads::half_of_the_machine;

/// How long nothing may change before a survey.
const QUIET: Duration = Duration::from_millis(600);

/// The longer one takes, the longer the next waits: one that takes two seconds waits eight, none more than half a minute.
const PATIENCE: u32 = 4;
const LONGEST: Duration = Duration::from_secs(30);

/// The surveys of one root.
pub(crate) struct Surveys {
    /// Away while a survey runs.
    surveyor: Option<Box<Surveyor>>,
    due: Option<Instant>,
    /// How long the last one took.
    took: Duration,
    /// What the last one found, with all files that it saw.
    found: BTreeMap<Arc<str>, Surveyed>,
}

/// What was found in a document, in bytes of a text that it had.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) text: Text,
    pub(crate) findings: Arc<[Finding]>,
}

/// One survey.
pub(crate) struct Survey {
    pub(crate) surveyor: Box<Surveyor>,
    pub(crate) indexed: Indexed,
    pub(crate) open: Vec<OpenFile>,
    /// The documents that are open, as they are.
    pub(crate) snapshots: Vec<Snapshot>,
}

/// A document as a survey sees it.
pub(crate) struct Snapshot {
    pub(crate) uri: Uri,
    pub(crate) opening: u64,
    pub(crate) path: Arc<str>,
    pub(crate) text: Text,
}

/// What a survey gives.
pub(crate) struct Done {
    surveyor: Box<Surveyor>,
    took: Duration,
    found: BTreeMap<Arc<str>, Surveyed>,
    failures: Vec<Failure>,
    snapshots: Vec<Snapshot>,
}

impl Surveys {
    pub(crate) fn of(root: PathBuf) -> Self {
        let surveyor = Some(Box::new(Surveyor::new(root)));
        Self { surveyor, due: None, took: Duration::ZERO, found: BTreeMap::new() }
    }

    /// Something changed that matters to a survey.
    pub(crate) fn want(&mut self) {
        self.due = Some(Instant::now() + QUIET.max(LONGEST.min(self.took * PATIENCE)));
    }

    /// When the next is to run; none while one runs.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due.filter(|_| self.surveyor.is_some())
    }

    /// The surveyor, if it is here.
    pub(crate) fn start(&mut self) -> Option<Box<Surveyor>> {
        self.due = None;
        self.surveyor.take()
    }

    /// Takes over what a survey gives. Gives the documents that it saw, and the rules that failed.
    pub(crate) fn end(&mut self, done: Done) -> (Vec<Snapshot>, Vec<Failure>) {
        info!("{} files are surveyed, after {:?}", done.found.len(), done.took);
        (self.surveyor, self.took, self.found) = (Some(done.surveyor), done.took, done.found);
        (done.snapshots, done.failures)
    }

    /// Begins anew after a survey that failed.
    pub(crate) fn fail(&mut self, root: PathBuf) {
        self.surveyor = Some(Box::new(Surveyor::new(root)));
    }

    /// What was found in a file.
    pub(crate) fn found(&self, path: &str) -> Option<&Surveyed> {
        self.found.get(path)
    }
}

/// The threads of all surveys: the same ones each time, since each new one would keep memory of its own.
fn threads() -> Option<&'static ThreadPool> {
    static THREADS: OnceLock<Option<ThreadPool>> = OnceLock::new();
    THREADS.get_or_init(|| half_of_the_machine().ok()).as_ref()
}

impl Survey {
    /// Runs it. Reads the disk.
    pub(crate) fn run(mut self, auditor: &Auditor, settings: &FolderSettings) -> Done {
        let started = std::time::Instant::now();
        let Indexed { index, layout } = &self.indexed;
        let mut survey =
            || self.surveyor.survey(auditor, settings, index, layout, std::mem::take(&mut self.open));
        let (found, failures) = match threads() {
            Some(threads) => threads.install(survey),
            None => survey(),
        };
        let Self { surveyor, snapshots, .. } = self;
        Done { surveyor, took: started.elapsed(), found, failures, snapshots }
    }
}
