use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Effects, Kind, Node, Origin, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::remarks;

rule! {
    /// A test asserts nothing
    ///
    /// A test that only runs code fails when the code crashes, and at nothing else: a wrong result passes, and the coverage that it adds says
    /// nothing. Assert what the code promises; where not crashing is the promise, say so in the test's name.
    ///
    /// A helper that asserts counts, as does handing the test itself (`t`) to somebody. Where a test calls what may be such a helper and cannot be
    /// looked into, the finding is of low confidence.
    ///
    /// ```python bad file=tests/test_cart.py
    /// from shop import Cart
    ///
    /// def test_add():
    ///     ^^^^^^^^
    ///     cart = Cart()
    ///     cart.add("apple", 3)
    ///     print(cart.total())
    /// ```
    ///
    /// A method of a test class:
    ///
    /// ```python bad file=tests/test_cart.py
    /// import unittest
    ///
    /// from shop import Cart
    ///
    /// class CartTest(unittest.TestCase):
    ///     def test_remove(self):
    ///         ^^^^^^^^^^^
    ///         cart = Cart()
    ///         cart.remove("apple")
    ///
    ///     def test_total(self):
    ///         self.assertEqual(Cart().total(), 0)
    /// ```
    ///
    /// ```python good file=tests/test_cart.py
    /// import pytest
    ///
    /// from shop import Cart, pay
    ///
    /// def total_is(cart, total):
    ///     assert cart.total() == total
    ///
    /// def test_add():
    ///     cart = Cart()
    ///     cart.add("apple", 3)
    ///     total_is(cart, 3)
    ///
    /// def test_negative():
    ///     with pytest.raises(ValueError):
    ///         Cart().add("apple", -1)
    ///
    /// def test_pay(mocker):
    ///     gateway = mocker.patch("shop.gateway")
    ///     pay(Cart())
    ///     gateway.charge.assert_called_once_with(0)
    ///
    /// def test_empty_cart_does_not_raise():
    ///     Cart().total()
    ///
    /// @pytest.mark.skip
    /// def test_later():
    ///     Cart().later()
    ///
    /// @pytest.fixture
    /// def test_cart():
    ///     return Cart()
    /// ```
    ///
    /// A helper that writes its assertion out, and a call that is a check itself.
    ///
    /// ```python good file=tests/test_cart.py
    /// import subprocess
    ///
    /// from shop import Cart
    ///
    /// def test_help():
    ///     run_compose("--help")
    ///
    /// def run_compose(command):
    ///     if subprocess.call(["docker-compose", command]) != 0:
    ///         raise AssertionError(f"failed: {command}")
    ///
    /// def test_full():
    ///     Cart([1]).raise_if_empty()
    /// ```
    ///
    /// What may assert:
    ///
    /// ```python good file=tests/test_cart.py
    /// from shop import Cart
    /// from tests.helpers import run_all
    ///
    /// class TestCart:
    ///     def test_all(self):
    ///         run_all(Cart)
    ///
    ///     def test_checked(self):
    ///         self.check_cart(Cart())
    ///
    ///     def test_benchmark(self, benchmark):
    ///         benchmark(Cart)
    ///
    ///     def test_failure(self):
    ///         try:
    ///             Cart().add("apple", -1)
    ///         except ValueError:
    ///             return
    ///         raise RuntimeError("no error")
    /// ```
    ///
    /// A helper sets up what is expected, and the library checks it when the test ends.
    ///
    /// ```python good file=backup/umount.py
    /// def umount(path):
    ///     execute(("umount", path))
    /// ```
    /// ```python good file=tests/test_umount.py
    /// from flexmock import flexmock
    ///
    /// from backup import umount as module
    ///
    /// def insert_command(command):
    ///     flexmock(module).should_receive("execute").with_args(command).once()
    ///
    /// def test_umount_calls_the_command():
    ///     insert_command(("umount", "/mnt"))
    ///     module.umount("/mnt")
    /// ```
    ///
    /// What a fixture gives compares the answer's status with the one that it is told.
    ///
    /// ```python good file=tests/test_orders.py
    /// def test_missing_order(app):
    ///     app.get("/orders/1", status=404)
    ///
    /// def test_foreign_order(shop, order):
    ///     shop.login("user", "password")
    ///     shop.delete(order, code=403)
    /// ```
    ///
    /// ```go bad file=cart_test.go
    /// package shop
    ///
    /// import "testing"
    ///
    /// func TestAdd(t *testing.T) {
    ///      ^^^^^^^
    /// 	cart := NewCart()
    /// 	cart.Add("apple", 3)
    /// 	t.Log(cart.Total())
    /// }
    /// ```
    ///
    /// Subtests:
    ///
    /// ```go bad file=cart_test.go
    /// package shop
    ///
    /// import "testing"
    ///
    /// func TestTotals(t *testing.T) {
    ///      ^^^^^^^^^^
    /// 	t.Run("empty", func(t *testing.T) {
    /// 		total()
    /// 	})
    /// }
    ///
    /// func total() int {
    /// 	return NewCart().Total()
    /// }
    ///
    /// func TestRemove(t *testing.T) {
    ///      ^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good file=cart_test.go
    /// package shop
    ///
    /// import (
    /// 	"testing"
    ///
    /// 	"github.com/stretchr/testify/assert"
    /// )
    ///
    /// func TestMain(m *testing.M) {
    /// 	m.Run()
    /// }
    ///
    /// func TestAdd(t *testing.T) {
    /// 	cart := NewCart()
    /// 	assert.Equal(t, 0, cart.Total())
    /// }
    ///
    /// func TestTotals(t *testing.T) {
    /// 	for _, total := range []int{1, 2} {
    /// 		if total != NewCart().Total() {
    /// 			t.Errorf("total %d", total)
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// Where nothing is answered, that it comes back is what there is to see:
    ///
    /// ```go good file=cart_test.go
    /// package shop
    ///
    /// import "testing"
    ///
    /// func clear(cart *Cart) {
    /// 	cart.notify = nil
    /// }
    ///
    /// func TestClearTwice(t *testing.T) {
    /// 	cart := &Cart{notify: nil}
    /// 	clear(cart)
    /// 	clear(cart)
    /// }
    ///
    /// // A cart without a name used to crash.
    /// func TestName(t *testing.T) {
    /// 	name(&Cart{})
    /// }
    ///
    /// func name(cart *Cart) string {
    /// 	return cart.name
    /// }
    ///
    /// func TestIssue53650(t *testing.T) {
    /// 	total()
    /// }
    ///
    /// // Totals used to loop for ever.
    /// func TestTotals(t *testing.T) {
    /// 	// Regression test: this must return.
    /// 	total()
    /// }
    ///
    /// func total() int {
    /// 	return 0
    /// }
    /// ```
    ///
    /// ```python good file=tests/test_cart.py
    /// from shop import Cart
    ///
    /// from .base import CartTests
    ///
    /// class TestGiftCart(CartTests):
    ///     def test_created(self):
    ///         Cart.objects.get(name="gift")
    ///
    ///     def test_shown(self):
    ///         self.browser.visit("/")
    ///         self.browser.find_by_xpath("//h1").first
    ///
    ///     def test_price(self):
    ///         """Gifts have no price."""
    ///
    ///     def test_remove_deferred(self):
    ///         with deferred():
    ///             self.test_remove()
    /// ```
    ///
    /// What may fail otherwise:
    ///
    /// ```go good file=cart_test.go
    /// package shop
    ///
    /// import "testing"
    ///
    /// func TestHelper(t *testing.T) {
    /// 	cart := newTestCart(t)
    /// 	cart.Add("apple", 3)
    /// }
    ///
    /// func TestNoPanic(t *testing.T) {
    /// 	NewCart().Total()
    /// }
    ///
    /// func TestInterface(t *testing.T) {
    /// 	var _ Shop = &Cart{}
    /// }
    ///
    /// func TestAll(t *testing.T) {
    /// 	t.Run("removed", testRemoved)
    /// }
    ///
    /// func TestMust(t *testing.T) {
    /// 	if NewCart().Total() != 0 {
    /// 		panic("total")
    /// 	}
    /// }
    ///
    /// func TestRemoved(t *testing.T) {
    /// 	t.Skip("no carts any more")
    /// }
    /// ```
    ///
    /// ```rust bad file=tests/cart.rs
    /// use shop::Cart;
    ///
    /// #[test]
    /// fn adds() {
    ///    ^^^^
    ///     let mut cart = Cart::new();
    ///     cart.add("apple", 3);
    ///     println!("{}", cart.total());
    /// }
    /// ```
    ///
    /// ```go good file=client/keys_test.go
    /// package client
    ///
    /// import "testing"
    ///
    /// func TestUpdate(t *testing.T) {
    /// 	keys := keysOf(&assertingClient{t: t, wanted: "/foo"})
    /// 	keys.Update("/foo", "bar")
    /// }
    ///
    /// func TestTake(t *testing.T) {
    /// 	// None of these should block or panic.
    /// 	New(0).Take(1)
    /// }
    /// ```
    ///
    /// What is there to be built, or run by another test, and what has a report of its own:
    ///
    /// ```go good file=client/names_test.go
    /// package client
    ///
    /// import (
    /// 	"io"
    /// 	"os"
    /// 	"testing"
    /// )
    ///
    /// func Test(t *testing.T) {}
    ///
    /// // The linker reads names that are longer than its buffer.
    /// func TestLongName(t *testing.T) {
    /// 	_ = AnotherNameThatIsVeryLongIndeed
    /// }
    ///
    /// func TestInAnotherProcess(t *testing.T) {
    /// 	if os.Getenv("HELPER_PROCESS") != "1" {
    /// 		return
    /// 	}
    /// 	t.Log(names())
    /// }
    ///
    /// func TestWriteNothing(t *testing.T) {
    /// 	r, w := io.Pipe()
    /// 	go func() {
    /// 		w.Write(nil)
    /// 		w.Close()
    /// 	}()
    /// 	t.Log(io.ReadAll(r))
    /// }
    ///
    /// func TestArtifacts(t *testing.T) {
    /// 	t.Log(t.ArtifactDir())
    /// }
    ///
    /// // See issue 78997.
    /// func TestNames(t *testing.T) {
    /// 	names()
    /// }
    ///
    /// func names() []string {
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```python good file=tests/test_key.py
    /// from shop import key
    ///
    /// def test_key_is_hashable():
    ///     {key("apple"): True}
    /// ```
    ///
    /// That it may be done at all.
    ///
    /// ```python good file=tests/test_jobs.py
    /// from shop.jobs import Job
    ///
    /// def test_inherit_ok():
    ///     class Own(Job):
    ///         def run(self):
    ///             pass
    /// ```
    ///
    /// ```rust bad
    /// #[cfg(test)]
    /// mod tests {
    ///     use super::*;
    ///
    ///     #[tokio::test]
    ///     async fn removes() {
    ///              ^^^^^^^
    ///         let mut cart = Cart::new();
    ///         cart.remove("apple").await;
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// #[cfg(test)]
    /// mod tests {
    ///     use super::*;
    ///
    ///     fn total_is(cart: &Cart, total: u64) {
    ///         assert_eq!(cart.total(), total);
    ///     }
    ///
    ///     #[test]
    ///     fn adds() {
    ///         total_is(&Cart::new(), 0);
    ///     }
    ///
    ///     #[test]
    ///     fn refuses_words() {
    ///         Cart::parse("three apples").unwrap_err();
    ///     }
    ///
    ///     #[test]
    ///     #[should_panic]
    ///     fn refuses() {
    ///         Cart::new().add("apple", -1);
    ///     }
    ///
    ///     #[test]
    ///     fn parses() {
    ///         Cart::parse("apple: 3").unwrap();
    ///     }
    ///
    ///     #[test]
    ///     fn reads() -> Result<(), Error> {
    ///         Cart::read("cart.json")?;
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good file=tests/cart.rs
    /// mod common;
    ///
    /// #[test]
    /// fn adds() {
    ///     common::run("apple");
    /// }
    ///
    /// #[test]
    /// fn never_panics_on_empty_input() {
    ///     shop::Cart::new().total();
    /// }
    ///
    /// #[test]
    /// fn snapshots() {
    ///     insta::assert_snapshot!(shop::Cart::new().show());
    /// }
    /// ```
    ///
    /// A helper may check in a closure, or be what the tests beside this one share:
    ///
    /// ```rust good
    /// #[cfg(test)]
    /// mod tests {
    ///     use super::*;
    ///
    ///     fn in_cart(name: &str) {
    ///         with_cart(|cart| {
    ///             assert!(cart.has(name));
    ///         });
    ///     }
    ///
    ///     #[test]
    ///     fn adds() {
    ///         in_cart("apple");
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good file=tests/prices.rs
    /// use super::*;
    ///
    /// #[test]
    /// fn shows_prices() {
    ///     Shop::start("--prices").stdout_of(".*apple.*").run_to_end();
    /// }
    /// ```
    ///
    /// A function that is handed over may assert:
    ///
    /// ```rust good file=src/sizes.rs
    /// async fn check_size(text: String) {
    ///     assert_eq!(text.len(), 3);
    /// }
    ///
    /// #[tokio::test]
    /// async fn size_is_told() {
    ///     with_text(check_size).await;
    /// }
    ///
    /// async fn with_text<F: AsyncFnOnce(String)>(test: F) {
    ///     test("abc".to_string()).await
    /// }
    /// ```
    ///
    /// ```rust bad file=src/sizes.rs
    /// async fn show_size(text: String) {
    ///     println!("{}", text.len());
    /// }
    ///
    /// #[tokio::test]
    /// async fn size_is_told() {
    ///          ^^^^^^^^^^^^
    ///     with_text(show_size).await;
    /// }
    ///
    /// async fn with_text<F: AsyncFnOnce(String)>(test: F) {
    ///     test("abc".to_string()).await
    /// }
    /// ```
    name: "test-without-assertion",
    category: Testing,
    severity: Medium,
    scope: File,
    audience: Tests,
    on: [Fact(Kind::Function)],
    check: check,
}

