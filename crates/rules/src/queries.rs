//! Queries that read: how they are built, and how many rows they can bring.

use shipworthy_audit::Check;
use shipworthy_facts::{Effects, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::texts::{self, Part};
use crate::values::{Given, given};

/// How many rows a query can bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extent {
    /// All of a table.
    Table,
    /// All that one tenant has of it.
    Tenant,
    /// Those that a condition leaves, which is on no key.
    Filtered,
    /// A number that the query says: a limit, a key, a list of keys, an aggregate.
    Bounded,
}

/// A query whose rows all come into memory.
pub(crate) struct Fetch<'a> {
    /// How many there can be.
    pub(crate) extent: Extent,
    /// Its SQL text, where it is one literal: for fixes.
    pub(crate) literal: Option<Node<'a>>,
    /// What it reads, as the code names it; empty where nothing says it.
    pub(crate) table: String,
}

/// How far a query is followed through names.
const MAX_STEPS: u32 = 8;

/// The query of a call that brings all rows into memory; none where the call does not, or where the code does not show the whole query.
pub(crate) fn fetch_all<'a>(cx: &Check<'a>, call: Node<'a>) -> Option<Fetch<'a>> {
    let meaning = cx.meaning(call)?;
    let mut reader = Reader { cx, extent: Extent::Table, literal: None, tables: Vec::new(), unknown: false };
    if meaning.is("gathers-items") {
        // `list(query)` runs a query that waits for it.
        let query = call.positional(0).filter(|_| call.arguments().count() == 1)?;
        cx.type_meaning(query).filter(|t| t.is("lazy-rows"))?;
        reader.read(query, MAX_STEPS);
    } else {
        let reads_all =
            meaning.property("rows") == Some("all") && meaning.effects.contains(Effects::DATABASE);
        if !reads_all || cx.argument(call, "limit").is_some_and(|l| !l.is(Kind::Nothing)) || call.has_spread()
        {
            return None;
        }
        if cx.language() == Language::Go && returns_rows(cx, call) && !gathered(cx, call) {
            return None;
        }
        reader.read(call, MAX_STEPS);
        reader.executed_before(call);
        if is_limited_later(cx, call) {
            reader.at_most(Extent::Bounded);
        }
    }
    let Reader { extent, literal, mut tables, unknown, .. } = reader;
    // A collection is called like what is in it: `readings.find()`.
    let collection = call.callee().and_then(Node::object).filter(|_| meaning.argument("filter").is_some());
    if tables.is_empty() {
        tables.extend(collection.map(|c| c.name().trim_matches('_').to_owned()).filter(|c| !c.is_empty()));
    }
    let found = extent == Extent::Bounded || literal.is_some() || !tables.is_empty();
    (found && (!unknown || extent == Extent::Bounded)).then(|| Fetch {
        extent,
        literal,
        table: tables.into_iter().last().unwrap_or_default(),
    })
}

/// Whether rows are limited after the call that asks for them: `orders.find(filter).limit(20)`.
fn is_limited_later(cx: &Check<'_>, call: Node<'_>) -> bool {
    let limits = |c: Node<'_>| cx.meaning(c).is_some_and(|m| m.is("limits-rows"));
    let mut chain = std::iter::successors(Some(call), |c| called_on(*c));
    let held = call.ancestors().find(|a| a.role() == Role::Statement).filter(|a| a.is(Kind::Assign));
    let held = held.and_then(|a| a.get(Role::Target)).filter(|t| t.is(Kind::Name));
    let later = || held.zip(call.function());
    chain.any(limits)
        || later().is_some_and(|(name, function)| {
            function.descendants_here().filter(|n| n.is(Kind::Call) && n.index() > name.index()).any(|c| {
                let object = c.callee().and_then(Node::object);
                object.is_some_and(|o| o.is(Kind::Name) && o.name() == name.name()) && limits(c)
            })
        })
}

