//! What was seen in a workspace, held against the catalogue.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shipworthy_evidence::{Content, Format};
use shipworthy_syntax::{Encoding, Language, Range, Text};

use super::catalogue::{Catalogue, Definition, Place, Proof, Strength};
use super::sightings::Sightings;
use crate::code_role::CodeRole;
use crate::inventory::{Capability, Evidence, Route, Span, Spot, Status};
use crate::outcome::AuditedFile;
use crate::survey::Around;

/// More places than these a reader does not open.
const MAX_EVIDENCE: usize = 8;

/// The share of what is there to be seen, and nowhere where it is measured.
const SOMEWHERE: f64 = 0.25;

/// A file of the code, with what it shows.
pub struct Code<'a> {
    /// Its path in the workspace.
    pub path: Arc<str>,
    /// What kind of code it is.
    pub role: CodeRole,
    /// Its text.
    pub text: &'a Text,
    /// What it shows.
    pub sightings: Sightings,
}

/// A workspace, or a project of it, as capabilities are judged on it.
pub struct Scene<'a> {
    /// The files of the code.
    pub code: Vec<&'a Code<'a>>,
    /// The files around it.
    pub around: Vec<&'a Around<'a>>,
    /// The paths of all files.
    pub paths: Vec<&'a String>,
    /// The texts of the files whose text [`Catalogue::wants_text`].
    pub texts: &'a BTreeMap<String, String>,
    /// All files as they were audited: their sites and findings.
    pub audited: Vec<&'a AuditedFile>,
    /// The routes that are known.
    pub routes: Vec<&'a Route>,
}

impl<'a> Scene<'a> {
    /// What of it lies in files.
    #[must_use]
    pub fn of(&self, is_kept: impl Fn(&str) -> bool) -> Self {
        fn kept<'a, T>(all: &[&'a T], is_kept: impl Fn(&T) -> bool) -> Vec<&'a T> {
            all.iter().copied().filter(|one| is_kept(one)).collect()
        }
        Self {
            code: kept(&self.code, |file| is_kept(&file.path)),
            around: kept(&self.around, |file| is_kept(&file.file.path)),
            paths: kept(&self.paths, |path| is_kept(path)),
            texts: self.texts,
            audited: kept(&self.audited, |file| is_kept(&file.path)),
            routes: kept(&self.routes, |route| is_kept(&route.place.path)),
        }
    }
}

impl Catalogue {
    /// Whether the text of a file is asked for.
    pub fn wants_text(&self, path: &str) -> bool {
        let of_vendor = role_of(path) == CodeRole::Vendored;
        !of_vendor && self.probes.of_path(path).iter().any(|(_, wants_text)| *wants_text)
    }
}