fn check(cx: &mut Check<'_>, function: Node<'_>) {
    // What tools are tested with are no tests.
    let is_data = cx.path().split('/').any(|folder| folder == "testdata");
    if is_data || !is_test(cx, function) || is_skipped(cx, function) || is_program(cx, function) {
        return;
    }
    cx.site();
    if promises_no_more(function)
        || says_no_more(cx, function)
        || asserts(cx, function)
        || replaces_another(cx, function)
        || runs_another(function)
    {
        return;
    }
    let finding = cx
        .finding(function.name_range(), format!("`{}` asserts nothing", function.name()))
        .why("It fails only when the code crashes: a wrong result passes.")
        .help("Assert what the code promises.")
        .confidence(if may_assert(cx, function) || only_runs(cx, function) {
            Confidence::Low
        } else {
            Confidence::Medium
        });
    cx.report(finding);
}

/// Whether a function is a test, as the language's test runner sees it.
fn is_test(cx: &Check<'_>, function: Node<'_>) -> bool {
    let name = function.name();
    match cx.language() {
        Language::Python => {
            let class = function.class();
            let collected =
                class.is_none_or(|class| class.name().starts_with("Test") || class.get(Role::Base).is_some());
            name.starts_with("test")
                && function.function().is_none()
                && collected
                && !cx.is_decorated(function, "fixture-decorator")
        }
        Language::Go => name.starts_with("Test") && test_parameter(function).is_some(),
        Language::Rust => {
            attributes(function).any(|a| matches!(a, "test" | "rstest" | "test_case" | "wasm_bindgen_test"))
        }
    }
}