/// The call of a method on what a call gives.
fn called_on(call: Node<'_>) -> Option<Node<'_>> {
    let callee = call.parent().filter(|p| p.is(Kind::Attribute))?;
    callee.parent().filter(|p| p.is(Kind::Call))
}

/// Go: whether a call gives rows to go through one by one.
fn returns_rows(cx: &Check<'_>, call: Node<'_>) -> bool {
    let returns = cx.meaning(call).and_then(|m| m.returns.first());
    returns.and_then(|t| cx.resolver().vocabulary().type_of(t)).is_some_and(|t| t.is("rows"))
}

/// Go: the loop that goes through the rows of a query.
pub(crate) fn rows_loop<'a>(cx: &Check<'a>, call: Node<'a>) -> Option<Node<'a>> {
    let rows = call.parent().filter(|a| a.is(Kind::Assign))?.get(Role::Target)?;
    let scope = call.function()?;
    let goes = |n: Node<'_>| {
        let mut inside = n.descendants().chain([n]).filter(|c| c.is(Kind::Call));
        inside.any(|c| {
            let next = cx.meaning(c).is_some_and(|m| m.is("next"));
            next && c.callee().and_then(Node::object).is_some_and(|o| o.text() == rows.text())
        })
    };
    let mut loops = scope
        .descendants_here()
        .filter(|n| matches!(n.kind(), Kind::While | Kind::For) && n.index() > call.index());
    loops.find(|l| l.get(Role::Condition).is_some_and(goes))
}

/// Go: whether the rows of a query are put into a slice.
fn gathered<'a>(cx: &Check<'a>, call: Node<'a>) -> bool {
    rows_loop(cx, call).is_some_and(|around| {
        around.descendants_here().any(|n| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("appends")))
    })
}

struct Reader<'c, 'a> {
    cx: &'c Check<'a>,
    extent: Extent,
    literal: Option<Node<'a>>,
    tables: Vec<String>,
    /// A part of the query is made where the code does not show it.
    unknown: bool,
}

