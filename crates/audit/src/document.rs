//! A document: one file's text with its findings, kept up through edits.
//!
//! What is remembered is an item (a top-level definition): its facts by its revision, and its findings by its revision, the file's
//! names and what the functions that it calls reach. Everything else is computed again. Incremental equals fresh; debug builds assert it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHasher};
use shipworthy_facts::{
    Behaviour, Class, Effects, Environment, Facts, Function, Kind, Node, Origin, Resolver, Summary,
    Vocabulary, Workspace, behaviour, declare, extract, qualified_name,
};
use shipworthy_syntax::{Edit, Item, Language, Range, Source};

use crate::auditor::{Auditor, Configuration, Failure, Judged};
use crate::code_role::CodeRole;
use crate::finding::{Finding, FixEdit, Place};
use crate::fingerprint::fingerprint;
use crate::graph;
use crate::outcome::AuditedFile;
use crate::suppression;

/// One file with its findings.
pub struct Document {
    path: String,
    module: String,
    source: Source,
    items: Vec<ItemState>,
    /// What the findings that are remembered were judged by.
    configuration: Option<Configuration>,
    analysis: Analysis,
    /// What is shown: the analysis, with the last good findings of code that is broken for the moment.
    shown: Vec<Finding>,
}

/// What an analysis of a file gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// Findings in the file's bytes, sorted by position and rule; suppressed ones are among them, marked.
    pub findings: Vec<Finding>,
    /// Checked sites by rule, in the catalogue's order.
    pub sites: Vec<(&'static str, u32)>,
    /// What the file tells others.
    pub summary: Arc<Summary>,
    /// Where its functions and methods are defined, by their name in the module.
    pub definitions: Vec<(String, Range)>,
    /// Rules that panicked.
    pub failures: Vec<Failure>,
    /// Ranges that the parser could not read.
    pub unread: Vec<Range>,
}

struct ItemState {
    revision: u64,
    facts: Arc<Facts>,
    /// What its functions do, in the environment of the hash.
    behaviours: Option<(u64, Behaviours)>,
    judged: Option<Remembered>,
}

type Behaviours = Arc<Vec<(String, Behaviour)>>;

/// An item's findings with what they depend on beside its text.
struct Remembered {
    environment: u64,
    /// What the functions of the workspace that it calls reach, and which of their parameters they execute.
    reaches: Vec<(Box<str>, Reach)>,
    judged: Judged,
}

