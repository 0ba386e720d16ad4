use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::names::{self, words};
use crate::request;
use crate::values::{Given, behind, given, is_from_request, is_member, is_setting, is_written_down};

rule! {
    /// Secrets are compared with `==`
    ///
    /// `==` stops at the first byte that differs. Whoever can send guesses and measure the answers learns a token, a signature or a
    /// password hash byte by byte. Compare secrets with a function that always takes the same time.
    ///
    /// A comparison with `None`, with an empty string, with a length or with a literal that is no secret tells nothing about the
    /// secret and is sound. So is one of two values that the same side owns: a new token with the cached one, a password with its repetition.
    ///
    /// ```python bad
    /// def verify(request, settings):
    ///     token = request.headers.get("X-Admin-Token")
    ///     if token == settings.admin_token:
    ///        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         return True
    ///     return False
    /// ```
    /// ```python fixed
    /// import hmac
    ///
    /// def verify(request, settings):
    ///     token = request.headers.get("X-Admin-Token")
    ///     if hmac.compare_digest((token or "").encode(), settings.admin_token.encode()):
    ///         return True
    ///     return False
    /// ```
    ///
    /// A secret that is not set is no empty one, which anybody could guess:
    ///
    /// ```python bad
    /// class Connector:
    ///     def subscribe(self, request):
    ///         return request.query["verify_token"] == self.config.get("verify-token")
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    ///     def deny(self, request):
    ///         token = self.config.get("api-token")
    ///         if self.open or request.headers["X-Api-Token"] != token:
    ///                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///             raise PermissionError
    /// ```
    /// ```python fixed
    /// import hmac
    ///
    /// class Connector:
    ///     def subscribe(self, request):
    ///         return self.config.get("verify-token") is not None and hmac.compare_digest(request.query["verify_token"].encode(), self.config.get("verify-token").encode())
    ///
    ///     def deny(self, request):
    ///         token = self.config.get("api-token")
    ///         if self.open or (token is None or not hmac.compare_digest(request.headers["X-Api-Token"].encode(), token.encode())):
    ///             raise PermissionError
    /// ```
    ///
    /// ```python bad
    /// import hashlib
    /// import hmac
    ///
    /// from flask import current_app, request
    ///
    /// def sign(secret, body):
    ///     return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    ///
    /// def is_admin():
    ///     given = request.headers.get("X-Admin-Token")
    ///     return given == current_app.config["ADMIN_TOKEN"]
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def is_operator():
    ///     return request.headers.get("X-Ops-Key") == current_app.config["OPS_KEY"]
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def is_from_door(body):
    ///     return door_signature(body) == request.headers["X-Door-Signature"]
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def is_from_partner(body, header, settings):
    ///     wanted = sign(settings.webhook_secret, body)
    ///     return header == wanted
    ///            ^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// import os
    ///
    /// API_TOKEN = os.getenv("API_TOKEN")
    ///
    /// def is_known(key):
    ///     return key == API_TOKEN
    ///            ^^^^^^^^^^^^^^^^
    ///
    /// def sign_in(request):
    ///     stored = os.environ.get("FRONT_DESK_PASSWORD", "")
    ///     return request.form["pin"] == stored
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import os
    ///
    /// import typer
    ///
    /// def login(key: str = typer.Option(None, "--key")):
    ///     env_api_key = os.getenv("SHOP_API_KEY")
    ///     if env_api_key and key and env_api_key != key:
    ///         raise typer.Exit(1)
    /// ```
    ///
    /// ```python good
    /// from flask import current_app, request
    ///
    /// def is_repeated(seen):
    ///     return request.headers.get("Idempotency-Key") == current_app.config["LAST"]
    ///
    /// def is_current():
    ///     return request.headers.get("If-None-Match") == current_app.config["VERSION"]
    ///
    /// def is_chosen(key, shortcut):
    ///     return key == shortcut
    /// ```
    ///
    /// ```python bad
    /// import os
    ///
    /// def check(signature, expected_signature):
    ///     if signature != expected_signature:
    ///        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         raise PermissionError(os.getpid())
    /// ```
    /// ```python fixed
    /// import hmac
    /// import os
    ///
    /// def check(signature, expected_signature):
    ///     if not hmac.compare_digest(signature, expected_signature):
    ///         raise PermissionError(os.getpid())
    /// ```
    ///
    /// ```python bad
    /// import os
    ///
    /// API_KEY = os.environ["API_KEY"]
    ///
    /// def allowed(api_key):
    ///     return api_key == API_KEY
    ///            ^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// What was given, beside what the settings say.
    ///
    /// ```python bad
    /// def check(given, settings):
    ///     if given != settings.webhook_token:
    ///        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         raise PermissionError("not the token")
    /// ```
    /// ```python fixed
    /// import hmac
    ///
    /// def check(given, settings):
    ///     if not hmac.compare_digest(given, settings.webhook_token):
    ///         raise PermissionError("not the token")
    /// ```
    ///
    /// ```python good
    /// def check(given, settings, cached):
    ///     if given != settings.token_type or given != cached.token or given == settings.page_size:
    ///         return None
    ///     return settings.webhook_token is None or "given" != settings.webhook_token
    /// ```
    ///
    /// ```python good
    /// import hmac
    ///
    /// def verify(token, settings):
    ///     if token is None or token == "":
    ///         return False
    ///     if len(token) != 32 or settings.token_type == "bearer":
    ///         return False
    ///     return hmac.compare_digest(token, settings.admin_token)
    /// ```
    ///
    /// ```python good
    /// def parse(tokens, cache, etag):
    ///     if tokens[0].token_kind == tokens[1].token_kind and cache.etag == etag:
    ///         return tokens
    ///     return [t for t in tokens if t.token_id != cache.token_id]
    /// ```
    ///
    /// ```python good
    /// NO_API_KEY = "no-key"
    ///
    /// class MCPAuth(str, Enum):
    ///     bearer_token = "bearer_token"
    ///
    /// def refresh(cached, failed_access_token, auth_type, form, event, state):
    ///     if cached.access_token != failed_access_token:
    ///         return cached
    ///     if auth_type == MCPAuth.bearer_token or form.password != form.password2:
    ///         return None
    ///     if event.signature == state.signature or state.token_secret == DEFAULT_TOKEN_SECRET:
    ///         return event
    ///
    /// def authorization(api_key):
    ///     return {} if api_key == NO_API_KEY else {"Authorization": api_key}
    ///
    /// class Parser:
    ///     def accept(self, token):
    ///         return self.token == token
    /// ```
    ///
    /// ```python good
    /// def on_change(config, hub):
    ///     if config.host != hub.config.host or config.password != hub.config.password:
    ///         hub.reload(config)
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"net/http"
    /// )
    ///
    /// func (s *Server) authorized(r *http.Request) bool {
    /// 	token := r.Header.Get("X-Api-Token")
    /// 	return token == s.config.APIToken
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package api
    ///
    /// import (
    /// 	"crypto/subtle"
    /// 	"net/http"
    /// )
    ///
    /// func (s *Server) authorized(r *http.Request) bool {
    /// 	token := r.Header.Get("X-Api-Token")
    /// 	return subtle.ConstantTimeCompare([]byte(token), []byte(s.config.APIToken)) == 1
    /// }
    /// ```
    ///
    /// ```go bad
    /// package hooks
    ///
    /// import (
    /// 	"bytes"
    /// 	"crypto/hmac"
    /// 	"crypto/sha256"
    /// )
    ///
    /// func verify(body, secret, signature []byte) bool {
    /// 	mac := hmac.New(sha256.New, secret)
    /// 	mac.Write(body)
    /// 	return bytes.Equal(mac.Sum(nil), signature)
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// What a caller presents in a header for credentials is a guess at what it is held against, whatever both are called.
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"crypto/hmac"
    /// 	"crypto/sha256"
    /// 	"encoding/hex"
    /// 	"net/http"
    /// 	"strings"
    /// )
    ///
    /// func (s *Server) allowed(r *http.Request) bool {
    /// 	got := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
    /// 	return got == s.admin
    /// 	       ^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"crypto/hmac"
    /// 	"crypto/sha256"
    /// 	"encoding/hex"
    /// 	"net/http"
    /// )
    ///
    /// func (s *Server) signed(r *http.Request, body []byte) bool {
    /// 	mac := hmac.New(sha256.New, s.key)
    /// 	mac.Write(body)
    /// 	want := hex.EncodeToString(mac.Sum(nil))
    /// 	return r.Header.Get("X-Hub") == want
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"encoding/hex"
    /// 	"net/http"
    /// )
    ///
    /// func (s *Server) same(r *http.Request, sum []byte) bool {
    /// 	kind := r.Header.Get("Content-Type")
    /// 	auth := r.Header.Get("Authorization")
    /// 	if auth == "" || kind == s.kind {
    /// 		return false
    /// 	}
    /// 	return r.Header.Get("If-None-Match") == hex.EncodeToString(sum)
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"crypto/subtle"
    /// 	"go/token"
    /// )
    ///
    /// func (p *parser) accept(tok token.Token) bool {
    /// 	return p.token == tok && tok != token.COMMA
    /// }
    ///
    /// func verifyToken(token, expectedToken string) bool {
    /// 	if token == "" || len(token) != len(expectedToken) {
    /// 		return false
    /// 	}
    /// 	return subtle.ConstantTimeCompare([]byte(token), []byte(expectedToken)) == 1
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// func (s *Server) check(provided string) bool {
    /// 	return provided == s.config.Token
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// func (s *Server) check(provided string, last *Session) bool {
    /// 	return provided == s.config.TokenType || provided == last.Token
    /// }
    /// ```
    ///
    /// Settings that are read again are compared with those that are in force.
    ///
    /// ```go good
    /// package settings
    ///
    /// type Configuration struct {
    /// 	RedisAddress  string
    /// 	RedisPassword string
    /// }
    ///
    /// var config *Configuration
    ///
    /// func Reload() bool {
    /// 	c := read()
    /// 	return c.RedisAddress != config.RedisAddress || c.RedisPassword != config.RedisPassword
    /// }
    ///
    /// func read() Configuration {
    /// 	return Configuration{}
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import "bytes"
    ///
    /// func changed(old, next *Account, etag string) bool {
    /// 	return old.Password != next.Password || old.ETag == etag || !bytes.Equal(old.Digest, next.Digest)
    /// }
    ///
    /// func change(config *Config, password string) error {
    /// 	if password != "" && config.Password != password {
    /// 		return config.HashAndSetPassword(password)
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn authorized(headers: &HeaderMap, config: &Config, api_key: &str) -> bool {
    ///     api_key == config.api_key
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// use subtle::ConstantTimeEq;
    ///
    /// fn authorized(headers: &HeaderMap, config: &Config, api_key: &str) -> bool {
    ///     bool::from(api_key.as_bytes().ct_eq(config.api_key.as_bytes()))
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn check(received: &str, config: &Config) -> bool {
    ///     received == config.token
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn verify_signature(signature: &[u8], expected_signature: &[u8]) -> Result<(), Error> {
    ///     if signature != expected_signature {
    ///        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         return Err(Error::Signature);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn signs_in(stored: &str, form: &Form) -> bool {
    ///     let password_hash = digest(&form.password);
    ///     stored == password_hash
    ///     ^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use subtle::ConstantTimeEq;
    ///
    /// fn verify_token(token: &str, expected_token: &str) -> bool {
    ///     !token.is_empty() && token.as_bytes().ct_eq(expected_token.as_bytes()).into()
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn next(parser: &mut Parser, token: Token, config: &Config) -> bool {
    ///     parser.token == token && config.api_key != None && config.auth == Auth::Password
    /// }
    /// ```
    ///
    /// What the caller sends twice is no secret of ours.
    ///
    /// ```python good
    /// from fastapi import Request
    ///
    /// async def callback(request: Request):
    ///     form = await request.form()
    ///     csrf_token_cookie = request.cookies.get("g_csrf_token")
    ///     csrf_token_body = form.get("g_csrf_token")
    ///     return csrf_token_cookie == csrf_token_body
    /// ```
    ///
    /// What differs takes the other's place.
    ///
    /// ```python good
    /// def remember(request, response, settings):
    ///     api_key = settings.api_key
    ///     if request.cookies.get("api_key") != api_key:
    ///         response.cookies.append({"key": "api_key", "value": api_key})
    /// ```
    ///
    /// The credential alone, cut off from what stands before it; the one that a function is called for.
    ///
    /// ```python bad
    /// from aiohttp import web
    ///
    /// class Proxy:
    ///     async def routes(self, request):
    ///         kind, presented = request.headers.get("Authorization", "").split(" ", 1)
    ///         if kind != "token" or presented != self.api_token:
    ///                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///             raise web.HTTPUnauthorized()
    ///         return web.json_response(self.table)
    /// ```
    ///
    /// ```python bad
    /// class KeyHeader:
    ///     def __init__(self, api_key):
    ///         self.api_key = api_key
    ///
    ///     def validate_api_key(self, header_api_key):
    ///         return header_api_key.strip() != "" and header_api_key == self.api_key
    ///                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python bad
    /// from fastapi import APIRouter, HTTPException
    /// from pydantic import BaseModel
    ///
    /// from shop.environment import ENV_VALUES
    ///
    /// router = APIRouter()
    ///
    /// class Download(BaseModel):
    ///     password: str
    ///
    /// @router.post("/download")
    /// def download(body: Download):
    ///     if body.password != ENV_VALUES["PASSWORD"]:
    ///        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         raise HTTPException(401)
    ///     return {"ok": True}
    /// ```
    ///
    /// Rows of a table in memory.
    ///
    /// ```python good
    /// def login_rows(frame, session_id, username):
    ///     return frame[(frame["session_id"] == session_id) & (frame["username"] == username)]
    /// ```
    ///
    /// ```rust bad
    /// use axum::http::HeaderMap;
    /// use hmac::{Hmac, Mac};
    /// use sha2::Sha256;
    ///
    /// fn signed(headers: &HeaderMap, body: &[u8], mut mac: Hmac<Sha256>, key: &str) -> bool {
    ///     mac.update(body);
    ///     let want = hex::encode(mac.finalize().into_bytes());
    ///     let given = headers.get("x-hub").and_then(|v| v.to_str().ok()).unwrap_or("");
    ///     let caller = headers.get("x-api-key").and_then(|v| v.to_str().ok()).unwrap_or("");
    ///     given == want && caller == key
    ///     ^^^^^^^^^^^^^
    ///                      ^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::http::HeaderMap;
    ///
    /// fn plain(headers: &HeaderMap, name: &str, etag: &[u8]) -> bool {
    ///     let kind = headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
    ///     let tag = hex::encode(etag);
    ///     kind == name || headers.get("if-none-match").is_some_and(|v| v == tag.as_str())
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import "net/http"
    ///
    /// func stats(w http.ResponseWriter, r *http.Request, wanted, wantedPassword string) {
    /// 	user, password, ok := r.BasicAuth()
    /// 	if !ok || user != wanted || password != wantedPassword {
    /// 	                            ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		http.Error(w, "Not authorized", http.StatusUnauthorized)
    /// 		return
    /// 	}
    /// 	w.WriteHeader(http.StatusNoContent)
    /// }
    /// ```
    /// ```go fixed
    /// package shop
    ///
    /// import "crypto/subtle"
    /// import "net/http"
    ///
    /// func stats(w http.ResponseWriter, r *http.Request, wanted, wantedPassword string) {
    /// 	user, password, ok := r.BasicAuth()
    /// 	if !ok || user != wanted || subtle.ConstantTimeCompare([]byte(password), []byte(wantedPassword)) != 1 {
    /// 		http.Error(w, "Not authorized", http.StatusUnauthorized)
    /// 		return
    /// 	}
    /// 	w.WriteHeader(http.StatusNoContent)
    /// }
    /// ```
    ///
    /// A method without arguments gives a field: that of two things of a kind is no guess.
    ///
    /// ```rust good
    /// fn verify_exact_match(found: &Envelope, sent: &Envelope) -> bool {
    ///     found.signature() == sent.signature() && found.key_id == sent.key_id
    /// }
    /// ```
    name: "timing-unsafe-comparison",
    category: Security,
    severity: Blocking,
    scope: File,
    fix: { Python: Safe, Go: Safe, Rust: Safe },
    on: [Fact(Kind::Compare), Role("equality")],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    let Some((left, right)) = compared(cx, node) else { return };
    let sent = asks_for_credential(cx, left) && is_setting(cx, right)
        || asks_for_credential(cx, right) && is_setting(cx, left);
    if !sent
        && ![left, right]
            .into_iter()
            .any(|o| is_secret(o) || is_kept_secret(cx, o) || is_keyed_digest(cx, o) || is_presented(cx, o))
        || tells_nothing(cx, left)
        || tells_nothing(cx, right)
    {
        return;
    }
    cx.site();
    if !is_check_of_a_guess(cx, node, left, right) {
        return;
    }
    let secret = if is_secret(left) || is_presented(cx, left) { left } else { right };
    let finding = cx
        .finding(node, format!("`{}` is compared with `{}`", secret.text(), how(node)))
        .why("The comparison stops at the first byte that differs, so its time tells an attacker how much of a guess is right.")
        .help("Use a constant-time compare.")
        .maybe_fix(fix(cx, node, left, right));
    cx.report(finding);
}

/// The two sides of a comparison for equality.
fn compared<'a>(cx: &Check<'_>, node: Node<'a>) -> Option<(Node<'a>, Node<'a>)> {
    if node.is(Kind::Compare) {
        let operands: Vec<Node<'_>> = node.all(Role::Operand).collect();
        let [left, right] = operands[..] else { return None };
        return matches!(node.operator(), Operator::Eq | Operator::Ne).then_some((left, right));
    }
    Some((cx.argument(node, "left")?, cx.argument(node, "right")?))
}

/// Whether somebody outside may choose one side and learn the other. Two secrets of the same owner (the cached token and the new one,
/// the password and its repetition) are compared to see a change.
fn is_check_of_a_guess(cx: &Check<'_>, node: Node<'_>, left: Node<'_>, right: Node<'_>) -> bool {
    let sides = [left, right];
    let both = |holds: &dyn Fn(Node<'_>) -> bool| holds(left) && holds(right);
    let any = |holds: &dyn Fn(Node<'_>) -> bool| holds(left) || holds(right);
    if sides.into_iter().any(is_a_version) || are_versions(cx, left, right) {
        return false;
    }
    // A cookie and a field of the form are the same caller's: none of them is a secret of ours.
    if updates(node) || picks_rows(node) || both(&|s| is_from_request(cx, s)) {
        return false;
    }
    if any(&|s| is_keyed_digest(cx, s) || is_from_request(cx, s) || is_presented(cx, s)) {
        return true;
    }
    // `given != settings.token`: the name says that it came from outside. So does a parameter that is called like a credential.
    let guessed = |secret, guess| {
        is_secret(secret)
            && is_setting(cx, secret)
            && (is_expected(guess) || is_credential_parameter(cx, guess))
    };
    if guessed(left, right) || guessed(right, left) {
        return true;
    }
    if !both(&is_secret) {
        return false;
    }
    any(&|s| is_expected(s))
        || both(&is_unmistakable) && any(&|s| is_setting(cx, s))
        || cx.named_function(node).is_some_and(|f| verifies(f.name()))
}

/// Whether a name says that its value is one of several in time, or entered twice: `old_token`, `cached.token`, `password2`.
fn is_a_version(node: Node<'_>) -> bool {
    let said = |n: Node<'_>| {
        words(n.name()).iter().any(|w| {
            matches!(
                w.as_str(),
                "old"
                    | "new"
                    | "previous"
                    | "prev"
                    | "last"
                    | "next"
                    | "cached"
                    | "failed"
                    | "confirm"
                    | "confirmation"
                    | "repeat"
                    | "repeated"
                    | "again"
                    | "retype"
                    | "original"
                    | "default"
                    | "current"
                    | "legacy"
                    | "sentinel"
                    | "placeholder"
                    | "dummy"
                    | "password1"
                    | "password2"
            )
        })
    };
    said(node) || node.object().is_some_and(said)
}

/// Whether a comparison decides about writing the new value: `if settings.password != password { settings.set_password(password) }`.
fn updates(node: Node<'_>) -> bool {
    let branch = node
        .ancestors()
        .take_while(|a| a.role() != Role::Statement || a.is(Kind::If))
        .find(|a| a.is(Kind::If));
    let body = branch.filter(|_| node.operator() == Operator::Ne).and_then(|b| b.get(Role::Body));
    body.is_some_and(|b| {
        if replaces(node, b) {
            return true;
        }
        let mut called = b.descendants().filter(|n| n.is(Kind::Call)).filter_map(Node::callee);
        called.any(|c| {
            let writes = |w: &String| matches!(w.as_str(), "set" | "update" | "save" | "store" | "refresh");
            names::is_secret(c.name()) && words(c.name()).iter().any(writes)
        })
    })
}

/// Whether a block puts one side of a comparison in the other's place, and refuses nobody: `if self.token != token: self.token = token`.
fn replaces(comparison: Node<'_>, block: Node<'_>) -> bool {
    const KEEPS: [&str; 6] = ["set", "update", "save", "store", "append", "add"];
    let refuses = |n: Node<'_>| matches!(n.kind(), Kind::Raise | Kind::Return);
    let keeps = |n: Node<'_>| {
        let named = |c: Node<'_>| words(c.name()).iter().any(|w| KEEPS.contains(&w.as_str()));
        n.is(Kind::Assign) || n.is(Kind::Call) && n.callee().is_some_and(named)
    };
    let is_side = |n: Node<'_>| {
        matches!(n.role(), Role::Value | Role::Argument)
            && comparison.all(Role::Operand).any(|o| o.text() == n.text())
            && n.ancestors().take_while(|a| *a != block).any(keeps)
    };
    !block.descendants().any(refuses) && block.descendants().any(is_side)
}

/// Whether a comparison says which rows of a table in memory are meant: `frame[frame["session_id"] == session_id]`.
fn picks_rows(node: Node<'_>) -> bool {
    node.ancestors().take_while(|a| a.role() != Role::Statement).any(|a| {
        a.is(Kind::Index) && a.get(Role::Index).is_some_and(|index| node == index || node.is_in(index))
    })
}

/// Whether two sides are the same field of two things of a kind: `a.password`, `b.password`, or of the settings before and after. A
/// field of the settings beside one of something else, and one's own, are what a guess is held against.
fn are_versions(cx: &Check<'_>, left: Node<'_>, right: Node<'_>) -> bool {
    // A method without arguments gives a field: `a.signature() == b.signature()`.
    let field =
        |n: Node<'_>| n.callee().filter(|_| n.arguments().next().is_none()).map_or(n.index(), Node::index);
    let [left, right] = [left, right].map(|side| left.facts().node(field(side)));
    let is_own = |n: Node<'_>| n.object().is_none_or(|o| matches!(o.name(), "self" | "s" | "cls"));
    let class = |n: Node<'_>| n.object().and_then(|o| cx.type_of(o));
    let of_a_kind = || class(left).is_some_and(|c| class(right).is_some_and(|other| c == other));
    left.name() == right.name()
        && ![left, right].into_iter().any(is_own)
        && (is_setting(cx, left) == is_setting(cx, right) || of_a_kind())
}

/// Whether a name says that its side is what a guess is held against.
fn is_expected(node: Node<'_>) -> bool {
    let said = words(node.name());
    said.iter().any(|w| {
        matches!(
            w.as_str(),
            "expected" | "computed" | "calculated" | "valid" | "provided" | "given" | "received"
        )
    })
}

/// Whether a name is a parameter that is called like something to prove oneself with: `def is_known(key): return key == API_KEY`. So is a
/// field of what a route is given: `body.password`.
fn is_credential_parameter(cx: &Check<'_>, node: Node<'_>) -> bool {
    let said = words(node.name());
    let credential = said.last().is_some_and(|w| {
        matches!(w.as_str(), "key" | "token" | "secret" | "password" | "pin" | "credential" | "signature")
    });
    // Who starts a command has its environment already.
    let is_served = || cx.named_function(node).is_some_and(|f| cx.is_decorated(f, "route"));
    let holder = node.object().filter(|_| node.is(Kind::Attribute) && is_served()).unwrap_or(node);
    credential
        && !cx.imports("command-line")
        && holder.is(Kind::Name)
        && given(cx, holder).iter().any(|g| matches!(g, Given::Other(bound) if bound.is(Kind::Parameter)))
}

/// Whether a value is a secret by the name of the environment variable that it was read from.
fn is_kept_secret(cx: &Check<'_>, node: Node<'_>) -> bool {
    let value = behind(cx, cx.facts().node(node.index()));
    let reads = |v: Node<'_>| {
        v.is(Kind::Call)
            && cx.meaning(v).is_some_and(|m| m.effects.contains(Effects::READS_ENVIRONMENT))
            && v.arguments().next().and_then(Node::string).is_some_and(|name| names::is_secret(&name))
    };
    node.is(Kind::Name) && reads(value)
}

/// Whether a value is read from a request under a name that asks for a credential: `request.headers.get("X-Ops-Key")`.
fn asks_for_credential(cx: &Check<'_>, node: Node<'_>) -> bool {
    let value = behind(cx, cx.facts().node(node.index()));
    let key = match value.kind() {
        Kind::Call => value.arguments().next(),
        Kind::Index => value.get(Role::Index),
        _ => None,
    };
    let asks = |name: &str| {
        let said = words(name);
        said.last()
            .is_some_and(|w| matches!(w.as_str(), "key" | "token" | "secret" | "signature" | "authorization"))
            && !said
                .iter()
                .any(|w| matches!(w.as_str(), "idempotency" | "request" | "cache" | "websocket" | "sec"))
    };
    is_from_request(cx, value) && key.and_then(Node::string).is_some_and(|name| asks(&name))
}

/// Whether a name cannot mean anything but a secret: `token` alone may be a parser's.
fn is_unmistakable(node: Node<'_>) -> bool {
    words(node.name()).len() > 1
        || matches!(
            node.name().to_ascii_lowercase().as_str(),
            "password" | "secret" | "passphrase" | "apikey"
        )
}

/// Whether a function's name says that it lets somebody in or not: `authenticate`, `check_password`, `validate_api_key`.
fn verifies(function: &str) -> bool {
    let said = words(function);
    let checks = said
        .iter()
        .any(|w| matches!(w.as_str(), "check" | "checks" | "validate" | "validates" | "matches" | "compare"));
    if checks && names::is_secret(function) {
        return true;
    }
    said.iter().any(|w| {
        matches!(
            w.as_str(),
            "verify"
                | "verifies"
                | "authenticate"
                | "authenticated"
                | "authorize"
                | "authorized"
                | "authorization"
                | "auth"
                | "login"
                | "csrf"
                | "webhook"
        )
    })
}

/// Whether a value is what a caller presents to be let in: that of a header for credentials, whole or without the scheme before it.
fn is_presented(cx: &Check<'_>, node: Node<'_>) -> bool {
    let reads = |call: Node<'_>| request::credential_header(cx, call).is_some_and(|name| name != "cookie");
    let cut = |call: Node<'_>| {
        let trims = call.callee().is_some_and(|c| matches!(c.name(), "TrimPrefix" | "TrimSpace"));
        trims && call.arguments().next().is_some_and(|of| of.is(Kind::Call) && reads(of))
    };
    // `headers.get("x-api-key").and_then(..).unwrap_or_default()`
    let chained = |call: Node<'_>| cx.language() == Language::Rust && cx.method_chain(call).any(reads);
    let given = if node.is(Kind::Name) { given(cx, node) } else { Vec::new() };
    // `_, password, ok := r.BasicAuth()`
    let from_several = |bound: Node<'_>| {
        let assign = bound.parent().filter(|p| p.is(Kind::Assign) && is_secret(node));
        assign
            .and_then(|a| a.get(Role::Value))
            .and_then(|call| cx.meaning(call))
            .is_some_and(|m| m.is("authenticates") && m.effects.contains(Effects::READS_REQUEST))
    };
    given.iter().any(|g| match g {
        Given::Value(v) => v.is(Kind::Call) && (reads(*v) || cut(*v) || chained(*v)),
        Given::Other(bound) => from_several(*bound),
        Given::Added(_) => false,
    })
}

