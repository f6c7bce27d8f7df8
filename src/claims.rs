//! Reads a JWT without verifying it.
//!
//! Anyone can write a token, so nothing here says "valid" (OWASP ASVS 9.1.1). What is read serves three
//! ends: to know when to refresh, to see whether the fingerprint is there, and to show the claims to the
//! application. Whatever is not a compact JWS with a JSON object inside is opaque to a session.
//!
//! [`jwt_compact::UntrustedToken`] decides the structure: three parts, header and signature in canonical base64url
//! without padding. It decides nothing else. What it thinks of the header is ignored: it wants an `alg`, certain types
//! and no nested content, to choose a key and an algorithm, and here none is chosen; a token that it would not verify
//! still has an end, and claims to show. Its `Claims` are not used either: they drop the fraction of `exp`, and refuse a
//! token for a claim of the wrong type or one that stands twice, where the contract says what each of them means. So
//! both texts are read by serde_json as they stand, and the application is given them as they stand. It is not shown
//! the payload, which it would decode and keep to itself: the longest part is decoded once.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::{ParseError, UntrustedToken};
use serde::de::{Deserialize, Deserializer, IgnoredAny};

use crate::error::{Error, ErrorKind};
use crate::json::{Json, Members};
use crate::secret::{Secret, wipe_stack};
use crate::time::Timestamp;

/// Header and claims of a compact JWS, unverified: the JSON texts, and the members at the top level.
/// `Debug` shows none of it: claims are about people.
#[derive(Clone, PartialEq)]
pub struct Jwt {
    header: Secret,
    claims: Secret,
    members: Members,
}

/// A time claim, as found. A wrong type is not the same as none (CVE-2026-25537).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumericDate {
    /// There is no such claim.
    Absent,
    /// Seconds since the epoch; any finite number (RFC 7519, section 2).
    Seconds(f64),
    /// Something else than a number stands there.
    Malformed,
}

impl NumericDate {
    /// As a moment, where there is one.
    pub const fn timestamp(self) -> Option<Timestamp> {
        match self {
            Self::Seconds(seconds) => Some(Timestamp::from_numeric_date(seconds)),
            Self::Absent | Self::Malformed => None,
        }
    }
}

impl Jwt {
    /// Reads `token`, step by step; each step has its own message.
    ///
    /// # Errors
    /// `malformed_token`: not three parts, not strict base64url (RFC 7515, section 2), not UTF-8, or
    /// header or payload is no JSON object.
    ///
    /// ```
    /// # use hallpass::claims::{Jwt, NumericDate};
    /// let jwt = Jwt::read("eyJhbGciOiJub25lIn0.eyJleHAiOjEyfQ.").unwrap();
    /// assert_eq!(jwt.date("exp"), NumericDate::Seconds(12.0));
    /// ```
    pub fn read(token: &str) -> Result<Self, Error> {
        Self::read_by(token, Members::parse)
    }

    /// The same where only the texts and `exp` are wanted: of the claims it knows no other.
    ///
    /// # Errors
    /// As [`Jwt::read`], for the same tokens.
    pub fn read_texts(token: &str) -> Result<Self, Error> {
        Self::read_by(token, |claims| Members::parse_only(claims, &["exp"]))
    }

    fn read_by(token: &str, members: fn(&str) -> Option<Members>) -> Result<Self, Error> {
        let (header, claims) = take_apart(token)?;
        Members::parse_only(header.expose(), &[])
            .ok_or_else(|| malformed("the header is not a JSON object"))?;
        let members = members(claims.expose())
            .ok_or_else(|| malformed("the payload is not a JSON object"))?;
        Ok(Self {
            header,
            claims,
            members,
        })
    }

    /// The header's JSON text.
    pub fn header(&self) -> &str {
        self.header.expose()
    }

    /// The payload's JSON text.
    pub fn claims(&self) -> &str {
        self.claims.expose()
    }

