//! The vocabulary: what well-known calls and types do. It is data, one TOML file a library under `vocabulary/<language>/`; users add
//! files of the same form for libraries of their own.
//!
//! ```toml
//! library = "requests"                     # as users name it
//! packages = ["requests"]                  # as manifests name it
//!
//! [[call]]                                 # functions, methods, constructors, macros, decorators
//! on = ["requests", "requests.Session"]    # optional: prefixes of the names
//! names = ["get", "post"]
//! effects = ["network", "blocks"]
//! returns = "requests.Response"
//! arguments = { timeout = "timeout", verify = "verify", url = "url@0" }
//! timeout = "none"                         # the default: "none" waits for ever, a number is seconds
//!
//! [[type]]
//! name = "requests.Response"
//! close = ["close"]
//!
//! [[value]]
//! name = "ssl.CERT_NONE"
//! role = "tls-unverified"
//!
//! [aliases]                                # other names for the same things, by prefix
//! "requests.sessions" = "requests"
//!
//! [awaited]                                # types and functions like others, but what blocks in those is awaited in these
//! "redis.asyncio.Redis" = "redis.Redis"
//! ```
//!
//! Names are written as the language writes them with imports resolved: `requests.get`, `net/http.Client.Do`,
//! `reqwest::Client::get`. What needs no import stands as it is written: `open`, `panic`, `println!`, `String::from`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashMap;
use serde::Deserialize;
use shipworthy_syntax::Language;

use crate::effect::Effects;
use crate::fact::Node;

mod files;

/// Where an argument stands: by keyword, by position, or either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its keywords or fields: any of them serves, the first is the usual one.
    pub keywords: Vec<Arc<str>>,
    /// Its position from 0.
    pub position: Option<usize>,
}

/// How long a call waits when nobody says otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Timeout {
    /// For ever.
    None,
    /// That many seconds.
    Seconds(f64),
    /// As the client, session or connection that it is called on was told.
    Client,
}

/// What a call returns because of one of its arguments: a datagram socket where `type` says `SOCK_DGRAM`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReturnedBy {
    /// The argument, by its meaning.
    argument: Arc<str>,
    /// The last part of the name of a constant.
    constant: Arc<str>,
    /// The type.
    class: Arc<str>,
}

/// What a call does, or what a type or value is. One shape for all three: most fields are absent in most entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meaning {
    /// The full name.
    pub name: Arc<str>,
    /// The library, as users name it.
    pub library: Arc<str>,
    /// What a call does.
    pub effects: Effects,
    /// The parts it plays for rules: `cors`, `http-server`, `lock`, `retry`, ...
    pub roles: Vec<Arc<str>>,
    /// The types a call returns, by position (several in Go); the type of a named value. `self`: the receiver's own. `element`: what
    /// the receiver holds. `@0`: that of the argument there; `@0()`: what calling that argument gives. `self<@0>`: a container of the
    /// argument. `_`: not told.
    pub returns: Vec<Arc<str>>,
    /// What a call returns instead where an argument (by its meaning) mentions a constant.
    pub returns_by: Vec<ReturnedBy>,
    /// Named arguments that rules ask for, by their meaning.
    pub arguments: Vec<(Arc<str>, Argument)>,
    /// The default time limit of a call.
    pub timeout: Option<Timeout>,
    /// The library retries by itself.
    pub retries: bool,
    /// A call's forms for other situations: `async`, `context`, `batch`, `constant-time`, ... In files `*` is the call's own name:
    /// `*Context`.
    pub forms: Vec<(Arc<str>, Arc<str>)>,
    /// Methods that release a value of the type.
    pub close: Vec<Arc<str>>,
    /// Types of a type's fields.
    pub fields: Vec<(Arc<str>, Arc<str>)>,
    /// Types it inherits methods from.
    pub bases: Vec<Arc<str>>,
    /// The type is a transparent wrapper (`Arc`, `Optional`, `State`): a value stands for what it holds.
    pub wraps: bool,
    /// The call gives something to await; its effects happen on awaiting and do not block.
    pub awaits: bool,
    /// Found by the name of the receiver, not by its type.
    pub guessed: bool,
    /// Free properties for rules, by name.
    pub properties: Vec<(Arc<str>, Arc<str>)>,
}

