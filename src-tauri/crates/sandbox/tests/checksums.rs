//! What becomes of S3's `x-amz-checksum-*` headers, by policy.

#![allow(clippy::unwrap_used)] // In a test, a panic is the report.

mod plain;

use ferry_sandbox::{ChecksumPolicy, Config, Sandbox};
use plain::{Answer, BUCKET, S3, complete_body, send};

const HEADER: &str = "x-amz-checksum-crc64nvme";
/// CRC-64/NVME of `123456789`.
const NINE: &str = "rosUhgp5mIg=";
const ANNOUNCED: &[(&str, &str)] =
    &[S3, ("x-amz-checksum-algorithm", "CRC64NVME"), ("x-amz-checksum-type", "FULL_OBJECT")];

async fn start(root: &tempfile::TempDir, checksums: ChecksumPolicy) -> Sandbox {
    Sandbox::start(Config { checksums, ..plain::config(root.path()) }).await.unwrap()
}

async fn put(sandbox: &Sandbox, target: &str, headers: &[(&str, &str)]) -> Answer {
    let headers = [&[S3], headers].concat();
    send(sandbox.addr(), "PUT", &format!("/{BUCKET}/{target}"), &headers, b"123456789")
        .await
        .unwrap()
}

#[tokio::test]
async fn a_value_is_verified_read_over_or_refused() {
    for (policy, right, told, wrong) in [
        (ChecksumPolicy::Answer, 200, Some(NINE), 400),
        (ChecksumPolicy::Demand, 200, Some(NINE), 400),
        (ChecksumPolicy::Ignore, 200, None, 200),
        (ChecksumPolicy::Refuse, 501, None, 501),
    ] {
        let root = tempfile::tempdir().unwrap();
        let sandbox = start(&root, policy).await;
        let answer = put(&sandbox, "k", &[(HEADER, NINE)]).await;
        assert_eq!((answer.status, answer.header(HEADER)), (right, told), "{policy:?}");
        let answer = put(&sandbox, "k", &[(HEADER, "AAAAAAAAAAA=")]).await;
        assert_eq!(answer.status, wrong, "{policy:?}");
        assert_eq!(put(&sandbox, "plain", &[]).await.status, 200, "{policy:?}");
    }
}

#[tokio::test]
async fn an_announced_checksum_is_computed_demanded_read_over_or_refused() {
    for (policy, begun, bare, told) in [
        (ChecksumPolicy::Answer, 200, 200, Some(NINE)),
        (ChecksumPolicy::Demand, 200, 400, Some(NINE)),
        (ChecksumPolicy::Ignore, 200, 200, None),
        (ChecksumPolicy::Refuse, 501, 0, None),
    ] {
        let root = tempfile::tempdir().unwrap();
        let sandbox = start(&root, policy).await;
        let target = format!("/{BUCKET}/k?uploads");
        let upload = send(sandbox.addr(), "POST", &target, ANNOUNCED, b"").await.unwrap();
        assert_eq!(upload.status, begun, "{policy:?}");
        let Some(id) = upload.element("UploadId") else { continue };
        let target = format!("k?partNumber=1&uploadId={id}");
        let part = put(&sandbox, &target, &[]).await;
        assert_eq!(part.status, bare, "{policy:?}");
        let part = match bare {
            200 => part,
            _ => put(&sandbox, &target, &[(HEADER, NINE)]).await,
        };
        assert_eq!((part.status, part.header(HEADER)), (200, told), "{policy:?}");
        let etag = part.header("etag").unwrap().to_owned();
        let target = format!("/{BUCKET}/k?uploadId={id}");
        let listed = send(sandbox.addr(), "GET", &target, &[S3], b"").await.unwrap();
        assert_eq!(listed.element("ChecksumCRC64NVME").as_deref(), told, "{policy:?}");
        let body = complete_body(&[(1, etag)]);
        let merged = send(sandbox.addr(), "POST", &target, &[S3], body.as_bytes()).await.unwrap();
        assert_eq!(merged.element("ChecksumCRC64NVME").as_deref(), told, "{policy:?}");
        let mode = [S3, ("x-amz-checksum-mode", "ENABLED")];
        for (headers, told) in [(&mode[..], told), (&mode[..1], None)] {
            let target = format!("/{BUCKET}/k");
            let head = send(sandbox.addr(), "HEAD", &target, headers, b"").await.unwrap();
            assert_eq!(head.header(HEADER), told, "{policy:?}");
        }
    }
}
