//! The auditor: a catalogue of rules, indexed by what they listen to.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

use rustc_hash::FxHashMap;
use shipworthy_evidence::{File, Format, Tracking};
use shipworthy_facts::{Comment, Effects, Facts, Kind, Node, Resolver, is_test_definition};

use crate::check::Check;
use crate::code_role::CodeRole;
use crate::file_check::FileCheck;
use crate::finding::Finding;
use crate::level::{Confidence, Severity};
use crate::note::Note;
use crate::options::Options;
use crate::redact;
use crate::rule::{On, Rule, Run};
use crate::suppression::{self, Date};
use crate::world::hash;

/// A catalogue of rules, ready to run.
#[derive(Debug)]
pub struct Auditor {
    rules: Vec<&'static Rule>,
    /// The catalogue's rules, and those of suppressions.
    by_name: FxHashMap<&'static str, &'static Rule>,
    by_kind: FxHashMap<Kind, Vec<usize>>,
    by_effect: Vec<(Effects, usize)>,
    by_role: FxHashMap<&'static str, Vec<usize>>,
    by_reach: Vec<(Effects, usize)>,
    comments: Vec<(usize, CommentCheck)>,
    files: Vec<(usize, &'static [Format], FileJudge)>,
    /// What judges facts, by the rule's place in the catalogue.
    node_checks: Vec<Option<NodeCheck>>,
}

type NodeCheck = fn(&mut Check<'_>, Node<'_>);
type CommentCheck = fn(&mut Check<'_>, Comment);
type FileJudge = fn(&mut FileCheck<'_>, &File);

/// What the settings say of each rule of the catalogue, for one file.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Configuration {
    /// By the rule's place in the catalogue.
    pub rules: Vec<RuleConfiguration>,
    /// Findings below it are not shown.
    pub minimum_confidence: Confidence,
    /// The day on which suppressions must hold; none where no day has come.
    pub today: Option<Date>,
}

/// What the settings say of one rule.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct RuleConfiguration {
    /// Whether it runs.
    pub enabled: bool,
    /// The severity of all its findings, in place of its own.
    pub severity: Option<Severity>,
    /// Its options.
    pub options: Options,
}

/// A rule that panicked, and on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The rule's name.
    pub rule: &'static str,
    /// What it said.
    pub message: String,
}

/// What rules found in one item, in the item's own bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Judged {
    pub(crate) findings: Vec<Finding>,
    /// Checked sites, by the rule's place in the catalogue.
    pub(crate) sites: Vec<(usize, u32)>,
    /// What rules that judge the whole workspace noted, by their place in the catalogue.
    pub(crate) notes: Vec<(usize, Note)>,
    /// A hash of what was noted, wherever it stands.
    pub(crate) noted: u64,
    pub(crate) failures: Vec<Failure>,
}

impl Auditor {
    /// An auditor over a catalogue.
    pub fn new(rules: &[&'static Rule]) -> Self {
        let mut auditor = Self {
            rules: rules.to_vec(),
            by_name: rules.iter().chain(suppression::rules::RULES).map(|rule| (rule.name, *rule)).collect(),
            by_kind: FxHashMap::default(),
            by_effect: Vec::new(),
            by_role: FxHashMap::default(),
            by_reach: Vec::new(),
            comments: Vec::new(),
            files: Vec::new(),
            node_checks: vec![None; rules.len()],
        };
        for (index, rule) in rules.iter().enumerate() {
            for run in rule.runs {
                match *run {
                    Run::Comments(check) => auditor.comments.push((index, check)),
                    Run::Files(formats, check) => auditor.files.push((index, formats, check)),
                    Run::Nodes(subscriptions, check) => {
                        for on in subscriptions {
                            match *on {
                                On::Fact(kind) => auditor.by_kind.entry(kind).or_default().push(index),
                                On::Effect(effects) => auditor.by_effect.push((effects, index)),
                                On::Role(role) => auditor.by_role.entry(role).or_default().push(index),
                                On::Reach(effects) => auditor.by_reach.push((effects, index)),
                            }
                        }
                        auditor.node_checks[index] = Some(check);
                    }
                    Run::Workspace(_) => {}
                }
            }
        }
        auditor
    }

    /// The catalogue.
    pub fn rules(&self) -> &[&'static Rule] {
        &self.rules
    }

    /// The rule of a name, in the catalogue or of suppressions.
    pub fn rule(&self, name: &str) -> Option<&'static Rule> {
        self.by_name.get(name).copied()
    }

    /// Every rule on, with its own severity and options.
    pub fn default_configuration(&self) -> Configuration {
        let rules = self.rules.iter().map(|rule| RuleConfiguration {
            enabled: true,
            severity: None,
            options: Options::defaults(rule),
        });
        Configuration { rules: rules.collect(), minimum_confidence: Confidence::Medium, today: None }
    }

    /// Gives a finding the severity that the settings want for its rule.
    pub(crate) fn set_severity(&self, finding: &mut Finding, configuration: &Configuration) {
        let index = self.rules.iter().position(|rule| std::ptr::eq(*rule, finding.rule));
        let severity = index.and_then(|i| configuration.rules.get(i)).and_then(|c| c.severity);
        finding.severity = severity.unwrap_or(finding.severity);
    }

