//! Answers as texts, runs of real programs, and the source on a paused clock.

mod answers;
#[cfg(unix)]
mod runs;
mod source;

use ferry_model::{Credentials, Secret};

/// 2026-01-01 00:00:00 UTC.
const NOW: i64 = 1_767_225_600_000;
const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

fn key(id: &str, secret: &str, token: Option<&str>, expires_ms: Option<i64>) -> Credentials {
    Credentials {
        access_key_id: id.into(),
        access_key_secret: Secret::new(secret),
        security_token: token.map(Secret::new),
        expires_ms,
    }
}
