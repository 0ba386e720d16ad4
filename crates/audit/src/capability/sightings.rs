//! What one file of the code shows of what the catalogue asks for.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shipworthy_facts::{Facts, Kind, Node, Origin, Resolver, Role, Workspace, is_test_definition, method_of};
use shipworthy_syntax::{Language, Range};

use super::catalogue::Catalogue;
use super::probes::Probes;
use crate::code_role::CodeRole;
use crate::reading::Reading;

/// More places of one proof in one file tell a reader nothing new.
const MAX_PLACES: usize = 3;

/// A place in a file that a proof asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// The number of the proof.
    pub proof: usize,
    /// Where it is, in the file's bytes.
    pub range: Range,
    /// Whether it is in a test.
    pub in_test: bool,
}

/// Everything that one file shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sightings {
    /// In the order of the file; of one proof a few.
    pub seen: Vec<Sighting>,
    /// How many test functions it has.
    pub tests: u32,
    /// Hashes of the names of the workspace that this depends on, sorted.
    pub asked: Arc<[u64]>,
}

impl Reading {
    /// Looks for everything that a catalogue asks for.
    pub fn sightings(&self, catalogue: &Catalogue, base: &dyn Workspace) -> Sightings {
        let mut sightings = Sightings::default();
        let is_test = self.role() == CodeRole::Test;
        let is_collected = is_collected(self.path());
        let asked = self.look(base, &mut |start, facts, resolver| {
            let mut look = Look {
                probes: &catalogue.probes,
                resolver,
                start,
                is_test,
                is_collected,
                tests_until: 0,
                found: &mut sightings,
            };
            for node in facts.nodes() {
                look.at(node);
            }
        });
        Sightings { asked, ..sightings }
    }
}

struct Look<'a> {
    probes: &'a Probes,
    resolver: &'a Resolver<'a>,
    /// Where the item starts in its file.
    start: u32,
    /// Whether the file is one of tests.
    is_test: bool,
    /// Whether a runner finds tests in the file by its name.
    is_collected: bool,
    /// Where the tests end that the walk is in.
    tests_until: u32,
    found: &'a mut Sightings,
}

