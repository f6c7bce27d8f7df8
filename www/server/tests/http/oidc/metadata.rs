//! What the provider says of itself.

use jwt_compact::alg::{Ed25519, Es256};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmExt, UntrustedToken};
use reqwest::Method;
use serde_json::{Value, json};

use crate::oidc::flow::Flow;
use crate::server::Server;

#[tokio::test]
async fn both_documents_name_the_issuer_and_endpoints_that_are_there() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let oauth = "/.well-known/oauth-authorization-server/oidc";
    let mut documents = vec![];
    for path in ["/oidc/.well-known/openid-configuration", oauth] {
        let answer = flow.page.send(Method::GET, path, |request| request).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/json");
        documents.push(answer.json());
    }
    assert_eq!(documents[0], documents[1]);
    let metadata = &documents[0];
    assert_eq!(metadata["issuer"], flow.issuer());
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        json!(["S256"])
    );
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(metadata["require_pushed_authorization_requests"], false);

    let urls = metadata.as_object().expect("an object");
    let urls: Vec<_> = urls
        .iter()
        .filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri")
        .collect();
    assert_eq!(urls.len(), 7);
    for (name, url) in urls {
        let url = url.as_str().expect("text");
        let path = url.strip_prefix(&server.origins.api).expect("our address");
        let answer = flow.page.send(Method::GET, path, |request| request).await;
        assert_ne!(answer.status, 404, "{name}");
    }
}

#[tokio::test]
async fn the_keys_check_what_is_signed() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let answer = flow.sign_in().await;
    let keys = flow
        .page
        .send(Method::GET, "/oidc/jwks", |request| request)
        .await
        .json();
    let key_of = |token: &UntrustedToken<'_>| {
        let id = token.header().key_id.as_deref().expect("a key id");
        let keys = keys["keys"].as_array().expect("keys").iter();
        let key = keys.clone().find(|key| key["kid"] == id).expect("the key");
        assert!(key.get("d").is_none(), "the private part stays here");
        assert_eq!(key["alg"], token.algorithm());
        serde_json::from_value::<JsonWebKey<'static>>(key.clone()).expect("a key")
    };
    let tokens = answer.json();
    let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();

    let id_token = text("id_token");
    let token = UntrustedToken::new(&id_token).expect("a token");
    let key = key_of(&token);
    let key = <Es256 as Algorithm>::VerifyingKey::try_from(&key).expect("P-256");
    Es256
        .validator::<Value>(&key)
        .validate(&token)
        .expect("the ID token");

    let access_token = text("access_token");
    let token = UntrustedToken::new(&access_token).expect("a token");
    let key = key_of(&token);
    let key = <Ed25519 as Algorithm>::VerifyingKey::try_from(&key).expect("Ed25519");
    Ed25519
        .validator::<Value>(&key)
        .validate(&token)
        .expect("the access token");
}
