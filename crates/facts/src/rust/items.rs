//! Definitions: functions, types, modules, variables, imports, with their attributes.

use shipworthy_syntax::Range;

use super::types::type_name;
use super::{Extractor, Field, Tag, range_of};
use crate::fact::{Flags, Import, Kind, Role};

/// Attributes that stand before the definition under the cursor, as its siblings.
#[derive(Clone, Copy)]
pub(super) struct Attributes {
    start: u32,
    count: u32,
}

/// What the definitions around the cursor are members of.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Members {
    #[default]
    None,
    Implementation,
    /// Of a trait or enum: as public as that is.
    Inherited {
        public: bool,
    },
}

impl Extractor<'_> {
    /// A run of attributes and the node they belong to. Leaves the cursor on that node.
    pub(super) fn attributed(&mut self, role: Role) {
        let mut attributes = Attributes { start: self.range().start, count: 1 };
        while self.cursor.goto_next_sibling() {
            let node = self.cursor.node();
            match self.tag() {
                Tag::AttributeItem => attributes.count += 1,
                Tag::LineComment | Tag::BlockComment => self.comment(),
                Tag::Other if !node.is_named() => {
                    // The end of the list: there is nothing they belong to.
                    self.cursor.goto_previous_sibling();
                    break;
                }
                _ => {
                    self.state.attributes = Some(attributes);
                    self.visit(role);
                    self.state.attributes = None;
                    return;
                }
            }
        }
        self.decorators(attributes.count);
    }

    /// The attributes before the node under the cursor, or up to it where it is one. Whether one of them is `cfg`.
    fn decorators(&mut self, count: u32) -> bool {
        let mut steps = 0;
        let mut left = count - u32::from(self.tag() == Tag::AttributeItem);
        while left > 0 && self.cursor.goto_previous_sibling() {
            steps += 1;
            left -= u32::from(self.tag() == Tag::AttributeItem);
        }
        let mut conditional = false;
        for step in 0..=steps {
            if self.tag() == Tag::AttributeItem {
                conditional |= self.attribute();
            }
            if step < steps {
                self.cursor.goto_next_sibling();
            }
        }
        conditional
    }

    /// The attribute under the cursor, of the fact that is open. Whether it is a `cfg`.
    pub(super) fn attribute(&mut self) -> bool {
        let mut conditional = false;
        self.fact(Kind::Decorator, Role::Decorator, |this| {
            this.each(|this| match this.tag() {
                Tag::Attribute => {
                    let text = this.builder.text(this.range());
                    conditional = text.strip_prefix("cfg").is_some_and(|t| t.trim_start().starts_with('('));
                    this.attribute_value();
                }
                _ => this.visit_named(Role::Part),
            });
        });
        conditional
    }

    /// `a::b`, or a call of it: `a(b)`. `a = b` says the same as `a(b)`.
    fn attribute_value(&mut self) {
        if self.cursor.node().child_count() == 1 {
            return self.visit_children(Role::Value);
        }
        self.fact(Kind::Call, Role::Value, |this| {
            this.each(|this| match this.field() {
                Some(Field::Arguments) => this.attribute_arguments(),
                Some(Field::Value) => this.visit(Role::Argument),
                _ => this.visit_named(Role::Callee),
            });
        });
    }

    /// `#![...]`: an attribute of the definition around it.
    pub(super) fn inner_attribute(&mut self) {
        self.state.conditional |= self.attribute();
    }

    /// Opens a fact on the definition under the cursor and its attributes, calls `inside`, closes the fact; returns its index.
    pub(super) fn definition(&mut self, kind: Kind, role: Role, inside: impl FnOnce(&mut Self)) -> u32 {
        let attributes = self.state.attributes.take();
        let mut range = self.range();
        range.start = attributes.map_or(range.start, |a| a.start);
        self.builder.open(kind, role, range);
        let index = self.builder.current();
        let around = self.state.conditional;
        if let Some(attributes) = attributes {
            self.state.conditional |= self.decorators(attributes.count);
        }
        inside(self);
        self.state.conditional = around;
        self.builder.close();
        index
    }

    /// Calls `f` with what it is in members of.
    fn members(&mut self, members: Members, f: impl FnOnce(&mut Self)) {
        let around = std::mem::replace(&mut self.state.members, members);
        f(self);
        self.state.members = around;
    }

    /// [`Flags::PUBLIC`] where the visibility under the cursor is `pub` without a restriction.
    fn visibility(&self) -> Flags {
        if self.is_token("pub") { Flags::PUBLIC } else { Flags::empty() }
    }

    pub(super) fn function(&mut self, role: Role) {
        let mut name = Range::default();
        let mut flags = match self.state.members {
            Members::Inherited { public: true } => Flags::PUBLIC,
            _ => Flags::empty(),
        };
        if self.tag() == Tag::FunctionSignatureItem {
            flags |= Flags::ABSTRACT;
        }
        let mut result = false;
        let index = self.definition(Kind::Function, role, |this| {
            this.members(Members::None, |this| {
                this.each(|this| match (this.field(), this.tag()) {
                    (_, Tag::VisibilityModifier) => flags |= this.visibility(),
                    (_, Tag::FunctionModifiers) => this.each(|this| match this.tag() {
                        Tag::Other if this.is_token("async") => flags |= Flags::ASYNC,
                        Tag::Other if this.is_token("unsafe") => flags |= Flags::UNSAFE,
                        Tag::ExternModifier => {}
                        _ => this.visit_named(Role::Part),
                    }),
                    (Some(Field::Name), _) => name = this.range(),
                    (Some(Field::Parameters), _) => this.each(Self::function_parameter),
                    (Some(Field::ReturnType), _) => {
                        result = true;
                        this.type_of(Role::Result);
                    }
                    (Some(Field::Body), _) => this.nested(Role::Body, |this| this.block(Role::Body, result)),
                    _ => this.visit_named(Role::Part),
                });
            });
        });
        self.name_definition(index, name, flags);
    }

    fn name_definition(&mut self, index: u32, name: Range, flags: Flags) {
        let fact = self.builder.fact_mut(index);
        fact.name = name;
        fact.flags |= flags;
    }

    fn function_parameter(&mut self) {
        match self.tag() {
            Tag::AttributeItem
            | Tag::Parameter
            | Tag::SelfParameter
            | Tag::VariadicParameter
            | Tag::LineComment
            | Tag::BlockComment
            | Tag::Error => self.visit(Role::Parameter),
            // A type alone, as old traits have it.
            _ if self.cursor.node().is_named() => {
                self.fact(Kind::Parameter, Role::Parameter, |this| this.type_of(Role::Type));
            }
            _ => {}
        }
    }

    pub(super) fn parameter(&mut self, role: Role) {
        let mut name = Range::default();
        let mut flags = Flags::empty();
        let mut role = role;
        if self.tag() == Tag::VariadicParameter {
            flags |= Flags::SPREAD;
        }
        let index = self.definition(Kind::Parameter, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (_, Tag::MutableSpecifier) => flags |= Flags::MUTABLE,
                (_, Tag::SelfName) => {
                    name = this.range();
                    role = Role::Receiver;
                }
                (Some(Field::Pattern), Tag::Identifier) => name = this.range(),
                (Some(Field::Pattern), Tag::Other) if this.is_token("_") => name = this.range(),
                (Some(Field::Pattern), _) => this.pattern(Role::Pattern),
                (Some(Field::Type), _) => this.type_of(Role::Type),
                _ => this.visit_named(Role::Part),
            });
        });
        self.name_definition(index, name, flags);
        self.builder.fact_mut(index).role = role;
    }

    pub(super) fn class(&mut self, role: Role) {
        let tag = self.tag();
        let mut name = Range::default();
        let mut flags = match tag {
            Tag::EnumItem => Flags::ENUM,
            Tag::TraitItem => Flags::ABSTRACT,
            Tag::ImplItem => Flags::IMPLEMENTATION,
            _ => Flags::empty(),
        };
        let index = self.definition(Kind::Class, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (_, Tag::VisibilityModifier) => flags |= this.visibility(),
                (None, Tag::Other) if this.is_token("unsafe") => flags |= Flags::UNSAFE,
                (Some(Field::Name), _) => name = this.range(),
                (Some(Field::Trait), _) => this.visit(Role::Base),
                (Some(Field::Bounds), _) => this.each(Self::base),
                (Some(Field::Type), _) => {
                    name = type_name(this.cursor.node());
                    this.type_of(Role::Type);
                }
                (Some(Field::Body), body) => {
                    let members = match tag {
                        Tag::ImplItem => Members::Implementation,
                        _ => Members::Inherited { public: flags.contains(Flags::PUBLIC) },
                    };
                    this.members(members, |this| match body {
                        Tag::OrderedFieldDeclarationList => this.ordered_fields(),
                        _ => this.with_children(Kind::Block, Role::Body, Role::Statement),
                    });
                }
                _ => this.visit_named(Role::Part),
            });
        });
        self.name_definition(index, name, flags);
    }

    /// One bound of a trait: what it extends.
    fn base(&mut self) {
        match self.tag() {
            // Lifetimes aside, `for<'a> Trait<'a>` is `Trait`.
            Tag::HigherRankedTraitBound => self.each(|this| {
                if this.field() == Some(Field::Type) {
                    this.visit(Role::Base);
                }
            }),
            _ => self.visit_named(Role::Base),
        }
    }

    /// `type A = B;`: a class that is another one; in a trait or `impl` a member.
    pub(super) fn type_alias(&mut self, role: Role) {
        let mut name = Range::default();
        let mut flags = Flags::empty();
        let (kind, inherited) = match self.state.members {
            Members::None => (Kind::Class, false),
            Members::Implementation => (Kind::Field, false),
            Members::Inherited { public } => (Kind::Field, public),
        };
        if inherited {
            flags |= Flags::PUBLIC;
        }
        if self.tag() == Tag::AssociatedType {
            flags |= Flags::ABSTRACT;
        }
        let index = self.definition(kind, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (_, Tag::VisibilityModifier) => flags |= this.visibility(),
                (Some(Field::Name), _) => name = this.range(),
                (Some(Field::Type), aliased) => {
                    match aliased {
                        _ if kind == Kind::Field => {}
                        Tag::TypeIdentifier | Tag::ScopedTypeIdentifier => this.visit(Role::Base),
                        // What its arguments hold is in the type.
                        Tag::GenericType => this.each(|this| {
                            if this.field() == Some(Field::Type) {
                                this.visit(Role::Base);
                            }
                        }),
                        _ => {}
                    }
                    this.type_of(Role::Type);
                }
                (Some(Field::Bounds), _) => this.bounds(),
                _ => this.visit_named(Role::Part),
            });
        });
        self.name_definition(index, name, flags);
    }

    /// A field of a struct, or a variant of an enum.
    pub(super) fn declared_field(&mut self, role: Role) {
        let mut name = Range::default();
        let mut flags = match (self.tag(), self.state.members) {
            (Tag::EnumVariant, Members::Inherited { public: true }) => Flags::PUBLIC,
            _ => Flags::empty(),
        };
        let index = self.definition(Kind::Field, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (_, Tag::VisibilityModifier) => flags |= this.visibility(),
                (Some(Field::Name), _) => name = this.range(),
                (Some(Field::Type), _) => this.type_of(Role::Type),
                (Some(Field::Body), Tag::OrderedFieldDeclarationList) => this.ordered_fields(),
                (Some(Field::Body), _) => this.with_children(Kind::Block, Role::Body, Role::Statement),
                (Some(Field::Value), _) => this.visit(Role::Value),
                _ => this.visit_named(Role::Part),
            });
        });
        self.name_definition(index, name, flags);
    }

    /// The fields without names of a tuple struct or variant.
    fn ordered_fields(&mut self) {
        self.fact(Kind::Block, Role::Body, |this| {
            let mut start = None;
            let mut attributes = 0;
            let mut flags = Flags::empty();
            this.each(|this| match (this.field(), this.tag()) {
                (_, Tag::AttributeItem) => {
                    start.get_or_insert(this.range().start);
                    attributes += 1;
                }
                (_, Tag::VisibilityModifier) => {
                    start.get_or_insert(this.range().start);
                    flags |= this.visibility();
                }
                (Some(Field::Type), _) => {
                    let mut range = this.range();
                    range.start = start.take().unwrap_or(range.start);
                    this.builder.open(Kind::Field, Role::Statement, range).flags |= flags;
                    if attributes > 0 {
                        this.decorators(attributes);
                    }
                    this.type_of(Role::Type);
                    this.builder.close();
                    (attributes, flags) = (0, Flags::empty());
                }
                _ => this.visit_named(Role::Part),
            });
        });
    }

    pub(super) fn namespace(&mut self, role: Role) {
        let mut name = Range::default();
        let mut flags = Flags::empty();
        let index = self.definition(Kind::Namespace, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (_, Tag::VisibilityModifier) => flags |= this.visibility(),
                (Some(Field::Name), _) => name = this.range(),
                (Some(Field::Body), _) => this.members(Members::None, |this| {
                    this.with_children(Kind::Block, Role::Body, Role::Statement);
                }),
                _ => this.visit_named(Role::Part),
            });
        });
        self.name_definition(index, name, flags);
    }

    /// `extern "C" { }`: a block of declarations.
    pub(super) fn foreign(&mut self, role: Role) {
        let mut flags = Flags::empty();
        let index = self.definition(Kind::Block, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (Some(Field::Body), _) => this.visit_children(Role::Statement),
                (_, Tag::ExternModifier) => {}
                (_, Tag::Other) if this.is_token("unsafe") => flags |= Flags::UNSAFE,
                _ => this.visit_named(Role::Part),
            });
        });
        self.builder.fact_mut(index).flags |= flags;
    }

    /// `let`, `const`, `static`.
    pub(super) fn declaration(&mut self, role: Role) {
        let mut flags = Flags::DECLARES;
        if self.tag() != Tag::LetDeclaration {
            flags |= Flags::CONSTANT;
            if self.state.members == (Members::Inherited { public: true }) {
                flags |= Flags::PUBLIC;
            }
        }
        let index = self.definition(Kind::Assign, role, |this| {
            this.members(Members::None, |this| {
                this.each(|this| match (this.field(), this.tag()) {
                    (_, Tag::VisibilityModifier) => flags |= this.visibility(),
                    (_, Tag::MutableSpecifier) => flags |= Flags::MUTABLE,
                    (Some(Field::Pattern), _) => this.pattern(Role::Target),
                    (Some(Field::Name), _) => {
                        this.name(Role::Target);
                        let target = this.builder.next() - 1;
                        this.builder.fact_mut(target).flags |= Flags::BINDS;
                    }
                    (Some(Field::Type), _) => this.type_of(Role::Type),
                    (Some(Field::Value), _) => this.visit(Role::Value),
                    (Some(Field::Alternative), _) => this.visit(Role::Else),
                    _ => this.visit_named(Role::Part),
                });
            });
        });
        self.builder.fact_mut(index).flags |= flags;
    }

    pub(super) fn macro_definition(&mut self, role: Role) {
        let name = self.cursor.node().child_by_field_name("name").map(|n| range_of(&n));
        let index = self.definition(Kind::OtherStatement, role, |this| {
            this.below(|this| {
                let is_comment = this.tag().is_comment();
                if is_comment {
                    this.comment();
                }
                is_comment
            });
        });
        self.builder.fact_mut(index).name = name.unwrap_or_default();
    }

    pub(super) fn import(&mut self, role: Role) {
        let mut flags = Flags::empty();
        let index = self.definition(Kind::Import, role, |this| {
            let fact = this.builder.current();
            if this.tag() == Tag::ExternCrateDeclaration {
                return this.extern_crate(fact, &mut flags);
            }
            this.each(|this| match (this.field(), this.tag()) {
                (_, Tag::VisibilityModifier) => flags |= this.visibility(),
                (Some(Field::Argument), _) => this.use_tree(fact, ""),
                _ => this.visit_named(Role::Part),
            });
        });
        self.builder.fact_mut(index).flags |= flags;
    }

    fn extern_crate(&mut self, fact: u32, flags: &mut Flags) {
        let mut name = Range::default();
        let mut alias = None;
        self.each(|this| match (this.field(), this.tag()) {
            (_, Tag::VisibilityModifier) => *flags |= this.visibility(),
            (Some(Field::Name), _) => name = this.range(),
            (Some(Field::Alias), _) => alias = Some(this.range()),
            (_, Tag::Crate) => {}
            _ => this.visit_named(Role::Part),
        });
        let local = self.builder.text(alias.unwrap_or(name)).to_owned();
        let path = self.builder.text(name).to_owned();
        self.bind_import(fact, &path, &local);
    }

    /// One import for every name that a `use` tree binds.
    fn use_tree(&mut self, fact: u32, prefix: &str) {
        match self.tag() {
            Tag::UseAsClause => {
                let mut path = String::new();
                let mut alias = String::new();
                self.each(|this| match this.field() {
                    Some(Field::Path) => path = this.path_text(prefix),
                    Some(Field::Alias) => alias = this.builder.text(this.range()).to_owned(),
                    _ => this.visit_named(Role::Part),
                });
                self.bind_import(fact, &path, &alias);
            }
            Tag::UseWildcard => {
                let mut path = prefix.to_owned();
                self.each(|this| {
                    if this.cursor.node().is_named() {
                        path = this.path_text(prefix);
                    }
                });
                self.bind_import(fact, &path, "*");
            }
            Tag::ScopedUseList => {
                let mut path = prefix.to_owned();
                self.each(|this| match this.field() {
                    Some(Field::Path) => path = this.path_text(prefix),
                    Some(Field::List) => this.use_tree(fact, &path),
                    _ => this.visit_named(Role::Part),
                });
            }
            Tag::UseList => self.nested(Role::Part, |this| {
                this.each(|this| {
                    if this.cursor.node().is_named() {
                        this.use_tree(fact, prefix);
                    }
                });
            }),
            Tag::LineComment | Tag::BlockComment | Tag::Error => self.visit(Role::Part),
            _ => {
                let path = self.path_text(prefix);
                let local = path.rsplit("::").next().unwrap_or_default().to_owned();
                self.bind_import(fact, &path, &local);
            }
        }
    }

    /// The path under the cursor after a prefix. `self` in a list is the prefix itself.
    fn path_text(&self, prefix: &str) -> String {
        let text: String = self.builder.text(self.range()).split_whitespace().collect();
        let text = text.trim_start_matches("::");
        match (prefix, text) {
            ("", _) => text.to_owned(),
            (_, "self") => prefix.to_owned(),
            _ => format!("{prefix}::{text}"),
        }
    }

    fn bind_import(&mut self, fact: u32, path: &str, local: &str) {
        let import = Import {
            fact,
            path: path.into(),
            local: local.into(),
            range: self.range(),
            conditional: self.state.conditional,
        };
        self.builder.import(import);
    }
}
