//! How files stood at one time, so that a later look tells which are others without reading them.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use shipworthy_audit::MAX_FILE_BYTES;
use xxhash_rust::xxh3::xxh3_64;

use crate::disk;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    bytes: u64,
    modified: Option<Duration>,
    /// When anything of it changed, and its number in the file system, where there is such a thing. A program that sets the time of the last
    /// modification cannot set these.
    changed: (i64, i64),
    number: u64,
    /// The hash of what stood in it, where it was changed so shortly before that another change may bear the same time.
    content: Option<u64>,
}

/// File systems tell times in steps of up to so much.
const STEP: Duration = Duration::from_secs(2);

impl Stamp {
    /// How a file stands; none where there is no such file.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let bare = Self::without_content(path)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let seconds = u64::try_from(bare.changed.0).unwrap_or_default();
        let changed = bare.modified.unwrap_or(now).max(Duration::from_secs(seconds));
        let content = (changed + STEP >= now).then(|| content(path));
        Some(Self { content, ..bare })
    }

    /// Whether a file that stands like this now stands as it stood.
    pub(crate) fn holds(&self, now: &Self, path: &Path) -> bool {
        let now_content = || now.content.unwrap_or_else(|| content(path));
        *self == Self { content: self.content, ..now.clone() }
            && self.content.is_none_or(|known| now_content() == known)
    }

    fn without_content(path: &Path) -> Option<Self> {
        let found = fs::symlink_metadata(path).ok()?;
        let modified =
            found.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        #[cfg(unix)]
        let (changed, number) = {
            use std::os::unix::fs::MetadataExt as _;
            ((found.ctime(), found.ctime_nsec()), found.ino())
        };
        #[cfg(not(unix))]
        let (changed, number) = ((0, 0), 0);
        Some(Self { bytes: found.len(), modified, changed, number, content: None })
    }
}

/// The hash of as much of a file as an audit reads; of what cannot be read nothing's.
fn content(path: &Path) -> u64 {
    let bytes = disk::open(path).and_then(|file| disk::read_up_to(file, MAX_FILE_BYTES));
    xxh3_64(&bytes.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(known: &Stamp, path: &Path) -> bool {
        Stamp::of(path).is_some_and(|now| known.holds(&now, path))
    }

    #[test]
    fn a_change_within_one_step_of_the_clock_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.py");
        fs::write(&path, "a = 1\n").unwrap();
        let stamp = Stamp::of(&path).unwrap();
        assert!(stamp.content.is_some() && holds(&stamp, &path));
        let text = Stamp { content: Some(xxh3_64(b"a = 2\n")), ..stamp };
        assert!(!holds(&text, &path));
        // The same once it is old.
        let old = Stamp { content: None, ..Stamp::of(&path).unwrap() };
        assert!(!text.holds(&old, &path));
    }

    #[test]
    fn an_old_file_is_not_read_and_a_change_of_its_bytes_is_seen_whatever_its_time_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.py");
        fs::write(&path, "a = 1\n").unwrap();
        let known = Stamp { content: None, ..Stamp::of(&path).unwrap() };
        assert!(holds(&known, &path));
        fs::write(&path, "a = 11\n").unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + known.modified.unwrap()).unwrap();
        assert!(!holds(&known, &path));
        fs::remove_file(&path).unwrap();
        assert!(!holds(&known, &path));
    }
}
