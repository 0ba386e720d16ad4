//! The formats that are read.

use std::fmt;

use crate::{ci, env, kubernetes, manifest};

/// A format of files around the code, as rules and settings speak of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// A Dockerfile or Containerfile.
    Dockerfile,
    /// A compose file.
    Compose,
    /// A Kubernetes manifest.
    Kubernetes,
    /// An environment file.
    Env,
    /// A manifest of dependencies.
    Manifest,
    /// A workflow of continuous integration.
    Ci,
    /// SQL: a schema, a migration, queries.
    Sql,
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
    pub const ALL: [Self; 7] =
        [Self::Dockerfile, Self::Compose, Self::Kubernetes, Self::Env, Self::Manifest, Self::Ci, Self::Sql];

    /// What the path of a file tells.
    pub fn guess(path: &str) -> Guess {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
        if is_dockerfile(name) {
            Guess::Certain(Self::Dockerfile)
        } else if ci::system(path).is_some() {
            Guess::Certain(Self::Ci)
        } else if is_yaml && is_compose(name) {
            Guess::Certain(Self::Compose)
        } else if env::is_one(name) {
            Guess::Certain(Self::Env)
        } else if manifest::Kind::of(path).is_some() {
            Guess::Certain(Self::Manifest)
        } else if name.ends_with(".sql") {
            Guess::Certain(Self::Sql)
        } else if is_yaml {
            Guess::Text
        } else {
            Guess::None
        }
    }

    /// The format of a file, by its path and, where that does not say, by its text.
    pub fn of(path: &str, text: &str) -> Option<Self> {
        match Self::guess(path) {
            Guess::Certain(format) => Some(format),
            Guess::Text => kubernetes::is_one(text).then_some(Self::Kubernetes),
            Guess::None => None,
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
            Self::Compose => "compose",
            Self::Kubernetes => "kubernetes",
            Self::Env => "env",
            Self::Manifest => "manifest",
            Self::Ci => "ci",
            Self::Sql => "sql",
        }
    }

    /// A path that a file of the format has by convention.
    pub const fn usual_path(self) -> &'static str {
        match self {
            Self::Dockerfile => "Dockerfile",
            Self::Compose => "compose.yaml",
            Self::Kubernetes => "deployment.yaml",
            Self::Env => ".env",
            Self::Manifest => "requirements.txt",
            Self::Ci => ".github/workflows/ci.yml",
            Self::Sql => "schema.sql",
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

/// `compose.yaml`, `docker-compose.prod.yml`.
fn is_compose(name: &str) -> bool {
    ["compose", "docker-compose", "podman-compose"]
        .iter()
        .any(|base| name.strip_prefix(base).is_some_and(|rest| rest.starts_with(['.', '-', '_'])))
        || [".compose.yml", ".compose.yaml", "-compose.yml", "-compose.yaml"]
            .iter()
            .any(|end| name.ends_with(end))
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
        for path in ["compose.yml", "a/docker-compose.prod.yaml", "dev-compose.yml"] {
            assert_eq!(of(path), Some(Format::Compose), "{path}");
        }
        assert_eq!(of("a/.env.production"), Some(Format::Env));
        assert_eq!(of("requires.txt"), Some(Format::Manifest));
        assert_eq!(of("shop.egg-info/requires.txt"), None);
        assert_eq!(of("values.yaml"), None);
        assert_eq!(of("Dockerfile.dockerignore"), None);
        assert_eq!(of("dockerfiles.py"), None);
    }
}
