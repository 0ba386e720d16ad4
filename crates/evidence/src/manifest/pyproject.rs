//! `pyproject.toml` (PEP 621, dependency groups, Poetry, uv, PDM, Hatch) and `Pipfile`.

use super::table::{Entry, Node, Toml};
use super::{Dependency, Manifest, Purpose, Requirement, purpose_of};
use crate::file::Read;

pub(super) fn read(text: &str) -> Read<Manifest> {
    let toml = Toml::parse(text);
    let mut manifest = Manifest::default();
    let name = toml.at(&["project", "name"]).or_else(|| toml.at(&["tool", "poetry", "name"]));
    manifest.name = name.and_then(Node::word);
    let dynamic = toml.at(&["project", "dynamic"]);
    manifest.is_dynamic = dynamic.is_some_and(|d| d.items().any(|item| item.text() == Some("dependencies")));
    let add = |manifest: &mut Manifest, list: Option<Node<'_, '_>>, purpose, group: Option<&str>| {
        let items = list.into_iter().flat_map(Node::items);
        manifest.dependencies.extend(items.filter_map(|item| requirement(item, purpose, group)));
    };
    add(&mut manifest, toml.at(&["project", "dependencies"]), Purpose::Runtime, None);
    add(&mut manifest, toml.at(&["build-system", "requires"]), Purpose::Build, None);
    for entry in toml.entries(&["project", "optional-dependencies"]) {
        // Extras for those who develop are as usual as dependency groups.
        let purpose = match purpose_of(&entry.key.text) {
            Purpose::Runtime => Purpose::Optional,
            other => other,
        };
        add(&mut manifest, Some(entry.value), purpose, Some(&entry.key.text));
        manifest.features.push((entry.key.text, Vec::new()));
    }
    for path in [&["dependency-groups"][..], &["tool", "pdm", "dev-dependencies"]] {
        for entry in toml.entries(path) {
            add(&mut manifest, Some(entry.value), Purpose::Development, Some(&entry.key.text));
        }
    }
    add(&mut manifest, toml.at(&["tool", "uv", "dev-dependencies"]), Purpose::Development, Some("dev"));
    for entry in toml.entries(&["tool", "hatch", "envs"]) {
        let list = entry.value.get("dependencies").or_else(|| entry.value.get("extra-dependencies"));
        add(&mut manifest, list, Purpose::Development, Some(&entry.key.text));
    }
    let poetry = toml.entries(&["tool", "poetry", "dependencies"]);
    manifest
        .dependencies
        .extend(poetry.iter().filter_map(|entry| table_entry(entry, Purpose::Runtime, None)));
    let old = toml.entries(&["tool", "poetry", "dev-dependencies"]);
    manifest
        .dependencies
        .extend(old.iter().filter_map(|entry| table_entry(entry, Purpose::Development, Some("dev"))));
    for group in toml.entries(&["tool", "poetry", "group"]) {
        let purpose = if group.key.text == "main" { Purpose::Runtime } else { Purpose::Development };
        let entries = group.value.get("dependencies").map(Node::entries).unwrap_or_default();
        let own = entries.iter().filter_map(|entry| table_entry(entry, purpose, Some(&group.key.text)));
        manifest.dependencies.extend(own);
    }
    for path in [&["project", "scripts"][..], &["project", "gui-scripts"], &["tool", "poetry", "scripts"]] {
        manifest.scripts.extend(toml.entries(path).iter().filter_map(script));
    }
    for group in toml.entries(&["project", "entry-points"]) {
        manifest.scripts.extend(group.value.entries().iter().filter_map(script));
    }
    Read { content: manifest, comments: toml.comments, spans: Vec::new(), unread: toml.unread }
}

pub(super) fn read_pipfile(text: &str) -> Read<Manifest> {
    let toml = Toml::parse(text);
    let mut manifest = Manifest::default();
    for (table, purpose) in [("packages", Purpose::Runtime), ("dev-packages", Purpose::Development)] {
        let entries = toml.entries(&[table]);
        manifest.dependencies.extend(entries.iter().filter_map(|entry| table_entry(entry, purpose, None)));
    }
    Read { content: manifest, comments: toml.comments, spans: Vec::new(), unread: toml.unread }
}

/// `"requests>=2"`; the items `{include-group = "test"}` of dependency groups are no requirements.
fn requirement(item: Node<'_, '_>, purpose: Purpose, group: Option<&str>) -> Option<Dependency> {
    let requirement = Requirement::parse(item.text()?)?;
    Some(Dependency {
        version: requirement.version,
        is_direct: requirement.url.is_some(),
        group: group.map(str::to_owned),
        ..Dependency::new(&requirement.name, purpose, item.range())
    })
}

/// `requests = "^2.8"`, `requests = {version = "^2.8", optional = true}`, `requests = [{...}, {...}]`.
fn table_entry(entry: &Entry<'_, '_>, purpose: Purpose, group: Option<&str>) -> Option<Dependency> {
    if entry.key.text == "python" {
        return None;
    }
    let first = entry.value.items().next().unwrap_or(entry.value);
    let version = first.text().or_else(|| first.get("version").and_then(Node::text)).unwrap_or_default();
    let is_direct = ["git", "path", "url", "file"].iter().any(|key| first.get(key).is_some());
    let is_optional = first.get("optional").is_some_and(Node::is_true);
    let purpose = if is_optional { Purpose::Optional } else { purpose };
    Some(Dependency {
        version: if version == "*" { String::new() } else { version.to_owned() },
        is_direct,
        group: group.map(str::to_owned),
        ..Dependency::new(&entry.key.text, purpose, entry.range())
    })
}

fn script(entry: &Entry<'_, '_>) -> Option<(String, String)> {
    let target = entry.value.text().or_else(|| entry.value.get("reference").and_then(Node::text))?;
    Some((entry.key.text.clone(), target.to_owned()))
}
