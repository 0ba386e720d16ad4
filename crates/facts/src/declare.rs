//! From facts to summaries: what a file defines, in absolute names, and what its functions do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shipworthy_syntax::Language;

use crate::effect::Effects;
use crate::environment::{Environment, outer_type};
use crate::fact::{Facts, Flags, Kind, Node, Operator, Role};
use crate::occasion::is_occasional;
use crate::resolve::Resolver;
use crate::summary::{Behaviour, Callee, Class, Contract, Function, LibraryCall, Origin};
use crate::vocabulary::{Meaning, Vocabulary};
use crate::words::Topics;

/// The definitions that others can see: of the top level, of classes and namespaces, and those under top-level `if` and `try`, attributes
/// and macros.
pub(crate) fn definitions(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut open: Vec<Node<'_>> = vec![root];
    std::iter::from_fn(move || {
        while let Some(node) = open.pop() {
            let enters = matches!(
                node.kind(),
                Kind::Module
                    | Kind::Class
                    | Kind::Namespace
                    | Kind::Block
                    | Kind::If
                    | Kind::Try
                    | Kind::Handler
                    | Kind::With
                    | Kind::Call
                    | Kind::OtherStatement
                    | Kind::OtherExpression
            );
            if enters && (!node.is(Kind::Call) || node.has(Flags::MACRO)) {
                let first = open.len();
                open.extend(node.children());
                open[first..].reverse();
            }
            if matches!(node.kind(), Kind::Function | Kind::Class | Kind::Assign) {
                return Some(node);
            }
        }
        None
    })
}

/// The module-level variables that a statement assigns.
pub(crate) fn global_targets(assign: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let global = assign.is(Kind::Assign) && assign.class().is_none() && assign.function().is_none();
    assign.all(Role::Target).filter(move |t| global && t.is(Kind::Name))
}

/// The class that a function is a method of: the one around it, or the type of its receiver.
pub fn method_of(function: Node<'_>) -> Option<&str> {
    if let Some(class) = function.class() {
        return Some(class.name());
    }
    if function.language() == Language::Python {
        return None;
    }
    let head = function.children().take_while(|c| c.role() != Role::Parameter);
    let receiver = head.filter(|c| c.role() == Role::Receiver).find_map(|r| r.get(Role::Type))?;
    let name = receiver.text().trim_start_matches(['*', '&', ' ']);
    Some(name.split(['[', '<', ' ']).next().unwrap_or(name))
}

/// A function's name in its module: `function`, `Class.method`, `Type::method`.
pub fn qualified_name(function: Node<'_>) -> String {
    let separator = function.language().separator();
    match method_of(function) {
        Some(class) => format!("{class}{separator}{}", function.name()),
        None => function.name().to_owned(),
    }
}

/// Whether a type is the one that the method belongs to.
fn is_self(path: &str) -> bool {
    matches!(path, "Self" | "typing.Self" | "typing_extensions.Self")
}

/// Stands for a base class that an expression computes.
pub(crate) const UNKNOWN_BASE: &str = "_";

/// How deep the origin of a value is followed inside one function.
const MAX_STEPS: u32 = 8;

/// A segment of a path: what the function before it gives.
pub(crate) const RESULT: &str = "()";

/// What definitions tell others, while they are read.
#[derive(Default, PartialEq)]
pub(crate) struct Told {
    /// Functions and methods, as in a summary.
    pub(crate) functions: BTreeMap<Arc<str>, Function>,
    /// Classes, as far as they are told of.
    pub(crate) classes: BTreeMap<Arc<str>, ToldClass>,
    /// Module-level variables that stand for types.
    pub(crate) globals: BTreeMap<Arc<str>, Origin>,
}

/// What is told of a class, by its definition and by its methods.
#[derive(Default, PartialEq)]
pub(crate) struct ToldClass {
    bases: Vec<Arc<str>>,
    fields: BTreeMap<Arc<str>, Origin>,
    is_abstract: bool,
    is_validated: bool,
    is_names: bool,
}

impl From<ToldClass> for Class {
    fn from(told: ToldClass) -> Self {
        let ToldClass { bases, fields, is_abstract, is_validated, is_names } = told;
        Self { bases: bases.into(), fields: fields.into(), is_abstract, is_validated, is_names }
    }
}

