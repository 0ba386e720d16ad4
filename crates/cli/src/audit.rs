//! `shipworthy audit`.

use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use shipworthy_audit::level::Severity;
use shipworthy_audit::{Alone, Auditor, Document, FileDocument, Outcome as Audited, default_module};
use shipworthy_report as report;
use shipworthy_rules::RULES;
use shipworthy_syntax::Language;
use shipworthy_workspace::FolderSettings;

use crate::arguments::{Audit, Format, Output};
use crate::{Outcome, config, fix, output};

/// Runs the audit, applies or prints fixes where asked, writes the result.
pub(crate) fn run(command: &Audit, shared: &Output) -> Result<Outcome, String> {
    let auditor = Auditor::new(RULES);
    let named = workspace_root(command);
    let here = std::env::current_dir().map_err(|e| format!("the current folder: {e}"))?;
    let root = here.join(&named);
    let settings = config::settings(shared)?;
    let from_standard_input = command.paths == [PathBuf::from("-")];
    let outcome = if from_standard_input {
        standard_input(command, &auditor, &settings, &root)?
    } else {
        workspace(command, shared, &auditor, &settings, (&here, &root))?
    };
    for file in settings.files() {
        config::warn(&file);
    }
    for file in &outcome.files {
        for failure in &file.failures {
            let (rule, path, message) = (failure.rule, &file.path, &failure.message);
            anstream::eprintln!(
                "warning: {rule} broke on {path} ({message}); its findings there are missing"
            );
        }
    }
    if outcome.files.is_empty() && outcome.skipped.is_empty() {
        anstream::eprintln!("nothing to audit: no Python, Go or Rust file, and none around them");
        return Ok(Outcome::Nothing);
    }
    if command.diff {
        output::write(&fix::patch(&outcome, command.fix))?;
    } else if let Some(level) = command.fix {
        let fixed = fix::apply(&outcome, level, &root, from_standard_input)?;
        if !from_standard_input && !shared.quiet {
            anstream::eprintln!("{} fixes in {} files", fixed.fixes, fixed.files);
        }
    } else {
        let text = match command.output_format {
            Format::Text => report::text(&outcome, &named, output::colored(shared)),
            Format::Json => {
                format!("{:#}\n", report::json(&outcome, RULES, &named, env!("CARGO_PKG_VERSION")))
            }
        };
        output::write(&text)?;
    }
    let wanted = settings.of_folder(&root).and_then(|f| f.settings.as_ref().map(|s| s.fail_on()));
    let fail_on = command.fail_on.or(wanted).unwrap_or(Severity::Blocking);
    let fails = outcome.findings().any(|(_, f)| f.suppressed.is_none() && f.severity >= fail_on);
    Ok(if fails { Outcome::Findings } else { Outcome::Sound })
}

/// The workspace as it was named: the one folder that is audited, else the current one. Paths in results are relative to it.
fn workspace_root(command: &Audit) -> String {
    match &command.paths[..] {
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

fn workspace(
    command: &Audit,
    shared: &Output,
    auditor: &Auditor,
    settings: &FolderSettings,
    (here, root): (&Path, &Path),
) -> Result<Audited, String> {
    let paths: Vec<PathBuf> = command.paths.iter().map(|p| here.join(p)).collect();
    for (path, named) in paths.iter().zip(&command.paths) {
        if !path.exists() {
            return Err(format!("{}: no such file or folder", named.display()));
        }
    }
    let threads = rayon::ThreadPoolBuilder::new().num_threads(shared.threads.unwrap_or(0)).build();
    let threads = threads.map_err(|e| format!("starting threads: {e}"))?;
    let progress = if shared.quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    progress.set_style(
        ProgressStyle::with_template("{spinner} {pos} files").unwrap_or(ProgressStyle::default_spinner()),
    );
    let done = |_| {
        progress.inc(1);
        ControlFlow::Continue(())
    };
    let outcome = threads.install(|| shipworthy_workspace::audit(auditor, settings, root, &paths, &done));
    progress.finish_and_clear();
    outcome.ok_or_else(|| "the audit was stopped".to_owned())
}

fn standard_input(
    command: &Audit,
    auditor: &Auditor,
    settings: &FolderSettings,
    root: &Path,
) -> Result<Audited, String> {
    let name = command.stdin_filename.as_deref().ok_or("standard input needs --stdin-filename NAME")?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|e| format!("standard input: {e}"))?;
    let Some(configuration) = settings.configuration(&root.join(name)) else {
        return Ok(Audited::default());
    };
    let file = if let Some(language) = Language::from_path(name) {
        let mut document = Document::new(name, &default_module(language, name), language, &text);
        document.analyze(auditor, &configuration, &Alone);
        document.outcome()
    } else {
        let format = shipworthy_evidence::Format::of(name, &text)
            .ok_or_else(|| format!("{name}: not the name of a file to audit"))?;
        let mut document = FileDocument::new(name, format, &text);
        document.analyze(auditor, &configuration);
        document.outcome()
    };
    Ok(Audited { files: vec![file], skipped: Vec::new() })
}
