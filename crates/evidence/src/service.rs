//! What is known of public images: what they are, who runs in them, how they are asked for their health, what sets their passwords.
//! It is data: `services.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::image::Image;

/// What is known of an image.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Service {
    /// What it is for.
    pub kind: Kind,
    /// Who runs in it.
    pub user: User,
    /// Whether it asks its own health.
    #[serde(default)]
    pub has_health: bool,
    /// A command in it that tells whether it works.
    pub probe: Option<String>,
    /// Variables that set its passwords.
    #[serde(default)]
    pub passwords: Vec<String>,
    /// Passwords that everybody knows.
    #[serde(default)]
    pub defaults: Vec<String>,
    /// Variables that switch passwords off, with the value that does.
    #[serde(default)]
    pub open: BTreeMap<String, String>,
    /// Words by which code speaks of it, beside its name: client libraries, drivers, schemes of addresses.
    #[serde(default)]
    pub words: Vec<String>,
    /// Other names of images that are like it.
    #[serde(default)]
    aliases: Vec<String>,
}

/// What an image is for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Database,
    Cache,
    Broker,
    Storage,
    Dashboard,
    Monitoring,
    Search,
    Registry,
    Proxy,
    Runtime,
    System,
}

/// Who runs in an image.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum User {
    /// Root, unless a build or the one who starts it says otherwise.
    Root,
    /// A user of its own, at least once it has started.
    Own,
}

impl Service {
    /// What is known of an image; none where nothing is.
    pub fn of(image: &Image) -> Option<&'static Self> {
        let repository = image.repository();
        let two = repository.rmatch_indices('/').nth(1).map_or(repository, |(at, _)| &repository[at + 1..]);
        all().get(two).or_else(|| all().get(image.name())).copied()
    }

    /// What is known of images, in no order.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        self::all().values().copied()
    }

    /// Whether its processes can do their work for ever, as a server does.
    pub fn is_server(&self) -> bool {
        !matches!(self.kind, Kind::Runtime | Kind::System)
    }
}

/// Whether a password is one that everybody tries first, whatever it is for.
pub fn is_well_known_password(text: &str) -> bool {
    const WORDS: [&str; 24] = [
        "password",
        "passw0rd",
        "password1",
        "password123",
        "pass",
        "passwd",
        "secret",
        "admin",
        "admin123",
        "root",
        "toor",
        "test",
        "guest",
        "user",
        "changeme",
        "change-me",
        "change_me",
        "123456",
        "12345678",
        "1234",
        "qwerty",
        "letmein",
        "example",
        "default",
    ];
    WORDS.contains(&text.to_ascii_lowercase().as_str())
}

fn all() -> &'static FxHashMap<&'static str, &'static Service> {
    static ALL: OnceLock<FxHashMap<&'static str, &'static Service>> = OnceLock::new();
    ALL.get_or_init(|| {
        let table: BTreeMap<String, Service> =
            toml::from_str(include_str!("../services.toml")).unwrap_or_default();
        let table: &'static BTreeMap<String, Service> = Box::leak(Box::new(table));
        let names = table.iter().flat_map(|(name, service)| {
            std::iter::once(name).chain(&service.aliases).map(move |name| (name.as_str(), service))
        });
        names.collect()
    })
}

#[cfg(test)]
mod tests {
    use shipworthy_syntax::Range;

    use super::*;

    #[test]
    fn images_are_known_by_their_last_part() {
        let of =
            |reference: &str| Service::of(&Image { range: Range::empty(0), reference: reference.to_owned() });
        assert_eq!(of("bitnami/postgresql:16").unwrap().kind, Kind::Database);
        assert_eq!(of("docker.io/library/python:3.12-slim").unwrap().user, User::Root);
        assert!(of("mcr.microsoft.com/mssql/server:2022").is_some());
        assert!(of("registry.example.com/shop/api").is_none());
        assert!(Service::all().count() > 50);
    }
}
