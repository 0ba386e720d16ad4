//! Settings files, on disk and open.

use std::fs;

use serde_json::{Value, json};

use crate::client::{Published, usual};
use crate::project::Project;

fn message(published: &Published) -> &str {
    published.items()[0]["message"].as_str().unwrap()
}

const CODE: &str = "bad()\nodd()\n";

#[tokio::test]
async fn the_nearest_settings_count() {
    let mut project = Project::start(&[
        ("shipworthy.toml", "[rules]\nodd-call = 'blocking'\n"),
        ("api/pyproject.toml", "[tool.shipworthy.rules]\nbad-call = 'off'\n"),
    ])
    .await;
    project.open("a.py", CODE).await;
    let published = project.diagnostics("a.py").await;
    assert_eq!(published.shown(), ["bad-call 0:0-0:5", "odd-call 1:0-1:5"]);
    assert_eq!(published.items()[1]["severity"], 1);
    project.open("api/src/b.py", CODE).await;
    assert_eq!(project.diagnostics("api/src/b.py").await.shown(), ["odd-call 1:0-1:5"]);
}

#[tokio::test]
async fn settings_are_reloaded_when_they_change_on_disk() {
    let mut capabilities = usual();
    capabilities["workspace"]["didChangeWatchedFiles"] = json!({"dynamicRegistration": true});
    let mut project = Project::start_as(&[], capabilities).await;
    let registration = project.client.next("client/registerCapability").await;
    let watchers = &registration["params"]["registrations"][0]["registerOptions"]["watchers"];
    let globs: Vec<&Value> = watchers.as_array().unwrap().iter().map(|w| &w["globPattern"]).collect();
    assert_eq!(globs[..2], ["**/shipworthy.toml", "**/pyproject.toml"]);
    project.open("a.py", CODE).await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["bad-call 0:0-0:5", "odd-call 1:0-1:5"]);
    project.write("shipworthy.toml", "[rules]\nbad-call = 'off'\n");
    project.changed("shipworthy.toml").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["odd-call 1:0-1:5"]);
    fs::remove_file(project.folder.path().join("shipworthy.toml")).unwrap();
    project.changed("shipworthy.toml").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["bad-call 0:0-0:5", "odd-call 1:0-1:5"]);
}

/// A mistake is told in the settings file; what else it says is in force.
#[tokio::test]
async fn mistakes_are_told_in_the_settings_file() {
    let text = "[rules]\nodd-cal = 'off'\nbad-call = 'off'\n";
    let mut project = Project::start(&[("shipworthy.toml", text)]).await;
    project.open("a.py", CODE).await;
    let mistakes = project.diagnostics("shipworthy.toml").await;
    assert_eq!(mistakes.shown(), ["invalid-setting 1:0-1:7"]);
    assert_eq!(message(&mistakes), "there is no rule `odd-cal`\ndid you mean `odd-call`?");
    assert_eq!(project.diagnostics("a.py").await.shown(), ["odd-call 1:0-1:5"]);
    project.write("shipworthy.toml", "[rules]\nodd-call = 'off'\n");
    project.changed("shipworthy.toml").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["bad-call 0:0-0:5"]);
    assert_eq!(project.diagnostics("shipworthy.toml").await.shown(), Vec::<String>::new());
}

/// What is wrong with a settings file goes with the file.
#[tokio::test]
async fn mistakes_go_with_their_file() {
    let mut project = Project::start(&[("shipworthy.toml", "rulez = 1\n")]).await;
    project.open("a.py", CODE).await;
    assert_eq!(project.diagnostics("shipworthy.toml").await.shown(), ["invalid-setting 0:0-0:5"]);
    fs::remove_file(project.folder.path().join("shipworthy.toml")).unwrap();
    project.changed("shipworthy.toml").await;
    assert_eq!(project.diagnostics("shipworthy.toml").await.shown(), Vec::<String>::new());
}

#[tokio::test]
async fn the_last_good_settings_stay_in_force() {
    let mut project = Project::start(&[("shipworthy.toml", "[rules]\nbad-call = 'off'\n")]).await;
    project.open("a.py", CODE).await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["odd-call 1:0-1:5"]);
    project.write("shipworthy.toml", "[rules\nbad-call = 'off'\n");
    project.changed("shipworthy.toml").await;
    let mistakes = project.diagnostics("shipworthy.toml").await;
    assert!(message(&mistakes).starts_with("this is not TOML"));
    let a = project.uri("a.py");
    project.client.change(&a, 2, [0, 0, 0, 0], "odd()\n").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["odd-call 0:0-0:5", "odd-call 2:0-2:5"]);
}

