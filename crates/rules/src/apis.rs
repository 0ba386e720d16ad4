//! The routes of an API side by side: what most of them do, and what the others do.

use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::{Note, Served, Survey};

/// The routes that belong together: of one application, and of one version of its API.
pub(crate) fn apis<'a>(survey: &Survey<'a>) -> Vec<Vec<&'a Served>> {
    let mut apis: BTreeMap<(&str, String), Vec<&'a Served>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for route in survey.served() {
        let Some(application) = route.application.as_deref() else { continue };
        if is_for_machines(route) || !seen.insert((route.file, route.range)) {
            continue;
        }
        apis.entry((application, version(&route.path))).or_default().push(route);
    }
    apis.into_values().collect()
}

/// What tells one API of an application from another: `api`, `v1`, at the beginning of the path.
fn version(path: &str) -> String {
    let is_version = |part: &&str| {
        let number = part.strip_prefix('v').unwrap_or_default();
        *part == "api" || !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
    };
    let parts = path.split('/').filter(|part| !part.is_empty()).take(3);
    parts.filter(is_version).collect::<Vec<_>>().join("/")
}

/// Words of paths that probes, tools and partners call.
const FOR_MACHINES: [&str; 19] = [
    "health",
    "healthz",
    "healthcheck",
    "live",
    "livez",
    "liveness",
    "ready",
    "readyz",
    "readiness",
    "ping",
    "status",
    "version",
    "metrics",
    "docs",
    "openapi",
    "webhook",
    "webhooks",
    "hook",
    "hooks",
];

/// Whether a path with this word is for probes, tools and partners.
pub(crate) fn names_machines(word: &str) -> bool {
    FOR_MACHINES.contains(&word)
}

/// Whether others say what a route answers with: probes, standards, partners.
fn is_for_machines(route: &Served) -> bool {
    const STANDARDS: [&str; 8] = ["oauth", "oauth2", "oidc", "token", "callback", "debug", "mcp", "scim"];
    let words = route.path_words();
    words.is_empty()
        || words.iter().any(|word| names_machines(word) || STANDARDS.contains(&word.as_str()))
        || route.path.contains("well-known")
}

/// What a rule noted in functions, by the path of the file and the function's name in it.
pub(crate) struct Noted<'a>(BTreeMap<(&'a str, &'a str), (usize, Vec<&'a Note>)>);

impl<'a> Noted<'a> {
    /// The notes of all files.
    pub(crate) fn of(survey: &Survey<'a>) -> Self {
        let mut noted: BTreeMap<_, (usize, Vec<&'a Note>)> = BTreeMap::new();
        for (number, file) in survey.files() {
            for note in survey.notes(number) {
                noted.entry((&*file.path, &*note.symbol)).or_insert((number, Vec::new())).1.push(note);
            }
        }
        Self(noted)
    }

    /// What was noted in the function that answers a route, with the number of its file.
    pub(crate) fn of_handler(&self, survey: &Survey<'a>, route: &Served) -> Option<(usize, Vec<&'a Note>)> {
        let (path, _) = route.handler_place.as_ref()?;
        let file = survey.all_files().iter().find(|file| file.path == *path)?;
        let name = route.handler.strip_prefix(&*file.summary.module)?;
        let name = name.strip_prefix(file.language.separator())?;
        let (number, notes) = self.0.get(&(&*file.path, name))?;
        Some((*number, notes.clone()))
    }
}

/// A way in which routes do something, with one place for each route.
pub(crate) struct Way<'a> {
    /// What is shown of it.
    pub(crate) shown: &'a str,
    /// The routes, each with the file and the place that shows it.
    pub(crate) routes: Vec<(&'a Served, usize, &'a Note)>,
}

/// Ways by key.
pub(crate) type Ways<'a> = BTreeMap<&'a str, Way<'a>>;

/// Adds a route to a way: once.
pub(crate) fn add<'a>(ways: &mut Ways<'a>, route: &'a Served, file: usize, note: &'a Note) {
    let way = ways.entry(&note.key).or_insert(Way { shown: &note.detail, routes: Vec::new() });
    if way.routes.iter().all(|(known, ..)| !std::ptr::eq(*known, route)) {
        way.routes.push((route, file, note));
    }
}

/// The way of most routes: more than half of them, and three at least.
pub(crate) fn usual<'a>(ways: &Ways<'a>, routes: usize) -> Option<&'a str> {
    let (key, way) = ways.iter().max_by_key(|(key, way)| (way.routes.len(), std::cmp::Reverse(**key)))?;
    (ways.len() > 1 && way.routes.len() >= 3 && way.routes.len() * 2 > routes).then_some(*key)
}
