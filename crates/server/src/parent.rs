//! The end of the client's process, for clients that end without closing the stream.

use std::time::Duration;

/// How often the client's process is looked for.
const INTERVAL: Duration = Duration::from_secs(5);

/// Returns once a process is gone.
pub(crate) async fn gone(process: u32) {
    while is_alive(process) {
        tokio::time::sleep(INTERVAL).await;
    }
}

#[cfg(unix)]
fn is_alive(process: u32) -> bool {
    use rustix::{io::Errno, process};
    let id = i32::try_from(process).ok().and_then(process::Pid::from_raw);
    id.is_some_and(|id| process::test_kill_process(id) != Err(Errno::SRCH))
}

/// Elsewhere the stream's end has to tell.
#[cfg(not(unix))]
fn is_alive(_: u32) -> bool {
    true
}
