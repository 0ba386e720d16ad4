//! What becomes of a resource that a call gives: is it released, returned, stored, handed on?

use std::collections::BTreeSet;

use shipworthy_audit::{Check, Fix};
use shipworthy_facts::flow::{Question, ways_out};
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Role, enclosing_loop};
use shipworthy_syntax::{Language, Range};

use crate::program::is_command_line;

/// Where the value of a call goes.
pub(crate) enum Fate<'a> {
    /// Into a local name.
    Held(Held<'a>),
    /// It is used on the spot, and nobody can release it afterwards.
    Dropped,
    /// A `with` or a call that closes it takes care of it.
    Released,
    /// Somebody else has it now, or nobody can tell.
    HandedOn,
}

/// A value in a local name.
#[derive(Clone, Copy)]
pub(crate) struct Held<'a> {
    /// The call that gave it.
    pub(crate) call: Node<'a>,
    /// The assignment.
    pub(crate) assign: Node<'a>,
    /// The name.
    pub(crate) name: &'a str,
    /// The name of the error beside it; empty where there is none.
    pub(crate) error: &'a str,
    /// The function or lambda whose name it is.
    pub(crate) scope: Node<'a>,
}

/// What a use of a name does to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Releases,
    HandsOn,
    Borrows,
}

/// All that happens to a held value after it was taken.
pub(crate) struct Story<'a> {
    /// The ways out on which it is still held.
    pub(crate) leaks: Vec<Node<'a>>,
    /// The uses that release it.
    pub(crate) releases: Vec<Node<'a>>,
    /// It is returned, stored or handed on somewhere.
    pub(crate) handed_on: bool,
}

/// Where the value at a position of what a call gives goes.
pub(crate) fn fate<'a>(cx: &Check<'_>, call: Node<'a>, position: usize) -> Fate<'a> {
    let mut node = call;
    while let Some(parent) = node.parent() {
        match (parent.kind(), node.role()) {
            (Kind::Await | Kind::Propagate | Kind::Reference, _) => node = parent,
            (Kind::WithItem, _) => return Fate::Released,
            (Kind::Assign, Role::Value) => return assigned(call, node, parent, position),
            (Kind::Block, Role::Statement) => return Fate::Dropped,
            (Kind::For | Kind::Clause, Role::Iterable) => return Fate::Dropped,
            _ => {
                return match place(cx, node, &[], false, 3) {
                    Use::Releases => Fate::Released,
                    Use::HandsOn => Fate::HandedOn,
                    Use::Borrows => Fate::Dropped,
                };
            }
        }
    }
    Fate::HandedOn
}

fn assigned<'a>(call: Node<'a>, value: Node<'a>, assign: Node<'a>, position: usize) -> Fate<'a> {
    let targets: Vec<Node<'a>> = assign.all(Role::Target).collect();
    let only = assign.all(Role::Value).count() == 1 && value.role() == Role::Value;
    let python = assign.language() == Language::Python;
    let target = if python && targets.len() > 1 { None } else { targets.get(position) };
    let (Some(target), Some(scope), true) = (target, call.function(), only) else { return Fate::HandedOn };
    if !target.is(Kind::Name) {
        return Fate::HandedOn;
    }
    if target.name() == "_" && !python {
        return Fate::Dropped;
    }
    let name = target.name();
    let outlives = if python {
        let declared = |n: Node<'_>| n.is(Kind::Global) && n.all(Role::Target).any(|t| t.name() == name);
        scope.descendants_here().any(declared)
    } else {
        let declares = |n: Node<'_>| {
            n.is(Kind::Assign) && n.has(Flags::DECLARES) && n.all(Role::Target).any(|t| t.name() == name)
        };
        scope.all(Role::Result).any(|r| r.name() == name) || !scope.descendants_here().any(declares)
    };
    // What a loop assigns anew is there when it comes round.
    let comes_round = !assign.has(Flags::DECLARES)
        && enclosing_loop(assign, scope).is_some_and(|around| {
            let before = around.descendants().take_while(|n| n.index() < assign.index());
            before.into_iter().any(|n| n.is(Kind::Name) && n.name() == name && n.role() != Role::Target)
        });
    if outlives || comes_round && !python {
        return Fate::HandedOn;
    }
    // What may also be somebody else's value is not plainly to be released here.
    let borrowed = scope.descendants_here().any(|n| {
        n.is(Kind::Assign)
            && n.all(Role::Target).any(|t| t.is(Kind::Name) && t.name() == name)
            && n.get(Role::Value)
                .is_some_and(|v| matches!(v.kind(), Kind::Name | Kind::Attribute | Kind::Index))
    });
    if borrowed {
        return Fate::HandedOn;
    }
    let error = if python { None } else { targets.last().filter(|t| t.is(Kind::Name) && *t != target) };
    Fate::Held(Held { call, assign, name, error: error.map_or("", |e| e.name()), scope })
}

