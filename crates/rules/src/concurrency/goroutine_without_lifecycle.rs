use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Flags, Kind, Node, Role, enclosing_loop};
use shipworthy_syntax::Language;

use crate::coroutines::{Lost, lost};
use crate::names::words;
use crate::requests::request_handler;
use crate::values::behind;

rule! {
    /// A goroutine, thread or task that nobody waits for
    ///
    /// Work that is started for a request or an item and then forgotten goes on without an end that anybody knows of: at shutdown it is cut off
    /// in the middle, under load there are thousands of it, and in Go a panic in it ends the whole process, not the request. A goroutine
    /// that sends to a channel from which nobody reads any more stays for ever.
    ///
    /// Give it a context that ends it, count it in a WaitGroup or a group that somebody waits for, and recover from its panics; or hand the work to
    /// a pool or a queue.
    ///
    /// ```go bad
    /// package shop
    ///
    /// import "net/http"
    ///
    /// func (s *Shop) order(w http.ResponseWriter, r *http.Request) {
    /// 	order := s.save(r.FormValue("item"))
    /// 	go func() {
    /// 	^^^^^^^^^^^
    /// 		s.mailer.Confirm(order)
    /// 	}()
    /// 	w.WriteHeader(http.StatusAccepted)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// func (s *Shop) remind(orders []Order) {
    /// 	for _, order := range orders {
    /// 		go func(order Order) {
    /// 		^^^^^^^^^^^^^^^^^^^^^^
    /// 			s.mailer.Remind(order)
    /// 		}(order)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import (
    /// 	"context"
    /// 	"time"
    /// )
    ///
    /// func price(ctx context.Context, ask func() int) (int, error) {
    /// 	answer := make(chan int)
    /// 	go func() {
    /// 		answer <- ask()
    /// 		^^^^^^^^^^^^^^^
    /// 	}()
    /// 	select {
    /// 	case price := <-answer:
    /// 		return price, nil
    /// 	case <-ctx.Done():
    /// 		return 0, ctx.Err()
    /// 	case <-time.After(time.Second):
    /// 		return 0, ErrSlow
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"context"
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// func (s *Shop) order(w http.ResponseWriter, r *http.Request) {
    /// 	order := s.save(r.FormValue("item"))
    /// 	s.running.Add(1)
    /// 	go func() {
    /// 		defer s.running.Done()
    /// 		s.mailer.Confirm(order)
    /// 	}()
    /// 	go func() {
    /// 		defer func() {
    /// 			if err := recover(); err != nil {
    /// 				s.log.Error(err)
    /// 			}
    /// 		}()
    /// 		s.mailer.Confirm(order)
    /// 	}()
    /// 	ctx := context.WithoutCancel(r.Context())
    /// 	go s.mailer.ConfirmContext(ctx, order)
    /// 	done := make(chan struct{})
    /// 	go func() {
    /// 		s.mailer.Confirm(order)
    /// 		close(done)
    /// 	}()
    /// 	<-done
    /// }
    ///
    /// func (s *Shop) remind(orders []Order) {
    /// 	var group sync.WaitGroup
    /// 	for _, order := range orders {
    /// 		group.Add(1)
    /// 		go func(order Order) {
    /// 			defer group.Done()
    /// 			s.mailer.Remind(order)
    /// 		}(order)
    /// 	}
    /// 	group.Wait()
    /// }
    /// ```
    ///
    /// A connection that is written while it is read ends with it.
    ///
    /// ```go good
    /// package chat
    ///
    /// import "net/http"
    ///
    /// func (h *Hub) serve(w http.ResponseWriter, r *http.Request) {
    /// 	client := h.open(w, r)
    /// 	go func() {
    /// 		h.count(client)
    /// 		client.WritePump()
    /// 	}()
    /// 	client.ReadPump()
    /// }
    /// ```
    ///
    /// ```go good
    /// package registry
    ///
    /// import (
    /// 	"net"
    /// 	"net/http"
    /// 	"os"
    /// 	"os/signal"
    /// )
    ///
    /// func serve(server *http.Server, listener net.Listener) error {
    /// 	quit := make(chan os.Signal, 1)
    /// 	signal.Notify(quit, os.Interrupt)
    /// 	failed := make(chan error)
    /// 	go func() {
    /// 		failed <- server.Serve(listener)
    /// 	}()
    /// 	select {
    /// 	case err := <-failed:
    /// 		return err
    /// 	case <-quit:
    /// 		return server.Close()
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"context"
    /// 	"net"
    /// )
    ///
    /// func (s *Shop) Start() {
    /// 	go s.loop()
    /// 	go func() {
    /// 		s.loop()
    /// 	}()
    /// }
    ///
    /// func (s *Shop) serve(listener net.Listener) error {
    /// 	for {
    /// 		conn, err := listener.Accept()
    /// 		if err != nil {
    /// 			return err
    /// 		}
    /// 		go func() {
    /// 			defer conn.Close()
    /// 			s.handle(conn)
    /// 		}()
    /// 	}
    /// }
    ///
    /// func (s *Shop) listen(listeners []net.Listener, results Results) {
    /// 	for _, listener := range listeners {
    /// 		go func(listener net.Listener) {
    /// 			s.errors.Handle(s.Serve(listener))
    /// 		}(listener)
    /// 		s.places.Get()
    /// 		go func() {
    /// 			s.greet(listener)
    /// 		}()
    /// 	}
    /// }
    ///
    /// func price(ctx context.Context, ask func() int) (int, error) {
    /// 	answer := make(chan int, 1)
    /// 	go func() {
    /// 		answer <- ask()
    /// 	}()
    /// 	select {
    /// 	case price := <-answer:
    /// 		return price, nil
    /// 	case <-ctx.Done():
    /// 		return 0, ctx.Err()
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::Json;
    /// use axum::extract::State;
    ///
    /// async fn order(State(shop): State<Shop>, Json(order): Json<Order>) -> &'static str {
    ///     tokio::spawn(async move {
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         shop.mailer.confirm(order).await;
    ///     });
    ///     "accepted"
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn remind(orders: Vec<Order>) {
    ///     for order in orders {
    ///         std::thread::spawn(move || {
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///             mailer::remind(order);
    ///         });
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::Json;
    /// use axum::extract::State;
    ///
    /// async fn order(State(shop): State<Shop>, Json(order): Json<Order>) -> &'static str {
    ///     let confirmed = tokio::spawn(async move { shop.mailer.confirm(order).await });
    ///     confirmed.await.ok();
    ///     "accepted"
    /// }
    ///
    /// async fn later(State(shop): State<Shop>, Json(order): Json<Order>) -> &'static str {
    ///     let pipe = shop.pipe();
    ///     std::thread::spawn(move || archive(order, pipe));
    ///     let shutdown = shop.shutdown.clone();
    ///     tokio::spawn(async move {
    ///         tokio::select! {
    ///             _ = shutdown.cancelled() => {}
    ///             _ = shop.mailer.confirm(order) => {}
    ///         }
    ///     });
    ///     "accepted"
    /// }
    /// ```
    ///
    /// ```rust good
    /// use tokio::net::TcpListener;
    /// use tokio::task::JoinSet;
    ///
    /// async fn serve(listener: TcpListener) -> std::io::Result<()> {
    ///     loop {
    ///         let (stream, _) = listener.accept().await?;
    ///         tokio::spawn(handle(stream));
    ///     }
    /// }
    ///
    /// async fn remind(orders: Vec<Order>) {
    ///     let mut tasks = JoinSet::new();
    ///     for order in orders {
    ///         tasks.spawn(async move { mailer::remind(order).await });
    ///     }
    ///     while tasks.join_next().await.is_some() {}
    /// }
    ///
    /// fn start() {
    ///     std::thread::spawn(|| watch());
    /// }
    /// ```
    ///
    /// ```python bad
    /// import threading
    ///
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    ///
    /// @app.route("/orders", methods=["POST"])
    /// def order():
    ///     item = request.form["item"]
    ///     threading.Thread(target=confirm, args=(item,)).start()
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return "accepted"
    /// ```
    ///
    /// ```python bad
    /// import threading
    ///
    /// def remind(orders, mailer):
    ///     for order in orders:
    ///         worker = threading.Thread(target=mailer.remind, args=(order,))
    ///         worker.start()
    ///         ^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import threading
    ///
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    ///
    /// @app.route("/orders", methods=["POST"])
    /// def order():
    ///     worker = threading.Thread(target=confirm, args=(request.form["item"],))
    ///     worker.start()
    ///     worker.join(timeout=5)
    ///     return "accepted"
    ///
    /// def start():
    ///     threading.Thread(target=watch, daemon=True).start()
    /// ```
    ///
    /// ```python good
    /// import threading
    ///
    /// def remind(orders, mailer):
    ///     workers = []
    ///     for order in orders:
    ///         worker = threading.Thread(target=mailer.remind, args=(order,))
    ///         workers.append(worker)
    ///         worker.start()
    ///     for worker in workers:
    ///         worker.join()
    ///
    /// def serve(server, handle):
    ///     while True:
    ///         connection, _ = server.accept()
    ///         threading.Thread(target=handle, args=(connection,)).start()
    ///
    /// def spread(count, work, stop):
    ///     for _ in range(count):
    ///         threading.Thread(target=work, args=(stop,), daemon=True).start()
    /// ```
    ///
    /// ```go bad
    /// package feed
    ///
    /// import (
    /// 	"context"
    /// 	"time"
    /// )
    ///
    /// func stream(ctx context.Context, url string) {
    /// 	results := make(chan []byte)
    /// 	go func() { results <- poll(ctx, url) }()
    /// 	            ^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	select {
    /// 	case b := <-results:
    /// 		show(b)
    /// 	case <-time.After(time.Second):
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package feed
    ///
    /// import (
    /// 	"context"
    /// 	"time"
    /// )
    ///
    /// func stream(ctx context.Context, url string) {
    /// 	results := make(chan []byte, 1)
    /// 	go func() { results <- poll(ctx, url) }()
    /// 	select {
    /// 	case b := <-results:
    /// 		show(b)
    /// 	case <-time.After(time.Second):
    /// 	}
    /// }
    ///
    /// func patient(ctx context.Context, url string) {
    /// 	results := make(chan []byte)
    /// 	go func() { results <- poll(ctx, url) }()
    /// 	for {
    /// 		select {
    /// 		case b := <-results:
    /// 			show(b)
    /// 			return
    /// 		case <-time.After(time.Second):
    /// 			wait()
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"compress/gzip"
    /// 	"io"
    /// 	"net/http"
    ///
    /// 	"github.com/gorilla/websocket"
    /// )
    ///
    /// func compress(w http.ResponseWriter, r *http.Request) {
    /// 	plain := r.Body
    /// 	pr, pw := io.Pipe()
    /// 	go func() {
    /// 		z := gzip.NewWriter(pw)
    /// 		_, err := io.Copy(z, plain)
    /// 		_ = z.Close()
    /// 		_ = pw.CloseWithError(err)
    /// 	}()
    /// 	r.Body = pr
    /// 	forward(w, r)
    /// }
    ///
    /// type session struct{ conn *websocket.Conn }
    ///
    /// func (s *session) run() {
    /// 	defer s.conn.Close()
    /// 	for {
    /// 		if _, _, err := s.conn.ReadMessage(); err != nil {
    /// 			return
    /// 		}
    /// 	}
    /// }
    ///
    /// var upgrader = websocket.Upgrader{}
    ///
    /// func handle(w http.ResponseWriter, r *http.Request) {
    /// 	conn, err := upgrader.Upgrade(w, r, nil)
    /// 	if err != nil {
    /// 		return
    /// 	}
    /// 	s := &session{conn: conn}
    /// 	go s.run()
    /// }
    /// ```
    name: "goroutine-without-lifecycle",
    category: Concurrency,
    severity: Medium,
    scope: File,
    on: [Fact(Kind::Spawn), Fact(Kind::Send), Role("spawns-task"), Role("runs-elsewhere"), Effect(shipworthy_facts::Effects::SPAWNS)],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match (cx.language(), node.kind()) {
        (Language::Go, Kind::Spawn) => goroutine(cx, node),
        (Language::Go, Kind::Send) => send(cx, node),
        (Language::Rust, Kind::Call) => detached(cx, node),
        (Language::Python, Kind::Call) => thread(cx, node),
        _ => {}
    }
}

/// What starts the work again and again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Started {
    PerRequest,
    PerItem,
}

