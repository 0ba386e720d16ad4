//! What an audit finds in a workspace beside findings: capabilities, services, routes, tables, dependencies, projects, tests, documents.
//!
//! Plain data, filled from evidence that a reader can open; every report reads it. [`Inventory::sort`] puts it in the one order in which it
//! is shown, so that who fills it need not care.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shipworthy_syntax::{Encoding, Language, Range, Text};

use crate::level::Category;
use crate::redact;

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inventory {
    /// The capabilities that were judged, those that do not apply among them.
    pub capabilities: Vec<Capability>,
    /// External services that the code talks to.
    pub services: Vec<Service>,
    /// Routes that the workspace serves.
    pub routes: Vec<Route>,
    /// Database tables.
    pub tables: Vec<Table>,
    /// Declared dependencies.
    pub dependencies: Vec<Dependency>,
    /// Services that deployment files declare.
    pub declared_services: Vec<DeclaredService>,
    /// Projects: folders with a manifest of their own.
    pub projects: Vec<Project>,
    /// Tests by kind.
    pub tests: Vec<TestKind>,
    /// Documents for readers.
    pub documents: Vec<DocumentFile>,
    /// What could not be checked although its files were read.
    pub blind_spots: Vec<BlindSpot>,
}

impl Inventory {
    /// Puts stars in the place of the secrets in what is quoted.
    pub fn hide_secrets(&mut self) {
        let projects = self.projects.iter_mut().flat_map(|project| &mut project.capabilities);
        let capabilities = self.capabilities.iter_mut().chain(projects).flat_map(|c| &mut c.evidence);
        let calls = self.services.iter_mut().flat_map(|service| &mut service.calls);
        let routes = self.routes.iter_mut().map(|route| &mut route.place);
        let tables = self.tables.iter_mut().flat_map(|table| {
            let queries = table.filtered.iter_mut().flat_map(|filtered| &mut filtered.queries);
            table.place.iter_mut().chain(queries)
        });
        let dependencies = self.dependencies.iter_mut().map(|dependency| &mut dependency.place);
        let declared = self.declared_services.iter_mut().map(|service| &mut service.place);
        let all = capabilities.chain(calls).chain(routes).chain(tables).chain(dependencies).chain(declared);
        all.for_each(|evidence| {
            let is_code = Language::from_path(&evidence.path).is_some();
            redact::hide(&mut evidence.text, is_code);
        });
    }
}

/// A position in a file: line and column start at 1; columns count Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Spot {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// A range of a file; the end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Its first character.
    pub start: Spot,
    /// Behind its last character.
    pub end: Spot,
}

/// A place that a reader can open, in any kind of file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The file's path in the workspace, with `/`.
    pub path: String,
    /// Where in it.
    pub range: Span,
    /// What stands there, in a few words: `Depends(current_user)`, `limit_req zone=api`.
    pub text: String,
}

impl Evidence {
    /// A place in a file's text.
    pub fn of(path: &str, whole: &Text, range: Range, text: impl Into<String>) -> Self {
        let spot = |at| {
            let place = whole.position(at, Encoding::Utf32);
            Spot { line: place.line + 1, column: place.column + 1 }
        };
        let range = Span { start: spot(range.start), end: spot(range.end) };
        Self { path: path.to_owned(), range, text: text.into() }
    }
}

/// What evidence says of a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Used in code or configuration.
    Present,
    /// Some of it: on some routes, in one of several services, configured without content.
    Partial,
    /// A dependency or a service is declared and nothing uses it.
    DeclaredOnly,
    /// It applies, and there is no evidence.
    Missing,
    /// Its condition does not hold.
    NotApplicable,
}

