//! Documents for readers: which files are, and what they are called.

use shipworthy_evidence::Format;

use crate::code_role::CodeRole;
use crate::inventory::DocumentFile;

impl DocumentFile {
    /// Whether a file is one, by its path: prose of the workspace's own, that is no test's and no tool's.
    pub fn is_one(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
        let is_prose = match ending {
            "md" | "markdown" | "rst" | "adoc" => true,
            "" | "txt" => matches!(stem, "readme" | "changelog" | "contributing" | "security" | "install"),
            _ => false,
        };
        let is_hidden = path.split('/').any(|part| part.starts_with('.'));
        let role = CodeRole::of_file(Format::Ci, path, "");
        is_prose && !is_hidden && !matches!(role, CodeRole::Vendored | CodeRole::Test)
    }

    /// The document of a path, with its title: its first heading, else its name. An audit's own report is none: it would change the next.
    pub fn of(path: &str, text: &str) -> Option<Self> {
        if text.starts_with("# Audit of ") && text.contains("\n- **Shipworthy**: ") {
            return None;
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let title = title(text).unwrap_or_else(|| name.to_owned());
        Some(Self { path: path.to_owned(), title })
    }
}

/// The first heading of a text in Markdown, reStructuredText or AsciiDoc.
fn title(text: &str) -> Option<String> {
    const MAX_LINES: usize = 80;
    let lines: Vec<&str> =
        text.trim_start_matches('\u{feff}').lines().take(MAX_LINES).map(str::trim).collect();
    let mut in_code = false;
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("```") || line.starts_with("~~~") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let heading = if let Some(rest) = line.strip_prefix("# ").or_else(|| line.strip_prefix("= ")) {
            rest.trim_end_matches('#')
        } else if let Some((_, rest)) = line.split_once("<h1").and_then(|(_, rest)| rest.split_once('>')) {
            rest
        } else if !is_rule(line) && lines.get(at + 1).is_some_and(|next| is_rule(next)) {
            line
        } else {
            continue;
        };
        let heading = plain(heading);
        if !heading.is_empty() {
            return Some(heading);
        }
    }
    None
}

/// Whether a line underlines the one before. A table's or a front matter's lines are shorter, or of other characters.
fn is_rule(line: &str) -> bool {
    line.len() >= 3
        && ["=", "*", "#", "~"].iter().any(|c| line.trim_matches(|own| c.starts_with(own)).is_empty())
}

/// A heading without its images, addresses and tags.
fn plain(heading: &str) -> String {
    let mut out = String::new();
    let mut rest = heading;
    while let Some(at) = rest.find(['[', '!', '<', '`']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let link = |from: &str| {
            let (words, behind) = from.strip_prefix('[')?.split_once("](")?;
            let (_, behind) = behind.split_once(')')?;
            Some((words.to_owned(), behind.len()))
        };
        let (words, left) = if let Some(image) = from.strip_prefix('!').and_then(link) {
            (String::new(), image.1)
        } else if let Some(link) = link(from).filter(|(words, _)| !words.contains('[')) {
            link
        } else if let Some((_, behind)) = from.split_once('>').filter(|_| from.starts_with('<')) {
            (String::new(), behind.len())
        } else {
            let kept = if from.starts_with('`') { "" } else { &from[..1] };
            (kept.to_owned(), from.len() - 1)
        };
        out.push_str(&words);
        rest = &from[from.len() - left..];
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot run fails")]
mod tests {
    use super::*;

    #[test]
    fn titles_are_first_headings() {
        for (text, expected) in [
            ("# Orders\n\n## How\n", "Orders"),
            ("```sh\n# not this\n```\n\n# Running `it` #\n", "Running it"),
            (
                "[![build](https://a.example/b.svg)](https://a.example)\n# [Shop](https://b.example) ![x](y.png)\n",
                "Shop",
            ),
            ("<p align=\"center\">\n<h1 id=\"a\">Crew</h1>\n</p>\n", "Crew"),
            ("=====\nGuide\n=====\n\nText\n", "Guide"),
            ("= Ascii\n", "Ascii"),
            ("only words\n", "a.md"),
        ] {
            assert_eq!(DocumentFile::of("docs/a.md", text).unwrap().title, expected, "{text}");
        }
    }

    #[test]
    fn a_report_is_no_document() {
        assert_eq!(DocumentFile::of("a.md", "# Audit of shop\n\n- **Shipworthy**: 0.1.0\n"), None);
    }

    #[test]
    fn documents_are_prose_of_the_workspace() {
        for path in ["README.md", "README", "docs/guide.rst", "services/api/CHANGELOG.md"] {
            assert!(DocumentFile::is_one(path), "{path}");
        }
        for path in [
            "requirements.txt",
            ".github/pull_request_template.md",
            "tests/data/a.md",
            "vendor/x/README.md",
            "main.py",
        ] {
            assert!(!DocumentFile::is_one(path), "{path}");
        }
    }
}
