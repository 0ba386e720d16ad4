use proptest::prelude::*;
use shipworthy_syntax::Range;

use super::*;
use crate::rule::{Audience, OptionValue, RuleOption, Run, Scope};

const fn rule(name: &'static str, options: &'static [RuleOption]) -> Rule {
    Rule {
        name,
        category: Category::Errors,
        severity: Severity::High,
        scope: Scope::File,
        fixes: &[],
        options,
        gathered: None,
        audience: Audience::Production,
        page: "Something is wrong\n\nMore about it.",
        runs: &[Run::Nodes(&[], |_, _| {})],
    }
}

const fn option(name: &'static str, default: OptionValue) -> RuleOption {
    RuleOption { name, default, description: "What it does." }
}

static MISSING_TIMEOUT: Rule = rule("missing-timeout", &[]);
static HARDCODED_SECRET: Rule = rule("hardcoded-secret", &[]);
static OVERSIZED_UNIT: Rule = rule(
    "oversized-unit",
    &[
        option("max-lines", OptionValue::Integer(1000)),
        option("count-comments", OptionValue::Boolean(false)),
        option("style", OptionValue::String("plain")),
        option("names", OptionValue::Strings(&["main"])),
    ],
);
static CATALOGUE: [&Rule; 3] = [&HARDCODED_SECRET, &MISSING_TIMEOUT, &OVERSIZED_UNIT];

fn parse(text: &str) -> (Settings, Vec<Problem>) {
    let (settings, problems) = Settings::parse(text, SettingsFile::Shipworthy, &CATALOGUE);
    (settings.expect("TOML"), problems)
}

/// The settings of a text without mistakes.
fn good(text: &str) -> Settings {
    let (settings, problems) = parse(text);
    assert_eq!(problems, []);
    settings
}

/// Each problem as the text it stands on, its message and its help.
fn problems(text: &str) -> Vec<(&str, String, String)> {
    shown(text, parse(text).1)
}

fn shown(text: &str, problems: Vec<Problem>) -> Vec<(&str, String, String)> {
    let shown =
        |problem: Problem| (&text[std::ops::Range::from(problem.range)], problem.message, problem.help);
    problems.into_iter().map(shown).collect()
}

