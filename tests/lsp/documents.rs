//! Documents from open to close.

use serde_json::{Value, json};

use crate::client::{Client, usual};
use crate::toy;

const A: &str = "file:///a.py";

#[tokio::test]
async fn findings_follow_the_text_with_its_version() {
    let mut client = Client::start().await;
    client.open(A, "bad()\n").await;
    let first = client.diagnostics(A).await;
    assert_eq!((first.version(), first.shown()), (Some(1), vec!["bad-call 0:0-0:5".to_owned()]));
    client.change(A, 2, [0, 0, 0, 0], "x = 1\n").await;
    let second = client.diagnostics(A).await;
    assert_eq!((second.version(), second.shown()), (Some(2), vec!["bad-call 1:0-1:5".to_owned()]));
    client.change(A, 3, [1, 0, 1, 3], "good").await;
    let third = client.diagnostics(A).await;
    assert_eq!((third.version(), third.shown()), (Some(3), vec![]));
    assert!(client.leave().await);
}

#[tokio::test]
async fn a_diagnostic_says_what_why_and_what_to_do() {
    let mut client = Client::start().await;
    client.open(A, "odd()\nbad()\nhold('said')\n").await;
    toy::open("said");
    let published = client.diagnostics(A).await;
    let severities: Vec<&Value> = published.items().iter().map(|d| &d["severity"]).collect();
    assert_eq!(severities, [4, 2, 1]);
    let [odd, bad, _] = published.items() else { panic!() };
    assert_eq!(bad["message"], "`bad` is called\nIt is bad.\nCall `good`.");
    assert_eq!((&bad["source"], &bad["code"]), (&json!("shipworthy"), &json!("bad-call")));
    assert!(!bad["data"]["fingerprint"].as_str().unwrap().is_empty());
    let related = &odd["relatedInformation"][0];
    assert_eq!((&related["location"]["uri"], &related["message"]), (&json!(A), &json!("in here")));
}

/// The last of 300 changes is what counts, in order, for diagnostics and for what is asked behind them.
#[tokio::test]
async fn changes_are_applied_in_order() {
    let mut client = Client::start().await;
    client.open(A, "\n").await;
    let mut text = String::new();
    for i in 0..300u32 {
        // Each is right only behind the one before: it writes at the end of the line.
        let column = text.len() as u32;
        let piece = format!("{i};");
        client.change(A, i as i32 + 2, [0, column, 0, column], &piece).await;
        text.push_str(&piece);
    }
    let end = text.len() as u32;
    client.change(A, 302, [0, end, 0, end], " bad()").await;
    let hover = client.hover(A, 0, end + 2).await;
    let column = end + 1;
    assert_eq!(hover["range"]["start"], json!({"line": 0, "character": column}));
    let published = client.diagnostics(A).await;
    assert_eq!(published.shown(), [format!("bad-call 0:{column}-0:{}", column + 5)]);
    assert_eq!(published.version(), Some(302));
}

#[tokio::test]
async fn a_result_that_is_overtaken_is_not_shown() {
    let mut client = Client::start().await;
    client.open(A, "bad()\nhold('overtaken')\n").await;
    toy::reached("overtaken").await;
    // The analysis of version 1 runs. Whatever comes now is newer than its result.
    for version in 2..40 {
        client.change(A, version, [0, 0, 0, 0], "x = 1\n").await;
    }
    client.change(A, 40, [38, 0, 38, 3], "good").await;
    // The server has taken all of it in.
    client.request("workspace/executeCommand", json!({"command": "none"})).await.unwrap_err();
    toy::open("overtaken");
    let published = client.diagnostics(A).await;
    assert_eq!((published.version(), published.shown()), (Some(40), vec!["held-call 39:0-39:17".to_owned()]));
}

#[tokio::test]
async fn an_equal_set_is_not_sent_again() {
    let mut client = Client::start().await;
    client.open(A, "bad()\n").await;
    client.diagnostics(A).await;
    client.change(A, 2, [1, 0, 1, 0], "x = 1\n").await;
    client.hover(A, 0, 0).await;
    client.change(A, 3, [1, 0, 1, 0], "bad()\n").await;
    assert_eq!(client.diagnostics(A).await.version(), Some(3));
}

#[tokio::test]
async fn closing_clears() {
    let mut client = Client::start().await;
    client.open(A, "bad()\n").await;
    client.diagnostics(A).await;
    client.close(A).await;
    let cleared = client.diagnostics(A).await;
    assert_eq!((cleared.version(), cleared.shown()), (None, vec![]));
    // And it can be opened again, from its first version on.
    client.open(A, "bad()\n").await;
    assert_eq!(client.diagnostics(A).await.version(), Some(1));
}

#[tokio::test]
async fn a_document_that_is_closed_while_it_is_analysed_shows_nothing() {
    let mut client = Client::start().await;
    client.open(A, "hold('closed')\n").await;
    toy::reached("closed").await;
    client.close(A).await;
    client.open(A, "hold('opened')\nbad()\n").await;
    // An answer says that all before it was seen.
    let page = json!({"command": "shipworthy.showRule", "arguments": ["bad-call"]});
    client.request("workspace/executeCommand", page).await.unwrap();
    // The first analysis ends while the second runs.
    toy::open("closed");
    toy::reached("opened").await;
    toy::open("opened");
    assert_eq!(client.diagnostics(A).await.shown(), ["held-call 0:0-0:14", "bad-call 1:0-1:5"]);
    client.change(A, 2, [1, 0, 1, 3], "odd").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["held-call 0:0-0:14", "odd-call 1:0-1:5"]);
}

