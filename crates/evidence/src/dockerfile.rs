//! Dockerfiles and Containerfiles: stages of instructions, with continued lines, heredocs, escapes and build arguments.

use std::collections::BTreeMap;

use shipworthy_syntax::Range;

use crate::command::{self, Command};
use crate::file::Read;
use crate::image::Image;

/// How an image is built.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dockerfile {
    /// Its stages in order; the last one is what is shipped.
    pub stages: Vec<Stage>,
    /// What stands before the first stage: build arguments.
    pub preamble: Vec<Instruction>,
}

/// A stage: `FROM` and what follows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What it starts from: an image, or another stage's name.
    pub image: Image,
    /// Its name (`AS name`), in lower case as it is compared.
    pub name: Option<String>,
    /// The `FROM` itself.
    pub from: Instruction,
    /// The instructions after it.
    pub instructions: Vec<Instruction>,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq)]
pub struct Instruction {
    /// Its word, in upper case.
    pub keyword: String,
    /// From its word to its last letter, heredocs included.
    pub range: Range,
    /// Its flags: `--from=build`.
    pub flags: Vec<(String, String)>,
    /// What `COPY --from` and `RUN --mount=from=` take from: an image or a stage.
    pub source: Option<Image>,
    /// What follows the flags, with continued lines joined.
    pub text: String,
    /// Where that stands.
    pub text_range: Range,
    /// The command line, of instructions that have one.
    pub command: Command,
    /// What it sets, of `ARG`, `ENV` and `LABEL`.
    pub settings: Vec<Setting>,
    /// The texts of its heredocs.
    pub heredocs: Vec<Range>,
}

/// A name with its value: `PORT=8080`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value without quotes; none where `ARG` gives none.
    pub value: Option<String>,
    /// Where the value stands, with its quotes; empty behind the name where there is none.
    pub value_range: Range,
}

const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

impl Dockerfile {
    /// What is shipped.
    pub fn last(&self) -> Option<&Stage> {
        self.stages.last()
    }

    /// Every image that it takes something from, in the file's order, with whether that is one of its own stages.
    pub fn images(&self) -> Vec<(&Image, bool)> {
        let mut images = Vec::new();
        for (index, stage) in self.stages.iter().enumerate() {
            images.push((&stage.image, self.parent(stage).is_some()));
            for source in stage.instructions.iter().filter_map(|i| i.source.as_ref()) {
                let name = source.reference.to_ascii_lowercase();
                let is_number = name.parse::<usize>().is_ok_and(|number| number <= index);
                let is_stage = is_number || self.stages.iter().any(|s| s.name.as_deref() == Some(&name));
                images.push((source, is_stage));
            }
        }
        images
    }

    /// The stage that a stage starts from, where it starts from one.
    pub fn parent(&self, stage: &Stage) -> Option<&Stage> {
        let wanted = stage.image.reference.to_ascii_lowercase();
        let before = self.stages.iter().take_while(|s| s.from.range != stage.from.range);
        before.filter(|s| s.name.as_deref() == Some(&wanted)).last()
    }

    /// A stage and those that it starts from, itself first.
    pub fn lineage<'a>(&'a self, stage: &'a Stage) -> impl Iterator<Item = &'a Stage> {
        std::iter::successors(Some(stage), |stage| self.parent(stage))
    }
}

impl Stage {
    /// Its last instruction of a kind.
    pub fn last(&self, keyword: &str) -> Option<&Instruction> {
        self.instructions.iter().rev().find(|i| i.keyword == keyword)
    }

    /// From its first letter to its last.
    pub fn range(&self) -> Range {
        self.instructions.last().map_or(self.from.range, |last| self.from.range.cover(last.range))
    }
}

impl Instruction {
    /// The value of a flag.
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// A logical line: continued lines joined, with the place of each byte.
#[derive(Default)]
struct Line {
    text: String,
    places: Vec<u32>,
}

impl Line {
    fn push(&mut self, part: &str, at: usize) {
        self.places.extend((at..at + part.len()).map(|p| p as u32));
        self.text.push_str(part);
    }

    fn place(&self, at: usize) -> u32 {
        let after = || self.places.last().map_or(0, |last| last + 1);
        // The end of a word stands behind its last letter, not where the next line goes on.
        match at.checked_sub(1).and_then(|before| self.places.get(before)) {
            Some(before) if self.places.get(at).is_none_or(|p| *p != before + 1) && at > 0 => {
                self.places.get(at).copied().filter(|_| self.starts_word(at)).unwrap_or(before + 1)
            }
            _ => self.places.get(at).copied().unwrap_or_else(after),
        }
    }

