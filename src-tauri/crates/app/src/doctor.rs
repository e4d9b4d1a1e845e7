//! The endpoint doctor: goes the way to each address of a profile, step by step, and says what is
//! wrong and what to do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ferry_model::doctor::{AddressKind, AddressReport, Finding, Outcome, Step, recommend};
use ferry_model::{Addressing, Fault, FaultKind, Profile, Provider, key, message};
use ferry_storage::clock::is_worth_telling;
use ferry_storage::endpoint::{Address, Scheme, siblings};
use ferry_storage::{
    HttpClient, Knock, ObjectOptions, ObjectStore, Payload, StoreError, sign_again,
};
use futures_util::future::join_all;

use crate::app::{App, now_ms};
use crate::checkup::Checkup;

/// Bytes of the write.
const WRITTEN: u64 = 1024 * 1024;
/// How long a connection and an answer may take.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(20);
/// How long the signed question, and the write, may take in all.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// An address that is examined.
struct Examination<'a> {
    app: &'a App,
    /// The profile, at this address.
    profile: Profile,
    kind: AddressKind,
    is_current: bool,
    findings: Vec<Finding>,
}

/// The addresses of a profile, the one it uses first.
fn addresses(profile: &Profile) -> Vec<(AddressKind, Profile)> {
    let found = siblings(profile.provider, &profile.endpoint, &profile.region);
    let mut addresses: Vec<(AddressKind, Profile)> = found
        .into_iter()
        .map(|(kind, endpoint)| (kind, Profile { endpoint, ..profile.clone() }))
        .collect();
    if profile.addressing == Addressing::Cname {
        // The domain in use is bound to the bucket; its region's addresses are unknown.
        addresses.truncate(1);
        addresses.iter_mut().for_each(|(kind, _)| *kind = AddressKind::CustomDomain);
    } else if profile.provider == Provider::Oss && !profile.links.domain.is_empty() {
        let (endpoint, addressing) = (profile.links.domain.clone(), Addressing::Cname);
        let bound = Profile { endpoint, addressing, ..profile.clone() };
        addresses.push((AddressKind::CustomDomain, bound));
    }
    addresses
}

impl App {
    /// Goes the way to each address of a stored profile: DNS, connection, TLS, the clock, the
    /// signature, and a write of 1 MB under the prefix that is deleted again.
    pub async fn check_up(&self, profile: &Profile) -> Checkup {
        let examinations =
            addresses(profile).into_iter().enumerate().map(|(at, (kind, profile))| {
                let (app, findings) = (self, Vec::new());
                Examination { app, profile, kind, is_current: at == 0, findings }
            });
        let examined = join_all(examinations.map(Examination::examine)).await;
        let mut addresses = Vec::new();
        // One after the other: each has the whole line for itself.
        for (examination, store) in examined {
            addresses.push(examination.write(store).await);
        }
        let recommendation = recommend(&addresses);
        let (name, at_ms) = (profile.name.clone(), now_ms());
        let checkup = Checkup { profile: profile.id.0, name, at_ms, addresses, recommendation };
        let mut known = self.inner.checkups.lock().expect("no code panics while holding this lock");
        known.retain(|known| known.profile != checkup.profile);
        known.push(checkup.clone());
        checkup
    }

    /// What the doctor found in this run, the last of each profile.
    pub fn checkups(&self) -> Vec<Checkup> {
        self.inner.checkups.lock().expect("no code panics while holding this lock").clone()
    }
}

/// Whose fault it is that something on the way fails.
fn step_of(fault: &Fault, scheme: Scheme) -> Step {
    match fault.kind {
        FaultKind::ProxySignIn
        | FaultKind::ProxyRefused
        | FaultKind::ProxyBroke
        | FaultKind::ProxyUnreachable
        | FaultKind::ProxyInvalid => Step::Proxy,
        FaultKind::TlsFailed | FaultKind::CertificateUntrusted | FaultKind::CaFileUnusable => {
            Step::Tls
        }
        _ if scheme == Scheme::Https => Step::Tls,
        _ => Step::Connect,
    }
}

impl<'a> Examination<'a> {
    /// Every step before the write; with the client, if they went well.
    async fn examine(mut self) -> (Examination<'a>, Option<Arc<dyn ObjectStore>>) {
        let store = match self.way().await {
            Ok(()) => self.signature().await.ok(),
            Err(()) => None,
        };
        (self, store)
    }

