//! What names in Go resolve to.

use std::sync::Arc;

use shipworthy_syntax::Language;

use crate::effect::Effects;
use crate::fact::Kind;
use crate::shape::facts_of;
use crate::{Class, Function, Origin, Resolver, Summary, Workspace};

/// A package of one file.
struct Package(Arc<Summary>);

impl Package {
    fn own<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(&*self.0.module)?.strip_prefix('.')
    }
}

impl Workspace for Package {
    fn is_own(&self, path: &str) -> bool {
        self.own(path).is_some()
    }
    fn own_names(&self) -> u64 {
        0
    }
    fn state(&self) -> u64 {
        0
    }
    fn function(&self, path: &str) -> Option<&Function> {
        self.0.functions.get(self.own(path)?)
    }
    fn class(&self, path: &str) -> Option<&Class> {
        self.0.classes.get(self.own(path)?)
    }
    fn global(&self, path: &str) -> Option<&Origin> {
        self.0.globals.get(self.own(path)?)
    }
    fn alias(&self, _: &str) -> Option<String> {
        None
    }
    fn reach(&self, _: &str) -> Effects {
        Effects::empty()
    }
}

/// Asserts what each call resolves to, by the comment behind it; a line without a comment is not looked at.
fn assert_calls(body: &str) {
    let source =
        [DECLARATIONS, "func (s *Store) f(ctx context.Context, w http.ResponseWriter) {\n", body, "}\n"]
            .concat();
    let facts = facts_of(Language::Go, &source);
    assert_eq!(facts.errors, []);
    let names = crate::Names::declare(&[&facts], Language::Go, "shop", "shop.go");
    let package = Package(names.summary);
    let resolver = Resolver::new(&facts, &names.environment, &package);
    let line = |at: u32| source[..at as usize].matches('\n').count();
    for comment in &facts.comments {
        let expected = facts.slice(comment.range).trim_start_matches("// ");
        let mut calls = facts.nodes().filter(|n| n.is(Kind::Call));
        let call = calls.find(|n| line(n.range().start) == line(comment.range.start)).expect("a call");
        assert_eq!(resolver.callee(call).as_deref().unwrap_or("unknown"), expected, "{call:?}");
    }
}

const DECLARATIONS: &str = r#"
package shop

import (
	"context"
	"database/sql"
	"net/http"
	"sync"

	"github.com/jackc/pgx/v5"
)

var client = &http.Client{}
var pool, mu = open(), sync.Mutex{}

type Store struct {
	*sync.RWMutex
	http.Server
	db    *sql.DB
	inner *Store
}

type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

type Handler = http.Handler

func open() (db *sql.DB) { return nil }
func New() (*Store, error) { return &Store{}, nil }
"#;

#[test]
fn fields_results_and_package_variables_have_types() {
    assert_calls(
        r#"
	client.Get("u")       // net/http.Client.Get
	mu.Lock()             // sync.Mutex.Lock
	pool.Ping()           // database/sql.DB.Ping
	s.db.Query("q")       // database/sql.DB.Query
	s.inner.inner.f(ctx)  // shop.Store.f
	rows, err := s.db.QueryContext(ctx, "q")
	rows.Next()           // database/sql.Rows.Next
	store, _ := New()
	store.db.Close()      // database/sql.DB.Close
	http.DefaultClient.Do(nil)     // net/http.Client.Do
	pgx.Connect(ctx, "u") // github.com/jackc/pgx/v5.Connect
	w.Write(nil)          // net/http.ResponseWriter.Write
"#,
    );
}

#[test]
fn embedded_types_lend_their_methods() {
    assert_calls(
        r#"
	s.Lock()           // sync.RWMutex.Lock
	s.RWMutex.Lock()   // sync.RWMutex.Lock
	s.Server.ListenAndServe() // net/http.Server.ListenAndServe
	s.ListenAndServe() // net/http.Server.ListenAndServe
"#,
    );
}

#[test]
fn types_are_made_converted_asserted_and_switched_on() {
    assert_calls(
        r#"
	c := new(http.Client)
	c.Get("u")                    // net/http.Client.Get
	(&http.Server{}).Close()      // net/http.Server.Close
	var d Doer
	d.Do(nil)                     // shop.Doer.Do
	v, ok := any(s).(*sql.DB)
	v.Ping()                      // database/sql.DB.Ping
	switch x := any(s).(type) {
	case *sql.DB:
		x.Ping()                  // database/sql.DB.Ping
	case *sql.Tx, *sql.Conn:
		x.Commit()                // unknown
	}
	Store(*s).f(ctx)              // shop.Store.f
"#,
    );
}

#[test]
fn names_end_with_their_block() {
    assert_calls(
        r#"
	x := s.db
	if x, err := s.db.Begin(); err == nil {
		x.Rollback() // database/sql.Tx.Rollback
		x = nil
	}
	x.Ping() // database/sql.DB.Ping
	for _, x := range []int{} {
		x.Any() // unknown
	}
	{
		x, _ := New()
		x.f(ctx) // shop.Store.f
	}
	func() {
		x.Ping() // database/sql.DB.Ping
	}()
	x.Ping() // database/sql.DB.Ping
"#,
    );
}
