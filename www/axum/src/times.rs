//! `iat`, `nbf` and `exp` (RFC 7519, section 4.1).

use serde_json::Value;

use crate::code::UnauthorizedCode as Code;
use crate::compact::Claims;

/// Numbers all, where they are there, and `now` between `nbf` and `exp`, give or take the tolerance.
#[expect(
    clippy::cast_precision_loss,
    reason = "times that are no more than a double holds"
)]
pub(crate) fn check(claims: &Claims, now: i64, tolerance: u32) -> Result<(), Code> {
    let tolerance = i64::from(tolerance);
    number(claims, "iat")?;
    if number(claims, "nbf")?.is_some_and(|nbf| nbf > now.saturating_add(tolerance) as f64) {
        return Err(Code::TokenNotActive);
    }
    if number(claims, "exp")?.is_some_and(|exp| exp <= now.saturating_sub(tolerance) as f64) {
        return Err(Code::TokenExpired);
    }
    Ok(())
}

/// Seconds since the epoch; RFC 7519, section 2, allows fractions.
pub(crate) fn number(claims: &Claims, name: &str) -> Result<Option<f64>, Code> {
    let number = |value: &Value| value.as_f64().ok_or(Code::MalformedToken);
    claims.get(name).map(number).transpose()
}
