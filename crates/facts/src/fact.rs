//! Facts: what a piece of code says, in one shape for all languages.
//!
//! An extractor walks a syntax tree once and writes [`Fact`]s in preorder into one flat vector. A fact owns no tree node and no
//! text: it has a kind, its role in its parent, ranges, and the index where its descendants end. Rules see facts only
//! through [`Node`], a cheap cursor.

use std::sync::Arc;

use bitflags::bitflags;
use shipworthy_syntax::{Language, Range};

use crate::vocabulary::MAX_NAME;

/// What a fact is. One vocabulary of kinds serves every language; the comments say what each language maps to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// The root: all of an item. Children: `Statement`s.
    Module,

    // Definitions.
    /// A function, method or closure with a name. Name: its name. Children: `Decorator`, `Receiver`, `TypeParameter`, `Parameter`,
    /// `Result` (in Go one a value: a [`Kind::Type`], or a [`Kind::Parameter`] where it is named), `Body`.
    Function,
    /// A lambda, closure or function literal: `Parameter`, `Result`, `Body` (an expression or a block). Rust's `async { }` is one too.
    Lambda,
    /// A class, struct, interface, trait, enum, `impl` block or Go type declaration. Name: its name (of an `impl`: the type's).
    /// Children: `Decorator`, `TypeParameter`, `Base` (base classes, embedded types, the aliased type, the trait of an `impl`), `Type`
    /// (of a Go type that is neither struct nor interface, of an alias, of an `impl`), `Body` with functions and `Field`s.
    Class,
    /// An inline module (Rust's `mod x { }`) or its declaration: name, `Decorator`, `Body`. The inner attributes of a Rust module are
    /// decorators of its body's block, those of a file of the [`Kind::Module`].
    Namespace,
    /// A declared field of a struct, class or enum variant: name, `Type`, `Value` (default), `Decorator` (a Go tag is a plain string).
    /// An embedded Go type is a `Base` of its class and a field under its own name. An enum variant has its own fields as `Body`; a tuple's
    /// fields have no name. An associated type of a Rust trait or `impl` is a field too.
    Field,
    /// A parameter. Name: its name (empty for a pattern). Children: `Type`, `Default`, `Decorator`.
    Parameter,
    /// A decorator or attribute (`@x(...)`, `#[x(...)]`): one `Value` child, an expression. `#[x = y]` is read as `#[x(y)]`. What is no
    /// definition and has attributes is wrapped with them: in an [`Kind::OtherStatement`] as `Statement`, in an
    /// [`Kind::OtherExpression`] as `Part`.
    Decorator,
    /// An import statement; what it binds is in [`Facts::imports`].
    Import,
    /// A type annotation. Its text is the type as written; the names in it are `Part`s, except where it is one name and nothing else.
    /// A type parameter has a name, and its constraint as `Type`.
    Type,

    // Statements.
    /// A block: `Statement` children. The one that is the value of a Rust block, its tail, has [`Flags::IMPLICIT`].
    Block,
    /// `Target`s and one or more `Value`s: assignment, `:=`, `let`, `var`, `const`, `static`. [`Flags::DECLARES`] where it declares.
    /// `Type` where it is annotated. A `let ... else` has an `Else`. Augmented assignment carries its operator.
    Assign,
    /// `return`, or the tail expression of a Rust function with a result, a closure or an `async` block ([`Flags::IMPLICIT`]): `Value`s.
    Return,
    /// `raise`, with `Value` (the exception) and `Cause` (`from`). Go's and Rust's panics are calls.
    Raise,
    /// `break`. Name: the label.
    Break,
    /// `continue`. Name: the label.
    Continue,
    /// `pass`, `...` as a statement, an empty statement.
    Pass,
    /// `del`: `Value`s.
    Delete,
    /// `assert` statement (Python): `Condition`, `Value` (message).
    Assert,
    /// `global` or `nonlocal`: `Target` names.
    Global,
    /// `if`: `Initializer` (Go), `Condition`, `Body`, `Else` (a block or another `If`). Also `if let`: its condition is a `Let`.
    If,
    /// A `for` over something: `Target`, `Iterable`, `Body`, `Else`; Go's three-clause form: `Initializer`, `Condition`, `Update`, `Body`.
    For,
    /// `while`, Go's `for cond` and `for {}`, Rust's `while` and `loop`: `Condition` (absent: endless), `Body`, `Else`.
    While,
    /// `match`, `switch`, type switch, `select`: `Initializer`, `Subject`, `Arm`s. The subject of a type switch is a
    /// [`Kind::TypeAssertion`] without a type.
    Match,
    /// One arm or case: `Pattern`s, `Guard`, `Body`. `default` and `_` have no pattern... see [`Flags::DEFAULT`]. An arm of Rust's
    /// `select!` is an `Argument` of that call and has the future as `Value`.
    Arm,
    /// `try`: `Body`, `Handler`s, `Else`, `Finally`.
    Try,
    /// `except`: name = the bound variable (empty: none), `Type` children (expressions; none: bare), `Body`.
    Handler,
    /// `with`: `Item`s ([`Kind::WithItem`]), `Body`.
    With,
    /// One context manager: `Value`, `Target`.
    WithItem,
    /// `defer`: one `Value` (the call).
    Defer,
    /// `go`: one `Value` (the call).
    Spawn,
    /// `unsafe { }`, `extern { }` and Go/Rust labelled or plain nested blocks are [`Kind::Block`]s; this is a statement that no kind
    /// covers. The definition of a Rust macro, which has no children, has its name.
    OtherStatement,

    // Expressions.
    /// An identifier, `self`, a Rust path segment at the start of a path. Name: the identifier.
    Name,
    /// `object.name`, `object::name`: one `Object` child; name = the last segment.
    Attribute,
    /// `object[index]`: `Object`, `Index` (several for Go generics).
    Index,
    /// `object[a:b]`: `Object`, `Index` children.
    Slice,
    /// A call: `Callee`, `Argument`s, `Type`s (Go's type arguments). A keyword argument has its keyword as label. Rust macros are calls with [`Flags::MACRO`] whose
    /// callee's name includes the `!`; their arguments are read as expressions (`name = value` and `name: value` have a label, `key => value` is
    /// a [`Kind::Entry`]), those that hold statements have a block as `Body`.
    Call,
    /// A value with named fields: Go composite literal (without a callee where its type is left out), Rust struct expression: `Callee` (the type), `Argument`s with the field as label.
    /// Rust's `..base` is an argument with [`Flags::SPREAD`].
    Construct,
    /// A string literal without interpolation. [`Flags::BYTES`], [`Flags::RAW`]. Text: the literal with its quotes.
    String,
    /// A string with interpolation (f-string, inline `{x}` in a Rust format string) or adjacent literals: `Part`s, which are
    /// [`Kind::Text`] and expressions in order.
    Template,
    /// The literal text between interpolations.
    Text,
    /// A number.
    Number,
    /// A rune or character literal.
    Character,
    /// `True`, `false` ... Text says which.
    Boolean,
    /// `None`, `nil`, Rust's `None` and `()`.
    Nothing,
    /// `a + b` and other binary arithmetic: two `Operand`s and an operator. Also `and`, `or`, `&&`, `||` ([`Operator::And`], [`Operator::Or`]).
    Binary,
    /// `a == b`, `a in b`, ...: two `Operand`s; a chain `a < b < c` is two nested in a `Binary` with [`Operator::And`] only where the
    /// grammar says so; else the first comparison with further operands.
    Compare,
    /// `not x`, `!x`, `-x`, `~x`: one `Operand`.
    Unary,
    /// `await x`, `x.await`: one `Value`.
    Await,
    /// `x?`: one `Value`.
    Propagate,
    /// `yield`, `yield from`: `Value`.
    Yield,
    /// A list, array or vector literal: `Element`s.
    List,
    /// A tuple: `Element`s. Also several results or targets written side by side.
    Tuple,
    /// A set literal.
    Set,
    /// A dictionary or map literal: [`Kind::Entry`] `Element`s.
    Dictionary,
    /// `key: value` of a dictionary or a keyed composite literal whose key is an expression: `Key`, `Value`.
    Entry,
    /// A comprehension or generator expression: `Element`, then [`Kind::Clause`]s. It is a loop.
    Comprehension,
    /// `for target in iterable if condition`: `Target`, `Iterable`, `Condition`s.
    Clause,
    /// `a if c else b`: `Condition`, `Body`, `Else`.
    Conditional,
    /// `*x`, `**x`, Go's `xs...`: one `Value` (as an argument it carries [`Flags::SPREAD`]).
    Spread,
    /// `&x`, `&mut x` and Go's `&x`: one `Value`.
    Reference,
    /// `*x`: one `Value`.
    Dereference,
    /// `x as T` (Rust), conversions that the grammar knows: `Value`, `Type`.
    Cast,
    /// Go's `x.(T)`: `Value`, `Type`. [`Flags::CHECKED`] in the two-value form.
    TypeAssertion,
    /// `let pattern = value` as a condition: `Pattern`, `Value`. A chain of them is one [`Operator::And`] with all its operands.
    Let,
    /// Go's receive `<-ch`: `Value`.
    Receive,
    /// Go's send `ch <- v` (a statement): `Target` (the channel), `Value`.
    Send,
    /// A pattern that binds or tests; its names are `Name` descendants with [`Flags::BINDS`]. A constructor's (`Err(e)`, `S { a: b }`) has the
    /// `Callee` and `Argument`s, labelled by field; alternatives and `name @ pattern` have `Part`s. Literals, tuples, lists and
    /// references in patterns are of their own kinds; Rust's `_` is a name, `..` a [`Kind::Spread`] without a value.
    Pattern,
    /// A range `a..b`: `Operand`s.
    RangeLiteral,
    /// An expression that no kind covers; its parts are `Part` children.
    OtherExpression,
}

