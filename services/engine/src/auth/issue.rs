//! Tokens for the calls that the engine makes.

use http::HeaderValue;
use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};

use crate::config::Secret;
use crate::hs256;

/// Short, as a token can't be revoked. It is made anew for each call: that is one hash.
const LIFETIME_SECONDS: u64 = 60;

pub struct Issuer {
    key: EncodingKey,
    audience: &'static str,
}

#[derive(serde::Serialize)]
struct Claims {
    iss: &'static str,
    aud: &'static str,
    iat: u64,
    exp: u64,
}

impl Issuer {
    pub fn new(Secret(secret): &Secret, audience: &'static str) -> Self {
        hs256::install();
        Self {
            key: EncodingKey::from_secret(secret.as_bytes()),
            audience,
        }
    }

    /// The value of the `Authorization` header. `None`: it cannot be made, which no secret brings about.
    pub fn authorization(&self) -> Option<HeaderValue> {
        let now = get_current_timestamp();
        let claims = Claims {
            iss: "engine",
            aud: self.audience,
            iat: now,
            exp: now + LIFETIME_SECONDS,
        };
        let token = encode(&Header::default(), &claims, &self.key).ok()?;
        let mut value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}
