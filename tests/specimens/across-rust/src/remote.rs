//! Sends what the store and the disk have.

use std::sync::Mutex;
use std::time::Duration;

use sqlx::PgPool;

use crate::{letters, store};

/// Prints a letter on an executor's thread.
pub async fn print() {
    letters::settle();
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// Prints a letter on a thread for what blocks.
pub async fn near_print() -> anyhow::Result<()> {
    tokio::task::spawn_blocking(letters::settle).await?;
    Ok(())
}

/// Prints a letter outside of any executor.
pub fn near_print_now() {
    letters::settle();
}

async fn label(pool: &PgPool, id: i64) -> anyhow::Result<String> {
    Ok(format!("To {}", store::address(pool, id).await?))
}

/// The labels of customers.
pub async fn labels(pool: &PgPool, ids: &[i64]) -> anyhow::Result<Vec<String>> {
    let mut labels = Vec::with_capacity(ids.len());
    for id in ids {
        labels.push(label(pool, *id).await?);
    }
    Ok(labels)
}

/// The labels of customers, asked for once.
pub async fn near_labels(pool: &PgPool, ids: &[i64]) -> anyhow::Result<Vec<String>> {
    let addresses = store::addresses(pool, ids).await?;
    Ok(addresses.iter().map(|(address,)| format!("To {address}")).collect())
}

/// Forgets a customer.
pub async fn forget(pool: &PgPool, name: &str) -> anyhow::Result<u64> {
    store::run(pool, &format!("DELETE FROM customers WHERE name = '{name}'")).await
}

/// Forgets those who left.
pub async fn near_forget(pool: &PgPool) -> anyhow::Result<u64> {
    store::run(pool, "DELETE FROM customers WHERE gone").await
}

/// Counts what is printed.
pub async fn count(printed: &Mutex<u64>, pool: &PgPool) -> anyhow::Result<()> {
    let mut printed = printed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    store::run(pool, "DELETE FROM customers WHERE gone").await?;
    *printed += 1;
    Ok(())
}

/// Starts printing, and forgets to wait.
pub async fn start() {
    print();
    tokio::time::sleep(Duration::from_millis(1)).await;
}
