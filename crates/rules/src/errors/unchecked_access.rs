use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Kind, Node, Role};
use shipworthy_syntax::{Language, Range};

use crate::names::words;
use crate::outside::{Source, is_caught, is_looked_at, source};
use crate::values::{Given, given};

rule! {
    /// An element is taken that may not be there
    ///
    /// Queries give no rows, requests lack fields, patterns do not match, texts do not split, models answer with nothing. Taking the first element or a
    /// key without a look raises (or panics) then, and an ordinary absence becomes an internal error. Ask first, or say what happens where it is missing.
    ///
    /// Only data that plainly comes from outside is judged, and only where nothing in the function looks at it: a condition, a length, a validation, a
    /// handler. An aggregate query always has its row.
    ///
    /// ```python bad
    /// from fastapi import Request
    ///
    /// async def order(request: Request):
    ///     body = await request.json()
    ///     return place(body["item"])
    ///                  ^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// from fastapi import Request
    ///
    /// async def order(request: Request):
    ///     body = await request.json()
    ///     return place(body.get("item"))
    /// ```
    ///
    /// ```python bad
    /// import re
    /// import sqlite3
    ///
    /// import openai
    ///
    /// def name(connection: sqlite3.Connection, client):
    ///     return connection.execute("SELECT name FROM clients WHERE id = ?", (client,)).fetchone()[0]
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def version(text):
    ///     return re.search(r"v(\d+)", text).group(1)
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def answer(client: openai.OpenAI, question):
    ///     response = client.chat.completions.create(model="gpt-4o", messages=question)
    ///     return response.choices[0].message.content
    ///            ^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// from pymongo import MongoClient
    ///
    /// devices = MongoClient()["sensors"]["devices"]
    ///
    /// def name_of(key):
    ///     return devices.find_one({"_id": key})["name"]
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// from pymongo import MongoClient
    ///
    /// devices = MongoClient()["sensors"]["devices"]
    ///
    /// def name_of(key):
    ///     found = devices.find_one({"_id": key})
    ///     return found["name"] if found else ""
    /// ```
    ///
    /// ```python good
    /// import re
    /// import sqlite3
    ///
    /// import openai
    /// import psycopg2.extensions
    ///
    /// def count(connection: sqlite3.Connection, client):
    ///     row = connection.execute("SELECT name FROM clients WHERE id = ?", (client,)).fetchone()
    ///     if row is None:
    ///         return 0
    ///     return row[0] + connection.execute("SELECT COUNT(*) FROM quotes").fetchone()[0]
    ///
    /// def system(cursor: psycopg2.extensions.cursor):
    ///     cursor.execute("SELECT system_identifier FROM pg_control_system()")
    ///     return cursor.fetchone()[0]
    ///
    /// def stop(cursor: psycopg2.extensions.cursor):
    ///     cursor.execute("SELECT labelfile FROM pg_stop_backup(false)")
    ///     return cursor.fetchone()[0]
    ///
    /// def version(text):
    ///     match = re.search(r"v(\d+)", text)
    ///     return match.group(1) if match else None
    ///
    /// def answer(client: openai.OpenAI, question):
    ///     response = client.chat.completions.create(model="gpt-4o", messages=question)
    ///     if not response.choices:
    ///         return ""
    ///     return response.choices[0].message.content
    /// ```
    ///
    /// ```python good
    /// import sys
    ///
    /// from fastapi import Request
    ///
    /// async def order(request: Request):
    ///     body = await request.json()
    ///     if "item" not in body:
    ///         return None
    ///     return place(body["item"])
    ///
    /// async def token(request: Request):
    ///     try:
    ///         return request.headers.get("authorization").split(" ")[1]
    ///     except (AttributeError, IndexError):
    ///         return None
    ///
    /// def scheme(address):
    ///     return address.split("://")[0]
    ///
    /// def main():
    ///     if len(sys.argv) < 2:
    ///         return
    ///     run(sys.argv[1])
    /// ```
    ///
    /// ```python good
    /// import re
    ///
    /// def hosts(lines):
    ///     for line in lines:
    ///         if found := re.match(r"(\d+) (\w+)", line):
    ///             yield found.group(1), found.group(2)
    /// ```
    ///
    /// A pattern of addresses on an address, and what is only tried.
    ///
    /// ```python good
    /// import re
    ///
    /// def origin(url):
    ///     return re.match(r"https?://[^/]+", url).group(0)
    ///
    /// def label(text):
    ///     return try_call(lambda: re.search(r"v(\d+)", text).group(1))
    /// ```
    ///
    /// What always matches, what was found before, what a closure's function has asked, and what runs when the module is read.
    ///
    /// ```python good
    /// import re
    ///
    /// __version__ = read_version()
    /// VERSION = re.match(r"(\d+)\.(\d+)", __version__).groups()
    /// PLACE = re.compile(r"((.*\.zip)/)?(.*)")
    ///
    /// def videos(page):
    ///     for url in set(re.findall(r"https://cdn\.example\.com/[a-f0-9]+\.mp4", page)):
    ///         yield re.search(r"([a-f0-9]+)\.mp4", url).group(1)
    ///
    /// def name(text):
    ///     return re.fullmatch(r"(.+?)(?:(\d+)M)?", text).groups()
    ///
    /// def place(path):
    ///     return PLACE.match(path).groups()
    ///
    /// def selected(text):
    ///     found = re.match(r"(\w+)=(\w+)", text)
    ///     if not found:
    ///         raise ValueError(text)
    ///
    ///     def holds(entry):
    ///         return entry.get(found.group(1)) == found.group(2)
    ///
    ///     return holds
    /// ```
    ///
    /// What is unpacked into a body is written, not read.
    ///
    /// ```python good
    /// from flask import Flask, request
    ///
    /// app = Flask(__name__)
    ///
    /// @app.put("/notes/<note>")
    /// def update(note):
    ///     body = request.json
    ///     _, body["text"] = process(note, body.get("text"))
    ///     return save(note, body)
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"net/http"
    /// 	"regexp"
    /// 	"strings"
    /// )
    ///
    /// var version = regexp.MustCompile(`v(\d+)`)
    ///
    /// func token(r *http.Request) string {
    /// 	return strings.Split(r.Header.Get("Authorization"), " ")[1]
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import "os"
    ///
    /// func main() {
    /// 	run(os.Args[1])
    /// 	    ^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"net/http"
    /// 	"strings"
    /// )
    ///
    /// func token(r *http.Request) string {
    /// 	parts := strings.Split(r.Header.Get("Authorization"), " ")
    /// 	if len(parts) != 2 {
    /// 		return ""
    /// 	}
    /// 	return parts[1]
    /// }
    ///
    /// func first(r *http.Request) string {
    /// 	values, ok := r.Header["X-Forwarded-For"]
    /// 	if !ok {
    /// 		return ""
    /// 	}
    /// 	return values[0]
    /// }
    ///
    /// func scheme(r *http.Request) string {
    /// 	return strings.Split(r.Header.Get("Authorization"), " ")[0]
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import "os"
    ///
    /// func main() {
    /// 	if len(os.Args) < 2 {
    /// 		return
    /// 	}
    /// 	run(os.Args[1])
    /// 	name := os.Args[0]
    /// 	run(name)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn main() {
    ///     let arguments: Vec<String> = std::env::args().collect();
    ///     run(&arguments[1]);
    ///          ^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use std::env;
    ///
    /// fn main() {
    ///     let mode = env::args().collect::<Vec<_>>()[2].clone();
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     run(&mode);
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn main() {
    ///     let arguments: Vec<String> = std::env::args().collect();
    ///     if arguments.len() < 2 {
    ///         return;
    ///     }
    ///     run(&arguments[1]);
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn main() {
    ///     let arguments: Vec<String> = std::env::args().collect();
    ///     run(arguments.get(1));
    ///     println!("{}", arguments[0]);
    /// }
    ///
    /// fn first(values: &[u32]) -> u32 {
    ///     values[0]
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"io"
    /// 	"net/http"
    /// 	"strings"
    /// )
    ///
    /// func load(w http.ResponseWriter, r *http.Request) {
    /// 	raw, err := io.ReadAll(r.Body)
    /// 	if err != nil {
    /// 		return
    /// 	}
    /// 	for _, line := range strings.Split(string(raw), "\n") {
    /// 		columns := strings.Split(line, ";")
    /// 		store(columns[0], columns[3])
    /// 		                  ^^^^^^^^^^
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"io"
    /// 	"net/http"
    /// 	"strings"
    /// )
    ///
    /// func load(w http.ResponseWriter, r *http.Request) {
    /// 	raw, err := io.ReadAll(r.Body)
    /// 	if err != nil {
    /// 		return
    /// 	}
    /// 	for _, line := range strings.Split(string(raw), "\n") {
    /// 		columns := strings.Split(line, ";")
    /// 		if len(columns) < 4 {
    /// 			continue
    /// 		}
    /// 		store(columns[0], columns[3])
    /// 	}
    /// }
    ///
    /// func own() {
    /// 	for _, line := range strings.Split(table, "\n") {
    /// 		store(strings.Split(line, ";")[0], strings.Split(line, ";")[3])
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::extract::Query;
    /// use std::collections::HashMap;
    ///
    /// async fn search(Query(q): Query<HashMap<String, String>>) -> String {
    ///     find(&q["text"])
    ///           ^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::extract::Query;
    /// use std::collections::HashMap;
    ///
    /// async fn search(Query(q): Query<HashMap<String, String>>) -> String {
    ///     let counts: HashMap<&str, u32> = HashMap::from([("a", 1)]);
    ///     if !q.contains_key("text") {
    ///         return counts["a"].to_string();
    ///     }
    ///     find(&q["text"])
    /// }
    /// ```
    ///
    /// ```go bad
    /// package chat
    ///
    /// import (
    /// 	"context"
    ///
    /// 	"github.com/sashabaranov/go-openai"
    /// )
    ///
    /// func (a *Assistant) ask(ctx context.Context, client *openai.Client, request openai.ChatCompletionRequest) (string, error) {
    /// 	answer, err := client.CreateChatCompletion(ctx, request)
    /// 	if err != nil {
    /// 		return "", err
    /// 	}
    /// 	return answer.Choices[0].Message.Content, nil
    /// 	       ^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package chat
    ///
    /// import (
    /// 	"context"
    /// 	"errors"
    ///
    /// 	"github.com/sashabaranov/go-openai"
    /// )
    ///
    /// func (a *Assistant) ask(ctx context.Context, client *openai.Client, request openai.ChatCompletionRequest) (string, error) {
    /// 	answer, err := client.CreateChatCompletion(ctx, request)
    /// 	if err != nil {
    /// 		return "", err
    /// 	}
    /// 	if len(answer.Choices) == 0 {
    /// 		return "", errors.New("no answer")
    /// 	}
    /// 	return answer.Choices[0].Message.Content, nil
    /// }
    /// ```
    name: "unchecked-access",
    category: Errors,
    severity: Medium,
    scope: File,
    fix: { Python: Suggested },
    on: [Fact(Kind::Index), Fact(Kind::Call)],
    check: check,
}

/// The errors of an access, and those above them.
const ERRORS: [&str; 5] = ["IndexError", "KeyError", "LookupError", "TypeError", "AttributeError"];

/// An access to outside data that fails where the element is missing.
struct Access<'a> {
    object: Node<'a>,
    what: &'static str,
    confidence: Confidence,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    let access = match node.kind() {
        Kind::Call => match_group(cx, node),
        _ => element(cx, node),
    };
    let Some(access) = access else { return };
    cx.site();
    if is_caught(cx, node, &ERRORS) || is_tried(node) || is_looked_at(cx, access.object, node) {
        return;
    }
    let verb = if cx.language() == Language::Python { "raises" } else { "panics" };
    let short = node.text().lines().next().unwrap_or_default();
    let finding = cx
        .finding(node, format!("`{short}` {verb} where {}", access.what))
        .why("An ordinary absence in data that others decide becomes an internal error.")
        .help("Ask first whether it is there, and say what happens where it is not.")
        .confidence(access.confidence)
        .maybe_fix(fix(cx, node));
    cx.report(finding);
}

/// `re.match(...).group()`: nothing where the pattern does not match.
fn match_group<'a>(cx: &Check<'_>, call: Node<'a>) -> Option<Access<'a>> {
    let callee = call.callee().filter(|c| matches!(c.name(), "group" | "groups" | "groupdict"))?;
    let object = callee.object()?;
    matched(cx, object)
}

fn matched<'a>(cx: &Check<'_>, object: Node<'a>) -> Option<Access<'a>> {
    let made = cx.made_by(object)?;
    cx.meaning(made).filter(|m| m.is("matches"))?;
    // A text that is written down matches or does not, every time; so does what runs once, when the module is read.
    let text = cx.argument(made, "text");
    let constant = made.arguments().all(Node::is_literal)
        || made.function().is_none()
        || text.is_some_and(|t| is_of_literals(cx, t))
        || pattern(made).is_some_and(fits_anything);
    // A pattern that is written elsewhere, or that has found the text before, mostly fits.
    let fits = matches_addresses(made)
        || pattern(made).is_none()
        || text.is_some_and(|t| was_found(cx, t))
        || made.function().is_some_and(|f| f.is(Kind::Lambda));
    let confidence = if fits { Confidence::Low } else { Confidence::Medium };
    let access = Access { object, what: "the pattern does not match", confidence };
    (!constant).then_some(access)
}

/// The pattern of a match, where it is written down in the call.
fn pattern(made: Node<'_>) -> Option<Node<'_>> {
    made.arguments()
        .next()
        .filter(|p| made.arguments().count() > 1 && matches!(p.kind(), Kind::String | Kind::Template))
}

/// Whether a pattern fits every text: what it asks for may be missing, or be anything.
fn fits_anything(pattern: Node<'_>) -> bool {
    let text = pattern.text();
    let start = text.find(['"', '\'']).map_or("", |at| text[at..].trim_start_matches(['"', '\'']));
    let start = start.trim_start_matches("(?s)").trim_start_matches('^').trim_start_matches('(');
    start.starts_with(".*") || start.starts_with(".+")
}

/// Whether a text is an element of a list that is filled with literals only.
fn is_of_literals(cx: &Check<'_>, text: Node<'_>) -> bool {
    let Some(list) = iterated(cx, text).filter(|l| l.is(Kind::Name)) else { return false };
    let Some(function) = list.function() else { return false };
    let grows = |n: &Node<'_>| {
        n.is(Kind::Call)
            && n.callee().is_some_and(|c| {
                c.name() == "append"
                    && c.object().is_some_and(|o| o.is(Kind::Name) && o.name() == list.name())
            })
    };
    let mut added = function.descendants().filter(grows).peekable();
    let made_of_literals = given(cx, list).iter().all(|g| matches!(g, Given::Value(v) if v.is_literal()));
    added.peek().is_some() && made_of_literals && added.all(|c| c.arguments().all(Node::is_literal))
}

/// Whether a text was found by a pattern before: `for url in re.findall(...)`.
fn was_found(cx: &Check<'_>, text: Node<'_>) -> bool {
    let Some(found) = iterated(cx, text) else { return false };
    let found = crate::values::behind(cx, cx.facts().node(found.index()));
    let calls = std::iter::once(found).chain(found.descendants()).filter(|n| n.is(Kind::Call));
    calls.filter_map(Node::callee).any(|c| matches!(c.name(), "findall" | "finditer"))
}

/// What a loop goes over whose target a name is.
fn iterated<'a>(cx: &Check<'a>, name: Node<'_>) -> Option<Node<'a>> {
    let given = given(cx, name);
    let [Given::Other(bound)] = given[..] else { return None };
    bound.ancestors().find(|a| matches!(a.kind(), Kind::For | Kind::Clause))?.get(Role::Iterable)
}

/// Whether a pattern of addresses is tried on an address: `re.match(r"https?://[^/]+", url)`.
fn matches_addresses(call: Node<'_>) -> bool {
    let arguments: Vec<Node<'_>> = call.arguments().collect();
    let address = |n: &Node<'_>| words(n.name()).iter().any(|w| matches!(w.as_str(), "url" | "uri"));
    let of_addresses = |n: &Node<'_>| address(n) || n.string().is_some_and(|s| s.contains("http"));
    let compiled = call.callee().and_then(Node::object).filter(|o| arguments.len() == 1 && address(o));
    match arguments[..] {
        [text] => compiled.is_some() && address(&text),
        [pattern, text, ..] => of_addresses(&pattern) && address(&text),
        [] => false,
    }
}

/// Python: whether an access stands in what is only tried: `try_call(lambda: match.group())`.
fn is_tried(node: Node<'_>) -> bool {
    let lambda = node.ancestors().find(|a| matches!(a.kind(), Kind::Lambda | Kind::Function));
    let taken = lambda.filter(|l| l.is(Kind::Lambda) && l.role() == Role::Argument).and_then(Node::parent);
    taken.and_then(Node::callee).is_some_and(|c| words(c.name()).first().is_some_and(|w| w == "try"))
}

/// `rows[0]`, `body["key"]`, `parts[1]`, `argv[1]`.
fn element<'a>(cx: &Check<'_>, index: Node<'a>) -> Option<Access<'a>> {
    let is_target = |n: Node<'_>| n.role() == Role::Target;
    // `name, body["text"] = parts`
    let unpacked = || {
        index
            .parent()
            .is_some_and(|p| matches!(p.kind(), Kind::Tuple | Kind::List | Kind::Pattern) && is_target(p))
    };
    if is_target(index)
        || unpacked()
        || index.parent().is_some_and(|p| matches!(p.kind(), Kind::Delete | Kind::Type))
    {
        return None;
    }
    let object = index.object()?;
    let key = index.get(Role::Index)?;
    let number = match key.kind() {
        Kind::Unary => key.get(Role::Operand).and_then(Node::number).map(|n| -n),
        _ => key.number(),
    };
    if cx.language() != Language::Rust
        && let Some(access) = matched(cx, object)
    {
        return Some(access);
    }
    let access = |what, confidence| Some(Access { object, what, confidence });
    let found = source(cx, object);
    match (found?, number) {
        (Source::RequestBody, None) if key.is(Kind::String) => {
            access("the request lacks it", Confidence::Medium)
        }
        (Source::Response, None) if key.is(Kind::String) && cx.language() == Language::Python => {
            access("the response lacks it", Confidence::Low)
        }
        (Source::Arguments, Some(n)) if n >= 1.0 => {
            // Who runs a project's own script reads its source.
            let script = cx.path().split('/').any(|f| matches!(f, "script" | "scripts" | "tools" | "hack"));
            // What only another program starts, is started with what it needs: a module's own entry, a generator beside the program.
            let inner = match cx.language() {
                Language::Go => cx.environment().package() != "main",
                _ => cx.path().contains('/') && index.function().is_none(),
            };
            access(
                "the argument is missing",
                if script || inner { Confidence::Low } else { Confidence::Medium },
            )
        }
        (Source::Row, _) if number.is_some() || key.is(Kind::String) => {
            let sure = !always_has_row(cx, object)?;
            sure.then_some(Access { object, what: "the query gives no row", confidence: Confidence::Medium })
        }
        (Source::Rows, Some(_)) if is_built(cx, object) => {
            access("the query gives no row", Confidence::Medium)
        }
        (Source::Rows, Some(_)) => match always_has_row(cx, object) {
            Some(true) => None,
            Some(false) => access("the query gives no row", Confidence::Medium),
            None => access("the query gives no row", Confidence::Low),
        },
        (Source::Model, Some(_)) => access("the model answers with nothing", Confidence::Medium),
        (Source::Request | Source::RequestBody | Source::Response, Some(n)) => {
            let split = is_split(cx, object);
            // The first part of a text is always there.
            let there = split && (n == 0.0 || n == -1.0);
            // A request that is not answered here may be one that is about to be sent.
            let outgoing = cx.language() == Language::Go && !split && !answers(index);
            let confidence = if outgoing || found == Some(Source::Response) && !split {
                Confidence::Low
            } else {
                Confidence::Medium
            };
            if there { None } else { access("there are fewer elements", confidence) }
        }
        _ => None,
    }
}

/// Go: whether the function around a fact answers requests.
fn answers(node: Node<'_>) -> bool {
    node.ancestors().filter(|a| matches!(a.kind(), Kind::Function | Kind::Lambda)).any(|f| {
        f.all(Role::Parameter).any(|p| p.text().contains("ResponseWriter") || p.text().contains(".Context"))
    })
}

/// Whether a value is the parts of a text.
fn is_split(cx: &Check<'_>, object: Node<'_>) -> bool {
    cx.made_by(object).is_some_and(|made| {
        let splits = |c: Node<'_>| {
            matches!(c.callee().map_or("", Node::name), "split" | "rsplit" | "splitlines" | "lines")
        };
        // Rust collects the parts: `line.split(';').collect()`.
        let collects = cx.language() == Language::Rust && cx.method_chain(made).any(splits);
        cx.meaning(made).is_some_and(|m| m.is("splits")) || splits(made) || collects
    })
}

