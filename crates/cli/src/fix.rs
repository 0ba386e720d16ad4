//! Applying fixes, and showing them as a patch.

use std::io::Write as _;
use std::path::Path;

use shipworthy_audit::{AuditedFile, FixEdit, Outcome, Safety};
use shipworthy_syntax::Range;
use similar::TextDiff;

use crate::arguments::FixLevel;
use crate::output;

/// How much was fixed.
pub(crate) struct Fixed {
    pub(crate) fixes: usize,
    pub(crate) files: usize,
}

/// The text of a file after its fixes, and how many there are. Of fixes that overlap the first is taken; what is left is found again by
/// the next run.
fn fixed(file: &AuditedFile, level: FixLevel) -> (String, usize) {
    let mut taken: Vec<(Range, &str)> = Vec::new();
    let mut count = 0;
    for finding in file.findings.iter().filter(|f| f.suppressed.is_none()) {
        let Some(fix) = &finding.fix else { continue };
        if fix.safety == Safety::Suggested && level == FixLevel::Safe {
            continue;
        }
        let edits: Vec<(Range, &str)> = fix
            .edits
            .iter()
            .filter_map(|e| match e {
                FixEdit::Replace(range, text) => Some((*range, text.as_str())),
                FixEdit::Import(_) | FixEdit::Dependency(..) => None,
            })
            .collect();
        // The same import wanted by two fixes is one change.
        let new: Vec<_> = edits.into_iter().filter(|e| !taken.contains(e)).collect();
        let overlaps = |(a, _): &(Range, &str)| {
            taken.iter().any(|(b, _)| a.start < b.end && b.start < a.end || a.start == b.start)
        };
        if new.is_empty() || new.iter().any(overlaps) {
            continue;
        }
        taken.extend(new);
        count += 1;
    }
    taken.sort_by_key(|(range, _)| (range.start, range.end));
    let mut text = String::with_capacity(file.text.len());
    let mut at = 0;
    for (range, new) in taken {
        text.push_str(&file.text[at..range.start as usize]);
        text.push_str(new);
        at = range.end as usize;
    }
    text.push_str(&file.text[at..]);
    (text, count)
}

/// The fixes of all files as one patch.
pub(crate) fn patch(outcome: &Outcome, level: Option<FixLevel>) -> String {
    let mut patch = String::new();
    for file in &outcome.files {
        let (text, count) = fixed(file, level.unwrap_or(FixLevel::Safe));
        if count > 0 {
            let diff = TextDiff::from_lines(&*file.text, &*text);
            let names = (format!("a/{}", file.path), format!("b/{}", file.path));
            patch.push_str(&diff.unified_diff().header(&names.0, &names.1).to_string());
        }
    }
    patch
}

/// Applies the fixes; standard input's text goes to standard output.
pub(crate) fn apply(
    outcome: &Outcome,
    level: FixLevel,
    root: &Path,
    to_standard_output: bool,
) -> Result<Fixed, String> {
    let mut done = Fixed { fixes: 0, files: 0 };
    for file in &outcome.files {
        let (text, count) = fixed(file, level);
        if to_standard_output {
            output::write(&text)?;
        } else if count > 0 {
            replace(&root.join(&file.path), &text).map_err(|e| format!("{}: {e}", file.path))?;
        }
        done.fixes += count;
        done.files += usize::from(count > 0);
    }
    Ok(done)
}

/// Replaces a file in one step, so that a crash leaves either the old text or the new one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().set_permissions(std::fs::metadata(path)?.permissions())?;
    new.persist(path)?;
    Ok(())
}