/// What a fact is to its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is explained beside the kinds that use it")]
pub enum Role {
    Root,
    Statement,
    Decorator,
    Receiver,
    TypeParameter,
    Parameter,
    Result,
    Base,
    Body,
    Else,
    Finally,
    Handler,
    Arm,
    Item,
    Initializer,
    Condition,
    Update,
    Target,
    Value,
    Cause,
    Type,
    Default,
    Iterable,
    Subject,
    Pattern,
    Guard,
    Callee,
    Argument,
    Object,
    Index,
    Operand,
    Element,
    Key,
    Part,
}

/// The operator of a [`Kind::Binary`], [`Kind::Compare`], [`Kind::Unary`] or augmented [`Kind::Assign`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum Operator {
    #[default]
    None,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Is,
    IsNot,
    In,
    NotIn,
    And,
    Or,
    Not,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Power,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    Negate,
    Other,
}

impl Operator {
    /// The operator of two operands, or of an assignment without its `=`, by how the languages write it.
    pub(crate) fn between(text: &str) -> Self {
        match text {
            "" => Self::None,
            "==" => Self::Eq,
            "!=" | "<>" => Self::Ne,
            "<" => Self::Lt,
            "<=" => Self::Le,
            ">" => Self::Gt,
            ">=" => Self::Ge,
            "&&" | "and" => Self::And,
            "||" | "or" => Self::Or,
            "+" => Self::Add,
            "-" => Self::Sub,
            "*" => Self::Mul,
            "/" | "//" => Self::Div,
            "%" => Self::Mod,
            "**" => Self::Power,
            "&" => Self::BitAnd,
            "|" => Self::BitOr,
            "^" => Self::BitXor,
            "<<" => Self::ShiftLeft,
            ">>" => Self::ShiftRight,
            _ => Self::Other,
        }
    }

