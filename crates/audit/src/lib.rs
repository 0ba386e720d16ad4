//! Rules, findings, fixes, suppressions, settings and the incremental driver.

mod auditor;
mod check;
mod code_role;
mod document;
mod file_check;
mod file_document;
mod finding;
mod fingerprint;
mod fixes;
mod graph;
mod imports;
pub mod level;
pub mod name;
mod options;
mod outcome;
pub mod page;
mod rule;
pub mod settings;
mod subject;
pub mod suppression;

pub use auditor::{Auditor, Configuration, Failure, RuleConfiguration, panic_message};
pub use check::Check;
pub use code_role::{CodeRole, is_test_definition};
pub use document::{Alone, Analysis, Document, default_module};
pub use file_check::FileCheck;
pub use file_document::FileDocument;
pub use finding::{Accepted, At, Finding, Fix, FixEdit, ImportRequest, Place, Related, Safety};
pub use fixes::combine;
pub use graph::chain;
pub use options::{Options, Setting};
pub use outcome::{AuditedFile, MAX_FILE_BYTES, Outcome, Skipped, reason_to_skip};
pub use rule::{Audience, On, OptionValue, Rule, RuleOption, Run, Scope};
pub use subject::Subject;
