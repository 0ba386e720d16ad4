//! Expressions.

use shipworthy_syntax::Range;
use tree_sitter::Node;

use super::Extractor;
use super::tags::{Field, Tag};
use crate::extractor::range_of;
use crate::fact::{Kind, Operator, Role};

impl<'t> Extractor<'t> {
    pub(super) fn selector(&mut self, role: Role) {
        let mut name = Range::default();
        let index = self.fact(Kind::Attribute, role, |this| {
            this.each(|this| match this.field() {
                Some(Field::Operand) => this.visit(Role::Object),
                Some(Field::Member) => name = this.range(),
                _ => this.visit_named(Role::Part),
            });
        });
        self.builder.fact_mut(index).name = name;
    }

    pub(super) fn call(&mut self, role: Role) {
        self.fact(Kind::Call, role, |this| {
            this.each(|this| match this.field() {
                Some(Field::Function) => this.callee(),
                Some(Field::TypeArguments) => this.each(|this| this.type_expression(Role::Type)),
                Some(Field::Arguments) => this.visit_named(Role::Argument),
                _ => this.visit_named(Role::Part),
            });
        });
    }

    /// `f[T](x)` calls `f`. So does `f[k](x)`, where `f` may be a table: the grammar cannot tell.
    fn callee(&mut self) {
        let instantiates = match self.tag() {
            Tag::TypeInstantiationExpression => true,
            Tag::IndexExpression => {
                let index = self.cursor.node().child_by_field_name("index");
                index.is_some_and(|i| {
                    matches!(Tag::of(i.kind_id()), Tag::Identifier | Tag::SelectorExpression)
                })
            }
            _ => false,
        };
        if instantiates { self.instantiation(Role::Callee, Role::Type) } else { self.visit(Role::Callee) }
    }

    /// `[]byte(x)`. The grammar takes `f[T](x)` for a conversion too.
    pub(super) fn conversion(&mut self, role: Role) {
        let generic = self.cursor.node().child(0).is_some_and(|t| Tag::of(t.kind_id()) == Tag::GenericType);
        let (kind, operand) = if generic { (Kind::Call, Role::Argument) } else { (Kind::Cast, Role::Value) };
        self.fact(kind, role, |this| {
            this.each(|this| match this.field() {
                Some(Field::Type) if generic => this.instantiation(Role::Callee, Role::Type),
                Some(Field::Type) => this.visit_named(Role::Type),
                _ => this.visit_named(operand),
            });
        });
    }

    pub(super) fn unary(&mut self, role: Role) {
        let (kind, operator) = match self.first_byte() {
            b'&' => (Kind::Reference, Operator::None),
            b'*' => (Kind::Dereference, Operator::None),
            b'<' => (Kind::Receive, Operator::None),
            b'!' => (Kind::Unary, Operator::Not),
            b'-' => (Kind::Unary, Operator::Negate),
            _ => (Kind::Unary, Operator::Other),
        };
        let operand = if kind == Kind::Unary { Role::Operand } else { Role::Value };
        let index = self.fact(kind, role, |this| this.visit_children(operand));
        self.builder.fact_mut(index).operator = operator;
    }

    pub(super) fn binary(&mut self, role: Role) {
        let mut found = Operator::Other;
        let index = self.fact(Kind::Binary, role, |this| {
            this.each(|this| match this.field() {
                Some(Field::Operator) => found = Operator::between(this.builder.text(this.range())),
                _ => this.visit_named(Role::Operand),
            });
        });
        let fact = self.builder.fact_mut(index);
        fact.operator = found;
        fact.kind = found.kind();
    }

    pub(super) fn composite(&mut self, role: Role) {
        let literal_type = self.cursor.node().child(0);
        let kind = literal_type.map_or(Kind::Construct, literal_kind);
        self.fact(kind, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (Some(Field::Type), Tag::GenericType) => this.instantiation(Role::Callee, Role::Type),
                (Some(Field::Type), _) if kind == Kind::Construct => this.type_expression(Role::Callee),
                (Some(Field::Type), _) => this.visit_named(Role::Type),
                (Some(Field::Body), _) => this.elements(kind, literal_type),
                _ => this.visit_named(Role::Part),
            });
        });
    }

    /// `{...}` without a type, as an element of a literal: the type of the literal around it says what it is.
    pub(super) fn elided(&mut self, role: Role, literal_type: Option<Node<'t>>) {
        let kind = literal_type.map_or(Kind::Construct, literal_kind);
        self.fact(kind, role, |this| this.elements(kind, literal_type));
    }

    /// What stands between the braces of a literal of a type.
    fn elements(&mut self, kind: Kind, literal_type: Option<Node<'t>>) {
        let role = if kind == Kind::Construct { Role::Argument } else { Role::Element };
        let key = part_type(literal_type, "key");
        let value = part_type(literal_type, if kind == Kind::Dictionary { "value" } else { "element" });
        self.each(|this| match this.tag() {
            Tag::KeyedElement => this.keyed(role, key, value),
            Tag::LiteralElement => this.element(role, value),
            _ => this.visit_named(Role::Part),
        });
    }

    /// The literal element under the cursor.
    fn element(&mut self, role: Role, element_type: Option<Node<'t>>) {
        self.each(|this| match this.tag() {
            Tag::LiteralValue => this.nested(role, |this| this.elided(role, element_type)),
            _ => this.visit_named(role),
        });
    }

    /// `key: value`: an argument with a label where the key is a name and what is constructed may be a struct; else an entry.
    pub(super) fn keyed(&mut self, role: Role, key_type: Option<Node<'t>>, value_type: Option<Node<'t>>) {
        let key = self.cursor.node().child(0).and_then(|key| key.child(0));
        let field = key.filter(|key| role != Role::Element && Tag::of(key.kind_id()) == Tag::Identifier);
        let Some(field) = field else {
            self.fact(Kind::Entry, role, |this| {
                this.each(|this| match this.field() {
                    Some(Field::Key) => this.element(Role::Key, key_type),
                    Some(Field::Value) => this.element(Role::Value, value_type),
                    _ => this.visit_named(Role::Part),
                });
            });
            return;
        };
        self.each(|this| match this.field() {
            Some(Field::Key) => {}
            Some(Field::Value) => {
                let index = this.builder.next();
                this.element(role, value_type);
                if index < this.builder.next() {
                    this.builder.fact_mut(index).label = range_of(&field);
                }
            }
            _ => this.visit_named(Role::Part),
        });
    }
}

/// What a composite literal of a type is.
fn literal_kind(literal_type: Node<'_>) -> Kind {
    match Tag::of(unwrapped(literal_type).kind_id()) {
        Tag::SliceType | Tag::ArrayType | Tag::ImplicitLengthArrayType => Kind::List,
        Tag::MapType => Kind::Dictionary,
        _ => Kind::Construct,
    }
}

/// A part of a list's or map's type.
fn part_type<'t>(literal_type: Option<Node<'t>>, field: &str) -> Option<Node<'t>> {
    unwrapped(literal_type?).child_by_field_name(field)
}

/// A type without pointers (`[]*T{{}}` makes pointers by itself) and parentheses.
fn unwrapped(mut node: Node<'_>) -> Node<'_> {
    while let Some(inner) = match Tag::of(node.kind_id()) {
        Tag::PointerType | Tag::ParenthesizedType => node.named_child(0),
        _ => None,
    } {
        node = inner;
    }
    node
}
