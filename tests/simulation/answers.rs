//! What the server answers, and the weather that spoils it.

use hallpass::time::Span;

use crate::network::{CallId, Kind, Reply};
use crate::plan::Weather;
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
        };
        if self.is(Weather::Broken) {
            return error(503, None, "");
        }
        if self.is(Weather::Busy) {
            let seconds = self.dice_of(call).one_of(&[1, 5, 30, 90]);
            return error(429, Some(Span::from_millis(1_000 * seconds)), "");
        }
        if self.is(Weather::Nonsense) {
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
                        self.granted_reply(grant)
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
                self.granted_reply(grant)
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
                    Renewal::Body | Renewal::Memory => {
                        self.server.renew(&refresh.unwrap_or_default(), call, terms)
                    }
                };
                match verdict {
                    Verdict::Granted(grant) => self.granted_reply(grant),
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
        self.is(Weather::Held) && matches!(self.calls[call].kind, Kind::Api { .. })
    }

    fn terms(&self, call: CallId) -> Terms {
        let settings = &self.plan.settings;
        let short = self.dice_of(call).one_of(&[0, 0, 500, 2_000]);
        Terms {
            now: self.clock.real(),
            lifetime: if self.is(Weather::Short) {
                short
            } else {
                settings.lifetime
            },
            gives_refresh: settings.renewal != Renewal::Bearer,
            rotates: settings.rotates,
        }
    }

    fn granted_reply(&self, grant: Grant) -> Reply {
        let settings = &self.plan.settings;
        let mut body = format!(r#"{{"access_token":"{}""#, grant.access);
        if let Some(refresh) = &grant.refresh
            && settings.renewal != Renewal::Cookie
        {
            body.push_str(&format!(r#","refresh_token":"{refresh}""#));
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
        }
    }
}
