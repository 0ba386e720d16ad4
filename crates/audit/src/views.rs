//! What answers a route where a class does, or where decorators say more than the registration: methods and actions.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use shipworthy_facts::{Answer, Function, Route, Vocabulary, Workspace, words};
use shipworthy_syntax::Language;

use crate::index::View;
use crate::survey::Surveyed;

/// The methods that classes are asked for.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// A path is not listed for more texts than these.
const MAX_TEXTS: usize = 40;

/// How many classes of a lineage are looked at.
const MAX_CLASSES: usize = 60;

/// What files say of their handlers, and the texts that paths are made of, by absolute names.
#[derive(Default)]
pub(crate) struct Answers {
    answers: FxHashMap<(Language, String), Answer>,
    texts: FxHashMap<(Language, String), BTreeSet<String>>,
}

impl Answers {
    /// Those of all files.
    pub(crate) fn of(files: &[Surveyed<'_>]) -> Self {
        let mut all = Self::default();
        for file in files {
            let routing = &file.summary.routing;
            for answer in &routing.answers {
                all.answers.entry((file.language, answer.name.to_string())).or_insert_with(|| answer.clone());
            }
            for (name, text) in &routing.texts {
                all.texts.entry((file.language, name.to_string())).or_default().insert(text.to_string());
            }
        }
        all
    }

    /// A path with the texts in it that stand elsewhere: `{=app.PREFIX=PREFIX}/orders`. Where one of them may be several texts, the path as
    /// it is written.
    pub(crate) fn told(&self, view: &View<'_>, language: Language, path: &str) -> String {
        match &mut self.all_told(view, language, path)[..] {
            [only] => std::mem::take(only),
            _ => path
                .split("{=")
                .map(|part| part.rsplit_once('=').map_or(part.to_owned(), |(_, rest)| format!("{{{rest}")))
                .collect(),
        }
    }

    /// A path once for each of the texts that may stand in it: what a function is given by its callers.
    pub(crate) fn all_told(&self, view: &View<'_>, language: Language, path: &str) -> Vec<String> {
        let mut parts = path.split("{=");
        let mut told = vec![parts.next().unwrap_or_default().to_owned()];
        for part in parts {
            let (named, rest) = part.split_once('}').unwrap_or((part, ""));
            let (name, written) = named.split_once('=').unwrap_or((named, named));
            let written = BTreeSet::from([format!("{{{written}}}")]);
            let texts = self.texts.get(&(language, view.resolved_key(name)));
            let texts = texts.filter(|texts| texts.len() * told.len() <= MAX_TEXTS).unwrap_or(&written);
            told = told
                .iter()
                .flat_map(|before| texts.iter().map(move |text| [before, text, rest].concat()))
                .collect();
        }
        told
    }
}

/// A route as its handler answers it.
pub(crate) struct Answered {
    pub(crate) route: Route,
    /// The path under the route's own.
    pub(crate) path: String,
}

/// What one file's routes lead to.
pub(crate) struct Views<'v, 'i> {
    pub(crate) view: &'v View<'i>,
    pub(crate) language: Language,
    pub(crate) answers: &'v Answers,
}

impl Views<'_, '_> {
    /// A route, or one for each action of its class.
    pub(crate) fn answered(&self, route: &Route) -> Vec<Answered> {
        let handler = self.view.resolved_key(&route.handler);
        if !route.resource.is_empty() {
            let actions = self.actions(route, &handler);
            if !actions.is_empty() {
                return actions;
            }
        }
        let mut route = route.clone();
        if route.methods.is_empty() || route.assumed {
            let said = self.methods(&handler);
            if !said.is_empty() {
                route.methods = said;
            }
        }
        vec![Answered { route, path: String::new() }]
    }

    /// The methods that a function or class says it answers.
    fn methods(&self, handler: &str) -> Vec<Arc<str>> {
        if let Some(answer) = self.answer(handler).filter(|_| self.view.class(handler).is_none()) {
            return answer.methods.clone();
        }
        let lineage = self.lineage(handler);
        let mut methods: Vec<Arc<str>> = Vec::new();
        for class in &lineage {
            let own = self.view.named_methods(class).into_iter().map(|(name, _)| name.to_ascii_uppercase());
            methods.extend(own.filter(|name| METHODS.contains(&name.as_str())).map(Into::into));
            methods.extend(self.library(class, "methods").map(Into::into));
        }
        let allowed = lineage.iter().filter_map(|class| self.answer(class)).find(|a| !a.methods.is_empty());
        methods.retain(|method| allowed.is_none_or(|allowed| allowed.methods.contains(method)));
        methods.sort();
        methods.dedup();
        methods
    }

