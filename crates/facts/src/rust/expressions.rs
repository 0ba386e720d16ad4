//! Expressions from tokens. Each function that reads one tells whether it wrote a fact.

use shipworthy_syntax::Range;

use super::macros::as_pattern;
use super::tokens::Reader;
use super::{Extractor, Tag};
use crate::extractor::MAX_DEPTH;
use crate::fact::{Flags, Kind, Operator, Role};

/// How many operators and methods one expression chains.
const MAX_CHAIN: u32 = MAX_DEPTH;

impl Reader {
    pub(super) fn expression(&mut self, out: &mut Extractor<'_>, role: Role) -> bool {
        self.binary(out, role, 0)
    }

    fn binary(&mut self, out: &mut Extractor<'_>, role: Role, least: u8) -> bool {
        let first = out.builder.next();
        if !self.unary(out, role) {
            return false;
        }
        for _ in 0..MAX_CHAIN {
            let Some(strength) = strength(self.text_at(self.at)).filter(|s| *s >= least) else { break };
            let text = self.text_at(self.at);
            let operator = Operator::between(text);
            match text {
                "as" => {
                    self.bump();
                    out.builder.wrap(first, Kind::Cast, Role::Value);
                    self.type_of(out);
                }
                ".." | "..=" => {
                    self.bump();
                    out.builder.wrap(first, Kind::RangeLiteral, Role::Operand);
                    if !self.at_end() {
                        self.binary(out, Role::Operand, strength + 1);
                    }
                }
                _ => {
                    self.bump();
                    out.builder.wrap(first, operator.kind(), Role::Operand).operator = operator;
                    self.binary(out, Role::Operand, strength + 1);
                }
            }
            self.close(out);
        }
        true
    }

    fn unary(&mut self, out: &mut Extractor<'_>, role: Role) -> bool {
        if out.depth >= MAX_DEPTH {
            let Some(token) = self.token(self.at) else { return false };
            let range = Range {
                start: token.range.start,
                end: self.tokens[self.end - 1].range.end.max(token.range.end),
            };
            out.builder.error(range);
            out.builder.leaf(Kind::OtherExpression, role, range);
            self.at = self.end;
            self.last = range.end;
            return true;
        }
        out.depth += 1;
        let written = self.prefixed(out, role);
        out.depth -= 1;
        written
    }

    fn prefixed(&mut self, out: &mut Extractor<'_>, role: Role) -> bool {
        let (kind, operator, inner) = match self.text_at(self.at) {
            "-" => (Kind::Unary, Operator::Negate, Role::Operand),
            "!" => (Kind::Unary, Operator::Not, Role::Operand),
            "*" => (Kind::Dereference, Operator::None, Role::Value),
            "&" | "&&" => (Kind::Reference, Operator::None, Role::Value),
            ".." | "..=" => (Kind::RangeLiteral, Operator::None, Role::Operand),
            "return" => (Kind::Return, Operator::None, Role::Value),
            "break" => (Kind::Break, Operator::None, Role::Value),
            "yield" => (Kind::Yield, Operator::None, Role::Value),
            "continue" => {
                self.leaf(out, Kind::Continue, role);
                return true;
            }
            "let" => {
                self.open(out, Kind::Let, role);
                self.bump();
                self.pattern(out, Role::Pattern);
                if self.eat("=") {
                    self.unary(out, Role::Value);
                }
                self.close(out);
                return true;
            }
            "#" if self.is_group(self.at + 1, b'[') => {
                // An attribute.
                self.bump();
                self.bump();
                return self.unary(out, role);
            }
            // `?value` and `%value` say how a value is logged, `ref` and `mut` how a name is bound.
            "?" | "%" | "#" | "$" | "@" | "ref" | "mut" => {
                self.bump();
                return self.unary(out, role);
            }
            _ => return self.postfixed(out, role),
        };
        let is_double = self.is("&&");
        let index = self.open(out, kind, role);
        out.builder.fact_mut(index).operator = operator;
        self.bump();
        if kind == Kind::Reference {
            if is_double {
                let start = self.last - 1;
                out.builder.open(kind, inner, Range { start, end: start });
            }
            if self.eat("mut") {
                let current = out.builder.current();
                out.builder.fact_mut(current).flags |= Flags::MUTABLE;
            }
        }
        if !self.at_end() {
            match kind {
                Kind::Return | Kind::Break | Kind::Yield => self.expression(out, inner),
                Kind::RangeLiteral => self.binary(out, inner, RANGE + 1),
                _ => self.unary(out, inner),
            };
        }
        if is_double {
            self.close(out);
        }
        self.close(out);
        true
    }

