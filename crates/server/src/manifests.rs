//! The manifests around a document: what a fix needs beside the document's own edit.

use std::path::PathBuf;

use shipworthy_audit::{Subject, declare, manifest_names};
use shipworthy_syntax::{Edit, Encoding, Language, Text};
use shipworthy_workspace::{read_source, relative};
use tower_lsp_server::ls_types as lsp;

use crate::actions::Planned;
use crate::convert;
use crate::desk::Desk;

/// Where the manifests of a document may be, with the texts of those that are open.
pub(crate) struct Manifests {
    file: String,
    language: Language,
    places: Vec<Place>,
    encoding: Encoding,
    document_changes: bool,
}

struct Place {
    /// In the root, with `/`.
    inside: String,
    path: PathBuf,
    uri: lsp::Uri,
    /// What the editor has.
    open: Option<(i32, String)>,
}

impl Manifests {
    /// Those in the folders from a document up to its root.
    pub(crate) fn around(desk: &Desk, uri: &lsp::Uri) -> Option<Self> {
        let path = convert::file_path(uri)?;
        let root = convert::root_of(&desk.session.roots, &path)?;
        // A document that waits to be analysed again has no subject for the moment.
        let language = match desk.subject(uri) {
            Some(Subject::Code(language)) => language,
            _ => Language::from_path(&path.to_string_lossy())?,
        };
        let folders = path.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
        let paths = folders.flat_map(|folder| manifest_names(language).iter().map(|name| folder.join(name)));
        let places = paths.filter_map(|path| {
            let uri = lsp::Uri::from_file_path(&path)?;
            Some(Place { inside: relative(root, &path), open: desk.text_of(&uri), path, uri })
        });
        Some(Self {
            file: relative(root, &path),
            language,
            places: places.collect(),
            encoding: desk.session.encoding,
            document_changes: desk.session.document_changes,
        })
    }

    /// The edit with what the manifests have to say. Reads the disk.
    pub(crate) fn complete(self, planned: Planned) -> lsp::WorkspaceEdit {
        let texts: Vec<(usize, String)> = self
            .places
            .iter()
            .enumerate()
            .filter_map(|(at, place)| {
                let text = place.open.as_ref().map(|(_, text)| text.clone());
                Some((at, text.or_else(|| read_source(&place.path).ok())?))
            })
            .collect();
        let mut edit = planned.edit;
        let mut made: Vec<(&str, Edit)> = Vec::new();
        for wanted in &planned.declarations {
            let manifests = texts.iter().map(|(at, text)| (self.places[*at].inside.as_str(), text.as_str()));
            made.extend(
                declare(wanted, &self.file, self.language, manifests).filter(|change| !made.contains(change)),
            );
        }
        for (at, text) in &texts {
            let place = &self.places[*at];
            let text = Text::new(text);
            let changes = made.iter().filter(|(inside, _)| *inside == place.inside).map(|(_, edit)| {
                lsp::TextEdit::new(convert::range(edit.range, &text, self.encoding), edit.text.clone())
            });
            let changes: Vec<lsp::TextEdit> = changes.collect();
            if !changes.is_empty() {
                let version = place.open.as_ref().map(|(version, _)| *version);
                convert::add_edits(&mut edit, &place.uri, version, changes, self.document_changes);
            }
        }
        edit
    }
}
