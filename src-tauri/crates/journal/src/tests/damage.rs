//! Damaged files: what is readable is kept, and nothing is lost without a word.

use std::fs;

use super::*;
use crate::{Durability, Filter, PartRow, Recovery};

/// A file's damage, by a seed.
#[derive(Debug, Clone, Copy)]
enum Damage {
    BitFlips,
    Truncated,
    ZeroedPages,
    LogLost,
    LogOlder,
    LogFlips,
    HeaderLost,
    FileLost,
}

const DAMAGES: [Damage; 8] = [
    Damage::BitFlips,
    Damage::Truncated,
    Damage::ZeroedPages,
    Damage::LogLost,
    Damage::LogOlder,
    Damage::LogFlips,
    Damage::HeaderLost,
    Damage::FileLost,
];

const PAGE: usize = 4096;
const ROWS: u64 = 400;

/// SplitMix64: enough for choosing bytes, and the same everywhere.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// Some profiles, settings, batches, transfers and parts.
async fn fill(journal: &Journal) {
    let to = batch(journal, "put-1").await;
    let other = batch(journal, "").await;
    journal.save_profile(&profile("Second")).await.expect("saves");
    journal.set_setting("language", "zh").await.expect("sets");
    for (to, first) in [(to, 0), (other, ROWS / 2)] {
        let rows = (first..first + ROWS / 2).map(|number| new_transfer(to, number, 100));
        let ids = journal.enqueue(rows.collect::<Vec<_>>()).await.expect("queues");
        for id in &ids[..10] {
            let sending = state(PhaseName::Sending, Standing::Active);
            journal.record(*id, sending, Durability::Full).await.expect("writes");
            for number in 1..=3 {
                let part = PartRow {
                    number,
                    size: 30,
                    etag: "\"e\"".into(),
                    crc64: Some(7),
                    crc64_nvme: None,
                    md5: None,
                };
                journal.record_part(*id, part).await.expect("writes");
            }
        }
    }
}

/// A folder as a kill leaves it: everything since the first start is in the log.
async fn killed(dir: &Path) -> TempDir {
    let (from, journal) = fresh().await;
    fill(&journal).await;
    copy(from.path(), dir);
    // The lock's file says what a kill leaves it saying.
    drop(journal);
    from
}

fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(from).expect("reads") {
        let file = file.expect("reads");
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(file.path(), to.join(file.file_name())).expect("copies");
        }
    }
}

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("reads");
    change(&mut bytes);
    fs::write(path, bytes).expect("writes");
}