    fn postfixed(&mut self, out: &mut Extractor<'_>, role: Role) -> bool {
        let first = out.builder.next();
        let is_block = self.is_block();
        if !self.primary(out, role) {
            return false;
        }
        let mut generics = None;
        for _ in 0..MAX_CHAIN {
            // What follows a block starts anew.
            if is_block && !matches!(self.text_at(self.at), "." | "?") {
                break;
            }
            if self.is("?") {
                out.builder.wrap(first, Kind::Propagate, Role::Value);
                self.bump();
            } else if self.is(".") && self.text_at(self.at + 1) == "await" {
                out.builder.wrap(first, Kind::Await, Role::Value);
                self.bump();
                self.bump();
            } else if (self.is(".") || self.is("::")) && self.is_member(self.at + 1) {
                self.bump();
                let name = self.bump();
                out.builder.wrap(first, Kind::Attribute, Role::Object).name = name;
            } else if self.is("::") && self.text_at(self.at + 1) == "<" {
                self.bump();
                generics = Some(self.generics());
                continue;
            } else if self.is("!") && self.token(self.at + 1).is_some_and(|t| t.tag == Tag::TokenTree) {
                self.macro_call(out, first);
            } else if self.is_group(self.at, b'(') {
                out.builder.wrap(first, Kind::Call, Role::Callee);
                for range in generics.take().unwrap_or_default() {
                    out.builder.leaf(Kind::Type, Role::Type, range);
                }
                self.group(self.at, |reader| reader.arguments(out, Role::Argument));
            } else if self.is_group(self.at, b'[') {
                let is_slice = self.tokens_of(self.at).any(|t| matches!(self.word(t), ".." | "..="));
                let kind = if is_slice { Kind::Slice } else { Kind::Index };
                out.builder.wrap(first, kind, Role::Object);
                self.group(self.at, |reader| reader.arguments(out, Role::Index));
            } else if self.is_group(self.at, b'{') && self.is_construct(out, first) {
                out.builder.wrap(first, Kind::Construct, Role::Callee);
                self.group(self.at, |reader| reader.initializers(out));
            } else {
                break;
            }
            self.close(out);
            generics = None;
        }
        true
    }

    /// Whether the token at an index names a member: a field or the next segment of a path.
    fn is_member(&self, index: usize) -> bool {
        self.is_identifier(index)
            || self.token(index).is_some_and(|t| matches!(t.tag, Tag::IntegerLiteral | Tag::FloatLiteral))
    }

    /// Whether a block or what ends with one starts here.
    fn is_block(&self) -> bool {
        self.is_group(self.at, b'{')
            || matches!(self.text_at(self.at), "if" | "match" | "for" | "while" | "loop" | "unsafe")
    }

    /// Whether the group here belongs to the path before it: `Type { field: value }`.
    fn is_construct(&self, out: &mut Extractor<'_>, path: u32) -> bool {
        let fact = *out.builder.fact_mut(path);
        let is_type = matches!(fact.kind, Kind::Name | Kind::Attribute)
            && out.builder.text(fact.name).starts_with(char::is_uppercase);
        let mut inside = self.tokens_of(self.at);
        is_type
            && match (inside.next(), inside.next()) {
                (None, _) => true,
                (Some(first), None) => self.is_name(first) || self.word(first) == "..",
                (Some(first), Some(second)) => {
                    matches!(self.word(first), ".." | "#")
                        || (self.is_name(first) && matches!(self.word(second), ":" | ","))
                }
            }
    }

    fn initializers(&mut self, out: &mut Extractor<'_>) {
        while self.at < self.end {
            if self.eat(",") {
                continue;
            }
            let first = out.builder.next();
            if self.is("#") && self.is_group(self.at + 1, b'[') {
                self.bump();
                self.bump();
                continue;
            }
            if self.is("..") {
                let index = self.open(out, Kind::Spread, Role::Argument);
                out.builder.fact_mut(index).flags |= Flags::SPREAD;
                self.bump();
                self.expression(out, Role::Value);
                self.close(out);
            } else if self.text_at(self.at + 1) == ":" {
                let label = self.bump();
                self.bump();
                if self.expression(out, Role::Argument) {
                    out.builder.fact_mut(first).label = label;
                }
            } else if self.is_identifier(self.at) {
                let label = self.tokens[self.at].range;
                self.expression(out, Role::Argument);
                out.builder.fact_mut(first).label = label;
            } else {
                self.expression(out, Role::Argument);
            }
            self.rest(out, first, Role::Argument);
            if self.is(";") || self.is("=>") {
                self.bump();
            }
        }
    }

