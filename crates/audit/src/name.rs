//! Names that people type, and the nearest right one when they mistype.

use std::fmt;

/// The candidate that `name` was probably meant to be, if one is near enough to say so.
///
/// Near means within one edit for every three letters (insertion, deletion, substitution or a swap of
/// neighbours, ignoring case and `_` for `-`). Among equally near candidates the first one wins.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let name = plain(name);
    let limit = name.chars().count().div_ceil(3);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&name, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A name that is none of the names of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// What the name should have been one of: `rule`, `severity`, `category` …
    pub kind: &'static str,
    /// The name as it was written.
    pub name: String,
    /// The name it was probably meant to be.
    pub nearest: Option<String>,
}

impl UnknownName {
    /// Says that `name` is no `kind`, and looks for the nearest of the `candidates`.
    #[must_use]
    pub fn new<'a>(kind: &'static str, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        Self { kind, name: name.to_owned(), nearest: nearest(name, candidates).map(str::to_owned) }
    }

    /// The question that shows the way: `` did you mean `high`? ``
    #[must_use]
    pub fn help(&self) -> Option<String> {
        self.nearest.as_ref().map(|name| format!("did you mean `{name}`?"))
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {} `{}`", self.kind, self.name)?;
        self.help().map_or(Ok(()), |help| write!(f, ": {help}"))
    }
}

impl std::error::Error for UnknownName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        let names = ["missing-timeout", "missing-retry", "sql-injection"];
        assert_eq!(nearest("mising-timeout", names), Some("missing-timeout"));
        assert_eq!(nearest("missing_timeout", names), Some("missing-timeout"));
        assert_eq!(nearest("SQL-Injection", names), Some("sql-injection"));
        assert_eq!(nearest("weather", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("anything", []), None);
    }

    #[test]
    fn an_unknown_name_says_what_it_is_not() {
        let unknown = UnknownName::new("severity", "hihg", ["low", "high"]);
        assert_eq!(unknown.to_string(), "there is no severity `hihg`: did you mean `high`?");
        let unknown = UnknownName::new("severity", "purple", ["low", "high"]);
        assert_eq!(unknown.to_string(), "there is no severity `purple`");
    }
}
