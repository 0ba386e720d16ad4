//! The workspace that a file or folder stands in.

use std::path::{Component, Path, PathBuf};

use crate::disk::read_text;
use crate::layout::is_manifest;
use crate::settings::nearest_settings;

/// The folder of the workspace around paths: of a folder with a settings file, a repository or a manifest it is that one, else the nearest
/// above with a settings file or a repository, else the nearest with a manifest. None where nothing tells.
pub fn workspace_root(paths: &[PathBuf]) -> Option<PathBuf> {
    let folders = paths.iter().map(|path| if path.is_dir() { Some(path.as_path()) } else { path.parent() });
    let around = |one: PathBuf, other: &Path| {
        one.ancestors().find(|folder| other.starts_with(folder)).unwrap_or(Path::new("")).to_owned()
    };
    let start =
        folders.collect::<Option<Vec<_>>>()?.into_iter().map(Path::to_owned).reduce(|a, b| around(a, &b))?;
    let has_manifest = |folder: &&Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| is_manifest(&entry.file_name().to_string_lossy()))
    };
    if has_manifest(&start.as_path()) {
        return Some(start);
    }
    let settings = nearest_settings(&start, &[], read_text);
    let settings = settings.and_then(|found| Some(found.path.parent()?.to_owned()));
    let is_top = |folder: &&Path| folder.join(".git").exists() || settings.as_deref() == Some(*folder);
    let found = start.ancestors().find(is_top).or_else(|| start.ancestors().find(has_manifest));
    found.map(Path::to_owned)
}

/// An absolute path without `.` and `..`.
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = plain.pop(),
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_sign_of_a_workspace_counts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for path in ["repo/.git", "repo/api/app", "repo/docs", "mono/tool/src", "loose/part"] {
            std::fs::create_dir_all(root.join(path)).unwrap();
        }
        for path in ["repo/api/pyproject.toml", "repo/docs/a.py", "mono/shipworthy.toml", "mono/tool/go.mod"]
        {
            std::fs::write(root.join(path), "").unwrap();
        }
        let found = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
            Some(workspace_root(&paths)?.strip_prefix(root).unwrap().to_string_lossy().into_owned())
        };
        let named = |path: &str| Some(path.to_owned());
        assert_eq!(found(&["repo"]), named("repo"));
        assert_eq!(found(&["repo/docs/a.py"]), named("repo"));
        assert_eq!(found(&["repo/api/app"]), named("repo"));
        assert_eq!(found(&["repo/api"]), named("repo/api"), "a project is one");
        assert_eq!(found(&["repo/api", "repo/docs"]), named("repo"));
        assert_eq!(found(&["mono/tool/src"]), named("mono"));
        assert_eq!(found(&["loose/part"]), None);
    }

    #[test]
    fn plain_paths_have_no_detours() {
        assert_eq!(plain(Path::new("/a/./b/../c")), Path::new("/a/c"));
    }
}