/// The only problem of a text.
#[track_caller]
fn problem(text: &str) -> (&str, String, String) {
    let mut all = problems(text);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[track_caller]
fn assert_problem(text: &str, place: &str, message: &str, help: &str) {
    assert_eq!(problem(text), (place, message.to_owned(), help.to_owned()));
}

fn configuration(settings: &Settings, rule: &Rule, path: &str) -> RuleConfiguration {
    let index = CATALOGUE.iter().position(|other| *other == rule).expect("in the catalogue");
    settings.configuration(path).rules[index].clone()
}

const EVERYTHING: &str = r#"
include = ["src/**"]
exclude = ["generated/**"]
minimum-confidence = "low"
fail-on = "high"
[rules]
missing-timeout = "off"
oversized-unit = { severity = "low", max-lines = 2000, count-comments = true, style = "x", names = ["a", "b"] }
hardcoded-secret = { exclude = ["tests/**"] }
[weights]
security = 30
"#;

#[test]
fn every_setting_is_read() {
    let settings = good(EVERYTHING);
    assert!(settings.includes("src/a.py") && !settings.includes("lib/a.py"));
    assert!(settings.excludes("generated/a.py") && settings.excludes("generated"));
    assert_eq!(settings.minimum_confidence(), Confidence::Low);
    assert_eq!(settings.configuration("src/a.py").minimum_confidence, Confidence::Low);
    assert_eq!(settings.fail_on(), Severity::High);
    assert!(!configuration(&settings, &MISSING_TIMEOUT, "src/a.py").enabled);

    let oversized = configuration(&settings, &OVERSIZED_UNIT, "src/a.py");
    assert!(oversized.enabled);
    assert_eq!(oversized.severity, Some(Severity::Low));
    assert_eq!(oversized.options.integer("max-lines"), 2000);
    assert!(oversized.options.boolean("count-comments"));
    assert_eq!(oversized.options.string("style"), "x");
    assert_eq!(oversized.options.strings("names"), ["a", "b"]);

    assert!(configuration(&settings, &HARDCODED_SECRET, "src/a.py").enabled);
    assert!(!configuration(&settings, &HARDCODED_SECRET, "tests/a.py").enabled);
    assert_eq!(settings.weight(Category::Security), 30);
    assert_eq!(settings.weight(Category::Data), 10);
}

#[test]
fn an_empty_file_is_the_defaults() {
    let settings = good("");
    assert_eq!(settings, Settings::defaults(&CATALOGUE));
    assert!(settings.includes("anything.py"));
    assert_eq!(settings.minimum_confidence(), Confidence::Medium);
    assert_eq!(settings.fail_on(), Severity::Blocking);
    let oversized = configuration(&settings, &OVERSIZED_UNIT, "a.py");
    assert!(oversized.enabled && oversized.severity.is_none());
    assert_eq!(oversized.options, Options::defaults(&OVERSIZED_UNIT));
}

#[test]
fn exclude_goes_before_include() {
    let settings = good("include = [\"src\"]\nexclude = [\"*_pb2.py\"]");
    assert!(settings.includes("src/a.py"));
    assert!(!settings.includes("src/a_pb2.py"));
}

#[test]
fn pyproject_holds_settings_in_its_own_table() {
    let parse = |text| Settings::parse(text, SettingsFile::Pyproject, &CATALOGUE);
    let (settings, problems) = parse("[project]\nname = 3\n[tool.shipworthy]\nfail-on = \"low\"\nx = 1");
    assert_eq!(settings.map(|settings| settings.fail_on()), Some(Severity::Low));
    assert_eq!(problems.len(), 1);
    assert_eq!(parse("[tool.ruff]\nx = 1"), (None, Vec::new()));
    assert_eq!(parse("[tool.ruff]\nx = "), (None, Vec::new()), "another tool's mistake is not ours to tell");
    let (settings, problems) = parse("[tool]\nshipworthy = true");
    assert!(settings.is_none() && problems[0].help == "write a table");
    let (settings, problems) = parse("[tool.shipworthy]\nfail-on = ");
    assert!(settings.is_none() && !problems.is_empty());
}

#[test]
fn an_unknown_setting_suggests_the_nearest() {
    assert_problem(
        "exclud = [\"a\"]\nfail-on = \"low\"",
        "exclud",
        "there is no setting `exclud`",
        "did you mean `exclude`?",
    );
    assert_problem("weather = 1", "weather", "there is no setting `weather`", "remove it");
}

#[test]
fn an_unknown_rule_suggests_the_nearest_and_its_fix_renames_it() {
    let text = "[rules]\nmising-timeout = \"off\"";
    assert_problem(
        text,
        "mising-timeout",
        "there is no rule `mising-timeout`",
        "did you mean `missing-timeout`?",
    );
    let fix = parse(text).1.remove(0).fix.expect("a fix");
    let mut fixed = text.to_owned();
    fixed.replace_range(std::ops::Range::from(fix.range), &fix.text);
    assert_eq!(fixed, "[rules]\nmissing-timeout = \"off\"");
}

#[test]
fn a_name_in_a_value_is_fixed_with_its_quotes() {
    let (_, mut problems) = parse("fail-on = 'hihg'");
    let fix = problems.remove(0).fix.expect("a fix");
    assert_eq!((fix.range, fix.text.as_str()), (Range::new(10, 16), "\"high\""));
}

#[test]
fn an_unknown_option_suggests_the_nearest() {
    assert_problem(
        "[rules.oversized-unit]\nmax_lines = 3",
        "max_lines",
        "there is no option of this rule `max_lines`",
        "did you mean `max-lines`?",
    );
    assert_problem(
        "rules.missing-timeout.severty = \"off\"",
        "severty",
        "there is no option of this rule `severty`",
        "did you mean `severity`?",
    );
}

#[test]
fn unknown_severities_confidences_and_categories_suggest_the_nearest() {
    assert_problem("fail-on = \"hgh\"", "\"hgh\"", "there is no severity `hgh`", "did you mean `high`?");
    assert_problem(
        "minimum-confidence = \"meduim\"",
        "\"meduim\"",
        "there is no confidence `meduim`",
        "did you mean `medium`?",
    );
    assert_problem(
        "rules.missing-timeout = \"of\"",
        "\"of\"",
        "there is no severity `of`",
        "did you mean `off`?",
    );
    assert_problem(
        "weights.secruity = 3",
        "secruity",
        "there is no category `secruity`",
        "did you mean `security`?",
    );
}

#[test]
fn a_wrong_type_says_what_to_write() {
    assert_problem("include = \"src\"", "\"src\"", "this is a string", "write a list of strings");
    assert_problem("exclude = [\"a\", 3]", "3", "this is a whole number", "write a string");
    assert_problem("fail-on = true", "true", "this is a truth value", "write a string");
    assert_problem("rules = []", "[]", "this is a list", "write a table");
    assert_problem(
        "rules.missing-timeout = false",
        "false",
        "this is a truth value",
        "write a severity, `\"off\"` or a table with the rule's options",
    );
    assert_problem(
        "rules.oversized-unit.max-lines = 1.5",
        "1.5",
        "this is a fraction",
        "write a whole number",
    );
    assert_problem(
        "rules.oversized-unit.count-comments = 1",
        "1",
        "this is a whole number",
        "write `true` or `false`",
    );
    assert_problem(
        "rules.oversized-unit.names = [\"a\", 2020-01-01]",
        "2020-01-01",
        "this is a date",
        "write a string",
    );
}

#[test]
fn numbers_are_read_in_every_form_and_held_to_their_limits() {
    let lines = |text: &str| {
        let settings = good(&format!("rules.oversized-unit.max-lines = {text}"));
        configuration(&settings, &OVERSIZED_UNIT, "a").options.integer("max-lines")
    };
    assert_eq!((lines("2_000"), lines("0xff"), lines("-1")), (2000, 255, -1));
    assert_problem(
        "rules.oversized-unit.max-lines = 99999999999999999999",
        "99999999999999999999",
        "this number is out of range",
        "write one of at most 64 bits",
    );
    assert_problem("weights.data = 101", "101", "`101` is no weight", "write a number from 0 to 100");
    assert_problem("weights.data = -1", "-1", "`-1` is no weight", "write a number from 0 to 100");
}

#[test]
fn some_category_must_weigh_something() {
    let text: String =
        Category::ALL.iter().map(|category| format!("weights.{category} = 0\n")).collect::<String>();
    let (settings, problems) = parse(&text);
    assert_eq!(problems.len(), 1);
    assert_eq!(settings, Settings::defaults(&CATALOGUE));
}

#[test]
fn a_bad_entry_is_left_out_and_the_rest_applies() {
    let (settings, problems) = parse(
        "exclude = [\"a[\", \"b\"]\nfail-on = \"x\"\nrules.missing-timeout = \"off\"\nrules.nothing = \"off\"",
    );
    let places: Vec<_> = problems.iter().map(|problem| problem.range.start).collect();
    assert_eq!(problems.len(), 3);
    assert!(places.is_sorted());
    assert!(problems[0].message.starts_with("this is no pattern: "), "{}", problems[0].message);
    assert!(settings.excludes("b/c.py"));
    assert_eq!(settings.fail_on(), Severity::Blocking);
    assert!(!configuration(&settings, &MISSING_TIMEOUT, "a.py").enabled);
}

#[test]
fn what_is_not_toml_gives_no_settings_and_says_where() {
    let text = "fail-on = \"low\nexclude = []\n";
    let (settings, problems) = Settings::parse(text, SettingsFile::Shipworthy, &CATALOGUE);
    assert!(settings.is_none());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].message.starts_with("this is not TOML: "));
    assert!(problems[0].range.start >= 10 && problems[0].range.end <= 15, "{problems:?}");
    let twice = "fail-on = \"low\"\nfail-on = \"low\"";
    let (settings, problems) = Settings::parse(twice, SettingsFile::Shipworthy, &CATALOGUE);
    assert!(settings.is_none());
    assert!(problems[0].range.start >= 16, "the second one is the mistake: {problems:?}");
}

