//! The server: families of tokens, rotation, and the end of a family whose token was spent twice
//! (RFC 9700, section 4.14.2).

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::authorization::Codes;
use crate::network::CallId;

pub(crate) type FamilyId = usize;

#[derive(Default)]
pub(crate) struct Server {
    pub(crate) families: Vec<Family>,
    pub(crate) accesses: BTreeMap<String, Access>,
    refreshes: BTreeMap<String, Refresh>,
    pub(crate) codes: Codes,
    /// Tokens given so far.
    serial: u64,
    pub(crate) refreshed: u64,
}

/// All tokens that come from one sign-in.
pub(crate) struct Family {
    pub(crate) user: u8,
    /// When its sign-in was asked for, by the true clock.
    pub(crate) asked: i64,
    /// When that worked.
    pub(crate) began: Option<i64>,
    /// Why it is over.
    pub(crate) ended: Option<&'static str>,
}

/// What the world knows of an access token.
pub(crate) struct Access {
    pub(crate) family: FamilyId,
    /// Later tokens have higher numbers.
    pub(crate) serial: u64,
    expires: i64,
    pub(crate) lifetime: i64,
    /// What the wall clock of the browser said when it came.
    pub(crate) received: Option<i64>,
}

struct Refresh {
    family: FamilyId,
    spent_by: Option<CallId>,
}

/// Tokens as they were given.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) lifetime: i64,
}

/// How the server takes a refresh.
pub(crate) enum Verdict {
    Granted(Grant),
    Refused,
    /// The token had been spent by an earlier call.
    Reused(CallId),
}

/// How tokens are made.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    /// By the true clock.
    pub(crate) now: i64,
    pub(crate) lifetime: i64,
    pub(crate) gives_refresh: bool,
    pub(crate) rotates: bool,
}

impl Server {
    pub(crate) fn sign_in(&mut self, user: u8, asked: i64, terms: Terms) -> Grant {
        self.families.push(Family {
            user,
            asked,
            began: None,
            ended: None,
        });
        self.grant(self.families.len() - 1, None, terms)
    }

    pub(crate) fn renew(&mut self, token: &str, call: CallId, terms: Terms) -> Verdict {
        let Some(refresh) = self.refreshes.get_mut(token) else {
            return Verdict::Refused;
        };
        let family = refresh.family;
        if self.families[family].ended.is_some() {
            return Verdict::Refused;
        }
        if let (Some(earlier), true) = (refresh.spent_by, terms.rotates) {
            self.end(family, "a token was spent twice");
            return Verdict::Reused(earlier);
        }
        refresh.spent_by = Some(call);
        self.refreshed += 1;
        let kept = (!terms.rotates).then_some(token);
        Verdict::Granted(self.grant(family, kept, terms))
    }

    /// A new access token for one that is still good.
    pub(crate) fn renew_by_access(&mut self, token: &str, terms: Terms) -> Verdict {
        match self.accesses.get(token) {
            Some(access) if self.is_good(token, terms.now) => {
                let family = access.family;
                self.refreshed += 1;
                Verdict::Granted(self.grant(family, None, terms))
            }
            _ => Verdict::Refused,
        }
    }

    /// A newer access token of the same family, beside an answer to something else; the refresh token stays.
    pub(crate) fn slide(&mut self, family: FamilyId, terms: Terms) -> Grant {
        let terms = Terms {
            gives_refresh: false,
            ..terms
        };
        self.grant(family, None, terms)
    }

    pub(crate) fn is_good(&self, token: &str, now: i64) -> bool {
        self.accesses.get(token).is_some_and(|access| {
            access.expires > now && self.families[access.family].ended.is_none()
        })
    }

    pub(crate) fn end_by_access(&mut self, token: &str) {
        if let Some(family) = self.family_of(token) {
            self.end(family, "signed out");
        }
    }

    pub(crate) fn end_by_refresh(&mut self, token: &str) {
        if let Some(family) = self.refreshes.get(token).map(|refresh| refresh.family) {
            self.end(family, "signed out");
        }
    }

    pub(crate) fn end_all_of(&mut self, user: u8) {
        for family in 0..self.families.len() {
            if self.families[family].user == user {
                self.end(family, "revoked");
            }
        }
    }

    pub(crate) fn family_of(&self, access: &str) -> Option<FamilyId> {
        self.accesses.get(access).map(|access| access.family)
    }

    pub(crate) fn end(&mut self, family: FamilyId, reason: &'static str) {
        self.families[family].ended.get_or_insert(reason);
    }

    fn grant(&mut self, family: FamilyId, kept: Option<&str>, terms: Terms) -> Grant {
        self.serial += 1;
        let serial = self.serial;
        let access = jwt(serial, self.families[family].user, terms);
        self.accesses.insert(
            access.clone(),
            Access {
                family,
                serial,
                expires: terms.now + terms.lifetime,
                lifetime: terms.lifetime,
                received: None,
            },
        );
        let refresh = (terms.gives_refresh && kept.is_none()).then(|| {
            let token = format!("R{serial}");
            let spent_by = None;
            self.refreshes
                .insert(token.clone(), Refresh { family, spent_by });
            token
        });
        Grant {
            access,
            refresh,
            lifetime: terms.lifetime,
        }
    }
}

fn jwt(serial: u64, user: u8, terms: Terms) -> String {
    let (iat, exp) = (terms.now, terms.now + terms.lifetime);
    let seconds = |millis: i64| format!("{}.{:03}", millis / 1_000, millis % 1_000);
    let (iat, exp) = (seconds(iat), seconds(exp));
    let claims = format!(r#"{{"jti":"A{serial}","sub":"user{user}","iat":{iat},"exp":{exp}}}"#);
    let claims = Base64UrlUnpadded::encode_string(claims.as_bytes());
    format!("eyJhbGciOiJub25lIn0.{claims}.A{serial:07}")
}
