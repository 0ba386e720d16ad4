//! What can go wrong, and what a client hears of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// An error of the service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such note.
    #[error("no note {0}")]
    Missing(i64),
    /// The client has no right to it.
    #[error("unknown token")]
    Unauthorized,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Database(error) => {
                tracing::error!(%error, "the database failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        (status, status.canonical_reason().unwrap_or("error")).into_response()
    }
}
