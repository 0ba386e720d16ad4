//! The handlers. They have no state: what a notification says goes to the desk in one step, before anything is awaited, so that the order
//! of messages holds; what a request asks goes there likewise and is answered from there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tower_lsp_server::LanguageServer;
use tower_lsp_server::jsonrpc::{Error, Result};
use tower_lsp_server::ls_types as lsp;
use tracing::info;
use tracing::instrument::WithSubscriber as _;

use crate::actions::Planned;
use crate::audit::{Audited, Shown, Stop};
use crate::desk::{Desk, Event};
use crate::log::LogFile;
use crate::manifests::Manifests;
use crate::outbox::Outbox;
use crate::session::Session;
use crate::view::View;
use crate::{actions, convert, hover, lens, pages, parent};

pub(crate) const FIX_ALL: &str = "shipworthy.fixAll";
pub(crate) const SHOW_RULE: &str = "shipworthy.showRule";
pub(crate) const AUDIT_WORKSPACE: &str = "shipworthy.auditWorkspace";
pub(crate) const EXPLAIN_SCORE: &str = "shipworthy.explainScore";
pub(crate) const CREATE_BASELINE: &str = "shipworthy.createBaseline";

pub(crate) struct Backend {
    desk: UnboundedSender<Event>,
    log: LogFile,
    /// Notified to end the session.
    stop: Arc<Notify>,
    shut_down: Arc<AtomicBool>,
    /// The number of the next progress that the server proposes.
    progress: AtomicU64,
}

impl Backend {
    pub(crate) fn new(desk: UnboundedSender<Event>, log: LogFile, stop: Arc<Notify>) -> Self {
        Self { desk, log, stop, shut_down: Arc::default(), progress: AtomicU64::default() }
    }

    /// Whether the client said `shutdown`.
    pub(crate) fn shut_down(&self) -> Arc<AtomicBool> {
        self.shut_down.clone()
    }

    fn send(&self, event: Event) {
        // There is nobody to tell once the desk is gone.
        let _ = self.desk.send(event);
    }

