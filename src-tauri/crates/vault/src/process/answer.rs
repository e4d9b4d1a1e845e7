//! What a credential command prints: one JSON object, in one of the forms of the vendors' own
//! tools.
//!
//! - AWS CLI and SDKs, `credential_process`:
//!   `{"Version":1,"AccessKeyId","SecretAccessKey","SessionToken","Expiration"}`;
//! - ossutil 2, `credentialProcess`, and the Alibaba SDKs:
//!   `{"AccessKeyId","AccessKeySecret","SecurityToken","Expiration"}`;
//! - Alibaba Cloud CLI, mode `External`:
//!   `{"mode":"AK"|"StsToken","access_key_id","access_key_secret","sts_token"}`, which is a profile
//!   of its own `config.json`, so that `sts_expiration` (seconds since 1970) may stand in it;
//! - both STS services' answers to AssumeRole, where the key stands under `Credentials`.

use ferry_model::{Credentials, Secret};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::{Iso8601, Rfc3339};
use zeroize::Zeroize;

use super::error::ProcessCause;

/// All fields of all forms. Wiped when dropped.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Version")]
    version: Option<serde_json::Number>,
    #[serde(rename = "AccessKeyId")]
    id: Option<String>,
    #[serde(rename = "SecretAccessKey")]
    aws_secret: Option<String>,
    #[serde(rename = "SessionToken")]
    aws_token: Option<String>,
    #[serde(rename = "AccessKeySecret")]
    sts_secret: Option<String>,
    #[serde(rename = "SecurityToken")]
    sts_token: Option<String>,
    #[serde(rename = "Expiration")]
    expiration: Option<When>,
    #[serde(rename = "Credentials")]
    inner: Option<Box<Answer>>,
    mode: Option<String>,
    #[serde(rename = "access_key_id")]
    cli_id: Option<String>,
    #[serde(rename = "access_key_secret")]
    cli_secret: Option<String>,
    #[serde(rename = "sts_token")]
    cli_token: Option<String>,
    #[serde(rename = "expiration")]
    cli_expiration: Option<When>,
    sts_expiration: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum When {
    /// ISO 8601.
    Text(String),
    /// Seconds since 1970.
    Seconds(i64),
}

impl Drop for Answer {
    fn drop(&mut self) {
        for secret in [&mut self.aws_secret, &mut self.aws_token, &mut self.sts_secret] {
            secret.zeroize();
        }
        for secret in [&mut self.sts_token, &mut self.cli_secret, &mut self.cli_token] {
            secret.zeroize();
        }
    }
}

/// The parts of a key, taken out of an answer.
struct Parts {
    id: Option<String>,
    secret: Option<Secret>,
    token: Option<Secret>,
    ends: Option<When>,
}

/// Reads what a command printed at `now_ms` (milliseconds since 1970).
///
/// # Errors
/// [`ProcessCause::BadAnswer`] and [`ProcessCause::Ended`]; they quote nothing of the text but the
/// time of its end.
pub(crate) fn read(text: &[u8], now_ms: i64) -> Result<Credentials, ProcessCause> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    // The reader's own error could quote what it read.
    let mut answer: Answer = serde_json::from_slice(text)
        .map_err(|_| ProcessCause::BadAnswer("it did not print one JSON object"))?;
    let parts = parts(&mut answer)?;
    let id = parts
        .id
        .filter(|id| !id.is_empty())
        .ok_or(ProcessCause::BadAnswer("its answer has no access key id"))?;
    let secret = parts
        .secret
        .filter(|secret| !secret.is_empty())
        .ok_or(ProcessCause::BadAnswer("its answer has no access key secret"))?;
    let token = parts.token.filter(|token| !token.is_empty());
    let texts = [Some(id.as_str()), Some(secret.expose()), token.as_ref().map(Secret::expose)];
    if texts.into_iter().flatten().any(|text| text.chars().any(char::is_control)) {
        return Err(ProcessCause::BadAnswer("the key in its answer holds control characters"));
    }
    let ends = parts.ends.filter(|when| !matches!(when, When::Text(text) if text.is_empty()));
    let expires_ms = ends.as_ref().map(milliseconds).transpose()?;
    if let Some(ended) = expires_ms.filter(|end| *end <= now_ms) {
        return Err(ProcessCause::Ended(shown(ended)));
    }
    Ok(Credentials {
        access_key_id: id,
        access_key_secret: secret,
        security_token: token,
        expires_ms,
    })
}

fn parts(answer: &mut Answer) -> Result<Parts, ProcessCause> {
    if let Some(mut inner) = answer.inner.take() {
        return if inner.inner.is_some() {
            Err(ProcessCause::BadAnswer(UNKNOWN))
        } else {
            bare(&mut inner)
        };
    }
    // The AWS form demands the version; so do the AWS tools.
    if answer.aws_secret.is_some()
        && answer.version.as_ref().and_then(serde_json::Number::as_i64) != Some(1)
    {
        return Err(ProcessCause::BadAnswer("its answer is not of version 1"));
    }
    if answer.cli_id.is_some() || answer.cli_secret.is_some() { cli(answer) } else { bare(answer) }
}

const UNKNOWN: &str = "its answer has none of the known forms";

fn bare(answer: &mut Answer) -> Result<Parts, ProcessCause> {
    if answer.aws_secret.is_some() && answer.sts_secret.is_some() {
        return Err(ProcessCause::BadAnswer(UNKNOWN));
    }
    let aws = answer.aws_secret.is_some();
    let (secret, token) = if aws {
        (&mut answer.aws_secret, &mut answer.aws_token)
    } else {
        (&mut answer.sts_secret, &mut answer.sts_token)
    };
    Ok(Parts {
        id: answer.id.take(),
        secret: secret.take().map(Secret::new),
        token: token.take().map(Secret::new),
        ends: answer.expiration.take(),
    })
}

fn cli(answer: &mut Answer) -> Result<Parts, ProcessCause> {
    let token = answer.cli_token.take().map(Secret::new).filter(|token| !token.is_empty());
    let mode = answer.mode.as_deref().unwrap_or_default().to_ascii_lowercase();
    let token = match (mode.as_str(), token) {
        // Its owner leaves a token aside in this mode.
        ("ak", _) => None,
        ("ststoken", None) => return Err(ProcessCause::BadAnswer("its answer has no STS token")),
        ("ststoken" | "", token) => token,
        _ => {
            return Err(ProcessCause::BadAnswer(
                "its answer is of a mode other than AK and StsToken",
            ));
        }
    };
    let ends = answer
        .cli_expiration
        .take()
        .or(answer.sts_expiration.filter(|end| *end > 0).map(When::Seconds));
    Ok(Parts {
        id: answer.cli_id.take(),
        secret: answer.cli_secret.take().map(Secret::new),
        ends: if token.is_some() { ends } else { None },
        token,
    })
}

fn milliseconds(when: &When) -> Result<i64, ProcessCause> {
    const UNREADABLE: ProcessCause =
        ProcessCause::BadAnswer("the end of the key in its answer is no time that can be read");
    match when {
        When::Seconds(seconds) => seconds.checked_mul(1000).ok_or(UNREADABLE),
        When::Text(text) => end_ms(text).ok_or(UNREADABLE),
    }
}

/// Reads the end of a key as tools write it: ISO 8601 with an offset. In milliseconds since 1970;
/// `None` if it is none.
pub fn end_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    // `Z`, `+00:00` and, by the other, `+0000`.
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(text, &Iso8601::PARSING))
        .ok()?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()
}

fn shown(ms: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000))
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok());
    time.unwrap_or_else(|| format!("{ms} ms"))
}
