//! The extractor of Rust.

mod expressions;
mod format;
mod items;
mod macros;
mod patterns;
mod tags;
#[cfg(test)]
mod tests;
mod tokens;
mod types;

use std::sync::Arc;

use rustc_hash::FxHashSet;
use shipworthy_syntax::{Language, Range};

use self::tags::{Field, Tag};
use crate::extractor::{Grammar, Walk, other, range_of};
use crate::fact::{Builder, Comment, Fact, Facts, Flags, Kind, Operator, Role};

/// The facts of one item of Rust.
pub(crate) fn extract(tree: &tree_sitter::Tree, text: &Arc<str>) -> Facts {
    Walk::new(tree, Builder::new(Language::Rust, text.clone()), Rust::default()).finish()
}

#[derive(Default)]
struct Rust {
    /// The attributes that wait for the definition under the cursor.
    attributes: Option<items::Attributes>,
    /// Whether the cursor is in a trait, and whether that is public: its members are so with it.
    members: items::Members,
    /// Whether something behind `#[cfg(...)]` is around the cursor.
    conditional: bool,
    /// Parses again what the grammar reads as bare tokens: blocks in macros.
    parser: Option<Box<tree_sitter::Parser>>,
    /// How many trees of such blocks are around the cursor.
    reparses: u32,
    /// The names that patterns and parameters bind, up to a fact: what a format string may mean.
    bound: FxHashSet<Box<str>>,
    bound_until: u32,
}

type Extractor<'t> = Walk<'t, Rust>;

impl Grammar for Rust {
    type Tag = Tag;
    type Field = Field;

    fn tag(kind_id: u16) -> Tag {
        Tag::of(kind_id)
    }

    fn field(field_id: u16) -> Option<Field> {
        Field::of(field_id)
    }

    fn extract(walk: &mut Extractor<'_>, role: Role) {
        let tag = walk.tag();
        if walk.state.attributes.is_some() && !tag.takes_attributes() {
            // The attributes may switch it off: it is no plain statement or operand.
            let inner = if role == Role::Statement { role } else { Role::Part };
            walk.definition(other(role), role, |this| this.visit_tag(tag, inner));
        } else {
            walk.visit_tag(tag, role);
        }
    }
}

