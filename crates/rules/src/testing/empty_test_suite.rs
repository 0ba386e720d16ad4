use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::{Check, CodeRole, Finding, Survey, Surveyed, rule};
use shipworthy_facts::{Flags, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::projects::{Project, by_project, first_line};
use crate::suites::holds_tests;

rule! {
    /// A test suite holds no test
    ///
    /// An empty suite reads as if its part of the code were tested, and passes whatever the code does. A project without any test has nothing that
    /// says whether a change breaks what worked. Write the tests, or remove the suite.
    ///
    /// Helpers, fixtures and files with shared definitions need no tests of their own, and a project may be tested from another.
    ///
    /// ```python bad file=app/orders.py
    /// def total(order):
    ///     return sum(order)
    /// ```
    /// ```python bad file=tests/test_orders.py
    /// import pytest
    /// ^^^^^^^^^^^^^
    /// ```
    /// ```python bad file=tests/test_total.py
    /// from app.orders import total
    ///
    /// def test_total():
    ///     assert total([1, 2]) == 3
    /// ```
    ///
    /// Or:
    ///
    /// ```python bad file=app/orders.py
    /// def total(order):
    /// ^^^^^^^^^^^^^^^^^
    ///     return sum(order)
    ///
    /// def first(order):
    ///     return order[0]
    /// ```
    /// ```python bad file=app/payments.py
    /// def pay(order):
    ///     return send(order)
    ///
    /// def refund(order):
    ///     return send(-order)
    ///
    /// def cancel(order):
    ///     return send(0)
    /// ```
    ///
    /// ```python good file=app/orders.py
    /// def total(order):
    ///     return sum(order)
    /// ```
    /// ```python good file=tests/test_helpers.py
    /// def order(count):
    ///     return [count]
    /// ```
    /// ```python good file=tests/test_orders.py
    /// from app.orders import total
    /// from tests.test_helpers import order
    ///
    /// def test_total():
    ///     assert total(order(3)) == 3
    /// ```
    ///
    /// What other tests read, and what says that it is empty, is meant to be:
    ///
    /// ```go good file=shop/testdata/a_test.go
    /// package a
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```python good file=tests/base.py
    /// import unittest
    ///
    /// class StoreTests(unittest.TestCase):
    ///     def test_open(self):
    ///         self.assertTrue(self.store().is_open)
    /// ```
    /// ```python good file=tests/test_file_store.py
    /// from tests.base import *
    /// ```
    ///
    /// An application that tests install.
    ///
    /// ```python good file=tests/example_app/__init__.py
    /// # Nothing: it is there to be installed.
    /// ```
    /// ```python good file=tests/test_install.py
    /// def test_install(installer):
    ///     assert installer.install("example_app")
    /// ```
    ///
    /// ```go bad file=shop/orders.go
    /// package shop
    ///
    /// func Total(order []int) int {
    /// 	return len(order)
    /// }
    /// ```
    /// ```go bad file=shop/orders_test.go
    /// package shop
    /// ^^^^^^^^^^^^
    /// ```
    ///
    /// Or:
    ///
    /// ```go bad file=shop/orders.go
    /// package shop
    /// ^^^^^^^^^^^^
    ///
    /// func Total(order []int) int { return len(order) }
    ///
    /// func First(order []int) int { return order[0] }
    ///
    /// func Last(order []int) int { return order[len(order)-1] }
    /// ```
    /// ```go bad file=shop/payments.go
    /// package shop
    ///
    /// func Pay(order []int) error { return send(order) }
    ///
    /// func Refund(order []int) error { return send(order) }
    /// ```
    ///
    /// ```go good file=shop/orders.go
    /// package shop
    ///
    /// func total(order []int) int {
    /// 	return len(order)
    /// }
    /// ```
    /// ```go good file=shop/export_test.go
    /// package shop
    ///
    /// var Total = total
    /// ```
    /// ```go good file=shop/orders_test.go
    /// package shop_test
    ///
    /// import "testing"
    ///
    /// func TestTotal(t *testing.T) {
    /// 	if Total(nil) != 0 {
    /// 		t.Fatal("total")
    /// 	}
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```go good file=shop/orders.go
    /// package shop
    ///
    /// func Total(order []int) int { return len(order) }
    ///
    /// func First(order []int) int { return order[0] }
    /// ```
    ///
    /// ```rust bad file=src/orders.rs
    /// pub fn total(order: &[u32]) -> u32 {
    ///     order.iter().sum()
    /// }
    ///
    /// #[cfg(test)]
    /// mod tests {
    ///     ^^^^^
    ///     use super::*;
    /// }
    /// ```
    ///
    /// Or:
    ///
    /// ```rust bad file=src/orders.rs
    /// pub fn total(order: &[u32]) -> u32 {
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     order.iter().sum()
    /// }
    ///
    /// pub fn first(order: &[u32]) -> u32 {
    ///     order[0]
    /// }
    /// ```
    /// ```rust bad file=src/payments.rs
    /// pub fn pay(order: &[u32]) -> bool {
    ///     send(order)
    /// }
    ///
    /// pub fn refund(order: &[u32]) -> bool {
    ///     send(order)
    /// }
    ///
    /// pub fn cancel(order: &[u32]) -> bool {
    ///     send(&order[..0])
    /// }
    /// ```
    ///
    /// ```rust good file=src/orders.rs
    /// pub fn total(order: &[u32]) -> u32 {
    ///     order.iter().sum()
    /// }
    ///
    /// #[cfg(test)]
    /// mod tests {
    ///     use super::*;
    ///
    ///     #[test]
    ///     fn totals() {
    ///         assert_eq!(total(&[1, 2]), 3);
    ///     }
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```rust good file=src/orders.rs
    /// /// The total.
    /// ///
    /// /// ```
    /// /// assert_eq!(shop::total(&[1, 2]), 3);
    /// /// ```
    /// pub fn total(order: &[u32]) -> u32 {
    ///     order.iter().sum()
    /// }
    ///
    /// #[cfg(test)]
    /// mod tests {
    ///     proptest! {
    ///         fn totals(order: Vec<u32>) {
    ///             super::total(&order);
    ///         }
    ///     }
    /// }
    /// ```
    name: "empty-test-suite",
    category: Testing,
    severity: High,
    scope: Workspace,
    audience: All,
    options: ["min-functions" = Integer(5), "How many functions a project has at least that needs tests"],
    on: [Fact(Kind::Function), Fact(Kind::Call), Fact(Kind::Namespace)],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if cx.code_role() != CodeRole::Test || cx.language() != Language::Rust {
        return;
    }
    match node.kind() {
        Kind::Function if is_test(node) => cx.note(node.name_range(), TEST, ""),
        // `proptest! { }` and its kin hold tests.
        Kind::Call if node.has(Flags::MACRO) && node.function().is_none() => cx.note(node.range(), TEST, ""),
        Kind::Namespace
            if node.get(Role::Body).is_some() && words(node.name()).iter().any(|w| w.starts_with("test")) =>
        {
            cx.site();
            let holds = |n: Node<'_>| {
                matches!(
                    n.kind(),
                    Kind::Function
                        | Kind::Class
                        | Kind::Namespace
                        | Kind::Assign
                        | Kind::Call
                        | Kind::OtherStatement
                )
            };
            if !node.descendants().any(|n| {
                holds(n) && n.role() != Role::Decorator && !n.ancestors().any(|a| a.is(Kind::Decorator))
            }) {
                cx.report(finding(cx.finding(node.name_range(), format!("`{}` holds no test", node.name()))));
            }
        }
        _ => {}
    }
}

