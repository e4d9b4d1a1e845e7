//! The system's network changes: a store that is offline is asked at once.
#![cfg(target_os = "linux")]

use support::ferry::{Place, Ran, program};
use tokio::process::Command;

/// A network of its own, in which only the loopback is; down at first.
const SCRIPT: &str = r#"
"$FERRY" sandbox --root "$ROOT/offline-store" --listen 0.0.0.0:9000 --bucket moved > "$ROOT/sandbox" &
sandbox=$!
trap 'kill $sandbox' EXIT
until grep -q endpoint "$ROOT/sandbox"; do kill -0 $sandbox; sleep 0.1; done
"$FERRY" put "$ROOT/files" oss://moved/ --endpoint http://127.0.0.1:9000 --region cn-hangzhou \
    --json 2> "$ROOT/log" &
put=$!
until grep -q "an endpoint is offline" "$ROOT/log"; do kill -0 $put; sleep 0.1; done
ip link set lo up
wait $put
cat "$ROOT/log" >&2
"#;

#[tokio::test]
async fn a_store_that_is_offline_is_asked_when_the_network_changes() {
    let place = Place::new().await;
    for number in 0..8 {
        place.write(format!("files/{number}.bin"), b"on the way");
    }
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "sh", "-ec", SCRIPT]);
    for (name, value) in place.ferry().as_std().get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
        .env("FERRY", program("ferry"))
        .env("ROOT", place.root.path())
        .env("FERRY_SANDBOX_ACCESS_KEY_ID", &place.key.access_key_id)
        .env("FERRY_SANDBOX_ACCESS_KEY_SECRET", &place.key.access_key_secret)
        .env("FERRY_LOG", "ferry_engine=info");
    let ran = Ran::of(command).await;
    ran.assert_verified(8);
    let offline = ran.stderr.find("an endpoint is offline").expect("waited for");
    let changed = ran.stderr.find("the network changed offline=1").expect("it was told");
    let online = ran.stderr.find("an endpoint is online again").expect("all are there");
    assert!(offline < changed && changed < online, "{ran:#?}");
}