    /// Whether a word starts here.
    fn starts_word(&self, at: usize) -> bool {
        let bytes = self.text.as_bytes();
        let is_space = |at: usize| bytes.get(at).is_none_or(u8::is_ascii_whitespace);
        !is_space(at) && is_space(at - 1)
    }
}

pub(crate) fn read(text: &str) -> Read<Dockerfile> {
    Reader::new(text).run()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    escape: char,
    arguments: BTreeMap<String, String>,
    read: Read<Dockerfile>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, escape: escape(text), arguments: BTreeMap::new(), read: Read::default() }
    }

    /// The next line with its start, without its line break.
    fn line(&mut self) -> Option<(usize, &'a str)> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let line = rest.split('\n').next().unwrap_or(rest);
        self.at = start + line.len() + usize::from(line.len() < rest.len());
        Some((start, line.strip_suffix('\r').unwrap_or(line)))
    }

    fn run(mut self) -> Read<Dockerfile> {
        while let Some((start, line)) = self.line() {
            let body = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            let from = start + line.len() - body.len();
            if body.starts_with('#') {
                self.comment(from, body);
            } else if !body.is_empty() {
                let line = self.continued(from, body);
                self.instruction(line);
            }
        }
        self.read
    }

    fn comment(&mut self, from: usize, body: &str) {
        self.read.comments.push(Range::from(from..from + body.trim_end().len()));
    }

    /// A line with those that continue it.
    fn continued(&mut self, from: usize, body: &str) -> Line {
        let mut joined = Line::default();
        let (mut from, mut body) = (from, body);
        loop {
            let Some(part) = body.trim_end().strip_suffix(self.escape) else {
                joined.push(body.trim_end(), from);
                return joined;
            };
            joined.push(part, from);
            // Comments and empty lines stand between continued lines.
            loop {
                let Some((start, line)) = self.line() else { return joined };
                let trimmed = line.trim_start();
                if trimmed.starts_with('#') {
                    self.comment(start + line.len() - trimmed.len(), trimmed);
                } else if !trimmed.is_empty() {
                    (from, body) = (start, line);
                    break;
                }
            }
        }
    }

    fn instruction(&mut self, line: Line) {
        let text = line.text.as_str();
        let word_end = text.find(char::is_whitespace).unwrap_or(text.len());
        let keyword = text[..word_end].to_ascii_uppercase();
        let whole = Range { start: line.place(0), end: line.place(text.len()) };
        if !KEYWORDS.contains(&keyword.as_str()) {
            self.read.unread.push(whole);
            return;
        }
        let mut at = word_end;
        let mut flags = Vec::new();
        let mut source = None;
        loop {
            at += text[at..].len() - text[at..].trim_start().len();
            let end = text[at..].find(char::is_whitespace).map_or(text.len(), |end| at + end);
            let Some(flag) = text[at..end].strip_prefix("--") else { break };
            let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
            let from = match (keyword.as_str(), name) {
                ("COPY" | "ADD", "from") => Some(value),
                ("RUN", "mount") => value.split(',').find_map(|part| part.strip_prefix("from=")),
                _ => None,
            };
            source = source.or(from.filter(|from| !from.is_empty()).map(|from| {
                let start = from.as_ptr() as usize - text.as_ptr() as usize;
                let range = Range { start: line.place(start), end: line.place(start + from.len()) };
                Image { range, reference: substitute(from, &self.arguments) }
            }));
            flags.push((name.to_owned(), value.to_owned()));
            at = end;
        }
        let body = text[at..].trim_end();
        let text_range = Range { start: line.place(at), end: line.place(at + body.len()) };
        let place = |inner: usize| line.place(at + inner);
        let has_command = matches!(keyword.as_str(), "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" | "SHELL");
        let command = if has_command {
            command::json(body, place).unwrap_or_else(|| command::shell(body, place))
        } else {
            Command::default()
        };
        let settings = match keyword.as_str() {
            "ARG" | "ENV" | "LABEL" => settings(body, place, keyword == "ARG"),
            _ => Vec::new(),
        };
        let mut instruction = Instruction {
            range: whole,
            flags,
            source,
            text: body.to_owned(),
            text_range,
            command,
            settings,
            heredocs: Vec::new(),
            keyword,
        };
        if matches!(instruction.keyword.as_str(), "RUN" | "COPY" | "ADD") {
            self.heredocs(&mut instruction);
        }
        self.read.spans.push(instruction.range);
        self.place(instruction, &line);
    }

    /// The lines up to the word that ends each heredoc of an instruction.
    fn heredocs(&mut self, instruction: &mut Instruction) {
        for (name, strips_tabs) in heredoc_names(&instruction.text) {
            let start = self.at;
            let mut end = start;
            while let Some((_, line)) = self.line() {
                let word = if strips_tabs { line.trim_start_matches('\t') } else { line };
                if word == name {
                    instruction.range.end = (self.at as u32).max(instruction.range.end);
                    break;
                }
                end = self.at;
            }
            instruction.heredocs.push(Range::from(start..end));
            let whole = &self.text[instruction.range.start as usize..(self.at).max(end)];
            instruction.range.end = instruction.range.start + whole.trim_end().len() as u32;
        }
    }

    fn place(&mut self, instruction: Instruction, line: &Line) {
        let dockerfile = &mut self.read.content;
        if instruction.keyword == "FROM" {
            let body = instruction.text.clone();
            let reference = body.split_whitespace().next().unwrap_or_default();
            if reference.is_empty() {
                self.read.unread.push(instruction.range);
                return;
            }
            let start = line.text.rfind(&body).unwrap_or(0);
            let range = Range { start: line.place(start), end: line.place(start + reference.len()) };
            let mut words = body.split_whitespace().skip(1);
            let name = words.next().filter(|w| w.eq_ignore_ascii_case("as")).and_then(|_| words.next());
            let image = Image { range, reference: substitute(reference, &self.arguments) };
            let name = name.map(str::to_ascii_lowercase);
            dockerfile.stages.push(Stage { image, name, from: instruction, instructions: Vec::new() });
            return;
        }
        match dockerfile.stages.last_mut() {
            Some(stage) => stage.instructions.push(instruction),
            None => {
                if instruction.keyword == "ARG" {
                    for setting in &instruction.settings {
                        if let Some(value) = &setting.value {
                            let value = substitute(value, &self.arguments);
                            self.arguments.insert(setting.name.clone(), value);
                        }
                    }
                } else {
                    self.read.unread.push(instruction.range);
                }
                dockerfile.preamble.push(instruction);
            }
        }
    }
}

