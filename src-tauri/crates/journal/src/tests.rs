//! The journal as its callers see it. Each test has a folder of its own.

mod attention;
mod batches;
mod counting;
mod crash;
mod damage;
mod deferred;
mod filter;
mod full;
mod inline;
mod opening;
mod part;
mod profiles;
mod queue;
mod rank;
mod reading;
mod receipts;
mod seal;
mod selection;
mod size;
mod today;
mod untrusted;
mod view;
mod watches;

use std::path::{Path, PathBuf};

use ferry_model::profile::PlainHttp;
use ferry_model::{
    Addressing, BatchId, BatchOptions, Callback, CallbackBody, ChecksumSupport, ConnectionLimits,
    Encryption, ExistingPolicy, FileDigest, Integrity, KeyForm, KeySource, LimitSchedule,
    LinkSettings, Naming, Network, ObjectHeader, Pair, Phase, PhaseName, Profile, ProfileId,
    ProfileKind, Provider, ProxyMode, SignVersion, Standing, Transfer, TransferId,
};
use tempfile::TempDir;

use crate::{
    BatchLabel, Journal, JournalError, Lane, NewBatch, NewTransfer, RowState, RunnableQuery,
    RunnableScope, SourcePath,
};

/// A journal in a new folder.
async fn fresh() -> (TempDir, Journal) {
    let dir = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(dir.path()).await.expect("opens");
    (dir, journal)
}

fn profile(name: &str) -> Profile {
    Profile {
        id: ProfileId(0),
        name: name.to_owned(),
        kind: ProfileKind::Saved,
        provider: Provider::Oss,
        endpoint: "https://oss-cn-hangzhou.aliyuncs.com".to_owned(),
        region: "cn-hangzhou".to_owned(),
        bucket: "photos".to_owned(),
        prefix: "目录/".to_owned(),
        addressing: Addressing::Auto,
        sign: SignVersion::V4,
        integrity: Integrity::Strict.into(),
        existing: ExistingPolicy::Rename.into(),
        plain_http: PlainHttp::Refuse,
        keys: KeySource::Process { command: "fetch-key --for \"photos\"".to_owned() },
        options: options(),
        naming: Naming { template: "{prefix}{yyyy}/{name}".to_owned(), form: KeyForm::AsIs },
        limits: ConnectionLimits { connect_seconds: 3, idle_seconds: 20, connections: 4 },
        links: LinkSettings { domain: "https://img.example.com".to_owned() },
        network: Network {
            proxy: ProxyMode::Manual,
            proxy_server: "http://proxy.example.com:3128".to_owned(),
            proxy_user: "me".to_owned(),
            direct_hosts: ".lan".to_owned(),
            ca_file: "/etc/proxy.pem".to_owned(),
        },
        speed_limit: "08:00-24:00=1572864/s,off".parse().expect("a schedule"),
    }
}

/// Options of which none has its default.
fn options() -> BatchOptions {
    let pair = |name: &str, value: &str| Pair { name: name.to_owned(), value: value.to_owned() };
    BatchOptions {
        storage_class: "IA".to_owned(),
        acl: "private".to_owned(),
        encryption: Encryption::Kms { key_id: "key-1".to_owned() },
        headers: ObjectHeader::all().map(|header| (header, header.name())).collect(),
        metadata: vec![pair("author", "照片")],
        tags: vec![pair("项目", "一号")],
        traffic_limit: 819_200,
        callback: Some(Callback {
            url: "https://app.example.com/done".to_owned(),
            body: "{\"key\":${object}}".to_owned(),
            body_type: CallbackBody::Json,
            variables: vec![pair("x:user", "1")],
        }),
        digest: FileDigest::Sha256,
    }
}

/// A profile and a batch of it.
async fn batch(journal: &Journal, fingerprint: &str) -> (ProfileId, BatchId) {
    let profile = match journal.profile_named("Main").await.expect("reads") {
        Some(profile) => profile.id,
        None => journal.save_profile(&profile("Main")).await.expect("saves"),
    };
    let new = NewBatch {
        profile,
        fingerprint: fingerprint.to_owned(),
        created_ms: 1_700_000_000_000,
        options: BatchOptions::default(),
        naming: Naming::default(),
        label: BatchLabel::default(),
    };
    (profile, journal.add_batch(new).await.expect("adds"))
}

fn new_transfer((profile, batch): (ProfileId, BatchId), number: u64, size: u64) -> NewTransfer {
    NewTransfer {
        batch,
        profile,
        bucket: "photos".to_owned(),
        key: format!("目录/file {number}.bin"),
        source: SourcePath(PathBuf::from(format!("/home/小明/file {number}.bin"))),
        resolved: Some(SourcePath(PathBuf::from(format!("/home/小明/file {number}.bin")))),
        name: format!("file {number}.bin"),
        size,
        identity: None,
        part_size: 8 << 20,
        existing: ExistingPolicy::Ask,
        integrity: Integrity::Standard,
        ferry_id: format!("ferry-{number}"),
        created_ms: 1_700_000_000_001,
        standing: Standing::Active,
        fault: None,
    }
}

fn state(phase: PhaseName, standing: Standing) -> RowState {
    let phase = Phase::restored(phase, Some("upload-1".to_owned())).expect("an id is there");
    RowState::of(&Transfer::restored(phase, standing, None))
}

fn runnable(lane: Lane, limit: usize) -> RunnableQuery {
    RunnableQuery {
        excluded_devices: Vec::new(),
        scope: RunnableScope::All,
        lane,
        small_limit: 100,
        profile: ProfileId(1),
        excluded: vec![],
        after: None,
        limit,
    }
}

/// The file itself, while no journal has it open.
fn raw(dir: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(dir.join("ferry.db")).expect("opens")
}

async fn run(journal: &Journal, sql: &'static str) -> Result<(), JournalError> {
    journal.read(move |connection| Ok(connection.execute_batch(sql)?)).await
}