    /// Runs the rules that listen to facts and comments over one item.
    pub(crate) fn judge(
        &self,
        facts: &Facts,
        resolver: &Resolver<'_>,
        file_role: CodeRole,
        configuration: &Configuration,
    ) -> Judged {
        let mut bench = Bench::new(self, configuration);
        let check = |role, turn: Turn<'_>, judge: &dyn Fn(&mut Check<'_>)| {
            let Turn { rule, options, findings, sites, index, notes } = turn;
            judge(&mut Check { rule, facts, resolver, role, options, findings, sites, index, notes });
        };
        let mut test_until = 0;
        let mut wanted: Vec<usize> = Vec::new();
        for node in facts.nodes() {
            if node.index() >= test_until && file_role == CodeRole::Production && is_test_definition(node) {
                test_until = node.fact().end;
            }
            let role = if node.index() < test_until { CodeRole::Test } else { file_role };
            wanted.clear();
            self.listeners(node, resolver, &mut wanted);
            for &index in &wanted {
                if let Some(judge) = self.node_checks[index] {
                    bench.call(index, role, |turn| check(role, turn, &|cx| judge(cx, node)));
                }
            }
        }
        for comment in &facts.comments {
            let inside = facts.covering(comment.range);
            let in_test = std::iter::once(inside).chain(inside.ancestors()).any(is_test_definition);
            let role = if in_test && file_role == CodeRole::Production { CodeRole::Test } else { file_role };
            for &(index, judge) in &self.comments {
                bench.call(index, role, |turn| check(role, turn, &|cx| judge(cx, *comment)));
            }
        }
        bench.finish()
    }

    /// Runs the rules that listen to files over one.
    pub(crate) fn judge_file(
        &self,
        file: &File,
        role: CodeRole,
        tracking: Tracking,
        configuration: &Configuration,
    ) -> Judged {
        let mut bench = Bench::new(self, configuration);
        for &(index, formats, judge) in &self.files {
            if formats.contains(&file.format) {
                bench.call(index, role, |Turn { rule, options, findings, sites, .. }| {
                    judge(&mut FileCheck { rule, file, role, tracking, options, findings, sites }, file);
                });
            }
        }
        bench.finish()
    }

    /// The rules that listen to a fact, each once, in the catalogue's order.
    fn listeners(&self, node: Node<'_>, resolver: &Resolver<'_>, wanted: &mut Vec<usize>) {
        if let Some(rules) = self.by_kind.get(&node.kind()) {
            wanted.extend(rules);
        }
        if matches!(node.kind(), Kind::Call | Kind::Construct | Kind::Decorator) {
            match resolver.meaning(node) {
                Some(meaning) => {
                    let is_call = node.is(Kind::Call);
                    wanted.extend(
                        self.by_effect
                            .iter()
                            .filter(|(e, _)| is_call && meaning.effects.intersects(*e))
                            .map(|(_, i)| i),
                    );
                    wanted.extend(meaning.roles.iter().filter_map(|r| self.by_role.get(&**r)).flatten());
                }
                None if node.is(Kind::Call) && !self.by_reach.is_empty() => {
                    if let Some(path) = resolver.callee(node) {
                        let reach = resolver.workspace().reach(&path);
                        wanted.extend(
                            self.by_reach.iter().filter(|(e, _)| reach.intersects(*e)).map(|(_, i)| i),
                        );
                    }
                }
                None => {}
            }
        }
        if wanted.len() > 1 {
            wanted.sort_unstable();
            wanted.dedup();
        }
    }
}

/// What a panic said. It may quote the code that it came from: its secrets are hidden.
pub fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let mut text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned();
    redact::hide(&mut text, true);
    text
}

/// What broke and where, for a panic hook.
pub fn panic_line(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    format!("panicked at {place}: {}", panic_message(panic.payload()))
}

/// The judging of one item or file by rules in turn.
struct Bench<'a> {
    auditor: &'a Auditor,
    configuration: &'a Configuration,
    sites: Vec<u32>,
    /// Rules that panicked here.
    broken: Vec<bool>,
    judged: Judged,
}

/// What a rule has while it is its turn.
struct Turn<'t> {
    rule: &'static Rule,
    options: &'t Options,
    findings: &'t mut Vec<Finding>,
    sites: &'t mut u32,
    /// Its place in the catalogue.
    index: usize,
    notes: &'t mut Vec<(usize, Note)>,
}

impl<'a> Bench<'a> {
    fn new(auditor: &'a Auditor, configuration: &'a Configuration) -> Self {
        let rules = auditor.rules.len();
        let (sites, broken) = (vec![0; rules], vec![false; rules]);
        Self { auditor, configuration, sites, broken, judged: Judged::default() }
    }

    fn call(&mut self, index: usize, role: CodeRole, judge: impl FnOnce(Turn<'_>)) {
        let rule = self.auditor.rules[index];
        let Some(configuration) = self.configuration.rules.get(index) else { return };
        if !configuration.enabled || self.broken[index] || !role.concerns(rule.audience) {
            return;
        }
        let before = (self.judged.findings.len(), self.judged.notes.len());
        let Judged { findings, notes, .. } = &mut self.judged;
        let sites = &mut self.sites[index];
        let turn = Turn { rule, options: &configuration.options, findings, sites, index, notes };
        // A panic costs this rule here, never the server.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| judge(turn))) {
            self.judged.findings.truncate(before.0);
            self.judged.notes.truncate(before.1);
            self.broken[index] = true;
            let message = panic_message(&*panic);
            self.judged.failures.push(Failure { rule: rule.name, message });
        }
    }

    fn finish(mut self) -> Judged {
        let noted = self.judged.notes.iter().map(|(rule, note)| (rule, &note.key, &note.detail));
        self.judged.noted = hash(&noted.collect::<Vec<_>>());
        self.judged.sites = self.sites.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
        self.judged
    }
}