impl<'a> Reader<'_, 'a> {
    fn at_most(&mut self, extent: Extent) {
        self.extent = self.extent.max(extent);
    }

    /// Reads the calls that a query is built with.
    fn read(&mut self, node: Node<'a>, steps: u32) {
        let Some(steps) = steps.checked_sub(1) else { return self.unknown = true };
        match node.kind() {
            Kind::Await | Kind::Propagate | Kind::Reference => {
                if let Some(value) = node.get(Role::Value) {
                    self.read(value, steps);
                }
            }
            Kind::Name => self.name(node, steps),
            Kind::Call => self.call(node, steps),
            _ => {}
        }
    }

    fn name(&mut self, name: Node<'a>, steps: u32) {
        for value in given(self.cx, name) {
            match value {
                Given::Value(value) if self.is_pushed_to(name, value) => self.unknown = true,
                // `query = query.filter(..)` is read with the query that it goes on from.
                Given::Value(value) | Given::Added(value) => {
                    let itself =
                        self.cx.method_chain(value).last().and_then(Node::callee).and_then(Node::object);
                    if itself.is_some_and(|o| o.is(Kind::Name) && o.name() == name.name()) {
                        self.chain_only(value, steps);
                    } else {
                        self.read(value, steps);
                    }
                }
                Given::Other(_) => self.unknown |= !self.is_connection(name),
            }
        }
    }

    /// Whether statements add to the text that a query begins with: `query.push(" LIMIT 100");`
    fn is_pushed_to(&self, name: Node<'a>, begun: Node<'a>) -> bool {
        let has_text = self.cx.method_chain(begun).any(|call| self.cx.argument(call, "sql").is_some());
        let is_of_it = |call: Node<'_>| {
            let first = self.cx.method_chain(call).last().and_then(Node::callee).and_then(Node::object);
            first.is_some_and(|o| o.is(Kind::Name) && o.name() == name.name())
        };
        let mut statements = name.function().into_iter().flat_map(Node::descendants_here);
        has_text && statements.any(|n| n.is(Kind::Call) && n.role() == Role::Statement && is_of_it(n))
    }

    fn is_connection(&self, node: Node<'_>) -> bool {
        self.cx
            .type_meaning(node)
            .is_some_and(|t| ["database-connection", "cursor", "pool", "transaction"].iter().any(|r| t.is(r)))
    }

    fn chain_only(&mut self, call: Node<'a>, steps: u32) {
        for call in self.cx.method_chain(call).collect::<Vec<_>>() {
            self.step(call, steps);
        }
    }

    fn call(&mut self, call: Node<'a>, steps: u32) {
        self.step(call, steps);
        if let Some(object) = call.callee().and_then(Node::object) {
            self.read(object, steps);
        }
    }

    /// One call of those that build a query.
    fn step(&mut self, call: Node<'a>, steps: u32) {
        let Some(meaning) = self.cx.meaning(call) else {
            // A class of the workspace or a function that makes a query.
            self.unknown = true;
            return;
        };
        if meaning.is("limits-rows") || meaning.is("writes-rows") {
            self.at_most(Extent::Bounded);
        }
        let connects = meaning.effects.intersects(Effects::CONNECTS);
        if let Some(sql) = self.cx.argument(call, "sql") {
            self.sql(sql, steps);
        } else if !connects {
            self.conditions(call);
        }
        // Conditions beside the destination: `db.Find(&user, id)`.
        if let Some(destination) = self.cx.argument(call, "destination") {
            if call.arguments().count() > 1 && self.cx.argument(call, "sql").is_none() {
                self.at_most(Extent::Bounded);
            }
            let named = destination.get(Role::Value).unwrap_or(destination);
            self.tables.push(named.name().to_owned());
        }
    }

    /// The arguments of a builder: tables and conditions.
    fn conditions(&mut self, call: Node<'a>) {
        let narrows = call.callee().is_some_and(|c| matches!(c.name(), "where" | "filter"));
        for argument in call.arguments() {
            if matches!(argument.label(), "id" | "pk" | "uuid" | "id__in" | "pk__in")
                || argument.label().ends_with("__in")
            {
                self.at_most(Extent::Bounded);
            } else if !argument.label().is_empty() {
                self.at_most(by_column(argument.label()));
            }
            // `find({"owner": owner})`
            let keys = argument.all(Role::Element).filter(|_| argument.is(Kind::Dictionary));
            for key in keys.filter_map(|e| e.get(Role::Key)).filter_map(Node::string) {
                let one = matches!(&*key, "_id" | "id" | "pk" | "uuid");
                self.at_most(if one { Extent::Bounded } else { by_column(&key) });
            }
            let all = || std::iter::once(argument).chain(argument.descendants());
            for compare in all().filter(|n| n.is(Kind::Compare)) {
                let equal = matches!(compare.operator(), Operator::Eq | Operator::In);
                let column = compare.all(Role::Operand).next().filter(|o| equal && o.is(Kind::Attribute));
                self.at_most(column.map_or(Extent::Filtered, |c| by_column(c.name())));
            }
            for inner in all().filter(|n| n.is(Kind::Call)).filter_map(Node::callee) {
                self.at_most(if inner.name() == "in_" { Extent::Bounded } else { Extent::Filtered });
                // `count(..)`, `max(..)`
                if matches!(inner.name(), "count" | "sum" | "max" | "min" | "avg") {
                    self.at_most(Extent::Bounded);
                }
            }
            if argument.is(Kind::String) && call.arguments().count() > 1 {
                self.at_most(argument.string().map_or(Extent::Filtered, |column| by_column(&column)));
            }
            // `table("invoices")`
            let named =
                argument.string().filter(|_| argument.is(Kind::String) && call.arguments().count() == 1);
            let is_name = |n: &str| n.chars().all(|c| c.is_alphanumeric() || c == '_');
            self.tables.extend(named.filter(|n| is_name(n)).map(String::from));
            let plain =
                matches!(argument.kind(), Kind::Name | Kind::Attribute) && argument.label().is_empty();
            // `where(of_this_run)`, `where(Job.is_stale)`, `select(recent)` from a query of its own.
            let derived = argument.is(Kind::Name) && argument.name().starts_with(char::is_lowercase);
            if plain && (narrows || derived && call.callee().is_some_and(|c| c.name() == "select")) {
                self.at_most(Extent::Filtered);
            }
            let model = plain && !narrows;
            if model && (argument.name().starts_with(char::is_uppercase) || argument.is(Kind::Attribute)) {
                self.tables.push(argument.text().to_owned());
            }
        }
        // `User.objects.all()`, `User.query`
        if let Some(manager) = call.callee().and_then(Node::object).filter(|o| o.is(Kind::Attribute)) {
            let model = manager.object().map(|model| match model.name() {
                "self" | "cls" => manager.name().trim_matches('_'),
                // `users::table` of Diesel is `users`, `users::dsl::users` too.
                _ if self.cx.language() == Language::Rust && manager.name() != "table" => manager.name(),
                _ => model.text(),
            });
            self.tables.extend(model.map(str::to_owned));
        }
    }

    /// SQL text, or a statement that stands for it.
    fn sql(&mut self, sql: Node<'a>, steps: u32) {
        let parts = texts::parts(self.cx, sql);
        if !parts.iter().any(|p| matches!(p, Part::Text(_))) {
            return self.read(sql, steps);
        }
        let mut text = String::new();
        for part in &parts {
            match part {
                Part::Text(written) => text.push_str(written),
                Part::Hole(_) => {
                    self.unknown |= !is_value_position(&text);
                    text.push('?');
                }
            }
        }
        let text = text.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        self.at_most(extent_of(&text));
        if sql.is(Kind::String) {
            self.literal = Some(sql);
        }
        if let Some((_, after)) = text.split_once(" from ") {
            self.tables.push(after.split([' ', ',', ';', ')']).next().unwrap_or("").to_owned());
        }
    }

    /// The text that a cursor executed last before its rows are fetched.
    fn executed_before(&mut self, fetch: Node<'a>) {
        let Some(object) = fetch.callee().and_then(Node::object).filter(|o| o.is(Kind::Name)) else { return };
        let Some(scope) = fetch.function() else { return };
        let executes = |n: &Node<'a>| {
            n.is(Kind::Call)
                && n.index() < fetch.index()
                && n.callee().and_then(Node::object).is_some_and(|o| o.text() == object.text())
                && self.cx.argument(*n, "sql").is_some()
        };
        if let Some(executed) = scope.descendants_here().filter(executes).last() {
            self.unknown = false;
            self.step(executed, MAX_STEPS);
        }
    }
}

