use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Kind, MapUses, Meaning, Node, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::program;
use crate::remarks;

rule! {
    /// A cache only grows
    ///
    /// What is kept for each key and never taken out stays until the process ends. With keys that come from outside (users, addresses, texts,
    /// queries) memory grows with each new one, slowly enough that tests never see it, until the process is killed. Give the cache a bound:
    /// `lru_cache(maxsize=...)`, `cachetools.TTLCache`, an LRU, or a limit on the map.
    ///
    /// `lru_cache` on a method keeps `self` as well: each instance that was ever called stays alive with all that it holds.
    ///
    /// Keys that the program itself bounds (classes, functions, switches, constants) bound the cache too, and something that is computed
    /// once without arguments is no cache of many. Where nothing says that keys come without end (users, texts, addresses), as of time zones
    /// or regions, findings have low confidence.
    ///
    /// ```python bad
    /// import functools
    ///
    /// @functools.cache
    /// ^^^^^^^^^^^^^^^^
    /// def profile(user_id: str):
    ///     return read_profile(user_id)
    ///
    /// @functools.lru_cache(maxsize=None)
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// def translate(text, language="en"):
    ///     return call_service(text, language)
    /// ```
    /// ```python fixed
    /// import functools
    ///
    /// @functools.lru_cache(maxsize=1024)
    /// def profile(user_id: str):
    ///     return read_profile(user_id)
    ///
    /// @functools.lru_cache(maxsize=1024)
    /// def translate(text, language="en"):
    ///     return call_service(text, language)
    /// ```
    ///
    /// ```python bad
    /// from functools import lru_cache
    ///
    /// class Index:
    ///     @lru_cache(maxsize=None)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^
    ///     def search(self, query):
    ///         return self.scan(query)
    /// ```
    ///
    /// ```python bad
    /// _embedding_cache = {}
    /// ^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def embedding(text):
    ///     if text not in _embedding_cache:
    ///         _embedding_cache[text] = compute(text)
    ///     return _embedding_cache[text]
    /// ```
    ///
    /// ```python good
    /// import functools
    ///
    /// class Bridge:
    ///     @functools.cache  # noqa: B019
    ///     def exposed(self, user_id):
    ///         return self.load(user_id)
    ///
    ///     @functools.lru_cache(None)  # pylint: disable=method-cache-max-size-none
    ///     def matching(self, topic):
    ///         return self.find(topic)
    /// ```
    ///
    /// ```python good
    /// import functools
    /// from enum import Enum
    ///
    /// class Mode(Enum):
    ///     FAST = "fast"
    ///     SLOW = "slow"
    ///
    ///     @functools.lru_cache
    ///     def label(self):
    ///         return self.value.title()
    ///
    /// @functools.cache
    /// def settings():
    ///     return read_settings()
    ///
    /// @functools.lru_cache(maxsize=128)
    /// def profile(user_id: str):
    ///     return read_profile(user_id)
    ///
    /// @functools.cache
    /// def offset(timezone):
    ///     return read_offset(timezone)
    ///
    /// @functools.cache
    /// def invoice(customer_id):
    ///     return read_invoice(customer_id)
    ///
    /// def forget():
    ///     invoice.cache_clear()
    ///
    /// class Stores:
    ///     @functools.lru_cache(maxsize=100)
    ///     def store(self, address):
    ///         return self.open(address)
    ///
    /// @functools.cache
    /// def fields(cls: type, mode: Mode, strict: bool = False):
    ///     return inspect_fields(cls, mode, strict)
    ///
    /// def walk(graph, start):
    ///     @functools.cache
    ///     def cost(node):
    ///         return min(cost(n) for n in graph[node])
    ///     return cost(start)
    /// ```
    ///
    /// ```python good
    /// import weakref
    ///
    /// import cachetools
    ///
    /// _cache = {}
    /// _page_cache = {}
    /// _user_cache = cachetools.TTLCache(maxsize=1000, ttl=60)
    /// _object_cache = weakref.WeakValueDictionary()
    /// _schema_cache = {}
    /// _models = {}
    /// _client_cache = {}
    ///
    /// def client(region):
    ///     if region not in _client_cache:
    ///         _client_cache[region] = connect(region)
    ///     return _client_cache[region]
    ///
    /// def config():
    ///     if "config" not in _cache:
    ///         _cache["config"] = read_config()
    ///     return _cache["config"]
    ///
    /// def page(path):
    ///     if path not in _page_cache:
    ///         if len(_page_cache) > 100:
    ///             _page_cache.clear()
    ///         _page_cache[path] = render(path)
    ///     return _page_cache[path]
    ///
    /// def user(key):
    ///     _user_cache[key] = read_user(key)
    ///     return _user_cache[key]
    ///
    /// def shared(key):
    ///     _object_cache[key] = read_object(key)
    ///     return _object_cache[key]
    ///
    /// def schema(cls):
    ///     if cls not in _schema_cache:
    ///         _schema_cache[cls] = build_schema(cls)
    ///     return _schema_cache[cls]
    ///
    /// def register(name, model):
    ///     _models[name] = model
    /// ```
    ///
    /// One for each connection that the settings name.
    ///
    /// ```python good
    /// import functools
    ///
    /// import sqlalchemy
    ///
    /// @functools.cache
    /// def engine_of(host: str, port: int, user: str, password: str, database: str):
    ///     url = sqlalchemy.URL.create("postgresql", user, password, host, port, database)
    ///     return sqlalchemy.create_engine(url)
    /// ```
    ///
    /// ```go bad
    /// package geo
    ///
    /// import "sync"
    ///
    /// var (
    /// 	mu    sync.Mutex
    /// 	cache = map[string]Place{}
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// )
    ///
    /// func Lookup(address string) Place {
    /// 	mu.Lock()
    /// 	defer mu.Unlock()
    /// 	if place, ok := cache[address]; ok {
    /// 		return place
    /// 	}
    /// 	place := resolve(address)
    /// 	cache[address] = place
    /// 	return place
    /// }
    /// ```
    ///
    /// ```go bad
    /// package geo
    ///
    /// import "sync"
    ///
    /// var placeCache sync.Map
    ///     ^^^^^^^^^^^^^^^^^^^
    ///
    /// func Lookup(address string) Place {
    /// 	if place, ok := placeCache.Load(address); ok {
    /// 		return place.(Place)
    /// 	}
    /// 	place := resolve(address)
    /// 	placeCache.Store(address, place)
    /// 	return place
    /// }
    /// ```
    ///
    /// ```go good
    /// package geo
    ///
    /// import "sync"
    ///
    /// var (
    /// 	mu        sync.Mutex
    /// 	cache     = make(map[string]Place)
    /// 	sizeCache sync.Map
    /// 	drivers   = map[string]Driver{}
    /// )
    ///
    /// func Lookup(address string) Place {
    /// 	mu.Lock()
    /// 	defer mu.Unlock()
    /// 	if place, ok := cache[address]; ok {
    /// 		return place
    /// 	}
    /// 	cache[address] = resolve(address)
    /// 	return cache[address]
    /// }
    ///
    /// func Forget(address string) {
    /// 	delete(cache, address)
    /// }
    ///
    /// func Size(key string) int {
    /// 	size, _ := sizeCache.LoadOrStore(key, measure(key))
    /// 	return size.(int)
    /// }
    ///
    /// func Drop(key string) {
    /// 	sizeCache.Delete(key)
    /// }
    ///
    /// func Register(name string, driver Driver) {
    /// 	drivers[name] = driver
    /// }
    /// ```
    ///
    /// ```go good
    /// package geo
    ///
    /// import "reflect"
    ///
    /// var fieldCache = map[reflect.Type][]string{}
    ///
    /// var lastCache = map[string]Place{}
    ///
    /// func fields(typ reflect.Type) []string {
    /// 	if found, ok := fieldCache[typ]; ok {
    /// 		return found
    /// 	}
    /// 	fieldCache[typ] = inspect(typ)
    /// 	return fieldCache[typ]
    /// }
    ///
    /// func Remember(key string, place Place) {
    /// 	if len(lastCache) >= 1000 {
    /// 		lastCache = map[string]Place{}
    /// 	}
    /// 	lastCache[key] = place
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use std::collections::HashMap;
    /// use std::sync::{LazyLock, Mutex};
    ///
    /// static PLACE_CACHE: LazyLock<Mutex<HashMap<String, Place>>> = LazyLock::new(Default::default);
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// fn lookup(address: &str) -> Place {
    ///     let mut cache = PLACE_CACHE.lock().unwrap();
    ///     cache.entry(address.to_owned()).or_insert_with(|| resolve(address)).clone()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use cached::proc_macro::cached;
    ///
    /// #[cached]
    /// ^^^^^^^^^
    /// fn lookup(address: String) -> Place {
    ///     resolve(&address)
    /// }
    /// ```
    ///
    /// ```rust good
    /// use cached::proc_macro::cached;
    ///
    /// #[cached(size = 100)]
    /// fn lookup(address: String) -> Place {
    ///     resolve(&address)
    /// }
    ///
    /// #[cached]
    /// fn settings() -> Settings {
    ///     read_settings()
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::collections::HashMap;
    /// use std::sync::{LazyLock, Mutex};
    ///
    /// static PLACE_CACHE: LazyLock<Mutex<HashMap<String, Place>>> = LazyLock::new(Default::default);
    /// static REGISTRY: LazyLock<Mutex<HashMap<String, Driver>>> = LazyLock::new(Default::default);
    ///
    /// fn lookup(address: &str) -> Place {
    ///     let mut cache = PLACE_CACHE.lock().unwrap();
    ///     cache.entry(address.to_owned()).or_insert_with(|| resolve(address)).clone()
    /// }
    ///
    /// fn forget(address: &str) {
    ///     PLACE_CACHE.lock().unwrap().remove(address);
    /// }
    ///
    /// fn register(name: &str, driver: Driver) {
    ///     REGISTRY.lock().unwrap().insert(name.to_owned(), driver);
    /// }
    /// ```
    name: "unbounded-cache",
    category: Resources,
    severity: Medium,
    scope: File,
    fix: { Python: Suggested },
    on: [Fact(Kind::Decorator), Fact(Kind::Assign)],
    check: check,
}