    /// The routes of a class of actions: those that every such class may have, and its own.
    fn actions(&self, route: &Route, class: &str) -> Vec<Answered> {
        let lineage = self.lineage(class);
        let usual = route.resource.split(['{', '}']).nth(1);
        let lookup = lineage.iter().find_map(|class| self.answer(class)?.path.as_deref()).or(usual);
        let allowed = lineage.iter().filter_map(|class| self.answer(class)).find(|a| !a.methods.is_empty());
        let mut seen = Vec::new();
        let mut actions = Vec::new();
        for class in &lineage {
            let own = self.view.named_methods(class);
            let procedures = route.resource.starts_with('*');
            let own =
                own.iter().filter(|(_, method)| !procedures || is_procedure(method)).map(|(name, _)| {
                    let handler = [class, self.language.separator(), name].concat();
                    (*name, self.answer(&handler).filter(|answer| answer.path.is_some()), handler)
                });
            let given = self.library(class, "actions").map(|name| (name, None, route.handler.to_string()));
            for (name, said, handler) in own.chain(given) {
                let (methods, path) = match (standard(&route.resource, name), said) {
                    (_, Some(answer)) => (answer.methods.clone(), answer.path.clone().unwrap_or_default()),
                    (Some((method, path)), None) => (vec![method.into()], path.into()),
                    // Each method that others may call.
                    (None, None) => match route.resource.strip_prefix("*=") {
                        Some(method) if name.starts_with(char::is_uppercase) => {
                            (vec![method.into()], name.into())
                        }
                        _ => continue,
                    },
                };
                if seen.contains(&name) {
                    continue;
                }
                seen.push(name);
                let path = match (path.split_once('{'), lookup) {
                    (Some((_, rest)), Some(lookup)) => {
                        format!("{{{lookup}}}{}", rest.split_once('}').map_or("", |(_, rest)| rest))
                    }
                    _ => path.to_string(),
                };
                let standard = !route.resource.starts_with('*');
                let slash = if standard && route.path.ends_with('/') && !path.is_empty() { "/" } else { "" };
                let mut methods = methods;
                methods.retain(|method| allowed.is_none_or(|allowed| allowed.methods.contains(method)));
                if !methods.is_empty() {
                    let route = Route { methods, handler: handler.into(), ..route.clone() };
                    actions.push(Answered { route, path: path.trim_end_matches('/').to_owned() + slash });
                }
            }
        }
        actions
    }

    fn answer(&self, name: &str) -> Option<&Answer> {
        self.answers.answers.get(&(self.language, name.to_owned()))
    }

    /// What the vocabulary says of a library's class, in words.
    fn library(&self, class: &str, property: &str) -> impl Iterator<Item = &'static str> + use<> {
        let meaning = Vocabulary::built_in(self.language).type_of(class);
        meaning.and_then(|m| m.property(property)).unwrap_or_default().split(' ').filter(|w| !w.is_empty())
    }

    /// A class and those that it is derived from, the nearest first; libraries' classes among them.
    fn lineage(&self, class: &str) -> Vec<String> {
        let mut lineage = Vec::new();
        let mut open = vec![class.to_owned()];
        while let Some(class) = open.pop() {
            let class = self.view.resolved_key(&class);
            if lineage.len() >= MAX_CLASSES || lineage.contains(&class) {
                continue;
            }
            let own = self.view.class(&class).map(|class| &*class.bases);
            let known = || Vocabulary::built_in(self.language).type_of(&class).map(|known| &*known.bases);
            let bases = own.or_else(known);
            open.extend(bases.into_iter().flatten().rev().map(ToString::to_string));
            lineage.push(class);
        }
        lineage
    }
}

/// The method and the path of an action that every class of some kind may have, from what is said of the kind:
/// `list=GET retrieve=GET{pk}`.
fn standard<'a>(kind: &'a str, action: &str) -> Option<(&'a str, &'a str)> {
    let said = kind.split(' ').find_map(|word| word.split_once('=').filter(|(name, _)| *name == action))?.1;
    Some(said.split_at(said.find('{').unwrap_or(said.len())))
}

/// Whether a method of Go's is a remote procedure: it is given a context and a message, or a stream, alone or with a message.
/// Others start and stop the server.
fn is_procedure(method: &Function) -> bool {
    const STREAMS: [&str; 6] = ["stream", "srv", "server", "ss", "out", "_"];
    let last = method.parameters.last().map(|name| &**name);
    let streams = || {
        let words = last.map(words).unwrap_or_default();
        last == Some("_") || words.last().is_some_and(|word| STREAMS.contains(&word.as_str()))
    };
    match (method.parameters.len(), method.results.len()) {
        (2, 2) => true,
        (1 | 2, 1) => streams(),
        _ => false,
    }
}
