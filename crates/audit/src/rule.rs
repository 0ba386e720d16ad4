//! A rule is a value: what it is called, what it listens to, and the function that judges.

use shipworthy_evidence::{File, Format};
use shipworthy_facts::{Comment, Effects, Kind, Node};

use crate::check::Check;
use crate::file_check::FileCheck;
use crate::finding::Safety;
use crate::level::{Category, Severity};
use crate::subject::Subject;
use crate::survey::Survey;

/// One concept that is judged, in every language it serves. Made by [`rule!`](crate::rule!).
#[derive(Debug)]
pub struct Rule {
    /// Its name everywhere: diagnostic code, configuration key, suppression, page.
    pub name: &'static str,
    /// The category of the report that it counts in.
    pub category: Category,
    /// Its default severity.
    pub severity: Severity,
    /// Where it needs to look.
    pub scope: Scope,
    /// The safety of its quick fix, by what it is in; none where it has no fix.
    pub fixes: &'static [(Subject, Safety)],
    /// What users can set.
    pub options: &'static [RuleOption],
    /// Which code it judges.
    pub audience: Audience,
    /// Of a rule whose findings are many and alike: what its findings of one file say together in a report, behind `12 of 40`.
    pub gathered: Option<&'static str>,
    /// Its documentation and its tests, in Markdown: see [`crate::page`].
    pub page: &'static str,
    /// What it listens to, each with the function that judges.
    pub runs: &'static [Run],
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Rule {
    /// The first line of its page.
    pub fn summary(&self) -> &'static str {
        self.page.trim_start().lines().next().unwrap_or("").trim()
    }

    /// Whether any part of it judges the whole workspace.
    pub fn is_survey(&self) -> bool {
        self.runs.iter().any(|run| matches!(run, Run::Workspace(_)))
    }

    /// The languages and formats that its page has examples for.
    pub fn languages(&self) -> Vec<Subject> {
        let page = crate::page::Page::parse(self.page);
        Subject::all().filter(|s| page.examples.iter().any(|e| e.language == *s)).collect()
    }
}

/// Where a rule needs to look to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One file decides.
    File,
    /// Other files are needed.
    Workspace,
    /// One file decides much, other files more.
    Both,
}

impl Scope {
    /// `file`, `workspace` or `both`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Workspace => "workspace",
            Self::Both => "both",
        }
    }
}

/// Which code a rule judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Code that is shipped: not tests, examples, generated or vendored code.
    Production,
    /// Tests only.
    Tests,
    /// Production code and tests.
    All,
}

/// What a rule listens to.
#[derive(Debug)]
pub enum Run {
    /// Facts, one at a time.
    Nodes(&'static [On], fn(&mut Check<'_>, Node<'_>)),
    /// Comments, one at a time.
    Comments(fn(&mut Check<'_>, Comment)),
    /// The whole workspace, once its files are read: with what the rule noted in them.
    Workspace(fn(&mut Survey<'_>)),
    /// Files around the code, of some formats, one at a time.
    Files(&'static [Format], fn(&mut FileCheck<'_>, &File)),
}

/// A subscription to facts: by meaning where it can be, by kind where it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Facts of a kind.
    Fact(Kind),
    /// Calls that the vocabulary gives any of these effects.
    Effect(Effects),
    /// Calls, constructions and decorators that the vocabulary gives a role.
    Role(&'static str),
    /// Calls of functions of the workspace that reach any of these effects.
    Reach(Effects),
}

/// Something that users can set for a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleOption {
    /// Its key, in lower case with hyphens.
    pub name: &'static str,
    /// Its default; its kind is the option's kind.
    pub default: OptionValue,
    /// What it does, in a sentence.
    pub description: &'static str,
}

/// A value of an option.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionValue {
    /// A whole number.
    Integer(i64),
    /// On or off.
    Boolean(bool),
    /// A text.
    String(&'static str),
    /// A list of texts.
    Strings(&'static [&'static str]),
}

/// Declares a rule: `pub const RULE`. The documentation comment is the rule's page.
///
/// ```ignore
/// rule! {
///     /// A secret is compared with `==`
///     ///
///     /// What goes wrong, why, what to do; then examples, which are the tests.
///     name: "timing-unsafe-comparison",
///     category: Security,
///     severity: Blocking,
///     scope: File,
///     fix: { Python: Safe, Go: Safe, Rust: Safe },
///     on: [Fact(Kind::Compare)],
///     check: check,
/// }
/// ```
///
/// A rule can have several parts: `on:` with `check:`, `comments:`, and `files: [Dockerfile, Compose], check_file: f`.
#[macro_export]
macro_rules! rule {
    (
        $(#[doc = $page:literal])+
        name: $name:literal,
        category: $category:ident,
        severity: $severity:ident,
        scope: $scope:ident,
        $(audience: $audience:ident,)?
        $(gathered: $gathered:literal,)?
        $(fix: { $($language:ident: $safety:ident),+ $(,)? },)?
        $(options: [$($option:literal = $kind:ident($default:expr), $description:literal);+ $(;)?],)?
        $(on: [$($on:expr),+ $(,)?], check: $check:expr,)?
        $(comments: $comments:expr,)?
        $(workspace: $workspace:expr,)?
        $(files: [$($format:ident),+ $(,)?], check_file: $check_file:expr,)?
    ) => {
        #[doc = concat!("The rule `", $name, "`.")]
        pub const RULE: $crate::Rule = $crate::Rule {
            name: $name,
            category: $crate::level::Category::$category,
            severity: $crate::level::Severity::$severity,
            scope: $crate::Scope::$scope,
            fixes: &[$($((
                $crate::rule!(@subject $language),
                $crate::Safety::$safety,
            )),+)?],
            options: &[$($($crate::RuleOption {
                name: $option,
                default: $crate::OptionValue::$kind($default),
                description: $description,
            }),+)?],
            audience: $crate::rule!(@audience $($audience)?),
            gathered: $crate::rule!(@gathered $($gathered)?),
            page: concat!($($page, "\n"),+),
            runs: &[
                $({
                    #[allow(unused_imports, reason = "a rule names the subscriptions it uses")]
                    use $crate::On::*;
                    $crate::Run::Nodes(&[$($on),+], $check)
                },)?
                $($crate::Run::Comments($comments),)?
                $($crate::Run::Workspace($workspace),)?
                $($crate::Run::Files(&[$(::shipworthy_evidence::Format::$format),+], $check_file),)?
            ],
        };
    };
    (@subject Python) => { $crate::Subject::Code(::shipworthy_syntax::Language::Python) };
    (@subject Go) => { $crate::Subject::Code(::shipworthy_syntax::Language::Go) };
    (@subject Rust) => { $crate::Subject::Code(::shipworthy_syntax::Language::Rust) };
    (@subject $format:ident) => { $crate::Subject::File(::shipworthy_evidence::Format::$format) };
    (@gathered) => { None };
    (@gathered $gathered:literal) => { Some($gathered) };
    (@audience) => { $crate::Audience::Production };
    (@audience $audience:ident) => { $crate::Audience::$audience };
}
