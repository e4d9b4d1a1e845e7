//! CRC-64/XZ, its combination, MD5 forms and ETags.

use ferry_model::checksum::{self, Crc64, multipart_etag, same_etag};
use ferry_storage::content_md5;
use serde_json::Value;

use crate::{load, text};

/// CRC-64/XZ as the engine computes it.
fn crc64(bytes: &[u8]) -> u64 {
    checksum::of(bytes).crc64
}

/// The bytes of an input, in the notation of the vectors.
fn bytes_of(input: &Value) -> Vec<u8> {
    let number = |value: &Value| value.as_u64().expect("number");
    let (name, value) = input.as_object().expect("input").iter().next().expect("one notation");
    match name.as_str() {
        "utf8" => value.as_str().expect("text").as_bytes().to_vec(),
        "hex" => hex::decode(value.as_str().expect("hex")).expect("hex"),
        "repeat_hex" => {
            let unit = hex::decode(value[0].as_str().expect("hex")).expect("hex");
            unit.repeat(usize::try_from(number(&value[1])).expect("small"))
        }
        "range256" => (0..=255).collect(),
        "lcg" => {
            let mut state = number(&value[1]);
            let mut next = || {
                state = (state * 1_103_515_245 + 12345) & 0x7fff_ffff;
                u8::try_from((state >> 16) & 0xff).expect("masked")
            };
            (0..number(&value[0])).map(|_| next()).collect()
        }
        other => panic!("unknown notation {other}"),
    }
}

fn list<'a>(document: &'a Value, name: &str) -> &'a [Value] {
    document[name].as_array().map_or(&[], Vec::as_slice)
}

fn decimal(value: &Value, name: &str) -> u64 {
    text(value, name).parse().expect("unsigned decimal")
}

#[test]
fn vectors_of_crc64() {
    let Some(document) = load("crc64.json") else { return };
    for case in list(&document, "crc") {
        assert_eq!(crc64(&bytes_of(&case["input"])), decimal(case, "crc64"), "{case}");
    }
    for case in list(&document, "combine") {
        let length = case["len2"].as_u64().expect("len2");
        assert_eq!(
            Crc64::Xz.combine(decimal(case, "crc1"), decimal(case, "crc2"), length),
            decimal(case, "combined"),
            "{case}"
        );
    }
    // A run of 2n zeros is two runs of n: long runs need no bytes.
    let mut run = (1u64, crc64(&[0]));
    let mut runs = vec![run];
    for _ in 0..43 {
        run = (run.0 * 2, Crc64::Xz.combine(run.1, run.1, run.0));
        runs.push(run);
    }
    for case in list(&document, "zero_runs") {
        let length = case["length"].as_u64().expect("length");
        let found = runs.iter().find(|(n, _)| *n == length).expect("a power of two");
        assert_eq!(found.1, decimal(case, "crc64"), "{case}");
    }
}

#[test]
fn vectors_of_crc64_folded_over_parts() {
    let Some(document) = load("crc64.json") else { return };
    let fold = &document["fold"];
    if fold.is_null() {
        return;
    }
    let bytes = bytes_of(&fold["input"]);
    let mut whole = 0;
    for part in list(fold, "parts") {
        let at = |name: &str| usize::try_from(part[name].as_u64().expect("number")).expect("small");
        let piece = &bytes[at("offset")..at("offset") + at("length")];
        assert_eq!(crc64(piece), decimal(part, "crc64"), "{part}");
        whole = Crc64::Xz.combine(whole, decimal(part, "crc64"), piece.len() as u64);
    }
    assert_eq!(whole, decimal(fold, "combined"));
}

#[test]
fn vectors_of_md5_and_etags() {
    let Some(document) = load("md5_etag.json") else { return };
    for case in list(&document, "md5") {
        let md5 = checksum::of(&bytes_of(&case["input"])).md5.expect("wanted");
        assert_eq!(hex::encode(md5), text(case, "md5_hex"));
        assert_eq!(content_md5(&md5), text(case, "content_md5"));
        assert!(same_etag(text(case, "oss_etag"), text(case, "s3_etag")));
        assert!(same_etag(text(case, "oss_etag"), text(case, "md5_hex")));
    }
    let trap = &document["content_md5_trap"];
    if let Some(input) = trap["input"].as_str() {
        let md5 = checksum::of(input.as_bytes()).md5.expect("wanted");
        assert_eq!(content_md5(&md5), text(trap, "right"));
    }
    for case in list(&document, "multipart_etag") {
        let bytes = bytes_of(&case["input"]);
        let size = usize::try_from(case["part_size"].as_u64().expect("part_size")).expect("small");
        let parts: Vec<[u8; 16]> =
            bytes.chunks(size).filter_map(|part| checksum::of(part).md5).collect();
        let etag = multipart_etag(&parts);
        assert_eq!(format!("\"{etag}\""), text(case, "s3_multipart_etag"), "{}", case["id"]);
        assert!(same_etag(&etag, text(case, "md5_of_md5s_upper")));
    }
}
