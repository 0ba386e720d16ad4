//! What files tell each other while they are edited.

use crate::project::Project;
use crate::toy;

const JOBS: &str = "from app.helper import fetch\n\ndef run():\n    fetch()\n";
const HELPER: &str = "import time\n\ndef fetch():\n    return wait()\n\ndef wait():\n    time.sleep(1)\n";

async fn start(jobs: &str) -> Project {
    let jobs_path = format!("app/{jobs}.py");
    let mut project =
        Project::start(&[("app/__init__.py", ""), ("app/helper.py", HELPER), (&jobs_path, JOBS)]).await;
    project.open(&jobs_path, JOBS).await;
    project
}

#[tokio::test]
async fn a_call_shows_what_a_file_that_is_not_open_does() {
    let mut project = start("jobs").await;
    let found = project.diagnostics("app/jobs.py").await;
    assert_eq!(found.shown(), ["sleepy-call 3:4-3:11"]);
    let related = &found.items()[0]["relatedInformation"];
    let places: Vec<(&str, u64, &str)> = related
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            let uri = r["location"]["uri"].as_str().unwrap();
            let line = r["location"]["range"]["start"]["line"].as_u64().unwrap();
            (uri.rsplit('/').next().unwrap(), line, r["message"].as_str().unwrap())
        })
        .collect();
    assert_eq!(places, [("helper.py", 2, "`fetch` is on the way"), ("helper.py", 5, "`wait` is on the way")]);
}

#[tokio::test]
async fn editing_a_helper_moves_findings_in_other_open_files() {
    let mut project = start("jobs").await;
    assert_eq!(project.diagnostics("app/jobs.py").await.shown(), ["sleepy-call 3:4-3:11"]);
    project.open("app/helper.py", HELPER).await;
    assert_eq!(project.diagnostics("app/helper.py").await.shown(), ["sleepy-call 3:11-3:17"]);
    let helper = project.uri("app/helper.py");
    project.client.change(&helper, 2, [6, 4, 6, 17], "pass").await;
    assert_eq!(project.diagnostics("app/jobs.py").await.shown(), [""; 0]);
    project.client.change(&helper, 3, [6, 4, 6, 8], "time.sleep(2)").await;
    assert_eq!(project.diagnostics("app/jobs.py").await.shown(), ["sleepy-call 3:4-3:11"]);
}

#[tokio::test]
async fn files_that_change_on_disk_are_read_again() {
    let mut project = start("jobs").await;
    assert_eq!(project.diagnostics("app/jobs.py").await.shown(), ["sleepy-call 3:4-3:11"]);
    project.write("app/helper.py", "def fetch():\n    return 1\n");
    project.changed("app/helper.py").await;
    assert_eq!(project.diagnostics("app/jobs.py").await.shown(), [""; 0]);
    project.write("app/helper.py", "from app.other import fetch\n");
    project.write("app/other.py", HELPER);
    project.changed("app/helper.py").await;
    project.changed("app/other.py").await;
    assert_eq!(project.diagnostics("app/jobs.py").await.shown(), ["sleepy-call 3:4-3:11"]);
}

/// What changes no effect wakes nobody.
#[tokio::test]
async fn typing_that_changes_no_effect_does_no_work_elsewhere() {
    let mut project = start("unmoved").await;
    assert_eq!(project.diagnostics("app/unmoved.py").await.shown(), ["sleepy-call 3:4-3:11"]);
    project.open("app/helper.py", HELPER).await;
    assert_eq!(project.diagnostics("app/helper.py").await.shown(), ["sleepy-call 3:11-3:17"]);
    let looks = toy::looks("app/unmoved.py");
    let helper = project.uri("app/helper.py");
    for (version, digit) in (2..).zip("2345".chars()) {
        project.client.change(&helper, version, [6, 15, 6, 16], &digit.to_string()).await;
    }
    // The effect that goes is seen: all before it was seen too.
    project.client.change(&helper, 9, [6, 4, 6, 17], "pass").await;
    assert_eq!(project.diagnostics("app/unmoved.py").await.shown(), [""; 0]);
    // Debug builds judge once more, afresh.
    let once = if cfg!(debug_assertions) { 2 } else { 1 };
    assert_eq!(toy::looks("app/unmoved.py"), looks + once);
}

/// Thousands of files go, come and change at once, some while others are read already: they are taken in together, so that the open document
/// is looked at a few times and not once a file, and is right in the end.
#[tokio::test]
async fn a_branch_switch_is_taken_in_at_once() {
    const FILES: usize = 2_000;
    const JOBS: &str = "from app.helper import fetch\n\ndef switched():\n    fetch()\n";
    let module = |branch: &str, number: usize| {
        (format!("app/{branch}{number}.py"), format!("def f{number}():\n    return f{number}()\n"))
    };
    let mut files: Vec<(String, String)> = (0..FILES).map(|number| module("old", number)).collect();
    files.extend([
        ("app/switched.py".to_owned(), JOBS.to_owned()),
        ("app/helper.py".to_owned(), HELPER.to_owned()),
    ]);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut project = Project::start(&files).await;
    project.open("app/switched.py", JOBS).await;
    assert_eq!(project.diagnostics("app/switched.py").await.shown(), ["sleepy-call 3:4-3:11"]);
    let looks = toy::looks("app/switched.py");
    let mut changed = Vec::new();
    for number in 0..FILES {
        let ((old, _), (new, text)) = (module("old", number), module("new", number));
        std::fs::remove_file(project.folder.path().join(&old)).unwrap();
        project.write(&new, &text);
        changed.extend([old, new]);
        if number == FILES / 2 {
            project.all_changed(&changed).await;
            // The editor is served meanwhile.
            let jobs = project.uri("app/switched.py");
            project.client.hover(&jobs, 3, 5).await;
        }
    }
    project.write("app/helper.py", "from app.new7 import f7 as fetch\n");
    changed.push("app/helper.py".to_owned());
    project.all_changed(&changed).await;
    while !project.diagnostics("app/switched.py").await.shown().is_empty() {}
    let looks = toy::looks("app/switched.py") - looks;
    assert!(looks <= 12, "{looks} looks");
}
