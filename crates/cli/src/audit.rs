//! `shipworthy audit`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use shipworthy_audit::settings::Settings;
use shipworthy_audit::suppression::Date;
use shipworthy_audit::{Alone, Auditor, Document, FileDocument, Home, Outcome as Audited};
use shipworthy_evidence::Format;
use shipworthy_report::{Form, Record, Report, Rubric, Subject, explain, summary};
use shipworthy_rules::RULES;
use shipworthy_syntax::Language;
use shipworthy_workspace::{Cache, FolderSettings, plain, today, workspace_root};

use crate::arguments::{Audit, Output};
use crate::git::Repository;
use crate::output::warn;
use crate::{Outcome, config, fix, history, interrupt, output};

/// What a workspace is called whose files do not say it.
const NAMELESS: &str = "this workspace";

/// Runs the audit, applies or prints fixes where asked, writes the result.
pub(crate) fn run(command: &Audit, shared: &Output) -> Result<Outcome, String> {
    // Before the work: what is wrong with the command is said at once.
    let files = forms(&command.output)?;
    let date = command.date.as_deref().map(day).transpose()?;
    let rubric = match command.rubric {
        Some(version) => Rubric::of(version).ok_or_else(|| format!("there is no rubric {version}"))?,
        None => Rubric::newest(),
    };
    let baseline = command.baseline.as_deref().map(read_baseline).transpose()?;
    let history = command.history.as_deref().map(history::read).transpose()?;
    let from_standard_input = command.paths == [PathBuf::from("-")];
    let run = if from_standard_input {
        Run::of_standard_input(command.stdin_filename.as_deref(), shared)?
    } else {
        Run::of_paths(&command.paths, shared)?
    };
    if run.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let since = command.since.as_deref().map(|revision| run.revision(revision, shared)).transpose()?;
    let mut subject = run.subject();
    subject.rubric = rubric;
    subject.date = date.or(subject.date);
    subject.record = either(baseline, since);
    subject.history = history.unwrap_or_default();
    let report = Report::new(&run.outcome, &subject);
    unless_stopped()?;
    for (path, form) in files {
        let text = form.render(&run.outcome, &report, &run.named, false);
        output::to_file(path, &text)?;
    }
    if let Some(path) = &command.history {
        history::record(path, &subject.history, &report)?;
    }
    if command.diff {
        output::write_code(&fix::patch(&run.outcome, command.fix))?;
    } else if let Some(level) = command.fix {
        let fixed = fix::apply(&run.outcome, level, &run.root, from_standard_input)?;
        if !from_standard_input && !shared.quiet {
            anstream::eprintln!("{} fixes in {} files", fixed.fixes, fixed.files);
        }
    } else if command.explain_score {
        output::write(&explain(&report))?;
    } else {
        let color = output::colored(shared);
        match command.output_format {
            Some(form) => {
                output::write(&Form::from(form).render(&run.outcome, &report, &run.named, color))?;
            }
            None if command.output.is_empty() => {
                output::write(&Form::Text.render(&run.outcome, &report, &run.named, color))?;
            }
            None if !shared.quiet => output::write(&summary(&report, color))?,
            None => {}
        }
    }
    let fail_on = command.fail_on.unwrap_or(run.in_force.fail_on());
    let fails = report.open().any(|f| !f.known && f.severity >= fail_on);
    Ok(if fails { Outcome::Findings } else { Outcome::Sound })
}

/// An error where the user wants no more: nothing is written then.
pub(crate) fn unless_stopped() -> Result<(), String> {
    if interrupt::is_stopped() { Err("the audit was stopped".to_owned()) } else { Ok(()) }
}

/// The files to write, each in the form that its name asks for.
fn forms(files: &[PathBuf]) -> Result<Vec<(&Path, Form)>, String> {
    let one = |path: &'_ PathBuf| -> Result<Form, String> {
        let name = path.display();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) || path.is_dir() {
            return Err(format!("--output {name}: no file can be written there"));
        }
        let form = Form::of_file(path);
        form.ok_or_else(|| format!("--output {name}: its ending says no form; one of {}", Form::ENDINGS))
    };
    files.iter().map(|path| Ok((path.as_path(), one(path)?))).collect()
}

fn day(text: &str) -> Result<String, String> {
    let day = if text == "today" { today() } else { text.parse().ok() };
    let day: Date = day.ok_or_else(|| format!("--date {text}: neither `today` nor a day as YYYY-MM-DD"))?;
    Ok(day.to_string())
}

fn read_baseline(path: &Path) -> Result<Record, String> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| format!("--baseline {name}: {e}"))?;
    Record::from_baseline(&name, &text)
}

/// What is on either record was there before.
fn either(one: Option<Record>, other: Option<Record>) -> Option<Record> {
    match (one, other) {
        (Some(mut one), Some(other)) => {
            one.from = format!("{} and {}", one.from, other.from);
            for (fingerprint, id) in other.findings {
                one.findings.entry(fingerprint).or_insert(id);
            }
            Some(one)
        }
        (one, other) => one.or(other),
    }
}