impl Status {
    /// Its name in reports.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Partial => "partial",
            Self::DeclaredOnly => "declared-only",
            Self::Missing => "missing",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A capability of the catalogue, judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capability {
    /// Its name in the catalogue.
    pub id: String,
    /// What it is, as a heading: "Rate limiting".
    pub title: String,
    /// The category that it counts in.
    pub category: Category,
    /// Its weight among the category's capabilities: 1 is nice to have, 2 expected, 3 blocks production.
    pub weight: u32,
    /// What the evidence says.
    pub status: Status,
    /// How much of it is there, from 0 to 1: the share of routes that are covered, of services that have it. 1 where it is present and
    /// cannot be counted, 0 where it is missing or only declared.
    pub share: f64,
    /// The evidence; of what is only declared, where it is declared.
    pub evidence: Vec<Evidence>,
}

impl Capability {
    /// What it counts for in the score: what is only declared counts for nothing.
    #[must_use]
    pub fn credit(&self) -> f64 {
        match self.status {
            Status::Present | Status::Partial => self.share.clamp(0.0, 1.0),
            Status::DeclaredOnly | Status::Missing | Status::NotApplicable => 0.0,
        }
    }
}

/// How many of the places that need something have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Covered {
    /// Places that have it.
    pub covered: u32,
    /// Places that need it.
    pub total: u32,
}

/// A service that the code talks to: found from imports, clients and hosts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Service {
    /// Its name: "OpenAI", "PostgreSQL", a host.
    pub name: String,
    /// Where the code calls it.
    pub calls: Vec<Evidence>,
    /// Calls with a time limit.
    pub time_limit: Covered,
    /// Calls that are tried again.
    pub retries: Covered,
    /// Calls behind a circuit breaker.
    pub breaker: Covered,
    /// Calls with something to fall back to.
    pub fallback: Covered,
    /// What happens today when it is down, in a sentence.
    pub when_down: String,
}

/// What a route does with data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Gives many.
    List,
    /// Gives one thing, or an answer.
    Read,
    /// Changes state.
    Write,
}

impl Operation {
    /// Its name in reports.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// A route that the workspace serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// `GET`, `POST`, ...; `*` for any.
    pub method: String,
    /// The full path, through routers and prefixes.
    pub path: String,
    /// The function that answers, by its name in the workspace.
    pub handler: String,
    /// Where it is registered.
    pub place: Evidence,
    /// Whether callers are authenticated; none where it cannot be told.
    pub authentication: Option<bool>,
    /// Whether calls are limited.
    pub rate_limit: Option<bool>,
    /// Whether its input is validated.
    pub validation: Option<bool>,
    /// What it does with data.
    pub operation: Option<Operation>,
}

/// A database table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    /// Its name, with its schema where one is said.
    pub name: String,
    /// Where it is defined; none where only queries name it.
    pub place: Option<Evidence>,
    /// The columns that queries filter by.
    pub filtered: Vec<Filtered>,
    /// Its indexes, primary keys and unique constraints among them.
    pub indexes: Vec<Index>,
}

/// Columns that queries filter by together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Filtered {
    /// The columns.
    pub columns: Vec<String>,
    /// The queries.
    pub queries: Vec<Evidence>,
    /// The index that serves them.
    pub served_by: Option<String>,
}

/// An index of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Index {
    /// Its name; empty where it has none.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// Whether it is unique.
    pub unique: bool,
}

/// A dependency that a manifest declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dependency {
    /// Its name in the manifest.
    pub name: String,
    /// The version that is asked for; empty for any.
    pub requirement: String,
    /// Where it is declared.
    pub place: Evidence,
    /// Whether it is for development only.
    pub development: bool,
    /// Whether code of the workspace uses it; none where it cannot be told.
    pub used: Option<bool>,
}

/// A service that a deployment file declares: a container of a compose file, a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeclaredService {
    /// Its name there.
    pub name: String,
    /// What it runs.
    pub image: String,
    /// Where.
    pub place: Evidence,
    /// Whether code or configuration uses it; none where it cannot be told.
    pub used: Option<bool>,
}

/// A folder with a manifest of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Its name in the manifest, else its folder's.
    pub name: String,
    /// Its folder in the workspace, with `/`; empty for the whole.
    pub path: String,
    /// Its manifest, in the workspace.
    pub manifest: String,
    /// The capabilities as they are judged on it alone, with the files of the folders around it that are no other project's.
    pub capabilities: Vec<Capability>,
}

