//! One file as it was read: its facts item by item, and what is remembered of each item.
//!
//! What is remembered of an item (a top-level definition): its facts by its revision; what its functions do and its findings by its
//! revision, and by what was answered of the file's names and of the workspace. What the file tells others is made again where an item
//! tells something else than before.

use std::cell::OnceCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use shipworthy_facts::{
    Asked, Behaviour, Changes, Effects, Environment, Facts, Kind, Names, Node, Resolver, RouteSpots, Routing,
    Share, Summary, Workspace, behaviour, extract, qualified_name, routing,
};
use shipworthy_syntax::{Edit, Language, Range, Source, Spot, Text};

use crate::auditor::{Auditor, Configuration, Failure, Judged};
use crate::capability::Looker;
use crate::code_role::CodeRole;
use crate::finding::{Finding, FixEdit, Place, Related};
use crate::fingerprint::fingerprint;
use crate::home::Home;
use crate::index::{IndexedFile, modules_around};
use crate::note::Note;
use crate::outcome::AuditedFile;
use crate::suppression;
use crate::survey::Noted;
use crate::world::{Answers, Hashed, Witness, World, hash, reach};

/// What an analysis of a file gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// Findings in the file's bytes, sorted by position and rule; suppressed ones are among them, marked.
    pub findings: Vec<Finding>,
    /// Checked sites by rule, in the catalogue's order.
    pub sites: Vec<(&'static str, u32)>,
    /// What the file tells others.
    pub summary: Arc<Summary>,
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
    /// What kind of code it is by itself.
    own_role: CodeRole,
    /// Whether only tests have its module, as the other files said when it was judged last.
    is_for_tests: bool,
    items: Vec<Item>,
    names: Names,
    /// What it tells others but for what its functions do.
    declared: Hashed,
    /// What it tells others, as long as its items tell the same.
    told: Option<Told>,
    /// What the findings that are remembered were judged by.
    configuration: Option<Configuration>,
}

/// One item with what is remembered of it.
struct Item {
    range: Range,
    has_error: bool,
    revision: u64,
    facts: Arc<Facts>,
    /// Whether any of its comments may be a suppression.
    may_suppress: bool,
    behaviours: Option<Remembered<Behaviours>>,
    /// What its functions did before its text changed.
    before: Option<Behaviours>,
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

impl Behaviours {
    /// Whether others are told the same.
    fn tell_the_same(&self, other: &Self) -> bool {
        self.functions == other.functions && self.routing == other.routing
    }
}

/// What a file tells others.
struct Told {
    summary: Hashed,
    /// What its functions reach, in a state of the workspace.
    reach: Option<(u64, FxHashMap<String, Effects>)>,
}

/// Something that was found out about an item, with what it depends on beside the item's text.
struct Remembered<T> {
    /// Which names are the workspace's own.
    own_names: u64,
    /// The state of the workspace in which it was last true.
    state: u64,
    /// What the workspace was asked.
    answers: Answers,
    /// What the file's environment was asked.
    asked: Asked,
    found: T,
}

impl<T> Remembered<T> {
    /// Finds something out about an item in a world.
    fn of(
        facts: &Facts,
        environment: &Environment,
        world: &World<'_>,
        find: impl FnOnce(&Resolver<'_>) -> T,
    ) -> Self {
        let witness = Witness::new(world);
        let resolver = Resolver::new(facts, environment, &witness);
        let found = find(&resolver);
        let asked = resolver.asked();
        let own_names = world.own_names();
        Self { own_names, state: world.state(), answers: witness.answers(), asked, found }
    }

    /// Whether it is still true, where the environment's answers are; then it is remembered as true now.
    fn holds(&mut self, world: &World<'_>) -> bool {
        let holds =
            self.own_names == world.own_names() && (self.state == world.state() || self.answers.hold(world));
        if holds {
            self.state = world.state();
        }
        holds
    }
}

/// What a new text replaces.
struct Replaced {
    gone: Vec<Item>,
    /// The numbers of the items that are new.
    new: Vec<usize>,
    /// Nothing that stays has another place among them.
    in_order: bool,
}

/// Forgets what an environment with some changes may answer otherwise.
fn forget<T>(remembered: &mut Option<Remembered<T>>, changes: &Changes) -> Option<T> {
    remembered.take_if(|known| known.asked.minds(changes)).map(|known| known.found)
}

impl Reading {
    /// Reads a text. `path` is relative to the workspace, with `/`.
    pub fn new(path: &str, home: &Home, language: Language, text: &str) -> Self {
        Self::of(path, home, &Source::new(language, text))
    }

