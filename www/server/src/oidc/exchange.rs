//! A code for tokens (RFC 6749, 4.1.3; RFC 7636, 4.6).

use hallpass_axum::UnauthorizedCode;

use super::authorizations::{self, Authorization};
use super::client;
use super::codes::{self, Code, Presented};
use super::dpop;
use super::identity;
use super::pkce;
use super::scope;
use super::token_request::TokenRequest;
use crate::db::Tx;
use crate::error::ApiError;
use crate::events::Event;
use crate::fingerprint;
use crate::grant::{self, Carrier, Grant};
use crate::random;
use crate::sessions::{self, Session};
use crate::users;

/// Opens the session that a code stands for. A code that was used before ends what it gave; any
/// other refusal leaves it as it was.
pub(crate) async fn exchange(
    request: &TokenRequest<'_>,
    tx: &mut Tx,
) -> Result<Result<Grant, ApiError>, ApiError> {
    let text = match request.params.required("code") {
        Ok(text) => text,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let code = match codes::look(tx, text, request.app.clock.now()).await? {
        Presented::Good(code) => code,
        Presented::Used { session } => {
            sessions::revoke(tx, &session).await?;
            let of = "code";
            tx.note(Event::ReuseDetected { of, session });
            return Ok(Err(ApiError::invalid_grant("the code was used before")));
        }
        Presented::Unknown => {
            return Ok(Err(ApiError::invalid_grant(
                "the code is not good any more",
            )));
        }
    };
    match check(request, &code) {
        Ok(()) => open(request, tx, text, &code).await.map(Ok),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// All that the code is bound to.
fn check(request: &TokenRequest<'_>, code: &Code) -> Result<(), ApiError> {
    if code.client_id != client::ID {
        return Err(ApiError::invalid_grant("the code is another client's"));
    }
    if request.params.required("redirect_uri")? != code.redirect_uri {
        return Err(ApiError::invalid_grant(
            "redirect_uri is not the one that the code was asked for with",
        ));
    }
    let verifier = request.params.required("code_verifier")?;
    if !pkce::is_verifier_of(verifier, &code.challenge) {
        return Err(ApiError::invalid_grant("code_verifier is wrong"));
    }
    match (&code.jkt, request.proof) {
        (Some(_), None) => return Err(dpop::refusal(UnauthorizedCode::ProofMissing)),
        (Some(jkt), Some(proof)) if !proof.is_by(jkt) => {
            return Err(ApiError::invalid_grant("the code is bound to another key"));
        }
        _ => {}
    }
    if let Some(claim) = &code.fingerprint {
        fingerprint::from_request(request.headers)
            .filter(|fingerprint| fingerprint.matches(claim))
            .ok_or_else(|| ApiError::invalid_grant("the fingerprint cookie is missing or wrong"))?;
    }
    Ok(())
}

async fn open(
    request: &TokenRequest<'_>,
    tx: &mut Tx,
    text: &str,
    code: &Code,
) -> Result<Grant, ApiError> {
    let (app, now) = (request.app, request.app.clock.now());
    let user = users::by_id(tx, code.user_id)
        .await?
        .ok_or_else(|| ApiError::invalid_grant("the account is gone"))?;
    let refresh = scope::has(&code.scope, scope::OFFLINE_ACCESS).then_some(Carrier::Body);
    let session = Session {
        id: random::id()?,
        user_id: user.id,
        fingerprint: code.fingerprint.clone().unwrap_or_default(),
        user_agent: grant::user_agent(request.headers),
        permanent: refresh.is_some(),
        // The password was typed then: what must end some hours after that counts from there.
        created_at: code.auth_time,
        seen_at: now,
        expires_at: now,
        reauth: false,
        revoked: false,
        token_version: 0,
    };
    let authorization = Authorization {
        client_id: code.client_id.clone(),
        scope: code.scope.clone(),
        auth_time: code.auth_time,
        jkt: request.jkt().map(str::to_owned),
        login: code.login.clone(),
    };
    sessions::open(tx, &session, code.replaced.as_deref()).await?;
    authorizations::add(tx, &session.id, &authorization).await?;
    codes::spend(tx, text, &session.id).await?;
    let mut granted = grant::issue(app, tx, &user, &session, refresh).await?;
    let nonce = code.nonce.as_deref();
    identity::add(
        request,
        &mut granted,
        &user,
        &session,
        &authorization,
        nonce,
    )?;
    Ok(granted)
}
