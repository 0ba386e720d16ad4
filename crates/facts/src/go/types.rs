//! Types: annotations, and types that stand where expressions stand.

use shipworthy_syntax::Range;

use super::Extractor;
use super::tags::{Field, Tag};
use crate::extractor::range_of;
use crate::fact::{Kind, Role};

impl Extractor<'_> {
    /// A type annotation. The names in a type that is more than a name are its parts.
    pub(super) fn type_fact(&mut self, role: Role) {
        self.fact(Kind::Type, role, |this| match this.tag() {
            Tag::TypeIdentifier => {}
            Tag::QualifiedType => this.qualified(Role::Part),
            _ => this.type_parts(),
        });
    }

    fn type_parts(&mut self) {
        self.each(|this| match this.tag() {
            Tag::TypeIdentifier => this.name(Role::Part),
            Tag::QualifiedType => this.qualified(Role::Part),
            // Names that the type itself declares: of parameters and methods.
            Tag::Identifier | Tag::FieldIdentifier if this.field() == Some(Field::Name) => {}
            Tag::GenericType
            | Tag::TypeArguments
            | Tag::TypeElem
            | Tag::PointerType
            | Tag::ParenthesizedType
            | Tag::ArrayType
            | Tag::SliceType
            | Tag::MapType
            | Tag::ChannelType
            | Tag::FunctionType
            | Tag::ParameterList
            | Tag::ParameterDeclaration
            | Tag::VariadicParameterDeclaration
            | Tag::StructType
            | Tag::FieldDeclarationList
            | Tag::InterfaceType
            | Tag::MethodElem
            | Tag::NegatedType => this.nested(Role::Part, Self::type_parts),
            _ => this.visit_named(Role::Part),
        });
    }

    /// `T` or `~int | string`.
    pub(super) fn constraint(&mut self, role: Role) {
        if self.cursor.node().named_child_count() == 1 {
            self.visit_children(role);
        } else {
            self.type_fact(role);
        }
    }

    /// A type where an expression could stand: names are names.
    pub(super) fn type_expression(&mut self, role: Role) {
        match self.tag() {
            Tag::TypeIdentifier => self.name(role),
            Tag::QualifiedType => self.qualified(role),
            Tag::TypeElem if self.cursor.node().named_child_count() == 1 => {
                self.each(|this| this.type_expression(role));
            }
            _ => self.visit_named(role),
        }
    }

    /// `f[T]`: `f` in one role, its type arguments in another.
    pub(super) fn instantiation(&mut self, generic: Role, argument: Role) {
        let mut role = generic;
        self.each(|this| {
            if this.tag() == Tag::TypeArguments {
                this.each(|this| this.type_expression(argument));
            } else if this.cursor.node().is_named() {
                this.type_expression(role);
                role = argument;
            }
        });
    }

    /// `package.Type`.
    pub(super) fn qualified(&mut self, role: Role) {
        let mut name = Range::default();
        let index = self.fact(Kind::Attribute, role, |this| {
            this.each(|this| match this.field() {
                Some(Field::Package) => this.visit_named(Role::Object),
                Some(Field::Name) => name = this.range(),
                _ => this.visit_named(Role::Part),
            });
        });
        self.builder.fact_mut(index).name = name;
    }

    /// The name of an embedded or aliased type.
    pub(super) fn base(&mut self) {
        let mut node = self.cursor.node();
        loop {
            match Tag::of(node.kind_id()) {
                Tag::TypeIdentifier => {
                    let range = range_of(&node);
                    self.builder.leaf(Kind::Name, Role::Base, range).name = range;
                    return;
                }
                Tag::QualifiedType => {
                    let [package, name] = ["package", "name"]
                        .map(|f| node.child_by_field_name(f).map(|n| range_of(&n)).unwrap_or_default());
                    self.builder.open(Kind::Attribute, Role::Base, range_of(&node)).name = name;
                    self.builder.leaf(Kind::Name, Role::Object, package).name = package;
                    self.builder.close();
                    return;
                }
                Tag::GenericType | Tag::PointerType | Tag::ParenthesizedType => match node.named_child(0) {
                    Some(inner) => node = inner,
                    None => return,
                },
                _ => return,
            }
        }
    }
}
