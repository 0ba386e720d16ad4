//! Standard output carries the result only; progress and warnings go to standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use shipworthy_report::visible;
use shipworthy_workspace::replace_file;

use crate::arguments::{Color, Output};

/// Whether to colour standard output.
pub(crate) fn colored(output: &Output) -> bool {
    match output.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        }
    }
}

/// Says on standard error what is wrong beside the result. It may quote what anybody wrote.
pub(crate) fn warn(message: &str) {
    anstream::eprintln!("warning: {}", visible(message));
}

/// Writes a file that the user named. A link that the folder's files hold does not lead the text out of it.
pub(crate) fn to_file(path: &Path, text: &str) -> Result<(), String> {
    let here = std::env::current_dir().map_err(|e| format!("the current folder: {e}"))?;
    replace_file(&here, path, text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Writes code as it is, but what commands a terminal on none.
pub(crate) fn write_code(text: &str) -> Result<(), String> {
    if io::stdout().is_terminal() { write(&visible(text)) } else { write(text) }
}

/// Writes the result. A reader that closes early (`| head`) is no error.
pub(crate) fn write(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("writing the result: {error}"))
        }
        _ => Ok(()),
    }
}
