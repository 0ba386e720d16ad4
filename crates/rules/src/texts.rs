//! Texts that code puts together: literal text and holes, whatever the language writes them with.

use shipworthy_audit::Check;
use shipworthy_facts::{Kind, Meaning, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::values::{Given, given};

/// A part of a text.
#[derive(Clone, Debug)]
pub(crate) enum Part<'a> {
    /// Written down.
    Text(String),
    /// What an expression gives, when the program runs.
    Hole(Node<'a>),
}

/// How far texts are followed through names and calls.
const MAX_STEPS: u32 = 8;

/// The parts of the text that an expression gives. Where a name may hold several texts, they follow each other.
pub(crate) fn parts<'a>(cx: &Check<'a>, node: Node<'a>) -> Vec<Part<'a>> {
    let mut reader = Reader { cx, parts: Vec::new() };
    reader.read(node, MAX_STEPS);
    reader.parts
}

struct Reader<'c, 'a> {
    cx: &'c Check<'a>,
    parts: Vec<Part<'a>>,
}

impl<'a> Reader<'_, 'a> {
    fn text(&mut self, text: &str) {
        self.parts.push(Part::Text(text.to_owned()));
    }

    fn read(&mut self, node: Node<'a>, steps: u32) {
        let Some(steps) = steps.checked_sub(1) else { return self.parts.push(Part::Hole(node)) };
        match node.kind() {
            Kind::String | Kind::Text => self.text(&node.string().unwrap_or_default()),
            Kind::Template => node.all(Role::Part).for_each(|part| self.read(part, steps)),
            // `size + 1`: a sum of numbers.
            Kind::Binary if node.all(Role::Operand).any(|o| o.is(Kind::Number)) => self.text("0"),
            Kind::Binary if node.operator() == Operator::Add => {
                node.all(Role::Operand).for_each(|operand| self.read(operand, steps));
            }
            Kind::Binary if node.operator() == Operator::Mod => self.percent(node, steps),
            Kind::Reference | Kind::Await | Kind::Propagate | Kind::Cast => match node.get(Role::Value) {
                Some(value) => self.read(value, steps),
                None => self.parts.push(Part::Hole(node)),
            },
            Kind::Conditional => {
                let branches = [node.get(Role::Body), node.get(Role::Else)];
                // The longer of two says more of what surrounds it.
                let branch = branches.into_iter().flatten().max_by_key(|b| b.text().len());
                match branch {
                    Some(branch) if branch.is_literal() || branch.is(Kind::Template) => {
                        self.read(branch, steps)
                    }
                    _ => self.parts.push(Part::Hole(node)),
                }
            }
            Kind::Name => self.name(node, steps),
            Kind::Call => self.call(node, steps),
            _ => self.parts.push(Part::Hole(node)),
        }
    }

    /// A local name: all that it is given, in order.
    fn name(&mut self, name: Node<'a>, steps: u32) {
        let given = given(self.cx, name);
        let all_known = !given.is_empty() && given.iter().all(|g| !matches!(g, Given::Other(_)));
        // `x = x.strip()` says nothing new.
        let uses_itself = |value: Node<'_>| {
            let mut inside = value.descendants().chain([value]);
            inside.any(|n| n.is(Kind::Name) && n.name() == name.name())
        };
        // What is no text is one value, whatever it was before: `size = read()`, then `size = int(size)`.
        let is_text = |g: &Given<'_>| match g {
            Given::Value(v) | Given::Added(v) => {
                matches!(v.kind(), Kind::String | Kind::Template | Kind::Binary | Kind::Conditional)
                    || v.is(Kind::Call)
                        && v.descendants()
                            .any(|n| matches!(n.kind(), Kind::String | Kind::Template | Kind::List))
                        && self.builds_text(*v)
            }
            Given::Other(_) => false,
        };
        if !all_known || !given.iter().any(is_text) {
            return self.parts.push(Part::Hole(name));
        }
        for value in given {
            match value {
                Given::Value(value) | Given::Added(value) if !uses_itself(value) => {
                    self.read(value, steps);
                    self.text(" ");
                }
                _ => {}
            }
        }
    }

    /// Whether a call puts a text together, as [`Self::call`] reads it.
    fn builds_text(&self, call: Node<'_>) -> bool {
        let known = |m: &Meaning| m.is("formats") || m.is("sql-text");
        self.cx.meaning(call).is_some_and(|m| known(m))
            || call.callee().is_some_and(|c| {
                matches!(
                    c.name(),
                    "format"
                        | "join"
                        | "Join"
                        | "dedent"
                        | "cleandoc"
                        | "from"
                        | "strip"
                        | "to_string"
                        | "to_owned"
                        | "into"
                )
            })
    }

    fn call(&mut self, call: Node<'a>, steps: u32) {
        let meaning = self.cx.meaning(call);
        if let Some(sql) = meaning.filter(|m| m.is("sql-text")).and_then(|m| m.argument("sql")?.of(call)) {
            return self.read(sql, steps);
        }
        if meaning.is_some_and(|m| m.is("formats")) {
            let mut arguments = call.arguments();
            return match (self.cx.language(), arguments.next()) {
                (Language::Go, Some(format)) if format.is(Kind::String) => {
                    self.percents(
                        &format.string().unwrap_or_default(),
                        &arguments.collect::<Vec<_>>(),
                        steps,
                    );
                }
                (Language::Rust, Some(format)) => self.braces(format, &arguments.collect::<Vec<_>>(), steps),
                _ => self.parts.push(Part::Hole(call)),
            };
        }
        let Some(callee) = call.callee() else { return self.parts.push(Part::Hole(call)) };
        let object = callee.object();
        let arguments: Vec<Node<'a>> = call.arguments().collect();
        match (callee.name(), object) {
            ("format", Some(format))
                if matches!(format.kind(), Kind::String | Kind::Template | Kind::Name) =>
            {
                let before = self.parts.len();
                self.read(format, steps);
                let mut positional = arguments.iter().copied();
                for part in self.parts.split_off(before) {
                    match part {
                        Part::Text(text) => self.braced(&text, &mut positional, &arguments, steps),
                        hole => self.parts.push(hole),
                    }
                }
            }
            (
                "strip" | "lower" | "upper" | "rstrip" | "lstrip" | "to_string" | "to_owned" | "as_str"
                | "into" | "as_ref" | "clone" | "trim",
                Some(object),
            ) => {
                self.read(object, steps);
            }
            ("join", Some(separator)) if self.cx.language() == Language::Python => {
                self.joined(separator, arguments.first().copied(), call, steps);
            }
            ("Join", _) => self.joined_list(arguments.first().copied(), call, steps),
            ("dedent" | "cleandoc" | "from", _) if arguments.len() == 1 => self.read(arguments[0], steps),
            _ => self.parts.push(Part::Hole(call)),
        }
    }

    /// `", ".join(items)`
    fn joined(&mut self, separator: Node<'a>, items: Option<Node<'a>>, call: Node<'a>, steps: u32) {
        if separator.is_literal() {
            self.joined_list(items, call, steps);
        } else {
            self.parts.push(Part::Hole(call));
        }
    }

    /// The elements of a list: those written down, those that a comprehension makes, those appended to the name.
    fn joined_list(&mut self, items: Option<Node<'a>>, call: Node<'a>, steps: u32) {
        let Some(items) = items else { return self.parts.push(Part::Hole(call)) };
        let mut elements = Vec::new();
        if self.elements(items, &mut elements, steps) {
            for element in elements {
                self.read(element, steps);
                self.text(" ");
            }
        } else {
            self.parts.push(Part::Hole(call));
        }
    }

    /// Collects the elements of a list; false where some are not known.
    fn elements(&self, list: Node<'a>, elements: &mut Vec<Node<'a>>, steps: u32) -> bool {
        let Some(steps) = steps.checked_sub(1) else { return false };
        match list.kind() {
            Kind::List | Kind::Tuple | Kind::Set => elements.extend(list.all(Role::Element)),
            Kind::Construct => elements.extend(list.arguments()),
            Kind::Comprehension => elements.extend(list.get(Role::Element)),
            // `["%s"] * n`
            Kind::Binary => {
                let mut operands = list.all(Role::Operand);
                return match list.operator() {
                    Operator::Mul => operands.any(|o| {
                        matches!(o.kind(), Kind::List | Kind::String)
                            && (o.is(Kind::String) || self.elements(o, elements, steps))
                    }),
                    Operator::Add => operands.all(|o| self.elements(o, elements, steps)),
                    _ => false,
                };
            }
            Kind::Name => {
                let given = given(self.cx, list);
                let known = !given.is_empty()
                    && given.iter().all(|g| match g {
                        Given::Value(v) | Given::Added(v) => self.elements(*v, elements, steps),
                        Given::Other(_) => false,
                    });
                if !known {
                    return false;
                }
                let scope = list.function().unwrap_or_else(|| list.facts().root());
                let appends = scope.descendants().filter(|n| n.is(Kind::Call)).filter(|call| {
                    call.callee().is_some_and(|c| {
                        matches!(c.name(), "append" | "push")
                            && (c.object().is_some_and(|o| o.name() == list.name() && o.is(Kind::Name))
                                || c.object().is_none()
                                    && call.arguments().next().is_some_and(|a| a.name() == list.name()))
                    })
                });
                elements.extend(appends.flat_map(|call| {
                    call.arguments().filter(|a| !(a.is(Kind::Name) && a.name() == list.name()))
                }));
            }
            _ => return false,
        }
        true
    }

    /// Python's `text % values`.
    fn percent(&mut self, node: Node<'a>, steps: u32) {
        let mut operands = node.all(Role::Operand);
        let (Some(format), Some(values)) = (operands.next(), operands.next()) else { return };
        let values: Vec<Node<'a>> = match values.kind() {
            Kind::Tuple => values.all(Role::Element).collect(),
            Kind::Dictionary => values.all(Role::Element).filter_map(|e| e.get(Role::Value)).collect(),
            _ => vec![values],
        };
        let before = self.parts.len();
        self.read(format, steps);
        for part in self.parts.split_off(before) {
            match part {
                Part::Text(text) => self.percents(&text, &values, steps),
                hole => self.parts.push(hole),
            }
        }
    }

    /// Text with `%s` and its kin; numbers are as good as written down.
    fn percents(&mut self, format: &str, values: &[Node<'a>], steps: u32) {
        let mut values = values.iter();
        let mut rest = format;
        while let Some((before, after)) = rest.split_once('%') {
            self.text(before);
            rest = after;
            if let Some(after) = rest.strip_prefix('%') {
                self.text("%");
                rest = after;
                continue;
            }
            if let Some((_, after)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
                rest = after;
            }
            rest = rest.trim_start_matches(|c: char| {
                c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | '#' | '[' | ']')
            });
            let verb = rest.chars().next();
            rest = rest.get(verb.map_or(0, char::len_utf8)..).unwrap_or("");
            match (verb, values.next()) {
                (Some('d' | 'f' | 'i' | 'x' | 't' | 'u' | 'b' | 'e' | 'g'), _) => self.text("0"),
                (_, Some(value)) => self.read(*value, steps),
                (_, None) => {}
            }
        }
        self.text(rest);
    }

    /// Rust's format string with its arguments.
    fn braces(&mut self, format: Node<'a>, arguments: &[Node<'a>], steps: u32) {
        let mut positional = arguments.iter().copied().filter(|a| a.label().is_empty());
        match format.kind() {
            Kind::Template => {
                for part in format.all(Role::Part) {
                    match part.string() {
                        Some(text) => self.braced(&text, &mut positional, arguments, steps),
                        None => self.read(part, steps),
                    }
                }
            }
            Kind::String => {
                let text = format.string().unwrap_or_default();
                self.braced(&text, &mut positional, arguments, steps);
            }
            _ => self.parts.push(Part::Hole(format)),
        }
    }

    /// Text with `{}`, `{0}`, `{name}` and `{:format}`.
    fn braced(
        &mut self,
        text: &str,
        positional: &mut dyn Iterator<Item = Node<'a>>,
        arguments: &[Node<'a>],
        steps: u32,
    ) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            self.text(before);
            if let Some(after) = after.strip_prefix('{') {
                self.text("{");
                rest = after;
                continue;
            }
            let Some((field, after)) = after.split_once('}') else { break };
            rest = after;
            let (name, format) = field.split_once(':').unwrap_or((field, ""));
            let value = match name.parse::<usize>() {
                Ok(index) => arguments.get(index).copied(),
                Err(_) if name.is_empty() => positional.next(),
                Err(_) => arguments.iter().copied().find(|a| a.label() == name),
            };
            match value {
                _ if format.ends_with(['d', 'f']) => self.text("0"),
                Some(value) => self.read(value, steps),
                None => {}
            }
        }
        self.text(rest);
    }
}
