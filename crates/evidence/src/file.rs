//! One file around the code.

use std::sync::Arc;

use shipworthy_syntax::Range;

use crate::dockerfile::{self, Dockerfile};
use crate::format::Format;

/// A file as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Its path in the workspace, with `/`.
    pub path: String,
    /// Its format.
    pub format: Format,
    /// Its text.
    pub text: Arc<str>,
    /// What it says.
    pub content: Content,
    /// Its comments with their signs, in order.
    pub comments: Vec<Range>,
    /// What a comment above or beside can be about: instructions, entries, statements.
    pub spans: Vec<Range>,
    /// What could not be read.
    pub unread: Vec<Range>,
}

/// What a file says, by its format.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// How an image is built.
    Dockerfile(Dockerfile),
}

/// What a format's reader gives.
pub(crate) struct Read<T> {
    pub(crate) content: T,
    pub(crate) comments: Vec<Range>,
    pub(crate) spans: Vec<Range>,
    pub(crate) unread: Vec<Range>,
}

impl File {
    /// Reads a file of a format.
    pub fn read(path: &str, format: Format, text: &str) -> Self {
        match format {
            Format::Dockerfile => Self::of(path, format, text, dockerfile::read(text), Content::Dockerfile),
        }
    }

    fn of<T>(path: &str, format: Format, text: &str, read: Read<T>, content: impl Fn(T) -> Content) -> Self {
        Self {
            path: path.to_owned(),
            format,
            text: text.into(),
            content: content(read.content),
            comments: read.comments,
            spans: read.spans,
            unread: read.unread,
        }
    }

    /// The text of a range; empty where it does not fit.
    pub fn slice(&self, range: Range) -> &str {
        self.text.get(std::ops::Range::from(range)).unwrap_or_default()
    }

    /// What starts a comment that runs to the end of the line.
    pub fn comment_sign(&self) -> Option<&'static str> {
        match self.format {
            Format::Dockerfile => Some("#"),
        }
    }

    /// The Dockerfile, if it is one.
    pub fn dockerfile(&self) -> Option<&Dockerfile> {
        let Content::Dockerfile(dockerfile) = &self.content;
        Some(dockerfile)
    }
}
