use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Role, Value};

rule! {
    /// A context is at hand, and the call is made without it
    ///
    /// A request that its client has given up, or whose deadline has passed, goes on working: the query runs, the connection stays taken, the
    /// process waits. Under load such work is most of all work, and nobody waits for its result. Pass the context on.
    ///
    /// Work that shall outlive its request, in a goroutine or in a `defer`, is not judged.
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func count(ctx context.Context, db *sql.DB) (n int, err error) {
    /// 	err = db.QueryRow("SELECT count(*) FROM users").Scan(&n)
    /// 	      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	return n, err
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func count(ctx context.Context, db *sql.DB) (n int, err error) {
    /// 	err = db.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&n)
    /// 	return n, err
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func rename(ctx context.Context, db *sql.DB, id int64, name string) error {
    /// 	_, err := db.Exec(
    /// 	          ^^^^^^^^
    /// 		"UPDATE users SET name = $1 WHERE id = $2",
    /// 		name, id,
    /// 	)
    /// 	return err
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func rename(ctx context.Context, db *sql.DB, id int64, name string) error {
    /// 	_, err := db.ExecContext(ctx,
    /// 		"UPDATE users SET name = $1 WHERE id = $2",
    /// 		name, id,
    /// 	)
    /// 	return err
    /// }
    /// ```
    ///
    /// The type of a field that another file declares is told by what the call is given:
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    ///
    /// 	"github.com/jackc/pgx/v5"
    /// )
    ///
    /// func (s *Store) rename(ctx context.Context, id int64, name sql.NullString) error {
    /// 	_, err := s.db.Exec(ctx, "UPDATE users SET name = $1 WHERE id = $2", name, id)
    /// 	if err == pgx.ErrNoRows {
    /// 		return nil
    /// 	}
    /// 	return err
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"context"
    /// 	"net/http"
    /// 	"os/exec"
    /// )
    ///
    /// func (s *server) convert(w http.ResponseWriter, r *http.Request) {
    /// 	out, err := exec.Command("convert", "-").Output()
    /// 	            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		http.Error(w, "failed", 500)
    /// 		return
    /// 	}
    /// 	s.store(context.Background(), out)
    /// 	        ^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package api
    ///
    /// import (
    /// 	"context"
    /// 	"net/http"
    /// 	"os/exec"
    /// )
    ///
    /// func (s *server) convert(w http.ResponseWriter, r *http.Request) {
    /// 	out, err := exec.CommandContext(r.Context(), "convert", "-").Output()
    /// 	if err != nil {
    /// 		http.Error(w, "failed", 500)
    /// 		return
    /// 	}
    /// 	s.store(r.Context(), out)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package llm
    ///
    /// import (
    /// 	"context"
    /// 	"net/http"
    /// )
    ///
    /// func ask(ctx context.Context, url string) (*http.Response, error) {
    /// 	req, err := http.NewRequest("GET", url, nil)
    /// 	            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return http.DefaultClient.Do(req)
    /// }
    ///
    /// func models(ctx context.Context, url string) (*http.Response, error) {
    /// 	return http.Get(url)
    /// 	       ^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package llm
    ///
    /// import (
    /// 	"context"
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func ask(ctx context.Context, url string) (*http.Response, error) {
    /// 	req, err := http.NewRequest("GET", url, nil)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	req = req.WithContext(ctx)
    /// 	return http.DefaultClient.Do(req)
    /// }
    ///
    /// func (c *Client) methods(ctx context.Context, url string, into any) error {
    /// 	req, err := http.NewRequest("GET", url, nil)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	return c.Do(ctx, req, into)
    /// }
    ///
    /// func renew(ctx context.Context, url string) (*http.Response, error) {
    /// 	req, err := http.NewRequest("POST", url, nil)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	req.Cancel = ctx.Done()
    /// 	return http.DefaultClient.Do(req)
    /// }
    ///
    /// func (s *server) Ask(ctx context.Context, url string) {
    /// 	if ctx == nil {
    /// 		ctx = context.Background()
    /// 	}
    /// 	go func() {
    /// 		s.audit(context.Background(), url)
    /// 	}()
    /// 	defer s.save(context.Background())
    /// 	s.ask(ctx, url)
    /// }
    /// ```
    ///
    /// A client that a field keeps, a request that is sent on, a context that is made of another.
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"net/http"
    /// )
    ///
    /// func (s *Store) open(ctx context.Context) (err error) {
    /// 	s.client, err = storage.NewClient(context.Background())
    /// 	return err
    /// }
    ///
    /// func (s *Store) post(req *http.Request) (*http.Response, error) {
    /// 	ctx, cancel := context.WithCancel(context.Background())
    /// 	defer cancel()
    /// 	req = req.WithContext(ctx)
    /// 	return s.http.Do(req)
    /// }
    ///
    /// func valuesOf(ctx context.Context) context.Context {
    /// 	return &values{Context: context.Background(), of: ctx}
    /// }
    /// ```
    ///
    /// A transaction of another library, which takes the context first.
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"database/sql"
    /// )
    ///
    /// func (s *Store) remove(ctx context.Context, tx own.Tx, id int64) error {
    /// 	_, err := tx.Exec(ctx, "DELETE FROM items WHERE id = $1", id)
    /// 	if err == sql.ErrNoRows {
    /// 		return nil
    /// 	}
    /// 	return err
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"context"
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func serve(ctx context.Context, server *http.Server) error {
    /// 	go server.ListenAndServe()
    /// 	<-ctx.Done()
    /// 	last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
    /// 	defer cancel()
    /// 	return server.Shutdown(last)
    /// }
    ///
    /// func main() {
    /// 	ctx := context.Background()
    /// 	serve(ctx, &http.Server{})
    /// }
    /// ```
    name: "context-not-propagated",
    category: Resources,
    severity: Medium,
    scope: File,
    fix: { Go: Safe },
    on: [Fact(Kind::Call)],
    check: check,
}

const WHY: &str = "It goes on working after its caller has given up or its deadline has passed.";

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call).cloned() else { return };
    let empty = meaning.is("empty-context");
    let form = meaning.form("context");
    if !empty && form.is_none() {
        if meaning.argument("context").is_some() {
            cx.site();
        }
        return;
    }
    cx.site();
    let Some(function) = call.function() else { return };
    let inside = || call.ancestors().take_while(|a| *a != function);
    let spawned = function.is(Kind::Lambda)
        || inside().any(|a| matches!(a.kind(), Kind::Spawn | Kind::Defer))
        || function.ancestors().any(|a| matches!(a.kind(), Kind::Spawn | Kind::Defer));
    let Some(context) = at_hand(cx, function).filter(|_| !spawned) else { return };
    if empty {
        if !is_deliberate(cx, call, function, &context) {
            let finding = cx
                .finding(call, format!("`{}` stands in for `{context}`", call.text()))
                .why(WHY)
                .help(format!("Pass `{context}` on."))
                .fix(Fix::suggested(format!("Pass `{context}` on")).replace(call, context));
            cx.report(finding);
        }
        return;
    }
    let (Some(form), Some(callee)) = (form, call.callee()) else { return };
    if gets_context_later(cx, call, function, &context) {
        return;
    }
    let name = form.rsplit('.').next().unwrap_or(form);
    let logs = meaning.effects.contains(Effects::LOGS);
    let finding = cx
        .finding(call, format!("`{}` is called without `{context}`", callee.text()))
        .why(if logs { "What the context carries for logs, such as the trace, is lost." } else { WHY })
        .help(format!("Use `{name}` with `{context}`."))
        .severity(if logs { Severity::Low } else { Severity::Medium })
        .confidence(match () {
            () if logs => Confidence::Low,
            () if meaning.guessed => Confidence::Medium,
            () => Confidence::High,
        })
        .maybe_fix(fix(call, callee, form, name, &context));
    cx.report(finding);
}

/// The context that a function is given, or has in a request: the expression that gives it.
fn at_hand(cx: &Check<'_>, function: Node<'_>) -> Option<String> {
    function.all(Role::Parameter).filter(|p| !matches!(p.name(), "" | "_")).find_map(|parameter| {
        let annotation = cx.resolver().annotation(parameter.get(Role::Type)?.text());
        let Value::Instance(class) = annotation else { return None };
        let described = cx.resolver().vocabulary().type_of(&class)?;
        if described.is("context") {
            return Some(parameter.name().to_owned());
        }
        Some(format!("{}.{}", parameter.name(), described.property("context")?))
    })
}

/// Whether an empty context is meant: a default for one that is missing, work after the end, what outlives the call.
fn is_deliberate(cx: &Check<'_>, call: Node<'_>, function: Node<'_>, context: &str) -> bool {
    let root = context.split('.').next().unwrap_or(context);
    let assign = call.ancestors().take_while(|a| *a != function).find(|a| a.is(Kind::Assign));
    let default = assign.is_some_and(|a| a.all(Role::Target).any(|t| t.name() == root));
    // A client that a field keeps goes on when this call is over.
    let kept = assign.is_some_and(|a| {
        a.get(Role::Target).is_some_and(|t| t.is(Kind::Attribute))
            && a.all(Role::Value).any(|v| call.is_in(v) && v != call)
    });
    // Who makes a context of another says what it is for.
    let derives = function.all(Role::Result).any(|r| {
        let class = match r.get(Role::Type) {
            Some(annotation) => cx.resolver().annotation(annotation.text()),
            None => cx.resolver().annotation(r.text()),
        };
        matches!(class, Value::Instance(class) if cx.resolver().vocabulary().type_of(&class).is_some_and(|t| t.is("context")))
    });
    // A request that gets a context here is one that is sent, not one that came in.
    let sent = function.descendants().filter(|n| n.is(Kind::Call)).any(|n| {
        let object = n.callee().and_then(Node::object).filter(|o| o.is(Kind::Name) && o.name() == root);
        object.is_some() && context != root && cx.argument(n, "context").is_some()
    });
    let mut before = function.descendants().filter(|n| n.index() < call.index());
    default
        || kept
        || derives
        || sent
        || before.any(|n| n.is(Kind::Receive) || n.is(Kind::Attribute) && n.name() == "Done")
}

/// Whether what a call gives is given a context afterwards: `req = req.WithContext(ctx)`, `client.Do(ctx, req)`.
fn gets_context_later(cx: &Check<'_>, call: Node<'_>, function: Node<'_>, context: &str) -> bool {
    let assign = call.parent().filter(|p| p.is(Kind::Assign));
    let Some(target) = assign.and_then(|a| a.get(Role::Target)) else { return false };
    let own = |object: Option<Node<'_>>| object.is_some_and(|o| o.name() == target.name());
    let mut later = function.descendants().filter(|n| n.index() > call.index());
    later.any(|later| match later.kind() {
        Kind::Call => {
            let beside = |text: &str| later.arguments().any(|a| a.text() == text);
            own(later.callee().and_then(Node::object)) && cx.argument(later, "context").is_some()
                || beside(target.name()) && beside(context)
        }
        // `req.Cancel = ctx.Done()`
        Kind::Assign => {
            let done = |v: Node<'_>| v.callee().is_some_and(|c| c.name() == "Done");
            own(later.get(Role::Target).and_then(Node::object)) && later.get(Role::Value).is_some_and(done)
        }
        _ => false,
    })
}

/// Where the form is the same call with a context in front.
fn fix(call: Node<'_>, callee: Node<'_>, form: &str, name: &str, context: &str) -> Option<Fix> {
    let own = callee.name();
    let longer = name.strip_prefix(own).is_some_and(|rest| matches!(rest, "Context" | "WithContext"));
    // A function of the same package, or a method of the same value.
    if !longer || !callee.is(Kind::Attribute) || call.has(Flags::ERROR) || form.is_empty() {
        return None;
    }
    let open = callee.range().end + 1;
    let is_wrapped = call.facts().text.get(open as usize..).is_some_and(|rest| rest.starts_with('\n'));
    let separator = match call.arguments().next() {
        None => "",
        Some(_) if is_wrapped => ",",
        Some(_) => ", ",
    };
    let fix = Fix::safe(format!("Use `{name}`")).replace(callee.name_range(), name);
    Some(fix.insert(open, format!("{context}{separator}")))
}