const WHY: &str = "Each new key stays until the process ends: memory grows until it is killed.";

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match node.kind() {
        Kind::Decorator => decorated(cx, node),
        _ => {
            if node.function().is_none() && node.class().is_none() {
                declared(cx, node);
            }
        }
    }
}

/// A function whose results a decorator keeps.
fn decorated(cx: &mut Check<'_>, decorator: Node<'_>) {
    let Some(function) = decorator.parent().filter(|f| f.is(Kind::Function)) else { return };
    let keeps = |m: &&Meaning| m.is("cache-decorator") && m.property("of") != Some("object");
    let Some(meaning) = cx.meaning(decorator).map(|m| &**m).filter(keeps) else { return };
    // The cache of a function that is made anew in each call goes with it.
    if function.ancestors().any(|a| matches!(a.kind(), Kind::Function | Kind::Lambda)) {
        return;
    }
    cx.site();
    if is_known(cx, decorator) {
        return;
    }
    let call = decorator.get(Role::Value);
    let given = |what: &str| call.and_then(|c| meaning.argument(what)?.of(c));
    let endless = match given("limit") {
        Some(limit) => limit.is(Kind::Nothing),
        None => meaning.property("default-limit") == Some("none"),
    } && given("expiry").is_none();
    let name = function.name();
    if is_of_instance(cx, function) {
        // So few places are meant to hold the latest only.
        let few = given("limit").and_then(Node::number).is_some_and(|n| n <= 16.0);
        if !few && !is_abstract(function) {
            let what = if endless {
                "keeps every instance alive"
            } else {
                "is one for all instances, and keeps them alive"
            };
            let finding = cx
                .finding(decorator, format!("the cache of the method `{name}` {what}"))
                .why("Its keys hold `self`: no instance that was called is freed while it is in the cache.")
                .help("Keep the results in the instance, with `functools.cached_property` or a dictionary of its own.")
                .severity(if endless { Severity::Medium } else { Severity::Low })
                // With a bound it keeps few; of objects that live as long as the program it keeps nothing more.
                .confidence(if endless { Confidence::Medium } else { Confidence::Low });
            cx.report(finding);
        }
        return;
    }
    let parameters: Vec<Node<'_>> =
        function.all(Role::Parameter).skip(usize::from(is_class_method(cx, function))).collect();
    let clears = |method: &str| does(cx, &meaning.name, method, "shrinks");
    let uses = cx.environment().map_uses(name);
    let cleared = uses.is_some_and(|uses| uses.called.iter().any(|(method, ..)| clears(method)));
    if !endless || cleared || parameters.iter().all(|p| is_of_few(cx, *p)) {
        return;
    }
    // What a connection is told: its user is one of the few that settings name.
    let connects = ["host", "password"].iter().all(|part| parameters.iter().any(|p| p.name() == *part));
    let open = !connects && parameters.iter().any(|p| is_open(p.name()));
    let finding = cx
        .finding(
            decorator,
            format!("the cache of `{name}` keeps a result for each combination of arguments, for ever"),
        )
        .why(WHY)
        .help("Give it a bound: the results that are asked for most often stay.")
        .confidence(confidence(cx, open))
        .maybe_fix(bounded(cx, decorator, meaning));
    cx.report(finding);
}

