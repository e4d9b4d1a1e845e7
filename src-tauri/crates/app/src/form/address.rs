//! Reads the address of a profile's form: endpoint, region, bucket and prefix, from whatever of it
//! was typed or pasted.

use ferry_model::{Addressing, Fault, FaultKind, Provider, destination, key};
use ferry_storage::endpoint::{self, HostKind, Remark, regions};

use super::{EXAMPLE, problem};
use crate::messages::{FieldProblem, ProfileForm};

/// Fills in what endpoint and region tell, and says what the user should know about them.
pub(super) fn read_endpoint(
    form: &ProfileForm,
    read: &mut ProfileForm,
    problems: &mut Vec<FieldProblem>,
) -> Vec<Remark> {
    read.region = understood_region(read.provider, &form.region);
    if form.endpoint.trim().is_empty() && regions::is_id(&read.region) {
        read.endpoint = endpoint::endpoint_of_region(read.provider, &read.region);
        return Vec::new();
    }
    let understood = match endpoint::understand(&form.endpoint, read.provider) {
        Ok(understood) => understood,
        Err(fault) => {
            problem(problems, "endpoint", fault);
            return Vec::new();
        }
    };
    if read.provider != understood.provider {
        read.provider = understood.provider;
        read.region = understood_region(read.provider, &form.region);
    }
    let mut remarks = understood.remarks;
    fill_region(read, understood.region, understood.kind);
    match understood.bucket {
        Some(bucket) if read.bucket.is_empty() => read.bucket = bucket,
        Some(bucket) if bucket != read.bucket => remarks.push(Remark::OtherBucket(bucket)),
        _ => {}
    }
    if let Some(prefix) = understood.prefix.filter(|_| read.prefix.is_empty()) {
        read.prefix = prefix;
    }
    match understood.endpoint {
        Some(endpoint) => read.endpoint = endpoint,
        // `oss://bucket` names no place; a region does.
        None if regions::is_id(&read.region) => {
            read.endpoint = endpoint::endpoint_of_region(read.provider, &read.region)
        }
        None => {
            read.endpoint = String::new();
            let why =
                "it names a bucket, but not where it is; enter the bucket's region or endpoint";
            problem(problems, "endpoint", Fault::new(FaultKind::InvalidEndpoint).with_detail(why));
        }
    }
    // On OSS a host that is none of Alibaba's is a custom domain, which is bound to one bucket.
    if read.provider == Provider::Oss
        && understood.kind == Some(HostKind::Custom)
        && read.addressing == Addressing::Auto
    {
        read.addressing = Addressing::Cname;
    }
    remarks
}

/// The host's region counts, except where it is a guess and the user knows better. A store of one's
/// own has no region; what it verifies against is the oldest one's name, unless it says otherwise.
fn fill_region(read: &mut ProfileForm, told: Option<String>, kind: Option<HostKind>) {
    let guessed = matches!(kind, Some(HostKind::Custom | HostKind::OssPrivate));
    match told {
        Some(region) if !guessed || read.region.is_empty() => read.region = region,
        _ => {}
    }
    let needs_one = matches!(
        kind,
        None | Some(
            HostKind::Amazon
                | HostKind::AmazonAccelerate
                | HostKind::Service
                | HostKind::OssAsS3
                | HostKind::OssAccelerate
        )
    );
    if read.region.is_empty() && read.provider == Provider::S3 && !needs_one {
        read.region = "us-east-1".into();
    }
}

/// `oss-cn-hangzhou`, `cn-hangzhou`, an endpoint and the console's `华东1（杭州）` mean the same region.
/// What is none of these is taken as it is typed.
fn understood_region(provider: Provider, typed: &str) -> String {
    let typed = typed.trim();
    if typed.is_empty() {
        return String::new();
    }
    let by_host = || {
        endpoint::understand(typed, provider)
            .ok()
            .filter(|understood| understood.kind != Some(HostKind::Custom))?
            .region
    };
    endpoint::region_typed(typed, provider).or_else(by_host).unwrap_or_else(|| typed.to_owned())
}

/// The bucket's name by the rules of the place it is in.
pub(super) fn check_bucket(form: &ProfileForm) -> Result<(), Fault> {
    match endpoint::Address::new(form.provider, &form.endpoint, Some(&form.bucket), form.addressing)
    {
        Err(fault) if fault.kind == FaultKind::InvalidBucketName => Err(fault),
        _ => destination::check_bucket(form.provider, &form.bucket),
    }
}

/// Where the example object would go, if the form tells.
pub(super) fn example(form: &ProfileForm) -> Option<String> {
    let address =
        endpoint::Address::new(form.provider, &form.endpoint, Some(&form.bucket), form.addressing)
            .ok()?;
    Some(address.url(Some(&key::join(&form.prefix, &[EXAMPLE])), &[]))
}
