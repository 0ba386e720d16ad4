//! Values that are made of themselves, as loops and half-typed code have them: each question about them has an end.

#![allow(clippy::unwrap_used, reason = "a test fails by them")]

use shipworthy_audit::{Alone, Auditor, Document, Home};
use shipworthy_syntax::Language;

/// Analysed to the end, where the stack is small: what overflows it ends the test program.
fn ends(language: Language, text: &'static str) {
    let analyse = move || {
        let auditor = Auditor::new(shipworthy_rules::RULES);
        let mut document = Document::new("app/file", &Home::by_path(language, "app/file"), language, text);
        document.analyze(&auditor, &auditor.default_configuration(), &Alone);
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(analyse).unwrap().join().unwrap();
}

#[test]
fn what_is_decoded_from_itself() {
    ends(
        Language::Python,
        r#"
import json, logging
from flask import Flask
app = Flask(__name__)
log = logging.getLogger(__name__)
@app.post("/x")
def x():
    while True:
        data = json.loads(data)
        log.info("got %s", data)
    return data
@app.post("/y")
def y():
    for _ in range(3):
        a = json.loads(b)
        b = json.loads(a)
        log.info("got %s", a)
    return a
"#,
    );
}

#[test]
fn values_that_are_made_of_themselves_again_and_again() {
    // Each step that looked at each part again would take hours.
    let grown = |name: &str| format!("    {name} = {name} + {name}.strip() + f'{{{name}}}'\n").repeat(60);
    let text = format!(
        "import socket, sqlite3\ndef connect(host):\n    host = str(len('x'))\n{}    return socket.create_connection((host, 80))\n\
         def find(db: sqlite3.Connection, rows):\n    for row in rows:\n        q = str(len(row))\n{}    return db.execute(f\"select 1 from t where x = '{{q}}'\")\n",
        grown("host"),
        grown("q"),
    );
    ends(Language::Python, text.leak());
}

#[test]
fn a_list_that_is_its_own_element() {
    ends(
        Language::Python,
        r#"
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
app = FastAPI()
def f():
    while True:
        origins = [others]
        others = [origins]
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_credentials=True)
"#,
    );
}

#[test]
fn a_digest_of_itself() {
    ends(
        Language::Python,
        r#"
import hmac, hashlib
def check(request):
    while True:
        mac = hashlib.sha256(mac).hexdigest()
        mac = mac.digest()
        mac = mac.hexdigest()
        if mac == request.headers["x-signature"]:
            return True
"#,
    );
}

#[test]
fn a_guard_around_itself() {
    ends(
        Language::Python,
        r#"
from fastapi import FastAPI, Depends
app = FastAPI()
guard = guard(app)
guard = other(guard)
other = guard(other)
@app.post("/", dependencies=[guard, Depends(other)])
def x(): pass
"#,
    );
    ends(
        Language::Rust,
        r#"
use axum::Router;
fn main() {
    let mut auth = auth(auth);
    loop {
        auth = b(auth);
        b = auth(b);
        auth = auth.layer(auth);
        let app = Router::new().route("/x", post(x)).layer(auth).route_layer(b);
    }
}
"#,
    );
}
