//! The call graph: effects closed over calls, and the chains that explain them.

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::{FxHashMap, FxHashSet};
use shipworthy_facts::{Callee, Effects, Function, Workspace};

/// What a caller gets from a call: nothing from a coroutine that it does not await; and what blocks inside an async function is that
/// function's own finding, not its callers'.
fn through(callee: &Function, call: &Callee, reach: Effects) -> Effects {
    match (callee.is_async, call.awaited) {
        (false, _) => reach,
        (true, true) => reach - Effects::BLOCKS,
        (true, false) => Effects::empty(),
    }
}

/// Effects on their way from the functions that have them to those that call these.
pub(crate) struct Closure<'a> {
    functions: Vec<&'a Function>,
    reach: Vec<Effects>,
    /// By the number of a function, who calls it; without a call where it stands for the abstract function.
    callers: Vec<Vec<(usize, Option<&'a Callee>)>>,
}

impl<'a> Closure<'a> {
    /// Functions, each by its number, with what their own bodies do.
    pub(crate) fn new(functions: impl Iterator<Item = &'a Function>) -> Self {
        let functions: Vec<&Function> = functions.collect();
        let reach = functions.iter().map(|f| f.behaviour.effects).collect();
        let callers = vec![Vec::new(); functions.len()];
        Self { functions, reach, callers }
    }

    /// One function calls another.
    pub(crate) fn call(&mut self, caller: usize, callee: usize, call: &'a Callee) {
        self.callers[callee].push((caller, Some(call)));
    }

    /// One function implements another that is abstract.
    pub(crate) fn implement(&mut self, declared: usize, implementation: usize) {
        self.callers[implementation].push((declared, None));
    }

    /// A function calls another that is not among these.
    fn call_outside(&mut self, caller: usize, callee: &Function, call: &Callee, reach: Effects) {
        self.reach[caller] |= through(callee, call, reach);
    }

    /// What each function reaches, to a fixed point over cycles.
    pub(crate) fn close(self) -> Vec<Effects> {
        let Self { functions, mut reach, callers } = self;
        let mut waiting: VecDeque<usize> = (0..functions.len()).filter(|n| !reach[*n].is_empty()).collect();
        while let Some(number) = waiting.pop_front() {
            for (caller, call) in &callers[number] {
                let passed =
                    call.map_or(reach[number], |call| through(functions[number], call, reach[number]));
                if !reach[*caller].contains(passed) {
                    reach[*caller] |= passed;
                    waiting.push_back(*caller);
                }
            }
        }
        reach
    }
}

/// Closes the effects of the functions of one file over their calls; those of others are what the workspace says.
pub(crate) fn close(
    functions: &BTreeMap<String, &Function>,
    base: &dyn Workspace,
) -> FxHashMap<String, Effects> {
    let numbers: FxHashMap<&str, usize> =
        functions.keys().enumerate().map(|(n, path)| (path.as_str(), n)).collect();
    let mut closure = Closure::new(functions.values().copied());
    for (caller, function) in functions.values().enumerate() {
        for call in &function.behaviour.calls {
            match numbers.get(&*call.path) {
                Some(callee) => closure.call(caller, *callee, call),
                None => {
                    if let Some(callee) = base.function(&call.path) {
                        closure.call_outside(caller, callee, call, base.reach(&call.path));
                    }
                }
            }
        }
    }
    let reach = closure.close();
    functions.keys().cloned().zip(reach).collect()
}

/// Which calls a chain may go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Steps {
    /// All.
    Any,
    /// Those that are made each time.
    Always,
}

/// The shortest chain of functions from one to the first whose own body has an effect, both ends included; empty where none has.
pub(crate) fn chain(workspace: &dyn Workspace, path: &str, effect: Effects, steps: Steps) -> Vec<String> {
    let mut seen: FxHashSet<String> = FxHashSet::from_iter([path.to_owned()]);
    // Each function that is reached, with the place of the one from which it is.
    let mut reached: Vec<(String, usize)> = vec![(path.to_owned(), 0)];
    let mut at = 0;
    while let Some((last, _)) = reached.get(at) {
        let mut next: Vec<String> = Vec::new();
        if let Some(function) = workspace.function(last) {
            let behaviour = &function.behaviour;
            let found = match steps {
                Steps::Any => behaviour.effects.intersects(effect),
                Steps::Always => behaviour.always(effect),
            };
            if found {
                return trail(reached, at);
            }
            next.extend(function.is_abstract.then(|| workspace.implementation(last)).flatten());
            let calls = behaviour.calls.iter().filter(|call| steps == Steps::Any || !call.occasional);
            next.extend(calls.filter_map(|call| {
                let callee = workspace.function(&call.path)?;
                let passes = through(callee, call, workspace.reach(&call.path)).intersects(effect);
                passes.then(|| call.path.to_string())
            }));
        }
        reached.extend(next.into_iter().filter(|path| seen.insert(path.clone())).map(|path| (path, at)));
        at += 1;
    }
    Vec::new()
}

/// The functions on the way from the first to the one at a place.
fn trail(mut reached: Vec<(String, usize)>, at: usize) -> Vec<String> {
    let mut trail = Vec::new();
    let mut at = Some(at);
    while let Some(place) = at {
        let (path, from) = std::mem::take(&mut reached[place]);
        trail.push(path);
        at = (place > 0).then_some(from);
    }
    trail.reverse();
    trail
}
