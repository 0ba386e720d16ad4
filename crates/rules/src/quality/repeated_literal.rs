use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, Note, Survey, Surveyed, rule};
use shipworthy_facts::{Flags, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::program;
use crate::projects::by_project;

rule! {
    /// One name of an outside thing is written out in several files
    ///
    /// The name of a table, queue, bucket or header, or a status, that is written out again and again: a slip in one of them is found when it runs,
    /// and a change has to find them all. Write it once, as a constant that all use.
    ///
    /// Standard headers, statuses that every answer has, and the definition of a constant do not count.
    ///
    /// ```python bad file=app/orders.py
    /// def load(client):
    ///     rows = client.table("orders").select("*").execute()
    ///                         ^^^^^^^^
    ///     client.table("orders").delete().execute()
    ///     return rows
    /// ```
    /// ```python bad file=app/reports.py
    /// def count(client):
    ///     return client.table("orders").select("id").execute()
    /// ```
    /// ```python bad file=app/sync.py
    /// def sync(client, rows):
    ///     client.table("orders").insert(rows).execute()
    /// ```
    /// ```python fixed file=app/orders.py
    /// TABLE_ORDERS = "orders"
    ///
    /// def load(client):
    ///     rows = client.table(TABLE_ORDERS).select("*").execute()
    ///     client.table(TABLE_ORDERS).delete().execute()
    ///     return rows
    /// ```
    /// ```python fixed file=app/reports.py
    /// def count(client):
    ///     return client.table("orders").select("id").execute()
    /// ```
    /// ```python fixed file=app/sync.py
    /// def sync(client, rows):
    ///     client.table("orders").insert(rows).execute()
    /// ```
    ///
    /// ```python bad file=app/cancel.py
    /// def cancel(order):
    ///     if order.status == "cancelled":
    ///                        ^^^^^^^^^^^
    ///         return
    ///     order.status = "cancelled"
    /// ```
    /// ```python bad file=app/mail.py
    /// def remind(order):
    ///     return order.status != "cancelled"
    /// ```
    /// ```python bad file=app/search.py
    /// def open_orders(orders):
    ///     return orders.exclude(status="cancelled")
    /// ```
    ///
    /// ```python good file=app/linode/switch.py
    /// def is_on(node):
    ///     return node.status == "running" or node.old.status == "running"
    /// ```
    /// ```python good file=app/plex/player.py
    /// def is_on(player):
    ///     return player.status == "running" or player.old.status == "running"
    /// ```
    /// ```python good file=app/vlc/player.py
    /// def is_on(player):
    ///     return player.status == "running" or player.old.status == "running"
    /// ```
    ///
    /// ```python good file=app/names.py
    /// ORDERS = "orders"
    /// ```
    /// ```python good file=app/orders.py
    /// from app.names import ORDERS
    ///
    /// def load(client):
    ///     return client.table(ORDERS).select("*").execute()
    /// ```
    /// ```python good file=app/reports.py
    /// def count(client):
    ///     client.table("orders").select("id").execute()
    ///     return client.table("orders").select("id").execute()
    /// ```
    /// ```python good file=app/sync.py
    /// def sync(client, rows):
    ///     client.table("orders").insert(rows).execute()
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```python good file=app/a.py
    /// def a(response, request):
    ///     response.status = "ok"
    ///     return request.headers.get("X-Forwarded-For")
    /// ```
    /// ```python good file=app/b.py
    /// def b(response, request):
    ///     response.status = "ok"
    ///     return request.headers.get("X-Forwarded-For")
    /// ```
    /// ```python good file=app/c.py
    /// def c(response, request):
    ///     response.status = "ok"
    ///     response.status = "ok"
    ///     return request.headers.get("X-Forwarded-For"), request.headers["X-Forwarded-For"]
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```python good file=app/a.py
    /// def a(column):
    ///     return column.get("x-row-version")
    /// ```
    /// ```python good file=app/b.py
    /// def b(column):
    ///     return column.get("x-row-version")
    /// ```
    /// ```python good file=app/c.py
    /// def c(column, other):
    ///     return column.get("x-row-version") == other.get("x-row-version")
    /// ```
    ///
    /// ```go bad file=shop/orders.go
    /// package shop
    ///
    /// // Load gives the orders.
    /// func Load(db *Database) []Order {
    /// 	rows := db.Collection("orders").Find()
    /// 	                      ^^^^^^^^
    /// 	db.Collection("orders").Clear()
    /// 	return rows
    /// }
    /// ```
    /// ```go bad file=shop/reports.go
    /// package shop
    ///
    /// func Count(db *Database) int {
    /// 	return db.Collection("orders").Count()
    /// }
    /// ```
    /// ```go bad file=shop/sync.go
    /// package shop
    ///
    /// func Sync(db *Database) {
    /// 	db.Collection("orders").Insert()
    /// }
    /// ```
    /// ```go fixed file=shop/orders.go
    /// package shop
    ///
    /// const collectionOrders = "orders"
    ///
    /// // Load gives the orders.
    /// func Load(db *Database) []Order {
    /// 	rows := db.Collection(collectionOrders).Find()
    /// 	db.Collection(collectionOrders).Clear()
    /// 	return rows
    /// }
    /// ```
    /// ```go fixed file=shop/reports.go
    /// package shop
    ///
    /// func Count(db *Database) int {
    /// 	return db.Collection("orders").Count()
    /// }
    /// ```
    /// ```go fixed file=shop/sync.go
    /// package shop
    ///
    /// func Sync(db *Database) {
    /// 	db.Collection("orders").Insert()
    /// }
    /// ```
    ///
    /// ```go bad file=shop/client.go
    /// package shop
    ///
    /// func ask(r *Request) string {
    /// 	r.Header.Set("X-Shop-Tenant", r.Tenant)
    /// 	             ^^^^^^^^^^^^^^^
    /// 	return r.Header.Get("X-Shop-Tenant")
    /// }
    /// ```
    /// ```go bad file=shop/server.go
    /// package shop
    ///
    /// func tenant(r *Request) string {
    /// 	return r.Header.Get("X-Shop-Tenant")
    /// }
    /// ```
    /// ```go bad file=shop/proxy.go
    /// package shop
    ///
    /// func pass(r *Request) {
    /// 	r.Header.Del("X-Shop-Tenant")
    /// }
    /// ```
    ///
    /// ```go good file=shop/names.go
    /// package shop
    ///
    /// const headerTenant = "X-Shop-Tenant"
    /// ```
    /// ```go good file=shop/client.go
    /// package shop
    ///
    /// func ask(r *Request) string {
    /// 	r.Header.Set("X-Shop-Tenant", r.Tenant)
    /// 	return r.Header.Get("X-Shop-Tenant")
    /// }
    /// ```
    /// ```go good file=shop/server.go
    /// package shop
    ///
    /// func tenant(r *Request) string {
    /// 	return r.Header.Get("X-Shop-Tenant")
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```go good file=shop/a.go
    /// package shop
    ///
    /// func a(db *Database) { db.Collection("a_orders").Find() }
    /// ```
    /// ```go good file=shop/b_test.go
    /// package shop
    ///
    /// func b(db *Database) { db.Collection("a_orders").Find() }
    /// ```
    /// ```go good file=shop/c.go
    /// package shop
    ///
    /// func c(db *Database) {
    /// 	db.Collection("a_orders").Find()
    /// 	db.Collection("a_orders").Clear()
    /// }
    /// ```
    ///
    /// ```rust bad file=src/orders.rs
    /// /// The orders.
    /// pub fn load(db: &Database) -> Vec<Order> {
    ///     let rows = db.collection("orders").find();
    ///                              ^^^^^^^^
    ///     db.collection("orders").clear();
    ///     rows
    /// }
    /// ```
    /// ```rust bad file=src/reports.rs
    /// pub fn count(db: &Database) -> usize {
    ///     db.collection("orders").count()
    /// }
    /// ```
    /// ```rust bad file=src/sync.rs
    /// pub fn sync(db: &Database) {
    ///     db.collection("orders").insert();
    /// }
    /// ```
    /// ```rust fixed file=src/orders.rs
    /// const COLLECTION_ORDERS: &str = "orders";
    ///
    /// /// The orders.
    /// pub fn load(db: &Database) -> Vec<Order> {
    ///     let rows = db.collection(COLLECTION_ORDERS).find();
    ///     db.collection(COLLECTION_ORDERS).clear();
    ///     rows
    /// }
    /// ```
    /// ```rust fixed file=src/reports.rs
    /// pub fn count(db: &Database) -> usize {
    ///     db.collection("orders").count()
    /// }
    /// ```
    /// ```rust fixed file=src/sync.rs
    /// pub fn sync(db: &Database) {
    ///     db.collection("orders").insert();
    /// }
    /// ```
    ///
    /// ```rust bad file=src/client.rs
    /// pub fn ask(request: &mut Request) {
    ///     request.headers.insert("x-shop-tenant", request.tenant());
    ///                            ^^^^^^^^^^^^^^^
    ///     request.headers.append("x-shop-tenant", request.tenant());
    /// }
    /// ```
    /// ```rust bad file=src/server.rs
    /// pub fn tenant(request: &Request) -> Option<&str> {
    ///     request.headers.get("x-shop-tenant")
    /// }
    /// ```
    /// ```rust bad file=src/proxy.rs
    /// pub fn pass(request: &mut Request) {
    ///     request.headers.remove("x-shop-tenant");
    /// }
    /// ```
    ///
    /// ```rust good file=src/names.rs
    /// pub const TENANT: &str = "x-shop-tenant";
    /// ```
    /// ```rust good file=src/client.rs
    /// pub fn ask(request: &mut Request) {
    ///     request.headers.insert("x-shop-tenant", request.tenant());
    ///     request.headers.append("x-shop-tenant", request.tenant());
    /// }
    /// ```
    /// ```rust good file=src/server.rs
    /// pub fn tenant(request: &Request) -> Option<&str> {
    ///     request.headers.get("x-shop-tenant")
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```rust good file=src/a.rs
    /// pub fn a(request: &Request) -> Option<&str> {
    ///     request.headers.get("x-forwarded-for").or(request.headers.get("x-forwarded-for"))
    /// }
    /// ```
    /// ```rust good file=src/b.rs
    /// pub fn b(request: &Request) -> Option<&str> {
    ///     request.headers.get("x-forwarded-for")
    /// }
    /// ```
    /// ```rust good file=src/c.rs
    /// pub fn c(request: &Request) -> Option<&str> {
    ///     request.headers.get("x-forwarded-for")
    /// }
    /// ```
    name: "repeated-literal",
    category: Quality,
    severity: Low,
    scope: Workspace,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    options: [
        "places" = Integer(4), "In how many places a name is written out at least";
        "files" = Integer(3), "In how many files it is written out at least";
    ],
    on: [Fact(Kind::String)],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, literal: Node<'_>) {
    if literal.has(Flags::BYTES) || program::is_migration(cx) {
        return;
    }
    let Some(value) = literal.string() else { return };
    let named =
        value.len() > 2 && value.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'));
    let Some(kind) = kind(cx, literal, &value).filter(|_| named && value.contains(char::is_alphabetic))
    else {
        return;
    };
    cx.site();
    // Where a constant can stand: before the definition around it.
    let top = std::iter::once(literal)
        .chain(literal.ancestors())
        .find(|n| n.parent().is_some_and(|p| p.is(Kind::Module)));
    let before = top.map_or(0, |top| literal.range().start - top.range().start);
    cx.note(literal, format!("{kind} {value}"), before.to_string());
}

/// What outside thing a literal names, by where it stands: the name of a table, a queue, a header; a status. A constant's own value is
/// its definition.
fn kind(cx: &Check<'_>, literal: Node<'_>, value: &str) -> Option<&'static str> {
    let parent = literal.parent()?;
    if is_definition(literal) {
        return None;
    }
    if is_own_header(value) && is_among_headers(cx, literal) {
        return Some("header");
    }
    match parent.kind() {
        Kind::Call | Kind::Construct if literal.role() == Role::Argument => {
            if !literal.label().is_empty() {
                return thing(literal.label()).or_else(|| status(literal.label(), value));
            }
            let callee = parent.callee()?;
            let first = parent.positional(0) == Some(literal);
            let by_meaning = ["bucket", "queue", "topic", "table", "collection"]
                .into_iter()
                .find(|meaning| cx.argument(parent, meaning) == Some(literal));
            let asked = matches!(
                callee.name().to_ascii_lowercase().as_str(),
                "table" | "collection" | "bucket" | "queue" | "topic"
            );
            by_meaning
                .or_else(|| thing(callee.name()).filter(|_| first && asked && callee.is(Kind::Attribute)))
        }
        Kind::Assign if parent.all(Role::Target).count() == 1 => {
            let target = parent.get(Role::Target)?;
            status(target.name(), value).filter(|_| target.is(Kind::Attribute))
        }
        Kind::Compare if matches!(parent.operator(), Operator::Eq | Operator::Ne) => {
            let other = parent.all(Role::Operand).find(|operand| *operand != literal)?;
            status(other.name(), value)
        }
        _ => None,
    }
}