    /// A claim that should hold a time.
    pub fn date(&self, claim: &str) -> NumericDate {
        match self.members.get(claim).map(Json::as_number) {
            None => NumericDate::Absent,
            Some(Some(seconds)) => NumericDate::Seconds(seconds),
            Some(None) => NumericDate::Malformed,
        }
    }

    /// Whether `other` speaks of another subject. Servers write the same one as a number and as a text, so what
    /// counts is what stands there; but no two numbers are the same because a double cannot tell them apart.
    /// A token that names none (null included) contradicts no other.
    pub fn contradicts(&self, other: &Self) -> bool {
        let (Some(mine), Some(theirs)) = (self.claim("sub"), other.claim("sub")) else {
            return false;
        };
        let is_same_value = mine == theirs && !mine.is_inexact();
        !is_same_value && self.name(mine) != other.name(theirs)
    }

    fn name<'a>(&'a self, subject: &'a Json) -> Option<&'a str> {
        let raw = || Json::raw(self.claims(), "sub");
        subject.as_text().or_else(raw)
    }

    /// A claim of any type; null counts as missing.
    pub fn claim(&self, name: &str) -> Option<&Json> {
        let value = self.members.get(name);
        value.filter(|value| **value != Json::Null)
    }

    /// A claim that holds a text.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.members.get(claim)?.as_text()
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt")
    }
}

fn malformed(message: &'static str) -> Error {
    Error::new(ErrorKind::MalformedToken, message)
}

/// The texts of header and payload.
fn take_apart(token: &str) -> Result<(Secret, Secret), Error> {
    let (header, payload, signature) = parts(token).ok_or_else(|| malformed(THREE_PARTS))?;
    let structure = check_structure(&Secret::from([header, "..", signature].concat()));
    // jwt-compact keeps a signature of up to 128 bytes there, decoded.
    wipe_stack();
    structure?;
    Ok((
        text(header, "the header is not UTF-8 text in base64url")?,
        text(payload, "the payload is not UTF-8 text in base64url")?,
    ))
}

/// Header, payload, and the rest.
fn parts(token: &str) -> Option<(&str, &str, &str)> {
    let (header, rest) = token.split_once('.')?;
    let (payload, rest) = rest.split_once('.')?;
    Some((header, payload, rest))
}

/// Whether it has three parts of base64url.
// Not inlined: what it leaves on the stack lies below its caller's frame, where `wipe_stack` reaches it.
#[inline(never)]
fn check_structure(token: &Secret) -> Result<(), Error> {
    match UntrustedToken::<AnyHeader>::try_from(token.expose()) {
        // jwt-compact reads the header last, when the parts are good.
        Ok(_) | Err(ParseError::MalformedHeader(_) | ParseError::UnsupportedContentType(_)) => {
            Ok(())
        }
        Err(ParseError::InvalidBase64Encoding) => Err(malformed(NOT_BASE64URL)),
        Err(_) => Err(malformed(THREE_PARTS)),
    }
}

const THREE_PARTS: &str = "a JWT has three parts with dots between them";
const NOT_BASE64URL: &str = "a part of the token is not base64url";

/// What else a header says: not read here.
struct AnyHeader;

impl<'de> Deserialize<'de> for AnyHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_ignored_any(IgnoredAny)
            .map(|_| Self)
    }
}