impl Document {
    /// A document that is not yet analysed. `path` is relative to the workspace, with `/`; `module` is the name under which others
    /// import it (see [`default_module`]).
    pub fn new(path: &str, module: &str, language: Language, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            module: module.to_owned(),
            source: Source::new(language, text),
            items: Vec::new(),
            configuration: None,
            analysis: Analysis::default(),
            shown: Vec::new(),
        }
    }

    /// The path in the workspace.
    pub fn path(&self) -> &str {
        &self.path
    }
    /// The text with its parse.
    pub fn source(&self) -> &Source {
        &self.source
    }
    /// The result of the last [`Document::analyze`].
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }
    /// The findings to show: those of the analysis, and the last good ones of code that is broken for the moment.
    pub fn shown(&self) -> &[Finding] {
        &self.shown
    }

    /// Whether code that is broken for the moment holds a range: what is shown there is from before, and no fix is sure to fit.
    pub fn is_broken(&self, range: Range) -> bool {
        self.broken_units().iter().any(|unit| unit.contains_range(range))
    }
    /// Where a function or method of this file is defined, by its absolute name.
    pub fn definition(&self, path: &str) -> Option<Range> {
        let name = path.strip_prefix(self.module.as_str())?;
        let name = name.strip_prefix("::").or(name.strip_prefix('.'))?;
        self.analysis.definitions.iter().find(|(n, _)| n == name).map(|(_, range)| *range)
    }

    /// Applies an edit. Findings that are shown move with their text; those that the edit touches go.
    pub fn edit(&mut self, edit: &Edit) {
        self.source.edit(edit);
        let grown = i64::from(edit.text.len() as u32) - i64::from(edit.range.end - edit.range.start);
        self.shown.retain_mut(|finding| shift(finding, edit.range, grown));
    }

    /// Replaces the whole text.
    pub fn replace_all(&mut self, text: &str) {
        self.source.replace_all(text);
        self.shown.clear();
    }

    /// Brings the findings up to date with the text.
    pub fn analyze(
        &mut self,
        auditor: &Auditor,
        configuration: &Configuration,
        base: &dyn Workspace,
    ) -> &Analysis {
        self.analysis = self.compute(auditor, configuration, base);
        #[cfg(debug_assertions)]
        {
            let language = self.source.language();
            let mut fresh = Self::new(&self.path, &self.module, language, &self.source.text().to_string());
            let fresh = fresh.compute(auditor, configuration, base);
            debug_assert_eq!(self.analysis, fresh, "incremental analysis differs from a fresh one");
        }
        self.hold();
        &self.analysis
    }

    fn compute(
        &mut self,
        auditor: &Auditor,
        configuration: &Configuration,
        base: &dyn Workspace,
    ) -> Analysis {
        let language = self.source.language();
        let vocabulary = Vocabulary::built_in(language);
        self.refresh_items();
        if self.configuration.as_ref() != Some(configuration) {
            self.items.iter_mut().for_each(|item| item.judged = None);
            self.configuration = Some(configuration.clone());
        }
        let all: Vec<&Facts> = self.items.iter().map(|i| &*i.facts).collect();
        let (environment, mut summary) = declare(&all, language, &self.module, &self.path, vocabulary);
        let environment_hash = hash(&(&environment, &summary));
        self.add_behaviours(&environment, environment_hash, &mut summary, vocabulary, base);
        let world = World::new(&summary, language, base);
        let role = CodeRole::of_file(language, &self.path, &head(&self.source));
        for state in &mut self.items {
            let fits = state.judged.as_ref().is_some_and(|r| {
                r.environment == environment_hash
                    && r.reaches.iter().all(|(path, known)| reach(&world, path) == *known)
            });
            if !fits {
                let resolver = Resolver::new(&state.facts, &environment, vocabulary, &world);
                let judged = auditor.judge(&state.facts, &resolver, role, configuration);
                let reaches = called(&state.facts, &resolver);
                state.judged = Some(Remembered { environment: environment_hash, reaches, judged });
            }
        }
        let mut analysis = self.collect(auditor, configuration, summary);
        self.suppress(auditor, configuration, role, &mut analysis);
        analysis.findings.retain(|finding| finding.confidence >= configuration.minimum_confidence);
        analysis
    }

    /// Facts of items whose text changed; the others keep theirs, with all that is remembered of them.
    fn refresh_items(&mut self) {
        let mut known: FxHashMap<u64, ItemState> = self.items.drain(..).map(|i| (i.revision, i)).collect();
        let language = self.source.language();
        let states = self.source.items().iter().map(|item| {
            known.remove(&item.revision()).unwrap_or_else(|| ItemState {
                revision: item.revision(),
                facts: Arc::new(extract(language, item.tree(), item.text())),
                behaviours: None,
                judged: None,
            })
        });
        self.items = states.collect();
    }

    fn add_behaviours(
        &mut self,
        environment: &Environment,
        environment_hash: u64,
        summary: &mut Summary,
        vocabulary: &Vocabulary,
        base: &dyn Workspace,
    ) {
        let world = World::new(summary, environment.language, base);
        for state in &mut self.items {
            if state.behaviours.as_ref().is_some_and(|(hash, _)| *hash == environment_hash) {
                continue;
            }
            let resolver = Resolver::new(&state.facts, environment, vocabulary, &world);
            let functions =
                state.facts.units().map(|unit| (qualified_name(unit), behaviour(unit, &resolver)));
            state.behaviours = Some((environment_hash, Arc::new(functions.collect())));
        }
        drop(world);
        let behaviours: Vec<Behaviours> =
            self.items.iter().filter_map(|s| s.behaviours.as_ref()).map(|(_, b)| b.clone()).collect();
        for (name, behaviour) in behaviours.iter().flat_map(|b| b.iter()) {
            if let Some(function) = summary.functions.get_mut(name.as_str()) {
                function.behaviour.extend(behaviour);
            }
        }
    }

    /// The items' findings, in the file's bytes, as the settings want them.
    fn collect(&self, auditor: &Auditor, configuration: &Configuration, summary: Summary) -> Analysis {
        let mut sites = vec![0; auditor.rules().len()];
        let mut analysis = Analysis { summary: Arc::new(summary), ..Analysis::default() };
        for (item, state) in self.source.items().iter().zip(&self.items) {
            analysis.unread.extend(state.facts.errors.iter().map(|r| moved(*r, item)));
            let definitions = state.facts.units().map(|u| (qualified_name(u), moved(u.name_range(), item)));
            analysis.definitions.extend(definitions);
            let Some(remembered) = &state.judged else { continue };
            for (rule, count) in &remembered.judged.sites {
                sites[*rule] += count;
            }
            analysis.failures.extend(remembered.judged.failures.iter().cloned());
            for finding in &remembered.judged.findings {
                let index = auditor.rules().iter().position(|r| std::ptr::eq(*r, finding.rule));
                let severity = index.and_then(|i| configuration.rules.get(i)).and_then(|c| c.severity);
                let mut finding = finding.clone();
                finding.severity = severity.unwrap_or(finding.severity);
                finding.symbol = symbol(state.facts.covering(finding.range));
                finding.fingerprint = fingerprint(&finding, &self.path, state.facts.slice(finding.range));
                move_to_file(&mut finding, item);
                analysis.findings.push(finding);
            }
        }
        analysis.findings.sort_by(order);
        analysis.findings.dedup_by(|a, b| a.range == b.range && a.rule.name == b.rule.name);
        crate::fingerprint::number(&mut analysis.findings);
        analysis.sites =
            auditor.rules().iter().map(|r| r.name).zip(sites).filter(|(_, count)| *count > 0).collect();
        analysis
    }

    /// Lets the file's suppressions accept what they cover.
    fn suppress(
        &self,
        auditor: &Auditor,
        configuration: &Configuration,
        role: CodeRole,
        analysis: &mut Analysis,
    ) {
        if !self.source.items().iter().any(|item| item.text().contains(suppression::MARK)) {
            return;
        }
        let text = self.source.text().to_string();
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
        suppression::settle(analysis, &file, auditor, configuration, role);
    }

    /// Keeps the last good findings of units that are broken now.
    fn hold(&mut self) {
        let broken: Vec<Range> = self.broken_units();
        let is_broken = |range: Range| broken.iter().any(|b| b.start <= range.start && range.end <= b.end);
        let held = self.shown.drain(..).filter(|f| is_broken(f.range));
        let healthy = self.analysis.findings.iter().filter(|f| !is_broken(f.range)).cloned();
        let mut shown: Vec<Finding> = held.chain(healthy).collect();
        // A unit that was broken from the start has no last good findings: what can be read of it is better than nothing.
        let first_look = self.analysis.findings.iter().filter(|f| is_broken(f.range) && shown.is_empty());
        let first_look: Vec<Finding> = first_look.cloned().collect();
        shown.extend(first_look);
        shown.sort_by(|a, b| (a.range, a.rule.name).cmp(&(b.range, b.rule.name)));
        self.shown = shown;
    }

    /// The units with a syntax error in them; where an error stands outside every unit, its whole item.
    fn broken_units(&self) -> Vec<Range> {
        let mut broken = Vec::new();
        for (item, state) in self.source.items().iter().zip(&self.items) {
            if state.facts.errors.is_empty() && !item.has_error() {
                continue;
            }
            let units: Vec<Range> = state.facts.units().filter(|u| u.has_error()).map(Node::range).collect();
            let outside = |e: &Range| !units.iter().any(|u| u.start <= e.start && e.end <= u.end);
            if units.is_empty() || state.facts.errors.iter().any(outside) {
                broken.push(item.range());
            } else {
                broken.extend(units.into_iter().map(|u| moved(u, item)));
            }
        }
        broken
    }

    /// The text changes of a finding's fix, sorted and without overlaps, in the file's bytes; none where it has no fix, or one
    /// that only another file's change completes.
    pub fn fix_edits(&self, finding: &Finding) -> Option<Vec<Edit>> {
        let fix = finding.fix.as_ref()?;
        let items: Vec<(u32, &Facts)> = self.facts().map(|(start, facts)| (start, &**facts)).collect();
        let mut edits: Vec<Edit> = fix
            .edits
            .iter()
            .filter_map(|edit| match edit {
                FixEdit::Replace(range, text) => Some(Edit::new(*range, text.clone())),
                FixEdit::Import(request) => {
                    crate::imports::insertion(request, &items, self.source.language())
                }
                FixEdit::Dependency(..) => None,
            })
            .collect();
        edits.sort_by_key(|e| (e.range.start, e.range.end));
        Some(edits)
    }

    /// The change that accepts a finding where it stands; none where there is no place for a comment.
    pub fn ignore(&self, finding: &Finding, reason: &str) -> Option<Edit> {
        let (text, sign) = (self.source.text().to_string(), self.source.language().comment_sign());
        let start = finding.range.start;
        suppression::ignore_here(&text, sign, &self.suppressible(), start, finding.rule.name, reason)
    }

    /// What suppressions can stand for.
    fn suppressible(&self) -> Vec<Range> {
        self.facts().flat_map(|(start, facts)| suppression::spans(facts, start)).collect()
    }

    /// The document as a part of an audit's outcome.
    pub fn outcome(&self) -> AuditedFile {
        let findings = self.analysis.findings.iter().map(|finding| {
            let mut finding = finding.clone();
            let edits = self.fix_edits(&finding).unwrap_or_default();
            if let Some(fix) = &mut finding.fix {
                fix.edits = edits.into_iter().map(|e| FixEdit::Replace(e.range, e.text)).collect();
            }
            finding
        });
        AuditedFile {
            path: self.path.clone(),
            language: self.source.language().into(),
            text: self.source.text().to_string().into(),
            findings: findings.collect(),
            sites: self.analysis.sites.clone(),
            unread: self.analysis.unread.clone(),
            failures: self.analysis.failures.clone(),
        }
    }

    /// The facts of each item with the offset of its first byte.
    pub fn facts(&self) -> impl Iterator<Item = (u32, &Arc<Facts>)> {
        self.source.items().iter().zip(&self.items).map(|(item, state)| (item.start(), &state.facts))
    }
}

