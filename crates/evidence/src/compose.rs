//! Compose files: services with what they run, offer and need.

use shipworthy_syntax::Range;

use crate::command::{Command, Word};
use crate::file::Read;
use crate::image::Image;
use crate::yaml::{Block, Entry, Node, Tree, Variable, variables};

/// The services of a compose file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compose {
    /// In the file's order.
    pub services: Vec<Service>,
}

/// A service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its name, which is its key.
    pub name: Word,
    /// Its entry.
    pub range: Range,
    /// Where entries can be added; none where it has none of its own.
    pub block: Option<Block>,
    /// The image that it runs.
    pub image: Option<Image>,
    /// Where the file says how its image is built.
    pub build: Option<Range>,
    /// What it runs, in place of the image's own.
    pub command: Option<Command>,
    /// The image's entry point, in place of its own.
    pub entrypoint: Option<Command>,
    /// Its environment.
    pub environment: Vec<Variable>,
    /// Files of environment that it reads.
    pub env_files: Vec<Word>,
    /// The ports that it offers, as written.
    pub ports: Vec<Word>,
    /// How its health is asked.
    pub health: Option<Health>,
    /// Whether it says how it is deployed.
    pub has_deploy: bool,
    /// The most memory that it gets.
    pub memory_limit: Option<Word>,
    /// The most processor time that it gets.
    pub cpu_limit: Option<Word>,
    /// Services that it waits for.
    pub depends_on: Vec<Word>,
    /// Its volumes, as written.
    pub volumes: Vec<Word>,
    /// The profiles that it belongs to; none: it always starts.
    pub profiles: Vec<Word>,
    /// Whether it does its work and ends: it is not started again, or others wait for its end.
    pub runs_once: bool,
    /// Whether a part of it comes from elsewhere (`extends`).
    pub is_extended: bool,
}

impl Service {
    /// Whether it sets a variable.
    pub fn sets(&self, name: &str) -> bool {
        self.environment.iter().any(|variable| variable.name.text == name)
    }
}

/// A health check.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// Its entry.
    pub range: Range,
    /// Whether it is switched off.
    pub is_disabled: bool,
}

pub(crate) fn read(text: &str) -> Read<Compose> {
    let tree = Tree::parse(text);
    let mut compose = Compose::default();
    for document in tree.documents() {
        let services = document.get("services").map(Node::entries).unwrap_or_default();
        let awaited: Vec<&str> = services.iter().flat_map(|entry| awaited(entry.value)).collect();
        compose.services.extend(services.iter().filter_map(|entry| service(*entry, &awaited)));
    }
    Read { content: compose, spans: tree.spans(), comments: tree.comments, unread: tree.unread }
}

/// The services for whose end another one waits.
fn awaited(body: Node<'_>) -> Vec<&str> {
    let needed = body.get("depends_on").map(Node::entries).unwrap_or_default();
    let ends = |value: Node<'_>| {
        value.get("condition").and_then(Node::text) == Some("service_completed_successfully")
    };
    needed.into_iter().filter(|entry| ends(entry.value)).filter_map(|entry| entry.key.text()).collect()
}

fn service(entry: Entry<'_>, awaited: &[&str]) -> Option<Service> {
    let (name, body) = (entry.key.word()?, entry.value);
    if !body.is_mapping() {
        return None;
    }
    let image = body.get("image").and_then(Node::word);
    let words = |key: &str| body.get(key).map(words).unwrap_or_default();
    let limit = |deploy: &str, flat: &str| {
        let limits = body.at(&["deploy", "resources", "limits", deploy]);
        limits.or_else(|| body.get(flat)).and_then(Node::word)
    };
    let restarts = |path: &[&str], never: &str| body.at(path).and_then(Node::text) == Some(never);
    let runs_once = restarts(&["restart"], "no")
        || restarts(&["deploy", "restart_policy", "condition"], "none")
        || awaited.contains(&name.text.as_str());
    Some(Service {
        name,
        range: entry.range,
        block: Block::of(body),
        image: image.map(|word| Image { range: word.range, reference: interpolate(&word.text) }),
        build: body.entry("build").map(|e| e.range),
        command: body.get("command").map(command),
        entrypoint: body.get("entrypoint").map(command),
        environment: body.get("environment").map(variables).unwrap_or_default(),
        env_files: words("env_file"),
        ports: words("ports"),
        health: body.entry("healthcheck").map(health),
        has_deploy: body.get("deploy").is_some(),
        memory_limit: limit("memory", "mem_limit"),
        cpu_limit: limit("cpus", "cpus").or_else(|| body.get("cpu_quota").and_then(Node::word)),
        depends_on: words("depends_on"),
        volumes: words("volumes"),
        profiles: words("profiles"),
        runs_once,
        is_extended: body.get("extends").is_some(),
    })
}