    pub(crate) fn of(path: &str, home: &Home, source: &Source) -> Self {
        let language = source.language();
        let names = Names::new(language, &home.module, path);
        let mut reading = Self {
            path: path.into(),
            home: home.clone(),
            language,
            text: source.text().clone(),
            own_role: CodeRole::of_file(language, path, &head(source.text())),
            is_for_tests: false,
            items: Vec::new(),
            declared: Hashed::new(names.summary.clone()),
            names,
            told: None,
            configuration: None,
        };
        reading.refresh(source);
        reading
    }

    /// Takes over the text of a source. Items whose text did not change keep their facts and all that is remembered of them.
    pub(crate) fn refresh(&mut self, source: &Source) {
        self.text = source.text().clone();
        let role = CodeRole::of_file(self.language, &self.path, &head(&self.text));
        self.set_role(role, self.is_for_tests);
        let Replaced { gone, new, in_order } = self.take_items(source);
        // Where items stand in the place of others that add the same to the file's names, these stay.
        let adds = |share: &Share<'_>| !share.is_empty();
        let before: Vec<Share<'_>> =
            gone.iter().map(|item| self.names.share(&item.facts)).filter(adds).collect();
        let after = new.iter().map(|number| self.names.share(&self.items[*number].facts));
        if !(in_order && after.filter(adds).eq(before)) {
            self.declare();
        }
        let told = |item: Item| item.behaviours.map(|known| known.found).or(item.before);
        if gone.len() == new.len() {
            for (gone, new) in gone.into_iter().zip(new) {
                self.items[new].before = told(gone);
            }
        } else if !gone.into_iter().filter_map(told).all(|told| told.tell_the_same(&Behaviours::default())) {
            self.told = None;
        }
    }

    /// Takes over what kind of code the file is, and forgets what was judged of another kind.
    fn set_role(&mut self, own: CodeRole, is_for_tests: bool) {
        let before = self.role();
        (self.own_role, self.is_for_tests) = (own, is_for_tests);
        if self.role() != before {
            self.items.iter_mut().for_each(|item| item.judged = None);
        }
    }

    /// Takes over the items of a source.
    fn take_items(&mut self, source: &Source) -> Replaced {
        let mut items = std::mem::take(&mut self.items);
        let now = source.items();
        let same = |(item, now): &(&Item, &shipworthy_syntax::Item)| item.revision == now.revision();
        let head = items.iter().zip(now).take_while(same).count();
        let tail = items[head..].iter().rev().zip(now[head..].iter().rev()).take_while(same).count();
        let behind = items.split_off(items.len() - tail);
        let known = (head..).zip(items.drain(head..)).map(|(number, item)| (item.revision, (number, item)));
        let mut known: FxHashMap<u64, (usize, Item)> = known.collect();
        let before = known.len();
        let mut new = Vec::new();
        for (number, item) in now.iter().enumerate().take(now.len() - tail).skip(head) {
            items.push(known.remove(&item.revision()).map(|(_, item)| item).unwrap_or_else(|| {
                new.push(number);
                Item::new(item, self.language)
            }));
        }
        items.extend(behind);
        for (item, now) in items.iter_mut().zip(now) {
            item.range = now.range();
        }
        self.items = items;
        let mut gone: Vec<(usize, Item)> = known.into_values().collect();
        gone.sort_by_key(|(number, _)| *number);
        let in_order = gone.len() == before || gone.iter().map(|(number, _)| number).eq(&new);
        Replaced { gone: gone.into_iter().map(|(_, item)| item).collect(), new, in_order }
    }

