use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Role};

use crate::{program, queries};

rule! {
    /// The same query runs twice
    ///
    /// The second query asks the database for what the first has just told: a round trip for nothing, and, where somebody wrote between the two,
    /// two answers that disagree. Keep the first result.
    ///
    /// Both must run on one way through the function, ask the same with the same values, and have nothing between them that may change the answer:
    /// a write, a commit, a pause, an assignment to what they ask with. Where something in between cannot be looked into, the finding is of low
    /// confidence.
    ///
    /// ```python bad
    /// from sqlalchemy.orm import Session
    ///
    /// def ticket(session: Session, key):
    ///     ticket = session.query(Ticket).filter(Ticket.key == key).first()
    ///     if ticket is None:
    ///         return None
    ///     return session.query(Ticket).filter(Ticket.key == key).first().title
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// from sqlalchemy.orm import Session
    ///
    /// def ticket(session: Session, key):
    ///     ticket = session.query(Ticket).filter(Ticket.key == key).first()
    ///     if ticket is None:
    ///         return None
    ///     return ticket.title
    /// ```
    ///
    /// ```python bad
    /// import sqlite3
    ///
    /// class Tickets:
    ///     def __init__(self, connection: sqlite3.Connection):
    ///         self.connection = connection
    ///
    ///     def find(self, key):
    ///         return self.connection.execute("SELECT * FROM tickets WHERE key = ?", (key,)).fetchone()
    ///
    ///     def answer(self, key, text):
    ///         if not self.find(key):
    ///             return None
    ///         ticket = self.find(key)
    ///                  ^^^^^^^^^^^^^^
    ///         return ticket, text
    /// ```
    ///
    /// ```python good
    /// from sqlalchemy.orm import Session
    ///
    /// def ticket(session: Session, key, other):
    ///     first = session.query(Ticket).filter(Ticket.key == key).first()
    ///     first.open = False
    ///     session.commit()
    ///     second = session.query(Ticket).filter(Ticket.key == key).first()
    ///     key = other
    ///     return session.query(Ticket).filter(Ticket.key == key).first(), first, second
    /// ```
    ///
    /// ```python good
    /// import sqlite3
    ///
    /// def rows(connection: sqlite3.Connection, key, full):
    ///     cursor = connection.cursor()
    ///     if full:
    ///         cursor.execute("SELECT * FROM tickets WHERE key = ?", (key,))
    ///     else:
    ///         cursor.execute("SELECT * FROM tickets WHERE key = ?", (key,))
    ///     first = cursor.fetchone()
    ///     second = cursor.fetchone()
    ///     cursor.execute("INSERT INTO seen VALUES (?)", (key,))
    ///     cursor.execute("INSERT INTO seen VALUES (?)", (key,))
    ///     return first, second
    /// ```
    ///
    /// ```python good
    /// import sqlite3
    ///
    /// def move(connection: sqlite3.Connection, migrate):
    ///     before = connection.execute("SELECT count(*) FROM tickets WHERE old = ?", (1,)).fetchone()
    ///     copy(connection, migrate)
    ///     after = connection.execute("SELECT count(*) FROM tickets WHERE old = ?", (1,)).fetchone()
    ///     return before, after
    ///
    /// def copy(connection, migrate):
    ///     migrate(connection)
    /// ```
    ///
    /// A command that is run by hand.
    ///
    /// ```python good file=shop/models.py
    /// from django.db import models
    ///
    /// class Order(models.Model):
    ///     name = models.TextField()
    /// ```
    /// ```python good file=shop/management/commands/measure.py
    /// from django.core.management.base import BaseCommand
    ///
    /// from shop.models import Order
    ///
    /// class Command(BaseCommand):
    ///     def handle(self, *args, **options):
    ///         self.measure("/orders/1", f"{Order.objects.get(pk=1).lines.count()} lines")
    ///         self.measure("/orders/1/print", f"{Order.objects.get(pk=1).lines.count()} lines")
    /// ```
    ///
    /// ```go bad
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func title(db *sql.DB, key string) (string, error) {
    /// 	var open bool
    /// 	if err := db.QueryRow("SELECT open, title FROM tickets WHERE key = $1", key).Scan(&open); err != nil {
    /// 		return "", err
    /// 	}
    /// 	var title string
    /// 	err := db.QueryRow("SELECT open, title FROM tickets WHERE key = $1", key).Scan(&title)
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	return title, err
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
    /// func (s *Store) find(key string) *sql.Row {
    /// 	return s.db.QueryRow("SELECT title FROM tickets WHERE key = $1", key)
    /// }
    ///
    /// func (s *Store) show(key string) (*sql.Row, *sql.Row) {
    /// 	first := s.find(key)
    /// 	second := s.find(key)
    /// 	          ^^^^^^^^^^^
    /// 	return first, second
    /// }
    /// ```
    ///
    /// ```go good
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func title(db *sql.DB, key string) (*sql.Row, *sql.Row) {
    /// 	first := db.QueryRow("SELECT title FROM tickets WHERE key = $1", key)
    /// 	db.Exec("UPDATE tickets SET title = 'x' WHERE key = $1", key)
    /// 	return first, db.QueryRow("SELECT title FROM tickets WHERE key = $1", key)
    /// }
    /// ```
    ///
    /// ```go good
    /// package crm
    ///
    /// import (
    /// 	"database/sql"
    /// 	"time"
    /// )
    ///
    /// func wait(db *sql.DB, key string) *sql.Row {
    /// 	db.QueryRow("SELECT state FROM jobs WHERE key = $1", key)
    /// 	time.Sleep(time.Second)
    /// 	return db.QueryRow("SELECT state FROM jobs WHERE key = $1", key)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn title(pool: &sqlx::PgPool, key: &str) -> sqlx::Result<Row> {
    ///     let found = sqlx::query("SELECT * FROM tickets WHERE key = $1").bind(key).fetch_optional(pool).await?;
    ///     if found.is_none() {
    ///         return Err(sqlx::Error::RowNotFound);
    ///     }
    ///     let again = sqlx::query("SELECT * FROM tickets WHERE key = $1").bind(key).fetch_optional(pool).await?;
    ///                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     Ok(again)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn find(pool: &sqlx::PgPool, key: &str) -> sqlx::Result<Row> {
    ///     sqlx::query("SELECT * FROM tickets WHERE key = $1").bind(key).fetch_one(pool).await
    /// }
    ///
    /// async fn answer(pool: &sqlx::PgPool, key: &str) -> sqlx::Result<(Row, Row)> {
    ///     let first = find(pool, key).await?;
    ///     let second = find(pool, key).await?;
    ///                  ^^^^^^^^^^^^^^^
    ///     Ok((first, second))
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn title(pool: &sqlx::PgPool, key: &str) -> sqlx::Result<()> {
    ///     let first = sqlx::query("SELECT * FROM tickets WHERE key = $1").bind(key).fetch_one(pool).await?;
    ///     sqlx::query("UPDATE tickets SET open = false WHERE key = $1").bind(key).execute(pool).await?;
    ///     let second = sqlx::query("SELECT * FROM tickets WHERE key = $1").bind(key).fetch_one(pool).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn title(pool: &sqlx::PgPool, key: &str, other: &str) -> sqlx::Result<()> {
    ///     match key {
    ///         "" => sqlx::query("SELECT * FROM tickets WHERE key = $1").bind(key).fetch_one(pool).await?,
    ///         _ => sqlx::query("SELECT * FROM tickets WHERE key = $1").bind(key).fetch_one(pool).await?,
    ///     };
    ///     sqlx::query("SELECT * FROM tickets WHERE key = $1").bind(other).fetch_one(pool).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"database/sql"
    /// 	"fmt"
    /// )
    ///
    /// type Instance struct {
    /// 	db     *sql.DB
    /// 	flavor string
    /// }
    ///
    /// func (i *Instance) load() bool {
    /// 	return i.db.QueryRow("SELECT VERSION()").Scan(&i.flavor) == nil
    /// }
    ///
    /// func (i *Instance) Flavor() string {
    /// 	if i.flavor == "" {
    /// 		i.load()
    /// 	}
    /// 	return i.flavor
    /// }
    ///
    /// func (i *Instance) SetRedoLog() error {
    /// 	if i.Flavor() != "mysql" {
    /// 		return fmt.Errorf("cannot change the redo log of %s", i.Flavor())
    /// 	}
    /// 	return nil
    /// }
    /// ```
    name: "duplicate-query",
    category: Performance,
    severity: Medium,
    scope: File,
    fix: { Python: Suggested },
    on: [Effect(Effects::READS), Effect(Effects::EXECUTES_SQL), Reach(Effects::READS)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    if !reads(cx, call) {
        return;
    }
    cx.site();
    // What an answer goes on with is the outer call's query.
    let text = squeezed(call);
    let Some(scope) = call.function() else { return };
    let before = scope
        .descendants_here()
        .filter(|n| n.is(Kind::Call) && n.index() < call.index() && squeezed(*n) == text);
    let earlier: Vec<Node<'_>> = before.filter(|n| always_before(*n, call) && reads(cx, *n)).collect();
    let Some(first) = earlier.last().copied() else { return };
    if asks_anew(cx, call) || program::is_migration(cx) {
        return;
    }
    let Some(confidence) = still_true(cx, first, call, scope) else { return };
    let confidence = if program::runs_now_and_then(cx, call) { Confidence::Low } else { confidence };
    let callee = call.callee().map_or("", Node::name);
    let finding = cx
        .finding(call, format!("`{callee}` runs a query whose answer is known"))
        .why("It is a round trip for nothing, and its answer may not be the one that was decided on.")
        .help("Keep the first result.")
        .related(first, "the same query")
        .confidence(confidence)
        .maybe_fix(fix(first, call));
    cx.report(finding);
}

/// Whether a call reads from a database: a query, or a function of the workspace that only reads.
fn reads(cx: &Check<'_>, call: Node<'_>) -> bool {
    if cx.meaning(call).is_some() {
        return queries::asks(cx, call) && cx.method_chain(call).any(|c| c.arguments().next().is_some());
    }
    let Some(path) = cx.workspace_callee(call) else { return false };
    let reach = cx.workspace().reach(&path);
    let function = cx.workspace().function(&path);
    let kept = function.is_some_and(|f| {
        let cached = |d: &str| cx.resolver().vocabulary().call(d).is_some_and(|m| m.is("cache-decorator"));
        f.is_generator || f.decorators.iter().any(|d| cached(d))
    });
    let changes = Effects::WRITES
        | Effects::COMMITS
        | Effects::ROLLS_BACK
        | Effects::CACHES
        | Effects::RANDOM
        | Effects::SLEEPS;
    // What asks only where it does not know the answer yet keeps it: `if i.flavor == "" { i.load() }`.
    let asks = || !cx.certain_chain(&path, Effects::READS).is_empty();
    reach.contains(Effects::READS | Effects::DATABASE) && !reach.intersects(changes) && !kept && asks()
}

/// A call's text without the spaces that layout puts into it.
fn squeezed(call: Node<'_>) -> String {
    call.text().chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether every way to a call leads over an earlier one: its statement stands in a block around, and it runs whenever that does.
fn always_before(earlier: Node<'_>, later: Node<'_>) -> bool {
    let mut inner = earlier;
    for outer in earlier.ancestors() {
        if later.is_in(outer) {
            // They part here. A condition runs before what hangs on it.
            let head = matches!(
                inner.role(),
                Role::Condition | Role::Initializer | Role::Subject | Role::Item | Role::Iterable
            );
            let listed = outer.is(Kind::Block) && inner.role() == Role::Statement;
            let compound = matches!(
                inner.kind(),
                Kind::Assign | Kind::Call | Kind::Await | Kind::If | Kind::Return | Kind::Propagate
            );
            return head || listed && compound;
        }
        let sure = match outer.kind() {
            Kind::If => matches!(inner.role(), Role::Condition | Role::Initializer),
            Kind::Binary => outer.all(Role::Operand).next() == Some(inner),
            Kind::Conditional => inner.role() == Role::Condition,
            Kind::For
            | Kind::While
            | Kind::Match
            | Kind::Try
            | Kind::Lambda
            | Kind::Comprehension
            | Kind::Arm
            | Kind::Handler => false,
            Kind::Defer | Kind::Spawn => false,
            _ => true,
        };
        if !sure {
            return false;
        }
        inner = outer;
    }
    false
}

/// Whether a query asks for something else each time: `filter(Job.due < now())`.
fn asks_anew(cx: &Check<'_>, call: Node<'_>) -> bool {
    let chain: Vec<Node<'_>> = cx.method_chain(call).collect();
    let inner = call.descendants().filter(|n| n.is(Kind::Call) && !chain.contains(n));
    inner.into_iter().any(|n| {
        n.arguments().next().is_none() || cx.effects(n).intersects(Effects::RANDOM | Effects::SECURE_RANDOM)
    })
}

/// How sure it is that nothing between two calls changes the answer; none where something does.
fn still_true(cx: &Check<'_>, first: Node<'_>, second: Node<'_>, scope: Node<'_>) -> Option<Confidence> {
    let between = || {
        scope.descendants().filter(|n| {
            n.index() > first.index() && n.index() < second.index() && !second.is_in(*n) && !n.is_in(first)
        })
    };
    let used: Vec<&str> = second.descendants().filter(|n| n.is(Kind::Name)).map(Node::name).collect();
    let rebound = |n: Node<'_>| {
        n.is(Kind::Name) && n.has(Flags::BINDS) && used.contains(&n.name())
            || n.is(Kind::Assign)
                && n.all(Role::Target).any(|t| matches!(t.kind(), Kind::Attribute | Kind::Index))
            || matches!(n.kind(), Kind::Delete | Kind::Receive)
    };
    if between().any(rebound) {
        return None;
    }
    let changes = Effects::WRITES
        | Effects::COMMITS
        | Effects::ROLLS_BACK
        | Effects::BEGINS
        | Effects::SLEEPS
        | Effects::LOCKS
        | Effects::CHANNEL
        | Effects::SENDS
        | Effects::PROCESS;
    let mut sure = Confidence::Medium;
    for call in between().filter(|n| n.is(Kind::Call)) {
        let effects = cx.effects(call);
        let other_sql = effects.contains(Effects::EXECUTES_SQL)
            && !effects.contains(Effects::READS)
            && !queries::asks(cx, call);
        if effects.intersects(changes) || other_sql {
            return None;
        }
        // What nobody knows may write, and so may a function that calls what nobody knows.
        let known = cx.meaning(call).is_some() || is_plain(cx, call);
        if !known {
            sure = Confidence::Low;
        }
    }
    Some(sure)
}

/// A call of what the language has by itself, a constructor, or a method of an answer: it changes no database.
fn is_plain(cx: &Check<'_>, call: Node<'_>) -> bool {
    let Some(callee) = call.callee() else { return false };
    let bare = callee.is(Kind::Name) && cx.environment().lookup(callee.name()).is_none();
    let made = cx.workspace_callee(call).is_none() && cx.type_of(call).is_some();
    bare || made
        || call.has(Flags::MACRO)
        || matches!(callee.name(), "is_none" | "is_some" | "get" | "keys" | "items" | "len")
}

fn fix(first: Node<'_>, second: Node<'_>) -> Option<Fix> {
    let assign = whole(first).parent().filter(|p| p.is(Kind::Assign))?;
    let target =
        assign.get(Role::Target).filter(|t| t.is(Kind::Name) && assign.all(Role::Target).count() == 1)?;
    let python = first.language() == shipworthy_syntax::Language::Python;
    python.then(|| Fix::suggested("Use the first result").replace(whole(second), target.name()))
}

/// A call with its `await`.
fn whole(call: Node<'_>) -> Node<'_> {
    call.parent().filter(|p| p.is(Kind::Await)).unwrap_or(call)
}
