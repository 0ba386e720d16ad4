//! The extractor of Go.

mod definitions;
mod expressions;
#[cfg(test)]
mod resolve_tests;
mod tags;
#[cfg(test)]
mod tests;
mod types;

use std::sync::Arc;

use shipworthy_syntax::{Language, Range};

use self::tags::{Field, Tag};
use crate::extractor::{Grammar, Walk, other};
use crate::fact::{Builder, Comment, Facts, Flags, Kind, Operator, Role};

/// The facts of one item of Go.
pub(crate) fn extract(tree: &tree_sitter::Tree, text: &Arc<str>) -> Facts {
    Walk::new(tree, Builder::new(Language::Go, text.clone()), Go).finish()
}

struct Go;

type Extractor<'t> = Walk<'t, Go>;

impl Grammar for Go {
    type Tag = Tag;
    type Field = Field;

    fn tag(kind_id: u16) -> Tag {
        Tag::of(kind_id)
    }

    fn field(field_id: u16) -> Option<Field> {
        Field::of(field_id)
    }

    fn extract(walk: &mut Extractor<'_>, role: Role) {
        walk.visit_tag(walk.tag(), role);
    }
}

impl<'t> Extractor<'t> {
    fn visit_tag(&mut self, tag: Tag, role: Role) {
        match tag {
            Tag::Comment => {
                let range = self.range();
                self.builder.comment(Comment { range, documentation: false });
            }
            Tag::Error => self.visit_error(role),

            // Definitions.
            Tag::PackageClause => self.package(),
            Tag::ImportDeclaration => self.import(role),
            Tag::FunctionDeclaration | Tag::MethodDeclaration | Tag::MethodElem => self.function(role),
            Tag::TypeSpec | Tag::TypeAlias => self.class(role),
            Tag::FieldDeclaration => self.declared(Kind::Field, role),
            Tag::ParameterDeclaration | Tag::VariadicParameterDeclaration => {
                self.declared(Kind::Parameter, role);
            }
            Tag::TypeParameterDeclaration => self.declared(Kind::Type, role),

            // Types.
            Tag::TypeIdentifier
            | Tag::QualifiedType
            | Tag::GenericType
            | Tag::PointerType
            | Tag::ArrayType
            | Tag::ImplicitLengthArrayType
            | Tag::SliceType
            | Tag::MapType
            | Tag::ChannelType
            | Tag::FunctionType
            | Tag::StructType
            | Tag::InterfaceType
            | Tag::NegatedType => self.type_fact(role),
            Tag::TypeElem | Tag::TypeConstraint => self.constraint(role),

            // Statements.
            Tag::Block => _ = self.fact(Kind::Block, role, |this| this.visit_children(Role::Statement)),
            Tag::ConstSpec => self.assign(role, Flags::DECLARES | Flags::CONSTANT),
            Tag::VarSpec | Tag::ShortVarDeclaration => self.assign(role, Flags::DECLARES),
            Tag::AssignmentStatement => self.assign(role, Flags::empty()),
            Tag::ReceiveStatement => self.receive_statement(role),
            Tag::IncStatement => self.step(role, Operator::Add),
            Tag::DecStatement => self.step(role, Operator::Sub),
            Tag::SendStatement => {
                self.fields(Kind::Send, role, &[(Field::Channel, Role::Target)], Role::Value);
            }
            Tag::ReturnStatement => {
                _ = self.fact(Kind::Return, role, |this| this.visit_children(Role::Value))
            }
            Tag::GoStatement => _ = self.fact(Kind::Spawn, role, |this| this.visit_children(Role::Value)),
            Tag::DeferStatement => _ = self.fact(Kind::Defer, role, |this| this.visit_children(Role::Value)),
            Tag::BreakStatement => self.jump(Kind::Break, role),
            Tag::ContinueStatement => self.jump(Kind::Continue, role),
            Tag::GotoStatement => self.jump(Kind::OtherStatement, role),
            Tag::FallthroughStatement => _ = self.leaf(Kind::OtherStatement, role),
            Tag::EmptyStatement => _ = self.leaf(Kind::Pass, role),
            Tag::LabeledStatement => self.labelled(role),
            Tag::IfStatement => {
                let roles = [
                    (Field::Initializer, Role::Initializer),
                    (Field::Condition, Role::Condition),
                    (Field::Consequence, Role::Body),
                    (Field::Alternative, Role::Else),
                ];
                self.fields(Kind::If, role, &roles, Role::Part);
            }
            Tag::ForStatement => self.for_statement(role),
            Tag::ExpressionSwitchStatement | Tag::SelectStatement => {
                let roles = [(Field::Initializer, Role::Initializer), (Field::Value, Role::Subject)];
                self.fields(Kind::Match, role, &roles, Role::Arm);
            }
            Tag::TypeSwitchStatement => self.type_switch(role),
            Tag::ExpressionCase | Tag::TypeCase | Tag::CommunicationCase => _ = self.arm(role),
            Tag::DefaultCase => {
                let index = self.arm(role);
                self.builder.fact_mut(index).flags |= Flags::DEFAULT;
            }

            // Expressions.
            Tag::Identifier
            | Tag::Iota
            | Tag::PackageIdentifier
            | Tag::FieldIdentifier
            | Tag::BlankIdentifier => self.name(role),
            Tag::True | Tag::False => _ = self.leaf(Kind::Boolean, role),
            Tag::Nil => _ = self.leaf(Kind::Nothing, role),
            Tag::Int | Tag::Float | Tag::Imaginary => _ = self.leaf(Kind::Number, role),
            Tag::Rune => _ = self.leaf(Kind::Character, role),
            Tag::InterpretedString => _ = self.leaf(Kind::String, role),
            Tag::RawString => {
                let index = self.leaf(Kind::String, role);
                self.builder.fact_mut(index).flags |= Flags::RAW;
            }
            Tag::SelectorExpression => self.selector(role),
            Tag::IndexExpression => {
                self.fields(Kind::Index, role, &[(Field::Operand, Role::Object)], Role::Index);
            }
            Tag::SliceExpression => {
                self.fields(Kind::Slice, role, &[(Field::Operand, Role::Object)], Role::Index);
            }
            Tag::TypeInstantiationExpression => {
                self.fact(Kind::Index, role, |this| this.instantiation(Role::Object, Role::Index));
            }
            Tag::CallExpression => self.call(role),
            Tag::VariadicArgument => {
                let index = self.fact(Kind::Spread, role, |this| this.visit_children(Role::Value));
                self.builder.fact_mut(index).flags |= Flags::SPREAD;
            }
            Tag::TypeConversionExpression => self.conversion(role),
            Tag::TypeAssertionExpression => {
                self.fields(Kind::TypeAssertion, role, &[(Field::Operand, Role::Value)], Role::Type);
            }
            Tag::CompositeLiteral => self.composite(role),
            Tag::LiteralValue => self.elided(role, None),
            Tag::KeyedElement => self.keyed(role, None, None),
            Tag::FuncLiteral => {
                self.fact(Kind::Lambda, role, Self::signature);
            }
            Tag::UnaryExpression => self.unary(role),
            Tag::BinaryExpression => self.binary(role),

            // What has no meaning of its own.
            Tag::LabelName => {}
            Tag::ExpressionStatement
            | Tag::ParenthesizedExpression
            | Tag::ParenthesizedType
            | Tag::ExpressionList
            | Tag::StatementList
            | Tag::ConstDeclaration
            | Tag::VarDeclaration
            | Tag::VarSpecList
            | Tag::TypeDeclaration
            | Tag::ImportSpecList
            | Tag::ImportSpec
            | Tag::ParameterList
            | Tag::TypeParameterList
            | Tag::TypeArguments
            | Tag::FieldDeclarationList
            | Tag::ArgumentList
            | Tag::LiteralElement
            | Tag::ForClause
            | Tag::RangeClause => self.visit_children(role),
            Tag::Other => _ = self.fact(other(role), role, |this| this.visit_children(Role::Part)),
        }
    }

