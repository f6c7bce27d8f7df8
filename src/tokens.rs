//! Tokens that may be used: built only by checking.

use crate::claims::{Jwt, NumericDate};
use crate::error::{Error, ErrorKind};
use crate::oidc::grant::Grant;
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
    /// What the application keeps of the user, as JSON, not yet checked; `None`: what is known stays.
    pub profile: Option<Secret>,
    /// What the session keeps of its provider, where the tokens come from one; `None`: what is known stays.
    pub grant: Option<Grant>,
}

impl TokenSet {
    /// Takes out what the session keeps of its provider. An ID token of more than `limit` bytes is not kept: no URL
    /// would carry it as a hint, and a record with it would not be read again.
    pub fn take_grant(&mut self, limit: usize) -> Option<Grant> {
        let mut grant = self.grant.take()?;
        grant.id_token = grant.id_token.filter(|token| token.expose().len() <= limit);
        Some(grant)
    }
}

/// Checked tokens, and how long they live from the moment of receipt.
///
/// The lifetime counts from receipt, so a device whose clock is wrong by a day loses nothing (REL-08). It is
/// `expires_in`, or else the shorter of `exp - iat` and `exp` by the server's clock, where that is not over.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    access: Secret,
    refresh: Option<Secret>,
    jwt: Option<Jwt>,
    received: Timestamp,
    lifetime: Option<Span>,
    skew: Option<Span>,
    has_date: bool,
}

