//! The analysis of one document: what runs on a blocking thread.

use std::path::PathBuf;

use shipworthy_audit::settings::{Problem, Settings};
use shipworthy_audit::{
    Alone, Auditor, Configuration, Document, FileDocument, Finding, Home, reason_to_skip_text,
};
use shipworthy_evidence::Format;
use shipworthy_syntax::{Edit, Text};
use shipworthy_workspace::{FolderSettings, OpenFile, Repository};

use crate::buffer::{Kind, difference};
use crate::index::Indexed;
use crate::surveys::Found;

/// More changes than these in one go are one change of all that lies between them: each is parsed.
const MAX_EDITS: usize = 64;

/// A text to analyse, and the changes that lead to it.
pub(crate) struct Work {
    pub(crate) kind: Kind,
    pub(crate) path: String,
    /// Where settings are looked for.
    pub(crate) file: PathBuf,
    pub(crate) text: Text,
    pub(crate) edits: Vec<Edit>,
    /// What was found of it in the whole workspace.
    pub(crate) found: Option<Found>,
    /// Nobody took this over yet.
    pub(crate) is_news: bool,
}

/// What an analysis gives.
pub(crate) enum Content {
    Code(Box<Document>),
    /// A file around the code, if its format is read, and the mistakes in the settings that it holds.
    File(Option<Box<FileDocument>>, Vec<Problem>),
}

impl Content {
    /// What was found of it in the whole workspace.
    pub(crate) fn surveyed(&self) -> &[Finding] {
        match self {
            Self::Code(document) => document.surveyed(),
            Self::File(document, _) => document.as_ref().map_or(&[], |document| document.surveyed()),
        }
    }

    /// How many places of it cannot be read.
    pub(crate) fn unread(&self) -> usize {
        let analysis = match self {
            Self::Code(document) => Some(document.analysis()),
            Self::File(document, _) => document.as_ref().map(|document| document.analysis()),
        };
        analysis.map_or(0, |analysis| analysis.unread.len())
    }

    /// The document for a survey, with its text.
    pub(crate) fn open_file(&self, text: &Text) -> Option<OpenFile> {
        match self {
            Self::Code(document) => Some(OpenFile::Code(Box::new(document.noted()), text.clone())),
            Self::File(Some(document), _) => {
                Some(OpenFile::Around(document.path().to_owned(), document.format(), text.clone()))
            }
            Self::File(None, _) => None,
        }
    }
}

/// Why there is no analysis.
pub(crate) enum Failure {
    /// The text is not audited, for this reason.
    Skipped(String),
    /// The analysis panicked, saying this.
    Panicked(String),
}

impl Work {
    /// Brings what is known of the document to the newest text.
    pub(crate) fn run(
        self,
        known: Option<Content>,
        auditor: &Auditor,
        settings: &FolderSettings,
        around: Option<&Indexed>,
    ) -> Result<Content, Failure> {
        match self.kind {
            Kind::Settings(file) => {
                let (_, problems) = Settings::parse(&self.text.to_string(), file, auditor.rules());
                let configuration = self.configuration(settings).ok();
                let document = configuration.and_then(|c| self.file_around(known, None, auditor, &c));
                Ok(Content::File(document, problems))
            }
            Kind::File(called) => {
                let configuration = self.configuration(settings)?;
                let document = self.file_around(known, called, auditor, &configuration);
                Ok(Content::File(document, Vec::new()))
            }
            Kind::Code(language) => {
                let configuration = self.configuration(settings)?;
                let home = match around {
                    Some(around) => around.layout.home(&self.path, language),
                    None => Home::by_path(language, &self.path),
                };
                let known = match known {
                    Some(Content::Code(document)) if *document.reading().home() == home => {
                        Some(self.edit(*document))
                    }
                    _ => None,
                };
                let adopts = self.is_news || known.is_none();
                let new = || Document::new(&self.path, &home, language, &self.text.to_string());
                let mut document = known.unwrap_or_else(new);
                if adopts {
                    let (findings, since) = self.surveyed();
                    document.adopt(findings, since.as_ref());
                }
                let view = around.map(|around| around.index.view(document.reading()));
                match &view {
                    Some(view) => _ = document.analyze(auditor, &configuration, view),
                    None => _ = document.analyze(auditor, &configuration, &Alone),
                }
                Ok(Content::Code(Box::new(document)))
            }
        }
    }

    /// What is in force for the document, if it is to be audited.
    fn configuration(&self, settings: &FolderSettings) -> Result<Configuration, Failure> {
        let configuration = settings.configuration(&self.file);
        let configuration =
            configuration.ok_or_else(|| Failure::Skipped("the settings leave it out".to_owned()))?;
        match reason_to_skip_text(&self.text) {
            Some(reason) => Err(Failure::Skipped(reason)),
            None => Ok(configuration),
        }
    }

    /// A file around the code; none where it has no format that is read. While it is typed it may become one of another format.
    fn file_around(
        &self,
        known: Option<Content>,
        called: Option<Format>,
        auditor: &Auditor,
        configuration: &Configuration,
    ) -> Option<Box<FileDocument>> {
        let text = self.text.to_string();
        let format = Format::of(&self.path, &text).or(called)?;
        let known = match known {
            Some(Content::File(Some(mut known), _)) if known.format() == format => {
                self.edits.iter().for_each(|edit| known.edit(edit));
                debug_assert!(*known.text() == *text, "the document is not the client's");
                Some(known)
            }
            _ => None,
        };
        let adopts = self.is_news || known.is_none();
        let mut document = known.unwrap_or_else(|| Box::new(FileDocument::new(&self.path, format, &text)));
        if adopts {
            let (findings, since) = self.surveyed();
            document.adopt(findings, since.as_ref());
        }
        if format == Format::Env {
            let repository = Repository::around(&self.file);
            document.set_tracking(repository.map(|r| r.tracking(&self.file)).unwrap_or_default());
        }
        document.analyze(auditor, configuration);
        Some(document)
    }

    /// What was found of it in the whole workspace, with what was edited since.
    fn surveyed(&self) -> (Vec<Finding>, Option<Edit>) {
        let Some(found) = &self.found else { return (Vec::new(), None) };
        let is_edited = found.text != self.text;
        let since = is_edited.then(|| difference(&found.text, &self.text.to_string()));
        (found.findings.to_vec(), since)
    }

    fn edit(&self, mut document: Document) -> Document {
        if self.edits.len() > MAX_EDITS {
            document.edit(&difference(document.source().text(), &self.text.to_string()));
        } else {
            self.edits.iter().for_each(|edit| document.edit(edit));
        }
        debug_assert!(
            *document.source().text() == *self.text.to_string(),
            "the document is not the client's"
        );
        document
    }
}
