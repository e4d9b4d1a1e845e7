//! Peers that refuse, break, stop or are slow, and sources that fail.

use std::io;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ferry_model::{FaultKind, Provider};
use ferry_storage::{
    Delivery, HttpOptions, ObjectOptions, ObjectStore, Payload, StoreError, StoredPart,
};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::server::{Server, Step, answer, text};
use crate::{short, store, store_with};

const PART: &[&str] = &["ETag: \"5D41402ABC4B2A76B9719D911017C592\"", "x-oss-request-id: R"];
const IDLE: Duration = Duration::from_millis(500);

async fn send(endpoint: &str, options: HttpOptions, size: usize) -> Result<StoredPart, StoreError> {
    let payload = Payload::from_bytes(vec![7; size].into());
    store_with(Provider::Oss, endpoint, options)
        .upload_part("k", "U", 1, &ObjectOptions::default(), payload)
        .await
}

#[tokio::test]
async fn n1_who_cannot_be_reached_received_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let closed = format!("http://{}", listener.local_addr().expect("address"));
    drop(listener);
    for (endpoint, kind) in [
        (closed.as_str(), FaultKind::Unreachable),
        ("https://ferry-test.invalid", FaultKind::Unreachable),
    ] {
        let error = send(endpoint, short(Duration::from_secs(20)), 10).await.expect_err(endpoint);
        assert_eq!(
            (error.kind(), error.delivery),
            (kind, Delivery::NotSent),
            "{endpoint}: {error:?}"
        );
        assert!(error.fault.message.is_some());
    }
}

#[tokio::test]
async fn n9_what_is_no_tls_fails_as_tls() {
    use tokio::io::AsyncWriteExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let endpoint = format!("https://{}", listener.local_addr().expect("address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ =
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
        }
    });
    let error = send(&endpoint, short(Duration::from_secs(20)), 10).await.expect_err("no TLS");
    assert_eq!(
        (error.kind(), error.delivery),
        (FaultKind::TlsFailed, Delivery::NotSent),
        "{error:?}"
    );
}

#[tokio::test]
async fn n2_n3_a_broken_connection_may_have_delivered() {
    for received in [0, 1, 4096, 200_000] {
        let server = Server::start(vec![Step::Close(received)]).await;
        let error = send(&server.endpoint, short(Duration::from_secs(20)), 200_000)
            .await
            .expect_err("closed");
        assert_eq!(
            (error.kind(), error.delivery),
            (FaultKind::ConnectionLost, Delivery::Perhaps),
            "{received}: {error:?}"
        );
    }
    for garbage in ["SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/9.9 hello\r\n\r\n"] {
        let server = Server::start(vec![Step::Answer(garbage.into())]).await;
        let error =
            send(&server.endpoint, short(Duration::from_secs(20)), 10).await.expect_err("garbage");
        assert_eq!(error.kind(), FaultKind::NotStore, "{error:?}");
    }
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nx-oss-request-id: R\r\n\r\n<ListParts";
    let server = Server::start(vec![Step::AnswerEarly(0, cut.into())]).await;
    let error =
        store(Provider::Oss, &server.endpoint).list_parts("k", "U", None).await.expect_err("cut");
    assert_eq!(error.kind(), FaultKind::ConnectionLost);
}

#[tokio::test]
async fn n15_an_early_refusal_is_read_while_the_body_is_still_sent() {
    let refusal = "<Error><Code>InvalidAccessKeyId</Code><Message>m</Message></Error>";
    let server =
        Server::start(vec![Step::AnswerEarly(1000, text(403, &["x-oss-request-id: R"], refusal))])
            .await;
    let error =
        send(&server.endpoint, short(Duration::from_secs(20)), 4 << 20).await.expect_err("403");
    assert_eq!(
        (error.kind(), error.delivery),
        (FaultKind::BadAccessKey, Delivery::Answered),
        "{error:?}"
    );
}

#[tokio::test]
async fn n15_provisional_answers_are_passed_over_and_a_flood_of_them_ends() {
    let last = text(200, PART, "");
    for kind in ["HTTP/1.1 100 Continue", "HTTP/1.1 103 Early Hints"] {
        let answers = format!("{kind}\r\n\r\n").repeat(20) + &last;
        let server = Server::start(vec![Step::Answer(answers)]).await;
        send(&server.endpoint, short(IDLE), 10).await.expect(kind);
    }
    let flood = "HTTP/1.1 102 Processing\r\n\r\n".repeat(100_000);
    let server = Server::start(vec![Step::Answer(flood)]).await;
    let sent = send(&server.endpoint, short(IDLE), 10);
    let ended = tokio::time::timeout(Duration::from_secs(60), sent).await.expect("ends");
    assert_eq!(ended.expect_err("no answer came").delivery, Delivery::Perhaps);
}