impl Look<'_> {
    fn see(&mut self, proofs: &[usize], node: Node<'_>) {
        let in_test = self.is_test || node.range().start < self.tests_until;
        let range = telling(node);
        for &proof in proofs {
            let known = self.found.seen.iter().filter(|s| s.proof == proof && s.in_test == in_test);
            if known.count() < MAX_PLACES {
                let range = range.shift(i64::from(self.start));
                self.found.seen.push(Sighting { proof, range, in_test });
            }
        }
    }

    /// Sees a name of a library; the workspace's own names prove nothing by themselves.
    fn see_name(&mut self, path: &str, node: Node<'_>) {
        let proofs = self.probes.of_name(node.language(), path);
        // Go's packages have whole addresses, which nobody else has.
        let is_own = || node.language() != Language::Go && self.resolver.workspace().is_own(path);
        if !proofs.is_empty() && !is_own() {
            self.see(&proofs, node);
        }
    }

    fn at(&mut self, node: Node<'_>) {
        if !node.label().is_empty() && !is_off(node) {
            self.see(&self.probes.set.matching(node.label()), node);
        }
        if node.role() == Role::Base && !matches!(node.kind(), Kind::Call) {
            let text = node.text();
            let last = text.rsplit(['.', ':']).next().unwrap_or(text);
            self.see(&self.probes.bases.matching(last), node);
        }
        match node.kind() {
            Kind::Function | Kind::Class | Kind::Namespace => self.definition(node),
            Kind::Field => self.see(&self.probes.set.matching(node.name()), node),
            Kind::Call | Kind::Construct => self.call(node),
            Kind::Decorator => {
                if let Some(value) = node.get(Role::Value).filter(|v| !v.is(Kind::Call)) {
                    self.meaning(value, node, value.name());
                    self.name(value);
                }
            }
            Kind::Name | Kind::Attribute => {
                if node.role() == Role::Target || node.has(shipworthy_facts::Flags::BINDS) {
                    let value = node.parent().filter(|p| p.is(Kind::Assign)).and_then(|p| p.get(Role::Value));
                    if !value.is_some_and(is_off) {
                        self.see(&self.probes.set.matching(node.name()), node);
                    }
                } else if node.role() != Role::Callee && !is_start_of_path(node) {
                    self.name(node);
                }
            }
            Kind::Type => self.annotation(node),
            Kind::String => {
                let entry = node.parent().filter(|p| p.is(Kind::Entry) && node.role() == Role::Key);
                if !entry.and_then(|entry| entry.get(Role::Value)).is_some_and(is_off) {
                    self.string(node);
                }
            }
            _ => {}
        }
    }

    fn definition(&mut self, node: Node<'_>) {
        if is_test_definition(node) {
            self.tests_until = self.tests_until.max(node.range().end);
        }
        if node.is(Kind::Namespace) || node.name().is_empty() {
            return;
        }
        self.see(&self.probes.of_definition(node.name()), node);
        if let Some(class) = node.is(Kind::Function).then(|| method_of(node)).flatten() {
            self.see(&self.probes.of_definition(&format!("{class}.{}", node.name())), node);
        }
        let name = node.name();
        let is_case = match node.language() {
            Language::Python => {
                self.is_test && self.is_collected && (name.starts_with("test_") || name == "test")
            }
            Language::Go => {
                self.is_test && ["Test", "Benchmark", "Fuzz", "Example"].iter().any(|p| name.starts_with(p))
            }
            // `#[test]`, `#[tokio::test]`, `#[rstest]`
            Language::Rust => node.all(Role::Decorator).any(|d| {
                let text = d.text();
                ["[test]", "::test]", "::test(", "[rstest", "[test_case", "[quickcheck"]
                    .iter()
                    .any(|mark| text.contains(mark))
            }),
        };
        if node.is(Kind::Function) && is_case {
            self.found.tests += 1;
            let tests = self.probes.tests.clone();
            let before = std::mem::replace(&mut self.is_test, true);
            self.see(&tests, node);
            self.is_test = before;
        }
    }

    fn call(&mut self, call: Node<'_>) {
        let Some(callee) = call.callee() else { return };
        self.meaning(call, call, callee.name());
        let name = callee.name().trim_end_matches('!');
        if let Some(proofs) = self.probes.called.get(name) {
            self.see(proofs, call);
        }
        self.see(&self.probes.called_like.matching(name), call);
        if let Some(path) = self.resolver.path(callee) {
            self.see_name(&path, call);
        }
    }

    /// What the vocabulary says of a call or decorator, at its place.
    fn meaning(&mut self, call: Node<'_>, place: Node<'_>, name: &str) {
        // What adds a route, in frameworks that the vocabulary does not know.
        const ROUTERS: [&str; 12] = [
            "HandleFunc",
            "Handle",
            "route",
            "add_url_rule",
            "add_api_route",
            "add_route",
            "path",
            "re_path",
            "resource",
            "at",
            "GET",
            "get_service",
        ];
        let meaning = self.resolver.meaning(call);
        if meaning.is_some_and(|m| m.is("route")) || ROUTERS.contains(&name) {
            let declared = meaning.and_then(|m| m.argument("path")).and_then(|path| path.of(call));
            let path = declared.or_else(|| call.positional(0)).and_then(Node::string);
            if let Some(path) = path {
                self.see(&self.probes.of_route(&path, &name.to_ascii_uppercase()), place);
            }
        }
        let Some(meaning) = meaning else { return };
        let name = name.to_ascii_lowercase();
        let is_asked = |called: &Vec<String>| called.is_empty() || called.contains(&name);
        for role in &meaning.roles {
            let wanted = self.probes.roles.get(&**role).into_iter().flatten();
            let proofs: Vec<usize> = wanted.filter(|(_, called)| is_asked(called)).map(|(n, _)| *n).collect();
            self.see(&proofs, place);
        }
        if !meaning.effects.is_empty() {
            let proofs = self.probes.effects.iter();
            let proofs =
                proofs.filter(|(effect, _, called)| meaning.effects.contains(*effect) && is_asked(called));
            let proofs: Vec<usize> = proofs.map(|(_, proof, _)| *proof).collect();
            self.see(&proofs, place);
        }
    }

    /// A name that an import binds, mentioned: handed on, derived from, used as a value.
    fn name(&mut self, node: Node<'_>) {
        let Some(dotted) = node.dotted() else { return };
        self.written(&dotted, node);
    }

    fn annotation(&mut self, node: Node<'_>) {
        let text = node.text().trim_start_matches(['&', '*', '\'', '"', '[', ']']);
        let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | ':')));
        let dotted = text[..end.unwrap_or(text.len())].replace("::", ".");
        self.written(&dotted, node);
    }

    fn written(&mut self, dotted: &str, node: Node<'_>) {
        let (head, rest) = dotted.split_at(dotted.find('.').unwrap_or(dotted.len()));
        if let Some(Origin::Item(path)) = self.resolver.environment().lookup(head) {
            let rest = rest.replace('.', node.language().separator());
            self.see_name(&format!("{path}{rest}"), node);
        }
    }

    fn string(&mut self, node: Node<'_>) {
        let Some(text) = node.string() else { return };
        if is_read_of_response(node) {
            return;
        }
        self.see(&self.probes.strings.matching(&text), node);
        // Python's frameworks are told names as text: `MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]`.
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        if node.language() == Language::Python && text.contains('.') && text.chars().all(is_name) {
            self.see_name(&text, node);
        }
    }
}

