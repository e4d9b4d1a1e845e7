//! Why a signature did not match: what the store says it signed, compared with what was signed here
//! (OSS: "0002-00000201", whose advice is this very comparison).

use std::collections::BTreeMap;

use ferry_model::{RequestPart, SignatureClue};

use super::Signed;

/// Longest name of a header that is taken over from a store's text.
const LONGEST_NAME: usize = 60;

/// Compares the texts. `theirs` and `canonical_theirs` are the store's StringToSign and
/// CanonicalRequest, as far as it sent them.
pub fn compare(
    ours: &Signed,
    theirs: Option<&str>,
    canonical_theirs: Option<&str>,
) -> SignatureClue {
    let Some(theirs) = theirs.map(plain) else { return SignatureClue::Unknown };
    let own = plain(&ours.string_to_sign);
    if theirs == own {
        return SignatureClue::SameText;
    }
    let mut what = match &ours.canonical_request {
        None => v1_differences(&own, &theirs),
        Some(canonical) => {
            v4_differences(&own, &theirs, &plain(canonical), canonical_theirs.map(plain).as_deref())
        }
    };
    what.dedup();
    if what.is_empty() {
        what.push(RequestPart::Unnamed);
    }
    SignatureClue::Changed { what }
}

/// With line ends as they were signed, and without the white space around it that XML readers and
/// writers add. Some answers spell a line end as `\n`.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = if text.contains('\n') { text } else { text.replace("\\n", "\n") };
    text.trim().to_owned()
}

/// V1: method, Content-MD5, Content-Type, date, `x-oss-` headers, resource.
fn v1_differences(ours: &str, theirs: &str) -> Vec<RequestPart> {
    let (ours, theirs) = (V1::read(ours), V1::read(theirs));
    let mut what = Vec::new();
    let fixed = [
        RequestPart::Method,
        RequestPart::Header("content-md5".to_owned()),
        RequestPart::Header("content-type".to_owned()),
        RequestPart::Header("date".to_owned()),
    ];
    for (index, part) in fixed.into_iter().enumerate() {
        if ours.fixed.get(index) != theirs.fixed.get(index) {
            what.push(part);
        }
    }
    what.extend(header_differences(&ours.headers, &theirs.headers));
    let (path, query) = ours.resource.split_once('?').unwrap_or((&ours.resource, ""));
    let (their_path, their_query) =
        theirs.resource.split_once('?').unwrap_or((&theirs.resource, ""));
    if path != their_path {
        what.push(RequestPart::Path);
    }
    if query != their_query {
        what.push(RequestPart::Query);
    }
    what
}

struct V1<'a> {
    fixed: Vec<&'a str>,
    headers: BTreeMap<&'a str, &'a str>,
    resource: String,
}

impl<'a> V1<'a> {
    fn read(text: &'a str) -> Self {
        let mut lines = text.split('\n');
        let fixed = lines.by_ref().take(4).collect();
        let rest: Vec<&str> = lines.collect();
        // The resource begins with a slash; a key may hold line ends, so it goes on to the end.
        let at = rest.iter().position(|line| line.starts_with('/')).unwrap_or(rest.len());
        let headers = rest[..at].iter().filter_map(|line| line.split_once(':')).collect();
        Self { fixed, headers, resource: rest[at..].join("\n") }
    }
}

/// V4: algorithm, time, scope, hash of the canonical request.
fn v4_differences(
    ours: &str,
    theirs: &str,
    canonical: &str,
    canonical_theirs: Option<&str>,
) -> Vec<RequestPart> {
    let line =
        |text: &'_ str, index: usize| text.split('\n').nth(index).unwrap_or_default().to_owned();
    let mut what = Vec::new();
    if line(ours, 1) != line(theirs, 1) {
        what.push(RequestPart::Time);
    }
    if line(ours, 2) != line(theirs, 2) {
        // The scope begins with the day, which the time has told already.
        let scope = |text: &str| line(text, 2).split_once('/').map(|(_, scope)| scope.to_owned());
        what.push(if scope(ours) == scope(theirs) {
            RequestPart::Time
        } else {
            RequestPart::Region
        });
    }
    if line(ours, 3) != line(theirs, 3) {
        let named = canonical_theirs
            .map(|theirs| canonical_differences(canonical, theirs))
            .unwrap_or_default();
        if named.is_empty() && what.is_empty() {
            what.push(RequestPart::Unnamed);
        }
        what.extend(named);
    }
    what
}

/// Method, path, query, headers, an empty line, names of headers, hash of the body.
fn canonical_differences(ours: &str, theirs: &str) -> Vec<RequestPart> {
    let (ours, theirs) = (Canonical::read(ours), Canonical::read(theirs));
    let mut what = Vec::new();
    for (index, part) in
        [RequestPart::Method, RequestPart::Path, RequestPart::Query].into_iter().enumerate()
    {
        if ours.fixed.get(index) != theirs.fixed.get(index) {
            what.push(part);
        }
    }
    what.extend(header_differences(&ours.headers, &theirs.headers));
    if ours.payload != theirs.payload {
        what.push(RequestPart::Payload);
    }
    what
}

struct Canonical<'a> {
    fixed: Vec<&'a str>,
    headers: BTreeMap<&'a str, &'a str>,
    payload: Option<&'a str>,
}

impl<'a> Canonical<'a> {
    fn read(text: &'a str) -> Self {
        let mut lines = text.split('\n');
        let fixed = lines.by_ref().take(3).collect();
        let headers = lines
            .by_ref()
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.split_once(':'))
            .collect();
        Self { fixed, headers, payload: lines.next_back() }
    }
}

