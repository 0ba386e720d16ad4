//! What rules that judge the whole workspace share: the files of each project, the modules they make up, and the words in texts.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use shipworthy_audit::{Note, Survey, Surveyed};
use shipworthy_syntax::{Language, Range};

/// A project's code in one language: what is compared is compared within it.
pub(crate) type Project = (Arc<str>, Language);

/// Files with their numbers, by project.
pub(crate) fn by_project<'a>(
    files: impl Iterator<Item = (usize, &'a Surveyed<'a>)>,
) -> BTreeMap<Project, Vec<(usize, &'a Surveyed<'a>)>> {
    let mut projects: BTreeMap<Project, Vec<_>> = BTreeMap::new();
    for (number, file) in files {
        projects.entry((file.project.clone(), file.language)).or_default().push((number, file));
    }
    projects
}

/// The notes of one key, with the numbers of their files, in projects that have none of another.
pub(crate) fn notes_without<'a>(survey: &Survey<'a>, key: &str, other: &str) -> Vec<(usize, &'a Note)> {
    let mut found = Vec::new();
    for files in by_project(survey.files()).values() {
        let notes = || files.iter().flat_map(|(number, _)| survey.notes(*number).map(move |n| (*number, n)));
        if !notes().any(|(_, note)| note.key == other) {
            found.extend(notes().filter(|(_, note)| note.key == key));
        }
    }
    found
}

/// The modules of one project, each with the numbers of its files.
pub(crate) struct Modules<'a> {
    language: Language,
    files: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Modules<'a> {
    /// The modules of a project among all files.
    pub(crate) fn of(all: &'a [Surveyed<'a>], (project, language): &Project) -> Self {
        let mut files: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, file) in all.iter().enumerate() {
            if file.project == *project && file.language == *language {
                files.entry(&file.summary.module).or_default().push(number);
            }
        }
        Self { language: *language, files }
    }

    /// The files of a module.
    pub(crate) fn get(&self, module: &str) -> Option<&[usize]> {
        self.files.get(module).map(Vec::as_slice)
    }

    /// The files of the longest module that a name begins with, and what of the name comes after it.
    pub(crate) fn holding<'n>(&self, name: &'n str) -> Option<(&[usize], &'n str)> {
        if let Some(files) = self.get(name) {
            return Some((files, ""));
        }
        let separator = self.language.separator();
        // A path of Go's packages ends behind its last slash.
        let from = if self.language == Language::Go { name.rfind('/').unwrap_or(0) } else { 0 };
        name[from..].rmatch_indices(separator).find_map(|(at, _)| {
            let files = self.get(&name[..from + at])?;
            Some((files, &name[from + at + separator.len()..]))
        })
    }

    /// Whether any module stands below a name.
    pub(crate) fn has_below(&self, name: &str) -> bool {
        let separator = if self.language == Language::Go { "/" } else { self.language.separator() };
        let below = [name, separator].concat();
        self.files.range(&*below..).next().is_some_and(|(module, _)| module.starts_with(&below))
    }

    /// Whether any module's own name, without what it stands in, is this.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.files.keys().copied()
    }
}

/// The first line of a file that says something.
pub(crate) fn first_line(file: &Surveyed<'_>) -> Range {
    let lines = (0..file.text.line_count()).map(|line| file.text.line_range(line));
    let trimmed = |range: Range| {
        let length = file.text.slice(range).trim_end().len() as u32;
        Range { start: range.start, end: range.start + length }
    };
    lines.map(trimmed).find(|range| range.start < range.end).unwrap_or_default()
}

/// The identifiers in a text, in order, with where they begin.
pub(crate) fn identifiers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.find(is_part)?;
        let end = text[start..].find(|c| !is_part(c)).map_or(text.len(), |length| start + length);
        at = end;
        Some((start, &text[start..end]))
    })
}

/// Whether a text has an identifier.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

/// The numbers of the files that each of some identifiers stands in, in order; once for each time.
pub(crate) fn places_of_words<'a, 'w>(
    files: impl Iterator<Item = (usize, &'a Surveyed<'a>)>,
    wanted: impl Iterator<Item = &'w str>,
) -> FxHashMap<&'w str, Vec<usize>> {
    let mut places: FxHashMap<&str, Vec<usize>> = wanted.map(|word| (word, Vec::new())).collect();
    if places.is_empty() {
        return places;
    }
    for (number, file) in files {
        for (_, word) in identifiers(file.contents()) {
            if let Some(found) = places.get_mut(word) {
                found.push(number);
            }
        }
    }
    places
}

/// How many changes of a letter make one name of another; none where they are too different.
pub(crate) fn distance(a: &str, b: &str) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let allowed = (a.len().max(b.len()) / 4).clamp(1, 3);
    if a.len().abs_diff(b.len()) > allowed {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    let distance = row[b.len()];
    (distance <= allowed).then_some(distance)
}

/// The name nearest to one, where exactly one is near.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut near: Vec<(usize, &str)> =
        known.filter_map(|other| Some((distance(name, other)?, other))).collect();
    near.sort_unstable();
    near.dedup();
    match near[..] {
        [(_, only)] => Some(only),
        [(first, found), (second, _), ..] if first < second => Some(found),
        _ => None,
    }
}

/// Whether a path is of Go's standard library, whose names a folder without a `go.mod` above it may share.
pub(crate) fn is_go_standard(path: &str) -> bool {
    const FIRST: [&str; 47] = [
        // What its own `go.mod` calls it.
        "std",
        "archive",
        "bufio",
        "bytes",
        "cmp",
        "compress",
        "container",
        "context",
        "crypto",
        "database",
        "debug",
        "embed",
        "encoding",
        "errors",
        "expvar",
        "flag",
        "fmt",
        "go",
        "hash",
        "html",
        "image",
        "index",
        "io",
        "iter",
        "log",
        "maps",
        "math",
        "mime",
        "net",
        "os",
        "path",
        "plugin",
        "reflect",
        "regexp",
        "runtime",
        "slices",
        "sort",
        "strconv",
        "strings",
        "sync",
        "syscall",
        "testing",
        "text",
        "time",
        "unicode",
        "unique",
        "unsafe",
    ];
    path.split(['/', '.']).next().is_some_and(|first| FIRST.contains(&first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        assert!(has_word("class Dream(Base):", "Dream"));
        assert!(!has_word("class DreamManager:", "Dream"));
        assert_eq!(identifiers("a.b_c(\"é1\")").map(|(_, w)| w).collect::<Vec<_>>(), ["a", "b_c", "é1"]);
    }

    #[test]
    fn names_are_near_when_a_slip_apart() {
        assert_eq!(nearest("Managr", ["Manager", "Store"].into_iter()), Some("Manager"));
        assert_eq!(nearest("Cat", ["Bat", "Hat"].into_iter()), None);
        assert_eq!(distance("get", "set_all"), None);
    }
}