    fn found(&mut self, finding: Finding) {
        // What comes later on the way may tell more of a step.
        self.findings.retain(|known| known.step != finding.step);
        self.findings.push(finding);
    }

    fn failed(&mut self, step: Step, fault: Fault) {
        self.found(Finding::failed(step, fault));
    }

    async fn way(&mut self) -> Result<(), ()> {
        let profile = &self.profile;
        let address = Address::new(
            profile.provider,
            &profile.endpoint,
            Some(&profile.bucket),
            profile.addressing,
        );
        let address = address.map_err(|fault| self.failed(Step::Dns, fault))?;
        let (url, scheme) = (address.url(None, &[]), address.scheme());
        let http = self.client().await.map_err(|fault| {
            let step = step_of(&fault, Scheme::Http);
            self.failed(if step == Step::Tls { step } else { Step::Proxy }, fault);
        })?;
        let server = http.first_server(&url).await;
        let server = server.map_err(|fault| self.failed(Step::Proxy, fault))?;
        self.found(Finding::passed(
            Step::Proxy,
            match &server.proxy {
                Some(proxy) => message::doctor_through_proxy(proxy.clone()),
                None => message::doctor_no_proxy(),
            },
        ));
        let found = http.resolve(&server).await;
        let (ips, took) = found.map_err(|fault| self.failed(Step::Dns, fault))?;
        let count = ips.len() as u64;
        self.found(Finding::passed(
            Step::Dns,
            message::doctor_resolved(server.host.clone(), count, milliseconds(took)),
        ));
        let connected = http.try_connect(&server, &ips).await;
        let (ip, took) = connected.map_err(|fault| self.failed(Step::Connect, fault))?;
        let place = std::net::SocketAddr::new(ip, server.port).to_string();
        self.found(Finding::passed(
            Step::Connect,
            message::doctor_connected(place, milliseconds(took)),
        ));
        let knock = http.knock(&url).await;
        let knock =
            knock.map_err(|error| self.failed(step_of(&error.fault, scheme), error.fault))?;
        self.found(match scheme {
            Scheme::Https => {
                Finding::passed(Step::Tls, message::doctor_encrypted(milliseconds(knock.took)))
            }
            Scheme::Http => Finding::skipped(Step::Tls, message::doctor_plain_http()),
        });
        self.clock(&knock);
        Ok(())
    }

    async fn client(&self) -> Result<HttpClient, Fault> {
        let reach = self.app.inner.engine.reach(&self.profile).await?;
        let http = self.app.inner.http.with_timeouts(CONNECT, ANSWER);
        http.over(&reach.network, reach.proxy_password.as_ref())
    }

    fn clock(&mut self, knock: &Knock) {
        let Some(date) = knock.date else {
            return self.found(Finding::skipped(Step::Clock, message::doctor_no_time()));
        };
        let offset = date - now_ms() / 1_000;
        self.found(match is_worth_telling(offset) {
            true => Finding::warned(
                Step::Clock,
                Fault { clock_offset_seconds: Some(offset), ..Fault::new(FaultKind::ClockSkew) },
            ),
            false => Finding::passed(Step::Clock, message::doctor_clock(offset.unsigned_abs())),
        });
    }

    async fn signature(&mut self) -> Result<Arc<dyn ObjectStore>, ()> {
        let engine = &self.app.inner.engine;
        let connected = async {
            let keys = engine.keys(&self.profile).await?;
            engine.connect(&self.profile, keys, None).await
        };
        let store = connected.await.map_err(|fault| self.failed(Step::Signature, fault))?;
        let asked =
            tokio::time::timeout(RESPONSE_TIMEOUT, ask(store.as_ref(), &self.profile.prefix));
        let asked = asked.await.unwrap_or_else(|_| Err(Fault::new(FaultKind::Stalled)));
        match asked {
            Ok(region) => {
                let sentence = match region {
                    Some(region) => message::doctor_signed_in_region(region),
                    None => message::doctor_signed(),
                };
                self.found(Finding::passed(Step::Signature, sentence));
                Ok(store)
            }
            Err(fault) => {
                self.failed(Step::Signature, fault);
                Err(())
            }
        }
    }

