//! The orderly end: what is under way is answered.

use reqwest::Method;
use serde_json::{Value, json};

use crate::process::Process;
use crate::server::plain_client;

/// A request that takes its time is under way when the server is told to stop.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_request_is_answered_and_no_other_one_is_taken() {
    let mut process = Process::start(&["--faults"]);
    let knob = async |method: Method, path: &str, body: Value| {
        let url = format!("{}{path}", process.origins.api);
        let request = plain_client().request(method, url).json(&body);
        request.send().await
    };
    let slow = json!({ "route": "/me", "delayMs": 2000 });
    knob(Method::PUT, "/faults", slow).await.expect("a rule");
    let mut browser = process.browser();
    browser.sign_in("").await;
    let last = tokio::spawn(async move { browser.me().await.status });
    loop {
        let log = knob(Method::GET, "/faults/log", Value::Null).await;
        let log = log.expect("the log").text().await.expect("text");
        if log.contains("\"/me\"") {
            break;
        }
    }
    process.tell_to_stop();
    while knob(Method::GET, "/healthz", Value::Null).await.is_ok() {}
    assert_eq!(last.await.expect("an answer"), 200);
    assert!(process.has_ended_well());
}
