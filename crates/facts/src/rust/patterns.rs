//! Patterns: what they bind and what they test.

use shipworthy_syntax::Range;

use super::{Extractor, Field, Tag};
use crate::extractor::other;
use crate::fact::{Flags, Kind, Role};

impl Extractor<'_> {
    /// The pattern under the cursor; its names bind.
    pub(super) fn pattern(&mut self, role: Role) {
        let first = self.builder.next();
        self.pattern_part(role);
        self.bind(first);
    }

    /// Marks the names from an index on that a pattern binds: not those of types, variants and constants.
    pub(super) fn bind(&mut self, first: u32) {
        for index in first..self.builder.next() {
            let fact = *self.builder.fact_mut(index);
            let binds = fact.kind == Kind::Name
                && matches!(
                    fact.role,
                    Role::Target | Role::Pattern | Role::Element | Role::Argument | Role::Value | Role::Part
                )
                && !self.builder.text(fact.name).starts_with(char::is_uppercase);
            if binds {
                self.builder.fact_mut(index).flags |= Flags::BINDS;
            }
        }
    }

    /// One node of a pattern; `_` has no name in the grammar.
    fn pattern_part(&mut self, role: Role) {
        if !self.cursor.node().is_named() && self.is_token("_") {
            self.name(role);
        } else {
            self.visit_named(role);
        }
    }

    fn patterns(&mut self, kind: Kind, role: Role, inner: Role) -> u32 {
        self.fact(kind, role, |this| this.each(|this| this.pattern_part(inner)))
    }

    pub(super) fn pattern_parts(&mut self, tag: Tag, role: Role) {
        match tag {
            Tag::TuplePattern => _ = self.patterns(Kind::Tuple, role, Role::Element),
            Tag::SlicePattern => _ = self.patterns(Kind::List, role, Role::Element),
            Tag::TupleStructPattern | Tag::StructPattern => {
                self.fact(Kind::Pattern, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Type) => this.visit(Role::Callee),
                        _ => this.pattern_part(Role::Argument),
                    });
                });
            }
            Tag::FieldPattern => {
                let index = self.builder.next();
                let mut label = Range::default();
                let mut flags = Flags::empty();
                self.each(|this| match (this.field(), this.tag()) {
                    (Some(Field::Name), Tag::ShorthandFieldIdentifier) => {
                        label = this.range();
                        this.visit(role);
                    }
                    (Some(Field::Name), _) => label = this.range(),
                    (Some(Field::Pattern), _) => this.pattern_part(role),
                    (_, Tag::MutableSpecifier) => flags |= Flags::MUTABLE,
                    _ => this.visit_named(Role::Part),
                });
                if index < self.builder.next() {
                    let fact = self.builder.fact_mut(index);
                    fact.label = label;
                    fact.flags |= flags;
                }
            }
            Tag::RemainingFieldPattern => {
                let index = self.leaf(Kind::Spread, role);
                self.builder.fact_mut(index).flags |= Flags::SPREAD;
            }
            Tag::RefPattern => _ = self.patterns(Kind::Reference, role, Role::Value),
            Tag::ReferencePattern => {
                self.fact(Kind::Reference, role, |this| {
                    this.each(|this| match this.tag() {
                        Tag::MutableSpecifier => {}
                        _ => this.pattern_part(Role::Value),
                    });
                });
            }
            Tag::MutPattern => {
                let index = self.builder.next();
                self.each(|this| match this.tag() {
                    Tag::MutableSpecifier => {}
                    _ => this.pattern_part(role),
                });
                if index < self.builder.next() {
                    self.builder.fact_mut(index).flags |= Flags::MUTABLE;
                }
            }
            // Alternatives of an arm stand side by side.
            Tag::OrPattern if role == Role::Pattern => self.each(|this| this.pattern_part(role)),
            Tag::CapturedPattern | Tag::OrPattern => _ = self.patterns(Kind::Pattern, role, Role::Part),
            _ => self.with_children(other(role), role, Role::Part),
        }
    }

    pub(super) fn arm(&mut self, role: Role) {
        let mut default = false;
        let index = self.fact(Kind::Arm, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (_, Tag::AttributeItem) => _ = this.attribute(),
                (Some(Field::Pattern), _) => this.each(|this| match this.field() {
                    Some(Field::Condition) => {
                        default = false;
                        this.visit(Role::Guard);
                    }
                    _ if this.is_token("_") => default = true,
                    _ => this.pattern(Role::Pattern),
                }),
                (Some(Field::Value), _) => this.visit(Role::Body),
                _ => this.visit_named(Role::Part),
            });
        });
        if default {
            self.builder.fact_mut(index).flags |= Flags::DEFAULT;
        }
    }

    /// One parameter of a closure: a pattern, or a parameter with a type.
    pub(super) fn closure_parameter(&mut self) {
        let node = self.cursor.node();
        let tag = self.tag();
        if tag == Tag::Parameter || tag.is_comment() || tag == Tag::Error {
            self.visit(Role::Parameter);
            return;
        }
        let named = if tag == Tag::MutPattern { node.named_child(1) } else { Some(node) };
        let name = named.filter(|n| {
            Tag::of(n.kind_id()) == Tag::Identifier || self.builder.text(super::range_of(n)) == "_"
        });
        if let Some(name) = name {
            let index = self.leaf(Kind::Parameter, Role::Parameter);
            let fact = self.builder.fact_mut(index);
            fact.name = super::range_of(&name);
            if tag == Tag::MutPattern {
                fact.flags |= Flags::MUTABLE;
            }
        } else if node.is_named() {
            self.fact(Kind::Parameter, Role::Parameter, |this| this.pattern(Role::Pattern));
        }
    }
}