/// Judges all capabilities of a catalogue.
pub fn judge(catalogue: &Catalogue, scene: &Scene<'_>) -> Vec<Capability> {
    let proofs: Vec<&Proof> = catalogue.proofs().collect();
    let mut seen = Seen { proofs: &proofs, places: vec![Vec::new(); proofs.len()] };
    seen.in_code(scene);
    seen.in_files(catalogue, scene);
    seen.in_formats(scene);
    seen.in_routes(catalogue, scene);

    let mut numbers = 0..;
    let mut take = |count: usize| -> Vec<usize> { numbers.by_ref().take(count).collect() };
    let lines = || -> usize {
        let code = scene.code.iter().filter(|file| file.role == CodeRole::Production);
        code.map(|file| file.text.line_count() as usize).sum()
    };
    let conditions: BTreeMap<&str, bool> = catalogue
        .conditions
        .iter()
        .map(|condition| {
            let seen = take(condition.evidence.len()).iter().any(|n| !seen.places[*n].is_empty());
            let long = condition.lines.is_some_and(|least| lines() > least);
            (condition.id.as_str(), seen || long)
        })
        .collect();
    let mut judged: Vec<Capability> = Vec::new();
    for definition in &catalogue.capabilities {
        let numbers = take(definition.evidence.len());
        judged.push(one(definition, &numbers, &seen, scene));
    }
    let there: BTreeSet<&str> = catalogue
        .capabilities
        .iter()
        .zip(&judged)
        .filter(|(_, judged)| matches!(judged.status, Status::Present | Status::Partial))
        .map(|(definition, _)| definition.id.as_str())
        .collect();
    // A dependency by which another capability is there is used, whatever else it could do.
    let used: BTreeSet<Evidence> = catalogue
        .capabilities
        .iter()
        .filter(|definition| there.contains(definition.id.as_str()))
        .flat_map(|definition| declared(definition, scene))
        .collect();
    for (definition, judged) in catalogue.capabilities.iter().zip(&mut judged) {
        if judged.status == Status::DeclaredOnly
            && declared(definition, scene).iter().all(|place| used.contains(place))
        {
            judged.status = Status::Missing;
            judged.evidence.clear();
        }
        let holds = |term: &str| match term.strip_prefix("capability:") {
            Some(other) => there.contains(other),
            None => conditions.get(term).copied().unwrap_or_default(),
        };
        let applies =
            definition.applies.is_empty() || definition.terms().any(|all| all.into_iter().all(holds));
        if judged.status == Status::Missing && !applies {
            judged.status = Status::NotApplicable;
        }
    }
    judged
}

/// Judges one capability by its evidence: missing where there is none.
fn one(definition: &Definition, numbers: &[usize], seen: &Seen<'_>, scene: &Scene<'_>) -> Capability {
    let mut evidence: Vec<&Evidence> = Vec::new();
    let mut measured: Vec<Evidence> = Vec::new();
    let (mut total, mut counted) = (0.0, 0);
    for part in definition.parts() {
        let own: Vec<(&Proof, usize)> = definition
            .evidence
            .iter()
            .zip(numbers.iter().copied())
            .filter(|(proof, _)| proof.part == part)
            .collect();
        let shares: Vec<(f64, Vec<Evidence>)> =
            own.iter().filter_map(|(proof, _)| measure(proof, scene)).collect();
        let share = shares.iter().map(|(share, _)| *share).reduce(f64::max);
        let is_measured_only = own.iter().all(|(proof, _)| proof.is_measured());
        let seen_of = |strength: Strength| {
            let own = own.iter().filter(move |(proof, _)| proof.strength == strength);
            own.flat_map(|(_, number)| &seen.places[*number]).collect::<Vec<&Evidence>>()
        };
        let (full, partial) = (seen_of(Strength::Full), seen_of(Strength::Partial));
        let is_proof = own.iter().any(|(proof, _)| proof.alone && proof.is_measured());
        let (strength, places) = match (full.is_empty(), partial.is_empty()) {
            _ if is_proof && share.is_some() => (1.0, full),
            (false, _) => (1.0, full),
            (true, false) => (0.5, partial),
            (true, true) => (if is_measured_only { 1.0 } else { 0.0 }, Vec::new()),
        };
        // What is only measured, and has nothing to measure, is no part here.
        if is_measured_only && share.is_none() {
            continue;
        }
        counted += 1;
        let least = if places.is_empty() { 0.0 } else { SOMEWHERE };
        total += f64::max(strength * share.unwrap_or(1.0), least);
        evidence.extend(places);
        if strength > 0.0 {
            measured.extend(shares.into_iter().flat_map(|(_, places)| places));
        }
    }
    let share = if counted == 0 { 0.0 } else { total / f64::from(counted) };
    let share = (share * 1000.0).round() / 1000.0;
    let (status, evidence) = if counted == 0 {
        (Status::NotApplicable, Vec::new())
    } else if share >= definition.enough {
        (Status::Present, few(evidence, measured))
    } else if share > 0.0 {
        (Status::Partial, few(evidence, measured))
    } else {
        let declared = declared(definition, scene);
        if declared.is_empty() {
            (Status::Missing, few(evidence, measured))
        } else {
            (Status::DeclaredOnly, few(declared.iter().collect(), Vec::new()))
        }
    };
    Capability {
        id: definition.id.clone(),
        title: definition.title.clone(),
        category: definition.category.unwrap_or(crate::level::Category::Quality),
        weight: definition.weight,
        status,
        share,
        evidence,
    }
}

