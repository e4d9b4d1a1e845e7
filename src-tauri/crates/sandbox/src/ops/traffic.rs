//! `x-oss-traffic-limit`: the speed that a client sets for one request (OSS: "Single-connection
//! bandwidth throttling").

use super::{Call, Operation};
use crate::error::ApiError;
use crate::request::Dialect;

const NAME: &str = "x-oss-traffic-limit";
/// 100 KB/s to 100 MB/s, in bits a second.
const ALLOWED: std::ops::RangeInclusive<u64> = 819_200..=838_860_800;

/// The limit in bits a second; `None` when there is none, or the operation takes none.
///
/// # Errors
///
/// `InvalidArgument` when it stands in header and query both, or outside the allowed range.
pub(super) fn limit(call: &Call) -> Result<Option<u64>, ApiError> {
    let takes_one = matches!(
        call.operation,
        Operation::PutObject | Operation::UploadPart | Operation::GetObject | Operation::CopyObject
    );
    if call.dialect != Dialect::Oss || !takes_one {
        return Ok(None);
    }
    let refusal =
        |text: &str, message: &str, ec: &str| Err(ApiError::argument(NAME, text, message).ec(ec));
    let text = match (call.request.header(NAME), call.request.query.get(NAME)) {
        (None, None) => return Ok(None),
        (Some(text), Some(_)) => {
            return refusal(
                text,
                "The traffic limit must not stand in header and query both.",
                "0004-00000501",
            );
        }
        (Some(text), None) | (None, Some(text)) => text,
    };
    match text.parse().ok().filter(|bits| ALLOWED.contains(bits)) {
        Some(bits) => Ok(Some(bits)),
        None => refusal(
            text,
            "The traffic limit must be between 819200 and 838860800 bits a second.",
            "0004-00000502",
        ),
    }
}
