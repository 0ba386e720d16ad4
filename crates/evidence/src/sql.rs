//! SQL files: the tables, columns and indexes that statements make, and the columns that queries filter by.
//!
//! Statements are cut apart by their tokens and parsed one by one, so that one which no dialect knows costs itself only.

use std::cell::Cell;

use shipworthy_syntax::Range;
use sqlparser::ast::{
    self, AlterTableOperation, ColumnOption, Expr, ObjectName, Statement as Parsed, TableConstraint,
    TableFactor, Visit, Visitor,
};
use sqlparser::dialect::{Dialect, GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use crate::file::Read;

/// Files of more bytes are dumps of data: of those only the first so many are read.
const MAX_BYTES: usize = 1 << 20;

/// A statement with more links between its parts than these is not read.
const MAX_LINKS: usize = 20_000;

/// What the parser takes of the stack for as many levels as it is allowed, and then for each link of a chain.
const STACK: usize = 8 << 20;
const STACK_PER_LINK: usize = 4 << 10;

/// The statements of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sql {
    /// In the file's order.
    pub statements: Vec<Statement>,
}

/// A statement with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// From its first token to its last.
    pub range: Range,
    /// What it does.
    pub action: Action,
}

/// What a statement does, as far as a schema and its use are concerned. Names are in lower case, as they are compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Makes a table.
    CreateTable {
        /// Its name, without its schema.
        table: String,
        /// Its columns.
        columns: Vec<Column>,
        /// Its keys and indexes: those of single columns too.
        indexes: Vec<Index>,
    },
    /// Makes an index, or a key that has one.
    CreateIndex {
        /// The table.
        table: String,
        /// What it covers.
        index: Index,
    },
    /// Adds a column.
    AddColumn {
        /// The table.
        table: String,
        /// What is added.
        column: Column,
        /// The keys that come with it.
        indexes: Vec<Index>,
    },
    /// Removes a column.
    DropColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Gives a table another name.
    RenameTable {
        /// The old name.
        table: String,
        /// The new name.
        to: String,
    },
    /// Gives a column another name.
    RenameColumn {
        /// The table.
        table: String,
        /// The old name.
        column: String,
        /// The new name.
        to: String,
    },
    /// Removes a table.
    DropTable(String),
    /// Removes an index.
    DropIndex(String),
    /// Reads or changes rows.
    Query(Query),
    /// Something else.
    Other,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as written.
    pub kind: String,
    /// The table that it refers to.
    pub references: Option<String>,
    /// Whether it is a key that can have one value only, so that there is one row at most: `id int PRIMARY KEY CHECK (id = 1)`.
    pub is_only_key: bool,
}

/// An index or key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: Option<String>,
    /// The columns, in order; expressions are left out from the first one on.
    pub columns: Vec<String>,
    /// Whether it allows each value once.
    pub is_unique: bool,
    /// Whether it covers a part of the rows only.
    pub is_partial: bool,
}

/// A query or a change of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The tables that it names, each with the name that the statement gives it.
    pub tables: Vec<(String, String)>,
    /// The columns that its conditions compare, with the table or alias before their dot.
    pub filtered: Vec<(Option<String>, String)>,
    /// Those of them that must equal a value which the text does not say, at once or through another column.
    pub equal: Vec<(Option<String>, String)>,
    /// Those of them that must equal a value which the text says.
    pub fixed: Vec<(Option<String>, String)>,
    /// Whether the number of rows is bounded.
    pub is_limited: bool,
    /// Whether it reads rows, rather than changes them.
    pub is_read: bool,
}

/// What a text of SQL says: a whole file, or what stands in a string of the code.
pub fn parse(text: &str) -> Sql {
    read(text).content
}

