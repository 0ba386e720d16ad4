//! What differs between environments.

use std::env;

use anyhow::Context;

/// The settings, checked at start-up.
#[derive(Clone)]
pub struct Settings {
    /// Where the notes are.
    pub database_url: String,
    /// What clients have to show.
    pub token: String,
    /// Who is told of notes.
    pub webhook: reqwest::Url,
}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// When one is missing or not well-formed.
    pub fn from_environment() -> anyhow::Result<Self> {
        let read = |name: &str| env::var(name).with_context(|| format!("{name} is not set"));
        Ok(Self {
            database_url: read("DATABASE_URL")?,
            token: read("API_TOKEN")?,
            webhook: read("WEBHOOK_URL")?.parse().context("WEBHOOK_URL is no address")?,
        })
    }
}
