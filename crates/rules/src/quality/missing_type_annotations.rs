use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Flags, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::program;

rule! {
    /// A public function has no types
    ///
    /// Callers of a function without types read its body to learn what it takes and gives, and a type checker passes over every call of it: a `None`
    /// that nobody expected is found in production. Types are checked documentation.
    ///
    /// Functions that are public by their names and places count; private ones, nested ones, special methods, overloads and type comments do not.
    ///
    /// ```python bad
    /// def greet(name="world", loud=False):
    ///     ^^^^^
    ///     if loud:
    ///         print(name.upper())
    ///     else:
    ///         print(name)
    /// ```
    /// ```python fixed
    /// def greet(name: str = "world", loud: bool = False) -> None:
    ///     if loud:
    ///         print(name.upper())
    ///     else:
    ///         print(name)
    /// ```
    ///
    /// ```python bad
    /// class Cart:
    ///     def total(self, discount: int) -> int:
    ///         return sum(self.prices) - discount
    ///
    ///     def is_empty(self):
    ///         ^^^^^^^^
    ///         return not self.prices
    /// ```
    /// ```python fixed
    /// class Cart:
    ///     def total(self, discount: int) -> int:
    ///         return sum(self.prices) - discount
    ///
    ///     def is_empty(self) -> bool:
    ///         return not self.prices
    /// ```
    ///
    /// ```python good
    /// from typing import Any
    ///
    /// def greet(name: str, *args: Any, **kwargs) -> None:
    ///     print(name)
    ///
    /// def _hidden(name):
    ///     return name
    ///
    /// class _Private:
    ///     def method(self, name):
    ///         return name
    ///
    /// class Cart:
    ///     def __init__(self, size: int = 3):
    ///         self.size = size
    ///
    ///     def __len__(self):
    ///         return self.size
    ///
    ///     @property
    ///     def empty(self) -> bool:
    ///         return self.size == 0
    /// ```
    ///
    /// ```python good
    /// import functools
    ///
    /// def add(a, b):
    ///     # type: (int, int) -> int
    ///     return a + b
    ///
    /// def logged(function: "Callable") -> "Callable":
    ///     @functools.wraps(function)
    ///     def around(*args, **kwargs):
    ///         return function(*args, **kwargs)
    ///     return around
    ///
    /// def project(path):  # noqa: D102, ANN001, ANN201
    ///     return path.parent
    ///
    /// def main():
    ///     print(add(1, 2))
    ///
    /// if __name__ == "__main__":
    ///     main()
    /// ```
    name: "missing-type-annotations",
    category: Quality,
    severity: Low,
    scope: File,
    gathered: "public functions have no types",
    fix: { Python: Suggested },
    on: [Fact(Kind::Function)],
    check: check,
}

fn check(cx: &mut Check<'_>, function: Node<'_>) {
    if cx.language() != Language::Python || !is_public(cx, function) || program::is_migration(cx) {
        return;
    }
    cx.site();
    let untyped: Vec<Node<'_>> = parameters(function).filter(|p| p.get(Role::Type).is_none()).collect();
    let constructor = function.name().starts_with("__");
    let without_result = !constructor && function.get(Role::Result).is_none();
    if untyped.is_empty() && !without_result {
        return;
    }
    let mut missing: Vec<String> = untyped.iter().map(|p| format!("`{}`", p.name())).collect();
    if without_result {
        missing.push("its result".to_owned());
    }
    let finding = cx
        .finding(
            function.name_range(),
            format!("`{}` has no type for {}", function.name(), missing.join(", ")),
        )
        .why("Callers have to read its body, and a type checker passes over every call of it.")
        .help("Annotate its parameters and its result.")
        .maybe_fix(fix(function, &untyped, without_result));
    cx.report(finding);
}

