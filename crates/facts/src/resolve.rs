//! Names and local types: what a name, an attribute or a call in a function stands for.
//!
//! Resolution goes through the file's imports, its own definitions, and local types: constructor calls, annotations, parameters, fields
//! and function results. What cannot be resolved is [`Value::Unknown`]; nothing is guessed here.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use shipworthy_syntax::Language;

use crate::declare::{RESULT, UNKNOWN_BASE};
use crate::environment::{Environment, first_argument, last_argument, only_argument, outer_type};
use crate::fact::{Facts, Flags, Kind, Node, Operator, Role};
use crate::scope::{Asked, Scope};
use crate::summary::{Made, Origin, Workspace};
use crate::vocabulary::{MAX_NAME, Meaning, Vocabulary};

/// What an expression stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The thing of an absolute name: a module, function, class, method.
    Item(String),
    /// A value of the type of an absolute name.
    Instance(String),
    /// A result of a function of the workspace whose own type is not known.
    Unknown,
}

/// A place that gives a name a value.
#[derive(Clone, Copy)]
struct Binding<'a> {
    node: Node<'a>,
    /// Index of the first fact that sees the value: an assignment's own value does not, a comprehension's element does.
    from: u32,
    /// Index past the last fact that sees it.
    until: u32,
}

/// How deep an expression's origin is followed: a chain of this many steps is longer than any that people write.
const MAX_STEPS: u32 = 24;

/// Resolves names in the facts of one item.
pub struct Resolver<'a> {
    facts: &'a Facts,
    environment: Scope<'a>,
    vocabulary: &'static Vocabulary,
    workspace: &'a dyn Workspace,
    /// Bindings by name, then by the function, lambda or class whose name it is (its index), in order of their facts.
    bindings: FxHashMap<&'a str, FxHashMap<Option<u32>, Vec<Binding<'a>>>>,
    known: RefCell<FxHashMap<u32, Value>>,
    /// What calls and decorators mean, by their facts.
    meanings: RefCell<FxHashMap<u32, Option<&'static Arc<Meaning>>>>,
    /// Calls by the names of their callees, and arguments by theirs; once somebody asks.
    calls: OnceCell<Vec<u32>>,
    arguments: OnceCell<Vec<u32>>,
}

impl<'a> Binding<'a> {
    fn new(node: Node<'a>) -> Self {
        let mut from = node.index();
        let mut until = u32::MAX;
        for outer in node.ancestors() {
            match outer.kind() {
                Kind::Tuple | Kind::List | Kind::Pattern | Kind::Spread | Kind::Reference => {}
                Kind::Assign => {
                    from = outer.fact().end;
                    if has_block_scope(outer) {
                        until = outer.parent().map_or(until, |block| block.fact().end);
                    }
                    break;
                }
                Kind::For => {
                    // The iterable sees what the name was before: `for _, a := range a.items`.
                    from = outer.get(Role::Body).map_or(from, Node::index);
                    if has_block_scope(outer) {
                        until = outer.fact().end;
                    }
                    break;
                }
                Kind::Clause => {
                    let comprehension = outer.parent().unwrap_or(outer);
                    (from, until) = (comprehension.index(), comprehension.fact().end);
                    break;
                }
                Kind::Arm => {
                    until = outer.fact().end;
                    break;
                }
                _ => break,
            }
        }
        Self { node, from, until }
    }

    fn covers(&self, node: Node<'_>) -> bool {
        self.from <= node.index() && node.index() < self.until
    }
}

