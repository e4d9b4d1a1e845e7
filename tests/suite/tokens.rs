//! Tokens that die: nothing fails for it, rows wait for another key, and with it an upload goes on
//! under its upload id.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ferry_sandbox::{Credential, Operation, Outcome};
use support::ferry::{BUCKET, Place, Ran, without_keys};
use tokio::process::{Child, Command};

const MIB: u64 = 1024 * 1024;
/// Parts of 5 MiB are the least that S3 takes.
const PART: u64 = 5 * MIB;
const SIZE: u64 = 6 * PART + 1;
/// Slow enough for a token to die between the first parts and the last.
const SLOW: [&str; 6] = ["--part-size", "5MiB", "--limit", "8MiB/s", "--parallel", "3"];
const FAST: [&str; 2] = ["--part-size", "5MiB"];

fn file(place: &Place) -> PathBuf {
    let mut bytes = vec![0u8; usize::try_from(SIZE).expect("fits")];
    fastrand::Rng::with_seed(7).fill(&mut bytes);
    place.write("large.bin", &bytes)
}

/// A store whose only key lives with this token.
async fn with_token(token: &str) -> Place {
    Place::with(|config| {
        let key = config.credentials[0].clone();
        config.credentials = vec![key.with_token(token)];
    })
    .await
}

fn give_token(command: &mut Command, token: &str) {
    command.env("OSS_SESSION_TOKEN", token).env("AWS_SESSION_TOKEN", token);
}

