//! The desk: one task that owns the documents, their versions and what is shown of them, and works off events in the order of the client's
//! messages. Nothing here waits: analysis runs on blocking threads, the client is told through the [`Outbox`].

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use shipworthy_audit::{Alone, Auditor, Configuration, Document, Finding, Rule, panic_message};
use shipworthy_syntax::{Range, Text};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tower_lsp_server::Client;
use tower_lsp_server::ls_types as lsp;
use tracing::{debug, error, info, warn};

use crate::buffer::Buffer;
use crate::convert;
use crate::outbox::Outbox;
use crate::pages::Pages;
use crate::session::{ClientOptions, Session};

/// What comes to the desk.
pub(crate) enum Event {
    /// The client said what it is.
    Started(Box<Session>),
    Opened(lsp::TextDocumentItem),
    Changed(lsp::DidChangeTextDocumentParams),
    Closed(lsp::Uri),
    Folders(lsp::WorkspaceFoldersChangeEvent),
    /// The client's settings are there or are others; where it can be asked, it has to be.
    Settings(Value),
    /// The client's settings.
    Options(ClientOptions),
    /// A question about a document, to be answered once its findings are up to date.
    Ask(lsp::Uri, Question),
    /// A question about the session, to be answered at once.
    Look(Box<dyn FnOnce(&Desk) + Send>),
    /// A job ended.
    Analysed {
        uri: lsp::Uri,
        opening: u64,
        result: Result<Box<Document>, Failure>,
    },
}

/// Why there is no analysis.
pub(crate) enum Failure {
    /// The text is not audited, for this reason.
    Skipped(String),
    /// The analysis panicked, saying this.
    Panicked(String),
}

/// Takes the document, or none where there is no such document.
pub(crate) type Question = Box<dyn FnOnce(Option<&View<'_>>) + Send>;

/// A document whose findings are up to date.
pub(crate) struct View<'a> {
    pub(crate) uri: &'a lsp::Uri,
    pub(crate) version: i32,
    pub(crate) document: &'a Document,
    pub(crate) session: &'a Session,
    pub(crate) pages: Option<&'a Pages>,
}

impl View<'_> {
    pub(crate) fn text(&self) -> &Text {
        self.document.source().text()
    }
    /// The findings that are shown.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.document.shown().iter().filter(convert::is_shown)
    }
    /// The range as the client counts.
    pub(crate) fn range(&self, range: Range) -> lsp::Range {
        convert::range(range, self.text(), self.session.encoding)
    }
    /// The bytes of a range that the client says.
    pub(crate) fn bytes(&self, range: lsp::Range) -> Range {
        convert::to_bytes(range, self.text(), self.session.encoding)
    }
}

pub(crate) struct Desk {
    auditor: Arc<Auditor>,
    configuration: Arc<Configuration>,
    outbox: Outbox,
    events: UnboundedSender<Event>,
    pub(crate) session: Session,
    pub(crate) pages: Option<Pages>,
    documents: HashMap<lsp::Uri, Open>,
    /// Documents to analyse, in turn; none that a job has.
    queue: VecDeque<lsp::Uri>,
    jobs: usize,
    max_jobs: usize,
    openings: u64,
}

/// An open document.
struct Open {
    version: i32,
    buffer: Buffer,
    state: State,
    /// What the client shows of it.
    published: Vec<lsp::Diagnostic>,
    /// Who waits for its findings.
    questions: Vec<Question>,
    /// Tells it from the same document opened before.
    opening: u64,
    /// Why it is not audited, as last logged.
    skipped: Option<String>,
    /// Rules that panicked and were logged.
    failed: HashSet<&'static str>,
}

enum State {
    /// It changed, and is in the queue.
    Stale(Option<Box<Document>>),
    /// A job has it.
    Away {
        /// It changed since.
        rerun: bool,
    },
    /// Its findings are up to date; there are none where the analysis failed.
    Fresh(Option<Box<Document>>),
}

impl Desk {
    pub(crate) fn new(
        auditor: Arc<Auditor>,
        client: Client,
        events: UnboundedSender<Event>,
        pages: Option<PathBuf>,
    ) -> Self {
        let pages = pages.map(Pages::new);
        if let Some(pages) = pages.clone() {
            let auditor = auditor.clone();
            let log = tracing::dispatcher::get_default(Clone::clone);
            tokio::task::spawn_blocking(move || {
                let written = pages.write(auditor.rules());
                tracing::dispatcher::with_default(&log, || match written {
                    Ok(()) => {}
                    Err(error) => warn!("the rules' pages cannot be written: {error}"),
                });
            });
        }
        Self {
            configuration: Arc::new(auditor.default_configuration()),
            auditor,
            outbox: Outbox::new(client),
            events,
            session: Session::default(),
            pages,
            documents: HashMap::new(),
            queue: VecDeque::new(),
            jobs: 0,
            max_jobs: std::thread::available_parallelism().map_or(2, usize::from),
            openings: 0,
        }
    }

