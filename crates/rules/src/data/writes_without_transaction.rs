use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Survey, rule};
use shipworthy_facts::{Effects, Kind, Node, Operator, Role, enclosing_loop};
use shipworthy_syntax::{Language, Range};

use crate::items::writes_rows;
use crate::loops::goes_over_items;
use crate::names::words;
use crate::projects::notes_without;
use crate::{program, relations};

rule! {
    /// Writes that belong together are not in one transaction
    ///
    /// When the second of two writes fails, or the process ends between them, the first stays: an order without its lines, money that left one
    /// account and never came to the other. Nobody notices, since each write for itself is fine. The same happens to a list that is committed
    /// item by item: half of it is there, and a second run does that half twice. Put what belongs together into one transaction.
    ///
    /// Writes belong together where the second uses what the first gave, or both are about the same thing and nothing else happens between them.
    /// Drivers that begin a transaction by themselves (Python's DB-API, SQLAlchemy's sessions) need only one commit at the end. Marking the start
    /// and the end of a long job are two writes on purpose, and rows that are only made where they are missing come with the next run.
    ///
    /// ```python bad
    /// from django.db import models
    ///
    /// class Order(models.Model):
    ///     name = models.TextField()
    ///
    /// class Payment(models.Model):
    ///     order = models.ForeignKey(Order, on_delete=models.CASCADE)
    ///
    /// def checkout(name):
    ///     order = Order.objects.create(name=name)
    ///             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     Payment.objects.create(order=order)
    ///     return order
    /// ```
    ///
    /// ```python bad
    /// import asyncpg
    /// import psycopg2
    ///
    /// async def transfer(pool: asyncpg.Pool, source, target, amount):
    ///     await pool.execute("UPDATE accounts SET balance = balance - $1 WHERE id = $2", amount, source)
    ///           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     await pool.execute("UPDATE accounts SET balance = balance + $1 WHERE id = $2", amount, target)
    ///
    /// def load(dsn, readings):
    ///     connection = psycopg2.connect(dsn)
    ///     cursor = connection.cursor()
    ///     for reading in readings:
    ///         cursor.execute("INSERT INTO readings VALUES (%s)", (reading,))
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         connection.commit()
    ///     connection.close()
    /// ```
    ///
    /// ```python bad
    /// from sqlalchemy import delete, update
    /// from sqlalchemy.orm import Session
    ///
    /// from shop.models import Customer, Order
    ///
    /// def merge(session: Session, source: int, target: int):
    ///     session.execute(update(Order).where(Order.customer_id == source).values(customer_id=target))
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     session.commit()
    ///     session.execute(delete(Customer).where(Customer.id == source))
    ///     session.commit()
    /// ```
    ///
    /// ```python good
    /// from sqlalchemy import delete, update
    /// from sqlalchemy.orm import Session
    ///
    /// from shop.models import Customer, Order
    ///
    /// def merge(session: Session, source: int, target: int):
    ///     session.execute(update(Order).where(Order.customer_id == source).values(customer_id=target))
    ///     session.execute(delete(Customer).where(Customer.id == source))
    ///     session.commit()
    /// ```
    ///
    /// ```python good
    /// import asyncpg
    /// from django.db import models, transaction
    ///
    /// class Order(models.Model):
    ///     name = models.TextField()
    ///
    /// class Payment(models.Model):
    ///     order = models.ForeignKey(Order, on_delete=models.CASCADE)
    ///
    /// def checkout(name):
    ///     with transaction.atomic():
    ///         order = Order.objects.create(name=name)
    ///         Payment.objects.create(order=order)
    ///
    /// @transaction.atomic
    /// def pay(name):
    ///     order = Order.objects.create(name=name)
    ///     Payment.objects.create(order=order)
    ///
    /// def import_all(names):
    ///     Order.objects.bulk_create([Order(name=name) for name in names], ignore_conflicts=True)
    ///     orders = {order.name: order for order in Order.objects.filter(name__in=names)}
    ///     Payment.objects.bulk_create([Payment(order=orders[name]) for name in names], ignore_conflicts=True)
    ///
    /// def either(name, order):
    ///     if order is None:
    ///         return Order.objects.create(name=name)
    ///     return Payment.objects.create(order=order)
    ///
    /// async def transfer(pool: asyncpg.Pool, source, target, amount):
    ///     async with pool.acquire() as connection:
    ///         async with connection.transaction():
    ///             await connection.execute("UPDATE accounts SET balance = balance - $1 WHERE id = $2", amount, source)
    ///             await connection.execute("UPDATE accounts SET balance = balance + $1 WHERE id = $2", amount, target)
    /// ```
    ///
    /// ```python good
    /// import asyncpg
    /// import psycopg2
    /// import requests
    ///
    /// async def run(pool: asyncpg.Pool, job):
    ///     await pool.execute("UPDATE jobs SET state = 'running' WHERE id = $1", job)
    ///     requests.post("https://worker.example.com", json={"job": job}, timeout=60)
    ///     await pool.execute("UPDATE jobs SET state = 'done' WHERE id = $1", job)
    ///
    /// def load(dsn, readings):
    ///     connection = psycopg2.connect(dsn)
    ///     cursor = connection.cursor()
    ///     for number, reading in enumerate(readings):
    ///         cursor.execute("INSERT INTO readings VALUES (%s)", (reading,))
    ///         if number % 1000 == 0:
    ///             connection.commit()
    ///     connection.commit()
    ///     connection.close()
    ///
    /// def migrate(project):
    ///     status = MigrationStatus.objects.create(project=project, status="started")
    ///     Prediction.objects.filter(task__project=project).update(project=project)
    ///     status.status = "finished"
    ///     status.save()
    ///
    /// def defaults(name):
    ///     Tenant.objects.get_or_create(name=name)
    ///     Network.objects.get_or_create(name=name)
    ///
    /// def both(dsn, order, lines):
    ///     connection = psycopg2.connect(dsn)
    ///     cursor = connection.cursor()
    ///     cursor.execute("INSERT INTO orders VALUES (%s)", (order,))
    ///     cursor.execute("INSERT INTO lines VALUES (%s, %s)", (order, lines))
    ///     connection.commit()
    ///     connection.close()
    /// ```
    ///
    /// A caller has the transaction; one of two; what has become old.
    ///
    /// ```python good file=shop/transaction.py
    /// from django.db import transaction
    ///
    /// def immediate_atomic():
    ///     return transaction.atomic()
    /// ```
    /// ```python good file=shop/orders.py
    /// from django.db import models
    ///
    /// class Order(models.Model):
    ///     name = models.TextField()
    ///
    /// class Payment(models.Model):
    ///     order = models.ForeignKey(Order, on_delete=models.CASCADE)
    ///
    /// def store(name):
    ///     order = Order.objects.create(name=name)
    ///     Payment.objects.create(order=order)
    ///
    /// def count(name):
    ///     if Order.objects.filter(name=name).update(count=models.F("count") + 1) > 0:
    ///         return
    ///     Order.objects.create(name=name, count=1)
    ///
    /// def forget(cutoff):
    ///     Payment.objects.filter(created__lt=cutoff).delete()
    ///     Order.objects.filter(created__lt=cutoff).delete()
    /// ```
    /// ```python good file=shop/views.py
    /// from shop.orders import store
    /// from shop.transaction import immediate_atomic
    ///
    /// def order(request):
    ///     with immediate_atomic():
    ///         take(request)
    ///
    /// def take(request):
    ///     store(request.POST["name"])
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func remove(ctx context.Context, db *sql.DB, order int) error {
    /// 	if _, err := db.ExecContext(ctx, "DELETE FROM lines WHERE order_id = $1", order); err != nil {
    /// 	             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		return err
    /// 	}
    /// 	_, err := db.ExecContext(ctx, "DELETE FROM orders WHERE id = $1", order)
    /// 	return err
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func create(db *sql.DB, name string, first string) error {
    /// 	result, err := db.Exec("INSERT INTO orders (name) VALUES (?)", name)
    /// 	               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	id, err := result.LastInsertId()
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	_, err = db.Exec("INSERT INTO lines (order_id, name) VALUES (?, ?)", id, first)
    /// 	return err
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func remove(ctx context.Context, db *sql.DB, order int) error {
    /// 	tx, err := db.BeginTx(ctx, nil)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer tx.Rollback()
    /// 	if _, err := tx.ExecContext(ctx, "DELETE FROM lines WHERE order_id = $1", order); err != nil {
    /// 		return err
    /// 	}
    /// 	if _, err := tx.ExecContext(ctx, "DELETE FROM orders WHERE id = $1", order); err != nil {
    /// 		return err
    /// 	}
    /// 	return tx.Commit()
    /// }
    ///
    /// func touch(db *sql.DB, user int, seen bool) error {
    /// 	if seen {
    /// 		_, err := db.Exec("UPDATE users SET seen = now() WHERE id = $1", user)
    /// 		return err
    /// 	}
    /// 	_, err := db.Exec("UPDATE users SET asked = now() WHERE id = $1", user)
    /// 	return err
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"database/sql"
    ///
    /// 	"gorm.io/gorm"
    /// )
    ///
    /// func setUp(db *sql.DB) error {
    /// 	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS users (id int)"); err != nil {
    /// 		return err
    /// 	}
    /// 	_, err := db.Exec("CREATE INDEX IF NOT EXISTS by_id ON users (id)")
    /// 	return err
    /// }
    ///
    /// func within(tx *gorm.DB, order *Order, line *Line) error {
    /// 	if err := tx.Create(order).Error; err != nil {
    /// 		return err
    /// 	}
    /// 	line.Order = order
    /// 	return tx.Create(line).Error
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn remove(pool: &sqlx::PgPool, order: i64) -> sqlx::Result<()> {
    ///     sqlx::query("DELETE FROM lines WHERE order_id = $1").bind(order).execute(pool).await?;
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     sqlx::query("DELETE FROM orders WHERE id = $1").bind(order).execute(pool).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use rusqlite::{params, Connection};
    ///
    /// struct Store {
    ///     connection: Connection,
    /// }
    ///
    /// impl Store {
    ///     fn create(&self, name: &str, first: &str) -> rusqlite::Result<()> {
    ///         self.connection.execute("INSERT INTO orders (name) VALUES (?1)", params![name])?;
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         let id = self.connection.last_insert_rowid();
    ///         self.connection.execute("INSERT INTO lines (order_id, name, of) VALUES (?1, ?2, ?3)", params![id, first, name])?;
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn remove(pool: &sqlx::PgPool, order: i64) -> sqlx::Result<()> {
    ///     let mut tx = pool.begin().await?;
    ///     sqlx::query("DELETE FROM lines WHERE order_id = $1").bind(order).execute(&mut *tx).await?;
    ///     sqlx::query("DELETE FROM orders WHERE id = $1").bind(order).execute(&mut *tx).await?;
    ///     tx.commit().await
    /// }
    /// ```
    ///
    /// ```rust good
    /// use rusqlite::{params, Connection};
    ///
    /// fn within(connection: &Connection, order: i64) -> rusqlite::Result<()> {
    ///     connection.execute("DELETE FROM lines WHERE order_id = ?1", params![order])?;
    ///     connection.execute("DELETE FROM orders WHERE id = ?1", params![order])?;
    ///     Ok(())
    /// }
    ///
    /// async fn log(pool: &sqlx::PgPool, user: i64, size: i64) -> sqlx::Result<()> {
    ///     sqlx::query("INSERT INTO visits (id) VALUES ($1)").bind(user).execute(pool).await?;
    ///     sqlx::query("UPDATE totals SET size = size + $1").bind(size).execute(pool).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// What a pool gives for this function alone is in nobody else's transaction.
    ///
    /// ```rust bad
    /// async fn rename(pool: &deadpool_postgres::Pool, id: i64, name: &str) -> anyhow::Result<()> {
    ///     let client = pool.get().await?;
    ///     client.execute("UPDATE assets SET name = $1 WHERE id = $2", &[&name, &id]).await?;
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     client.execute("UPDATE tags SET name = $1 WHERE asset = $2", &[&name, &id]).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn rename(pool: &deadpool_postgres::Pool, id: i64, name: &str) -> anyhow::Result<()> {
    ///     let mut client = pool.get().await?;
    ///     let tx = client.transaction().await?;
    ///     tx.execute("UPDATE assets SET name = $1 WHERE id = $2", &[&name, &id]).await?;
    ///     tx.execute("UPDATE tags SET name = $1 WHERE asset = $2", &[&name, &id]).await?;
    ///     tx.commit().await?;
    ///     Ok(())
    /// }
    ///
    /// async fn given(client: &tokio_postgres::Client, id: i64, name: &str) -> anyhow::Result<()> {
    ///     client.execute("UPDATE assets SET name = $1 WHERE id = $2", &[&name, &id]).await?;
    ///     client.execute("UPDATE tags SET name = $1 WHERE asset = $2", &[&name, &id]).await?;
    ///     Ok(())
    /// }
    /// ```
    /// The methods of a row work in the transaction that their caller has.
    ///
    /// ```python good
    /// from django.db import models
    ///
    /// class Order(models.Model):
    ///     total = models.IntegerField()
    ///
    ///     def begin(self):
    ///         review = Review.objects.create(order=self)
    ///         Step.objects.create(review=review)
    ///         return review
    ///
    /// class Review(models.Model):
    ///     order = models.ForeignKey(Order, on_delete=models.CASCADE)
    ///
    /// class Step(models.Model):
    ///     review = models.ForeignKey(Review, on_delete=models.CASCADE)
    /// ```
    ///
    /// Django can put each request into a transaction:
    ///
    /// ```python good file=shop/settings.py
    /// DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", "ATOMIC_REQUESTS": True}}
    /// ```
    /// ```python good file=shop/views.py
    /// from django.db import models
    /// from django.http import HttpResponse
    ///
    /// class Order(models.Model):
    ///     name = models.TextField()
    ///
    /// class Payment(models.Model):
    ///     order = models.ForeignKey(Order, on_delete=models.CASCADE)
    ///
    /// def checkout(request):
    ///     order = Order.objects.create(name=request.POST["name"])
    ///     Payment.objects.create(order=order)
    ///     return HttpResponse(status=201)
    /// ```
    name: "writes-without-transaction",
    category: Data,
    severity: Medium,
    scope: Both,
    on: [Fact(Kind::Function), Fact(Kind::Entry)],
    check: check,
    workspace: judge,
}

/// Notes of a write, with the places of those that belong to it and are not in one transaction with it.
const APART: &str = "apart";
/// Notes of the setting that puts each request into a transaction.
const ATOMIC: &str = "atomic";

const WHY: &str =
    "When the next one fails, what is written stays, and nothing says that the rest is missing.";

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if node.is(Kind::Entry) { note_atomic_requests(cx, node) } else { check_function(cx, node) }
}

/// Django's setting that puts each request into a transaction: `"ATOMIC_REQUESTS": True`.
fn note_atomic_requests(cx: &mut Check<'_>, entry: Node<'_>) {
    let key = entry.get(Role::Key).and_then(Node::string);
    let is_on = entry.get(Role::Value).is_some_and(|value| value.is_boolean(true));
    if is_on && key.is_some_and(|key| key == "ATOMIC_REQUESTS") {
        cx.note(entry, ATOMIC, "");
    }
}

fn check_function(cx: &mut Check<'_>, function: Node<'_>) {
    let calls = function.descendants_here().filter(|n| n.is(Kind::Call));
    let writes: Vec<Node<'_>> = calls.filter(|c| is_write(cx, *c)).collect();
    if writes.is_empty() {
        return;
    }
    let in_loop = enclosing_loop(writes[0], function).is_some();
    if writes.len() < 2 && !in_loop {
        return;
    }
    cx.site();
    if program::is_migration(cx) || begins(cx, function) {
        return;
    }
    if let Some((first, commit)) = committed_each(cx, function, &writes) {
        let finding = cx
            .finding(first, "what is written here is committed for each item of a loop")
            .why("When one item fails, those before it stay, and a second run does them twice.")
            .help("Commit once after the loop, or say that items stand alone with a handler for each.")
            .related(commit, "committed here, each time")
            .confidence(Confidence::Medium);
        cx.report(finding);
        return;
    }
    if let Some((first, second)) = committed_apart(cx, function, &writes) {
        let finding = cx
            .finding(first, "this write is committed before the one that belongs to it is made")
            .why(WHY)
            .help("Commit once, behind both.")
            .related(second, "belongs to it, and may never happen")
            .confidence(Confidence::Medium);
        cx.report(finding);
        return;
    }
    let alone: Vec<Node<'_>> = writes.into_iter().filter(|w| commits_itself(cx, *w)).collect();
    for (at, first) in alone.iter().enumerate() {
        let follows = |second: &&Node<'_>| belongs_together(cx, function, *first, **second);
        let others: Vec<&Node<'_>> = alone[at + 1..].iter().filter(follows).collect();
        if others.is_empty() {
            continue;
        }
        if !is_of_row(cx, function) {
            // Told from where the first one begins: that moves with its item.
            let begin = first.range().start;
            let place = |o: &Node<'_>| format!("{} {}", o.range().start - begin, o.range().end - begin);
            let places = others.into_iter().take(3).map(place);
            cx.note(*first, APART, places.collect::<Vec<_>>().join("\n"));
        }
        return;
    }
}

/// Writes that no function around them holds together: neither their own nor one that calls it.
fn judge(survey: &mut Survey<'_>) {
    let apart = notes_without(survey, APART, ATOMIC);
    if apart.is_empty() {
        return;
    }
    let callers = Callers::of(survey);
    for (number, note) in apart {
        let file = &survey.all_files()[number];
        let path = file.summary.absolute(file.language, &note.symbol);
        if callers.hold(&path) {
            continue;
        }
        let mut finding = survey
            .finding(note.range, "this write and what follows from it are not in one transaction")
            .why(WHY)
            .help("Put them into one transaction.")
            .confidence(Confidence::Medium);
        for place in note.detail.lines() {
            let mut ends = place.split(' ').filter_map(|end| end.parse().ok());
            let (Some(start), Some(end)): (Option<u32>, _) = (ends.next(), ends.next()) else { continue };
            let begin = note.range.start;
            let place = Range { start: begin + start, end: begin + end };
            let message = "belongs to it, and may never happen";
            finding.related.extend(survey.related(number, place, message));
        }
        survey.report(number, finding);
    }
}

/// Who calls a function, by absolute names, and who of these begins transactions.
#[derive(Default)]
struct Callers<'a> {
    of: BTreeMap<&'a str, Vec<String>>,
    beginning: BTreeSet<String>,
}

impl<'a> Callers<'a> {
    fn of(survey: &Survey<'a>) -> Self {
        let mut callers = Self::default();
        for file in survey.all_files() {
            for (name, function) in &file.summary.functions {
                let path = file.summary.absolute(file.language, name);
                let (behaviour, decorators) = (&function.behaviour, function.decorators.iter());
                let called = behaviour.calls.iter().map(|call| &call.path).chain(decorators);
                let library = behaviour.library.iter().map(|(name, _)| name);
                if behaviour.effects.contains(Effects::BEGINS)
                    || called.clone().chain(library).any(|name| says_transaction(name))
                {
                    callers.beginning.insert(path.clone());
                }
                for callee in called {
                    callers.of.entry(callee).or_default().push(path.clone());
                }
            }
        }
        callers
    }

    /// Whether a function is called, over so many others, by one that begins a transaction, as far as that is known around the call.
    fn hold(&self, path: &str) -> bool {
        const STEPS: usize = 4;
        let mut seen = BTreeSet::from([path]);
        let mut open = vec![path];
        for _ in 0..STEPS {
            let above = open.iter().filter_map(|path| self.of.get(path)).flatten();
            open = above.map(String::as_str).filter(|caller| seen.insert(caller)).collect();
            if open.iter().any(|caller| self.beginning.contains(*caller)) {
                return true;
            }
        }
        false
    }
}

/// Whether the last part of an absolute name speaks of a transaction: `immediate_atomic`.
fn says_transaction(path: &str) -> bool {
    let last = path.rsplit(['.', ':', '/']).next().unwrap_or(path);
    words(last).iter().any(|w| matches!(w.as_str(), "atomic" | "transaction" | "transactional"))
}

/// Whether a function is a method of a row's class, or of a part of one: it works in the transaction that its caller has.
fn is_of_row(cx: &Check<'_>, function: Node<'_>) -> bool {
    let is_table = |base: Node<'_>| cx.name_of(base).is_some_and(|path| relations::is_known_table(cx, &path));
    function.class().is_some_and(|class| class.all(Role::Base).any(is_table))
}

/// Whether a call writes rows of a database that knows transactions.
fn is_write(cx: &Check<'_>, call: Node<'_>) -> bool {
    cx.meaning(call).is_some_and(|m| m.effects.contains(Effects::DATABASE)) && writes_rows(cx, call)
}

/// Whether a function begins a transaction, by a call, a `with` or a decorator, or is named to run in one.
fn begins(cx: &Check<'_>, function: Node<'_>) -> bool {
    let begins = |n: Node<'_>| {
        cx.meaning(n).is_some_and(|m| {
            m.is("begin") || m.is("transaction-function") || m.effects.contains(Effects::BEGINS)
        })
    };
    let spoken = |n: Node<'_>| {
        n.is(Kind::String)
            && n.string().is_some_and(|s| {
                let first = s.trim_start().to_ascii_uppercase();
                first.starts_with("BEGIN") || first.starts_with("START TRANSACTION")
            })
    };
    let named = |n: Node<'_>| {
        n.is(Kind::With)
            && n.all(Role::Item).any(|i| {
                words(i.text())
                    .iter()
                    .any(|w| matches!(w.as_str(), "transaction" | "atomic" | "tx" | "begin"))
            })
    };
    cx.is_decorated(function, "begin")
        || function
            .all(Role::Decorator)
            .any(|d| words(d.text()).iter().any(|w| w.starts_with("transaction") || w == "atomic"))
        || function.descendants().any(|n| n.is(Kind::Call) && begins(n) || spoken(n) || named(n))
}

/// Whether a write is committed by itself, as far as the code at hand tells: what is given a connection may be given a transaction.
fn commits_itself(cx: &Check<'_>, call: Node<'_>) -> bool {
    let Some(how) = cx.meaning(call).and_then(|m| m.property("autocommit")) else { return false };
    let connection = cx.argument(call, "connection").or_else(|| call.callee().and_then(Node::object));
    let Some(connection) = connection else { return false };
    match how {
        "always" => true,
        // Such a connection is the pool's, or may be somebody's transaction.
        _ => {
            let mut bare = connection;
            while let Some(inner) =
                bare.get(Role::Value).filter(|_| matches!(bare.kind(), Kind::Reference | Kind::Dereference))
            {
                bare = inner;
            }
            let named = words(bare.text())
                .iter()
                .any(|w| matches!(w.as_str(), "tx" | "txn" | "trans" | "transaction"));
            let kept = bare.is(Kind::Attribute);
            let told = cx.type_meaning(bare);
            let pool = told.is_some_and(|t| t.is("pool") && !t.is("transaction")) || is_borrowed(cx, bare);
            let transaction = told.is_some_and(|t| t.is("transaction") && !t.is("pool"));
            !named && !transaction && (kept || pool)
        }
    }
}

/// Whether a connection was taken from a pool where it is used: `let client = pool.get().await?`.
fn is_borrowed(cx: &Check<'_>, connection: Node<'_>) -> bool {
    let taken = cx.made_by(connection).filter(|made| !cx.effects(*made).contains(Effects::BEGINS));
    let from = taken.and_then(Node::callee).and_then(Node::object);
    from.and_then(|pool| cx.type_meaning(pool)).is_some_and(|t| t.is("pool"))
}

/// Whether a write follows another on the same way, and uses what that gave, or is about the same thing with nothing else between.
fn belongs_together(cx: &Check<'_>, function: Node<'_>, first: Node<'_>, second: Node<'_>) -> bool {
    let statement = first.statement();
    let Some(block) = statement.parent() else { return false };
    // `if rows.update(count=count + 1): return`: the other is made where this one wrote nothing.
    let leaves = |body: Node<'_>| {
        body.all(Role::Statement).last().is_some_and(|s| matches!(s.kind(), Kind::Return | Kind::Raise))
    };
    if statement.is(Kind::If)
        && statement.get(Role::Condition).is_some_and(|c| first.is_in(c))
        && statement.get(Role::Body).is_some_and(leaves)
    {
        return false;
    }
    if !second.is_in(block)
        || second.is_in(statement)
        || enclosing_loop(first, function) != enclosing_loop(second, function)
    {
        return false;
    }
    let between = || {
        let span = first.fact().end..second.index();
        function.descendants_here().filter(move |n| span.contains(&n.index()))
    };
    // What goes to somebody else takes its time, and cannot be taken back.
    const ELSEWHERE: Effects = Effects::SENDS
        .union(Effects::SLEEPS)
        .union(Effects::PROCESS)
        .union(Effects::INFERS)
        .union(Effects::LANGUAGE_MODEL);
    let elsewhere = between().filter(|n| n.is(Kind::Call)).any(|c| {
        let effects = cx.effects(c);
        effects.intersects(ELSEWHERE)
            || effects.contains(Effects::NETWORK) && !effects.contains(Effects::DATABASE)
    });
    // What a second run finds or goes on with needs nothing to hold it together.
    if elsewhere || is_progress(function, first, second) || repeats(cx, first) && repeats(cx, second) {
        return false;
    }
    let given = given_by(function, first, second);
    let asked: Vec<&str> = subjects(second);
    let shared = subjects(first);
    asked.iter().any(|a| given.contains(a) || shared.contains(a) && !is_plain(a))
}