/// Whether a remark on the line tells another linter that this is meant.
fn is_known(cx: &Check<'_>, decorator: Node<'_>) -> bool {
    remarks::line_says(cx.facts(), decorator.range().start, &["method-cache-max-size-none", "b019"])
}

fn is_class_method(cx: &Check<'_>, function: Node<'_>) -> bool {
    let named = |d: Node<'_>| d.get(Role::Value).is_some_and(|v| v.name() == "classmethod");
    cx.language() == Language::Python
        && function.class().is_some()
        && function.all(Role::Decorator).any(named)
}

/// Python: whether a function is a method of instances that come and go: not of an enumeration's members.
fn is_of_instance(cx: &Check<'_>, function: Node<'_>) -> bool {
    let Some(class) = function.class().filter(|_| cx.language() == Language::Python) else { return false };
    let first = function.get(Role::Parameter).map_or("", Node::name);
    let of_members = class.all(Role::Base).any(|b| b.name().ends_with("Enum") || b.name().ends_with("Flag"));
    first == "self" && !of_members
}

/// Whether a parameter takes one of few values: a switch, a class, a member of an enumeration.
fn is_of_few(cx: &Check<'_>, parameter: Node<'_>) -> bool {
    let switch = parameter.get(Role::Default).is_some_and(|d| d.is(Kind::Boolean));
    let told = parameter.get(Role::Type).is_some_and(|t| {
        let enumeration =
            cx.environment().annotation(t.text(), cx.resolver().vocabulary()).is_some_and(|path| {
                let bases = cx.workspace().class(&path).map_or(&[][..], |c| &c.bases);
                bases.iter().any(|b| b.ends_with("Enum") || b.ends_with("Flag"))
            });
        let word = t.text().split(['[', ' ']).next().unwrap_or_default();
        enumeration
            || matches!(
                word,
                "bool" | "type" | "Type" | "typing.Type" | "Literal" | "typing.Literal" | "Callable"
            )
    });
    switch || told || is_of_program(parameter.name())
}

