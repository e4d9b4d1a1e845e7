//! A computer's clock that is off: noticed, corrected, and not taken from strangers.

use std::time::Duration;

use ferry_model::{FaultKind, Provider};
use ferry_storage::clock::is_worth_telling;
use ferry_storage::{ObjectOptions, ObjectStore, Payload, RetryNow, Store, StoreError};

use crate::server::{Server, answer};
use crate::store;

const SKEWED: &str = "<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message></Error>";
const PAGE: &str = "<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>";
const ID: &str = "x-oss-request-id: R";
const TWO_HOURS_LATER: &str = "Date: Thu, 15 Jan 2026 10:30:45 GMT";

async fn list_parts(store: &Store) -> Result<(), StoreError> {
    store.list_parts("k", "U", None).await.map(drop)
}

fn payload() -> Payload {
    Payload::from_bytes("hello".into())
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_and_the_caller_told_to_sign_again() {
    for (provider, header) in [(Provider::Oss, "x-oss-date"), (Provider::S3, "x-amz-date")] {
        let server =
            Server::start(vec![answer(403, &[TWO_HOURS_LATER], SKEWED), answer(200, &[ID], PAGE)])
                .await;
        let store = store(provider, &server.endpoint);
        let first = list_parts(&store).await.expect_err("skewed");
        assert_eq!((first.kind(), first.retry_now), (FaultKind::ClockSkew, RetryNow::Once));
        assert_eq!(server.seen().len(), 1, "one call is one request");
        assert_eq!(store.clock_offset(), 7200);
        assert!(is_worth_telling(store.clock_offset()));
        list_parts(&store).await.expect("signed again");
        let dates: Vec<_> = server
            .seen()
            .iter()
            .map(|seen| seen.header(header).expect("date").to_owned())
            .collect();
        assert_eq!(dates, ["20260115T083045Z", "20260115T103045Z"]);
        let link = store.presign_get("k", Duration::from_secs(60)).expect("link");
        assert!(link.contains("20260115T103045Z"), "links use the offset too");
    }
}

#[tokio::test]
async fn the_time_in_the_answer_counts_before_its_date() {
    let body =
        SKEWED.replace("</Error>", "<ServerTime>2026-01-15T09:30:45.000Z</ServerTime></Error>");
    let server =
        Server::start(vec![answer(403, &[TWO_HOURS_LATER, ID], &body), answer(200, &[ID], PAGE)])
            .await;
    let store = store(Provider::Oss, &server.endpoint);
    list_parts(&store).await.expect_err("skewed");
    assert_eq!(store.clock_offset(), 3600);
}

#[tokio::test]
async fn a_body_that_was_read_is_asked_for_again() {
    for provider in [Provider::Oss, Provider::S3] {
        let server = Server::start(vec![answer(403, &[TWO_HOURS_LATER], SKEWED)]).await;
        let store = store(provider, &server.endpoint);
        let first = store
            .upload_part("k", "U", 1, &ObjectOptions::default(), payload())
            .await
            .expect_err("skewed");
        assert_eq!((first.kind(), first.retry_now), (FaultKind::ClockSkew, RetryNow::Once));
        assert_eq!(first.fault.clock_offset_seconds, Some(7200));
        assert_eq!(first.fault.sentence().to_string(), "This computer's clock is 2 hours slow.");
        let second =
            store.put_object("k", &ObjectOptions::default(), payload()).await.expect_err("skewed");
        assert_eq!(second.retry_now, RetryNow::No, "nothing new was learnt");
        let kept = store
            .complete("k", "U", &[(1, "E".into())], &ObjectOptions::default())
            .await
            .expect_err("skewed");
        assert_eq!((kept.retry_now, server.seen().len()), (RetryNow::No, 3));
    }
}

#[tokio::test]
async fn the_clock_is_learnt_from_stores_only() {
    // Each answer, and the offset that is known after it.
    for (status, headers, body, offset) in [
        (502, vec!["Date: Fri, 16 Jan 2026 08:30:45 GMT"], "<html></html>", 0),
        (
            200,
            vec!["Date: Thu, 15 Jan 2026 08:35:45 GMT", "Content-Type: text/html"],
            "<html>log in</html>",
            0,
        ),
        (403, vec!["Date: Thu, 15 Jan 2026 08:35:45 GMT"], "", 0),
        (403, vec!["Date: Thu, 01 Jan 1970 00:00:00 GMT"], "<html>blocked</html>", 0),
        (204, vec!["Date: Thu, 15 Jan 2026 08:30:40 GMT", ID], "", -5),
        (204, vec!["Date: Thu, 15 Jan 2026 08:40:45 GMT", ID], "", 600),
        (
            404,
            vec!["Date: Thu, 15 Jan 2026 08:40:45 GMT", ID],
            "<Error><Code>NoSuchUpload</Code></Error>",
            600,
        ),
        // The store took a clock that it would have refused were this date its own: somebody in
        // between wrote it.
        (204, vec!["Date: Thu, 15 Jan 2026 10:30:45 GMT", ID], "", 0),
        (204, vec!["Date: Thu, 01 Jan 1970 00:00:00 GMT", ID], "", 0),
        (204, vec!["Date: Sun, 06 Nov 9994 08:49:37 GMT", ID], "", 0),
        (204, vec!["Date: nonsense", ID], "", 0),
        (204, vec![ID], "", 0),
    ] {
        let server = Server::start(vec![answer(status, &headers, body)]).await;
        let store = store(Provider::Oss, &server.endpoint);
        let _ = store.abort("k", "U").await;
        assert_eq!(store.clock_offset(), offset, "{status} {headers:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_right_again_is_noticed() {
    // First two hours behind; then the user corrects it, and the known offset is what is wrong.
    let right = "Date: Thu, 15 Jan 2026 08:30:45 GMT";
    let steps = vec![
        answer(403, &[TWO_HOURS_LATER, ID], SKEWED),
        answer(200, &[TWO_HOURS_LATER, ID], PAGE),
        answer(403, &[right, ID], SKEWED),
        answer(200, &[right, ID], PAGE),
    ];
    let server = Server::start(steps).await;
    let store = store(Provider::Oss, &server.endpoint);
    for (sent, offset) in [(1, 7200), (3, 0)] {
        let error = list_parts(&store).await.expect_err("skewed");
        assert_eq!((error.retry_now, server.seen().len()), (RetryNow::Once, sent));
        list_parts(&store).await.expect("corrected");
        assert_eq!(store.clock_offset(), offset);
    }
    assert_eq!((store.clock_offset(), server.seen().len()), (0, 4));
}

#[test]
fn five_minutes_are_worth_telling() {
    for (offset, worth) in
        [(0, false), (300, false), (301, true), (-300, false), (-301, true), (i64::MIN, true)]
    {
        assert_eq!(is_worth_telling(offset), worth, "{offset}");
    }
}

#[tokio::test]
async fn a_head_that_is_refused_without_a_reason_may_be_the_clock() {
    let refused = |date: &str| answer(403, &["x-amz-request-id: R", date], "");
    let server = Server::start(vec![
        refused(TWO_HOURS_LATER),
        answer(404, &["x-amz-request-id: R", TWO_HOURS_LATER], ""),
    ])
    .await;
    let store_at = |server: &Server| store(Provider::S3, &server.endpoint);
    let asked = store_at(&server);
    let error = asked.head("k").await.expect_err("refused");
    assert_eq!((error.retry_now, server.seen().len()), (RetryNow::Once, 1));
    assert_eq!(asked.head("k").await.expect("signed again"), None);
    let dates: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| seen.header("x-amz-date").expect("date").to_owned())
        .collect();
    assert_eq!(dates[..2], ["20260115T083045Z", "20260115T103045Z"]);

    // Where the clocks agree, or the second try fails as well, it is what it looked like.
    let server = Server::start(vec![refused("Date: Thu, 15 Jan 2026 08:30:50 GMT")]).await;
    let error = store_at(&server).head("k").await.expect_err("refused");
    assert_eq!((error.kind(), error.retry_now), (FaultKind::AccessDenied, RetryNow::No));
    let server = Server::start(vec![refused(TWO_HOURS_LATER)]).await;
    let asked = store_at(&server);
    asked.head("k").await.expect_err("refused");
    let error = asked.head("k").await.expect_err("refused again");
    assert_eq!((error.kind(), error.retry_now), (FaultKind::AccessDenied, RetryNow::No));
}