/// Waits until the store has this many parts of the one upload, and returns its id.
async fn parts_there(place: &Place, count: usize, child: &mut Child) -> String {
    loop {
        if let Some(upload) = place
            .sandbox
            .open_uploads(BUCKET)
            .into_iter()
            .find(|upload| upload.parts.len() >= count)
        {
            return upload.upload_id;
        }
        assert!(
            child.try_wait().expect("asks").is_none(),
            "it ended before {count} parts were there"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ended(child: Child) -> Ran {
    Ran::from(child.wait_with_output().await.expect("ends"))
}

fn assert_arrived(place: &Place, file: &Path) {
    let sent = std::fs::read(file).expect("reads");
    assert!(
        place.sandbox.read_object(BUCKET, "large.bin").expect("is there") == sent,
        "it differs"
    );
    assert_eq!(place.sandbox.ledger().count(Operation::Initiate), 1, "the upload began anew");
    assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn h5_a_dead_token_makes_rows_wait_and_the_next_one_goes_on() {
    for (scheme, again) in [("oss", "put"), ("s3", "put"), ("oss", "resume"), ("s3", "retry")] {
        let place = with_token("first").await;
        let large = file(&place);
        let later: Vec<PathBuf> =
            (0..3).map(|n| place.write(format!("z{n}.txt"), b"later")).collect();
        let paths: Vec<&Path> =
            [large.as_path()].into_iter().chain(later.iter().map(PathBuf::as_path)).collect();
        let destination = format!("{scheme}://{BUCKET}/");
        let mut put = place.put(&paths, &destination, &SLOW);
        give_token(&mut put, "first");
        let mut child = place.start(put);
        let upload_id = parts_there(&place, 2, &mut child).await;
        place.sandbox.expire_token(&place.key.access_key_id);
        let ran = ended(child).await;
        assert_eq!(ran.code, 1, "{ran:#?}");
        assert!(
            ran.stderr.contains("token has ended") || ran.stdout.contains("tokenExpired"),
            "{ran:#?}"
        );
        assert!(ran.stderr.contains("want of a key"), "{ran:#?}");
        assert!(!ran.unfinished().is_empty(), "{ran:#?}");
        for item in ran.unfinished() {
            assert_eq!(
                (&item["state"], &item["fault"]["kind"]),
                (&"waiting".into(), &"tokenExpired".into()),
                "{ran:#?}"
            );
        }
        assert_eq!(
            place.run(["queue", "--state", "failed"]).await.stdout,
            "",
            "a row failed for want of a token"
        );
        assert_eq!(place.sandbox.open_uploads(BUCKET)[0].upload_id, upload_id);

        place.sandbox.set_credentials(vec![place.key.clone().with_token("second")]);
        let mut command = match again {
            "put" => place.put(&paths, &destination, &FAST),
            word => {
                let mut command = place.ferry();
                command.args([word, "--all", "--json"]);
                command
            }
        };
        give_token(&mut command, "second");
        let ran = Ran::of(command).await;
        assert_eq!(ran.code, 0, "{ran:#?}");
        assert_eq!(ran.number("failed"), 0, "{ran:#?}");
        assert!(ran.number("resumed_bytes") >= 2 * PART, "{ran:#?}");
        assert_arrived(&place, &large);
        let sent = place.sandbox.ledger().of(Operation::UploadPart);
        assert!(
            sent.iter().all(|entry| entry.upload_id.as_ref() == Some(&upload_id)),
            "another upload was begun"
        );
    }
}

/// A script that prints the text of `next.json`, and counts how often it ran.
struct KeyCommand {
    folder: PathBuf,
}

impl KeyCommand {
    fn new(place: &Place) -> Self {
        let folder = place.path("keys");
        std::fs::create_dir_all(&folder).expect("makes");
        let command = Self { folder };
        command.does("cat \"$folder/next.json\"");
        command
    }

    /// The script's own words, after it counted.
    fn does(&self, words: &str) {
        let folder = self.folder.display();
        std::fs::write(
            self.folder.join("give-key"),
            format!("folder='{folder}'\necho run >>\"$folder/runs\"\n{words}\n"),
        )
        .expect("writes");
    }

    /// The command line, as a profile has it.
    fn line(&self) -> String {
        format!("sh '{}'", self.folder.join("give-key").display())
    }

    fn gives(&self, key: &Credential, ends: SystemTime) {
        self.write("next.json", &answer(key, ends));
    }

    /// Replaces a file as a whole: the script may read just now.
    fn write(&self, name: &str, text: &str) {
        let whole = self.folder.join("whole");
        std::fs::write(&whole, text).expect("writes");
        std::fs::rename(whole, self.folder.join(name)).expect("renames");
    }

    fn runs(&self) -> usize {
        std::fs::read_to_string(self.folder.join("runs")).map_or(0, |text| text.lines().count())
    }
}

fn answer(key: &Credential, ends: SystemTime) -> String {
    let seconds = ends.duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let token = key.security_token.as_deref().unwrap_or_default();
    let (id, secret) = (&key.access_key_id, &key.access_key_secret);
    serde_json::json!({ "AccessKeyId": id, "AccessKeySecret": secret, "SecurityToken": token, "Expiration": seconds }).to_string()
}

fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3_600)
}

/// Adds the profile `keys` whose key the command gives, without any key in the environment.
async fn add_profile(place: &Place, provider: &str, command: &KeyCommand) {
    let (endpoint, line) = (place.sandbox.endpoint(), command.line());
    let mut add = place.ferry();
    add.args([
        "profile",
        "add",
        "keys",
        "--provider",
        provider,
        "--endpoint",
        &endpoint,
        "--region",
        support::ferry::REGION,
    ]);
    add.args(["--bucket", BUCKET, "--key-command", &line]);
    without_keys(&mut add);
    let ran = Ran::of(add).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn k2_a_revoked_token_is_replaced_by_the_command_in_the_same_run() {
    for scheme in ["oss", "s3"] {
        let place = with_token("first").await;
        let large = file(&place);
        let command = KeyCommand::new(&place);
        command.gives(&place.key.clone().with_token("first"), in_an_hour());
        add_profile(&place, scheme, &command).await;
        let destination = format!("{scheme}://{BUCKET}/");
        let mut child = place.start(place.put_with_profile("keys", &[&large], &destination, &SLOW));
        parts_there(&place, 2, &mut child).await;
        command.gives(&place.key.clone().with_token("second"), in_an_hour());
        place.sandbox.set_credentials(vec![place.key.clone().with_token("second")]);
        let ran = ended(child).await;
        ran.assert_verified(1);
        assert_arrived(&place, &large);
        // Three parts were refused with the first token; that is one reason to ask, not three.
        assert_eq!(command.runs(), 2, "{ran:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_run_again_before_its_key_ends() {
    let place = Place::new().await;
    let large = file(&place);
    let command = KeyCommand::new(&place);
    add_profile(&place, "oss", &command).await;
    // Each key lives six seconds longer than the one before; a limited put takes longer than the
    // first.
    let begun = SystemTime::now();
    let keys: Vec<(Credential, SystemTime)> = (1..=8)
        .map(|n| {
            let ends = begun + Duration::from_secs(6 * n);
            (
                Credential::new(format!("{}{n}", place.key.access_key_id), "secret")
                    .with_token(format!("token {n}")),
                ends,
            )
        })
        .collect();
    // The store holds each for dead two seconds before the command does: a client that waits for
    // the very end is refused.
    place.sandbox.set_credentials(
        keys.iter()
            .map(|(key, ends)| key.clone().expiring(*ends - Duration::from_secs(2)))
            .collect(),
    );
    for (at, (key, ends)) in keys.iter().enumerate() {
        command.write(&format!("{}.json", at + 1), &answer(key, *ends));
    }
    command.does("cat \"$folder/$(wc -l <\"$folder/runs\" | tr -d ' ').json\"");
    let options = ["--part-size", "1MiB", "--limit", "4MiB/s", "--parallel", "2"];
    let ran =
        Ran::of(place.put_with_profile("keys", &[&large], &format!("oss://{BUCKET}/"), &options))
            .await;
    ran.assert_verified(1);
    assert_arrived(&place, &large);
    assert!((2..=8).contains(&command.runs()), "{} runs: {ran:#?}", command.runs());
    for entry in place.sandbox.ledger().entries() {
        assert!(
            !matches!(entry.outcome, Outcome::Answered { status: 403, .. }),
            "a key was used after its end: {entry:#?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_fails_loses_nothing() {
    let place = with_token("first").await;
    let large = file(&place);
    let command = KeyCommand::new(&place);
    add_profile(&place, "oss", &command).await;
    let destination = format!("oss://{BUCKET}/");
    let put =
        |options: &'static [&str]| place.put_with_profile("keys", &[&large], &destination, options);

    let fails = "echo 'log in first, with AKIAIOSFODNN7EXAMPLE' >&2; exit 3";
    command.does(fails);
    let ran = Ran::of(put(&SLOW)).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    let item = &ran.unfinished()[0];
    assert_eq!(
        (&item["state"], &item["fault"]["kind"]),
        (&"waiting".into(), &"credentialProcessFailed".into()),
        "{ran:#?}"
    );
    let why = item["fault"]["message"].as_str().expect("a reason");
    assert!(why.contains("log in first") && why.contains('3') && !why.contains("AKIA"), "{why}");
    assert!(ran.stderr.contains("want of a key"), "{ran:#?}");
    assert_eq!(place.sandbox.ledger().total(), 0, "something was asked without a key");
    let tested = place.run(["profile", "test", "keys"]).await;
    assert!(tested.code == 1 && tested.stderr.contains("log in first"), "{tested:#?}");

    // It gives a key, which dies in the middle, and then fails again.
    command.gives(&place.key.clone().with_token("first"), in_an_hour());
    command.does("cat \"$folder/next.json\"");
    let mut child = place.start(put(&SLOW));
    let upload_id = parts_there(&place, 2, &mut child).await;
    command.does(fails);
    place.sandbox.expire_token(&place.key.access_key_id);
    let ran = ended(child).await;
    assert_eq!((ran.code, &ran.unfinished()[0]["state"]), (1, &"waiting".into()), "{ran:#?}");
    assert_eq!(place.sandbox.open_uploads(BUCKET)[0].upload_id, upload_id);

    command.does("cat \"$folder/next.json\"");
    command.gives(&place.key.clone().with_token("second"), in_an_hour());
    place.sandbox.set_credentials(vec![place.key.clone().with_token("second")]);
    let tested = place.run(["profile", "test", "keys"]).await;
    assert_eq!(tested.code, 0, "{tested:#?}");
    let mut resume = place.ferry();
    resume.args(["resume", "--all", "--json"]);
    without_keys(&mut resume);
    let ran = Ran::of(resume).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert!(ran.number("resumed_bytes") >= 2 * PART, "{ran:#?}");
    let sent = std::fs::read(&large).expect("reads");
    assert!(place.sandbox.read_object(BUCKET, "large.bin").expect("is there") == sent);
    let begun = place.sandbox.ledger().of(Operation::Initiate);
    assert_eq!(begun.iter().filter(|entry| entry.key.as_deref() == Some("large.bin")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_of_the_environment_takes_its_keys_from_there() {
    let place = with_token("token").await;
    let small = place.write("a.txt", b"a");
    let added = place.add_profile("bare", "oss", &["--keys", "environment"]).await;
    assert_eq!((added.code, added.stderr.as_str()), (0, ""), "{added:#?}");
    let destination = format!("oss://{BUCKET}/");
    let none = Ran::of(place.put_with_profile("bare", &[&small], &destination, &[])).await;
    assert!(none.code == 1 && none.stderr.contains("No AccessKey"), "{none:#?}");
    let mut put = place.ferry();
    put.arg("put").arg(&small).args([&destination, "--profile", "bare", "--json"]);
    give_token(&mut put, "token");
    Ran::of(put).await.assert_verified(1);
    let mut test = place.ferry();
    test.args(["profile", "test", "bare"]);
    give_token(&mut test, "token");
    let tested = Ran::of(test).await;
    assert_eq!(tested.code, 0, "{tested:#?}");
}
