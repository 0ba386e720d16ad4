//! The texts of paths, as far as code tells them.

use super::Walk;
use crate::fact::{Flags, Kind, Node, Role};
use crate::resolve::Value;
use crate::summary::Origin;
use crate::vocabulary::Meaning;
use crate::words::words;
use rustc_hash::FxHashSet;

use super::MAX_STEPS;

impl Walk<'_, '_> {
    /// The path that an argument gives: a pattern of one without its anchors, a query's parameters left out.
    pub(super) fn path(&self, argument: Node<'_>, meaning: &Meaning) -> String {
        let path = self.text(argument, &mut FxHashSet::default());
        match meaning.property("pattern") {
            Some("regex") => path.trim_start_matches('^').trim_end_matches('$').to_owned(),
            Some("uri") => path.split_once('?').map_or(path.as_str(), |(path, _)| path).to_owned(),
            _ => path,
        }
    }

    /// A text as far as the code tells it. What is computed stands in braces; what is of another item by its absolute name and as it is
    /// written: `{=app.settings.PREFIX=settings.PREFIX}`.
    pub(super) fn text(&self, node: Node<'_>, seen: &mut FxHashSet<u32>) -> String {
        match node.kind() {
            Kind::Name | Kind::Attribute => {
                // In `path = f"{path}/x"` a name stands for what is made of itself.
                if let Some(text) = self.constant(node).filter(|text| seen.insert(text.index())) {
                    return self.text(text, seen);
                }
                match self.parameter(node).or_else(|| self.elsewhere(node)) {
                    Some(path) => format!("{{={path}={}", computed(node).trim_start_matches('{')),
                    None => computed(node),
                }
            }
            Kind::Template => node.children().map(|part| self.text(part, seen)).collect(),
            Kind::Binary => node.all(Role::Operand).map(|part| self.text(part, seen)).collect(),
            Kind::Reference => node.get(Role::Value).map_or_else(|| computed(node), |v| self.text(v, seen)),
            Kind::Call if node.has(Flags::MACRO) && node.callee().is_some_and(|c| c.name() == "format!") => {
                node.positional(0).map_or_else(|| computed(node), |text| self.text(text, seen))
            }
            Kind::String | Kind::Text => node.string().unwrap_or_default().into_owned(),
            Kind::Nothing => String::new(),
            _ => computed(node),
        }
    }

    /// The key of the parameter that a name stands for: callers say what it is.
    pub(super) fn parameter(&self, name: Node<'_>) -> Option<String> {
        let [parameter] = self.resolver.bindings(name)[..] else { return None };
        let named =
            parameter.parent().filter(|p| parameter.role() == Role::Parameter && p.is(Kind::Function));
        self.bound(parameter, name.name(), MAX_STEPS).filter(|_| named.is_some())
    }

    /// The absolute name of a variable of a module or class of the workspace.
    pub(super) fn elsewhere(&self, node: Node<'_>) -> Option<String> {
        let own = |path: &String| self.resolver.workspace().is_own(path);
        match self.resolver.value(node) {
            Value::Item(path) => Some(path).filter(own),
            Value::Instance(_) if node.is(Kind::Attribute) => match self.resolver.value(node.object()?) {
                Value::Instance(class) => {
                    Some([&class, node.language().separator(), node.name()].concat()).filter(own)
                }
                _ => None,
            },
            // A constant's own type is no class.
            Value::Instance(_) if self.resolver.bindings(node).iter().all(|b| b.function().is_none()) => {
                match self.resolver.environment().lookup(node.name())? {
                    Origin::Item(path) => Some(path.to_string()).filter(own),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The text that a local name was given, where it was given one only.
    pub(super) fn constant<'n>(&self, name: Node<'n>) -> Option<Node<'n>> {
        let [binding] = self.resolver.bindings(name)[..] else { return None };
        let assign = binding.parent().filter(|a| a.is(Kind::Assign) && binding.role() == Role::Target)?;
        let value = assign.get(Role::Value).filter(|v| matches!(v.kind(), Kind::String | Kind::Template))?;
        let targets = assign.all(Role::Target).count();
        (targets == 1).then(|| name.facts().node(value.index()))
    }

    /// `PREFIX = "/api"`
    pub(super) fn constant_text(&mut self, assign: Node<'_>, value: Node<'_>) {
        let Some(target) = assign.get(Role::Target).filter(|t| t.is(Kind::Name)) else { return };
        let Some(text) = value.string() else { return };
        if is_path_text(&text) || is_prefix(target.name(), &text) {
            let name = match assign.class() {
                Some(class) => [class.name(), assign.language().separator(), target.name()].concat(),
                None => target.name().to_owned(),
            };
            let name = self.resolver.environment().absolute(&name);
            self.routing.texts.push((name.into(), text.into()));
        }
    }

    /// Paths that a function of the workspace is given: `register("/orders")`.
    pub(super) fn texts_passed(&mut self, call: Node<'_>) {
        let mut path = None;
        for (at, argument) in call.arguments().enumerate().filter(|(_, a)| a.is(Kind::String)) {
            let Some(text) = argument.string().filter(|text| is_path_text(text)) else { continue };
            let resolved = || self.resolver.callee(call);
            let own = |path: &String| self.resolver.workspace().function(path).is_some();
            let Some(path) = path.get_or_insert_with(|| resolved().filter(own)) else { return };
            self.routing.texts.push((format!("{path}#@{at}").into(), text.into()));
        }
    }
}

/// Whether a text may be a path, or the beginning of one.
pub(super) fn is_path_text(text: &str) -> bool {
    const LONGEST: usize = 100;
    text.len() <= LONGEST
        && text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains(char::is_whitespace)
}

/// Whether a constant is a part of paths by its name, and by its text may be one: `API_VERSION_PREFIX = "v1"`.
fn is_prefix(name: &str, text: &str) -> bool {
    const LONGEST: usize = 20;
    let named = words(name).iter().any(|w| matches!(w.as_str(), "prefix" | "path" | "version" | "route"));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    named && !text.is_empty() && text.len() <= LONGEST && text.chars().all(plain)
}

pub(super) fn computed(node: Node<'_>) -> String {
    let text = node.text();
    if text.len() > 40 || text.contains('\n') { "{…}".to_owned() } else { format!("{{{text}}}") }
}