#[test]
fn places_count_the_byte_order_mark_and_line_ends() {
    let text = "\u{feff}# é\r\nwrong = 1\r\n";
    assert_eq!(problem(text).0, "wrong");
}

#[test]
fn patterns_that_match_nothing_are_told() {
    let text =
        "include = [\"src\"]\nexclude = [\"gen\", \"b.py\"]\nrules.missing-timeout.exclude = [\"tests\"]";
    let settings = good(text);
    let unmatched = shown(text, settings.unmatched(["src/a.py", "src/b.py"].into_iter()));
    let places: Vec<_> = unmatched.iter().map(|(place, _, _)| *place).collect();
    assert_eq!(places, ["\"gen\"", "\"tests\""]);
    assert_eq!(unmatched[0].1, "no file matches `gen`");
}

#[test]
fn every_value_tells_where_it_comes_from() {
    let settings = good(EVERYTHING);
    let entries = settings.entries();
    let entry = |key: &str| entries.iter().find(|entry| entry.key == key).unwrap_or_else(|| panic!("{key}"));
    let shown = |key: &str| {
        let entry = entry(key);
        (entry.value.as_str(), entry.range.map(|range| &EVERYTHING[std::ops::Range::from(range)]))
    };
    assert_eq!(shown("include"), ("[\"src/**\"]", Some("\"src/**\"")));
    assert_eq!(shown("fail-on"), ("\"high\"", Some("\"high\"")));
    assert_eq!(shown("rules.missing-timeout"), ("\"off\"", Some("\"off\"")));
    assert_eq!(shown("rules.oversized-unit"), ("\"low\"", Some("\"low\"")));
    assert_eq!(shown("rules.oversized-unit.max-lines"), ("2000", Some("2000")));
    assert_eq!(shown("rules.hardcoded-secret"), ("\"high\"", None));
    assert_eq!(shown("rules.hardcoded-secret.exclude").1, Some("\"tests/**\""));
    assert_eq!(shown("weights.security"), ("30", Some("30")));
    assert_eq!(shown("weights.data"), ("10", None));
    assert_eq!(entry("rules.missing-timeout").description, "Something is wrong");
}

