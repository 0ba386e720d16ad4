//! Workflows of continuous integration: GitHub Actions and its kin, GitLab CI, pre-commit.

use shipworthy_syntax::Range;

use crate::command::Word;
use crate::file::Read;
use crate::image::Image;
use crate::yaml::{Entry, Node, Tree, Variable, variables};

/// What runs when the code changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ci {
    /// Who runs it.
    pub system: System,
    /// When it runs: the events, branches or stages that start it.
    pub triggers: Vec<Word>,
    /// What it runs.
    pub jobs: Vec<Job>,
}

/// Who runs workflows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum System {
    /// GitHub Actions, and Gitea's and Forgejo's, which read the same.
    #[default]
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Hooks before a commit.
    PreCommit,
}

/// A job; of pre-commit a repository of hooks.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its name.
    pub name: Word,
    /// Its entry.
    pub range: Range,
    /// The image that it runs in.
    pub image: Option<Image>,
    /// The images of its services.
    pub services: Vec<Image>,
    /// Its environment.
    pub environment: Vec<Variable>,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The action, template or hook that it uses, with its version: `actions/checkout@v4`.
    pub uses: Option<Word>,
    /// The script that it runs.
    pub run: Option<Word>,
    /// Its environment and inputs.
    pub environment: Vec<Variable>,
}

/// Whether a path is of a workflow.
pub(crate) fn system(path: &str) -> Option<System> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let within = |folder: &str| path.starts_with(&folder[1..]) || path.contains(folder);
    let workflows = ["/.github/workflows/", "/.gitea/workflows/", "/.forgejo/workflows/"];
    if is_yaml && workflows.iter().any(|folder| within(folder)) {
        Some(System::GitHub)
    } else if is_yaml
        && (name.starts_with(".gitlab-ci.") || name.ends_with(".gitlab-ci.yml") || within("/.gitlab/ci/"))
    {
        Some(System::GitLab)
    } else if matches!(name, ".pre-commit-config.yaml" | ".pre-commit-config.yml") {
        Some(System::PreCommit)
    } else {
        None
    }
}

pub(crate) fn read(path: &str, text: &str) -> Read<Ci> {
    let tree = Tree::parse(text);
    let mut ci = Ci { system: system(path).unwrap_or_default(), ..Ci::default() };
    for document in tree.documents() {
        match ci.system {
            System::GitHub => github(document, &mut ci),
            System::GitLab => gitlab(document, &mut ci),
            System::PreCommit => pre_commit(document, &mut ci),
        }
    }
    Read { content: ci, spans: tree.spans(), comments: tree.comments, unread: tree.unread }
}

fn image(node: Node<'_>) -> Option<Image> {
    let named = || node.get("image").or_else(|| node.get("name"));
    let word = node.word().or_else(|| named().and_then(Node::word))?;
    Some(Image { range: word.range, reference: word.text })
}

fn environment(node: Node<'_>, keys: &[&str]) -> Vec<Variable> {
    keys.iter().filter_map(|key| node.get(key)).flat_map(variables).collect()
}

fn github(document: Node<'_>, ci: &mut Ci) {
    let on = document.get("on").or_else(|| document.get("true"));
    if let Some(on) = on {
        let items = on.items().filter_map(Node::word);
        let keys = on.entries().into_iter().filter_map(|entry| entry.key.word());
        ci.triggers.extend(on.word().into_iter().chain(items).chain(keys));
    }
    let job = |entry: Entry<'_>| {
        let body = entry.value;
        let services = body.get("services").map(Node::entries).unwrap_or_default();
        let steps = body.get("steps").into_iter().flat_map(Node::items).map(|step| Step {
            uses: step.get("uses").and_then(Node::word),
            run: step.get("run").and_then(Node::word),
            environment: environment(step, &["env", "with"]),
        });
        // A job can be a workflow of its own.
        let called = body.get("uses").and_then(Node::word);
        let called = called.map(|uses| Step { uses: Some(uses), run: None, environment: Vec::new() });
        Some(Job {
            name: entry.key.word()?,
            range: entry.range,
            image: body.get("container").and_then(image),
            services: services.into_iter().filter_map(|service| image(service.value)).collect(),
            environment: environment(body, &["env"]),
            steps: called.into_iter().chain(steps).collect(),
        })
    };
    ci.jobs.extend(document.get("jobs").map(Node::entries).unwrap_or_default().into_iter().filter_map(job));
}

