//! OSS's upload callback, and the speed that a client sets for one request.

#![allow(clippy::unwrap_used)] // In a test, a panic is the report.

mod plain;

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ferry_sandbox::{Config, Operation, Outcome, Sandbox, StoreLimits};
use plain::{BUCKET, S3, complete_body, config, initiate, send, start, upload_part};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A server of the user's that gives every request the same answer. It hands out the requests as
/// they came.
async fn application(answer: &'static str) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = String::new();
            let whole = |seen: &str| {
                let (head, body) = seen.split_once("\r\n\r\n")?;
                let length = head
                    .to_ascii_lowercase()
                    .split_once("content-length: ")?
                    .1
                    .lines()
                    .next()?
                    .trim()
                    .parse::<usize>()
                    .ok()?;
                (body.len() >= length).then_some(())
            };
            while whole(&seen).is_none() {
                let mut buffer = [0; 4096];
                let read = stream.read(&mut buffer).await.unwrap();
                seen.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
            }
            sender.send(seen).unwrap();
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (address, receiver)
}

fn answer(status: &str, body: &str) -> &'static str {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .leak()
}

fn encoded(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

#[tokio::test]
async fn the_answer_of_the_application_is_the_answer_to_the_client() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let (address, mut requests) = application(answer("200 OK", r#"{"a":1}"#)).await;
    let body = "b=${bucket}&o=${object}&e=${etag}&s=${size}&m=${mimeType}&w=${x:who}";
    let callback = encoded(&format!(
        r#"{{"callbackUrl":"http://{address}/hook?x=1","callbackHost":"app.example.com","callbackBody":"{body}"}}"#
    ));
    let own = encoded(r#"{"x:who":"al ice"}"#);
    let headers = [
        ("x-oss-callback", callback.as_str()),
        ("x-oss-callback-var", own.as_str()),
        ("content-type", "text/x"),
    ];
    let put = send(sandbox.addr(), "PUT", "/tests/a%20b", &headers, b"hello").await.unwrap();
    assert_eq!(
        (put.status, put.text().as_str(), put.header("content-type")),
        (200, r#"{"a":1}"#, Some("application/json"))
    );
    assert!(put.header("etag").is_some() && put.header("x-oss-hash-crc64ecma").is_some());
    let request = requests.recv().await.unwrap();
    let etag = "5D41402ABC4B2A76B9719D911017C592";
    assert!(
        request.starts_with("POST /hook?x=1 HTTP/1.1\r\n") && request.contains("app.example.com"),
        "{request}"
    );
    assert!(request.contains("content-type: application/x-www-form-urlencoded"), "{request}");
    assert!(
        request.ends_with(&format!("\r\n\r\nb=tests&o=a%20b&e={etag}&s=5&m=text%2Fx&w=al%20ice")),
        "{request}"
    );
    // With Complete, and as JSON; the first address is dead, so the second is called.
    let json = r#"{\"o\":${object},\"s\":${size}}"#;
    let fields = format!(
        r#""callbackUrl":"127.0.0.1:9/;http://{address}","callbackBody":"{json}","callbackBodyType":"application/json""#
    );
    let callback = encoded(&format!("{{{fields}}}"));
    let id = initiate(sandbox.addr(), "m").await;
    let part = upload_part(sandbox.addr(), "m", &id, 1, b"part").await;
    let target = format!("/tests/m?uploadId={id}");
    let list = complete_body(&[(1, part)]);
    let done =
        send(sandbox.addr(), "POST", &target, &[("x-oss-callback", &callback)], list.as_bytes())
            .await
            .unwrap();
    assert_eq!((done.status, done.text().as_str()), (200, r#"{"a":1}"#));
    let request = requests.recv().await.unwrap();
    assert!(
        request.starts_with("POST / HTTP/1.1") && request.ends_with(r#"{"o":"m","s":4}"#),
        "{request}"
    );
    // A link may carry it, and S3 knows nothing of it.
    let query: String = callback.replace('+', "%2B").replace('=', "%3D").replace('/', "%2F");
    let put = send(sandbox.addr(), "PUT", &format!("/tests/k?callback={query}"), &[], b"x")
        .await
        .unwrap();
    assert_eq!(put.text(), r#"{"a":1}"#);
    let put = send(sandbox.addr(), "PUT", "/tests/k", &[("x-oss-callback", &callback), S3], b"x")
        .await
        .unwrap();
    assert_eq!((put.status, put.text().as_str()), (200, ""));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_failed_callback_is_203_and_the_object_stays() {
    let root = tempfile::tempdir().unwrap();
    let limits = StoreLimits { callback: Duration::from_millis(200), ..StoreLimits::default() };
    let sandbox = Sandbox::start(Config { limits, ..config(root.path()) }).await.unwrap();
    let unlengthy = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}";
    let mut keep = Vec::new();
    for (index, (given, sentence)) in [
        (answer("500 No", "{}"), "Error status : 500."),
        (answer("301 Moved", "{}"), "Error status : 301."),
        (answer("200 OK", "<html>"), "not valid json"),
        (unlengthy, "content-length"),
        ("", "Cost too long time."),
    ]
    .into_iter()
    .enumerate()
    {
        let (address, requests) = application(given).await;
        keep.push(requests);
        let callback =
            encoded(&format!(r#"{{"callbackUrl":"http://{address}/","callbackBody":"a"}}"#));
        let target = format!("/tests/k{index}");
        let put = send(sandbox.addr(), "PUT", &target, &[("x-oss-callback", &callback)], b"hello")
            .await
            .unwrap();
        assert_eq!(
            (put.status, put.element("Code").as_deref()),
            (203, Some("CallbackFailed")),
            "{sentence}"
        );
        assert!(put.element("Message").unwrap().contains(sentence), "{}", put.text());
        assert!(put.element("EC").is_some(), "{}", put.text());
        assert_eq!(sandbox.read_object(BUCKET, &format!("k{index}")).unwrap(), b"hello");
        let code = Some("CallbackFailed".to_owned());
        assert_eq!(
            sandbox.ledger().entries().pop().unwrap().outcome,
            Outcome::Answered { status: 203, code }
        );
    }
    for url in ["http://127.0.0.1:9/", "http://10.255.255.1/", "https://127.0.0.1/"] {
        let callback = encoded(&format!(r#"{{"callbackUrl":"{url}","callbackBody":"a"}}"#));
        let put =
            send(sandbox.addr(), "PUT", "/tests/k", &[("x-oss-callback", &callback)], b"hello")
                .await
                .unwrap();
        assert_eq!(
            (put.status, put.element("Code").as_deref()),
            (203, Some("CallbackFailed")),
            "{url}"
        );
    }
    let put = send(sandbox.addr(), "PUT", "/tests/refused", &[("x-oss-callback", "!")], b"hello")
        .await
        .unwrap();
    assert_eq!((put.status, put.element("Code").as_deref()), (400, Some("InvalidArgument")));
    assert_eq!(sandbox.object(BUCKET, "refused"), None);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_traffic_limit_is_checked_noted_and_honoured() {
    let root = tempfile::tempdir().unwrap();
    let sandbox = start(root.path()).await;
    let name = "x-oss-traffic-limit";
    for (target, headers, ec) in [
        ("/tests/k", vec![(name, "819199")], "0004-00000502"),
        ("/tests/k", vec![(name, "838860801")], "0004-00000502"),
        ("/tests/k", vec![(name, "fast")], "0004-00000502"),
        ("/tests/k?x-oss-traffic-limit=1", vec![], "0004-00000502"),
        ("/tests/k?x-oss-traffic-limit=819200", vec![(name, "819200")], "0004-00000501"),
    ] {
        let put = send(sandbox.addr(), "PUT", target, &headers, b"x").await.unwrap();
        let found = (put.status, put.element("Code"), put.element("EC"));
        assert_eq!(
            found,
            (400, Some("InvalidArgument".to_owned()), Some(ec.to_owned())),
            "{target} {headers:?}"
        );
    }
    assert_eq!(sandbox.objects(BUCKET), []);
    // 64 KB at 128 KB/s: half a second, up and down.
    let data = vec![7; 64 * 1024];
    for (method, target, headers, body) in [
        ("PUT", "/tests/k", vec![(name, "1048576")], data.as_slice()),
        ("GET", "/tests/k?x-oss-traffic-limit=1048576", vec![], b""),
    ] {
        let begun = Instant::now();
        assert_eq!(send(sandbox.addr(), method, target, &headers, body).await.unwrap().status, 200);
        assert!(
            begun.elapsed() >= Duration::from_millis(490),
            "{method} took {:?}",
            begun.elapsed()
        );
        assert_eq!(
            sandbox.ledger().entries().pop().unwrap().traffic_limit,
            Some(1_048_576),
            "{method}"
        );
    }
    assert_eq!(sandbox.read_object(BUCKET, "k").unwrap(), data);
    // It says nothing to requests without a body, nor to S3.
    assert_eq!(
        send(sandbox.addr(), "HEAD", "/tests/k", &[(name, "1")], b"").await.unwrap().status,
        200
    );
    assert_eq!(
        send(sandbox.addr(), "PUT", "/tests/k", &[(name, "1"), S3], b"x").await.unwrap().status,
        200
    );
    assert_eq!(sandbox.ledger().of(Operation::HeadObject)[0].misplaced, [name]);
    sandbox.shutdown().await;
}
