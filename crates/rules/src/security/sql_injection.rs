use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Meaning, Node, Operator, Origin, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::ownership::ends;
use crate::program;
use crate::texts::{Part, parts};
use crate::values::{
    Given, any_behind, given, is_constant, is_constant_name, is_from_request, is_member, latest,
};

rule! {
    /// SQL is put together from values
    ///
    /// A value that becomes a part of the statement can change what the statement does: `' OR 1=1 --` reads every row, `'; DROP TABLE` needs no
    /// explanation. Bind values as parameters: then the database never reads them as SQL.
    ///
    /// Names of tables and columns cannot be bound; take them from a fixed list, or quote them with the driver's own function.
    ///
    /// ```python bad
    /// import sqlite3
    ///
    /// def find(name):
    ///     connection = sqlite3.connect("shop.db")
    ///     return connection.execute(f"SELECT * FROM users WHERE name = '{name}'").fetchone()
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import sqlite3
    ///
    /// def find(name):
    ///     connection = sqlite3.connect("shop.db")
    ///     return connection.execute("SELECT * FROM users WHERE name = ?", (name,)).fetchone()
    /// ```
    ///
    /// ```python bad
    /// def find(cursor, name, city):
    ///     query = "SELECT * FROM users WHERE name = '%s'" % name
    ///     if city:
    ///         query += " AND city = '" + city + "'"
    ///     cursor.execute(query)
    ///     ^^^^^^^^^^^^^^^^^^^^^
    ///     conditions = []
    ///     conditions.append("city = '{}'".format(city))
    ///     cursor.execute("SELECT * FROM users WHERE " + " AND ".join(conditions))
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// class Store:
    ///     def query(self, sql):
    ///         self.cursor.execute(sql)
    ///         return self.cursor.fetchall()
    ///
    ///     def find(self, name):
    ///         return self.query(f"SELECT * FROM users WHERE name = '{name}'")
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// TABLE = "users"
    ///
    /// def find(cursor, name, ids, limit: int, city):
    ///     cursor.execute("SELECT * FROM users WHERE name = %s", (name,))
    ///     cursor.execute(f"SELECT * FROM {TABLE} WHERE id = {int(name)} LIMIT {limit}")
    ///     placeholders = ",".join("?" * len(ids))
    ///     cursor.execute(f"SELECT * FROM users WHERE id IN ({placeholders})", ids)
    ///     marks = ", ".join(["%s"] * len(ids))
    ///     cursor.execute("SELECT * FROM users WHERE id IN (%s)" % marks, ids)
    ///     conditions = ["active"]
    ///     if city:
    ///         conditions.append("city = %s")
    ///     cursor.execute("SELECT * FROM users WHERE " + " AND ".join(conditions), (city,))
    /// ```
    ///
    /// ```python bad
    /// from flask import request
    ///
    /// def named(cursor):
    ///     name = request.GET.get("name", "")
    ///     cursor.execute("SELECT id FROM people WHERE name LIKE '%%%s%%' LIMIT 20" % name)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def moves(cursor, account, order):
    ///     cursor.execute("SELECT amount FROM moves WHERE account = %s ORDER BY " + order, [account])
    ///     return cursor.fetchall()
    ///
    /// def listed(cursor, account):
    ///     return moves(cursor, account, request.args.get("order", "at"))
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def rows(cursor, table, condition):
    ///     cursor.execute("SELECT * FROM " + table + " WHERE " + condition)
    ///     return cursor.fetchall()
    ///
    /// def sales(cursor, region):
    ///     return rows(cursor, "sales", f"region = '{region}'")
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def all_sales(cursor):
    ///     return rows(cursor, "sales", "region IS NOT NULL")
    /// ```
    ///
    /// ```python good
    /// import sqlite3
    ///
    /// from flask import abort, request
    ///
    /// COLUMNS = {"created": "created_at", "total": "total"}
    /// SORTABLE = ("plate", "vin")
    ///
    /// def listed(connection: sqlite3.Connection):
    ///     sort = request.args.get("sort", "plate")
    ///     if sort not in SORTABLE:
    ///         abort(400)
    ///     order = request.args.get("order", "asc")
    ///     if order not in ("asc", "desc"):
    ///         order = "asc"
    ///     kind = request.args.get("kind", "")
    ///     if not kind.isidentifier():
    ///         raise ValueError(kind)
    ///     column = COLUMNS.get(request.args.get("by"), "created_at")
    ///     return connection.execute(f"SELECT {kind}, {column} FROM vehicles ORDER BY {sort} {order}").fetchall()
    /// ```
    ///
    /// ```python good
    /// def migrate(cursor, query):
    ///     for table in ("users", "orders"):
    ///         cursor.execute(f"ALTER TABLE {table} ADD COLUMN tenant TEXT DEFAULT ''")
    ///         cursor.execute(f"UPDATE {table} SET tenant = '{Tenant.DEFAULT}' WHERE id = {len(table)}")
    ///     cursor.execute(query)
    ///
    /// def notify(cursor, event):
    ///     payload = event.text().replace("'", "''")
    ///     cursor.execute(f"NOTIFY events, '{payload}'")
    ///
    /// def configure(cursor, options):
    ///     for name, value in options.items():
    ///         cursor.execute(f"SET {name} = '{value}'")
    ///
    /// def page(cursor, request):
    ///     size = request.args.get("size")
    ///     size = int(size)
    ///     cursor.execute(f"SELECT * FROM users LIMIT {size + 1}")
    ///
    /// class Pool:
    ///     def run(self, job, name):
    ///         self.executor.execute(f"run {job} for name = '{name}'")
    /// ```
    ///
    /// Names of the database's own parts, paths in JSON, and values that no caller gives.
    ///
    /// ```python good
    /// def ensure(cursor, graph_name):
    ///     cursor.execute(f"SELECT create_graph('{graph_name}')")
    ///
    /// def matching(cursor, filters):
    ///     query = "SELECT id FROM chunks WHERE kind = :kind"
    ///     for i, (key, value) in enumerate(filters.items()):
    ///         query += f" AND JSON_VALUE(metadata, '$.{key}' RETURNING VARCHAR2) = :value_{i}"
    ///     cursor.execute(query, filters)
    ///
    /// class Store:
    ///     def create_default(self, cursor):
    ///         default = {"id": 0, "name": "Default", "location": str(self.location(0))}
    ///         values = ", ".join([decorate(default.get(c)) for c in default])
    ///         cursor.execute(f"INSERT INTO experiments VALUES ({values})")
    /// ```
    ///
    /// A number, as its default says.
    ///
    /// ```python good
    /// class Backend:
    ///     def is_flapping(self, cursor, alert, window=1800):
    ///         cursor.execute(
    ///             f"SELECT count(*) FROM history WHERE alert = %s AND at > now() - INTERVAL '{window} seconds'",
    ///             (alert,),
    ///         )
    ///         return cursor.fetchone()[0] > 2
    /// ```
    ///
    /// A migration, whose values are its author's.
    ///
    /// ```python good file=shop/db/upgrade/v01_orders.py
    /// async def drop_constraints(connection, table, kind):
    ///     names = await connection.fetch(f"SELECT conname FROM pg_constraint WHERE contype='{kind}'")
    ///     for name in names:
    ///         await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"context"
    ///
    /// 	"github.com/jackc/pgx/v5/pgxpool"
    /// )
    ///
    /// func find(ctx context.Context, pool *pgxpool.Pool, name string) {
    /// 	pool.QueryRow(ctx, "SELECT * FROM users WHERE name = '"+name+"'")
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import (
    /// 	"context"
    ///
    /// 	"github.com/jackc/pgx/v5/pgxpool"
    /// )
    ///
    /// func find(ctx context.Context, pool *pgxpool.Pool, name string) {
    /// 	pool.QueryRow(ctx, "SELECT * FROM users WHERE name = $1", name)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"database/sql"
    /// 	"fmt"
    /// )
    ///
    /// func find(db *sql.DB, name string) (*sql.Rows, error) {
    /// 	query := fmt.Sprintf("SELECT * FROM users WHERE name = '%s'", name)
    /// 	return db.Query(query)
    /// 	       ^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "database/sql"
    ///
    /// type Store struct{ db *sql.DB }
    ///
    /// func (s *Store) all(query string) (*sql.Rows, error) {
    /// 	return s.db.Query(query)
    /// }
    ///
    /// func (s *Store) find(name string) (*sql.Rows, error) {
    /// 	return s.all("SELECT * FROM users WHERE name = '" + name + "'")
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"database/sql"
    /// 	"fmt"
    /// )
    ///
    /// const table = "users"
    ///
    /// func find(db *sql.DB, name string, id int64) (*sql.Rows, error) {
    /// 	if _, err := db.Exec(fmt.Sprintf("DELETE FROM %s WHERE id = %d", table, id)); err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return db.Query("SELECT * FROM "+table+" WHERE name = $1", name)
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"database/sql"
    /// 	"strings"
    /// )
    ///
    /// func find(db *sql.DB, names []any) (*sql.Rows, error) {
    /// 	marks := strings.TrimSuffix(strings.Repeat("?,", len(names)), ",")
    /// 	return db.Query("SELECT * FROM users WHERE name IN ("+marks+")", names...)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn find(client: &tokio_postgres::Client, name: &str) {
    ///     client.query(&format!("SELECT * FROM users WHERE name = '{name}'"), &[]).await;
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn find(pool: &sqlx::PgPool, name: &str) {
    ///     let query = format!("SELECT * FROM users WHERE name = '{}'", name);
    ///     sqlx::query(&query).fetch_all(pool).await;
    ///     ^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// const TABLE: &str = "users";
    ///
    /// async fn find(pool: &sqlx::PgPool, name: &str, id: i64) {
    ///     sqlx::query(&format!("SELECT * FROM {TABLE} WHERE id = {id}")).fetch_all(pool).await;
    ///     sqlx::query("SELECT * FROM users WHERE name = $1").bind(name).fetch_all(pool).await;
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn find(pool: &sqlx::PgPool, names: &[String]) {
    ///     let marks = vec!["?"; names.len()].join(",");
    ///     let query = format!("SELECT * FROM users WHERE name IN ({marks})");
    ///     sqlx::query(&query).fetch_all(pool).await;
    /// }
    /// ```
    ///
    /// Values of an enum whose cases hold nothing can be no other texts than its author wrote; those of one that holds texts can.
    ///
    /// ```rust good
    /// #[derive(strum::Display)]
    /// enum Status {
    ///     Queued,
    ///     Done,
    /// }
    ///
    /// async fn clear(pool: &sqlx::PgPool, filter: Option<&Vec<Status>>) {
    ///     if let Some(statuses) = filter {
    ///         let list = statuses.iter().map(|s| format!("'{s}'")).collect::<Vec<String>>().join(",");
    ///         sqlx::query(&format!("DELETE FROM jobs WHERE status IN ({list})")).execute(pool).await;
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// #[derive(strum::Display)]
    /// enum Status {
    ///     Queued,
    ///     Other(String),
    /// }
    ///
    /// async fn clear(pool: &sqlx::PgPool, statuses: Vec<Status>) {
    ///     let list = statuses.iter().map(|s| format!("'{s}'")).collect::<Vec<String>>().join(",");
    ///     sqlx::query(&format!("DELETE FROM jobs WHERE status IN ({list})")).execute(pool).await;
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    name: "sql-injection",
    category: Security,
    severity: Blocking,
    scope: Both,
    fix: { Python: Suggested, Go: Suggested },
    on: [Effect(Effects::EXECUTES_SQL), Reach(Effects::EXECUTES_SQL)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call).cloned() else { return check_helper(cx, call) };
    let Some(sql) = meaning.argument("sql").and_then(|a| a.of(call)) else { return };
    judge(cx, call, sql, &meaning, None);
}

/// A call of a function of the workspace that executes what it is given.
fn check_helper(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(path) = cx.workspace_callee(call) else { return };
    let Some(function) = cx.workspace().function(&path) else { return };
    let is_method = function.parameters.first().is_some_and(|p| matches!(&**p, "self" | "cls"));
    let executed: Vec<Node<'_>> = function
        .behaviour
        .executed
        .iter()
        .filter_map(|position| {
            let position = usize::from(*position);
            let name = function.parameters.get(position)?;
            call.keyword(name).or_else(|| call.positional(position.checked_sub(usize::from(is_method))?))
        })
        .collect();
    for sql in executed {
        judge(cx, call, sql, &Meaning::default(), Some(&path));
    }
}

/// Judges a text that a call executes, itself or through a helper.
fn judge(cx: &mut Check<'_>, call: Node<'_>, sql: Node<'_>, meaning: &Meaning, helper: Option<&str>) {
    cx.site();
    let sql = cx.facts().node(sql.index());
    let parts = parts(cx, sql);
    let Some(worst) = worst(cx, &parts, meaning.guessed) else { return };
    let built = crate::values::behind(cx, sql);
    let value = worst.hole.text().lines().next().unwrap_or("");
    let mut finding = cx
        .finding(call, format!("`{value}` becomes a part of the SQL text"))
        .why("Whoever chooses the value can change what the statement does: read, change or delete anything.")
        .help(match worst.place {
            Place::Value => "Bind the value as a parameter.",
            Place::Name => "Take the name from a fixed list, or quote it with the driver's function.",
        })
        // Who writes a migration chooses all of its values.
        .confidence(if program::is_migration(cx) { Confidence::Low } else { worst.confidence })
        .maybe_fix(fix(cx, call, sql, meaning, &parts));
    if let Some(path) = helper {
        finding = finding.related_function(path, "It is executed in here.");
    }
    if built != sql {
        finding = finding.related(built, "The text is built here.");
    }
    cx.report(finding);
}

/// Where a hole stands in a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where a value may be bound.
    Value,
    /// Where a name, a keyword or a part of a statement stands.
    Name,
}

/// A hole that somebody may misuse.
struct Danger<'a> {
    hole: Node<'a>,
    place: Place,
    confidence: Confidence,
}

/// The hole of a text that is the most dangerous; none where all are sound, or where the text is no SQL.
fn worst<'a>(cx: &Check<'_>, parts: &[Part<'a>], guessed: bool) -> Option<Danger<'a>> {
    let first = parts.iter().find_map(|p| match p {
        Part::Text(text) => text.split_whitespace().next(),
        Part::Hole(_) => None,
    });
    if guessed && !first.is_some_and(is_statement) {
        return None;
    }
    let binds = first.is_none_or(|word| !is_statement(word) || takes_parameters(word));
    let mut before = String::new();
    let mut worst: Option<Danger<'_>> = None;
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Text(text) => before.push_str(text),
            Part::Hole(hole) => {
                let after = match parts.get(index + 1) {
                    Some(Part::Text(text)) => text.as_str(),
                    _ => "",
                };
                let place = place(&before, after);
                before.push('0');
                let Some(confidence) = confidence(cx, *hole, if binds { place } else { Place::Name }) else {
                    continue;
                };
                let confidence = if guessed { confidence.min(Confidence::Medium) } else { confidence };
                if worst.as_ref().is_none_or(|w| w.confidence < confidence) {
                    worst = Some(Danger { hole: *hole, place, confidence });
                }
            }
        }
    }
    worst
}

