//! Fields as stores write them, and as no store may.

use super::*;

/// A list of uploads with this text wherever a key stands, in keys, prefixes and markers.
fn uploads(encoding: &str, key: &str) -> Result<UploadsPage, Refused> {
    let text = format!(
        "<ListMultipartUploadsResult>{encoding}<IsTruncated>true</IsTruncated><NextKeyMarker>{key}</NextKeyMarker>\
         <NextUploadIdMarker>U%2B+</NextUploadIdMarker><Upload><Key>{key}</Key><UploadId>U%2B+</UploadId></Upload>\
         <CommonPrefixes><Prefix>{key}</Prefix></CommonPrefixes></ListMultipartUploadsResult>"
    );
    UploadsPage::read(text.as_bytes())
}

const URL: &str = "<EncodingType>url</EncodingType>";

#[test]
fn keys_are_decoded_where_the_answer_says_they_are_encoded() {
    for (encoding, sent, key) in [
        (URL, "a%2Bb+c%20d", "a+b c d"),
        (URL, "%E7%85%A7%2F1", "照/1"),
        (URL, "\n a \n", "a"),
        (URL, "%09a%0A", "\ta\n"),
        (URL, "100%", "100%"),
        ("", "a%2Bb+c%20d", "a%2Bb+c%20d"),
        ("", " a ", " a "),
        ("", "a&#9;&amp;", "a\t&"),
        ("<EncodingType>base64</EncodingType>", "a%2B", "a%2B"),
    ] {
        let page = uploads(encoding, sent).unwrap();
        assert_eq!(
            (
                page.uploads[0].key.as_str(),
                page.next_key_marker.as_str(),
                page.prefixes[0].as_str()
            ),
            (key, key, key),
            "{sent}"
        );
        // No service encodes an id.
        assert_eq!(
            (page.uploads[0].upload_id.as_str(), page.next_upload_id_marker.as_str()),
            ("U%2B+", "U%2B+")
        );
        let text = format!(
            "<InitiateMultipartUploadResult>{encoding}<Key>{sent}</Key><UploadId>U</UploadId></InitiateMultipartUploadResult>"
        );
        assert_eq!(Initiated::read(text.as_bytes()).unwrap().key, key, "{sent}");
    }
    assert!(uploads(URL, "%ff").is_err(), "a key is UTF-8");
}

#[test]
fn objects_are_listed_with_their_folders() {
    let page = |encoding: &str, key: &str, size: &str, token: &str| {
        let text = format!(
            "<ListBucketResult>{encoding}<Name>b</Name><Prefix>p</Prefix><IsTruncated>true</IsTruncated>\
             <NextContinuationToken>{token}</NextContinuationToken>\
             <Contents><Key>{key}</Key><Size>{size}</Size></Contents>\
             <CommonPrefixes><Prefix>{key}/</Prefix></CommonPrefixes></ListBucketResult>"
        );
        ObjectsPage::read(text.as_bytes())
    };
    let read = page(URL, "a%2Bb+%E7%85%A7", "18446744073709551615", "T%2B-").unwrap();
    assert_eq!((read.objects[0].key.as_str(), read.objects[0].size), ("a+b 照", u64::MAX));
    assert_eq!((read.prefixes, read.next_token.as_str()), (vec!["a+b 照/".to_owned()], "T+-"));
    let read = page("", " a%2B+", "0", "T%2B+/=").unwrap();
    assert_eq!((read.objects[0].key.as_str(), read.next_token.as_str()), (" a%2B+", "T%2B+/="));
    let token = "t".repeat(TOKEN_LIMIT);
    assert_eq!(page("", "k", "1", &token).unwrap().next_token, token);
    for (encoding, key, size, token, field) in [
        (URL, "%ff", "1", "t", "Key"),
        ("", "", "1", "t", "Key"),
        ("", "k", "", "t", "Size"),
        ("", "k", "-1", "t", "Size"),
        ("", "k", "18446744073709551616", "t", "Size"),
        (URL, "k", "1", "%ff", "NextContinuationToken"),
        ("", "k", "1", &"t".repeat(TOKEN_LIMIT + 1), "NextContinuationToken"),
    ] {
        assert_eq!(page(encoding, key, size, token), Err(Refused::Field(field)), "{key} {size}");
    }
}

