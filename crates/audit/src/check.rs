//! What a rule sees while it judges.

use std::sync::Arc;

use shipworthy_facts::{
    Effects, Facts, Flags, Kind, Made, Meaning, Node, Resolver, Role, Scope, Value, Workspace,
};
use shipworthy_syntax::Language;

use crate::code_role::CodeRole;
use crate::finding::{At, Finding, FixEdit, ImportRequest};
use crate::graph::Steps;
use crate::note::Note;
use crate::options::Options;
use crate::rule::Rule;

/// One rule at work on one fact of one item.
pub struct Check<'a> {
    pub(crate) rule: &'static Rule,
    pub(crate) facts: &'a Facts,
    pub(crate) resolver: &'a Resolver<'a>,
    pub(crate) role: CodeRole,
    pub(crate) options: &'a Options,
    pub(crate) findings: &'a mut Vec<Finding>,
    pub(crate) sites: &'a mut u32,
    /// The rule's place in the catalogue.
    pub(crate) index: usize,
    pub(crate) notes: &'a mut Vec<(usize, Note)>,
}

impl<'a> Check<'a> {
    /// Counts one checked site. Every place that the rule judged is a site, sound or not.
    pub fn site(&mut self) {
        *self.sites += 1;
    }

    /// Reports a finding of this rule at a place: [`Finding`]'s methods add the rest.
    pub fn finding(&self, at: impl At, message: impl Into<String>) -> Finding {
        Finding::new(self.rule, at, message)
    }

