//! Rule pages: Markdown whose fenced examples are the rule's tests.
//!
//! A fence says the language and what it shows: `python bad` (findings stand where carets point), `python fixed` (the bad example before it
//! after all its quick fixes), `python good` (no finding). With `file=src/app.py` an example names its file; fences of one kind that follow
//! each other directly and all name files are one example of several files. A line of spaces and carets under a line of code
//! marks a finding's exact range on it; of a finding over several lines, the part on its first line.

use shipworthy_syntax::Range;

use crate::subject::Subject;

/// A parsed page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its examples, in order.
    pub examples: Vec<Example>,
}

/// One example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it is in: the first file's language or format.
    pub language: Subject,
    /// Whether it has findings.
    pub bad: bool,
    /// Its files, without caret lines.
    pub files: Vec<ExampleFile>,
    /// The files after all quick fixes, where the page shows them.
    pub fixed: Option<Vec<ExampleFile>>,
    /// Line of its first fence in the page, from 1.
    pub line: usize,
}

/// One file of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFile {
    /// What it is in.
    pub language: Subject,
    /// Its path; a neutral one where the page names none.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The ranges, in bytes of the text, that carets mark.
    pub marked: Vec<Range>,
}

struct Fence {
    language: Subject,
    kind: String,
    named: bool,
    file: ExampleFile,
    line: usize,
    /// Nothing but blank lines stands between it and the fence before it.
    adjacent: bool,
}

impl Page {
    /// Reads a page. Fences that say no known language and kind are prose.
    pub fn parse(markdown: &str) -> Self {
        let mut page = Self::default();
        let mut last: Option<(String, bool)> = None;
        for fence in fences(markdown) {
            let joins = fence.adjacent
                && fence.named
                && last.as_ref().is_some_and(|(kind, named)| *named && *kind == fence.kind);
            let key = (fence.kind.clone(), fence.named);
            match (fence.kind.as_str(), page.examples.last_mut()) {
                ("fixed", Some(example)) => example.fixed.get_or_insert_default().push(fence.file),
                ("bad" | "good", Some(example)) if joins => example.files.push(fence.file),
                ("bad" | "good", _) => page.examples.push(Example {
                    language: fence.language,
                    bad: fence.kind == "bad",
                    files: vec![fence.file],
                    fixed: None,
                    line: fence.line,
                }),
                _ => continue,
            }
            last = Some(key);
        }
        page
    }
}

/// A page for readers: its prose and its examples, each under a word that says what it shows, without the carets. With a language or
/// format, the examples in that only.
pub fn readable(markdown: &str, language: Option<Subject>) -> String {
    let mut out = String::new();
    let mut lines = markdown.lines().map(unindent);
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let words: Vec<&str> = info.split_whitespace().collect();
        let body: Vec<&str> = lines.by_ref().take_while(|l| !l.starts_with("```")).collect();
        let spoken = words.first().and_then(|id| Subject::from_id(id));
        if spoken.is_some() && language.is_some_and(|wanted| spoken != Some(wanted)) {
            continue;
        }
        let label = match words.get(1) {
            Some(&"bad") => "Bad",
            Some(&"good") => "Good",
            Some(&"fixed") => "Fixed",
            _ => "",
        };
        if !label.is_empty() {
            let file = words.iter().find_map(|w| w.strip_prefix("file="));
            let file = file.map(|f| format!(", `{f}`")).unwrap_or_default();
            out.push_str(&format!("*{label}*{file}:\n\n"));
        }
        out.push_str(&format!("```{}\n", words.first().unwrap_or(&"")));
        for line in body.iter().filter(|l| !is_marks(l)) {
            out.push_str(line);
            out.push('\n');
        }
        out.push_str("```\n\n");
    }
    squeeze(out.trim())
}

