//! Files around the code show their findings like code does.

use serde_json::json;

use crate::client::Client;

const DOCKERFILE: &str = "file:///api/Dockerfile";

#[tokio::test]
async fn findings_follow_the_text() {
    let mut client = Client::start().await;
    client.open_as(DOCKERFILE, "dockerfile", "FROM a:1\nUSER root\n").await;
    assert_eq!(client.diagnostics(DOCKERFILE).await.shown(), ["root-user 1:0-1:9"]);
    client.change(DOCKERFILE, 2, [0, 0, 0, 0], "# top\n").await;
    assert_eq!(client.diagnostics(DOCKERFILE).await.shown(), ["root-user 2:0-2:9"]);
    client.change(DOCKERFILE, 3, [2, 5, 2, 9], "app").await;
    assert!(client.diagnostics(DOCKERFILE).await.shown().is_empty());
    assert!(client.leave().await);
}

#[tokio::test]
async fn they_have_fixes_hovers_and_suppressions() {
    let mut client = Client::start().await;
    client.open_as(DOCKERFILE, "dockerfile", "FROM a:1\nUSER root\n").await;
    client.diagnostics(DOCKERFILE).await;
    let hover = client.hover(DOCKERFILE, 1, 2).await;
    assert!(hover["contents"]["value"].as_str().unwrap().contains("A line that makes root the user"));
    let actions = client.actions(DOCKERFILE, [1, 0, 1, 0]).await;
    let titles: Vec<&str> = actions.iter().map(|a| a["title"].as_str().unwrap()).collect();
    let wanted = ["Use app", "Apply every safe fix in this file", "Show what root-user is about"];
    assert_eq!(titles[..3], wanted);
    assert_eq!(titles[3], "Ignore root-user here, with a reason");
    client.change(DOCKERFILE, 2, [1, 0, 1, 0], "# shipworthy: ignore[root-user] for now\n").await;
    assert!(client.diagnostics(DOCKERFILE).await.shown().is_empty());
}

#[tokio::test]
async fn clients_call_them_by_many_names() {
    let mut client = Client::start().await;
    for (uri, language, text, shown) in [
        ("file:///x/.env", "properties", "A=root\n", vec!["root-user 0:2-0:6"]),
        ("file:///x/requirements.txt", "pip-requirements", "root==1\n", vec!["root-user 0:0-0:7"]),
        ("untitled:one", "dockerfile", "FROM a:1\nUSER root\n", vec!["root-user 1:0-1:9"]),
        (
            "file:///x/pyproject.toml",
            "toml",
            "[project]\ndependencies = ['root']\n",
            vec!["root-user 1:16-1:22"],
        ),
    ] {
        client.open_as(uri, language, text).await;
        assert_eq!(client.diagnostics(uri).await.shown(), shown, "{uri}");
    }
    // What is neither is left alone.
    client.open_as("file:///x/values.yaml", "yaml", "a: root\n").await;
    assert_eq!(client.hover("file:///x/values.yaml", 0, 4).await, json!(null));
}

#[tokio::test]
async fn a_settings_file_is_a_manifest_too() {
    let mut client = Client::start().await;
    let uri = "file:///x/pyproject.toml";
    client.open_as(uri, "toml", "[project]\ndependencies = ['root']\n[tool.shipworthy]\nrulez = 1\n").await;
    let shown = client.diagnostics(uri).await.shown();
    assert_eq!(shown.len(), 2, "{shown:?}");
}
