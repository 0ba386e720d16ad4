//! What the catalogue asks for, arranged by how it is found: each name in the code is looked up once, whatever asks for it.

use aho_corasick::AhoCorasick;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use rustc_hash::FxHashMap;
use shipworthy_facts::Effects;
use shipworthy_syntax::Language;

use super::catalogue::{Catalogue, Proof};

/// The numbers of proofs by what they look for.
#[derive(Debug, Default)]
pub(crate) struct Probes {
    names: FxHashMap<(Language, String), Vec<usize>>,
    pub(crate) roles: FxHashMap<String, Vec<(usize, Vec<String>)>>,
    pub(crate) effects: Vec<(Effects, usize, Vec<String>)>,
    pub(crate) called: FxHashMap<String, Vec<usize>>,
    pub(crate) called_like: Wildcards,
    pub(crate) set: Wildcards,
    defined: Wildcards,
    /// What of `defined` is about something else.
    excepted: Wildcards,
    pub(crate) bases: Wildcards,
    pub(crate) strings: Wildcards,
    routes: Wildcards,
    /// The methods of routes that proofs ask for beside their paths.
    methods: FxHashMap<usize, Vec<String>>,
    pub(crate) tests: Vec<usize>,
    files: GlobSet,
    /// By the number of a glob: its proof, and whether its text is asked for.
    by_glob: Vec<(usize, bool)>,
}

/// Texts with `*` for anything; one without capital letters is for every case.
#[derive(Debug, Default)]
pub(crate) struct Wildcards {
    exact: FxHashMap<String, Vec<usize>>,
    /// What stands between the `*`s, with the proof.
    open: Vec<(Vec<String>, usize)>,
    /// Finds the longest part of each open one, in any case: most texts hold none.
    longest: Option<AhoCorasick>,
}

impl Wildcards {
    fn of(patterns: Vec<(&str, usize)>) -> Self {
        let mut wildcards = Self::default();
        for (pattern, number) in patterns {
            if pattern.contains('*') {
                wildcards.open.push((pattern.split('*').map(str::to_owned).collect(), number));
            } else {
                wildcards.exact.entry(pattern.to_owned()).or_default().push(number);
            }
        }
        let longest = wildcards.open.iter().map(|(parts, _)| parts.iter().max_by_key(|part| part.len()));
        let longest: Vec<&str> = longest.map(|part| part.map_or("", String::as_str)).collect();
        wildcards.longest = AhoCorasick::builder().ascii_case_insensitive(true).build(longest).ok();
        wildcards
    }

    /// The proofs that a text is for.
    pub(crate) fn matching(&self, text: &str) -> Vec<usize> {
        if text.len() > MAX_BYTES {
            return Vec::new();
        }
        let mut found = self.exact.get(text).cloned().unwrap_or_default();
        // Patterns with capital letters match nothing in the lower case.
        let lower = text.to_ascii_lowercase();
        if lower != text {
            found.extend(self.exact.get(&lower).into_iter().flatten());
        }
        let held = self.longest.iter().flat_map(|longest| longest.find_overlapping_iter(text));
        let mut open: Vec<usize> = held.map(|part| part.pattern().as_usize()).collect();
        open.sort_unstable();
        open.dedup();
        let open = open.into_iter().filter_map(|at| self.open.get(at));
        let open = open.filter(|(parts, _)| matches(parts, text) || matches(parts, &lower));
        found.extend(open.map(|(_, number)| *number));
        found
    }
}

/// The names of calls that are evidence by themselves.
fn calls_alone(proof: &Proof) -> &[String] {
    if proof.roles.is_empty() && proof.effects.is_empty() { &proof.called } else { &[] }
}

/// Longer texts are prose.
const MAX_BYTES: usize = 100;

/// Whether a text has all parts in order, from its start to its end.
fn matches(parts: &[String], text: &str) -> bool {
    let [first, inner @ .., last] = parts else { return false };
    let rest = text.strip_prefix(first.as_str());
    let rest = inner.iter().try_fold(rest.unwrap_or_default(), |rest, part| {
        rest.find(part.as_str()).map(|at| &rest[at + part.len()..])
    });
    text.starts_with(first.as_str()) && rest.is_some_and(|rest| rest.ends_with(last.as_str()))
}

