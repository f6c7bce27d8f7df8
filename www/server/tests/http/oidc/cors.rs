//! CORS of the provider's endpoints.

use reqwest::Method;

use crate::browser::Answer;
use crate::server::{Server, plain_client};

#[tokio::test]
async fn pages_of_the_client_may_call_and_no_others() {
    let uri = "https://app.test/cb";
    let server = Server::start(&["--redirect-uri", uri]).await;
    let app = server.origins.app.as_str();
    let foreign = server.origins.foreign.as_str();
    for (origin, welcome) in [
        (app, true),
        ("https://app.test", true),
        ("https://app.test.evil.test", false),
        ("http://app.test", false),
        (foreign, false),
    ] {
        for (path, method) in [
            ("/oidc/.well-known/openid-configuration", "GET"),
            ("/oidc/jwks", "GET"),
            ("/oidc/token", "POST"),
            ("/oidc/par", "POST"),
            ("/oidc/revoke", "POST"),
            ("/oidc/userinfo", "GET"),
            ("/me", "GET"),
        ] {
            let request = plain_client()
                .request(Method::OPTIONS, format!("{}{path}", server.origins.api))
                .header("origin", origin)
                .header("access-control-request-method", method)
                .header("access-control-request-headers", "authorization,dpop");
            let answer = Answer::read(request.send().await.expect("an answer")).await;
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!(allowed == origin, welcome, "{origin} {path}");
            assert!(allowed.is_empty() || welcome);
            let headers = answer.header("access-control-allow-headers");
            assert!(headers.contains("dpop") && headers.contains("authorization"));
        }
    }
}
