//! `shipworthy rule` and `shipworthy capability`.

use std::fmt::Write as _;

use shipworthy_audit::capability::{Catalogue, Definition};
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

/// Shows a capability's page, or the catalogue of capabilities.
pub(crate) fn capabilities(command: &Rule) -> Result<Outcome, String> {
    let catalogue = Catalogue::built_in();
    let chosen: Vec<&Definition> = match &command.name {
        Some(name) => vec![catalogue.get(name).ok_or_else(|| unknown_capability(catalogue, name))?],
        None => catalogue.capabilities.iter().collect(),
    };
    let text = match (command.output_format, &command.name) {
        (Format::Json, _) => format!("{:#}\n", shipworthy_report::capabilities(catalogue, &chosen)),
        (Format::Text, Some(_)) => chosen.iter().map(|c| catalogue.page(c)).collect(),
        (Format::Text, None) => chosen.iter().fold(String::new(), |mut list, capability| {
            let category = capability.category.map_or("", |category| category.id());
            let _ = writeln!(list, "{:<28} {category:<14} {}", capability.id, capability.title);
            list
        }),
    };
    output::write(&text)?;
    Ok(Outcome::Sound)
}

fn unknown_capability(catalogue: &Catalogue, name: &str) -> String {
    let nearest = shipworthy_audit::name::nearest(name, catalogue.capabilities.iter().map(|c| c.id.as_str()));
    let hint = nearest.map(|n| format!("; did you mean {n}?")).unwrap_or_default();
    format!("no capability is called {name}{hint} (`shipworthy capability --all` lists them)")
}
