//! Every XML text of the vectors: read as expected, or refused.

use std::collections::BTreeMap;
use std::time::SystemTime;

use ferry_storage::xml::documents::complete_request;
use ferry_storage::xml::{
    BucketInfo, Completed, ErrorDocument, Initiated, PartsPage, Refused, UploadsPage,
};
use serde_json::{Value, json};

use crate::{directory, load};

fn seconds(time: Option<SystemTime>) -> Value {
    json!(
        time.expect("readable")
            .duration_since(SystemTime::UNIX_EPOCH)
            .expect("after 1970")
            .as_secs()
    )
}

/// What was read, in the shape of `xml_expected.json`.
fn read(name: &str, bytes: &[u8]) -> Value {
    match name {
        name if name.contains("initiate_result") => {
            json!({ "upload_id": Initiated::read(bytes).expect(name).upload_id })
        }
        name if name.contains("list_parts") => {
            let page = PartsPage::read(bytes).expect(name);
            let rows: Vec<_> = page
                .parts
                .iter()
                .map(|p| json!([p.number, p.etag, p.size, seconds(p.last_modified)]))
                .collect();
            json!({ "is_truncated": page.truncated, "next_marker": page.next_marker.expect(name).to_string(), "parts": rows })
        }
        name if name.contains("list_uploads") => {
            let page = UploadsPage::read(bytes).expect(name);
            let rows: Vec<_> = page
                .uploads
                .iter()
                .map(|u| json!([u.key, u.upload_id, seconds(u.initiated)]))
                .collect();
            json!({
                "is_truncated": page.truncated,
                "next_key_marker": page.next_key_marker,
                "next_upload_id_marker": page.next_upload_id_marker,
                "uploads": rows,
                "prefixes": page.prefixes,
            })
        }
        name if name.contains("_error_") => {
            let document = ErrorDocument::read(bytes).expect(name);
            json!({ "details": document.fields.into_iter().collect::<BTreeMap<_, _>>() })
        }
        name if name.contains("bucket_info") => {
            let info = BucketInfo::read_oss(bytes).expect(name);
            json!({
                "name": info.name,
                "creation_date": info.creation_date,
                "storage_class": info.storage_class,
                "extranet_endpoint": info.extranet_endpoint,
                "intranet_endpoint": info.intranet_endpoint,
                "location": format!("oss-{}", info.region.expect("location")),
                "versioning_status": info.versioning,
            })
        }
        other => panic!("{other}: no reader"),
    }
}

#[test]
fn vectors_of_documents_are_read_as_expected() {
    let Some(document) = load("xml_expected.json") else { return };
    for (name, expected) in document["expected"].as_object().expect("expected") {
        // Where oss2 reads nothing, a client that reads more is right: see the next test.
        if expected["details"].as_object().is_some_and(serde_json::Map::is_empty) {
            continue;
        }
        let bytes = std::fs::read(directory().join("xml").join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let got = read(name, &bytes);
        for (field, value) in got.as_object().expect("object") {
            assert_eq!(value, &expected[field], "{name}: {field}");
        }
    }
}

#[test]
fn vectors_of_documents_without_expectation() {
    let file = |name: &str| std::fs::read(directory().join("xml").join(name)).ok();
    if let Some(bytes) = file("oss_error_minimal_namespaced.xml") {
        let document = ErrorDocument::read(&bytes).expect("namespaced");
        assert_eq!(
            (document.get("Code"), document.get("RequestId")),
            (Some("AccessDenied"), Some("1D842BC5425544BB"))
        );
    }
    if let Some(bytes) = file("oss_error_truncated.txt") {
        assert!(matches!(ErrorDocument::read(&bytes), Err(Refused::Malformed(_))));
        assert_eq!(
            ErrorDocument::salvage(&bytes).expect("root").get("Code"),
            Some("InternalError")
        );
    }
    if let Some(bytes) = file("oss_initiate_result_urlenc.xml") {
        assert_eq!(Initiated::read(&bytes).expect("urlenc").key, "目录/a+b c.txt");
    }
    if let Some(bytes) = file("oss_list_parts_page1.xml") {
        assert_eq!(
            PartsPage::read(&bytes).expect("page").parts[0].crc64,
            Some(12_345_678_901_234_567_890)
        );
    }
    for (name, etag) in [
        ("oss_complete_result.xml", "B864DB6A936D376F9F8D3ED3BBE540DD-3"),
        ("s3_complete_result.xml", "3858f62230ac3c915f300c664312c11f-9"),
    ] {
        if let Some(bytes) = file(name) {
            assert_eq!(Completed::read(&bytes).expect(name).etag, etag);
        }
    }
    if let Some(bytes) = file("s3_complete_200_error.xml") {
        assert_eq!(Completed::read(&bytes), Err(Refused::Root("Error".into())));
        assert_eq!(ErrorDocument::read(&bytes).expect("error").get("Code"), Some("InternalError"));
    }
    if let Some(bytes) = file("s3_error_slowdown.xml") {
        assert_eq!(ErrorDocument::read(&bytes).expect("error").get("Code"), Some("SlowDown"));
    }
    if let Some(bytes) = file("s3_initiate_result.xml") {
        assert_eq!(Initiated::read(&bytes).expect("initiate").key, "example-object");
    }
    if let Some(bytes) = file("s3_list_parts.xml") {
        let page = PartsPage::read(&bytes).expect("page");
        assert_eq!(
            (page.parts.len(), page.truncated, page.next_marker, page.parts[0].crc64),
            (2, true, Some(3), None)
        );
    }
    if let Some(bytes) = file("gateway_error.html") {
        for refused in [
            Initiated::read(&bytes).expect_err("html"),
            PartsPage::read(&bytes).expect_err("html"),
            Completed::read(&bytes).expect_err("html"),
            ErrorDocument::read(&bytes).expect_err("html"),
        ] {
            assert_eq!(refused, Refused::Root("html".into()));
        }
        assert_eq!(ErrorDocument::salvage(&bytes), None);
    }
    if let Some(bytes) = file("oss_complete_request.xml") {
        let part = |number, etag: &str| (number, etag.to_owned());
        let parts = [
            part(1, "3349DC700140D7F86A078484278075A9"),
            part(5, "\"8EFDA8BE206636A695359836FE0A0E0A\""),
        ];
        assert_eq!(complete_request(&parts).as_bytes(), bytes);
    }
}
