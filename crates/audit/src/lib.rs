//! Rules, findings, fixes, suppressions, settings and the incremental driver.