fn is_statement(word: &str) -> bool {
    const VERBS: [&str; 14] = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "CREATE", "ALTER", "DROP", "REPLACE", "MERGE",
        "TRUNCATE", "EXPLAIN", "SET", "CALL",
    ];
    VERBS.iter().any(|verb| word.eq_ignore_ascii_case(verb))
}

/// Whether a kind of statement can be given parameters: `SET`, `CREATE` and their kin cannot, and are mostly written from settings.
fn takes_parameters(verb: &str) -> bool {
    const VERBS: [&str; 8] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "REPLACE", "MERGE", "CALL"];
    VERBS.iter().any(|v| verb.eq_ignore_ascii_case(v))
}

/// Where a hole stands, by the text around it.
fn place(before: &str, after: &str) -> Place {
    let quotes = before.matches('\'').count();
    if quotes % 2 == 1 {
        // `JSON_VALUE(data, '$.{key}')`: a path cannot be bound in parts.
        let literal = before.rsplit('\'').next().unwrap_or("");
        return if literal.starts_with("$.") { Place::Name } else { Place::Value };
    }
    let trimmed = before.trim_end();
    // `{table}.id`, `{column}_id`, `"{column}"`
    if after.starts_with(|c: char| {
        c == '.' || c == '_' || c == '"' || c == '`' || c == '(' || c.is_alphanumeric()
    }) {
        return Place::Name;
    }
    let last_word =
        |text: &str| text.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_ascii_uppercase();
    if trimmed.ends_with(['=', '<', '>'])
        || matches!(&*last_word(trimmed), "LIKE" | "ILIKE" | "IN" | "BETWEEN")
    {
        return Place::Value;
    }
    // Inside `IN (...` and `VALUES (...`.
    let opening = trimmed.rfind('(').filter(|_| trimmed.ends_with(['(', ',']));
    match opening {
        Some(at)
            if !trimmed[at..].contains(')')
                && matches!(&*last_word(trimmed[..at].trim_end()), "IN" | "VALUES") =>
        {
            Place::Value
        }
        _ => Place::Name,
    }
}

