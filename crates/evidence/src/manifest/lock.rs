//! Lock files: the versions that were chosen. They are written by programs, and too large to be audited.

use std::collections::BTreeMap;

/// What a lock file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The chosen version of each package.
    pub packages: BTreeMap<String, String>,
}

impl Lock {
    /// Their names.
    pub const NAMES: [&str; 7] =
        ["poetry.lock", "uv.lock", "pdm.lock", "Cargo.lock", "Pipfile.lock", "go.sum", "pylock.toml"];

    /// Whether a file is one, by its path.
    pub fn is_one(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        Self::NAMES.contains(&name) || name.starts_with("pylock.") && name.ends_with("toml")
    }

    /// Reads a lock file, as far as it goes.
    pub fn read(path: &str, text: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let packages = match name {
            "go.sum" => go(text),
            "Pipfile.lock" => pipfile(text),
            _ => packages(text),
        };
        Self { packages }
    }
}

fn go(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let modules = lines.filter_map(|words| match words[..] {
        [name, version, _] if !version.ends_with("/go.mod") => Some((name.to_owned(), version.to_owned())),
        _ => None,
    });
    modules.collect()
}

fn pipfile(text: &str) -> BTreeMap<String, String> {
    let lock: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let tables = ["default", "develop"].into_iter().filter_map(|table| lock.get(table)?.as_object());
    let packages = tables.flatten().map(|(name, package)| {
        let version = package.get("version").and_then(|version| version.as_str()).unwrap_or_default();
        (name.clone(), version.trim_start_matches("==").to_owned())
    });
    packages.collect()
}

/// `[[package]]` tables with `name` and `version`, which is how all the others write it.
fn packages(text: &str) -> BTreeMap<String, String> {
    let mut packages = BTreeMap::new();
    let mut name: Option<&str> = None;
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with('[') {
            inside = matches!(line.trim(), "[[package]]" | "[[packages]]");
            name = None;
        } else if let (true, Some((key, value))) = (inside, line.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match key.trim() {
                "name" => name = Some(value),
                "version" => packages.extend(name.map(|name| (name.to_owned(), value.to_owned()))),
                _ => {}
            }
        }
    }
    packages
}