pub(crate) fn read(text: &str) -> Read<Sql> {
    let mut read = Read::<Sql>::default();
    let whole = text.len();
    let mut cut = whole.min(MAX_BYTES);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    if cut < whole {
        read.unread.push(Range::from(cut..whole));
    }
    let text = &text[..cut];
    let lines = Lines::of(text);
    let mut tokens = Vec::new();
    let is_open =
        Tokenizer::new(&GenericDialect {}, text).tokenize_with_location_into_buf(&mut tokens).is_err();
    if is_open {
        // A quote that nothing closes: what stands before it is read.
        let end = tokens.last().map_or(0, |token| lines.offset(token.span.end));
        read.unread.push(Range::from(end as usize..text.len()));
    }
    let mut statement: Vec<TokenWithSpan> = Vec::new();
    for token in tokens {
        match &token.token {
            Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
                let range = lines.range(&token);
                let comment = text.get(std::ops::Range::from(range)).unwrap_or_default();
                let end = range.start + comment.trim_end().len() as u32;
                read.comments.push(Range { start: range.start, end });
            }
            Token::Whitespace(_) => {}
            Token::SemiColon => finish(std::mem::take(&mut statement), &lines, &mut read),
            _ => statement.push(token),
        }
    }
    if !is_open {
        finish(statement, &lines, &mut read);
    }
    read
}

fn finish(tokens: Vec<TokenWithSpan>, lines: &Lines, read: &mut Read<Sql>) {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
    let range = Range { start: lines.range(first).start, end: lines.range(last).end };
    read.spans.push(range);
    // As deep as a chain of operators is long is what a statement is read to, and so what it costs the stack.
    let links = tokens.iter().filter(|token| may_link(&token.token)).count();
    if links > MAX_LINKS {
        return read.unread.push(range);
    }
    let stack = STACK + links * STACK_PER_LINK;
    stacker::maybe_grow(stack, stack, || read_statement(&tokens, range, read));
}

/// Whether a token may be what links the parts of an expression or a query.
fn may_link(token: &Token) -> bool {
    use Token::{
        Comma, HexStringLiteral, LParen, NationalStringLiteral, Number, Period, RParen, SingleQuotedString,
    };
    let is_none = matches!(
        token,
        Comma
            | LParen
            | RParen
            | Period
            | Number(..)
            | SingleQuotedString(_)
            | NationalStringLiteral(_)
            | HexStringLiteral(_)
    );
    !is_none
}

fn read_statement(tokens: &[TokenWithSpan], range: Range, read: &mut Read<Sql>) {
    let dialects: [&dyn Dialect; 4] =
        [&PostgreSqlDialect {}, &GenericDialect {}, &MySqlDialect {}, &SQLiteDialect {}];
    let parsed = dialects.iter().find_map(|dialect| {
        let parser = Parser::new(*dialect).with_recursion_limit(50);
        parser.with_tokens_with_locations(tokens.to_vec()).parse_statement().ok()
    });
    match parsed {
        Some(parsed) => {
            for action in actions(&parsed) {
                read.content.statements.push(Statement { range, action });
            }
        }
        None => read.unread.push(range),
    }
}

/// Where lines start, to turn places in lines and characters into bytes.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// The place that was asked for last, with its offset: on a long line the next one is counted on from there.
    last: Cell<(u64, u64, usize)>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts, last: Cell::new((0, 0, 0)) }
    }

    fn offset(&self, place: Location) -> u32 {
        let line = place.line.saturating_sub(1) as usize;
        let Some(start) = self.starts.get(line).copied() else { return self.text.len() as u32 };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let (last_line, last_column, last_offset) = self.last.get();
        let (from, skipped) = if last_line == place.line && last_column <= place.column {
            (last_offset, place.column - last_column)
        } else {
            (start, place.column.saturating_sub(1))
        };
        let rest = self.text.get(from..end).unwrap_or_default();
        let offset = from + rest.char_indices().nth(skipped as usize).map_or(rest.len(), |(at, _)| at);
        self.last.set((place.line, place.column.max(1), offset));
        offset as u32
    }

    fn range(&self, token: &TokenWithSpan) -> Range {
        let start = self.offset(token.span.start);
        Range { start, end: self.offset(token.span.end).max(start) }
    }
}

/// The last part of a name, as it is compared.
fn name(name: &ObjectName) -> String {
    let last = name.0.last().and_then(|part| part.as_ident());
    last.map_or_else(String::new, |ident| ident.value.to_ascii_lowercase())
}

fn ident(ident: &ast::Ident) -> String {
    ident.value.to_ascii_lowercase()
}