/// Whether a literal is the value of a constant, a default, a member of a class or a pattern.
fn is_definition(literal: Node<'_>) -> bool {
    let outside = literal.function().is_none();
    literal.role() == Role::Default
        || literal.ancestors().any(|n| n.is(Kind::Decorator))
        || literal.ancestors().any(|n| n.is(Kind::Assign) && (outside || n.has(Flags::CONSTANT)))
        || outside && literal.ancestors().any(|n| matches!(n.kind(), Kind::Class | Kind::Field))
}

/// A header of the project's own: the standard ones need no constant.
fn is_own_header(value: &str) -> bool {
    const KNOWN: [&str; 12] = [
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-real-ip",
        "x-requested-with",
        "x-frame-options",
        "x-content-type-options",
        "x-xss-protection",
        "x-api-key",
        "x-csrf-token",
        "x-request-id",
        "x-accel-buffering",
    ];
    let lower = value.to_ascii_lowercase();
    let plain = lower.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    lower.starts_with("x-") && lower.len() > 4 && plain && !KNOWN.contains(&lower.as_str())
}

/// Whether a literal is the key of a header: an argument or index of what says headers, or a key of what is called so.
fn is_among_headers(cx: &Check<'_>, literal: Node<'_>) -> bool {
    let says = |name: &str| words(name).iter().any(|w| matches!(w.as_str(), "header" | "headers"));
    let mut around = literal.ancestors().take(4);
    around.any(|n| match n.kind() {
        Kind::Call => {
            let callee = n.callee();
            cx.meaning(n).is_some_and(|m| m.is("sets-header") || m.is("reads-header"))
                || callee.is_some_and(|c| {
                    says(c.name())
                        || c.object()
                            .is_some_and(|o| says(o.name()) || o.callee().is_some_and(|c| says(c.name())))
                })
        }
        Kind::Index => n.object().is_some_and(|o| says(o.name())),
        Kind::Dictionary => says(n.label()),
        Kind::Assign => n.all(Role::Target).any(|t| says(t.name())),
        Kind::Compare => n.all(Role::Operand).any(|o| says(o.name())),
        _ => false,
    })
}