fn gitlab(document: Node<'_>, ci: &mut Ci) {
    const WORDS: [&str; 10] = [
        "default",
        "include",
        "stages",
        "variables",
        "workflow",
        "cache",
        "image",
        "services",
        "spec",
        "pages",
    ];
    ci.triggers.extend(document.get("stages").into_iter().flat_map(Node::items).filter_map(Node::word));
    let everywhere = document.get("image").or_else(|| document.at(&["default", "image"])).and_then(image);
    for entry in document.entries() {
        let (Some(name), body) = (entry.key.word(), entry.value) else { continue };
        if WORDS.contains(&name.text.as_str()) && name.text != "pages" || !body.is_mapping() {
            continue;
        }
        let scripts = ["before_script", "script", "after_script"].into_iter().filter_map(|key| body.get(key));
        let lines =
            scripts.flat_map(|script| script.word().into_iter().chain(script.items().filter_map(Node::word)));
        ci.jobs.push(Job {
            name,
            range: entry.range,
            image: body.get("image").and_then(image).or_else(|| everywhere.clone()),
            services: body.get("services").into_iter().flat_map(Node::items).filter_map(image).collect(),
            environment: environment(body, &["variables"]),
            steps: lines.map(|run| Step { uses: None, run: Some(run), environment: Vec::new() }).collect(),
        });
    }
}

fn pre_commit(document: Node<'_>, ci: &mut Ci) {
    for repository in document.get("repos").into_iter().flat_map(Node::items) {
        let Some(name) = repository.get("repo").and_then(Node::word) else { continue };
        let hooks = repository.get("hooks").into_iter().flat_map(Node::items).map(|hook| Step {
            uses: hook.get("id").and_then(Node::word),
            run: hook.get("entry").and_then(Node::word),
            environment: Vec::new(),
        });
        ci.jobs.push(Job {
            name,
            range: repository.range(),
            image: None,
            services: Vec::new(),
            environment: Vec::new(),
            steps: hooks.collect(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflows_have_jobs_and_steps() {
        let text = "on: [push, pull_request]\njobs:\n  test:\n    container: python:3.12\n    services:\n      db: {image: postgres:16}\n    env: {A: b}\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          pytest\n          ruff check\n";
        let ci = read(".github/workflows/ci.yml", text).content;
        assert_eq!(ci.triggers.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(), ["push", "pull_request"]);
        let job = &ci.jobs[0];
        assert_eq!((job.image.as_ref().unwrap().tag(), job.services[0].name()), (Some("3.12"), "postgres"));
        assert_eq!(job.steps[0].uses.as_ref().unwrap().text, "actions/checkout@v4");
        assert!(job.steps[1].run.as_ref().unwrap().text.contains("ruff"));
    }

    #[test]
    fn gitlab_and_pre_commit() {
        let text = "image: python:3.12\nstages: [test]\n.base: &base\n  before_script: [pip install .]\ntest:\n  <<: *base\n  script:\n    - pytest\n";
        let ci = read(".gitlab-ci.yml", text).content;
        let test = ci.jobs.iter().find(|job| job.name.text == "test").unwrap();
        assert_eq!((test.steps.len(), test.image.as_ref().unwrap().name()), (2, "python"));
        let text = "repos:\n  - repo: https://github.com/astral-sh/ruff-pre-commit\n    rev: v0.9\n    hooks: [{id: ruff}]\n";
        let ci = read(".pre-commit-config.yaml", text).content;
        assert_eq!(ci.jobs[0].steps[0].uses.as_ref().unwrap().text, "ruff");
    }
}
