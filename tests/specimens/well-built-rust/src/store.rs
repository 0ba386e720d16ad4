//! Notes in the database.

use sqlx::PgPool;

use crate::error::Error;

/// A note.
#[derive(Debug, serde::Serialize, sqlx::FromRow)]
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
}

impl Store {
    /// A store over a pool.
    #[must_use]
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
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
        sqlx::query_as("SELECT id, text FROM notes WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?
            .ok_or(Error::Missing(id))
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
        sqlx::query("DELETE FROM notes WHERE id = $1").bind(id).execute(&self.pool).await?;
        Ok(())
    }
}
