//! Letters on the disk.

use std::time::Duration;

/// Reads a letter; blocks.
pub fn read(path: &str) -> anyhow::Result<String> {
    Ok(std::fs::read_to_string(path)?)
}

/// Waits until the printer is ready; blocks.
pub fn settle() {
    std::thread::sleep(Duration::from_millis(200));
}