fn actions(statement: &Parsed) -> Vec<Action> {
    match statement {
        Parsed::CreateTable(create) => {
            let mut indexes: Vec<Index> = create.columns.iter().flat_map(column_indexes).collect();
            indexes.extend(create.constraints.iter().filter_map(constraint));
            let mut columns: Vec<Column> = create.columns.iter().map(column).collect();
            for constraint in &create.constraints {
                if let TableConstraint::ForeignKey(key) = constraint
                    && let Some(first) = key.columns.first().map(ident)
                    && let Some(column) = columns.iter_mut().find(|column| column.name == first)
                {
                    column.references = Some(name(&key.foreign_table));
                }
            }
            vec![Action::CreateTable { table: name(&create.name), columns, indexes }]
        }
        Parsed::CreateIndex(create) => {
            let index = Index {
                name: create.name.as_ref().map(name),
                columns: index_columns(&create.columns),
                is_unique: create.unique,
                is_partial: create.predicate.is_some(),
            };
            vec![Action::CreateIndex { table: name(&create.table_name), index }]
        }
        Parsed::AlterTable(alter) => {
            let table = name(&alter.name);
            alter.operations.iter().filter_map(|operation| alteration(&table, operation)).collect()
        }
        Parsed::Drop { object_type, names, .. } => {
            let dropped = names.iter().map(|dropped| match object_type {
                ast::ObjectType::Table => Action::DropTable(name(dropped)),
                ast::ObjectType::Index => Action::DropIndex(name(dropped)),
                _ => Action::Other,
            });
            dropped.collect()
        }
        Parsed::Query(_) | Parsed::Update(_) | Parsed::Delete(_) | Parsed::Insert(_) => {
            let mut seen = Seen::default();
            seen.query.is_read = matches!(statement, Parsed::Query(_));
            if let Parsed::Query(query) = statement {
                seen.query.is_limited = query.limit_clause.is_some() || query.fetch.is_some();
            }
            let _ = statement.visit(&mut seen);
            vec![Action::Query(seen.finish())]
        }
        _ => vec![Action::Other],
    }
}

fn alteration(table: &str, operation: &AlterTableOperation) -> Option<Action> {
    let table = table.to_owned();
    Some(match operation {
        AlterTableOperation::AddColumn { column_def, .. } => {
            Action::AddColumn { table, column: column(column_def), indexes: column_indexes(column_def) }
        }
        AlterTableOperation::AddConstraint { constraint: added, .. } => {
            Action::CreateIndex { table, index: constraint(added)? }
        }
        AlterTableOperation::DropColumn { column_names, .. } => {
            Action::DropColumn { table, column: ident(column_names.first()?) }
        }
        AlterTableOperation::RenameColumn { old_column_name, new_column_name } => {
            Action::RenameColumn { table, column: ident(old_column_name), to: ident(new_column_name) }
        }
        AlterTableOperation::RenameTable { table_name } => {
            let (ast::RenameTableNameKind::As(to) | ast::RenameTableNameKind::To(to)) = table_name;
            Action::RenameTable { table, to: name(to) }
        }
        _ => return None,
    })
}

fn column(column: &ast::ColumnDef) -> Column {
    let references = column.options.iter().find_map(|option| match &option.option {
        ColumnOption::ForeignKey(key) => Some(name(&key.foreign_table)),
        _ => None,
    });
    let is_key = column.options.iter().any(|option| matches!(option.option, ColumnOption::PrimaryKey(_)));
    let is_constant = column.options.iter().any(|option| match &option.option {
        ColumnOption::Check(check) => {
            matches!(&*check.expr, Expr::BinaryOp { left, op: ast::BinaryOperator::Eq, right }
            if column_of(left).is_some() && matches!(**right, Expr::Value(_)))
        }
        _ => false,
    });
    let is_only_key = is_key && is_constant;
    Column { name: ident(&column.name), kind: column.data_type.to_string(), references, is_only_key }
}

fn column_indexes(column: &ast::ColumnDef) -> Vec<Index> {
    let is_key =
        |option: &ColumnOption| matches!(option, ColumnOption::PrimaryKey(_) | ColumnOption::Unique(_));
    let keys = column.options.iter().filter(|option| is_key(&option.option));
    let indexes = keys.map(|_| Index {
        name: None,
        columns: vec![ident(&column.name)],
        is_unique: true,
        is_partial: false,
    });
    indexes.collect()
}

