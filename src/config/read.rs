//! From the facade's text. Everything is there, in its right type, so nothing can go wrong: what were missing all
//! the same would be nothing, no or zero.
//!
//! A derived `Deserialize` would read the same, and cost users 5 kB under brotli for errors that cannot happen.

use crate::json::{Json, Members};
use crate::origins::{Origin, Origins};
use crate::time::Span;

use super::{
    CallbackForm, Config, Csrf, Encoding, Endpoint, Fingerprint, FingerprintMode, Keys, Limits,
    Provider, Redirect, RefreshTokenPlace, ResponseMode, Schedule, StorageKind, Supplier, Tabs,
    TokenHeader,
};

impl From<Members> for Config {
    fn from(options: Members) -> Self {
        let mut options = Part(options);
        Self {
            keys: Keys::read(options.part("keys").unwrap_or_default()),
            origins: origins(options.list("origins")),
            header: TokenHeader::read(options.part("header").unwrap_or_default()),
            storage: match options.text("storage").as_str() {
                "memory" => StorageKind::Memory,
                "local" => StorageKind::Local,
                "custom" => StorageKind::Custom,
                _ => StorageKind::Session,
            },
            tabs: match options.text("tabs").as_str() {
                "shared" => Tabs::Shared,
                _ => Tabs::Separate,
            },
            sign_in: options.part("signIn").map(Endpoint::read),
            refresh: options.take("refresh").map(Supplier::read),
            sign_out: options.take("signOut").map(Supplier::read),
            redirect: options.part("redirect").map(Redirect::read),
            provider: options
                .part("provider")
                .filter(|_| cfg!(feature = "provider"))
                .map(Provider::read),
            fingerprint: options.part("fingerprint").map(Fingerprint::read),
            schedule: Schedule::read(options.part("schedule").unwrap_or_default()),
            limits: Limits::read(options.part("limits").unwrap_or_default()),
        }
    }
}

impl Keys {
    fn read(mut keys: Part) -> Self {
        Self {
            session: keys.text("session"),
            pending: keys.text("pending"),
            mark: keys.text("mark"),
            activity: keys.text("activity"),
            generations: keys.text("generations"),
        }
    }
}

impl TokenHeader {
    fn read(mut header: Part) -> Self {
        Self {
            name: header.text("name"),
            prefix: header.text("prefix"),
        }
    }
}

fn origins(list: Vec<Json>) -> Origins {
    let origin = |json| {
        let mut parts = Part::of(json);
        Origin {
            protocol: parts.text("protocol"),
            host: parts.text("host"),
            pathname: parts.text("pathname"),
        }
    };
    Origins::new(list.into_iter().map(origin).collect())
}

impl Supplier {
    fn read(json: Json) -> Self {
        match json.as_text() {
            Some("provider") => Self::Provider,
            Some(_) => Self::Function,
            None => Self::Endpoint(Box::new(Endpoint::read(Part::of(json)))),
        }
    }
}

impl Endpoint {
    fn read(mut options: Part) -> Self {
        Self {
            url: options.text("url"),
            method: options.text("method"),
            encoding: match options.text("encoding").as_str() {
                "form" => Encoding::Form,
                _ => Encoding::Json,
            },
            body: options.text_if_any("body"),
            headers: options.texts("headers"),
            credentials: options.text_if_any("credentials"),
            csrf: options.part("csrf").map(Csrf::read),
            bearer: options.flag("bearer"),
            timeout: options.span("timeoutSeconds").unwrap_or_default(),
            refresh_token: match options.text("refreshToken").as_str() {
                "memory" => RefreshTokenPlace::Memory,
                "cookie" => RefreshTokenPlace::Cookie,
                _ => RefreshTokenPlace::Body,
            },
            refresh_token_field: options.text("refreshTokenField"),
        }
    }
}

impl Csrf {
    fn read(mut options: Part) -> Self {
        Self {
            cookie: options.text("cookie"),
            header: options.text_if_any("header"),
            field: options.text_if_any("field"),
        }
    }
}

impl Redirect {
    fn read(mut options: Part) -> Self {
        let form = |form: Json| match form.as_text() {
            Some("fragment-token") => CallbackForm::FragmentToken,
            _ => CallbackForm::FragmentParams,
        };
        Self {
            url: options.text("url"),
            accept: options.list("accept").into_iter().map(form).collect(),
            return_param: options.text("returnParam"),
            callback_url: options.text_if_any("callbackUrl"),
            state_param: options.text_if_any("stateParam"),
            max_age: options.span("maxAgeSeconds").unwrap_or_default(),
            hard_clean: options.flag("hardClean"),
        }
    }
}

impl Provider {
    fn read(mut options: Part) -> Self {
        let text = |item: Json| item.as_text().unwrap_or_default().to_owned();
        Self {
            issuer: options.text("issuer"),
            client_id: options.text("clientId"),
            scope: options.text("scope"),
            redirect_uri: options.text("redirectUri"),
            response_mode: match options.text("responseMode").as_str() {
                "fragment" => ResponseMode::Fragment,
                _ => ResponseMode::Query,
            },
            params: options.texts("params"),
            resources: options.list("resources").into_iter().map(text).collect(),
            max_age: options.span("maxAgeSeconds"),
            dpop: options.flag("dpop"),
            keeps_id_token: options.flag("keepsIdToken"),
            post_logout_redirect_uri: options.text("postLogoutRedirectUri"),
            pending_max_age: options.span("pendingMaxAgeSeconds").unwrap_or_default(),
        }
    }
}