#[tokio::test]
async fn n14_a_closed_idle_connection_costs_no_attempt() {
    let kept = text(200, PART, "");
    // The first connection closes after its answer while the client keeps it; the next request gets
    // a fresh one.
    let server = Server::start(vec![Step::AnswerEarly(5, kept), answer(200, PART, "")]).await;
    let store = store(Provider::Oss, &server.endpoint);
    for _ in 0..2 {
        let payload = Payload::from_bytes("hello".into());
        store.upload_part("k", "U", 1, &ObjectOptions::default(), payload).await.expect("part");
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn n4_n5_n6_a_peer_that_stops_is_noticed() {
    for (step, size) in
        [(Step::Hang(100_000), 8 << 20), (Step::Hang(0), 8 << 20), (Step::Hang(1000), 1000)]
    {
        let server = Server::start(vec![step.clone()]).await;
        let begun = Instant::now();
        let error = send(&server.endpoint, short(IDLE), size).await.expect_err("hangs");
        assert_eq!(
            (error.kind(), error.delivery),
            (FaultKind::Stalled, Delivery::Perhaps),
            "{step:?}: {error:?}"
        );
        let took = begun.elapsed();
        assert!(took >= IDLE && took < IDLE * 5, "{step:?} took {took:?}");
    }
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nx-oss-request-id: R\r\n\r\n<ListParts"
        .to_owned();
    let server =
        Server::start(vec![Step::Drip(vec![half, String::new()], Duration::from_secs(5))]).await;
    let error = store_with(Provider::Oss, &server.endpoint, short(IDLE))
        .list_parts("k", "U", None)
        .await
        .expect_err("half an answer");
    assert_eq!(error.kind(), FaultKind::Stalled);
}

#[tokio::test]
async fn n7_a_slow_network_is_not_cut() {
    // 1 MiB at 8 KiB each 20 ms takes about 2.6 s, five times the idle timeout.
    let server =
        Server::start(vec![Step::Slow(8192, Duration::from_millis(20), text(200, PART, ""))]).await;
    let begun = Instant::now();
    send(&server.endpoint, short(IDLE), 1 << 20).await.expect("slow but moving");
    assert!(begun.elapsed() > IDLE * 3, "took only {:?}", begun.elapsed());
    assert_eq!(server.seen()[0].body, vec![7; 1 << 20]);
}

#[tokio::test]
async fn a_slow_source_is_not_cut() {
    let server = Server::start(vec![answer(200, PART, "")]).await;
    let pieces = stream::iter(0..3).then(|_| async {
        tokio::time::sleep(IDLE * 2).await;
        Ok(Bytes::from_static(b"x"))
    });
    let payload = Payload { len: 3, content_md5: None, crc64_nvme: None, stream: pieces.boxed() };
    store_with(Provider::Oss, &server.endpoint, short(IDLE))
        .upload_part("k", "U", 1, &ObjectOptions::default(), payload)
        .await
        .expect("slow source");
}

#[tokio::test]
async fn n5_complete_is_given_more_time() {
    let result =
        "<CompleteMultipartUploadResult><ETag>\"E-1\"</ETag></CompleteMultipartUploadResult>";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n   ", result.len() + 3);
    let server = Server::start(vec![Step::Drip(vec![head, result.into()], IDLE * 2 / 3 * 2)]).await;
    let store = store_with(Provider::S3, &server.endpoint, short(IDLE));
    let stored = store
        .complete("k", "U", &[(1, "E".into())], &ObjectOptions::default())
        .await
        .expect("slow merge");
    assert_eq!(stored.etag.as_deref(), Some("E-1"));
}

#[tokio::test]
async fn the_source_s_own_error_comes_back() {
    let broken = || io::Error::other("the disk failed");
    for (pieces, len, kind) in [
        (vec![Ok(Bytes::from_static(b"ab")), Err(broken())], 5, io::ErrorKind::Other),
        (vec![Err(broken())], 5, io::ErrorKind::Other),
        (vec![Ok(Bytes::from_static(b"ab"))], 5, io::ErrorKind::UnexpectedEof),
        (vec![Ok(Bytes::from_static(b"abcdef"))], 5, io::ErrorKind::InvalidData),
    ] {
        let server = Server::start(vec![answer(200, PART, "")]).await;
        let payload = Payload {
            len,
            content_md5: None,
            crc64_nvme: None,
            stream: stream::iter(pieces).boxed(),
        };
        let error = store(Provider::Oss, &server.endpoint)
            .upload_part("k", "U", 1, &ObjectOptions::default(), payload)
            .await
            .expect_err("source");
        assert_eq!(
            (error.kind(), error.delivery),
            (FaultKind::SourceReadFailed, Delivery::Perhaps),
            "{error:?}"
        );
        assert_eq!(error.source_io.map(|error| error.kind()), Some(kind));
        assert!(server.seen().iter().all(|seen| seen.body.is_empty()), "never a whole body");
    }
}

#[tokio::test]
async fn a_stream_that_stops_ends_with_an_error() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"E\"\r\n\r\nabc".to_owned();
    let server =
        Server::start(vec![Step::Drip(vec![head.clone(), String::new()], IDLE * 3 / 4 * 4)]).await;
    let options = HttpOptions { idle_timeout: IDLE * 4, ..short(IDLE * 4) };
    let stream =
        store_with(Provider::S3, &server.endpoint, options).get("k", None).await.expect("head");
    let error = stream.try_collect::<Vec<_>>().await.expect_err("stops");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    let server = Server::start(vec![Step::AnswerEarly(0, head)]).await;
    let stream = store(Provider::S3, &server.endpoint).get("k", None).await.expect("head");
    assert!(stream.try_collect::<Vec<_>>().await.is_err(), "a cut body is no whole one");
}
