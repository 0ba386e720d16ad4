//! The call graph: effects closed over calls, and the chains that explain them.

use std::collections::VecDeque;

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

/// Closes the effects of functions over their calls, to a fixed point over cycles. Calls to functions outside the set have what
/// `outside` says.
pub(crate) fn close<'a>(
    functions: &FxHashMap<String, &'a Function>,
    outside: impl Fn(&str) -> Option<(&'a Function, Effects)>,
) -> FxHashMap<String, Effects> {
    let mut callers: FxHashMap<&str, Vec<(&str, &Callee)>> = FxHashMap::default();
    let mut reach: FxHashMap<&str, Effects> = FxHashMap::default();
    for (path, function) in functions {
        let mut own = function.behaviour.effects;
        for call in &function.behaviour.calls {
            if functions.contains_key(&*call.path) {
                callers.entry(&call.path).or_default().push((path, call));
            } else if let Some((callee, effects)) = outside(&call.path) {
                own |= through(callee, call, effects);
            }
        }
        reach.insert(path, own);
    }
    let mut waiting: VecDeque<&str> = functions.keys().map(String::as_str).collect();
    while let Some(path) = waiting.pop_front() {
        let Some(function) = functions.get(path) else { continue };
        let effects = reach.get(path).copied().unwrap_or_default();
        for (caller, call) in callers.get(path).into_iter().flatten() {
            let Some(known) = reach.get_mut(caller) else { continue };
            let more = *known | through(function, call, effects);
            if more != *known {
                *known = more;
                waiting.push_back(caller);
            }
        }
    }
    reach.into_iter().map(|(path, effects)| (path.to_owned(), effects)).collect()
}

/// The shortest chain of functions from one to the first whose own body has an effect, both ends included; empty where none has.
pub fn chain(workspace: &dyn Workspace, path: &str, effect: Effects) -> Vec<String> {
    let mut seen: FxHashSet<String> = FxHashSet::default();
    let mut waiting: VecDeque<Vec<String>> = VecDeque::from([vec![path.to_owned()]]);
    seen.insert(path.to_owned());
    while let Some(trail) = waiting.pop_front() {
        let Some(function) = trail.last().and_then(|last| workspace.function(last)) else { continue };
        if function.behaviour.effects.intersects(effect) {
            return trail;
        }
        for call in &function.behaviour.calls {
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