/// An audit that was run, with where and how.
pub(crate) struct Run {
    pub(crate) outcome: Audited,
    /// The workspace's folder.
    pub(crate) root: PathBuf,
    /// The same as it is named from the current folder. Paths in results are relative to it.
    named: String,
    /// What was read in it.
    read: Vec<PathBuf>,
    /// What was audited of that.
    paths: Vec<PathBuf>,
    settings: FolderSettings,
    /// The settings of the root.
    in_force: Arc<Settings>,
    repository: Option<Repository>,
}

impl Run {
    /// Audits files and folders.
    pub(crate) fn of_paths(paths: &[PathBuf], shared: &Output) -> Result<Self, String> {
        interrupt::listen();
        let here = std::env::current_dir().map_err(|e| format!("the current folder: {e}"))?;
        for path in paths {
            if !here.join(path).exists() {
                return Err(format!("{}: no such file or folder", path.display()));
            }
        }
        let (root, named, read, paths) = scope(&here, paths);
        let settings = config::settings(shared)?;
        let outcome = audit(&settings, &root, (&read, &paths), shared.cache().as_ref(), shared)?;
        let repository = Repository::around(&root);
        Ok(Self::new(outcome, root, named, read, paths, settings, repository))
    }

    /// Audits what comes on standard input, as if it were a file of a name.
    fn of_standard_input(name: Option<&str>, shared: &Output) -> Result<Self, String> {
        let name = name.ok_or("standard input needs --stdin-filename NAME")?;
        let here = std::env::current_dir().map_err(|e| format!("the current folder: {e}"))?;
        let settings = config::settings(shared)?;
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|e| format!("standard input: {e}"))?;
        let mut outcome = Audited::default();
        if let Some(configuration) = settings.configuration(&here.join(name)) {
            let auditor = Auditor::new(RULES);
            outcome.files.push(if let Some(language) = Language::from_path(name) {
                let mut document = Document::new(name, &Home::by_path(language, name), language, &text);
                document.analyze(&auditor, &configuration, &Alone);
                document.outcome()
            } else {
                let format = Format::of(name, &text);
                let format = format.ok_or_else(|| format!("{name}: not the name of a file to audit"))?;
                let mut document = FileDocument::new(name, format, &text);
                document.analyze(&auditor, &configuration);
                document.outcome()
            });
        }
        Ok(Self::new(outcome, here, ".".to_owned(), Vec::new(), Vec::new(), settings, None))
    }

    fn new(
        outcome: Audited,
        root: PathBuf,
        named: String,
        read: Vec<PathBuf>,
        paths: Vec<PathBuf>,
        settings: FolderSettings,
        repository: Option<Repository>,
    ) -> Self {
        for file in settings.files() {
            config::warn(&file);
        }
        for failure in &outcome.failures {
            let (rule, message) = (failure.rule, &failure.message);
            warn(&format!("{rule} broke ({message}); its findings are missing"));
        }
        for file in &outcome.files {
            for failure in &file.failures {
                let (rule, path, message) = (failure.rule, &file.path, &failure.message);
                warn(&format!("{rule} broke on {path} ({message}); its findings there are missing"));
            }
        }
        let in_force = settings.of_folder(&root).and_then(|file| file.settings.clone());
        let in_force = in_force.unwrap_or_else(|| Arc::new(Settings::defaults(RULES)));
        Self { outcome, root, named, read, paths, settings, in_force, repository }
    }

    /// Whether there was nothing to audit; then it is said.
    pub(crate) fn is_empty(&self) -> bool {
        let is_empty = self.outcome.files.is_empty() && self.outcome.skipped.is_empty();
        if is_empty {
            anstream::eprintln!("nothing to audit: no Python, Go or Rust file, and none around them");
        }
        is_empty
    }

    /// What a report is told. Nothing in it hangs on where the tree lies on this machine.
    pub(crate) fn subject(&self) -> Subject<'_> {
        let inside = !(self.named.starts_with(['/', '.']) || Path::new(&self.named).is_absolute());
        let root = if inside { &*self.named } else { "." };
        let project = self.outcome.inventory.projects.iter().find(|p| p.path.is_empty());
        let folder = root.rsplit('/').next().filter(|name| *name != ".");
        let head = self.repository.as_ref().and_then(Repository::head);
        let audited = self.outcome.files.iter().map(|file| file.path.as_str()).collect();
        let mut subject = Subject::new(root, env!("CARGO_PKG_VERSION"), RULES, &self.in_force);
        subject.name = project.map(|p| p.name.as_str()).or(folder).unwrap_or(NAMELESS);
        subject.clean = match (&self.repository, &head) {
            (Some(repository), Some(_)) => repository.is_clean(&audited),
            _ => None,
        };
        (subject.commit, subject.date) = head.map(|head| (head.id, head.date)).unzip();
        subject.off = self.off();
        subject
    }

    /// The rules that the settings switch off in some files only, with those.
    fn off(&self) -> BTreeMap<&'static str, BTreeSet<String>> {
        let mut off: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        for file in &self.outcome.files {
            let Some(configuration) = self.settings.configuration(&self.root.join(&file.path)) else {
                continue;
            };
            for (rule, _) in RULES.iter().zip(&configuration.rules).filter(|(_, set)| !set.enabled) {
                if self.in_force.severity(rule).is_some() {
                    off.entry(rule.name).or_default().insert(file.path.clone());
                }
            }
        }
        off
    }

    /// The open findings of another revision, judged by the rules and settings of today.
    fn revision(&self, revision: &str, shared: &Output) -> Result<Record, String> {
        let repository = self.repository.as_ref();
        let repository = repository.ok_or_else(|| format!("--since {revision}: not in a git repository"))?;
        let tree = repository.tree(revision)?;
        let settings = config::settings(shared)?.standing_for(tree.root.clone(), self.root.clone());
        let there = |path: &PathBuf| Some(tree.root.join(path.strip_prefix(&self.root).ok()?));
        let present = |paths: &[PathBuf]| -> Vec<PathBuf> {
            paths.iter().filter_map(there).filter(|path| path.exists()).collect()
        };
        let (read, paths) = (present(&self.read), present(&self.paths));
        let before = audit(&settings, &tree.root, (&read, &paths), None, shared)?;
        let all = before.files.iter().flat_map(|file| file.gathered());
        let open = all.filter(|f| f.suppressed.is_none());
        let findings = open.map(|f| (f.fingerprint.clone(), None)).collect();
        Ok(Record { from: revision.to_owned(), findings })
    }
}

