//! Resolves a small file on its own.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::Arc;

use shipworthy_facts::{
    Class, Effects, Environment, Facts, Function, Kind, Names, Origin, Resolver, Role, Summary, Workspace,
    extract,
};
use shipworthy_syntax::Language;

/// A file that is its own world.
pub(crate) struct File {
    facts: Facts,
    environment: Environment,
    summary: Arc<Summary>,
}

impl File {
    pub(crate) fn new(language: Language, grammar: tree_sitter::Language, source: &str) -> Self {
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&grammar).unwrap();
        let facts = extract(language, &parser.parse(source, None).unwrap(), &Arc::from(source));
        assert_eq!(facts.errors, [], "the test's source must parse");
        let (module, path) = match language {
            Language::Python => ("app.main", "app/main.py"),
            Language::Go => ("example.com/app", "app/main.go"),
            Language::Rust => ("crate::app", "src/app.rs"),
        };
        let Names { environment, summary, .. } = Names::declare(&[&facts], language, module, path);
        Self { facts, environment, summary }
    }

    /// What the vocabulary knows of the calls and plain decorators in the file: `callee = meaning`, with `~` before a guess.
    pub(crate) fn meanings(&self) -> Vec<String> {
        let resolver = Resolver::new(&self.facts, &self.environment, self);
        let known = self.facts.nodes().filter_map(|node| {
            let callee = match node.kind() {
                Kind::Call | Kind::Construct => node.callee()?,
                // A decorator with arguments is a call below.
                Kind::Decorator => node.get(Role::Value).filter(|v| !v.is(Kind::Call))?,
                _ => return None,
            };
            let meaning = resolver.meaning(node)?;
            let guessed = if meaning.guessed { "~" } else { "" };
            Some(format!("{} = {guessed}{}", callee.text(), meaning.name))
        });
        known.collect()
    }

    fn own<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(&*self.summary.module)?;
        rest.strip_prefix("::").or_else(|| rest.strip_prefix('.'))
    }
}

impl Workspace for File {
    fn is_own(&self, path: &str) -> bool {
        self.own(path).is_some()
    }
    fn own_names(&self) -> u64 {
        0
    }
    fn state(&self) -> u64 {
        0
    }
    fn function(&self, path: &str) -> Option<&Function> {
        self.summary.functions.get(self.own(path)?)
    }
    fn class(&self, path: &str) -> Option<&Class> {
        self.summary.classes.get(self.own(path)?)
    }
    fn global(&self, path: &str) -> Option<&Origin> {
        self.summary.globals.get(self.own(path)?)
    }
    fn alias(&self, _: &str) -> Option<String> {
        None
    }
    fn reach(&self, _: &str) -> Effects {
        Effects::empty()
    }
}
