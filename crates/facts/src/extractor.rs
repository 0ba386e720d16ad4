//! What the extractors of all languages share.

use shipworthy_syntax::Range;

/// How many levels of syntax an extractor follows. Deeper text becomes one opaque fact and is listed as unread, so that
/// hostile nesting costs neither the stack nor time.
pub(crate) const MAX_DEPTH: u32 = 300;

/// The bytes of a node.
pub(crate) fn range_of(node: &tree_sitter::Node<'_>) -> Range {
    Range { start: node.start_byte() as u32, end: node.end_byte() as u32 }
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
