//! What a Git repository holds, by its index. Only paths are read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use shipworthy_evidence::Tracking;

use crate::disk;

/// Larger indexes are no repository that people work in; nor are those whose shortened paths come to more.
const MAX_INDEX_BYTES: usize = 256 << 20;

/// A repository's work tree and the paths that it holds, with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The top of its work tree.
    pub root: PathBuf,
    /// What is under version control, as it says: anybody may have made an index that names anything.
    pub paths: BTreeSet<String>,
}

impl Repository {
    /// The repository that a file or folder stands in; none where there is none, or one that cannot be read.
    pub fn around(path: &Path) -> Option<Self> {
        let root = path.ancestors().find(|folder| folder.join(".git").exists())?;
        let git = root.join(".git");
        // In a linked work tree it is a file that says where the folder is.
        let git = match disk::read_text(&git) {
            Ok(link) => root.join(link.trim().strip_prefix("gitdir:")?.trim()),
            Err(_) => git,
        };
        let paths = match disk::read_bytes(&git.join("index"), MAX_INDEX_BYTES) {
            Ok(index) => paths(&index)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeSet::new(),
            Err(_) => return None,
        };
        Some(Self { root: root.to_owned(), paths })
    }

    /// What it knows of a file.
    pub fn tracking(&self, file: &Path) -> Tracking {
        if !file.starts_with(&self.root) {
            return Tracking::Unknown;
        }
        let path = crate::discovery::relative(&self.root, file);
        if self.paths.contains(&path) { Tracking::Tracked } else { Tracking::Untracked }
    }
}

/// The paths of an index of version 2 to 4; none where it is something else.
fn paths(index: &[u8]) -> Option<BTreeSet<String>> {
    let number = |at: usize| Some(u32::from_be_bytes(index.get(at..at + 4)?.try_into().ok()?));
    if index.get(..4)? != b"DIRC" {
        return None;
    }
    let (version, count) = (number(4)?, number(8)?);
    if !(2..=4).contains(&version) {
        return None;
    }
    let mut paths = BTreeSet::new();
    let mut path: Vec<u8> = Vec::new();
    let (mut at, mut total) = (12, 0);
    for _ in 0..count {
        // Times, device, owner and size, then the object's name and flags.
        let start = at;
        let flags = u16::from_be_bytes(index.get(start + 60..start + 62)?.try_into().ok()?);
        at = start + if flags & 0x4000 != 0 { 64 } else { 62 };
        if version == 4 {
            // So many bytes of the last path go, and these come.
            let mut drop = 0_usize;
            loop {
                let byte = *index.get(at)?;
                at += 1;
                drop = drop.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
                if byte & 0x80 == 0 {
                    break;
                }
                drop += 1;
            }
            path.truncate(path.len().checked_sub(drop)?);
        } else {
            path.clear();
        }
        let length = index.get(at..)?.iter().position(|byte| *byte == 0)?;
        path.extend(&index[at..at + length]);
        at += length + 1;
        if version != 4 {
            // Entries are filled up to eight bytes.
            at = start + (at - start).div_ceil(8) * 8;
        }
        total += path.len();
        if total > MAX_INDEX_BYTES {
            return None;
        }
        paths.insert(String::from_utf8_lossy(&path).into_owned());
    }
    Some(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, version: u32, drop: u8) -> Vec<u8> {
        let mut entry = vec![0; 60];
        entry.extend((path.len() as u16).to_be_bytes());
        if version == 4 {
            entry.push(drop);
        }
        entry.extend(path.as_bytes());
        entry.push(0);
        while version != 4 && !entry.len().is_multiple_of(8) {
            entry.push(0);
        }
        entry
    }

    #[test]
    fn indexes_of_each_version_give_their_paths() {
        for (version, entries) in [
            (2, [entry(".env", 2, 0), entry("src/main.py", 2, 0)].concat()),
            (4, [entry("src/a.py", 4, 0), entry("b.py", 4, 4)].concat()),
        ] {
            let index = [b"DIRC".to_vec(), 2_u32.to_be_bytes().to_vec()].concat();
            let mut index = [&index[..4], &(version as u32).to_be_bytes(), &index[4..], &entries].concat();
            let read = paths(&index).unwrap();
            let wanted = if version == 2 { [".env", "src/main.py"] } else { ["src/a.py", "src/b.py"] };
            assert_eq!(read.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
            index.truncate(40);
            assert_eq!(paths(&index), None);
        }
    }
}
