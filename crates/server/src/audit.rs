//! The audit of a whole workspace: long work, with progress, that can be cancelled.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};
use shipworthy_audit::level::Severity;
use shipworthy_audit::settings::Settings;
use shipworthy_audit::{Auditor, Outcome};
use shipworthy_report::{Record, Report, Subject};
use shipworthy_workspace::{Cache, FolderSettings, read_baseline, replace_file};
use tokio::sync::watch;
use tower_lsp_server::Client;
use tower_lsp_server::ls_types::{ProgressToken, WorkDoneProgressCreateParams, request};
use tracing::instrument::WithSubscriber as _;

use crate::threads::half_of_the_machine;

/// How long the client has to agree to a progress that the server proposes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Set to stop long work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
    pub(crate) fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Stops the work when whoever waits for it goes, as when a request is cancelled.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Where progress is shown.
pub(crate) enum Shown {
    /// Where the client wants it.
    At(ProgressToken),
    /// Where the client agrees to.
    Proposed(ProgressToken),
    Nowhere,
}

/// A workspace to audit.
pub(crate) struct Audit {
    pub(crate) auditor: Arc<Auditor>,
    pub(crate) settings: Arc<FolderSettings>,
    pub(crate) roots: Vec<PathBuf>,
    pub(crate) cache: Option<Arc<Cache>>,
}

impl Audit {
    /// Audits all roots, each as its own workspace, and answers with what `answer` makes of it. None where it was stopped or failed.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        client: Client,
        shown: Shown,
        stop: Stop,
        answer: impl FnOnce(Audited) -> T + Send + 'static,
    ) -> Option<T> {
        let (done, seen) = watch::channel((0, 0));
        tokio::spawn(show(client, shown, seen).with_current_subscriber());
        let _guard = StopOnDrop(stop.clone());
        let log = tracing::dispatcher::get_default(Clone::clone);
        let audit = move || {
            let outcomes = self.audit(&done, &stop)?;
            Some(answer(Audited::new(outcomes, &self.auditor, &self.settings)))
        };
        let work = move || tracing::dispatcher::with_default(&log, audit);
        tokio::task::spawn_blocking(work).await.ok().flatten()
    }

    fn audit(&self, done: &watch::Sender<(usize, usize)>, stop: &Stop) -> Option<Vec<(PathBuf, Outcome)>> {
        let threads = half_of_the_machine().ok()?;
        let watch = |all: usize| {
            done.send_modify(|(count, of)| (*count, *of) = (*count + 1, all));
            if stop.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let audit = |root: &PathBuf| {
            let paths = std::slice::from_ref(root);
            let cache = self.cache.as_deref();
            done.send_replace((0, 0));
            let outcome = shipworthy_workspace::audit(
                &self.auditor,
                &self.settings,
                root,
                (paths, paths),
                cache,
                &watch,
            )?;
            Some((root.clone(), outcome))
        };
        threads.install(|| self.roots.iter().map(audit).collect())
    }
}

/// Shows how far the work is until it ends.
async fn show(client: Client, shown: Shown, mut seen: watch::Receiver<(usize, usize)>) {
    let token = match shown {
        Shown::At(token) => token,
        Shown::Proposed(token) => {
            let params = WorkDoneProgressCreateParams { token: token.clone() };
            let proposal = client.send_request::<request::WorkDoneProgressCreate>(params);
            match tokio::time::timeout(PATIENCE, proposal).await {
                Ok(Ok(())) => token,
                _ => return,
            }
        }
        Shown::Nowhere => return,
    };
    let progress = client.progress(token, "Auditing").with_percentage(0).with_cancel_button().begin().await;
    while seen.changed().await.is_ok() {
        let (count, of) = *seen.borrow_and_update();
        if let Some(percent) = (count * 100).checked_div(of) {
            progress.report(percent as u32, None).await;
        }
    }
    progress.finish().await;
}

/// The audits of all roots.
pub(crate) struct Audited {
    outcomes: Vec<(PathBuf, Outcome)>,
    reports: Vec<Report>,
}

impl Audited {
    fn new(outcomes: Vec<(PathBuf, Outcome)>, auditor: &Auditor, settings: &FolderSettings) -> Self {
        let reports = outcomes.iter().map(|(root, outcome)| {
            let name = root.to_string_lossy();
            let in_force = settings.of_folder(root).and_then(|file| file.settings.clone());
            let in_force = in_force.unwrap_or_else(|| Arc::new(Settings::defaults(auditor.rules())));
            let mut subject = Subject::new(&name, env!("CARGO_PKG_VERSION"), auditor.rules(), &in_force);
            // What is on a baseline keeps its id in the next.
            let known = read_baseline(&root.join(BASELINE)).ok();
            subject.record = known.and_then(|text| Record::from_baseline(BASELINE, &text).ok());
            Report::new(outcome, &subject)
        });
        let reports = reports.collect();
        Self { outcomes, reports }
    }

    /// Counts by severity, grade and score (of several roots the lowest), the reports as text, and on demand the whole of each as JSON.
    pub(crate) fn summary(&self, with_json: bool) -> Value {
        let open = || {
            let findings = self.outcomes.iter().flat_map(|(_, outcome)| outcome.findings());
            findings.filter(|(_, finding)| finding.suppressed.is_none())
        };
        let count = |severity| open().filter(|(_, finding)| finding.severity == severity).count();
        let counts: Map<String, Value> = Severity::ALL
            .iter()
            .rev()
            .map(|severity| (severity.id().to_owned(), count(*severity).into()))
            .collect();
        let text = |((root, outcome), report): (&(PathBuf, Outcome), &Report)| {
            shipworthy_report::text(outcome, report, &root.to_string_lossy(), false)
        };
        let score = |report: &&Report| report.grade.score.unwrap_or(f64::INFINITY);
        let lowest = self.reports.iter().min_by(|a, b| score(a).total_cmp(&score(b)));
        let lowest = lowest.map(|report| &report.grade);
        let mut answer = json!({
            "grade": lowest.and_then(|grade| grade.letter.as_ref()),
            "score": lowest.and_then(|grade| grade.score),
            "counts": counts,
            "report": self.outcomes.iter().zip(&self.reports).map(text).collect::<String>(),
        });
        if with_json {
            let json = self.reports.iter().filter_map(|report| serde_json::to_value(report).ok());
            answer["audits"] = json.collect();
        }
        answer
    }

    /// The arithmetic of the scores.
    pub(crate) fn explained(&self) -> String {
        self.reports.iter().map(shipworthy_report::explain).collect::<Vec<_>>().join("\n")
    }

    /// Writes the open findings of each root into its baseline. Gives the files, with how many findings each accepts.
    pub(crate) fn write_baselines(&self) -> io::Result<Value> {
        let write = |((root, _), report): (&(PathBuf, Outcome), &Report)| {
            let path = root.join(BASELINE);
            replace_file(root, &path, &shipworthy_report::baseline(report))?;
            Ok(json!({ "path": path.to_string_lossy(), "findings": report.open().count() }))
        };
        let files: io::Result<Vec<Value>> = self.outcomes.iter().zip(&self.reports).map(write).collect();
        Ok(json!({ "baselines": files? }))
    }
}

/// The name of a baseline, as the command has it too.
const BASELINE: &str = "shipworthy-baseline.json";
