//! Delivers events.

use std::time::Duration;

/// Reads where to deliver to.
pub fn target(path: &str) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path).unwrap();
    Ok(text.trim().to_owned())
}

/// Delivers an event, with a pause before.
pub async fn deliver(client: &reqwest::Client, url: &str, event: String) {
    std::thread::sleep(Duration::from_millis(200));
    if let Err(error) = client.post(url).body(event).send().await {
        eprintln!("not delivered: {error}");
    }
}
