//! The desk: one task that owns the documents, their versions, the settings and what is shown, and works off events in the order of the
//! client's messages. Nothing here waits: analysis runs on blocking threads, the client is told through the [`Outbox`].

mod surveys;

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use shipworthy_audit::settings::{Settings, SettingsFile};
use shipworthy_audit::{Auditor, Rule, Subject, panic_message};
use shipworthy_facts::Summary;
use shipworthy_syntax::Text;
use shipworthy_workspace::{
    Cache, Event as Happened, FolderSettings, SettingsOnDisk, tells_of_layout, today,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::timeout_at;
use tower_lsp_server::Client;
use tower_lsp_server::ls_types as lsp;
use tracing::{debug, error, info, warn};

use crate::audit::{Audit, Stop};
use crate::buffer::{Buffer, Kind};
use crate::convert;
use crate::index::{self, Indexed, Indexing, Order};
use crate::outbox::Outbox;
use crate::pages::Pages;
use crate::session::{ClientOptions, Session};
use crate::surveys::{Done, Found};
use crate::view::View;
use crate::work::{Content, Failure};
use surveys::Stamp;

/// What comes to the desk.
pub(crate) enum Event {
    /// The client said what it is.
    Started(Box<Session>),
    /// The client is ready to be asked.
    Ready,
    Opened(lsp::TextDocumentItem),
    Changed(lsp::DidChangeTextDocumentParams),
    Saved,
    Closed(lsp::Uri),
    /// Files changed on disk.
    Files(Vec<lsp::FileEvent>),
    Folders(lsp::WorkspaceFoldersChangeEvent),
    /// The client's own settings are others; where it can be asked, it has to be.
    ClientSettings(Value),
    /// The client's own settings.
    Options(ClientOptions),
    /// A question about a document, to be answered once its findings are up to date.
    Ask(lsp::Uri, Question),
    /// Work that shows its progress under a token began.
    Began(lsp::ProgressToken, Stop),
    /// The user wants it to stop.
    Stop(lsp::ProgressToken),
    /// A question about the session, to be answered at once.
    Look(Box<dyn FnOnce(&Desk) + Send>),
    /// A job ended.
    Analysed(Analysed),
    /// The index of a root is another.
    Indexed(PathBuf, Indexed),
    /// A root was surveyed, or that failed.
    Surveyed(PathBuf, Result<Done, String>),
}

/// What a job gives.
pub(crate) struct Analysed {
    uri: lsp::Uri,
    opening: u64,
    result: Result<Content, Failure>,
    /// The settings files that were read so far, and when.
    settings: Vec<Arc<SettingsOnDisk>>,
    epoch: u64,
}

/// Takes the document, or none where there is no such document.
pub(crate) type Question = Box<dyn FnOnce(Option<&View<'_>>) + Send>;

pub(crate) struct Desk {
    catalogue: &'static [&'static Rule],
    auditor: Arc<Auditor>,
    outbox: Outbox,
    events: UnboundedSender<Event>,
    pub(crate) session: Session,
    pub(crate) pages: Option<Pages>,
    cache: Option<Arc<Cache>>,
    documents: HashMap<lsp::Uri, Open>,
    openings: u64,
    /// Documents to analyse, in turn; none that a job has.
    queue: VecDeque<lsp::Uri>,
    jobs: usize,
    max_jobs: usize,
    /// What settings files said when a document first needed them. When one may have changed there is a new one of these, so that only
    /// blocking threads ever wait for the disk.
    settings: Arc<FolderSettings>,
    epoch: u64,
    /// Settings files may say something else than in the cache.
    settings_moved: bool,
    last_good: HashMap<PathBuf, Arc<Settings>>,
    /// The mistakes shown in settings files that are not open, with the epoch that found them.
    mistakes: HashMap<lsp::Uri, (u64, Vec<lsp::Diagnostic>)>,
    long_work: HashMap<lsp::ProgressToken, Stop>,
    /// What the files of each root tell each other.
    indexes: HashMap<PathBuf, Indexing>,
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
    /// What the index of its root was told of it last.
    told: Option<Arc<Summary>>,
    /// What was found of it in the whole workspace, and whether no analysis took that over yet.
    found: Option<Found>,
    is_news: bool,
    /// What of it the last survey saw, or the next will see; none where none did yet.
    stamp: Option<Stamp>,
    /// How many places of that could not be read.
    unread: usize,
    /// It was edited since it was opened or saved.
    is_edited: bool,
}

enum State {
    /// It changed, and is in the queue.
    Stale(Option<Content>),
    /// A job has it.
    Away {
        /// It changed since.
        rerun: bool,
    },
    /// What is known of it is up to date; nothing is, where it was skipped or the analysis failed.
    Fresh(Option<Content>),
}

impl Desk {
    pub(crate) fn new(
        catalogue: &'static [&'static Rule],
        auditor: Arc<Auditor>,
        client: Client,
        events: UnboundedSender<Event>,
        pages: Option<Pages>,
        cache: Option<Arc<Cache>>,
    ) -> Self {
        Self {
            catalogue,
            auditor,
            outbox: Outbox::new(client),
            events,
            session: Session::default(),
            pages,
            cache,
            documents: HashMap::new(),
            openings: 0,
            queue: VecDeque::new(),
            jobs: 0,
            max_jobs: std::thread::available_parallelism().map_or(2, usize::from),
            settings: Arc::new(FolderSettings::new(catalogue, today())),
            epoch: 0,
            settings_moved: false,
            last_good: HashMap::new(),
            mistakes: HashMap::new(),
            long_work: HashMap::new(),
            indexes: HashMap::new(),
        }
    }

    /// Works until the session ends. All that waits is taken in before the next analysis starts.
    pub(crate) async fn run(mut self, mut inbox: UnboundedReceiver<Event>) {
        loop {
            let event = match self.indexes.values().filter_map(Indexing::survey_due).min() {
                Some(due) => timeout_at(due, inbox.recv()).await,
                None => Ok(inbox.recv().await),
            };
            match event {
                Ok(Some(event)) => self.handle(event),
                Ok(None) => return,
                Err(_) => {}
            }
            while let Ok(event) = inbox.try_recv() {
                self.handle(event);
            }
            if std::mem::take(&mut self.settings_moved) {
                self.renew_settings();
            }
            self.start_jobs();
            self.start_surveys();
            if self.jobs == 0 {
                self.clear_old_mistakes();
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Started(session) => {
                self.session = *session;
                self.move_settings();
            }
            Event::Ready => self.introduce(),
            Event::Opened(document) => self.open(document),
            Event::Changed(change) => self.change(change),
            Event::Saved => self.saved(),
            Event::Closed(uri) => self.close(uri),
            Event::Files(files) => self.files_changed(&files),
            Event::Indexed(root, indexed) => self.indexed(&root, indexed),
            Event::Surveyed(root, done) => self.surveyed(&root, done),
            Event::Folders(change) => self.change_folders(&change),
            Event::ClientSettings(_) if self.session.has_configuration => self.ask_options(),
            Event::ClientSettings(value) => {
                ClientOptions::read(&value).into_iter().for_each(|options| self.set_options(options));
            }
            Event::Options(options) => self.set_options(options),
            Event::Ask(uri, question) => self.ask(&uri, question),
            Event::Began(token, stop) => {
                self.long_work.retain(|_, stop| !stop.is_stopped());
                self.long_work.insert(token, stop);
            }
            Event::Stop(token) => self.long_work.remove(&token).iter().for_each(Stop::stop),
            Event::Look(look) => look(self),
            Event::Analysed(analysed) => self.analysed(analysed),
        }
    }

    /// Asks what there is to ask at the start, and begins to read the roots.
    fn introduce(&mut self) {
        self.start_indexes();
        if self.session.has_configuration {
            self.ask_options();
        }
        if self.session.watches_files {
            let watchers =
                SettingsFile::ALL.iter().map(|file| file.name()).chain(index::WATCHED.iter().copied());
            let watchers = watchers.map(|name| lsp::FileSystemWatcher {
                glob_pattern: lsp::GlobPattern::String(format!("**/{name}")),
                kind: None,
            });
            let options = lsp::DidChangeWatchedFilesRegistrationOptions { watchers: watchers.collect() };
            let registration = lsp::Registration {
                id: "files".to_owned(),
                method: "workspace/didChangeWatchedFiles".to_owned(),
                register_options: serde_json::to_value(options).ok(),
            };
            self.outbox.ask("to watch files", |client| async move {
                client.register_capability(vec![registration]).await
            });
        }
    }

    fn open(&mut self, document: lsp::TextDocumentItem) {
        self.close(document.uri.clone());
        let Some(kind) = Kind::of(&document) else { return };
        let path = convert::path_in(&self.session.roots, &document.uri);
        let buffer = Buffer::new(kind, path, &document);
        let lsp::TextDocumentItem { uri, version, .. } = document;
        self.openings += 1;
        let open = Open {
            version,
            buffer,
            state: State::Stale(None),
            published: self.mistakes.remove(&uri).map(|(_, shown)| shown).unwrap_or_default(),
            questions: Vec::new(),
            opening: self.openings,
            skipped: None,
            failed: HashSet::new(),
            told: None,
            found: None,
            is_news: false,
            stamp: None,
            unread: 0,
            is_edited: false,
        };
        if is_settings(&uri) {
            self.move_settings();
        }
        self.queue.push_back(uri.clone());
        self.documents.insert(uri.clone(), open);
        self.recall(&uri);
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
        open.is_edited = true;
        if is_settings(&uri) {
            self.move_settings();
        }
        self.stale(&uri);
    }

    fn close(&mut self, uri: lsp::Uri) {
        let Some(open) = self.documents.remove(&uri) else { return };
        if let Some(indexing) = self.indexing(&open.buffer) {
            if open.told.is_some() {
                indexing.order(Order::Note(Happened::Closed(open.buffer.path.clone())));
            }
            // What counts now is on disk.
            if open.is_edited {
                indexing.surveys.want();
            }
        }
        self.queue.retain(|queued| *queued != uri);
        open.questions.into_iter().for_each(|question| question(None));
        if is_settings(&uri) {
            self.move_settings();
        }
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
        self.move_settings();
        self.indexes.retain(|root, _| self.session.roots.contains(root));
        self.start_indexes();
        // To the rules a document is another where its place is another.
        for (uri, open) in &mut self.documents {
            let path = convert::path_in(&self.session.roots, uri);
            if open.buffer.path != path {
                open.buffer.path = path;
                (open.told, open.found, open.stamp) = (None, None, None);
                if let State::Stale(known) | State::Fresh(known) = &mut open.state {
                    *known = None;
                }
            }
        }
    }

    fn start_indexes(&mut self) {
        for root in &self.session.roots {
            let (events, key) = (self.events.clone(), root.clone());
            let tell = move |indexed| _ = events.send(Event::Indexed(key.clone(), indexed));
            let (settings, cache) = (self.settings.clone(), self.cache.clone());
            self.indexes
                .entry(root.clone())
                .or_insert_with(|| Indexing::start(root.clone(), settings, cache, tell));
        }
    }

    /// The index that a document belongs to.
    fn indexing(&mut self, buffer: &Buffer) -> Option<&mut Indexing> {
        self.indexes.get_mut(convert::root_of(&self.session.roots, buffer.file.as_ref()?)?)
    }

    fn files_changed(&mut self, files: &[lsp::FileEvent]) {
        if files.iter().any(|file| is_settings(&file.uri)) {
            self.move_settings();
        }
        let mut renewed: HashSet<&PathBuf> = HashSet::new();
        for file in files {
            let Some(path) = convert::file_path(&file.uri) else { continue };
            let Some(root) = convert::root_of(&self.session.roots, &path) else { continue };
            let Some(indexing) = self.indexes.get_mut(root) else { continue };
            indexing.surveys.want();
            let inside = convert::path_in(&self.session.roots, &file.uri);
            if is_settings(&file.uri) || tells_of_layout(&inside) {
                renewed.insert(root);
            } else {
                indexing.order(Order::Note(Happened::OnDisk(inside)));
            }
        }
        for root in renewed {
            if let Some(indexing) = self.indexes.get(root) {
                indexing.order(Order::Renew(Arc::new(FolderSettings::new(self.catalogue, today()))));
            }
        }
    }

    /// Takes over an index. Documents that see another workspace than before are analysed again.
    fn indexed(&mut self, root: &PathBuf, indexed: Indexed) {
        let Some(indexing) = self.indexes.get_mut(root) else { return };
        let before = indexing.known.replace(indexed.clone());
        let is_the_same = before.as_ref().is_some_and(|before| {
            before.index.state() == indexed.index.state() && before.layout == indexed.layout
        });
        if !is_the_same {
            indexing.surveys.want();
        }
        // What a document itself tells the index is no news to it.
        let sees_the_same = |path: &str| {
            before.as_ref().is_some_and(|before| {
                before.index.state_without(path) == indexed.index.state_without(path)
                    && before.layout == indexed.layout
            })
        };
        let inside = self.documents.iter().filter(|(_, open)| {
            let file = open.buffer.file.as_ref();
            matches!(open.buffer.kind, Kind::Code(_))
                && file.and_then(|file| convert::root_of(&self.session.roots, file)) == Some(root)
                && !sees_the_same(&open.buffer.path)
        });
        let mut inside: Vec<lsp::Uri> = inside.map(|(uri, _)| uri.clone()).collect();
        inside.sort();
        inside.iter().for_each(|uri| self.stale(uri));
    }

    /// Tells the index what a document tells other files, where that is news.
    fn tell_index(&mut self, uri: &lsp::Uri) {
        let Some(open) = self.documents.get(uri) else { return };
        let (State::Fresh(Some(Content::Code(document))) | State::Stale(Some(Content::Code(document)))) =
            &open.state
        else {
            return;
        };
        let summary = &document.analysis().summary;
        let root = self.root_of(uri).and_then(|root| self.indexes.get(root));
        let Some(indexing) = root else { return };
        if indexing.known.is_none() || open.told.as_ref() == Some(summary) {
            return;
        }
        let summary = summary.clone();
        indexing.order(Order::Note(Happened::Open(Box::new(document.indexed()))));
        if let Some(open) = self.documents.get_mut(uri) {
            open.told = Some(summary);
        }
    }

    /// Settings may say something else, for documents and for surveys.
    fn move_settings(&mut self) {
        self.settings_moved = true;
        self.indexes.values_mut().for_each(|indexing| indexing.surveys.want());
    }

    /// Not every client tells what changes on disk: whoever saves may have changed more than what is open here.
    fn saved(&mut self) {
        self.settings_moved = true;
        for open in self.documents.values_mut() {
            let file = open.buffer.file.as_ref().filter(|_| std::mem::take(&mut open.is_edited));
            let root = file.and_then(|file| convert::root_of(&self.session.roots, file));
            let indexing = root.and_then(|root| self.indexes.get_mut(root));
            indexing.into_iter().for_each(|indexing| indexing.surveys.want());
        }
    }

    /// What the settings files say is read again by the analysis that needs it.
    fn renew_settings(&mut self) {
        self.epoch += 1;
        let texts = self.documents.values().filter(|open| matches!(open.buffer.kind, Kind::Settings(_)));
        let texts = texts.filter_map(|open| Some((open.buffer.file.clone()?, open.buffer.text.to_string())));
        let settings =
            FolderSettings::new(self.catalogue, today()).only(self.session.options.configuration.clone());
        self.settings = Arc::new(settings.open(texts.collect()).last_good(self.last_good.clone()));
        let all: Vec<lsp::Uri> = self.documents.keys().cloned().collect();
        all.iter().for_each(|uri| self.stale(uri));
    }

    fn settings_read(&mut self, epoch: u64, file: &SettingsOnDisk) {
        if let Some(settings) = &file.settings
            && (epoch == self.epoch || !self.last_good.contains_key(&file.path))
        {
            self.last_good.insert(file.path.clone(), settings.clone());
        }
        let is_open = self.documents.values().any(|open| open.buffer.file.as_ref() == Some(&file.path));
        let Some(uri) = lsp::Uri::from_file_path(&file.path) else { return };
        if epoch != self.epoch || is_open {
            return;
        }
        let (text, encoding) = (Text::new(&file.text), self.session.encoding);
        let problems = file.problems.iter().map(|problem| convert::problem(problem, &text, encoding));
        self.show_mistakes(uri, problems.collect());
    }

    /// Shows the mistakes in a settings file that is not open.
    fn show_mistakes(&mut self, uri: lsp::Uri, diagnostics: Vec<lsp::Diagnostic>) {
        let shown = self.mistakes.remove(&uri).map(|(_, shown)| shown).unwrap_or_default();
        if !diagnostics.is_empty() {
            self.mistakes.insert(uri.clone(), (self.epoch, diagnostics.clone()));
        }
        if shown != diagnostics {
            self.publish(uri, None, diagnostics);
        }
    }

    /// Once all is analysed, mistakes that nobody found again are gone.
    fn clear_old_mistakes(&mut self) {
        let old = self.mistakes.iter().filter(|(_, (epoch, _))| *epoch != self.epoch);
        let old: Vec<lsp::Uri> = old.map(|(uri, _)| uri.clone()).collect();
        old.into_iter().for_each(|uri| self.show_mistakes(uri, Vec::new()));
    }

    fn set_options(&mut self, options: ClientOptions) {
        if self.session.options != options {
            if self.session.options.configuration != options.configuration {
                self.move_settings();
            }
            self.session.options = options;
            self.outbox.refresh_lenses(&self.session);
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

    /// Puts a document in the queue, unless it is there or a job has it.
    fn stale(&mut self, uri: &lsp::Uri) {
        let Some(open) = self.documents.get_mut(uri) else { return };
        match &mut open.state {
            State::Stale(_) => {}
            State::Away { rerun } => *rerun = true,
            State::Fresh(known) => {
                open.state = State::Stale(known.take());
                self.queue.push_back(uri.clone());
            }
        }
    }

    fn start_jobs(&mut self) {
        while self.jobs < self.max_jobs {
            let Some(uri) = self.queue.pop_front() else { return };
            let root = self.root_of(&uri).and_then(|root| self.indexes.get(root));
            let around = root.and_then(|indexing| indexing.known.clone());
            let Some(open) = self.documents.get_mut(&uri) else { continue };
            let State::Stale(known) = &mut open.state else { continue };
            let (found, is_news) = (open.found.clone(), std::mem::take(&mut open.is_news));
            let work = open.buffer.take_work(self.session.roots.first(), found, is_news);
            let known = known.take();
            open.state = State::Away { rerun: false };
            self.jobs += 1;
            let (opening, epoch) = (open.opening, self.epoch);
            let (auditor, folders, events) =
                (self.auditor.clone(), self.settings.clone(), self.events.clone());
            let log = tracing::dispatcher::get_default(Clone::clone);
            tokio::task::spawn_blocking(move || {
                let analyse = AssertUnwindSafe(|| work.run(known, &auditor, &folders, around.as_ref()));
                let result = tracing::dispatcher::with_default(&log, || catch_unwind(analyse));
                let result = result.unwrap_or_else(|panic| Err(Failure::Panicked(panic_message(&*panic))));
                let settings = folders.files();
                let _ = events.send(Event::Analysed(Analysed { uri, opening, result, settings, epoch }));
            });
        }
    }

    fn analysed(&mut self, Analysed { uri, opening, result, settings, epoch }: Analysed) {
        self.jobs -= 1;
        settings.iter().for_each(|file| self.settings_read(epoch, file));
        let Some(open) = self.documents.get_mut(&uri).filter(|open| open.opening == opening) else { return };
        let panicked = matches!(result, Err(Failure::Panicked(_)));
        let content = open.note(&uri, result);
        if let State::Away { rerun: true } = open.state {
            // What was found is of an older version: it is not shown.
            open.state = State::Stale(content);
            self.tell_index(&uri);
            self.mind_notes(&uri);
            return self.queue.push_back(uri);
        }
        open.state = State::Fresh(content);
        self.tell_index(&uri);
        self.mind_notes(&uri);
        // After a panic nothing is known: what is shown stays.
        if !panicked {
            self.show(&uri);
        }
        let questions = self.documents.get_mut(&uri).map(|open| std::mem::take(&mut open.questions));
        questions.into_iter().flatten().for_each(|question| self.answer(&uri, question));
    }

    /// The root that holds a document.
    fn root_of(&self, uri: &lsp::Uri) -> Option<&PathBuf> {
        convert::root_of(&self.session.roots, self.documents.get(uri)?.buffer.file.as_ref()?)
    }

    /// The language or format of a document that is up to date.
    pub(crate) fn subject(&self, uri: &lsp::Uri) -> Option<Subject> {
        self.view(uri)?.subject()
    }

    /// The version and the text of a document that is open.
    pub(crate) fn text_of(&self, uri: &lsp::Uri) -> Option<(i32, String)> {
        let open = self.documents.get(uri)?;
        Some((open.version, open.buffer.text.to_string()))
    }

    fn view<'a>(&'a self, uri: &'a lsp::Uri) -> Option<View<'a>> {
        let open = self.documents.get(uri)?;
        let State::Fresh(Some(content)) = &open.state else { return None };
        Some(View {
            uri,
            version: open.version,
            text: &open.buffer.text,
            content,
            session: &self.session,
            pages: self.pages.as_ref(),
        })
    }

    /// Shows what was found in a document, if it differs from what is shown.
    fn show(&mut self, uri: &lsp::Uri) {
        let diagnostics = self.view(uri).map(|view| convert::diagnostics(&view)).unwrap_or_default();
        let Some(open) = self.documents.get_mut(uri) else { return };
        if open.published != diagnostics {
            open.published.clone_from(&diagnostics);
            let version = open.version;
            self.publish(uri.clone(), Some(version), diagnostics);
            self.outbox.refresh_lenses(&self.session);
        }
    }

    /// Tells the client, unless it asks by itself.
    fn publish(&self, uri: lsp::Uri, version: Option<i32>, diagnostics: Vec<lsp::Diagnostic>) {
        if self.session.pulls {
            self.outbox.refresh_diagnostics(&self.session);
        } else {
            self.outbox.publish(uri, version, diagnostics);
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

    /// The audit of all of the client's folders.
    pub(crate) fn audit(&self) -> Audit {
        Audit {
            auditor: self.auditor.clone(),
            settings: self.settings.clone(),
            roots: self.session.roots.clone(),
            cache: self.cache.clone(),
        }
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
    /// The mistakes in settings files that are not open.
    pub(crate) fn mistakes(&self) -> Vec<(lsp::Uri, Vec<lsp::Diagnostic>)> {
        let mut mistakes: Vec<_> =
            self.mistakes.iter().map(|(uri, (_, shown))| (uri.clone(), shown.clone())).collect();
        mistakes.sort_by(|a, b| a.0.cmp(&b.0));
        mistakes
    }
}

impl Open {
    /// What an analysis gave; what went wrong is logged, once.
    fn note(&mut self, uri: &lsp::Uri, result: Result<Content, Failure>) -> Option<Content> {
        match result {
            Ok(content) => {
                self.skipped = None;
                let (path, analysis) = match &content {
                    Content::Code(document) => (document.path(), document.analysis()),
                    Content::File(Some(document), _) => (document.path(), document.analysis()),
                    Content::File(None, _) => return Some(content),
                };
                for failure in &analysis.failures {
                    if self.failed.insert(failure.rule) {
                        error!("{} failed in {path}: {}", failure.rule, failure.message);
                    }
                }
                // It may have got another place meanwhile.
                (path == self.buffer.path).then_some(content)
            }
            Err(Failure::Panicked(message)) => {
                error!("the analysis of {} failed: {message}", uri.as_str());
                None
            }
            Err(Failure::Skipped(reason)) => {
                if self.skipped.as_ref() != Some(&reason) {
                    info!("{} is not audited: {reason}", uri.as_str());
                }
                self.skipped = Some(reason);
                None
            }
        }
    }
}

fn is_settings(uri: &lsp::Uri) -> bool {
    let path = uri.path().decode().to_string_lossy();
    SettingsFile::ALL.iter().any(|file| path.rsplit('/').next() == Some(file.name()))
}
