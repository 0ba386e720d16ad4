//! A service that runs, as clients meet it: `NOTES_URL=https://staging.example.com cargo test -- --ignored`.

#[tokio::test]
#[ignore = "no service runs"]
async fn a_service_that_runs_is_ready() {
    let address = std::env::var("NOTES_URL").unwrap();
    let answer = reqwest::get(format!("{address}/ready")).await.unwrap();
    assert_eq!(answer.status(), reqwest::StatusCode::OK);
}
