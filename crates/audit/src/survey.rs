//! The survey of a workspace: what rules whose claim needs all files judge, once these are read.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use shipworthy_evidence::{File, Tracking};
use shipworthy_facts::{RouteSpots, Summary};
use shipworthy_syntax::{Language, Range, Spot, Text};

use crate::auditor::{Auditor, Configuration, Failure, panic_message};
use crate::code_role::CodeRole;
use crate::finding::{At, Finding, Place, Related};
use crate::index::Index;
use crate::inventory::{self, Evidence, Inventory};
use crate::note::Note;
use crate::options::Options;
use crate::routes::{Routes, Served};
use crate::rule::{Rule, Run};

/// What a survey needs of one file of code, beside its text and its settings.
#[derive(Clone, Debug)]
pub struct Noted {
    /// Its path in the workspace, with `/`.
    pub path: Arc<str>,
    /// Its language.
    pub language: Language,
    /// The project that it belongs to.
    pub project: Arc<str>,
    /// What kind of code it is.
    pub role: CodeRole,
    /// What it tells others.
    pub summary: Arc<Summary>,
    /// What rules noted in it, by their place in the catalogue.
    pub notes: Box<[(usize, Note)]>,
    /// Where its functions and methods are defined, by their name in the module.
    pub definitions: Box<[(Arc<str>, Range)]>,
    /// Where its routes stand.
    pub route_spots: RouteSpots,
}

impl Noted {
    /// The file as a survey sees it.
    pub fn surveyed<'a>(&'a self, text: &'a Text, configuration: &'a Configuration) -> Surveyed<'a> {
        Surveyed {
            path: self.path.clone(),
            language: self.language,
            project: self.project.clone(),
            role: self.role,
            summary: &self.summary,
            text,
            contents: OnceLock::new(),
            notes: &self.notes,
            definitions: &self.definitions,
            route_spots: &self.route_spots,
            configuration,
        }
    }
}

/// One file as a survey sees it.
pub struct Surveyed<'a> {
    /// Its path in the workspace, with `/`.
    pub path: Arc<str>,
    /// Its language.
    pub language: Language,
    /// The project that it belongs to: rules that compare compare within one.
    pub project: Arc<str>,
    /// What kind of code it is.
    pub role: CodeRole,
    /// What it tells others.
    pub summary: &'a Summary,
    /// Its text.
    pub text: &'a Text,
    /// Its text in one piece, once that is asked for.
    contents: OnceLock<String>,
    /// What rules noted in it, by their place in the catalogue.
    pub notes: &'a [(usize, Note)],
    /// Where its functions and methods are defined, by their name in the module.
    pub definitions: &'a [(Arc<str>, Range)],
    /// Where its routes stand.
    pub route_spots: &'a RouteSpots,
    /// What the settings say for it.
    pub configuration: &'a Configuration,
}

impl Surveyed<'_> {
    /// Its text in one piece, made once for all rules.
    pub fn contents(&self) -> &str {
        self.contents.get_or_init(|| self.text.to_string())
    }
}

/// One file around the code as a survey sees it.
pub struct Around<'a> {
    /// The file, with its path in the workspace.
    pub file: &'a File,
    /// Its text.
    pub text: &'a Text,
    /// What kind of file it is.
    pub role: CodeRole,
    /// What version control knows of it.
    pub tracking: Tracking,
    /// Whether a lock file stands beside it, or above it.
    pub is_locked: bool,
    /// What the settings say for it.
    pub configuration: &'a Configuration,
}

/// What surveys found in one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Findings, in the file's bytes.
    pub findings: Vec<Finding>,
    /// Checked sites by rule.
    pub sites: Vec<(&'static str, u32)>,
    /// What rules tell of the file beside findings.
    pub inventory: Inventory,
}

/// One rule at work on a workspace.
pub struct Survey<'a> {
    rule: &'static Rule,
    index: usize,
    files: &'a [Surveyed<'a>],
    /// Their numbers follow those of the code's files.
    around: &'a [Around<'a>],
    workspace: &'a Index,
    routes: &'a OnceLock<Routes>,
    findings: Vec<(usize, Finding)>,
    sites: Vec<u32>,
    inventories: BTreeMap<usize, Inventory>,
}

