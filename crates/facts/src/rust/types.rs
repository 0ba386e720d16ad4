//! Types: their text says what they are, so they have no facts below them but for the expressions they hold.

use shipworthy_syntax::Range;

use super::{Extractor, Field, Tag, range_of};
use crate::fact::{Kind, Role};

impl Extractor<'_> {
    /// The type under the cursor; what it names is in it unless it is one name and nothing else.
    pub(super) fn type_of(&mut self, role: Role) {
        self.fact(Kind::Type, role, |this| match this.tag() {
            Tag::ScopedTypeIdentifier | Tag::ScopedIdentifier => this.visit(Role::Part),
            _ => this.within_types(),
        });
    }

    /// Visits what types hold: names, and the expressions in array lengths, blocks and macros.
    pub(super) fn within_types(&mut self) {
        self.below(|this| {
            match (this.field(), this.tag()) {
                // The name of an associated type or of a function type's parameter says nothing here.
                (Some(Field::Name | Field::Pattern), _) | (_, Tag::Lifetime) => {}
                (Some(Field::Length), _)
                | (
                    _,
                    Tag::LineComment
                    | Tag::BlockComment
                    | Tag::Error
                    | Tag::TypeIdentifier
                    | Tag::ScopedTypeIdentifier
                    | Tag::Block
                    | Tag::MacroInvocation,
                ) => this.visit_named(Role::Part),
                _ => return false,
            }
            true
        });
    }

    /// Calls `f` with the cursor on everything below it, but not below what `f` says it has dealt with.
    pub(super) fn below(&mut self, mut f: impl FnMut(&mut Self) -> bool) {
        if !self.cursor.goto_first_child() {
            return;
        }
        let mut level = 1;
        loop {
            if !f(self) && self.cursor.goto_first_child() {
                level += 1;
                continue;
            }
            while !self.cursor.goto_next_sibling() {
                self.cursor.goto_parent();
                level -= 1;
                if level == 0 {
                    return;
                }
            }
        }
    }

    /// `<T: A, const N: usize>` and `where T: B`: one fact for each parameter and each predicate.
    pub(super) fn type_parameters(&mut self) {
        self.each(|this| match this.tag() {
            Tag::TypeParameter | Tag::ConstParameter | Tag::WherePredicate => {
                let mut name = Range::default();
                let index = this.fact(Kind::Type, Role::TypeParameter, |this| {
                    this.each(|this| match (this.field(), this.tag()) {
                        (Some(Field::Name), _) | (Some(Field::Left), Tag::TypeIdentifier) => {
                            name = this.range();
                        }
                        (Some(Field::Left), _) => this.within_types(),
                        (Some(Field::Bounds), _) => this.bounds(),
                        (Some(Field::Type | Field::DefaultType), _) => this.type_of(Role::Type),
                        _ => this.visit_named(Role::Default),
                    });
                });
                this.builder.fact_mut(index).name = name;
            }
            Tag::Other | Tag::Lifetime => {}
            _ => this.visit_named(Role::Part),
        });
    }

    /// The bounds under the cursor, without their colon.
    pub(super) fn bounds(&mut self) {
        if self.cursor.node().named_child_count() == 1 {
            return self.each(|this| {
                if this.cursor.node().is_named() {
                    this.type_of(Role::Type);
                }
            });
        }
        let mut range = self.range();
        range.start = self.cursor.node().named_child(0).map_or(range.start, |n| n.start_byte() as u32);
        self.builder.open(Kind::Type, Role::Type, range);
        self.within_types();
        self.builder.close();
    }
}

/// The last segment of a type's path, without generics: `C` of `&a::b::C<T>`. Empty where the type has none.
pub(super) fn type_name(node: tree_sitter::Node<'_>) -> Range {
    let mut node = node;
    loop {
        let field = match Tag::of(node.kind_id()) {
            Tag::TypeIdentifier | Tag::PrimitiveType | Tag::Identifier | Tag::Metavariable => {
                return range_of(&node);
            }
            Tag::GenericType | Tag::ReferenceType | Tag::PointerType => "type",
            Tag::ScopedTypeIdentifier => "name",
            Tag::DynamicType | Tag::AbstractType => "trait",
            _ => return Range::default(),
        };
        match node.child_by_field_name(field) {
            Some(inner) => node = inner,
            None => return Range::default(),
        }
    }
}
