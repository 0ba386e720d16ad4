//! Small real-looking Go resolves to what its calls do.

mod common;

use common::File;
use shipworthy_syntax::Language;

#[track_caller]
fn resolves(source: &str, expected: &[&str]) {
    let file = File::new(Language::Go, tree_sitter_go::LANGUAGE.into(), &format!("package app\n{source}"));
    assert_eq!(file.meanings(), expected, "{source}");
}

#[test]
fn a_database_in_a_field() {
    resolves(
        r#"
import ("database/sql"; "fmt")
type Store struct{ db *sql.DB }
func (s *Store) Name(id int) (string, error) {
	var name string
	row := s.db.QueryRow("SELECT name FROM users WHERE id = $1", id)
	err := row.Scan(&name)
	return name, fmt.Errorf("name: %w", err)
}
"#,
        &[
            "s.db.QueryRow = database/sql.DB.QueryRow",
            "row.Scan = database/sql.Row.Scan",
            "fmt.Errorf = fmt.Errorf",
        ],
    );
}

#[test]
fn results_by_position() {
    resolves(
        r#"
import ("database/sql"; "context"; "os")
func run(ctx context.Context) error {
	db, err := sql.Open("postgres", os.Getenv("URL"))
	if err != nil { return err }
	tx, err := db.BeginTx(ctx, nil)
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, "SELECT 1")
	defer rows.Close()
	for rows.Next() {}
	log(err.Error())
	return tx.Commit()
}
"#,
        &[
            "sql.Open = database/sql.Open",
            "os.Getenv = os.Getenv",
            "db.BeginTx = database/sql.DB.BeginTx",
            "tx.Rollback = database/sql.Tx.Rollback",
            "tx.QueryContext = database/sql.Tx.QueryContext",
            "rows.Close = database/sql.Rows.Close",
            "rows.Next = database/sql.Rows.Next",
            "err.Error = error.Error",
            "tx.Commit = database/sql.Tx.Commit",
        ],
    );
}

#[test]
fn clients_and_their_defaults() {
    resolves(
        r#"
import ("net/http"; "io"; "time")
var client = &http.Client{Timeout: time.Second}
func fetch(url string) ([]byte, error) {
	req, _ := http.NewRequest("GET", url, nil)
	req.Header.Set("Accept", "text/plain")
	resp, err := client.Do(req)
	defer resp.Body.Close()
	if _, err = http.DefaultClient.Get(url); err != nil { return nil, err }
	return io.ReadAll(resp.Body)
}
"#,
        &[
            "http.Client = net/http.Client",
            "http.NewRequest = net/http.NewRequest",
            "req.Header.Set = net/http.Header.Set",
            "client.Do = net/http.Client.Do",
            "resp.Body.Close = io.ReadCloser.Close",
            "http.DefaultClient.Get = net/http.Client.Get",
            "io.ReadAll = io.ReadAll",
        ],
    );
}

#[test]
fn an_embedded_lock_and_a_map_of_clients() {
    resolves(
        r#"
import ("net/http"; "sync")
type Pool struct {
	sync.RWMutex
	clients map[string]*http.Client
	all []*http.Client
}
func (p *Pool) Get(host string) {
	p.RLock()
	defer p.RUnlock()
	p.clients[host].Get(host)
	for _, c := range p.all { c.Head(host) }
	for _, c := range p.clients { c.Head(host) }
}
"#,
        &[
            "p.RLock = sync.RWMutex.RLock",
            "p.RUnlock = sync.RWMutex.RUnlock",
            "p.clients[host].Get = net/http.Client.Get",
            "c.Head = net/http.Client.Head",
            "c.Head = net/http.Client.Head",
        ],
    );
}