/// Whether rows are of a query that calls build, which filter by something: `table("x").select("*").eq("id", id).execute().data`.
fn is_built(cx: &Check<'_>, rows: Node<'_>) -> bool {
    let held = rows.object().filter(|_| rows.is(Kind::Attribute)).unwrap_or(rows);
    let Some(made) = cx.made_by(held) else { return false };
    cx.meaning(made).is_some_and(|m| m.property("rows") == Some("all") && m.argument("sql").is_none())
        && cx.method_chain(made).any(|c| c.callee().is_some_and(|c| matches!(c.name(), "eq" | "match")))
}

/// Whether the SQL of a query gives a row whatever there is: an aggregate. None where its text is not in view.
fn always_has_row(cx: &Check<'_>, rows: Node<'_>) -> Option<bool> {
    let made = cx.made_by(rows)?;
    // A filter of documents finds what there is.
    if cx.meaning(made).is_some_and(|m| m.argument("filter").is_some() && m.argument("sql").is_none()) {
        return Some(false);
    }
    let own = cx.method_chain(made).find_map(|c| cx.argument(c, "sql"));
    // `cursor.execute(...)` stands before `cursor.fetchone()`.
    let receiver = made.callee().and_then(Node::object).filter(|o| o.is(Kind::Name));
    let before = || {
        let receiver = receiver?;
        let facts = receiver.facts();
        let calls = facts.nodes().take_while(|n| n.index() < made.index()).filter(|n| n.is(Kind::Call));
        let executed =
            calls.filter(|n| n.callee().and_then(Node::object).is_some_and(|o| o.text() == receiver.text()));
        executed.filter_map(|n| cx.argument(n, "sql")).last()
    };
    let sql = own.or_else(before)?;
    let sql = if sql.is(Kind::Name) {
        crate::values::behind(cx, cx.facts().node(sql.index()))
    } else {
        cx.facts().node(sql.index())
    };
    if !matches!(sql.kind(), Kind::String | Kind::Template | Kind::Binary) {
        return None;
    }
    let text = sql.text().to_ascii_lowercase();
    const ALWAYS: [&str; 12] = [
        "count(",
        "sum(",
        "max(",
        "min(",
        "avg(",
        "exists(",
        "exists (",
        "returning",
        "pragma",
        "select 1",
        "last_insert",
        "version()",
    ];
    // PostgreSQL: what the server tells of itself, of a setting, of who asks; what is told from elsewhere may be unknown to it.
    const OF_SERVER: [&str; 10] = [
        "pg_control_",
        "pg_settings",
        "pg_stop_backup(",
        "pg_backup_stop(",
        "pg_current_wal_",
        "pg_last_wal_",
        "pg_walfile_name",
        "current_user",
        "session_user",
        "current_database",
    ];
    let of_server = text.contains("from pg_")
        && OF_SERVER.iter().any(|a| text.contains(a))
        && !text.contains(['%', '?', '$', '{']);
    let aggregate = of_server || ALWAYS.iter().any(|a| text.contains(a)) && !text.contains("group by");
    Some(aggregate || !text.contains("from"))
}

/// Python: `body["key"]` becomes `body.get("key")`.
fn fix(cx: &Check<'_>, index: Node<'_>) -> Option<Fix> {
    let key = index.get(Role::Index).filter(|k| k.is(Kind::String) && cx.language() == Language::Python)?;
    let object = index.object()?;
    // What is read from the element would fail on a missing one all the same.
    let read =
        index.parent().is_some_and(|p| matches!(p.kind(), Kind::Attribute | Kind::Index | Kind::Slice));
    let open = Range { start: object.range().end, end: key.range().start };
    let close = Range { start: key.range().end, end: index.range().end };
    (!read).then(|| Fix::suggested("Use `get`").replace(open, ".get(").replace(close, ")"))
}
