use std::sync::Arc;

use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Meaning, Node, Operator, Origin, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::ownership::{Fate, Held, Story, fate, first_line, indented, lines};
use crate::program;

rule! {
    /// A resource is not closed on every way out
    ///
    /// A file, socket, cursor or connection that is opened and not closed stays open: until the garbage collector comes by, or for ever. Under load the
    /// process runs out of file descriptors or the database out of connections, and everything that needs one fails, far away from the
    /// place that leaks. Close it where it is opened: `with`, `defer`.
    ///
    /// What a function returns, stores or hands on is its new owner's to close.
    ///
    /// ```python bad
    /// import sqlite3
    ///
    /// def count(path):
    ///     conn = sqlite3.connect(path)
    ///            ^^^^^^^^^^^^^^^^^^^^^
    ///     row = conn.execute("SELECT count(*) FROM jobs").fetchone()
    ///     if row is None:
    ///         return 0
    ///     conn.close()
    ///     return row[0]
    /// ```
    ///
    /// ```python bad
    /// def load(path):
    ///     f = open(path)
    ///         ^^^^^^^^^^
    ///     lines = f.readlines()
    ///     return [line.strip() for line in lines]
    /// ```
    /// ```python fixed
    /// def load(path):
    ///     with open(path) as f:
    ///         lines = f.readlines()
    ///     return [line.strip() for line in lines]
    /// ```
    ///
    /// ```python bad
    /// import psycopg2
    ///
    /// def connect():
    ///     return psycopg2.connect("dbname=robots")
    ///
    /// def robots(hall):
    ///     connection = connect()
    ///                  ^^^^^^^^^
    ///     cursor = connection.cursor()
    ///     cursor.execute("SELECT id FROM robots WHERE hall = %s", (hall,))
    ///     return cursor.fetchall()
    /// ```
    ///
    /// ```python good
    /// import functools
    /// import psycopg2
    ///
    /// @functools.cache
    /// def connection():
    ///     return psycopg2.connect("dbname=robots")
    ///
    /// def connect():
    ///     return psycopg2.connect("dbname=robots")
    ///
    /// def robots(hall):
    ///     with connection().cursor() as cursor:
    ///         cursor.execute("SELECT id FROM robots WHERE hall = %s", (hall,))
    ///         return cursor.fetchall()
    ///
    /// def open_robots():
    ///     opened = connect()
    ///     return opened
    ///
    /// def count():
    ///     opened = connect()
    ///     try:
    ///         return opened.cursor().execute("SELECT count(*) FROM robots").fetchone()
    ///     finally:
    ///         opened.close()
    /// ```
    ///
    /// ```python good
    /// def touch(path):
    ///     open(path, "a").close()
    /// ```
    ///
    /// ```python good
    /// import contextlib
    /// import sqlite3
    ///
    /// def load(path):
    ///     with open(path) as f:
    ///         return f.read()
    ///
    /// def rows(path):
    ///     with contextlib.closing(sqlite3.connect(path)) as conn:
    ///         return conn.execute("SELECT 1").fetchall()
    ///
    /// def copy(path):
    ///     f = open(path)
    ///     try:
    ///         return f.read()
    ///     finally:
    ///         f.close()
    ///
    /// def maybe(path):
    ///     f = None
    ///     try:
    ///         f = open(path)
    ///         return f.read()
    ///     finally:
    ///         if f is not None:
    ///             f.close()
    /// ```
    ///
    /// ```python good
    /// import socket
    /// import sqlite3
    /// from typing import Final
    ///
    /// from alembic import op
    ///
    /// def upgrade():
    ///     bind = op.get_bind()
    ///     bind.execute("SELECT 1")
    ///
    /// class Store:
    ///     def __init__(self, path):
    ///         self.conn = sqlite3.connect(path)
    ///         log = open(path + ".log", "a")
    ///         self.log = log
    ///
    ///     def keepalive(self, address):
    ///         sock: Final = socket.socket(*address)
    ///         sock.setblocking(False)
    ///         sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    ///         if hasattr(socket, "TCP_KEEPIDLE"):
    ///             sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
    ///         return sock
    ///
    ///     def connect(self, address):
    ///         sock = socket.create_connection(address, timeout=5)
    ///         return sock
    ///
    ///     def upload(self, path, answer):
    ///         f = open(path, "rb")
    ///
    ///         def cleanup():
    ///             f.close()
    ///
    ///         return answer(f.name, cleanup)
    ///
    ///     def save(self, path, text):
    ///         target = open(path, "x")
    ///         try:
    ///             with target as out:
    ///                 out.write(text)
    ///         except OSError as error:
    ///             raise ValueError(path) from error
    ///
    ///     def run(self, stack, path):
    ///         f = stack.enter_context(open(path))
    ///         return f.read()
    /// ```
    ///
    /// A member of an archive holds nothing of its own.
    ///
    /// ```python good
    /// import tarfile
    ///
    /// def digest(path, digest):
    ///     with tarfile.open(path) as archive:
    ///         for member in archive:
    ///             file = archive.extractfile(member)
    ///             while piece := file.read(4096):
    ///                 digest.update(piece)
    /// ```
    ///
    /// An answer that is read to its end, or that fails, gives its connection back. A client that has sent nothing yet has none, and Django closes
    /// the file that it answers with.
    ///
    /// ```python good
    /// import http.client
    /// import os
    ///
    /// import aiohttp
    /// import requests
    /// from django.http import FileResponse
    ///
    /// def download(request, path):
    ///     return FileResponse(open(path, "rb"), as_attachment=True)
    ///
    /// def upload(client, path):
    ///     source = open(path, "rb")
    ///     name = os.path.basename(path)
    ///     try:
    ///         return client.put(name, source.read())
    ///     finally:
    ///         source.close()
    ///
    /// async def latest(session: aiohttp.ClientSession, url):
    ///     response = await session.get(url)
    ///     response.raise_for_status()
    ///     return await response.json()
    ///
    /// def retrying(adapter):
    ///     session = requests.Session()
    ///     session.headers.update(HEADERS)
    ///     session.mount("https://", adapter(max_retries=3))
    ///     return session
    ///
    /// def search(host, query):
    ///     connection = http.client.HTTPSConnection(host, timeout=10)
    ///     try:
    ///         connection.request("POST", "/search", query)
    ///         response = connection.getresponse()
    ///         return response.read()
    ///     finally:
    ///         connection.close()
    /// ```
    ///
    /// Nothing that a log is told fails.
    ///
    /// ```python good
    /// import logging
    ///
    /// import asyncpg
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// async def listener(url):
    ///     try:
    ///         connection = await asyncpg.connect(url.dsn, timeout=10)
    ///         logger.info(f"listening on {url.query.get('host', 'localhost')}")
    ///         return connection
    ///     except OSError as error:
    ///         logger.error("not listening: %s", error)
    ///         return None
    /// ```
    ///
    /// ```python good file=store/migrations/versions/0007_tags.py
    /// from alembic import op
    /// from sqlalchemy import orm
    ///
    /// def upgrade():
    ///     session = orm.Session(bind=op.get_bind())
    ///     for run in session.query(Run).all():
    ///         run.tags = []
    ///     session.commit()
    /// ```
    ///
    /// What packs into a file of somebody else's has nothing of its own open.
    ///
    /// ```python good
    /// import gzip
    /// from io import BytesIO
    ///
    /// def packed(text):
    ///     content = BytesIO()
    ///     archive = gzip.GzipFile(fileobj=content, mode="wb")
    ///     archive.write(text)
    ///     archive.flush()
    ///     return content.getvalue()
    /// ```
    ///
    /// Nor has what reads from one; an archive that is written there lacks its end until it is closed.
    ///
    /// ```python good
    /// import tarfile
    ///
    /// def unpack(download, folder):
    ///     download.seek(0)
    ///     archive = tarfile.open(fileobj=download, mode="r:gz")
    ///     archive.extractall(folder, filter="data")
    /// ```
    ///
    /// ```python good
    /// import zipfile
    /// from io import BytesIO
    ///
    /// def first(content):
    ///     archive = zipfile.ZipFile(BytesIO(content))
    ///     return archive.read(archive.namelist()[0])
    ///
    /// def of_upload(upload):
    ///     upload.seek(0)
    ///     archive = zipfile.ZipFile(upload)
    ///     member = archive.open(archive.namelist()[0]).read(1000)
    ///     if len(member) > 999:
    ///         raise ValueError("too large")
    ///     return member
    /// ```
    ///
    /// ```python bad
    /// import zipfile
    ///
    /// def of_path(path):
    ///     archive = zipfile.ZipFile(path)
    ///               ^^^^^^^^^^^^^^^^^^^^^
    ///     return archive.read(archive.namelist()[0])
    /// ```
    ///
    /// ```python fixed
    /// import zipfile
    ///
    /// def of_path(path):
    ///     with zipfile.ZipFile(path) as archive:
    ///         return archive.read(archive.namelist()[0])
    /// ```
    ///
    /// What is asked of the file does not fail, and who closes a connection closes its answer.
    ///
    /// ```python good
    /// import http.client
    ///
    /// class Writer:
    ///     @classmethod
    ///     def open(cls, path):
    ///         file = open(path, "w+b")
    ///         assert file.writable(), "it must be writable"
    ///         return cls(file)
    ///
    /// def status(host):
    ///     connection = http.client.HTTPConnection(host, timeout=5)
    ///     try:
    ///         connection.request("GET", "/")
    ///         response = connection.getresponse()
    ///     finally:
    ///         connection.close()
    ///     return response.status
    /// ```
    ///
    /// ```python bad
    /// import tarfile
    ///
    /// def pack(upload, folder):
    ///     archive = tarfile.open(fileobj=upload, mode="w:gz")
    ///               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     archive.add(folder)
    ///     return upload.tell()
    /// ```
    /// ```python fixed
    /// import tarfile
    ///
    /// def pack(upload, folder):
    ///     with tarfile.open(fileobj=upload, mode="w:gz") as archive:
    ///         archive.add(folder)
    ///     return upload.tell()
    /// ```
    ///
    /// A list that others close has it as soon as it is added.
    ///
    /// ```python good
    /// class Upload:
    ///     def __init__(self):
    ///         self.opened = []
    ///
    ///     def part(self, path):
    ///         file = open(path, "rb")
    ///         self.opened.append(file)
    ///         return path.name, file.read(4)
    ///
    ///     def close(self):
    ///         for file in self.opened:
    ///             file.close()
    /// ```
    ///
    /// A connection with options is the same connection.
    ///
    /// ```python good
    /// import sqlalchemy
    ///
    /// engine = sqlalchemy.create_engine("postgresql://db/shop", pool_size=5)
    ///
    /// def refresh(view):
    ///     with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
    ///         connection.execute(view)
    /// ```
    ///
    /// ```go bad
    /// package config
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"os"
    /// )
    ///
    /// func load(path string) (config, error) {
    /// 	var c config
    /// 	f, err := os.Open(path)
    /// 	          ^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return c, err
    /// 	}
    /// 	err = json.NewDecoder(f).Decode(&c)
    /// 	return c, err
    /// }
    /// ```
    /// ```go fixed
    /// package config
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"os"
    /// )
    ///
    /// func load(path string) (config, error) {
    /// 	var c config
    /// 	f, err := os.Open(path)
    /// 	if err != nil {
    /// 		return c, err
    /// 	}
    /// 	defer f.Close()
    /// 	err = json.NewDecoder(f).Decode(&c)
    /// 	return c, err
    /// }
    /// ```
    ///
    /// ```go bad
    /// package probe
    ///
    /// import "net"
    ///
    /// func banner(address string) (string, error) {
    /// 	conn, err := net.Dial("tcp", address)
    /// 	             ^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return "", err
    /// 	}
    /// 	line := make([]byte, 64)
    /// 	if _, err := conn.Read(line); err != nil {
    /// 		return "", err
    /// 	}
    /// 	conn.Close()
    /// 	return string(line), nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package config
    ///
    /// import (
    /// 	"io"
    /// 	"os"
    /// )
    ///
    /// type source struct {
    /// 	file *os.File
    /// }
    ///
    /// func read(path string) ([]byte, error) {
    /// 	f, err := os.Open(path)
    /// 	if os.IsNotExist(err) {
    /// 		return nil, nil
    /// 	}
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer f.Close()
    /// 	return io.ReadAll(f)
    /// }
    ///
    /// func open(path string) (*source, error) {
    /// 	f, err := os.Open(path)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return &source{file: f}, nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package config
    ///
    /// import (
    /// 	"bufio"
    /// 	"crypto/tls"
    /// 	"net"
    /// 	"os"
    /// )
    ///
    /// func write(path string, text []byte) error {
    /// 	f, err := os.Create(path)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	if _, err := f.Write(text); err != nil {
    /// 		f.Close()
    /// 		return err
    /// 	}
    /// 	return f.Close()
    /// }
    ///
    /// func reader(path string) (*bufio.Reader, error) {
    /// 	f, err := os.Open(path)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return bufio.NewReader(f), nil
    /// }
    ///
    /// func accept(ln net.Listener, handle func(net.Conn)) {
    /// 	for {
    /// 		conn, err := ln.Accept()
    /// 		if err, ok := err.(net.Error); ok && err.Timeout() {
    /// 			return
    /// 		}
    /// 		if err != nil {
    /// 			return
    /// 		}
    /// 		go handle(conn)
    /// 	}
    /// }
    ///
    /// func restore(path string, load func(*os.File) error) error {
    /// 	if f, err := os.Open(path); !os.IsNotExist(err) {
    /// 		if err != nil {
    /// 			return err
    /// 		}
    /// 		defer f.Close()
    /// 		return load(f)
    /// 	}
    /// 	return nil
    /// }
    ///
    /// func listen(address string, config *tls.Config) (ln net.Listener, port string, err error) {
    /// 	var l net.Listener
    /// 	if config != nil {
    /// 		l, err = tls.Listen("tcp", address, config)
    /// 	} else {
    /// 		l, err = net.Listen("tcp", address)
    /// 	}
    /// 	if err != nil {
    /// 		return nil, "", err
    /// 	}
    /// 	return l, l.Addr().String(), nil
    /// }
    ///
    /// func silence() error {
    /// 	var err error
    /// 	os.Stdout, err = os.Open(os.DevNull)
    /// 	return err
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"io"
    /// 	"os"
    /// 	"syscall"
    /// 	"time"
    /// )
    ///
    /// // What is opened again has its own error.
    /// func replace(path string, data io.Reader) error {
    /// 	f, err := os.Create(path)
    /// 	if err != nil {
    /// 		os.Remove(path)
    /// 		f, err = os.Create(path)
    /// 	}
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer f.Close()
    /// 	_, err = io.Copy(f, data)
    /// 	return err
    /// }
    ///
    /// func sample(path string) {
    /// 	f, err := os.Create(path)
    /// 	if err != nil {
    /// 		panic(err)
    /// 	}
    /// 	for now := range time.NewTicker(time.Second).C {
    /// 		f.WriteString(now.String())
    /// 	}
    /// }
    ///
    /// func size(path string) (int64, error) {
    /// 	f, err := os.Open(path)
    /// 	if err != nil {
    /// 		return 0, err
    /// 	}
    /// 	defer syscall.Close(int(f.Fd()))
    /// 	return count(path)
    /// }
    /// ```
    ///
    /// ```python good
    /// import socket
    ///
    /// def is_free(host, port):
    ///     sock = socket.socket()
    ///     sock.settimeout(2)
    ///     sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ///     try:
    ///         return sock.connect_ex((host, port)) != 0
    ///     finally:
    ///         sock.close()
    /// ```
    ///
    /// What a `with` around it closes with the rest.
    ///
    /// ```python good
    /// class Features:
    ///     def count(self, path):
    ///         with Database(path) as db:
    ///             cursor = db.connection.cursor()
    ///             cursor.execute("SELECT count(*) FROM features")
    ///             return cursor.fetchone()[0]
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"net"
    /// 	"net/http"
    ///
    /// 	"google.golang.org/grpc"
    /// )
    ///
    /// func serve(address string, handler http.Handler) error {
    /// 	l, err := net.Listen("tcp", address)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	server := &http.Server{Handler: handler}
    /// 	return server.Serve(l)
    /// }
    ///
    /// func serveCalls(address string) error {
    /// 	l, err := net.Listen("tcp", address)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	s := grpc.NewServer()
    /// 	return s.Serve(l)
    /// }
    ///
    /// func serveHere(address string, handler http.Handler) error {
    /// 	l, err := net.Listen("tcp", address)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	return http.Serve(l, handler)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import (
    /// 	"net"
    /// 	"net/http"
    /// )
    ///
    /// func serve(address string, handler http.Handler, ready func() error) error {
    /// 	l, err := net.Listen("tcp", address)
    /// 	          ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	if err := ready(); err != nil {
    /// 		return err
    /// 	}
    /// 	server := &http.Server{Handler: handler}
    /// 	return server.Serve(l)
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"net"
    /// 	"time"
    /// )
    ///
    /// type forwarder struct {
    /// 	path  string
    /// 	times int
    /// 	stop  chan struct{}
    /// 	conns chan net.Conn
    /// }
    ///
    /// func (f *forwarder) reconnect() {
    /// 	conn, dialError := net.Dial("unix", f.path)
    /// 	for i := 0; i < f.times && dialError != nil; i++ {
    /// 		select {
    /// 		case <-f.stop:
    /// 			return
    /// 		default:
    /// 			time.Sleep(time.Second)
    /// 			conn, dialError = net.Dial("unix", f.path)
    /// 		}
    /// 	}
    /// 	if dialError == nil {
    /// 		f.conns <- conn
    /// 	}
    /// }
    /// ```
    name: "unclosed-resource",
    category: Resources,
    severity: High,
    scope: File,
    fix: { Python: Suggested, Go: Safe },
    on: [Fact(Kind::Call)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some((position, resource)) = opened(cx, call) else { return };
    let close: Vec<&str> = resource.close.iter().map(|c| &**c).collect();
    let [method, ..] = close[..] else { return };
    let guessed = cx.meaning(call).is_none_or(|m| m.guessed);
    cx.site();
    let what = noun(&resource);
    let why = "It stays open until the garbage collector comes by, or for ever; under load the process runs out of them.";
    let confidence = if guessed { Confidence::Medium } else { Confidence::High };
    match fate(cx, call, position) {
        // A reference count of zero closes it at once in CPython.
        Fate::Dropped if !is_closed_at_once(call, &close) => {
            let finding = cx
                .finding(call, format!("nobody closes this {what}"))
                .why(why)
                .help(advice(cx, method, None))
                .severity(Severity::Low)
                .confidence(confidence);
            cx.report(finding);
        }
        Fate::Held(held) => {
            let mut story = held.story(cx, &close, false);
            if resource.is("http-client") && !awaits(cx, &resource) {
                let sent = held.uses().filter_map(|u| sends(cx, u)).min();
                story.leaks.retain(|l| !l.is(Kind::Call) || sent.is_some_and(|sent| sent <= l.index()));
            }
            if story.leaks.is_empty() {
                return;
            }
            let never = story.releases.is_empty() && !story.handed_on;
            let message = if never {
                format!("the {what} `{}` is never closed", held.name)
            } else {
                format!("the {what} `{}` is not closed on every way out", held.name)
            };
            // On the way through a handler, or under an error, something has failed before.
            let fails = |l: &Node<'_>| {
                let mut around = l.ancestors().take_while(|a| *a != held.scope);
                l.is(Kind::Call) || around.any(|a| a.is(Kind::Handler) || a.is(Kind::If) && says_error(a, *l))
            };
            let only_failing = !never && story.leaks.iter().all(fails);
            let severity = match () {
                // A response gives its connection back when its body has come, read or not.
                () if resource.is("cursor")
                    || resource.is("http-response")
                    || resource.is("http-client") && !awaits(cx, &resource) =>
                {
                    Severity::Low
                }
                // A command ends soon, and with it all that it has open.
                () if cx.named_function(call).is_some_and(|f| cx.is_decorated(f, "command-decorator")) => {
                    Severity::Low
                }
                () if only_failing => Severity::Medium,
                () => Severity::High,
            };
            let mut finding = cx
                .finding(call, message)
                .why(why)
                .help(advice(cx, method, Some(held)))
                .severity(severity)
                .confidence(confidence)
                .maybe_fix(fix(cx, held, &story, &resource));
            for leak in story.leaks.iter().take(3) {
                match leak.kind() {
                    Kind::Call => {
                        finding = finding.related(first_line(*leak), "if this fails, it stays open")
                    }
                    Kind::Return | Kind::Raise => {
                        finding = finding.related(first_line(*leak), "leaves with it open");
                    }
                    _ => {}
                }
            }
            cx.report(finding);
        }
        Fate::Dropped | Fate::Released | Fate::HandedOn => {}
    }
}

