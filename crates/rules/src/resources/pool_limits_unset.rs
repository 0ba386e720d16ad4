use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Kind, Meaning, Node, Role};
use shipworthy_syntax::Language;

use crate::names::{called, words};
use crate::ownership::{Fate, Held, fate, indentation};
use crate::program;
use crate::values::{behind, is_endless};

rule! {
    /// A connection pool has no limits
    ///
    /// A pool without a limit opens a connection for everything that asks at the same time. Under load that is more than the database or the
    /// other service accepts, and the refusals hit every process that shares it. Connections without a limit on their life outlive failovers,
    /// password changes and the patience of firewalls; idle ones pile up. Set the size to the server's share, and let connections retire.
    ///
    /// Many libraries have sound limits of their own (`asyncpg`, `pgxpool`, `sqlx` for Rust, SQLAlchemy, `r2d2`); the rule speaks where a library
    /// has none, or where they were switched off.
    ///
    /// ```python bad
    /// import aiohttp
    /// import redis
    ///
    /// pool = redis.ConnectionPool(host="redis")
    ///        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// async def session():
    ///     return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    ///                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import aiohttp
    /// import redis
    ///
    /// pool = redis.ConnectionPool(host="redis", max_connections=100)
    ///
    /// async def session():
    ///     return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))
    /// ```
    ///
    /// ```python bad
    /// import httpx
    /// from sqlalchemy import create_engine
    ///
    /// engine = create_engine("postgresql://db/app", pool_size=0)
    ///          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// client = httpx.Client(limits=httpx.Limits(max_connections=None))
    ///                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import aiohttp
    /// import httpx
    /// import redis
    /// from sqlalchemy import create_engine
    ///
    /// engine = create_engine("postgresql://db/app")
    /// client = httpx.Client(limits=httpx.Limits(max_connections=100))
    /// pool = redis.ConnectionPool(host="redis", max_connections=50)
    /// blocking = redis.BlockingConnectionPool(host="redis")
    ///
    /// def connector(limit):
    ///     return aiohttp.TCPConnector(limit=limit)
    /// ```
    ///
    /// ```python good
    /// import aiohttp
    /// import asyncpg
    /// import redis
    ///
    /// def pool(**options):
    ///     return redis.ConnectionPool(**options)
    ///
    /// async def start(url):
    ///     return await asyncpg.create_pool(url), aiohttp.TCPConnector(ssl=True)
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "database/sql"
    ///
    /// type Store struct {
    /// 	db *sql.DB
    /// }
    ///
    /// func Open(url string) (*Store, error) {
    /// 	db, err := sql.Open("postgres", url)
    /// 	           ^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return &Store{db: db}, nil
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import "database/sql"
    /// import "time"
    ///
    /// type Store struct {
    /// 	db *sql.DB
    /// }
    ///
    /// func Open(url string) (*Store, error) {
    /// 	db, err := sql.Open("postgres", url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	db.SetMaxOpenConns(25)
    /// 	db.SetMaxIdleConns(25)
    /// 	db.SetConnMaxLifetime(5 * time.Minute)
    /// 	return &Store{db: db}, nil
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"crypto/tls"
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func client(config *tls.Config) *http.Client {
    /// 	return &http.Client{
    /// 		Timeout:   10 * time.Second,
    /// 		Transport: &http.Transport{TLSClientConfig: config},
    /// 		            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	}
    /// }
    /// ```
    /// ```go fixed
    /// package api
    ///
    /// import (
    /// 	"crypto/tls"
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func client(config *tls.Config) *http.Client {
    /// 	return &http.Client{
    /// 		Timeout:   10 * time.Second,
    /// 		Transport: &http.Transport{TLSClientConfig: config, MaxConnsPerHost: 100, IdleConnTimeout: 90 * time.Second},
    /// 	}
    /// }
    /// ```
    ///
    /// One that is emptied where it was made keeps nothing.
    ///
    /// ```go good
    /// package dump
    ///
    /// import (
    /// 	"net"
    /// 	"net/http"
    /// )
    ///
    /// func dump(request *http.Request, dial func(network, address string) (net.Conn, error)) error {
    /// 	transport := &http.Transport{Dial: dial}
    /// 	defer transport.CloseIdleConnections()
    /// 	_, err := transport.RoundTrip(request)
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
    /// 	"time"
    ///
    /// 	"github.com/jackc/pgx/v5/pgxpool"
    /// )
    ///
    /// func open(url string) (*sql.DB, error) {
    /// 	db, err := sql.Open("postgres", url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	db.SetMaxOpenConns(10)
    /// 	db.SetConnMaxLifetime(time.Hour)
    /// 	return db, nil
    /// }
    ///
    /// func configured(url string, limits Limits) (*sql.DB, error) {
    /// 	db, err := sql.Open("postgres", url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	limits.apply(db)
    /// 	return db, nil
    /// }
    ///
    /// func local(path string) (*sql.DB, error) {
    /// 	return sql.Open("sqlite3", path)
    /// }
    ///
    /// func pool(ctx context.Context, url string) (*pgxpool.Pool, error) {
    /// 	return pgxpool.New(ctx, url)
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func client() *http.Client {
    /// 	transport := &http.Transport{}
    /// 	transport.IdleConnTimeout = time.Minute
    /// 	return &http.Client{Transport: transport, Timeout: time.Second}
    /// }
    ///
    /// func once() *http.Client {
    /// 	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
    /// }
    ///
    /// func idle() *http.Transport {
    /// 	return &http.Transport{MaxIdleConns: 10, IdleConnTimeout: time.Minute}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn client() -> reqwest::Result<reqwest::Client> {
    ///     reqwest::Client::builder().pool_idle_timeout(None).build()
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// use std::time::Duration;
    ///
    /// fn client() -> reqwest::Result<reqwest::Client> {
    ///     reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(90)).build()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use std::time::Duration;
    ///
    /// use sqlx::postgres::PgPoolOptions;
    ///
    /// async fn pool(url: &str) -> sqlx::Result<sqlx::PgPool> {
    ///     PgPoolOptions::new().max_connections(u32::MAX).acquire_timeout(Duration::from_secs(3)).connect(url).await
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::time::Duration;
    ///
    /// use sqlx::postgres::PgPoolOptions;
    ///
    /// async fn pool(url: &str) -> sqlx::Result<sqlx::PgPool> {
    ///     PgPoolOptions::new().max_connections(20).max_lifetime(Duration::from_secs(1800)).connect(url).await
    /// }
    ///
    /// async fn default_pool(url: &str) -> sqlx::Result<sqlx::PgPool> {
    ///     sqlx::PgPool::connect(url).await
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn client() -> reqwest::Result<reqwest::Client> {
    ///     reqwest::Client::builder().pool_idle_timeout(None).pool_max_idle_per_host(10).build()
    /// }
    ///
    /// fn plain() -> reqwest::Client {
    ///     reqwest::Client::new()
    /// }
    /// ```
    ///
    /// A constructor of the project's own keeps the pool that it is given.
    ///
    /// ```go bad file=main.go
    /// package main
    ///
    /// import (
    /// 	"database/sql"
    /// 	"net/http"
    /// 	"os"
    /// )
    ///
    /// func main() {
    /// 	db, err := sql.Open("postgres", os.Getenv("DATABASE_URL"))
    /// 	           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		os.Exit(1)
    /// 	}
    /// 	http.ListenAndServe(":8080", newStore(db))
    /// }
    ///
    /// type store struct{ db *sql.DB }
    ///
    /// func newStore(db *sql.DB) *store { return &store{db: db} }
    /// ```
    ///
    /// ```go good file=main.go
    /// package main
    ///
    /// import (
    /// 	"database/sql"
    /// 	"net/http"
    /// 	"os"
    /// )
    ///
    /// func main() {
    /// 	db, err := sql.Open("postgres", os.Getenv("DATABASE_URL"))
    /// 	if err != nil {
    /// 		os.Exit(1)
    /// 	}
    /// 	http.ListenAndServe(":8080", configured(db))
    /// }
    ///
    /// type store struct{ db *sql.DB }
    ///
    /// func configured(db *sql.DB) *store {
    /// 	db.SetMaxOpenConns(20)
    /// 	return &store{db: db}
    /// }
    /// ```
    name: "pool-limits-unset",
    category: Resources,
    severity: Medium,
    scope: Both,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Role("pool"), Role("limits-pool")],
    check: check,
}

const WHY: &str = "It opens as many connections as are asked for at once, more than the other side accepts, and keeps them for ever.";

const HELP: &str = "Limit how many connections it opens, and how long each lives.";

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call).map(|m| &**m) else { return };
    if meaning.is("limits-pool") { unlimited(cx, call, meaning) } else { made(cx, call, meaning) }
}

/// A pool that is made.
fn made(cx: &mut Check<'_>, call: Node<'_>, meaning: &Meaning) {
    cx.site();
    if call.has_spread() || is_local(cx, call) || pools_nothing(cx, call) {
        return;
    }
    let limit = cx.argument(call, "limit");
    let bounded = match limit {
        Some(limit) => !is_endless(cx, meaning, limit),
        None => {
            meaning.property("limited").is_some()
                || meaning.property("default-limit").is_some_and(|l| l != "none")
        }
    };
    let mortal = cx.argument(call, "lifetime").is_some() && limit.is_none();
    let Limits::Unset(held) = limits_elsewhere(cx, call, meaning) else { return };
    if bounded || mortal {
        return;
    }
    // Who gets it may limit it.
    let handed_on = held.is_none_or(|h| h.story(cx, &[], false).handed_on);
    let mut confidence = if meaning.guessed || handed_on { Confidence::Medium } else { Confidence::High };
    // A client that nobody shares makes few connections. Go's services make theirs in `main.go`.
    let serves = |n: Node<'_>| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| program::serves(m));
    let alone = program::is_command_line(cx)
        && !call.function().is_some_and(|f| cx.language() == Language::Go && f.descendants().any(serves));
    if alone
        || meaning.property("default-limit").is_none() && cx.language() == Language::Python && limit.is_none()
    {
        confidence = Confidence::Low;
    }
    let what = match limit {
        Some(limit) => switched_off(call, limit),
        None => format!("`{}` makes a pool without limits", called(call)),
    };
    let finding = cx
        .finding(call, what)
        .why(WHY)
        .help(HELP)
        .confidence(confidence)
        .maybe_fix(fix(cx, call, meaning, held));
    cx.report(finding);
}

/// What the code around shows of a pool's limits.
enum Limits<'a> {
    /// They are set, or may be where this cannot be seen.
    Elsewhere,
    Unset(Option<Held<'a>>),
}

/// Go sets limits with methods and fields of the pool: whether that happens to the one that a call makes.
fn limits_elsewhere<'a>(cx: &Check<'a>, call: Node<'a>, meaning: &Meaning) -> Limits<'a> {
    if cx.language() != Language::Go {
        return Limits::Unset(None);
    }
    let Fate::Held(held) = fate(cx, call, 0) else {
        // A pool that goes straight into a field or to the caller may be limited there.
        let value = matches!(call.kind(), Kind::Construct);
        return if value { Limits::Unset(None) } else { Limits::Elsewhere };
    };
    let names: Vec<&str> = ["limit", "lifetime"]
        .into_iter()
        .filter_map(|a| meaning.argument(a))
        .flat_map(|a| a.keywords.iter().map(|k| &**k))
        .collect();
    let limits = |name: Node<'_>| {
        let Some(attribute) = name.parent().filter(|p| p.is(Kind::Attribute)) else {
            // Whoever is given it may limit it.
            let given = name.parent().filter(|p| p.is(Kind::Call) && cx.meaning(*p).is_none());
            return given.is_some_and(|call| may_limit(cx, call));
        };
        let method = attribute.parent().filter(|p| p.is(Kind::Call) && attribute.role() == Role::Callee);
        // gorm's `db.DB()` gives the pool below.
        let pool = |m: Node<'_>| {
            cx.type_meaning(m).is_some_and(|t| t.is("pool")) && cx.type_of(m) != cx.type_of(call)
        };
        names.contains(&attribute.name())
            || method.is_some_and(|m| cx.meaning(m).is_some_and(|m| m.is("limits-pool")) || pool(m))
    };
    let uses = held.scope.descendants().filter(|n| n.is(Kind::Name) && n.name() == held.name);
    if uses.into_iter().any(limits) { Limits::Elsewhere } else { Limits::Unset(Some(held)) }
}

