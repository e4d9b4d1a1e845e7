//! Keys: what Ferry signs, sends and reads is the key that was meant, byte for byte.

use std::path::PathBuf;

use ferry_model::FaultKind;
use ferry_model::key::OSS_KEY_BYTES;
use ferry_model::template::composed;
use ferry_storage::{Delivery, ObjectOptions, ObjectStore as _, Store, StoreError};
use support::ferry::Place;

use crate::habits::{Habits, Key};
use crate::{Ground, MIB, all_parts, all_uploads, payload, random, read, refused};

/// Keys that trip over encoding, decoding or tidying somewhere.
pub(crate) const KEYS: &[&str] = &[
    "plain.txt",
    "目录/照片 2026.jpg",
    "a b/c  d.txt",
    "a+b.txt",
    "+",
    "100%.txt",
    "100%25.txt",
    "%2e%2e%2fx",
    "%zz",
    "a&b=c;d.txt",
    "#hash?.txt",
    "?uploads",
    "a?versionId=null&partNumber=1",
    "😀🚢/😀.bin",
    "x\u{302}/e\u{301}.txt",
    "é.txt",
    "e\u{301}.txt",
    " leading",
    "trailing ",
    "trailing /x /y.",
    "...",
    ".hidden",
    "~-_.!*'()",
    "$,:@[]{}|^`<>\"",
    "tab\there",
    "line\nfeed",
    "\u{feff}bom\u{a0}\u{202e}rtl",
    "Case/case/CASE",
];

/// Most bytes of an S3 key.
const LONGEST: usize = 1024;

/// A key of so many bytes, with slashes.
fn long_key(bytes: usize) -> String {
    let folders = ("f".repeat(240) + "/").repeat(4);
    folders.clone() + &"x".repeat(bytes - folders.len())
}

/// Stores an object in parts and another way, and looks at it in every way there is.
async fn store_and_read(
    habits: &Habits,
    ferry: &Store,
    key: &str,
    bytes: &[u8],
    treatment: Key,
) -> Result<(), StoreError> {
    let options = ObjectOptions::default();
    let id = ferry.initiate(key, &options).await?;
    let (prefix, listed_as) = match treatment {
        Key::ListedAs(other) => (other, other),
        Key::UploadListedAs(other) => (key, other),
        Key::Kept | Key::Refused(_) => (key, key),
    };
    let listed = all_uploads(ferry, prefix).await?;
    assert_eq!(
        listed.iter().map(|upload| (&*upload.key, &upload.upload_id)).collect::<Vec<_>>(),
        [(listed_as, &id)]
    );
    let part = ferry.upload_part(key, &id, 1, &ObjectOptions::default(), payload(bytes)).await?;
    assert_eq!(all_parts(ferry, key, &id).await?.len(), 1);
    match ferry.complete(key, &id, &[(1, part.etag)], &options).await {
        Err(error) if habits.long_complete_is_garbled && key.len() == LONGEST => {
            assert_eq!(error.delivery, Delivery::Perhaps)
        }
        outcome => drop(outcome?),
    }
    assert_eq!(read(ferry, key, None).await?, bytes);

    let stored = ferry.put_object(key, &options, payload(bytes)).await?;
    let head = ferry.head(key).await?.expect("is there");
    assert_eq!((head.size, head.etag), (bytes.len() as u64, stored.etag));
    assert_eq!(read(ferry, key, None).await?, bytes);
    Ok(())
}

