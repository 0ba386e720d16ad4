//! Summaries: what a file tells other files, and its own units about each other.
//!
//! A summary owns plain data with absolute names, no facts and no text. Two summaries that mean the same are equal, so an edit that
//! changes no summary concerns nobody else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shipworthy_syntax::{Language, Spot};

use crate::by_name::ByName;
use crate::effect::Effects;
use crate::interner::Interner;
use crate::routes::Routing;
use crate::words::Topics;

/// What a file tells others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Summary {
    /// The name under which others import it: `app.services.crm`, `example.com/shop/store`, `crate::store`.
    pub module: Arc<str>,
    /// Functions and methods (`Class.method`, `Type::method`) by their name in the module.
    pub functions: ByName<Function>,
    /// Classes, structs, interfaces and traits by name.
    pub classes: ByName<Class>,
    /// Module-level variables.
    pub globals: ByName<Origin>,
    /// How libraries' things in module-level variables and in fields (`Class.field`) are made, where that is in one way only.
    pub made: ByName<Made>,
    /// What it imports under other names, for re-exports: local name and absolute path.
    pub imports: ByName<Arc<str>>,
    /// Absolute names of the modules all of whose names it imports, in order.
    pub wildcards: Box<[Arc<str>]>,
    /// Rust: the modules that it declares and whose code stands in other files, each with whether only tests have it.
    pub modules: ByName<bool>,
    /// The routes that it serves, and the routers that it builds them from.
    pub routing: Routing,
}

impl Summary {
    /// The absolute name of what the file declares by this name in its module.
    pub fn absolute(&self, language: Language, name: &str) -> String {
        [&*self.module, language.separator(), name].concat()
    }

    /// Shares its names with what was interned before.
    pub fn intern(&mut self, interner: &mut Interner) {
        let Self { module, functions, classes, globals, made, imports, wildcards, modules, routing: _ } =
            self;
        interner.intern(module);
        functions.intern(interner, |interner, function| function.intern(interner));
        classes.intern(interner, |interner, class| {
            interner.intern_all(&mut class.bases);
            class.fields.intern(interner, |interner, origin| origin.intern(interner));
        });
        globals.intern(interner, |interner, origin| origin.intern(interner));
        made.intern(interner, |interner, made| interner.intern(&mut made.by));
        imports.intern(interner, Interner::intern);
        interner.intern_all(wildcards);
        modules.intern(interner, |_, _| {});
    }
}

/// A function or method.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Function {
    /// Calling it gives a coroutine or future.
    pub is_async: bool,
    /// Calling it gives an iterator.
    pub is_generator: bool,
    /// It has no body of its own: abstract, a protocol's, a trait's, a type stub's.
    pub is_abstract: bool,
    /// What it returns, by position.
    pub results: Box<[Origin]>,
    /// Absolute names of its decorators.
    pub decorators: Box<[Arc<str>]>,
    /// The names of its parameters, in order.
    pub parameters: Box<[Arc<str>]>,
    /// What its own body does.
    pub behaviour: Behaviour,
}

impl Function {
    fn intern(&mut self, interner: &mut Interner) {
        self.results.iter_mut().for_each(|result| result.intern(interner));
        interner.intern_all(&mut self.decorators);
        interner.intern_all(&mut self.parameters);
        self.behaviour.library.intern(interner, |_, _| {});
        interner.intern_all(self.behaviour.calls.iter_mut().map(|callee| &mut callee.path));
    }
}

/// What a function's own body does. Nested functions and lambdas are others' business: they run when somebody calls them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Behaviour {
    /// The effects of all its library calls.
    pub effects: Effects,
    /// The library calls that have effects, by name.
    pub library: ByName<LibraryCall>,
    /// What it calls in the workspace, each once, in order.
    pub calls: Box<[Callee]>,
    /// Positions of the parameters that it executes as SQL text, as they come.
    pub executed: Box<[u8]>,
    /// What is done for it before it runs and what it checks, where that is anything: few functions have it.
    pub contract: Option<Box<Contract>>,
    /// What its names and short texts speak of.
    pub topics: Topics,
}

/// The calls of a library's function in one body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LibraryCall {
    /// What they do.
    pub effects: Effects,
    /// None is made each time: all are in branches that have no other, in handlers.
    pub occasional: bool,
}

/// What surrounds a function's body: what a framework hands it, and what data is checked by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contract {
    /// What a framework has to call, or find in the request, before it calls the function: absolute names of functions and types.
    pub injected: BTreeSet<Arc<str>>,
    /// The schemas that the values of its parameters are checked by, as they are shown.
    pub schemas: BTreeSet<Arc<str>>,
    /// What it checks data by itself: validators that it calls, as they are shown.
    pub validators: BTreeSet<Arc<str>>,
}

impl Behaviour {
    /// Whether one of its own library calls has an effect each time.
    pub fn always(&self, effect: Effects) -> bool {
        self.library.values().any(|call| !call.occasional && call.effects.intersects(effect))
    }