impl Probes {
    pub(super) fn new(catalogue: &Catalogue) -> Self {
        let mut probes = Self::default();
        let mut files = GlobSetBuilder::new();
        for (number, proof) in catalogue.proofs().enumerate() {
            let languages =
                [(Language::Python, &proof.python), (Language::Go, &proof.go), (Language::Rust, &proof.rust)];
            for (language, names) in languages {
                for name in names {
                    probes.names.entry((language, name.clone())).or_default().push(number);
                }
            }
            let called: Vec<String> = proof.called.iter().map(|name| name.to_ascii_lowercase()).collect();
            for role in &proof.roles {
                probes.roles.entry(role.clone()).or_default().push((number, called.clone()));
            }
            let effects = proof.effects.iter().filter_map(|name| Effects::by_name(name));
            probes.effects.extend(effects.map(|effect| (effect, number, called.clone())));
            for name in calls_alone(proof).iter().filter(|name| !name.contains('*')) {
                probes.called.entry(name.clone()).or_default().push(number);
            }
            if !proof.routes.is_empty() && !proof.methods.is_empty() {
                probes.methods.insert(number, proof.methods.clone());
            }
            if proof.tests {
                probes.tests.push(number);
            }
            for glob in &proof.files {
                let glob = match glob.strip_prefix('/') {
                    Some(in_root) => in_root.to_owned(),
                    None if glob.contains('/') => glob.clone(),
                    None => format!("**/{glob}"),
                };
                let glob = GlobBuilder::new(&glob).case_insensitive(true).literal_separator(true).build();
                if let Ok(glob) = glob {
                    files.add(glob);
                    probes.by_glob.push((number, !proof.text.is_empty()));
                }
            }
        }
        let wildcards = |patterns: fn(&Proof) -> &[String]| {
            let all = catalogue.proofs().enumerate();
            let of_proof = |(number, proof)| patterns(proof).iter().map(move |p| (p.as_str(), number));
            Wildcards::of(all.flat_map(of_proof).collect())
        };
        let calls = catalogue.proofs().enumerate().flat_map(|(number, proof)| {
            let open = calls_alone(proof).iter().filter(|name| name.contains('*'));
            open.map(move |name| (name.as_str(), number))
        });
        probes.called_like = Wildcards::of(calls.collect());
        probes.set = wildcards(|proof| &proof.names);
        probes.defined = wildcards(|proof| &proof.defines);
        probes.excepted = wildcards(|proof| &proof.except);
        probes.bases = wildcards(|proof| &proof.bases);
        probes.strings = wildcards(|proof| &proof.strings);
        probes.routes = wildcards(|proof| &proof.routes);
        probes.files = files.build().unwrap_or_default();
        probes
    }

    /// The proofs that a definition is for by its name.
    pub(crate) fn of_definition(&self, name: &str) -> Vec<usize> {
        let mut found = self.defined.matching(name);
        if !found.is_empty() {
            let excepted = self.excepted.matching(name);
            found.retain(|number| !excepted.contains(number));
        }
        found
    }

    /// The proofs that a route is for by its path. What is started by `POST /live` is no answer to who asks for `GET /live`.
    pub(crate) fn of_route(&self, path: &str, method: &str) -> Vec<usize> {
        let changes = matches!(method, "POST" | "PUT" | "PATCH" | "DELETE");
        let is_asked = |number: &usize| {
            let methods = self.methods.get(number).filter(|_| changes);
            methods.is_none_or(|methods| methods.iter().any(|asked| asked == method))
        };
        let mut found = self.routes.matching(path.trim_end_matches(['/', '$']));
        found.retain(is_asked);
        found
    }

    /// The proofs that an absolute name is for: those that ask for it or for what it is below.
    pub(crate) fn of_name(&self, language: Language, path: &str) -> Vec<usize> {
        let ends = path.char_indices().filter(|(_, c)| matches!(c, '.' | ':' | '/' | '!')).map(|(at, _)| at);
        let mut found = Vec::new();
        for end in ends.chain([path.len()]) {
            if let Some(numbers) = self.names.get(&(language, path[..end].to_owned())) {
                found.extend_from_slice(numbers);
            }
        }
        found
    }

    /// The proofs that a file is for by its path, each with whether it asks for the text too.
    pub(crate) fn of_path(&self, path: &str) -> Vec<(usize, bool)> {
        let mut found: Vec<_> = self.files.matches(path).into_iter().map(|at| self.by_glob[at]).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