impl Meaning {
    /// Whether it plays a part.
    pub fn is(&self, role: &str) -> bool {
        self.roles.iter().any(|r| **r == *role)
    }
    /// The argument with a meaning.
    pub fn argument(&self, meaning: &str) -> Option<&Argument> {
        self.arguments.iter().find(|(name, _)| **name == *meaning).map(|(_, a)| a)
    }
    /// The type that a call returns because of a constant in one of its arguments.
    pub fn returned_by(&self, call: Node<'_>) -> Option<&str> {
        let mentions = |argument: Node<'_>, constant: &str| {
            std::iter::once(argument).chain(argument.descendants()).any(|n| n.name() == constant)
        };
        let holds = |by: &&ReturnedBy| {
            let argument = self.argument(&by.argument).and_then(|a| a.of(call));
            argument.is_some_and(|argument| mentions(argument, &by.constant))
        };
        self.returns_by.iter().find(holds).map(|by| &*by.class)
    }
    /// The form of a call for a situation.
    pub fn form(&self, situation: &str) -> Option<&str> {
        self.forms.iter().find(|(name, _)| **name == *situation).map(|(_, f)| &**f)
    }
    /// A property.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(key, _)| **key == *name).map(|(_, v)| &**v)
    }
}

/// All that is known of one language's libraries.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    meanings: Vec<Arc<Meaning>>,
    calls: FxHashMap<Arc<str>, usize>,
    types: FxHashMap<Arc<str>, usize>,
    values: FxHashMap<Arc<str>, usize>,
    /// Guesses by method name.
    receivers: FxHashMap<Arc<str>, Vec<Guess>>,
    /// Types of parameters that nobody annotates, by the parameter's name.
    parameters: FxHashMap<Arc<str>, Vec<Guess>>,
    aliases: FxHashMap<Arc<str>, Arc<str>>,
    packages: FxHashMap<Arc<str>, Arc<str>>,
    /// The roles of what covers the whole of a file that mentions it, by what is mentioned: the last segment of its name, or `request.json`.
    covering: FxHashMap<Arc<str>, Covering>,
}

/// What is mentioned somewhere and counts for all of a file.
#[derive(Clone, Debug)]
struct Covering {
    role: Arc<str>,
    /// Where a function mentions one of these as well, it speaks of itself alone.
    unless: Box<[Arc<str>]>,
}

/// What an entry describes.
#[derive(Clone, Copy)]
enum Table {
    Calls,
    Types,
    Values,
}

/// What a method does on receivers of some names; `*` is any.
#[derive(Clone, Debug)]
struct Guess {
    receivers: Vec<Arc<str>>,
    /// The file that it stands in must import one of these packages; none: it need not.
    packages: Vec<Arc<str>>,
    meaning: usize,
}

/// A mistake in a vocabulary file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VocabularyError {
    /// What is wrong and where.
    pub message: String,
}

