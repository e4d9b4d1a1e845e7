//! From what a user pastes to a plain URL or word: invisible and full-width characters, quotes,
//! labels, queries, and the consoles' own addresses.

use ferry_model::{Fault, Provider, Text, message};

use super::hosts::is_r2_account;
use super::regions::region_id;
use super::url::invalid;
use crate::percent::{self, Plus};

/// Something about a typed address that the user should know before saving. None of these is an
/// error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// A query was left out.
    QueryDropped,
    /// A signature was left out: everyone who has that URL can use it until it ends.
    SignatureDropped,
    /// The URL names an object; the folder it is in became the prefix.
    ObjectNamed,
    /// The address is of another provider than was chosen.
    OtherProvider(Provider),
    /// The URL names another bucket than the form.
    OtherBucket(String),
    /// Transfer acceleration must be enabled on the bucket.
    NeedsAcceleration,
    /// Only machines inside Alibaba Cloud reach this endpoint.
    InternalOnly,
    /// The address is unencrypted.
    PlainHttp,
}

impl Remark {
    /// The remark in a sentence.
    pub fn text(&self) -> Text {
        match self {
            Self::QueryDropped => message::remark_query_dropped(),
            Self::SignatureDropped => message::remark_signature_dropped(),
            Self::ObjectNamed => message::remark_object_named(),
            Self::OtherProvider(Provider::Oss) => message::remark_is_oss(),
            Self::OtherProvider(Provider::S3) => message::remark_is_s3(),
            Self::OtherBucket(bucket) => message::remark_other_bucket(bucket),
            Self::NeedsAcceleration => message::remark_needs_acceleration(),
            Self::InternalOnly => message::remark_internal_only(),
            Self::PlainHttp => message::remark_plain_http(),
        }
    }
}

/// A pasted text, made plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pasted {
    /// A URL without query and fragment, a host, or a region.
    pub(super) text: String,
    pub(super) remarks: Vec<Remark>,
}

/// What a console's address, or an `oss://` one, tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) provider: Option<Provider>,
    pub(super) host: Option<String>,
    pub(super) region: Option<String>,
    pub(super) bucket: Option<String>,
    pub(super) prefix: Option<String>,
}

/// Words that consoles write before the address.
const LABELS: &[&str] = &[
    "endpoint",
    "url",
    "host",
    "外网访问",
    "外网访问域名",
    "内网访问",
    "bucket 域名",
    "域名",
    "地域节点",
    "访问域名",
];

/// Quotes and brackets that come along with a copied text.
const WRAPPERS: &[(char, char)] = &[
    ('<', '>'),
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('“', '”'),
    ('‘', '’'),
    ('「', '」'),
    ('《', '》'),
];

/// Makes a pasted text plain: no quotes, no label, no query, and up to the path nothing invisible
/// and nothing full-width. The path is left as it is: such characters may belong to an object's
/// name.
pub(super) fn clean(text: &str) -> Pasted {
    let text = plain(text);
    let mut remarks = Vec::new();
    let wide_query = text.find('？').filter(|at| is_signed(&text[*at..]));
    let at = text.find(['?', '#']).into_iter().chain(wide_query).min().unwrap_or(text.len());
    let (plain, rest) = text.split_at(at);
    if !rest.trim_start_matches(['?', '#', '？']).is_empty() {
        remarks.push(if is_signed(rest) { Remark::SignatureDropped } else { Remark::QueryDropped });
    }
    Pasted { text: plain.to_owned(), remarks }
}

fn plain(text: &str) -> String {
    let mut text = bare(text);
    while let Some(inner) =
        WRAPPERS.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
    {
        text = bare(inner);
    }
    with_scheme(&half_width_to_path(after_label(text).map_or(text, bare)))
}

/// Without what surrounds it unseen, and the comma or the like that followed it in a sentence.
fn bare(text: &str) -> &str {
    let unseen = |c: char| c.is_whitespace() || is_invisible(c);
    text.trim_matches(unseen).trim_end_matches([',', ';', '、', '，', '；']).trim_matches(unseen)
}

/// What follows a console's label. `host:9000` has none: that is a host with its port.
fn after_label(text: &str) -> Option<&str> {
    let (label, rest) = text.split_once([':', '：', '='])?;
    let port = rest.split('/').next().unwrap_or_default();
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (LABELS.contains(&label.trim().to_lowercase().as_str()) && !is_port).then_some(rest)
}

/// Scheme and host without invisible and full-width characters; what follows them, as it stands.
fn half_width_to_path(text: &str) -> String {
    let mut head = String::new();
    for (at, c) in text.char_indices().filter(|(_, c)| !is_invisible(*c)) {
        let c = half_width(c);
        if matches!(c, '/' | '?' | '#') && has_host(&head) {
            let rest = &text[at..];
            return format!("{head}{c}{}", &rest[rest.chars().next().map_or(0, char::len_utf8)..]);
        }
        head.push(c);
    }
    head
}

