use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::program;
use crate::queries::{self, Extent};

rule! {
    /// Rows are fetched only to be counted, summed or filtered
    ///
    /// The database counts a million rows where they lie, with an index in a moment; the program has them all sent, made into objects and kept in
    /// memory for one number. Ask for the number: `COUNT(*)`, `SUM(..)`, `GROUP BY`, a condition in the query.
    ///
    /// Where the rows are used otherwise as well, where the query has a limit or where the condition is one that only the program can tell, nothing is
    /// reported.
    ///
    /// ```python bad
    /// from sqlalchemy.orm import Session
    ///
    /// def open_orders(session: Session):
    ///     orders = session.query(Order).filter(Order.open).all()
    ///              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return len(orders)
    /// ```
    ///
    /// ```python bad
    /// import sqlite3
    ///
    /// def pipeline(connection: sqlite3.Connection):
    ///     rows = connection.execute("SELECT stage, value FROM deals").fetchall()
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     total = 0
    ///     for row in rows:
    ///         total += row[1]
    ///     won = sum(row[1] for row in rows if row[0] == "won")
    ///     return total, won
    /// ```
    ///
    /// ```python bad
    /// from supabase import create_client
    ///
    /// client = create_client("https://db.example.com", "key")
    ///
    /// def unpaid(tenant):
    ///     answer = client.table("invoices").select("*").eq("tenant_id", tenant).execute()
    ///              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return [row for row in answer.data if row["paid"] is False]
    /// ```
    ///
    /// ```python bad
    /// import sqlite3
    ///
    /// def by_stage(connection: sqlite3.Connection):
    ///     sums = {}
    ///     for stage, value in connection.execute("SELECT stage, value FROM deals").fetchall():
    ///                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         sums[stage] = sums.get(stage, 0) + value
    ///     return sums
    /// ```
    ///
    /// ```python bad
    /// from django.db import models
    ///
    /// class Entry(models.Model):
    ///     amount = models.DecimalField(max_digits=14, decimal_places=2)
    ///     account_id = models.IntegerField()
    ///
    /// def spent(account):
    ///     total = 0
    ///     for entry in Entry.objects.filter(account_id=account):
    ///                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         if entry.amount < 0:
    ///             total += entry.amount
    ///     return total
    ///
    /// def all_spent():
    ///     return sum(entry.amount for entry in Entry.objects.filter(account_id=1))
    ///                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// from django.db import models
    ///
    /// class Entry(models.Model):
    ///     amount = models.DecimalField(max_digits=14, decimal_places=2)
    ///     account_id = models.IntegerField()
    ///
    /// def spent(account):
    ///     total = 0
    ///     for entry in Entry.objects.filter(account_id=account):
    ///         total += converted(entry)
    ///     return total
    /// ```
    ///
    /// ```python good
    /// import sqlite3
    ///
    /// def latest(connection: sqlite3.Connection):
    ///     found = {}
    ///     for stage, value in connection.execute("SELECT stage, value FROM deals").fetchall():
    ///         found[stage] = value + 1
    ///     return found
    /// ```
    ///
    /// ```python good
    /// from sqlalchemy import func
    /// from sqlalchemy.orm import Session
    ///
    /// def orders(session: Session):
    ///     count = session.query(Order).count()
    ///     orders = session.query(Order).all()
    ///     if len(orders) > 100:
    ///         warn()
    ///     return orders, count
    /// ```
    ///
    /// ```python good
    /// from sqlalchemy.orm import Session
    ///
    /// def due(session: Session, calendar):
    ///     orders = session.query(Order).all()
    ///     return [order for order in orders if calendar.is_due(order)]
    ///
    /// def some(session: Session):
    ///     return len(session.query(Order).limit(10).all())
    ///
    /// def missing(session: Session, ids):
    ///     found = session.query(Order).filter(Order.id.in_(ids)).all()
    ///     return len(found) != len(ids)
    /// ```
    ///
    /// ```go bad
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func total(db *sql.DB) (int, error) {
    /// 	rows, err := db.Query("SELECT value FROM deals WHERE stage = 'won'")
    /// 	             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return 0, err
    /// 	}
    /// 	defer rows.Close()
    /// 	total := 0
    /// 	for rows.Next() {
    /// 		var value int
    /// 		if err := rows.Scan(&value); err != nil {
    /// 			return 0, err
    /// 		}
    /// 		total += value
    /// 	}
    /// 	return total, rows.Err()
    /// }
    /// ```
    ///
    /// ```go bad
    /// package crm
    ///
    /// import "gorm.io/gorm"
    ///
    /// func count(db *gorm.DB) int {
    /// 	var clients []Client
    /// 	db.Find(&clients)
    /// 	^^^^^^^^^^^^^^^^^
    /// 	return len(clients)
    /// }
    /// ```
    ///
    /// ```go good
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func total(db *sql.DB) (int, error) {
    /// 	rows, err := db.Query("SELECT name, value FROM deals")
    /// 	if err != nil {
    /// 		return 0, err
    /// 	}
    /// 	defer rows.Close()
    /// 	total := 0
    /// 	for rows.Next() {
    /// 		var name string
    /// 		var value int
    /// 		if err := rows.Scan(&name, &value); err != nil {
    /// 			return 0, err
    /// 		}
    /// 		show(name)
    /// 		total += value
    /// 	}
    /// 	return total, rows.Err()
    /// }
    /// ```
    ///
    /// ```go good
    /// package crm
    ///
    /// import "gorm.io/gorm"
    ///
    /// func clients(db *gorm.DB) []Client {
    /// 	var clients []Client
    /// 	db.Find(&clients)
    /// 	if len(clients) > 100 {
    /// 		warn()
    /// 	}
    /// 	return clients
    /// }
    /// ```
    name: "aggregation-in-application",
    category: Performance,
    severity: Medium,
    scope: File,
    on: [Effect(Effects::READS), Fact(Kind::For), Fact(Kind::Comprehension)],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    let node = cx.facts().node(node.index());
    if node.is(Kind::Call) { check_call(cx, node) } else { check_lazy(cx, node) }
}

/// Python: a query that runs when a loop goes over it.
fn check_lazy(cx: &mut Check<'_>, around: Node<'_>) {
    let rows = around.get(Role::Iterable).or_else(|| {
        let mut clauses = around.children().filter(|c| c.is(Kind::Clause));
        clauses.next()?.get(Role::Iterable)
    });
    let Some(rows) = rows.filter(|r| cx.type_meaning(*r).is_some_and(|m| m.is("lazy-rows"))) else { return };
    cx.site();
    let Some(how) = how_used(cx, rows) else { return };
    // What a function makes of each row, no query does.
    let handed_on = rows.parent().and_then(|each| each.get(Role::Target)).is_none_or(|row| {
        let mut uses = around.descendants().filter(|n| n.is(Kind::Name) && n.name() == row.name());
        uses.any(|n| n.role() == Role::Argument)
    });
    // Under a name the rows may be used for more; what is sliced is few.
    if handed_on || !rows.is(Kind::Call) || program::speaks_to_user(cx, rows) || program::is_migration(cx) {
        return;
    }
    let finding = cx
        .finding(rows, format!("the rows of this query are fetched only to be {how}"))
        .why(WHY)
        .help(HELP)
        .confidence(Confidence::Medium);
    cx.report(finding);
}

const WHY: &str = "All of them are sent and kept in memory for what the database tells in one answer.";
const HELP: &str = "Let the query do it: `COUNT`, `SUM`, `GROUP BY`, a condition.";

fn check_call(cx: &mut Check<'_>, call: Node<'_>) {
    let all = cx
        .meaning(call)
        .is_some_and(|m| m.property("rows") == Some("all") && m.effects.contains(Effects::DATABASE));
    if !all {
        return;
    }
    cx.site();
    let use_of_rows = match cx.language() {
        Language::Go => aggregated_in_loop(cx, call).or_else(|| aggregated_destination(cx, call)),
        _ => aggregated(cx, call),
    };
    let Some(how) = use_of_rows else { return };
    // Few rows are as well looked at here.
    let bounded = cx.language() != Language::Go || aggregated_in_loop(cx, call).is_none();
    let bounded = bounded && queries::fetch_all(cx, call).is_none_or(|f| f.extent == Extent::Bounded);
    if bounded || says_few(cx, call) || program::speaks_to_user(cx, call) || program::is_migration(cx) {
        return;
    }
    let callee = call.callee().map_or("", Node::name);
    let finding = cx
        .finding(call, format!("the rows of `{callee}` are fetched only to be {how}"))
        .why(WHY)
        .help(HELP)
        .confidence(Confidence::Medium);
    cx.report(finding);
}

/// Go's rows are not gathered, so what the text says is asked for here.
fn says_few(cx: &Check<'_>, call: Node<'_>) -> bool {
    let text = cx.argument(call, "sql").and_then(Node::string).unwrap_or_default().to_ascii_lowercase();
    ["limit", "group by", " in (", "any("].iter().any(|w| text.contains(w))
}

/// What the rows are only used for.
fn aggregated(cx: &Check<'_>, call: Node<'_>) -> Option<&'static str> {
    let value = value_of(call);
    let parent = value.parent()?;
    if !parent.is(Kind::Assign) {
        return how_used(cx, value);
    }
    let target =
        parent.get(Role::Target).filter(|t| t.is(Kind::Name) && parent.all(Role::Target).count() == 1)?;
    how_all_used(cx, target, value.function()?)
}

/// An expression with what is awaited, taken or defaulted around it: `(await q.execute()).data or []`.
fn value_of(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while let Some(parent) = node.parent() {
        let same = match parent.kind() {
            Kind::Await | Kind::Propagate => true,
            Kind::Attribute => parent.role() != Role::Callee,
            Kind::Binary => {
                parent.operator() == Operator::Or && parent.all(Role::Operand).next() == Some(node)
            }
            _ => false,
        };
        if !same {
            break;
        }
        node = parent;
    }
    node
}

/// What all uses of a name make of its rows: each has to make a number of them, or pick some.
fn how_all_used(cx: &Check<'_>, name: Node<'_>, scope: Node<'_>) -> Option<&'static str> {
    if cx.resolver().bindings(name).len() != 1 {
        return None;
    }
    let uses = scope
        .descendants()
        .filter(|n| n.is(Kind::Name) && n.name() == name.name() && n.index() > name.index());
    let mut how = None;
    for used in uses {
        let used = value_of(used);
        let asks_whether_any = used.parent().is_some_and(|p| {
            p.is(Kind::Unary) && p.operator() == Operator::Not
                || p.is(Kind::If) && used.role() == Role::Condition
        });
        if !asks_whether_any {
            how = Some(how_used(cx, used)?);
        }
    }
    how
}

/// What an expression that holds rows is used for.
fn how_used(cx: &Check<'_>, rows: Node<'_>) -> Option<&'static str> {
    let parent = rows.parent()?;
    let aggregates = |n: Node<'_>| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("aggregates"));
    match (parent.kind(), rows.role()) {
        (Kind::Call, Role::Argument) if aggregates(parent) => Some("counted"),
        (Kind::Clause, Role::Iterable) => {
            let comprehension = parent.parent()?;
            if comprehension.descendants().any(|n| n.is(Kind::Call) && !n.is_in(rows))
                || comprehension.all(Role::Item).count() > 1
            {
                return None;
            }
            if comprehension.parent().is_some_and(aggregates) {
                return Some("summed");
            }
            // Everything that is picked by what the row has.
            let condition = parent.get(Role::Condition)?;
            let plain = condition.is(Kind::Compare) && condition.all(Role::Operand).any(Node::is_literal);
            plain.then_some("filtered")
        }
        (Kind::For, Role::Iterable) => {
            let body: Vec<Node<'_>> = parent.get(Role::Body)?.all(Role::Statement).collect();
            (!body.is_empty() && body.iter().all(|s| accumulates(*s))).then_some("summed")
        }
        _ => None,
    }
}

/// Whether a statement only adds to a number, on a condition or not.
fn accumulates(statement: Node<'_>) -> bool {
    match statement.kind() {
        Kind::Assign => {
            let adds = statement.operator() == Operator::Add || adds_to_group(statement);
            adds && !statement.descendants().any(|n| n.is(Kind::List))
        }
        Kind::If => {
            let parts = statement.all(Role::Body).chain(statement.all(Role::Else));
            let plain = statement
                .get(Role::Condition)
                .is_some_and(|c| !c.descendants().chain([c]).any(|n| n.is(Kind::Call)));
            plain
                && parts
                    .into_iter()
                    .flat_map(|b| if b.is(Kind::If) { vec![b] } else { b.children().collect() })
                    .all(accumulates)
        }
        Kind::Continue => true,
        _ => false,
    }
}

/// `sums[row["stage"]] = sums.get(row["stage"], 0) + row["value"]`: whether an assignment adds to a number under a key.
fn adds_to_group(assign: Node<'_>) -> bool {
    let (Some(target), Some(value)) = (assign.get(Role::Target), assign.get(Role::Value)) else {
        return false;
    };
    let sum = target.is(Kind::Index) && value.is(Kind::Binary) && value.operator() == Operator::Add;
    let Some(before) = value.get(Role::Operand).filter(|_| sum) else { return false };
    let found = before.callee().filter(|c| c.name() == "get").and_then(Node::object);
    before.text() == target.text()
        || found.is_some() && found.map(Node::text) == target.object().map(Node::text)
}

/// Go: a loop over rows that scans, and adds.
fn aggregated_in_loop(cx: &Check<'_>, call: Node<'_>) -> Option<&'static str> {
    let call = cx.facts().node(call.index());
    let around = queries::rows_loop(cx, call)?;
    let scans = |n: Node<'_>| {
        n.descendants().any(|c| c.is(Kind::Call) && cx.meaning(c).is_some_and(|m| m.is("scans")))
    };
    let mut adds = false;
    for statement in around.get(Role::Body)?.all(Role::Statement) {
        let declares = statement.is(Kind::Assign)
            && statement.has(Flags::DECLARES)
            && statement.get(Role::Value).is_none();
        let checks = statement.is(Kind::If)
            && statement.get(Role::Condition).is_some_and(|c| c.text().contains("nil"));
        if declares || scans(statement) || checks {
            continue;
        }
        if !accumulates(statement) {
            return None;
        }
        adds = true;
    }
    adds.then_some("counted or summed")
}

/// Go: a slice that is filled, and only counted.
fn aggregated_destination(cx: &Check<'_>, call: Node<'_>) -> Option<&'static str> {
    let destination = cx.argument(call, "destination")?;
    let name = destination.get(Role::Value).filter(|n| n.is(Kind::Name))?;
    let scope = call.function()?;
    let uses = scope.descendants().filter(|n| {
        n.is(Kind::Name) && n.name() == name.name() && n.index() > name.index() && !n.has(Flags::BINDS)
    });
    let mut how = None;
    for used in uses {
        how = Some(how_used(cx, used)?);
    }
    how
}
