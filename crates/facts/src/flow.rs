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
    /// Whether a condition says that there is something to release in its body only: `err == nil`, `f is not None`.
    pub present: &'q dyn Fn(Node<'_>) -> bool,
    /// Whether a call never returns: `panic`, `os.Exit`.
    pub ends: &'q dyn Fn(Node<'_>) -> bool,
    /// Whether a call can fail and leave the function so: exceptions in Python.
    pub can_fail: &'q dyn Fn(Node<'_>) -> bool,
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
    let mut walk = Walk { question, ways: Ways::default(), broken: None };
    let mut inner = taken.statement();
    // Taken in the head of a branch (`if f, err := open(); err != nil`), its bodies come first.
    let in_head = matches!(inner.kind(), Kind::If | Kind::Match)
        && !inner
            .children()
            .any(|c| matches!(c.role(), Role::Body | Role::Else | Role::Arm) && taken.is_in(c));
    let mut state = if in_head { walk.statement(inner, State::Held) } else { State::Held };
    while let Some(outer) = inner.parent() {
        state = match (outer.kind(), inner.role()) {
            (Kind::Block | Kind::Module, Role::Statement) => {
                let rest = outer.all(Role::Statement).skip_while(|s| *s != inner).skip(1);
                walk.statements(rest, state)
            }
            // Out of the body of a try: its else and finally follow.
            (Kind::Try, role) if role != Role::Finally => walk.after_try_part(outer, role, state),
            (Kind::For | Kind::While, _) => walk.broken.take().map_or(state, |broken| state.meet(broken)),
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

/// Whether a loop over it never ends: Go's tickers do not close their channel.
fn ticks(iterable: Node<'_>) -> bool {
    let named = |made: Node<'_>| matches!(made.callee().map_or("", Node::name), "NewTicker" | "Tick");
    iterable.language() == Language::Go
        && match iterable.kind() {
            Kind::Call => named(iterable),
            Kind::Attribute if iterable.name() == "C" => iterable.object().is_some_and(|ticker| {
                named(ticker) || crate::words::words(ticker.name()).iter().any(|w| w == "ticker")
            }),
            _ => false,
        }
}

struct Walk<'a, 'q> {
    question: &'q Question<'q>,
    ways: Ways<'a>,
    /// What is so behind the loop around where a `break` leaves it.
    broken: Option<State>,
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
                for item in statement.all(Role::Item) {
                    if self.has_release(item) {
                        return self.released();
                    }
                    self.can_fail(item);
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
            Kind::Break if statement.name().is_empty() => {
                self.broken = Some(self.broken.map_or(state, |broken| broken.meet(state)));
                State::Left
            }
            _ => {
                if self.has_release(statement) {
                    return self.released();
                }
                self.can_fail(statement);
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
        self.ways.leaks.push(exit);
        State::Left
    }

    /// A call that can fail here is a way out.
    fn can_fail(&mut self, node: Node<'a>) {
        let mut calls = std::iter::once(node).chain(node.descendants_here());
        let fails = calls.find(|n| n.is(Kind::Call) && (self.question.can_fail)(*n));
        self.ways.leaks.extend(fails);
    }

    fn has_release(&self, node: Node<'a>) -> bool {
        (self.question.releases)(node) || node.descendants().any(|n| (self.question.releases)(n))
    }

    fn branch(&mut self, branch: Node<'a>, state: State) -> State {
        let condition = branch.get(Role::Condition);
        let heads = branch.get(Role::Initializer).into_iter().chain(condition);
        for head in heads {
            if self.has_release(head) {
                return self.released();
            }
            self.can_fail(head);
        }
        let says = |question: &dyn Fn(Node<'_>) -> bool| condition.is_some_and(question);
        let (absent, present) = (says(self.question.absent), says(self.question.present));
        let then = if absent { State::Left } else { self.block(branch.get(Role::Body), state) };
        let other = if present { State::Left } else { self.block(branch.get(Role::Else), state) };
        then.meet(other)
    }

    fn repeat(&mut self, repeat: Node<'a>, state: State) -> State {
        let heads = [Role::Initializer, Role::Condition, Role::Iterable];
        for head in heads.into_iter().filter_map(|role| repeat.get(role)) {
            if self.has_release(head) {
                return self.released();
            }
            self.can_fail(head);
        }
        let around = self.broken.take();
        // `for i := 0; i < times && err != nil; i++`: it goes round where there is nothing to release.
        let absent = repeat.get(Role::Condition).is_some_and(self.question.absent);
        let body = if absent { State::Left } else { self.block(repeat.get(Role::Body), state) };
        let broken = std::mem::replace(&mut self.broken, around);
        let endless = repeat.is(Kind::While)
            && repeat.get(Role::Condition).is_none_or(|c| c.is_boolean(true))
            || repeat.get(Role::Iterable).is_some_and(ticks);
        let breaks = repeat.descendants_here().any(|n| n.is(Kind::Break));
        if endless && !breaks {
            return State::Left;
        }
        // The body may not run at all, unless the loop is endless: then only a `break` leads out.
        let after = match broken {
            Some(broken) if endless => broken,
            _ if endless => body,
            broken => state.meet(body).meet(broken.unwrap_or(State::Left)),
        };
        self.block(repeat.get(Role::Else), after)
    }

    fn arms(&mut self, choice: Node<'a>, state: State) -> State {
        let subject = choice.get(Role::Subject);
        let heads = choice.get(Role::Initializer).into_iter().chain(subject);
        for head in heads {
            if self.has_release(head) {
                return self.released();
            }
            self.can_fail(head);
        }
        let mut after: Option<State> = None;
        // Go's `break` leaves the choice, not the loop around.
        let is_left = choice.language() == Language::Go;
        let around = if is_left { self.broken.take() } else { None };
        // Rust's matches are exhaustive, and a `select` without a default waits; Go's and Python's others fall through.
        let waits = choice.all(Role::Arm).flat_map(|arm| arm.all(Role::Pattern)).any(is_communication);
        let mut exhaustive = choice.language() == Language::Rust || waits;
        // Without a subject, the patterns are conditions.
        let says = |arm: Node<'_>, question: &dyn Fn(Node<'_>) -> bool| {
            subject.is_none() && arm.all(Role::Pattern).any(question)
        };
        for arm in choice.all(Role::Arm) {
            exhaustive |= arm.has(Flags::DEFAULT) || says(arm, self.question.present);
            let released = arm.all(Role::Pattern).any(|p| self.has_release(p));
            let mut end = if released { self.released() } else { state };
            if says(arm, self.question.absent) {
                end = State::Left;
            }
            for body in arm.all(Role::Body) {
                if end == State::Held {
                    end = self.block(Some(body), end);
                }
            }
            after = Some(after.map_or(end, |a| a.meet(end)));
        }
        if is_left && let Some(broken) = std::mem::replace(&mut self.broken, around) {
            after = Some(after.map_or(broken, |a| a.meet(broken)));
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
        // Where nothing fails before the release, the handlers come after it.
        let caught = self.caught(attempt);
        let begin = if body == State::Released && !caught { body } else { state };
        let body = if body == State::Held { self.block(attempt.get(Role::Else), body) } else { body };
        let after = self.handlers(attempt, body, begin);
        self.block(finally, after)
    }

    /// The path comes out of a part of a `try` that it was taken in.
    fn after_try_part(&mut self, attempt: Node<'a>, part: Role, state: State) -> State {
        let finally = attempt.get(Role::Finally);
        if finally.is_some_and(|f| self.has_release(f)) {
            // What left the body before went through it too.
            self.ways.leaks.retain(|leak| !leak.is_in(attempt));
            return self.released();
        }
        let mut state = state;
        if part == Role::Body {
            let caught = self.caught(attempt);
            if state == State::Held {
                state = self.block(attempt.get(Role::Else), state);
            }
            if caught {
                state = self.handlers(attempt, state, State::Held);
            }
        }
        if state == State::Held { self.block(finally, state) } else { state }
    }

    /// What fails in the body of a `try` goes on in its handlers. Whether anything can.
    fn caught(&mut self, attempt: Node<'a>) -> bool {
        let Some(body) = attempt.get(Role::Body).filter(|_| attempt.get(Role::Handler).is_some()) else {
            return false;
        };
        let before = self.ways.leaks.len();
        self.ways.leaks.retain(|leak| !(matches!(leak.kind(), Kind::Call | Kind::Raise) && leak.is_in(body)));
        self.ways.leaks.len() < before
    }

    /// Where the handlers' paths, which begin in a state, meet the path out of the body.
    fn handlers(&mut self, attempt: Node<'a>, body: State, begin: State) -> State {
        attempt.all(Role::Handler).fold(body, |after, h| after.meet(self.block(h.get(Role::Body), begin)))
    }
}

/// Whether an arm of Go's `select` waits for a channel.
fn is_communication(pattern: Node<'_>) -> bool {
    pattern.is(Kind::Send)
        || pattern.is(Kind::Receive)
        || pattern.descendants_here().any(|n| n.is(Kind::Receive))
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
            present: &|n| n.text() == "something",
            can_fail: &|n| called(n, "fail"),
        };
        let taken = facts.nodes().find(|n| called(*n, "take")).unwrap();
        let ways = ways_out(taken, &question);
        (ways.leaks.iter().map(|l| l.text().lines().next().unwrap().to_owned()).collect(), ways.released)
    }

    #[test]
    fn every_way_out_is_followed() {
        let cases: [(&str, &[&str], bool); 15] = [
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
            (
                "def f():\n    take()\n    try:\n        raise E\n    except E:\n        release()\n        raise\n",
                &[],
                true,
            ),
            ("def f():\n    take()\n    if something:\n        release()\n", &[], true),
            ("def f():\n    take()\n    x = fail()\n    release()\n", &["fail()"], true),
            (
                "def f():\n    while True:\n        take()\n        if something:\n            break\n        if x:\n            return 1\n    release()\n",
                &[],
                true,
            ),
            (
                "def f():\n    take()\n    while True:\n        if x:\n            break\n        release()\n        return 2\n    return 1\n",
                &["return 1"],
                true,
            ),
            (
                "def f():\n    take()\n    try:\n        fail()\n    except E:\n        pass\n    release()\n",
                &[],
                true,
            ),
            (
                "def f():\n    try:\n        take()\n        fail()\n        release()\n    except E:\n        return 1\n",
                &["return 1"],
                true,
            ),
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
