//! What the three operations on task tokens share: their errors (recorded).

use runtime::TokenError;
use wire::ApiError;

use crate::errors;

pub(super) fn refused(error: TokenError) -> ApiError {
    match error {
        TokenError::Invalid => ApiError::invalid_token("Invalid Token: 'Invalid token'"),
        TokenError::DoesNotExist => ApiError::task_does_not_exist("Task does not exist"),
        TokenError::TimedOut => {
            ApiError::task_timed_out("Task Timed Out: 'Provided task does not exist anymore'")
        }
        TokenError::Unavailable(why) => errors::unavailable(&why),
    }
}
