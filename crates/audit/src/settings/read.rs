//! From TOML to settings, with a problem for everything that is not right.

use std::str::FromStr;

use shipworthy_syntax::{Edit, Range};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{KEYS, Level, OFF, Pattern, Problem, RULE_KEYS, RuleEntry, Settings, SettingsFile, Sourced};
use crate::level::{Category, Severity};
use crate::name::UnknownName;
use crate::options::Setting;
use crate::rule::{OptionValue, Rule};

type Key<'i> = Spanned<DeString<'i>>;
type Value<'i> = Spanned<DeValue<'i>>;

pub(super) fn parse(
    text: &str,
    file: SettingsFile,
    catalogue: &[&'static Rule],
) -> (Option<Settings>, Vec<Problem>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let table = match file {
        SettingsFile::Shipworthy => Ok(document.get_ref()),
        SettingsFile::Pyproject => match own_value(document.get_ref()) {
            Some(value) => table(value),
            None => return (None, Vec::new()),
        },
    };
    if !errors.is_empty() {
        return (None, errors.iter().map(|error| not_toml(error, text)).collect());
    }
    let table = match table {
        Ok(table) => table,
        Err(problem) => return (None, vec![problem]),
    };
    let mut reader = Reader { settings: Settings::defaults(catalogue), problems: Vec::new() };
    reader.settings(table);
    reader.problems.sort_by_key(|problem| problem.range);
    (Some(reader.settings), reader.problems)
}

/// `[tool.shipworthy]`.
fn own_value<'t, 'i>(document: &'t DeTable<'i>) -> Option<&'t Value<'i>> {
    document.get("tool")?.get_ref().get("shipworthy")
}

struct Reader {
    settings: Settings,
    problems: Vec<Problem>,
}

impl Reader {
    /// The value, if there is one; what is wrong is noted, and is as if it were not there.
    fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    fn settings(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "include" => self.settings.include = self.patterns(value),
                "exclude" => self.settings.exclude = self.patterns(value),
                "minimum-confidence" => {
                    if let Some(confidence) = self.keep(named(value)) {
                        self.settings.minimum_confidence = confidence;
                    }
                }
                "fail-on" => {
                    if let Some(severity) = self.keep(named(value)) {
                        self.settings.fail_on = severity;
                    }
                }
                "rules" => self.rules(value),
                "weights" => self.weights(value),
                _ => self.problems.push(unknown("setting", key, KEYS.map(|(name, _)| name))),
            }
        }
    }

    fn rules(&mut self, value: &Value<'_>) {
        let Some(table) = self.keep(table(value)) else { return };
        for (key, value) in table {
            let place =
                self.settings.rules.iter().position(|entry| entry.rule.name == key.get_ref().as_ref());
            if let Some(place) = place {
                let entry = self.rule(self.settings.rules[place].rule, value);
                self.settings.rules[place] = entry;
            } else {
                let names = self.settings.rules.iter().map(|entry| entry.rule.name);
                self.problems.push(unknown("rule", key, names));
            }
        }
    }

    fn rule(&mut self, rule: &'static Rule, value: &Value<'_>) -> RuleEntry {
        let mut entry = RuleEntry { rule, level: None, exclude: Vec::new(), options: Vec::new() };
        let table = match value.get_ref() {
            DeValue::Table(table) => table,
            DeValue::String(_) => {
                entry.level = self.keep(named(value));
                return entry;
            }
            _ => {
                self.problems
                    .push(wrong_type("a severity, `\"off\"` or a table with the rule's options", value));
                return entry;
            }
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let option = rule.options.iter().find(|option| option.name == name);
            match (name, option) {
                ("severity", _) => entry.level = self.keep(named(value)),
                ("exclude", _) => entry.exclude = self.patterns(value),
                (_, Some(option)) => {
                    let setting = self.keep(setting(option.default, value));
                    entry.options.extend(setting.map(|setting| (option.name, setting)));
                }
                (_, None) => {
                    let names = rule.options.iter().map(|option| option.name);
                    let names = names.chain(RULE_KEYS.map(|(name, _)| name));
                    self.problems.push(unknown("option of this rule", key, names));
                }
            }
        }
        entry
    }

    fn weights(&mut self, value: &Value<'_>) {
        let Some(table) = self.keep(table(value)) else { return };
        let mut weights = self.settings.weights.clone();
        for (key, value) in table {
            let category = Category::ALL.iter().position(|category| category.id() == key.get_ref().as_ref());
            if let Some(category) = category {
                if let Some(weight) = self.keep(weight(value)) {
                    weights[category] = weight;
                }
            } else {
                let names = Category::ALL.iter().map(|category| category.id());
                self.problems.push(unknown("category", key, names));
            }
        }
        if weights.iter().all(|weight| weight.value == 0) {
            self.problems.push(wrong(value, "no category weighs anything", "give one a weight over 0"));
        } else {
            self.settings.weights = weights;
        }
    }

    /// The patterns of a list; bad ones are left out.
    fn patterns(&mut self, value: &Value<'_>) -> Vec<Pattern> {
        let values = self.keep(list(value)).unwrap_or_default();
        values.iter().filter_map(|value| self.keep(pattern(value))).collect()
    }
}

