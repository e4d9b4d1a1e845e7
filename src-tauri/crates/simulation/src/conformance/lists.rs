//! Lists that are longer than a page.

use ferry_model::FaultKind;
use ferry_storage::{ObjectOptions, ObjectStore};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Ground, all_objects, all_parts, all_uploads, payload, refused};

/// More than any server lists on one page.
const MANY: u32 = 1_003;
/// Requests side by side where there are many.
const SIDE_BY_SIDE: usize = 16;

pub(crate) async fn lists_go_on_past_their_first_page(ground: &Ground) {
    let ferry = &*ground.store;
    let options = ObjectOptions::default();
    // Most of them of one key, so that a page ends in the midst of it.
    let keys: Vec<String> = (0..MANY)
        .map(|n| if n < 20 { format!("many/{n:02} ü") } else { "many/one & the same".to_owned() })
        .collect();
    let begin = |key: &String| {
        let (options, key) = (&options, key.clone());
        async move { ferry.initiate(&key, options).await.map(|id| (key, id)) }
    };
    let mut begun: Vec<(String, String)> = stream::iter(&keys)
        .map(begin)
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await
        .expect("all begin");
    let (other, last) =
        (ferry.initiate("other", &options).await.expect("begins"), begun[7].clone());
    let listed = async |prefix| {
        let listed = all_uploads(ferry, prefix).await.expect("lists");
        let mut listed: Vec<_> =
            listed.into_iter().map(|upload| (upload.key, upload.upload_id)).collect();
        listed.sort();
        listed
    };
    begun.sort();
    assert_eq!(listed("many/").await, begun);
    assert_eq!(listed("other").await, [("other".to_owned(), other)]);

    let (key, id) = &last;
    let send = |number: u32| async move {
        ferry
            .upload_part(key, id, number, &ObjectOptions::default(), payload(&number.to_le_bytes()))
            .await
            .map(|part| (number, part.etag))
    };
    let mut sent: Vec<(u32, String)> = stream::iter(1..=MANY)
        .map(send)
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await
        .expect("all are stored");
    sent.sort();
    let listed = all_parts(ferry, key, id).await.expect("lists");
    assert_eq!(listed.into_iter().map(|part| (part.number, part.etag)).collect::<Vec<_>>(), sent);
    assert_eq!(
        refused("small parts", ferry.complete(key, id, &sent, &options).await).kind(),
        FaultKind::PartTooSmall
    );
    abort_all(ferry).await;
    assert_eq!(all_uploads(ferry, "").await.expect("lists"), []);
}

pub(crate) async fn objects_are_listed_below_a_prefix(ground: &Ground) {
    let ferry = &*ground.store;
    let keys = ["a+b %41&amp;.txt", "a/1", "a/b/2", "a/b/3", "a/ü 照/4", "b/5"];
    let options = ObjectOptions::default();
    for (size, key) in keys.into_iter().enumerate() {
        ferry.put_object(key, &options, payload(&vec![1; size])).await.expect(key);
    }
    let text = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    for (prefix, delimiter, objects, prefixes) in [
        ("", Some("/"), &keys[..1], text(&["a/", "b/"])),
        ("a/", Some("/"), &keys[1..2], text(&["a/b/", "a/ü 照/"])),
        ("a/b", Some("/"), &[], text(&["a/b/"])),
        ("a/", None, &keys[1..5], Vec::new()),
        ("a+b", None, &keys[..1], Vec::new()),
        ("", None, &keys[..], Vec::new()),
        ("none/", Some("/"), &[], Vec::new()),
    ] {
        let listed = all_objects(ferry, prefix, delimiter).await.expect("lists");
        let size = |key: &str| keys.iter().position(|known| *known == key).expect("is known");
        let objects: Vec<_> =
            objects.iter().map(|key| ((*key).to_owned(), size(key) as u64)).collect();
        assert_eq!(listed, (objects, prefixes), "{prefix:?} {delimiter:?}");
    }
}

pub(crate) async fn lists_of_objects_go_on_past_their_first_page(ground: &Ground) {
    let ferry = &*ground.store;
    let keys: Vec<String> = (0..MANY).map(|n| format!("many/{n:04} ü+/x")).collect();
    let put = |key: &String| {
        let key = key.clone();
        async move { ferry.put_object(&key, &ObjectOptions::default(), payload(b"1")).await }
    };
    let stored: Result<Vec<_>, _> =
        stream::iter(&keys).map(put).buffer_unordered(SIDE_BY_SIDE).try_collect().await;
    stored.expect("all are stored");
    let (objects, prefixes) = all_objects(ferry, "many/", None).await.expect("lists");
    assert_eq!(objects.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), keys);
    assert_eq!(prefixes, [""; 0]);
    let (objects, prefixes) = all_objects(ferry, "many/", Some("/")).await.expect("lists");
    let folders: Vec<&str> = keys.iter().map(|key| &key[..key.len() - 1]).collect();
    assert_eq!((objects.len(), prefixes), (0, folders.iter().map(|f| (*f).to_owned()).collect()));
}

async fn abort_all(ferry: &dyn ObjectStore) {
    let open = all_uploads(ferry, "").await.expect("lists");
    let abort = |upload: ferry_storage::ListedUpload| async move {
        ferry.abort(&upload.key, &upload.upload_id).await
    };
    let aborted: Result<Vec<()>, _> =
        stream::iter(open).map(abort).buffer_unordered(SIDE_BY_SIDE).try_collect().await;
    aborted.expect("all are aborted");
}