const TEST: &str = "test";

/// Rust: whether an attribute makes a test of a function: `#[test]`, `#[tokio::test]`, `#[rstest]`.
fn is_test(function: Node<'_>) -> bool {
    let attributes = function.all(Role::Decorator).filter_map(|d| d.get(Role::Value));
    attributes.map(|a| a.callee().unwrap_or(a).name()).any(|name| {
        words(name)
            .iter()
            .any(|w| w.contains("test") || matches!(w.as_str(), "bench" | "case" | "quickcheck" | "fixture"))
    })
}

fn finding(finding: Finding) -> Finding {
    finding
        .why("A suite without tests reads as if the code were tested, and passes whatever the code does.")
        .help("Write the tests, or remove it.")
}

fn judge(survey: &mut Survey<'_>) {
    // A stub for a type checker has nothing to test.
    let code = survey.files().filter(|(_, file)| !file.path.ends_with(".pyi"));
    let all: Vec<(usize, &Surveyed<'_>)> = code.collect();
    let tested: BTreeSet<usize> = all
        .iter()
        .filter(|(number, file)| holds_tests(file, survey.notes(*number).next().is_some()))
        .map(|(number, _)| *number)
        .collect();
    for &(number, file) in &all {
        if is_suite(file) && !is_meant_to_be_empty(&file.path) {
            survey.site(number);
            if !tested.contains(&number) && says_nothing(file) {
                let name = file.path.rsplit('/').next().unwrap_or(&file.path);
                let found = survey.finding(first_line(file), format!("`{name}` holds no test"));
                survey.report(number, finding(found));
            }
        }
    }
    empty_folders(survey, &all);
    let projects = by_project(all.iter().copied());
    for ((project, language), files) in &projects {
        if !files.iter().any(|(number, _)| tested.contains(number))
            && !is_aside(&projects, project, files.len())
        {
            untested_project(survey, files, (project, *language), &tested);
        }
    }
}

/// Whether the files of a project in one language are a few beside many in another: its scripts.
fn is_aside(projects: &BTreeMap<Project, Vec<(usize, &Surveyed<'_>)>>, project: &str, files: usize) -> bool {
    const MANY: usize = 10;
    projects.iter().any(|((other, _), others)| **other == *project && others.len() >= files * MANY)
}

/// Whether a file's name says that it is a test suite.
fn is_suite(file: &Surveyed<'_>) -> bool {
    let mut parts = file.path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    match file.language {
        Language::Python => {
            name.ends_with(".py")
                && (name.starts_with("test_") || name.ends_with("_test.py") || name == "tests.py")
        }
        Language::Go => name.ends_with("_test.go"),
        Language::Rust => parts.next() == Some("tests") && parts.next() != Some("src"),
    }
}

/// Whether a file is data of other tests, or says in its name that it is empty.
fn is_meant_to_be_empty(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    folders.split('/').any(|folder| folder == "testdata") || words(name).iter().any(|w| w == "empty")
}

/// Whether a file defines nothing at all: what defines something may help other tests.
fn says_nothing(file: &Surveyed<'_>) -> bool {
    let summary = file.summary;
    let modules = file.language == Language::Rust && {
        let text = file.contents();
        text.contains("mod ") || text.contains('!')
    };
    summary.functions.is_empty()
        && summary.classes.is_empty()
        && summary.wildcards.is_empty()
        && !modules
        && summary.globals.keys().all(|name| matches!(&**name, "pytestmark" | "logger" | "__all__"))
}

/// Python: folders of a test suite that hold nothing but an empty `__init__.py`.
fn empty_folders(survey: &mut Survey<'_>, files: &[(usize, &Surveyed<'_>)]) {
    const HOLD_DATA: [&str; 27] = [
        "example",
        "examples",
        "app",
        "apps",
        "plugin",
        "plugins",
        "package",
        "data",
        "fixtures",
        "fixture",
        "resources",
        "files",
        "assets",
        "configs",
        "config",
        "samples",
        "templates",
        "schemas",
        "helpers",
        "utils",
        "support",
        "mocks",
        "common",
        "testdata",
        "static",
        "snapshots",
        "cassettes",
    ];
    for &(number, file) in files.iter().filter(|(_, file)| file.language == Language::Python) {
        let Some(folder) = file.path.strip_suffix("/__init__.py") else { continue };
        let mut parts = folder.rsplit('/');
        let name = parts.next().unwrap_or_default();
        let below_tests = parts.any(|part| matches!(part, "tests" | "test"));
        if !below_tests || HOLD_DATA.iter().any(|data| words(name).iter().any(|w| w == data)) {
            continue;
        }
        survey.site(number);
        let inside = format!("{folder}/");
        let alone = survey.all_files().iter().filter(|other| other.path.starts_with(&inside)).count() == 1;
        if alone && says_nothing(file) && file.summary.imports.is_empty() {
            let found =
                survey.finding(first_line(file), format!("The folder `{name}` of the test suite is empty"));
            survey.report(number, finding(found));
        }
    }
}

