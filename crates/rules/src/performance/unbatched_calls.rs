use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Finding, Fix, rule};
use shipworthy_facts::{Callee, Effects, Flags, Kind, LibraryCall, Meaning, Node, Role, enclosing_loop};
use shipworthy_syntax::Language;

use crate::items::{depends, sql_verb, stands_alone, writes_rows};
use crate::loops::{goes_over_items, header, uses};
use crate::names::{called, words};
use crate::program;

rule! {
    /// A call runs once for each item where the library takes them all at once
    ///
    /// Each call costs a round trip, and for models a run with one row on hardware that is made for many: a thousand items cost a thousand of
    /// them where one batch, or a few, would do. Collect what belongs to the items, and write, send or compute it with the library's form for
    /// many.
    ///
    /// Where each item must stand or fall alone and the code says so, with a transaction or an error handler of its own in the loop, it is right
    /// to go one by one. Reads for each item are the business of `n-plus-one-query`.
    ///
    /// ```python bad
    /// import sqlite3
    ///
    /// def save(connection: sqlite3.Connection, readings):
    ///     for reading in readings:
    ///         connection.execute("INSERT INTO readings VALUES (?, ?)", (reading.at, reading.value))
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     connection.commit()
    /// ```
    /// ```python fixed
    /// import sqlite3
    ///
    /// def save(connection: sqlite3.Connection, readings):
    ///     connection.executemany("INSERT INTO readings VALUES (?, ?)", [(reading.at, reading.value) for reading in readings])
    ///     connection.commit()
    /// ```
    ///
    /// ```python bad
    /// from openai import OpenAI
    /// from sentence_transformers import SentenceTransformer
    ///
    /// client = OpenAI()
    /// model = SentenceTransformer("all-MiniLM-L6-v2")
    ///
    /// def embed(texts):
    ///     return [client.embeddings.create(model="small", input=text) for text in texts]
    ///             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def vector(text):
    ///     return model.encode(text)
    ///
    /// def index(texts):
    ///     return [vector(text) for text in texts]
    ///             ^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// from supabase import create_client
    ///
    /// client = create_client(URL, KEY)
    ///
    /// def take_in(rows):
    ///     for row in rows:
    ///         client.table("clients").insert(row).execute()
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// from supabase import create_client
    ///
    /// client = create_client(URL, KEY)
    ///
    /// def take_in(rows):
    ///     client.table("clients").insert(rows).execute()
    ///
    /// def mark(rows):
    ///     for row in rows:
    ///         client.table("clients").update({"stage": row["stage"]}).eq("id", row["id"]).execute()
    /// ```
    ///
    /// ```python good
    /// from shop.models import Queue, Tag
    ///
    /// def populate_default_tags(names):
    ///     for name in names:
    ///         Tag.objects.create(name=name)
    ///
    /// def queues_of(job, names):
    ///     queues = []
    ///     for name in names:
    ///         queue, _ = Queue.objects.get_or_create(name=name)
    ///         queues.append(queue)
    ///     job.queues.set(queues)
    /// ```
    ///
    /// What looks for the row before it makes one has to do both for each.
    ///
    /// ```python good
    /// from django.db import models
    ///
    /// class Package(models.Model):
    ///     name = models.TextField()
    ///
    /// def create(name):
    ///     return Package.objects.create(name=name)
    ///
    /// def update_or_create(name):
    ///     found = Package.objects.filter(name=name).first()
    ///     return found or create(name)
    ///
    /// def load(names):
    ///     for name in names:
    ///         update_or_create(name)
    /// ```
    ///
    /// ```python good
    /// import sqlite3
    /// from sentence_transformers import SentenceTransformer
    ///
    /// model = SentenceTransformer("all-MiniLM-L6-v2")
    ///
    /// def save(connection: sqlite3.Connection, readings, batches):
    ///     connection.executemany("INSERT INTO readings VALUES (?, ?)", readings)
    ///     for batch in batches:
    ///         connection.executemany("INSERT INTO readings VALUES (?, ?)", batch)
    ///     for reading in readings:
    ///         connection.execute("SELECT 1")
    ///
    /// def embed(texts):
    ///     return model.encode(texts)
    ///
    /// def each(connection: sqlite3.Connection, readings, log):
    ///     for reading in readings:
    ///         try:
    ///             connection.execute("INSERT INTO readings VALUES (?)", (reading,))
    ///         except sqlite3.Error as error:
    ///             log.warning("skipped %s: %s", reading, error)
    /// ```
    ///
    /// ```python good
    /// import sqlite3
    ///
    /// from django.db import models, transaction
    ///
    /// class Order(models.Model):
    ///     name = models.TextField()
    ///
    /// class Line(models.Model):
    ///     order = models.ForeignKey(Order, on_delete=models.CASCADE)
    ///
    /// def load(orders):
    ///     for data in orders:
    ///         order = Order.objects.create(name=data.name)
    ///         Line.objects.bulk_create([Line(order=order) for _ in data.lines])
    ///
    /// def settle(orders):
    ///     for data in orders:
    ///         with transaction.atomic():
    ///             Order.objects.create(name=data.name)
    ///
    /// def insert(cursor: sqlite3.Cursor, names):
    ///     ids = []
    ///     for name in names:
    ///         cursor.execute("INSERT INTO users (name) VALUES (?)", (name,))
    ///         ids.append(cursor.lastrowid)
    ///     return ids
    /// ```
    ///
    /// ```python good file=core/migrations.py
    /// import sqlite3
    ///
    /// def m001(connection: sqlite3.Connection, rows):
    ///     for row in rows:
    ///         connection.execute("UPDATE users SET name = ? WHERE id = ?", row)
    /// ```
    ///
    /// Many at once already, and one of the items only.
    ///
    /// ```python good
    /// import redis
    ///
    /// def invalidate(client: redis.Redis, index):
    ///     batch = []
    ///     for name in client.sscan_iter(index):
    ///         batch.append(name)
    ///         if len(batch) >= 500:
    ///             client.delete(*batch)
    ///             batch = []
    ///
    /// class Threshold:
    ///     def store(self, Alert, issue, states):
    ///         for state in states:
    ///             if not state.is_exceeded:
    ///                 continue
    ///             Alert.objects.create(issue=issue, state=state)
    ///             break
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "gorm.io/gorm"
    ///
    /// func save(db *gorm.DB, readings []Reading) error {
    /// 	for _, reading := range readings {
    /// 		if err := db.Create(&reading).Error; err != nil {
    /// 		          ^^^^^^^^^^^^^^^^^^^
    /// 			return err
    /// 		}
    /// 	}
    /// 	return nil
    /// }
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
    /// func save(ctx context.Context, pool *pgxpool.Pool, names []string) error {
    /// 	for _, name := range names {
    /// 		if _, err := pool.Exec(ctx, "INSERT INTO users (name) VALUES ($1)", name); err != nil {
    /// 		             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
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
    /// 	"database/sql"
    /// 	"log"
    ///
    /// 	"gorm.io/gorm"
    /// )
    ///
    /// func save(db *gorm.DB, readings []Reading, batches [][]Reading) error {
    /// 	for _, batch := range batches {
    /// 		if err := db.Create(&batch).Error; err != nil {
    /// 			return err
    /// 		}
    /// 	}
    /// 	return db.CreateInBatches(readings, 100).Error
    /// }
    ///
    /// func each(db *gorm.DB, readings []Reading) {
    /// 	for _, reading := range readings {
    /// 		if err := db.Create(&reading).Error; err != nil {
    /// 			log.Print(err)
    /// 		}
    /// 	}
    /// }
    ///
    /// func either(db *gorm.DB, readings []Reading, one bool) error {
    /// 	if !one {
    /// 		return db.CreateInBatches(readings, 100).Error
    /// 	}
    /// 	for _, reading := range readings {
    /// 		if err := db.Create(&reading).Error; err != nil {
    /// 			return err
    /// 		}
    /// 	}
    /// 	return nil
    /// }
    ///
    /// func prepared(stmt *sql.Stmt, names []string) error {
    /// 	for _, name := range names {
    /// 		if _, err := stmt.Exec(name); err != nil {
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
    /// import "gorm.io/gorm"
    ///
    /// func save(db *gorm.DB, orders []Order) error {
    /// 	for _, order := range orders {
    /// 		err := db.Transaction(func(tx *gorm.DB) error {
    /// 			return tx.Create(&order).Error
    /// 		})
    /// 		if err != nil {
    /// 			return err
    /// 		}
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn save(pool: &sqlx::PgPool, names: &[String]) -> sqlx::Result<()> {
    ///     for name in names {
    ///         sqlx::query("INSERT INTO users (name) VALUES ($1)").bind(name).execute(pool).await?;
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use redis::Commands;
    ///
    /// fn save(connection: &mut redis::Connection, scores: &[(String, u64)]) -> redis::RedisResult<()> {
    ///     for (name, score) in scores {
    ///         connection.set_ex::<_, _, ()>(name, score, 60)?;
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn save(pool: &sqlx::PgPool, names: &[String]) -> sqlx::Result<()> {
    ///     sqlx::query("INSERT INTO users (name) SELECT * FROM UNNEST($1)").bind(names).execute(pool).await?;
    ///     Ok(())
    /// }
    ///
    /// async fn each(pool: &sqlx::PgPool, names: &[String]) {
    ///     for name in names {
    ///         if let Err(error) = sqlx::query("INSERT INTO users (name) VALUES ($1)").bind(name).execute(pool).await {
    ///             tracing::warn!(%error, "skipped");
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn save(pool: &sqlx::PgPool, orders: &[Order]) -> sqlx::Result<()> {
    ///     for order in orders {
    ///         let mut tx = pool.begin().await?;
    ///         sqlx::query("INSERT INTO orders (id) VALUES ($1)").bind(order.id).execute(&mut *tx).await?;
    ///         tx.commit().await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    name: "unbatched-calls",
    category: Performance,
    severity: Medium,
    scope: Both,
    fix: { Python: Suggested },
    on: [
        Effect(Effects::WRITES), Effect(Effects::SENDS), Effect(Effects::INFERS), Effect(Effects::EXECUTES_SQL),
        Reach(Effects::WRITES), Reach(Effects::SENDS), Reach(Effects::INFERS),
    ],
    check: check,
}

const OUTSIDE: Effects = Effects::NETWORK
    .union(Effects::DATABASE)
    .union(Effects::INFERS)
    .union(Effects::SENDS)
    .union(Effects::FILES);

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let outside = |n: &Node<'_>| matches!(n.kind(), Kind::Function | Kind::Lambda | Kind::Module);
    let Some(around) = call.ancestors().find(outside).and_then(|f| enclosing_loop(call, f)) else { return };
    let Some((meaning, chain)) = batched(cx, call) else { return };
    cx.site();
    let Some(form) = meaning.form("batch") else { return };
    let over_items = matches!(around.kind(), Kind::For | Kind::Comprehension) && goes_over_items(around);
    if !over_items
        || !(depends(cx, call, around) || is_item(call, around))
        || stands_alone(cx, call, around)
        || meaning.effects.intersects(Effects::WRITES | Effects::EXECUTES_SQL) && is_needed(cx, call, around)
        || is_collected(call)
        || is_batched_too(cx, call, around, form)
        || takes_many(call)
        || ends_the_loop(call, around)
    {
        return;
    }
    // One finding for all that one batch takes.
    let before =
        around.descendants_here().take_while(|n| n.index() < call.index()).filter(|n| n.is(Kind::Call));
    if before
        .into_iter()
        .any(|c| batched(cx, c).is_some_and(|(m, _)| m.form("batch") == Some(form)) && !call.is_in(c))
    {
        return;
    }
    let callee = called(call);
    let own = meaning.name.rsplit(['.', ':']).next() == Some(form);
    let (message, help) = match chain.first() {
        None if own => (
            format!("`{callee}` is called for each item of a loop, and takes a list as well"),
            format!("Collect the items, and give them to one call of `{form}`."),
        ),
        None => (
            format!("`{callee}` is called for each item of a loop, and `{form}` takes them all"),
            format!("Collect the items, and call `{form}` once."),
        ),
        Some(_) => (
            format!(
                "`{callee}` calls `{}` for each item of a loop, and `{form}` takes them all",
                meaning.name
            ),
            format!("Give the function all items, and let it call `{form}` once."),
        ),
    };
    let guessed = meaning.guessed || !chain.is_empty();
    let mut finding = cx
        .finding(call, message)
        .why("Each item costs a round trip or a run of its own; the time grows with the data.")
        .help(help)
        .related(header(around), "for each item here")
        .confidence(match () {
            () if program::runs_now_and_then(cx, call) => Confidence::Low,
            () if !leads_there(cx, &chain) => Confidence::Low,
            () if guessed => Confidence::Medium,
            () => Confidence::High,
        })
        .maybe_fix(execute_many(cx, call, around, form));
    finding = through(finding, &chain, &meaning.name);
    cx.report(finding);
}

/// Whether the function around a loop calls the form for many elsewhere: it has found out that the loop cannot.
fn is_batched_too(cx: &Check<'_>, call: Node<'_>, around: Node<'_>, form: &str) -> bool {
    let many = form.rsplit(['.', ':']).next().unwrap_or(form);
    let own = call.callee().map_or("", Node::name);
    let calls =
        |n: Node<'_>| n.is(Kind::Call) && !n.is_in(around) && n.callee().is_some_and(|c| c.name() == many);
    own != many && cx.named_function(call).is_some_and(|f| f.descendants().any(calls))
}

/// Python: a loop that does nothing but execute one statement with the values of each item, as one call for all of them.
fn execute_many(cx: &Check<'_>, call: Node<'_>, around: Node<'_>, form: &str) -> Option<Fix> {
    let plain = around.is(Kind::For) && !around.has(Flags::ASYNC) && around.get(Role::Else).is_none();
    if cx.language() != Language::Python || form != "executemany" || !plain {
        return None;
    }
    let mut statements = around.get(Role::Body)?.all(Role::Statement);
    let only = statements.next().filter(|_| statements.next().is_none())?;
    let awaited = only.is(Kind::Await) && only.get(Role::Value) == Some(call);
    let [sql, values] = call.arguments().collect::<Vec<_>>()[..] else { return None };
    let receiver = call.callee()?.object()?;
    let class = cx.type_of(receiver)?;
    cx.resolver().vocabulary().call(&format!("{class}.{form}"))?;
    let (target, over) = (around.get(Role::Target)?, header(around));
    let waits = |n: Node<'_>| matches!(n.kind(), Kind::Await | Kind::Yield);
    let fits = (only == call || awaited)
        && sql.label().is_empty()
        && values.label().is_empty()
        && !uses(sql, target, call)
        && !uses(receiver, target, call)
        && matches!(values.kind(), Kind::Tuple | Kind::List | Kind::Name)
        && !values.descendants().chain(over.descendants()).any(waits)
        && !around.text().contains('#');
    let (target, over) = (target.text(), over.text());
    let all = if values.text() == target {
        over.to_owned()
    } else {
        format!("[{} for {target} in {over}]", values.text())
    };
    let waiting = if awaited { "await " } else { "" };
    let text = format!("{waiting}{}.{form}({}, {all})", receiver.text(), sql.text());
    fits.then(|| Fix::suggested(format!("Call `{form}` once")).replace(around, text))
}

/// Whether the functions on the way do nothing for an item but lead on, each time: one that looks first whether it is there, or makes what
/// belongs to it, has to do so for each.
fn leads_there(cx: &Check<'_>, chain: &[String]) -> bool {
    chain.iter().enumerate().all(|(at, path)| {
        let next = chain.get(at + 1);
        cx.workspace().function(path).is_some_and(|function| {
            let behaviour = &function.behaviour;
            let leads = |call: &&Callee| next.is_some_and(|next| *call.path == **next);
            let mut others = behaviour.calls.iter().filter(|call| !leads(call));
            let reaches = |call: &Callee| cx.workspace().reach(&call.path).intersects(OUTSIDE);
            let only = next.is_none()
                || behaviour.calls.iter().any(|call| leads(&call) && !call.occasional)
                    && !behaviour.library.iter().any(|(_, call)| call.effects.intersects(OUTSIDE));
            only && !others.any(reaches)
        })
    })
}

/// What a call does that has a form for many, itself or through functions of the workspace; with the way there.
fn batched(cx: &Check<'_>, call: Node<'_>) -> Option<(Meaning, Vec<String>)> {
    const MANY: Effects = Effects::WRITES.union(Effects::SENDS).union(Effects::INFERS);
    if let Some(meaning) = cx.meaning(call) {
        let sql = meaning.effects.contains(Effects::EXECUTES_SQL);
        // `table("x").insert(row).execute()`
        let built =
            |of: &str| cx.method_chain(call).any(|c| c.callee().is_some_and(|callee| callee.name() == of));
        let statement = meaning
            .property("batch-of")
            .is_none_or(|of| sql_verb(cx, call).as_deref() == Some(of) || !sql && built(of));
        let fits = statement && if sql { writes_rows(cx, call) } else { meaning.effects.intersects(MANY) };
        return (fits && meaning.form("batch").is_some()).then(|| ((**meaning).clone(), Vec::new()));
    }
    let path = cx.workspace_callee(call)?;
    let chain = cx.chain(&path, MANY);
    let last = chain.last()?;
    // Only where that is all the function does with the outside.
    let behaviour = &cx.workspace().function(last)?.behaviour;
    let mut known = behaviour.library.iter().filter(|(_, call)| call.effects.intersects(OUTSIDE));
    let (Some((name, LibraryCall { effects, .. })), None) = (known.next(), known.next()) else { return None };
    // What its execution does was said before it, in there.
    let batches = |m: &Meaning| m.form("batch").is_some() && m.property("batch-of").is_none();
    let meaning = cx.resolver().vocabulary().call(name).filter(|m| batches(m))?;
    let plain = effects.intersects(MANY) && !effects.contains(Effects::EXECUTES_SQL);
    plain.then(|| ((**meaning).clone(), chain))
}

/// Whether what a call says is collected for one trip (`pipe.expire(..)`), or tells how far the work is: `update_progress(..)`.
fn is_collected(call: Node<'_>) -> bool {
    const PIPES: [&str; 5] = ["pipe", "pipeline", "batch", "transaction", "progress"];
    let callee = call.callee();
    callee.is_some_and(|c| words(c.text()).iter().any(|w| PIPES.contains(&w.as_str())))
}

/// Python: whether a call is given many at once: `client.delete(*batch)`.
fn takes_many(call: Node<'_>) -> bool {
    call.arguments().any(|a| a.is(Kind::Spread) && a.get(Role::Value).is_some_and(|v| v.is(Kind::Name)))
}

/// Whether the loop is left behind a call: it is made for one of the items.
fn ends_the_loop(call: Node<'_>, around: Node<'_>) -> bool {
    let statement = call.statement();
    let block = statement.parent().filter(|b| b.is(Kind::Block));
    let ends = |s: Node<'_>| matches!(s.kind(), Kind::Break | Kind::Return);
    enclosing_loop(statement, call.function().unwrap_or(around)) == Some(around)
        && block.is_some_and(|b| b.all(Role::Statement).any(|s| s.index() > statement.index() && ends(s)))
}

/// Whether a method is called on the item itself: `item.save()`.
fn is_item(call: Node<'_>, around: Node<'_>) -> bool {
    let targets = around.all(Role::Item).next().unwrap_or(around).get(Role::Target);
    let object = call.callee().and_then(Node::object).filter(|o| o.is(Kind::Name));
    targets.zip(object).is_some_and(|(targets, object)| uses(object, targets, call))
}

/// Whether the loop goes on with what a write gives: a new row's number, an object that others refer to.
fn is_needed(cx: &Check<'_>, call: Node<'_>, around: Node<'_>) -> bool {
    let mut given = call;
    for outer in call.ancestors() {
        match outer.kind() {
            Kind::Await | Kind::Propagate | Kind::Attribute => given = outer,
            Kind::Call if given.role() == Role::Callee => given = outer,
            _ => break,
        }
    }
    let assigned = given.parent().filter(|p| p.is(Kind::Assign) && given.role() == Role::Value);
    // `row, created = Model.objects.get_or_create(..)`
    let targets = assigned.iter().flat_map(|a| a.all(Role::Target));
    let targets =
        targets.flat_map(|t| std::iter::once(t).chain(t.descendants())).filter(|t| t.is(Kind::Name));
    let targets: Vec<&str> = targets.map(Node::name).filter(|n| !matches!(*n, "_" | "err")).collect();
    let rest = || around.descendants_here().skip_while(|n| n.index() < given.fact().end);
    let used = rest().any(|n| n.is(Kind::Name) && n.role() != Role::Target && targets.contains(&n.name()));
    let receiver = call.callee().and_then(Node::object).map_or("", Node::text);
    let asked = rest().any(|n| {
        let on_it = n.object().is_some_and(|o| o.text() == receiver) && n.is(Kind::Attribute);
        on_it && (n.name() == "lastrowid" || n.name().starts_with("fetch"))
    });
    // The number that a new row got.
    let names: Vec<&str> = call.descendants_here().filter(|n| n.is(Kind::Name)).map(Node::name).collect();
    let numbered = rest().any(|n| {
        n.is(Kind::Attribute)
            && matches!(n.name(), "id" | "ID" | "Id" | "pk")
            && n.object().is_some_and(|o| names.contains(&o.name()) && !targets.contains(&o.name()))
    });
    let returning = cx
        .method_chain(call)
        .filter_map(|c| cx.argument(c, "sql"))
        .any(|sql| sql.text().to_ascii_lowercase().contains("returning"));
    let kept =
        given.parent().is_some_and(|p| matches!(p.kind(), Kind::Return | Kind::Comprehension | Kind::Call));
    used || asked || numbered || returning || kept
}

/// The finding with the functions that stand between the loop and the call.
fn through(finding: Finding, chain: &[String], last: &str) -> Finding {
    let next = chain.iter().skip(1).map(String::as_str).chain([last]);
    chain
        .iter()
        .zip(next)
        .fold(finding, |f, (step, next)| f.related_function(step, format!("calls `{next}`")))
}
