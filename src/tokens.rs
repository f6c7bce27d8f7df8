//! Tokens that may be used: built only by checking.

use crate::claims::{Jwt, NumericDate};
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;
use crate::time::{Span, Timestamp};

/// Tokens as an answer or the application named them, not yet checked.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenSet {
    /// The access token.
    pub access: Secret,
    /// The refresh token, where one was given.
    pub refresh: Option<Secret>,
    /// `expires_in`, in seconds from receipt.
    pub expires_in: Option<f64>,
    /// What the answer's `Date` header said, where a script may read it.
    pub date: Option<Timestamp>,
}

/// Checked tokens, and how long they live from the moment of receipt.
///
/// The lifetime counts from receipt, so a device whose clock is wrong by a day loses nothing (REL-08).
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    access: Secret,
    refresh: Option<Secret>,
    jwt: Option<Jwt>,
    received: Timestamp,
    lifetime: Option<Span>,
    skew: Option<Span>,
}

impl Tokens {
    /// Checks `set`, received at `received`. `skew` is how far the server's clock was last seen ahead of
    /// this device's, for tokens that do not show it themselves; `limit` is the longest token accepted, in bytes.
    ///
    /// # Errors
    /// `token_too_large`, or `malformed_token` for an access token that no `Authorization` header can
    /// carry (`token68` of RFC 9110, section 11.2).
    pub fn receive(
        set: TokenSet,
        received: Timestamp,
        skew: Span,
        limit: usize,
    ) -> Result<Self, Error> {
        let mut tokens = Self::check(set.access, set.refresh, received, limit)?;
        let by_header = set.date.map(|date| date.since(received));
        tokens.skew = tokens.skew.or(by_header);
        tokens.lifetime = match set.expires_in {
            Some(seconds) => Some(Span::from_seconds(seconds)),
            None => tokens.until("exp", skew),
        };
        tokens.lifetime = tokens.lifetime.map(|lifetime| lifetime.max(Span::ZERO));
        Ok(tokens)
    }

    /// The same from a stored record, where the lifetime is already known.
    ///
    /// # Errors
    /// As [`Tokens::receive`].
    pub fn restore(
        access: Secret,
        refresh: Option<Secret>,
        received: Timestamp,
        lifetime: Option<Span>,
        limit: usize,
    ) -> Result<Self, Error> {
        let mut tokens = Self::check(access, refresh, received, limit)?;
        tokens.lifetime = lifetime;
        Ok(tokens)
    }

    /// With the refresh token of `older` where these came without one (RFC 6749, section 6).
    #[must_use]
    pub fn keeping_refresh_of(mut self, older: &Tokens) -> Self {
        if self.refresh.is_none() {
            self.refresh.clone_from(&older.refresh);
        }
        self
    }

    /// Without the refresh token.
    #[must_use]
    pub fn without_refresh(mut self) -> Self {
        self.refresh = None;
        self
    }

    /// The access token.
    pub const fn access(&self) -> &Secret {
        &self.access
    }

    /// The refresh token.
    pub const fn refresh(&self) -> Option<&Secret> {
        self.refresh.as_ref()
    }

    /// What the access token says, where it is a JWT.
    pub const fn jwt(&self) -> Option<&Jwt> {
        self.jwt.as_ref()
    }

    /// When these arrived.
    pub const fn received(&self) -> Timestamp {
        self.received
    }

    /// How long the access token lives from receipt; `None` where nobody knows.
    pub const fn lifetime(&self) -> Option<Span> {
        self.lifetime
    }

    /// How much of its life is left at `now`, never more than all of it.
    pub fn remaining(&self, now: Timestamp) -> Option<Span> {
        let lifetime = self.lifetime?;
        let age = now.since(self.received).max(Span::ZERO);
        Some(lifetime.minus(age))
    }

