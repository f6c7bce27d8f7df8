//! Which options each part of the settings has, and their defaults.

use crate::time::Span;

use super::options::Options;
use super::{
    Endpoint, Fingerprint, FingerprintMode, Limits, Redirect, RefreshTokenPlace, Schedule,
    StorageKind, Tabs,
};

impl Endpoint {
    pub(super) fn read(mut options: Options, above: &mut Options) -> Self {
        let endpoint = Self {
            name: options.name,
            bearer: options.flag("bearer", false),
            timeout_seconds: options.number("timeoutSeconds").unwrap_or(10.0),
            refresh_token: options.choice("refreshToken", &PLACES),
            refresh_token_field: options.text_or("refreshTokenField", "refresh_token"),
        };
        above.absorb(options);
        endpoint
    }
}

impl Redirect {
    pub(super) fn read(mut options: Options, above: &mut Options) -> Self {
        // Null switches it off; only what is missing is the default.
        let default_state = if options.members.get("stateParam").is_some() {
            None
        } else {
            Some("state".to_owned())
        };
        let redirect = Self {
            url: options.required("url"),
            accept: options.forms("accept"),
            return_param: options.text_or("returnParam", "redirect_uri"),
            callback_url: options.text("callbackUrl"),
            state_param: options.text("stateParam").or(default_state),
            max_age: Span::from_seconds(options.number("maxAgeSeconds").unwrap_or(600.0)),
            hard_clean: options.flag("hardClean", false),
        };
        above.absorb(options);
        redirect
    }
}

impl Fingerprint {
    pub(super) fn read(mut options: Options, above: &mut Options) -> Self {
        let fingerprint = Self {
            mode: options.choice("mode", &MODES),
            claim: options.text_or("claim", "userFingerprint"),
            cookie: options.text("cookie"),
            field: options.text_or("field", "fingerprint"),
        };
        above.absorb(options);
        fingerprint
    }
}

impl Schedule {
    pub(super) fn read(above: &mut Options) -> Self {
        let mut options = above.part_or_empty("schedule");
        let schedule = Self {
            lead: options
                .span("leadSeconds")
                .unwrap_or(Span::from_millis(60_000)),
            jitter: options
                .span("jitterSeconds")
                .unwrap_or(Span::from_millis(30_000)),
            leeway: options
                .span("leewaySeconds")
                .unwrap_or(Span::from_millis(5_000)),
            every: options.span("everySeconds"),
            on_start: options.flag("onStart", false),
            soft_expiry_claim: options.text("softExpiryClaim"),
            proactive: options.flag("proactive", true),
        };
        above.absorb(options);
        schedule
    }
}

impl Limits {
    pub(super) fn read(above: &mut Options) -> Self {
        let mut options = above.part_or_empty("limits");
        let limits = Self {
            idle: options.span("idleSeconds"),
            idle_warning: options
                .span("idleWarningSeconds")
                .unwrap_or(Span::from_millis(60_000)),
            session: options.span("sessionSeconds"),
            token_bytes: options
                .number("tokenBytes")
                .map_or(16_384, |bytes| bytes as usize),
        };
        above.absorb(options);
        limits
    }
}

pub(super) const STORAGE: [(&str, StorageKind); 4] = [
    ("session", StorageKind::Session),
    ("memory", StorageKind::Memory),
    ("local", StorageKind::Local),
    ("custom", StorageKind::Custom),
];
pub(super) const TABS: [(&str, Tabs); 2] = [("separate", Tabs::Separate), ("shared", Tabs::Shared)];
const PLACES: [(&str, RefreshTokenPlace); 3] = [
    ("body", RefreshTokenPlace::Body),
    ("memory", RefreshTokenPlace::Memory),
    ("cookie", RefreshTokenPlace::Cookie),
];
const MODES: [(&str, FingerprintMode); 2] = [
    ("server", FingerprintMode::Server),
    ("client", FingerprintMode::Client),
];