/// Whether a function that is given a pool may limit it. A constructor of the workspace's own keeps it, as a rule.
fn may_limit(cx: &Check<'_>, call: Node<'_>) -> bool {
    let Some(path) = cx.workspace_callee(call) else { return true };
    let said = words(path.rsplit(['.', ':', '/']).next().unwrap_or_default());
    let keeps = said.first().is_some_and(|w| w == "new");
    !keeps || said.iter().any(|w| matches!(w.as_str(), "pool" | "db" | "database" | "connection" | "client"))
}

/// Whether a pool is of a file on this machine, which has no connections to run out of.
fn is_local(cx: &Check<'_>, call: Node<'_>) -> bool {
    let arguments = ["driver", "url", "dialector"].into_iter().filter_map(|a| cx.argument(call, a));
    arguments.map(|a| behind(cx, a).text().to_ascii_lowercase()).any(|text| text.contains("sqlite"))
}

/// Whether nothing stays in the pool.
fn pools_nothing(cx: &Check<'_>, call: Node<'_>) -> bool {
    cx.argument(call, "no-pool").is_some_and(|a| !a.is_boolean(false))
}

/// What sets a pool's limits, where it sets none.
fn unlimited(cx: &mut Check<'_>, call: Node<'_>, meaning: &Meaning) {
    let (limit, lifetime) = (cx.argument(call, "limit"), cx.argument(call, "lifetime"));
    let limit = limit.or(lifetime);
    if limit.is_none() && meaning.property("default-limit").is_none() {
        return;
    }
    cx.site();
    let switched = limit.map(|l| is_endless(cx, meaning, l));
    if call.has_spread() || !switched.unwrap_or(meaning.property("default-limit") == Some("none")) {
        return;
    }
    // A builder may have a limit of another kind.
    let whole = call.ancestors().filter(|a| a.is(Kind::Call)).last().unwrap_or(call);
    let others = cx.method_chain(whole).filter(|c| *c != call);
    if others
        .into_iter()
        .any(|c| cx.meaning(c).is_some_and(|m| m.is("limits-pool")) && cx.argument(c, "limit").is_some())
    {
        return;
    }
    let what = match limit {
        Some(limit) => switched_off(call, limit),
        None => format!("`{}` sets no limit on the pool's size", call.text()),
    };
    let lifetime = lifetime.filter(|_| cx.language() == Language::Rust);
    let fix = match lifetime {
        Some(lifetime) => {
            let (duration, import) = cx.import("std::time::Duration", "");
            let text = format!("{duration}::from_secs(90)");
            Some(Fix::suggested("Let idle connections go").import(import).replace(lifetime, text))
        }
        None => limit.map(|limit| Fix::suggested("Limit the pool").replace(limit, "100")),
    };
    let finding = cx.finding(call, what).why(WHY).help(HELP).maybe_fix(fix);
    cx.report(finding);
}

