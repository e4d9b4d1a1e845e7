//! What a process took, as Linux tells it.

use std::path::Path;
use std::time::{Duration, Instant};

/// Ticks of `/proc/PID/stat` in a second: `USER_HZ`, the same on every architecture that Ferry
/// runs on.
const TICKS: f64 = 100.0;

/// The CPU time that a process takes over a while, in percent of a core.
pub(crate) async fn cpu_percent(process: u32, over: Duration) -> f64 {
    Shares::taken(process, over).await.all
}

/// The CPU time that a process takes over a while, in percent of a core.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shares {
    /// All of its threads.
    pub(crate) all: f64,
    /// Its first thread: in the window, the one that draws.
    pub(crate) first_thread: f64,
}

impl Shares {
    pub(crate) async fn taken(process: u32, over: Duration) -> Self {
        let paths =
            [format!("/proc/{process}/stat"), format!("/proc/{process}/task/{process}/stat")];
        let seconds = || paths.each_ref().map(|path| cpu_seconds(path));
        let (before, begun) = (seconds(), Instant::now());
        tokio::time::sleep(over).await;
        let (now, took) = (seconds(), begun.elapsed().as_secs_f64());
        let [all, first_thread] = [0, 1].map(|at| (now[at] - before[at]) * 100.0 / took);
        Self { all, first_thread }
    }
}

fn cpu_seconds(stat: &str) -> f64 {
    let told = std::fs::read_to_string(stat).expect("it runs");
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
