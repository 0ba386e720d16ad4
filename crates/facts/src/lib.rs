//! What code says: language-neutral facts, resolved names and the vocabulary of libraries.

mod by_name;
mod declare;
#[cfg(test)]
mod dump;
mod effect;
mod environment;
mod extractor;
mod fact;
pub mod flow;
mod go;
mod interner;
mod limits;
mod literal;
mod made;
mod maps;
mod names;
mod occasion;
mod python;
mod resolve;
mod routes;
mod rust;
mod scope;
#[cfg(test)]
mod shape;
mod summary;
mod test_code;
mod validation;
mod vocabulary;
mod words;

use std::sync::Arc;

pub use by_name::ByName;
pub use declare::{behaviour, enclosing_loop, is_awaited, is_in_loop, method_of, qualified_name};
pub use effect::Effects;
pub use environment::{Changes, Environment};
pub use fact::{Comment, Fact, Facts, Flags, Import, Kind, Node, Operator, Role};
pub use interner::Interner;
pub use limits::is_inside_limit;
pub use maps::MapUses;
pub use names::{Names, Share};
pub use occasion::is_occasional;
pub use resolve::{Resolver, Value};
pub use routes::{Answer, Group, Guard, Link, LinkKind, Replaced, Route, RouteSpots, Routing, routing};
pub use scope::{Asked, Scope};
use shipworthy_syntax::Language;
pub use summary::{
    Behaviour, Callee, Class, Contract, Function, LibraryCall, Made, Origin, Summary, Workspace,
};
pub use test_code::is_test_definition;
pub use vocabulary::{Argument, Meaning, Timeout, Vocabulary, VocabularyError};
pub use words::{Topics, words};

/// The facts of one item. `tree` is the item's own tree: its offsets are relative to the start of `text`.
pub fn extract(language: Language, tree: &tree_sitter::Tree, text: &Arc<str>) -> Facts {
    match language {
        Language::Python => python::extract(tree, text),
        Language::Go => go::extract(tree, text),
        Language::Rust => rust::extract(tree, text),
    }
}
