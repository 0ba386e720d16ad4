//! The routes.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::header::{AUTHORIZATION, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::sync::mpsc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use utoipa::OpenApi;
use validator::Validate;

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
    /// What clients that only read have to show.
    pub reader_token: Arc<str>,
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
#[derive(Deserialize, Validate)]
pub struct NewNotes {
    #[validate(length(min = 1, max = 100))]
    texts: Vec<String>,
}

/// What clients can ask.
#[derive(OpenApi)]
#[openapi(components(schemas(Note)))]
pub struct Description;

/// The routes, with their layers.
pub fn router(app: App) -> Router {
    let limits = GovernorConfigBuilder::default().per_second(1).burst_size(60).finish().map(Arc::new);
    let limits = limits.unwrap_or_default();
    let private = Router::new()
        .route("/v1/notes", get(page).post(add))
        .route("/v1/notes/:id", get(note).delete(delete_note))
        .route_layer(middleware::from_fn_with_state(app.clone(), authenticated))
        .layer(GovernorLayer { config: limits });
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/openapi.json", get(description))
        .merge(private)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::new(Duration::from_secs(10)))
        .layer(CompressionLayer::new())
        .layer(SetResponseHeaderLayer::overriding(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(TraceLayer::new_for_http())
        .with_state(app)
}

async fn authenticated(State(app): State<App>, request: Request, next: Next) -> Result<Response, Error> {
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.strip_prefix("Bearer ").unwrap_or_default();
    let writes = bool::from(given.as_bytes().ct_eq(app.token.as_bytes()));
    if !writes && !bool::from(given.as_bytes().ct_eq(app.reader_token.as_bytes())) {
        return Err(Error::Unauthorized);
    }
    check_permission(request.method(), writes)?;
    Ok(next.run(request).await)
}

/// Only who may write changes notes.
fn check_permission(method: &Method, writes: bool) -> Result<(), Error> {
    if writes || method == Method::GET { Ok(()) } else { Err(Error::Forbidden) }
}

async fn health() -> &'static str {
    "up"
}

async fn ready(State(app): State<App>) -> Result<&'static str, Error> {
    app.store.ready().await?;
    Ok("ready")
}

async fn description() -> Json<utoipa::openapi::OpenApi> {
    Json(Description::openapi())
}

async fn page(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Vec<Note>>, Error> {
    let size = wanted.size.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
    Ok(Json(app.store.page(wanted.after, size).await?))
}

async fn note(State(app): State<App>, Path(id): Path<i64>) -> Result<Json<Note>, Error> {
    Ok(Json(app.store.note(id).await?))
}

async fn add(State(app): State<App>, Json(notes): Json<NewNotes>) -> Result<StatusCode, Error> {
    notes.validate()?;
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
