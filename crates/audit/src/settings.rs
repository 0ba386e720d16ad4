//! What users set: `shipworthy.toml`, or `[tool.shipworthy]` in `pyproject.toml`.
//!
//! Text in, settings and problems out; the caller knows the disk. A mistake never costs more than itself: a bad entry is a
//! [`Problem`] at its place and the rest applies; only a file that is not TOML gives no settings at all, and the caller keeps
//! the last good ones.

mod pattern;
mod read;
mod schema;

use shipworthy_syntax::{Edit, Range};
use xxhash_rust::xxh3::xxh3_64;

use crate::auditor::{Configuration, RuleConfiguration};
use crate::level::{Category, Confidence, Severity};
use crate::options::{Options, Setting};
use crate::rule::Rule;

pub use pattern::Pattern;
pub use schema::schema;

/// The keys at the top of the settings, with what they do.
const KEYS: [(&str, &str); 6] = [
    ("include", "Patterns of the files to audit, relative to this file; everything if there are none."),
    ("exclude", "Patterns of files and folders that are not audited, relative to this file."),
    ("minimum-confidence", "Findings that are less sure than this are not shown."),
    ("fail-on", "The severity from which on findings make `shipworthy audit` exit with 1."),
    ("rules", "Rules: `\"off\"`, another severity, or a table with their options."),
    ("weights", "What categories weigh in the score, relative to each other; in percent by default."),
];
/// A key that every rule has: see [`KEYS`].
const RULE_KEYS: [(&str, &str); 2] = [
    ("severity", "`\"off\"`, or the severity of all findings of this rule."),
    ("exclude", "Patterns of files and folders in which this rule does not run, relative to this file."),
];
/// Switches a rule off where a severity can stand.
const OFF: &str = "off";

/// The files that can hold settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SettingsFile {
    /// `shipworthy.toml`: all of it.
    Shipworthy,
    /// `pyproject.toml`: its table `[tool.shipworthy]`.
    Pyproject,
}

impl SettingsFile {
    /// Both, the one that goes before the other in one folder first.
    pub const ALL: [Self; 2] = [Self::Shipworthy, Self::Pyproject];

    /// The name of the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shipworthy => "shipworthy.toml",
            Self::Pyproject => "pyproject.toml",
        }
    }
}

/// A mistake in a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, in bytes of the file.
    pub range: Range,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The change that rights it, where there is an obvious one.
    pub fix: Option<Edit>,
}

/// A value with the place that sets it; no place: the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sourced<T> {
    value: T,
    range: Option<Range>,
}

impl<T> Sourced<T> {
    const fn default(value: T) -> Self {
        Self { value, range: None }
    }
}

/// What a rule is set to; none of its own means the rule's own severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Off,
    At(Severity),
}

/// What the settings say of one rule.
#[derive(Debug, Clone, PartialEq)]
struct RuleEntry {
    rule: &'static Rule,
    level: Option<Sourced<Level>>,
    exclude: Vec<Pattern>,
    options: Vec<(&'static str, Sourced<Setting>)>,
}

/// Settings in force: what a file says, and defaults for the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
    minimum_confidence: Sourced<Confidence>,
    fail_on: Sourced<Severity>,
    /// In the catalogue's order.
    rules: Vec<RuleEntry>,
    /// In the categories' order.
    weights: Vec<Sourced<u32>>,
}

/// One value in force, for people who ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key from the top: `rules.missing-timeout`, `rules.oversized-unit.max-lines`.
    pub key: String,
    /// Its value as TOML.
    pub value: String,
    /// Where the file sets it; none: it is the default.
    pub range: Option<Range>,
    /// What it does.
    pub description: &'static str,
}

