//! Paths through a function: is what was taken given back on every way out?
//!
//! The paths are those of the structure (branches, loops, `try`, `defer`), taken together where they meet. It answers for the
//! code as it stands: a release on some path only is a leak on the others.

use shipworthy_syntax::Language;

use crate::fact::{Flags, Kind, Node, Role};

/// What happens on the ways out of a function after something was taken.
#[derive(Clone, Debug, Default)]
pub struct Ways<'a> {
    /// Exits that are reached with it still held: returns, raises, calls that can fail, or the function itself where its end is reached.
    pub leaks: Vec<Node<'a>>,
    /// It is released somewhere.
    pub released: bool,
}

/// What a question about a resource needs to know.
pub struct Question<'q> {
    /// Whether a fact releases it (or hands it on, if that is as good).
    pub releases: &'q dyn Fn(Node<'_>) -> bool,
    /// Whether a condition says that there is nothing to release in its body: `err != nil` right after the call, `f is None`.
    pub absent: &'q dyn Fn(Node<'_>) -> bool,
    /// Whether a call never returns: `panic`, `os.Exit`.
    pub ends: &'q dyn Fn(Node<'_>) -> bool,
    /// Whether a call that fails leaves the function: exceptions in Python.
    pub calls_can_fail: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Held,
    Released,
    /// The path does not go on from here.
    Left,
}

impl State {
    /// What is so where two paths meet.
    fn meet(self, other: Self) -> Self {
        match (self, other) {
            (Self::Held, _) | (_, Self::Held) => Self::Held,
            (Self::Left, other) => other,
            (state, _) => state,
        }
    }
}

/// Follows all paths from behind a statement to the ways out of its function (or lambda, or the module).
pub fn ways_out<'a>(taken: Node<'a>, question: &Question<'_>) -> Ways<'a> {
    let mut walk = Walk { question, ways: Ways::default(), protected: 0 };
    let mut state = State::Held;
    let mut inner = taken.statement();
    while let Some(outer) = inner.parent() {
        state = match (outer.kind(), inner.role()) {
            (Kind::Block | Kind::Module, Role::Statement) => {
                let rest = outer.all(Role::Statement).skip_while(|s| *s != inner).skip(1);
                walk.statements(rest, state)
            }
            // Out of the body of a try: its else and finally follow.
            (Kind::Try, role) if role != Role::Finally => walk.after_try_part(outer, state),
            _ => state,
        };
        if matches!(outer.kind(), Kind::Function | Kind::Lambda | Kind::Module | Kind::Class) {
            if state == State::Held {
                walk.ways.leaks.push(outer);
            }
            break;
        }
        inner = outer;
    }
    walk.ways
}

struct Walk<'a, 'q> {
    question: &'q Question<'q>,
    ways: Ways<'a>,
    /// How many `try` blocks around the path release in their `finally`.
    protected: u32,
}

