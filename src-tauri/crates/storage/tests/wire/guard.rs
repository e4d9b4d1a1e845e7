//! The guard before XML answers: root, required fields, end, size, depth, and lists that end.

use ferry_model::{FaultKind, Provider};
use ferry_storage::{Delivery, ObjectOptions, ObjectStore, Payload, Store, StoreError};

use crate::server::{Server, Step, answer};
use crate::{all_parts, all_uploads, store};

/// Documents that are believed, by the operation that asks for them.
const INITIATED: &str = "<InitiateMultipartUploadResult><Key>k</Key><UploadId>U</UploadId></InitiateMultipartUploadResult>";
const PARTS: &str = "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Size>5</Size></Part></ListPartsResult>";
const UPLOADS: &str = "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload><Key>k</Key><UploadId>U</UploadId></Upload></ListMultipartUploadsResult>";
const OBJECTS: &str = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key><Size>5</Size></Contents></ListBucketResult>";
const MERGED: &str = "<CompleteMultipartUploadResult><Key>k</Key><ETag>\"e-1\"</ETag></CompleteMultipartUploadResult>";
const INFO: &str = "<BucketInfo><Bucket><Name>bkt</Name></Bucket></BucketInfo>";
const LOCATION: &str = "<LocationConstraint>eu-west-1</LocationConstraint>";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Initiate,
    Parts,
    Uploads,
    Objects,
    Complete,
    Info,
}

use Operation as O;

impl Operation {
    async fn run(self, store: &Store) -> Result<(), StoreError> {
        let options = ObjectOptions::default();
        match self {
            O::Initiate => store.initiate("k", &options).await.map(drop),
            O::Parts => store.list_parts("k", "U", None).await.map(drop),
            O::Uploads => store.list_uploads("", None).await.map(drop),
            O::Objects => store.list_objects("", None, None).await.map(drop),
            O::Complete => store.complete("k", "U", &[(1, "E".into())], &options).await.map(drop),
            O::Info => store.bucket_info().await.map(drop),
        }
    }
}

/// Each operation with its document, and what the document cannot do without.
const DOCUMENTS: &[(Operation, Provider, &str, &[&str])] = &[
    (O::Initiate, Provider::Oss, INITIATED, &["<UploadId>U</UploadId>"]),
    (
        O::Parts,
        Provider::Oss,
        PARTS,
        &["<IsTruncated>false</IsTruncated>", "<PartNumber>1</PartNumber>", "<Size>5</Size>"],
    ),
    (
        O::Uploads,
        Provider::S3,
        UPLOADS,
        &["<IsTruncated>false</IsTruncated>", "<Key>k</Key>", "<UploadId>U</UploadId>"],
    ),
    (
        O::Objects,
        Provider::S3,
        OBJECTS,
        &["<IsTruncated>false</IsTruncated>", "<Key>k</Key>", "<Size>5</Size>"],
    ),
    (O::Complete, Provider::S3, MERGED, &["<ETag>\"e-1\"</ETag>"]),
    (O::Info, Provider::Oss, INFO, &["<Name>bkt</Name>", "<Bucket><Name>bkt</Name></Bucket>"]),
    (O::Info, Provider::S3, LOCATION, &[]),
];

fn success(body: &str) -> Step {
    answer(200, &["x-oss-request-id: R"], body)
}

async fn outcome(operation: Operation, provider: Provider, body: &str) -> Result<(), StoreError> {
    let server = Server::start(vec![success(body)]).await;
    operation.run(&store(provider, &server.endpoint)).await
}

