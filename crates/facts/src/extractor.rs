//! What the extractors of all languages share: the walk over a syntax tree that writes facts.

use shipworthy_syntax::Range;
use tree_sitter::TreeCursor;

use crate::fact::{Builder, Facts, Flags, Kind, Role};

/// How many levels of syntax an extractor follows. Deeper text becomes one opaque fact and is listed as unread, so that
/// hostile nesting costs neither the stack nor time.
pub(crate) const MAX_DEPTH: u32 = 300;

/// The bytes of a node.
pub(crate) fn range_of(node: &tree_sitter::Node<'_>) -> Range {
    Range { start: node.start_byte() as u32, end: node.end_byte() as u32 }
}

/// What an extractor knows about its language. The implementing type is the extractor's own state.
pub(crate) trait Grammar: Sized {
    /// The node kinds that it knows.
    type Tag: Copy + PartialEq;
    /// The fields that it knows.
    type Field: Copy + PartialEq;

    fn tag(kind_id: u16) -> Self::Tag;
    fn field(field_id: u16) -> Option<Self::Field>;

    /// Writes the facts of the node under the cursor; its own fact has that role. Called through [`Walk::visit`] only.
    fn extract(walk: &mut Walk<'_, Self>, role: Role);
}

/// A walk over a tree that writes facts.
pub(crate) struct Walk<'t, G> {
    pub(crate) cursor: TreeCursor<'t>,
    pub(crate) builder: Builder,
    pub(crate) state: G,
    pub(crate) depth: u32,
}

impl<'t, G: Grammar> Walk<'t, G> {
    pub(crate) fn new(tree: &'t tree_sitter::Tree, builder: Builder, state: G) -> Self {
        Self { cursor: tree.walk(), builder, state, depth: 0 }
    }

    /// The facts of everything below the root.
    pub(crate) fn finish(mut self) -> Facts {
        self.visit_children(Role::Statement);
        self.list_errors();
        self.builder.finish()
    }

    /// Lists what the parser could not read. Where it gave up on the root, what it made of the parts is still sound: only the loose
    /// tokens between them are errors.
    fn list_errors(&mut self) {
        let root = self.cursor.node();
        if !root.has_error() {
            return;
        }
        let mut found = false;
        loop {
            let node = self.cursor.node();
            let inner = node == root || !node.is_error() && node.has_error();
            let loose = root.is_error() && !node.is_named() && self.cursor.depth() == 1;
            if node.is_missing() || !inner && node.is_error() || loose {
                found = true;
                self.builder.error(range_of(&node));
            }
            if inner && self.cursor.goto_first_child() {
                continue;
            }
            while !self.cursor.goto_next_sibling() {
                if !self.cursor.goto_parent() {
                    if !found {
                        self.builder.error(range_of(&root));
                    }
                    return;
                }
            }
        }
    }

