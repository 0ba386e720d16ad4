//! `shipworthy config`, and the settings of other commands.

use std::fmt::Write as _;

use shipworthy_audit::settings::schema;
use shipworthy_rules::RULES;
use shipworthy_syntax::{Encoding, Text};
use shipworthy_workspace::{FolderSettings, SettingsOnDisk, read_settings, today};

use crate::arguments::{Config, Output};
use crate::{Outcome, output};

/// The settings for a run: those named on the command line, else the nearest ones.
pub(crate) fn settings(shared: &Output) -> Result<FolderSettings, String> {
    let settings = FolderSettings::new(RULES, today());
    match &shared.config {
        None => Ok(settings),
        Some(path) => {
            let read = read_settings(path, RULES, |path| std::fs::read_to_string(path));
            let name = path.display();
            let found = read.ok_or_else(|| {
                format!("{name}: no settings there (a shipworthy.toml, or a pyproject.toml with [tool.shipworthy])")
            })?;
            if found.settings.is_none() {
                warn(&found);
                return Err(format!("{name}: cannot be read as settings"));
            }
            Ok(settings.named(found))
        }
    }
}

/// Writes what is wrong with a settings file to standard error.
pub(crate) fn warn(file: &SettingsOnDisk) {
    let text = Text::new(&file.text);
    for problem in &file.problems {
        let at = text.position(problem.range.start, Encoding::Utf32);
        let (path, line, column) = (file.path.display(), at.line + 1, at.column + 1);
        output::warn(&format!("{path}:{line}:{column}: {}; {}", problem.message, problem.help));
    }
}

/// Shows the settings in force in the current folder.
pub(crate) fn run(command: &Config, shared: &Output) -> Result<Outcome, String> {
    if command.schema {
        output::write(&format!("{:#}\n", schema(RULES)))?;
        return Ok(Outcome::Sound);
    }
    let found = settings(shared)?;
    let folder = std::env::current_dir().map_err(|e| format!("the current folder: {e}"))?;
    let Some(file) = found.of_folder(&folder) else {
        output::write("no settings file: every rule runs with its own severity and options\n")?;
        return Ok(Outcome::Sound);
    };
    warn(&file);
    let entries = file.settings.as_ref().map(|s| s.entries()).unwrap_or_default();
    let shown: Vec<_> = match &command.explain {
        Some(key) => {
            let known: Vec<_> = entries.iter().filter(|e| e.key == *key).collect();
            if known.is_empty() {
                return Err(format!("{key}: not set in {}", file.path.display()));
            }
            known
        }
        None => entries.iter().collect(),
    };
    let text = Text::new(&file.text);
    let mut out = String::new();
    for entry in shown {
        let line = entry.range.map(|r| text.line_of(r.start) + 1);
        let place = line.map_or("default".to_owned(), |line| format!("{}:{line}", file.path.display()));
        let _ = writeln!(out, "{} = {}  # {place}", entry.key, entry.value);
        if command.explain.is_some() {
            let _ = writeln!(out, "    {}", entry.description);
        }
    }
    output::write(&shipworthy_report::visible(&out))?;
    Ok(Outcome::Sound)
}
