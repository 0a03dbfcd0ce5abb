//! Task tokens: opaque to clients, authenticated with a key of the store, and enough to find the task again without
//! an index. People wait on them for months, so the form never changes without a new version byte.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The key that tokens are authenticated with.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

/// What a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenSubject {
    /// Key of the execution, as the store counts them.
    pub execution: u64,
    /// The effect that waits.
    pub effect: u32,
}

/// Version byte of the only form so far.
const FORM: u8 = 1;
/// Bytes of a token before its authentication code.
const BODY: usize = 13;
/// Bytes of the authentication code.
const CODE: usize = 20;

impl TokenKey {
    /// A key from 32 secret bytes.
    pub fn new(bytes: [u8; 32]) -> TokenKey {
        TokenKey(bytes)
    }

    /// The token of a task.
    pub fn token(&self, subject: TokenSubject) -> String {
        let mut bytes = Vec::with_capacity(BODY + CODE);
        bytes.push(FORM);
        bytes.extend_from_slice(&subject.execution.to_be_bytes());
        bytes.extend_from_slice(&subject.effect.to_be_bytes());
        let code = self.code(&bytes);
        bytes.extend_from_slice(&code);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a token stands for, or `None` when this key did not make it.
    pub fn verify(&self, token: &str) -> Option<TokenSubject> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (body, code) = bytes.split_at_checked(BODY)?;
        let mut mac = self.mac();
        mac.update(body);
        (code.len() == CODE).then_some(())?;
        mac.verify_truncated_left(code).ok()?;
        let (form, rest) = body.split_first()?;
        (*form == FORM).then_some(())?;
        let (execution, effect) = rest.split_at_checked(8)?;
        Some(TokenSubject {
            execution: u64::from_be_bytes(execution.try_into().ok()?),
            effect: u32::from_be_bytes(effect.try_into().ok()?),
        })
    }

    fn mac(&self) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        Hmac::new_from_slice(&self.0).expect("a key of any length")
    }

    fn code(&self, body: &[u8]) -> Vec<u8> {
        let mut mac = self.mac();
        mac.update(body);
        mac.finalize().into_bytes().iter().take(CODE).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_its_subject_to_its_own_key_only() {
        let key = TokenKey::new([7; 32]);
        let subject = TokenSubject { execution: 0x0102_0304_0506_0708, effect: 42 };
        let token = key.token(subject);
        assert_eq!(key.verify(&token), Some(subject));
        assert_eq!(TokenKey::new([8; 32]).verify(&token), None);
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(key.verify(std::str::from_utf8(&forged).unwrap()), None, "byte {at} changed");
        }
        assert_eq!(key.verify(""), None);
        assert_eq!(key.verify("not a token"), None);
    }
}
