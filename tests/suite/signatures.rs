//! Ferry's signatures against signers that others wrote: random requests are signed here and, live,
//! by the vendors' own libraries, and no byte may differ: not of the text that is signed, not of
//! the signature, not of the address and headers that go on the wire.
//!
//! The requests follow from a seed, which is printed; `FERRY_SEED` sets another.

#[path = "signatures/arrive.rs"]
mod arrive;
#[path = "signatures/case.rs"]
mod case;
#[path = "signatures/compare.rs"]
mod compare;
#[path = "signatures/random.rs"]
mod random;
#[path = "signatures/words.rs"]
mod words;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use case::{Answer, Case, Form, Scheme};
use random::Requests;

/// Requests for each party.
const REQUESTS: usize = 10_000;

/// Differences that are shown; the others are counted.
const SHOWN: usize = 3;

/// Whose signatures ours are compared with.
#[derive(Debug)]
pub(crate) struct Party {
    /// A script of `tests/clients`.
    script: &'static str,
    packages: &'static [&'static str],
    /// What it can sign, in equal shares.
    pub(crate) kinds: &'static [(Scheme, Form)],
    /// Whether it takes a query with the same name twice.
    pub(crate) repeated_names: RepeatedNames,
    /// Kinds that are compared without an STS token.
    pub(crate) without_token: &'static [(Scheme, Form)],
    /// Additional headers that may be listed though the request lacks them or has them empty.
    pub(crate) idle_additional: IdleAdditional,
    /// How it spells V4's `Authorization`.
    pub(crate) spelling: Spelling,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RepeatedNames {
    /// Its queries are maps.
    Never,
    ByHeader,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdleAdditional {
    /// It would list them, where the newer SDKs and Ferry leave them out.
    Never,
    Dropped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Letter for letter as Ferry's.
    Same,
    /// The same fields in another order, with other blanks: servers read both.
    SameFields,
}

const OSS2: Party = Party {
    script: "oss2_signer.py",
    packages: &["oss2==2.19.1"],
    kinds: &[
        (Scheme::OssV1, Form::Header),
        (Scheme::OssV1, Form::Presign),
        (Scheme::OssV4, Form::Header),
        (Scheme::OssV4, Form::Presign),
    ],
    repeated_names: RepeatedNames::Never,
    without_token: &[],
    idle_additional: IdleAdditional::Never,
    spelling: Spelling::SameFields,
};

const ALIBABACLOUD_OSS_V2: Party = Party {
    script: "alibabacloud_v2_signer.py",
    packages: &["alibabacloud-oss-v2==1.4.1", "crcmod-plus==2.3.6"],
    kinds: OSS2.kinds,
    repeated_names: RepeatedNames::ByHeader,
    // Its V1 sends the token as a header `security-token` that nothing signs; OSS documents
    // `x-oss-security-token`, signed like all `x-oss-` headers, which is what oss2 and the Go SDK
    // send. So V1 headers with a token are compared with oss2 alone.
    without_token: &[(Scheme::OssV1, Form::Header)],
    idle_additional: IdleAdditional::Dropped,
    spelling: Spelling::Same,
};

const BOTOCORE: Party = Party {
    script: "botocore_signer.py",
    packages: &["boto3==1.44.5"],
    kinds: &[(Scheme::S3, Form::Header), (Scheme::S3, Form::Presign)],
    repeated_names: RepeatedNames::ByHeader,
    without_token: &[],
    idle_additional: IdleAdditional::Dropped,
    spelling: Spelling::Same,
};

fn script(party: &Party, input: Stdio, arguments: &[&str]) -> Vec<u8> {
    let python = support::python::venv(party.packages);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(party.script);
    let output = Command::new(python)
        .arg(path)
        .args(arguments)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(input)
        .output();
    let output = output.expect("the script can be run");
    assert!(
        output.status.success(),
        "{}: {}\n{}",
        party.script,
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The requests signed by the other side, in their order.
fn theirs(party: &Party, cases: &[Case]) -> Vec<Answer> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("requests");
    let mut lines = BufWriter::new(File::create(&path).expect("makes a file"));
    for case in cases {
        writeln!(lines, "{}", case.to_json()).expect("writes");
    }
    drop(lines.into_inner().expect("writes"));
    let output = script(party, File::open(&path).expect("opens").into(), &[]);
    let text = String::from_utf8(output).expect("UTF-8");
    text.lines().map(|line| Answer::read(&serde_json::from_str(line).expect("JSON"))).collect()
}

fn seed() -> u64 {
    match std::env::var("FERRY_SEED") {
        Ok(text) => text.parse().expect("FERRY_SEED is a number"),
        Err(_) => 20_260_115,
    }
}

fn no_difference(party: &Party) {
    let seed = seed();
    println!("{}: seed {seed}", party.script);
    let names: Vec<String> =
        serde_json::from_slice(&script(party, Stdio::null(), &["names"])).expect("names");
    let mut requests = Requests::new(seed, party, names);
    let cases: Vec<Case> = (0..REQUESTS).map(|number| requests.next(number)).collect();
    let theirs = theirs(party, &cases);
    assert_eq!(theirs.len(), cases.len(), "an answer for each request");
    let different: Vec<String> = cases
        .iter()
        .zip(&theirs)
        .filter_map(|(case, theirs)| compare::difference(party, case, &case.signed(), theirs))
        .collect();
    assert!(
        different.is_empty(),
        "{} of {REQUESTS} differ from {} (FERRY_SEED={seed}):\n{}",
        different.len(),
        party.script,
        different.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("\n")
    );
    compare::assert_covered(&cases);
}

#[test]
fn as_oss2_signs() {
    no_difference(&OSS2);
}

#[test]
fn as_alibabacloud_oss_v2_signs() {
    no_difference(&ALIBABACLOUD_OSS_V2);
}

#[test]
fn as_botocore_signs() {
    no_difference(&BOTOCORE);
}

#[tokio::test(flavor = "multi_thread")]
async fn random_names_arrive() {
    let seed = seed();
    println!("seed {seed}");
    let mut requests = Requests::new(seed, &BOTOCORE, Vec::new());
    arrive::random_names_arrive(|| requests.key()).await;
}
