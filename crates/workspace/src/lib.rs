//! A workspace on disk: which files it has, and the audit of all of them.

mod audit;
mod cache;
mod discovery;
mod disk;
mod folder_settings;
mod indexer;
mod layout;
mod repository;
mod root;
mod settings;
mod surveyor;
mod today;

pub use audit::{Source, Watch, audit};
pub use cache::Cache;
pub use discovery::{Discovery, discover, read_source, relative};
pub use disk::{read_baseline, read_text, replace_file};
pub use folder_settings::FolderSettings;
pub use indexer::{Event, Indexer};
pub use layout::{Layout, tells_of_layout};
pub use repository::Repository;
pub use root::{plain, workspace_root};
pub use settings::{SettingsOnDisk, nearest_settings, read_settings};
pub use surveyor::{OpenFile, Surveyed, Surveyor, text_state};
pub use today::today;
