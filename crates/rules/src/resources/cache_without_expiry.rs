use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Meaning, Node};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::program;
use crate::values::{is_constant, is_endless};

rule! {
    /// A value is cached without an expiry
    ///
    /// What is stored without a time to live stays until somebody deletes it. The cache answers with what was true once, and each new key takes
    /// memory of the server until it evicts what is needed or refuses to write. Say how long a value is good for; a long time is better than none.
    ///
    /// A key that is written down in the code is overwritten in place and does not grow; what is stored for good in Redis, because Redis is the
    /// database there, needs no expiry either. The rule speaks of stores that hold more than caches only where something is called a cache. Who
    /// switches off the expiry that a cache has by itself (`timeout=None` in Django) has decided, and deletes what changes: that, and what is moved
    /// once, is reported at low confidence.
    ///
    /// ```python bad
    /// import redis
    ///
    /// cache = redis.Redis()
    ///
    /// def profile(user_id):
    ///     found = cache.get(user_id)
    ///     if found is None:
    ///         found = read_profile(user_id)
    ///         cache.set(user_id, found)
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return found
    /// ```
    /// ```python fixed
    /// import redis
    ///
    /// cache = redis.Redis()
    ///
    /// def profile(user_id):
    ///     found = cache.get(user_id)
    ///     if found is None:
    ///         found = read_profile(user_id)
    ///         cache.set(user_id, found, ex=3600)
    ///     return found
    /// ```
    ///
    /// ```python bad
    /// from pymemcache.client.base import Client
    ///
    /// memory = Client("localhost")
    ///
    /// def remember(key, fragment):
    ///     memory.set(f"fragment:{key}", fragment)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// from pymemcache.client.base import Client
    ///
    /// memory = Client("localhost")
    ///
    /// def remember(key, fragment):
    ///     memory.set(f"fragment:{key}", fragment, expire=3600)
    /// ```
    ///
    /// ```python good
    /// import redis
    /// from django.core.cache import cache as pages
    ///
    /// cache = redis.Redis()
    ///
    /// def remember(key, value, lifetime, options):
    ///     cache.set(key, value, ex=60)
    ///     cache.setex(key, lifetime, value)
    ///     cache.set(key, value, **options)
    ///     pages.set(key, value)
    ///     pages.set(key, value, timeout=lifetime)
    ///
    /// def longest(key):
    ///     found = pages.get(key)
    ///     if found is None:
    ///         found = compute(key)
    ///         # signals delete it when it changes
    ///         pages.set(key, found, timeout=None)
    ///     return found
    ///
    /// def migrate_cache(entries):
    ///     for key, value in entries.items():
    ///         cache.set(key, value)
    ///
    /// def counted(key, value):
    ///     cache.set(key, value)
    ///     cache.expire(key, 3600)
    ///
    /// def settings(value):
    ///     cache.set("settings", value)
    /// ```
    ///
    /// ```python good
    /// import redis
    ///
    /// class Accounts:
    ///     def __init__(self):
    ///         self.store = redis.Redis()
    ///
    ///     def save(self, account):
    ///         self.store.set(f"account:{account.id}", account.to_json())
    /// ```
    ///
    /// ```go bad
    /// package pages
    ///
    /// import (
    /// 	"context"
    ///
    /// 	"github.com/redis/go-redis/v9"
    /// )
    ///
    /// func remember(ctx context.Context, cache *redis.Client, key string, page []byte) error {
    /// 	return cache.Set(ctx, key, page, 0).Err()
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package pages
    ///
    /// import (
    /// 	"context"
    /// 	"time"
    ///
    /// 	"github.com/redis/go-redis/v9"
    /// )
    ///
    /// func remember(ctx context.Context, cache *redis.Client, key string, page []byte) error {
    /// 	return cache.Set(ctx, key, page, time.Hour).Err()
    /// }
    /// ```
    ///
    /// ```go bad
    /// package pages
    ///
    /// import "github.com/bradfitz/gomemcache/memcache"
    ///
    /// func remember(client *memcache.Client, key string, page []byte) error {
    /// 	return client.Set(&memcache.Item{Key: key, Value: page})
    /// 	                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package pages
    ///
    /// import "github.com/bradfitz/gomemcache/memcache"
    ///
    /// func remember(client *memcache.Client, key string, page []byte) error {
    /// 	return client.Set(&memcache.Item{Key: key, Value: page, Expiration: 3600})
    /// }
    /// ```
    ///
    /// ```go good
    /// package pages
    ///
    /// import (
    /// 	"context"
    /// 	"time"
    ///
    /// 	"github.com/redis/go-redis/v9"
    /// )
    ///
    /// func remember(ctx context.Context, cache *redis.Client, key string, page []byte, lifetime time.Duration) error {
    /// 	if err := cache.Set(ctx, key, page, lifetime).Err(); err != nil {
    /// 		return err
    /// 	}
    /// 	return cache.Set(ctx, "last-page", page, 0).Err()
    /// }
    ///
    /// func count(ctx context.Context, cache *redis.Client, key string) error {
    /// 	if err := cache.Set(ctx, key, 1, 0).Err(); err != nil {
    /// 		return err
    /// 	}
    /// 	return cache.Expire(ctx, key, time.Hour).Err()
    /// }
    /// ```
    ///
    /// ```go good
    /// package accounts
    ///
    /// import (
    /// 	"context"
    ///
    /// 	"github.com/redis/go-redis/v9"
    /// )
    ///
    /// func save(ctx context.Context, store *redis.Client, id string, account []byte) error {
    /// 	return store.Set(ctx, "account:"+id, account, 0).Err()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use redis::Commands;
    ///
    /// fn remember(cache: &mut redis::Connection, key: &str, page: &str) -> redis::RedisResult<()> {
    ///     cache.set(key, page)
    ///     ^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// use redis::Commands;
    ///
    /// fn remember(cache: &mut redis::Connection, key: &str, page: &str) -> redis::RedisResult<()> {
    ///     cache.set_ex(key, page, 3600)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn remember(client: &memcache::Client, key: &str, page: &str) -> Result<(), memcache::MemcacheError> {
    ///     client.set(key, page, 0)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// fn remember(client: &memcache::Client, key: &str, page: &str) -> Result<(), memcache::MemcacheError> {
    ///     client.set(key, page, 3600)
    /// }
    /// ```
    ///
    /// ```rust good
    /// use redis::Commands;
    ///
    /// fn remember(cache: &mut redis::Connection, key: &str, page: &str) -> redis::RedisResult<()> {
    ///     cache.set_ex(key, page, 3600)?;
    ///     cache.set("last-page", page)
    /// }
    /// ```
    ///
    /// ```rust good
    /// use redis::AsyncCommands;
    ///
    /// async fn save(store: &mut redis::aio::MultiplexedConnection, id: u64, account: &str) -> redis::RedisResult<()> {
    ///     store.set(id, account).await
    /// }
    ///
    /// async fn count(cache: &mut redis::aio::MultiplexedConnection, key: &str) -> redis::RedisResult<()> {
    ///     let _: () = cache.set(key, 1).await?;
    ///     cache.expire(key, 3600).await
    /// }
    /// ```
    ///
    /// A job of a queue is no copy of anything:
    ///
    /// ```rust good
    /// use redis::AsyncCommands;
    ///
    /// async fn finish(conn: &mut redis::aio::MultiplexedConnection, id: &str) -> redis::RedisResult<()> {
    ///     let key = format!("job:{id}");
    ///     let job: Option<String> = conn.get(&key).await?;
    ///     if let Some(job) = job {
    ///         let _: () = conn.set(&key, done(&job)).await?;
    ///     }
    ///     conn.srem("processing", id).await
    /// }
    /// ```
    name: "cache-without-expiry",
    category: Resources,
    severity: Low,
    scope: File,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Effect(Effects::CACHES), Role("cache-entry")],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call).map(|m| &**m) else { return };
    cx.site();
    let key = cx.argument(call, "key");
    // The same key again and again takes no more room.
    if key.is_some_and(|k| is_constant(cx, k)) || call.has_spread() {
        return;
    }
    let expiry = cx.argument(call, "expiry");
    let endless = match expiry {
        Some(expiry) => is_endless(cx, meaning, expiry),
        None => meaning.property("default-expiry").is_none(),
    };
    if !endless || expires_later(cx, call, key) {
        return;
    }
    // What is a database as well keeps some things for good.
    let store = meaning.property("keeps") == Some("data");
    // Who switches it off has decided; what is moved once is as good as it was.
    let decided = expiry.is_some() && meaning.property("default-expiry").is_some();
    let confidence = match (store, store && (is_called_cache(cx, call) || is_read_first(cx, call, key))) {
        _ if decided || store && is_record(cx, call) || program::runs_now_and_then(cx, call) => {
            Confidence::Low
        }
        (true, false) => Confidence::Low,
        (false, _) if !meaning.guessed => Confidence::High,
        _ => Confidence::Medium,
    };
    let what = key
        .filter(|k| k.is(Kind::Name))
        .map_or("the value".to_owned(), |k| format!("the value of `{}`", k.name()));
    let finding = cx
        .finding(call, format!("{what} is stored without an expiry"))
        .why("It is never read anew, and each new key takes memory until somebody deletes it.")
        .help("Say how long it is good for.")
        .confidence(confidence)
        .maybe_fix(fix(cx, call, meaning, expiry));
    cx.report(finding);
}

