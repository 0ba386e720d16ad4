//! Where downloaded things live: outside the repository, shared by its clones.

use std::env;
use std::path::PathBuf;

use anyhow::Context;

/// The cache folder: `SHIPWORTHY_CACHE`, else `shipworthy` in the user's cache folder.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    if let Some(folder) = env::var_os("SHIPWORTHY_CACHE") {
        return Ok(folder.into());
    }
    let caches = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = caches.or_else(|| Some(env::home_dir()?.join(".cache")));
    Ok(caches.context("no home folder: set SHIPWORTHY_CACHE")?.join("shipworthy"))
}