impl std::fmt::Display for VocabularyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for VocabularyError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    library: String,
    #[serde(default)]
    packages: Vec<String>,
    #[serde(default)]
    call: Vec<Entry>,
    #[serde(default, rename = "type")]
    types: Vec<Entry>,
    #[serde(default)]
    value: Vec<Entry>,
    #[serde(default)]
    aliases: BTreeMap<String, String>,
    #[serde(default)]
    awaited: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    name: Option<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    on: Vec<String>,
    #[serde(default)]
    receivers: Vec<String>,
    /// Packages of which the file must import one for a guess by the receiver's name.
    #[serde(default)]
    packages: Vec<String>,
    #[serde(default)]
    effects: Vec<String>,
    role: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    returns: OneOrMany,
    #[serde(default)]
    returns_by: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    arguments: toml::Table,
    timeout: Option<toml::Value>,
    #[serde(default)]
    retries: bool,
    #[serde(default)]
    forms: toml::Table,
    #[serde(default)]
    close: Vec<String>,
    #[serde(default)]
    fields: toml::Table,
    #[serde(default)]
    bases: Vec<String>,
    #[serde(default)]
    wraps: bool,
    #[serde(default)]
    awaits: bool,
    #[serde(default)]
    properties: toml::Table,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    #[default]
    Nothing,
    One(String),
    Many(Vec<String>),
}

/// Longer absolute names are nobody's: a text made for it would be looked up part by part for minutes.
pub(crate) const MAX_NAME: usize = 512;