impl Proof {
    /// Whether it is a share, and nothing to be seen.
    fn is_measured(&self) -> bool {
        !self.sound.is_empty() || !self.covered.is_empty()
    }
}

/// A few places of many: of each file the first, then the others.
fn few(seen: Vec<&Evidence>, measured: Vec<Evidence>) -> Vec<Evidence> {
    let mut files = BTreeSet::new();
    let (first, others): (Vec<&Evidence>, Vec<&Evidence>) =
        seen.into_iter().partition(|place| files.insert(&place.path));
    let mut chosen: Vec<Evidence> = measured;
    for place in first.into_iter().chain(others) {
        if chosen.len() >= MAX_EVIDENCE {
            break;
        }
        if !chosen
            .iter()
            .any(|known| known.path == place.path && known.range.start.line == place.range.start.line)
        {
            chosen.push(place.clone());
        }
    }
    chosen.sort();
    chosen.truncate(MAX_EVIDENCE);
    chosen
}

/// The share that rules or routes give, with where they looked; none where there was nothing to look at.
fn measure(proof: &Proof, scene: &Scene<'_>) -> Option<(f64, Vec<Evidence>)> {
    if !proof.sound.is_empty() {
        let (mut sites, mut open, mut places) = (0_u32, 0_u32, Vec::new());
        for file in &scene.audited {
            let is_asked = |rule: &str| proof.sound.iter().any(|wanted| wanted == rule);
            let own: u32 = file.sites.iter().filter(|(rule, _)| is_asked(rule)).map(|(_, n)| n).sum();
            let wrong = file.findings.iter().filter(|f| is_asked(f.rule.name) && f.suppressed.is_none());
            let wrong = wrong.count() as u32;
            let own = own.max(wrong);
            sites += own;
            open += wrong;
            if own > wrong {
                let text = format!("{} of {own} sound by {}", own - wrong, proof.sound.join(", "));
                places.push(Evidence { path: file.path.clone(), range: START, text });
            }
        }
        places.sort_by_key(|place| std::cmp::Reverse(place.text.len()));
        places.truncate(MAX_EVIDENCE / 2);
        return (sites > 0).then(|| (f64::from(sites - open) / f64::from(sites), places));
    }
    let has = |route: &Route| match proof.covered.as_str() {
        "authentication" => route.authentication,
        "rate-limit" => route.rate_limit,
        "validation" => route.validation,
        _ => None,
    };
    let is_open =
        |route: &Route| route.path.split('/').any(|part| proof.open.iter().any(|open| open == part));
    let asked = || scene.routes.iter().copied().filter(|route| !is_open(route));
    let known: Vec<bool> = asked().filter_map(has).collect();
    let covered = asked().filter(|route| has(route) == Some(true));
    let places = covered.take(MAX_EVIDENCE / 2).map(|route| route.place.clone()).collect();
    let share = known.iter().filter(|has| **has).count() as f64 / known.len().max(1) as f64;
    (!known.is_empty()).then_some((share, places))
}

