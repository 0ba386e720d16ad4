//! The column of `docs/precision.md` that a program can count; what was read and how much of it was wrong is written by hand.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, ensure};

use crate::repository;

/// Findings in view, by rule, in audits of all projects.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) findings: BTreeMap<String, usize>,
}

impl Counts {
    /// Writes how many findings there are into each rule's row.
    pub(super) fn write(&self) -> anyhow::Result<()> {
        let path = repository().join("docs/precision.md");
        let page = fs::read_to_string(&path)?;
        let lines = page.lines().map(|line| self.row(line).unwrap_or_else(|| line.to_owned()));
        let written = lines.collect::<Vec<_>>().join("\n") + "\n";
        for rule in self.findings.keys() {
            ensure!(written.contains(&format!("| [{rule}](")), "{rule} has no row in {}", path.display());
        }
        fs::write(&path, written).with_context(|| format!("writing {}", path.display()))
    }

    /// A rule's row with its count; none for any other line.
    fn row(&self, line: &str) -> Option<String> {
        let rule = line.strip_prefix("| [")?.split_once("](rules/")?.0;
        let mut cells: Vec<&str> = line.split('|').collect();
        let count = grouped(self.findings.get(rule).copied().unwrap_or(0));
        let cell = format!(" {count} ");
        *cells.get_mut(3)? = &cell;
        Some(cells.join("|"))
    }
}

/// A number with a comma between thousands.
fn grouped(number: usize) -> String {
    if number < 1000 {
        return number.to_string();
    }
    format!("{},{:03}", grouped(number / 1000), number % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gets_its_count_and_keeps_the_rest() {
        let counts = Counts { findings: [("sql-injection".to_owned(), 1_234_005)].into() };
        let row = "| [sql-injection](rules/sql-injection.md) | blocking | 7 | 5 | 0 | Read: 7, by `a|b`. |";
        assert_eq!(
            counts.row(row).unwrap(),
            "| [sql-injection](rules/sql-injection.md) | blocking | 1,234,005 | 5 | 0 | Read: 7, by `a|b`. |"
        );
        assert_eq!(counts.row("| open-webui | FastAPI | 602 |"), None);
        let other = "| [dead](rules/dead.md) | low | 7 | 5 | 0 | |";
        assert_eq!(counts.row(other).unwrap(), "| [dead](rules/dead.md) | low | 0 | 5 | 0 | |");
    }
}