    /// The kind of fact that it makes of its operands.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Eq | Self::Ne | Self::Lt | Self::Le | Self::Gt | Self::Ge => Kind::Compare,
            _ => Kind::Binary,
        }
    }
}

bitflags! {
    /// Properties of a fact that are not worth a child.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Flags: u32 {
        /// `async` on a function, `with`, `for`, block or closure.
        const ASYNC = 1;
        /// The assignment or loop declares its targets (`:=`, `let`, `var`, `const`, `static`).
        const DECLARES = 1 << 1;
        /// `const`, `static`, Go `const`.
        const CONSTANT = 1 << 2;
        /// `mut`, `static mut`.
        const MUTABLE = 1 << 3;
        /// A macro call.
        const MACRO = 1 << 4;
        /// A bytes literal.
        const BYTES = 1 << 5;
        /// A raw literal (escapes are text).
        const RAW = 1 << 6;
        /// `*x`, `xs...`, `..base` in argument position.
        const SPREAD = 1 << 7;
        /// `**x` in argument or parameter position.
        const SPREAD_KEYWORDS = 1 << 8;
        /// A `default`, `else` or `_` arm.
        const DEFAULT = 1 << 9;
        /// Go's two-value form `v, ok := ...` around an assertion, index or receive; the subject of a type switch.
        const CHECKED = 1 << 10;
        /// A name that a pattern, target or parameter binds.
        const BINDS = 1 << 11;
        /// A tail expression: of a function, where it returns; of another block, where it is its value.
        const IMPLICIT = 1 << 12;
        /// Public: `pub` in Rust, an upper-case first letter in Go, no leading underscore in Python.
        const PUBLIC = 1 << 13;
        /// An `unsafe` function or block.
        const UNSAFE = 1 << 14;
        /// The fact's own syntax is broken, or it stands for text that the parser could not read.
        const ERROR = 1 << 15;
        /// An interface, trait or protocol (on a class); a function without a body.
        const ABSTRACT = 1 << 16;
        /// A Rust `impl` block (on a class).
        const IMPLEMENTATION = 1 << 17;
        /// A closure with `move`.
        const MOVE = 1 << 18;
        /// An enum (on a class).
        const ENUM = 1 << 19;
        /// A generator function (its body yields).
        const GENERATOR = 1 << 20;
    }
}

