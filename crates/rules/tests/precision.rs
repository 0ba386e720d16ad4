//! `docs/precision.md` says for each rule how many of its findings were wrong, once, and admits it where that is more than it may be.

use std::fs;
use std::path::Path;

use shipworthy_audit::level::Severity;
use shipworthy_rules::RULES;

/// The largest share of wrong findings that a rule aims at, in percent.
fn aim(severity: Severity) -> u32 {
    match severity {
        Severity::Blocking | Severity::High => 5,
        Severity::Medium => 10,
        Severity::Low => 20,
    }
}

struct Row<'p> {
    rule: &'p str,
    severity: &'p str,
    read: u32,
    wrong: u32,
    notes: &'p str,
}

impl<'p> Row<'p> {
    fn read(line: &'p str) -> Option<Self> {
        let cells: Vec<_> =
            line.strip_prefix("| [")?.strip_suffix('|')?.splitn(6, '|').map(str::trim).collect();
        let &[name, severity, _, read, wrong, notes] = cells.as_slice() else { return None };
        let (rule, _) = name.split_once("](rules/")?;
        Some(Self { rule, severity, read: read.parse().ok()?, wrong: wrong.parse().unwrap_or(0), notes })
    }
}

#[test]
fn each_rule_has_one_row_that_admits_what_is_too_much() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/precision.md");
    let page = fs::read_to_string(path).unwrap();
    let rows: Vec<_> = page.lines().filter_map(Row::read).collect();
    let mut rules: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    rules.sort_unstable();
    assert_eq!(rows.iter().map(|row| row.rule).collect::<Vec<_>>(), rules, "one row a rule, in order");
    for row in rows {
        let rule = RULES.iter().find(|rule| rule.name == row.rule).unwrap();
        assert_eq!(row.severity, rule.severity.to_string(), "{}", row.rule);
        let over = row.wrong * 100 > row.read * aim(rule.severity);
        assert_eq!(
            row.notes.contains("ver the bar"),
            over,
            "{}: {} of {} wrong",
            row.rule,
            row.wrong,
            row.read
        );
    }
}
