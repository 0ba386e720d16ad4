//! The catalogue of rules: one file a rule, under its category. A rule's documentation comment is its page, and its page is its test.

mod catalogue;
mod edits;
mod handlers;
mod lifetime;
mod names;
mod outside;
mod ownership;
mod program;
mod retries;
mod secrets;
mod texts;
mod values;

pub use catalogue::RULES;