/// An `iat` that is older on receipt is the sign-in, and not the moment of issue.
const FRESH: Span = Span::from_millis(60_000);

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
        let tokens = Self::check(set.access, set.refresh, received, limit)?;
        Ok(tokens.measured(set.date, set.expires_in, skew))
    }

    /// The same for tokens that renew `older` and were asked for no longer than `waited` ago. They may show
    /// that `skew` is too large, as it is where the clock was set forward since it was measured.
    ///
    /// # Errors
    /// As [`Tokens::receive`].
    pub fn renew(
        set: TokenSet,
        received: Timestamp,
        skew: Span,
        limit: usize,
        older: &Tokens,
        waited: Span,
    ) -> Result<Self, Error> {
        let tokens = Self::check(set.access, set.refresh, received, limit)?;
        let lowered = tokens.lower(skew, older, waited);
        let mut tokens = tokens.measured(set.date, set.expires_in, lowered.unwrap_or(skew));
        tokens.skew = tokens.skew.or(lowered);
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
        // What was measured on receipt is not stored; the end and the life show it again.
        let ends = tokens.date("exp").zip(lifetime);
        tokens.skew = ends
            .map(|(ends, lifetime)| ends.since(received).minus(lifetime))
            .max(tokens.by_issue());
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

    /// With this refresh token.
    #[must_use]
    pub fn with_refresh(mut self, refresh: Secret) -> Self {
        self.refresh = Some(refresh);
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

    /// How long the access token lives from receipt; `None` where that is not known.
    pub const fn lifetime(&self) -> Option<Span> {
        self.lifetime
    }

    /// How much of its life is left at `now`, never more than all of it.
    pub fn remaining(&self, now: Timestamp) -> Option<Span> {
        let lifetime = self.lifetime?;
        let age = now.since(self.received).max(Span::ZERO);
        Some(lifetime.minus(age))
    }

    /// From receipt until the time in `claim`, by the server's clock as far as it is known: as these show it,
    /// or else by `skew`, as it was last seen. A claim of the wrong type is over already.
    pub fn until(&self, claim: &str, skew: Span) -> Option<Span> {
        let jwt = self.jwt.as_ref()?;
        match jwt.date(claim) {
            NumericDate::Absent => None,
            NumericDate::Malformed => Some(Span::ZERO),
            NumericDate::Seconds(seconds) => {
                let start = self.received.plus(self.skew.unwrap_or(skew));
                let moment = Timestamp::from_numeric_date(seconds);
                let left = moment.since(start);
                let issued = self.issued().filter(|_| self.date("exp").is_none());
                Some(match issued {
                    // Nothing else contradicts a clock that is days ahead.
                    Some(issued) if left <= Span::ZERO => moment.since(issued),
                    _ => left,
                })
            }
        }
    }

    /// How far the server's clock was ahead of this device's on receipt, where these show it.
    pub const fn skew(&self) -> Option<Span> {
        self.skew
    }

    /// Whether these were measured against the server's clock: by `Date`, or by an `iat` that can be the
    /// moment of issue.
    pub fn show_the_clock(&self, skew: Span) -> bool {
        let skew = self.skew.unwrap_or(skew);
        let by_issue = self.by_issue();
        self.has_date || by_issue.is_some_and(|by_issue| skew.minus(by_issue) < FRESH)
    }

    /// The life by `exp`. What comes over by every clock comes from a server that thinks it good.
    fn until_exp(&self, skew: Span) -> Option<Span> {
        let left = self.until("exp", skew)?;
        let longest = self.date("exp").zip(self.issued());
        let longest = longest.map(|(ends, issued)| ends.since(issued));
        Some(match longest {
            Some(longest) if left <= Span::ZERO || longest < left => longest,
            _ => left,
        })
    }

    /// The skew: by the answer's `Date`, or else what is `known`, as long as the token does not contradict
    /// it. A token that came just now was issued before now and ends later, whatever the clocks say. `iat`
    /// is the measure of last resort, for with many servers it is the sign-in of hours ago.
    fn measure(&self, by_date: Option<Span>, known: Span) -> Option<Span> {
        let skew = by_date.unwrap_or(known);
        let ends = self.date("exp").map(|ends| ends.since(self.received));
        let is_over = ends.is_some_and(|ends| ends <= skew);
        let by_issue = self.by_issue();
        by_issue
            .filter(|issue| is_over || (by_date.is_none() && *issue > skew))
            .or(by_date)
    }

    fn measured(mut self, date: Option<Timestamp>, expires_in: Option<f64>, skew: Span) -> Self {
        self.has_date = date.is_some();
        self.skew = self.measure(date.map(|date| date.since(self.received)), skew);
        self.lifetime = match expires_in {
            Some(seconds) => Some(Span::from_seconds(seconds)),
            None => self.until_exp(skew),
        };
        self.lifetime = self.lifetime.map(|lifetime| lifetime.max(Span::ZERO));
        self
    }

    /// What `known` must be lowered to. An `iat` that is later than that of `older` is the moment of issue, and
    /// that lies after the question. Some servers date it back a little, so it says nothing as long as three
    /// quarters of the life are left.
    fn lower(&self, known: Span, older: &Tokens, waited: Span) -> Option<Span> {
        let issued = self.issued()?;
        let ends = self.date("exp")?;
        let left = ends.since(self.received.plus(known));
        let life = ends.since(issued);
        let is_issue = older.issued().is_some_and(|before| before < issued);
        let most = issued.since(self.received).plus(waited.max(Span::ZERO));
        (is_issue && left < life.minus(life.part(4)) && most < known).then_some(most)
    }

    /// How far the server's clock was ahead at least.
    fn by_issue(&self) -> Option<Span> {
        self.issued().map(|issued| issued.since(self.received))
    }

    /// `iat`; one that is later than the end says nothing.
    fn issued(&self) -> Option<Timestamp> {
        let ends = self.date("exp");
        self.date("iat")
            .filter(|issued| ends.is_none_or(|ends| *issued <= ends))
    }

    fn date(&self, claim: &str) -> Option<Timestamp> {
        self.jwt.as_ref()?.date(claim).timestamp()
    }

    /// Whether `other` speaks of another subject, where both name one. The issuer does not count: some servers
    /// write the URL there under which they were asked.
    pub fn contradicts(&self, other: &Tokens) -> bool {
        let jwts = self.jwt.as_ref().zip(other.jwt.as_ref());
        jwts.is_some_and(|(mine, theirs)| mine.contradicts(theirs))
    }

    /// Whether the access token is that of `other`, from the same answer.
    pub fn are_as_received(&self, other: &Tokens) -> bool {
        self.received == other.received && self.access == other.access
    }

    /// Whether these can be newer than `other`: another access token that was not issued, or else does not end, before
    /// the one that is there.
    pub fn may_follow(&self, other: &Tokens) -> bool {
        let dates = |claim| self.date(claim).zip(other.date(claim));
        self.access != other.access
            && dates("iat")
                .or_else(|| dates("exp"))
                .is_none_or(|(mine, theirs)| mine >= theirs)
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
                "the access token is no token68 (RFC 9110, section 11.2): letters, digits and -._~+/, with = at the end only",
            ));
        }
        let jwt = Jwt::read(access.expose()).ok();
        Ok(Self {
            access,
            refresh: refresh.filter(|token| !token.expose().is_empty()),
            jwt,
            received,
            lifetime: None,
            skew: None,
            has_date: false,
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
            profile: None,
            grant: None,
        };
        Tokens::receive(set, NOW, Span::ZERO, 16_384)
    }

    #[test]
    fn oidc_6_an_id_token_that_no_record_may_hold_is_not_kept() {
        let kept = |limit| {
            let mut set = TokenSet {
                access: Secret::from("a"),
                refresh: None,
                expires_in: None,
                date: None,
                profile: None,
                grant: Some(Grant {
                    subject: Some("ann".to_owned()),
                    id_token: Some(Secret::from("e.y.J")),
                    ..Grant::default()
                }),
            };
            let grant = set.take_grant(limit).unwrap();
            assert_eq!(grant.subject.as_deref(), Some("ann"));
            grant.id_token.is_some()
        };
        assert_eq!((kept(5), kept(4)), (true, false));
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
            profile: None,
            grant: None,
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
        // What was seen before counts where nothing else is known. `Date` outranks `iat` as the measure of
        // the clocks; `exp - iat` still bounds the life.
        assert_eq!(life(token(ends, None), hour), (60_000, None));
        let both = r#"{"iat":1700003640,"exp":1700003660}"#;
        assert_eq!(life(token(both, date), Span::ZERO), (20_000, Some(hour)));
    }

    /// `iat` is the sign-in of three hours ago, or now; the device is right, ahead or behind; the server
    /// shows its `Date`, or its clock was measured before, or neither.
    #[test]
    fn rel_08_iat_bounds_the_life_and_does_not_give_it() {
        let hour = 3_600;
        for issued_ago in [0, 3 * hour] {
            for ahead in [0, hour, -hour, 86_400, -86_400] {
                let server = NOW.as_millis() / 1_000 - ahead;
                let (iat, exp) = (server - issued_ago, server + 300);
                let skew = Span::from_millis(-ahead * 1_000);
                let life = |date, known| {
                    let set = TokenSet {
                        access: jwt(&format!(r#"{{"iat":{iat},"exp":{exp}}}"#)),
                        refresh: None,
                        expires_in: None,
                        date,
                        profile: None,
                        grant: None,
                    };
                    let tokens = Tokens::receive(set, NOW, known, 16_384).unwrap();
                    (
                        tokens.lifetime().unwrap().as_millis() / 1_000,
                        tokens.skew(),
                    )
                };
                let case = format!("iat {issued_ago} s ago, the device {ahead} s ahead");
                let date = Some(NOW.plus(skew));
                assert_eq!(life(date, Span::ZERO), (300, Some(skew)), "{case}, Date");
                assert_eq!(life(date, Span::from_millis(-skew.as_millis())).0, 300);
                assert_eq!(life(None, skew).0, 300, "{case}, measured before");
                // By `iat` alone: exact where it is the moment of issue, never longer than it allows, never none.
                let (alone, _) = life(None, Span::ZERO);
                assert!(alone >= 300 && alone <= 300 + issued_ago, "{case}: {alone}");
                if issued_ago == 0 || ahead == 0 {
                    assert_eq!(alone, 300, "{case}, nothing but iat");
                }
            }
        }
    }

    #[test]
    fn rel_08_what_is_measured_once_holds_for_the_next_token() {
        let hour = Span::from_millis(3_600_000);
        let after = |claims: &str, known| {
            let set = TokenSet {
                access: jwt(claims),
                refresh: None,
                expires_in: None,
                date: None,
                profile: None,
                grant: None,
            };
            let skew = Tokens::receive(set, NOW, known, 16_384).unwrap().skew();
            skew.unwrap_or(known)
        };
        // Fresh `iat`: this device is an hour ahead, an hour behind, right.
        let fast = Span::from_millis(-3_600_000);
        assert_eq!(
            after(r#"{"iat":1699996400,"exp":1699996700}"#, Span::ZERO),
            fast
        );
        assert_eq!(
            after(r#"{"iat":1700003600,"exp":1700003900}"#, Span::ZERO),
            hour
        );
        assert_eq!(
            after(r#"{"iat":1700000000,"exp":1700000300}"#, Span::ZERO),
            Span::ZERO
        );
        // The sign-in of three hours ago says nothing against a measure that fits.
        let old = r#"{"iat":1699989200,"exp":1700000300}"#;
        assert_eq!(after(old, Span::ZERO), Span::ZERO);
        assert_eq!(after(r#"{"iat":1699992800,"exp":1700003900}"#, hour), hour);
        // A measure that nothing can fit any more is given up: the clock was set.
        assert_eq!(
            after(r#"{"iat":1700000000,"exp":1700000300}"#, hour),
            Span::ZERO
        );
    }

    #[test]
    fn an_earlier_time_is_measured_like_the_end() {
        let until = |claims: &str, date, known| {
            let set = TokenSet {
                access: jwt(claims),
                refresh: None,
                expires_in: None,
                date,
                profile: None,
                grant: None,
            };
            let tokens = Tokens::receive(set, NOW, known, 16_384).unwrap();
            let restored = Tokens::restore(
                tokens.access().clone(),
                None,
                NOW,
                tokens.lifetime(),
                16_384,
            )
            .unwrap();
            [
                tokens.until("soft", known),
                restored.until("soft", Span::ZERO),
            ]
            .map(|soft| soft.unwrap().as_millis())
        };
        // `iat` is the sign-in of three hours ago.
        let right = r#"{"iat":1699989200,"soft":1700000200,"exp":1700000300}"#;
        assert_eq!(until(right, None, Span::ZERO), [200_000; 2]);
        // On a device that is an hour ahead, by `Date` or by what was measured before.
        let fast = r#"{"iat":1699985600,"soft":1699996600,"exp":1699996700}"#;
        let ahead = Span::from_millis(-3_600_000);
        assert_eq!(until(fast, Some(NOW.plus(ahead)), Span::ZERO), [200_000; 2]);
        assert_eq!(until(fast, None, ahead), [200_000; 2]);
        let issued_now = r#"{"iat":1699996400,"soft":1699996600,"exp":1699996700}"#;
        assert_eq!(until(issued_now, None, Span::ZERO), [200_000; 2]);
        // One that has passed is due.
        let passed = r#"{"iat":1699989200,"soft":1699999990,"exp":1700000300}"#;
        assert!(until(passed, None, Span::ZERO)[0] <= 0);
    }

    #[test]
    fn rel_09_and_rel_15_strange_lifetimes() {
        lives(r#"{"exp":1699999999}"#, None, Some(0.0));
        lives(r#"{"iat":5,"exp":1}"#, None, Some(0.0));
        lives(r#"{"exp":"1800000000"}"#, None, Some(0.0));
        lives(r#"{"exp":null,"iat":1}"#, None, Some(0.0));
        lives("{}", None, None);
        lives("{}", Some(-5.0), Some(0.0));
        lives(
            r#"{"iat":1699999999,"exp":3153600000}"#,
            None,
            Some(1_453_600_000.0),
        );
        let endless = receive(jwt(r#"{"iat":1,"exp":1e308}"#), None).unwrap();
        assert_eq!(
            endless.lifetime().unwrap().as_millis(),
            i64::MAX - NOW.as_millis()
        );
        // An `iat` later than the end bounds nothing: milliseconds, a slip of the server's.
        lives(
            r#"{"iat":1700000000000,"exp":1700000300}"#,
            None,
            Some(300.0),
        );
        lives(r#"{"iat":1700000301,"exp":1700000300}"#, None, Some(300.0));
        lives(r#"{"iat":1700000300,"exp":1700000300}"#, None, Some(0.0));
        lives(
            r#"{"iat":"1700000000","exp":1700000300}"#,
            None,
            Some(300.0),
        );
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
        assert!(ann.contradicts(&of(r#"{"sub":"bob","iss":"a"}"#)));
        assert!(!ann.contradicts(&of(r#"{"sub":"ann"}"#)));
        assert!(!ann.contradicts(&of("{}")));
    }

    #[test]
    fn sec_38_an_issuer_makes_no_other_user() {
        let of = |payload| receive(jwt(payload), None).unwrap();
        let first = of(r#"{"sub":7,"iss":"https://a.test/sign-in"}"#);
        for same in [
            r#"{"sub":7,"iss":"https://a.test/refresh"}"#,
            r#"{"sub":7,"iss":["b"]}"#,
            r#"{"sub":7}"#,
            r#"{"iss":"https://b.test"}"#,
        ] {
            assert!(!first.contradicts(&of(same)), "{same}");
        }
    }

    #[test]
    fn sec_38_a_subject_of_any_type() {
        let of = |sub: &str| receive(jwt(&format!(r#"{{"sub":{sub}}}"#)), None).unwrap();
        for (mine, theirs) in [
            ("1", "2"),
            ("1", r#""2""#),
            ("-1", "1"),
            ("1.5", "1"),
            ("0", "false"),
            ("true", "false"),
            (r#""a""#, r#""A""#),
            ("\"\"", r#""a""#),
            ("[1]", "[2]"),
            (r#"{"id":1}"#, r#"{"id":2}"#),
            ("9007199254740993", "9007199254740992"),
            ("1234567890123456789", "1234567890123456788"),
        ] {
            assert!(of(mine).contradicts(&of(theirs)), "{mine} and {theirs}");
            assert!(of(theirs).contradicts(&of(mine)), "{theirs} and {mine}");
        }
        for (mine, theirs) in [
            ("1", "1"),
            ("1", "1.0"),
            ("1e3", "1000"),
            ("1", r#""1""#),
            ("1234567890123456789", r#""1234567890123456789""#),
            ("1234567890123456789", "1234567890123456789"),
            (r#""ann""#, r#""\u0061nn""#),
            (r#"{"id":1}"#, r#"{ "id" : 1 }"#),
            ("null", "1"),
            ("null", r#""ann""#),
            (" 7 ", "7"),
        ] {
            assert!(!of(mine).contradicts(&of(theirs)), "{mine} and {theirs}");
            assert!(!of(theirs).contradicts(&of(mine)), "{theirs} and {mine}");
        }
    }
}