fn pattern(value: &Value<'_>) -> Result<Pattern, Problem> {
    Pattern::new(string(value)?, range(value)).map_err(|error| {
        let help = "`*` and `?` stay within a folder, `**` does not, `[ab]` and `{a,b}` are choices";
        wrong(value, format!("this is no pattern: {error}"), help)
    })
}

fn weight(value: &Value<'_>) -> Result<Sourced<u32>, Problem> {
    let number = integer(value)?;
    match u32::try_from(number) {
        Ok(weight @ 0..=100) => Ok(sourced(weight, value)),
        _ => Err(wrong(value, format!("`{number}` is no weight"), "write a number from 0 to 100")),
    }
}

/// An option's value, of the kind that its default has.
fn setting(default: OptionValue, value: &Value<'_>) -> Result<Sourced<Setting>, Problem> {
    let setting = match default {
        OptionValue::Integer(_) => Setting::Integer(integer(value)?),
        OptionValue::Boolean(_) => {
            Setting::Boolean(value.get_ref().as_bool().ok_or_else(|| wrong_type("`true` or `false`", value))?)
        }
        OptionValue::String(_) => Setting::String(string(value)?.to_owned()),
        OptionValue::Strings(_) => {
            let strings = list(value)?.iter().map(|value| string(value).map(str::to_owned));
            Setting::Strings(strings.collect::<Result<_, _>>()?)
        }
    };
    Ok(sourced(setting, value))
}

fn named<T: FromStr<Err = UnknownName>>(value: &Value<'_>) -> Result<Sourced<T>, Problem> {
    match string(value)?.parse() {
        Ok(named) => Ok(sourced(named, value)),
        Err(unknown) => Err(unknown_name(&unknown, range(value), |name| format!("\"{name}\""))),
    }
}

fn integer(value: &Value<'_>) -> Result<i64, Problem> {
    let Some(number) = value.get_ref().as_integer() else { return Err(wrong_type("a whole number", value)) };
    i64::from_str_radix(number.as_str(), number.radix())
        .map_err(|_| wrong(value, "this number is out of range", "write one of at most 64 bits"))
}

fn string<'v>(value: &'v Value<'_>) -> Result<&'v str, Problem> {
    value.get_ref().as_str().ok_or_else(|| wrong_type("a string", value))
}

fn list<'v, 'i>(value: &'v Value<'i>) -> Result<&'v [Value<'i>], Problem> {
    value.get_ref().as_array().map(|list| &list[..]).ok_or_else(|| wrong_type("a list of strings", value))
}

fn table<'v, 'i>(value: &'v Value<'i>) -> Result<&'v DeTable<'i>, Problem> {
    value.get_ref().as_table().ok_or_else(|| wrong_type("a table", value))
}

fn not_toml(error: &toml::de::Error, text: &str) -> Problem {
    let end = Range::from(text.len()..text.len()).end;
    let range = error.span().map_or(Range::empty(0), Range::from);
    Problem {
        range: Range { start: range.start.min(end), end: range.end.min(end) },
        message: format!("this is not TOML: {}", error.message()),
        help: "the last good settings stay in force until it is".to_owned(),
        fix: None,
    }
}

fn unknown<'n>(kind: &'static str, key: &Key<'_>, names: impl IntoIterator<Item = &'n str>) -> Problem {
    unknown_name(&UnknownName::new(kind, key.get_ref(), names), Range::from(key.span()), str::to_owned)
}

fn unknown_name(unknown: &UnknownName, range: Range, write: impl Fn(&str) -> String) -> Problem {
    Problem {
        range,
        message: format!("there is no {} `{}`", unknown.kind, unknown.name),
        help: unknown.help().unwrap_or_else(|| "remove it".to_owned()),
        fix: unknown.nearest.as_deref().map(|name| Edit::new(range, write(name))),
    }
}

fn wrong_type(expected: &str, value: &Value<'_>) -> Problem {
    let found = match value.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    wrong(value, format!("this is {found}"), &format!("write {expected}"))
}

fn wrong(value: &Value<'_>, message: impl Into<String>, help: &str) -> Problem {
    Problem { range: range(value), message: message.into(), help: help.to_owned(), fix: None }
}

fn sourced<T>(value: T, from: &Value<'_>) -> Sourced<T> {
    Sourced { value, range: Some(range(from)) }
}

fn range(value: &Value<'_>) -> Range {
    Range::from(value.span())
}

impl FromStr for Level {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        if name == OFF {
            return Ok(Self::Off);
        }
        name.parse().map(Self::At).map_err(|_: UnknownName| {
            let severities = Severity::ALL.iter().map(|severity| severity.id());
            UnknownName::new("severity", name, severities.chain([OFF]))
        })
    }
}