impl<'a> Held<'a> {
    /// Its uses after it was taken, in order.
    pub(crate) fn uses(self) -> impl Iterator<Item = Node<'a>> {
        let end = self.assign.fact().end;
        self.scope
            .descendants()
            .skip_while(move |n| n.index() < end)
            .filter(move |n| n.is(Kind::Name) && n.name() == self.name && n.role() != Role::Target)
    }

    /// What happens to it. `close` are the methods that release it (an empty one: calling it does); `lent` says that a call which takes it gives it back.
    pub(crate) fn story(self, cx: &Check<'_>, close: &[&str], lent: bool) -> Story<'a> {
        let mut releases = Vec::new();
        let mut done = BTreeSet::new();
        let mut handed_on = false;
        let mut captured = false;
        for node in self.uses() {
            let effect = match use_of(cx, node, close, lent, 3) {
                // What a closure captures lives as long as the closure; a deferred one runs here.
                Use::Borrows if node.function() != Some(self.scope) && !is_deferred(node, self.scope) => {
                    Use::HandsOn
                }
                effect => effect,
            };
            match effect {
                Use::Releases => releases.push(node),
                Use::HandsOn => handed_on = true,
                Use::Borrows => continue,
            }
            done.insert(node.index());
            // The definition of a function runs nothing: who calls it, and when, cannot be told.
            captured |= in_nested_function(node, self.scope);
        }
        let question = Question {
            releases: &|n| done.contains(&n.index()),
            absent: &|n| self.is_absent(cx, n, close),
            present: &|n| self.is_present(cx, n, close) || is_taken_under(self.call, n),
            ends: &|n| ends(cx, n),
            can_fail: &|n| can_fail(cx, n) && !self.closes_on_failure(cx, n),
        };
        let mut leaks = if captured { Vec::new() } else { ways_out(self.call, &question).leaks };
        leaks.retain(|way| !ends_command(cx, *way));
        Story { leaks, releases, handed_on: handed_on || captured }
    }

    /// Whether a call on it releases it where it fails.
    fn closes_on_failure(self, cx: &Check<'_>, call: Node<'_>) -> bool {
        let receiver = call.callee().and_then(Node::object);
        receiver.is_some_and(|r| r.is(Kind::Name) && r.name() == self.name)
            && cx.meaning(call).is_some_and(|m| m.property("on-failure") == Some("closes"))
    }

    /// Whether a condition says that there is none.
    fn is_absent(self, cx: &Check<'_>, condition: Node<'_>, close: &[&str]) -> bool {
        let mut operands = condition.all(Role::Operand);
        let is_error = |n: Node<'_>| {
            n.is(Kind::Name) && !self.error.is_empty() && n.name() == self.error && self.error_is_own(n)
        };
        // `if e, ok := err.(net.Error); ok`: of an error there is something to ask.
        let head = condition.parent().and_then(|p| p.get(Role::Initializer));
        if condition.role() == Role::Condition && head.is_some_and(|h| self.asserts_error(h)) {
            return true;
        }
        match condition.kind() {
            Kind::Binary if condition.operator() == Operator::And => {
                operands.any(|o| self.is_absent(cx, o, close))
            }
            Kind::Binary if condition.operator() == Operator::Or => {
                operands.all(|o| self.is_absent(cx, o, close))
            }
            Kind::Unary => operands.any(|o| self.is_present(cx, o, &[])),
            Kind::Compare => {
                let (Some(left), Some(right)) = (operands.next(), operands.next()) else { return false };
                let unequal = matches!(condition.operator(), Operator::Ne | Operator::IsNot);
                let own_error = left.is(Kind::Attribute)
                    && left.object().is_some_and(|o| o.is(Kind::Name) && o.name() == self.name)
                    && cx.type_of(left).is_some_and(|t| t == "error");
                match right.kind() {
                    Kind::Nothing if unequal => is_error(left) || own_error,
                    // `if response.Body == nil`
                    Kind::Nothing => self.is_part(left, close) == Some(true),
                    _ => is_error(left) && !unequal,
                }
            }
            // `errors.Is(err, ...)`, `os.IsNotExist(err)`
            Kind::Call => condition.arguments().any(is_error),
            _ => false,
        }
    }

    /// Whether a condition says that there is one, and its opposite that there is none.
    fn is_present(self, cx: &Check<'_>, condition: Node<'_>, close: &[&str]) -> bool {
        let mut operands = condition.all(Role::Operand);
        match condition.kind() {
            Kind::Name => condition.name() == self.name,
            // `!os.IsNotExist(err)`
            Kind::Unary => operands.any(|o| o.is(Kind::Call) && self.is_absent(cx, o, close)),
            Kind::Binary if condition.operator() == Operator::And => {
                operands.all(|o| self.is_present(cx, o, close))
            }
            Kind::Compare => {
                let (Some(left), Some(right)) = (operands.next(), operands.next()) else { return false };
                let unequal = matches!(condition.operator(), Operator::Ne | Operator::IsNot);
                right.is(Kind::Nothing)
                    && (unequal && self.is_part(left, close) == Some(true)
                        || !unequal
                            && !self.error.is_empty()
                            && left.name() == self.error
                            && self.error_is_own(left))
            }
            _ => false,
        }
    }

    /// Whether an expression is the value, or what of it has to be released; none where it is of something else.
    fn is_part(self, node: Node<'_>, close: &[&str]) -> Option<bool> {
        let path = node.dotted()?;
        let rest = path.strip_prefix(self.name)?;
        Some(
            rest.is_empty()
                || rest.strip_prefix('.').is_some_and(|rest| close.iter().any(|c| c.starts_with(rest))),
        )
    }

    /// Whether the head of a branch asserts the type of this call's error.
    fn asserts_error(self, head: Node<'_>) -> bool {
        let value = head.get(Role::Value).filter(|v| v.is(Kind::TypeAssertion));
        let asserted = value.and_then(|v| v.get(Role::Value));
        asserted.is_some_and(|e| {
            e.is(Kind::Name) && !self.error.is_empty() && e.name() == self.error && self.error_is_own(e)
        })
    }

    /// Whether an error's name still holds the error of this call.
    fn error_is_own(self, error: Node<'_>) -> bool {
        let between = |n: &Node<'_>| {
            self.assign.fact().end <= n.index() && n.index() < error.index() && !error.is_in(*n)
        };
        // What the head of a branch declares is gone behind it.
        let gone = |n: Node<'_>| n.role() == Role::Initializer && n.parent().is_some_and(|p| !error.is_in(p));
        // Of two branches only one runs.
        let elsewhere = |n: Node<'_>| {
            let common = n.ancestors().find(|a| self.assign.is_in(*a));
            common.is_some_and(|c| matches!(c.kind(), Kind::If | Kind::Match))
        };
        let sets = |n: Node<'_>, name: &str| {
            n.is(Kind::Assign) && n.all(Role::Target).any(|t| t.is(Kind::Name) && t.name() == name)
        };
        let again = |n: &Node<'_>| sets(*n, self.error) && !gone(*n) && !elsewhere(*n);
        // What is opened again has its own error, and the value with it.
        let last = self.scope.descendants_here().filter(between).filter(again).last();
        last.is_none_or(|n| sets(n, self.name))
    }

    /// Go: what to write so that it is released.
    pub(crate) fn advice(self, release: &str) -> String {
        let after = if self.error.is_empty() { "it" } else { "the error check" };
        match self.in_loop() {
            None => format!("Write `defer {release}` right after {after}."),
            // A `defer` would keep what each turn takes until the function ends.
            Some(_) => format!(
                "Call `{release}` on every way out of a turn, or make the turn a function of its own that defers it."
            ),
        }
    }

    /// The loop in the function in each turn of which it is taken anew.
    fn in_loop(self) -> Option<Node<'a>> {
        enclosing_loop(self.assign, self.scope)
    }

    /// Go: a `defer` of the call that releases it; only where nobody else releases it.
    pub(crate) fn defer(self, cx: &Check<'_>, story: &Story<'_>, release: &str) -> Option<Fix> {
        let is_open = !story.handed_on && story.releases.is_empty();
        if is_open { self.defer_of(cx, format!("Add `defer {release}`"), release) } else { None }
    }

    /// Go: a `defer` of a call, where it is certain to be there, and not once for each turn of a loop.
    pub(crate) fn defer_of(self, cx: &Check<'_>, title: impl Into<String>, call: &str) -> Option<Fix> {
        let after = self.certain_from(cx).filter(|_| self.in_loop().is_none())?;
        let text = format!("\n{}defer {call}", indentation(after)?);
        // What another branch puts into the name needs a `defer` as well.
        let again = |n: Node<'_>| {
            n.is(Kind::Assign)
                && n != self.assign
                && !n.has(Flags::DECLARES)
                && n.all(Role::Target).any(|t| t.is(Kind::Name) && t.name() == self.name)
        };
        let fix =
            if self.scope.descendants_here().any(again) { Fix::suggested(title) } else { Fix::safe(title) };
        Some(fix.insert(after.range().end, text))
    }

    /// The statement behind which it is certain to be there: the assignment, or the error check that follows and leaves.
    pub(crate) fn certain_from(self, cx: &Check<'_>) -> Option<Node<'a>> {
        let statement = self.assign.statement();
        if statement != self.assign {
            return None;
        }
        if self.error.is_empty() || self.error == "_" {
            return Some(statement);
        }
        let mut following = statement.parent()?.all(Role::Statement).skip_while(|s| *s != statement);
        let check = following.nth(1).filter(|next| next.is(Kind::If))?;
        let leaves = check.get(Role::Body).is_some_and(|body| leaves(cx, body));
        (leaves && self.is_absent_if(cx, check.get(Role::Condition)?)).then_some(check)
    }

    /// Whether a condition holds wherever there is none, so that behind it there is one.
    fn is_absent_if(self, cx: &Check<'_>, condition: Node<'_>) -> bool {
        match condition.kind() {
            Kind::Binary if condition.operator() == Operator::Or => {
                condition.all(Role::Operand).any(|o| self.is_absent_if(cx, o))
            }
            Kind::Compare => self.is_absent(cx, condition, &[]),
            _ => false,
        }
    }
}