/// The type that a display of Python makes.
fn display(node: Node<'_>) -> Option<&'static str> {
    let mapping = || node.is(Kind::Dictionary) || node.get(Role::Element).is_some_and(|e| e.is(Kind::Entry));
    match node.text().as_bytes().first() {
        Some(b'[') => Some("list"),
        Some(b'{') if mapping() => Some("dict"),
        Some(b'{') => Some("set"),
        _ => None,
    }
}

/// Whether what a statement declares is gone at the end of the block around it: not in Python, and not at the top level.
fn has_block_scope(statement: Node<'_>) -> bool {
    statement.has(Flags::DECLARES)
        && statement.language() != Language::Python
        && statement.parent().is_some_and(|block| !block.is(Kind::Module))
}

/// The function, lambda or class whose names a node sees first. A parameter belongs to the function that declares it; decorators,
/// defaults and annotations of a definition belong around it.
fn outer_scope(node: Node<'_>) -> Option<Node<'_>> {
    let mut inner = node;
    for outer in node.ancestors() {
        let inside = match outer.kind() {
            Kind::Class => inner.role() == Role::Body,
            Kind::Function | Kind::Lambda => match inner.role() {
                Role::Body => true,
                Role::Parameter | Role::Receiver | Role::Result => inner == node || node.has(Flags::BINDS),
                _ => false,
            },
            _ => false,
        };
        if inside {
            return Some(outer);
        }
        inner = outer;
    }
    None
}

/// Whether a name is that of an attribute: `#[delete("/x")]`.
fn is_attribute(name: Node<'_>) -> bool {
    let call = name.parent().filter(|p| p.is(Kind::Call) && name.role() == Role::Callee);
    call.unwrap_or(name).parent().is_some_and(|p| p.is(Kind::Decorator))
}

/// Whether a path begins with a name: `rocket::build`. A function of that name is none.
fn is_start_of_path(name: Node<'_>) -> bool {
    let path = name.parent().filter(|p| p.is(Kind::Attribute) && name.role() == Role::Object);
    path.is_some_and(|path| path.text().strip_prefix(name.text()).is_some_and(|rest| rest.starts_with("::")))
}

impl<'a> Resolver<'a> {
    /// A resolver over the facts of one item of a file.
    pub fn new(facts: &'a Facts, environment: &'a Environment, workspace: &'a dyn Workspace) -> Self {
        let mut bindings: FxHashMap<&str, FxHashMap<_, Vec<Binding<'_>>>> = FxHashMap::default();
        for node in facts.nodes() {
            let binds = match node.kind() {
                Kind::Name => node.has(Flags::BINDS),
                Kind::Parameter | Kind::Handler => true,
                // A nested function hides a module's function of the same name.
                Kind::Function => node.function().is_some(),
                _ => false,
            };
            if binds && !node.name().is_empty() {
                let mut binding = Binding::new(node);
                let scope = outer_scope(node).map(Node::index);
                let known = bindings.entry(node.name()).or_default().entry(scope).or_default();
                // What is assigned without being declared ends with its declaration; Python has no declarations.
                if facts.language != Language::Python
                    && let Some(declared) = known.iter().rfind(|b| b.covers(node))
                {
                    binding.until = binding.until.min(declared.until);
                }
                known.push(binding);
            }
        }
        let environment = Scope::new(environment);
        Self {
            facts,
            environment,
            vocabulary: Vocabulary::built_in(facts.language),
            workspace,
            bindings,
            known: RefCell::default(),
            meanings: RefCell::default(),
            calls: OnceCell::new(),
            arguments: OnceCell::new(),
        }
    }

    /// The vocabulary in use.
    pub fn vocabulary(&self) -> &'static Vocabulary {
        self.vocabulary
    }

    /// The calls in the item whose callee has a name, whatever it is called on, in order.
    pub fn calls_of(&self, name: &str) -> impl Iterator<Item = Node<'a>> {
        let callee = |call: Node<'a>| call.callee().filter(|_| call.is(Kind::Call)).map(Node::name);
        self.by_name(&self.calls, callee, name)
    }

    /// The arguments in the item that have a name, alone or as an attribute's, in order.
    pub fn arguments_of(&self, name: &str) -> impl Iterator<Item = Node<'a>> {
        let argument = |node: Node<'a>| (node.role() == Role::Argument).then(|| node.name());
        self.by_name(&self.arguments, argument, name)
    }

    /// The facts of a name among those that have one, which are sorted the first time.
    fn by_name(
        &self,
        sorted: &OnceCell<Vec<u32>>,
        name_of: impl Fn(Node<'a>) -> Option<&'a str>,
        name: &str,
    ) -> impl Iterator<Item = Node<'a>> {
        let facts = self.facts;
        let name_at = |index: &u32| name_of(facts.node(*index)).unwrap_or_default();
        let sorted = sorted.get_or_init(|| {
            let named = facts.nodes().filter(|node| name_of(*node).is_some_and(|name| !name.is_empty()));
            let mut named: Vec<u32> = named.map(Node::index).collect();
            named.sort_by_key(name_at);
            named
        });
        let first = sorted.partition_point(|index| name_at(index) < name);
        let until = sorted.partition_point(|index| name_at(index) <= name);
        sorted[first..until].iter().map(move |index| facts.node(*index))
    }

    /// The environment of the file.
    pub fn environment(&self) -> &Scope<'a> {
        &self.environment
    }

    /// What the environment was asked, by the resolver and through it.
    pub fn asked(self) -> Asked {
        self.environment.asked()
    }

    /// The workspace around the file.
    pub fn workspace(&self) -> &'a dyn Workspace {
        self.workspace
    }

    /// What an expression stands for.
    pub fn value(&self, node: Node<'_>) -> Value {
        match self.value_within(node, MAX_STEPS) {
            Value::Instance(class) => Value::Instance(outer_type(&class).to_owned()),
            value => value,
        }
    }

    /// The absolute name of what an expression names (a function, class or module), or of its type.
    pub fn path(&self, node: Node<'_>) -> Option<String> {
        match self.value(node) {
            Value::Item(path) | Value::Instance(path) => Some(path),
            Value::Unknown => None,
        }
    }

    /// The absolute name of the type of an expression's value.
    pub fn type_of(&self, node: Node<'_>) -> Option<String> {
        match self.value(node) {
            Value::Instance(path) => Some(path),
            _ => None,
        }
    }

    /// The absolute name of what a call calls.
    pub fn callee(&self, call: Node<'_>) -> Option<String> {
        match self.value(call.callee()?) {
            Value::Item(path) => Some(path),
            Value::Instance(_) | Value::Unknown => None,
        }
    }

    /// The expression that made the value of an expression, where the same item shows it: the call behind a local name, through
    /// `await`, `with`, `?` and references.
    pub fn made_by(&self, node: Node<'_>) -> Option<Node<'a>> {
        let mut node = self.facts.node(node.index());
        for _ in 0..MAX_STEPS {
            node = match node.kind() {
                Kind::Call | Kind::Construct => return Some(node),
                Kind::Await | Kind::Propagate | Kind::Reference | Kind::Dereference | Kind::Assign => {
                    node.get(Role::Value)?
                }
                Kind::Name => {
                    let binding = self.binding(node)?;
                    let holder =
                        binding.ancestors().find(|n| !matches!(n.kind(), Kind::Tuple | Kind::Pattern))?;
                    match holder.kind() {
                        Kind::Assign | Kind::WithItem | Kind::Let => holder.get(Role::Value)?,
                        _ => return None,
                    }
                }
                _ => return None,
            };
        }
        None
    }

    /// A class with those that it is derived from, the nearest first, libraries' classes among them.
    pub fn lineage(&self, class: &str) -> Vec<String> {
        const MAX_CLASSES: usize = 60;
        let mut lineage: Vec<String> = Vec::new();
        let mut open = std::collections::VecDeque::from([class.to_owned()]);
        while let Some(class) = open.pop_front() {
            let class = self.workspace.alias(&class).unwrap_or(class);
            if lineage.len() >= MAX_CLASSES || lineage.contains(&class) {
                continue;
            }
            let own = self.workspace.class(&class).map(|class| &*class.bases);
            let bases = own.or_else(|| self.vocabulary.type_of(&class).map(|known| &*known.bases));
            open.extend(bases.into_iter().flatten().take(MAX_CLASSES).map(ToString::to_string));
            lineage.push(class);
        }
        lineage
    }

    /// How what is in a module-level variable or a field is made, in whatever file and item that is.
    pub fn made_elsewhere(&self, node: Node<'_>) -> Option<&'a Made> {
        let path = match node.kind() {
            Kind::Name if self.binding(node).is_none_or(|b| b.function().is_none()) => {
                match self.environment.lookup(node.name())? {
                    Origin::Item(path) => path.to_string(),
                    _ => return None,
                }
            }
            Kind::Attribute => {
                let separator = node.language().separator();
                let owner = match self.value(node.object()?) {
                    Value::Instance(class) => outer_type(&class).to_owned(),
                    Value::Item(path) => path,
                    Value::Unknown => return None,
                };
                format!("{owner}{separator}{}", node.name())
            }
            _ => return None,
        };
        self.workspace.made(&path).or_else(|| self.workspace.made(&self.workspace.alias(&path)?))
    }

    /// What the vocabulary says of a call, a decorator or a construction.
    pub fn meaning(&self, call: Node<'_>) -> Option<&'static Arc<Meaning>> {
        let call = if call.is(Kind::Decorator) { call.get(Role::Value)? } else { call };
        if let Some(known) = self.meanings.borrow().get(&call.index()) {
            return *known;
        }
        let callee = if matches!(call.kind(), Kind::Call | Kind::Construct) { call.callee()? } else { call };
        let meaning = self.called(&self.value(callee), Some(callee), MAX_STEPS);
        self.meanings.borrow_mut().insert(call.index(), meaning);
        meaning
    }

    /// What the vocabulary says of calling a value.
    fn called(&self, value: &Value, callee: Option<Node<'_>>, steps: u32) -> Option<&'static Arc<Meaning>> {
        match value {
            Value::Item(path) => self.vocabulary.call(path).or_else(|| {
                let defined = self.workspace.function(path).is_some() || self.workspace.class(path).is_some();
                if defined { None } else { self.guess(callee?, steps) }
            }),
            Value::Instance(class) => match self.inherited(class, "__call__", steps)? {
                Value::Item(path) => self.vocabulary.call(&path),
                _ => None,
            },
            Value::Unknown => self.guess(callee?, steps),
        }
    }

    /// What a method of an unresolved receiver does, by the receiver's name.
    fn guess(&self, callee: Node<'_>, steps: u32) -> Option<&'static Arc<Meaning>> {
        if !callee.is(Kind::Attribute) {
            return None;
        }
        let object = callee.object()?;
        let value = self.value_within(object, steps);
        if !matches!(value, Value::Item(_))
            && let Some(found) = self.vocabulary.any_method(callee.name())
        {
            return Some(found);
        }
        let described =
            matches!(value, Value::Instance(class) if self.is_described(outer_type(&class), MAX_STEPS / 2));
        let receiver = match object.kind() {
            // What it does not have by itself it may have from a trait.
            _ if described || self.is_container(object) => "",
            Kind::Name | Kind::Attribute => object.name(),
            // `connect().cursor().execute()`: the method that made the receiver names it.
            Kind::Call => object.callee()?.name(),
            Kind::Await | Kind::Propagate => object.get(Role::Value)?.callee()?.callee()?.name(),
            _ => return None,
        };
        let imports = |package: &str| self.environment.imports(package);
        // What takes no context is not given one.
        let fits = |meaning: &Meaning| {
            meaning.form("context").is_none() || !self.is_given_context(callee.parent(), steps)
        };
        self.vocabulary.guess(receiver, callee.name(), imports, fits)
    }

    /// Go: whether the first argument of a call is a context.
    fn is_given_context(&self, call: Option<Node<'_>>, steps: u32) -> bool {
        let first = call.filter(|c| c.is(Kind::Call)).and_then(|c| c.positional(0));
        let is_one = |class: &str| self.vocabulary.type_of(class).is_some_and(|t| t.is("context"));
        first.is_some_and(
            |first| matches!(self.value_within(first, steps), Value::Instance(class) if is_one(&class)),
        )
    }

    /// Whether a name is given a container that is written down, on one way at least: `objects = {}`.
    fn is_container(&self, name: Node<'_>) -> bool {
        let made = |bound: &Node<'a>| bound.parent().filter(|p| p.is(Kind::Assign))?.get(Role::Value);
        let is_one = |value: Node<'_>| matches!(value.kind(), Kind::Dictionary | Kind::List | Kind::Set);
        name.is(Kind::Name) && self.bindings(name).iter().filter_map(made).any(is_one)
    }

    /// Whether a type is a language's own, or described by the vocabulary or, with all its bases, by the workspace: what it does not
    /// have it does not do.
    fn is_described(&self, class: &str, steps: u32) -> bool {
        if class == UNKNOWN_BASE || steps == 0 {
            return false;
        }
        if !class.contains(self.separator()) || self.vocabulary.type_of(class).is_some() {
            return true;
        }
        let base_is_described = |base: &str| match self.item(base, steps - 1) {
            Value::Item(base) => self.is_described(&base, steps - 1),
            _ => false,
        };
        self.workspace
            .class(class)
            .is_some_and(|found| found.bases.iter().all(|base| base_is_described(base)))
    }

    fn separator(&self) -> &'static str {
        self.facts.language.separator()
    }

    fn value_within(&self, node: Node<'_>, steps: u32) -> Value {
        if steps == 0 {
            return Value::Unknown;
        }
        if let Some(known) = self.known.borrow().get(&node.index()) {
            return known.clone();
        }
        // What ran out of steps may be found from nearer.
        let is_near = steps > MAX_STEPS / 2;
        if is_near {
            self.follow_chain(node, steps);
        }
        let value = self.compute(node, steps - 1);
        if value != Value::Unknown || is_near {
            self.known.borrow_mut().insert(node.index(), value.clone());
        }
        value
    }

    /// Finds out what is before the last link of a chain of calls, from its beginning: however long it is, each link is one step away from
    /// what is known.
    fn follow_chain(&self, node: Node<'_>, steps: u32) {
        fn before(link: Node<'_>) -> Option<Node<'_>> {
            match link.kind() {
                Kind::Call => link.callee().filter(|callee| callee.is(Kind::Attribute)),
                Kind::Attribute => link.object(),
                _ => None,
            }
        }
        let mut links = Vec::new();
        let mut link = before(self.facts.node(node.index()));
        while let Some(next) = link.filter(|next| !self.known.borrow().contains_key(&next.index())) {
            links.push(next);
            link = before(next);
        }
        for link in links.into_iter().rev() {
            let value = self.compute(link, steps - 1);
            self.known.borrow_mut().insert(link.index(), value);
        }
    }

    fn compute(&self, node: Node<'_>, steps: u32) -> Value {
        match node.kind() {
            Kind::Name => self.name(node, steps),
            Kind::Attribute => self.attribute(node, steps),
            Kind::Call => self.call(node, 0, steps),
            Kind::Binary => self.binary(node, steps),
            Kind::Construct => match node.callee().map(|c| self.value_within(c, steps)) {
                Some(Value::Item(path)) => Value::Instance(path),
                _ => Value::Unknown,
            },
            Kind::Await | Kind::Propagate | Kind::Reference | Kind::Dereference | Kind::Spread => {
                node.get(Role::Value).map_or(Value::Unknown, |v| self.value_within(v, steps))
            }
            Kind::Assign => node.get(Role::Value).map_or(Value::Unknown, |v| self.value_within(v, steps)),
            Kind::Cast | Kind::TypeAssertion => {
                node.get(Role::Type).map_or(Value::Unknown, |t| self.annotation(t.text()))
            }
            Kind::Conditional | Kind::If => self.first_known(node, &[Role::Body, Role::Else], steps),
            Kind::Match => self.first_known(node, &[Role::Arm], steps),
            Kind::Arm => self.first_known(node, &[Role::Body], steps),
            // In Rust a block's last expression is its value.
            Kind::Block => node.children().last().map_or(Value::Unknown, |v| self.value_within(v, steps)),
            Kind::Index => self.indexed(node, steps),
            Kind::Slice => node.object().map_or(Value::Unknown, |o| self.value_within(o, steps)),
            Kind::String | Kind::Template if self.facts.language == Language::Python => {
                Value::Instance(if node.has(Flags::BYTES) { "bytes" } else { "str" }.to_owned())
            }
            Kind::List | Kind::Set | Kind::Dictionary | Kind::Comprehension
                if self.facts.language == Language::Python =>
            {
                display(node).map_or(Value::Unknown, |class| Value::Instance(class.to_owned()))
            }
            _ => Value::Unknown,
        }
    }

    /// The value of the first child with one of the roles whose value is known.
    fn first_known(&self, node: Node<'_>, roles: &[Role], steps: u32) -> Value {
        let children = roles.iter().flat_map(|role| node.all(*role));
        let mut values = children.map(|child| self.value_within(child, steps));
        values.find(|v| *v != Value::Unknown).unwrap_or(Value::Unknown)
    }

    fn indexed(&self, node: Node<'_>, steps: u32) -> Value {
        match self.held(node.object(), last_argument, steps) {
            Value::Unknown => match node.object().map(|o| self.value_within(o, steps)) {
                Some(Value::Instance(class)) => self.special(&class, "__getitem__", steps),
                _ => Value::Unknown,
            },
            held => held,
        }
    }

    /// What a container holds, by one of its type's arguments.
    fn held(
        &self,
        container: Option<Node<'_>>,
        argument: impl Fn(&str) -> Option<&str>,
        steps: u32,
    ) -> Value {
        match container.map(|c| self.value_within(c, steps)) {
            Some(Value::Instance(class)) => match argument(&class) {
                Some("_") | None => Value::Unknown,
                Some(held) => self.instance(held, steps),
            },
            _ => Value::Unknown,
        }
    }

    /// `client or Client()`, and what an operator of a type that the vocabulary knows gives: `Path(a) / b`.
    fn binary(&self, node: Node<'_>, steps: u32) -> Value {
        let mut operands = node.all(Role::Operand).map(|o| self.value_within(o, steps));
        if node.operator() == Operator::Or {
            return operands.find(|o| matches!(o, Value::Instance(_))).unwrap_or(Value::Unknown);
        }
        match (node.operator(), operands.next()) {
            (Operator::Div, Some(Value::Instance(class))) => self.special(&class, "__truediv__", steps),
            _ => Value::Unknown,
        }
    }

    /// What one of a type's special methods gives.
    fn special(&self, class: &str, method: &str, steps: u32) -> Value {
        let method = self.inherited(class, method, steps);
        method.map_or(Value::Unknown, |m| self.result(&m, 0, None, steps))
    }

    fn name(&self, node: Node<'_>, steps: u32) -> Value {
        let name = node.name();
        if self.facts.language == Language::Rust
            && (is_attribute(node) || is_start_of_path(node) && self.is_own_function(name))
            && let Some(origin) = self.environment.lookup(&format!("{name}!"))
        {
            return self.origin(origin, steps);
        }
        if let Some(binding) = self.binding(node) {
            return self.narrowed(node, binding).unwrap_or_else(|| self.bound(binding, steps));
        }
        if let Some(origin) = self.environment.lookup(name) {
            return self.origin(origin, steps);
        }
        if is_attribute(node)
            && let Some(path) = self.attribute_of_crate(name)
        {
            return Value::Item(path);
        }
        if let Some(imported) = name.strip_suffix('!')
            && let Some(Origin::Item(path)) = self.environment.lookup(imported)
        {
            return Value::Item(format!("{path}!"));
        }
        if name == "Self"
            && let Some(class) = node.class()
        {
            return Value::Item(self.environment.absolute(class.name()));
        }
        // Another file of the same package may define it, or a module all of whose names are imported.
        let sibling = (self.facts.language == Language::Go).then(|| self.environment.absolute(name));
        let mut candidates = sibling.into_iter().chain(self.environment.candidates(name));
        match candidates.find(|path| self.is_known(path)) {
            Some(path) => self.named(path, steps),
            None => self.named(name.to_owned(), steps),
        }
    }

    /// Whether a name of the file is that of a function of its own.
    fn is_own_function(&self, name: &str) -> bool {
        match self.environment.lookup(name) {
            Some(Origin::Item(path)) => self.workspace.function(path).is_some(),
            _ => false,
        }
    }

    /// The attribute of that name of a crate that the file imports from: `#[macro_use] extern crate rocket;` brings all.
    fn attribute_of_crate(&self, name: &str) -> Option<String> {
        if self.facts.language != Language::Rust {
            return None;
        }
        self.environment.imported().find_map(|(_, origin)| {
            let Origin::Item(path) = origin else { return None };
            let path = format!("{}::{name}", path.split("::").next()?);
            self.vocabulary.call(&path).is_some_and(|m| m.is("route")).then_some(path)
        })
    }

    /// Whether the vocabulary or the workspace knows a thing of an absolute name.
    fn is_known(&self, path: &str) -> bool {
        self.vocabulary.call(path).or_else(|| self.vocabulary.type_of(path)).is_some()
            || self.workspace.function(path).is_some()
            || self.workspace.class(path).is_some()
            || self.workspace.global(path).is_some()
    }

    /// What a name that a type switch binds is in an arm of one type.
    fn narrowed(&self, node: Node<'_>, binding: Node<'_>) -> Option<Value> {
        let assign = binding.parent().filter(|a| a.role() == Role::Initializer)?;
        let switch = assign.parent().filter(|s| s.is(Kind::Match) && assign.get(Role::Value).is_none())?;
        let arm = node.ancestors().find(|a| a.role() == Role::Arm && a.parent() == Some(switch))?;
        let mut patterns = arm.all(Role::Pattern);
        match (patterns.next(), patterns.next()) {
            (Some(pattern), None) if pattern.is(Kind::Type) => Some(self.annotation(pattern.text())),
            _ => None,
        }
    }

    /// What an absolute name stands for, from its first segment on: through re-exports, module-level variables and fields.
    fn item(&self, path: &str, steps: u32) -> Value {
        let outer = outer_type(path);
        if outer.len() < path.len() {
            return match self.item(outer, steps) {
                Value::Item(found) => Value::Item(found + &path[outer.len()..]),
                value => value,
            };
        }
        let mut segments = path.split(self.separator());
        let mut value = self.named(segments.next().unwrap_or_default().to_owned(), steps);
        for name in segments {
            value = match value {
                value if name == RESULT => {
                    let Some(steps) = steps.checked_sub(1) else { return Value::Unknown };
                    self.result(&value, 0, None, steps)
                }
                Value::Item(path) => self.part(&path, name, steps),
                Value::Instance(class) => self.member(&class, name, steps),
                Value::Unknown => return Value::Unknown,
            };
        }
        value
    }

    /// A part of the thing of an absolute name: of a module, or of a class.
    fn part(&self, path: &str, name: &str, steps: u32) -> Value {
        let path = outer_type(path);
        let class = if self.vocabulary.type_of(path).is_some() || self.workspace.class(path).is_some() {
            Some(path.to_owned())
        } else {
            self.decorated(path, steps)
        };
        match class.and_then(|class| self.inherited(&class, name, steps)) {
            Some(value) if value != Value::Unknown => value,
            _ => self.named(format!("{path}{}{name}", self.separator()), steps),
        }
    }

    /// The type that a decorator makes of a function: a Celery task, say.
    fn decorated(&self, function: &str, steps: u32) -> Option<String> {
        let steps = steps.checked_sub(1)?;
        let decorators = &self.workspace.function(function)?.decorators;
        decorators.iter().find_map(|decorator| match self.item(decorator, steps) {
            Value::Item(path) => Some(self.vocabulary.call(&path)?.returns.first()?.to_string()),
            _ => None,
        })
    }

    /// What an absolute name stands for, where what it is a part of is known to have no other name.
    fn named(&self, path: String, steps: u32) -> Value {
        if path.len() > MAX_NAME {
            return Value::Unknown;
        }
        let mut path = path;
        for _ in 0..8 {
            match self.workspace.alias(&path) {
                Some(next) => path = next,
                None => break,
            }
        }
        if let Some(origin) = self.workspace.global(&path)
            && *origin != Origin::Unknown
            && *origin != Origin::Item(path.as_str().into())
        {
            return self.origin(origin, steps);
        }
        match self.vocabulary.value(&path).and_then(|value| value.returns.first()) {
            Some(class) => Value::Instance(class.to_string()),
            None => Value::Item(path),
        }
    }

    fn origin(&self, origin: &Origin, steps: u32) -> Value {
        let Some(steps) = steps.checked_sub(1) else { return Value::Unknown };
        match origin {
            Origin::Instance(path) => self.instance(path, steps),
            Origin::Item(path) => self.item(path, steps),
            Origin::ResultOf(function, position) => {
                self.result(&self.item(function, steps), *position as usize, None, steps)
            }
            Origin::Unknown => Value::Unknown,
        }
    }

    /// A value of the type of an absolute name, which may be another name of the type.
    fn instance(&self, path: &str, steps: u32) -> Value {
        match self.item(path, steps) {
            Value::Item(found) => Value::Instance(found),
            _ => Value::Instance(path.to_owned()),
        }
    }

    /// All places that give the variable behind a use of a name a value, in order: targets of assignments and loops, parameters,
    /// patterns. None where the name is bound outside these facts.
    pub fn bindings(&self, name: Node<'_>) -> Vec<Node<'a>> {
        let Some(seen) = self.binding(name) else { return Vec::new() };
        let scope = outer_scope(seen).map(Node::index);
        let all = self.bindings.get(name.name()).and_then(|scopes| scopes.get(&scope)).into_iter().flatten();
        all.filter(|b| name.index() < b.until).map(|b| b.node).collect()
    }

    /// The binding that a use of a name sees: the last one before it in its own function, else in the functions around it. A use before
    /// every binding (in a loop) sees the first.
    fn binding(&self, node: Node<'_>) -> Option<Node<'a>> {
        let bindings = self.bindings.get(node.name())?;
        let mut scope = outer_scope(self.facts.node(node.index()));
        let own_class = scope.filter(|s| s.is(Kind::Class));
        loop {
            // Functions do not see the names of the class around them.
            if scope.is_none_or(|s| !s.is(Kind::Class) || own_class == Some(s))
                && let Some(local) = bindings.get(&scope.map(Node::index))
            {
                let seen = local.iter().rfind(|b| b.covers(node));
                if let Some(found) =
                    seen.or_else(|| local.iter().find(|b| node.index() < b.until && b.until == u32::MAX))
                {
                    return Some(found.node);
                }
            }
            scope = outer_scope(scope?);
        }
    }

    /// What a binding gives its name.
    fn bound(&self, binding: Node<'a>, steps: u32) -> Value {
        match binding.kind() {
            Kind::Parameter => return self.parameter(binding, steps),
            Kind::Handler => {
                return match binding.get(Role::Type).map(|t| self.value_within(t, steps)) {
                    Some(Value::Item(path)) => Value::Instance(path),
                    _ => Value::Unknown,
                };
            }
            _ => {}
        }
        // Position in a tuple of targets, from the inside out.
        let mut position = 0;
        let mut inner = binding;
        for outer in binding.ancestors() {
            match outer.kind() {
                Kind::Tuple | Kind::List => {
                    position = outer.all(Role::Element).position(|e| e == inner).unwrap_or(0);
                    inner = outer;
                }
                Kind::Pattern => match outer.callee().map(|c| self.value_within(c, steps)) {
                    // `Server { pool }`: a field.
                    Some(Value::Item(class)) if !inner.label().is_empty() => {
                        return self.inherited(&class, inner.label(), steps).unwrap_or(Value::Unknown);
                    }
                    // `Some(x)`, `State(x)`: what stands for the value that it wraps.
                    Some(Value::Item(path)) if self.is_transparent(&path) => inner = outer,
                    Some(_) => return Value::Unknown,
                    None => inner = outer,
                },
                Kind::Reference | Kind::Call | Kind::OtherExpression => inner = outer,
                Kind::Parameter => return self.parameter(outer, steps),
                Kind::For | Kind::Clause => return self.iterated(outer, inner, steps),
                Kind::Arm => {
                    let subject = outer.parent().and_then(|m| m.get(Role::Subject));
                    return subject.map_or(Value::Unknown, |s| self.value_at(s, position, steps));
                }
                Kind::Assign => return self.assigned(outer, inner, position, steps),
                Kind::WithItem => {
                    let value =
                        outer.get(Role::Value).map_or(Value::Unknown, |v| self.value_within(v, steps));
                    return self.entered(value, steps);
                }
                Kind::Let => {
                    let value = outer.get(Role::Value);
                    return value.map_or(Value::Unknown, |v| self.value_at(v, position, steps));
                }
                _ => return Value::Unknown,
            }
        }
        Value::Unknown
    }

    /// Whether a pattern or a call of a name leaves what it is given as it is.
    fn is_transparent(&self, path: &str) -> bool {
        let gives_argument = |m: &Arc<Meaning>| m.returns.first().is_some_and(|r| **r == *"@0");
        self.vocabulary.wraps(path) || self.vocabulary.call(path).is_some_and(gives_argument)
    }

    /// What a target of a loop or comprehension takes.
    fn iterated(&self, each: Node<'a>, target: Node<'a>, steps: u32) -> Value {
        let at = each.all(Role::Target).position(|t| t == target);
        let iterable = each.get(Role::Iterable);
        match (self.facts.language, at) {
            // `for i, v := range xs`, `for k, v := range m`, `for v := range ch`
            (Language::Go, Some(1)) => self.held(iterable, last_argument, steps),
            (Language::Go, _) => self.held(iterable, first_of_go, steps),
            (_, Some(0)) if !target.is(Kind::Tuple) => self.held(iterable, only_argument, steps),
            _ => Value::Unknown,
        }
    }

    fn assigned(&self, assign: Node<'a>, target: Node<'a>, position: usize, steps: u32) -> Value {
        if assign.operator() != Operator::None {
            return Value::Unknown;
        }
        if let Some(annotation) = assign.get(Role::Type) {
            match self.annotation(annotation.text()) {
                Value::Unknown if self.facts.language == Language::Python => {}
                said => return said,
            }
        }
        // Go writes targets side by side: `a, err := f()`; Python chains them: `a = b = f()`.
        let side_by_side = self.facts.language != Language::Python;
        let position = if side_by_side && !matches!(target.kind(), Kind::Tuple | Kind::Pattern) {
            assign.all(Role::Target).position(|t| t == target).unwrap_or(position)
        } else {
            position
        };
        let mut values = assign.all(Role::Value);
        let Some(first) = values.next() else { return Value::Unknown };
        if values.next().is_some() {
            return assign
                .all(Role::Value)
                .nth(position)
                .map_or(Value::Unknown, |v| self.value_at(v, 0, steps));
        }
        if first.is(Kind::Tuple) && (position > 0 || target.is(Kind::Tuple)) {
            return first
                .all(Role::Element)
                .nth(position)
                .map_or(Value::Unknown, |v| self.value_at(v, 0, steps));
        }
        self.value_at(first, position, steps)
    }

    /// The value at a position of what an expression gives.
    fn value_at(&self, node: Node<'a>, position: usize, steps: u32) -> Value {
        let mut node = node;
        while matches!(node.kind(), Kind::Await | Kind::Propagate) {
            match node.get(Role::Value) {
                Some(inner) => node = inner,
                None => break,
            }
        }
        match node.kind() {
            Kind::Call => self.call(node, position, steps),
            _ if position == 0 => self.value_within(node, steps),
            _ => Value::Unknown,
        }
    }

    fn parameter(&self, parameter: Node<'a>, steps: u32) -> Value {
        if let Some(annotation) = parameter.get(Role::Type) {
            return self.annotation(annotation.text());
        }
        let class = parameter.parent().and_then(|f| f.class());
        let first = parameter.parent().and_then(|f| f.children().find(|c| c.is(Kind::Parameter)));
        if let Some(class) =
            class.filter(|_| matches!(parameter.name(), "self" | "cls") && first == Some(parameter))
        {
            let path = self.environment.absolute(class.name());
            return if parameter.name() == "cls" { Value::Item(path) } else { Value::Instance(path) };
        }
        match parameter.get(Role::Default).map(|d| self.value_within(d, steps)) {
            Some(value @ Value::Instance(_)) => value,
            Some(_) => Value::Unknown,
            None => {
                let imports = |package: &str| self.environment.imports(package);
                let class = self.vocabulary.parameter(parameter.name(), imports);
                class.map_or(Value::Unknown, |class| Value::Instance(class.to_owned()))
            }
        }
    }

    /// What `with value as target` gives: the value itself, or what the vocabulary says that entering it returns.
    fn entered(&self, value: Value, steps: u32) -> Value {
        let Value::Instance(class) = &value else { return value };
        let entered = ["__enter__", "__aenter__"].into_iter().map(|m| self.special(class, m, steps));
        entered.into_iter().find(|v| matches!(v, Value::Instance(_))).unwrap_or(value)
    }

    /// The type that an annotation means.
    pub fn annotation(&self, text: &str) -> Value {
        let class = self.environment.annotation(text, self.vocabulary);
        class.map_or(Value::Unknown, |class| self.instance(&class, MAX_STEPS / 2))
    }

    fn attribute(&self, node: Node<'_>, steps: u32) -> Value {
        let Some(object) = node.object() else { return Value::Unknown };
        let name = node.name();
        match self.value_within(object, steps) {
            Value::Item(path) => self.part(&path, name, steps),
            Value::Instance(class) => self.member(&class, name, steps),
            Value::Unknown => Value::Unknown,
        }
    }

    /// A field's value or a method of a type.
    fn member(&self, class: &str, name: &str, steps: u32) -> Value {
        if let Some(found) = self.inherited(class, name, steps) {
            return self.overridden(class, &found, steps).unwrap_or(found);
        }
        match self.special(class, "__getattr__", steps) {
            Value::Unknown => Value::Item(format!("{}{}{name}", outer_type(class), self.separator())),
            found => found,
        }
    }

    /// The workspace's own method that does what an inherited one is known to do through it.
    fn overridden(&self, class: &str, found: &Value, steps: u32) -> Option<Value> {
        let Value::Item(path) = found else { return None };
        let through = self.vocabulary.call(path)?.property("through")?;
        match self.inherited(class, through, steps) {
            Some(Value::Item(own)) if self.workspace.function(&own).is_some() => Some(Value::Item(own)),
            _ => None,
        }
    }

    /// A field's value or a method that a type or one of its bases is known to have.
    fn inherited(&self, class: &str, name: &str, steps: u32) -> Option<Value> {
        let steps = steps.checked_sub(1)?;
        let class = outer_type(class);
        let path = format!("{class}{}{name}", self.separator());
        if self.vocabulary.call(&path).is_some() {
            return Some(Value::Item(path));
        }
        if let Some(described) = self.vocabulary.type_of(class) {
            if let Some((_, field)) = described.fields.iter().find(|(field, _)| **field == *name) {
                return Some(Value::Instance(field.to_string()));
            }
            return described.bases.iter().find_map(|base| self.inherited(base, name, steps));
        }
        let found = self.workspace.class(class)?;
        if let Some(origin) = found.fields.get(name) {
            return Some(self.origin(origin, steps));
        }
        if let Some(function) = self.workspace.function(&path) {
            let is_property = |d: &str| self.vocabulary.call(d).is_some_and(|m| m.is("property"));
            let method = Value::Item(path);
            return Some(if function.decorators.iter().any(|d| is_property(d)) {
                self.result(&method, 0, None, steps)
            } else {
                method
            });
        }
        found.bases.iter().find_map(|base| match self.item(base, steps) {
            Value::Item(base) => self.inherited(&base, name, steps),
            _ => None,
        })
    }

    fn call(&self, call: Node<'_>, position: usize, steps: u32) -> Value {
        let Some(callee) = call.callee() else { return Value::Unknown };
        if callee.is(Kind::Name) && callee.name() == "super" {
            return self.base_of_class_around(call, steps);
        }
        let made = call.positional(0).filter(|made| made.is(Kind::Type) && callee.name() == "new");
        if let Some(made) = made {
            return self.annotation(made.text());
        }
        self.result(&self.value_within(callee, steps), position, Some(call), steps)
    }

    /// What Python's `super()` gives: the first base of the class that it stands in.
    fn base_of_class_around(&self, node: Node<'_>, steps: u32) -> Value {
        let class = node.ancestors().find(|n| n.is(Kind::Class));
        let class = class.and_then(|c| self.workspace.class(&self.environment.absolute(c.name())));
        let base = class.and_then(|c| c.bases.first());
        base.map_or(Value::Unknown, |base| self.instance(base, steps))
    }

    /// The result at a position of calling a value, with the call where there is one to look at.
    fn result(&self, value: &Value, position: usize, call: Option<Node<'_>>, steps: u32) -> Value {
        if let Some(meaning) = self.called(value, call.and_then(Node::callee), steps) {
            if let Some(class) = call.filter(|_| position == 0).and_then(|call| meaning.returned_by(call)) {
                return Value::Instance(class.to_owned());
            }
            return match (meaning.returns.get(position), value) {
                (Some(told), _) => self.told(told, value, call, steps),
                (None, Value::Item(path)) if position == 0 => self.constructed(path),
                (None, _) => Value::Unknown,
            };
        }
        let Value::Item(path) = value else { return Value::Unknown };
        if let Some(function) = self.workspace.function(path) {
            return function
                .results
                .get(position)
                .map_or(Value::Unknown, |origin| self.origin(origin, steps));
        }
        if position > 0 { Value::Unknown } else { self.constructed(path) }
    }

    /// What the vocabulary says that calling a value gives.
    fn told(&self, told: &str, value: &Value, call: Option<Node<'_>>, steps: u32) -> Value {
        let argument = |at: &str| call.zip(at.parse().ok()).and_then(|(call, at)| call.positional(at));
        if let Some((container, at)) = told.split_once("<@") {
            let held = argument(at.trim_end_matches('>')).map(|a| self.value_within(a, steps));
            return match (self.told(container, value, call, steps), held) {
                (Value::Instance(outer), Some(Value::Instance(held))) => {
                    Value::Instance(format!("{outer}<{held}>"))
                }
                (outer, _) => outer,
            };
        }
        match (told, told.strip_prefix('@')) {
            ("_", _) => Value::Unknown,
            ("self", _) => self.receiver(value, call, steps),
            ("element", _) => {
                self.held(call.and_then(Node::callee).and_then(Node::object), last_argument, steps)
            }
            (_, Some(at)) => {
                let value =
                    |node: Option<Node<'_>>| node.map_or(Value::Unknown, |n| self.value_within(n, steps));
                match at.strip_suffix("()").map(&argument) {
                    Some(Some(lambda)) if lambda.is(Kind::Lambda) => value(lambda.get(Role::Body)),
                    Some(function) => self.result(&value(function), 0, None, steps),
                    None => value(argument(at)),
                }
            }
            (class, None) => Value::Instance(class.to_owned()),
        }
    }

    /// An instance of what a method is called on.
    fn receiver(&self, method: &Value, call: Option<Node<'_>>, steps: u32) -> Value {
        let object = match (call.and_then(Node::callee).and_then(Node::object), method) {
            (Some(object), _) => self.value_within(object, steps),
            (None, Value::Item(path)) => match path.rsplit_once(self.separator()) {
                Some((class, _)) => Value::Item(class.to_owned()),
                None => Value::Unknown,
            },
            (None, _) => Value::Unknown,
        };
        match object {
            Value::Item(class) | Value::Instance(class) => Value::Instance(class),
            Value::Unknown => Value::Unknown,
        }
    }

    /// The instance that calling a class makes, where the name plainly is a class.
    fn constructed(&self, path: &str) -> Value {
        let is_class = self.vocabulary.type_of(path).is_some() || self.workspace.class(path).is_some();
        match self.facts.language {
            Language::Python => {
                let last = path.rsplit('.').next().unwrap_or(path);
                let looks_like_one = last.starts_with(|c: char| c.is_ascii_uppercase())
                    && last.contains(|c: char| c.is_ascii_lowercase());
                if is_class || looks_like_one { Value::Instance(path.to_owned()) } else { Value::Unknown }
            }
            // A conversion.
            Language::Go if is_class => Value::Instance(path.to_owned()),
            Language::Go => Value::Unknown,
            // `Type::new()` and `Type::default()` make a `Type`.
            Language::Rust => match path.rsplit_once("::") {
                Some((class, "new" | "default")) => Value::Instance(class.to_owned()),
                _ => Value::Unknown,
            },
        }
    }
}

/// Go: what the first target of a `range` takes: an element of a channel, a map's key.
fn first_of_go(class: &str) -> Option<&str> {
    match outer_type(class) {
        "chan" => only_argument(class),
        "map" => first_argument(class),
        _ => None,
    }
}
