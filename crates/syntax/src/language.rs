use std::fmt;

use serde::{Deserialize, Serialize};

/// A programming language that is parsed and audited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// Python 3, stubs included.
    Python,
    /// Go.
    Go,
    /// Rust.
    Rust,
}

impl Language {
    /// Every language, in the order of the enum.
    pub const ALL: [Self; 3] = [Self::Python, Self::Go, Self::Rust];

    /// The language of a file, by the extension of its path (`py`, `pyi`, `go`, `rs`).
    pub fn from_path(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next()?;
        match name.rsplit_once('.')?.1 {
            "py" | "pyi" => Some(Self::Python),
            "go" => Some(Self::Go),
            "rs" => Some(Self::Rust),
            _ => None,
        }
    }

    /// The language of an identifier as [`id`](Self::id) gives it; they are the language identifiers of LSP.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.id() == id)
    }

    /// The name in settings, reports and LSP: `python`, `go` or `rust`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Go => "go",
            Self::Rust => "rust",
        }
    }

    /// What starts a comment that runs to the end of the line.
    pub const fn comment_sign(self) -> &'static str {
        match self {
            Self::Python => "#",
            Self::Go | Self::Rust => "//",
        }
    }

    /// What stands between the parts of an absolute name.
    pub const fn separator(self) -> &'static str {
        match self {
            Self::Python | Self::Go => ".",
            Self::Rust => "::",
        }
    }

    /// The tree-sitter grammar, to look up the numbers of node kinds and fields.
    pub fn grammar(self) -> tree_sitter::Language {
        match self {
            Self::Python => tree_sitter_python::LANGUAGE.into(),
            Self::Go => tree_sitter_go::LANGUAGE.into(),
            Self::Rust => tree_sitter_rust::LANGUAGE.into(),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_the_language_by_its_extension() {
        assert_eq!(Language::from_path("a/b.py"), Some(Language::Python));
        assert_eq!(Language::from_path("stub.pyi"), Some(Language::Python));
        assert_eq!(Language::from_path(r"c:\x.d\main.go"), Some(Language::Go));
        assert_eq!(Language::from_path("lib.rs"), Some(Language::Rust));
        assert_eq!(Language::from_path("py"), None);
        assert_eq!(Language::from_path("dir.py/readme"), None);
        assert_eq!(Language::from_path("a.pyc"), None);
    }

    #[test]
    fn identifiers_round_trip() {
        for language in Language::ALL {
            assert_eq!(Language::from_id(language.id()), Some(language));
        }
        assert_eq!(Language::from_id("ruby"), None);
    }
}
