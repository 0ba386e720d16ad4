use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, Safety, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Origin, Role, enclosing_loop};
use shipworthy_syntax::Language;

use crate::loops::{clause, goes_over_items, uses};
use crate::names::words;
use crate::values::{Given, given, is_constant_name};

rule! {
    /// A loop goes through a collection for each item
    ///
    /// The collection is gone through once for every item of the loop: a thousand of each are a million steps, ten thousand a hundred million. What
    /// ran well in the test stands still with real data. Look things up in a set or map that is built once before the loop; take from the front of a
    /// queue (`collections.deque`, `VecDeque`); join texts once at the end.
    ///
    /// What comes from a database grows, and so does what a loop numbers itself. What code is given or puts together may stay short for ever:
    /// such findings are of low confidence. Constants, configuration and what is written down are left alone.
    ///
    /// ```python bad
    /// from sqlalchemy.orm import Session
    ///
    /// def unique(session: Session):
    ///     seen = []
    ///     for row in session.query(Order).all():
    ///         if row.key not in seen:
    ///            ^^^^^^^^^^^^^^^^^^^
    ///             seen.append(row.key)
    ///             yield row
    /// ```
    /// ```python fixed
    /// from sqlalchemy.orm import Session
    ///
    /// def unique(session: Session):
    ///     seen = set()
    ///     for row in session.query(Order).all():
    ///         if row.key not in seen:
    ///             seen.add(row.key)
    ///             yield row
    /// ```
    ///
    /// A loop that numbers what it goes over is one over data.
    ///
    /// ```python bad
    /// def ranked(passages, score):
    ///     chosen = []
    ///     for candidate in sorted(range(len(passages)), key=score):
    ///         if candidate not in chosen:
    ///            ^^^^^^^^^^^^^^^^^^^^^^^
    ///             chosen.append(candidate)
    ///     return chosen
    /// ```
    ///
    /// The first of each of a list that a function spells out is short as a rule.
    ///
    /// ```python good
    /// import os
    ///
    /// def tokens(request):
    ///     candidates = [request.header, request.cookie]
    ///     found = []
    ///     for candidate in candidates:
    ///         if candidate not in found:
    ///             found.append(candidate)
    ///     return found
    ///
    /// def wait(processes):
    ///     numbers = [process.pid for process in processes]
    ///     while True:
    ///         number, _ = os.wait()
    ///         if number in numbers:
    ///             return number
    /// ```
    ///
    /// ```python bad
    /// from sqlalchemy.orm import Session
    ///
    /// def overdue(session: Session, payments):
    ///     paid = [f"{payment.invoice}" for payment in payments]
    ///     return [invoice for invoice in session.query(Invoice).all() if invoice.name not in paid]
    ///                                                                    ^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// from sqlalchemy.orm import Session
    ///
    /// def overdue(session: Session, payments):
    ///     paid = {f"{payment.invoice}" for payment in payments}
    ///     return [invoice for invoice in session.query(Invoice).all() if invoice.name not in paid]
    /// ```
    ///
    /// ```python bad
    /// from sqlalchemy.orm import Session
    ///
    /// def render(session: Session):
    ///     text = b""
    ///     for row in session.query(Order).all():
    ///         text += row.name
    ///         ^^^^^^^^^^^^^^^^
    ///         text += b"\n"
    ///     return text
    ///
    /// def match(session: Session, orders):
    ///     customers = session.query(Customer).all()
    ///     for order in orders:
    ///         for customer in customers:
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///             if customer.id == order.customer_id:
    ///                 order.customer = customer
    ///                 break
    /// ```
    ///
    /// What a function is given may be short.
    ///
    /// ```python good
    /// def unique(rows):
    ///     seen = []
    ///     for row in rows:
    ///         if row.key not in seen:
    ///             seen.append(row.key)
    ///             yield row
    ///
    /// def message(problems):
    ///     text = b""
    ///     for problem in problems:
    ///         text += problem.name
    ///     return text
    ///
    /// def walk(root):
    ///     queue = [root]
    ///     while queue:
    ///         node = queue.pop(0)
    ///         queue.extend(node.children)
    /// ```
    ///
    /// ```python good
    /// def unique(rows):
    ///     seen = set()
    ///     for row in rows:
    ///         if row.key not in seen:
    ///             seen.add(row.key)
    ///             yield row
    ///
    /// def known(rows):
    ///     kinds = ["order", "invoice"]
    ///     return [row for row in rows if row.kind in kinds or row.kind in ["offer"]]
    ///
    /// def total(rows):
    ///     total = 0
    ///     for row in rows:
    ///         total += row.price
    ///     return total
    ///
    /// def found(tables, kind):
    ///     names = [table.name for table in tables if table.name]
    ///     return [table for table in tables if kind in names]
    ///
    /// def cleaned(events):
    ///     kept = []
    ///     for event in events:
    ///         if event not in VALID_EVENTS:
    ///             raise ValueError(event)
    ///         if event not in kept:
    ///             kept.append(event)
    ///     return kept
    ///
    /// def first(rows):
    ///     text = b""
    ///     for row in rows[:5]:
    ///         text += row.name
    ///     return text
    ///
    /// def window(values):
    ///     recent = []
    ///     for value in values:
    ///         if len(recent) > 10:
    ///             recent.pop(0)
    ///         recent.append(value)
    ///     return recent
    /// ```
    ///
    /// ```python good
    /// def rows(tables):
    ///     for table in tables:
    ///         for row in table.rows:
    ///             if row.table == table.name:
    ///                 yield row
    ///
    /// def numbered(lines):
    ///     for line in lines:
    ///         label = ""
    ///         label += line.strip()
    ///         yield label
    ///
    /// def once(wanted, names):
    ///     found = [name for name in names if name]
    ///     return wanted in found
    /// ```
    ///
    /// ```go bad
    /// package crm
    ///
    /// import "database/sql"
    ///
    /// func allCustomers(db *sql.DB) []Customer {
    /// 	rows, err := db.Query("SELECT id, name FROM customers")
    /// 	return scanned(rows, err)
    /// }
    ///
    /// func match(db *sql.DB, orders []Order) {
    /// 	customers := allCustomers(db)
    /// 	for i, order := range orders {
    /// 		for _, customer := range customers {
    /// 		^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 			if customer.ID == order.CustomerID {
    /// 				orders[i].Customer = customer
    /// 				break
    /// 			}
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go bad
    /// package crm
    ///
    /// import (
    /// 	"database/sql"
    /// 	"slices"
    /// )
    ///
    /// func allNames(db *sql.DB) []string {
    /// 	rows, err := db.Query("SELECT name FROM customers")
    /// 	return scanned(rows, err)
    /// }
    ///
    /// func unique(db *sql.DB) []string {
    /// 	var seen []string
    /// 	for _, name := range allNames(db) {
    /// 		if !slices.Contains(seen, name) {
    /// 		    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 			seen = append(seen, name)
    /// 		}
    /// 	}
    /// 	return seen
    /// }
    ///
    /// func render(db *sql.DB) string {
    /// 	text := ""
    /// 	for _, row := range allNames(db) {
    /// 		text += row + "\n"
    /// 		^^^^^^^^^^^^^^^^^^
    /// 	}
    /// 	return text
    /// }
    /// ```
    ///
    /// ```go good
    /// package crm
    ///
    /// func match(orders []Order, customers map[int]Customer) {
    /// 	for i, order := range orders {
    /// 		orders[i].Customer = customers[order.CustomerID]
    /// 		for _, line := range order.Lines {
    /// 			if line.Order == order.ID {
    /// 				break
    /// 			}
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package prove
    ///
    /// var names = [...]string{"signed", "unsigned", "pointer"}
    ///
    /// func (d domain) String() string {
    /// 	s := ""
    /// 	for i, name := range names {
    /// 		if d&(1<<uint(i)) != 0 {
    /// 			s += name
    /// 		}
    /// 	}
    /// 	return s
    /// }
    /// ```
    ///
    /// ```go good
    /// package crm
    ///
    /// import (
    /// 	"slices"
    /// 	"strings"
    /// )
    ///
    /// func allowed(groups, wanted []string) bool {
    /// 	for _, group := range groups {
    /// 		for _, name := range wanted {
    /// 			if name == group {
    /// 				return true
    /// 			}
    /// 		}
    /// 	}
    /// 	return false
    /// }
    ///
    /// func known(names []string) bool {
    /// 	kinds := []string{"order", "invoice"}
    /// 	for _, name := range names {
    /// 		if !slices.Contains(kinds, name) {
    /// 			return false
    /// 		}
    /// 	}
    /// 	return slices.Contains(names, "order")
    /// }
    ///
    /// func render(rows []string) string {
    /// 	var text strings.Builder
    /// 	size := 0
    /// 	for _, row := range rows {
    /// 		text.WriteString(row)
    /// 		size += len(row)
    /// 	}
    /// 	return text.String()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn unique(pool: &sqlx::PgPool) -> Result<Vec<String>, sqlx::Error> {
    ///     let names: Vec<String> = sqlx::query_scalar("SELECT name FROM customers").fetch_all(pool).await?;
    ///     let mut seen: Vec<String> = Vec::new();
    ///     for name in names {
    ///         if !seen.contains(&name) {
    ///             ^^^^^^^^^^^^^^^^^^^^
    ///             seen.push(name.clone());
    ///         }
    ///     }
    ///     Ok(seen)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn assign(pool: &sqlx::PgPool, customers: &[Customer]) {
    ///     let orders: Vec<Order> = sqlx::query_as("SELECT * FROM orders").fetch_all(pool).await.unwrap();
    ///     for mut order in orders {
    ///         order.customer = customers.iter().find(|customer| customer.id == order.customer_id);
    ///                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// const UNUSED: &[&str] = &["etc", "share"];
    ///
    /// fn needed(entries: &[Entry]) -> Vec<&Entry> {
    ///     let mut kept = Vec::new();
    ///     for entry in entries {
    ///         if UNUSED.iter().any(|unused| entry.name == *unused) {
    ///             continue;
    ///         }
    ///         kept.push(entry);
    ///     }
    ///     kept
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn unique(names: &[String]) -> Vec<String> {
    ///     let mut seen = HashSet::new();
    ///     let mut kept = Vec::new();
    ///     for name in names {
    ///         if seen.insert(name) {
    ///             kept.push(name.clone());
    ///         }
    ///     }
    ///     kept
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn known(names: &[String]) -> bool {
    ///     let kinds = vec!["order", "invoice"];
    ///     for name in names {
    ///         if !kinds.contains(&name.as_str()) {
    ///             return false;
    ///         }
    ///     }
    ///     for order in names {
    ///         order.parts.iter().find(|part| part.name == order.name);
    ///     }
    ///     true
    /// }
    /// ```
    name: "quadratic-loop",
    category: Performance,
    severity: Medium,
    scope: File,
    fix: { Python: Safe },
    on: [Fact(Kind::Compare), Fact(Kind::Assign), Fact(Kind::For), Role("linear-search"), Role("shifts")],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    let Some(around) = loop_around(node) else { return };
    let found = match node.kind() {
        Kind::Compare => membership(cx, node, around),
        Kind::Assign => growing_text(cx, node, around),
        Kind::For => nested_scan(cx, node, around),
        _ => linear_call(cx, node, around),
    };
    let Some(found) = found else { return };
    cx.site();
    let Some(confidence) = found.confidence else { return };
    let outside = is_from_outside(cx, node, around);
    // What code is given or puts together itself is short more often than not.
    let confidence = if outside || numbers(cx, around) { confidence } else { Confidence::Low };
    let place = if node.is(Kind::For) { head(node) } else { node.range() };
    let finding = cx
        .finding(place, found.message)
        .why("The time grows with the square of the data.")
        .help(found.help)
        .related(loop_head(around), "for each item here")
        .severity(if outside { Severity::Medium } else { Severity::Low })
        .confidence(confidence)
        .maybe_fix(found.fix);
    cx.report(finding);
}

/// Whether a loop goes over the numbers of a list's elements.
fn numbers(cx: &Check<'_>, around: Node<'_>) -> bool {
    let counts = |n: Node<'_>| {
        n.is(Kind::Call)
            && n.callee().is_some_and(|c| c.is(Kind::Name) && c.name() == "range")
            && n.arguments().any(|a| a.is(Kind::Call) && a.callee().is_some_and(|c| c.name() == "len"))
    };
    let any = |n: Node<'_>| std::iter::once(n).chain(n.descendants()).any(counts);
    let Some(over) = clause(around).get(Role::Iterable) else { return false };
    any(over) || given(cx, over).iter().any(|g| matches!(g, Given::Value(value) if any(*value)))
}

/// Whether a loop goes over, or a step in it through, what comes from a database.
fn is_from_outside(cx: &Check<'_>, node: Node<'_>, around: Node<'_>) -> bool {
    let brings = |n: Node<'_>| n.is(Kind::Call) && cx.effects(n).contains(Effects::DATABASE | Effects::READS);
    let any = |n: Node<'_>| std::iter::once(n).chain(n.descendants()).any(brings);
    let header = clause(around).get(Role::Iterable);
    let names = header.into_iter().chain([node]).flat_map(|n| std::iter::once(n).chain(n.descendants_here()));
    header.is_some_and(any)
        || names.filter(|n| n.is(Kind::Name)).any(|name| {
            given(cx, name).iter().any(|g| match g {
                Given::Value(value) => {
                    let over =
                        if value.is(Kind::Comprehension) { clause(*value).get(Role::Iterable) } else { None };
                    let behind = over.filter(|o| o.is(Kind::Name)).map(|o| given(cx, o)).unwrap_or_default();
                    any(*value) || behind.iter().any(|b| matches!(b, Given::Value(v) if any(*v)))
                }
                _ => false,
            })
        })
}

/// A linear step in a loop.
struct Found {
    message: String,
    help: &'static str,
    /// None: it is sound.
    confidence: Option<Confidence>,
    fix: Option<Fix>,
}

/// The innermost loop around a fact, in its own function.
fn loop_around(node: Node<'_>) -> Option<Node<'_>> {
    let function =
        node.ancestors().find(|n| matches!(n.kind(), Kind::Function | Kind::Lambda | Kind::Module))?;
    enclosing_loop(node, function)
}

fn head(node: Node<'_>) -> shipworthy_syntax::Range {
    let line = node.text().lines().next().unwrap_or("").trim_end();
    shipworthy_syntax::Range { start: node.range().start, end: node.range().start + line.len() as u32 }
}

/// What a loop goes over, or the head of one that goes over nothing.
fn loop_head(around: Node<'_>) -> shipworthy_syntax::Range {
    clause(around).get(Role::Iterable).map_or_else(|| head(around), Node::range)
}

/// `x in list`
fn membership(cx: &Check<'_>, compare: Node<'_>, around: Node<'_>) -> Option<Found> {
    if cx.language() != Language::Python || !matches!(compare.operator(), Operator::In | Operator::NotIn) {
        return None;
    }
    let mut operands = compare.all(Role::Operand);
    let (item, list) = (operands.next()?, operands.next().filter(|l| l.is(Kind::Name))?);
    // What is the same for each item is no lookup of the item, and one that waits has none.
    if !uses(item, around, item) || !matches!(around.kind(), Kind::For | Kind::Comprehension) {
        return None;
    }
    let confidence = listed(cx, list, around, "list")?;
    let fix = as_set(cx, list);
    Some(Found {
        message: format!("`{}` is searched from its start for each item of a loop", list.text()),
        help: "Keep what is looked up in a set.",
        confidence: Some(confidence).filter(|_| {
            runs_for_data(cx, around)
                && !is_few(list)
                && !is_kept_short(list, around)
                && !takes_constants(around)
        }),
        fix,
    })
}

/// A search, or a change at the front, by a method or function.
fn linear_call(cx: &Check<'_>, call: Node<'_>, around: Node<'_>) -> Option<Found> {
    let meaning = cx.meaning(call)?;
    let callee = call.callee()?;
    let receiver = || cx.method_chain(call).last()?.callee()?.object();
    let list = cx.argument(call, "collection").or_else(receiver).filter(|l| l.is(Kind::Name))?;
    // A constant does not grow.
    if is_constant_name(list.name()) {
        return None;
    }
    let shifts = meaning.is("shifts");
    if shifts && cx.argument(call, "index").is_none_or(|i| i.text() != "0") {
        return None;
    }
    let lambda = call.arguments().find(|a| a.is(Kind::Lambda));
    let matches = lambda.is_some_and(|l| compares(l, around, l));
    // A search by a condition is a scan for a match; by a value it depends on how long the list is.
    let known = if lambda.is_some() {
        (matches && !uses(list, around, list)).then_some(Confidence::Medium)?
    } else {
        listed(cx, list, around, "")?
    };
    let bounded = is_kept_short(list, around) || is_few(list);
    let (what, help) = if shifts {
        ("all of it moves", "Use a queue that is open at both ends.")
    } else {
        ("it is gone through from its start", "Build a set or map of it once, before the loop.")
    };
    Some(Found {
        message: format!("`{}` in a loop: {what} for each item", callee.text().lines().next().unwrap_or("")),
        help,
        confidence: Some(known).filter(|_| !bounded && runs_for_data(cx, around)),
        fix: None,
    })
}

/// `text += more`
fn growing_text(cx: &Check<'_>, assign: Node<'_>, around: Node<'_>) -> Option<Found> {
    let target = assign.get(Role::Target).filter(|t| t.is(Kind::Name))?;
    let value = assign.get(Role::Value)?;
    let again = value.is(Kind::Binary)
        && value.operator() == Operator::Add
        && value.all(Role::Operand).next().is_some_and(|o| o.is(Kind::Name) && o.name() == target.name());
    let added = assign.operator() == Operator::Add || assign.operator() == Operator::None && again;
    // Rust's strings grow in place.
    if !added || cx.language() == Language::Rust {
        return None;
    }
    let before = |g: &Given<'_>| matches!(g, Given::Value(v) if matches!(v.kind(), Kind::String | Kind::Template) && !v.is_in(around));
    let inside = |g: &Given<'_>| matches!(g, Given::Value(v) if v.is_in(around) && *v != value);
    // One finding for all that is added in a loop.
    let sooner = |g: &Given<'_>| matches!(g, Given::Added(v) if v.is_in(around) && v.index() < value.index());
    let all = given(cx, target);
    if !all.iter().any(before) || all.iter().any(inside) || all.iter().any(sooner) {
        return None;
    }
    // CPython grows the text of a local variable in place most of the time; bytes it copies.
    let copied = all.iter().any(|g| matches!(g, Given::Value(v) if v.has(Flags::BYTES)))
        || cx.language() == Language::Go;
    Some(Found {
        message: format!("`{}` is copied for each item of a loop that adds to it", target.name()),
        help: if cx.language() == Language::Go {
            "Write into a `strings.Builder`."
        } else {
            "Collect the parts in a list, and join them once."
        },
        confidence: Some(if copied { Confidence::Medium } else { Confidence::Low })
            .filter(|_| around.is(Kind::For) && runs_for_data(cx, around)),
        fix: None,
    })
}

/// A loop in a loop that looks for the item that belongs to the outer one's.
fn nested_scan(cx: &Check<'_>, inner: Node<'_>, around: Node<'_>) -> Option<Found> {
    let over = inner.get(Role::Iterable).filter(|i| matches!(i.kind(), Kind::Name | Kind::Attribute))?;
    let statements: Vec<Node<'_>> = inner.get(Role::Body)?.all(Role::Statement).collect();
    let [branch] = statements[..] else { return None };
    // By a key alone: what is compared whole, or by more, is a short list more often than not.
    let by_key = |c: &Node<'_>| c.is(Kind::Compare) && c.all(Role::Operand).any(|o| o.is(Kind::Attribute));
    let plain = branch.is(Kind::If) && branch.get(Role::Else).is_none();
    let condition = branch.get(Role::Condition).filter(|c| plain && by_key(c))?;
    // A scan stops when it has found: else each pair may be wanted.
    let stops =
        branch.get(Role::Body)?.descendants_here().any(|n| matches!(n.kind(), Kind::Break | Kind::Return));
    if !around.is(Kind::For)
        || !stops
        || !compares(condition, around, inner)
        || uses(over, around, over)
        || is_constant_name(over.name())
    {
        return None;
    }
    Some(Found {
        message: format!(
            "`{}` is gone through for each item of a loop, to find the one that belongs to it",
            over.text()
        ),
        help: "Build a map of it once, before the loop, and look each item up.",
        confidence: Some(Confidence::Medium)
            .filter(|_| runs_for_data(cx, around) && !is_written_down(cx, over) && !is_table(cx, over)),
        fix: None,
    })
}

/// Whether a condition compares something of a loop's item with something of another's: `b.id == a.id`.
fn compares(condition: Node<'_>, outer: Node<'_>, inner: Node<'_>) -> bool {
    let bound = |node: Node<'_>, by: Node<'_>| {
        let targets: Vec<Node<'_>> = if by.is(Kind::Lambda) {
            by.all(Role::Parameter).collect()
        } else {
            clause(by).all(Role::Target).collect()
        };
        let binds = |name: &str| {
            let mut all = targets.iter().flat_map(|t| std::iter::once(*t).chain(t.descendants()));
            all.any(|n| n.name() == name && matches!(n.kind(), Kind::Name | Kind::Parameter))
        };
        let mut names = std::iter::once(node).chain(node.descendants_here());
        names.any(|n| n.is(Kind::Name) && binds(n.name()))
    };
    let compares = std::iter::once(condition).chain(condition.descendants());
    compares.filter(|n| n.is(Kind::Compare) && n.operator() == Operator::Eq).any(|compare| {
        let mut sides = compare.all(Role::Operand);
        let (Some(a), Some(b)) = (sides.next(), sides.next()) else { return false };
        bound(a, outer) && bound(b, inner) || bound(b, outer) && bound(a, inner)
    })
}

/// Whether a loop runs for data: not over something written down, a constant, or numbers up to one.
fn runs_for_data(cx: &Check<'_>, around: Node<'_>) -> bool {
    if !matches!(around.kind(), Kind::For | Kind::Comprehension) {
        return true;
    }
    let Some(over) = clause(around).get(Role::Iterable) else {
        return around.get(Role::Initializer).is_none();
    };
    let cut = over.is(Kind::Slice) || is_few(over);
    goes_over_items(around)
        && !cut
        && !is_constant_name(over.name())
        && !is_written_down(cx, over)
        && !is_table(cx, over)
}

/// Whether a name is of a module's own: a table that the code writes down.
fn is_table(cx: &Check<'_>, over: Node<'_>) -> bool {
    let own = over.is(Kind::Name) && given(cx, over).is_empty();
    let path = match over.kind() {
        Kind::Name if own => Some(cx.environment().absolute(over.name())),
        Kind::Attribute => over.dotted().and_then(|dotted| {
            let (module, name) = dotted.rsplit_once('.')?;
            let Some(Origin::Item(path)) = cx.environment().lookup(module) else { return None };
            Some(format!("{path}{}{name}", cx.language().separator()))
        }),
        _ => None,
    };
    path.is_some_and(|path| cx.workspace().global(&path).is_some())
}

/// Whether a name or expression says that it holds few things: columns, options, parts of a request.
fn is_few(node: Node<'_>) -> bool {
    const FEW: [&str; 33] = [
        "env",
        "vars",
        "locales",
        "dirs",
        "parts",
        "segments",
        "path",
        "components",
        "labels",
        "infos",
        "addresses",
        "column",
        "columns",
        "field",
        "fields",
        "param",
        "params",
        "parameters",
        "kwargs",
        "args",
        "arguments",
        "header",
        "headers",
        "option",
        "options",
        "extension",
        "extensions",
        "plugin",
        "plugins",
        "setting",
        "settings",
        "errs",
        "errors",
    ];
    words(node.text()).iter().any(|w| FEW.contains(&w.as_str()))
}

/// Whether a loop takes only what a constant lists: `if event not in VALID_EVENTS: raise`.
fn takes_constants(around: Node<'_>) -> bool {
    around.descendants_here().any(|n| {
        n.is(Kind::Compare)
            && matches!(n.operator(), Operator::In | Operator::NotIn)
            && n.all(Role::Operand).nth(1).is_some_and(|o| is_constant_name(o.name()))
    })
}

/// Whether a loop looks at how long a list is: `if len(recent) > 10`.
fn is_kept_short(list: Node<'_>, around: Node<'_>) -> bool {
    let lengths = [format!("len({})", list.text()), format!("{}.len()", list.text())];
    let compares = around.descendants().filter(|n| n.is(Kind::Compare));
    compares.into_iter().any(|c| lengths.iter().any(|length| c.text().contains(length)))
}

fn is_written_down(cx: &Check<'_>, node: Node<'_>) -> bool {
    let all = if node.is(Kind::Name) { given(cx, node) } else { Vec::new() };
    let plain = |n: &Node<'_>| n.is_literal() || n.is(Kind::Construct) || n.has(Flags::MACRO);
    !all.is_empty() && all.iter().all(|g| matches!(g, Given::Value(v) if plain(v) && v.arguments().chain(v.all(Role::Element)).next().is_some()))
}

/// How sure it is that a name holds a list that grows with the data, and that the loop does not make anew; none where it does not.
fn listed(cx: &Check<'_>, list: Node<'_>, around: Node<'_>, class: &str) -> Option<Confidence> {
    if !class.is_empty() && cx.type_of(list).is_none_or(|t| t != class) {
        return None;
    }
    let all = given(cx, list);
    let inside = |g: &Given<'_>| matches!(g, Given::Value(n) | Given::Other(n) if n.is_in(around) && !is_append_to(cx, *n, list));
    if all.is_empty() || all.iter().any(inside) || is_written_down(cx, list) {
        return None;
    }
    let gathered = |g: &Given<'_>| match g {
        Given::Value(v) => {
            let of_constant = v.arguments().next().is_some_and(|a| is_constant_name(a.name()));
            let gathers = v.is(Kind::Call) && cx.meaning(*v).is_some_and(|m| m.is("gathers-items"));
            gathers && !of_constant
                || v.is(Kind::Comprehension)
                    && clause(*v).get(Role::Iterable).is_some_and(|i| !is_few(i) && !i.is_literal())
        }
        _ => false,
    };
    let scope = list.function().unwrap_or_else(|| list.facts().root());
    let appended = scope.descendants().any(|n| {
        n.is(Kind::Call) && is_append_to(cx, n, list) && loop_around(n).is_some_and(|l| runs_for_data(cx, l))
    });
    if all.iter().any(gathered) || appended {
        return Some(Confidence::Medium);
    }
    let parameter = all.iter().all(|g| matches!(g, Given::Other(n) if n.is(Kind::Parameter)));
    parameter.then_some(Confidence::Low)
}

