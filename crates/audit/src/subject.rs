//! What is audited: code in a language, or a file of a format around it.

use std::fmt;

use shipworthy_evidence::Format;
use shipworthy_syntax::Language;

/// What a rule's page, its fixes and its settings speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Code.
    Code(Language),
    /// A file around the code.
    File(Format),
}

impl Subject {
    /// All of them: languages, then formats.
    pub fn all() -> impl Iterator<Item = Self> {
        Language::ALL.into_iter().map(Self::Code).chain(Format::ALL.into_iter().map(Self::File))
    }

    /// The subject of a name in fences, settings and reports.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::all().find(|subject| subject.id() == id)
    }

    /// The name in fences, settings and reports: `python`, `dockerfile`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Code(language) => language.id(),
            Self::File(format) => format.id(),
        }
    }

    /// The path of an example that names none.
    pub(crate) const fn neutral_path(self) -> &'static str {
        match self {
            Self::Code(Language::Python) => "service.py",
            Self::Code(Language::Go) => "service.go",
            Self::Code(Language::Rust) => "src/service.rs",
            Self::File(format) => format.usual_path(),
        }
    }
}

impl From<Language> for Subject {
    fn from(language: Language) -> Self {
        Self::Code(language)
    }
}

impl From<Format> for Subject {
    fn from(format: Format) -> Self {
        Self::File(format)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
