//! One file as it was read: its facts item by item, and what is remembered of each item.
//!
//! What is remembered of an item (a top-level definition): its facts by its revision; what its functions do and its findings by its
//! revision, the file's names and what it was told of the workspace. Everything else is computed again.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use shipworthy_facts::{
    Behaviour, Environment, Facts, Kind, Node, Resolver, RouteSpots, Routing, Summary, Vocabulary, Workspace,
    behaviour, declare, extract, qualified_name, routing,
};
use shipworthy_syntax::{Edit, Language, Range, Source, Spot, Text};

use crate::auditor::{Auditor, Configuration, Failure, Judged};
use crate::capability::Looker;
use crate::code_role::{CodeRole, is_test_definition};
use crate::finding::{Finding, FixEdit, Place, Related};
use crate::fingerprint::fingerprint;
use crate::home::Home;
use crate::index::IndexedFile;
use crate::note::Note;
use crate::outcome::AuditedFile;
use crate::suppression;
use crate::world::{Answers, Witness, World, hash};

/// What an analysis of a file gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// Findings in the file's bytes, sorted by position and rule; suppressed ones are among them, marked.
    pub findings: Vec<Finding>,
    /// Checked sites by rule, in the catalogue's order.
    pub sites: Vec<(&'static str, u32)>,
    /// What rules that judge the whole workspace noted, by the rule's place in the catalogue, in the file's bytes.
    pub notes: Vec<(usize, Note)>,
    /// What the file tells others.
    pub summary: Arc<Summary>,
    /// Where its functions and methods are defined, by their name in the module.
    pub definitions: Vec<(String, Range)>,
    /// Where its routes stand, in the file's bytes, in the order of the summary.
    pub route_spots: RouteSpots,
    /// Rules that panicked.
    pub failures: Vec<Failure>,
    /// Ranges that the parser could not read.
    pub unread: Vec<Range>,
}

/// One file as it was read.
pub struct Reading {
    path: Arc<str>,
    home: Home,
    language: Language,
    text: Text,
    items: Vec<Item>,
    /// What its names mean, and what it tells others but for what its functions do.
    names: Arc<(Environment, Summary)>,
    /// What the findings that are remembered were judged by.
    configuration: Option<Configuration>,
}

/// One item with what is remembered of it.
struct Item {
    range: Range,
    has_error: bool,
    revision: u64,
    facts: Arc<Facts>,
    behaviours: Option<Remembered<Behaviours>>,
    judged: Option<Remembered<Judged>>,
}

/// What an item tells of what its functions do.
#[derive(Default)]
struct Behaviours {
    /// By their name in the module.
    functions: Vec<(String, Behaviour)>,
    /// The routes that they add.
    routing: Routing,
    /// Where these stand, in the item.
    spots: RouteSpots,
}

/// Something that was found out about an item, with what it depends on beside the item's text.
struct Remembered<T> {
    /// The file's names and those of the workspace.
    names: u64,
    /// The state of the workspace in which it was last true.
    state: u64,
    /// What the workspace was asked.
    answers: Answers,
    found: T,
}

impl<T> Remembered<T> {
    /// Finds something out in a world.
    fn of(names: u64, world: &World<'_>, find: impl FnOnce(&dyn Workspace) -> T) -> Self {
        let witness = Witness::new(world);
        let found = find(&witness);
        Self { names, state: world.state(), answers: witness.answers(), found }
    }

    /// Whether it is still true; then it is remembered as true now.
    fn holds(&mut self, names: u64, world: &World<'_>) -> bool {
        let holds = self.names == names && (self.state == world.state() || self.answers.hold(world));
        if holds {
            self.state = world.state();
        }
        holds
    }
}

impl Reading {
    /// Reads a text. `path` is relative to the workspace, with `/`.
    pub fn new(path: &str, home: &Home, language: Language, text: &str) -> Self {
        Self::of(path, home, &Source::new(language, text))
    }

