//! Texts that come from people and other hosts: endpoints, and what is percent-encoded.

use ferry_model::{Addressing, Provider};
use ferry_storage::endpoint::{Address, understand, url};
use ferry_storage::percent::{self, Plus};

use crate::documents;

pub(crate) fn endpoint(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    for provider in [Provider::Oss, Provider::S3] {
        // What was pasted may hold a signature or a password.
        for pasted in [
            format!("https://h.example.com/?Signature=canary{text}"),
            format!("user:canary@{text}"),
        ] {
            let shown = match understand(&pasted, provider) {
                Ok(understood) => format!("{understood:?}"),
                Err(fault) => fault.report(),
            };
            assert!(!shown.contains("canary"), "{pasted:?} is repeated: {shown}");
        }
        let Ok(understood) = understand(text, provider) else { continue };
        let provider = understood.provider;
        let Some(endpoint) = understood.endpoint else { continue };
        let parts = url::parse(&endpoint).expect("what is understood is an endpoint");
        assert!(parts.path.is_empty(), "{endpoint} has a path");
        assert_eq!(
            format!("{}://{}", parts.scheme.word(), parts.authority()),
            endpoint,
            "it is written in one way only"
        );
        let again = understand(&endpoint, provider).expect("it is understood again");
        assert_eq!(
            (again.endpoint.as_ref(), again.kind),
            (Some(&endpoint), understood.kind),
            "{text:?}: understanding is not stable"
        );
        assert_eq!(
            (again.bucket, again.prefix),
            (None, None),
            "{text:?}: a bucket was left in {endpoint}"
        );
        let address = Address::new(provider, &endpoint, Some("bkt"), Addressing::Auto)
            .expect("it has addresses");
        let host = address.host();
        assert!(
            host == parts.authority() || host == format!("bkt.{}", parts.authority()),
            "requests go to {host}"
        );
    }
}

pub(crate) fn percent(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    for plus in [Plus::Literal, Plus::Space] {
        let sent = if plus == Plus::Literal { text.replace('+', "%2B") } else { text.to_owned() };
        let expected = String::from_utf8(documents::decoded(&sent)).ok();
        assert_eq!(percent::decode(text, plus), expected, "{text:?} with {plus:?}");
        assert_eq!(
            percent::decode(&percent::encode(text), plus).as_deref(),
            Some(text),
            "encoded and decoded"
        );
        assert_eq!(
            percent::decode(&percent::encode_path(text), plus).as_deref(),
            Some(text),
            "encoded as a path and decoded"
        );
    }
    let encoded = percent::encode(text);
    assert!(
        encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~%".contains(&byte)),
        "{encoded}"
    );
    let query = percent::query_string(&[
        (text.to_owned(), text.to_owned()),
        ("uploads".to_owned(), String::new()),
    ]);
    assert_eq!(query.matches('&').count(), 1, "a name or value breaks out of {query}");
}