/// Whether a condition is the one under which something was taken: `if wait { lock() } ... if wait { unlock() }`.
pub(crate) fn is_taken_under(taken: Node<'_>, condition: Node<'_>) -> bool {
    let same = |branch: Node<'_>, body: Node<'_>| {
        body.role() == Role::Body
            && branch.get(Role::Condition).is_some_and(|c| c != condition && c.text() == condition.text())
    };
    let outward = std::iter::once(taken).chain(taken.ancestors());
    outward.zip(taken.ancestors()).any(|(body, branch)| branch.is(Kind::If) && same(branch, body))
}

/// Whether a node stands in a function that is defined inside another.
pub(crate) fn in_nested_function(node: Node<'_>, scope: Node<'_>) -> bool {
    node.ancestors().take_while(|a| *a != scope).any(|a| a.is(Kind::Function))
}

/// Whether a node stands in a `defer` of a function.
fn is_deferred(node: Node<'_>, scope: Node<'_>) -> bool {
    node.ancestors().take_while(|a| *a != scope).any(|a| a.is(Kind::Defer))
}

/// Whether a way through a branch does not go on behind it.
pub(crate) fn leaves(cx: &Check<'_>, way: Node<'_>) -> bool {
    let last = way.descendants_here().filter(|n| n.role() == Role::Statement).last();
    // The last statement in order may be one of a branch in the way: its outermost counts.
    let last = last.and_then(|n| {
        std::iter::once(n)
            .chain(n.ancestors())
            .take_while(|a| *a != way)
            .filter(|a| a.role() == Role::Statement)
            .last()
    });
    last.is_some_and(|n| match n.kind() {
        Kind::Return | Kind::Raise | Kind::Break | Kind::Continue => true,
        Kind::Call => ends(cx, n),
        _ => n.text().starts_with("goto "),
    })
}