    pub(crate) fn of(path: &str, home: &Home, source: &Source) -> Self {
        let language = source.language();
        let mut reading = Self {
            path: path.into(),
            home: home.clone(),
            language,
            text: source.text().clone(),
            items: Vec::new(),
            names: Arc::new((Environment::new(language, &home.module, path), Summary::default())),
            configuration: None,
        };
        reading.refresh(source);
        reading
    }

    /// Takes over the text of a source. Items whose text did not change keep their facts and all that is remembered of them.
    pub(crate) fn refresh(&mut self, source: &Source) {
        let mut known: FxHashMap<u64, Item> = self.items.drain(..).map(|i| (i.revision, i)).collect();
        let items = source.items().iter().map(|item| {
            let known = known.remove(&item.revision()).map(|known| Item { range: item.range(), ..known });
            known.unwrap_or_else(|| Item {
                range: item.range(),
                has_error: item.has_error(),
                revision: item.revision(),
                facts: Arc::new(extract(self.language, item.tree(), item.text())),
                behaviours: None,
                judged: None,
            })
        });
        self.items = items.collect();
        self.text = source.text().clone();
        let all: Vec<&Facts> = self.items.iter().map(|i| &*i.facts).collect();
        let vocabulary = Vocabulary::built_in(self.language);
        self.names = Arc::new(declare(&all, self.language, &self.home.module, &self.path, vocabulary));
    }

