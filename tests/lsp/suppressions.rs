//! Findings that are accepted where they stand.

use serde_json::Value;

use crate::client::Client;

const A: &str = "file:///a.py";

async fn shown(text: &str) -> Vec<String> {
    let mut client = Client::start().await;
    client.open(A, text).await;
    // Something is found in any case, so that there is something to wait for.
    client.diagnostics(A).await.shown()
}

#[tokio::test]
async fn what_is_accepted_with_a_reason_is_not_shown() {
    let text = "# shipworthy: ignore[bad-call] the caller checks\nbad()\nbad()  # shipworthy: ignore[bad-call] seen\nodd()\n";
    assert_eq!(shown(text).await, ["odd-call 3:0-3:5"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_suppression_is_shown_and_hides_nothing() {
    assert_eq!(
        shown("bad()  # shipworthy: ignore[bad-call]\n").await,
        ["bad-call 0:0-0:5", "invalid-suppression 0:7-0:37"]
    );
    assert_eq!(
        shown("bad()  # shipworthy: ignore[bad-call] until=2001-01-01 for now\n").await,
        ["bad-call 0:0-0:5", "expired-suppression 0:7-0:62"]
    );
    assert_eq!(
        shown("good()  # shipworthy: ignore[bad-call] not any more\n").await,
        ["unused-suppression 0:8-0:51"]
    );
}

/// The last of the actions writes the comment in the code's own style, with the place for the reason.
#[tokio::test]
async fn a_finding_can_be_accepted_where_it_stands() {
    let mut client = Client::start().await;
    client.open(A, "def f():\r\n    bad()\r\n    odd()\r\n").await;
    client.diagnostics(A).await;
    let actions = client.actions(A, [1, 5, 1, 5]).await;
    let ignore = actions.last().unwrap();
    assert_eq!(ignore["title"], "Ignore bad-call here, with a reason");
    let ignore = client.request("codeAction/resolve", ignore.clone()).await.unwrap();
    let edit = &ignore["edit"]["documentChanges"][0]["edits"][0];
    assert_eq!(edit["range"], crate::client::range([1, 0, 1, 0]));
    let comment = edit["newText"].as_str().unwrap();
    assert_eq!(comment, "    # shipworthy: ignore[bad-call] TODO: say why this is acceptable\r\n");
    client.change(A, 2, [1, 0, 1, 0], comment).await;
    assert_eq!(client.diagnostics(A).await.shown(), ["odd-call 3:4-3:9"]);
}

/// An unused suppression is removed by a safe fix, and cannot itself be suppressed.
#[tokio::test]
async fn an_unused_suppression_is_fixed() {
    let mut client = Client::start().await;
    client.open(A, "# shipworthy: ignore[bad-call] gone\ngood()\n").await;
    let actions = client.actions(A, [0, 3, 0, 3]).await;
    let titles: Vec<&Value> = actions.iter().map(|action| &action["title"]).collect();
    assert_eq!(
        titles,
        [
            "Remove the suppression",
            "Apply every safe fix in this file",
            "Show what unused-suppression is about"
        ]
    );
    let fix = client.request("codeAction/resolve", actions[0].clone()).await.unwrap();
    let edit = &fix["edit"]["documentChanges"][0]["edits"][0];
    assert_eq!((&edit["range"], &edit["newText"]), (&crate::client::range([0, 0, 1, 0]), &Value::from("")));
}
