//! The rules' pages as files, so that an editor can open what a finding links to.

use std::path::PathBuf;
use std::sync::Arc;
use std::{fs, io};

use shipworthy_audit::{Auditor, Rule, page, suppression};
use tower_lsp_server::ls_types::Uri;
use tracing::warn;

/// A folder with a page a rule.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    folder: PathBuf,
}

impl Pages {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Writes the pages of the catalogue, in its own time. They change with the program only.
    pub(crate) fn write(&self, auditor: &Arc<Auditor>) {
        let (pages, auditor) = (self.clone(), auditor.clone());
        let log = tracing::dispatcher::get_default(Clone::clone);
        tokio::task::spawn_blocking(move || {
            tracing::dispatcher::with_default(&log, || {
                if let Err(error) = pages.write_all(&auditor) {
                    warn!("the rules' pages cannot be written: {error}");
                }
            });
        });
    }

    fn write_all(&self, auditor: &Auditor) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        for rule in auditor.rules().iter().chain(suppression::rules::RULES) {
            let (path, text) = (self.path(rule), text(rule));
            if !fs::read_to_string(&path).is_ok_and(|old| old == text) {
                fs::write(path, text)?;
            }
        }
        Ok(())
    }

    /// The page of a rule.
    pub(crate) fn uri(&self, rule: &Rule) -> Option<Uri> {
        Uri::from_file_path(self.path(rule))
    }

    fn path(&self, rule: &Rule) -> PathBuf {
        self.folder.join(format!("{}.md", rule.name))
    }
}

/// A rule's page as a document of its own.
pub(crate) fn text(rule: &Rule) -> String {
    format!("# {}\n\n{}", rule.name, page::readable(rule.page, None))
}

/// Where pages go: below the user's cache.
pub(crate) fn folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else {
        variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))
    };
    Some(cache?.join("shipworthy").join(env!("CARGO_PKG_VERSION")).join("rules"))
}