/// Where a capability is declared that nothing uses.
fn declared(definition: &Definition, scene: &Scene<'_>) -> Vec<Evidence> {
    let declared = &definition.declared;
    let mut found = Vec::new();
    let around = scene.around.iter().filter(|file| counts(Place::Production, file.role));
    for file in around {
        let mut see = |range: Range| found.push(place(&file.file.path, file.text, range));
        match &file.file.content {
            Content::Manifest(manifest) => {
                let own = manifest.dependencies.iter().filter(|dependency| !dependency.is_indirect);
                let named = own.filter(|dependency| {
                    let name = dependency.name.to_ascii_lowercase().replace('_', "-");
                    declared.dependencies.iter().any(|wanted| {
                        let below = || name.strip_prefix(wanted.as_str()).is_some_and(|r| r.starts_with('/'));
                        *wanted == name || below()
                    })
                });
                named.for_each(|dependency| see(dependency.range));
            }
            Content::Env(env) => env
                .entries
                .iter()
                .filter(|entry| declared.variables.contains(&entry.name.text) && !entry.value.text.is_empty())
                .for_each(|entry| see(entry.name.range)),
            _ => images(file)
                .filter(|(name, _)| declared.images.iter().any(|wanted| wanted == name))
                .for_each(|(_, range)| see(range)),
        }
    }
    found
}

/// The images that a file starts, by their last name.
fn images<'a>(file: &'a Around<'_>) -> impl Iterator<Item = (&'a str, Range)> {
    let compose = file.file.compose().into_iter().flat_map(|compose| &compose.services);
    let compose = compose.filter_map(|service| service.image.as_ref());
    let objects = file.file.kubernetes().into_iter().flat_map(|manifest| &manifest.objects);
    let containers = objects.filter_map(|o| o.workload.as_ref()).flat_map(|workload| &workload.containers);
    let started = compose.chain(containers.filter_map(|container| container.image.as_ref()));
    started.map(|image| (image.name(), image.range))
}

/// Where each proof was seen, by its number.
struct Seen<'a> {
    proofs: &'a [&'a Proof],
    places: Vec<Vec<Evidence>>,
}

impl Seen<'_> {
    fn in_code(&mut self, scene: &Scene<'_>) {
        let last = |handler: &'_ str| handler.rsplit(['.', ':', '#']).next().unwrap_or_default().to_owned();
        let answering: BTreeSet<String> = scene.routes.iter().map(|route| last(&route.handler)).collect();
        for file in &scene.code {
            for sighting in &file.sightings.seen {
                let role = match file.role {
                    CodeRole::Production if sighting.in_test => CodeRole::Test,
                    role => role,
                };
                let proof = self.proofs[sighting.proof];
                let idle = proof.served
                    && !answering.is_empty()
                    && !answering.contains(&*file.text.slice(sighting.range));
                if counts(proof.place, role) && !idle {
                    let seen = place(&file.path, file.text, sighting.range);
                    self.places[sighting.proof].push(seen);
                }
            }
        }
    }

    fn in_files(&mut self, catalogue: &Catalogue, scene: &Scene<'_>) {
        for path in &scene.paths {
            let role = role_of(path);
            for (number, wants_text) in catalogue.probes.of_path(path) {
                let proof = self.proofs[number];
                if !counts(proof.place, role) {
                    continue;
                }
                let seen = if wants_text {
                    scene.texts.get(*path).and_then(|text| {
                        let lower = text.to_ascii_lowercase();
                        let found = proof.text.iter().filter_map(|wanted| {
                            Some((lower.find(&wanted.to_ascii_lowercase())?, wanted.len()))
                        });
                        let (at, length) = found.min()?;
                        Some(place(path, &Text::new(text), Range::from(at..at + length)))
                    })
                } else {
                    let name = path.rsplit('/').next().unwrap_or(path);
                    Some(Evidence { path: (*path).clone(), range: START, text: name.to_owned() })
                };
                self.places[number].extend(seen);
            }
        }
    }

    /// Routes that are known have full paths and methods, however they are registered.
    fn in_routes(&mut self, catalogue: &Catalogue, scene: &Scene<'_>) {
        for route in &scene.routes {
            let by_path = catalogue.probes.of_route(&route.path, &route.method);
            let by_method = (0..self.proofs.len()).filter(|&n| {
                self.proofs[n].routes.is_empty() && self.proofs[n].methods.contains(&route.method)
            });
            for number in by_path.into_iter().chain(by_method) {
                if counts(self.proofs[number].place, role_of(&route.place.path)) {
                    self.places[number].push(route.place.clone());
                }
            }
        }
    }

    fn in_formats(&mut self, scene: &Scene<'_>) {
        for file in &scene.around {
            let path = &file.file.path;
            for (number, proof) in self.proofs.iter().enumerate() {
                if !counts(proof.place, file.role) {
                    continue;
                }
                let ranges: Vec<Range> = match &file.file.content {
                    Content::Ci(ci) if !proof.steps.is_empty() => {
                        let steps = ci.jobs.iter().flat_map(|job| &job.steps);
                        let words = steps.flat_map(|step| step.uses.iter().chain(&step.run));
                        words.filter_map(|word| step(&proof.steps, word, file.text)).collect()
                    }
                    Content::Dockerfile(dockerfile) if !proof.instructions.is_empty() => dockerfile
                        .stages
                        .iter()
                        .flat_map(|stage| &stage.instructions)
                        .filter(|own| proof.instructions.contains(&own.keyword))
                        .map(|own| own.range)
                        .collect(),
                    Content::Kubernetes(manifest) if !proof.kinds.is_empty() => manifest
                        .objects
                        .iter()
                        .filter(|object| proof.kinds.contains(&object.kind.text))
                        .map(|object| object.kind.range)
                        .collect(),
                    _ => Vec::new(),
                };
                let started =
                    images(file).filter(|(name, _)| proof.images.iter().any(|wanted| wanted == name));
                let ranges = ranges.into_iter().chain(started.map(|(_, range)| range));
                self.places[number].extend(ranges.map(|range| place(path, file.text, range)));
            }
        }
    }
}

