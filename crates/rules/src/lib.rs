//! The catalogue of rules: one file a rule, under its category. A rule's documentation comment is its page, and its page is its test.

mod catalogue;
mod handlers;
mod lifetime;
mod names;
mod ownership;
mod program;

pub use catalogue::RULES;
