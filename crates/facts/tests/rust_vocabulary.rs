//! Small real-looking Rust resolves to what its calls do.

mod common;

use common::File;
use shipworthy_syntax::Language;

#[track_caller]
fn resolves(source: &str, expected: &[&str]) {
    let file = File::new(Language::Rust, tree_sitter_rust::LANGUAGE.into(), source);
    assert_eq!(file.meanings(), expected, "{source}");
}

#[test]
fn a_client_from_a_builder() {
    resolves(
        r#"
use reqwest::Client;
use std::time::Duration;
async fn fetch(url: &str) -> anyhow::Result<String> {
    let client = Client::builder().timeout(Duration::from_secs(5)).build()?;
    let text = client.get(url).header("a", "b").send().await?.error_for_status()?.text().await?;
    Ok(text)
}
"#,
        &[
            "Client::builder().timeout(Duration::from_secs(5)).build = reqwest::ClientBuilder::build",
            "Client::builder().timeout = reqwest::ClientBuilder::timeout",
            "Client::builder = reqwest::Client::builder",
            "client.get(url).header(\"a\", \"b\").send().await?.error_for_status()?.text = reqwest::Response::text",
            "client.get(url).header(\"a\", \"b\").send().await?.error_for_status = reqwest::Response::error_for_status",
            "client.get(url).header(\"a\", \"b\").send = reqwest::RequestBuilder::send",
            "client.get(url).header = reqwest::RequestBuilder::header",
            "client.get = reqwest::Client::get",
            "Ok = Ok",
        ],
    );
}

#[test]
fn a_pool_in_a_field() {
    resolves(
        r#"
use sqlx::PgPool;
pub struct Store { pool: PgPool }
impl Store {
    pub fn new(pool: PgPool) -> Self { Self { pool } }
    pub async fn name(&self, id: i64) -> Result<String, sqlx::Error> {
        let row = sqlx::query("SELECT name FROM users WHERE id = $1").bind(id).fetch_one(&self.pool).await?;
        let mut tx = self.pool.begin().await?;
        tx.commit().await?;
        Ok(row)
    }
}
async fn run(pool: PgPool) {
    let store = Store::new(pool);
    store.pool.acquire().await.unwrap();
}
"#,
        &[
            "sqlx::query(\"SELECT name FROM users WHERE id = $1\").bind(id).fetch_one = sqlx::query::Query::fetch_one",
            "sqlx::query(\"SELECT name FROM users WHERE id = $1\").bind = sqlx::query::Query::bind",
            "sqlx::query = sqlx::query",
            "self.pool.begin = sqlx::Pool::begin",
            "tx.commit = sqlx::Transaction::commit",
            "Ok = Ok",
            "store.pool.acquire().await.unwrap = *::unwrap",
            "store.pool.acquire = sqlx::Pool::acquire",
        ],
    );
}

#[test]
fn what_a_lock_guards() {
    resolves(
        r#"
use std::sync::{Arc, Mutex};
use rusqlite::Connection;
struct Db { conn: Arc<Mutex<Connection>> }
impl Db {
    fn put(&self, v: &str) -> rusqlite::Result<()> {
        let conn = self.conn.lock().unwrap();
        conn.execute("INSERT INTO t VALUES (?1)", [v])?;
        Ok(())
    }
}
fn main() {
    let shared = Arc::new(Mutex::new(Connection::open("x.db").expect("open")));
    let other = Arc::clone(&shared);
    other.lock().unwrap().execute("DELETE FROM t", []).ok();
}
"#,
        &[
            "self.conn.lock().unwrap = *::unwrap",
            "self.conn.lock = std::sync::Mutex::lock",
            "conn.execute = rusqlite::Connection::execute",
            "Ok = Ok",
            "Arc::new = std::sync::Arc::new",
            "Mutex::new = std::sync::Mutex::new",
            "Connection::open(\"x.db\").expect = *::expect",
            "Connection::open = rusqlite::Connection::open",
            "Arc::clone = std::sync::Arc::clone",
            "other.lock().unwrap().execute(\"DELETE FROM t\", []).ok = *::ok",
            "other.lock().unwrap().execute = rusqlite::Connection::execute",
            "other.lock().unwrap = *::unwrap",
            "other.lock = std::sync::Mutex::lock",
        ],
    );
}

#[test]
fn extractors_and_patterns() {
    resolves(
        r#"
use axum::{extract::State, Json};
use sqlx::{Pool, Postgres};
struct App { pool: Pool<Postgres>, http: reqwest::Client }
async fn handler(State(pool): State<Pool<Postgres>>, State(App { http, .. }): State<App>) -> Json<String> {
    if let Ok(mut conn) = pool.acquire().await {
        conn.begin().await;
    }
    let tx = match pool.begin().await {
        Ok(tx) => tx,
        Err(e) => return Json(e.to_string()),
    };
    tx.rollback().await;
    http.get("u").send().await;
    Json(String::new())
}
"#,
        &[
            "pool.acquire = sqlx::Pool::acquire",
            "conn.begin = sqlx::PgConnection::begin",
            "pool.begin = sqlx::Pool::begin",
            "Json = axum::Json",
            "tx.rollback = sqlx::Transaction::rollback",
            "http.get(\"u\").send = reqwest::RequestBuilder::send",
            "http.get = reqwest::Client::get",
            "Json = axum::Json",
        ],
    );
}

