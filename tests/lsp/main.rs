//! Sessions of the language server, over a pair of pipes, with rules made for them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it is surprised")]

mod client;
mod documents;
mod features;
mod files;
mod index;
mod liveness;
mod manifests;
mod project;
mod protocol;
mod settings;
mod suppressions;
mod surveys;
mod toy;
mod workspace;
