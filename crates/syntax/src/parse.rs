use tree_sitter::Tree;

use crate::language::Language;

/// What parsing a text gave.
#[derive(Clone)]
pub(crate) struct Parse {
    pub(crate) tree: Tree,
    pub(crate) has_error: bool,
}

/// A tree-sitter parser for one language.
pub(crate) struct Parser {
    parser: tree_sitter::Parser,
}

impl Parser {
    #[expect(clippy::expect_used, reason = "the grammars are compiled in; a test parses with each")]
    pub(crate) fn new(language: Language) -> Self {
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&language.grammar()).expect("the grammar fits the library");
        Self { parser }
    }

    #[expect(clippy::expect_used, reason = "a parser that has a language and is not cancelled gives a tree")]
    pub(crate) fn parse(&mut self, text: &str) -> Parse {
        let tree = self.parser.parse(text, None).expect("the parser has a language");
        let has_error = tree.root_node().has_error();
        Parse { tree, has_error }
    }
}