/// The place of the call by which a use of a client sends something: before the first it has no connection that could stay open.
fn sends(cx: &Check<'_>, used: Node<'_>) -> Option<u32> {
    let call = used.ancestors().take_while(|a| !a.is(Kind::Block)).find(|a| a.is(Kind::Call))?;
    let own = call.callee().is_some_and(|callee| used.is_in(callee));
    (!own || cx.effects(call).contains(Effects::NETWORK)).then(|| call.index())
}

/// Go: whether a fact stands in what a branch does where something has failed: `if err != nil { ... }`.
fn says_error(branch: Node<'_>, at: Node<'_>) -> bool {
    let inside = branch.get(Role::Body).is_some_and(|body| at.is_in(body));
    branch.get(Role::Condition).filter(|c| inside && c.operator() == Operator::Ne).is_some_and(|c| {
        let mut operands = c.all(Role::Operand);
        let of_error = |n: Node<'_>| {
            words(n.name()).iter().any(|w| matches!(w.as_str(), "err" | "error")) || n.name().ends_with("err")
        };
        operands.next().is_some_and(of_error) && operands.next().is_some_and(|n| n.is(Kind::Nothing))
    })
}

/// `open(path, "a").close()`
fn is_closed_at_once(call: Node<'_>, close: &[&str]) -> bool {
    call.parent().is_some_and(|p| p.is(Kind::Attribute) && close.contains(&p.name()))
}