/// Whether what follows a text is a value or a name of a table: not a clause that may hold a limit.
fn is_value_position(text: &str) -> bool {
    let text = text.trim_end().to_ascii_lowercase();
    text.ends_with(['=', '(', ',', '<', '>', '\'', '"', '.', '`'])
        || ["from", "join", "select", "by", "like", "where", "and", "in", "into"]
            .iter()
            .any(|w| text.ends_with(w))
}

/// How many rows a text in lower case can bring, which has single spaces.
pub(crate) fn extent_of(text: &str) -> Extent {
    let starts = text.trim_start_matches('(');
    let selects = starts.starts_with("select") || starts.starts_with("with");
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if selects {
        let few = has(&[
            " limit ",
            "fetch first",
            "fetch next",
            "select top",
            "rownum",
            "group by",
            "select distinct",
            "information_schema",
            "sqlite_master",
            "pg_",
            "sys.",
        ]);
        let aggregates = ["count(", "sum(", "max(", "min(", "avg(", "exists(", "exists (", "coalesce(", "1 "]
            .iter()
            .any(|f| text.contains(&format!("select {f}")));
        if few || aggregates || !text.contains(" from ") {
            return Extent::Bounded;
        }
    } else if has(&["insert ", "update ", "delete ", "pragma ", "show ", "explain ", "call ", "merge "]) {
        return Extent::Bounded;
    }
    let condition = if selects { text.split_once(" where ").map(|(_, c)| c) } else { Some(text) };
    let Some(condition) = condition.filter(|c| !c.is_empty()) else { return Extent::Table };
    let by_list = [" in (", " in(", " in ?", " in :", "= any", "=any"].iter().any(|w| condition.contains(w));
    if by_list || is_by_key(condition) {
        return Extent::Bounded;
    }
    // `where at > ?` leaves what there is since then: more every day.
    let compares = condition.replace(">=", ">").replace("<=", "<");
    let only_since = compares.contains(['<', '>'])
        && !["=", "<>", " in (", " in(", " like", " ilike", " is ", " and ", " or ", "exists", "~"]
            .iter()
            .any(|w| compares.contains(w));
    if only_since {
        return Extent::Tenant;
    }
    // `where tenant_id = ?` and no more.
    let column = condition.split('=').next().unwrap_or("").trim();
    let alone = !condition.contains(" and ") && !column.contains(' ');
    if alone { by_column(column.rsplit('.').next().unwrap_or(column)) } else { Extent::Filtered }
}

