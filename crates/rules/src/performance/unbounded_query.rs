use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, FileCheck, Fix, rule};
use shipworthy_evidence::{File, sql};
use shipworthy_facts::{Effects, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::program;
use crate::queries::{self, Extent, Fetch};
use crate::requests::request_handler;

rule! {
    /// A query brings all rows of a table into memory
    ///
    /// With a hundred rows in the test it takes a millisecond; with ten million in production it takes the memory of the service, and with it every
    /// other request. Ask for as many rows as are shown (`LIMIT`, pages by key), or go through them without keeping them.
    ///
    /// Queries by a key, with a limit, aggregates and tables that are small by nature (settings, roles, countries) are left alone, as are queries
    /// whose text or statement is not all in view. That a tenant's rows are asked for is no limit. Other conditions may be one: such findings are of
    /// low confidence.
    ///
    /// ```python bad
    /// from sqlalchemy.orm import Session
    ///
    /// def customers(session: Session):
    ///     return session.query(Customer).all()
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// from sqlalchemy.orm import Session
    ///
    /// def customers(session: Session):
    ///     return session.query(Customer).limit(1000).all()
    /// ```
    ///
    /// ```python bad
    /// from google.cloud import bigquery
    ///
    /// def usage(client: bigquery.Client):
    ///     query = "SELECT * FROM `marts.usage` WHERE at >= DATE_SUB(CURRENT_TIMESTAMP(), INTERVAL 365 DAY)"
    ///     return client.query(query).to_dataframe()
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// import sqlite3
    ///
    /// def quotes(connection: sqlite3.Connection, tenant):
    ///     cursor = connection.cursor()
    ///     cursor.execute("SELECT * FROM quotes WHERE tenant_id = ?", (tenant,))
    ///     return cursor.fetchall()
    ///            ^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import sqlite3
    ///
    /// def quotes(connection: sqlite3.Connection, tenant):
    ///     cursor = connection.cursor()
    ///     cursor.execute("SELECT * FROM quotes WHERE tenant_id = ? LIMIT 1000", (tenant,))
    ///     return cursor.fetchall()
    /// ```
    ///
    /// ```python good
    /// import sqlite3
    ///
    /// from sqlalchemy import func, select
    /// from sqlalchemy.orm import Session
    ///
    /// def customer(session: Session, ids, key, page):
    ///     few = session.query(Customer).limit(10).all()
    ///     these = session.query(Customer).filter(Customer.id.in_(ids)).all()
    ///     one = session.query(Customer).filter(Customer.id == key).all()
    ///     settings = session.query(Setting).all()
    ///     query = session.query(Customer)
    ///     if page:
    ///         query = query.limit(page)
    ///     return few, these, one, settings, query.all()
    /// ```
    ///
    /// ```python good
    /// import sqlite3
    ///
    /// def rows(connection: sqlite3.Connection, order, table):
    ///     cursor = connection.cursor()
    ///     cursor.execute("SELECT count(*) FROM quotes")
    ///     count = cursor.fetchall()
    ///     cursor.execute("SELECT * FROM quotes WHERE id = ?", (order,))
    ///     one = cursor.fetchall()
    ///     cursor.execute("SELECT * FROM quotes ORDER BY day LIMIT 10")
    ///     few = cursor.fetchall()
    ///     cursor.execute("PRAGMA table_info(quotes)")
    ///     columns = cursor.fetchall()
    ///     cursor.execute("SELECT * FROM quotes")
    ///     for row in cursor:
    ///         yield row, count, one, few, columns
    /// ```
    ///
    /// A condition that is made elsewhere, a query of a query, tables of a few rows, the numbers alone that rows are known by.
    ///
    /// ```python good
    /// from sqlalchemy import select
    /// from sqlalchemy.orm import Session
    ///
    /// def states(session: Session, of_this_run):
    ///     return session.scalars(select(Job).where(of_this_run)).all()
    ///
    /// def stale(session: Session):
    ///     return session.scalars(select(Job.id).where(Job.is_stale)).all()
    ///
    /// def teams(session: Session):
    ///     return session.scalars(select(Team)).all()
    ///
    /// def state_ids(session: Session):
    ///     return [record[0] for record in session.execute(select(JobState.state_id)).all()]
    /// ```
    ///
    /// What is loaded for work of its own needs all of them.
    ///
    /// ```python good
    /// from sqlalchemy import select
    /// from sqlalchemy.orm import Session
    ///
    /// def schedule(session: Session, scheduler):
    ///     for automation in session.scalars(select(Automation)).all():
    ///         scheduler.add(automation)
    /// ```
    ///
    /// ```go bad
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func names(db *sql.DB) ([]string, error) {
    /// 	rows, err := db.Query("SELECT name FROM clients")
    /// 	             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer rows.Close()
    /// 	var names []string
    /// 	for rows.Next() {
    /// 		var name string
    /// 		if err := rows.Scan(&name); err != nil {
    /// 			return nil, err
    /// 		}
    /// 		names = append(names, name)
    /// 	}
    /// 	return names, rows.Err()
    /// }
    /// ```
    /// ```go fixed
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func names(db *sql.DB) ([]string, error) {
    /// 	rows, err := db.Query("SELECT name FROM clients LIMIT 1000")
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer rows.Close()
    /// 	var names []string
    /// 	for rows.Next() {
    /// 		var name string
    /// 		if err := rows.Scan(&name); err != nil {
    /// 			return nil, err
    /// 		}
    /// 		names = append(names, name)
    /// 	}
    /// 	return names, rows.Err()
    /// }
    /// ```
    ///
    /// ```go bad
    /// package crm
    ///
    /// import "gorm.io/gorm"
    ///
    /// func clients(db *gorm.DB) []Client {
    /// 	var clients []Client
    /// 	db.Find(&clients)
    /// 	^^^^^^^^^^^^^^^^^
    /// 	return clients
    /// }
    /// ```
    ///
    /// ```go good
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func write(db *sql.DB, w Writer) error {
    /// 	rows, err := db.Query("SELECT name FROM clients")
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer rows.Close()
    /// 	for rows.Next() {
    /// 		var name string
    /// 		if err := rows.Scan(&name); err != nil {
    /// 			return err
    /// 		}
    /// 		w.Write(name)
    /// 	}
    /// 	return rows.Err()
    /// }
    /// ```
    ///
    /// ```go good
    /// package crm
    ///
    /// import "gorm.io/gorm"
    ///
    /// func clients(db *gorm.DB, ids []int, id int) []Client {
    /// 	var clients []Client
    /// 	db.Limit(10).Find(&clients)
    /// 	db.Where("id IN ?", ids).Find(&clients)
    /// 	db.Where("id = ?", id).Find(&clients)
    /// 	db.Find(&clients, ids)
    /// 	var settings []Setting
    /// 	db.Find(&settings)
    /// 	return clients
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn clients(pool: &sqlx::PgPool) -> sqlx::Result<Vec<Row>> {
    ///     sqlx::query("SELECT * FROM clients").fetch_all(pool).await
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// async fn clients(pool: &sqlx::PgPool) -> sqlx::Result<Vec<Row>> {
    ///     sqlx::query("SELECT * FROM clients LIMIT 1000").fetch_all(pool).await
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn quotes(client: &tokio_postgres::Client, tenant: &str) -> Result<Vec<Row>> {
    ///     client.query("SELECT * FROM quotes WHERE tenant = $1", &[&tenant]).await
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// async fn quotes(client: &tokio_postgres::Client, tenant: &str) -> Result<Vec<Row>> {
    ///     client.query("SELECT * FROM quotes WHERE tenant = $1 LIMIT 1000", &[&tenant]).await
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn clients(pool: &sqlx::PgPool, ids: &[i64], id: i64) -> sqlx::Result<Vec<Row>> {
    ///     let these = sqlx::query("SELECT * FROM clients WHERE id = ANY($1)").bind(ids).fetch_all(pool).await?;
    ///     let one = sqlx::query("SELECT * FROM clients WHERE id = $1").bind(id).fetch_all(pool).await?;
    ///     sqlx::query("SELECT * FROM clients ORDER BY name LIMIT $1").bind(10).fetch_all(pool).await
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn stream(pool: &sqlx::PgPool) {
    ///     let mut rows = sqlx::query("SELECT * FROM clients").fetch(pool);
    ///     while let Some(row) = rows.next().await {
    ///         show(row);
    ///     }
    /// }
    /// ```
    ///
    /// ```sql bad file=queries/clients.sql
    /// -- name: ListClients :many
    /// SELECT id, name FROM clients;
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```sql fixed file=queries/clients.sql
    /// -- name: ListClients :many
    /// SELECT id, name FROM clients LIMIT 1000;
    /// ```
    ///
    /// ```sql bad file=store/quotes.sql
    /// -- name: quotes-of-tenant
    /// SELECT * FROM quotes
    /// ^^^^^^^^^^^^^^^^^^^^
    /// WHERE tenant_id = :tenant;
    /// ```
    /// ```sql fixed file=store/quotes.sql
    /// -- name: quotes-of-tenant
    /// SELECT * FROM quotes
    /// WHERE tenant_id = :tenant LIMIT 1000;
    /// ```
    ///
    /// ```sql good file=queries/clients.sql
    /// -- name: CountClients :one
    /// SELECT count(*) FROM clients;
    /// -- name: GetClient :one
    /// SELECT * FROM clients WHERE id = $1;
    /// -- name: FindClient :one
    /// SELECT * FROM clients ORDER BY name;
    /// -- name: Page :many
    /// SELECT * FROM clients WHERE name > $1 ORDER BY name LIMIT 50;
    /// -- name: Roles :many
    /// SELECT * FROM roles;
    /// ```
    ///
    /// What a migration reads, it reads once:
    ///
    /// ```sql good file=migrations/0003_names.sql
    /// CREATE TABLE names (id bigint PRIMARY KEY, name text);
    /// INSERT INTO names SELECT id, name FROM clients;
    /// SELECT setval('names_id_seq', max(id)) FROM names;
    /// SELECT * FROM names;
    /// ```
    ///
    /// What statements add to a text may limit it:
    ///
    /// ```rust good
    /// use sqlx::{QueryBuilder, Sqlite, SqlitePool};
    ///
    /// async fn releases(pool: &SqlitePool, after: Option<i64>) -> sqlx::Result<Vec<Publication>> {
    ///     let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM (");
    ///     query.push(LOAD).push(")");
    ///     if let Some(after) = after {
    ///         query.push(" WHERE id > ").push_bind(after);
    ///     }
    ///     query.push(" ORDER BY id LIMIT 101");
    ///     query.build_query_as::<Publication>().fetch_all(pool).await
    /// }
    /// ```
    ///
    /// What works on all rows is found, and gets no limit that would silently leave some out:
    ///
    /// ```rust bad
    /// async fn recompute(pool: &sqlx::PgPool) -> sqlx::Result<()> {
    ///     let rows = sqlx::query("SELECT * FROM balances").fetch_all(pool).await?;
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     for row in rows {
    ///         settle(row);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    name: "unbounded-query",
    category: Performance,
    severity: Medium,
    scope: File,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested, Sql: Suggested },
    options: ["limit" = Integer(1000), "The limit that the fix puts into a query"],
    on: [Effect(Effects::READS), Role("gathers-items")],
    check: check,
    files: [Sql],
    check_file: check_file,
}

/// Files of named queries are what code runs; of others it is not known who does.
fn check_file(cx: &mut FileCheck<'_>, file: &File) {
    let Some(sql) = file.sql() else { return };
    let is_schema =
        sql.statements.iter().any(|s| !matches!(s.action, sql::Action::Query(_) | sql::Action::Other));
    if is_schema {
        return;
    }
    let mut until = 0;
    for statement in &sql.statements {
        let before = file.text.get(until as usize..statement.range.start as usize).unwrap_or_default();
        until = statement.range.end;
        let sql::Action::Query(query) = &statement.action else { continue };
        let name = before
            .lines()
            .rev()
            .find_map(|line| line.trim().strip_prefix("-- name:").or(line.trim().strip_prefix("--name:")));
        if !query.is_read {
            continue;
        }
        cx.site();
        let table = query.tables.first().map_or("", |(table, _)| table);
        let lines =
            file.slice(statement.range).lines().map(|line| line.split("--").next().unwrap_or_default());
        let text = lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        let extent = if query.is_limited { Extent::Bounded } else { queries::extent_of(&text) };
        let takes_one =
            name.is_some_and(|name| [":one", ":exec", "!", "^", "$"].iter().any(|mark| name.contains(mark)));
        if extent == Extent::Bounded || takes_one || table.is_empty() || queries::is_small(table) {
            continue;
        }
        let confidence = match (extent, name) {
            (Extent::Table | Extent::Tenant, Some(_)) => Confidence::Medium,
            _ => Confidence::Low,
        };
        let limit = cx.options().integer("limit");
        let fix = Fix::suggested("Limit the rows").insert(statement.range.end, format!(" LIMIT {limit}"));
        let which = if extent == Extent::Table { "all rows" } else { "any number of rows" };
        let finding = cx
            .finding(statement.range, format!("The query brings {which} of `{table}`"))
            .why(WHY)
            .help(HELP)
            .confidence(confidence)
            .maybe_fix((!text.contains(" for ")).then_some(fix));
        cx.report(finding);
    }
}

const WHY: &str = "Its time and memory grow with the data, until they are the service's last.";
const HELP: &str = "Limit the rows, ask for pages, or go through them without keeping them.";

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let call = cx.facts().node(call.index());
    let Some(fetch) = queries::fetch_all(cx, call) else { return };
    cx.site();
    let confidence = match fetch.extent {
        // What rows are known by is small.
        Extent::Table | Extent::Tenant if is_of_ids(&fetch.table) => Confidence::Low,
        Extent::Table | Extent::Tenant if cx.language() != Language::Python || is_handed_out(cx, call) => {
            Confidence::Medium
        }
        Extent::Table | Extent::Tenant | Extent::Filtered => Confidence::Low,
        Extent::Bounded => return,
    };
    // What runs by hand or once may take its time.
    if queries::is_small(&fetch.table)
        || program::speaks_to_user(cx, call)
        || program::runs_now_and_then(cx, call)
    {
        return;
    }
    let of = if fetch.table.is_empty() { String::new() } else { format!(" of `{}`", fetch.table) };
    let which = if fetch.extent == Extent::Table { "all rows" } else { "any number of rows" };
    let callee = call.callee().map_or("", |c| if c.name().is_empty() { c.text() } else { c.name() });
    let finding = cx
        .finding(call, format!("`{callee}` brings {which}{of} into memory"))
        .why(WHY)
        .help(HELP)
        .confidence(confidence)
        .maybe_fix(fix(cx, call, &fetch));
    cx.report(finding);
}

/// Whether a query asks for the numbers or names alone that rows are known by: `JobState.state_id`.
fn is_of_ids(asked: &str) -> bool {
    asked.rsplit_once('.').is_some_and(|(of, column)| {
        let class = of.rsplit('.').next().unwrap_or_default();
        let last = words(column).last().cloned().unwrap_or_default();
        class.starts_with(|c: char| c.is_ascii_uppercase()) && matches!(&*last, "id" | "pk" | "uuid")
    })
}

/// Whether rows, or what is summed up of them, go to somebody: to who sent a request, or to who called the function. What is gone
/// through for work of the function's own (loading, purging) needs all of them more often than not.
fn is_handed_out(cx: &Check<'_>, call: Node<'_>) -> bool {
    let returned = |n: Node<'_>| {
        n.ancestors()
            .take_while(|a| !a.is(Kind::Function))
            .any(|a| matches!(a.kind(), Kind::Return | Kind::Yield))
    };
    let assign = call.ancestors().take_while(|a| !a.is(Kind::Function)).find(|a| a.is(Kind::Assign));
    let name = assign.and_then(|a| a.get(Role::Target)).filter(|t| t.is(Kind::Name));
    let named = || {
        let (Some(name), Some(function)) = (name, call.function()) else { return false };
        let is_returned = |name: &str| {
            function.descendants_here().any(|n| n.is(Kind::Name) && n.name() == name && returned(n))
        };
        let goes_over = |n: &Node<'_>| {
            n.is(Kind::For) && n.get(Role::Iterable).is_some_and(|over| over.text() == name.text())
        };
        let sums_up = |each: Node<'_>| {
            each.descendants_here().filter(|n| n.is(Kind::Assign)).flat_map(|a| a.all(Role::Target)).any(
                |target| {
                    let changed = if target.is(Kind::Index) { target.object() } else { Some(target) };
                    changed.is_some_and(|c| c.is(Kind::Name) && is_returned(c.name()))
                },
            )
        };
        is_returned(name.name()) || function.descendants_here().filter(goes_over).any(sums_up)
    };
    request_handler(cx, call).is_some() || returned(call) || named()
}

fn fix(cx: &Check<'_>, call: Node<'_>, fetch: &Fetch<'_>) -> Option<Fix> {
    let limit = cx.options().integer("limit");
    let fix = Fix::suggested("Limit the rows");
    // What is gone through for work of the function's own, or called all there is, would silently lose the rest.
    let says_all = cx
        .named_function(call)
        .is_some_and(|f| words(f.name()).iter().any(|w| matches!(w.as_str(), "all" | "every")));
    if cx.language() == Language::Rust && (says_all || !is_handed_out(cx, call)) {
        return None;
    }
    if let Some(literal) = fetch.literal {
        let text = literal.text();
        let end = text.trim_end_matches(['"', '\'', '`', '#']).trim_end_matches([';', ' ', '\n', '\t']).len();
        return Some(fix.insert(literal.range().start + end as u32, format!(" LIMIT {limit}")));
    }
    let form = cx.meaning(call)?.form("with-limits").filter(|_| cx.language() == Language::Python)?;
    let object = call.callee().filter(|c| c.is(Kind::Attribute))?.object()?;
    Some(fix.insert(object.range().end, format!(".{form}({limit})")))
}
