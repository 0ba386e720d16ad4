//! Whether code runs each time its function does, or only sometimes.

use crate::fact::{Flags, Kind, Node, Operator, Role};

/// Whether a node runs only in some calls of the function around it: in a branch that has no other, in a handler, behind `and` or `or`, or
/// below the return of what is kept from another time. One of two branches runs each time, whichever it is, but not the one that makes up for what a
/// caller may give.
pub fn is_occasional(node: Node<'_>, within: Node<'_>) -> bool {
    let mut inner = node;
    for outer in node.ancestors() {
        let sometimes = match (outer.kind(), inner.role()) {
            (Kind::Handler, _) => true,
            (Kind::If, Role::Body | Role::Else) => !has_other(outer) || makes_up(outer, inner.role(), within),
            (Kind::Conditional, role) if role != Role::Condition => {
                outer.children().any(|c| c.is(Kind::Nothing) && c.role() != Role::Condition)
            }
            (Kind::Binary, _) if matches!(outer.operator(), Operator::And | Operator::Or) => {
                outer.all(Role::Operand).next() != Some(inner)
            }
            (Kind::Block, Role::Statement) => outer
                .all(Role::Statement)
                .take_while(|s| *s != inner)
                .any(|s| returns_kept(s) || returns_found(s)),
            _ => false,
        };
        if sometimes {
            return true;
        }
        if outer == within {
            break;
        }
        inner = outer;
    }
    false
}

/// Whether one of the branches runs in any case: the last `else` is there.
fn has_other(branch: Node<'_>) -> bool {
    match branch.get(Role::Else) {
        Some(other) if other.is(Kind::If) => has_other(other),
        other => other.is_some(),
    }
}

/// Whether a branch makes up for an argument that was not given: the first of `if rows is None: ... else: ...`, the second of its contrary.
fn makes_up(branch: Node<'_>, side: Role, function: Node<'_>) -> bool {
    let Some(condition) = branch.get(Role::Condition).filter(|c| c.is(Kind::Compare)) else { return false };
    let mut operands = condition.all(Role::Operand);
    let (Some(asked), Some(nothing)) = (operands.next(), operands.next()) else { return false };
    let is_absent = match condition.operator() {
        Operator::Is | Operator::Eq => side == Role::Body,
        Operator::IsNot | Operator::Ne => side == Role::Else,
        _ => false,
    };
    let may_lack =
        |p: Node<'_>| p.name() == asked.name() && p.get(Role::Default).is_some_and(|d| d.is(Kind::Nothing));
    is_absent
        && nothing.is(Kind::Nothing)
        && asked.is(Kind::Name)
        && function.all(Role::Parameter).any(may_lack)
}

/// The only statement of a block, of a kind.
fn only(block: Node<'_>, kind: Kind) -> Option<Node<'_>> {
    let mut statements = block.all(Role::Statement);
    statements.next().filter(|s| s.is(kind) && statements.next().is_none())
}

/// Whether a statement returns what it finds, and goes on where there is nothing: `try: return cache[key]`, `except KeyError: pass`.
fn returns_found(statement: Node<'_>) -> bool {
    let body = statement.get(Role::Body).filter(|_| statement.is(Kind::Try));
    let found = body.and_then(|b| only(b, Kind::Return)).and_then(|r| r.get(Role::Value));
    let passes = |handler: Node<'_>| handler.get(Role::Body).is_some_and(|b| only(b, Kind::Pass).is_some());
    found.is_some_and(|v| v.is(Kind::Index))
        && statement.all(Role::Handler).next().is_some()
        && statement.all(Role::Handler).all(passes)
}

/// Whether a statement returns what is there already: `if key in cache: return cache[key]`, `if self._client is not None: return self._client`.
fn returns_kept(statement: Node<'_>) -> bool {
    let Some(condition) = statement.get(Role::Condition).filter(|_| statement.is(Kind::If)) else {
        return false;
    };
    let last = statement.get(Role::Body).and_then(|body| body.all(Role::Statement).last());
    let Some(value) = last.filter(|l| l.is(Kind::Return)).and_then(|l| l.get(Role::Value)) else {
        return false;
    };
    let given = |kept: Node<'_>| {
        let mut parts = std::iter::once(value).chain(value.descendants());
        parts.any(|n| n.text() == kept.text() && !n.has(Flags::BINDS))
    };
    match condition.kind() {
        Kind::Name | Kind::Attribute => given(condition),
        Kind::Compare => {
            let mut operands = condition.all(Role::Operand);
            let (Some(left), Some(right)) = (operands.next(), operands.next()) else { return false };
            match condition.operator() {
                Operator::In => given(right),
                Operator::IsNot | Operator::Ne => right.is(Kind::Nothing) && given(left),
                _ => false,
            }
        }
        _ => false,
    }
}
