//! Writing files.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file in one step, so that whoever reads it, or stops this program, finds the old text or the new one.
///
/// # Errors
/// What kept it from being written; then the file is as it was.
pub fn replace_file(path: &Path, text: &str) -> io::Result<()> {
    let existing = fs::metadata(path);
    if existing.as_ref().is_ok_and(|m| !m.is_file()) {
        // A pipe or a device cannot be replaced.
        return fs::write(path, text);
    }
    // A link stays one.
    let path = &fs::canonicalize(path).unwrap_or(path.to_owned());
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = new_file(folder)?;
    new.write_all(text.as_bytes())?;
    if let Ok(existing) = existing {
        new.as_file().set_permissions(existing.permissions())?;
    }
    new.persist(path)?;
    Ok(())
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