/// Whether a key is a part of the program, of which there are only so many.
fn is_of_program(key: &str) -> bool {
    const FEW: [&str; 14] = [
        "cls", "klass", "class", "type", "typ", "kind", "enum", "module", "func", "fn", "function", "method",
        "handler", "mode",
    ];
    words(key).iter().any(|w| FEW.contains(&w.as_str()))
}

/// Whether a name is one of things that come from outside, without end: not of settings, of which there are a few.
fn is_open(name: &str) -> bool {
    const OPEN: [&str; 38] = [
        "text",
        "texts",
        "query",
        "prompt",
        "url",
        "link",
        "user",
        "id",
        "ids",
        "uid",
        "uuid",
        "email",
        "address",
        "ip",
        "token",
        "content",
        "message",
        "payload",
        "body",
        "html",
        "sentence",
        "document",
        "doc",
        "term",
        "phrase",
        "hash",
        "digest",
        "timestamp",
        "date",
        "datetime",
        "now",
        "string",
        "s",
        "data",
        "customer",
        "session",
        "request",
        "word",
    ];
    const SETTINGS: [&str; 10] =
        ["base", "api", "server", "service", "config", "settings", "model", "app", "field", "column"];
    let words = words(name);
    let among = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    among(&OPEN) && !among(&SETTINGS)
}

fn is_abstract(function: Node<'_>) -> bool {
    let named = |d: Node<'_>| d.get(Role::Value).is_some_and(|v| v.name().starts_with("abstract"));
    function.all(Role::Decorator).any(named)
}

/// Keys that are a handful in practice fill nothing, and what a command-line program keeps, it keeps for one run.
fn confidence(cx: &Check<'_>, open: bool) -> Confidence {
    if open && !program::is_command_line(cx) { Confidence::Medium } else { Confidence::Low }
}

/// The same decorator with a bound.
fn bounded(cx: &Check<'_>, decorator: Node<'_>, meaning: &Meaning) -> Option<Fix> {
    if cx.language() != Language::Python {
        return None;
    }
    let value = decorator.get(Role::Value)?;
    let fix = Fix::suggested("Keep the results asked for most recently");
    if value.is(Kind::Call) {
        let limit = meaning.argument("limit")?.of(value)?;
        return Some(fix.replace(limit, "1024"));
    }
    let (name, import) = match value.object().filter(|_| value.is(Kind::Attribute)) {
        Some(module) => (format!("{}.lru_cache", module.text()), None),
        None => cx.import("functools", "lru_cache"),
    };
    Some(fix.import(import).replace(value, format!("{name}(maxsize=1024)")))
}