/// Whether others may call a function: by its own name and the names of all around it.
fn is_public(cx: &Check<'_>, function: Node<'_>) -> bool {
    let name = function.name();
    let special = name.starts_with("__") && name != "__init__";
    let hidden = |n: Node<'_>| n.name().starts_with('_') && !n.name().starts_with("__");
    let around = function
        .ancestors()
        .any(|n| matches!(n.kind(), Kind::Function | Kind::Lambda) || n.is(Kind::Class) && hidden(n));
    let overload = function
        .all(Role::Decorator)
        .filter_map(|d| d.get(Role::Value))
        .any(|d| matches!(d.name(), "overload" | "no_type_check" | "setter" | "deleter"));
    let comments = cx
        .facts()
        .comments
        .iter()
        .filter(|c| function.range().start <= c.range.start && c.range.end <= function.range().end);
    let signature = function.get(Role::Body).map_or(function.range().end, |b| b.range().start);
    // Who marks a signature for a linter means it.
    let type_comment = comments.into_iter().any(|c| {
        let text = cx.facts().slice(c.range).trim_start_matches(['#', ' ']);
        text.starts_with("type:")
            || c.range.start < signature && text.starts_with("noqa") && text.contains("ANN")
    });
    // A script's own entry point is called by nobody else.
    let entry = name == "main" && function.class().is_none();
    !(special || hidden(function) || around || overload || type_comment || entry)
}

/// The parameters that need a type: not the receiver, nor what collects the rest.
fn parameters(function: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let collects = |p: &Node<'_>| p.fact().flags.intersects(Flags::SPREAD | Flags::SPREAD_KEYWORDS);
    let is_static = function.all(Role::Decorator).any(|d| d.text().contains("staticmethod"));
    let receiver = usize::from(function.class().is_some() && !is_static);
    function.all(Role::Parameter).skip(receiver).filter(move |p| !collects(p) && !p.name().is_empty())
}

/// The types that defaults and returns prove.
fn fix(function: Node<'_>, untyped: &[Node<'_>], without_result: bool) -> Option<Fix> {
    let mut fix = Fix::suggested("Annotate what its code proves");
    for parameter in untyped {
        if let Some((default, of)) = parameter.get(Role::Default).and_then(|d| Some((d, type_of(d)?))) {
            fix = fix.replace(*parameter, format!("{}: {of} = {}", parameter.name(), default.text()));
        }
    }
    if let Some(of) = result_type(function).filter(|_| without_result) {
        fix = fix.insert(end_of_signature(function)?, format!(" -> {of}"));
    }
    (!fix.edits.is_empty()).then_some(fix)
}

/// The type of an expression, where it says it by itself.
fn type_of(node: Node<'_>) -> Option<&'static str> {
    Some(match node.kind() {
        Kind::Boolean | Kind::Compare => "bool",
        Kind::Unary if node.operator() == Operator::Not => "bool",
        Kind::String if node.has(Flags::BYTES) => "bytes",
        Kind::String | Kind::Template => "str",
        Kind::Number if node.text().contains(['.', 'e', 'E', 'j']) => "float",
        Kind::Number => "int",
        _ => return None,
    })
}

/// What a function gives, where all its returns say it.
fn result_type(function: Node<'_>) -> Option<&'static str> {
    let body = function.get(Role::Body)?;
    // A comparison of arrays or columns gives no `bool`.
    let result_of = |value: Node<'_>| type_of(value).filter(|_| !value.is(Kind::Compare));
    let stub = |s: Node<'_>| matches!(s.kind(), Kind::Pass | Kind::Raise | Kind::String);
    if function.has(Flags::GENERATOR) || body.all(Role::Statement).all(stub) {
        return None;
    }
    let returns: Vec<Node<'_>> = function.descendants_here().filter(|n| n.is(Kind::Return)).collect();
    let values: Vec<Node<'_>> = returns.iter().filter_map(|r| r.get(Role::Value)).collect();
    let Some(first) = values.first() else { return Some("None") };
    let of = result_of(*first)?;
    // Where the end may be reached, it gives `None` as well.
    let last_returns =
        body.all(Role::Statement).last().is_some_and(|s| matches!(s.kind(), Kind::Return | Kind::Raise));
    (values.len() == returns.len() && last_returns && values.iter().all(|v| result_of(*v) == Some(of)))
        .then_some(of)
}

/// Where a result is written: behind the parenthesis that closes the parameters.
fn end_of_signature(function: Node<'_>) -> Option<u32> {
    let last = function.all(Role::Parameter).last().map_or(function.name_range().end, |p| p.range().end);
    let rest = function.facts().text.get(last as usize..)?;
    let mut at = last as usize;
    for line in rest.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or(line);
        if let Some(close) = code.find(')') {
            return Some((at + close + 1) as u32);
        }
        at += line.len();
    }
    None
}