/// One fact. Ranges are bytes, relative to the start of the item's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub kind: Kind,
    /// What it is to its parent.
    pub role: Role,
    /// Its operator, if it has one.
    pub operator: Operator,
    /// Its properties.
    pub flags: Flags,
    /// Index of its parent; the root is its own.
    pub parent: u32,
    /// Index one past its last descendant.
    pub end: u32,
    /// The text it stands on.
    pub range: Range,
    /// Its identifier: see [`Kind`]. Empty where it has none.
    pub name: Range,
    /// The keyword or field that names it in its parent; the label of a statement. Empty where it has none.
    pub label: Range,
}

/// A name that an import binds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Import {
    /// Index of the [`Kind::Import`] fact.
    pub fact: u32,
    /// The full path of what is imported, as written: `urllib.parse`, `net/http`, `std::sync::Arc`, `.models` (relative, Python).
    pub path: Box<str>,
    /// The name it has in this file (`*`: everything of `path`; `_`: nothing).
    pub local: Box<str>,
    /// Where it stands.
    pub range: Range,
    /// Under `if TYPE_CHECKING`, in a `try`, behind `#[cfg(test)]`: not certain to happen at run time.
    pub conditional: bool,
}

/// A comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands, with its sign.
    pub range: Range,
    /// A documentation comment (`///`, `//!`, `/** */`).
    pub documentation: bool,
}

/// All facts of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The language.
    pub language: Language,
    /// The item's text; all ranges are relative to it.
    pub text: Arc<str>,
    /// The facts in preorder. Never empty: the first is the [`Kind::Module`].
    pub facts: Vec<Fact>,
    /// What imports bind, in order.
    pub imports: Vec<Import>,
    /// The name in the package clause (Go). Empty where there is none.
    pub package: Range,
    /// Comments, in order.
    pub comments: Vec<Comment>,
    /// Places that the parser could not read, in order.
    pub errors: Vec<Range>,
    /// Whether each fact starts where the one before it does, or behind that: few texts are extracted otherwise.
    in_order: bool,
}