    /// Works until the session ends. All that waits is taken in before the next analysis starts.
    pub(crate) async fn run(mut self, mut inbox: UnboundedReceiver<Event>) {
        while let Some(event) = inbox.recv().await {
            self.handle(event);
            while let Ok(event) = inbox.try_recv() {
                self.handle(event);
            }
            self.start_jobs();
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Started(session) => self.session = *session,
            Event::Opened(document) => self.open(document),
            Event::Changed(change) => self.change(change),
            Event::Closed(uri) => self.close(uri),
            Event::Folders(change) => self.change_folders(&change),
            Event::Settings(_) if self.session.has_configuration => self.ask_options(),
            Event::Settings(value) => {
                ClientOptions::read(&value).into_iter().for_each(|o| self.set_options(o))
            }
            Event::Options(options) => self.set_options(options),
            Event::Ask(uri, question) => self.ask(&uri, question),
            Event::Look(look) => look(self),
            Event::Analysed { uri, opening, result } => self.analysed(uri, opening, result),
        }
    }

    fn open(&mut self, document: lsp::TextDocumentItem) {
        self.close(document.uri.clone());
        let Some(language) = convert::language(&document) else { return };
        let path = convert::path_in(&self.session.roots, &document.uri);
        self.openings += 1;
        let open = Open {
            version: document.version,
            buffer: Buffer::new(language, path, &document.text),
            state: State::Stale(None),
            published: Vec::new(),
            questions: Vec::new(),
            opening: self.openings,
            skipped: None,
            failed: HashSet::new(),
        };
        self.queue.push_back(document.uri.clone());
        self.documents.insert(document.uri, open);
    }

    fn change(&mut self, change: lsp::DidChangeTextDocumentParams) {
        let lsp::VersionedTextDocumentIdentifier { uri, version } = change.text_document;
        let Some(open) = self.documents.get_mut(&uri) else {
            return debug!("a change of {}, which is not open", uri.as_str());
        };
        // The order of arrival is the order of the changes, whatever the number says.
        if version <= open.version {
            warn!("{} went from version {} to {version}", uri.as_str(), open.version);
        }
        open.version = version;
        for change in &change.content_changes {
            open.buffer.change(change, self.session.encoding);
        }
        self.stale(&uri);
    }

    fn close(&mut self, uri: lsp::Uri) {
        let Some(open) = self.documents.remove(&uri) else { return };
        self.queue.retain(|queued| *queued != uri);
        open.questions.into_iter().for_each(|question| question(None));
        if !open.published.is_empty() {
            self.outbox.publish(uri, None, Vec::new());
        }
    }

    fn change_folders(&mut self, change: &lsp::WorkspaceFoldersChangeEvent) {
        let paths = |folders: &[lsp::WorkspaceFolder]| -> Vec<PathBuf> {
            folders.iter().filter_map(|folder| convert::file_path(&folder.uri)).collect()
        };
        let removed = paths(&change.removed);
        self.session.roots.retain(|root| !removed.contains(root));
        self.session.roots.extend(paths(&change.added));
        // A document whose place changed is another to the rules.
        let uris: Vec<lsp::Uri> = self.documents.keys().cloned().collect();
        for uri in uris {
            let path = convert::path_in(&self.session.roots, &uri);
            let Some(open) = self.documents.get_mut(&uri) else { continue };
            if open.buffer.path != path {
                open.buffer.path = path;
                open.state = match std::mem::replace(&mut open.state, State::Fresh(None)) {
                    away @ State::Away { .. } => away,
                    State::Stale(_) => State::Stale(None),
                    State::Fresh(_) => State::Fresh(None),
                };
                self.stale(&uri);
            }
        }
    }

    fn set_options(&mut self, options: ClientOptions) {
        if self.session.options != options {
            self.session.options = options;
            self.refresh_lenses();
        }
    }

    /// Puts a document in the queue, unless it is there or a job has it.
    fn stale(&mut self, uri: &lsp::Uri) {
        let Some(open) = self.documents.get_mut(uri) else { return };
        match &mut open.state {
            State::Stale(_) => {}
            State::Away { rerun } => *rerun = true,
            State::Fresh(document) => {
                open.state = State::Stale(document.take());
                self.queue.push_back(uri.clone());
            }
        }
    }

