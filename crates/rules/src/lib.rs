//! The catalogue of rules: one file a rule, under its category. A rule's documentation comment is its page, and its page is its test.

mod catalogue;
mod coroutines;
mod cors;
mod duty;
mod edits;
mod endpoint;
mod handlers;
mod items;
mod lifetime;
mod limits;
mod locks;
mod logs;
mod loops;
mod names;
mod ownership;
mod program;
mod queries;
mod request;
mod requests;
mod retries;
mod secrets;
mod texts;
mod values;

pub use catalogue::RULES;
