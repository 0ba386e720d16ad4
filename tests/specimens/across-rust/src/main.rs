//! Sends mail.

mod letters;
mod remote;
mod store;

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "letter.txt".to_owned());
    let text = letters::read(&path)?;
    tracing::info!(letters = text.len(), "read");
    Ok(())
}