/// The project that a file belongs to: the innermost around it.
pub fn project_around<'p>(projects: &'p [Project], file: &str) -> Option<&'p Project> {
    let around = projects.iter().filter(|project| is_inside(&project.path, file));
    around.max_by_key(|project| project.path.len())
}

/// Whether a path lies in a folder.
fn is_inside(folder: &str, path: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

impl Project {
    /// Whether a file counts for it: its own files do, and what is no code around it, in folders that several projects share.
    pub fn counts(&self, all: &[Self], file: &str) -> bool {
        let is_code = Language::from_path(file).is_some();
        match project_around(all, file) {
            Some(home) => home.path == self.path || !is_code && is_inside(&home.path, &self.path),
            None => !is_code,
        }
    }
}

/// Tests of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestKind {
    /// "unit", "integration", "end to end", "load", "security", "property", "benchmark".
    pub kind: String,
    /// Files with them.
    pub files: u32,
    /// Test functions.
    pub cases: u32,
}

/// A document for readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentFile {
    /// Its path in the workspace, with `/`.
    pub path: String,
    /// Its title.
    pub title: String,
}

/// Something that could not be checked although its files were read, as a database library that the vocabulary knows nothing of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BlindSpot {
    /// What.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The share of the audit that it costs, from 0 to 1.
    pub share: f64,
}

impl Inventory {
    /// Adds all of another one.
    pub fn extend(&mut self, other: Self) {
        self.capabilities.extend(other.capabilities);
        self.services.extend(other.services);
        self.routes.extend(other.routes);
        self.tables.extend(other.tables);
        self.dependencies.extend(other.dependencies);
        self.declared_services.extend(other.declared_services);
        self.projects.extend(other.projects);
        self.tests.extend(other.tests);
        self.documents.extend(other.documents);
        self.blind_spots.extend(other.blind_spots);
    }

    /// Keeps what stands in these files. Capabilities, services, tests by kind and blind spots are the whole workspace's, and the project
    /// at its root names it.
    pub fn keep(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.routes.retain(|route| is_kept(&route.place.path));
        self.tables.retain(|table| table.place.as_ref().is_some_and(|place| is_kept(&place.path)));
        self.dependencies.retain(|dependency| is_kept(&dependency.place.path));
        self.declared_services.retain(|service| is_kept(&service.place.path));
        self.projects.retain(|project| project.path.is_empty() || is_kept(&project.manifest));
        self.documents.retain(|document| is_kept(&document.path));
    }

    /// Puts everything in the order in which it is shown, whoever found it when.
    pub fn sort(&mut self) {
        for capability in &mut self.capabilities {
            capability.evidence.sort();
        }
        for project in &mut self.projects {
            project.capabilities.sort_by(|a, b| (a.category, &a.id).cmp(&(b.category, &b.id)));
        }
        for service in &mut self.services {
            service.calls.sort();
        }
        for table in &mut self.tables {
            for filtered in &mut table.filtered {
                filtered.queries.sort();
            }
            table.filtered.sort();
            table.indexes.sort();
        }
        self.capabilities.sort_by(|a, b| (a.category, &a.id).cmp(&(b.category, &b.id)));
        self.services.sort_by(|a, b| a.name.cmp(&b.name));
        self.routes.sort_by(|a, b| (&a.path, &a.method, &a.place).cmp(&(&b.path, &b.method, &b.place)));
        self.tables.sort_by(|a, b| (&a.name, &a.place).cmp(&(&b.name, &b.place)));
        self.dependencies.sort_by(|a, b| (&a.name, &a.place).cmp(&(&b.name, &b.place)));
        self.declared_services.sort_by(|a, b| (&a.name, &a.place).cmp(&(&b.name, &b.place)));
        self.projects.sort_by(|a, b| (&a.path, &a.name).cmp(&(&b.path, &b.name)));
        self.tests.sort_by(|a, b| a.kind.cmp(&b.kind));
        self.documents.sort_by(|a, b| a.path.cmp(&b.path));
        self.blind_spots.sort_by(|a, b| (&a.what, &a.reason).cmp(&(&b.what, &b.reason)));
    }
}