fn constraint(constraint: &TableConstraint) -> Option<Index> {
    let (name, columns, is_unique) = match constraint {
        TableConstraint::Unique(key) => (key.name.as_ref(), &key.columns, true),
        TableConstraint::PrimaryKey(key) => (key.name.as_ref(), &key.columns, true),
        TableConstraint::Index(index) => (index.name.as_ref(), &index.columns, false),
        _ => return None,
    };
    Some(Index { name: name.map(ident), columns: index_columns(columns), is_unique, is_partial: false })
}

fn index_columns(columns: &[ast::IndexColumn]) -> Vec<String> {
    let names = columns.iter().map_while(|column| match &column.column.expr {
        Expr::Identifier(name) => Some(ident(name)),
        _ => None,
    });
    names.collect()
}

/// The column that an expression names, with the table or alias before its dot.
fn column_of(expr: &Expr) -> Option<(Option<String>, String)> {
    match expr {
        Expr::Identifier(name) => Some((None, ident(name))),
        Expr::CompoundIdentifier(parts) => match &parts[..] {
            [.., table, column] => Some((Some(ident(table)), ident(column))),
            _ => None,
        },
        _ => None,
    }
}

/// What a walk over a query has seen.
#[derive(Default)]
struct Seen {
    query: Query,
    /// Pairs of columns that must equal each other.
    pairs: Vec<[NamedColumn; 2]>,
    /// How many `CASE` are around: what they compare chooses values, not rows.
    cases: usize,
}

/// A column, with the table or alias before its dot.
type NamedColumn = (Option<String>, String);

impl Seen {
    fn finish(mut self) -> Query {
        // What equals a column which must equal a value must equal that value.
        for [one, other] in self.pairs {
            let is_bound = |column: &NamedColumn| self.query.equal.contains(column);
            match (is_bound(&one), is_bound(&other)) {
                (true, false) => self.query.equal.push(other),
                (false, true) => self.query.equal.push(one),
                _ => {}
            }
        }
        self.query
    }
}

