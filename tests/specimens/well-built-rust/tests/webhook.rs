//! What happens when the other side fails.

use notes::webhook;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

#[tokio::test]
async fn an_event_is_sent_again() {
    let server = MockServer::start().await;
    Mock::given(method("PUT")).respond_with(ResponseTemplate::new(503)).up_to_n_times(1).mount(&server).await;
    Mock::given(method("PUT")).respond_with(ResponseTemplate::new(200)).expect(1).mount(&server).await;
    let address = server.uri().parse().unwrap();
    let sent = webhook::deliver_webhook(&reqwest::Client::new(), &address, "1 notes").await;
    assert!(sent.is_ok());
}
