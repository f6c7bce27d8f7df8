//! Codes of an authenticator app (TOTP, RFC 6238): six digits, new ones every 30 seconds, and
//! HMAC-SHA-1, which is all that every app can do.

use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, Secret, TOTP};

const DIGITS: usize = 6;
const STEP_SECONDS: u64 = 30;

/// Codes of so many steps before and after are good, too: clocks differ, and typing takes time
/// (RFC 6238, 5.2).
const DRIFT: i64 = 1;

/// The time step of a good code that is later than `last`: no code is good a second time.
pub(crate) fn step_of(code: &str, secret: &[u8], now: i64, last: i64) -> Option<i64> {
    let totp = totp(secret)?;
    // Apps show a space in the middle.
    let code: String = code.split_whitespace().collect();
    let step = now.div_euclid(STEP_SECONDS.cast_signed());
    let mut steps = step.saturating_sub(DRIFT)..=step.saturating_add(DRIFT);
    steps.find(|step| *step > last && is_code_of(&totp, *step, &code))
}

/// The secret as people copy it into an app: base32, at least 128 bits (RFC 4226, 4).
pub(crate) fn secret(base32: &str) -> Option<Vec<u8>> {
    let secret = Secret::Encoded(base32.to_owned()).to_bytes().ok()?;
    totp(&secret).map(|_| secret)
}

/// What an authenticator app takes, as a link or as a QR code. `None` for a secret that is too
/// short.
pub fn uri(username: &str, secret: &[u8]) -> Option<String> {
    let secret = totp(secret)?.get_secret_base32();
    Some(format!(
        "otpauth://totp/hallpass:{username}?secret={secret}&issuer=hallpass"
    ))
}

fn totp(secret: &[u8]) -> Option<TOTP> {
    // The crate's own check knows no last step: drift is counted here.
    TOTP::new(Algorithm::SHA1, DIGITS, 0, STEP_SECONDS, secret.to_vec()).ok()
}

fn is_code_of(totp: &TOTP, step: i64, code: &str) -> bool {
    u64::try_from(step).is_ok_and(|step| {
        let right = totp.generate(step.saturating_mul(STEP_SECONDS));
        right.as_bytes().ct_eq(code.as_bytes()).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::DEMO_TOTP_SECRET as SECRET;

    /// RFC 6238, appendix B, the last six of eight digits.
    #[test]
    fn the_codes_of_the_rfc() {
        for (now, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(code, SECRET, now, 0), Some(now / 30), "{code}");
        }
    }

    #[test]
    fn a_step_of_drift_and_no_more() {
        let (code, now) = ("050471", 1_111_111_111);
        let step = now / 30;
        for (drift, good) in [
            (-60, false),
            (-30, true),
            (0, true),
            (30, true),
            (60, false),
        ] {
            let found = step_of(code, SECRET, now + drift, 0);
            assert_eq!(found, good.then_some(step), "{drift}");
        }
    }

    #[test]
    fn a_code_is_good_once() {
        let (code, now) = ("050471", 1_111_111_111);
        let step = now / 30;
        assert_eq!(step_of(code, SECRET, now, step - 1), Some(step));
        assert_eq!(step_of(code, SECRET, now, step), None);
        assert_eq!(step_of(code, SECRET, now, step + 1), None);
    }

    #[test]
    fn anything_else_is_no_code() {
        let now = 1_111_111_111;
        assert!(step_of("050 471 ", SECRET, now, 0).is_some());
        for code in [
            "",
            "50471",
            "0050471",
            "05047l",
            "０５０４７１",
            "050471050471",
        ] {
            assert_eq!(step_of(code, SECRET, now, 0), None, "{code}");
        }
        for now in [i64::MIN, -1, i64::MAX] {
            assert_eq!(step_of("050471", SECRET, now, 0), None);
        }
        assert_eq!(step_of("050471", b"short", now, 0), None);
    }

    #[test]
    fn secrets_are_base32() {
        let text = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(secret(text).as_deref(), Some(SECRET));
        assert_eq!(
            uri("demo", SECRET).as_deref(),
            Some(
                "otpauth://totp/hallpass:demo?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=hallpass"
            )
        );
        for bad in [
            "",
            "GEZDGNBV",
            "not base32!",
            "1111111111111111111111111111111",
        ] {
            assert_eq!(secret(bad), None, "{bad}");
        }
    }
}