pub(crate) async fn any_key_is_the_key(ground: &Ground<'_>) {
    let ferry = ground.ferry();
    let place = Place::new().await;
    let long = [long_key(LONGEST), "x".repeat(ground.habits.longest_segment)];
    let mut keys: Vec<(&str, Key)> = KEYS
        .iter()
        .copied()
        .chain(long.iter().map(String::as_str))
        .map(|key| (key, Key::Kept))
        .collect();
    keys.extend(ground.habits.path_like);
    let mut expected: Vec<(String, PathBuf)> = Vec::new();
    for (number, (key, treatment)) in keys.into_iter().enumerate() {
        let bytes = format!("{number}: {key}").into_bytes();
        let listed = match treatment {
            Key::Kept | Key::UploadListedAs(_) => key,
            Key::ListedAs(other) => other,
            Key::Refused(kind) => {
                let put = ferry.put_object(key, &ObjectOptions::default(), payload(&bytes)).await;
                assert_eq!(refused(key, put).kind(), kind, "{key:?}");
                assert_eq!(
                    refused(key, ferry.initiate(key, &ObjectOptions::default()).await).kind(),
                    kind,
                    "{key:?}"
                );
                continue;
            }
        };
        store_and_read(ground.habits, &ferry, key, &bytes, treatment)
            .await
            .unwrap_or_else(|error| panic!("{key:?}: {error:?}"));
        expected.push((listed.to_owned(), place.write(format!("{number}"), &bytes)));
    }
    let put =
        ferry.put_object(&long_key(LONGEST + 1), &ObjectOptions::default(), payload(b"x")).await;
    assert_eq!(refused("a key too long", put).kind(), FaultKind::KeyInvalid);
    ground.store.assert_holds(ground.bucket, &expected).await;
}

pub(crate) async fn odd_file_names_arrive(ground: &Ground<'_>) {
    let place = Place::new().await;
    let names: Vec<&str> = KEYS.iter().flat_map(|key| key.split('/')).collect();
    let mut expected: Vec<(String, PathBuf)> = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let file = format!("树 +%/{number}/{name}");
        // Names are composed on their way, whatever form the file system has them in.
        expected
            .push((format!("in %2F+/{}", composed(&file)), place.write(&file, file.as_bytes())));
    }
    let folder = place.path("树 +%");
    let ran = ground.store.put_all(&place, &[&folder], &ground.destination("in %2F+/"), &[]).await;
    ran.assert_verified(names.len() as u64);

    // What no file can be called may stand in a prefix. A first slash is refused before anything is
    // sent.
    let file = place.write("x.txt", b"under a prefix");
    let put = async |prefix: &str| {
        ground.store.put_all(&place, &[&file], &ground.destination(prefix), &[]).await
    };
    for (prefix, treatment) in
        ground.habits.path_like.iter().filter(|(key, _)| !key.starts_with('/'))
    {
        let ran = put(&format!("{prefix}/")).await;
        match treatment {
            Key::Kept | Key::UploadListedAs(_) => {
                expected.push((format!("{prefix}/x.txt"), file.clone()))
            }
            Key::ListedAs(other) => expected.push((format!("{other}/x.txt"), file.clone())),
            Key::Refused(kind) => {
                let fault = serde_json::to_value(kind).expect("has a name");
                assert_eq!(
                    (ran.code, &ran.unfinished()[0]["fault"]["kind"]),
                    (1, &fault),
                    "{prefix:?}: {ran:?}"
                );
                continue;
            }
        }
        ran.assert_verified(1);
    }
    let file = place.write("影.txt", &random(5 * MIB + 1, 1));
    let prefix = ("影".repeat(85) + "/").repeat(3) + &"影".repeat(82) + "x/";
    let key = format!("{prefix}影.txt");
    assert_eq!(key.len(), OSS_KEY_BYTES);
    let put = async |prefix: &str| {
        ground
            .store
            .put_all(&place, &[&file], &ground.destination(prefix), &["--part-size", "5MiB"])
            .await
    };
    put(&prefix).await.assert_verified(1);
    expected.push((key, file.clone()));
    let ran = put(&format!("p{prefix}")).await;
    assert_eq!(
        (ran.code, &ran.unfinished()[0]["fault"]["kind"]),
        (1, &"keyInvalid".into()),
        "{ran:?}"
    );
    ground.store.assert_holds(ground.bucket, &expected).await;
}