impl Settings {
    /// What holds without a settings file: every rule on, at its own severity.
    #[must_use]
    pub fn defaults(catalogue: &[&'static Rule]) -> Self {
        let entry =
            |rule: &&'static Rule| RuleEntry { rule, level: None, exclude: Vec::new(), options: Vec::new() };
        Self {
            include: Vec::new(),
            exclude: Vec::new(),
            minimum_confidence: Sourced::default(Confidence::Medium),
            fail_on: Sourced::default(Severity::Blocking),
            rules: catalogue.iter().map(entry).collect(),
            weights: Category::ALL.iter().map(|c| Sourced::default(c.default_weight())).collect(),
        }
    }

    /// Reads a settings file.
    ///
    /// Gives no settings where the file holds none (a `pyproject.toml` without `[tool.shipworthy]`: no problems either, look
    /// further up) and where it is not TOML (then there are problems: keep the last good settings). Problems are sorted by place.
    #[must_use]
    pub fn parse(
        text: &str,
        file: SettingsFile,
        catalogue: &[&'static Rule],
    ) -> (Option<Self>, Vec<Problem>) {
        read::parse(text, file, catalogue)
    }

    /// Whether a file is to be audited. Paths are relative to the folder of the settings file, with `/`.
    #[must_use]
    pub fn includes(&self, path: &str) -> bool {
        (self.include.is_empty() || covered(&self.include, path)) && !self.excludes(path)
    }

    /// Whether a file or folder, with all that is in it, is excluded.
    #[must_use]
    pub fn excludes(&self, path: &str) -> bool {
        covered(&self.exclude, path)
    }

    /// What rules run on a file, and how. Paths are relative to the folder of the settings file, with `/`.
    #[must_use]
    pub fn configuration(&self, path: &str) -> Configuration {
        let rules = self.rules.iter().map(|entry| entry.configuration(path)).collect();
        Configuration { rules, minimum_confidence: self.minimum_confidence.value, today: None }
    }

    /// Findings that are less sure are not shown.
    #[must_use]
    pub const fn minimum_confidence(&self) -> Confidence {
        self.minimum_confidence.value
    }

    /// The severity from which on findings fail an audit.
    #[must_use]
    pub const fn fail_on(&self) -> Severity {
        self.fail_on.value
    }

    /// The severity that a rule's findings have unless a finding says otherwise; none where it is switched off.
    #[must_use]
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        match self.rules.iter().find(|entry| entry.rule == rule).and_then(|entry| entry.level) {
            Some(Sourced { value: Level::Off, .. }) => None,
            Some(Sourced { value: Level::At(severity), .. }) => Some(severity),
            None => Some(rule.severity),
        }
    }

    /// What a category weighs in the score, relative to the others.
    #[must_use]
    pub fn weight(&self, category: Category) -> u32 {
        let place = Category::ALL.iter().position(|other| *other == category);
        place.and_then(|place| self.weights.get(place)).map_or(0, |weight| weight.value)
    }

    /// The patterns that cover none of these files, as problems. Give it the files as they are before anything is excluded.
    #[must_use]
    pub fn unmatched<'a>(&self, paths: impl Iterator<Item = &'a str> + Clone) -> Vec<Problem> {
        let of_rules = self.rules.iter().flat_map(|entry| &entry.exclude);
        let patterns = self.include.iter().chain(&self.exclude).chain(of_rules);
        let unmatched = patterns.filter(|pattern| !paths.clone().any(|path| pattern.matches(path)));
        let mut problems: Vec<Problem> = unmatched
            .map(|pattern| Problem {
                range: pattern.range,
                message: format!("no file matches `{}`", pattern.text),
                help: "patterns are relative to the folder of this file; remove what is no longer needed"
                    .to_owned(),
                fix: None,
            })
            .collect();
        problems.sort_by_key(|problem| problem.range);
        problems
    }

    /// Every value in force: for `shipworthy config`, which explains a key by the entries at and below it.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut add = |key: String, value: toml::Value, range, description| {
            entries.push(Entry { key, value: value.to_string(), range, description });
        };
        let [include, exclude, minimum_confidence, fail_on, _, weights] = KEYS;
        for ((key, description), patterns) in [(include, &self.include), (exclude, &self.exclude)] {
            add(key.to_owned(), texts(patterns), place(patterns), description);
        }
        let minimum = self.minimum_confidence;
        add(minimum_confidence.0.to_owned(), minimum.value.id().into(), minimum.range, minimum_confidence.1);
        add(fail_on.0.to_owned(), self.fail_on.value.id().into(), self.fail_on.range, fail_on.1);
        for entry in &self.rules {
            let key = format!("rules.{}", entry.rule.name);
            let (level, range) = match entry.level {
                None => (entry.rule.severity.id(), None),
                Some(Sourced { value: Level::Off, range }) => (OFF, range),
                Some(Sourced { value: Level::At(severity), range }) => (severity.id(), range),
            };
            add(key.clone(), level.into(), range, entry.rule.summary());
            if !entry.exclude.is_empty() {
                let (name, description) = RULE_KEYS[1];
                add(format!("{key}.{name}"), texts(&entry.exclude), place(&entry.exclude), description);
            }
            let options = entry.options();
            for (option, value) in entry.rule.options.iter().zip(options.values()) {
                let set = entry.options.iter().find(|(name, _)| *name == option.name);
                let range = set.and_then(|(_, value)| value.range);
                add(format!("{key}.{}", option.name), to_toml(value), range, option.description);
            }
        }
        for (category, weight) in Category::ALL.iter().zip(&self.weights) {
            add(format!("{}.{category}", weights.0), i64::from(weight.value).into(), weight.range, weights.1);
        }
        entries
    }

    /// A hash of all values in force, wherever they come from; the same on every machine and in every run.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let lines: Vec<String> = self.entries().iter().map(|e| format!("{} = {}", e.key, e.value)).collect();
        xxh3_64(lines.join("\n").as_bytes())
    }
}

impl RuleEntry {
    fn configuration(&self, path: &str) -> RuleConfiguration {
        let level = self.level.map(|level| level.value);
        RuleConfiguration {
            enabled: level != Some(Level::Off) && !covered(&self.exclude, path),
            severity: if let Some(Level::At(severity)) = level { Some(severity) } else { None },
            options: self.options(),
        }
    }

    fn options(&self) -> Options {
        let mut options = Options::defaults(self.rule);
        for (name, setting) in &self.options {
            options.set(name, setting.value.clone());
        }
        options
    }
}

fn covered(patterns: &[Pattern], path: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(path))
}

fn texts(patterns: &[Pattern]) -> toml::Value {
    patterns.iter().map(|pattern| pattern.text.as_str()).collect::<Vec<_>>().into()
}

/// Where a list of patterns stands.
fn place(patterns: &[Pattern]) -> Option<Range> {
    patterns.iter().map(|pattern| pattern.range).reduce(Range::cover)
}

fn to_toml(setting: &Setting) -> toml::Value {
    match setting {
        Setting::Integer(number) => (*number).into(),
        Setting::Boolean(on) => (*on).into(),
        Setting::String(text) => text.as_str().into(),
        Setting::Strings(list) => list.clone().into(),
    }
}

#[cfg(test)]
mod tests;
