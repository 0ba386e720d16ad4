//! Notes: what a rule that judges the whole workspace writes down while files are read, for its judgement afterwards.

use serde::{Deserialize, Serialize};
use shipworthy_syntax::Range;

/// Something that a rule saw in one file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Note {
    /// Where, in bytes: in the item while rules run, in the file afterwards.
    pub range: Range,
    /// What it is about: notes of one key belong together, across files.
    pub key: String,
    /// What is said of it.
    pub detail: String,
    /// The function or class around it: `Class.method`; empty at the top level, and until the file's notes are collected.
    pub symbol: String,
}