/// The last names of Rust's attributes, without arguments: `test` of `#[tokio::test(..)]`.
fn attributes<'a>(function: Node<'a>) -> impl Iterator<Item = &'a str> {
    let values = function.all(Role::Decorator).filter_map(|d| d.get(Role::Value));
    values.map(|v| v.callee().unwrap_or(v).name())
}

/// Go: the `t` of a test function.
fn test_parameter(function: Node<'_>) -> Option<Node<'_>> {
    let mut parameters = function.all(Role::Parameter);
    let only = parameters
        .next()
        .filter(|_| parameters.next().is_none() && function.get(Role::Receiver).is_none())?;
    only.get(Role::Type).is_some_and(|t| t.text() == "*testing.T").then_some(only)
}

/// Whether a test does not run, or runs to be seen failing.
fn is_skipped(cx: &Check<'_>, function: Node<'_>) -> bool {
    let says = |name: &str| {
        words(name).iter().any(|w| matches!(w.as_str(), "skip" | "skipif" | "xfail" | "ignore" | "todo"))
    };
    let by_decorator = match cx.language() {
        Language::Rust => attributes(function).any(|a| matches!(a, "should_panic" | "ignore")),
        _ => function
            .all(Role::Decorator)
            .filter_map(|d| d.get(Role::Value))
            .any(|v| says(v.callee().unwrap_or(v).name())),
    };
    by_decorator || calls(function).filter_map(Node::callee).any(|c| says(c.name()))
}

fn calls(function: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    function.descendants().filter(|n| n.is(Kind::Call))
}

/// Python: whether a method is empty but for its documentation, or a comment: it stands in for the one that it inherits.
fn replaces_another(cx: &Check<'_>, function: Node<'_>) -> bool {
    let Some(body) = function.get(Role::Body) else { return false };
    let documented = body.all(Role::Statement).any(|s| s.is(Kind::String))
        || remarks::has_comment(cx.facts(), function.range());
    let empty = body.all(Role::Statement).all(|s| matches!(s.kind(), Kind::String | Kind::Pass));
    cx.language() == Language::Python && function.class().is_some() && empty && documented
}

/// Whether a test runs another one, under other circumstances.
fn runs_another(function: Node<'_>) -> bool {
    let mut called = calls(function).filter_map(Node::callee);
    called.any(|c| c.name() != function.name() && c.name().starts_with("test_"))
}

/// Go: whether a test only runs what gives no answer: that it comes back, and does not panic, is what there is to see. One without any code,
/// one that logs or prints what it got, and one that drops what a function of the project answers, see less than they could.
fn only_runs(cx: &Check<'_>, function: Node<'_>) -> bool {
    if cx.language() != Language::Go {
        return false;
    }
    if calls(function).next().is_none() {
        return only_builds(function);
    }
    // Two sides that wait for each other: that it comes to an end is what is there to see. And what asks `t` alone is for who tests tests.
    let test = test_parameter(function).map_or("", Node::name);
    let of_test =
        |c: Node<'_>| c.callee().and_then(Node::object).is_some_and(|o| o.is(Kind::Name) && o.name() == test);
    if function.descendants().any(|n| n.is(Kind::Spawn)) || calls(function).all(of_test) {
        return true;
    }
    let shows = |c: Node<'_>| {
        let effects = cx.effects(c);
        effects.intersects(Effects::PRINTS | Effects::LOGS)
            || c.callee().is_some_and(|c| matches!(c.name(), "Log" | "Logf"))
    };
    let answers = |c: Node<'_>| {
        c.role() == Role::Statement
            && cx
                .workspace_callee(c)
                .and_then(|path| cx.workspace().function(&path))
                .is_some_and(|f| f.results.iter().any(|r| *r != Origin::Instance("error".into())))
    };
    !calls(function).any(|c| shows(c) || answers(c))
}