    /// The last step, and the report.
    async fn write(mut self, store: Option<Arc<dyn ObjectStore>>) -> AddressReport {
        let mut speed = None;
        if let Some(store) = store {
            let written =
                tokio::time::timeout(RESPONSE_TIMEOUT, write(store.as_ref(), &self.profile.prefix));
            match written.await.unwrap_or_else(|_| Err(Fault::new(FaultKind::Stalled))) {
                Ok(Written { bytes_a_second, left }) => {
                    speed = Some(bytes_a_second);
                    let shown = ferry_model::size::show_bytes(bytes_a_second);
                    self.found(match left {
                        None => Finding::passed(
                            Step::Write,
                            message::doctor_written(format!("{shown}/s")),
                        ),
                        Some((key, fault)) => Finding {
                            sentence: message::doctor_left_behind(key),
                            ..Finding::warned(Step::Write, fault)
                        },
                    });
                }
                Err(fault) => self.failed(Step::Write, fault),
            }
        }
        for step in Step::ALL {
            if !self.findings.iter().any(|finding| finding.step == step) {
                self.findings.push(Finding::skipped(step, message::doctor_not_tried()));
            }
        }
        self.findings.sort_by_key(|finding| finding.step);
        // Behind a step that failed, nothing is known to be well.
        let failed = self.findings.iter().find(|it| it.outcome == Outcome::Failed);
        if let Some(step) = failed.map(|finding| finding.step)
            && step == Step::Proxy
        {
            for finding in self.findings.iter_mut().filter(|finding| finding.step > step) {
                *finding = Finding::skipped(finding.step, message::doctor_not_tried());
            }
        }
        AddressReport {
            kind: self.kind,
            endpoint: self.profile.endpoint,
            is_current: self.is_current,
            findings: self.findings,
            speed,
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn a_key(prefix: &str) -> String {
    key::join(prefix, &[&format!(".ferry-doctor-{:08x}", fastrand::u32(..))])
}

/// Asks something that has to be signed, and needs no more rights than an upload does. Gives the
/// bucket's region, if the store tells it.
async fn ask(store: &dyn ObjectStore, prefix: &str) -> Result<Option<String>, Fault> {
    match sign_again(|| store.bucket_info()).await {
        Ok(info) => Ok(info.region),
        // Whoever is told what they may not do was believed.
        Err(error) if error.fault.kind == FaultKind::AccessDenied => Ok(None),
        // Not every store that speaks S3 knows the question.
        Err(error) if is_unknown_question(&error) => {
            let key = a_key(prefix);
            let head = sign_again(|| store.head(&key)).await;
            head.map(|_| None).map_err(|error| error.fault)
        }
        Err(error) => Err(error.fault),
    }
}

fn is_unknown_question(error: &StoreError) -> bool {
    matches!(
        error.fault.kind,
        FaultKind::Unsupported | FaultKind::InvalidRequest | FaultKind::UnknownAnswer
    )
}

struct Written {
    bytes_a_second: u64,
    /// The object that could not be deleted again, and why.
    left: Option<(String, Fault)>,
}

async fn write(store: &dyn ObjectStore, prefix: &str) -> Result<Written, Fault> {
    let key = a_key(prefix);
    let mut bytes = vec![0; WRITTEN as usize];
    // Nothing on the way makes it smaller.
    fastrand::Rng::new().fill(&mut bytes);
    let bytes = bytes::Bytes::from(bytes);
    let options = ObjectOptions::default();
    let began = Instant::now();
    let put = sign_again(|| store.put_object(&key, &options, Payload::from_bytes(bytes.clone())));
    let stored = put.await.map_err(|error| error.fault)?;
    let seconds = began.elapsed().as_secs_f64().max(0.001);
    let version = stored.version_id.as_deref();
    let mut deleted = sign_again(|| store.delete_object(&key, version)).await;
    if deleted.is_err() && version.is_some() {
        deleted = sign_again(|| store.delete_object(&key, None)).await;
    }
    Ok(Written {
        bytes_a_second: (WRITTEN as f64 / seconds) as u64,
        left: deleted.err().map(|error| (key.clone(), error.fault)),
    })
}
