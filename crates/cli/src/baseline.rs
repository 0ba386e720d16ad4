//! `shipworthy baseline`.

use shipworthy_report::{Record, Report};

use crate::arguments::{Baseline, Output};
use crate::audit::Run;
use crate::{Outcome, output};

/// Writes the open findings of today to a file. Findings that are on it already keep their ids.
pub(crate) fn run(command: &Baseline, shared: &Output) -> Result<Outcome, String> {
    let run = Run::of_paths(&command.paths, shared)?;
    if run.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let name = command.output.display().to_string();
    let mut subject = run.subject();
    if let Ok(text) = shipworthy_workspace::read_baseline(&command.output) {
        subject.record = Record::from_baseline(&name, &text).ok();
    }
    let report = Report::new(&run.outcome, &subject);
    let text = shipworthy_report::baseline(&report);
    crate::audit::unless_stopped()?;
    output::to_file(&command.output, &text)?;
    if !shared.quiet {
        anstream::eprintln!("{name}: {} accepted", report.open().count());
    }
    Ok(Outcome::Sound)
}