    fn start_jobs(&mut self) {
        while self.jobs < self.max_jobs {
            let Some(uri) = self.queue.pop_front() else { return };
            let Some(open) = self.documents.get_mut(&uri) else { continue };
            let State::Stale(document) = &mut open.state else { continue };
            let (document, work) = (document.take(), open.buffer.take_work());
            open.state = State::Away { rerun: false };
            self.jobs += 1;
            let opening = open.opening;
            let (auditor, configuration) = (self.auditor.clone(), self.configuration.clone());
            let events = self.events.clone();
            let log = tracing::dispatcher::get_default(Clone::clone);
            tokio::task::spawn_blocking(move || {
                let analyse = || {
                    let mut document = work.apply(document.map(|d| *d)).map_err(Failure::Skipped)?;
                    document.analyze(&auditor, &configuration, &Alone);
                    Ok(Box::new(document))
                };
                let result =
                    tracing::dispatcher::with_default(&log, || catch_unwind(AssertUnwindSafe(analyse)));
                let result = result.unwrap_or_else(|panic| Err(Failure::Panicked(panic_message(&*panic))));
                let _ = events.send(Event::Analysed { uri, opening, result });
            });
        }
    }

    fn analysed(&mut self, uri: lsp::Uri, opening: u64, result: Result<Box<Document>, Failure>) {
        self.jobs -= 1;
        let Some(open) = self.documents.get_mut(&uri).filter(|open| open.opening == opening) else { return };
        let panicked = matches!(result, Err(Failure::Panicked(_)));
        let document = match result {
            Ok(document) => {
                for failure in &document.analysis().failures {
                    if open.failed.insert(failure.rule) {
                        error!("{} failed in {}: {}", failure.rule, document.path(), failure.message);
                    }
                }
                Some(document).filter(|document| document.path() == open.buffer.path)
            }
            Err(Failure::Panicked(message)) => {
                error!("the analysis of {} failed: {message}", uri.as_str());
                None
            }
            Err(Failure::Skipped(reason)) => {
                if open.skipped.as_ref() != Some(&reason) {
                    info!("{} is not audited: {reason}", uri.as_str());
                }
                open.skipped = Some(reason);
                None
            }
        };
        if let State::Away { rerun: true } = open.state {
            // What was found is of an older version: it is not shown.
            open.state = State::Stale(document);
            return self.queue.push_back(uri);
        }
        open.state = State::Fresh(document);
        // After a panic nothing is known: what is shown stays.
        if !panicked {
            self.publish(&uri);
        }
        let questions = self.documents.get_mut(&uri).map(|open| std::mem::take(&mut open.questions));
        questions.into_iter().flatten().for_each(|question| self.answer(&uri, question));
    }

    fn view<'a>(&'a self, uri: &'a lsp::Uri) -> Option<View<'a>> {
        let open = self.documents.get(uri)?;
        let State::Fresh(Some(document)) = &open.state else { return None };
        Some(View {
            uri,
            version: open.version,
            document,
            session: &self.session,
            pages: self.pages.as_ref(),
        })
    }

    /// Shows a document's findings, if they differ from what is shown.
    fn publish(&mut self, uri: &lsp::Uri) {
        let diagnostics = self.view(uri).map(|view| convert::diagnostics(&view)).unwrap_or_default();
        let Some(open) = self.documents.get_mut(uri) else { return };
        if open.published == diagnostics {
            return;
        }
        open.published.clone_from(&diagnostics);
        if !self.session.pulls {
            self.outbox.publish(uri.clone(), Some(open.version), diagnostics);
        }
        self.refresh_lenses();
    }

    fn refresh_lenses(&self) {
        if self.session.refreshes_lenses {
            self.outbox.refresh_lenses();
        }
    }

    fn ask(&mut self, uri: &lsp::Uri, question: Question) {
        match self.documents.get_mut(uri) {
            Some(open) if !matches!(open.state, State::Fresh(_)) => open.questions.push(question),
            _ => self.answer(uri, question),
        }
    }

    /// A question that panics costs its answer only.
    fn answer(&self, uri: &lsp::Uri, question: Question) {
        let answer = || question(self.view(uri).as_ref());
        if let Err(panic) = catch_unwind(AssertUnwindSafe(answer)) {
            error!("an answer about {} failed: {}", uri.as_str(), panic_message(&*panic));
        }
    }

    /// Asks the client what its user set.
    fn ask_options(&self) {
        let events = self.events.clone();
        self.outbox.ask("for its settings", |client| async move {
            let section = lsp::ConfigurationItem { scope_uri: None, section: Some("shipworthy".to_owned()) };
            let values = client.configuration(vec![section]).await?;
            if let Some(options) = values.first().and_then(ClientOptions::read) {
                let _ = events.send(Event::Options(options));
            }
            Ok(())
        });
    }

    /// The rule of a name.
    pub(crate) fn rule(&self, name: &str) -> Option<&'static Rule> {
        self.auditor.rule(name)
    }
    /// Where questions to the client are left.
    pub(crate) fn outbox(&self) -> &Outbox {
        &self.outbox
    }
    /// The documents that are open.
    pub(crate) fn uris(&self) -> Vec<lsp::Uri> {
        let mut uris: Vec<lsp::Uri> = self.documents.keys().cloned().collect();
        uris.sort();
        uris
    }
}
