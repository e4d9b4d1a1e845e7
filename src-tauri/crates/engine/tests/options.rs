//! The options of a profile and a batch: each reaches the store where it is taken, and none costs a
//! promise.

mod bench;

use std::time::Duration;

use bench::{BUCKET, Bench, MIB};
use ferry_engine::{FERRY_ID, SHA256, TransferCommand, vault_entry};
use ferry_journal::Selection;
use ferry_model::{
    BatchOptions, Callback, CallbackBody, ConnectionLimits, Credentials, Encryption,
    ExistingPolicy, FaultKind, FileDigest, KeyTemplate, Naming, ObjectHeader, Pair, Profile,
    Provider, Secret, Standing,
};
use ferry_sandbox::{Action, Credential, Operation, Rule};
use sha2::{Digest as _, Sha256};

fn pair(name: &str, value: &str) -> Pair {
    Pair { name: name.into(), value: value.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn options_reach_the_object_small_or_in_parts() {
    let bench = Bench::new(Provider::Oss).await;
    let files = [bench.file("small.txt", 7), bench.file("large.txt", 3 * MIB + 5)];
    let options = BatchOptions {
        storage_class: "IA".into(),
        acl: "public-read".into(),
        encryption: Encryption::Kms { key_id: "key-1".into() },
        headers: [
            (ObjectHeader::CacheControl, "max-age=60"),
            (ObjectHeader::ContentDisposition, "attachment"),
            (ObjectHeader::ContentEncoding, "gzip"),
        ]
        .into(),
        metadata: vec![pair("author", "照片")],
        tags: vec![pair("project", "one")],
        traffic_limit: 838_860_800,
        digest: FileDigest::Sha256,
        ..BatchOptions::default()
    };
    bench.add_with(&bench.profile, &files.each_ref(), |intake| intake.options = options).await;
    for name in ["small.txt", "large.txt"] {
        bench.assert_done(name).await;
        let object = bench.sandbox.object(BUCKET, name).expect("is there");
        assert_eq!(
            (object.storage_class.as_deref(), object.acl.as_deref()),
            (Some("IA"), Some("public-read")),
            "{name}"
        );
        assert_eq!(
            (object.encryption.as_deref(), object.encryption_key.as_deref()),
            (Some("KMS"), Some("key-1")),
            "{name}"
        );
        assert_eq!(
            object.headers.get("cache-control").map(String::as_str),
            Some("max-age=60"),
            "{name}"
        );
        assert_eq!(
            object.headers.get("content-encoding").map(String::as_str),
            Some("gzip"),
            "{name}"
        );
        assert_eq!(
            object.headers.get("content-type").map(String::as_str),
            Some("text/plain"),
            "{name}"
        );
        assert_eq!(object.tags.get("project").map(String::as_str), Some("one"), "{name}");
        let digest = hex::encode(Sha256::digest(
            std::fs::read(bench.root.path().join(name)).expect("reads"),
        ));
        assert_eq!(object.metadata.get(SHA256), Some(&digest), "{name}");
        assert!(
            object.metadata.contains_key(FERRY_ID) && object.metadata.contains_key("author"),
            "{name}"
        );
    }
    let entries = bench.sandbox.ledger().entries();
    let misplaced: Vec<_> = entries.iter().filter(|entry| !entry.misplaced.is_empty()).collect();
    assert!(misplaced.is_empty(), "{misplaced:#?}");
    let limited = |operation| {
        bench
            .sandbox
            .ledger()
            .of(operation)
            .iter()
            .all(|entry| entry.traffic_limit == Some(838_860_800))
    };
    assert!(limited(Operation::UploadPart) && limited(Operation::PutObject));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_fails_is_a_remark_and_sends_nothing_again() {
    let bench = Bench::new(Provider::Oss).await;
    let files = [bench.file("small.bin", 7), bench.file("large.bin", 2 * MIB)];
    // Nothing listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port();
    let callback = Callback {
        url: format!("http://127.0.0.1:{port}/done"),
        body: "key=${object}".into(),
        body_type: CallbackBody::Form,
        variables: Vec::new(),
    };
    let options = BatchOptions { callback: Some(callback), ..BatchOptions::default() };
    bench.add_with(&bench.profile, &files.each_ref(), |intake| intake.options = options).await;
    bench.engine.idle().await;
    for row in bench.rows().await {
        assert_eq!(row.standing, Standing::Done, "{row:?}");
        assert_eq!(
            row.fault.as_ref().map(|fault| fault.kind),
            Some(FaultKind::CallbackFailed),
            "{row:?}"
        );
        assert_eq!(bench.sandbox.object(BUCKET, &row.key).expect("is there").versions, 1);
    }
    assert_eq!(
        (
            bench.sandbox.ledger().count(Operation::PutObject),
            bench.sandbox.ledger().count(Operation::Complete)
        ),
        (1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn identical_is_skipped_and_different_is_replaced() {
    for provider in [Provider::Oss, Provider::S3] {
        let bench = Bench::new(provider).await;
        let (same, changed) = (bench.file("same.bin", 6 * MIB), bench.file("changed.bin", 9));
        bench.add(&[&same, &changed]).await;
        bench.engine.idle().await;
        std::fs::write(&changed, b"123456789").expect("writes");
        let sent = bench.sandbox.ledger().body_bytes();
        bench
            .add_with(&bench.profile, &[&same, &changed], |intake| {
                intake.existing = ExistingPolicy::SkipIdentical
            })
            .await;
        bench.engine.idle().await;
        let rows = bench.rows().await;
        let standings: Vec<Standing> = rows[2..].iter().map(|row| row.standing).collect();
        assert_eq!(standings, [Standing::Skipped, Standing::Done], "{provider:?} {rows:#?}");
        assert_eq!(
            bench.sandbox.read_object(BUCKET, "changed.bin").expect("is there"),
            b"123456789"
        );
        assert_eq!(
            bench.sandbox.ledger().body_bytes() - sent,
            9,
            "{provider:?}: only what differs was sent"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_keeps_to_its_own_connections() {
    let bench = Bench::new(Provider::Oss).await;
    let limits = ConnectionLimits { connections: 1, ..bench.profile.limits };
    let profile = Profile { limits, ..bench.profile.clone() };
    bench.journal.save_profile(&profile).await.expect("saves");
    bench
        .sandbox
        .faults()
        .add(Rule::on(Operation::UploadPart), Action::Delay(Duration::from_millis(30)));
    let files = [bench.file("a.bin", 4 * MIB), bench.file("b.bin", 4 * MIB)];
    bench.add_to(&profile, &files.each_ref()).await;
    bench.assert_done("a.bin").await;
    bench.assert_done("b.bin").await;
    assert_eq!(bench.sandbox.ledger().peak_in_flight(), 1, "with three permits in the engine");
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_name_keys_and_collisions_replace_nothing() {
    let bench = Bench::new(Provider::Oss).await;
    for folder in ["x", "y"] {
        std::fs::create_dir(bench.root.path().join(folder)).expect("makes");
    }
    // Decomposed, as macOS hands names out.
    let first = bench.file("x/cafe\u{301}.txt", 3);
    let second = bench.file("y/cafe\u{301}.txt", 4);
    let template = KeyTemplate::parse("{prefix}{yyyy}/{mm}-{dd}/{stem}{ext}").expect("a template");
    bench
        .add_with(&bench.profile, &[&first, &second], |intake| {
            (intake.template, intake.prefix) = (template, "p".into());
        })
        .await;
    bench.engine.idle().await;
    let rows = bench.rows().await;
    assert_eq!(
        (rows[0].key.as_str(), rows[0].standing),
        ("p/2026/03-09/caf\u{e9}.txt", Standing::Done)
    );
    assert_eq!(rows[1].fault.as_ref().map(|fault| fault.kind), Some(FaultKind::KeyCollision));
    assert_eq!(
        bench.sandbox.read_object(BUCKET, &rows[0].key).expect("is there"),
        std::fs::read(&first).expect("reads")
    );

    let hashed = KeyTemplate::parse("{hash8}{ext}").expect("a template");
    bench.add_with(&bench.profile, &[&second], |intake| intake.template = hashed).await;
    bench.engine.idle().await;
    let digest = hex::encode(Sha256::digest(std::fs::read(&second).expect("reads")));
    assert_eq!(bench.rows().await[2].key, format!("{}.txt", &digest[..8]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_is_never_told_by_its_old_digest_or_name() {
    for template in ["{name}", "{hash8}{ext}"] {
        let bench = Bench::new(Provider::Oss).await;
        let large = bench.file("large.bin", 12 * MIB);
        // Before the upload begins: this takes a while, and the change must not come too late.
        let changed: Vec<u8> =
            std::fs::read(&large).expect("reads").iter().map(|byte| byte ^ 1).collect();
        bench
            .sandbox
            .faults()
            .add(Rule::on(Operation::UploadPart), Action::Delay(Duration::from_millis(60)));
        let naming = Naming { template: template.into(), ..Naming::default() };
        let profile = Profile { naming, ..bench.profile.clone() };
        bench
            .add_with(&profile, &[&large], |intake| {
                intake.template = KeyTemplate::parse(template).expect("a template");
                intake.options =
                    BatchOptions { digest: FileDigest::Sha256, ..BatchOptions::default() };
            })
            .await;
        bench
            .until("some parts", |sandbox| {
                sandbox.open_uploads(BUCKET).first().is_some_and(|upload| upload.parts.len() >= 2)
            })
            .await;
        std::fs::write(&large, &changed).expect("writes");
        bench.engine.idle().await;
        assert_eq!(bench.rows().await[0].standing, Standing::SourceChanged, "{template}");
        bench.engine.apply(TransferCommand::Retry, Selection::All).await.expect("retries");
        bench.engine.idle().await;
        let row = &bench.rows().await[0];
        if template == "{name}" {
            assert_eq!(row.standing, Standing::Done, "{row:?}");
            let digest = hex::encode(Sha256::digest(&changed));
            let object = bench.sandbox.object(BUCKET, "large.bin").expect("is there");
            assert_eq!(
                object.metadata.get(SHA256),
                Some(&digest),
                "the metadata tells the bytes that are there"
            );
        } else {
            // Its name would lie: only adding it again can give it another.
            assert_eq!(row.standing, Standing::SourceChanged, "{row:?}");
            assert!(bench.sandbox.objects(BUCKET).is_empty());
        }
    }
}

/// A token, and the key that it makes.
fn token(name: &str) -> (Credential, Credentials) {
    let credential = Credential::generate().with_token(name);
    let keys = Credentials {
        access_key_id: credential.access_key_id.clone(),
        access_key_secret: Secret::new(credential.access_key_secret.clone()),
        security_token: Some(Secret::new(name)),
        expires_ms: None,
    };
    (credential, keys)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_dies_makes_its_batch_wait_and_the_next_one_goes_on_with_the_same_upload() {
    for provider in [Provider::Oss, Provider::S3] {
        let bench = Bench::new(provider).await;
        let ((first, first_keys), (second, second_keys)) = (token("first"), token("second"));
        bench.sandbox.set_credentials(vec![first.clone()]);
        bench.vault.store(&vault_entry("test", &bench.profile), &first_keys).await.expect("keeps");
        bench.engine.release(bench.profile.id);
        bench
            .sandbox
            .faults()
            .add(Rule::on(Operation::UploadPart), Action::Delay(Duration::from_millis(50)));
        let size = if provider == Provider::Oss { 20 * MIB } else { 60 * MIB };
        let (large, small) = (bench.file("large.bin", size), bench.file("small.bin", 5));
        bench.add(&[&large, &small]).await;
        bench
            .until("some parts", |sandbox| {
                sandbox.open_uploads(BUCKET).first().is_some_and(|upload| upload.parts.len() >= 3)
            })
            .await;
        bench.sandbox.expire_token(&first.access_key_id);
        bench.engine.idle().await;
        assert_eq!(
            bench.engine.holds().get(&bench.profile.id).map(|fault| fault.kind),
            Some(FaultKind::TokenExpired),
            "{provider:?}"
        );
        let waiting =
            bench.rows().await.into_iter().find(|row| row.key == "large.bin").expect("a row");
        assert_eq!(
            (waiting.standing, &waiting.fault),
            (Standing::Active, &None),
            "{provider:?}: it waits, it has not failed"
        );
        let upload_id = waiting.phase.upload_id().expect("its upload is open").to_owned();

        bench.sandbox.set_credentials(vec![second]);
        bench.vault.store(&vault_entry("test", &bench.profile), &second_keys).await.expect("keeps");
        bench.engine.release(bench.profile.id);
        bench.assert_done("large.bin").await;
        bench.assert_done("small.bin").await;
        assert_eq!(
            bench.sandbox.object(BUCKET, "large.bin").expect("is there").upload_id,
            Some(upload_id),
            "{provider:?}"
        );
        assert_eq!(bench.sandbox.ledger().count(Operation::Initiate), 1, "{provider:?}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_command_is_asked_again_when_its_token_dies() {
    let bench = Bench::new(Provider::Oss).await;
    let ((first, _), (second, _)) = (token("first"), token("second"));
    bench.sandbox.set_credentials(vec![first.clone(), second.clone()]);
    let answer = |credential: &Credential, token: &str| {
        serde_json::json!({ "Version": 1, "AccessKeyId": credential.access_key_id, "SecretAccessKey": credential.access_key_secret,
            "SessionToken": token })
        .to_string()
    };
    let file = bench.root.path().join("key.json");
    std::fs::write(&file, answer(&first, "first")).expect("writes");
    let command = format!("cat '{}'", file.display());
    let profile =
        Profile { keys: ferry_model::KeySource::Process { command }, ..bench.profile.clone() };
    bench.journal.save_profile(&profile).await.expect("saves");
    bench
        .sandbox
        .faults()
        .add(Rule::on(Operation::UploadPart), Action::Delay(Duration::from_millis(50)));
    let large = bench.file("large.bin", 20 * MIB);
    bench.add_to(&profile, &[&large]).await;
    bench
        .until("some parts", |sandbox| {
            sandbox.open_uploads(BUCKET).first().is_some_and(|upload| upload.parts.len() >= 3)
        })
        .await;
    std::fs::write(&file, answer(&second, "second")).expect("writes");
    bench.sandbox.expire_token(&first.access_key_id);
    bench.assert_done("large.bin").await;
    assert_eq!(bench.sandbox.ledger().count(Operation::Initiate), 1);
    assert!(bench.engine.holds().is_empty(), "nobody had to do anything");
}