    /// Asks about a document. None where there is no such document.
    async fn ask<T: Send + 'static>(
        &self,
        uri: lsp::Uri,
        question: impl FnOnce(&View<'_>) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let (reply, answer) = oneshot::channel();
        let question = move |view: Option<&View<'_>>| {
            // Whoever cancelled wants no answer.
            if !reply.is_closed() {
                let _ = reply.send(view.map(question));
            }
        };
        self.send(Event::Ask(uri, Box::new(question)));
        answer.await.map_err(|_| Error::internal_error())
    }

    /// Looks at the session.
    async fn look<T: Send + 'static>(&self, look: impl FnOnce(&Desk) -> T + Send + 'static) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.send(Event::Look(Box::new(move |desk| drop(reply.send(look(desk))))));
        answer.await.map_err(|_| Error::internal_error())
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        let session = Session::new(&params);
        if let Some(file) = &session.options.log_file {
            self.log.open(file);
        }
        if let Some(process) = session.parent {
            let stop = self.stop.clone();
            let watch = async move {
                parent::gone(process).await;
                info!("the client's process is gone");
                stop.notify_one();
            };
            tokio::spawn(watch.with_current_subscriber());
        }
        let result = lsp::InitializeResult {
            capabilities: capabilities(&session),
            server_info: Some(lsp::ServerInfo {
                name: "shipworthy".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..lsp::InitializeResult::default()
        };
        self.send(Event::Started(Box::new(session)));
        Ok(result)
    }

    async fn initialized(&self, _: lsp::InitializedParams) {
        self.send(Event::Ready);
    }

    async fn shutdown(&self) -> Result<()> {
        self.shut_down.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn did_open(&self, params: lsp::DidOpenTextDocumentParams) {
        self.send(Event::Opened(params.text_document));
    }
    async fn did_change(&self, params: lsp::DidChangeTextDocumentParams) {
        self.send(Event::Changed(params));
    }
    async fn did_save(&self, _: lsp::DidSaveTextDocumentParams) {
        self.send(Event::Saved);
    }
    async fn did_close(&self, params: lsp::DidCloseTextDocumentParams) {
        self.send(Event::Closed(params.text_document.uri));
    }
    async fn did_change_workspace_folders(&self, params: lsp::DidChangeWorkspaceFoldersParams) {
        self.send(Event::Folders(params.event));
    }
    async fn did_change_watched_files(&self, params: lsp::DidChangeWatchedFilesParams) {
        self.send(Event::Files(params.changes));
    }
    async fn did_change_configuration(&self, params: lsp::DidChangeConfigurationParams) {
        self.send(Event::ClientSettings(params.settings));
    }

    async fn hover(&self, params: lsp::HoverParams) -> Result<Option<lsp::Hover>> {
        let lsp::TextDocumentPositionParams { text_document, position } =
            params.text_document_position_params;
        Ok(self.ask(text_document.uri, move |view| hover::at(view, position)).await?.flatten())
    }

    async fn code_action(&self, params: lsp::CodeActionParams) -> Result<Option<lsp::CodeActionResponse>> {
        let uri = params.text_document.uri.clone();
        let offered = self.ask(uri.clone(), move |view| actions::offer(view, &params)).await?;
        let Some(offered) = offered else { return Ok(None) };
        let mut actions = Vec::with_capacity(offered.len());
        for (mut action, planned) in offered {
            if let Some(planned) = planned {
                action.edit = Some(self.with_manifests(uri.clone(), planned).await?);
            }
            actions.push(lsp::CodeActionOrCommand::CodeAction(action));
        }
        Ok(Some(actions))
    }

    async fn code_action_resolve(&self, action: lsp::CodeAction) -> Result<lsp::CodeAction> {
        let Some(reference) = actions::reference(&action) else { return Ok(action) };
        let uri = reference.uri.clone();
        let planned = self.ask(uri.clone(), move |view| actions::resolve(view, &reference)).await?;
        let planned = planned.flatten().ok_or_else(Error::content_modified)?;
        let edit = self.with_manifests(uri, planned).await?;
        Ok(lsp::CodeAction { edit: Some(edit), ..action })
    }

    async fn code_lens(&self, params: lsp::CodeLensParams) -> Result<Option<Vec<lsp::CodeLens>>> {
        self.ask(params.text_document.uri, lens::lenses).await
    }

    async fn diagnostic(
        &self,
        params: lsp::DocumentDiagnosticParams,
    ) -> Result<lsp::DocumentDiagnosticReportResult> {
        let report = self.ask(params.text_document.uri, convert::diagnostics).await?.unwrap_or_default();
        let report = convert::report(report, params.previous_result_id.as_deref());
        Ok(lsp::DocumentDiagnosticReportResult::Report(report))
    }

    async fn workspace_diagnostic(
        &self,
        params: lsp::WorkspaceDiagnosticParams,
    ) -> Result<lsp::WorkspaceDiagnosticReportResult> {
        let known = |uri: &lsp::Uri| {
            let previous = params.previous_result_ids.iter().find(|previous| previous.uri == *uri);
            previous.map(|previous| previous.value.as_str())
        };
        let mut items = Vec::new();
        for uri in self.look(Desk::uris).await? {
            let seen = |view: &View<'_>| (view.version, convert::diagnostics(view));
            let Some((version, diagnostics)) = self.ask(uri.clone(), seen).await? else { continue };
            let report = convert::report(diagnostics, known(&uri));
            items.push(convert::workspace_report(report, uri, Some(version)));
        }
        for (uri, diagnostics) in self.look(Desk::mistakes).await? {
            let report = convert::report(diagnostics, known(&uri));
            items.push(convert::workspace_report(report, uri, None));
        }
        Ok(lsp::WorkspaceDiagnosticReportResult::Report(lsp::WorkspaceDiagnosticReport { items }))
    }

    async fn execute_command(&self, params: lsp::ExecuteCommandParams) -> Result<Option<Value>> {
        let argument = params.arguments.into_iter().next().unwrap_or_default();
        match params.command.as_str() {
            FIX_ALL => self.fix_all(argument).await,
            SHOW_RULE => self.show_rule(argument).await,
            AUDIT_WORKSPACE => {
                let with_json = argument["json"].as_bool().unwrap_or_default();
                let summary = move |audited: Audited| audited.summary(with_json);
                self.audit_workspace(params.work_done_progress_params.work_done_token, summary).await
            }
            EXPLAIN_SCORE => {
                let explained = |audited: Audited| audited.explained().into();
                self.audit_workspace(params.work_done_progress_params.work_done_token, explained).await
            }
            CREATE_BASELINE => {
                let write = |audited: Audited| audited.write_baselines();
                let written =
                    self.audit_workspace(params.work_done_progress_params.work_done_token, write).await?;
                written.transpose().map_err(|problem| {
                    let mut error = Error::internal_error();
                    error.message = format!("the baseline cannot be written: {problem}").into();
                    error
                })
            }
            other => Err(Error::invalid_params(format!("there is no command `{other}`"))),
        }
    }
}

impl Backend {
    /// Applies every safe fix of a document. Gives how many there are.
    async fn fix_all(&self, argument: Value) -> Result<Option<Value>> {
        let uri: lsp::Uri =
            serde_json::from_value(argument).map_err(|e| Error::invalid_params(e.to_string()))?;
        let Some((planned, count)) = self.ask(uri.clone(), actions::fix_all).await? else {
            return Err(Error::invalid_params("the document is not open"));
        };
        if count > 0 {
            let edit = self.with_manifests(uri, planned).await?;
            let outbox: Outbox = self.look(|desk| desk.outbox().clone()).await?;
            outbox.ask("to apply fixes", |client| async move { client.apply_edit(edit).await });
        }
        Ok(Some(json!({ "fixes": count })))
    }

    /// An edit with the changes of the manifests that it needs, as they stand in the editor or on disk.
    async fn with_manifests(&self, uri: lsp::Uri, planned: Planned) -> Result<lsp::WorkspaceEdit> {
        if planned.declarations.is_empty() {
            return Ok(planned.edit);
        }
        let manifests = self.look(move |desk| Manifests::around(desk, &uri)).await?;
        let Some(manifests) = manifests else { return Ok(planned.edit) };
        // The disk may be slow.
        let edit = tokio::task::spawn_blocking(move || manifests.complete(planned));
        edit.await.map_err(|_| Error::internal_error())
    }

    /// Opens a rule's page where the client can show documents. Gives the page.
    async fn show_rule(&self, argument: Value) -> Result<Option<Value>> {
        let name = argument.as_str().unwrap_or_default().to_owned();
        let page = self.look(move |desk| {
            let rule = desk.rule(&name)?;
            if let Some(uri) = desk.pages.as_ref().and_then(|pages| pages.uri(rule))
                && desk.session.shows_documents
            {
                let show =
                    lsp::ShowDocumentParams { uri, external: None, take_focus: Some(true), selection: None };
                desk.outbox().ask("to show a page", |client| async move { client.show_document(show).await });
            }
            Some(pages::text(rule))
        });
        match page.await? {
            Some(page) => Ok(Some(Value::String(page))),
            None => Err(Error::invalid_params("there is no such rule")),
        }
    }
}

impl Backend {
    /// Audits all of the client's folders as they are on disk. Gives what `answer` makes of it.
    async fn audit_workspace<T: Send + 'static>(
        &self,
        token: Option<lsp::ProgressToken>,
        answer: impl FnOnce(Audited) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let own = self.progress.fetch_add(1, Ordering::Relaxed);
        let own = lsp::ProgressToken::String(format!("shipworthy/{own}"));
        let (audit, client, proposes) =
            self.look(|desk| (desk.audit(), desk.outbox().client(), desk.session.shows_progress)).await?;
        let shown = match token {
            Some(token) => Shown::At(token),
            None if proposes => Shown::Proposed(own),
            None => Shown::Nowhere,
        };
        let stop = Stop::default();
        if let Shown::At(token) | Shown::Proposed(token) = &shown {
            self.send(Event::Began(token.clone(), stop.clone()));
        }
        match audit.run(client, shown, stop.clone(), answer).await {
            Some(answer) => Ok(Some(answer)),
            None if stop.is_stopped() => Err(Error::request_cancelled()),
            None => Err(Error::internal_error()),
        }
    }

    /// The user does not want to wait for some work.
    pub(crate) async fn cancel_progress(&self, params: lsp::WorkDoneProgressCancelParams) {
        self.send(Event::Stop(params.token));
    }
}

