//! Reads a profile form: what was typed or pasted becomes an endpoint, a region, a bucket and a
//! prefix, before anything is saved.

mod address;
#[cfg(test)]
mod fields;
pub(crate) mod limit;
pub(crate) mod network;
pub(crate) mod options;
#[cfg(test)]
mod tests;

use address::{check_bucket, example, read_endpoint};
use ferry_model::{
    ConnectionLimits, Day, Fault, FaultKind, KeyParts, KeySource, KeyTemplate, LinkSettings,
    Naming, Profile, ProfileId, ProfileKind, Provider, SignVersion, key,
};
use ferry_storage::endpoint::{Remark, regions};

use crate::messages::{FieldProblem, FormReading, KeySourceChoice, OptionsForm, ProfileForm};

/// The example object of the form.
const EXAMPLE: &str = "example.txt";
/// The file of the template's preview.
const EXAMPLE_FILE: &[&str] = &["album", "photo.jpg"];

/// Understands a form. Never fails: what is wrong stands beside the field.
pub(crate) fn read(form: &ProfileForm) -> FormReading {
    let mut problems = Vec::new();
    let mut read = ProfileForm { name: form.name.trim().to_owned(), ..form.clone() };
    if read.name.is_empty() {
        problem(
            &mut problems,
            "name",
            Fault::new(FaultKind::InvalidInput).with_detail("a profile needs a name"),
        );
    }
    read.bucket = read.bucket.trim().to_owned();
    let remarks = read_endpoint(form, &mut read, &mut problems);
    if read.bucket.is_empty() {
        problem(&mut problems, "bucket", Fault::new(FaultKind::InvalidBucketName).with_subject(""));
    } else if let Err(fault) = check_bucket(&read) {
        problem(&mut problems, "bucket", fault);
    }
    if !read.region.is_empty() && !regions::is_id(&read.region) {
        let why = "a region has letters, digits and hyphens only, as cn-hangzhou";
        problem(
            &mut problems,
            "region",
            Fault::new(FaultKind::InvalidInput).with_subject(read.region.clone()).with_detail(why),
        );
    }
    // V1 signs no region.
    let signs_region = read.provider == Provider::S3 || read.sign == SignVersion::V4;
    if read.region.is_empty()
        && signs_region
        && !problems.iter().any(|problem| problem.field == "endpoint")
    {
        problem(
            &mut problems,
            "region",
            Fault::new(FaultKind::RegionMissing).with_subject(read.bucket.clone()),
        );
    }
    if let Err(fault) = key::check(read.provider, &key::join(&read.prefix, &[EXAMPLE])) {
        problem(&mut problems, "prefix", fault);
    }
    read_naming(&mut read, &mut problems);
    read_limits(&mut read, &mut problems);
    read_links(&mut read, &mut problems);
    match limit::schedule(&read.limit) {
        Ok(schedule) => read.limit = (&schedule).into(),
        Err(fault) => problem(&mut problems, "limit", fault),
    }
    let network = network::read(&read.network);
    read.network = network.form;
    problems.extend(network.problems);
    read.key_command = read.key_command.trim().to_owned();
    if read.key_source == KeySourceChoice::Process && read.key_command.is_empty() {
        problem(
            &mut problems,
            "keyCommand",
            Fault::new(FaultKind::InvalidInput).with_detail("which command prints the key?"),
        );
    }
    problems.extend(option_problems(read.provider, &read.options));
    let example_key = match KeyTemplate::parse(&read.key_template) {
        Ok(template) => template.key(&KeyParts {
            prefix: &read.prefix,
            components: EXAMPLE_FILE,
            day: today(),
            hash8: "5f3a09c1",
        }),
        Err(_) => String::new(),
    };
    let example_url = example(&read).unwrap_or_default();
    let of_keys = [&read.prefix, &read.key_template].into_iter().filter_map(|it| key::remark(it));
    let remarks = remarks.iter().map(Remark::text).chain(of_keys).map(Into::into).collect();
    FormReading {
        form: read,
        example_url,
        example_file: EXAMPLE_FILE.join("/"),
        example_key,
        problems,
        remarks,
    }
}

/// What is wrong with a batch's options, each beside its field.
pub(crate) fn option_problems(provider: Provider, form: &OptionsForm) -> Vec<FieldProblem> {
    let beside = |(field, fault): (&str, Fault)| FieldProblem {
        field: format!("options.{field}"),
        problem: fault.into(),
    };
    options::options(form).problems(provider).into_iter().map(beside).collect()
}

fn read_naming(read: &mut ProfileForm, problems: &mut Vec<FieldProblem>) {
    if read.key_template.trim().is_empty() {
        read.key_template = ferry_model::template::DEFAULT_TEMPLATE.to_owned();
    }
    if let Err(fault) = KeyTemplate::parse(&read.key_template) {
        problem(problems, "keyTemplate", fault);
    }
}