/// What starts a piece of work again and again, if anything does: a request, or a loop over items. Not a loop that accepts connections,
/// whose work ends with the connection, nor one that starts so many workers.
fn started(cx: &Check<'_>, node: Node<'_>) -> Option<Started> {
    let function = node.function()?;
    if let Some(around) = enclosing_loop(node, function) {
        return is_over_items(around).then_some(Started::PerItem);
    }
    (request_handler(cx, node) == Some(function)).then_some(Started::PerRequest)
}

fn is_over_items(repeat: Node<'_>) -> bool {
    let Some(iterable) = repeat.get(Role::Iterable) else { return false };
    let counts = |n: Node<'_>| {
        n.is(Kind::RangeLiteral)
            || n.is(Kind::Number)
            || n.is(Kind::Call) && n.callee().is_some_and(|c| matches!(c.name(), "range" | "incoming"))
    };
    !counts(iterable) && !iterable.is_literal() && !iterable.descendants().any(|n| n.is(Kind::RangeLiteral))
}

fn report(cx: &mut Check<'_>, node: Node<'_>, what: &str, started: Started, confidence: Confidence) {
    let when = match started {
        Started::PerRequest => "for each request",
        Started::PerItem => "for each item",
    };
    let why = if cx.language() == Language::Go {
        "A panic in it ends the process, a shutdown cuts it off, and nothing says how many of it there are."
    } else {
        "A shutdown cuts it off, its failure goes unseen, and nothing says how many of it there are."
    };
    let finding = cx
        .finding(node, format!("{what} is started {when}, and nobody waits for it or can stop it"))
        .why(why)
        .help("Wait for it, give it something that ends it, and handle its failure; or hand the work to a pool or a queue.")
        .confidence(confidence);
    cx.report(finding);
}