impl Facts {
    /// The root.
    pub fn root(&self) -> Node<'_> {
        self.node(0)
    }

    /// The fact at an index.
    pub fn node(&self, index: u32) -> Node<'_> {
        debug_assert!((index as usize) < self.facts.len());
        Node { facts: self, index }
    }

    /// All facts in preorder.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.facts.len() as u32).map(|index| Node { facts: self, index })
    }

    /// The text of a range; empty where the range does not fit.
    pub fn slice(&self, range: Range) -> &str {
        self.text.get(range.start as usize..range.end as usize).unwrap_or("")
    }

    /// The units: each function or method that no other function contains, in order.
    pub fn units(&self) -> impl Iterator<Item = Node<'_>> {
        let mut index = 0;
        std::iter::from_fn(move || {
            while (index as usize) < self.facts.len() {
                let node = self.node(index);
                if node.kind() == Kind::Function {
                    index = node.fact().end;
                    return Some(node);
                }
                index += 1;
            }
            None
        })
    }

    /// The innermost fact that covers a range.
    pub fn covering(&self, range: Range) -> Node<'_> {
        let covers = |n: &Node<'_>| n.range().start <= range.start && range.end <= n.range().end;
        if self.in_order {
            // It is around the last of those that start before the range.
            let before = self.facts.partition_point(|fact| fact.range.start <= range.start);
            let last = self.node(before.saturating_sub(1) as u32);
            return std::iter::once(last).chain(last.ancestors()).find(covers).unwrap_or(self.root());
        }
        let mut found = self.root();
        while let Some(child) = found.children().find(covers) {
            found = child;
        }
        found
    }
}

/// A cursor on one fact.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    facts: &'a Facts,
    index: u32,
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.kind(), self.text())
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && std::ptr::eq(self.facts, other.facts)
    }
}
impl Eq for Node<'_> {}