/// Where a step runs or uses one of some things: as whole words.
fn step(wanted: &[String], word: &shipworthy_evidence::Word, text: &Text) -> Option<Range> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let holds = |wanted: &str| {
        word.text.match_indices(wanted).any(|(at, _)| {
            let before = word.text[..at].chars().next_back().is_some_and(is_part);
            let after = word.text[at + wanted.len()..].chars().next().is_some_and(is_part);
            !before && !after
        })
    };
    let found = wanted.iter().find(|wanted| holds(wanted))?;
    // The script as it is written may be of several lines: the one that says it.
    let written = text.slice(word.range);
    let at = written.find(found.as_str()).map_or(0, |at| at as u32);
    let start = word.range.start + at;
    Some(Range { start, end: (start + found.len() as u32).min(word.range.end.max(start)) })
}

/// Whether a proof that counts in a place counts in a file of a role.
fn counts(place: Place, role: CodeRole) -> bool {
    match place {
        Place::Production => role == CodeRole::Production,
        Place::Tests => role == CodeRole::Test,
        Place::Anywhere => role != CodeRole::Vendored,
    }
}

/// The role of a file by its path: of what is no code by its folders.
fn role_of(path: &str) -> CodeRole {
    match Language::from_path(path) {
        Some(language) => CodeRole::of_file(language, path, ""),
        None => CodeRole::of_file(Format::Ci, path, ""),
    }
}

/// The start of a file.
const START: Span = Span { start: Spot { line: 1, column: 1 }, end: Spot { line: 1, column: 1 } };

/// A place with what stands there, in a few words.
fn place(path: &str, text: &Text, range: Range) -> Evidence {
    const MAX: usize = 80;
    let spot = |at: u32| {
        let position = text.position(at, Encoding::Utf32);
        Spot { line: position.line + 1, column: position.column + 1 }
    };
    let line = text.line_range(text.line_of(range.start));
    // A name in a text of prose or settings says little by itself.
    let whole = text.slice(Range { start: range.start, end: range.end.min(line.end).max(range.start) });
    let words = if whole.len() < 24 { text.slice(line) } else { whole };
    let mut words: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > MAX {
        words = words.chars().take(MAX - 1).chain(['…']).collect();
    }
    Evidence {
        path: path.to_owned(),
        range: Span { start: spot(range.start), end: spot(range.end) },
        text: words,
    }
}