/// Whether the row that a write made is saved again behind the other write: it says how far the work is, and has to stand from the start.
fn is_progress(function: Node<'_>, first: Node<'_>, second: Node<'_>) -> bool {
    let made = first.ancestors().take_while(|a| *a != function).find(|a| a.is(Kind::Assign));
    let Some(row) = made.and_then(|a| a.get(Role::Target)).filter(|t| t.is(Kind::Name)) else { return false };
    function.descendants_here().any(|n| {
        n.is(Kind::Call)
            && n.index() > second.index()
            && n.callee().is_some_and(|c| {
                matches!(c.name(), "save" | "asave") && c.object().is_some_and(|o| o.text() == row.name())
            })
    })
}

/// Whether a write does nothing where it was done before: `get_or_create`, `bulk_create(.., ignore_conflicts=True)`; or deletes what has become old, which the next run does as well.
fn repeats(cx: &Check<'_>, write: Node<'_>) -> bool {
    let deletes = write.callee().is_some_and(|c| c.name() == "delete");
    let older = |call: Node<'_>| {
        call.arguments().any(|a| a.label().ends_with("__lt") || a.label().ends_with("__lte"))
    };
    cx.meaning(write).is_some_and(|m| m.property("again") == Some("same"))
        || cx.argument(write, "ignores").is_some_and(|a| a.is_boolean(true))
        || deletes && cx.method_chain(write).any(older)
}

