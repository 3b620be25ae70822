//! Service tokens: HS256, audience `engine`, an expiry is required. Only the monolith calls the engine; what the engine
//! calls of the monolith needs a token that it [issues](Issuer) itself.

mod issue;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};

use crate::config::Secret;
use crate::error::Error;
use crate::hs256;
pub use issue::Issuer;

const AUDIENCE: &str = "engine";

/// Without a secret every call is let in.
pub struct Auth(Option<(DecodingKey, Validation)>);

/// What is checked of the claims is in [`Validation`]; the rest does not matter.
#[derive(Clone, serde::Deserialize)]
struct Claims {}

impl Auth {
    /// `open` is a defect: a token's audience and time are not checked, only its signature.
    pub fn new(secret: Option<&Secret>, open: bool) -> Self {
        hs256::install();
        Self(secret.map(|Secret(secret)| {
            // The algorithm is fixed here, never taken from the token: `none` and others are refused.
            let mut validation = Validation::new(Algorithm::HS256);
            validation.set_audience(&[AUDIENCE]);
            validation.set_required_spec_claims(&["exp", "aud"]);
            validation.validate_nbf = true;
            validation.leeway = 0;
            if open {
                validation.validate_aud = false;
                validation.validate_exp = false;
                validation.validate_nbf = false;
            }
            (DecodingKey::from_secret(secret.as_bytes()), validation)
        }))
    }

    pub fn check(&self, headers: &HeaderMap) -> Result<(), Error> {
        let Some((key, validation)) = &self.0 else {
            return Ok(());
        };
        let token = bearer(headers).ok_or(Error::Unauthenticated("a bearer token is needed"))?;
        match decode::<Claims>(token, key, validation) {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::Unauthenticated(match error.kind() {
                ErrorKind::ExpiredSignature => "the token has expired",
                ErrorKind::InvalidAudience => "the token is for another audience",
                _ => "the token is not valid",
            })),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
    use serde_json::json;

    use super::*;

    const SECRET: &str = "a secret of at least thirty-two bytes";

    fn token(algorithm: Algorithm, secret: &str, claims: &serde_json::Value) -> String {
        // Whoever signs or checks first decides for the whole process: it must not be a test without a provider.
        hs256::install();
        let key = EncodingKey::from_secret(secret.as_bytes());
        encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    fn check(authorization: &str) -> Result<(), Error> {
        let auth = Auth::new(Some(&Secret(SECRET.to_owned())), false);
        let mut headers = HeaderMap::new();
        if !authorization.is_empty() {
            headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        }
        auth.check(&headers)
    }

    #[test]
    fn only_a_valid_token_is_let_in() {
        let auth = Auth::new(Some(&Secret(SECRET.to_owned())), false);
        assert!(auth.check(&HeaderMap::new()).is_err());
        let later = get_current_timestamp() + 60;
        let bearer = |claims| format!("Bearer {}", token(Algorithm::HS256, SECRET, &claims));
        let good = json!({"aud": "engine", "exp": later});
        assert_eq!(check(&bearer(good.clone())), Ok(()));
        let several = json!({"aud": ["orders", "engine"], "exp": later, "sub": "monolith"});
        assert_eq!(check(&bearer(several)), Ok(()));

        let refused = [
            json!({"aud": "engine", "exp": get_current_timestamp() - 1}),
            json!({"aud": "engine", "exp": "tomorrow"}),
            json!({"aud": "engine"}),
            json!({"aud": "orders", "exp": later}),
            json!({"exp": later}),
            json!({"aud": "engine", "exp": later, "nbf": later}),
        ];
        for claims in refused {
            assert!(check(&bearer(claims.clone())).is_err(), "{claims}");
        }
        let other = token(Algorithm::HS256, "another secret", &good);
        assert!(check(&format!("Bearer {other}")).is_err());
        let good = token(Algorithm::HS256, SECRET, &good);
        for text in ["", "Bearer", "Bearer x", &good, &format!("Basic {good}")] {
            assert!(check(text).is_err(), "{text}");
        }
    }

    /// `{"alg":"none"}` with an empty signature, and with a signature of the real secret.
    #[test]
    fn the_algorithm_is_not_the_tokens_choice() {
        let good = token(
            Algorithm::HS256,
            SECRET,
            &json!({"aud": "engine", "exp": get_current_timestamp() + 60}),
        );
        let parts: Vec<&str> = good.split('.').collect();
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        for signature in ["", parts[2]] {
            let token = format!("Bearer {none}.{}.{signature}", parts[1]);
            assert!(check(&token).is_err(), "{token}");
        }
    }

    #[test]
    fn open_it_still_checks_the_signature() {
        let open = Auth::new(Some(&Secret(SECRET.to_owned())), true);
        let check = |secret: &str, claims: serde_json::Value| {
            let token = token(Algorithm::HS256, secret, &claims);
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
            open.check(&headers)
        };
        let now = get_current_timestamp();
        let expired = json!({"aud": "engine", "exp": now - 1});
        assert_eq!(check(SECRET, expired.clone()), Ok(()));
        assert_eq!(
            check(SECRET, json!({"aud": "orders", "exp": now + 60})),
            Ok(())
        );
        assert!(check("another secret", expired).is_err());
        assert!(open.check(&HeaderMap::new()).is_err());
    }

    #[test]
    fn without_a_secret_everybody_is_let_in() {
        assert_eq!(Auth::new(None, false).check(&HeaderMap::new()), Ok(()));
    }
}