/// How sure it is that a hole is dangerous; none where it is not.
fn confidence(cx: &Check<'_>, hole: Node<'_>, place: Place) -> Option<Confidence> {
    if is_harmless(cx, hole, 5) {
        return None;
    }
    let from_request = is_from_request(cx, hole);
    match place {
        _ if from_request => Some(Confidence::High),
        Place::Name => Some(Confidence::Low),
        Place::Value if is_of_ids(hole) || is_own_field(hole) || names_object(hole) => Some(Confidence::Low),
        Place::Value if is_number_by_default(cx, hole) => Some(Confidence::Low),
        Place::Value if is_parameter(cx, hole) => Some(Confidence::High),
        Place::Value if is_of_parameter(cx, hole) => Some(Confidence::Medium),
        // Where it comes from is not seen.
        Place::Value => Some(Confidence::Low),
    }
}

/// Whether a hole is a parameter whose default is a number: callers give it others.
fn is_number_by_default(cx: &Check<'_>, hole: Node<'_>) -> bool {
    let number = |g: &Given<'_>| matches!(g, Given::Other(bound) if bound.get(Role::Default).is_some_and(|d| d.is(Kind::Number)));
    matches!(&given(cx, hole)[..], [only] if number(only))
}

/// Whether code looks whether a name's value is one of a fixed set, or of plain characters, and goes on with it only then.
fn is_checked(cx: &Check<'_>, hole: Node<'_>) -> bool {
    // What a name is given is looked at behind that, under the name.
    let assign = hole.parent().filter(|p| p.is(Kind::Assign) && hole.role() == Role::Value);
    let held = assign.and_then(|a| a.get(Role::Target)).filter(|t| t.is(Kind::Name));
    if let (Some(assign), Some(name)) = (assign, held) {
        let later = assign.parent().into_iter().flat_map(|block| block.all(Role::Statement));
        return later.skip_while(|s| *s != assign).any(|statement| refuses_others(cx, statement, name));
    }
    if !hole.is(Kind::Name) {
        return false;
    }
    let mut inner = hole;
    for outer in hole.ancestors().take_while(|a| !matches!(a.kind(), Kind::Function | Kind::Lambda)) {
        let here = matches!(outer.kind(), Kind::If | Kind::Conditional)
            && inner.role() == Role::Body
            && outer.get(Role::Condition).is_some_and(|c| looks_at(c, hole, false));
        let mut before = outer.all(Role::Statement).take_while(|s| *s != inner);
        if here || outer.is(Kind::Block) && before.any(|statement| refuses_others(cx, statement, hole)) {
            return true;
        }
        inner = outer;
    }
    false
}