/// The outside thing that an identifier names: `table_name`, `QueueUrl`, `bucket`.
fn thing(identifier: &str) -> Option<&'static str> {
    let words = words(identifier);
    let words: Vec<&str> =
        words.iter().map(String::as_str).filter(|w| !matches!(*w, "name" | "id")).collect();
    ["table", "bucket", "queue", "topic", "collection"].into_iter().find(|thing| words.last() == Some(thing))
}

/// A status other than those that every answer has.
fn status(identifier: &str, value: &str) -> Option<&'static str> {
    let words = words(identifier);
    let named = matches!(words.last().map(String::as_str), Some("status" | "state"));
    let lower = value.to_ascii_lowercase();
    (named
        && !matches!(
            lower.as_str(),
            "ok" | "error" | "success" | "200" | "true" | "false" | "unknown" | "none"
        ))
    .then_some("status")
}

fn judge(survey: &mut Survey<'_>) {
    for files in by_project(survey.files()).values() {
        let mut places: BTreeMap<&str, Vec<(usize, &Note)>> = BTreeMap::new();
        for &(number, _) in files {
            for note in survey.notes(number) {
                places.entry(&note.key).or_default().push((number, note));
            }
        }
        for (key, places) in places {
            report(survey, key, &places);
        }
    }
}