/// A settings file that is open counts as it stands in the editor, is checked as it is typed, and offers the right name.
#[tokio::test]
async fn an_open_settings_file_counts_as_it_is_typed() {
    let mut project = Project::start(&[("shipworthy.toml", "")]).await;
    project.open("a.py", CODE).await;
    project.diagnostics("a.py").await;
    project.open("shipworthy.toml", "[rules]\nbad-cal = 'off'\n").await;
    assert_eq!(project.diagnostics("shipworthy.toml").await.shown(), ["invalid-setting 1:0-1:7"]);
    let settings = project.uri("shipworthy.toml");
    let actions = project.client.actions(&settings, [1, 3, 1, 3]).await;
    assert_eq!(actions[0]["title"], "Write `bad-call`");
    let action = project.client.request("codeAction/resolve", actions[0].clone()).await.unwrap();
    assert_eq!(action["edit"]["documentChanges"][0]["edits"][0]["newText"], "bad-call");
    project.client.change(&settings, 2, [1, 7, 1, 7], "l").await;
    assert_eq!(project.diagnostics("shipworthy.toml").await.shown(), Vec::<String>::new());
    assert_eq!(project.diagnostics("a.py").await.shown(), ["odd-call 1:0-1:5"]);
    // Closed without saving, what is on disk counts again.
    project.client.close(&settings).await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["bad-call 0:0-0:5", "odd-call 1:0-1:5"]);
}

#[tokio::test]
async fn what_the_settings_leave_out_is_silent() {
    let mut project = Project::start(&[("shipworthy.toml", "exclude = ['gen']\n")]).await;
    project.open("gen/a.py", CODE).await;
    // Among what else the server says of its work.
    loop {
        let log = project.client.next("window/logMessage").await;
        if log["params"]["message"].as_str().unwrap().ends_with("is not audited: the settings leave it out") {
            break;
        }
    }
    project.open("b.py", CODE).await;
    assert_eq!(project.diagnostics("b.py").await.items().len(), 2);
    let uri = project.uri("gen/a.py");
    assert!(project.client.passed().all(|message| message["params"]["uri"] != uri));
}

/// Paths, by which rules and settings know a file, begin at the innermost of the roots, also of those that come later.
#[tokio::test]
async fn roots_come_and_go() {
    let mut project = Project::start(&[("inner/tests/a.py", CODE)]).await;
    // Tests are no production code.
    project.open("inner/tests/a.py", CODE).await;
    project.open("inner/b.py", CODE).await;
    project.diagnostics("inner/b.py").await;
    let folder = json!({"uri": project.uri("inner/tests"), "name": "inner"});
    let event = json!({"event": {"added": [folder.clone()], "removed": []}});
    project.client.notify("workspace/didChangeWorkspaceFolders", event).await;
    assert_eq!(project.diagnostics("inner/tests/a.py").await.items().len(), 2);
    let event = json!({"event": {"added": [], "removed": [folder]}});
    project.client.notify("workspace/didChangeWorkspaceFolders", event).await;
    assert_eq!(project.diagnostics("inner/tests/a.py").await.items().len(), 0);
}

/// A client that pulls gets the mistakes in files that are not open with the workspace's diagnostics.
#[tokio::test]
async fn a_client_that_pulls_gets_mistakes_too() {
    let mut capabilities = usual();
    capabilities["textDocument"].as_object_mut().unwrap().remove("publishDiagnostics");
    capabilities["textDocument"]["diagnostic"] = json!({});
    capabilities["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    let mut project = Project::start_as(&[("shipworthy.toml", "rulez = 1\n")], capabilities).await;
    project.open("a.py", CODE).await;
    project.client.next("workspace/diagnostic/refresh").await;
    let all = project.client.request("workspace/diagnostic", json!({"previousResultIds": []})).await.unwrap();
    let uris: Vec<&Value> = all["items"].as_array().unwrap().iter().map(|item| &item["uri"]).collect();
    assert_eq!(uris, [&json!(project.uri("a.py")), &json!(project.uri("shipworthy.toml"))]);
}

/// A settings file that the client's user names is in force for everything.
#[tokio::test]
async fn one_file_can_be_in_force_for_everything() {
    let files = [
        ("shipworthy.toml", "[rules]\nodd-call = 'off'\n"),
        ("strict/shipworthy.toml", "[rules]\nbad-call = 'off'\n"),
    ];
    let mut project = Project::start(&files).await;
    project.open("a.py", CODE).await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["bad-call 0:0-0:5"]);
    let strict = project.folder.path().join("strict/shipworthy.toml");
    for (named, shown) in [(json!(strict), "odd-call 1:0-1:5"), (Value::Null, "bad-call 0:0-0:5")] {
        let settings = json!({"settings": {"shipworthy": {"configuration": named}}});
        project.client.notify("workspace/didChangeConfiguration", settings).await;
        assert_eq!(project.diagnostics("a.py").await.shown(), [shown]);
    }
}