fn spoil(clean: &Path, killed: &Path, to: &Path, damage: Damage, seed: &mut Seeded) {
    let (db, log) = (to.join("ferry.db"), to.join("ferry.db-wal"));
    let from = match damage {
        Damage::LogLost | Damage::LogFlips | Damage::FileLost => killed,
        _ => clean,
    };
    copy(from, to);
    let flips = |seed: &mut Seeded, bytes: &mut Vec<u8>| {
        for _ in 0..1 + seed.below(24) {
            let at = seed.below(bytes.len());
            bytes[at] ^= 1 << seed.below(8);
        }
    };
    match damage {
        Damage::BitFlips => edit(&db, |bytes| flips(seed, bytes)),
        Damage::LogFlips => edit(&log, |bytes| flips(seed, bytes)),
        Damage::Truncated => edit(&db, |bytes| bytes.truncate(seed.below(bytes.len()))),
        Damage::ZeroedPages => edit(&db, |bytes| {
            for _ in 0..1 + seed.below(3) {
                let page = seed.below(bytes.len() / PAGE) * PAGE;
                bytes[page..page + PAGE].fill(0);
            }
        }),
        Damage::HeaderLost => edit(&db, |bytes| bytes[..100 + seed.below(PAGE - 100)].fill(0x5a)),
        Damage::LogLost => fs::remove_file(&log).expect("removes"),
        Damage::LogOlder => {
            fs::copy(killed.join("ferry.db-wal"), &log).expect("copies");
            edit(&log, |bytes| bytes.truncate(seed.below(bytes.len())));
        }
        Damage::FileLost => fs::remove_file(&db).expect("removes"),
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// How many damaged files are tried: a share of what `cargo xtask torture` asks for.
fn tries() -> u64 {
    number("FERRY_RUNS").unwrap_or(64)
}

#[tokio::test]
async fn d3_no_damage_makes_a_silently_shorter_queue() {
    let (clean, journal) = fresh().await;
    fill(&journal).await;
    journal.close().await;
    let killed_dir = tempfile::tempdir().expect("a folder");
    let _held = killed(killed_dir.path()).await;
    let mut salvaged = Vec::new();
    let first = number("FERRY_SEED").unwrap_or(0);
    for seed in first..first + tries() {
        let damage = DAMAGES[(seed % DAMAGES.len() as u64) as usize];
        let dir = tempfile::tempdir().expect("a folder");
        spoil(clean.path(), killed_dir.path(), dir.path(), damage, &mut Seeded(seed));
        let name = format!("seed {seed}, {damage:?}");
        let journal = Journal::open(dir.path()).await.expect(&name);
        let notice = journal.recovery_notice();
        let rows = journal.page(Filter::default(), 0, 10_000).await.expect(&name).rows;
        let told = notice.is_some() || journal.unreadable_rows() > 0;
        assert!(told || rows.len() as u64 == ROWS, "{name}: {} rows, silently", rows.len());
        if let Some(Recovery::SetAside { .. }) = notice {
            salvaged.push(rows.len());
        }
        // What was salvaged is a queue that works.
        let to = batch(&journal, "").await;
        journal.enqueue(vec![new_transfer(to, 9_999, 1)]).await.expect(&name);
        super::counting::check_totals(&journal, &name).await;
        journal.close().await;
        let again = Journal::open(dir.path()).await.expect(&name);
        assert_eq!(again.recovery_notice().is_some(), notice.is_some(), "{name}");
    }
    salvaged.sort_unstable();
    let median = salvaged.get(salvaged.len() / 2).copied().unwrap_or_default();
    println!(
        "sweep databases: damaged={} set_aside={} panics=0 silently_shorter=0 median_rows={median} \
         of={ROWS} first_seed={first}",
        tries(),
        salvaged.len()
    );
    assert!(median as u64 * 10 >= ROWS * 9, "median {median}");
}

/// Pages that lead to the rows and hold none: the tree's root, the schema, each index, the sums.
#[tokio::test]
async fn a_lost_page_above_the_rows_loses_none() {
    let (clean, journal) = fresh().await;
    fill(&journal).await;
    journal.close().await;
    let roots: Vec<(String, u32)> = raw(clean.path())
        .prepare("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 1 AND (tbl_name = 'transfers' OR name IN ('totals', 'batches_by_fingerprint'))")
        .expect("prepares")
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("reads")
        .collect::<Result<_, _>>()
        .expect("reads");
    assert!(roots.len() >= 5, "{roots:?}");
    for (name, page) in roots.into_iter().chain([("schema".to_owned(), 1)]) {
        let dir = tempfile::tempdir().expect("a folder");
        copy(clean.path(), dir.path());
        let end = page as usize * PAGE;
        edit(&dir.path().join("ferry.db"), |bytes| bytes[end - PAGE..end].fill(0));
        let journal = Journal::open(dir.path()).await.expect(&name);
        let Some(Recovery::SetAside { salvaged, .. }) = journal.recovery_notice() else {
            panic!("{name}: no notice")
        };
        assert_eq!(
            (salvaged.transfers, salvaged.profiles, salvaged.batches),
            (ROWS, 2, 2),
            "{name}"
        );
        assert_eq!((salvaged.parts, salvaged.settings > 0), (60, true), "{name}");
        super::counting::check_totals(&journal, &name).await;
        // Whether a leaf that nothing leads to is still wanted is the user's to say.
        let paused = if name == "transfers" { ROWS } else { 0 };
        assert_eq!(journal.totals(None).await.expect("reads").paused, paused, "{name}");
        assert_eq!(salvaged.paused, paused, "{name}");
    }
}