#[test]
fn versions_of_an_import_path_are_one_library() {
    resolves(
        r#"
import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"math/rand/v2"
)
func load(ctx context.Context, pool *pgxpool.Pool, cache *redis.Client) error {
	rows, err := pool.Query(ctx, "SELECT 1")
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	v, err := cache.Get(ctx, "k").Result()
	_ = rand.IntN(3)
	return err
}
"#,
        &[
            "pool.Query = github.com/jackc/pgx/pgxpool.Pool.Query",
            "pgx.CollectRows = github.com/jackc/pgx.CollectRows",
            "cache.Get(ctx, \"k\").Result = github.com/redis/go-redis.Cmd.Result",
            "cache.Get = github.com/redis/go-redis.Cmdable.Get",
            "rand.IntN = math/rand.IntN",
        ],
    );
}

#[test]
fn chains_of_builders_and_events() {
    resolves(
        r#"
import ("gorm.io/gorm"; "github.com/rs/zerolog/log"; "log/slog")
func find(ctx context.Context, db *gorm.DB) {
	var user User
	if err := db.WithContext(ctx).Where("id = ?", 1).First(&user).Error; err != nil {
		log.Error().Err(err).Msg("find")
		slog.With("a", 1).Error("find")
	}
}
"#,
        &[
            "db.WithContext(ctx).Where(\"id = ?\", 1).First = gorm.io/gorm.DB.First",
            "db.WithContext(ctx).Where = gorm.io/gorm.DB.Where",
            "db.WithContext = gorm.io/gorm.DB.WithContext",
            "log.Error().Err(err).Msg = github.com/rs/zerolog.Event.Msg",
            "log.Error().Err = github.com/rs/zerolog.Event.Err",
            "log.Error = github.com/rs/zerolog/log.Error",
            "slog.With(\"a\", 1).Error = log/slog.Logger.Error",
            "slog.With = log/slog.With",
        ],
    );
}

#[test]
fn handlers_of_frameworks() {
    resolves(
        r#"
import ("net/http"; "github.com/gin-gonic/gin"; "github.com/labstack/echo/v4")
func a(w http.ResponseWriter, r *http.Request) {
	http.Error(w, "x", 500)
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_ = r.URL.Query()
}
func b(c *gin.Context) { c.JSON(500, gin.H{"error": "x"}) }
func c(c echo.Context) error { return c.JSON(500, c.Request().Context()) }
"#,
        &[
            "http.Error = net/http.Error",
            "w.Header().Set = net/http.Header.Set",
            "w.Header = net/http.ResponseWriter.Header",
            "r.URL.Query = net/url.URL.Query",
            "c.JSON = github.com/gin-gonic/gin.Context.JSON",
            "c.JSON = github.com/labstack/echo.Context.JSON",
            "c.Request().Context = net/http.Request.Context",
            "c.Request = github.com/labstack/echo.Context.Request",
        ],
    );
}

#[test]
fn a_loop_over_a_field_of_its_own_name() {
    resolves(
        r#"
import "net/http"
type Pool struct{ clients []*http.Client }
func (c *Pool) Warm() {
	for _, c := range c.clients { c.Get("/") }
	for _, x := range x.list() { x.Get("/") }
}
"#,
        &["c.Get = net/http.Client.Get"],
    );
}

#[test]
fn fields_of_types_that_other_files_declare() {
    resolves(
        r#"
import ("context"; "database/sql"; "net/http")
func (s *Store) Names(ctx context.Context, req *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, err := s.db.QueryContext(ctx, "SELECT name FROM users")
	defer rows.Close()
	s.cache.Query("x")
	resp, err := s.httpClient.Do(req)
	defer resp.Body.Close()
	s.logger.Errorf("x %v", err)
	return sql.ErrNoRows
}
"#,
        &[
            "s.mu.Lock = ~Lock",
            "s.mu.Unlock = ~Unlock",
            "s.db.QueryContext = ~QueryContext",
            "rows.Close = database/sql.Rows.Close",
            "s.httpClient.Do = ~Do",
            "resp.Body.Close = io.ReadCloser.Close",
            "s.logger.Errorf = ~Errorf",
        ],
    );
}
