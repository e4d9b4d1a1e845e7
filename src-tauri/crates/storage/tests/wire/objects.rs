//! ListObjects: which pages are asked for, and what of them is believed.

use ferry_model::{FaultKind, Provider};
use ferry_storage::{
    ListedEntry, ListedObject, ObjectStore as _, StoreError, all_pages, first_pages,
};

use crate::server::{Server, Step, answer};
use crate::store;

/// A page with these keys and common prefixes; `token` leads to the next one.
fn page(keys: &[&str], prefixes: &[&str], token: Option<&str>, encoding: &str) -> Step {
    let keys = keys.iter().map(|key| {
        format!("<Contents><Key>{key}</Key><ETag>\"e\"</ETag><Size>7</Size></Contents>")
    });
    let prefixes = prefixes
        .iter()
        .map(|prefix| format!("<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>"));
    let rows: String = keys.chain(prefixes).collect();
    let next = token.map_or_else(String::new, |token| {
        format!("<NextContinuationToken>{token}</NextContinuationToken>")
    });
    let truncated = token.is_some();
    answer(
        200,
        &["x-oss-request-id: R"],
        &format!(
            "<ListBucketResult xmlns=\"u\">{encoding}<Name>bkt</Name><MaxKeys>1000</MaxKeys>\
             <IsTruncated>{truncated}</IsTruncated>{next}{rows}</ListBucketResult>"
        ),
    )
}

const URL: &str = "<EncodingType>url</EncodingType>";

fn object(key: &str) -> ListedEntry {
    ListedEntry::Object(ListedObject { key: key.to_owned(), size: 7 })
}

fn prefix(prefix: &str) -> ListedEntry {
    ListedEntry::CommonPrefix(prefix.to_owned())
}

async fn all(
    server: &Server,
    provider: Provider,
    delimiter: Option<&str>,
) -> Result<Vec<ListedEntry>, StoreError> {
    let store = store(provider, &server.endpoint);
    all_pages(|marker| store.list_objects("p/", delimiter, marker)).await
}

#[tokio::test]
async fn objects_and_folders_are_listed_to_the_last_page() {
    let server = Server::start(vec![
        page(&["p/a%2Bb+c"], &["p/%E7%85%A7/"], Some("T1"), URL),
        page(&[], &["p/x/"], Some("T%2F2"), URL),
        page(&["p/z"], &[], None, URL),
    ])
    .await;
    let listed = all(&server, Provider::Oss, Some("/")).await.expect("objects");
    assert_eq!(listed, [object("p/a+b c"), prefix("p/照/"), prefix("p/x/"), object("p/z")]);
    let lines: Vec<String> = server.seen().iter().map(|seen| seen.line().to_owned()).collect();
    let asked = "GET /bkt/?list-type=2&max-keys=1000&encoding-type=url&prefix=p%2F&delimiter=%2F";
    assert_eq!(
        lines,
        [
            format!("{asked} HTTP/1.1"),
            format!("{asked}&continuation-token=T1 HTTP/1.1"),
            // OSS encodes it as it does keys; it goes back as it was.
            format!("{asked}&continuation-token=T%2F2 HTTP/1.1"),
        ]
    );
}

/// As S3 answers where no encoding was asked for: keys and token are what they are.
#[tokio::test]
async fn keys_that_no_answer_calls_encoded_are_taken_as_they_are() {
    let server = Server::start(vec![
        page(&["p/a%2Bb+c", "p/&lt;&amp;&gt;"], &[], Some("T%2B+/="), ""),
        page(&[], &[], None, ""),
    ])
    .await;
    let listed = all(&server, Provider::S3, None).await.expect("objects");
    assert_eq!(listed, [object("p/a%2Bb+c"), object("p/<&>")]);
    let line = server.seen()[1].line().to_owned();
    assert!(line.contains("prefix=p%2F&continuation-token=T%252B%2B%2F%3D "), "{line}");
}

#[tokio::test]
async fn a_list_of_objects_that_does_not_go_on_is_refused() {
    for (pages, asked) in [
        // The answer of a store that knows only version 1 has no token.
        (vec![page(&["p/a"], &[], Some(""), "")], 1),
        (vec![page(&["p/a"], &[], Some("T"), "")], 2),
        (vec![page(&[], &[], Some("T"), ""), page(&[], &[], Some("U"), "")], 3),
        (vec![page(&[], &[], Some(&"t".repeat(9_000)), "")], 1),
    ] {
        let server = Server::start(pages).await;
        let error = all(&server, Provider::S3, None).await.expect_err("no end");
        assert_eq!((error.kind(), server.seen().len()), (FaultKind::NotStore, asked));
    }
}

#[tokio::test]
async fn the_first_pages_say_where_the_rest_begins() {
    let server =
        Server::start(vec![page(&["p/a"], &[], Some("T"), ""), page(&["p/b"], &[], Some("U"), "")])
            .await;
    let store = store(Provider::S3, &server.endpoint);
    let read = first_pages(2, |marker| store.list_objects("p/", None, marker), |_| false).await;
    let read = read.expect("objects");
    assert_eq!((read.rows, read.next.as_deref()), (vec![object("p/a"), object("p/b")], Some("U")));
    assert_eq!(server.seen().len(), 2);
}