/// The resource that a library call opens for its caller, and its position in what the call gives.
fn opened(cx: &Check<'_>, call: Node<'_>) -> Option<(usize, Meaning)> {
    let vocabulary = cx.resolver().vocabulary();
    let meaning = cx.meaning(call).or_else(|| handed(cx, call));
    // What is written has its end still to write.
    let writes =
        cx.argument(call, "mode").and_then(Node::string).is_some_and(|mode| mode.contains(['w', 'a', 'x']));
    let meaning = meaning.filter(|m| m.property("owner").is_none() || writes)?;
    let told = meaning.returns.iter().enumerate().find_map(|(at, name)| {
        let described = vocabulary.type_of(name).filter(|t| !t.close.is_empty())?;
        Some((at, described))
    });
    let (position, resource) = match told {
        Some(found) => found,
        None if meaning.returns.is_empty() => (0, vocabulary.type_of(&cx.type_of(call)?)?),
        None => return None,
    };
    // `gzip.GzipFile(fileobj=buffer)`, `zipfile.ZipFile(buffer)`: the file is somebody else's.
    let archive = resource.is("archive");
    let over_stream = meaning.argument("file").is_some_and(|a| a.of(call).is_some())
        || archive && cx.argument(call, "path").is_some_and(|path| is_stream(cx, path));
    if over_stream && !(archive && writes) {
        return None;
    }
    // Pools and servers live as long as the process; transactions, and Go's responses and rows, have rules of their own.
    const OTHERS: [&str; 6] = ["pool", "executor", "http-server", "transaction", "model", "websocket"];
    const OTHERS_IN_GO: [&str; 3] = ["http-response", "rows", "statement"];
    let of_others = OTHERS.iter().any(|role| resource.is(role))
        || OTHERS_IN_GO.iter().any(|role| resource.is(role)) && cx.language() == Language::Go;
    // A migration is lent the connection that its session is on.
    if resource.is("database-connection") && program::is_migration(cx) {
        return None;
    }
    // Closing a connection closes its cursors: the connection is judged where it is opened.
    let from_local = resource.is("cursor")
        && call.callee().and_then(Node::object).is_some_and(|o| o.is(Kind::Name) || is_lent(call, o));
    if resource.close.is_empty()
        || of_others
        || resource.roles.is_empty()
        || from_local
        || cx.named_function(call).is_some_and(|f| f.name() == "main")
    {
        return None;
    }
    Some((position, (**resource).clone()))
}