impl Extractor<'_> {
    fn visit_tag(&mut self, tag: Tag, role: Role) {
        match tag {
            Tag::LineComment | Tag::BlockComment => self.comment(),
            Tag::Error => self.visit_error(role),
            Tag::Shebang | Tag::EmptyStatement | Tag::Label | Tag::Lifetime => {}

            // Definitions.
            Tag::AttributeItem => self.attributed(role),
            Tag::InnerAttributeItem => self.inner_attribute(),
            Tag::FunctionItem | Tag::FunctionSignatureItem => self.function(role),
            Tag::Parameter | Tag::SelfParameter | Tag::VariadicParameter => self.parameter(role),
            Tag::StructItem | Tag::UnionItem | Tag::EnumItem | Tag::TraitItem | Tag::ImplItem => {
                self.class(role);
            }
            Tag::TypeItem | Tag::AssociatedType => self.type_alias(role),
            Tag::EnumVariant | Tag::FieldDeclaration => self.declared_field(role),
            Tag::ModItem => self.namespace(role),
            Tag::ForeignModItem => self.foreign(role),
            Tag::ConstItem | Tag::StaticItem | Tag::LetDeclaration => self.declaration(role),
            Tag::UseDeclaration | Tag::ExternCrateDeclaration => self.import(role),
            Tag::MacroDefinition => self.macro_definition(role),

            // Wrappers that vanish.
            Tag::ExpressionStatement | Tag::ParenthesizedExpression | Tag::ElseClause => {
                self.visit_children(role);
            }

            // Statements, which are expressions in Rust.
            Tag::Block => {
                let around = self.builder.current();
                let returns = role == Role::Body && self.builder.fact_mut(around).kind == Kind::Lambda;
                self.block(role, returns);
            }
            Tag::UnsafeBlock | Tag::ConstBlock | Tag::TryBlock => {
                let index = self.block_in_block(role);
                if tag == Tag::UnsafeBlock {
                    self.builder.fact_mut(index).flags |= Flags::UNSAFE;
                }
            }
            Tag::AsyncBlock => self.function_block(role, Flags::ASYNC),
            Tag::GenBlock => self.function_block(role, Flags::GENERATOR),
            Tag::IfExpression => {
                self.fields(
                    Kind::If,
                    role,
                    &[
                        (Field::Condition, Role::Condition),
                        (Field::Consequence, Role::Body),
                        (Field::Alternative, Role::Else),
                    ],
                    Role::Part,
                );
            }
            Tag::LetCondition => {
                self.fact(Kind::Let, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Pattern) => this.pattern(Role::Pattern),
                        _ => this.visit_named(Role::Value),
                    });
                });
            }
            Tag::LetChain => {
                let index = self.fact(Kind::Binary, role, |this| this.visit_children(Role::Operand));
                self.builder.fact_mut(index).operator = Operator::And;
            }
            Tag::MatchExpression => {
                self.fact(Kind::Match, role, |this| {
                    this.each(|this| match (this.field(), this.tag()) {
                        (_, Tag::MatchBlock) => this.visit_children(Role::Arm),
                        (Some(Field::Value), _) => this.visit(Role::Subject),
                        _ => this.visit_named(Role::Part),
                    });
                });
            }
            Tag::MatchArm => self.arm(role),
            Tag::WhileExpression | Tag::LoopExpression => {
                let roles = [(Field::Condition, Role::Condition), (Field::Body, Role::Body)];
                self.labelled(Kind::While, role, &roles);
            }
            Tag::ForExpression => {
                let roles = [(Field::Value, Role::Iterable), (Field::Body, Role::Body)];
                let index = self.labelled(Kind::For, role, &roles);
                self.builder.fact_mut(index).flags |= Flags::DECLARES;
            }
            Tag::ReturnExpression => self.with_children(Kind::Return, role, Role::Value),
            Tag::BreakExpression => self.jump(Kind::Break, role),
            Tag::ContinueExpression => self.jump(Kind::Continue, role),
            Tag::YieldExpression => self.with_children(Kind::Yield, role, Role::Value),

            // Paths and names.
            Tag::Identifier
            | Tag::FieldIdentifier
            | Tag::ShorthandFieldIdentifier
            | Tag::TypeIdentifier
            | Tag::PrimitiveType
            | Tag::SelfName
            | Tag::Super
            | Tag::Crate
            | Tag::Metavariable => self.identifier(role),
            Tag::ScopedIdentifier | Tag::ScopedTypeIdentifier => self.path(role),
            Tag::GenericFunction | Tag::GenericType | Tag::GenericTypeWithTurbofish | Tag::GenericPattern => {
                self.generic(role)
            }
            Tag::TypeParameters | Tag::WhereClause => self.type_parameters(),
            Tag::BracketedType
            | Tag::TypeArguments
            | Tag::AbstractType
            | Tag::ArrayType
            | Tag::BoundedType
            | Tag::DynamicType
            | Tag::FunctionType
            | Tag::HigherRankedTraitBound
            | Tag::NeverType
            | Tag::PointerType
            | Tag::QualifiedType
            | Tag::ReferenceType
            | Tag::RemovedTraitBound
            | Tag::TupleType
            | Tag::UnitType => self.type_of(role),

            // Expressions.
            Tag::CallExpression => self.call(role),
            Tag::MacroInvocation => self.macro_call(role),
            Tag::FieldExpression => {
                let mut name = Range::default();
                let index = self.fact(Kind::Attribute, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Value) => this.visit(Role::Object),
                        Some(Field::Member) => name = this.range(),
                        _ => this.visit_named(Role::Part),
                    });
                });
                self.builder.fact_mut(index).name = name;
            }
            Tag::IndexExpression => {
                let mut roles = [Role::Object, Role::Index].into_iter();
                let mut kind = Kind::Index;
                let index = self.fact(Kind::Index, role, |this| {
                    this.each(|this| {
                        if this.cursor.node().is_named() && !this.tag().is_comment() {
                            let role = roles.next().unwrap_or(Role::Part);
                            if role == Role::Index && this.tag() == Tag::RangeExpression {
                                kind = Kind::Slice;
                            }
                            this.visit(role);
                        } else {
                            this.visit_named(Role::Part);
                        }
                    });
                });
                self.builder.fact_mut(index).kind = kind;
            }
            Tag::AwaitExpression => self.with_children(Kind::Await, role, Role::Value),
            Tag::TryExpression => self.with_children(Kind::Propagate, role, Role::Value),
            Tag::UnaryExpression => {
                let sign = self.builder.text(self.range()).as_bytes().first().copied();
                let (kind, operator, inner) = match sign {
                    Some(b'*') => (Kind::Dereference, Operator::None, Role::Value),
                    Some(b'!') => (Kind::Unary, Operator::Not, Role::Operand),
                    _ => (Kind::Unary, Operator::Negate, Role::Operand),
                };
                let index = self.fact(kind, role, |this| this.visit_children(inner));
                self.builder.fact_mut(index).operator = operator;
            }
            Tag::NegativeLiteral => {
                let index = self.fact(Kind::Unary, role, |this| this.visit_children(Role::Operand));
                self.builder.fact_mut(index).operator = Operator::Negate;
            }
            Tag::ReferenceExpression => self.reference(role),
            Tag::BinaryExpression => {
                let mut operator = Operator::Other;
                let index = self.fact(Kind::Binary, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Operator) => {
                            operator = Operator::between(this.builder.text(this.range()));
                        }
                        _ => this.visit_named(Role::Operand),
                    });
                });
                let fact = self.builder.fact_mut(index);
                fact.kind = operator.kind();
                fact.operator = operator;
            }
            Tag::AssignmentExpression | Tag::CompoundAssignment => {
                let mut operator = Operator::None;
                let index = self.fact(Kind::Assign, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Left) => this.target(),
                        Some(Field::Right) => this.visit(Role::Value),
                        Some(Field::Operator) => {
                            operator =
                                Operator::between(this.builder.text(this.range()).trim_end_matches('='));
                        }
                        _ => this.visit_named(Role::Part),
                    });
                });
                self.builder.fact_mut(index).operator = operator;
            }
            Tag::TypeCastExpression => {
                self.fact(Kind::Cast, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Type) => this.type_of(Role::Type),
                        _ => this.visit_named(Role::Value),
                    });
                });
            }
            Tag::RangeExpression | Tag::RangePattern => {
                self.with_children(Kind::RangeLiteral, role, Role::Operand);
            }
            Tag::ClosureExpression => self.closure(role),
            Tag::TupleExpression => self.with_children(Kind::Tuple, role, Role::Element),
            Tag::UnitExpression => _ = self.leaf(Kind::Nothing, role),
            Tag::ArrayExpression => self.with_children(Kind::List, role, Role::Element),
            Tag::StructExpression => {
                self.fact(Kind::Construct, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Name) => this.visit(Role::Callee),
                        Some(Field::Body) => this.each(Self::initializer),
                        _ => this.visit_named(Role::Part),
                    });
                });
            }
            Tag::BaseFieldInitializer => {
                let index = self.fact(Kind::Spread, role, |this| this.visit_children(Role::Value));
                self.builder.fact_mut(index).flags |= Flags::SPREAD;
            }
            Tag::StringLiteral | Tag::RawStringLiteral => {
                let flags = string_flags(self.builder.text(self.range()));
                let index = self.leaf(Kind::String, role);
                self.builder.fact_mut(index).flags |= flags;
            }
            Tag::CharLiteral => _ = self.leaf(Kind::Character, role),
            Tag::BooleanLiteral => _ = self.leaf(Kind::Boolean, role),
            Tag::IntegerLiteral | Tag::FloatLiteral => _ = self.leaf(Kind::Number, role),

            Tag::TuplePattern
            | Tag::SlicePattern
            | Tag::TupleStructPattern
            | Tag::StructPattern
            | Tag::FieldPattern
            | Tag::RemainingFieldPattern
            | Tag::RefPattern
            | Tag::MutPattern
            | Tag::ReferencePattern
            | Tag::CapturedPattern
            | Tag::OrPattern => self.pattern_parts(tag, role),

            // What this extractor does not know: its expressions stay reachable.
            Tag::Other => self.with_children(other(role), role, Role::Part),
            // Punctuation of what is handled above; alone it stands in broken code only.
            Tag::VisibilityModifier
            | Tag::ExternModifier
            | Tag::MutableSpecifier
            | Tag::FunctionModifiers
            | Tag::Attribute
            | Tag::Parameters
            | Tag::ClosureParameters
            | Tag::EnumVariantList
            | Tag::FieldDeclarationList
            | Tag::OrderedFieldDeclarationList
            | Tag::TraitBounds
            | Tag::TypeParameter
            | Tag::ConstParameter
            | Tag::WherePredicate
            | Tag::DeclarationList
            | Tag::UseAsClause
            | Tag::UseList
            | Tag::ScopedUseList
            | Tag::UseWildcard
            | Tag::MatchBlock
            | Tag::MatchPattern
            | Tag::Arguments
            | Tag::TokenTree
            | Tag::FieldInitializerList
            | Tag::FieldInitializer
            | Tag::ShorthandFieldInitializer => self.visit_children(role),
        }
    }

    fn comment(&mut self) {
        let mut range = self.range();
        let text = self.builder.text(range);
        // The grammar counts the line's end to a documentation comment.
        range.end = range.start + text.trim_end_matches(['\n', '\r']).len() as u32;
        let documentation = (text.starts_with("///") && !text.starts_with("////"))
            || (text.starts_with("/**") && !text.starts_with("/***") && !text.starts_with("/**/"))
            || text.starts_with("//!")
            || text.starts_with("/*!");
        self.builder.comment(Comment { range, documentation });
    }

    fn with_children(&mut self, kind: Kind, role: Role, inner: Role) {
        self.fact(kind, role, |this| this.visit_children(inner));
    }

    fn identifier(&mut self, role: Role) {
        // The grammar has no word for it.
        if self.builder.text(self.range()) == "None" {
            self.leaf(Kind::Nothing, role);
        } else {
            self.name(role);
        }
    }

    /// `a::b::c`: attributes over a name. `::a` is the name alone.
    fn path(&mut self, role: Role) {
        let mut name = Range::default();
        let index = self.fact(Kind::Attribute, role, |this| {
            this.each(|this| match this.field() {
                Some(Field::Path) => this.visit(Role::Object),
                Some(Field::Name) => name = this.range(),
                _ => this.visit_named(Role::Part),
            });
        });
        let is_leaf = self.builder.next() == index + 1;
        let fact = self.builder.fact_mut(index);
        fact.name = name;
        if is_leaf {
            fact.kind = Kind::Name;
        }
    }

    /// The name of the label under the cursor.
    fn label(&self) -> Range {
        self.cursor.node().named_child(0).map(|n| range_of(&n)).unwrap_or_default()
    }

    /// A fact whose children are found by their fields. A label among them is the fact's own.
    fn labelled(&mut self, kind: Kind, role: Role, roles: &[(Field, Role)]) -> u32 {
        let mut label = Range::default();
        let index = self.fact(kind, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (_, Tag::Label) => label = this.label(),
                (Some(Field::Pattern), _) => this.pattern(Role::Target),
                (field, _) => {
                    let role = field.and_then(|f| roles.iter().find(|(field, _)| *field == f));
                    this.visit_named(role.map_or(Role::Part, |(_, role)| *role));
                }
            });
        });
        self.builder.fact_mut(index).label = label;
        index
    }

    /// `break` and `continue`, with the label they go to as name.
    fn jump(&mut self, kind: Kind, role: Role) {
        let mut name = Range::default();
        let index = self.fact(kind, role, |this| {
            this.each(|this| match this.tag() {
                Tag::Label => name = this.label(),
                _ => this.visit_named(Role::Value),
            });
        });
        self.builder.fact_mut(index).name = name;
    }

    /// A block. Its tail expression is its value: the result of a function where it `returns`.
    fn block(&mut self, role: Role, returns: bool) {
        let mut label = Range::default();
        let index = self.fact(Kind::Block, role, |this| label = this.statements(returns));
        self.builder.fact_mut(index).label = label;
    }

    /// The statements under the cursor; their label.
    fn statements(&mut self, returns: bool) -> Range {
        let mut label = Range::default();
        // The last statement, where no `;` ends it.
        let mut tail = None;
        self.each(|this| {
            let node = this.cursor.node();
            if !node.is_named() {
                return;
            }
            let tag = this.tag();
            if tag == Tag::Label {
                label = this.label();
                return;
            }
            let index = this.builder.next();
            this.visit(Role::Statement);
            if !tag.is_comment() {
                let ends = this.builder.text(range_of(&node)).ends_with(';');
                tail = (!ends && index < this.builder.next()).then_some(index);
            }
        });
        if let Some(index) = tail.filter(|index| has_value(self.builder.fact_mut(*index))) {
            if returns {
                self.builder.wrap(index, Kind::Return, Role::Value);
                self.builder.close();
            }
            self.builder.fact_mut(index).flags |= Flags::IMPLICIT;
        }
        label
    }

    /// `unsafe { }` and its like: one fact for the keyword and the block after it.
    fn block_in_block(&mut self, role: Role) -> u32 {
        self.fact(Kind::Block, role, |this| {
            this.each(|this| match this.tag() {
                Tag::Block => _ = this.statements(false),
                _ => this.visit_named(Role::Part),
            });
        })
    }

    /// `async { }`: a function without parameters.
    fn function_block(&mut self, role: Role, flags: Flags) {
        let mut flags = flags;
        let index = self.fact(Kind::Lambda, role, |this| {
            this.each(|this| match this.tag() {
                Tag::Block => this.visit(Role::Body),
                Tag::Other if this.is_token("move") => flags |= Flags::MOVE,
                _ => this.visit_named(Role::Part),
            });
        });
        self.builder.fact_mut(index).flags |= flags;
    }

    fn is_token(&self, text: &str) -> bool {
        self.builder.text(self.range()) == text
    }

    fn closure(&mut self, role: Role) {
        let mut flags = Flags::empty();
        let index = self.fact(Kind::Lambda, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (Some(Field::Parameters), _) => this.each(|this| this.closure_parameter()),
                (Some(Field::ReturnType), _) => this.type_of(Role::Result),
                (Some(Field::Body), _) => this.visit_named(Role::Body),
                (None, Tag::Other) if this.is_token("async") => flags |= Flags::ASYNC,
                (None, Tag::Other) if this.is_token("move") => flags |= Flags::MOVE,
                _ => this.visit_named(Role::Part),
            });
        });
        self.builder.fact_mut(index).flags |= flags;
    }

    /// `a::b::<T>`: the path, with what its type arguments name in it.
    fn generic(&mut self, role: Role) {
        let end = self.range().end;
        let index = self.builder.next();
        self.each(|this| {
            // In broken code something may stand between the path and its arguments.
            if this.tag() == Tag::TypeArguments && this.builder.is_last(index) {
                this.builder.reopen(index).range.end = end;
                this.within_types();
                this.builder.close();
            } else {
                this.visit_named(role);
            }
        });
    }

    fn call(&mut self, role: Role) {
        self.fact(Kind::Call, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (Some(Field::Function), Tag::GenericFunction) => this.each(|this| match this.field() {
                    Some(Field::Function) => this.visit(Role::Callee),
                    Some(Field::TypeArguments) => this.each(|this| {
                        if this.cursor.node().is_named() {
                            this.type_of(Role::Type);
                        }
                    }),
                    _ => this.visit_named(Role::Part),
                }),
                (Some(Field::Function), _) => this.visit(Role::Callee),
                (Some(Field::Arguments), _) => this.visit_children(Role::Argument),
                _ => this.visit_named(Role::Part),
            });
        });
    }

    /// What an assignment gives a new value.
    fn target(&mut self) {
        let first = self.builder.next();
        let is_name = matches!(self.tag(), Tag::Identifier | Tag::TupleExpression);
        self.visit(Role::Target);
        if is_name {
            self.bind(first);
        }
    }

    fn reference(&mut self, role: Role) {
        let mut flags = Flags::empty();
        let index = self.fact(Kind::Reference, role, |this| {
            this.each(|this| match this.tag() {
                Tag::MutableSpecifier => flags |= Flags::MUTABLE,
                _ => this.visit_named(Role::Value),
            });
        });
        self.builder.fact_mut(index).flags |= flags;
    }

    /// One field of a struct expression.
    fn initializer(&mut self) {
        let index = self.builder.next();
        let mut label = Range::default();
        match self.tag() {
            Tag::ShorthandFieldInitializer => self.each(|this| match this.tag() {
                Tag::AttributeItem => _ = this.attribute(),
                Tag::Identifier => {
                    label = this.range();
                    this.visit(Role::Argument);
                }
                _ => this.visit_named(Role::Part),
            }),
            Tag::FieldInitializer => self.each(|this| match (this.field(), this.tag()) {
                (_, Tag::AttributeItem) => _ = this.attribute(),
                (Some(Field::Member), _) => label = this.range(),
                (Some(Field::Value), _) => this.visit(Role::Argument),
                _ => this.visit_named(Role::Part),
            }),
            _ => self.visit_named(Role::Argument),
        }
        self.label_argument(index, label);
    }
}

