//! Memory is bounded whatever the file's size.

use std::time::Duration;

use ferry_sandbox::DataPolicy;
use support::ferry::{BUCKET, Place, Ran};

const LIMIT_KIB: u64 = 150 * 1024;

/// The most resident memory a process ever had, in KiB.
fn peak_resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| {
        line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok()
    })
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn s4_eight_gibibytes_with_defaults_stay_under_150_mib() {
    let place = Place::with(|config| config.data = DataPolicy::Discard).await;
    let path = place.path("sparse.img");
    std::fs::File::create(&path).and_then(|file| file.set_len(8 << 30)).expect("a sparse file");
    let child = place.start(place.put(&[&path], &format!("oss://{BUCKET}/"), &[]));
    let pid = child.id().expect("runs");
    let watched = tokio::spawn(async move {
        let mut peak = 0;
        while let Some(now) = peak_resident(pid) {
            peak = now;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        peak
    });
    let ran = Ran::from(child.wait_with_output().await.expect("ends"));
    ran.assert_verified(1);
    let peak = watched.await.expect("watches");
    assert!(peak > 0 && peak < LIMIT_KIB, "{peak} KiB resident at the most");
    println!("8 GiB: {peak} KiB resident at the most, {} s", ran.summary()["seconds"]);
}