fn switched_off(call: Node<'_>, limit: Node<'_>) -> String {
    let name = if limit.label().is_empty() { call.callee().map_or("", Node::name) } else { limit.label() };
    format!("`{name}` of `{}` switches the pool's limit off", limit.text())
}

fn fix(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning, held: Option<Held<'_>>) -> Option<Fix> {
    let fix = Fix::suggested("Limit the pool");
    if let Some(limit) = cx.argument(call, "limit") {
        return Some(fix.replace(limit, "100"));
    }
    let fields: Vec<&str> = ["limit", "lifetime"]
        .into_iter()
        .filter_map(|a| meaning.argument(a)?.keywords.first())
        .map(|k| &**k)
        .collect();
    match (cx.language(), &fields[..]) {
        (Language::Python, [limit, ..]) => {
            let last = call.arguments().last()?;
            Some(fix.insert(last.range().end, format!(", {limit}=100")))
        }
        (Language::Go, [limit, lifetime]) if !call.text().contains('\n') => {
            let (time, import) = cx.import("time", "");
            let text = format!("{limit}: 100, {lifetime}: 90 * {time}.Second");
            let fix = fix.import(import);
            Some(match call.arguments().last() {
                Some(last) => fix.insert(last.range().end, format!(", {text}")),
                None => fix.insert(call.range().end - 1, text),
            })
        }
        (Language::Go, []) => {
            let held = held?;
            let limits = |method: &str| {
                let class = cx.type_of(call)?;
                let known = cx.resolver().vocabulary().type_of(&class)?;
                let owners = std::iter::once(&class[..]).chain(known.bases.iter().map(|b| &**b));
                let mut found =
                    owners.filter_map(|o| cx.resolver().vocabulary().call(&format!("{o}.{method}")));
                found.next()
            };
            limits("SetMaxOpenConns")?;
            let after = held.certain_from(cx)?;
            let (time, import) = cx.import("time", "");
            let (line, name) = (format!("\n{}", indentation(after)?), held.name);
            let text = format!(
                "{line}{name}.SetMaxOpenConns(25){line}{name}.SetMaxIdleConns(25){line}{name}.SetConnMaxLifetime(5 * {time}.Minute)"
            );
            Some(fix.import(import).insert(after.range().end, text))
        }
        _ => None,
    }
}