    /// The path in the workspace.
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }
    /// Where it belongs.
    pub fn home(&self) -> &Home {
        &self.home
    }
    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }
    /// The text.
    pub fn text(&self) -> &Text {
        &self.text
    }
    /// What the file tells others, but for what its functions do.
    pub fn declared(&self) -> Arc<Summary> {
        Arc::new(self.names.1.clone())
    }
    /// The facts of each item with the offset of its first byte.
    pub fn facts(&self) -> impl Iterator<Item = (u32, &Arc<Facts>)> {
        self.items.iter().map(|item| (item.range.start, &item.facts))
    }
    /// Where its functions and methods are defined, by their name in the module.
    pub fn definitions(&self) -> impl Iterator<Item = (String, Range)> {
        let units = self.items.iter().flat_map(|item| item.facts.units().map(move |unit| (item, unit)));
        units.map(|(item, unit)| (qualified_name(unit), moved(unit.name_range(), item)))
    }

    /// What the file tells others. Remembers what its functions do.
    pub fn summarize(&mut self, base: &dyn Workspace) -> Summary {
        let names = self.names.clone();
        let (environment, declared) = &*names;
        let world = World::declared(declared, self.language, base);
        let mut summary = declared.clone();
        let known = hash(&(environment, base.own_names()));
        for item in &mut self.items {
            if !item.behaviours.as_mut().is_some_and(|known_before| known_before.holds(known, &world)) {
                item.behaviours = Some(Remembered::of(known, &world, |world| {
                    let resolver =
                        Resolver::new(&item.facts, environment, Vocabulary::built_in(self.language), world);
                    let units = item.facts.units();
                    let functions = units.map(|unit| (qualified_name(unit), behaviour(unit, &resolver)));
                    let functions = functions.collect();
                    let (routing, spots) = routing(item.facts.root(), &resolver, is_test_definition);
                    Behaviours { functions, routing, spots }
                }));
            }
            let Some(Remembered { found, .. }) = &item.behaviours else { continue };
            for (name, behaviour) in &found.functions {
                if let Some(function) = summary.functions.get_mut(name.as_str()) {
                    function.behaviour.extend(behaviour);
                }
            }
            summary.routing.extend(&found.routing);
        }
        summary
    }

    /// Where the routes of its last summary stand.
    fn route_spots(&self) -> RouteSpots {
        let mut spots = RouteSpots::default();
        for item in &self.items {
            let Some(Remembered { found, .. }) = &item.behaviours else { continue };
            spots.routes.extend(found.spots.routes.iter().map(|range| moved(*range, item)));
            spots.groups.extend(found.spots.groups.iter().map(|range| moved(*range, item)));
        }
        spots
    }

    /// The file for an index, with what it tells others: what it declares, or more.
    pub fn indexed(&self, summary: Arc<Summary>) -> IndexedFile {
        let spot = |(name, range): (String, Range)| (name.into(), Spot::of(range, &self.text));
        let mut definitions: Vec<(Box<str>, Spot)> = self.definitions().map(spot).collect();
        // Of several definitions of one name the first.
        definitions.sort_by(|a, b| a.0.cmp(&b.0));
        definitions.dedup_by(|later, first| later.0 == first.0);
        let asked =
            self.items.iter().filter_map(|item| item.behaviours.as_ref()).flat_map(|b| b.answers.names());
        IndexedFile {
            path: self.path.clone(),
            language: self.language,
            project: self.home.project.clone(),
            summary,
            definitions: definitions.into(),
            asked: crate::index::asked(self.language, asked),
        }
    }

    /// Judges the file, as the settings want it: all but what [`Reading::finish`] adds.
    pub fn judge(
        &mut self,
        auditor: &Auditor,
        configuration: &Configuration,
        base: &dyn Workspace,
    ) -> Analysis {
        if self.configuration.as_ref() != Some(configuration) {
            self.items.iter_mut().for_each(|item| item.judged = None);
            self.configuration = Some(configuration.clone());
        }
        let summary = self.summarize(base);
        let names = self.names.clone();
        let world = World::new(&summary, self.language, base);
        let known = hash(&(&names.0, base.own_names()));
        let role = self.role();
        for item in &mut self.items {
            if !item.judged.as_mut().is_some_and(|known_before| known_before.holds(known, &world)) {
                item.judged = Some(Remembered::of(known, &world, |world| {
                    let vocabulary = Vocabulary::built_in(self.language);
                    let resolver = Resolver::new(&item.facts, &names.0, vocabulary, world);
                    auditor.judge(&item.facts, &resolver, role, configuration)
                }));
            }
        }
        self.collect(auditor, configuration, summary, base)
    }

    /// Shows its items to somebody, with what their names mean.
    pub(crate) fn look(&self, summary: &Summary, base: &dyn Workspace, looker: Looker<'_>) {
        let world = World::declared(summary, self.language, base);
        for item in &self.items {
            let vocabulary = Vocabulary::built_in(self.language);
            looker(
                item.range.start,
                &item.facts,
                &Resolver::new(&item.facts, &self.names.0, vocabulary, &world),
            );
        }
    }

    /// What kind of code it is.
    pub fn role(&self) -> CodeRole {
        let head = self.text.slice(Range { start: 0, end: self.text.len().min(2_000) });
        CodeRole::of_file(self.language, &self.path, &head)
    }

    /// The items' findings, in the file's bytes, as the settings want them.
    fn collect(
        &self,
        auditor: &Auditor,
        configuration: &Configuration,
        summary: Summary,
        base: &dyn Workspace,
    ) -> Analysis {
        let mut sites = vec![0; auditor.rules().len()];
        let mut analysis = Analysis {
            summary: Arc::new(summary),
            definitions: self.definitions().collect(),
            route_spots: self.route_spots(),
            ..Analysis::default()
        };
        for item in &self.items {
            analysis.unread.extend(item.facts.errors.iter().map(|r| moved(*r, item)));
            let Some(Remembered { found: judged, .. }) = &item.judged else { continue };
            for (rule, count) in &judged.sites {
                sites[*rule] += count;
            }
            analysis.failures.extend(judged.failures.iter().cloned());
            analysis.notes.extend(judged.notes.iter().map(|(rule, note)| {
                let symbol = symbol(item.facts.covering(note.range));
                (*rule, Note { range: moved(note.range, item), symbol, ..note.clone() })
            }));
            for finding in &judged.findings {
                let mut finding = finding.clone();
                auditor.set_severity(&mut finding, configuration);
                finding.symbol = symbol(item.facts.covering(finding.range));
                finding.fingerprint = fingerprint(&finding, &self.path, item.facts.slice(finding.range));
                move_to_file(&mut finding, item);
                for related in &mut finding.related {
                    self.locate(related, &analysis.definitions, base);
                }
                analysis.findings.push(finding);
            }
        }
        analysis.sites =
            auditor.rules().iter().map(|r| r.name).zip(sites).filter(|(_, count)| *count > 0).collect();
        analysis
    }

    /// Finds the function that a related place names, in this file or in another.
    fn locate(&self, related: &mut Related, own: &[(String, Range)], base: &dyn Workspace) {
        let Place::Function(path) = &related.place else { return };
        let separator = self.language.separator();
        let name = path.strip_prefix(&*self.home.module).and_then(|name| name.strip_prefix(separator));
        let here = name.and_then(|name| own.iter().find(|(known, _)| known == name));
        let here = here.map(|(_, range)| (self.path.clone(), Spot::of(*range, &self.text)));
        if let Some((file, spot)) = here.or_else(|| base.definition(path)) {
            let name = path.rsplit(separator).next().unwrap_or(path);
            related.message = format!("`{name}` {}", related.message);
            related.place = Place::Definition(path.clone(), file, spot);
        }
    }

    /// Adds what was found of this file in the whole workspace (in the file's bytes), lets the file's suppressions accept what they
    /// cover, and leaves out what the settings do not want to see.
    pub fn finish(
        &self,
        analysis: &mut Analysis,
        surveyed: &[Finding],
        auditor: &Auditor,
        configuration: &Configuration,
    ) {
        for finding in surveyed {
            let mut finding = finding.clone();
            auditor.set_severity(&mut finding, configuration);
            finding.symbol = self.symbol(finding.range);
            finding.fingerprint = fingerprint(&finding, &self.path, &self.text.slice(finding.range));
            analysis.findings.push(finding);
        }
        analysis.findings.sort_by(order);
        analysis.findings.dedup_by(|a, b| a.range == b.range && a.rule.name == b.rule.name);
        crate::fingerprint::number(&mut analysis.findings);
        self.suppress(auditor, configuration, analysis);
        analysis.findings.retain(|finding| finding.confidence >= configuration.minimum_confidence);
    }

    /// The name of what stands around a range of the file.
    fn symbol(&self, range: Range) -> String {
        let around = self.items.iter().find(|item| item.range.contains_range(range));
        around.map_or_else(String::new, |item| {
            let start = i64::from(item.range.start);
            symbol(item.facts.covering(range.shift(-start)))
        })
    }

    /// Lets the file's suppressions accept what they cover.
    fn suppress(&self, auditor: &Auditor, configuration: &Configuration, analysis: &mut Analysis) {
        if !self.items.iter().any(|item| item.facts.text.contains(suppression::MARK)) {
            return;
        }
        let text = self.text.to_string();
        let comments: Vec<Range> = self
            .facts()
            .flat_map(|(start, facts)| facts.comments.iter().map(move |c| c.range.shift(i64::from(start))))
            .collect();
        let spans = self.suppressible();
        let file = suppression::File {
            path: &self.path,
            text: &text,
            comments: &comments,
            spans: &spans,
            is_broken: !analysis.unread.is_empty(),
        };
        suppression::settle(analysis, &file, auditor, configuration, self.role());
    }

    /// The units with a syntax error in them; where an error stands outside every unit, its whole item.
    pub(crate) fn broken_units(&self) -> Vec<Range> {
        let mut broken = Vec::new();
        for item in &self.items {
            if item.facts.errors.is_empty() && !item.has_error {
                continue;
            }
            let units: Vec<Range> = item.facts.units().filter(|u| u.has_error()).map(Node::range).collect();
            let outside = |e: &Range| !units.iter().any(|u| u.start <= e.start && e.end <= u.end);
            if units.is_empty() || item.facts.errors.iter().any(outside) {
                broken.push(item.range);
            } else {
                broken.extend(units.into_iter().map(|u| moved(u, item)));
            }
        }
        broken
    }

    /// The text changes of a finding's fix in this file, sorted and without overlaps, in the file's bytes; none where it has no fix.
    pub fn fix_edits(&self, finding: &Finding) -> Option<Vec<Edit>> {
        let fix = finding.fix.as_ref()?;
        let items: Vec<(u32, &Facts)> = self.facts().map(|(start, facts)| (start, &**facts)).collect();
        let mut edits: Vec<Edit> = fix
            .edits
            .iter()
            .filter_map(|edit| match edit {
                FixEdit::Replace(range, text) => Some(Edit::new(*range, text.clone())),
                FixEdit::Import(request) => crate::imports::insertion(request, &items, self.language),
                FixEdit::Dependency(_) | FixEdit::Elsewhere(..) => None,
            })
            .collect();
        edits.sort_by_key(|e| (e.range.start, e.range.end));
        Some(edits)
    }

    /// The change that accepts a finding where it stands; none where there is no place for a comment.
    pub fn ignore(&self, finding: &Finding, reason: &str) -> Option<Edit> {
        let (text, sign) = (self.text.to_string(), self.language.comment_sign());
        let start = finding.range.start;
        suppression::ignore_here(&text, sign, &self.suppressible(), start, finding.rule.name, reason)
    }

    /// What suppressions can stand for.
    fn suppressible(&self) -> Vec<Range> {
        self.facts().flat_map(|(start, facts)| suppression::spans(facts, start)).collect()
    }

    /// The file as a part of an audit's outcome.
    pub fn outcome(&self, analysis: &Analysis) -> AuditedFile {
        let findings = analysis.findings.iter().map(|finding| {
            let mut finding = finding.clone();
            let edits = self.fix_edits(&finding).unwrap_or_default();
            if let Some(fix) = &mut finding.fix {
                // What another file has to say is told once all are read.
                fix.edits.retain(|edit| matches!(edit, FixEdit::Dependency(_)));
                fix.edits.extend(edits.into_iter().map(|e| FixEdit::Replace(e.range, e.text)));
            }
            finding
        });
        AuditedFile {
            path: self.path.to_string(),
            language: self.language.into(),
            text: self.text.to_string().into(),
            findings: findings.collect(),
            sites: analysis.sites.clone(),
            unread: analysis.unread.clone(),
            failures: analysis.failures.clone(),
        }
    }
}

/// By position, then by rule.
pub(crate) fn order(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    (a.range, a.rule.name, &a.message).cmp(&(b.range, b.rule.name, &b.message))
}

/// The name of what stands around a fact: `Class.method`, a function, a class.
fn symbol(node: Node<'_>) -> String {
    let around = std::iter::once(node).chain(node.ancestors());
    let named = around.filter(|n| matches!(n.kind(), Kind::Function | Kind::Class)).last();
    let method = std::iter::once(node).chain(node.ancestors()).filter(|n| n.is(Kind::Function)).last();
    method.map(qualified_name).or(named.map(|n| n.name().to_owned())).unwrap_or_default()
}

fn moved(range: Range, item: &Item) -> Range {
    Range { start: range.start + item.range.start, end: range.end + item.range.start }
}

fn move_to_file(finding: &mut Finding, item: &Item) {
    finding.range = moved(finding.range, item);
    for related in &mut finding.related {
        if let Place::Here(range) = &mut related.place {
            *range = moved(*range, item);
        }
    }
    for edit in finding.fix.iter_mut().flat_map(|f| &mut f.edits) {
        if let FixEdit::Replace(range, _) = edit {
            *range = moved(*range, item);
        }
    }
}