impl Vocabulary {
    /// The built-in vocabulary of a language; parsed once a process.
    pub fn built_in(language: Language) -> &'static Vocabulary {
        static PYTHON: LazyLock<Vocabulary> =
            LazyLock::new(|| Vocabulary::load(Language::Python, files::PYTHON));
        static GO: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::load(Language::Go, files::GO));
        static RUST: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::load(Language::Rust, files::RUST));
        match language {
            Language::Python => &PYTHON,
            Language::Go => &GO,
            Language::Rust => &RUST,
        }
    }

    /// A test holds that no built-in file has a mistake.
    fn load(language: Language, files: &[(&str, &str)]) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for (_, text) in files {
            let added = vocabulary.add(language, text);
            debug_assert!(added.is_ok(), "{added:?}");
        }
        vocabulary
    }

    /// Adds a file. Later entries win over earlier ones of the same name.
    ///
    /// # Errors
    /// The text is not TOML of this form, or names an effect that does not exist; nothing is added then.
    pub fn add(&mut self, language: Language, text: &str) -> Result<(), VocabularyError> {
        let file: File = toml::from_str(text).map_err(|e| VocabularyError { message: e.to_string() })?;
        let library: Arc<str> = file.library.as_str().into();
        let separator = language.separator();
        let twins = Twins { names: &file.awaited, separator };
        let mut added = Vec::new();
        let mut awaited = Vec::new();
        for (table, entries) in
            [(Table::Calls, &file.call), (Table::Types, &file.types), (Table::Values, &file.value)]
        {
            for entry in entries {
                let meaning = entry.meaning(&library)?;
                for name in entry.full_names(separator) {
                    let mut meaning = Meaning { name: name.as_str().into(), ..meaning.clone() };
                    let last = name.rsplit(separator).next().unwrap_or(&name);
                    for (_, form) in meaning.forms.iter_mut().filter(|(_, form)| form.contains('*')) {
                        *form = form.replace('*', last).into();
                    }
                    if let Some(twin) = twins.of(&name) {
                        awaited.push((table, None, twins.meaning(&meaning, &twin)));
                        if meaning.effects.contains(Effects::BLOCKS) && meaning.form("async").is_none() {
                            meaning.forms.push(("async".into(), twin.into()));
                        }
                    }
                    added.push((table, entry.guess(&file.packages), meaning));
                }
            }
        }
        // What the file says of a twin itself wins over what it takes from the other.
        for (table, guess, meaning) in awaited.into_iter().chain(added) {
            self.insert(table, guess, meaning);
        }
        for (alias, name) in file.aliases {
            self.aliases.insert(alias.into(), name.into());
        }
        for package in file.packages {
            self.packages.insert(package.into(), file.library.as_str().into());
        }
        Ok(())
    }

    fn insert(&mut self, table: Table, guess: Option<Guess>, meaning: Meaning) {
        let index = self.meanings.len();
        let name: Arc<str> = Arc::from(&*meaning.name);
        if let (Some("file"), Some(role)) = (meaning.property("covers"), meaning.roles.first()) {
            let last = || name.rsplit(['.', ':', '/']).next().unwrap_or(&name);
            let mentioned = meaning.property("mentioned").unwrap_or_else(last);
            let unless = meaning.property("unless").into_iter().flat_map(|names| names.split('|'));
            let covering = Covering { role: role.clone(), unless: unless.map(Into::into).collect() };
            self.covering.insert(mentioned.into(), covering);
        }
        if let (Table::Types, Some(guess)) = (table, &guess) {
            for parameter in &guess.receivers {
                let guess = Guess { meaning: index, ..guess.clone() };
                self.parameters.entry(parameter.clone()).or_default().push(guess);
            }
        } else if let Some(guess) = guess {
            self.receivers.entry(name).or_default().push(Guess { meaning: index, ..guess });
        } else {
            let map = match table {
                Table::Calls => &mut self.calls,
                Table::Types => &mut self.types,
                Table::Values => &mut self.values,
            };
            map.insert(name, index);
        }
        self.meanings.push(Arc::new(meaning));
    }

    /// What the call of a name does.
    pub fn call(&self, path: &str) -> Option<&Arc<Meaning>> {
        self.find(&self.calls, path)
    }
    /// What the call of a name that behaviours list does: of a name, or guessed by a method's alone.
    pub fn behaviour(&self, name: &str) -> Option<&Arc<Meaning>> {
        let guessed = || self.receivers.get(name)?.first().map(|guess| &self.meanings[guess.meaning]);
        self.call(name).or_else(guessed)
    }
    /// What a type is.
    pub fn type_of(&self, path: &str) -> Option<&Arc<Meaning>> {
        self.find(&self.types, path)
    }
    /// What a named value is.
    pub fn value(&self, path: &str) -> Option<&Arc<Meaning>> {
        self.find(&self.values, path)
    }
    fn find(&self, map: &FxHashMap<Arc<str>, usize>, path: &str) -> Option<&Arc<Meaning>> {
        if path.len() > MAX_NAME {
            return None;
        }
        let mut path = Cow::Borrowed(path);
        // Aliases of aliases are few; the bound keeps a cycle in a user's file from looping.
        for _ in 0..4 {
            if let Some(index) = map.get(&*path) {
                return Some(&self.meanings[*index]);
            }
            path = Cow::Owned(self.unaliased(&path)?);
        }
        None
    }
    /// The path with its longest prefix that is an alias replaced.
    fn unaliased(&self, path: &str) -> Option<String> {
        let ends = path.rmatch_indices(['.', ':', '/']).map(|(at, _)| at);
        std::iter::once(path.len()).chain(ends).find_map(|end| {
            let name = self.aliases.get(&path[..end])?;
            Some(format!("{name}{}", &path[end..]))
        })
    }
    /// What a method does on a receiver of unknown type, by the receiver's name (its last segment, without underscores around it), by
    /// what the file imports, and by whether what it is given fits.
    pub fn guess(
        &self,
        receiver: &str,
        method: &str,
        imports: impl Fn(&str) -> bool,
        fits: impl Fn(&Meaning) -> bool,
    ) -> Option<&Arc<Meaning>> {
        let receiver = receiver.trim_matches('_');
        let serves = |guess: &&Guess| {
            guess.receivers.iter().any(|r| **r == *receiver || **r == *"*")
                && (guess.packages.is_empty() || guess.packages.iter().any(|p| imports(p)))
        };
        let served = self.receivers.get(method)?.iter().filter(serves);
        served.map(|guess| &self.meanings[guess.meaning]).find(|meaning| fits(meaning))
    }
    /// The type of a parameter without an annotation, by its name and by what the file imports.
    pub fn parameter(&self, name: &str, imports: impl Fn(&str) -> bool) -> Option<&str> {
        let serves = |guess: &&Guess| guess.packages.iter().any(|p| imports(p));
        self.parameters.get(name)?.iter().find(serves).map(|g| &*self.meanings[g.meaning].name)
    }
    /// What a method does on a value of any type.
    pub fn any_method(&self, method: &str) -> Option<&Arc<Meaning>> {
        self.call(&format!("*::{method}"))
    }
    /// Whether a type is a transparent wrapper, by its full name or, for wrappers that many libraries name alike, by its last segment.
    pub fn wraps(&self, path: &str) -> bool {
        let alike = || self.type_of(&format!("*::{}", path.rsplit("::").next()?));
        self.type_of(path).or_else(alike).is_some_and(|t| t.wraps)
    }
    /// The library that a manifest's package name stands for.
    pub fn package(&self, name: &str) -> Option<&str> {
        self.packages.get(name).map(|l| &**l)
    }
    /// The role of what covers the whole of a file that mentions it, by what is mentioned, in an item that `mentions` other names.
    pub fn covers(&self, name: &str, mentions: impl Fn(&str) -> bool) -> Option<&str> {
        let covering = self.covering.get(name)?;
        (!covering.unless.iter().any(|other| mentions(other))).then_some(&*covering.role)
    }
    /// All entries, in the order they were added.
    pub fn meanings(&self) -> impl Iterator<Item = &Arc<Meaning>> {
        self.meanings.iter()
    }
}

