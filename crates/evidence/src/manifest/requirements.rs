//! `requirements.txt`: requirements, options and includes, a line each, which a backslash continues.

use shipworthy_syntax::Range;

use super::{Dependency, Include, IncludeKind, Manifest, Requirement, purpose_of};
use crate::command::Word;
use crate::file::Read;

pub(super) fn read(path: &str, text: &str) -> Read<Manifest> {
    let mut read = Read::<Manifest>::default();
    let purpose = purpose_of(path.rsplit('/').next().unwrap_or(path));
    let is_constraints = path.rsplit('/').next().is_some_and(|name| name.contains("constraints"));
    let mut at = 0;
    while at < text.len() {
        let start = at;
        // A backslash at its end continues a line.
        let mut joined = String::new();
        let end = loop {
            let line = text[at..].split('\n').next().unwrap_or_default();
            let end = at + line.len();
            at = end + 1;
            match line.trim_end().strip_suffix('\\') {
                Some(part) if at < text.len() => joined.push_str(part),
                _ => {
                    joined.push_str(line);
                    break end;
                }
            }
        };
        let raw = &text[start..end];
        let comment = comment_start(raw);
        if let Some(comment) = comment {
            let sign = raw[comment..].trim_end();
            read.comments.push(Range::from(start + comment..start + comment + sign.len()));
        }
        let body = raw[..comment.unwrap_or(raw.len())].trim_end();
        let lead = body.len() - body.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
        let range = Range::from(start + lead..start + body.len().max(lead));
        let joined_body = &joined[..comment_start(&joined).unwrap_or(joined.len())];
        let line = joined_body.trim().trim_start_matches('\u{feff}');
        if !line.is_empty() {
            entry(line, range, (purpose, is_constraints), &mut read);
        }
    }
    read
}

/// Where the comment of a line starts: at its head, or behind white space.
fn comment_start(line: &str) -> Option<usize> {
    line.match_indices('#')
        .map(|(at, _)| at)
        .find(|at| line[..*at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == '\u{feff}'))
}

fn entry(
    line: &str,
    range: Range,
    (purpose, is_constraints): (super::Purpose, bool),
    read: &mut Read<Manifest>,
) {
    read.spans.push(range);
    for (option, kind) in [
        ("-r", IncludeKind::Requirements),
        ("--requirement", IncludeKind::Requirements),
        ("-c", IncludeKind::Constraints),
        ("--constraint", IncludeKind::Constraints),
    ] {
        let rest = line.strip_prefix(option).filter(|rest| rest.starts_with([' ', '=', '\t']));
        if let Some(path) = rest {
            let path = Word { text: path.trim_start_matches([' ', '=', '\t']).trim().to_owned(), range };
            read.content.includes.push(Include { path, kind });
            return;
        }
    }
    let editable = line.strip_prefix("-e ").or(line.strip_prefix("--editable "));
    if editable.is_none() && line.starts_with('-') {
        return;
    }
    let body = editable.unwrap_or(line).trim();
    // Options of a single requirement: `--hash=sha256:...`.
    let body = body.split(" --").next().unwrap_or(body).trim();
    let dependency = |requirement: Requirement| Dependency {
        version: requirement.version,
        is_direct: requirement.url.is_some(),
        ..Dependency::new(&requirement.name, purpose, range)
    };
    if is_constraints {
        return;
    }
    let is_address = body.contains("://") && !body.contains(" @ ") && !body.contains("@ ");
    if is_address || body.starts_with(['.', '/']) || body.ends_with(".whl") {
        // `git+https://host/repo@tag#egg=name`
        if let Some((_, name)) = body.split_once("#egg=") {
            let name = name.split(['&', '[', ' ']).next().unwrap_or(name);
            read.content
                .dependencies
                .push(Dependency { is_direct: true, ..Dependency::new(name, purpose, range) });
        }
    } else if let Some(requirement) = Requirement::parse(body) {
        read.content.dependencies.push(dependency(requirement));
    } else {
        read.unread.push(range);
    }
}