/// Reads definitions, in an environment.
pub(crate) struct Declarer<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) vocabulary: &'a Vocabulary,
}

impl Declarer<'_> {
    /// Adds what the definitions of an item tell others, and the module-level variables that are set.
    pub(crate) fn tell(&self, facts: &Facts, told: &mut Told, globals: &mut Vec<(Arc<str>, Origin)>) {
        for node in definitions(facts.root()) {
            match node.kind() {
                Kind::Function => {
                    let name = qualified_name(node);
                    if let Some(class) = method_of(node) {
                        let entry = told.classes.entry(class.into()).or_default();
                        self.fields_assigned(node, entry);
                    }
                    told.functions.insert(name.into(), self.function(node));
                    self.globals_assigned(node, globals);
                }
                Kind::Class => self.class(node, told),
                _ => {}
            }
            for target in global_targets(node) {
                globals.push((target.name().into(), self.assigned(node, None)));
            }
        }
    }

    /// The absolute name of what is called, outside of functions.
    pub(crate) fn name_of(&self, callee: Node<'_>) -> Option<String> {
        self.absolute_path(callee, None, MAX_STEPS)
    }

    /// What the vocabulary says of a call or decorator, as far as its name tells.
    pub(crate) fn meaning(&self, node: Node<'_>) -> Option<&Meaning> {
        let value = if node.is(Kind::Decorator) { node.get(Role::Value)? } else { node };
        let callee = if value.is(Kind::Call) { value.callee()? } else { value };
        self.vocabulary.call(&self.name_of(callee)?).map(|meaning| &**meaning)
    }

    fn function(&self, node: Node<'_>) -> Function {
        let mut results: Vec<Origin> = node.all(Role::Result).map(|r| self.result_type(r, node)).collect();
        if results.is_empty() && node.language() == Language::Python {
            results.extend(self.returned(node));
        }
        let decorators = node.all(Role::Decorator).filter_map(|d| {
            let value = d.get(Role::Value)?;
            self.absolute_path(if value.is(Kind::Call) { value.callee()? } else { value }, None, 0)
        });
        Function {
            is_async: node.has(Flags::ASYNC),
            is_generator: node.has(Flags::GENERATOR),
            is_abstract: node.has(Flags::ABSTRACT),
            results: results.into(),
            decorators: decorators.map(Into::into).collect(),
            parameters: node.all(Role::Parameter).map(|p| p.name().into()).collect(),
            behaviour: Behaviour::default(),
        }
    }

    /// The type of a result; a named result of Go has it below.
    fn result_type(&self, result: Node<'_>, function: Node<'_>) -> Origin {
        let annotation = result.get(Role::Type).unwrap_or(result);
        match (self.annotation(annotation.text().trim_start_matches("->")), method_of(function)) {
            (Origin::Instance(path), Some(class)) if is_self(&path) => {
                Origin::Instance(self.environment.absolute(class).into())
            }
            (origin, _) => origin,
        }
    }

    /// What a function without annotation returns, or yields if it is a generator: where all that is known of it is one origin.
    fn returned(&self, function: Node<'_>) -> Option<Origin> {
        let kind = if function.has(Flags::GENERATOR) { Kind::Yield } else { Kind::Return };
        let statements = function.descendants_here().filter(|n| n.is(kind));
        let values = statements.filter_map(|n| n.get(Role::Value));
        let mut origins = values.map(|v| self.expression(v, Some(function), MAX_STEPS));
        let first = origins.find(|o| *o != Origin::Unknown)?;
        origins.all(|o| o == first || o == Origin::Unknown).then_some(first)
    }

    fn annotation(&self, text: &str) -> Origin {
        self.environment
            .annotation(text, self.vocabulary)
            .map_or(Origin::Unknown, |path| Origin::Instance(path.into()))
    }

    fn class(&self, node: Node<'_>, told: &mut Told) {
        if let Some(Origin::Instance(aliased)) = self.aliased(node) {
            told.globals.insert(node.name().into(), Origin::Item(aliased));
            return;
        }
        let entry = told.classes.entry(node.name().into()).or_default();
        entry.is_abstract |= node.has(Flags::ABSTRACT);
        entry.is_validated |= self.says_what_is_valid(node);
        let mut cases = node.all(Role::Body).flat_map(Node::children).filter(|m| m.is(Kind::Field));
        entry.is_names |= node.has(Flags::ENUM) && cases.all(|case| case.get(Role::Body).is_none());
        let bases = node.all(Role::Base).filter(|b| b.label().is_empty());
        entry.bases.extend(bases.map(|b| self.base(b).map_or_else(|| UNKNOWN_BASE.into(), Arc::from)));
        for member in node.all(Role::Body).flat_map(Node::children) {
            match member.kind() {
                Kind::Field => {
                    let origin =
                        member.get(Role::Type).map_or(Origin::Unknown, |t| self.annotation(t.text()));
                    entry.fields.insert(member.name().into(), origin);
                }
                Kind::Assign => {
                    for target in member.all(Role::Target).filter(|t| t.is(Kind::Name)) {
                        entry.fields.insert(target.name().into(), self.assigned(member, None));
                    }
                }
                _ => {}
            }
        }
    }

    /// The absolute name of a base. What Go embeds may stand in another file of the package.
    fn base(&self, base: Node<'_>) -> Option<String> {
        if base.language() != Language::Go {
            return self.absolute_path(base, None, 0);
        }
        let embedded = self.environment.annotation(base.text(), self.vocabulary)?;
        Some(outer_type(&embedded).to_owned())
    }

    /// Whether the tags of fields, or derived traits, say what is valid: `binding:"required"`, `#[derive(Validate)]`.
    fn says_what_is_valid(&self, class: Node<'_>) -> bool {
        let validates = |name: &str| self.vocabulary.value(name).is_some_and(|value| value.is("validates"));
        match class.language() {
            Language::Python => false,
            Language::Go => {
                let fields = class.all(Role::Body).flat_map(Node::children).filter(|m| m.is(Kind::Field));
                let mut tags = fields.flat_map(|field| field.all(Role::Decorator)).filter_map(Node::string);
                tags.any(|tag| {
                    let mut keys = tag.split_whitespace().filter_map(|part| part.split_once(":\""));
                    keys.any(|(key, _)| validates(key))
                })
            }
            Language::Rust => {
                let derived = class
                    .all(Role::Decorator)
                    .filter_map(|d| d.get(Role::Value))
                    .filter(|v| v.is(Kind::Call));
                let mut traits = derived.flat_map(Node::arguments);
                traits.any(|name| self.absolute_path(name, None, 0).is_some_and(|path| validates(&path)))
            }
        }
    }

    /// The type that `type Db = Arc<Mutex<Connection>>` names; none where it has parameters of its own.
    fn aliased(&self, class: Node<'_>) -> Option<Origin> {
        if class.get(Role::Body).or_else(|| class.get(Role::TypeParameter)).is_some() {
            return None;
        }
        let (_, aliased) = class.text().split_once('=')?;
        Some(self.annotation(aliased.trim_end_matches(';')))
    }

    /// Fields that a method gives its instance: `self.client = httpx.Client()`.
    fn fields_assigned(&self, method: Node<'_>, class: &mut ToldClass) {
        if method.language() != Language::Python {
            return;
        }
        let Some(this) = method.children().find(|c| c.is(Kind::Parameter)).map(Node::name) else { return };
        for assign in method.descendants_here().filter(|n| n.is(Kind::Assign)) {
            for target in assign.all(Role::Target).filter(|t| t.is(Kind::Attribute)) {
                if target.object().is_none_or(|o| o.name() != this || !o.is(Kind::Name)) {
                    continue;
                }
                let origin = self.assigned(assign, Some(method));
                let known = class.fields.get(target.name());
                if origin != Origin::Unknown || known.is_none() {
                    class.fields.insert(target.name().into(), origin);
                }
            }
        }
    }

    /// Module-level variables that a function sets: `global client`.
    fn globals_assigned(&self, function: Node<'_>, globals: &mut Vec<(Arc<str>, Origin)>) {
        for name in function.descendants_here().filter(|n| n.is(Kind::Global)).flat_map(Node::children) {
            let assigned = function.descendants_here().filter(|n| n.is(Kind::Assign));
            for assign in assigned.filter(|a| a.all(Role::Target).any(|t| t.name() == name.name())) {
                globals.push((name.name().into(), self.assigned(assign, Some(function))));
            }
        }
    }

    /// The origin of what an assignment to one target gives.
    fn assigned(&self, assign: Node<'_>, method: Option<Node<'_>>) -> Origin {
        if let Some(annotation) = assign.get(Role::Type) {
            let origin = self.annotation(annotation.text());
            if origin != Origin::Unknown {
                return origin;
            }
        }
        match assign.get(Role::Value) {
            Some(text) if text.is(Kind::String) && text.language() == Language::Python => {
                Origin::Instance(if text.has(Flags::BYTES) { "bytes" } else { "str" }.into())
            }
            Some(value) => self.expression(value, method, MAX_STEPS),
            None => Origin::Unknown,
        }
    }

    /// Where an expression's value comes from; `within` is the function it stands in.
    fn expression(&self, node: Node<'_>, within: Option<Node<'_>>, steps: u32) -> Origin {
        let Some(steps) = steps.checked_sub(1) else { return Origin::Unknown };
        let any = |mut nodes: &mut dyn Iterator<Item = Node<'_>>| {
            let mut origins = (&mut nodes).map(|n| self.expression(n, within, steps));
            origins.find(|o| *o != Origin::Unknown).unwrap_or(Origin::Unknown)
        };
        match node.kind() {
            Kind::Call => match node.callee().and_then(|c| self.called_path(c, within, steps)) {
                Some(path) => match self.vocabulary.call(&path).and_then(|m| m.returned_by(node)) {
                    Some(class) => Origin::Instance(class.into()),
                    None => Origin::ResultOf(path.into(), 0),
                },
                None => Origin::Unknown,
            },
            Kind::Construct => match node.callee().and_then(|c| self.absolute_path(c, within, steps)) {
                Some(path) => Origin::Instance(path.into()),
                None => Origin::Unknown,
            },
            Kind::Await | Kind::Propagate | Kind::Reference => any(&mut node.all(Role::Value)),
            // `client or httpx.Client()`, `client if client else httpx.Client()`
            Kind::Binary if node.operator() == Operator::Or => any(&mut node.all(Role::Operand)),
            Kind::Conditional => any(&mut [Role::Body, Role::Else].into_iter().filter_map(|r| node.get(r))),
            Kind::Name => match within.and_then(|f| self.local(f, node, steps)) {
                Some(origin) => origin,
                None => self.environment.lookup(node.name()).cloned().unwrap_or(Origin::Unknown),
            },
            Kind::Attribute => match self.absolute_path(node, within, steps) {
                Some(path) => Origin::Item(path.into()),
                None => Origin::Unknown,
            },
            // `SessionDep = Annotated[Session, Depends(get_session)]`: another name of the type.
            Kind::Index if node.language() == Language::Python => {
                let Some(object) = node.object().and_then(|o| self.indexed_path(o, within, steps)) else {
                    return Origin::Unknown;
                };
                if !self.vocabulary.wraps(&object) {
                    return Origin::ResultOf(format!("{object}.__getitem__").into(), 0);
                }
                match self.annotation(node.text()) {
                    Origin::Instance(path) => Origin::Item(path),
                    _ => Origin::Unknown,
                }
            }
            _ => Origin::Unknown,
        }
    }

    /// The absolute name of what is indexed; of an element of something else that of its `__getitem__`, and what that gives:
    /// `client["shop"]["orders"]`.
    fn indexed_path(&self, node: Node<'_>, within: Option<Node<'_>>, steps: u32) -> Option<String> {
        if !node.is(Kind::Index) {
            return self.absolute_path(node, within, steps);
        }
        let object = self.indexed_path(node.object()?, within, steps.checked_sub(1)?)?;
        (!self.vocabulary.wraps(&object)).then(|| format!("{object}.__getitem__.{RESULT}"))
    }

    /// Where the value of a parameter or local variable of a function comes from; none where the name is neither.
    fn local(&self, function: Node<'_>, used: Node<'_>, steps: u32) -> Option<Origin> {
        let name = used.name();
        let parameters = function.children().filter(|c| c.is(Kind::Parameter));
        if let Some((at, parameter)) = parameters.enumerate().find(|(_, p)| p.name() == name) {
            return Some(match (parameter.get(Role::Type), function.class()) {
                (Some(annotation), _) => self.annotation(annotation.text()),
                (None, Some(class)) if at == 0 && name == "self" => {
                    Origin::Instance(self.environment.absolute(class.name()).into())
                }
                (None, Some(class)) if at == 0 && name == "cls" => {
                    Origin::Item(self.environment.absolute(class.name()).into())
                }
                _ => Origin::Unknown,
            });
        }
        let assigned = function
            .descendants_here()
            .take_while(|n| n.index() < used.index())
            .filter(|n| matches!(n.kind(), Kind::Assign | Kind::WithItem) && n.fact().end <= used.index())
            .filter(|n| n.all(Role::Target).any(|t| t.is(Kind::Name) && t.name() == name))
            .last()?;
        let said = assigned.get(Role::Type).map(|annotation| self.annotation(annotation.text()));
        Some(said.filter(|origin| *origin != Origin::Unknown).unwrap_or_else(|| {
            let value = assigned.get(Role::Value);
            value.map_or(Origin::Unknown, |v| self.expression(v, Some(function), steps))
        }))
    }

    /// The absolute name of what a call calls.
    fn called_path(&self, callee: Node<'_>, within: Option<Node<'_>>, steps: u32) -> Option<String> {
        let path = self.absolute_path(callee, within, steps)?;
        // `factory()`, where `factory` is a parameter or local variable of a known type.
        let local = within.filter(|_| callee.is(Kind::Name)).and_then(|f| self.local(f, callee, steps));
        Some(if matches!(local, Some(Origin::Instance(_))) { format!("{path}.__call__") } else { path })
    }

    /// The absolute name of a dotted expression whose first name the file binds; as written where nothing binds it.
    fn absolute_path(&self, node: Node<'_>, within: Option<Node<'_>>, steps: u32) -> Option<String> {
        let separator = node.language().separator();
        match node.kind() {
            Kind::Name => {
                let local = within.and_then(|f| self.local(f, node, steps));
                match local.as_ref().or_else(|| self.environment.lookup(node.name())) {
                    Some(Origin::Item(path)) => Some(path.to_string()),
                    // A method of a value is named by its type.
                    Some(Origin::Instance(path)) => Some(outer_type(path).to_owned()),
                    Some(_) => None,
                    None => Some(node.name().to_owned()),
                }
            }
            Kind::Attribute => {
                let object = self.absolute_path(node.object()?, within, steps)?;
                Some(format!("{object}{separator}{}", node.name()))
            }
            Kind::Reference | Kind::Dereference => self.absolute_path(node.get(Role::Value)?, within, steps),
            // `storage.Client().bucket`: a method of what a library's call gives.
            Kind::Call => {
                let path = self.called_path(node.callee()?, within, steps.checked_sub(1)?)?;
                match self.vocabulary.call(&path)?.returns.first() {
                    Some(class) => {
                        (!class.contains(['@', '<']) && class.contains(['.', ':'])).then(|| class.to_string())
                    }
                    None => self.vocabulary.type_of(&path).map(|_| path),
                }
            }
            // `Generic[T]`
            Kind::Index => self.absolute_path(node.object()?, within, steps),
            _ => None,
        }
    }
}