/// Types and functions whose calls are awaited, with those they are like.
struct Twins<'a> {
    names: &'a BTreeMap<String, String>,
    separator: &'a str,
}

impl Twins<'_> {
    /// The name of the awaited twin of a type, a function or a method.
    fn of(&self, name: &str) -> Option<String> {
        self.names.iter().find_map(|(twin, original)| {
            let rest = name.strip_prefix(original.as_str())?;
            (rest.is_empty() || rest.starts_with(self.separator)).then(|| format!("{twin}{rest}"))
        })
    }

    /// What the twin of a name does: the same without blocking.
    fn meaning(&self, original: &Meaning, twin: &str) -> Meaning {
        let type_name = |name: &str| self.of(name).map_or_else(|| Arc::from(name), Arc::from);
        Meaning {
            name: twin.into(),
            effects: original.effects - Effects::BLOCKS,
            awaits: original.effects.contains(Effects::BLOCKS),
            returns: original.returns.iter().map(|name| type_name(name)).collect(),
            fields: original.fields.iter().map(|(field, name)| (field.clone(), type_name(name))).collect(),
            bases: original.bases.iter().map(|name| type_name(name)).collect(),
            forms: original.forms.iter().filter(|(form, _)| **form != *"async").cloned().collect(),
            ..original.clone()
        }
    }
}

impl Entry {
    fn full_names(&self, separator: &str) -> Vec<String> {
        let names: Vec<&String> = self.name.iter().chain(&self.names).collect();
        if self.on.is_empty() {
            return names.into_iter().cloned().collect();
        }
        let on = self.on.iter();
        on.flat_map(|prefix| names.iter().map(move |name| format!("{prefix}{separator}{name}"))).collect()
    }

    /// Where the entry is a guess, what it goes by. What nothing but the method's name tells is guessed of users of the library only.
    fn guess(&self, library: &[String]) -> Option<Guess> {
        let any = self.receivers.iter().any(|r| r == "*");
        let packages = if any && self.packages.is_empty() { library } else { &self.packages };
        (!self.receivers.is_empty()).then(|| Guess {
            receivers: self.receivers.iter().map(|r| r.as_str().into()).collect(),
            packages: packages.iter().map(|p| p.as_str().into()).collect(),
            meaning: 0,
        })
    }

