//! What is known of packages: the modules that they hold, what they bring along, which are used without a line that says so.
//! It is data: `packages.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use crate::manifest::normalize;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Known {
    standard: Names,
    given: Names,
    unseen: Unseen,
    modules: Modules,
    takes: Brings,
    brings: Brings,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    python: BTreeSet<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Unseen {
    python: BTreeSet<String>,
    python_prefixes: Vec<String>,
    python_suffixes: Vec<String>,
    rust: BTreeSet<String>,
    go: BTreeSet<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Modules {
    python: BTreeMap<String, Vec<String>>,
    rust: BTreeMap<String, Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Brings {
    python: BTreeMap<String, Vec<String>>,
}

fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| toml::from_str(include_str!("../packages.toml")).unwrap_or_default())
}

/// Python's packages.
pub mod python {
    use super::{known, normalize};

    /// Whether a module needs no manifest: it is of the standard library, or of what an installation always has.
    pub fn needs_no_package(module: &str) -> bool {
        let top = top(module);
        let known = known();
        known.standard.python.contains(top)
            || known.given.python.iter().any(|given| module == given || within(module, given))
            || top.starts_with('_')
    }

    /// The first part of a module's name.
    pub fn top(module: &str) -> &str {
        module.split('.').next().unwrap_or(module)
    }

    /// Whether the modules of a package are known, and not only guessed from its name.
    pub fn is_known(package: &str) -> bool {
        let name = normalize(package);
        let known = known();
        known.modules.python.contains_key(&name)
            || known.brings.python.contains_key(&name)
            || is_often_brought(&name)
    }

    /// Whether a package may hold a module: it is known to, or its name has all the words of the module's.
    pub fn provides(package: &str, module: &str) -> bool {
        let package = normalize(package);
        let known = known().modules.python.get(&package);
        let holds = |own: &String| module == own || within(module, own) || within(own, module);
        if known.is_some_and(|modules| modules.iter().any(holds)) {
            return true;
        }
        let top = top(module).to_ascii_lowercase();
        if top.is_empty() {
            return false;
        }
        let flat = package.replace('-', "");
        let bare = top.replace('_', "");
        // `python-jose`, `pyhocon`, `tavily-python`
        let trimmed = flat.strip_prefix("python").or(flat.strip_prefix("py")).unwrap_or(&flat);
        let trimmed = trimmed.strip_suffix("python").or(trimmed.strip_suffix("py")).unwrap_or(trimmed);
        let words: Vec<&str> = package.split('-').collect();
        let has_words = top.split('_').filter(|word| !word.is_empty()).all(|word| words.contains(&word));
        flat == bare || trimmed == bare || has_words
    }

    /// The modules of a package that are known.
    pub fn modules(package: &str) -> &'static [String] {
        known().modules.python.get(&normalize(package)).map_or(&[], Vec::as_slice)
    }

    /// The package that is known to hold a module of another name.
    pub fn package_of(module: &str) -> Option<&'static str> {
        let holds = |own: &String| module == own || within(module, own);
        let mut known = known().modules.python.iter();
        known.find(|(_, modules)| modules.iter().any(holds)).map(|(package, _)| package.as_str())
    }

    /// What a package brings along, as far as that is known.
    pub fn brings(package: &str) -> &'static [String] {
        known().brings.python.get(&normalize(package)).map_or(&[], Vec::as_slice)
    }

    /// What a package uses where it is installed, as far as that is known.
    pub fn takes(package: &str) -> &'static [String] {
        known().takes.python.get(&normalize(package)).map_or(&[], Vec::as_slice)
    }

    /// Whether packages are known to bring a package along.
    pub fn is_often_brought(package: &str) -> bool {
        let name = normalize(package);
        known().brings.python.values().flatten().any(|brought| *brought == name)
    }

    /// Whether a package is used where no code names it.
    pub fn is_unseen(package: &str) -> bool {
        let name = normalize(package);
        let unseen = &known().unseen;
        unseen.python.contains(&name)
            || unseen.python_prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()))
            || unseen.python_suffixes.iter().any(|suffix| name.ends_with(suffix.as_str()))
    }

    /// Whether a module is below another.
    fn within(module: &str, other: &str) -> bool {
        module.strip_prefix(other).is_some_and(|rest| rest.starts_with('.'))
    }
}

/// Rust's packages.
pub mod rust {
    use super::known;

    /// The names by which code speaks of a package.
    pub fn names(package: &str) -> Vec<String> {
        match known().modules.rust.get(package) {
            Some(names) => names.clone(),
            None => {
                let own = package.replace('-', "_");
                // `rust-ini`, `xml-rs`, `serde-tuple-vec-map`: the library may leave out what the package's name begins or ends with.
                let short = ["rust_", "rs_", "serde_"].iter().find_map(|start| own.strip_prefix(start));
                let short = short.or(own.strip_suffix("_rs")).or(own.strip_suffix("_rust"));
                short
                    .map(str::to_owned)
                    .filter(|short| short.contains('_') || !own.starts_with("serde"))
                    .into_iter()
                    .chain([own.clone()])
                    .collect()
            }
        }
    }

    /// Whether a package is used where no code names it.
    pub fn is_unseen(package: &str) -> bool {
        known().unseen.rust.contains(package) || package.ends_with("-sys") || package.ends_with("-src")
    }
}

/// Go's modules.
pub mod go {
    use super::known;

    /// Whether a module is used by code that programs write, which is not always kept.
    pub fn is_unseen(module: &str) -> bool {
        known().unseen.go.contains(module)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_read() {
        let parsed: Result<Known, _> = toml::from_str(include_str!("../packages.toml"));
        assert!(parsed.is_ok(), "{:?}", parsed.err());
        for name in known()
            .modules
            .python
            .keys()
            .chain(known().brings.python.keys())
            .chain(known().takes.python.keys())
        {
            assert_eq!(*name, normalize(name));
        }
    }

    #[test]
    fn packages_provide_modules() {
        for (package, module) in [
            ("PyYAML", "yaml"),
            ("google-cloud-storage", "google.cloud.storage"),
            ("google-cloud-storage", "google.cloud"),
            ("python-jose", "jose"),
            ("ruamel.yaml", "ruamel.yaml"),
            ("SQLAlchemy", "sqlalchemy.orm"),
            ("pyhocon", "pyhocon"),
        ] {
            assert!(python::provides(package, module), "{package} {module}");
        }
        assert!(!python::provides("requests", "redis") && !python::provides("protobuf", "yaml"));
        assert!(python::needs_no_package("os.path") && !python::needs_no_package("yaml"));
        assert_eq!(rust::names("md-5"), ["md5"]);
        assert!(rust::names("serde-tuple-vec-map").contains(&"tuple_vec_map".to_owned()));
        assert_eq!(rust::names("serde_json"), ["serde_json"]);
        assert!(!python::provides("requests", ""));
    }
}
