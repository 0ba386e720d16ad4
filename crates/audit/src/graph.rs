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
    let mut seen: FxHashSet<String> = FxHashSet::default();
    let mut waiting: VecDeque<Vec<String>> = VecDeque::from([vec![path.to_owned()]]);
    seen.insert(path.to_owned());
    while let Some(trail) = waiting.pop_front() {
        let Some(function) = trail.last().and_then(|last| workspace.function(last)) else { continue };
        let behaviour = &function.behaviour;
        let found = match steps {
            Steps::Any => behaviour.effects.intersects(effect),
            Steps::Always => behaviour.always(effect),
        };
        if found {
            return trail;
        }
        if function.is_abstract
            && let Some(implementation) = trail.last().and_then(|last| workspace.implementation(last))
            && seen.insert(implementation.clone())
        {
            let mut longer = trail.clone();
            longer.push(implementation);
            waiting.push_back(longer);
        }
        for call in behaviour.calls.iter().filter(|call| steps == Steps::Any || !call.occasional) {
            let Some(callee) = workspace.function(&call.path) else { continue };
            let passes = through(callee, call, workspace.reach(&call.path)).intersects(effect);
            if passes && seen.insert(call.path.to_string()) {
                let mut longer = trail.clone();
                longer.push(call.path.to_string());
                waiting.push_back(longer);
            }
        }
    }
    Vec::new()
}