    /// From receipt until the time in `claim`: measured against what was "now" for the server, by `iat`
    /// or the answer's `Date`, or else against this device's clock and the skew last seen. A claim of the wrong type is over already.
    pub fn until(&self, claim: &str, skew: Span) -> Option<Span> {
        let jwt = self.jwt.as_ref()?;
        match jwt.date(claim) {
            NumericDate::Absent => None,
            NumericDate::Malformed => Some(Span::ZERO),
            NumericDate::Seconds(seconds) => {
                let start = self.received.plus(self.skew.unwrap_or(skew));
                Some(Timestamp::from_numeric_date(seconds).since(start))
            }
        }
    }

    /// How far the server's clock was ahead of this device's on receipt, where these show it.
    pub const fn skew(&self) -> Option<Span> {
        self.skew
    }

    /// Whether `other` speaks of another subject or issuer, where both name one.
    pub fn contradicts(&self, other: &Tokens) -> bool {
        let (Some(mine), Some(theirs)) = (&self.jwt, &other.jwt) else {
            return false;
        };
        ["sub", "iss"]
            .iter()
            .filter_map(|claim| mine.text(claim).zip(theirs.text(claim)))
            .any(|(mine, theirs)| mine != theirs)
    }

    fn check(
        access: Secret,
        refresh: Option<Secret>,
        received: Timestamp,
        limit: usize,
    ) -> Result<Self, Error> {
        let texts = [Some(&access), refresh.as_ref()];
        if texts
            .into_iter()
            .flatten()
            .any(|token| token.expose().len() > limit)
        {
            return Err(Error::from(ErrorKind::TokenTooLarge));
        }
        if !is_token68(access.expose()) {
            return Err(Error::new(
                ErrorKind::MalformedToken,
                "the access token is empty or has characters that no Authorization header may carry",
            ));
        }
        let jwt = Jwt::read(access.expose()).ok();
        let issued = jwt.as_ref().and_then(|jwt| jwt.date("iat").timestamp());
        Ok(Self {
            access,
            refresh: refresh.filter(|token| !token.expose().is_empty()),
            jwt,
            received,
            lifetime: None,
            skew: issued.map(|issued| issued.since(received)),
        })
    }
}