/// What a function's own body does.
pub fn behaviour(function: Node<'_>, resolver: &Resolver<'_>) -> Behaviour {
    let mut behaviour = Behaviour::default();
    let mut library: BTreeMap<Arc<str>, LibraryCall> = BTreeMap::new();
    let mut executed = BTreeSet::new();
    let mut add = |name: &str, effects: Effects, occasional: bool| {
        let call = library.entry(name.into()).or_insert(LibraryCall { effects, occasional });
        call.effects |= effects;
        call.occasional &= occasional;
    };
    let mut calls = BTreeSet::new();
    // Rust: a helper's closure checks what its callers' tests are about: `with_database(|db| { assert_eq!(..) })`.
    let checks = |n: Node<'_>| {
        n.is(Kind::Call)
            && n.callee().is_some_and(|c| c.name().starts_with("assert"))
            && resolver.meaning(n).is_some_and(|m| m.effects.contains(Effects::ASSERTS))
    };
    // Python: `raise AssertionError("the service is down")` is an assertion that is written out.
    let asserts = |n: Node<'_>| {
        n.is(Kind::Assert)
            || n.is(Kind::Raise) && n.get(Role::Value).is_some_and(|v| v.text().starts_with("AssertionError"))
    };
    if function.descendants_here().any(asserts)
        || function.language() == Language::Rust && function.descendants().any(checks)
    {
        behaviour.effects |= Effects::ASSERTS;
        add("assert", Effects::ASSERTS, false);
    }
    behaviour.topics = topics(function);
    let contract = Contract {
        injected: crate::routes::injected(function, resolver).collect(),
        schemas: crate::validation::schemas(function, resolver),
        validators: crate::validation::validators(function, resolver),
    };
    behaviour.contract = (contract != Contract::default()).then(|| contract.into());
    for call in function.descendants_here().filter(|n| n.is(Kind::Call)) {
        if let Some(meaning) = resolver.meaning(call) {
            let waits_elsewhere = meaning.awaits || is_awaited(call);
            let effects = if waits_elsewhere { meaning.effects - Effects::BLOCKS } else { meaning.effects };
            executed.extend(executed_parameter(call, meaning, function, resolver));
            executed.extend(pasted_parameters(call, meaning, function, resolver));
            if !effects.is_empty() {
                behaviour.effects |= effects;
                add(&meaning.name, effects, is_occasional(call, function));
            }
        } else if let Some(path) = resolver.callee(call)
            && resolver.workspace().function(&path).is_some()
        {
            let (awaited, occasional) = (is_awaited(call) || is_entered(call), is_occasional(call, function));
            calls.insert(Callee { path: path.into(), awaited, occasional });
        }
    }
    // Entering a lock waits for it. It is held for a moment as a rule, so that it does not count as blocking.
    for item in function.descendants_here().filter(|n| n.is(Kind::WithItem)) {
        let entered = item.get(Role::Value).and_then(|value| resolver.type_of(value));
        let lock = entered.and_then(|path| resolver.vocabulary().type_of(&path)).filter(|t| t.is("lock"));
        if let Some(lock) = lock {
            behaviour.effects |= Effects::LOCKS;
            add(&lock.name, Effects::LOCKS, false);
        }
    }
    behaviour.executed = executed.into_iter().collect();
    behaviour.library = library.into();
    behaviour.calls = calls.into_iter().collect();
    behaviour
}