/// Go: whether a test without calls is there to be built: it has no other name than `Test`, or it only mentions what has to be there.
fn only_builds(function: Node<'_>) -> bool {
    let mut statements = function.get(Role::Body).into_iter().flat_map(|b| b.all(Role::Statement)).peekable();
    let mentions = |s: Node<'_>| s.is(Kind::Assign) && s.get(Role::Target).is_some_and(|t| t.text() == "_");
    function.name() == "Test" || statements.peek().is_some() && statements.all(mentions)
}

/// Go: whether a test does nothing but where a variable of the environment is set: another test runs it as a program of its own.
fn is_program(cx: &Check<'_>, function: Node<'_>) -> bool {
    let first = function.get(Role::Body).and_then(|b| b.get(Role::Statement)).filter(|s| s.is(Kind::If));
    let asks = |n: Node<'_>| n.is(Kind::Call) && cx.effects(n).intersects(Effects::READS_ENVIRONMENT);
    let leaves = |body: Node<'_>| body.all(Role::Statement).all(|s| s.is(Kind::Return));
    first.is_some_and(|s| {
        s.get(Role::Condition).is_some_and(|c| c.descendants().any(asks))
            && s.get(Role::Body).is_some_and(leaves)
    }) && cx.language() == Language::Go
}

/// Whether a test's name says that running is all it is for: `test_does_not_raise`, `TestNoPanic`, `test_smoke`, `TestRace`.
fn promises_no_more(function: Node<'_>) -> bool {
    const ALONE: [&str; 29] = [
        "hashable",
        "picklable",
        "pickleable",
        "serializable",
        "copyable",
        "accepted",
        "accepts",
        "allowed",
        "allows",
        "valid",
        "ok",
        "succeeds",
        "smoke",
        "import",
        "imports",
        "race",
        "races",
        "racy",
        "deadlock",
        "leak",
        "leaks",
        "concurrent",
        "concurrency",
        "concurrently",
        "fuzz",
        "stress",
        "compiles",
        "noop",
        "benchmark",
    ];
    const DENIED: [&str; 17] = [
        "raise",
        "raises",
        "raising",
        "error",
        "errors",
        "exception",
        "exceptions",
        "crash",
        "crashes",
        "fail",
        "fails",
        "panic",
        "panics",
        "throw",
        "throws",
        "hang",
        "block",
    ];
    let words = words(function.name());
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    // `TestIssue53650`: what crashed once.
    let of_issue = function.name().bytes().filter(u8::is_ascii_digit).count() >= 4;
    of_issue
        || has(&ALONE)
        || has(&DENIED) && has(&["no", "not", "never", "without", "doesnt", "dont", "cannot", "nothing"])
}