/// How many names and calls a digest is followed through.
const MAX_STEPS: u32 = 6;

/// Whether a value is a keyed digest, or one made from a secret: `mac.Sum(nil)`, `hash_password(password)`, or a name that holds one.
fn is_keyed_digest(cx: &Check<'_>, node: Node<'_>) -> bool {
    is_keyed_digest_within(cx, node, MAX_STEPS)
}

/// In `mac = mac.digest()` a name holds what is made of itself: the steps end that.
fn is_keyed_digest_within(cx: &Check<'_>, node: Node<'_>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let is_keyed = |node: Node<'_>| is_keyed_digest_within(cx, node, steps);
    match node.kind() {
        Kind::Name => {
            given(cx, node).iter().any(|g| matches!(g, Given::Value(v) if v.is(Kind::Call) && is_keyed(*v)))
        }
        Kind::Call => {
            let of_secret = |n: Node<'_>| {
                n.arguments().any(|a| {
                    let a = if a.is(Kind::Reference) { a.get(Role::Value).unwrap_or(a) } else { a };
                    matches!(a.kind(), Kind::Name | Kind::Attribute) && names::is_password(a.name())
                })
            };
            match cx.meaning(node) {
                Some(meaning) if meaning.is("digest") => {
                    meaning.property("keyed").is_some()
                        || of_secret(node)
                        || node.callee().and_then(Node::object).is_some_and(is_keyed)
                }
                // `hex.EncodeToString(mac.Sum(nil))`
                Some(meaning) => meaning.is("encode") && node.arguments().any(is_keyed),
                None => {
                    let name = node.callee().map_or("", Node::name);
                    let said = words(name);
                    let says = |any: &[&str]| said.iter().any(|w| any.contains(&w.as_str()));
                    // `sign(settings.webhook_secret, body)`
                    let keyed = || node.arguments().any(is_secret);
                    // `BASE64.encode(mac.finalize().into_bytes())`
                    let encoded = name == "encode" && node.arguments().any(is_keyed);
                    let as_bytes = matches!(name, "into_bytes" | "as_slice" | "to_vec" | "as_bytes")
                        && node.callee().and_then(Node::object).is_some_and(is_keyed);
                    encoded
                        || as_bytes
                        || of_secret(node) && says(&["hash", "digest", "sign", "hmac"])
                        || says(&["sign", "signature", "hmac"]) && keyed()
                }
            }
        }
        _ => false,
    }
}