    /// Reports a finding.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Writes down what the rule needs when it judges the whole workspace: see [`crate::Survey`].
    pub fn note(&mut self, at: impl At, key: impl Into<String>, detail: impl Into<String>) {
        let note = Note { range: at.range(), key: key.into(), detail: detail.into(), symbol: String::new() };
        self.notes.push((self.index, note));
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.facts.language
    }
    /// The facts of the item.
    pub fn facts(&self) -> &'a Facts {
        self.facts
    }
    /// The calls in the item whose callee has a name: see [`Resolver::calls_of`].
    pub fn calls_of(&self, name: &str) -> impl Iterator<Item = Node<'a>> {
        self.resolver.calls_of(name)
    }
    /// The arguments in the item that have a name: see [`Resolver::arguments_of`].
    pub fn arguments_of(&self, name: &str) -> impl Iterator<Item = Node<'a>> {
        self.resolver.arguments_of(name)
    }
    /// What names stand for.
    pub fn resolver(&self) -> &'a Resolver<'a> {
        self.resolver
    }
    /// The names of the file.
    pub fn environment(&self) -> &'a Scope<'a> {
        self.resolver.environment()
    }
    /// Other files.
    pub fn workspace(&self) -> &'a dyn Workspace {
        self.resolver.workspace()
    }
    /// The file's path in the workspace, with `/`.
    pub fn path(&self) -> &'a str {
        self.resolver.environment().path()
    }
    /// What kind of code the file is.
    pub fn code_role(&self) -> CodeRole {
        self.role
    }
    /// The rule's options, as set.
    pub fn options(&self) -> &'a Options {
        self.options
    }

    /// What an expression stands for.
    pub fn value(&self, node: Node<'_>) -> Value {
        self.resolver.value(node)
    }
    /// The absolute name of what an expression names, or of its type.
    pub fn name_of(&self, node: Node<'_>) -> Option<String> {
        self.resolver.path(node)
    }
    /// The absolute name of the type of an expression.
    pub fn type_of(&self, node: Node<'_>) -> Option<String> {
        self.resolver.type_of(node)
    }
    /// What the vocabulary says of the type of an expression.
    pub fn type_meaning(&self, node: Node<'_>) -> Option<&'a Arc<Meaning>> {
        let path = self.resolver.type_of(node)?;
        self.resolver.vocabulary().type_of(&path)
    }
    /// What the vocabulary says of a call, construction or decorator.
    pub fn meaning(&self, call: Node<'_>) -> Option<&'a Arc<Meaning>> {
        self.resolver.meaning(call)
    }
    /// What the vocabulary says of a named value (a constant, an exception type used as a value).
    pub fn value_meaning(&self, node: Node<'_>) -> Option<&'a Arc<Meaning>> {
        let path = self.resolver.path(node)?;
        let vocabulary = self.resolver.vocabulary();
        vocabulary.value(&path).or_else(|| vocabulary.type_of(&path))
    }
    /// The argument of a call that has a meaning (`timeout`, `sql`, `origins`), as the vocabulary places it.
    pub fn argument<'n>(&self, call: Node<'n>, meaning: &str) -> Option<Node<'n>> {
        self.meaning(call)?.argument(meaning)?.of(call)
    }
    /// The call or construction that made the value of an expression, where the same item shows it.
    pub fn made_by(&self, node: Node<'_>) -> Option<Node<'a>> {
        self.resolver.made_by(node)
    }
    /// How what is in a module-level variable or a field is made, in whatever file that is.
    pub fn made_elsewhere(&self, node: Node<'_>) -> Option<&'a Made> {
        self.resolver.made_elsewhere(node)
    }
    /// The calls that a method chain is built of, from a call towards its start: `c.get(u).timeout(t).send()` gives `send`, `timeout`, `get`.
    pub fn method_chain<'n>(&self, call: Node<'n>) -> impl Iterator<Item = Node<'n>> {
        std::iter::successors(Some(call), |c| {
            let mut object = c.callee().filter(|c| c.is(Kind::Attribute))?.object()?;
            while matches!(object.kind(), Kind::Await | Kind::Propagate | Kind::Reference) {
                object = object.get(Role::Value)?;
            }
            Some(object).filter(|o| o.is(Kind::Call))
        })
    }
    /// The effects of a call: the vocabulary's, or all that a function of the workspace reaches.
    pub fn effects(&self, call: Node<'_>) -> Effects {
        if let Some(meaning) = self.meaning(call) {
            return meaning.effects;
        }
        self.resolver.callee(call).map_or(Effects::empty(), |path| self.workspace().reach(&path))
    }
    /// The function of the workspace that a call calls, by its absolute name.
    pub fn workspace_callee(&self, call: Node<'_>) -> Option<String> {
        if self.meaning(call).is_some() {
            return None;
        }
        let path = self.resolver.callee(call)?;
        self.workspace().function(&path).is_some().then_some(path)
    }
    /// The shortest chain of functions of the workspace from one to where an effect happens, both ends included.
    pub fn chain(&self, path: &str, effect: Effects) -> Vec<String> {
        crate::graph::chain(self.workspace(), path, effect, Steps::Any)
    }
    /// The shortest such chain of calls that are made each time: what a branch, a handler or a cache may skip is not on it. Empty where there is
    /// none, and the effect may be rare.
    pub fn certain_chain(&self, path: &str, effect: Effects) -> Vec<String> {
        let chain = crate::graph::chain(self.workspace(), path, effect, Steps::Always);
        if chain.iter().any(|step| self.keeps_results(step)) { Vec::new() } else { chain }
    }
    /// Whether a decorator keeps what a function gives, so that its body runs once for each question.
    pub fn keeps_results(&self, path: &str) -> bool {
        let keeps = |decorator: &str| {
            let meaning = self.resolver.vocabulary().call(decorator);
            meaning.is_some_and(|m| m.is("cache-decorator") || m.is("once-decorator"))
        };
        self.workspace().function(path).is_some_and(|f| f.decorators.iter().any(|d| keeps(d)))
    }

    /// The library call in a function's own body that has an effect, by name: the end of a [`Check::chain`]. One that is made each time
    /// comes first.
    pub fn library_call(&self, path: &str, effect: Effects) -> Option<&'a str> {
        let behaviour = &self.workspace().function(path)?.behaviour;
        let having = behaviour.library.iter().filter(|(_, call)| call.effects.intersects(effect));
        having.min_by_key(|(_, call)| call.occasional).map(|(name, _)| &**name)
    }

    /// The decorators of a function or class that the vocabulary knows.
    pub fn decorators(&self, definition: Node<'_>) -> impl Iterator<Item = &'a Arc<Meaning>> {
        definition.all(Role::Decorator).filter_map(|d| self.meaning(d))
    }
    /// Whether a function or class has a decorator with a role.
    pub fn is_decorated(&self, definition: Node<'_>, role: &str) -> bool {
        self.decorators(definition).any(|m| m.is(role))
    }
    /// Whether a fact stands in an async function (not in a synchronous one nested in it).
    pub fn in_async(&self, node: Node<'_>) -> bool {
        node.function().is_some_and(|f| f.has(Flags::ASYNC))
    }
    /// Whether a fact stands where a program begins: in `main`, in Go's `package main`, under `if __name__ == "__main__"`, at the top level of a
    /// Python script that has such a block. What such code prints, it says to its user.
    pub fn is_program_entry(&self, node: Node<'_>) -> bool {
        if self.named_function(node).is_some_and(|f| matches!(f.name(), "main" | "cli")) {
            return true;
        }
        match self.language() {
            Language::Go => self.environment().package() == "main",
            Language::Python => node.ancestors().any(|n| {
                n.is(Kind::If) && n.get(Role::Condition).is_some_and(|c| c.text().starts_with("__name__"))
            }),
            Language::Rust => false,
        }
    }
    /// Whether the file imports a library that the vocabulary gives a role: `command-line`, `web-framework`, `logging`.
    pub fn imports(&self, role: &str) -> bool {
        self.environment().imports_role(role)
    }
    /// The name of the module's own logger, where it has one.
    pub fn logger(&self) -> Option<&'a str> {
        let vocabulary = self.resolver.vocabulary();
        self.environment().names().map(|(name, _)| name).find(|name| {
            let path = self.environment().absolute(name);
            match self.workspace().global(&path) {
                Some(shipworthy_facts::Origin::ResultOf(function, 0)) => vocabulary
                    .call(function)
                    .and_then(|m| m.returns.first())
                    .and_then(|t| vocabulary.type_of(t))
                    .is_some_and(|t| t.is("logger")),
                Some(shipworthy_facts::Origin::Instance(t)) => {
                    vocabulary.type_of(t).is_some_and(|t| t.is("logger"))
                }
                _ => false,
            }
        })
    }

    /// The function around a fact that has a name: closures and lambdas belong to it.
    pub fn named_function<'n>(&self, node: Node<'n>) -> Option<Node<'n>> {
        node.ancestors().find(|n| n.is(Kind::Function))
    }

    /// The local name by which `path` (and `name` from it, in Python) can be used, and the change that imports it if the file does not yet.
    /// In Go and Rust `name` is empty; the local name is the last segment.
    pub fn import(&self, path: &str, name: &str) -> (String, Option<FixEdit>) {
        let whole = if name.is_empty() { path.to_owned() } else { format!("{path}.{name}") };
        let bound = self
            .environment()
            .imported()
            .find(|(_, origin)| matches!(origin, shipworthy_facts::Origin::Item(bound) if **bound == *whole));
        if let Some((local, _)) = bound {
            return (local.to_owned(), None);
        }
        let local = match self.language() {
            Language::Python if name.is_empty() => path,
            Language::Python => name,
            Language::Go => path.rsplit('/').next().unwrap_or(path),
            Language::Rust => path.rsplit("::").next().unwrap_or(path),
        };
        let request = ImportRequest { path: path.to_owned(), name: name.to_owned() };
        (local.to_owned(), Some(FixEdit::Import(request)))
    }
}