fn goroutine(cx: &mut Check<'_>, spawn: Node<'_>) {
    cx.site();
    let (Some(started), Some(call)) = (started(cx, spawn), spawn.get(Role::Value)) else { return };
    if call.descendants().any(|n| is_lifeline(cx, n))
        || is_counted(spawn)
        || is_other_half(spawn, call)
        || is_of_connection(cx, spawn, call)
    {
        return;
    }
    // What a function that stands elsewhere does about its own end is not to be seen here; one of its arguments may be a channel.
    let visible = call.callee().is_some_and(|c| c.is(Kind::Lambda));
    let known = call.arguments().all(|a| a.is_literal() || cx.type_of(a).is_some());
    let confidence = match (visible, started) {
        (true, _) => Confidence::High,
        (false, Started::PerRequest) if known => Confidence::Medium,
        (false, _) => Confidence::Low,
    };
    report(cx, spawn, "A goroutine", started, confidence);
}

/// Whether the last thing that a handler does is to start the work on the WebSocket that it accepted. It ends with the connection, like the work
/// that a loop which accepts connections starts.
fn is_of_connection(cx: &Check<'_>, spawn: Node<'_>, work: Node<'_>) -> bool {
    let body = spawn.function().and_then(|f| f.get(Role::Body));
    let is_last = body.and_then(|b| b.all(Role::Statement).last()) == Some(spawn);
    let is_one = |n: Node<'_>| cx.type_meaning(n).is_some_and(|t| t.is("websocket"));
    let mut names = work.descendants().filter(|n| n.is(Kind::Name));
    is_last
        && names.any(|n| {
            is_one(n)
                || behind(cx, cx.facts().node(n.index())).descendants().any(|d| d.is(Kind::Name) && is_one(d))
        })
}

