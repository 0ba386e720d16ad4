//! Standard output carries the result only; progress and warnings go to standard error.

use std::io::{self, IsTerminal as _, Write as _};

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