/// Whether a statement lets nothing but what it looks for pass: `if sort not in COLUMNS: raise ...`.
fn refuses_others(cx: &Check<'_>, statement: Node<'_>, value: Node<'_>) -> bool {
    let Some(condition) = statement.get(Role::Condition) else { return false };
    match statement.kind() {
        Kind::If => {
            looks_at(condition, value, true)
                && statement.get(Role::Body).is_some_and(|body| leads_nowhere(cx, body, value))
        }
        Kind::Assert => looks_at(condition, value, false),
        _ => false,
    }
}

/// Whether a condition asks what a value is: of a set (`sort in COLUMNS`, `allowed[sort]`), of plain characters (`sort.isidentifier()`); or, where
/// it asks for the contrary, that it is not.
fn looks_at(condition: Node<'_>, value: Node<'_>, contrary: bool) -> bool {
    let is_value = |n: Node<'_>| n.is(Kind::Name) && n.name() == value.name();
    let (membership, joins) =
        if contrary { (Operator::NotIn, Operator::Or) } else { (Operator::In, Operator::And) };
    match condition.kind() {
        Kind::Compare => {
            condition.operator() == membership && condition.all(Role::Operand).next().is_some_and(is_value)
        }
        Kind::Binary => {
            condition.operator() == joins
                && condition.all(Role::Operand).any(|o| looks_at(o, value, contrary))
        }
        Kind::Unary if condition.operator() == Operator::Not => {
            condition.get(Role::Operand).is_some_and(|o| looks_at(o, value, !contrary))
        }
        Kind::Call if !contrary => {
            const LOOKS: [&str; 11] = [
                "isidentifier",
                "isalnum",
                "isalpha",
                "isdigit",
                "isdecimal",
                "fullmatch",
                "match",
                "contains",
                "contains_key",
                "Contains",
                "MatchString",
            ];
            let Some(callee) = condition.callee() else { return false };
            let of = condition
                .arguments()
                .map(|a| a.get(Role::Value).filter(|_| a.is(Kind::Reference)).unwrap_or(a))
                .chain(callee.object())
                .any(is_value);
            of && LOOKS.contains(&callee.name())
        }
        Kind::Index => !contrary && condition.all(Role::Index).any(is_value),
        _ => false,
    }
}