    fn meaning(&self, library: &Arc<str>) -> Result<Meaning, VocabularyError> {
        let first = self.name.as_ref().or(self.names.first()).cloned().unwrap_or_default();
        let wrong = |what: String| VocabularyError { message: format!("{first}: {what}") };
        if first.is_empty() {
            return Err(wrong("an entry has no name".to_owned()));
        }
        let mut effects = Effects::empty();
        for effect in &self.effects {
            effects |= Effects::by_name(effect).ok_or_else(|| wrong(format!("unknown effect {effect:?}")))?;
        }
        let strings = |table: &toml::Table, what: &str| {
            let pair = |(key, value): (&String, &toml::Value)| match value {
                toml::Value::String(text) => Ok((Arc::from(key.as_str()), Arc::from(text.as_str()))),
                other => Err(wrong(format!("{what}.{key} must be a string, not {other}"))),
            };
            table.iter().map(pair).collect::<Result<Vec<(Arc<str>, Arc<str>)>, _>>()
        };
        let arguments = strings(&self.arguments, "arguments")?
            .into_iter()
            .map(|(key, spec)| {
                Argument::parse(&spec).map(|a| (key, a)).ok_or_else(|| wrong(format!("argument {spec:?}")))
            })
            .collect::<Result<_, _>>()?;
        let timeout = match &self.timeout {
            None => None,
            Some(toml::Value::String(text)) if text == "none" => Some(Timeout::None),
            Some(toml::Value::String(text)) if text == "client" => Some(Timeout::Client),
            Some(toml::Value::Integer(seconds)) => Some(Timeout::Seconds(*seconds as f64)),
            Some(toml::Value::Float(seconds)) => Some(Timeout::Seconds(*seconds)),
            Some(other) => {
                return Err(wrong(format!("timeout must be \"none\", \"client\" or seconds, not {other}")));
            }
        };
        let shared = |list: &[String]| list.iter().map(|s| s.as_str().into()).collect::<Vec<Arc<str>>>();
        Ok(Meaning {
            name: Arc::from(""),
            library: library.clone(),
            effects,
            roles: self.role.iter().chain(&self.roles).map(|r| r.as_str().into()).collect(),
            returns: match &self.returns {
                OneOrMany::Nothing => Vec::new(),
                OneOrMany::One(one) => shared(std::slice::from_ref(one)),
                OneOrMany::Many(many) => shared(many),
            },
            returns_by: self.returned_by(),
            arguments,
            timeout,
            retries: self.retries,
            forms: strings(&self.forms, "forms")?,
            close: shared(&self.close),
            fields: strings(&self.fields, "fields")?,
            bases: shared(&self.bases),
            wraps: self.wraps,
            awaits: self.awaits,
            guessed: !self.receivers.is_empty(),
            properties: strings(&self.properties, "properties")?,
        })
    }

    fn returned_by(&self) -> Vec<ReturnedBy> {
        let by_argument = self.returns_by.iter();
        let each = by_argument.flat_map(|(argument, classes)| {
            classes.iter().map(|(constant, class)| ReturnedBy {
                argument: argument.as_str().into(),
                constant: constant.as_str().into(),
                class: class.as_str().into(),
            })
        });
        each.collect()
    }
}

impl Argument {
    /// `timeout` (by keyword), `@0` (by position), `timeout@0` (either) or `timeout|socket_timeout` (any of several keywords).
    fn parse(spec: &str) -> Option<Self> {
        let (keywords, position) = match spec.split_once('@') {
            Some((keywords, position)) => (keywords, Some(position.parse().ok()?)),
            None => (spec, None),
        };
        let keywords: Vec<Arc<str>> = keywords.split('|').filter(|k| !k.is_empty()).map(Arc::from).collect();
        (position.is_some() || !keywords.is_empty()).then_some(Self { keywords, position })
    }

