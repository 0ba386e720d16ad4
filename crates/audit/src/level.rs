//! What a finding is about, how much it matters and how sure it is.

use crate::name::UnknownName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Gives an enum its variants in order, their names, and the way back from a name.
macro_rules! named {
    ($type:ident, $kind:literal, { $($variant:ident => $id:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in settings, reports and messages.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.id())
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.id() == name)
                    .ok_or_else(|| UnknownName::new($kind, name, Self::ALL.iter().map(|value| value.id())))
            }
        }
    };
}

/// The part of the report a rule belongs to, in the report's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Secrets, injection, access.
    Security,
    /// Races, deadlocks, blocked event loops, tasks nobody waits for.
    Concurrency,
    /// What must be closed, bounded or given back.
    Resources,
    /// Failures that are swallowed, unbounded or not retried.
    Errors,
    /// Work that grows faster than its input.
    Performance,
    /// Queries, schemas, transactions and caches.
    Data,
    /// Settings, manifests and deployment files.
    Configuration,
    /// Logs, metrics, traces and health checks.
    Observability,
    /// What tests do not cover or cannot show.
    Testing,
    /// What readers are not told.
    Documentation,
    /// Size, duplication and dead code.
    Quality,
}

named!(Category, "category", {
    Security => "security",
    Concurrency => "concurrency",
    Resources => "resources",
    Errors => "errors",
    Performance => "performance",
    Data => "data",
    Configuration => "configuration",
    Observability => "observability",
    Testing => "testing",
    Documentation => "documentation",
    Quality => "quality",
});

impl Category {
    /// The heading in a report.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Security => "Security",
            Self::Concurrency => "Concurrency",
            Self::Resources => "Resource management",
            Self::Errors => "Error handling",
            Self::Performance => "Performance",
            Self::Data => "Data",
            Self::Configuration => "Configuration",
            Self::Observability => "Observability",
            Self::Testing => "Testing",
            Self::Documentation => "Documentation",
            Self::Quality => "Code quality",
        }
    }

    /// The share of the score unless `[weights]` says otherwise, in percent. They add up to 100.
    #[must_use]
    pub const fn default_weight(self) -> u32 {
        match self {
            Self::Security => 20,
            Self::Concurrency | Self::Resources => 12,
            Self::Errors | Self::Performance => 13,
            Self::Data => 10,
            Self::Configuration => 6,
            Self::Observability | Self::Testing => 5,
            Self::Documentation | Self::Quality => 2,
        }
    }
}

/// How much a finding matters, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth doing when you are there.
    Low,
    /// Will cost time or money.
    Medium,
    /// Will hurt in production.
    High,
    /// Must not ship.
    Blocking,
}

named!(Severity, "severity", {
    Low => "low",
    Medium => "medium",
    High => "high",
    Blocking => "blocking",
});

/// How sure a finding is, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The code looks like it; a reader has to judge.
    Low,
    /// The code says so unless something unseen makes it right.
    Medium,
    /// The code proves it.
    High,
}

named!(Confidence, "confidence", {
    Low => "low",
    Medium => "medium",
    High => "high",
});

#[cfg(test)]
mod tests {
    use super::*;

    fn one_name_everywhere<T>(all: &[T])
    where
        T: Copy + fmt::Debug + fmt::Display + Ord + FromStr<Err = UnknownName> + serde::de::DeserializeOwned,
    {
        assert!(all.is_sorted());
        for value in all {
            let id = value.to_string();
            assert_eq!(id.parse(), Ok(*value));
            let read = T::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(&id));
            assert_eq!(read.as_ref(), Ok(value));
        }
    }

    #[test]
    fn names_are_the_same_in_text_and_in_serde() {
        one_name_everywhere(Category::ALL);
        one_name_everywhere(Severity::ALL);
        one_name_everywhere(Confidence::ALL);
    }

    #[test]
    fn default_weights_are_percentages_of_one_whole() {
        assert_eq!(Category::ALL.iter().map(|category| category.default_weight()).sum::<u32>(), 100);
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        let error = "secruity".parse::<Category>().unwrap_err();
        assert_eq!(error.to_string(), "there is no category `secruity`: did you mean `security`?");
    }
}