#[tokio::test]
async fn the_whole_text_can_be_replaced() {
    let mut client = Client::start().await;
    client.open(A, "bad()\n").await;
    client.diagnostics(A).await;
    let whole = json!({"text": "x = '🦀'; odd()\n"});
    let then = json!({"range": crate::client::range([0, 9, 0, 9]), "text": " "});
    client.change_all(A, 2, json!([whole, then])).await;
    assert_eq!(client.diagnostics(A).await.shown(), ["odd-call 0:11-0:16"]);
}

#[tokio::test]
async fn positions_out_of_range_count_as_the_end() {
    let mut client = Client::start().await;
    client.open(A, "x = 1\n").await;
    client.change(A, 2, [7, 99, 8, 3], "bad()").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 1:0-1:5"]);
    client.change(A, 3, [0, 99, 0, 99], "; bad()").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 0:7-0:12", "bad-call 1:0-1:5"]);
}

/// Columns count what was agreed on, in what comes in and in what goes out.
#[tokio::test]
async fn columns_are_right_in_every_encoding() {
    for (encoding, column) in [("utf-8", 12), ("utf-16", 9), ("utf-32", 8)] {
        let mut capabilities = usual();
        capabilities["general"] = json!({"positionEncodings": ["ebcdic", encoding, "utf-16"]});
        let mut client = Client::start_with(json!({"capabilities": capabilities})).await;
        assert_eq!(client.capabilities["positionEncoding"], encoding);
        client.open(A, "x = 'é🦀' ;\n").await;
        // Between the space and the semicolon.
        client.change(A, 2, [0, column + 1, 0, column + 1], ";bad()").await;
        let shown = format!("bad-call 0:{}-0:{}", column + 2, column + 7);
        assert_eq!(client.diagnostics(A).await.shown(), [shown], "{encoding}");
        let hover = client.hover(A, 0, column + 4).await;
        assert_eq!(hover["range"]["end"]["character"], column + 7, "{encoding}");
    }
}

#[tokio::test]
async fn columns_are_utf_16_where_nothing_is_said() {
    let mut client = Client::start().await;
    assert_eq!(client.capabilities["positionEncoding"], "utf-16");
    client.open(A, "x = '🦀'; bad()\n").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 0:10-0:15"]);
}

#[tokio::test]
async fn lines_end_as_the_file_has_them() {
    for end in ["\n", "\r\n", "\r"] {
        let mut client = Client::start().await;
        client.open(A, &format!("x = 1{end}bad(){end}{end}y = 2{end}")).await;
        assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 1:0-1:5"], "{end:?}");
        client.change(A, 2, [1, 0, 2, 0], "").await;
        client.change(A, 3, [2, 5, 2, 99], &format!("{end}bad()")).await;
        assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 3:0-3:5"], "{end:?}");
    }
}

/// Findings of code that is broken for the moment stay, on their text; those of sound code do in any case.
#[tokio::test]
async fn findings_hold_while_the_code_is_broken() {
    let mut client = Client::start().await;
    client.open(A, "def f():\n    bad()\n    x = 1\n\ndef g():\n    bad()\n").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 1:4-1:9", "bad-call 5:4-5:9"]);
    client.change(A, 2, [2, 8, 2, 9], "(((").await;
    client.change(A, 3, [0, 0, 0, 0], "\n").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 2:4-2:9", "bad-call 6:4-6:9"]);
}

#[tokio::test]
async fn the_language_is_what_the_client_says_or_else_what_the_name_says() {
    let mut client = Client::start().await;
    client.open_as("untitled:Untitled-1", "python", "bad()\n").await;
    assert_eq!(client.diagnostics("untitled:Untitled-1").await.shown(), ["bad-call 0:0-0:5"]);
    client.open_as("file:///b.py", "", "bad()\n").await;
    assert_eq!(client.diagnostics("file:///b.py").await.shown(), ["bad-call 0:0-0:5"]);
    client.open_as("file:///c.txt", "plaintext", "bad()\n").await;
    assert_eq!(client.hover("file:///c.txt", 0, 1).await, Value::Null);
}

/// What the command skips the editor skips, and says so.
#[tokio::test]
async fn a_text_that_no_person_wrote_is_not_audited() {
    let mut client = Client::start().await;
    client.open(A, "bad()\n").await;
    client.diagnostics(A).await;
    client.change(A, 2, [1, 0, 1, 0], &format!("x = '{}'\n", "a".repeat(30_000))).await;
    assert_eq!(client.diagnostics(A).await.shown(), Vec::<String>::new());
    let log = client.next("window/logMessage").await;
    assert_eq!(
        log["params"]["message"],
        "file:///a.py is not audited: minified (a line of more than 20000 bytes)"
    );
    client.change(A, 3, [1, 0, 2, 0], "").await;
    assert_eq!(client.diagnostics(A).await.shown(), ["bad-call 0:0-0:5"]);
}