/// A project without any test, unless the tests of another use it.
fn untested_project(
    survey: &mut Survey<'_>,
    files: &[(usize, &Surveyed<'_>)],
    (project, language): (&str, Language),
    tested: &BTreeSet<usize>,
) {
    let code = files.iter().filter(|(_, file)| file.role == CodeRole::Production);
    let functions = |file: &Surveyed<'_>| file.summary.functions.values().filter(|f| !f.is_abstract).count();
    let with_functions: Vec<_> = code.filter(|(_, file)| functions(file) > 0).collect();
    let Some((number, first)) = with_functions.first() else { return };
    let count: usize = with_functions.iter().map(|(_, file)| functions(file)).sum();
    let wanted = survey.options(*number).map_or(0, |o| o.integer("min-functions"));
    if i64::try_from(count).unwrap_or(i64::MAX) < wanted {
        return;
    }
    survey.site(*number);
    let separator = if language == Language::Go { "/" } else { language.separator() };
    let roots: BTreeSet<&str> =
        files
            .iter()
            .map(|(_, file)| &*file.summary.module)
            .map(|module| {
                if language == Language::Go {
                    module
                } else {
                    module.split(separator).next().unwrap_or(module)
                }
            })
            .collect();
    let uses = |path: &str| {
        roots.contains(path)
            || path.match_indices(separator).any(|(at, _)| roots.contains(&path[..at]))
            || path.rsplit_once('.').is_some_and(|(p, _)| roots.contains(p))
    };
    let elsewhere = tested.iter().filter_map(|&n| survey.all_files().get(n)).any(|file| {
        let around = file.project.is_empty()
            || project.strip_prefix(&*file.project).is_some_and(|r| r.starts_with('/'));
        let imports = file.summary.imports.values().map(|path| &**path);
        file.language == language
            && (around || imports.chain(file.summary.wildcards.iter().map(|path| &**path)).any(uses))
    });
    if elsewhere {
        return;
    }
    let found = survey
        .finding(first_line(first), format!("The project's {count} functions have no test"))
        .why("Nothing says whether a change breaks what worked.")
        .help("Begin with tests of what would hurt most when it breaks.");
    survey.report(*number, found);
}
