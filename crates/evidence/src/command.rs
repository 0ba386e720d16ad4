//! Command lines, as containers and jobs start them.

use shipworthy_syntax::Range;

/// A command line: its words, without the shell's signs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Its words in order.
    pub words: Vec<Word>,
}

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What it says, without quotes.
    pub text: String,
    /// Where it stands, with its quotes.
    pub range: Range,
}

impl Command {
    /// The words of a shell's command line that stands at one place.
    pub fn of(text: &str, place: Range) -> Self {
        let mut command = shell(text, |_| place.start);
        command.words.iter_mut().for_each(|word| word.range = place);
        command
    }

    /// Whether a word of it is a program, by its name or the end of its path.
    pub fn runs(&self, program: &str) -> bool {
        self.words.iter().any(|word| word.text.rsplit('/').next() == Some(program))
    }

    /// The value of an option with the word that gives it: `--timeout 0`, `--timeout=0`.
    pub fn option(&self, name: &str) -> Option<(&str, Range)> {
        self.words.iter().enumerate().find_map(|(index, word)| {
            let rest = word.text.strip_prefix(name)?;
            match rest.strip_prefix('=') {
                Some(value) => Some((value, word.range)),
                None if rest.is_empty() => {
                    let value = self.words.get(index + 1)?;
                    Some((value.text.as_str(), word.range.cover(value.range)))
                }
                None => None,
            }
        })
    }
}

/// The words of a shell's command line. `place` gives the place of each byte of the text.
pub(crate) fn shell(text: &str, place: impl Fn(usize) -> u32) -> Command {
    let mut command = Command::default();
    let mut word: Option<(usize, String)> = None;
    let mut quote = None;
    let mut escaped = false;
    let mut end = |word: &mut Option<(usize, String)>, at: usize| {
        if let Some((start, text)) = word.take() {
            let range = Range { start: place(start), end: place(at).max(place(start)) };
            command.words.push(Word { text, range });
        }
    };
    for (at, c) in text.char_indices() {
        if escaped {
            word.get_or_insert((at, String::new())).1.push(c);
            escaped = false;
            continue;
        }
        match (quote, c) {
            (None | Some('"'), '\\') => {
                escaped = true;
                word.get_or_insert((at, String::new()));
            }
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert((at, String::new()));
            }
            (None, c) if c.is_whitespace() || matches!(c, ';' | '|' | '&' | '(' | ')') => end(&mut word, at),
            _ => word.get_or_insert((at, String::new())).1.push(c),
        }
    }
    end(&mut word, text.len());
    command
}

/// The words of a list of strings in JSON; none where it is none.
pub(crate) fn json(text: &str, place: impl Fn(usize) -> u32) -> Option<Command> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let offset = inner.as_ptr() as usize - text.as_ptr() as usize;
    let mut command = Command::default();
    let mut chars = inner.char_indices().peekable();
    let mut wants_word = true;
    while let Some((at, c)) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            ',' if !wants_word => wants_word = true,
            '"' if wants_word => {
                let mut word = String::new();
                let close = loop {
                    match chars.next()? {
                        (close, '"') => break close,
                        (_, '\\') => match chars.next()?.1 {
                            'n' => word.push('\n'),
                            't' => word.push('\t'),
                            'u' => {
                                let code = (0..4)
                                    .map(|_| chars.next().map(|(_, c)| c))
                                    .collect::<Option<String>>()?;
                                word.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                            }
                            c => word.push(c),
                        },
                        (_, c) => word.push(c),
                    }
                };
                let range = Range { start: place(offset + at), end: place(offset + close) + 1 };
                command.words.push(Word { text: word, range });
                wants_word = false;
            }
            _ => return None,
        }
    }
    (!wants_word || command.words.is_empty()).then_some(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(command: &Command) -> Vec<&str> {
        command.words.iter().map(|w| w.text.as_str()).collect()
    }

    #[test]
    fn words_lose_quotes_and_signs() {
        let place = |at: usize| at as u32;
        let command = shell("cd /app && exec gunicorn 'a b' --timeout=0 \"x\\\"y\" -k uv\\ w", place);
        assert_eq!(
            texts(&command),
            ["cd", "/app", "exec", "gunicorn", "a b", "--timeout=0", "x\"y", "-k", "uv w"]
        );
        assert!(command.runs("gunicorn"));
        assert_eq!(command.option("--timeout").unwrap().0, "0");
        assert_eq!(command.words[4].range, Range::new(25, 30));
    }

    #[test]
    fn lists_are_json_or_nothing() {
        let place = |at: usize| at as u32;
        let command = json(r#" [ "/bin/sh", "-c", "a \"b\" \u0041" ] "#, place).unwrap();
        assert_eq!(texts(&command), ["/bin/sh", "-c", "a \"b\" A"]);
        assert_eq!(command.words[0].range, Range::new(3, 12));
        assert!(json("[ -f x ]", place).is_none() && json("['a']", place).is_none());
        assert!(json("[]", place).is_some() && json(r#"["a",]"#, place).is_none());
    }
}
