//! Whether a signature is right. ring does the work, and p521 for its curve.

use p521::ecdsa::signature::Verifier as _;
use ring::hmac;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};

use crate::algorithms::Algorithm;
use crate::jwk::Material;

/// Of a public key. A key of another kind than the algorithm's is never right.
pub(crate) fn is_of_key(
    algorithm: Algorithm,
    key: &Material,
    signed: &str,
    signature: &[u8],
) -> bool {
    match key {
        Material::Rsa { n, e } => rsa(algorithm).is_some_and(|parameters| {
            RsaPublicKeyComponents { n, e }
                .verify(parameters, signed.as_bytes(), signature)
                .is_ok()
        }),
        Material::Ec(point) if algorithm == Algorithm::Es512 => p521(point, signed, signature),
        Material::Ec(point) => ecdsa(algorithm).is_some_and(|parameters| {
            UnparsedPublicKey::new(parameters, point)
                .verify(signed.as_bytes(), signature)
                .is_ok()
        }),
        Material::Ed25519(x) => {
            matches!(algorithm, Algorithm::EdDsa | Algorithm::Ed25519)
                && UnparsedPublicKey::new(&ED25519, x)
                    .verify(signed.as_bytes(), signature)
                    .is_ok()
        }
    }
}

/// Of a shared secret; compared in constant time.
pub(crate) fn is_of_secret(
    algorithm: Algorithm,
    secret: &[u8],
    signed: &str,
    signature: &[u8],
) -> bool {
    let hash = match algorithm {
        Algorithm::Hs256 => hmac::HMAC_SHA256,
        Algorithm::Hs384 => hmac::HMAC_SHA384,
        Algorithm::Hs512 => hmac::HMAC_SHA512,
        _ => return false,
    };
    hmac::verify(&hmac::Key::new(hash, secret), signed.as_bytes(), signature).is_ok()
}

fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn ecdsa(algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match algorithm {
        Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
        Algorithm::Es384 => &ECDSA_P384_SHA384_FIXED,
        _ => return None,
    })
}

fn p521(point: &[u8], signed: &str, signature: &[u8]) -> bool {
    let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point);
    let signature = p521::ecdsa::Signature::from_slice(signature);
    let (Ok(key), Ok(signature)) = (key, signature) else {
        return false;
    };
    key.verify(signed.as_bytes(), &signature).is_ok()
}
