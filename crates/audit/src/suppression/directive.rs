//! What a comment says to Shipworthy: `shipworthy: ignore[rule, rule] reason`.

use shipworthy_syntax::Range;

use crate::name::UnknownName;

/// What starts a directive, behind the comment's sign.
pub(crate) const MARK: &str = "shipworthy:";
const VERBS: [&str; 2] = ["ignore", "ignore-file"];

/// What a directive says. Ranges count from the start of the comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Directive {
    /// From its sign to its last letter.
    pub(super) range: Range,
    /// Where the next remark to a tool starts, with its sign: `# shipworthy: ignore[x] reason # noqa`.
    pub(super) next: Option<u32>,
    pub(super) body: Result<Body, Malformed>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) whole_file: bool,
    /// What stands between the brackets.
    pub(super) list: Range,
    pub(super) rules: Vec<Range>,
    /// The words behind the brackets, without the date; empty where there are none.
    pub(super) reason: String,
    /// What stands behind `until=`.
    pub(super) until: Option<Range>,
}

/// A directive that cannot be understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) message: String,
    pub(super) help: String,
}

impl Directive {
    /// The directives in a comment. Documentation holds none: it talks about them.
    pub(super) fn all(comment: &str) -> Vec<Self> {
        let documentation = ["///", "//!", "/**", "/*!"].iter().any(|sign| comment.starts_with(sign));
        let sign = ["#", "//", "/*", "--"].into_iter().find(|sign| comment.starts_with(sign));
        match sign {
            Some(sign) if !documentation || comment.starts_with("////") => {
                let line = first_line(comment, sign);
                let marks = line.match_indices(MARK);
                marks.filter_map(|(mark, _)| Self::at(comment, line, sign, mark)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The directive at a mark, if the mark follows the comment's sign and no prose follows.
    fn at(comment: &str, line: &str, sign: &str, mark: usize) -> Option<Self> {
        let start = line[..mark].trim_end().strip_suffix(sign)?.trim_end_matches(sign).len();
        let next = line[mark..].find(&format!(" {sign} ")).map(|space| mark + space + 1);
        let text = line[..next.unwrap_or(line.len())].trim_end();
        let body = parse(text, mark + MARK.len())?;
        let range = if sign != "/*" {
            start..text.len()
        } else if comment[line.len()..].trim() == "*/" {
            0..comment.trim_end().len()
        } else {
            // A block comment that goes on keeps its signs when the directive goes.
            sign.len()..text.len()
        };
        Some(Self { range: Range::from(range), next: next.map(|next| Range::from(next..next).start), body })
    }
}

/// The text in which a directive can stand, up to the end of its line. In a block comment that is the first line with words.
fn first_line<'c>(comment: &'c str, sign: &str) -> &'c str {
    let words = comment[sign.len()..].find(|c: char| !c.is_whitespace()).map_or(0, |at| at + sign.len());
    let line = comment[words..].find(['\n', '\r']).map_or(comment, |end| &comment[..words + end]);
    if sign == "/*" { line.strip_suffix("*/").unwrap_or(line) } else { line }
}

/// Reads what stands behind the mark; nothing where it is prose.
fn parse(text: &str, at: usize) -> Option<Result<Body, Malformed>> {
    let rest = text[at..].trim_start();
    let verb_end =
        rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(rest.len());
    let (verb, rest) = rest.split_at(verb_end);
    let known = VERBS.contains(&verb);
    let Some(list) = rest.trim_start().strip_prefix('[') else {
        return known.then(|| Err(no_rules()));
    };
    if !known {
        let unknown = UnknownName::new("remark", verb, VERBS);
        let message = format!("there is no remark `{verb}`");
        let help = unknown.help().unwrap_or_else(|| "write `shipworthy: ignore[rule] reason`".to_owned());
        return Some(Err(Malformed { message, help }));
    }
    let Some((list, behind)) = list.split_once(']') else {
        return Some(Err(Malformed {
            message: "the list of rules is not closed".to_owned(),
            help: "write `]` behind the last rule, and then the reason".to_owned(),
        }));
    };
    let list = within(text, list);
    let rules: Vec<Range> = text[std::ops::Range::from(list)]
        .split(',')
        .map(str::trim)
        .filter(|rule| !rule.is_empty())
        .map(|rule| within(text, rule))
        .collect();
    if rules.is_empty() {
        return Some(Err(no_rules()));
    }
    let (dates, words): (Vec<&str>, Vec<&str>) =
        behind.split_whitespace().partition(|word| word.starts_with("until="));
    let until = dates.first().and_then(|word| word.split_once('=')).map(|(_, date)| within(text, date));
    let reason = words.join(" ");
    let reason =
        reason.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '"' | '`' | '(' | '<'));
    let reason = if reason.contains(char::is_alphanumeric) { reason } else { "" };
    Some(Ok(Body { whole_file: verb == VERBS[1], list, rules, reason: reason.to_owned(), until }))
}

fn no_rules() -> Malformed {
    Malformed {
        message: "this names no rule".to_owned(),
        help: "write `shipworthy: ignore[rule] reason`: it hides that rule's findings and no others"
            .to_owned(),
    }
}