#[test]
fn macros_by_their_imports() {
    resolves(
        r#"
use tracing::{error, info as say};
use log;
fn f(e: &str) {
    error!("failed: {}", e);
    say!("x");
    log::warn!("w");
    println!("p");
    tracing::debug!(e, "d");
}
"#,
        &[
            "error! = tracing::error!",
            "say! = tracing::info!",
            "log::warn! = log::warn!",
            "println! = println!",
            "tracing::debug! = tracing::debug!",
        ],
    );
}

#[test]
fn all_names_of_a_module_and_traits() {
    resolves(
        r#"
use diesel::prelude::*;
use subtle::ConstantTimeEq as _;
use tokio::time::*;
async fn f(conn: &mut PgConnection, a: &[u8], b: &[u8]) {
    users.filter(id.eq(1)).load::<User>(conn);
    sleep(Duration::from_secs(1)).await;
    if a.ct_eq(b).into() {}
}
"#,
        &["users.filter(id.eq(1)).load = ~load", "sleep = tokio::time::sleep", "a.ct_eq = ~ct_eq"],
    );
}

#[test]
fn statics_that_are_made_once() {
    resolves(
        r#"
use std::sync::{LazyLock, OnceLock};
static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(reqwest::Client::new);
static OTHER: OnceLock<reqwest::Client> = OnceLock::new();
async fn f() {
    CLIENT.get("u").send().await;
    OTHER.get().unwrap().post("u");
    OTHER.get_or_init(reqwest::Client::new).put("u");
    let local = LazyLock::new(|| reqwest::Client::new());
    local.get("u");
}
"#,
        &[
            "LazyLock::new = std::sync::LazyLock::new",
            "OnceLock::new = std::sync::OnceLock::new",
            "CLIENT.get(\"u\").send = reqwest::RequestBuilder::send",
            "CLIENT.get = reqwest::Client::get",
            "OTHER.get().unwrap().post = reqwest::Client::post",
            "OTHER.get().unwrap = *::unwrap",
            "OTHER.get = std::sync::OnceLock::get",
            "OTHER.get_or_init(reqwest::Client::new).put = reqwest::Client::put",
            "OTHER.get_or_init = std::sync::OnceLock::get_or_init",
            "LazyLock::new = std::sync::LazyLock::new",
            "reqwest::Client::new = reqwest::Client::new",
            "local.get = reqwest::Client::get",
        ],
    );
}

#[test]
fn pairs_of_results() {
    resolves(
        r#"
async fn f() -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect("host=x", NoTls).await?;
    let rows = client.query("SELECT 1", &[]).await?;
    let (tx, mut rx) = tokio::sync::mpsc::channel(8);
    tx.send(1).await;
    while let Some(x) = rx.recv().await {}
    Ok(())
}
"#,
        &[
            "tokio_postgres::connect = tokio_postgres::connect",
            "client.query = tokio_postgres::Client::query",
            "tokio::sync::mpsc::channel = tokio::sync::mpsc::channel",
            "tx.send = tokio::sync::mpsc::Sender::send",
            "rx.recv = tokio::sync::mpsc::Receiver::recv",
            "Ok = Ok",
        ],
    );
}

#[test]
fn what_macros_define() {
    resolves(
        r#"
use reqwest::Client;
lazy_static! { static ref CLIENT: Client = Client::new(); }
thread_local!(static OTHER: Client = Client::new());
async fn fetch() {
    CLIENT.get("a").send().await;
    OTHER.get("b");
}
"#,
        &[
            "Client::new = reqwest::Client::new",
            "Client::new = reqwest::Client::new",
            "CLIENT.get(\"a\").send = reqwest::RequestBuilder::send",
            "CLIENT.get = reqwest::Client::get",
            "OTHER.get = reqwest::Client::get",
        ],
    );
}

#[test]
fn other_names_of_types() {
    resolves(
        r#"
use actix_web::web;
use rusqlite::Connection;
use std::sync::{Arc, Mutex};
type Db = Arc<Mutex<Connection>>;
type Pool = sqlx::Pool<sqlx::Postgres>;
pub type Result<T> = std::result::Result<T, Error>;
struct Repo<C> { client: C, pool: Pool }
fn open() -> Result<Connection> { Connection::open("x") }
async fn a(db: Db, pool: web::Data<Pool>, repo: Repo<reqwest::Client>) -> Result<()> {
    db.lock().unwrap().execute("DELETE FROM t", [])?;
    pool.get_ref().begin().await?;
    repo.pool.begin().await?;
    open()?.execute("x", [])?;
    let c = open().map_err(|e| log(e))?;
    c.prepare("x");
    Ok(())
}
"#,
        &[
            "Connection::open = rusqlite::Connection::open",
            "db.lock().unwrap().execute = rusqlite::Connection::execute",
            "db.lock().unwrap = *::unwrap",
            "db.lock = std::sync::Mutex::lock",
            "pool.get_ref().begin = sqlx::Pool::begin",
            "pool.get_ref = *::get_ref",
            "repo.pool.begin = sqlx::Pool::begin",
            "open()?.execute = rusqlite::Connection::execute",
            "open().map_err = *::map_err",
            "c.prepare = rusqlite::Connection::prepare",
            "Ok = Ok",
        ],
    );
}
