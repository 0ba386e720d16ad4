//! The forms of a report.

use std::path::Path;

use shipworthy_audit::Outcome;

use crate::model::Report;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// For readers, with links.
    Markdown,
    /// For readers, one file.
    Html,
    /// GitHub's annotations.
    Github,
    /// GitLab's code quality.
    Gitlab,
    /// JUnit's test results.
    Junit,
}

impl Form {
    /// The form that the name of a file asks for.
    pub fn of_file(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        if name == "gl-code-quality-report.json" {
            return Some(Self::Gitlab);
        }
        if name.ends_with(".sarif.json") {
            return Some(Self::Sarif);
        }
        match Path::new(&name).extension()?.to_str()? {
            "txt" | "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            "sarif" => Some(Self::Sarif),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "xml" => Some(Self::Junit),
            _ => None,
        }
    }

    /// The endings of files that a form can be told from.
    pub const ENDINGS: &str = ".txt, .json, .sarif, .md, .html, .xml (JUnit), gl-code-quality-report.json";

    /// A report in this form. `root`, the workspace as it was named, and `color` count for text.
    pub fn render(self, outcome: &Outcome, report: &Report, root: &str, color: bool) -> String {
        match self {
            Self::Text => crate::text::text(outcome, report, root, color),
            Self::Json => crate::json::json(report),
            Self::Sarif => crate::sarif::sarif(report),
            Self::Markdown => crate::markdown::markdown(report),
            Self::Html => crate::html::html(report),
            Self::Github => crate::ci::github(report),
            Self::Gitlab => crate::ci::gitlab(report),
            Self::Junit => crate::ci::junit(report),
        }
    }
}