fn text(part: &str, otherwise: &'static str) -> Result<Secret, Error> {
    let bytes = Base64UrlUnpadded::decode_vec(part);
    let bytes = bytes.map_err(|_| malformed(NOT_BASE64URL))?;
    let text = String::from_utf8(bytes).map_err(|_| malformed(otherwise))?;
    Ok(Secret::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(header: &str, payload: &[u8]) -> String {
        let header = Base64UrlUnpadded::encode_string(header.as_bytes());
        let payload = Base64UrlUnpadded::encode_string(payload);
        format!("{header}.{payload}.c2ln")
    }

    fn payload(json: &str) -> Result<Jwt, Error> {
        Jwt::read(&jwt(r#"{"alg":"none"}"#, json.as_bytes()))
    }

    #[track_caller]
    fn refused(token: &str, message: &str) {
        for error in [Jwt::read(token), Jwt::read_texts(token)].map(Result::unwrap_err) {
            assert_eq!(
                (error.code(), error.message()),
                ("malformed_token", message)
            );
        }
    }

    #[test]
    fn sec_34_exp_by_type() {
        let exp =
            |value: &str| payload(&format!(r#"{{"exp":{value}}}"#)).map(|jwt| jwt.date("exp"));
        for (value, seconds) in [
            ("1700000000.5", 1_700_000_000.5),
            ("1E9", 1e9),
            ("-1", -1.0),
            ("-0", 0.0),
            ("0", 0.0),
            ("9007199254740993", 9_007_199_254_740_992.0),
            ("253402300800", 253_402_300_800.0),
            ("1700000000000", 1_700_000_000_000.0),
        ] {
            assert_eq!(exp(value), Ok(NumericDate::Seconds(seconds)), "{value}");
        }
        for value in [r#""1700000000""#, "true", "[]", "{}", "null"] {
            assert_eq!(exp(value), Ok(NumericDate::Malformed), "{value}");
        }
        assert!(exp("1e400").is_err(), "no double holds it");
        assert_eq!(payload("{}").unwrap().date("exp"), NumericDate::Absent);
    }

    #[test]
    fn sec_33_the_last_duplicate_wins() {
        for json in [r#"{"exp":1,"exp":9}"#, r#"{"exp":1,"\u0065xp":9}"#] {
            assert_eq!(
                payload(json).unwrap().date("exp"),
                NumericDate::Seconds(9.0)
            );
        }
        assert!(payload(r#"{"a":{"b":1,"b":2}}"#).is_ok());
    }

    #[test]
    fn sec_29_any_alg_is_read_and_none_is_trusted() {
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"nOnE"}"#,
            r#"{"alg":5}"#,
            "{}",
            r#"{"alg":"x","typ":1}"#,
        ] {
            let read = Jwt::read(&jwt(header, b"{}")).unwrap();
            assert_eq!(read.header(), header);
        }
    }

    #[test]
    fn sec_30_structure() {
        for token in ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e", "...."] {
            refused(token, THREE_PARTS);
        }
        refused("..", "the header is not a JSON object");
        for json in ["null", "[]", "1", r#""x""#, "{", ""] {
            refused(
                &jwt("{}", json.as_bytes()),
                "the payload is not a JSON object",
            );
        }
        refused(&jwt("[]", b"{}"), "the header is not a JSON object");
    }

    #[test]
    fn sec_31_base64url_is_strict() {
        for part in ["e30=", "e3 0", "e31", "e3+", "e3/", "e", "e30\n"] {
            let token = format!("eyJhbGciOiJub25lIn0.{part}.");
            assert_eq!(
                Jwt::read(&token).unwrap_err().code(),
                "malformed_token",
                "{part:?}"
            );
        }
    }

    #[test]
    fn sec_32_utf8_is_fatal() {
        refused(
            &jwt("{}", b"{\"a\":\"\xff\"}"),
            "the payload is not UTF-8 text in base64url",
        );
        refused(
            &jwt("{}", "\u{feff}{}".as_bytes()),
            "the payload is not a JSON object",
        );
        assert_eq!(
            payload(r#"{"sub":"Zoë 🎫"}"#).unwrap().text("sub"),
            Some("Zoë 🎫")
        );
    }

    #[test]
    fn sec_36_depth_is_bounded() {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(payload(&deep).is_err());
        let shallow = format!(r#"{{"a":{}{}}}"#, "[".repeat(100), "]".repeat(100));
        assert!(payload(&shallow).is_ok());
    }
}
