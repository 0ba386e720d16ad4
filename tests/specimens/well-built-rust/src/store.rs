//! Notes in the database.

use std::time::Duration;

use moka::future::Cache;
use sqlx::PgPool;

use crate::error::Error;

/// A note.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct Note {
    /// Its number.
    pub id: i64,
    /// What it says.
    pub text: String,
}

/// The table of notes.
#[derive(Clone)]
pub struct Store {
    pool: PgPool,
    recent: Cache<i64, Note>,
}

impl Store {
    /// A store over a pool.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        let recent = Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(30)).build();
        Self { pool, recent }
    }

    /// A page of notes.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn page(&self, after: i64, size: i64) -> Result<Vec<Note>, Error> {
        let notes = sqlx::query_as("SELECT id, text FROM notes WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after)
            .bind(size)
            .fetch_all(&self.pool)
            .await?;
        Ok(notes)
    }

    /// One note.
    ///
    /// # Errors
    ///
    /// When there is none, or the database fails.
    pub async fn note(&self, id: i64) -> Result<Note, Error> {
        if let Some(note) = self.recent.get(&id).await {
            return Ok(note);
        }
        let note: Note = sqlx::query_as("SELECT id, text FROM notes WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?
            .ok_or(Error::Missing(id))?;
        self.recent.insert(id, note.clone()).await;
        Ok(note)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub async fn ready(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Adds notes with an entry in the history, all or none.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn add(&self, texts: &[String]) -> Result<u64, Error> {
        let mut transaction = self.pool.begin().await?;
        let added = sqlx::query("INSERT INTO notes (text) SELECT * FROM UNNEST($1::text[])")
            .bind(texts)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        sqlx::query("INSERT INTO history (added) VALUES ($1)")
            .bind(i64::try_from(added).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(added)
    }

    /// Removes a note.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn delete_note(&self, id: i64) -> Result<(), Error> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM notes WHERE id = $1").bind(id).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO audit_log (action, note) VALUES ('deleted', $1)")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        self.recent.invalidate(&id).await;
        Ok(())
    }
}
