//! A session over a folder.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, Published, usual};

/// A session over a folder with files.
pub(crate) struct Project {
    pub(crate) folder: TempDir,
    pub(crate) client: Client,
}

impl Project {
    pub(crate) async fn start(files: &[(&str, &str)]) -> Self {
        Self::start_as(files, usual()).await
    }

    pub(crate) async fn start_as(files: &[(&str, &str)], capabilities: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(path, text)| write(&folder.path().join(path), text));
        let folders = json!([{"uri": uri(folder.path()), "name": "project"}]);
        let client =
            Client::start_with(json!({"capabilities": capabilities, "workspaceFolders": folders})).await;
        Self { folder, client }
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        write(&self.folder.path().join(path), text);
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        uri(&self.folder.path().join(path))
    }

    pub(crate) async fn open(&mut self, path: &str, text: &str) {
        let uri = self.uri(path);
        self.client.open_as(&uri, "", text).await;
    }

    pub(crate) async fn diagnostics(&mut self, path: &str) -> Published {
        let uri = self.uri(path);
        self.client.diagnostics(&uri).await
    }

    /// Tells that a file changed on disk.
    pub(crate) async fn changed(&mut self, path: &str) {
        self.all_changed(&[path.to_owned()]).await;
    }

    /// Tells at once that files changed on disk.
    pub(crate) async fn all_changed(&mut self, paths: &[String]) {
        let changes: Vec<Value> =
            paths.iter().map(|path| json!({"uri": self.uri(path), "type": 2})).collect();
        self.client.notify("workspace/didChangeWatchedFiles", json!({"changes": changes})).await;
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
