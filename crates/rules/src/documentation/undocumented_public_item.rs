use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Flags, Kind, Node, Role};
use shipworthy_syntax::{Language, Range};

rule! {
    /// A public item has no documentation
    ///
    /// Who uses a library reads what its exported names say of themselves; who calls a service reads the documentation that its framework makes of
    /// its routes; who types `--help` reads what a command's docstring says. Where it is missing, they read the code, or guess. A sentence that
    /// says what the name does not is enough.
    ///
    /// In Go, exported functions, methods and types of packages that others can import count; in Rust, public items of a library's root; in Python,
    /// routes, commands, and what a module with `__all__` has. Elsewhere nothing says whether a name is for others: such findings are of low
    /// confidence.
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/items")
    /// def items(limit: int):
    ///     ^^^^^
    ///     return find(limit)
    /// ```
    ///
    /// ```python bad
    /// __all__ = ["Cart", "open_cart"]
    ///
    /// class Cart:
    ///       ^^^^
    ///     size = 3
    ///
    /// def open_cart(path):
    ///     ^^^^^^^^^
    ///     return Cart()
    /// ```
    ///
    /// ```python good
    /// from typing import TYPE_CHECKING
    ///
    /// __all__ = ["converter"]
    ///
    /// if TYPE_CHECKING:
    ///
    ///     def converter(*keys: str) -> type[dict]: ...
    ///
    /// else:
    ///
    ///     def converter(*keys: str) -> type[dict]:
    ///         """Gives a converter that knows these keys."""
    ///         return make(keys)
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/items")
    /// def items(limit: int):
    ///     """All items, the newest first."""
    ///     return find(limit)
    ///
    /// @app.get("/health", summary="Says that the service runs")
    /// def health():
    ///     return "ok"
    ///
    /// def find(limit):
    ///     return []
    /// ```
    ///
    /// ```python good
    /// __all__ = ["Cart"]
    ///
    /// class Cart:
    ///     """What a customer wants to buy."""
    ///
    ///     def __len__(self):
    ///         return 0
    ///
    ///     def _hidden(self):
    ///         return 1
    ///
    /// def _open(path):
    ///     return Cart()
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// type Cart struct{}
    ///      ^^^^
    ///
    /// func Open(path string) *Cart {
    ///      ^^^^
    /// 	return &Cart{}
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// // The carts of all customers.
    ///
    /// func (c *Cart) Total() int {
    ///                ^^^^^
    /// 	return 0
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// // Cart is what a customer wants to buy.
    /// type Cart struct{}
    ///
    /// // Shop is where carts come from.
    /// type Shop interface {
    /// 	Cart() *Cart
    /// }
    ///
    /// // Open reads a cart.
    /// func Open(path string) *Cart {
    /// 	return &Cart{}
    /// }
    ///
    /// func (c *Cart) String() string {
    /// 	return ""
    /// }
    ///
    /// func (c *cart) Total() int {
    /// 	return 0
    /// }
    /// ```
    ///
    /// ```go good file=internal/shop/shop.go
    /// package shop
    ///
    /// type Cart struct{}
    ///
    /// func Open() *Cart {
    /// 	return &Cart{}
    /// }
    /// ```
    ///
    /// ```rust bad file=src/lib.rs
    /// pub struct Cart;
    ///            ^^^^
    ///
    /// impl Cart {
    ///     pub fn total(&self) -> u64 {
    ///            ^^^^^
    ///         0
    ///     }
    /// }
    /// ```
    ///
    /// A function beside a documented type:
    ///
    /// ```rust bad file=src/lib.rs
    /// /// A cart.
    /// pub struct Cart;
    ///
    /// pub fn open(path: &str) -> Cart {
    ///        ^^^^
    ///     Cart
    /// }
    /// ```
    ///
    /// ```rust good file=src/lib.rs
    /// /// A cart.
    /// #[derive(Debug)]
    /// pub struct Cart;
    ///
    /// impl Cart {
    ///     /// What it costs.
    ///     pub fn total(&self) -> u64 {
    ///         0
    ///     }
    ///
    ///     pub(crate) fn hidden(&self) {}
    /// }
    ///
    /// impl std::fmt::Display for Cart {
    ///     fn fmt(&self, f: &mut Formatter<'_>) -> Result {
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// Documentation in other words:
    ///
    /// ```rust good file=src/lib.rs
    /// #[doc(hidden)]
    /// pub fn internal() {}
    ///
    /// #[doc = "Opens a cart."]
    /// pub fn open() {}
    ///
    /// fn private() {}
    /// ```
    ///
    /// ```go good
    /// package schema
    ///
    /// import (
    /// 	"entgo.io/ent"
    /// 	"entgo.io/ent/schema/index"
    /// )
    ///
    /// // Subject holds the schema of the subjects.
    /// type Subject struct {
    /// 	ent.Schema
    /// }
    ///
    /// func (Subject) Indexes() []ent.Index {
    /// 	return []ent.Index{index.Fields("name")}
    /// }
    /// ```
    name: "undocumented-public-item",
    category: Documentation,
    severity: Low,
    scope: File,
    gathered: "public items have no documentation",
    on: [Fact(Kind::Function), Fact(Kind::Class)],
    check: check,
}

