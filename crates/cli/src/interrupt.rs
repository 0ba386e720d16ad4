//! Ctrl-C: work stops at the next file, and what is begun is taken back. A second one ends the program at once.

use std::sync::atomic::{AtomicBool, Ordering};

static STOPPED: AtomicBool = AtomicBool::new(false);

/// Begins to listen.
pub(crate) fn listen() {
    // Where it cannot be listened for, Ctrl-C ends the program as it does without this.
    let _ = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
}

/// Whether the user wants no more.
pub(crate) fn is_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}