/// Whether a call never returns.
pub(crate) fn ends(cx: &Check<'_>, call: Node<'_>) -> bool {
    cx.meaning(call).is_some_and(|m| m.effects.contains(Effects::EXITS))
}

/// Whether a way out of a command leads through a function of the workspace that ends the process: `return shared.Fail(err)`.
fn ends_command(cx: &Check<'_>, way: Node<'_>) -> bool {
    let call = way.get(Role::Value).filter(|v| way.is(Kind::Return) && v.is(Kind::Call));
    let path = call.filter(|_| is_command_line(cx)).and_then(|c| cx.workspace_callee(c));
    let function = path.and_then(|path| cx.workspace().function(&path));
    function.is_some_and(|f| f.behaviour.effects.contains(Effects::EXITS))
}

/// Whether a call can leave its function by failing: with an exception, in Python. Logging does not, nor what a log is told.
pub(crate) fn can_fail(cx: &Check<'_>, call: Node<'_>) -> bool {
    let around = call.ancestors().take_while(|a| !matches!(a.kind(), Kind::Block | Kind::Module));
    let said = std::iter::once(call).chain(around).any(|c| {
        c.is(Kind::Call)
            && cx.meaning(c).is_some_and(|m| m.effects.intersects(Effects::LOGS | Effects::PRINTS))
    });
    // What only sets something up fails where nothing would go on; what takes a text apart does not fail.
    const HARMLESS: [&str; 3] = ["sets-timeout", "sets-option", "takes-apart"];
    let sets_up = cx.meaning(call).is_some_and(|m| HARMLESS.iter().any(|role| m.is(role)));
    // `hasattr(socket, "TCP_KEEPIDLE")`, `assert file.writable()`
    let asks = call.callee().is_some_and(|c| {
        matches!(c.text(), "hasattr" | "isinstance" | "callable")
            || c.is(Kind::Attribute) && matches!(c.name(), "readable" | "writable" | "seekable" | "fileno")
    });
    cx.language() == Language::Python && !said && !sets_up && !asks && !collects(call)
}

