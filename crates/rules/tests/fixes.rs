//! Fixes that are left out: what a page's examples cannot say.

#![allow(clippy::unwrap_used, reason = "a test fails by them")]

use shipworthy_audit::{Alone, Auditor, Document, Home, Safety};
use shipworthy_syntax::Language;

/// The fixes of a rule's findings: whether each is safe, and its title.
fn fixes(language: Language, rule: &str, text: &str) -> Vec<Option<(Safety, String)>> {
    let auditor = Auditor::new(shipworthy_rules::RULES);
    let ending = match language {
        Language::Go => "go",
        Language::Python => "py",
        Language::Rust => "rs",
    };
    let path = format!("app/fetch.{ending}");
    let mut document = Document::new(&path, &Home::by_path(language, &path), language, text);
    document.analyze(&auditor, &auditor.default_configuration(), &Alone);
    let findings = document.shown().iter().filter(|finding| finding.rule.name == rule);
    findings.map(|finding| finding.fix.as_ref().map(|fix| (fix.safety, fix.title.to_string()))).collect()
}

fn safe(title: &str) -> Option<(Safety, String)> {
    Some((Safety::Safe, title.to_owned()))
}

fn suggested(title: &str) -> Option<(Safety, String)> {
    Some((Safety::Suggested, title.to_owned()))
}

/// Those in a function of Go, which has `url`, `paths`, `log` and `retryable`.
fn go(rule: &str, body: &str) -> Vec<Option<(Safety, String)>> {
    let text = format!(
        "package fetch\n\nimport (\n\t\"log\"\n\t\"net/http\"\n\t\"os\"\n)\n\nfunc fetch(url string, paths []string) error {{\n{body}\n}}\n"
    );
    fixes(Language::Go, rule, &text)
}

const BODY: &str = "response-body-not-closed";

#[test]
fn a_defer_stands_where_the_error_check_has_left() {
    let get = "\tresp, err := http.Get(url)\n\tif err != nil {\n\t\treturn err\n\t}\n\tlog.Println(resp.Status)\n\treturn nil";
    assert_eq!(go(BODY, get), [safe("Add `defer resp.Body.Close()`")]);
    let or = get.replace("err != nil", "err != nil || len(paths) == 0");
    assert_eq!(go(BODY, &or), [safe("Add `defer resp.Body.Close()`")]);
}

/// Behind such a check there may be none, and closing it would panic.
#[test]
fn no_defer_stands_where_there_may_be_nothing_to_close() {
    let and = "\tresp, err := http.Get(url)\n\tif err != nil && retryable(err) {\n\t\treturn err\n\t}\n\tlog.Println(resp.Status)\n\treturn nil";
    assert_eq!(go(BODY, and), [None]);
    let logged = "\tresp, err := http.Get(url)\n\tif err != nil {\n\t\tlog.Println(err)\n\t}\n\tlog.Println(resp.Status)\n\treturn nil";
    assert_eq!(go(BODY, logged), [None]);
}

/// It would keep what each turn opens until the function ends.
#[test]
fn no_defer_stands_in_a_loop() {
    let turns = "\tfor _, path := range paths {\n\t\tfile, err := os.Open(path)\n\t\tif err != nil {\n\t\t\treturn err\n\t\t}\n\t\tlog.Println(file.Name())\n\t}\n\treturn nil";
    assert_eq!(go("unclosed-resource", turns), [None]);
    let turn = "\tfor _, path := range paths {\n\t\tfunc() {\n\t\t\tfile, err := os.Open(path)\n\t\t\tif err != nil {\n\t\t\t\treturn\n\t\t\t}\n\t\t\tlog.Println(file.Name())\n\t\t}()\n\t}\n\treturn nil";
    assert_eq!(go("unclosed-resource", turn), [safe("Add `defer file.Close()`")]);
}

/// What is laid out in lines is no record of a log.
#[test]
fn what_is_printed_in_lines_is_not_logged() {
    let printed = |call: &str| {
        let text = format!(
            "import logging\nimport sys\n\nlogger = logging.getLogger(__name__)\n\n\ndef sync(name):\n    {call}\n"
        );
        fixes(Language::Python, "print-instead-of-logging", &text)
    };
    assert_eq!(printed("print(f\"synced {name}\")"), [safe("Log it")]);
    assert_eq!(printed("print(f\"synced:\\n{name}\")"), [None]);
    assert_eq!(printed("sys.stderr.write(f\"synced {name}\")"), [None]);
}

/// How long a task or a query may take, only its author knows.
#[test]
fn no_limit_on_work_is_safe() {
    let limit = |text: &str| fixes(Language::Python, "missing-timeout", text);
    let get = "import requests\n\n\ndef read(url):\n    return requests.get(url)\n";
    assert_eq!(limit(get), [safe("Limit it to 10 seconds")]);
    let task =
        "from celery.result import AsyncResult\n\n\ndef wait(task):\n    return AsyncResult(task).get()\n";
    assert_eq!(limit(task), [suggested("Limit it to 10 seconds")]);
}

/// It may have been meant to run beside what follows.
#[test]
fn awaiting_a_block_with_a_name_is_not_safe() {
    let await_it = |statement: &str| {
        let text = format!("async fn work(jobs: Jobs) {{\n    {statement}\n    jobs.run().await;\n}}\n");
        fixes(Language::Rust, "unawaited-coroutine", &text)
    };
    assert_eq!(await_it("async { log::info!(\"started\") };"), [safe("Await it")]);
    assert_eq!(await_it("let _queue = async move { jobs.fill() };"), [suggested("Await it")]);
}

/// Behind a keyword no plain argument may follow.
#[test]
fn values_are_passed_only_behind_a_plain_message() {
    let logged = |call: &str| {
        let text = format!(
            "import logging\n\nlogger = logging.getLogger(__name__)\n\n\ndef sync(name):\n    {call}\n"
        );
        fixes(Language::Python, "unstructured-logging", &text)
    };
    assert_eq!(logged("logger.info(f\"synced {name}\")"), [suggested("Pass the values as arguments")]);
    assert_eq!(logged("logger.info(msg=f\"synced {name}\")"), [None]);
}
