//! The command lines by which containers start servers.

use shipworthy_evidence::server::{Server, is_off};
use shipworthy_evidence::{Command, File};
use shipworthy_syntax::Range;

/// A server that a file starts, or gives options to.
pub(crate) struct Served {
    pub(crate) program: &'static Server,
    pub(crate) words: Command,
    /// Where all of it stands, where its words have no places of their own.
    pub(crate) whole: Option<Range>,
}

/// The servers that a Dockerfile's last stage and a compose file's services start, and the options that their environment holds.
pub(crate) fn commands(file: &File) -> Vec<Served> {
    let mut found = Vec::new();
    if let Some((dockerfile, last)) = file.dockerfile().and_then(|d| Some((d, d.last()?))) {
        let stages: Vec<_> = dockerfile.lineage(last).collect();
        for stage in &stages {
            let starts =
                stage.instructions.iter().filter(|i| matches!(i.keyword.as_str(), "CMD" | "ENTRYPOINT"));
            starts.for_each(|start| started(&start.command, None, &mut found));
            let settings = stage.instructions.iter().filter(|i| i.keyword == "ENV").flat_map(|i| &i.settings);
            for setting in settings {
                let value = setting.value.as_deref().unwrap_or_default();
                configured(&setting.name, value, setting.value_range, &mut found);
            }
        }
    }
    for service in file.compose().into_iter().flat_map(|c| &c.services) {
        for command in service.entrypoint.iter().chain(&service.command) {
            started(command, None, &mut found);
        }
        for variable in &service.environment {
            let Some(value) = &variable.value else { continue };
            configured(&variable.name.text, &value.text, value.range, &mut found);
        }
    }
    found
}

fn started(command: &Command, whole: Option<Range>, found: &mut Vec<Served>) {
    let program = Server::all().iter().find(|server| command.runs(&server.name));
    found.extend(program.map(|program| Served { program, words: command.clone(), whole }));
}

/// Options in a variable that the server reads.
fn configured(name: &str, value: &str, place: Range, found: &mut Vec<Served>) {
    let program = Server::all().iter().find(|server| server.environment.iter().any(|known| known == name));
    let words = || Command::of(value, place);
    found.extend(program.map(|program| Served { program, words: words(), whole: Some(place) }));
}

/// The options of a command that switch a timeout off, with their places.
pub(crate) fn switched_off<'a>(program: &'a Server, command: &Command) -> Vec<(&'a str, Range)> {
    let off = program.timeouts.iter().filter_map(|option| {
        let (value, place) = command.option(option)?;
        is_off(value).then_some((option.as_str(), place))
    });
    off.collect()
}
