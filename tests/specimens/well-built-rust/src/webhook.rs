//! Tells others of notes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

const ATTEMPTS: u32 = 3;

/// Sends what comes through a channel, one after the other, until the channel is closed.
pub async fn deliver(client: reqwest::Client, address: reqwest::Url, mut events: mpsc::Receiver<Arc<str>>) {
    while let Some(event) = events.recv().await {
        if let Err(error) = send(&client, &address, &event).await {
            tracing::warn!(%error, "an event is not delivered");
        }
    }
}

/// Sends one event, a few times with a growing pause.
async fn send(client: &reqwest::Client, address: &reqwest::Url, event: &str) -> anyhow::Result<()> {
    let mut attempt = 0;
    loop {
        let answer = client.put(address.clone()).body(event.to_owned()).send().await;
        match answer.and_then(reqwest::Response::error_for_status) {
            Ok(_) => return Ok(()),
            Err(error) if attempt + 1 >= ATTEMPTS => return Err(error.into()),
            Err(error) => tracing::debug!(%error, attempt, "again"),
        }
        tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
        attempt += 1;
    }
}
