//! Serves notes until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use notes::api::{self, App};
use notes::settings::Settings;
use notes::store::Store;
use notes::webhook;
use axum_server::tls_rustls::RustlsConfig;
use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::TracerProvider;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::mpsc;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let spans = TracerProvider::builder().build();
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().json())
        .with(tracing_opentelemetry::layer().with_tracer(spans.tracer("notes")))
        .init();
    if std::env::args().nth(1).as_deref() == Some("probe") {
        return probe().await;
    }
    let settings = Settings::from_environment()?;
    let _sentry = settings.sentry_dsn.as_deref().map(sentry::init);
    PrometheusBuilder::new().install().context("metrics cannot be served")?;
    let pool = PgPoolOptions::new()
        .max_connections(10)
        .acquire_timeout(Duration::from_secs(3))
        .max_lifetime(Duration::from_secs(1800))
        .connect(&settings.database_url)
        .await
        .context("the database does not answer")?;
    sqlx::migrate!().run(&pool).await.context("the schema cannot be brought up to date")?;
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    let (events, received) = mpsc::channel(100);
    let delivery = tokio::spawn(webhook::deliver(client, settings.webhook, received));
    let app = App { store: Store::new(pool), token: Arc::from(settings.token), reader_token: Arc::from(settings.reader_token), events };
    let tls = RustlsConfig::from_pem_file(&settings.certificate, &settings.tls_key).await?;
    let handle = axum_server::Handle::new();
    let ending = handle.clone();
    tokio::spawn(async move {
        stopped().await;
        ending.graceful_shutdown(Some(Duration::from_secs(15)));
    });
    let service = api::router(app).into_make_service_with_connect_info::<SocketAddr>();
    axum_server::bind_rustls(SocketAddr::from(([0, 0, 0, 0], 8000)), tls).handle(handle).serve(service).await?;
    delivery.await.context("the delivery ended badly")
}

/// Asks a running service whether it is up.
async fn probe() -> anyhow::Result<()> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
    client.get("https://localhost:8000/health").send().await?.error_for_status()?;
    Ok(())
}

async fn stopped() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot wait for the signal");
    }
}
