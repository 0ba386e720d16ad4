use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::lifetime::{Made, made};
use crate::names::words;
use crate::program;
use crate::values::{Given, any_behind, given};

rule! {
    /// A connection or client is made on each call
    ///
    /// Each one costs a handshake, often two, and holds a socket and the server's memory; under load the database runs out of connections
    /// long before it runs out of work. Make the client, engine or pool once and share it.
    ///
    /// ```python bad
    /// import psycopg2
    ///
    /// def get_db_connection():
    ///     return psycopg2.connect("dbname=shop")
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// import httpx
    /// import redis
    ///
    /// async def fetch(url):
    ///     client = httpx.AsyncClient()
    ///              ^^^^^^^^^^^^^^^^^^^
    ///     return await client.get(url)
    ///
    /// def refresh(keys):
    ///     for key in keys:
    ///         cache = redis.Redis()
    ///                 ^^^^^^^^^^^^^
    ///         cache.delete(key)
    /// ```
    /// ```python fixed
    /// import functools
    /// import httpx
    /// import redis
    ///
    /// @functools.cache
    /// def shared_client():
    ///     return httpx.AsyncClient()
    ///
    ///
    /// async def fetch(url):
    ///     client = shared_client()
    ///     return await client.get(url)
    ///
    /// @functools.cache
    /// def shared_cache():
    ///     return redis.Redis()
    ///
    ///
    /// def refresh(keys):
    ///     for key in keys:
    ///         cache = shared_cache()
    ///         cache.delete(key)
    /// ```
    ///
    /// A database that is made for the call alone.
    ///
    /// ```python good
    /// import sqlite3
    /// import tempfile
    /// from pathlib import Path
    ///
    /// def cleaned(rows):
    ///     with tempfile.TemporaryDirectory() as folder:
    ///         path = Path(folder) / "cleaning.sqlite3"
    ///         connection = sqlite3.connect(path)
    ///         try:
    ///             return sort(connection, rows)
    ///         finally:
    ///             connection.close()
    /// ```
    ///
    /// ```python good
    /// import functools
    /// import httpx
    /// import redis
    ///
    /// client = httpx.Client()
    ///
    /// @functools.cache
    /// def cache():
    ///     return redis.Redis()
    ///
    /// class Api:
    ///     def __init__(self):
    ///         self.client = httpx.Client()
    ///
    ///     def lazily(self):
    ///         if self.client is None:
    ///             self.client = httpx.Client()
    ///         return self.client
    /// ```
    ///
    /// ```python good
    /// from contextlib import asynccontextmanager
    /// import httpx
    ///
    /// @asynccontextmanager
    /// async def lifespan(app):
    ///     async with httpx.AsyncClient() as client:
    ///         app.state.client = client
    ///         yield
    ///
    /// def create_client(token):
    ///     return httpx.Client(headers={"Authorization": token})
    ///
    /// def main():
    ///     client = httpx.Client()
    ///     print(client.get("https://example.com"))
    /// ```
    ///
    /// What makes pools and engines for whoever keeps them, what is opened anew on purpose, what the call's own credentials are for, and what
    /// trades one token for another now and then.
    ///
    /// ```python good
    /// import boto3
    /// import redis
    /// from sqlalchemy import create_engine
    /// from sqlalchemy.pool import NullPool
    ///
    /// class Store:
    ///     def get_pool(self, **parameters):
    ///         return redis.ConnectionPool(**parameters)
    ///
    ///     def get_sql_engine(self):
    ///         return create_engine(self.url)
    ///
    ///     def has_table(self, name):
    ///         engine = create_engine(self.url, poolclass=NullPool)
    ///         with engine.connect() as connection:
    ///             return engine.dialect.has_table(connection, name)
    ///
    /// def first_bucket(**credentials):
    ///     s3 = boto3.client("s3", **credentials)
    ///     return s3.list_buckets()["Buckets"][0]
    ///
    /// def assume_role(arn):
    ///     sts = boto3.client("sts")
    ///     return sts.assume_role(RoleArn=arn, RoleSessionName="shop")["Credentials"]
    /// ```
    ///
    /// A client of HTTP for one call, or a database in a file, is of medium severity; one outside a service, of low. What commands do, what happens now and then, and sessions
    /// with settings of their own are not reported.
    ///
    /// ```python good
    /// import boto3
    /// import httpx
    /// import requests
    ///
    /// async def send_heartbeat(url):
    ///     async with httpx.AsyncClient() as client:
    ///         await client.post(url)
    ///
    /// async def wait_until_ready(url):
    ///     async with httpx.AsyncClient() as client:
    ///         await client.get(url)
    ///
    /// class Remote:
    ///     @classmethod
    ///     async def from_url(cls, url):
    ///         async with httpx.AsyncClient(base_url=url) as client:
    ///             schema = await client.get("/openapi.json")
    ///         return cls(url, schema.json())
    ///
    /// def deliver(webhook, request):
    ///     with requests.Session() as session:
    ///         session.verify = webhook.verify
    ///         return session.send(request)
    ///
    /// def models(configs):
    ///     for config in configs:
    ///         client = httpx.Client(auth_key=config.key)
    ///         client.get("/models")
    ///
    /// def endpoints(region, arn):
    ///     lent = assumed(arn)
    ///     client = boto3.client("sagemaker", region_name=region, **lent)
    ///     return client.list_endpoints()["Endpoints"]
    /// ```
    ///
    /// ```python good file=shop/management/commands/report.py
    /// import httpx
    ///
    /// def handle(url):
    ///     with httpx.Client() as client:
    ///         client.post(url)
    /// ```
    ///
    /// The connection that stays, and what is done when a program starts.
    ///
    /// ```python good
    /// import aiohttp
    ///
    /// class Chat:
    ///     async def listen(self):
    ///         async with aiohttp.ClientSession() as session:
    ///             async with session.ws_connect(self.url) as socket:
    ///                 async for message in socket:
    ///                     self.show(message)
    ///
    ///     async def connect(self):
    ///         async with aiohttp.ClientSession() as session:
    ///             await session.post(self.url, json={"webhook": self.address})
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import "database/sql"
    ///
    /// func count(dsn string) (int, error) {
    /// 	db, err := sql.Open("postgres", dsn)
    /// 	           ^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return 0, err
    /// 	}
    /// 	defer db.Close()
    /// 	var n int
    /// 	return n, db.QueryRow("SELECT count(*) FROM items").Scan(&n)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"context"
    ///
    /// 	"github.com/redis/go-redis/v9"
    /// )
    ///
    /// func forget(ctx context.Context, keys []string) {
    /// 	for _, key := range keys {
    /// 		client := redis.NewClient(&redis.Options{Addr: "cache:6379"})
    /// 		          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		client.Del(ctx, key)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"database/sql"
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// type Store struct{ db *sql.DB }
    ///
    /// func NewStore(dsn string) (*Store, error) {
    /// 	db, err := sql.Open("postgres", dsn)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return &Store{db: db}, nil
    /// }
    ///
    /// func Connect(dsn string) (*sql.DB, error) {
    /// 	db, err := sql.Open("postgres", dsn)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	db.SetMaxOpenConns(20)
    /// 	return db, nil
    /// }
    ///
    /// func OpenDB(dsn string) (*sql.DB, error) {
    /// 	db, err := sql.Open("mysql", dsn)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return db, db.Ping()
    /// }
    ///
    /// func fetch(url string) (*http.Response, error) {
    /// 	client := &http.Client{Timeout: time.Second}
    /// 	return client.Get(url)
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import "database/sql"
    ///
    /// func run(dsn string) error {
    /// 	db, err := sql.Open("postgres", dsn)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	return serve(db)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn fetch(url: &str) -> reqwest::Result<reqwest::Response> {
    ///     let client = reqwest::Client::new();
    ///                  ^^^^^^^^^^^^^^^^^^^^^^
    ///     client.get(url).send().await
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn count(url: &str) -> sqlx::Result<Row> {
    ///     let pool = sqlx::PgPool::connect(url).await?;
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     sqlx::query("SELECT count(*) FROM items").fetch_one(&pool).await
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::sync::LazyLock;
    ///
    /// static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(reqwest::Client::new);
    ///
    /// async fn fetch(url: &str) -> reqwest::Result<reqwest::Response> {
    ///     CLIENT.get(url).send().await
    /// }
    /// ```
    ///
    /// ```rust good
    /// impl Api {
    ///     fn new() -> Self {
    ///         let client = reqwest::Client::new();
    ///         Self { client }
    ///     }
    /// }
    ///
    /// async fn main() {
    ///     let client = reqwest::Client::new();
    ///     client.get("https://example.com").send().await.ok();
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn connect_default(url: &str, size: u32) -> Result<Store, Error> {
    ///     let pool = sqlx::postgres::PgPoolOptions::new().max_connections(size).connect(url).await?;
    ///     Ok(pool.into())
    /// }
    ///
    /// fn run_migrations(url: &str) {
    ///     let mut conn = diesel::PgConnection::establish(url).unwrap();
    ///     conn.run_pending_migrations(MIGRATIONS).unwrap();
    /// }
    /// ```
    ///
    /// A client over a pool that is kept opens nothing:
    ///
    /// ```python good
    /// import functools
    ///
    /// import redis
    ///
    /// @functools.cache
    /// def pool(url: str) -> redis.ConnectionPool:
    ///     return redis.ConnectionPool.from_url(url, max_connections=20, socket_timeout=2)
    ///
    /// def get_connection(url: str) -> redis.Redis:
    ///     return redis.Redis(connection_pool=pool(url))
    /// ```
    ///
    /// ```go good
    /// package dbconf
    ///
    /// import (
    /// 	"crypto/tls"
    /// 	"database/sql"
    /// 	"os"
    ///
    /// 	amqp "github.com/rabbitmq/amqp091-go"
    /// )
    ///
    /// func DBFromConfig(path string) (*sql.DB, error) {
    /// 	source, err := os.ReadFile(path)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return sql.Open("postgres", string(source))
    /// }
    ///
    /// func Connect(url string, conf *tls.Config) (*amqp.Connection, error) {
    /// 	return amqp.DialConfig(url, amqp.Config{TLSClientConfig: conf})
    /// }
    ///
    /// type History struct{ list *sql.Stmt }
    ///
    /// func Open(path string) (*History, error) {
    /// 	db, err := sql.Open("mysql", path)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	list, err := db.Prepare("SELECT id FROM history WHERE account = ?")
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return &History{list}, nil
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import "database/sql"
    ///
    /// func getDB(dsn string) (*sql.DB, error) {
    /// 	return sql.Open("postgres", dsn)
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// A migration runs once, at whatever place its name says so; a client that is bound to an address which was just checked cannot be shared.
    ///
    /// ```rust good
    /// struct Store {
    ///     url: String,
    /// }
    ///
    /// impl Store {
    ///     async fn run_pending_migrations(&self) {
    ///         let mut connection = diesel::PgConnection::establish(&self.url).unwrap();
    ///         connection.run_pending_migrations(MIGRATIONS).unwrap();
    ///     }
    /// }
    ///
    /// async fn fetch(url: reqwest::Url, host: &str) -> Option<reqwest::Response> {
    ///     let checked = safe_address(&url).await?;
    ///     let client = reqwest::Client::builder().resolve(host, checked).build().ok()?;
    ///     client.get(url).send().await.ok()
    /// }
    /// ```
    name: "connection-per-call",
    category: Resources,
    severity: High,
    scope: Both,
    fix: { Python: Suggested },
    on: [Effect(Effects::CONNECTS)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    cx.site();
    let Some(meaning) = cx.meaning(call).cloned() else { return };
    // Go's clients without a transport of their own share the process's.
    let shares =
        cx.language() == Language::Go && meaning.argument("transport").is_some_and(|a| a.of(call).is_none());
    // Sockets and listeners are made for one use; a client that is given a transport shares that.
    let kept = ["http-client", "database-connection", "pool"].into_iter().any(|role| meaning.is(role))
        || meaning.effects.contains(Effects::DATABASE);
    let given = ["http_client", "transport", "connector", "connection_pool", "session"]
        .into_iter()
        .any(|k| call.keyword(k).is_some());
    // `NullPool` opens for each use anyway: an engine around it holds nothing.
    let unpooled = call.keyword("poolclass").is_some_and(|p| p.name() == "NullPool");
    if shares
        || !kept
        || given
        || unpooled
        || meaning.guessed
        || is_in_temporary(cx, cx.facts().node(call.index()))
    {
        return;
    }
    let database = meaning.effects.contains(Effects::DATABASE)
        || meaning.is("database-connection")
        || meaning.is("pool");
    let function = cx.named_function(call);
    let name = function.map_or("", Node::name);
    let said = words(name);
    // In Go `OpenDB(url)` gives a pool, as `sql.Open` does, and `Connect(url)` or `DBFromConfig(path)` what its caller keeps.
    let is_first = |of: &[&str]| said.first().is_some_and(|w| of.contains(&w.as_str()));
    let opens = cx.language() == Language::Go && is_first(&["open"]);
    let constructs = opens
        || cx.language() == Language::Go && (is_first(&["connect"]) || said.iter().any(|w| w == "from"));
    let often = made(cx, call);
    let served = function.is_some_and(|f| f.has(Flags::ASYNC) || cx.is_decorated(f, "route"));
    let (how, confidence) = match often {
        Made::Once => return,
        Made::PerItem => ("for each item of a loop", Confidence::High),
        Made::PerCall => {
            ("on each call", if served || database { Confidence::High } else { Confidence::Medium })
        }
        // `get_db()` is asked again and again; `create_engine_for()` is called by whoever keeps it.
        Made::Handed => {
            if !is_first(&["get", "connect", "db", "connection", "open"]) || !database {
                return;
            }
            // Who asks for a pool or an engine keeps it; who asks for a connection uses it.
            let limits = |n: Node<'_>| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("limits-pool"));
            let keeps = constructs
                || said.iter().any(|w| matches!(w.as_str(), "pool" | "engine" | "factory"))
                || function.is_some_and(|f| f.descendants().any(limits));
            ("each time it is asked", if keeps { Confidence::Low } else { Confidence::Medium })
        }
    };
    let of_the_call = function.is_some_and(|f| {
        is_configured_by(call, f)
            || is_bound_in(cx, call, f)
            || is_set_up_later(call, f)
            || is_for_websocket(call, f)
    });
    let sure = match () {
        () if program::is_alone(cx) || opens => false,
        () if database => often != Made::Handed || !of_the_call,
        () => !of_the_call && !function.is_some_and(is_seldom),
    };
    let confidence = if sure { confidence } else { Confidence::Low };
    // A client of HTTP costs its call a handshake; a file on this machine costs none.
    let local = meaning.effects.contains(Effects::FILES);
    let severity = match () {
        () if local => Severity::Medium,
        () if often == Made::PerItem || database => Severity::High,
        () if served => Severity::Medium,
        () => Severity::Low,
    };
    let why = if local {
        "Each opens the file and reads its schema anew, and two of them wait for each other's locks."
    } else {
        "Each costs a handshake and a socket; under load the other side runs out of connections."
    };
    let finding = cx
        .finding(call, format!("`{name}` makes a new connection or client {how}"))
        .why(why)
        .help("Make it once and share it: a pool, a client of the module or of the application.")
        .severity(severity)
        .confidence(confidence)
        .maybe_fix(fix(cx, call));
    cx.report(finding);
}

/// Whether a database is made for this call alone: its file lies in a temporary folder of the function.
fn is_in_temporary<'a>(cx: &Check<'a>, call: Node<'a>) -> bool {
    let makes = |n: Node<'_>| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("temporary"));
    let look = |n: Node<'a>, next: &mut Vec<Node<'a>>| {
        if n.is(Kind::Name) {
            for given in given(cx, n) {
                match given {
                    Given::Value(value) | Given::Added(value) => next.push(value),
                    // `with tempfile.TemporaryDirectory() as folder:`
                    Given::Other(bound) => next.extend(bound.parent().and_then(|item| item.get(Role::Value))),
                }
            }
        }
        makes(n)
    };
    call.arguments().any(|argument| any_behind(argument, MAX_STEPS, look))
}

/// How far the path of a database is followed.
const MAX_STEPS: u32 = 4;

/// Whether a function is called now and then, by its name: it trades credentials that are good for an hour, finds out how others sign in, tells
/// that the program is there, waits until another one is, installs something.
fn is_seldom(function: Node<'_>) -> bool {
    const SELDOM: [&str; 21] = [
        "token",
        "tokens",
        "role",
        "credentials",
        "oauth",
        "discovery",
        "metadata",
        "registration",
        "telemetry",
        "heartbeat",
        "metrics",
        "verify",
        "preflight",
        "install",
        "uninstall",
        "release",
        "version",
        "signout",
        "wait",
        "connect",
        "disconnect",
    ];
    words(function.name()).iter().any(|w| SELDOM.contains(&w.as_str()))
}

/// Whether a client gets settings of this call's own after it was made: `session.verify = webhook.verify`.
fn is_set_up_later(call: Node<'_>, function: Node<'_>) -> bool {
    const OWN: [&str; 5] = ["verify", "auth", "cert", "proxies", "trust_env"];
    let holder = call.ancestors().find(|a| matches!(a.kind(), Kind::Assign | Kind::WithItem));
    let Some(name) = holder.and_then(|a| a.get(Role::Target)).filter(|t| t.is(Kind::Name)) else {
        return false;
    };
    function.descendants_here().filter(|n| n.is(Kind::Assign)).flat_map(|a| a.all(Role::Target)).any(|t| {
        OWN.contains(&t.name()) && t.object().is_some_and(|o| o.is(Kind::Name) && o.name() == name.name())
    })
}

/// Whether a client is made for a connection that stays: `async with session.ws_connect(url) as socket`.
fn is_for_websocket(call: Node<'_>, function: Node<'_>) -> bool {
    let holder = call.ancestors().find(|a| matches!(a.kind(), Kind::Assign | Kind::WithItem));
    let Some(name) = holder.and_then(|a| a.get(Role::Target)).filter(|t| t.is(Kind::Name)) else {
        return false;
    };
    function.descendants_here().filter(|n| n.is(Kind::Call)).filter_map(Node::callee).any(|c| {
        c.name() == "ws_connect" && c.object().is_some_and(|o| o.is(Kind::Name) && o.name() == name.name())
    })
}

/// Rust: whether a client is built for what this call found out: `Client::builder().resolve(host, checked).build()`.
fn is_bound_in(cx: &Check<'_>, call: Node<'_>, function: Node<'_>) -> bool {
    let is_own = |n: Node<'_>| {
        n.is(Kind::Name)
            && n.name() != "self"
            && !cx.resolver().bindings(n).is_empty()
            && cx.resolver().bindings(n).iter().all(|binding| binding.is_in(function))
    };
    let mut binds = cx.method_chain(call).filter(|c| cx.meaning(*c).is_some_and(|m| m.is("binds-client")));
    binds.any(|c| c.arguments().flat_map(|a| a.descendants().chain([a])).any(is_own))
}

/// Whether a client is made of what the call was given: keywords that are passed on, the host to talk to, credentials. Keywords that the
/// function has put together are its own as well.
fn is_configured_by(call: Node<'_>, function: Node<'_>) -> bool {
    const OWN: [&str; 8] = ["host", "credentials", "secret", "key", "token", "cert", "proxy", "verify"];
    // An item of a loop has its own as well.
    let of_item = |n: Node<'_>| {
        let loops = call.ancestors().take_while(|a| *a != function).filter(|a| a.is(Kind::For));
        loops.flat_map(|l| l.all(Role::Target)).any(|t| t.is(Kind::Name) && t.name() == n.name())
    };
    let is_parameter = |n: Node<'_>| {
        n.is(Kind::Name) && (function.all(Role::Parameter).any(|p| p.name() == n.name()) || of_item(n))
    };
    call.arguments().any(|argument| {
        let spread = argument.has(Flags::SPREAD_KEYWORDS) || argument.has(Flags::SPREAD);
        let own = spread || words(argument.label()).iter().any(|w| OWN.contains(&w.as_str()));
        let put_together = |n: Node<'_>| {
            n.is(Kind::Name)
                && std::iter::once(function)
                    .chain(function.ancestors().filter(|a| a.is(Kind::Function)))
                    .flat_map(Node::descendants_here)
                    .filter(|a| a.is(Kind::Assign))
                    .any(|assign| assign.all(Role::Target).any(|t| t.is(Kind::Name) && t.name() == n.name()))
        };
        spread && argument.descendants().any(put_together)
            || own && std::iter::once(argument).chain(argument.descendants()).any(is_parameter)
    })
}

/// A cached factory in front of the definition, where what is made does not depend on the call.
fn fix(cx: &Check<'_>, call: Node<'_>) -> Option<Fix> {
    if cx.language() != Language::Python
        || !call.arguments().all(Node::is_literal)
        || call.role() != Role::Value
    {
        return None;
    }
    let assign = call.parent().filter(|p| p.is(Kind::Assign))?;
    let factory = format!("shared_{}", assign.get(Role::Target)?.name());
    let definition = call.ancestors().filter(|n| n.parent().is_some_and(|p| p.is(Kind::Module))).last()?;
    let (functools, import) = cx.import("functools", "");
    let text = format!("@{functools}.cache\ndef {factory}():\n    return {}\n\n\n", call.text());
    let fix = Fix::suggested("Make it once, in a cached factory").import(import);
    Some(fix.insert(definition.range().start, text).replace(call, format!("{factory}()")))
}