/// Whether a value is an open stream, and not the path of a file: it is made in memory, or its function reads it too.
fn is_stream(cx: &Check<'_>, value: Node<'_>) -> bool {
    const OF_STREAMS: [&str; 4] = ["seek", "read", "tell", "close"];
    let is_it =
        |o: Node<'_>| o.is(Kind::Name) && o.name() == value.name() && o.function() == value.function();
    let is_used =
        |method: &&str| cx.calls_of(method).any(|c| c.callee().and_then(Node::object).is_some_and(is_it));
    cx.type_of(value).is_some_and(|t| t == "io.BytesIO")
        || value.is(Kind::Name) && OF_STREAMS.iter().any(is_used)
}

/// Whether a `with` around a call closes what the call is made on: `with Database(path) as db: db.connection.cursor()`.
fn is_lent(call: Node<'_>, object: Node<'_>) -> bool {
    let mut owner = object;
    while let Some(of) = owner.object().filter(|_| owner.is(Kind::Attribute)) {
        owner = of;
    }
    let binds = |item: Node<'_>| item.all(Role::Target).any(|t| t.is(Kind::Name) && t.name() == owner.name());
    owner.is(Kind::Name) && call.ancestors().any(|a| a.is(Kind::With) && a.all(Role::Item).any(binds))
}

