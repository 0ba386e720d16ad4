//! Servers that are started by a command. What is known of them is data: `servers.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

/// A server.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its program.
    pub name: String,
    /// The options that bound how long it waits.
    pub timeouts: Vec<String>,
    /// Variables that it reads options from.
    #[serde(default)]
    pub environment: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Servers {
    server: Vec<Server>,
}

impl Server {
    /// What is known.
    pub fn all() -> &'static [Self] {
        static ALL: OnceLock<Servers> = OnceLock::new();
        &ALL.get_or_init(|| toml::from_str(include_str!("../servers.toml")).unwrap_or_default()).server
    }
}

/// Whether a timeout of this value is none.
pub fn is_off(value: &str) -> bool {
    value.parse::<f64>().is_ok_and(|seconds| seconds == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_can_be_read() {
        assert!(Server::all().iter().any(|server| server.name == "gunicorn"));
        assert!(is_off("0") && is_off("0.0") && !is_off("30") && !is_off("x"));
    }
}
