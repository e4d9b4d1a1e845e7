//! Any key, seen on the wire: the request line names it and nothing else, in plain ASCII, and the
//! signature is that of what arrived.

use ferry_model::Provider;
use ferry_storage::{ObjectOptions, ObjectStore, Payload, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::requests::signature_of;
use crate::server::{Seen, Server, answer};
use crate::store;

/// Decodes once, by hand: shares nothing with the crate.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                u8::from_str_radix(std::str::from_utf8(&[rest.next()?, rest.next()?]).ok()?, 16)
                    .ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// The request line's key, from its raw bytes; `None` where they are not what a request line may
/// hold.
fn key_of(seen: &Seen) -> Option<String> {
    let [_, target, version] = seen.line().split(' ').collect::<Vec<_>>().try_into().ok()?;
    let is_plain = target.bytes().all(|byte| byte.is_ascii_graphic()) && version == "HTTP/1.1";
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    decoded(path.strip_prefix("/bkt/").filter(|_| is_plain)?)
}

fn can_be_sent(key: &str) -> bool {
    !key.is_empty() && !key.split('/').any(|segment| matches!(segment, "." | ".."))
}

async fn sent(store: &Store, server: &Server, key: &str) -> [Seen; 3] {
    let before = server.seen().len();
    let upload_id = format!("U{key}");
    let options = ObjectOptions {
        metadata: vec![("name".into(), key.to_owned())],
        ..ObjectOptions::default()
    };
    // What the answers come to does not matter here.
    let _ = store.put_object(key, &options, Payload::from_bytes("x".into())).await;
    let _ = store
        .upload_part(
            key,
            &upload_id,
            7,
            &ferry_storage::ObjectOptions::default(),
            Payload::from_bytes("x".into()),
        )
        .await;
    let _ = store.head(key).await;
    server.seen().split_off(before).try_into().expect("three requests")
}

#[test]
fn any_key_is_sent_as_it_is_signed() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    let stored = ["ETag: \"5D41402ABC4B2A76B9719D911017C592\"", "x-oss-request-id: R"];
    let server = runtime.block_on(Server::start(vec![answer(200, &stored, "")]));
    let key = prop_oneof![
        any::<String>(),
        "[ a%+&=#?/.~:\"<>\\\\照é\u{301}😀\u{0}\t\r\n\u{7f}]{1,12}",
        "(a|/|\\.|\\.\\.|%2[fF]|%2e|%| ){1,8}"
    ];
    for provider in [Provider::Oss, Provider::S3] {
        let store = store(provider, &server.endpoint);
        let mut runner = TestRunner::new(Config::with_cases(64));
        let outcome = runner.run(
            &key.clone().prop_filter("a link can hold it", |key| can_be_sent(key)),
            |key| {
                for seen in runtime.block_on(sent(&store, &server, &key)) {
                    prop_assert_eq!(key_of(&seen), Some(key.clone()), "{}", seen.line());
                    prop_assert!(
                        seen.head
                            .bytes()
                            .all(|byte| byte.is_ascii_graphic() || b" \r\n".contains(&byte)),
                        "{}",
                        seen.head
                    );
                    let target = seen.line().split(' ').nth(1).unwrap_or_default();
                    let path = target.split('?').next().unwrap_or_default();
                    prop_assert_eq!(format!("{}{path}", server.endpoint), store.object_url(&key));
                    prop_assert_eq!(
                        seen.header("authorization").map(str::to_owned),
                        Some(signature_of(provider, &seen)),
                        "{}",
                        seen.head
                    );
                }
                Ok(())
            },
        );
        outcome.unwrap_or_else(|error| panic!("{provider:?}: {error}"));
    }
    assert_eq!(server.connections(), 2, "one for each store");
}
