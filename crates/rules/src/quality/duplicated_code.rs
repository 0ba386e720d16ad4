use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Note, Survey, rule};
use shipworthy_facts::{Kind, Node, Role};
use shipworthy_syntax::Range;

use crate::program;
use crate::projects::by_project;

rule! {
    /// The same code stands in several places
    ///
    /// Copies drift apart: what is mended in one stays broken in the others, and each reader has to find out whether they differ on purpose. Code
    /// counts as the same where it does the same steps with other names and literals. Make one function of it, with what differs as parameters.
    ///
    /// Copies in tests, generated code and migrations are left alone, and so is what only writes data down: options of a command, values of fields.
    ///
    /// ```python bad file=app/invoices.py
    /// def render_invoice(invoice):
    ///     rows = []
    ///     ^^^^^^^^^
    ///     for line in invoice.lines:
    ///         if line.hidden:
    ///             continue
    ///         price = round(line.price * line.count, 2)
    ///         tax = round(price * line.rate, 2)
    ///         rows.append([line.title, price, tax])
    ///     total = sum(row[1] for row in rows)
    ///     taxes = sum(row[2] for row in rows)
    ///     page = Page(invoice.title)
    ///     page.table(rows)
    ///     page.footer(format(total), format(taxes))
    ///     return page.render()
    /// ```
    /// ```python bad file=app/quotes.py
    /// def render_quote(quote):
    ///     rows = []
    ///     for entry in quote.lines:
    ///         if entry.hidden:
    ///             continue
    ///         price = round(entry.price * entry.count, 2)
    ///         tax = round(price * entry.rate, 2)
    ///         rows.append([entry.title, price, tax])
    ///     total = sum(row[1] for row in rows)
    ///     taxes = sum(row[2] for row in rows)
    ///     page = Page(quote.title)
    ///     page.table(rows)
    ///     page.footer(format(total), format(taxes))
    ///     return page.render()
    /// ```
    ///
    /// Or:
    ///
    /// ```python bad file=app/bills.py
    /// def bill(bill):
    ///     paper = Page(bill.title)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^
    ///     paper.margin(20)
    ///     for part in bill.parts:
    ///         paper.heading(part.title)
    ///         if part.table:
    ///             paper.table(clean(part.table))
    ///         for line in wrapped(part.text, 80):
    ///             paper.line(line.strip())
    ///     paper.footer(today(), bill.author)
    ///     return paper.render()
    /// ```
    /// ```python bad file=app/letters.py
    /// def letter(letter):
    ///     page = Page(letter.title)
    ///     page.margin(20)
    ///     for part in letter.parts:
    ///         page.heading(part.title)
    ///         if part.table:
    ///             page.table(clean(part.table))
    ///         for line in wrapped(part.text, 80):
    ///             page.line(line.strip())
    ///     page.footer(today(), letter.author)
    ///     return page.render()
    /// ```
    /// ```python bad file=app/reports.py
    /// def report(report):
    ///     sheet = Page(report.title)
    ///     sheet.margin(20)
    ///     for part in report.parts:
    ///         sheet.heading(part.title)
    ///         if part.table:
    ///             sheet.table(clean(part.table))
    ///         for line in wrapped(part.text, 80):
    ///             sheet.line(line.strip())
    ///     sheet.footer(today(), report.author)
    ///     return sheet.render()
    /// ```
    ///
    /// ```python good file=app/load.py
    /// def load_options(parser):
    ///     parser.add_argument("--name", default="x", help="the name")
    ///     parser.add_argument("--path", default="y", help="the path")
    ///     parser.add_argument("--size", default=10, type=int, help="the size")
    ///     parser.add_argument("--rate", default=20, type=int, help="the rate")
    ///     parser.add_argument("--from", default=None, help="the first")
    ///     parser.add_argument("--until", default=None, help="the last")
    ///     parser.add_argument("--color", default="red", help="the color")
    ///     parser.add_argument("--shape", default="round", help="the shape")
    ///     parser.add_argument("--title", default="", help="the title")
    ///     parser.add_argument("--verbose", action="store_true", help="say more")
    ///     parser.add_argument("--quiet", action="store_true", help="say less")
    ///     parser.add_argument("--force", action="store_true", help="do it")
    ///     return parser
    /// ```
    /// ```python good file=app/store.py
    /// def store_options(parser):
    ///     parser.add_argument("--name", default="x", help="the name")
    ///     parser.add_argument("--path", default="y", help="the path")
    ///     parser.add_argument("--size", default=10, type=int, help="the size")
    ///     parser.add_argument("--rate", default=20, type=int, help="the rate")
    ///     parser.add_argument("--from", default=None, help="the first")
    ///     parser.add_argument("--until", default=None, help="the last")
    ///     parser.add_argument("--color", default="red", help="the color")
    ///     parser.add_argument("--shape", default="round", help="the shape")
    ///     parser.add_argument("--title", default="", help="the title")
    ///     parser.add_argument("--verbose", action="store_true", help="say more")
    ///     parser.add_argument("--quiet", action="store_true", help="say less")
    ///     parser.add_argument("--force", action="store_true", help="do it")
    ///     return parser
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```python good file=tests/test_invoices.py
    /// def render_invoice(invoice):
    ///     rows = []
    ///     for line in invoice.lines:
    ///         if line.hidden:
    ///             continue
    ///         price = round(line.price * line.count, 2)
    ///         tax = round(price * line.rate, 2)
    ///         rows.append([line.title, price, tax])
    ///     total = sum(row[1] for row in rows)
    ///     taxes = sum(row[2] for row in rows)
    ///     page = Page(invoice.title)
    ///     page.table(rows)
    ///     page.footer(format(total), format(taxes))
    ///     return page.render()
    /// ```
    /// ```python good file=tests/test_quotes.py
    /// def render_quote(quote):
    ///     rows = []
    ///     for entry in quote.lines:
    ///         if entry.hidden:
    ///             continue
    ///         price = round(entry.price * entry.count, 2)
    ///         tax = round(price * entry.rate, 2)
    ///         rows.append([entry.title, price, tax])
    ///     total = sum(row[1] for row in rows)
    ///     taxes = sum(row[2] for row in rows)
    ///     page = Page(quote.title)
    ///     page.table(rows)
    ///     page.footer(format(total), format(taxes))
    ///     return page.render()
    /// ```
    ///
    /// ```go bad file=shop/invoices.go
    /// package shop
    ///
    /// import "fmt"
    ///
    /// func RenderInvoice(invoice *Invoice) string {
    /// 	rows := [][]string{}
    /// 	^^^^^^^^^^^^^^^^^^^^
    /// 	total, taxes := 0.0, 0.0
    /// 	for _, line := range invoice.Lines {
    /// 		if line.Hidden {
    /// 			continue
    /// 		}
    /// 		price := round(line.Price * line.Count)
    /// 		tax := round(price * line.Rate)
    /// 		total += price
    /// 		taxes += tax
    /// 		rows = append(rows, []string{line.Title, fmt.Sprint(price), fmt.Sprint(tax)})
    /// 	}
    /// 	page := newPage(invoice.Title)
    /// 	page.Table(rows)
    /// 	page.Footer(fmt.Sprint(total), fmt.Sprint(taxes))
    /// 	return page.Render()
    /// }
    /// ```
    /// ```go bad file=shop/quotes.go
    /// package shop
    ///
    /// import "fmt"
    ///
    /// func RenderQuote(quote *Quote) string {
    /// 	rows := [][]string{}
    /// 	total, taxes := 0.0, 0.0
    /// 	for _, entry := range quote.Lines {
    /// 		if entry.Hidden {
    /// 			continue
    /// 		}
    /// 		price := round(entry.Price * entry.Count)
    /// 		tax := round(price * entry.Rate)
    /// 		total += price
    /// 		taxes += tax
    /// 		rows = append(rows, []string{entry.Title, fmt.Sprint(price), fmt.Sprint(tax)})
    /// 	}
    /// 	page := newPage(quote.Title)
    /// 	page.Table(rows)
    /// 	page.Footer(fmt.Sprint(total), fmt.Sprint(taxes))
    /// 	return page.Render()
    /// }
    /// ```
    ///
    /// Or:
    ///
    /// ```go bad file=shop/bills.go
    /// package shop
    ///
    /// func Bill(bill *Text) string {
    /// 	paper := newPage(bill.Title)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	paper.Margin(20)
    /// 	for _, part := range bill.Parts {
    /// 		paper.Heading(part.Title)
    /// 		if part.Table != nil {
    /// 			paper.Table(clean(part.Table))
    /// 		}
    /// 		for _, line := range wrapped(part.Text, 80) {
    /// 			paper.Line(trim(line))
    /// 		}
    /// 	}
    /// 	paper.Footer(today(), bill.Author)
    /// 	return paper.Render()
    /// }
    /// ```
    /// ```go bad file=shop/letters.go
    /// package shop
    ///
    /// func Letter(letter *Text) string {
    /// 	page := newPage(letter.Title)
    /// 	page.Margin(20)
    /// 	for _, part := range letter.Parts {
    /// 		page.Heading(part.Title)
    /// 		if part.Table != nil {
    /// 			page.Table(clean(part.Table))
    /// 		}
    /// 		for _, line := range wrapped(part.Text, 80) {
    /// 			page.Line(trim(line))
    /// 		}
    /// 	}
    /// 	page.Footer(today(), letter.Author)
    /// 	return page.Render()
    /// }
    /// ```
    /// ```go bad file=shop/reports.go
    /// package shop
    ///
    /// func Report(report *Text) string {
    /// 	sheet := newPage(report.Title)
    /// 	sheet.Margin(20)
    /// 	for _, part := range report.Parts {
    /// 		sheet.Heading(part.Title)
    /// 		if part.Table != nil {
    /// 			sheet.Table(clean(part.Table))
    /// 		}
    /// 		for _, line := range wrapped(part.Text, 80) {
    /// 			sheet.Line(trim(line))
    /// 		}
    /// 	}
    /// 	sheet.Footer(today(), report.Author)
    /// 	return sheet.Render()
    /// }
    /// ```
    ///
    /// ```go good file=shop/load.go
    /// package shop
    ///
    /// func Load() *Config {
    /// 	config := newConfig()
    /// 	config.Name = "Load"
    /// 	config.Path = "/var/Load"
    /// 	config.Size = 10
    /// 	config.Rate = 20
    /// 	config.From = "monday"
    /// 	config.Until = "friday"
    /// 	config.Color = "red"
    /// 	config.Shape = "round"
    /// 	config.Title = "Load title"
    /// 	config.Verbose = true
    /// 	config.Quiet = false
    /// 	config.Force = true
    /// 	return config
    /// }
    /// ```
    /// ```go good file=shop/save.go
    /// package shop
    ///
    /// func Save() *Config {
    /// 	config := newConfig()
    /// 	config.Name = "Save"
    /// 	config.Path = "/var/Save"
    /// 	config.Size = 10
    /// 	config.Rate = 20
    /// 	config.From = "monday"
    /// 	config.Until = "friday"
    /// 	config.Color = "red"
    /// 	config.Shape = "round"
    /// 	config.Title = "Save title"
    /// 	config.Verbose = true
    /// 	config.Quiet = false
    /// 	config.Force = true
    /// 	return config
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```go good file=shop/invoices.go
    /// // Code generated by pages. DO NOT EDIT.
    ///
    /// package shop
    ///
    /// import "fmt"
    ///
    /// func RenderInvoice(invoice *Invoice) string {
    /// 	rows := [][]string{}
    /// 	total, taxes := 0.0, 0.0
    /// 	for _, line := range invoice.Lines {
    /// 		if line.Hidden {
    /// 			continue
    /// 		}
    /// 		price := round(line.Price * line.Count)
    /// 		tax := round(price * line.Rate)
    /// 		total += price
    /// 		taxes += tax
    /// 		rows = append(rows, []string{line.Title, fmt.Sprint(price), fmt.Sprint(tax)})
    /// 	}
    /// 	page := newPage(invoice.Title)
    /// 	page.Table(rows)
    /// 	page.Footer(fmt.Sprint(total), fmt.Sprint(taxes))
    /// 	return page.Render()
    /// }
    /// ```
    /// ```go good file=shop/quotes.go
    /// // Code generated by pages. DO NOT EDIT.
    ///
    /// package shop
    ///
    /// import "fmt"
    ///
    /// func RenderQuote(quote *Quote) string {
    /// 	rows := [][]string{}
    /// 	total, taxes := 0.0, 0.0
    /// 	for _, entry := range quote.Lines {
    /// 		if entry.Hidden {
    /// 			continue
    /// 		}
    /// 		price := round(entry.Price * entry.Count)
    /// 		tax := round(price * entry.Rate)
    /// 		total += price
    /// 		taxes += tax
    /// 		rows = append(rows, []string{entry.Title, fmt.Sprint(price), fmt.Sprint(tax)})
    /// 	}
    /// 	page := newPage(quote.Title)
    /// 	page.Table(rows)
    /// 	page.Footer(fmt.Sprint(total), fmt.Sprint(taxes))
    /// 	return page.Render()
    /// }
    /// ```
    ///
    /// ```rust bad file=src/invoices.rs
    /// pub fn render_invoice(invoice: &Invoice) -> String {
    ///     let mut rows = Vec::new();
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     let mut total = 0.0;
    ///     let mut taxes = 0.0;
    ///     for line in &invoice.lines {
    ///         if line.hidden {
    ///             continue;
    ///         }
    ///         let price = round(line.price * line.count);
    ///         let tax = round(price * line.rate);
    ///         total += price;
    ///         taxes += tax;
    ///         rows.push((price, tax));
    ///     }
    ///     let mut page = new_page(&invoice.title);
    ///     page.table(&rows);
    ///     page.footer(total.to_string(), taxes.to_string());
    ///     page.render()
    /// }
    /// ```
    /// ```rust bad file=src/quotes.rs
    /// pub fn render_quote(quote: &Quote) -> String {
    ///     let mut rows = Vec::new();
    ///     let mut total = 0.0;
    ///     let mut taxes = 0.0;
    ///     for entry in &quote.lines {
    ///         if entry.hidden {
    ///             continue;
    ///         }
    ///         let price = round(entry.price * entry.count);
    ///         let tax = round(price * entry.rate);
    ///         total += price;
    ///         taxes += tax;
    ///         rows.push((price, tax));
    ///     }
    ///     let mut page = new_page(&quote.title);
    ///     page.table(&rows);
    ///     page.footer(total.to_string(), taxes.to_string());
    ///     page.render()
    /// }
    /// ```
    ///
    /// Or:
    ///
    /// ```rust bad file=src/bills.rs
    /// pub fn bill(bill: &Text) -> String {
    ///     let mut paper = new_page(&bill.title);
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     paper.margin(20);
    ///     for part in &bill.parts {
    ///         paper.heading(&part.title);
    ///         if let Some(table) = &part.table {
    ///             paper.table(clean(table));
    ///         }
    ///         for line in wrapped(&part.text, 80) {
    ///             paper.line(line.trim());
    ///         }
    ///     }
    ///     paper.footer(today(), &bill.author);
    ///     paper.render()
    /// }
    /// ```
    /// ```rust bad file=src/letters.rs
    /// pub fn letter(letter: &Text) -> String {
    ///     let mut page = new_page(&letter.title);
    ///     page.margin(20);
    ///     for part in &letter.parts {
    ///         page.heading(&part.title);
    ///         if let Some(table) = &part.table {
    ///             page.table(clean(table));
    ///         }
    ///         for line in wrapped(&part.text, 80) {
    ///             page.line(line.trim());
    ///         }
    ///     }
    ///     page.footer(today(), &letter.author);
    ///     page.render()
    /// }
    /// ```
    /// ```rust bad file=src/reports.rs
    /// pub fn report(report: &Text) -> String {
    ///     let mut sheet = new_page(&report.title);
    ///     sheet.margin(20);
    ///     for part in &report.parts {
    ///         sheet.heading(&part.title);
    ///         if let Some(table) = &part.table {
    ///             sheet.table(clean(table));
    ///         }
    ///         for line in wrapped(&part.text, 80) {
    ///             sheet.line(line.trim());
    ///         }
    ///     }
    ///     sheet.footer(today(), &report.author);
    ///     sheet.render()
    /// }
    /// ```
    ///
    /// ```rust good file=src/load.rs
    /// pub fn load() -> Config {
    ///     Config {
    ///         name: "load".to_owned(),
    ///         path: "/var/load".to_owned(),
    ///         size: limit(10),
    ///         rate: limit(20),
    ///         from: "monday".to_owned(),
    ///         until: "friday".to_owned(),
    ///         color: Color::parse("red"),
    ///         shape: Shape::parse("round"),
    ///         title: "load title".to_owned(),
    ///         verbose: flag("verbose"),
    ///         quiet: flag("quiet"),
    ///         force: flag("force"),
    ///     }
    /// }
    /// ```
    /// ```rust good file=src/save.rs
    /// pub fn save() -> Config {
    ///     Config {
    ///         name: "save".to_owned(),
    ///         path: "/var/save".to_owned(),
    ///         size: limit(10),
    ///         rate: limit(20),
    ///         from: "monday".to_owned(),
    ///         until: "friday".to_owned(),
    ///         color: Color::parse("red"),
    ///         shape: Shape::parse("round"),
    ///         title: "save title".to_owned(),
    ///         verbose: flag("verbose"),
    ///         quiet: flag("quiet"),
    ///         force: flag("force"),
    ///     }
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```rust good file=src/invoices.rs
    /// #[cfg(test)]
    /// mod tests {
    ///     pub fn render_invoice(invoice: &Invoice) -> String {
    ///         let mut rows = Vec::new();
    ///         let mut total = 0.0;
    ///         let mut taxes = 0.0;
    ///         for line in &invoice.lines {
    ///             if line.hidden {
    ///                 continue;
    ///             }
    ///             let price = round(line.price * line.count);
    ///             let tax = round(price * line.rate);
    ///             total += price;
    ///             taxes += tax;
    ///             rows.push((price, tax));
    ///         }
    ///         let mut page = new_page(&invoice.title);
    ///         page.table(&rows);
    ///         page.footer(total.to_string(), taxes.to_string());
    ///         page.render()
    ///     }
    /// }
    /// ```
    /// ```rust good file=src/quotes.rs
    /// #[cfg(test)]
    /// mod tests {
    ///     pub fn render_quote(quote: &Quote) -> String {
    ///         let mut rows = Vec::new();
    ///         let mut total = 0.0;
    ///         let mut taxes = 0.0;
    ///         for entry in &quote.lines {
    ///             if entry.hidden {
    ///                 continue;
    ///             }
    ///             let price = round(entry.price * entry.count);
    ///             let tax = round(price * entry.rate);
    ///             total += price;
    ///             taxes += tax;
    ///             rows.push((price, tax));
    ///         }
    ///         let mut page = new_page(&quote.title);
    ///         page.table(&rows);
    ///         page.footer(total.to_string(), taxes.to_string());
    ///         page.render()
    ///     }
    /// }
    /// ```
    name: "duplicated-code",
    category: Quality,
    severity: Medium,
    scope: Workspace,
    options: [
        "min-lines" = Integer(12), "How many lines two copies have at least";
        "repeated-lines" = Integer(8), "How many lines three copies or more have at least";
        "min-tokens" = Integer(80), "How many tokens a copy has at least, about";
    ],
    on: [Fact(Kind::Block)],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, block: Node<'_>) {
    if cx.named_function(block).is_none() || program::is_migration(cx) {
        return;
    }
    let (lines, tokens) = (cx.options().integer("repeated-lines"), cx.options().integer("min-tokens"));
    let statements: Vec<Node<'_>> = block.children().filter(|s| !says_nothing(*s)).collect();
    let sizes: Vec<(i64, i64)> = statements.iter().map(|s| (code_lines(s.text()), tokens_of(*s))).collect();
    // Where as much stands as makes a copy, from each statement on; and all of the block, whose end such a window may miss.
    let mut windows: Vec<&[Node<'_>]> = Vec::new();
    for start in 0..statements.len() {
        let mut size = (0, 0);
        let long_enough = |(line, token): &(i64, i64)| {
            size = (size.0 + line, size.1 + token);
            size.0 >= lines && size.1 >= tokens
        };
        let Some(length) = sizes[start..].iter().position(long_enough) else { break };
        windows.push(&statements[start..=start + length]);
    }
    let Some(first) = windows.first() else { return };
    cx.site();
    if first.len() < statements.len() {
        windows.push(&statements);
    }
    for window in windows {
        if let (Some(shape), [first, ..], [.., last]) = (shape(window), window, window) {
            cx.note(first.range().cover(last.range()), format!("{shape:x}"), "");
        }
    }
}

/// Documentation and declarations without a value.
fn says_nothing(statement: Node<'_>) -> bool {
    matches!(statement.kind(), Kind::String | Kind::Template | Kind::Pass | Kind::Import)
}

/// Lines that are neither blank nor comments.
fn code_lines(text: &str) -> i64 {
    let code = text
        .lines()
        .map(str::trim_start)
        .filter(|l| !l.is_empty() && !l.starts_with(['#']) && !l.starts_with("//"));
    code.count() as i64
}

/// About how many tokens code has. Data that is only written down counts nothing.
fn tokens_of(statement: Node<'_>) -> i64 {
    let mut tokens = weight(statement);
    let mut data_until = 0;
    for node in statement.descendants() {
        if node.index() < data_until {
            continue;
        }
        let holds_data =
            matches!(node.kind(), Kind::List | Kind::Dictionary | Kind::Set | Kind::Tuple | Kind::Construct);
        if holds_data && (node.is_literal() || node.is(Kind::Construct)) {
            data_until = node.fact().end;
            continue;
        }
        tokens += weight(node);
    }
    tokens
}

fn weight(node: Node<'_>) -> i64 {
    match node.kind() {
        Kind::Attribute | Kind::Call | Kind::Index | Kind::Slice | Kind::For | Kind::If | Kind::Lambda => 2,
        Kind::Block | Kind::Template | Kind::Text | Kind::Type | Kind::Pattern => 0,
        _ => 1,
    }
}

/// What several statements say up to names and literals: two that do the same have the same number. None where they say too little of their
/// own to be worth a function: a list of settings, the options of a command.
fn shape(statements: &[Node<'_>]) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut called: BTreeSet<&str> = BTreeSet::new();
    let mut decisions = 0;
    for statement in statements {
        for node in std::iter::once(*statement).chain(statement.descendants()) {
            let size = node.fact().end - node.index();
            (node.kind(), node.operator(), node.fact().flags.bits(), size, node.label()).hash(&mut hasher);
            if node.index() != statement.index() {
                node.role().hash(&mut hasher);
            }
            match node.kind() {
                // What is called, and what types are used, is what the code does.
                Kind::Name | Kind::Attribute if node.role() == Role::Callee => {
                    called.insert(node.name());
                    node.name().hash(&mut hasher);
                }
                Kind::Name | Kind::Attribute | Kind::Parameter => {
                    let number = names.len();
                    names.entry(node.name()).or_insert(number).hash(&mut hasher);
                }
                Kind::Type => node.text().hash(&mut hasher),
                Kind::If
                | Kind::For
                | Kind::While
                | Kind::Match
                | Kind::Try
                | Kind::Comprehension
                | Kind::Conditional => {
                    decisions += 1;
                }
                _ => {}
            }
        }
    }
    (called.len() + decisions >= OWN_STEPS && called.len() >= 2).then(|| hasher.finish())
}

/// How many different calls and decisions code needs to be worth a function.
const OWN_STEPS: usize = 5;

/// A place in a file: its number among the project's files, and the number of the note in it.
type Spot = (usize, usize);

/// The notes of a project, of each file in the order of their places.
struct Copies<'a> {
    files: Vec<(usize, Vec<&'a Note>)>,
    /// Where each shape stands.
    places: BTreeMap<&'a str, Vec<Spot>>,
}

impl<'a> Copies<'a> {
    fn of(files: Vec<(usize, Vec<&'a Note>)>) -> Self {
        let mut places: BTreeMap<&str, Vec<Spot>> = BTreeMap::new();
        for (at, (_, notes)) in files.iter().enumerate() {
            for (index, note) in notes.iter().enumerate() {
                places.entry(&note.key).or_default().push((at, index));
            }
        }
        Self { files, places }
    }

    fn note(&self, (file, index): Spot) -> Option<&'a Note> {
        self.files.get(file)?.1.get(index).copied()
    }

    /// The copies of what stands at a place that is the first of them, none over another.
    fn copies(&self, spot: Spot) -> Option<Vec<Spot>> {
        let all = self.places.get(&*self.note(spot)?.key)?;
        if *all.first()? != spot {
            return None;
        }
        let mut apart: Vec<Spot> = Vec::new();
        for &copy in all {
            let over = apart.last().is_some_and(|last| {
                last.0 == copy.0
                    && self.note(*last).zip(self.note(copy)).is_some_and(|(a, b)| b.range.start < a.range.end)
            });
            if !over {
                apart.push(copy);
            }
        }
        (apart.len() > 1).then_some(apart)
    }

    /// The ranges of copies, with all that goes on the same in each of them.
    fn extended(&self, copies: &[Spot]) -> Vec<Range> {
        let mut ranges: Vec<Range> = copies.iter().filter_map(|c| Some(self.note(*c)?.range)).collect();
        for step in 1.. {
            let next: Vec<&Note> =
                copies.iter().filter_map(|(file, index)| self.note((*file, index + step))).collect();
            let goes_on = next.len() == copies.len()
                && next.iter().all(|note| note.key == next[0].key)
                && next.iter().zip(&ranges).all(|(note, range)| note.range.start < range.end);
            if !goes_on {
                break;
            }
            let longer: Vec<Range> =
                ranges.iter().zip(&next).map(|(range, note)| range.cover(note.range)).collect();
            // One copy does not go on into the next.
            let meet = |at: usize| copies[at].0 == copies[at - 1].0 && longer[at].start < longer[at - 1].end;
            if (1..longer.len()).any(meet) {
                break;
            }
            ranges = longer;
        }
        ranges
    }
}

fn judge(survey: &mut Survey<'_>) {
    for (_, files) in by_project(survey.files()) {
        let notes = files.iter().map(|(number, _)| {
            let mut notes: Vec<&Note> = survey.notes(*number).collect();
            notes.sort_by_key(|note| (note.range.start, std::cmp::Reverse(note.range.end)));
            (*number, notes)
        });
        let copies = Copies::of(notes.filter(|(_, notes)| !notes.is_empty()).collect());
        let mut reported: Vec<Vec<Range>> = vec![Vec::new(); copies.files.len()];
        for file in 0..copies.files.len() {
            for index in 0..copies.files[file].1.len() {
                judge_place(survey, &copies, (file, index), &mut reported);
            }
        }
    }
}

fn judge_place(survey: &mut Survey<'_>, copies: &Copies<'_>, spot: Spot, reported: &mut [Vec<Range>]) {
    let Some(places) = copies.copies(spot) else { return };
    let ranges = copies.extended(&places);
    let overlaps = |(place, range): (&Spot, &Range)| {
        reported[place.0].iter().any(|known| range.start < known.end && known.start < range.end)
    };
    if places.iter().zip(&ranges).any(overlaps) {
        return;
    }
    let (number, _) = copies.files[spot.0];
    let text = |place: &Spot, range: &Range| {
        let file = survey.all_files().get(copies.files[place.0].0);
        file.map(|f| f.text.slice(*range)).unwrap_or_default()
    };
    let lines = code_lines(&text(&spot, &ranges[0]));
    let wanted = survey.options(number).map_or(0, |o| o.integer("min-lines"));
    if lines < wanted && places.len() < 3 {
        return;
    }
    for (place, range) in places.iter().zip(&ranges) {
        reported[place.0].push(*range);
    }
    let symbol = |place: &Spot| copies.note(*place).map_or("", |note| &*note.symbol);
    let other = symbol(&places[1]);
    let others = match places.len() {
        2 if symbol(&spot) == other && spot.0 == places[1].0 => "another place of it".to_owned(),
        2 if symbol(&spot) == other => format!("`{}`", survey.all_files()[copies.files[places[1].0].0].path),
        2 => format!("`{other}`"),
        count => format!("{} other places", count - 1),
    };
    let mut finding = survey
        .finding(ranges[0], format!("{lines} lines of `{}` are the same in {others}", symbol(&spot)))
        .why("What is mended in one copy stays broken in the others.")
        .help("Make one function of it, with what differs as parameters.")
        .confidence(Confidence::Medium);
    let related = places.iter().zip(&ranges).skip(1).take(RELATED);
    finding.related.extend(related.filter_map(|(place, range)| {
        survey.related(copies.files[place.0].0, *range, format!("the same in `{}`", symbol(place)))
    }));
    survey.report(number, finding);
}

/// How many places a finding names.
const RELATED: usize = 10;