/// Whether a block does not go on with a name's value: it returns, raises, answers with an error, or takes a default in its place.
fn leads_nowhere(cx: &Check<'_>, block: Node<'_>, value: Node<'_>) -> bool {
    block.all(Role::Statement).last().is_some_and(|last| match last.kind() {
        Kind::Return | Kind::Raise | Kind::Continue | Kind::Break => true,
        Kind::Assign => {
            last.get(Role::Target).is_some_and(|t| t.name() == value.name())
                && last.all(Role::Value).all(|v| is_constant(cx, v))
        }
        Kind::Call => {
            ends(cx, last)
                || cx.language() == Language::Python
                    && cx.meaning(last).is_some_and(|m| m.is("error-response"))
        }
        _ => false,
    })
}

/// Whether a value cannot carry SQL: written down, a number, checked, quoted, or made of placeholders.
fn is_harmless(cx: &Check<'_>, node: Node<'_>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    if is_constant(cx, node)
        || is_number(cx, node)
        || is_named_harmless(node)
        || is_checked(cx, node)
        || is_of_cases(cx, node)
    {
        return true;
    }
    let all = |role| {
        let mut parts = node.all(role).peekable();
        parts.peek().is_some() && parts.all(|p| is_harmless(cx, p, steps))
    };
    match node.kind() {
        Kind::Name => {
            // `size = request.args.get("size")`, then `size = int(size)`.
            let checked = matches!(latest(cx, node), Some(Given::Value(v)) if v.is(Kind::Call) && is_call_harmless(cx, v, steps));
            let given = given(cx, node);
            checked
                || !given.is_empty()
                    && given.iter().all(|g| match g {
                        Given::Value(v) | Given::Added(v) => is_harmless(cx, *v, steps),
                        Given::Other(bound) => is_of_harmless(cx, *bound, steps),
                    })
        }
        Kind::Call => is_call_harmless(cx, node, steps),
        Kind::Binary => {
            all(Role::Operand)
                || node.all(Role::Operand).next().is_some_and(Node::is_literal)
                    && node.operator() == Operator::Mul
        }
        Kind::Template => node.children().all(|c| c.is_literal() || is_harmless(cx, c, steps)),
        Kind::Conditional => [Role::Body, Role::Else].into_iter().all(all),
        Kind::Comprehension => all(Role::Element),
        Kind::List | Kind::Tuple | Kind::Set => all(Role::Element),
        Kind::Index => node.object().is_some_and(|o| is_constant_name(o.name()) || is_constant(cx, o)),
        Kind::Reference | Kind::Dereference | Kind::Cast | Kind::Await | Kind::Propagate => all(Role::Value),
        _ => false,
    }
}