impl<'a> Node<'a> {
    /// Its index in [`Facts::facts`].
    pub fn index(self) -> u32 {
        self.index
    }
    /// The facts it belongs to.
    pub fn facts(self) -> &'a Facts {
        self.facts
    }
    /// The fact itself.
    pub fn fact(self) -> &'a Fact {
        &self.facts.facts[self.index as usize]
    }
    /// What it is.
    pub fn kind(self) -> Kind {
        self.fact().kind
    }
    /// Whether it is of a kind.
    pub fn is(self, kind: Kind) -> bool {
        self.fact().kind == kind
    }
    /// What it is to its parent.
    pub fn role(self) -> Role {
        self.fact().role
    }
    /// Its operator.
    pub fn operator(self) -> Operator {
        self.fact().operator
    }
    /// Whether it has a property.
    pub fn has(self, flags: Flags) -> bool {
        self.fact().flags.contains(flags)
    }
    /// Where it stands: bytes, relative to the item.
    pub fn range(self) -> Range {
        self.fact().range
    }
    /// Where its identifier stands; its whole range where it has none.
    pub fn name_range(self) -> Range {
        let name = self.fact().name;
        if name.start == name.end { self.range() } else { name }
    }
    /// Its source text.
    pub fn text(self) -> &'a str {
        self.facts.slice(self.range())
    }
    /// Its identifier; empty where it has none.
    pub fn name(self) -> &'a str {
        self.facts.slice(self.fact().name)
    }
    /// The keyword or field that names it in its parent; empty where it has none.
    pub fn label(self) -> &'a str {
        self.facts.slice(self.fact().label)
    }
    /// Its language.
    pub fn language(self) -> Language {
        self.facts.language
    }
    /// Its parent; none for the root.
    pub fn parent(self) -> Option<Node<'a>> {
        (self.index != 0).then(|| self.facts.node(self.fact().parent))
    }
    /// Its ancestors, innermost first.
    pub fn ancestors(self) -> impl Iterator<Item = Node<'a>> {
        std::iter::successors(self.parent(), |n| n.parent())
    }
    /// Its children, in order.
    pub fn children(self) -> impl Iterator<Item = Node<'a>> {
        let end = self.fact().end;
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = self.facts.node(next);
                next = child.fact().end;
                child
            })
        })
    }
    /// Its children of a role, in order.
    pub fn all(self, role: Role) -> impl Iterator<Item = Node<'a>> {
        self.children().filter(move |c| c.role() == role)
    }
    /// Its first child of a role.
    pub fn get(self, role: Role) -> Option<Node<'a>> {
        self.all(role).next()
    }
    /// All below it in preorder, without itself.
    pub fn descendants(self) -> impl Iterator<Item = Node<'a>> {
        (self.index + 1..self.fact().end).map(move |index| self.facts.node(index))
    }
    /// All below it in preorder, without itself and without what nested functions and lambdas contain.
    pub fn descendants_here(self) -> impl Iterator<Item = Node<'a>> {
        let end = self.fact().end;
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let node = self.facts.node(next);
                next = if matches!(node.kind(), Kind::Function | Kind::Lambda) {
                    node.fact().end
                } else {
                    next + 1
                };
                node
            })
        })
    }
    /// Whether it is `other` or stands inside it.
    pub fn is_in(self, other: Node<'_>) -> bool {
        other.index <= self.index && self.index < other.fact().end
    }
    /// The child of its parent before it.
    pub fn previous(self) -> Option<Node<'a>> {
        let before = self.facts.node(self.index.checked_sub(1)?);
        let parent = self.parent()?;
        std::iter::once(before).chain(before.ancestors()).take_while(|n| *n != parent).last()
    }
    /// The statement it belongs to: the innermost self-or-ancestor whose role is [`Role::Statement`]; else itself.
    pub fn statement(self) -> Node<'a> {
        std::iter::once(self).chain(self.ancestors()).find(|n| n.role() == Role::Statement).unwrap_or(self)
    }
    /// The innermost function or lambda it stands in.
    pub fn function(self) -> Option<Node<'a>> {
        self.ancestors().find(|n| matches!(n.kind(), Kind::Function | Kind::Lambda))
    }
    /// The innermost class it stands in, with no function between.
    pub fn class(self) -> Option<Node<'a>> {
        self.ancestors()
            .take_while(|n| !matches!(n.kind(), Kind::Function | Kind::Lambda))
            .find(|n| n.is(Kind::Class))
    }
    /// Whether it has broken syntax in it.
    pub fn has_error(self) -> bool {
        let range = self.range();
        let first = self.facts.errors.partition_point(|e| e.end < range.start);
        self.facts.errors.get(first).is_some_and(|e| e.start <= range.end)
    }

    // Calls.

    /// The callee of a call or the type of a construction.
    pub fn callee(self) -> Option<Node<'a>> {
        self.get(Role::Callee)
    }
    /// The arguments of a call or construction.
    pub fn arguments(self) -> impl Iterator<Item = Node<'a>> {
        self.all(Role::Argument)
    }
    /// The argument with a keyword or field name.
    pub fn keyword(self, name: &str) -> Option<Node<'a>> {
        self.arguments().find(|a| a.label() == name)
    }
    /// The positional argument at an index from 0; none where a spread stands before it.
    pub fn positional(self, index: usize) -> Option<Node<'a>> {
        self.arguments()
            .filter(|a| a.fact().label.start == a.fact().label.end)
            .take_while(|a| !a.has(Flags::SPREAD | Flags::SPREAD_KEYWORDS) && !a.is(Kind::Spread))
            .nth(index)
    }
    /// Whether an argument list has a spread that may hold any argument.
    pub fn has_spread(self) -> bool {
        self.arguments()
            .any(|a| a.fact().flags.intersects(Flags::SPREAD | Flags::SPREAD_KEYWORDS) || a.is(Kind::Spread))
    }
    /// The object of an attribute, index or method call's callee.
    pub fn object(self) -> Option<Node<'a>> {
        self.get(Role::Object)
    }
    /// A dotted path as written (`a.b.c`, with `.` for Rust's `::` too), where it consists of names only.
    pub fn dotted(self) -> Option<String> {
        match self.kind() {
            Kind::Name => Some(self.name().to_owned()),
            Kind::Attribute => {
                let mut path = self.object()?.dotted()?;
                path.push('.');
                path.push_str(self.name());
                Some(path)
            }
            _ => None,
        }
    }

    // Literals.

    /// The value of a string literal or of the text part of a template, with simple escapes decoded; none for other kinds.
    pub fn string(self) -> Option<std::borrow::Cow<'a, str>> {
        match self.kind() {
            Kind::String => Some(crate::literal::unquote(self.text(), self.has(Flags::RAW))),
            Kind::Text => Some(std::borrow::Cow::Borrowed(self.text())),
            _ => None,
        }
    }
    /// The value of a number literal.
    pub fn number(self) -> Option<f64> {
        self.is(Kind::Number).then(|| crate::literal::number(self.text())).flatten()
    }
    /// Whether it is a boolean literal of that value.
    pub fn is_boolean(self, value: bool) -> bool {
        self.is(Kind::Boolean) && self.text().eq_ignore_ascii_case(if value { "true" } else { "false" })
    }
    /// Whether it is a literal, or a list, tuple, set or dictionary of literals.
    pub fn is_literal(self) -> bool {
        match self.kind() {
            Kind::String | Kind::Text | Kind::Number | Kind::Character | Kind::Boolean | Kind::Nothing => {
                true
            }
            Kind::List
            | Kind::Tuple
            | Kind::Set
            | Kind::Dictionary
            | Kind::Entry
            | Kind::Template
            | Kind::Unary => self.children().all(Node::is_literal),
            Kind::Reference => self.children().all(Node::is_literal),
            _ => false,
        }
    }
}