#[test]
fn what_no_store_sends_is_refused() {
    let initiated = |id: &str| {
        let text = format!(
            "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        );
        Initiated::read(text.as_bytes()).map(|initiated| initiated.upload_id)
    };
    assert_eq!(initiated("\n 2~a+b/c=.x_- \n").as_deref(), Ok("2~a+b/c=.x_-"));
    for id in ["", " ", "a b", "a&#10;b", "照", "&#x7f;", &"a".repeat(UPLOAD_ID_LIMIT + 1)] {
        assert_eq!(initiated(id), Err(Refused::Field("UploadId")), "{id:?}");
    }
    let location = |text: &str| {
        let text = format!("<LocationConstraint>{text}</LocationConstraint>");
        BucketInfo::read_s3(text.as_bytes()).map(|info| info.region.unwrap_or_default())
    };
    for (text, region) in [
        ("", "us-east-1"),
        ("EU", "eu-west-1"),
        ("oss-cn-hangzhou", "cn-hangzhou"),
        ("default:cold", "default:cold"),
    ] {
        assert_eq!(location(text).as_deref(), Ok(region));
    }
    for text in ["a b", "a&#10;b", "照", &"a".repeat(REGION_LIMIT + 1)] {
        assert_eq!(location(text), Err(Refused::Field("LocationConstraint")), "{text:?}");
    }
}

#[test]
fn a_part_has_fields_of_its_form() {
    let page = |part: &str, more: &str| {
        let text = format!(
            "<ListPartsResult><IsTruncated>false</IsTruncated>{more}<Part>{part}</Part></ListPartsResult>"
        );
        PartsPage::read(text.as_bytes())
    };
    let part = |number: &str, size: &str, etag: &str| {
        page(
            &format!("<PartNumber>{number}</PartNumber><Size>{size}</Size><ETag>{etag}</ETag>"),
            "",
        )
    };
    for etag in ["", "\"\"", "\"e\"", "&quot;e&quot;", " e "] {
        let read = part("10000", "18446744073709551615", etag).unwrap().parts.remove(0);
        assert_eq!((read.number, read.size), (10_000, u64::MAX));
        assert_eq!(read.etag, if etag.trim_matches('"').is_empty() { "" } else { "e" }, "{etag}");
    }
    for (number, size, etag, field) in [
        ("0", "1", "e", "PartNumber"),
        ("10001", "1", "e", "PartNumber"),
        ("+1", "1", "e", "PartNumber"),
        ("4294967297", "1", "e", "PartNumber"),
        ("1", "-1", "e", "Size"),
        ("1", "18446744073709551616", "e", "Size"),
        ("1", "", "e", "Size"),
        ("1", "1", "\"a\"b\"", "ETag"),
        ("1", "1", "a&#10;b", "ETag"),
    ] {
        assert_eq!(part(number, size, etag), Err(Refused::Field(field)), "{number} {size} {etag}");
    }
    for (marker, next) in [
        ("", Ok(None)),
        ("0", Ok(Some(0))),
        ("10000", Ok(Some(10_000))),
        ("10001", Err(())),
        ("x", Err(())),
    ] {
        let marker = format!("<NextPartNumberMarker>{marker}</NextPartNumberMarker>");
        let read = page("<PartNumber>1</PartNumber><Size>1</Size>", &marker);
        assert_eq!(read.map(|page| page.next_marker).map_err(drop), next, "{marker}");
    }
}

#[test]
fn the_store_s_time_is_read_if_it_can_be() {
    let time = |text: &str| {
        let document = format!(
            "<Error><Code>RequestTimeTooSkewed</Code><ServerTime>{text}</ServerTime></Error>"
        );
        ErrorDocument::read(document.as_bytes()).unwrap().server_time()
    };
    for (text, seconds) in [
        ("2026-01-15T08:30:45.000Z", Some(1_768_465_845)),
        ("1970-01-01T00:00:00Z", Some(0)),
        ("1969-12-31T23:59:59Z", None),
        ("0000-01-01T00:00:00-23:59", None),
        ("2026-02-30T00:00:00Z", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(time(text), seconds, "{text}");
    }
}
