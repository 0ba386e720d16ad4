//! `shipworthy clean`.

use shipworthy_workspace::Cache;

use crate::Outcome;
use crate::arguments::Output;

/// Removes all that is remembered between runs, and says how much it was.
pub(crate) fn run(shared: &Output) -> Result<Outcome, String> {
    let Some(cache) = Cache::of_user() else { return Ok(Outcome::Sound) };
    let folder = cache.folder().display();
    let (entries, bytes) = cache.clean().map_err(|e| format!("{folder}: {e}"))?;
    if !shared.quiet {
        anstream::eprintln!("{entries} entries of {} KiB removed from {folder}", bytes.div_ceil(1024));
    }
    Ok(Outcome::Sound)
}
