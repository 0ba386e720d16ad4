//! Tells others of notes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use backon::{ExponentialBuilder, Retryable};
use failsafe::futures::CircuitBreaker;
use tokio::sync::mpsc;

const ATTEMPTS: usize = 3;

/// Sends what comes through a channel, one after the other, until the channel is closed.
pub async fn deliver(client: reqwest::Client, address: reqwest::Url, mut events: mpsc::Receiver<Arc<str>>) {
    let breaker = failsafe::Config::new().build();
    while let Some(event) = events.recv().await {
        if let Err(error) = breaker.call(deliver_webhook(&client, &address, &event)).await {
            fallback_to_log(&event, &format!("{error:?}"));
        }
    }
}

/// What becomes of an event that nobody takes.
fn fallback_to_log(event: &str, error: &str) {
    metrics::counter!("notes_failures_total").increment(1);
    tracing::warn!(event, error, "an event is not delivered");
}

/// Sends one event, a few times with a growing pause that differs between processes.
///
/// # Errors
///
/// When the other side never answers.
pub async fn deliver_webhook(client: &reqwest::Client, address: &reqwest::Url, event: &str) -> anyhow::Result<()> {
    let send = || async {
        client.put(address.clone()).body(event.to_owned()).send().await?.error_for_status()
    };
    let pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_jitter()
        .with_max_times(ATTEMPTS);
    send.retry(pauses).await.context("the event is not delivered")?;
    Ok(())
}
