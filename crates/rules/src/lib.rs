//! The catalogue of rules: one file a rule, under its category. A rule's documentation comment is its page, and its page is its test.

mod answers;
mod apis;
mod catalogue;
mod commands;
mod containers;
mod coroutines;
mod cors;
mod credentials;
mod duty;
mod edits;
mod endpoint;
mod graph;
mod handlers;
mod items;
mod lifetime;
mod limits;
mod locks;
mod logs;
mod loops;
mod manifests;
mod names;
mod outside;
mod ownership;
mod program;
mod projects;
mod queries;
mod request;
mod requests;
mod retries;
mod schema;
mod secrets;
mod suites;
mod texts;
mod values;

pub use catalogue::RULES;