/// Python: the library call by which a function of the workspace opens, each time, what it gives: `return psycopg2.connect(url)`.
fn handed<'a>(cx: &Check<'a>, call: Node<'_>) -> Option<&'a Arc<Meaning>> {
    let path = cx.workspace_callee(call).filter(|_| cx.language() == Language::Python)?;
    let function = cx.workspace().function(&path)?;
    let [Origin::ResultOf(opens, 0)] = &function.results[..] else { return None };
    let each_time = function.behaviour.library.get(opens).is_some_and(|call| !call.occasional);
    let plain = each_time && !function.is_generator && function.decorators.is_empty();
    let meaning = cx.resolver().vocabulary().call(opens).filter(|_| plain)?;
    meaning.effects.contains(Effects::CONNECTS).then_some(meaning)
}

fn noun(resource: &Meaning) -> &'static str {
    const NOUNS: [(&str, &str); 8] = [
        ("file", "file"),
        ("socket", "socket"),
        ("cursor", "cursor"),
        ("database-connection", "connection"),
        ("rows", "result set"),
        ("statement", "statement"),
        ("archive", "archive"),
        ("http-client", "session"),
    ];
    NOUNS.iter().find(|(role, _)| resource.is(role)).map_or("resource", |(_, noun)| noun)
}