impl Fingerprint {
    fn read(mut options: Part) -> Self {
        Self {
            mode: match options.text("mode").as_str() {
                "client" => FingerprintMode::Client,
                _ => FingerprintMode::Server,
            },
            claim: options.text("claim"),
            cookie: options.text("cookie"),
            field: options.text("field"),
        }
    }
}

impl Schedule {
    fn read(mut options: Part) -> Self {
        Self {
            lead: options.span("leadSeconds").unwrap_or_default(),
            jitter: options.span("jitterSeconds").unwrap_or_default(),
            leeway: options.span("leewaySeconds").unwrap_or_default(),
            every: options.span("everySeconds"),
            on_start: options.flag("onStart"),
            soft_expiry_claim: options.text_if_any("softExpiryClaim"),
            proactive: options.flag("proactive"),
        }
    }
}

impl Limits {
    fn read(mut options: Part) -> Self {
        Self {
            idle: options.span("idleSeconds"),
            idle_warning: options.span("idleWarningSeconds").unwrap_or_default(),
            session: options.span("sessionSeconds"),
            token_bytes: options.number("tokenBytes").unwrap_or_default() as usize,
        }
    }
}

/// Settings of one level.
#[derive(Default)]
struct Part(Members);

impl Part {
    fn of(json: Json) -> Self {
        Self(Members::of(json).unwrap_or_default())
    }

    #[inline(never)]
    fn take(&mut self, name: &str) -> Option<Json> {
        self.0.take(name)
    }

    #[inline(never)]
    fn part(&mut self, name: &str) -> Option<Self> {
        self.take(name).map(Self::of)
    }

    #[inline(never)]
    fn list(&mut self, name: &str) -> Vec<Json> {
        match self.take(name) {
            Some(Json::List(items)) => items,
            _ => Vec::new(),
        }
    }

    /// Names and their texts.
    fn texts(&mut self, name: &str) -> Vec<(String, String)> {
        let members = self.take(name).and_then(Members::of).unwrap_or_default();
        let text = |(name, value): (String, Json)| Some((name, value.as_text()?.to_owned()));
        members.into_pairs().into_iter().filter_map(text).collect()
    }

    #[inline(never)]
    fn text_if_any(&mut self, name: &str) -> Option<String> {
        self.0.text(name).unwrap_or_default()
    }

    #[inline(never)]
    fn text(&mut self, name: &str) -> String {
        self.text_if_any(name).unwrap_or_default()
    }

    #[inline(never)]
    fn flag(&mut self, name: &str) -> bool {
        self.take(name) == Some(Json::Flag(true))
    }

    #[inline(never)]
    fn number(&mut self, name: &str) -> Option<f64> {
        self.0.number(name).unwrap_or_default()
    }

    #[inline(never)]
    fn span(&mut self, name: &str) -> Option<Span> {
        self.number(name).map(Span::from_seconds)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What the facade hands over where every option is set: its own tests see to it.
    fn whole() -> Value {
        let mut file: Value =
            serde_json::from_str(include_str!("../../tests/support/settings.json")).unwrap();
        file["whole"].take()
    }

    fn read(settings: &Value) -> String {
        let config = Config::from(Members::parse(&settings.to_string()).unwrap());
        format!("{config:?}")
    }

    /// The ways to all values that hold no others.
    fn leaves(value: &Value, way: &str) -> Vec<String> {
        let of = |name: &str, value| leaves(value, &format!("{way}/{name}"));
        match value {
            Value::Object(members) => members
                .iter()
                .flat_map(|(name, value)| of(name, value))
                .collect(),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items
                    .flat_map(|(index, value)| of(&index.to_string(), value))
                    .collect()
            }
            _ => vec![way.to_owned()],
        }
    }

    #[test]
    fn each_setting_of_the_facade_is_read_under_its_name() {
        let config = read(&whole());
        let leaves = leaves(&whole(), "");
        assert!(leaves.len() > 40, "{leaves:#?}");
        for leaf in leaves {
            let mut without = whole();
            let value = without.pointer_mut(&leaf).unwrap().take();
            // What is read where nothing stands.
            let is_fallback = value == json!("body") || value == json!("fragment-params");
            assert_eq!(read(&without) == config, is_fallback, "{leaf}");
        }
    }

    #[test]
    fn whatever_stands_there_is_settings() {
        for wrong in [
            json!(null),
            json!(1e300),
            json!(-1),
            json!("x"),
            json!([[]]),
            json!({}),
        ] {
            for leaf in leaves(&whole(), "") {
                let mut settings = whole();
                *settings.pointer_mut(&leaf).unwrap() = wrong.clone();
                read(&settings);
            }
        }
    }
}
