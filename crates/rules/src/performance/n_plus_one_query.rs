use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Role, enclosing_loop};
use shipworthy_syntax::Language;

use crate::items::{depends, sql_verb};
use crate::loops::{self, clause, goes_over_items, header};
use crate::names::{called, words};
use crate::program;
use crate::relations::lazy_load;
use crate::remarks;
use crate::values::behind;

rule! {
    /// A query runs for each item of a loop
    ///
    /// One query brings the list, and one more follows for each of its items: a page of 100 rows costs 101 round trips, and the time grows with the
    /// data. Read what belongs to all items in one query before the loop (`WHERE id IN (...)`, a join, `select_related`, `= ANY($1)`), and look
    /// it up in the loop.
    ///
    /// The query may stand in a function that the loop calls; the finding shows the way there. Batches, pages and tries are no items.
    ///
    /// ```python bad
    /// import sqlite3
    ///
    /// def search(connection: sqlite3.Connection, clients):
    ///     found = []
    ///     for client in clients:
    ///         rows = connection.execute("SELECT * FROM quotes WHERE client = ?", (client.id,))
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         found.append((client, rows.fetchall()))
    ///     return found
    /// ```
    ///
    /// ```python bad
    /// import sqlite3
    ///
    /// class Crm:
    ///     def __init__(self, connection: sqlite3.Connection):
    ///         self.connection = connection
    ///
    ///     def quotes(self, client):
    ///         return self.connection.execute("SELECT * FROM quotes WHERE client = ?", (client,))
    ///
    ///     def last_quote(self, client):
    ///         return self.quotes(client).fetchone()
    ///
    ///     def overview(self, clients):
    ///         return {client: self.last_quote(client) for client in clients}
    ///                         ^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// from supabase import create_client
    ///
    /// class Store:
    ///     def __init__(self, tenant):
    ///         self.client = create_client(URL, KEY)
    ///         self.tenant = tenant
    ///
    ///     def quotes(self):
    ///         return self.client.table("quotes").select("*").eq("tenant_id", self.tenant).execute().data
    ///
    /// def statistics(tenants):
    ///     found = {}
    ///     for tenant in tenants:
    ///         store = Store(tenant)
    ///         found[tenant] = len(store.quotes())
    ///                             ^^^^^^^^^^^^^^
    ///     return found
    /// ```
    ///
    /// An object that belongs to another is read from the database where code looks at it, unless it was loaded with it:
    ///
    /// ```python bad
    /// from django.db import models
    ///
    /// class Account(models.Model):
    ///     number = models.CharField(max_length=34)
    ///
    /// class Entry(models.Model):
    ///     account = models.ForeignKey(Account, on_delete=models.CASCADE)
    ///     state = models.CharField(max_length=10)
    ///
    /// def listed():
    ///     found = Entry.objects.filter(state="new")[:200]
    ///     return [(entry.pk, entry.account.number) for entry in found]
    ///                        ^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// from sqlalchemy import ForeignKey, select
    /// from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
    ///
    /// class Base(DeclarativeBase):
    ///     pass
    ///
    /// class Line(Base):
    ///     __tablename__ = "lines"
    ///     id: Mapped[int] = mapped_column(primary_key=True)
    ///     order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    ///
    /// class Order(Base):
    ///     __tablename__ = "orders"
    ///     id: Mapped[int] = mapped_column(primary_key=True)
    ///     lines: Mapped[list[Line]] = relationship()
    ///
    /// def sizes(session: Session):
    ///     result = {}
    ///     for order in session.scalars(select(Order).limit(100)):
    ///         result[order.id] = len(order.lines)
    ///                                ^^^^^^^^^^^
    ///     return result
    /// ```
    ///
    /// ```python good
    /// from django.db import models
    ///
    /// class Account(models.Model):
    ///     number = models.CharField(max_length=34)
    ///
    /// class Entry(models.Model):
    ///     account = models.ForeignKey(Account, on_delete=models.CASCADE)
    ///     state = models.CharField(max_length=10)
    ///
    /// def listed():
    ///     found = Entry.objects.select_related("account").filter(state="new")
    ///     return [(entry.pk, entry.account.number) for entry in found]
    ///
    /// def numbers():
    ///     return [entry.account_id for entry in Entry.objects.filter(state="new")]
    ///
    /// def moved(account):
    ///     for entry in Entry.objects.filter(state="new"):
    ///         entry.account = account
    ///         yield entry
    /// ```
    ///
    /// ```python good
    /// import sqlite3
    ///
    /// def search(connection: sqlite3.Connection, clients, batches):
    ///     for row in connection.execute("SELECT * FROM quotes"):
    ///         yield row
    ///     for batch in batches:
    ///         marks = ",".join("?" * len(batch))
    ///         connection.execute(f"SELECT * FROM quotes WHERE client IN ({marks})", batch)
    ///     for client in clients:
    ///         connection.execute("INSERT INTO seen VALUES (?)", (client,))
    /// ```
    ///
    /// ```python good
    /// import sqlite3
    ///
    /// def wait(connection: sqlite3.Connection, job):
    ///     for attempt in range(5):
    ///         row = connection.execute("SELECT state FROM jobs WHERE id = ?", (job,)).fetchone()
    ///         if row[0] == "done":
    ///             return attempt
    ///     def state(other):
    ///         return connection.execute("SELECT state FROM jobs WHERE id = ?", (other,))
    ///     return [state for other in (job,)]
    /// ```
    ///
    /// What is asked once is kept for the next.
    ///
    /// ```python good
    /// import sqlite3
    ///
    /// def names(connection: sqlite3.Connection, orders):
    ///     clients = {}
    ///     gates = {}
    ///     for order in orders:
    ///         if order.client not in clients:
    ///             clients[order.client] = connection.execute(
    ///                 "SELECT name FROM clients WHERE id = ?", (order.client,)
    ///             ).fetchone()
    ///         gate = gates.get(order.kind)
    ///         if gate is None:
    ///             gate = connection.execute("SELECT gate FROM kinds WHERE id = ?", (order.kind,)).fetchone()
    ///             gates[order.kind] = gate
    ///     return clients, gates
    /// ```
    ///
    /// So is what a function keeps, and what is made of an answer. Each model is a query of its own, ten items are few, and what a function reads
    /// in order to change it cannot be read before.
    ///
    /// ```python good
    /// from shop.models import Client
    ///
    /// class Store:
    ///     def client(self, number):
    ///         if number in self.clients:
    ///             return self.clients[number]
    ///         self.clients[number] = Client.objects.get(pk=number)
    ///         return self.clients[number]
    ///
    /// def names(store, orders):
    ///     return [store.client(order.client).name for order in orders]
    ///
    /// def allowed(orders):
    ///     known = {}
    ///     for order in orders:
    ///         if order.client not in known:
    ///             client = Client.objects.get(pk=order.client)
    ///             known[order.client] = client.is_active
    ///     return known
    ///
    /// def total(kinds):
    ///     for kind in kinds:
    ///         shown = kind.model_class()
    ///         print(shown.objects.filter(kind=kind.pk).count())
    ///
    /// def greet(orders, first, second):
    ///     for order in list(orders)[:10]:
    ///         Client.objects.get(pk=order.client)
    ///     for number in dict.fromkeys((first, second)):
    ///         Client.objects.get(pk=number)
    ///
    /// def import_all(orders):
    ///     for order in orders:
    ///         try:
    ///             order.import_rows()
    ///         except ValueError:
    ///             print(Client.objects.filter(pk=order.client).first())
    ///
    /// def shown(parameters):
    ///     for name in parameters:
    ///         if name == "client":
    ///             Client.objects.get(pk=parameters[name])
    ///
    /// def only(numbers):
    ///     if len(numbers) > 1:
    ///         return None
    ///     return {Client.objects.get(pk=number).name for number in numbers}
    ///
    /// def wallet_of(policies, source):
    ///     for policy in policies:
    ///         client = Client.objects.filter(policy=policy.key, source=source).first()
    ///         if client:
    ///             break
    ///
    /// def count_visit(client):
    ///     Client.objects.get(pk=client)
    ///
    /// def increment_visits(client):
    ///     count_visit(client)
    ///
    /// def visited(clients):
    ///     for client in clients:
    ///         increment_visits(client)
    /// ```
    ///
    /// The newest of each, what a thing holds, and what is asked beside longer work.
    ///
    /// ```python good
    /// import requests
    /// import sqlite3
    ///
    /// def newest_of(connection: sqlite3.Connection, keys):
    ///     for key in keys:
    ///         connection.execute("SELECT * FROM quotes WHERE key = ? ORDER BY day LIMIT 1", (key,)).fetchone()
    ///
    /// def read_content(connection: sqlite3.Connection, key):
    ///     return connection.execute("SELECT content FROM files WHERE key = ?", (key,)).fetchone()
    ///
    /// def pack(connection: sqlite3.Connection, archive, keys):
    ///     for key in keys:
    ///         archive.writestr(key, read_content(connection, key)[0])
    ///
    /// def push(connection: sqlite3.Connection, keys):
    ///     for key in keys:
    ///         row = connection.execute("SELECT url FROM hooks WHERE key = ?", (key,)).fetchone()
    ///         requests.post(row[0], timeout=5)
    /// ```
    ///
    /// ```python good
    /// def repair(session, table_names):
    ///     for model in (Client, Order):
    ///         session.query(model).filter_by(kind=model.kind).first()
    ///     for table in table_names:
    ///         session.query(Table).filter_by(name=table).first()
    ///
    /// def newest(session, key):
    ///     return session.query(Quote).filter_by(key=key).first()
    ///
    /// def update_quote(session, key):
    ///     quote = newest(session, key)
    ///     quote.seen = True
    ///
    /// def update_all(session, keys):
    ///     for key in keys:
    ///         update_quote(session, key)
    ///
    /// def any_source(session, sources):
    ///     for source in sources:
    ///         try:
    ///             quote = newest(session, source)
    ///             if quote:
    ///                 break
    ///         except Exception:
    ///             log(source)
    /// ```
    ///
    /// A dict that is called like a manager, a procedure, what a caller may give and does.
    ///
    /// ```python good
    /// def names(field, values):
    ///     objects = {}
    ///     if field.is_known:
    ///         objects = field.model.objects.in_bulk(values)
    ///     return ", ".join(str(objects.get(value, value)) for value in values)
    ///
    /// def create_slots(cursor, slots):
    ///     for name, plugin in slots.items():
    ///         cursor.execute(
    ///             "SELECT pg_create_logical_replication_slot(%s, %s)"
    ///             " WHERE NOT EXISTS (SELECT 1 FROM slots WHERE name = %s)",
    ///             (name, plugin, name),
    ///         )
    ///
    /// def warnings_of(talk, overlaps=None):
    ///     if overlaps is not None:
    ///         busy = talk.pk in overlaps
    ///     else:
    ///         busy = Talk.objects.filter(room=talk.room).exclude(pk=talk.pk).exists()
    ///     return ["busy"] if busy else []
    ///
    /// def all_warnings(talks, overlaps):
    ///     return {talk: warnings_of(talk, overlaps=overlaps) for talk in talks}
    /// ```
    ///
    /// Parts of the program, of which there are few.
    ///
    /// ```python good
    /// class Protections:
    ///     def stop(self, now):
    ///         for handler in self.protection_handlers:
    ///             lock = handler.stop(now)
    ///             if lock and not Lock.objects.filter(until=lock.until).exists():
    ///                 return lock
    ///         return None
    /// ```
    ///
    /// What a class writes down, and a session that a generator lends.
    ///
    /// ```python good
    /// class Preferences:
    ///     defaults = [("session-key", "abc")]
    ///
    ///     def __init__(self, cursor):
    ///         for key, value in Preferences.defaults:
    ///             cursor.execute("SELECT value FROM preferences WHERE key = %s", (key,))
    ///
    /// async def update(record):
    ///     async for session in get_session():
    ///         await session.scalar(select(Record).where(Record.id == record))
    /// ```
    ///
    /// ```go bad
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func names(db *sql.DB, ids []int) ([]string, error) {
    /// 	var names []string
    /// 	for _, id := range ids {
    /// 		var name string
    /// 		if err := db.QueryRow("SELECT name FROM clients WHERE id = $1", id).Scan(&name); err != nil {
    /// 		          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 			return nil, err
    /// 		}
    /// 		names = append(names, name)
    /// 	}
    /// 	return names, nil
    /// }
    /// ```
    ///
    /// ```go bad
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// type Store struct{ db *sql.DB }
    ///
    /// func (s *Store) quote(client int) (*sql.Rows, error) {
    /// 	return s.db.Query("SELECT * FROM quotes WHERE client = $1", client)
    /// }
    ///
    /// func (s *Store) overview(clients []int) error {
    /// 	for _, client := range clients {
    /// 		rows, err := s.quote(client)
    /// 		             ^^^^^^^^^^^^^^^
    /// 		if err != nil {
    /// 			return err
    /// 		}
    /// 		rows.Close()
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func names(db *sql.DB, ids []int) (*sql.Rows, error) {
    /// 	rows, err := db.Query("SELECT id, name FROM clients WHERE id = ANY($1)", ids)
    /// 	for _, id := range ids {
    /// 		log(id)
    /// 	}
    /// 	return rows, err
    /// }
    /// ```
    ///
    /// ```go good
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func save(db *sql.DB, batches [][]int) error {
    /// 	for _, batch := range batches {
    /// 		if _, err := db.Query("SELECT * FROM clients WHERE id = ANY($1)", batch); err != nil {
    /// 			return err
    /// 		}
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn names(pool: &sqlx::PgPool, ids: &[i64]) -> sqlx::Result<Vec<Row>> {
    ///     let mut names = Vec::new();
    ///     for id in ids {
    ///         names.push(sqlx::query("SELECT name FROM clients WHERE id = $1").bind(id).fetch_one(pool).await?);
    ///                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    ///     Ok(names)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn quote(pool: &sqlx::PgPool, client: i64) -> sqlx::Result<Row> {
    ///     sqlx::query("SELECT * FROM quotes WHERE client = $1").bind(client).fetch_one(pool).await
    /// }
    ///
    /// async fn overview(pool: &sqlx::PgPool, clients: &[i64]) -> sqlx::Result<()> {
    ///     for client in clients {
    ///         show(quote(pool, *client).await?);
    ///              ^^^^^^^^^^^^^^^^^^^^
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn names(pool: &sqlx::PgPool, ids: &[i64]) -> sqlx::Result<Vec<Row>> {
    ///     let rows = sqlx::query("SELECT name FROM clients WHERE id = ANY($1)").bind(ids).fetch_all(pool).await?;
    ///     for row in &rows {
    ///         show(row);
    ///     }
    ///     Ok(rows)
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn wait(pool: &sqlx::PgPool, job: i64) -> sqlx::Result<()> {
    ///     for attempt in 0..5 {
    ///         let row = sqlx::query("SELECT state FROM jobs WHERE id = $1").bind(job).fetch_one(pool).await?;
    ///         show(attempt, row);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```python good
    /// from shop.models import Task
    ///
    /// def first_free(ids, user):
    ///     for task_id in ids:
    ///         task = Task.objects.select_for_update(skip_locked=True).get(pk=task_id)
    ///         if not task.has_lock(user):
    ///             return task
    ///     return None
    /// ```
    ///
    /// ```python good
    /// from shop.models import Version
    ///
    /// def version_of(name):
    ///     return Version.objects.get(name=name)
    ///
    /// def load_all(folders, log):
    ///     for folder in folders:
    ///         try:
    ///             migrate(folder, version_of(folder.name))
    ///         except Exception as error:
    ///             log.warning(error)
    /// ```
    ///
    /// A list that the function writes out.
    ///
    /// ```python good
    /// def assigned(session, tables):
    ///     kinds = ["users", "services", "groups"]
    ///     found = {}
    ///     for kind in kinds:
    ///         found[kind] = session.query(tables[kind]).filter_by(kind=kind).all()
    ///     return found
    /// ```
    ///
    /// A getter that keeps what it got, and what is asked for once.
    ///
    /// ```python good
    /// class Room:
    ///     by_id = {}
    ///
    ///     @classmethod
    ///     def get(cls, session, key):
    ///         try:
    ///             return cls.by_id[key]
    ///         except KeyError:
    ///             pass
    ///         room = session.query(Row).filter_by(key=key).first()
    ///         cls.by_id[key] = room
    ///         return room
    ///
    /// def greet(session, members):
    ///     for member in members:
    ///         Room.get(session, member.room).greet(member)
    ///
    /// def label(session, events, plan_id):
    ///     plan = None
    ///     for event in events:
    ///         if not plan and plan_id:
    ///             plan = session.query(Plan).get(plan_id)
    ///         event.plan = plan
    /// ```
    ///
    /// Events are not there before they come:
    ///
    /// ```python good
    /// import asyncio
    ///
    /// from sqlalchemy import select
    /// from sqlalchemy.ext.asyncio import AsyncSession
    ///
    /// from shop.models import Image
    ///
    /// class Events:
    ///     def __init__(self, queue: asyncio.Queue):
    ///         self.queue = queue
    ///
    ///     def __aiter__(self):
    ///         return self
    ///
    ///     async def __anext__(self):
    ///         return await self.queue.get()
    ///
    /// async def monitor(session: AsyncSession, queue: asyncio.Queue):
    ///     async for event in Events(queue):
    ///         known = await session.execute(select(Image).where(Image.path == event.path))
    ///         print(known.scalars().first())
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// type history struct{ selectTime *sql.Stmt }
    ///
    /// func (h *history) times(ctx context.Context, channels []string) (times []int64, err error) {
    /// 	// There is no loose index scan here, so one GROUP BY would read all messages. Instead, we query
    /// 	// each channel individually.
    /// 	for _, name := range channels {
    /// 		var nanotime int64
    /// 		if err := h.selectTime.QueryRowContext(ctx, name).Scan(&nanotime); err != nil {
    /// 			return nil, err
    /// 		}
    /// 		times = append(times, nanotime)
    /// 	}
    /// 	return times, nil
    /// }
    /// ```
    ///
    /// What stands in the settings is as much as somebody wrote:
    ///
    /// ```rust good
    /// struct ImportSettings {
    ///     issuers: Vec<Issuer>,
    /// }
    ///
    /// async fn check(pool: &sqlx::SqlitePool, import: &ImportSettings) {
    ///     for issuer in &import.issuers {
    ///         for key in issuer.public_keys() {
    ///             sqlx::query("SELECT name FROM issuers WHERE key = ?").bind(key).fetch_optional(pool).await;
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// struct Import {
    ///     issuers: Vec<Issuer>,
    /// }
    ///
    /// async fn check(pool: &sqlx::SqlitePool, import: &Import) {
    ///     for issuer in &import.issuers {
    ///         for key in issuer.public_keys() {
    ///             sqlx::query("SELECT name FROM issuers WHERE key = ?").bind(key).fetch_optional(pool).await;
    ///             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```python good
    /// from sqlalchemy.orm import Session
    ///
    /// from shop.models import Series, Tag
    ///
    /// def terms(session: Session, wanted: dict):
    ///     found = []
    ///     models = {"tag": Tag, "series": Series}
    ///     for key, model in models.items():
    ///         rows = session.query(model).filter(model.id.in_(wanted[key])).all()
    ///         found.extend(row.name for row in rows)
    ///     return found
    /// ```
    name: "n-plus-one-query",
    category: Performance,
    severity: High,
    scope: Both,
    on: [Effect(Effects::READS), Effect(Effects::EXECUTES_SQL), Reach(Effects::READS), Reach(Effects::EXECUTES_SQL), Fact(Kind::For), Fact(Kind::Comprehension)],
    check: check,
}

const WHY: &str = "Each item costs a round trip; the time grows with the data.";

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if matches!(node.kind(), Kind::For | Kind::Comprehension) {
        check_relations(cx, node);
    } else {
        check_call(cx, node);
    }
}

/// Python: relations of an ORM's rows.
fn check_relations(cx: &mut Check<'_>, around: Node<'_>) {
    if cx.language() != Language::Python {
        return;
    }
    let around = cx.facts().node(around.index());
    let Some(load) = lazy_load(cx, around) else { return };
    cx.site();
    if is_remembered(load.read, around) || is_fallback(load.read, around) {
        return;
    }
    let now_and_then = program::runs_now_and_then(cx, load.read);
    let finding = cx
        .finding(
            load.read,
            format!("`{}` queries the database for each `{}` of a loop", load.read.text(), load.model),
        )
        .why(WHY)
        .help("Load it with the rows: `select_related`, `selectinload`, a join.")
        .related(header(around), "for each item here")
        .confidence(if now_and_then { Confidence::Low } else { Confidence::Medium });
    cx.report(finding);
}

/// Whether items come one by one as something happens, and nothing is there to be read before: `async for event in events(queue)`.
fn comes_in_time(cx: &Check<'_>, around: Node<'_>) -> bool {
    let reads = |n: Node<'_>| n.is(Kind::Call) && cx.effects(n).contains(Effects::DATABASE);
    let over = header(around);
    clause(around).has(Flags::ASYNC) && over.is(Kind::Call) && !over.descendants().chain([over]).any(reads)
}

fn check_call(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(function) =
        call.ancestors().find(|n| matches!(n.kind(), Kind::Function | Kind::Lambda | Kind::Module))
    else {
        return;
    };
    let Some(around) = enclosing_loop(call, function) else { return };
    cx.site();
    if !around.is(Kind::For) && !around.is(Kind::Comprehension)
        || !goes_over_items(around)
        || goes_over_written(cx, around)
        || goes_over_stores(around)
        || comes_in_time(cx, around)
        || goes_over_settings(cx, around)
        || is_fallback(call, around)
        || is_remembered(call, around)
        || !depends(cx, call, around)
        || asks_another_table(call)
        || names_a_table(call, around)
        || takes_the_first(cx, call)
        || reads_content(call)
        || is_made_for_few(call, around)
    {
        return;
    }
    if is_meant(cx, around) {
        return;
    }
    let help = "Read what belongs to all items in one query before the loop.";
    let callee = call.callee().map_or("", Node::text);
    if let Some(meaning) = cx.meaning(call).cloned() {
        let reads = meaning.effects.contains(Effects::READS)
            && !meaning.effects.contains(Effects::EXECUTES_SQL)
            || selects(cx, call);
        if !meaning.effects.contains(Effects::DATABASE)
            || !reads
            || changes(call.callee().map_or("", Node::name))
        {
            return;
        }
        let finding = cx
            .finding(call, format!("`{}` queries the database for each item of a loop", called(call)))
            .why(WHY)
            .help(help)
            .related(header(around), "for each item here")
            .severity(severity(cx, around))
            .confidence(match () {
                () if program::runs_now_and_then(cx, call) || works_longer(cx, around) => Confidence::Low,
                () if meaning.guessed => Confidence::Medium,
                () => Confidence::High,
            });
        cx.report(finding);
        return;
    }
    let Some(path) = cx.workspace_callee(call) else { return };
    let name = call.callee().map_or("", Node::name);
    // What takes any statement says nothing of what it does with this one.
    if words(callee)
        .iter()
        .any(|w| matches!(w.as_str(), "execute" | "sql" | "query" | "run" | "merge" | "create"))
        || changes(name)
    {
        return;
    }
    let reach = cx.workspace().reach(&path);
    if !reach.contains(Effects::DATABASE) {
        return;
    }
    // Only reads that are known as such, and made each time: SQL text elsewhere may write, and answers are kept.
    let chain = cx.certain_chain(&path, Effects::READS);
    if chain.iter().any(|step| changes(step.rsplit(['.', ':']).next().unwrap_or(step))) {
        return;
    }
    let Some(query) = chain.last().and_then(|last| cx.library_call(last, Effects::READS)) else { return };
    if changes(query.rsplit(['.', ':']).next().unwrap_or(query)) {
        return;
    }
    // A query that goes over the network itself is no other work beside it.
    let own = chain.last().and_then(|last| cx.workspace().function(last)?.behaviour.library.get(query));
    let longer = if own.is_some_and(|call| call.effects.contains(Effects::NETWORK)) {
        LONGER.difference(Effects::NETWORK)
    } else {
        LONGER
    };
    // Far behind a call, or beside work that takes longer, the query may be rare, or not what counts.
    let severity = severity(cx, around);
    let unsure = works_longer(cx, around)
        || chain.len() > MAX_CHAIN
        || is_piece_of_work(call, around)
        || reach.intersects(longer)
        || program::runs_now_and_then(cx, call);
    let mut finding = cx
        .finding(
            call,
            format!("`{}` queries the database for each item of a loop: it reaches `{query}`", called(call)),
        )
        .why(WHY)
        .help(help)
        .related(header(around), "for each item here")
        .severity(severity)
        .confidence(if unsure { Confidence::Low } else { Confidence::Medium });
    for (step, next) in chain.iter().zip(chain.iter().skip(1).map(String::as_str).chain([query])) {
        finding = finding.related_function(step, format!("calls `{next}`"));
    }
    cx.report(finding);
}

/// Whether a remark above a loop, or above the statement before it, says that the items are asked for one by one: who wrote it has thought
/// of the one query.
fn is_meant(cx: &Check<'_>, around: Node<'_>) -> bool {
    const MEANT: [&str; 3] = ["individually", "one by one", "one at a time"];
    let statement = around.statement();
    let block = statement.parent().into_iter();
    let before = block.flat_map(|b| b.all(Role::Statement)).take_while(|s| *s != statement).last();
    let mut beside = before.into_iter().chain([statement]);
    beside.any(|s| remarks::statement_says(cx.facts(), s, &MEANT))
}

/// Where each turn changes the database as well, what it reads may have to be read anew, and the reads are a part of its cost only.
fn severity(cx: &Check<'_>, around: Node<'_>) -> Severity {
    let writes =
        |n: Node<'_>| n.is(Kind::Call) && cx.effects(n).contains(Effects::DATABASE.union(Effects::WRITES));
    let mut body = around.get(Role::Body).into_iter().flat_map(Node::descendants_here);
    if body.any(writes) { Severity::Medium } else { Severity::High }
}

/// How many functions may lie between a loop and its query.
const MAX_CHAIN: usize = 3;

/// Whether a function's name says that it changes something: what it reads for that cannot be read before.
fn changes(name: &str) -> bool {
    const CHANGES: [&str; 53] = [
        "upload",
        "restore",
        "merge",
        "install",
        "configure",
        "init",
        "refresh",
        "update",
        "insert",
        "upsert",
        "save",
        "set",
        "delete",
        "remove",
        "ensure",
        "lock",
        "add",
        "write",
        "store",
        "put",
        "import",
        "process",
        "handle",
        "sync",
        "move",
        "release",
        "register",
        "mark",
        "apply",
        "create",
        "make",
        "increment",
        "decrement",
        "enqueue",
        "requeue",
        "push",
        "hold",
        "send",
        "submit",
        "start",
        "stop",
        "revoke",
        "grant",
        "prune",
        "archive",
        "provision",
        "replace",
        "reset",
        "clear",
        "cleanup",
        "evaluate",
        "deliver",
        "rebuild",
    ];
    name.contains("or_create") || words(name).iter().take(2).any(|w| CHANGES.contains(&w.as_str()))
}

/// Whether a loop goes over a local list or dictionary of what its function writes out: `kinds = ["users", "groups"]`, and
/// `models.items()` of `models = {"tag": Tag, "series": Series}`.
fn goes_over_written(cx: &Check<'_>, around: Node<'_>) -> bool {
    let over = header(cx.facts().node(around.index()));
    // Python: the entries of a dictionary.
    let entries =
        over.callee().filter(|c| over.is(Kind::Call) && matches!(c.name(), "items" | "values" | "keys"));
    let named = entries.and_then(Node::object).unwrap_or(over);
    let list = behind(cx, named);
    let is_changed = |n: Node<'_>| {
        n.is(Kind::Attribute)
            && n.role() == Role::Callee
            && n.parent() != Some(over)
            && n.object().is_some_and(|o| o.is(Kind::Name) && o.name() == named.name())
    };
    let is_plain = |value: Node<'_>| value.is_literal() || value.is(Kind::Name) || value.is(Kind::Attribute);
    let is_written = match list.kind() {
        Kind::List | Kind::Tuple | Kind::Set => {
            list.all(Role::Element).next().is_some() && list.all(Role::Element).all(Node::is_literal)
        }
        Kind::Dictionary => {
            let mut entries = list.children().filter(|e| e.is(Kind::Entry)).peekable();
            entries.peek().is_some()
                && entries.all(|e| {
                    e.get(Role::Key).is_some_and(Node::is_literal) && e.get(Role::Value).is_some_and(is_plain)
                })
        }
        _ => false,
    };
    named.is(Kind::Name)
        && is_written
        && !around.function().is_some_and(|f| f.descendants_here().any(is_changed))
}

/// Whether a loop goes over tables, columns, stores or parts of the program: each is another query, and there are few.
fn goes_over_stores(around: Node<'_>) -> bool {
    const STORES: [&str; 16] = [
        "table",
        "tables",
        "column",
        "columns",
        "schema",
        "schemas",
        "index",
        "indexes",
        "database",
        "databases",
        "backend",
        "backends",
        "provider",
        "providers",
        "migration",
        "migrations",
    ];
    const CLASSES: [&str; 11] = [
        "model",
        "models",
        "class",
        "classes",
        "registry",
        "extension",
        "extensions",
        "handler",
        "handlers",
        "plugin",
        "plugins",
    ];
    let over = clause(around).all(Role::Target).chain([header(around)]);
    over.flat_map(|n| words(n.text())).any(|w| STORES.contains(&w.as_str()) || CLASSES.contains(&w.as_str()))
}

/// Whether a loop goes over what stands in the settings, at once or within another loop that does: there is as much as somebody wrote.
fn goes_over_settings<'a>(cx: &Check<'_>, around: Node<'a>) -> bool {
    let inner = |n: &Node<'a>| match n.kind() {
        Kind::Reference => n.get(Role::Value),
        _ => n.callee().or_else(|| n.object()),
    };
    let over = std::iter::successors(Some(header(around)), inner).last();
    let Some(over) = over.filter(|o| o.is(Kind::Name)) else { return false };
    let is_settings = cx.type_of(over).is_some_and(|path| {
        let name = path.rsplit(['.', ':']).next().unwrap_or(&path);
        words(name).iter().any(|w| matches!(w.as_str(), "settings" | "config" | "configuration"))
    });
    let binds = |outer: Node<'_>| clause(outer).all(Role::Target).any(|t| t.name() == over.name());
    let mut outer = around.ancestors().filter(|a| a.is(Kind::For) && binds(*a));
    is_settings || outer.any(|outer| goes_over_settings(cx, outer))
}

/// Whether the model that a query asks is itself told by the code around: `model.objects.count()` of each model is another query.
fn asks_another_table(call: Node<'_>) -> bool {
    let mut root = call;
    let mut manager = false;
    while let Some(inner) = root.callee().or_else(|| root.object()) {
        manager |= root.is(Kind::Attribute) && root.name() == "objects";
        root = inner;
    }
    let variable = root.is(Kind::Name) && root.name().starts_with(|c: char| c.is_lowercase() || c == '_');
    manager && variable
}

/// Whether a call is made only for what the loop has not asked yet: its answer is kept.
fn is_remembered(call: Node<'_>, around: Node<'_>) -> bool {
    let statement = call.ancestors().take_while(|a| *a != around).find(|a| a.is(Kind::Assign));
    let Some(target) = statement.and_then(|a| a.get(Role::Target)) else { return false };
    // `if not gate and gate_id: gate = ...`
    let is_missing =
        |n: Node<'_>| n.is(Kind::Unary) && n.get(Role::Operand).is_some_and(|o| o.text() == target.text());
    call.ancestors().take_while(|a| *a != around).filter(|a| a.is(Kind::If)).any(|branch| {
        let Some(condition) = branch.get(Role::Condition) else { return false };
        let asked = condition.all(Role::Operand).next().filter(|_| condition.operator() == Operator::And);
        if is_missing(asked.unwrap_or(condition)) {
            return true;
        }
        if !condition.is(Kind::Compare) {
            return false;
        }
        let operands: Vec<Node<'_>> = condition.all(Role::Operand).collect();
        match (condition.operator(), &operands[..]) {
            // `if gate is None: gate = ...`, where `gate` came from what is kept.
            (Operator::Is | Operator::Eq, [asked, nothing]) => {
                nothing.is(Kind::Nothing) && asked.text() == target.text()
            }
            // `if key not in gates: gates[key] = ...`, or what is made of the answer.
            (Operator::NotIn, [_, kept]) => branch
                .get(Role::Body)
                .into_iter()
                .flat_map(Node::descendants_here)
                .filter(|n| n.is(Kind::Assign))
                .flat_map(|a| a.all(Role::Target))
                .any(|t| t.is(Kind::Index) && t.object().is_some_and(|o| o.text() == kept.text())),
            _ => false,
        }
    })
}

/// Whether a loop looks for the first that will do, or the call mends a failure: then it is made for few.
fn is_fallback(call: Node<'_>, around: Node<'_>) -> bool {
    let inside = || call.ancestors().take_while(|a| *a != around);
    let ends = |n: Node<'_>| {
        n.is(Kind::Break)
            && n.ancestors().find(|a| matches!(a.kind(), Kind::For | Kind::While)) == Some(around)
    };
    // `row = ...get(id); if fits(row): return row`
    let found = inside().find(|a| a.is(Kind::Assign)).and_then(|a| a.get(Role::Target));
    let gives = |n: Node<'_>| {
        n.is(Kind::Return)
            && n.get(Role::Value)
                .is_some_and(|v| v.is(Kind::Name) && found.is_some_and(|f| f.text() == v.text()))
    };
    inside().any(|a| a.is(Kind::Handler)) || around.descendants_here().any(|n| ends(n) || gives(n))
}

