//! Tokens, and the answers and records that hold them.

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::answer::Answer;
use hallpass::event::Stored;
use hallpass::record::{Record, Sid};
use hallpass::secret::Secret;
use hallpass::time::{Span, Timestamp};
use hallpass::tokens::{TokenSet, Tokens};

/// What a server grants.
#[derive(Clone)]
pub(crate) struct Grant {
    access: String,
    refresh: Option<String>,
    expires_in: Option<f64>,
    pub(super) cookie_hash: Option<String>,
}

/// A token of this name for Ann that lives for five minutes, without a refresh token.
pub(crate) fn grant(name: &str) -> Grant {
    grant_with(name, r#""sub":"ann""#)
}

/// A token with these claims (`"sub":"ann","exp":5`) that lives for five minutes.
pub(crate) fn grant_with(name: &str, claims: &str) -> Grant {
    let comma = if claims.is_empty() { "" } else { "," };
    Grant {
        access: jwt(&format!(r#"{{"jti":"{name}"{comma}{claims}}}"#)),
        refresh: None,
        expires_in: Some(300.0),
        cookie_hash: None,
    }
}

/// A token that is no JWT.
pub(crate) fn opaque(name: &str) -> Grant {
    Grant {
        access: name.to_owned(),
        refresh: None,
        expires_in: Some(300.0),
        cookie_hash: None,
    }
}

impl Grant {
    /// With a refresh token.
    pub(crate) fn and(mut self, refresh: &str) -> Self {
        self.refresh = Some(refresh.to_owned());
        self
    }

    /// With this signature, where it is a JWT.
    pub(crate) fn signed(mut self, signature: &str) -> Self {
        if self.access.ends_with('.') {
            self.access.push_str(signature);
        }
        self
    }

    /// With this `expires_in`.
    pub(crate) const fn lasting(mut self, seconds: f64) -> Self {
        self.expires_in = Some(seconds);
        self
    }

    /// Without `expires_in`.
    pub(crate) const fn undated(mut self) -> Self {
        self.expires_in = None;
        self
    }

    /// Obtained with a cookie of this hash, in client mode.
    pub(crate) fn with_cookie(mut self, hash: &str) -> Self {
        self.cookie_hash = Some(hash.to_owned());
        self
    }

    pub(crate) fn access(&self) -> Secret {
        Secret::from(self.access.as_str())
    }

    pub(crate) fn set(&self) -> TokenSet {
        TokenSet {
            access: self.access(),
            refresh: self.refresh.as_deref().map(Secret::from),
            expires_in: self.expires_in,
            date: None,
            profile: None,
            grant: None,
        }
    }

    /// As the answer to a refresh.
    pub(crate) fn answer(&self) -> Answer {
        Answer::Tokens(self.set())
    }

    /// As another tab of this name would have stored it, received at `at`.
    pub(crate) fn record(&self, sid: &Sid, generation: u64, at: Timestamp) -> Record {
        Record {
            sid: sid.clone(),
            generation: generation.into(),
            tokens: Tokens::receive(self.set(), at, Span::ZERO, 16_384).unwrap(),
            signed_in: at,
            group: None,
            ahead: Span::ZERO,
            set_back: Span::ZERO,
            profile: None,
            grant: None,
        }
    }
}

/// An unsigned JWT around this payload.
pub(crate) fn jwt(payload: &str) -> String {
    jwt_of_bytes(payload.as_bytes())
}

/// An unsigned JWT with this header and no claims.
pub(crate) fn jwt_with_header(header: &str) -> String {
    format!(
        "{}.e30.",
        Base64UrlUnpadded::encode_string(header.as_bytes())
    )
}

pub(crate) fn jwt_of_bytes(payload: &[u8]) -> String {
    let payload = Base64UrlUnpadded::encode_string(payload);
    format!("eyJhbGciOiJub25lIn0.{payload}.")
}

pub(crate) fn found(record: Record) -> Stored {
    Stored::Found(Box::new(record))
}

/// The name of a session that no tab here has made.
pub(crate) fn other_sid() -> Sid {
    Sid::new([0xee; 16], 0)
}
