//! Pagination tokens: opaque, bound to their operation and its arguments, authenticated, good for 24 hours (API reference:
//! `nextToken`). They hold a position, no secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use store::Store;
use wire::ApiError;

/// How long a token is good, in milliseconds.
const LIFE_MS: i64 = 24 * 60 * 60 * 1000;
/// Version byte of the only form so far.
const FORM: u8 = 1;
/// Bytes of the authentication code.
const CODE: usize = 16;
/// Bytes before the position: the form and the expiry.
const HEAD: usize = 9;
/// What a page holds when the request does not say (API reference).
const DEFAULT_PAGE: usize = 100;

/// The key that pagination tokens are authenticated with; kept in the store, so that tokens outlive a restart.
pub(crate) struct PageKey([u8; 32]);

impl PageKey {
    /// The store's key.
    pub(crate) fn of(store: &dyn Store) -> Result<PageKey, store::Error> {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|why| store::Error::Failed(format!("no randomness: {why}")))?;
        let kept = store.property("page-key", &fresh)?;
        let bytes = <[u8; 32]>::try_from(kept.as_slice())
            .map_err(|_| store::Error::Version("the store's page key has another length".into()))?;
        Ok(PageKey(bytes))
    }

    /// The token for the page that begins at `position` of a list. `list` names the list: the operation and whatever of its
    /// arguments a next page must repeat.
    pub(crate) fn token(&self, list: &str, position: &str, now_ms: i64) -> String {
        let mut bytes = Vec::with_capacity(HEAD + position.len() + CODE);
        bytes.push(FORM);
        bytes.extend_from_slice(&now_ms.saturating_add(LIFE_MS).to_be_bytes());
        bytes.extend_from_slice(position.as_bytes());
        let code = self.mac(list, &bytes).finalize().into_bytes();
        bytes.extend(code.iter().take(CODE));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position that a token of this list says.
    ///
    /// # Errors
    /// `InvalidToken` (recorded text) for a token of another list or another store, an altered or an expired one.
    pub(crate) fn position(&self, list: &str, token: &str, now_ms: i64) -> Result<String, ApiError> {
        self.read(list, token, now_ms)
            .ok_or_else(|| ApiError::invalid_token("Invalid Token: 'Invalid token'"))
    }

    fn read(&self, list: &str, token: &str, now_ms: i64) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (body, code) = bytes.split_at_checked(bytes.len().checked_sub(CODE)?)?;
        self.mac(list, body).verify_truncated_left(code).ok()?;
        let (head, position) = body.split_at_checked(HEAD)?;
        let (form, expiry) = head.split_first()?;
        let expiry = i64::from_be_bytes(expiry.try_into().ok()?);
        (*form == FORM && now_ms < expiry).then_some(())?;
        String::from_utf8(position.to_vec()).ok()
    }

    fn mac(&self, list: &str, body: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::new_from_slice(&self.0).expect("a key of any length");
        mac.update(&(list.len() as u64).to_be_bytes());
        mac.update(list.as_bytes());
        mac.update(body);
        mac
    }
}

/// How many entries a page may have: `maxResults`, where nothing and 0 mean 100.
pub(crate) fn page_size(max_results: Option<i32>) -> usize {
    match max_results.and_then(|size| usize::try_from(size).ok()) {
        None | Some(0) => DEFAULT_PAGE,
        Some(size) => size,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_list_for_a_day() {
        let key = PageKey([7; 32]);
        let token = key.token("ListExecutions m", "42", 1000);
        let check = |list: &str, token: &str, now: i64, expected: Option<&str>| {
            assert_eq!(key.read(list, token, now).as_deref(), expected, "{list} {token} {now}");
        };
        check("ListExecutions m", &token, 1000, Some("42"));
        check("ListExecutions m", &token, 999 + LIFE_MS, Some("42"));
        check("ListExecutions m", &token, 1000 + LIFE_MS, None);
        check("ListExecutions n", &token, 1000, None);
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            check("ListExecutions m", std::str::from_utf8(&forged).unwrap(), 1000, None);
        }
        check("ListExecutions m", "", 1000, None);
        check("ListExecutions m", "no token", 1000, None);
        assert_eq!(PageKey([8; 32]).read("ListExecutions m", &token, 1000), None);
        let error = key.position("x", "y", 0).unwrap_err();
        assert_eq!((error.code(), error.message()), ("InvalidToken", "Invalid Token: 'Invalid token'"));
    }

    #[test]
    fn pages_have_100_entries_unless_told() {
        let check = |given: Option<i32>, expected: usize| assert_eq!(page_size(given), expected, "{given:?}");
        check(None, 100);
        check(Some(0), 100);
        check(Some(1), 1);
        check(Some(1000), 1000);
    }
}