impl Visitor for Seen {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> std::ops::ControlFlow<()> {
        if let TableFactor::Table { name: table, alias, .. } = factor {
            let table = name(table);
            let alias = alias.as_ref().map_or_else(|| table.clone(), |alias| ident(&alias.name));
            self.query.tables.push((table, alias));
        }
        std::ops::ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> std::ops::ControlFlow<()> {
        if matches!(expr, Expr::Case { .. }) {
            self.cases += 1;
        }
        if self.cases > 0 {
            return std::ops::ControlFlow::Continue(());
        }
        let mut add = |side: &Expr| self.query.filtered.extend(column_of(side));
        match expr {
            Expr::BinaryOp { left, op, right } => {
                use ast::BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq};
                if matches!(op, Eq | Gt | GtEq | Lt | LtEq) {
                    add(left);
                    add(right);
                }
                // A column against a column joins; a literal is a state, of which many rows are.
                let is_value = |side: &Expr| match side {
                    Expr::Value(value) => matches!(value.value, ast::Value::Placeholder(_)),
                    side => column_of(side).is_none(),
                };
                if *op == Eq {
                    for (side, other) in [(left, right), (right, left)] {
                        let Some(column) = column_of(side) else { continue };
                        if is_value(other) {
                            self.query.equal.push(column);
                        } else if column_of(other).is_none() {
                            self.query.fixed.push(column);
                        }
                    }
                    self.pairs.extend(column_of(left).zip(column_of(right)).map(|(one, other)| [one, other]));
                }
            }
            Expr::In { expr, .. }
            | Expr::Between { expr, .. }
            | Expr::IsNull(expr)
            | Expr::Like { expr, .. } => add(expr),
            _ => {}
        }
        std::ops::ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> std::ops::ControlFlow<()> {
        if matches!(expr, Expr::Case { .. }) {
            self.cases -= 1;
        }
        std::ops::ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_have_columns_keys_and_indexes() {
        let text = "-- the shop\nCREATE TABLE shop.Orders (\n  id bigserial PRIMARY KEY,\n  customer_id bigint NOT NULL REFERENCES customers (id),\n  email text,\n  shop_id int,\n  UNIQUE (email, customer_id),\n  FOREIGN KEY (shop_id) REFERENCES shops (id)\n);\nCREATE INDEX CONCURRENTLY by_customer ON orders (customer_id, lower(email)) WHERE email IS NOT NULL;\nALTER TABLE orders ADD COLUMN note text UNIQUE, DROP COLUMN email;\nDROP TABLE IF EXISTS old;\n";
        let read = read(text);
        assert!(read.unread.is_empty(), "{:?}", read.unread);
        let actions: Vec<&Action> = read.content.statements.iter().map(|s| &s.action).collect();
        let Action::CreateTable { table, columns, indexes } = actions[0] else { panic!("{actions:?}") };
        assert_eq!((table.as_str(), columns.len(), indexes.len()), ("orders", 4, 2));
        assert_eq!(columns[1].references.as_deref(), Some("customers"));
        assert_eq!(columns[3].references.as_deref(), Some("shops"));
        let Action::CreateIndex { index, .. } = actions[1] else { panic!("{actions:?}") };
        assert!(index.columns == ["customer_id"] && index.is_partial);
        assert!(
            matches!(actions[2], Action::AddColumn { .. }) && matches!(actions[3], Action::DropColumn { .. })
        );
        assert_eq!(actions[4], &Action::DropTable("old".to_owned()));
        let slice = |range: Range| &text[std::ops::Range::from(range)];
        assert_eq!(slice(read.comments[0]), "-- the shop");
        assert_eq!(slice(read.content.statements[4].range), "DROP TABLE IF EXISTS old");
    }

    #[test]
    fn queries_filter_by_columns() {
        let sql = parse(
            "SELECT * FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.email = $1 AND state IN ('a') LIMIT 5; DELETE FROM carts WHERE user_id = 3",
        );
        let Action::Query(query) = &sql.statements[0].action else { panic!("a query") };
        assert_eq!(query.tables[0], ("orders".to_owned(), "o".to_owned()));
        assert!(query.filtered.contains(&(Some("o".to_owned()), "email".to_owned())) && query.is_limited);
        assert!(query.filtered.contains(&(None, "state".to_owned())));
        assert_eq!(query.equal, [(Some("o".to_owned()), "email".to_owned())]);
        let Action::Query(query) = &sql.statements[1].action else { panic!("a query") };
        assert!(!query.is_read && query.filtered == [(None, "user_id".to_owned())]);
        assert_eq!(query.fixed, query.filtered);
        let sql = parse(
            "SELECT CASE WHEN a = ?1 THEN 1 END FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.id = ? AND l.state = 'new'",
        );
        let Action::Query(query) = &sql.statements[0].action else { panic!("a query") };
        let equal: Vec<&str> = query.equal.iter().map(|(_, column)| column.as_str()).collect();
        assert_eq!(equal, ["id", "order_id"]);
        assert_eq!(query.fixed, [(Some("l".to_owned()), "state".to_owned())]);
    }

    #[test]
    fn what_no_dialect_knows_costs_itself_only() {
        let text = "SELECT 1;\nFROB é THE TABLE;\nSELECT 2;\n/* é */ SELECT 'open";
        let read = read(text);
        assert_eq!(read.content.statements.len(), 2);
        assert_eq!(&text[std::ops::Range::from(read.unread[1])], "FROB é THE TABLE");
        let deep = format!("SELECT {}1{}", "(".repeat(50_000), ")".repeat(50_000));
        assert_eq!(super::read(&deep).content.statements.len(), 0);
        for count in [40, 200, 4_000, 20_000, 100_000] {
            for (open, close) in [
                ("(", ")"),
                ("NOT ", ""),
                ("- ", ""),
                ("f(", ")"),
                ("1 + ", ""),
                ("a IN (1, 2) AND ", ""),
                ("1, 1 UNION SELECT ", ""),
                ("CASE WHEN a THEN ", " END"),
                ("", " IS NULL"),
                ("", "::int"),
                ("", "[1]"),
            ] {
                super::read(&format!("SELECT {}1{}", open.repeat(count), close.repeat(count)));
            }
            super::read(&format!("{}SELECT 1{}", "WITH a AS (".repeat(count), ")".repeat(count)));
            super::read(&format!("CREATE TABLE t (a {}int{})", "ARRAY<".repeat(count), ">".repeat(count)));
        }
        let long = format!("SELECT 1{};\nSELECT 2;", " + 1".repeat(MAX_LINKS + 1));
        let read = super::read(&long);
        assert_eq!((read.content.statements.len(), read.unread.len()), (1, 1));
        super::read(&"x".repeat(10_000_000));
    }
}