#[test]
fn the_hash_is_of_the_values_only() {
    let hash = |text| good(text).hash();
    assert_eq!(hash(""), hash("# a comment\nfail-on = \"blocking\"\n"));
    assert_ne!(hash(""), hash("fail-on = \"high\""));
    assert_ne!(hash(""), hash("rules.oversized-unit.max-lines = 1"));
    assert_ne!(hash("exclude = [\"a\", \"b\"]"), hash("exclude = ['a\", \"b']"));
    let only = Settings::parse("", SettingsFile::Shipworthy, &[]).0.expect("settings");
    assert_eq!(only.hash(), 2_668_228_040_069_984_564, "the same in every run and on every machine");
}

#[test]
fn the_schema_has_every_key_that_is_read() {
    let schema = schema(&CATALOGUE);
    let keys: Vec<_> = KEYS.iter().map(|(key, _)| *key).collect();
    let properties = schema["properties"].as_object().expect("properties");
    assert_eq!(properties.keys().collect::<Vec<_>>(), keys);
    for key in keys {
        // Each is wrong as a date, none is unknown.
        assert!(problem(&format!("{key} = 2020-01-01")).1.contains("date"), "{key}");
    }
    let options = &properties["rules"]["properties"]["oversized-unit"]["anyOf"][1]["properties"];
    assert_eq!(options["max-lines"]["default"], 1000);
    assert_eq!(options["severity"]["default"], "high");
    assert_eq!(
        properties["rules"]["properties"]["missing-timeout"]["anyOf"][0]["enum"],
        serde_json::json!(["low", "medium", "high", "blocking", "off"])
    );
    assert_eq!(properties["weights"]["properties"]["security"]["default"], 20);
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn nesting_costs_an_error_and_not_the_stack() {
    for deep in ["[".repeat(100_000), format!("a = {}", "[".repeat(100_000)), "a.".repeat(100_000)] {
        let (settings, problems) = Settings::parse(&deep, SettingsFile::Shipworthy, &CATALOGUE);
        assert!(settings.is_none() && !problems.is_empty());
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in r#"([a-z.=\[\]{}"'\n\r é#-]|include|exclude|rules|weights|"off"|missing-timeout|oversized-unit|max-lines| = |[0-9]){0,40}"#) {
        for file in SettingsFile::ALL {
            let (settings, problems) = Settings::parse(&text, file, &CATALOGUE);
            for problem in &problems {
                prop_assert!(text.get(std::ops::Range::from(problem.range)).is_some(), "{problem:?}");
            }
            if let Some(settings) = settings {
                let _ = settings.includes(&text);
                let _ = settings.configuration("a.py");
                let _ = settings.entries();
            }
        }
    }
}
