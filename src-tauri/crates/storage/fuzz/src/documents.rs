//! The XML answers: what each reader may believe.

use ferry_storage::xml::documents::complete_request;
use ferry_storage::xml::{
    BucketInfo, Completed, Element, ErrorDocument, Initiated, ObjectsPage, PartsPage, UploadsPage,
};

use crate::whole::believed;

/// 9999-12-31T23:59:59Z.
const LATEST: i64 = 253_402_300_799;

pub(crate) fn initiate_result(input: &[u8]) {
    let Some((tree, initiated)) =
        believed(input, &["InitiateMultipartUploadResult"], Initiated::read)
    else {
        return;
    };
    is_word(&initiated.upload_id);
    assert_eq!(tree.text_of("UploadId"), Some(initiated.upload_id.as_str()));
    is_key_of(&tree, &tree, "Key", &initiated.key);
    no_other_document(input, "InitiateMultipartUploadResult");
}

pub(crate) fn list_parts_result(input: &[u8]) {
    let Some((tree, page)) = believed(input, &["ListPartsResult"], PartsPage::read) else { return };
    assert_eq!(page.parts.len(), tree.all("Part").count(), "a part was lost or invented");
    for part in &page.parts {
        assert!((1..=10_000).contains(&part.number), "part {}", part.number);
        if !part.etag.is_empty() {
            is_etag(&part.etag);
        }
    }
    assert!(page.next_marker.is_none_or(|next| next <= 10_000), "a list could go on for ever");
    assert_eq!(tree.text_of("IsTruncated"), Some(if page.truncated { "true" } else { "false" }));
    let merged: Vec<(u32, String)> =
        page.parts.iter().map(|part| (part.number, part.etag.clone())).collect();
    is_read_back(&merged);
    no_other_document(input, "ListPartsResult");
}

pub(crate) fn list_uploads_result(input: &[u8]) {
    let Some((tree, page)) = believed(input, &["ListMultipartUploadsResult"], UploadsPage::read)
    else {
        return;
    };
    let rows: Vec<&Element> = tree.all("Upload").collect();
    assert_eq!(page.uploads.len(), rows.len(), "an upload was lost or invented");
    for (row, upload) in rows.into_iter().zip(&page.uploads) {
        assert!(!upload.key.is_empty(), "an upload without a key");
        is_word(&upload.upload_id);
        is_key_of(&tree, row, "Key", &upload.key);
    }
    for (row, prefix) in tree.all("CommonPrefixes").zip(&page.prefixes) {
        is_key_of(&tree, row, "Prefix", prefix);
    }
    is_key_of(&tree, &tree, "NextKeyMarker", &page.next_key_marker);
    no_other_document(input, "ListMultipartUploadsResult");
}

pub(crate) fn list_objects_result(input: &[u8]) {
    let Some((tree, page)) = believed(input, &["ListBucketResult"], ObjectsPage::read) else {
        return;
    };
    let rows: Vec<&Element> = tree.all("Contents").collect();
    assert_eq!(page.objects.len(), rows.len(), "an object was lost or invented");
    for (row, object) in rows.into_iter().zip(&page.objects) {
        assert!(!object.key.is_empty(), "an object without a key");
        is_key_of(&tree, row, "Key", &object.key);
        let size = row.text_of("Size").and_then(|text| text.parse().ok());
        assert_eq!(size, Some(object.size), "a size was changed");
    }
    assert_eq!(page.prefixes.len(), tree.all("CommonPrefixes").count());
    for (row, prefix) in tree.all("CommonPrefixes").zip(&page.prefixes) {
        is_key_of(&tree, row, "Prefix", prefix);
    }
    assert_eq!(tree.text_of("IsTruncated"), Some(if page.truncated { "true" } else { "false" }));
    is_key_of(&tree, &tree, "NextContinuationToken", &page.next_token);
    assert!(page.next_token.len() <= 8_192, "a token of {} bytes", page.next_token.len());
    no_other_document(input, "ListBucketResult");
}

pub(crate) fn complete_result(input: &[u8]) {
    if ErrorDocument::read(input).is_ok() {
        assert!(Completed::read(input).is_err(), "an error that came with 200 counts as merged");
    }
    let Some((tree, completed)) =
        believed(input, &["CompleteMultipartUploadResult"], Completed::read)
    else {
        return;
    };
    // Ceph's gateway tells none, but the field is there.
    if completed.etag.is_empty() {
        assert!(tree.child("ETag").is_some(), "any document is believed");
    } else {
        is_etag(&completed.etag);
    }
    no_other_document(input, "CompleteMultipartUploadResult");
}

