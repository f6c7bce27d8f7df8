//! The application's values in, snapshots out.

use js_sys::{Array, JSON, JsString, Object};
use wasm_bindgen::{JsCast, JsValue};

use crate::effect::{Change, Refresher};
use crate::json::{Json, Members};
use crate::profile::PROFILE_BYTES;
use crate::record::Sid;
use crate::secret::Secret;
use crate::session::View;
use crate::time::{self, Timestamp};
use crate::tokens::TokenSet;

use super::error::to_js;
use super::global::{bare_object, own_property, set};

/// Names and texts of a plain object, which the application adds to a URL; none where it is something else. The facade has
/// checked what is in it.
pub(super) fn parameters(object: JsValue) -> Vec<(Secret, Secret)> {
    let object = serde_wasm_bindgen::from_value(object).ok();
    let members = object.and_then(Members::of).unwrap_or_default();
    let text = |(name, value): (String, Json)| Some((name.into(), value.as_text()?.into()));
    members.into_pairs().into_iter().filter_map(text).collect()
}

/// Tokens that the application made; `None` where the shape is wrong. `limit` is the longest token accepted, in
/// bytes.
pub(super) fn token_set(value: &JsValue, limit: usize) -> Option<TokenSet> {
    let access = accepted_token(own_property(value, "accessToken")?, limit)?;
    let refresh = match own_property(value, "refreshToken") {
        None => None,
        Some(refresh) => Some(accepted_token(refresh, limit)?),
    };
    // What is no number says nothing, as in an answer.
    let expires_in =
        own_property(value, "expiresIn").and_then(|seconds| match seconds.as_string() {
            Some(text) => time::seconds_in_text(&text),
            None => seconds.as_f64().filter(|seconds| !seconds.is_nan()),
        });
    Some(TokenSet {
        access,
        refresh,
        expires_in,
        date: None,
        profile: own_property(value, "profile").map(|profile| json(&profile)),
        grant: None,
    })
}

/// A token as the facade carries it about.
pub(super) fn token(token: &Secret, sid: &Sid, key: Option<&str>) -> JsValue {
    let object = bare_object();
    set(&object, "text", token.expose());
    set(&object, "session", sid.as_str());
    if let Some(key) = key {
        set(&object, "key", key);
    }
    object.into()
}

/// Of a text that is too long no more than shows it: it may be megabytes, and memory once grown stays so.
fn accepted_token(value: JsValue, limit: usize) -> Option<Secret> {
    let text: JsString = value.dyn_into().ok()?;
    let most = u32::try_from(limit).unwrap_or(u32::MAX).saturating_add(1);
    let text = if text.length() > most {
        text.slice(0, most)
    } else {
        text
    };
    Some(Secret::from(String::from(text)))
}

/// As JSON; what has none is an empty text, which the core refuses. Of a text that is too long no more than shows it.
fn json(value: &JsValue) -> Secret {
    let most = u32::try_from(PROFILE_BYTES).unwrap_or(u32::MAX);
    // `undefined` where the value has no JSON, whatever the binding says.
    let text = JSON::stringify(value).map_or(JsValue::UNDEFINED, JsValue::from);
    let text: Option<JsString> = text.dyn_into().ok();
    let text = text.map(|text| text.slice(0, most.saturating_add(1)));
    Secret::from(text.map(String::from).unwrap_or_default())
}

/// The session as the application sees it: frozen, all the way down.
pub(super) fn snapshot(view: View, claims: &JsValue, profile: &JsValue) -> JsValue {
    let object = Object::new();
    match view {
        View::Loading => set(&object, "status", "loading"),
        View::SignedOut(reason) => {
            set(&object, "status", "signed-out");
            set(&object, "reason", reason.as_str());
        }
        View::SignedIn {
            expires_at,
            refresh_at,
            stale,
            ..
        } => {
            set(&object, "status", "signed-in");
            set(&object, "claims", claims);
            set(&object, "profile", profile);
            set(&object, "expiresAt", moment(expires_at));
            set(&object, "refreshAt", moment(refresh_at));
            set(&object, "stale", stale);
        }
    }
    Object::freeze(&object).into()
}

/// What changed, as the application hears it.
pub(super) fn change(change: &Change) -> JsValue {
    let (kind, details): (_, &[(&str, JsValue)]) = match change {
        Change::IdleWarning { sign_out_at } => {
            ("idle-warning", &[("signOutAt", moment(Some(*sign_out_at)))])
        }
        Change::RefreshFailed { error, retry_at } => (
            "refresh-failed",
            &[("error", to_js(error)), ("retryAt", moment(*retry_at))],
        ),
        Change::Refreshed {
            by: Refresher::ThisTab,
        } => ("refreshed", &[("by", "this-tab".into())]),
        Change::Refreshed {
            by: Refresher::OtherTab,
        } => ("refreshed", &[("by", "other-tab".into())]),
        Change::Restored => ("restored", &[]),
        Change::SignedIn => ("signed-in", &[]),
        Change::SignedOut { reason } => ("signed-out", &[("reason", reason.as_str().into())]),
        Change::StorageDegraded { error } => ("storage-degraded", &[("error", to_js(error))]),
    };
    let object = Object::new();
    set(&object, "type", kind);
    for (name, value) in details {
        set(&object, name, value);
    }
    Object::freeze(&object).into()
}

/// Pairs of names and values, as the platform's form parser gives them.
pub(super) fn pairs(entries: &JsValue) -> Vec<(Secret, Secret)> {
    let mut pairs = Vec::new();
    for entry in Array::from(entries).iter() {
        let entry = Array::from(&entry);
        let text = |at| entry.get(at).as_string().map(Secret::from);
        pairs.extend(text(0).zip(text(1)));
    }
    pairs
}

/// Times cross as numbers: no `BigInt` leaks out.
pub(super) fn moment(at: Option<Timestamp>) -> JsValue {
    at.map_or(JsValue::NULL, |at| JsValue::from_f64(at.as_millis() as f64))
}