/// The names of headers that differ or are on one side only. The store's names are only taken over
/// where they look like names.
fn header_differences(
    ours: &BTreeMap<&str, &str>,
    theirs: &BTreeMap<&str, &str>,
) -> Vec<RequestPart> {
    let mut names: Vec<&str> = ours.keys().chain(theirs.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    let is_name = |name: &str| {
        name.len() <= LONGEST_NAME
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let differing = names.into_iter().filter(|name| ours.get(name) != theirs.get(name));
    differing
        .map(|name| {
            if is_name(name) { RequestPart::Header(name.to_owned()) } else { RequestPart::Unnamed }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use RequestPart as P;

    fn signed(string_to_sign: &str, canonical: Option<&str>) -> Signed {
        Signed {
            headers: Vec::new(),
            query: Vec::new(),
            authorization: None,
            signature: String::new(),
            string_to_sign: string_to_sign.to_owned(),
            canonical_request: canonical.map(str::to_owned),
        }
    }

    fn header(name: &str) -> P {
        P::Header(name.to_owned())
    }

    fn changed(what: &[P]) -> SignatureClue {
        SignatureClue::Changed { what: what.to_vec() }
    }

    #[test]
    fn v1_says_where() {
        let ours = "PUT\nMD5==\ntext/plain\nThu, 15 Jan 2026 08:30:45 GMT\nx-oss-date:1\nx-oss-meta-a:b\n/bkt/a b?partNumber=1&uploadId=U";
        let with = |from: &str, to: &str| ours.replace(from, to);
        for (theirs, clue) in [
            (ours.to_owned(), SignatureClue::SameText),
            (format!("\n {ours}\n"), SignatureClue::SameText),
            (ours.replace('\n', "\r\n"), SignatureClue::SameText),
            (ours.replace('\n', "\\n"), SignatureClue::SameText),
            (with("text/plain", "application/octet-stream"), changed(&[header("content-type")])),
            (with("PUT", "POST"), changed(&[P::Method])),
            (with("MD5==", ""), changed(&[header("content-md5")])),
            (with("08:30:45", "08:30:46"), changed(&[header("date")])),
            (with("x-oss-meta-a:b\n", ""), changed(&[header("x-oss-meta-a")])),
            (
                with("x-oss-meta-a:b\n", "x-oss-meta-a:b\nx-oss-proxy:1\n"),
                changed(&[header("x-oss-proxy")]),
            ),
            (with("/bkt/a b", "/bkt/a+b"), changed(&[P::Path])),
            (with("/bkt/", "/other/"), changed(&[P::Path])),
            (with("partNumber=1&", ""), changed(&[P::Query])),
            (
                "nonsense".to_owned(),
                changed(&[
                    P::Method,
                    header("content-md5"),
                    header("content-type"),
                    header("date"),
                    header("x-oss-date"),
                    header("x-oss-meta-a"),
                    P::Path,
                    P::Query,
                ]),
            ),
        ] {
            assert_eq!(compare(&signed(ours, None), Some(&theirs), None), clue, "{theirs}");
        }
        assert_eq!(compare(&signed(ours, None), None, None), SignatureClue::Unknown);
    }

    #[test]
    fn a_key_with_line_ends_is_one_path() {
        let ours = "PUT\n\n\ndate\n/bkt/a\nx-oss-b:c";
        assert_eq!(
            compare(&signed(ours, None), Some("PUT\n\n\ndate\n/bkt/a\nx-oss-b:d"), None),
            changed(&[P::Path])
        );
    }

    #[test]
    fn v4_says_where() {
        let ours = "AWS4-HMAC-SHA256\n20260115T083045Z\n20260115/us-east-1/s3/aws4_request\nabc";
        let canonical = "PUT\n/k\nuploadId=U\ncontent-type:text/plain\nhost:bkt.example\n\ncontent-type;host\nUNSIGNED-PAYLOAD";
        let own = signed(ours, Some(canonical));
        for (theirs, canonical_theirs, clue) in [
            (ours.to_owned(), None, SignatureClue::SameText),
            (ours.replace("us-east-1", "eu-west-1"), None, changed(&[P::Region])),
            (ours.replace("083045Z", "083046Z"), None, changed(&[P::Time])),
            (ours.replace("20260115", "20260116"), None, changed(&[P::Time])),
            (ours.replace("abc", "abd"), None, changed(&[P::Unnamed])),
            (
                ours.replace("abc", "abd"),
                Some(canonical.replace("bkt.example", "inner:9000")),
                changed(&[header("host")]),
            ),
            (
                ours.replace("abc", "abd"),
                Some(canonical.replace("/k", "/K").replace("UNSIGNED-PAYLOAD", "e3b0")),
                changed(&[P::Path, P::Payload]),
            ),
            (
                ours.replace("abc", "abd"),
                Some(canonical.replace("uploadId=U", "")),
                changed(&[P::Query]),
            ),
            (
                ours.replace("abc", "abd"),
                Some(canonical.replace("content-type:text/plain\n", "Bad Name <b>:x\n")),
                changed(&[P::Unnamed, header("content-type")]),
            ),
            (ours.replace("abc", "abd"), Some(canonical.to_owned()), changed(&[P::Unnamed])),
        ] {
            assert_eq!(compare(&own, Some(&theirs), canonical_theirs.as_deref()), clue, "{theirs}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(ours in any::<String>(), theirs in any::<String>(), canonical: Option<String>) {
            let _ = compare(&signed(&ours, None), Some(&theirs), canonical.as_deref());
            let _ = compare(&signed(&ours, Some(&ours)), Some(&theirs), canonical.as_deref());
        }
    }
}
