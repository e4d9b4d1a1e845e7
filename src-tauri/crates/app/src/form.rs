//! Reads a profile form: what was typed or pasted becomes an endpoint, a region, a bucket and a prefix, before anything is saved.

use ferry_model::{Addressing, Fault, FaultKind, Profile, ProfileId, ProfileKind, Provider, key};
use ferry_storage::endpoint::{self, HostKind};

use crate::messages::{FieldProblem, FormReading, ProfileForm};

/// The example object of the form.
const EXAMPLE: &str = "example.txt";

/// Understands a form. Never fails: what is wrong stands beside the field.
pub(crate) fn read(form: &ProfileForm) -> FormReading {
    let mut problems = Vec::new();
    let mut read = ProfileForm { name: form.name.trim().to_owned(), ..form.clone() };
    if read.name.is_empty() {
        problem(&mut problems, "name", Fault::new(FaultKind::InvalidInput).saying("a profile needs a name"));
    }
    read.bucket = read.bucket.trim().to_owned();
    read.region = understood_region(read.provider, read.region.trim());
    read_endpoint(form, &mut read, &mut problems);
    if read.bucket.is_empty() {
        problem(&mut problems, "bucket", Fault::new(FaultKind::InvalidBucketName).about(""));
    } else if let Err(fault) = endpoint::check_bucket_name(read.provider, &read.bucket) {
        problem(&mut problems, "bucket", fault);
    }
    if read.region.is_empty() && !problems.iter().any(|problem| problem.field == "endpoint") {
        let why = "the endpoint does not tell its region; enter it, as cn-hangzhou";
        problem(&mut problems, "region", Fault::new(FaultKind::WrongRegion).about(read.bucket.clone()).saying(why));
    }
    if let Err(fault) = key::check(read.provider, &key::join(&read.prefix, &[EXAMPLE])) {
        problem(&mut problems, "prefix", fault);
    }
    let example_url = example(&read).unwrap_or_default();
    FormReading { form: read, example_url, problems }
}

fn read_endpoint(form: &ProfileForm, read: &mut ProfileForm, problems: &mut Vec<FieldProblem>) {
    let typed = form.endpoint.trim();
    if typed.is_empty() && !read.region.is_empty() {
        read.endpoint = endpoint::endpoint_of_region(read.provider, &read.region);
        return;
    }
    match endpoint::understand(typed, read.provider) {
        Ok(understood) => {
            read.endpoint = understood.endpoint;
            if let Some(region) = understood.region {
                read.region = region;
            }
            if let Some(bucket) = understood.bucket.filter(|_| read.bucket.is_empty()) {
                read.bucket = bucket;
            }
            if let Some(prefix) = understood.prefix.filter(|_| read.prefix.is_empty()) {
                read.prefix = prefix;
            }
            // On OSS a host that is none of Alibaba's is a custom domain, which is bound to one bucket.
            if read.provider == Provider::Oss && understood.kind == HostKind::Custom && read.addressing == Addressing::Auto {
                read.addressing = Addressing::Cname;
            }
            // Stores of one's own have no regions; what they verify against is this name, unless they say otherwise.
            let own_store = !matches!(understood.kind, HostKind::Amazon) && read.provider == Provider::S3;
            if read.region.is_empty() && own_store {
                read.region = "us-east-1".into();
            }
        }
        Err(fault) => problem(problems, "endpoint", fault),
    }
}

/// `oss-cn-hangzhou` and `cn-hangzhou` are the same region.
fn understood_region(provider: Provider, typed: &str) -> String {
    match provider {
        Provider::Oss => endpoint::region_id(typed).to_owned(),
        Provider::S3 => typed.to_owned(),
    }
}

fn example(form: &ProfileForm) -> Option<String> {
    let address = endpoint::Address::new(form.provider, &form.endpoint, Some(&form.bucket), form.addressing).ok()?;
    Some(address.url(Some(&key::join(&form.prefix, &[EXAMPLE])), &[]))
}

fn problem(problems: &mut Vec<FieldProblem>, field: &str, fault: Fault) {
    problems.push(FieldProblem { field: field.to_owned(), problem: fault.into() });
}

/// The profile that a read form means.
pub(crate) fn profile(id: ProfileId, kind: ProfileKind, form: &ProfileForm) -> Profile {
    Profile {
        id,
        name: form.name.clone(),
        kind,
        provider: form.provider,
        endpoint: form.endpoint.clone(),
        region: form.region.clone(),
        bucket: form.bucket.clone(),
        prefix: form.prefix.clone(),
        addressing: form.addressing,
        sign: form.sign,
        integrity: form.integrity,
        existing: form.existing,
        plain_http: form.plain_http,
    }
}

/// A profile as a form.
pub(crate) fn form_of(profile: &Profile) -> ProfileForm {
    ProfileForm {
        name: profile.name.clone(),
        provider: profile.provider,
        endpoint: profile.endpoint.clone(),
        region: profile.region.clone(),
        bucket: profile.bucket.clone(),
        prefix: profile.prefix.clone(),
        addressing: profile.addressing,
        sign: profile.sign,
        integrity: profile.integrity,
        existing: profile.existing,
        plain_http: profile.plain_http,
    }
}

#[cfg(test)]
mod tests {
    use ferry_model::profile::PlainHttp;
    use ferry_model::{ExistingPolicy, Integrity, SignVersion};

    use super::*;

    fn form(provider: Provider, endpoint: &str, region: &str, bucket: &str) -> ProfileForm {
        ProfileForm {
            name: "Photos".into(),
            provider,
            endpoint: endpoint.into(),
            region: region.into(),
            bucket: bucket.into(),
            prefix: String::new(),
            addressing: Addressing::Auto,
            sign: SignVersion::V4,
            integrity: Integrity::Standard,
            existing: ExistingPolicy::Ask,
            plain_http: PlainHttp::Refuse,
        }
    }

    #[test]
    fn what_is_pasted_is_understood() {
        use Provider::{Oss, S3};
        for (typed, url, region, bucket) in [
            (form(Oss, "cn-hangzhou", "", "photos"), "https://photos.oss-cn-hangzhou.aliyuncs.com/example.txt", "cn-hangzhou", "photos"),
            (
                form(Oss, "", "oss-cn-shanghai", "photos"),
                "https://photos.oss-cn-shanghai.aliyuncs.com/example.txt",
                "cn-shanghai",
                "photos",
            ),
            (
                form(Oss, "https://photos.oss-cn-beijing.aliyuncs.com/2026/a/", "", ""),
                "https://photos.oss-cn-beijing.aliyuncs.com/2026/a/example.txt",
                "cn-beijing",
                "photos",
            ),
            (form(Oss, "img.example.com", "cn-hangzhou", "photos"), "https://img.example.com/example.txt", "cn-hangzhou", "photos"),
            (form(S3, "https://minio.lan:9000", "", "data"), "https://minio.lan:9000/data/example.txt", "us-east-1", "data"),
            (form(S3, "eu-central-1", "", "data"), "https://data.s3.eu-central-1.amazonaws.com/example.txt", "eu-central-1", "data"),
        ] {
            let reading = read(&typed);
            assert_eq!(reading.problems, [], "{}", typed.endpoint);
            assert_eq!((reading.example_url.as_str(), reading.form.region.as_str(), reading.form.bucket.as_str()), (url, region, bucket));
        }
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field() {
        let mut typed = form(Provider::Oss, "http://user:pw@x", "", "No Bucket");
        typed.name = " ".into();
        typed.prefix = "/abs".into();
        let fields: Vec<String> = read(&typed).problems.into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["name", "endpoint", "bucket", "prefix"]);
    }
}
