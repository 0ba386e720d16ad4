//! Macro calls and attributes: their arguments, which the grammar leaves as bare tokens, are read as expressions. What is none becomes a
//! [`Kind::OtherExpression`] with what could be read in it. Blocks go back to the grammar.

use std::ops::ControlFlow;

use shipworthy_syntax::Range;

use super::tokens::{Reader, Token};
use super::{Extractor, Field, Tag};
use crate::fact::{Flags, Kind, Operator, Role};

/// How often the reader of one macro lets the grammar try a block in vain.
const MAX_FAILURES: u32 = 4;

/// How many blocks of macros, one inside the other, go back to the grammar: each is parsed again with all that it holds.
const MAX_REPARSES: u32 = 8;

/// The words that start statements and definitions, but no expression.
const STATEMENTS: &[&str] = &[
    "let", "static", "const", "fn", "pub", "struct", "enum", "impl", "use", "mod", "trait", "type", "extern",
];

impl Extractor<'_> {
    /// `name!(...)`: a call whose callee's name ends with `!`.
    pub(super) fn macro_call(&mut self, role: Role) {
        let index = self.fact(Kind::Call, role, |this| {
            let callee = this.builder.next();
            let mut reader = None;
            this.each(|this| match (this.field(), this.tag()) {
                (Some(Field::Macro), _) => this.visit(Role::Callee),
                (_, Tag::TokenTree) => reader = Some(this.reader()),
                (None, Tag::Other) if callee < this.builder.next() && this.is_token("!") => {
                    let end = this.range().end;
                    let fact = this.builder.fact_mut(callee);
                    fact.range.end = end;
                    fact.name.end = end;
                }
                _ => this.visit_named(Role::Part),
            });
            if let Some(mut reader) = reader {
                let name = this.builder.fact_mut(callee).name;
                reader.macro_arguments(this, 0, name);
            }
        });
        self.builder.fact_mut(index).flags |= Flags::MACRO;
    }

    /// The arguments of an attribute.
    pub(super) fn attribute_arguments(&mut self) {
        let mut reader = self.reader();
        reader.group(0, |reader| reader.arguments(self, Role::Argument));
    }
}

impl Reader {
    /// What the group at an index holds for the macro of a name.
    pub(super) fn macro_arguments(&mut self, out: &mut Extractor<'_>, group: usize, name: Range) {
        let Token { range, next, .. } = self.tokens[group];
        if self.is_template(group) {
            out.builder.leaf(Kind::OtherExpression, Role::Argument, range);
            self.bump();
            return;
        }
        if self.holds_statements(group) && self.reparse(out, group, next, Role::Body) {
            return;
        }
        let matches =
            matches!(out.builder.text(name), "matches!" | "assert_matches!" | "debug_assert_matches!");
        self.group(group, |reader| {
            reader.formats = true;
            if matches {
                reader.matches(out);
            }
            reader.arguments(out, Role::Argument);
        });
    }

    /// Whether a group is a template of code, as `quote!` has it, with places like `#name` to fill: that is not what runs here.
    fn is_template(&self, group: usize) -> bool {
        let next = self.tokens[group].next;
        let mut at = group + 1;
        while at < next {
            match self.word(at) {
                "#" if self.is_name(at + 1) => return true,
                "#" if self.is_group(at + 1, b'(') && self.word(at + 2) == "#" => return true,
                // Another macro's business.
                "!" if self.tokens.get(at + 1).is_some_and(|t| t.tag == Tag::TokenTree) => {
                    at = self.tokens[at + 1].next;
                }
                _ => at += 1,
            }
        }
        false
    }

    /// Whether a macro's group holds statements or definitions rather than arguments.
    fn holds_statements(&self, group: usize) -> bool {
        if self.is_group(group, b'{') {
            return !self.is_dictionary(group) && !self.tokens_of(group).any(|t| self.word(t) == "=>");
        }
        let first = self.word(group + 1);
        STATEMENTS.contains(&first) || (first == "#" && self.is_group(group + 2, b'['))
    }

    /// `matches!(value, pattern if guard)`.
    fn matches(&mut self, out: &mut Extractor<'_>) {
        self.expression(out, Role::Argument);
        if !self.eat(",") {
            return;
        }
        self.pattern(out, Role::Pattern);
        if self.eat("if") {
            self.expression(out, Role::Guard);
        }
    }

    pub(super) fn pattern(&mut self, out: &mut Extractor<'_>, role: Role) {
        self.eat("|");
        let first = out.builder.next();
        self.expression(out, role);
        as_pattern(out, first);
    }

    // Arguments.