    fn macro_call(&mut self, out: &mut Extractor<'_>, first: u32) {
        let sign = self.bump();
        let callee = out.builder.fact_mut(first);
        callee.range.end = sign.end;
        callee.name.end = sign.end;
        out.builder.wrap(first, Kind::Call, Role::Callee).flags |= Flags::MACRO;
        let name = out.builder.fact_mut(first + 1).name;
        self.macro_arguments(out, self.at, name);
    }

    fn primary(&mut self, out: &mut Extractor<'_>, role: Role) -> bool {
        let Some(token) = self.token(self.at) else { return false };
        match token.tag {
            Tag::StringLiteral | Tag::RawStringLiteral => self.string(out, role),
            Tag::CharLiteral => self.leaf(out, Kind::Character, role),
            Tag::BooleanLiteral => self.leaf(out, Kind::Boolean, role),
            Tag::IntegerLiteral | Tag::FloatLiteral => self.leaf(out, Kind::Number, role),
            Tag::TokenTree if self.is_group(self.at, b'{') => self.braces(out, role),
            Tag::TokenTree if self.is_group(self.at, b'[') => {
                self.open(out, Kind::List, role);
                self.group(self.at, |reader| reader.arguments(out, Role::Element));
                self.close(out);
            }
            Tag::TokenTree => self.parentheses(out, role),
            _ => return self.name(out, role),
        }
        true
    }

    /// `()`, `(a)` or `(a, b)`.
    fn parentheses(&mut self, out: &mut Extractor<'_>, role: Role) {
        let group = self.at;
        if self.tokens_of(group).next().is_none() {
            self.leaf(out, Kind::Nothing, role);
        } else if self.tokens_of(group).any(|t| self.word(t) == ",") {
            self.open(out, Kind::Tuple, role);
            self.group(group, |reader| reader.arguments(out, Role::Element));
            self.close(out);
        } else {
            let first = out.builder.next();
            self.group(group, |reader| {
                reader.argument(out, role);
                // There is no second argument: `;` and `=>` do not stand in parentheses.
                while reader.at < reader.end {
                    reader.bump();
                }
            });
            if first == out.builder.next() {
                out.builder.leaf(Kind::OtherExpression, role, self.tokens[group].range);
            }
        }
    }

    /// A dictionary as `json!` has it, or a block.
    fn braces(&mut self, out: &mut Extractor<'_>, role: Role) {
        let group = self.at;
        let next = self.tokens[group].next;
        let is_empty = next == group + 1;
        if self.is_dictionary(group) || (is_empty && role != Role::Body) {
            self.open(out, Kind::Dictionary, role);
            self.group(group, |reader| reader.arguments(out, Role::Element));
            self.close(out);
        } else if !self.reparse(out, group, next, role) {
            self.open(out, Kind::OtherExpression, role);
            self.group(group, |reader| reader.arguments(out, Role::Part));
            self.close(out);
        }
    }

    /// A name, a closure, or what a keyword starts.
    fn name(&mut self, out: &mut Extractor<'_>, role: Role) -> bool {
        match self.text_at(self.at) {
            "|" | "||" => self.closure(out, role),
            "async" | "move" | "static"
                if matches!(self.text_at(self.at + 1), "|" | "||" | "move")
                    && !self.is_group(self.at + 2, b'{') =>
            {
                self.closure(out, role);
            }
            "if" | "match" | "for" | "while" | "loop" | "unsafe" | "async" | "const" => {
                return self.keyword(out, role);
            }
            "_" => {
                let range = self.bump();
                out.builder.leaf(Kind::Name, role, range).name = range;
            }
            "None" => self.leaf(out, Kind::Nothing, role),
            "::" if self.is_identifier(self.at + 1) => {
                self.bump();
                return self.name(out, role);
            }
            "<" => {
                let start = self.tokens[self.at].range.start;
                self.generics();
                out.builder.leaf(Kind::Type, role, Range { start, end: self.last });
            }
            _ if self.is_identifier(self.at) => {
                let range = self.bump();
                out.builder.leaf(Kind::Name, role, range).name = range;
            }
            _ => return false,
        }
        true
    }

    fn closure(&mut self, out: &mut Extractor<'_>, role: Role) {
        let index = self.open(out, Kind::Lambda, role);
        loop {
            let flag = match self.text_at(self.at) {
                "async" => Flags::ASYNC,
                "move" => Flags::MOVE,
                "static" => Flags::empty(),
                _ => break,
            };
            out.builder.fact_mut(index).flags |= flag;
            self.bump();
        }
        if !self.eat("||") {
            self.eat("|");
            while self.at < self.end && !self.is("|") {
                if !self.eat(",") {
                    self.closure_parameter(out);
                }
            }
            self.eat("|");
        }
        if self.eat("->") {
            let first = out.builder.next();
            self.type_of(out);
            out.builder.fact_mut(first).role = Role::Result;
        }
        self.expression(out, Role::Body);
        self.close(out);
    }

