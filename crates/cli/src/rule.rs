//! `shipworthy rule` and `shipworthy capability`.

use std::fmt::Write as _;

use shipworthy_rules::RULES;

use crate::arguments::{Format, Rule};
use crate::{Outcome, output};

/// Shows a rule's page, or the catalogue.
pub(crate) fn run(command: &Rule) -> Result<Outcome, String> {
    let chosen: Vec<_> = match &command.name {
        Some(name) => {
            let found = RULES.iter().find(|r| r.name == name);
            vec![*found.ok_or_else(|| unknown(name))?]
        }
        None => RULES.to_vec(),
    };
    let text = match (command.output_format, &command.name) {
        (Format::Json, _) => format!("{:#}\n", shipworthy_report::catalogue(&chosen)),
        (Format::Text, Some(_)) => chosen.iter().map(|r| format!("{}\n\n{}", r.name, r.page)).collect(),
        (Format::Text, None) => chosen.iter().fold(String::new(), |mut list, rule| {
            let _ = writeln!(list, "{:<32} {:<8} {}", rule.name, rule.severity, rule.summary());
            list
        }),
    };
    output::write(&text)?;
    Ok(Outcome::Sound)
}

fn unknown(name: &str) -> String {
    let nearest = shipworthy_audit::name::nearest(name, RULES.iter().map(|r| r.name));
    let hint = nearest.map(|n| format!("; did you mean {n}?")).unwrap_or_default();
    format!("no rule is called {name}{hint} (`shipworthy rule --all` lists them)")
}

/// Shows the capabilities.
pub(crate) fn capabilities(command: &Rule) -> Result<Outcome, String> {
    if let Some(name) = &command.name {
        return Err(format!("no capability is called {name}"));
    }
    if command.output_format == Format::Json {
        output::write("{\"version\": 1, \"capabilities\": []}\n")?;
    }
    Ok(Outcome::Sound)
}