/// What the names and short texts in a function speak of; its own name is its callers' business.
fn topics(function: Node<'_>) -> Topics {
    const LONGEST: usize = 400;
    let mut seen = BTreeSet::new();
    let mut topics = Topics::empty();
    for node in function.descendants() {
        let said = match node.kind() {
            Kind::Name | Kind::Attribute | Kind::Parameter => node.name(),
            Kind::String | Kind::Text | Kind::Type if node.text().len() < LONGEST => node.text(),
            _ => "",
        };
        // A cursor is a page where a client gives it, and else a database's.
        let given = matches!(node.kind(), Kind::Parameter | Kind::String | Kind::Text);
        if given && said.trim_matches(['"', '\'', '`']) == "cursor" {
            topics |= Topics::PAGING;
        }
        for said in [said, node.label()] {
            if !said.is_empty() && seen.insert(said) {
                topics |= Topics::of(said);
            }
        }
    }
    topics
}

/// The position of the function's parameter that a call executes as SQL text, if it does and nothing else is given to its name.
fn executed_parameter(
    call: Node<'_>,
    meaning: &Meaning,
    function: Node<'_>,
    resolver: &Resolver<'_>,
) -> Option<u8> {
    if !meaning.effects.contains(Effects::EXECUTES_SQL) {
        return None;
    }
    let sql = meaning.argument("sql")?.of(call).filter(|sql| sql.is(Kind::Name))?;
    position(sql, function, resolver)
}