fn capabilities(session: &Session) -> lsp::ServerCapabilities {
    let kinds = vec![lsp::CodeActionKind::QUICKFIX, actions::FIX_ALL_KIND];
    let pull = lsp::DiagnosticOptions {
        identifier: Some("shipworthy".to_owned()),
        inter_file_dependencies: true,
        workspace_diagnostics: true,
        ..lsp::DiagnosticOptions::default()
    };
    lsp::ServerCapabilities {
        position_encoding: Some(convert::encoding(session.encoding)),
        text_document_sync: Some(lsp::TextDocumentSyncCapability::Options(lsp::TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
            save: Some(lsp::TextDocumentSyncSaveOptions::Supported(true)),
            ..lsp::TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(lsp::HoverProviderCapability::Simple(true)),
        code_action_provider: Some(lsp::CodeActionProviderCapability::Options(lsp::CodeActionOptions {
            code_action_kinds: Some(kinds),
            resolve_provider: Some(true),
            ..lsp::CodeActionOptions::default()
        })),
        code_lens_provider: Some(lsp::CodeLensOptions { resolve_provider: Some(false) }),
        diagnostic_provider: session.pulls.then_some(lsp::DiagnosticServerCapabilities::Options(pull)),
        execute_command_provider: Some(lsp::ExecuteCommandOptions {
            commands: [FIX_ALL, SHOW_RULE, AUDIT_WORKSPACE, EXPLAIN_SCORE, CREATE_BASELINE]
                .map(str::to_owned)
                .into(),
            ..lsp::ExecuteCommandOptions::default()
        }),
        workspace: Some(lsp::WorkspaceServerCapabilities {
            workspace_folders: Some(lsp::WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(lsp::OneOf::Left(true)),
            }),
            ..lsp::WorkspaceServerCapabilities::default()
        }),
        ..lsp::ServerCapabilities::default()
    }
}
