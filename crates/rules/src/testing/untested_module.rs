use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, CodeRole, Survey, Surveyed, rule};
use shipworthy_facts::{Kind, Node};
use shipworthy_syntax::Language;

use crate::graph::{Uses, loads_by_name, note_imports};
use crate::projects::{by_project, first_line, identifiers};
use crate::suites::holds_tests;

rule! {
    /// No test reaches a module
    ///
    /// The module decides things, and no test imports or calls it, nor anything that does: a change that breaks it is found by its users. Test what
    /// would hurt most when it breaks.
    ///
    /// What tests reach through others counts as tested, and so do plugins that tested code loads by name. A project without any test is said once,
    /// by `empty-test-suite`.
    ///
    /// ```python bad file=app/orders.py
    /// def total(order):
    ///     return sum(order)
    /// ```
    /// ```python bad file=app/payments.py
    /// def fee(order):
    /// ^^^^^^^^^^^^^^^
    ///     if order.total > 100:
    ///         return 0
    ///     return 5 if order.express else 3
    ///
    /// def due(orders):
    ///     for order in orders:
    ///         yield from [line for line in order if not line.paid]
    /// ```
    /// ```python bad file=tests/test_orders.py
    /// from app.orders import total
    ///
    /// def test_total():
    ///     assert total([1, 2]) == 3
    /// ```
    ///
    /// Or:
    ///
    /// ```python bad file=shop/store.py
    /// class Store:
    ///     def open(self):
    ///         return True
    /// ```
    /// ```python bad file=shop/mail.py
    /// import smtplib
    /// ^^^^^^^^^^^^^^
    ///
    /// def send(letters):
    ///     for letter in letters:
    ///         if letter.ready:
    ///             smtplib.SMTP("localhost").send_message(letter)
    ///         while letter.open:
    ///             letter.close()
    /// ```
    /// ```python bad file=tests/test_store.py
    /// from shop import store
    ///
    /// def test_open():
    ///     assert store.Store().open()
    /// ```
    ///
    /// ```python good file=app/orders.py
    /// from app.payments import fee
    ///
    /// def total(order):
    ///     return sum(order) + fee(order)
    /// ```
    /// ```python good file=app/payments.py
    /// def fee(order):
    ///     if order.total > 100:
    ///         return 0
    ///     for line in order:
    ///         if line.express:
    ///             return 5
    ///     return 3
    /// ```
    /// ```python good file=tests/test_orders.py
    /// from app.orders import total
    ///
    /// def test_total():
    ///     assert total([1, 2]) == 3
    /// ```
    ///
    /// A program whose folder is a package imports its modules by their names in it:
    ///
    /// ```python good file=shop/__init__.py
    /// NAME = "shop"
    /// ```
    /// ```python good file=shop/ml/__init__.py
    /// KIND = "ml"
    /// ```
    /// ```python good file=shop/ml/connector.py
    /// def fee(order):
    ///     if order.total > 100:
    ///         return 0
    ///     for line in order:
    ///         if line.express:
    ///             return 5
    ///     return 3
    /// ```
    /// ```python good file=shop/ml/models.py
    /// from ml.connector import fee
    ///
    /// def total(order):
    ///     return sum(order) + fee(order)
    /// ```
    /// ```python good file=shop/tests/__init__.py
    /// ```
    /// ```python good file=shop/tests/test_models.py
    /// from ml.models import total
    ///
    /// def test_total():
    ///     assert total([1, 2]) == 3
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```python good file=app/plugins/__init__.py
    /// import importlib
    ///
    /// def load(name):
    ///     return importlib.import_module("app.plugins." + name)
    /// ```
    /// ```python good file=app/plugins/crm.py
    /// def sync(rows):
    ///     for row in rows:
    ///         if row.new:
    ///             row.save()
    ///         while row.locked:
    ///             row.wait()
    /// ```
    /// ```python good file=tests/test_plugins.py
    /// from app.plugins import load
    ///
    /// def test_load():
    ///     assert load("crm")
    /// ```
    ///
    /// ```go bad file=orders/orders.go
    /// package orders
    ///
    /// func Total(order []int) int { return len(order) }
    /// ```
    /// ```go bad file=orders/orders_test.go
    /// package orders
    ///
    /// import "testing"
    ///
    /// func TestTotal(t *testing.T) {
    /// 	if Total(nil) != 0 {
    /// 		t.Fatal("total")
    /// 	}
    /// }
    /// ```
    /// ```go bad file=payments/payments.go
    /// package payments
    /// ^^^^^^^^^^^^^^^^
    ///
    /// func Fee(total int, express bool) int {
    /// 	if total > 100 {
    /// 		return 0
    /// 	}
    /// 	if express {
    /// 		return 5
    /// 	}
    /// 	for total > 10 {
    /// 		total -= 10
    /// 	}
    /// 	return total
    /// }
    /// ```
    ///
    /// Or:
    ///
    /// ```go bad file=store/store.go
    /// package store
    ///
    /// func Open() bool { return true }
    /// ```
    /// ```go bad file=store/store_test.go
    /// package store
    ///
    /// import "testing"
    ///
    /// func TestOpen(t *testing.T) {
    /// 	if !Open() {
    /// 		t.Fatal("open")
    /// 	}
    /// }
    /// ```
    /// ```go bad file=mail/mail.go
    /// // Package mail sends letters.
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// package mail
    ///
    /// func Send(letters []Letter) {
    /// 	for _, letter := range letters {
    /// 		if letter.Ready {
    /// 			letter.send()
    /// 		}
    /// 		if letter.Open {
    /// 			letter.close()
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good file=payments/payments.go
    /// package payments
    ///
    /// func Fee(total int, express bool) int {
    /// 	if total > 100 {
    /// 		return 0
    /// 	}
    /// 	if express {
    /// 		return 5
    /// 	}
    /// 	for total > 10 {
    /// 		total -= 10
    /// 	}
    /// 	return total
    /// }
    /// ```
    /// ```go good file=orders/orders.go
    /// package orders
    ///
    /// import "payments"
    ///
    /// func Total(order []int) int { return len(order) + payments.Fee(len(order), false) }
    /// ```
    /// ```go good file=orders/orders_test.go
    /// package orders_test
    ///
    /// import (
    /// 	"orders"
    /// 	"testing"
    /// )
    ///
    /// func TestTotal(t *testing.T) {
    /// 	if orders.Total(nil) != 0 {
    /// 		t.Fatal("total")
    /// 	}
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```go good file=orders/fee.go
    /// package orders
    ///
    /// func fee(total int, express bool) int {
    /// 	if total > 100 {
    /// 		return 0
    /// 	}
    /// 	if express {
    /// 		return 5
    /// 	}
    /// 	for total > 10 {
    /// 		total -= 10
    /// 	}
    /// 	return total
    /// }
    /// ```
    /// ```go good file=orders/orders_test.go
    /// package orders
    ///
    /// import "testing"
    ///
    /// func TestFee(t *testing.T) {
    /// 	if fee(1000, false) != 0 {
    /// 		t.Fatal("fee")
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad file=src/orders.rs
    /// pub fn total(order: &[u32]) -> u32 {
    ///     order.iter().sum()
    /// }
    ///
    /// #[cfg(test)]
    /// mod tests {
    ///     #[test]
    ///     fn totals() {
    ///         assert_eq!(super::total(&[1, 2]), 3);
    ///     }
    /// }
    /// ```
    /// ```rust bad file=src/payments.rs
    /// pub fn fee(total: u32, express: bool) -> u32 {
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     if total > 100 {
    ///         return 0;
    ///     }
    ///     if express {
    ///         return 5;
    ///     }
    ///     match total {
    ///         0 => 1,
    ///         _ => 3,
    ///     }
    /// }
    /// ```
    ///
    /// Or:
    ///
    /// ```rust bad file=src/lib.rs
    /// pub mod mail;
    /// pub mod store;
    /// ```
    /// ```rust bad file=src/store.rs
    /// pub fn open() -> bool {
    ///     true
    /// }
    /// ```
    /// ```rust bad file=src/mail.rs
    /// use std::net::TcpStream;
    /// ^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// pub fn send(letters: &[Letter]) {
    ///     for letter in letters {
    ///         if letter.ready {
    ///             letter.send();
    ///         }
    ///         while letter.open {
    ///             letter.close();
    ///         }
    ///     }
    /// }
    /// ```
    /// ```rust bad file=tests/store.rs
    /// use crate::store::open;
    ///
    /// #[test]
    /// fn opens() {
    ///     assert!(open());
    /// }
    /// ```
    ///
    /// Methods that a module of its own gives to a type:
    ///
    /// ```rust good file=src/lib.rs
    /// pub mod session;
    /// ```
    /// ```rust good file=src/session.rs
    /// mod snapshot;
    ///
    /// pub struct Session {
    ///     lines: Vec<String>,
    /// }
    /// ```
    /// ```rust good file=src/session/snapshot.rs
    /// use super::Session;
    ///
    /// impl Session {
    ///     pub fn restore(&mut self, lines: &[String]) {
    ///         for line in lines {
    ///             if line.is_empty() {
    ///                 continue;
    ///             }
    ///             while self.lines.len() > 100 {
    ///                 self.lines.remove(0);
    ///             }
    ///             self.lines.push(line.clone());
    ///         }
    ///     }
    /// }
    /// ```
    /// ```rust good file=tests/session.rs
    /// use crate::session::Session;
    ///
    /// #[test]
    /// fn restores() {
    ///     let mut session = Session::default();
    ///     session.restore(&["ls".to_owned()]);
    /// }
    /// ```
    ///
    /// ```rust good file=src/orders.rs
    /// use crate::payments::fee;
    ///
    /// pub fn total(order: &[u32]) -> u32 {
    ///     order.iter().sum::<u32>() + fee(order.len(), false)
    /// }
    ///
    /// #[cfg(test)]
    /// mod tests {
    ///     #[test]
    ///     fn totals() {
    ///         assert_eq!(super::total(&[1, 2]), 6);
    ///     }
    /// }
    /// ```
    /// ```rust good file=src/payments.rs
    /// pub fn fee(total: usize, express: bool) -> u32 {
    ///     if total > 100 {
    ///         return 0;
    ///     }
    ///     if express {
    ///         return 5;
    ///     }
    ///     match total {
    ///         0 => 1,
    ///         _ => 3,
    ///     }
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```rust good file=src/main.rs
    /// mod mail;
    ///
    /// fn main() {
    ///     for letter in mail::letters() {
    ///         if letter.ready {
    ///             letter.send();
    ///         }
    ///         while letter.open {
    ///             letter.close();
    ///         }
    ///     }
    /// }
    /// ```
    /// ```rust good file=src/mail.rs
    /// pub fn letters() -> Vec<Letter> {
    ///     Vec::new()
    /// }
    /// ```
    /// ```rust good file=tests/program.rs
    /// #[test]
    /// fn runs() {
    ///     assert!(Command::cargo_bin("mail").unwrap().ok().is_ok());
    /// }
    /// ```
    name: "untested-module",
    category: Testing,
    severity: Low,
    scope: Workspace,
    audience: All,
    options: ["min-decisions" = Integer(3), "How many branches and loops a module has at least that needs tests"],
    on: [
        Fact(Kind::Import),
        Fact(Kind::Function),
        Fact(Kind::If),
        Fact(Kind::For),
        Fact(Kind::While),
        Fact(Kind::Match),
        Fact(Kind::Comprehension),
    ],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match node.kind() {
        Kind::Import => note_imports(cx, node),
        // Rust: a file may hold its own tests.
        Kind::Function if cx.language() == Language::Rust && cx.code_role() == CodeRole::Test => {
            cx.note(node.name_range(), TEST, "");
        }
        Kind::If | Kind::For | Kind::While | Kind::Match | Kind::Comprehension
            if cx.code_role() == CodeRole::Production && cx.named_function(node).is_some() =>
        {
            cx.note(node.range(), LOGIC, "");
        }
        _ => {}
    }
}

const TEST: &str = "test";
const LOGIC: &str = "logic";

fn judge(survey: &mut Survey<'_>) {
    let all = survey.all_files();
    let uses = Uses::of(all, |number| survey.notes(number).collect());
    let projects = by_project(survey.files());
    let mut by_language: BTreeMap<Language, Tests<'_>> = BTreeMap::new();
    for language in Language::ALL.iter().copied() {
        let tests: Vec<(usize, &Surveyed<'_>)> = survey
            .files()
            .filter(|(number, file)| {
                file.language == language && (file.role == CodeRole::Test || has_test(survey, *number))
            })
            .collect();
        let reached = reached(all, &uses, &tests);
        by_language.insert(language, (tests, reached));
    }
    for ((_, language), files) in &projects {
        let Some((tests, reached)) = by_language.get(language) else { continue };
        // Without any test of the project it is empty-test-suite's to say.
        let own = |file: &Surveyed<'_>| files.first().is_some_and(|(_, first)| first.project == file.project);
        let holds = |number: usize, file: &Surveyed<'_>| holds_tests(file, has_test(survey, number));
        let tested = tests.iter().any(|(number, file)| own(file) && holds(*number, file))
            || files.iter().any(|(n, f)| f.role == CodeRole::Production && reached[*n]);
        if tested {
            report(survey, files, reached, tests);
        }
    }
}

/// A language's tests with their numbers, and by file whether they reach it.
type Tests<'a> = (Vec<(usize, &'a Surveyed<'a>)>, Vec<bool>);

/// Whether a file holds tests of its own.
fn has_test(survey: &Survey<'_>, number: usize) -> bool {
    survey.notes(number).any(|note| note.key == TEST)
}

/// The files that tests reach: what they import or call, what that imports or calls, and the other files of Go's packages.
fn reached(all: &[Surveyed<'_>], uses: &Uses, tests: &[(usize, &Surveyed<'_>)]) -> Vec<bool> {
    let mut from: Vec<usize> = tests.iter().map(|(number, _)| *number).collect();
    let packages: BTreeSet<&str> =
        tests.iter().filter(|(_, f)| f.language == Language::Go).map(|(_, f)| &*f.summary.module).collect();
    from.extend(
        all.iter()
            .enumerate()
            .filter(|(_, f)| packages.contains(&*f.summary.module) && f.language == Language::Go)
            .map(|(n, _)| n),
    );
    let mut reached = uses.reached(from.iter().copied());
    // Plugins are loaded by their names.
    let loaders = all.iter().zip(&reached).filter(|(file, reached)| {
        **reached && file.language == Language::Python && loads_by_name(file.contents())
    });
    let packages: Vec<&str> =
        loaders.map(|(file, _)| file.path.rsplit_once('/').map_or("", |(folder, _)| folder)).collect();
    let loaded = all
        .iter()
        .enumerate()
        .filter(|(_, file)| packages.iter().any(|p| p.is_empty() || file.path.starts_with(p)))
        .map(|(n, _)| n);
    from.extend(loaded);
    if !packages.is_empty() {
        reached = uses.reached(from.into_iter());
    }
    reached
}

fn report(
    survey: &mut Survey<'_>,
    files: &[(usize, &Surveyed<'_>)],
    reached: &[bool],
    tests: &[(usize, &Surveyed<'_>)],
) {
    // Tests that run the built program reach what nobody can tell.
    const RUN: [&str; 5] =
        ["cargo_bin", "CARGO_BIN_EXE", "\"go\", \"build\"", "\"go\", \"run\"", "sys.executable"];
    let mut named: BTreeSet<String> = BTreeSet::new();
    for (_, test) in tests {
        let text = test.contents();
        if files.first().is_some_and(|(_, file)| file.project == test.project)
            && RUN.iter().any(|mark| text.contains(mark))
        {
            return;
        }
        if test.language == Language::Python {
            named.extend(identifiers(text).map(|(_, word)| word.to_owned()));
            named.extend(stem(test).split("test").map(|part| part.trim_matches('_').to_owned()));
        }
    }
    let mut judged: BTreeSet<&str> = BTreeSet::new();
    for &(number, file) in files.iter().filter(|(_, file)| file.role == CodeRole::Production && !begins(file))
    {
        let logic = survey.notes(number).filter(|note| note.key == LOGIC).count();
        let wanted = survey.options(number).map_or(0, |o| o.integer("min-decisions"));
        // A package of Go's is one module.
        if i64::try_from(logic).unwrap_or(i64::MAX) < wanted
            || file.language == Language::Go && !judged.insert(&file.summary.module)
        {
            continue;
        }
        survey.site(number);
        if reached[number] || named.contains(stem(file)) {
            continue;
        }
        let what = match file.language {
            Language::Go => format!(
                "No test reaches package `{}`",
                file.summary.module.rsplit('/').next().unwrap_or_default()
            ),
            _ => format!("No test reaches `{}`", file.summary.module),
        };
        let finding = survey
            .finding(first_line(file), what)
            .why("It decides things, and nothing says whether a change breaks what worked.")
            .help("Test what would hurt most when it breaks.")
            .confidence(Confidence::Medium);
        survey.report(number, finding);
    }
}

/// The name of a file without its ending.
fn stem<'f>(file: &'f Surveyed<'_>) -> &'f str {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    name.split('.').next().unwrap_or(name)
}

/// Whether a program begins in a file, or it only sets something up.
fn begins(file: &Surveyed<'_>) -> bool {
    const FILES: [&str; 16] = [
        "main", "__main__", "__init__", "setup", "manage", "wsgi", "asgi", "settings", "config", "conf",
        "build", "noxfile", "fabfile", "tasks", "urls", "env",
    ];
    const FOLDERS: [&str; 14] = [
        // Templates load them by name.
        "templatetags",
        "migrations",
        "alembic",
        "versions",
        "scripts",
        "script",
        "tools",
        "hack",
        "bin",
        "cmd",
        "benchmarks",
        "ci",
        "docker",
        "commands",
    ];
    let mut folders = file.path.rsplit('/').skip(1);
    let starts = |name: &str| file.summary.functions.contains_key(name);
    // A root without a `go.mod` has no name by which others import it.
    &*file.summary.module == "main"
        || FILES.contains(&stem(file))
        || folders.any(|folder| FOLDERS.contains(&folder))
        || file.language != Language::Python && starts("main")
}