    fn closure_parameter(&mut self, out: &mut Extractor<'_>) {
        let index = self.open(out, Kind::Parameter, Role::Parameter);
        if self.eat("mut") {
            out.builder.fact_mut(index).flags |= Flags::MUTABLE;
        }
        let before = self.at;
        if (self.is_identifier(self.at) || self.is("_"))
            && matches!(self.text_at(self.at + 1), "," | ":" | "|")
        {
            out.builder.fact_mut(index).name = self.bump();
        } else {
            // `|` ends the parameters here, whatever it means in a pattern.
            let first = out.builder.next();
            self.unary(out, Role::Pattern);
            as_pattern(out, first);
        }
        if self.eat(":") {
            self.type_of(out);
        }
        if self.at == before {
            self.bump();
        }
        self.close(out);
    }

    /// What ends with a block is left to the grammar.
    fn keyword(&mut self, out: &mut Extractor<'_>, role: Role) -> bool {
        let from = self.at;
        let is_if = self.is("if");
        let mut to = self.after_block(from);
        while is_if && to.is_some_and(|to| self.text_at(to) == "else") {
            to = to.and_then(|to| self.after_block(to));
        }
        if to.is_some_and(|to| self.reparse(out, from, to, role)) {
            return true;
        }
        self.open(out, Kind::OtherExpression, role);
        self.bump();
        let around = out.state.conditional;
        if self.is("#") && self.is_group(self.at + 1, b'[') {
            // `if #[cfg(...)] { } else { }`
            out.state.conditional = true;
            self.open(out, Kind::Decorator, Role::Decorator);
            self.bump();
            self.group(self.at, |reader| reader.argument(out, Role::Value));
            self.close(out);
        }
        while self.at < to.unwrap_or(self.end) && !self.at_end() {
            if !self.expression(out, Role::Part) {
                self.bump();
            }
        }
        out.state.conditional = around;
        self.close(out);
        true
    }

    /// Index after the next block of an argument.
    fn after_block(&self, from: usize) -> Option<usize> {
        let mut at = from;
        while let Some(token) = self.token(at) {
            if self.is_group(at, b'{') {
                return Some(token.next);
            }
            if matches!(self.text_at(at), "," | ";") {
                return None;
            }
            at = token.next;
        }
        None
    }

    /// A type after `as`, `:` or `->`.
    fn type_of(&mut self, out: &mut Extractor<'_>) {
        let start = self.token(self.at).map_or(self.last, |t| t.range.start);
        while matches!(self.text_at(self.at), "&" | "&&" | "*" | "const" | "mut" | "dyn" | "impl" | "'") {
            // A lifetime is two tokens.
            self.eat("'");
            self.bump();
        }
        // A path, or a group: `(A, B)`, `[A; 3]`.
        self.bump();
        loop {
            if self.is("<") {
                self.generics();
            } else if self.eat("::") {
                self.bump();
            } else {
                break;
            }
        }
        out.builder.leaf(Kind::Type, Role::Type, Range { start, end: self.last.max(start) });
    }

    /// Goes past `<...>`; the ranges of its arguments.
    fn generics(&mut self) -> Vec<Range> {
        let mut arguments = Vec::new();
        let mut open = 0_i32;
        let mut start = None;
        while self.at < self.end {
            let before = self.last;
            let change = match self.text_at(self.at) {
                "<" => 1,
                "<<" => 2,
                ">" => -1,
                ">>" => -2,
                ";" | "=>" => break,
                _ => 0,
            };
            let ends = open + change <= 0 || (open == 1 && self.is(","));
            let range = self.bump();
            if ends {
                if let Some(start) = start.take() {
                    // `>>` may close an argument's generics too.
                    let inside = u32::from(change == -2 && open == 1);
                    arguments.push(Range { start, end: before.max(range.start + inside) });
                }
            } else if open > 0 {
                start.get_or_insert(range.start);
            }
            open += change;
            if open <= 0 {
                break;
            }
        }
        arguments
    }
}

const RANGE: u8 = 1;

/// How strongly a binary operator binds; as the language's reference orders them.
fn strength(operator: &str) -> Option<u8> {
    Some(match operator {
        ".." | "..=" => RANGE,
        "||" => 2,
        "&&" => 3,
        "==" | "!=" | "<" | ">" | "<=" | ">=" => 4,
        "|" => 5,
        "^" => 6,
        "&" => 7,
        "<<" | ">>" => 8,
        "+" | "-" => 9,
        "*" | "/" | "%" => 10,
        "as" => 11,
        _ => return None,
    })
}