/// What equality on a column leaves.
fn by_column(column: &str) -> Extent {
    const TENANTS: [&str; 9] =
        ["tenant", "org", "organization", "organisation", "account", "workspace", "company", "team", "owner"];
    if is_key(column) {
        Extent::Bounded
    } else if words(column).first().is_some_and(|w| TENANTS.contains(&w.as_str())) {
        Extent::Tenant
    } else {
        Extent::Filtered
    }
}

/// Whether a condition compares a key with a value: `u.id = $1`.
fn is_by_key(condition: &str) -> bool {
    condition.match_indices('=').any(|(at, _)| {
        let before = condition[..at].trim_end();
        let column = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
        let after = condition[at + 1..].trim_start();
        is_key(column) && after.starts_with(['?', '%', '$', ':', '@', '\'', '{'])
            || is_key(column) && after.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// Whether a column is one that names a row by itself, as far as its name tells.
fn is_key(column: &str) -> bool {
    matches!(
        column.to_ascii_lowercase().as_str(),
        "id" | "pk"
            | "uuid"
            | "guid"
            | "rowid"
            | "_id"
            | "key"
            | "slug"
            | "email"
            | "username"
            | "hash"
            | "token"
            | "path"
            | "name"
    )
}

/// Whether a table is small by nature: settings, enumerations.
pub(crate) fn is_small(table: &str) -> bool {
    const SMALL: [&str; 50] = [
        "model",
        "models",
        "step",
        "steps",
        "team",
        "teams",
        "pool",
        "pools",
        "bundle",
        "bundles",
        "setting",
        "settings",
        "config",
        "configs",
        "configuration",
        "configurations",
        "enum",
        "enums",
        "role",
        "roles",
        "permission",
        "permissions",
        "country",
        "countries",
        "currency",
        "currencies",
        "language",
        "languages",
        "locale",
        "locales",
        "plan",
        "plans",
        "tariff",
        "tariffs",
        "feature",
        "features",
        "flag",
        "flags",
        "migration",
        "migrations",
        "schema",
        "schemas",
        "version",
        "versions",
        "status",
        "statuses",
        "type",
        "types",
        "kind",
        "kinds",
    ];
    let words = words(table);
    // Who is in a group is another table.
    let groups = words.last().is_some_and(|last| matches!(last.as_str(), "group" | "groups"));
    groups || words.iter().any(|w| SMALL.contains(&w.as_str()))
}

/// Whether a call asks a database something: not one that goes on with an answer (`rows.fetchone()`).
pub(crate) fn asks(cx: &Check<'_>, call: Node<'_>) -> bool {
    let Some(meaning) = cx.meaning(call) else { return false };
    if !meaning.effects.contains(Effects::DATABASE) || meaning.effects.contains(Effects::WRITES) {
        return false;
    }
    let text = cx.method_chain(call).find_map(|c| cx.argument(c, "sql"));
    if let Some(text) = text.and_then(Node::string) {
        let text = text.trim_start().to_ascii_lowercase();
        return text.starts_with("select") || text.starts_with("with");
    }
    let of_answer = call.callee().and_then(Node::object).and_then(|o| cx.type_meaning(o));
    let goes_on = of_answer.is_some_and(|t| ["rows", "row", "cursor", "statement"].iter().any(|r| t.is(r)));
    meaning.effects.contains(Effects::READS) && !goes_on && !meaning.guessed
}