    /// Reads the file's names anew, and forgets what depends on those that changed.
    fn declare(&mut self) {
        let all: Vec<&Facts> = self.items.iter().map(|i| &*i.facts).collect();
        let names = Names::declare(&all, self.language, &self.home.module, &self.path);
        let changes = self.names.environment.changes(&names.environment);
        for item in &mut self.items {
            item.before = forget(&mut item.behaviours, &changes).or(item.before.take());
            forget(&mut item.judged, &changes);
        }
        self.declared = Hashed::new(names.summary.clone());
        self.names = names;
        self.told = None;
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
        self.names.summary.clone()
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
    pub fn summarize(&mut self, base: &dyn Workspace) -> Arc<Summary> {
        let world = World::declared(&self.declared, self.language, base);
        for item in &mut self.items {
            if item.behaviours.as_mut().is_some_and(|known| known.holds(&world)) {
                continue;
            }
            let before = item.behaviours.take().map(|known| known.found).or(item.before.take());
            let environment = &self.names.environment;
            let now = Remembered::of(&item.facts, environment, &world, |resolver| {
                let units = item.facts.units();
                let functions = units.map(|unit| (qualified_name(unit), behaviour(unit, resolver)));
                let functions = functions.collect();
                let (routing, spots) = routing(item.facts.root(), resolver);
                Behaviours { functions, routing, spots }
            });
            if !before.unwrap_or_default().tell_the_same(&now.found) {
                self.told = None;
            }
            item.behaviours = Some(now);
        }
        if let Some(told) = &self.told {
            return told.summary.summary.clone();
        }
        let mut summary = Summary::clone(&self.names.summary);
        for Remembered { found, .. } in self.items.iter().filter_map(|item| item.behaviours.as_ref()) {
            for (name, behaviour) in &found.functions {
                if let Some(function) = summary.functions.get_mut(name.as_str()) {
                    function.behaviour.extend(behaviour);
                }
            }
            summary.routing.extend(&found.routing);
        }
        let summary = Arc::new(summary);
        self.told = Some(Told { summary: Hashed::new(summary.clone()), reach: None });
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

    /// What rules that judge the whole workspace noted, by the rule's place in the catalogue, in the file's bytes.
    fn notes(&self) -> Vec<(usize, Note)> {
        let judged = self.items.iter().filter_map(|item| Some((item, &item.judged.as_ref()?.found)));
        let notes = judged.flat_map(|(item, judged)| {
            judged.notes.iter().map(move |(rule, note)| {
                let symbol = symbol(item.facts.covering(note.range));
                (*rule, Note { range: moved(note.range, item), symbol, ..note.clone() })
            })
        });
        notes.collect()
    }

    /// What a survey needs of the file, once it is judged, with what it tells others.
    pub fn noted(&self, summary: Arc<Summary>) -> Noted {
        Noted {
            path: self.path.clone(),
            language: self.language,
            project: self.home.project.clone(),
            role: self.role(),
            summary,
            notes: self.notes().into(),
            definitions: self.definitions().map(|(name, range)| (name.into(), range)).collect(),
            route_spots: self.route_spots(),
        }
    }

    /// A number that changes when a survey would see other notes of the file, wherever they stand.
    pub fn notes_state(&self) -> u64 {
        let judged = self.items.iter().map(|item| item.judged.as_ref().map(|known| known.found.noted));
        hash(&(self.role(), judged.collect::<Vec<_>>()))
    }

    /// Hashes of the names of the workspace that what is known of the file depends on, sorted.
    pub fn asked(&self) -> Arc<[u64]> {
        let told = self.items.iter().filter_map(|item| Some(&item.behaviours.as_ref()?.answers));
        let judged = self.items.iter().filter_map(|item| Some(&item.judged.as_ref()?.answers));
        // What kind of code a module of Rust's is, its declaration says, and those of the modules around it.
        let modules = modules_around(&self.home.module).filter(|_| self.language == Language::Rust);
        crate::index::asked(self.language, told.chain(judged).flat_map(Answers::all_names).chain(modules))
    }

    /// The file for an index, with what it tells others: what it declares, or more.
    pub fn indexed(&self, summary: Arc<Summary>) -> IndexedFile {
        let spot = |(name, range): (String, Range)| (name.into(), Spot::of(range, &self.text));
        let mut definitions: Vec<(Arc<str>, Spot)> = self.definitions().map(spot).collect();
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
        self.set_role(self.own_role, base.is_for_tests(&self.home.module));
        let role = self.role();
        let summary = self.summarize(base);
        let Some(Told { summary: told, reach: known }) = &mut self.told else { return Analysis::default() };
        if known.as_ref().is_none_or(|(state, _)| *state != base.state()) {
            *known = Some((base.state(), reach(&summary, self.language, base)));
        }
        let Some((_, reach)) = known else { return Analysis::default() };
        let world = World::new(told, self.language, base, reach);
        for item in &mut self.items {
            if !item.judged.as_mut().is_some_and(|known| known.holds(&world)) {
                let environment = &self.names.environment;
                item.judged = Some(Remembered::of(&item.facts, environment, &world, |resolver| {
                    let mut judged = auditor.judge(&item.facts, resolver, role, configuration);
                    for finding in &mut judged.findings {
                        auditor.set_severity(finding, configuration);
                        finding.symbol = symbol(item.facts.covering(finding.range));
                        finding.fingerprint =
                            fingerprint(finding, &self.path, item.facts.slice(finding.range));
                    }
                    judged
                }));
            }
        }
        self.collect(auditor, summary, base)
    }

    /// Shows its items to somebody, with what their names mean. Gives what [`Reading::asked`] is for what that depends on.
    pub(crate) fn look(&self, base: &dyn Workspace, looker: Looker<'_>) -> Arc<[u64]> {
        let world = World::declared(&self.declared, self.language, base);
        let witness = Witness::new(&world);
        for item in &self.items {
            let resolver = Resolver::new(&item.facts, &self.names.environment, &witness);
            looker(item.range.start, &item.facts, &resolver);
        }
        crate::index::asked(self.language, witness.answers().all_names())
    }

    /// What kind of code it is.
    pub fn role(&self) -> CodeRole {
        let is_test = self.is_for_tests && self.own_role == CodeRole::Production;
        if is_test { CodeRole::Test } else { self.own_role }
    }

    /// The items' findings, in the file's bytes, as the settings want them.
    fn collect(&self, auditor: &Auditor, summary: Arc<Summary>, base: &dyn Workspace) -> Analysis {
        let mut sites = vec![0; auditor.rules().len()];
        let mut analysis = Analysis { summary, ..Analysis::default() };
        let definitions = OnceCell::new();
        for item in &self.items {
            analysis.unread.extend(item.facts.errors.iter().map(|r| moved(*r, item)));
            let Some(Remembered { found: judged, .. }) = &item.judged else { continue };
            for (rule, count) in &judged.sites {
                sites[*rule] += count;
            }
            analysis.failures.extend(judged.failures.iter().cloned());
            for finding in &judged.findings {
                let mut finding = finding.clone();
                move_to_file(&mut finding, item);
                for related in &mut finding.related {
                    self.locate(related, &definitions, base);
                }
                analysis.findings.push(finding);
            }
        }
        analysis.sites =
            auditor.rules().iter().map(|r| r.name).zip(sites).filter(|(_, count)| *count > 0).collect();
        analysis
    }

    /// Finds the function that a related place names, in this file or in another.
    fn locate(&self, related: &mut Related, own: &OnceCell<FxHashMap<String, Range>>, base: &dyn Workspace) {
        let Place::Function(path) = &related.place else { return };
        let separator = self.language.separator();
        let name = path.strip_prefix(&*self.home.module).and_then(|name| name.strip_prefix(separator));
        let here = name.and_then(|name| {
            own.get_or_init(|| {
                let mut own = FxHashMap::default();
                // Of several definitions of one name the first.
                self.definitions().for_each(|(name, range)| _ = own.entry(name).or_insert(range));
                own
            })
            .get(name)
        });
        let here = here.map(|range| (self.path.clone(), Spot::of(*range, &self.text)));
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
        if !self.items.iter().any(|item| item.may_suppress) {
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
        let mut edits: Vec<Edit> = fix
            .edits
            .iter()
            .filter_map(|edit| match edit {
                FixEdit::Replace(range, text) => Some(Edit::new(*range, text.clone())),
                FixEdit::Import(request) => {
                    let items = self.facts().map(|(start, facts)| (start, &**facts));
                    crate::imports::insertion(request, &items.collect::<Vec<_>>(), self.language)
                }
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

impl Item {
    fn new(item: &shipworthy_syntax::Item, language: Language) -> Self {
        let facts = extract(language, item.tree(), item.text());
        Self {
            range: item.range(),
            has_error: item.has_error(),
            revision: item.revision(),
            may_suppress: facts.text.contains(suppression::MARK),
            facts: Arc::new(facts),
            behaviours: None,
            before: None,
            judged: None,
        }
    }
}

/// The beginning of a text, which tells what kind of code it is.
fn head(text: &Text) -> String {
    text.slice(Range { start: 0, end: text.len().min(2_000) })
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