/// What a comparison is written with.
fn how(node: Node<'_>) -> &str {
    match (node.kind(), node.operator()) {
        (Kind::Compare, Operator::Ne) => "!=",
        (Kind::Compare, _) => "==",
        _ => node.callee().map_or("", Node::text),
    }
}

fn fix(cx: &Check<'_>, node: Node<'_>, left: Node<'_>, right: Node<'_>) -> Option<Fix> {
    const TITLE: &str = "Use a constant-time compare";
    let fix = Fix::safe(TITLE);
    let differs = node.operator() == Operator::Ne;
    match cx.language() {
        Language::Python => {
            let (hmac, import) = cx.import("hmac", "");
            let sides = [left, right].map(|side| Side::of(cx, side));
            // `compare_digest` takes bytes, or text in ASCII: a client's `é` would end in an error where it was refused before.
            let as_bytes = sides.iter().any(|side| side.kept == Some(Kept::Text));
            let is_known = sides.iter().any(|side| side.kept.is_some());
            let fix = if is_known { fix } else { Fix::suggested(TITLE) };
            let [left, right] = sides.each_ref().map(|side| side.compared(as_bytes));
            let compared = format!("{hmac}.compare_digest({left}, {right})");
            let (is_none, and, not) =
                if differs { ("is None", " or ", "not ") } else { ("is not None", " and ", "") };
            let optional = sides.iter().filter(|side| side.is_optional);
            let mut parts: Vec<String> = optional.map(|side| format!("{} {is_none}", side.text)).collect();
            parts.push(format!("{not}{compared}"));
            let whole = parts.join(and);
            let stands_alone = parts.len() == 1
                || node.parent().is_some_and(|p| matches!(p.kind(), Kind::If | Kind::Return | Kind::Assign));
            let text = if stands_alone { whole } else { format!("({whole})") };
            Some(fix.replace(node, text).import(import))
        }
        // `bytes.Equal` would leave an import behind that Go does not accept.
        Language::Go if node.is(Kind::Compare) => {
            let is_text = |n: Node<'_>| cx.type_of(n).is_none_or(|t| t == "string");
            if !is_text(left) || !is_text(right) {
                return None;
            }
            let (subtle, import) = cx.import("crypto/subtle", "");
            let sign = if differs { "!=" } else { "==" };
            let call = format!(
                "{subtle}.ConstantTimeCompare([]byte({}), []byte({})) {sign} 1",
                left.text(),
                right.text()
            );
            Some(fix.replace(node, call).import(import))
        }
        Language::Rust => {
            let is_text = |n: Node<'_>| cx.type_of(n).is_some_and(|t| matches!(&*t, "String" | "str"));
            if !is_text(left) && !is_text(right) {
                return None;
            }
            let (_, import) = cx.import("subtle::ConstantTimeEq", "");
            let not = if differs { "!" } else { "" };
            let call =
                format!("{not}bool::from({}.as_bytes().ct_eq({}.as_bytes()))", left.text(), right.text());
            Some(fix.replace(node, call).import(import).dependency("subtle", "2"))
        }
        Language::Go => None,
    }
}