/// `token68`: what an `Authorization` header may carry after the scheme (RFC 9110, section 11.2).
pub fn is_token68(text: &str) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    let length = text.bytes().take_while(is_allowed).count();
    length > 0 && text.bytes().skip(length).all(|byte| byte == b'=')
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn jwt(payload: &str) -> Secret {
        Secret::from(format!(
            "eyJhbGciOiJub25lIn0.{}.",
            Base64UrlUnpadded::encode_string(payload.as_bytes())
        ))
    }

    fn receive(access: Secret, expires_in: Option<f64>) -> Result<Tokens, Error> {
        let set = TokenSet {
            access,
            refresh: None,
            expires_in,
            date: None,
        };
        Tokens::receive(set, NOW, Span::ZERO, 16_384)
    }

    #[track_caller]
    fn lives(payload: &str, expires_in: Option<f64>, seconds: Option<f64>) {
        let tokens = receive(jwt(payload), expires_in).unwrap();
        assert_eq!(
            tokens.lifetime(),
            seconds.map(Span::from_seconds),
            "{payload}"
        );
    }

    #[test]
    fn rel_08_lifetime_counts_from_receipt_whatever_the_clocks_say() {
        lives(r#"{"iat":100,"exp":160}"#, None, Some(60.0));
        lives(r#"{"iat":1700086400,"exp":1700086460}"#, None, Some(60.0));
        lives(r#"{"iat":1,"exp":2}"#, Some(300.0), Some(300.0));
        lives(r#"{"exp":1700000060}"#, None, Some(60.0));
    }

    #[test]
    fn rel_08_the_date_of_the_answer_stands_in_for_iat() {
        let hour = Span::from_millis(3_600_000);
        let token = |payload, date| TokenSet {
            access: jwt(payload),
            refresh: None,
            expires_in: None,
            date,
        };
        let life = |set, skew| {
            let tokens = Tokens::receive(set, NOW, skew, 16_384).unwrap();
            (tokens.lifetime().unwrap().as_millis(), tokens.skew())
        };
        // This device is an hour slow, so the token would seem to live for one hour and a minute.
        let ends = r#"{"exp":1700003660}"#;
        assert_eq!(life(token(ends, None), Span::ZERO), (3_660_000, None));
        let date = Some(NOW.plus(hour));
        assert_eq!(life(token(ends, date), Span::ZERO), (60_000, Some(hour)));
        // What was seen before counts where nothing else is known, and `iat` counts most.
        assert_eq!(life(token(ends, None), hour), (60_000, None));
        let both = r#"{"iat":1700003640,"exp":1700003660}"#;
        let by_iat = Some(Span::from_millis(3_640_000));
        assert_eq!(life(token(both, date), Span::ZERO), (20_000, by_iat));
    }

    #[test]
    fn rel_09_and_rel_15_strange_lifetimes() {
        lives(r#"{"exp":1699999999}"#, None, Some(0.0));
        lives(r#"{"iat":5,"exp":1}"#, None, Some(0.0));
        lives(r#"{"exp":"1800000000"}"#, None, Some(0.0));
        lives(r#"{"exp":null,"iat":1}"#, None, Some(0.0));
        lives("{}", None, None);
        lives("{}", Some(-5.0), Some(0.0));
        lives(r#"{"iat":0,"exp":3153600000}"#, None, Some(3_153_600_000.0));
        lives(r#"{"iat":0,"exp":1e308}"#, None, Some(f64::INFINITY));
    }

    #[test]
    fn rel_07_a_clock_set_back_does_not_lengthen_a_restored_token() {
        let tokens = receive(jwt(r#"{"iat":0,"exp":60}"#), None).unwrap();
        let yesterday = Timestamp::from_millis(NOW.as_millis() - 86_400_000);
        assert_eq!(tokens.remaining(yesterday), Some(Span::from_millis(60_000)));
        assert_eq!(
            tokens.remaining(NOW.plus(Span::from_millis(61_000))),
            Some(Span::from_millis(-1_000))
        );
    }

    #[test]
    fn sec_21_only_token68_may_be_an_access_token() {
        for good in ["a", "a.b-c_d~e+f/g==", "abc="] {
            assert!(receive(Secret::from(good), None).is_ok(), "{good:?}");
        }
        for bad in [
            "",
            "=",
            "a b",
            "a\n",
            "a\r\nX: y",
            "a\0",
            "ä",
            "a=b",
            "\"a\"",
            "a,b",
        ] {
            let error = receive(Secret::from(bad), None).unwrap_err();
            assert_eq!(error.code(), "malformed_token", "{bad:?}");
        }
    }

    #[test]
    fn sec_36_size_is_bounded_before_anything_is_read() {
        let error = receive(Secret::from("a".repeat(16_385)), None).unwrap_err();
        assert_eq!(error.code(), "token_too_large");
        assert!(receive(Secret::from("a".repeat(16_384)), None).is_ok());
    }

    #[test]
    fn sec_30_what_is_no_jws_is_opaque() {
        for opaque in ["opaque", "a.b.c.d.e", "a.b.c"] {
            let tokens = receive(Secret::from(opaque), None).unwrap();
            assert_eq!((tokens.jwt(), tokens.lifetime()), (None, None));
        }
    }

    #[test]
    fn sec_38_another_subject_is_noticed() {
        let of = |payload| receive(jwt(payload), None).unwrap();
        let ann = of(r#"{"sub":"ann","iss":"a"}"#);
        assert!(ann.contradicts(&of(r#"{"sub":"bob"}"#)));
        assert!(ann.contradicts(&of(r#"{"sub":"ann","iss":"b"}"#)));
        assert!(!ann.contradicts(&of(r#"{"sub":"ann"}"#)));
        assert!(!ann.contradicts(&of("{}")));
    }
}