    /// The first byte of the node under the cursor: enough to tell one operator or punctuation mark from another.
    fn first_byte(&self) -> u8 {
        self.builder.text(self.range()).bytes().next().unwrap_or(0)
    }

    /// A constant, a variable or an assignment.
    fn assign(&mut self, role: Role, flags: Flags) {
        let mut operator = Operator::None;
        let mut declares = flags;
        let index = self.fact(Kind::Assign, role, |this| {
            this.each(|this| match this.field() {
                Some(Field::Name | Field::Left) => this.visit_named(Role::Target),
                Some(Field::Type) => this.visit_named(Role::Type),
                Some(Field::Value | Field::Right) => this.visit_named(Role::Value),
                Some(Field::Operator) => {
                    operator = Operator::between(this.builder.text(this.range()).trim_end_matches('='));
                }
                _ if this.first_byte() == b':' => declares |= Flags::DECLARES,
                _ => this.visit_named(Role::Part),
            });
        });
        let fact = self.builder.fact_mut(index);
        fact.operator = operator;
        fact.flags |= declares;
        self.bind_targets(index);
    }

    /// `x++`, `x--`.
    fn step(&mut self, role: Role, operator: Operator) {
        let index = self.fact(Kind::Assign, role, |this| this.visit_children(Role::Target));
        self.builder.fact_mut(index).operator = operator;
        self.bind_targets(index);
    }

    /// `<-ch`, `v := <-ch` and `v, ok = <-ch` in a `select`.
    fn receive_statement(&mut self, role: Role) {
        let assigns = self.cursor.node().named_child_count() > 1;
        if assigns { self.assign(role, Flags::empty()) } else { self.visit_children(role) }
    }

