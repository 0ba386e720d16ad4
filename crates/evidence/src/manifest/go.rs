//! `go.mod`.

use shipworthy_syntax::Range;

use super::{Dependency, Manifest, Purpose};
use crate::command::Word;
use crate::file::Read;

pub(super) fn read(text: &str) -> Read<Manifest> {
    let mut read = Read::<Manifest>::default();
    let mut block = String::new();
    let mut at = 0;
    for line in text.split('\n') {
        let start = at;
        at += line.len() + 1;
        let comment = line.find("//");
        if let Some(comment) = comment {
            read.comments.push(Range::from(start + comment..start + line.trim_end().len()));
        }
        let body = line[..comment.unwrap_or(line.len())].trim_end();
        let trimmed = body.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let range = Range::from(start + body.len() - trimmed.len()..start + body.len());
        let is_indirect = comment.is_some_and(|at| line[at + 2..].trim_start().starts_with("indirect"));
        let words: Vec<&str> = trimmed.split_whitespace().collect();
        match words[..] {
            [] => {}
            [")"] => block.clear(),
            [verb, "("] => verb.clone_into(&mut block),
            _ => {
                let (verb, rest) =
                    if block.is_empty() { (words[0], &words[1..]) } else { (block.as_str(), &words[..]) };
                if !directive(verb, rest, range, is_indirect, &mut read.content) {
                    read.unread.push(range);
                }
            }
        }
    }
    read
}

/// Reads a directive; says whether it is one.
fn directive(verb: &str, words: &[&str], range: Range, is_indirect: bool, manifest: &mut Manifest) -> bool {
    let bare = |word: &str| word.trim_matches(['"', '`']).to_owned();
    match (verb, words) {
        ("module", [name]) => manifest.name = Some(Word { text: bare(name), range }),
        ("require", [name, version]) => manifest.dependencies.push(Dependency {
            version: (*version).to_owned(),
            is_indirect,
            ..Dependency::new(&bare(name), Purpose::Runtime, range)
        }),
        ("tool", [path]) => manifest.scripts.push((bare(path), bare(path))),
        ("go" | "toolchain" | "exclude" | "retract" | "godebug" | "ignore", [_, ..]) => {}
        ("replace", _) => {
            if let [name, .., "=>", path] | [name, .., "=>", path, _] = words
                && let Some(replaced) = manifest.dependencies.iter_mut().find(|d| d.name == bare(name))
            {
                replaced.is_direct |= path.starts_with('.');
            }
            return words.contains(&"=>");
        }
        _ => return false,
    }
    true
}
