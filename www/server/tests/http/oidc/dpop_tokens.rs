//! DPoP at the token endpoint (RFC 9449, 5 and 8).

use serde_json::{Value, json};

use crate::oidc::flow::{Flow, pairs};
use crate::oidc::key::Key;
use crate::server::Server;

#[tokio::test]
async fn tokens_are_bound_to_the_key() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::with_key(&server);
    let tokens = flow.sign_in().await.json();
    assert_eq!(tokens["token_type"], "DPoP");
    let jkt = flow.key.as_ref().expect("the key").thumbprint();
    assert_eq!(flow.page.claims()["cnf"]["jkt"], jkt);
    assert_eq!(flow.get("/me").await.status, 200);
    assert_eq!(flow.get("/oidc/userinfo").await.json()["sub"], "demo");

    let tokens = flow.refresh().await.json();
    assert_eq!(tokens["token_type"], "DPoP");
    assert_eq!(flow.page.claims()["cnf"]["jkt"], jkt);
    assert_eq!(flow.get("/me").await.status, 200);
    let token = flow.page.refresh_token.clone().expect("a refresh token");
    assert_eq!(flow.revoke(&token).await.status, 200);
    flow.get("/me").await.refused(401, "invalid_token");
}

/// A proof at the exchange suffices; `dpop_jkt` binds the code besides.
#[tokio::test]
async fn without_dpop_jkt_the_exchange_binds() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.key = Some(Key::new());
    assert_eq!(flow.sign_in().await.json()["token_type"], "DPoP");
    assert_eq!(flow.get("/me").await.status, 200);
}

#[tokio::test]
async fn a_code_or_refresh_token_is_of_no_use_without_its_key() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::with_key(&server);
    let code = flow.code().await;
    let key = flow.key.take();
    flow.exchange(&code)
        .await
        .refused(400, "invalid_dpop_proof");
    flow.key = Some(Key::new());
    flow.exchange(&code).await.refused(400, "invalid_grant");
    flow.key = key;
    assert_eq!(flow.exchange(&code).await.status, 200);

    let key = flow.key.take();
    flow.refresh().await.refused(400, "invalid_dpop_proof");
    flow.key = Some(Key::new());
    flow.refresh().await.refused(400, "invalid_grant");
    flow.key = key;
    assert_eq!(flow.refresh().await.status, 200, "nothing was spent");

    let mut plain = Flow::new(&server);
    plain.sign_in().await;
    plain.key = Some(Key::new());
    plain.refresh().await.refused(400, "invalid_grant");
    plain.key = None;
    assert_eq!(plain.refresh().await.json()["token_type"], "Bearer");
}

/// Each check of RFC 9449, 4.3. None of the refused proofs spends the code.
#[tokio::test]
async fn wrong_proofs_are_refused() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::with_key(&server);
    let code = flow.code().await;
    let fields = flow.exchange_fields(&code);
    let key = flow.key.take().expect("the key");
    let url = flow.url("/oidc/token");
    let right = key.proof("POST", &url);
    let mut symmetric = key.jwk();
    symmetric["kty"] = json!("oct");
    let mut off_curve = key.jwk();
    off_curve["x"] = off_curve["y"].clone();
    let long = "j".repeat(300);
    for (what, proof) in [
        ("no token", "x".to_owned()),
        ("signature", right.sign_by(&Key::new())),
        ("typ", right.clone().header("typ", json!("JWT")).sign()),
        ("no typ", right.clone().header("typ", Value::Null).sign()),
        ("alg", right.clone().header("alg", json!("none")).sign()),
        (
            "other alg",
            right.clone().header("alg", json!("ES384")).sign(),
        ),
        ("no jwk", right.clone().header("jwk", Value::Null).sign()),
        (
            "private jwk",
            right.clone().header("jwk", key.private_jwk()).sign(),
        ),
        (
            "symmetric jwk",
            right.clone().header("jwk", symmetric).sign(),
        ),
        ("no point", right.clone().header("jwk", off_curve).sign()),
        (
            "other jwk",
            right.clone().header("jwk", Key::new().jwk()).sign(),
        ),
        ("no jti", right.clone().claim("jti", Value::Null).sign()),
        ("empty jti", right.clone().claim("jti", json!("")).sign()),
        ("long jti", right.clone().claim("jti", json!(long)).sign()),
        ("htm", right.clone().claim("htm", json!("GET")).sign()),
        (
            "small htm",
            right.clone().claim("htm", json!("post")).sign(),
        ),
        ("no htm", right.clone().claim("htm", Value::Null).sign()),
        (
            "htu",
            right.clone().claim("htu", json!(flow.url("/token"))).sign(),
        ),
        (
            "other host",
            right
                .clone()
                .claim("htu", json!("https://evil.test/oidc/token"))
                .sign(),
        ),
        ("no htu", right.clone().claim("htu", Value::Null).sign()),
        ("old", right.clone().later(-65).sign()),
        ("future", right.clone().later(65).sign()),
        ("no iat", right.clone().claim("iat", Value::Null).sign()),
        (
            "iat as text",
            right.clone().claim("iat", json!("now")).sign(),
        ),
    ] {
        let answer = flow
            .post_with("/oidc/token", &pairs(&fields), Some(&proof))
            .await;
        assert_eq!(answer.json()["error"], "invalid_dpop_proof", "{what}");
        answer.refused(400, "invalid_dpop_proof");
    }
    let two = |request: reqwest::RequestBuilder| {
        let body = serde_urlencoded::to_string(&fields).expect("form");
        crate::oidc::flow::form(request, body)
            .header("dpop", key.proof("POST", &url).sign())
            .header("dpop", key.proof("POST", &url).sign())
    };
    let answer = flow
        .page
        .send(reqwest::Method::POST, "/oidc/token", two)
        .await;
    answer.refused(400, "invalid_dpop_proof");

    let near = right.later(-50).claim("htu", json!(format!("{url}?a=b#c")));
    let answer = flow
        .post_with("/oidc/token", &pairs(&fields), Some(&near.sign()))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// A proof is good once, whatever came of it.
