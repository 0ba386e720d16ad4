//! The environment of a file: what its names mean to every function in it.

use std::collections::BTreeMap;

use shipworthy_syntax::Language;

use crate::fact::Facts;
use crate::summary::Origin;
use crate::vocabulary::Vocabulary;

/// The names that a file binds at its top level.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Environment {
    /// The language.
    pub language: Language,
    /// The name under which others import the file.
    pub module: Box<str>,
    /// The file's path in the workspace, with `/`.
    pub path: Box<str>,
    /// Imports and definitions, by local name, in absolute names.
    names: BTreeMap<Box<str>, Origin>,
}

impl Environment {
    /// An environment without names.
    pub fn new(language: Language, module: &str, path: &str) -> Self {
        Self { language, module: module.into(), path: path.into(), names: BTreeMap::new() }
    }

    /// Adds what the imports of an item bind.
    pub fn add_imports(&mut self, facts: &Facts) {
        for import in &facts.imports {
            if matches!(&*import.local, "*" | "_") {
                continue;
            }
            let absolute = self.absolute_import(&import.path);
            // An unconditional import wins over the fallback of a `try`.
            if import.conditional && self.names.contains_key(&import.local) {
                continue;
            }
            self.names.insert(import.local.clone(), Origin::Item(absolute.into()));
        }
    }

    /// Adds a definition or a module-level variable of the file.
    pub fn define(&mut self, name: &str) {
        let absolute = self.absolute(name);
        self.names.insert(name.into(), Origin::Item(absolute.into()));
    }

    /// What a name of the file's top level stands for.
    pub fn lookup(&self, name: &str) -> Option<&Origin> {
        self.names.get(name)
    }

    /// Its names with what they stand for, in order.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.names.iter().map(|(name, origin)| (&**name, origin))
    }

    /// The absolute name of one of the file's own definitions.
    pub fn absolute(&self, name: &str) -> String {
        format!("{}{}{name}", self.module, self.separator())
    }

    fn separator(&self) -> &'static str {
        if self.language == Language::Rust { "::" } else { "." }
    }

    /// An import's path without relativity: Python's leading dots, Rust's `self`, `super` and names that the file itself imports.
    fn absolute_import(&self, path: &str) -> String {
        match self.language {
            Language::Go => path.to_owned(),
            Language::Python => {
                let dots = path.len() - path.trim_start_matches('.').len();
                if dots == 0 {
                    return path.to_owned();
                }
                let package_file = self.path.ends_with("__init__.py");
                let up = if package_file { dots - 1 } else { dots };
                let mut package: Vec<&str> = self.module.split('.').collect();
                package.truncate(package.len().saturating_sub(up));
                let rest = path.trim_start_matches('.');
                if !rest.is_empty() {
                    package.push(rest);
                }
                package.join(".")
            }
            Language::Rust => {
                let mut module: Vec<&str> = self.module.split("::").collect();
                let mut rest = path;
                let mut relative = false;
                while let Some(inner) = rest.strip_prefix("super::") {
                    module.pop();
                    rest = inner;
                    relative = true;
                }
                if let Some(inner) = rest.strip_prefix("self::") {
                    rest = inner;
                    relative = true;
                }
                if relative { format!("{}::{rest}", module.join("::")) } else { rest.to_owned() }
            }
        }
    }

    /// The absolute name of the type that an annotation means, without references, optionality and transparent wrappers; none where
    /// it names none.
    pub fn annotation(&self, text: &str, vocabulary: &Vocabulary) -> Option<String> {
        let mut text = text.trim();
        // Each round takes one layer off; annotations are never nested this deep.
        for _ in 0..12 {
            text = text.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
            if let Some(inner) = text.strip_prefix(['&', '*']) {
                text = inner;
            } else if let Some(inner) =
                ["mut ", "dyn ", "impl ", "const "].iter().find_map(|p| text.strip_prefix(p))
            {
                text = inner;
            } else if self.language == Language::Rust && text.starts_with('\'') {
                text = text.split_once(' ').map_or("", |(_, rest)| rest);
            } else if self.language == Language::Python && top_level(text, '|').is_some() {
                let (left, right) = top_level(text, '|')?;
                text = if left.trim() == "None" { right } else { left };
            } else if let Some((outer, inside)) = generic(text, self.language) {
                let outer_path = self.type_name(outer)?;
                let wraps = vocabulary.type_of(&outer_path).is_some_and(|t| t.wraps);
                if !wraps {
                    return Some(outer_path);
                }
                text = top_level(inside, ',').map_or(inside, |(first, _)| first);
            } else {
                return self.type_name(text);
            }
        }
        None
    }

    /// The absolute name of a type written without arguments.
    fn type_name(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let separator = self.separator();
        let (first, rest) = match text.split_once(separator) {
            Some((first, rest)) => (first, Some(rest)),
            None => (text, None),
        };
        if first.is_empty() || !first.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let path = match self.names.get(first) {
            Some(Origin::Item(path)) => path.to_string(),
            Some(_) => return None,
            // Another file of the package may define a Go type.
            None if self.language == Language::Go
                && rest.is_none()
                && first.starts_with(char::is_uppercase) =>
            {
                self.absolute(first)
            }
            None if self.language == Language::Go && rest.is_none() && !GO_BUILTIN.contains(&first) => {
                self.absolute(first)
            }
            None => first.to_owned(),
        };
        Some(match rest {
            Some(rest) => format!("{path}{separator}{rest}"),
            None => path,
        })
    }
}

/// Go's predeclared types (the language specification, "Predeclared identifiers").
const GO_BUILTIN: &[&str] = &[
    "any",
    "bool",
    "byte",
    "comparable",
    "complex64",
    "complex128",
    "error",
    "float32",
    "float64",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "rune",
    "string",
    "uint",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uintptr",
];

/// `Outer[inside]` or `Outer<inside>`.
fn generic(text: &str, language: Language) -> Option<(&str, &str)> {
    let (open, close) = if language == Language::Rust { ('<', '>') } else { ('[', ']') };
    let start = text.find(open)?;
    let inside = text.strip_suffix(close)?.get(start + 1..)?;
    (start > 0).then(|| (&text[..start], inside))
}

/// The two sides of the first separator outside brackets.
fn top_level(text: &str, separator: char) -> Option<(&str, &str)> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' | '<' | '{' => depth += 1,
            ']' | ')' | '>' | '}' => depth -= 1,
            _ if c == separator && depth == 0 => return Some((&text[..at], &text[at + c.len_utf8()..])),
            _ => {}
        }
    }
    None
}
