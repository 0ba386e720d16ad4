//! Rules for the session tests: small enough to foresee, and some that do what no real rule may.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Condvar, Mutex};

use shipworthy_audit::{Check, FileCheck, Fix, Note, Rule, Survey, rule};
use shipworthy_evidence::File;
use shipworthy_facts::{Effects, Kind, Node};

/// The catalogue of the tests.
pub(crate) const RULES: &[&Rule] = &[
    &bad::RULE,
    &odd::RULE,
    &explosive::RULE,
    &held::RULE,
    &fatal::RULE,
    &lonely::RULE,
    &needy::RULE,
    &root::RULE,
    &sleepy::RULE,
];

fn calls(node: Node<'_>, name: &str) -> bool {
    node.callee().is_some_and(|callee| callee.text() == name)
}

mod bad {
    use super::*;
    rule! {
        /// A call of `bad`
        ///
        /// It is bad.
        ///
        /// ```python bad
        /// bad()
        /// ^^^^^
        /// ```
        /// ```python fixed
        /// good()
        /// ```
        /// ```go bad
        /// package a
        /// ```
        name: "bad-call",
        category: Errors,
        severity: High,
        scope: File,
        fix: { Python: Safe },
        on: [Fact(Kind::Call)],
        check: check,
    }

    /// The fix of an outer call replaces the inner one with it.
    fn check(cx: &mut Check<'_>, node: Node<'_>) {
        if calls(node, "bad") {
            let argument = node.positional(0).map_or("", Node::text);
            let fix = Fix::safe("Call `good` instead").replace(node, format!("good({argument})"));
            cx.report(cx.finding(node, "`bad` is called").why("It is bad.").help("Call `good`.").fix(fix));
        }
    }
}

mod odd {
    use super::*;
    rule! {
        /// A call of `odd`
        name: "odd-call",
        category: Quality,
        severity: Low,
        scope: File,
        fix: { Python: Suggested },
        on: [Fact(Kind::Call)],
        check: check,
    }

    fn check(cx: &mut Check<'_>, node: Node<'_>) {
        if calls(node, "odd") {
            let fix = Fix::suggested("Call `even` instead").replace(node, "even()");
            let root = node.facts().root();
            cx.report(cx.finding(node, "`odd` is called").related(root, "in here").fix(fix));
        }
    }
}

mod needy {
    use super::*;
    rule! {
        /// A call of `need`, which a library does better
        name: "needy-call",
        category: Quality,
        severity: Medium,
        scope: File,
        fix: { Python: Safe },
        on: [Fact(Kind::Call)],
        check: check,
    }

    fn check(cx: &mut Check<'_>, node: Node<'_>) {
        if calls(node, "need") {
            let fix = Fix::safe("Let a library do it").replace(node, "given()").dependency("given", ">=1");
            cx.report(cx.finding(node, "`need` is called").fix(fix));
        }
    }
}

mod explosive {
    use super::*;
    rule! {
        /// Panics at a call of `explode`
        name: "explosive-call",
        category: Quality,
        severity: Medium,
        scope: File,
        on: [Fact(Kind::Call)],
        check: check,
    }

    fn check(_: &mut Check<'_>, node: Node<'_>) {
        assert!(!calls(node, "explode"), "boom at {}", node.text());
    }
}

mod root {
    use super::*;
    rule! {
        /// A line that makes root the user
        ///
        /// ```dockerfile bad
        /// USER root
        /// ^^^^^^^^^
        /// ```
        name: "root-user",
        category: Configuration,
        severity: High,
        scope: File,
        fix: { Dockerfile: Safe },
        files: [Dockerfile, Env, Manifest],
        check_file: check,
    }

    fn check(cx: &mut FileCheck<'_>, file: &File) {
        let stages = file.dockerfile().into_iter().flat_map(|d| &d.stages);
        for user in stages.flat_map(|s| &s.instructions).filter(|i| i.keyword == "USER" && i.text == "root") {
            let fix = Fix::safe("Use app").replace(user.text_range, "app");
            cx.report(cx.finding(user.range, "root").why("It may do all.").help("Use app.").fix(fix));
        }
        for entry in file.env().into_iter().flat_map(|e| &e.entries).filter(|e| e.value.text == "root") {
            cx.report(cx.finding(entry.value.range, "root").why("It may do all.").help("Use app."));
        }
        for dependency in
            file.manifest().into_iter().flat_map(|m| &m.dependencies).filter(|d| d.name == "root")
        {
            cx.report(cx.finding(dependency.range, "root").why("It may do all.").help("Use app."));
        }
    }
}

mod fatal {
    use super::*;
    rule! {
        /// Panics at a call of `die` in a way that the engine does not survive
        name: "fatal-call",
        category: Quality,
        severity: Medium,
        scope: File,
        on: [Fact(Kind::Call)],
        check: check,
    }

