//! Package, imports, functions, types and what they declare.

use shipworthy_syntax::Range;

use super::Extractor;
use super::tags::{Field, Tag};
use crate::extractor::range_of;
use crate::fact::{Flags, Import, Kind, Role};

impl Extractor<'_> {
    pub(super) fn package(&mut self) {
        self.each(|this| match this.tag() {
            Tag::PackageIdentifier => {
                let name = this.range();
                this.builder.package(name);
            }
            _ => this.visit_named(Role::Statement),
        });
    }

    pub(super) fn import(&mut self, role: Role) {
        self.fact(Kind::Import, role, Self::import_specs);
    }

    fn import_specs(&mut self) {
        self.each(|this| match this.tag() {
            Tag::ImportSpecList => this.import_specs(),
            Tag::ImportSpec => this.import_spec(),
            _ => this.visit_named(Role::Part),
        });
    }

    fn import_spec(&mut self) {
        let range = self.range();
        let (mut alias, mut path) = (Range::default(), Range::default());
        self.each(|this| match this.field() {
            Some(Field::Name) => alias = this.range(),
            Some(Field::Path) => path = this.range(),
            _ => this.visit_named(Role::Part),
        });
        let path = crate::literal::unquote(self.builder.text(path), true).into_owned();
        let local = match self.builder.text(alias) {
            "" => package_name(&path),
            "." => "*",
            alias => alias,
        };
        let import = Import {
            fact: self.builder.current(),
            local: local.into(),
            path: path.into(),
            range,
            conditional: false,
        };
        self.builder.import(import);
    }

    /// A function, a method or a method of an interface.
    pub(super) fn function(&mut self, role: Role) {
        let index = self.fact(Kind::Function, role, Self::signature);
        let has_body = self.cursor.node().child_by_field_name("body").is_some();
        if !has_body {
            self.builder.fact_mut(index).flags |= Flags::ABSTRACT;
        }
    }

    /// What stands in the fact of a function or function literal, which is open.
    pub(super) fn signature(&mut self) {
        let index = self.builder.current();
        self.each(|this| match this.field() {
            Some(Field::Name) => this.define(index),
            Some(Field::Receiver) => this.each(|this| this.declared_or_other(Role::Receiver)),
            Some(Field::TypeParameters) => this.each(|this| this.declared_or_other(Role::TypeParameter)),
            Some(Field::Parameters) => this.each(|this| this.declared_or_other(Role::Parameter)),
            Some(Field::Result) if this.tag() == Tag::ParameterList => {
                this.each(|this| this.declared_or_other(Role::Result));
            }
            Some(Field::Result) => this.visit_named(Role::Result),
            Some(Field::Body) => this.visit(Role::Body),
            _ => this.visit_named(Role::Part),
        });
    }

    /// Names the fact at an index after the identifier under the cursor.
    fn define(&mut self, index: u32) {
        let name = self.range();
        self.define_as(index, name);
    }

    fn define_as(&mut self, index: u32, name: Range) {
        let exported = self.builder.text(name).starts_with(char::is_uppercase);
        let fact = self.builder.fact_mut(index);
        fact.name = name;
        if exported && matches!(fact.kind, Kind::Function | Kind::Class | Kind::Field) {
            fact.flags |= Flags::PUBLIC;
        }
    }

    /// A fact for each name of `a, b int`, each reaching to the end of the declaration. The type's own parts belong to the last.
    pub(super) fn declared(&mut self, kind: Kind, role: Role) {
        let declaration = self.cursor.node();
        let whole = range_of(&declaration);
        let variadic = self.tag() == Tag::VariadicParameterDeclaration;
        let flags = if variadic { Flags::SPREAD } else { Flags::empty() };
        let mut open = false;
        // Where the type starts if not at its node: the `*` of an embedded pointer, the `...` of a variadic parameter.
        let mut sign = None;
        self.each(|this| match this.field() {
            Some(Field::Name) if this.cursor.node().is_named() => {
                if open {
                    if let Some(shared) = declaration.child_by_field_name("type") {
                        this.builder.leaf(Kind::Type, Role::Type, range_of(&shared));
                    }
                    this.builder.close();
                }
                open = true;
                sign = None;
                let start = this.range().start;
                this.builder.open(kind, role, Range { start, end: whole.end }).flags = flags;
                let index = this.builder.current();
                this.define(index);
            }
            // An unnamed result is its type.
            Some(Field::Type) if !open && role == Role::Result => this.visit(Role::Result),
            Some(Field::Type) => {
                if !open {
                    open = true;
                    this.builder.open(kind, role, whole).flags = flags;
                    if kind == Kind::Field {
                        this.define_embedded();
                    }
                }
                let index = this.builder.next();
                this.visit(Role::Type);
                if let Some(start) = sign
                    && index < this.builder.next()
                {
                    this.builder.fact_mut(index).range.start = start;
                }
            }
            // A field's tag is to it what an attribute is elsewhere.
            Some(Field::Tag) => this.visit_named(Role::Decorator),
            _ => {
                if matches!(this.first_byte(), b'*' | b'.') {
                    sign = Some(this.range().start);
                }
                this.visit_named(Role::Part);
            }
        });
        if open {
            self.builder.close();
        }
    }

    /// A type declaration.
    pub(super) fn class(&mut self, role: Role) {
        let alias = self.tag() == Tag::TypeAlias;
        self.fact(Kind::Class, role, |this| {
            let index = this.builder.current();
            this.each(|this| match (this.field(), this.tag()) {
                (Some(Field::Name), _) => this.define(index),
                (Some(Field::TypeParameters), _) => {
                    this.each(|this| this.declared_or_other(Role::TypeParameter));
                }
                (Some(Field::Type), Tag::StructType) => this.struct_body(),
                (Some(Field::Type), Tag::InterfaceType) => {
                    this.builder.fact_mut(index).flags |= Flags::ABSTRACT;
                    this.interface_body();
                }
                (Some(Field::Type), _) => {
                    // An alias has all that its type has; other types have its fields at most.
                    if alias {
                        this.base();
                    }
                    this.visit_named(Role::Type);
                }
                _ => this.visit_named(Role::Part),
            });
        });
    }

    /// Embedded types are bases, and fields under their own name.
    fn struct_body(&mut self) {
        self.each(|this| {
            if this.tag() != Tag::FieldDeclarationList {
                return this.visit_named(Role::Part);
            }
            this.each(|this| {
                let mut named = false;
                this.each(|this| match this.field() {
                    Some(Field::Name) => named = true,
                    Some(Field::Type) if !named => this.base(),
                    _ => {}
                });
            });
            this.fact(Kind::Block, Role::Body, |this| this.visit_children(Role::Statement));
        });
    }

    fn interface_body(&mut self) {
        self.each(|this| {
            if this.tag() == Tag::TypeElem && this.cursor.node().named_child_count() == 1 {
                this.each(Self::base);
            }
        });
        self.fact(Kind::Block, Role::Body, |this| this.visit_children(Role::Statement));
    }

    fn declared_or_other(&mut self, role: Role) {
        match self.tag() {
            Tag::ParameterDeclaration | Tag::VariadicParameterDeclaration => {
                self.declared(Kind::Parameter, role);
            }
            Tag::TypeParameterDeclaration => self.declared(Kind::Type, role),
            _ => self.visit_named(Role::Part),
        }
    }

    /// Names the open field after its type.
    fn define_embedded(&mut self) {
        let mut node = self.cursor.node();
        while let Some(inner) = match Tag::of(node.kind_id()) {
            Tag::QualifiedType => node.child_by_field_name("name"),
            Tag::GenericType => node.child_by_field_name("type"),
            _ => None,
        } {
            node = inner;
        }
        let index = self.builder.current();
        self.define_as(index, range_of(&node));
    }
}

/// The name that a package most probably has, by its import path, as goimports assumes it: the last segment that is not a major
/// version, without `go-` and from the first character on that no identifier has.
fn package_name(path: &str) -> &str {
    let mut segments = path.rsplit('/');
    let mut last = segments.next().unwrap_or(path);
    let is_version =
        last.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if is_version {
        last = segments.next().unwrap_or(last);
    }
    let last = last.strip_prefix("go-").or_else(|| last.strip_prefix("go.")).unwrap_or(last);
    let end = last.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(last.len());
    &last[..end]
}
