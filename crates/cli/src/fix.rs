//! Applying fixes, and showing them as a patch.

use std::collections::HashMap;
use std::path::Path;

use shipworthy_audit::{AuditedFile, Fix, FixEdit, Outcome, Safety, combine};
use shipworthy_syntax::Edit;
use shipworthy_workspace::{read_text, replace_file};
use similar::TextDiff;

use crate::arguments::FixLevel;
use crate::output;

/// How much was fixed.
pub(crate) struct Fixed {
    pub(crate) fixes: usize,
    pub(crate) files: usize,
}

/// The fixes of a file that are wanted.
fn wanted(file: &AuditedFile, level: FixLevel) -> impl Iterator<Item = &Fix> {
    let open = file.findings.iter().filter(|f| f.suppressed.is_none());
    let fixes = open.filter_map(|f| f.fix.as_ref());
    fixes.filter(move |fix| fix.safety == Safety::Safe || level != FixLevel::Safe)
}

/// What fixes change in other files, by their paths.
type Needed<'a> = HashMap<&'a str, Vec<Edit>>;

fn needed(outcome: &Outcome, level: FixLevel) -> Needed<'_> {
    let mut needed = Needed::new();
    for edit in outcome.files.iter().flat_map(|file| wanted(file, level)).flat_map(|fix| &fix.edits) {
        if let FixEdit::Elsewhere(path, range, text) = edit {
            needed.entry(path).or_default().push(Edit::new(*range, text.as_str()));
        }
    }
    needed
}

/// The text of a file after its fixes and what those of other files need of it, and how many fixes of its own there are. Of fixes that overlap
/// the first is taken; what is left is found again by the next run.
fn fixed(file: &AuditedFile, needed: &Needed<'_>, level: FixLevel) -> (String, usize) {
    let (edits, count) = combine(wanted(file, level).map(|fix| {
        let replacements = fix.edits.iter().filter_map(|edit| match edit {
            FixEdit::Replace(range, text) => Some(Edit::new(*range, text.as_str())),
            FixEdit::Import(_) | FixEdit::Dependency(_) | FixEdit::Elsewhere(..) => None,
        });
        replacements.collect()
    }));
    let needed = needed.get(&*file.path).into_iter().flatten().map(|edit| vec![edit.clone()]);
    let (edits, _) = combine(std::iter::once(edits).chain(needed));
    // A fix that changes another file only is counted where its finding is.
    let elsewhere = |fix: &&Fix| fix.edits.iter().all(|edit| matches!(edit, FixEdit::Elsewhere(..)));
    let count = count + wanted(file, level).filter(|fix| !fix.edits.is_empty()).filter(elsewhere).count();
    let mut text = String::with_capacity(file.text.len());
    let mut at = 0;
    for edit in edits {
        text.push_str(&file.text[at..edit.range.start as usize]);
        text.push_str(&edit.text);
        at = edit.range.end as usize;
    }
    text.push_str(&file.text[at..]);
    (text, count)
}

/// The fixes of all files as one patch.
pub(crate) fn patch(outcome: &Outcome, level: Option<FixLevel>) -> String {
    let level = level.unwrap_or(FixLevel::Safe);
    let (mut patch, needed) = (String::new(), needed(outcome, level));
    for file in outcome.all_files() {
        let (text, _) = fixed(file, &needed, level);
        if *text != *file.text {
            let diff = TextDiff::from_lines(&*file.text, &*text);
            let names = (quoted(&format!("a/{}", file.path)), quoted(&format!("b/{}", file.path)));
            patch.push_str(&diff.unified_diff().header(&names.0, &names.1).to_string());
        }
    }
    patch
}

/// A name in a patch's head. One that holds a line break would end the line, so such names are quoted as git and patch do.
fn quoted(name: &str) -> String {
    if !name.contains(|c: char| c.is_control() || c == '"' || c == '\\') {
        return name.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\{:03o}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// Applies the fixes; standard input's text goes to standard output.
pub(crate) fn apply(
    outcome: &Outcome,
    level: FixLevel,
    root: &Path,
    to_standard_output: bool,
) -> Result<Fixed, String> {
    let (mut done, needed) = (Fixed { fixes: 0, files: 0 }, needed(outcome, level));
    for file in outcome.all_files() {
        let (text, count) = fixed(file, &needed, level);
        let changed = *text != *file.text;
        if to_standard_output {
            output::write(&text)?;
        } else if changed {
            let path = root.join(&file.path);
            // It may have become another file since it was read, or a link to one.
            if !read_text(&path).is_ok_and(|now| *now == *file.text) {
                output::warn(&format!("{}: changed while it was audited; it is left as it is", file.path));
                continue;
            }
            replace_file(root, &path, &text).map_err(|e| format!("{}: {e}", file.path))?;
        }
        done.fixes += count;
        done.files += usize::from(changed);
    }
    Ok(done)
}