    /// Marks the names among the targets of an assignment or loop, and the two-value form of what it assigns.
    fn bind_targets(&mut self, index: u32) {
        let end = self.builder.fact_mut(index).end;
        let (mut targets, mut values, mut value) = (0, 0, index);
        let mut next = index + 1;
        while next < end {
            let fact = self.builder.fact_mut(next);
            match fact.role {
                Role::Target => {
                    targets += 1;
                    if fact.kind == Kind::Name {
                        fact.flags |= Flags::BINDS;
                    }
                }
                Role::Value => {
                    values += 1;
                    value = next;
                }
                _ => {}
            }
            next = fact.end;
        }
        let value = self.builder.fact_mut(value);
        if targets == 2
            && values == 1
            && matches!(value.kind, Kind::TypeAssertion | Kind::Index | Kind::Receive)
        {
            value.flags |= Flags::CHECKED;
        }
    }

    /// `break`, `continue`, `goto`: the name is the label.
    fn jump(&mut self, kind: Kind, role: Role) {
        let mut label = Range::default();
        let index = self.fact(kind, role, |this| {
            this.each(|this| match this.tag() {
                Tag::LabelName => label = this.range(),
                _ => this.visit_named(Role::Part),
            });
        });
        self.builder.fact_mut(index).name = label;
    }

    /// The label becomes the label of the statement's fact.
    fn labelled(&mut self, role: Role) {
        let mut label = Range::default();
        self.each(|this| match this.field() {
            Some(Field::Label) => label = this.range(),
            _ => {
                let index = this.builder.next();
                this.visit_named(role);
                if index < this.builder.next() {
                    this.builder.fact_mut(index).label = label;
                }
            }
        });
    }

    fn for_statement(&mut self, role: Role) {
        let mut kind = Kind::While;
        let mut declares = Flags::empty();
        let index = self.fact(kind, role, |this| {
            this.each(|this| match (this.tag(), this.field()) {
                (Tag::ForClause, _) => {
                    kind = Kind::For;
                    this.each(|this| match this.field() {
                        Some(Field::Initializer) => this.visit_named(Role::Initializer),
                        Some(Field::Condition) => this.visit_named(Role::Condition),
                        Some(Field::Update) => this.visit_named(Role::Update),
                        _ => this.visit_named(Role::Part),
                    });
                }
                (Tag::RangeClause, _) => {
                    kind = Kind::For;
                    this.each(|this| match this.field() {
                        Some(Field::Left) => this.visit_named(Role::Target),
                        Some(Field::Right) => this.visit_named(Role::Iterable),
                        _ if this.first_byte() == b':' => declares = Flags::DECLARES,
                        _ => this.visit_named(Role::Part),
                    });
                }
                (_, Some(Field::Body)) => this.visit(Role::Body),
                _ => this.visit_named(Role::Condition),
            });
        });
        let fact = self.builder.fact_mut(index);
        fact.kind = kind;
        fact.flags |= declares;
        self.bind_targets(index);
    }

    /// `switch x := y.(type)`: the subject is an assertion without a type, `x` is declared by an initializer without a value.
    fn type_switch(&mut self, role: Role) {
        self.fact(Kind::Match, role, |this| {
            let mut subject = None;
            this.each(|this| match this.field() {
                Some(Field::Initializer) => this.visit_named(Role::Initializer),
                Some(Field::Alias) => {
                    let index =
                        this.fact(Kind::Assign, Role::Initializer, |this| this.visit_named(Role::Target));
                    this.builder.fact_mut(index).flags |= Flags::DECLARES;
                    this.bind_targets(index);
                }
                Some(Field::Value) => {
                    let index =
                        this.fact(Kind::TypeAssertion, Role::Subject, |this| this.visit_named(Role::Value));
                    this.builder.fact_mut(index).flags |= Flags::CHECKED;
                    subject = Some(index);
                }
                _ if this.first_byte() == b')' => {
                    let end = this.range().end;
                    if let Some(index) = subject {
                        this.builder.fact_mut(index).range.end = end;
                    }
                }
                _ => this.visit_named(Role::Arm),
            });
        });
    }

    fn arm(&mut self, role: Role) -> u32 {
        self.fact(Kind::Arm, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                // The grammar takes the `nil` of a type switch for a type.
                (Some(Field::Type), Tag::TypeIdentifier) if this.builder.text(this.range()) == "nil" => {
                    this.leaf(Kind::Nothing, Role::Pattern);
                }
                (Some(Field::Value | Field::Type | Field::Communication), _) => {
                    this.visit_named(Role::Pattern);
                }
                (_, Tag::StatementList) => {
                    this.fact(Kind::Block, Role::Body, |this| this.visit_children(Role::Statement));
                }
                _ => this.visit_named(Role::Part),
            });
        })
    }
}