/// Whether a connection is read and written at once: one half runs in the goroutine, the other is the last thing that the handler does, with the
/// same connection, which ends both.
fn is_other_half(spawn: Node<'_>, work: Node<'_>) -> bool {
    let Some(function) = spawn.function() else { return false };
    let block = function.get(Role::Body).into_iter().flat_map(|b| b.all(Role::Statement));
    let Some(last) = block.last().filter(|s| s.is(Kind::Call) && s.index() > spawn.index()) else {
        return false;
    };
    // `client.WritePump()`: of a local value, and what it does.
    fn half(call: Node<'_>) -> Option<(&str, bool)> {
        const HALVES: [&str; 6] = ["pump", "loop", "read", "write", "reader", "writer"];
        let callee = call.callee().filter(|c| c.is(Kind::Attribute))?;
        let object = callee.object().filter(|o| o.is(Kind::Name))?;
        Some((object.name(), words(callee.name()).iter().any(|w| HALVES.contains(&w.as_str()))))
    }
    let Some((connection, true)) = half(last) else { return false };
    let same = |n: Node<'_>| n.is(Kind::Call) && half(n) == Some((connection, true));
    same(work) || work.descendants().any(same)
}

/// Whether a statement before it takes a place for the work: `running.Add(1)`, `tokens.Get()`, `limit <- struct{}{}`.
fn is_counted(spawn: Node<'_>) -> bool {
    let block = spawn.parent().into_iter();
    let before = block.flat_map(|b| b.all(Role::Statement)).take_while(|s| s.index() < spawn.index());
    let takes = |n: Node<'_>| {
        n.is(Kind::Send)
            || n.is(Kind::Call)
                && n.callee().is_some_and(|c| matches!(c.name(), "Add" | "Get" | "Acquire" | "Wait"))
    };
    before.into_iter().any(takes)
}

