use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, Survey, inventory, rule};
use shipworthy_evidence::sql::Index;
use shipworthy_facts::{Kind, Node, Operator, Role};
use shipworthy_syntax::{Language, Range};

use crate::names::words;
use crate::schema::{Filtered, Model, Schema, Table, databases};
use crate::{program, queries};

rule! {
    /// A query filters by columns that no index serves
    ///
    /// The database reads the whole table to find a few rows. With a thousand rows nobody notices; with ten million each of these queries takes
    /// seconds, holds a connection for as long, and the pool is empty. Add an index that begins with these columns, in a new migration.
    ///
    /// The columns that SQL text, SQL files and query builders compare with a value are held against the schema that the migrations, in their order,
    /// and the models give. A query is served where an index, a primary key or a unique constraint begins with one of its columns. Silent where the
    /// table is not in view or small by nature (settings, roles); of low confidence where a column has few values (flags, states). MySQL makes an
    /// index for each foreign key by itself; where the same table is made for another database too, the claim is about that one.
    ///
    /// ```sql bad file=schema.sql
    /// CREATE TABLE quotes (
    ///   id bigserial PRIMARY KEY,
    ///   client_email text NOT NULL,
    ///   ^^^^^^^^^^^^
    ///   total numeric NOT NULL
    /// );
    /// ```
    /// ```sql bad file=queries/quotes.sql
    /// -- name: QuotesOfClient :many
    /// SELECT id, total FROM quotes WHERE client_email = $1 LIMIT 50;
    /// ```
    /// ```sql fixed file=schema.sql
    /// CREATE TABLE quotes (
    ///   id bigserial PRIMARY KEY,
    ///   client_email text NOT NULL,
    ///   total numeric NOT NULL
    /// );
    /// CREATE INDEX idx_quotes_client_email ON quotes (client_email);
    /// ```
    /// ```sql fixed file=queries/quotes.sql
    /// -- name: QuotesOfClient :many
    /// SELECT id, total FROM quotes WHERE client_email = $1 LIMIT 50;
    /// ```
    ///
    /// ```sql bad file=migrations/001_quotes.sql
    /// CREATE TABLE quotes (
    ///   id uuid PRIMARY KEY,
    ///   tenant_id text NOT NULL,
    ///   ^^^^^^^^^
    ///   client_id uuid
    /// );
    /// ```
    /// ```python bad file=app/quotes.py
    /// from supabase import create_client
    ///
    /// client = create_client(URL, KEY)
    ///
    /// def quotes_of(tenant):
    ///     return client.table("quotes").select("*").eq("tenant_id", tenant).limit(50).execute().data
    /// ```
    ///
    /// ```sql good file=migrations/001_quotes.sql
    /// CREATE TABLE quotes (
    ///   id uuid PRIMARY KEY,
    ///   tenant_id text NOT NULL
    /// );
    /// CREATE INDEX by_tenant ON quotes (tenant_id);
    /// ```
    /// ```python good file=app/quotes.py
    /// from supabase import create_client
    ///
    /// client = create_client(URL, KEY)
    ///
    /// def quotes_of(tenant):
    ///     return client.table("quotes").select("*").eq("tenant_id", tenant).limit(50).execute().data
    ///
    /// def quote(key):
    ///     return client.table("quotes").select("*").eq("id", key).execute().data
    /// ```
    ///
    /// ```sql bad file=migrations/001_init.sql
    /// CREATE TABLE orders (
    ///   id bigint PRIMARY KEY,
    ///   customer_id bigint NOT NULL,
    ///   ^^^^^^^^^^^
    ///   placed timestamptz
    /// );
    /// CREATE INDEX by_customer ON orders (customer_id);
    /// ```
    /// ```sql bad file=migrations/002_drop.sql
    /// DROP INDEX by_customer;
    /// ```
    /// ```sql bad file=queries.sql
    /// SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.customer_id = $1 LIMIT 10;
    /// ```
    ///
    /// ```sql good file=migrations/001_init.up.sql
    /// CREATE TABLE orders (
    ///   id bigint PRIMARY KEY,
    ///   customer_id bigint NOT NULL,
    ///   number text UNIQUE,
    ///   state text
    /// );
    /// ```
    /// ```sql good file=migrations/001_init.down.sql
    /// DROP TABLE orders;
    /// ```
    /// ```sql good file=migrations/002_index.up.sql
    /// CREATE INDEX by_customer ON orders (customer_id, state);
    /// ```
    /// ```sql good file=migrations/002_index.down.sql
    /// DROP INDEX by_customer;
    /// ```
    /// ```sql good file=queries.sql
    /// SELECT * FROM orders WHERE customer_id = $1 AND state = $2 LIMIT 10;
    /// SELECT * FROM orders WHERE number = $1;
    /// SELECT * FROM orders WHERE id = $1 AND state = $2;
    /// SELECT * FROM elsewhere WHERE name = $1 LIMIT 10;
    /// ```
    ///
    /// Small tables, and columns that join on a key:
    ///
    /// ```sql good file=schema.sql
    /// CREATE TABLE settings (id int PRIMARY KEY, name text, value text);
    /// CREATE TABLE lines (id int PRIMARY KEY, order_id int);
    /// CREATE TABLE orders (id int PRIMARY KEY);
    /// ```
    /// ```sql good file=queries.sql
    /// SELECT value FROM settings WHERE name = $1;
    /// SELECT * FROM lines JOIN orders ON orders.id = lines.order_id WHERE lines.id = $1;
    /// ```
    ///
    /// ```python bad
    /// from sqlalchemy import Column, Integer, String, select
    ///
    /// class Customer(Base):
    ///     __tablename__ = "customers"
    ///     id = Column(Integer, primary_key=True)
    ///     email = Column(String)
    ///     ^^^^^
    ///
    /// def find(session, address):
    ///     return session.scalars(select(Customer).where(Customer.email == address)).first()
    /// ```
    ///
    /// ```python bad file=shop/models.py
    /// from django.db import models
    ///
    /// class Ticket(models.Model):
    ///     number = models.CharField(max_length=20)
    ///     ^^^^^^
    ///     customer = models.ForeignKey("Customer", on_delete=models.CASCADE)
    /// ```
    /// ```python bad file=shop/views.py
    /// from shop.models import Ticket
    ///
    /// def ticket(number):
    ///     return Ticket.objects.filter(number=number).first()
    /// ```
    ///
    /// An index that a text makes is one.
    ///
    /// ```python good
    /// from sqlalchemy import Column, String, select, text
    ///
    /// class Chunk(Base):
    ///     __tablename__ = "chunks"
    ///     id = Column(String, primary_key=True)
    ///     collection = Column(String)
    ///
    /// def prepare(session):
    ///     session.execute(text("CREATE INDEX IF NOT EXISTS by_collection ON chunks (collection);"))
    ///
    /// def of(session, name):
    ///     return session.scalars(select(Chunk).where(Chunk.collection == name)).first()
    /// ```
    ///
    /// A query that is built in steps filters by more than one of them says.
    ///
    /// ```python good
    /// from sqlalchemy import Column, Index, Integer, String, select
    ///
    /// class Run(Base):
    ///     __tablename__ = "runs"
    ///     __table_args__ = (Index("by_job", "job"),)
    ///     id = Column(Integer, primary_key=True)
    ///     job = Column(String)
    ///     state = Column(String)
    ///     name = Column(String)
    ///
    /// def runs(session, job, state=None):
    ///     query = select(Run).where(Run.job == job)
    ///     if state is not None:
    ///         query = query.where(Run.state == state)
    ///     return session.scalars(query).all()
    ///
    /// def named(query, name):
    ///     return query.where(Run.name == name)
    /// ```
    ///
    /// ```python good
    /// from sqlalchemy import Boolean, Column, Index, Integer, String, select
    /// from sqlalchemy.orm import mapped_column
    ///
    /// class Customer(Base):
    ///     __tablename__ = "customers"
    ///     __table_args__ = (Index("by_region", "region", "city"),)
    ///     id = Column(Integer, primary_key=True)
    ///     email = Column(String, unique=True)
    ///     name = mapped_column(String, index=True)
    ///     region = Column(String)
    ///     city = Column(String)
    ///     active = Column(Boolean)
    ///
    /// def find(session, address, name, region, city):
    ///     one = session.query(Customer).filter_by(email=address).first()
    ///     some = session.query(Customer).filter(Customer.name == name, Customer.active == True).first()
    ///     return one, some, select(Customer).where(Customer.region == region).where(Customer.city == city)
    /// ```
    ///
    /// ```python good file=shop/models.py
    /// from django.db import models
    ///
    /// class Ticket(models.Model):
    ///     number = models.CharField(max_length=20, db_index=True)
    ///     customer = models.ForeignKey("Customer", on_delete=models.CASCADE)
    ///     year = models.IntegerField()
    ///
    ///     class Meta:
    ///         indexes = [models.Index(fields=["year", "number"])]
    /// ```
    /// ```python good file=shop/views.py
    /// from shop.models import Ticket
    ///
    /// def ticket(number, customer, year, key):
    ///     one = Ticket.objects.filter(number=number).first()
    ///     its = Ticket.objects.filter(customer=customer, year=year)
    ///     of = Ticket.objects.filter(customer_id=customer.id)
    ///     return one, its, of, Ticket.objects.filter(year=year), Ticket.objects.get(pk=key)
    /// ```
    ///
    /// The index may be a migration's:
    ///
    /// ```python good file=alembic/versions/002_index.py
    /// from alembic import op
    ///
    /// def upgrade():
    ///     op.create_index("ix_customers_email", "customers", ["email"])
    ///     with op.batch_alter_table("customers") as batch:
    ///         batch.create_index("ix_customers_city", ["city"])
    /// ```
    /// ```python good file=models.py
    /// from sqlalchemy import Column, Integer, String, text
    ///
    /// class Customer(Base):
    ///     __tablename__ = "customers"
    ///     id = Column(Integer, primary_key=True)
    ///     email = Column(String)
    ///     city = Column(String)
    ///
    /// def find(connection, address):
    ///     return connection.execute(text("SELECT id FROM customers WHERE email = :email"), {"email": address})
    ///
    /// def of_city(connection, city):
    ///     return connection.execute(text("SELECT id FROM customers WHERE city = :city"), {"city": city})
    /// ```
    ///
    /// Indexes stand in many forms:
    ///
    /// ```python good file=models.py
    /// from sqlalchemy import Column, Index, Text
    /// from sqlalchemy.orm import declared_attr
    ///
    /// class Metric(Base):
    ///     __tablename__ = "metrics"
    ///     id = Column(Text, primary_key=True)
    ///     run = Column(Text)
    ///     __table_args__ = (Index(f"index_{__tablename__}_run", "run"),)
    ///
    /// class State(Base):
    ///     """The state of a run.
    ///
    ///     step and run are as they were.
    ///     """
    ///
    ///     __tablename__ = "states"
    ///     id = Column(Text, primary_key=True)
    ///     run = Column(Text)
    ///     step = Column(Text)
    ///
    ///     @declared_attr
    ///     def __table_args__(cls):
    ///         return (Index("states_run", cls.run.desc()),)
    ///
    /// def of_run(session, run):
    ///     metrics = session.query(Metric).filter(Metric.run == run).all()
    ///     states = session.query(State).filter(State.run == run).all()
    ///     return metrics, states
    /// ```
    ///
    /// What a migration asks, and what is true of half of the rows.
    ///
    /// ```python good file=shop/models.py
    /// from sqlalchemy import Boolean, Column, Integer, String
    /// from sqlalchemy.orm import declarative_base
    ///
    /// Base = declarative_base()
    ///
    /// class Voucher(Base):
    ///     __tablename__ = "vouchers"
    ///     id = Column(Integer, primary_key=True)
    ///     code = Column(String)
    ///     pending = Column(Boolean, default=True)
    ///
    /// def pending(session, wanted):
    ///     return session.query(Voucher).filter(Voucher.pending == wanted).all()
    /// ```
    /// ```python good file=shop/alembic/versions/0002_codes.py
    /// from alembic import op
    /// from sqlalchemy import text
    ///
    /// def upgrade(code):
    ///     op.get_bind().execute(text("SELECT id FROM vouchers WHERE code = :code"), {"code": code})
    /// ```
    ///
    /// ```go bad file=store.go
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func find(db *sql.DB, email string) *sql.Row {
    /// 	return db.QueryRow("SELECT id FROM clients WHERE email = $1", email)
    /// }
    /// ```
    /// ```sql bad file=schema.sql
    /// CREATE TABLE clients (
    ///   id bigint PRIMARY KEY,
    ///   email text
    ///   ^^^^^
    /// );
    /// ```
    ///
    /// What a migration undoes stays made:
    ///
    /// ```go bad file=jobs.go
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func expire(db *sql.DB, owner string) error {
    /// 	_, err := db.Exec(`DELETE FROM jobs
    /// 		WHERE owner = ? AND due < now()`, owner)
    /// 	return err
    /// }
    /// ```
    /// ```sql bad file=migrations/20240101_jobs.sql
    /// -- +goose Up
    /// CREATE TABLE jobs (id bigint PRIMARY KEY, owner text, due timestamp);
    ///                                           ^^^^^
    /// -- +goose Down
    /// DROP TABLE jobs;
    /// ```
    ///
    /// ```go good file=store.go
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func find(db *sql.DB, email, city string, all bool) (*sql.Rows, error) {
    /// 	query := "SELECT id FROM clients WHERE city = $1"
    /// 	if !all {
    /// 		query += " AND email = $2"
    /// 	}
    /// 	return db.Query(query, city, email)
    /// }
    /// ```
    /// ```sql good file=schema.sql
    /// CREATE TABLE clients (id bigint PRIMARY KEY, email text UNIQUE, city text);
    /// ```
    ///
    /// The key finds the row:
    ///
    /// ```go good file=store.go
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func find(db *sql.DB, key int) *sql.Row {
    /// 	return db.QueryRow("SELECT id FROM clients WHERE id = $1 AND email <> ''", key)
    /// }
    /// ```
    /// ```sql good file=schema.sql
    /// CREATE TABLE clients (id bigint PRIMARY KEY, email text);
    /// ```
    ///
    /// ```rust bad file=src/store.rs
    /// async fn find(pool: &sqlx::PgPool, email: &str) -> sqlx::Result<Client> {
    ///     sqlx::query_as("SELECT * FROM clients WHERE email = $1").bind(email).fetch_one(pool).await
    /// }
    /// ```
    /// ```sql bad file=migrations/0001_clients.sql
    /// CREATE TABLE clients (
    ///   id bigint PRIMARY KEY,
    ///   email text
    ///   ^^^^^
    /// );
    /// ```
    ///
    /// In a schema without migrations:
    ///
    /// ```rust bad file=src/store.rs
    /// fn forget(connection: &rusqlite::Connection, owner: &str) -> rusqlite::Result<usize> {
    ///     connection.execute("DELETE FROM tokens WHERE owner = ?1", [owner])
    /// }
    /// ```
    /// ```sql bad file=schema.sql
    /// CREATE TABLE tokens (
    ///   token text PRIMARY KEY,
    ///   owner text NOT NULL
    ///   ^^^^^
    /// );
    /// ```
    ///
    /// ```rust good file=src/store.rs
    /// async fn find(pool: &sqlx::PgPool, email: &str) -> sqlx::Result<Client> {
    ///     sqlx::query_as!(Client, "SELECT * FROM clients WHERE email = $1", email).fetch_one(pool).await
    /// }
    /// ```
    /// ```sql good file=migrations/0001_clients.sql
    /// CREATE TABLE clients (id bigint PRIMARY KEY, email text);
    /// ```
    /// ```sql good file=migrations/0002_index.sql
    /// CREATE UNIQUE INDEX clients_email ON clients (email);
    /// ```
    ///
    /// MySQL makes an index for a foreign key by itself, SQLite does not:
    ///
    /// ```rust bad file=src/store.rs
    /// async fn of_client(pool: &sqlx::AnyPool, client: i64) -> sqlx::Result<Vec<Invoice>> {
    ///     sqlx::query_as("SELECT * FROM invoices WHERE client_id = ?").bind(client).fetch_all(pool).await
    /// }
    /// ```
    /// ```sql bad file=migrations/mysql/0001_invoices.sql
    /// CREATE TABLE invoices (
    ///   id INTEGER PRIMARY KEY AUTO_INCREMENT,
    ///   client_id INTEGER NOT NULL,
    ///   FOREIGN KEY (client_id) REFERENCES clients (id)
    /// );
    /// ```
    /// ```sql bad file=migrations/sqlite/0001_invoices.sql
    /// CREATE TABLE invoices (
    ///   id INTEGER PRIMARY KEY AUTOINCREMENT,
    ///   client_id INTEGER NOT NULL,
    ///   ^^^^^^^^^
    ///   FOREIGN KEY (client_id) REFERENCES clients (id)
    /// );
    /// ```
    ///
    /// ```rust good file=src/store.rs
    /// async fn of_client(pool: &sqlx::MySqlPool, client: i64) -> sqlx::Result<Vec<Invoice>> {
    ///     sqlx::query_as("SELECT * FROM invoices WHERE client_id = ?").bind(client).fetch_all(pool).await
    /// }
    /// ```
    /// ```sql good file=migrations/0001_invoices.sql
    /// CREATE TABLE invoices (
    ///   id INTEGER PRIMARY KEY AUTO_INCREMENT,
    ///   client_id INTEGER NOT NULL,
    ///   FOREIGN KEY (client_id) REFERENCES clients (id)
    /// );
    /// ```
    ///
    /// A table that is not in view:
    ///
    /// ```rust good file=src/store.rs
    /// async fn all(pool: &sqlx::PgPool, name: &str) -> sqlx::Result<Vec<Client>> {
    ///     sqlx::query_as("SELECT * FROM clients WHERE name = $1 LIMIT 10").bind(name).fetch_all(pool).await
    /// }
    /// ```
    ///
    /// Two databases with migrations of their own may have tables of one name:
    ///
    /// ```rust good file=src/shop/store.rs
    /// async fn find(pool: &sqlx::SqlitePool, email: &str) -> sqlx::Result<Client> {
    ///     sqlx::query_as("SELECT * FROM clients WHERE email = ?").bind(email).fetch_one(pool).await
    /// }
    /// ```
    /// ```sql good file=src/shop/migrations/0001_clients.sql
    /// CREATE TABLE clients (id bigint PRIMARY KEY, email text UNIQUE);
    /// ```
    /// ```sql good file=src/till/migrations/0001_clients.sql
    /// CREATE TABLE clients (id bigint PRIMARY KEY, email text);
    /// ```
    /// ```sql good file=src/till/migrations/0002_again.sql
    /// DROP TABLE clients;
    /// CREATE TABLE clients (id bigint PRIMARY KEY, email text, name text);
    /// ```
    ///
    /// ```rust bad file=src/till/store.rs
    /// async fn find(pool: &sqlx::SqlitePool, email: &str) -> sqlx::Result<Client> {
    ///     sqlx::query_as("SELECT * FROM clients WHERE email = ?").bind(email).fetch_one(pool).await
    /// }
    /// ```
    /// ```sql bad file=src/shop/migrations/0001_clients.sql
    /// CREATE TABLE clients (id bigint PRIMARY KEY, email text UNIQUE);
    /// ```
    /// ```sql bad file=src/till/migrations/0001_clients.sql
    /// CREATE TABLE clients (id bigint PRIMARY KEY, email text);
    ///                                              ^^^^^
    /// ```
    ///
    /// A primary key of several columns is an index that begins with the first:
    ///
    /// ```python good
    /// from django.db import models
    ///
    /// class Share(models.Model):
    ///     pk = models.CompositePrimaryKey("sender", "receiver")
    ///     sender = models.CharField(max_length=254)
    ///     receiver = models.CharField(max_length=254)
    ///
    /// def shares(address):
    ///     return Share.objects.filter(sender=address)
    /// ```
    ///
    /// An index that goes on behind a state, a key that equals one which is given, a table of one row; what chooses a value chooses no rows.
    ///
    /// ```rust good file=src/store.rs
    /// async fn ask(pool: &sqlx::SqlitePool) {
    ///     sqlx::query("UPDATE heads SET digest = ? WHERE singleton = 1 AND digest = ?").execute(pool).await;
    ///     sqlx::query("SELECT generation FROM heads WHERE digest = ?").fetch_one(pool).await;
    ///     sqlx::query("SELECT CASE WHEN low = ?1 THEN name ELSE '' END FROM limits WHERE id = 1").fetch_one(pool).await;
    ///     sqlx::query("SELECT 1 FROM agents a JOIN scopes s ON s.agent_id = a.agent_id WHERE a.agent_id = ? AND s.scope = ?").fetch_one(pool).await;
    ///     sqlx::query("SELECT attempt_id FROM attempts WHERE outcome = 'queued' AND binding = ? LIMIT 50").fetch_all(pool).await;
    /// }
    /// ```
    /// ```sql good file=schema.sql
    /// CREATE TABLE heads (singleton INTEGER PRIMARY KEY CHECK (singleton = 1), digest BLOB, generation INTEGER);
    /// CREATE TABLE limits (id INTEGER PRIMARY KEY, low INTEGER, name TEXT);
    /// CREATE TABLE agents (agent_id BLOB PRIMARY KEY, owner_id BLOB);
    /// CREATE TABLE scopes (agent_id BLOB REFERENCES agents (agent_id), scope TEXT, PRIMARY KEY (agent_id, scope));
    /// CREATE TABLE attempts (attempt_id BLOB PRIMARY KEY, outcome TEXT, created_at INTEGER, binding BLOB);
    /// CREATE INDEX attempts_queue ON attempts (outcome, created_at);
    /// ```
    ///
    /// An index of a state alone leaves many rows, and so does a join that nothing narrows:
    ///
    /// ```rust bad file=src/store.rs
    /// async fn ask(pool: &sqlx::SqlitePool) {
    ///     sqlx::query("SELECT attempt_id FROM attempts WHERE outcome = 'queued' AND binding = ? LIMIT 50").fetch_all(pool).await;
    ///     sqlx::query("SELECT 1 FROM agents a JOIN scopes s ON s.agent_id = a.agent_id WHERE s.scope = ?").fetch_all(pool).await;
    /// }
    /// ```
    /// ```sql bad file=schema.sql
    /// CREATE TABLE agents (agent_id BLOB PRIMARY KEY, owner_id BLOB);
    /// CREATE TABLE scopes (agent_id BLOB REFERENCES agents (agent_id), scope TEXT, PRIMARY KEY (agent_id, scope));
    ///                                                                  ^^^^^
    /// CREATE TABLE attempts (attempt_id BLOB PRIMARY KEY, outcome TEXT, binding BLOB);
    ///                                                                   ^^^^^^^
    /// CREATE INDEX attempts_outcome ON attempts (outcome);
    /// ```
    name: "missing-index",
    category: Performance,
    severity: High,
    scope: Workspace,
    fix: { Sql: Suggested },
    on: [Fact(Kind::String), Fact(Kind::Template), Fact(Kind::Class), Fact(Kind::Call)],
    check: collect,
    workspace: judge,
}

/// Notes of SQL text.
const SQL: &str = "sql";
/// Notes of query builders: the class, then the columns.
const BUILDER: &str = "builder";
/// Notes of models.
const MODEL: &str = "model";
/// Notes of indexes that migrations make: the table, then the columns.
const INDEX: &str = "index";

fn collect(cx: &mut Check<'_>, node: Node<'_>) {
    match node.kind() {
        Kind::String | Kind::Template => {
            if let Some(text) = sql_text(node) {
                if !program::is_migration(cx) {
                    cx.note(node, SQL, text);
                }
            } else if let Some(index) = node.string().and_then(|text| created_index(&text)) {
                cx.note(node, INDEX, index);
            }
        }
        Kind::Class if cx.language() == Language::Python => {
            if let Some(model) = Model::of_class(cx, node) {
                cx.note(node, MODEL, model.to_string());
            }
        }
        Kind::Call if cx.language() == Language::Python => {
            if cx.meaning(node).is_some_and(|m| m.is("creates-index")) {
                // `with op.batch_alter_table("clients") as batch: batch.create_index(name, columns)`
                let batch = || cx.argument(cx.made_by(node.callee()?.object()?)?, "table");
                let table = cx.argument(node, "table").or_else(batch).and_then(Node::string);
                let columns = cx.argument(node, "columns").map(strings).unwrap_or_default();
                if let Some(table) = table {
                    cx.note(node, INDEX, format!("{table} {}", columns.join(" ")));
                }
            } else if cx.meaning(node).is_some_and(|m| m.is("creates-table")) {
                created_keys(cx, node);
            } else if !is_by_hand(cx) {
                if let Some(filter) = filtered(cx, node) {
                    cx.note(node, BUILDER, filter);
                } else if let Some(text) = named(cx, node) {
                    cx.note(node, SQL, text);
                }
            }
        }
        _ => {}
    }
}

/// Keys and unique constraints of a table that a migration makes.
fn created_keys(cx: &mut Check<'_>, create: Node<'_>) {
    let Some(table) = cx.argument(create, "table").and_then(Node::string) else { return };
    let keys = |n: &Node<'_>| n.is(Kind::Call) && cx.meaning(*n).is_some_and(|m| m.is("declares-index"));
    let found: Vec<Vec<String>> = create
        .descendants()
        .filter(keys)
        .map(|key| key.arguments().filter_map(Node::string).map(String::from).collect())
        .collect();
    for columns in found {
        cx.note(create, INDEX, format!("{table} {}", columns.join(" ")));
    }
}

/// The table and the columns of an index that SQL text makes: `CREATE INDEX by_name ON clients (name)`.
fn created_index(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let rest = text.strip_prefix("create ")?;
    let rest = rest.strip_prefix("unique ").unwrap_or(rest).strip_prefix("index ")?;
    let (_, on) = rest.split_once(" on ")?;
    let (table, columns) = on.split_once('(')?;
    let table = table.split_whitespace().next()?;
    let columns: Vec<&str> = columns.split(')').next()?.split(',').map(str::trim).collect();
    let plain = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    columns.iter().all(plain).then(|| format!("{table} {}", columns.join(" ")))
}

/// Whether what a file asks is asked by hand, now and then: a command's, a migration's.
fn is_by_hand(cx: &Check<'_>) -> bool {
    program::is_command_line(cx) || program::is_migration(cx)
}

fn strings(list: Node<'_>) -> Vec<String> {
    list.all(Role::Element).filter_map(Node::string).map(String::from).collect()
}

/// The text of a query that stands whole in a literal, with a place-holder for each value.
fn sql_text(node: Node<'_>) -> Option<String> {
    let parent = node.parent()?;
    let is_part =
        matches!(parent.kind(), Kind::Template | Kind::Block | Kind::Module) || goes_on(node, parent);
    if is_part {
        return None;
    }
    let mut text = String::new();
    if node.is(Kind::String) {
        text.push_str(&node.string()?);
    } else {
        for part in node.all(Role::Part) {
            match part.kind() {
                Kind::String | Kind::Text => text.push_str(&part.string()?),
                _ => text.push_str("$1"),
            }
        }
    }
    let start = text.trim_start().get(..6)?.to_ascii_lowercase();
    let is_query = matches!(start.as_str(), "select" | "update" | "delete") || start.starts_with("with ");
    is_query.then(|| with_holders(&text))
}

/// Whether more is added to a text: by an operator, or later to the name that it is given.
fn goes_on(node: Node<'_>, parent: Node<'_>) -> bool {
    if parent.is(Kind::Binary) {
        return parent.operator() == Operator::Add;
    }
    let Some(target) = parent.get(Role::Target).filter(|t| parent.is(Kind::Assign) && t.is(Kind::Name))
    else {
        return false;
    };
    let Some(function) = node.function() else { return false };
    let names = |n: Node<'_>| n.is(Kind::Name) && n.name() == target.name() && n.index() != target.index();
    function.descendants().any(|n| match n.kind() {
        Kind::Assign => n.operator() != Operator::None && n.get(Role::Target).is_some_and(names),
        Kind::Binary => n.operator() == Operator::Add && n.all(Role::Operand).any(names),
        Kind::Template => n.all(Role::Part).any(names),
        Kind::Call => n.callee().and_then(Node::object).is_some_and(names),
        _ => false,
    })
}

/// `%s`, `%(name)s` and `{}` as every dialect reads a place-holder.
fn with_holders(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['%', '{']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if rest.starts_with("%s") {
            2
        } else if rest.starts_with("%(") {
            rest.find(")s").map_or(1, |end| end + 2)
        } else if rest.starts_with('{') {
            rest.find('}').map_or(1, |end| end + 1)
        } else {
            0
        };
        out.push_str(if length > 0 { "$1" } else { "%" });
        rest = &rest[length.max(1)..];
    }
    out + rest
}

/// What a chain of calls that name a table and columns asks, as SQL text: `table("quotes").select("*").eq("tenant_id", tenant)`.
fn named(cx: &Check<'_>, call: Node<'_>) -> Option<String> {
    let goes_on = call.parent().is_some_and(|p| p.is(Kind::Attribute) && p.role() == Role::Object);
    let chain: Vec<Node<'_>> = cx.method_chain(call).collect();
    let of = |role: &str, argument: &str| -> Vec<String> {
        let links = chain.iter().filter(|link| cx.meaning(**link).is_some_and(|m| m.is(role)));
        links
            .filter_map(|link| cx.argument(*link, argument))
            .filter_map(Node::string)
            .map(String::from)
            .collect()
    };
    let tables = of("names-table", "table");
    let [table] = &tables[..] else { return None };
    let columns = of("compares-column", "column");
    let plain = |name: &String| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if goes_on || columns.is_empty() || !columns.iter().chain([table]).all(plain) {
        return None;
    }
    let conditions: Vec<String> = columns.iter().map(|column| format!("{column} = $1")).collect();
    Some(format!("SELECT * FROM {table} WHERE {}", conditions.join(" AND ")))
}

/// What a whole chain of a query builder filters by: the class, then the columns.
fn filtered(cx: &Check<'_>, call: Node<'_>) -> Option<String> {
    let goes_on = call.parent().is_some_and(|p| p.is(Kind::Attribute) && p.role() == Role::Callee);
    if goes_on {
        return None;
    }
    let mut columns: BTreeSet<String> = BTreeSet::new();
    let mut class: Option<String> = None;
    let mut is_whole = true;
    let chain: Vec<Node<'_>> = cx.method_chain(call).collect();
    // Through which of its tables a join is read, the database decides.
    if chain.iter().any(|link| link.callee().is_some_and(|c| c.name().contains("join"))) {
        return None;
    }
    if is_built_in_steps(cx, call, &chain) {
        return None;
    }
    for link in &chain {
        if !cx.meaning(*link).is_some_and(|m| m.is("filters-rows")) {
            continue;
        }
        for argument in link.arguments() {
            if !argument.label().is_empty() {
                let value = argument.get(Role::Value).unwrap_or(argument);
                // `email__in`, `email__exact`; others are no equality, or reach into other tables.
                let (column, lookup) =
                    argument.label().split_once("__").unwrap_or((argument.label(), "exact"));
                if matches!(lookup, "exact" | "in") {
                    if !is_constant(value) {
                        columns.insert(column.to_owned());
                    }
                    is_whole &= !matches!(value.kind(), Kind::String | Kind::Number);
                } else {
                    // An index of what is limited serves as well.
                    is_whole &= lookup == "isnull";
                }
                continue;
            }
            match compared(argument) {
                Some((owner, column)) => {
                    class.get_or_insert_with(|| owner.clone());
                    is_whole &= class.as_ref() == Some(&owner);
                    columns.insert(column);
                }
                None => is_whole &= is_same_for_all(argument),
            }
        }
    }
    if columns.is_empty() || !is_whole {
        return None;
    }
    let class = class.or_else(|| started_with(&chain))?;
    Some(format!("{class} {}", columns.into_iter().collect::<Vec<_>>().join(" ")))
}

/// Whether other statements filter the same query: it begins in a variable, or goes on in one (`query = query.where(..)`).
fn is_built_in_steps(cx: &Check<'_>, call: Node<'_>, chain: &[Node<'_>]) -> bool {
    let filters = |n: &Node<'_>| cx.meaning(*n).is_some_and(|m| m.is("filters-rows"));
    let first = chain.last();
    let from = first.and_then(|first| first.callee()?.object()).filter(|from| from.is(Kind::Name));
    let begins = from.is_some_and(|from| {
        let is_query =
            || words(from.name()).iter().any(|w| matches!(w.as_str(), "query" | "stmt" | "statement"));
        !from.name().starts_with(char::is_uppercase) && (first.is_some_and(filters) || is_query())
    });
    let assign = call.ancestors().take_while(|a| !a.is(Kind::Function)).find(|a| a.is(Kind::Assign));
    let name = assign.and_then(|a| a.get(Role::Target)).filter(|t| t.is(Kind::Name));
    let goes_on = name.zip(call.function()).is_some_and(|(name, function)| {
        function.descendants_here().filter(|n| n.is(Kind::Call) && n.index() > call.index()).any(|n| {
            let object = n.callee().and_then(Node::object);
            object.is_some_and(|o| o.is(Kind::Name) && o.name() == name.name()) && filters(&n)
        })
    });
    begins || goes_on
}

/// Whether a condition leaves many rows whatever the query is about: equal to a constant, or not equal.
fn is_same_for_all(condition: Node<'_>) -> bool {
    condition.is(Kind::Compare) && {
        let mut operands = condition.all(Role::Operand);
        // An index may begin with the column of a text or number.
        let constant = operands.nth(1).is_some_and(|o| matches!(o.kind(), Kind::Boolean | Kind::Nothing));
        condition.operator() == Operator::Ne || condition.operator() == Operator::Eq && constant
    }
}

/// `Customer.email == address`, `Customer.email.in_(addresses)`: the class and the column.
fn compared(node: Node<'_>) -> Option<(String, String)> {
    let column = match node.kind() {
        Kind::Compare if node.operator() == Operator::Eq => {
            let mut operands = node.all(Role::Operand);
            let (column, value) = (operands.next()?, operands.next()?);
            if is_constant(value) || of_class(value).is_some() {
                return None;
            }
            column
        }
        Kind::Call if node.callee()?.name() == "in_" => node.callee()?.object()?,
        _ => return None,
    };
    of_class(column)
}

fn of_class(column: Node<'_>) -> Option<(String, String)> {
    let owner = column.object().filter(|_| column.is(Kind::Attribute))?;
    let name = owner.name();
    name.starts_with(char::is_uppercase).then(|| (name.to_owned(), column.name().to_owned()))
}

fn is_constant(value: Node<'_>) -> bool {
    matches!(value.kind(), Kind::Boolean | Kind::Nothing | Kind::Number | Kind::String)
}

/// The class that a chain starts with: `Customer.objects.filter(..)`, `session.query(Customer).filter(..)`.
fn started_with(chain: &[Node<'_>]) -> Option<String> {
    let first = chain.last()?;
    let is_class = |n: &Node<'_>| {
        matches!(n.kind(), Kind::Name | Kind::Attribute) && n.name().starts_with(char::is_uppercase)
    };
    if let [only] = first.arguments().filter(|a| a.label().is_empty()).collect::<Vec<_>>()[..]
        && is_class(&only)
    {
        return Some(only.name().to_owned());
    }
    let manager = first.callee()?.object()?;
    let model = manager
        .object()
        .filter(|_| manager.is(Kind::Attribute) && matches!(manager.name(), "objects" | "query"))?;
    Some(model).filter(is_class).map(|model| model.name().to_owned())
}

/// Where a query stands: the number of its file, and its place there.
type Query = (usize, Range);

fn judge(survey: &mut Survey<'_>) {
    // All of the workspace first, then each of several databases alone.
    let folders = databases(survey);
    let mut schemas: Vec<Schema> = std::iter::once(None)
        .chain(folders.iter().map(|folder| Some(folder.as_str())))
        .map(|folder| {
            let mut schema = Schema::default();
            schema.replay(survey, folder);
            schema
        })
        .collect();
    let files: Vec<usize> = survey.files().map(|(number, _)| number).collect();
    for number in &files {
        for note in survey.notes(*number) {
            match note.key.as_str() {
                MODEL => {
                    let model = Model::parse(&note.detail);
                    schemas.iter_mut().take(1).for_each(|s| s.add_model(&model, *number, note.range));
                }
                INDEX => {
                    let mut parts = note.detail.split(' ').map(str::to_ascii_lowercase);
                    let table = parts.next().unwrap_or_default();
                    let columns: Vec<String> = parts.collect();
                    schemas.iter_mut().for_each(|s| s.add_index(&table, columns.clone()));
                }
                _ => {}
            }
        }
    }
    schemas.iter_mut().for_each(Schema::settle);
    // What stands beside a database's migrations asks that database.
    let beside = |path: &str| {
        let within = |folder: &String| path.strip_prefix(folder.as_str()).is_some_and(|p| p.starts_with('/'));
        let longest = folders.iter().enumerate().filter(|(_, f)| within(f)).max_by_key(|(_, f)| f.len());
        longest.map_or(0, |(at, _)| at + 1)
    };
    let mut used: BTreeMap<(usize, Filtered), Vec<Query>> = BTreeMap::new();
    let mut add = |database: usize, set: Filtered, query: Query| {
        let known = schemas.get(database).is_some_and(|schema| schema.has(&set.0));
        used.entry((if known { database } else { 0 }, set)).or_default().push(query);
    };
    let of = |database: usize, text: &str| {
        let own = schemas.get(database).map(|schema| schema.filtered_by_text(text)).unwrap_or_default();
        if own.is_empty() { schemas[0].filtered_by_text(text) } else { own }
    };
    for number in &files {
        let database = beside(&survey.all_files()[*number].path);
        for note in survey.notes(*number) {
            let sets = match note.key.as_str() {
                SQL => of(database, &note.detail),
                BUILDER => schemas[0].filtered_by_class(&note.detail).into_iter().collect(),
                _ => Vec::new(),
            };
            for set in sets {
                add(database, set, (*number, note.range));
            }
        }
    }
    let around: Vec<_> = survey.around().collect();
    for (number, file) in around {
        for (range, set) in schemas[0].filtered_by_file(file.file) {
            add(beside(&file.file.path), set, (number, range));
        }
    }
    for (database, schema) in schemas.iter().enumerate() {
        for (name, table) in schema.tables() {
            let sets: Vec<_> = used
                .iter()
                .filter(|((_, (table, _)), _)| table == name)
                .map(|((of, (_, columns)), queries)| (*of, &columns[..], &queries[..]))
                .collect();
            if database == 0 {
                declare(survey, name, table, &sets);
            }
            for (_, columns, queries) in sets.into_iter().filter(|(of, ..)| *of == database) {
                judge_set(survey, name, table, columns, queries);
            }
        }
    }
}

/// Tells the inventory of a table.
fn declare(survey: &mut Survey<'_>, name: &str, table: &Table, sets: &[(usize, &[String], &[Query])]) {
    let index_name = |index: &Index| index.name.clone().unwrap_or_else(|| index.columns.join(", "));
    let filtered = sets.iter().map(|(_, columns, queries)| inventory::Filtered {
        columns: columns.to_vec(),
        queries: queries.iter().filter_map(|(file, range)| survey.evidence(*file, *range, "query")).collect(),
        served_by: table.serving(columns).map(index_name),
    });
    let indexes = table.indexes.iter().map(|index| inventory::Index {
        name: index.name.clone().unwrap_or_default(),
        columns: index.columns.clone(),
        unique: index.is_unique,
    });
    let told = inventory::Table {
        name: name.to_owned(),
        place: survey.evidence(table.place.0, table.place.1, name),
        filtered: filtered.collect(),
        indexes: indexes.collect(),
    };
    survey.inventory(table.place.0).tables.push(told);
}

fn judge_set(survey: &mut Survey<'_>, name: &str, table: &Table, columns: &[String], queries: &[Query]) {
    let ((file, place), statement) = table.lacking(columns);
    survey.site(file);
    let spelled = table.class.as_deref().unwrap_or(name);
    if table.serving(columns).is_some() || table.is_single || queries::is_small(spelled) {
        return;
    }
    let text = text_of(survey, file);
    let (list, spoken) = (columns.join(", "), columns.join("`, `"));
    let at = columns
        .first()
        .and_then(|column| place_of(&text, place, column, table.class.is_some()))
        .unwrap_or(place);
    let fix = statement.filter(|_| is_plain_schema(survey, file)).and_then(|statement| {
        let end = statement.end as usize;
        let end = end + text.get(end..)?.find(';')? + 1;
        let index = format!("\nCREATE INDEX idx_{name}_{} ON {name} ({list});", columns.join("_"));
        Some(Fix::suggested("Add the index").insert(end as u32, index))
    });
    let verb = if queries.len() == 1 { "a query filters" } else { "queries filter" };
    let of_two_values = |column: &String| {
        let place = place_of(&text, place, column, table.class.is_some());
        place.is_some_and(|p| is_boolean(&text, p))
    };
    let is_few = |column: &String| has_few_values(column) || of_two_values(column);
    let is_unsure = columns.iter().all(is_few) || is_kept_by_hand(spelled);
    let mut finding = survey
        .finding(at, format!("No index of `{name}` serves `{spoken}`, by which {verb}"))
        .why("The database reads the whole table for each of these queries, and ever longer as it grows.")
        .help(format!("Add an index on ({list}) in a new migration."))
        .severity(Severity::High)
        .confidence(if is_unsure { Confidence::Low } else { Confidence::High })
        .maybe_fix(fix);
    let related =
        queries.iter().take(10).filter_map(|(file, range)| survey.related(*file, *range, "the query"));
    finding.related.extend(related);
    survey.report(file, finding);
}

fn text_of(survey: &Survey<'_>, file: usize) -> String {
    let around = || survey.all_around().get(file.checked_sub(survey.all_files().len())?);
    match survey.all_files().get(file) {
        Some(file) => file.text.to_string(),
        None => around().map(|around| around.file.text.to_string()).unwrap_or_default(),
    }
}

/// Whether a file is a schema as it is to be, and not a step that was taken.
fn is_plain_schema(survey: &Survey<'_>, file: usize) -> bool {
    let around = file.checked_sub(survey.all_files().len()).and_then(|at| survey.all_around().get(at));
    around.is_some_and(|around| {
        let path = &around.file.path;
        let name = path.rsplit('/').next().unwrap_or(path);
        !path.contains("migration") && !name.contains(|c: char| c.is_ascii_digit())
    })
}

/// Where a definition names a column.
fn place_of(text: &str, within: Range, column: &str, is_model: bool) -> Option<Range> {
    let start = within.start as usize;
    let body = text.get(start..within.end as usize)?;
    let lower = body.to_ascii_lowercase();
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let found = lower.match_indices(column).map(|(at, _)| at).find(|at| {
        let (before, after) = (&lower[..*at], &lower[at + column.len()..]);
        let head = before.trim_end_matches([' ', '\t', '"', '`', '[']);
        // A model's docstring may speak of its columns.
        let declares = !is_model || after.trim_start().starts_with([':', '=']);
        declares
            && !is_word(before.chars().next_back())
            && !is_word(after.chars().next())
            && (head.ends_with(['(', ',', '\n']) || head.is_empty())
    })?;
    Some(Range::from(start + found..start + found + column.len()))
}

/// Whether the line that defines a column says that it is true or false.
fn is_boolean(text: &str, column: Range) -> bool {
    let rest = text.get(column.end as usize..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default().to_ascii_lowercase();
    line.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| matches!(w, "bool" | "boolean" | "booleanfield"))
}

/// Whether a table is likely to hold what people fill in one by one: providers, templates, applications.
fn is_kept_by_hand(table: &str) -> bool {
    const WORDS: [&str; 14] = [
        "model",
        "models",
        "option",
        "options",
        "application",
        "applications",
        "provider",
        "providers",
        "template",
        "templates",
        "plugin",
        "plugins",
        "category",
        "categories",
    ];
    let words = words(table);
    words.len() > 1 && words.iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Whether the rows with one value of a column are likely to be a good part of all.
fn has_few_values(column: &str) -> bool {
    const FEW: [&str; 34] = [
        "dry", "policy", "valid", "missed", "pinned", "privacy", "family", "avatar", "version", "provider",
        "is", "has", "active", "enabled", "deleted", "status", "state", "type", "kind", "role", "level",
        "gender", "flag", "public", "visible", "priority", "category", "mode", "language", "locale",
        "country", "currency", "method", "archived",
    ];
    words(column).iter().any(|word| FEW.contains(&word.as_str()))
}