/// Whether a call adds to the collection that a name holds.
fn is_append_to(cx: &Check<'_>, call: Node<'_>, list: Node<'_>) -> bool {
    if !call.is(Kind::Call) || !cx.meaning(call).is_some_and(|m| m.is("appends")) {
        return false;
    }
    let collection = cx.argument(call, "collection").or_else(|| call.callee()?.object());
    collection.is_some_and(|c| c.is(Kind::Name) && c.name() == list.name())
}

/// The fix that makes a set of a list of which nothing is asked but what is in it.
fn as_set(cx: &Check<'_>, list: Node<'_>) -> Option<Fix> {
    let [Given::Value(first)] = given(cx, list)[..] else { return None };
    let assign = first
        .parent()
        .filter(|a| a.is(Kind::Assign) && a.get(Role::Type).is_none() && a.all(Role::Target).count() == 1)?;
    let scope = list.function()?;
    let mut hashable = true;
    let mut item = |node: Node<'_>| {
        let text = cx.type_of(node).is_some_and(|t| matches!(t.as_str(), "str" | "bytes" | "int"));
        hashable &= text
            || matches!(
                node.kind(),
                Kind::String | Kind::Template | Kind::Number | Kind::Boolean | Kind::Nothing
            );
    };
    let mut edits = Vec::new();
    match first.kind() {
        Kind::List if first.children().next().is_none() => edits.push((first.range(), "set()".to_owned())),
        Kind::Comprehension => {
            let inside = first.text().strip_prefix('[')?.strip_suffix(']')?;
            item(first.get(Role::Element)?);
            edits.push((first.range(), format!("{{{inside}}}")));
        }
        _ => return None,
    }
    for used in
        scope.descendants().filter(|n| n.is(Kind::Name) && n.name() == list.name() && !n.is_in(assign))
    {
        let parent = used.parent()?;
        let tested = parent.is(Kind::Compare)
            && matches!(parent.operator(), Operator::In | Operator::NotIn)
            && parent.all(Role::Operand).nth(1) == Some(used);
        let call = parent.parent().filter(|c| parent.is(Kind::Attribute) && is_append_to(cx, *c, list));
        match call {
            Some(call) if parent.name() == "append" => {
                item(call.positional(0)?);
                edits.push((parent.name_range(), "add".to_owned()));
            }
            _ if tested => {}
            _ => return None,
        }
    }
    let safety = if hashable { Safety::Safe } else { Safety::Suggested };
    let fix = Fix::new("Make it a set", safety);
    Some(edits.into_iter().fold(fix, |fix, (range, text)| fix.replace(range, text)))
}
