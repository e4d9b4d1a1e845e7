//! Memory is bounded whatever the file's size.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::time::Duration;

use ferry_sandbox::DataPolicy;
use support::ferry::{BUCKET, Place, REGION, Ran};
use tokio::process::Child;

const LIMIT_KIB: u64 = 150 * 1024;

/// The most resident memory a process ever had, in KiB.
fn peak_resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| {
        line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok()
    })
}

/// Runs a command to its end, and gives the most memory it had, in KiB.
async fn watch(child: Child) -> (Ran, u64) {
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
    (ran, watched.await.expect("watches"))
}

#[tokio::test(flavor = "multi_thread")]
async fn s4_eight_gibibytes_with_defaults_stay_under_150_mib() {
    let place = Place::with(|config| config.data = DataPolicy::Discard).await;
    let path = place.path("sparse.img");
    std::fs::File::create(&path).and_then(|file| file.set_len(8 << 30)).expect("a sparse file");
    let put = place.put(&[&path], &format!("oss://{BUCKET}/"), &[]);
    let (ran, peak) = watch(place.start(put)).await;
    ran.assert_verified(1);
    assert!(peak > 0 && peak < LIMIT_KIB, "{peak} KiB resident at the most");
    println!("8 GiB: {peak} KiB resident at the most, {} s", ran.summary()["seconds"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_gibibytes_of_a_pipe_stay_under_200_mib() {
    let place = Place::with(|config| config.data = DataPolicy::Discard).await;
    let path = place.path("sparse.img");
    std::fs::File::create(&path).and_then(|file| file.set_len(8 << 30)).expect("a sparse file");
    let mut put = place.put(&[Path::new("-")], &format!("oss://{BUCKET}/a.img"), &[]);
    put.stdin(std::fs::File::open(&path).expect("opens"));
    let (ran, peak) = watch(place.start(put)).await;
    ran.assert_verified(1);
    assert_eq!(ran.number("bytes"), 8 << 30);
    // What is read ahead stays in memory until the store has it: 64 MiB, beside what a put takes.
    assert!(peak > 0 && peak < 200 * 1024, "{peak} KiB resident at the most");
    println!("8 GiB piped: {peak} KiB at the most, {} s", ran.summary()["seconds"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_benchmark_takes_no_more_memory_than_a_put() {
    let place = Place::with(|config| config.data = DataPolicy::Discard).await;
    let mut bench = place.ferry();
    bench.args(["bench", &format!("oss://{BUCKET}/"), "--size", "1GiB", "--files", "1000"]);
    bench.args(["--endpoint", &place.sandbox.endpoint(), "--region", REGION]);
    let (ran, peak) = watch(place.start(bench)).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert!(peak > 0 && peak < LIMIT_KIB, "{peak} KiB resident at the most: {ran:#?}");
    assert_eq!(place.sandbox.objects(BUCKET).len(), 0);
}
