use std::collections::BTreeSet;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Served, Survey, rule};
use shipworthy_facts::Topics;

rule! {
    /// A list route answers with everything there is
    ///
    /// It is quick with the data of a test. A year later the query reads a table, the answer is megabytes, and every client that shows a list pays
    /// for all of it.
    ///
    /// Take a limit and a cursor or page, with a sound default and a maximum, and hand them to the query.
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    /// import psycopg2
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/orders")
    /// ^^^^^^^^^^^^^^^^^^^
    /// def orders():
    ///     return load()
    ///
    /// def load():
    ///     cursor = psycopg2.connect("").cursor()
    ///     cursor.execute("SELECT id, total FROM orders")
    ///     return cursor.fetchall()
    /// ```
    ///
    /// ```python bad file=shop/main.py
    /// from fastapi import FastAPI
    /// from shop.customers import router
    ///
    /// app = FastAPI()
    /// app.include_router(router, prefix="/customers")
    /// ```
    ///
    /// ```python bad file=shop/customers.py
    /// from fastapi import APIRouter
    /// from shop.store import everyone
    ///
    /// router = APIRouter()
    ///
    /// @router.get("/")
    /// ^^^^^^^^^^^^^^^^
    /// def customers():
    ///     return everyone()
    /// ```
    ///
    /// ```python bad file=shop/store.py
    /// import sqlite3
    ///
    /// def everyone():
    ///     return sqlite3.connect("shop").execute("SELECT name FROM customers").fetchall()
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    /// import sqlite3
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/orders")
    /// def orders(limit: int = 50, offset: int = 0):
    ///     return sqlite3.connect("shop").execute("SELECT id FROM orders LIMIT ? OFFSET ?", (limit, offset)).fetchall()
    ///
    /// @app.get("/orders/{order_id}")
    /// def order(order_id: int):
    ///     return sqlite3.connect("shop").execute("SELECT id FROM orders WHERE id = ?", (order_id,)).fetchall()
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    /// import sqlite3
    ///
    /// app = FastAPI()
    ///
    /// @app.get("/orders")
    /// def orders():
    ///     return sqlite3.connect("shop").execute("SELECT id FROM orders ORDER BY at DESC LIMIT 20").fetchall()
    ///
    /// @app.get("/status")
    /// def status():
    ///     return len(sqlite3.connect("shop").execute("SELECT id FROM orders").fetchall())
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import (
    /// 	"database/sql"
    /// 	"net/http"
    /// )
    ///
    /// type server struct {
    /// 	db *sql.DB
    /// }
    ///
    /// func (s *server) routes() {
    /// 	mux := http.NewServeMux()
    /// 	mux.HandleFunc("GET /orders", s.orders)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	http.ListenAndServe(":8080", mux)
    /// }
    ///
    /// func (s *server) orders(w http.ResponseWriter, r *http.Request) {
    /// 	rows, _ := s.db.Query("SELECT id FROM orders")
    /// 	defer rows.Close()
    /// }
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import (
    /// 	"database/sql"
    ///
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// var db *sql.DB
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	r.GET("/users", listUsers)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	r.Run()
    /// }
    ///
    /// func listUsers(c *gin.Context) {
    /// 	rows, _ := db.Query("SELECT id FROM users")
    /// 	defer rows.Close()
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"database/sql"
    ///
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// var db *sql.DB
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	r.GET("/users", listUsers)
    /// 	r.GET("/users/:id", oneUser)
    /// 	r.Run()
    /// }
    ///
    /// func listUsers(c *gin.Context) {
    /// 	rows, _ := db.Query("SELECT id FROM users LIMIT $1", c.Query("limit"))
    /// 	defer rows.Close()
    /// }
    ///
    /// func oneUser(c *gin.Context) {
    /// 	rows, _ := db.Query("SELECT id FROM users WHERE id = $1", c.Param("id"))
    /// 	defer rows.Close()
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"database/sql"
    /// 	"net/http"
    /// )
    ///
    /// var db *sql.DB
    ///
    /// func main() {
    /// 	http.HandleFunc("POST /orders", create)
    /// 	http.ListenAndServe(":8080", nil)
    /// }
    ///
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	rows, _ := db.Query("SELECT id FROM orders")
    /// 	defer rows.Close()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::{Router, routing::get};
    /// use sqlx::PgPool;
    ///
    /// async fn orders(pool: PgPool) {
    ///     sqlx::query("SELECT id FROM orders").fetch_all(&pool).await;
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/orders", get(orders))
    ///                                    ^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_web::{App, HttpServer, web};
    /// use sqlx::PgPool;
    ///
    /// async fn customers(pool: web::Data<PgPool>) {
    ///     sqlx::query("SELECT name FROM customers").fetch_all(&pool).await;
    /// }
    ///
    /// pub async fn run() {
    ///     HttpServer::new(|| App::new().service(web::scope("/customers").route("", web::get().to(customers))));
    ///                                                                                         ^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::{Router, routing::get};
    /// use axum::extract::Query;
    /// use sqlx::PgPool;
    ///
    /// async fn orders(Query(page): Query<Page>, pool: PgPool) {
    ///     sqlx::query("SELECT id FROM orders WHERE id > $1").bind(page.after).fetch_all(&pool).await;
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/orders", get(orders))
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::{Router, routing::get};
    /// use sqlx::PgPool;
    ///
    /// async fn order(pool: PgPool) {
    ///     sqlx::query("SELECT id FROM orders WHERE id = 1").fetch_one(&pool).await;
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/orders/{id}", get(order))
    /// }
    /// ```
    name: "missing-pagination",
    category: Performance,
    severity: Medium,
    scope: Both,
    workspace: judge,
}

fn judge(survey: &mut Survey<'_>) {
    let mut told = BTreeSet::new();
    for route in survey.served() {
        let Some(noun) = lists(route) else { continue };
        let Some(query) = &route.reads_all else { continue };
        if !told.insert((route.file, route.range)) {
            continue;
        }
        survey.site(route.file);
        // A limit in the query, a page in the parameters, a cursor: whatever is spoken of bounds the list for all that can be told.
        if route.topics.contains(Topics::PAGING) {
            continue;
        }
        let mut finding = survey
            .finding(route.range, format!("`{}` answers with all {noun} that there are", route.shown()))
            .why(format!("It reaches `{query}`, which reads every row; the list grows with the data."))
            .help("Take a limit and a cursor or page, and hand them to the query.")
            .confidence(Confidence::Medium);
        finding.related.extend(route.answers());
        survey.report(route.file, finding);
    }
}

/// What a route lists: its path ends with a plural.
fn lists(route: &Served) -> Option<&str> {
    let reads = route.methods.iter().all(|method| method == "GET") && !route.methods.is_empty();
    let last = route.path.trim_end_matches('/').rsplit('/').next()?;
    const NONE: [&str; 22] = [
        "tags",
        "tries",
        "schedules",
        "labels",
        "tools",
        "keys",
        "status",
        "settings",
        "stats",
        "statistics",
        "metrics",
        "options",
        "preferences",
        "permissions",
        "details",
        "credentials",
        "docs",
        "progress",
        "analytics",
        "address",
        "access",
        "news",
    ];
    let plural = last.ends_with('s') && !last.ends_with("ss") && !NONE.contains(&last);
    let plain = last.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let words = route.path_words();
    let settings =
        words.iter().any(|w| matches!(w.as_str(), "config" | "configs" | "configuration" | "settings"));
    (reads && plural && plain && !settings).then_some(last)
}