/// Whether the function sets an expiry for the key by another call.
fn expires_later(cx: &Check<'_>, call: Node<'_>, key: Option<Node<'_>>) -> bool {
    let (Some(key), Some(function)) = (key, call.function()) else { return false };
    let mut calls = function.descendants().filter(|n| n.is(Kind::Call));
    calls.any(|c| {
        cx.meaning(c).is_some_and(|m| m.is("sets-expiry"))
            && cx.argument(c, "key").is_none_or(|k| k.text() == key.text())
    })
}

/// Whether the code around a call says that it is a cache: the receiver, the key, the function, the class or the file.
fn is_called_cache(cx: &Check<'_>, call: Node<'_>) -> bool {
    let key = cx.argument(call, "key");
    let receiver = call.callee().and_then(Node::object);
    let around =
        call.ancestors().filter(|a| matches!(a.kind(), Kind::Function | Kind::Class)).map(Node::name);
    let texts = receiver.into_iter().chain(key).map(Node::text);
    texts
        .chain(around)
        .chain([cx.path()])
        .any(|text| words(text).iter().any(|w| w.starts_with("cache") || w == "caching"))
}

/// Whether the function looks for the key before it stores something under it: what is there is good enough.
fn is_read_first(cx: &Check<'_>, call: Node<'_>, key: Option<Node<'_>>) -> bool {
    let (Some(key), Some(function)) = (key, call.function()) else { return false };
    let mut before = function.descendants_here().take_while(|n| n.index() < call.index());
    before.any(|n| {
        n.is(Kind::Call)
            && n.callee().is_some_and(|c| words(c.name()).first().is_some_and(|w| w == "get"))
            && cx.argument(n, "key").is_some_and(|k| k.text() == key.text())
    })
}

