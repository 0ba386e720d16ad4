//! Kubernetes manifests: objects, and the workloads among them with their containers.

use shipworthy_syntax::Range;

use crate::command::{Command, Word};
use crate::compose::command;
use crate::file::Read;
use crate::image::Image;
use crate::yaml::{Block, Entry, Node, Tree, Variable, variables};

/// The objects of a manifest, of all its documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kubernetes {
    /// In the file's order.
    pub objects: Vec<Object>,
}

/// An object.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Its kind.
    pub kind: Word,
    /// Its name.
    pub name: Option<Word>,
    /// Its document.
    pub range: Range,
    /// What it runs, if it is a workload.
    pub workload: Option<Workload>,
    /// The data of a `ConfigMap` or `Secret`; those of a secret that are in base64 are not among them.
    pub data: Vec<Variable>,
}

/// What an object runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Whether it is to run for ever, rather than to its end.
    pub is_long_running: bool,
    /// Where entries can be added to its pod.
    pub block: Option<Block>,
    /// What the pod may do.
    pub security: Security,
    /// Its containers.
    pub containers: Vec<Container>,
    /// What runs before them.
    pub init_containers: Vec<Container>,
}

/// A container.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// Its name.
    pub name: Option<Word>,
    /// Its item.
    pub range: Range,
    /// Where entries can be added.
    pub block: Option<Block>,
    /// Its image.
    pub image: Option<Image>,
    /// What it runs: its command and arguments.
    pub command: Command,
    /// Its environment.
    pub environment: Vec<Variable>,
    /// Its ports.
    pub ports: Vec<Port>,
    /// Its probes.
    pub liveness: Option<Range>,
    /// Whether it is ready for work.
    pub readiness: Option<Range>,
    /// Whether it has started.
    pub startup: Option<Range>,
    /// Its entry of resources.
    pub resources: Option<Range>,
    /// The most memory that it gets.
    pub memory_limit: Option<Word>,
    /// The most processor time that it gets.
    pub cpu_limit: Option<Word>,
    /// The processor time that it is promised.
    pub cpu_request: Option<Word>,
    /// What it may do.
    pub security: Security,
}

/// A port of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: Option<String>,
    /// Its number, as written.
    pub number: String,
}

/// What a pod or container may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// Its entry.
    pub range: Option<Range>,
    /// Where entries can be added to it.
    pub block: Option<Block>,
    /// Whether root is refused.
    pub run_as_non_root: Option<bool>,
    /// The user that it runs as.
    pub run_as_user: Option<Word>,
    /// Whether it has all of the host's rights.
    pub is_privileged: bool,
}

impl Workload {
    /// Its containers and those before them.
    pub fn all(&self) -> impl Iterator<Item = &Container> {
        self.init_containers.iter().chain(&self.containers)
    }
}

/// Whether a text holds objects: a kind and a version at the top of a document. Templates of them are none yet.
pub(crate) fn is_one(text: &str) -> bool {
    let has = |key: &str| text.lines().any(|line| line.strip_prefix(key).is_some_and(|r| r.starts_with(':')));
    let is_template = || text.lines().any(|line| line.trim_start().starts_with("{{"));
    has("apiVersion") && has("kind") && !is_template()
}

pub(crate) fn read(text: &str) -> Read<Kubernetes> {
    let tree = Tree::parse(text);
    let mut kubernetes = Kubernetes::default();
    for document in tree.documents() {
        if document.get("kind").and_then(Node::text) == Some("List") {
            let items = document.get("items");
            kubernetes.objects.extend(items.into_iter().flat_map(Node::items).filter_map(object));
        } else {
            kubernetes.objects.extend(object(document));
        }
    }
    Read { content: kubernetes, spans: tree.spans(), comments: tree.comments, unread: tree.unread }
}

