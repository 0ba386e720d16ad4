//! Pages of capabilities, for readers.

use std::fmt::Write as _;

use super::catalogue::{Catalogue, Declared, Definition, Place, Proof, Strength};

impl Catalogue {
    /// When a capability applies, in words.
    pub fn applies(&self, definition: &Definition) -> String {
        if definition.applies.is_empty() {
            return "always".to_owned();
        }
        let say = |term: &str| match term.strip_prefix("capability:") {
            Some(other) => {
                format!("{} is there", self.get(other).map_or(other, |c| c.title.as_str()).to_lowercase())
            }
            None => self.condition(term).map_or_else(|| term.to_owned(), |c| c.summary.clone()),
        };
        let all = |terms: Vec<&str>| terms.into_iter().map(say).collect::<Vec<_>>().join(" and ");
        definition.terms().map(all).collect::<Vec<_>>().join(", or ")
    }

    /// The page of a capability: what it is, when it applies, what counts as evidence.
    pub fn page(&self, definition: &Definition) -> String {
        let mut page = String::new();
        let category = definition.category.map_or("", crate::level::Category::id);
        let _ = writeln!(page, "# {}\n\n{}\n", definition.title, definition.summary.trim());
        let weight = match definition.weight {
            1 => "1 (nice to have)",
            2 => "2 (expected)",
            _ => "3 (blocks production)",
        };
        let _ = writeln!(
            page,
            "- Category: {category}\n- Weight: {weight}\n- Applies: {}\n",
            self.applies(definition)
        );
        let _ = writeln!(page, "## What counts\n\n{}\n", definition.counts.trim());
        let _ = writeln!(page, "## Evidence that is looked for\n");
        for proof in &definition.evidence {
            proof.write(&mut page);
        }
        definition.declared.write(&mut page);
        page
    }
}

impl Proof {
    fn write(&self, page: &mut String) {
        let part = if self.part.is_empty() { String::new() } else { format!("**{}**: ", self.part) };
        let place = match self.place {
            Place::Production => "",
            Place::Tests => " (in tests)",
            Place::Anywhere => " (anywhere)",
        };
        let strength = if self.strength == Strength::Partial { " (partial)" } else { "" };
        let mut say = |what: &str, names: &[String]| {
            if !names.is_empty() {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let _ = writeln!(page, "- {part}{what}{place}{strength}: {}", names.join(", "));
            }
        };
        say("Python", &self.python);
        say("Go", &self.go);
        say("Rust", &self.rust);
        say("calls that in the vocabulary play the part", &self.roles);
        say("calls with the effect", &self.effects);
        say("calls of", &self.called);
        say("settings, fields and arguments", &self.names);
        say("definitions", &self.defines);
        say("but not", &self.except);
        say("base classes", &self.bases);
        say("texts", &self.strings);
        say("routes", &self.routes);
        say("files", &self.files);
        say("that hold", &self.text);
        say("steps of continuous integration and hooks", &self.steps);
        say("Kubernetes objects", &self.kinds);
        say("instructions of Dockerfiles", &self.instructions);
        say("images", &self.images);
        say("the share of sound places by the rules", &self.sound);
        if !self.covered.is_empty() {
            let _ = writeln!(page, "- {part}the share of routes with {}", self.covered);
        }
        if self.tests {
            let _ = writeln!(page, "- {part}test functions");
        }
    }
}

impl Declared {
    fn write(&self, page: &mut String) {
        let kinds = [
            ("dependencies", &self.dependencies),
            ("images", &self.images),
            ("variables of the environment", &self.variables),
        ];
        for (what, names) in kinds {
            if !names.is_empty() {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let _ = writeln!(page, "- declared only, and no proof: {what} {}", names.join(", "));
            }
        }
    }
}
