//! Keys that a command prints, and keys in the keyring.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use support::ferry::{BUCKET, Place, REGION, Ran};
use support::keyring::in_session;

use crate::{MIB, PART, Watched, random_file};

/// A command that prints `answer`, and notes all that it is given.
fn key_command(place: &Place, answer: &str) -> (String, PathBuf) {
    let (secret, seen) = (place.path("given/answer"), place.path("children"));
    place.write("given/answer", answer.as_bytes());
    let script = format!(
        "{{ cat /proc/$$/environ /proc/$$/cmdline /proc/$PPID/cmdline; echo; }} >>'{}'\ncat '{}'\n",
        seen.display(),
        secret.display()
    );
    let script = place.write("give-key", script.as_bytes());
    (format!("sh '{}'", script.display()), secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_from_a_command_turns_up_nowhere() {
    for scheme in ["oss", "s3"] {
        let mut watched = Watched::new(scheme).await;
        let file = random_file(&watched.place, "a.bin", 6 * MIB);
        let endpoint = watched.place.sandbox.endpoint();
        let key = watched.printed.clone();
        let ends = SystemTime::now() + Duration::from_secs(3_600);
        let answer = serde_json::json!({
            "Version": 1, "AccessKeyId": key.access_key_id,
            "SecretAccessKey": key.access_key_secret, "SessionToken": key.security_token,
            "Expiration": ends.duration_since(UNIX_EPOCH).expect("after 1970").as_secs(),
        })
        .to_string();
        let (line, answer_file) = key_command(&watched.place, &answer);
        // The environment has the first key as well, which is none of the command's business.
        let mut add = watched.add_profile("printed", &endpoint);
        add.args(["--key-command", &line]);
        let ran = watched.run("add", add).await;
        assert_eq!(ran.code, 0, "{ran:#?}");
        let with_profile = |what: &[&str]| {
            let mut command = watched.ferry();
            command.args(what);
            command
        };
        let test = with_profile(&["profile", "test", "printed"]);
        let mut put = with_profile(&["put", "--profile", "printed", "--json"]);
        put.arg(&file).arg(watched.target());
        let link = with_profile(&["link", "--all"]);
        let list = with_profile(&["profile", "list", "--json"]);
        let again = with_profile(&["profile", "test", "printed"]);
        assert_eq!(watched.run("test", test).await.code, 0);
        watched.run("put", put).await.assert_verified(1);
        let ran = Ran::of(link).await;
        assert_eq!(watched.in_links.found_in(ran.stdout.as_bytes()), [""; 0], "{scheme}");
        watched.keep("link", Ran { stdout: String::new(), ..ran });
        watched.run("list", list).await;

        // An answer that cannot be read is not quoted.
        std::fs::write(&answer_file, answer.replace("\"Version\":1", "\"Version\":}")).expect("w");
        let ran = watched.run("a bad answer", again).await;
        assert_eq!(ran.code, 1, "{ran:#?}");
        let seen = std::fs::read(watched.place.path("children")).expect("the command ran");
        assert!(seen.windows(5).any(|some| some == b"PATH="), "no environment was seen");
        watched.assert_nothing_turned_up(&[watched.place.path("given")]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_keyring_turns_up_nowhere_else() {
    for scheme in ["oss", "s3"] {
        let mut watched = Watched::new(scheme).await;
        // Not that of the environment, which has a token and is not asked here.
        watched.place.key = watched.kept.clone();
        let file = random_file(&watched.place, "a.bin", 6 * MIB);
        let home = watched.place.path("home");
        let aws = format!(
            "[other]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            watched.kept.access_key_id, watched.kept.access_key_secret
        );
        watched.place.write("home/.aws/credentials", aws.as_bytes());
        let script = format!(
            r#"
            export FERRY_LOG=trace HOME='{home}'
            if [ {scheme} = oss ]; then id=OSS_ACCESS_KEY_ID secret=OSS_ACCESS_KEY_SECRET
            else id=AWS_ACCESS_KEY_ID secret=AWS_SECRET_ACCESS_KEY; fi
            env "$id=$KEY_ID" "$secret=$SECRET" "$FERRY" profile add kept --provider {scheme} \
                --endpoint "$ENDPOINT" --region {REGION} --bucket {BUCKET} --default
            unset KEY_ID SECRET
            "$FERRY" profile test
            "$FERRY" put '{file}' {target} --profile kept --part-size {PART} --json
            "$FERRY" profile import --list --json
            "$FERRY" profile import aws:other --as taken --bucket {BUCKET} \
                --endpoint "$ENDPOINT" --region {REGION} --yes
            "$FERRY" profile list --json
            "$FERRY" profile remove kept
            "#,
            home = home.display(),
            file = file.display(),
            target = watched.target(),
        );
        let ran = in_session(&watched.place, &script).await;
        let ran = watched.keep("in a session", ran);
        assert_eq!(ran.code, 0, "{ran:#?}");
        watched.assert_nothing_turned_up(&[home]);
    }
}