#[tokio::test]
async fn n12_a_document_is_believed_whole_or_not_at_all() {
    for (operation, provider, document, required) in DOCUMENTS {
        outcome(*operation, *provider, document)
            .await
            .unwrap_or_else(|error| panic!("{operation:?}: {error:?}"));
        let (start, end) = document.split_at(document.rfind("</").expect("an end"));
        let root = &end[2..end.len() - 1];
        let mut refused = vec![
            String::new(),
            "\r\n \n".into(),
            "<?xml version=\"1.0\"?>\n".into(),
            "<html><body>login</body></html>".into(),
            format!("<!DOCTYPE html><html>{document}</html>"),
            format!("<!DOCTYPE {root} [<!ENTITY e \"x\">]>{document}"),
            start.to_owned(),
            document[..document.len() - 1].to_owned(),
            format!("{document}<{root}/>"),
            format!("{document}<html/>"),
            format!("{document}more"),
            format!("{document}{document}"),
            format!("<Envelope>{document}</Envelope>"),
            document.replace(root, &root.to_lowercase()),
            format!("{start}{}{}{end}", "<D>".repeat(16), "</D>".repeat(16)),
            format!("{start}{}{end}", "<D/>".repeat(100_000)),
            format!("{start}&undefined;{end}"),
        ];
        refused.extend(required.iter().map(|field| document.replace(field, "")));
        for body in refused {
            let shown: String = body.chars().take(200).collect();
            let error = outcome(*operation, *provider, &body).await.expect_err(&shown);
            assert_eq!(
                (error.kind(), error.delivery),
                (FaultKind::NotStore, Delivery::Perhaps),
                "{operation:?}: {shown}"
            );
        }
    }
}

#[tokio::test]
async fn an_answer_has_a_size_it_cannot_exceed() {
    for (operation, provider, document, _) in DOCUMENTS {
        let pages = matches!(operation, O::Parts | O::Uploads | O::Objects);
        let limit = if pages { 8 << 20 } else { 1 << 20 };
        let padded = |length: usize| format!("{document}{}", " ".repeat(length - document.len()));
        outcome(*operation, *provider, &padded(limit))
            .await
            .unwrap_or_else(|error| panic!("{operation:?}: {error:?}"));
        let error =
            outcome(*operation, *provider, &padded(limit + 1)).await.expect_err("too large");
        assert_eq!(error.kind(), FaultKind::NotStore, "{operation:?}");
    }
}

#[tokio::test]
async fn an_error_with_a_success_status_is_an_error() {
    let body = "<?xml version=\"1.0\"?>\n\n <Error><Code>SlowDown</Code><Message>m</Message><RequestId>R</RequestId></Error>";
    for (operation, provider, ..) in DOCUMENTS {
        let error = outcome(*operation, *provider, body).await.expect_err("an error");
        assert_eq!(
            (error.kind(), error.fault.code.as_deref()),
            (FaultKind::Throttled, Some("SlowDown")),
            "{operation:?}"
        );
    }
    let server =
        Server::start(vec![answer(200, &["x-oss-request-id: R", "ETag: \"e\""], body)]).await;
    let store = store(Provider::S3, &server.endpoint);
    let part = store
        .upload_part("k", "U", 1, &ObjectOptions::default(), Payload::from_bytes("hello".into()))
        .await
        .expect_err("an error");
    assert_eq!(
        (part.kind(), store.abort("k", "U").await.expect_err("an error").kind()),
        (FaultKind::Throttled, FaultKind::Throttled)
    );
}

#[tokio::test]
async fn an_object_named_like_an_error_is_none() {
    for name in [
        "SlowDown.xml",
        "&lt;Error&gt;&lt;Code&gt;SlowDown&lt;/Code&gt;&lt;/Error&gt;",
        "<![CDATA[<Error><Code>SlowDown</Code></Error>]]>",
    ] {
        let named =
            |document: &str| document.replace("<Key>k</Key>", &format!("<Key>{name}</Key>"));
        for (operation, provider, document, _) in DOCUMENTS {
            outcome(*operation, *provider, &named(document))
                .await
                .unwrap_or_else(|error| panic!("{operation:?} {name}: {error:?}"));
        }
    }
    let within = MERGED.replace("<Key>k</Key>", "<Error><Code>SlowDown</Code></Error>");
    outcome(O::Complete, Provider::S3, &within).await.expect("only the root tells");
}

