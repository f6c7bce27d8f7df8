//! Issuing tokens: what a sign-in and every refresh end with.

use axum::Json;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::cookies;
use crate::db::Tx;
use crate::error::ApiError;
use crate::families;
use crate::fingerprint::{self, Fingerprint};
use crate::oidc::{authorizations, endpoints, scope};
use crate::random;
use crate::sessions::{self, Session};
use crate::state::App;
use crate::tokens::{AccessClaims, Confirmation};
use crate::users::User;

/// What a session may do that no client of the provider has asked for.
const OWN_SCOPE: &str = "profile account";

/// How a refresh token travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Carrier {
    /// In the JSON body: script holds it.
    Body,
    /// In a HttpOnly cookie, guarded by a CSRF token.
    Cookie,
}

impl Carrier {
    /// As requests name it, and the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Cookie => "cookie",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Body, Self::Cookie]
            .into_iter()
            .find(|carrier| carrier.name() == name)
    }
}

/// The tokens of an answer, and the cookies that go with them.
pub(crate) struct Grant {
    pub(crate) tokens: TokenAnswer,
    pub(crate) cookies: Vec<String>,
}

/// The body of a token answer (RFC 6749, 5.1).
#[derive(Serialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: String,
    pub(crate) token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<String>,
    /// What a client of the provider was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<String>,
}

impl Grant {
    /// The `Set-Cookie` headers.
    pub(crate) fn headers(&self) -> AppendHeaders<Vec<(header::HeaderName, String)>> {
        let set = |cookie: &String| (header::SET_COOKIE, cookie.clone());
        AppendHeaders(self.cookies.iter().map(set).collect())
    }
}

impl IntoResponse for Grant {
    fn into_response(self) -> Response {
        (self.headers(), Json(self.tokens)).into_response()
    }
}

/// Starts a session for a user who has shown all that this server asks for (see `sign_in`).
pub(crate) async fn open_session(
    app: &App,
    tx: &mut Tx,
    user: &User,
    headers: &HeaderMap,
    refresh: Option<Carrier>,
) -> Result<Grant, ApiError> {
    let now = app.clock.now();
    let brought = fingerprint::from_request(headers);
    let (fingerprint, replaced) = fingerprint_for(tx, user, brought, now).await?;
    let session = Session {
        id: random::id()?,
        user_id: user.id,
        fingerprint: fingerprint.hash(),
        user_agent: user_agent(headers),
        permanent: refresh.is_some(),
        created_at: now,
        seen_at: now,
        expires_at: now,
        reauth: false,
        revoked: false,
        token_version: 0,
    };
    sessions::open(tx, &session, replaced.as_deref()).await?;
    let mut grant = issue(app, tx, user, &session, refresh).await?;
    // At sign-in only. A refresh that set it again could come in late, after a sign-out and the next
    // sign-in, and put the old value over the new one: browsers take cookies from abandoned requests.
    grant.cookies.push(fingerprint::set_cookie(&fingerprint));
    Ok(grant)
}

/// Issues the next tokens of a session. With `refresh`, a new refresh token too.
pub(crate) async fn issue(
    app: &App,
    tx: &mut Tx,
    user: &User,
    session: &Session,
    refresh: Option<Carrier>,
) -> Result<Grant, ApiError> {
    let (policy, now) = (app.policy.get(), app.clock.now());
    // A session of a client of the provider: its tokens say so, whichever way they are issued.
    let authorization = authorizations::of_session(tx, &session.id).await?;
    // Forced re-login: nothing issued here may outlive the session's deadline.
    let deadline = policy.deadline(session.created_at).unwrap_or(i64::MAX);
    let expires_at = now.saturating_add(policy.access_seconds).min(deadline);
    let refresh_until = now.saturating_add(policy.refresh_seconds).min(deadline);

    let jkt = authorization.as_ref().and_then(|it| it.jkt.clone());
    let token_type = if jkt.is_some() { "DPoP" } else { "Bearer" };
    let claims = AccessClaims {
        sub: user.username.clone(),
        jti: random::id()?,
        sid: session.id.clone(),
        name: user.display_name.clone(),
        scope: match &authorization {
            Some(authorization) => scope::for_access(&authorization.scope, session.reauth),
            None => scope::for_access(OWN_SCOPE, session.reauth),
        },
        ver: session.version_of_tokens(user),
        user_fingerprint: (!policy.omit_fingerprint && session.is_bound())
            .then(|| session.fingerprint.clone()),
        iss: endpoints::issuer(&app.origins),
        aud: app.origins.api.clone(),
        client_id: authorization.as_ref().map(|it| it.client_id.clone()),
        cnf: jkt.map(|jkt| Confirmation { jkt }),
        softexp: policy
            .soft_expiry_seconds
            .map(|seconds| now.saturating_add(seconds)),
        reauth: session.reauth,
    };
    let granted = authorization.map(|_| claims.scope.clone());
    let access_token = app
        .keys
        .signing(now)?
        .access
        .sign(claims, now, (!policy.omit_expiry).then_some(expires_at))
        .map_err(|error| ApiError::server(&error))?;

    let mut cookies = Vec::new();
    let mut refresh_token = None;
    if let Some(carrier) = refresh {
        let token = families::issue(tx, &session.id, refresh_until).await?;
        match carrier {
            Carrier::Body => refresh_token = Some(token),
            Carrier::Cookie => {
                let csrf = app.csrf.token(&session.id);
                cookies.push(cookies::hidden(
                    cookies::REFRESH,
                    &token,
                    policy.refresh_seconds,
                ));
                cookies.push(cookies::readable(
                    cookies::CSRF,
                    &csrf,
                    policy.refresh_seconds,
                ));
            }
        }
    }

    let needs_refresh_span = refresh.is_some() || policy.omit_expiry;
    let until = if needs_refresh_span {
        refresh_until.max(expires_at)
    } else {
        expires_at
    };
    // A second more, because that is how long an access token is tolerated.
    sessions::extend(
        tx,
        &session.id,
        until.saturating_add(1).max(session.expires_at),
    )
    .await?;

    let announced = !policy.omit_expiry && !policy.omit_expires_in;
    let tokens = TokenAnswer {
        access_token,
        token_type,
        expires_in: announced.then(|| expires_at.saturating_sub(now)),
        refresh_token,
        scope: granted,
        id_token: None,
    };
    Ok(Grant { tokens, cookies })
}

/// The browser's fingerprint if a session of this user is bound to it, otherwise a new one and
/// the claim of the one that it replaces.
///
/// Tabs of one browser share the cookie: a second sign-in that replaced it would end the user's
/// session in every other tab. Any other value may be planted, and be known to the attacker: a
/// cookie that this server never set, or one that was given to the attacker's own account. Of two
/// accounts in one browser only the later one stays, then.
pub(crate) async fn fingerprint_for(
    tx: &mut Tx,
    user: &User,
    brought: Option<Fingerprint>,
    now: i64,
) -> Result<(Fingerprint, Option<String>), ApiError> {
    let Some(brought) = brought else {
        return Ok((Fingerprint::generate()?, None));
    };
    let claim = brought.hash();
    if sessions::of_user_uses_fingerprint(tx, user.id, &claim, now).await? {
        return Ok((brought, None));
    }
    Ok((Fingerprint::generate()?, Some(claim)))
}

/// What the device calls itself, cut to a length that fits a list.
pub(crate) fn user_agent(headers: &HeaderMap) -> String {
    let text = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    text.unwrap_or("unknown").chars().take(200).collect()
}