/// `opened.append(file)`: what adds a value to a list has it from then on.
fn collects(call: Node<'_>) -> bool {
    call.callee().is_some_and(|c| c.is(Kind::Attribute) && matches!(c.name(), "append" | "appendleft"))
        && call.arguments().all(|a| a.is(Kind::Name))
}

/// What a use of a name does to the value in it.
fn use_of(cx: &Check<'_>, name: Node<'_>, close: &[&str], lent: bool, steps: u32) -> Use {
    let mut node = name;
    let mut path = String::new();
    while let Some(attribute) = node.parent().filter(|p| p.is(Kind::Attribute) && node.role() == Role::Object)
    {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(attribute.name());
        node = attribute;
    }
    // An empty path: the value itself, which may be released by calling it.
    if close.contains(&path.as_str()) && (!path.is_empty() || node.role() == Role::Callee) {
        return Use::Releases;
    }
    if path.is_empty() {
        return place(cx, node, close, lent, steps);
    }
    // `syscall.Close(int(f.Fd()))`
    let closes = |n: Node<'_>| n.callee().is_some_and(|c| c.name().eq_ignore_ascii_case("close"));
    if matches!(&*path, "Fd" | "fileno") && node.ancestors().skip(1).any(closes) {
        return Use::Releases;
    }
    if node.role() == Role::Callee
        && let Some(call) = node.parent()
    {
        return result(cx, call, lent, steps);
    }
    let part = close.iter().any(|c| c.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('.')));
    if part { place(cx, node, close, lent, steps) } else { Use::Borrows }
}