/// Whether a runner of Python's tests looks for them in a file: the package `testing` has suites for others to run.
fn is_collected(path: &str) -> bool {
    !path.split('/').any(|folder| folder == "testing")
}

/// Whether a text is the name of what an answer of another service has: `response.headers.get("x-request-id")`. What
/// others do proves nothing of this one.
fn is_read_of_response(node: Node<'_>) -> bool {
    let callee = node.parent().filter(|call| call.is(Kind::Call)).and_then(Node::callee);
    let read = callee.filter(|callee| ["get", "Get", "get_all", "Values"].contains(&callee.name()));
    let of = read.and_then(Node::object).map_or("", |object| object.text());
    let first = of.split(['.', '(', ':']).next().unwrap_or_default();
    ["response", "resp", "res"].contains(&first) || first.ends_with("_response") || first.ends_with("_resp")
}

/// Whether a setting of this value is switched off, and proves nothing.
fn is_off(value: Node<'_>) -> bool {
    value.is(Kind::Nothing) || value.is_boolean(false) || value.number() == Some(0.0)
}

/// Whether the name goes on: `os` in `os.environ`, which is looked at as a whole.
fn is_start_of_path(node: Node<'_>) -> bool {
    node.role() == Role::Object && node.parent().is_some_and(|parent| parent.is(Kind::Attribute))
}

/// What a reader is to look at: the name of a definition, of a chain of calls the last one.
fn telling(node: Node<'_>) -> Range {
    match node.kind() {
        Kind::Function | Kind::Class | Kind::Field if !node.name().is_empty() => node.name_range(),
        Kind::Call => match node.callee().filter(|callee| callee.is(Kind::Attribute)) {
            Some(callee)
                if callee
                    .object()
                    .is_some_and(|object| !matches!(object.kind(), Kind::Name | Kind::Attribute)) =>
            {
                Range { start: callee.name_range().start, end: node.range().end }
            }
            _ => node.range(),
        },
        _ => node.range(),
    }
}

/// Somebody who is shown the items of a file: where each starts, its facts, and what its names mean.
pub(crate) type Looker<'l> = &'l mut dyn FnMut(u32, &Facts, &Resolver<'_>);
