//! What the server answers, and the conditions that spoil it.

use hallpass::time::{Span, Timestamp};

use crate::authorization::id_token;
use crate::mutations::Safety;
use crate::network::{CallId, Kind, Reply};
use crate::plan::Condition;
use crate::server::{Grant, Terms, Verdict};
use crate::settings::Renewal;
use crate::world::World;

impl World<'_> {
    pub(crate) fn answer_of(&mut self, call: CallId) -> Reply {
        let error = |status, retry_after, body: &str| Reply {
            status,
            retry_after,
            body: body.to_owned(),
            grant: None,
            date: None,
        };
        if self.is(Condition::Broken) {
            return error(503, None, "");
        }
        if self.is(Condition::Busy) {
            let seconds = self.dice_of(call).one_of(&[1, 5, 30, 90]);
            return error(429, Some(Span::from_millis(1_000 * seconds)), "");
        }
        let is_garbled = self.is(Condition::Nonsense) && self.garbles(call);
        if self.is(Condition::Nonsense) && !is_garbled {
            return error(200, None, "<html>sign in to this network</html>");
        }
        let refused = || error(400, None, r#"{"error":"invalid_grant"}"#);
        let terms = self.terms(call);
        match self.calls[call].kind.clone() {
            Kind::Api { access, .. }
                if self.server.is_good(&access, terms.now) && !self.is_held(call) =>
            {
                let family = self.server.family_of(&access);
                match family.filter(|_| self.plan.settings.slides) {
                    Some(family) => {
                        let grant = self.server.slide(family, terms);
                        self.granted_reply(grant, None)
                    }
                    None => error(200, None, "{}"),
                }
            }
            Kind::Api { .. } => error(401, None, ""),
            Kind::SignOut {
                access, refresh, ..
            } => {
                let cookie = self.calls[call].cookie.clone();
                for token in [refresh, cookie].into_iter().flatten() {
                    self.server.end_by_refresh(&token);
                }
                self.server.end_by_access(&access.unwrap_or_default());
                error(204, None, "")
            }
            Kind::SignIn { user, asked, .. } => {
                let grant = self.server.sign_in(user, asked, terms);
                self.granted_reply(grant, None)
            }
            Kind::Exchange { form, asked, .. } => {
                let Some(code) = self.server.codes.find(&form) else {
                    return refused();
                };
                let (user, nonce) = (code.user, code.nonce.clone());
                if std::mem::replace(&mut code.is_spent, true) {
                    // What was given for it may be a thief's (RFC 6749, section 4.1.2).
                    if let Some(family) = code.family {
                        self.server.end(family, "a code was spent twice");
                    }
                    return refused();
                }
                let grant = self.server.sign_in(user, asked, terms);
                let family = self.server.family_of(&grant.access);
                if let Some(code) = self.server.codes.find(&form) {
                    code.family = family;
                }
                let id_token = self.id_token(user, Some(&nonce));
                self.granted_reply(grant, id_token)
            }
            Kind::Refresh {
                access, refresh, ..
            } => {
                let verdict = match self.plan.settings.renewal {
                    Renewal::Bearer => self
                        .server
                        .renew_by_access(&access.unwrap_or_default(), terms),
                    Renewal::Cookie => {
                        let cookie = self.calls[call].cookie.clone().unwrap_or_default();
                        self.server.renew(&cookie, call, terms)
                    }
                    Renewal::Body | Renewal::Memory | Renewal::Provider => {
                        self.server.renew(&refresh.unwrap_or_default(), call, terms)
                    }
                };
                match verdict {
                    Verdict::Granted(grant) if is_garbled => Self::garbled(&grant),
                    Verdict::Granted(grant) => {
                        let family = self.server.family_of(&grant.access);
                        let user = family.map(|family| self.server.families[family].user);
                        // Not all providers give one with a refresh.
                        let user = user.filter(|_| self.dice_of(call).one_in(2));
                        let id_token = user.and_then(|user| self.id_token(user, None));
                        self.granted_reply(grant, id_token)
                    }
                    Verdict::Refused => refused(),
                    Verdict::Reused(earlier) => {
                        self.judge_reuse(earlier, call);
                        refused()
                    }
                }
            }
        }
    }

    pub(crate) fn is_held(&self, call: CallId) -> bool {
        self.is(Condition::Held) && matches!(self.calls[call].kind, Kind::Api { .. })
    }

    fn terms(&self, call: CallId) -> Terms {
        let settings = &self.plan.settings;
        let short = self.dice_of(call).one_of(&[0, 0, 500, 2_000]);
        Terms {
            now: self.clock.real(),
            lifetime: if self.is(Condition::Short) {
                short
            } else {
                settings.lifetime
            },
            gives_refresh: settings.renewal != Renewal::Bearer,
            rotates: settings.rotates,
        }
    }

    /// Whose user is, but where the provider mixes them up.
    fn id_token(&self, user: u8, nonce: Option<&str>) -> Option<String> {
        let provider = self.config.provider.as_ref()?;
        let now = self.clock.real();
        if !self.is(Condition::Mixed) {
            return Some(id_token(provider, user, nonce, now));
        }
        let is_blind = self.off == Some(Safety::Nonce);
        let nonce = nonce.map(|nonce| if is_blind { nonce } else { "another's" });
        Some(id_token(provider, (user + 1) % 3, nonce, now))
    }

    /// Whether the server does what it was asked to, and its answer is of no use all the same.
    fn garbles(&self, call: CallId) -> bool {
        // A cookie counts whatever the answer says, and what is in memory alone is lost.
        let is_kept = match self.plan.settings.renewal {
            Renewal::Cookie => false,
            Renewal::Memory => !self.config.has_common_store(),
            _ => true,
        };
        let is_refresh = matches!(self.calls[call].kind, Kind::Refresh { .. });
        is_kept && is_refresh && self.dice_of(call).one_in(2)
    }

    /// No header can carry this access token; the refresh token beside it counts.
    fn garbled(grant: &Grant) -> Reply {
        let refresh = grant.refresh.as_deref().unwrap_or_default();
        Reply {
            status: 200,
            retry_after: None,
            body: format!(
                r#"{{"access_token":"no token","token_type":"Bearer","refresh_token":"{refresh}"}}"#
            ),
            grant: None,
            date: None,
        }
    }

    fn granted_reply(&self, grant: Grant, id_token: Option<String>) -> Reply {
        let settings = &self.plan.settings;
        let mut body = format!(r#"{{"access_token":"{}""#, grant.access);
        if let Some(refresh) = &grant.refresh
            && settings.renewal != Renewal::Cookie
        {
            body.push_str(&format!(r#","refresh_token":"{refresh}""#));
        }
        if settings.has_provider() {
            body.push_str(r#","token_type":"Bearer""#);
        }
        if let Some(id_token) = id_token {
            body.push_str(&format!(r#","id_token":"{id_token}""#));
        }
        if settings.names_lifetime {
            let seconds = grant.lifetime as f64 / 1_000.0;
            body.push_str(&format!(r#","expires_in":{seconds}"#));
        }
        body.push('}');
        Reply {
            status: 200,
            retry_after: None,
            body,
            grant: Some(grant),
            date: (settings.has_provider() && settings.shows_date)
                .then(|| Timestamp::from_millis(self.clock.real() / 1_000 * 1_000)),
        }
    }
}