/// Whether a comment or the docstring of a test says that going through is all it is for: `# Should not raise`. One that gives something
/// back is a helper of others.
fn says_no_more(cx: &Check<'_>, function: Node<'_>) -> bool {
    const SAYS: [&str; 26] = [
        "issue",
        "won't",
        "nothing to test",
        "crash",
        "not panic",
        "actually run",
        "just make sure",
        "should succeed",
        "may raise",
        "must return",
        "used to crash",
        "used to panic",
        "regression test",
        "deadlock",
        "infinite loop",
        "evidence enough",
        "without panicking",
        "should not",
        "shouldn't",
        "must not",
        "none of these",
        "not raise",
        "no error",
        "no panic",
        "no exception",
        "does not fail",
    ];
    let said = remarks::function_says(cx, function, &SAYS);
    let gives = |n: Node<'_>| n.is(Kind::Return) && n.get(Role::Value).is_some();
    said || cx.language() == Language::Python && function.descendants_here().any(gives)
}

/// Whether a test, or a helper that it calls, can fail by more than a crash.
fn asserts(cx: &Check<'_>, function: Node<'_>) -> bool {
    let test = test_parameter(function).map_or("", Node::name);
    function.descendants().any(|n| match n.kind() {
        Kind::Assert | Kind::Raise => true,
        // The error of a fallible step fails the test.
        Kind::Propagate => true,
        // Go: `var _ io.Reader = &File{}` is checked when it is compiled.
        Kind::Assign => n.get(Role::Type).is_some() && n.get(Role::Target).is_some_and(|t| t.text() == "_"),
        // Go: what is made with `t` may fail it.
        Kind::Construct => !test.is_empty() && n.arguments().any(|a| a.is(Kind::Name) && a.name() == test),
        Kind::Call => {
            let name = n.callee().map_or("", Node::name);
            let handed = !test.is_empty() && n.arguments().any(|a| a.is(Kind::Name) && a.name() == test);
            let meaning = cx.meaning(n);
            handed
                || says_assert(name)
                || meaning.is_some_and(|m| m.is("runs-test")) && !n.arguments().any(|a| a.is(Kind::Lambda))
                || cx.effects(n).intersects(Effects::ASSERTS | Effects::EXITS)
                // `with_server(test_object_size)` runs a function that asserts.
                || n.arguments().filter(|a| a.is(Kind::Name)).any(|a| {
                    cx.name_of(a).is_some_and(|path| cx.workspace().reach(&path).contains(Effects::ASSERTS))
                })
                // `json.loads(output)`, whose answer nobody keeps: that it can be read is what is to be seen.
                || n.role() == Role::Statement && cx.meaning(n).is_some_and(|m| m.effects.contains(Effects::DECODES))
                || cx
                    .workspace_callee(n)
                    .and_then(|path| cx.workspace().function(&path))
                    .is_some_and(|f| f.behaviour.calls.iter().any(|c| says_assert(last_name(&c.path))))
                || cx.language() == Language::Rust
                    && (meaning.is_some_and(|m| m.is("unwraps"))
                        || name.starts_with("unwrap")
                        || name.starts_with("expect"))
        }
        _ => false,
    })
}

