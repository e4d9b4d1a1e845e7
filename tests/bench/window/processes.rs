//! What a process took, as Linux tells it.

use std::path::Path;
use std::time::{Duration, Instant};

/// Ticks of `/proc/PID/stat` in a second: `USER_HZ`, the same on every architecture that Ferry
/// runs on.
const TICKS: f64 = 100.0;

/// The CPU time that a process takes over a while, in percent of a core.
pub(crate) async fn cpu_percent(process: u32, over: Duration) -> f64 {
    let (before, begun) = (cpu_seconds(process), Instant::now());
    tokio::time::sleep(over).await;
    (cpu_seconds(process) - before) * 100.0 / begun.elapsed().as_secs_f64()
}

fn cpu_seconds(process: u32) -> f64 {
    let told = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
    // The name in brackets may hold spaces; user and system time are the 12th and 13th after it.
    let (_, after) = told.rsplit_once(')').expect("the name is in brackets");
    let times = after.split_whitespace().skip(11).take(2);
    times.map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / TICKS
}

/// Memory that is not shared with others, in MB.
pub(crate) fn own_megabytes(process: u32) -> f64 {
    let told = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).expect("it runs");
    let sum: f64 = told
        .lines()
        .filter_map(|line| {
            line.strip_prefix("Private_Clean:").or(line.strip_prefix("Private_Dirty:"))
        })
        .filter_map(|value| value.trim().trim_end_matches("kB").trim().parse::<f64>().ok())
        .sum();
    sum * 1024.0 / 1e6
}

/// Makes a folder of small files, a thousand in each folder below it.
pub(crate) fn small_files(folder: &Path, files: usize) {
    for index in 0..files {
        let below = folder.join(format!("{:03}", index / 1000));
        if index % 1000 == 0 {
            std::fs::create_dir_all(&below).expect("makes folders");
        }
        std::fs::write(below.join(format!("image-{index:06}.jpg")), b"small").expect("writes");
    }
}