/// Whether the methods that close it are awaited.
fn awaits(cx: &Check<'_>, resource: &Meaning) -> bool {
    let vocabulary = cx.resolver().vocabulary();
    resource.close.iter().any(|c| {
        c.starts_with('a') || vocabulary.call(&format!("{}.{c}", resource.name)).is_some_and(|m| m.awaits)
    })
}

fn advice(cx: &Check<'_>, method: &str, held: Option<Held<'_>>) -> String {
    match (cx.language(), held) {
        (Language::Go, None) => "Keep it, and close it.".to_owned(),
        (Language::Go, Some(held)) => held.advice(&format!("{}.{method}()", held.name)),
        _ => "Open it in a `with`.".to_owned(),
    }
}

fn fix(cx: &Check<'_>, held: Held<'_>, story: &Story<'_>, resource: &Meaning) -> Option<Fix> {
    let [method, ..] = &resource.close[..] else { return None };
    match cx.language() {
        Language::Go => held.defer(cx, story, &format!("{}.{method}()", held.name)),
        // What `with` commits it does not close.
        Language::Python if resource.property("with").is_none() && !awaits(cx, resource) => with(held, story),
        _ => None,
    }
}

/// `with call as name:` around the statements that use the name.
fn with(held: Held<'_>, story: &Story<'_>) -> Option<Fix> {
    if story.handed_on || held.assign.role() != Role::Statement || held.assign.get(Role::Type).is_some() {
        return None;
    }
    let block = held.assign.parent()?;
    let following: Vec<Node<'_>> =
        block.all(Role::Statement).filter(|s| s.index() > held.assign.index()).collect();
    let last = following.iter().rposition(|s| held.uses().any(|u| u.is_in(*s)))?;
    let mut fix = Fix::suggested("Open it in a with")
        .replace(held.assign, format!("with {} as {}:", held.call.text(), held.name));
    let mut any = false;
    for statement in &following[..=last] {
        if story.releases.iter().any(|r| r.is_in(*statement)) {
            // Only a plain `f.close()` can go.
            if !statement.is(Kind::Call) {
                return None;
            }
            fix = fix.replace(lines(*statement)?, "");
        } else {
            any = true;
            fix = indented(fix, *statement)?;
        }
    }
    (any && held.uses().all(|u| u.is_in(block))).then_some(fix)
}
