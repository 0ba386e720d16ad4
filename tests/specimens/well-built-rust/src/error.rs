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
    /// The client may only read.
    #[error("not permitted")]
    Forbidden,
    /// The client sent what is no note.
    #[error("not a note")]
    Invalid(#[from] validator::ValidationErrors),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Database(error) => {
                metrics::counter!("notes_failures_total").increment(1);
                sentry::capture_error(error);
                tracing::error!(%error, "the database failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        (status, status.canonical_reason().unwrap_or("error")).into_response()
    }
}
