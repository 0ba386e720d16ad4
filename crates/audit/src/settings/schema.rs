//! The JSON schema of the settings, for editors that complete and check them.

use serde_json::{Map, Value, json};

use super::{KEYS, OFF, RULE_KEYS};
use crate::level::{Category, Confidence, Severity};
use crate::rule::{OptionValue, Rule};

/// The schema of `shipworthy.toml` (draft 7, which TOML editors read), with every rule of the catalogue and its options.
#[must_use]
pub fn schema(catalogue: &[&'static Rule]) -> Value {
    let rules = object(catalogue.iter().map(|rule| (rule.name, rule_schema(rule))));
    let weights = object(Category::ALL.iter().map(|category| {
        let weight =
            json!({"type": "integer", "minimum": 0, "maximum": 100, "default": category.default_weight()});
        (category.id(), described(weight, category.title()))
    }));
    let keys = KEYS.map(|(key, description)| {
        let schema = match key {
            "minimum-confidence" => {
                json!({"enum": names(Confidence::ALL, |c| c.id()), "default": Confidence::Medium})
            }
            "fail-on" => {
                json!({"enum": names(Severity::ALL, |s| s.id()), "default": Severity::Blocking})
            }
            "rules" => rules.clone(),
            "weights" => weights.clone(),
            _ => strings(),
        };
        (key, described(schema, description))
    });
    let mut schema = object(keys);
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("Settings of Shipworthy");
    schema
}

fn rule_schema(rule: &Rule) -> Value {
    let mut levels = names(Severity::ALL, |severity| severity.id());
    levels.push(OFF);
    let level = json!({"enum": levels, "default": rule.severity});
    let [severity, exclude] = RULE_KEYS;
    let common =
        [(severity.0, described(level.clone(), severity.1)), (exclude.0, described(strings(), exclude.1))];
    let options = rule.options.iter().map(|option| {
        let schema = match option.default {
            OptionValue::Integer(default) => json!({"type": "integer", "default": default}),
            OptionValue::Boolean(default) => json!({"type": "boolean", "default": default}),
            OptionValue::String(default) => json!({"type": "string", "default": default}),
            OptionValue::Strings(default) => {
                json!({"type": "array", "items": {"type": "string"}, "default": default})
            }
        };
        (option.name, described(schema, option.description))
    });
    described(json!({"anyOf": [level, object(common.into_iter().chain(options))]}), rule.summary())
}

/// An object that has these properties and no others.
fn object<'a>(properties: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let properties: Map<String, Value> =
        properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn strings() -> Value {
    json!({"type": "array", "items": {"type": "string"}})
}

fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = json!(description);
    schema
}

fn names<T: Copy>(all: &[T], id: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|value| id(*value)).collect()
}