/// The last part of an absolute name.
fn last_name(path: &str) -> &str {
    path.rsplit(['.', ':', '/']).next().unwrap_or(path)
}

/// Whether a name says that what it names checks something.
fn says_assert(name: &str) -> bool {
    const CHECKS: [&str; 30] = [
        "assert",
        "asserts",
        "expect",
        "expects",
        "expected",
        "check",
        "checks",
        "verify",
        "verifies",
        "should",
        "ensure",
        "must",
        "require",
        "validate",
        "validates",
        "compare",
        "raises",
        "warns",
        "fail",
        "fails",
        "match",
        "matches",
        "equal",
        "equals",
        "snapshot",
        "golden",
        "approve",
        "wait",
        "lint",
        "diff",
    ];
    let words = words(name);
    // `raise_if_unsafe`, `raise_for_status`
    let raises_where = matches!(&words[..], [first, second, ..] if first == "raise" && matches!(second.as_str(), "if" | "for" | "unless"));
    raises_where || words.iter().any(|w| CHECKS.contains(&w.as_str()) || w.starts_with("assert"))
}

/// Whether a test calls what may be a helper that asserts, and cannot be looked into.
fn may_assert(cx: &Check<'_>, function: Node<'_>) -> bool {
    let parameters: Vec<&str> = function.all(Role::Parameter).map(Node::name).collect();
    let unknown_decorator = cx.language() == Language::Python
        && function.all(Role::Decorator).any(|d| {
            let named = d.get(Role::Value).and_then(|v| cx.name_of(v.callee().unwrap_or(v)));
            !named.is_some_and(|n| n.starts_with("pytest.mark.") || n.starts_with("unittest.mock."))
        });
    // Python's models and forms raise where they are not valid.
    const VALIDATES: [&str; 4] = ["full_clean", "validated_save", "clean", "validate"];
    if calls(function).filter_map(Node::callee).any(|c| VALIDATES.contains(&c.name())) {
        return true;
    }
    // `app.get("/orders/1", status=404)`, `client.expect(403, "/orders")` on what a fixture gives.
    let is_status = |n: Node<'_>| {
        n.is(Kind::Number)
            && n.number().is_some_and(|code| code.fract() == 0.0 && (100.0..600.0).contains(&code))
    };
    let asks_status = |call: Node<'_>| {
        let labelled = call.arguments().filter(|a| matches!(a.label(), "code" | "status" | "status_code"));
        let mut codes = labelled.map(|a| a.get(Role::Value).unwrap_or(a)).chain(call.positional(0));
        let of_fixture = call.callee().and_then(Node::object).is_some_and(|o| parameters.contains(&o.name()));
        of_fixture && codes.any(is_status)
    };
    if cx.language() == Language::Python && calls(function).any(asks_status) {
        return true;
    }
    let of_class = function.class();
    // What looks for something and raises where it is not there; and a helper of the class itself.
    let looks = |callee: Node<'_>| {
        let said = words(callee.name());
        let by = matches!(said.first().map(String::as_str), Some("find" | "get"))
            && said.iter().any(|w| w == "by");
        let own =
            of_class.is_some() && callee.object().is_some_and(|o| o.is(Kind::Name) && o.name() == "self");
        let row = callee.name() == "get" && callee.object().is_some_and(|o| o.name() == "objects");
        by || own || row
    };
    if calls(function).filter_map(Node::callee).any(looks) {
        return true;
    }
    let unknown = calls(function).filter(|c| cx.meaning(*c).is_none() && cx.workspace_callee(*c).is_none());
    let unknown_call = unknown.filter_map(Node::callee).any(|callee| {
        let mut start = callee;
        while let Some(object) = start.object() {
            start = object;
        }
        let inherited = of_class.is_some() && start.name() == "self" && callee.object() == Some(start);
        let given = callee == start && parameters.contains(&callee.name());
        let from_tests =
            cx.name_of(callee).filter(|path| !path.starts_with("testing.")).is_some_and(|path| {
                let mut parents: Vec<String> = words(&path);
                parents.pop();
                parents.iter().any(|w| {
                    matches!(
                        w.as_str(),
                        "test"
                            | "tests"
                            | "testing"
                            | "testutil"
                            | "testutils"
                            | "common"
                            | "helpers"
                            | "utils"
                            | "support"
                    )
                })
            });
        // What the test module itself calls by a bare name that nothing binds comes from a sibling.
        let sibling = callee.is(Kind::Name)
            && cx.language() != Language::Python
            && cx.environment().lookup(callee.name()).is_none()
            && callee.name().starts_with(char::is_lowercase)
            && cx.resolver().bindings(callee).is_empty();
        // `Shop::start("--port 0").stdout("ready").run()`, of what the tests beside this one share by `use super::*`.
        let shared = cx.language() == Language::Rust
            && cx.path().split('/').any(|folder| folder == "tests")
            && start.is(Kind::Name)
            && start.name().starts_with(char::is_uppercase)
            && cx.environment().lookup(start.name()).is_none()
            && cx.environment().wildcards().next().is_some();
        inherited || given || from_tests || sibling || shared
    });
    unknown_decorator || unknown_call
}
