//! Reading and writing the files of a workspace, which anybody may have made: nothing here follows a link out of it, waits for a pipe or
//! reads without end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use shipworthy_audit::MAX_FILE_BYTES;

/// The bytes of a file of at most so many.
///
/// # Errors
/// Where it is no regular file (a link is none), is larger, or cannot be read.
pub(crate) fn read_bytes(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let bytes = read_up_to(open(path)?, most)?;
    if bytes.len() > most {
        return Err(io::Error::other(format!("larger than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

/// The text of a file of the size that an audit reads.
///
/// # Errors
/// As [`read_bytes`], and where it is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    let bytes = read_bytes(path, MAX_FILE_BYTES)?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
}

/// The text of a baseline that nobody named: the last one, whose findings keep their ids.
///
/// # Errors
/// As [`read_text`].
pub fn read_baseline(path: &Path) -> io::Result<String> {
    let bytes = read_bytes(path, 64 << 20)?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
}

/// The first bytes of a file: one more than `most` where there are more, even of a file that grows while it is read.
pub(crate) fn read_up_to(file: File, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a regular file. A link is not followed: it may lead anywhere.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::Error::other("a link is not followed"));
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // What took the file's place since it was looked at is not followed or waited for either.
        options.custom_flags((rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits() as i32);
    }
    let file = options.open(path)?;
    let kind = file.metadata()?.file_type();
    match (kind.is_file(), kind.is_dir()) {
        (true, _) => Ok(file),
        (_, true) => Err(io::ErrorKind::IsADirectory.into()),
        _ => Err(io::Error::other("not a regular file")),
    }
}

/// Writes a file in one step, so that whoever reads it, or stops this program, finds the old text or the new one. A link stays one, if what
/// it leads to is in `root` like itself; a file outside of `root` is one that somebody named.
///
/// # Errors
/// What kept it from being written; then the file is as it was.
pub fn replace_file(root: &Path, path: &Path, text: &str) -> io::Result<()> {
    let path = &place(root, path)?;
    let existing = fs::metadata(path);
    if existing.as_ref().is_ok_and(|m| !m.is_file()) {
        return Err(io::Error::other("not a regular file"));
    }
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = new_file(folder)?;
    new.write_all(text.as_bytes())?;
    if let Ok(existing) = existing {
        new.as_file().set_permissions(existing.permissions())?;
    }
    // After a failure of the machine, too, the name must not stand before the text.
    new.as_file().sync_all()?;
    new.persist(path)?;
    Ok(())
}

/// Where a path leads, if not from inside of `root` to the outside.
fn place(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let led = match fs::canonicalize(path) {
        Ok(led) => led,
        // There is no such file yet, or a link that leads nowhere, which the file replaces.
        Err(_) => {
            let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
            fs::canonicalize(folder)?.join(name)
        }
    };
    let here = std::env::current_dir()?;
    let is_inside = |path: &Path| {
        let parent_of = path.components().any(|c| matches!(c, std::path::Component::ParentDir));
        !parent_of && here.join(path).starts_with(here.join(root))
    };
    if is_inside(path) && !led.starts_with(fs::canonicalize(root)?) {
        return Err(io::Error::other(format!("a link leads out of the folder, to {}", led.display())));
    }
    Ok(led)
}

/// A file that goes unless it takes its place, with the rights that files get here.
fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
