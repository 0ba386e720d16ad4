//! Rules, findings, fixes, suppressions, settings and the incremental driver.

pub mod level;
pub mod name;