/// What the place of an expression does to its value.
fn place(cx: &Check<'_>, node: Node<'_>, close: &[&str], lent: bool, steps: u32) -> Use {
    let Some(parent) = node.parent() else { return Use::HandsOn };
    match (parent.kind(), node.role()) {
        (Kind::WithItem, _) => Use::Releases,
        (Kind::Compare | Kind::Unary | Kind::Delete | Kind::Assert, _)
        | (_, Role::Condition | Role::Iterable | Role::Subject | Role::Statement) => Use::Borrows,
        (Kind::Index | Kind::Slice, Role::Object) => Use::Borrows,
        (Kind::Attribute, Role::Object) => match parent.parent() {
            Some(call) if parent.role() == Role::Callee => {
                if close.contains(&parent.name()) {
                    Use::Releases
                } else {
                    result(cx, call, lent, steps)
                }
            }
            _ => Use::Borrows,
        },
        (Kind::Await | Kind::Propagate | Kind::Reference | Kind::Spread | Kind::Binary, _) => {
            place(cx, parent, close, lent, steps)
        }
        (Kind::Call, Role::Argument) => match cx.meaning(parent) {
            Some(meaning) if meaning.is("closes") => Use::Releases,
            Some(_) => result(cx, parent, lent, steps),
            None if lent && !parent.ancestors().any(|a| matches!(a.kind(), Kind::Return | Kind::Defer)) => {
                Use::Borrows
            }
            None => Use::HandsOn,
        },
        _ => Use::HandsOn,
    }
}

/// What becomes of a value that went into a call, by what becomes of the call's result: that may hold on to it.
fn result(cx: &Check<'_>, call: Node<'_>, lent: bool, steps: u32) -> Use {
    let Some(meaning) = cx.meaning(call) else {
        let given_back = call.ancestors().find(|a| !matches!(a.kind(), Kind::Await | Kind::Propagate));
        let leaves = given_back.is_some_and(|a| matches!(a.kind(), Kind::Return | Kind::Yield));
        return if leaves && !lent { Use::HandsOn } else { Use::Borrows };
    };
    // Rows that were fetched stand for themselves.
    let apart = |t: &str| {
        let known = cx.resolver().vocabulary().type_of(t);
        known.is_some_and(|known| known.property("holds") == Some("nothing"))
    };
    let holds = |t: &str| matches!(t, "self" | "@0") || t.contains(['.', '/']) && !apart(t);
    let holds = meaning.returns.iter().any(|t| holds(t));
    let Some(steps) = steps.checked_sub(1).filter(|_| holds) else { return Use::Borrows };
    match fate(cx, call, 0) {
        Fate::Held(alias) => {
            let hands_on = |n| use_of(cx, n, &[], lent, steps) == Use::HandsOn;
            if alias.uses().any(hands_on) { Use::HandsOn } else { Use::Borrows }
        }
        Fate::HandedOn => Use::HandsOn,
        // `with engine.connect().execution_options(...)`: it is the value itself that is given back.
        Fate::Released if meaning.returns.first().is_some_and(|t| **t == *"self") => Use::Releases,
        Fate::Dropped | Fate::Released => Use::Borrows,
    }
}

/// The whitespace before a statement on its line; none where something else stands there.
pub(crate) fn indentation<'a>(statement: Node<'a>) -> Option<&'a str> {
    let text = &statement.facts().text;
    let start = statement.range().start as usize;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line..start];
    before.trim().is_empty().then_some(before)
}

/// The whole lines that a statement stands on, with their end; none where it shares them.
pub(crate) fn lines(statement: Node<'_>) -> Option<Range> {
    let text = &statement.facts().text;
    let before = indentation(statement)?.len() as u32;
    let end = statement.range().end as usize;
    let rest = text[end..].split('\n').next().unwrap_or("");
    let newline = u32::from(text.len() > end + rest.len());
    let range = statement.range();
    let whole = Range { start: range.start - before, end: range.end + rest.len() as u32 + newline };
    rest.trim().is_empty().then_some(whole)
}

/// Moves a statement's lines in by one step; none where a literal goes over several lines.
pub(crate) fn indented(fix: Fix, statement: Node<'_>) -> Option<Fix> {
    let literal = |n: Node<'_>| matches!(n.kind(), Kind::String | Kind::Template) && n.text().contains('\n');
    if literal(statement) || statement.descendants().any(literal) {
        return None;
    }
    let whole = lines(statement)?;
    let mut fix = fix;
    let mut at = whole.start;
    for line in statement.facts().slice(whole).split_inclusive('\n') {
        if !line.trim().is_empty() {
            fix = fix.insert(at, "    ");
        }
        at += line.len() as u32;
    }
    Some(fix)
}

/// The first line of a fact: enough of a way out to point at.
pub(crate) fn first_line(node: Node<'_>) -> Range {
    let range = node.range();
    let length = node.text().lines().next().map_or(0, str::len) as u32;
    Range { start: range.start, end: range.start + length }
}
