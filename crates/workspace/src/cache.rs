//! What is remembered between runs, in the user's cache folder, outside of every workspace: outcomes of audits, what they found out about each
//! file, and indexes.
//!
//! Nothing depends on it. What is missing, broken, of another build or not to be read is made anew, and what cannot be written is not
//! remembered. An entry is written in one step: several programs can share a cache, and be killed at any time.

mod code;
mod index;
mod kept;
mod outcome;
mod snapshot;

use std::fs::{self, DirBuilder};
use std::hash::{Hash, Hasher as _};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use etcetera::BaseStrategy as _;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::disk;

pub(crate) use self::code::{Judged, KnownFile, configuration_state, encoded};
pub(crate) use self::index::Known;
pub(crate) use self::outcome::Remembered;
pub(crate) use self::snapshot::Stamp;

/// A folder of entries.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    /// Other builds judge otherwise.
    build: u64,
    problem: Mutex<Option<String>>,
}

/// What an entry begins with; another number for each change of what follows.
const MAGIC: &[u8; 16] = b"shipworthy 0001\n";
/// Behind it stand the build and the hash of the rest, of eight bytes each.
const HEAD: usize = MAGIC.len() + 16;
/// Larger entries are not read.
const MAX_ENTRY_BYTES: usize = 1 << 30;
/// All entries together; the oldest go.
const MAX_BYTES: u64 = 1 << 30;
/// Entries that have not been written for so long go.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// What the names of entries end with, and what those of unfinished ones begin with.
const ENDINGS: [&str; 3] = [outcome::ENDING, code::ENDING, index::ENDING];
const UNFINISHED: &str = ".new-";

impl Cache {
    /// The user's: `workspaces` in the folder that `SHIPWORTHY_CACHE` names, else in `shipworthy` in the system's folder for caches. None where
    /// there is no such folder.
    pub fn of_user() -> Option<Self> {
        let folder = match std::env::var_os("SHIPWORTHY_CACHE") {
            Some(folder) => PathBuf::from(folder),
            None => etcetera::choose_base_strategy().ok()?.cache_dir().join("shipworthy"),
        };
        folder.is_absolute().then(|| Self::at(folder.join("workspaces")))?
    }

    /// The cache in a folder, which is made when there is something to remember. None where this program cannot tell one build of itself from
    /// another.
    pub fn at(folder: PathBuf) -> Option<Self> {
        let program = fs::metadata(std::env::current_exe().ok()?).ok()?;
        let build = (env!("CARGO_PKG_VERSION"), program.len(), program.modified().ok()?);
        Some(Self { folder, build: hash(&build), problem: Mutex::default() })
    }

    /// Where its entries are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Why something could not be remembered, if anything could not: the last one.
    pub fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Removes all entries, and the folder where nothing else is in it. Gives their number and bytes.
    ///
    /// # Errors
    /// What could not be listed or removed.
    pub fn clean(&self) -> io::Result<(usize, u64)> {
        let entries = self.entries()?;
        for entry in &entries {
            absent_is_fine(fs::remove_file(&entry.path))?;
        }
        // Not empty, or not there.
        let _ = fs::remove_dir(&self.folder);
        Ok((entries.len(), entries.iter().map(|entry| entry.bytes).sum()))
    }

    /// An entry's content, if it was written whole by this build.
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let mut entry = disk::read_bytes(&self.folder.join(name), MAX_ENTRY_BYTES).ok()?;
        let content = entry.split_off(HEAD.min(entry.len()));
        (entry == self.head(&content)).then_some(content)
    }

    /// Writes an entry in the place of the last of its name.
    fn write(&self, name: &str, content: &[u8]) {
        if let Err(error) = self.try_to_write(name, content) {
            let problem = format!("{}: {error}", self.folder.display());
            *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
        }
    }

    fn try_to_write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut folder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.recursive(true).create(&self.folder)?;
        // Readable for its owner only, like the folder: it tells of somebody's code.
        let mut entry = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.folder)?;
        entry.write_all(&self.head(content))?;
        entry.write_all(content)?;
        entry.persist(self.folder.join(name))?;
        self.tidy()
    }

    fn head(&self, content: &[u8]) -> Vec<u8> {
        [&MAGIC[..], &self.build.to_le_bytes(), &xxh3_64(content).to_le_bytes()].concat()
    }

    /// Removes what is old or too much.
    fn tidy(&self) -> io::Result<()> {
        let mut entries = self.entries()?;
        entries.sort_by_key(|entry| entry.written);
        let mut total: u64 = entries.iter().map(|entry| entry.bytes).sum();
        let too_old = SystemTime::now() - MAX_AGE;
        for entry in entries {
            if entry.written < too_old || total > MAX_BYTES {
                absent_is_fine(fs::remove_file(&entry.path))?;
                total -= entry.bytes;
            }
        }
        Ok(())
    }

    /// What this program has written there, and nothing else.
    fn entries(&self) -> io::Result<Vec<Entry>> {
        let listed = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed?,
        };
        let mut entries = Vec::new();
        for file in listed {
            let file = file?;
            let name = file.file_name();
            let Some(name) = name.to_str() else { continue };
            // Another program may be faster.
            let Ok(found) = file.metadata() else { continue };
            let is_own = name.starts_with(UNFINISHED) || ENDINGS.iter().any(|ending| name.ends_with(ending));
            if is_own && found.is_file() {
                entries.push(Entry { path: file.path(), bytes: found.len(), written: found.modified()? });
            }
        }
        Ok(entries)
    }
}

/// A file of the cache.
struct Entry {
    path: PathBuf,
    bytes: u64,
    written: SystemTime,
}

fn absent_is_fine(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = Xxh3::new();
    value.hash(&mut hasher);
    hasher.finish()
}