/// The position of the parameter that a name is and nothing else.
fn position(name: Node<'_>, function: Node<'_>, resolver: &Resolver<'_>) -> Option<u8> {
    let [bound] = resolver.bindings(name)[..] else { return None };
    let position = function.all(Role::Parameter).position(|parameter| parameter == bound)?;
    u8::try_from(position).ok()
}

/// Python: the positions of the function's parameters that become a part of the SQL text which a call executes, where no value can be bound:
/// `f"SELECT * FROM {table} WHERE {condition}"`. Whether they are sound, only callers know.
fn pasted_parameters(
    call: Node<'_>,
    meaning: &Meaning,
    function: Node<'_>,
    resolver: &Resolver<'_>,
) -> Vec<u8> {
    let sql = meaning.argument("sql").and_then(|sql| sql.of(call));
    let Some(sql) = sql
        .filter(|_| call.language() == Language::Python && meaning.effects.contains(Effects::EXECUTES_SQL))
    else {
        return Vec::new();
    };
    let given = |name: Node<'_>| {
        let [bound] = resolver.bindings(name)[..] else { return None };
        bound.parent().filter(|p| p.is(Kind::Assign) && p.operator() == Operator::None)?.get(Role::Value)
    };
    let text = if sql.is(Kind::Name) { given(sql).unwrap_or(sql) } else { sql };
    let pasted =
        std::iter::once(text).chain(text.descendants()).filter(|n| n.is(Kind::Name) && is_pasted(*n));
    pasted.filter_map(|name| position(name, function, resolver)).collect()
}

