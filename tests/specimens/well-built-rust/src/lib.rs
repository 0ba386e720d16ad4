//! Keeps notes.

pub mod api;
pub mod error;
pub mod settings;
pub mod store;
pub mod webhook;
