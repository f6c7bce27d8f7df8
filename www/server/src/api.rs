//! The API's routes, and the layers around them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, delete, get, patch, post};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::body;
use crate::cors;
use crate::error::ApiError;
use crate::events;
use crate::faults;
use crate::health;
use crate::metrics;
use crate::oidc;
use crate::requests;
use crate::routes::{auth, echo, login, me, reject, sessions, token};
use crate::state::Shared;

/// Builds the router of the API origin.
pub(crate) fn router(app: &Shared, with_metrics: bool) -> Router {
    let api = Router::new()
        .route("/auth", post(auth::sign_in))
        .route("/token", post(token::refresh))
        .route("/token/reject", post(reject::sign_out))
        .route("/me", get(me::show).patch(me::change))
        .route("/me/password", patch(me::change_password))
        .route(
            "/me/invalidate-access-tokens",
            post(me::invalidate_access_tokens),
        )
        .route("/sessions", get(sessions::list))
        .route("/sessions/{id}", delete(sessions::end))
        .route("/login", get(login::page).post(login::sign_in))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route(
            "/echo",
            any(echo::echo).layer(DefaultBodyLimit::max(echo::LIMIT)),
        )
        .merge(oidc::routes())
        .fallback(|| async { ApiError::not_found() })
        .method_not_allowed_fallback(|| async { ApiError::method_not_allowed() })
        .layer(from_fn(faults::replace_answer))
        .layer(from_fn_with_state(app.clone(), oidc::supply_nonce))
        .layer(from_fn_with_state(app.clone(), cors::refuse_foreign_writes))
        .layer(cors::layer(&app.client));

    let api = match app.faults {
        // Outside of CORS: the test process calls these, no page does.
        Some(_) => api.nest("/faults", faults::routes()),
        None => api,
    };
    // Outside of CORS, too: it is for a program.
    let api = if with_metrics {
        events::count_from_zero();
        api.route("/metrics", get(metrics::show))
    } else {
        api
    };
    api.layer(DefaultBodyLimit::max(body::LIMIT))
        .layer(always(header::CACHE_CONTROL, "no-store"))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ))
        .layer(from_fn(requests::observe))
        .with_state(app.clone())
}

fn always(name: header::HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}