/// Whether a loop does a piece of work for each item that may fail for itself, whatever it is: the query is a part of that.
fn is_piece_of_work(call: Node<'_>, around: Node<'_>) -> bool {
    let any = |handler: Node<'_>| {
        let types: Vec<&str> = handler.all(Role::Type).map(Node::text).collect();
        types.is_empty() || types.iter().any(|t| matches!(*t, "Exception" | "BaseException"))
    };
    let mut attempts = call.ancestors().take_while(|a| *a != around).filter(|a| a.is(Kind::Try));
    attempts.any(|attempt| attempt.all(Role::Handler).any(any))
}

/// Whether an argument that changes with the item says which table is asked: each is another query.
fn names_a_table(call: Node<'_>, around: Node<'_>) -> bool {
    const TABLES: [&str; 4] = ["table", "tables", "schema", "index"];
    call.arguments()
        .any(|a| loops::uses(a, around, call) && words(a.text()).iter().any(|w| TABLES.contains(&w.as_str())))
}

/// Whether a query takes the first few of each item's rows, which no one query reads for all.
fn takes_the_first(cx: &Check<'_>, call: Node<'_>) -> bool {
    let limits = |n: Node<'_>| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("limits-rows"));
    let text = |n: Node<'_>| {
        cx.argument(n, "sql").is_some_and(|sql| {
            let sql = behind(cx, cx.facts().node(sql.index()));
            words(sql.text()).iter().any(|w| w == "limit")
        })
    };
    cx.method_chain(call).any(|link| {
        limits(link) || text(link) || link.arguments().any(|a| a.descendants().chain([a]).any(limits))
    })
}

