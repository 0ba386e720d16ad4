//! Options of a rule, as set or by default.

use crate::rule::{OptionValue, Rule};

/// The options of one rule in force.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Options {
    values: Vec<(&'static str, Setting)>,
}

/// An option's value in force.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Setting {
    /// A whole number.
    Integer(i64),
    /// On or off.
    Boolean(bool),
    /// A text.
    String(String),
    /// A list of texts.
    Strings(Vec<String>),
}

impl Options {
    /// The defaults of a rule.
    pub fn defaults(rule: &Rule) -> Self {
        let value = |default| match default {
            OptionValue::Integer(n) => Setting::Integer(n),
            OptionValue::Boolean(b) => Setting::Boolean(b),
            OptionValue::String(s) => Setting::String(s.to_owned()),
            OptionValue::Strings(list) => Setting::Strings(list.iter().map(|&s| s.to_owned()).collect()),
        };
        Self { values: rule.options.iter().map(|o| (o.name, value(o.default))).collect() }
    }

    /// Sets an option that the rule has; another name changes nothing.
    pub fn set(&mut self, name: &str, value: Setting) {
        if let Some((_, old)) = self.values.iter_mut().find(|(n, _)| *n == name) {
            *old = value;
        }
    }

    /// The values in the order in which the rule declares its options.
    pub fn values(&self) -> impl Iterator<Item = &Setting> {
        self.values.iter().map(|(_, value)| value)
    }

    fn get(&self, name: &str) -> Option<&Setting> {
        self.values.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }
    /// A whole number; 0 where the rule has no such option.
    pub fn integer(&self, name: &str) -> i64 {
        if let Some(Setting::Integer(n)) = self.get(name) { *n } else { 0 }
    }
    /// On or off; off where the rule has no such option.
    pub fn boolean(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Setting::Boolean(true)))
    }
    /// A text; empty where the rule has no such option.
    pub fn string(&self, name: &str) -> &str {
        if let Some(Setting::String(s)) = self.get(name) { s } else { "" }
    }
    /// A list of texts; empty where the rule has no such option.
    pub fn strings(&self, name: &str) -> &[String] {
        if let Some(Setting::Strings(list)) = self.get(name) { list } else { &[] }
    }
}
