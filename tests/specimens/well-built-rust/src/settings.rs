//! What differs between environments.

use std::env;

use anyhow::{Context, ensure};

/// The settings, checked at start-up.
#[derive(Clone)]
pub struct Settings {
    /// Where the notes are.
    pub database_url: String,
    /// What clients have to show.
    pub token: String,
    /// What clients that only read have to show.
    pub reader_token: String,
    /// The certificate of the service.
    pub certificate: String,
    /// The key of the certificate.
    pub tls_key: String,
    /// Where errors are told.
    pub sentry_dsn: Option<String>,
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
        let (token, reader_token) = (read("API_TOKEN")?, read("READER_TOKEN")?);
        validate_settings(&token, &reader_token)?;
        Ok(Self {
            database_url: read("DATABASE_URL")?,
            token,
            reader_token,
            certificate: read("TLS_CERTIFICATE")?,
            tls_key: read("TLS_KEY")?,
            sentry_dsn: env::var("SENTRY_DSN").ok(),
            webhook: read("WEBHOOK_URL")?.parse().context("WEBHOOK_URL is no address")?,
        })
    }
}

/// Refuses tokens that are short, or the same.
///
/// # Errors
///
/// When one is.
pub fn validate_settings(token: &str, reader_token: &str) -> anyhow::Result<()> {
    ensure!(token.len() >= 16 && reader_token.len() >= 16, "tokens have to have 16 letters");
    ensure!(token != reader_token, "the tokens have to differ");
    Ok(())
}