/// The names that hold what a write gave, or what was made of that, before another.
fn given_by<'a>(function: Node<'a>, first: Node<'a>, second: Node<'a>) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    let assigns = function
        .descendants_here()
        .filter(|n| n.is(Kind::Assign) && n.operator() == Operator::None && n.index() < second.index());
    for assign in assigns {
        let takes = first.is_in(assign)
            || assign.index() > first.index()
                && assign
                    .all(Role::Value)
                    .flat_map(|v| std::iter::once(v).chain(v.descendants_here()))
                    .any(|n| n.is(Kind::Name) && names.contains(&n.name()));
        if takes {
            let targets = assign.all(Role::Target).filter(|t| t.is(Kind::Name)).map(Node::name);
            names.extend(targets.filter(|n| !is_plain(n)));
        }
    }
    names
}

/// Names that say nothing of what a write is about.
fn is_plain(name: &str) -> bool {
    const PLAIN: [&str; 22] = [
        "_",
        "err",
        "error",
        "ctx",
        "context",
        "cx",
        "self",
        "db",
        "pool",
        "conn",
        "connection",
        "tx",
        "cursor",
        "cur",
        "now",
        "time",
        "user",
        "query",
        "sql",
        "session",
        "timestamp",
        "objects",
    ];
    PLAIN.contains(&name) || name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// The names in the arguments of a call and of the chain that it ends.
fn subjects(call: Node<'_>) -> Vec<&str> {
    let chain = std::iter::successors(Some(call), |c| {
        let mut object = c.callee()?.object()?;
        while let Some(inner) =
            object.get(Role::Value).filter(|_| matches!(object.kind(), Kind::Await | Kind::Propagate))
        {
            object = inner;
        }
        Some(object).filter(|o| o.is(Kind::Call))
    });
    chain
        .flat_map(Node::arguments)
        .flat_map(|a| std::iter::once(a).chain(a.descendants_here()))
        .filter(|n| n.is(Kind::Name))
        .map(Node::name)
        .collect()
}

/// Python: two writes that belong together, each with a commit of its own behind it, in one block.
fn committed_apart<'a>(
    cx: &Check<'_>,
    function: Node<'a>,
    writes: &[Node<'a>],
) -> Option<(Node<'a>, Node<'a>)> {
    if cx.language() != Language::Python {
        return None;
    }
    let is_commit = |n: &Node<'_>| n.is(Kind::Call) && cx.meaning(*n).is_some_and(|m| m.is("commit"));
    let commits: Vec<Node<'_>> = function.descendants_here().filter(is_commit).collect();
    let block = |n: Node<'a>| n.statement().parent();
    writes.windows(2).find_map(|pair| {
        let (first, second) = (pair[0], pair[1]);
        let between = |c: &&Node<'a>| c.index() > first.index() && c.index() < second.index();
        let behind = |c: &&Node<'a>| c.index() > second.index();
        let here = |c: &Node<'a>| block(*c) == block(first);
        let apart = commits.iter().filter(between).any(here) && commits.iter().filter(behind).any(here);
        let together = block(first) == block(second) && belongs_together(cx, function, first, second);
        (apart && together).then_some((first, second))
    })
}

/// Python: a loop over items that writes and commits each: the first write in it, and the commit.
fn committed_each<'a>(
    cx: &Check<'_>,
    function: Node<'a>,
    writes: &[Node<'a>],
) -> Option<(Node<'a>, Node<'a>)> {
    if cx.language() != Language::Python {
        return None;
    }
    let mut commits = function
        .descendants_here()
        .filter(|n| n.is(Kind::Call))
        .filter(|c| cx.meaning(*c).is_some_and(|m| m.is("commit")));
    commits.find_map(|commit| {
        let around = enclosing_loop(commit, function).filter(|l| l.is(Kind::For) && goes_over_items(*l))?;
        // Under a condition it is one in so many.
        let always = commit
            .ancestors()
            .take_while(|a| *a != around)
            .all(|a| !matches!(a.kind(), Kind::If | Kind::Try));
        let first = writes.iter().find(|w| w.is_in(around) && w.index() < commit.index())?;
        let alone = first.ancestors().take_while(|a| *a != around).any(|a| a.is(Kind::Try))
            || around.ancestors().take_while(|a| *a != function).any(|a| a.is(Kind::For));
        (always && !alone).then_some((*first, commit))
    })
}