    pub(super) fn arguments(&mut self, out: &mut Extractor<'_>, role: Role) {
        while self.at < self.end {
            let before = self.at;
            if !self.eat(",") && !self.eat(";") && !self.eat("=>") {
                self.argument(out, role);
                if self.at == before {
                    self.bump();
                }
            }
        }
    }

    pub(super) fn argument(&mut self, out: &mut Extractor<'_>, role: Role) {
        if matches!(role, Role::Argument | Role::Part)
            && let Some(sign) = self.label()
            && !self.is_arm(sign + 1)
        {
            let label =
                Range { start: self.tokens[self.at].range.start, end: self.tokens[sign - 1].range.end };
            self.at = sign + 1;
            let first = out.builder.next();
            if self.expression(out, role) {
                out.builder.fact_mut(first).label = label;
            }
            self.rest(out, first, role);
            return;
        }
        if (self.is("else") || self.is("default")) && self.text_at(self.at + 1) == "=>" {
            let arm = self.open(out, Kind::Arm, role);
            out.builder.fact_mut(arm).flags |= Flags::DEFAULT;
            self.at += 2;
            self.expression(out, Role::Body);
            self.close(out);
            return;
        }
        let first = out.builder.next();
        if !self.expression(out, role) {
            self.rest(out, first, role);
        } else if self.is("=") {
            self.assignment(out, first);
        } else if self.eat("->") {
            // Of crossbeam's `select!`: `operation -> pattern => body`.
            out.builder.wrap(first, Kind::Arm, Role::Value);
            self.pattern(out, Role::Pattern);
            if self.eat("=>") {
                self.expression(out, Role::Body);
            }
            self.close(out);
        } else if self.is("=>") || self.is(":") {
            self.bump();
            out.builder.wrap(first, Kind::Entry, Role::Key);
            self.expression(out, Role::Value);
            self.close(out);
        } else {
            self.rest(out, first, role);
        }
    }

    /// `a = b`, or an arm of `select!`: `pattern = future, if guard => body`.
    fn assignment(&mut self, out: &mut Extractor<'_>, first: u32) {
        self.bump();
        let is_arm = self.is_arm(self.at);
        if !is_arm {
            out.builder.wrap(first, Kind::Assign, Role::Target);
            self.expression(out, Role::Value);
            return self.close(out);
        }
        as_pattern(out, first);
        out.builder.wrap(first, Kind::Arm, Role::Pattern);
        self.expression(out, Role::Value);
        self.eat(",");
        if self.eat("if") {
            self.expression(out, Role::Guard);
        }
        if self.eat("=>") {
            self.expression(out, Role::Body);
        }
        self.close(out);
    }

    /// Index of the sign after the label here: `name = value`, `a.b = value`, `name: value`.
    fn label(&self) -> Option<usize> {
        let mut at = self.at;
        loop {
            if !self.is_identifier(at) && !matches!(self.text_at(at), "type" | "crate") {
                return None;
            }
            match self.text_at(at + 1) {
                "=" => return Some(at + 1),
                ":" if at == self.at => return Some(at + 1),
                "." => at += 2,
                _ => return None,
            }
        }
    }

    /// Whether the value here is that of an arm: `value => body` or `value, if guard => body`.
    fn is_arm(&self, from: usize) -> bool {
        let mut at = from;
        while let Some(token) = self.token(at) {
            match self.text_at(at) {
                "=>" => return true,
                "," if self.text_at(token.next) != "if" => return false,
                ";" => return false,
                _ => at = token.next,
            }
        }
        false
    }

    /// What is left of an argument that could not be read as one expression.
    pub(super) fn rest(&mut self, out: &mut Extractor<'_>, first: u32, role: Role) {
        if self.at_end() {
            return;
        }
        if first < out.builder.next() {
            out.builder.wrap(first, Kind::OtherExpression, Role::Part);
        } else {
            self.open(out, Kind::OtherExpression, role);
        }
        while !self.at_end() {
            let before = self.at;
            if !self.expression(out, Role::Part) || self.at == before {
                self.bump();
            }
        }
        self.close(out);
    }

    /// Whether a group says `key: value` or `key => value`, rather than statements.
    pub(super) fn is_dictionary(&self, group: usize) -> bool {
        let mut words = self.tokens_of(group).map(|t| self.word(t));
        let telling =
            |word: &&str| matches!(*word, ":" | "=>" | ";" | "," | "=" | "|") || STATEMENTS.contains(word);
        words.find(telling).is_some_and(|word| matches!(word, ":" | "=>"))
    }

