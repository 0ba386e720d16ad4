//! The formats that are read.

use std::fmt;

/// A format of files around the code, as rules and settings speak of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// A Dockerfile or Containerfile.
    Dockerfile,
}

/// What a path tells of a file's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Its format, whatever it holds.
    Certain(Format),
    /// It may be one of those that only the text tells apart.
    Text,
    /// No format that is read.
    None,
}

impl Format {
    /// Every format, in the order of the enum.
    pub const ALL: [Self; 1] = [Self::Dockerfile];

    /// What the path of a file tells.
    pub fn guess(path: &str) -> Guess {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        if is_dockerfile(name) { Guess::Certain(Self::Dockerfile) } else { Guess::None }
    }

    /// The format of a file, by its path and, where that does not say, by its text.
    pub fn of(path: &str, _text: &str) -> Option<Self> {
        match Self::guess(path) {
            Guess::Certain(format) => Some(format),
            Guess::Text | Guess::None => None,
        }
    }

    /// The format that a name in fences, settings and reports stands for.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.id() == id)
    }

    /// The name in fences, settings and reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Dockerfile => "dockerfile",
        }
    }

    /// A path that a file of the format has by convention.
    pub const fn usual_path(self) -> &'static str {
        match self {
            Self::Dockerfile => "Dockerfile",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// `Dockerfile`, `Dockerfile.api`, `api.Dockerfile`, `Containerfile`.
fn is_dockerfile(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["dockerfile", "containerfile"].iter().any(|base| {
        name.strip_prefix(base).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(['.', '-', '_']) && !rest.ends_with(".dockerignore")
        }) || name.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_formats() {
        let of = |path| Format::of(path, "");
        for path in
            ["Dockerfile", "api/Dockerfile.dev", "api.dockerfile", "Containerfile", "docker/Dockerfile-gpu"]
        {
            assert_eq!(of(path), Some(Format::Dockerfile), "{path}");
        }
        assert_eq!(of("Dockerfile.dockerignore"), None);
        assert_eq!(of("dockerfiles.py"), None);
    }
}
