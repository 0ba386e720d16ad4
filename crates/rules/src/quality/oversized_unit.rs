use std::collections::{BTreeSet, HashMap};

use shipworthy_audit::{Check, Note, Survey, Surveyed, rule};
use shipworthy_facts::{Flags, Kind, Node, Operator, Role};
use shipworthy_syntax::{Language, Range};

use crate::groups::{Group, Groups, SHOWN};
use crate::program;
use crate::projects::{first_line, identifiers};

rule! {
    /// A file, class or function is too large to be understood
    ///
    /// What does not fit on a screen or in a head is changed by trial: each change breaks something that its author did not have in view, and no
    /// test reaches all of its ways. Cut it where it says "and": the parts become functions with names, classes with one concern, steps that return
    /// early instead of nesting deeper.
    ///
    /// What is measured, of a file its lines only: lines of code (no blank lines, comments, documentation or tables of data, and no functions defined inside), cognitive
    /// complexity (each branch and loop counts one, and one more for every level that it is nested), levels of nesting, and parameters that callers
    /// give by position. Functions that a decorator hands to a framework may have as many parameters as that fills.
    ///
    /// ```python bad
    /// def ship(orders, stock, couriers):
    ///     ^^^^
    ///     for order in orders:
    ///         if order.paid:
    ///             for line in order.lines:
    ///                 if line.item in stock:
    ///                     for courier in couriers:
    ///                         if courier.free:
    ///                             courier.take(line)
    /// ```
    ///
    /// ```python bad
    /// class Store:
    ///     def save(self, name, street, town, country, mail, phone, birthday, newsletter, referrer):
    ///         ^^^^
    ///         return self.insert(name, street, town, country, mail, phone, birthday, newsletter, referrer)
    /// ```
    ///
    /// ```python good
    /// def ship(orders, stock, couriers):
    ///     for order in orders:
    ///         if not order.paid:
    ///             continue
    ///         for line in order.lines:
    ///             if line.item in stock:
    ///                 hand_over(line, couriers)
    ///
    /// def classify(size):
    ///     if size < 10:
    ///         return "small"
    ///     elif size < 100:
    ///         return "medium"
    ///     elif size < 1000:
    ///         return "large"
    ///     else:
    ///         return "huge"
    /// ```
    ///
    /// ```python good
    /// def save(customer, *, street, town, country, mail, phone, birthday, newsletter, referrer):
    ///     return insert(customer, street, town, country, mail, phone, birthday, newsletter, referrer)
    ///
    /// def command(name):
    ///     return name
    ///
    /// @command("create")
    /// def create(name, street, town, country, mail, phone, birthday, newsletter, referrer):
    ///     return save(name)
    /// ```
    ///
    /// A migration is written once.
    ///
    /// ```python good file=shop/migrations/versions/0001_tables.py
    /// def upgrade(op, one, two, three, four, five, six, seven, eight, nine):
    ///     op.create_table(one, two, three, four, five, six, seven, eight, nine)
    /// ```
    ///
    /// Parameters that are another class's choice.
    ///
    /// ```python good
    /// class Provider:
    ///     def query(self, **criteria):
    ///         raise NotImplementedError
    ///
    /// class Files(Provider):
    ///     def query(self, offset, limit, kind, box, since, properties, order, fields, geometry, text):
    ///         return self.rows[offset : offset + limit]
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// func ship(orders []Order, couriers []Courier) {
    ///      ^^^^
    /// 	for _, order := range orders {
    /// 		if order.Paid {
    /// 			for _, line := range order.Lines {
    /// 				if line.InStock {
    /// 					for _, courier := range couriers {
    /// 						if courier.Free {
    /// 							courier.Take(line)
    /// 						}
    /// 					}
    /// 				}
    /// 			}
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// func save(name, street, town, country, mail, phone string, birthday int, newsletter bool, referrer string) error {
    ///      ^^^^
    /// 	return insert(name, street, town, country, mail, phone, birthday, newsletter, referrer)
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// func ship(orders []Order, couriers []Courier) {
    /// 	for _, order := range orders {
    /// 		if !order.Paid {
    /// 			continue
    /// 		}
    /// 		for _, line := range order.Lines {
    /// 			if line.InStock {
    /// 				handOver(line, couriers)
    /// 			}
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// func classify(size int) string {
    /// 	if size < 10 {
    /// 		return "small"
    /// 	} else if size < 100 {
    /// 		return "medium"
    /// 	} else if size < 1000 {
    /// 		return "large"
    /// 	} else if size < 10000 {
    /// 		return "huge"
    /// 	} else if size < 100000 {
    /// 		return "vast"
    /// 	} else if size < 1000000 {
    /// 		return "endless"
    /// 	}
    /// 	return "all"
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn ship(orders: &[Order], couriers: &mut [Courier]) {
    ///    ^^^^
    ///     for order in orders {
    ///         if order.paid {
    ///             for line in &order.lines {
    ///                 if line.in_stock {
    ///                     for courier in couriers.iter_mut() {
    ///                         if courier.free {
    ///                             courier.take(line);
    ///                         }
    ///                     }
    ///                 }
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn save(name: &str, street: &str, town: &str, country: &str, mail: &str, phone: &str, year: u16, month: u8, day: u8) -> Result<()> {
    ///    ^^^^
    ///     insert(name, street, town, country, mail, phone, year, month, day)
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn ship(orders: &[Order], couriers: &mut [Courier]) {
    ///     for line in orders.iter().filter(|o| o.paid).flat_map(|o| &o.lines) {
    ///         if line.in_stock {
    ///             hand_over(line, couriers);
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn classify(size: u32) -> &'static str {
    ///     match size {
    ///         0..=9 => "small",
    ///         10..=99 => "medium",
    ///         100..=999 => "large",
    ///         _ => "huge",
    ///     }
    /// }
    /// ```
    name: "oversized-unit",
    category: Quality,
    severity: Medium,
    scope: File,
    options: [
        "max-function-lines" = Integer(100), "How many lines of code a function may have";
        "max-file-lines" = Integer(1000), "How many lines of code a file may have";
        "max-class-lines" = Integer(500), "How many lines of code a class may have";
        "max-complexity" = Integer(25), "How complex a function may be, by cognitive complexity";
        "max-nesting" = Integer(5), "How many levels deep a function may nest";
        "max-parameters" = Integer(8), "How many parameters by position a function may have";
    ],
    on: [Fact(Kind::Module), Fact(Kind::Function), Fact(Kind::Class)],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, unit: Node<'_>) {
    if unit.is(Kind::Module) {
        // A file is measured from its items.
        let defined = unit.all(Role::Statement).filter(|n| matches!(n.kind(), Kind::Function | Kind::Class));
        let defined: Vec<&str> = defined.map(Node::name).collect();
        return cx.note(unit, defined.join(","), code_lines(unit).to_string());
    }
    if unit.has(Flags::ABSTRACT) || unit.get(Role::Body).is_none() || cx.path().ends_with(".pyi") {
        return;
    }
    cx.site();
    if unit.is(Kind::Class) { check_class(cx, unit) } else { check_function(cx, unit) }
}

fn judge(survey: &mut Survey<'_>) {
    let files: Vec<(usize, &Surveyed<'_>)> = survey.files().collect();
    for (number, file) in files {
        survey.site(number);
        let notes: Vec<&Note> = survey.notes(number).collect();
        let measured = || notes.iter().filter_map(|note| note.detail.parse::<i64>().ok());
        let lines: i64 = measured().sum();
        let limit = survey.options(number).map_or(i64::MAX, |options| options.integer("max-file-lines"));
        // One class, function or table that is most of the file is judged as what it is; without definitions it is data.
        let is_one = measured().any(|own| own * 2 > lines);
        let is_data = notes.iter().all(|note| note.key.is_empty());
        if lines <= limit || is_one || is_data || file.path.ends_with(".pyi") {
            continue;
        }
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let mut message = format!("`{name}` is too large: {lines} lines of code (at most {limit})");
        let groups = apart(file, &notes);
        if groups.len() > 1 {
            message.push_str(&format!("; its concerns do not use each other: {}", shown(&groups)));
        }
        let finding = survey
            .finding(first_line(file), message)
            .why("Nobody has all of it in view, and everybody who changes something meets in it.")
            .help("Give each concern a file of its own.");
        survey.report(number, finding);
    }
}

/// The definitions of a file, in groups that do not use each other, the larger ones first. What stands alone is in none.
fn apart<'a>(file: &Surveyed<'_>, notes: &[&'a Note]) -> Vec<Group<'a>> {
    let mut groups = Groups::default();
    // By a name, who defines it and who uses it; one is enough of those that are of one group.
    let mut definers: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut users: HashMap<String, Vec<usize>> = HashMap::new();
    for note in notes.iter().filter(|note| !note.key.is_empty()) {
        let names: Vec<&str> = note.key.split(',').collect();
        let text = file.text.slice(note.range);
        let used: BTreeSet<&str> = identifiers(&text).map(|(_, word)| word).collect();
        let number = groups.next();
        let mut met = Vec::new();
        for word in &used {
            if let Some(known) = definers.get_mut::<str>(word) {
                met.extend(std::mem::replace(known, vec![number]));
            }
        }
        for name in &names {
            if let Some(known) = users.get_mut(*name) {
                met.extend(std::mem::replace(known, vec![number]));
            }
        }
        groups.add(&names, met);
        names.iter().for_each(|name| definers.entry(name).or_default().push(number));
        used.iter().for_each(|word| users.entry((*word).to_owned()).or_default().push(number));
    }
    let mut named = groups.by_size();
    named.retain(|group| group.count > 1);
    named.truncate(MAX_CONCERNS);
    named
}

/// More concerns than these are not named.
const MAX_CONCERNS: usize = 5;

/// Groups by their first names.
fn shown(groups: &[Group<'_>]) -> String {
    let named = groups.iter().map(|group| {
        let first: Vec<String> = group.names.iter().map(|name| format!("`{name}`")).collect();
        let more = if group.count > SHOWN { ", ..." } else { "" };
        format!("{}{more}", first.join(", "))
    });
    named.collect::<Vec<_>>().join("; ")
}

fn check_function(cx: &mut Check<'_>, function: Node<'_>) {
    // A migration is written once, mostly by a tool, and never changed again.
    if program::is_migration(cx) {
        return;
    }
    let (depth, deepest) = nesting(function);
    let measures = [
        ("max-function-lines", code_lines(function), "lines of code"),
        ("max-complexity", complexity(function, 0), "cognitive complexity"),
        ("max-nesting", depth, "levels of nesting"),
        ("max-parameters", parameters(cx, function), "parameters"),
    ];
    let mut over = Vec::new();
    for (option, measured, what) in measures {
        let limit = cx.options().integer(option);
        if i64::from(measured) > limit {
            over.push(format!("{measured} {what} (at most {limit})"));
        }
    }
    if over.is_empty() {
        return;
    }
    let mut finding = cx
        .finding(function.name_range(), format!("`{}` is too large: {}", function.name(), over.join(", ")))
        .why("Nobody has all of it in view: each change to it is a guess, and no test reaches all of its ways.")
        .help("Cut it into functions that do one thing each; return early instead of nesting.");
    if let Some(deepest) = deepest.filter(|_| i64::from(depth) > cx.options().integer("max-nesting")) {
        finding = finding.related(head(deepest), "the deepest level");
    }
    cx.report(finding);
}

fn check_class(cx: &mut Check<'_>, class: Node<'_>) {
    let limit = cx.options().integer("max-class-lines");
    let lines = code_lines(class);
    let methods: Vec<Node<'_>> = methods(class).collect();
    // Without methods it is data.
    if i64::from(lines) <= limit || methods.is_empty() {
        return;
    }
    let groups = concerns(&methods);
    let mut message = format!(
        "`{}` is too large: {lines} lines of code (at most {limit}), {} methods",
        class.name(),
        methods.len()
    );
    if groups.len() > 1 {
        message.push_str(&format!("; its concerns do not use each other: {}", shown(&groups)));
    }
    let finding = cx
        .finding(class.name_range(), message)
        .why("Nobody has all of it in view: everything in it can change everything else.")
        .help(match cx.language() {
            Language::Python => "Give each concern a class of its own.",
            Language::Go | Language::Rust => "Give each concern a type of its own.",
        });
    cx.report(finding);
}

fn methods(class: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    class.all(Role::Body).flat_map(Node::children).filter(|m| m.is(Kind::Function))
}

/// The methods' names, in groups that share no field and do not call each other, the larger ones first. A method that uses nothing of its
/// object belongs to none.
fn concerns<'a>(methods: &[Node<'a>]) -> Vec<Group<'a>> {
    let uses = |method: Node<'a>| -> Vec<&'a str> {
        let own = method.descendants().filter(|n| n.is(Kind::Attribute));
        own.filter(|n| n.object().is_some_and(|o| o.is(Kind::Name) && o.name() == "self"))
            .map(Node::name)
            .collect()
    };
    let is_constructor = |m: &Node<'_>| m.name().starts_with("__") || m.name() == "new";
    let mut groups = Groups::default();
    // By a name, who used it last.
    let mut users: HashMap<&str, usize> = HashMap::new();
    for method in methods.iter().copied().filter(|m| !is_constructor(m)) {
        let mut used = uses(method);
        if used.is_empty() {
            continue;
        }
        used.push(method.name());
        let number = groups.next();
        let met = used.into_iter().filter_map(|name| users.insert(name, number)).filter(|met| *met != number);
        groups.add(&[method.name()], met.collect::<Vec<_>>());
    }
    groups.by_size()
}

/// The lines of a unit that are code: not blank, comment, documentation, what follows the first line of a literal, or a function in a function.
fn code_lines(unit: Node<'_>) -> u32 {
    let facts = unit.facts();
    let mut other: Vec<Range> = facts.comments.iter().map(|c| c.range).collect();
    for node in unit.descendants() {
        let apart = match node.kind() {
            Kind::Function => unit.is(Kind::Function),
            Kind::String => node.role() == Role::Statement,
            _ => false,
        };
        if apart {
            other.push(node.range());
        } else if node.is_literal() || is_table(node) {
            let Range { start, end } = node.range();
            other.push(Range { start: (start + 1).min(end), end });
        }
    }
    other.sort_unstable_by_key(|range| range.start);
    let mut other = other.into_iter().peekable();
    let (mut at, mut lines, mut other_until) = (unit.range().start as usize, 0, 0);
    for line in unit.text().split_inclusive('\n') {
        let first = (at + line.len() - line.trim_start().len()) as u32;
        while let Some(range) = other.next_if(|range| range.start <= first) {
            other_until = other_until.max(range.end);
        }
        lines += u32::from(!line.trim().is_empty() && first >= other_until);
        at += line.len();
    }
    lines
}

/// A composite literal of literals.
fn is_table(node: Node<'_>) -> bool {
    let is_plain = |n: Node<'_>| n.is_literal() || n.is(Kind::Entry);
    node.is(Kind::Construct) && node.arguments().all(|a| is_plain(a) || is_table(a))
}

/// Cognitive complexity: a point for each break in the straight line, and one more for every level around it.
fn complexity(node: Node<'_>, level: u32) -> u32 {
    node.children().map(|child| complexity_of(child, level)).sum()
}

fn complexity_of(node: Node<'_>, level: u32) -> u32 {
    match node.kind() {
        // A unit of its own.
        Kind::Function | Kind::Class => 0,
        Kind::If => {
            let follows = node.role() == Role::Else && node.parent().is_some_and(|p| p.is(Kind::If));
            let own = if follows { 1 } else { 1 + level };
            let parts = node.children().map(|child| match (child.role(), child.kind()) {
                (Role::Body, _) => complexity_of(child, level + 1),
                (Role::Else, Kind::If) => complexity_of(child, level),
                (Role::Else, _) => 1 + complexity_of(child, level + 1),
                _ => complexity_of(child, level),
            });
            own + parts.sum::<u32>()
        }
        Kind::For | Kind::While | Kind::Match | Kind::Handler | Kind::Conditional => {
            1 + level + complexity(node, level + 1)
        }
        Kind::Lambda => complexity(node, level + 1),
        Kind::Binary if matches!(node.operator(), Operator::And | Operator::Or) => {
            let goes_on =
                node.parent().is_some_and(|p| p.is(Kind::Binary) && p.operator() == node.operator());
            u32::from(!goes_on) + complexity(node, level)
        }
        Kind::Break | Kind::Continue => u32::from(!node.name().is_empty()),
        _ => complexity(node, level),
    }
}

/// How many levels deep a function nests, and the statement at the deepest.
fn nesting(function: Node<'_>) -> (u32, Option<Node<'_>>) {
    let is_level = |n: &Node<'_>| match n.kind() {
        Kind::If => !(n.role() == Role::Else && n.parent().is_some_and(|p| p.is(Kind::If))),
        Kind::For | Kind::While | Kind::Match | Kind::Try | Kind::With => true,
        _ => false,
    };
    let mut deepest = (0, None);
    for node in function.descendants().filter(is_level) {
        let around = node.ancestors().take_while(|a| !matches!(a.kind(), Kind::Function | Kind::Class));
        let depth = 1 + around.filter(is_level).count() as u32;
        let own =
            node.ancestors().find(|a| matches!(a.kind(), Kind::Function | Kind::Class)) == Some(function);
        if own && depth > deepest.0 {
            deepest = (depth, Some(node));
        }
    }
    deepest
}

/// The first line of a statement.
fn head(statement: Node<'_>) -> Range {
    let Range { start, .. } = statement.range();
    let line = statement.text().lines().next().unwrap_or("");
    Range { start, end: start + line.trim_end().len() as u32 }
}

/// How many parameters callers give by position.
fn parameters(cx: &Check<'_>, function: Node<'_>) -> u32 {
    // What a decorator takes is called by a framework.
    if cx.language() == Language::Python
        && function.all(Role::Decorator).filter_map(|d| d.get(Role::Value)).any(|v| v.is(Kind::Call))
    {
        return 0;
    }
    // What overrides a method takes what that one, or its callers, say.
    if overrides(cx, function) {
        return 0;
    }
    let mut count = 0;
    let mut end = function.name_range().end;
    for parameter in function.all(Role::Parameter) {
        // Behind a `*` they are given by keyword.
        let between = cx.facts().slice(Range { start: end, end: parameter.range().start });
        let keywords_follow = parameter.fact().flags.intersects(Flags::SPREAD | Flags::SPREAD_KEYWORDS);
        if cx.language() == Language::Python && (keywords_follow || between.contains('*')) {
            break;
        }
        end = parameter.range().end;
        let receiver = count == 0 && matches!(parameter.name(), "self" | "cls");
        count += u32::from(!receiver);
    }
    count
}

/// Python: whether a method stands for one of a class of the workspace that its class is derived from.
fn overrides(cx: &Check<'_>, method: Node<'_>) -> bool {
    let Some(class) = method.class().filter(|_| cx.language() == Language::Python) else { return false };
    let path = format!("{}.{}", cx.environment().module(), class.name());
    let bases = cx.workspace().class(&path).map_or(&[][..], |c| &c.bases);
    method.name() != "__init__"
        && bases.iter().any(|base| cx.workspace().function(&format!("{base}.{}", method.name())).is_some())
}
