//! What is reported of suppressions themselves. They are no part of the catalogue: nothing switches them off.

use crate::rule::Rule;

/// Every one of them.
pub const RULES: &[&Rule] = &[&invalid::RULE, &expired::RULE, &unused::RULE];

pub mod invalid {
    //! The rule of its name.
    use crate::rule;
    rule! {
        /// A suppression is not in force
        ///
        /// It has no reason, names no rule, or cannot be understood. It hides nothing: what its author meant to accept is still a
        /// finding.
        name: "invalid-suppression",
        category: Quality,
        severity: Medium,
        scope: File,
        comments: |_, _| {},
    }
}

pub mod expired {
    //! The rule of its name.
    use crate::rule;
    rule! {
        /// A suppression has expired
        ///
        /// What it accepted was acceptable until a day that has passed.
        name: "expired-suppression",
        category: Quality,
        severity: Medium,
        scope: File,
        comments: |_, _| {},
    }
}

pub mod unused {
    //! The rule of its name.
    use crate::rule;
    rule! {
        /// A suppression hides nothing
        ///
        /// What it accepted is gone. It would hide the next mistake in its place.
        name: "unused-suppression",
        category: Quality,
        severity: Low,
        scope: File,
        comments: |_, _| {},
    }
}