/// Rust: whether a text is made of values of an enum of the project whose cases hold nothing, one or many: they can be no other text than the
/// few that its author wrote. `statuses.iter().map(|s| format!("'{s}'")).collect::<Vec<_>>().join(",")`
fn is_of_cases<'a>(cx: &Check<'a>, node: Node<'a>) -> bool {
    const MAX_STEPS: u32 = 12;
    if cx.language() != Language::Rust {
        return false;
    }
    let mut node = cx.facts().node(node.index());
    for _ in 0..MAX_STEPS {
        let next = match node.kind() {
            Kind::Reference | Kind::Dereference | Kind::Propagate => node.get(Role::Value),
            Kind::Call if node.has(Flags::MACRO) => None,
            Kind::Call if node.arguments().all(|a| a.is_literal() || uses_own_alone(a)) => {
                node.callee().and_then(Node::object)
            }
            Kind::Name => match given(cx, node)[..] {
                [Given::Value(value)] => Some(value),
                [Given::Other(bound)] if is_bound_by_parameter(bound) => {
                    let parameter =
                        std::iter::once(bound).chain(bound.ancestors()).find(|n| n.is(Kind::Parameter));
                    return parameter
                        .and_then(|p| p.get(Role::Type))
                        .is_some_and(|t| is_type_of_cases(cx, t.text()));
                }
                // `if let Some(statuses) = filter`
                [Given::Other(bound)] => {
                    bound.ancestors().find(|a| a.is(Kind::Let)).and_then(|l| l.get(Role::Value))
                }
                _ => None,
            },
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => return false,
        }
    }
    false
}

/// Whether a closure uses nothing but what it is given.
fn uses_own_alone(closure: Node<'_>) -> bool {
    let given: Vec<&str> = closure
        .all(Role::Parameter)
        .flat_map(|p| std::iter::once(p).chain(p.descendants()))
        .map(Node::name)
        .collect();
    closure.is(Kind::Lambda)
        && closure
            .descendants()
            .all(|n| !n.is(Kind::Name) || n.role() == Role::Callee || given.contains(&n.name()))
}

/// Whether a type is an enum of the project whose cases hold nothing, or a collection of it: `Option<&Vec<Status>>`.
fn is_type_of_cases(cx: &Check<'_>, text: &str) -> bool {
    const HOLDERS: [&str; 9] =
        ["Option", "Vec", "HashSet", "BTreeSet", "Box", "Arc", "Rc", "Cow", "VecDeque"];
    let names = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut named = names.filter(|n| n.starts_with(char::is_uppercase) && !HOLDERS.contains(n)).peekable();
    let is_names = |name: &str| {
        let path = match cx.environment().lookup(name) {
            Some(Origin::Item(path)) => path.to_string(),
            _ => cx.environment().absolute(name),
        };
        cx.workspace().class(&path).is_some_and(|class| class.is_names)
    };
    named.peek().is_some() && named.all(is_names)
}

/// Whether a loop's target or a parameter holds what is harmless: an element of a fixed list, a number.
fn is_of_harmless(cx: &Check<'_>, bound: Node<'_>, steps: u32) -> bool {
    if bound.is(Kind::Parameter) {
        let text = bound.get(Role::Type).map_or("", Node::text);
        return is_number_type(text) || words(text).iter().any(|w| matches!(w.as_str(), "literal" | "enum"));
    }
    let around = bound.ancestors().find(|a| !matches!(a.kind(), Kind::Tuple | Kind::List | Kind::Pattern));
    around
        .filter(|a| matches!(a.kind(), Kind::For | Kind::Clause))
        .and_then(|each| each.get(Role::Iterable))
        .is_some_and(|iterable| is_harmless(cx, iterable, steps))
}

/// Whether a call doubles the quotes of a text, which then cannot end the literal that it stands in: `value.replace("'", "''")`.
fn doubles_quotes(call: Node<'_>) -> bool {
    let texts: Vec<&str> = call.arguments().map(Node::text).collect();
    texts.windows(2).any(|pair| pair[0] == "\"'\"" && pair[1] == "\"''\"")
}