impl Extractor<'_> {
    /// Labels the argument that was written since.
    fn label_argument(&mut self, since: u32, label: Range) {
        let current = self.builder.current();
        let written = (since..self.builder.next()).find(|index| {
            let fact = self.builder.fact_mut(*index);
            fact.parent == current && fact.role == Role::Argument
        });
        if let Some(index) = written {
            self.builder.fact_mut(index).label = label;
        }
    }
}

impl Tag {
    fn is_comment(self) -> bool {
        matches!(self, Tag::LineComment | Tag::BlockComment)
    }

    /// Whether it is a definition, whose fact has its attributes as children.
    fn takes_attributes(self) -> bool {
        matches!(
            self,
            Tag::FunctionItem
                | Tag::FunctionSignatureItem
                | Tag::Parameter
                | Tag::SelfParameter
                | Tag::VariadicParameter
                | Tag::StructItem
                | Tag::UnionItem
                | Tag::EnumItem
                | Tag::EnumVariant
                | Tag::FieldDeclaration
                | Tag::TraitItem
                | Tag::ImplItem
                | Tag::TypeItem
                | Tag::AssociatedType
                | Tag::ModItem
                | Tag::ForeignModItem
                | Tag::ConstItem
                | Tag::StaticItem
                | Tag::LetDeclaration
                | Tag::UseDeclaration
                | Tag::ExternCrateDeclaration
                | Tag::MacroDefinition
        )
    }
}

/// Whether a statement, at the end of a block, is its value.
fn has_value(statement: &Fact) -> bool {
    !matches!(
        statement.kind,
        Kind::Function
            | Kind::Class
            | Kind::Namespace
            | Kind::Import
            | Kind::Assign
            | Kind::For
            | Kind::Return
            | Kind::Break
            | Kind::Continue
            | Kind::OtherStatement
    )
}

/// The flags of a string literal, by its prefix.
fn string_flags(literal: &str) -> Flags {
    let mut flags = Flags::empty();
    for letter in literal.bytes().take_while(u8::is_ascii_alphabetic) {
        match letter {
            b'b' => flags |= Flags::BYTES,
            b'r' => flags |= Flags::RAW,
            _ => {}
        }
    }
    flags
}
