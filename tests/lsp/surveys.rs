//! What rules find that judge the whole workspace, in the files that are open.

use std::time::Duration;

use crate::project::Project;
use crate::toy;

/// A finding comes and goes with what other files say: closed ones, and open ones as they are typed.
#[tokio::test]
async fn findings_follow_the_workspace() {
    let mut project = Project::start(&[("a.py", "lonely('x')\n"), ("b.py", "lonely('y')\n")]).await;
    project.open("a.py", "lonely('x')\n").await;
    let found = project.diagnostics("a.py").await;
    assert_eq!(found.shown(), ["lonely-call 0:0-0:11"]);
    assert_eq!(found.items()[0]["message"], "`x` is alone\nIt is sad.\nCall it again.");
    project.write("b.py", "lonely('x')\n");
    project.changed("b.py").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), [""; 0]);
    project.open("b.py", "lonely('x')\n").await;
    let b = project.uri("b.py");
    project.client.change(&b, 2, [0, 8, 0, 9], "z").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 0:0-0:11"]);
    assert_eq!(project.diagnostics("b.py").await.shown(), ["lonely-call 0:0-0:11"]);
    // What is on disk counts again.
    project.client.close(&b).await;
    assert_eq!(project.diagnostics("b.py").await.shown(), [""; 0]);
    assert_eq!(project.diagnostics("a.py").await.shown(), [""; 0]);
}

#[tokio::test]
async fn an_edit_moves_a_finding_and_the_next_survey_brings_back_what_it_touched() {
    let mut project = Project::start(&[("a.py", "lonely('moved')\n")]).await;
    project.open("a.py", "lonely('moved')\n").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 0:0-0:15"]);
    let (a, before) = (project.uri("a.py"), toy::surveys("moved"));
    project.client.change(&a, 2, [0, 0, 0, 0], "import os\n").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 1:0-1:15"]);
    assert_eq!(toy::surveys("moved"), before);
    // Who types over a finding does not see it until the workspace was looked at again.
    project.client.change(&a, 3, [1, 7, 1, 7], " ").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), [""; 0]);
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 1:0-1:16"]);
    assert_eq!(toy::surveys("moved"), before + 1);
}

/// Typing inside a body that changes no note and no summary does no survey work; nor does a look at another file.
#[tokio::test]
async fn what_changes_no_note_wakes_no_survey() {
    let text = "lonely('asleep')\n\ndef f():\n    return 1\n";
    let mut project = Project::start(&[("a.py", text), ("b.py", "lonely('other')\n")]).await;
    project.open("a.py", text).await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 0:0-0:16"]);
    let before = toy::surveys("asleep");
    let a = project.uri("a.py");
    for (version, digit) in (2..).zip("2345".chars()) {
        project.client.change(&a, version, [3, 11, 3, 12], &digit.to_string()).await;
    }
    project.open("b.py", "lonely('other')\n").await;
    assert_eq!(project.diagnostics("b.py").await.shown(), ["lonely-call 0:0-0:15"]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(toy::surveys("asleep"), before);
    project.client.change(&a, 9, [3, 4, 3, 12], "lonely('asleep')").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), [""; 0]);
    assert_eq!(toy::surveys("asleep"), before + 1);
}

/// Half a line in one file makes nothing in another look alone.
#[tokio::test]
async fn broken_code_wakes_no_survey() {
    let text = "lonely('half')\n";
    let mut project = Project::start(&[("a.py", text), ("b.py", text), ("c.py", "lonely('whole')\n")]).await;
    project.open("a.py", text).await;
    project.open("b.py", text).await;
    project.open("c.py", "lonely('whole')\n").await;
    assert_eq!(project.diagnostics("c.py").await.shown(), ["lonely-call 0:0-0:15"]);
    let (b, before) = (project.uri("b.py"), toy::surveys("half"));
    project.client.change(&b, 2, [0, 0, 0, 14], "lonely(").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(toy::surveys("half"), before);
    // Once it can be read, it counts.
    project.client.change(&b, 3, [0, 0, 0, 7], "lonely('other')").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 0:0-0:14"]);
}

/// What nobody can read for good is no half line: the rest of the file is surveyed as it changes.
#[tokio::test]
async fn a_file_that_is_broken_at_rest_is_surveyed_as_it_changes() {
    let text = "lonely('rest')\n\ndef f(:\n    pass\n";
    let mut project = Project::start(&[("a.py", text)]).await;
    project.open("a.py", text).await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 0:0-0:14"]);
    let a = project.uri("a.py");
    project.client.change(&a, 2, [1, 0, 1, 0], "lonely('rest')\n").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), [""; 0]);
}