/// Whether a URL's beginning goes beyond its scheme.
fn has_host(head: &str) -> bool {
    match head.split_once(':') {
        Some((scheme, rest)) if rest.is_empty() || rest.starts_with(['/', '\\']) => {
            !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
                || !rest.trim_start_matches(['/', '\\']).is_empty()
        }
        _ => !head.is_empty(),
    }
}

/// Marks of direction and width that browsers and chats put into texts.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Full-width signs as Chinese input methods write them. The ideographic full stop is the domain
/// names' own affair: IDNA makes it a dot.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

/// `https:/host` and `https:\\host` mean what they seem to.
fn with_scheme(text: &str) -> String {
    for scheme in ["https", "http"] {
        let Some(rest) = text
            .get(..scheme.len())
            .filter(|head| head.eq_ignore_ascii_case(scheme))
            .map(|_| &text[scheme.len()..])
        else {
            continue;
        };
        if let Some(rest) = rest
            .strip_prefix(':')
            .filter(|rest| rest.starts_with(['/', '\\']) && !rest.starts_with("//"))
        {
            return format!("{scheme}://{}", rest.trim_start_matches(['/', '\\']));
        }
    }
    text.to_owned()
}

fn is_signed(query: &str) -> bool {
    let query = query.to_ascii_lowercase();
    [
        "signature=",
        "x-oss-signature=",
        "x-amz-signature=",
        "security-token=",
        "x-amz-security-token=",
    ]
    .iter()
    .any(|mark| query.contains(mark))
}

/// Reads `oss://bucket/prefix` and `s3://bucket/prefix`, and the addresses of the consoles, whose
/// queries hold the prefix. `None` for every other text.
///
/// # Errors
/// [`ferry_model::FaultKind::InvalidEndpoint`] for a console's address that names no bucket.
pub(super) fn named(text: &str) -> Option<Result<Named, Fault>> {
    let text = plain(text);
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", &text));
    match scheme.to_ascii_lowercase().as_str() {
        "oss" => Some(Ok(of_bucket_url(Provider::Oss, rest))),
        "s3" => Some(Ok(of_bucket_url(Provider::S3, rest))),
        "https" | "http" => {
            let (plain, query) =
                rest.split_once('?').unwrap_or((rest.split('#').next().unwrap_or(rest), ""));
            let mut labels = plain.split('/');
            // With a port or a last dot it is a console all the same.
            let host = labels.next()?.split(':').next()?.to_ascii_lowercase();
            let host = host.strip_suffix('.').unwrap_or(&host);
            let path: Vec<String> = labels.map(decoded).collect();
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            if !is_console(host) {
                return None;
            }
            let why = "it is an address of a console: open the bucket there and copy that address, or enter the region";
            Some(
                of_console(host, &path, query.split('#').next().unwrap_or(query))
                    .ok_or_else(|| invalid(why)),
            )
        }
        _ => None,
    }
}

fn of_bucket_url(provider: Provider, rest: &str) -> Named {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Named {
        provider: Some(provider),
        bucket: some(bucket),
        prefix: some(prefix),
        ..Named::default()
    }
}

fn is_console(host: &str) -> bool {
    matches!(
        host,
        "oss.console.aliyun.com" | "oss.console.alibabacloud.com" | "dash.cloudflare.com"
    ) || is_amazons(host)
}

/// `console.aws.amazon.com`, that of a region, or S3's own.
fn is_amazons(host: &str) -> bool {
    ["console.aws.amazon.com", "console.amazonaws.cn"].iter().any(|console| {
        host.strip_suffix(console).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

fn of_console(host: &str, path: &[&str], query: &str) -> Option<Named> {
    let parameter = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(known, _)| *known == name)
            .map(|(_, value)| percent::decode(value, Plus::Space).unwrap_or_default())
    };
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    match path {
        ["bucket", region, bucket, ..] if host.starts_with("oss.console.") => Some(Named {
            provider: Some(Provider::Oss),
            region: some(region_id(region)),
            bucket: some(bucket),
            prefix: parameter("path").filter(|prefix| !prefix.is_empty()),
            ..Named::default()
        }),
        ["s3", kind @ ("buckets" | "object" | "upload"), bucket, ..] if is_amazons(host) => {
            let prefix = parameter("prefix").unwrap_or_default();
            let folder = if *kind == "object" {
                prefix.rfind('/').map_or("", |at| &prefix[..=at])
            } else {
                &prefix
            };
            Some(Named {
                provider: Some(Provider::S3),
                region: parameter("region").filter(|region| !region.is_empty()),
                bucket: some(bucket),
                prefix: some(folder),
                ..Named::default()
            })
        }
        // An account that is none could name a host of its own.
        [account, "r2", _, "buckets", bucket, ..]
            if host == "dash.cloudflare.com" && is_r2_account(account) =>
        {
            Some(Named {
                provider: Some(Provider::S3),
                host: Some(format!("{account}.r2.cloudflarestorage.com")),
                region: some("auto"),
                bucket: some(bucket),
                ..Named::default()
            })
        }
        _ => None,
    }
}

fn decoded(label: &str) -> String {
    percent::decode(label, Plus::Literal).unwrap_or_else(|| label.to_owned())
}
