//! The routes, without a network.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use notes::api::{self, App};
use notes::store::Store;
use sqlx::postgres::PgPoolOptions;
use tower::ServiceExt;

fn app() -> App {
    let pool = PgPoolOptions::new().connect_lazy("postgres://localhost/notes").unwrap();
    App {
        store: Store::new(pool),
        token: Arc::from("test-token"),
        reader_token: Arc::from("reader-token"),
        events: tokio::sync::mpsc::channel(1).0,
    }
}

#[tokio::test]
async fn unauthorized_callers_see_nothing() {
    let caller = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000)));
    let request = Request::get("/v1/notes").extension(caller).body(Body::empty()).unwrap();
    let answer = api::router(app()).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn health_needs_no_token() {
    let request = Request::get("/health").body(Body::empty()).unwrap();
    let answer = api::router(app()).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}
