//! `Cargo.toml`.

use super::table::{Entry, Node, Toml};
use super::{Dependency, Include, IncludeKind, Manifest, Purpose};
use crate::file::Read;

const TABLES: [(&str, Purpose); 5] = [
    ("dependencies", Purpose::Runtime),
    ("dev-dependencies", Purpose::Development),
    ("dev_dependencies", Purpose::Development),
    ("build-dependencies", Purpose::Build),
    ("build_dependencies", Purpose::Build),
];

pub(super) fn read(text: &str) -> Read<Manifest> {
    let toml = Toml::parse(text);
    let mut manifest =
        Manifest { name: toml.at(&["package", "name"]).and_then(Node::word), ..Manifest::default() };
    for (table, purpose) in TABLES {
        let entries = toml.entries(&[table]);
        manifest.dependencies.extend(entries.iter().map(|entry| dependency(entry, purpose, None)));
    }
    // A workspace declares versions that its members take.
    let shared = toml.entries(&["workspace", "dependencies"]);
    manifest
        .dependencies
        .extend(shared.iter().map(|entry| dependency(entry, Purpose::Runtime, Some("workspace"))));
    for target in toml.entries(&["target"]) {
        for (table, purpose) in TABLES {
            let entries = target.value.get(table).map(Node::entries).unwrap_or_default();
            let own = entries.iter().map(|entry| dependency(entry, purpose, Some(&target.key.text)));
            manifest.dependencies.extend(own);
        }
    }
    let members = toml.at(&["workspace", "members"]).into_iter().flat_map(Node::items).filter_map(Node::word);
    manifest.includes.extend(members.map(|path| Include { path, kind: IncludeKind::Member }));
    for feature in toml.entries(&["features"]) {
        let parts = feature.value.items().filter_map(Node::text).map(str::to_owned);
        manifest.features.push((feature.key.text, parts.collect()));
    }
    Read { content: manifest, comments: toml.comments, spans: Vec::new(), unread: toml.unread }
}

/// `serde = "1"`, `serde = {version = "1", optional = true}`, `serde.workspace = true`.
fn dependency(entry: &Entry<'_, '_>, purpose: Purpose, group: Option<&str>) -> Dependency {
    let value = entry.value;
    let text = |key: &str| value.get(key).and_then(Node::text);
    let renamed = text("package").filter(|package| *package != entry.key.text);
    let is_optional = value.get("optional").is_some_and(Node::is_true);
    Dependency {
        alias: renamed.map(|_| entry.key.text.clone()),
        version: value.text().or_else(|| text("version")).unwrap_or_default().to_owned(),
        group: group.map(str::to_owned),
        is_direct: ["git", "path"].iter().any(|key| value.get(key).is_some()),
        ..Dependency::new(
            renamed.unwrap_or(&entry.key.text),
            if is_optional { Purpose::Optional } else { purpose },
            entry.range(),
        )
    }
}