fn check(cx: &mut Check<'_>, item: Node<'_>) {
    let hidden = |n: Node<'_>| match n.kind() {
        Kind::Function | Kind::Lambda => true,
        Kind::Class => !n.has(Flags::PUBLIC) && !n.has(Flags::IMPLEMENTATION),
        // What only type checkers see stands for a definition elsewhere: `if TYPE_CHECKING: def load() -> Shop: ...`
        Kind::If => {
            n.get(Role::Condition).is_some_and(|c| c.name() == "TYPE_CHECKING")
                && n.get(Role::Body).is_some_and(|body| item.is_in(body))
        }
        _ => false,
    };
    if !item.has(Flags::PUBLIC) || item.ancestors().any(hidden) || item.has(Flags::IMPLEMENTATION) {
        return;
    }
    let Some(confidence) = confidence(cx, item) else { return };
    cx.site();
    if is_documented(item) {
        return;
    }
    let what = if item.is(Kind::Class) { "type" } else { "function" };
    let finding = cx
        .finding(item.name_range(), format!("the public {what} `{}` has no documentation", item.name()))
        .why("Who uses it has to read its code, or to guess.")
        .help("Say in a sentence what its name does not.")
        .confidence(confidence);
    cx.report(finding);
}

/// How sure it is that others use an item; none where they do not, or know it from elsewhere.
fn confidence(cx: &Check<'_>, item: Node<'_>) -> Option<Confidence> {
    let file = cx.path().rsplit('/').next().unwrap_or_default();
    let shown = |certain: bool| Some(if certain { Confidence::Medium } else { Confidence::Low });
    match cx.language() {
        Language::Python => {
            let special = item.name().starts_with("__");
            // What a base declares, it documents.
            let inherits = item.class().is_some_and(|c| c.get(Role::Base).is_some());
            if special || inherits || file.starts_with('_') && file != "__init__.py" {
                return None;
            }
            let shown_to_users =
                ["route", "command-decorator"].iter().any(|role| cx.is_decorated(item, role));
            let exports = cx.environment().lookup("__all__").is_some();
            let told = item.all(Role::Decorator).filter_map(|d| d.get(Role::Value)).any(|d| {
                let keyword = |a: Node<'_>| {
                    matches!(a.label(), "summary" | "description" | "help" | "hidden" | "include_in_schema")
                };
                d.arguments().any(keyword)
            });
            let accessor = item
                .all(Role::Decorator)
                .filter_map(|d| d.get(Role::Value))
                .any(|d| matches!(d.name(), "overload" | "setter" | "deleter"));
            if told || accessor { None } else { shown(shown_to_users || exports && item.class().is_none()) }
        }
        Language::Go => {
            let folders: Vec<&str> = cx.path().split('/').collect();
            // An interface's methods are told with it.
            if item.is(Kind::Function) && item.class().is_some() {
                return None;
            }
            let own = folders.iter().any(|f| matches!(*f, "internal" | "cmd"))
                || cx.environment().package() == "main";
            let receiver = item.get(Role::Receiver).and_then(|r| r.get(Role::Type));
            let of_hidden = receiver
                .is_some_and(|r| r.text().trim_start_matches(['*', '(']).starts_with(char::is_lowercase));
            let told =
                receiver.is_some_and(|r| is_of_interface(item.name()) || overrides(cx, r, item.name()));
            if own || of_hidden || told { None } else { shown(true) }
        }
        Language::Rust => {
            let program = file == "main.rs" || cx.path().contains("/bin/");
            if program { None } else { shown(file == "lib.rs") }
        }
    }
}

/// Go: whether a type embeds a library's that has a method of this name, and documents it.
fn overrides(cx: &Check<'_>, receiver: Node<'_>, method: &str) -> bool {
    let class = cx.environment().absolute(receiver.text().trim_start_matches('*'));
    let vocabulary = cx.resolver().vocabulary();
    let mut lineage = cx.resolver().lineage(&class).into_iter();
    lineage.any(|embedded| vocabulary.call(&format!("{embedded}.{method}")).is_some())
}

/// Go: methods that the language or its library asks for, and documents.
fn is_of_interface(name: &str) -> bool {
    const ASKED: [&str; 22] = [
        "Error",
        "Unwrap",
        "Is",
        "As",
        "String",
        "GoString",
        "Format",
        "Len",
        "Less",
        "Swap",
        "Push",
        "Pop",
        "Read",
        "Write",
        "Close",
        "ServeHTTP",
        "Scan",
        "Value",
        "MarshalJSON",
        "UnmarshalJSON",
        "MarshalText",
        "UnmarshalText",
    ];
    ASKED.contains(&name) || name.starts_with("MarshalYAML") || name.starts_with("UnmarshalYAML")
}

fn is_documented(item: Node<'_>) -> bool {
    match item.language() {
        Language::Python => {
            let first = item.get(Role::Body).and_then(|b| b.all(Role::Statement).next());
            first.is_some_and(|s| matches!(s.kind(), Kind::String | Kind::Template))
        }
        Language::Go => is_documented_before(item, false),
        Language::Rust => {
            let attribute =
                |d: Node<'_>| d.get(Role::Value).is_some_and(|v| v.callee().unwrap_or(v).name() == "doc");
            item.all(Role::Decorator).any(attribute) || is_documented_before(item, true)
        }
    }
}

/// Whether a comment stands before an item and behind what comes before it: in Rust a documentation comment, in Go one directly above.
fn is_documented_before(item: Node<'_>, marked: bool) -> bool {
    let facts = item.facts();
    let before = item.previous().map_or(0, |n| n.range().end);
    let name = item.name_range().start;
    let first = facts.comments.partition_point(|comment| comment.range.start < before);
    facts.comments[first..].iter().take_while(|comment| comment.range.end <= name).any(|comment| {
        let between = facts.slice(Range { start: comment.range.end, end: name });
        if marked { comment.documentation } else { !between.contains("\n\n") }
    })
}
