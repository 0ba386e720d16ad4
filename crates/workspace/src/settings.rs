//! Settings on disk: the nearest settings file upwards.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use shipworthy_audit::Rule;
use shipworthy_audit::settings::{Problem, Settings, SettingsFile};
use shipworthy_syntax::Range;

/// A settings file as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingsOnDisk {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    /// What it says; none where it cannot be read as settings: keep the last good ones.
    pub settings: Option<Arc<Settings>>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// The settings file for what is in a folder: the nearest upwards. `read` reads a file, or gives the text that an editor has of it.
pub fn nearest_settings(
    folder: &Path,
    catalogue: &[&'static Rule],
    read: impl Fn(&Path) -> io::Result<String>,
) -> Option<SettingsOnDisk> {
    let candidates =
        folder.ancestors().flat_map(|folder| SettingsFile::ALL.map(|file| folder.join(file.name())));
    candidates.filter_map(|path| read_settings(&path, catalogue, &read)).next()
}

/// A settings file; none where there is no such file, or one that holds no settings.
pub fn read_settings(
    path: &Path,
    catalogue: &[&'static Rule],
    read: impl Fn(&Path) -> io::Result<String>,
) -> Option<SettingsOnDisk> {
    let file = SettingsFile::ALL
        .into_iter()
        .find(|file| path.file_name().is_some_and(|name| name == file.name()))?;
    let (text, settings, problems) = match read(path) {
        Ok(text) => {
            let (settings, problems) = Settings::parse(&text, file, catalogue);
            (text, settings, problems)
        }
        Err(error) if absent(&error) => return None,
        Err(error) => (String::new(), None, vec![unreadable(&error)]),
    };
    if settings.is_none() && problems.is_empty() {
        return None;
    }
    Some(SettingsOnDisk {
        path: path.to_owned(),
        text: text.into(),
        settings: settings.map(Arc::new),
        problems,
    })
}

/// Whether there is no file, or a folder in its place.
fn absent(error: &io::Error) -> bool {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory)
}

fn unreadable(error: &io::Error) -> Problem {
    Problem {
        range: Range::empty(0),
        message: format!("this file cannot be read: {error}"),
        help: "the last good settings stay in force until it can".to_owned(),
        fix: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(files: &[(&str, &str)], folder: &str) -> Option<(PathBuf, usize)> {
        let read = |path: &Path| {
            let file = files.iter().find(|(name, _)| Path::new(name) == path);
            file.map(|(_, text)| (*text).to_owned()).ok_or(io::ErrorKind::NotFound.into())
        };
        nearest_settings(Path::new(folder), &[], read).map(|found| (found.path, found.problems.len()))
    }

    #[test]
    fn the_nearest_file_upwards_that_holds_settings_counts() {
        let files = [
            ("/w/shipworthy.toml", ""),
            ("/w/api/pyproject.toml", "[tool.other]"),
            ("/w/web/pyproject.toml", "[tool.shipworthy]"),
            ("/w/both/pyproject.toml", "[tool.shipworthy]"),
            ("/w/both/shipworthy.toml", "rulez = 1"),
        ];
        let path = |path: &str, problems| Some((PathBuf::from(path), problems));
        assert_eq!(nearest(&files, "/w/api/src"), path("/w/shipworthy.toml", 0));
        assert_eq!(nearest(&files, "/w/web/src"), path("/w/web/pyproject.toml", 0));
        assert_eq!(nearest(&files, "/w/both"), path("/w/both/shipworthy.toml", 1));
        assert_eq!(nearest(&files, "/x"), None);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told() {
        let read = |_: &Path| Err(io::ErrorKind::PermissionDenied.into());
        let found = nearest_settings(Path::new("/w"), &[], read).unwrap();
        assert_eq!((found.settings, found.problems.len()), (None, 1));
    }
}