/// The sign that continues lines, as a directive at the top may set it.
fn escape(text: &str) -> char {
    let head = text.trim_start_matches('\u{feff}').lines().map_while(|line| line.trim().strip_prefix('#'));
    let mut directives = head.map_while(|line| line.split_once('='));
    let escape = directives.find(|(name, _)| name.trim().eq_ignore_ascii_case("escape"));
    if escape.is_some_and(|(_, sign)| sign.trim() == "`") { '`' } else { '\\' }
}

/// The names that end the heredocs of an instruction (`<<EOF`, `<<-"EOF"`), and whether tabs before them do not count.
fn heredoc_names(text: &str) -> Vec<(String, bool)> {
    let mut names = Vec::new();
    let mut quote = None;
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '<') if text[at..].starts_with("<<<") => {
                rest.nth(1);
            }
            (None, '<') if text[at..].starts_with("<<") => {
                let after = &text[at + 2..];
                let (strips, after) = after.strip_prefix('-').map_or((false, after), |after| (true, after));
                let bare = after.trim_start_matches(['"', '\'']);
                let end = bare.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(bare.len());
                if end > 0 {
                    names.push((bare[..end].to_owned(), strips));
                }
                rest.next();
                // The quotes around the name are not a text's.
                let quotes = after.len() - bare.len();
                let skipped = usize::from(strips) + quotes + end + usize::from(quotes > 0);
                for _ in 0..skipped {
                    rest.next();
                }
            }
            _ => {}
        }
    }
    names
}

/// `A=1 B="two words"`, or the old form `A all of the rest`.
fn settings(body: &str, place: impl Fn(usize) -> u32, is_argument: bool) -> Vec<Setting> {
    let words = command::shell(body, |at| at as u32).words;
    let raw = |range: Range| body.get(std::ops::Range::from(range)).unwrap_or_default();
    let is_old = !is_argument && words.first().is_some_and(|word| !raw(word.range).contains('='));
    if let (true, Some(name)) = (is_old, words.first()) {
        let behind = body[name.range.end as usize..].trim_start();
        let start = body.len() - behind.len();
        let value_range = Range { start: place(start), end: place(body.len()) };
        return vec![Setting { name: name.text.clone(), value: Some(behind.to_owned()), value_range }];
    }
    let setting = |word: &command::Word| {
        let at = raw(word.range).find('=');
        let (name, value) = match word.text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.text.as_str(), None),
        };
        let start = at.map_or(word.range.end, |at| word.range.start + at as u32 + 1);
        let value_range = Range { start: place(start as usize), end: place(word.range.end as usize) };
        Setting { name: name.to_owned(), value, value_range: ordered(value_range) }
    };
    words.iter().map(setting).collect()
}

