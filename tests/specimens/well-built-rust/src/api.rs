//! The routes.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::sync::mpsc;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::error::Error;
use crate::store::{Note, Store};

const MAX_BODY: usize = 64 * 1024;
const MAX_PAGE: i64 = 100;

/// What all requests share.
#[derive(Clone)]
pub struct App {
    /// The notes.
    pub store: Store,
    /// What clients have to show.
    pub token: Arc<str>,
    /// Where events go.
    pub events: mpsc::Sender<Arc<str>>,
}

/// Which page is wanted.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    after: i64,
    size: Option<i64>,
}

/// Notes to add.
#[derive(Deserialize)]
pub struct NewNotes {
    texts: Vec<String>,
}

/// The routes, with their layers.
pub fn router(app: App) -> Router {
    let private = Router::new()
        .route("/v1/notes", get(page).post(add))
        .route("/v1/notes/:id", get(note).delete(delete_note))
        .route_layer(middleware::from_fn_with_state(app.clone(), authenticated));
    Router::new()
        .route("/health", get(health))
        .merge(private)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::new(Duration::from_secs(10)))
        .layer(TraceLayer::new_for_http())
        .with_state(app)
}

async fn authenticated(State(app): State<App>, request: Request, next: Next) -> Result<Response, Error> {
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.strip_prefix("Bearer ").unwrap_or_default();
    if !bool::from(given.as_bytes().ct_eq(app.token.as_bytes())) {
        return Err(Error::Unauthorized);
    }
    Ok(next.run(request).await)
}

async fn health() -> &'static str {
    "up"
}

async fn page(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Vec<Note>>, Error> {
    let size = wanted.size.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
    Ok(Json(app.store.page(wanted.after, size).await?))
}

async fn note(State(app): State<App>, Path(id): Path<i64>) -> Result<Json<Note>, Error> {
    Ok(Json(app.store.note(id).await?))
}

async fn add(State(app): State<App>, Json(notes): Json<NewNotes>) -> Result<StatusCode, Error> {
    let added = app.store.add(&notes.texts).await?;
    if app.events.try_send(Arc::from(format!("{added} notes"))).is_err() {
        tracing::warn!(added, "the webhook does not keep up");
    }
    Ok(StatusCode::CREATED)
}

async fn delete_note(State(app): State<App>, Path(id): Path<i64>) -> Result<StatusCode, Error> {
    app.store.delete_note(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