/// A survey that something else woke saw code that was broken for the moment: once that is as it was, so are the findings.
#[tokio::test]
async fn what_a_survey_saw_broken_is_seen_again_once_it_is_mended() {
    let text = "lonely('mended')\n";
    let mut project = Project::start(&[("a.py", text), ("b.py", text), ("c.py", "lonely('c')\n")]).await;
    project.open("a.py", text).await;
    project.open("b.py", text).await;
    project.open("c.py", "lonely('c')\n").await;
    assert_eq!(project.diagnostics("c.py").await.shown(), ["lonely-call 0:0-0:11"]);
    let b = project.uri("b.py");
    project.client.change(&b, 2, [0, 0, 0, 16], "lonely(").await;
    project.write("d.py", "lonely('d')\n");
    project.changed("d.py").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 0:0-0:16"]);
    project.client.change(&b, 3, [0, 0, 0, 7], "lonely('mended')").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), [""; 0]);
}

#[tokio::test]
async fn fixes_hovers_and_suppressions_work_on_them() {
    let mut project = Project::start(&[("a.py", "lonely('x')\n")]).await;
    project.open("a.py", "lonely('x')\n").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 0:0-0:11"]);
    let a = project.uri("a.py");
    let hover = project.client.hover(&a, 0, 2).await;
    assert!(hover["contents"]["value"].as_str().unwrap().contains("It wants company."), "{hover}");
    let actions = project.client.actions(&a, [0, 0, 0, 0]).await;
    assert_eq!(actions[0]["title"], "Call none");
    let resolved = project.client.request("codeAction/resolve", actions[0].clone()).await.unwrap();
    assert_eq!(resolved["edit"]["documentChanges"][0]["edits"][0]["newText"], "pass");
    let ignore =
        actions.iter().find(|action| action["title"].as_str().unwrap().starts_with("Ignore")).unwrap();
    let resolved = project.client.request("codeAction/resolve", ignore.clone()).await.unwrap();
    let comment = resolved["edit"]["documentChanges"][0]["edits"][0]["newText"].as_str().unwrap().to_owned();
    assert!(comment.starts_with("# shipworthy: ignore[lonely-call]"), "{comment}");
    project.client.change(&a, 2, [0, 0, 0, 0], &comment).await;
    assert_eq!(project.diagnostics("a.py").await.shown(), [""; 0]);
    project.client.change(&a, 3, [0, 0, 1, 0], "").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 0:0-0:11"]);
}

#[tokio::test]
async fn manifests_show_theirs() {
    let mut project = Project::start(&[("requirements.txt", "flask\n"), ("a.py", "")]).await;
    project.open("requirements.txt", "flask\n").await;
    assert_eq!(project.diagnostics("requirements.txt").await.shown(), ["lonely-call 0:0-0:5"]);
    project.open("a.py", "").await;
    let a = project.uri("a.py");
    project.client.change(&a, 2, [0, 0, 0, 0], "lonely('flask')\n").await;
    assert_eq!(project.diagnostics("requirements.txt").await.shown(), [""; 0]);
    // As it is typed, and not as it is on disk.
    let manifest = project.uri("requirements.txt");
    project.client.change(&manifest, 2, [1, 0, 1, 0], "django\n").await;
    assert_eq!(project.diagnostics("requirements.txt").await.shown(), ["lonely-call 1:0-1:6"]);
}

#[tokio::test]
async fn settings_switch_them_off_and_leave_files_out() {
    let files = [("a.py", "lonely('x')\n"), ("b.py", "lonely('x')\n"), ("shipworthy.toml", "")];
    let mut project = Project::start(&files).await;
    project.open("a.py", "lonely('x')\n").await;
    project.open("shipworthy.toml", "").await;
    let settings = project.uri("shipworthy.toml");
    project.client.change(&settings, 2, [0, 0, 0, 0], "exclude = ['b.py']\n").await;
    assert_eq!(project.diagnostics("a.py").await.shown(), ["lonely-call 0:0-0:11"]);
    let off = "[rules]\nlonely-call = 'off'\n";
    project.client.change(&settings, 3, [0, 0, 1, 0], off).await;
    assert_eq!(project.diagnostics("a.py").await.shown(), [""; 0]);
}