/// Whether a loop goes over few, or the call is made for one of the items only: behind `if name == "view"`, in a loop over what a function has
/// counted, in one that waits for what happens next.
fn is_made_for_few(call: Node<'_>, around: Node<'_>) -> bool {
    let inside = call.ancestors().take_while(|a| *a != around).filter(|a| a.is(Kind::If));
    let picks = |condition: Node<'_>| {
        condition.is(Kind::Compare)
            && condition.operator() == Operator::Eq
            && condition.all(Role::Operand).any(|o| o.is(Kind::String))
            && condition.all(Role::Operand).any(|o| {
                let targets = clause(around).all(Role::Target);
                o.is(Kind::Name) && targets.into_iter().any(|t| t.text() == o.text())
            })
    };
    let over = format!("len({})", header(around).text());
    let limits = |n: Node<'_>| {
        n.is(Kind::Compare)
            && matches!(n.operator(), Operator::Gt | Operator::Ge)
            && n.all(Role::Operand).next().is_some_and(|o| o.text() == over)
            && n.all(Role::Operand)
                .nth(1)
                .and_then(Node::number)
                .is_some_and(|most| (1.0..=20.0).contains(&most))
    };
    let counted =
        call.function().is_some_and(|f| f.descendants_here().any(|n| n.index() < call.index() && limits(n)));
    let waits = around.has(Flags::ASYNC)
        && words(header(around).text()).iter().any(|w| {
            matches!(w.as_str(), "notify" | "notification" | "notifications" | "listen" | "subscribe")
        });
    inside.filter_map(|branch| branch.get(Role::Condition)).any(picks) || counted || waits
}