/// Python: what a secret is kept as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// What a client sends under a name, a variable of the environment, what is known to be a `str`.
    Text,
    Bytes,
}

impl Kept {
    /// What a value is known to be that a side of a comparison stands for.
    fn of(cx: &Check<'_>, side: Node<'_>, value: Node<'_>) -> Option<Self> {
        let is_keyed = value.is(Kind::Index)
            || value.is(Kind::Call)
                && value.callee().is_some_and(|c| c.is(Kind::Attribute) && c.name() == "get");
        let is_text = || {
            value.is(Kind::String)
                || is_keyed && is_from_request(cx, value)
                || cx.meaning(value).is_some_and(|m| m.is("environment"))
        };
        match cx.type_of(side).as_deref() {
            Some("str") => Some(Self::Text),
            Some("bytes") => Some(Self::Bytes),
            _ => is_text().then_some(Self::Text),
        }
    }
}

/// Python: a side of a comparison as `compare_digest` takes it, which takes no `None`.
struct Side {
    text: String,
    /// It can be asked for an attribute as it stands.
    is_whole: bool,
    /// What it is known to be.
    kept: Option<Kept>,
    /// It may be `None`, and stand for a secret that is not there: no guess is right then, an empty one least of all.
    is_optional: bool,
}

impl Side {
    fn of(cx: &Check<'_>, node: Node<'_>) -> Self {
        let node = cx.facts().node(node.index());
        let value = behind(cx, node);
        let may_be_none = value.is(Kind::Call)
            && value.callee().is_some_and(|c| matches!(c.name(), "get" | "getenv"))
            && value.arguments().count() == 1;
        let is_sent = may_be_none && is_from_request(cx, value);
        let text = if is_sent { format!("{} or \"\"", node.text()) } else { node.text().to_owned() };
        let is_whole = !is_sent
            && matches!(node.kind(), Kind::Name | Kind::Attribute | Kind::Index | Kind::Call | Kind::String);
        Self { text, is_whole, kept: Kept::of(cx, node, value), is_optional: may_be_none && !is_sent }
    }

    /// The side as an argument.
    fn compared(&self, as_bytes: bool) -> String {
        match (as_bytes, self.is_whole) {
            (false, _) => self.text.clone(),
            (true, true) => format!("{}.encode()", self.text),
            (true, false) => format!("({}).encode()", self.text),
        }
    }
}

/// Whether an expression's name, or the key under which it is kept, says that its value is a secret: `config["ADMIN_TOKEN"]`.
fn is_secret(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Name | Kind::Attribute => names::is_secret(node.name()),
        // `signature(body)`
        Kind::Call => node.callee().is_some_and(|c| names::is_secret(c.name())),
        Kind::Index => node.get(Role::Index).and_then(Node::string).is_some_and(|key| names::is_secret(&key)),
        _ => false,
    }
}

/// Whether comparing with a value tells nothing about a secret.
fn tells_nothing(cx: &Check<'_>, node: Node<'_>) -> bool {
    node.is(Kind::Nothing)
        || node.is_literal()
        || node.has(Flags::CONSTANT)
        || is_member(node)
        || is_written_down(cx, node)
}