    /// The argument of a call that it means.
    pub fn of<'a>(&self, call: Node<'a>) -> Option<Node<'a>> {
        let by_keyword = self.keywords.iter().find_map(|k| call.keyword(k));
        by_keyword.or_else(|| self.position.and_then(|p| call.positional(p)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_file_loads() {
        for (language, files) in
            [(Language::Python, files::PYTHON), (Language::Go, files::GO), (Language::Rust, files::RUST)]
        {
            for (name, text) in files {
                let added = Vocabulary::default().add(language, text);
                assert!(added.is_ok(), "vocabulary/{name}: {added:?}");
            }
        }
    }

    #[test]
    fn prefixes_multiply_names() {
        let mut vocabulary = Vocabulary::default();
        let text = "library = \"x\"\n[[call]]\non = [\"a\", \"b\"]\nnames = [\"f\", \"g\"]\neffects = [\"network\"]\narguments = { url = \"url@1\" }";
        vocabulary.add(Language::Rust, text).unwrap();
        let found = vocabulary.call("b::g").unwrap();
        assert_eq!(found.effects, Effects::NETWORK);
        assert_eq!(
            found.argument("url"),
            Some(&Argument { keywords: vec!["url".into()], position: Some(1) })
        );
        assert!(vocabulary.call("f").is_none());
    }

    #[test]
    fn what_covers_a_file_is_known_by_its_last_name() {
        let mut vocabulary = Vocabulary::default();
        let text = "library = \"x\"\n[[call]]\nname = \"a/b.Limit\"\nrole = \"limits-body\"\nproperties = { covers = \"file\", unless = \"Decode|Read\" }\n[[call]]\nname = \"a/b.Other\"\nrole = \"limits-body\"";
        vocabulary.add(Language::Go, text).unwrap();
        assert_eq!(vocabulary.covers("Limit", |_| false), Some("limits-body"));
        assert_eq!(vocabulary.covers("Limit", |other| other == "Read"), None);
        assert_eq!(vocabulary.covers("Other", |_| false), None);
    }

    #[test]
    fn aliases_replace_the_longest_prefix() {
        let mut vocabulary = Vocabulary::default();
        let text = "library = \"x\"\n[[call]]\nname = \"a/v2.T.f\"\n[aliases]\n\"a/v1\" = \"a/v2\"\n\"b\" = \"a/v1\"\n\"a/v1.U\" = \"a/v2.T\"";
        vocabulary.add(Language::Go, text).unwrap();
        for path in ["a/v2.T.f", "a/v1.T.f", "a/v1.U.f", "b.U.f"] {
            assert!(vocabulary.call(path).is_some(), "{path}");
        }
        assert!(vocabulary.call("a/v10.T.f").is_none());
    }

    #[test]
    fn what_blocks_is_awaited_in_a_twin() {
        let mut vocabulary = Vocabulary::default();
        let text = r#"
            library = "x"
            [[call]]
            name = "C"
            effects = ["connects"]
            [[call]]
            on = ["C"]
            names = ["get"]
            effects = ["network", "blocks"]
            returns = "C"
            [[call]]
            name = "C.close"
            [[call]]
            name = "AC.close"
            effects = ["network"]
            [awaited]
            "AC" = "C"
        "#;
        vocabulary.add(Language::Python, text).unwrap();
        let get = vocabulary.call("AC.get").unwrap();
        assert_eq!((get.effects, get.awaits, &*get.returns[0]), (Effects::NETWORK, true, "AC"));
        assert!(!vocabulary.call("AC").unwrap().awaits, "making one does not wait");
        assert_eq!(vocabulary.call("C.get").unwrap().form("async"), Some("AC.get"));
        assert_eq!(vocabulary.call("AC.close").unwrap().effects, Effects::NETWORK, "its own entry wins");
    }

    #[test]
    fn a_mistake_is_told_and_adds_nothing() {
        let mut vocabulary = Vocabulary::default();
        let text = "library = \"x\"\n[[call]]\nname = \"f\"\n[[call]]\nname = \"g\"\neffects = [\"netwrok\"]";
        let error = vocabulary.add(Language::Go, text).unwrap_err();
        assert!(error.message.contains("g: unknown effect \"netwrok\""), "{error}");
        assert!(vocabulary.call("f").is_none());
    }
}