/// How many facts a function may have. What a rule asks at each place of a function may need a look at all of it, so that a larger one
/// would cost minutes; it becomes one opaque fact and is listed as unread. Nobody writes ten thousand lines as one function.
const MAX_FACTS: usize = 60_000;

/// Writes facts in preorder; every extractor uses it.
pub(crate) struct Builder {
    facts: Facts,
    open: Vec<u32>,
}

impl Default for Builder {
    /// An empty one, to stand in for one that is lent out.
    fn default() -> Self {
        Self::new(Language::Python, Arc::default())
    }
}

impl Builder {
    pub(crate) fn new(language: Language, text: Arc<str>) -> Self {
        let range = Range { start: 0, end: text.len() as u32 };
        let root = Fact {
            kind: Kind::Module,
            role: Role::Root,
            operator: Operator::None,
            flags: Flags::empty(),
            parent: 0,
            end: 1,
            range,
            name: Range::default(),
            label: Range::default(),
        };
        // Code has about one fact for every ten bytes.
        let mut all = Vec::with_capacity(text.len() / 10 + 8);
        all.push(root);
        let facts = Facts {
            language,
            text,
            facts: all,
            imports: Vec::new(),
            package: Range::default(),
            comments: Vec::new(),
            errors: Vec::new(),
            in_order: false,
        };
        Self { facts, open: vec![0] }
    }

    /// Opens a fact as a child of the one that is open; what is added until [`Builder::close`] becomes its descendants.
    pub(crate) fn open(&mut self, kind: Kind, role: Role, range: Range) -> &mut Fact {
        let parent = *self.open.last().unwrap_or(&0);
        let index = self.facts.facts.len();
        self.open.push(index as u32);
        self.facts.facts.push(Fact {
            kind,
            role,
            operator: Operator::None,
            flags: Flags::empty(),
            parent,
            end: index as u32 + 1,
            range,
            name: Range::default(),
            label: Range::default(),
        });
        &mut self.facts.facts[index]
    }

    /// Closes the fact that was opened last.
    pub(crate) fn close(&mut self) {
        let Some(index) = self.open.pop() else { return };
        let fact = &self.facts.facts[index as usize];
        if matches!(fact.kind, Kind::Function | Kind::Lambda)
            && self.facts.facts.len() - index as usize > MAX_FACTS
        {
            self.close_over(index);
        }
        self.facts.facts[index as usize].end = self.facts.facts.len() as u32;
    }

    /// Makes one opaque fact of a function that is too large.
    fn close_over(&mut self, index: u32) {
        self.facts.facts.truncate(index as usize + 1);
        self.facts.imports.retain(|import| import.fact < index);
        let fact = &mut self.facts.facts[index as usize];
        fact.kind = crate::extractor::other(fact.role);
        self.facts.errors.push(fact.range);
    }

    /// A fact without children.
    pub(crate) fn leaf(&mut self, kind: Kind, role: Role, range: Range) -> &mut Fact {
        self.open(kind, role, range);
        self.open.pop();
        let last = self.facts.facts.len() - 1;
        &mut self.facts.facts[last]
    }