impl<'a> Walk<'a, '_> {
    fn statements(&mut self, statements: impl Iterator<Item = Node<'a>>, mut state: State) -> State {
        for statement in statements {
            if state != State::Held {
                break;
            }
            state = self.statement(statement, state);
        }
        state
    }

    fn block(&mut self, block: Option<Node<'a>>, state: State) -> State {
        match block {
            None => state,
            Some(block) if matches!(block.kind(), Kind::Block) => {
                self.statements(block.all(Role::Statement), state)
            }
            Some(single) => self.statement(single, state),
        }
    }

    fn statement(&mut self, statement: Node<'a>, state: State) -> State {
        match statement.kind() {
            Kind::Block => self.block(Some(statement), state),
            Kind::If => self.branch(statement, state),
            Kind::For | Kind::While => self.repeat(statement, state),
            Kind::Match => self.arms(statement, state),
            Kind::Try => self.attempt(statement, state),
            Kind::With => {
                if statement.all(Role::Item).any(|item| self.has_release(item)) {
                    return self.released();
                }
                self.block(statement.get(Role::Body), state)
            }
            Kind::Return => {
                // A tail expression may be a whole branch.
                let value = statement.get(Role::Value);
                if let Some(value) =
                    value.filter(|v| matches!(v.kind(), Kind::If | Kind::Match | Kind::Block))
                {
                    return self.statement(value, state);
                }
                if self.has_release(statement) { self.released() } else { self.leaves(statement) }
            }
            Kind::Raise => {
                if self.has_release(statement) {
                    self.released()
                } else {
                    self.leaves(statement)
                }
            }
            Kind::Function | Kind::Class => state,
            _ => {
                if self.has_release(statement) {
                    return self.released();
                }
                if self.question.calls_can_fail && self.protected == 0 {
                    let fails = std::iter::once(statement)
                        .chain(statement.descendants_here())
                        .find(|n| n.is(Kind::Call));
                    self.ways.leaks.extend(fails);
                }
                let ends = statement.is(Kind::Call) && (self.question.ends)(statement);
                if ends { State::Left } else { state }
            }
        }
    }

    fn released(&mut self) -> State {
        self.ways.released = true;
        State::Released
    }

    fn leaves(&mut self, exit: Node<'a>) -> State {
        if self.protected == 0 {
            self.ways.leaks.push(exit);
        }
        State::Left
    }

    fn has_release(&self, node: Node<'a>) -> bool {
        (self.question.releases)(node) || node.descendants().any(|n| (self.question.releases)(n))
    }

    fn branch(&mut self, branch: Node<'a>, state: State) -> State {
        let condition = branch.get(Role::Condition);
        let heads = branch.get(Role::Initializer).into_iter().chain(condition);
        if heads.into_iter().any(|head| self.has_release(head)) {
            return self.released();
        }
        let nothing_to_release = condition.is_some_and(|c| (self.question.absent)(c));
        let then = if nothing_to_release { State::Left } else { self.block(branch.get(Role::Body), state) };
        let other = self.block(branch.get(Role::Else), state);
        then.meet(other)
    }

    fn repeat(&mut self, repeat: Node<'a>, state: State) -> State {
        let body = self.block(repeat.get(Role::Body), state);
        let endless =
            repeat.is(Kind::While) && repeat.get(Role::Condition).is_none_or(|c| c.is_boolean(true));
        let breaks = repeat.descendants_here().any(|n| n.is(Kind::Break));
        if endless && !breaks {
            return State::Left;
        }
        // The body may not run at all, unless the loop is endless.
        let after = if endless { body } else { state.meet(body) };
        self.block(repeat.get(Role::Else), after)
    }

    fn arms(&mut self, choice: Node<'a>, state: State) -> State {
        if choice.get(Role::Subject).is_some_and(|s| self.has_release(s)) {
            return self.released();
        }
        let mut after: Option<State> = None;
        // Rust's matches are exhaustive; Go's and Python's fall through without a default.
        let mut exhaustive = choice.language() == Language::Rust
            || choice.get(Role::Subject).is_none() && choice.language() == Language::Go;
        for arm in choice.all(Role::Arm) {
            exhaustive |= arm.has(Flags::DEFAULT);
            let released = arm.all(Role::Pattern).any(|p| self.has_release(p));
            let mut end = if released { self.released() } else { state };
            for body in arm.all(Role::Body) {
                if end == State::Held {
                    end = self.block(Some(body), end);
                }
            }
            after = Some(after.map_or(end, |a| a.meet(end)));
        }
        let after = after.unwrap_or(state);
        if exhaustive { after } else { after.meet(state) }
    }

    fn attempt(&mut self, attempt: Node<'a>, state: State) -> State {
        let finally = attempt.get(Role::Finally);
        if finally.is_some_and(|f| self.has_release(f)) {
            return self.released();
        }
        let body = self.block(attempt.get(Role::Body), state);
        let body = if body == State::Held { self.block(attempt.get(Role::Else), body) } else { body };
        let handlers: Vec<State> =
            attempt.all(Role::Handler).map(|h| self.block(h.get(Role::Body), state)).collect();
        let after = handlers.into_iter().fold(body, State::meet);
        self.block(finally, after)
    }

    /// The path comes out of a part of a `try` that it was taken in.
    fn after_try_part(&mut self, attempt: Node<'a>, state: State) -> State {
        let finally = attempt.get(Role::Finally);
        if finally.is_some_and(|f| self.has_release(f)) {
            // What left the body before went through it too.
            self.ways.leaks.retain(|leak| !leak.is_in(attempt));
            return self.released();
        }
        if state == State::Held { self.block(finally, state) } else { state }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// The texts of the leaks of what `take()` takes, where `release()` releases it.
    fn leaks(source: &str) -> (Vec<String>, bool) {
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&Language::Python.grammar()).unwrap();
        let facts =
            crate::extract(Language::Python, &parser.parse(source, None).unwrap(), &Arc::from(source));
        let called =
            |n: Node<'_>, name: &str| n.is(Kind::Call) && n.callee().is_some_and(|c| c.name() == name);
        let question = Question {
            releases: &|n| called(n, "release"),
            absent: &|n| n.text() == "nothing",
            ends: &|n| called(n, "exit"),
            calls_can_fail: false,
        };
        let taken = facts.nodes().find(|n| called(*n, "take")).unwrap();
        let ways = ways_out(taken, &question);
        (ways.leaks.iter().map(|l| l.text().lines().next().unwrap().to_owned()).collect(), ways.released)
    }

    #[test]
    fn every_way_out_is_followed() {
        let cases: [(&str, &[&str], bool); 8] = [
            ("def f():\n    take()\n    release()\n", &[], true),
            ("def f():\n    take()\n    if x:\n        return 1\n    release()\n", &["return 1"], true),
            ("def f():\n    take()\n    if x:\n        release()\n    else:\n        exit()\n", &[], true),
            ("def f():\n    take()\n    if nothing:\n        return\n    release()\n", &[], true),
            (
                "def f():\n    take()\n    try:\n        return g()\n    finally:\n        release()\n",
                &[],
                true,
            ),
            (
                "def f():\n    try:\n        take()\n        raise E\n    finally:\n        release()\n",
                &[],
                true,
            ),
            ("def f():\n    take()\n    for x in xs:\n        release()\n", &["def f():"], true),
            ("def f():\n    take()\n    work()\n", &["def f():"], false),
        ];
        for (source, expected, released) in cases {
            assert_eq!(
                leaks(source),
                (expected.iter().map(|s| (*s).to_owned()).collect(), released),
                "{source}"
            );
        }
    }
}