    /// What surrounds the body.
    pub fn contract(&self) -> &Contract {
        static NONE: Contract =
            Contract { injected: BTreeSet::new(), schemas: BTreeSet::new(), validators: BTreeSet::new() };
        self.contract.as_deref().unwrap_or(&NONE)
    }

    /// Adds what another body does.
    pub fn extend(&mut self, other: &Self) {
        let executed: BTreeSet<u8> = self.executed.iter().chain(&other.executed).copied().collect();
        self.executed = executed.into_iter().collect();
        if let Some(more) = &other.contract {
            let contract = self.contract.get_or_insert_default();
            contract.injected.extend(more.injected.iter().cloned());
            contract.schemas.extend(more.schemas.iter().cloned());
            contract.validators.extend(more.validators.iter().cloned());
        }
        self.topics |= other.topics;
        self.effects |= other.effects;
        let mut library: BTreeMap<Arc<str>, LibraryCall> = BTreeMap::new();
        for (name, call) in self.library.iter().chain(other.library.iter()) {
            let all = library.entry(name.clone()).or_insert(LibraryCall { occasional: true, ..*call });
            all.effects |= call.effects;
            all.occasional &= call.occasional;
        }
        self.library = library.into();
        let calls: BTreeSet<&Callee> = self.calls.iter().chain(&other.calls).collect();
        self.calls = calls.into_iter().cloned().collect();
    }
}

/// A call from one function of the workspace to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Callee {
    /// The absolute name of what is called.
    pub path: Arc<str>,
    /// The call is awaited or its coroutine is otherwise run here.
    pub awaited: bool,
    /// The call is made only sometimes: in a branch that has no other, in a handler.
    pub occasional: bool,
}

/// A class, struct, interface, trait or enum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Class {
    /// Absolute names of its bases, embedded types or traits; `_` for one that an expression computes.
    pub bases: Box<[Arc<str>]>,
    /// Types of its fields, declared or assigned in its methods.
    pub fields: ByName<Origin>,
    /// An interface, trait, protocol or abstract class.
    pub is_abstract: bool,
    /// Its fields say what is valid: in Go's tags, in Rust's attributes.
    pub is_validated: bool,
    /// An enum whose cases hold nothing: each value is one of a few names.
    pub is_names: bool,
}

/// Where a value comes from, in absolute names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// A value of a type.
    Instance(Arc<str>),
    /// A result (by position) of a function.
    ResultOf(Arc<str>, u8),
    /// The thing of that name itself: a function or class under another name, a module.
    Item(Arc<str>),
    /// Not known.
    Unknown,
}

impl Origin {
    fn intern(&mut self, interner: &mut Interner) {
        match self {
            Self::Instance(name) | Self::ResultOf(name, _) | Self::Item(name) => interner.intern(name),
            Self::Unknown => {}
        }
    }
}

/// How a library's thing is made: what a client is told of time limits and retries is said there, and not where it is used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Made {
    /// The vocabulary's name of the call or construction.
    pub by: Arc<str>,
    /// The arguments that it is given, by their meanings; whether each switches off what it is about: `None`, `0`, `False`.
    pub given: BTreeMap<Arc<str>, bool>,
    /// There may be more arguments: it is given some by `**options`.
    pub open: bool,
}

/// Summaries of other files, by name. The engine hands in the workspace's index; a file on its own is its own world.
pub trait Workspace {
    /// Whether an absolute name may be of the workspace's own: what it begins with is. All else has no answer below.
    fn is_own(&self, path: &str) -> bool;
    /// A number that changes when what [`Workspace::is_own`] says of any name does.
    fn own_names(&self) -> u64;
    /// A number that changes when any answer does.
    fn state(&self) -> u64;
    /// The function or method of an absolute name.
    fn function(&self, path: &str) -> Option<&Function>;
    /// The class of an absolute name.
    fn class(&self, path: &str) -> Option<&Class>;
    /// The module-level variable of an absolute name.
    fn global(&self, path: &str) -> Option<&Origin>;
    /// How what is in a module-level variable or a field is made, by its absolute name.
    fn made(&self, path: &str) -> Option<&Made> {
        let _ = path;
        None
    }
    /// The absolute name behind a re-export; none where the name is its own.
    fn alias(&self, path: &str) -> Option<String>;
    /// The effects that a call of the function reaches, through whatever it calls.
    fn reach(&self, path: &str) -> Effects;
    /// Where a function or method is defined: the path of the file, and its name there.
    fn definition(&self, path: &str) -> Option<(Arc<str>, Spot)> {
        let _ = path;
        None
    }
    /// Rust: whether only tests have a module, by its absolute name: it, or one around it, is declared under `#[cfg(test)]`.
    fn is_for_tests(&self, module: &str) -> bool {
        let _ = module;
        false
    }
    /// Rust: whether the project of whoever asks is a command's alone: its program reads a command line, nothing in it serves or logs.
    /// [`Workspace::own_names`] changes when that does.
    fn is_command(&self) -> bool {
        false
    }
    /// The function that stands for an abstract one: the only one in the workspace that implements it.
    fn implementation(&self, path: &str) -> Option<String> {
        let _ = path;
        None
    }
}
