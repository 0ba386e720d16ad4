//! Error handlers in all three languages, in one shape.

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::names::words;

/// A place that handles an error: Python's `except`, Go's `if err != nil`, Rust's `Err(..)` arm and `if let Err(..)`.
pub(crate) struct Handler<'a> {
    /// What runs when the error happened: statements, or one expression.
    pub(crate) body: Node<'a>,
    /// The name that the error has in it; empty where it has none.
    pub(crate) error: &'a str,
}

/// The handler that a fact is, if it is one. Listen to `Handler`, `If` and `Arm` facts.
pub(crate) fn handler<'a>(cx: &Check<'_>, node: Node<'a>) -> Option<Handler<'a>> {
    match (cx.language(), node.kind()) {
        (Language::Python, Kind::Handler) => {
            Some(Handler { body: node.get(Role::Body)?, error: node.name() })
        }
        (Language::Go, Kind::If) => {
            let error = compared_with_nil(cx, node.get(Role::Condition)?)?;
            Some(Handler { body: node.get(Role::Body)?, error: error.name() })
        }
        (Language::Rust, Kind::Arm) => {
            let pattern = node.get(Role::Pattern).filter(|p| is_err_pattern(*p))?;
            Some(Handler { body: node.get(Role::Body)?, error: bound(pattern) })
        }
        (Language::Rust, Kind::If) => {
            let condition = node.get(Role::Condition).filter(|c| c.is(Kind::Let))?;
            let pattern = condition.get(Role::Pattern).filter(|p| is_err_pattern(*p))?;
            Some(Handler { body: node.get(Role::Body)?, error: bound(pattern) })
        }
        _ => None,
    }
}

/// Go: the error in `err != nil`.
fn compared_with_nil<'a>(cx: &Check<'_>, condition: Node<'a>) -> Option<Node<'a>> {
    if !condition.is(Kind::Compare) || condition.operator() != Operator::Ne {
        return None;
    }
    let mut operands = condition.all(Role::Operand);
    let (left, right) = (operands.next()?, operands.next()?);
    let is_error = left.is(Kind::Name) && right.is(Kind::Nothing) && is_error(cx, left);
    is_error.then_some(left)
}

/// Go: whether a name is an error, by its type, or by the name that Go gives errors.
pub(crate) fn is_error(cx: &Check<'_>, name: Node<'_>) -> bool {
    cx.type_of(name).map_or_else(|| words(name.name()).iter().any(|w| w == "err"), |t| t == "error")
}

/// Rust: whether a pattern is `Err(..)`.
fn is_err_pattern(pattern: Node<'_>) -> bool {
    pattern.text().trim_start().starts_with("Err(")
}

/// The first name that a pattern binds.
fn bound(pattern: Node<'_>) -> &str {
    pattern.descendants().find(|n| n.is(Kind::Name) && n.has(Flags::BINDS)).map_or("", Node::name)
}

impl<'a> Handler<'a> {
    /// Its statements; of an arm with an expression, that one.
    pub(crate) fn statements(&self) -> Vec<Node<'a>> {
        match self.body.kind() {
            Kind::Block => self.body.all(Role::Statement).collect(),
            _ => vec![self.body],
        }
    }

    /// All facts that run in it.
    pub(crate) fn facts(&self) -> impl Iterator<Item = Node<'a>> {
        std::iter::once(self.body).chain(self.body.descendants_here())
    }

    /// The calls in it.
    pub(crate) fn calls(&self) -> impl Iterator<Item = Node<'a>> {
        self.facts().filter(|n| n.is(Kind::Call))
    }

    /// Whether any call in it has any of some effects, through the workspace's functions too.
    pub(crate) fn has_effect(&self, cx: &Check<'_>, effects: Effects) -> bool {
        self.calls().any(|c| cx.effects(c).intersects(effects))
    }

    /// Whether it passes the error on: raises, returns it, or hands it to somebody other than a call that `printing` accepts.
    pub(crate) fn passes_on(&self, cx: &Check<'_>, printing: impl Fn(&Check<'_>, Node<'_>) -> bool) -> bool {
        self.facts().any(|n| match n.kind() {
            Kind::Raise | Kind::Propagate => true,
            Kind::Name if !self.error.is_empty() && n.name() == self.error => {
                let inside_print = n
                    .ancestors()
                    .take_while(|a| a.is_in(self.body))
                    .any(|a| a.is(Kind::Call) && printing(cx, a));
                !inside_print
            }
            _ => false,
        })
    }
}
