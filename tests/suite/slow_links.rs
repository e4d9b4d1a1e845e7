//! Slow links, scaled down: what still leaves after a stop, and that what moves is never cut.
#![cfg(unix)]

use std::net::SocketAddr;
use std::time::Duration;

use ferry_sandbox::Operation;
use support::fault_proxy::{Conduct, FaultProxy, Way};
use support::ferry::{BUCKET, Place, REGION, Ran};
use support::poll::{at_rest, until};
use support::proxies::{Allows, Kind, Proxy};
use tokio::process::Command;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// Both ways are as slow for each connection.
async fn slow(place: &Place, bytes_per_second: u64) -> FaultProxy {
    let link = FaultProxy::start(place.sandbox.addr()).await;
    let way = Way { bytes_per_second: Some(bytes_per_second), ..Way::default() };
    link.set(Conduct { to_server: way, to_client: Way::default() });
    link
}

/// `ferry put` to an endpoint.
fn put(place: &Place, file: &std::path::Path, endpoint: &str, options: &[&str]) -> Command {
    let mut command = place.ferry();
    command.arg("put").arg(file).arg(format!("oss://{BUCKET}/"));
    command.args(["--endpoint", endpoint, "--region", REGION, "--json"]).args(options);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn little_leaves_after_a_stop_on_a_slow_link() {
    const CONNECTIONS: u64 = 8;
    let place = Place::new().await;
    let file = place.write("large.bin", &vec![7; 64 * MIB as usize]);
    let link = slow(&place, MIB / CONNECTIONS).await;
    let child = place.start(put(
        &place,
        &file,
        &link.endpoint(),
        &["--part-size", "4MiB", "--parallel", "8"],
    ));
    until("the link is busy", || link.handed_on().0 > 2 * MIB).await;
    let before = link.handed_on().0;
    let pid = child.id().expect("runs").to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.expect("runs").success());
    let ran = Ran::from(child.wait_with_output().await.expect("ends"));
    assert_eq!(ran.code, 130, "{ran:#?}");
    let quiet = Duration::from_secs(2);
    let after = at_rest("the link is quiet", quiet, || link.handed_on().0).await;
    let left = (after - before) / KIB;
    println!("{left} KiB left after the stop, over {CONNECTIONS} connections at 1 MiB/s in all");
    // Each has at most 64 KiB unsent, and what fits on the way.
    assert!(left < CONNECTIONS * 512, "{left} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_but_moving_upload_is_never_cut() {
    // As 2 KiB/s is to an idle timeout of 60 s. A slow reader on loopback, unlike a slow network,
    // makes room in steps of 48 KiB.
    const IDLE: &str = "6";
    const PACE: u64 = 20 * KIB;
    let place = Place::new().await;
    let file = place.write("slow.bin", &vec![7; 384 * KIB as usize]);
    let link = slow(&place, PACE).await;
    let from_afar = SocketAddr::from(([0, 0, 0, 0], link.address().port()));
    let squid = Proxy::start(Kind::Squid, Allows::Everybody).await;
    let socks = Proxy::start(Kind::Microsocks, Allows::Everybody).await;
    let ways = [
        ("direct", link.address(), "none".to_owned()),
        ("squid", from_afar, format!("http://{}", squid.address)),
        ("socks", from_afar, format!("socks5h://{}", socks.address)),
    ];
    let mut puts = Vec::new();
    for (name, address, proxy) in ways {
        let endpoint = format!("http://{address}");
        let data = place.path(format!("data-{name}")).display().to_string();
        #[rustfmt::skip]
        let added = place.run([
            "profile", "add", name, "--provider", "oss", "--endpoint", &endpoint,
            "--region", REGION, "--bucket", BUCKET, "--keys", "environment",
            "--plain-http", "allow", "--idle-timeout", IDLE, "--proxy", &proxy,
            "--data-dir", &data,
        ]);
        let added = added.await;
        assert_eq!(added.code, 0, "{added:?}");
        let mut command = place.ferry();
        command.arg("put").arg(&file).arg(format!("oss://{BUCKET}/{name}/"));
        command.args(["--profile", name, "--json", "--data-dir", &data]);
        puts.push((name, place.start(command)));
    }
    for (name, child) in puts {
        let ran = Ran::from(child.wait_with_output().await.expect("ends"));
        ran.assert_verified(1);
        assert_eq!(ran.number("retries"), 0, "{name}: {ran:#?}");
        let key = format!("{name}/slow.bin");
        let puts = place.sandbox.ledger().of(Operation::PutObject);
        let puts = puts.iter().filter(|entry| entry.key.as_deref() == Some(&*key)).count();
        assert_eq!(puts, 1, "{name}: it was cut");
    }
}