/// Where a part of a text stands in it.
fn within(text: &str, part: &str) -> Range {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    Range::from(start..start + part.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(comment: &str) -> Option<Directive> {
        let mut all = Directive::all(comment);
        assert!(all.len() <= 1, "{all:?}");
        all.pop()
    }

    /// The rules, the reason and the date of a directive.
    fn read(comment: &str) -> (Vec<&str>, String, Option<&str>) {
        let body = find(comment).expect("a directive").body.expect("well-formed");
        let text = |range: &Range| &comment[std::ops::Range::from(*range)];
        (body.rules.iter().map(text).collect(), body.reason.clone(), body.until.as_ref().map(text))
    }

    fn mistake(comment: &str) -> Malformed {
        find(comment).expect("a directive").body.expect_err("malformed")
    }

    fn directive_text(comment: &str) -> &str {
        &comment[std::ops::Range::from(find(comment).expect("a directive").range)]
    }

    #[test]
    fn each_comment_sign_works_with_and_without_spaces() {
        for comment in [
            "# shipworthy: ignore[a-rule] the reason",
            "#shipworthy:ignore[a-rule] the reason",
            "## shipworthy: ignore [ a-rule ]: the reason  ",
            "// shipworthy: ignore[a-rule] - the reason",
            "//shipworthy:ignore[a-rule]the reason",
            "-- shipworthy: ignore[a-rule] the reason",
            "/* shipworthy: ignore[a-rule] the reason */",
            "/*\n  shipworthy: ignore[a-rule] the reason\n*/",
            "# shipworthy: ignore[a-rule,] the reason\r",
            "# noqa: E501 # shipworthy: ignore[a-rule] the reason # type: ignore",
        ] {
            assert_eq!(read(comment), (vec!["a-rule"], "the reason".to_owned(), None), "{comment}");
        }
    }

    #[test]
    fn several_rules_and_a_date_anywhere_behind_them() {
        let expected = (vec!["a", "b"], "behind a proxy".to_owned(), Some("2027-01-31"));
        assert_eq!(read("# shipworthy: ignore[a, b] until=2027-01-31 behind a proxy"), expected);
        assert_eq!(read("# shipworthy: ignore[a,b] behind until=2027-01-31 a proxy"), expected);
        assert_eq!(read("# shipworthy: ignore[a ,b] behind a proxy until=2027-01-31"), expected);
    }

    #[test]
    fn a_reason_has_words() {
        assert_eq!(read("# shipworthy: ignore[a]").1, "");
        assert_eq!(read("# shipworthy: ignore[a] --").1, "");
        assert_eq!(read("# shipworthy: ignore[a] until=2027-01-31").1, "");
        assert_eq!(read("# shipworthy: ignore[a] # noqa").1, "");
        assert_eq!(
            read("// shipworthy: ignore[a] see https://example.org/x#y").1,
            "see https://example.org/x#y"
        );
        assert_eq!(read("# shipworthy: ignore[a] \u{8d85}\u{6642}").1, "\u{8d85}\u{6642}");
    }

    #[test]
    fn prose_and_documentation_are_no_directives() {
        for comment in [
            "# nothing",
            "# shipworthy: an auditor",
            "# write shipworthy: ignore[a] reason",
            "# `shipworthy: ignore[a] reason`",
            "/// shipworthy: ignore[a] reason",
            "//! shipworthy: ignore[a] reason",
            "/** shipworthy: ignore[a] reason */",
            "# shipworthy",
            "; shipworthy: ignore[a] reason",
            "",
        ] {
            assert_eq!(find(comment), None, "{comment}");
        }
    }

    #[test]
    fn mistakes_say_what_to_write() {
        assert_eq!(mistake("# shipworthy: ignore the proxy does it").message, "this names no rule");
        assert_eq!(mistake("# shipworthy: ignore[] reason").message, "this names no rule");
        assert_eq!(mistake("# shipworthy: ignore").message, "this names no rule");
        assert_eq!(mistake("# shipworthy: ignore[a reason").message, "the list of rules is not closed");
        let unknown = mistake("# shipworthy: ignroe[a] reason");
        assert_eq!(
            (&*unknown.message, &*unknown.help),
            ("there is no remark `ignroe`", "did you mean `ignore`?")
        );
        assert_eq!(
            mistake("# shipworthy: disable[a] reason").help,
            "write `shipworthy: ignore[rule] reason`"
        );
    }

    #[test]
    fn one_comment_holds_several() {
        let comment = "# shipworthy: ignore[a] one # noqa # shipworthy: ignore[b] two";
        let reasons: Vec<_> = Directive::all(comment)
            .into_iter()
            .map(|directive| directive.body.expect("well-formed").reason)
            .collect();
        assert_eq!(reasons, ["one", "two"]);
    }

    #[test]
    fn a_directive_knows_its_place_among_other_remarks() {
        assert_eq!(
            directive_text("# noqa # shipworthy: ignore[a] reason # type: ignore"),
            "# shipworthy: ignore[a] reason"
        );
        assert_eq!(directive_text("// shipworthy: ignore[a] reason  "), "// shipworthy: ignore[a] reason");
        assert_eq!(
            directive_text("/* shipworthy: ignore[a] reason */"),
            "/* shipworthy: ignore[a] reason */"
        );
        assert_eq!(
            directive_text("/* shipworthy: ignore[a] reason\n more */"),
            " shipworthy: ignore[a] reason"
        );
    }
}