impl<'a> Survey<'a> {
    /// The files that the rule is to judge, each with its number: those where it is switched on, of code that concerns it.
    pub fn files(&self) -> impl Iterator<Item = (usize, &'a Surveyed<'a>)> + use<'a> {
        let (rule, index) = (self.rule, self.index);
        self.files.iter().enumerate().filter(move |(_, file)| {
            let set = file.configuration.rules.get(index);
            set.is_some_and(|set| set.enabled) && file.role.concerns(rule.audience)
        })
    }

    /// The files around the code that the rule is to judge, each with its number.
    pub fn around(&self) -> impl Iterator<Item = (usize, &'a Around<'a>)> + use<'a> {
        let (rule, index, first) = (self.rule, self.index, self.files.len());
        self.around.iter().enumerate().map(move |(at, file)| (first + at, file)).filter(move |(_, file)| {
            let set = file.configuration.rules.get(index);
            set.is_some_and(|set| set.enabled) && file.role.concerns(rule.audience)
        })
    }

    /// All files around the code, whatever their role and settings.
    pub fn all_around(&self) -> &'a [Around<'a>] {
        self.around
    }

    /// All files of the workspace's code, whatever their role and settings.
    pub fn all_files(&self) -> &'a [Surveyed<'a>] {
        self.files
    }

    /// What the rule noted in a file.
    pub fn notes(&self, file: usize) -> impl Iterator<Item = &'a Note> + use<'a> {
        let index = self.index;
        let notes = self.files.get(file).map_or(&[][..], |file| file.notes);
        notes.iter().filter(move |(rule, _)| *rule == index).map(|(_, note)| note)
    }

    /// The index of the workspace.
    pub fn workspace(&self) -> &'a Index {
        self.workspace
    }

    /// The routes that the workspace serves.
    pub fn routes(&self) -> &'a Routes {
        self.routes.get_or_init(|| Routes::of(self.files, self.workspace))
    }

    /// The routes that files which the rule is to judge register.
    pub fn served(&self) -> impl Iterator<Item = &'a Served> + use<'a> {
        let judged: BTreeSet<usize> = self.files().map(|(number, _)| number).collect();
        self.routes().served.iter().filter(move |route| judged.contains(&route.file))
    }

    /// The path, the text and the settings of the file of a number.
    fn numbered(&self, number: usize) -> Option<(&'a str, &'a Text, &'a Configuration)> {
        match self.files.get(number) {
            Some(file) => Some((&file.path, file.text, file.configuration)),
            None => {
                let file = self.around.get(number.checked_sub(self.files.len())?)?;
                Some((&file.file.path, file.text, file.configuration))
            }
        }
    }

    /// The rule's options in a file.
    pub fn options(&self, file: usize) -> Option<&'a Options> {
        let (_, _, configuration) = self.numbered(file)?;
        Some(&configuration.rules.get(self.index)?.options)
    }

    /// Counts one checked site, in the file where it stands.
    pub fn site(&mut self, file: usize) {
        if let Some(count) = self.sites.get_mut(file) {
            *count += 1;
        }
    }

    /// A finding of this rule at a place in the file's bytes.
    pub fn finding(&self, at: impl At, message: impl Into<String>) -> Finding {
        Finding::new(self.rule, at, message)
    }

    /// A place in a file that explains a finding.
    pub fn related(&self, file: usize, at: impl At, message: impl Into<String>) -> Option<Related> {
        let (path, text, _) = self.numbered(file)?;
        let place = Place::File(path.into(), Spot::of(at.range(), text));
        Some(Related { place, message: message.into() })
    }

    /// What the rule tells of a file beside findings.
    pub fn inventory(&mut self, file: usize) -> &mut Inventory {
        self.inventories.entry(file).or_default()
    }

    /// A place in a file as an inventory shows it.
    pub fn evidence(&self, file: usize, at: impl At, text: impl Into<String>) -> Option<Evidence> {
        let (path, whole, _) = self.numbered(file)?;
        Some(Evidence::of(path, whole, at.range(), text))
    }

    /// Reports a finding in a file.
    pub fn report(&mut self, file: usize, finding: Finding) {
        self.findings.push((file, finding));
    }

    /// Adds what it found to that of the other rules, file by file.
    fn tell(self, found: &mut [Found]) {
        for (file, finding) in self.findings {
            if let Some(found) = found.get_mut(file) {
                found.findings.push(finding);
            }
        }
        for (file, more) in self.inventories {
            if let Some(found) = found.get_mut(file) {
                found.inventory.extend(more);
            }
        }
        for (found, count) in found.iter_mut().zip(self.sites).filter(|(_, count)| *count > 0) {
            found.sites.push((self.rule.name, count));
        }
    }
}

impl Auditor {
    /// What is in force where a file is read for its notes only: the rules that judge whole workspaces.
    pub fn noting(&self, mut configuration: Configuration) -> Configuration {
        for (rule, set) in self.rules().iter().zip(&mut configuration.rules) {
            set.enabled &= rule.is_survey();
        }
        configuration
    }

    /// Runs the rules that judge whole workspaces. What they found is in the order of the files, the code's first; with the routes that the
    /// workspace serves.
    pub fn survey(
        &self,
        files: &[Surveyed<'_>],
        around: &[Around<'_>],
        workspace: &Index,
    ) -> (Vec<Found>, Vec<Failure>, Vec<inventory::Route>) {
        let mut found = vec![Found::default(); files.len() + around.len()];
        let mut failures = Vec::new();
        let routes = OnceLock::new();
        let judges = self.rules().iter().enumerate().flat_map(|(index, rule)| {
            rule.runs.iter().filter_map(move |run| match run {
                Run::Workspace(judge) => Some((index, *rule, *judge)),
                _ => None,
            })
        });
        let judges: Vec<_> = judges.collect();
        let surveys = judges.into_par_iter().map(|(index, rule, judge)| {
            let mut survey = Survey {
                rule,
                index,
                files,
                around,
                workspace,
                routes: &routes,
                findings: Vec::new(),
                sites: vec![0; files.len() + around.len()],
                inventories: BTreeMap::new(),
            };
            // A panic costs this rule, never the audit.
            match catch_unwind(AssertUnwindSafe(|| judge(&mut survey))) {
                Ok(()) => Ok(survey),
                Err(panic) => Err(Failure { rule: rule.name, message: panic_message(&*panic) }),
            }
        });
        for survey in surveys.collect::<Vec<_>>() {
            match survey {
                Ok(survey) => survey.tell(&mut found),
                Err(failure) => failures.push(failure),
            }
        }
        let routes = routes.into_inner().unwrap_or_else(|| Routes::of(files, workspace));
        (found, failures, routes.listed(files))
    }
}