fn report(survey: &mut Survey<'_>, key: &str, places: &[(usize, &Note)]) {
    let (Some((kind, value)), Some(((first, note), others))) = (key.split_once(' '), places.split_first())
    else {
        return;
    };
    let files: BTreeSet<usize> = places.iter().map(|(number, _)| *number).collect();
    let option = |name: &str| survey.options(*first).map_or(0, |o| o.integer(name));
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    if count(places.len()) < option("places") || count(files.len()) < option("files") {
        return;
    }
    // A word of its own in each of several folders: parts that have nothing to do with each other.
    let folders: BTreeSet<&str> = files
        .iter()
        .map(|number| survey.all_files()[*number].path.rsplit_once('/').map_or("", |(folder, _)| folder))
        .collect();
    let unrelated = kind == "status" && folders.len() == files.len();
    let here: Vec<&Note> =
        places.iter().filter(|(number, _)| number == first).map(|(_, note)| *note).collect();
    let mut finding = survey
        .finding(
            note.range,
            format!("The {kind} `{value}` is written out {} times in {} files", places.len(), files.len()),
        )
        .why("A slip in one of them is found when it runs, and a change has to find them all.")
        .help("Write it once, as a constant that all use.")
        .confidence(if unrelated { Confidence::Low } else { Confidence::Medium })
        .fix(constant(&survey.all_files()[*first], kind, value, &here));
    let related = others.iter().take(RELATED);
    finding.related.extend(
        related.filter_map(|(number, note)| survey.related(*number, note.range, "written out here too")),
    );
    survey.report(*first, finding);
}