/// A map in a variable of the module.
fn declared(cx: &mut Check<'_>, assign: Node<'_>) {
    let targets: Vec<Node<'_>> = assign.all(Role::Target).filter(|t| t.is(Kind::Name)).collect();
    for target in targets {
        let Some(uses) = cx.environment().map_uses(target.name()) else { continue };
        let Some(map) = map_type(cx, assign) else { continue };
        let grown = growth(cx, uses, &map);
        let Some((key, by)) = grown.first() else { continue };
        let cache = words(target.name()).iter().any(|w| is_cache(w));
        let recalled = grown.iter().any(|(_, by)| uses.looked_up.contains(*by));
        if !cache && !recalled {
            continue;
        }
        cx.site();
        if uses.escapes || uses.emptied || shrinks(cx, uses, &map) {
            continue;
        }
        let separator = if cx.language() == Language::Rust { "::" } else { "." };
        let writer = format!("{}{separator}{by}", cx.environment().module());
        let parameters = cx.workspace().function(&writer).map_or(&[][..], |f| &f.parameters);
        let open = is_open(key) || parameters.iter().any(|p| is_open(p));
        let name = target.name();
        let finding = cx
            .finding(assign, format!("`{name}` grows with each new key, and nothing is ever taken out"))
            .why(WHY)
            .help("Give it a bound: an LRU, a cache with a time to live, or a limit on its size.")
            .related_function(writer, format!("adds to `{name}`"))
            // A map by another name may be a table of few things.
            .confidence(confidence(cx, open && cache));
        cx.report(finding);
    }
}

fn is_cache(word: &str) -> bool {
    word.starts_with("cache") || word.starts_with("memo") && word != "memory"
}

/// The vocabulary's name of the map that a declaration makes; none where it makes no map, or one with a bound.
fn map_type(cx: &Check<'_>, assign: Node<'_>) -> Option<String> {
    let vocabulary = cx.resolver().vocabulary();
    let value = assign.get(Role::Value);
    let told = assign.get(Role::Type).and_then(|t| cx.environment().annotation(t.text(), vocabulary));
    let literal = value.is_some_and(|v| v.is(Kind::Dictionary));
    let written = match value {
        Some(v) if v.is(Kind::Call) => v.positional(0).map_or("", Node::text),
        Some(v) => v.text(),
        None => "",
    };
    let path = match cx.language() {
        Language::Python if literal => "dict".to_owned(),
        Language::Go if written.starts_with("map[") => "map".to_owned(),
        Language::Python => cx.type_of(value?)?,
        _ => told.or_else(|| cx.type_of(value?))?,
    };
    // `Mutex<HashMap<..>>`: the map stands inside.
    let mut parts = path.split(['<', '>', ',', ' ']);
    parts.find(|part| vocabulary.type_of(part).is_some_and(|t| t.is("map"))).map(str::to_owned)
}

/// The keys, of which there may be any number, under which something is added to a map, with the functions that do it.
fn growth<'u>(cx: &Check<'_>, uses: &'u MapUses, map: &str) -> Vec<(&'u str, &'u str)> {
    let set = uses.set.iter().map(|(key, by)| (&**key, &**by));
    let called =
        uses.called.iter().filter(|(method, key, _)| !key.is_empty() && does(cx, map, method, "grows"));
    let starts = |by: &str| words(by).first().is_some_and(|w| matches!(w.as_str(), "init" | "register"));
    let keys = set.chain(called.map(|(_, key, by)| (&**key, &**by)));
    keys.filter(|(key, by)| !is_of_program(key) && !starts(by)).collect()
}

/// Whether anything takes out of a map, or asks for its size to do so.
fn shrinks(cx: &Check<'_>, uses: &MapUses, map: &str) -> bool {
    let vocabulary = cx.resolver().vocabulary();
    uses.called.iter().any(|(method, _, _)| does(cx, map, method, "shrinks"))
        || uses.given_to.iter().any(|function| {
            let known = vocabulary.call(function);
            known.is_none_or(|m| m.is("shrinks"))
        })
}

fn does(cx: &Check<'_>, map: &str, method: &str, role: &str) -> bool {
    let separator = if cx.language() == Language::Rust { "::" } else { "." };
    cx.resolver().vocabulary().call(&format!("{map}{separator}{method}")).is_some_and(|m| m.is(role))
}
