//! Fixes that need a library change the manifest too.

use serde_json::{Value, json};

use crate::client::usual;
use crate::project::Project;

/// The changes of each document: its URI's end, its version, and the edits.
fn changes(edit: &Value) -> Vec<(String, Value, String)> {
    let documents = edit["documentChanges"].as_array().unwrap();
    let one = |document: &Value| {
        let uri = document["textDocument"]["uri"].as_str().unwrap();
        let edit = &document["edits"][0];
        let start = &edit["range"]["start"];
        let shown = format!("{}:{} {}", start["line"], start["character"], edit["newText"].as_str().unwrap());
        (uri.rsplit('/').next().unwrap().to_owned(), document["textDocument"]["version"].clone(), shown)
    };
    documents.iter().map(one).collect()
}

async fn resolved(project: &mut Project, path: &str) -> Value {
    let uri = project.uri(path);
    let actions = project.client.actions(&uri, [0, 0, 0, 0]).await;
    assert_eq!(actions[0]["title"], "Let a library do it");
    project.client.request("codeAction/resolve", actions[0].clone()).await.unwrap()["edit"].clone()
}

#[tokio::test]
async fn a_closed_manifest_is_changed_as_it_is_on_disk() {
    let files = [("requirements.txt", "flask\nzope\n"), ("app/main.py", "need()\n")];
    let mut project = Project::start(&files).await;
    project.open("app/main.py", "need()\n").await;
    let edit = resolved(&mut project, "app/main.py").await;
    let wanted = [
        ("main.py".to_owned(), json!(1), "0:0 given()".to_owned()),
        ("requirements.txt".to_owned(), json!(null), "1:0 given>=1\n".to_owned()),
    ];
    assert_eq!(changes(&edit), wanted);
}

#[tokio::test]
async fn an_open_manifest_is_changed_as_it_is_in_the_editor() {
    let files = [("requirements.txt", "flask\n"), ("main.py", "need()\n")];
    let mut project = Project::start(&files).await;
    project.open("main.py", "need()\n").await;
    project.open("requirements.txt", "aiohttp\nflask\nzope\n").await;
    let edit = resolved(&mut project, "main.py").await;
    assert_eq!(changes(&edit)[1], ("requirements.txt".to_owned(), json!(1), "2:0 given>=1\n".to_owned()));
    // What is declared needs no change.
    project.open("pyproject.toml", "[project]\ndependencies = ['given']\n").await;
    assert_eq!(changes(&resolved(&mut project, "main.py").await).len(), 1);
}

#[tokio::test]
async fn a_client_that_asks_for_no_edits_gets_them_at_once() {
    let mut capabilities = usual();
    capabilities["textDocument"]["codeAction"]["resolveSupport"] = Value::Null;
    let files = [("requirements.txt", "flask\n"), ("main.py", "need()\n")];
    let mut project = Project::start_as(&files, capabilities).await;
    project.open("main.py", "need()\n").await;
    let uri = project.uri("main.py");
    let actions = project.client.actions(&uri, [0, 0, 0, 0]).await;
    assert_eq!(actions[0]["title"], "Let a library do it");
    assert_eq!(actions[0]["data"], Value::Null);
    let manifest = ("requirements.txt".to_owned(), json!(null), "1:0 given>=1\n".to_owned());
    assert_eq!(changes(&actions[0]["edit"])[1], manifest);
}

#[tokio::test]
async fn a_client_without_versions_gets_changes_by_file() {
    let mut capabilities = usual();
    capabilities["workspace"]["workspaceEdit"] = json!({});
    let mut project =
        Project::start_as(&[("requirements.txt", ""), ("main.py", "need()\n")], capabilities).await;
    project.open("main.py", "need()\n").await;
    let edit = resolved(&mut project, "main.py").await;
    let manifest = project.uri("requirements.txt");
    assert_eq!(edit["changes"][&manifest][0]["newText"], "given>=1\n");
}
