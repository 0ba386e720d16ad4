//! The database of addresses.

use sqlx::PgPool;

/// The address of a customer.
pub async fn address(pool: &PgPool, id: i64) -> anyhow::Result<String> {
    let row: (String,) = sqlx::query_as("SELECT address FROM customers WHERE id = $1").bind(id).fetch_one(pool).await?;
    Ok(row.0)
}

/// The addresses of many.
pub async fn addresses(pool: &PgPool, ids: &[i64]) -> anyhow::Result<Vec<(String,)>> {
    Ok(sqlx::query_as("SELECT address FROM customers WHERE id = ANY($1)").bind(ids).fetch_all(pool).await?)
}

/// Runs what it is given.
pub async fn run(pool: &PgPool, sql: &str) -> anyhow::Result<u64> {
    Ok(sqlx::query(sql).execute(pool).await?.rows_affected())
}