fn page_of_parts(next: &str) -> Step {
    let marker = format!("<NextPartNumberMarker>{next}</NextPartNumberMarker>");
    success(&PARTS.replace("false", "true").replace("<Part>", &format!("{marker}<Part>")))
}

fn page_of_uploads(key: &str, id: &str) -> Step {
    let marker = format!(
        "<NextKeyMarker>{key}</NextKeyMarker><NextUploadIdMarker>{id}</NextUploadIdMarker>"
    );
    success(&UPLOADS.replace("false", "true").replace("<Upload>", &format!("{marker}<Upload>")))
}

#[tokio::test]
async fn a_list_whose_marker_does_not_advance_is_an_error() {
    for (pages, asked) in [
        (vec![page_of_parts("3")], 2),
        (vec![page_of_parts("3"), page_of_parts("2")], 2),
        (vec![page_of_parts("0")], 1),
        (vec![page_of_parts("10000")], 2),
        (vec![page_of_parts("10001")], 1),
        (vec![page_of_parts("4294967295")], 1),
        (vec![page_of_parts("+5")], 1),
    ] {
        let server = Server::start(pages).await;
        let error = all_parts(&store(Provider::S3, &server.endpoint)).await.expect_err("no end");
        assert_eq!((error.kind(), server.seen().len()), (FaultKind::NotStore, asked));
    }
    for (pages, asked) in [
        (vec![page_of_uploads("k", "U")], 2),
        // SeaweedFS pages by ids alone.
        (vec![page_of_uploads("", "U")], 2),
        (vec![page_of_uploads("", "")], 1),
        // Each of these differs from the page before.
        (vec![page_of_uploads("k", "U"), page_of_uploads("l", "U"), page_of_uploads("k", "U")], 3),
    ] {
        let server = Server::start(pages).await;
        let error =
            all_uploads(&store(Provider::S3, &server.endpoint), "").await.expect_err("no end");
        assert_eq!((error.kind(), server.seen().len()), (FaultKind::NotStore, asked));
    }
}

#[tokio::test]
async fn a_list_of_uploads_goes_on_within_a_key() {
    let pages = vec![
        page_of_uploads("k", "U1"),
        page_of_uploads("k", "U2"),
        page_of_uploads("l", ""),
        success(UPLOADS),
    ];
    let server = Server::start(pages).await;
    assert_eq!(
        all_uploads(&store(Provider::S3, &server.endpoint), "k").await.expect("uploads").len(),
        4
    );
    let lines: Vec<String> = server.seen().iter().map(|seen| seen.line().to_owned()).collect();
    for (line, marker) in lines.iter().zip([
        "prefix=k",
        "key-marker=k&upload-id-marker=U1",
        "upload-id-marker=U2",
        "key-marker=l",
    ]) {
        assert!(line.contains(marker), "{line}: {marker}");
    }
    assert!(!lines[0].contains("marker") && !lines[3].contains("upload-id-marker"), "{lines:?}");
}

#[tokio::test]
async fn a_get_takes_only_the_range_it_asked_for() {
    for (status, range, fits) in [
        (206, Some("bytes 2-4/9"), true),
        (206, Some("bytes 2-3/4"), true),
        (206, Some("bytes 2-40/90"), false),
        (206, Some("bytes 2-3/9"), false),
        (206, Some("bytes 20-22/90"), false),
        (206, Some("2-4/9"), false),
        (206, None, false),
        (200, Some("bytes 2-4/9"), false),
    ] {
        let header = range.map(|range| format!("Content-Range: {range}"));
        let headers: Vec<&str> = header.as_deref().into_iter().chain(["ETag: \"E\""]).collect();
        let server = Server::start(vec![answer(status, &headers, "cde")]).await;
        let got = store(Provider::S3, &server.endpoint).get("k", Some((2, 4))).await.map(drop);
        assert_eq!(
            got.map_err(|error| error.kind()),
            if fits { Ok(()) } else { Err(FaultKind::UnknownAnswer) },
            "{status} {range:?}"
        );
    }
}