fn read_limits(read: &mut ProfileForm, problems: &mut Vec<FieldProblem>) {
    let seconds = ConnectionLimits::SECONDS;
    for (field, value) in
        [("connectSeconds", read.connect_seconds), ("idleSeconds", read.idle_seconds)]
    {
        if value != 0 && !seconds.contains(&value) {
            let why = format!("{value} s; {} to {} are possible", seconds.start(), seconds.end());
            problem(problems, field, Fault::new(FaultKind::InvalidInput).with_detail(why));
        }
    }
    if read.connections > ConnectionLimits::MOST_CONNECTIONS {
        let why = format!(
            "{}; at most {} are possible",
            read.connections,
            ConnectionLimits::MOST_CONNECTIONS
        );
        problem(problems, "connections", Fault::new(FaultKind::InvalidInput).with_detail(why));
    }
}

/// A domain for links is a host with or without its scheme; https is what a page that is itself
/// https can show.
fn read_links(read: &mut ProfileForm, problems: &mut Vec<FieldProblem>) {
    let typed = read.link_domain.trim().trim_end_matches('/');
    let (scheme, host) = typed.split_once("://").unwrap_or(("https", typed));
    let fits =
        host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':'));
    if typed.is_empty() {
        read.link_domain = String::new();
    } else if fits
        && matches!(scheme, "http" | "https")
        && host.contains(|c: char| c.is_ascii_alphanumeric())
    {
        read.link_domain = format!("{scheme}://{}", host.to_ascii_lowercase());
    } else {
        let why = "a domain, as https://img.example.com, without a path";
        problem(
            problems,
            "linkDomain",
            Fault::new(FaultKind::InvalidInput).with_subject(typed).with_detail(why),
        );
    }
}

/// Today, in the user's own time zone.
pub(crate) fn today() -> Day {
    day_of(jiff::Timestamp::now())
}

/// The day of a batch, from when it was made.
pub(crate) fn day_at(ms: i64) -> Day {
    day_of(jiff::Timestamp::from_millisecond(ms).unwrap_or_else(|_| jiff::Timestamp::now()))
}

/// The local day of a moment.
pub(crate) fn day_of(time: jiff::Timestamp) -> Day {
    let date = time.to_zoned(jiff::tz::TimeZone::system()).date();
    Day {
        year: date.year().into(),
        month: date.month().unsigned_abs(),
        day: date.day().unsigned_abs(),
    }
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
        keys: match form.key_source {
            KeySourceChoice::Keyring => KeySource::Keyring,
            KeySourceChoice::Environment => KeySource::Environment,
            KeySourceChoice::Process => KeySource::Process { command: form.key_command.clone() },
        },
        options: options::options(&form.options),
        naming: Naming { template: form.key_template.clone(), form: form.key_form },
        limits: ConnectionLimits {
            connect_seconds: form.connect_seconds,
            idle_seconds: form.idle_seconds,
            connections: form.connections,
        },
        links: LinkSettings { domain: form.link_domain.clone() },
        network: form.network.clone().into(),
        // A form that was read has none that cannot be.
        speed_limit: limit::schedule(&form.limit).unwrap_or_default(),
    }
}

/// What the user may say of the practice bucket, beside what its server says.
pub(crate) fn practice_form(practice: &Profile, form: &ProfileForm) -> ProfileForm {
    ProfileForm {
        name: form.name.clone(),
        existing: form.existing,
        integrity: form.integrity,
        prefix: form.prefix.clone(),
        options: form.options.clone(),
        key_template: form.key_template.clone(),
        key_form: form.key_form,
        connect_seconds: form.connect_seconds,
        idle_seconds: form.idle_seconds,
        connections: form.connections,
        link_domain: form.link_domain.clone(),
        ..form_of(practice)
    }
}

/// A profile as a form.
pub(crate) fn form_of(profile: &Profile) -> ProfileForm {
    let (key_source, key_command) = match &profile.keys {
        KeySource::Keyring => (KeySourceChoice::Keyring, String::new()),
        KeySource::Environment => (KeySourceChoice::Environment, String::new()),
        KeySource::Process { command } => (KeySourceChoice::Process, command.clone()),
    };
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
        key_source,
        key_command,
        options: options::form_of(&profile.options),
        key_template: profile.naming.template.clone(),
        key_form: profile.naming.form,
        connect_seconds: profile.limits.connect_seconds,
        idle_seconds: profile.limits.idle_seconds,
        connections: profile.limits.connections,
        link_domain: profile.links.domain.clone(),
        network: profile.network.clone().into(),
        limit: (&profile.speed_limit).into(),
    }
}