fn object(node: Node<'_>) -> Option<Object> {
    let kind = node.get("kind")?.word()?;
    node.get("apiVersion")?;
    let pod: Option<(&[&str], bool)> = match kind.text.as_str() {
        "Pod" => Some((&["spec"], true)),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Rollout" => {
            Some((&["spec", "template", "spec"], true))
        }
        "Job" => Some((&["spec", "template", "spec"], false)),
        "CronJob" => Some((&["spec", "jobTemplate", "spec", "template", "spec"], false)),
        _ => None,
    };
    let workload = pod.and_then(|(path, is_long_running)| {
        let pod = node.at(path)?;
        // A pod that does not restart runs to its end.
        let restarts = pod.get("restartPolicy").and_then(Node::text).is_none_or(|policy| policy == "Always");
        let containers = |key: &str| pod.get(key).into_iter().flat_map(Node::items).map(container).collect();
        Some(Workload {
            is_long_running: is_long_running && restarts,
            block: Block::of(pod),
            security: pod.entry("securityContext").map(security).unwrap_or_default(),
            containers: containers("containers"),
            init_containers: containers("initContainers"),
        })
    });
    let data = match kind.text.as_str() {
        "ConfigMap" => node.get("data"),
        "Secret" => node.get("stringData"),
        _ => None,
    };
    Some(Object {
        name: node.at(&["metadata", "name"]).and_then(Node::word),
        range: node.range(),
        workload,
        data: data.map(variables).unwrap_or_default(),
        kind,
    })
}

fn container(node: Node<'_>) -> Container {
    let image = node.get("image").and_then(Node::word);
    let environment = node.get("env").into_iter().flat_map(Node::items).filter_map(|item| {
        Some(Variable { name: item.get("name")?.word()?, value: item.get("value").and_then(Node::word) })
    });
    let ports = node.get("ports").into_iter().flat_map(Node::items).filter_map(|port| {
        let name = port.get("name").and_then(Node::text).map(str::to_owned);
        Some(Port { name, number: port.get("containerPort")?.text()?.to_owned() })
    });
    let probe = |key: &str| node.entry(key).map(|entry| entry.range);
    let limit = |key: &str| node.at(&["resources", "limits", key]).and_then(Node::word);
    let words = ["command", "args"].iter().filter_map(|key| node.get(key)).flat_map(|n| command(n).words);
    Container {
        name: node.get("name").and_then(Node::word),
        range: node.range(),
        block: Block::of(node),
        image: image.map(|word| Image { range: word.range, reference: word.text }),
        command: Command { words: words.collect() },
        environment: environment.collect(),
        ports: ports.collect(),
        liveness: probe("livenessProbe"),
        readiness: probe("readinessProbe"),
        startup: probe("startupProbe"),
        resources: probe("resources"),
        memory_limit: limit("memory"),
        cpu_limit: limit("cpu"),
        cpu_request: node.at(&["resources", "requests", "cpu"]).and_then(Node::word),
        security: node.entry("securityContext").map(security).unwrap_or_default(),
    }
}

fn security(entry: Entry<'_>) -> Security {
    let node = entry.value;
    Security {
        range: Some(entry.range),
        block: Block::of(node),
        run_as_non_root: node.get("runAsNonRoot").map(Node::is_true),
        run_as_user: node.get("runAsUser").and_then(Node::word),
        is_privileged: node.get("privileged").is_some_and(Node::is_true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_are_found_in_all_documents() {
        let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      securityContext: {runAsNonRoot: true}\n      containers:\n        - name: web\n          image: shop:1\n          command: [gunicorn]\n          args: [\"--timeout\", \"0\"]\n          env:\n            - name: A\n              value: b\n          ports:\n            - containerPort: 8000\n              name: http\n          readinessProbe: {httpGet: {path: /, port: http}}\n          resources: {limits: {cpu: 1, memory: 1Gi}}\n---\napiVersion: batch/v1\nkind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n            - image: job\n---\napiVersion: v1\nkind: Secret\nstringData:\n  token: abc\ndata:\n  other: YWJj\n";
        assert!(is_one(text) && !is_one("kind: x\nservices:\n"));
        let objects = read(text).content.objects;
        let shop = objects[0].workload.as_ref().unwrap();
        assert!(shop.is_long_running && shop.security.run_as_non_root == Some(true));
        let web = &shop.containers[0];
        assert_eq!(web.command.option("--timeout").unwrap().0, "0");
        assert_eq!(
            (web.ports[0].number.as_str(), web.readiness.is_some(), web.liveness),
            ("8000", true, None)
        );
        assert!(web.cpu_limit.is_some() && web.environment.len() == 1);
        assert!(!objects[1].workload.as_ref().unwrap().is_long_running);
        assert_eq!(objects[2].data.len(), 1);
    }
}