#[tokio::test]
async fn a_replayed_proof_is_refused() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::with_key(&server);
    let code = flow.code().await;
    let key = flow.key.take().expect("the key");
    let proof = key.proof("POST", &flow.url("/oidc/token"));
    let wrong = flow.exchange_fields("unknown");
    let right = flow.exchange_fields(&code);
    let send = async |flow: &mut Flow, fields, proof: &str| {
        flow.post_with("/oidc/token", &pairs(fields), Some(proof))
            .await
    };
    send(&mut flow, &wrong, &proof.sign())
        .await
        .refused(400, "invalid_grant");
    // ECDSA signs differently each time: the `jti` is what counts, not the text.
    let again = proof.clone().later(1).sign();
    send(&mut flow, &right, &again)
        .await
        .refused(400, "invalid_dpop_proof");
    // Another key has `jti`s of its own.
    let mut other = Flow::with_key(&server);
    let code = other.code().await;
    let other_key = other.key.take().expect("the key");
    let same_jti = serde_json::Value::from("same");
    let mine = key
        .proof("POST", &flow.url("/oidc/token"))
        .claim("jti", same_jti.clone());
    let theirs = other_key
        .proof("POST", &flow.url("/oidc/token"))
        .claim("jti", same_jti);
    let fields = other.exchange_fields(&code);
    assert_eq!(send(&mut flow, &right, &mine.sign()).await.status, 200);
    assert_eq!(send(&mut other, &fields, &theirs.sign()).await.status, 200);
}

#[tokio::test]
async fn a_nonce_where_it_is_asked_for() {
    let server = Server::start(&["--dpop-nonce"]).await;
    let mut flow = Flow::with_key(&server);
    let code = flow.code().await;
    let answer = flow.exchange(&code).await;
    answer.refused(400, "use_dpop_nonce");
    assert_eq!(answer.header("dpop-nonce").len(), 43);
    assert!(
        answer
            .header("access-control-expose-headers")
            .contains("dpop-nonce")
    );
    assert_eq!(flow.exchange(&code).await.status, 200, "the code was kept");
    assert!(flow.nonce.is_some(), "each answer has one");

    // It is good for some minutes; a stale one brings the next.
    let stale = flow.nonce.clone();
    server.clock(50).await;
    assert_eq!(flow.refresh_at(50).await.status, 200);
    server.clock(300).await;
    flow.nonce = stale.clone();
    flow.refresh_at(300).await.refused(400, "use_dpop_nonce");
    assert_ne!(flow.nonce, stale);
    assert_eq!(flow.refresh_at(300).await.status, 200);
    flow.nonce = Some("made up".to_owned());
    flow.refresh_at(300).await.refused(400, "use_dpop_nonce");
}

impl Flow {
    /// A refresh by a client whose clock is so many seconds ahead.
    async fn refresh_at(&mut self, seconds: i64) -> crate::browser::Answer {
        let token = self.page.refresh_token.clone().expect("a refresh token");
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", "spa"),
            ("refresh_token", token.as_str()),
        ];
        let proof = self
            .key
            .as_ref()
            .expect("the key")
            .proof("POST", &self.url("/oidc/token"))
            .later(seconds)
            .claim("nonce", json!(self.nonce))
            .sign();
        let answer = self.post_with("/oidc/token", &fields, Some(&proof)).await;
        self.page.adopt(&answer);
        answer
    }
}
