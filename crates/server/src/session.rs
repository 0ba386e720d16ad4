//! What client and server agreed on at the start.

use serde::Deserialize;
use serde_json::Value;
use shipworthy_syntax::Encoding;
use std::path::PathBuf;
use tower_lsp_server::ls_types::{
    ClientCapabilities, InitializeParams, MarkupKind, PositionEncodingKind, Uri, WorkspaceFolder,
};

use crate::convert;

/// The client, as far as the server treats clients differently.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    /// What columns count.
    pub(crate) encoding: Encoding,
    /// The client asks for diagnostics and takes none unasked.
    pub(crate) pulls: bool,
    /// It takes changes of a stated version of a document.
    pub(crate) document_changes: bool,
    /// It asks for the edit of a code action once the user picks it.
    pub(crate) resolves_actions: bool,
    /// It shows Markdown.
    pub(crate) markdown: bool,
    /// It shows how far work is that the server does unasked.
    pub(crate) shows_progress: bool,
    /// It opens a document for the user.
    pub(crate) shows_documents: bool,
    /// It asks again for code lenses when told that they changed.
    pub(crate) refreshes_lenses: bool,
    /// It asks again for diagnostics when told that they changed.
    pub(crate) refreshes_diagnostics: bool,
    /// It tells that files changed, when asked to.
    pub(crate) watches_files: bool,
    /// It answers what its user set for this server.
    pub(crate) has_configuration: bool,
    /// Its folders.
    pub(crate) roots: Vec<PathBuf>,
    /// What its user set.
    pub(crate) options: ClientOptions,
    /// The process whose end ends the server.
    pub(crate) parent: Option<u32>,
}

/// What a client's user sets: as `initializationOptions`, and as `shipworthy` in the client's own settings.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ClientOptions {
    /// Whether a line above a file counts its findings.
    pub(crate) code_lens: bool,
    /// Whether to offer to ignore a finding where it is.
    pub(crate) suppress: bool,
    /// A settings file for everything, in place of the nearest ones.
    pub(crate) configuration: Option<PathBuf>,
    /// A file to write the log to.
    pub(crate) log_file: Option<PathBuf>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self { code_lens: true, suppress: true, configuration: None, log_file: None }
    }
}

impl ClientOptions {
    /// What a client sent, alone or under `shipworthy`; none where it is something else.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let value = value.get("shipworthy").unwrap_or(value);
        value.as_object()?;
        match Self::deserialize(value) {
            Ok(options) => Some(options),
            Err(error) => {
                tracing::warn!("the client's settings are not in force: {error}");
                None
            }
        }
    }
}

impl Session {
    /// Reads what the client says of itself.
    pub(crate) fn new(params: &InitializeParams) -> Self {
        let ClientCapabilities { text_document, workspace, window, general, .. } = &params.capabilities;
        let text_document = text_document.clone().unwrap_or_default();
        let workspace = workspace.clone().unwrap_or_default();
        let resolved = text_document.code_action.as_ref().and_then(|c| c.resolve_support.as_ref());
        let hover = text_document.hover.as_ref().and_then(|h| h.content_format.as_ref());
        Self {
            encoding: encoding(general.as_ref().and_then(|g| g.position_encodings.as_deref())),
            pulls: text_document.diagnostic.is_some() && text_document.publish_diagnostics.is_none(),
            document_changes: workspace.workspace_edit.and_then(|e| e.document_changes).unwrap_or(false),
            resolves_actions: resolved.is_some_and(|r| r.properties.iter().any(|p| p == "edit")),
            markdown: hover.is_none_or(|formats| formats.contains(&MarkupKind::Markdown)),
            shows_progress: window.as_ref().and_then(|w| w.work_done_progress).unwrap_or(false),
            shows_documents: window
                .as_ref()
                .and_then(|w| w.show_document.as_ref())
                .is_some_and(|s| s.support),
            refreshes_lenses: workspace.code_lens.and_then(|c| c.refresh_support).unwrap_or(false),
            refreshes_diagnostics: workspace.diagnostics.and_then(|d| d.refresh_support).unwrap_or(false),
            watches_files: workspace
                .did_change_watched_files
                .and_then(|w| w.dynamic_registration)
                .unwrap_or(false),
            has_configuration: workspace.configuration.unwrap_or(false),
            roots: roots(params),
            options: params.initialization_options.as_ref().and_then(ClientOptions::read).unwrap_or_default(),
            parent: params.process_id,
        }
    }
}

/// The first of the client's choices: all are supported.
fn encoding(choices: Option<&[PositionEncodingKind]>) -> Encoding {
    let known = |kind: &PositionEncodingKind| match kind.as_str() {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    };
    choices.unwrap_or_default().iter().find_map(known).unwrap_or_default()
}

fn roots(params: &InitializeParams) -> Vec<PathBuf> {
    #[expect(deprecated, reason = "clients older than workspace folders say it so")]
    let root = params.root_uri.as_ref();
    let folders: Vec<&Uri> = match params.workspace_folders.as_deref() {
        Some(folders) if !folders.is_empty() => folders.iter().map(|f: &WorkspaceFolder| &f.uri).collect(),
        _ => root.into_iter().collect(),
    };
    folders.into_iter().filter_map(convert::file_path).collect()
}
