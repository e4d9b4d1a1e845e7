//! S3's CRC-64/NVME in requests and answers.

use bytes::Bytes;
use ferry_model::Provider;
use ferry_storage::{Announce, ObjectOptions, ObjectStore, Payload};

use crate::server::{Server, answer};
use crate::store;

/// Of `123456789`.
const CRC: u64 = 0xae8b_1486_0a79_9888;
const HEADERS: &[&str] = &[
    "ETag: \"25f9e794323b453885f5181f1b624d0b\"",
    "x-amz-request-id: R",
    "x-amz-checksum-crc64nvme: rosUhgp5mIg=",
];

fn payload() -> Payload {
    Payload { crc64_nvme: Some(CRC), ..Payload::from_bytes(Bytes::from_static(b"123456789")) }
}

#[tokio::test]
async fn a_value_travels_on_s3_and_the_answers_is_read() {
    for (provider, value) in [(Provider::S3, Some("rosUhgp5mIg=")), (Provider::Oss, None::<&str>)] {
        let headers = [HEADERS, &["x-oss-request-id: R"]].concat();
        let server = Server::start(vec![answer(200, &headers, "")]).await;
        let store = store(provider, &server.endpoint);
        let options = ObjectOptions::default();
        let put = store.put_object("k", &options, payload()).await.expect("stored");
        let part = store.upload_part("k", "U", 1, &options, payload()).await.expect("stored");
        assert_eq!((put.crc64_nvme, part.crc64_nvme), (Some(CRC), Some(CRC)));
        for seen in server.seen() {
            assert_eq!(seen.header("x-amz-checksum-crc64nvme"), value, "{provider:?}");
            if let Some(signed) = seen.header("authorization").filter(|_| value.is_some()) {
                assert!(signed.contains("x-amz-checksum-crc64nvme"), "{signed}");
            }
        }
    }
}

#[tokio::test]
async fn a_request_that_is_not_told_to_speaks_of_no_checksum() {
    let body = "<InitiateMultipartUploadResult><UploadId>U</UploadId>\
                <Key>k</Key></InitiateMultipartUploadResult>";
    let server = Server::start(vec![answer(200, HEADERS, body)]).await;
    let store = store(Provider::S3, &server.endpoint);
    store.initiate("k", &ObjectOptions::default()).await.expect("begun");
    store.head("k").await.expect("found");
    let announced = ObjectOptions { announce: Announce::Crc64Nvme, ..ObjectOptions::default() };
    store.initiate("k", &announced).await.expect("begun");
    let seen = server.seen();
    for seen in &seen[..2] {
        assert!(!seen.head.to_lowercase().contains("x-amz-checksum"), "{}", seen.head);
    }
    assert_eq!(seen[2].header("x-amz-checksum-algorithm"), Some("CRC64NVME"));
    assert_eq!(seen[2].header("x-amz-checksum-type"), Some("FULL_OBJECT"));
}

#[tokio::test]
async fn listed_parts_and_merged_objects_tell_it() {
    let parts = "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber>\
                 <Size>9</Size><ETag>\"e\"</ETag><ChecksumCRC64NVME>rosUhgp5mIg=\
                 </ChecksumCRC64NVME></Part></ListPartsResult>";
    let merged = |kind: &str| {
        format!(
            "<CompleteMultipartUploadResult><ETag>\"e-1\"</ETag><ChecksumCRC64NVME>rosUhgp5mIg=\
             </ChecksumCRC64NVME>{kind}</CompleteMultipartUploadResult>"
        )
    };
    let id = &HEADERS[1..2];
    let server = Server::start(vec![
        answer(200, id, parts),
        answer(200, id, &merged("<ChecksumType>FULL_OBJECT</ChecksumType>")),
        answer(200, id, &merged("")),
        // Over the parts' CRCs: nothing that can be compared.
        answer(200, id, &merged("<ChecksumType>COMPOSITE</ChecksumType>")),
        answer(200, id, &merged("").replace("mIg=", "mIg=-1")),
    ])
    .await;
    let store = store(Provider::S3, &server.endpoint);
    let page = store.list_parts("k", "U", None).await.expect("listed");
    assert_eq!(page.rows[0].crc64_nvme, Some(CRC));
    for told in [Some(CRC), Some(CRC), None, None] {
        let options = ObjectOptions::default();
        let stored = store.complete("k", "U", &[(1, "e".into())], &options).await.expect("merged");
        assert_eq!(stored.crc64_nvme, told);
    }
}

#[tokio::test]
async fn head_asks_when_told_to_and_does_without_where_that_is_refused() {
    let found = answer(200, HEADERS, "123456789");
    let bare = answer(200, &HEADERS[..2], "123456789");
    let steps = vec![found, answer(403, &["x-amz-request-id: R"], ""), bare];
    let server = Server::start(steps).await;
    let store = store(Provider::S3, &server.endpoint);
    store.ask_for_checksums(Announce::Crc64Nvme);
    let head = store.head("k").await.expect("answered").expect("found");
    assert_eq!(head.crc64_nvme, Some(CRC));
    let head = store.head("k").await.expect("answered").expect("found");
    assert_eq!((head.size, head.crc64_nvme), (9, None));
    let seen = server.seen();
    let modes: Vec<_> = seen.iter().map(|seen| seen.header("x-amz-checksum-mode")).collect();
    assert_eq!(modes, [Some("ENABLED"), Some("ENABLED"), None]);
}
