use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Kind, Node, Role};
use shipworthy_syntax::Range;

use crate::duty::{Duty, is_fresh};
use crate::error_formats::Formatted;
use crate::ownership::{Fate, Held, fate, indentation};

rule! {
    /// A query's rows are not closed on every way out, or their error is never looked at
    ///
    /// Rows that are not closed keep their connection: it does not go back to the pool, and once the pool is used up every query of the process
    /// waits for ever. It happens on the ways out in the middle of the loop: a row that does not scan, an early return. Write
    /// `defer rows.Close()` right after the error check. The same goes for prepared statements. Only a loop that always reads to the end closes
    /// its rows by itself.
    ///
    /// `rows.Next()` gives `false` at the end and also when the connection breaks in the middle. Only `rows.Err()` tells the two apart:
    /// without it the rows that are missing are taken for rows that do not exist.
    ///
    /// ```go bad
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func names(db *sql.DB) ([]string, error) {
    /// 	rows, err := db.Query("SELECT name FROM users")
    /// 	             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	var names []string
    /// 	for rows.Next() {
    /// 	    ^^^^^^^^^^^
    /// 		var name string
    /// 		if err := rows.Scan(&name); err != nil {
    /// 			return nil, err
    /// 		}
    /// 		names = append(names, name)
    /// 	}
    /// 	return names, nil
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func names(db *sql.DB) ([]string, error) {
    /// 	rows, err := db.Query("SELECT name FROM users")
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
    /// 	if err := rows.Err(); err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return names, nil
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
    /// func ids(db *sql.DB) (ids []int64, err error) {
    /// 	rows, err := db.Query("SELECT id FROM jobs")
    /// 	if err != nil {
    /// 		return nil, fmt.Errorf("store: unable to read jobs: %v", err)
    /// 	}
    /// 	defer rows.Close()
    /// 	for rows.Next() {
    /// 	    ^^^^^^^^^^^
    /// 		var id int64
    /// 		if err := rows.Scan(&id); err != nil {
    /// 			return nil, err
    /// 		}
    /// 		ids = append(ids, id)
    /// 	}
    /// 	return ids, nil
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import (
    /// 	"database/sql"
    /// 	"fmt"
    /// )
    ///
    /// func ids(db *sql.DB) (ids []int64, err error) {
    /// 	rows, err := db.Query("SELECT id FROM jobs")
    /// 	if err != nil {
    /// 		return nil, fmt.Errorf("store: unable to read jobs: %v", err)
    /// 	}
    /// 	defer rows.Close()
    /// 	for rows.Next() {
    /// 		var id int64
    /// 		if err := rows.Scan(&id); err != nil {
    /// 			return nil, err
    /// 		}
    /// 		ids = append(ids, id)
    /// 	}
    /// 	if err := rows.Err(); err != nil {
    /// 		return nil, fmt.Errorf("store: unable to read jobs: %w", err)
    /// 	}
    /// 	return ids, nil
    /// }
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
    /// func exists(ctx context.Context, db *sql.DB, id int) (bool, error) {
    /// 	rows, err := db.QueryContext(ctx, "SELECT 1 FROM users WHERE id = $1", id)
    /// 	             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return false, err
    /// 	}
    /// 	return rows.Next(), rows.Err()
    /// }
    ///
    /// func touch(db *sql.DB, id int) error {
    /// 	_, err := db.Query("UPDATE users SET seen = now() WHERE id = $1", id)
    /// 	          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	return err
    /// }
    ///
    /// func insert(db *sql.DB, names []string) error {
    /// 	stmt, err := db.Prepare("INSERT INTO users (name) VALUES ($1)")
    /// 	             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	for _, name := range names {
    /// 		if _, err := stmt.Exec(name); err != nil {
    /// 			return err
    /// 		}
    /// 	}
    /// 	return stmt.Close()
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func history(db *sql.DB) (ids []int64, err error) {
    /// 	rows, err := db.Query("SELECT id FROM jobs")
    /// 	if err != nil {
    /// 		return
    /// 	}
    /// 	defer rows.Close()
    /// 	for rows.Next() {
    /// 	    ^^^^^^^^^^^
    /// 		var id int64
    /// 		if err = rows.Scan(&id); err != nil {
    /// 			return
    /// 		}
    /// 		ids = append(ids, id)
    /// 	}
    /// 	return ids, nil
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func history(db *sql.DB) (ids []int64, err error) {
    /// 	rows, err := db.Query("SELECT id FROM jobs")
    /// 	if err != nil {
    /// 		return
    /// 	}
    /// 	defer rows.Close()
    /// 	for rows.Next() {
    /// 		var id int64
    /// 		if err = rows.Scan(&id); err != nil {
    /// 			return
    /// 		}
    /// 		ids = append(ids, id)
    /// 	}
    /// 	if err = rows.Err(); err != nil {
    /// 		return
    /// 	}
    /// 	return ids, nil
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
    /// type store struct {
    /// 	insert *sql.Stmt
    /// }
    ///
    /// func names(db *sql.DB) (names []string, err error) {
    /// 	rows, err := db.Query("SELECT name FROM users")
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer func() {
    /// 		_ = rows.Close()
    /// 	}()
    /// 	for rows.Next() {
    /// 		var name string
    /// 		if err := rows.Scan(&name); err != nil {
    /// 			return nil, err
    /// 		}
    /// 		names = append(names, name)
    /// 	}
    /// 	return names, rows.Err()
    /// }
    ///
    /// func count(db *sql.DB) (n int, err error) {
    /// 	rows, err := db.Query("SELECT name FROM users")
    /// 	if err != nil {
    /// 		return 0, err
    /// 	}
    /// 	for rows.Next() {
    /// 		n++
    /// 	}
    /// 	return n, rows.Err()
    /// }
    ///
    /// func (s *store) prepare(db *sql.DB) (err error) {
    /// 	s.insert, err = db.Prepare("INSERT INTO users (name) VALUES ($1)")
    /// 	return err
    /// }
    ///
    /// func all(ctx context.Context, tx *sql.Tx, names []string) error {
    /// 	stmt, err := tx.PrepareContext(ctx, "INSERT INTO users (name) VALUES ($1)")
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	for _, name := range names {
    /// 		if _, err := stmt.ExecContext(ctx, name); err != nil {
    /// 			return err
    /// 		}
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    ///
    /// 	"github.com/jackc/pgx/v5"
    /// )
    ///
    /// type store struct {
    /// 	db         *sql.DB
    /// 	statements map[string]*sql.Stmt
    /// }
    ///
    /// func (s *store) prepared(query string) (*sql.Stmt, error) {
    /// 	if stmt, ok := s.statements[query]; ok {
    /// 		return stmt, nil
    /// 	}
    /// 	stmt, err := s.db.Prepare(query)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	s.statements[query] = stmt
    /// 	return stmt, nil
    /// }
    ///
    /// func (s *store) touch(id int) error {
    /// 	stmt, err := s.prepared("UPDATE users SET seen = now() WHERE id = $1")
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	_, err = stmt.Exec(id)
    /// 	return err
    /// }
    ///
    /// func (s *store) users() ([]user, error) {
    /// 	rows, err := s.db.Query("SELECT * FROM users")
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return scanUsers(rows)
    /// }
    ///
    /// func names(ctx context.Context, conn *pgx.Conn) ([]string, error) {
    /// 	rows, err := conn.Query(ctx, "SELECT name FROM users")
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return pgx.CollectRows(rows, pgx.RowTo[string])
    /// }
    /// ```
    name: "rows-not-closed",
    category: Resources,
    severity: High,
    scope: File,
    fix: { Go: Safe },
    on: [Fact(Kind::Call)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(given) = cx.type_of(call) else { return };
    let Some(result) = cx.resolver().vocabulary().type_of(&given) else { return };
    let rows = result.is("rows");
    // A helper that gives a statement may keep it for the next caller.
    let statement = result.is("statement") && cx.workspace_callee(call).is_none();
    let owned = cx.meaning(call).is_none_or(|m| m.property("owner").is_none());
    if !(rows || statement) || result.close.is_empty() || !owned || !is_fresh(cx, call) {
        return;
    }
    cx.site();
    let held = match fate(cx, call, 0) {
        Fate::Held(held) => Some(held),
        _ => None,
    };
    let mut methods: Vec<&str> = result.close.iter().map(|c| &**c).collect();
    let read = held.and_then(|h| Reading::of(cx, h));
    if let Some(next) = read.as_ref().filter(|r| r.to_the_end()).and_then(|r| r.next.callee()) {
        methods.push(next.name());
    }
    let duty = Duty {
        methods: &methods,
        arguments: "",
        subject: "",
        done: "closed",
        dropped: if rows {
            "the rows are dropped, and never closed"
        } else {
            "the statement is dropped, and never closed"
        },
        keep: "Execute what gives no rows with `Exec`; keep what does, and close it.",
        leaving: "leaves with it open",
        excused: &|_| false,
        why: if rows {
            "Its connection does not go back to the pool, until there are none left and every query waits."
        } else {
            "The database keeps the statement, and its connection's memory grows with each call."
        },
    };
    if let Some(finding) = duty.neglected(cx, call, 0) {
        cx.report(finding);
    }
    if let (Some(held), Some(read)) = (held, read) {
        unasked(cx, held, &read);
    }
}

/// A loop over the rows in a name.
struct Reading<'a> {
    /// The call of `Next` that is its condition.
    next: Node<'a>,
    around: Node<'a>,
}

impl<'a> Reading<'a> {
    fn of(cx: &Check<'_>, held: Held<'a>) -> Option<Self> {
        held.uses().filter_map(called).find_map(|next| {
            let around = next.parent().filter(|p| p.is(Kind::While) && next.role() == Role::Condition)?;
            cx.meaning(next).is_some_and(|m| m.is("next")).then_some(Self { next, around })
        })
    }

    /// Whether nothing leaves the loop before the rows end.
    fn to_the_end(&self) -> bool {
        !self.around.descendants_here().any(|n| matches!(n.kind(), Kind::Return | Kind::Break))
    }
}

/// The call of a method on a name.
fn called(name: Node<'_>) -> Option<Node<'_>> {
    let method = name.parent().filter(|p| p.is(Kind::Attribute) && name.role() == Role::Object)?;
    method.parent().filter(|p| p.is(Kind::Call) && method.role() == Role::Callee)
}

/// Reports a loop after which nobody asks for the rows' error.
fn unasked(cx: &mut Check<'_>, held: Held<'_>, read: &Reading<'_>) {
    let asked = held.uses().filter_map(called).any(|c| cx.meaning(c).is_some_and(|m| m.is("rows-error")));
    if asked || held.story(cx, &[], false).handed_on {
        return;
    }
    let guessed = cx.meaning(held.call).is_some_and(|m| m.guessed);
    let finding = cx
        .finding(read.next, format!("nobody looks at `{}.Err()` after this loop", held.name))
        .why("A connection that breaks ends the loop too: the rows that are missing pass for rows that do not exist.")
        .help(format!("Check `{}.Err()` after the loop.", held.name))
        .related(held.call, "the rows come from here")
        .confidence(if guessed { Confidence::Medium } else { Confidence::High })
        .maybe_fix(ask(cx, held, read));
    cx.report(finding);
}

/// The check after the loop, which leaves as the query's own error check does.
fn ask(cx: &Check<'_>, held: Held<'_>, read: &Reading<'_>) -> Option<Fix> {
    let check = held.certain_from(cx).filter(|c| c.is(Kind::If) && c.get(Role::Else).is_none())?;
    let body = check.get(Role::Body)?;
    let mut statements = body.all(Role::Statement);
    let leaves = statements.next()?.is(Kind::Return) && statements.next().is_none();
    let indent = indentation(read.around).filter(|i| indentation(check) == Some(i))?;
    let (name, error) = (held.name, held.error);
    // A bare `return` gives what is in the named result: the check must not hide that behind a name of its own.
    let is_result =
        |function: Node<'_>| function.all(Role::Result).any(|r| r.is(Kind::Parameter) && r.name() == error);
    let sign = if read.around.function().is_some_and(is_result) && is_bare(body) { "=" } else { ":=" };
    let text = format!("\n{indent}if {error} {sign} {name}.Err(); {error} != nil {}", wrapping(cx, body));
    let fix = Fix::safe(format!("Check `{name}.Err()`")).insert(read.around.range().end, text);
    leaves.then_some(fix)
}

/// Whether a block is a `return` without values.
fn is_bare(body: Node<'_>) -> bool {
    body.get(Role::Statement).is_some_and(|s| s.is(Kind::Return) && s.get(Role::Value).is_none())
}

/// The text of a block, in which what formats an error as text wraps it.
fn wrapping(cx: &Check<'_>, block: Node<'_>) -> String {
    let makes = |n: &Node<'_>| n.is(Kind::Call) && cx.meaning(*n).is_some_and(|m| m.is("makes-error"));
    let formatted = block.descendants().filter(makes).filter_map(|call| Formatted::of(cx, call));
    let mut changes: Vec<(Range, String)> = formatted.flat_map(|formatted| formatted.wrapped()).collect();
    changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let (mut text, start) = (block.text().to_owned(), block.range().start);
    for (range, wrapped) in changes {
        text.replace_range((range.start - start) as usize..(range.end - start) as usize, &wrapped);
    }
    text
}
