//! What does a refusal of SQLite's mean to the layer?

use rusqlite::ErrorCode;

use crate::record::log::LogError;

/// Its words hold no values.
pub(super) fn failed(error: rusqlite::Error) -> LogError {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::ConstraintViolation
            | ErrorCode::TooBig
            | ErrorCode::TypeMismatch,
        ) => LogError::rejected(error),
        _ => LogError::unavailable(error),
    }
}