/// Whether a name is a part of a text, behind one that does not end where a value stands.
fn is_pasted(name: Node<'_>) -> bool {
    let Some(whole) = name.parent() else { return false };
    let joined = whole.is(Kind::Template) || whole.is(Kind::Binary) && whole.operator() == Operator::Add;
    let before = name.previous().filter(|p| joined && p.parent() == Some(whole));
    // `("SELECT * FROM " + table + " WHERE ") + condition`
    let last = before.and_then(|b| if b.is(Kind::Binary) { b.all(Role::Operand).last() } else { Some(b) });
    let before = last.and_then(Node::string);
    before.is_some_and(|text| {
        let text = text.trim_end();
        let keyword = text.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_ascii_uppercase();
        !text.is_empty()
            && !text.ends_with(['=', '<', '>', '\'', '%', '(', '"', '`'])
            && !matches!(&*keyword, "LIKE" | "ILIKE" | "IN" | "BETWEEN" | "LIMIT" | "OFFSET" | "AND" | "OR")
    })
}

/// Whether a node runs once per item of a loop or comprehension inside `within`.
pub fn is_in_loop(node: Node<'_>, within: Node<'_>) -> bool {
    enclosing_loop(node, within).is_some()
}

/// The innermost loop or comprehension inside `within` that runs a node once per item: not the loop whose iterable it is.
pub fn enclosing_loop<'a>(node: Node<'a>, within: Node<'_>) -> Option<Node<'a>> {
    let mut inner = node;
    for outer in node.ancestors() {
        if outer == within || matches!(outer.kind(), Kind::Function | Kind::Lambda) {
            return None;
        }
        let repeats = match outer.kind() {
            Kind::For => matches!(inner.role(), Role::Body | Role::Condition | Role::Update),
            Kind::While => matches!(inner.role(), Role::Body | Role::Condition),
            // The first clause's iterable is evaluated once.
            Kind::Comprehension => inner.role() == Role::Element || !is_first_iterable(node, outer),
            _ => false,
        };
        if repeats {
            return Some(outer);
        }
        inner = outer;
    }
    None
}

fn is_first_iterable(node: Node<'_>, comprehension: Node<'_>) -> bool {
    let first = comprehension.all(Role::Item).next().and_then(|clause| clause.get(Role::Iterable));
    first.is_some_and(|iterable| node.is_in(iterable))
}

/// Whether a call's coroutine is awaited where it stands.
pub fn is_awaited(call: Node<'_>) -> bool {
    call.parent().is_some_and(|p| p.is(Kind::Await))
}

/// Whether what a call gives is entered or gone through where it stands, which runs its body: `async with throttle():`.
fn is_entered(call: Node<'_>) -> bool {
    call.parent().is_some_and(|p| {
        p.is(Kind::WithItem) || matches!(p.kind(), Kind::For | Kind::Clause) && call.role() == Role::Iterable
    })
}
