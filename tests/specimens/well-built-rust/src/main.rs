//! Serves notes until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use notes::api::{self, App};
use notes::settings::Settings;
use notes::store::Store;
use notes::webhook;
use sqlx::postgres::PgPoolOptions;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().json().init();
    if std::env::args().nth(1).as_deref() == Some("probe") {
        return probe().await;
    }
    let settings = Settings::from_environment()?;
    let pool = PgPoolOptions::new()
        .max_connections(10)
        .acquire_timeout(Duration::from_secs(3))
        .max_lifetime(Duration::from_secs(1800))
        .connect(&settings.database_url)
        .await
        .context("the database does not answer")?;
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    let (events, received) = mpsc::channel(100);
    let delivery = tokio::spawn(webhook::deliver(client, settings.webhook, received));
    let app = App { store: Store::new(pool), token: Arc::from(settings.token), events };
    let listener = TcpListener::bind("0.0.0.0:8000").await?;
    axum::serve(listener, api::router(app)).with_graceful_shutdown(stopped()).await?;
    delivery.await.context("the delivery ended badly")
}

/// Asks a running service whether it is up.
async fn probe() -> anyhow::Result<()> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
    client.get("http://127.0.0.1:8000/health").send().await?.error_for_status()?;
    Ok(())
}

async fn stopped() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot wait for the signal");
    }
}