/// How many places a finding names.
const RELATED: usize = 20;

/// A constant of the file, for the places in it.
fn constant(file: &Surveyed<'_>, kind: &str, value: &str, places: &[&Note]) -> Fix {
    let name = words(&format!("{kind}_{value}")).join("_");
    let (name, line) = match file.language {
        Language::Python => {
            let name = name.to_ascii_uppercase();
            (name.clone(), format!("{name} = \"{value}\"\n\n"))
        }
        Language::Rust => {
            let name = name.to_ascii_uppercase();
            (name.clone(), format!("const {name}: &str = \"{value}\";\n\n"))
        }
        Language::Go => {
            let mut parts = name.split('_');
            let first = parts.next().unwrap_or_default().to_owned();
            let name = parts.fold(first, |name, part| {
                let (head, rest) = part.split_at(part.chars().next().map_or(0, char::len_utf8));
                name + &head.to_uppercase() + rest
            });
            (name.clone(), format!("const {name} = \"{value}\"\n\n"))
        }
    };
    let mut fix = Fix::suggested(format!("Name it `{name}` in this file"));
    for place in places {
        fix = fix.replace(place.range, name.clone());
    }
    let before: u32 = places.first().and_then(|place| place.detail.parse().ok()).unwrap_or(0);
    let at = places.first().map_or(0, |place| place.range.start - before);
    fix.insert(above_comments(file, at), line)
}

/// The start of the line at an offset, or of the comments and attributes right above it.
fn above_comments(file: &Surveyed<'_>, at: u32) -> u32 {
    let text = file.text;
    let line = |number: u32| text.slice(text.line_range(number));
    let mut first = text.line_of(at);
    while first > 0 && line(first - 1).trim_start().starts_with(['#', '/', '@']) {
        first -= 1;
    }
    text.line_start(first)
}