/// The text with no more than one blank line in a row outside fences.
fn squeeze(markdown: &str) -> String {
    let mut out = String::new();
    let (mut blank, mut fenced) = (false, false);
    for line in markdown.lines() {
        fenced ^= line.starts_with("```");
        if blank && line.is_empty() && !fenced {
            continue;
        }
        blank = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Whether a line only marks what stands above it.
fn is_marks(line: &str) -> bool {
    line.contains('^') && line.chars().all(|c| c == '^' || c.is_whitespace())
}

fn fences(markdown: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut adjacent = false;
    let mut lines = markdown.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(info) = unindent(line).strip_prefix("```") else {
            adjacent &= line.trim().is_empty();
            continue;
        };
        let mut body = Vec::new();
        for (_, line) in lines.by_ref() {
            if unindent(line).starts_with("```") {
                break;
            }
            body.push(unindent(line));
        }
        let mut words = info.split_whitespace();
        let language = words.next().and_then(Subject::from_id);
        let kind = words.next();
        let (Some(language), Some(kind @ ("bad" | "good" | "fixed"))) = (language, kind) else {
            adjacent = false;
            continue;
        };
        let path = words.find_map(|w| w.strip_prefix("file="));
        let file = example_file(language, path.unwrap_or(language.neutral_path()), &body);
        let named = path.is_some();
        found.push(Fence { language, kind: kind.to_owned(), named, file, line: number + 1, adjacent });
        adjacent = true;
    }
    found
}

/// A documentation comment puts one space before each line.
fn unindent(line: &str) -> &str {
    line.strip_prefix(' ').unwrap_or(line)
}

fn example_file(language: Subject, path: &str, lines: &[&str]) -> ExampleFile {
    let mut text = String::new();
    let mut marked = Vec::new();
    let mut start_of_last = 0;
    for line in lines {
        if !is_marks(line) {
            start_of_last = text.len();
            text.push_str(line);
            text.push('\n');
            continue;
        }
        let offsets: Vec<usize> =
            text[start_of_last..].char_indices().map(|(at, _)| start_of_last + at).collect();
        let mut run: Option<Range> = None;
        for (column, c) in line.chars().enumerate() {
            let start = offsets.get(column).copied().unwrap_or(text.len()) as u32;
            let end = offsets.get(column + 1).copied().unwrap_or(text.len()) as u32;
            match (c, &mut run) {
                ('^', Some(open)) => open.end = end,
                ('^', None) => run = Some(Range { start, end }),
                _ => marked.extend(run.take()),
            }
        }
        marked.extend(run);
    }
    ExampleFile { language, path: path.to_owned(), text, marked }
}

#[cfg(test)]
mod tests {
    use shipworthy_syntax::Language;

    use super::*;

    #[test]
    fn examples_have_files_marks_and_fixes() {
        let page = " Title\n\n ```python bad\n é = f(x)\n     ^ ^\n ```\n ```python fixed\n é = g(x)\n ```\n Text\n ```go good file=a/a.go\n package a\n ```\n\n ```go good file=b/b.go\n package b\n ```\n";
        let examples = Page::parse(page).examples;
        assert_eq!(examples.len(), 2);
        let file = &examples[0].files[0];
        assert_eq!(file.text, "é = f(x)\n");
        let marked: Vec<&str> =
            file.marked.iter().map(|r| &file.text[r.start as usize..r.end as usize]).collect();
        assert_eq!(marked, ["f", "x"]);
        assert_eq!(examples[0].fixed.as_ref().unwrap()[0].text, "é = g(x)\n");
        assert_eq!(examples[1].files.len(), 2);
        assert!(!examples[1].bad);
    }

    #[test]
    fn a_page_reads_without_carets_and_in_one_language() {
        let page = " Title\n\n Why.\n\n ```python bad\n x = f(x)\n     ^\n ```\n ```python fixed\n x = g(x)\n ```\n ```go good\n package a\n ```\n";
        let python = readable(page, Some(Language::Python.into()));
        assert_eq!(
            python,
            "Title\n\nWhy.\n\n*Bad*:\n\n```python\nx = f(x)\n```\n\n*Fixed*:\n\n```python\nx = g(x)\n```\n"
        );
        assert!(readable(page, None).ends_with("*Good*:\n\n```go\npackage a\n```\n"));
    }
}