/// Whether a function reads what a thing holds, by its name: a file's content is read one by one.
fn reads_content(call: Node<'_>) -> bool {
    const CONTENT: [&str; 5] = ["content", "blob", "lobject", "download", "bytes"];
    let words = words(call.callee().map_or("", Node::name));
    let loads_file = words.iter().any(|w| w == "load") && words.iter().any(|w| w == "file");
    loads_file || words.iter().any(|w| CONTENT.contains(&w.as_str()))
}

/// Whether the loop does other work for each item that takes longer than a query.
fn works_longer(cx: &Check<'_>, around: Node<'_>) -> bool {
    around.descendants_here().filter(|n| n.is(Kind::Call)).any(|n| {
        let effects = cx.effects(n);
        effects.intersects(LONGER) && !effects.contains(Effects::DATABASE)
    })
}

/// Effects of work that takes longer than a query.
const LONGER: Effects = Effects::LANGUAGE_MODEL
    .union(Effects::INFERS)
    .union(Effects::SENDS)
    .union(Effects::PROCESS)
    .union(Effects::NETWORK);

/// Whether the SQL text of a call is a query that reads a table: one without `FROM` calls a procedure, or asks the server for something.
fn selects(cx: &Check<'_>, call: Node<'_>) -> bool {
    let is_query = sql_verb(cx, call).is_some_and(|verb| matches!(verb.as_str(), "select" | "with"));
    let sql = cx.argument(call, "sql").map(|sql| behind(cx, cx.facts().node(sql.index())));
    is_query && sql.is_none_or(|sql| !sql.is_literal() || reads_a_table(sql.text()))
}

/// Whether a text of SQL has a `FROM` outside of all parentheses.
fn reads_a_table(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let mut depth = 0_i32;
    text.split_whitespace().any(|word| {
        let found = depth == 0 && word.trim_matches(['"', '\'', '`']) == "from";
        depth += word.matches('(').count() as i32 - word.matches(')').count() as i32;
        found
    })
}