fn is_call_harmless(cx: &Check<'_>, call: Node<'_>, steps: u32) -> bool {
    if cx.meaning(call).is_some_and(|m| m.is("sql-identifier")) {
        return true;
    }
    let Some(callee) = call.callee() else { return false };
    if doubles_quotes(call) {
        return true;
    }
    if matches!(
        callee.name(),
        "int"
            | "max"
            | "min"
            | "ceil"
            | "floor"
            | "float"
            | "bool"
            | "len"
            | "round"
            | "range"
            | "isoformat"
            | "strftime"
            | "hex"
            | "Itoa"
            | "FormatInt"
            | "uuid4"
            | "timestamp"
            // SQLAlchemy writes its own expressions.
            | "compile"
    ) {
        return true;
    }
    let said = words(callee.name());
    if said.iter().any(|w| {
        matches!(
            w.as_str(),
            "quote"
                | "escape"
                | "quoted"
                | "escaped"
                | "sanitize"
                | "identifier"
                | "placeholder"
                | "placeholders"
                | "literal"
        )
    }) {
        return true;
    }
    // `COLUMNS.get(sort, "created_at")`
    let looked_up = callee.name() == "get"
        && callee.object().filter(|o| o.is(Kind::Name)).is_some_and(|o| is_constant(cx, o))
        && call.arguments().skip(1).all(|default| is_harmless(cx, default, steps));
    if looked_up {
        return true;
    }
    // `", ".join(columns)`, `name.lower()`, `str(number)`, `strings.Repeat("?,", n)`, `map(str, ids)`
    let parts = callee.object().into_iter().chain(call.arguments());
    let relevant = parts
        .filter(|p| !(p.is(Kind::Name) && cx.resolver().bindings(*p).is_empty() && cx.name_of(*p).is_some()));
    let mut relevant = relevant.peekable();
    let passes = matches!(
        callee.name(),
        "join"
            | "Join"
            | "lower"
            | "upper"
            | "strip"
            | "ToLower"
            | "ToUpper"
            | "str"
            | "Repeat"
            | "TrimSuffix"
            | "TrimRight"
            | "format"
            | "keys"
            | "items"
            | "values"
            | "sorted"
            | "set"
            | "list"
            | "tuple"
            | "map"
            | "enumerate"
            | "zip"
            | "repeat"
            | "vec!"
    );
    passes && relevant.peek().is_some() && relevant.all(|p| is_harmless(cx, p, steps))
}

fn is_number(cx: &Check<'_>, node: Node<'_>) -> bool {
    cx.type_of(node).is_some_and(|t| is_number_type(&t))
}

fn is_number_type(name: &str) -> bool {
    let name = name.trim_start_matches('&').trim();
    let inner = name.split_once(['|', ' ']).map_or(name, |(first, _)| first);
    let inner = inner
        .strip_prefix("Optional[")
        .or(inner.strip_prefix("Option<"))
        .unwrap_or(inner)
        .trim_end_matches([']', '>']);
    matches!(
        inner,
        "int"
            | "float"
            | "bool"
            | "Decimal"
            | "date"
            | "datetime"
            | "UUID"
            | "uuid.UUID"
            | "datetime.datetime"
            | "datetime.date"
            | "int8"
            | "int16"
            | "int32"
            | "int64"
            | "uint"
            | "uint8"
            | "uint16"
            | "uint32"
            | "uint64"
            | "float32"
            | "float64"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "isize"
            | "f32"
            | "f64"
            | "Uuid"
            | "uuid::Uuid"
            | "time.Duration"
            | "time.Time"
    )
}

/// Whether a name says that its value is made of placeholders or was checked.
fn is_named_harmless(node: Node<'_>) -> bool {
    let name = match node.kind() {
        Kind::Call => node.callee().map_or("", Node::name),
        _ => node.name(),
    };
    is_member(node)
        || words(name).iter().any(|w| {
            matches!(
                w.as_str(),
                "placeholder"
                    | "placeholders"
                    | "qmarks"
                    | "marks"
                    | "binds"
                    | "quoted"
                    | "escaped"
                    | "safe"
                    | "sanitized"
            )
        })
}

/// Whether a name says identifiers or numbers of rows.
fn is_of_ids(node: Node<'_>) -> bool {
    let name = match node.kind() {
        Kind::Call => node.arguments().last().map_or("", Node::name),
        _ => node.name(),
    };
    words(name).last().is_some_and(|w| {
        matches!(
            w.as_str(),
            "id" | "ids"
                | "uuid"
                | "count"
                | "limit"
                | "offset"
                | "n"
                | "size"
                | "version"
                | "year"
                | "number"
                | "days"
                | "ts"
                | "timestamp"
                | "time"
                | "date"
                | "now"
                | "index"
                | "i"
                | "oid"
                | "pk"
                | "rowid"
        )
    })
}

/// Whether a value is a field of the object whose method this is: what its constructor was given, mostly settings.
fn is_own_field(node: Node<'_>) -> bool {
    node.object().is_some_and(|o| o.is(Kind::Name) && matches!(o.name(), "self" | "cls"))
}

/// Whether a name says that its value names a part of the database, which its own code chooses: `create_graph('{graph_name}')`.
fn names_object(node: Node<'_>) -> bool {
    const OBJECTS: [&str; 10] =
        ["table", "schema", "database", "db", "graph", "column", "sequence", "index", "view", "trigger"];
    let words = words(node.name());
    let mut objects = words.iter().rev().skip_while(|w| *w == "name");
    objects.next().is_some_and(|w| OBJECTS.contains(&w.as_str()))
}