/// Whether a fact ties work to somebody who waits for it or ends it, or catches its panics: a context, a channel, a WaitGroup, the other end
/// of a pipe, `recover`.
fn is_lifeline(cx: &Check<'_>, node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Send | Kind::Receive => true,
        Kind::Match => node.all(Role::Arm).flat_map(|a| a.all(Role::Pattern)).any(|p| p.is(Kind::Receive)),
        Kind::Call => {
            // A server runs until its listener is closed.
            let serves = |name: &str| words(name).iter().any(|w| matches!(w.as_str(), "serve" | "listen"));
            const ROLES: [&str; 4] = ["recovers", "waits", "release", "closes-pipe"];
            cx.meaning(node).is_some_and(|m| ROLES.iter().any(|role| m.is(role)))
                || node
                    .callee()
                    .is_some_and(|c| matches!(c.name(), "Done" | "close" | "cancel") || serves(c.name()))
        }
        Kind::Name | Kind::Attribute => {
            let ties = |w: &String| {
                matches!(
                    w.as_str(),
                    "ctx"
                        | "context"
                        | "wg"
                        | "done"
                        | "stop"
                        | "quit"
                        | "cancel"
                        | "shutdown"
                        | "closing"
                        | "closed"
                        | "stopped"
                        | "exit"
                )
            };
            words(node.name()).iter().any(ties)
                || cx.type_of(node).is_some_and(|t| {
                    t == "chan"
                        || cx
                            .resolver()
                            .vocabulary()
                            .type_of(&t)
                            .is_some_and(|m| m.is("context") || m.is("wait-group"))
                })
        }
        _ => false,
    }
}

/// A goroutine's send to a channel without room that its starter may have stopped reading from.
fn send(cx: &mut Check<'_>, send: Node<'_>) {
    let Some(channel) = send.get(Role::Target).filter(|t| t.is(Kind::Name)) else { return };
    let Some(worker) = send.function().filter(|f| {
        f.is(Kind::Lambda) && f.parent().and_then(Node::parent).is_some_and(|p| p.is(Kind::Spawn))
    }) else {
        return;
    };
    if send
        .ancestors()
        .take_while(|a| *a != worker)
        .any(|a| a.role() == Role::Arm && send.role() == Role::Pattern)
    {
        return;
    }
    let Some(starter) = worker.function() else { return };
    // Who waits for a signal leaves when the program does.
    let ends = starter
        .descendants_here()
        .any(|n| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.is("signals")));
    if enclosing_loop(send, worker).is_some() || ends {
        return;
    }
    cx.site();
    let Some(made) = cx.made_by(channel).filter(|m| m.callee().is_some_and(|c| c.name() == "make")) else {
        return;
    };
    // Made by its starter, with no room.
    if made.positional(1).is_some() || made.function().map(Node::index) != Some(starter.index()) {
        return;
    }
    let receives = |n: Node<'_>| {
        n.is(Kind::Receive)
            && n.get(Role::Value).is_some_and(|v| v.is(Kind::Name) && v.name() == channel.name())
    };
    let reads = |n: Node<'_>| receives(n) || n.descendants_here().any(receives);
    let mentions = starter
        .descendants_here()
        .filter(|n| n.is(Kind::Name) && n.name() == channel.name() && !n.has(Flags::BINDS))
        .count();
    let mut selects = starter.descendants_here().filter(|n| n.is(Kind::Match) && n.index() > worker.index());
    let gives_up = selects.find(|select| {
        let mut arms = select.all(Role::Arm);
        // Outside a loop the other arms end the reading, whether they return or not.
        let once = enclosing_loop(*select, starter).is_none();
        let leaves = |arm: Node<'_>| {
            !arm.all(Role::Pattern).any(reads) && (once || arm.descendants_here().any(|n| n.is(Kind::Return)))
        };
        select.all(Role::Arm).any(|arm| arm.all(Role::Pattern).any(reads)) && arms.any(leaves)
    });
    // Read in one place only, so that whoever leaves there leaves the sender alone.
    let (Some(select), true) = (gives_up, mentions == 1) else { return };
    let finding = cx
        .finding(send, format!("This send to `{}` waits for ever when nobody reads any more", channel.name()))
        .why("The channel has no room, and its only reader may leave first. The goroutine and all that it holds then stay until the process ends.")
        .help(format!("Make room for the answer: `make({}, 1)`; or send in a `select` that also watches for the end.", made.positional(0).map_or("chan T", Node::text)))
        .related(select, "the reader may leave here");
    cx.report(finding);
}