fn ordered(range: Range) -> Range {
    Range { start: range.start.min(range.end), end: range.end }
}

/// A text with `$NAME`, `${NAME}`, `${NAME:-default}` filled in where they are known; what is unknown stays as it is.
pub(crate) fn substitute(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, default, length) = match after.strip_prefix('{').and_then(|a| a.split_once('}')) {
            Some((inner, _)) => {
                let end = inner.find(|c: char| !is_name(c)).unwrap_or(inner.len());
                let default = inner[end..].strip_prefix(":-").or(inner[end..].strip_prefix('-'));
                (&inner[..end], default, inner.len() + 2)
            }
            None => {
                let end = after.find(|c: char| !is_name(c)).unwrap_or(after.len());
                (&after[..end], None, end)
            }
        };
        match known.get(name).map(String::as_str).or(default) {
            // A value that grows the text without end is no image's name.
            Some(value) if out.len() < 4_096 => out.push_str(value),
            _ => out.push_str(&rest[at..at + 1 + length]),
        }
        rest = &after[length..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Dockerfile {
        let read = super::read(text);
        assert!(read.unread.is_empty(), "{:?}", read.unread);
        read.content
    }

    #[test]
    fn stages_start_from_images_and_stages() {
        let text = "ARG VERSION=3.12\nARG BASE=python:${VERSION}-slim\nFROM --platform=linux/amd64 $BASE AS Build\nRUN pip install .\nFROM build\nUSER app\n";
        let dockerfile = read(text);
        let [build, last] = &dockerfile.stages[..] else { panic!("two stages") };
        assert_eq!(build.image.reference, "python:3.12-slim");
        assert_eq!(&text[build.image.range.start as usize..build.image.range.end as usize], "$BASE");
        assert_eq!(build.from.flag("platform"), Some("linux/amd64"));
        assert_eq!(dockerfile.parent(last), Some(build));
        assert_eq!(last.last("USER").unwrap().text, "app");
    }

    #[test]
    fn lines_go_on_over_comments_and_empty_lines() {
        let text = "FROM a:1\nRUN apt-get update && \\\n  # why\n\n  apt-get install -y curl\nENV A=1 \\\n    B=\"two words\"\n";
        let dockerfile = read(text);
        let run = &dockerfile.stages[0].instructions[0];
        assert!(run.command.runs("curl") && run.command.runs("update"));
        let env = dockerfile.stages[0].last("ENV").unwrap();
        assert_eq!(env.settings[1].value.as_deref(), Some("two words"));
        let range = env.settings[1].value_range;
        assert_eq!(&text[range.start as usize..range.end as usize], "\"two words\"");
        assert_eq!(super::read(text).comments.len(), 1);
    }

    #[test]
    fn heredocs_are_not_instructions() {
        let text = "FROM a:1\nRUN <<EOF\nFROM nothing\nUSER root\nEOF\nCOPY <<-\"A\" <<B /x/\n\tone\n\tA\ntwo\nB\nRUN cat <<< $X\nUSER app\n";
        let stage = &read(text).stages[0];
        let keywords: Vec<&str> = stage.instructions.iter().map(|i| i.keyword.as_str()).collect();
        assert_eq!(keywords, ["RUN", "COPY", "RUN", "USER"]);
        let run = stage.instructions[0].range;
        assert_eq!(&text[run.start as usize..run.end as usize], "RUN <<EOF\nFROM nothing\nUSER root\nEOF");
        assert_eq!(stage.instructions[1].heredocs.len(), 2);
    }

    #[test]
    fn the_escape_sign_can_be_set() {
        let text = "# escape=`\nFROM a:1\nRUN dir c:\\\nRUN one `\n two\n";
        assert_eq!(read(text).stages[0].instructions.len(), 2);
    }

    #[test]
    fn old_and_broken_forms_are_read_as_far_as_they_go() {
        let dockerfile = read("FROM a:1\nENV PATH /a b\nARG X\nCMD [\"a\", \"b\"]\n");
        let stage = &dockerfile.stages[0];
        assert_eq!(stage.last("ENV").unwrap().settings[0].value.as_deref(), Some("/a b"));
        assert_eq!(stage.last("ARG").unwrap().settings[0].value, None);
        assert_eq!(stage.last("CMD").unwrap().command.words.len(), 2);
        let broken = super::read("FROM\nFRMO x\nRUN <<EOF\nnever ends");
        assert_eq!(broken.unread.len(), 3);
        for text in ["", "\\", "FROM a \\", "RUN <<", "ENV", "ENV =", "ARG ${", "FROM ${", "\u{feff}FROM a"] {
            super::read(text);
        }
    }
}