/// The workspace of paths, how it is named from here, what is to be read and what is to be audited of that. A part is judged with the whole
/// workspace around it in view; what stands in none is judged alone.
fn scope(here: &Path, paths: &[PathBuf]) -> (PathBuf, String, Vec<PathBuf>, Vec<PathBuf>) {
    let plain_paths: Vec<PathBuf> = paths.iter().map(|path| plain(&here.join(path))).collect();
    match workspace_root(&plain_paths) {
        // What is named is read even where an ignore file covers it.
        Some(root) if plain_paths != [root.clone()] => {
            let named = from_here(here, &root);
            let read = std::iter::once(root.clone()).chain(plain_paths.iter().cloned()).collect();
            (root, named, read, plain_paths)
        }
        _ => {
            let named = named(paths);
            let paths: Vec<PathBuf> = paths.iter().map(|path| here.join(path)).collect();
            (here.join(&named), named, paths.clone(), paths)
        }
    }
}

/// A folder as it is named from another one.
fn from_here(here: &Path, folder: &Path) -> String {
    if let Ok(above) = here.strip_prefix(folder) {
        let steps = vec![".."; above.components().count()];
        return if steps.is_empty() { ".".to_owned() } else { steps.join("/") };
    }
    shipworthy_workspace::relative(here, folder)
}

/// The workspace as it was named: the one folder that is audited, else the current one.
fn named(paths: &[PathBuf]) -> String {
    match paths {
        [only] if only.is_dir() => {
            let parts = only.components().filter(|c| !matches!(c, std::path::Component::CurDir));
            let path: PathBuf = parts.collect();
            if path.as_os_str().is_empty() {
                ".".to_owned()
            } else {
                path.to_string_lossy().replace('\\', "/")
            }
        }
        _ => ".".to_owned(),
    }
}

fn audit(
    settings: &FolderSettings,
    root: &Path,
    asked: (&[PathBuf], &[PathBuf]),
    cache: Option<&Cache>,
    shared: &Output,
) -> Result<Audited, String> {
    let auditor = Auditor::new(RULES);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(shared.threads.unwrap_or(0)).build();
    let threads = threads.map_err(|e| format!("starting threads: {e}"))?;
    let progress = if shared.quiet { ProgressBar::hidden() } else { ProgressBar::no_length() };
    let style = ProgressStyle::with_template("{wide_bar} {percent} %");
    progress.set_style(style.unwrap_or(ProgressStyle::default_bar()));
    let done = |all: usize| {
        progress.set_length(all as u64);
        progress.inc(1);
        if interrupt::is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let outcome =
        threads.install(|| shipworthy_workspace::audit(&auditor, settings, root, asked, cache, &done));
    progress.finish_and_clear();
    if let Some(problem) = cache.and_then(Cache::problem).filter(|_| shared.verbose) {
        warn(&format!("not remembered for the next time: {problem}"));
    }
    outcome.ok_or_else(|| "the audit was stopped".to_owned())
}