fn health(entry: Entry<'_>) -> Health {
    let test = entry.value.get("test");
    let is_none = test.is_some_and(|t| t.text().or(t.items().next().and_then(Node::text)) == Some("NONE"));
    Health {
        range: entry.range,
        is_disabled: is_none || entry.value.get("disable").is_some_and(Node::is_true),
    }
}

/// A scalar, the items of a list, the `target`, `path` or `source` of items in long form, or the keys of a mapping.
fn words(node: Node<'_>) -> Vec<Word> {
    let long = |item: Node<'_>| {
        ["target", "path", "source"].iter().find_map(|key| item.get(key).and_then(Node::word))
    };
    let items = node.items().filter_map(|item| item.word().or_else(|| long(item)));
    let keys = node.entries().into_iter().filter_map(|entry| entry.key.word());
    node.word().into_iter().chain(items).chain(keys).collect()
}

/// A command as a text or a list. The places of words in a text are the text's.
pub(crate) fn command(node: Node<'_>) -> Command {
    match node.text() {
        Some(text) => Command::of(text, node.range()),
        None => Command { words: node.items().filter_map(Node::word).collect() },
    }
}

/// A text with the defaults of its variables (`${TAG:-1.2}`) filled in.
pub(crate) fn interpolate(text: &str) -> String {
    crate::dockerfile::substitute(text, &std::collections::BTreeMap::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_end() {
        let text = "services:\n  own:\n    restart: \"no\"\n  swarm:\n    deploy: {restart_policy: {condition: none}}\n  migrate:\n    image: shop\n  web:\n    restart: always\n    depends_on:\n      migrate: {condition: service_completed_successfully}\n      own: {condition: service_started}\n";
        let services = read(text).content.services;
        let jobs = services.iter().filter(|service| service.runs_once);
        assert_eq!(
            jobs.map(|service| service.name.text.as_str()).collect::<Vec<_>>(),
            ["own", "swarm", "migrate"]
        );
    }

    #[test]
    fn services_have_parts_in_all_their_forms() {
        let text = "x-base: &base\n  restart: always\n  healthcheck: {test: [CMD, true]}\nservices:\n  web:\n    <<: *base\n    image: \"shop:${TAG:-1.2}\"\n    build: .\n    command: gunicorn app:app --timeout 0\n    environment:\n      A: 1\n      B:\n    ports: [\"80:80\"]\n    deploy:\n      resources:\n        limits: {cpus: '0.5', memory: 50M}\n  db:\n    image: postgres\n    environment:\n      - POSTGRES_PASSWORD=x=y\n      - PASSED\n    mem_limit: 1g\n    depends_on: {web: {condition: service_started}}\n    healthcheck:\n      disable: true\n";
        let read = read(text);
        assert!(read.unread.is_empty());
        let [web, db] = &read.content.services[..] else { panic!("two services") };
        assert_eq!(web.image.as_ref().unwrap().tag(), Some("1.2"));
        assert!(web.health.as_ref().is_some_and(|h| !h.is_disabled));
        assert_eq!(web.command.as_ref().unwrap().option("--timeout").unwrap().0, "0");
        assert_eq!((web.cpu_limit.as_ref().unwrap().text.as_str(), web.runs_once), ("0.5", false));
        assert_eq!(web.environment[1].value, None);
        assert_eq!(db.environment[0].value.as_ref().unwrap().text, "x=y");
        assert_eq!(db.depends_on[0].text, "web");
        assert!(db.health.as_ref().unwrap().is_disabled && db.cpu_limit.is_none());
        let block = db.block.unwrap();
        assert!(
            text[block.first as usize..].starts_with("image: postgres")
                && text[..block.end as usize].ends_with("disable: true")
        );
    }
}
