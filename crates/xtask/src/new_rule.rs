//! A new rule: one file to fill in.

use std::fs;

use anyhow::{Result, bail};

use crate::generate::{CATEGORIES, Generate};
use crate::repository;

/// Writes the skeleton of a rule and puts it into the catalogue: `cargo xtask new-rule security/plaintext-transport`.
#[derive(clap::Args)]
pub(crate) struct NewRule {
    /// Category and name, with hyphens.
    rule: String,
}

impl NewRule {
    pub(crate) fn run(&self) -> Result<()> {
        let Some((category, name)) = self.rule.split_once('/') else {
            bail!("say CATEGORY/NAME, for instance security/plaintext-transport");
        };
        if !CATEGORIES.contains(&category) {
            bail!("no category {category:?}: one of {}", CATEGORIES.join(", "));
        }
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
            bail!("a rule's name is in lower case with hyphens, not {name:?}");
        }
        let file = repository()
            .join("crates/rules/src")
            .join(category)
            .join(format!("{}.rs", name.replace('-', "_")));
        if file.exists() {
            bail!("{} exists", file.display());
        }
        let title = category[..1].to_uppercase() + &category[1..];
        fs::create_dir_all(file.parent().unwrap_or(&file))?;
        fs::write(&file, SKELETON.replace("NAME", name).replace("CATEGORY", &title))?;
        println!("{}", file.display());
        Generate::default().run()
    }
}

const SKELETON: &str = r#"use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Kind, Node};

rule! {
    /// What is wrong, as a sentence
    ///
    /// What goes wrong in production, why, and what to do.
    ///
    /// ```python bad
    /// replace()
    /// ^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// near_miss()
    /// ```
    name: "NAME",
    category: CATEGORY,
    severity: Medium,
    scope: File,
    on: [Fact(Kind::Call)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    cx.site();
    if call.callee().is_some_and(|c| c.name() == "replace") {
        let finding = cx
            .finding(call, format!("`{}` is ...", call.text()))
            .why("Why it matters.")
            .help("What to do.");
        cx.report(finding);
    }
}
"#;
