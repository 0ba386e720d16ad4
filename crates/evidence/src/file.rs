//! One file around the code.

use std::sync::Arc;

use shipworthy_syntax::Range;

use crate::ci::{self, Ci};
use crate::compose::{self, Compose};
use crate::dockerfile::{self, Dockerfile};
use crate::env::{self, Env};
use crate::format::Format;
use crate::kubernetes::{self, Kubernetes};
use crate::manifest::{self, Manifest};
use crate::sql::{self, Sql};

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

/// What version control knows of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tracking {
    /// Nothing: there is none, or nobody asked.
    #[default]
    Unknown,
    /// It is under version control.
    Tracked,
    /// It stands in a repository that does not hold it.
    Untracked,
}

/// What a file says, by its format.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// How an image is built.
    Dockerfile(Dockerfile),
    /// Services that run together.
    Compose(Compose),
    /// Objects of a cluster.
    Kubernetes(Kubernetes),
    /// Variables of the environment.
    Env(Env),
    /// Dependencies.
    Manifest(Manifest),
    /// Workflows of continuous integration.
    Ci(Ci),
    /// SQL.
    Sql(Sql),
}

/// What a format's reader gives.
#[derive(Default)]
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
            Format::Compose => Self::of(path, format, text, compose::read(text), Content::Compose),
            Format::Kubernetes => Self::of(path, format, text, kubernetes::read(text), Content::Kubernetes),
            Format::Env => Self::of(path, format, text, env::read(text), Content::Env),
            Format::Manifest => Self::of(path, format, text, manifest::read(path, text), Content::Manifest),
            Format::Ci => Self::of(path, format, text, ci::read(path, text), Content::Ci),
            Format::Sql => Self::of(path, format, text, sql::read(text), Content::Sql),
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
            Format::Dockerfile | Format::Compose | Format::Kubernetes | Format::Env => Some("#"),
            Format::Manifest if self.path.ends_with("go.mod") => Some("//"),
            Format::Manifest | Format::Ci => Some("#"),
            Format::Sql => Some("--"),
        }
    }

    /// The Dockerfile, if it is one.
    pub fn dockerfile(&self) -> Option<&Dockerfile> {
        if let Content::Dockerfile(dockerfile) = &self.content { Some(dockerfile) } else { None }
    }
    /// The compose file, if it is one.
    pub fn compose(&self) -> Option<&Compose> {
        if let Content::Compose(compose) = &self.content { Some(compose) } else { None }
    }
    /// The manifest of a cluster's objects, if it is one.
    pub fn kubernetes(&self) -> Option<&Kubernetes> {
        if let Content::Kubernetes(kubernetes) = &self.content { Some(kubernetes) } else { None }
    }
    /// The manifest of dependencies, if it is one.
    pub fn manifest(&self) -> Option<&Manifest> {
        if let Content::Manifest(manifest) = &self.content { Some(manifest) } else { None }
    }
    /// The workflow, if it is one.
    pub fn ci(&self) -> Option<&Ci> {
        if let Content::Ci(ci) = &self.content { Some(ci) } else { None }
    }
    /// The SQL, if it is some.
    pub fn sql(&self) -> Option<&Sql> {
        if let Content::Sql(sql) = &self.content { Some(sql) } else { None }
    }
    /// The environment file, if it is one.
    pub fn env(&self) -> Option<&Env> {
        if let Content::Env(env) = &self.content { Some(env) } else { None }
    }
}