/// Whether the function keeps a set or a queue of the same store in step with what it stores: that is a record of a database, a job of a queue.
fn is_record(cx: &Check<'_>, call: Node<'_>) -> bool {
    let Some(store) = call.callee().and_then(Node::object) else { return false };
    let of_store = |n: Node<'_>| n.callee().and_then(Node::object).is_some_and(|o| o.text() == store.text());
    let mut calls =
        cx.named_function(call).into_iter().flat_map(Node::descendants).filter(|n| n.is(Kind::Call));
    calls.any(|n| of_store(n) && cx.meaning(n).is_some_and(|m| m.is("keeps-members")))
}

fn fix(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning, expiry: Option<Node<'_>>) -> Option<Fix> {
    let fix = Fix::suggested("Let it expire after an hour");
    let argument = meaning.argument("expiry");
    let keyword = argument.and_then(|a| a.keywords.first());
    let (hour, import) = match (cx.language(), keyword) {
        (Language::Go, None) => {
            let (time, import) = cx.import("time", "");
            (format!("{time}.Hour"), import)
        }
        _ => ("3600".to_owned(), None),
    };
    if let Some(expiry) = expiry {
        let number = expiry.is(Kind::Number) || cx.language() == Language::Python;
        return number.then(|| fix.import(import).replace(expiry, hour));
    }
    let last = call.arguments().last()?;
    if let Some(form) = meaning.form("with-limits") {
        let fix = fix.replace(call.callee()?.name_range(), form);
        return Some(fix.insert(last.range().end, format!(", {hour}")));
    }
    let separator = if cx.language() == Language::Python { "=" } else { ": " };
    let one_line = !call.text().contains('\n') || cx.language() == Language::Python;
    keyword.filter(|_| one_line).map(|k| fix.insert(last.range().end, format!(", {k}{separator}{hour}")))
}
