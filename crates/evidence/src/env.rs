//! Environment files: `NAME=value` lines.

use shipworthy_syntax::Range;

use crate::command::Word;
use crate::file::Read;

/// The entries of an environment file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Env {
    /// In the file's order.
    pub entries: Vec<Entry>,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name that it sets.
    pub name: Word,
    /// Its value without quotes, with the place of the quotes too; empty where it is.
    pub value: Word,
}

impl Env {
    /// The entry that holds for a name: the last one.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.name.text == name)
    }
}

/// Whether a file name is of an environment file.
pub(crate) fn is_one(name: &str) -> bool {
    const NO_TEXT: [&str; 8] = [".py", ".go", ".rs", ".ts", ".js", ".sh", ".d.ts", ".gpg"];
    let is_env = name == ".env"
        || name.starts_with(".env.")
        || name.starts_with(".env-")
        || name.ends_with(".env")
        || matches!(name, "env.example" | "env.sample" | "env.template" | "example.env" | "dotenv");
    is_env && !NO_TEXT.iter().any(|ending| name.ends_with(ending))
}

/// Whether the name says that the file is to be copied and filled in.
pub fn is_template(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    const WORDS: [&str; 9] =
        ["example", "examples", "sample", "template", "tmpl", "dist", "default", "defaults", "tpl"];
    name.split(['.', '-', '_']).any(|word| WORDS.contains(&word))
}

pub(crate) fn read(text: &str) -> Read<Env> {
    let mut read = Read::<Env>::default();
    let mut at = 0;
    while at < text.len() {
        let line = text[at..].split('\n').next().unwrap_or_default();
        let end = at + line.len();
        at = entry(text, at, end, &mut read).max(end) + 1;
    }
    read
}

/// Reads the line from `start` to `end`; gives where it ends, which is lower down where quotes hold line breaks.
fn entry(text: &str, start: usize, end: usize, read: &mut Read<Env>) -> usize {
    let line = &text[start..end];
    let body = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let from = start + line.len() - body.len();
    let body = body.trim_end();
    if body.is_empty() {
        return end;
    }
    if body.starts_with('#') {
        read.comments.push(Range::from(from..from + body.len()));
        return end;
    }
    let bare = body.strip_prefix("export ").unwrap_or(body).trim_start();
    let name_start = from + body.len() - bare.len();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let name_end = bare.find(|c| !is_name(c)).unwrap_or(bare.len());
    let rest = bare[name_end..].trim_start();
    let Some(value) = rest.strip_prefix(['=', ':']).filter(|_| name_end > 0) else {
        read.unread.push(Range::from(from..from + body.len()));
        return end;
    };
    let value_text = value.trim_start();
    let value_start = from + body.len() - value_text.len();
    let (value, value_end, line_end) = match value_text.chars().next() {
        Some(quote @ ('"' | '\'' | '`')) => match close(&text[value_start + 1..], quote) {
            Some(close) => {
                let close = value_start + 1 + close;
                let line_end = text[close..].find('\n').map_or(text.len(), |at| close + at);
                comment(text, close + 1, line_end, read);
                (&text[value_start + 1..close], close + 1, line_end)
            }
            None => (value_text, value_start + value_text.len(), end),
        },
        _ => {
            // A sign of comment within a value is the value's.
            let cut = value_text.find(" #").or(value_text.find("\t#")).unwrap_or(value_text.len());
            comment(text, value_start + cut, value_start + value_text.len(), read);
            let value = value_text[..cut].trim_end();
            (value, value_start + value.len(), end)
        }
    };
    let name =
        Word { text: bare[..name_end].to_owned(), range: Range::from(name_start..name_start + name_end) };
    let value = Word { text: value.to_owned(), range: Range::from(value_start..value_end) };
    read.spans.push(Range::from(from..value_end));
    read.content.entries.push(Entry { name, value });
    line_end
}

/// Where a quote closes.
fn close(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped && quote == '"';
        closes.then_some(at)
    })
}

fn comment(text: &str, from: usize, to: usize, read: &mut Read<Env>) {
    let rest = text.get(from..to).unwrap_or_default();
    let comment = rest.trim();
    if comment.starts_with('#') {
        let start = from + rest.find('#').unwrap_or(0);
        read.comments.push(Range::from(start..start + comment.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_places_quotes_and_comments() {
        let text =
            "# top\nA=1\nexport B = \"two words\" # why\n\nC='x\ny'\nD=a#b # c\nE=\nnot an entry\nF=\"open\n";
        let read = read(text);
        let entries: Vec<(&str, &str)> =
            read.content.entries.iter().map(|e| (e.name.text.as_str(), e.value.text.as_str())).collect();
        assert_eq!(
            entries,
            [("A", "1"), ("B", "two words"), ("C", "x\ny"), ("D", "a#b"), ("E", ""), ("F", "\"open")]
        );
        let slice = |range: Range| &text[std::ops::Range::from(range)];
        assert_eq!(slice(read.content.entries[1].value.range), "\"two words\"");
        let comments: Vec<&str> = read.comments.iter().map(|c| slice(*c)).collect();
        assert_eq!(comments, ["# top", "# why", "# c"]);
        assert_eq!(slice(read.unread[0]), "not an entry");
    }

    #[test]
    fn names_tell_files_and_templates() {
        for name in [".env", ".env.local", "prod.env", "env.example", ".env.example"] {
            assert!(is_one(name), "{name}");
        }
        assert!(!is_one("environment.py") && !is_one(".envrc") && !is_one(".env.py"));
        assert!(is_template("a/.env.example") && !is_template("example/.env"));
    }
}