    /// Marks the names from an index on as binding: the names, not the objects of attributes and indices, nor indices.
    pub(crate) fn mark_names(&mut self, first: u32) {
        for index in first as usize..self.facts.facts.len() {
            let fact = self.facts.facts[index];
            let binds = match fact.role {
                Role::Object | Role::Index | Role::Callee | Role::Argument => false,
                _ => fact.kind == Kind::Name,
            };
            if binds {
                self.facts.facts[index].flags |= Flags::BINDS;
            }
        }
    }

    /// Whether a closed fact has a child in the role of a type.
    pub(crate) fn is_annotated(&self, index: u32) -> bool {
        self.facts.node(index).get(Role::Type).is_some()
    }

    /// Whether the fact at an index was closed last.
    pub(crate) fn is_last(&self, index: u32) -> bool {
        self.facts.facts.get(index as usize).is_some_and(|fact| fact.end == self.next())
    }

    /// Opens the fact that was closed last again, for more children.
    pub(crate) fn reopen(&mut self, index: u32) -> &mut Fact {
        debug_assert!(self.is_last(index));
        self.open.push(index);
        self.fact_mut(index)
    }

    /// Opens a fact around what was written from an index on; the first of that gets a role in it. What turns out to be an operand only
    /// when its operator is read is written so.
    pub(crate) fn wrap(&mut self, index: u32, kind: Kind, inner: Role) -> &mut Fact {
        let outer = self.facts.facts[index as usize];
        for fact in &mut self.facts.facts[index as usize..] {
            fact.end += 1;
            fact.parent = if fact.parent >= index { fact.parent + 1 } else { index };
        }
        for import in self.facts.imports.iter_mut().rev().take_while(|i| i.fact >= index) {
            import.fact += 1;
        }
        self.open(kind, outer.role, outer.range);
        self.facts.facts[index as usize..].rotate_right(1);
        self.facts.facts[index as usize + 1].role = inner;
        if let Some(open) = self.open.last_mut() {
            *open = index;
        }
        &mut self.facts.facts[index as usize]
    }

    /// Index of the fact that is open.
    pub(crate) fn current(&self) -> u32 {
        *self.open.last().unwrap_or(&0)
    }

    /// How many facts stand so far: the index of the next one.
    pub(crate) fn next(&self) -> u32 {
        self.facts.facts.len() as u32
    }

    /// A fact that was written before.
    pub(crate) fn fact_mut(&mut self, index: u32) -> &mut Fact {
        &mut self.facts.facts[index as usize]
    }

    pub(crate) fn text(&self, range: Range) -> &str {
        self.facts.slice(range)
    }
    pub(crate) fn package(&mut self, name: Range) {
        self.facts.package = name;
    }
    /// The whole text.
    pub(crate) fn source(&self) -> Arc<str> {
        self.facts.text.clone()
    }
    pub(crate) fn import(&mut self, import: Import) {
        if import.path.len() <= MAX_NAME {
            self.facts.imports.push(import);
        }
    }
    /// How many comments stand so far.
    pub(crate) fn comments(&self) -> usize {
        self.facts.comments.len()
    }
    /// Drops the comments after so many.
    pub(crate) fn truncate_comments(&mut self, comments: usize) {
        self.facts.comments.truncate(comments);
    }
    pub(crate) fn comment(&mut self, comment: Comment) {
        self.facts.comments.push(comment);
    }
    pub(crate) fn error(&mut self, range: Range) {
        self.facts.errors.push(range);
    }

    pub(crate) fn finish(mut self) -> Facts {
        while self.open.len() > 1 {
            self.close();
        }
        let end = self.facts.facts.len() as u32;
        self.facts.facts[0].end = end;
        // A walk may come to a comment or an error late, and to an error inside another.
        self.facts.comments.sort_by_key(|comment| comment.range.start);
        self.facts.errors.sort_by_key(|error| (error.start, std::cmp::Reverse(error.end)));
        self.facts.errors.dedup_by(|inner, outer| inner.end <= outer.end);
        self.facts.facts.shrink_to_fit();
        self.facts.in_order = self.facts.facts.is_sorted_by_key(|fact| fact.range.start);
        self.facts
    }
}
