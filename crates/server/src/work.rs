//! The analysis of one document: what runs on a blocking thread.

use std::path::PathBuf;

use shipworthy_audit::settings::{Problem, Settings};
use shipworthy_audit::{Alone, Auditor, Document, Home, reason_to_skip};
use shipworthy_syntax::{Edit, Text};
use shipworthy_workspace::FolderSettings;

use crate::buffer::{Kind, difference};
use crate::index::Indexed;

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
}

/// What an analysis gives.
pub(crate) enum Content {
    Code(Box<Document>),
    Settings(Vec<Problem>),
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
                Ok(Content::Settings(problems))
            }
            Kind::Code(language) => {
                let Some(configuration) = settings.configuration(&self.file) else {
                    return Err(Failure::Skipped("the settings leave it out".to_owned()));
                };
                let text = self.text.to_string();
                if let Some(reason) = reason_to_skip(text.as_bytes()) {
                    return Err(Failure::Skipped(reason));
                }
                let home = match around {
                    Some(around) => around.layout.home(&self.path, language),
                    None => Home::by_path(language, &self.path),
                };
                let mut document = match known {
                    Some(Content::Code(document)) if *document.reading().home() == home => {
                        self.edit(*document, &text)
                    }
                    _ => Document::new(&self.path, &home, language, &text),
                };
                let view = around.map(|around| around.index.view(document.reading()));
                match &view {
                    Some(view) => _ = document.analyze(auditor, &configuration, view),
                    None => _ = document.analyze(auditor, &configuration, &Alone),
                }
                Ok(Content::Code(Box::new(document)))
            }
        }
    }

    fn edit(&self, mut document: Document, text: &str) -> Document {
        if self.edits.len() > MAX_EDITS {
            document.edit(&difference(document.source().text(), text));
        } else {
            self.edits.iter().for_each(|edit| document.edit(edit));
        }
        debug_assert!(*document.source().text() == *text, "the document is not the client's");
        document
    }
}