    fn check(_: &mut Check<'_>, node: Node<'_>) {
        if calls(node, "die") {
            std::panic::panic_any(Bomb);
        }
    }

    /// Goes off when whoever caught the panic lets go of it.
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "dead");
        }
    }
}

mod held {
    use super::*;
    rule! {
        /// A call of `hold("gate")` keeps the analysis busy until the test opens the gate
        name: "held-call",
        category: Quality,
        severity: Blocking,
        scope: File,
        on: [Fact(Kind::Call)],
        check: check,
    }

    fn check(cx: &mut Check<'_>, node: Node<'_>) {
        if calls(node, "hold")
            && let Some(gate) = node.positional(0).and_then(Node::string)
        {
            wait(&gate);
            cx.report(cx.finding(node, format!("held at {gate}")));
        }
    }
}

mod lonely {
    use super::*;
    rule! {
        /// A call of `lonely` with a name that no other such call has, or a package that none names
        ///
        /// It wants company.
        name: "lonely-call",
        category: Quality,
        severity: Medium,
        scope: Workspace,
        fix: { Python: Safe },
        on: [Fact(Kind::Call)],
        check: check,
        workspace: judge,
    }

    fn check(cx: &mut Check<'_>, node: Node<'_>) {
        if calls(node, "lonely")
            && let Some(name) = node.positional(0).and_then(Node::string)
        {
            cx.note(node, name, "");
        }
    }

    fn judge(survey: &mut Survey<'_>) {
        let mut named: BTreeMap<&str, Vec<(usize, &Note)>> = BTreeMap::new();
        for (number, _) in survey.files() {
            survey.notes(number).for_each(|note| named.entry(&note.key).or_default().push((number, note)));
        }
        for (name, notes) in &named {
            *SURVEYS.lock().unwrap().entry((*name).to_owned()).or_default() += 1;
            if let [(number, note)] = notes[..] {
                let fix = Fix::safe("Call none").replace(note.range, "pass");
                let finding = survey.finding(note.range, format!("`{name}` is alone"));
                survey.report(number, finding.why("It is sad.").help("Call it again.").fix(fix));
            }
        }
        for (number, around) in survey.around() {
            let listed = around.file.manifest().into_iter().flat_map(|manifest| &manifest.dependencies);
            for dependency in listed.filter(|dependency| !named.contains_key(&*dependency.name)) {
                survey.report(number, survey.finding(dependency.range, "nothing calls it"));
            }
        }
    }
}

static SURVEYS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// How many surveys saw a call of `lonely` with this name.
pub(crate) fn surveys(name: &str) -> usize {
    SURVEYS.lock().unwrap().get(name).copied().unwrap_or_default()
}

mod sleepy {
    use super::*;
    rule! {
        /// A call of a function of the workspace that sleeps, however far away
        name: "sleepy-call",
        category: Performance,
        severity: High,
        scope: Both,
        on: [Fact(Kind::Call)],
        check: check,
    }

    fn check(cx: &mut Check<'_>, node: Node<'_>) {
        *LOOKS.lock().unwrap().entry(cx.path().to_owned()).or_default() += 1;
        let Some(path) = cx.workspace_callee(node) else { return };
        let chain = cx.chain(&path, Effects::SLEEPS);
        if !chain.is_empty() {
            let finding = cx.finding(node, "it sleeps");
            cx.report(
                chain.iter().fold(finding, |finding, step| finding.related_function(step, "is on the way")),
            );
        }
    }
}

static LOOKS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// How many calls the rule `sleepy-call` has judged in a file of this path.
pub(crate) fn looks(path: &str) -> usize {
    LOOKS.lock().unwrap().get(path).copied().unwrap_or_default()
}

#[derive(Default)]
struct Gates {
    reached: HashSet<String>,
    open: HashSet<String>,
}

static GATES: Mutex<Option<Gates>> = Mutex::new(None);
static MOVED: Condvar = Condvar::new();

fn wait(gate: &str) {
    let mut gates = GATES.lock().unwrap();
    gates.get_or_insert_default().reached.insert(gate.to_owned());
    MOVED.notify_all();
    while !gates.get_or_insert_default().open.contains(gate) {
        gates = MOVED.wait(gates).unwrap();
    }
}

/// Returns once an analysis stands at a gate.
pub(crate) async fn reached(gate: &'static str) {
    let wait = move || {
        let mut gates = GATES.lock().unwrap();
        while !gates.get_or_insert_default().reached.contains(gate) {
            gates = MOVED.wait(gates).unwrap();
        }
    };
    tokio::task::spawn_blocking(wait).await.unwrap();
}

/// Lets every analysis through a gate, now and later.
pub(crate) fn open(gate: &str) {
    GATES.lock().unwrap().get_or_insert_default().open.insert(gate.to_owned());
    MOVED.notify_all();
}