    /// Walks another tree over the same text, writing where this walk stands.
    pub(crate) fn within(&mut self, tree: &tree_sitter::Tree, f: impl FnOnce(&mut Walk<'_, G>))
    where
        G: Default,
    {
        let mut inner = Walk {
            cursor: tree.walk(),
            builder: std::mem::take(&mut self.builder),
            state: std::mem::take(&mut self.state),
            depth: self.depth,
        };
        f(&mut inner);
        self.builder = inner.builder;
        self.state = inner.state;
    }

    pub(crate) fn range(&self) -> Range {
        range_of(&self.cursor.node())
    }

    pub(crate) fn tag(&self) -> G::Tag {
        G::tag(self.cursor.node().kind_id())
    }

    pub(crate) fn field(&self) -> Option<G::Field> {
        self.cursor.field_id().and_then(|id| G::field(id.get()))
    }

    /// Calls `f` with the cursor on each child.
    pub(crate) fn each(&mut self, mut f: impl FnMut(&mut Self)) {
        if self.cursor.goto_first_child() {
            loop {
                f(self);
                if !self.cursor.goto_next_sibling() {
                    break;
                }
            }
            self.cursor.goto_parent();
        }
    }

    /// Writes the facts of the node under the cursor.
    pub(crate) fn visit(&mut self, role: Role) {
        self.nested(role, |this| G::extract(this, role));
    }

    /// One level deeper: calls `f` unless the node under the cursor is missing or too deep.
    pub(crate) fn nested(&mut self, role: Role, f: impl FnOnce(&mut Self)) {
        let node = self.cursor.node();
        if node.is_missing() {
            return;
        }
        if self.depth >= MAX_DEPTH {
            self.builder.error(range_of(&node));
            self.leaf(other(role), role);
        } else {
            self.depth += 1;
            f(self);
            self.depth -= 1;
        }
    }

    /// Visits the node under the cursor unless it is punctuation.
    pub(crate) fn visit_named(&mut self, role: Role) {
        if self.cursor.node().is_named() {
            self.visit(role);
        }
    }

    /// Visits every child in one role.
    pub(crate) fn visit_children(&mut self, role: Role) {
        self.each(|this| this.visit_named(role));
    }

    /// What the parser could not read: its parts stay reachable.
    pub(crate) fn visit_error(&mut self, role: Role) {
        let index = self.fact(other(role), role, |this| this.visit_children(Role::Part));
        self.builder.fact_mut(index).flags |= Flags::ERROR;
    }

    /// Opens a fact on the node under the cursor, calls `inside`, closes the fact; returns its index.
    pub(crate) fn fact(&mut self, kind: Kind, role: Role, inside: impl FnOnce(&mut Self)) -> u32 {
        let range = self.range();
        self.builder.open(kind, role, range);
        let index = self.builder.current();
        inside(self);
        self.builder.close();
        index
    }

    /// A fact whose children are found by their fields: the first role whose field matches; other named children get `rest`.
    pub(crate) fn fields(&mut self, kind: Kind, role: Role, roles: &[(G::Field, Role)], rest: Role) -> u32 {
        self.fact(kind, role, |this| {
            this.each(|this| {
                let by_field = this.field().and_then(|f| roles.iter().find(|(field, _)| *field == f));
                this.visit_named(by_field.map_or(rest, |(_, role)| *role));
            });
        })
    }

    /// A fact without children on the node under the cursor; returns its index.
    pub(crate) fn leaf(&mut self, kind: Kind, role: Role) -> u32 {
        let range = self.range();
        self.builder.leaf(kind, role, range);
        self.builder.next() - 1
    }

    /// A name on the node under the cursor.
    pub(crate) fn name(&mut self, role: Role) {
        let range = self.range();
        self.builder.leaf(Kind::Name, role, range).name = range;
    }
}

/// The kind of what no other kind covers.
pub(crate) fn other(role: Role) -> Kind {
    if role == Role::Statement { Kind::OtherStatement } else { Kind::OtherExpression }
}

/// Declares `enum Tag` over the node kinds of a grammar, with `Tag::of(kind_id)` by table; other kinds are `Tag::Other`.
macro_rules! tags {
    ($language:path, $($tag:ident = $name:literal),+ $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Tag { $($tag,)+ Other }

        static TAGS: LazyLock<Vec<Tag>> = LazyLock::new(|| {
            let language = tree_sitter::Language::from($language);
            (0..language.node_kind_count() as u16)
                .map(|id| match language.node_kind_for_id(id) {
                    $(Some($name) if language.node_kind_is_named(id) => Tag::$tag,)+
                    _ => Tag::Other,
                })
                .collect()
        });

        impl Tag {
            pub(super) fn of(kind_id: u16) -> Self {
                // The grammar's table ends before the number of ERROR.
                TAGS.get(kind_id as usize).copied().unwrap_or(Tag::Error)
            }
        }
    };
}

/// Declares `enum Field` over the fields of a grammar, with `Field::of(field_id)` by table.
macro_rules! fields {
    ($language:path, $($field:ident = $name:literal),+ $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Field { $($field,)+ }

        static FIELDS: LazyLock<Vec<Option<Field>>> = LazyLock::new(|| {
            let language = tree_sitter::Language::from($language);
            (0..=language.field_count() as u16)
                .map(|id| match language.field_name_for_id(id) {
                    $(Some($name) => Some(Field::$field),)+
                    _ => None,
                })
                .collect()
        });

        impl Field {
            pub(super) fn of(field_id: u16) -> Option<Self> {
                FIELDS.get(field_id as usize).copied().flatten()
            }
        }
    };
}

pub(crate) use {fields, tags};