/// Rust: a task or thread whose handle is dropped.
fn detached(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call).filter(|m| m.is("spawns-task")) else { return };
    let thread = meaning.is("runs-elsewhere");
    let held_elsewhere = meaning.returns.is_empty();
    cx.site();
    let dropped = match lost(cx, call) {
        Some(Lost::Dropped) => true,
        Some(Lost::Unused(name)) => name.name().starts_with('_'),
        _ => false,
    };
    if held_elsewhere || !dropped {
        return;
    }
    let Some(started) = started(cx, call) else { return };
    let ties = |n: Node<'_>| match n.kind() {
        Kind::Call => n.callee().is_some_and(|c| {
            matches!(c.name(), "select!" | "send" | "catch_unwind" | "timeout" | "cancelled")
        }),
        Kind::Name | Kind::Attribute => words(n.name()).iter().any(|w| {
            matches!(
                w.as_str(),
                "shutdown"
                    | "cancel"
                    | "cancellation"
                    | "token"
                    | "tracker"
                    | "permit"
                    | "semaphore"
                    | "stop"
                    | "done"
                    | "tx"
                    | "sender"
                    | "guard"
                    | "pipe"
            )
        }),
        _ => false,
    };
    if call.descendants().any(ties) {
        return;
    }
    let visible = call.positional(0).is_some_and(|work| work.is(Kind::Lambda));
    let confidence = if visible { Confidence::High } else { Confidence::Medium };
    report(cx, call, if thread { "A thread" } else { "A task" }, started, confidence);
}

/// Python: a thread that is started and never joined.
fn thread(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call) else { return };
    let of_thread = meaning.effects.contains(shipworthy_facts::Effects::SPAWNS) && !meaning.awaits;
    let Some(object) =
        call.callee().and_then(Node::object).filter(|_| of_thread && call.arguments().next().is_none())
    else {
        return;
    };
    cx.site();
    let Some(made) = cx.made_by(object) else { return };
    let Some(started) = started(cx, call) else { return };
    let Some(scope) = call.function() else { return };
    // Kept, handed on or joined.
    let kept = object.is(Kind::Name)
        && scope.descendants().any(|n| {
            n.is(Kind::Name)
                && n.name() == object.name()
                && n.role() != Role::Target
                && n != object
                && !(n.role() == Role::Object
                    && n.parent().is_some_and(|p| matches!(p.name(), "daemon" | "name")))
        });
    let ended = made.descendants().any(|n| {
        matches!(n.kind(), Kind::Name | Kind::Attribute)
            && words(n.name())
                .iter()
                .any(|w| matches!(w.as_str(), "stop" | "event" | "queue" | "done" | "shutdown"))
    });
    if kept || ended || call.role() != Role::Statement {
        return;
    }
    report(cx, call, "A thread", started, Confidence::High);
}