/// The name under which a file is imported, as far as its path tells: the workspace layer, which sees packages and manifests, knows
/// better.
pub fn default_module(language: Language, path: &str) -> String {
    match language {
        Language::Python => {
            let path = path.strip_suffix(".py").or(path.strip_suffix(".pyi")).unwrap_or(path);
            path.strip_suffix("/__init__").unwrap_or(path).replace('/', ".")
        }
        Language::Go => path.rsplit_once('/').map_or("main", |(folder, _)| folder).to_owned(),
        Language::Rust => {
            let path = path.rsplit_once("src/").map_or(path, |(_, inside)| inside);
            let path = path.strip_suffix(".rs").unwrap_or(path);
            let path = path.strip_suffix("/mod").unwrap_or(path);
            match path {
                "lib" | "main" => "crate".to_owned(),
                _ => format!("crate::{}", path.replace('/', "::")),
            }
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

fn head(source: &Source) -> String {
    let end = source.text().len().min(2_000);
    source.text().slice(Range { start: 0, end })
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

fn moved(range: Range, item: &Item) -> Range {
    Range { start: range.start + item.start(), end: range.end + item.start() }
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

/// Moves a finding with its text through an edit; false where the edit touches it. A fix does not outlive an edit that touches what it
/// changes.
pub(crate) fn shift(finding: &mut Finding, edited: Range, grown: i64) -> bool {
    let place = |range: Range| -> Option<Range> {
        if range.end <= edited.start {
            return Some(range);
        }
        if range.start >= edited.end {
            let by = |offset: u32| (i64::from(offset) + grown).max(0) as u32;
            return Some(Range { start: by(range.start), end: by(range.end) });
        }
        None
    };
    let Some(range) = place(finding.range) else { return false };
    finding.range = range;
    finding.related.retain_mut(|related| match &mut related.place {
        Place::Here(range) => place(*range).map(|r| *range = r).is_some(),
        Place::Function(_) => true,
    });
    let intact = finding.fix.iter_mut().flat_map(|f| &mut f.edits).all(|edit| match edit {
        FixEdit::Replace(range, _) => place(*range).map(|r| *range = r).is_some(),
        _ => true,
    });
    if !intact {
        finding.fix = None;
    }
    true
}

/// The functions of the workspace that an item calls, with what they reach.
fn called(facts: &Facts, resolver: &Resolver<'_>) -> Vec<(Box<str>, Reach)> {
    let mut found: Vec<(Box<str>, Reach)> = facts
        .nodes()
        .filter(|n| n.is(Kind::Call) && resolver.meaning(*n).is_none())
        .filter_map(|call| resolver.callee(call))
        .filter(|path| resolver.workspace().function(path).is_some())
        .map(|path| {
            let known = reach(resolver.workspace(), &path);
            (path.into(), known)
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// What a function's callers depend on.
type Reach = (Effects, Vec<u8>);

fn reach(workspace: &dyn Workspace, path: &str) -> Reach {
    let executed = workspace.function(path).map(|f| f.behaviour.executed.iter().copied().collect());
    (workspace.reach(path), executed.unwrap_or_default())
}

/// A file among the others: its own summary first, as it is now.
struct World<'a> {
    own: &'a Summary,
    prefix: String,
    reach: FxHashMap<String, Effects>,
    base: &'a dyn Workspace,
}

impl<'a> World<'a> {
    fn new(own: &'a Summary, language: Language, base: &'a dyn Workspace) -> Self {
        let prefix = format!("{}{}", own.module, if language == Language::Rust { "::" } else { "." });
        let functions = own.functions.iter().map(|(name, f)| (format!("{prefix}{name}"), f)).collect();
        let reach = graph::close(&functions, |path| Some((base.function(path)?, base.reach(path))));
        Self { own, prefix, reach, base }
    }

    fn own_name<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(self.prefix.as_str())
    }
}

impl Workspace for World<'_> {
    fn function(&self, path: &str) -> Option<&Function> {
        self.own_name(path).and_then(|name| self.own.functions.get(name)).or_else(|| self.base.function(path))
    }
    fn class(&self, path: &str) -> Option<&Class> {
        self.own_name(path).and_then(|name| self.own.classes.get(name)).or_else(|| self.base.class(path))
    }
    fn global(&self, path: &str) -> Option<&Origin> {
        self.own_name(path).and_then(|name| self.own.globals.get(name)).or_else(|| self.base.global(path))
    }
    fn alias(&self, path: &str) -> Option<&str> {
        self.base.alias(path)
    }
    fn reach(&self, path: &str) -> Effects {
        self.reach.get(path).copied().unwrap_or_else(|| self.base.reach(path))
    }
}

/// A workspace without other files.
pub struct Alone;

impl Workspace for Alone {
    fn function(&self, _: &str) -> Option<&Function> {
        None
    }
    fn class(&self, _: &str) -> Option<&Class> {
        None
    }
    fn global(&self, _: &str) -> Option<&Origin> {
        None
    }
    fn alias(&self, _: &str) -> Option<&str> {
        None
    }
    fn reach(&self, _: &str) -> Effects {
        Effects::empty()
    }
}