/// Whether a value is made of what a parameter of the function holds: `user.name`, `name.strip()`, `data["name"]`.
fn is_of_parameter<'a>(cx: &Check<'a>, node: Node<'a>) -> bool {
    const MAX_STEPS: u32 = 5;
    any_behind(node, MAX_STEPS, |part, behind| {
        let named =
            part.is(Kind::Name) && part.role() != Role::Callee && !matches!(part.name(), "self" | "cls");
        named
            && given(cx, part).into_iter().any(|g| match g {
                Given::Value(value) | Given::Added(value) => {
                    behind.push(value);
                    false
                }
                Given::Other(bound) if is_bound_by_parameter(bound) => true,
                Given::Other(bound) => {
                    let around = bound
                        .ancestors()
                        .find(|a| matches!(a.kind(), Kind::For | Kind::Clause | Kind::Assign));
                    let source = around.and_then(|a| a.get(Role::Iterable).or_else(|| a.get(Role::Value)));
                    behind.extend(source.filter(|s| !bound.is_in(*s)));
                    false
                }
            })
    })
}

fn is_bound_by_parameter(bound: Node<'_>) -> bool {
    bound.is(Kind::Parameter) || bound.role() == Role::Parameter
}

/// Whether a value is a parameter of the function, as it came.
fn is_parameter(cx: &Check<'_>, node: Node<'_>) -> bool {
    node.is(Kind::Name)
        && given(cx, node).iter().any(|g| matches!(g, Given::Other(bound) if is_bound_by_parameter(*bound)))
}

/// Binds the values of a text that stands in the call itself, where all of them can be bound.
fn fix(cx: &Check<'_>, call: Node<'_>, sql: Node<'_>, meaning: &Meaning, parts: &[Part<'_>]) -> Option<Fix> {
    let style = meaning.property("placeholder")?;
    if meaning.argument("parameters").and_then(|a| a.of(call)).is_some() || call.has_spread() {
        return None;
    }
    let mut values = Vec::new();
    let mut before = String::new();
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Text(text) => before.push_str(text),
            Part::Hole(hole) => {
                let after = match parts.get(index + 1) {
                    Some(Part::Text(text)) => text.as_str(),
                    _ => "",
                };
                if place(&before, after) != Place::Value {
                    return None;
                }
                before.push('0');
                values.push(hole.text());
            }
        }
    }
    let raw = match cx.language() {
        Language::Python if sql.is(Kind::Template) => rebuilt(sql)?,
        Language::Go if sql.is(Kind::Binary) => concatenated(sql)?,
        _ => return None,
    };
    // A placeholder stands for a whole value: `'%{x}%'` has to be changed by hand.
    if raw.matches('\0').count() != values.len()
        || raw.contains("'\0")
        || raw.contains("\0'")
        || raw.contains("%\0")
    {
        return None;
    }
    let mut text = String::new();
    for (index, piece) in raw.split('\0').enumerate() {
        if index > 0 {
            text.push_str(&style.replace('1', &index.to_string()));
        }
        text.push_str(piece);
    }
    let values = match (cx.language(), &values[..]) {
        (Language::Python, [one]) if style != "$1" => format!("({one},)"),
        (Language::Python, several) if style != "$1" => format!("({})", several.join(", ")),
        (_, values) => values.join(", "),
    };
    Some(Fix::suggested("Bind the values as parameters").replace(sql, format!("{text}, {values}")))
}

/// Go: `"..." + value + "..."` as one literal, with a mark for each value and the quotes around it.
fn concatenated(sum: Node<'_>) -> Option<String> {
    fn collect<'a>(node: Node<'a>, operands: &mut Vec<Node<'a>>) {
        if node.is(Kind::Binary) && node.operator() == Operator::Add {
            node.all(Role::Operand).for_each(|operand| collect(operand, operands));
        } else {
            operands.push(node);
        }
    }
    let mut operands = Vec::new();
    collect(sum, &mut operands);
    let mut raw = String::new();
    for operand in operands {
        match operand.kind() {
            Kind::String => raw.push_str(operand.text().strip_prefix('"')?.strip_suffix('"')?),
            _ => raw.push('\0'),
        }
    }
    Some(format!("\"{}\"", raw.replace("'\0'", "\0")))
}

/// Python: a formatted string as a plain one, with a mark for each hole and the quotes around it.
fn rebuilt(template: Node<'_>) -> Option<String> {
    let text = template.text();
    let start = text.find(['"', '\''])?;
    let quote = if text[start..].starts_with("\"\"\"") || text[start..].starts_with("'''") { 3 } else { 1 };
    let mut raw = text[start..start + quote].to_owned();
    for part in template.all(Role::Part) {
        match part.kind() {
            Kind::Text => raw.push_str(part.text()),
            Kind::String | Kind::Template => return None,
            _ => raw.push('\0'),
        }
    }
    raw.push_str(&text[text.len() - quote..]);
    Some(raw.replace("'\0'", "\0"))
}