pub(crate) fn error_document(input: &[u8]) {
    let salvaged = ErrorDocument::salvage(input);
    let Some((tree, document)) = believed(input, &["Error"], ErrorDocument::read) else {
        if let Some(salvaged) = salvaged {
            fields_are_bounded(&salvaged, input.len());
        }
        return;
    };
    fields_are_bounded(&document, input.len());
    assert_eq!(salvaged.as_ref(), Some(&document), "what is whole is salvaged whole");
    for (name, value) in &document.fields {
        assert!(tree.all(name).any(|child| child.text() == value), "{name} was invented");
    }
    assert!(document.server_time().is_none_or(|time| (0..=LATEST).contains(&time)));
    // However it is cut, a field is there as it was sent, or not at all.
    for piece in 1..16 {
        let cut = &input[..input.len() * piece / 16];
        let found = ErrorDocument::salvage(cut).unwrap_or_default().fields;
        assert!(document.fields.starts_with(&found), "a cut document has other fields: {found:?}");
    }
    no_other_document(input, "Error");
}

pub(crate) fn bucket_info(input: &[u8]) {
    let Some((_, info)) = believed(input, &["BucketInfo"], BucketInfo::read_oss) else { return };
    assert!(info.name.as_deref().is_some_and(|name| !name.is_empty()), "a bucket without a name");
    if let Some(region) = &info.region {
        is_word(region);
    }
    no_other_document(input, "BucketInfo");
}

pub(crate) fn bucket_location(input: &[u8]) {
    let Some((_, info)) =
        believed(input, &["LocationConstraint", "CreateBucketConfiguration"], BucketInfo::read_s3)
    else {
        return;
    };
    is_word(info.region.as_deref().expect("a location is always told"));
    no_other_document(input, "LocationConstraint");
}

/// Each reader has its own root, so no text is believed by two of them.
fn no_other_document(input: &[u8], root: &str) {
    let readers: [(&str, bool); 8] = [
        ("InitiateMultipartUploadResult", Initiated::read(input).is_ok()),
        ("ListPartsResult", PartsPage::read(input).is_ok()),
        ("ListMultipartUploadsResult", UploadsPage::read(input).is_ok()),
        ("ListBucketResult", ObjectsPage::read(input).is_ok()),
        ("CompleteMultipartUploadResult", Completed::read(input).is_ok()),
        ("Error", ErrorDocument::read(input).is_ok()),
        ("BucketInfo", BucketInfo::read_oss(input).is_ok()),
        ("LocationConstraint", BucketInfo::read_s3(input).is_ok()),
    ];
    for (other, read) in readers {
        assert!(!read || other == root, "<{root}> is taken for <{other}>");
    }
}

fn fields_are_bounded(document: &ErrorDocument, length: usize) {
    let size: usize = document.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(size <= length, "{size} bytes of fields came of {length}");
    assert!(
        document.fields.iter().all(|(name, value)| !name.is_empty() && !value.is_empty()),
        "an empty field"
    );
}

/// An upload id or a region: later requests and the journal's lines name it.
fn is_word(text: &str) {
    assert!(!text.is_empty() && text.len() <= 1024, "a word of {} bytes", text.len());
    assert!(text.chars().all(|c| ('!'..='~').contains(&c)), "{text:?} is no word");
}

pub(crate) fn is_etag(etag: &str) {
    assert!(!etag.is_empty() && etag.len() <= 256, "an ETag of {} bytes", etag.len());
    assert!(etag.chars().all(|c| ('!'..='~').contains(&c) && c != '"'), "{etag:?} is no ETag");
}

/// A key is the text that was sent: percent-decoded where the document says so, as it stands where
/// not.
fn is_key_of(root: &Element, element: &Element, name: &str, key: &str) {
    let Some(child) = element.child(name) else {
        assert_eq!(key, "", "{name} was invented");
        return;
    };
    if root.text_of("EncodingType") != Some("url") {
        assert_eq!(key, child.raw, "{name} was changed");
        return;
    }
    assert_eq!(key.as_bytes(), decoded(child.text()), "{name} was decoded to something else");
}

/// As every service writes it that was asked for `encoding-type=url`: `%XX` is a byte, `+` a space,
/// the rest itself.
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::new();
    while let [first, tail @ ..] = rest {
        let escape = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = escape
            .filter(|pair| !pair.starts_with('+'))
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        rest = if byte.is_some() { &tail[2..] } else { tail };
        bytes.push(byte.unwrap_or(if *first == b'+' { b' ' } else { *first }));
    }
    bytes
}

/// The body of Complete, read as the store will read it, names these parts and nothing else.
pub(crate) fn is_read_back(parts: &[(u32, String)]) {
    let body = complete_request(parts);
    let tree = Element::document(body.as_bytes(), &["CompleteMultipartUpload"])
        .expect("the body of Complete is a document");
    let read: Vec<(u32, String)> = tree
        .all("Part")
        .map(|part| {
            let field = |name| part.text_of(name).expect("each part has both fields");
            (
                field("PartNumber").parse().expect("a number"),
                field("ETag").trim_matches('"').to_owned(),
            )
        })
        .collect();
    assert_eq!(read, parts, "the body of Complete says something else");
    assert_eq!(tree.children.len(), parts.len());
}
