use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Node, Role, is_in_loop};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::ownership::{Fate, Held, fate, first_line, indentation, indented, lines};

rule! {
    /// A transaction that fails is not rolled back
    ///
    /// When a statement between begin and commit fails, the transaction stays open: its locks stay taken, its half-done writes wait in the
    /// connection, and the next one who uses the connection commits them, or gets "current transaction is aborted". Roll back on every way that
    /// does not commit: `defer tx.Rollback()`, the connection's context manager, `except`.
    ///
    /// Closing a connection rolls back, and so does dropping a transaction in Rust.
    ///
    /// ```python bad
    /// import psycopg2
    ///
    /// class Ledger:
    ///     def __init__(self, url):
    ///         self.conn = psycopg2.connect(url)
    ///
    ///     def transfer(self, source, target, amount):
    ///         cursor = self.conn.cursor()
    ///         cursor.execute("UPDATE accounts SET balance = balance - %s WHERE id = %s", (amount, source))
    ///         cursor.execute("UPDATE accounts SET balance = balance + %s WHERE id = %s", (amount, target))
    ///         self.conn.commit()
    ///         ^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import psycopg2
    ///
    /// class Ledger:
    ///     def __init__(self, url):
    ///         self.conn = psycopg2.connect(url)
    ///
    ///     def transfer(self, source, target, amount):
    ///         with self.conn:
    ///             cursor = self.conn.cursor()
    ///             cursor.execute("UPDATE accounts SET balance = balance - %s WHERE id = %s", (amount, source))
    ///             cursor.execute("UPDATE accounts SET balance = balance + %s WHERE id = %s", (amount, target))
    /// ```
    ///
    /// ```python bad
    /// import logging
    ///
    /// def load(conn, rows):
    ///     cursor = conn.cursor()
    ///     for row in rows:
    ///         try:
    ///             cursor.execute("INSERT INTO facts VALUES (%s)", row)
    ///             conn.commit()
    ///             ^^^^^^^^^^^^^
    ///         except Exception:
    ///             logging.exception("row %s", row)
    /// ```
    ///
    /// ```python good
    /// import psycopg2
    ///
    /// class Ledger:
    ///     def __init__(self, url):
    ///         self.conn = psycopg2.connect(url)
    ///
    ///     def book(self, amount):
    ///         with self.conn:
    ///             self.conn.cursor().execute("INSERT INTO bookings VALUES (%s)", (amount,))
    ///             self.conn.commit()
    ///
    ///     def transfer(self, source, amount):
    ///         try:
    ///             cursor = self.conn.cursor()
    ///             cursor.execute("UPDATE accounts SET balance = %s WHERE id = %s", (amount, source))
    ///             self.conn.commit()
    ///         except Exception:
    ///             self.conn.rollback()
    ///             raise
    ///
    ///     def flush(self):
    ///         self.conn.commit()
    /// ```
    ///
    /// ```python good
    /// import contextlib
    /// import sqlite3
    ///
    /// def store(path, rows):
    ///     conn = sqlite3.connect(path)
    ///     try:
    ///         conn.executemany("INSERT INTO facts VALUES (?)", rows)
    ///         conn.commit()
    ///     finally:
    ///         conn.close()
    ///
    /// def rename(session, user, name):
    ///     user.name = name
    ///     session.commit()
    ///
    /// def load(conn, rows):
    ///     for row in rows:
    ///         try:
    ///             conn.execute("INSERT INTO facts VALUES (?)", row)
    ///             conn.commit()
    ///         except sqlite3.Error:
    ///             conn.rollback()
    /// ```
    ///
    /// ```go bad
    /// package bank
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func transfer(ctx context.Context, db *sql.DB, from, to, amount int) error {
    /// 	tx, err := db.BeginTx(ctx, nil)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance - ? WHERE id = ?", amount, from); err != nil {
    /// 		return err
    /// 	}
    /// 	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance + ? WHERE id = ?", amount, to); err != nil {
    /// 		return err
    /// 	}
    /// 	return tx.Commit()
    /// 	       ^^^^^^^^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package bank
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func transfer(ctx context.Context, db *sql.DB, from, to, amount int) error {
    /// 	tx, err := db.BeginTx(ctx, nil)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer tx.Rollback()
    /// 	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance - ? WHERE id = ?", amount, from); err != nil {
    /// 		return err
    /// 	}
    /// 	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance + ? WHERE id = ?", amount, to); err != nil {
    /// 		return err
    /// 	}
    /// 	return tx.Commit()
    /// }
    /// ```
    ///
    /// ```go bad
    /// package bank
    ///
    /// import (
    /// 	"context"
    ///
    /// 	"github.com/jackc/pgx/v5/pgxpool"
    /// )
    ///
    /// func book(ctx context.Context, pool *pgxpool.Pool, check func() error) error {
    /// 	tx, err := pool.Begin(ctx)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	if err := insert(ctx, tx); err != nil {
    /// 		tx.Rollback(ctx)
    /// 		return err
    /// 	}
    /// 	if err := check(); err != nil {
    /// 		return err
    /// 	}
    /// 	return tx.Commit(ctx)
    /// 	       ^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package bank
    ///
    /// import "database/sql"
    ///
    /// func transfer(db *sql.DB, amount int) error {
    /// 	tx, err := db.Begin()
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer tx.Rollback()
    /// 	if _, err := tx.Exec("UPDATE accounts SET balance = ?", amount); err != nil {
    /// 		return err
    /// 	}
    /// 	return tx.Commit()
    /// }
    ///
    /// func begin(db *sql.DB) (*unit, error) {
    /// 	tx, err := db.Begin()
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return &unit{tx: tx}, nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package bank
    ///
    /// import "database/sql"
    ///
    /// func within(db *sql.DB, work func(*sql.Tx) error) (err error) {
    /// 	tx, err := db.Begin()
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer func() {
    /// 		if err != nil {
    /// 			tx.Rollback()
    /// 		}
    /// 	}()
    /// 	if err = work(tx); err != nil {
    /// 		return err
    /// 	}
    /// 	return tx.Commit()
    /// }
    ///
    /// func book(db *sql.DB) error {
    /// 	tx, err := db.Begin()
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	if _, err := tx.Exec("INSERT INTO bookings VALUES (1)"); err != nil {
    /// 		_ = tx.Rollback()
    /// 		return err
    /// 	}
    /// 	return tx.Commit()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use rusqlite::Connection;
    ///
    /// fn transfer(conn: &Connection, from: i64, amount: i64) -> rusqlite::Result<()> {
    ///     conn.execute("BEGIN", [])?;
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     conn.execute("UPDATE accounts SET balance = balance - ?1 WHERE id = ?2", [amount, from])?;
    ///     conn.execute("COMMIT", [])?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn transfer(conn: &mut sqlx::PgConnection, amount: i64) -> Result<(), sqlx::Error> {
    ///     sqlx::query("BEGIN").execute(&mut *conn).await?;
    ///     ^^^^^^^^^^^^^^^^^^^^
    ///     sqlx::query("UPDATE accounts SET balance = $1").bind(amount).execute(&mut *conn).await?;
    ///     sqlx::query("COMMIT").execute(&mut *conn).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn transfer(pool: &sqlx::PgPool, amount: i64) -> Result<(), sqlx::Error> {
    ///     let mut tx = pool.begin().await?;
    ///     sqlx::query("UPDATE accounts SET balance = $1").bind(amount).execute(&mut *tx).await?;
    ///     tx.commit().await
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn transfer(conn: &rusqlite::Connection, amount: i64) -> rusqlite::Result<()> {
    ///     conn.execute("BEGIN", [])?;
    ///     match conn.execute("UPDATE accounts SET balance = ?1", [amount]) {
    ///         Ok(_) => conn.execute("COMMIT", [])?,
    ///         Err(error) => {
    ///             conn.execute("ROLLBACK", [])?;
    ///             return Err(error);
    ///         }
    ///     };
    ///     Ok(())
    /// }
    ///
    /// fn begin(conn: &rusqlite::Connection) -> rusqlite::Result<usize> {
    ///     conn.execute("BEGIN", [])
    /// }
    /// ```
    name: "transaction-without-rollback",
    category: Data,
    severity: High,
    scope: File,
    fix: { Python: Suggested, Go: Safe },
    on: [Role("begin"), Role("commit"), Effect(Effects::EXECUTES_SQL)],
    check: check,
}

const WHY: &str =
    "Its locks stay taken, and its half-done writes are left to whoever uses the connection next.";

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call) else { return };
    let (begin, commit) = (meaning.is("begin"), meaning.is("commit"));
    match cx.language() {
        Language::Go if begin => begun(cx, call),
        Language::Python if commit => committed(cx, call),
        // Dropped, a transaction rolls back.
        Language::Rust if begin => cx.site(),
        _ if !begin && !commit => spoken(cx, call),
        _ => {}
    }
}

/// Go: a transaction in a name.
fn begun(cx: &mut Check<'_>, call: Node<'_>) {
    cx.site();
    let Fate::Held(held) = fate(cx, call, 0) else { return };
    let calls = || held.scope.descendants().filter(|n| n.is(Kind::Call) && n.index() > call.index());
    let on_it = |n: &Node<'_>| n.callee().and_then(Node::object).is_some_and(|o| o.name() == held.name);
    let ending = |role: &str| calls().filter(on_it).find(|n| cx.meaning(*n).is_some_and(|m| m.is(role)));
    let (commit, rollback) = (ending("commit"), ending("rollback"));
    let methods: Vec<&str> =
        [commit, rollback].into_iter().flatten().filter_map(Node::callee).map(Node::name).collect();
    let story = held.story(cx, &methods, true);
    // Who neither commits nor rolls back works for somebody who does.
    let Some(end) = commit.or(rollback) else { return };
    if story.leaks.is_empty() || story.handed_on {
        return;
    }
    let mut finding = cx
        .finding(end, format!("`{}` is not rolled back on every way out", held.name))
        .why(WHY)
        .help(format!(
            "Write `defer {}.Rollback()` right after the begin; after a commit it does nothing.",
            held.name
        ))
        .related(call, "it begins here")
        .maybe_fix(deferred(cx, held, rollback));
    for leak in story.leaks.iter().take(3).filter(|l| l.is(Kind::Return)) {
        finding = finding.related(first_line(*leak), "leaves with the transaction open");
    }
    cx.report(finding);
}

/// Only where no rollback stands yet.
fn deferred(cx: &Check<'_>, held: Held<'_>, rollback: Option<Node<'_>>) -> Option<Fix> {
    if rollback.is_some() {
        return None;
    }
    let class = cx.type_of(held.call)?;
    let method = cx.resolver().vocabulary().call(&format!("{class}.Rollback"))?;
    let context = match method.argument("context") {
        Some(_) => cx.argument(held.call, "context")?.text(),
        None => "",
    };
    held.defer_of(cx, "Roll back with defer", &format!("{}.Rollback({context})", held.name))
}

/// Python: a commit of a connection that outlives it.
fn committed(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(object) = call.callee().and_then(Node::object) else { return };
    let (Some(receiver), Some(function)) = (object.dotted(), call.function()) else { return };
    cx.site();
    let on_it = |n: Node<'_>, roles: &[&str]| {
        n.is(Kind::Call)
            && n.callee().and_then(Node::object).and_then(Node::dotted).as_deref() == Some(&*receiver)
            && (cx.meaning(n).is_some_and(|m| roles.iter().any(|r| m.is(r)))
                || n.callee().is_some_and(|c| roles.contains(&c.name())))
    };
    let ends = |part: Node<'_>, roles: &[&str]| part.descendants().any(|n| on_it(n, roles));
    // Any `with` around may be what commits and rolls back.
    if call.ancestors().take_while(|a| *a != function).any(|a| a.is(Kind::With)) {
        return;
    }
    let tries: Vec<Node<'_>> =
        call.ancestors().take_while(|a| *a != function).filter(|a| a.is(Kind::Try)).collect();
    let answered = tries.iter().any(|t| {
        t.all(Role::Handler).any(|h| ends(h, &["rollback", "close"]))
            || t.get(Role::Finally).is_some_and(|f| ends(f, &["rollback", "close"]))
    });
    if answered || ends(function, &["rollback"]) {
        return;
    }
    let guessed = cx.meaning(call).is_some_and(|m| m.guessed);
    let swallowed = tries.iter().any(|t| {
        is_in_loop(*t, function)
            && t.all(Role::Handler).all(|h| {
                !h.descendants_here().any(|n| matches!(n.kind(), Kind::Raise | Kind::Return | Kind::Break))
            })
            && t.get(Role::Handler).is_some()
    });
    // A name of the function's own goes with it; what somebody else owns is theirs to roll back.
    let shared = object.is(Kind::Attribute) && is_connection(cx, object);
    let work: Vec<Node<'_>> = function
        .descendants_here()
        .filter(|n| n.is(Kind::Call) && n.index() < call.index())
        .filter(|n| cx.meaning(*n).is_some_and(|m| m.effects.contains(Effects::EXECUTES_SQL)))
        .collect();
    if work.is_empty() || !(swallowed || shared && tries.is_empty()) {
        return;
    }
    let message = if swallowed {
        format!("the error is caught, and `{receiver}` is not rolled back")
    } else {
        format!("`{receiver}` is not rolled back when the work before this commit fails")
    };
    let finding = cx
        .finding(call, message)
        .why(WHY)
        .help(format!(
            "Work inside `with {receiver}:`, or call `{receiver}.rollback()` where the error is handled."
        ))
        .confidence(if guessed { Confidence::Medium } else { Confidence::High })
        .maybe_fix(if swallowed { None } else { with(cx, call, object) });
    cx.report(finding);
}

/// A driver's connection: sessions of web frameworks are rolled back by those.
fn is_connection(cx: &Check<'_>, object: Node<'_>) -> bool {
    match cx.type_meaning(object) {
        Some(described) => described.property("with") == Some("transaction"),
        None => words(object.name()).iter().any(|w| w.starts_with("conn")),
    }
}

/// `with connection:` around the block up to the commit; only where that commits and rolls back.
fn with(cx: &Check<'_>, commit: Node<'_>, object: Node<'_>) -> Option<Fix> {
    cx.type_meaning(object).filter(|t| t.property("with") == Some("transaction"))?;
    let block =
        commit.parent().filter(|b| commit.role() == Role::Statement && b.parent() == commit.function())?;
    let before: Vec<Node<'_>> = block.all(Role::Statement).take_while(|s| *s != commit).collect();
    let first = before.iter().find(|s| !matches!(s.kind(), Kind::String))?;
    let start = lines(*first)?.start;
    let indent = indentation(*first)?;
    let mut fix = Fix::suggested("Use the connection's context manager");
    fix = fix.insert(start, format!("{indent}with {}:\n", object.text()));
    for statement in before.iter().skip_while(|s| *s != first) {
        fix = indented(fix, *statement)?;
    }
    Some(fix.replace(lines(commit)?, ""))
}

/// A transaction in SQL text: `BEGIN` and `COMMIT` without a `ROLLBACK`, and a way out in between.
fn spoken(cx: &mut Check<'_>, call: Node<'_>) {
    let says = |n: Node<'_>, word: &str| {
        n.is(Kind::String)
            && n.string().is_some_and(|s| {
                let text = s.trim_start().to_ascii_uppercase();
                text.starts_with(word) && !text.trim_end().trim_end_matches(';').contains(';')
            })
    };
    let Some(sql) = cx.argument(call, "sql") else { return };
    if !says(sql, "BEGIN") && !says(sql, "START TRANSACTION") {
        return;
    }
    let Some(function) = call.function() else { return };
    cx.site();
    let text = |word: &str| function.descendants().find(|n| n.index() > call.index() && says(*n, word));
    let (Some(commit), None) = (text("COMMIT").or_else(|| text("END")), text("ROLLBACK")) else { return };
    let leaves = |n: &Node<'_>| {
        let past_own = n.index() >= call.fact().end && n.index() < commit.index();
        past_own
            && match cx.language() {
                Language::Python => n.is(Kind::Call),
                _ => matches!(n.kind(), Kind::Propagate | Kind::Return),
            }
            && !commit.is_in(*n)
    };
    let Some(leak) = function.descendants_here().find(leaves) else { return };
    let finding = cx
        .finding(call, "the transaction that begins here is not rolled back when the work in it fails")
        .why(WHY)
        .help("Use the library's transaction, or execute `ROLLBACK` where the work fails.")
        .related(first_line(leak), "a failure here leaves the transaction open");
    cx.report(finding);
}
