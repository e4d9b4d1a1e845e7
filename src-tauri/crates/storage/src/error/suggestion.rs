//! The endpoint and region that a store names instead of the one that was asked. Whoever can put
//! words into an answer could name a host of theirs, so a host is passed on only if it is an
//! endpoint of the same provider, reached no less safely.

use ferry_model::Provider;

use super::answer::{Asked, Head};
use crate::endpoint::hosts::{self, Host, HostKind};
use crate::endpoint::regions::is_id;
use crate::endpoint::url::{self, Scheme};
use crate::endpoint::{endpoint_of_region, region_id};
use crate::xml::ErrorDocument;

/// The endpoint the answer names, as a host, if it could be one.
pub(super) fn endpoint(asked: &Asked<'_>, head: &Head, document: &ErrorDocument) -> Option<String> {
    let own = own_host(asked)?;
    let named = [document.get("Endpoint"), head.header("location")].into_iter().flatten();
    named
        .filter_map(|text| plausible(asked, &own, text))
        .next()
        .or_else(|| by_region(asked, &own, &region(asked, head, document)?))
}

/// The region the answer names, if it is another one than was signed for.
pub(super) fn region(asked: &Asked<'_>, head: &Head, document: &ErrorDocument) -> Option<String> {
    let named = document.get("Region").or_else(|| head.header("x-amz-bucket-region"))?;
    let region = region_id(named);
    let fine =
        is_id(region) && !region.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'_');
    (fine && region != asked.region).then(|| region.to_owned())
}

/// Whether a redirect leads to an endpoint of the same provider.
pub(super) fn is_plausible_redirect(asked: &Asked<'_>, head: &Head) -> bool {
    let own = own_host(asked);
    own.is_some_and(|own| {
        head.header("location").and_then(|target| plausible(asked, &own, target)).is_some()
    })
}

fn own_host(asked: &Asked<'_>) -> Option<Host> {
    Some(hosts::read(&url::parse(asked.endpoint_host).ok()?))
}

/// The endpoint in a text that a server sent: a host, or a URL.
fn plausible(asked: &Asked<'_>, own: &Host, text: &str) -> Option<String> {
    let (scheme, authority) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme, rest.split(['/', '?', '#']).next()?),
        None => ("https", text),
    };
    // Never down to http.
    let scheme_is_fine = scheme.eq_ignore_ascii_case("https")
        || (asked.scheme == Scheme::Http && scheme.eq_ignore_ascii_case("http"));
    let parts = url::parse(&format!("{scheme}://{authority}")).ok().filter(|_| scheme_is_fine)?;
    if !parts.path.is_empty()
        || parts.port.is_some()
        || parts.is_address()
        || parts.is_loopback()
        || !authority.is_ascii()
    {
        return None;
    }
    let bare =
        parts.host.strip_prefix(&format!("{}.", asked.bucket)).unwrap_or(&parts.host).to_owned();
    let named = hosts::read(&url::Parts { host: bare, ..parts });
    let same = named.bucket.is_none()
        && named.name != own.name
        && is_same_provider(asked.provider, own, &named);
    same.then(|| match (own.kind, named.kind) {
        (HostKind::OssAsS3, HostKind::OssPublic | HostKind::OssInternal) => {
            format!("s3.{}", named.name)
        }
        _ => named.name,
    })
}

fn is_same_provider(provider: Provider, own: &Host, named: &Host) -> bool {
    use HostKind as H;
    // From outside, an internal endpoint would be no help; from inside it may be the right one.
    let reachable = named.kind != H::OssInternal || own.name.contains("-internal.");
    match (provider, own.kind) {
        (Provider::S3, H::OssAsS3) => {
            matches!(named.kind, H::OssAsS3 | H::OssPublic | H::OssInternal) && reachable
        }
        (Provider::S3, H::Amazon | H::AmazonAccelerate) => {
            let in_china = |host: &Host| host.name.ends_with(".cn");
            matches!(named.kind, H::Amazon | H::AmazonAccelerate)
                && in_china(own) == in_china(named)
        }
        (Provider::S3, H::Service) => named.kind == H::Service && named.service == own.service,
        (Provider::S3, H::R2) => named.kind == H::R2 && same_account(own, named),
        (Provider::Oss, H::OssPrivate) => named.kind == H::OssPrivate && is_sibling(own, named),
        // A custom domain on OSS stands before a bucket of Alibaba Cloud.
        (Provider::Oss, _) => named.kind.is_oss() && reachable,
        (Provider::S3, _) => named.kind == H::Custom && is_sibling(own, named),
    }
}

/// Two hosts with the same parent of three labels or more. Two labels are no mark of one owner:
/// anybody may be the neighbour in `example.com`-like domains where names are given away.
fn is_sibling(own: &Host, named: &Host) -> bool {
    let parents = own.name.split_once('.').zip(named.name.split_once('.'));
    parents.is_some_and(|((_, own), (_, named))| own == named && own.split('.').count() >= 3)
}

fn same_account(own: &Host, named: &Host) -> bool {
    own.name.split('.').next() == named.name.split('.').next()
}

/// The endpoint of a region, in the form of the one in use.
fn by_region(asked: &Asked<'_>, own: &Host, region: &str) -> Option<String> {
    let host = match own.kind {
        HostKind::Amazon if own.name.contains(".dualstack.") => {
            format!("s3.dualstack.{region}.{}", amazons_domain(region))
        }
        HostKind::Amazon => without_scheme(&endpoint_of_region(Provider::S3, region)),
        HostKind::OssAsS3 => {
            format!("s3.{}", without_scheme(&endpoint_of_region(Provider::Oss, region)))
        }
        HostKind::OssPublic | HostKind::OssDualStack if asked.provider == Provider::Oss => {
            without_scheme(&endpoint_of_region(Provider::Oss, region))
        }
        _ => return None,
    };
    let named = hosts::read(&url::parse(&host).ok()?);
    (named.name != own.name && is_same_provider(asked.provider, own, &named)).then_some(host)
}

fn amazons_domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

fn without_scheme(endpoint: &str) -> String {
    endpoint.trim_start_matches("https://").to_owned()
}

#[cfg(test)]
#[path = "suggestion_tests.rs"]
mod tests;