    /// Whether tokens may be code: two words side by side never are. A parse that fails costs far more than this look.
    fn may_be_code(&self, from: usize, to: usize) -> bool {
        let is_word = |at: usize| {
            matches!(
                self.tokens[at].tag,
                Tag::Identifier
                    | Tag::StringLiteral
                    | Tag::RawStringLiteral
                    | Tag::IntegerLiteral
                    | Tag::FloatLiteral
            ) && !matches!(
                self.word(at),
                // Keywords that mean something to the grammar in their place only.
                "auto"
                    | "dyn"
                    | "else"
                    | "gen"
                    | "in"
                    | "move"
                    | "raw"
                    | "ref"
                    | "safe"
                    | "try"
                    | "union"
                    | "yield"
            )
        };
        let mut at = from;
        // Where the group ends that the token is in.
        let mut ends = vec![to];
        while at < to {
            while ends.last() == Some(&at) {
                ends.pop();
            }
            let Token { tag, next, .. } = self.tokens[at];
            if tag == Tag::TokenTree {
                let is_macro = at > from && self.word(at - 1) == "!";
                if is_macro {
                    at = next;
                    continue;
                }
                ends.push(next);
            } else if is_word(at) && Some(&next) != ends.last() && is_word(next) {
                return false;
            }
            at += 1;
        }
        true
    }

    /// Parses tokens again, as code, and goes past them; writes nothing where they are none.
    pub(super) fn reparse(&mut self, out: &mut Extractor<'_>, from: usize, to: usize, role: Role) -> bool {
        if self.failures >= MAX_FAILURES || out.state.reparses >= MAX_REPARSES || !self.may_be_code(from, to)
        {
            return false;
        }
        let start = self.tokens[from].range.start;
        let end = self.tokens[from..to].iter().map(|t| t.range.end).max().unwrap_or(start);
        // Statements in other brackets than a block's stand without them.
        let is_bare = self.tokens[from].tag == Tag::TokenTree && !self.is_group(from, b'{');
        let range = match is_bare {
            true => Range { start: start + 1, end: end.saturating_sub(1).max(start + 1) },
            false => Range { start, end },
        };
        let Some(tree) = parse(out, &self.text, range) else {
            self.failures += 1;
            return false;
        };
        let comments = out.builder.comments();
        out.depth += 1;
        out.state.reparses += 1;
        out.within(&tree, |walk| match is_bare {
            true => walk.with_children(Kind::Block, role, Role::Statement),
            false => walk.visit_children(role),
        });
        out.state.reparses -= 1;
        out.depth -= 1;
        // The tokens had them already.
        out.builder.truncate_comments(comments);
        self.at = to;
        self.last = end;
        true
    }
}

/// Makes a pattern of what was written as an expression: patterns look like what they match.
pub(super) fn as_pattern(out: &mut Extractor<'_>, first: u32) {
    for index in first..out.builder.next() {
        let parent = out.builder.fact_mut(index).parent;
        let is_alternative = parent >= first && out.builder.fact_mut(parent).kind == Kind::Pattern;
        let fact = out.builder.fact_mut(index);
        if is_alternative && fact.role == Role::Operand {
            fact.role = Role::Part;
        }
        match fact.kind {
            Kind::Call if !fact.flags.contains(Flags::MACRO) => fact.kind = Kind::Pattern,
            Kind::Construct => fact.kind = Kind::Pattern,
            Kind::Binary if fact.operator == Operator::BitOr => {
                fact.kind = Kind::Pattern;
                fact.operator = Operator::None;
            }
            _ => {}
        }
    }
    out.bind(first);
}

/// The tree of a range of the text; none where it does not parse.
fn parse(out: &mut Extractor<'_>, text: &str, range: Range) -> Option<tree_sitter::Tree> {
    let parser = match &mut out.state.parser {
        Some(parser) => parser,
        none => {
            let mut parser = tree_sitter::Parser::new();
            parser.set_language(&tree_sitter_rust::LANGUAGE.into()).ok()?;
            none.insert(Box::new(parser))
        }
    };
    let included = tree_sitter::Range {
        start_byte: range.start as usize,
        end_byte: range.end as usize,
        start_point: tree_sitter::Point::default(),
        end_point: tree_sitter::Point::default(),
    };
    parser.set_included_ranges(&[included]).ok()?;
    parser.reset();
    // Recovering from errors is slow, and what does not parse is not wanted.
    let mut stop = |state: &tree_sitter::ParseState| {
        if state.has_error() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = tree_sitter::ParseOptions::new().progress_callback(&mut stop);
    let mut read = |at: usize, _| text.as_bytes().get(at..).unwrap_or_default();
    let tree = parser.parse_with_options(&mut read, None, Some(options))?;
    is_readable(tree.root_node()).then_some(tree)
}

/// Whether nothing worse than a missing `;` is wrong with a tree.
fn is_readable(node: tree_sitter::Node<'_>) -> bool {
    let mut cursor = node.walk();
    loop {
        let node = cursor.node();
        if node.is_error() {
            return false;
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return true;
            }
        }
    }
}
