//! Profiles on the command line: keys go to the real keyring, and are found there again by a
//! command that has none.

#![cfg(target_os = "linux")]

use std::path::Path;

use support::ferry::{BUCKET, Place, REGION, Ran};
use support::keyring::in_session;

/// Whether any file below `folder` holds these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).expect("reads").flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            holds(&path, bytes)
        } else {
            std::fs::read(&path)
                .is_ok_and(|content| content.windows(bytes.len()).any(|window| window == bytes))
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profiles_keys_live_in_the_keyring_only() {
    let place = Place::new().await;
    place.write("drop/a.txt", b"by profile");
    let script = format!(
        r#"
        add() {{ OSS_ACCESS_KEY_ID=$KEY_ID OSS_ACCESS_KEY_SECRET=$SECRET "$FERRY" profile add "$@"; }}
        add 工作 --provider oss --endpoint "$ENDPOINT" --region {REGION} --bucket {BUCKET} --prefix in/ --default
        if add 工作 --provider oss --endpoint "$ENDPOINT" --region {REGION} --bucket {BUCKET}; then echo "the name was taken twice"; exit 9; fi
        "$FERRY" profile list
        "$FERRY" profile test 工作
        "$FERRY" profile test
        "$FERRY" put "{drop}" oss://{BUCKET}/in/ --profile 工作 --json
        "$FERRY" profile remove 工作
        if "$FERRY" profile test 工作; then echo "it is still there"; exit 9; fi
        "#,
        drop = place.path("drop/a.txt").display()
    );
    let ran = in_session(&place, &script).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert!(ran.stdout.contains("* 工作"), "{ran:#?}");
    ran.assert_verified(1);
    assert_eq!(place.sandbox.read_object(BUCKET, "in/a.txt").expect("is there"), b"by profile");
    assert!(
        !holds(&place.path("data"), place.key.access_key_secret.as_bytes()),
        "the secret is in a file of Ferry's"
    );
    assert!(
        !holds(&place.path("data"), place.key.access_key_id.as_bytes()),
        "the AccessKey id is in a file of Ferry's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_the_environment_serves_and_nothing_is_written() {
    let place = Place::new().await;
    let file = place.write("a.txt", b"a");
    let endpoint = place.sandbox.endpoint();
    let add = [
        "profile",
        "add",
        "bare",
        "--provider",
        "oss",
        "--endpoint",
        &endpoint,
        "--region",
        REGION,
        "--bucket",
        BUCKET,
    ];
    let mut command = place.ferry();
    command.args(add).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    let ran = Ran::of(command).await;
    assert!(ran.stderr.contains("keyring"), "{ran:#?}");
    assert!(ran.stderr.contains("without its keys"), "{ran:#?}");

    let put = async |keys: bool| {
        let mut command = place.ferry();
        command.arg("put").arg(&file).args([
            &format!("oss://{BUCKET}/"),
            "--profile",
            "bare",
            "--json",
        ]);
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        if !keys {
            command.env_remove("OSS_ACCESS_KEY_SECRET");
        }
        Ran::of(command).await
    };
    let keyless = put(false).await;
    assert_eq!(keyless.code, 1, "{keyless:#?}");
    assert!(keyless.stderr.contains("keyring"), "{keyless:#?}");
    put(true).await.assert_verified(1);
    assert!(!holds(&place.path("data"), place.key.access_key_secret.as_bytes()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_command_prints_its_line_and_survives_its_end() {
    use tokio::io::{AsyncBufReadExt as _, BufReader};

    let place = Place::new().await;
    let file = place.write("kept.txt", b"kept");
    let root = place.path("own store");
    for round in 0..2 {
        let mut command = place.ferry();
        command
            .arg("sandbox")
            .arg("--root")
            .arg(&root)
            .args(["--bucket", "first", "--bucket", "second"]);
        command
            .env("FERRY_SANDBOX_ACCESS_KEY_ID", "fixed-id")
            .env("FERRY_SANDBOX_ACCESS_KEY_SECRET", "fixed-secret");
        let mut child = place.start(command);
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let line = lines.next_line().await.expect("reads").expect("one line");
        let told: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(
            (&told["bucket"], &told["access_key_id"]),
            (&"first".into(), &"fixed-id".into()),
            "{line}"
        );
        let (endpoint, region) =
            (told["endpoint"].as_str().expect("text"), told["region"].as_str().expect("text"));
        let mut put = place.ferry();
        put.arg("put").arg(&file).args([
            "s3://second/x/",
            "--json",
            "--endpoint",
            endpoint,
            "--region",
            region,
        ]);
        put.env("AWS_ACCESS_KEY_ID", "fixed-id").env("AWS_SECRET_ACCESS_KEY", "fixed-secret");
        let ran = Ran::of(put).await;
        ran.assert_verified(1);
        // The second time the object is there already: the store outlived a kill.
        assert_eq!(ran.number("sent_bytes"), if round == 0 { 4 } else { 0 }, "{ran:#?}");
        child.start_kill().expect("kills");
        child.wait().await.expect("ends");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_command_plays_a_script_of_faults() {
    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

    let place = Place::new().await;
    let root = place.path("own store");
    let sandbox = |script: &str| {
        let file = place.write("faults.toml", script.as_bytes());
        let mut command = place.ferry();
        command.arg("sandbox").arg("--root").arg(&root).arg("--faults").arg(file);
        command
    };
    let refused = Ran::of(sandbox("[[fault]]\nthen = \"reset\"\nnht = 1\n")).await;
    assert_eq!(refused.code, 1, "{refused:#?}");
    for words in ["faults.toml", "unknown field `nht`"] {
        assert!(refused.stderr.contains(words), "{refused:#?}");
    }

    let script = "[[fault]]\nnth = 1\nthen = { status = { status = 503, code = \"SlowDown\" } }\n";
    let mut child = place.start(sandbox(script));
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let line = lines.next_line().await.expect("reads").expect("one line");
    let told: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let address = told["endpoint"].as_str().expect("text").replace("http://", "");
    let mut codes = Vec::new();
    for _ in 0..2 {
        let mut stream = tokio::net::TcpStream::connect(&address).await.expect("connects");
        let request = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answers");
        codes.push(answer.split(' ').nth(1).expect("a status").to_owned());
    }
    assert_eq!(codes, ["503", "403"]);
    child.start_kill().expect("kills");
    child.wait().await.expect("ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_tool_has_is_shown_and_taken_over_only_when_asked_to() {
    let place = Place::new().await;
    place.write("drop/a.txt", b"imported");
    let (id, secret) = (&place.key.access_key_id, &place.key.access_key_secret);
    let ossutil =
        format!("[default]\naccessKeyId={id}\naccessKeySecret={secret}\nregion={REGION}\n");
    place.write("home/.ossutilconfig", ossutil.as_bytes());
    let aws = format!(
        "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = other-canary\n\
         [alone]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"
    );
    place.write("home/.aws/credentials", aws.as_bytes());
    place.write(
        "home/.aws/config",
        b"[profile bycommand]\ncredential_process = /opt/keys --password hunter2\n",
    );
    let script = format!(
        r#"
        export HOME="{home}"
        unset AWS_SHARED_CREDENTIALS_FILE AWS_CONFIG_FILE OSSUTIL_CONFIG_FILE RCLONE_CONFIG
        "$FERRY" profile import --list
        "$FERRY" profile import --json
        refused() {{ if "$FERRY" profile import "$@"; then echo "it was taken over: $*"; exit 9; fi; }}
        refused default --as mine --bucket {BUCKET} --yes
        refused ossutil:default --as mine --bucket {BUCKET}
        refused ossutil:default --as mine --yes
        refused nobody --as mine --bucket {BUCKET} --yes
        "$FERRY" profile list
        "$FERRY" profile import ossutil:default --as 我的 --bucket {BUCKET} --endpoint "$ENDPOINT" --prefix in/ --yes
        "$FERRY" profile import alone --bucket {BUCKET} --endpoint "$ENDPOINT" --region {REGION} --yes
        "$FERRY" profile test alone
        "$FERRY" put "{drop}" oss://{BUCKET}/in/ --profile 我的 --json
        "#,
        home = place.path("home").display(),
        drop = place.path("drop/a.txt").display(),
    );
    let ran = in_session(&place, &script).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    ran.assert_verified(1);
    for told in
        ["ossutil", "aws", "AKIA…MPLE", "(a command)", REGION, ".ossutilconfig", "token_ends_ms"]
    {
        assert!(ran.stdout.contains(told), "{told}: {ran:#?}");
    }
    for why in
        ["say which: ossutil:default", "aws:default", "give --yes", "--bucket: ", "no tool has it"]
    {
        assert!(ran.stderr.contains(why), "{why}: {ran:#?}");
    }
    for secret in [secret.as_str(), id, "other-canary", "hunter2", "AKIAIOSFODNN7EXAMPLE"] {
        assert!(
            !ran.stdout.contains(secret) && !ran.stderr.contains(secret),
            "{secret} was shown: {ran:#?}"
        );
        assert!(!holds(&place.path("data"), secret.as_bytes()), "{secret} is in a file of Ferry's");
    }
    assert_eq!(place.sandbox.read_object(BUCKET, "in/a.txt").expect("is there"), b"imported");
}
